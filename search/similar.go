package search

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"gongkai/portal"
	"gongkai/portal/text"
)

// Bounds on looking for similar records.
const (
	similarText  = 6000 // bytes of the body that tell what a record is about
	similarTerms = 24   // of its terms, those that say most
	similarLeast = 5    // terms that another must share
)

// Similar lists up to limit public records on the same subject as one, the
// most alike first: those that share its rarest words, with a little more for
// the same theme.
func (x *Index) Similar(ctx context.Context, key portal.Key, limit int) (keys []portal.Key, err error) {
	e, err := x.source.Entry(ctx, key)
	if err != nil || e == nil {
		return nil, err
	}
	err = x.reading(ctx, func(m *matcher) error {
		keys, err = m.similar(e, limit)
		return err
	})
	return keys, err
}

func (m *matcher) similar(e *portal.Entry, limit int) ([]portal.Key, error) {
	counts := make(map[string]float64)
	add := func(text string, weight float64) {
		for _, t := range queryTerms(string(fold([]byte(text)))) {
			if utf8.RuneCount(t) > 1 {
				counts[string(t)] += weight
			}
		}
	}
	add(e.Title+"\n"+e.TitleEN+"\n"+strings.Join(e.Keywords, "\n"), 3)
	add(e.Summary, 2)
	if len(e.Texts) > 0 {
		add(e.Texts[0][:min(len(e.Texts[0]), similarText)], 1)
	}
	type term struct {
		text  string
		value float64
	}
	var terms []term
	for t, n := range counts {
		df, err := m.standing(t)
		if err != nil {
			return nil, err
		}
		if df > 1 && df < commonShare*m.live+10 {
			terms = append(terms, term{t, min(n, 6) * idf(df, m.live)})
		}
	}
	slices.SortFunc(terms, func(a, b term) int { return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.text, b.text)) })
	m.query = parsed{index: make(map[string]int)}
	for _, t := range terms[:min(similarTerms, len(terms))] {
		m.query.bit(t.text)
	}
	for i, t := range m.query.terms {
		df, err := m.count(fieldBody, t)
		if err == nil {
			m.body(t, i, df, 1)
			err = m.heads(fieldTitle, t, i)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := m.gather(); err != nil {
		return nil, err
	}
	var rows []*candidate
	for i := range m.docs {
		c := &m.docs[i]
		r, w := m.record(c.record), m.row(c.record)
		if r.key == e.Key || bits.OnesCount64(c.mask) < min(similarLeast, len(m.query.terms)) {
			continue
		}
		c.score += 3 * c.title
		c.score *= float32(bits.OnesCount64(c.mask)) * w.weight
		if r.title == text.Squeeze(e.Title) {
			c.score *= 1.5 // another edition
		}
		rows = append(rows, c)
	}
	limit = min(limit, len(rows))
	selectFirst(rows, limit, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.record, b.record))
	})
	var out []portal.Key
	for _, c := range rows[:limit] {
		out = append(out, m.record(c.record).key)
	}
	return out, nil
}
