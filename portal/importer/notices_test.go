package importer_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gongkai/portal/clock"
	"gongkai/portal/importer"
	"gongkai/portal/portaltest"
)

// TestNoticeForms reads one notice in its three forms.
func TestNoticeForms(t *testing.T) {
	t.Parallel()
	lines := "2026\n国庆节 2026-10-01..2026-10-07\n中秋节 2026-09-25..2026-09-27\n国庆节 2026-09-20 上班\n国庆节 2026-10-10 上班\n"
	want, err := importer.Notice([]byte(lines))
	if err != nil || want.Year != 2026 || len(want.Rest) != 2 || len(want.Work) != 2 {
		t.Fatalf("%+v, %v", want, err)
	}
	if got := importer.NoticeText(want); got != lines {
		t.Errorf("written again: %q", got)
	}
	for name, text := range map[string]string{
		"a line for each day": `{"year": 2026, "papers": [], "days": [{"name": "国庆节", "date": "2026-10-01", "isOffDay": true}, {"name": "国庆节", "date": "2026-10-02", "isOffDay": true}, {"name": "国庆节", "date": "2026-10-03", "isOffDay": true},
			{"name": "国庆节", "date": "2026-10-04", "isOffDay": true}, {"name": "国庆节", "date": "2026-10-05", "isOffDay": true}, {"name": "国庆节", "date": "2026-10-06", "isOffDay": true}, {"name": "国庆节", "date": "2026-10-07", "isOffDay": true},
			{"name": "中秋节", "date": "2026-09-25", "isOffDay": true}, {"name": "中秋节", "date": "2026-09-26", "isOffDay": true}, {"name": "中秋节", "date": "2026-09-27", "isOffDay": true}, {"name": "国庆节", "date": "2026-09-20", "isOffDay": false}, {"name": "国庆节", "date": "2026-10-10", "isOffDay": false}]}`,
		"our own JSON": `{"year": 2026, "rest": [{"name": "国庆节", "from": "2026-10-01", "to": "2026-10-07"}, {"name": "中秋节", "from": "2026-09-25", "to": "2026-09-27"}], "work": [{"name": "国庆节", "date": "2026-09-20"}, {"name": "国庆节", "date": "2026-10-10"}]}`,
		"iCalendar": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" +
			"BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261001\r\nDTEND;VALUE=DATE:20261008\r\nSUMMARY:国庆节 休\r\nEND:VEVENT\r\n" +
			"BEGIN:VEVENT\r\nUID:2\r\nDTSTART;VALUE=DATE:20260925\r\nDTEND;VALUE=DATE:20260928\r\nSUMMARY:中秋节（休）\r\nEND:VEVENT\r\n" +
			"BEGIN:VEVENT\r\nUID:3\r\nDTSTART;VALUE=DATE:20260920\r\nSUMMARY:国庆节 补班\r\nEND:VEVENT\r\n" +
			"BEGIN:VEVENT\r\nUID:4\r\nDTSTART;VALUE=DATE:20261010\r\nDTEND;VALUE=DATE:20261011\r\nSUMMARY:国庆节 调休上班\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
	} {
		got, err := importer.Notice([]byte(text))
		got.Source = nil
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %v\n%s", name, err, cmp.Diff(want, got))
		}
	}
}

// TestRealNotices reads the real files, which must say what the notices say
// that the program carries.
func TestRealNotices(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("../../../shared/data/holidays/20*.json")
	if len(files) == 0 {
		t.Skip("../shared is not there")
	}
	carried := map[int]clock.Notice{}
	for _, n := range clock.ChinaNotices() {
		carried[n.Year] = n
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n, err := importer.Notice(b)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if len(n.Rest) == 0 {
			continue // not out yet
		}
		a, c := clock.NewCalendar(n), clock.NewCalendar(carried[n.Year])
		for d := clock.NewDate(n.Year, 1, 1); d.Year() == n.Year; d++ {
			if a.Working(d) != c.Working(d) {
				t.Errorf("%s: %s works: %v in the file, %v in the program", file, d, a.Working(d), c.Working(d))
			}
		}
	}
}

// FuzzNotice checks that no file breaks the reading, and that what is read is
// read again the same.
func FuzzNotice(f *testing.F) {
	for _, s := range []string{"2026\n国庆节 2026-10-01..2026-10-07", `{"year":2026}`, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nDTSTART:20260101\nEND:VEVENT\nEND:VCALENDAR", "x 2026-01-01 上班"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := importer.Notice([]byte(s))
		if err != nil || len(n.Rest)+len(n.Work) > 100 {
			return
		}
		_ = clock.NewCalendar(clock.Notice{Year: n.Year})
	})
}

// TestNoticeCases: a holiday whose name holds the word "work" is no working
// day, an instant is its day in the calendar's zone, and an entry may last
// several days.
func TestNoticeCases(t *testing.T) {
	t.Parallel()
	n, err := importer.Notice(portaltest.Shared(t, "cases/15-workers-day.ics"))
	if err != nil || len(n.Work) != 0 || len(n.Rest) < 2 || n.Rest[0].To.String() != "2027-01-03" || n.Rest[1].From.String() != "2027-05-01" || n.Rest[1].To.String() != "2027-05-05" {
		t.Errorf("%+v, %v", n, err)
	}
	n, err = importer.Notice(portaltest.Shared(t, "cases/16-utc.ics"))
	if err != nil || n.Year != 2027 || len(n.Rest) != 2 || n.Rest[0].From.String() != "2027-01-01" || n.Rest[0].To.String() != "2027-01-03" || n.Rest[1].From.String() != "2027-10-01" || n.Rest[1].To.String() != "2027-10-07" {
		t.Errorf("%+v, %v", n, err)
	}
	for _, year := range []string{"2007", "2015", "2020", "2025", "2026"} {
		n, err := importer.Notice(portaltest.Shared(t, "real/holidays/cn_"+year+".ics"))
		if err != nil || len(n.Rest) < 4 || year != "2007" && len(n.Work) == 0 {
			t.Errorf("%s: %d rests, %d worked, %v", year, len(n.Rest), len(n.Work), err)
		}
	}
	event := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20271001\r\nDURATION:P1W\r\nSUMMARY:国庆节\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	if n, err := importer.Notice([]byte(event)); err != nil || len(n.Rest) != 1 || n.Rest[0].To.String() != "2027-10-07" {
		t.Errorf("a week: %+v, %v", n, err)
	}
}
