// Package pdf reads PDF documents with PDFium, which runs inside a sandbox of
// WebAssembly that sees no file but a font, and no network. It is used in child
// processes only (portal/sandbox): a document may still take all the time and
// memory there is.
package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io"
	"math"
	"os"
	"strings"
	"testing/fstest"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"

	"gongkai/portal"
	"gongkai/portal/letter"
)

// DPI is the density at which pages are drawn.
const DPI = 150

// maxPixels bounds a picture of a page; larger pages are drawn less fine.
const maxPixels = 16_000_000

// memoryPages bounds the memory of PDFium, in pages of 64 KiB: 192 MiB.
const memoryPages = 3072

// Reader reads documents.
type Reader struct{ pool pdfium.Pool }

// Load makes PDFium ready. Compiling it takes seconds; a folder in which the
// result is kept makes that a tenth of a second from the second time on. ""
// keeps nothing.
func Load(cache string) (*Reader, error) {
	c := wazero.NewRuntimeConfig().WithMemoryLimitPages(memoryPages)
	if cache != "" {
		kept, err := wazero.NewCompilationCacheWithDir(cache)
		if err != nil {
			return nil, fmt.Errorf("opening the compiled PDFium: %w", err)
		}
		c = c.WithCompilationCache(kept)
	}
	// PDFium looks for fonts in this folder. It takes the one it finds for the
	// Chinese fonts that a document does not bring along.
	fonts := fstest.MapFS{"usr/share/fonts/wqy-microhei.ttf": {Data: letter.Font(), Mode: 0o444}}
	pool, err := webassembly.Init(webassembly.Config{MaxTotal: 1, MinIdle: 1, MaxIdle: 1, RuntimeConfig: c, Stdout: io.Discard, Stderr: io.Discard,
		FSConfig: wazero.NewFSConfig().WithFSMount(fonts, "/")})
	if err != nil {
		return nil, fmt.Errorf("starting PDFium: %w", err)
	}
	return &Reader{pool}, nil
}

// Warm compiles PDFium into a folder, where it is not there yet.
func Warm(cache string) error {
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return err
	}
	r, err := Load(cache)
	if err != nil {
		return err
	}
	return r.pool.Close()
}

// Document is an open document. The child that opened it ends with it.
type Document struct {
	reader pdfium.Pdfium
	doc    references.FPDF_DOCUMENT
	page   references.FPDF_PAGE // the one that is loaded
	loaded int
	Pages  int
}

// Open opens a document. One that asks for a password is refused as such.
func (r *Reader) Open(data []byte) (*Document, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	reader, err := r.pool.GetInstanceWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting PDFium: %w", err)
	}
	// What stands before the header moves every offset; other readers skip it.
	if i := bytes.Index(data[:min(len(data), 1024)], []byte("%PDF-")); i > 0 {
		data = data[i:]
	}
	opened, err := reader.OpenDocument(&requests.OpenDocument{File: &data})
	if errors.Is(err, pdfiumerrors.ErrPassword) || errors.Is(err, pdfiumerrors.ErrSecurity) {
		return nil, &portal.Error{Kind: portal.Invalid, Key: "error.file_password"}
	}
	if err != nil {
		return nil, portal.Damaged(err)
	}
	d := &Document{reader: reader, doc: opened.Document}
	n, err := reader.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.doc})
	if err != nil || n.PageCount < 1 {
		return nil, portal.Damaged(err)
	}
	d.Pages = n.PageCount
	return d, nil
}

// load loads a page, from 1.
func (d *Document) load(n int) (requests.Page, error) {
	if d.loaded != n {
		if d.loaded > 0 {
			if _, err := d.reader.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: d.page}); err != nil {
				return requests.Page{}, portal.Damaged(err)
			}
			d.loaded = 0
		}
		p, err := d.reader.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.doc, Index: n - 1})
		if err != nil {
			return requests.Page{}, portal.Damaged(err)
		}
		d.page, d.loaded = p.Page, n
	}
	return requests.Page{ByReference: &d.page}, nil
}

