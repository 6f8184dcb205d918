package registers

import (
	"slices"
	"testing"

	"gongkai/portal"
	"gongkai/portal/process"
)

// TestRulesAreWhole: what a register names, it has.
func TestRulesAreWhole(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for i := range Rules.Registers {
		r := &Rules.Registers[i]
		if seen[r.Code] {
			t.Errorf("%s is there twice", r.Code)
		}
		seen[r.Code] = true
		if !slices.ContainsFunc(Rules.Groups, func(g portal.Term) bool { return g.Code == r.Group }) {
			t.Errorf("%s stands in no group", r.Code)
		}
		if r.Source == "" || r.Effective == "" || r.Name.ZH == "" || r.Name.EN == "" {
			t.Errorf("%s has no source, day of effect or name", r.Code)
		}
		field := func(code, what string) {
			if code != "" && r.Field(code) == nil {
				t.Errorf("%s: %s names field %q", r.Code, what, code)
			}
		}
		step := func(code, what string) {
			if code != "" && (r.Process == nil || r.Process.Named(code) == nil) {
				t.Errorf("%s: %s names step %q", r.Code, what, code)
			}
		}
		field(r.Date, "date")
		field(r.State, "state")
		field(r.Joint, "joint")
		for _, m := range placeholder.FindAllStringSubmatch(r.Title, -1) {
			field(m[1], "title")
		}
		for _, f := range r.Fields {
			for _, s := range f.Steps {
				step(s, "field "+f.Code)
			}
			for k := range f.RequiredWhen {
				field(k, "required_when")
			}
			for k := range f.PublicWhen {
				field(k, "public_when")
			}
			if f.Column && !f.Public() && !r.Internal {
				t.Errorf("%s: column %s is not published", r.Code, f.Code)
			}
		}
		states := []string{}
		if r.Process != nil {
			for _, s := range r.Process.States {
				states = append(states, s.Code)
			}
			if first := r.Process.Steps[0]; first.By != "system" || len(first.From) > 0 {
				t.Errorf("%s: its first step is not taken by itself", r.Code)
			}
			for _, s := range r.Process.Steps {
				for _, x := range append(slices.Clone(s.From), s.To) {
					if x != "" && !slices.Contains(states, x) {
						t.Errorf("%s: step %s names state %q", r.Code, s.Code, x)
					}
				}
			}
		}
		for _, d := range r.Dues {
			field(d.Field, "due")
			step(d.Step, "due")
			for _, s := range d.While {
				if !slices.Contains(states, s) {
					t.Errorf("%s: a due day runs in state %q", r.Code, s)
				}
			}
		}
		codes := []string{""}
		for _, x := range r.Tallies {
			codes = append(codes, x.Code)
			field(x.Sum, "tally")
			for k, list := range x.When {
				if k == "state" {
					for _, s := range list {
						if !slices.Contains(states, s) {
							t.Errorf("%s: tally %s names state %q", r.Code, x.Code, s)
						}
					}
				} else if k != "in_time" {
					field(k, "tally")
				}
			}
			if !slices.Contains(codes, x.Share) {
				t.Errorf("%s: tally %s is a share of %q", r.Code, x.Code, x.Share)
			}
		}
		if r.Calendar != nil {
			for _, c := range []string{r.Calendar.Day, r.Calendar.Hours, r.Calendar.Place} {
				field(c, "calendar")
			}
		}
		if r.Paper != nil {
			step(r.Paper.Step, "paper")
			for _, m := range placeholder.FindAllStringSubmatch(r.Paper.Text.ZH+r.Paper.Heading.ZH, -1) {
				if m[1] != "organ" && m[2] == "" {
					field(m[1], "paper")
				}
			}
		}
	}
}

// TestLeftOn tells when an entry left the states in which its day ran.
func TestLeftOn(t *testing.T) {
	t.Parallel()
	e := &Entry{Register: "inspections"}
	for _, c := range []struct {
		step string
		on   portal.Date
		left portal.Date
	}{{"receive", 100, 0}, {"rectify", 108, 108}, {"return", 110, 0}, {"rectify", 113, 113}, {"verify", 118, 113}} {
		e.Steps = append(e.Steps, process.Step{Type: c.step, On: c.on})
		if got := e.leftOn([]string{"open", "returned"}); got != c.left {
			t.Errorf("after %s: left on %d, not %d", c.step, got, c.left)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("proposals", "kind", "政协提案", "received", "2026年9月1日")
	f.Add("submissions", "points", "99999999999999", "sent", "x")
	f.Fuzz(func(t *testing.T, register, a, x, b, y string) {
		r := Named(register)
		if r == nil {
			return
		}
		got, _ := r.Clean(Values{a: x, b: y})
		again, p := r.Clean(got)
		for k, v := range got {
			if again[k] != v && !slices.ContainsFunc(p, func(x portal.Problem) bool { return x.Field == k }) {
				t.Fatalf("%s: %q is cleaned to %q, and that to %q", k, Values{a: x, b: y}[k], v, again[k])
			}
		}
	})
}
