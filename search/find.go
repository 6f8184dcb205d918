package search

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2/index/scorch"

	"gongkai/portal"
)

// Weights of the ranking. They were tuned on the tuning half of the judged
// questions; docs/search-quality.md tells what each brings.
const (
	k1          = 1.2
	b           = 0.8
	titleWeight = 0.4
	titleB      = 0.6
	avgTitle    = 12.0
	avgBody     = 400.0 // bytes of a passage
	numberScore = 1000.0
	exactTitle  = 60.0
	inTitle     = 12.0
	together    = 1.15 // all terms of the query in one passage
	coverage    = 0.6  // share of the score that needs every term somewhere in the record
	evidence    = 8.0  // of a long question: passages that match, by the logarithm of their number
	longQuery   = 10   // terms; shorter queries get their share of evidence
	outOfForce  = 0.80
)

// kindWeight puts documents before what is written from a form, all else
// being equal.
var kindWeight = map[string]float32{"document": 1, "answer": 1, "power": 0.6, "report": 0.7}

// budget is the number of postings a query may look at: past it, it answers
// with what it has found.
const budget = 20_000_000

// work is the memory of one search, reused by the next.
type work struct {
	score   []float32 // by passage
	mask    []uint64  // by passage: which terms it has
	touched []int32   // passages with a term
	title   []float32 // by record
	tmask   []uint64  // by record: terms in the title
	number  []bool    // by record: a number matched
	seen    []int32   // by record: 1 + place in docs
	docs    []candidate
}

// candidate is a record that has a term.
type candidate struct {
	record  int32
	best    int32 // passage, −1 where only the title matched
	score   float32
	mask    uint64 // terms anywhere in the record
	chunks  uint64 // chunks found whole in one passage or in the title
	matches int32  // passages with a term
	found   bool   // by number
	pos     int32
}

func (w *work) grow(passages, records int) {
	if cap(w.score) < passages {
		w.score, w.mask = make([]float32, passages), make([]uint64, passages)
	}
	w.score, w.mask = w.score[:passages], w.mask[:passages]
	if cap(w.title) < records {
		w.title, w.tmask, w.number, w.seen = make([]float32, records), make([]uint64, records), make([]bool, records), make([]int32, records)
	}
	w.title, w.tmask, w.number, w.seen = w.title[:records], w.tmask[:records], w.number[:records], w.seen[:records]
}

// clean leaves the memory as grow expects it.
func (w *work) clean() {
	for _, p := range w.touched {
		w.score[p], w.mask[p] = 0, 0
	}
	for _, c := range w.docs {
		w.title[c.record], w.tmask[c.record], w.number[c.record], w.seen[c.record] = 0, 0, false, 0
	}
	w.touched, w.docs = w.touched[:0], w.docs[:0]
}

// Find answers a query. A query without text lists everything that passes
// the filters. While the index is being built, it answers from what is there.
func (x *Index) Find(ctx context.Context, q portal.Query) (found portal.Found, err error) {
	// More searches than processors would only slow one another down; the
	// others wait their turn.
	select {
	case x.slots <- struct{}{}:
		defer func() { <-x.slots }()
	case <-ctx.Done():
		return found, ctx.Err()
	}
	s := x.acquire()
	defer s.refs.RUnlock()
	defer func() { // bleve maps files into memory and may panic on damaged ones
		if p := recover(); p != nil {
			err = &portal.Error{Kind: portal.Unavailable, Key: "error.search_down", Err: fmt.Errorf("searching: %v", p)}
		}
	}()
	err = s.snapshot(func(snap *scorch.IndexSnapshot, cols []*columns) error {
		found, err = x.find(ctx, s, snap, cols, q)
		return err
	})
	return found, err
}

// acquire returns the current shard, kept from being closed until its refs
// are unlocked.
func (x *Index) acquire() *shard {
	for {
		s := x.cur.Load()
		s.refs.RLock()
		if x.cur.Load() == s {
			return s
		}
		s.refs.RUnlock()
	}
}

