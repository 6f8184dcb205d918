// Package importer brings documents and applications in from JSON, JSON Lines,
// CSV and XLSX files, plain or gzip, in whatever encoding. It refuses single
// rows with a reason and goes on; a second run of the same file changes
// nothing.
package importer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"gongkai/portal"
	"gongkai/portal/extract"
	"gongkai/portal/table"
	"gongkai/portal/text"
)

// Limits on a file.
const (
	maxRow   = 64 << 20  // bytes of one JSON line
	maxTable = 256 << 20 // bytes of a CSV, a JSON array, or a text that is not UTF-8, unpacked
	maxBook  = 64 << 20  // bytes of a workbook
)

// row is one record of a file by column name, folded.
type row struct {
	line   int
	sheet  bool // of a workbook
	values map[string]string
}

// source is a file that is read.
type source struct {
	opt Options
	// known tells the names of columns that mean something, must those of
	// which one has to be there.
	known, must func(name string) bool
	wanted      string // in words
	take        func(row) error
	bad         func(line int, problem portal.Problem)
	good        int // rows that could be read
	// whole takes tables as they stand, all sheets of a workbook, where their heads are
	// not to be found by known.
	whole func(sheet string, rows []table.Row) error
}

// refusal is a problem of the file as a whole.
func refusal(key string, args portal.Args) error {
	return portal.Wrong("file", key, args)
}

// read calls take with each row of a file, and bad with each that cannot be
// read. The format is told from the content, not from the name.
func (s *source) read(r io.Reader) error {
	br := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := br.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(br)
		if err != nil {
			return refusal("error.file_damaged", nil)
		}
		defer z.Close()
		br = bufio.NewReaderSize(z, 1<<16)
	}
	start, _ := br.Peek(1 << 15)
	if bytes.HasPrefix(start, []byte("PK\x03\x04")) || bytes.HasPrefix(start, []byte("\xd0\xcf\x11\xe0")) {
		return s.workbook(br)
	}
	if !utf8.Valid(whole(start)) || bytes.IndexByte(start, 0) >= 0 {
		text, err := s.text(br)
		if err != nil {
			return err
		}
		br = bufio.NewReaderSize(strings.NewReader(text), 1<<16)
		start, _ = br.Peek(1 << 15)
	}
	if bytes.HasPrefix(start, []byte("\xef\xbb\xbf")) {
		_, _ = br.Discard(3) // just peeked at
		start = start[3:]
	}
	switch trimmed := bytes.TrimLeft(start, " \t\r\n"); {
	case bytes.HasPrefix(trimmed, []byte("{")):
		// An object over several lines, or one on each.
		first, rest, more := bytes.Cut(trimmed, []byte("\n"))
		if !more && s.whole != nil || more && !json.Valid(first) && !bytes.HasPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte("{")) {
			return s.values(br)
		}
		return s.jsonLines(br)
	case bytes.HasPrefix(trimmed, []byte("[")):
		return s.values(br)
	case len(trimmed) == 0:
		return refusal("error.import_empty", nil)
	}
	text, err := s.text(br)
	if err != nil {
		return err
	}
	if s.whole != nil {
		return s.whole("", table.CSV(text))
	}
	return s.table(table.CSV(text), false)
}

// whole leaves out a character that a cut has parted.
func whole(b []byte) []byte {
	for n := 1; n <= 3 && n <= len(b); n++ {
		if utf8.RuneStart(b[len(b)-n]) {
			if !utf8.FullRune(b[len(b)-n:]) {
				return b[:len(b)-n]
			}
			break
		}
	}
	return b
}

// text reads a text whole and tells its encoding.
func (s *source) text(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxTable+1))
	if err != nil {
		return "", err
	}
	if len(b) > maxTable {
		return "", refusal("error.too_large", portal.Args{"Limit": maxTable >> 20})
	}
	text, _, err := extract.Decode(b)
	if e, ok := errors.AsType[*portal.Error](err); ok {
		return "", refusal(e.Key, e.Args)
	}
	return text, err
}

