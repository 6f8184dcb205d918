// Package redact takes parts out of documents for good (遮盖, 第三十七条): a page
// becomes a picture on which the boxes are painted over, with only those words
// put back, unseen, that lie outside them. What was under a box is in no layer
// of the result. PDFium reads the documents, inside a sandbox of WebAssembly
// that sees no file and no network.
package redact

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"

	"gongkai/portal"
	"gongkai/portal/letter"
)

// Limits on what can be redacted.
const (
	MaxPages  = 200
	maxPixels = 40_000_000 // of a picture
	dpi       = 150
)

// pool makes readers. It compiles PDFium at the first use, which takes some
// seconds.
var pool = sync.OnceValues(func() (pdfium.Pool, error) {
	return webassembly.Init(webassembly.Config{MaxTotal: 1, FSConfig: wazero.NewFSConfig()})
})

// Warm gets PDFium ready, for a document that is likely to be opened soon.
func Warm() {
	_, _ = pool() // Open says what is wrong
}

// Document is a document that is looked at page by page. Close it.
type Document struct {
	reader  pdfium.Pdfium
	doc     references.FPDF_DOCUMENT
	picture image.Image // instead, of a PNG or JPEG
	Pages   int
}

// unreadable is what is said of a document that cannot be opened.
func unreadable(err error) error {
	return &portal.Error{Kind: portal.Invalid, Key: "error.file_damaged", Err: err}
}

// Open opens a PDF, PNG or JPEG. It waits its turn, as long as ctx allows.
func Open(ctx context.Context, data []byte, mediaType string) (*Document, error) {
	if strings.HasPrefix(mediaType, "image/") {
		c, _, err := image.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			return nil, unreadable(err)
		}
		if c.Width*c.Height > maxPixels {
			return nil, &portal.Error{Kind: portal.TooLarge, Key: "error.picture_large"}
		}
		img, _, err := image.Decode(bytes.NewReader(data))
		if err != nil {
			return nil, unreadable(err)
		}
		return &Document{picture: img, Pages: 1}, nil
	}
	if mediaType != "application/pdf" {
		return nil, &portal.Error{Kind: portal.Invalid, Key: "error.not_redactable"}
	}
	p, err := pool()
	if err != nil {
		return nil, fmt.Errorf("starting PDFium: %w", err)
	}
	wait := time.Minute
	if end, ok := ctx.Deadline(); ok {
		wait = time.Until(end)
	}
	reader, err := p.GetInstance(wait)
	if err != nil {
		return nil, &portal.Error{Kind: portal.Unavailable, Key: "error.busy", Err: err}
	}
	d := &Document{reader: reader}
	opened, err := reader.OpenDocument(&requests.OpenDocument{File: &data})
	if err != nil {
		d.Close()
		return nil, unreadable(err)
	}
	d.doc = opened.Document
	n, err := reader.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.doc})
	if err != nil || n.PageCount < 1 {
		d.Close()
		return nil, unreadable(err)
	}
	if n.PageCount > MaxPages {
		d.Close()
		return nil, &portal.Error{Kind: portal.TooLarge, Key: "error.too_many", Args: portal.Args{"Limit": MaxPages}}
	}
	d.Pages = n.PageCount
	return d, nil
}

// Close gives the reader back.
func (d *Document) Close() error {
	if d.reader == nil {
		return nil
	}
	return d.reader.Close()
}

func (d *Document) page(n int) requests.Page {
	return requests.Page{ByIndex: &requests.PageByIndex{Document: d.doc, Index: n - 1}}
}

// Size is the size of a page in points. A picture is taken for a scan at the
// density that pages are drawn with.
func (d *Document) Size(n int) (width, height float64, err error) {
	if d.picture != nil {
		b := d.picture.Bounds()
		return float64(b.Dx()) * 72 / dpi, float64(b.Dy()) * 72 / dpi, nil
	}
	s, err := d.reader.GetPageSize(&requests.GetPageSize{Page: d.page(n)})
	if err != nil {
		return 0, 0, unreadable(err)
	}
	return s.Width, s.Height, nil
}

