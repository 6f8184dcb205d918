package documents

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/rules"
)

// recognition is what words tell of a document: rule data.
var recognition = rules.Read[struct {
	Genres []struct {
		Word  string `json:"word"`
		Genre string `json:"genre"`
	} `json:"genres"`
	Themes map[string][]string `json:"themes"`
}]("recognise.json")

var (
	numbered = regexp.MustCompile(`[\p{Han}]{1,14}[ \t]?[〔\[［【(（]\s*(?:19|20)\d{2}\s*[〕\]］】)）]\s*第?\s*\d{1,5}\s*号|[\p{Han}]{2,16}令\s*第?\s*\d{1,4}\s*号`)
	dated    = regexp.MustCompile(`((?:19|20)\d{2}|[二一][〇○Ｏ0零一二三四五六七八九]{3})\s*年\s*([01]?\d|[一二三四五六七八九十]{1,2})\s*月\s*([0-3]?\d|[一二三四五六七八九十]{1,3})\s*日`)
	lineEnds = regexp.MustCompile(`^[#\s　]*|[\s　]*$`)
	titleEnd = regexp.MustCompile(`(通知|公告|通告|公报|意见|办法|决定|决议|规定|细则|条例|报告|方案|函|批复|通报|公示|纪要|目录|清单|指南|规划|预案|标准|制度|计划|总结|解读|公开表|预算|决算|名单|情况|说明|表)(（[^）]{1,24}）)?$`)
	heading  = regexp.MustCompile(`^关于.{2,}的|^.{2,30}关于.{2,}`)
)

// Recognise reads what describes a document out of its text: title, document number,
// organs, the day it was formed, genre, theme, keywords. It returns the names of the
// fields that it found; an officer confirms them.
func Recognise(name, body string, organs []portal.Organ, today portal.Date) (Content, []string) {
	c := Content{Mode: "proactive", Validity: "in_force"}
	var found []string
	var lines []string
	for line := range strings.FieldsFuncSeq(body, func(r rune) bool { return r == '\n' || r == '\f' }) {
		if line = lineEnds.ReplaceAllString(line, ""); line != "" && !strings.HasPrefix(line, "〔页眉") {
			lines = append(lines, line)
		}
		if len(lines) > 4000 {
			break
		}
	}
	head := lines[:min(len(lines), 14)]
	for _, l := range head {
		if m := numbered.FindString(l); m != "" && c.Number == "" {
			c.Number = tidyNumber(m)
			found = append(found, "number")
		}
	}
	c.Title = titleIn(head)
	if c.Title == "" {
		c.Title = strings.TrimSpace(strings.TrimSuffix(name, path.Ext(name)))
	} else {
		found = append(found, "title")
	}
	if day := formed(lines, today); day != 0 {
		c.Formed = day
		found = append(found, "formed")
	}
	if codes := organsIn(lines, organs); len(codes) > 0 {
		c.Organs = codes
		found = append(found, "organ")
	}
	for _, g := range recognition.Genres {
		if strings.HasSuffix(strings.TrimRight(c.Title, "（）()0123456789试行暂修订版 "), g.Word) || strings.Contains(c.Title, g.Word) && len([]rune(g.Word)) > 2 {
			c.Genre = g.Genre
			found = append(found, "genre")
			break
		}
	}
	if theme, words := themeOf(c.Title, body); theme != "" {
		c.Theme, c.Keywords = theme, words
		found = append(found, "theme", "keywords")
	}
	return c, found
}

// tidyNumber writes a document number with the brackets that it has by rule, U+3014
// and U+3015.
func tidyNumber(s string) string {
	return strings.NewReplacer("[", "〔", "［", "〔", "【", "〔", "(", "〔", "（", "〔", "]", "〕", "］", "〕", "】", "〕", ")", "〕", "）", "〕", " ", "", "　", "", "第", map[bool]string{true: "第"}[strings.Contains(s, "令")]).Replace(s)
}

