package extract

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gongkai/portal"
	"gongkai/portal/ooxml"
	"gongkai/portal/text"
)

// docxText reads a DOCX as a reader sees it: each text once, none that is
// hidden, deleted or a guide to reading; headings as Markdown headings, rows
// of tables on a line each, numbers that are made automatically, notes beside
// the paragraph that they belong to.
func docxText(file []byte) (Result, error) {
	d, err := openDOCX(file)
	if err != nil {
		return Result{}, portal.Damaged(err)
	}
	text, err := d.read()
	if err != nil {
		return Result{}, portal.Damaged(err)
	}
	d.unseen(&d.notes)
	return Result{Pages: []string{text}, Notes: d.notes.Notes, Unseen: d.notes.Unseen}, nil
}

// unseen keeps what the document holds and does not show.
func (d *docx) unseen(r *Result) {
	var said []string
	for _, c := range d.aside["comments"] {
		said = append(said, c)
	}
	slices.Sort(said)
	r.hide("place.comment", nil, strings.Join(said, "\n"))
	r.hide("place.hidden_text", nil, d.hidden.String())
	r.hide("place.deleted", nil, d.deleted.String())
	r.properties(d.Package)
}

// docx is a document that is read.
type docx struct {
	*ooxml.Package
	main    string
	rels    map[string]ooxml.Relation
	styles  map[string]style
	numbers numbering
	aside   map[string]map[string]string // footnotes, endnotes, comments: id → text
	notes   Result
	noted   map[string]bool
	deep    int // documents in one another

	hidden, deleted strings.Builder // texts that are there and not shown
}

// style is what is known of a style of paragraphs or characters.
type style struct {
	based   string
	heading int
	hidden  bool
	num     string
	level   int
}

func openDOCX(file []byte) (*docx, error) {
	p, err := ooxml.Open(file, maxXML)
	if err != nil {
		return nil, err
	}
	d := &docx{Package: p, styles: make(map[string]style), aside: make(map[string]map[string]string), noted: make(map[string]bool)}
	// What the parts beside the text do not tell is done without, here and below.
	d.main, _ = p.Main("/word/document.xml")
	d.rels, _ = p.Relations(d.main)
	return d, nil
}

// note says something of the document, once.
func (d *docx) note(key string) {
	if !d.noted[key] {
		d.noted[key] = true
		d.notes.note(key, nil)
	}
}

// on reads a switch such as <w:vanish/>, which is on unless it says otherwise.
func on(e xml.StartElement) bool {
	v := ooxml.Attr(e, "val")
	return v != "0" && v != "false" && v != "off"
}

// by finds the parts of a kind that the document names.
func (d *docx) by(kind string) []string {
	var out []string
	for _, r := range d.rels {
		if r.Is(kind) && !r.External {
			out = append(out, r.Target)
		}
	}
	slices.Sort(out)
	return out
}

func (d *docx) read() (string, error) {
	for _, p := range d.by("styles") {
		d.readStyles(p)
	}
	for _, p := range d.by("numbering") {
		d.numbers.read(d, p)
	}
	for _, kind := range []string{"footnotes", "endnotes", "comments"} {
		for _, p := range d.by(kind) {
			d.readAside(kind, p)
		}
	}
	if len(d.aside["comments"]) > 0 {
		d.note("read.comments")
	}
	var b strings.Builder
	frame := func(kind, label string) error {
		var seen []string
		for _, p := range d.by(kind) {
			w := walker{d: d}
			if err := w.walk(p); err != nil {
				return err
			}
			text := strings.Join(strings.Fields(w.out.String()), " ")
			if text != "" && !pageNumber.MatchString(text) && !slices.Contains(seen, text) {
				seen = append(seen, text)
				b.WriteString("〔" + label + "：" + text + "〕\n\n")
			}
		}
		return nil
	}
	if err := frame("header", "页眉"); err != nil {
		return "", err
	}
	w := walker{d: d}
	if err := w.walk(d.main); err != nil {
		return "", err
	}
	b.WriteString(w.out.String())
	return b.String(), frame("footer", "页脚")
}

// pageNumber is a header or footer that holds nothing else.
var pageNumber = regexp.MustCompile(`^[\s\d—\-–/·第页共of]*$`)

