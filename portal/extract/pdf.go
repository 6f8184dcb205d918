package extract

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"gongkai/portal"
	"gongkai/portal/pdf"
	"gongkai/portal/sandbox"
	"gongkai/portal/text"
)

// maxPages bounds the pages of a document that are read.
const maxPages = 3000

// pdfReader reads PDF files; it is loaded before the child is locked in.
var pdfReader *pdf.Reader

func loadPDF() (err error) {
	pdfReader, err = pdf.Load(sandbox.Cache())
	return err
}

// pdfText reads the pages of a document.
func pdfText(file []byte) (Result, error) {
	d, err := pdfReader.Open(file)
	if err != nil {
		return Result{}, err
	}
	if scripted(file) {
		return Result{}, errScript
	}
	var r Result
	var scans, broken, failed []int
	size := 0
	for n := 1; n <= d.Pages; n++ {
		if n > maxPages || size > maxText || sandbox.Enough() {
			r.note("read.cut", portal.Args{"Pages": n - 1, "Of": d.Pages})
			break
		}
		gs, err := d.Glyphs(n, false)
		if err != nil {
			failed = append(failed, n)
			r.Pages = append(r.Pages, "")
			continue
		}
		text, lost := pageText(gs)
		if lost {
			broken = append(broken, n)
		} else if strings.TrimSpace(text) == "" {
			scans = append(scans, n)
		}
		size += len(text)
		r.Pages = append(r.Pages, text)
	}
	r.Scans = scans
	for _, x := range []struct {
		key   string
		pages []int
	}{{"read.scan", scans}, {"read.broken_font", broken}, {"read.page_failed", failed}} {
		if len(x.pages) > 0 {
			r.note(x.key, portal.Args{"Pages": pagesArg(x.pages)})
		}
	}
	return r, nil
}

// pagesArg names pages as a reader is told of them: 1–3, 7.
func pagesArg(pages []int) string {
	var b strings.Builder
	for i := 0; i < len(pages); {
		j := i
		for j+1 < len(pages) && pages[j+1] == pages[j]+1 {
			j++
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, pages[i])
		if j > i {
			fmt.Fprintf(&b, "–%d", pages[j])
		}
		i = j + 1
	}
	return b.String()
}

// line is a line of a page.
type line struct {
	text                     string
	left, right, top, bottom float64
	size                     float64
}

// lines puts the characters of a page together into lines. What the document
// does not tell, it leaves out and reports.
func lines(gs []pdf.Glyph) (out []line, unknown int) {
	var b strings.Builder
	var l line
	end := func() {
		if l.text = strings.TrimSpace(text.Clean(b.String())); l.text != "" {
			out = append(out, l)
		}
		b.Reset()
		l = line{}
	}
	for _, g := range gs {
		if g.Text == "\n" {
			end()
			continue
		}
		r, _ := utf8.DecodeRuneInString(g.Text)
		switch {
		case 0xF000 <= r && r <= 0xF0FF: // a sign of a symbol font, such as a bullet
			b.WriteString("• ")
			continue
		case g.Text == "" || r == utf8.RuneError || 0xE000 <= r && r <= 0xF8FF:
			unknown++
			continue
		}
		b.WriteString(g.Text)
		if g.Right <= g.Left && g.Blank() {
			continue
		}
		if l.right == 0 && l.bottom == 0 {
			l.left, l.right, l.top, l.bottom = g.Left, g.Right, g.Top, g.Bottom
		}
		l.left, l.right, l.top, l.bottom, l.size = min(l.left, g.Left), max(l.right, g.Right), min(l.top, g.Top), max(l.bottom, g.Bottom), max(l.size, g.Size, g.Bottom-g.Top)
	}
	end()
	for i := range out {
		if out[i].right > out[i].left {
			return out, unknown
		}
	}
	for i := range out { // a font that is not there has no places: lines are as long as their text
		l := &out[i]
		l.left, l.right, l.top, l.bottom, l.size = 0, 10*float64(utf8.RuneCountInString(l.text)), float64(15*i), float64(15*i+10), 10
	}
	return out, unknown
}

// opens is what a line begins with that begins something new.
var opens = regexp.MustCompile(`^(第[一二三四五六七八九十百千零〇\d]+[条章节编款]|[一二三四五六七八九十]+[、．.]|[（(][一二三四五六七八九十\d]+[）)]|\d+[.、．)）]|[①-⑳]|[-•·●■◆—]|附件|附[:：]|[|])`)

