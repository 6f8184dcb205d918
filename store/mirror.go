package store

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
)

// Mirror keeps the records of a kind, and in memory what lists and figures need of each:
// its brief, which is never changed; a change of the record makes another. The briefs are
// read from the records when they are first asked for.
type Mirror[T, B any] struct {
	Records[T]
	*mirrored[T, B]
}

type mirrored[T, B any] struct {
	brief func(*T) *B
	mu    sync.RWMutex
	ready bool
	at    map[string]mirrorPlace
	list  []*B
	out   []*B // as it was last given out
	// open tells of which briefs something is still to be done: lists of work walk those
	// alone.
	open    func(*B) bool
	opens   map[int]struct{}
	openOut []*B
}

type mirrorPlace struct {
	index int
	seq   uint64
}

// mirror keeps briefs of the records of a kind, and knows which of them are open.
func mirror[T, B any](c *core, k portal.RecordKind, brief func(*T) *B, open func(*B) bool) Mirror[T, B] {
	return Mirror[T, B]{records[T](c, k), &mirrored[T, B]{brief: brief, open: open, at: make(map[string]mirrorPlace), opens: make(map[int]struct{})}}
}

// Open lists the briefs of which something is still to be done, in the order in which they
// came. Nobody may change the list.
func (s Mirror[T, B]) Open() ([]*B, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(); err != nil {
		return nil, err
	}
	if s.openOut == nil {
		s.openOut = make([]*B, 0, len(s.opens))
		for _, i := range slices.Sorted(maps.Keys(s.opens)) {
			s.openOut = append(s.openOut, s.list[i])
		}
	}
	return s.openOut, nil
}

// Briefs lists the briefs of all records, in the order in which they came. Nobody may
// change the list.
func (s Mirror[T, B]) Briefs() ([]*B, error) {
	s.mu.RLock()
	list := s.out
	s.mu.RUnlock()
	if list != nil {
		return list, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(); err != nil {
		return nil, err
	}
	if s.out == nil {
		s.out = slices.Clone(s.list)
	}
	return s.out, nil
}

// load reads the briefs from the records, when they are first asked for.
func (s Mirror[T, B]) load() error {
	if s.ready {
		return nil
	}
	err := s.db.View(func(tx *bolt.Tx) error {
		return each(context.Background(), tx, []byte(s.kind.Bucket), func(id string, v *T) error { s.put(id, v, 0); return nil })
	})
	s.ready = err == nil
	return err
}

// put puts a brief in its place, unless a later one is there.
func (m *mirrored[T, B]) put(id string, v *T, seq uint64) {
	at, known := m.at[id]
	switch {
	case !known:
		at.index = len(m.list)
		m.list = append(m.list, m.brief(v))
	case at.seq > seq:
		return
	default:
		m.list[at.index] = m.brief(v)
	}
	m.at[id], m.out, m.openOut = mirrorPlace{at.index, seq}, nil, nil
	if m.open(m.list[at.index]) {
		m.opens[at.index] = struct{}{}
	} else {
		delete(m.opens, at.index)
	}
}

// changed brings the briefs up to a record as written.
func (m *mirrored[T, B]) changed(id string, v *T, seq uint64) {
	m.mu.Lock()
	if m.ready {
		m.put(id, v, seq)
	}
	m.mu.Unlock()
}

// Change implements portal.Records.
func (s Mirror[T, B]) Change(ctx context.Context, by portal.Actor, id string, seen portal.Revision, act string, at time.Time, change func(*T) (string, error)) (*T, error) {
	return s.Alter(ctx, by, id, seen, act, at, func(v *T, _ portal.RecordTx) (string, error) { return change(v) })
}

// Alter implements portal.Filing.
func (s Mirror[T, B]) Alter(ctx context.Context, by portal.Actor, id string, seen portal.Revision, act string, at time.Time, change func(*T, portal.RecordTx) (string, error)) (*T, error) {
	var seq uint64
	v, err := s.Records.Alter(ctx, by, id, seen, act, at, func(v *T, tx portal.RecordTx) (string, error) {
		seq = s.writing()
		return change(v, tx)
	})
	if err == nil {
		s.changed(id, v, seq)
	}
	return v, err
}

// Enter implements portal.Filing.
func (s Mirror[T, B]) Enter(ctx context.Context, by portal.Actor, series string, name func(serial int) string, act string, at time.Time, change func(*T, portal.RecordTx) (string, error)) (*T, error) {
	var seq uint64
	var id string
	v, err := s.Records.Enter(ctx, by, series, name, act, at, func(v *T, tx portal.RecordTx) (string, error) {
		seq, id = s.writing(), tx.ID()
		return change(v, tx)
	})
	if err == nil {
		s.changed(id, v, seq)
	}
	return v, err
}

// PutAll writes records that the machine brings.
func (s Mirror[T, B]) PutAll(ctx context.Context, by portal.Actor, act string, at time.Time, id func(*T) string, list []*T) error {
	return s.Bring(ctx, by, act, at, id, list, nil)
}

// Bring is PutAll with what is kept apart from each record.
func (s Mirror[T, B]) Bring(ctx context.Context, by portal.Actor, act string, at time.Time, id func(*T) string, list []*T, apart func(*T, portal.RecordTx) error) error {
	err := s.Records.Bring(ctx, by, act, at, id, list, apart)
	if err == nil {
		for _, v := range list {
			s.changed(id(v), v, 0)
		}
	}
	return err
}
