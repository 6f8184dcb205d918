package search

import (
	"cmp"
	_ "embed"
	"encoding/base64"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/portal/text"
)

//go:embed data/rank.txt
var rankLines string

// ending is what titles are good for that end in some way.
type ending struct {
	end    string   // squeezed
	factor float32  // on the score
	asks   bool     // for questions alone
	unless []string // words of a query for which it does not hold
}

// ranking is what rank.txt says: the factors for titles by how they begin, squeezed, and by
// how they end.
type ranking struct {
	begins map[string]float32
	ends   []ending
}

// ranks are the factors for titles by how they begin and end.
var ranks = sync.OnceValue(func() ranking {
	out := ranking{begins: make(map[string]float32)}
	for line := range strings.Lines(rankLines) {
		title, factor, ok := strings.Cut(strings.TrimSpace(line), "=")
		factor, unless, _ := strings.Cut(factor, "unless")
		f, err := strconv.ParseFloat(strings.TrimSpace(factor), 32)
		if !ok || err != nil || strings.HasPrefix(title, "#") {
			continue
		}
		e := ending{factor: float32(f)}
		title, e.asks = strings.CutPrefix(title, "?")
		end, ends := strings.CutPrefix(title, "…")
		if !ends {
			out.begins[text.Squeeze(title)] = float32(f)
			continue
		}
		for w := range strings.SplitSeq(unless, ",") {
			if w = text.Squeeze(w); w != "" {
				e.unless = append(e.unless, w)
			}
		}
		e.end = text.Squeeze(end)
		out.ends = append(out.ends, e)
	}
	return out
})

// endingOf is which ending a squeezed title has: its place among them from 1, 0 for none.
func endingOf(title string) uint8 {
	for i, e := range ranks().ends {
		if strings.HasSuffix(title, e.end) {
			return uint8(i + 1)
		}
	}
	return 0
}

// good is the factor of an ending for a query.
func (m *matcher) good(ending uint8, typed string) float32 {
	if ending == 0 {
		return 1
	}
	e := ranks().ends[ending-1]
	if e.asks && !m.query.asks || slices.ContainsFunc(e.unless, func(w string) bool { return strings.Contains(typed, w) }) {
		return 1
	}
	return e.factor
}

func rankOf(title string) float32 {
	for begin, f := range ranks().begins {
		if strings.HasPrefix(title, begin) {
			return f
		}
	}
	return 1
}

// choose keeps the candidates that answer the query: those with every word
// if there are any, else those with most of it, else those with a word. It
// tells how many have every word, and whether it had to be content with less.
// A sentence is never wanted word for word. With asked, only records with
// the number that was asked for answer.
func (m *matcher) choose(asked bool) (strict int, loose bool) {
	q := &m.query
	out := func(c *candidate) bool {
		f := m.flagsOf(c.record)
		return f&isOut != 0 || asked && f&hasAsked == 0
	}
	if len(q.chunks) == 0 {
		for i := range m.docs {
			if c := &m.docs[i]; out(c) || c.bet == 0 && !c.found && m.touched > 0 {
				c.out = true
			} else {
				strict++
			}
		}
		return strict, false
	}
	sentence := q.asks || slices.ContainsFunc(q.chunks, func(c chunk) bool { return c.long })
	want := uint64(1)<<min(len(q.chunks), 63) - 1
	all := func(c *candidate) bool { return c.chunks&want == want || c.found || c.bet > 0 }
	for i := range m.docs {
		if c := &m.docs[i]; all(c) && !out(c) {
			strict++
		}
	}
	keep := all
	if sentence || strict == 0 {
		loose = strict == 0
		terms := bits.OnesCount64(q.wanted())
		least := float32(0)
		if terms >= 4 {
			least = float32(max(2, terms/10)) / float32(terms)
		}
		keep = func(c *candidate) bool { return c.found || c.bet > 0 || q.covered(c.mask) >= least }
		if !slices.ContainsFunc(m.docs, func(c candidate) bool { return keep(&c) }) {
			keep = func(*candidate) bool { return true }
		}
		if q.quoted { // what is in quotes is wanted word for word
			keep = func(c *candidate) bool {
				for i, k := range q.chunks {
					if k.phrase && i < 63 && c.chunks&(1<<i) == 0 {
						return c.bet > 0
					}
				}
				return true
			}
		}
	}
	for i := range m.docs {
		if c := &m.docs[i]; out(c) || !keep(c) {
			c.out = true
		}
	}
	return strict, loose
}

// near reports whether none of the candidates has enough of the words.
func (m *matcher) near() bool {
	for i := range m.docs {
		if c := &m.docs[i]; !c.out && (c.found || c.bet > 0 || m.query.covered(c.mask) >= floor) {
			return false
		}
	}
	return true
}