func (d *docx) readStyles(name string) {
	_ = d.Each(name, func(dec *xml.Decoder, e xml.StartElement) error { // those before a mistake are known
		id := ooxml.Attr(e, "styleId")
		if e.Name.Local != "style" || id == "" {
			return nil
		}
		var s style
		err := ooxml.Below(dec, func(e xml.StartElement) {
			switch e.Name.Local {
			case "name":
				if s.heading == 0 {
					s.heading = headingLevel(ooxml.Attr(e, "val"))
				}
			case "basedOn":
				s.based = ooxml.Attr(e, "val")
			case "outlineLvl":
				if n := outline(e); n > 0 {
					s.heading = n
				}
			case "vanish":
				s.hidden = on(e)
			case "numId":
				s.num = ooxml.Attr(e, "val")
			case "ilvl":
				s.level, _ = strconv.Atoi(ooxml.Attr(e, "val"))
			}
		})
		if err == nil {
			d.styles[id] = s
		}
		return err
	})
}

// outline is the level of a heading by its place in the outline; 0 for none.
func outline(e xml.StartElement) int {
	if n, err := strconv.Atoi(ooxml.Attr(e, "val")); err == nil && n < 6 {
		return n + 1
	}
	return 0
}

// style is a style with what it takes from those that it is based on.
func (d *docx) style(id string) style {
	s := d.styles[id]
	for base, n := s.based, 0; base != "" && n < 20; n++ {
		b := d.styles[base]
		if s.heading == 0 {
			s.heading = b.heading
		}
		if s.num == "" {
			s.num, s.level = b.num, b.level
		}
		s.hidden = s.hidden || b.hidden
		base = b.based
	}
	if s.heading == 0 {
		s.heading = headingLevel(id)
	}
	return s
}

// headingLevel reads the name of a style such as heading 2, Heading2, 标题 2 or 2.
func headingLevel(name string) int {
	v := strings.ToLower(strings.ReplaceAll(name, " ", ""))
	v = strings.TrimPrefix(strings.TrimPrefix(v, "heading"), "标题")
	if len(v) == 1 && v >= "1" && v <= "6" {
		return int(v[0] - '0')
	}
	if name == "Title" || name == "标题" {
		return 1
	}
	return 0
}

// readAside reads footnotes, endnotes or comments.
func (d *docx) readAside(kind, name string) {
	d.aside[kind] = make(map[string]string)
	_ = d.Each(name, func(dec *xml.Decoder, e xml.StartElement) error { // those before a mistake are known
		if e.Name.Local != "footnote" && e.Name.Local != "endnote" && e.Name.Local != "comment" || ooxml.Attr(e, "type") != "" && ooxml.Attr(e, "type") != "normal" {
			return nil
		}
		w := walker{d: d, plain: true}
		if err := w.children(dec, 1); err != nil {
			return err
		}
		w.endParagraph()
		if text := strings.Join(strings.Fields(w.out.String()), " "); text != "" {
			d.aside[kind][ooxml.Attr(e, "id")] = text
		}
		return nil
	})
}

// paragraph is one that is being read. Text boxes in it come after it.
type paragraph struct {
	text    strings.Builder
	heading int
	num     string
	level   int
	hidden  bool
	notes   []string
	boxes   []string
}

// walker reads a part of the document in one pass.
type walker struct {
	d     *docx
	out   strings.Builder
	p     paragraph
	cells int  // how many tables the place lies in
	plain bool // no numbers and notes
}

