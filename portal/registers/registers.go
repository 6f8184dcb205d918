// Package registers is the area of what organs account for entry by entry: results of
// their powers (双公示), charges, windows, promises, systems. Which registers there are,
// with which fields, how their entries are handled, which deadlines and which figures of
// the annual report they count in, is rule data (rules/registers.json, and
// rules/oversight.json for answers and oversight): a new one is a new entry there.
package registers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/process"
	"gongkai/portal/rules"
	"gongkai/portal/scan"
	"gongkai/portal/text"
)

// Register is a kind of list that organs keep (台账).
type Register struct {
	Code      string      `json:"code"`
	Group     string      `json:"group"`
	Name      portal.Text `json:"name"`
	Intro     portal.Text `json:"intro"`
	Source    string      `json:"source"`
	Effective string      `json:"effective"`
	Fields    []Field     `json:"fields"`
	// Title makes the title of an entry, in which {field} stands for what a field says.
	Title string `json:"title"`
	Date  string `json:"date"`            // the field that dates an entry
	Power string `json:"power,omitempty"` // the field that names the power items
	State string `json:"state,omitempty"` // the choice by which the list is told apart
	// Dues are the deadlines of an entry.
	Dues []DueRule `json:"dues,omitempty"`
	// Counts are the figures of the annual report in which a public entry counts.
	Counts []Count `json:"counts,omitempty"`
	// Promise is when an entry is kept: done up to its day.
	Promise *Promise `json:"promise,omitempty"`
	Matrix  string   `json:"matrix,omitempty"`  // the choice that makes the columns of a table of organs
	Passes  string   `json:"passes,omitempty"`  // the number of working days within which a question is passed on
	Sums    []string `json:"sums,omitempty"`    // figures that are added up
	Booklet bool     `json:"booklet,omitempty"` // it is printed as a booklet

	// Process is how an entry is handled; nil where it is only kept.
	Process *process.Process `json:"process,omitempty"`
	// Act is who enters and releases what; "" for who writes and reviews documents.
	Act      portal.Act `json:"act,omitempty"`
	Internal bool       `json:"internal,omitempty"` // nothing of it is public
	Joint    string     `json:"joint,omitempty"`    // the field of the organs that handle an entry too
	Tallies  []Tally    `json:"tallies,omitempty"`
	Calendar *Calendar  `json:"calendar,omitempty"`
	Paper    *Paper     `json:"paper,omitempty"`
}

// Tally is a figure of each organ: how many entries there are of which some facts hold, or
// what they add up to, and of which other figure it is a share.
type Tally struct {
	portal.Term
	// When names facts: "state", "in_time" (yes, no, running, overdue), or a choice.
	When  map[string][]string `json:"when,omitempty"`
	Sum   string              `json:"sum,omitempty"`
	Share string              `json:"share,omitempty"`
}

// Calendar says that entries are days of a calendar.
type Calendar struct {
	Day   string `json:"day"`
	Hours string `json:"hours,omitempty"`
	Place string `json:"place,omitempty"`
	Title string `json:"title"`
}

// Paper is a letter that is made of an entry once a step was taken (答复件). {field} stands
// for what a field says, {organ} for the organ, {day:step} for the day of a step.
type Paper struct {
	Heading portal.Text `json:"heading"`
	Text    portal.Text `json:"text"`
	Step    string      `json:"step"`
	// PublicWhen names fields, and what they say where anybody can have it.
	PublicWhen map[string][]string `json:"public_when,omitempty"`
}

// Field is one of the things that an entry says.
type Field struct {
	Code     string        `json:"code"`
	Name     portal.Text   `json:"name"`
	Kind     string        `json:"kind"` // text, prose, date, number, money (yuan), choice, power, powers (an address a line), organs (one a line), files
	Options  []portal.Term `json:"options,omitempty"`
	Optional bool          `json:"optional,omitempty"`
	Column   bool          `json:"column,omitempty"` // of the list
	Hint     portal.Text   `json:"hint,omitzero"`
	// Steps are those with which it is filled in, instead of with the entry; Required says
	// that such a step needs it.
	Steps    []string `json:"steps,omitempty"`
	Required bool     `json:"required,omitempty"`
	// RequiredWhen names other fields of the form, and what they say where it is needed.
	RequiredWhen map[string][]string `json:"required_when,omitempty"`
	Internal     bool                `json:"internal,omitempty"` // it is not published
	// PublicWhen names other fields, and what they say where it is published.
	PublicWhen map[string][]string `json:"public_when,omitempty"`
	// Sealed is kept encrypted apart, and seen only by who may enter the register.
	Sealed bool `json:"sealed,omitempty"`
}

