package search

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gongkai/portal"
)

// A text says itself what its shorthand means: 最低生活保障（以下简称“低保”）. Such pairs are kept
// in the index with the record, so that whoever searches the one finds the other, and they go
// when the record goes.

// defines finds a shorthand with what stands before it.
var defines = regexp.MustCompile(`(\p{Han}{3,30})》?[（(]以下(?:简称|称|统称)[为：:]?[“"'‘《「]?(\p{Han}{2,8})[”"'’》」]?[)）]`)

// Bounds on what is taken from a record, and on what a shorthand may mean: one that means more
// is defined anew in each text (本办法, 单位).
const (
	maxShorthands = 50
	maxMeanings   = 2
	longestFull   = 24
)

// joiners stand in descriptions, not in names: 选举的村民（以下称选民） says who is meant, and is no
// other word for it.
const joiners = "的和及与或等其"

// shorthands are the lines "shorthand, tab, what it means" of a record's texts, folded. What a
// shorthand means is the shortest end of what stands before it that has its characters in order.
func shorthands(e *portal.Entry) []string {
	var out []string
	for _, written := range e.Texts {
		if !strings.Contains(written, "以下") {
			continue
		}
		for _, m := range defines.FindAllStringSubmatch(written, -1) {
			before, short := m[1], m[2]
			at := len(before)
			for rest := short; rest != "" && at >= 0; {
				r, n := utf8.DecodeLastRuneInString(rest)
				rest = rest[:len(rest)-n]
				at = strings.LastIndex(before[:at], string(r))
			}
			if at < 0 {
				continue
			}
			full := before[at:]
			if n := utf8.RuneCountInString(full); n < utf8.RuneCountInString(short)+2 || n > longestFull || strings.ContainsAny(full, joiners) {
				continue
			}
			line := string(fold([]byte(short))) + "\t" + string(fold([]byte(full)))
			if !slices.Contains(out, line) {
				out = append(out, line)
			}
		}
	}
	slices.Sort(out)
	return out[:min(len(out), maxShorthands)]
}

// addShorthands lets a word do for what texts say that it means.
func (m *matcher) addShorthands() error {
	p := &m.query
	for i, c := range p.chunks {
		if n := utf8.RuneCountInString(c.text); c.phrase || n < 2 || n > 8 || !hanOnly(c.text) {
			continue
		}
		var meant []string
		for seg := range m.cols {
			lines, err := m.endingsIn(seg, fieldShort, c.text+"\t", maxMeanings+1)
			if err != nil {
				return err
			}
			for _, l := range lines {
				if full := l[len(c.text)+1:]; !slices.Contains(meant, full) {
					meant = append(meant, full)
				}
			}
		}

		if len(meant) <= maxMeanings {
			p.meaning(i, meant...)
		}
	}
	return nil
}
