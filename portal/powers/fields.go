package powers

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gongkai/portal"
	"gongkai/portal/flow"
	"gongkai/portal/rules"
	"gongkai/portal/text"
)

// Field is one of the things that a power list says of an item (权责清单要素). The fields
// are rule data (rules/powers.json), in the national order of columns; forms, pages,
// comparisons, imports and exports all follow them.
type Field struct {
	Code     string      `json:"code"`
	Name     portal.Text `json:"name"`
	Kind     FieldKind   `json:"kind"`
	Group    string      `json:"group"`
	Optional bool        `json:"optional,omitempty"`
	List     string      `json:"list,omitempty"` // of the codes that can be chosen
	Hint     portal.Text `json:"hint,omitzero"`
	Aliases  []string    `json:"aliases,omitempty"` // how lists of others call the column
	// Words are how lists of others call what can be chosen: word → code.
	Words map[string]string `json:"words,omitempty"`
}

// FieldKind says how a field is typed, and what it is read as.
type FieldKind string

// The kinds of fields.
const (
	Line    FieldKind = "line"
	Prose   FieldKind = "prose"
	Lines   FieldKind = "lines"   // one thing a line
	Law     FieldKind = "law"     // an article of a law a line
	Choice  FieldKind = "choice"  // a code of List
	Choices FieldKind = "choices" // codes of List, a line each
	Time    FieldKind = "period"
	Flow    FieldKind = "steps"
)

// Rules are the rules of power lists.
var Rules = rules.Read[struct {
	Source       string            `json:"source"`
	Effective    string            `json:"effective"`
	Groups       []Group           `json:"groups"`
	Fields       []Field           `json:"fields"`
	CodeAliases  []string          `json:"code_aliases"`
	OrganAliases []string          `json:"organ_aliases"`
	TypeCodes    map[string]string `json:"type_codes"` // of other schemes
	TypeWords    map[string]string `json:"type_words"` // in a longer name
	Changes      []Movement        `json:"changes"`
	Units        []Unit            `json:"units"`
	Subjects     []Subject         `json:"subjects"`
	Review       Review            `json:"review"`
}]("powers.json")

// Group is fields that stand together.
type Group struct {
	Code string      `json:"code"`
	Name portal.Text `json:"name"`
}

// Movement is a kind of change of the list (动态调整).
type Movement struct {
	Code   string      `json:"code"`
	Name   portal.Text `json:"name"`
	Begins bool        `json:"begins,omitempty"` // the item is new in the list of its organ
	Ends   bool        `json:"ends,omitempty"`   // the item leaves it
	To     bool        `json:"to,omitempty"`     // it goes on elsewhere: another item or organ
	Hidden bool        `json:"hidden,omitempty"` // nobody proposes it
}

// TypeNamed is the code of a type that a list calls by its code or name, by the code of
// another scheme, or in more words; "" for none.
func TypeNamed(s string) string {
	s = strings.TrimSpace(s)
	if c := portal.PowerTypes.Find(s); c != "" {
		return c
	}
	if c := portal.PowerTypes.Find("0" + s); c != "" {
		return c
	}
	if c := Rules.TypeCodes[strings.ToUpper(s)]; c != "" {
		return c
	}
	for _, t := range portal.PowerTypes.Terms {
		for word, c := range Rules.TypeWords {
			if c == t.Code && strings.Contains(s, word) {
				return c
			}
		}
	}
	return ""
}

// MovementNamed is the kind of change with a code; its zero value for none.
func MovementNamed(code string) Movement {
	for _, m := range Rules.Changes {
		if m.Code == code {
			return m
		}
	}
	return Movement{}
}

// Unit is a unit of periods.
type Unit struct {
	Code  string      `json:"code"`
	Name  portal.Text `json:"name"`
	Words []string    `json:"words"` // how it is written
	Days  float64     `json:"days"`  // about so many days, to compare periods of different units
}

// Subject is a matter of life for which people look for items ("I want to open a
// restaurant"), with the words of names by which an item belongs to it.
type Subject struct {
	Code  string      `json:"code"`
	Name  portal.Text `json:"name"`
	Words []string    `json:"words"`
}

// Review is within how many working days a change that was proposed is looked at.
type Review struct {
	WorkingDays int    `json:"working_days"`
	Source      string `json:"source"`
}

