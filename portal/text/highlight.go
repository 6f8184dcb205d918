package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Span is a piece of a text; Hit says that it is a word that was searched.
type Span struct {
	Text string
	Hit  bool
}

// Mark cuts a text into spans at the places where folded words stand in it.
// Put together the spans are the text again. A Latin word is marked only
// where a word begins.
func Mark(text string, words []string) []Span {
	if len(words) == 0 {
		return []Span{{Text: text}}
	}
	// Fold character by character, keeping where each came from.
	folded := make([]rune, 0, len(text))
	at := make([]int, 0, len(text)+1)
	eachFolded(text, func(start, _ int, rs []rune) {
		for _, r := range rs {
			folded, at = append(folded, r), append(at, start)
		}
	})
	at = append(at, len(text))
	byFirst := make(map[rune][][]rune, len(words))
	for _, w := range words {
		if rs := []rune(strings.TrimSpace(w)); len(rs) > 0 {
			byFirst[rs[0]] = append(byFirst[rs[0]], rs)
		}
	}
	hit := make([]bool, len(folded))
	for i, r := range folded {
		for _, w := range byFirst[r] {
			if i+len(w) > len(folded) || !slices.Equal(folded[i:i+len(w)], w) {
				continue
			}
			if r < 0x250 && i > 0 && folded[i-1] < 0x250 && (unicode.IsLetter(folded[i-1]) || unicode.IsDigit(folded[i-1])) {
				continue // in the middle of a Latin word
			}
			for j := i; j < i+len(w); j++ {
				hit[j] = true
			}
		}
	}
	var out []Span
	from, marked := 0, false // the piece that has begun
	for i := range folded {
		if hit[i] == marked || i > 0 && at[i] == at[i-1] { // a character is marked whole
			continue
		}
		if at[i] > from {
			out = append(out, Span{text[from:at[i]], marked})
		}
		from, marked = at[i], hit[i]
	}
	if from < len(text) {
		out = append(out, Span{text[from:], marked})
	}
	return out
}

// Snippet cuts the part of a passage with the most words, about size
// characters long, in one line.
func Snippet(passage string, words []string, size int) string {
	passage = strings.Join(strings.FieldsFunc(passage, func(r rune) bool {
		return unicode.IsSpace(r) || r == '#' || r == '*' || r == '|'
	}), " ")
	if utf8.RuneCountInString(passage) <= size {
		return passage
	}
	var starts, ends []int // places of hits, in characters
	n := 0
	for _, s := range Mark(passage, words) {
		m := utf8.RuneCountInString(s.Text)
		if s.Hit {
			starts, ends = append(starts, n), append(ends, n+m)
		}
		n += m
	}
	best, bestWeight := 0, -1
	for i, from := range starts {
		weight := 0
		for j := i; j < len(starts) && ends[j] <= from+size; j++ {
			weight += ends[j] - starts[j]
		}
		if weight > bestWeight {
			best, bestWeight = from, weight
		}
	}
	rs := []rune(passage)
	from := max(0, min(best-size/6, len(rs)-size))
	if from > 0 { // begin at a sentence if one begins near
		near := rs[from:min(from+size/6, len(rs))]
		i := slices.IndexFunc(near, func(r rune) bool { return strings.ContainsRune("。；，;,", r) })
		if i >= 0 && from+i+1 <= best {
			from += i + 1
		}
	}
	to := min(from+size, len(rs))
	out := strings.TrimSpace(string(rs[from:to]))
	if from > 0 {
		out = "…" + out
	}
	if to < len(rs) {
		out += "…"
	}
	return out
}
