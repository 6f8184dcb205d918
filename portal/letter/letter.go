// Package letter makes letters (文书) as PDF and as DOCX from a plain text
// with a few marks at the beginning of a line:
//
//	# heading, in the middle
//	= document number, in the middle
//	: salutation, without an indent
//	> on the right: who signs, the date
//	- small print
//
// Every other line is a paragraph with an indent.
package letter

import (
	_ "embed"
	"strings"
	"unicode"
)

// Printer makes letters as files.
type Printer struct{}

// kind is what a line is.
type kind byte

const (
	paragraph  kind = 0
	heading    kind = '#'
	number     kind = '='
	salutation kind = ':'
	right      kind = '>'
	small      kind = '-'
)

type line struct {
	kind kind
	text string
}

func parse(text string) []line {
	var out []line
	for s := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		s = strings.TrimSpace(s)
		if s == "" {
			continue
		}
		l := line{text: s}
		if strings.ContainsRune("#=:>-", rune(s[0])) && len(s) > 1 && s[1] == ' ' {
			l = line{kind(s[0]), strings.TrimSpace(s[2:])}
		}
		out = append(out, l)
	}
	return out
}

// Plain is the text without its marks, as a page or a message shows it.
func (Printer) Plain(text string) string {
	var b strings.Builder
	for _, l := range parse(text) {
		b.WriteString(l.text + "\n")
	}
	return b.String()
}

// font is WenQuanYi Micro Hei, which covers Chinese and Latin letters.
//
//go:embed font/wqy-microhei.ttf
var font []byte

// indent is what a paragraph begins with: two full characters.
const indent = "　　"

// Characters that may not begin, and that may not end a line.
const (
	notFirst = "，。、；：？！）】》」』”’〕％%,.;:?!)]}—…"
	notLast  = "（【《「『“‘〔([{"
)

// wrap breaks a paragraph into lines no wider than width. Between Chinese
// characters a line may break anywhere but before closing and after opening
// punctuation; Latin words and numbers stay whole where they can.
func wrap(text string, width float64, measure func(string) float64) []string {
	var out []string
	rs := []rune(text)
	for len(rs) > 0 {
		n, w := 0, 0.0
		for n < len(rs) {
			if w += measure(string(rs[n])); w > width && n > 0 {
				break
			}
			n++
		}
		if n < len(rs) {
			cut := n
			for cut > n-40 && cut > 1 && !breakable(rs[cut-1], rs[cut]) {
				cut--
			}
			if cut > 1 && breakable(rs[cut-1], rs[cut]) {
				n = cut
			}
		}
		out = append(out, strings.TrimRight(string(rs[:n]), " "))
		rs = rs[n:]
		for len(rs) > 0 && rs[0] == ' ' {
			rs = rs[1:]
		}
	}
	return out
}

func breakable(before, after rune) bool {
	if strings.ContainsRune(notFirst, after) || strings.ContainsRune(notLast, before) {
		return false
	}
	word := func(r rune) bool {
		return r < 0x2000 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/-_.@?&=", r))
	}
	return !word(before) || !word(after)
}

// Font is the font of letters as a TrueType file. Nobody may change it.
func Font() []byte { return font }
