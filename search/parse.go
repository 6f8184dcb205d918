package search

import (
	_ "embed"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"gongkai/portal/query"
	"gongkai/portal/text"
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

var builtIn = sync.OnceValue(func() []query.Synonym { return query.ReadSynonyms(synonymLines) })

// Bounds on a query, so that none is costly.
const (
	maxTerms    = 64 // one bit each in a mask
	maxWithout  = 16 // words that must not be there
	longChunk   = 6  // Chinese characters; a longer chunk is a sentence, not a word
	maxPrefixes = 6000
)

// Marks of terms that do not stand in a text: readings of titles and codes of
// organs.
const (
	markReading = "~"
	markOrgan   = "@"
	markArticle = "§"  // an article of a law, of its passage
	markPhrase  = "\"" // words in quotes, where they stand side by side
)

// chunk is a word of the query, or a sentence without blanks: its terms are
// wanted together.
type chunk struct {
	text   string   // folded
	terms  uint64   // mask of its terms
	other  []uint64 // masks of the words that mean the same: any will do
	phrase bool     // was in quotes
	proof  uint64   // of a phrase: the bit of the passages in which it stands
	long   bool
	prefix bool // one Chinese character
	latin  bool // one word of Latin letters
}

// parsed is a query cut into terms.
type parsed struct {
	chunks  []chunk
	terms   []string
	index   map[string]int // term → place in terms
	quoted  bool
	asks    bool     // has words that only ask
	article uint64   // mask of the articles that it names
	typed   uint64   // what wanted has found; the chunks do not change any more
	said    []string // synonyms, to mark
	without []chunk  // words after a minus; their masks are not used
}

// parse cuts a query, with what its words mean. It never fails: what is not understood is not there.
func parse(written string, v *vocabulary) parsed {
	p := parsed{index: make(map[string]int)}
	rest := string(fold([]byte(written)))
	var plain strings.Builder
	for rest != "" {
		open := strings.IndexAny(rest, "\"“”「『")
		if open < 0 {
			plain.WriteString(rest)
			break
		}
		before := rest[:open]
		_, n := utf8.DecodeRuneInString(rest[open:])
		rest = rest[open+n:]
		end := strings.IndexAny(rest, "\"“”」』")
		if end < 0 {
			plain.WriteString(before + " " + rest)
			break
		}
		if cut, ok := strings.CutSuffix(before, "-"); ok && (cut == "" || strings.HasSuffix(cut, " ")) {
			plain.WriteString(cut)
			p.exclude(rest[:end])
		} else {
			plain.WriteString(before + " ")
			p.add(rest[:end], true)
		}
		_, n = utf8.DecodeRuneInString(rest[end:])
		rest = rest[end+n:]
	}
	var words []string
	for _, w := range strings.Fields(plain.String()) {
		if bare, ok := strings.CutPrefix(w, "-"); ok && strings.ContainsFunc(bare, isWord) {
			p.exclude(bare)
		} else {
			words = append(words, w)
		}
	}
	p.words(strings.Join(words, " "), v)
	for _, name := range text.Articles(written) {
		p.article |= p.bit(markArticle + name)
	}
	return p
}

// exclude notes a word that must not be there.
func (p *parsed) exclude(text string) {
	if len(p.without) < maxWithout {
		p.without = append(p.without, chunk{text: strings.TrimSpace(text)})
	}
}

// words adds the unquoted part of a query, less the words that only ask.
func (p *parsed) words(text string, v *vocabulary) {
	if utf8.RuneCountInString(text) > longChunk {
		cut := text
		for _, w := range askers() {
			cut = strings.ReplaceAll(cut, w, " ")
		}
		if strings.TrimSpace(cut) != "" {
			p.asks = cut != text
			text = cut
		}
	}
	text = p.sayings(text, v)
	runs([]byte(text), func(run []byte, _ bool) {
		before := len(p.chunks)
		p.add(string(run), false)
		if len(p.chunks) > before {
			p.addSynonyms(before, v)
		}
	})
}

// sayings makes one chunk of words in Latin letters that mean something together, and returns
// the rest of the text.
func (p *parsed) sayings(text string, v *vocabulary) string {
	for _, s := range v.sayings {
		padded := " " + text + " "
		at := strings.Index(padded, " "+s.Said+" ")
		if at < 0 {
			continue
		}
		text = strings.TrimSpace(padded[:at] + " " + padded[at+len(s.Said)+2:])
		before := len(p.chunks)
		p.add(s.Said, false)
		if len(p.chunks) > before {
			p.meaning(before, s.Meant...)
		}
	}
	return text
}

// addSynonyms gives a chunk the words that mean the same. A Latin word has
// them only as a whole, also those of the Chinese word that is read like it.
func (p *parsed) addSynonyms(at int, v *vocabulary) {
	c := p.chunks[at]
	if c.latin {
		p.meaning(at, v.words[stemmed(c.text)]...)
		return
	}
	for _, s := range v.synonyms {
		if strings.Contains(c.text, s.Said) {
			for _, m := range s.Meant {
				p.meaning(at, strings.Replace(c.text, s.Said, m, 1))
			}
		}
	}
}

// meaning lets any of some words do in the place of a chunk.
func (p *parsed) meaning(at int, words ...string) {
	for _, w := range words {
		if mask := p.mask(w); mask != 0 {
			p.chunks[at].other = append(p.chunks[at].other, mask)
			p.said = append(p.said, w)
		}
	}
}

// mask adds the terms of a text without a chunk of its own.
func (p *parsed) mask(text string) uint64 {
	n := len(p.chunks)
	p.add(text, false)
	if len(p.chunks) == n {
		return 0
	}
	mask := p.chunks[n].terms
	p.chunks = p.chunks[:n]
	return mask
}

// queryTerms are the terms that a folded text asks for: unlike the terms of a
// passage they leave out the last character of a Chinese run.
func queryTerms(text string) (terms [][]byte) {
	runs([]byte(text), func(run []byte, han bool) {
		switch {
		case !han:
			terms = append(terms, stem(run))
		case utf8.RuneCount(run) == 1:
			terms = append(terms, run)
		default:
			pairs := appendPairs(nil, run, false)
			terms = append(terms, pairs[:len(pairs)-1]...)
		}
	})
	return terms
}

func (p *parsed) add(text string, phrase bool) {
	c := chunk{text: strings.TrimSpace(text), phrase: phrase}
	runs([]byte(c.text), func(run []byte, han bool) {
		n := utf8.RuneCount(run)
		c.prefix = han && n == 1 && len(run) == len(c.text)
		c.latin = !han && len(run) == len(c.text)
		c.long = c.long || han && n > longChunk && !phrase
	})
	for _, t := range queryTerms(c.text) {
		c.terms |= p.bit(string(t))
	}
	if c.terms == 0 {
		return
	}
	p.quoted = p.quoted || phrase
	p.chunks = append(p.chunks, c)
}

// bit is the bit of a term, which is added if there is room; 0 if there is
// none.
func (p *parsed) bit(term string) uint64 {
	i, ok := p.index[term]
	if !ok {
		if len(p.terms) == maxTerms {
			return 0
		}
		i = len(p.terms)
		p.index[term] = i
		p.terms = append(p.terms, term)
	}
	return 1 << i
}

// real is the mask of the terms that stand in texts.
func (p *parsed) real() uint64 {
	mask := uint64(0)
	for i, t := range p.terms {
		if t[0] != markReading[0] && t[0] != markOrgan[0] && t[0] != markPhrase[0] && !strings.HasPrefix(t, markArticle) {
			mask |= 1 << i
		}
	}
	return mask
}

// wanted is the mask of the terms that were typed.
func (p *parsed) wanted() uint64 {
	if p.typed == 0 {
		for _, c := range p.chunks {
			p.typed |= c.terms
		}
	}
	return p.typed
}

// has reports whether a chunk is answered by the terms in mask.
func (c *chunk) has(mask uint64) bool {
	if c.proof != 0 {
		return c.proof&mask != 0
	}
	return c.terms&^mask == 0 || slices.ContainsFunc(c.other, func(o uint64) bool { return o&^mask == 0 })
}

// covered is the share of the typed terms that mask has; a word that means
// the same counts for the whole chunk.
func (p *parsed) covered(mask uint64) float32 {
	all := p.wanted()
	if mask&all == all {
		return 1
	}
	for i := range p.chunks {
		if c := &p.chunks[i]; c.has(mask) {
			mask |= c.terms
		}
	}
	return float32(bits.OnesCount64(mask&all)) / float32(max(1, bits.OnesCount64(all)))
}

// marks are the words to mark in a passage, longest first.
func (p *parsed) marks() []string {
	out := append([]string(nil), p.said...)
	for _, c := range p.chunks {
		out = append(out, c.text)
	}
	real := p.real()
	for i, t := range p.terms {
		if real&(1<<i) != 0 && utf8.RuneCountInString(t) > 1 {
			out = append(out, t)
		}
	}
	return out
}

// latinOnly reports whether s is of letters a–z alone.
func latinOnly(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < 'a' || r > 'z' })
}

// hanOnly reports whether s is of Chinese characters alone.
func hanOnly(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !isHan(r) && !unicode.Is(unicode.Mn, r) })
}

// Words returns the folded words of a query, to mark in a text.
func (x *Index) Words(text string) []string {
	p := parse(text, x.vocabulary.Load())
	return p.marks()
}
