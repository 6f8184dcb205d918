package redact

import (
	"bytes"
	"image"
	"math"
	"slices"
	"strings"

	"github.com/klippa-app/go-pdfium/references"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/letter"
	"gongkai/portal/pdf"
	"gongkai/portal/text"
)

type glyph = pdf.Glyph

// Document is a document that is looked at page by page, in a child.
type Document struct {
	*pdf.Document             // of a PDF
	picture       image.Image // instead, of a PNG or JPEG
	Pages         int
}

// Open opens a PDF, PNG or JPEG; reader reads the PDF.
func Open(reader *pdf.Reader, data []byte, mediaType string) (*Document, error) {
	if strings.HasPrefix(mediaType, "image/") {
		c, _, err := image.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			return nil, portal.Damaged(err)
		}
		if c.Width*c.Height > maxPixels {
			return nil, &portal.Error{Kind: portal.TooLarge, Key: "error.picture_large"}
		}
		img, _, err := image.Decode(bytes.NewReader(data))
		if err != nil {
			return nil, portal.Damaged(err)
		}
		return &Document{picture: img, Pages: 1}, nil
	}
	if mediaType != "application/pdf" {
		return nil, &portal.Error{Kind: portal.Invalid, Key: "error.not_redactable"}
	}
	d, err := reader.Open(data)
	if err != nil {
		return nil, err
	}
	if d.Pages > MaxPages {
		return nil, &portal.Error{Kind: portal.TooLarge, Key: "error.too_many", Args: portal.Args{"Limit": MaxPages}}
	}
	return &Document{Document: d, Pages: d.Pages}, nil
}

// Size is the size of a page in points. A picture is taken for a scan at the
// density that pages are drawn with.
func (d *Document) Size(n int) (width, height float64, err error) {
	if d.picture != nil {
		b := d.picture.Bounds()
		return float64(b.Dx()) * 72 / pdf.DPI, float64(b.Dy()) * 72 / pdf.DPI, nil
	}
	return d.Document.Size(n)
}

// Picture draws a page, with its notes and form fields, from 1.
func (d *Document) Picture(n int) (*image.RGBA, error) {
	if d.picture != nil {
		return pdf.Flat(d.picture), nil
	}
	return d.Document.Picture(n)
}

func (d *Document) glyphs(n int) ([]glyph, error) {
	if d.picture != nil {
		return nil, nil
	}
	return d.Glyphs(n, false)
}

// look draws a page and tells which of its characters are seen: those that the
// page looks different without. What lies under a bar, is white on white, is
// drawn in no colour or off the page makes no difference, and neither does a
// text that was put behind a scan. Where two different characters stand in one
// place, neither is taken.
func (d *Document) look(n int) (*image.RGBA, []glyph, error) {
	img, err := d.Picture(n)
	if err != nil || d.picture != nil {
		return img, nil, err
	}
	all, err := d.Glyphs(n, true)
	if err != nil {
		return nil, nil, err
	}
	objects := make(map[references.FPDF_PAGEOBJECT]bool)
	written := false
	for _, g := range all {
		if g.Made || g.Blank() && g.Text != "" {
			continue
		}
		written = true
		if g.Object != "" {
			objects[g.Object] = true
		}
		if g.Text != "" && g.Right <= g.Left && g.Bottom <= g.Top && g.Size > 0.5 {
			return nil, nil, problem("error.words_unplaced", portal.Args{"Page": n})
		}
	}
	drawn, err := d.Drawn(n)
	if err != nil {
		return nil, nil, err
	}
	if (written || drawn) && blank(img) {
		return nil, nil, problem("error.page_blank", portal.Args{"Page": n})
	}
	if len(objects) == 0 {
		return img, nil, nil
	}
	if err := d.Hide(objects); err != nil {
		return nil, nil, err
	}
	bare, err := d.Picture(n)
	if err != nil {
		return nil, nil, err
	}
	w, h, err := d.Size(n)
	if err != nil {
		return nil, nil, err
	}
	scaleX, scaleY := float64(img.Rect.Dx())/w, float64(img.Rect.Dy())/h
	var seen []glyph
	for _, g := range all {
		if g.Made || g.Blank() {
			if g.Text != "" {
				seen = append(seen, g) // parts words
			}
			continue
		}
		r := image.Rect(int(math.Floor(g.Left*scaleX)), int(math.Floor(g.Top*scaleY)), int(math.Ceil(g.Right*scaleX)), int(math.Ceil(g.Bottom*scaleY)))
		if r.In(img.Rect) && differs(img, bare, r) {
			seen = append(seen, g)
		}
	}
	return img, apart(seen), nil
}

// blank reports whether a picture is white all over.
func blank(img *image.RGBA) bool {
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i] < 250 || img.Pix[i+1] < 250 || img.Pix[i+2] < 250 {
			return false
		}
	}
	return true
}

