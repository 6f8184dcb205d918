package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
)

// keySumKey is where the records say which key they are sealed with.
const keySumKey = "identity.key"

// keySum names a key without telling it.
func keySum(key []byte) string {
	sum := sha256.Sum256(append([]byte("gongkai identity key "), key...))
	return hex.EncodeToString(sum[:8])
}

// openKey opens the identity key, ends a rotation that was cut short, and
// refuses a key that does not belong to the records.
func (s *Store) openKey() error {
	path := filepath.Join(s.dir, "keys", "identity.key")
	var sum string
	err := s.db.View(func(tx *bolt.Tx) error { return get(tx, metaBucket, keySumKey, &sum) })
	if err != nil && portal.KindOf(err) != portal.NotFound {
		return err
	}
	next, err := os.ReadFile(path + ".next")
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return err
	case keySum(next) == sum: // the records were sealed anew, the file was not yet in place
		if err := commitFile(path+".next", path); err != nil {
			return err
		}
	default: // the records were not sealed anew
		if err := os.Remove(path + ".next"); err != nil {
			return err
		}
	}
	if s.seal, err = openSealer(path); err != nil {
		return err
	}
	if sum == "" {
		return s.db.Update(func(tx *bolt.Tx) error { return put(tx.Bucket(metaBucket), keySumKey, s.seal.sum) })
	}
	if sum != s.seal.sum {
		return fmt.Errorf("the identity key %s does not belong to these records", path)
	}
	return nil
}

// RotateKey seals everything about people with a new key, all or nothing, and
// returns how many records that were. The old key opens nothing any more but
// old backups.
func (s *Store) RotateKey(by portal.Actor, at time.Time) (int, error) {
	path := filepath.Join(s.dir, "keys", "identity.key")
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return 0, err
	}
	if err := writeFile(path+".next", key); err != nil {
		return 0, err
	}
	fresh, err := newSealer(key)
	if err != nil {
		return 0, err
	}
	n := 0
	err = s.db.Update(func(tx *bolt.Tx) error {
		n = 0
		for _, b := range []struct {
			bucket []byte
			record func(key string) string // that a value is bound to
		}{{identitiesBucket, func(k string) string { return k }}, {alertAddressesBucket, func(k string) string { return "alert/" + k }}, {outboxBucket, func(string) string { return "mail" }}} {
			k, err := reseal(tx.Bucket(b.bucket), b.record, s.seal, fresh)
			if err != nil {
				return fmt.Errorf("sealing %s anew: %w", b.bucket, err)
			}
			n += k
		}
		if err := renameOwners(tx, fresh); err != nil {
			return err
		}
		if err := put(tx.Bucket(metaBucket), keySumKey, fresh.sum); err != nil {
			return err
		}
		return record(tx, by, "rotate identity key", "key/identity", fmt.Sprintf("%d records", n), at)
	})
	if err != nil {
		return 0, err
	}
	s.seal = fresh
	return n, commitFile(path+".next", path)
}

// reseal opens every value of a bucket with one key and seals it with another.
func reseal(b *bolt.Bucket, bound func(key string) string, old, fresh *sealer) (int, error) {
	sealed := make(map[string][]byte)
	err := b.ForEach(func(k, v []byte) error {
		plain, err := old.open(v, bound(string(k)))
		if err != nil {
			return err
		}
		sealed[string(k)], err = fresh.seal(plain, bound(string(k)))
		return err
	})
	if err != nil {
		return 0, err
	}
	for k, v := range sealed { // a bucket may not change under a cursor
		if err := b.Put([]byte(k), v); err != nil {
			return 0, err
		}
	}
	return len(sealed), nil
}

// renameOwners writes the keyed hashes of alerts' addresses anew.
func renameOwners(tx *bolt.Tx, fresh *sealer) error {
	owners := tx.Bucket(alertOwnersBucket)
	var old []string
	if err := owners.ForEach(func(k, _ []byte) error { old = append(old, string(k)); return nil }); err != nil {
		return err
	}
	for _, k := range old {
		_, id, _ := strings.Cut(k, "/")
		email, err := fresh.open(tx.Bucket(alertAddressesBucket).Get([]byte(id)), "alert/"+id)
		if err != nil {
			return err
		}
		if err := owners.Delete([]byte(k)); err != nil {
			return err
		}
		if err := owners.Put([]byte(fresh.owner(string(email))+"/"+id), nil); err != nil {
			return err
		}
	}
	return nil
}
