package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/extract"
	"gongkai/portal/text"
)

// MaxNotice is the most bytes of a holiday notice.
const MaxNotice = 1 << 20

// noticeError says what cannot be read, beside the field with the text.
func noticeError(key string, args portal.Args) error {
	return portal.Wrong("text", key, args)
}

// Notice reads a holiday notice (节假日安排) from JSON, from iCalendar, or from
// lines as people type them, whichever it is.
func Notice(b []byte) (clock.Notice, error) {
	if len(b) > MaxNotice {
		return clock.Notice{}, noticeError("error.too_large", portal.Args{"Limit": 1})
	}
	text, _, err := extract.Decode(b)
	if e, ok := errors.AsType[*portal.Error](err); ok {
		return clock.Notice{}, noticeError(e.Key, e.Args)
	}
	b = bytes.TrimSpace([]byte(text))
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

// madeUp tells make-up days by what calendars call them: 上班(补元旦假期),
// 国庆节(班), Make-up working day. A holiday whose name holds the word "work" is
// none.
var madeUp = regexp.MustCompile(`上班|补班|[(（\[【]班[)）\]】]|班$|(?i)\b(make-?up|compensatory|adjusted|extra) (working )?day\b|\bworking day\b|\bworkday[)\]]?$`)

func worked(summary string) bool { return madeUp.MatchString(summary) }

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
	zone := icsZone(cal)
	for _, e := range cal.Events() {
		summary := ""
		if p := e.GetProperty(ical.ComponentPropertySummary); p != nil {
			summary = strings.TrimSpace(p.Value)
		}
		from, _, err := icsDay(e, ical.ComponentPropertyDtStart, zone)
		if err != nil || summary == "" {
			return clock.Notice{}, noticeError("error.notice_ics", portal.Args{"Reason": fmt.Sprintf("%q: DTSTART, SUMMARY", summary)})
		}
		to, err := icsEnd(e, from, zone)
		if err != nil || to-from >= maxSpan {
			return clock.Notice{}, noticeError("error.notice_ics", portal.Args{"Reason": fmt.Sprintf("%q: DTEND, DURATION", summary)})
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

// icsZone is the zone of a calendar: the one it names, else China's.
func icsZone(cal *ical.Calendar) *time.Location {
	name := "Asia/Shanghai"
	for _, p := range cal.CalendarProperties {
		if p.IANAToken == "X-WR-TIMEZONE" {
			name = p.Value
		}
	}
	if zone, err := time.LoadLocation(name); err == nil {
		return zone
	}
	return time.FixedZone(name, 8*3600)
}

// icsDay reads a day, or the day of an instant in the calendar's zone; midnight
// says that the instant, if it is one, begins that day.
func icsDay(e *ical.VEvent, name ical.ComponentProperty, zone *time.Location) (day clock.Date, midnight bool, err error) {
	p := e.GetProperty(name)
	if p == nil {
		return 0, false, fmt.Errorf("no %s", name)
	}
	value := strings.TrimSpace(p.Value)
	if t, err := time.Parse("20060102T150405Z", value); err == nil {
		t = t.In(zone)
		return clock.DateOf(t), t.Hour() == 0 && t.Minute() == 0, nil
	}
	if t, err := time.Parse("20060102T150405", value); err == nil { // in its own zone: the day is the one that is written
		return clock.DateOf(t), t.Hour() == 0 && t.Minute() == 0, nil
	}
	t, err := time.Parse("20060102", value)
	return clock.DateOf(t), true, err
}

// duration is one of whole days or weeks, or of hours.
var duration = regexp.MustCompile(`^P(?:(\d{1,3})W)?(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?.*)?$`)

// icsEnd is the last day of an event: its end is not counted in where it is a
// day or a midnight.
func icsEnd(e *ical.VEvent, from clock.Date, zone *time.Location) (clock.Date, error) {
	if p := e.GetProperty(ical.ComponentPropertyDuration); p != nil {
		m := duration.FindStringSubmatch(strings.TrimSpace(p.Value))
		if m == nil {
			return 0, fmt.Errorf("%q is no duration", p.Value)
		}
		number := func(s string) int { n, _ := strconv.Atoi(s); return n } // at most four figures, or none
		days := 7*number(m[1]) + number(m[2]) + (number(m[3])+23)/24
		return from + clock.Date(max(days, 1)-1), nil
	}
	if e.GetProperty(ical.ComponentPropertyDtEnd) == nil {
		return from, nil
	}
	end, midnight, err := icsDay(e, ical.ComponentPropertyDtEnd, zone)
	if err != nil || end < from {
		return 0, fmt.Errorf("no end: %w", err)
	}
	if midnight && end > from {
		end--
	}
	return end, nil
}

// worksToo reads what people type behind a day that is worked.
func worksToo(word string) bool {
	return slices.Contains([]string{"班", "上班", "补班", "work", "working", "workday"}, word)
}

// noticeLines reads lines such as "国庆节 2027-10-01..2027-10-07" and
// "国庆节 2027-09-26 上班". A line "2027" alone names the year.
func noticeLines(written string) (clock.Notice, error) {
	var n clock.Notice
	years := make(map[int]int)
	for i, line := range strings.Split(written, "\n") {
		fields := strings.Fields(text.Fold(line))
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
		addDay(&n, strings.Fields(line)[0], from, to, len(fields) > 2 && worksToo(fields[2]))
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
