// Package ledgers is the area of tables by period (村务公开表、救助资金公开表): what a
// village took in and spent, levies, compensation, subsidies, pay, relief. Their columns
// are rule data (rules/ledgers.json).
package ledgers

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/rules"
	"gongkai/portal/scan"
)

// Form is a kind of table: who keeps it, how often, with which columns.
type Form struct {
	Code      string      `json:"code"`
	Name      portal.Text `json:"name"`
	Source    string      `json:"source"`
	Effective string      `json:"effective"`
	Organs    []string    `json:"organs"` // kinds of organs that keep it
	Period    string      `json:"period"` // month, quarter, year
	Sign      bool        `json:"sign"`   // the finance team signs it before it is public (民主理财小组)
	Columns   []Column    `json:"columns"`
}

// Column is a column of a table.
type Column struct {
	Code     string      `json:"code"`
	Name     portal.Text `json:"name"`
	Type     string      `json:"type"` // text, number, money: an amount in yuan
	Optional bool        `json:"optional,omitempty"`
}

// Figures reports whether the column has figures, which are added up.
func (c Column) Figures() bool { return c.Type != "text" }

// Forms are the kinds of tables of the rules, in their order.
var Forms = rules.Read[[]Form]("ledgers.json")

// FormNamed is the kind of table with a code.
func FormNamed(code string) (Form, bool) {
	i := slices.IndexFunc(Forms, func(f Form) bool { return f.Code == code })
	if i < 0 {
		return Form{}, false
	}
	return Forms[i], true
}

// Ledger is a table of an organ for a period.
type Ledger struct {
	Organ  portal.OrganCode `json:"organ"`
	Form   string           `json:"form"`
	Period string           `json:"period"` // 2026, 2026Q3, 2026-09
	Rows   [][]string       `json:"rows"`   // cells as typed, by the columns of the form
	Note   string           `json:"note,omitempty"`

	By        portal.Login `json:"by"`                  // who wrote it
	Signed    string       `json:"signed,omitempty"`    // who of the finance team signed it, by name
	SignedBy  portal.Login `json:"signed_by,omitempty"` // who released it
	Published portal.Date  `json:"published,omitzero"`  // since when it is public; 0: it is not
	ChangedAt time.Time    `json:"changed_at"`
	Stands    []scan.Stand `json:"stands,omitempty"`
}

// Kind is a table by period; it is public once it is released.
var Kind = portal.Register(portal.RecordKind{
	Code: "ledger", Bucket: "ledgers", Field: "period",
	Name: portal.Text{ZH: "公开表", EN: "Tables by period"}, Folder: "/tables/", Order: 5, Weight: 0.6,
}, func(l *Ledger) *portal.Listing {
	if l.Published == 0 {
		return nil
	}
	return portal.ListingOf(l.Entry(), l.ChangedAt)
})

// Limits on a table.
const (
	MaxRows = 2000
	MaxCell = 200
)

// ID is the table's address.
func (l *Ledger) ID() string { return fmt.Sprintf("%s.%s.%s", l.Organ, l.Form, l.Period) }

// Title is the table as a reader calls it, without the organ.
func (l *Ledger) Title() portal.Text {
	f, _ := FormNamed(l.Form)
	p := PeriodName(l.Period)
	return portal.Text{ZH: f.Name.ZH + "（" + p.ZH + "）", EN: f.Name.EN + ", " + p.EN}
}

// Entry is what search is told of the table.
func (l *Ledger) Entry() *portal.Entry {
	t := l.Title()
	e := &portal.Entry{Key: portal.Key{Kind: "ledger", ID: l.ID()}, Title: t.ZH, TitleEN: t.EN, Organs: []portal.OrganCode{l.Organ}, Published: l.Published}
	var b strings.Builder
	for _, r := range l.Rows {
		b.WriteString(strings.Join(r, " ") + "\n")
	}
	e.Texts = []string{b.String()}
	return e
}

var periods = map[string]*regexp.Regexp{"year": regexp.MustCompile(`^20\d\d$`), "quarter": regexp.MustCompile(`^20\d\dQ[1-4]$`), "month": regexp.MustCompile(`^20\d\d-(0[1-9]|1[0-2])$`)}

