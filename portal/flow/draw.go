package flow

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"math"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/dop251/goja"
)

// Drawing is a chart: boxes and lines with arrows, in points from the upper left corner.
type Drawing struct {
	Width, Height float64
	Boxes         []Box
	Lines         []Line
}

// Box is a step as it is drawn.
type Box struct {
	X, Y, W, H float64 // upper left corner and size
	Text       []string
	Bold       int  // so many lines of the text are the name
	Round      bool // the beginning of nothing more: the end
}

// Line is a way from a step to another.
type Line struct {
	Points []Point // it is drawn smoothly through them, with an arrow at the last
	Label  string
	At     Point // the middle of the label
}

// Point is a place in a chart.
type Point struct{ X, Y float64 }

// TextSize is the size of letters in a chart, in points; names are larger.
const TextSize = 12.0

// Sizes of a chart, in points.
const (
	boxWidth  = 190.0
	boxPad    = 9.0
	nameSize  = 14.0
	lineGap   = 1.35
	edge      = 12.0
	layoutMax = 10 * time.Second
)

//go:embed dagre.js
var dagre string

// layout is what runs in goja: it gets nodes and edges as JSON and gives where they lie.
const layout = `(function (text) {
  const { nodes, edges } = JSON.parse(text);
  const g = new dagre.graphlib.Graph({ multigraph: true });
  g.setGraph({ rankdir: 'TB', nodesep: 36, ranksep: 34, edgesep: 24 });
  nodes.forEach((n, i) => g.setNode(String(i), { width: n.w, height: n.h }));
  edges.forEach((e, i) => g.setEdge(String(e.from), String(e.to), { width: e.w, height: e.h, labelpos: 'c', weight: e.weight }, String(i)));
  dagre.layout(g);
  return JSON.stringify({
    width: g.graph().width, height: g.graph().height,
    nodes: nodes.map((_, i) => g.node(String(i))),
    edges: edges.map((e, i) => g.edge(String(e.from), String(e.to), String(i))),
  });
})`

var program = sync.OnceValues(func() (*goja.Program, error) {
	return goja.Compile("dagre.js", "globalThis.structuredClone = x => JSON.parse(JSON.stringify(x));\n"+dagre, false)
})

type node struct {
	W float64 `json:"w"`
	H float64 `json:"h"`
}

type link struct {
	From   int     `json:"from"`
	To     int     `json:"to"`
	W      float64 `json:"w"`
	H      float64 `json:"h"`
	Weight int     `json:"weight"`
}

// Draw lays out the steps. end is how the box is called in which branches end; it is
// drawn where one does.
func Draw(steps []Step, end string) (*Drawing, error) {
	if len(steps) == 0 {
		return nil, errors.New("no steps to draw")
	}
	d := &Drawing{}
	var nodes []node
	for _, s := range steps {
		b := Box{W: boxWidth}
		b.Text = broken(s.Name, (boxWidth-2*boxPad)/nameSize)
		b.Bold = len(b.Text)
		for _, t := range []string{s.Post, s.Limit} {
			b.Text = append(b.Text, broken(t, (boxWidth-2*boxPad)/TextSize)...)
		}
		b.H = 2*boxPad + (float64(b.Bold)*nameSize+float64(len(b.Text)-b.Bold)*TextSize)*lineGap
		d.Boxes = append(d.Boxes, b)
	}
	links := []link{} // an empty list in JSON
	var selves []self
	for i, s := range steps {
		for _, n := range s.Next {
			l := link{From: i, To: n.To, Weight: 1, W: width(n.If)*TextSize + 8, H: TextSize * lineGap}
			if n.If == "" {
				l.W, l.H = 0, 0
			}
			if n.To == i+1 {
				l.Weight = 4 // what usually follows lies straight below
			}
			if n.To == Ending {
				if len(d.Boxes) == len(steps) {
					d.Boxes = append(d.Boxes, Box{W: 90, H: 2*boxPad + nameSize*lineGap, Text: []string{end}, Bold: 1, Round: true})
				}
				l.To = len(steps)
			}
			if n.To == i {
				selves = append(selves, self{i, n.If})
				continue
			}
			links = append(links, l)
			d.Lines = append(d.Lines, Line{Label: n.If})
		}
	}
	if len(d.Boxes) > len(steps) { // the last step ends there too
		if last := len(steps) - 1; steps[last].End {
			links = append(links, link{From: last, To: len(steps), Weight: 4})
			d.Lines = append(d.Lines, Line{})
		}
	}
	for _, b := range d.Boxes {
		nodes = append(nodes, node{b.W, b.H})
	}
	for _, s := range selves { // room on both sides, as a box lies in the middle of its own
		nodes[s.of].W = max(nodes[s.of].W, boxWidth+2*(selfWidth+width(s.label)*TextSize+6))
	}
	if err := d.place(nodes, links); err != nil {
		return nil, err
	}
	for _, s := range selves {
		b := d.Boxes[s.of]
		right := b.X + b.W
		d.Lines = append(d.Lines, Line{Points: []Point{{right, b.Y + b.H*0.3}, {right + selfWidth, b.Y + b.H/2}, {right, b.Y + b.H*0.7}}, Label: s.label,
			At: Point{right + selfWidth + 4 + width(s.label)*TextSize/2, b.Y + b.H/2}})
	}
	return d, nil
}

