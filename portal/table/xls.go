package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"gongkai/portal"
	"gongkai/portal/ole"
)

// XLS reads the sheets of a workbook of Excel 5 to 2003 (MS-XLS), or of WPS, as
// XLSX reads those of later ones.
func XLS(file []byte) (Workbook, error) {
	f, err := ole.Open(file, func(path string) bool { return path == "Workbook" || path == "Book" })
	if err != nil {
		return Workbook{}, portal.Damaged(err)
	}
	b := f["Workbook"]
	if b == nil {
		b = f["Book"]
	}
	out, err := (&biff{b: b, bytes: simplifiedchinese.GB18030}).read()
	if errors.Is(err, errPassword) {
		return Workbook{}, &portal.Error{Kind: portal.Invalid, Key: "error.file_password"}
	}
	if err != nil {
		return Workbook{}, portal.Damaged(err)
	}
	return out, nil
}

var errPassword = errors.New("has a password")

// biff is a workbook that is read: records one after another.
type biff struct {
	workbook // what is shown for a value is the same for both kinds
	b        []byte
	old      bool // of Excel 5: texts are bytes
	bytes    encoding.Encoding
	custom   map[int]format
}

// Records of a workbook (MS-XLS 2.3).
const (
	recFormula    = 0x0006
	recEOF        = 0x000A
	recNote       = 0x001C
	recDateMode   = 0x0022
	recFilePass   = 0x002F
	recContinue   = 0x003C
	recCodePage   = 0x0042
	recObj        = 0x005D
	recColInfo    = 0x007D
	recBoundSheet = 0x0085
	recMulRK      = 0x00BD
	recRString    = 0x00D6
	recXF         = 0x00E0
	recMerge      = 0x00E5
	recSST        = 0x00FC
	recLabelSST   = 0x00FD
	recTxO        = 0x01B6
	recNumber     = 0x0203
	recLabel      = 0x0204
	recBoolErr    = 0x0205
	recString     = 0x0207
	recRow        = 0x0208
	recRK         = 0x027E
	recFormat     = 0x041E
	recBOF        = 0x0809
)

// rec is a record, with those that continue it.
type rec struct {
	kind  int
	parts [][]byte
}

// next reads the record at a place and says where the one after it begins.
func (x *biff) next(at int) (rec, int) {
	var r rec
	for first := true; at+4 <= len(x.b); first = false {
		kind, n := int(binary.LittleEndian.Uint16(x.b[at:])), int(binary.LittleEndian.Uint16(x.b[at+2:]))
		if !first && kind != recContinue {
			break
		}
		if at+4+n > len(x.b) {
			return rec{kind: recEOF}, len(x.b)
		}
		if first {
			r.kind = kind
		}
		r.parts = append(r.parts, x.b[at+4:at+4+n])
		at += 4 + n
		if first && (kind == recObj || kind == 0 || kind == recBOF) {
			break
		}
	}
	if len(r.parts) == 0 {
		return rec{kind: recEOF}, len(x.b)
	}
	return r, at
}

func u16(b []byte, at int) int {
	if at+2 > len(b) {
		return 0
	}
	return int(binary.LittleEndian.Uint16(b[at:]))
}

func u32(b []byte, at int) int {
	if at+4 > len(b) {
		return 0
	}
	return int(binary.LittleEndian.Uint32(b[at:]))
}