// headEnds is how the title of a document ends, which stands in the first lines.
var headEnds = regexp.MustCompile(`(通知|公告|通告|公报|意见|办法|决定|决议|规定|细则|条例|报告|方案|函|批复|通报|公示|纪要|目录|清单|指南|规划|文件)$`)

const headLines = 4

// pageText is the text of a page, and whether it cannot be trusted: a font
// whose characters the document does not tell, or tells wrong. The ends of
// lines inside a sentence are taken out.
func pageText(gs []pdf.Glyph) (text string, broken bool) {
	ls, unknown := lines(gs)
	if implausible(ls, gs, unknown) {
		return "", true
	}
	left, right := 0.0, 0.0
	for i, l := range ls {
		if i == 0 || l.left < left {
			left = l.left
		}
		right = max(right, l.right)
	}
	var b strings.Builder
	for i, l := range ls {
		if i > 0 {
			if i <= headLines && headEnds.MatchString(ls[i-1].text) {
				b.WriteString("\n")
			} else {
				b.WriteString(between(ls[i-1], l, left, right))
			}
		}
		b.WriteString(l.text)
	}
	return b.String(), false
}

// between is what stands between two lines of a page: nothing inside a Chinese
// sentence, a blank inside another, else the end of a line.
func between(a, b line, left, right float64) string {
	last, _ := utf8.DecodeLastRuneInString(a.text)
	first, _ := utf8.DecodeRuneInString(b.text)
	const full = 0.8 // of the width of the page's text
	switch {
	case strings.ContainsRune("。！？；：.!?;:”》", last), opens.MatchString(b.text), a.right-left < full*(right-left):
		return "\n"
	case b.top < a.top || b.top-a.bottom > 2*max(a.size, 6): // another column, or a gap
		return "\n"
	case b.left > a.left+1.5*max(b.size, 6) && b.left > left+1.5*max(b.size, 6): // the first line of a paragraph
		return "\n"
	case unicode.Is(unicode.Han, last) && unicode.Is(unicode.Han, first), strings.ContainsRune("，、（《“", last) && first > 0x2E80, unicode.Is(unicode.Han, last) && strings.ContainsRune("，。、；：？！）》”", first):
		return ""
	case unicode.IsLetter(last) && unicode.IsLetter(first) && last < 0x2E80 && first < 0x2E80:
		return " "
	case last > 0x2E80 && first < 0x2E80 && (unicode.IsDigit(first) || unicode.IsLetter(first)), last < 0x2E80 && first > 0x2E80 && (unicode.IsDigit(last) || unicode.IsLetter(last)):
		return ""
	}
	return "\n"
}

// implausible tells a text that only looks like one: characters that the
// document does not name, rare characters in numbers that nobody writes, words
// that are none.
func implausible(ls []line, gs []pdf.Glyph, unknown int) bool {
	shown, unsure := 0, 0
	for _, g := range gs {
		if !g.Made && !g.Blank() {
			shown++
			if g.Unknown {
				unsure++
			}
		}
	}
	shown += unknown
	if shown == 0 {
		return false
	}
	if unknown*10 > shown {
		return true
	}
	han, odd, run, longest := 0, 0, 0, 0
	words, none := 0, 0
	for _, l := range ls {
		for _, r := range l.text {
			switch {
			case unicode.Is(unicode.Han, r) && rare(r):
				han, odd, run = han+1, odd+1, run+1
				longest = max(longest, run)
			case unicode.Is(unicode.Han, r):
				han, run = han+1, 0
			default:
				run = 0
			}
		}
		for w := range strings.FieldsSeq(l.text) {
			words++
			if nonsense(w) {
				none++
			}
		}
	}
	if odd > 3 && odd*8 > han || longest >= 3 {
		return true
	}
	return unsure*2 > shown && none*2 > words
}

// nonsense tells a word that changes from small to capital letters in its
// middle, or has signs among its letters.
func nonsense(w string) bool {
	var before rune
	changes, signs := 0, 0
	for _, r := range w {
		if unicode.IsLower(before) && unicode.IsUpper(r) || unicode.IsDigit(before) && unicode.IsLetter(r) {
			changes++
		}
		if strings.ContainsRune(`\~^|{}<>`, r) || r > 0x7F && r < 0x250 && !unicode.IsLetter(r) {
			signs++
		}
		before = r
	}
	return changes+signs > 1
}
