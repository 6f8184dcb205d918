package store

import (
	"cmp"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/text"
)

// catalogue is the list of everything public, in memory. It is derived from
// the records at start and after each commit, so browsing, counts and feeds
// need no index.
type catalogue struct {
	mu      sync.RWMutex
	byKey   map[portal.Key]*portal.Listing // never changed once in here
	codes   []map[string]code              // of the values of each facet
	names   [][]string                     // the values again, by their codes
	orders  map[string][]row               // by the orders of lists that were asked for; never changed in place
	changed map[portal.Key]bool            // since orders were made
	titles  map[string]*portal.Listing     // documents by their titles; nil until asked for
	seqs    map[portal.Key]uint64          // of the last change that was taken in since the start
}

// row is a listing with what its facets have of it, so that a list of a million is
// counted without a look at its texts.
type row struct {
	*portal.Listing
	values []code
	gone   bool // withdrawn
}

// code is a value of a facet: the facet in its upper byte.
type code uint32

func (s *core) loadCatalogue() error {
	c := &catalogue{byKey: make(map[portal.Key]*portal.Listing), seqs: make(map[portal.Key]uint64), changed: make(map[portal.Key]bool), orders: make(map[string][]row)}
	for range facets {
		c.codes, c.names = append(c.codes, make(map[string]code)), append(c.names, nil)
	}
	err := s.db.View(func(tx *bolt.Tx) error {
		for _, k := range portal.Kinds() {
			if k.Public == nil {
				continue
			}
			if err := c.read(k, tx.Bucket([]byte(k.Bucket))); err != nil {
				return err
			}
		}
		return nil
	})
	s.cat = c
	return err
}