// Picture draws a page, with its notes and form fields, from 1.
func (d *Document) Picture(n int) (*image.RGBA, error) {
	if d.picture != nil {
		return copyOf(d.picture), nil
	}
	w, h, err := d.Size(n)
	if err != nil {
		return nil, err
	}
	if w*h*dpi*dpi/72/72 > maxPixels {
		return nil, &portal.Error{Kind: portal.TooLarge, Key: "error.picture_large"}
	}
	r, err := d.reader.RenderPageInDPI(&requests.RenderPageInDPI{Page: d.page(n), DPI: dpi, RenderFlags: enums.FPDF_RENDER_FLAG_ANNOT, RenderForm: true, Document: &d.doc})
	if err != nil {
		return nil, unreadable(err)
	}
	defer r.Cleanup()
	return copyOf(r.Result.Image), nil
}

func copyOf(src image.Image) *image.RGBA {
	b := src.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Bounds(), src, b.Min, draw.Over)
	return out
}

// glyph is a character and its place on the page as it is seen, in points
// from the top left.
type glyph struct {
	text                     string
	left, top, right, bottom float64
}

func (d *Document) glyphs(n int) ([]glyph, error) {
	if d.picture != nil {
		return nil, nil
	}
	w, h, err := d.Size(n)
	if err != nil {
		return nil, err
	}
	text, err := d.reader.GetPageTextStructured(&requests.GetPageTextStructured{Page: d.page(n), Mode: requests.GetPageTextStructuredModeChars})
	if err != nil {
		return nil, unreadable(err)
	}
	const fine = 100 // places come as whole numbers
	place := func(x, y float64) (float64, float64, error) {
		p, err := d.reader.FPDF_PageToDevice(&requests.FPDF_PageToDevice{Page: d.page(n), SizeX: int(w * fine), SizeY: int(h * fine), PageX: x, PageY: y})
		if err != nil {
			return 0, 0, unreadable(err)
		}
		return float64(p.DeviceX) / fine, float64(p.DeviceY) / fine, nil
	}
	out := make([]glyph, 0, len(text.Chars))
	for _, c := range text.Chars {
		x1, y1, err := place(c.PointPosition.Left, c.PointPosition.Top)
		if err != nil {
			return nil, err
		}
		x2, y2, err := place(c.PointPosition.Right, c.PointPosition.Bottom)
		if err != nil {
			return nil, err
		}
		out = append(out, glyph{c.Text, min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)})
	}
	return out, nil
}

func (g glyph) blank() bool { return strings.TrimSpace(g.text) == "" }

// under reports whether any part of the character lies in a box.
func (g glyph) under(b portal.Box, w, h float64) bool {
	return g.right > b.X*w && g.left < (b.X+b.W)*w && g.bottom > b.Y*h && g.top < (b.Y+b.H)*h
}

// Find returns boxes around every place where a text stands on the pages,
// whatever the blanks in it. They have no ground yet.
func (d *Document) Find(text string) ([]portal.Box, error) {
	want := []rune(portal.Squeeze(text))
	var out []portal.Box
	if len(want) == 0 {
		return nil, nil
	}
	for n := 1; n <= d.Pages && len(out) < portal.MaxBoxes; n++ {
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
			for _, r := range portal.Squeeze(g.text) {
				gs, rs = append(gs, g), append(rs, r)
			}
		}
		for i := 0; i+len(want) <= len(rs); i++ {
			if string(rs[i:i+len(want)]) == string(want) {
				out = append(out, around(gs[i:i+len(want)], n, w, h)...)
			}
		}
	}
	return out, nil
}

// around makes one box for each line that the characters stand on.
func around(gs []glyph, page int, w, h float64) []portal.Box {
	const air = 1.0 // points around them
	var out []portal.Box
	for from := 0; from < len(gs); {
		x := gs[from]
		to := from + 1
		for ; to < len(gs) && math.Abs(gs[to].bottom-gs[from].bottom) < max(4, gs[from].bottom-gs[from].top); to++ {
			x.left, x.top, x.right, x.bottom = min(x.left, gs[to].left), min(x.top, gs[to].top), max(x.right, gs[to].right), max(x.bottom, gs[to].bottom)
		}
		left, top := max(0, x.left-air), max(0, x.top-air)
		out = append(out, portal.Box{Page: page, X: left / w, Y: top / h, W: min(w, x.right+air)/w - left/w, H: min(h, x.bottom+air)/h - top/h})
		from = to
	}
	return out
}

