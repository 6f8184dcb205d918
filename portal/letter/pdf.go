package letter

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
)

// Sizes on an A4 page, in millimetres and points.
const (
	pageWidth, pageHeight = 210.0, 297.0
	margin                = 28.0
	textSize, headSize    = 14.0, 18.0
	smallSize             = 10.5
)

// Missing lists the characters of a text that the font has not: a letter
// with them must not go out unseen, for a name would come out wrong.
func (Printer) Missing(text string) []rune {
	var out []rune
	for _, r := range text {
		if r > ' ' && !heiFace.has(r) && !slices.Contains(out, r) {
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
		case r == ' ' || heiFace.has(r):
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return '〓'
	}, text)
}

func newPDF(at time.Time) *fpdf.Fpdf {
	p := fpdf.New("P", "mm", "A4", "")
	p.SetCreationDate(at.UTC())
	p.SetModificationDate(at.UTC())
	p.SetCatalogSort(true)
	p.SetProducer("Gongkai", true)
	p.AddUTF8FontFromBytes(heiFace.name, "", hei)
	p.SetFont(heiFace.name, "", textSize)
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