func (x *biff) read() (Workbook, error) {
	type named struct {
		at     int
		hidden bool
		sheet  bool
		name   string
	}
	var out Workbook
	var sheets []named
	x.custom = make(map[int]format)
	r, at := x.next(0)
	if r.kind != recBOF {
		return out, errNoWorkbook
	}
	x.old = u16(r.parts[0], 0) < 0x0600
	for r.kind != recEOF {
		r, at = x.next(at)
		b := r.parts
		if len(b) == 0 {
			break
		}
		switch r.kind {
		case recFilePass:
			return out, errPassword
		case recCodePage:
			switch u16(b[0], 0) {
			case 936, 1200:
			case 1252, 0x8001:
				x.bytes = charmap.Windows1252
			}
		case recDateMode:
			x.is1904 = u16(b[0], 0) == 1
		case recFormat:
			var s string
			if x.old && len(b[0]) > 3 {
				s = x.narrow(b[0][3:])
			} else if !x.old {
				c := cursor{parts: b, at: 2}
				s = c.text(c.u16())
			}
			x.custom[u16(b[0], 0)] = formatOf(s)
		case recXF:
			id := u16(b[0], 2)
			f, ok := x.custom[id]
			if !ok {
				f = builtIn(id)
			}
			x.formats = append(x.formats, f)
		case recBoundSheet:
			if len(b[0]) < 8 {
				continue
			}
			s := named{at: u32(b[0], 0), hidden: b[0][4]&3 != 0, sheet: b[0][5] == 0}
			if x.old {
				s.name = x.narrow(b[0][7:min(len(b[0]), 7+int(b[0][6]))])
			} else {
				c := cursor{parts: b, at: 7}
				s.name = c.text(int(b[0][6]))
			}
			sheets = append(sheets, s)
		case recSST:
			c := cursor{parts: b, at: 8}
			n := u32(b[0], 4)
			for i := 0; i < n && !c.done(); i++ {
				s := c.rich()
				if x.size += len(s); x.size > maxBytes {
					return out, errors.New("too much text")
				}
				x.strings = append(x.strings, s)
			}
		}
	}
	for _, s := range sheets {
		if !s.sheet || s.at <= 0 || s.at >= len(x.b) {
			continue
		}
		sheet := Sheet{Name: s.name, Hidden: s.hidden}
		if err := x.sheet(s.at, &sheet); errors.Is(err, errFull) {
			out.Cut = true
		} else if err != nil {
			return out, fmt.Errorf("sheet %q: %w", s.name, err)
		}
		out.Sheets = append(out.Sheets, sheet)
	}
	out.Cut = out.Cut || x.complete
	if len(out.Sheets) == 0 {
		return out, errNoWorkbook
	}
	return out, nil
}

func (x *biff) narrow(b []byte) string {
	s, err := x.bytes.NewDecoder().Bytes(b)
	if err != nil {
		return ""
	}
	return string(s)
}

// sheet reads the cells of a sheet.
func (x *biff) sheet(at int, s *Sheet) error {
	cells := make(map[[2]int]string)
	last, columns := -1, 0
	put := func(row, col int, v string) error {
		if v = strings.TrimSpace(v); v == "" {
			return nil
		}
		if col >= maxColumns {
			x.complete = true
			return nil
		}
		cells[[2]int{row, col}] = v
		last, columns = max(last, row), max(columns, col+1)
		if x.size += len(v); len(cells) > maxCells || x.size > 2*maxBytes {
			return errFull
		}
		return nil
	}
	number := func(row, col, style int, n float64) error {
		return put(row, col, x.shown("", style, strconv.FormatFloat(n, 'f', -1, 64), ""))
	}
	var formula [2]int
	var comment string
	depth := 0
	var full error
	for full == nil {
		var r rec
		r, at = x.next(at)
		b := r.parts
		if len(b) == 0 {
			break
		}
		p := b[0]
		if r.kind == recBOF {
			depth++ // a chart in the sheet
		}
		if r.kind == recEOF {
			if depth--; depth <= 0 {
				break
			}
		}
		row, col := u16(p, 0), u16(p, 2)
		switch r.kind {
		case recLabelSST:
			if i := u32(p, 6); i < len(x.strings) {
				full = put(row, col, x.strings[i])
			}
		case recLabel, recRString:
			if x.old && len(p) > 8 {
				full = put(row, col, x.narrow(p[8:min(len(p), 8+u16(p, 6))]))
			} else if !x.old {
				c := cursor{parts: b, at: 6}
				full = put(row, col, c.text(c.u16()))
			}
		case recNumber:
			if len(p) >= 14 {
				full = number(row, col, u16(p, 4), math.Float64frombits(binary.LittleEndian.Uint64(p[6:])))
			}
		case recRK:
			full = number(row, col, u16(p, 4), rk(u32(p, 6)))
		case recMulRK:
			for i := 0; 4+6*i+6 <= len(p)-2 && full == nil; i++ {
				full = number(row, col+i, u16(p, 4+6*i), rk(u32(p, 6+6*i)))
			}
		case recBoolErr:
			if len(p) >= 8 && p[7] == 0 {
				full = put(row, col, map[byte]string{0: "FALSE", 1: "TRUE"}[p[6]])
			}
		case recFormula:
			if len(p) < 14 {
				continue
			}
			if p[12] == 0xFF && p[13] == 0xFF {
				formula = [2]int{row, col}
				if p[6] == 1 {
					full = put(row, col, map[byte]string{0: "FALSE", 1: "TRUE"}[p[8]])
				}
			} else {
				full = number(row, col, u16(p, 4), math.Float64frombits(binary.LittleEndian.Uint64(p[6:])))
			}
		case recString:
			if x.old && len(p) > 2 {
				full = put(formula[0], formula[1], x.narrow(p[2:min(len(p), 2+u16(p, 0))]))
			} else if !x.old {
				c := cursor{parts: b}
				full = put(formula[0], formula[1], c.text(c.u16()))
			}
		case recRow:
			if len(p) >= 16 && p[12]&0x20 != 0 {
				s.hideRow(row + 1)
			}
		case recColInfo:
			if len(p) >= 10 && p[8]&1 != 0 {
				for c := row; c <= col && c < maxColumns; c++ {
					s.hideColumn(c + 1)
				}
			}
		case recMerge:
			for i := range min(u16(p, 0), (len(p)-2)/8) {
				a := p[2+8*i:]
				s.Merged = append(s.Merged, Area{u16(a, 0) + 1, u16(a, 4) + 1, u16(a, 2) + 1, u16(a, 6) + 1})
			}
		case recTxO:
			if n := u16(p, 10); n > 0 && len(b) > 1 {
				c := cursor{parts: b[1:]}
				comment = c.text(n)
				s.Comments = append(s.Comments, Comment{Text: comment})
			}
		}
	}
	lines := make([][]string, last+1)
	for at, v := range cells {
		l := lines[at[0]]
		for len(l) <= at[1] {
			l = append(l, "")
		}
		l[at[1]] = v
		lines[at[0]] = l
	}
	for i, l := range lines {
		if l != nil {
			s.Rows = append(s.Rows, Row{i + 1, l})
		}
	}
	return full
}

