package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"gongkai/portal"
	"gongkai/portal/ooxml"
	"gongkai/portal/table"
)

// Limits on the parts of a document.
const (
	maxXML   = 64 << 20 // bytes of a part, unpacked
	maxDepth = 200      // of elements in one another
)

// officeType tells what kind of document a ZIP is by what it says of itself;
// "" for none of those that are known. A document with macros keeps its own
// type.
func officeType(file []byte) (string, error) {
	p, err := ooxml.Open(file, 1<<20)
	if err != nil {
		return "", portal.Damaged(err)
	}
	part, err := p.Part("[Content_Types].xml")
	if errors.Is(err, ooxml.ErrNoPart) {
		return "", nil
	}
	if err != nil {
		return "", portal.Damaged(err)
	}
	defer part.Close()
	b, err := io.ReadAll(part)
	if err != nil {
		return "", portal.Damaged(err)
	}
	types := strings.ToLower(string(b))
	for _, t := range []string{"application/vnd.ms-word.document.macroenabled.", "application/vnd.ms-excel.sheet.macroenabled."} {
		if strings.Contains(types, t+"main+xml") {
			return t + "12", nil
		}
	}
	for _, t := range []string{"wordprocessingml.document", "wordprocessingml.template", "spreadsheetml.sheet", "spreadsheetml.template"} {
		if strings.Contains(types, "application/vnd.openxmlformats-officedocument."+t+".main+xml") {
			return "application/vnd.openxmlformats-officedocument." + strings.Replace(strings.Replace(t, "wordprocessingml.template", "wordprocessingml.document", 1), "spreadsheetml.template", "spreadsheetml.sheet", 1), nil
		}
	}
	return "", nil
}

// oleProblem says why a compound file is not read: it has a password, or it is
// of the older kind.
func oleProblem(r io.ReaderAt, size int64) string {
	b := make([]byte, min(size, 8<<20))
	n, _ := r.ReadAt(b, 0) // what could be read
	var name []byte
	for _, c := range "EncryptedPackage" {
		name = append(name, byte(c), 0)
	}
	if bytes.Contains(b[:n], name) {
		return "error.file_password"
	}
	return "error.file_old"
}

// xlsxText reads the rows of every sheet.
func xlsxText(file []byte) (Result, error) {
	book, err := table.XLSX(file)
	if err != nil {
		return Result{}, err
	}
	var b strings.Builder
	var r Result
	for _, s := range book.Sheets {
		if s.Hidden {
			r.note("read.hidden_sheet", portal.Args{"Name": s.Name})
			continue
		}
		if len(s.Rows) == 0 {
			continue
		}
		b.WriteString("# " + s.Name + "\n" + table.Markdown(s.Rows) + "\n")
	}
	if book.Cut {
		r.note("read.sheet_cut", nil)
	}
	r.Pages = []string{b.String()}
	return r, nil
}

// csvText reads the rows of a CSV file, or the file as it is where it is none.
func csvText(file []byte) (Result, error) {
	text, _, err := Decode(file)
	if err != nil {
		return Result{}, err
	}
	rows := table.CSV(text)
	for _, r := range rows {
		if len(r.Cells) > 1 {
			return one(table.Markdown(rows)), nil
		}
	}
	return one(text), nil
}

func readSheets(_ json.RawMessage, file []byte) (any, error) {
	if bytes.HasPrefix(file, []byte("\xd0\xcf\x11\xe0")) {
		return nil, &portal.Error{Kind: portal.Invalid, Key: oleProblem(bytes.NewReader(file), int64(len(file)))}
	}
	return table.XLSX(file)
}
