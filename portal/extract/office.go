package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"gongkai/portal"
	"gongkai/portal/ole"
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
		return otherType(p)
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
	for _, t := range []string{"wordprocessingml.document", "wordprocessingml.template", "spreadsheetml.sheet", "spreadsheetml.template", "presentationml.presentation", "presentationml.slideshow"} {
		if strings.Contains(types, "application/vnd.openxmlformats-officedocument."+t+".main+xml") {
			t = strings.NewReplacer("wordprocessingml.template", "wordprocessingml.document", "spreadsheetml.template", "spreadsheetml.sheet", "slideshow", "presentation").Replace(t)
			return "application/vnd.openxmlformats-officedocument." + t, nil
		}
	}
	return "", nil
}

// otherType tells documents of a ZIP that are not of Office: those that begin by
// naming their type (OpenDocument), and those of the national layout format.
func otherType(p *ooxml.Package) (string, error) {
	if b, err := p.Bytes("mimetype"); err == nil {
		if t := strings.TrimSuffix(strings.TrimSpace(string(b)), "-template"); endings[t] != "" {
			return t, nil
		}
	}
	if p.Has("OFD.xml") {
		return typeOFD, nil
	}
	return "", nil
}

// oleType tells what a compound file is: a document of the older kind, or why it is
// not read.
func oleType(file []byte) (string, error) {
	f, err := ole.Open(file, func(string) bool { return false })
	if err != nil {
		return "", portal.Damaged(err)
	}
	refused := func(key string) (string, error) { return "", &portal.Error{Kind: portal.Invalid, Key: key} }
	switch {
	case f.Has("EncryptedPackage"):
		return refused("error.file_password")
	case f.Has("WordDocument"):
		return typeDOC, nil
	case f.Has("Workbook"), f.Has("Book"):
		return typeXLS, nil
	}
	return refused("error.file_old")
}

// xlsxText reads the rows of every sheet, and the properties of the workbook.
func xlsxText(file []byte) (Result, error) {
	book, err := table.XLSX(file)
	if err != nil {
		return Result{}, err
	}
	r := sheetsText(book)
	if p, err := ooxml.Open(file, 1<<20); err == nil {
		r.properties(p)
		r.embedded(p)
	}
	return r, nil
}

// embedded says that other files lie in a document: they are not read, and would be
// published with it.
func (r *Result) embedded(p *ooxml.Package) {
	if slices.ContainsFunc(p.Names(), func(n string) bool { return strings.Contains(n, "/embeddings/") && !strings.HasSuffix(n, "/") }) {
		r.note("read.embedded", nil)
	}
}

// xlsText reads the rows of every sheet of a workbook of the older kind.
func xlsText(file []byte) (Result, error) {
	book, err := table.XLS(file)
	if err != nil {
		return Result{}, err
	}
	r := sheetsText(book)
	if f, err := ole.Open(file, func(path string) bool { return slices.Contains(ole.Summaries, path) }); err == nil {
		r.hide("place.properties", nil, strings.Join(f.Properties(), "\n"))
	}
	return r, nil
}

// sheetsText is what is seen of a workbook, and what is hidden in it.
func sheetsText(book table.Workbook) Result {
	var b strings.Builder
	var r Result
	for _, s := range book.Sheets {
		if s.Hidden {
			r.note("read.hidden_sheet", portal.Args{"Name": s.Name})
			r.hide("place.hidden_sheet", portal.Args{"Name": s.Name}, table.Markdown(s.Rows))
			continue
		}
		shown, hidden := s.Parted()
		if len(hidden) > 0 {
			r.note("read.hidden_rows", portal.Args{"Name": s.Name})
			r.hide("place.hidden_rows", portal.Args{"Name": s.Name}, table.Markdown(hidden))
		}
		var said []string
		for _, c := range s.Comments {
			said = append(said, strings.TrimSpace(c.Cell+" "+c.Text))
		}
		if len(said) > 0 {
			r.note("read.comments", nil)
			r.hide("place.comment", portal.Args{"Name": s.Name}, strings.Join(said, "\n"))
		}
		if len(shown) == 0 {
			continue
		}
		b.WriteString("# " + s.Name + "\n" + table.Markdown(shown) + "\n")
	}
	if book.Cut {
		r.note("read.sheet_cut", nil)
	}
	r.Pages = []string{b.String()}
	return r
}

// properties keeps what a document of Office says of itself and of who wrote it.
func (r *Result) properties(p *ooxml.Package) {
	var said []string
	for _, part := range []string{"docProps/core.xml", "docProps/app.xml", "docProps/custom.xml"} {
		tree, err := p.Tree(part)
		if err != nil {
			continue // a document need not say anything of itself
		}
		tree.Walk(func(n *ooxml.Node) bool {
			switch n.Name {
			case "creator", "lastModifiedBy", "title", "subject", "description", "keywords", "Company", "Manager", "lpwstr":
				if t := strings.TrimSpace(n.Content()); t != "" {
					said = append(said, t)
				}
			}
			return true
		})
	}
	r.hide("place.properties", nil, strings.Join(said, "\n"))
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
		kind, err := oleType(file)
		if err != nil {
			return nil, err
		}
		if kind != typeXLS {
			return nil, errType
		}
		return table.XLS(file)
	}
	return table.XLSX(file)
}