// rk reads a number in four bytes.
func rk(v int) float64 {
	var n float64
	if v&2 != 0 {
		n = float64(int32(v) >> 2)
	} else {
		n = math.Float64frombits(uint64(uint32(v)&^3) << 32)
	}
	if v&1 != 0 {
		n /= 100
	}
	return n
}

// cursor reads texts out of a record and those that continue it: where one goes
// on in the next, it says anew how wide its characters are.
type cursor struct {
	parts [][]byte
	at    int
}

func (c *cursor) done() bool {
	for len(c.parts) > 0 && c.at >= len(c.parts[0]) {
		c.at -= len(c.parts[0])
		c.parts = c.parts[1:]
	}
	return len(c.parts) == 0
}

func (c *cursor) byte() int {
	if c.done() {
		return 0
	}
	c.at++
	return int(c.parts[0][c.at-1])
}

func (c *cursor) u16() int { lo := c.byte(); return lo | c.byte()<<8 }
func (c *cursor) u32() int { lo := c.u16(); return lo | c.u16()<<16 }

func (c *cursor) skip(n int) {
	c.at += n
	c.done()
}

// text reads so many characters after the byte that says how wide they are.
func (c *cursor) text(n int) string { return c.chars(n, c.byte()) }

func (c *cursor) chars(n, flags int) string {
	out := make([]uint16, 0, min(n, 4096))
	for len(out) < n {
		if len(c.parts) > 0 && c.at >= len(c.parts[0]) {
			before := len(c.parts)
			if c.done() {
				break
			}
			if len(c.parts) < before {
				flags = c.byte()
			}
			continue
		}
		if c.done() {
			break
		}
		if flags&1 != 0 {
			out = append(out, uint16(c.u16()))
		} else {
			out = append(out, uint16(c.byte()))
		}
	}
	return string(utf16.Decode(out))
}

// rich reads a text of the table of strings, without its formats and phonetic
// guides.
func (c *cursor) rich() string {
	n := c.u16()
	flags := c.byte()
	runs, guide := 0, 0
	if flags&8 != 0 {
		runs = c.u16()
	}
	if flags&4 != 0 {
		guide = c.u32()
	}
	s := c.chars(n, flags)
	c.skip(4*runs + guide)
	return s
}
