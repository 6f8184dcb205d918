package search

import (
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/portal/text"
)

// markNumber marks the number of a record among the terms of a Watch.
const markNumber = "#"

// Watch holds saved searches and tells which of them a new record answers.
// Each search stands under one term for each way in which its rarest word
// can be said; a record is compared only with the searches that stand under
// a term it has.
type Watch struct {
	mu      sync.RWMutex
	index   *Index
	byID    map[string]*watched
	byTerm  map[string][]string // term → ids
	noWords map[string]bool     // searches of filters alone
}

// watched is one saved search.
type watched struct {
	query   query.Query
	parsed  parsed
	anchors []string
}

// Watch makes an empty one, which understands searches as the index does.
func (x *Index) Watch() *Watch {
	return &Watch{index: x, byID: make(map[string]*watched), byTerm: make(map[string][]string), noWords: make(map[string]bool)}
}

// Len is the number of saved searches.
func (w *Watch) Len() int {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return len(w.byID)
}

// Set saves a search under an id, as the index understands it now.
func (w *Watch) Set(id string, q query.Query) {
	names := w.index.organNames()
	q.Understand(names.organs)
	p := parse(q.Words, w.index.vocabulary.Load())
	p.addOrgans(names.names)
	for i := range p.chunks {
		if c := &p.chunks[i]; c.latin && !c.phrase {
			p.addReading(c, c.text)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(id)
	one := &watched{query: q, parsed: p}
	w.byID[id] = one
	if len(one.parsed.chunks) == 0 {
		if q.Filtered() {
			w.noWords[id] = true
		}
		return
	}
	one.anchors = w.anchors(&one.parsed)
	for _, n := range queryNumbers(q.Words, false) { // it may be a number and nothing else
		one.anchors = append(one.anchors, markNumber+n)
	}
	for _, t := range one.anchors {
		w.byTerm[t] = append(w.byTerm[t], id)
	}
}

// anchors chooses the chunk whose terms fewest searches stand under already.
func (w *Watch) anchors(p *parsed) []string {
	var best []string
	least := -1
	for _, c := range p.chunks {
		var terms []string
		crowd := 0
		for _, mask := range append([]uint64{c.terms}, c.other...) {
			t, n := "", -1
			for left := mask; left != 0; left &= left - 1 {
				one := p.terms[bits.TrailingZeros64(left)]
				if k := len(w.byTerm[one]); n < 0 || k < n {
					t, n = one, k
				}
			}
			terms = append(terms, t)
			crowd += n
		}
		if c.long { // a sentence need not be there whole: any of its terms may be
			terms, crowd = nil, 0
			for left := c.terms; left != 0; left &= left - 1 {
				t := p.terms[bits.TrailingZeros64(left)]
				terms = append(terms, t)
				crowd += len(w.byTerm[t])
			}
		}
		if least < 0 || crowd < least {
			best, least = terms, crowd
		}
	}
	slices.Sort(best)
	return slices.Compact(best)
}

// Remove forgets a saved search.
func (w *Watch) Remove(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(id)
}

func (w *Watch) remove(id string) {
	one := w.byID[id]
	if one == nil {
		return
	}
	for _, t := range one.anchors {
		w.byTerm[t] = slices.DeleteFunc(w.byTerm[t], func(s string) bool { return s == id })
		if len(w.byTerm[t]) == 0 {
			delete(w.byTerm, t)
		}
	}
	delete(w.byID, id)
	delete(w.noWords, id)
}

// mostOf is the share of a sentence's terms that a record must have.
const mostOf = 0.7

// Matches lists the ids of the saved searches that a public record answers
// with every word, in order.
func (w *Watch) Matches(e *portal.Entry) []string {
	t := newTold(e)
	w.mu.RLock()
	defer w.mu.RUnlock()
	var out []string
	for id := range w.candidates(t) {
		if t.answers(w.byID[id]) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// candidates are the searches that a record must be compared with.
func (w *Watch) candidates(t *told) map[string]bool {
	out := maps.Clone(w.noWords)
	for term := range t.all {
		for _, id := range w.byTerm[term] {
			out[id] = true
		}
	}
	return out
}

// Compared is the number of saved searches that a record is compared with.
func (w *Watch) Compared(e *portal.Entry) int {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return len(w.candidates(newTold(e)))
}

// told is a record cut into the terms that a query may ask for.
type told struct {
	e        *portal.Entry
	head     map[string]bool
	passages []map[string]bool
	texts    []string // folded, of the passages
	all      map[string]bool
}

func newTold(e *portal.Entry) *told {
	t := &told{e: e, all: make(map[string]bool)}
	cut := func(text []byte) map[string]bool {
		set := make(map[string]bool)
		for _, term := range appendTerms(nil, text, true) {
			set[string(term)] = true
			t.all[string(term)] = true
		}
		return set
	}
	t.head = cut(fold([]byte(strings.Join(append([]string{e.Title, e.TitleEN}, e.Keywords...), "\n"))))
	for _, x := range append(readingTerms(e.Title), organTerms(e.Organs)...) {
		t.head[x], t.all[x] = true, true
	}
	for _, n := range numberTerms(e) {
		t.all[markNumber+n] = true
	}
	texts := []string{string(fold([]byte(e.Summary + "\n" + e.SummaryEN)))}
	for _, written := range e.Texts {
		for _, p := range text.Split(written) {
			texts = append(texts, string(fold([]byte(written[p.Start:p.End]))))
		}
	}
	for _, text := range texts {
		t.passages = append(t.passages, cut([]byte(text)))
	}
	t.texts = texts
	return t
}

func organTerms(codes []portal.OrganCode) []string {
	out := organCodes(codes)
	for i := range out {
		out[i] = markOrgan + out[i]
	}
	return out
}

// answers reports whether the record passes the filters of a saved search
// and has every word of it.
func (t *told) answers(w *watched) bool {
	q, e := &w.query, t.e
	if q.Kind != "" && q.Kind != e.Kind || q.Organ != "" && !slices.Contains(e.Organs, q.Organ) || q.Theme != "" && q.Theme != e.Theme ||
		q.Genre != "" && q.Genre != e.Genre || q.Item != "" && q.Item != e.Item || q.Validity != "" && q.Validity != e.Validity ||
		q.Year != 0 && strconv.Itoa(q.Year) != e.Published.String()[:4] || q.From != 0 && e.Published < q.From || q.To != 0 && e.Published > q.To {
		return false
	}
	numbers := numberTerms(e)
	has := func(text string, asked bool) bool {
		return slices.ContainsFunc(queryNumbers(text, asked), func(n string) bool { return slices.Contains(numbers, n) })
	}
	if q.Number != "" && !has(q.Number, true) {
		return false
	}
	p := &w.parsed
	for _, c := range p.without {
		if t.stands(c.text) {
			return false
		}
	}
	if has(q.Words, false) {
		return true
	}
	for i := range p.chunks {
		if !t.has(p, &p.chunks[i]) {
			return false
		}
	}
	return true
}

// stands reports whether a word stands in the title or in a passage.
func (t *told) stands(text string) bool {
	terms := queryTerms(text)
	in := func(set map[string]bool) bool {
		return !slices.ContainsFunc(terms, func(x []byte) bool { return !set[string(x)] })
	}
	return len(terms) > 0 && (in(t.head) || slices.ContainsFunc(t.passages, in))
}

// has reports whether one passage or the title answers a chunk.
func (t *told) has(p *parsed, c *chunk) bool {
	maskOf := func(set map[string]bool) (mask uint64) {
		for left := p.within(c); left != 0; left &= left - 1 {
			if i := bits.TrailingZeros64(left); set[p.terms[i]] {
				mask |= 1 << i
			}
		}
		return mask
	}
	if c.phrase && bits.OnesCount64(c.terms) > 1 {
		return strings.Contains(text.Squeeze(t.e.Title), text.Squeeze(c.text)) || strings.Contains(text.Squeeze(t.e.TitleEN), text.Squeeze(c.text)) ||
			slices.ContainsFunc(t.texts, func(text string) bool { return strings.Contains(text, c.text) })
	}
	if c.long {
		mask := maskOf(t.all)
		return float64(bits.OnesCount64(mask&c.terms)) >= mostOf*float64(bits.OnesCount64(c.terms))
	}
	head := maskOf(t.head)
	return c.has(head) || slices.ContainsFunc(t.passages, func(set map[string]bool) bool { return c.has(maskOf(set)) })
}

// within is the mask of all terms of a chunk and of what means the same.
func (p *parsed) within(c *chunk) uint64 {
	mask := c.terms
	for _, o := range c.other {
		mask |= o
	}
	return mask
}
