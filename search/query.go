package search

import (
	_ "embed"
	"math/bits"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed data/questions.txt
var questionWords string

// askers are the folded question words by their first character, longest
// first.
var askers = sync.OnceValue(func() []string {
	var out []string
	for line := range strings.Lines(questionWords) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
})

//go:embed data/synonyms.txt
var synonymLines string

// synonym is what people say and the words that documents have for it.
type synonym struct {
	said  string
	meant []string
}

var synonyms = sync.OnceValue(func() []synonym {
	var out []synonym
	for line := range strings.Lines(synonymLines) {
		said, meant, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if ok && !strings.HasPrefix(said, "#") {
			out = append(out, synonym{said, strings.Split(meant, ",")})
		}
	}
	return out
})

// Bounds on a query, so that none is costly.
const (
	maxTerms    = 64 // one bit each in a mask
	longChunk   = 6  // Chinese characters; a longer chunk is a sentence, not a word
	maxPrefixes = 6000
)

// chunk is a word of the query, or a sentence without blanks: its terms are
// wanted together.
type chunk struct {
	text   string   // folded
	terms  uint64   // mask of its terms
	other  []uint64 // masks of the words that mean the same: any will do
	phrase bool     // was in quotes
	long   bool
	prefix bool // one Chinese character
}

// parsed is a query cut into terms.
type parsed struct {
	chunks []chunk
	terms  []string
	quoted bool
	said   []string // synonyms, to mark
}

// parse cuts a query. It never fails: what is not understood is not there.
func parse(text string) parsed {
	var p parsed
	index := make(map[string]int)
	rest := string(fold([]byte(text)))
	for rest != "" {
		open := strings.IndexAny(rest, "\"“”「『")
		if open < 0 {
			p.words(index, rest)
			break
		}
		p.words(index, rest[:open])
		_, n := utf8.DecodeRuneInString(rest[open:])
		rest = rest[open+n:]
		end := strings.IndexAny(rest, "\"“”」』")
		if end < 0 {
			p.words(index, rest)
			break
		}
		p.add(index, rest[:end], true)
		_, n = utf8.DecodeRuneInString(rest[end:])
		rest = rest[end+n:]
	}
	return p
}

// words adds the unquoted part of a query, less the words that only ask.
func (p *parsed) words(index map[string]int, text string) {
	if utf8.RuneCountInString(text) > longChunk {
		cut := text
		for _, w := range askers() {
			cut = strings.ReplaceAll(cut, w, " ")
		}
		if strings.TrimSpace(cut) != "" {
			text = cut
		}
	}
	runs([]byte(text), func(run []byte, _ bool) {
		before := len(p.chunks)
		p.add(index, string(run), false)
		if len(p.chunks) > before {
			p.addSynonyms(index, len(p.chunks)-1)
		}
	})
}

// addSynonyms gives a chunk the words that mean the same.
func (p *parsed) addSynonyms(index map[string]int, at int) {
	said := p.chunks[at].text
	for _, s := range synonyms() {
		if !strings.Contains(said, s.said) {
			continue
		}
		for _, m := range s.meant {
			p.add(index, strings.Replace(said, s.said, m, 1), false)
			last := len(p.chunks) - 1
			if last == at { // too long a query has no room for it
				continue
			}
			p.chunks[at].other = append(p.chunks[at].other, p.chunks[last].terms)
			p.said = append(p.said, p.chunks[last].text)
			p.chunks = p.chunks[:last]
		}
	}
}

func (p *parsed) add(index map[string]int, text string, phrase bool) {
	var terms [][]byte
	c := chunk{text: strings.TrimSpace(text), phrase: phrase}
	runs([]byte(text), func(run []byte, han bool) {
		n := utf8.RuneCount(run)
		switch {
		case !han:
			terms = append(terms, stem(run))
		case n == 1:
			terms = append(terms, run)
			c.prefix = !phrase || len(text) == len(run)
		default:
			pairs := appendPairs(nil, run, false)
			terms = append(terms, pairs[:len(pairs)-1]...) // not the last character
			c.long = c.long || n > longChunk && !phrase
		}
	})
	for _, t := range terms {
		i, ok := index[string(t)]
		if !ok {
			if len(p.terms) == maxTerms {
				break
			}
			i = len(p.terms)
			index[string(t)] = i
			p.terms = append(p.terms, string(t))
		}
		c.terms |= 1 << i
	}
	if c.terms == 0 {
		return
	}
	if bits.OnesCount64(c.terms) > 1 {
		c.prefix = false
	}
	p.quoted = p.quoted || phrase
	p.chunks = append(p.chunks, c)
}

// marks are the words to mark in a passage, longest first.
func (p parsed) marks() []string {
	out := append([]string(nil), p.said...)
	for _, c := range p.chunks {
		out = append(out, c.text)
	}
	for _, t := range p.terms {
		if utf8.RuneCountInString(t) > 1 {
			out = append(out, t)
		}
	}
	return out
}

// Words returns the folded words of a query, to mark in a text.
func (x *Index) Words(text string) []string { return parse(text).marks() }
