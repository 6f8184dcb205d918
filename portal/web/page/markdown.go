package page

import (
	"bytes"
	"html/template"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/net/html"

	"gongkai/portal/text"
)

var (
	markdownParser = goldmark.New(goldmark.WithExtensions(extension.Table))
	cleaner        = bluemonday.UGCPolicy()
)

// markdown renders a body. The result is cleaned of everything but plain
// formatting, whatever the text holds; laws keep their line breaks.
func markdown(text string) template.HTML {
	var b bytes.Buffer
	if err := markdownParser.Convert([]byte(tables(tame(text))), &b); err != nil {
		return template.HTML("<p>" + template.HTMLEscapeString(text) + "</p>")
	}
	return template.HTML(cleaner.SanitizeBytes(b.Bytes())) // cleaned by bluemonday just here
}

// tables makes runs of lines between bars into tables, as files are read without the
// line of dashes that Markdown asks for under the first. That line is as wide as the
// widest row, or the cells beyond would not show.
func tables(text string) string {
	if !strings.Contains(text, "|") {
		return text
	}
	var out strings.Builder
	lines := strings.SplitAfter(text, "\n")
	for at := 0; at < len(lines); {
		end, cells := at, 0
		for ; end < len(lines); end++ {
			line := strings.TrimSpace(lines[end])
			if len(line) < 2 || line[0] != '|' || line[len(line)-1] != '|' {
				break
			}
			cells = max(cells, strings.Count(line, "|")-1)
		}
		if end == at {
			out.WriteString(lines[at])
			at++
			continue
		}
		if cells*(end-at) > maxCells {
			for _, line := range lines[at:end] {
				out.WriteString("\\" + strings.TrimLeft(line, " \t"))
			}
			at = end
			continue
		}
		first := strings.TrimSpace(lines[at])
		if at > 0 && strings.TrimSpace(lines[at-1]) != "" {
			out.WriteString("\n")
		}
		out.WriteString(first + strings.Repeat(" |", cells+1-strings.Count(first, "|")) + "\n")
		if end == at+1 || strings.Trim(lines[at+1], "|-: \t\r\n") != "" {
			out.WriteString("|" + strings.Repeat(" --- |", cells) + "\n")
		}
		for _, line := range lines[at+1 : end] {
			out.WriteString(line)
		}
		if !strings.HasSuffix(lines[end-1], "\n") || end < len(lines) && strings.TrimSpace(lines[end]) != "" {
			out.WriteString("\n\n")
		}
		at = end
	}
	return out.String()
}

// Bounds on what a text asks of the parser, whose work grows with the square of
// them. No text that people write comes near.
const (
	maxNested   = 20      // quotes and lists in one another, on one line
	maxBrackets = 1000    // links that are begun in one paragraph
	maxDefined  = 500     // lines that define a link
	maxCells    = 200_000 // of one table, the widest row times the rows
)

// noLinks takes from brackets what makes them links.
var noLinks = strings.NewReplacer("[", "&#91;", "]", "&#93;")

// tame takes the meaning from marks that are over those bounds: they are shown
// as they were typed.
func tame(text string) string {
	var b strings.Builder
	brackets, defined := 0, 0
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			brackets = 0
		}
		at, depth := 0, 0
		for at < len(line) {
			n := marker(line[at:])
			if n == 0 {
				break
			}
			if depth++; depth > maxNested {
				line = line[:at] + "\\" + strings.TrimLeft(line[at:], " \t")
				break
			}
			at += n
		}
		if strings.HasPrefix(strings.TrimLeft(line, " >"), "[") && strings.Contains(line, "]:") {
			if defined++; defined > maxDefined {
				line = noLinks.Replace(line)
			}
		}
		if n := strings.Count(line, "["); brackets+n > maxBrackets {
			line = noLinks.Replace(line)
		} else {
			brackets += n
		}
		b.WriteString(line)
	}
	return b.String()
}

// marker is the length of a mark at the beginning of a line that puts what
// follows into a quote or a list; 0 for none.
func marker(line string) int {
	at := len(line) - len(strings.TrimLeft(line, " \t"))
	rest := line[at:]
	digits := 0
	for digits < len(rest) && digits < 9 && rest[digits] >= '0' && rest[digits] <= '9' {
		digits++
	}
	switch {
	case strings.HasPrefix(rest, ">"):
		return at + 1
	case strings.HasPrefix(rest, "- "), strings.HasPrefix(rest, "* "), strings.HasPrefix(rest, "+ "):
		return at + 2
	case digits > 0 && digits < len(rest)-1 && (rest[digits] == '.' || rest[digits] == ')') && rest[digits+1] == ' ':
		return at + digits + 2
	}
	return 0
}

// body renders a body with an anchor at each article and heading, so that a
// search hit can open the document there, and with the words marked.
func (s *Site) body(source string, words ...string) template.HTML {
	z := html.NewTokenizer(strings.NewReader(string(markdown(source))))
	var out strings.Builder
	var open string // the start of a paragraph, heading or row that awaits its text
	first := false
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			out.WriteString(open)
			return template.HTML(out.String()) // cleaned by markdown; text is escaped below
		}
		raw := string(z.Raw())
		name, _ := z.TagName()
		if len(name) == 2 && name[0] == 'h' && '1' <= name[1] && name[1] <= '5' { // the page has its own first heading
			raw = strings.Replace(raw, string(name), "h"+string(name[1]+1), 1)
		}
		switch {
		case kind == html.StartTagToken && (string(name) == "p" || string(name) == "td" && first || len(name) == 2 && name[0] == 'h' && name[1] <= '6'):
			out.WriteString(open)
			open, first = raw, false
		case kind == html.StartTagToken && string(name) == "tr":
			out.WriteString(open + raw)
			open, first = "", true // its first cell names the row
		case kind == html.TextToken:
			written := html.UnescapeString(raw)
			if open != "" {
				anchor := written
				if strings.HasPrefix(open, "<p") {
					anchor = text.Heading(written)
				}
				if anchor != "" {
					open = strings.TrimSuffix(open, ">") + ` id="` + html.EscapeString(AnchorOf(anchor)) + `">`
				}
				out.WriteString(open)
				open = ""
			}
			for _, span := range text.Mark(written, words) {
				if span.Hit {
					out.WriteString("<mark>" + html.EscapeString(span.Text) + "</mark>")
				} else {
					out.WriteString(html.EscapeString(span.Text))
				}
			}
		case open != "" && kind == html.StartTagToken: // such as <strong> right after <p>
			open += raw
		default:
			out.WriteString(open + raw)
			open = ""
		}
	}
}

// AnchorOf is the id of a heading in a page: without the spaces that an id may not have.
func AnchorOf(heading string) string { return strings.Join(strings.Fields(heading), "-") }