// record takes one JSON object.
func (s *source) record(line int, m map[string]any) error {
	s.good++
	return s.pass(row{line: line, values: flatten(m)})
}

// pass hands a row on, cleaned; one in which a character was lost is refused.
func (s *source) pass(r row) error {
	for k, v := range r.values {
		if strings.ContainsRune(v, utf8.RuneError) || !utf8.ValidString(v) {
			s.bad(r.line, portal.Problem{Field: k, Key: "error.import_lost"})
			return nil
		}
		r.values[k] = text.Clean(v)
	}
	return s.take(r)
}

func decodeObject(b []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber() // a number of 19 figures is not another one
	var m map[string]any
	err := d.Decode(&m)
	if err == nil {
		_, err = d.Token()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		err = errors.New("more than one value on a line")
	}
	return nil, err
}

// noList is how many lines in a row at the beginning that are no JSON show
// that the file is no list.
const noList = 20

func (s *source) jsonLines(br *bufio.Reader) error {
	in := bufio.NewScanner(br)
	in.Buffer(make([]byte, 1<<20), maxRow)
	line := 0
	var first []int // lines that were no JSON, before any that was
	for in.Scan() {
		line++
		if len(bytes.TrimSpace(in.Bytes())) == 0 {
			continue
		}
		m, err := decodeObject(in.Bytes())
		if err != nil {
			if s.good > 0 {
				s.bad(line, portal.Problem{Key: "error.import_json"})
			} else if first = append(first, line); len(first) >= noList {
				return refusal("error.import_no_list", nil)
			}
			continue
		}
		for _, l := range first {
			s.bad(l, portal.Problem{Key: "error.import_json"})
		}
		first = nil
		if err := s.record(line, m); err != nil {
			return err
		}
	}
	if errors.Is(in.Err(), bufio.ErrTooLong) {
		return refusal("error.import_line", portal.Args{"Line": line + 1, "Limit": maxRow >> 20})
	}
	if in.Err() == nil && s.good == 0 {
		return refusal("error.import_no_list", nil)
	}
	return in.Err()
}

// values reads JSON values one after another: objects, an array of objects, or
// an object one of whose fields is such an array.
func (s *source) values(br *bufio.Reader) error {
	counted := &lines{r: io.LimitReader(br, maxTable)}
	d := json.NewDecoder(counted)
	d.UseNumber()
	for {
		var v any
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if s.good == 0 {
				return refusal("error.import_no_list", nil)
			}
			s.bad(counted.n+1, portal.Problem{Key: "error.import_json"})
			return nil
		}
		list := []any{v}
		switch x := v.(type) {
		case []any:
			list = x
		case map[string]any:
			for _, f := range x {
				if a, ok := f.([]any); ok && len(a) > 0 && len(x) <= 10 {
					if _, ok := a[0].(map[string]any); ok {
						list = a
					}
				}
			}
		}
		for i, x := range list {
			m, ok := x.(map[string]any)
			if !ok {
				s.bad(i+1, portal.Problem{Key: "error.import_json"})
				continue
			}
			if err := s.record(i+1, m); err != nil {
				return err
			}
		}
	}
	if s.good == 0 {
		return refusal("error.import_no_list", nil)
	}
	return nil
}

// lines counts the lines that were read.
type lines struct {
	r io.Reader
	n int
}

func (l *lines) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.n += bytes.Count(p[:n], []byte("\n"))
	return n, err
}

// column is a column's name as it is compared.
func column(name string) string { return strings.TrimSpace(text.Fold(name)) }

func flatten(m map[string]any) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		if s := written(v); s != "" {
			out[column(k)] = s
		}
	}
	return out
}

