package letters

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"gongkai/portal"
	"gongkai/portal/process"
	"gongkai/portal/text"
)

// Filter says which letters a list shows. Its zero value shows the open ones of all the
// actor's organs.
type Filter struct {
	Organ   portal.OrganCode
	Channel string
	Kind    string
	Show    string // one of Views, or "" for all
	Handler portal.Login
	Ended   bool
	Text    string // in the number or the subject
	From    int    // with Size: a part of the list
	Size    int
}

// Views are what a list of letters can be narrowed to.
var Views = []string{"late", "soon", "unassigned", "reopened", "offered", "unrated"}

// Item is a letter with its deadline.
type Item struct {
	*Brief
	Due  *process.Deadline // nil where none runs
	Left int               // working days until it; negative when it is past
	Late bool
}

// Listed is a page of a list, with how many there are in all, of each view and of each
// channel.
type Listed struct {
	Items    []Item
	Total    int
	Counts   map[string]int
	Channels map[string]int
}

// soonDays is how near a deadline is "soon", in working days.
const soonDays = 2

// List lists letters, the most urgent first; ended ones the newest first.
func (u Letters) List(by portal.Actor, f Filter) (Listed, error) {
	if err := by.NeedFilter(portal.SeeLetters, f.Organ); err != nil {
		return Listed{}, err
	}
	source := u.Store.Open
	if f.Ended {
		source = u.Store.Briefs
	}
	briefs, err := source()
	if err != nil {
		return Listed{}, err
	}
	written := text.Squeeze(f.Text)
	out := Listed{Counts: make(map[string]int), Channels: make(map[string]int)}
	mine := mayOf(by, portal.SeeLetters)
	var all []Item
	for i := len(briefs) - 1; i >= 0; i-- {
		b := briefs[i]
		if b.Ended != f.Ended || !mine(b) || !b.of(f.Organ) || f.Kind != "" && b.Kind != f.Kind || f.Handler != "" && b.Handler != f.Handler || !b.matches(written) {
			continue
		}
		out.Channels[b.Channel]++
		if f.Channel != "" && b.Channel != f.Channel {
			continue
		}
		x := Item{Brief: b}
		if !b.Ended {
			x = u.item(b)
		}
		out.Counts[""]++
		in := false
		for _, v := range Views {
			if x.in(v) {
				out.Counts[v]++
				in = in || v == f.Show
			}
		}
		if f.Show != "" && !in {
			continue
		}
		// Ended ones are in their order already: only those of the page are kept.
		if !f.Ended || f.Size == 0 || out.Total >= f.From && out.Total < f.From+f.Size {
			all = append(all, x)
		}
		out.Total++
	}
	if f.Ended {
		out.Items = all
		return out, nil
	}
	slices.SortStableFunc(all, func(a, b Item) int { return cmp.Compare(a.key(), b.key()) })
	to := f.From + f.Size
	if f.Size == 0 {
		to = len(all)
	}
	out.Items = all[min(f.From, len(all)):min(to, len(all))]
	return out, nil
}

// mayOf tells which letters somebody may do something with.
func mayOf(by portal.Actor, act portal.Act) func(*Brief) bool {
	organs, all := by.OrgansFor(act)
	set := make(map[portal.OrganCode]bool)
	for _, o := range organs {
		set[o] = true
	}
	return func(b *Brief) bool {
		return all || set[b.Organ] || slices.ContainsFunc(b.Joint, func(o portal.OrganCode) bool { return set[o] })
	}
}

func (u Letters) item(b *Brief) Item {
	x := Item{Brief: b, Due: b.Due(u.Calendar(), u.Now().Location())}
	if x.Due == nil {
		return x
	}
	x.Late = x.Due.Late(u.Now())
	if today := u.Today(); x.Due.Day >= today {
		x.Left = u.Calendar().Between(today, x.Due.Day)
	} else {
		x.Left = -u.Calendar().Between(x.Due.Day, today)
	}
	return x
}