// differs reports whether two pictures differ plainly in a part: in one of
// twelve of its points at least.
func differs(a, b *image.RGBA, r image.Rectangle) bool {
	const plainly = 40 // of 255
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			i := a.PixOffset(x, y)
			for k := range 3 {
				if d := int(a.Pix[i+k]) - int(b.Pix[i+k]); d > plainly || d < -plainly {
					n++
					break
				}
			}
		}
	}
	return n > 0 && n*12 >= r.Dx()*r.Dy()
}

// apart takes out characters that stand in the same place as another one: of
// two that are the same one stays, of two that are not none.
func apart(gs []glyph) []glyph {
	const cell = 8.0 // points
	type place struct{ x, y int }
	grid := make(map[place][]int)
	drop := make([]bool, len(gs))
	for i, g := range gs {
		if g.Blank() {
			continue
		}
		for x := int(g.Left / cell); x <= int(g.Right/cell) && x < 2000; x++ {
			for y := int(g.Top / cell); y <= int(g.Bottom/cell) && y < 2000; y++ {
				for _, j := range grid[place{x, y}] {
					o := gs[j]
					w, h := min(g.Right, o.Right)-max(g.Left, o.Left), min(g.Bottom, o.Bottom)-max(g.Top, o.Top)
					small := min((g.Right-g.Left)*(g.Bottom-g.Top), (o.Right-o.Left)*(o.Bottom-o.Top))
					if w <= 0 || h <= 0 || w*h < 0.4*small || i == j {
						continue
					}
					if drop[i] = true; text.Fold(o.Text) != text.Fold(g.Text) {
						drop[j] = true
					}
				}
				grid[place{x, y}] = append(grid[place{x, y}], i)
			}
		}
	}
	out := gs[:0:0]
	for i, g := range gs {
		if !drop[i] {
			out = append(out, g)
		}
	}
	return out
}

// under reports whether any part of the character lies in a box.
func under(g glyph, b cases.Box, w, h float64) bool {
	return g.Right > b.X*w && g.Left < (b.X+b.W)*w && g.Bottom > b.Y*h && g.Top < (b.Y+b.H)*h
}

// Find returns boxes around every place where a text stands on the pages.
func (d *Document) Find(written string) ([]cases.Box, error) {
	want := []rune(text.Squeeze(written))
	out := []cases.Box{}
	if len(want) == 0 {
		return out, nil
	}
	for n := 1; n <= d.Pages && len(out) < cases.MaxBoxes; n++ {
		all, err := d.glyphs(n)
		if err != nil {
			return nil, err
		}
		w, h, err := d.Size(n)
		if err != nil {
			return nil, err
		}
		var gs []glyph
		var rs []rune
		for _, g := range all {
			for _, r := range text.Squeeze(g.Text) {
				gs, rs = append(gs, g), append(rs, r)
			}
		}
		for i := 0; i+len(want) <= len(rs); i++ {
			if slices.Equal(rs[i:i+len(want)], want) {
				out = append(out, around(gs[i:i+len(want)], n, w, h)...)
			}
		}
	}
	return out, nil
}

// around makes one box for each line that the characters stand on.
func around(gs []glyph, page int, w, h float64) []cases.Box {
	const air = 1.0 // points around them
	var out []cases.Box
	for from := 0; from < len(gs); {
		x := gs[from]
		to := from + 1
		for ; to < len(gs) && math.Abs(gs[to].Bottom-gs[from].Bottom) < max(4, gs[from].Bottom-gs[from].Top); to++ {
			x.Left, x.Top, x.Right, x.Bottom = min(x.Left, gs[to].Left), min(x.Top, gs[to].Top), max(x.Right, gs[to].Right), max(x.Bottom, gs[to].Bottom)
		}
		left, top := max(0, x.Left-air), max(0, x.Top-air)
		if right, bottom := min(w, x.Right+air), min(h, x.Bottom+air); right > left && bottom > top { // on the page
			out = append(out, cases.Box{Page: page, X: left / w, Y: top / h, W: (right - left) / w, H: (bottom - top) / h})
		}
		from = to
	}
	return out
}

// words puts characters together into words.
func words(gs []glyph, keep func(glyph) bool) []letter.Word {
	var out []letter.Word
	var last glyph
	open := false
	for _, g := range gs {
		if g.Blank() || !keep(g) {
			open = false
			continue
		}
		written := text.Clean(g.Text)
		if open && math.Abs(g.Bottom-last.Bottom) < 3 && g.Left-last.Right < 3 && g.Left >= last.Left {
			w := &out[len(out)-1]
			w.Text += written
			w.Width, w.Height = g.Right-w.X, max(w.Height, g.Bottom-w.Y)
		} else {
			out = append(out, letter.Word{Text: written, X: g.Left, Y: g.Top, Width: g.Right - g.Left, Height: g.Bottom - g.Top})
		}
		last, open = g, true
	}
	return out
}
