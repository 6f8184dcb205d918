package extract

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"

	"gongkai/portal"
	"gongkai/portal/ofd"
	"gongkai/portal/pdf"
)

// ofdText reads the pages of a document in the national layout format.
func ofdText(file []byte) (Result, error) {
	d, err := ofd.Open(file)
	if err != nil {
		return Result{}, err
	}
	var r Result
	var broken []int
	size := 0
	for n := 1; n <= len(d.Pages); n++ {
		texts, err := d.Texts(n)
		if err != nil {
			return r, err
		}
		texts = slices.DeleteFunc(texts, func(t ofd.Text) bool {
			if t.Unseen {
				r.note("read.hidden", nil)
				r.hide("place.hidden_text", portal.Args{"Page": n}, t.Text)
			}
			return t.Unseen
		})
		page, lost := pageText(placed(texts))
		if lost {
			broken = append(broken, n)
		} else if strings.TrimSpace(page) == "" {
			r.Scans = append(r.Scans, n)
		}
		r.Pages = append(r.Pages, page)
		if size += len(page); size > maxText {
			r.note("read.cut", portal.Args{"Pages": n, "Of": len(d.Pages)})
			break
		}
	}
	if len(broken) > 0 {
		r.note("read.broken_font", portal.Args{"Pages": pagesArg(broken)})
	}
	if len(r.Scans) > 0 {
		r.note("read.scan", portal.Args{"Pages": pagesArg(r.Scans)})
	}
	if len(d.Attached) > 0 {
		r.note("read.embedded", nil)
		r.hide("place.attached", nil, strings.Join(d.Attached, "\n"))
	}
	if d.Sealed {
		r.note("read.sealed", nil)
	}
	r.hide("place.properties", nil, strings.Join([]string{d.Title, d.Author, d.Subject, d.Keywords}, "\n"))
	return r, nil
}

// placed puts runs of text into lines, from the top down and from the left.
func placed(texts []ofd.Text) []pdf.Glyph {
	slices.SortStableFunc(texts, func(a, b ofd.Text) int {
		if d := a.Base - b.Base; d < -0.01 || d > 0.01 {
			return map[bool]int{true: -1, false: 1}[d < 0]
		}
		return 0
	})
	var out []pdf.Glyph
	const unit = 72 / 25.4 // points of a millimetre
	for i := 0; i < len(texts); {
		j := i + 1
		for j < len(texts) && texts[j].Base-texts[i].Base < 0.4*min(texts[i].Size, texts[j].Size) {
			j++
		}
		row := slices.Clone(texts[i:j])
		slices.SortStableFunc(row, func(a, b ofd.Text) int {
			return map[bool]int{true: -1, false: 1}[a.Left < b.Left]
		})
		for k, t := range row {
			if k > 0 {
				gap := t.Left - row[k-1].Right
				if gap < -0.8*t.Size && strings.TrimSpace(t.Text) == strings.TrimSpace(row[k-1].Text) { // a shadow of the same text
					continue
				}
				if gap > 0.4*t.Size {
					out = append(out, pdf.Glyph{Text: " ", Left: row[k-1].Right * unit, Right: t.Left * unit, Top: (t.Base - t.Size) * unit, Bottom: t.Base * unit, Made: true})
				}
			}
			n := float64(len([]rune(t.Text)))
			for c, r := range []rune(t.Text) {
				w := (t.Right - t.Left) / n
				out = append(out, pdf.Glyph{Text: string(r), Left: (t.Left + float64(c)*w) * unit, Right: (t.Left + float64(c+1)*w) * unit, Top: (t.Base - t.Size) * unit, Bottom: t.Base * unit, Size: t.Size * unit})
			}
		}
		out = append(out, pdf.Glyph{Text: "\n"})
		i = j
	}
	return out
}

// Drawing is a page of a document in the national layout format.
type Drawing struct {
	Pages int    `json:"pages"`
	SVG   []byte `json:"svg"`
}

// Draw draws a page of a document in the national layout format, from 1.
func (r Reader) Draw(ctx context.Context, f *os.File, page int) (Drawing, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Drawing{}, err
	}
	var out Drawing
	err := r.Pool.Do(ctx, jobSVG, part{Page: page}, f, &out)
	return out, err
}

// part names a part of a file.
type part struct {
	Type string `json:"type,omitempty"`
	Page int    `json:"page,omitempty"`
	From int    `json:"from,omitempty"`
}

func ofdPicture(args json.RawMessage, file []byte) (any, error) {
	var p part
	if err := json.Unmarshal(args, &p); err != nil {
		return nil, err
	}
	d, err := ofd.Open(file)
	if err != nil {
		return nil, err
	}
	if p.Page < 1 || p.Page > len(d.Pages) {
		return nil, portal.Missing()
	}
	svg, err := d.SVG(p.Page)
	return Drawing{len(d.Pages), svg}, err
}
