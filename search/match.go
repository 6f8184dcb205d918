package search

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"unicode/utf8"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"gongkai/portal/query"
)

// Frequencies are not kept with the postings. A term that stands more than
// once in a passage is there again with a mark, so that BM25 still knows once
// from twice from often, for a fifth of the room.
const (
	twice = "\x02" // two times or more
	often = "\x03" // three times or more
)

// repeats are the marks with the frequency that each stands for, and the one
// that a passage counted for without it.
var repeats = []struct {
	mark       string
	tf, before float32
}{{twice, 2, 1}, {often, 3.3, 2}}

// weight is what a term of the passages counts for by why it is asked.
func (p *parsed) weight(i int) float32 {
	switch {
	case p.article&(1<<i) != 0:
		return articleWeight
	case p.wanted()&(1<<i) == 0:
		return sameWeight
	}
	return 1
}

// match adds up the scores of all passages and titles that have a term.
func (m *matcher) match(q query.Query) error {
	single := uint64(0)
	for _, c := range m.query.chunks {
		if c.prefix {
			single |= c.terms
		}
	}
	dfs, err := m.counts()
	if err != nil {
		return err
	}
	if dfs, err = m.addReadings(dfs); err != nil {
		return err
	}
	m.common = commonTerms(dfs, m.live) &^ single
	if err := m.prove(); err != nil {
		return err
	}
	for i, t := range m.query.terms {
		switch {
		case t[0] == markPhrase[0]: // by prove
			continue
		case t[0] == markReading[0]:
			err = m.heads(fieldReading, t, i)
		case t[0] == markOrgan[0]:
			err = m.heads(fieldOrgan, t[1:], i)
		case single&(1<<i) != 0:
			m.strands = append(m.strands, strand{does: countsBeginnings, term: t, bit: 1 << i}, strand{does: scoresTitle, field: fieldTitle, term: t, begins: true, bit: 1 << i, weight: oneInTitle})
		case m.common&(1<<i) == 0:
			m.body(t, i, dfs[i], m.query.weight(i))
		}
		if err == nil && single&(1<<i) == 0 {
			err = m.heads(fieldTitle, t, i)
		}
		if err != nil {
			return err
		}
	}
	for _, n := range []struct {
		text string
		flag uint8
	}{{q.Words, hasNumber}, {q.Number, hasAsked}} {
		for _, t := range queryNumbers(n.text, n.flag == hasAsked) {
			m.strands = append(m.strands, strand{does: flagsNumber, field: fieldNumber, term: t, flag: n.flag})
		}
	}
	return m.exclude()
}

// counts is the number of passages that each term stands in.
func (m *matcher) counts() ([]float64, error) {
	dfs := make([]float64, len(m.query.terms))
	for i, t := range m.query.terms {
		var err error
		if dfs[i], err = m.count(fieldBody, t); err != nil {
			return nil, err
		}
	}
	return dfs, nil
}

// addReadings lets a Latin word that stands nowhere ask for titles that are
// read like it.
func (m *matcher) addReadings(dfs []float64) ([]float64, error) {
	p := &m.query
	joined := "" // neighbouring words that stand nowhere: "zheng fu gong bao"
	var missing []int
	for i := range p.chunks {
		c := &p.chunks[i]
		if !c.latin || c.phrase || !latinOnly(c.text) || bits.OnesCount64(c.terms) != 1 {
			continue
		}
		at := bits.TrailingZeros64(c.terms)
		inTitles, err := m.count(fieldTitle, p.terms[at])
		if err != nil {
			return nil, err
		}
		if dfs[at]+inTitles == 0 {
			joined += c.text
			missing = append(missing, i)
		}
	}
	for _, i := range missing {
		c := &p.chunks[i]
		words := []string{c.text}
		if joined != c.text {
			words = append(words, joined)
		}
		for _, w := range words {
			p.addReading(c, w)
		}
	}
	for len(dfs) < len(p.terms) {
		dfs = append(dfs, 0)
	}
	return dfs, nil
}

// addReading lets a chunk be answered by titles that are read like a word.
func (p *parsed) addReading(c *chunk, word string) {
	for _, terms := range readingQueries(word) {
		mask := uint64(0)
		for _, t := range terms {
			mask |= p.bit(t)
		}
		if mask != 0 {
			c.other = append(c.other, mask)
		}
	}
}

// exclude marks the records that have a word after a minus.
func (m *matcher) exclude() error {
	for _, c := range m.query.without {
		terms := queryTerms(c.text)
		for seg := range m.cols {
			for _, field := range []string{fieldBody, fieldTitle} {
				if utf8.RuneCountInString(c.text) == 1 && hanOnly(c.text) && field == fieldBody {
					continue // one character: its title decides
				}
				all, err := m.having(seg, field, terms)
				if err != nil {
					return err
				}
				for it := all.Iterator(); it.HasNext(); {
					m.flag(m.cols[seg].passages[it.Next()].record, isOut)
				}
			}
		}
	}
	return nil
}

