// Package reminders is the area of what organs are reminded of: what falls due in any
// other area, written to those who may do it.
package reminders

import (
	"context"
	"slices"

	"gongkai/portal"
)

// Reminders are the use cases of reminding.
type Reminders struct {
	portal.Clockwork
	Sources []portal.Deadlines
	// Quiet are deadlines about which their own area writes: they are only listed.
	Quiet  []portal.Deadlines
	Organs Directory
	People Staff
	Outbox Outbox
	Writer Writer
}

// Directory tells of organs.
type Directory interface {
	Organ(portal.OrganCode) (portal.Organ, error)
}

// Staff knows who has an account.
type Staff interface {
	People(context.Context) ([]*portal.Person, error)
}

// Outbox takes what is written to staff.
type Outbox interface {
	// SendDigest queues what is written about something on a day, once: a second
	// for the same day is not sent.
	SendDigest(ctx context.Context, about string, day portal.Date, mails []*portal.Mail) (bool, error)
}

// Writer writes the messages.
type Writer interface {
	// DueMail tells somebody what falls due in an organ.
	DueMail(organ portal.Organ, list []portal.Due) *portal.Mail
}

// When people are told: with so many working days left, and every so many working days
// after.
var (
	remindAt    = []int{20, 10, 5, 3, 1, 0}
	remindAgain = 5
)

// hour is when reminders are written, as those of applications.
const hour = 8

// List is what an organ has to do, the nearest day first; of every organ without one. It
// has what an actor may do.
func (u Reminders) List(ctx context.Context, by portal.Actor, organ portal.OrganCode) ([]portal.Due, error) {
	var out []portal.Due
	for _, s := range u.Sources {
		list, err := s.Due(ctx)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			if by.Can(d.Act, d.Organ) && (organ == "" || d.Organ == organ) {
				out = append(out, d)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b portal.Due) int { return int(a.Day - b.Day) })
	return out, nil
}

// Filter says which part of somebody's work is shown.
type Filter struct {
	Organ portal.OrganCode
	Kind  string
	Show  string // "late", "soon", or "" for all
	From  int    // with Size: a part of the list
	Size  int
}

// Row is something to do, with the working days left.
type Row struct {
	portal.Due
	Left int // negative when its day is past
	Late bool
}

// soonDays is how near a day is "soon", in working days.
const soonDays = 3

// KindCount is how much there is of a kind.
type KindCount struct {
	Kind string
	Name portal.Text
	N    int
}

// Work is a part of what somebody has to do, with how much there is of each view and kind.
type Work struct {
	Rows   []Row
	Total  int
	Counts map[string]int
	Kinds  []KindCount
}

// Work is what somebody has to do, of every kind in one list, the nearest day first.
func (u Reminders) Work(ctx context.Context, by portal.Actor, f Filter) (Work, error) {
	w := Work{Counts: make(map[string]int)}
	all := u
	all.Sources = append(slices.Clone(u.Sources), u.Quiet...)
	list, err := all.List(ctx, by, f.Organ)
	if err != nil {
		return w, err
	}
	today := u.Today()
	for _, d := range list {
		i := slices.IndexFunc(w.Kinds, func(k KindCount) bool { return k.Kind == d.Kind })
		if i < 0 {
			i = len(w.Kinds)
			w.Kinds = append(w.Kinds, KindCount{Kind: d.Kind, Name: d.Name})
		}
		w.Kinds[i].N++
		if f.Kind != "" && d.Kind != f.Kind {
			continue
		}
		r := Row{Due: d, Late: d.Late(u.Now())}
		if d.Day >= today {
			r.Left = u.Calendar().Between(today, d.Day)
		} else {
			r.Left = -u.Calendar().Between(d.Day, today)
		}
		view := ""
		switch {
		case r.Late:
			view = "late"
		case r.Left <= soonDays:
			view = "soon"
		}
		w.Counts[""]++
		if view != "" {
			w.Counts[view]++
		}
		if f.Show == "" || f.Show == view {
			w.Rows = append(w.Rows, r)
		}
	}
	slices.SortStableFunc(w.Kinds, func(a, b KindCount) int { return b.N - a.N })
	w.Total = len(w.Rows)
	if f.Size > 0 {
		from := min(f.From, len(w.Rows))
		w.Rows = w.Rows[from:min(from+f.Size, len(w.Rows))]
	}
	return w, nil
}

// Remind writes one message a working day to each who may do something that is near or
// past its day in an organ, and returns how many organs were written to.
func (u Reminders) Remind(ctx context.Context) (int, error) {
	now, today := u.Now(), u.Today()
	if now.Hour() < hour || !u.Calendar().Working(today) {
		return 0, nil
	}
	all, err := u.List(ctx, portal.System("reminders"), "")
	if err != nil {
		return 0, err
	}
	byOrgan := make(map[portal.OrganCode][]portal.Due)
	for _, d := range all {
		if u.near(d.Day, today) {
			byOrgan[d.Organ] = append(byOrgan[d.Organ], d)
		}
	}
	if len(byOrgan) == 0 {
		return 0, nil
	}
	people, err := u.People.People(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for code, list := range byOrgan {
		organ, err := u.Organs.Organ(code)
		if err != nil {
			return n, err
		}
		var mails []*portal.Mail
		for _, p := range people {
			mine := slices.DeleteFunc(slices.Clone(list), func(d portal.Due) bool { return !concerns(p, d) })
			if len(mine) == 0 {
				continue
			}
			m := u.Writer.DueMail(organ, mine)
			m.To = p.Email
			mails = append(mails, m)
		}
		if len(mails) == 0 {
			continue
		}
		sent, err := u.Outbox.SendDigest(ctx, "due/"+string(code), today, mails)
		if err != nil {
			return n, err
		}
		if sent {
			n++
		}
	}
	return n, nil
}

func (u Reminders) near(day, today portal.Date) bool {
	if day >= today {
		return slices.Contains(remindAt, u.Calendar().Between(today, day))
	}
	return u.Calendar().Between(day, today)%remindAgain == 1
}

// concerns reports whether somebody is told: who may do it in that very organ, and not
// everybody who may do it everywhere.
func concerns(p *portal.Person, d portal.Due) bool {
	return !p.Disabled && p.Email != "" && p.Actor().Can(d.Act, d.Organ) &&
		slices.ContainsFunc(p.Grants, func(g portal.Grant) bool { return slices.Contains(g.Organs, d.Organ) })
}
