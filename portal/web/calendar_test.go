package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"gongkai/portal/cases"
	"gongkai/portal/clock"
)

const notice2027 = `元旦 2027-01-01..2027-01-03
春节 2027-02-05..2027-02-11
春节 2027-02-14 上班
清明节 2027-04-03..2027-04-05
劳动节 2027-05-01..2027-05-05
端午节 2027-06-09
中秋节 2027-09-15
国庆节 2027-10-01..2027-10-07
国庆节 2027-10-09 上班
`

// TestNoticeMovesDeadlines loads the notice of a new year: it is shown first,
// then every open case is computed anew, and its handler is told.
func TestNoticeMovesDeadlines(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	applications := cases.Cases{Clockwork: s.searches.Clockwork, Store: s.st.ForCases()}
	s.set(time.Date(2027, 1, 26, 10, 0, 0, 0, testNow.Location()))
	r, err := applications.Applying().Apply(t.Context(), &cases.Application{Organ: "water", Subject: "水质", Description: "水质检测报告", Form: "electronic", Delivery: "online"}, &cases.Applicant{Kind: "natural", Name: "某人", IDNumber: "110101199001011237", Phone: "0531-5550199"})
	if err != nil {
		t.Fatal(err)
	}
	clockOf := func() clock.Result {
		a, err := s.st.Cases.Application(t.Context(), r.Number)
		if err != nil {
			t.Fatal(err)
		}
		c, err := a.Clock(s.searches.Calendar(), s.searches.Today())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := clockOf(); c.Deadline.String() != "2027-02-23" || !c.Provisional {
		t.Fatalf("before the notice: %s, provisional %v", c.Deadline, c.Provisional)
	}
	b := s.signedIn(t, "admin")
	b.get("/?lang=zh")
	page := b.post("/desk/calendar", url.Values{"text": {notice2027}, "source": {"国务院办公厅通知"}, "do": {"check"}})
	if page.code != 200 || !strings.Contains(page.body, "读到的2027年安排") || !strings.Contains(page.body, string(r.Number)) || !strings.Contains(page.body, "保存并重新计算") {
		t.Fatalf("checking: %d %s", page.code, page.body)
	}
	if c := clockOf(); c.Deadline.String() != "2027-02-23" {
		t.Fatal("checking alone has moved a deadline")
	}
	for _, bad := range []url.Values{
		{"text": {""}, "source": {"x"}}, {"text": {notice2027}}, {"text": {"国庆节 2027-10-07..2027-10-01"}, "source": {"x"}}, {"text": {notice2027 + "国庆节 2027-10-12 上班"}, "source": {"x"}},
		{"text": {"{"}, "source": {"x"}}, {"text": {"BEGIN:VCALENDAR\nnonsense"}, "source": {"x"}}, {"text": {"国庆节 明天"}, "source": {"x"}}, {"text": {notice2027 + "国庆节 2027-10-02 上班"}, "source": {"x"}},
	} {
		bad.Set("do", "save")
		if r := b.post("/desk/calendar", bad); r.code != 422 {
			t.Errorf("%v is taken: %d", bad, r.code)
		}
	}
	if r := b.post("/desk/calendar", url.Values{"text": {notice2027}, "source": {"国务院办公厅通知"}, "do": {"save"}}); r.code != 303 {
		t.Fatalf("saving: %d %s", r.code, r.body)
	}
	// 20 working days from 26 January 2027: five days of the Spring Festival
	// are off, one Sunday is worked.
	if c := clockOf(); c.Deadline.String() != "2027-03-01" || c.Provisional {
		t.Errorf("after the notice: %s, provisional %v", c.Deadline, c.Provisional)
	}
	h := s.signedIn(t, "handler")
	h.get("/?lang=zh")
	if list := h.get("/desk/applications").body; !strings.Contains(list, "期限有变动") || !strings.Contains(list, "2027年2月23日改为2027年3月1日") {
		t.Error("the handler is not told")
	}
	if page := h.get("/desk/applications/" + string(r.Number)).body; !strings.Contains(page, "2027年2月23日改为2027年3月1日") {
		t.Error("the case does not tell")
	}
	// It is there after a restart.
	again := &cases.Notices{Now: s.searches.Now, Store: s.st.ForNotices()}
	if err := again.Load(t.Context()); err != nil || again.Calendar().LastYear() != 2027 {
		t.Errorf("after a restart: %d, %v", again.Calendar().LastYear(), err)
	}
	if page := b.get("/desk/calendar").body; !strings.Contains(page, "国务院办公厅通知") {
		t.Error("the notice is not listed")
	}
}

// TestDeadlineOfAnyJurisdiction uses the public calculator.
func TestDeadlineOfAnyJurisdiction(t *testing.T) {
	t.Parallel()
	b := newSite(t, "").browser(t)
	b.get("/?lang=en")
	for _, v := range [][2]string{
		{"jurisdiction=GB&received=2026-03-27&channel=web", "28 April 2026"},
		{"jurisdiction=CN&received=2026-09-24&channel=in_person&correction_requested=2026-09-25&correction_days=10&correction_received=2026-09-28", "30 October 2026"},
		{"jurisdiction=CN&received=2026-09-24&channel=in_person&correction_requested=2026-09-25&correction_days=10&as_of=2026-09-26", "Waiting for the applicant"},
		{"jurisdiction=DE&received=2026-02-09", "9 March 2026"},
		{"jurisdiction=IN&received=2026-01-10&fee_notified=2026-01-20&fee_paid=2026-01-30", "19 February 2026"},
	} {
		if r := b.get("/deadline?" + v[0]); r.code != 200 || !strings.Contains(r.body, v[1]) {
			t.Errorf("%s: %d, lacks %q", v[0], r.code, v[1])
		}
	}
	for _, bad := range []string{"jurisdiction=IN&received=2026-01-10&extended_days=5", "jurisdiction=XX&received=2026-01-10", "received=2026-13-10", "received=2026-01-10&channel=in_person&extended_days=21", "received=2026-01-10&extended_days=x"} {
		if r := b.get("/deadline?" + bad); r.code != 422 || !strings.Contains(r.body, "govuk-error-summary") {
			t.Errorf("%s: %d", bad, r.code)
		}
	}
}