// PeriodName is a period as a reader calls it.
func PeriodName(p string) portal.Text {
	switch {
	case periods["quarter"].MatchString(p):
		return portal.Text{ZH: p[:4] + "年第" + map[byte]string{'1': "一", '2': "二", '3': "三", '4': "四"}[p[5]] + "季度", EN: "Q" + p[5:] + " " + p[:4]}
	case periods["month"].MatchString(p):
		n, _ := strconv.Atoi(p[5:])
		return portal.Text{ZH: fmt.Sprintf("%s年%d月", p[:4], n), EN: time.Month(n).String() + " " + p[:4]}
	}
	return portal.Text{ZH: p + "年", EN: p}
}

// Before is the period before a period.
func Before(p string) string {
	if len(p) < 4 {
		return ""
	}
	year, err := strconv.Atoi(p[:4])
	if err != nil {
		return ""
	}
	switch {
	case periods["year"].MatchString(p):
		return strconv.Itoa(year - 1)
	case periods["quarter"].MatchString(p):
		if p[5] == '1' {
			return fmt.Sprintf("%dQ4", year-1)
		}
		return fmt.Sprintf("%dQ%c", year, p[5]-1)
	case periods["month"].MatchString(p):
		return portal.DateOf(time.Date(year, month(p), 1, 0, 0, 0, 0, time.UTC).AddDate(0, -1, 0)).String()[:7]
	}
	return ""
}

func month(p string) time.Month {
	n, _ := strconv.Atoi(p[5:])
	return time.Month(n)
}

// Amount reads a figure as people write it: with commas of thousands, a sign, a unit of
// yuan; in hundredths, so that sums are exact.
func Amount(s string) (int64, bool) {
	s = strings.NewReplacer(",", "", "，", "", " ", "", "　", "", "元", "", "￥", "", "¥", "").Replace(strings.TrimSpace(s))
	if s == "" || s == "-" || s == "—" {
		return 0, true
	}
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	whole, part, dot := strings.Cut(s, ".")
	if len(part) > 2 || dot && part == "" || len(whole) > 15 {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+(part + "00")[:2], 10, 63)
	if err != nil || whole == "" {
		return 0, false
	}
	if negative {
		return -int64(n), true
	}
	return int64(n), true
}

