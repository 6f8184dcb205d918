package reports

import (
	"slices"
	"strings"

	"gongkai/portal"
)

// IdentityRule is an equation that has to hold in each column or row of a table (勾稽关系).
type IdentityRule struct {
	Code  string      `json:"code"`
	Name  portal.Text `json:"name"`
	Table string      `json:"table"`
	Per   string      `json:"per"` // column, row
	Left  []string    `json:"left"`
	Right []string    `json:"right"`
	Years int         `json:"years,omitempty"` // -1: the right side is of the year before
	Fills bool        `json:"fills,omitempty"` // the right side, one cell, is worked out where nobody types it
}

// equation is an identity in one column or row.
type equation struct {
	rule        *IdentityRule
	at          string // column or row
	place       portal.Text
	left, right []Cell
}

func (e equation) sum(cells []Cell, f Figures) int64 {
	var n int64
	for _, c := range cells {
		n += f[c]
	}
	return n
}

func (r *IdentityRule) equations(f *Form) []equation {
	t := f.Table(r.Table)
	if t == nil {
		return nil
	}
	var out []equation
	for _, b := range t.Blocks {
		if r.Per == "row" {
			for _, x := range b.Rows {
				e := equation{rule: r, at: x.Key, place: x.Name}
				for _, k := range r.Left {
					e.left = append(e.left, t.At(x.Key, k))
				}
				for _, k := range r.Right {
					e.right = append(e.right, t.At(x.Key, k))
				}
				out = append(out, e)
			}
			continue
		}
		for _, k := range b.Columns {
			e := equation{rule: r, at: k.Code, place: k.Name}
			for _, x := range r.Left {
				e.left = append(e.left, t.At(x, k.Code))
			}
			for _, x := range r.Right {
				e.right = append(e.right, t.At(x, k.Code))
			}
			out = append(out, e)
		}
	}
	return out
}

// Identity is an equation and whether it holds.
type Identity struct {
	Name       string      `json:"name"` // its code and where: "balance/natural"
	Title      portal.Text `json:"title"`
	Holds      bool        `json:"holds"`
	Difference int64       `json:"difference"` // left side less right side
	Left       int64       `json:"left"`
	Right      int64       `json:"right"`
	Cells      []Cell      `json:"cells,omitempty"` // that it is about, where it does not hold
}

// Mend is a change of one cell after which every identity holds.
type Mend struct {
	Cell Cell  `json:"cell"`
	Is   int64 `json:"is"`
	Be   int64 `json:"should_be"`
}

// Check checks the figures by every identity of the form. before are the figures of
// the year before; nil where there are none, and then what compares with them is left out.
func (f *Form) Check(figures, before Figures) []Identity {
	var out []Identity
	for i := range f.Identities {
		r := &f.Identities[i]
		if r.Years != 0 && before == nil {
			continue
		}
		for _, e := range r.equations(f) {
			of := figures
			if r.Years != 0 {
				of = before
			}
			x := Identity{Name: r.Code + "/" + e.at, Left: e.sum(e.left, figures), Right: e.sum(e.right, of)}
			x.Title = portal.Text{ZH: r.Name.ZH + "（" + e.place.ZH + "）", EN: r.Name.EN + " (" + e.place.EN + ")"}
			x.Difference = x.Left - x.Right
			if x.Holds = x.Difference == 0; !x.Holds {
				x.Cells = append(slices.Clone(e.left), e.right...)
			}
			out = append(out, x)
		}
	}
	for _, c := range f.Cells() {
		if figures[c] < 0 {
			n := f.Name(c)
			out = append(out, Identity{Name: "negative/" + string(c), Title: portal.Text{ZH: "数字不为负（" + n.ZH + "）", EN: "Not negative (" + n.EN + ")"}, Left: figures[c], Difference: figures[c], Cells: []Cell{c}})
		}
	}
	return out
}

// Failing are those that do not hold.
func Failing(list []Identity) []Identity {
	return slices.DeleteFunc(slices.Clone(list), func(i Identity) bool { return i.Holds })
}

// maxMends is how many ways of mending are told.
const maxMends = 6

// Mends are the single cells whose change would make every identity hold, at most six.
// There is none if more than one cell is wrong.
func (f *Form) Mends(figures, before Figures) []Mend {
	failing := Failing(f.Check(figures, before))
	if len(failing) == 0 {
		return nil
	}
	first := failing[0]
	var out []Mend
	for _, c := range first.Cells {
		for _, d := range []int64{first.Difference, -first.Difference} {
			if figures[c]+d < 0 || len(out) == maxMends {
				continue
			}
			tried := make(Figures, len(figures)+1)
			tried.Add(figures)
			tried[c] += d
			if len(Failing(f.Check(tried, before))) == 0 {
				out = append(out, Mend{c, figures[c], tried[c]})
			}
		}
	}
	return out
}

// prepare compiles what of the form is written as patterns.
func (f *Form) prepare() {
	for i := range f.Prose {
		f.Prose[i].prepare(f)
	}
}

// expand are the cells that a name stands for: "requests/denied.*/total" is all refusals.
func (f *Form) expand(name string) []Cell {
	before, after, some := strings.Cut(name, "*")
	if !some {
		return []Cell{Cell(name)}
	}
	return slices.DeleteFunc(f.Cells(), func(c Cell) bool {
		return !strings.HasPrefix(string(c), before) || !strings.HasSuffix(string(c), after)
	})
}

// Equation is an identity as a page checks it while somebody types.
type Equation struct {
	Name  string `json:"name"`
	Left  []Cell `json:"left"`
	Right []Cell `json:"right,omitempty"`
	Is    *int64 `json:"is,omitempty"`    // the right side, where it is of another year
	Fills bool   `json:"fills,omitempty"` // the right side follows
}

// Equations are the identities of the form, for a page.
func (f *Form) Equations(before Figures, lang string) []Equation {
	var out []Equation
	for i := range f.Identities {
		r := &f.Identities[i]
		if r.Years != 0 && before == nil {
			continue
		}
		for _, e := range r.equations(f) {
			x := Equation{Left: e.left, Right: e.right, Fills: r.Fills}
			x.Name = portal.Named(portal.Text{ZH: r.Name.ZH + "（" + e.place.ZH + "）", EN: r.Name.EN + " (" + e.place.EN + ")"}, lang)
			if r.Years != 0 {
				n := e.sum(e.right, before)
				x.Is, x.Right = &n, nil
			}
			out = append(out, x)
		}
	}
	return out
}
