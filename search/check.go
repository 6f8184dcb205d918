package search

import (
	"context"
	"hash/crc32"
	"slices"
	"strings"

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/portal/text"
)

// sum is a checksum over all that the index is told of a record.
func sum(e *portal.Entry) uint32 {
	h := crc32.NewIEEE()
	for _, s := range slices.Concat([]string{e.Title, e.TitleEN, e.Number, e.Index, e.Theme, e.Genre, e.Item, e.Validity, e.Published.String(), e.Summary, e.SummaryEN}, e.Keywords, organCodes(e.Organs), e.Texts) {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return h.Sum32()
}

// passages is the number of passages that an entry has in the index, its head
// counted in.
func passages(e *portal.Entry) int {
	n := 1
	for _, written := range e.Texts {
		n += len(text.Split(written))
	}
	return n
}

// Check compares every public record of the store with what the index has of
// it, and with mend indexes anew what differs. Publishing waits meanwhile to
// be found; searching goes on.
func (x *Index) Check(ctx context.Context, mend bool) (query.Drift, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var d query.Drift
	s := x.cur.Load()
	if err := x.fill(ctx, s); err != nil {
		return d, err
	}
	have, err := x.indexed(ctx)
	if err != nil {
		return d, err
	}
	for seq := uint64(0); ; {
		changes, err := x.source.ChangesAfter(ctx, seq, batchChanges)
		if err != nil {
			return d, err
		}
		if len(changes) == 0 {
			break
		}
		seq = changes[len(changes)-1].Seq
		for _, c := range changes {
			e, err := x.source.Entry(ctx, c.Key)
			if err != nil {
				return d, err
			}
			if e == nil {
				continue // if the index has it, it is left in have
			}
			d.Checked++
			is, ok := have[c.Key]
			delete(have, c.Key)
			switch {
			case !ok:
				d.Missing = append(d.Missing, c.Key)
			case is.sum != sum(e) || is.passages != passages(e):
				d.Stale = append(d.Stale, c.Key)
			}
		}
	}
	for k := range have {
		d.Extra = append(d.Extra, k)
	}
	slices.SortFunc(d.Extra, func(a, b portal.Key) int { return strings.Compare(a.String(), b.String()) })
	if !mend || !d.Any() {
		return d, nil
	}
	var again []portal.Change
	for _, k := range slices.Concat(d.Missing, d.Stale, d.Extra) {
		again = append(again, portal.Change{Key: k})
	}
	err = x.take(ctx, s, again)
	d.Mended = err == nil
	return d, err
}

// inIndex is what the index has of a record.
type inIndex struct {
	sum      uint32
	passages int
}

// indexed lists the records in the index.
func (x *Index) indexed(ctx context.Context) (map[portal.Key]inIndex, error) {
	have := make(map[portal.Key]inIndex)
	err := x.reading(ctx, func(m *matcher) error {
		for i, s := range m.snap.Segments() {
			deleted := s.Deleted()
			for p, at := range m.cols[i].passages {
				if deleted != nil && deleted.Contains(uint32(p)) {
					continue
				}
				r := m.record(at.record)
				is := have[r.key]
				is.passages++
				is.sum = r.sum
				have[r.key] = is
			}
		}
		return nil
	})
	return have, err
}
