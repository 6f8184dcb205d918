// Package grid holds tables whose cells go over several rows and columns, as a page, a
// PDF, a word processor and a workbook draw them alike.
package grid

// Cell is a cell of a table. Where another cell lies over a place, there is none.
type Cell struct {
	Text   string
	Across int // columns; 0 counts as 1
	Down   int // rows; 0 counts as 1
	Head   bool
	Ref    string // what the cell is of, for those who link or mark it
	Mark   string // how a page marks it
}

// Table is rows of cells.
type Table struct {
	Caption string
	Widths  []float64 // of the columns, against each other; their number is that of the columns
	Rows    [][]Cell
	Heads   int // rows at the top that every page repeats
}

// Placed is a cell and the row and column at which it begins, from 0.
type Placed struct {
	Cell
	Row, Column int
}

// Place works out where each cell lies.
func (t Table) Place() []Placed {
	var out []Placed
	taken := make(map[[2]int]bool)
	for y, row := range t.Rows {
		x := 0
		for _, c := range row {
			for taken[[2]int{y, x}] {
				x++
			}
			c.Across, c.Down = max(1, c.Across), max(1, c.Down)
			out = append(out, Placed{c, y, x})
			for i := range c.Down {
				for j := range c.Across {
					taken[[2]int{y + i, x + j}] = true
				}
			}
			x += c.Across
		}
	}
	return out
}

// Plain is the table with the text of each cell in every place that it lies over.
func (t Table) Plain() [][]string {
	out := make([][]string, len(t.Rows))
	for _, c := range t.Place() {
		for i := range c.Down {
			if y := c.Row + i; y < len(out) {
				for len(out[y]) < c.Column+c.Across {
					out[y] = append(out[y], "")
				}
				for j := range c.Across {
					out[y][c.Column+j] = c.Text
				}
			}
		}
	}
	return out
}