// written is a JSON value as it was written.
func written(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return table.Number(v.String())
	case []any:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = written(p)
		}
		return strings.Join(parts, ";")
	case map[string]any:
		b, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(b)
	}
	return fmt.Sprint(v)
}

// headerRows is how far down a header may stand below titles.
const headerRows = 20

// table takes the rows of a table below its header: of the first rows the one
// with the most names that are known.
func (s *source) table(rows []table.Row, sheet bool) error {
	at, most := -1, 0
	var seen []string
	for i, r := range rows[:min(len(rows), headerRows)] {
		known, must := 0, false
		for _, c := range r.Cells {
			if c = column(c); c != "" && s.known(c) {
				known, must = known+1, must || s.must(c)
			}
		}
		if must && known > most {
			at, most = i, known
		}
		if len(seen) == 0 || len(r.Cells) > len(seen) {
			seen = r.Cells
		}
	}
	if at < 0 {
		return refusal("error.import_columns", portal.Args{"Seen": shown(seen), "Wanted": s.wanted})
	}
	names := make([]string, len(rows[at].Cells))
	for i, n := range rows[at].Cells {
		names[i] = column(n)
	}
	for _, r := range rows[at+1:] {
		m := make(map[string]string, len(names))
		header := true // another one below, such as in another language
		for i, v := range r.Cells {
			if v = strings.TrimSpace(v); v == "" {
				continue
			}
			header = header && s.known(column(v))
			if i < len(names) && names[i] != "" {
				m[names[i]] = v
			}
		}
		if len(m) == 0 || header {
			continue
		}
		s.good++
		if err := s.pass(row{line: r.Line, sheet: sheet, values: m}); err != nil {
			return err
		}
	}
	return nil
}

// shown lists the columns that were seen, some of them.
func shown(cells []string) string {
	var out []string
	for _, c := range cells {
		if c = strings.Join(strings.Fields(text.Clean(c)), " "); c != "" {
			out = append(out, text.Short(c, 20))
		}
		if len(out) == 12 {
			out = append(out, "…")
			break
		}
	}
	return strings.Join(out, ", ")
}

// workbook takes the rows of one sheet.
func (s *source) workbook(r io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(r, maxBook+1))
	if err != nil {
		return err
	}
	if len(b) > maxBook {
		return refusal("error.too_large", portal.Args{"Limit": maxBook >> 20})
	}
	if s.opt.Workbook == nil {
		return errors.New("nothing to read workbooks with")
	}
	book, err := s.opt.Workbook(b)
	if e, ok := errors.AsType[*portal.Error](err); ok && e.Kind == portal.Invalid {
		return refusal(e.Key, e.Args)
	}
	if err != nil {
		return err
	}
	var others []string
	for _, x := range book.Sheets {
		if len(x.Rows) > 0 {
			others = append(others, x.Name)
		}
	}
	if s.whole != nil {
		for _, x := range book.Sheets {
			if !x.Hidden && len(x.Rows) > 0 {
				if err := s.whole(x.Name, x.Filled()); err != nil {
					return err
				}
			}
		}
		return nil
	}
	i := slices.IndexFunc(book.Sheets, func(x table.Sheet) bool { return !x.Hidden })
	if s.opt.Sheet != "" {
		if i = slices.IndexFunc(book.Sheets, func(x table.Sheet) bool { return text.Fold(x.Name) == text.Fold(s.opt.Sheet) }); i < 0 {
			return refusal("error.import_sheet", portal.Args{"Name": s.opt.Sheet, "Others": strings.Join(others, ", ")})
		}
	}
	if i < 0 || len(others) == 0 {
		return refusal("error.import_empty", nil)
	}
	if len(book.Sheets[i].Rows) == 0 {
		return refusal("error.import_sheet_empty", portal.Args{"Name": book.Sheets[i].Name, "Others": strings.Join(others, ", ")})
	}
	if book.Cut {
		return refusal("error.import_too_wide", nil)
	}
	return s.table(book.Sheets[i].Filled(), true)
}
