package clock_test

import (
	"math/rand/v2"
	"testing"

	"gongkai/portal/clock"
)

// TestNextStepsAreLawful: what is offered is taken on that day, and its last
// day is the last on which it is taken in time.
func TestNextStepsAreLawful(t *testing.T) {
	t.Parallel()
	cal, r := clock.China(), rand.New(rand.NewPCG(3, 4))
	offered := make(map[clock.EventType]int)
	for i := 0; i < 3000; i++ {
		c := clock.Case{Jurisdiction: "CN", Events: randomSequence(r)}
		c.AsOf = c.Events[len(c.Events)-1].Date
		got, err := clock.Compute(c, cal)
		if err != nil {
			continue
		}
		for _, n := range got.Next {
			offered[n.Type]++
			with := func(on clock.Date) error {
				e := clock.Event{Type: n.Type, Date: on, Days: 1, ApprovedBy: "林", Reason: "病", Party: n.Party, Kind: "third_party"}
				if n.Type == clock.ConsultationSent {
					e.Party = "丁"
				}
				_, err := clock.Evaluate(clock.Case{Jurisdiction: "CN", Events: append(c.Events[:len(c.Events):len(c.Events)], e)}, cal)
				return err
			}
			if err := with(got.AsOf); err != nil {
				t.Fatalf("%s is offered and refused: %v\n%v", n.Type, err, c.Events)
			}
			bounded := n.Type == clock.CorrectionRequested || n.Type == clock.Extended || n.Type == clock.FeeNotified || n.Type == clock.FeePaid
			if bounded && n.By >= got.AsOf && (with(n.By) != nil || with(n.By+1) == nil) {
				t.Fatalf("%s by %s: %v, a day later %v\n%v", n.Type, n.By, with(n.By), with(n.By+1), c.Events)
			}
		}
	}
	for _, typ := range []clock.EventType{clock.Confirmed, clock.CorrectionRequested, clock.CorrectionReceived, clock.ConsultationSent, clock.ConsultationReturned, clock.Extended, clock.FeeNotified, clock.FeePaid, clock.UnreasonableVolume, clock.Forwarded, clock.Withdrawn, clock.Answered, clock.Reopened} {
		if offered[typ] == 0 {
			t.Errorf("%s is never offered", typ)
		}
	}
}