// having is the set of a segment's passages that have all the terms. A single
// Chinese character is looked for at the beginning of terms.
func (m *matcher) having(seg int, field string, terms [][]byte) (*roaring.Bitmap, error) {
	var all *roaring.Bitmap
	for _, t := range terms {
		look := m.bitmap
		if utf8.RuneCount(t) == 1 && hanOnly(string(t)) {
			look = m.beginning
		}
		bm, err := look(seg, field, string(t))
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = bm.Clone()
		} else {
			all.And(bm)
		}
	}
	if all == nil {
		all = roaring.New()
	}
	return all, nil
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

// dict is a segment's dictionary of a field.
func (m *matcher) dict(seg int, field string) (segment.TermDictionary, error) {
	k := dictKey{seg, field}
	if d, ok := m.dicts[k]; ok {
		return d, nil
	}
	d, err := m.snap.Segments()[seg].Segment().Dictionary(field)
	if err == nil {
		m.dicts[k] = d
	}
	return d, err
}

func (m *matcher) list(seg int, field, term string) (segment.PostingsList, error) {
	d, err := m.dict(seg, field)
	if err != nil {
		return nil, err
	}
	return d.PostingsList([]byte(term), m.snap.Segments()[seg].Deleted(), nil)
}

// bitmap is the set of a segment's live passages that have a term. It may be
// the index's own and is not to be changed.
func (m *matcher) bitmap(seg int, field, term string) (*roaring.Bitmap, error) {
	list, err := m.list(seg, field, term)
	if err != nil {
		return nil, err
	}
	return bitmapOf(list)
}

func bitmapOf(list segment.PostingsList) (*roaring.Bitmap, error) {
	switch it := list.Iterator(false, false, false, nil).(type) {
	case segment.OptimizablePostingsIterator:
		if bm := it.ActualBitmap(); bm != nil {
			return bm, nil
		}
		if n, ok := it.DocNum1Hit(); ok {
			return roaring.BitmapOf(uint32(n)), nil
		}
		return roaring.New(), nil
	default: // another format of segments
		bm := roaring.New()
		for {
			p, err := it.Next()
			if err != nil || p == nil {
				return bm, err
			}
			bm.Add(uint32(p.Number()))
		}
	}
}

// each calls f with the live passages of a term, some hundred at a time.
func (m *matcher) each(field, term string, f func(seg int, at []uint32)) error {
	for i := range m.cols {
		list, err := m.list(i, field, term)
		if err != nil {
			return err
		}
		if err := m.drain(i, list, f); err != nil {
			return err
		}
	}
	return nil
}

func (m *matcher) drain(seg int, list segment.PostingsList, f func(int, []uint32)) error {
	if list.Count() == 0 {
		return nil
	}
	bm, err := bitmapOf(list)
	if err != nil {
		return err
	}
	it := bm.ManyIterator()
	for m.left > 0 {
		n := it.NextMany(m.buf[:])
		if n == 0 {
			return nil
		}
		m.left -= n
		if err := m.inTime(); err != nil {
			return err
		}
		f(seg, m.buf[:n])
	}
	return nil
}

// inTime ends the reading of a search that is out of time, which answers with what it has,
// and returns the error of one that nobody waits for.
func (m *matcher) inTime() error {
	err := m.ctx.Err()
	if errors.Is(err, context.DeadlineExceeded) {
		m.left = 0
		return nil
	}
	return err
}

// count is the number of passages a term stands in, over all segments.
func (m *matcher) count(field, term string) (float64, error) {
	n := uint64(0)
	for i := range m.cols {
		list, err := m.list(i, field, term)
		if err != nil {
			return 0, err
		}
		n += list.Count()
	}
	return float64(n), nil
}

func idf(df, n float64) float64 { return math.Log(1 + (n-df+0.5)/(df+0.5)) }

// body scores a term in the passages by BM25, times share.
func (m *matcher) body(term string, i int, df float64, share float32) {
	if df == 0 {
		return
	}
	weight := share * float32(idf(df, m.live)*(k1+1))
	m.strands = append(m.strands, strand{does: scoresBody, field: fieldBody, term: term, bit: 1 << i, weight: weight})
	for _, more := range repeats {
		m.strands = append(m.strands, strand{does: scoresRepeat, field: fieldBody, term: term + more.mark, bit: 1 << i, weight: weight, tf: more.tf, before: more.before})
	}
}

// heads scores a term in the titles, in their readings, or in the codes of
// organs.
func (m *matcher) heads(field, term string, i int) error {
	df, err := m.count(field, term)
	if err != nil || df == 0 {
		return err
	}
	weight := float32(titleWeight * idf(df, float64(m.records)))
	m.strands = append(m.strands, strand{does: scoresTitle, field: field, term: term, bit: 1 << i, weight: weight})
	return nil
}

// beginning is the set of a segment's passages with a term that begins so.
func (m *matcher) beginning(seg int, field, begin string) (*roaring.Bitmap, error) {
	terms, err := m.endingsIn(seg, field, begin, maxPrefixes)
	if err != nil {
		return nil, err
	}
	all := roaring.New()
	for _, t := range terms {
		bm, err := m.bitmap(seg, field, t)
		if err != nil {
			return nil, err
		}
		all.Or(bm)
	}
	return all, nil
}
