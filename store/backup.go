package store

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"gongkai/store/files"

	bolt "go.etcd.io/bbolt"
)

// Backup writes the whole data folder as a tar archive while the portal
// runs: the records as of one instant, every file they name, and the key of
// the identities. The search index is left out; it is rebuilt.
//
// Files are written before the records that name them and never change, so
// copying the records first and the files after them loses none. The manifest
// comes last: an archive without its end has none.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	tw := tar.NewWriter(w)
	m := BackupManifest{Made: time.Now().UTC(), Format: format, IdentityKey: s.seal.sum, Files: make(map[string]string)}
	err := s.db.View(func(tx *bolt.Tx) error {
		if err := tw.WriteHeader(&tar.Header{Name: "gongkai.db", Mode: 0o600, Size: tx.Size(), ModTime: time.Now()}); err != nil {
			return err
		}
		h := sha256.New()
		_, err := tx.WriteTo(io.MultiWriter(tw, h))
		m.Files["gongkai.db"] = hex.EncodeToString(h.Sum(nil))
		return err
	})
	if err != nil {
		return fmt.Errorf("backing up the records: %w", err)
	}
	keys, err := filepath.Glob(filepath.Join(s.dir, "keys", "[^.]*"))
	if err != nil {
		return err
	}
	for _, p := range keys {
		f, err := os.Open(p)
		if err != nil {
			return fmt.Errorf("backing up the keys: %w", err)
		}
		if err := addFile(tw, f, "keys/"+filepath.Base(p), &m); err != nil {
			return fmt.Errorf("backing up the keys: %w", err)
		}
	}
	err = s.objects.Each(func(name string, _ int64, _ time.Time) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, err := s.objects.Open(name)
		if errors.Is(err, fs.ErrNotExist) { // swept meanwhile: nothing named it
			return nil
		}
		if err != nil {
			return err
		}
		return addFile(tw, f, "files/"+name[:2]+"/"+name, &m)
	})
	if err != nil {
		return fmt.Errorf("backing up the uploads: %w", err)
	}
	b, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	if err := tw.WriteHeader(&tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(b)), ModTime: m.Made}); err != nil {
		return err
	}
	if _, err := tw.Write(b); err != nil {
		return err
	}
	return tw.Close()
}

// BackupManifest says what an archive holds, so that a restore can tell that it
// has all of it, as it was.
type BackupManifest struct {
	Made   time.Time `json:"made"`
	Format int       `json:"format"` // of the records
	// IdentityKey names the key that the records are sealed with; the key itself
	// is in the archive, or in the environment of whoever restores.
	IdentityKey string            `json:"identity_key"`
	Files       map[string]string `json:"files"` // name → SHA-256, in hexadecimal
}

const manifestName = "manifest.json"

// addFile adds a file to an archive and closes it.
func addFile(tw *tar.Writer, f *os.File, name string, m *BackupManifest) error {
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: st.Size(), ModTime: st.ModTime()}); err != nil {
		return err
	}
	h := sha256.New()
	if _, err = io.Copy(io.MultiWriter(tw, h), f); err == nil {
		m.Files[name] = hex.EncodeToString(h.Sum(nil))
	}
	return err
}

// Restore unpacks a backup into a data folder that must be empty or not there,
// and verifies it: every file by its hash, the keys, the records one by one,
// and that each file they name is there. Nothing is left in place unless all of
// it is right. The records are compacted.
func Restore(ctx context.Context, dir string, r io.Reader, o Options) (Verified, error) {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return Verified{}, fmt.Errorf("%s is not empty: a backup is restored into an empty folder", dir)
	}
	temp := strings.TrimRight(dir, string(filepath.Separator)) + ".restoring"
	if err := os.RemoveAll(temp); err != nil {
		return Verified{}, err
	}
	defer os.RemoveAll(temp) // gone already once renamed
	if err := unpack(temp, r); err != nil {
		return Verified{}, err
	}
	if err := compactFile(filepath.Join(temp, "gongkai.db")); err != nil {
		return Verified{}, fmt.Errorf("the restored records are damaged: %w", err)
	}
	s, err := OpenWith(temp, o)
	if err != nil {
		return Verified{}, fmt.Errorf("the restored records cannot be opened: %w", err)
	}
	v, err := s.Verify(ctx)
	if e := s.Close(); err == nil {
		err = e
	}
	if err != nil {
		return v, err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty one
		return v, err
	}
	if err := os.Rename(temp, dir); err != nil {
		return v, err
	}
	return v, files.SyncDir(filepath.Dir(dir))
}

// unpack writes the parts of an archive into a folder, and compares them with
// its manifest.
func unpack(dir string, r io.Reader) error {
	tr := tar.NewReader(r)
	sums := make(map[string]string)
	var m *BackupManifest
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading the backup: %w", err)
		}
		name := path.Clean(h.Name)
		if h.Typeflag == tar.TypeReg && name == manifestName {
			m = &BackupManifest{}
			if err := json.NewDecoder(io.LimitReader(tr, 1<<30)).Decode(m); err != nil {
				return fmt.Errorf("reading the backup's manifest: %w", err)
			}
			continue
		}
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(name) || name != "gongkai.db" && !strings.HasPrefix(name, "files/") && !strings.HasPrefix(name, "keys/") {
			return fmt.Errorf("%q does not belong into a backup", h.Name)
		}
		sum := sha256.New()
		if err := restoreFile(filepath.Join(dir, filepath.FromSlash(name)), io.TeeReader(tr, sum)); err != nil {
			return err
		}
		sums[name] = hex.EncodeToString(sum.Sum(nil))
	}
	if sums["gongkai.db"] == "" {
		return errors.New("this is no backup of the portal: it holds no gongkai.db")
	}
	if m == nil {
		return errors.New("the backup has no manifest: it is not whole, or of a version before manifests (unpack it with tar into the data folder, and run gongkai check)")
	}
	for name, want := range m.Files {
		switch got := sums[name]; got {
		case want:
		case "":
			return fmt.Errorf("%s is missing from the backup", name)
		default:
			return fmt.Errorf("%s in the backup is not what was backed up", name)
		}
	}
	return nil
}

func restoreFile(p string, r io.Reader) error {
	if err := files.MakeDir(filepath.Dir(p)); err != nil {
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
	if err != nil {
		return err
	}
	return files.SyncDir(filepath.Dir(p))
}
