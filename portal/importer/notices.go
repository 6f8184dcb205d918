package importer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// MaxNotice is the most bytes of a holiday notice.
const MaxNotice = 1 << 20

// noticeError says what cannot be read, beside the field with the text.
func noticeError(key string, args portal.Args) error {
	return &portal.Error{Kind: portal.Invalid, Key: "error.form", Problems: []portal.Problem{{Field: "text", Key: key, Args: args}}}
}

// Notice reads a holiday notice (节假日安排) from JSON, from iCalendar, or from
// lines as people type them, whichever it is.
func Notice(b []byte) (clock.Notice, error) {
	if len(b) > MaxNotice {
		return clock.Notice{}, noticeError("error.too_large", portal.Args{"Limit": 1})
	}
	b = bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")))
	switch {
	case bytes.HasPrefix(b, []byte("{")):
		return noticeJSON(b)
	case bytes.HasPrefix(b, []byte("BEGIN:VCALENDAR")):
		return noticeICS(b)
	}
	return noticeLines(string(b))
}

// noticeJSON reads our own form {"year", "rest", "work"}, or the form with a
// line for each day {"year", "papers", "days": [{"name", "date", "isOffDay"}]}.
func noticeJSON(b []byte) (clock.Notice, error) {
	var f struct {
		clock.Notice
		Papers []string `json:"papers"`
		Days   []struct {
			Name  string     `json:"name"`
			Date  clock.Date `json:"date"`
			IsOff bool       `json:"isOffDay"`
		} `json:"days"`
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return clock.Notice{}, noticeError("error.notice_json", portal.Args{"Reason": strings.TrimPrefix(err.Error(), "json: ")})
	}
	n := f.Notice
	n.Source = append(n.Source, f.Papers...)
	for _, d := range f.Days {
		addDay(&n, d.Name, d.Date, d.Date, !d.IsOff)
	}
	return n, nil
}

// addDay adds rest days, joined to those before them, or a make-up day.
func addDay(n *clock.Notice, name string, from, to clock.Date, works bool) {
	if works {
		for d := from; d <= to && d < from+maxSpan; d++ {
			n.Work = append(n.Work, clock.WorkDay{Name: name, Date: d})
		}
		return
	}
	if k := len(n.Rest) - 1; k >= 0 && n.Rest[k].Name == name && n.Rest[k].To+1 == from {
		n.Rest[k].To = to
		return
	}
	n.Rest = append(n.Rest, clock.RestDays{Name: name, From: from, To: to})
}

// maxSpan bounds how many days one entry can name.
const maxSpan = 31

// worked tells make-up days by what calendars call them.
func worked(summary string) bool {
	return strings.Contains(summary, "班") || strings.Contains(strings.ToLower(summary), "work")
}

// bareName is a holiday's name without what says that it rests or works.
func bareName(summary string) string {
	name := summary
	for _, w := range []string{"调休上班", "补班", "上班", "班", "调休", "放假", "假期", "休息", "休", "(", ")", "（", "）", "[", "]"} {
		name = strings.ReplaceAll(name, w, "")
	}
	if name = strings.Trim(name, " -—:：·"); name == "" {
		return summary
	}
	return name
}

// noticeICS reads a calendar of days off and make-up days. Its year is the one
// that most of its days lie in.
func noticeICS(b []byte) (clock.Notice, error) {
	cal, err := ical.ParseCalendar(bytes.NewReader(b))
	if err != nil {
		return clock.Notice{}, noticeError("error.notice_ics", portal.Args{"Reason": err.Error()})
	}
	var n clock.Notice
	years := make(map[int]int)
	for _, e := range cal.Events() {
		summary := ""
		if p := e.GetProperty(ical.ComponentPropertySummary); p != nil {
			summary = strings.TrimSpace(p.Value)
		}
		from, err := icsDay(e, ical.ComponentPropertyDtStart)
		if err != nil || summary == "" {
			return clock.Notice{}, noticeError("error.notice_ics", portal.Args{"Reason": fmt.Sprintf("%q: DTSTART, SUMMARY", summary)})
		}
		to := from
		if end, err := icsDay(e, ical.ComponentPropertyDtEnd); err == nil && end > from {
			to = end - 1 // the end is not counted in
		}
		years[from.Year()]++
		addDay(&n, bareName(summary), from, to, worked(summary))
	}
	for y, k := range years {
		if k > years[n.Year] || k == years[n.Year] && y > n.Year {
			n.Year = y
		}
	}
	if p := cal.CalendarProperties; len(p) > 0 {
		for _, x := range p {
			if x.IANAToken == "X-WR-CALNAME" || x.IANAToken == "URL" {
				n.Source = append(n.Source, x.Value)
			}
		}
	}
	return n, nil
}

func icsDay(e *ical.VEvent, name ical.ComponentProperty) (clock.Date, error) {
	p := e.GetProperty(name)
	if p == nil || len(p.Value) < 8 {
		return 0, fmt.Errorf("no %s", name)
	}
	t, err := time.Parse("20060102", p.Value[:8])
	if err != nil {
		return 0, err
	}
	return clock.DateOf(t), nil
}

// noticeLines reads lines such as "国庆节 2027-10-01..2027-10-07" and
// "国庆节 2027-09-26 上班". A line "2027" alone names the year.
func noticeLines(text string) (clock.Notice, error) {
	var n clock.Notice
	years := make(map[int]int)
	for i, line := range strings.Split(text, "\n") {
		fields := strings.Fields(portal.Fold(line))
		if len(fields) == 0 {
			continue
		}
		if len(fields) == 1 && len(fields[0]) == 4 {
			if _, err := fmt.Sscanf(fields[0], "%4d", &n.Year); err == nil {
				continue
			}
		}
		if len(fields) < 2 {
			return n, noticeError("error.notice_line", portal.Args{"Line": i + 1, "Text": line})
		}
		first, last, ranged := strings.Cut(fields[1], "..")
		from, err := clock.ParseDate(first)
		to := from
		if err == nil && ranged {
			to, err = clock.ParseDate(last)
		}
		if err != nil {
			return n, noticeError("error.notice_line", portal.Args{"Line": i + 1, "Text": line})
		}
		years[from.Year()]++
		addDay(&n, strings.Fields(line)[0], from, to, len(fields) > 2 && worked(fields[2]))
	}
	if n.Year == 0 {
		for y, k := range years {
			if k > years[n.Year] || k == years[n.Year] && y > n.Year {
				n.Year = y
			}
		}
	}
	return n, nil
}

// NoticeText writes a notice as lines that Notice reads.
func NoticeText(n clock.Notice) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d\n", n.Year)
	for _, r := range n.Rest {
		if r.From == r.To {
			fmt.Fprintf(&b, "%s %s\n", r.Name, r.From)
		} else {
			fmt.Fprintf(&b, "%s %s..%s\n", r.Name, r.From, r.To)
		}
	}
	for _, w := range n.Work {
		fmt.Fprintf(&b, "%s %s 上班\n", w.Name, w.Date)
	}
	return b.String()
}
