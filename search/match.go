package search

import (
	"context"
	"errors"
	"math"

	segment "github.com/blevesearch/scorch_segment_api/v2"
)

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
