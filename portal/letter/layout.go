package letter

import (
	"fmt"
	"regexp"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// The sheet of an official letter, in millimetres and points, as GB/T 9704—2012 has it: chapter
// 5 for the page, 10.1 for the head of letters (信函格式).
const (
	topEdge, leftEdge, rightEdge = 37.0, 28.0, 26.0
	textHeight                   = 225.0
	textWidth                    = pageWidth - leftEdge - rightEdge
	bottomEdge                   = pageHeight - topEdge - textHeight
	pitch                        = textHeight / 22              // 22 lines a page
	bodySize                     = textWidth / 28 / pointSize   // 28 characters a line, close to size 三号 (16 points)
	titleSize, numberSize        = 22.0, 14.0                   // 二号, 四号
	noteSize                     = 12.0                         // 小四
	issuerTop, issuerSize        = 30.0, 36.0                   // of the issuer's name: from the top of the page, at most
	ruleWidth, ruleGap           = 170.0, 4.0                   // of the red double lines, and their distance from the name
	footRule                     = pageHeight - 20              // of the second red double line
	numberGap                    = bodySize * pointSize * 7 / 8 // of the document number from the red line
	sealHeight                   = 45.0                         // what a seal of 42 mm takes
	seals                        = 3                            // side by side
	dateGap                      = 4 * bodySize * pointSize     // of the date from the right (右空四字)
	pointSize                    = 25.4 / 72                    // millimetres
)

// red is the colour of the head.
var red = [3]int{212, 0, 0}

// first-level headings are set in Hei (一、…), when they are no more than a heading.
var firstLevel = regexp.MustCompile(`^[一二三四五六七八九十]+、[^。；]{1,28}$`)

var dated = regexp.MustCompile(`^(\d{4}|[〇○零一二三四五六七八九]{4})年.{1,3}月.{1,3}日$`)

// row is a line of type.
type row struct {
	text   string
	face   face
	size   float64
	left   float64 // millimetres from the left of the text
	height float64 // millimetres to the next; 0 where that stands beside it
	part   int     // the line of the letter that it belongs to
	keep   float64 // millimetres that must be left below it on its page
}

// sheets is a letter that is being set.
type sheets struct {
	*fpdf.Fpdf
	tags tags
	y    float64
}

// PDF sets the letter on A4 as GB/T 9704 has official letters, if it begins with its issuing
// organ under a red head; with space for its seals; its fonts embedded and its structure
// tagged for screen readers. The same text and time give the same bytes.
func (Printer) PDF(text string, at time.Time) ([]byte, error) {
	lines := parse(text)
	p := &sheets{Fpdf: newPDF(at)}
	p.AddUTF8FontFromBytes(songFace.name, "", song)
	p.SetLang("zh-CN")
	p.SetMargins(0, 0, 0)
	p.SetCellMargin(0)
	p.SetAutoPageBreak(false, 0)
	official := len(lines) > 0 && lines[0].kind == issuer
	p.page(official)
	if official {
		p.head(lines[0].text)
	}
	signed := len(lines)
	for i := len(lines) - 1; i > 0 && lines[i].kind >= right; i-- {
		if lines[i].kind == right {
			signed = i
		}
	}
	var title string
	var rows, numbered []row
	for i, l := range lines[:signed] {
		switch {
		case l.kind == issuer:
		case l.kind == number && official && numbered == nil: // it stands right under the red line
			numbered = set(l, i)
		default:
			rows = append(rows, set(l, i)...)
		}
		if l.kind == heading && title == "" {
			title = printable(l.text)
		}
	}
	for i := len(rows) - 1; i >= 0; i-- {
		if lines[rows[i].part].kind == heading {
			rows[i].height += pitch // a line is left free below the title
			break
		}
	}
	block := signatures(lines[signed:], signed)
	for n := range min(2, len(rows)) { // the signatures are never alone on a page
		rows[len(rows)-1-n].keep = block.height + float64(n)*pitch
	}
	if numbered != nil {
		p.y += numberGap - (pitch-bodySize*pointSize)/2
		p.rows(numbered, lines)
	}
	if official {
		p.y += 2 * pitch // the title stands two lines below what is above it
	}
	p.rows(rows, lines)
	p.sign(block, lines)
	p.SetTitle(title, true)
	b, err := output(p.Fpdf)
	if err != nil {
		return nil, err
	}
	return p.tags.into(b)
}

// set breaks a line of a letter into rows.
func set(l line, part int) []row {
	r := row{face: songFace, size: bodySize, height: pitch, part: part}
	text, centred, atRight := printable(l.text), false, false
	switch l.kind {
	case heading:
		r.size, r.height, centred = titleSize, pitch*1.1, true
	case number, right:
		atRight = true
	case small:
		r.size, r.height = noteSize, pitch*0.8
	case paragraph:
		text = indent + text
		if firstLevel.MatchString(l.text) {
			r.face = heiFace
		}
	}
	var out []row
	for _, s := range wrap(text, textWidth+0.01, func(s string) float64 { return measure(s, r.face, r.size) }) {
		r.text, r.left = s, 0
		if free := textWidth - measure(s, r.face, r.size); centred {
			r.left = free / 2
		} else if atRight {
			r.left = free
		}
		out = append(out, r)
	}
	return out
}

// measure is how wide a text is in a face, or in Hei where the face has not its characters.
func measure(text string, f face, size float64) float64 {
	var w float64
	for _, r := range text {
		w += faceOf(r, f).widths()[r]
	}
	return w * size * pointSize
}

func faceOf(r rune, f face) face {
	if f.has(r) {
		return f
	}
	return heiFace
}

// page begins a page. The first of an official letter has its red lines and no number.
func (p *sheets) page(first bool) {
	p.AddPage()
	p.tags.page()
	p.y = topEdge
	if first {
		return
	}
	n := p.PageNo()
	text := fmt.Sprintf("— %d —", n)
	left := leftEdge + bodySize*pointSize // 双页码居左空一字
	if n%2 == 1 {
		left = pageWidth - rightEdge - bodySize*pointSize - measure(text, songFace, numberSize)
	}
	p.RawWriteStr("/Artifact BMC")
	p.print(text, songFace, numberSize, left, pageHeight-bottomEdge+7)
	p.RawWriteStr("EMC")
}

// head writes the red head: the issuer's name between the edge and a double line, and the
// double line at the foot.
func (p *sheets) head(name string) {
	name = printable(name)
	size := min(issuerSize, issuerSize*ruleWidth/max(measure(name, songFace, issuerSize), 1))
	p.SetTextColor(red[0], red[1], red[2])
	p.SetDrawColor(red[0], red[1], red[2])
	p.SetTextRenderingMode(2) // heavier, as the face of heads is
	p.SetLineWidth(size * 0.008)
	p.RawWriteStr(p.tags.begin("P", 0))
	p.print(name, songFace, size, (pageWidth-measure(name, songFace, size))/2, issuerTop)
	p.RawWriteStr("EMC")
	p.SetTextRenderingMode(0)
	p.SetTextColor(0, 0, 0)
	rule := func(y, width float64) {
		p.SetLineWidth(width)
		p.Line((pageWidth-ruleWidth)/2, y, (pageWidth+ruleWidth)/2, y)
	}
	y := issuerTop + size*pointSize + ruleGap
	p.RawWriteStr("/Artifact BMC")
	rule(y, 1)
	rule(y+1.2, 0.35)
	rule(footRule-1.2, 0.35)
	rule(footRule, 1)
	p.RawWriteStr("EMC")
	p.y = y + 1.2
}

// room begins another page if so many millimetres are not left on this one.
func (p *sheets) room(height float64) {
	if p.y+height > pageHeight-bottomEdge+0.01 && p.y > topEdge {
		p.page(false)
	}
}

// rows sets rows, each on the next page if it does not fit.
func (p *sheets) rows(rows []row, lines []line) {
	for _, r := range rows {
		p.room(r.height + r.keep)
		role := "P"
		if lines[r.part].kind == heading {
			role = "H1"
		}
		p.RawWriteStr(p.tags.begin(role, r.part))
		p.print(r.text, r.face, r.size, leftEdge+r.left, p.y+(pitch-r.size*pointSize)/2)
		p.RawWriteStr("EMC")
		p.y += r.height
	}
}

// print writes a text with its top left corner at a place.
func (p *sheets) print(text string, f face, size, x, y float64) {
	for len(text) > 0 {
		var here face
		n := 0
		for i, r := range text {
			if use := faceOf(r, f); i == 0 {
				here = use
			} else if use.name != here.name {
				break
			}
			n = i + len(string(r))
		}
		p.SetFont(here.name, "", size)
		p.Text(x, y+size*pointSize*0.86, text[:n])
		x += measure(text[:n], here, size)
		text = text[n:]
	}
}

// block is what a letter ends with: who signs, the day, and notes below.
type block struct {
	signs, date, notes []row
	height             float64 // of the names and the day, with room for seals
}

// aboveSeal is the room that a seal takes above the names that it covers with the day.
const aboveSeal = (sealHeight - 2*pitch) / 2

// signatures places organs side by side, three to a row, above the day, which stands four
// characters from the right; one alone is centred over the day.
func signatures(lines []line, first int) block {
	var b block
	for i, l := range lines {
		switch {
		case l.kind == small:
			b.notes = append(b.notes, set(l, first+i)...)
		case dated.MatchString(l.text) && b.date == nil:
			b.date = set(l, first+i)[:1]
		default:
			b.signs = append(b.signs, row{text: printable(l.text), face: songFace, size: bodySize, part: first + i})
		}
	}
	day := 0.0
	if b.date != nil {
		day = measure(b.date[0].text, songFace, bodySize)
		b.date[0].left = textWidth - dateGap - day
		b.height = aboveSeal + pitch
	}
	column := textWidth
	if len(b.signs) > 1 {
		column = textWidth / seals
	}
	for i := range b.signs {
		r := &b.signs[i]
		width := measure(r.text, r.face, r.size)
		if most := column - 2; width > most {
			r.size, width = r.size*most/width, most
		}
		r.left = float64(i%seals)*column + (column-width)/2
		if len(b.signs) == 1 {
			r.left = min(textWidth-width, textWidth-dateGap-day/2-width/2)
		}
		switch {
		case i == len(b.signs)-1:
			r.height = pitch
		case i%seals == seals-1:
			r.height = sealHeight
		}
		b.height += r.height
	}
	return b
}

// sign sets the signatures.
func (p *sheets) sign(b block, lines []line) {
	if b.height > 0 {
		p.room(b.height)
		p.y += aboveSeal
	}
	p.rows(b.signs, lines)
	p.rows(b.date, lines)
	if len(b.notes) > 0 {
		p.y += pitch
	}
	p.rows(b.notes, lines)
}
