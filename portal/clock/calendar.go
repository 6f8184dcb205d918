package clock

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

//go:embed data/*.json
var data embed.FS

// Notice is one year's official arrangement of rest days and make-up working
// days (国务院办公厅关于部分节假日安排的通知). The file year is the notice's
// year: late December can stand in the next year's notice.
type Notice struct {
	Year   int        `json:"year"`
	Source []string   `json:"source"` // where the notice was published
	Rest   []RestDays `json:"rest"`   // both ends included
	Work   []WorkDay  `json:"work"`
}

// RestDays is a holiday (节假日), from its first to its last day.
type RestDays struct {
	Name string `json:"name"`
	From Date   `json:"from"`
	To   Date   `json:"to"`
}

// WorkDay is a weekend day worked to make up for a holiday (调休上班).
type WorkDay struct {
	Name string `json:"name"`
	Date Date   `json:"date"`
}

// Calendar tells working days from rest days. It never changes after it is
// made, so it may be shared between goroutines.
type Calendar struct {
	special map[Date]special
	last    int // last year whose notice is loaded
}

type special struct {
	works bool
	name  string
}

// NewCalendar makes a working calendar from the notices of all years, which
// act together. Where two notices speak of one day the later in the list
// wins, as a later notice replaces an earlier one.
func NewCalendar(notices ...Notice) *Calendar {
	c := &Calendar{special: make(map[Date]special)}
	for _, n := range notices {
		for _, r := range n.Rest {
			for d := r.From; d <= r.To; d++ {
				c.special[d] = special{false, r.Name}
			}
		}
		for _, w := range n.Work {
			c.special[w.Date] = special{true, w.Name}
		}
		if len(n.Rest)+len(n.Work) > 0 { // an empty notice is one not out yet
			c.last = max(c.last, n.Year)
		}
	}
	return c
}

// ChinaNotices returns the notices of the State Council that the program
// carries, by year.
func ChinaNotices() []Notice {
	b, err := data.ReadFile("data/calendar_cn.json")
	var f struct {
		Notices []Notice `json:"notices"`
	}
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	if err != nil {
		panic(fmt.Sprintf("embedded calendar: %v", err)) // a mistake of ours, found by any test
	}
	slices.SortFunc(f.Notices, func(a, b Notice) int { return a.Year - b.Year })
	return f.Notices
}

// otherCalendars are the calendars of the other jurisdictions, by name.
var otherCalendars = sync.OnceValue(func() map[string]*Calendar {
	b, err := data.ReadFile("data/calendars.json")
	var list []struct {
		Calendar string
		To       int
		Days     []struct {
			Date Date
			Name string
		}
	}
	if err == nil {
		err = json.Unmarshal(b, &list)
	}
	if err != nil {
		panic(fmt.Sprintf("embedded calendars: %v", err)) // a mistake of ours, found by any test
	}
	out := make(map[string]*Calendar, len(list))
	for _, x := range list {
		c := &Calendar{special: make(map[Date]special), last: x.To}
		for _, d := range x.Days {
			c.special[d.Date] = special{false, d.Name}
		}
		out[x.Calendar] = c
	}
	return out
})

// China returns the working calendar of the notices the program carries.
func China() *Calendar { return NewCalendar(ChinaNotices()...) }

// LastYear is the last year whose notice is loaded. A deadline beyond it is
// provisional.
func (c *Calendar) LastYear() int { return c.last }

// Provisional reports whether d lies in a year whose notice is not out yet.
func (c *Calendar) Provisional(d Date) bool { return d.Year() > c.last }

// Working reports whether d is a working day (工作日): Monday to Friday less
// the rest days plus the make-up days of the notices.
func (c *Calendar) Working(d Date) bool {
	if s, ok := c.special[d]; ok {
		return s.works
	}
	w := d.Weekday()
	return w != time.Saturday && w != time.Sunday
}

// Holiday names the holiday for which d is a rest day or a make-up working
// day, or returns "".
func (c *Calendar) Holiday(d Date) string { return c.special[d].name }

// After returns the nth working day after d; d itself is day 0 and is not
// counted (民法典第二百零一条). For n below 1 it returns d.
func (c *Calendar) After(d Date, n int) Date {
	for n > 0 {
		d++
		if c.Working(d) {
			n--
		}
	}
	return d
}

// Between counts the working days in (from, to].
func (c *Calendar) Between(from, to Date) int {
	n := 0
	for d := from + 1; d <= to; d++ {
		if c.Working(d) {
			n++
		}
	}
	return n
}
