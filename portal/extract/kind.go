package extract

import (
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// tabular are the kinds of files that can be a table. What is not known may be text in an
// encoding of its own.
var tabular = []string{"text/plain", "text/csv", "text/tab-separated-values", "application/x-ndjson", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.ms-excel",
	typeOLE, zipType, "application/gzip", "application/octet-stream"}

// MayBeTable tells by the beginning of a file, some thousand bytes, whether it can be a
// table: a workbook, CSV, JSON or plain text, and no PDF, page, letter or picture.
func MayBeTable(head []byte) bool {
	kind, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	return slices.Contains(tabular, kind) || strings.HasSuffix(kind, "json")
}
