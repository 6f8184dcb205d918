// Package redact takes parts out of documents for good (遮盖, 第三十七条): a page
// becomes a picture of what is seen on it, on which the boxes are painted over,
// with only those words put back that are seen outside them. What was under a
// box, and what nobody saw, is in no layer of the result. The work is done in
// child processes (portal/sandbox), a few pages in each.
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
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/letter"
	"gongkai/portal/sandbox"
	"gongkai/portal/text"
)

// Limits on what can be redacted.
const (
	MaxPages  = 200
	maxPixels = 40_000_000 // of a picture
	batch     = 4          // pages that one child draws
)

// Redactor shows documents page by page and takes parts out of them.
type Redactor struct{ Pool *sandbox.Pool }

// Pages is how many pages a PDF, PNG or JPEG has.
func (r Redactor) Pages(ctx context.Context, file []byte, mediaType string) (int, error) {
	var n int
	err := r.Pool.Do(ctx, jobPages, task{Type: mediaType}, bytes.NewReader(file), &n)
	return n, err
}

// Picture is a page as a PNG, from 1.
func (r Redactor) Picture(ctx context.Context, file []byte, mediaType string, page int) ([]byte, error) {
	var out []byte
	err := r.Pool.Do(ctx, jobPicture, task{Type: mediaType, From: page}, bytes.NewReader(file), &out)
	return out, err
}

// Find returns boxes around every place where a text stands on the pages,
// whatever the blanks in it and however it is spelt (portal.Fold). They have
// no ground yet.
func (r Redactor) Find(ctx context.Context, file []byte, mediaType, text string) ([]cases.Box, error) {
	var out []cases.Box
	err := r.Pool.Do(ctx, jobFind, task{Type: mediaType, Text: text}, bytes.NewReader(file), &out)
	return out, err
}

// Redact makes a PDF without what lies in the boxes. It reads the result again,
// twice and by two readers, and refuses to give it out if anything is left in
// a box, or if words that were covered still stand elsewhere: unless stay says
// that they may. A page that cannot be shown as it is, is refused.
func (r Redactor) Redact(ctx context.Context, file []byte, mediaType string, boxes []cases.Box, stay bool, at time.Time) ([]byte, error) {
	count, err := r.Pages(ctx, file, mediaType)
	if err != nil {
		return nil, err
	}
	if err := cases.CheckBoxes(boxes, count); err != nil {
		return nil, err
	}
	return r.without(ctx, file, mediaType, count, boxes, stay, at)
}

// Mask makes a PDF in which each of some texts is covered wherever it stands, and in which
// nothing is that is not seen: without texts, a copy of what is seen. One that is found on
// no page is refused, as where it stands is not known.
func (r Redactor) Mask(ctx context.Context, file []byte, mediaType string, texts []string, at time.Time) ([]byte, error) {
	count, err := r.Pages(ctx, file, mediaType)
	if err != nil {
		return nil, err
	}
	if count > MaxPages {
		return nil, problem("error.too_many", portal.Args{"Limit": MaxPages})
	}
	var boxes []cases.Box
	for _, t := range texts {
		found, err := r.Find(ctx, file, mediaType, t)
		if err != nil {
			return nil, err
		}
		if boxes = append(boxes, found...); len(found) == 0 || len(boxes) > cases.MaxBoxes {
			return nil, problem("error.no_boxes", nil)
		}
	}
	return r.without(ctx, file, mediaType, count, boxes, false, at)
}

// without makes the PDF, and reads it again.
func (r Redactor) without(ctx context.Context, file []byte, mediaType string, count int, boxes []cases.Box, stay bool, at time.Time) ([]byte, error) {
	pages, covered, err := r.paint(ctx, file, mediaType, count, boxes)
	if err != nil {
		return nil, err
	}
	out, err := letter.Printer{}.Pictures(pages, at)
	if err != nil {
		return nil, err
	}
	if err := r.check(ctx, out, count, boxes); err != nil {
		return nil, err
	}
	if page, word := Left(out, covered); word != "" && !stay {
		return nil, problem("error.words_left", portal.Args{"Page": page, "Word": word})
	}
	return out, nil
}

