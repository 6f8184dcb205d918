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
