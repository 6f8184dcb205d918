package importer

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"gongkai/portal"
	"gongkai/portal/extract"
	"gongkai/portal/locale"
	"gongkai/portal/powers"
	"gongkai/portal/table"
	"gongkai/portal/text"
)

// Frame is a table of a file, with the heads of its columns.
type Frame struct {
	Sheet string
	Heads []string
	Rows  []FrameRow
}

// FrameRow is a row of a frame.
type FrameRow struct {
	Line  int
	Cells []string
}

// Key names the frame by its heads, to remember how it was read.
func (f *Frame) Key() string {
	sum := sha256.Sum256([]byte(text.Squeeze(strings.Join(f.Heads, "\x00"))))
	return hex.EncodeToString(sum[:12])
}

// Fields of a row that are no fields of an item.
const (
	FieldOrgan = "organ"
	FieldCode  = "code"
)

// maxFrame is how many rows a list may have.
const maxFrame = 200_000

// Frames reads the tables of a file of power items: each sheet of a workbook, or the one
// of a CSV or of JSON Lines. What stands above the heads is left out; heads may take two
// rows.
func Frames(r io.Reader, workbook func([]byte) (table.Workbook, error)) ([]Frame, error) {
	var frames []Frame
	s := &source{known: func(string) bool { return true }, must: func(string) bool { return true }, bad: func(int, portal.Problem) {}}
	keys := make(map[string]bool)
	var records []row
	s.take = func(r row) error {
		for k := range r.values {
			keys[k] = true
		}
		if records = append(records, r); len(records) > maxFrame {
			return refusal("error.import_rows", portal.Args{"Limit": maxFrame})
		}
		return nil
	}
	s.whole = func(sheet string, rows []table.Row) error {
		if len(rows) > maxFrame {
			return refusal("error.import_rows", portal.Args{"Limit": maxFrame})
		}
		if f, ok := frameOf(sheet, rows); ok {
			frames = append(frames, f)
		}
		return nil
	}
	s.opt.Workbook = workbook
	br := bufio.NewReaderSize(r, 1<<16)
	if head, _ := br.Peek(1 << 13); !extract.MayBeTable(head) {
		return nil, refusal("error.import_kind", nil)
	}
	if err := s.read(br); err != nil {
		return nil, err
	}
	if len(records) > 0 {
		f := Frame{Heads: slices.Sorted(maps.Keys(keys))}
		for _, r := range records {
			cells := make([]string, len(f.Heads))
			for i, h := range f.Heads {
				cells[i] = r.values[h]
			}
			f.Rows = append(f.Rows, FrameRow{r.line, cells})
		}
		frames = append(frames, f)
	}
	// A sheet without rows, such as one of explanations, is not what is brought.
	if full := slices.DeleteFunc(slices.Clone(frames), func(f Frame) bool { return len(f.Rows) == 0 }); len(full) > 0 {
		frames = full
	}
	if len(frames) == 0 {
		return nil, refusal("error.import_empty", nil)
	}
	slices.SortStableFunc(frames, func(a, b Frame) int { return known(b.Heads) - known(a.Heads) })
	return frames, nil
}

func known(heads []string) int { return len(Detect(heads)) }

// frameOf finds the heads of a table: of the first rows the one with the most names that
// are known, and the next one where it holds names too.
func frameOf(sheet string, rows []table.Row) (Frame, bool) {
	at, most := -1, 0
	for i, r := range rows[:min(len(rows), headerRows)] {
		if n := known(r.Cells); n > most {
			at, most = i, n
		}
	}
	if at < 0 { // the officer says what its columns are
		at = slices.IndexFunc(rows, func(r table.Row) bool { return strings.TrimSpace(strings.Join(r.Cells, "")) != "" })
	}
	if at < 0 {
		return Frame{}, false
	}
	if most == 0 && !slices.ContainsFunc(rows, func(r table.Row) bool { return len(r.Cells) > 1 }) { // a list of names has no head
		f := Frame{Sheet: sheet, Heads: []string{""}}
		for _, r := range rows[at:] {
			f.Rows = append(f.Rows, FrameRow{r.Line, r.Cells})
		}
		return f, true
	}
	f := Frame{Sheet: sheet, Heads: slices.Clone(rows[at].Cells)}
	for i := range f.Heads {
		f.Heads[i] = strings.TrimSpace(f.Heads[i])
	}
	next := at + 1
	if next < len(rows) && secondHead(rows[next].Cells) {
		for i, c := range rows[next].Cells {
			c = strings.TrimSpace(c)
			switch {
			case c == "":
			case i >= len(f.Heads):
				f.Heads = append(f.Heads, c)
			case f.Heads[i] == "":
				f.Heads[i] = c
			case f.Heads[i] != c:
				f.Heads[i] += " / " + c
			}
		}
		next++
	}
	for _, r := range rows[next:] {
		if strings.TrimSpace(strings.Join(r.Cells, "")) != "" {
			f.Rows = append(f.Rows, FrameRow{r.Line, r.Cells})
		}
	}
	return f, true
}

// secondHead reports whether a row below the heads holds names too: several, or half of it.
func secondHead(cells []string) bool {
	filled := 0
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			filled++
		}
	}
	n := known(cells)
	return n >= 2 || n > 0 && n*2 >= filled
}