// rank adds what the whole record is worth to the score of its best passage.
func (m *matcher) rank(text string) {
	newest := m.table.newest.Load()
	m.portion = m.share()
	m.rows = slices.Grow(m.rows[:0], len(m.docs))[:len(m.docs)]
	for i := range m.docs { // nothing else in this loop: so the processor fetches many at a time
		if c := &m.docs[i]; !c.out {
			m.rows[i] = *m.row(c.record)
		}
	}
	for i := range m.docs {
		if c := &m.docs[i]; !c.out {
			c.score = m.scoreOf(c, &m.rows[i], text, newest, nil)
		}
	}
}

// share is how much of a long question a query is, by its terms.
func (m *matcher) share() float32 {
	return float32(min(bits.OnesCount64(m.query.wanted()), longQuery)) / longQuery
}

// logs are the logarithms of 1 and the numbers that passages are mostly counted by.
var logs = func() (out [1024]float32) {
	for i := range out {
		out[i] = float32(math.Log1p(float64(i)))
	}
	return out
}()

func logOf(n int32) float32 {
	if int(n) < len(logs) {
		return logs[n]
	}
	return float32(math.Log1p(float64(n)))
}

// scoreOf is the score of a record. With why, each part is told.
func (m *matcher) scoreOf(c *candidate, r *row, text string, newest int64, why func(key string, value float32)) float32 {
	tell := func(key string, value float32) {
		if why != nil {
			why(key, value)
		}
	}
	score := c.score
	if c.best >= 0 {
		tell("passage", score)
	}
	share := m.portion
	title := c.title / float32(1-titleB+titleB*float64(r.titleLen)/avgTitle) * (1 + shortTitle*(1-share))
	score += title
	tell("title", title)
	if len(m.query.chunks) > 0 {
		more := evidence * share * logOf(c.matches)
		tell("evidence", more)
		part := 1 - coverage + coverage*m.query.covered(c.mask)
		tell("coverage", part)
		score = (score + more) * part
	}
	if text != "" && c.tmask&m.query.wanted() == m.query.wanted() { // else it cannot stand in the title
		switch r := m.record(c.record); {
		case r.title == text || r.titleEN == text:
			score += exactTitle
			tell("exact", exactTitle)
		case strings.Contains(r.title, text) || strings.Contains(r.titleEN, text):
			score += inTitle
			tell("in_title", inTitle)
		}
	}
	if w := r.weight; w != 1 {
		score *= w
		tell("kind", w)
	}
	if r.rank > 1 {
		factor := 1 + (r.rank-1)*share
		score *= factor
		tell("rank", factor)
	}
	if f := m.good(r.ending, text); f != 1 {
		score *= f
		tell("good", f)
	}
	if age := newest - int64(r.published); age >= 0 {
		young := 1 + fresh*freshDays/(freshDays+float32(age))
		score *= young
		tell("fresh", young)
	}
	if r.past && !m.pastAsked {
		score *= outOfForce
		tell("past", outOfForce)
	}
	if c.found {
		score += numberScore
		tell("number", numberScore)
	}
	if c.bet > 0 {
		score += betScore + float32(c.bet)
		tell("bet", betScore+float32(c.bet))
	}
	return score
}

// facet counts the values of each facet over the candidates, each facet as
// if nothing were chosen in it, and drops what the filters do not let pass.
func (m *matcher) facet(q query.Query, out *query.Found) {
	t := m.table
	t.mu.RLock()
	names := t.byName
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
	t.mu.RUnlock()
	facets := [...]string{"kind", "organ", "theme", "year", "validity", "genre", "item"}
	var counts [len(facets)][]int32
	for i := range counts {
		counts[i] = make([]int32, len(names))
	}
	for i := range m.docs {
		c := &m.docs[i]
		if c.out {
			continue
		}
		r := &m.rows[i]
		if day := portal.Date(r.published); q.From != 0 && day < q.From || q.To != 0 && day > q.To {
			c.out = true
			continue
		}
		one := [...]uint16{r.kind, r.organ, r.theme, r.year, r.validity, r.genre, r.item}
		misses, missed := 0, -1
		for f, w := range want {
			if w >= 0 && (f == 1 && !m.isOf(c.record, r, w) || f != 1 && int(one[f]) != w) {
				misses++
				missed = f
			}
		}
		for f := range want {
			if misses > 1 || misses == 1 && missed != f {
				continue
			}
			if f == 1 && r.several {
				for _, o := range m.record(c.record).organs {
					counts[f][o]++
				}
			} else if one[f] != 0 {
				counts[f][one[f]]++
			}
		}
		if misses > 0 {
			c.out = true
		} else {
			out.Total++
		}
	}
	out.Facets = make(map[string][]portal.Count, len(facets))
	for f, name := range facets {
		byCode := make(map[string]int)
		for n, k := range counts[f] {
			if k > 0 {
				byCode[names[n]] = int(k)
			}
		}
		out.Facets[name] = portal.SortCounts(name, byCode)
	}
}