// Size is the size of a page in points, as it is seen.
func (d *Document) Size(n int) (width, height float64, err error) {
	page, err := d.load(n)
	if err != nil {
		return 0, 0, err
	}
	s, err := d.reader.GetPageSize(&requests.GetPageSize{Page: page})
	if err != nil {
		return 0, 0, portal.Damaged(err)
	}
	return s.Width, s.Height, nil
}

// Picture draws a page, with its notes and form fields, at the usual density.
func (d *Document) Picture(n int) (*image.RGBA, error) { return d.PictureAt(n, DPI) }

// PictureAt draws a page at so many dots per inch, or as many as there is room for.
func (d *Document) PictureAt(n, dpi int) (*image.RGBA, error) {
	w, h, err := d.Size(n)
	if err != nil {
		return nil, err
	}
	if pixels := w * h * float64(dpi*dpi) / 72 / 72; pixels > maxPixels {
		dpi = int(float64(dpi) * math.Sqrt(maxPixels/pixels))
	}
	if !(w > 0 && h > 0) || dpi < 10 {
		return nil, &portal.Error{Kind: portal.TooLarge, Key: "error.picture_large"}
	}
	page, err := d.load(n)
	if err != nil {
		return nil, err
	}
	r, err := d.reader.RenderPageInDPI(&requests.RenderPageInDPI{Page: page, DPI: dpi, RenderFlags: enums.FPDF_RENDER_FLAG_ANNOT, RenderForm: true, Document: &d.doc})
	if err != nil {
		return nil, portal.Damaged(err)
	}
	defer r.Cleanup()
	return Flat(r.Result.Image), nil
}

// Flat is a copy of a picture on white.
func Flat(src image.Image) *image.RGBA {
	b := src.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Bounds(), src, b.Min, draw.Over)
	return out
}

// Glyph is a character and its place on the page as it is seen, in points
// from the top left.
type Glyph struct {
	Text                     string
	Left, Top, Right, Bottom float64
	Size                     float64 // of its font, in points
	// Unknown says that the document does not tell what character it is.
	Unknown bool
	// Made says that PDFium has put it in: a blank or the end of a line.
	Made bool
	// Object is the number of the text on the page that it belongs to.
	Object references.FPDF_PAGEOBJECT
}

// Blank reports whether it shows nothing.
func (g Glyph) Blank() bool { return strings.TrimSpace(g.Text) == "" }

