package extract

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"gongkai/portal"
	"gongkai/portal/ooxml"
	"gongkai/portal/table"
)

// Tabled is a file as tables and lines: its tables as rows of cells, with the text of a
// merged cell in every place that it lies over, and the lines of its text.
type Tabled struct {
	Tables [][][]string `json:"tables"`
	Lines  []string     `json:"lines"`
}

// jobTables is the job of a child that reads tables.
const jobTables = "tables"

// Limits on the tables of a file.
const (
	maxTables    = 2000
	maxTableRows = 20_000
	maxSpan      = 200
)

// Tables reads the tables and the lines of a page, a DOCX, a workbook; of any other file
// the lines. A page may have scripts: nothing of it is kept or run.
func (r Reader) Tables(ctx context.Context, f *os.File) (Tabled, error) {
	var out Tabled
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return out, err
	}
	kind, _, err := begins(f)
	if _, told := errors.AsType[*portal.Error](err); err != nil && !told { // a page that may not be uploaded can be checked
		return out, err
	}
	if kind != "application/pdf" { // the child tells what it is, and loads PDFium for a PDF only
		kind = "text/plain"
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return out, err
	}
	return out, r.Pool.Do(ctx, jobTables, what{kind}, f, &out)
}

func tables(_ json.RawMessage, file []byte) (any, error) {
	if looksLikePage(file) {
		return tablesOfPage(file)
	}
	kind, err := typeOf(file)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/vnd.ms-word.document.macroenabled.12":
		return tablesOfDOCX(file)
	case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.ms-excel.sheet.macroenabled.12", typeXLS:
		read := table.XLSX
		if kind == typeXLS {
			read = table.XLS
		}
		w, err := read(file)
		if err != nil {
			return nil, err
		}
		var out Tabled
		for _, s := range w.Sheets {
			var rows [][]string
			for _, r := range s.Filled() {
				rows = append(rows, r.Cells)
				out.Lines = append(out.Lines, strings.Join(unlike(r.Cells), " "))
			}
			out.Tables = append(out.Tables, rows)
		}
		return out, nil
	}
	w, err := json.Marshal(what{kind})
	if err != nil {
		return nil, err
	}
	read, err := read(w, file)
	if err != nil {
		return nil, err
	}
	res, ok := read.(Result)
	if !ok {
		return nil, errors.New("no text")
	}
	var out Tabled
	for _, p := range res.Pages {
		for l := range strings.Lines(p) {
			if l = strings.TrimSpace(l); l != "" {
				out.Lines = append(out.Lines, l)
			}
		}
	}
	return out, nil
}

// unlike are cells without those that repeat the one before.
func unlike(cells []string) []string {
	var out []string
	for i, c := range cells {
		if c != "" && (i == 0 || cells[i-1] != c) {
			out = append(out, c)
		}
	}
	return out
}

func looksLikePage(file []byte) bool {
	kind, _, err := begins(strings.NewReader(string(file[:min(len(file), 4096)])))
	head := strings.ToLower(string(file[:min(len(file), 4096)]))
	page := strings.Contains(head, "<html") || strings.Contains(head, "<!doctype html") || strings.Contains(head, "<body") || strings.Contains(head, "<table")
	if _, told := errors.AsType[*portal.Error](err); err != nil && !told {
		return false
	}
	return page && (kind == "" || strings.HasPrefix(kind, "text/"))
}

// spread lays cells over the rows and columns that they go over.
type spread struct {
	rows [][]string
	over map[[2]int]string // row and column → text of a cell from above
	y, x int
}

func (s *spread) row() {
	if len(s.rows) > 0 {
		s.fill()
	}
	s.rows, s.x = append(s.rows, nil), 0
	s.y = len(s.rows) - 1
}

// fill puts in what lies over the present place.
func (s *spread) fill() {
	for {
		v, ok := s.over[[2]int{s.y, s.x}]
		if !ok {
			return
		}
		delete(s.over, [2]int{s.y, s.x})
		s.rows[s.y] = append(s.rows[s.y], v)
		s.x++
	}
}

func (s *spread) cell(text string, across, down int) {
	if len(s.rows) == 0 {
		s.row()
	}
	across, down = min(max(1, across), maxSpan), min(max(1, down), maxSpan)
	for range across {
		s.fill()
		s.rows[s.y] = append(s.rows[s.y], text)
		for i := 1; i < down; i++ {
			if s.over == nil {
				s.over = make(map[[2]int]string)
			}
			s.over[[2]int{s.y + i, s.x}] = text
		}
		s.x++
	}
}

func (s *spread) done() [][]string {
	if len(s.rows) > 0 {
		s.fill()
	}
	return s.rows
}

