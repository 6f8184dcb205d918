package search

import (
	"math/bits"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/blevesearch/vellum/levenshtein"

	"gongkai/portal/query"
	"gongkai/portal/text"
)

// Bounds on the correction of a query.
const (
	maxCorrected = 20  // characters of a word that is corrected
	maxWords     = 4   // words of a query that is corrected
	maxTrials    = 800 // spellings that are looked up
	fewStanding  = 3   // passages; a word that stands in more is spelt as it should be
	rareSpelling = 20  // a spelling must be so much commoner to be offered for one that is there
)

// correct returns the query with words that stand nowhere replaced by words
// of the texts that are written or read nearly like them; "" if there are
// none. With strict hits it offers only what is far commoner.
func (m *matcher) correct(words string, strict int) (string, error) {
	folded := string(fold([]byte(words)))
	out := folded
	if len(m.query.chunks) > maxWords || bits.OnesCount64(m.query.wanted()) > maxCorrected {
		return "", nil // a sentence: its other words will do
	}
	for _, c := range m.query.chunks {
		if c.phrase || c.prefix || utf8.RuneCountInString(c.text) > maxCorrected || bits.OnesCount64(c.terms) == 0 {
			continue
		}
		if len(c.other) > 0 && strict > 0 {
			continue // found by another name
		}
		var better string
		var err error
		switch {
		case hanOnly(c.text):
			better, err = m.correctHan(c.text)
		case c.latin && latinOnly(c.text) && len(c.text) >= 4:
			better, err = m.correctLatin(c.text)
		}
		if err != nil {
			return "", err
		}
		if better != "" {
			out = strings.Replace(out, c.text, better, 1)
		}
	}
	if out == folded {
		return "", nil
	}
	return out, nil
}

// pairs is the smallest number of passages or titles that any pair of
// neighbouring characters of a word, from one place to another, stands in: 0
// for a word that is nowhere.
func (m *matcher) pairs(word []rune, from, to int) (float64, error) {
	least := -1.0
	for i := max(0, from); i < to && i+1 < len(word); i++ {
		n, err := m.standing(string(word[i : i+2]))
		if err != nil {
			return 0, err
		}
		if least < 0 || n < least {
			least = n
		}
		if least == 0 {
			break
		}
	}
	return max(0, least), nil
}

// standing is the number of passages and titles with a term.
func (m *matcher) standing(term string) (float64, error) {
	n, err := m.count(fieldBody, term)
	if err != nil {
		return 0, err
	}
	t, err := m.count(fieldTitle, term)
	return n + t, err
}

// correctHan tries other characters that are read alike in the places that
// break the word (登计 → 登记), two characters exchanged, and one left out.
func (m *matcher) correctHan(text string) (string, error) {
	word := []rune(text)
	now, err := m.pairs(word, 0, len(word))
	if err != nil {
		return "", err
	}
	if now > fewStanding {
		return "", nil
	}
	broken := make([]bool, len(word))
	for i := 0; i+1 < len(word); i++ {
		n, err := m.standing(string(word[i : i+2]))
		if err != nil {
			return "", err
		}
		if n <= now {
			broken[i], broken[i+1] = true, true
		}
	}
	best, most, trials := "", max(now*rareSpelling, 0), 0
	// A spelling differs from the word in the pairs from one place to
	// another only; those are looked up first.
	try := func(w []rune, from, to int) error {
		if trials++; trials > maxTrials {
			return nil
		}
		n, err := m.pairs(w, from, to)
		if err != nil || n <= most {
			return err
		}
		n, err = m.pairs(w, 0, len(w))
		if err == nil && n > most {
			best, most = string(w), n
		}
		return err
	}
	for i := range word {
		if !broken[i] {
			continue
		}
		for _, r := range readAlike(word[i]) {
			w := slices.Clone(word)
			w[i] = r
			if err := try(w, i-1, i+1); err != nil {
				return "", err
			}
		}
	}
	if best != "" {
		return best, nil
	}
	for i := range word {
		if i+1 < len(word) && (broken[i] || broken[i+1]) {
			w := slices.Clone(word)
			w[i], w[i+1] = w[i+1], w[i]
			if err := try(w, i-1, i+2); err != nil {
				return "", err
			}
		}
		if broken[i] && len(word) > 3 {
			if err := try(slices.Delete(slices.Clone(word), i, i+1), i-1, i); err != nil {
				return "", err
			}
		}
	}
	return best, nil
}

