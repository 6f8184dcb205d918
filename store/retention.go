package store

import (
	"context"
	"errors"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/cases"
)

// Destroy forgets who applied, or, when the whole file goes, everything but
// the figures, and leaves a tombstone (销毁). Files that no record names any more
// go with the next SweepFiles.
func (s Cases) Destroy(ctx context.Context, by portal.Actor, n cases.ApplicationNumber, what string, at time.Time) error {
	_, err := s.ChangeApplication(ctx, by, n, portal.Latest, "destroy "+what, at, func(a *cases.Application, c cases.CaseTx) error {
		a.Erase(what, at)
		return s.forget(c.(caseTx).tx, n, what)
	})
	return err
}

// retentionKey is where the state of retention lies.
const retentionKey = "retention"

// RetentionState implements portal.CaseStore.
func (s Retention) RetentionState(ctx context.Context) (cases.RetentionState, error) {
	var r cases.RetentionState
	err := s.db.View(func(tx *bolt.Tx) error { return get(tx, metaBucket, retentionKey, &r) })
	if portal.KindOf(err) == portal.NotFound {
		err = nil
	}
	return r, err
}

// SaveRetentionState implements portal.CaseStore.
func (s Retention) SaveRetentionState(ctx context.Context, r cases.RetentionState) error {
	return s.update(ctx, func(tx *bolt.Tx) error { return put(tx.Bucket(metaBucket), retentionKey, r) })
}

// forget deletes the sealed parts of a case, and the keyed hashes of its
// applicant and of what was asked.
func (s *core) forget(tx *bolt.Tx, n cases.ApplicationNumber, what string) error {
	who, err := s.identity(tx, n)
	if err == nil {
		if err := tx.Bucket(sameBucket).Delete([]byte(s.seal.applicant(who) + "/" + string(n))); err != nil {
			return err
		}
	} else if portal.KindOf(err) != portal.NotFound {
		return err
	}
	if err := forgetWords(tx.Bucket(duplicatesBucket), n); err != nil {
		return err
	}
	if err := tx.Bucket(identitiesBucket).Delete([]byte(n)); err != nil {
		return err
	}
	if what != "file" {
		return nil
	}
	return deletePrefix(tx.Bucket(lettersBucket), string(n)+"/")
}

// forgetWords deletes the keyed hash of what the applicant of a case asked for.
// It is looked for by its number: a forwarded case has another organ now, and
// so another hash.
func forgetWords(doubles *bolt.Bucket, n cases.ApplicationNumber) error {
	var found [][]byte
	err := doubles.ForEach(func(k, v []byte) error {
		if last, _ := readDuplicate(v); last == n {
			found = append(found, slices.Clone(k))
		}
		return nil
	})
	for _, k := range found {
		err = errors.Join(err, doubles.Delete(k))
	}
	return err
}
