package clock

import (
	"maps"
	"slices"
)

// NextStep is a step that is lawful on the day the case is looked at, with
// its own limits (下一步).
type NextStep struct {
	Type EventType `json:"type"`
	// By is the last day for it; none where the rules set none.
	By Date `json:"by,omitzero"`
	// Days is the most it may give or add, or the period that it sets going,
	// in the unit of the rules; 0 where it has none.
	Days int `json:"days,omitempty"`
	// Party is whose opinion is awaited, of consultation_returned.
	Party string `json:"party,omitempty"`
	Law   Text   `json:"law,omitzero"`
	// Past: it is too late for the step today, but it could have been taken
	// since the last event and can still be recorded, if it was.
	Past bool `json:"past,omitempty"`
}

// next tries every step on a copy of the machine, so that what is offered is
// what would be taken.
func (m *machine) next(asOf Date) []NextStep {
	day := max(asOf, m.last)
	r, p := m.rules, m.current()
	var deadline, notice Date
	if m.waiting == "" {
		deadline = m.deadline(p)
	}
	if n := r.Correction.NoticeDays; n > 0 {
		notice = m.ahead(m.receipt, n)
	}
	tries := []struct {
		event Event
		step  NextStep
		law   string
	}{
		{Event{Type: Confirmed}, NextStep{}, "confirmed"},
		{Event{Type: CorrectionRequested, Days: 1}, NextStep{By: notice, Days: r.Correction.UsualDays}, "correction"},
		{Event{Type: CorrectionReceived, Reason: "?"}, NextStep{By: m.until}, "correction"},
		{Event{Type: ConsultationSent, Party: "\x00", Kind: "third_party"}, NextStep{By: deadline, Days: r.Consultation.OpinionDays}, "consultation"},
		{Event{Type: Extended, Days: 1, ApprovedBy: "?"}, NextStep{By: deadline, Days: max(0, r.Extension.Days)}, "extension"},
		{Event{Type: FeeNotified}, NextStep{By: deadline, Days: r.Fee.PaymentDays}, "fee"},
		{Event{Type: FeePaid}, NextStep{By: m.until}, "fee"},
		{Event{Type: UnreasonableVolume}, NextStep{By: deadline}, "volume"},
		{Event{Type: Forwarded}, NextStep{}, "forward"},
		{Event{Type: Answered}, NextStep{By: deadline}, "answer"},
		{Event{Type: Withdrawn}, NextStep{}, ""},
		{Event{Type: Reopened, Days: 1}, NextStep{}, "reopened"},
	}
	var out []NextStep
	for _, t := range tries {
		e := t.event
		law, known := r.Articles[t.law]
		if e.Type == Confirmed && !slices.Contains(r.ConfirmedChannels, m.received.Channel) || (e.Type == UnreasonableVolume || e.Type == Forwarded) && !known {
			continue
		}
		if e.Date = day; m.copy().apply(e) != nil {
			if e.Date = m.last; m.copy().apply(e) != nil {
				continue
			}
			t.step.Past = true
		}
		t.step.Type, t.step.Law = e.Type, law
		out = append(out, t.step)
	}
	if m.ended != "" {
		return out
	}
	for _, c := range m.open {
		to := m.periods[c.period].pauses[c.index].to
		out = append(out, NextStep{Type: ConsultationReturned, By: to, Party: c.party, Law: r.Articles["consultation"]})
	}
	return out
}

// copy is a machine that shares nothing that apply changes.
func (m *machine) copy() *machine {
	c := *m
	c.periods = slices.Clone(m.periods)
	for i := range c.periods {
		c.periods[i].pauses = slices.Clone(c.periods[i].pauses)
	}
	c.marks, c.open, c.seen = slices.Clone(m.marks), slices.Clone(m.open), maps.Clone(m.seen)
	return &c
}
