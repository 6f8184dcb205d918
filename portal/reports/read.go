package reports

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gongkai/portal/text"
)

// Published is somebody's report as it was published: its tables as rows of cells, with
// the text of a merged cell in every place that it lies over, and its lines of text, of
// tables too where a file has no tables but lines (PDF).
type Published struct {
	Tables [][][]string
	Lines  []string
}

// Reading is what was understood of it.
type Reading struct {
	Form       *Form      `json:"-"`
	Year       int        `json:"year"` // 0: it does not say
	Figures    Figures    `json:"figures"`
	Found      []Cell     `json:"-"`
	Unread     []Cell     `json:"unread,omitempty"` // that were not found, or cannot be read
	Identities []Identity `json:"identities"`
	Mends      []Mend     `json:"mends,omitempty"`
}

// Read reads a published report and checks it: tolerant of how it is laid out, strict in
// arithmetic.
func Read(p Published) Reading {
	body := strings.Join(p.Lines, "\n")
	r := Reading{Year: yearOf(body), Figures: make(Figures)}
	r.Form = FormOf(r.Year)
	x := reader{form: r.Form, figures: r.Figures, found: make(map[Cell]bool), bad: make(map[Cell]bool), bares: make(map[string]string)}
	for _, t := range p.Tables {
		x.table(t)
	}
	if len(x.found) == 0 {
		x.lines(p.Lines)
	}
	for _, c := range r.Form.Cells() {
		if x.found[c] && !x.bad[c] {
			r.Found = append(r.Found, c)
		} else {
			r.Unread = append(r.Unread, c)
		}
	}
	// An identity is checked where all that it compares was read.
	for _, id := range r.Form.Check(r.Figures, nil) {
		if x.all(r.Form, id.Name) {
			r.Identities = append(r.Identities, id)
		}
	}
	// What would mend a table can be told where all of it was read.
	r.Mends = slices.DeleteFunc(r.Form.Mends(r.Figures, nil), func(m Mend) bool {
		of, _, _ := m.Cell.Parts()
		return slices.ContainsFunc(r.Unread, func(c Cell) bool { t, _, _ := c.Parts(); return t == of })
	})
	for _, id := range r.Form.CheckProse(x.prose(p), r.Year, r.Figures) {
		if len(id.Cells) == 0 || x.has(id.Cells) {
			r.Identities = append(r.Identities, id)
		}
	}
	return r
}

var titleYear = regexp.MustCompile(`(20[0-9]{2})年(?:度)?[^0-9]{0,16}(?:政府信息公开|信息公开|政务公开)?[^0-9]{0,12}(?:年度)?报告|统计期限[^0-9]{0,8}(20[0-9]{2})年|(20[0-9]{2})年1月1日`)

// yearOf is the year that a report is about.
func yearOf(body string) int {
	s := text.Squeeze(body)
	m := titleYear.FindStringSubmatch(s)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(strings.Join(m[1:], "")) // four digits
	return n
}

type reader struct {
	form    *Form
	figures Figures
	found   map[Cell]bool
	bad     map[Cell]bool
	bares   map[string]string // what bare gave: each label is compared with each cell
}

func (x *reader) set(c Cell, s string) {
	n, ok := x.form.Parse(c, s)
	if !ok {
		x.bad[c] = true
	}
	if x.found[c] && x.figures[c] != n {
		return // the first stands
	}
	x.found[c], x.figures[c] = true, n
}

func (x *reader) has(cells []Cell) bool {
	return !slices.ContainsFunc(cells, func(c Cell) bool { return !x.found[c] || x.bad[c] })
}

// all reports whether all cells of an identity were read.
func (x *reader) all(f *Form, name string) bool {
	for i := range f.Identities {
		for _, e := range f.Identities[i].equations(f) {
			if e.rule.Code+"/"+e.at == name {
				return x.has(e.left) && x.has(e.right)
			}
		}
	}
	return true // none of the form's own
}

