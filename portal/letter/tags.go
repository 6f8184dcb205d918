package letter

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// tags collects the structure of a letter while it is set (ISO 32000-1, 14.7).
type tags struct {
	pages    int
	next     int // number of marked content on the page
	elements []element
}

// element is a paragraph or a heading, and where it stands.
type element struct {
	role string
	part int
	at   [][2]int // page, number of marked content
}

func (t *tags) page() { t.pages, t.next = t.pages+1, 0 }

// begin marks what follows, up to EMC, as belonging to a part of the letter.
func (t *tags) begin(role string, part int) string {
	if n := len(t.elements); n == 0 || t.elements[n-1].part != part {
		t.elements = append(t.elements, element{role: role, part: part})
	}
	e := &t.elements[len(t.elements)-1]
	e.at = append(e.at, [2]int{t.pages - 1, t.next})
	t.next++
	return fmt.Sprintf("/%s <</MCID %d>> BDC", role, t.next-1)
}

var (
	xrefAt   = regexp.MustCompile(`startxref\n(\d+)\n%%EOF\s*$`)
	rootRef  = regexp.MustCompile(`/Root (\d+) 0 R`)
	sizeIs   = regexp.MustCompile(`/Size (\d+)`)
	infoRef  = regexp.MustCompile(`/Info (\d+) 0 R`)
	xrefLine = regexp.MustCompile(`(?m)^(\d{10}) 00000 n `)
)

// into adds the structure to a file that fpdf has written, which knows none, as an incremental
// update: the objects of its pages and its catalogue anew, and those of the structure.
func (t *tags) into(file []byte) ([]byte, error) {
	strange := func(what string) error { return fmt.Errorf("tagging a letter: no %s", what) }
	number := func(re *regexp.Regexp, in []byte) (n int) {
		if m := re.FindSubmatch(in); m != nil {
			n, _ = strconv.Atoi(string(m[1])) // the expressions match digits
		}
		return n
	}
	xref := number(xrefAt, file)
	if xref == 0 || xref >= len(file) {
		return nil, strange("cross-references")
	}
	table := file[xref:]
	size, root, info := number(sizeIs, table), number(rootRef, table), number(infoRef, table)
	starts := xrefLine.FindAll(table, -1)
	body := func(n int) string { // of an object, as it was written
		_, rest, _ := bytes.Cut(file[number(xrefLine, starts[n-1]):], []byte(" obj\n"))
		written, _, _ := bytes.Cut(rest, []byte("\nendobj"))
		return string(written)
	}
	if len(starts) != size-1 || root == 0 || info == 0 {
		return nil, strange("objects")
	}
	var out strings.Builder
	out.Write(file)
	places := make(map[int]int)
	write := func(n int, text string) {
		places[n] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", n, text)
	}
	var pages []int
	for n := 1; n < size; n++ {
		if b := body(n); strings.HasPrefix(b, "<</Type /Page\n") {
			pages = append(pages, n)
		}
	}
	if len(pages) != t.pages {
		return nil, strange("pages")
	}
	tree, document, parents, first := size, size+1, size+2, size+3
	for i, n := range pages {
		write(n, strings.Replace(body(n), "/Contents", fmt.Sprintf("/StructParents %d /Tabs /S /Contents", i), 1))
	}
	write(root, strings.Replace(body(root), "<<", fmt.Sprintf("<</MarkInfo <</Marked true>> /StructTreeRoot %d 0 R /ViewerPreferences <</DisplayDocTitle true>>", tree), 1))
	write(tree, fmt.Sprintf("<</Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey %d>>", document, parents, t.pages))
	var kids strings.Builder
	owners := make([]strings.Builder, t.pages)
	for i, e := range t.elements {
		fmt.Fprintf(&kids, "%d 0 R ", first+i)
		var where strings.Builder
		for _, at := range e.at {
			fmt.Fprintf(&where, "<</Type /MCR /Pg %d 0 R /MCID %d>> ", pages[at[0]], at[1])
			fmt.Fprintf(&owners[at[0]], "%d 0 R ", first+i)
		}
		write(first+i, fmt.Sprintf("<</Type /StructElem /S /%s /P %d 0 R /K [%s]>>", e.role, document, where.String()))
	}
	write(document, fmt.Sprintf("<</Type /StructElem /S /Document /P %d 0 R /K [%s]>>", tree, kids.String()))
	var nums strings.Builder
	for i := range owners {
		fmt.Fprintf(&nums, "%d [%s] ", i, owners[i].String())
	}
	write(parents, fmt.Sprintf("<</Nums [%s]>>", nums.String()))
	at := out.Len()
	out.WriteString("xref\n")
	for n := 1; n < first+len(t.elements); n++ {
		if place, ok := places[n]; ok {
			fmt.Fprintf(&out, "%d 1\n%010d 00000 n \n", n, place)
		}
	}
	fmt.Fprintf(&out, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R /Prev %d>>\nstartxref\n%d\n%%%%EOF\n", first+len(t.elements), root, info, xref, at)
	return []byte(out.String()), nil
}
