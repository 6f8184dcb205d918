package extract

import (
	"regexp"
	"strconv"
	"strings"

	"gongkai/portal"
	"gongkai/portal/ooxml"
)

// odf is a document of OpenDocument that is read.
type odf struct {
	r      *Result
	b      strings.Builder
	hidden map[string]bool // styles of text that is not shown
	sheets map[string]bool // styles of sheets that are not
	slides map[string]bool // styles of slides that are not
	book   bool            // it is a workbook
}

// odfText reads a text, a workbook or a presentation. Sheets, rows and texts that are
// not shown, comments and tracked changes are unseen.
func odfText(file []byte) (Result, error) {
	p, err := ooxml.Open(file, maxXML)
	if err != nil {
		return Result{}, portal.Damaged(err)
	}
	if m, err := p.Tree("META-INF/manifest.xml"); err == nil && len(m.All("encryption-data")) > 0 {
		return Result{}, &portal.Error{Kind: portal.Invalid, Key: "error.file_password"}
	}
	tree, err := p.Tree("content.xml")
	if err != nil {
		return Result{}, portal.Damaged(err)
	}
	var r Result
	o := odf{r: &r, hidden: make(map[string]bool), sheets: make(map[string]bool), slides: make(map[string]bool)}
	o.styles(tree)
	if s, err := p.Tree("styles.xml"); err == nil {
		o.styles(s)
		o.frames(s)
	}
	o.book = len(tree.All("spreadsheet")) > 0
	for _, body := range tree.All("body") {
		o.blocks(body, 0)
	}
	if len(r.Pages) == 0 || strings.TrimSpace(o.b.String()) != "" {
		r.Pages = append(r.Pages, o.b.String())
	}
	if meta, err := p.Tree("meta.xml"); err == nil {
		var said []string
		meta.Walk(func(n *ooxml.Node) bool {
			switch n.Name {
			case "creator", "initial-creator", "title", "subject", "description", "keyword", "user-defined", "printed-by":
				if t := strings.TrimSpace(n.Content()); t != "" {
					said = append(said, t)
				}
				return false
			}
			return true
		})
		r.hide("place.properties", nil, strings.Join(said, "\n"))
	}
	return r, nil
}

func (o *odf) styles(tree *ooxml.Node) {
	for _, s := range tree.All("style") {
		for _, k := range s.Kids {
			switch {
			case k.Name == "text-properties" && (k.Attr("display") == "none" || k.Attr("display") == "true" && s.Attr("family") == ""):
				o.hidden[s.Attr("name")] = true
			case k.Name == "drawing-page-properties" && k.Attr("visibility") == "hidden":
				o.slides[s.Attr("name")] = true
			case k.Name == "table-properties" && k.Attr("display") == "false":
				o.sheets[s.Attr("name")] = true
			}
		}
	}
}

// frames reads the headers and footers of the pages.
func (o *odf) frames(styles *ooxml.Node) {
	for _, x := range []struct{ name, label string }{{"header", "页眉"}, {"footer", "页脚"}} {
		seen := make(map[string]bool)
		for _, n := range styles.All(x.name) {
			var in []string
			for _, p := range n.All("p") {
				in = append(in, o.inline(p))
			}
			t := strings.Join(strings.Fields(strings.Join(in, " ")), " ")
			if t != "" && !pageNumber.MatchString(t) && !seen[t] {
				seen[t] = true
				o.b.WriteString("〔" + x.label + "：" + t + "〕\n\n")
			}
		}
	}
}

func (o *odf) blocks(n *ooxml.Node, cells int) {
	if o.b.Len() > maxText {
		return
	}
	for _, k := range n.Kids {
		switch k.Name {
		case "p", "h":
			t := strings.TrimSpace(o.inline(k))
			if t == "" {
				continue
			}
			if level := k.Attr("outline-level"); k.Name == "h" && cells == 0 && len(level) == 1 && level >= "1" && level <= "6" {
				t = strings.Repeat("#", int(level[0]-'0')) + " " + t
			}
			o.b.WriteString(t + map[bool]string{true: " ", false: "\n\n"}[cells > 0])
		case "tracked-changes":
			if t := strings.TrimSpace(spaced(k)); t != "" {
				o.r.note("read.tracked", nil)
				o.r.hide("place.deleted", nil, t)
			}
		case "table":
			o.table(k, cells)
		case "section":
			if k.Attr("display") == "none" {
				o.r.note("read.hidden", nil)
				o.r.hide("place.hidden_text", nil, spaced(k))
				continue
			}
			o.blocks(k, cells)
		case "page": // of a presentation
			o.blocks(k, cells)
			number := portal.Args{"Page": len(o.r.Pages) + 1}
			text := o.b.String()
			o.b.Reset()
			if o.slides[k.Attr("style-name")] {
				o.r.note("read.hidden_slide", number)
				o.r.hide("place.hidden_slide", number, text)
				text = ""
			}
			o.r.Pages = append(o.r.Pages, text)
		case "notes":
			o.r.hide("place.speaker", portal.Args{"Page": len(o.r.Pages) + 1}, spaced(k))
		case "annotation":
			o.comment(k)
		case "forms", "sequence-decls", "variable-decls", "script", "shapes":
		default:
			o.blocks(k, cells)
		}
	}
}

