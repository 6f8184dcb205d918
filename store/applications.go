package store

import (
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
)

// AddApplication gives an application its number and writes it: the query
// code as a hash, the applicant sealed apart. Sent again on the same day with
// the same fingerprint, it writes nothing and returns the first one's number.
func (s *Store) AddApplication(by portal.Actor, a *portal.Application, who *portal.Applicant, code, fingerprint string, at time.Time) (double portal.ApplicationNumber, err error) {
	key := []byte(at.UTC().Format(time.DateOnly) + "/" + fingerprint)
	err = s.db.Update(func(tx *bolt.Tx) error {
		if v := tx.Bucket(doublesBucket).Get(key); v != nil {
			double = portal.ApplicationNumber(v)
			return nil
		}
		if err := s.addApplication(tx, by, a, who, code, at); err != nil {
			return err
		}
		return tx.Bucket(doublesBucket).Put(key, []byte(a.Number))
	})
	if err == nil && double == "" {
		s.answered(a, at)
	}
	return double, err
}

// answered lists the published answer of an application, if it has one.
func (s *Store) answered(a *portal.Application, at time.Time) {
	if l := plainListing(a.Entry(), at); l != nil {
		s.list(l)
	}
}

func (s *Store) addApplication(tx *bolt.Tx, by portal.Actor, a *portal.Application, who *portal.Applicant, code string, at time.Time) error {
	year := a.Steps[0].Date.Year()
	serial, err := next(tx, fmt.Sprintf("application/%d", year))
	if err != nil {
		return err
	}
	a.Number = portal.NumberApplication(year, serial)
	if code != "" {
		a.CodeHash = portal.HashCode(a.Number, code)
	}
	if who != nil {
		plain, err := json.Marshal(who)
		if err != nil {
			return err
		}
		sealed, err := s.seal.seal(plain, string(a.Number))
		if err != nil {
			return err
		}
		if err := tx.Bucket(identitiesBucket).Put([]byte(a.Number), sealed); err != nil {
			return err
		}
	}
	if a.Source != "" {
		if err := tx.Bucket(sourcesBucket).Put([]byte(a.Source), []byte(a.Number)); err != nil {
			return err
		}
	}
	if err := putPublic(tx, applicationsBucket, string(a.Number), a, a.Entry()); err != nil {
		return err
	}
	return record(tx, by, "receive application", "application/"+string(a.Number), "", at)
}

// ImportApplications writes cases from elsewhere in one transaction. Those
// whose source is known are left alone.
func (s *Store) ImportApplications(by portal.Actor, list []*portal.Application, at time.Time) (portal.ImportResult, error) {
	var res portal.ImportResult
	err := s.db.Update(func(tx *bolt.Tx) error {
		res = portal.ImportResult{}
		for _, a := range list {
			if tx.Bucket(sourcesBucket).Get([]byte(a.Source)) != nil {
				res.Same++
				continue
			}
			if err := s.addApplication(tx, by, a, nil, "", at); err != nil {
				return err
			}
			res.Added++
		}
		return nil
	})
	return res, err
}

// Application loads an application.
func (s *Store) Application(n portal.ApplicationNumber) (*portal.Application, error) {
	return view[portal.Application](s, applicationsBucket, string(n))
}

// Applications loads the applications that keep wants.
func (s *Store) Applications(keep func(*portal.Application) bool) ([]*portal.Application, error) {
	return all(s, applicationsBucket, keep)
}

// ChangeApplication loads an application, lets change alter it, and saves
// it, all in one transaction. If change fails nothing is saved.
func (s *Store) ChangeApplication(by portal.Actor, n portal.ApplicationNumber, act string, at time.Time, change func(*portal.Application) error) (*portal.Application, error) {
	var a portal.Application
	err := s.db.Update(func(tx *bolt.Tx) error {
		if err := get(tx, applicationsBucket, string(n), &a); err != nil {
			return err
		}
		if err := change(&a); err != nil {
			return err
		}
		if err := putPublic(tx, applicationsBucket, string(n), &a, a.Entry()); err != nil {
			return err
		}
		return record(tx, by, act, "application/"+string(n), "", at)
	})
	if err != nil {
		return nil, err
	}
	s.answered(&a, at)
	return &a, nil
}

// Identity opens the sealed applicant of an application.
func (s *Store) Identity(n portal.ApplicationNumber) (*portal.Applicant, error) {
	var sealed []byte
	err := s.db.View(func(tx *bolt.Tx) error {
		sealed = append(sealed, tx.Bucket(identitiesBucket).Get([]byte(n))...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 {
		return nil, portal.Missing()
	}
	plain, err := s.seal.open(sealed, string(n))
	if err != nil {
		return nil, fmt.Errorf("opening the applicant of %s: %w", n, err)
	}
	who := new(portal.Applicant)
	return who, json.Unmarshal(plain, who)
}

// Note writes a line of the audit log for something that changes no record,
// such as looking at an applicant's identity.
func (s *Store) Note(by portal.Actor, act, object, detail string, at time.Time) error {
	return s.db.Update(func(tx *bolt.Tx) error { return record(tx, by, act, object, detail, at) })
}