// Public reports whether a field is published with its entry.
func (f *Field) Public() bool { return !f.Internal && !f.Sealed }

// DueRule is a deadline: so many working days, or days, after the day of a field, or on
// that day, until something is done: "public", "withdrawn", or a day in a field.
type DueRule struct {
	Field       string `json:"field"`
	WorkingDays int    `json:"working_days,omitempty"`
	Days        int    `json:"days,omitempty"`
	Until       string `json:"until"`
	// Step is the step from whose day it runs, instead of that of a field; Act is who is to
	// do it, "" for who writes for the organ.
	Step string     `json:"step,omitempty"`
	Act  portal.Act `json:"act,omitempty"`
	// While are the states in which it runs, with until "state"; "step:x" is until a step.
	While []string `json:"while,omitempty"`
}

// Count is a figure of the annual report: one for each entry, or an amount in fen.
type Count struct {
	Cell   string `json:"cell"`
	Amount string `json:"amount,omitempty"`
}

// Promise names the fields with the day up to which and that on which something is done.
type Promise struct {
	Due  string `json:"due"`
	Done string `json:"done"`
}

// Rules are the registers, and the groups in which they stand.
var Rules = read("registers.json", "oversight.json")

type ruleFile struct {
	Groups    []portal.Term `json:"groups"`
	Registers []Register    `json:"registers"`
}

func read(files ...string) (all ruleFile) {
	for _, f := range files {
		r := rules.Read[ruleFile](f)
		all.Groups, all.Registers = append(all.Groups, r.Groups...), append(all.Registers, r.Registers...)
	}
	return all
}

// Named is the register with a code, nil for none.
func Named(code string) *Register {
	i := slices.IndexFunc(Rules.Registers, func(r Register) bool { return r.Code == code })
	if i < 0 {
		return nil
	}
	return &Rules.Registers[i]
}

// Group is registers that stand together.
type Group struct {
	portal.Term
	Registers []*Register
}

// Grouped are the registers by their groups, in the order of the rules: those of which
// entries are published, or all.
func Grouped(internal bool) []Group {
	var out []Group
	for _, g := range Rules.Groups {
		group := Group{Term: g}
		for i := range Rules.Registers {
			if r := &Rules.Registers[i]; r.Group == g.Code && (internal || !r.Internal) {
				group.Registers = append(group.Registers, r)
			}
		}
		out = append(out, group)
	}
	return out
}

// Field is the field with a code, nil for none.
func (r *Register) Field(code string) *Field {
	i := slices.IndexFunc(r.Fields, func(f Field) bool { return f.Code == code })
	if i < 0 {
		return nil
	}
	return &r.Fields[i]
}

// Values are what an entry says, by the codes of fields.
type Values map[string]string

// Entry is one entry of a register of an organ.
type Entry struct {
	Register string           `json:"register"`
	Organ    portal.OrganCode `json:"organ"`
	Serial   int              `json:"serial"` // in the register of the organ, from 1
	Values   Values           `json:"values"` // as it is being written
	// Files are those of each field of files.
	Files map[string][]portal.Attachment `json:"files,omitempty"`
	By    portal.Login                   `json:"by"` // who wrote it
	At    time.Time                      `json:"at"`
	// Public is what is public; nil for nothing.
	Public *Edition `json:"public,omitempty"`
	// Earlier is what was public before, the oldest first.
	Earlier []Edition `json:"earlier,omitempty"`
	// Withdrawn says that and why an entry is no longer public.
	Withdrawn *Withdrawal  `json:"withdrawn,omitempty"`
	Stands    []scan.Stand `json:"stands,omitempty"`
	// Steps are what was done, where the register says how entries are handled.
	Steps []process.Step `json:"steps,omitempty"`
}

// Edition is an entry as it was released.
type Edition struct {
	Values Values                         `json:"values"`
	Files  map[string][]portal.Attachment `json:"files,omitempty"`
	Note   string                         `json:"note,omitempty"` // what was corrected
	On     portal.Date                    `json:"on"`
	At     time.Time                      `json:"at"`
	By     portal.Login                   `json:"by"`
}