// read lists the records of a kind. Nearly all of the time is that of decoding them, which all
// processors share.
func (c *catalogue) read(k portal.RecordKind, b *bolt.Bucket) error {
	const atOnce = 512
	type stored struct{ key, record []byte } // as long as the transaction lasts
	parts := make(chan []stored)
	errs := make([]error, runtime.GOMAXPROCS(0))
	var running sync.WaitGroup
	var mu sync.Mutex
	for w := range errs {
		running.Go(func() {
			for part := range parts {
				var list []*portal.Listing
				for _, x := range part {
					l, err := listingOf(k, string(x.key), x.record)
					errs[w] = errors.Join(errs[w], err)
					if l != nil {
						list = append(list, l)
					}
				}
				mu.Lock()
				for _, l := range list {
					c.put(l)
				}
				mu.Unlock()
			}
		})
	}
	var part []stored
	err := b.ForEach(func(key, record []byte) error {
		if part = append(part, stored{key, record}); len(part) == atOnce {
			parts <- part
			part = nil
		}
		return nil
	})
	parts <- part
	close(parts)
	running.Wait()
	return errors.Join(append(errs, err)...)
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
		s.cat.seqs[n.key], s.cat.changed[n.key], s.cat.titles = n.seq, true, nil
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

// compare tells which of two listings comes first in an order; the default order decides
// between equals.
func compare(by string, a, b *portal.Listing) int {
	newest := cmp.Or(cmp.Compare(b.Published, a.Published), b.PublishedAt.Compare(a.PublishedAt), cmp.Compare(b.ID, a.ID), cmp.Compare(b.Kind, a.Kind))
	switch by {
	case portal.SortOldest:
		return -newest
	case portal.SortTitle:
		return cmp.Or(strings.Compare(a.Title, b.Title), newest)
	case portal.SortNumber:
		return cmp.Or(strings.Compare(a.Index, b.Index), strings.Compare(a.Number, b.Number), newest)
	case portal.SortChanged:
		return cmp.Or(b.ChangedAt.Compare(a.ChangedAt), newest)
	}
	return newest
}

// sorted returns the list in an order; it is never changed in place.
func (c *catalogue) sorted(by string) []row {
	switch by {
	case portal.SortOldest, portal.SortTitle, portal.SortNumber, portal.SortChanged:
	default:
		by = portal.SortPublished
	}
	c.mu.RLock()
	rows, made := c.orders[by]
	fresh := len(c.changed) == 0
	c.mu.RUnlock()
	if made && fresh {
		return rows
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.changed) > 0 {
		for name, old := range c.orders {
			c.orders[name] = c.merge(name, old)
		}
		clear(c.changed)
	}
	if rows, made = c.orders[by]; !made {
		rows = make([]row, 0, len(c.byKey))
		for _, l := range c.byKey {
			rows = append(rows, c.row(l))
		}
		slices.SortFunc(rows, func(a, b row) int { return compare(by, a.Listing, b.Listing) })
		rows = packed(rows)
		c.orders[by] = rows
	}
	return rows
}

// merge puts what has changed in its place in an order.
func (c *catalogue) merge(by string, old []row) []row {
	var fresh []row
	for k := range c.changed {
		if l := c.byKey[k]; l != nil {
			fresh = append(fresh, c.row(l))
		}
	}
	slices.SortFunc(fresh, func(a, b row) int { return compare(by, a.Listing, b.Listing) })
	out := make([]row, 0, len(old)+len(fresh))
	for _, r := range old {
		if c.changed[r.Key] {
			continue
		}
		for len(fresh) > 0 && compare(by, fresh[0].Listing, r.Listing) < 0 {
			out, fresh = append(out, fresh[0]), fresh[1:]
		}
		out = append(out, r)
	}
	return packed(append(out, fresh...))
}

// packed puts the values of rows one behind another, in their order, as they are read.
func packed(rows []row) []row {
	n := 0
	for i := range rows {
		n += len(rows[i].values)
	}
	all := make([]code, 0, n)
	for i := range rows {
		from := len(all)
		all = append(all, rows[i].values...)
		rows[i].values = all[from:len(all):len(all)]
	}
	return rows
}

// row works out what the facets have of a listing.
func (c *catalogue) row(l *portal.Listing) row {
	r := row{Listing: l, values: make([]code, 0, 10), gone: l.Withdrawn}
	var buf [8]string
	for i, f := range facets {
		for _, v := range f.values(l, buf[:0]) {
			if v == "" {
				continue
			}
			n, known := c.codes[i][v]
			if !known {
				n = code(i<<24 | len(c.names[i]))
				c.codes[i][v], c.names[i] = n, append(c.names[i], v)
			}
			r.values = append(r.values, n)
		}
	}
	return r
}

// Titled is the document with a title, whatever stands around it; the newest of several,
// nil for none.
func (s Catalogue) Titled(title string) *portal.Listing {
	s.cat.mu.Lock()
	defer s.cat.mu.Unlock()
	if s.cat.titles == nil {
		s.cat.titles = make(map[string]*portal.Listing)
		for _, l := range s.cat.byKey {
			name := text.Squeeze(l.Title)
			if old := s.cat.titles[name]; l.Kind == documents.Kind.Code && !l.Withdrawn && (old == nil || compare(portal.SortPublished, l, old) < 0) {
				s.cat.titles[name] = l
			}
		}
	}
	return s.cat.titles[text.Squeeze(title)]
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

// Known is Listings with what was withdrawn: for those who are to be told that it was.
func (s Catalogue) Known(keys ...portal.Key) []*portal.Listing {
	out := make([]*portal.Listing, len(keys))
	s.cat.mu.RLock()
	defer s.cat.mu.RUnlock()
	for i, k := range keys {
		out[i] = s.cat.byKey[k]
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
	{"audience", func(l *portal.Listing, one []string) []string { return append(one, l.Audience...) }, func(b portal.Browse) string { return b.Audience }},
	{"topic", func(l *portal.Listing, one []string) []string { return append(one, l.Topics...) }, func(b portal.Browse) string { return b.Topic }},
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
	rows := s.cat.sorted(b.Sort)
	var chosen []code
	s.cat.mu.RLock()
	counts := make([][]int, len(facets))
	names := make([][]string, len(facets))
	for i, f := range facets {
		counts[i], names[i] = make([]int, len(s.cat.names[i])), s.cat.names[i]
		if v := f.chosen(b); v != "" {
			n, known := s.cat.codes[i][v]
			if !known {
				n = code(i<<24 | 0xffffff) // nobody has it
			}
			chosen = append(chosen, n)
		}
	}
	s.cat.mu.RUnlock()
	out := portal.Listed{Facets: make(map[string][]portal.Count, len(facets))}
	from := (b.Page - 1) * b.Size
	for i := range rows {
		r := &rows[i]
		if r.gone && !b.Withdrawn {
			continue
		}
		misses, missed := 0, code(0)
		for _, w := range chosen {
			if !slices.Contains(r.values, w) {
				misses++
				missed = w >> 24
			}
		}
		if misses > 1 {
			continue
		}
		if misses == 0 {
			if out.Total >= from && out.Total < from+b.Size {
				out.Rows = append(out.Rows, r.Listing)
			}
			out.Total++
			for _, v := range r.values {
				counts[v>>24][v&0xffffff]++
			}
			continue
		}
		for _, v := range r.values {
			if v>>24 == missed {
				counts[missed][v&0xffffff]++
			}
		}
	}
	for i, f := range facets {
		m := make(map[string]int)
		for v, n := range counts[i] {
			if n > 0 {
				m[names[i][v]] = n
			}
		}
		out.Facets[f.name] = portal.SortCounts(f.name, m)
	}
	return out
}
