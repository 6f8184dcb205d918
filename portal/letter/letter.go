// Package letter makes letters (文书) as PDF and as DOCX from a plain text
// with a few marks at the beginning of a line, written like the variables of
// templates:
//
//	{{标题行}} heading, in the middle; the first of two at the beginning is the issuing organ
//	{{文号行}} document number, in the middle
//	{{称谓行}} salutation, without an indent
//	{{落款行}} on the right: who signs, the date
//	{{附注行}} small print
//
// Every other line is a paragraph with an indent, printed as it was typed,
// whatever sign it begins with.
package letter

import (
	"strings"
	"unicode"
)

// Printer makes letters as files.
type Printer struct{}

// kind is what a line is.
type kind byte

const (
	paragraph kind = iota
	issuer         // 发文机关标志
	heading
	number
	salutation
	right
	small
)

// marks are the marks of lines (portal.LetterMarks).
var marks = map[string]kind{"标题行": heading, "文号行": number, "称谓行": salutation, "落款行": right, "附注行": small}

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
		if rest, ok := strings.CutPrefix(s, "{{"); ok {
			if name, text, ok := strings.Cut(rest, "}}"); ok && marks[name] != paragraph {
				l = line{marks[name], strings.TrimSpace(text)}
			}
		}
		out = append(out, l)
	}
	if len(out) > 1 && out[0].kind == heading && out[1].kind == heading {
		out[0].kind = issuer
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
			} else if n > 1 && strings.ContainsRune(notFirst, rs[n]) { // a word is longer than the line
				n--
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
