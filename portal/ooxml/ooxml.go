// Package ooxml opens documents and workbooks of Office: a ZIP of parts in XML
// that refer to each other (Open Packaging Conventions, ECMA-376 part 2). It is
// used in child processes only (portal/sandbox).
package ooxml

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// maxParts bounds the parts of a file.
const maxParts = 5000

// ErrNoPart says that a file has no part of a name.
var ErrNoPart = errors.New("no such part")

// Package is an open file.
type Package struct {
	parts map[string]*zip.File
	most  int64
}

// Open opens a file. Of each part so many bytes are read at most, unpacked.
func Open(file []byte, most int64) (*Package, error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	if len(z.File) > maxParts {
		return nil, fmt.Errorf("%d parts", len(z.File))
	}
	p := &Package{make(map[string]*zip.File, len(z.File)), most}
	for _, f := range z.File {
		p.parts[key(strings.ReplaceAll(f.Name, `\`, "/"))] = f
	}
	return p, nil
}

// key is the name of a part as it is compared.
func key(name string) string { return strings.ToLower(path.Clean("/" + name)) }

// Part opens a part, or fails with ErrNoPart.
func (p *Package) Part(name string) (io.ReadCloser, error) {
	f := p.parts[key(name)]
	if f == nil {
		return nil, fmt.Errorf("%s: %w", name, ErrNoPart)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, p.most), r}, nil
}

// Each calls f with each element of a part. What f reads of the element from d
// is not given to it again.
func (p *Package) Each(name string, f func(d *xml.Decoder, e xml.StartElement) error) error {
	r, err := p.Part(name)
	if err != nil {
		return err
	}
	defer r.Close()
	d := xml.NewDecoder(r)
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := f(d, e); err != nil {
				return err
			}
		}
	}
}

// Relation is what a part refers to.
type Relation struct {
	Kind     string // an address whose end says what it is
	Target   string // the name of a part, or, if External, an address
	External bool
}

// Is reports whether it is of a kind, such as "styles".
func (r Relation) Is(kind string) bool { return strings.HasSuffix(r.Kind, "/"+kind) }

// Main is the name of the part that is the document itself; usual, where the
// file does not say.
func (p *Package) Main(usual string) (string, error) {
	rels, err := p.relations("/_rels/.rels", "/")
	for _, r := range rels {
		if r.Is("officeDocument") {
			usual = r.Target
		}
	}
	return usual, err
}

// Relations are what a part refers to, by their ids: with an error, those that
// were read before it.
func (p *Package) Relations(part string) (map[string]Relation, error) {
	return p.relations(path.Join(path.Dir(part), "_rels", path.Base(part)+".rels"), path.Dir(part))
}

func (p *Package) relations(name, folder string) (map[string]Relation, error) {
	out := make(map[string]Relation)
	err := p.Each(name, func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "Relationship" {
			return nil
		}
		r := Relation{Attr(e, "Type"), Attr(e, "Target"), Attr(e, "TargetMode") == "External"}
		if !strings.HasPrefix(r.Target, "/") && !r.External {
			r.Target = path.Join(folder, r.Target)
		}
		out[Attr(e, "Id")] = r
		return nil
	})
	if errors.Is(err, ErrNoPart) { // a part that refers to nothing
		err = nil
	}
	return out, err
}

// Attr is an attribute of an element, by its name without the prefix.
func Attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// Children calls f with each element that the current one holds, up to its end.
// f reads it to its own end.
func Children(d *xml.Decoder, f func(e xml.StartElement) error) error {
	for {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch e := t.(type) {
		case xml.StartElement:
			if err := f(e); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// Below calls f with every element below the current one, however deep, up to
// its end. f reads nothing.
func Below(d *xml.Decoder, f func(e xml.StartElement)) error {
	for depth := 0; ; {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch e := t.(type) {
		case xml.StartElement:
			depth++
			f(e)
		case xml.EndElement:
			if depth == 0 {
				return nil
			}
			depth--
		}
	}
}

// Node is an element of a part that was read whole, or, without a name, a text.
type Node struct {
	Name  string
	Text  string
	Kids  []*Node
	attrs []xml.Attr
}

// Limits on a part that is read whole.
const (
	maxNodes = 2_000_000
	maxDeep  = 400
)

// Tree reads a part whole.
func (p *Package) Tree(name string) (*Node, error) {
	r, err := p.Part(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return ReadTree(r)
}

// ReadTree reads XML whole. Entities that it declares are not followed.
func ReadTree(r io.Reader) (*Node, error) {
	d := xml.NewDecoder(r)
	root := &Node{}
	stack, count := []*Node{root}, 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		if count++; count > maxNodes || len(stack) > maxDeep {
			return nil, errors.New("more elements than a document has")
		}
		top := stack[len(stack)-1]
		switch e := t.(type) {
		case xml.StartElement:
			n := &Node{Name: e.Name.Local, attrs: e.Attr}
			top.Kids = append(top.Kids, n)
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.Kids = append(top.Kids, &Node{Text: string(e)})
		}
	}
}

// Attr is an attribute, by its name without the prefix.
func (n *Node) Attr(name string) string {
	if n == nil {
		return ""
	}
	return Attr(xml.StartElement{Attr: n.attrs}, name)
}

// AttrIn is an attribute of a name space whose address ends so.
func (n *Node) AttrIn(space, name string) string {
	for _, a := range n.attrs {
		if a.Name.Local == name && strings.HasSuffix(a.Name.Space, space) {
			return a.Value
		}
	}
	return ""
}

// Kid is the first child of a name; nil, which has no children, for none.
func (n *Node) Kid(name string) *Node {
	if n != nil {
		for _, k := range n.Kids {
			if k.Name == name {
				return k
			}
		}
	}
	return nil
}

// Content is all text inside a node.
func (n *Node) Content() string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	n.Walk(func(k *Node) bool { b.WriteString(k.Text); return true })
	return b.String()
}

// Walk calls f with the node and everything in it, as far as f says.
func (n *Node) Walk(f func(*Node) bool) {
	if n == nil || !f(n) {
		return
	}
	for _, k := range n.Kids {
		k.Walk(f)
	}
}

// All are the nodes of a name inside a node, however deep.
func (n *Node) All(name string) (out []*Node) {
	n.Walk(func(k *Node) bool {
		if k.Name == name {
			out = append(out, k)
		}
		return true
	})
	return out
}

// Names are the names of the parts, as they are compared.
func (p *Package) Names() []string {
	out := make([]string, 0, len(p.parts))
	for n := range p.parts {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Bytes reads a part.
func (p *Package) Bytes(name string) ([]byte, error) {
	r, err := p.Part(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// Has reports whether there is a part of a name.
func (p *Package) Has(name string) bool { return p.parts[key(name)] != nil }
