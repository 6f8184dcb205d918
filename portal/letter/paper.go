package letter

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"gongkai/portal/grid"
)

// Paper is a document with tables: an annual report, a list (公文版式).
type Paper struct {
	Title  string
	Note   string // under the title
	Pieces []Piece
	Wide   bool // on its side
}

// Piece is a part of a paper: a heading, a text in Markdown, a table, each where there is
// one.
type Piece struct {
	Head  string
	Text  string
	Table *grid.Table
}

// Sizes of what stands in tables.
const (
	cellSize = 9.0 // points
	cellLine = 4.2 // millimetres
	cellPad  = 1.0
	// leastTable is the room, in millimetres, that the beginning of a table has below
	// its heading.
	leastTable = 70.0
)

// left is the room that is left on the page.
func (s sheet) left() float64 {
	_, _, _, bottom := s.GetMargins()
	_, page := s.GetPageSize()
	return page - bottom - s.GetY()
}

// Paper prints a paper on A4, with its font embedded. The same paper and time give the
// same bytes.
func (Printer) Paper(doc Paper, at time.Time) ([]byte, error) {
	f := newPDF(at)
	const edge = 20.0
	f.SetMargins(edge, edge, edge)
	f.SetAutoPageBreak(true, edge)
	f.SetFooterFunc(func() {
		f.SetY(-15)
		f.SetFontSize(smallSize)
		f.CellFormat(0, 6, fmt.Sprintf("— %d —", f.PageNo()), "", 0, "C", false, 0, "")
	})
	f.SetTitle(doc.Title, true)
	orientation := "P"
	s := sheet{f, pageWidth - 2*edge}
	if doc.Wide {
		orientation, s.width = "L", pageHeight-2*edge
	}
	f.AddPageFormat(orientation, Sizes["A4"])
	s.write(doc.Title, headSize, "C", 3)
	if doc.Note != "" {
		s.write(doc.Note, smallSize, "C", 3)
	}
	for _, p := range doc.Pieces {
		if p.Head != "" {
			if p.Table != nil && p.Text == "" && s.left() < leastTable {
				s.AddPage() // a heading stays with its table
			}
			s.Ln(2)
			f.Bookmark(printable(p.Head), 0, -1)
			s.write(p.Head, textSize, "L", 1)
		}
		for line := range strings.Lines(p.Text) {
			if l, _ := plainLine(line); l != "" {
				s.write(indent+l, 12, "L", 0.5)
			}
		}
		if p.Table != nil {
			s.table(*p.Table)
		}
	}
	return output(f)
}

// table draws a table, over as many pages as it takes.
func (s sheet) table(t grid.Table) {
	s.Ln(1)
	if t.Caption != "" {
		s.write(t.Caption, cellSize+1, "C", 1)
	}
	s.SetFontSize(cellSize)
	sum := 0.0
	for _, w := range t.Widths {
		sum += w
	}
	at := make([]float64, len(t.Widths)+1) // where columns begin
	for i, w := range t.Widths {
		at[i+1] = at[i] + w/sum*s.width
	}
	cells := t.Place()
	heights := make([]float64, len(t.Rows))
	lines := make([][]string, len(cells))
	for i, c := range cells {
		last := min(c.Column+c.Across, len(t.Widths))
		for line := range strings.Lines(c.Text) {
			lines[i] = append(lines[i], wrap(printable(strings.TrimSpace(line)), at[last]-at[c.Column]-2*cellPad, s.GetStringWidth)...)
		}
		if c.Down == 1 {
			heights[c.Row] = max(heights[c.Row], float64(max(1, len(lines[i])))*cellLine+2*cellPad)
		}
	}
	for i, c := range cells { // what goes over several rows may need more than they have
		have := 0.0
		for y := c.Row; y < min(c.Row+c.Down, len(heights)); y++ {
			have += heights[y]
		}
		if want := float64(len(lines[i]))*cellLine + 2*cellPad; c.Down > 1 && want > have {
			heights[min(c.Row+c.Down, len(heights))-1] += want - have
		}
	}
	left, top, _, bottom := s.GetMargins()
	_, page := s.GetPageSize()
	full := page - top - bottom
	s.SetAutoPageBreak(false, 0)
	top = 0
	for _, h := range heights[:t.Heads] {
		top += h
	}
	for from := 0; from < len(heights); {
		to, h := from, 0.0
		for to < len(heights) && (h+heights[to] <= s.left() || to == from && heights[to] > full-top) {
			h += heights[to]
			to++
		}
		if to == from || from == 0 && to <= t.Heads && to < len(heights) {
			s.AddPage()
			s.SetFontSize(cellSize)
			if from > 0 && t.Heads > 0 {
				s.rows(cells, lines, heights, at, 0, t.Heads, left, s.GetY())
				s.SetXY(left, s.GetY()+top)
			}
			continue
		}
		s.rows(cells, lines, heights, at, from, to, left, s.GetY())
		s.SetXY(left, s.GetY()+h)
		from = to
	}
	s.SetAutoPageBreak(true, bottom)
	s.Ln(2)
}

