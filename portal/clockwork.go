package portal

import (
	"time"

	"gongkai/portal/clock"
)

// Clockwork is what use cases need to know of time: the present in the
// portal's zone, and the working calendar.
type Clockwork struct {
	Now      func() time.Time
	Calendar func() *clock.Calendar
}

// Today is the present day in the portal's zone.
func (c Clockwork) Today() Date { return clock.DateOf(c.Now()) }