// names are the names of columns that are known, as they are compared, each with the
// codes of its field.
var names = func() map[string]string {
	out := make(map[string]string)
	add := func(field string, names ...string) {
		for _, n := range names {
			if n = bareHead(n); n != "" && out[n] == "" {
				out[n] = field
			}
		}
	}
	add(FieldCode, powers.Rules.CodeAliases...)
	add(FieldOrgan, powers.Rules.OrganAliases...)
	for _, f := range powers.Rules.Fields {
		add(f.Code, f.Code, f.Name.ZH, f.Name.EN)
	}
	for _, f := range powers.Rules.Fields {
		add(f.Code, f.Aliases...)
	}
	return out
}()

// bareHead is a head as it is compared.
func bareHead(s string) string {
	if i := strings.IndexAny(s, "(（[【"); i > 0 {
		s = s[:i]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("_-*:：、.．", r) {
			return -1
		}
		return r
	}, text.Fold(s))
}

// Detect tells by the heads of columns which fields they hold: column → code. Of several
// columns that could hold the same field the first does.
func Detect(heads []string) map[int]string {
	out := make(map[int]string)
	taken := make(map[string]bool)
	take := func(i int, name string) bool {
		f := names[bareHead(name)]
		if f == "" || taken[f] || out[i] != "" {
			return false
		}
		out[i], taken[f] = f, true
		return true
	}
	for i, h := range heads { // the whole of it, then its parts: "篇扩设定依据/pkbasis"
		if take(i, h) {
			continue
		}
		for part := range strings.FieldsFuncSeq(h, func(r rune) bool { return r == '/' || r == '\n' || r == '|' }) {
			if take(i, part) || take(i, strings.TrimPrefix(strings.TrimSpace(part), "篇扩")) {
				break
			}
		}
	}
	return out
}

// PowerDefaults are for what a list does not say.
type PowerDefaults struct {
	Organ portal.OrganCode
	Type  string
}

// OrganNamed finds organs by code, or by name in either language, however they are
// written; "" for none.
func OrganNamed(organs []portal.Organ) func(string) portal.OrganCode {
	by := make(map[string]portal.OrganCode)
	for _, o := range organs {
		for _, name := range []string{o.Name.EN, o.Name.ZH, string(o.Code)} {
			by[text.Squeeze(name)] = o.Code
		}
	}
	delete(by, "")
	return func(name string) portal.OrganCode { return by[text.Squeeze(name)] }
}

// PowerReasons puts into words why a row was refused, each reason after the name of its
// field.
func PowerReasons(t *locale.Texts, err error) []string {
	e, ok := errors.AsType[*portal.Error](err)
	if !ok {
		return []string{err.Error()}
	}
	if len(e.Problems) == 0 {
		return []string{t.Args(e.Key, e.Args)}
	}
	var out []string
	for _, x := range e.Problems {
		name := t.T("power.code")
		switch f := powers.FieldNamed(x.Field); {
		case f != nil:
			name = f.Name.In(t.Lang)
		case x.Field == "organ":
			name = t.T("column.organ")
		case x.Field == "effective":
			name = t.T("doc.effective")
		}
		out = append(out, name+t.T("form.colon")+t.Args(x.Key, x.Args))
	}
	return out
}

// Powers makes items of the rows of a frame by a mapping of its columns. find tells the
// organ with a code or a name. A code that a list does not have is made of the name.
func (f *Frame) Powers(fields map[int]string, d PowerDefaults, find func(string) portal.OrganCode) []powers.Brought {
	out := make([]powers.Brought, 0, len(f.Rows))
	for _, r := range f.Rows {
		b := powers.Brought{Line: r.Line, Organ: d.Organ, Values: make(powers.Values)}
		for i, cell := range r.Cells {
			cell = strings.TrimSpace(text.Clean(cell))
			switch field := fields[i]; {
			case field == "" || cell == "":
			case field == FieldOrgan:
				if o := find(cell); o != "" {
					b.Organ = o
				} else if d.Organ == "" {
					b.Organ = ""
				}
			case field == FieldCode:
				b.Code = codeOf(cell)
			case field == "type":
				if b.Values[field] = powers.TypeNamed(cell); b.Values[field] == "" {
					b.Values[field] = cell // and it is said that there is none such
				}
			case field == "fee":
				b.Values[field] = yesNo(cell)
			default:
				b.Values[field] = cell
			}
		}
		if b.Values["type"] == "" {
			b.Values["type"] = d.Type
		}
		if b.Values["body"] == "" {
			delete(b.Values, "body")
		}
		if b.Code == "" && b.Values["name_zh"] != "" {
			sum := sha256.Sum256([]byte(b.Values["type"] + "\x00" + text.Squeeze(b.Values["name_zh"])))
			b.Code = "X" + strings.ToUpper(hex.EncodeToString(sum[:8]))
		}
		out = append(out, b)
	}
	return out
}

// codeOf is a code as an address can have it.
func codeOf(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r == '.' || r == '_' || r == '/' || r == '—' || r == '－':
			return '-'
		}
		return r
	}, width.Narrow.String(s))
}

func yesNo(s string) string {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "1", "是", "收费", "有", "y", "yes", "true":
		return "yes"
	case "0", "2", "否", "不收费", "无", "n", "no", "false":
		return "no"
	}
	return s
}