func (w *walker) walk(name string) error {
	r, err := w.d.Part(name)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := w.children(xml.NewDecoder(r), 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	w.endParagraph()
	return nil
}

// errDeep says that elements lie too deep in one another.
var errDeep = errors.New("elements lie too deep in one another")

// children reads what an element holds, up to its end.
func (w *walker) children(dec *xml.Decoder, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	return ooxml.Children(dec, func(e xml.StartElement) error {
		if err := w.element(dec, e, depth); err != nil {
			return err
		}
		if w.out.Len() > maxText {
			w.d.note("read.long")
			return io.EOF
		}
		return nil
	})
}

func (w *walker) element(dec *xml.Decoder, e xml.StartElement, depth int) error {
	in := func() error { return w.children(dec, depth+1) }
	switch e.Name.Local {
	case "p":
		if w.p.text.Len() > 0 || len(w.p.boxes) > 0 { // a paragraph in another's run
			w.endParagraph()
		}
		if err := in(); err != nil {
			return err
		}
		w.endParagraph()
		return nil
	case "pPr":
		return w.properties(dec)
	case "r":
		return w.run(dec, depth)
	case "tbl":
		return w.table(dec, depth)
	case "del", "moveFrom", "delText", "instrText", "Fallback", "rt", "rubyPr", "sdtPr", "sdtEndPr", "sectPr", "tblPr", "tblGrid", "trPr", "tcPr", "rPr":
		if e.Name.Local == "del" || e.Name.Local == "moveFrom" {
			w.d.note("read.tracked")
			return w.d.takenOut(dec)
		}
		return dec.Skip()
	case "AlternateContent":
		return w.alternate(dec, depth)
	case "txbxContent":
		inner := walker{d: w.d, plain: w.plain}
		if err := inner.children(dec, depth+1); err != nil {
			return err
		}
		inner.endParagraph()
		w.p.boxes = append(w.p.boxes, inner.out.String())
		return nil
	case "altChunk", "subDoc":
		if err := w.inserted(w.d.rels[ooxml.Attr(e, "id")]); err != nil {
			w.d.note("read.inserted")
		}
		return dec.Skip()
	case "object", "OLEObject":
		w.d.note("read.embedded")
	}
	return in()
}

// takenOut keeps what a tracked change took out.
func (d *docx) takenOut(dec *xml.Decoder) error {
	for depth := 0; ; {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		switch e := t.(type) {
		case xml.StartElement:
			depth++
		case xml.CharData:
			if d.deleted.Len() < maxText {
				d.deleted.Write(e)
			}
		case xml.EndElement:
			if depth == 0 {
				d.deleted.WriteByte('\n')
				return nil
			}
			depth--
		}
	}
}

// alternate reads the first of several forms of the same thing.
func (w *walker) alternate(dec *xml.Decoder, depth int) error {
	chosen := false
	return ooxml.Children(dec, func(e xml.StartElement) error {
		if chosen || e.Name.Local != "Choice" && e.Name.Local != "Fallback" {
			return dec.Skip()
		}
		chosen = true
		return w.children(dec, depth+1)
	})
}

// properties reads those of a paragraph.
func (w *walker) properties(dec *xml.Decoder) error {
	set := false
	return ooxml.Below(dec, func(e xml.StartElement) {
		switch e.Name.Local {
		case "pStyle":
			s := w.d.style(ooxml.Attr(e, "val"))
			w.p.heading, w.p.hidden = s.heading, s.hidden
			if !set {
				w.p.num, w.p.level = s.num, s.level
			}
		case "numId":
			w.p.num, set = ooxml.Attr(e, "val"), true
		case "ilvl":
			w.p.level, _ = strconv.Atoi(ooxml.Attr(e, "val"))
		case "outlineLvl":
			if n := outline(e); n > 0 {
				w.p.heading = n
			}
		}
	})
}

// run reads a run of text. What is hidden in it is left out.
func (w *walker) run(dec *xml.Decoder, depth int) error {
	hidden := w.p.hidden
	put := func(s string) {
		if !hidden {
			w.p.text.WriteString(s)
		} else if strings.TrimSpace(s) != "" {
			w.d.note("read.hidden")
			w.d.hidden.WriteString(s)
		}
	}
	return ooxml.Children(dec, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "rPr":
			h, err := w.hides(dec)
			hidden = hidden || h
			return err
		case "t":
			var s string
			err := dec.DecodeElement(&s, &e)
			put(s)
			return err
		case "tab", "ptab":
			put("\t")
		case "br", "cr":
			put("\n")
		case "noBreakHyphen":
			put("-")
		case "footnoteReference", "endnoteReference":
			kind, label := strings.TrimSuffix(e.Name.Local, "Reference")+"s", "注"
			if text := w.d.aside[kind][ooxml.Attr(e, "id")]; text != "" && !hidden && !w.plain {
				w.p.notes = append(w.p.notes, "〔"+label+"："+text+"〕")
			}
		default:
			return w.element(dec, e, depth+1)
		}
		return dec.Skip()
	})
}

// hides reads the properties of a run: whether it is hidden.
func (w *walker) hides(dec *xml.Decoder) (hidden bool, err error) {
	err = ooxml.Below(dec, func(e xml.StartElement) {
		switch e.Name.Local {
		case "vanish":
			hidden = on(e)
		case "rStyle":
			hidden = hidden || w.d.style(ooxml.Attr(e, "val")).hidden
		}
	})
	return hidden, err
}

