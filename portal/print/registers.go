package print

import (
	"fmt"
	"strconv"

	"gongkai/portal"
	"gongkai/portal/grid"
	"gongkai/portal/locale"
	"gongkai/portal/registers"
)

// Tallies are the figures of a register by organ, as a table.
func Tallies(r *registers.Register, t *locale.Texts, organ func(portal.OrganCode) string, lines []registers.TallyLine) grid.Table {
	tb := grid.Table{Widths: []float64{2.5}, Heads: 1}
	head := []grid.Cell{{Text: t.T("column.organ"), Head: true}}
	for _, x := range r.Tallies {
		head, tb.Widths = append(head, grid.Cell{Text: portal.Named(x.Name, t.Lang), Head: true}), append(tb.Widths, 1)
	}
	tb.Rows = append(tb.Rows, head)
	for _, l := range lines {
		name := t.T("return.total")
		if l.Organ != "" {
			name = organ(l.Organ)
		}
		row := []grid.Cell{{Text: name, Head: true}}
		for i, n := range l.Counts {
			cell := strconv.FormatInt(n, 10)
			if s := l.Shares[i]; s >= 0 {
				cell += fmt.Sprintf("（%d.%d%%）", s/10, s%10)
			}
			row = append(row, grid.Cell{Text: cell})
		}
		tb.Rows = append(tb.Rows, row)
	}
	return tb
}
