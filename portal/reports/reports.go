package reports

import (
	"context"

	"gongkai/portal"
)

// Reports are the use cases of annual reports.
type Reports struct {
	portal.Clockwork
	Store portal.Records[Report]
}

// Open loads a report for someone who may change it.
func (u Reports) Open(ctx context.Context, by portal.Actor, id ReportID) (*Report, error) {
	r, err := u.Store.Get(ctx, string(id))
	if err != nil {
		return nil, err
	}
	return r, by.Need(portal.EditReports, r.Organ)
}

// Change changes a report as it was seen, or enters one, without an id. Organ and
// year are its address and stay once it is there; the day of publication is that
// on which it was entered.
func (u Reports) Change(ctx context.Context, by portal.Actor, id ReportID, seen portal.Revision, edit func(*Report)) (*Report, error) {
	if id == "" {
		var entered Report
		edit(&entered)
		if err := by.NeedTyped(portal.EditReports, entered.Organ); err != nil {
			return nil, err
		}
		if err := entered.Validate(); err != nil {
			return nil, err
		}
		id, seen = entered.ID(), portal.Absent
	}
	return u.Store.Change(ctx, by, string(id), seen, "save report", u.Now(), func(r *Report) (string, error) {
		organ, year, published := r.Organ, r.Year, r.Published
		edit(r)
		if seen == portal.Absent {
			published = u.Today()
		} else {
			r.Organ, r.Year = organ, year
		}
		r.Published, r.ChangedAt = published, u.Now().UTC()
		if err := by.Need(portal.EditReports, r.Organ); err != nil {
			return "", err
		}
		return r.Title.ZH, r.Validate()
	})
}
