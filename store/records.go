package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
)

// Records keeps the records of one kind. It implements portal.Records.
type Records[T any] struct {
	*core
	kind portal.RecordKind
}

// Of is what keeps the records of a kind, which are of type T.
func Of[T any](s *Store, k portal.RecordKind) Records[T] { return records[T](s.core, k) }

func records[T any](c *core, k portal.RecordKind) Records[T] {
	if _, ok := k.New().(*T); !ok {
		panic(fmt.Sprintf("records of the kind %s are no %T", k.Code, *new(T)))
	}
	return Records[T]{c, k}
}

// Get loads a record.
func (s Records[T]) Get(ctx context.Context, id string) (*T, error) {
	return view[T](ctx, s.core, []byte(s.kind.Bucket), id)
}

// All loads the records that keep wants, all of them without it.
func (s Records[T]) All(ctx context.Context, keep func(*T) bool) ([]*T, error) {
	return all(ctx, s.core, []byte(s.kind.Bucket), keep)
}

// Change implements portal.Records.
func (s Records[T]) Change(ctx context.Context, by portal.Actor, id string, seen portal.Revision, act string, at time.Time, change func(*T) (string, error)) (*T, error) {
	return s.change(ctx, by, id, seen, act, at, func(_ *bolt.Tx, v *T) (string, error) { return change(v) })
}

// change is Change for those who write something else in the same transaction.
func (s Records[T]) change(ctx context.Context, by portal.Actor, id string, seen portal.Revision, act string, at time.Time, change func(*bolt.Tx, *T) (string, error)) (*T, error) {
	var v *T
	var news news
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var err error
		if v, err = load[T](tx, s.kind, id, seen); err != nil {
			return err
		}
		was := s.listing(v)
		detail, err := change(tx, v)
		if err != nil {
			return err
		}
		if news, err = s.save(tx, id, v, was); err != nil || act == "" {
			return err
		}
		return record(tx, by, act, s.kind.Code+"/"+id, detail, at)
	})
	if err != nil {
		return nil, portal.Doing(strings.TrimSpace(act+" ")+" "+s.kind.Code+"/"+id, err)
	}
	s.tell(news)
	return v, nil
}

// ChangeAll changes many records in one transaction, as each is there by then. A record
// whose change fails, or that change leaves as it is, is not saved; the others are.
func (s Records[T]) ChangeAll(ctx context.Context, by portal.Actor, ids []string, act string, at time.Time, change func(id string, v *T) (detail string, changed bool, err error)) error {
	var all []news
	err := s.update(ctx, func(tx *bolt.Tx) error {
		all = nil
		for _, id := range ids {
			v, err := load[T](tx, s.kind, id, portal.Latest)
			if portal.KindOf(err) == portal.NotFound && err != nil {
				v, err = new(T), nil
			}
			if err != nil {
				return err
			}
			was := s.listing(v)
			detail, changed, err := change(id, v)
			if err != nil || !changed {
				continue // the caller knows
			}
			n, err := s.save(tx, id, v, was)
			if err != nil {
				return err
			}
			all = append(all, n)
			if err := record(tx, by, act, s.kind.Code+"/"+id, detail, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.tell(all...)
	}
	return err
}

// Seal keeps something of a record apart from it and sealed, in one of the sealed
// buckets of its kind.
func (s Records[T]) Seal(ctx context.Context, bucket, key string, plain []byte) error {
	p, err := partOf(s.kind, bucket)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *bolt.Tx) error {
		sealed, err := s.seal.seal(plain, p.Bound(key))
		if err != nil {
			return err
		}
		return tx.Bucket([]byte(bucket)).Put([]byte(key), sealed)
	})
}

// Unseal opens what Seal kept.
func (s Records[T]) Unseal(ctx context.Context, bucket, key string) (plain []byte, err error) {
	p, err := partOf(s.kind, bucket)
	if err != nil {
		return nil, err
	}
	err = s.db.View(func(tx *bolt.Tx) error {
		sealed := tx.Bucket([]byte(bucket)).Get([]byte(key))
		if sealed == nil {
			return portal.Missing()
		}
		plain, err = s.seal.open(sealed, p.Bound(key))
		return err
	})
	return plain, err
}

func partOf(k portal.RecordKind, bucket string) (portal.Sealed, error) {
	i := slices.IndexFunc(k.Sealed, func(p portal.Sealed) bool { return p.Bucket == bucket })
	if i < 0 {
		return portal.Sealed{}, fmt.Errorf("the kind %s has no sealed bucket %q", k.Code, bucket)
	}
	return k.Sealed[i], nil
}

// PutAll writes records that the machine brings, an import or a demonstration
// city, in one transaction, whatever was there.
func (s Records[T]) PutAll(ctx context.Context, by portal.Actor, act string, at time.Time, id func(*T) string, list []*T) error {
	return s.Bring(ctx, by, act, at, id, list, nil)
}

// Bring is PutAll with what is kept apart from each record.
func (s Records[T]) Bring(ctx context.Context, by portal.Actor, act string, at time.Time, id func(*T) string, list []*T, apart func(*T, portal.RecordTx) error) error {
	var all []news
	err := s.update(ctx, func(tx *bolt.Tx) error {
		all = nil
		for _, v := range list {
			n, err := s.save(tx, id(v), v, nil)
			if err != nil {
				return err
			}
			all = append(all, n)
			if apart != nil {
				if err := apart(v, recordTx{s.core, s.kind, tx, id(v)}); err != nil {
					return err
				}
			}
			if err := record(tx, by, act, s.kind.Code+"/"+id(v), "", at); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.tell(all...)
	}
	return err
}

// load reads a record that is to be changed, if it is what was seen; an empty one
// where it is new.
func load[T any](tx *bolt.Tx, k portal.RecordKind, id string, seen portal.Revision) (*T, error) {
	v := new(T)
	err := get(tx, []byte(k.Bucket), id, v)
	switch {
	case portal.KindOf(err) == portal.NotFound && err != nil:
		return v, seen.Check(nil, k)
	case err != nil:
		return nil, err
	}
	return v, seen.Check(v, k)
}

// listing is how a record is listed; nil where nothing of it is public.
func (s Records[T]) listing(v *T) *portal.Listing {
	if s.kind.Public == nil {
		return nil
	}
	return s.kind.Public(v)
}

// save writes a record, and what became of what is public of it.
func (s Records[T]) save(tx *bolt.Tx, id string, v *T, was *portal.Listing) (news, error) {
	if err := put(tx.Bucket([]byte(s.kind.Bucket)), id, v); err != nil {
		return news{}, err
	}
	is := s.listing(v)
	if reflect.DeepEqual(is, was) {
		return news{}, nil
	}
	n := news{listing: is}
	var texts []string
	if is != nil {
		n.key, texts = is.Key, is.Texts
	} else {
		n.key = was.Key
	}
	var err error
	n.seq, err = public(tx, n.key, texts)
	return n, err
}

// news is what became of a public record in a transaction: its place in the
// change log, and how it is listed now, if at all. Without a place there is none.
type news struct {
	key     portal.Key
	seq     uint64
	listing *portal.Listing
}
