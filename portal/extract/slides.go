package extract

import (
	"strings"

	"gongkai/portal"
	"gongkai/portal/ooxml"
)

// pptxText reads the slides of a presentation, a page each, in the order in which
// they are shown. Hidden slides and the speaker's notes are unseen.
func pptxText(file []byte) (Result, error) {
	p, err := ooxml.Open(file, maxXML)
	if err != nil {
		return Result{}, portal.Damaged(err)
	}
	main, err := p.Main("/ppt/presentation.xml")
	if err != nil {
		return Result{}, portal.Damaged(err)
	}
	show, err := p.Tree(main)
	if err != nil {
		return Result{}, portal.Damaged(err)
	}
	rels, err := p.Relations(main)
	if err != nil {
		return Result{}, portal.Damaged(err)
	}
	var r Result
	seen := make(map[string]bool)
	size := 0
	for _, id := range show.All("sldId") {
		at := rels[relID(id)].Target
		if seen[at] { // a slide is one slide, however often it is named
			continue
		}
		seen[at] = true
		slide, err := p.Tree(at)
		if err != nil {
			return r, portal.Damaged(err)
		}
		number := portal.Args{"Page": len(r.Pages) + 1}
		text := slideText(slide)
		if root := slide.Kid("sld"); root.Attr("show") == "0" {
			r.note("read.hidden_slide", number)
			r.hide("place.hidden_slide", number, text)
			text = ""
		}
		of, _ := p.Relations(at) // a slide need not refer to anything
		for _, rel := range of {
			if rel.External || !rel.Is("notesSlide") && !rel.Is("comments") && !strings.HasSuffix(rel.Kind, "/comments") {
				continue
			}
			if n, err := p.Tree(rel.Target); err == nil {
				r.hide("place.speaker", number, slideText(n))
			}
		}
		r.Pages = append(r.Pages, text)
		if size += len(text); size > maxText || len(r.Pages) >= maxPages {
			r.note("read.long", nil)
			break
		}
	}
	if len(r.Pages) == 0 {
		return r, portal.Damaged(errNoOffice)
	}
	r.properties(p)
	r.embedded(p)
	return r, nil
}

// relID is the id by which a node refers to another part: "r:id", beside "id".
func relID(n *ooxml.Node) string { return n.AttrIn("relationships", "id") }

// slideText is the text of a slide, shape by shape, rows of tables on a line each.
func slideText(slide *ooxml.Node) string {
	var b strings.Builder
	var walk func(n *ooxml.Node)
	walk = func(n *ooxml.Node) {
		switch n.Name {
		case "tr":
			var row []string
			for _, c := range n.Kids {
				if c.Name == "tc" {
					row = append(row, strings.ReplaceAll(strings.Join(strings.Fields(paragraphs(c, " ")), " "), "|", "/"))
				}
			}
			if strings.TrimSpace(strings.Join(row, "")) != "" {
				b.WriteString("| " + strings.Join(row, " | ") + " |\n")
			}
			return
		case "txBody", "text":
			if t := strings.TrimSpace(paragraphs(n, "\n")); t != "" {
				b.WriteString(t + "\n\n")
			}
			return
		case "Fallback":
			return
		}
		for _, k := range n.Kids {
			walk(k)
		}
	}
	walk(slide)
	return b.String()
}

// paragraphs are the texts of the paragraphs of a node.
func paragraphs(n *ooxml.Node, between string) string {
	var out []string
	ps := n.All("p")
	if ps == nil {
		return n.Content()
	}
	for _, p := range ps {
		var b strings.Builder
		p.Walk(func(k *ooxml.Node) bool {
			switch k.Name {
			case "t":
				b.WriteString(k.Content())
				return false
			case "br":
				b.WriteByte('\n')
			case "fld":
				if strings.HasPrefix(k.Attr("type"), "slidenum") {
					return false
				}
			}
			return true
		})
		if t := strings.TrimSpace(b.String()); t != "" {
			out = append(out, t)
		}
	}
	return strings.Join(out, between)
}
