// Package ofd reads documents in the national layout format (版式文档, GB/T 33190):
// a ZIP of XML in which every character has its place on a page, in millimetres.
// It gives the texts of a page with their places, and the page as a picture in
// SVG. It is used in child processes only (portal/sandbox).
package ofd

import (
	"errors"
	"path"
	"strconv"
	"strings"

	"gongkai/portal"
	"gongkai/portal/ooxml"
)

// Limits on a document.
const (
	maxPart  = 64 << 20 // bytes of a part, unpacked
	MaxPages = 3000
)

// Document is an open document.
type Document struct {
	Title, Author, Subject, Keywords string
	// Attached are the names of files that lie in the document.
	Attached []string
	// Sealed says that the document bears an electronic seal (电子签章), which is
	// neither checked nor drawn.
	Sealed bool
	Pages  []Page

	*ooxml.Package
	media map[string]string // resource → part
	fonts map[string]string // resource → name
	draws map[string]*ooxml.Node
}

// Page is a page: its size and what lies on it, from the bottom up.
type Page struct {
	Width, Height float64 // millimetres
	layers        []layer
}

// layer is a part of a page: the part of the file that holds its objects, or a
// note on the page.
type layer struct {
	part string
	box  [4]float64  // of a note: where it lies
	node *ooxml.Node // of a note: what it shows
}

// errNone says that there is no document in a file.
var errNone = errors.New("no OFD document")

// Open opens a document. One that asks for a password is refused as such.
func Open(file []byte) (*Document, error) {
	p, err := ooxml.Open(file, maxPart)
	if err != nil {
		return nil, portal.Damaged(err)
	}
	d := &Document{Package: p, media: make(map[string]string), fonts: make(map[string]string), draws: make(map[string]*ooxml.Node)}
	root, err := p.Tree("OFD.xml")
	if err != nil {
		return nil, portal.Damaged(err)
	}
	if p.Has("Encryptions.xml") || root.All("Encryptions") != nil {
		return nil, &portal.Error{Kind: portal.Invalid, Key: "error.file_password"}
	}
	for i, body := range root.All("DocBody") {
		info := body.Kid("DocInfo")
		if i == 0 {
			d.Title, d.Author, d.Subject = info.Kid("Title").Content(), info.Kid("Author").Content(), info.Kid("Subject").Content()
			d.Keywords = info.Kid("Keywords").Content()
		}
		d.Sealed = d.Sealed || body.Kid("Signatures") != nil
		if err := d.read(clean("", body.Kid("DocRoot").Content())); err != nil {
			return nil, portal.Damaged(err)
		}
	}
	if len(d.Pages) == 0 {
		return nil, portal.Damaged(errNone)
	}
	return d, nil
}

