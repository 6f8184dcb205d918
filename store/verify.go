package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/store/files"
)

// ErrDamaged says that the file of the records is damaged.
var ErrDamaged = errors.New("the file of the records is damaged: restore the last backup (gongkai restore) into another folder")

// whole calls f. What the database library makes of a damaged file, a panic or
// a fault of memory, becomes ErrDamaged.
func whole(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w (%v)", ErrDamaged, p)
		}
	}()
	return f()
}

// Verified counts what a verification has read.
type Verified struct {
	Records, Sealed, Files, Lines int
	Head                          string // of the audit log's chain
}

// Verify reads everything: the structure of the file, each record, what is
// sealed with the key, every upload by its hash, that each file a record names
// is there, and the chain of the audit log.
func (s *Store) Verify(ctx context.Context) (Verified, error) {
	var v Verified
	err := whole(func() error {
		if err := s.structure(); err != nil {
			return err
		}
		return s.db.View(func(tx *bolt.Tx) error { return s.readAll(ctx, tx, &v) })
	})
	if err != nil {
		return v, err
	}
	if err := s.verifyFiles(ctx, &v); err != nil {
		return v, err
	}
	v.Lines, v.Head, err = s.Log.VerifyAudit(ctx)
	return v, err
}

// structure verifies the pages of the records' file. The library's own check
// runs where a fault of memory cannot be caught, so pages and keys that it would
// stumble over are looked for first.
func (s *core) structure() error {
	return s.db.View(func(tx *bolt.Tx) error {
		if err := pagesFit(tx); err != nil {
			return fmt.Errorf("%w (%w)", ErrDamaged, err)
		}
		err := tx.ForEach(func(_ []byte, b *bolt.Bucket) error { return inOrder(b) })
		if err != nil {
			return fmt.Errorf("%w (%w)", ErrDamaged, err)
		}
		var first error
		for err := range tx.Check(bolt.WithKVStringer(noKeys{})) {
			if first == nil {
				first = fmt.Errorf("%w (%w)", ErrDamaged, err)
			}
		}
		return first
	})
}

// pagesFit walks over the pages of the file, each of which says how many it
// takes.
func pagesFit(tx *bolt.Tx) error {
	for id := 0; ; {
		p, err := tx.Page(id)
		if err != nil || p == nil {
			return err
		}
		last := id
		if p.Type != "free" {
			last += p.OverflowCount
		}
		if end, err := tx.Page(last); err != nil || end == nil {
			return errors.Join(err, fmt.Errorf("page %d ends behind the file", id))
		}
		id = last + 1
	}
}

// inOrder reads every key of a bucket and of those in it: each comes after the
// one before, and is found where it stands.
func inOrder(b *bolt.Bucket) error {
	var before []byte
	c := b.Cursor()
	return b.ForEach(func(k, v []byte) error {
		if before != nil && bytes.Compare(before, k) >= 0 {
			return errors.New("keys are out of order")
		}
		if at, _ := c.Seek(k); !bytes.Equal(at, k) {
			return errors.New("a key is not found where it stands")
		}
		before = k
		if child := b.Bucket(k); v == nil && child != nil {
			return inOrder(child)
		}
		return nil
	})
}

// noKeys keeps keys, which may lie behind the end of a damaged file, out of what
// the library's check says.
type noKeys struct{}

// KeyToString implements bolt.KVStringer.
func (noKeys) KeyToString([]byte) string { return "a key" }

// ValueToString implements bolt.KVStringer.
func (noKeys) ValueToString([]byte) string { return "a value" }

// readAll decodes each record of every bucket that holds records.
func (s *core) readAll(ctx context.Context, tx *bolt.Tx, v *Verified) error {
	read := func(bucket string, fresh func() any) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(k, b []byte) error {
			v.Records++
			if err := json.Unmarshal(b, fresh()); err != nil {
				return fmt.Errorf("record %q of %s cannot be read: %w", k, bucket, err)
			}
			return ctx.Err()
		})
	}
	for _, kind := range portal.Kinds() {
		for _, b := range plainBuckets(kind) {
			if err := read(b, kind.New); err != nil {
				return err
			}
		}
	}
	if err := read(string(auditBucket), func() any { return &portal.AuditEntry{} }); err != nil {
		return err
	}
	for _, p := range sealedParts() {
		err := tx.Bucket([]byte(p.Bucket)).ForEach(func(k, sealed []byte) error {
			v.Sealed++
			if _, err := s.seal.open(sealed, p.Bound(string(k))); err != nil {
				return fmt.Errorf("what is sealed as %q in %s does not open with this key: %w", k, p.Bucket, err)
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// verifyFiles compares each upload with its hash, and looks for each that a
// record names.
func (s *core) verifyFiles(ctx context.Context, v *Verified) error {
	there := make(map[string]bool)
	err := s.objects.Each(func(name string, _ int64, _ time.Time) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, err := s.objects.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			return err
		}
		if hex.EncodeToString(h.Sum(nil)) != name {
			return fmt.Errorf("the upload %s is not what was uploaded", name)
		}
		there[name] = true
		v.Files++
		return nil
	})
	if err != nil {
		return err
	}
	return s.db.View(func(tx *bolt.Tx) error {
		return s.namedFiles(tx, func(id string) error {
			if !there[id] {
				return fmt.Errorf("the upload %s, which a record names, is missing", id)
			}
			return nil
		})
	})
}

// Compact writes the records' file anew without what was deleted, while the
// portal is stopped. It returns the sizes before and after.
func Compact(ctx context.Context, dir string) (before, after int64, err error) {
	path := filepath.Join(dir, "gongkai.db")
	st, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	if err := compactFile(path); err != nil {
		return 0, 0, err
	}
	now, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	return st.Size(), now.Size(), nil
}

// compactFile replaces a file of records by a compact copy of it.
func compactFile(path string) error {
	return whole(func() error {
		old, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: 500 * time.Millisecond, FreelistType: bolt.FreelistMapType})
		if err != nil {
			return openError(err)
		}
		defer old.Close()
		temp := path + ".compact"
		if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		defer os.Remove(temp) // gone already once renamed
		fresh, err := bolt.Open(temp, 0o600, &bolt.Options{NoSync: true, FreelistType: bolt.FreelistMapType})
		if err != nil {
			return err
		}
		const each = 16 << 20 // bytes of one transaction
		err = bolt.Compact(fresh, old, each)
		if err == nil {
			err = fresh.Sync()
		}
		if e := fresh.Close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		return files.Commit(temp, path)
	})
}
