package cases

import (
	"context"
	"fmt"
	"image"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/text"
)

// Paper is a document that is looked at for an answer, and what of it is taken
// out before it is given (区分处理, 第三十七条).
type Paper struct {
	Original portal.Attachment  `json:"original"`
	Boxes    []Box              `json:"boxes,omitempty"`
	Redacted *portal.Attachment `json:"redacted,omitempty"` // without what is in the boxes
	By       portal.Login       `json:"by"`
	At       time.Time          `json:"at"`
}

// Box is a part of a page that is taken out, with its ground. Its sides are
// parts of the page's, from the top left, 0 to 1.
type Box struct {
	Page   int     `json:"page"` // from 1
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	W      float64 `json:"w"`
	H      float64 `json:"h"`
	Ground string  `json:"ground"` // a code of Outcomes that refuses
}

// MaxBoxes is the most boxes on one document.
const MaxBoxes = 500

// Grounds are the grounds on which a part may be withheld.
func Grounds() []portal.Term {
	var out []portal.Term
	for _, t := range portal.Outcomes.Terms {
		if strings.HasPrefix(t.Code, "denied.") {
			out = append(out, t)
		}
	}
	return out
}

// CheckBoxes reports boxes that are not on a page of the document or have no
// ground.
func CheckBoxes(boxes []Box, pages int) error {
	var p portal.Problems
	if len(boxes) == 0 {
		p.Add("boxes", "error.no_boxes", nil)
	}
	if len(boxes) > MaxBoxes {
		p.Add("boxes", "error.too_many", portal.Args{"Limit": MaxBoxes})
	}
	for i, b := range boxes {
		on := b.X >= 0 && b.Y >= 0 && b.W > 0 && b.H > 0 && b.X+b.W <= 1.0001 && b.Y+b.H <= 1.0001 && b.Page >= 1 && b.Page <= pages
		if !on { // NaN is refused too
			p.Add("boxes", "error.box", portal.Args{"N": i + 1})
			break
		}
		if !strings.HasPrefix(b.Ground, "denied.") || !portal.Outcomes.Has(b.Ground) {
			p.Add("boxes", "error.box_ground", portal.Args{"N": i + 1})
			break
		}
	}
	return p.Err()
}

// Rect is the box on a page of a size.
func (b Box) Rect(width, height float64) image.Rectangle {
	return image.Rect(int(b.X*width), int(b.Y*height), int((b.X+b.W)*width+0.999), int((b.Y+b.H)*height+0.999))
}

// AddPapers puts documents into a case and returns it as it is now.
func (u Answers) AddPapers(ctx context.Context, by portal.Actor, n ApplicationNumber, files []portal.Attachment) (*Application, error) {
	if len(files) == 0 {
		return nil, portal.Wrong("files", "error.required", nil)
	}
	var out *Application
	err := u.change(ctx, by, n, "add papers", func(a *Application, _ CaseTx) error {
		if len(a.Papers)+len(files) > 5*MaxCaseFiles {
			return portal.Wrong("files", "error.too_many", portal.Args{"Limit": 5 * MaxCaseFiles})
		}
		for _, f := range files {
			if !slices.ContainsFunc(a.Papers, func(p Paper) bool { return p.Original.File == f.File }) {
				a.Papers = append(a.Papers, Paper{Original: f, By: by.Login, At: u.Now().UTC()})
			}
		}
		out = a
		return nil
	})
	return out, err
}

// Redacted keeps the result of a redaction of a paper as it was seen. The original stays in the case,
// for its handlers only.
func (u Answers) Redacted(ctx context.Context, by portal.Actor, n ApplicationNumber, original portal.FileID, seen portal.Revision, boxes []Box, result portal.Attachment) error {
	return u.change(ctx, by, n, "redact", func(a *Application, _ CaseTx) error {
		for i := range a.Papers {
			if p := &a.Papers[i]; p.Original.File == original {
				if err := seen.Check(*p, Kind); err != nil {
					return err
				}
				p.Boxes, p.Redacted, p.By, p.At = boxes, &result, by.Login, u.Now().UTC()
				return nil
			}
		}
		return portal.Missing()
	})
}

// WithheldText lists what an answer withholds and why (第三十七条): what
// was taken out of the files, and what its handler has written.
func (a *Application) WithheldText(ans *Answer) string {
	var b strings.Builder
	n := 0
	for _, p := range a.Papers {
		given := p.Redacted != nil && slices.ContainsFunc(ans.Files, func(f portal.Attachment) bool { return f.File == p.Redacted.File })
		if !given {
			continue
		}
		type key struct {
			page   int
			ground string
		}
		count := make(map[key]int)
		var keys []key
		for _, x := range p.Boxes {
			k := key{x.Page, x.Ground}
			if count[k]++; count[k] == 1 {
				keys = append(keys, k)
			}
		}
		slices.SortStableFunc(keys, func(x, y key) int { return x.page - y.page })
		for _, k := range keys {
			n++
			t := portal.Outcomes.Term(k.ground)
			_, why, _ := strings.Cut(t.Name.ZH, "：")
			fmt.Fprintf(&b, "%d. %s第%d页%d处：%s（条例第%s条）。\n", n, p.Redacted.Name, k.page, count[k], why, strings.ReplaceAll(t.Article, ",", "、"))
		}
	}
	if !text.IsBlank(ans.Withheld) {
		b.WriteString(ans.Withheld)
	}
	return strings.TrimSpace(b.String())
}
