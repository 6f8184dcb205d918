package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"

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
	m.rank(squeeze(q.Text))
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

// match adds up the scores of all passages and titles that have a term.
func (m *matcher) match(text string) error {
	single := uint64(0)
	for _, c := range m.query.chunks {
		if c.prefix {
			single |= c.terms
		}
	}
	live := float64(0)
	for _, s := range m.snap.Segments() {
		live += float64(s.LiveSize())
	}
	dfs := make([]float64, len(m.query.terms))
	for i, t := range m.query.terms {
		var err error
		if dfs[i], err = m.count(fieldBody, t); err != nil {
			return err
		}
	}
	m.common = commonTerms(dfs, live) &^ single
	for i, t := range m.query.terms {
		var err error
		switch {
		case single&(1<<i) != 0:
			err = m.prefix(t, i)
		case m.common&(1<<i) == 0:
			err = m.body(t, i, dfs[i], live)
		}
		if err == nil {
			err = m.titles(t, i)
		}
		if err != nil {
			return err
		}
	}
	for _, t := range queryNumbers(text) {
		err := m.postings(fieldNumber, t, func(seg int, p segment.Posting) {
			m.number[m.touch(seg, p)] = true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Terms that stand in more than a share of the passages say next to nothing
// beside rarer ones, and cost most of the time.
const (
	commonShare = 0.04
	fewTerms    = 5
)

// commonTerms are the terms of a query that need not be looked up, because
// they are common and there are at least a few rarer ones.
func commonTerms(dfs []float64, live float64) uint64 {
	rare := 0
	mask := uint64(0)
	for i, df := range dfs {
		if df > commonShare*live {
			mask |= 1 << i
		} else if df > 0 {
			rare++
		}
	}
	if rare < fewTerms {
		return 0
	}
	return mask
}

// touch notes a passage and returns its record.
func (m *matcher) touch(seg int, p segment.Posting) int32 {
	g := m.base[seg] + int32(p.Number())
	if m.mask[g] == 0 && m.score[g] == 0 {
		m.touched = append(m.touched, g)
		m.score[g] = 1e-6
	}
	return m.cols[seg].record[p.Number()]
}

// postings calls f with each live passage of a term.
func (m *matcher) postings(field, term string, f func(seg int, p segment.Posting)) error {
	for i, s := range m.snap.Segments() {
		dict, err := s.Segment().Dictionary(field)
		if err != nil {
			return err
		}
		list, err := dict.PostingsList([]byte(term), s.Deleted(), nil)
		if err != nil {
			return err
		}
		if err := m.drain(i, list, f); err != nil {
			return err
		}
	}
	return nil
}

func (m *matcher) drain(seg int, list segment.PostingsList, f func(int, segment.Posting)) error {
	it := list.Iterator(true, false, false, nil)
	for n := 1; m.left > 0; n++ {
		p, err := it.Next()
		if err != nil || p == nil {
			return err
		}
		m.left--
		if n%4096 == 0 {
			if errors.Is(m.ctx.Err(), context.DeadlineExceeded) {
				m.left = 0 // out of time: answer with what there is
			} else if m.ctx.Err() != nil {
				return m.ctx.Err()
			}
		}
		f(seg, p)
	}
	return nil
}

// count is the number of passages a term stands in, over all segments.
func (m *matcher) count(field, term string) (float64, error) {
	n := uint64(0)
	for _, s := range m.snap.Segments() {
		dict, err := s.Segment().Dictionary(field)
		if err != nil {
			return 0, err
		}
		list, err := dict.PostingsList([]byte(term), s.Deleted(), nil)
		if err != nil {
			return 0, err
		}
		n += list.Count()
	}
	return float64(n), nil
}

// body scores a term in the passages by BM25.
func (m *matcher) body(term string, i int, df, live float64) error {
	if df == 0 {
		return nil
	}
	idf := math.Log(1 + (live-df+0.5)/(df+0.5))
	return m.postings(fieldBody, term, func(seg int, p segment.Posting) {
		c := m.cols[seg]
		length := float64(c.end[p.Number()]-c.start[p.Number()]) / avgBody
		if length == 0 { // a head: its summary
			length = 0.5
		}
		tf := float64(p.Frequency())
		g := m.base[seg] + int32(p.Number())
		m.touch(seg, p)
		m.score[g] += float32(idf * tf * (k1 + 1) / (tf + k1*(1-b+b*length)))
		m.mask[g] |= 1 << i
	})
}

// titles scores a term in the titles.
func (m *matcher) titles(term string, i int) error {
	df, err := m.count(fieldTitle, term)
	if err != nil || df == 0 {
		return err
	}
	n := float64(len(m.work.title))
	idf := math.Log(1 + (n-df+0.5)/(df+0.5))
	return m.postings(fieldTitle, term, func(seg int, p segment.Posting) {
		r := m.touch(seg, p)
		m.title[r] += float32(titleWeight * idf)
		m.tmask[r] |= 1 << i
	})
}

// prefix finds one Chinese character anywhere: in every term that begins
// with it.
func (m *matcher) prefix(term string, i int) error {
	for seg, s := range m.snap.Segments() {
		dict, err := s.Segment().Dictionary(fieldBody)
		if err != nil {
			return err
		}
		it := dict.AutomatonIterator(nil, []byte(term), []byte(term+"\xff"))
		for n := 0; n < maxPrefixes; n++ {
			e, err := it.Next()
			if err != nil {
				return err
			}
			if e == nil {
				break
			}
			list, err := dict.PostingsList([]byte(e.Term), s.Deleted(), nil)
			if err != nil {
				return err
			}
			err = m.drain(seg, list, func(seg int, p segment.Posting) {
				g := m.base[seg] + int32(p.Number())
				m.touch(seg, p)
				m.score[g] = min(m.score[g]+0.5, 3)
				m.mask[g] |= 1 << i
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
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

// choose keeps the candidates that answer the query: those with every word
// if there are any, else those with most of it, else those with a word. It
// reports whether it had to be content with less than every word. A sentence
// is never wanted word for word.
func (m *matcher) choose() (loose bool) {
	if len(m.query.chunks) == 0 {
		return false
	}
	sentence := false
	for _, c := range m.query.chunks {
		sentence = sentence || c.long
	}
	want := uint64(1)<<min(len(m.query.chunks), 63) - 1
	strict := 0
	for _, c := range m.docs {
		if c.chunks&want == want || c.found {
			strict++
		}
	}
	terms := len(m.query.terms)
	keep := func(c *candidate) bool { return c.chunks&want == want || c.found }
	if sentence || strict == 0 {
		loose = strict == 0
		least := 1
		if terms >= 4 {
			least = max(2, terms*3/10)
		}
		keep = func(c *candidate) bool { return c.found || bits.OnesCount64(c.mask) >= least }
		if !slices.ContainsFunc(m.docs, func(c candidate) bool { return keep(&c) }) {
			keep = func(*candidate) bool { return true }
		}
		if m.query.quoted { // what is in quotes is wanted word for word
			keep = func(c *candidate) bool {
				for i, k := range m.query.chunks {
					if k.phrase && i < 63 && c.chunks&(1<<i) == 0 {
						return false
					}
				}
				return true
			}
		}
	}
	for i := range m.docs {
		if !keep(&m.docs[i]) {
			m.docs[i].pos = -1
		}
	}
	return loose
}

// rank adds what the whole record is worth to the score of its best passage.
func (m *matcher) rank(text string) {
	for i := range m.docs {
		c := &m.docs[i]
		if c.pos < 0 {
			continue
		}
		r := &m.records[c.record]
		score := c.score + m.work.title[c.record]/float32(1-titleB+titleB*float64(r.titleLen)/avgTitle)
		if terms := len(m.query.terms); terms > 0 {
			score += evidence * float32(min(terms, longQuery)) / longQuery * float32(math.Log1p(float64(c.matches)))
			score *= 1 - coverage + coverage*float32(bits.OnesCount64(c.mask))/float32(terms)
		}
		if text != "" {
			switch {
			case r.title == text || r.titleEN == text:
				score += exactTitle
			case strings.Contains(r.title, text) || strings.Contains(r.titleEN, text):
				score += inTitle
			}
		}
		score *= kindWeight[r.key.Kind]
		if c.found {
			score += numberScore
		}
		c.score = score
	}
}

// facet counts the values of each facet over the candidates, each facet as
// if nothing were chosen in it, and drops what the filters do not let pass.
func (x *Index) facet(t *table, m *matcher, q portal.Query, out *portal.Found) {
	id := func(s string) int {
		if s == "" {
			return -1
		}
		if n, ok := t.names[s]; ok {
			return int(n)
		}
		return math.MaxInt // a value that no record has
	}
	year := ""
	if q.Year != 0 {
		year = strconv.Itoa(q.Year)
	}
	want := [...]int{id(q.Kind), id(string(q.Organ)), id(q.Theme), id(year), id(q.Validity), id(q.Genre), id(q.Item)}
	names := [...]string{"kind", "organ", "theme", "year", "validity", "genre", "item"}
	var counts [len(names)][]int32
	for i := range counts {
		counts[i] = make([]int32, len(t.byName))
	}
	expired, repealed := id("expired"), id("repealed")
	for i := range m.docs {
		c := &m.docs[i]
		if c.pos < 0 {
			continue
		}
		r := &m.records[c.record]
		one := [...]uint16{r.kind, 0, r.theme, r.year, r.validity, r.genre, r.item}
		misses, missed := 0, -1
		for f, w := range want {
			if w >= 0 && (f == 1 && !slices.Contains(r.organs, uint16(min(w, math.MaxUint16))) || f != 1 && int(one[f]) != w) {
				misses++
				missed = f
			}
		}
		if v := int(r.validity); v != 0 && (v == expired || v == repealed) && q.Validity == "" {
			c.score *= outOfForce
		}
		for f := range want {
			if misses > 1 || misses == 1 && missed != f {
				continue
			}
			if f == 1 {
				for _, o := range r.organs {
					counts[f][o]++
				}
			} else if one[f] != 0 {
				counts[f][one[f]]++
			}
		}
		if misses > 0 {
			c.pos = -1
		} else {
			out.Total++
		}
	}
	out.Facets = make(map[string][]portal.Count, len(names))
	for f, name := range names {
		byCode := make(map[string]int)
		for n, k := range counts[f] {
			if k > 0 {
				byCode[t.byName[n]] = int(k)
			}
		}
		out.Facets[name] = portal.SortCounts(name, byCode)
	}
}

// page orders the candidates that are left and cuts the page out.
func (m *matcher) page(q portal.Query, out *portal.Found) {
	rows := make([]*candidate, 0, out.Total)
	for i := range m.docs {
		if m.docs[i].pos >= 0 {
			rows = append(rows, &m.docs[i])
		}
	}
	byDate := func(a, b *candidate) int {
		ra, rb := &m.records[a.record], &m.records[b.record]
		return cmp.Or(cmp.Compare(rb.published, ra.published), cmp.Compare(rb.key.ID, ra.key.ID))
	}
	order := func(a, b *candidate) int { return cmp.Or(cmp.Compare(b.score, a.score), byDate(a, b)) }
	if q.Sort == "date" || len(m.query.terms) == 0 {
		order = func(a, b *candidate) int {
			if a.found != b.found && q.Sort != "date" {
				return map[bool]int{true: -1, false: 1}[a.found]
			}
			return byDate(a, b)
		}
	}
	from := min((q.Page-1)*q.Size, len(rows))
	to := min(from+q.Size, len(rows))
	selectFirst(rows, to, order)
	for _, c := range rows[from:to] {
		out.Hits = append(out.Hits, m.hit(c))
	}
}

// selectFirst sorts the first n of rows to the front; it costs little more
// than looking at each once when n is small.
func selectFirst(rows []*candidate, n int, order func(a, b *candidate) int) {
	if n == 0 {
		return
	}
	if n*8 > len(rows) {
		slices.SortFunc(rows, order)
		return
	}
	top := rows[:n]
	slices.SortFunc(top, order)
	for i := n; i < len(rows); i++ {
		if order(rows[i], top[n-1]) >= 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(top, rows[i], order)
		out := rows[i]
		rows[i] = top[n-1]
		copy(top[at+1:], top[at:n-1])
		top[at] = out
	}
}

func (m *matcher) hit(c *candidate) portal.Hit {
	h := portal.Hit{Key: m.records[c.record].key, Score: float64(c.score), Source: headSource}
	if c.best >= 0 {
		seg, p := m.place(c.best)
		h.Source = int(m.cols[seg].source[p])
		h.Passage = portal.Passage{Start: int(m.cols[seg].start[p]), End: int(m.cols[seg].end[p])}
		h.More = int(c.matches)
		if h.Source >= 0 {
			h.More--
		}
	}
	return h
}

func (m *matcher) place(g int32) (seg int, p int32) {
	seg, exact := slices.BinarySearch(m.base, g)
	if !exact {
		seg--
	}
	for seg+1 < len(m.base) && m.base[seg+1] == g { // empty segments share a base
		seg++
	}
	return seg, g - m.base[seg]
}

// Bounds on the checking of phrases against the texts.
const (
	maxVerified = 20000
	verifyTime  = 400 * time.Millisecond
)

// verify checks the words in quotes against the texts: the index knows that
// their pairs stand in one passage, not that they stand side by side.
func (x *Index) verify(ctx context.Context, m *matcher) error {
	var phrases []int
	for i, k := range m.query.chunks {
		if k.phrase && i < 63 && (bits.OnesCount64(k.terms) > 1) {
			phrases = append(phrases, i)
		}
	}
	if len(phrases) == 0 {
		return nil
	}
	wanted := uint64(0)
	for _, k := range phrases {
		wanted |= 1 << k
	}
	has := make(map[int32]uint64) // record → phrases seen in it
	end := time.Now().Add(verifyTime)
	checked := 0
	var hits []portal.Hit
	var at []int32
	flush := func() error {
		ts, err := x.source.Passages(ctx, hits)
		if err != nil {
			return err
		}
		for i, t := range ts {
			folded := ""
			for _, k := range phrases {
				phrase := m.query.chunks[k].text
				if !strings.Contains(t, phrase) { // most texts need no folding
					if folded == "" {
						folded = string(fold([]byte(t)))
					}
					if !strings.Contains(folded, phrase) {
						continue
					}
				}
				has[at[i]] |= 1 << k
			}
		}
		checked += len(hits)
		hits, at = hits[:0], at[:0]
		return nil
	}
	for _, g := range m.touched {
		mask := m.mask[g]
		seg, p := m.place(g)
		r := m.cols[seg].record[p]
		if has[r]&wanted == wanted { // seen already in another passage
			continue
		}
		if m.cols[seg].source[p] == headSource { // titles are short: look at what the record says
			for _, k := range phrases {
				q := squeeze(m.query.chunks[k].text)
				if strings.Contains(m.records[r].title, q) || strings.Contains(m.records[r].titleEN, q) {
					has[r] |= 1 << k
				}
			}
			continue
		}
		if !slices.ContainsFunc(phrases, func(k int) bool { return m.query.chunks[k].terms&^mask == 0 }) {
			continue
		}
		if checked+len(hits) >= maxVerified || time.Now().After(end) {
			has[r] = math.MaxUint64 // out of time: the pairs must do
			continue
		}
		hits = append(hits, portal.Hit{Key: m.records[r].key, Source: int(m.cols[seg].source[p]),
			Passage: portal.Passage{Start: int(m.cols[seg].start[p]), End: int(m.cols[seg].end[p])}})
		at = append(at, r)
		if len(hits) == 500 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	for i := range m.docs {
		c := &m.docs[i]
		for _, k := range phrases {
			if has[c.record]&(1<<k) == 0 {
				c.chunks &^= 1 << k
			}
		}
	}
	return nil
}
