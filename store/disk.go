package store

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
)

// Room says how full the disk is that the data lies on.
type Room struct {
	Free  int64 // bytes
	Total int64 // bytes; 0 where it cannot be told
	Files int64 // bytes of uploads; known with a quota only
	Quota int64 // bytes that uploads may take; 0 for no limit
}

// Low reports whether it is time to make room: a tenth is left, of the disk or
// of the quota.
func (r Room) Low() bool {
	return r.Total > 0 && r.Free < r.Total/10 && r.Free < 10<<30 || r.Quota > 0 && r.Files > r.Quota-r.Quota/10
}

// Low reports whether it is time to make room.
func (s *Store) Low() bool { return s.Room().Low() }

// reserve is what uploads leave free for the records: the portal goes on
// taking applications without files when there is no room for files.
const reserve = 64 << 20

// Room measures the disk.
func (s *Store) Room() Room { return s.space() }

func (s *core) space() Room {
	r := Room{Files: s.uploaded.Load(), Quota: s.quota}
	var st syscall.Statfs_t
	if err := syscall.Statfs(s.dir, &st); err == nil {
		r.Free, r.Total = int64(st.Bavail)*st.Bsize, int64(st.Blocks)*st.Bsize
	}
	return r
}

// measure adds up the uploads, where there is a quota to hold them against.
func (s *core) measure() error {
	if s.quota == 0 {
		return nil
	}
	var n int64
	err := s.objects.Each(func(_ string, size int64, _ time.Time) error { n += size; return nil })
	s.uploaded.Store(n)
	return err
}

// room refuses an upload for which there may be no room.
func (s *core) room(size int64) error {
	if r := s.space(); r.Total > 0 && r.Free < reserve || r.Quota > 0 && r.Files >= r.Quota {
		s.lastFull.Store(time.Now().UnixNano())
		return diskFull(fmt.Errorf("an upload of up to %d bytes: %d free, %d of %d in use", size, r.Free, r.Files, r.Quota))
	}
	return nil
}

func diskFull(err error) error {
	return &portal.Error{Kind: portal.Unavailable, Key: "error.disk_full", Err: err}
}

// full turns an error of a full disk into one that a form can show: nothing
// was saved.
func (s *core) full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		s.lastFull.Store(time.Now().UnixNano())
		return diskFull(err)
	}
	return err
}

// update changes the records: all of it, or on any error none.
func (s *core) update(ctx context.Context, f func(tx *bolt.Tx) error) error {
	if err := ctx.Err(); err != nil { // nobody waits for it any more
		return err
	}
	return portal.Doing("writing to the records", s.full(s.db.Update(f)))
}

// Ready reports whether the store answers and can write: for a minute after
// the disk was full it says so.
func (s *Store) Ready() error {
	if at := s.lastFull.Load(); at > 0 && time.Since(time.Unix(0, at)) < time.Minute {
		return errors.New("the disk was full a moment ago")
	}
	return s.db.View(func(*bolt.Tx) error { return nil })
}