// Written is an amount in hundredths as it is shown.
func Written(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	whole := strconv.FormatInt(n/100, 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if n%100 == 0 {
		return sign + whole
	}
	return fmt.Sprintf("%s%s.%02d", sign, whole, n%100)
}

// Sums adds up the columns of figures; nil for those of words.
func (l *Ledger) Sums() []*int64 {
	f, _ := FormNamed(l.Form)
	out := make([]*int64, len(f.Columns))
	for i, c := range f.Columns {
		if !c.Figures() {
			continue
		}
		var sum int64
		for _, r := range l.Rows {
			if i < len(r) {
				n, _ := Amount(r[i])
				sum += n
			}
		}
		out[i] = &sum
	}
	return out
}

// Validate reports the mistakes in the table, row by row.
func (l *Ledger) Validate() error {
	var p portal.Problems
	f, ok := FormNamed(l.Form)
	if !ok {
		p.Add("form", "error.choose", nil)
		return p.Err()
	}
	if l.Organ == "" {
		p.Add("organ", "error.choose_organ", nil)
	}
	if !periods[f.Period].MatchString(l.Period) {
		p.Add("period", "ledger.period_"+f.Period, nil)
	}
	if len(l.Rows) == 0 {
		p.Add("rows", "error.required", nil)
	}
	if len(l.Rows) > MaxRows {
		p.Add("rows", "error.too_many", portal.Args{"Limit": MaxRows})
		return p.Err()
	}
	for n, r := range l.Rows {
		if len(r) > len(f.Columns) {
			p.Add("rows", "ledger.too_wide", portal.Args{"Line": n + 1, "Limit": len(f.Columns)})
			continue
		}
		for i, c := range f.Columns {
			cell := ""
			if i < len(r) {
				cell = r[i]
			}
			args := portal.Args{"Line": n + 1, "Column": c.Name.ZH, "Value": cell}
			switch {
			case strings.TrimSpace(cell) == "" && !c.Optional && !c.Figures():
				p.Add("rows", "ledger.empty", args)
			case len([]rune(cell)) > MaxCell:
				p.Add("rows", "error.too_long", portal.Args{"Limit": MaxCell, "Length": len([]rune(cell))})
			case c.Figures():
				if _, ok := Amount(cell); !ok {
					p.Add("rows", "ledger.no_figure", args)
				}
			}
		}
		if len(p) > 20 {
			break
		}
	}
	p.Text("note", l.Note, false, portal.MaxNote)
	return p.Err()
}

// Directory tells of organs.
type Directory interface {
	Organ(portal.OrganCode) (portal.Organ, error)
}

// Ledgers are the use cases of tables by period.
type Ledgers struct {
	portal.Clockwork
	Store     portal.Records[Ledger]
	Directory Directory
}

// Open loads a table for someone who may change or release it.
func (u Ledgers) Open(ctx context.Context, by portal.Actor, id string) (*Ledger, error) {
	l, err := u.Store.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if by.Can(portal.ReviewDocuments, l.Organ) {
		return l, nil
	}
	return l, by.Need(portal.WriteDocuments, l.Organ)
}

// List is the tables of whoever is signed in, public or not, the last changed first.
func (u Ledgers) List(ctx context.Context, by portal.Actor) ([]*Ledger, error) {
	list, err := u.Store.All(ctx, func(l *Ledger) bool {
		return by.Can(portal.WriteDocuments, l.Organ) || by.Can(portal.ReviewDocuments, l.Organ)
	})
	slices.SortFunc(list, func(a, b *Ledger) int { return b.ChangedAt.Compare(a.ChangedAt) })
	return list, err
}

// Change changes a table as it was seen, or enters one, without an id. Organ, kind and
// period are its address and stay. One that was public is not until it is released again.
func (u Ledgers) Change(ctx context.Context, by portal.Actor, id string, seen portal.Revision, edit func(*Ledger)) (*Ledger, error) {
	if id == "" {
		var entered Ledger
		edit(&entered)
		if err := by.NeedTyped(portal.WriteDocuments, entered.Organ); err != nil {
			return nil, err
		}
		if err := entered.Validate(); err != nil {
			return nil, err
		}
		id, seen = entered.ID(), portal.Absent
	}
	return u.Store.Change(ctx, by, id, seen, "save table", u.Now(), func(l *Ledger) (string, error) {
		organ, form, period := l.Organ, l.Form, l.Period
		edit(l)
		if seen != portal.Absent {
			l.Organ, l.Form, l.Period = organ, form, period
		}
		if err := by.Need(portal.WriteDocuments, l.Organ); err != nil {
			return "", err
		}
		if err := l.Validate(); err != nil {
			return "", err
		}
		f, _ := FormNamed(l.Form)
		if o, err := u.Directory.Organ(l.Organ); err != nil {
			return "", err
		} else if !slices.Contains(f.Organs, o.Kind) {
			return "", portal.Wrong("form", "ledger.organ_kind", nil)
		}
		l.By, l.Signed, l.SignedBy, l.Published, l.ChangedAt = by.Login, "", "", 0, u.Now().UTC()
		return l.Title().ZH, nil
	})
}

// Release makes a table public as it was seen: another person than who wrote it does so,
// with the names of the finance team who signed it where that has to be (村务监督,
// 民主理财). What must not be public is refused, unless a reason is given.
func (u Ledgers) Release(ctx context.Context, by portal.Actor, id string, seen portal.Revision, signed, reason string) (*Ledger, error) {
	return u.Store.Change(ctx, by, id, seen, "release table", u.Now(), func(l *Ledger) (string, error) {
		if err := by.Need(portal.ReviewDocuments, l.Organ); err != nil {
			return "", err
		}
		if l.By == by.Login && !by.IsSystem() {
			return "", &portal.Error{Kind: portal.Forbidden, Key: "error.second_person"}
		}
		f, _ := FormNamed(l.Form)
		var p portal.Problems
		p.Text("signed", signed, f.Sign, portal.MaxLine)
		if err := p.Err(); err != nil {
			return "", err
		}
		o, err := u.Directory.Organ(l.Organ)
		if err != nil {
			return "", err
		}
		texts := []scan.Text{{Field: "stands", Text: l.Note}}
		for _, r := range l.Rows {
			texts = append(texts, scan.Text{Field: "stands", Text: strings.Join(r, " | ")})
		}
		if l.Stands, err = scan.Release(o, texts, l.Stands, reason, by.Login, u.Now()); err != nil {
			return "", err
		}
		l.Signed, l.SignedBy, l.Published, l.ChangedAt = signed, by.Login, u.Today(), u.Now().UTC()
		return l.Title().ZH + " " + signed, nil
	})
}
