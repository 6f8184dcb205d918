package store

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
)

// catalogue is the list of everything public, in memory. It is derived from
// the records at start and after each commit, so browsing, counts and feeds
// need no index.
type catalogue struct {
	mu    sync.RWMutex
	byKey map[portal.Key]*portal.Listing // never changed once in here
	order []*portal.Listing              // by publication, newest first
	stale bool                           // order must be rebuilt
	seqs  map[portal.Key]uint64          // of the last change that was taken in since the start
}

func (s *core) loadCatalogue() error {
	c := &catalogue{byKey: make(map[portal.Key]*portal.Listing), seqs: make(map[portal.Key]uint64), stale: true}
	err := s.db.View(func(tx *bolt.Tx) error {
		for _, k := range portal.Kinds() {
			if k.Public == nil {
				continue
			}
			err := tx.Bucket([]byte(k.Bucket)).ForEach(func(key, record []byte) error {
				l, err := listingOf(k, string(key), record)
				if l != nil {
					c.put(l)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	s.cat = c
	return err
}

// put lists a record, without its texts; the listing is the catalogue's from now
// on.
func (c *catalogue) put(l *portal.Listing) {
	l.Texts = nil
	c.byKey[l.Key] = l
}

// tell brings the catalogue and those who follow the change log up to date after
// a commit. Of two changes of one record the later wins, whichever comes here
// first.
func (s *core) tell(list ...news) {
	s.cat.mu.Lock()
	any := false
	for _, n := range list {
		if n.seq == 0 || s.cat.seqs[n.key] > n.seq {
			continue
		}
		any = true
		s.cat.seqs[n.key], s.cat.stale = n.seq, true
		if n.listing == nil {
			delete(s.cat.byKey, n.key)
		} else {
			s.cat.put(n.listing)
		}
	}
	s.cat.mu.Unlock()
	if any {
		s.generation.Add(1)
		s.notify()
	}
}

// sorted returns the list in order; it is never changed in place.
func (c *catalogue) sorted() []*portal.Listing {
	c.mu.RLock()
	order, stale := c.order, c.stale
	c.mu.RUnlock()
	if !stale {
		return order
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stale {
		c.order = make([]*portal.Listing, 0, len(c.byKey))
		for _, l := range c.byKey {
			c.order = append(c.order, l)
		}
		slices.SortFunc(c.order, func(a, b *portal.Listing) int {
			return cmp.Or(cmp.Compare(b.Published, a.Published), b.PublishedAt.Compare(a.PublishedAt), cmp.Compare(b.ID, a.ID))
		})
		c.stale = false
	}
	return c.order
}

// Listings returns the listings of the keys, nil for what is not public.
func (s Catalogue) Listings(keys ...portal.Key) []*portal.Listing {
	out := make([]*portal.Listing, len(keys))
	s.cat.mu.RLock()
	defer s.cat.mu.RUnlock()
	for i, k := range keys {
		if l := s.cat.byKey[k]; l != nil && !l.Withdrawn {
			out[i] = l
		}
	}
	return out
}

// facets are the facets of a list, each with what a record has of it.
var facets = []struct {
	name   string
	values func(l *portal.Listing, one []string) []string
	chosen func(b portal.Browse) string
}{
	{"kind", func(l *portal.Listing, one []string) []string { return append(one, l.Kind) }, func(b portal.Browse) string { return b.Kind }},
	{"organ", func(l *portal.Listing, one []string) []string {
		for _, o := range l.Organs {
			one = append(one, string(o))
		}
		return one
	}, func(b portal.Browse) string { return string(b.Organ) }},
	{"theme", func(l *portal.Listing, one []string) []string { return append(one, l.Theme) }, func(b portal.Browse) string { return b.Theme }},
	{"genre", func(l *portal.Listing, one []string) []string { return append(one, l.Genre) }, func(b portal.Browse) string { return b.Genre }},
	{"item", func(l *portal.Listing, one []string) []string { return append(one, l.Item) }, func(b portal.Browse) string { return b.Item }},
	{"year", func(l *portal.Listing, one []string) []string { return append(one, yearOf(l)) }, func(b portal.Browse) string {
		if b.Year == 0 {
			return ""
		}
		return strconv.Itoa(b.Year)
	}},
	{"validity", func(l *portal.Listing, one []string) []string { return append(one, l.Validity) }, func(b portal.Browse) string { return b.Validity }},
}

func yearOf(l *portal.Listing) string {
	if l.Published == 0 {
		return ""
	}
	return strconv.Itoa(l.Published.Year())
}

// Browse lists a part of the catalogue with its counts.
func (s Catalogue) Browse(b portal.Browse) portal.Listed {
	order := s.cat.sorted()
	chosen := make([]string, len(facets))
	for i, f := range facets {
		chosen[i] = f.chosen(b)
	}
	counts := make([]map[string]int, len(facets))
	for i := range counts {
		counts[i] = make(map[string]int)
	}
	var rows []*portal.Listing
	var buf [8]string
	for _, l := range order {
		if l.Withdrawn && !b.Withdrawn {
			continue
		}
		misses, missed := 0, 0
		for i, f := range facets {
			if chosen[i] != "" && !slices.Contains(f.values(l, buf[:0]), chosen[i]) {
				misses++
				missed = i
			}
		}
		if misses == 0 {
			rows = append(rows, l)
		}
		for i, f := range facets {
			if misses == 0 || misses == 1 && missed == i {
				for _, v := range f.values(l, buf[:0]) {
					if v != "" {
						counts[i][v]++
					}
				}
			}
		}
	}
	out := portal.Listed{Total: len(rows), Facets: make(map[string][]portal.Count, len(facets))}
	for i, f := range facets {
		out.Facets[f.name] = portal.SortCounts(f.name, counts[i])
	}
	sortRows(rows, b.Sort)
	from := min((b.Page-1)*b.Size, len(rows))
	out.Rows = rows[from:min(from+b.Size, len(rows))]
	return out
}

func sortRows(rows []*portal.Listing, by string) {
	switch by {
	case portal.SortOldest:
		slices.Reverse(rows)
	case portal.SortTitle:
		slices.SortStableFunc(rows, func(a, b *portal.Listing) int { return strings.Compare(a.Title, b.Title) })
	case portal.SortNumber:
		slices.SortStableFunc(rows, func(a, b *portal.Listing) int { return strings.Compare(a.Index, b.Index) })
	case portal.SortChanged:
		slices.SortStableFunc(rows, func(a, b *portal.Listing) int { return b.ChangedAt.Compare(a.ChangedAt) })
	}
}
