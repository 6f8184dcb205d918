package portal

import (
	"context"
	"time"
)

// Due is something that an organ has to do by a day (期限). It is told from records each
// time it is asked for; whether it is late follows from the day.
type Due struct {
	Kind  string // a code by which lists are narrowed: "letter"
	Name  Text   // of the kind
	Organ OrganCode
	Act   Act       // who may do it is told of it
	Title string    // in the portal's first language
	What  Text      // what has to be done, where the kind does not say so
	Path  string    // where it is done
	Day   Date      // the last day, inclusive
	At    time.Time // the moment, of what has to be done within hours
}

// Late reports whether it should have been done by now.
func (d Due) Late(now time.Time) bool {
	if !d.At.IsZero() {
		return now.After(d.At)
	}
	return DateOf(now) > d.Day
}

// Deadlines tells what has to be done, as one area knows it: what is not done yet,
// however far its day is away.
type Deadlines interface {
	Due(context.Context) ([]Due, error)
}
