package search

import (
	"cmp"
	"context"

	"gongkai/portal/query"
)

// recordShare is how much of what its record is worth a passage gets.
const recordShare = 0.5

// Passages finds the best passages, several of one record if need be, where
// Find shows one for each record. Only records that pass the filters of the
// query have a say.
func (x *Index) Passages(ctx context.Context, q query.Query, limit int) (hits []query.Hit, err error) {
	q.Understand(x.organNames().organs)
	err = x.reading(ctx, func(m *matcher) error {
		hits, err = m.passagesOf(q, limit)
		return err
	})
	return hits, err
}

func (m *matcher) passagesOf(q query.Query, limit int) ([]query.Hit, error) {
	m.keep = true
	if _, _, err := m.once(q); err != nil {
		return nil, err
	}
	type row struct {
		at    int32
		score float32
		c     *candidate
	}
	var rows []row
	for _, k := range m.kept {
		c := &m.docs[k.doc]
		if k.mask == 0 || c.out || m.at(k.at).source == headSource {
			continue
		}
		part := 1 - coverage + coverage*m.query.covered(k.mask|m.common|c.tmask)
		force := 1 + (m.row(c.record).rank-1)*m.portion // of the law it stands in
		rows = append(rows, row{k.at, k.score*part*force + recordShare*(c.score-c.passage), c})
	}
	limit = min(limit, len(rows))
	selectFirst(rows, limit, func(a, b row) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.at, b.at)) })
	var out []query.Hit
	for _, r := range rows[:limit] {
		c := *r.c
		c.best, c.score = r.at, r.score
		out = append(out, m.hit(&c))
	}
	return out, nil
}
