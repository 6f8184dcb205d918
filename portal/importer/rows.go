// Package importer brings documents and applications in from JSON Lines, CSV
// and XLSX files, plain or gzip. It refuses single rows with a reason and
// goes on; a second run of the same file changes nothing.
package importer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"gongkai/portal"
)

// maxRow is the most bytes of one JSON line.
const maxRow = 64 << 20

// maxUnpacked is the most bytes that an XLSX file may unpack to.
const maxUnpacked = 1 << 30

// row is one record of a file by column name, lower case.
type row struct {
	line   int
	values map[string]string
}

// rows calls f with each row of a file, and bad with each that cannot be
// read. The format is told from the content, not from the name.
func rows(r io.Reader, f func(row) error, bad func(line int, problem portal.Problem)) error {
	br := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := br.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(br)
		if err != nil {
			return err
		}
		defer z.Close()
		br = bufio.NewReaderSize(z, 1<<16)
	}
	if bom, _ := br.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = br.Discard(3) // just peeked at
	}
	start, _ := br.Peek(512)
	switch trimmed := bytes.TrimLeft(start, " \t\r\n"); {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return sheetRows(br, f)
	case bytes.HasPrefix(trimmed, []byte("{")):
		return jsonRows(br, f, bad)
	case len(trimmed) == 0:
		return &portal.Error{Kind: portal.Invalid, Key: "error.import_empty"}
	}
	return csvRows(br, f, bad)
}

func jsonRows(br *bufio.Reader, f func(row) error, bad func(int, portal.Problem)) error {
	s := bufio.NewScanner(br)
	s.Buffer(make([]byte, 1<<20), maxRow)
	line := 0
	for s.Scan() {
		line++
		if len(bytes.TrimSpace(s.Bytes())) == 0 {
			continue
		}
		var m map[string]any
		if err := json.Unmarshal(s.Bytes(), &m); err != nil {
			bad(line, portal.Problem{Key: "error.import_json"})
			continue
		}
		if err := f(row{line, flatten(m)}); err != nil {
			return err
		}
	}
	if errors.Is(s.Err(), bufio.ErrTooLong) {
		return &portal.Error{Kind: portal.TooLarge, Key: "error.import_line", Args: portal.Args{"Line": line + 1, "Limit": maxRow >> 20}}
	}
	return s.Err()
}

func flatten(m map[string]any) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		k = strings.ToLower(strings.TrimSpace(k))
		switch v := v.(type) {
		case nil:
		case string:
			out[k] = v
		case []any:
			parts := make([]string, len(v))
			for i, p := range v {
				parts[i] = fmt.Sprint(p)
			}
			out[k] = strings.Join(parts, ";")
		case float64:
			out[k] = strings.TrimSuffix(fmt.Sprintf("%.0f", v), ".")
		default:
			out[k] = fmt.Sprint(v)
		}
	}
	return out
}

func csvRows(br *bufio.Reader, f func(row) error, bad func(int, portal.Problem)) error {
	c := csv.NewReader(br)
	c.FieldsPerRecord = -1
	c.LazyQuotes = true
	c.ReuseRecord = true
	var names []string
	for {
		rec, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if pe, ok := errors.AsType[*csv.ParseError](err); ok {
			bad(pe.StartLine, portal.Problem{Key: "error.import_csv"})
			continue
		}
		if err != nil {
			return err
		}
		line, _ := c.FieldPos(0)
		if names == nil {
			names = header(rec)
			continue
		}
		if err := f(row{line, byName(names, rec)}); err != nil {
			return err
		}
	}
}

func header(rec []string) []string {
	names := make([]string, len(rec))
	for i, n := range rec {
		names[i] = strings.ToLower(strings.TrimSpace(strings.ToValidUTF8(n, "")))
	}
	return names
}

func byName(names, rec []string) map[string]string {
	m := make(map[string]string, len(names))
	for i, v := range rec {
		if i < len(names) && names[i] != "" && v != "" {
			if !utf8.ValidString(v) {
				v = strings.ToValidUTF8(v, "\uFFFD")
			}
			m[names[i]] = v
		}
	}
	return m
}

func sheetRows(r io.Reader, f func(row) error) error {
	x, err := excelize.OpenReader(r, excelize.Options{UnzipSizeLimit: maxUnpacked})
	if err != nil {
		return &portal.Error{Kind: portal.Invalid, Key: "error.file_damaged", Err: err}
	}
	defer x.Close()
	it, err := x.Rows(x.GetSheetName(0))
	if err != nil {
		return &portal.Error{Kind: portal.Invalid, Key: "error.file_damaged", Err: err}
	}
	defer it.Close()
	var names []string
	for line := 1; it.Next(); line++ {
		rec, err := it.Columns(excelize.Options{RawCellValue: true}) // dates as numbers, whatever their format
		if err != nil {
			return err
		}
		if names == nil {
			names = header(rec)
			continue
		}
		if len(rec) == 0 {
			continue
		}
		if err := f(row{line, byName(names, rec)}); err != nil {
			return err
		}
	}
	return it.Error()
}
