package process_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/letters"
	"gongkai/portal/process"
)

// lastDay counts a limit day by day, as one does with a finger on the calendar.
func lastDay(cal *clock.Calendar, from portal.Date, n int, unit string) portal.Date {
	d := from
	switch unit {
	case process.WorkingDays:
		for n > 0 {
			if d++; cal.Working(d) {
				n--
			}
		}
	case process.Days:
		for range n {
			d++
		}
		for n > 0 && !cal.Working(d) { // a last day that is no working day moves on
			d++
		}
	}
	return d
}

// TestEveryLimit holds each limit of the letters against the counter, from every day of a
// year with its holidays.
func TestEveryLimit(t *testing.T) {
	t.Parallel()
	cal := clock.China()
	start := clock.NewDate(2025, 9, 1)
	for _, l := range letters.Rules.Process.Limits {
		for i := range 365 {
			from := start + portal.Date(i)
			for _, more := range []int{0, l.ExtendBy} {
				d := process.Deadline{Limit: &l, From: from, FromAt: from.Time().Add(9 * time.Hour), Units: more}.Reckon(cal, time.UTC)
				want := lastDay(cal, from, l.N+more, l.Unit)
				if l.Unit == process.Hours {
					want = portal.DateOf(from.Time().Add(time.Duration(9+l.N+more) * time.Hour))
				}
				if d.Day != want {
					t.Fatalf("%s %v, %d %s from %s and %d more: %s, counted %s", l.Code, l.When, l.N, l.Unit, from, more, d.Day, want)
				}
				if d.Late(want.Time().Add(8*time.Hour)) || !d.Late(want.Time().Add(48*time.Hour)) {
					t.Fatalf("%s from %s: late at the wrong time", l.Code, from)
				}
			}
		}
	}
}

// TestRulesAreWhole checks what rule data must hold: steps lead to states that there are,
// limits begin and end with steps that there are, every channel and kind has limits.
func TestRulesAreWhole(t *testing.T) {
	t.Parallel()
	p := letters.Rules.Process
	states := make(map[string]bool)
	for _, s := range p.States {
		states[s.Code] = true
	}
	steps := make(map[string]bool)
	for _, s := range p.Steps {
		steps[s.Code] = true
		for _, x := range append(s.From, s.To) {
			if x != "" && !states[x] {
				t.Errorf("step %s names state %q", s.Code, x)
			}
		}
	}
	for _, l := range p.Limits {
		for _, x := range append(append([]string{}, l.From...), l.Until...) {
			if !steps[x] {
				t.Errorf("limit %s names step %q", l.Code, x)
			}
		}
		if l.Source == "" {
			t.Errorf("limit %s has no source", l.Code)
		}
	}
	for _, c := range letters.Rules.Channels {
		for _, k := range letters.Rules.Kinds {
			if n := len(p.LimitsOf(process.Facts{"channel": c.Code, "kind": k.Code})); n < 2 {
				t.Errorf("%s %s has %d limits", c.Code, k.Code, n)
			}
		}
	}
}

// TestStepsKeepTheirRules tries every step in random order: what is taken was allowed, an
// ended matter has nothing that runs, and no step is taken more often than it may be.
func TestStepsKeepTheirRules(t *testing.T) {
	t.Parallel()
	p := letters.Rules.Process
	for seed := range uint64(500) {
		r0 := rand.New(rand.NewPCG(seed, 13))
		day := clock.NewDate(2026, 3, 1)
		steps := []process.Step{{Type: letters.Receive, On: day, At: day.Time()}}
		counts := make(map[string]int)
		for range r0.IntN(31) {
			r := p.Steps[r0.IntN(len(p.Steps))]
			day += portal.Date(r0.IntN(4))
			before := p.State(steps)
			next, err := p.Add(steps, process.Step{Type: r.Code, On: day, At: day.Time(), Note: "x", Units: 3}, r.By)
			if err != nil {
				continue
			}
			ok := false
			for _, f := range r.From {
				ok = ok || f == before
			}
			if counts[r.Code]++; !ok || r.Most > 0 && counts[r.Code] > r.Most {
				t.Fatalf("%s in state %s, %d times", r.Code, before, counts[r.Code])
			}
			steps = next
		}
		runs := p.Runs(steps, process.Facts{"channel": "mayor", "kind": "ask"})
		for _, d := range runs {
			if p.Ended(steps) && d.MetOn == 0 {
				t.Fatalf("%s runs in an ended matter", d.Limit.Code)
			}
		}
	}
}