// self is a way from a step back to itself.
type self struct {
	of    int
	label string
}

// selfWidth is how far such a way goes out of its box.
const selfWidth = 28.0

// place asks dagre where everything lies.
func (d *Drawing) place(nodes []node, links []link) error {
	in, err := json.Marshal(map[string]any{"nodes": nodes, "edges": links})
	if err != nil {
		return err
	}
	p, err := program()
	if err != nil {
		return err
	}
	vm := goja.New()
	if _, err := vm.RunProgram(p); err != nil {
		return fmt.Errorf("loading dagre: %w", err)
	}
	f, err := vm.RunString(layout)
	if err != nil {
		return fmt.Errorf("loading the layout: %w", err)
	}
	call, ok := goja.AssertFunction(f)
	if !ok {
		return errors.New("the layout is no function")
	}
	stop := time.AfterFunc(layoutMax, func() { vm.Interrupt("too long") })
	defer stop.Stop()
	v, err := call(goja.Undefined(), vm.ToValue(string(in)))
	if err != nil {
		return fmt.Errorf("laying out %d steps: %w", len(nodes), err)
	}
	var out struct {
		Width, Height float64
		Nodes         []Point
		Edges         []struct {
			Points []Point
			X, Y   float64
		}
	}
	if err := json.Unmarshal([]byte(v.String()), &out); err != nil {
		return err
	}
	d.Width, d.Height = out.Width+2*edge, out.Height+2*edge
	for i := range d.Boxes {
		b := &d.Boxes[i]
		b.X, b.Y = out.Nodes[i].X-b.W/2+edge, out.Nodes[i].Y-b.H/2+edge
	}
	for i := range d.Lines {
		for _, p := range out.Edges[i].Points {
			d.Lines[i].Points = append(d.Lines[i].Points, Point{p.X + edge, p.Y + edge})
		}
		d.Lines[i].At = Point{out.Edges[i].X + edge, out.Edges[i].Y + edge}
	}
	return nil
}

// width is how wide a text is, in letters of full width.
func width(s string) float64 {
	w := 0.0
	for _, r := range s {
		if r < 0x2E80 && !unicode.Is(unicode.Han, r) {
			w += 0.55
		} else {
			w++
		}
	}
	return w
}

// broken breaks a text into lines of at most so many letters of full width.
func broken(s string, most float64) []string {
	var out []string
	var line strings.Builder
	w := 0.0
	for _, r := range strings.TrimSpace(s) {
		if rw := width(string(r)); w+rw > most {
			out = append(out, line.String())
			line.Reset()
			w = rw
		} else {
			w += rw
		}
		line.WriteRune(r)
	}
	if line.Len() > 0 {
		out = append(out, line.String())
	}
	return out
}

// Curve is a line as cubic curves: a first point, then three for each curve.
func (l Line) Curve() []Point {
	p := l.Points
	if len(p) < 2 {
		return nil
	}
	out := []Point{p[0]}
	for i := 1; i < len(p); i++ {
		a, b := p[i-1], p[i]
		from, to := a, b
		if i > 1 {
			from = mid(p[i-2], a, b)
		}
		if i+1 < len(p) {
			to = mid(p[i+1], b, a)
		}
		out = append(out, from, to, b)
	}
	return out
}