func (x *Index) find(ctx context.Context, s *shard, snap *scorch.IndexSnapshot, cols []*columns, q portal.Query) (portal.Found, error) {
	w, _ := s.pool.Get().(*work)
	if w == nil {
		w = new(work)
	}

	s.table.mu.RLock()
	records := len(s.table.records)
	s.table.mu.RUnlock()
	m := &matcher{ctx: ctx, work: w, snap: snap, cols: cols, query: parse(q.Text), left: budget}
	for _, c := range cols {
		m.base = append(m.base, m.passages)
		m.passages += int32(len(c.record))
	}
	w.grow(int(m.passages), records)
	if err := m.match(q.Text); err != nil {
		return portal.Found{}, err
	}

	s.table.mu.RLock()
	defer s.table.mu.RUnlock()
	m.records = s.table.records
	if strings.TrimSpace(q.Text) == "" {
		m.everything()
	} else {
		m.group()
	}
	if m.query.quoted {
		if err := x.verify(ctx, m); err != nil {
			return portal.Found{}, err
		}
	}
	out := portal.Found{Words: m.query.marks()}
	out.Loose = m.choose()
	m.rank(portal.Squeeze(q.Text))
	x.facet(s.table, m, q, &out)
	m.page(q, &out)
	w.clean() // after a failure the memory is not used again
	s.pool.Put(w)
	return out, nil
}

// matcher is one query at work on one snapshot.
type matcher struct {
	*work
	ctx      context.Context
	snap     *scorch.IndexSnapshot
	cols     []*columns
	base     []int32 // first passage of each segment
	passages int32
	records  []record
	query    parsed
	left     int    // postings it may still look at
	common   uint64 // terms taken for granted
}

// everything makes every live record a candidate.
func (m *matcher) everything() {
	for i, s := range m.snap.Segments() {
		deleted := s.Deleted()
		for p, source := range m.cols[i].source {
			if source == headSource && (deleted == nil || !deleted.Contains(uint32(p))) {
				m.candidate(m.cols[i].record[p])
			}
		}
	}
}

func (m *matcher) candidate(r int32) *candidate {
	if m.seen[r] == 0 {
		m.docs = append(m.docs, candidate{record: r, best: -1})
		m.seen[r] = int32(len(m.docs))
	}
	return &m.docs[m.seen[r]-1]
}

// group gathers the passages of each record.
func (m *matcher) group() {
	all := m.all()
	for _, g := range m.touched {
		seg, p := m.place(g)
		c := m.candidate(m.cols[seg].record[p])
		mask, score := m.mask[g], m.score[g]
		if m.cols[seg].source[p] == headSource {
			c.found = m.number[c.record]
			c.mask |= m.tmask[c.record]
			if m.tmask[c.record]|mask != 0 {
				m.whole(c, m.tmask[c.record]|mask|m.common)
			}
		} else if mask != 0 {
			c.matches++
		}
		if mask == 0 {
			continue
		}
		mask |= m.common
		c.mask |= mask
		m.whole(c, mask)
		if mask&all == all && bits.OnesCount64(all) > 1 {
			score *= together
		}
		if score > c.score || c.best < 0 || score == c.score && g < c.best {
			c.score, c.best = score, g
		}
	}
}

func (m *matcher) all() uint64 {
	if len(m.query.terms) == 64 {
		return math.MaxUint64
	}
	return 1<<len(m.query.terms) - 1
}

// whole notes the chunks whose terms all stand in mask.
func (m *matcher) whole(c *candidate, mask uint64) {
	for i, k := range m.query.chunks {
		if i < 64 && (k.terms&^mask == 0 || slices.ContainsFunc(k.other, func(o uint64) bool { return o&^mask == 0 })) {
			c.chunks |= 1 << i
		}
	}
}