func (o *odf) comment(n *ooxml.Node) {
	o.r.note("read.comments", nil)
	o.r.hide("place.comment", nil, spaced(n))
}

// spaced is the text of the paragraphs of a node, a line each.
func spaced(n *ooxml.Node) string {
	var out []string
	n.Walk(func(k *ooxml.Node) bool {
		if k.Name == "p" || k.Name == "h" {
			out = append(out, k.Content())
			return false
		}
		return true
	})
	return strings.Join(out, "\n")
}

// blanks are read as one.
var blanks = regexp.MustCompile(`[ \t\r\n]+`)

// inline is the text of a paragraph. Notes in it stand after the word that they
// belong to.
func (o *odf) inline(n *ooxml.Node) string {
	if o.hidden[n.Attr("style-name")] {
		o.r.note("read.hidden", nil)
		o.r.hide("place.hidden_text", nil, n.Content())
		return ""
	}
	var b strings.Builder
	for _, k := range n.Kids {
		switch k.Name {
		case "":
			b.WriteString(blanks.ReplaceAllString(k.Text, " "))
		case "s":
			b.WriteByte(' ')
		case "tab":
			b.WriteByte('\t')
		case "line-break":
			b.WriteByte('\n')
		case "annotation":
			o.comment(k)
		case "annotation-end", "ruby-text", "bookmark", "change", "change-start", "change-end":
		case "note":
			if t := strings.TrimSpace(spaced(k.Kid("note-body"))); t != "" {
				b.WriteString("〔注：" + t + "〕")
			}
		case "hidden-text", "hidden-paragraph":
			o.r.note("read.hidden", nil)
			o.r.hide("place.hidden_text", nil, k.Content()+k.Attr("string-value"))
		case "frame", "custom-shape", "text-box", "rect":
			for _, p := range k.All("p") {
				b.WriteString("\n" + o.inline(p))
			}
		default:
			b.WriteString(o.inline(k))
		}
	}
	return b.String()
}

// table reads a table of a text or a sheet of a workbook.
func (o *odf) table(n *ooxml.Node, cells int) {
	name := n.Attr("name")
	sheet := o.sheets[n.Attr("style-name")]
	var shown, hidden strings.Builder
	out := o.b
	o.b = strings.Builder{}
	var columns []bool // that are not shown
	const most = 400
	var rows func(n *ooxml.Node)
	rows = func(n *ooxml.Node) {
		for _, k := range n.Kids {
			switch k.Name {
			case "table-column":
				for range min(max(1, atoi(k.Attr("number-columns-repeated"))), most) {
					columns = append(columns, k.Attr("visibility") == "collapse" || k.Attr("visibility") == "filter")
				}
			case "table-columns", "table-column-group", "table-header-columns", "table-rows", "table-row-group", "table-header-rows":
				rows(k)
			case "table-row":
				var seen, not []string
				at := 0
				for _, c := range k.Kids {
					if c.Name != "table-cell" && c.Name != "covered-table-cell" {
						continue
					}
					o.b.Reset()
					o.blocks(c, cells+1)
					t := strings.ReplaceAll(strings.Join(strings.Fields(o.b.String()), " "), "|", "/")
					o.b.Reset()
					repeat := max(1, atoi(c.Attr("number-columns-repeated")))
					if t == "" && repeat > 50 { // the empty rest of a line
						break
					}
					for range min(repeat, most) {
						if at < len(columns) && columns[at] {
							if t != "" {
								not = append(not, t)
							}
						} else {
							seen = append(seen, t)
						}
						at++
					}
				}
				line := "| " + strings.Join(seen, " | ") + " |\n"
				blank := strings.TrimSpace(strings.Join(seen, "")) == ""
				if v := k.Attr("visibility"); v == "collapse" || v == "filter" {
					hidden.WriteString(line)
				} else if !blank && cells == 0 {
					shown.WriteString(line)
				} else if !blank {
					shown.WriteString(strings.Join(seen, " ") + " ")
				}
				if len(not) > 0 {
					hidden.WriteString("| " + strings.Join(not, " | ") + " |\n")
				}
			}
		}
	}
	rows(n)
	o.b = out
	switch {
	case sheet:
		o.r.note("read.hidden_sheet", portal.Args{"Name": name})
		o.r.hide("place.hidden_sheet", portal.Args{"Name": name}, shown.String()+hidden.String())
		return
	case hidden.Len() > 0:
		o.r.note("read.hidden_rows", portal.Args{"Name": name})
		o.r.hide("place.hidden_rows", portal.Args{"Name": name}, hidden.String())
	}
	if o.book && shown.Len() > 0 {
		o.b.WriteString("# " + name + "\n")
	}
	o.b.WriteString(shown.String())
	if cells == 0 {
		o.b.WriteString("\n")
	}
}

// atoi reads a number; what is none is 0.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
