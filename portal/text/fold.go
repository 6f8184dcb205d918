package text

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// rules/traditional.txt holds pairs of a traditional and a simplified
// character, from OpenCC's TSCharacters (Apache-2.0).
//
//go:embed traditional.txt
var traditionalPairs string

// rules/radicals.txt holds pairs of a radical (部首) that stands for itself and
// the character that looks the same: Unicode's Equivalent_Unified_Ideograph.
// PDF files often give the one for the other.
//
//go:embed radicals.txt
var radicalPairs string

func pairs(data string) map[rune]rune {
	m := make(map[rune]rune, 4200)
	rs := []rune(strings.TrimSpace(data))
	for i := 0; i+1 < len(rs); i += 2 {
		m[rs[i]] = rs[i+1]
	}
	return m
}

// The block of unified ideographs that texts are made of.
const (
	firstIdeograph = 0x3400
	lastIdeograph  = 0x9FFF
)

var (
	// simplified has for each ideograph the one that it is folded to: a table, since every
	// character of every text goes through it.
	simplified = sync.OnceValue(func() *[lastIdeograph - firstIdeograph + 1]rune {
		t := new([lastIdeograph - firstIdeograph + 1]rune)
		for i := range t {
			t[i] = firstIdeograph + rune(i)
		}
		for from, to := range pairs(traditionalPairs) {
			if firstIdeograph <= from && from <= lastIdeograph {
				t[from-firstIdeograph] = to
			}
		}
		return t
	})
	radicals = sync.OnceValue(func() map[rune]rune { return pairs(radicalPairs) })
)

// plain brings the spellings of one composed character together: upper to
// lower case, radicals to characters, traditional to simplified. It returns -1
// for what nobody sees.
func plain(r rune) rune {
	switch {
	case r < 0x80:
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		if Unseen(r) {
			return -1
		}
		return r
	case firstIdeograph <= r && r <= lastIdeograph:
		return simplified()[r-firstIdeograph]
	case 0x2E80 <= r && r <= 0x2FDF || 0x31C0 <= r && r <= 0x31EF:
		if s, ok := radicals()[r]; ok {
			return plain(s)
		}
		return r
	case Unseen(r):
		return -1
	}
	return unicode.ToLower(r)
}

// Unseen reports whether a character takes no room on a page: zero-width
// characters, marks of direction, selectors of variants, controls other than
// line ends and tabs, and what is no character at all.
func Unseen(r rune) bool {
	switch {
	case r < ' ':
		return r != '\n' && r != '\t' && r != '\r'
	case r < 0x7F:
		return false
	case r < 0xA0 || r == 0xAD || r == 0x34F || r == 0x61C:
		return true
	case 0x2000 <= r && r <= 0x206F:
		return r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2060
	case 0xFE00 <= r && r <= 0xFE0F || r == 0xFEFF || 0xFFF9 <= r && r <= 0xFFFB:
		return true
	case 0xE0000 <= r && r <= 0xE0FFF:
		return true
	}
	return r&0xFFFE == 0xFFFE || 0xFDD0 <= r && r <= 0xFDEF || unicode.Is(unicode.Variation_Selector, r)
}

// joins reports whether a character belongs to the one before it: a mark that
// is put on it, or a later part of a Korean syllable.
func joins(r rune) bool {
	return r >= 0x300 && (r < firstIdeograph || r > lastIdeograph) && (unicode.Is(unicode.Mn, r) || 0x1160 <= r && r <= 0x11FF)
}

// signs has for each sign of the blocks of Chinese punctuation and of full-width forms what it
// is folded to, where that is one character; 0 for the rest.
var signs = sync.OnceValue(func() *[2][0x100]rune {
	t := new([2][0x100]rune)
	for i, block := range []rune{0x3000, 0xFF00} {
		for j := range t[i] {
			if rs := []rune(norm.NFKC.String(string(block + rune(j)))); len(rs) == 1 {
				t[i][j] = max(0, plain(rs[0]))
			}
		}
	}
	return t
})

// punctuation is what a sign is folded to, by the table; 0 where that has none.
func punctuation(r rune) rune {
	switch r >> 8 {
	case 0x30:
		return signs()[0][r&0xFF]
	case 0xFF:
		return signs()[1][r&0xFF]
	}
	return 0
}

// eachFolded calls f with each character of a text as a person sees it, that
// is with the marks that are put on it, and what it is folded to: nothing for
// what is unseen, several runes for ㈠.
func eachFolded(s string, f func(start, end int, folded []rune)) {
	var one [1]rune
	var many []rune
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		end := i + n
		marked := false
		for end < len(s) && s[end] >= 0xCC { // no mark begins with a lower byte
			m, k := utf8.DecodeRuneInString(s[end:])
			if !joins(m) {
				break
			}
			marked, end = true, end+k
		}
		switch {
		case !marked && (r < 0x80 || firstIdeograph <= r && r <= lastIdeograph || r == utf8.RuneError):
			if one[0] = plain(r); one[0] < 0 {
				f(i, end, nil)
			} else {
				f(i, end, one[:])
			}
		case !marked && punctuation(r) != 0:
			one[0] = punctuation(r)
			f(i, end, one[:])
		default:
			many = many[:0]
			for _, c := range norm.NFKC.String(s[i:end]) {
				if c = plain(c); c >= 0 {
					many = append(many, c)
				}
			}
			f(i, end, many)
		}
		i = end
	}
}

// Fold brings the spellings of a text together, so that what a reader takes
// for the same is the same: full width and half, upper and lower case,
// traditional and simplified, radicals and characters, composed and not; what
// is unseen goes. It is the one folding of index, queries, imports, redaction
// and comparisons.
func Fold(s string) string { return string(AppendFold(make([]byte, 0, len(s)), s)) }

// AppendFold appends the folded text to a buffer.
func AppendFold(out []byte, text string) []byte {
	eachFolded(text, func(_, _ int, rs []rune) {
		for _, r := range rs {
			out = utf8.AppendRune(out, r)
		}
	})
	return out
}

// Squeeze folds s and drops everything that is not a letter or a digit: two
// texts that a reader takes for the same have the same squeeze.
func Squeeze(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	eachFolded(s, func(_, _ int, rs []rune) {
		for _, r := range rs {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				b.WriteRune(r)
			}
		}
	})
	return b.String()
}

// Clean is a text as it is stored: valid, its lines ended by \n, without
// characters that nobody sees, and with the characters that radicals stand
// for.
func Clean(s string) string {
	dirty := func(r rune) bool {
		return r == '\r' || r == utf8.RuneError || r >= 0x7F && r < 0x3400 && (Unseen(r) || radicals()[r] != 0) || r > 0xA000 && Unseen(r) || r < ' ' && Unseen(r)
	}
	if strings.IndexFunc(s, dirty) < 0 {
		return s
	}
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, ""))
	return strings.Map(func(r rune) rune {
		switch {
		case r == 0x200C || r == 0x200D || 0xFE00 <= r && r <= 0xFE0F || r >= 0xE0100: // they shape what is seen
			return r
		case Unseen(r):
			return -1
		}
		if c, ok := radicals()[r]; ok {
			return c
		}
		return r
	}, s)
}

func IsBlank(s string) bool { return strings.TrimSpace(s) == "" }

// Fingerprint tells texts apart as a reader would: blanks, width, case and
// punctuation do not count.
func Fingerprint(parts ...string) string {
	h := sha256.New()
	for _, s := range parts {
		h.Write([]byte(Squeeze(s) + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