// clean is the name of a part that one in a folder refers to.
func clean(folder, name string) string {
	name = strings.TrimSpace(strings.ReplaceAll(name, `\`, "/"))
	if strings.HasPrefix(name, "/") {
		return path.Clean(name)
	}
	return path.Join("/", folder, name)
}

// numbers reads numbers with blanks between them.
func numbers(s string) []float64 {
	var out []float64
	for _, f := range strings.Fields(s) {
		n, err := strconv.ParseFloat(f, 64)
		if err != nil || n != n || n > 1e7 || n < -1e7 {
			n = 0
		}
		out = append(out, n)
	}
	return out
}

func box(s string) (b [4]float64) { copy(b[:], numbers(s)); return b }

// refs are the parts that a node names in elements of a name, of a folder or, as
// some programs write it, of the whole file.
func (d *Document) refs(n *ooxml.Node, name, folder string) []string {
	var out []string
	for _, r := range n.All(name) {
		at := clean(folder, r.Content())
		if !d.Has(at) && d.Has(clean("", r.Content())) {
			at = clean("", r.Content())
		}
		out = append(out, at)
	}
	return out
}

func (d *Document) read(name string) error {
	doc, err := d.Tree(name)
	if err != nil {
		return err
	}
	folder := path.Dir(name)
	common := doc.All("CommonData")
	if len(common) == 0 {
		return errNone
	}
	usual := box(common[0].Kid("PageArea").Kid("PhysicalBox").Content())
	for _, kind := range []string{"PublicRes", "DocumentRes"} {
		for _, r := range d.refs(common[0], kind, folder) {
			d.resources(r)
		}
	}
	templates := make(map[string]string)
	for _, t := range common[0].All("TemplatePage") {
		templates[t.Attr("ID")] = clean(folder, t.Attr("BaseLoc"))
	}
	notes := d.notes(doc, folder)
	for _, n := range d.refs(doc, "Attachments", folder) {
		if list, err := d.Tree(n); err == nil {
			for _, a := range list.All("Attachment") {
				d.Attached = append(d.Attached, a.Attr("Name"))
			}
		}
	}
	for _, p := range doc.All("Page") {
		at := clean(folder, p.Attr("BaseLoc"))
		if p.Attr("BaseLoc") == "" || len(d.Pages) >= MaxPages {
			continue
		}
		page := Page{Width: usual[2], Height: usual[3]}
		content, err := d.Tree(at)
		if err != nil {
			return err
		}
		if own := content.All("PhysicalBox"); len(own) > 0 {
			if b := box(own[0].Content()); b[2] > 0 && b[3] > 0 {
				page.Width, page.Height = b[2], b[3]
			}
		}
		if page.Width <= 0 || page.Height <= 0 || page.Width > 5000 || page.Height > 5000 {
			page.Width, page.Height = 210, 297
		}
		var under, over []layer
		for _, t := range content.All("Template") {
			if part := templates[t.Attr("TemplateID")]; part != "" && t.Attr("ZOrder") == "Foreground" {
				over = append(over, layer{part: part})
			} else if part != "" {
				under = append(under, layer{part: part})
			}
		}
		page.layers = append(append(append(under, layer{part: at}), over...), notes[p.Attr("ID")]...)
		d.Pages = append(d.Pages, page)
	}
	return nil
}

// notes reads what was put over the pages: stamps, marks, watermarks. What cannot be
// read of it is done without.
func (d *Document) notes(doc *ooxml.Node, folder string) map[string][]layer {
	out := make(map[string][]layer)
	for _, list := range d.refs(doc, "Annotations", folder) {
		tree, err := d.Tree(list)
		if err != nil {
			continue
		}
		for _, page := range tree.All("Page") {
			for _, at := range d.refs(page, "FileLoc", path.Dir(list)) {
				one, err := d.Tree(at)
				if err != nil {
					continue
				}
				for _, a := range one.All("Annot") {
					if look := a.Kid("Appearance"); look != nil && a.Attr("Visible") != "false" {
						out[page.Attr("PageID")] = append(out[page.Attr("PageID")], layer{box: box(look.Attr("Boundary")), node: look})
					}
				}
			}
		}
	}
	return out
}

// resources reads which fonts and pictures there are.
func (d *Document) resources(name string) {
	tree, err := d.Tree(name)
	if err != nil {
		return
	}
	base := path.Dir(name)
	if r := tree.Kid("Res"); r.Attr("BaseLoc") != "" {
		base = clean(base, r.Attr("BaseLoc"))
	}
	for _, m := range tree.All("MultiMedia") {
		file := m.Kid("MediaFile").Content()
		at := clean(base, file)
		if !d.Has(at) {
			at = clean(path.Dir(name), file)
		}
		d.media[m.Attr("ID")] = at
	}
	for _, f := range tree.All("Font") {
		d.fonts[f.Attr("ID")] = f.Attr("FontName")
	}
	for _, p := range tree.All("DrawParam") {
		d.draws[p.Attr("ID")] = p
	}
}

// Text is a run of characters on a page.
type Text struct {
	Text        string
	Left, Right float64 // millimetres from the left edge
	Base        float64 // millimetres from the top: where the characters stand
	Size        float64 // height of the characters, millimetres
	Unseen      bool    // that is there, and not shown
}

// matrix is a transformation, as OFD writes it: a b c d e f.
type matrix [6]float64

func matrixOf(s string) matrix {
	m := matrix{1, 0, 0, 1, 0, 0}
	if n := numbers(s); len(n) == 6 {
		copy(m[:], n)
	}
	return m
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// object is something that lies on a page.
type object struct {
	*ooxml.Node
	x, y   float64 // of the note that it belongs to
	unseen bool
}

// objects are what lies on a page, from the bottom up.
func (d *Document) objects(n int) ([]object, error) {
	var out []object
	for _, l := range d.Pages[n-1].layers {
		tree := l.node
		if tree == nil {
			var err error
			if tree, err = d.Tree(l.part); errors.Is(err, ooxml.ErrNoPart) {
				continue
			} else if err != nil {
				return nil, portal.Damaged(err)
			}
		}
		var walk func(n *ooxml.Node, unseen bool)
		walk = func(n *ooxml.Node, unseen bool) {
			unseen = unseen || n.Attr("Visible") == "false"
			switch n.Name {
			case "TextObject", "PathObject", "ImageObject":
				out = append(out, object{n, l.box[0], l.box[1], unseen})
				return
			case "Clips", "Area", "Template":
				return
			}
			for _, k := range n.Kids {
				walk(k, unseen)
			}
		}
		walk(tree, false)
	}
	return out, nil
}

// steps reads distances between characters: "g 3 2.5" is 2.5 three times.
func steps(s string) []float64 {
	var out []float64
	f := strings.Fields(s)
	for i := 0; i < len(f); i++ {
		if f[i] == "g" && i+2 < len(f) {
			n, _ := strconv.Atoi(f[i+1])
			v := numbers(f[i+2])[0]
			for range min(max(n, 0), 10_000) {
				out = append(out, v)
			}
			i += 2
			continue
		}
		out = append(out, numbers(f[i])[0])
	}
	return out
}

// code is a run of characters with the place of each, before its object's
// transformation.
type code struct {
	chars []rune
	x, y  []float64
}

// codes are the runs of a text object.
func codes(o *ooxml.Node) []code {
	var out []code
	x, y := 0.0, 0.0
	for _, k := range o.Kids {
		if k.Name != "TextCode" {
			continue
		}
		if v := numbers(k.Attr("X")); len(v) > 0 {
			x = v[0]
		}
		if v := numbers(k.Attr("Y")); len(v) > 0 {
			y = v[0]
		}
		c := code{chars: []rune(k.Content())}
		dx, dy := steps(k.Attr("DeltaX")), steps(k.Attr("DeltaY"))
		size := numbers(o.Attr("Size"))
		px, py := x, y
		for i, r := range c.chars {
			c.x, c.y = append(c.x, px), append(c.y, py)
			switch {
			case i < len(dx):
				px += dx[i]
			case len(dy) == 0 && len(size) > 0: // the last, or no distances told
				px += size[0] * width(r)
			}
			if i < len(dy) {
				py += dy[i]
			}
		}
		out = append(out, c)
	}
	return out
}

// width guesses how wide a character is, in heights.
func width(r rune) float64 {
	if r < 0x2E80 {
		return 0.5
	}
	return 1
}

// Texts are the runs of text on a page, from 1, as they follow each other in the
// file.
func (d *Document) Texts(n int) ([]Text, error) {
	objects, err := d.objects(n)
	if err != nil {
		return nil, err
	}
	var out []Text
	for _, o := range objects {
		if o.Name != "TextObject" {
			continue
		}
		b, m := box(o.Attr("Boundary")), matrixOf(o.Attr("CTM"))
		size := 3.0
		if v := numbers(o.Attr("Size")); len(v) > 0 && v[0] > 0 {
			size = v[0]
		}
		_, h := m.apply(0, size)
		if h -= m[5]; h < 0 {
			h = -h
		}
		if h < 0.3 { // turned on its side
			h = size
		}
		for _, c := range codes(o.Node) {
			var t Text
			var line strings.Builder
			end := func() {
				if t.Text = line.String(); strings.TrimSpace(t.Text) != "" {
					out = append(out, t)
				}
				line.Reset()
			}
			lastX, lastY := 0.0, 0.0
			for i, r := range c.chars {
				x, y := m.apply(c.x[i], c.y[i])
				x, y = x+b[0]+o.x, y+b[1]+o.y
				down := y - lastY
				if down < 0 {
					down = -down
				}
				if line.Len() > 0 && down > h/2 && x < lastX-h/2 { // another line, not a column of characters
					end()
				}
				if line.Len() == 0 {
					t = Text{Left: x, Base: y, Size: h, Unseen: o.unseen || o.Attr("Alpha") == "0"}
				} else if x-lastX > 1.6*h && r != ' ' && down < h/2 {
					line.WriteByte(' ')
				}
				line.WriteRune(r)
				t.Right = max(t.Right, x+h*width(r))
				lastX, lastY = x, y
			}
			end()
		}
	}
	return out, nil
}