// mid is where a curve is drawn to as it goes through b on its way from a to c: along the
// line through its neighbours.
func mid(a, b, c Point) Point {
	return Point{b.X + (c.X-a.X)/6, b.Y + (c.Y-a.Y)/6}
}

// Head is the arrow at the end of a line: its tip and its two corners.
func (l Line) Head() [3]Point {
	const long, half = 9.0, 4.0
	c := l.Curve()
	tip := c[len(c)-1]
	from := c[len(c)-2]
	if from == tip {
		from = l.Points[len(l.Points)-2]
	}
	dx, dy := tip.X-from.X, tip.Y-from.Y
	n := max(1e-9, math.Hypot(dx, dy))
	dx, dy = dx/n, dy/n
	return [3]Point{tip, {tip.X - long*dx - half*dy, tip.Y - long*dy + half*dx}, {tip.X - long*dx + half*dy, tip.Y - long*dy - half*dx}}
}

// Written is a line of text in a box.
type Written struct {
	Text string
	Size float64
	Base float64 // where its letters stand
}

// Lines are the lines of text of a box.
func (b Box) Lines() []Written {
	var out []Written
	y := b.Y + boxPad
	for i, t := range b.Text {
		size := TextSize
		if i < b.Bold {
			size = nameSize
		}
		out = append(out, Written{t, size, y + size})
		y += size * lineGap
	}
	return out
}

// LabelSize is how large the label of a line is.
func (l Line) LabelSize() (w, h float64) { return width(l.Label)*TextSize + 6, TextSize * lineGap }

// SVG writes the chart for a page, named for those who do not see it; the steps stand
// beside it as a list, so nothing in it is read out.
func (d *Drawing) SVG(name string) string {
	var b strings.Builder
	f := func(x float64) string {
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.1f", x), "0"), ".")
	}
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="gk-flow" role="img" aria-label="%s" viewBox="0 0 %s %s" width="%s" height="%s" font-family="inherit" text-anchor="middle">`, html.EscapeString(name), f(d.Width), f(d.Height), f(d.Width), f(d.Height))
	for _, l := range d.Lines {
		c := l.Curve()
		if c == nil {
			continue
		}
		fmt.Fprintf(&b, `<path fill="none" stroke="#505a5f" stroke-width="1.5" d="M%s %s`, f(c[0].X), f(c[0].Y))
		for i := 1; i+2 < len(c); i += 3 {
			fmt.Fprintf(&b, `C%s %s %s %s %s %s`, f(c[i].X), f(c[i].Y), f(c[i+1].X), f(c[i+1].Y), f(c[i+2].X), f(c[i+2].Y))
		}
		h := l.Head()
		fmt.Fprintf(&b, `"/><path fill="#505a5f" d="M%s %sL%s %sL%s %sZ"/>`, f(h[0].X), f(h[0].Y), f(h[1].X), f(h[1].Y), f(h[2].X), f(h[2].Y))
	}
	for _, x := range d.Boxes {
		r := 3.0
		if x.Round {
			r = x.H / 2
		}
		fmt.Fprintf(&b, `<rect x="%s" y="%s" width="%s" height="%s" rx="%s" fill="#fff" stroke="#1d70b8" stroke-width="1.5"/>`, f(x.X), f(x.Y), f(x.W), f(x.H), f(r))
		for _, t := range x.Lines() {
			weight := ""
			if t.Size > TextSize {
				weight = ` font-weight="bold"`
			}
			fmt.Fprintf(&b, `<text x="%s" y="%s" font-size="%s"%s>%s</text>`, f(x.X+x.W/2), f(t.Base), f(t.Size), weight, html.EscapeString(t.Text))
		}
	}
	for _, l := range d.Lines {
		if l.Label == "" {
			continue
		}
		w, h := l.LabelSize()
		fmt.Fprintf(&b, `<rect x="%s" y="%s" width="%s" height="%s" fill="#fff"/><text x="%s" y="%s" font-size="%s">%s</text>`, f(l.At.X-w/2), f(l.At.Y-h/2), f(w), f(h), f(l.At.X), f(l.At.Y+TextSize*0.36), f(TextSize), html.EscapeString(l.Label))
	}
	b.WriteString(`</svg>`)
	return b.String()
}
