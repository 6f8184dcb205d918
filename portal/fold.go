package portal

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

// rules/traditional.txt holds pairs of a traditional and a simplified
// character, from OpenCC's TSCharacters (Apache-2.0).
//
//go:embed rules/traditional.txt
var traditionalPairs string

var simplified = sync.OnceValue(func() map[rune]rune {
	m := make(map[rune]rune, 4200)
	rs := []rune(strings.TrimSpace(traditionalPairs))
	for i := 0; i+1 < len(rs); i += 2 {
		m[rs[i]] = rs[i+1]
	}
	return m
})

// FoldRune brings the spellings of one character together: full width to
// half width, upper to lower case, traditional to simplified.
func FoldRune(r rune) rune {
	switch {
	case r < 0x80:
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	case r == 0x3000: // ideographic space
		return ' '
	case 0xFF01 <= r && r <= 0xFF5E: // full-width ASCII
		return FoldRune(r - 0xFEE0)
	case 0x3400 <= r && r <= 0x9FFF:
		if s, ok := simplified()[r]; ok {
			return s
		}
		return r
	}
	return unicode.ToLower(r)
}

// Fold folds every character of s by FoldRune.
func Fold(s string) string { return strings.Map(FoldRune, s) }

// Squeeze folds s and drops everything that is not a letter or a digit: two
// texts that a reader takes for the same have the same squeeze.
func Squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if r = FoldRune(r); unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }
