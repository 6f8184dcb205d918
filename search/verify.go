package search

import (
	"math/bits"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"gongkai/portal/query"
	"gongkai/portal/text"
)

// maxVerified is how many passages are checked against the texts for one phrase.
// Of a phrase whose pairs stand together in more passages than that, the pairs
// must do for the rest: it stands there as a whole in all but few cases.
const maxVerified = 5000

// prove finds where the words in quotes stand side by side: the index knows only
// which passages have all their pairs. Those are few, for the rarest pair decides,
// and are looked up in the texts. A query of one phrase and nothing else looks at
// no other passage.
func (m *matcher) prove() error {
	m.gate = nil
	for i := range m.query.chunks {
		c := &m.query.chunks[i]
		if !c.phrase || bits.OnesCount64(c.terms) < 2 {
			continue
		}
		bit := m.query.bit(markPhrase + c.text)
		if bit == 0 {
			continue // too long a query: the pairs must do
		}
		only := make([]*roaring.Bitmap, len(m.cols))
		left := maxVerified
		for seg := range m.cols {
			var err error
			if only[seg], err = m.standsIn(seg, c.text, &left); err != nil {
				return err
			}
		}
		c.proof = bit
		m.strands = append(m.strands, strand{does: provesPhrase, only: only, bit: bit})
		if len(m.query.chunks) == 1 {
			m.gate = only
		}
	}
	return nil
}

// standsIn is the set of a segment's passages, and heads by their titles, in which
// a phrase stands.
func (m *matcher) standsIn(seg int, phrase string, left *int) (*roaring.Bitmap, error) {
	terms := queryTerms(phrase)
	out := roaring.New()
	titles, err := m.having(seg, fieldTitle, terms)
	if err != nil {
		return nil, err
	}
	squeezed := text.Squeeze(phrase)
	for it := titles.Iterator(); it.HasNext(); {
		p := it.Next()
		if r := m.record(m.cols[seg].passages[p].record); strings.Contains(r.title, squeezed) || strings.Contains(r.titleEN, squeezed) {
			out.Add(p)
		}
	}
	places, err := m.having(seg, fieldBody, terms)
	if err != nil {
		return nil, err
	}
	var hits []query.Hit
	var at []uint32
	for it := places.Iterator(); it.HasNext(); {
		n := it.Next()
		p := &m.cols[seg].passages[n]
		if p.source == headSource { // a summary; its title has been looked at
			continue
		}
		if *left--; *left < 0 {
			out.Add(n)
			continue
		}
		at = append(at, n)
		hits = append(hits, m.hitAt(p))
	}
	texts, err := m.index.source.Passages(m.ctx, hits)
	if err != nil {
		return nil, err
	}
	for i, t := range texts { // most need no folding
		if strings.Contains(t.Text, phrase) || strings.Contains(string(fold([]byte(t.Text))), phrase) {
			out.Add(at[i])
		}
	}
	return out, nil
}