// titleIn puts the title together, which may stand on several lines between the
// number and the first paragraph.
func titleIn(head []string) string {
	for i, l := range head {
		if len([]rune(l)) > 90 || strings.ContainsAny(l, "。；|") || strings.HasSuffix(l, "：") || strings.HasSuffix(l, "文件") || numbered.MatchString(l) && !heading.MatchString(l) {
			continue
		}
		joined := l
		for k := i; k < min(i+4, len(head)); k++ {
			if k > i {
				next := head[k]
				if len([]rune(next)) > 60 || strings.ContainsAny(next, "。；：|") || numbered.MatchString(next) {
					break
				}
				joined += next
			}
			if n := len([]rune(joined)); n < 5 || n > 120 {
				continue
			}
			if titleEnd.MatchString(joined) {
				return joined
			}
		}
	}
	return ""
}

// formed is the day at the end of a document, else the first in its head.
func formed(lines []string, today portal.Date) portal.Date {
	day := func(l string) portal.Date {
		ms := dated.FindAllStringSubmatch(l, -1)
		if len(ms) == 0 {
			return 0
		}
		m := ms[len(ms)-1]
		y, mo, d := yearOf(m[1]), numberOf(m[2]), numberOf(m[3])
		if y < 1949 || mo < 1 || mo > 12 || d < 1 || d > 31 {
			return 0
		}
		at, err := clock.ParseDate(strconv.Itoa(y) + "-" + two(mo) + "-" + two(d))
		if err != nil || at > today {
			return 0
		}
		return at
	}
	for i := len(lines) - 1; i >= 0; i-- { // the line under the organ's name
		l := lines[i]
		if d := day(l); d != 0 && len([]rune(l)) < 30 {
			return d
		}
	}
	for _, l := range lines[:min(len(lines), 10)] {
		if d := day(l); d != 0 {
			return d
		}
	}
	return 0
}

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

const chineseDigits = "〇一二三四五六七八九"

func yearOf(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	n := 0
	for _, r := range strings.NewReplacer("○", "〇", "Ｏ", "〇", "零", "〇", "0", "〇").Replace(s) {
		i := slices.Index([]rune(chineseDigits), r)
		if i < 0 {
			return 0
		}
		n = n*10 + i
	}
	return n
}

// numberOf reads a number up to 39, in figures or in words.
func numberOf(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	n := 0
	for _, r := range s {
		if r == '十' {
			n = max(n, 1) * 10
			continue
		}
		n += max(0, slices.Index([]rune(chineseDigits), r))
	}
	return n
}

// organsIn are the organs whose names stand where an organ signs or heads a document:
// in its first lines and its last.
func organsIn(lines []string, organs []portal.Organ) []portal.OrganCode {
	var out []portal.OrganCode
	take := func(l string) {
		l = strings.ReplaceAll(l, " ", "")
		best := portal.Organ{}
		for _, o := range organs {
			if o.Name.ZH != "" && strings.Contains(l, o.Name.ZH) && len(o.Name.ZH) > len(best.Name.ZH) {
				best = o
			}
		}
		if best.Code != "" && !slices.Contains(out, best.Code) {
			out = append(out, best.Code)
		}
	}
	for i := len(lines) - 1; i >= max(0, len(lines)-4); i-- {
		if len([]rune(lines[i])) < 60 {
			take(lines[i])
		}
	}
	if len(out) == 0 {
		for _, l := range lines[:min(len(lines), 6)] {
			take(l)
			if len(out) > 0 {
				break
			}
		}
	}
	return out
}

// themeOf guesses the theme by the words that go with each, those of the title
// weighing most, and returns the words.
func themeOf(title, body string) (string, []string) {
	if r := []rune(body); len(r) > 4000 {
		body = string(r[:4000])
	}
	best, score := "", 0
	var words []string
	for code, list := range recognition.Themes {
		n := 0
		var hit []string
		for _, w := range list {
			k := 5*strings.Count(title, w) + min(4, strings.Count(body, w))
			n += k
			if k > 0 {
				hit = append(hit, w)
			}
		}
		if n > score || n == score && n > 0 && code < best {
			best, score, words = code, n, hit
		}
	}
	if score < 4 {
		return "", nil
	}
	slices.SortStableFunc(words, func(a, b string) int {
		return strings.Count(title+body, b) - strings.Count(title+body, a)
	})
	words = slices.DeleteFunc(words, func(w string) bool { return !unicode.Is(unicode.Han, []rune(w)[0]) })
	return best, words[:min(4, len(words))]
}
