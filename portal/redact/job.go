package redact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/letter"
	"gongkai/portal/pdf"
	"gongkai/portal/sandbox"
)

// The names of the jobs of children.
const (
	jobPages   = "pages"
	jobPicture = "picture"
	jobFind    = "find"
	jobPaint   = "paint"
	jobCheck   = "check"
)

// task is what a child is to do.
type task struct {
	Type     string      `json:"type"`
	From, To int         `json:",omitempty"` // pages
	Text     string      `json:"text,omitempty"`
	Boxes    []cases.Box `json:"boxes,omitempty"`
}

// painted is a page without what was in its boxes, and the words that were.
type painted struct {
	Page    letter.Page `json:"page"`
	Covered []string    `json:"covered,omitempty"`
}

// Jobs are the jobs of children, by name.
func Jobs() map[string]sandbox.Job {
	var reader *pdf.Reader
	prepare := func(args json.RawMessage) (err error) {
		var t task
		if err := json.Unmarshal(args, &t); err != nil || t.Type != "application/pdf" {
			return err
		}
		reader, err = pdf.Load(sandbox.Cache())
		return err
	}
	job := func(do func(d *Document, t task) (any, error)) sandbox.Job {
		return sandbox.Job{Prepare: prepare, Do: func(args json.RawMessage, file []byte) (any, error) {
			var t task
			if err := json.Unmarshal(args, &t); err != nil {
				return nil, err
			}
			d, err := Open(reader, file, t.Type)
			if err != nil {
				return nil, err
			}
			if t.From > d.Pages {
				return nil, portal.Missing()
			}
			t.To = min(max(t.To, t.From), d.Pages)
			return do(d, t)
		}}
	}
	return map[string]sandbox.Job{
		jobPages: job(func(d *Document, _ task) (any, error) { return d.Pages, nil }),
		jobFind:  job(func(d *Document, t task) (any, error) { return d.Find(t.Text) }),
		jobPicture: job(func(d *Document, t task) (any, error) {
			img, err := d.Picture(t.From)
			if err != nil {
				return nil, err
			}
			var b bytes.Buffer
			err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img)
			return b.Bytes(), err
		}),
		jobPaint: job(func(d *Document, t task) (any, error) {
			var out []painted
			for n := t.From; n <= t.To; n++ {
				p, err := d.paintPage(n, on(t.Boxes, n, n))
				if err != nil {
					return nil, err
				}
				out = append(out, p)
			}
			return out, nil
		}),
		jobCheck: job(func(d *Document, t task) (any, error) {
			for n := t.From; n <= t.To; n++ {
				if err := d.checkPage(n, on(t.Boxes, n, n)); err != nil {
					return nil, &portal.Error{Kind: portal.Internal, Key: "error.internal", Err: fmt.Errorf("a redaction is not clean: %w", err)}
				}
			}
			return true, nil
		}),
	}
}