// Withdrawal is when, why and by whom an entry was withdrawn.
type Withdrawal struct {
	On     portal.Date  `json:"on"`
	Reason string       `json:"reason"`
	By     portal.Login `json:"by"`
}

// secretsBucket keeps sealed fields of entries.
const secretsBucket = "entry_secrets"

// Kind is an entry of a register; it is public once it is released.
var Kind = portal.Register(portal.RecordKind{
	Code: "entry", Bucket: "entries", Field: "register",
	Sealed: []portal.Sealed{{Bucket: secretsBucket, Bound: func(key string) string { return "entry/" + key }}},
	Name:   portal.Text{ZH: "公示信息", EN: "Public registers"}, Folder: "/entries/", Order: 6, Weight: 0.5,
}, func(e *Entry) *portal.Listing {
	if e.Public == nil {
		return nil
	}
	l := portal.ListingOf(e.Entry(), e.Public.At)
	l.Version, l.ChangeNote = 1+len(e.Earlier), e.Public.Note
	if len(e.Earlier) > 0 {
		l.PublishedAt = e.Earlier[0].At
	}
	if w := e.Withdrawn; w != nil {
		// The address and its reason stay; what it said, and of whom, does not.
		l.Withdrawn, l.Reason = true, w.Reason
		l.Title, l.TitleEN, l.Topics, l.Texts, l.ChangeNote = e.Of().Name.ZH, e.Of().Name.EN, nil, nil, ""
	}
	return l
})

// ID is the entry's address.
func (e *Entry) ID() string { return fmt.Sprintf("%s.%s.%d", e.Register, e.Organ, e.Serial) }

// Of is its register.
func (e *Entry) Of() *Register {
	if r := Named(e.Register); r != nil {
		return r
	}
	return &Register{Code: e.Register, Name: portal.Text{ZH: e.Register, EN: e.Register}} // of rules that are no longer there
}

var placeholder = regexp.MustCompile(`\{(\w+(:\w+)?)\}`)

// titleMax is how many characters of a text make a title.
const titleMax = 80

// Fill puts what fields say in the place of {field}.
func (r *Register) Fill(text string, v Values, lang string) string {
	return placeholder.ReplaceAllStringFunc(text, func(m string) string {
		code := m[1 : len(m)-1]
		if f := r.Field(code); f != nil {
			return f.Shown(v[code], lang)
		}
		return ""
	})
}

// TitleOf is the title of an entry that says so.
func (r *Register) TitleOf(v Values, lang string) string {
	t := r.Fill(r.Title, v, lang)
	if t = strings.Join(strings.Fields(t), " "); t == "" {
		return portal.Named(r.Name, lang)
	}
	return text.Short(t, titleMax)
}

// Title is the title of what is public, or else of what is written.
func (e *Entry) Title(lang string) string {
	if e.Public != nil {
		return e.Of().TitleOf(e.Public.Values, lang)
	}
	return e.Of().TitleOf(e.Values, lang)
}

// Shown is what a field says, to a reader.
func (f *Field) Shown(value, lang string) string {
	if f.Kind == "choice" {
		for _, o := range f.Options {
			if o.Code == value {
				return portal.Named(o.Name, lang)
			}
		}
	}
	return value
}

// Told is what a field says, to a reader, with the names of organs.
func (f *Field) Told(value, lang string, organ func(portal.OrganCode) string) string {
	if f.Kind != "organs" {
		return f.Shown(value, lang)
	}
	var out []string
	for w := range strings.FieldsSeq(value) {
		out = append(out, organ(portal.OrganCode(w)))
	}
	return strings.Join(out, "\n")
}

// DateOf is the day that a field says, 0 for none.
func (v Values) DateOf(code string) portal.Date {
	d, err := clock.ParseDate(v[code])
	if err != nil {
		return 0
	}
	return d
}

// Powers are the addresses of the power items that an entry names.
func (r *Register) Powers(v Values) []string {
	if r.Power == "" {
		return nil
	}
	return strings.Fields(v[r.Power])
}