func tablesOfPage(file []byte) (any, error) {
	text, _, err := Decode(file)
	if err != nil {
		return nil, err
	}
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return nil, portal.Damaged(err)
	}
	var out Tabled
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			switch n.DataAtom {
			case atom.Script, atom.Style, atom.Head, atom.Noscript, atom.Template:
				if n.DataAtom == atom.Head {
					if t := find(n, atom.Title); t != nil {
						out.line(inner(t))
					}
				}
				return
			case atom.Table:
				if find(n, atom.Table) != nil { // one that holds tables is layout
					break
				}
				if len(out.Tables) < maxTables {
					out.Tables = append(out.Tables, tableOfPage(n))
				}
				return
			case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.Li:
				if find(n, atom.Table) == nil {
					out.line(inner(n))
					return
				}
			}
		}
		if n.Type == html.TextNode {
			out.line(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return out, nil
}

func (t *Tabled) line(s string) {
	if s = strings.Join(strings.Fields(s), " "); s != "" {
		t.Lines = append(t.Lines, s)
	}
}

// find is the first element of a kind below a node.
func find(n *html.Node, a atom.Atom) *html.Node {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && c.DataAtom == a {
			return c
		}
	}
	return nil
}

// inner is the text in a node.
func inner(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode && c.Parent.DataAtom != atom.Script && c.Parent.DataAtom != atom.Style {
			b.WriteString(c.Data)
		}
		if c.Type == html.ElementNode && (c.DataAtom == atom.Br || c.DataAtom == atom.P || c.DataAtom == atom.Div) {
			b.WriteByte(' ')
		}
	}
	return strings.TrimSpace(b.String())
}

func tableOfPage(n *html.Node) [][]string {
	var s spread
	for c := range n.Descendants() {
		if c.Type != html.ElementNode {
			continue
		}
		switch c.DataAtom {
		case atom.Tr:
			if len(s.rows) == maxTableRows {
				return s.done()
			}
			s.row()
		case atom.Td, atom.Th:
			across, down := 1, 1
			for _, a := range c.Attr {
				switch v, err := strconv.Atoi(strings.TrimSpace(a.Val)); {
				case err != nil:
				case a.Key == "colspan":
					across = v
				case a.Key == "rowspan":
					down = v
				}
			}
			s.cell(inner(c), across, down)
		}
	}
	return s.done()
}

func tablesOfDOCX(file []byte) (any, error) {
	p, err := ooxml.Open(file, maxXML)
	if err != nil {
		return nil, portal.Damaged(err)
	}
	main, err := p.Main("word/document.xml")
	if err != nil {
		return nil, portal.Damaged(err)
	}
	part, err := p.Part(main)
	if err != nil {
		return nil, portal.Damaged(err)
	}
	defer part.Close()
	var out Tabled
	if err := out.docx(xml.NewDecoder(part)); err != nil {
		return nil, portal.Damaged(err)
	}
	return out, nil
}

// docxTable is a table of a document that is being read.
type docxTable struct {
	rows   [][]string
	across int
	merged bool // the cell goes on from above
	text   strings.Builder
}

// docx reads the tables and paragraphs of a document. Of tables in tables each is one.
func (t *Tabled) docx(d *xml.Decoder) error {
	var open []*docxTable
	var paragraph strings.Builder
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var now *docxTable
		if len(open) > 0 {
			now = open[len(open)-1]
		}
		switch e := tok.(type) {
		case xml.StartElement:
			value := ""
			for _, a := range e.Attr {
				if a.Name.Local == "val" {
					value = a.Value
				}
			}
			switch name := e.Name.Local; {
			case name == "tbl":
				open = append(open, &docxTable{})
			case name == "t":
				var s string
				if err := d.DecodeElement(&s, &e); err != nil {
					return err
				}
				paragraph.WriteString(s)
			case name == "tab" || name == "br":
				paragraph.WriteByte(' ')
			case name == "del" || name == "moveFrom" || name == "Fallback":
				if err := d.Skip(); err != nil {
					return err
				}
			case now == nil:
			case name == "tr":
				now.rows = append(now.rows, nil)
			case name == "tc":
				now.across, now.merged = 1, false
				now.text.Reset()
			case name == "gridSpan":
				if n, err := strconv.Atoi(value); err == nil {
					now.across = min(max(1, n), maxSpan)
				}
			case name == "gridBefore":
				if n, err := strconv.Atoi(value); err == nil && len(now.rows) > 0 {
					now.rows[len(now.rows)-1] = append(now.rows[len(now.rows)-1], make([]string, min(max(0, n), maxSpan))...)
				}
			case name == "vMerge":
				now.merged = value != "restart"
			}
		case xml.EndElement:
			switch name := e.Name.Local; {
			case name == "p":
				if now == nil {
					t.line(paragraph.String())
				} else {
					now.text.WriteString(strings.TrimSpace(paragraph.String()))
				}
				paragraph.Reset()
			case now == nil:
			case name == "tc" && len(now.rows) > 0:
				row := &now.rows[len(now.rows)-1]
				for range now.across {
					s := now.text.String()
					if n := len(now.rows) - 2; now.merged && n >= 0 && len(*row) < len(now.rows[n]) {
						s = now.rows[n][len(*row)]
					}
					*row = append(*row, s)
				}
			case name == "tbl":
				if len(t.Tables) < maxTables {
					t.Tables = append(t.Tables, now.rows)
				}
				open = open[:len(open)-1]
			}
		}
	}
}
