package importer

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/text"
)

// The orders in which files write a day with the year at its end.
const (
	DayFirst   = "dmy" // 16/05/2024
	MonthFirst = "mdy" // 05/16/2024
)

var (
	dayForm    = regexp.MustCompile(`^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:[-/.月]\s*(\d{1,2})\s*[日号]?|月)?(?:[ t,].*)?$`)
	tightForm  = regexp.MustCompile(`^((?:19|20)\d\d)(\d\d)(\d\d)(?:[ t]?\d{4,6})?$`)
	yearAtEnd  = regexp.MustCompile(`^(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})(?:[ ,t].*)?$`)
	chinese    = regexp.MustCompile(`^([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月(?:(廿?[一二三四五六七八九十卅]{1,3})[日号])?$`)
	sheetDay   = regexp.MustCompile(`^[2-6]\d{4}(\.\d+)?$`)
	namedMonth = []string{"2 January 2006", "2 Jan 2006", "January 2, 2006", "Jan 2, 2006", "2-Jan-2006", "2006-Jan-2", "Jan 2 2006", "January 2 2006"}
)

// dates reads the days of one file.
type dates struct {
	order string         // of those with the year at their end; "" where the file does not tell
	zone  *time.Location // in which an instant becomes a day
}

// errOrder says that it is not known which is the day and which the month.
var errOrder = fmt.Errorf("day or month first")

// day reads a date as files have it: 2019-05-15, 2019/5/15, 20190515,
// 2019年5月15日, 二〇一九年五月十五日, 15/05/2019, 15 May 2019; an instant is its
// day in the portal's zone; a month alone is its first day. "" is no date.
func (d dates) day(s string, sheet bool) (portal.Date, error) {
	if s = strings.TrimSpace(text.Fold(s)); s == "" {
		return 0, nil
	}
	if sheet && sheetDay.MatchString(s) { // a spreadsheet counts the days since 1899-12-30
		n, err := strconv.Atoi(s[:5])
		return clock.NewDate(1899, time.December, 30) + clock.Date(n), err
	}
	for _, form := range []string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02T15:04:05-0700"} {
		if at, err := time.Parse(form, strings.ToUpper(s)); err == nil {
			if d.zone != nil {
				at = at.In(d.zone)
			}
			return clock.DateOf(at), nil
		}
	}
	if m := tightForm.FindStringSubmatch(s); m != nil {
		return date(m[1], m[2], m[3])
	}
	if m := dayForm.FindStringSubmatch(s); m != nil {
		if m[3] == "" {
			m[3] = "1"
		}
		return date(m[1], m[2], m[3])
	}
	if m := yearAtEnd.FindStringSubmatch(s); m != nil {
		first, _ := strconv.Atoi(m[1])
		second, _ := strconv.Atoi(m[2])
		switch {
		case d.order == DayFirst, d.order == "" && first > 12:
			return date(m[3], m[2], m[1])
		case d.order == MonthFirst, d.order == "" && second > 12:
			return date(m[3], m[1], m[2])
		case first == second:
			return date(m[3], m[1], m[2])
		}
		return 0, errOrder
	}
	if m := chinese.FindStringSubmatch(strings.ReplaceAll(s, " ", "")); m != nil {
		year := ""
		for _, r := range m[1] {
			year += strconv.Itoa(figure(r))
		}
		if m[3] == "" {
			m[3] = "一"
		}
		return date(year, strconv.Itoa(small(m[2])), strconv.Itoa(small(m[3])))
	}
	for _, form := range namedMonth {
		if at, err := time.Parse(form, s); err == nil { // month names in any case
			return clock.DateOf(at), nil
		}
	}
	return 0, fmt.Errorf("%q is not a date", s)
}

func date(year, month, day string) (portal.Date, error) {
	return clock.ParseDate(fmt.Sprintf("%s-%02s-%02s", year, month, day))
}

func figure(r rune) int {
	if r == '〇' || r == '○' {
		return 0
	}
	return strings.Index("零一二三四五六七八九", string(r)) / len("零")
}

// small reads a number up to 39: 十六, 二十一, 廿一.
func small(s string) int {
	s = strings.NewReplacer("廿十", "二十", "廿", "二十", "卅", "三十").Replace(s)
	tens, ones, found := strings.Cut(s, "十")
	if !found {
		tens, ones = "", s
	}
	n := 0
	if found {
		n = 10
		if tens != "" {
			n = 10 * figure([]rune(tens)[0])
		}
	}
	if ones != "" {
		n += figure([]rune(ones)[0])
	}
	return n
}

// orderOf finds out from days with the year at their end which number is the
// day: one above 12 tells. "" where none does, or where they contradict.
func orderOf(values []string) string {
	order := ""
	for _, v := range values {
		m := yearAtEnd.FindStringSubmatch(strings.TrimSpace(text.Fold(v)))
		if m == nil {
			continue
		}
		first, _ := strconv.Atoi(m[1])
		second, _ := strconv.Atoi(m[2])
		here := ""
		switch {
		case first > 12 && second <= 12:
			here = DayFirst
		case second > 12 && first <= 12:
			here = MonthFirst
		}
		if here != "" && order != "" && here != order {
			return ""
		}
		if here != "" {
			order = here
		}
	}
	return order
}
