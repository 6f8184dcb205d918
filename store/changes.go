package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"strconv"
	"strings"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/query"
)

// public writes what became of a public record: its texts and its line in
// the change log, whose number it returns.
func public(tx *bolt.Tx, key portal.Key, texts []string) (seq uint64, err error) {
	if err := deletePrefix(tx.Bucket(textsBucket), key.String()+"/"); err != nil {
		return 0, err
	}
	for i, t := range texts {
		if t == "" {
			continue
		}
		if err := tx.Bucket(textsBucket).Put(textKey(key, i), []byte(t)); err != nil {
			return 0, err
		}
	}
	changes, changed := tx.Bucket(changesBucket), tx.Bucket(changedBucket)
	if old := changed.Get([]byte(key.String())); old != nil {
		if err := changes.Delete(append([]byte(nil), old...)); err != nil {
			return 0, err
		}
	}
	if seq, err = changes.NextSequence(); err != nil {
		return 0, err
	}
	if err := changes.Put(seqKey(seq), []byte(key.String())); err != nil {
		return 0, err
	}
	return seq, changed.Put([]byte(key.String()), seqKey(seq))
}

func textKey(key portal.Key, source int) []byte {
	return []byte(key.String() + "/" + strconv.Itoa(source))
}

func deletePrefix(b *bolt.Bucket, prefix string) error {
	var keys [][]byte
	c := b.Cursor()
	for k, _ := c.Seek([]byte(prefix)); k != nil && strings.HasPrefix(string(k), prefix); k, _ = c.Next() {
		keys = append(keys, append([]byte(nil), k...))
	}
	for _, k := range keys { // a cursor may skip keys when deleting under it
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// notify wakes those who follow the change log.
func (s *core) notify() {
	select {
	case s.changed <- struct{}{}:
	default: // a wake-up is pending already
	}
}

// Changed receives after public records have changed. It has one reader.
func (s Changes) Changed() <-chan struct{} { return s.changed }

// ChangesAfter returns the changes after a sequence number, oldest first, at
// most limit of them. Only the last change of each record is kept.
func (s Changes) ChangesAfter(_ context.Context, seq uint64, limit int) ([]portal.Change, error) {
	var out []portal.Change
	err := s.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(changesBucket).Cursor()
		for k, v := c.Seek(seqKey(seq + 1)); k != nil && len(out) < limit; k, v = c.Next() {
			out = append(out, portal.Change{Seq: binary.BigEndian.Uint64(k), Key: portal.ParseKey(string(v))})
		}
		return nil
	})
	return out, err
}

// LastChange is the sequence number of the newest change.
func (s Changes) LastChange() uint64 {
	var n uint64
	// A view of an open database cannot fail.
	_ = s.db.View(func(tx *bolt.Tx) error { n = tx.Bucket(changesBucket).Sequence(); return nil })
	return n
}

// Entry returns what search is told of a public record with its texts, and
// nil for one that is not public.
func (s Changes) Entry(_ context.Context, key portal.Key) (*portal.Entry, error) {
	var e *portal.Entry
	err := s.db.View(func(tx *bolt.Tx) error {
		var err error
		if e, err = entryOf(tx, key); err != nil || e == nil {
			return err
		}
		e.Texts = texts(tx, key)
		return nil
	})
	if portal.KindOf(err) == portal.NotFound {
		return nil, nil
	}
	return e, err
}

func entryOf(tx *bolt.Tx, key portal.Key) (*portal.Entry, error) {
	k := portal.KindNamed(key.Kind)
	if k.Public == nil {
		return nil, portal.Missing()
	}
	record := tx.Bucket([]byte(k.Bucket)).Get([]byte(key.ID))
	if record == nil {
		return nil, portal.Missing()
	}
	l, err := listingOf(k, key.ID, record)
	if err != nil || l == nil || l.Withdrawn {
		return nil, err
	}
	return &l.Entry, nil
}

// texts loads the texts of a public record by source number; sources without
// text are empty.
func texts(tx *bolt.Tx, key portal.Key) []string {
	var out []string
	prefix := key.String() + "/"
	c := tx.Bucket(textsBucket).Cursor()
	for k, v := c.Seek([]byte(prefix)); k != nil && strings.HasPrefix(string(k), prefix); k, v = c.Next() {
		n, err := strconv.Atoi(string(k[len(prefix):]))
		if err != nil || n < 0 || n > 1000 {
			continue
		}
		for len(out) <= n {
			out = append(out, "")
		}
		out[n] = string(v)
	}
	return out
}

// Passages loads parts of the texts of public records, one for each hit, in
// one transaction; "" where a hit has none or the text has changed since.
func (s Changes) Passages(_ context.Context, hits []query.Hit) ([]query.Excerpt, error) {
	out := make([]query.Excerpt, len(hits))
	err := s.db.View(func(tx *bolt.Tx) error {
		for i, h := range hits {
			if h.Source < 0 {
				continue
			}
			v := tx.Bucket(textsBucket).Get(textKey(h.Key, h.Source))
			if h.Passage.Start < 0 || h.Passage.Start >= h.Passage.End || h.Passage.End > len(v) {
				continue
			}
			out[i].Text = string(v[h.Passage.Start:h.Passage.End])
			if h.Source >= portal.FirstAttachment && bytes.IndexByte(v, '\f') >= 0 {
				page := bytes.TrimLeft(v[h.Passage.Start:h.Passage.End], " \n") // a form feed before the text belongs to the page before
				out[i].Page = 1 + bytes.Count(v[:h.Passage.End-len(page)], []byte{'\f'})
				if len(page) > 0 && page[0] == '\f' {
					out[i].Page++
				}
			}
		}
		return nil
	})
	return out, err
}
