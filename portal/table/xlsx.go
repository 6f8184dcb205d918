package table

import (
	"encoding/xml"
	"errors"
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/ooxml"
)

// Limits on a workbook. What is over them is left out, and said.
const (
	maxColumns = 400
	maxCells   = 3_000_000
	maxBytes   = 64 << 20 // of text
	maxPart    = 512 << 20
)

// Sheet is a sheet of a workbook.
type Sheet struct {
	Name   string `json:"name"`
	Hidden bool   `json:"hidden,omitempty"`
	Rows   []Row  `json:"rows"`
	Merged []Area `json:"merged,omitempty"`
	// HiddenRows and HiddenColumns are those that are not shown, from 1.
	HiddenRows    map[int]bool `json:"hidden_rows,omitempty"`
	HiddenColumns map[int]bool `json:"hidden_columns,omitempty"`
	Comments      []Comment    `json:"comments,omitempty"`
}

// Comment is what somebody wrote beside a cell.
type Comment struct {
	Cell string `json:"cell,omitempty"` // such as B7, where it is known
	Text string `json:"text"`
}

func (s *Sheet) hideRow(n int) {
	if s.HiddenRows == nil {
		s.HiddenRows = make(map[int]bool)
	}
	s.HiddenRows[n] = true
}

func (s *Sheet) hideColumn(n int) {
	if s.HiddenColumns == nil {
		s.HiddenColumns = make(map[int]bool)
	}
	s.HiddenColumns[n] = true
}

// Parted gives the rows that are shown without what is hidden in them, and what
// is hidden, of rows and of columns.
func (s Sheet) Parted() (shown, hidden []Row) {
	if len(s.HiddenRows)+len(s.HiddenColumns) == 0 {
		return s.Rows, nil
	}
	for _, r := range s.Rows {
		if s.HiddenRows[r.Line] {
			hidden = append(hidden, r)
			continue
		}
		in, out := Row{Line: r.Line}, Row{Line: r.Line}
		for i, c := range r.Cells {
			if s.HiddenColumns[i+1] {
				if c != "" {
					out.Cells = append(out.Cells, c)
				}
			} else {
				in.Cells = append(in.Cells, c)
			}
		}
		if len(in.Cells) > 0 {
			shown = append(shown, in)
		}
		if len(out.Cells) > 0 {
			hidden = append(hidden, out)
		}
	}
	return shown, hidden
}

// Area is a block of cells that are shown as one; rows and columns from 1.
type Area struct {
	Top, Left, Bottom, Right int
}

// Filled are the rows with the value of merged cells in each row that they
// reach down to: what a reader sees beside each.
func (s Sheet) Filled() []Row {
	at := make(map[int]int, len(s.Rows))
	for i, r := range s.Rows {
		at[r.Line] = i
	}
	for _, m := range s.Merged {
		first, ok := at[m.Top]
		if !ok || m.Bottom == m.Top || m.Bottom-m.Top > 10_000 || m.Left > len(s.Rows[first].Cells) {
			continue
		}
		value := s.Rows[first].Cells[m.Left-1]
		for line := m.Top + 1; line <= m.Bottom; line++ {
			i, ok := at[line]
			if !ok {
				continue
			}
			for len(s.Rows[i].Cells) < m.Left {
				s.Rows[i].Cells = append(s.Rows[i].Cells, "")
			}
			if s.Rows[i].Cells[m.Left-1] == "" {
				s.Rows[i].Cells[m.Left-1] = value
			}
		}
	}
	return s.Rows
}

// Workbook is what was read of a workbook.
type Workbook struct {
	Sheets []Sheet `json:"sheets"`
	// Cut says that rows or columns were left out because there are too many.
	Cut bool `json:"cut,omitempty"`
}

// XLSX reads the sheets of a workbook, cell by cell as it stands in the file:
// text as text, dates in ISO form whatever their format, numbers as they were
// written, the sheet's own beginning of time (1900 or 1904).
func XLSX(file []byte) (Workbook, error) {
	p, err := ooxml.Open(file, maxPart)
	if err != nil {
		return Workbook{}, portal.Damaged(err)
	}
	out, err := (&workbook{Package: p}).read()
	if err != nil {
		return Workbook{}, portal.Damaged(err)
	}
	return out, nil
}

type workbook struct {
	*ooxml.Package
	strings  []string
	formats  []format // by the number of a cell's style
	is1904   bool
	cells    int
	size     int
	complete bool
}

// format is how a number is shown.
type format byte

const (
	general format = iota
	date
	dateTime
	timeOnly
	percent
)

var errNoWorkbook = errors.New("no workbook")

func (x *workbook) read() (Workbook, error) {
	type named struct{ name, id, state string }
	var sheets []named
	// The package says where its parts are; nearly all say the usual places.
	main, err := x.Main("/xl/workbook.xml")
	if err != nil {
		return Workbook{}, err
	}
	err = x.Each(main, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			v := ooxml.Attr(e, "date1904")
			x.is1904 = v == "1" || v == "true"
		case "sheet":
			sheets = append(sheets, named{ooxml.Attr(e, "name"), ooxml.Attr(e, "id"), ooxml.Attr(e, "state")})
		}
		return nil
	})
	if err != nil {
		return Workbook{}, err
	}
	folder := path.Dir(main)
	shared, styles := folder+"/sharedStrings.xml", folder+"/styles.xml"
	rels, err := x.Relations(main)
	if err != nil {
		return Workbook{}, err
	}
	for _, r := range rels {
		switch {
		case r.Is("sharedStrings"):
			shared = r.Target
		case r.Is("styles"):
			styles = r.Target
		}
	}
	if err := x.readStrings(shared); err != nil && !errors.Is(err, ooxml.ErrNoPart) {
		return Workbook{}, err
	}
	if err := x.readStyles(styles); err != nil && !errors.Is(err, ooxml.ErrNoPart) {
		return Workbook{}, err
	}
	var out Workbook
	for i, s := range sheets {
		target := rels[s.id].Target
		if target == "" {
			target = fmt.Sprintf("%s/worksheets/sheet%d.xml", folder, i+1)
		}
		sheet := Sheet{Name: s.name, Hidden: s.state != "" && s.state != "visible"}
		err := x.sheet(target, &sheet)
		if errors.Is(err, errFull) {
			out.Cut = true
		} else if err != nil && !errors.Is(err, ooxml.ErrNoPart) { // a chart is a sheet without cells
			return out, fmt.Errorf("sheet %q: %w", s.name, err)
		}
		x.comments(target, &sheet)
		out.Sheets = append(out.Sheets, sheet)
	}
	out.Cut = out.Cut || x.complete
	if len(out.Sheets) == 0 {
		return out, errNoWorkbook
	}
	return out, nil
}

// comments reads what was written beside the cells of a sheet. What cannot be
// read of it is done without.
func (x *workbook) comments(sheet string, s *Sheet) {
	rels, _ := x.Relations(sheet)
	for _, r := range rels {
		if r.External || !r.Is("comments") && !r.Is("threadedComment") {
			continue
		}
		_ = x.Each(r.Target, func(d *xml.Decoder, e xml.StartElement) error {
			if e.Name.Local != "comment" && e.Name.Local != "threadedComment" || len(s.Comments) > 10_000 {
				return nil
			}
			c := Comment{Cell: ooxml.Attr(e, "ref")}
			if e.Name.Local == "comment" {
				var err error
				c.Text, err = text(d, "comment")
				s.Comments = append(s.Comments, c)
				return err
			}
			var b struct {
				Text string `xml:"text"`
			}
			err := d.DecodeElement(&b, &e)
			c.Text = b.Text
			s.Comments = append(s.Comments, c)
			return err
		})
	}
}

var errFull = errors.New("too many cells")

