package store

import (
	"context"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/powers"
	"gongkai/portal/reports"
)

// Power loads a power item.
func (s Powers) Power(ctx context.Context, id powers.PowerID) (*powers.PowerItem, error) {
	return view[powers.PowerItem](ctx, s.core, powersBucket, string(id))
}

// Powers loads the power items that keep wants.
func (s Powers) Powers(ctx context.Context, keep func(*powers.PowerItem) bool) ([]*powers.PowerItem, error) {
	return all(ctx, s.core, powersBucket, keep)
}

// SavePowers writes power items in one transaction.
func (s Powers) SavePowers(ctx context.Context, by portal.Actor, items []*powers.PowerItem, at time.Time) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		for _, i := range items {
			if err := putPublic(tx, powersBucket, string(i.ID()), i, i.Entry()); err != nil {
				return err
			}
			if err := record(tx, by, "save power item", "power/"+string(i.ID()), i.Name.ZH, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	ls := make([]*portal.Listing, len(items))
	for j, i := range items {
		ls[j] = portal.ListingOf(i.Entry(), time.Time{})
	}
	s.list(ls...)
	return nil
}

// Report loads an annual report.
func (s Reports) Report(ctx context.Context, id reports.ReportID) (*reports.Report, error) {
	return view[reports.Report](ctx, s.core, reportsBucket, string(id))
}

// Reports loads the annual reports that keep wants.
func (s Reports) Reports(ctx context.Context, keep func(*reports.Report) bool) ([]*reports.Report, error) {
	return all(ctx, s.core, reportsBucket, keep)
}

// SaveReport writes an annual report.
func (s Reports) SaveReport(ctx context.Context, by portal.Actor, r *reports.Report, at time.Time) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if err := putPublic(tx, reportsBucket, string(r.ID()), r, r.Entry()); err != nil {
			return err
		}
		return record(tx, by, "save report", "report/"+string(r.ID()), r.Title.ZH, at)
	})
	if err != nil {
		return err
	}
	s.list(portal.ListingOf(r.Entry(), r.ChangedAt))
	return nil
}