// Entry is what search is told of the entry.
func (e *Entry) Entry() *portal.Entry {
	r, v := e.Of(), e.Public.Values
	p := &portal.Entry{Key: portal.Key{Kind: "entry", ID: e.ID()}, Title: r.TitleOf(v, "zh"), Organs: []portal.OrganCode{e.Organ}, Genre: r.Code, Formed: v.DateOf(r.Date),
		Published: e.Public.On, Keywords: []string{r.Name.ZH}}
	if len(e.Earlier) > 0 {
		p.Published = e.Earlier[0].On
	}
	if w := r.Powers(v); len(w) > 0 {
		p.Topics = append(p.Topics, w...)
	}
	if r.State != "" {
		p.Item = v[r.State]
	}
	var b strings.Builder
	for _, f := range r.Fields {
		if v[f.Code] != "" && f.Kind != "power" && f.Kind != "powers" && f.Kind != "organs" {
			b.WriteString(f.Shown(v[f.Code], "zh") + "\n")
		}
	}
	p.Texts = []string{b.String()}
	return p
}

// Standing is how a promise stands on a day: it is told from its days, never kept.
type Standing string

// How promises stand.
const (
	Doing    Standing = "doing"
	Kept     Standing = "kept"
	KeptLate Standing = "kept_late"
	Missed   Standing = "missed"
)

// Stands tells how a promise stands on a day.
func (r *Register) Stands(v Values, today portal.Date) Standing {
	due, done := v.DateOf(r.Promise.Due), v.DateOf(r.Promise.Done)
	switch {
	case done != 0 && done <= due:
		return Kept
	case done != 0:
		return KeptLate
	case today > due:
		return Missed
	}
	return Doing
}

var (
	number = regexp.MustCompile(`^[0-9]{1,12}$`)
	item   = regexp.MustCompile(`^[a-z0-9-]{1,40}\.[0-9A-Za-z-]{1,40}$`)
)

// Clean brings what was typed into its form and reports mistakes beside their fields.
// Fields that are filled in with a step are not among them.
func (r *Register) Clean(typed Values) (Values, portal.Problems) {
	return clean(typed, r.FieldsOf(""))
}

// FieldsOf are the fields that are filled in with a step; with "", those of the entry.
func (r *Register) FieldsOf(step string) []Field {
	var out []Field
	for _, f := range r.Fields {
		if step == "" && len(f.Steps) == 0 {
			out = append(out, f)
		}
		if step != "" && slices.Contains(f.Steps, step) {
			f.Optional = !f.Required && f.Optional
			out = append(out, f)
		}
	}
	return out
}

func clean(typed Values, fields []Field) (Values, portal.Problems) {
	var p portal.Problems
	out := make(Values)
	for _, f := range fields {
		s := strings.TrimSpace(strings.ReplaceAll(typed[f.Code], "\r\n", "\n"))
		if f.Kind == "files" {
			continue
		}
		limit := portal.MaxLine
		if f.Kind == "prose" || f.Kind == "powers" || f.Kind == "organs" {
			limit = portal.MaxProse
		}
		p.Text(f.Code, s, !f.Optional, limit)
		if s == "" {
			continue
		}
		switch f.Kind {
		case "date":
			d, err := clock.ParseDate(s)
			if err != nil {
				p.Add(f.Code, "error.date", portal.Args{"Value": s})
				continue
			}
			s = d.String()
		case "number":
			if !number.MatchString(s) {
				p.Add(f.Code, "error.number", nil)
			}
		case "money":
			s = strings.ReplaceAll(s, ",", "")
			if _, ok := portal.Fen(s); !ok {
				p.Add(f.Code, "register.money", nil)
			}
		case "choice":
			i := slices.IndexFunc(f.Options, func(o portal.Term) bool { return o.Code == s || o.Name.ZH == s || o.Name.EN == s })
			if i < 0 {
				p.Add(f.Code, "error.choose", nil)
				continue
			}
			s = f.Options[i].Code
		case "organs":
			s = strings.Join(strings.Fields(s), "\n")
		case "power", "powers":
			for w := range strings.FieldsSeq(s) {
				if !item.MatchString(w) {
					p.Add(f.Code, "register.no_power", portal.Args{"Value": w})
				}
			}
			if f.Kind == "power" && len(strings.Fields(s)) > 1 {
				p.Add(f.Code, "register.one_power", nil)
			}
			s = strings.Join(strings.Fields(s), "\n")
		}
		out[f.Code] = s
	}
	for _, f := range fields {
		if out[f.Code] == "" && len(f.RequiredWhen) > 0 && process.Facts(out).Hold(f.RequiredWhen) {
			p.Add(f.Code, "error.required", nil)
		}
	}
	return out, p
}

// PublicFields are those that are published.
func (r *Register) PublicFields() []Field {
	return slices.DeleteFunc(slices.Clone(r.Fields), func(f Field) bool { return !f.Public() })
}
