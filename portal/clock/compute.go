package clock

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Limits on input, far above anything lawful.
const (
	MaxEvents = 200
	maxDays   = 366
)

// Result is the clock of a case as seen on one day.
type Result struct {
	Jurisdiction string `json:"jurisdiction"`
	AsOf         Date   `json:"as_of"`
	State        State  `json:"state"`
	// Deadline is the last day to answer on. It is none (null) while the
	// clock waits for the applicant, and once the case has lapsed.
	Deadline Date `json:"deadline"`
	// Provisional: the deadline lies after the last year whose notice is
	// loaded.
	Provisional bool `json:"provisional"`
	// Unit is what the period is counted in.
	Unit Unit `json:"unit"`
	// Allowed is the length of the running period in working days (or in the
	// days of the calendar, where those are the unit), Used how many of them
	// have gone by the end of AsOf, and Left their difference: negative when
	// late, nil where no period runs.
	Allowed int  `json:"working_days_allowed"`
	Used    int  `json:"working_days_used"`
	Left    *int `json:"working_days_left"`
	// ApplicantUntil is the applicant's last day to correct or to pay.
	ApplicantUntil Date `json:"applicant_until,omitzero"`
	// Awaits is the notice whose answer the applicant is awaited for, or has
	// not given in time: CorrectionRequested, FeeNotified, or none.
	Awaits EventType `json:"-"`
	Law    Text      `json:"law"`
	Steps  []Step    `json:"steps"`
	// Next are the steps that are lawful on AsOf, or on the day of the last
	// event where that is later.
	Next []NextStep `json:"next,omitempty"`
}

// Step is one line of the derivation: an event, or a day and whether it
// counts.
type Step struct {
	Date   Date      `json:"date"`
	Event  EventType `json:"event,omitempty"`
	Counts bool      `json:"counts"`
	Number int       `json:"number,omitempty"` // which day of the period it is, from 1
	Text   Text      `json:"text"`
	Law    Text      `json:"law,omitzero"`
}

// period is one run of the answer clock: from day 0 until it is stopped,
// answered or still open.
type period struct {
	start, stop Date
	allowed     int
	until       Date // a later date that was set, or that another rule gives
	pauses      []pause
}

// pause takes the working days in (from, to] out of a period.
type pause struct {
	from, to Date
	party    string
}

func (p *period) paused(d Date) bool {
	return slices.ContainsFunc(p.pauses, func(x pause) bool { return x.from < d && d <= x.to })
}

// mark says which state holds from a day on.
type mark struct {
	on     Date
	state  State
	until  Date      // of waiting: the last day, after which the case has lapsed
	period int       // index of the period it belongs to
	notice EventType // of waiting: what is to be answered
}

// consultation is an opinion still awaited.
type consultation struct {
	party  string
	period int // the period it pauses
	index  int // of its pause in that period
}

// machine replays the events of a case.
type machine struct {
	rules    Rules
	cal      *Calendar
	received Event
	receipt  Date // day of receipt in law, from which the 7 days of Art. 30 run
	periods  []period
	marks    []mark
	open     []consultation
	waiting  EventType // CorrectionRequested, FeeNotified, or none
	until    Date      // the applicant's last day
	seen     map[EventType]int
	extra    int // working days of extension granted
	ended    EventType
	last     Date // of the last event
}

// Compute derives the clock of a case, with its derivation day by day. It
// returns an *EventError when an event is unknown, impossible, or oversteps a
// limit of the law.
//
// Events are taken by date; events of one day in the order given.
func Compute(c Case, cal *Calendar) (Result, error) {
	m, err := replay(c, cal)
	if err != nil {
		return Result{}, err
	}
	r := m.result(c)
	r.Steps, r.Next = m.derive(c, r), m.next(r.AsOf)
	return r, nil
}

// Evaluate is Compute without the derivation, for lists of many cases.
func Evaluate(c Case, cal *Calendar) (Result, error) {
	m, err := replay(c, cal)
	if err != nil {
		return Result{}, err
	}
	return m.result(c), nil
}

