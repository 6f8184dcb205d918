package extract

import (
	"encoding/binary"
	"errors"
	"slices"
	"sort"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"gongkai/portal"
	"gongkai/portal/ole"
)

// word is a document of Word 97 to 2003, or of WPS (MS-DOC): a stream of
// characters in pieces, and beside it what they look like.
type word struct {
	main, table []byte
	pieces      []piece
	hidden      spans // places in main of characters that are hidden
	deleted     spans // of those that a tracked change took out
	rowEnds     spans // of paragraphs that end a row of a table
	heads       map[int]int
}

// piece is a run of characters that lie together.
type piece struct {
	from, to int // of the text, in characters
	at       int // in main
	narrow   bool
}

func (p piece) width() int {
	if p.narrow {
		return 1
	}
	return 2
}

// spans are places in the main stream, in order.
type spans [][2]int

func (s spans) has(at int) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i][1] > at })
	return i < len(s) && s[i][0] <= at
}

// The parts of the text, in the order in which they follow each other.
var docParts = []struct {
	length int // where the file says how many characters it has
	label  string
}{{0x4C, ""}, {0x50, "注"}, {0x54, "页眉"}, {0x58, "-"}, {0x5C, "批注"}, {0x60, "注"}, {0x64, "文本框"}, {0x68, "文本框"}}

// docText reads a document of the older kind: the text, then notes, frames and
// comments, each under its label.
func docText(file []byte) (Result, error) {
	f, err := ole.Open(file, func(path string) bool {
		return path == "WordDocument" || path == "0Table" || path == "1Table" || slices.Contains(ole.Summaries, path)
	})
	if err != nil {
		return Result{}, portal.Damaged(err)
	}
	w := word{main: f["WordDocument"], heads: make(map[int]int)}
	flags := w.u16(w.main, 0x0A)
	if w.u16(w.main, 0) != 0xA5EC || w.u16(w.main, 2) < 0xC1 {
		return Result{}, &portal.Error{Kind: portal.Invalid, Key: "error.file_old"} // Word 95 and before
	}
	if flags&0x0100 != 0 {
		return Result{}, &portal.Error{Kind: portal.Invalid, Key: "error.file_password"}
	}
	w.table = f["0Table"]
	if flags&0x0200 != 0 {
		w.table = f["1Table"]
	}
	if err := w.readPieces(); err != nil {
		return Result{}, portal.Damaged(err)
	}
	w.readLooks()
	var r Result
	var b strings.Builder
	at := 0
	for _, p := range docParts {
		n := w.u32(w.main, p.length)
		if n < 0 || n > 1<<26 {
			return Result{}, portal.Damaged(errors.New("a part of an impossible length"))
		}
		t := w.text(at, at+n, &r)
		at += n
		switch {
		case p.label == "批注" && strings.TrimSpace(t) != "":
			r.note("read.comments", nil)
			r.hide("place.comment", nil, t)
		case p.label == "":
			b.WriteString(t)
		case p.label != "-":
			for line := range strings.SplitSeq(t, "\n") {
				if line = strings.TrimSpace(line); line != "" && !pageNumber.MatchString(line) {
					b.WriteString("\n〔" + p.label + "：" + line + "〕\n")
				}
			}
		}
		if b.Len() > maxText {
			r.note("read.long", nil)
			break
		}
	}
	r.Pages = []string{b.String()}
	r.hide("place.properties", nil, strings.Join(f.Properties(), "\n"))
	return r, nil
}

func (*word) u16(b []byte, at int) int {
	if at < 0 || at+2 > len(b) {
		return 0
	}
	return int(binary.LittleEndian.Uint16(b[at:]))
}

func (*word) u32(b []byte, at int) int {
	if at < 0 || at+4 > len(b) {
		return 0
	}
	return int(int32(binary.LittleEndian.Uint32(b[at:])))
}

// part is a structure of the table stream, by where the header names it.
func (w *word) part(at int) []byte {
	from, n := w.u32(w.main, at), w.u32(w.main, at+4)
	if from < 0 || n <= 0 || from+n > len(w.table) {
		return nil
	}
	return w.table[from : from+n]
}

// readPieces reads where the characters lie (Clx, MS-DOC 2.9.38).
func (w *word) readPieces() error {
	b := w.part(0x01A2)
	for len(b) > 3 && b[0] == 1 {
		n := 3 + w.u16(b, 1)
		if n > len(b) {
			break
		}
		b = b[n:]
	}
	if len(b) < 5 || b[0] != 2 {
		return errors.New("no table of pieces")
	}
	b = b[5:]
	n := (len(b) - 4) / 12
	for i := range n {
		p := piece{from: w.u32(b, 4*i), to: w.u32(b, 4*i+4)}
		fc := w.u32(b, 4*(n+1)+8*i+2)
		p.at = fc & 0x3FFFFFFF
		if p.narrow = fc&0x40000000 != 0; p.narrow {
			p.at /= 2
		}
		if p.from < 0 || p.to < p.from || p.at < 0 {
			return errors.New("a piece that ends before it begins")
		}
		w.pieces = append(w.pieces, p)
	}
	return nil
}

// Properties of characters and paragraphs (sprm, MS-DOC 2.6).
const (
	sprmDeleted = 0x0800
	sprmHidden  = 0x083C
	sprmRowEnd  = 0x2417
)

