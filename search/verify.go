package search

import (
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
)

// Bounds on the checking of phrases against the texts.
const (
	maxVerified = 20000
	verifyTime  = 400 * time.Millisecond
)

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
		ts, err := m.index.source.Passages(m.ctx, hits)
		if err != nil {
			return err
		}
		for i, t := range ts {
			folded, t := "", t.Text
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
				q := portal.Squeeze(m.query.chunks[k].text)
				if rec := m.record(r); strings.Contains(rec.title, q) || strings.Contains(rec.titleEN, q) {
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
		hits = append(hits, portal.Hit{Key: m.record(r).key, Source: int(m.cols[seg].source[p]),
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
