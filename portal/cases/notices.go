package cases

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/text"
)

// Move is a deadline that a new holiday notice has changed.
type Move struct {
	At   time.Time   `json:"at"`
	Year int         `json:"year"` // of the notice
	Old  portal.Date `json:"old"`
	New  portal.Date `json:"new"`
}

// MovedCase is an open case whose deadline a notice changes. Disputed has the
// meaning that it has in a WorkItem.
type MovedCase struct {
	*Application
	Old, New clock.Result
	Disputed bool
}

// Notices keep the working calendar: the holiday notices that the program
// carries, and those that an administrator has loaded, which take their place.
type Notices struct {
	Now     func() time.Time
	Store   NoticeStore
	current atomic.Pointer[clock.Calendar]
}

// Calendar is the working calendar as loaded.
func (u *Notices) Calendar() *clock.Calendar {
	if c := u.current.Load(); c != nil {
		return c
	}
	return clock.China()
}

// Load reads the notices that the store has.
func (u *Notices) Load(ctx context.Context) error {
	all, err := u.All(ctx)
	if err != nil {
		return err
	}
	u.current.Store(clock.NewCalendar(all...))
	return nil
}

// All are the notices in force, by year.
func (u *Notices) All(ctx context.Context) ([]clock.Notice, error) {
	stored, err := u.Store.Notices(ctx)
	if err != nil {
		return nil, err
	}
	return withNotices(clock.ChinaNotices(), stored...), nil
}

// withNotices puts notices in the place of those of the same year.
func withNotices(list []clock.Notice, more ...clock.Notice) []clock.Notice {
	for _, n := range more {
		list = slices.DeleteFunc(list, func(x clock.Notice) bool { return x.Year == n.Year })
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b clock.Notice) int { return cmp.Compare(a.Year, b.Year) })
	return list
}

// Limits on a notice.
const (
	maxRests    = 40
	maxRestDays = 20 // of one holiday
)

// CheckNotice reports the mistakes in a notice: days out of its year, rest
// days that end before they begin, make-up days that are working days anyway.
func CheckNotice(n clock.Notice) error {
	var p portal.Problems
	if n.Year < 2008 || n.Year > 2100 {
		p.Add("text", "error.notice_year", portal.Args{"Year": n.Year})
		return p.Err()
	}
	if len(n.Rest) == 0 {
		p.Add("text", "error.notice_empty", nil)
	}
	if len(n.Rest)+len(n.Work) > maxRests {
		p.Add("text", "error.too_many", portal.Args{"Limit": maxRests})
	}
	if len(n.Source) == 0 || text.IsBlank(n.Source[0]) {
		p.Add("source", "error.required", nil)
	}
	// Late December can stand in the next year's notice.
	first, last := clock.NewDate(n.Year-1, time.December, 15), clock.NewDate(n.Year+1, time.January, 15)
	for _, r := range n.Rest {
		if r.To < r.From || r.To-r.From >= maxRestDays || r.From < first || r.To > last {
			p.Add("text", "error.notice_rest", portal.Args{"Name": r.Name, "From": r.From.String(), "To": r.To.String()})
		}
	}
	for _, w := range n.Work {
		weekday := w.Date.Weekday()
		if w.Date < first || w.Date > last || weekday != time.Saturday && weekday != time.Sunday {
			p.Add("text", "error.notice_work", portal.Args{"Date": w.Date.String()})
		}
		if slices.ContainsFunc(n.Rest, func(r clock.RestDays) bool { return r.From <= w.Date && w.Date <= r.To }) {
			p.Add("text", "error.notice_both", portal.Args{"Date": w.Date.String()})
		}
	}
	return p.Err()
}

// Preview tells which open cases a notice would give another deadline, the
// most urgent first.
func (u *Notices) Preview(ctx context.Context, n clock.Notice) ([]MovedCase, error) {
	if err := CheckNotice(n); err != nil {
		return nil, err
	}
	all, err := u.All(ctx)
	if err != nil {
		return nil, err
	}
	old, fresh := u.Calendar(), clock.NewCalendar(withNotices(all, n)...)
	open, err := u.Store.Applications(ctx, func(a *Application) bool { return !a.Closed() })
	if err != nil {
		return nil, err
	}
	today := clock.DateOf(u.Now())
	var out []MovedCase
	for _, a := range open {
		before, err := a.Evaluate(old, today)
		if err != nil {
			return nil, err
		}
		after, err := a.Evaluate(fresh, today)
		if err != nil {
			// A step recorded in time by the old calendar may be late by the new
			// one; the case shows that when it is opened.
			out = append(out, MovedCase{Application: a, Old: before, Disputed: true})
			continue
		}
		if before.Deadline != after.Deadline || before.ApplicantUntil != after.ApplicantUntil || before.Provisional != after.Provisional {
			out = append(out, MovedCase{Application: a, Old: before, New: after})
		}
	}
	slices.SortFunc(out, func(a, b MovedCase) int {
		return cmp.Or(cmp.Compare(a.New.Deadline, b.New.Deadline), cmp.Compare(a.Number, b.Number))
	})
	return out, nil
}

// Revision is that of the notices in force, as a page shows them.
func (u *Notices) Revision(ctx context.Context) (portal.Revision, error) {
	stored, err := u.Store.Notices(ctx)
	return portal.RevisionOf(stored), err
}

// Save loads a notice, as the notices were seen. Every open case is computed anew from now on; those
// whose deadline it changes keep a note of it, old and new, for their handler.
func (u *Notices) Save(ctx context.Context, by portal.Actor, n clock.Notice, seen portal.Revision) ([]MovedCase, error) {
	if err := by.Need(portal.ManageCalendar, ""); err != nil {
		return nil, err
	}
	moved, err := u.Preview(ctx, n)
	if err != nil {
		return nil, err
	}
	all, err := u.All(ctx)
	if err != nil {
		return nil, err
	}
	old, fresh, today := u.Calendar(), clock.NewCalendar(withNotices(all, n)...), clock.DateOf(u.Now())
	numbers := make([]ApplicationNumber, len(moved))
	for i, m := range moved {
		numbers[i] = m.Number
	}
	err = u.Store.SaveNotice(ctx, by, n, seen, u.Now(), numbers, func(a *Application) *Move {
		before, err1 := a.Evaluate(old, today)
		after, err2 := a.Evaluate(fresh, today)
		if err1 != nil || err2 != nil || before.Deadline == after.Deadline || before.Deadline == 0 || after.Deadline == 0 {
			return nil
		}
		return &Move{At: u.Now().UTC(), Year: n.Year, Old: before.Deadline, New: after.Deadline}
	})
	if err != nil {
		return nil, err
	}
	return moved, u.Load(ctx)
}
