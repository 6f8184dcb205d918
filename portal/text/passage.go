package text

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Passage is a part of a text that is found and shown on its own: an article
// of a law, the section under a heading, or a few paragraphs. Start and End
// are byte offsets into the text.
type Passage struct {
	Start, End int
}

// Sizes of passages in bytes; a Chinese character is three.
const (
	passageGoal = 900  // a passage is closed at the next paragraph after this
	passageMost = 3000 // a single paragraph longer than this is cut
)

// articleStart matches the beginning of an article (第三十三条) or a heading.
var articleStart = regexp.MustCompile(`^(?:\*\*)?第[一二三四五六七八九十百千零〇0-9]+条|^#{1,6} `)

// Split cuts a text into passages that together cover every non-blank line.
// It depends on nothing but the text, so an index need not keep them. A form
// feed ends a page (of a PDF), and a passage with it; the row of a table is a
// passage of its own.
func Split(text string) []Passage {
	var out []Passage
	start, end := -1, 0
	article := false
	flush := func() {
		if start >= 0 {
			out = append(out, Passage{start, end})
		}
		start = -1
	}
	for at := 0; at < len(text); {
		stop := strings.IndexByte(text[at:], '\n')
		if stop < 0 {
			stop = len(text)
		} else {
			stop += at
		}
		line := text[at:stop]
		if strings.HasPrefix(line, "\f") {
			flush()
		}
		if trimmed := strings.TrimSpace(line); trimmed != "" && !tableRule.MatchString(trimmed) {
			row := strings.HasPrefix(trimmed, "|")
			begins := row || articleStart.MatchString(trimmed)
			limit := passageGoal
			if article {
				limit = passageMost // an article stays whole as long as it can
			}
			if start >= 0 && (begins || end-start >= limit || end-start+len(line) > passageMost) {
				flush()
			}
			if start < 0 {
				start, article = at, begins && !strings.HasPrefix(trimmed, "#")
			}
			end = stop
			for end-start > passageMost { // one paragraph too long for a passage
				cut := start + passageMost
				for !utf8.RuneStart(text[cut]) {
					cut--
				}
				out = append(out, Passage{start, cut})
				start = cut
			}
			if row {
				flush()
			}
		}
		at = stop + 1
	}
	flush()
	return out
}

// named matches the name of an article in a query, with Chinese or Arabic
// figures.
var named = regexp.MustCompile(`第\s*([一二三四五六七八九十百千零〇]+|[0-9０-９]{1,4})\s*条`)

// Article is the name of the article that a passage is, with Chinese figures
// (第三十三条); "" where it is none.
func Article(passage string) string {
	m := articleName.FindStringSubmatch(strings.TrimSpace(passage))
	if m == nil {
		return ""
	}
	return strings.Join(Articles(m[1]), "")
}

// Articles are the articles that a query names, with Chinese figures however
// they are typed (第39条).
func Articles(query string) []string {
	var out []string
	for _, m := range named.FindAllStringSubmatch(query, 4) {
		figures := Fold(m[1])
		if n, err := strconv.Atoi(figures); err == nil {
			figures = ChineseNumber(n)
		}
		out = append(out, "第"+strings.ReplaceAll(figures, "〇", "零")+"条")
	}
	return out
}

// ChineseNumber writes a number below 10,000: 39 is 三十九, 1010 一千零一十.
func ChineseNumber(n int) string {
	digits := []rune("零一二三四五六七八九")
	out, gap := "", false
	for _, u := range []struct {
		n    int
		name string
	}{{1000, "千"}, {100, "百"}, {10, "十"}, {1, ""}} {
		d := n / u.n % 10
		if d == 0 {
			gap = out != ""
			continue
		}
		if gap {
			out += "零"
		}
		gap = false
		if d == 1 && u.n == 10 && out == "" {
			out += "十" // 第十二条
		} else {
			out += string(digits[d]) + u.name
		}
	}
	return out
}

// tableRule matches the line between the head and the rows of a table.
var tableRule = regexp.MustCompile(`^\|[\s:|-]+\|?$`)

var articleName = regexp.MustCompile(`^(?:\*\*)?(第[一二三四五六七八九十百千零〇0-9]+条)`)

// Heading names a passage by the article or heading it begins with, the row
// of a table by its first cell, or returns "".
func Heading(passage string) string {
	passage = strings.TrimSpace(passage)
	if m := articleName.FindStringSubmatch(passage); m != nil {
		return m[1]
	}
	if strings.HasPrefix(passage, "#") {
		line, _, _ := strings.Cut(passage, "\n")
		return strings.TrimSpace(strings.TrimLeft(line, "# "))
	}
	if row, ok := strings.CutPrefix(passage, "|"); ok {
		cell, _, _ := strings.Cut(row, "|")
		return strings.TrimSpace(cell)
	}
	return ""
}