// bare is a label without its number, punctuation and whatever somebody put around it.
var (
	enumeration = regexp.MustCompile(`^(?:[(（]?[一二三四五六七八九十]+[)）]?[、.．,，]?|[0-9]{1,2}[、.．)）])`)
	remark      = regexp.MustCompile(`[（(][^（()）]*[)）]`)
)

func bare(label string) string {
	label = strings.TrimSpace(text.Fold(label))
	label = enumeration.ReplaceAllString(strings.Join(strings.Fields(label), ""), "")
	short := remark.ReplaceAllString(label, "")
	return text.Squeeze(short)
}

func (x *reader) bare(label string) string {
	b, ok := x.bares[label]
	if !ok {
		b = bare(label)
		x.bares[label] = b
	}
	return b
}

// is reports whether a cell holds a label: as it stands in the form, or cut short.
func (x *reader) is(cell, label string) bool {
	c, l := x.bare(cell), x.bare(label)
	if c == "" || l == "" {
		return false
	}
	if c == l {
		return true
	}
	return len([]rune(c)) >= 6 && strings.HasPrefix(l, c) || len([]rune(l)) >= 4 && strings.HasPrefix(c, l)
}

// table reads whatever tables of the form stand in a table of cells.
func (x *reader) table(rows [][]string) {
	for i := range x.form.Tables {
		t := &x.form.Tables[i]
		if t.Across {
			x.side(t, rows)
			continue
		}
		for j := range t.Blocks {
			x.block(t, &t.Blocks[j], rows)
		}
	}
}

// columnsOf finds the columns of a block by the heads in a row: the column of each.
func (x *reader) columnsOf(b *Block, row []string) []int {
	out := make([]int, len(b.Columns))
	n := 0
	for i := range out {
		out[i] = -1
		from := 0
		if i > 0 {
			from = max(0, out[i-1]+1)
		}
		for j := from; j < len(row); j++ {
			if x.is(row[j], b.Columns[i].Name.ZH) {
				out[i] = j
				n++
				break
			}
		}
	}
	if n < min(2, len(b.Columns)) { // "3.其他" and "（七）总计" are rows, not heads
		return nil
	}
	return out
}

// block reads the rows of a block.
func (x *reader) block(t *Table, b *Block, rows [][]string) {
	var columns []int
	for _, row := range rows {
		if c := x.heads(t, b, columns, row); c != nil {
			columns = c
			continue
		}
		r := x.rowOf(t, b, row)
		if r == nil {
			continue
		}
		at := columns
		if t.Code != "requests" && columns == nil {
			continue // of another block
		}
		if at == nil || slices.Contains(at, -1) { // no heads: the last cells of the row
			if len(row) < len(b.Columns)+1 {
				continue
			}
			at = make([]int, len(b.Columns))
			for i := range at {
				at[i] = len(row) - len(at) + i
			}
		}
		for i, k := range b.Columns {
			c := t.At(r.Key, k.Code)
			if x.found[c] {
				continue
			}
			s := ""
			if at[i] < len(row) {
				s = row[at[i]]
			}
			x.set(c, s)
		}
	}
}

// heads are the columns that a row of heads gives, added to those that rows above gave;
// nil for a row that is none.
func (x *reader) heads(t *Table, b *Block, before []int, row []string) []int {
	c := x.columnsOf(b, row)
	if c == nil {
		return nil
	}
	if x.rowOf(t, b, row) != nil && !slices.ContainsFunc(row, func(s string) bool { return x.is(s, "信息内容") }) {
		figures := 0
		for _, s := range row {
			if n, ok := parseFigure(s, 6); ok && strings.TrimSpace(s) != "" && n >= 0 {
				figures++
			}
		}
		if figures >= len(b.Columns) {
			return nil
		}
	}
	for i := range c {
		if c[i] < 0 && before != nil {
			c[i] = before[i]
		}
	}
	return c
}

