package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
)

var fileID = regexp.MustCompile(`^[0-9a-f]{64}$`)

// SaveFile stores what r holds, at most limit bytes, under the hash of its
// content. The file is durable when SaveFile returns.
func (s *Store) SaveFile(r io.Reader, limit int64) (portal.FileID, int64, error) {
	dir := filepath.Join(s.dir, "files")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", 0, err
	}
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return "", 0, fmt.Errorf("saving a file: %w", err)
	}
	defer os.Remove(f.Name()) // gone already once renamed
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(r, limit+1))
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return "", 0, fmt.Errorf("saving a file: %w", err)
	}
	if n > limit {
		return "", 0, &portal.Error{Kind: portal.TooLarge, Key: "error.file_too_large", Args: portal.Args{"Limit": limit >> 20}}
	}
	id := portal.FileID(hex.EncodeToString(h.Sum(nil)))
	path := s.filePath(id)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", 0, err
	}
	return id, n, commitFile(f.Name(), path)
}

func (s *Store) filePath(id portal.FileID) string {
	return filepath.Join(s.dir, "files", string(id[:2]), string(id))
}

// OpenFile opens a stored file. Whether the asker may see it is for the
// record that names it to say.
func (s *Store) OpenFile(id portal.FileID) (*os.File, error) {
	if !fileID.MatchString(string(id)) {
		return nil, portal.Missing()
	}
	f, err := os.Open(s.filePath(id))
	if os.IsNotExist(err) {
		return nil, portal.Missing()
	}
	return f, err
}

// SaveFileText keeps the text that was found in a file, for search.
func (s *Store) SaveFileText(id portal.FileID, text string) error {
	return s.db.Update(func(tx *bolt.Tx) error { return tx.Bucket(fileTextsBucket).Put([]byte(id), []byte(text)) })
}

// fileNamed finds the files that a record names.
var fileNamed = regexp.MustCompile(`"file":"([0-9a-f]{64})"`)

// SweepFiles deletes the uploads from before a time that no record names: of
// forms that were never finished, and of cases that were destroyed. It returns
// how many there were. The time must leave a form long enough to be saved.
func (s *Store) SweepFiles(before time.Time) (int, error) {
	old := make(map[portal.FileID]bool)
	err := filepath.WalkDir(filepath.Join(s.dir, "files"), func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() || !fileID.MatchString(d.Name()) {
			return err
		}
		if st, err := d.Info(); err == nil && st.ModTime().Before(before) {
			old[portal.FileID(d.Name())] = true
		}
		return nil
	})
	if err != nil || len(old) == 0 {
		return 0, err
	}
	err = s.db.View(func(tx *bolt.Tx) error {
		for _, b := range [][]byte{applicationsBucket, documentsBucket, versionsBucket, draftsBucket} {
			err := tx.Bucket(b).ForEach(func(_, v []byte) error {
				for _, m := range fileNamed.FindAllSubmatch(v, -1) {
					delete(old, portal.FileID(m[1]))
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	n := 0
	for id := range old {
		// The same content may have been uploaded again meanwhile.
		if st, err := os.Stat(s.filePath(id)); err != nil || !st.ModTime().Before(before) {
			continue
		}
		if err := s.dropFile(id); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// dropFile deletes a stored file and the text that was found in it.
func (s *Store) dropFile(id portal.FileID) error {
	err := s.db.Update(func(tx *bolt.Tx) error { return tx.Bucket(fileTextsBucket).Delete([]byte(id)) })
	if err != nil {
		return err
	}
	if err := os.Remove(s.filePath(id)); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}
