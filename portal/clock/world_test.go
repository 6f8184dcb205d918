package clock_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"gongkai/portal/clock"
)

// step is one event of a table: type, day, and what goes with it.
type step struct {
	typ  clock.EventType
	date string
	more func(*clock.Event)
}

func days(n int) func(*clock.Event) { return func(e *clock.Event) { e.Days = n } }

func by(channel string) func(*clock.Event) { return func(e *clock.Event) { e.Channel = channel } }

func party(name string) func(*clock.Event) {
	return func(e *clock.Event) { e.Party, e.Kind = name, "third_party" }
}

func caseOf(t testing.TB, jurisdiction string, steps []step) clock.Case {
	t.Helper()
	c := clock.Case{Jurisdiction: jurisdiction}
	for _, s := range steps {
		e := clock.Event{Type: s.typ, Date: day(t, s.date)}
		if s.more != nil {
			s.more(&e)
		}
		c.Events = append(c.Events, e)
	}
	return c
}

// TestOtherJurisdictions holds the rule data against deadlines worked out by
// hand from the laws and the holidays named beside them.
func TestOtherJurisdictions(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		name, jurisdiction string
		steps              []step
		deadline           string
	}{
		// 20 working days after Friday 27 March 2026, without Good Friday 3
		// and Easter Monday 6 April: 28 April.
		{"GB over Easter", "GB", []step{{clock.Received, "2026-03-27", nil}}, "2026-04-28"},
		// A Saturday may be the day of receipt; 12 July 2026 is kept in
		// Northern Ireland on the 13th, and does not count anywhere.
		{"GB received on a Saturday, with a day of Northern Ireland", "GB", []step{{clock.Received, "2026-07-04", nil}}, "2026-08-04"},
		{"Scotland does not keep that day", "GB-SCT", []step{{clock.Received, "2026-07-04", nil}}, "2026-07-31"},
		// The days from the notice to the payment, both counted in, are left
		// out: 9 to 13 March is one week. 17 March is kept in Northern Ireland.
		{"GB fee", "GB", []step{{clock.Received, "2026-03-02", nil}, {clock.FeeNotified, "2026-03-09", nil}, {clock.FeePaid, "2026-03-13", nil}}, "2026-04-09"},
		{"GB clarified", "GB", []step{{clock.Received, "2026-01-05", nil}, {clock.CorrectionRequested, "2026-01-09", nil}, {clock.CorrectionReceived, "2026-02-02", nil}}, "2026-03-02"},
		// 20 days without Saturdays, Sundays and Memorial Day, 25 May 2026.
		{"US over Memorial Day", "US", []step{{clock.Received, "2026-05-11", nil}}, "2026-06-09"},
		{"US forwarded late: at the latest ten days after", "US", []step{{clock.Received, "2026-03-02", nil}, {clock.Forwarded, "2026-03-20", nil}}, "2026-04-09"},
		{"US extended", "US", []step{{clock.Received, "2026-03-02", nil}, {clock.Extended, "2026-03-20", days(10)}}, "2026-04-13"},
		{"EU from registration", "EU", []step{{clock.Received, "2026-01-30", by("web")}, {clock.Confirmed, "2026-02-02", nil}}, "2026-02-23"},
		{"EU extended by 15", "EU", []step{{clock.Received, "2026-02-02", nil}, {clock.Extended, "2026-02-20", days(15)}}, "2026-03-16"},
		{"India, 30 days of the calendar", "IN", []step{{clock.Received, "2026-01-10", nil}}, "2026-02-09"},
		{"India, time to pay left out", "IN", []step{{clock.Received, "2026-01-10", nil}, {clock.FeeNotified, "2026-01-20", nil}, {clock.FeePaid, "2026-01-30", nil}}, "2026-02-19"},
		{"India, third party: 40 days from receipt", "IN", []step{{clock.Received, "2026-01-10", nil}, {clock.ConsultationSent, "2026-01-14", party("x")}}, "2026-02-19"},
		// The 30th day is Saturday 9 May 2026, so Monday.
		{"Japan, rolled on", "JP", []step{{clock.Received, "2026-04-09", nil}}, "2026-05-11"},
		{"Japan, correction left out", "JP", []step{{clock.Received, "2026-06-01", nil}, {clock.CorrectionRequested, "2026-06-05", nil}, {clock.CorrectionReceived, "2026-06-10", nil}}, "2026-07-06"},
		{"Japan, extended", "JP", []step{{clock.Received, "2026-06-01", nil}, {clock.Extended, "2026-06-20", days(30)}}, "2026-07-31"},
		{"Taiwan", "TW", []step{{clock.Received, "2026-03-02", nil}}, "2026-03-17"},
		{"Taiwan, end on a Sunday", "TW", []step{{clock.Received, "2026-02-28", nil}}, "2026-03-16"},
		{"Hong Kong", "HK", []step{{clock.Received, "2026-03-02", nil}}, "2026-03-12"},
		{"Hong Kong, interim replies", "HK", []step{{clock.Received, "2026-03-02", nil}, {clock.Extended, "2026-03-10", days(11)}, {clock.Extended, "2026-03-20", days(30)}}, "2026-04-22"},
		// Day 30 is Saturday 4 July 2026; Monday the 6th.
		{"Canada, rolled on", "CA", []step{{clock.Received, "2026-06-04", nil}}, "2026-07-06"},
		{"Canada, complete later", "CA", []step{{clock.Received, "2026-06-01", by("mail")}, {clock.Confirmed, "2026-06-09", nil}}, "2026-07-09"},
		{"Canada, extended from receipt", "CA", []step{{clock.Received, "2026-06-04", nil}, {clock.Extended, "2026-06-20", days(30)}}, "2026-08-03"},
		{"Germany, a month", "DE", []step{{clock.Received, "2026-02-09", nil}}, "2026-03-09"},
		{"Germany, the end of a shorter month, a Saturday", "DE", []step{{clock.Received, "2026-01-31", nil}}, "2026-03-02"},
	} {
		r, err := clock.Compute(caseOf(t, v.jurisdiction, v.steps), clock.China())
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		if r.Deadline.String() != v.deadline {
			t.Errorf("%s: %s, want %s", v.name, r.Deadline, v.deadline)
		}
		last := r.Steps[len(r.Steps)-1]
		if last.Date != r.Deadline {
			t.Errorf("%s: the derivation ends on %s, the deadline is %s", v.name, last.Date, r.Deadline)
		}
		n := 0
		for _, s := range r.Steps {
			if s.Counts {
				n++
			}
		}
		if r.Left == nil || n < r.Allowed && !strings.Contains(v.name, "40 days") {
			t.Errorf("%s: %d days counted of %d", v.name, n, r.Allowed)
		}
	}
}