// rowOf is the row of a block whose label stands in a row of cells: the longest of them,
// under the right head where labels are the same.
func (x *reader) rowOf(t *Table, b *Block, row []string) *Row {
	var best *Row
	size := 0
	for i := range b.Rows {
		r := &b.Rows[i]
		for _, cell := range row {
			if !x.is(cell, r.Name.ZH) || x.bare(cell) == x.bare("其他") && r.Key != "other.other" {
				continue
			}
			if r.Key == "other.other" && !slices.ContainsFunc(row, func(s string) bool { return x.is(s, "其他处理") }) && !x.lastOther(row) {
				continue
			}
			if n := len(x.bare(cell)); n > size {
				best, size = r, n
			}
		}
	}
	return best
}

// lastOther reports whether the only label of a row is 其他, numbered as in 其他处理.
func (x *reader) lastOther(row []string) bool {
	for _, s := range row {
		if x.bare(s) == "其他" && strings.HasPrefix(strings.TrimSpace(text.Fold(s)), "3") {
			return true
		}
	}
	return false
}

// side reads a table whose rows stand side by side: the line of figures below its heads.
func (x *reader) side(t *Table, rows [][]string) {
	n := 0
	for _, b := range t.Blocks {
		n += len(b.Rows) * len(b.Columns)
	}
	if !slices.ContainsFunc(rows, func(r []string) bool {
		return slices.ContainsFunc(r, func(s string) bool { return x.is(s, t.Blocks[0].Rows[0].Name.ZH) })
	}) {
		return
	}
	heads := false
	for _, row := range rows {
		if len(row) < n {
			continue
		}
		if slices.ContainsFunc(row, func(s string) bool { return x.is(s, t.Blocks[0].Columns[0].Name.ZH) }) {
			heads = true
			continue
		}
		figures := 0
		for _, s := range row {
			if _, ok := parseFigure(s, 0); ok {
				figures++
			}
		}
		if !heads || figures < n {
			continue
		}
		i := len(row) - n
		if figures == n && len(row) > n { // something stands beside it
			i = slices.IndexFunc(row, func(s string) bool { _, ok := parseFigure(s, 0); return ok })
		}
		if blankRow(row) {
			continue
		}
		for _, b := range t.Blocks {
			for _, r := range b.Rows {
				for _, k := range b.Columns {
					x.set(t.At(r.Key, k.Code), row[i])
					i++
				}
			}
		}
		return
	}
}

func blankRow(row []string) bool {
	return !slices.ContainsFunc(row, func(s string) bool { return strings.TrimSpace(s) != "" })
}

// lines reads tables that are lines of text: a label, and the figures after it.
func (x *reader) lines(lines []string) {
	words := tokens(lines)
	for i := range x.form.Tables {
		t := &x.form.Tables[i]
		if t.Across {
			x.sideLine(t, words)
			continue
		}
		for j := range t.Blocks {
			x.blockLines(t, &t.Blocks[j], words)
		}
	}
}

// token is a run of words or a figure.
type token struct {
	text   string // without blanks and punctuation
	figure bool
}

var (
	figureWord = regexp.MustCompile(`^[0-9][0-9,]*(?:\.[0-9]+)?$`)
	numbering  = regexp.MustCompile(`([0-9]{1,2})[.、．]\s*([^\s0-9])`)
)

// tokens parts lines into words and figures. The number of a row, "1." or "1、", and that
// of a page are none.
func tokens(lines []string) []token {
	var out []token
	for _, l := range lines {
		l = strings.TrimSpace(text.Fold(l))
		if pageNumber.MatchString(l) {
			continue
		}
		l = numbering.ReplaceAllString(l, " $2")
		for w := range strings.FieldsSeq(l) {
			if figureWord.MatchString(w) {
				out = append(out, token{strings.ReplaceAll(w, ",", ""), true})
				continue
			}
			// the last figure of a row, and the label of the next without a line's end
			if m := led.FindStringSubmatch(w); m != nil && len(out) > 0 && out[len(out)-1].figure {
				out = append(out, token{m[1], true})
				w = m[2]
			}
			// a figure that follows its label without a blank
			if m := glued.FindStringSubmatch(w); m != nil {
				out = append(out, token{text.Squeeze(m[1]), false}, token{m[2], true})
				continue
			}
			if w = text.Squeeze(w); w != "" {
				out = append(out, token{w, false})
			}
		}
	}
	return out
}