// Glyphs are the characters of a page in the order of the document, seen or
// not. Ends of lines are "\n". With objects, each knows its text.
func (d *Document) Glyphs(n int, objects bool) ([]Glyph, error) {
	w, h, err := d.Size(n)
	if err != nil {
		return nil, err
	}
	page, err := d.load(n)
	if err != nil {
		return nil, err
	}
	text, err := d.reader.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: page})
	if err != nil {
		return nil, portal.Damaged(err)
	}
	// Closing what has been read cannot fail in a way that matters.
	defer func() {
		_, _ = d.reader.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: text.TextPage})
	}()
	count, err := d.reader.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: text.TextPage})
	if err != nil {
		return nil, portal.Damaged(err)
	}
	see, err := d.seen(page, w, h)
	if err != nil {
		return nil, err
	}
	out := make([]Glyph, 0, min(max(count.Count, 0), 1<<16))
	for i := range count.Count {
		u, err := d.reader.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: text.TextPage, Index: i})
		if err != nil {
			return nil, portal.Damaged(err)
		}
		g := Glyph{Text: string(rune(u.Unicode))}
		switch {
		case u.Unicode == '\r':
			continue
		case u.Unicode == '\n':
			g.Made = true
			out = append(out, g)
			continue
		case u.Unicode == 0:
			g.Text, g.Unknown = "", true
		default:
			bad, err := d.reader.FPDFText_HasUnicodeMapError(&requests.FPDFText_HasUnicodeMapError{TextPage: text.TextPage, Index: i})
			g.Unknown = err == nil && bad.HasUnicodeMapError
		}
		if u.Unicode == ' ' {
			made, err := d.reader.FPDFText_IsGenerated(&requests.FPDFText_IsGenerated{TextPage: text.TextPage, Index: i})
			g.Made = err == nil && made.IsGenerated
		}
		box, err := d.reader.FPDFText_GetCharBox(&requests.FPDFText_GetCharBox{TextPage: text.TextPage, Index: i})
		if err == nil && box.Right <= box.Left && box.Top <= box.Bottom { // a glyph that shows nothing: the room that it takes
			if loose, err := d.reader.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: text.TextPage, Index: i}); err == nil {
				box.Left, box.Right, box.Top, box.Bottom = float64(loose.Rect.Left), float64(loose.Rect.Right), float64(loose.Rect.Top), float64(loose.Rect.Bottom)
			}
		}
		if err == nil {
			x1, y1 := see(box.Left, box.Top)
			x2, y2 := see(box.Right, box.Bottom)
			g.Left, g.Top, g.Right, g.Bottom = min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
		}
		if size, err := d.reader.FPDFText_GetFontSize(&requests.FPDFText_GetFontSize{TextPage: text.TextPage, Index: i}); err == nil {
			g.Size = size.FontSize
		}
		if objects && !g.Made {
			if o, err := d.reader.FPDFText_GetTextObject(&requests.FPDFText_GetTextObject{TextPage: text.TextPage, Index: i}); err == nil {
				g.Object = o.TextObject
			}
		}
		out = append(out, g)
	}
	return out, nil
}

// seen tells how places of a page become places as they are seen: the page may
// be turned, and cut.
func (d *Document) seen(page requests.Page, w, h float64) (func(x, y float64) (float64, float64), error) {
	const fine = 1000 // places come as whole numbers
	at := func(x, y float64) (float64, float64, error) {
		p, err := d.reader.FPDF_PageToDevice(&requests.FPDF_PageToDevice{Page: page, SizeX: int(w * fine), SizeY: int(h * fine), PageX: x, PageY: y})
		if err != nil {
			return 0, 0, portal.Damaged(err)
		}
		return float64(p.DeviceX) / fine, float64(p.DeviceY) / fine, nil
	}
	// The map is linear: three points tell it.
	const span = 100.0
	x0, y0, err := at(0, 0)
	if err != nil {
		return nil, err
	}
	xx, xy, err := at(span, 0)
	if err != nil {
		return nil, err
	}
	yx, yy, err := at(0, span)
	if err != nil {
		return nil, err
	}
	return func(x, y float64) (float64, float64) {
		return x0 + x*(xx-x0)/span + y*(yx-x0)/span, y0 + x*(xy-y0)/span + y*(yy-y0)/span
	}, nil
}

// Drawn reports whether a page has a picture on it.
func (d *Document) Drawn(n int) (bool, error) {
	page, err := d.load(n)
	if err != nil {
		return false, err
	}
	count, err := d.reader.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	if err != nil {
		return false, portal.Damaged(err)
	}
	for i := range min(count.Count, 500) {
		o, err := d.reader.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: page, Index: i})
		if err != nil {
			return false, portal.Damaged(err)
		}
		kind, err := d.reader.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: o.PageObject})
		if err == nil && kind.Type == enums.FPDF_PAGEOBJ_IMAGE {
			return true, nil
		}
	}
	return false, nil
}

// Hide takes texts out of the page that is loaded, until another is.
func (d *Document) Hide(objects map[references.FPDF_PAGEOBJECT]bool) error {
	for o := range objects {
		if _, err := d.reader.FPDFPageObj_SetIsActive(&requests.FPDFPageObj_SetIsActive{PageObject: o, Active: false}); err != nil {
			return portal.Damaged(err)
		}
	}
	return nil
}
