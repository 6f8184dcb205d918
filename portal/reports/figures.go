package reports

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"

	"gongkai/portal/text"
)

// Figures are the figures of a report, by cell. One that is not there is 0. Those of a
// column with decimals are kept as whole numbers of the last.
type Figures map[Cell]int64

// Add adds other figures to these.
func (f Figures) Add(o Figures) {
	for c, n := range o {
		f[c] += n
	}
}

// Complete is the figures with the totals that follow from the others by the form's
// identities. Totals that keep names stay as they are.
func (f *Form) Complete(figures Figures, keep func(Cell) bool) Figures {
	out := maps.Clone(figures)
	if out == nil {
		out = make(Figures)
	}
	for _, id := range f.Identities {
		if !id.Fills {
			continue
		}
		for _, e := range id.equations(f) {
			if right := e.right[0]; keep == nil || !keep(right) {
				out[right] = e.sum(e.left, out)
			}
		}
	}
	return out
}

// Written is a figure as it is shown.
func (f *Form) Written(c Cell, n int64) string {
	p, ok := f.place(c)
	if !ok || p.column.Decimals == 0 {
		return strconv.FormatInt(n, 10)
	}
	d := p.column.Decimals
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := strconv.FormatInt(n, 10)
	if len(s) <= d {
		s = strings.Repeat("0", d+1-len(s)) + s
	}
	return sign + strings.TrimRight(strings.TrimRight(s[:len(s)-d]+"."+s[len(s)-d:], "0"), ".")
}

// Parse reads a figure as people write it: full-width digits, commas of thousands,
// nothing for 0.
func (f *Form) Parse(c Cell, s string) (int64, bool) {
	p, _ := f.place(c)
	return parseFigure(s, p.column.Decimals)
}

var figureMarks = strings.NewReplacer(",", "", "，", "", " ", "", "\u00a0", "", "\u3000", "", "件", "", "万元", "", "元", "", "*", "")

func parseFigure(s string, decimals int) (int64, bool) {
	s = strings.TrimSpace(figureMarks.Replace(text.Fold(s)))
	switch s {
	case "", "-", "—", "/", "无", "\\", "–", "一":
		return 0, true
	}
	negative := strings.HasPrefix(s, "-")
	whole, part, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	part = strings.TrimRight(part, "0")
	if whole == "" || len(part) > decimals || len(whole)+decimals > 17 {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+part+strings.Repeat("0", decimals-len(part)), 10, 63)
	if err != nil {
		return 0, false
	}
	if negative {
		return -int64(n), true
	}
	return int64(n), true
}

// JSON is the tables as a machine reads them: by table, row and column.
func (f *Form) JSON(figures Figures) map[string]map[string]map[string]json.Number {
	out := make(map[string]map[string]map[string]json.Number)
	for i := range f.Tables {
		t := &f.Tables[i]
		rows := make(map[string]map[string]json.Number)
		for _, b := range t.Blocks {
			for _, r := range b.Rows {
				rows[r.Key] = make(map[string]json.Number)
				for _, k := range b.Columns {
					c := t.At(r.Key, k.Code)
					rows[r.Key][k.InJSON()] = json.Number(f.Written(c, figures[c]))
				}
			}
		}
		out[t.Code] = rows
	}
	return out
}
