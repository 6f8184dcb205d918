package portal

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"gongkai/portal/clock"
)

// CaseBrief is what lists and figures need of a case. It is never changed:
// a change of the case makes another.
type CaseBrief struct {
	Number   ApplicationNumber
	Organ    OrganCode
	Kind     string
	Matter   string
	Subject  string
	Handler  Login
	Events   []clock.Event
	Outcome  string
	Closed   bool
	ClosedOn Date
	Proposed bool    // a step waits for the head
	Asked    []Login // inside, who have not replied
	Move     *Move   // the newest change of the deadline by a holiday notice
	Reviews  []Review
	Fee      int64 // fen
	Stars    int
	Gone     []string // what was destroyed
	memo     atomic.Pointer[assessment]
}

// assessment is a brief's clock, kept for as long as day and calendar stay.
type assessment struct {
	calendar *clock.Calendar
	day      Date
	clock    clock.Result
	disputed bool
}

// Brief makes the brief of a case.
func (a *Application) Brief() *CaseBrief {
	b := &CaseBrief{Number: a.Number, Organ: a.Organ, Kind: a.Kind, Matter: a.Matter, Subject: a.Subject, Handler: a.Handler, Events: a.Events(),
		Closed: a.Closed(), ClosedOn: a.ClosedOn(), Proposed: a.Proposal.Waiting(), Reviews: slices.Clone(a.Reviews)}
	if a.Answer != nil && b.Closed && !a.endedBy(clock.Withdrawn) {
		b.Outcome = a.Answer.Outcome
	}
	for _, q := range a.Inquiries {
		if q.RepliedAt.IsZero() {
			b.Asked = append(b.Asked, q.To)
		}
	}
	if n := len(a.Moves); n > 0 {
		m := a.Moves[n-1]
		b.Move = &m
	}
	if a.Charge != nil && a.Has(clock.FeePaid) {
		b.Fee = a.Charge.Total
	}
	if a.Rating != nil {
		b.Stars = a.Rating.Stars
	}
	for _, d := range a.Destroyed {
		b.Gone = append(b.Gone, d.What)
	}
	return b
}

// Received is the day the application came.
func (b *CaseBrief) Received() Date { return b.Events[0].Date }

// clock works out the statutory clock, once for a day and a calendar. That of
// a closed case stands still.
func (b *CaseBrief) clock(cal *clock.Calendar, today Date) (clock.Result, bool) {
	if b.Closed {
		today = b.ClosedOn
	}
	if m := b.memo.Load(); m != nil && m.calendar == cal && m.day == today {
		return m.clock, m.disputed
	}
	jurisdiction := (&Application{Matter: b.Matter}).Jurisdiction()
	r, err := clock.Evaluate(clock.Case{Jurisdiction: jurisdiction, Events: b.Events, AsOf: today}, cal)
	b.memo.Store(&assessment{cal, today, r, err != nil})
	return r, err != nil
}

// WorkItem is a case with its clock.
type WorkItem struct {
	*CaseBrief
	Clock clock.Result
	// Disputed: by the calendar of today a recorded step would not have been
	// lawful, which a holiday notice loaded later can bring about. Its clock is
	// not known until somebody has looked.
	Disputed bool
}

// Late reports whether the deadline has passed without an answer.
func (x *WorkItem) Late() bool { return !x.Closed && x.Clock.Left != nil && *x.Clock.Left < 0 }

// LastMove is the newest change of the deadline by a holiday notice, if it is
// not older than the days; nil if there is none.
func (b *CaseBrief) LastMove(now time.Time, days int) *Move {
	if b.Move != nil && now.Sub(b.Move.At) < time.Duration(days)*24*time.Hour {
		return b.Move
	}
	return nil
}

// WorkFilter says which cases a work list shows. Its zero value shows the open
// cases of all the actor's organs.
type WorkFilter struct {
	Organ   OrganCode
	Closed  bool
	Handler Login
	Show    string // one of WorkViews, or all
	Text    string // in the number or the subject
}

// WorkViews are what a work list can be narrowed to, by whom it waits for.
var WorkViews = []string{"late", "soon", "running", "paused", "waiting_applicant", "lapsed", "signature", "unassigned"}

// soonDays is how near a deadline is "soon", in working days.
const soonDays = 5

// in reports whether an item belongs to a view.
func (x *WorkItem) in(view string) bool {
	switch view {
	case "":
		return true
	case "late":
		return x.Late()
	case "soon":
		return x.Clock.Left != nil && *x.Clock.Left >= 0 && *x.Clock.Left <= soonDays
	case "signature":
		return x.Proposed
	case "unassigned":
		return x.Handler == ""
	}
	return !x.Disputed && string(x.Clock.State) == view
}

// Work is a work list, the most urgent first, with how many there are of each
// view.
type Work struct {
	Items  []WorkItem
	Counts map[string]int
}

// WorkList lists the actor's applications by true urgency: open ones by the
// working days left, those that wait for the applicant after them; closed
// ones only where asked for, newest first.
func (u Cases) WorkList(by Actor, f WorkFilter) (Work, error) {
	if err := by.Need(HandleApplications, f.Organ); err != nil {
		return Work{}, err
	}
	mine, all := by.OrgansFor(HandleApplications)
	may := make(map[OrganCode]bool, len(mine))
	for _, o := range mine {
		may[o] = true
	}
	today, cal := u.Today(), u.Calendar()
	w := Work{Counts: make(map[string]int)}
	text := Squeeze(f.Text)
	type keyed struct {
		item WorkItem
		key  int
	}
	var items []keyed
	for _, b := range u.Store.Briefs() {
		if b.Closed != f.Closed || f.Organ != "" && b.Organ != f.Organ || !all && !may[b.Organ] || f.Handler != "" && b.Handler != f.Handler {
			continue
		}
		if text != "" && !matches(b, text) {
			continue
		}
		r, disputed := b.clock(cal, today)
		x := WorkItem{b, r, disputed}
		w.Counts[""]++
		for _, v := range WorkViews {
			if x.in(v) {
				w.Counts[v]++
			}
		}
		if x.in(f.Show) {
			key := urgency(&x)
			if f.Closed {
				key = -int(b.ClosedOn)
			}
			items = append(items, keyed{x, key})
		}
	}
	slices.SortFunc(items, func(x, y keyed) int {
		return cmp.Or(x.key-y.key, cmp.Compare(x.item.Number, y.item.Number))
	})
	w.Items = make([]WorkItem, len(items))
	for i := range items {
		w.Items[i] = items[i].item
	}
	return w, nil
}

func matches(b *CaseBrief, text string) bool {
	return strings.Contains(Squeeze(string(b.Number)), text) || strings.Contains(Squeeze(b.Subject), text)
}

// urgency orders the work list: lower is sooner.
func urgency(x *WorkItem) int {
	const later = 1 << 20
	switch {
	case x.Disputed: // looked at first
		return -later
	case x.Clock.State == clock.Lapsed: // to be closed
		return later
	case x.Clock.Left == nil:
		return later + int(x.Clock.ApplicantUntil)
	}
	return *x.Clock.Left
}
