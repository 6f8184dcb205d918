package letter

import (
	"time"

	"gongkai/portal/flow"
)

// Chart prints a flow chart on one sheet for a wall (上墙公示): a title, lines below it, the
// chart as large as the sheet allows, a line at the foot. The size is one of Sizes.
func (Printer) Chart(title string, lines []string, d *flow.Drawing, foot, size string, at time.Time) ([]byte, error) {
	paper, ok := Sizes[size]
	if !ok {
		paper = Sizes["A4"]
	}
	f := newPDF(at)
	edge := paper.Wd / 14
	f.SetMargins(edge, edge, edge)
	f.SetAutoPageBreak(false, 0)
	f.SetTitle(title, true)
	f.AddPageFormat("P", paper)
	s := sheet{f, paper.Wd - 2*edge}
	s.write(title, paper.Wd/9, "C", 2)
	for _, l := range lines {
		s.write(l, paper.Wd/18, "C", 0)
	}
	s.Ln(4)
	top, bottom := f.GetY(), paper.Ht-edge
	scale := min((paper.Wd-2*edge)/d.Width, (bottom-top)/d.Height, paper.Wd/500) // millimetres for a point of the chart
	left := (paper.Wd - d.Width*scale) / 2
	x := func(v float64) float64 { return left + v*scale }
	y := func(v float64) float64 { return top + v*scale }
	f.SetDrawColor(80, 90, 95)
	f.SetLineWidth(1.5 * scale)
	for _, l := range d.Lines {
		c := l.Curve()
		for i := 1; i+2 < len(c); i += 3 {
			f.CurveBezierCubic(x(c[i-1].X), y(c[i-1].Y), x(c[i].X), y(c[i].Y), x(c[i+1].X), y(c[i+1].Y), x(c[i+2].X), y(c[i+2].Y), "D")
		}
		if c == nil {
			continue
		}
		h := l.Head()
		f.SetFillColor(80, 90, 95)
		f.MoveTo(x(h[0].X), y(h[0].Y))
		f.LineTo(x(h[1].X), y(h[1].Y))
		f.LineTo(x(h[2].X), y(h[2].Y))
		f.ClosePath()
		f.DrawPath("F")
	}
	write := func(text string, size, mid, base float64) {
		f.SetFontSize(size * scale * 72 / 25.4)
		text = printable(text)
		f.Text(x(mid)-f.GetStringWidth(text)/2, y(base), text)
	}
	f.SetDrawColor(29, 112, 184)
	f.SetFillColor(255, 255, 255)
	for _, b := range d.Boxes {
		r := 3.0
		if b.Round {
			r = b.H / 2
		}
		f.RoundedRect(x(b.X), y(b.Y), b.W*scale, b.H*scale, r*scale, "1234", "FD")
		for _, t := range b.Lines() {
			write(t.Text, t.Size, b.X+b.W/2, t.Base)
		}
	}
	for _, l := range d.Lines {
		if l.Label == "" {
			continue
		}
		w, h := l.LabelSize()
		f.Rect(x(l.At.X-w/2), y(l.At.Y-h/2), w*scale, h*scale, "F")
		write(l.Label, flow.TextSize, l.At.X, l.At.Y+flow.TextSize*0.36)
	}
	f.SetY(-edge * 0.8)
	f.SetFontSize(paper.Wd / 24)
	f.CellFormat(0, 4, printable(foot), "", 0, "C", false, 0, "")
	return output(f)
}