// endParagraph writes the paragraph that was read.
func (w *walker) endParagraph() {
	p := w.p
	w.p = paragraph{}
	text := strings.TrimSpace(p.text.String())
	if w.cells > 0 {
		text = strings.Join(strings.Fields(text), " ")
	}
	if text != "" && !w.plain {
		if label := w.d.numbers.next(p.num, p.level); label != "" {
			text = label + text
		}
		if w.cells == 0 && p.heading > 0 {
			text = strings.Repeat("#", p.heading) + " " + text
		}
	}
	end := "\n\n"
	if w.cells > 0 {
		end = " "
	}
	if text != "" {
		w.out.WriteString(text + end)
	}
	for _, n := range p.notes {
		w.out.WriteString(n + end)
	}
	for _, b := range p.boxes {
		if w.cells > 0 {
			b = strings.Join(strings.Fields(b), " ") + " "
		}
		w.out.WriteString(b)
	}
}

// table reads a table: a line a row, its cells between bars, empty ones too. A
// table in a cell is text of that cell.
func (w *walker) table(dec *xml.Decoder, depth int) error {
	if w.p.text.Len() > 0 {
		w.endParagraph()
	}
	var rows strings.Builder
	var row []string
	var visit func(depth int) error
	visit = func(depth int) error {
		if depth > maxDepth {
			return errDeep
		}
		return ooxml.Children(dec, func(e xml.StartElement) error {
			switch e.Name.Local {
			case "tr":
				row = row[:0]
				if err := visit(depth + 1); err != nil {
					return err
				}
				if w.cells > 0 {
					rows.WriteString(strings.Join(row, " ") + " ")
				} else if strings.TrimSpace(strings.Join(row, "")) != "" {
					rows.WriteString("| " + strings.Join(row, " | ") + " |\n")
				}
				return nil
			case "tc":
				inner := walker{d: w.d, cells: w.cells + 1, plain: w.plain}
				if err := inner.children(dec, depth+1); err != nil {
					return err
				}
				inner.endParagraph()
				row = append(row, strings.ReplaceAll(strings.TrimSpace(inner.out.String()), "|", "/"))
				return nil
			case "del", "moveFrom":
				w.d.note("read.tracked")
				return w.d.takenOut(dec)
			case "tblPr", "tblGrid", "trPr", "tblPrEx":
				return dec.Skip()
			}
			return visit(depth + 1) // content controls and marks around rows and cells
		})
	}
	if err := visit(depth); err != nil {
		return err
	}
	w.out.WriteString(rows.String())
	if w.cells == 0 {
		w.out.WriteString("\n")
	}
	return nil
}

// inserted reads a part that another file was put in as.
func (w *walker) inserted(r ooxml.Relation) error {
	if r.External || r.Target == "" || w.d.deep > 1 {
		return errors.New("not in the file")
	}
	part, err := w.d.Part(r.Target)
	if err != nil {
		return err
	}
	defer part.Close()
	data, err := io.ReadAll(part)
	if err != nil {
		return err
	}
	text := ""
	switch {
	case bytes.HasPrefix(data, []byte("PK")):
		inner, err := openDOCX(data)
		if err != nil {
			return err
		}
		inner.deep = w.d.deep + 1
		if text, err = inner.read(); err != nil {
			return err
		}
	case bytes.HasPrefix(data, []byte(`{\rtf`)):
		r, err := rtfText(data)
		if err != nil {
			return err
		}
		text = r.Text()
	default:
		s, _, err := Decode(data)
		if err != nil {
			return err
		}
		if text = s; strings.Contains(strings.ToLower(s[:min(len(s), 2000)]), "<html") || strings.Contains(strings.ToLower(s[:min(len(s), 2000)]), "<body") {
			text = htmlText(s)
		}
	}
	w.endParagraph()
	w.out.WriteString(strings.TrimSpace(text) + "\n\n")
	return nil
}

// numbering makes the numbers that a document does not hold as text.
type numbering struct {
	abstract map[string]map[int]level // abstractNumId → level → form
	of       map[string]string        // numId → abstractNumId
	starts   map[string]map[int]int   // numId → level → other start
	counts   map[string]map[int]int   // abstractNumId → level → last number
	begun    map[string]bool          // numId
}