var (
	pageNumber = regexp.MustCompile(`^(?:[-—–]\s*[0-9]{1,3}\s*[-—–]|第?\s*[0-9]{1,3}\s*页.*|[0-9]{1,3}\s*/\s*[0-9]{1,3})$`)
	led        = regexp.MustCompile(`^([0-9]+)(\p{Han}{2}.*)$`)
	glued      = regexp.MustCompile(`^(.*\p{Han}[)）”]?)([0-9]+(?:\.[0-9]+)?)$`)
)

// run is figures that stand one after another, and the words before them.
type run struct {
	label   string
	figures []string
}

func runs(words []token) []run {
	var out []run
	var r run
	for _, w := range words {
		switch {
		case w.figure:
			r.figures = append(r.figures, w.text)
		case len(r.figures) > 0:
			out, r = append(out, r), run{label: w.text}
		default:
			r.label += w.text
		}
	}
	return append(out, r)
}

// blockLines reads the rows of a block from lines: each from its label, the rows in their
// order.
func (x *reader) blockLines(t *Table, b *Block, words []token) {
	list := runs(words)
	at := 0
	for i := range b.Rows {
		r := &b.Rows[i]
		short, whole := []rune(x.bare(r.Name.ZH)), []rune(text.Squeeze(enumeration.ReplaceAllString(text.Fold(r.Name.ZH), "")))
		for j := at; j < len(list); j++ {
			if len(list[j].figures) < len(b.Columns) || !ends(list[j].label, short, r.Key) && !ends(list[j].label, whole, r.Key) {
				continue
			}
			if t.Code == "proactive" && len(list[j].figures) > len(b.Columns)+1 {
				continue
			}
			for n, k := range b.Columns {
				x.set(t.At(r.Key, k.Code), list[j].figures[n])
			}
			at = j + 1
			break
		}
	}
}

// ends reports whether the words before figures are a label: its characters stand in
// them in order, up to the end, whatever stands between them (heads set upright, one
// character a line).
func ends(words string, label []rune, key string) bool {
	w := []rune(words)
	if len(label) == 0 || len(w) == 0 {
		return false
	}
	if key == "total" || key == "other.other" {
		return strings.HasSuffix(words, string(label)) || len(w) < 12 && strings.Contains(words, string(label))
	}
	// the last of the label stands near the end
	i, misses := len(w)-1, 0
	for j := len(label) - 1; j >= 0; j-- {
		for i >= 0 && w[i] != label[j] {
			i--
			if misses++; misses > 10+len(label)/2 {
				return false
			}
		}
		if i < 0 {
			return false
		}
		i--
	}
	return true
}

// sideLine reads the line of figures of a table whose rows stand side by side.
func (x *reader) sideLine(t *Table, words []token) {
	n := 0
	for _, b := range t.Blocks {
		n += len(b.Rows) * len(b.Columns)
	}
	last := t.Blocks[0].Columns[len(t.Blocks[0].Columns)-1].Name.ZH
	list := runs(words)
	for i := len(list) - 1; i >= 0; i-- {
		r := list[i]
		if len(r.figures) < n || !strings.HasSuffix(r.label, x.bare(last)) && !strings.Contains(r.label, "审结") {
			continue
		}
		j := 0
		for _, b := range t.Blocks {
			for _, row := range b.Rows {
				for _, k := range b.Columns {
					x.set(t.At(row.Key, k.Code), r.figures[j])
					j++
				}
			}
		}
		return
	}
}

// prose is the text outside the tables.
func (x *reader) prose(p Published) []string {
	var out []string
	for _, l := range p.Lines {
		if strings.ContainsAny(l, "，。；、：") && len([]rune(l)) > 8 {
			out = append(out, l)
		}
	}
	if len(p.Tables) == 0 { // sentences go over lines
		return []string{strings.Join(out, "")}
	}
	return out
}