// isOf reports whether a record is of an organ, by the number of its code.
func (m *matcher) isOf(r int32, w *row, organ int) bool {
	return int(w.organ) == organ || w.several && slices.Contains(m.record(r).organs, uint16(min(organ, math.MaxUint16)))
}

// page orders the candidates that are left and cuts the page out: after a
// cursor if there is one, for the price of the first page.
func (m *matcher) page(q query.Query, out *query.Found) error {
	byDate := q.Sort == "date" || len(m.query.chunks) == 0
	spots := m.spots[:0]
	for i := range m.docs {
		c := &m.docs[i]
		if c.out {
			continue
		}
		s := spot{score: c.score, published: m.rows[i].published, at: int32(i)}
		if byDate && (q.Sort == "date" || !c.found && c.bet == 0) {
			s.score = 0
		}
		spots = append(spots, s)
	}
	m.spots = spots
	last, ok := parseCursor(q.After)
	key := func(s spot) portal.Key {
		if s.at < 0 {
			return last.key
		}
		return m.record(m.docs[s.at].record).key
	}
	compareSpots := func(a, b spot) int {
		if c := cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.published, a.published)); c != 0 {
			return c
		}
		x, y := key(a), key(b)
		return cmp.Or(cmp.Compare(y.ID, x.ID), cmp.Compare(y.Kind, x.Kind))
	}
	from := min((q.Page-1)*q.Size, len(spots))
	if ok {
		spots = slices.DeleteFunc(spots, func(s spot) bool { return compareSpots(s, last.spot) <= 0 })
		from = 0
	}
	to := min(from+q.Size, len(spots))
	selectFirst(spots, to, compareSpots)
	for _, s := range spots[from:to] {
		c := &m.docs[s.at]
		h := m.hit(c)
		if q.Explain {
			why, err := m.why(c, text.Squeeze(q.Words))
			if err != nil {
				return err
			}
			h.Why = why
		}
		out.Hits = append(out.Hits, h)
	}
	if to > from && to < len(spots) {
		out.Next = spots[to-1].cursor(key(spots[to-1]))
	}
	return nil
}

// spot is a place in the order of hits: the higher score first, then the newer,
// then the greater id, so that no two hits are in the same place.
type spot struct {
	score     float32
	published int32 // a portal.Date
	at        int32 // place in docs, −1 for that of a cursor
}

// cursor writes the place for an address.
func (s spot) cursor(k portal.Key) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%x.%x.%s/%s", math.Float32bits(s.score), int64(s.published), k.Kind, k.ID))
}

// cursor is a place written in an address.
type cursor struct {
	spot
	key portal.Key
}

func parseCursor(text string) (cursor, bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || text == "" {
		return cursor{}, false
	}
	parts := strings.SplitN(string(b), ".", 3)
	if len(parts) != 3 {
		return cursor{}, false
	}
	score, err1 := strconv.ParseUint(parts[0], 16, 32)
	day, err2 := strconv.ParseInt(parts[1], 16, 32)
	return cursor{spot{math.Float32frombits(uint32(score)), int32(day), -1}, portal.ParseKey(parts[2])}, err1 == nil && err2 == nil
}

// selectFirst sorts the first n of rows to the front; it costs little more
// than looking at each once when n is small.
func selectFirst[T any](rows []T, n int, order func(a, b T) int) {
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

func (m *matcher) hit(c *candidate) query.Hit {
	h := query.Hit{Key: m.record(c.record).key, Score: float64(c.score), Source: headSource, Bet: c.bet > 0}
	if c.best >= 0 {
		at := m.hitAt(m.at(c.best))
		h.Source, h.Passage = at.Source, at.Passage
		h.More = int(c.matches)
		if h.Source >= 0 {
			h.More--
		}
	}
	return h
}

// hitAt names a passage.
func (m *matcher) hitAt(p *passage) query.Hit {
	return query.Hit{Key: m.record(p.record).key, Source: int(p.source), Passage: text.Passage{Start: int(p.start), End: int(p.end)}}
}

// at is what is known of a passage.
func (m *matcher) at(g int32) *passage {
	seg, p := m.place(g)
	return &m.cols[seg].passages[p]
}

func (m *matcher) place(g int32) (seg int, p int32) {
	if len(m.base) == 1 {
		return 0, g
	}
	seg, exact := slices.BinarySearch(m.base, g)
	if !exact {
		seg--
	}
	for seg+1 < len(m.base) && m.base[seg+1] == g { // empty segments share a base
		seg++
	}
	return seg, g - m.base[seg]
}
