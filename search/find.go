package search

import (
	"context"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/portal/text"
)

// Weights of the ranking. They were tuned on the tuning half of the judged
// questions; docs/search-quality.md tells what each brings.
const (
	k1            = 1.2
	b             = 0.8
	titleWeight   = 0.4
	titleB        = 0.6
	shortTitle    = 4.0 // a short query is mostly a name: what a title gains for it
	avgTitle      = 12.0
	avgBody       = 400.0 // bytes of a passage
	numberScore   = 1000.0
	betScore      = 10000.0
	exactTitle    = 60.0
	oneInTitle    = 1.5 // one character in the title
	inTitle       = 12.0
	together      = 1.15 // all words of the query in one passage
	articleWeight = 3.0  // of the article that the query names: 劳动合同法第三十九条
	sameWeight    = 0.85 // of a word that only means the same
	coverage      = 0.6  // share of the score that needs every term somewhere in the record
	evidence      = 10.0 // of a long question: passages that match, by the logarithm of their number
	longQuery     = 10   // terms; shorter queries get their share of evidence
	outOfForce    = 0.80
	fresh         = 0.1  // what the newest record gains on one that is very old
	floor         = 0.34 // share of the terms that something must have to be called found
	freshDays     = 1500 // days after which half of that is gone
)

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
	flags   []uint8   // by record
	flagged []int32   // records with a flag
	seen    []int32   // by record: 1 + place in docs
	docs    []candidate
	buf     [1024]uint32
}

// Flags of a record during one search.
const (
	hasNumber uint8 = 1 << iota // a number that was typed is its own
	hasAsked                    // the number that number: asked for is its own
	isOut                       // has a word after a minus
)

// candidate is a record that has a term.
type candidate struct {
	record  int32
	best    int32 // passage, −1 where only the title matched
	score   float32
	passage float32 // the part of the score that the best passage brought
	mask    uint64  // terms anywhere in the record
	chunks  uint64  // chunks found whole in one passage or in the title
	matches int32   // passages with a term
	found   bool    // by number
	bet     int32   // recommended: the higher the earlier, 0 if not
	pos     int32   // below 0: does not answer
}

func (w *work) grow(passages, records int) {
	if cap(w.score) < passages {
		n := passages + passages/8
		w.score, w.mask = make([]float32, n), make([]uint64, n)
	}
	w.score, w.mask = w.score[:passages], w.mask[:passages]
	if cap(w.title) < records {
		n := records + records/8
		w.title, w.tmask, w.flags, w.seen = make([]float32, n), make([]uint64, n), make([]uint8, n), make([]int32, n)
	}
	w.title, w.tmask, w.flags, w.seen = w.title[:records], w.tmask[:records], w.flags[:records], w.seen[:records]
}

// clean leaves the memory as grow expects it.
func (w *work) clean() {
	for _, p := range w.touched {
		w.score[p], w.mask[p] = 0, 0
	}
	for _, c := range w.docs {
		w.title[c.record], w.tmask[c.record], w.seen[c.record] = 0, 0, 0
	}
	for _, r := range w.flagged {
		w.flags[r] = 0
	}
	w.touched, w.flagged, w.docs = w.touched[:0], w.flagged[:0], w.docs[:0]
}

func (w *work) flag(r int32, f uint8) {
	if w.flags[r] == 0 {
		w.flagged = append(w.flagged, r)
	}
	w.flags[r] |= f
}

// Find answers a query. A query without text lists everything that passes
// the filters. While the index is being built, it answers from what is there.
func (x *Index) Find(ctx context.Context, q query.Query) (query.Found, error) {
	return x.answer(ctx, x.vocabulary.Load(), q)
}

func (x *Index) answer(ctx context.Context, v *vocabulary, q query.Query) (found query.Found, err error) {
	q.Understand(x.organNames().organs)
	err = x.reading(ctx, func(m *matcher) error {
		m.vocabulary = v
		found, err = m.find(q)
		return err
	})
	return found, err
}