// readAlike are the characters that are read like one, or nearly: zh like z,
// -ng like -n, l like n.
func readAlike(r rune) []rune {
	var out []rune
	for _, s := range readings(r) {
		for _, x := range byReading()[blurred(s)] {
			if x != r && !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	return out
}

// blurred brings syllables together that people confuse.
func blurred(s string) string {
	for _, p := range []string{"zh", "ch", "sh"} {
		if strings.HasPrefix(s, p) {
			s = p[:1] + s[2:]
		}
	}
	if strings.HasPrefix(s, "n") {
		s = "l" + s[1:]
	}
	return strings.TrimSuffix(s, "g")
}

var byReading = sync.OnceValue(func() map[string][]rune {
	out := make(map[string][]rune, 400)
	for i, rs := range allReadings() {
		r := rune(i + firstRead)
		if text.Fold(string(r)) != string(r) {
			continue // a traditional form
		}
		for _, s := range rs {
			out[blurred(s)] = append(out[blurred(s)], r)
		}
	}
	return out
})

var editDistance = sync.OnceValue(func() *levenshtein.LevenshteinAutomatonBuilder {
	b, err := levenshtein.NewLevenshteinAutomatonBuilder(2, true)
	if err != nil {
		panic(err) // the distance is a constant
	}
	return b
})

// correctLatin looks for the commonest word of the texts that differs by one
// letter, or by two in a long word, and begins alike if it can.
func (m *matcher) correctLatin(text string) (string, error) {
	stemmed := string(stem([]byte(text)))
	now, err := m.standing(stemmed)
	if err != nil || now > fewStanding {
		return "", err
	}
	// A slip in the ending hides the stem: it is a beginning of the word.
	begins, most := "", now*rareSpelling
	for n := len(text) - 1; n >= max(5, len(text)-5); n-- {
		k, err := m.standing(text[:n])
		if err != nil {
			return "", err
		}
		if k > most {
			begins, most = text[:n], k
		}
	}
	if begins != "" {
		return m.surface(begins)
	}
	distances := []uint8{1}
	if len(text) >= 6 {
		distances = append(distances, 2)
	}
	for _, d := range distances {
		counts := make(map[string]float64)
		automaton, err := editDistance().BuildDfa(stemmed, d)
		if err != nil {
			return "", nil // too long a word for one
		}
		for _, field := range []string{fieldTitle, fieldBody} {
			for seg := range m.cols {
				dict, err := m.dict(seg, field)
				if err != nil {
					return "", err
				}
				it := dict.AutomatonIterator(automaton, nil, nil)
				for n := 0; n < maxTrials; n++ {
					e, err := it.Next()
					if err != nil {
						return "", err
					}
					if e == nil {
						break
					}
					if t := e.Term; t != stemmed && latinOnly(t) && len(t) > 2 {
						counts[t] += float64(e.Count)
						if t[0] == stemmed[0] {
							counts[t] += float64(e.Count) * 9
						}
					}
				}
			}
		}
		best := ""
		for t, n := range counts {
			if n > now*rareSpelling && (best == "" || n > counts[best] || n == counts[best] && t < best) {
				best = t
			}
		}
		if best != "" {
			return m.surface(best)
		}
	}
	return "", nil
}

// surface finds a word as the texts write it for a stem.
func (m *matcher) surface(stemmed string) (string, error) {
	for _, field := range []string{fieldBody, fieldTitle} {
		for seg := range m.cols {
			bm, err := m.bitmap(seg, field, stemmed)
			if err != nil {
				return "", err
			}
			if bm.IsEmpty() {
				continue
			}
			p := bm.Minimum()
			at := &m.cols[seg].passages[p]
			key := m.record(at.record).key
			written := ""
			if at.source == headSource {
				e, err := m.index.source.Entry(m.ctx, key)
				if err != nil {
					return "", err
				}
				if e != nil {
					written = e.Title + " " + e.TitleEN + " " + strings.Join(e.Keywords, " ") + " " + e.Summary + " " + e.SummaryEN
				}
			} else {
				ts, err := m.index.source.Passages(m.ctx, []query.Hit{m.hitAt(at)})
				if err != nil {
					return "", err
				}
				written = ts[0].Text
			}
			found := ""
			runs(fold([]byte(written)), func(run []byte, han bool) {
				if !han && found == "" && string(stem(run)) == stemmed {
					found = string(run)
				}
			})
			if found != "" {
				return found, nil
			}
		}
	}
	return stemmed, nil
}