// level is a level of a list.
type level struct {
	start        int
	format, text string
}

func (n *numbering) read(d *docx, name string) {
	n.abstract, n.of, n.starts, n.counts, n.begun = make(map[string]map[int]level), make(map[string]string), make(map[string]map[int]int), make(map[string]map[int]int), make(map[string]bool)
	id, num, at := "", "", 0
	_ = d.Each(name, func(_ *xml.Decoder, e xml.StartElement) error { // those before a mistake are known
		v := ooxml.Attr(e, "val")
		switch e.Name.Local {
		case "abstractNum":
			id, num = ooxml.Attr(e, "abstractNumId"), ""
			n.abstract[id] = make(map[int]level)
		case "num":
			num = ooxml.Attr(e, "numId")
		case "abstractNumId":
			n.of[num] = v
		case "lvlOverride":
			at, _ = strconv.Atoi(ooxml.Attr(e, "ilvl"))
		case "startOverride":
			if n.starts[num] == nil {
				n.starts[num] = make(map[int]int)
			}
			n.starts[num][at], _ = strconv.Atoi(v)
		case "lvl":
			at, _ = strconv.Atoi(ooxml.Attr(e, "ilvl"))
			if num == "" {
				n.abstract[id][at] = level{start: 1}
			}
		case "start", "numFmt", "lvlText":
			if num != "" {
				return nil
			}
			l := n.abstract[id][at]
			switch e.Name.Local {
			case "start":
				l.start, _ = strconv.Atoi(v)
			case "numFmt":
				l.format = v
			case "lvlText":
				l.text = v
			}
			n.abstract[id][at] = l
		}
		return nil
	})
}

// next is the number of the next paragraph of a list; "" for none.
func (n *numbering) next(num string, at int) string {
	if num == "" || num == "0" || n.of == nil {
		return ""
	}
	id := n.of[num]
	l, ok := n.abstract[id][at]
	if !ok || at < 0 || at > 8 {
		return ""
	}
	counts := n.counts[id]
	if counts == nil {
		counts = make(map[int]int)
		n.counts[id] = counts
	}
	if !n.begun[num] {
		n.begun[num] = true
		for k, start := range n.starts[num] {
			counts[k] = start - 1
		}
	}
	if _, ok := counts[at]; !ok {
		counts[at] = l.start - 1
	}
	counts[at]++
	for k := range counts {
		if k > at {
			delete(counts, k)
		}
	}
	if l.format == "none" {
		return ""
	}
	if l.format == "bullet" {
		return "• "
	}
	text := l.text
	for k := range 9 {
		mark := "%" + strconv.Itoa(k+1)
		if !strings.Contains(text, mark) {
			continue
		}
		lk := n.abstract[id][k]
		c, ok := counts[k]
		if !ok {
			c = lk.start
		}
		text = strings.ReplaceAll(text, mark, count(c, lk.format))
	}
	if text == "" {
		return ""
	}
	if last := []rune(text)[len([]rune(text))-1]; last < 0x2E80 {
		text += " "
	}
	return text
}

// count writes a number in a list's form.
func count(n int, form string) string {
	switch form {
	case "chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "japaneseCounting", "ideographDigital", "ideographTraditional", "taiwaneseCountingThousand":
		return text.ChineseNumber(n)
	case "decimalEnclosedCircle", "decimalEnclosedCircleChinese":
		if n >= 1 && n <= 20 {
			return string(rune('①' + n - 1))
		}
	case "lowerLetter", "upperLetter":
		if n >= 1 && n <= 26*26 {
			s := strings.Repeat(string(rune('a'+(n-1)%26)), (n-1)/26+1)
			if form == "upperLetter" {
				s = strings.ToUpper(s)
			}
			return s
		}
	case "lowerRoman", "upperRoman":
		if n >= 1 && n < 4000 {
			s := roman(n)
			if form == "lowerRoman" {
				s = strings.ToLower(s)
			}
			return s
		}
	case "decimalZero":
		return fmt.Sprintf("%02d", n)
	}
	return strconv.Itoa(n)
}

func roman(n int) string {
	var b strings.Builder
	for _, r := range []struct {
		n int
		s string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for n >= r.n {
			b.WriteString(r.s)
			n -= r.n
		}
	}
	return b.String()
}
