package reports

import (
	"context"

	"gongkai/portal"
	"gongkai/portal/scan"
)

// Reports are the use cases of annual reports.
type Reports struct {
	portal.Clockwork
	Store     portal.Records[Report]
	Directory Directory
}

// Directory tells of organs.
type Directory interface {
	Organ(portal.OrganCode) (portal.Organ, error)
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
//
// What must not be public is refused as in a document, unless a reason is given that
// it may stand (第十七条).
func (u Reports) Change(ctx context.Context, by portal.Actor, id ReportID, seen portal.Revision, reason string, edit func(*Report)) (*Report, error) {
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
		if err := r.Validate(); err != nil {
			return "", err
		}
		o, err := u.Directory.Organ(r.Organ)
		if err != nil {
			return "", err
		}
		r.Stands, err = scan.Release(o, r.texts(), r.Stands, reason, by.Login, u.Now())
		return r.Title.ZH, err
	})
}