// FieldNamed is the field with a code, nil for none.
func FieldNamed(code string) *Field {
	i := slices.IndexFunc(Rules.Fields, func(f Field) bool { return f.Code == code })
	if i < 0 {
		return nil
	}
	return &Rules.Fields[i]
}

// Terms is the classification list of a field.
func (f *Field) Terms() *portal.List { return portal.ListNamed(f.List) }

// Max is the most characters of the field.
func (f *Field) Max() int {
	switch f.Kind {
	case Line, Time, Choice:
		return portal.MaxLine
	}
	return portal.MaxProse
}

// Values are what a list says of an item: what was typed, by the codes of fields. A field
// that is not there is empty.
type Values map[string]string

// Lines are the lines of a field.
func (v Values) Lines(code string) []string {
	var out []string
	for l := range strings.Lines(v[code]) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// Name is the name in both languages.
func (v Values) Name() portal.Text { return portal.Text{ZH: v["name_zh"], EN: v["name_en"]} }

// Steps are the steps of handling, nil where none can be read.
func (v Values) Steps() []flow.Step {
	steps, err := flow.Parse(v["steps"])
	if err != nil {
		return nil
	}
	return steps
}

// Subjects are those that an officer chose, or else those that the name tells.
func (v Values) Subjects() []string {
	if chosen := v.Lines("subjects"); len(chosen) > 0 {
		return chosen
	}
	var out []string
	for _, s := range Rules.Subjects {
		if slices.ContainsFunc(s.Words, func(w string) bool { return strings.Contains(v["name_zh"], w) }) {
			out = append(out, s.Code)
		}
	}
	return out
}

// Clean brings the values of a list into their form, codes for names of terms and one way
// of writing periods, and reports what cannot be understood, beside its field.
func (v Values) Clean() (Values, []portal.Problem) {
	var p portal.Problems
	out := make(Values)
	for i := range Rules.Fields {
		f := &Rules.Fields[i]
		s := strings.TrimSpace(strings.ReplaceAll(v[f.Code], "\r\n", "\n"))
		p.Text(f.Code, s, !f.Optional, f.Max())
		if s == "" {
			continue
		}
		switch f.Kind {
		case Choice:
			c := f.Terms().Find(s)
			if c == "" {
				p.Add(f.Code, "error.choose", nil)
				continue
			}
			s = c
		case Choices:
			var codes []string
			for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune("\n;；/|", r) }) {
				words := []string{part}
				if f.Terms().Find(strings.TrimSpace(part)) == "" { // a name may have a comma in it
					words = strings.FieldsFunc(part, func(r rune) bool { return strings.ContainsRune(",，、", r) })
				}
				for _, w := range words {
					if c := f.find(w); c != "" && !slices.Contains(codes, c) {
						codes = append(codes, c)
					} else if c == "" && strings.TrimSpace(w) != "" {
						p.Add(f.Code, "power.no_choice", portal.Args{"Value": strings.TrimSpace(w)})
					}
				}
			}
			s = strings.Join(codes, "\n")
		case Time:
			d, ok := ParsePeriod(s)
			if !ok {
				p.Add(f.Code, "power.no_period", portal.Args{"Value": s})
				continue
			}
			s = d.String()
		case Flow:
			if _, err := flow.Parse(s); err != nil {
				m := err.(*flow.Mistake) // its only error
				p.Add(f.Code, "power.steps_"+m.Key, portal.Args{"Line": m.Line, "What": text.Short(m.What, 40)})
			}
		}
		if s != "" {
			out[f.Code] = s
		}
	}
	a, okA := ParsePeriod(out["statutory"])
	b, okB := ParsePeriod(out["promised"])
	if okA && okB && b.Days() > a.Days() {
		p.Add("promised", "power.promised_longer", nil)
	}
	return out, p
}

// find is the code of a term by its code or name, or by another word for it; people write
// more than the name of an applicant: "自然人（含个体工商户）".
func (f *Field) find(s string) string {
	s = strings.TrimSpace(s)
	if c := f.Terms().Find(s); c != "" {
		return c
	}
	for _, t := range f.Terms().Terms {
		if strings.HasPrefix(s, t.Name.ZH) {
			return t.Code
		}
	}
	return f.Words[s]
}

// Period is a time limit (时限).
type Period struct {
	N    int
	Unit string // a code of units
}

