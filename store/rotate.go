package store

import (
	"context"
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
	"gongkai/portal/cases"
	"gongkai/store/files"
)

// keySumKey is where the records say which key they are sealed with.
const keySumKey = "identity.key"

// keySum names a key without telling it.
func keySum(key []byte) string {
	sum := sha256.Sum256(append([]byte("gongkai identity key "), key...))
	return hex.EncodeToString(sum[:8])
}

// ErrKeyMismatch says that the identity key is not the one of the records.
var ErrKeyMismatch = errors.New("the identity key is not the one that the records are sealed with: put the right one into keys/identity.key of the data folder or into GONGKAI_IDENTITY_KEY; a backup of the same time holds it")

// ErrKeyMissing says that a key is gone without which the records are of no use.
var ErrKeyMissing = errors.New("is missing, and the records need it: take it from a backup of the data folder, or give the identity key by GONGKAI_IDENTITY_KEY; nothing is made anew")

// openKey opens the identity key, ends a rotation that was cut short, and
// refuses a key that does not belong to the records. A key that is given, from
// the environment, takes the place of the file.
func (s *core) openKey(given []byte) error {
	var sum string
	err := s.db.View(func(tx *bolt.Tx) error { return get(tx, metaBucket, keySumKey, &sum) })
	if err != nil && portal.KindOf(err) != portal.NotFound {
		return err
	}
	if given != nil {
		s.seal, err = newSealer(given)
	} else {
		if err := s.endRotation(sum); err != nil {
			return err
		}
		if _, err := os.Stat(s.keyPath()); sum != "" && errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s %w", s.keyPath(), ErrKeyMissing)
		}
		s.seal, err = openSealer(s.keyPath())
	}
	if err != nil {
		return err
	}
	if sum == "" {
		return s.update(context.Background(), func(tx *bolt.Tx) error { return put(tx.Bucket(metaBucket), keySumKey, s.seal.sum) })
	}
	if sum != s.seal.sum {
		return ErrKeyMismatch
	}
	return nil
}

func (s *core) keyPath() string { return filepath.Join(s.dir, "keys", "identity.key") }

// endRotation puts a new key file in place, or away, after a rotation that was
// cut short.
func (s *core) endRotation(sum string) error {
	path := s.keyPath()
	next, err := os.ReadFile(path + ".next")
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case keySum(next) == sum: // the records were sealed anew, the file was not yet in place
		return files.Commit(path+".next", path)
	}
	return os.Remove(path + ".next") // the records were not sealed anew
}

// RotateKey seals everything about people with a new key, all or nothing, and
// returns how many records that were. The old key opens nothing any more but
// old backups. Without a key given, a new one is made and written to the key
// file; one that is given, from the environment, is kept by its operator.
func (s *Store) RotateKey(ctx context.Context, by portal.Actor, given []byte, at time.Time) (int, error) {
	path, key := s.keyPath(), given
	if given == nil {
		key = make([]byte, keySize)
		if _, err := rand.Read(key); err != nil {
			return 0, err
		}
		if err := writeFile(path+".next", key); err != nil {
			return 0, err
		}
	}
	fresh, err := newSealer(key)
	if err != nil {
		return 0, err
	}
	n := 0
	err = s.update(ctx, func(tx *bolt.Tx) error {
		n = 0
		if err := s.renameApplicants(tx, fresh); err != nil {
			return err
		}
		for _, b := range sealedParts() {
			k, err := reseal(tx.Bucket([]byte(b.Bucket)), b.Bound, s.seal, fresh)
			if err != nil {
				return fmt.Errorf("sealing %s anew: %w", b.Bucket, err)
			}
			n += k
		}
		if err := renameMarks(tx, s.seal, fresh); err != nil {
			return fmt.Errorf("making marks anew: %w", err)
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
	if given != nil {
		return n, nil
	}
	return n, files.Commit(path+".next", path)
}

// renameApplicants writes the keyed hashes of applicants and of what they sent
// anew, while the old key still opens who they are.
func (s *core) renameApplicants(tx *bolt.Tx, fresh *sealer) error {
	for _, b := range [][]byte{sameBucket, duplicatesBucket} {
		if err := deletePrefix(tx.Bucket(b), ""); err != nil {
			return err
		}
	}
	return tx.Bucket(identitiesBucket).ForEach(func(k, _ []byte) error {
		n := cases.ApplicationNumber(k)
		who, err := s.identity(tx, n)
		if err != nil {
			return err
		}
		var a cases.Application
		if err := get(tx, applicationsBucket, string(n), &a); err != nil {
			return err
		}
		if err := tx.Bucket(sameBucket).Put([]byte(fresh.applicant(who)+"/"+string(n)), nil); err != nil {
			return err
		}
		return tx.Bucket(duplicatesBucket).Put([]byte(fresh.words(&a, who)), []byte(n))
	})
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
