package reports

import (
	"regexp"
	"strconv"
	"strings"

	"gongkai/portal"
	"gongkai/portal/text"
)

// ProseRule finds a figure in the text of a report that also stands in a table.
type ProseRule struct {
	Pattern string   `json:"pattern"` // {n} stands for the number
	Cells   []string `json:"cells"`   // that add up to it
	regexp  *regexp.Regexp
	cells   []Cell
}

func (p *ProseRule) prepare(f *Form) {
	p.regexp = regexp.MustCompile(strings.Replace(p.Pattern, "{n}", `([0-9]+)`, 1))
	for _, c := range p.Cells {
		p.cells = append(p.cells, f.expand(c)...)
	}
}

// Told is a figure that a text tells.
type Told struct {
	Quote string // where it stands, without punctuation
	N     int64
	Cells []Cell
}

// Told finds the figures of the tables in a text. A sentence about another year tells
// none.
func (f *Form) Told(body string, year int) []Told {
	var out []Told
	for _, sentence := range strings.FieldsFunc(body, func(r rune) bool { return strings.ContainsRune("。;；!！\n", r) }) {
		sentence = text.Squeeze(sentence) // figures without their commas, in half width
		if otherYear(sentence, year) {
			continue
		}
		for i := range f.Prose {
			p := &f.Prose[i]
			for _, m := range p.regexp.FindAllStringSubmatch(sentence, -1) {
				if n, err := strconv.ParseInt(m[1], 10, 64); err == nil {
					out = append(out, Told{m[0], n, p.cells})
				}
			}
		}
	}
	return out
}

var yearIn = regexp.MustCompile(`(20\d\d)年`)

// otherYear reports whether a sentence is about other years than the one reported on.
func otherYear(s string, year int) bool {
	other := strings.Contains(s, "去年同期") || strings.Contains(s, "上年同期")
	for _, m := range yearIn.FindAllStringSubmatch(s, -1) {
		if m[1] == strconv.Itoa(year) {
			return false
		}
		other = true
	}
	return other
}

// CheckProse compares the figures in the texts with those in the tables.
func (f *Form) CheckProse(texts []string, year int, figures Figures) []Identity {
	var out []Identity
	for _, body := range texts {
		for _, t := range f.Told(body, year) {
			x := Identity{Name: "prose/" + t.Quote, Left: t.N, Title: portal.Text{ZH: "正文“" + t.Quote + "”与表格一致", EN: "The text “" + t.Quote + "” agrees with the table"}}
			x.Right = equation{}.sum(t.Cells, figures)
			x.Difference = x.Left - x.Right
			if x.Holds = x.Difference == 0; !x.Holds {
				x.Cells = t.Cells
			}
			out = append(out, x)
		}
	}
	return out
}
