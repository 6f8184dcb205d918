// Package files is the folder of uploads behind an interface: what the store asks
// of the place where contents lie, which an object store could offer as well.
package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// Objects keeps contents, each under the SHA-256 of its bytes in hexadecimal
// figures. They never change; many goroutines may ask at once.
type Objects interface {
	// Temp is a new file on this machine to write a content into, before its name is
	// known. Put takes it away; whoever puts it nowhere removes it.
	Temp() (*os.File, error)
	// Put gives a written and closed file its name, whole or not at all. It is
	// durable when Put returns, and replaces the same content.
	Put(temp, name string) error
	// Open opens a content to be read, as a file of this machine, perhaps a copy that is
	// gone once it is closed. It fails with
	// fs.ErrNotExist where there is none.
	Open(name string) (*os.File, error)
	// Stat tells the size in bytes, and when it was put, fs.ErrNotExist where there is
	// none.
	Stat(name string) (size int64, put time.Time, err error)
	Delete(name string) error
	// Each calls f with every content until it fails.
	Each(f func(name string, size int64, put time.Time) error) error
}

// Name matches the name of a content.
var Name = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Folder keeps contents in a folder of this machine, by the first two figures of
// their names.
type Folder string

// path is where a content lies.
func (f Folder) path(name string) string { return filepath.Join(string(f), name[:2], name) }

// Temp implements Objects.
func (f Folder) Temp() (*os.File, error) {
	if err := MakeDir(string(f)); err != nil {
		return nil, err
	}
	return os.CreateTemp(string(f), ".new-*")
}

// Put implements Objects.
func (f Folder) Put(temp, name string) error {
	if !Name.MatchString(name) {
		return fmt.Errorf("%q is not the name of a content", name)
	}
	if err := MakeDir(filepath.Dir(f.path(name))); err != nil {
		return err
	}
	return Commit(temp, f.path(name))
}

// Open implements Objects.
func (f Folder) Open(name string) (*os.File, error) {
	if !Name.MatchString(name) {
		return nil, fs.ErrNotExist
	}
	return os.Open(f.path(name))
}

// Stat implements Objects.
func (f Folder) Stat(name string) (int64, time.Time, error) {
	if !Name.MatchString(name) {
		return 0, time.Time{}, fs.ErrNotExist
	}
	st, err := os.Stat(f.path(name))
	if err != nil {
		return 0, time.Time{}, err
	}
	return st.Size(), st.ModTime(), nil
}

// Delete implements Objects.
func (f Folder) Delete(name string) error {
	if !Name.MatchString(name) {
		return fs.ErrNotExist
	}
	return os.Remove(f.path(name))
}

// Each implements Objects.
func (f Folder) Each(do func(name string, size int64, put time.Time) error) error {
	return filepath.WalkDir(string(f), func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() || !Name.MatchString(d.Name()) {
			return err
		}
		st, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) { // gone meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		return do(d.Name(), st.Size(), st.ModTime())
	})
}

// MakeDir makes a folder and makes its name durable.
func MakeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(dir))
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// Commit renames a written file into place and makes the name durable.
func Commit(temp, path string) error {
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}
