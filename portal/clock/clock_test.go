package clock_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gongkai/portal/clock"
)

func day(t testing.TB, s string) clock.Date {
	t.Helper()
	d, err := clock.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The vectors were computed independently from the holiday notices.
func TestWorkingDayVectors(t *testing.T) {
	t.Parallel()
	cal := clock.China()
	for _, v := range [][5]string{
		{"2024-02-08", "2024-02-23", "2024-03-06", "2024-03-13", "2024-04-11"},
		{"2024-09-13", "2024-09-25", "2024-10-11", "2024-10-17", "2024-11-14"},
		{"2025-01-26", "2025-02-11", "2025-02-21", "2025-02-28", "2025-03-28"},
		{"2025-09-25", "2025-10-11", "2025-10-22", "2025-10-29", "2025-11-26"},
		{"2025-12-31", "2026-01-12", "2026-01-22", "2026-01-29", "2026-03-04"},
		{"2026-02-13", "2026-03-02", "2026-03-12", "2026-03-19", "2026-04-17"},
		{"2026-04-30", "2026-05-13", "2026-05-25", "2026-06-01", "2026-06-30"},
		{"2026-09-24", "2026-10-12", "2026-10-22", "2026-10-29", "2026-11-26"},
		{"2019-12-31", "2020-01-10", "2020-01-21", "2020-02-05", "2020-03-04"},
	} {
		for i, n := range []int{7, 15, 20, 40} {
			if got := cal.After(day(t, v[0]), n).String(); got != v[i+1] {
				t.Errorf("%s + %d working days = %s, want %s", v[0], n, got, v[i+1])
			}
		}
	}
}

// slowCalendar reads the notices anew, by text and by time.Time, and shares
// no code with the calendar it is held against.
type slowCalendar map[string]bool // day → works

func newSlowCalendar(t testing.TB) slowCalendar {
	t.Helper()
	b, err := os.ReadFile("data/calendar_cn.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Notices []struct {
			Rest []struct{ From, To string }
			Work []struct{ Date string }
		}
	}
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	c := slowCalendar{}
	for _, n := range f.Notices {
		for _, r := range n.Rest {
			for d := r.From; d <= r.To; d = slowNext(d) {
				c[d] = false
			}
		}
		for _, w := range n.Work {
			c[w.Date] = true
		}
	}
	return c
}

func slowNext(d string) string {
	t, _ := time.Parse("2006-01-02", d)
	return t.AddDate(0, 0, 1).Format("2006-01-02")
}

func (c slowCalendar) works(d string) bool {
	if w, ok := c[d]; ok {
		return w
	}
	t, _ := time.Parse("2006-01-02", d)
	return t.Weekday() >= time.Monday && t.Weekday() <= time.Friday
}

func TestEveryReceiptDate(t *testing.T) {
	t.Parallel()
	cal, slow := clock.China(), newSlowCalendar(t)
	for d := "2019-01-01"; d <= "2026-12-31"; d = slowNext(d) {
		want, n := d, 0
		for n < 20 {
			want = slowNext(want)
			if slow.works(want) {
				n++
			}
		}
		r, err := clock.Compute(clock.Case{Jurisdiction: "CN", Events: []clock.Event{{Type: clock.Received, Date: day(t, d), Channel: "in_person"}}, AsOf: day(t, d)}, cal)
		if err != nil {
			t.Fatalf("received %s: %v", d, err)
		}
		if r.Deadline.String() != want {
			t.Errorf("received %s: deadline %s, want %s", d, r.Deadline, want)
		}
		if r.Provisional != (want[:4] > "2026") {
			t.Errorf("received %s: provisional = %v for %s", d, r.Provisional, want)
		}
	}
}

// The notices as the project carries them agree with the holiday files.
func TestCalendarAgreesWithHolidayFiles(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("../../../shared/data/holidays/20*.json")
	if len(files) == 0 {
		t.Skip("../shared is not there")
	}
	cal := clock.China()
	want := map[string]bool{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var x struct {
			Days []struct {
				Date     string
				IsOffDay bool
			}
		}
		if err := json.Unmarshal(b, &x); err != nil {
			t.Fatal(err)
		}
		for _, d := range x.Days {
			want[d.Date] = !d.IsOffDay
		}
	}
	for d, works := range want {
		if got := cal.Working(day(t, d)); got != works {
			t.Errorf("%s: working = %v, want %v", d, got, works)
		}
	}
}