// replay takes the events one after another.
func replay(c Case, cal *Calendar) (*machine, error) {
	if len(c.Events) == 0 {
		return nil, &EventError{Index: -1, Reason: Text{"没有事件：至少应有 received（收到申请）", "there are no events: at least received is needed"}}
	}
	if len(c.Events) > MaxEvents {
		return nil, &EventError{Index: -1, Reason: Text{fmt.Sprintf("事件多于 %d 个", MaxEvents), fmt.Sprintf("more than %d events", MaxEvents)}}
	}
	order := make([]int, len(c.Events))
	for i, e := range c.Events {
		order[i] = i
		if e.Date.IsZero() {
			return nil, &EventError{Index: i, Type: e.Type, Reason: Text{"缺少日期", "it has no date"}}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(c.Events[a].Date - c.Events[b].Date) })

	rules, ok := RulesFor(c.Jurisdiction, c.Events[order[0]].Date)
	if !ok {
		return nil, &EventError{Index: -1, Reason: Text{
			fmt.Sprintf("没有法域 %q 的规则", c.Jurisdiction), fmt.Sprintf("no rules for the jurisdiction %q", c.Jurisdiction)}}
	}
	if rules.Calendar != "CN" { // China's grows with each notice; the others are embedded
		cal = otherCalendars()[rules.Calendar]
	}
	m := &machine{rules: rules, cal: cal, seen: make(map[EventType]int)}
	for _, i := range order {
		e := c.Events[i]
		if err := m.apply(e); err != nil {
			err.Index, err.Type = i, e.Type
			return nil, err
		}
		m.seen[e.Type]++
		m.last = e.Date
	}
	return m, nil
}

func (m *machine) current() *period { return &m.periods[len(m.periods)-1] }

// begin starts a period afresh with on as day 0. Pauses of earlier periods
// are forgotten with them.
func (m *machine) begin(on Date, allowed int) {
	if len(m.periods) > 0 && m.current().stop == 0 {
		m.current().stop = on
	}
	m.periods = append(m.periods, period{start: on, allowed: allowed})
	m.waiting, m.until = "", 0
	m.mark(on, Running, 0)
}

func (m *machine) mark(on Date, s State, until Date) {
	m.marks = append(m.marks, mark{on, s, until, len(m.periods) - 1, m.waiting})
}

// wait stops the period: the next move is the applicant's.
// Without days the applicant has no limit. inclusive leaves the day of the
// notice out of a paused period too.
func (m *machine) wait(e Event, effect Effect, days int, inclusive bool) {
	m.waiting, m.until = e.Type, 0
	if days > 0 {
		m.until = m.ahead(e.Date, days)
	}
	p := m.current()
	if effect == Pauses {
		from := e.Date
		if inclusive {
			from--
		}
		p.pauses = append(p.pauses, pause{from, farAway, waitingParty})
	} else {
		p.stop = e.Date
	}
	m.mark(e.Date, WaitingApplicant, m.until)
}

// waitingParty marks the pause that ends with the applicant's move; farAway is
// where it ends until then.
const (
	waitingParty = "\x00applicant"
	farAway      = Date(1 << 30)
)

// goOn ends waiting: the period starts afresh, or goes on after a pause.
func (m *machine) goOn(e Event, effect Effect) {
	if effect != Pauses {
		m.begin(e.Date, m.length(e.Date)+m.extra)
		return
	}
	p := m.current()
	for i := range p.pauses {
		if p.pauses[i].party == waitingParty && p.pauses[i].to == farAway {
			p.pauses[i].to = e.Date
		}
	}
	m.waiting, m.until = "", 0
	m.mark(e.Date, Running, 0)
}

// ahead is the day some units after a day.
func (m *machine) ahead(d Date, n int) Date {
	if m.rules.Unit == WorkingDays {
		return m.cal.After(d, n)
	}
	return d + Date(n)
}

