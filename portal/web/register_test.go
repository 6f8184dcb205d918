package web_test

import (
	"regexp"
	"strings"
	"testing"

	ical "github.com/arran4/golang-ical"
	"github.com/xuri/excelize/v2"

	"gongkai/portal"
	"gongkai/portal/cases"
)

// TestCalendarOfWhatFallsDue subscribes to a handler's calendar.
func TestCalendarOfWhatFallsDue(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	h := s.signedIn(t, "handler")
	h.get("/?lang=zh")
	m := regexp.MustCompile(`id="due">http://[^/]+(/due/handler/[0-9a-f]+\.ics)<`).FindStringSubmatch(h.get("/desk/applications").body)
	if m == nil {
		t.Fatal("the work list has no link to the calendar")
	}
	program := s.browser(t) // it is not signed in
	r := program.get(m[1])
	cal, err := ical.ParseCalendar(strings.NewReader(r.body))
	if err != nil || r.code != 200 {
		t.Fatalf("%d, %v", r.code, err)
	}
	p, err := s.st.People.Person(t.Context(), "handler")
	if err != nil {
		t.Fatal(err)
	}
	work, err := (cases.Cases{Clockwork: s.searches.Clockwork, Store: s.st.ForCases()}).Lists().WorkList(p.Actor(), cases.WorkFilter{})
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, x := range work.Items {
		if x.Clock.Deadline != 0 {
			want++
			if !strings.Contains(r.body, strings.ReplaceAll(x.Clock.Deadline.String(), "-", "")) {
				t.Errorf("%s is not in the calendar", x.Clock.Deadline)
			}
		}
		if x.Clock.ApplicantUntil != 0 {
			want++
		}
		if strings.Contains(r.body, x.Subject) {
			t.Errorf("the calendar tells what %s is about", x.Number)
		}
	}
	if len(cal.Events()) != want || want == 0 {
		t.Errorf("%d entries, want %d", len(cal.Events()), want)
	}
	for _, bad := range []string{strings.Replace(m[1], "handler/", "handler/0", 1), strings.Replace(m[1], "/handler/", "/admin/", 1), "/due/nobody/x.ics"} {
		if r := program.get(bad); r.code != 404 {
			t.Errorf("%s: %d", bad, r.code)
		}
	}
	if _, err := s.st.People.Person(t.Context(), "handler"); err != nil {
		t.Fatal(err)
	}
	if err := s.st.People.ChangePerson(t.Context(), portal.System("t"), "handler", portal.Latest, "x", testNow, func(p *portal.Person) error { p.Epoch++; return nil }); err != nil {
		t.Fatal(err)
	}
	if r := program.get(m[1]); r.code != 404 {
		t.Error("the link goes on after the password was changed")
	}
}

// TestRegister reads the register as a spreadsheet.
func TestRegister(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	h := s.signedIn(t, "handler")
	h.get("/?lang=zh")
	r := h.get("/desk/applications/register.xlsx")
	f, err := excelize.OpenReader(strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.st.People.Person(t.Context(), "handler")
	if err != nil {
		t.Fatal(err)
	}
	all := 0
	for _, closed := range []bool{true, false} {
		items, err := (cases.Cases{Clockwork: s.searches.Clockwork, Store: s.st.ForCases()}).Lists().WorkList(p.Actor(), cases.WorkFilter{Closed: closed})
		if err != nil {
			t.Fatal(err)
		}
		all += len(items.Items)
	}
	if len(rows) != all+1 || rows[0][0] != "申请编号" || all == 0 {
		t.Errorf("%d rows for %d cases, head %v", len(rows), all, rows[0])
	}
	for _, name := range []string{"陈晓明", "DEMO0000"} {
		if strings.Contains(strings.Join(flat(rows), " "), name) {
			t.Error("the register tells who applied")
		}
	}
}

func flat(rows [][]string) (out []string) {
	for _, r := range rows {
		out = append(out, r...)
	}
	return out
}
