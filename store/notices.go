package store

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
)

// Notices loads the holiday notices that were loaded, by year.
func (s Notices) Notices(ctx context.Context) ([]clock.Notice, error) {
	list, err := all[clock.Notice](ctx, s.core, noticesBucket, nil)
	out := make([]clock.Notice, len(list))
	for i, n := range list {
		out[i] = *n
	}
	return out, err
}

// SaveNotice writes a notice in the place of one of the same year, and into the
// cases named what became of their deadlines, in one transaction.
func (s Notices) SaveNotice(ctx context.Context, by portal.Actor, n clock.Notice, seen portal.Revision, at time.Time, numbers []cases.ApplicationNumber, move func(*cases.Application) *cases.Move) error {
	var moved []*cases.Application
	var seq uint64
	err := s.update(ctx, func(tx *bolt.Tx) error {
		moved, seq = nil, s.writing()
		now := []clock.Notice{}
		err := each(ctx, tx, noticesBucket, func(_ string, x *clock.Notice) error { now = append(now, *x); return nil })
		if err == nil {
			err = seen.Check(now, portal.RecordKind{})
		}
		if err != nil {
			return err
		}
		if err := put(tx.Bucket(noticesBucket), fmt.Sprintf("CN/%04d", n.Year), n); err != nil {
			return err
		}
		for _, number := range numbers {
			var a cases.Application
			if err := get(tx, applicationsBucket, string(number), &a); err != nil {
				return err
			}
			m := move(&a)
			if m == nil {
				continue
			}
			a.Moves = append(a.Moves, *m)
			if err := put(tx.Bucket(applicationsBucket), string(number), &a); err != nil {
				return err
			}
			moved = append(moved, &a)
		}
		return record(tx, by, "load holiday notice", fmt.Sprintf("calendar/%d", n.Year), fmt.Sprintf("%d deadlines moved", len(moved)), at)
	})
	if err == nil {
		for _, a := range moved {
			s.changedCase(a, seq)
		}
		s.generation.Add(1) // pages that show deadlines are made anew
	}
	return err
}
