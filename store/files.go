package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
)

// staged counts who waits to say whether an upload is kept.
type staged struct {
	holders int
	kept    bool // it was there before, or somebody has kept it
}

// SaveFile stores what r holds, at most limit bytes, under the hash of its
// content. The file is durable when SaveFile returns.
func (s Files) SaveFile(ctx context.Context, r io.Reader, limit int64) (portal.FileID, int64, error) {
	id, n, err := s.StageFile(ctx, r, limit)
	if err != nil {
		return "", 0, err
	}
	return id, n, s.KeepFile(ctx, id, portal.Reading{})
}

// StageFile is SaveFile for an upload of which it is not known yet whether
// its form will be taken. Each call is followed by one of KeepFile or of
// DropFile. What a crash leaves in between goes with SweepFiles.
func (s Files) StageFile(ctx context.Context, r io.Reader, limit int64) (portal.FileID, int64, error) {
	if err := s.room(limit); err != nil {
		return "", 0, err
	}
	f, err := s.objects.Temp()
	if err != nil {
		return "", 0, s.full(fmt.Errorf("saving a file: %w", err))
	}
	defer os.Remove(f.Name()) // gone already once renamed
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(r, limit+1))
	if err == nil && n <= limit {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return "", 0, s.full(fmt.Errorf("saving a file: %w", err))
	}
	if n > limit {
		return "", 0, &portal.Error{Kind: portal.TooLarge, Key: "error.file_too_large", Args: portal.Args{"Limit": limit >> 20}}
	}
	id := portal.FileID(hex.EncodeToString(h.Sum(nil)))
	s.stagedMu.Lock()
	defer s.stagedMu.Unlock()
	st := s.staged[id]
	if st == nil {
		_, _, missing := s.objects.Stat(string(id))
		st = &staged{kept: missing == nil}
	}
	if err := s.objects.Put(f.Name(), string(id)); err != nil {
		return "", 0, s.full(fmt.Errorf("saving a file: %w", err))
	}
	if !st.kept && st.holders == 0 {
		s.uploaded.Add(n)
	}
	st.holders++
	s.staged[id] = st
	return id, n, nil
}

// KeepFile keeps an upload that was staged: a record names it now. The text
// that was found in it, if any, is kept for search, and what lies in it unseen for
// those who review it.
func (s Files) KeepFile(ctx context.Context, id portal.FileID, read portal.Reading) error {
	var err error
	if read.Text != "" || len(read.Unseen) > 0 {
		err = s.update(ctx, func(tx *bolt.Tx) error {
			if read.Text != "" {
				if err := tx.Bucket(fileTextsBucket).Put([]byte(id), []byte(read.Text)); err != nil {
					return err
				}
			}
			if len(read.Unseen) == 0 {
				return nil
			}
			return put(tx.Bucket(fileUnseenBucket), string(id), read.Unseen)
		})
	}
	s.stagedMu.Lock()
	defer s.stagedMu.Unlock()
	if st := s.staged[id]; st != nil {
		st.kept = true
		s.release(id, st)
	}
	return err
}

// SaveCopy keeps a copy as a file, with what is to be read in it.
func (s Files) SaveCopy(ctx context.Context, file []byte, read portal.Reading) (portal.FileID, int64, error) {
	id, n, err := s.StageFile(ctx, bytes.NewReader(file), portal.MaxFile)
	if err != nil {
		return "", 0, err
	}
	return id, n, s.KeepFile(ctx, id, read)
}

// Readings are what was read in files, in their order.
func (s Files) Readings(ctx context.Context, ids []portal.FileID) ([]portal.Reading, error) {
	out := make([]portal.Reading, len(ids))
	err := s.db.View(func(tx *bolt.Tx) error {
		for i, id := range ids {
			out[i].Text = string(tx.Bucket(fileTextsBucket).Get([]byte(id)))
			if err := get(tx, fileUnseenBucket, string(id), &out[i].Unseen); err != nil && portal.KindOf(err) != portal.NotFound {
				return err
			}
		}
		return ctx.Err()
	})
	return out, err
}

// DropFile deletes an upload that was staged, unless the same content was
// there before or is kept for somebody else.
func (s Files) DropFile(ctx context.Context, id portal.FileID) error {
	s.stagedMu.Lock()
	defer s.stagedMu.Unlock()
	st := s.staged[id]
	if st == nil {
		return nil
	}
	s.release(id, st)
	if st.holders > 0 || st.kept {
		return nil
	}
	return s.removeFile(id)
}

// removeFile deletes the content of an upload.
func (s *core) removeFile(id portal.FileID) error {
	size, _, err := s.objects.Stat(string(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.objects.Delete(string(id))
	}
	if err == nil {
		s.uploaded.Add(-size)
	}
	return err
}

// release takes one holder away.
func (s *core) release(id portal.FileID, st *staged) {
	if st.holders--; st.holders <= 0 {
		delete(s.staged, id)
	}
}

// OpenFile opens a stored file. Whether the asker may see it is for the
// record that names it to say.
func (s Files) OpenFile(ctx context.Context, id portal.FileID) (*os.File, error) {
	f, err := s.objects.Open(string(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, portal.Missing()
	}
	return f, err
}

// SweepFiles deletes the uploads from before a time that no record names: of
// forms that were never finished, and of cases that were destroyed. It returns
// how many there were. The time must leave a form long enough to be saved.
func (s Files) SweepFiles(ctx context.Context, before time.Time) (int, error) {
	old := make(map[portal.FileID]bool)
	err := s.objects.Each(func(name string, _ int64, put time.Time) error {
		if put.Before(before) {
			old[portal.FileID(name)] = true
		}
		return ctx.Err()
	})
	if err != nil || len(old) == 0 {
		return 0, err
	}
	err = s.db.View(func(tx *bolt.Tx) error {
		return s.namedFiles(tx, func(id string) error { delete(old, portal.FileID(id)); return nil })
	})
	if err != nil {
		return 0, err
	}
	n := 0
	for id := range old {
		// The same content may have been uploaded again meanwhile.
		s.stagedMu.Lock()
		held := s.staged[id] != nil
		s.stagedMu.Unlock()
		if held {
			continue
		}
		if _, put, err := s.objects.Stat(string(id)); err != nil || !put.Before(before) {
			continue
		}
		if err := s.deleteFile(ctx, id); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// deleteFile deletes a stored file and the text that was found in it.
func (s *core) deleteFile(ctx context.Context, id portal.FileID) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if err := tx.Bucket(fileUnseenBucket).Delete([]byte(id)); err != nil {
			return err
		}
		return tx.Bucket(fileTextsBucket).Delete([]byte(id))
	})
	if err != nil {
		return err
	}
	return s.removeFile(id)
}