func (x Item) in(view string) bool {
	switch view {
	case "late":
		return x.Late
	case "soon":
		return x.Due != nil && !x.Late && x.Left <= soonDays
	case "unassigned":
		return !x.Ended && x.Handler == ""
	case "reopened":
		return !x.Ended && len(x.Passages) > 0 && x.Passages[len(x.Passages)-1].How == Reopened
	case "offered":
		return x.Offered
	case "unrated":
		return x.Ended && x.State == "replied"
	}
	return false
}

// key orders open letters: by the last day, then in the order in which they came.
func (x Item) key() int64 {
	day := int64(1 << 30)
	if x.Due != nil {
		day = int64(x.Due.Day)
	}
	return day
}

// Due implements portal.Deadlines.
func (u Letters) Due(ctx context.Context) ([]portal.Due, error) {
	briefs, err := u.Store.Open()
	if err != nil {
		return nil, err
	}
	var out []portal.Due
	for _, b := range briefs {
		if d := b.Due(u.Calendar(), u.Now().Location()); d != nil {
			out = append(out, portal.Due{Kind: Record.Code, Name: Record.Name, Organ: b.Organ, Act: portal.HandleLetters, Title: string(b.Number) + " " + b.Subject, Path: "/desk/mailbox/" + string(b.Number), Day: d.Day, At: d.At, What: d.Limit.Name})
		}
	}
	return out, ctx.Err()
}

// Known lists earlier letters of who has a telephone number, the newest first, for a clerk
// to whom they speak.
func (u Letters) Known(ctx context.Context, by portal.Actor, phone string, limit int) ([]*Brief, error) {
	if err := by.NeedSome(portal.HandleLetters); err != nil {
		return nil, err
	}
	if !portal.ValidTelephone(phone) {
		return nil, nil
	}
	numbers, err := u.Store.Marked(ctx, samePhone, phone)
	if err != nil {
		return nil, err
	}
	var out []*Brief
	mine := mayOf(by, portal.HandleLetters)
	for _, n := range slices.Backward(numbers) {
		l, err := u.Store.Get(ctx, n)
		if err != nil {
			return nil, err
		}
		if b := l.Brief(); mine(b) && len(out) < limit {
			out = append(out, b)
		}
	}
	return out, nil
}

// repeatDays is how far back the same subject counts as a repeat.
const repeatDays = 90

// SameSubject are other letters on the same subject of the last months that somebody may
// see, the newest first.
func (u Letters) SameSubject(by portal.Actor, l *Letter, limit int) ([]*Brief, int, error) {
	briefs, err := u.Store.Briefs()
	if err != nil {
		return nil, 0, err
	}
	words, from, mine := text.Squeeze(l.Subject), u.Today()-repeatDays, mayOf(by, portal.SeeLetters)
	var out []*Brief
	n := 0
	for i := len(briefs) - 1; i >= 0; i-- {
		if b := briefs[i]; b.Received >= from && b.words == words && b.Number != l.Number && mine(b) {
			if n++; len(out) < limit {
				out = append(out, b)
			}
		}
	}
	return out, n, nil
}

// Asked is a theme with how often it was written about (群众关注).
type Asked struct {
	Theme string
	N     int
}

// leastAsked is the fewest letters of a theme that are told of in public: fewer could
// tell of somebody.
const leastAsked = 5

// Most tells about which themes was written most in the last year. Themes with few
// letters are left out.
func (u Letters) Most(limit int) ([]Asked, error) {
	briefs, err := u.Store.Briefs()
	if err != nil {
		return nil, err
	}
	counts, from := make(map[string]int), u.Today()-365
	for _, b := range briefs {
		if k := KindNamed(b.Kind); b.Theme != "" && b.Received >= from && k != nil && !k.Sealed {
			counts[b.Theme]++
		}
	}
	maps.DeleteFunc(counts, func(_ string, n int) bool { return n < leastAsked })
	var out []Asked
	for t, n := range counts {
		out = append(out, Asked{t, n})
	}
	slices.SortFunc(out, func(a, b Asked) int { return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.Theme, b.Theme)) })
	return out[:min(limit, len(out))], nil
}
