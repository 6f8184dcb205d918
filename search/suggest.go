package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"gongkai/portal"
	"gongkai/portal/text"
)

// Bounds on type-ahead, which runs at each key.
const (
	maxTyped   = 40   // characters
	maxLooked  = 4000 // titles looked at
	maxEndings = 200  // words that begin with a few letters
)

// Suggest completes what is being typed to titles: of Chinese, of English,
// and of what is typed as it is read, in full or by first letters. The best
// come first: titles that begin so, then documents before what is written
// from a form, then the shorter, then the newer.
func (x *Index) Suggest(ctx context.Context, typed string, limit int) (keys []portal.Key, err error) {
	words := strings.Fields(text.Fold(typed))
	if len(words) == 0 || len(words) > 8 || utf8.RuneCountInString(typed) > maxTyped {
		return nil, nil
	}
	for i, w := range words {
		words[i] = text.Squeeze(w)
	}
	err = x.reading(ctx, func(m *matcher) error {
		keys, err = m.suggest(words, limit)
		return err
	})
	return keys, err
}

// lookup is a field with terms of which any will do.
type lookup struct {
	field string
	terms []string
}

// suggest looks at the titles that have the rarest of the words.
func (m *matcher) suggest(words []string, limit int) ([]portal.Key, error) {
	var best []lookup
	fewest := -1.0
	for _, w := range words {
		ls, err := m.lookups(w)
		if err != nil {
			return nil, err
		}
		n := 0.0
		for _, l := range ls {
			for _, t := range l.terms {
				k, err := m.count(l.field, t)
				if err != nil {
					return nil, err
				}
				n += k
			}
		}
		if n == 0 {
			return nil, nil
		}
		if fewest < 0 || n < fewest {
			best, fewest = ls, n
		}
	}
	type title struct { // without pointers: there may be thousands
		record, published int32
		length            int32
		weight            float32
		begin, past       bool
	}
	var found []title
	seen, looked := make([]uint64, m.records/64+1), 0 // one bit a record
	for _, l := range best {
		for _, t := range l.terms {
			err := m.each(l.field, t, func(seg int, at []uint32) {
				for _, p := range at {
					n := m.cols[seg].passages[p].record
					if seen[n/64]&(1<<(n%64)) != 0 || looked >= maxLooked {
						continue
					}
					seen[n/64] |= 1 << (n % 64)
					looked++
					r := m.record(n)
					if !slices.ContainsFunc(words, func(w string) bool { return !r.called(w) }) {
						w := m.row(n)
						found = append(found, title{n, w.published, int32(len(r.title)), w.weight, strings.HasPrefix(r.title, words[0]) || strings.HasPrefix(r.titleEN, words[0]), w.past})
					}
				}
				if looked >= maxLooked {
					m.left = 0
				}
			})
			if err != nil {
				return nil, err
			}
		}
	}
	selectFirst(found, min(limit, len(found)), func(a, b title) int {
		if a.begin != b.begin {
			return map[bool]int{true: -1, false: 1}[a.begin]
		}
		if a.past != b.past {
			return map[bool]int{true: 1, false: -1}[a.past]
		}
		if c := cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.length, b.length), cmp.Compare(b.published, a.published)); c != 0 {
			return c
		}
		return cmp.Compare(m.record(b.record).key.ID, m.record(a.record).key.ID)
	})
	var out []portal.Key
	for _, f := range found[:min(limit, len(found))] {
		out = append(out, m.record(f.record).key)
	}
	return out, nil
}

// called reports whether a record's title has a squeezed word, or is read so.
func (r *record) called(word string) bool {
	return strings.Contains(r.title, word) || strings.Contains(r.titleEN, word) || latinOnly(word) && len(word) > 1 && readAs(r.title, word)
}

// lookups are where the titles with a word can be found.
func (m *matcher) lookups(word string) ([]lookup, error) {
	if !latinOnly(word) {
		if utf8.RuneCountInString(word) == 1 && hanOnly(word) {
			terms, err := m.endings(fieldTitle, word)
			return []lookup{{fieldTitle, terms}}, err
		}
		var rarest string
		fewest := -1.0
		for _, t := range queryTerms(word) {
			n, err := m.count(fieldTitle, string(t))
			if err != nil {
				return nil, err
			}
			if fewest < 0 || n < fewest {
				rarest, fewest = string(t), n
			}
		}
		return []lookup{{fieldTitle, []string{rarest}}}, nil
	}
	english, err := m.endings(fieldTitle, word[:min(len(word), 5)])
	if err != nil || len(word) < 2 {
		return []lookup{{fieldTitle, english}}, err
	}
	out := []lookup{{fieldTitle, english}}
	// In full: the longest beginning that is whole syllables.
	for n := len(word); n >= 2; n-- {
		if paths := spelt(word[:n]); len(paths) > 0 && len(paths[0]) > 1 {
			out = append(out, lookup{fieldReading, []string{markReading + paths[0][0] + " " + paths[0][1]}})
			break
		} else if len(paths) > 0 { // one syllable and the beginning of another
			terms, err := m.endings(fieldReading, markReading+paths[0][0]+" "+word[n:])
			if err != nil {
				return nil, err
			}
			out = append(out, lookup{fieldReading, terms})
			break
		}
	}
	initials, err := m.endings(fieldReading, markReading+word[:min(len(word), 3)])
	for _, t := range initials {
		if len(t) == 4 { // the mark and three letters
			out = append(out, lookup{fieldReading, []string{t}})
		}
	}
	return out, err
}

// endings are the terms of a field that begin with a few letters.
func (m *matcher) endings(field, begin string) ([]string, error) {
	var out []string
	for seg := range m.cols {
		terms, err := m.endingsIn(seg, field, begin, maxEndings)
		if err != nil {
			return nil, err
		}
		out = append(out, terms...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// endingsIn are those of one segment, up to limit.
func (m *matcher) endingsIn(seg int, field, begin string, limit int) ([]string, error) {
	dict, err := m.dict(seg, field)
	if err != nil {
		return nil, err
	}
	var out []string
	it := dict.AutomatonIterator(nil, []byte(begin), []byte(begin+"\xff"))
	for len(out) < limit {
		e, err := it.Next()
		if err != nil || e == nil {
			return out, err
		}
		out = append(out, e.Term)
	}
	return out, nil
}
