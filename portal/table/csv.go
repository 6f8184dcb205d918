// Package table reads tables as people make them: CSV files with whatever
// delimiter, line ends and stray quotes, and the sheets of XLSX workbooks with
// dates as dates and numbers as they were written. It knows no columns; what
// reads a list looks for its header among the rows.
package table

import (
	"strings"
)

// Row is a row of a table.
type Row struct {
	Line  int      `json:"l"` // of the file, or of the sheet, from 1
	Cells []string `json:"c"`
}

// delimiters are those that are tried, the likeliest first.
const delimiters = ",\t;|"

// CSV reads a text as comma-separated values. The delimiter is what "sep=" in
// the first line says, or what cuts the first lines into rows of the most equal
// length. A quotation mark that is never closed, or closed in the middle of a
// field, is a character like any other: it does not swallow the rows after it.
func CSV(text string) []Row {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(text, "\uFEFF"))
	line := 1
	delim := byte(0)
	if first, rest, ok := strings.Cut(text, "\n"); ok {
		if d, ok := strings.CutPrefix(strings.TrimSpace(strings.ToLower(first)), "sep="); ok && len(d) <= 1 {
			text, line = rest, 2
			delim = '\t'
			if d != "" {
				delim = d[0]
			}
		}
	}
	if delim == 0 {
		delim = delimiter(text)
	}
	var out []Row
	width := 0 // of the rows so far: the length that most have
	lengths := make(map[int]int)
	for text != "" {
		cells, n, lines := record(text, delim)
		if lines > 1 && width > 1 && len(cells) != width {
			if flat, k := literal(text, delim); len(flat) == width {
				cells, n, lines = flat, k, 1
			}
		}
		if !empty(cells) {
			out = append(out, Row{line, cells})
			if lengths[len(cells)]++; lengths[len(cells)] > lengths[width] {
				width = len(cells)
			}
		}
		text = text[n:]
		line += lines
	}
	return out
}

func empty(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// delimiter finds what parts the fields of a text.
func delimiter(text string) byte {
	best, bestScore := byte(','), 0
	for i := range len(delimiters) {
		d := delimiters[i]
		lengths := make(map[int]int)
		rest := text
		for n := 0; n < 30 && rest != ""; n++ {
			cells, k, _ := record(rest, d)
			if len(cells) > 1 {
				lengths[len(cells)]++
			}
			rest = rest[k:]
		}
		for width, times := range lengths {
			if score := times*100 + min(width, 50); score > bestScore {
				best, bestScore = d, score
			}
		}
	}
	return best
}

// record reads one record from the beginning of a text: its fields, how many
// bytes it takes with its line end, and how many lines.
func record(text string, delim byte) (cells []string, n, lines int) {
	lines = 1
	for {
		field, k, quoted := quotedField(text[n:], delim)
		if !quoted {
			k = strings.IndexAny(text[n:], string([]byte{delim, '\n'}))
			if k < 0 {
				k = len(text) - n
			}
			field = text[n : n+k]
		}
		cells = append(cells, strings.TrimSpace(field))
		lines += strings.Count(field, "\n")
		n += k
		if n >= len(text) {
			return cells, n, lines
		}
		n++ // delimiter or line end
		if text[n-1] == '\n' {
			return cells, n, lines
		}
	}
}

// quotedField reads a field in quotation marks: what it holds and how many
// bytes it takes. A field that is not closed before a delimiter or the end of
// a line is none.
func quotedField(text string, delim byte) (field string, n int, ok bool) {
	start := len(text) - len(strings.TrimLeft(text, " "))
	if start >= len(text) || text[start] != '"' {
		return "", 0, false
	}
	var b strings.Builder
	const longest = 1 << 20
	for i := start + 1; i < len(text) && i < longest; i++ {
		if text[i] != '"' {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		end := i + 1
		for end < len(text) && text[end] == ' ' {
			end++
		}
		if end == len(text) || text[end] == delim || text[end] == '\n' {
			return b.String(), end, true
		}
		return "", 0, false
	}
	return "", 0, false
}

// literal reads one line, its quotation marks as characters.
func literal(text string, delim byte) (cells []string, n int) {
	line, _, found := strings.Cut(text, "\n")
	n = len(line)
	if found {
		n++
	}
	for f := range strings.SplitSeq(line, string(rune(delim))) {
		f = strings.TrimSpace(f)
		if len(f) > 1 && f[0] == '"' && f[len(f)-1] == '"' {
			f = strings.ReplaceAll(f[1:len(f)-1], `""`, `"`)
		}
		cells = append(cells, f)
	}
	return cells, n
}

// Markdown writes rows as a table of which each line is a row: empty cells
// stay, line ends in a cell become blanks.
func Markdown(rows []Row) string {
	var b strings.Builder
	for _, r := range rows {
		cells := r.Cells
		for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
			cells = cells[:len(cells)-1]
		}
		if len(cells) == 0 {
			continue
		}
		b.WriteString("|")
		for _, c := range cells {
			b.WriteString(" " + strings.ReplaceAll(strings.Join(strings.Fields(c), " "), "|", "/") + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}
