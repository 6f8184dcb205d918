package letter

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
)

// Sizes on an A4 page, in millimetres and points.
const (
	pageWidth, pageHeight = 210.0, 297.0
	margin                = 28.0
	lineHeight            = 9.5
	textSize, headSize    = 14.0, 18.0
	smallSize             = 10.5
)

// Missing lists the characters of a text that the font has not: a letter
// with them must not go out unseen, for a name would come out wrong.
func (Printer) Missing(text string) []rune {
	var out []rune
	for _, r := range text {
		if r > ' ' && !glyphs()[r] && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// printable is a text with what the font has not shown as 〓, as printers do;
// fpdf cannot take it otherwise.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || glyphs()[r]:
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return '〓'
	}, text)
}

// PDF writes the letter on A4 pages with its font embedded. The same text and
// time give the same bytes.
func (Printer) PDF(text string, at time.Time) ([]byte, error) {
	p := newPDF(at)
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(true, margin)
	p.SetFooterFunc(func() {
		p.SetY(-18)
		p.SetFontSize(smallSize)
		p.CellFormat(0, 6, fmt.Sprintf("— %d —", p.PageNo()), "", 0, "C", false, 0, "")
	})
	p.AddPage()
	for _, l := range parse(text) {
		size, align, body := textSize, "L", printable(l.text)
		switch l.kind {
		case heading:
			size, align = headSize, "C"
		case number:
			align = "C"
		case right:
			align = "R"
		case small:
			size = smallSize
		case paragraph:
			body = indent + body
		}
		p.SetFontSize(size)
		for _, s := range wrap(body, pageWidth-2*margin-2*p.GetCellMargin(), p.GetStringWidth) {
			p.CellFormat(0, lineHeight*size/textSize, s, "", 1, align, false, 0, "")
		}
		if l.kind == heading || l.kind == number {
			p.Ln(2)
		}
	}
	return output(p)
}

func newPDF(at time.Time) *fpdf.Fpdf {
	p := fpdf.New("P", "mm", "A4", "")
	p.SetCreationDate(at.UTC())
	p.SetModificationDate(at.UTC())
	p.SetCatalogSort(true)
	p.SetProducer("Gongkai", true)
	p.AddUTF8FontFromBytes("letter", "", font)
	p.SetFont("letter", "", textSize)
	return p
}

func output(p *fpdf.Fpdf) ([]byte, error) {
	var b bytes.Buffer
	if err := p.Output(&b); err != nil {
		return nil, fmt.Errorf("writing a PDF: %w", err)
	}
	return b.Bytes(), nil
}

// Page is a page that is a picture, with the words that can be read on it.
type Page struct {
	Picture       []byte  // PNG or JPEG
	Type          string  // png, jpg
	Width, Height float64 // in points
	Words         []Word
}

// Word is a word and its place on the page, in points from the top left.
type Word struct {
	Text                string
	X, Y, Width, Height float64
}

// Pictures makes a PDF of pages that are pictures. Their words are put in
// unseen, so that a screen reader and a search find them.
func (Printer) Pictures(pages []Page, at time.Time) ([]byte, error) {
	p := newPDF(at)
	p.SetAutoPageBreak(false, 0)
	p.SetMargins(0, 0, 0)
	p.SetCellMargin(0)
	const mm = 25.4 / 72
	for i, page := range pages {
		name := fmt.Sprint("page", i)
		opts := fpdf.ImageOptions{ImageType: page.Type}
		p.AddPageFormat("P", fpdf.SizeType{Wd: page.Width * mm, Ht: page.Height * mm})
		p.RegisterImageOptionsReader(name, opts, bytes.NewReader(page.Picture))
		p.ImageOptions(name, 0, 0, page.Width*mm, page.Height*mm, false, opts, 0, "")
		p.SetTextRenderingMode(3) // neither filled nor stroked
		for _, w := range page.Words {
			w.Text = printable(w.Text)
			if strings.TrimSpace(w.Text) == "" || w.Height <= 0 {
				continue
			}
			p.SetFontSize(w.Height)
			p.SetXY(w.X*mm, w.Y*mm)
			p.CellFormat(w.Width*mm, w.Height*mm, w.Text, "", 0, "L", false, 0, "")
		}
		p.SetTextRenderingMode(0)
	}
	return output(p)
}

// glyphs are the characters that the font has, read from its cmap.
var glyphs = sync.OnceValue(func() map[rune]bool {
	have := make(map[rune]bool)
	u16 := func(at int) int { return int(font[at])<<8 | int(font[at+1]) }
	u32 := func(at int) int { return u16(at)<<16 | u16(at+2) }
	cmap := 0
	for i := range u16(4) {
		if at := 12 + 16*i; string(font[at:at+4]) == "cmap" {
			cmap = u32(at + 8)
		}
	}
	for i := range u16(cmap + 2) {
		t := cmap + u32(cmap+4+8*i+4)
		if u16(t) != 4 { // the format that fpdf reads
			continue
		}
		n := u16(t+6) / 2
		for s := range n {
			end, start := u16(t+14+2*s), u16(t+16+2*n+2*s)
			delta, offset := u16(t+16+4*n+2*s), u16(t+16+6*n+2*s)
			for c := start; c <= end && c < 0xFFFF; c++ {
				g := (c + delta) & 0xFFFF
				if offset != 0 {
					g = u16(t + 16 + 6*n + 2*s + offset + 2*(c-start))
				}
				if g != 0 {
					have[rune(c)] = true
				}
			}
		}
	}
	return have
})
