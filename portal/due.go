package portal

import "context"

// Due is something that an organ has to do by a day (期限). It is told from records each
// time it is asked for; whether it is late follows from the day.
type Due struct {
	Organ OrganCode
	Act   Act    // who may do it is told of it
	Title string // in the portal's first language
	Path  string // where it is done
	Day   Date   // the last day, inclusive
}

// Deadlines tells what has to be done, as one area knows it: what is not done yet,
// however far its day is away.
type Deadlines interface {
	Due(context.Context) ([]Due, error)
}