// TestWhatOtherRulesDoNotKnow refuses steps that a law has not.
func TestWhatOtherRulesDoNotKnow(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		jurisdiction string
		second       step
	}{
		{"IN", step{clock.CorrectionRequested, "2026-01-12", nil}}, {"IN", step{clock.Extended, "2026-01-12", days(5)}}, {"JP", step{clock.FeeNotified, "2026-01-12", nil}},
		{"US", step{clock.Extended, "2026-01-12", days(11)}}, {"EU", step{clock.Extended, "2026-01-12", days(16)}}, {"DE", step{clock.Extended, "2026-01-12", days(1)}}, {"XX", step{clock.Answered, "2026-01-12", nil}},
	} {
		_, err := clock.Compute(caseOf(t, v.jurisdiction, []step{{clock.Received, "2026-01-05", nil}, v.second}), clock.China())
		if _, ok := errors.AsType[*clock.EventError](err); !ok {
			t.Errorf("%s takes %s: %v", v.jurisdiction, v.second.typ, err)
		}
	}
}

// TestEveryJurisdictionIsComplete checks the rule data itself.
func TestEveryJurisdictionIsComplete(t *testing.T) {
	t.Parallel()
	all := clock.Jurisdictions()
	if len(all) < 11 {
		t.Fatalf("only %d jurisdictions", len(all))
	}
	for _, r := range all {
		if r.Verified == "" || r.Source == "" || r.Name.ZH == "" || r.Name.EN == "" || r.Unit == "" || r.AnswerDays == 0 || r.Correction.Effect == "" || r.Fee.Effect == "" || r.Silence.EN == "" ||
			r.Articles["answer"].EN == "" || r.Articles["day0"].EN == "" || len(r.ConfirmedChannels)+len(r.ReceiptChannels) == 0 || r.Consultation.Silence["third_party"] == "" {
			t.Errorf("%s lacks something: %+v", r.Jurisdiction, r)
		}
		// While the applicant is awaited there is no deadline, and never a panic.
		for _, wait := range []clock.EventType{clock.CorrectionRequested, clock.FeeNotified} {
			c := caseOf(t, r.Jurisdiction, []step{{clock.Received, "2026-03-02", nil}, {wait, "2026-03-04", nil}})
			got, err := clock.Compute(c, clock.China())
			if err != nil {
				continue
			}
			if got.State != clock.WaitingApplicant || got.Deadline != 0 || len(got.Steps) == 0 || len(got.Steps) > 60 {
				t.Errorf("%s, %s: state %s, deadline %s, %d steps", r.Jurisdiction, wait, got.State, got.Deadline, len(got.Steps))
			}
		}
	}
}

// TestNoDateIsWrittenThatCannotBeRead: a slip in a day must not make a record
// that cannot be loaded again.
func TestNoDateIsWrittenThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, d := range []clock.Date{20000, -5, 1 << 29} {
		if b, err := json.Marshal(d); err == nil {
			t.Errorf("%d is written as %s", d, b)
		}
	}
}
