package page

import (
	"fmt"
	"strconv"
)

// Chart is a bar chart with its table, one group of bars for each label. What it shows is
// said in a sentence as well, and can be had as CSV.
type Chart struct {
	ID     string
	Title  string
	Says   string   // what it shows, in a sentence
	Label  string   // head of the labels
	Series []string // at most as many as there are colours: four
	Labels []string
	Values [][]int  // by label, then by series
	CSV    string   // address of the table
	Short  []string // heads of the series in the drawing of a heat map
	Heat   bool     // a heat map: a row for each label, a square for each series
	Lines  bool     // a bar below another, under its label: for long labels, of one series
}

// The drawing of a chart, in its own units.
const (
	chartHeight = 200
	chartLeft   = 44
	chartGroup  = 54
)

// Bar is a bar of a drawing.
type Bar struct {
	X, Y, W, H, Series, N int
	Name                  string
}

// Tick is a line of the scale.
type Tick struct{ Y, N int }

// top is the end of the scale: the next round number.
func (c Chart) top() int {
	most := 1
	for _, v := range c.Values {
		for _, n := range v {
			most = max(most, n)
		}
	}
	for step := 1; ; step *= 10 {
		for _, m := range []int{1, 2, 4, 5, 10} {
			if most <= m*step && m*step >= 4 {
				return m * step
			}
		}
	}
}

// The drawing of a chart whose bars lie.
const (
	lineHeight = 40
	lineWidth  = 560
)

// The drawing of a heat map.
const (
	heatStep = 30
	heatRow  = 24
)

// heatLeft is the room for the labels of a heat map, in type of 11 units.
func (c Chart) heatLeft() int {
	longest := 0
	for _, l := range c.Labels {
		width := 0
		for _, r := range l {
			if width += 6; r > 0x2E80 {
				width += 5
			}
		}
		longest = max(longest, width)
	}
	return longest + 12
}

// heats are the least numbers of the shades of a heat map.
var heats = []int{0, 1, 3, 10, 30}

// Square is a square of a heat map, or a head of its columns or rows.
type Square struct {
	X, Y, Shade, N int
	Name           string
}

// Squares are the squares of the drawing.
func (c Chart) Squares() (out []Square) {
	for i, v := range c.Values {
		for j, n := range v {
			shade := 0
			for k, least := range heats {
				if n >= least {
					shade = k
				}
			}
			out = append(out, Square{c.heatLeft() + j*heatStep, (i + 1) * heatRow, shade, n, c.Labels[i] + " " + c.Series[j]})
		}
	}
	return out
}

// Columns are the heads of the columns of a heat map.
func (c Chart) Columns() (out []Square) {
	for j, s := range c.Short {
		out = append(out, Square{X: c.heatLeft() + j*heatStep, Name: s})
	}
	return out
}

// Rows are the heads of the rows of a heat map.
func (c Chart) Rows() (out []Square) {
	for i, l := range c.Labels {
		out = append(out, Square{Y: (i + 1) * heatRow, Name: l})
	}
	return out
}

// Width is that of the drawing.
func (c Chart) Width() int {
	if c.Heat {
		return c.heatLeft() + len(c.Series)*heatStep
	}
	if c.Lines {
		return lineWidth + 60
	}
	return chartLeft + len(c.Labels)*chartGroup + 6
}

// Height is that of the drawing, with its labels.
func (c Chart) Height() int {
	if c.Heat {
		return (len(c.Labels) + 1) * heatRow
	}
	if c.Lines {
		return len(c.Labels) * lineHeight
	}
	return chartHeight + 30
}

// Ticks are the lines of the scale, which begins at nought.
func (c Chart) Ticks() []Tick {
	top := c.top()
	out := make([]Tick, 0, 5)
	for i := range 5 {
		out = append(out, Tick{chartHeight - i*(chartHeight-20)/4, top * i / 4})
	}
	return out
}

// Bars are the bars of the drawing.
func (c Chart) Bars() (out []Bar) {
	top := c.top()
	if c.Lines {
		for i, v := range c.Values {
			out = append(out, Bar{0, i*lineHeight + 18, max(1, v[0]*lineWidth/top), 14, 0, v[0], c.Labels[i]})
		}
		return out
	}
	w := (chartGroup - 10) / max(1, len(c.Series))
	for i, v := range c.Values {
		for j, n := range v {
			h := n * (chartHeight - 20) / top
			out = append(out, Bar{chartLeft + i*chartGroup + j*w, chartHeight - h, w - 2, h, j, n, c.Labels[i] + " " + c.Series[j]})
		}
	}
	return out
}

// Places are where the labels stand.
func (c Chart) Places() (out []Bar) {
	for i, l := range c.Labels {
		out = append(out, Bar{X: chartLeft + i*chartGroup + (chartGroup-10)/2, Name: l})
	}
	return out
}

// Table is what the chart shows, for its CSV.
func (c Chart) Table() [][]string {
	out := [][]string{append([]string{c.Label}, c.Series...)}
	for i, l := range c.Labels {
		row := []string{l}
		for _, n := range c.Values[i] {
			row = append(row, strconv.Itoa(n))
		}
		out = append(out, row)
	}
	return out
}

// Box is the view box of the drawing.
func (c Chart) Box() string { return fmt.Sprintf("0 0 %d %d", c.Width(), c.Height()) }
