package cases

import (
	"context"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/text"
)

// CaseBrief is what lists and figures need of a case. It is never changed:
// a change of the case makes another.
type CaseBrief struct {
	Number      ApplicationNumber
	Organ       portal.OrganCode
	Kind        string
	Purpose     string
	Subject     string
	Handler     portal.Login
	Events      []clock.Event
	Outcome     string
	Closed      bool
	ClosedOn    portal.Date
	Proposed    bool     // a step waits for the head
	Asked       []Asking // inside, who have not replied
	Move        *Move    // the newest change of the deadline by a holiday notice
	Proceedings []Proceeding
	Fee         int64 // fen
	Stars       int
	Gone        []string // what was destroyed
	Ending      []Ending // what is about to be
	Held        bool     // nothing of it is
	// RecordedOn is the day on which the last step was recorded.
	RecordedOn portal.Date
	Imported   bool     // from another system's log
	outcomes   []string // of each answer
	words      string   // of the subject, as a reader would tell it from others
	memo       atomic.Pointer[assessment]
}

// Asking is a question from inside that waits for a reply until a day.
type Asking struct {
	To  portal.Login
	Due portal.Date
}

// assessment is a brief's clock, kept for as long as day and calendar stay.
type assessment struct {
	calendar *clock.Calendar
	day      portal.Date
	views    viewSet // that follow from the clock
	urgency  int     // lower is sooner
	clock    clock.Result
	disputed bool
}

