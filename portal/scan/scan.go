// Package scan finds in a text what must not be published: identity numbers, mobile
// numbers, bank cards, passports, e-mail and home addresses, names beside them, marks
// of classification, words of an organ's own list (公开前审查, 第十五条; 先审查、后公开).
// It is a pure function of the text; what it looks for is data (rules/scan.json).
package scan

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gongkai/portal/rules"
)

// Kind is what a finding is.
type Kind string

// The kinds of findings.
const (
	Identity Kind = "identity" // 公民身份号码
	Mobile   Kind = "mobile"   // 手机号码
	Card     Kind = "card"     // 银行卡号
	Passport Kind = "passport" // 护照号码
	Mail     Kind = "mail"     // 电子邮箱
	Home     Kind = "home"     // 住址
	Name     Kind = "name"     // 姓名
	Mark     Kind = "mark"     // 密级标志
	Internal Kind = "internal" // 内部字样
	Word     Kind = "word"     // 机关自定的词
)

// Kinds are all of them, in the order in which they are told.
var Kinds = []Kind{Mark, Identity, Mobile, Card, Passport, Home, Name, Mail, Internal, Word}

// Finding is something that was found: from and to are bytes of the text.
type Finding struct {
	Kind     Kind
	From, To int
	Value    string // as it stands in the text
}

// ID names what was found, wherever it stands and however it is spaced: who has
// decided about it once has decided about each place.
func (f Finding) ID() string {
	h := sha256.Sum256([]byte(string(f.Kind) + "\x00" + squeeze(f.Value)))
	return string(f.Kind) + "-" + hex.EncodeToString(h[:6])
}

func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if r = narrow(r); unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return unicode.ToUpper(r)
	}, s)
}

type data struct {
	Marks      []string `json:"marks"`
	Internal   []string `json:"internal"`
	Home       []string `json:"home"`
	Passport   []string `json:"passport"`
	PublicMail []string `json:"public_mail"`
	Surnames   string   `json:"surnames"`
	Double     []string `json:"double_surnames"`
	Provinces  string   `json:"provinces"`
	Cards      []string `json:"cards"`
}

var known = rules.Read[data]("scan.json")

