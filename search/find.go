package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
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
	flags   []uint8 // by record
	flagged []int32 // records with a flag
	docs    []candidate
	rows    []row // of docs, from rank on
	strands []strand
	parts   []part
	bufs    [][]uint32
	window  window
	buf     [1024]uint32
	touched int    // passages with a term
	kept    []kept // those passages, if the matcher is to keep them
	spots   []spot
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
	title   float32 // what its title brought, before its length counts
	matches int32   // passages with a term
	mask    uint64  // terms anywhere in the record
	tmask   uint64  // terms in the title
	bmask   uint64  // terms in the best passage
	chunks  uint64  // chunks found whole in one passage or in the title
	bet     int32   // recommended: the higher the earlier, 0 if not
	found   bool    // by number
	out     bool    // does not answer
}

// kept is a passage with a term.
type kept struct {
	at    int32
	score float32
	mask  uint64
	doc   int32 // its record's place in docs
}

func (w *work) grow(records int) {
	if cap(w.flags) < records {
		w.flags = make([]uint8, records+records/8)
	}
	w.flags = w.flags[:records]
}

// clean leaves the memory as grow expects it.
func (w *work) clean() {
	for _, r := range w.flagged {
		w.flags[r] = 0
	}
	w.flagged, w.docs, w.strands, w.kept, w.touched = w.flagged[:0], w.docs[:0], w.strands[:0], w.kept[:0], 0
}

func (w *work) flag(r int32, f uint8) {
	if w.flags[r] == 0 {
		w.flagged = append(w.flagged, r)
	}
	w.flags[r] |= f
}

// flagsOf are the flags of a record; most searches have none.
func (w *work) flagsOf(r int32) uint8 {
	if len(w.flagged) == 0 {
		return 0
	}
	return w.flags[r]
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
			m.passages += int32(len(c.passages))
			m.live += float64(snap.Segments()[i].LiveSize())
		}
		s.table.mu.RLock()
		m.records, m.pages = s.table.live, s.table.pages
		s.table.mu.RUnlock()
		w.grow(m.records)
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
	records    int     // numbers of records in use
	pages      []*page
	query      parsed
	keep       bool              // the passages are asked for, not the records alone
	pastAsked  bool              // a validity is asked for: what is out of force need not sink
	left       int               // postings it may still look at
	common     uint64            // terms taken for granted
	portion    float32           // how much of a long question the query is, set by rank
	gate       []*roaring.Bitmap // by segment: the passages that alone are looked at; nil for all
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
	m.query = parse(q.Words, m.vocabulary)
	m.query.addOrgans(m.index.organNames().names)
	if err := m.addShorthands(); err != nil {
		return out, 0, err
	}
	if err := m.match(q); err != nil {
		return out, 0, err
	}
	if err := m.gather(); err != nil {
		return out, 0, err
	}
	if len(m.query.chunks) == 0 && q.Number == "" && m.touched == 0 && (strings.TrimSpace(q.Words) == "" || len(m.query.without) > 0) {
		m.everything()
	}
	m.bets(m.vocabulary.Bet(q.Text))
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
				m.docs = append(m.docs, candidate{record: m.cols[i].passages[p].record, best: -1})
			}
		}
	}
}

// candidate is the candidate of a record, a new one if it has no word of the query.
func (m *matcher) candidate(r int32) *candidate {
	i := slices.IndexFunc(m.docs, func(c candidate) bool { return c.record == r })
	if i < 0 {
		i = len(m.docs)
		m.docs = append(m.docs, candidate{record: r, best: -1})
	}
	return &m.docs[i]
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
		if !ok || int(r) >= m.records || !m.isLive(r) {
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
			if m.cols[i].passages[p].record == r && (deleted == nil || !deleted.Contains(uint32(p))) {
				return true
			}
		}
	}
	return false
}

// record is what is known of a record.
func (m *matcher) record(r int32) *record { return m.pages[r/pageSize].records[r%pageSize] }

// row is what a filter, a facet or an order needs of a record.
func (m *matcher) row(r int32) *row { return &m.pages[r/pageSize].rows[r%pageSize] }

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