// reading calls f with a matcher on the present state of the index. More
// searches than processors would only slow one another down; the others wait
// their turn.
func (x *Index) reading(ctx context.Context, f func(*matcher) error) (err error) {
	select {
	case x.slots <- struct{}{}:
		defer func() { <-x.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	s := x.acquire()
	defer s.refs.RUnlock()
	defer func() { // bleve maps files into memory and may panic on damaged ones
		if p := recover(); p != nil {
			err = &portal.Error{Kind: portal.Unavailable, Key: "error.search_down", Err: fmt.Errorf("searching: %v", p)}
		}
	}()
	return s.snapshot(func(snap *scorch.IndexSnapshot, cols []*columns) error {
		w, _ := s.pool.Get().(*work)
		if w == nil {
			w = new(work)
		}
		m := &matcher{work: w, index: x, vocabulary: x.vocabulary.Load(), table: s.table, ctx: ctx, snap: snap, cols: cols, left: budget, dicts: make(map[dictKey]segment.TermDictionary)}
		for i, c := range cols {
			m.base = append(m.base, m.passages)
			m.passages += int32(len(c.record))
			m.live += float64(snap.Segments()[i].LiveSize())
		}
		s.table.mu.RLock()
		records := s.table.live
		m.records = s.table.records[:records]
		s.table.mu.RUnlock()
		w.grow(int(m.passages), records)
		if err := f(m); err != nil {
			return err // the memory is not used again
		}
		w.clean()
		s.pool.Put(w)
		return nil
	})
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

// matcher is one query at work on one snapshot.
type matcher struct {
	*work
	index      *Index
	vocabulary *vocabulary
	table      *table
	ctx        context.Context
	snap       *scorch.IndexSnapshot
	cols       []*columns
	dicts      map[dictKey]segment.TermDictionary
	base       []int32 // first passage of each segment
	passages   int32
	live       float64 // passages that are not deleted
	records    []atomic.Pointer[record]
	query      parsed
	pastAsked  bool   // a validity is asked for: what is out of force need not sink
	left       int    // postings it may still look at
	common     uint64 // terms taken for granted
}

type dictKey struct {
	segment int
	field   string
}

// find answers a query, once more with its spelling corrected if nothing has
// all its words.
func (m *matcher) find(q query.Query) (query.Found, error) {
	out, strict, err := m.once(q)
	if err == nil && strict == 0 && m.query.quoted && (m.query.asks || slices.ContainsFunc(m.query.chunks, func(c chunk) bool { return !c.phrase })) {
		// Quotes within a sentence only stress: “一房多租”有效吗
		m.clean()
		q.Words = strings.NewReplacer(`"`, " ", "“", " ", "”", " ", "「", " ", "」", " ", "『", " ", "』", " ").Replace(q.Words)
		out, strict, err = m.once(q)
	}
	if err != nil || strict > 2 || q.Verbatim || m.query.quoted {
		return out, err
	}
	better, err := m.correct(q.Words, strict)
	if err != nil || better == "" {
		return out, err
	}
	if strict > 0 {
		out.Meant = strings.TrimSpace(q.Operators + " " + better)
		return out, nil
	}
	m.clean()
	q.Words = better
	again, strict, err := m.once(q)
	if err != nil || strict == 0 || again.Total == 0 {
		m.clean()
		return out, err
	}
	again.Corrected = better
	return again, nil
}

// once answers a query as it stands, and tells how many records have all its
// words.
func (m *matcher) once(q query.Query) (out query.Found, strict int, err error) {
	m.query = parse(q.Words, m.vocabulary.synonyms)
	m.query.addOrgans(m.index.organNames().names)
	if err := m.match(q); err != nil {
		return out, 0, err
	}
	if len(m.query.chunks) == 0 && q.Number == "" && len(m.touched) == 0 && (strings.TrimSpace(q.Words) == "" || len(m.query.without) > 0) {
		m.everything()
	} else {
		m.group()
	}
	m.bets(m.vocabulary.Bet(q.Text))
	if m.query.quoted {
		if err := m.verify(); err != nil {
			return out, 0, err
		}
	}
	out.Words = m.query.marks()
	strict, out.Loose = m.choose(q.Number != "")
	out.Near = out.Loose && m.near()
	m.pastAsked = q.Validity != ""
	m.rank(text.Squeeze(q.Words))
	m.facet(q, &out)
	if err := m.page(q, &out); err != nil {
		return out, 0, err
	}
	out.Partial = m.left <= 0
	return out, strict, nil
}

// everything makes every live record a candidate.
func (m *matcher) everything() {
	for i, s := range m.snap.Segments() {
		deleted := s.Deleted()
		for _, p := range m.cols[i].heads {
			if deleted == nil || !deleted.Contains(uint32(p)) {
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
	one := len(m.query.chunks) == 1 && bits.OnesCount64(m.query.wanted()) <= 1
	for _, g := range m.touched {
		seg, p := m.place(g)
		r := m.cols[seg].record[p]
		c := m.candidate(r)
		mask, score := m.mask[g], m.score[g]
		if m.cols[seg].source[p] == headSource {
			c.found = m.flags[r]&(hasNumber|hasAsked) != 0
			c.mask |= m.tmask[r]
			if m.tmask[r]|mask != 0 {
				m.whole(c, m.tmask[r]|mask|m.common)
			}
		} else if mask != 0 {
			c.matches++
		}
		if mask == 0 {
			continue
		}
		mask |= m.common
		c.mask |= mask
		if m.whole(c, mask) && !one {
			score *= together
		}
		if score > c.score || c.best < 0 || score == c.score && g < c.best {
			c.score, c.passage, c.best = score, score, g
		}
	}
}

// whole notes the chunks whose terms all stand in mask, and reports whether
// these are all chunks.
func (m *matcher) whole(c *candidate, mask uint64) bool {
	all := true
	for i := range m.query.chunks {
		if i == 64 {
			break
		}
		if m.query.chunks[i].has(mask) {
			c.chunks |= 1 << i
		} else {
			all = false
		}
	}
	return all
}

// bets puts the recommended records first.
func (m *matcher) bets(keys []portal.Key) {
	if len(keys) == 0 {
		return
	}
	m.table.mu.RLock()
	defer m.table.mu.RUnlock()
	for i, k := range keys {
		r, ok := m.table.numbers[k]
		if !ok || int(r) >= len(m.records) || !m.isLive(r) {
			continue
		}
		c := m.candidate(r)
		c.bet = int32(len(keys) - i) // in the order in which they were given
	}
}

// isLive reports whether a record is in the snapshot.
func (m *matcher) isLive(r int32) bool {
	for i, s := range m.snap.Segments() {
		deleted := s.Deleted()
		for _, p := range m.cols[i].heads {
			if m.cols[i].record[p] == r && (deleted == nil || !deleted.Contains(uint32(p))) {
				return true
			}
		}
	}
	return false
}

// record is what is known of a record.
func (m *matcher) record(r int32) *record { return m.records[r].Load() }

// addOrgans lets a word be answered by the organ that it names: "公安局 消防"
// finds what the police published on fires. A word in the names of many
// organs names none.
func (p *parsed) addOrgans(organs []organName) {
	for i := range p.chunks {
		c := &p.chunks[i]
		if c.phrase || c.prefix {
			continue
		}
		var codes []string
		for _, o := range organs {
			if o.answers(c) {
				codes = append(codes, o.code)
			}
		}
		if len(codes) > max(3, len(organs)/8) {
			continue
		}
		for _, code := range codes {
			if bit := p.bit(markOrgan + code); bit != 0 {
				c.other = append(c.other, bit)
				c.long = false
			}
		}
	}
}

// organName is how an organ is called.
type organName struct {
	code    string
	zh      string   // squeezed
	english string   // squeezed
	en      []string // stemmed words
}

func (o *organName) answers(c *chunk) bool {
	if !c.latin {
		return len(c.text) > 3 && strings.Contains(o.zh, c.text)
	}
	return slices.Contains(o.en, string(stem([]byte(c.text)))) || len(c.text) > 2 && latinOnly(c.text) && readAs(o.zh, c.text)
}
