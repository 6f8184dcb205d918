package search

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	snowball "github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"

	"gongkai/portal/text"
)

// A text is folded (width, case, traditional to simplified) and cut into
// runs: Chinese characters stand together, Latin letters and digits stand
// together, everything else parts them. Of a Chinese run every pair of
// neighbouring characters is a term, and its last character alone, so that
// every character begins a term: a search for one character is a search for
// the terms that begin with it. Of a Latin run the whole word is a term,
// stemmed if it is English.
//
// analyzer cuts the text of a field into these terms; with counts, a term that stands more than once comes with marks that say so, and
// an article of a law with its name.
type analyzer struct{ counts bool }

// Analyze implements bleve's analysis.Analyzer. The terms are slices of one
// folded copy of the text.
func (a analyzer) Analyze(input []byte) analysis.TokenStream {
	terms := appendTerms(nil, fold(input), false)
	if a.counts {
		terms = appendCounts(terms)
		if name := text.Article(string(input)); name != "" {
			terms = append(terms, []byte(markArticle+name))
		}
	}
	slab := make([]analysis.Token, len(terms))
	out := make(analysis.TokenStream, len(terms))
	for i, t := range terms {
		slab[i] = analysis.Token{Term: t, Position: i + 1, Type: analysis.Ideographic}
		out[i] = &slab[i]
	}
	return out
}

// appendCounts adds the marks of the terms that stand more than once.
func appendCounts(terms [][]byte) [][]byte {
	seen := make(map[string]int, len(terms))
	for _, t := range terms {
		n := seen[string(t)] + 1
		seen[string(t)] = n
		switch n {
		case 2:
			terms = append(terms, append(t[:len(t):len(t)], twice...))
		case 3:
			terms = append(terms, append(t[:len(t):len(t)], often...))
		}
	}
	return terms
}

// fold folds a text; what is no text parts words.
func fold(written []byte) []byte {
	return text.AppendFold(make([]byte, 0, len(written)), strings.ToValidUTF8(string(written), " "))
}

func isHan(r rune) bool {
	return 0x4E00 <= r && r <= 0x9FFF || 0x3400 <= r && r <= 0x4DBF || r == '〇' || 0x20000 <= r && r <= 0x3FFFF
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// runs calls f with each run of a folded text.
func runs(text []byte, f func(run []byte, han bool)) {
	start, han := -1, false
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		isH := isHan(r)
		in := isH || isWord(r)
		if start >= 0 && (!in || isH != han) {
			f(text[start:i], han)
			start = -1
		}
		if in && start < 0 {
			start, han = i, isH
		}
		i += n
	}
	if start >= 0 {
		f(text[start:], han)
	}
}

// appendTerms appends the terms of a folded text.
func appendTerms(terms [][]byte, text []byte, singles bool) [][]byte {
	runs(text, func(run []byte, han bool) {
		if han {
			terms = appendPairs(terms, run, singles)
		} else {
			terms = append(terms, stem(run))
		}
	})
	return terms
}

// appendPairs appends the pairs of a Chinese run and its last character.
func appendPairs(terms [][]byte, run []byte, singles bool) [][]byte {
	_, first := utf8.DecodeRune(run)
	for i, second := 0, first; second < len(run); {
		_, n := utf8.DecodeRune(run[second:])
		terms = append(terms, run[i:second+n])
		if singles {
			terms = append(terms, run[i:second])
		}
		i, second = second, second+n
		if second == len(run) {
			return append(terms, run[i:])
		}
	}
	return append(terms, run) // one character only
}

// stem brings the forms of an English word together; what is not plain
// Latin stays as it is.
func stem(word []byte) []byte {
	if len(word) < 3 || len(word) > 40 || bytes.ContainsFunc(word, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return word
	}
	env := snowball.NewEnv(string(word))
	english.Stem(env)
	return []byte(env.Current())
}