// rows draws the rows from one to before another at a height of the page.
func (s sheet) rows(cells []grid.Placed, lines [][]string, heights, at []float64, from, to int, left, top float64) {
	y := make([]float64, to-from+1)
	for i := from; i < to; i++ {
		y[i-from+1] = y[i-from] + heights[i]
	}
	for i, c := range cells {
		first, last := max(c.Row, from), min(c.Row+c.Down, to)
		if first >= last {
			continue
		}
		x0, x1 := left+at[c.Column], left+at[min(c.Column+c.Across, len(at)-1)]
		y0, y1 := top+y[first-from], top+y[last-from]
		if c.Head {
			s.SetFillColor(242, 242, 242)
			s.Rect(x0, y0, x1-x0, y1-y0, "FD")
		} else {
			s.Rect(x0, y0, x1-x0, y1-y0, "D")
		}
		if c.Row < from { // told on the page before
			continue
		}
		align := "C"
		if !c.Head && len(lines[i]) > 1 {
			align = "L"
		}
		h := float64(len(lines[i])) * cellLine
		for j, l := range lines[i] {
			s.SetXY(x0, y0+max(cellPad, (y1-y0-h)/2)+float64(j)*cellLine)
			s.CellFormat(x1-x0, cellLine, l, "", 0, align, false, 0, "")
		}
	}
	s.SetXY(left, top)
}

// PaperDOCX writes a paper for a word processor.
func (Printer) PaperDOCX(doc Paper, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(docxHead + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`)
	p := func(text, align, font string, size int, extra string) {
		fmt.Fprintf(&b, `<w:p><w:pPr>%s<w:jc w:val="%s"/></w:pPr><w:r><w:rPr><w:rFonts w:ascii="%[3]s" w:hAnsi="%[3]s" w:eastAsia="%[3]s"/><w:sz w:val="%[4]d"/></w:rPr><w:t xml:space="preserve">%[5]s</w:t></w:r></w:p>`, extra, align, font, size, escaped(text))
	}
	p(doc.Title, "center", "方正小标宋简体", 44, "")
	if doc.Note != "" {
		p(doc.Note, "center", "仿宋", 24, "")
	}
	for _, x := range doc.Pieces {
		if x.Head != "" {
			p(x.Head, "both", "黑体", 32, `<w:keepNext/><w:ind w:firstLineChars="200" w:firstLine="640"/><w:outlineLvl w:val="0"/>`)
		}
		for line := range strings.Lines(x.Text) {
			if l, _ := plainLine(line); l != "" {
				p(l, "both", "仿宋", 32, `<w:spacing w:line="560" w:lineRule="exact"/><w:ind w:firstLineChars="200" w:firstLine="640"/>`)
			}
		}
		if x.Table != nil {
			docxTable(&b, *x.Table)
		}
	}
	size := `<w:pgSz w:w="11906" w:h="16838"/>`
	if doc.Wide {
		size = `<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>`
	}
	b.WriteString(`<w:sectPr>` + size + `<w:pgMar w:top="1440" w:right="1134" w:bottom="1440" w:left="1134"/></w:sectPr></w:body></w:document>`)
	return docxFile(b.String(), at)
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes whatever it is given
	return b.String()
}

func docxTable(b *bytes.Buffer, t grid.Table) {
	const width = 9638 // twentieths of a point
	sum := 0.0
	for _, w := range t.Widths {
		sum += w
	}
	share := func(from, to int) int {
		n := 0.0
		for _, w := range t.Widths[from:min(to, len(t.Widths))] {
			n += w
		}
		return int(n / sum * width)
	}
	const side = ` w:val="single" w:sz="4" w:space="0" w:color="000000"/>`
	b.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders><w:top` + side + `<w:left` + side + `<w:bottom` + side + `<w:right` + side + `<w:insideH` + side + `<w:insideV` + side + `</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`)
	for i := range t.Widths {
		fmt.Fprintf(b, `<w:gridCol w:w="%d"/>`, share(i, i+1))
	}
	b.WriteString(`</w:tblGrid>`)
	cells := t.Place()
	for y := range t.Rows {
		head := ""
		if y < t.Heads {
			head = `<w:tblHeader/>`
		}
		b.WriteString(`<w:tr><w:trPr><w:cantSplit/>` + head + `</w:trPr>`)
		for x := 0; x < len(t.Widths); {
			i := 0
			for i < len(cells) && !(cells[i].Row <= y && y < cells[i].Row+cells[i].Down && cells[i].Column <= x && x < cells[i].Column+cells[i].Across) {
				i++
			}
			if i == len(cells) {
				fmt.Fprintf(b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr><w:p/></w:tc>`, share(x, x+1))
				x++
				continue
			}
			c := cells[i]
			fmt.Fprintf(b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>`, share(c.Column, c.Column+c.Across))
			if c.Across > 1 {
				fmt.Fprintf(b, `<w:gridSpan w:val="%d"/>`, c.Across)
			}
			switch {
			case c.Down > 1 && c.Row == y:
				b.WriteString(`<w:vMerge w:val="restart"/>`)
			case c.Down > 1:
				b.WriteString(`<w:vMerge/>`)
			}
			b.WriteString(`<w:vAlign w:val="center"/></w:tcPr>`)
			text := ""
			if c.Row == y {
				text = c.Text
			}
			fmt.Fprintf(b, `<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:rPr><w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/><w:sz w:val="18"/></w:rPr><w:t xml:space="preserve">%s</w:t></w:r></w:p></w:tc>`, escaped(text))
			x = c.Column + c.Across
		}
		b.WriteString(`</w:tr>`)
	}
	b.WriteString(`</w:tbl><w:p/>`)
}
