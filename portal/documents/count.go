package documents

import (
	"context"
	"time"

	"gongkai/portal"
)

// Count is how what was handed in stands (录入、审核、退回、待审): everything that was
// handed in is published, sent back or waiting.
type Count struct {
	Entered   int // handed in
	Published int // reviewed and published, or shown to staff
	Returned  int // sent back and not handed in again
	Waiting   int // for a review, or for its time
	SentBack  int // how often any of it was sent back
}

// Counts are those of an organ in a year, by the month in which items were handed in.
type Counts struct {
	Months [12]Count
	Sum    Count
}

// Count counts what was handed in in a year, organ by organ, for whoever works at the
// desk.
func (u Documents) Count(ctx context.Context, by portal.Actor, year int) (map[portal.OrganCode]*Counts, error) {
	if err := by.NeedSome(portal.SeeDesk); err != nil {
		return nil, err
	}
	out := make(map[portal.OrganCode]*Counts)
	dayOf := func(t time.Time) portal.Date { return portal.DateOf(t.In(u.Now().Location())) }
	add := func(organ portal.OrganCode, day portal.Date, returns int, which func(*Count) *int) {
		if day.Year() != year {
			return
		}
		if out[organ] == nil {
			out[organ] = &Counts{}
		}
		for _, c := range []*Count{&out[organ].Months[day.Time().Month()-1], &out[organ].Sum} {
			c.Entered++
			c.SentBack += returns
			*which(c)++
		}
	}
	drafts, err := u.Store.Drafts(ctx, func(d *Draft) bool { return d.Of == "" && !d.Entered.IsZero() })
	if err != nil {
		return nil, err
	}
	for _, d := range drafts {
		add(d.Content.Lead(), dayOf(d.Entered), len(d.Returns), func(c *Count) *int {
			switch d.State {
			case Internal:
				return &c.Published
			case Submitted, Approved:
				return &c.Waiting
			}
			return &c.Returned
		})
	}
	return out, u.Store.EachDocument(ctx, func(d *Document) error {
		entered := d.Published // imported, or from before this was kept
		if !d.Entered.IsZero() {
			entered = dayOf(d.Entered)
		}
		add(d.Lead(), entered, len(d.Returns), func(c *Count) *int { return &c.Published })
		return nil
	})
}

// Add adds the figures of another.
func (c *Count) Add(o Count) {
	c.Entered += o.Entered
	c.Published += o.Published
	c.Returned += o.Returned
	c.Waiting += o.Waiting
	c.SentBack += o.SentBack
}
