package search

import (
	"math/bits"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// strand is one term of a query with what it does to the passages that have it.
type strand struct {
	does        deed
	field, term string
	begins      bool // any term that begins so
	bit         uint64
	flag        uint8
	weight      float32
	tf, before  float32 // of a repeat: the frequency, and the one that was counted before
	only        []*roaring.Bitmap
}

type deed uint8

const (
	scoresBody       deed = iota
	scoresRepeat          // a passage that has the term already has it more often
	scoresTitle           // of heads
	countsBeginnings      // one character, in every term that begins with it
	flagsNumber           // of heads
	provesPhrase
)

// windowSize is how many passages are scored at a time: what they gather stays in
// the processor's nearest memory.
const windowSize = 4096

// window is what the passages of a window have gathered.
type window struct {
	score [windowSize]float32
	mask  [windowSize]uint64
	title [windowSize]float32
	tmask [windowSize]uint64
	any   [windowSize / 64]uint64 // passages that have something
}

// part is a strand in one segment.
type part struct {
	*strand
	it     roaring.ManyIntIterable
	left   []uint32 // read but not used
	buf    []uint32
	counts []uint8 // of countsBeginnings, by passage: read in full, and paid for, when it was opened
}

const partBuffer = 512

// more reads on; false at the end.
func (p *part) more() bool {
	if len(p.left) == 0 {
		p.left = p.buf[:p.it.NextMany(p.buf)]
	}
	return len(p.left) > 0
}

// gather makes candidates of the records that have a term. It goes through the
// passages in their order, a window at a time; a record's passages stand side by
// side, so each record is met once. Past the budget it stops.
func (m *matcher) gather() error {
	one := len(m.query.chunks) == 1 && bits.OnesCount64(m.query.wanted()) <= 1
	for seg := range m.cols {
		if err := m.open(seg); err != nil {
			return err
		}
		for {
			if m.left <= 0 { // what has been read is still answered with
				m.parts = slices.DeleteFunc(m.parts, func(p part) bool { return p.counts == nil })
			}
			start := uint32(1<<32 - 1)
			for i := range m.parts {
				if m.parts[i].more() {
					start = min(start, m.parts[i].left[0])
				}
			}
			if start == 1<<32-1 {
				break
			}
			start -= start % windowSize
			for i := range m.parts {
				m.fill(seg, &m.parts[i], start)
			}
			m.group(seg, start, one)
			if err := m.inTime(); err != nil {
				return err
			}
		}
	}
	return nil
}

// open finds the strands of a segment.
func (m *matcher) open(seg int) error {
	m.parts = m.parts[:0]
	for i := range m.strands {
		s := &m.strands[i]
		var bm *roaring.Bitmap
		var counts []uint8
		var err error
		switch {
		case s.only != nil:
			bm = s.only[seg]
		case s.does == countsBeginnings:
			bm, counts, err = m.countBeginnings(seg, s.term)
		case s.begins:
			bm, err = m.beginning(seg, s.field, s.term)
		default:
			bm, err = m.bitmap(seg, s.field, s.term)
		}
		if err != nil {
			return err
		}
		if bm.IsEmpty() {
			continue
		}
		if m.gate != nil && s.does != flagsNumber {
			if bm = roaring.And(bm, m.gate[seg]); bm.IsEmpty() {
				continue
			}
		}
		n := len(m.parts)
		if n == len(m.bufs) {
			m.bufs = append(m.bufs, make([]uint32, partBuffer))
		}
		m.parts = append(m.parts, part{strand: s, it: bm.ManyIterator(), buf: m.bufs[n], counts: counts})
	}
	return nil
}

// countBeginnings counts for each passage how many of its terms begin with a
// character, and returns those that have one.
func (m *matcher) countBeginnings(seg int, begin string) (*roaring.Bitmap, []uint8, error) {
	terms, err := m.endingsIn(seg, fieldBody, begin, maxPrefixes)
	if err != nil {
		return nil, nil, err
	}
	all, counts := roaring.New(), make([]uint8, len(m.cols[seg].passages))
	for _, t := range terms {
		list, err := m.list(seg, fieldBody, t)
		if err == nil {
			err = m.drain(seg, list, func(_ int, at []uint32) {
				for _, p := range at {
					counts[p] = min(counts[p]+1, 200)
				}
				all.AddMany(at)
			})
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return all, counts, nil
}

// fill lets a strand do its work in the window that begins at start.
func (m *matcher) fill(seg int, p *part, start uint32) {
	w, passages, end := &m.window, m.cols[seg].passages, start+windowSize
	for p.more() && p.left[0] < end {
		n := len(p.left)
		if p.left[n-1] >= end {
			n = 0
			for p.left[n] < end {
				n++
			}
		}
		at := p.left[:n]
		p.left = p.left[n:]
		if p.counts == nil {
			m.left -= n
		}
		switch p.does {
		case scoresBody:
			for _, g := range at {
				i := (g - start) % windowSize
				w.any[i/64] |= 1 << (i % 64)
				w.score[i] += p.weight / (1 + passages[g].norm())
				w.mask[i] |= p.bit
			}
		case scoresRepeat:
			for _, g := range at {
				if i := (g - start) % windowSize; w.mask[i]&p.bit != 0 {
					norm := passages[g].norm()
					w.score[i] += p.weight * (p.tf/(p.tf+norm) - p.before/(p.before+norm))
				}
			}
		case scoresTitle:
			for _, g := range at {
				i := (g - start) % windowSize
				w.any[i/64] |= 1 << (i % 64)
				w.title[i] += p.weight
				w.tmask[i] |= p.bit
			}
		case countsBeginnings:
			for _, g := range at {
				i := (g - start) % windowSize
				w.any[i/64] |= 1 << (i % 64)
				w.score[i] = min(w.score[i]+0.5*float32(p.counts[g]), 3)
				w.mask[i] |= p.bit
			}
		case flagsNumber:
			for _, g := range at {
				i := (g - start) % windowSize
				w.any[i/64] |= 1 << (i % 64)
				m.flag(passages[g].record, p.flag)
			}
		case provesPhrase:
			for _, g := range at {
				i := (g - start) % windowSize
				w.any[i/64] |= 1 << (i % 64)
				if passages[g].source == headSource {
					w.tmask[i] |= p.bit
				} else {
					w.mask[i] |= p.bit
				}
			}
		}
	}
}

// group gathers the passages of a window by their records, and empties it.
func (m *matcher) group(seg int, start uint32, one bool) {
	w, passages, base := &m.window, m.cols[seg].passages, m.base[seg]
	for word, left := range w.any {
		w.any[word] = 0
		for ; left != 0; left &= left - 1 {
			i := word*64 + bits.TrailingZeros64(left)
			p := &passages[int(start)+i]
			g := base + int32(start) + int32(i)
			mask, score, title, tmask := w.mask[i], w.score[i], w.title[i], w.tmask[i]
			w.mask[i], w.score[i], w.title[i], w.tmask[i] = 0, 0, 0, 0
			m.touched++
			n := len(m.docs)
			if n == 0 || m.docs[n-1].record != p.record {
				m.docs = append(m.docs, candidate{record: p.record, best: -1})
				n++
			}
			c := &m.docs[n-1]
			if m.keep {
				m.kept = append(m.kept, kept{g, score, mask, int32(n - 1)})
			}
			if p.source == headSource {
				c.found = m.flagsOf(p.record)&(hasNumber|hasAsked) != 0
				c.title, c.tmask = title, tmask
				c.mask |= tmask
				if tmask|mask != 0 {
					m.whole(c, tmask|mask|m.common)
				}
			} else if mask != 0 {
				c.matches++
			}
			if mask == 0 {
				continue
			}
			had := mask
			mask |= m.common
			c.mask |= mask
			if m.whole(c, mask) && !one {
				score *= together
			}
			if score > c.score || c.best < 0 {
				c.score, c.passage, c.best, c.bmask = score, score, g, had
			}
		}
	}
}
