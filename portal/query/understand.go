package query

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/text"
)

// The operators of a query by what people call them, in both languages.
var operators = map[string]string{
	"organ": "organ", "机关": "organ", "部门": "organ", "机构": "organ",
	"theme": "theme", "主题": "theme", "分类": "theme",
	"year": "year", "年份": "year", "年": "year",
	"number": "number", "文号": "number", "发文字号": "number", "索引号": "number",
	"type": "type", "kind": "type", "类型": "type", "种类": "type", "体裁": "type",
	"date": "date", "日期": "date", "公开日期": "date",
	"after": "after", "since": "after", "自": "after",
	"before": "before", "until": "before", "至": "before",
	"validity": "validity", "有效性": "validity", "效力": "validity",
}

// operator matches one operator with its value, which may be in quotes, in a
// text that is folded in width only.
var operator = regexp.MustCompile(`(?:^|\s)(\pL+):(?:"([^"]*)"|(\S+))`)

// Understand takes the operators out of a query's Text: organ:, theme:,
// year:, number:, type:, date:, after:, before: and validity:, each with a
// Chinese name. What is left are its Words. An operator that makes no sense
// is searched as words: no input is an error. A query is understood once: what has
// been is left as it is.
func (q *Query) Understand(organs []portal.Organ) {
	if q.understood {
		return
	}
	q.understood, q.operators = true, &Query{}
	text := strings.Map(func(r rune) rune { // width only: case and characters are shown as typed
		switch {
		case 0xFF01 <= r && r <= 0xFF5E:
			return r - 0xFEE0
		case r == 0x3000:
			return ' '
		case r == '“' || r == '”':
			return '"'
		}
		return r
	}, q.Text)
	var taken []string
	q.Words = strings.TrimSpace(operator.ReplaceAllStringFunc(text, func(match string) string {
		m := operator.FindStringSubmatch(match)
		value := strings.TrimSpace(m[2] + m[3])
		if name := operators[strings.ToLower(m[1])]; value != "" && q.apply(name, value, organs) {
			q.operators.apply(name, value, organs)
			taken = append(taken, strings.TrimSpace(match))
			return " "
		}
		return strings.Replace(match, ":", " ", 1)
	}))
	q.Operators = strings.Join(taken, " ")
}

// apply narrows the query by one operator and reports whether it made sense.
func (q *Query) apply(name, value string, organs []portal.Organ) bool {
	switch name {
	case "organ":
		code := organNamed(value, organs)
		if code == "" {
			return false
		}
		q.Organ = code
	case "theme":
		code := termNamed(portal.Themes, value)
		if code == "" {
			return false
		}
		q.Theme = code
	case "validity":
		code := termNamed(portal.Validities, value)
		if code == "" {
			return false
		}
		q.Validity = code
	case "type":
		if code := termNamed(portal.ContentKinds, value); code != "" {
			q.Kind = code
		} else if code := termNamed(portal.Genres, value); code != "" {
			q.Genre = code
		} else {
			return false
		}
	case "number":
		q.Number = value
	case "year", "date":
		first, last, ranged := strings.Cut(value, "..")
		from, _, ok1 := days(first)
		_, to, ok2 := days(last)
		if !ranged {
			_, to, ok2 = days(first)
		}
		if ok1 = ok1 || ranged && first == ""; !ok1 || !(ok2 || ranged && last == "") || to != 0 && to < from {
			return false
		}
		q.From, q.To = from, to
	case "after":
		from, _, ok := days(value)
		if !ok {
			return false
		}
		q.From = from
	case "before":
		_, to, ok := days(value)
		if !ok {
			return false
		}
		q.To = to
	default:
		return false
	}
	return true
}

var partialDay = regexp.MustCompile(`^(\d{4})(?:[-/.年](\d{1,2})月?(?:[-/.]?(\d{1,2})日?)?)?年?$`)

// days reads a year, a month or a day, and returns its first and last day.
func days(s string) (first, last portal.Date, ok bool) {
	m := partialDay.FindStringSubmatch(s)
	if m == nil {
		return 0, 0, false
	}
	year, _ := strconv.Atoi(m[1]) // digits, by the pattern
	n, _ := strconv.Atoi(m[2])
	month := time.Month(n)
	day, _ := strconv.Atoi(m[3])
	if year < 1900 || month > 12 || m[2] != "" && month < 1 || m[3] != "" && day < 1 {
		return 0, 0, false
	}
	switch {
	case m[2] == "":
		return clock.NewDate(year, 1, 1), clock.NewDate(year, 12, 31), true
	case m[3] == "":
		first = clock.NewDate(year, month, 1)
		return first, clock.NewDate(year, month+1, 1) - 1, true
	}
	d := clock.NewDate(year, month, day)
	return d, d, d.Time().Day() == day // a 31st of June is none
}

// organNamed is the organ with this code or name, or the first whose name
// holds it.
func organNamed(s string, organs []portal.Organ) portal.OrganCode {
	want := text.Squeeze(s)
	if want == "" {
		return ""
	}
	for _, o := range organs {
		if text.Squeeze(string(o.Code)) == want || text.Squeeze(o.Name.ZH) == want || text.Squeeze(o.Name.EN) == want {
			return o.Code
		}
	}
	for _, o := range organs {
		if strings.Contains(text.Squeeze(o.Name.ZH), want) || strings.Contains(text.Squeeze(o.Name.EN), want) {
			return o.Code
		}
	}
	return ""
}

// termNamed is the entry with this code or name, or the first whose name
// holds it.
func termNamed(l *portal.List, s string) string {
	if code := l.Find(s); code != "" {
		return code
	}
	want := text.Squeeze(s)
	for _, t := range l.Terms {
		if utf8.RuneCountInString(want) > 1 && (strings.Contains(text.Squeeze(t.Name.ZH), want) || strings.Contains(text.Squeeze(t.Name.EN), want)) {
			return t.Code
		}
	}
	return ""
}
