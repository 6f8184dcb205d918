package store

import (
	"encoding/json"
	"fmt"
	"regexp"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
)

// The table of kinds (portal.RecordKind) drives everything here: which buckets
// there are, what is listed and indexed, which files are named, what is sealed.

// allBuckets are the store's own and those of every kind.
func allBuckets() [][]byte {
	out := append([][]byte(nil), ownBuckets...)
	for _, k := range portal.Kinds() {
		for _, b := range plainBuckets(k) {
			out = append(out, []byte(b))
		}
		for _, s := range k.Sealed {
			out = append(out, []byte(s.Bucket))
		}
	}
	return out
}

// plainBuckets are those whose values are records as JSON.
func plainBuckets(k portal.RecordKind) []string { return append([]string{k.Bucket}, k.Parts...) }

// sealedParts are the buckets whose values are sealed: those of every kind, and
// the messages on their way. Rotation and verification go through them.
func sealedParts() []portal.Sealed {
	out := []portal.Sealed{{Bucket: string(outboxBucket), Bound: func(string) string { return "mail" }}}
	for _, k := range portal.Kinds() {
		out = append(out, k.Sealed...)
	}
	return out
}

// fileNamed finds the files that a record names.
var fileNamed = regexp.MustCompile(`"file":"([0-9a-f]{64})"`)

// namedFiles calls f with each file that a record of any kind names.
func (s *core) namedFiles(tx *bolt.Tx, f func(id string) error) error {
	find := func(v []byte) error {
		for _, m := range fileNamed.FindAllSubmatch(v, -1) {
			if err := f(string(m[1])); err != nil {
				return err
			}
		}
		return nil
	}
	for _, k := range portal.Kinds() {
		for _, b := range plainBuckets(k) {
			if err := tx.Bucket([]byte(b)).ForEach(func(_, v []byte) error { return find(v) }); err != nil {
				return err
			}
		}
		for _, p := range k.Sealed {
			if !p.Files {
				continue
			}
			err := tx.Bucket([]byte(p.Bucket)).ForEach(func(key, v []byte) error {
				plain, err := s.seal.open(v, p.Bound(string(key)))
				if err != nil {
					return fmt.Errorf("opening %s %q: %w", p.Bucket, key, err)
				}
				return find(plain)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// listingOf reads how a record of a kind is listed; nil where nothing of it is
// public.
func listingOf(k portal.RecordKind, id string, record []byte) (*portal.Listing, error) {
	if k.Public == nil {
		return nil, nil
	}
	v := k.New()
	if err := json.Unmarshal(record, v); err != nil {
		return nil, fmt.Errorf("reading %s %q: %w", k.Bucket, id, err)
	}
	return k.Public(v), nil
}
