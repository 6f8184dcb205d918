package scan

import (
	"context"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
)

// Of is the scan for an organ: its own words besides, but not the address that it
// gives to the public itself.
func Of(o portal.Organ) func(string) []Finding {
	return func(s string) []Finding {
		return slices.DeleteFunc(Scan(s, o.Words), func(f Finding) bool {
			return f.Kind == Mail && o.Email != "" && strings.EqualFold(f.Value, o.Email)
		})
	}
}

// Stand is a finding that may be published as it is, for a reason that is kept.
type Stand struct {
	Finding string       `json:"finding"` // its ID
	Reason  string       `json:"reason"`
	By      portal.Login `json:"by"`
	At      time.Time    `json:"at"`
}

// Text is a text of a record that becomes public when it is saved, by its form field.
type Text struct{ Field, Text string }

// Files tells what was read in files, and what lies in them unseen.
type Files interface {
	Readings(ctx context.Context, ids []portal.FileID) ([]portal.Reading, error)
}

// TextsOf are the texts in files of a form field: their names, what is seen in them and
// what is not.
func TextsOf(ctx context.Context, from Files, field string, files []portal.Attachment) ([]Text, error) {
	if len(files) == 0 {
		return nil, nil
	}
	var ids []portal.FileID
	for _, a := range files {
		ids = append(ids, a.File)
	}
	read, err := from.Readings(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []Text
	for i, a := range files {
		out = append(out, Text{field, a.Name}, Text{field, read[i].Text})
		for _, h := range read[i].Unseen {
			out = append(out, Text{field, h.Text})
		}
	}
	return out, nil
}

// Release is the gate of a record that has no draft (先审查、后公开, 第十七条). It
// refuses, beside the field, what must not be published, but for what stands already;
// with a reason it lets the rest stand too. It returns all that stands.
func Release(o portal.Organ, texts []Text, stands []Stand, reason string, by portal.Login, at time.Time) ([]Stand, error) {
	var p portal.Problems
	search := Of(o)
	out := slices.Clone(stands)
	for _, t := range texts {
		for _, f := range search(t.Text) {
			if slices.ContainsFunc(out, func(s Stand) bool { return s.Finding == f.ID() }) {
				continue
			}
			if strings.TrimSpace(reason) == "" {
				p.Add(t.Field, "gate.found_"+string(f.Kind), portal.Args{"Value": f.Value})
				continue
			}
			out = append(out, Stand{f.ID(), reason, by, at.UTC()})
		}
	}
	if len(p) > 0 {
		p.Add("stands", "gate.field_reason", nil)
	}
	p.Text("stands", reason, false, portal.MaxNote)
	return out, p.Err()
}