// text reads the text of a string, without its phonetic guide.
func text(d *xml.Decoder, end string) (string, error) {
	var b strings.Builder
	in, skip := false, 0
	for {
		t, err := d.Token()
		if err != nil {
			return "", err
		}
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "rPh":
				skip++
			case "t":
				in = true
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "rPh":
				skip--
			case "t":
				in = false
			case end:
				return unescape(b.String()), nil
			}
		case xml.CharData:
			if in && skip == 0 {
				b.Write(e)
			}
		}
	}
}

// unescape turns _x000D_ into what it stands for.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return strings.NewReplacer("_x000D_", "", "_x000d_", "", "_x000A_", "\n", "_x0009_", "\t").Replace(s)
}

func (x *workbook) readStrings(name string) error {
	return x.Each(name, func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		s, err := text(d, "si")
		if x.size += len(s); x.size > maxBytes {
			return errors.New("too much text")
		}
		x.strings = append(x.strings, s)
		return err
	})
}

func (x *workbook) readStyles(name string) error {
	custom := make(map[int]format)
	in := ""
	return x.Each(name, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			id, _ := strconv.Atoi(ooxml.Attr(e, "numFmtId"))
			custom[id] = formatOf(ooxml.Attr(e, "formatCode"))
		case "cellXfs", "cellStyleXfs", "dxfs", "cellStyles":
			in = e.Name.Local
		case "xf":
			if in == "cellXfs" && len(x.formats) < 70_000 {
				id, _ := strconv.Atoi(ooxml.Attr(e, "numFmtId"))
				f, ok := custom[id]
				if !ok {
					f = builtIn(id)
				}
				x.formats = append(x.formats, f)
			}
		}
		return nil
	})
}

// builtIn are the formats that a workbook need not name; 27 to 58 are those of
// East Asia.
func builtIn(id int) format {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return date
	case id == 22:
		return dateTime
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47, id == 55, id == 56:
		return timeOnly
	case id == 9, id == 10:
		return percent
	}
	return general
}

// formatOf tells what a format shows.
func formatOf(code string) format {
	var b strings.Builder
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '[':
			bracket = true
			if i+1 < len(code) && strings.ContainsRune("hms", rune(code[i+1]|0x20)) { // [h]: hours
				bracket = false
			}
		case c == ']':
			bracket = false
		case bracket:
		case c == ';':
			i = len(code) // what follows is for other numbers
		default:
			b.WriteByte(c | 0x20)
		}
	}
	s := b.String()
	if strings.Contains(s, "general") || strings.ContainsAny(s, "#@") {
		return general
	}
	day, clock := strings.ContainsAny(s, "yd"), strings.ContainsAny(s, "hs")
	switch {
	case day && clock:
		return dateTime
	case day, strings.Contains(s, "m") && !clock && !strings.ContainsAny(s, "0?"):
		return date
	case clock:
		return timeOnly
	case strings.HasSuffix(s, "%"):
		return percent
	}
	return general
}

// place reads the place of a cell, such as AB12.
func place(ref string) (column, line int) {
	for i := range len(ref) {
		c := ref[i]
		switch {
		case c >= 'A' && c <= 'Z':
			column = column*26 + int(c-'A') + 1
		case c >= 'a' && c <= 'z':
			column = column*26 + int(c-'a') + 1
		case c >= '0' && c <= '9':
			line = line*10 + int(c-'0')
		}
		if column > 1<<20 || line > 1<<24 {
			return 0, 0
		}
	}
	return column, line
}

