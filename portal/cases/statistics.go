package cases

import (
	"cmp"
	"gongkai/portal/clock"
	"slices"
	"time"

	"gongkai/portal"
)

// Figures are what happened to applications in a period (统计). Only
// applications for disclosure count, not corrections of one's own record.
type Figures struct {
	New         int // received in the period
	CarriedIn   int // open at its beginning
	Closed      int
	CarriedOut  int // open at its end
	Overdue     int // of those, past their day at its end; not counted by month
	InTime      int // of those answered
	Answered    int
	Withdrawn   int
	Days        []int // working days used by each answer, in order
	Outcomes    map[string]int
	Proceedings map[string]map[string]int // kind → result
	Fees        int64                     // fen
	Stars       []int                     // ratings
}

// Average and Median are of the working days that answers took; 0 where there
// is none.
func (f Figures) Average() float64 {
	sum := 0
	for _, d := range f.Days {
		sum += d
	}
	return float64(sum) / float64(max(1, len(f.Days)))
}

// Median is the day count that half of the answers did not exceed.
func (f Figures) Median() int {
	if len(f.Days) == 0 {
		return 0
	}
	return f.Days[(len(f.Days)-1)/2]
}

// Stars100 is the average rating in hundredths; 0 for none.
func (f Figures) Stars100() int {
	sum := 0
	for _, s := range f.Stars {
		sum += s
	}
	return sum * 100 / max(1, len(f.Stars))
}

// Statistics are an actor's figures of a period, in all and by month and
// organ.
type Statistics struct {
	Figures
	Months []MonthFigures
	Organs []OrganFigures
}

// MonthFigures are the figures of one month.
type MonthFigures struct {
	Month portal.Date // its first day
	Figures
}

// OrganFigures are the figures of one organ.
type OrganFigures struct {
	Organ portal.OrganCode
	Figures
}

// Statistics counts the cases of the actor's organs, from a day to a day, both
// included.
func (u Lists) Statistics(by portal.Actor, organ portal.OrganCode, from, to portal.Date) (Statistics, error) {
	if err := by.NeedFilter(portal.HandleApplications, organ); err != nil {
		return Statistics{}, err
	}
	cal := u.Calendar()
	s := Statistics{}
	organs := make(map[portal.OrganCode]*Figures)
	type span struct{ from, to portal.Date }
	var spans []span
	for m := firstOfMonth(from); m <= to; m = firstOfMonth(m + 31) {
		s.Months = append(s.Months, MonthFigures{Month: m})
		spans = append(spans, span{max(from, m), min(to, firstOfMonth(m+31)-1)})
	}
	for _, b := range u.Store.Briefs() {
		if b.Purpose != ForDisclosure || organ != "" && b.Organ != organ || !by.Can(portal.HandleApplications, b.Organ) {
			continue
		}
		if organs[b.Organ] == nil {
			organs[b.Organ] = &Figures{}
		}
		c := counted{b, 0, false}
		if b.Closed && b.Outcome != "" {
			m := b.clock(cal, to)
			c.used, c.inTime = m.clock.Used, !m.disputed && (m.clock.Left == nil || *m.clock.Left >= 0)
		}
		s.count(c, from, to)
		organs[b.Organ].count(c, from, to)
		if b.late(cal, to) {
			s.Overdue++
			organs[b.Organ].Overdue++
		}
		for i, x := range spans {
			s.Months[i].count(c, x.from, x.to)
		}
	}
	for _, m := range s.Months {
		slices.Sort(m.Days)
	}
	for code, f := range organs {
		slices.Sort(f.Days)
		if f.New+f.CarriedIn+f.Closed > 0 {
			s.Organs = append(s.Organs, OrganFigures{code, *f})
		}
	}
	slices.Sort(s.Days)
	slices.SortFunc(s.Organs, func(x, y OrganFigures) int {
		return cmp.Or(cmp.Compare(y.New, x.New), cmp.Compare(x.Organ, y.Organ))
	})
	return s, nil
}

// late reports whether a case is open at the end of a day and past its own.
func (b *CaseBrief) late(cal *clock.Calendar, on portal.Date) bool {
	if b.Received() > on || b.Closed && b.ClosedOn <= on {
		return false
	}
	m := b.clock(cal, on)
	return m.clock.Left != nil && *m.clock.Left < 0
}

// counted is a case with what its answer took.
type counted struct {
	*CaseBrief
	used   int
	inTime bool
}

// count adds a case to the figures of a period. A case that was reopened
// counts as open.
func (f *Figures) count(c counted, from, to portal.Date) {
	received := c.Received()
	if received > to {
		return
	}
	if received >= from {
		f.New++
	} else if !c.Closed || c.ClosedOn >= from {
		f.CarriedIn++
	}
	for _, r := range c.Proceedings {
		if r.Filed >= from && r.Filed <= to {
			if f.Proceedings == nil {
				f.Proceedings = make(map[string]map[string]int)
			}
			if f.Proceedings[r.Kind] == nil {
				f.Proceedings[r.Kind] = make(map[string]int)
			}
			f.Proceedings[r.Kind][r.Result]++
		}
	}
	if !c.Closed || c.ClosedOn > to {
		f.CarriedOut++
		return
	}
	if c.ClosedOn < from {
		return
	}
	f.Closed++
	f.Fees += c.Fee
	if c.Stars > 0 {
		f.Stars = append(f.Stars, c.Stars)
	}
	if c.Outcome == "" {
		f.Withdrawn++
		return
	}
	if f.Outcomes == nil {
		f.Outcomes = make(map[string]int)
	}
	f.Outcomes[c.Outcome]++
	f.Answered++
	f.Days = append(f.Days, c.used)
	if c.inTime {
		f.InTime++
	}
}

func firstOfMonth(d portal.Date) portal.Date {
	t := d.Time()
	return portal.DateOf(time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC))
}