// Brief makes the brief of a case.
func (a *Application) Brief() *CaseBrief {
	b := &CaseBrief{Number: a.Number, Organ: a.Organ, Kind: a.Kind, Purpose: a.Purpose, Subject: a.Subject, Handler: a.Handler, Events: a.Events(),
		Closed: a.Closed(), ClosedOn: a.ClosedOn(), Proposed: a.Proposal.Waiting(), Imported: a.Source != "", Proceedings: slices.Clone(a.Proceedings)}
	if a.Answer != nil && b.Closed && !a.endedBy(clock.Withdrawn) {
		b.Outcome = a.Answer.Outcome
	}
	for _, q := range a.Inquiries {
		if q.RepliedAt.IsZero() {
			b.Asked = append(b.Asked, Asking{q.To, q.Due})
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
	b.outcomes = a.outcomesOf()
	b.words = text.Squeeze(a.Subject)
	b.Ending, b.Held = slices.Clone(a.Ending), a.Hold != nil
	if n := len(a.Steps); n > 0 && !a.Steps[n-1].RecordedAt.IsZero() {
		b.RecordedOn = clock.DateOf(a.Steps[n-1].RecordedAt)
	}
	for _, d := range a.Destroyed {
		b.Gone = append(b.Gone, d.What)
	}
	return b
}

// Received is the day the application came.
func (b *CaseBrief) Received() portal.Date { return b.Events[0].Date }

// clock works out the statutory clock, once for a day and a calendar. That of
// a closed case stands still.
func (b *CaseBrief) clock(cal *clock.Calendar, today portal.Date) *assessment {
	if b.Closed {
		today = b.ClosedOn
	}
	if m := b.memo.Load(); m != nil && m.calendar == cal && m.day == today {
		return m
	}
	jurisdiction := (&Application{Purpose: b.Purpose}).Jurisdiction()
	r, err := clock.Evaluate(clock.Case{Jurisdiction: jurisdiction, Events: b.Events, AsOf: today}, cal)
	m := &assessment{calendar: cal, day: today, clock: r, disputed: err != nil}
	m.views, m.urgency = clockViews(m, b.Closed), urgency(m)
	b.memo.Store(m)
	return m
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

// LastMove is the newest change of the deadline by a holiday notice, if it is
// not older than the days; nil if there is none.
func (b *CaseBrief) LastMove(now time.Time, days int) *Move {
	if b.Move != nil && now.Sub(b.Move.At) < time.Duration(days)*24*time.Hour {
		return b.Move
	}
	return nil
}

// Moved are the actor's open cases whose deadline a holiday notice has changed
// in the last days, at most limit.
func (u Lists) Moved(by portal.Actor, organ portal.OrganCode, days, limit int) []*CaseBrief {
	var out []*CaseBrief
	for _, b := range u.Store.Briefs() {
		if b.Move != nil && !b.Closed && (organ == "" || b.Organ == organ) && b.LastMove(u.Now(), days) != nil && by.Can(portal.HandleApplications, b.Organ) {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(x, y *CaseBrief) int { return strings.Compare(string(x.Number), string(y.Number)) })
	return out[:min(limit, len(out))]
}

// WorkFilter says which cases a work list shows. Its zero value shows the open
// cases of all the actor's organs.
type WorkFilter struct {
	Organ   portal.OrganCode
	Closed  bool
	Handler portal.Login
	Show    string // one of WorkViews, or all
	Text    string // in the number or the subject
	From    int    // with Size: a part of the list
	Size    int    // 0 for all
}

// WorkViews are what a work list can be narrowed to, by whom it waits for.
var WorkViews = []string{"late", "soon", "running", "paused", "waiting_applicant", "lapsed", "signature", "unassigned", "ending"}

// viewSet has a bit for each of WorkViews, in their order.
type viewSet uint16

func viewOf(name string) viewSet {
	if i := slices.Index(WorkViews, name); i >= 0 {
		return 1 << i
	}
	return 0
}

var (
	lateView, soonView            = viewOf("late"), viewOf("soon")
	signatureView, unassignedView = viewOf("signature"), viewOf("unassigned")
	endingView                    = viewOf("ending")
)

// soonDays is how near a deadline is "soon", in working days.
const soonDays = 5

// clockViews are the views that a case belongs to by its clock.
func clockViews(m *assessment, closed bool) (v viewSet) {
	if left := m.clock.Left; left != nil && !closed {
		switch {
		case *left < 0:
			v |= lateView
		case *left <= soonDays:
			v |= soonView
		}
	}
	if !m.disputed {
		v |= viewOf(string(m.clock.State))
	}
	return v
}

// views are all the views that a case belongs to.
func (b *CaseBrief) views(m *assessment) viewSet {
	v := m.views
	if b.Proposed {
		v |= signatureView
	}
	if b.Handler == "" {
		v |= unassignedView
	}
	if len(b.Ending) > 0 && !b.Held {
		v |= endingView
	}
	return v
}

// Work is a work list, the most urgent first, with how many there are in all
// and of each view.
type Work struct {
	Items  []WorkItem
	Total  int
	Counts map[string]int
}

// WorkList lists the actor's applications by true urgency: open ones by the
// working days left, those that wait for the applicant after them; closed
// ones only where asked for, newest first.
func (u Lists) WorkList(by portal.Actor, f WorkFilter) (Work, error) {
	if err := by.NeedFilter(portal.HandleApplications, f.Organ); err != nil {
		return Work{}, err
	}
	mine, all := by.OrgansFor(portal.HandleApplications)
	may := make(map[portal.OrganCode]bool, len(mine))
	for _, o := range mine {
		may[o] = true
	}
	today, cal := u.Today(), u.Calendar()
	var counts [16]int // by view
	matching := 0
	written, show := text.Squeeze(f.Text), viewOf(f.Show)
	w := Work{Counts: make(map[string]int)}
	// Cases of the same urgency are put in order only where they are shown: a
	// page of a long list needs few of them.
	buckets := make(map[int][]ranked)
	for _, b := range u.Store.Briefs() {
		if b.Closed != f.Closed || f.Organ != "" && b.Organ != f.Organ || !all && !may[b.Organ] || f.Handler != "" && b.Handler != f.Handler {
			continue
		}
		if written != "" && !matches(b, written) {
			continue
		}
		m := b.clock(cal, today)
		v := b.views(m)
		matching++
		for x := v; x != 0; x &= x - 1 {
			counts[bits.TrailingZeros16(uint16(x))]++
		}
		if f.Show != "" && v&show == 0 {
			continue
		}
		key := m.urgency
		if f.Closed {
			key = -int(b.ClosedOn)
		}
		buckets[key] = append(buckets[key], ranked{b, m})
		w.Total++
	}
	w.Counts[""] = matching
	for i, v := range WorkViews {
		w.Counts[v] = counts[i]
	}
	to := f.From + f.Size
	if f.Size == 0 {
		to = w.Total
	}
	at := 0
	for _, key := range slices.Sorted(maps.Keys(buckets)) {
		same := buckets[key]
		if at < to && at+len(same) > f.From {
			slices.SortFunc(same, func(x, y ranked) int { return strings.Compare(string(x.brief.Number), string(y.brief.Number)) })
			for _, x := range same[max(0, f.From-at):min(len(same), to-at)] {
				w.Items = append(w.Items, WorkItem{x.brief, x.clock.clock, x.clock.disputed})
			}
		}
		at += len(same)
	}
	return w, nil
}

// Due implements portal.Deadlines: open cases with the last day of what runs.
func (u Lists) Due(ctx context.Context) ([]portal.Due, error) {
	var out []portal.Due
	today, cal := u.Today(), u.Calendar()
	for _, b := range u.Store.Briefs() {
		if b.Closed {
			continue
		}
		if m := b.clock(cal, today); m.clock.Deadline != 0 {
			out = append(out, portal.Due{Kind: Kind.Code, Name: Kind.Name, Organ: b.Organ, Act: portal.HandleApplications, Title: string(b.Number) + " " + b.Subject, Path: "/desk/applications/" + string(b.Number), Day: m.clock.Deadline})
		}
	}
	return out, ctx.Err()
}

// ranked is a case on its way into a list.
type ranked struct {
	brief *CaseBrief
	clock *assessment
}

// Several counts the cases of an organ that ask for the same as one of them,
// this one among them: what several ask for may be disclosed to all
// (第四十四条).
func (u Handling) Several(a *Application) int {
	words, n := text.Squeeze(a.Subject), 0
	for _, b := range u.Store.Briefs() {
		if words != "" && b.Organ == a.Organ && b.words == words {
			n++
		}
	}
	return n
}

func matches(b *CaseBrief, written string) bool {
	return strings.Contains(text.Squeeze(string(b.Number)), written) || strings.Contains(b.words, written)
}

// urgency orders the work list: lower is sooner.
func urgency(m *assessment) int {
	const later = 1 << 20
	switch {
	case m.disputed: // looked at first
		return -later
	case m.clock.State == clock.Lapsed: // to be closed
		return later
	case m.clock.Left == nil:
		return later + int(m.clock.ApplicantUntil)
	}
	return *m.clock.Left
}