var (
	surname  = "(?:" + strings.Join(known.Double, "|") + "|[" + known.Surnames + "])"
	mark     = regexp.MustCompile(`(?:` + strings.Join(known.Marks, "|") + `)[ \t]*[★☆✭*＊][ \t]*(?:\d{1,2}[ \t]*(?:年|个月)|长期)?|(?m:^[#| \t]*(?:` + strings.Join(known.Marks, "|") + `)[| \t]*$)|(?:密级|保密级别|秘密等级)[:：\s|]{0,4}(?:` + strings.Join(known.Marks, "|") + `)`)
	internal = regexp.MustCompile(strings.Join(known.Internal, "|"))
	mailbox  = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}[ \t]?(?:@|＠|\(at\)|\[at\])[ \t]?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}`)
	passport = regexp.MustCompile(`(?:[HMC]\d{10}|E[A-HJ-NP-Z]\d{7}|[EGDSPKH]\d{8})`)
	// digits are numbers as people group them.
	digits = regexp.MustCompile(`\d(?:[ \t\x{A0}-]?\d){9,400}[ \t-]?[Xx]?`)
	// door is how the address of a home ends.
	door = regexp.MustCompile(`\d{2,5}[ \t]*(?:室|户|号房|房)|\d{1,3}[ \t]*组[ \t]*\d{1,4}[ \t]*号`)
	// flat is a home down to its door.
	flat     = regexp.MustCompile(`[\p{Han}A-Za-z0-9]{0,30}(?:路|街|巷|弄|道|里|村|苑|园|城|小区|花园|公寓|庄|屯|组|社区|家园|新村)[\p{Han}A-Za-z0-9]{0,12}?\d{1,5}[ \t]*(?:号楼|号院|号|栋|幢|座|弄|组)[\p{Han}A-Za-z0-9\- \t]{0,14}?(?:\d{1,2}[ \t]*单元[ \t]*)?\d{2,5}[ \t]*(?:室|户|号房|房)|[\p{Han}]{2,20}(?:村|屯|庄)[\p{Han}]{0,4}\d{1,3}[ \t]*组[ \t]*\d{1,4}[ \t]*号`)
	home     = regexp.MustCompile(`(?:` + strings.Join(known.Home, "|") + `)[ \t]*[:：为是|][ \t|]*([\p{Han}A-Za-z0-9()（）\-]{6,60})`)
	named    = regexp.MustCompile(`(?:姓名|当事人|申请人|联系人|户主|法定代表人|受助人|负责人|患者|学生|被处罚人|权利人|领取人|持卡人|户名)[ \t]*[:：|][ \t|]*(` + surname + `\p{Han}{1,2})`)
	nameLike = regexp.MustCompile(surname + `[·\p{Han}]{1,2}`)
)

// wide is a text with its numbers and letters in one width, and where each
// character of it stands in the text.
type wide struct {
	s    string
	from []int // byte of s → byte of the text
}

func narrow(r rune) rune {
	switch {
	case 0xFF01 <= r && r <= 0xFF5E:
		return r - 0xFEE0
	case r == 0x3000:
		return ' '
	case r == 'О' || r == 'о': // what looks like a nought in other alphabets
		return 'O'
	case r == '–' || r == '—' || r == '‐' || r == '−':
		return '-'
	case 0x2460 <= r && r <= 0x2468:
		return r
	}
	return r
}

func widen(text string) wide {
	var b strings.Builder
	from := make([]int, 0, len(text)+1)
	for i, r := range text {
		if r == 0x200B || r == 0xFEFF || r == 0x200C || r == 0x200D || r == 0xAD || r == 0x2060 {
			continue // what is not seen does not part a number
		}
		n := b.Len()
		b.WriteRune(narrow(r))
		for ; n < b.Len(); n++ {
			from = append(from, i)
		}
	}
	return wide{b.String(), append(from, len(text))}
}

// Scan finds what must not be published, from the beginning to the end. Words are an
// organ's own.
func Scan(text string, words []string) []Finding {
	w := widen(text)
	var out []Finding
	taken := make([]bool, len(w.s))
	add := func(k Kind, from, to int) {
		if slices.Contains(taken[from:to], true) { // one thing is found once
			return
		}
		for i := from; i < to; i++ {
			taken[i] = true
		}
		out = append(out, Finding{k, from, to, w.s[from:to]})
	}
	for _, m := range mark.FindAllStringIndex(w.s, -1) {
		from, to := m[0], m[1]
		for from < to && strings.ContainsRune("#| \t", rune(w.s[from])) {
			from++
		}
		for from < to && strings.ContainsRune("#| \t", rune(w.s[to-1])) {
			to--
		}
		add(Mark, from, to)
	}
	numbers(w.s, add)
	context := strings.ToLower(w.s)
	if slices.ContainsFunc(known.Passport, func(p string) bool { return strings.Contains(context, p) }) {
		for _, m := range passport.FindAllStringIndex(w.s, -1) {
			if alone(w.s, m[0], m[1]) {
				add(Passport, m[0], m[1])
			}
		}
	}
	for _, m := range mailbox.FindAllStringIndex(w.s, -1) {
		if v := strings.ToLower(w.s[m[0]:m[1]]); !slices.ContainsFunc(known.PublicMail, func(p string) bool { return strings.HasSuffix(v, p) }) {
			add(Mail, m[0], m[1])
		}
	}
	for _, m := range home.FindAllStringSubmatchIndex(w.s, -1) {
		add(Home, m[2], m[3])
	}
	for _, m := range door.FindAllStringIndex(w.s, -1) { // the few ends that a home has, then its beginning
		from := max(0, m[0]-near*3)
		for from < m[0] && !utf8.RuneStart(w.s[from]) {
			from++
		}
		for _, x := range flat.FindAllStringIndex(w.s[from:m[1]], -1) {
			if from+x[1] >= m[1] {
				add(Home, from+x[0], from+x[1])
			}
		}
	}
	names(w.s, out, add)
	for _, m := range internal.FindAllStringIndex(w.s, -1) {
		add(Internal, m[0], m[1])
	}
	for _, word := range words {
		if word = widen(word).s; word == "" {
			continue
		}
		for at := 0; ; {
			i := strings.Index(w.s[at:], word)
			if i < 0 {
				break
			}
			add(Word, at+i, at+i+len(word))
			at += i + len(word)
		}
	}
	for i := range out { // back to the text as it was given
		from, to := w.from[out[i].From], w.from[out[i].To]
		out[i].From, out[i].To, out[i].Value = from, to, text[from:to]
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return a.From - b.From })
	return out
}

// alone reports whether no letter or digit stands on either side.
func alone(s string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:from])
	after, _ := utf8.DecodeRuneInString(s[to:])
	part := func(r rune) bool {
		return r < 0x2E80 && r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
	}
	return !part(before) && !part(after)
}

// bare leaves the blanks and dashes out of a number.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		if r == 'x' || r == 'X' {
			return 'X'
		}
		return -1
	}, s)
}

// numbers finds numbers that are of somebody.
func numbers(s string, add func(Kind, int, int)) {
	for _, m := range digits.FindAllStringIndex(s, -1) {
		from, to := m[0], m[1]
		if before, _ := utf8.DecodeLastRuneInString(s[:from]); before < 0x2E80 && (unicode.IsLetter(before) && before != utf8.RuneError || before == '.' && from > 1 && s[from-2] >= '0' && s[from-2] <= '9') {
			if !strings.HasSuffix(s[:from], "+") && !strings.HasSuffix(strings.ToLower(s[:from]), "tel") {
				continue // part of a code, or decimals
			}
		}
		whole(s, from, to, add)
	}
}

// whole looks at a run of digits: as one number, then group by group, then those
// that lie in it side by side.
func whole(s string, from, to int, add func(Kind, int, int)) {
	v := s[from:to]
	if k := kindOf(bare(v)); k != "" && grouped(v, k) {
		add(k, from, to)
		return
	}
	if t := strings.TrimRight(strings.TrimRight(v, "Xx"), " \t-"); len(t) < len(v) {
		if k := kindOf(bare(t)); k != "" && grouped(t, k) {
			add(k, from, from+len(t))
			return
		}
	}
	// Several numbers with a blank between them: each on its own, then neighbours
	// together as far as they make one.
	type part struct{ from, to int }
	var parts []part
	at := 0
	for i := 0; i <= len(v); i++ {
		if i == len(v) || v[i] == ' ' || v[i] == '\t' || v[i] == '-' || v[i] == 0xC2 || v[i] == 0xA0 {
			if i > at {
				parts = append(parts, part{at, i})
			}
			at = i + 1
		}
	}
	if len(parts) < 2 {
		return
	}
	for i := 0; i < len(parts); i++ {
		for j := len(parts); j > i; j-- {
			p := v[parts[i].from:parts[j-1].to]
			if k := kindOf(bare(p)); k != "" && grouped(p, k) {
				add(k, from+parts[i].from, from+parts[j-1].to)
				i = j - 1
				break
			}
		}
	}
}

// grouped reports whether a number is grouped as one of its kind is: a date and an
// hour beside each other make no telephone.
func grouped(v string, k Kind) bool {
	var sizes []int
	n := 0
	for _, r := range v {
		if r == ' ' || r == '\t' || r == '-' || r == 0xA0 {
			if n > 0 {
				sizes = append(sizes, n)
			}
			n = 0
			continue
		}
		n++
	}
	if n > 0 {
		sizes = append(sizes, n)
	}
	if len(sizes) == 1 {
		return true
	}
	match := func(want ...int) bool { return slices.Equal(sizes, want) }
	switch k {
	case Mobile:
		return match(3, 4, 4) || match(3, 3, 5) || match(2, 11) || match(2, 3, 4, 4) || match(4, 3, 4) || match(5, 6)
	case Identity:
		return match(6, 8, 4) || match(6, 4, 4, 4) || match(3, 3, 4, 4, 4) || match(6, 8, 3, 1) || match(6, 4, 2, 2, 4) || match(17, 1) || match(14, 4) || match(4, 4, 4, 4, 2)
	case Card:
		for i, n := range sizes {
			if n != 4 && i < len(sizes)-1 && !(i == 0 && n == 6) {
				return false
			}
		}
		return len(sizes) > 2 || match(6, 10) || match(6, 13)
	}
	return false
}

// kindOf tells what a number is; "" for none that is of somebody.
func kindOf(n string) Kind {
	switch {
	case identity(n):
		return Identity
	case len(n) == 11 && n[0] == '1' && n[1] >= '3' && !strings.Contains(n, "X") && !same(n[2:]):
		return Mobile
	case len(n) == 13 && strings.HasPrefix(n, "861") && n[3] >= '3':
		return Mobile
	case len(n) >= 15 && len(n) <= 19 && !strings.Contains(n, "X") && luhn(n) && !same(n) && slices.ContainsFunc(known.Cards, func(p string) bool { return strings.HasPrefix(n, p) }):
		if len(n) == 15 && !strings.HasPrefix(n, "37") {
			return ""
		}
		return Card
	}
	return ""
}

// same reports whether a number is one digit over and over: an example.
func same(n string) bool { return strings.Trim(n, n[:1]) == "" }

// identity checks a citizen's number: region, day of birth and, of 18, the last
// sign (GB 11643-1999). One of 15 has the day alone.
func identity(n string) bool {
	if len(n) != 18 && len(n) != 15 || !slices.Contains(strings.Fields(known.Provinces), n[:2]) || strings.Contains(n[:len(n)-1], "X") {
		return false
	}
	day := n[6:]
	if len(n) == 15 {
		if n[14] == 'X' {
			return false
		}
		day = "19" + n[6:]
	}
	born, err := time.Parse("20060102", day[:8])
	if err != nil || born.Year() < 1880 || born.Year() > 2100 {
		return false
	}
	return len(n) == 15 || CheckDigit(n)
}

// CheckDigit reports whether the last sign of an identity number of 18 is right
// (GB 11643-1999).
func CheckDigit(n string) bool {
	if len(n) != 18 {
		return false
	}
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		if n[i] < '0' || n[i] > '9' {
			return false
		}
		sum += w * int(n[i]-'0')
	}
	return "10X98765432"[sum%11] == n[17]
}

// luhn checks the last digit of a card's number.
func luhn(n string) bool {
	sum := 0
	for i := range len(n) {
		d := int(n[len(n)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// near is how far from a number its owner's name stands, in bytes.
const near = 60

// names finds names after a label, and names beside numbers in the same line.
func names(s string, found []Finding, add func(Kind, int, int)) {
	put := make(map[int]bool)
	once := func(from, to int) {
		if !put[from] {
			put[from] = true
			add(Name, from, to)
		}
	}
	var personal []Finding
	for _, f := range found {
		if f.Kind == Identity || f.Kind == Mobile || f.Kind == Card || f.Kind == Passport {
			personal = append(personal, f)
		}
	}
	for _, f := range personal {
		line := strings.LastIndexByte(s[:f.From], '\n') + 1
		from := max(line, f.From-near)
		for from < f.From && !utf8.RuneStart(s[from]) {
			from++
		}
		before := s[from:f.From]
		for _, m := range nameLike.FindAllStringIndex(before, -1) {
			if person(s, from+m[0], from+m[1]) {
				once(from+m[0], from+m[1])
			}
		}
	}
	if len(personal) == 0 {
		return
	}
	for _, m := range named.FindAllStringSubmatchIndex(s, -1) {
		if person(s, m[2], m[3]) {
			once(m[2], m[3])
		}
	}
}

// person reports whether what looks like a name stands as one: on its own, or before
// a word for whom it is.
func person(s string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:from])
	after, _ := utf8.DecodeRuneInString(s[to:])
	if unicode.Is(unicode.Han, before) {
		ok := false
		for _, w := range []string{"姓名", "户主", "申请人", "当事人", "联系人", "患者", "学生", "村民", "居民", "同志", "处罚人", "人员", "和", "与", "及", "持卡人", "户名", "经办人"} {
			ok = ok || strings.HasSuffix(s[:from], w)
		}
		if !ok {
			return false
		}
	}
	if unicode.Is(unicode.Han, after) {
		for _, w := range []string{"先生", "女士", "同志", "身份", "手机", "电话", "联系", "男", "女", "住", "银行", "护照", "公民", "证件", "卡号", "的身份", "的手机", "账号"} {
			if strings.HasPrefix(s[to:], w) {
				return true
			}
		}
		return false
	}
	return true
}

// Mask is a value with its middle taken out, so that its owner can tell it and nobody
// else can use it. Of a mark of classification nothing is masked: it is no more and
// no less than a reason not to publish.
func Mask(f Finding) string {
	rs := []rune(f.Value)
	keep := func(head, tail int) string {
		if len(rs) <= head+tail {
			head, tail = min(1, len(rs)), 0
		}
		return string(rs[:head]) + strings.Repeat("*", len(rs)-head-tail) + string(rs[len(rs)-tail:])
	}
	switch f.Kind {
	case Identity:
		return keep(4, 2)
	case Mobile:
		return keep(3, 3)
	case Card:
		return keep(4, 4)
	case Passport:
		return keep(2, 2)
	case Name:
		return keep(1, 0)
	case Mail:
		at := slices.IndexFunc(rs, func(r rune) bool { return r == '@' || r == '＠' || r == '(' || r == '[' })
		return string(rs[:1]) + "***" + string(rs[max(at, 1):])
	case Home:
		return keep(min(6, len(rs)/2), 0)
	}
	return keep(0, 0)
}

// Apply masks in a text those of the findings that a choice takes.
func Apply(text string, found []Finding, choose func(Finding) bool) string {
	var b strings.Builder
	at := 0
	for _, f := range found {
		if f.From < at || !choose(f) {
			continue
		}
		b.WriteString(text[at:f.From] + Mask(f))
		at = f.To
	}
	return b.String() + text[at:]
}
