package search

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"gongkai/portal"
)

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