var period = regexp.MustCompile(`^(?:自[^0-9]*|[^0-9]{0,6})([0-9]{1,4})\s*(.{1,14}?)(?:内|以内)?$`)

// ParsePeriod reads "20个工作日", "2个月", "即时", "20 working days", and what String
// writes.
func ParsePeriod(s string) (Period, bool) {
	s = strings.TrimSpace(text.Fold(s))
	unit := func(word string) string {
		for _, u := range Rules.Units {
			if u.Code == word || slices.Contains(u.Words, word) {
				return u.Code
			}
		}
		return ""
	}
	if u := unit(s); u == "at_once" {
		return Period{Unit: u}, true
	}
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n < 10000 { // a column of numbers: working days
		return Period{n, "working_days"}, true
	}
	m := period.FindStringSubmatch(s)
	if m == nil {
		return Period{}, false
	}
	n, err := strconv.Atoi(m[1])
	u := unit(strings.TrimSpace(m[2]))
	return Period{n, u}, err == nil && u != ""
}

// String is the period as it is stored: "20 working_days".
func (d Period) String() string {
	if d.Unit == "at_once" {
		return d.Unit
	}
	return strconv.Itoa(d.N) + " " + d.Unit
}

// Name is the period as a reader says it.
func (d Period) Name() portal.Text {
	for _, u := range Rules.Units {
		if u.Code == d.Unit {
			if d.Unit == "at_once" {
				return u.Name
			}
			return portal.Text{ZH: strconv.Itoa(d.N) + u.Name.ZH, EN: strconv.Itoa(d.N) + " " + u.Name.EN}
		}
	}
	return portal.Text{}
}

// Days is about how many days the period has, to compare periods.
func (d Period) Days() float64 {
	for _, u := range Rules.Units {
		if u.Code == d.Unit {
			return float64(d.N) * u.Days
		}
	}
	return 0
}

// Article is an article of a law on which an item rests (设定依据).
type Article struct {
	Text    string // as it was typed
	Law     string // its name, "" where none can be told
	Article string // 第四十八条
}

var article = regexp.MustCompile(`^(?:[0-9]{1,2}[、.．]\s*|[（(][一二三四五六七八九十]+[)）]\s*)?(?:依据|根据|按照)?\s*《([^《》]{2,120}(?:〈[^〉]*〉)?)》\s*(?:[（(][^（）()]{0,60}[)）])?\s*(第[一二三四五六七八九十百千零〇0-9]+条(?:之[一二三四五六七八九十]+)?)?`)

// Articles are the articles of a field, a line each.
func (v Values) Articles(code string) []Article {
	var out []Article
	for _, l := range v.Lines(code) {
		a := Article{Text: l}
		if m := article.FindStringSubmatch(l); m != nil {
			a.Law, a.Article = m[1], m[2]
		}
		out = append(out, a)
	}
	return out
}

// Shown is a field as a reader reads it.
func (f *Field) Shown(value, lang string) string {
	switch f.Kind {
	case Choice:
		return f.Terms().NameOf(value, lang)
	case Choices:
		var names []string
		for c := range strings.FieldsSeq(value) {
			names = append(names, f.Terms().NameOf(c, lang))
		}
		if lang == "zh" {
			return strings.Join(names, "；")
		}
		return strings.Join(names, "; ")
	case Time:
		if d, ok := ParsePeriod(value); ok {
			return portal.Named(d.Name(), lang)
		}
	}
	return value
}

// Difference is a field that two versions say differently.
type Difference struct {
	Field         *Field
	Before, After string
}

// Compare lists the fields that differ, in their order.
func Compare(before, after Values) []Difference {
	var out []Difference
	for i := range Rules.Fields {
		f := &Rules.Fields[i]
		if before[f.Code] != after[f.Code] {
			out = append(out, Difference{f, before[f.Code], after[f.Code]})
		}
	}
	return out
}

// Brief says of an item what tells it from others: its type, and how long it takes by law and
// by promise.
func (v Values) Brief(lang string) string {
	parts := []string{portal.PowerTypes.NameOf(v["type"], lang)}
	for _, code := range []string{"limit", "promised"} {
		if f := FieldNamed(code); f != nil && v[code] != "" {
			parts = append(parts, f.Name.In(lang)+" "+f.Shown(v[code], lang))
		}
	}
	return strings.Join(parts, " · ")
}
