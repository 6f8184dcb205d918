package search

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"

	"gongkai/portal/query"
	"gongkai/portal/text"
)

// maxVerified is how many passages are checked against the texts, the best
// first. Far down a long list the pairs must do: a phrase whose pairs all stand
// in one passage stands there as a whole in all but few cases.
const maxVerified = 1500

// verify checks the words in quotes against the texts: the index knows that
// their pairs stand in one passage, not that they stand side by side.
func (m *matcher) verify() error {
	var phrases []int
	for i, k := range m.query.chunks {
		if k.phrase && i < 63 && (bits.OnesCount64(k.terms) > 1) {
			phrases = append(phrases, i)
		}
	}
	if len(phrases) == 0 {
		return nil
	}
	squeezed := make([]string, len(phrases))
	for i, k := range phrases {
		squeezed[i] = text.Squeeze(m.query.chunks[k].text)
	}
	has := make(map[int32]uint64) // record → phrases seen in it
	var places []int32            // passages with every pair of a phrase
	for _, g := range m.touched {
		mask := m.mask[g]
		seg, p := m.place(g)
		r := m.cols[seg].record[p]
		if m.cols[seg].source[p] == headSource { // titles are short: look at what the record says
			for i, k := range phrases {
				if m.query.chunks[k].terms&^m.tmask[r] != 0 {
					continue
				}
				if rec := m.record(r); strings.Contains(rec.title, squeezed[i]) || strings.Contains(rec.titleEN, squeezed[i]) {
					has[r] |= 1 << k
				}
			}
			continue
		}
		if slices.ContainsFunc(phrases, func(k int) bool { return m.query.chunks[k].terms&^mask == 0 }) {
			places = append(places, g)
		}
	}
	n := min(maxVerified, len(places))
	selectFirst(places, n, func(a, b int32) int { return cmp.Or(cmp.Compare(m.score[b], m.score[a]), cmp.Compare(a, b)) })
	for _, g := range places[n:] { // far down: the pairs must do
		has[m.recordAt(g)] = math.MaxUint64
	}
	hits := make([]query.Hit, 0, n)
	for _, g := range places[:n] {
		seg, p := m.place(g)
		hits = append(hits, query.Hit{Key: m.record(m.cols[seg].record[p]).key, Source: int(m.cols[seg].source[p]),
			Passage: text.Passage{Start: int(m.cols[seg].start[p]), End: int(m.cols[seg].end[p])}})
	}
	texts, err := m.index.source.Passages(m.ctx, hits)
	if err != nil {
		return err
	}
	for i, t := range texts {
		folded := ""
		for _, k := range phrases {
			phrase := m.query.chunks[k].text
			if !strings.Contains(t.Text, phrase) { // most texts need no folding
				if folded == "" {
					folded = string(fold([]byte(t.Text)))
				}
				if !strings.Contains(folded, phrase) {
					continue
				}
			}
			has[m.recordAt(places[i])] |= 1 << k
		}
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

// recordAt is the record of a passage.
func (m *matcher) recordAt(g int32) int32 {
	seg, p := m.place(g)
	return m.cols[seg].record[p]
}
