package powers

import (
	"cmp"
	"context"
	"slices"

	"gongkai/portal"
)

// Row is an item as the list has it on a day.
type Row struct {
	ID    PowerID
	Organ portal.OrganCode
	Code  string
	At
}

// AsOf is the list of an organ, of all without one, as of a day, in the order of organs,
// types and codes.
func (u Powers) AsOf(ctx context.Context, organ portal.OrganCode, day portal.Date) ([]Row, error) {
	var out []Row
	_, err := u.Store.All(ctx, func(i *PowerItem) bool {
		if organ != "" && i.Organ != organ {
			return false
		}
		if at := i.AsOf(day); at.In() {
			out = append(out, Row{i.ID(), i.Organ, i.Code, *at})
		}
		return false
	})
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Organ, b.Organ), cmp.Compare(a.Values["type"], b.Values["type"]), cmp.Compare(a.Code, b.Code))
	})
	return out, err
}

// Moved is a change that took effect, with what the item said before it.
type Moved struct {
	ID     PowerID
	Organ  portal.OrganCode
	Name   portal.Text
	Type   string // after it; before it where it left the list
	Before Values // nil where it was not in the list
	Change
}

// Tally is how the items of one type became more or fewer between two days:
// Before + Came - Left = After, in every type.
type Tally struct {
	Type                  string
	Before, After         int
	Came, Left            map[string]int // by the kind of change
	RetypedIn, RetypedOut int            // by a change of the type
}

// Balanced reports whether the changes account for the difference.
func (t Tally) Balanced() bool {
	n := t.Before + t.RetypedIn - t.RetypedOut
	for _, k := range t.Came {
		n += k
	}
	for _, k := range t.Left {
		n -= k
	}
	return n == t.After
}

// Comparison is the list of an organ on two days, and what lies between.
type Comparison struct {
	From, To portal.Date
	Tallies  []Tally // of each type that there is or was, in their order
	Moved    []Moved // the newest first
}

// Totals are the items on both days.
func (c Comparison) Totals() (before, after int) {
	for _, t := range c.Tallies {
		before, after = before+t.Before, after+t.After
	}
	return before, after
}

// Compare compares the list of an organ, of all without one, between two days: changes
// that took effect after the first and up to the second.
func (u Powers) Compare(ctx context.Context, organ portal.OrganCode, from, to portal.Date) (Comparison, error) {
	c := Comparison{From: from, To: to}
	byType := make(map[string]*Tally)
	tally := func(code string) *Tally {
		t := byType[code]
		if t == nil {
			t = &Tally{Type: code, Came: make(map[string]int), Left: make(map[string]int)}
			byType[code] = t
		}
		return t
	}
	_, err := u.Store.All(ctx, func(i *PowerItem) bool {
		if organ != "" && i.Organ != organ {
			return false
		}
		if at := i.AsOf(from); at.In() {
			tally(at.Values["type"]).Before++
		}
		if at := i.AsOf(to); at.In() {
			tally(at.Values["type"]).After++
		}
		var before *At
		for n := range i.Changes {
			ch := &i.Changes[n]
			after := i.after(n)
			if ch.Effective > from && ch.Effective <= to {
				c.Moved = append(c.Moved, count(tally, i, ch, before, after))
			}
			before = after
		}
		return false
	})
	for _, t := range portal.PowerTypes.Terms {
		if x := byType[t.Code]; x != nil {
			c.Tallies = append(c.Tallies, *x)
		}
	}
	slices.SortStableFunc(c.Moved, func(a, b Moved) int {
		return cmp.Or(cmp.Compare(b.Effective, a.Effective), cmp.Compare(a.ID, b.ID))
	})
	return c, err
}

// after is how the item stands after one of its changes.
func (i *PowerItem) after(n int) *At {
	only := PowerItem{Changes: i.Changes[:n+1]}
	return only.AsOf(i.Changes[n].Effective)
}

// count enters a change in the tallies.
func count(tally func(string) *Tally, i *PowerItem, ch *Change, before, after *At) Moved {
	was, is := before.In(), after.In()
	m := Moved{ID: i.ID(), Organ: i.Organ, Change: *ch}
	if was {
		m.Before = before.Values
	}
	m.Name, m.Type = after.Values.Name(), after.Values["type"]
	switch {
	case !was && is:
		tally(m.Type).Came[ch.Kind]++
	case was && !is:
		tally(m.Type).Left[ch.Kind]++
	case was && is && before.Values["type"] != m.Type:
		tally(before.Values["type"]).RetypedOut++
		tally(m.Type).RetypedIn++
	}
	return m
}
