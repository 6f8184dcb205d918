package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/people"
)

// Person loads an account.
func (s People) Person(ctx context.Context, l portal.Login) (*portal.Person, error) {
	return view[portal.Person](ctx, s.core, peopleBucket, string(l))
}

// People loads all accounts.
func (s People) People(ctx context.Context) ([]*portal.Person, error) {
	return all[portal.Person](ctx, s.core, peopleBucket, nil)
}

// people keeps the accounts.
func (s People) people() Records[portal.Person] { return records[portal.Person](s.core, people.Kind) }

// AddPerson writes a new account; a login that is taken is refused.
func (s People) AddPerson(ctx context.Context, by portal.Actor, p *portal.Person, at time.Time) error {
	_, err := s.people().Change(ctx, by, string(p.Login), portal.Absent, "add person", at, func(x *portal.Person) (string, error) { *x = *p; return "", nil })
	if e, ok := errors.AsType[*portal.Error](err); ok && e.Kind == portal.Conflict {
		e.Problems[0].Key = "error.login_taken"
	}
	return err
}

// AddFirstPerson implements portal.PersonStore.
func (s People) AddFirstPerson(ctx context.Context, by portal.Actor, p *portal.Person, link, token string, at time.Time) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		key := []byte("secret." + link)
		secret := tx.Bucket(metaBucket).Get(key)
		if k, _ := tx.Bucket(peopleBucket).Cursor().First(); k != nil || len(secret) == 0 || !portal.SameToken(string(secret), token) {
			return portal.Missing()
		}
		if err := tx.Bucket(metaBucket).Delete(key); err != nil {
			return err
		}
		if err := put(tx.Bucket(peopleBucket), string(p.Login), p); err != nil {
			return err
		}
		return record(tx, by, "add person", "person/"+string(p.Login), "", at)
	})
}

// ChangePerson changes an account. An empty act, such as counting a wrong password,
// is not audited.
func (s People) ChangePerson(ctx context.Context, by portal.Actor, l portal.Login, seen portal.Revision, act string, at time.Time, change func(*portal.Person) error) error {
	_, err := s.people().Change(ctx, by, string(l), seen, act, at, func(p *portal.Person) (string, error) { return "", change(p) })
	return err
}

// SecondFactor loads what a person proves to be themselves with besides the
// password; none of it where there is none.
func (s People) SecondFactor(ctx context.Context, l portal.Login) (*people.SecondFactor, error) {
	f := &people.SecondFactor{}
	err := s.db.View(func(tx *bolt.Tx) error { return s.secondFactor(tx, l, f) })
	return f, err
}

func (s *core) secondFactor(tx *bolt.Tx, l portal.Login, f *people.SecondFactor) error {
	sealed := tx.Bucket(secondBucket).Get([]byte(l))
	if sealed == nil {
		return nil
	}
	plain, err := s.seal.open(sealed, "second/"+string(l))
	if err != nil {
		return fmt.Errorf("opening a second factor: %w", err)
	}
	return json.Unmarshal(plain, f)
}

// ChangeSecondFactor loads it, lets change alter it, and saves it.
func (s People) ChangeSecondFactor(ctx context.Context, by portal.Actor, l portal.Login, act string, at time.Time, change func(*people.SecondFactor) error) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		var f people.SecondFactor
		if err := s.secondFactor(tx, l, &f); err != nil {
			return err
		}
		if err := change(&f); err != nil {
			return err
		}
		plain, err := json.Marshal(f)
		if err != nil {
			return err
		}
		sealed, err := s.seal.seal(plain, "second/"+string(l))
		if err != nil {
			return err
		}
		if err := tx.Bucket(secondBucket).Put([]byte(l), sealed); err != nil || act == "" {
			return err
		}
		return record(tx, by, act, "person/"+string(l), "", at)
	})
}

// Find returns the data of a session that has not expired.
func (x Sessions) Find(token string) ([]byte, bool, error) {
	var out []byte
	err := x.db.View(func(tx *bolt.Tx) error {
		out, _ = x.read(tx, token)
		return nil
	})
	return out, out != nil, err
}

