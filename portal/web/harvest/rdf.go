package harvest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// graph is a description in RDF, written as JSON-LD or as Turtle.
type graph []node

// node is a thing with what is said of it.
type node struct {
	ID    string
	Type  string
	Facts []fact
}

// fact is one thing said: a value by its predicate, with a prefix.
type fact struct {
	Is    string
	Value string
	Lang  string // of a text
	As    string // type of a literal, with a prefix
	Ref   bool   // the value is the address of a thing
}

// prefixes of the vocabularies in use.
var prefixes = [][2]string{
	{"dcat", "http://www.w3.org/ns/dcat#"},
	{"dct", "http://purl.org/dc/terms/"},
	{"foaf", "http://xmlns.com/foaf/0.1/"},
	{"hydra", "http://www.w3.org/ns/hydra/core#"},
	{"skos", "http://www.w3.org/2004/02/skos/core#"},
	{"spdx", "http://spdx.org/rdf/terms#"},
	{"xsd", "http://www.w3.org/2001/XMLSchema#"},
}

func (n *node) text(is, zh, en string) {
	if zh != "" {
		n.Facts = append(n.Facts, fact{Is: is, Value: zh, Lang: "zh"})
	}
	if en != "" {
		n.Facts = append(n.Facts, fact{Is: is, Value: en, Lang: "en"})
	}
}

func (n *node) ref(is string, addresses ...string) {
	for _, a := range addresses {
		n.Facts = append(n.Facts, fact{Is: is, Value: a, Ref: true})
	}
}

func (n *node) literal(is, value, as string) {
	if value != "" {
		n.Facts = append(n.Facts, fact{Is: is, Value: value, As: as})
	}
}

// writeJSONLD writes a graph as JSON-LD 1.1.
func writeJSONLD(b *bytes.Buffer, g graph) {
	context := make(map[string]any)
	for _, p := range prefixes {
		context[p[0]] = p[1]
	}
	things := make([]map[string]any, 0, len(g))
	for _, n := range g {
		m := map[string]any{"@id": n.ID, "@type": n.Type}
		for _, f := range n.Facts {
			v := make(map[string]string)
			switch {
			case f.Ref:
				v["@id"] = f.Value
			default:
				v["@value"] = f.Value
				if f.Lang != "" {
					v["@language"] = f.Lang
				} else if f.As != "" {
					v["@type"] = f.As
				}
			}
			list, _ := m[f.Is].([]map[string]string)
			m[f.Is] = append(list, v)
		}
		things = append(things, m)
	}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(map[string]any{"@context": context, "@graph": things}) // maps of strings into memory
}

// writeTurtle writes a graph as Turtle.
func writeTurtle(b *bytes.Buffer, g graph) {
	for _, p := range prefixes {
		b.WriteString("@prefix " + p[0] + ": <" + p[1] + "> .\n")
	}
	for _, n := range g {
		b.WriteString("\n" + iri(n.ID) + " a " + n.Type)
		for _, f := range n.Facts {
			b.WriteString(" ;\n  " + f.Is + " ")
			switch {
			case f.Ref:
				b.WriteString(iri(f.Value))
			case f.Lang != "":
				b.WriteString(quoted(f.Value) + "@" + f.Lang)
			case f.As != "":
				b.WriteString(quoted(f.Value) + "^^" + f.As)
			default:
				b.WriteString(quoted(f.Value))
			}
		}
		b.WriteString(" .\n")
	}
}

// iri writes an address; what may not stand in one is percent-encoded.
func iri(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r <= ' ' || strings.ContainsRune("<>\"{}|^`\\", r) {
			for _, c := range []byte(string(r)) {
				b.WriteString("%" + strings.ToUpper(string("0123456789abcdef"[c>>4])+string("0123456789abcdef"[c&15])))
			}
			continue
		}
		b.WriteRune(r)
	}
	return "<" + b.String() + ">"
}

// quoted writes a text as a Turtle string.
func quoted(s string) string {
	r := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)
	s = strings.Map(func(c rune) rune {
		if c < ' ' && !slices.Contains([]rune{'\n', '\r', '\t'}, c) {
			return -1
		}
		return c
	}, s)
	return `"` + r.Replace(s) + `"`
}
