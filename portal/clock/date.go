package clock

import (
	"encoding/json"
	"fmt"
	"time"
)

// Date is a calendar day without a time or a zone. The zero Date means "no
// date". Dates compare and subtract as numbers of days.
type Date int32

// epoch is the day before Date(1), so that the zero Date is no real day.
var epoch = time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay

const (
	secondsPerDay = 24 * 60 * 60
	minYear       = 1900
	maxYear       = 2200
)

// NewDate returns the Date of a day of the Gregorian calendar.
func NewDate(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()/secondsPerDay - epoch)
}

// DateOf returns the day on which t falls in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return NewDate(y, m, d)
}

// ParseDate reads an ISO 8601 day such as "2026-09-24". Years before 1900
// and after 2200 are refused: in this field they are slips of the pen.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a date of the form YYYY-MM-DD", s)
	}
	if t.Year() < minYear || t.Year() > maxYear {
		return 0, fmt.Errorf("the year of %q is not between %d and %d", s, minYear, maxYear)
	}
	return DateOf(t), nil
}

// Time returns midnight UTC of the day.
func (d Date) Time() time.Time {
	return time.Unix((int64(d)+epoch)*secondsPerDay, 0).UTC()
}

// Year returns the year of d, 0 for no date.
func (d Date) Year() int {
	if d == 0 {
		return 0
	}
	return d.Time().Year()
}

// Weekday returns the day of the week of d.
func (d Date) Weekday() time.Weekday { return d.Time().Weekday() }

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == 0 }

// String returns the ISO 8601 form, or "" for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.Time().Format(time.DateOnly)
}

// MarshalJSON writes the ISO 8601 form as a string, and null for no date. It
// refuses what UnmarshalJSON would not read again: nothing may be stored that
// cannot be loaded.
func (d Date) MarshalJSON() ([]byte, error) {
	if d == 0 {
		return []byte("null"), nil
	}
	if _, err := ParseDate(d.String()); err != nil {
		return nil, err
	}
	return json.Marshal(d.String())
}

// UnmarshalJSON reads what MarshalJSON writes; "" is no date too.
func (d *Date) UnmarshalJSON(b []byte) error {
	var s *string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("a date is a string of the form YYYY-MM-DD, not %s", b)
	}
	if s == nil || *s == "" {
		*d = 0
		return nil
	}
	v, err := ParseDate(*s)
	*d = v
	return err
}
