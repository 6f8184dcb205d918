package search

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"

	"gongkai/portal/text"
)

// Titles are found by how they are read (拼音): every pair of neighbouring
// syllables is a term ("~zheng fu"), and so are the first letters of every
// three neighbouring characters ("~zfg").

// maxReadings is the most readings that are kept of a character that titles
// read in more than one way.
const maxReadings = 2

//go:embed data/polyphones.txt
var polyphones string

// readings are the syllables of a Chinese character without tones, the
// commonest first; nil for what is none.
func readings(r rune) []string {
	if r < firstRead || r > lastRead {
		return nil
	}
	return allReadings()[r-firstRead]
}

const firstRead, lastRead = 0x4E00, 0x9FFF

var allReadings = sync.OnceValue(func() [][]string {
	args := pinyin.NewArgs()
	args.Heteronym = true
	known := make(map[string]string) // one copy of each syllable
	table := make([][]string, lastRead-firstRead+1)
	_, several, _ := strings.Cut(polyphones, "alone is indexed.\n")
	for i := range table {
		var out []string
		most := 1
		if strings.ContainsRune(several, rune(i+firstRead)) {
			most = maxReadings
		}
		for _, s := range pinyin.SinglePinyin(rune(i+firstRead), args) {
			s = strings.ReplaceAll(s, "ü", "v")
			if k, ok := known[s]; ok {
				s = k
			} else {
				known[s] = s
			}
			if len(out) == 0 || out[0] != s {
				out = append(out, s)
			}
			if len(out) == most {
				break
			}
		}
		table[i] = out
	}
	return table
})

// syllables are all syllables that a character is read as.
var syllables = sync.OnceValue(func() map[string]bool {
	m := make(map[string]bool, 420)
	for _, rs := range allReadings() {
		for _, s := range rs {
			if latinOnly(s) && len(s) <= 6 {
				m[s] = true
			}
		}
	}
	for _, s := range []string{"m", "n", "ng", "hm", "hng", "r"} { // interjections
		delete(m, s)
	}
	return m
})

// readingTerms are the terms under which a text is found by how it is read.
func readingTerms(written string) []string {
	var out []string
	runs([]byte(text.Fold(written)), func(run []byte, han bool) {
		if !han {
			return
		}
		var rs [][]string
		for _, r := range string(run) {
			rs = append(rs, readings(r))
		}
		for i := range rs {
			if i+1 < len(rs) {
				for _, a := range rs[i] {
					for _, b := range rs[i+1] {
						out = append(out, markReading+a+" "+b)
					}
				}
			}
			if i+2 < len(rs) {
				for _, a := range rs[i] {
					for _, b := range rs[i+1] {
						for _, c := range rs[i+2] {
							out = append(out, markReading+a[:1]+b[:1]+c[:1])
						}
					}
				}
			}
		}
	})
	return out
}

// spellings are how a Chinese word is written in Latin letters: in full, in each way in which its
// characters are read, and from three characters on by first letters.
func spellings(word string) []string {
	full, first := []string{""}, ""
	for _, r := range word {
		rs := readings(r)
		if len(rs) == 0 || len(full)*len(rs) > 8 {
			return nil
		}
		var next []string
		for _, f := range full {
			for _, s := range rs {
				next = append(next, f+s)
			}
		}
		full, first = next, first+rs[0][:1]
	}
	if len(first) >= 3 {
		full = append(full, first)
	}
	return full
}

// spelt cuts a Latin word into syllables in the ways with the fewest of
// them, at most three; none if it cannot be read as Chinese.
func spelt(word string) [][]string {
	const most, ways = 24, 3
	if len(word) > most*6 || !latinOnly(word) {
		return nil
	}
	least := make([]int, len(word)+1) // syllables needed from here, −1 for never
	for i := len(word) - 1; i >= 0; i-- {
		least[i] = -1
		for n := 1; n <= 6 && i+n <= len(word); n++ {
			if rest := least[i+n]; rest >= 0 && syllables()[word[i:i+n]] && (least[i] < 0 || rest+1 < least[i]) {
				least[i] = rest + 1
			}
		}
	}
	if least[0] <= 0 || least[0] > most {
		return nil
	}
	var out [][]string
	var walk func(at int, path []string)
	walk = func(at int, path []string) {
		if at == len(word) {
			out = append(out, append([]string(nil), path...))
			return
		}
		for n := 6; n >= 1; n-- {
			if at+n <= len(word) && len(out) < ways && least[at+n] == least[at]-1 && syllables()[word[at:at+n]] {
				walk(at+n, append(path, word[at:at+n]))
			}
		}
	}
	walk(0, nil)
	return out
}

// readingQueries are the sets of terms that a Latin word may ask for if it is
// read as Chinese: by its syllables, or by first letters.
func readingQueries(word string) [][]string {
	var out [][]string
	for _, path := range spelt(word) {
		var terms []string
		for i := 0; i+1 < len(path); i++ {
			terms = append(terms, markReading+path[i]+" "+path[i+1])
		}
		if terms != nil {
			out = append(out, terms)
		}
	}
	if len(word) >= 3 && len(word) <= 20 && latinOnly(word) {
		var terms []string
		for i := 0; i+3 <= len(word); i++ {
			terms = append(terms, markReading+word[i:i+3])
		}
		out = append(out, terms)
	}
	return out
}

// readAs reports whether a squeezed text, or a part of it, is read like a
// Latin word: in full or by first letters.
func readAs(text, word string) bool {
	rs := []rune(text)
	for i := range rs {
		if readFrom(rs[i:], word, false) || len(word) > 1 && readFrom(rs[i:], word, true) {
			return true
		}
	}
	return false
}

// readFrom reports whether word spells the beginning of text; its last
// syllable may be cut short.
func readFrom(text []rune, word string, first bool) bool {
	if word == "" {
		return true
	}
	if len(text) == 0 {
		return false
	}
	if !isHan(text[0]) {
		return text[0] < 0x80 && byte(text[0]) == word[0] && readFrom(text[1:], word[1:], first)
	}
	for _, s := range readings(text[0]) {
		if first {
			s = s[:1]
		}
		if rest, ok := strings.CutPrefix(word, s); ok && readFrom(text[1:], rest, first) {
			return true
		} else if strings.HasPrefix(s, word) {
			return true
		}
	}
	return false
}