// read returns a copy of a session's data and when it expires; nil if it has.
func (x Sessions) read(tx *bolt.Tx, token string) ([]byte, time.Time) {
	if h, ok := x.held.Load(token); ok {
		if h := h.(heldSession); time.Now().Before(h.expiry) {
			return h.data, h.expiry
		}
	}
	v := tx.Bucket(sessionsBucket).Get([]byte(token))
	if len(v) <= 8 {
		return nil, time.Time{}
	}
	expiry := time.Unix(int64(binary.BigEndian.Uint64(v)), 0)
	if !time.Now().Before(expiry) {
		return nil, time.Time{}
	}
	return append([]byte(nil), v[8:]...), expiry
}

// heldSession is one that could not be written because the disk is full: it is
// kept in memory, so that whoever is signed in goes on reading, and sees that
// nothing else was saved.
type heldSession struct {
	data   []byte
	expiry time.Time
}

// maxHeld bounds how many are.
const maxHeld = 10_000

// sessionStep is how much later a session must expire for that alone to be written.
const sessionStep = time.Minute

// Change writes what change makes of a session as it is now (nil if there is none, or no
// longer). If change returns nil nothing is written, nor if it returns what it was given and
// the session would expire hardly later.
func (x Sessions) Change(token string, expiry time.Time, change func(now []byte) ([]byte, error)) error {
	var b []byte
	done := false
	err := x.db.View(func(tx *bolt.Tx) (err error) {
		now, until := x.read(tx, token)
		b, err = change(now)
		done = b == nil || bytes.Equal(b, now) && expiry.Sub(until).Abs() < sessionStep
		return err
	})
	if err != nil || done {
		return err
	}
	err = x.update(context.Background(), func(tx *bolt.Tx) (err error) {
		now, _ := x.read(tx, token)
		if b, err = change(now); err != nil || b == nil {
			return err
		}
		return tx.Bucket(sessionsBucket).Put([]byte(token), append(seqKey(uint64(expiry.Unix())), b...))
	})
	if portal.KindOf(err) == portal.Unavailable && x.heldCount.Load() < maxHeld {
		if _, there := x.held.Swap(token, heldSession{append([]byte(nil), b...), expiry}); !there {
			x.heldCount.Add(1)
		}
		return nil
	}
	if err == nil {
		x.drop(token)
	}
	return err
}

// drop forgets a session that was held.
func (x Sessions) drop(token string) {
	if _, there := x.held.LoadAndDelete(token); there {
		x.heldCount.Add(-1)
	}
}

// Delete ends a session.
func (x Sessions) Delete(token string) error {
	x.drop(token)
	return x.update(context.Background(), func(tx *bolt.Tx) error { return tx.Bucket(sessionsBucket).Delete([]byte(token)) })
}

// All lists the sessions that have not expired by their tokens; the session
// library can ask for it.
func (x Sessions) All() (map[string][]byte, error) {
	out := make(map[string][]byte)
	err := x.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(sessionsBucket).ForEach(func(k, v []byte) error {
			if len(v) > 8 && time.Now().Unix() < int64(binary.BigEndian.Uint64(v)) {
				out[string(k)] = append([]byte(nil), v[8:]...)
			}
			return nil
		})
	})
	return out, err
}

// Sweep deletes the sessions that have expired.
func (x Sessions) Sweep(now time.Time) error {
	return x.update(context.Background(), func(tx *bolt.Tx) error {
		var gone [][]byte
		err := tx.Bucket(sessionsBucket).ForEach(func(k, v []byte) error {
			if len(v) < 8 || now.Unix() >= int64(binary.BigEndian.Uint64(v)) {
				gone = append(gone, append([]byte(nil), k...))
			}
			return nil
		})
		for _, k := range gone {
			if err == nil {
				err = tx.Bucket(sessionsBucket).Delete(k)
			}
		}
		return err
	})
}