func TestWorkingDaysOfEachYear(t *testing.T) {
	t.Parallel()
	cal := clock.China()
	for year, want := range map[int]int{2019: 250, 2020: 249, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248} {
		if got := cal.Between(clock.NewDate(year-1, 12, 31), clock.NewDate(year, 12, 31)); got != want {
			t.Errorf("%d has %d working days, want %d", year, got, want)
		}
	}
}

func events(s string) string { return `{"jurisdiction":"CN","events":[` + s + `]}` }

func compute(t testing.TB, js, asOf string) (clock.Result, error) {
	t.Helper()
	c, err := clock.ReadCase([]byte(js), day(t, asOf))
	if err != nil {
		return clock.Result{}, err
	}
	return clock.Compute(c, clock.China())
}

const (
	received = `{"type":"received","date":"2026-03-02","channel":"in_person"}` // a Monday
	web      = `{"type":"received","date":"2026-03-02","channel":"web"}`
)

func TestClock(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		events   string
		asOf     string
		state    clock.State
		deadline string
		used     int
		left     string
	}{
		{"day 0 is not counted", received, "2026-03-02", clock.Running, "2026-03-30", 0, "20"},
		{"the deadline itself is in time", received, "2026-03-30", clock.Running, "2026-03-30", 20, "0"},
		{"late from the day after", received, "2026-03-31", clock.Running, "2026-03-30", 21, "-1"},
		{"web without confirmation starts at receipt", web, "2026-03-03", clock.Running, "2026-03-30", 1, "19"},
		{"web starts at confirmation", web + `,{"type":"confirmed","date":"2026-03-05"}`, "2026-03-06", clock.Running, "2026-04-02", 1, "19"},
		{"confirming in person changes nothing", received + `,{"type":"confirmed","date":"2026-03-05"}`, "2026-03-06", clock.Running, "2026-03-30", 4, "16"},
		{"a correction stops the clock", received + `,{"type":"correction_requested","date":"2026-03-05","days":10}`, "2026-03-06", clock.WaitingApplicant, "", 3, ""},
		{"the last day to correct is in time", received + `,{"type":"correction_requested","date":"2026-03-05","days":10}`, "2026-03-19", clock.WaitingApplicant, "", 3, ""},
		{"no correction: lapsed", received + `,{"type":"correction_requested","date":"2026-03-05","days":10}`, "2026-03-20", clock.Lapsed, "", 3, ""},
		{"a correction starts afresh", received + `,{"type":"correction_requested","date":"2026-03-05","days":10},{"type":"correction_received","date":"2026-03-10"}`, "2026-03-11", clock.Running, "2026-04-08", 1, "19"},
		{"late correction with a good reason", received + `,{"type":"correction_requested","date":"2026-03-05","days":3},{"type":"correction_received","date":"2026-03-20","reason":"住院"}`, "2026-03-20", clock.Running, "2026-04-20", 0, "20"},
		{"an extension is added", received + `,{"type":"extended","date":"2026-03-30","days":20,"approved_by":"林"}`, "2026-03-31", clock.Running, "2026-04-28", 21, "19"},
		{"an extension survives a correction", received + `,{"type":"extended","date":"2026-03-03","days":5,"approved_by":"林"},{"type":"correction_requested","date":"2026-03-05","days":10},{"type":"correction_received","date":"2026-03-10"}`, "2026-03-10", clock.Running, "2026-04-15", 0, "25"},
		{"consultation of the vector", `{"type":"received","date":"2026-09-14","channel":"in_person"},{"type":"consultation_sent","date":"2026-09-18","party":"甲"},{"type":"consultation_returned","date":"2026-10-15","party":"甲"}`, "2026-10-01", clock.Paused, "2026-11-06", 4, "16"},
		{"an opinion not back is capped", `{"type":"received","date":"2026-09-14","channel":"in_person"},{"type":"consultation_sent","date":"2026-09-18","party":"甲"}`, "2026-10-15", clock.Running, "2026-11-06", 4, "16"},
		{"the fifteen days run from delivery", `{"type":"received","date":"2026-03-02","channel":"in_person"},{"type":"consultation_sent","date":"2026-03-04","party":"甲","delivered":"2026-03-06"}`, "2026-03-26", clock.Paused, "2026-04-23", 2, "18"},
		{"two letters pause once", received + `,{"type":"consultation_sent","date":"2026-03-04","party":"甲"},{"type":"consultation_sent","date":"2026-03-05","party":"乙"},{"type":"consultation_returned","date":"2026-03-09","party":"甲"},{"type":"consultation_returned","date":"2026-03-11","party":"乙"}`, "2026-03-12", clock.Running, "2026-04-07", 3, "17"},
		{"a fee stops the clock", received + `,{"type":"fee_notified","date":"2026-03-10"}`, "2026-03-11", clock.WaitingApplicant, "", 6, ""},
		{"an unpaid fee: lapsed", received + `,{"type":"fee_notified","date":"2026-03-10"}`, "2026-04-09", clock.Lapsed, "", 6, ""},
		{"a paid fee starts afresh", received + `,{"type":"fee_notified","date":"2026-03-10"},{"type":"fee_paid","date":"2026-03-12"}`, "2026-03-13", clock.Running, "2026-04-10", 1, "19"},
		{"a later date under Art. 35", received + `,{"type":"unreasonable_volume","date":"2026-03-05","until":"2026-05-29"}`, "2026-05-28", clock.Running, "2026-05-29", 60, "1"},
		{"answered", received + `,{"type":"answered","date":"2026-03-20"}`, "2026-04-20", clock.Done, "2026-03-30", 14, "6"},
		{"before it was answered it ran", received + `,{"type":"answered","date":"2026-03-20"}`, "2026-03-10", clock.Running, "2026-03-30", 6, "14"},
		{"withdrawn", received + `,{"type":"withdrawn","date":"2026-03-20"}`, "2026-04-20", clock.Gone, "2026-03-30", 14, "6"},
		{"reopened with the period set", received + `,{"type":"answered","date":"2026-03-20"},{"type":"reopened","date":"2026-06-01","days":15}`, "2026-06-02", clock.Running, "2026-06-23", 1, "14"},
		{"forwarded to the right office", received + `,{"type":"forwarded","date":"2026-03-05"}`, "2026-03-06", clock.Running, "2026-04-02", 1, "19"},
		{"events in any order of the list", `{"type":"confirmed","date":"2026-03-05"},` + web, "2026-03-06", clock.Running, "2026-04-02", 1, "19"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := compute(t, events(tt.events), tt.asOf)
			if err != nil {
				t.Fatal(err)
			}
			left := ""
			if r.Left != nil {
				left = fmt.Sprint(*r.Left)
			}
			got := []any{r.State, r.Deadline.String(), r.Used, left}
			if diff := cmp.Diff([]any{tt.state, tt.deadline, tt.used, tt.left}, got); diff != "" {
				t.Errorf("state, deadline, used, left (-want +got):\n%s", diff)
			}
			if len(r.Steps) == 0 {
				t.Error("there is no derivation")
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	correction := `,{"type":"correction_requested","date":"2026-03-05","days":10}`
	tests := []struct {
		name, events string
		index        int
		law          string
	}{
		{"nothing", ``, -1, ""},
		{"no receipt", `{"type":"answered","date":"2026-03-02"}`, 0, "Art. 31"},
		{"unknown event", received + `,{"type":"lost","date":"2026-03-03"}`, 1, ""},
		{"unknown channel", `{"type":"received","date":"2026-03-02","channel":"pigeon"}`, 0, "Art. 31"},
		{"no date", received + `,{"type":"answered"}`, 1, ""},
		{"not a date", `{"type":"received","date":"2026-02-30","channel":"web"}`, 0, ""},
		{"received twice", received + `,` + received, 1, "Art. 31"},
		{"confirmed before receipt", web + `,{"type":"confirmed","date":"2026-03-01"}`, 1, "Art. 31"},
		{"confirmed twice", web + `,{"type":"confirmed","date":"2026-03-03"},{"type":"confirmed","date":"2026-03-04"}`, 2, "Art. 31(3)"},
		{"correction on the eighth day", received + `,{"type":"correction_requested","date":"2026-03-12","days":10}`, 1, "Art. 30"},
		{"correction asked twice", received + correction + `,{"type":"correction_received","date":"2026-03-06"},{"type":"correction_requested","date":"2026-03-09","days":5}`, 3, "Art. 30"},
		{"correction not asked for", received + `,{"type":"correction_received","date":"2026-03-06"}`, 1, "Art. 30"},
		{"correction too late", received + correction + `,{"type":"correction_received","date":"2026-03-20"}`, 2, "Art. 30"},
		{"extended by 21 days", received + `,{"type":"extended","date":"2026-03-10","days":21,"approved_by":"林"}`, 1, "Art. 33 para. 2"},
		{"extended by nobody", received + `,{"type":"extended","date":"2026-03-10","days":10}`, 1, "Art. 33 para. 2"},
		{"extended after the deadline", received + `,{"type":"extended","date":"2026-03-31","days":10,"approved_by":"林"}`, 1, "Art. 33 para. 2"},
		{"extended twice", received + `,{"type":"extended","date":"2026-03-10","days":5,"approved_by":"林"},{"type":"extended","date":"2026-03-11","days":5,"approved_by":"林"}`, 2, "Art. 33 para. 2"},
		{"extended while waiting", received + correction + `,{"type":"extended","date":"2026-03-10","days":5,"approved_by":"林"}`, 2, "Art. 33 para. 2"},
		{"opinion nobody was asked for", received + `,{"type":"consultation_returned","date":"2026-03-10","party":"甲"}`, 1, "Arts. 32, 33 para. 3, 34"},
		{"delivered before sent", received + `,{"type":"consultation_sent","date":"2026-03-10","party":"甲","delivered":"2026-03-09"}`, 1, "Arts. 32, 33 para. 3, 34"},
		{"fee after the deadline", received + `,{"type":"fee_notified","date":"2026-03-31"}`, 1, "Art. 42; Guobanhan [2020] 109, Art. 6"},
		{"fee paid too late", received + `,{"type":"fee_notified","date":"2026-03-10"},{"type":"fee_paid","date":"2026-04-09"}`, 2, "Art. 42; Guobanhan [2020] 109, Art. 6"},
		{"transferred", received + `,{"type":"transferred","date":"2026-03-10"}`, 1, "Art. 36(5)"},
		{"after the answer", received + `,{"type":"answered","date":"2026-03-10"},{"type":"extended","date":"2026-03-11","days":5,"approved_by":"林"}`, 2, "Art. 33"},
		{"reopened while open", received + `,{"type":"reopened","date":"2026-03-11","days":5}`, 1, "Reconsideration Law; Litigation Law"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := compute(t, events(tt.events), "2026-04-01")
			e, ok := errors.AsType[*clock.EventError](err)
			if !ok {
				t.Fatalf("err = %v, want an event error", err)
			}
			if e.Index != tt.index || e.Law.EN != tt.law {
				t.Errorf("refused event %d by %q, want %d by %q (%v)", e.Index, e.Law.EN, tt.index, tt.law, e)
			}
			if e.Text("zh") == "" || e.Text("en") == "" {
				t.Error("a language has no reason")
			}
		})
	}
	if _, err := compute(t, `{"jurisdiction":"XX","events":[`+received+`]}`, "2026-04-01"); err == nil {
		t.Error("an unknown jurisdiction was taken")
	}
}

// naive is an obvious day-by-day counter: it walks from the receipt to asOf,
// keeping a tally, and knows nothing of periods or intervals. It takes only
// sequences that are lawful.
type naive struct {
	slow             slowCalendar
	start, waitUntil string
	allowed, used    int
	extra            int
	waiting, ended   bool
	lapsed           bool
	confirmed        bool // the clock starts at a confirmation
	letters          map[string]*letter
}

type letter struct {
	left     int // working days until the opinion is due
	from     string
	returned bool
}

// run walks to asOf and reports state and days used; then it walks on until
// the deadline, if a period runs.
func (n *naive) run(evs []clock.Event, asOf string) (state string, used int) {
	n.letters = map[string]*letter{}
	at := map[string][]clock.Event{}
	for _, e := range evs {
		at[e.Date.String()] = append(at[e.Date.String()], e)
		n.confirmed = n.confirmed || e.Type == clock.Confirmed
	}
	last := evs[len(evs)-1].Date.String()
	for d := evs[0].Date.String(); d <= asOf || d <= last; d = slowNext(d) {
		works := n.slow.works(d)
		// The day counts if a period ran when it began and no letter was out.
		if n.start != "" && d > n.start && !n.waiting && !n.ended && works && !n.pausedOn(d) {
			n.used++
		}
		if works {
			for _, l := range n.letters {
				if d > l.from && !l.returned {
					l.left--
				}
			}
		}
		if n.waiting && d > n.waitUntil {
			n.lapsed = true
		}
		for _, e := range at[d] {
			n.take(e)
		}
		if d == asOf {
			state, used = n.state(d), n.used
		}
	}
	return state, used
}

func (n *naive) pausedOn(d string) bool {
	for _, l := range n.letters {
		if d > l.from && !l.returned && l.left > 0 {
			return true
		}
	}
	return false
}

func (n *naive) state(d string) string {
	switch {
	case n.ended:
		return "answered"
	case n.lapsed:
		return "lapsed"
	case n.waiting:
		return "waiting_applicant"
	}
	for _, l := range n.letters {
		if d >= l.from && !l.returned && l.left > 0 {
			return "paused"
		}
	}
	return "running"
}

func (n *naive) restart(d string) {
	n.start, n.used, n.allowed, n.waiting = d, 0, 20+n.extra, false
	n.letters = map[string]*letter{}
}

func (n *naive) wait(d string, days int) {
	n.waiting = true
	n.waitUntil = d
	for days > 0 {
		n.waitUntil = slowNext(n.waitUntil)
		if n.slow.works(n.waitUntil) {
			days--
		}
	}
}

func (n *naive) take(e clock.Event) {
	d := e.Date.String()
	switch e.Type {
	case clock.Received:
		if !n.confirmed {
			n.restart(d)
		}
	case clock.Confirmed, clock.CorrectionReceived, clock.FeePaid:
		n.restart(d)
	case clock.CorrectionRequested:
		n.wait(d, e.Days)
	case clock.FeeNotified:
		n.wait(d, 20)
	case clock.Extended:
		n.extra += e.Days
		n.allowed += e.Days
	case clock.ConsultationSent:
		n.letters[e.Party] = &letter{left: 15, from: d}
	case clock.ConsultationReturned:
		if l := n.letters[e.Party]; l != nil {
			l.returned = true
		}
	case clock.Answered:
		n.ended = true
	}
}

// finish walks on from a day until the allowed days are used.
func (n *naive) finish(d string) string {
	for n.used < n.allowed {
		d = slowNext(d)
		works := n.slow.works(d)
		if works && !n.pausedOn(d) {
			n.used++
		}
		if works {
			for _, l := range n.letters {
				if d > l.from && !l.returned {
					l.left--
				}
			}
		}
	}
	return d
}

func TestRandomSequencesAgainstDayByDayCounter(t *testing.T) {
	t.Parallel()
	slow, cal := newSlowCalendar(t), clock.China()
	r := rand.New(rand.NewPCG(1, 2))
	accepted, deadlines := 0, 0
	defer func() {
		if deadlines < 1000 {
			t.Errorf("only %d deadlines were compared", deadlines)
		}
	}()
	for i := 0; accepted < 6000; i++ {
		if i > 400000 {
			t.Fatalf("only %d lawful sequences found", accepted)
		}
		evs := randomSequence(r)
		asOf := evs[0].Date + clock.Date(r.IntN(120))
		got, err := clock.Compute(clock.Case{Jurisdiction: "CN", Events: evs, AsOf: asOf}, cal)
		if err != nil {
			continue // not lawful; TestRefusals holds what is refused
		}
		accepted++
		n := &naive{slow: slow}
		state, used := n.run(evs, asOf.String())
		if string(got.State) != state || got.Used != used {
			t.Fatalf("as of %s: state %s, used %d; the counter says %s, %d\n%v", asOf, got.State, got.Used, state, used, evs)
		}
		// A second walk, to the last event only, finds the deadline.
		n = &naive{slow: slow}
		last := evs[len(evs)-1].Date.String()
		n.run(evs, last)
		if !n.waiting && !n.ended && n.used < n.allowed {
			if want := n.finish(last); got.Deadline.String() != want {
				t.Fatalf("deadline %s; the counter says %s\n%v", got.Deadline, want, evs)
			}
			deadlines++
		}
		counted := 0
		for _, s := range got.Steps {
			if s.Counts && s.Number == 1 {
				counted = 0
			}
			if s.Counts {
				counted++
				if s.Number != counted {
					t.Fatalf("the derivation counts %d after %d\n%v", s.Number, counted-1, evs)
				}
			}
		}
	}
}

// randomSequence makes events that are often lawful.
func randomSequence(r *rand.Rand) []clock.Event {
	channels := []string{"in_person", "registered_mail", "oral", "web", "mail", "fax"}
	d := clock.NewDate(2021, 1, 1) + clock.Date(r.IntN(1800))
	channel := channels[r.IntN(len(channels))]
	evs := []clock.Event{{Type: clock.Received, Date: d, Channel: channel}}
	if (channel == "web" || channel == "mail" || channel == "fax") && r.IntN(2) == 0 {
		d += clock.Date(r.IntN(4))
		evs = append(evs, clock.Event{Type: clock.Confirmed, Date: d})
	}
	parties, sent := []string{"甲", "乙", "丙"}, 0
	for range r.IntN(7) {
		d += clock.Date(r.IntN(12))
		switch r.IntN(8) {
		case 0:
			evs = append(evs, clock.Event{Type: clock.CorrectionRequested, Date: d, Days: 1 + r.IntN(20)})
		case 1:
			evs = append(evs, clock.Event{Type: clock.CorrectionReceived, Date: d})
		case 2:
			evs = append(evs, clock.Event{Type: clock.Extended, Date: d, Days: 1 + r.IntN(20), ApprovedBy: "林"})
		case 3, 4:
			if sent < len(parties) {
				evs = append(evs, clock.Event{Type: clock.ConsultationSent, Date: d, Party: parties[sent]})
				sent++
			}
		case 5:
			if sent > 0 {
				evs = append(evs, clock.Event{Type: clock.ConsultationReturned, Date: d, Party: parties[r.IntN(sent)]})
			}
		case 6:
			evs = append(evs, clock.Event{Type: clock.FeeNotified, Date: d})
		case 7:
			evs = append(evs, clock.Event{Type: clock.FeePaid, Date: d})
		}
	}
	if r.IntN(3) == 0 {
		evs = append(evs, clock.Event{Type: clock.Answered, Date: d + clock.Date(r.IntN(20))})
	}
	return evs
}

// FuzzReadCase checks that no input makes the clock fail otherwise than by
// saying which event is wrong, and that one state always holds.
func FuzzReadCase(f *testing.F) {
	f.Add(events(received))
	f.Add(events(web + `,{"type":"confirmed","date":"2026-03-05"},{"type":"correction_requested","date":"2026-03-06","days":-3}`))
	f.Add(`{"events":[{"type":"received","date":20260302}]}`)
	f.Add(events(received + `,{"type":"unreasonable_volume","date":"2026-03-05","until":"2199-12-31"}`))
	cal := clock.China()
	f.Fuzz(func(t *testing.T, s string) {
		c, err := clock.ReadCase([]byte(s), clock.NewDate(2026, 11, 22))
		if err != nil {
			return
		}
		r, err := clock.Compute(c, cal)
		if err != nil {
			if _, ok := errors.AsType[*clock.EventError](err); !ok {
				t.Fatalf("%v is not an event error", err)
			}
			return
		}
		if !strings.Contains("running paused waiting_applicant lapsed answered withdrawn", string(r.State)) || r.State == "" {
			t.Fatalf("state %q", r.State)
		}
	})
}

// BenchmarkCompute is the price of one evaluation with its derivation.
func BenchmarkCompute(b *testing.B) {
	c, err := clock.ReadCase([]byte(events(web+`,{"type":"confirmed","date":"2026-03-05"},{"type":"consultation_sent","date":"2026-03-10","party":"甲"},{"type":"extended","date":"2026-03-20","days":20,"approved_by":"林"}`)), clock.NewDate(2026, 4, 1))
	if err != nil {
		b.Fatal(err)
	}
	cal := clock.China()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := clock.Compute(c, cal); err != nil {
			b.Fatal(err)
		}
	}
}
