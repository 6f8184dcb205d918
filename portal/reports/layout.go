package reports

import (
	"gongkai/portal"
	"gongkai/portal/grid"
)

// Layout is a table as the national form draws it, filled in. cell makes the cell of a
// figure.
func (t *Table) Layout(lang string, cell func(Cell) grid.Cell) grid.Table {
	named := func(x portal.Text) string { return portal.Named(x, lang) }
	if t.Across {
		return t.side(named, cell)
	}
	depth := 1
	for _, b := range t.Blocks {
		for _, r := range b.Rows {
			depth = max(depth, len(r.Groups)+1)
		}
	}
	width := 0
	for _, b := range t.Blocks {
		width = max(width, len(b.Columns))
	}
	var out grid.Table
	for i := range depth {
		out.Widths = append(out.Widths, []float64{1, 1.6, 4}[min(i+3-min(depth, 3), 2)])
	}
	for range width {
		out.Widths = append(out.Widths, 1.4)
	}
	if depth == 1 {
		out.Widths[0] = 2.5
	}
	for _, b := range t.Blocks {
		out.Rows = append(out.Rows, t.heads(&b, depth, width, named)...)
		if len(t.Blocks) == 1 {
			out.Heads = len(out.Rows)
		}
		for i, r := range b.Rows {
			var row []grid.Cell
			for level, g := range r.Groups {
				if i > 0 && level < len(b.Rows[i-1].Groups) && b.Rows[i-1].Groups[level] == g {
					continue // it goes on from above
				}
				down := 1
				for i+down < len(b.Rows) && level < len(b.Rows[i+down].Groups) && b.Rows[i+down].Groups[level] == g {
					down++
				}
				row = append(row, grid.Cell{Text: named(t.Groups[g]), Down: down, Head: true})
			}
			row = append(row, grid.Cell{Text: named(r.Name), Across: depth - len(r.Groups), Head: true})
			for j, k := range b.Columns {
				c := cell(t.At(r.Key, k.Code))
				if j == len(b.Columns)-1 {
					c.Across = width - j
				}
				row = append(row, c)
			}
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

// heads are the lines above the rows of a block.
func (t *Table) heads(b *Block, depth, width int, named func(portal.Text) string) [][]grid.Cell {
	var out [][]grid.Cell
	if h := named(b.Head); h != "" {
		out = append(out, []grid.Cell{{Text: h, Across: depth + width, Head: true}})
	}
	first := "信息内容"
	if named(portal.Text{ZH: "z", EN: "e"}) == "e" {
		first = "Item"
	}
	grouped := false
	for _, k := range b.Columns {
		grouped = grouped || k.Group != ""
	}
	if !grouped {
		row := []grid.Cell{{Text: first, Across: depth, Head: true}}
		for j, k := range b.Columns {
			c := grid.Cell{Text: named(k.Name), Head: true}
			if j == len(b.Columns)-1 {
				c.Across = width - j
			}
			row = append(row, c)
		}
		return append(out, row)
	}
	top := []grid.Cell{{Text: named(t.Note), Across: depth, Down: 3, Head: true}, {Text: named(b.Over), Across: width, Head: true}}
	var second, third []grid.Cell
	for j, k := range b.Columns {
		if k.Group == "" {
			second = append(second, grid.Cell{Text: named(k.Name), Down: 2, Head: true})
			continue
		}
		if j == 0 || b.Columns[j-1].Group != k.Group {
			n := 1
			for j+n < len(b.Columns) && b.Columns[j+n].Group == k.Group {
				n++
			}
			second = append(second, grid.Cell{Text: named(t.Groups[k.Group]), Across: n, Head: true})
		}
		third = append(third, grid.Cell{Text: named(k.Name), Head: true})
	}
	return append(out, top, second, third)
}

// side is a table whose rows stand side by side.
func (t *Table) side(named func(portal.Text) string, cell func(Cell) grid.Cell) grid.Table {
	var out grid.Table
	heads, values := make([][]grid.Cell, 3), []grid.Cell(nil)
	for _, b := range t.Blocks {
		for i, r := range b.Rows {
			n := len(b.Columns)
			if len(r.Groups) == 0 {
				heads[0] = append(heads[0], grid.Cell{Text: named(r.Name), Across: n, Down: 2, Head: true})
			} else {
				if i == 0 || len(b.Rows[i-1].Groups) == 0 || b.Rows[i-1].Groups[0] != r.Groups[0] {
					all := 0
					for _, o := range b.Rows[i:] {
						if len(o.Groups) > 0 && o.Groups[0] == r.Groups[0] {
							all += n
						}
					}
					heads[0] = append(heads[0], grid.Cell{Text: named(t.Groups[r.Groups[0]]), Across: all, Head: true})
				}
				heads[1] = append(heads[1], grid.Cell{Text: named(r.Name), Across: n, Head: true})
			}
			for _, k := range b.Columns {
				out.Widths = append(out.Widths, 1)
				heads[2] = append(heads[2], grid.Cell{Text: named(k.Name), Head: true})
				values = append(values, cell(t.At(r.Key, k.Code)))
			}
		}
	}
	out.Rows = append(heads, values)
	return out
}