// words puts the characters that lie under no box together into words.
func words(gs []glyph, keep func(glyph) bool) []letter.Word {
	var out []letter.Word
	var last glyph
	open := false
	for _, g := range gs {
		if g.blank() || !keep(g) {
			open = false
			continue
		}
		if open && math.Abs(g.bottom-last.bottom) < 3 && g.left-last.right < 3 && g.left >= last.left {
			w := &out[len(out)-1]
			w.Text += g.text
			w.Width, w.Height = g.right-w.X, max(w.Height, g.bottom-w.Y)
		} else {
			out = append(out, letter.Word{Text: g.text, X: g.left, Y: g.top, Width: g.right - g.left, Height: g.bottom - g.top})
		}
		last, open = g, true
	}
	return out
}

// Redact makes a PDF without what lies in the boxes, reads it again, and
// refuses to give it out if anything is left of it.
func Redact(ctx context.Context, data []byte, mediaType string, boxes []portal.Box, at time.Time) ([]byte, error) {
	d, err := Open(ctx, data, mediaType)
	if err != nil {
		return nil, err
	}
	pages, err := d.paint(ctx, boxes)
	if e := d.Close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	out, err := letter.Printer{}.Pictures(pages, at)
	if err != nil {
		return nil, err
	}
	return out, check(ctx, out, boxes)
}

func (d *Document) paint(ctx context.Context, boxes []portal.Box) ([]letter.Page, error) {
	if err := portal.CheckBoxes(boxes, d.Pages); err != nil {
		return nil, err
	}
	var pages []letter.Page
	for n := 1; n <= d.Pages; n++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		img, err := d.Picture(n)
		if err != nil {
			return nil, err
		}
		w, h, err := d.Size(n)
		if err != nil {
			return nil, err
		}
		gs, err := d.glyphs(n)
		if err != nil {
			return nil, err
		}
		var here []portal.Box
		for _, b := range boxes {
			if b.Page == n {
				here = append(here, b)
				draw.Draw(img, b.Rect(float64(img.Rect.Dx()), float64(img.Rect.Dy())), image.NewUniform(color.Black), image.Point{}, draw.Src)
			}
		}
		ws := words(gs, func(g glyph) bool {
			for _, b := range here {
				if g.under(b, w, h) {
					return false
				}
			}
			return true
		})
		picture, kind, err := encode(img)
		if err != nil {
			return nil, err
		}
		pages = append(pages, letter.Page{Picture: picture, Type: kind, Width: w, Height: h, Words: ws})
	}
	return pages, nil
}

// photo is from how many bytes on a page is tried as a photograph.
const photo = 300 << 10

// encode writes a page: text sharp as PNG, a scan as JPEG where that is smaller.
func encode(img image.Image) ([]byte, string, error) {
	var sharp bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&sharp, img); err != nil {
		return nil, "", err
	}
	if sharp.Len() < photo {
		return sharp.Bytes(), "png", nil
	}
	var small bytes.Buffer
	if err := jpeg.Encode(&small, img, &jpeg.Options{Quality: 80}); err != nil {
		return nil, "", err
	}
	if small.Len() < sharp.Len()/2 {
		return small.Bytes(), "jpg", nil
	}
	return sharp.Bytes(), "png", nil
}

// darkest is the most that a colour may have in a box, of 255.
const darkest = 90

// check reads a redacted document again: no character may stand in a box, and
// every box must be black all over, but for the trembling of a JPEG.
func check(ctx context.Context, data []byte, boxes []portal.Box) error {
	d, err := Open(ctx, data, "application/pdf")
	if err != nil {
		return err
	}
	defer d.Close()
	for n := 1; n <= d.Pages; n++ {
		gs, err := d.glyphs(n)
		if err != nil {
			return err
		}
		w, h, err := d.Size(n)
		if err != nil {
			return err
		}
		img, err := d.Picture(n)
		if err != nil {
			return err
		}
		for _, b := range boxes {
			if b.Page != n {
				continue
			}
			for _, g := range gs {
				middle := glyph{g.text, (g.left + g.right) / 2, (g.top + g.bottom) / 2, (g.left + g.right) / 2, (g.top + g.bottom) / 2}
				if !g.blank() && middle.under(b, w, h) {
					return fmt.Errorf("page %d still has text in a box", n)
				}
			}
			r := b.Rect(float64(img.Rect.Dx()), float64(img.Rect.Dy())).Inset(2).Intersect(img.Rect)
			for y := r.Min.Y; y < r.Max.Y; y++ {
				for x := r.Min.X; x < r.Max.X; x++ {
					if c := img.RGBAAt(x, y); int(c.R)+int(c.G)+int(c.B) > 3*darkest {
						return fmt.Errorf("page %d shows something in a box", n)
					}
				}
			}
		}
	}
	return nil
}
