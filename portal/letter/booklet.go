package letter

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// Part is a text of a booklet or a poster. Text is Markdown, of which headings, rows of
// tables and emphasis are understood.
type Part struct {
	Title string
	Note  string // under the title: number, organ, date
	Text  string
}

var (
	headMark  = regexp.MustCompile(`^#{1,6}\s+`)
	tableRule = regexp.MustCompile(`^\|?[\s:|-]+\|?$`)
	linkMark  = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	emphasis  = strings.NewReplacer("**", "", "__", "", "`", "")
)

// plainLine is a line of Markdown as it is printed, and whether it is a heading.
func plainLine(line string) (string, bool) {
	line = strings.TrimSpace(line)
	if tableRule.MatchString(line) && strings.Contains(line, "-") {
		return "", false
	}
	head := headMark.MatchString(line)
	line = headMark.ReplaceAllString(line, "")
	if strings.HasPrefix(line, "|") && strings.HasSuffix(line, "|") {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		line = strings.Join(cells, "　")
	}
	return emphasis.Replace(linkMark.ReplaceAllString(line, "$1")), head
}

// sheet is a document that is being written, of pages of a width.
type sheet struct {
	*fpdf.Fpdf
	width float64 // of the text, in millimetres
}

func (s sheet) write(text string, size float64, align string, after float64) {
	s.SetFontSize(size)
	for _, l := range wrap(printable(text), s.width-2*s.GetCellMargin(), s.GetStringWidth) {
		s.CellFormat(0, size*0.62, l, "", 1, align, false, 0, "")
	}
	s.Ln(after)
}

// part writes a text with its title, in letters of a size.
func (s sheet) part(p Part, size float64) {
	s.write(p.Title, size*1.6, "C", size*0.25)
	if p.Note != "" {
		s.write(p.Note, size*0.9, "C", size*0.4)
	}
	for line := range strings.Lines(p.Text) {
		l, head := plainLine(line)
		switch {
		case l == "":
		case head:
			s.Ln(size * 0.2)
			s.write(l, size*1.15, "C", size*0.15)
		default:
			s.write(indent+l, size, "L", size*0.1)
		}
	}
}

// Sizes are the sheets that a poster can be printed on.
var Sizes = map[string]fpdf.SizeType{"A3": {Wd: 297, Ht: 420}, "A4": {Wd: pageWidth, Ht: pageHeight}}

// Poster makes a sheet for a wall (上墙公示) in large letters, with a line at its foot.
// The size is one of Sizes.
func (Printer) Poster(p Part, foot, size string, at time.Time) ([]byte, error) {
	paper, ok := Sizes[size]
	if !ok {
		paper = Sizes["A4"]
	}
	f := newPDF(at)
	edge := paper.Wd / 11
	f.SetMargins(edge, edge, edge)
	f.SetAutoPageBreak(true, edge)
	f.SetFooterFunc(func() {
		f.SetY(-edge * 0.8)
		f.SetFontSize(paper.Wd / 18)
		f.CellFormat(0, 6, printable(foot), "", 0, "C", false, 0, "")
	})
	f.AddPageFormat("P", paper)
	sheet{f, paper.Wd - 2*edge}.part(p, paper.Wd/11)
	return output(f)
}

// Booklet makes one file of several texts, with a cover and a table of contents whose
// lines lead to their pages. The same texts and time give the same bytes.
func (Printer) Booklet(cover []string, contents string, parts []Part, at time.Time) ([]byte, error) {
	_, starts, err := booklet(cover, contents, parts, make([]int, len(parts)), at) // to learn the pages
	if err != nil {
		return nil, err
	}
	b, _, err := booklet(cover, contents, parts, starts, at)
	return b, err
}

func booklet(cover []string, contents string, parts []Part, pages []int, at time.Time) (file []byte, starts []int, err error) {
	f := newPDF(at)
	f.SetMargins(margin, margin, margin)
	f.SetAutoPageBreak(true, margin)
	f.SetFooterFunc(func() {
		if f.PageNo() == 1 { // the cover
			return
		}
		f.SetY(-18)
		f.SetFontSize(smallSize)
		f.CellFormat(0, 6, "— "+strconv.Itoa(f.PageNo())+" —", "", 0, "C", false, 0, "")
	})
	s := sheet{f, pageWidth - 2*margin}
	f.AddPage()
	f.SetY(pageHeight / 3)
	for i, line := range cover {
		s.write(line, []float64{30, 18}[min(i, 1)], "C", 8)
	}
	f.AddPage()
	s.write(contents, headSize, "C", 6)
	links := make([]int, len(parts))
	for i, p := range parts {
		links[i] = f.AddLink()
		lines := wrap(printable(p.Title), s.width-20, func(t string) float64 { f.SetFontSize(12); return f.GetStringWidth(t) })
		f.SetFontSize(12)
		for j, l := range lines {
			n := ""
			if j == len(lines)-1 {
				n = strconv.Itoa(pages[i])
			}
			f.CellFormat(s.width-18, 8, l, "", 0, "L", false, links[i], "")
			f.CellFormat(18, 8, n, "", 1, "R", false, links[i], "")
		}
	}
	for i, p := range parts {
		f.AddPage()
		f.SetLink(links[i], 0, -1)
		f.Bookmark(printable(p.Title), 0, 0)
		starts = append(starts, f.PageNo())
		s.part(p, 12)
	}
	file, err = output(f)
	return file, starts, err
}
