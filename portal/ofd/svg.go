package ofd

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// Limits on a picture.
const (
	maxSVG   = 8 << 20
	maxImage = 4 << 20
)

// SVG is a page as a picture, from 1: with text that can be marked and read aloud,
// and nothing that runs or is fetched. It is cut off where it grows too large.
func (d *Document) SVG(n int) ([]byte, error) {
	objects, err := d.objects(n)
	if err != nil {
		return nil, err
	}
	p := d.Pages[n-1]
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" font-family="Noto Serif CJK SC, Songti SC, SimSun, serif"><rect width="100%%" height="100%%" fill="#fff"/>`, mm(p.Width), mm(p.Height))
	for _, o := range objects {
		if o.unseen || b.Len() > maxSVG {
			continue
		}
		at := box(o.Attr("Boundary"))
		m := matrixOf(o.Attr("CTM"))
		m[4] += at[0] + o.x
		m[5] += at[1] + o.y
		turn := fmt.Sprintf("matrix(%s %s %s %s %s %s)", mm(m[0]), mm(m[1]), mm(m[2]), mm(m[3]), mm(m[4]), mm(m[5]))
		switch o.Name {
		case "TextObject":
			d.drawText(&b, o, turn)
		case "PathObject":
			d.drawPath(&b, o, turn)
		case "ImageObject":
			d.drawImage(&b, o, turn)
		}
	}
	b.WriteString("</svg>")
	return b.Bytes(), nil
}

// mm writes a number as short as it reads the same at arm's length.
func mm(v float64) string {
	s := fmt.Sprintf("%.3f", v)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// colour is what an object is painted with; usual, where neither it nor what it is
// drawn by says.
func (d *Document) colour(o object, kind, usual string) (fill string, opacity string) {
	c := o.Kid(kind)
	if c == nil {
		c = d.draws[o.Attr("DrawParam")].Kid(kind)
	}
	fill = usual
	if v := numbers(c.Attr("Value")); len(v) >= 3 {
		fill = fmt.Sprintf("#%02x%02x%02x", level(v[0]), level(v[1]), level(v[2]))
	} else if len(v) == 1 {
		fill = fmt.Sprintf("#%02x%02x%02x", level(v[0]), level(v[0]), level(v[0]))
	}
	alpha := c.Attr("Alpha")
	if alpha == "" {
		alpha = o.Attr("Alpha")
	}
	if v := numbers(alpha); len(v) == 1 && v[0] < 255 {
		opacity = fmt.Sprintf(` opacity="%s"`, mm(max(0, v[0])/255))
	}
	return fill, opacity
}

func level(v float64) int { return int(min(255, max(0, v))) }

func (d *Document) drawText(b *bytes.Buffer, o object, turn string) {
	size := numbers(o.Attr("Size"))
	if len(size) == 0 || size[0] <= 0 {
		return
	}
	fill, opacity := d.colour(o, "FillColor", "#000")
	weight := ""
	if v := numbers(o.Attr("Weight")); len(v) == 1 && v[0] >= 600 || strings.Contains(d.fonts[o.Attr("Font")], "Bold") {
		weight = ` font-weight="bold"`
	}
	if f := d.fonts[o.Attr("Font")]; strings.Contains(f, "黑") || strings.Contains(strings.ToLower(f), "hei") {
		weight += ` font-family="Noto Sans CJK SC, Heiti SC, SimHei, sans-serif"`
	}
	for _, c := range codes(o.Node) {
		var xs, ys []string
		level := true
		for i := range c.chars {
			xs, ys = append(xs, mm(c.x[i])), append(ys, mm(c.y[i]))
			level = level && ys[i] == ys[0]
		}
		if len(xs) == 0 {
			continue
		}
		if level {
			ys = ys[:1]
		}
		fmt.Fprintf(b, `<text xml:space="preserve" transform="%s" font-size="%s" fill="%s"%s%s x="%s" y="%s">%s</text>`,
			turn, mm(size[0]), fill, opacity, weight, strings.Join(xs, " "), strings.Join(ys, " "), html.EscapeString(seen(c.chars)))
	}
}

// seen leaves out what XML does not allow.
func seen(chars []rune) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xFFFE || r == 0xFFFF {
			return ' '
		}
		return r
	}, string(chars))
}

func (d *Document) drawPath(b *bytes.Buffer, o object, turn string) {
	path := pathData(o.Kid("AbbreviatedData").Content())
	if path == "" {
		return
	}
	draw := d.draws[o.Attr("DrawParam")]
	stroke, line, fill := "none", "", "none"
	opacity := ""
	if o.Attr("Stroke") != "false" {
		stroke, opacity = d.colour(o, "StrokeColor", "#000")
		width := o.Attr("LineWidth")
		if width == "" {
			width = draw.Attr("LineWidth")
		}
		line = "0.353"
		if v := numbers(width); len(v) == 1 && v[0] >= 0 {
			line = mm(v[0])
		}
	}
	if o.Attr("Fill") == "true" {
		fill, opacity = d.colour(o, "FillColor", "#000")
	}
	rule := ""
	if o.Attr("Rule") == "Even-Odd" {
		rule = ` fill-rule="evenodd"`
	}
	fmt.Fprintf(b, `<path transform="%s" d="%s" stroke="%s" fill="%s"%s%s stroke-width="%s"/>`, turn, path, stroke, fill, rule, opacity, line)
}

// pathData turns a path as OFD writes it into one of SVG.
func pathData(s string) string {
	var b strings.Builder
	need := map[string]int{"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
	name := map[string]string{"S": "M", "M": "M", "L": "L", "Q": "Q", "B": "C", "A": "A", "C": "Z"}
	f := strings.Fields(s)
	for i := 0; i < len(f); {
		op := f[i]
		n, ok := need[op]
		if !ok || i+1+n > len(f) || b.Len() > 1<<20 {
			break
		}
		b.WriteString(name[op])
		for _, v := range numbers(strings.Join(f[i+1:i+1+n], " ")) {
			b.WriteString(mm(v) + " ")
		}
		i += 1 + n
	}
	return b.String()
}

func (d *Document) drawImage(b *bytes.Buffer, o object, turn string) {
	data, err := d.Bytes(d.media[o.Attr("ResourceID")])
	kind := mimetype.Detect(data).String()
	if err != nil || len(data) > maxImage || kind != "image/png" && kind != "image/jpeg" && kind != "image/gif" && kind != "image/bmp" {
		fmt.Fprintf(b, `<rect transform="%s" width="1" height="1" fill="#eee"/>`, turn)
		return
	}
	_, opacity := d.colour(o, "FillColor", "")
	fmt.Fprintf(b, `<image transform="%s"%s width="1" height="1" preserveAspectRatio="none" href="data:%s;base64,%s"/>`, turn, opacity, kind, base64.StdEncoding.EncodeToString(data))
}
