package store

import (
	"bytes"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
)

// Destroy forgets who applied, or, when the whole file goes, everything but
// the figures, and leaves a tombstone (销毁).
func (s *Store) Destroy(by portal.Actor, n portal.ApplicationNumber, what string, at time.Time) error {
	var files []portal.FileID
	_, err := s.ChangeApplication(by, n, "destroy "+what, at, func(a *portal.Application, c portal.CaseTx) error {
		before := a.FileIDs()
		a.Erase(what, at)
		for _, f := range before {
			if a.File(string(f)) == nil {
				files = append(files, f)
			}
		}
		return s.forget(c.(caseTx).tx, n, what)
	})
	if err != nil {
		return err
	}
	return s.dropFiles(files)
}

// dropFiles deletes files that no record names any more.
func (s *Store) dropFiles(files []portal.FileID) error {
	for _, f := range files {
		used := false
		err := s.db.View(func(tx *bolt.Tx) error {
			for _, b := range [][]byte{applicationsBucket, documentsBucket, versionsBucket, draftsBucket} {
				err := tx.Bucket(b).ForEach(func(_, v []byte) error {
					used = used || bytes.Contains(v, []byte(f))
					return nil
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if !used {
			if err := s.dropFile(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget deletes the sealed parts of a case.
func (s *Store) forget(tx *bolt.Tx, n portal.ApplicationNumber, what string) error {
	who, err := s.identity(tx, n)
	if err == nil {
		if err := tx.Bucket(sameBucket).Delete([]byte(s.seal.applicant(who) + "/" + string(n))); err != nil {
			return err
		}
	} else if portal.KindOf(err) != portal.NotFound {
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