// readLooks reads which characters are hidden or deleted, which paragraphs end a
// row, and which are headings.
func (w *word) readLooks() {
	w.pages(w.part(0xFA), func(page []byte, from, to, i, runs int) {
		off := 2 * int(page[4*(runs+1)+i])
		if off == 0 || off >= 511 {
			return
		}
		n := int(page[off])
		props(page[off+1:min(511, off+1+n)], func(op, v int) {
			switch {
			case op == sprmHidden && v == 1:
				w.hidden = append(w.hidden, [2]int{from, to})
			case op == sprmDeleted && v == 1:
				w.deleted = append(w.deleted, [2]int{from, to})
			}
		})
	})
	w.pages(w.part(0x102), func(page []byte, from, to, i, runs int) {
		at := 4*(runs+1) + 13*i
		if at >= 511 {
			return
		}
		off := 2 * int(page[at])
		if off == 0 || off >= 509 {
			return
		}
		n := 2*int(page[off]) - 1
		if page[off] == 0 {
			off++
			n = 2 * int(page[off])
		}
		off++
		if off+2 > 511 || n < 2 {
			return
		}
		if style := w.u16(page, off); style >= 1 && style <= 6 {
			w.heads[to] = style
		}
		props(page[off+2:min(511, off+n)], func(op, v int) {
			if op == sprmRowEnd && v == 1 {
				w.rowEnds = append(w.rowEnds, [2]int{from, to})
			}
		})
	})
	for _, s := range []spans{w.hidden, w.deleted, w.rowEnds} {
		sort.Slice(s, func(i, j int) bool { return s[i][0] < s[j][0] })
	}
}

// pages calls f with every run of the pages of properties that a table names.
func (w *word) pages(table []byte, f func(page []byte, from, to, i, runs int)) {
	n := (len(table) - 4) / 8
	for i := range n {
		at := (w.u32(table, 4*(n+1)+4*i) & 0x3FFFFF) * 512
		if at <= 0 || at+512 > len(w.main) {
			continue
		}
		page := w.main[at : at+512]
		runs := int(page[511])
		if 4*(runs+1)+runs > 511 {
			continue
		}
		for j := range runs {
			f(page, w.u32(page, 4*j), w.u32(page, 4*j+4), j, runs)
		}
	}
}

// props calls f with each property of a list and its first byte.
func props(b []byte, f func(op, value int)) {
	for len(b) > 2 {
		op := int(binary.LittleEndian.Uint16(b))
		size := []int{1, 1, 2, 4, 2, 2, 0, 3}[op>>13]
		if op>>13 == 6 {
			size = 1 + int(b[2])
			if op == 0xD608 && len(b) > 3 {
				size = 1 + int(binary.LittleEndian.Uint16(b[2:]))
			}
		}
		f(op, int(b[2]))
		if 2+size > len(b) {
			return
		}
		b = b[2+size:]
	}
}

// text is what a reader sees of a part of the text; what it does not see goes
// among what is hidden.
func (w *word) text(from, to int, r *Result) string {
	var b, cell, hidden, deleted strings.Builder
	var row []string
	line := func(place int) {
		s := strings.TrimSpace(cell.String())
		cell.Reset()
		if h := w.heads[place]; h > 0 && s != "" {
			s = strings.Repeat("#", h) + " " + s
		}
		if s != "" {
			b.WriteString(s + "\n\n")
		}
	}
	depth, result := 0, []bool{} // fields: what one shows follows what it is made of
	for _, p := range w.pieces {
		lo, hi := max(p.from, from), min(p.to, to)
		for c := lo; c < hi; c++ {
			at := p.at + (c-p.from)*p.width()
			if at+p.width() > len(w.main) {
				break
			}
			var u rune
			if p.narrow {
				u = charmap.Windows1252.DecodeByte(w.main[at])
			} else if u = rune(binary.LittleEndian.Uint16(w.main[at:])); utf16.IsSurrogate(u) && c+1 < hi && at+4 <= len(w.main) {
				u = utf16.DecodeRune(u, rune(binary.LittleEndian.Uint16(w.main[at+2:])))
				c++
			}
			switch u {
			case 0x13:
				depth++
				result = append(result, false)
				continue
			case 0x14:
				if depth > 0 {
					result[depth-1] = true
				}
				continue
			case 0x15:
				if depth > 0 {
					depth--
					result = result[:depth]
				}
				continue
			}
			if depth > 0 && !result[depth-1] {
				continue
			}
			if w.deleted.has(at) {
				deleted.WriteRune(u)
				continue
			}
			if w.hidden.has(at) && u >= ' ' {
				hidden.WriteRune(u)
				continue
			}
			switch {
			case u == 0x07 && w.rowEnds.has(at):
				if strings.TrimSpace(strings.Join(row, "")) != "" {
					b.WriteString("| " + strings.Join(row, " | ") + " |\n")
				}
				row = row[:0]
				cell.Reset()
			case u == 0x07:
				row = append(row, strings.ReplaceAll(strings.Join(strings.Fields(cell.String()), " "), "|", "/"))
				cell.Reset()
			case u == '\r', u == 0x0C:
				if len(row) > 0 { // a paragraph of a cell
					cell.WriteRune(' ')
				} else {
					line(at + p.width())
				}
			case u == 0x0B:
				cell.WriteRune('\n')
			case u == '\t', u == 0xA0:
				cell.WriteRune(' ')
			case u == 0x1E:
				cell.WriteRune('-')
			case u >= ' ':
				cell.WriteRune(u)
			}
		}
	}
	line(-1)
	if s := strings.TrimSpace(hidden.String()); s != "" {
		r.note("read.hidden", nil)
		r.hide("place.hidden_text", nil, s)
	}
	if s := strings.TrimSpace(deleted.String()); s != "" {
		r.note("read.tracked", nil)
		r.hide("place.deleted", nil, s)
	}
	return b.String()
}
