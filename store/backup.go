package store

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Backup writes the whole data folder as a tar archive while the portal
// runs: the records as of one instant, every file they name, and the key of
// the identities. The search index is left out; it is rebuilt.
//
// Files are written before the records that name them and never change, so
// copying the records first and the files after them loses none.
func (s *Store) Backup(w io.Writer) error {
	tw := tar.NewWriter(w)
	err := s.db.View(func(tx *bolt.Tx) error {
		if err := tw.WriteHeader(&tar.Header{Name: "gongkai.db", Mode: 0o600, Size: tx.Size(), ModTime: time.Now()}); err != nil {
			return err
		}
		_, err := tx.WriteTo(tw)
		return err
	})
	if err != nil {
		return fmt.Errorf("backing up the records: %w", err)
	}
	for _, folder := range []string{"keys", "files"} {
		err := filepath.WalkDir(filepath.Join(s.dir, folder), func(p string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".new-") {
				return err
			}
			return s.addFile(tw, p)
		})
		if err != nil {
			return fmt.Errorf("backing up %s: %w", folder, err)
		}
	}
	return tw.Close()
}

func (s *Store) addFile(tw *tar.Writer, p string) error {
	f, err := os.Open(p)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	name, err := filepath.Rel(s.dir, p)
	if err != nil {
		return err
	}
	if err := tw.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o600, Size: st.Size(), ModTime: st.ModTime()}); err != nil {
		return err
	}
	_, err = io.Copy(tw, f)
	return err
}

// Restore unpacks a backup into a data folder that must be empty or not
// there, and checks the records.
func Restore(dir string, r io.Reader) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty: a backup is restored into an empty folder", dir)
	}
	tr := tar.NewReader(r)
	sawRecords := false
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading the backup: %w", err)
		}
		name := path.Clean(h.Name)
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(name) || name != "gongkai.db" && !strings.HasPrefix(name, "files/") && !strings.HasPrefix(name, "keys/") {
			return fmt.Errorf("%q does not belong into a backup", h.Name)
		}
		if err := restoreFile(filepath.Join(dir, filepath.FromSlash(name)), tr); err != nil {
			return err
		}
		sawRecords = sawRecords || name == "gongkai.db"
	}
	if !sawRecords {
		return errors.New("this is no backup of the portal: it holds no gongkai.db")
	}
	s, err := Open(dir)
	if err != nil {
		return fmt.Errorf("the restored records cannot be opened: %w", err)
	}
	defer s.Close()
	return s.Check()
}

func restoreFile(p string, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(p, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err = io.Copy(f, r); err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// Check verifies the structure of the records' file.
func (s *Store) Check() error {
	return s.db.View(func(tx *bolt.Tx) error {
		var first error
		for err := range tx.Check() {
			if first == nil {
				first = fmt.Errorf("the records are damaged: %w", err)
			}
		}
		return first
	})
}