func (x *workbook) sheet(name string, s *Sheet) error {
	line, column := 0, 0
	var row *Row
	return x.Each(name, func(d *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "row":
			line++
			if n, err := strconv.Atoi(ooxml.Attr(e, "r")); err == nil && n > 0 && n < 1<<24 {
				line = n
			}
			row, column = nil, 0
			if v := ooxml.Attr(e, "hidden"); v == "1" || v == "true" {
				s.hideRow(line)
			}
		case "col":
			from, _ := strconv.Atoi(ooxml.Attr(e, "min"))
			to, _ := strconv.Atoi(ooxml.Attr(e, "max"))
			if v := ooxml.Attr(e, "hidden"); v == "1" || v == "true" {
				for c := max(1, from); c <= min(to, maxColumns); c++ {
					s.hideColumn(c)
				}
			}
		case "mergeCell":
			from, to, _ := strings.Cut(ooxml.Attr(e, "ref"), ":")
			left, top := place(from)
			right, bottom := place(to)
			if left > 0 && top > 0 && len(s.Merged) < 100_000 {
				s.Merged = append(s.Merged, Area{top, left, bottom, right})
			}
		case "c":
			column++
			if c, _ := place(ooxml.Attr(e, "r")); c > 0 {
				column = c
			}
			style, _ := strconv.Atoi(ooxml.Attr(e, "s"))
			v, err := x.cell(d, ooxml.Attr(e, "t"), style)
			if err != nil {
				return err
			}
			if v == "" {
				return nil
			}
			if column > maxColumns {
				x.complete = true
				return nil
			}
			if row == nil {
				s.Rows = append(s.Rows, Row{Line: line})
				row = &s.Rows[len(s.Rows)-1]
			}
			for len(row.Cells) < column {
				row.Cells = append(row.Cells, "")
				x.cells++
			}
			row.Cells[column-1] = v
			if x.size += len(v); x.cells > maxCells || x.size > 2*maxBytes {
				return errFull
			}
		}
		return nil
	})
}

// cell reads the value of a cell as it is shown.
func (x *workbook) cell(d *xml.Decoder, kind string, style int) (string, error) {
	value, inline := "", ""
	err := ooxml.Children(d, func(e xml.StartElement) (err error) {
		switch e.Name.Local {
		case "v":
			value = ""
			return d.DecodeElement(&value, &e)
		case "is":
			inline, err = text(d, "is")
			return err
		}
		return d.Skip() // a formula: what it gave is the value
	})
	if err != nil {
		return "", err
	}
	return x.shown(kind, style, value, inline), nil
}

func (x *workbook) shown(kind string, style int, value, inline string) string {
	switch kind {
	case "inlineStr":
		return strings.TrimSpace(inline)
	case "s":
		if i, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && i >= 0 && i < len(x.strings) {
			return strings.TrimSpace(x.strings[i])
		}
		return ""
	case "b":
		if value == "1" {
			return "TRUE"
		}
		return "FALSE"
	case "str", "e":
		return strings.TrimSpace(unescape(value))
	case "d":
		return strings.TrimSuffix(value, "T00:00:00")
	}
	value = strings.TrimSpace(value)
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return value
	}
	f := general
	if style >= 0 && style < len(x.formats) {
		f = x.formats[style]
	}
	switch f {
	case percent:
		return strconv.FormatFloat(math.Round(n*1e6)/1e4, 'f', -1, 64) + "%"
	case date, dateTime, timeOnly:
		if s, ok := x.moment(n, f); ok {
			return s
		}
	}
	return Number(value)
}

// Number is a number as it was written, without an exponent and without the
// noise of binary fractions.
func Number(s string) string {
	digits := strings.TrimLeft(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s), "0")
	exponent := strings.ContainsAny(s, "eE")
	if !exponent && (len(digits) < 16 || !strings.Contains(s, ".")) {
		return s
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(n) > 1e21 {
		return s
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// moment writes a number of days since the beginning of time as a date.
func (x *workbook) moment(n float64, f format) (string, bool) {
	if n < 0 || n > 2_958_466 { // the year 10000
		return "", false
	}
	seconds := int64(math.Round((n - math.Floor(n)) * 86400))
	if f == timeOnly && n < 1 {
		return time.Unix(seconds, 0).UTC().Format("15:04:05"), true
	}
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if x.is1904 {
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	} else if n < 60 { // the calendar of 1900 has a 29 February that never was
		base = base.AddDate(0, 0, 1)
	}
	at := base.AddDate(0, 0, int(math.Floor(n))).Add(time.Duration(seconds) * time.Second)
	if seconds == 0 || f == date {
		return at.Format("2006-01-02"), true
	}
	return strings.TrimSuffix(at.Format("2006-01-02 15:04:05"), ":00"), true
}