// problem is what is wrong with a redaction, beside its boxes.
func problem(key string, args portal.Args) error {
	return portal.Wrong("boxes", key, args)
}

// on are the boxes on some pages.
func on(boxes []cases.Box, from, to int) []cases.Box {
	return slices.DeleteFunc(slices.Clone(boxes), func(b cases.Box) bool { return b.Page < from || b.Page > to })
}

func (r Redactor) paint(ctx context.Context, file []byte, mediaType string, count int, boxes []cases.Box) (pages []letter.Page, covered []string, err error) {
	for from := 1; from <= count; from += batch {
		to := min(from+batch-1, count)
		var done []painted
		if err := r.Pool.Do(ctx, jobPaint, task{Type: mediaType, From: from, To: to, Boxes: on(boxes, from, to)}, bytes.NewReader(file), &done); err != nil {
			return nil, nil, err
		}
		for _, p := range done {
			pages, covered = append(pages, p.Page), append(covered, p.Covered...)
		}
	}
	slices.Sort(covered)
	return pages, slices.Compact(covered), nil
}

// check has the result read again by the reader that drew it.
func (r Redactor) check(ctx context.Context, out []byte, count int, boxes []cases.Box) error {
	for from := 1; from <= count; from += batch {
		to := min(from+batch-1, count)
		here := on(boxes, from, to)
		if len(here) == 0 {
			continue
		}
		var ok bool
		if err := r.Pool.Do(ctx, jobCheck, task{Type: "application/pdf", From: from, To: to, Boxes: here}, bytes.NewReader(out), &ok); err != nil {
			return fmt.Errorf("checking a redaction: %w", err)
		}
	}
	return nil
}

// paintPage draws a page without what is in its boxes.
func (d *Document) paintPage(n int, boxes []cases.Box) (painted, error) {
	img, seen, err := d.look(n)
	if err != nil {
		return painted{}, err
	}
	w, h, err := d.Size(n)
	if err != nil {
		return painted{}, err
	}
	under := func(g glyph) bool {
		return slices.ContainsFunc(boxes, func(b cases.Box) bool { return under(g, b, w, h) })
	}
	for _, b := range boxes {
		draw.Draw(img, b.Rect(float64(img.Rect.Dx()), float64(img.Rect.Dy())), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	picture, kind, err := encode(img)
	if err != nil {
		return painted{}, err
	}
	return painted{Page: letter.Page{Picture: picture, Type: kind, Width: w, Height: h, Words: words(seen, func(g glyph) bool { return !under(g) })}, Covered: coveredWords(seen, under)}, nil
}

// coveredWords are the words that lie under boxes and are long enough to be
// looked for elsewhere.
func coveredWords(gs []glyph, under func(glyph) bool) []string {
	var out []string
	var b strings.Builder
	end := func() {
		if w := b.String(); worth(w) {
			out = append(out, w)
		}
		b.Reset()
	}
	for _, g := range gs {
		s := text.Squeeze(g.Text)
		if s == "" || !under(g) {
			end()
			continue
		}
		b.WriteString(s)
	}
	end()
	return out
}

// worth reports whether a word says so much that it is to be looked for: two
// Chinese characters, or four others.
func worth(w string) bool {
	n := 0
	for _, r := range w {
		if r > 0x2E80 {
			n++
		}
		n++
	}
	return n >= 4
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

// checkPage looks at a page of a result: no character may stand in a box, and
// every box must be black all over, but for the trembling of a JPEG.
func (d *Document) checkPage(n int, boxes []cases.Box) error {
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
		for _, g := range gs {
			x, y := (g.Left+g.Right)/2, (g.Top+g.Bottom)/2
			if !g.Blank() && under(glyph{Text: g.Text, Left: x, Right: x, Top: y, Bottom: y}, b, w, h) {
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
	return nil
}