// length is the length of an answer period that begins on a day, in days that
// count: a month has as many as the calendar gives it (to the day of the same
// number, or the last of a shorter month).
func (m *machine) length(start Date) int {
	if m.rules.Unit != Months {
		return m.rules.AnswerDays
	}
	t := start.Time()
	first := NewDate(t.Year(), t.Month()+time.Month(m.rules.AnswerDays), 1)
	next := NewDate(t.Year(), t.Month()+time.Month(m.rules.AnswerDays)+1, 1)
	return int(min(first+Date(t.Day()-1), next-1) - start)
}

// counts reports whether a day of p counts.
func (m *machine) counts(p *period, d Date) bool {
	return (m.rules.Unit != WorkingDays || m.cal.Working(d)) && !p.paused(d)
}

// deadline is the last day of p: its allowed days, less the paused ones, or
// the later date that was set.
func (m *machine) deadline(p *period) Date {
	d := p.start
	for n := p.allowed; n > 0; {
		d++
		if m.counts(p, d) {
			n--
		} else if d > p.start+farFuture {
			return d // paused without an end
		}
	}
	for m.rules.Roll && !m.cal.Working(d) {
		d++
	}
	return max(d, p.until)
}

// farFuture is more days than any lawful period has.
const farFuture = 20_000

// used counts the working days of p gone by the end of d.
func (m *machine) used(p *period, d Date) int {
	n := 0
	for x := p.start + 1; x <= d; x++ {
		if m.counts(p, x) {
			n++
		}
	}
	return n
}

// stateOn tells the state at the end of d and the index of its period.
func (m *machine) stateOn(d Date) (State, mark) {
	now := m.marks[0]
	for _, k := range m.marks {
		if k.on <= d {
			now = k
		}
	}
	switch {
	case now.state == WaitingApplicant && now.until != 0 && d > now.until:
		return Lapsed, now
	case now.state == Running:
		for _, x := range m.periods[now.period].pauses {
			if x.from <= d && d < x.to && x.party != waitingParty {
				return Paused, now
			}
		}
	}
	return now.state, now
}

func (m *machine) result(c Case) Result {
	asOf := c.AsOf
	if asOf.IsZero() {
		asOf = m.marks[len(m.marks)-1].on
	}
	state, at := m.stateOn(asOf)
	p := &m.periods[at.period]
	r := Result{Jurisdiction: m.rules.Jurisdiction, AsOf: asOf, State: state, Unit: m.rules.Unit, Allowed: p.allowed, Law: m.rules.Name}

	// The deadline follows from all that is recorded, the state and the days
	// used from what had happened by AsOf.
	last := m.current()
	if m.waiting == "" {
		r.Deadline = m.deadline(last)
		r.Provisional = m.cal.Provisional(r.Deadline)
	}
	upTo := asOf
	if p.stop != 0 {
		upTo = min(upTo, p.stop)
	}
	r.Used = m.used(p, upTo)
	if state != WaitingApplicant && state != Lapsed {
		left := m.left(p, upTo, r.Used)
		r.Left = &left
	} else {
		r.ApplicantUntil, r.Awaits = at.until, at.notice
	}
	return r
}

// left is the number of working days of p not gone yet; past a later date
// set under Art. 35 it counts from that date.
func (m *machine) left(p *period, d Date, used int) int {
	if p.until == 0 || m.deadline(p) != p.until {
		return p.allowed - used
	}
	between := func(from, to Date) int {
		if m.rules.Unit == WorkingDays {
			return m.cal.Between(from, to)
		}
		return int(to - from)
	}
	if d <= p.until {
		return between(d, p.until)
	}
	return -between(p.until, d)
}

// matching finds the awaited consultation with a party; with one only, the
// party need not be named.
func (m *machine) matching(party string) int {
	if party == "" && len(m.open) == 1 {
		return 0
	}
	return slices.IndexFunc(m.open, func(c consultation) bool { return c.party == strings.TrimSpace(party) })
}
