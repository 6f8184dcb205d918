// Package sheet writes workbooks (XLSX): lists with a head, and tables with merged
// cells.
package sheet

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/xuri/excelize/v2"

	"gongkai/portal/grid"
)

// Sheet is a sheet of a workbook.
type Sheet struct {
	Name string
	Note []string // lines above the table
	grid.Table
}

// List is a sheet of rows below a head.
func List(name string, head []string, rows [][]string) Sheet {
	s := Sheet{Name: name}
	cells := make([]grid.Cell, len(head))
	for i, h := range head {
		cells[i] = grid.Cell{Text: h, Head: true}
		s.Widths = append(s.Widths, 1)
	}
	s.Rows = append(s.Rows, cells)
	for _, r := range rows {
		cells := make([]grid.Cell, len(r))
		for i, v := range r {
			cells[i] = grid.Cell{Text: v}
		}
		s.Rows = append(s.Rows, cells)
	}
	return s
}

// maxName is how many characters the name of a sheet may have.
const maxName = 31

// Write makes a workbook. Figures are written as numbers, but for those that a
// spreadsheet would garble: with leading zeros or more than fifteen digits. Text is
// never a formula.
func Write(sheets ...Sheet) (file []byte, err error) {
	f := excelize.NewFile()
	defer f.Close()
	border := []excelize.Border{}
	for _, side := range []string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: side, Style: 1, Color: "000000"})
	}
	cell, err := f.NewStyle(&excelize.Style{Border: border, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	if err != nil {
		return nil, err
	}
	head, err := f.NewStyle(&excelize.Style{Border: border, Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center", Horizontal: "center"}})
	if err != nil {
		return nil, err
	}
	for i, s := range sheets {
		name := []rune(s.Name)
		title := string(name[:min(maxName, len(name))])
		if i == 0 {
			err = f.SetSheetName("Sheet1", title)
		} else {
			_, err = f.NewSheet(title)
		}
		if err != nil {
			return nil, fmt.Errorf("sheet %q: %w", title, err)
		}
		if err := write(f, title, s, cell, head); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	err = f.Write(&b)
	return b.Bytes(), err
}

func write(f *excelize.File, name string, s Sheet, cell, head int) error {
	w, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	most := 0.0
	for _, x := range s.Widths {
		most = max(most, x)
	}
	for i, x := range s.Widths {
		if err := w.SetColWidth(i+1, i+1, 8+x/most*16); err != nil {
			return err
		}
	}
	rows := make([][]any, len(s.Note)+len(s.Rows))
	for i, n := range s.Note {
		rows[i] = []any{n}
	}
	placed := s.Place()
	for _, c := range placed {
		style := cell
		if c.Head {
			style = head
		}
		for y := c.Row; y < min(c.Row+c.Down, len(s.Rows)); y++ {
			at := len(s.Note) + y
			for len(rows[at]) < c.Column+c.Across {
				rows[at] = append(rows[at], nil)
			}
			for x := c.Column; x < c.Column+c.Across; x++ {
				v := excelize.Cell{StyleID: style}
				if y == c.Row && x == c.Column {
					v.Value = value(c.Text)
				}
				rows[at][x] = v
			}
		}
	}
	for i, r := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := w.SetRow(at, r); err != nil {
			return err
		}
	}
	for _, c := range placed {
		if c.Across*c.Down == 1 {
			continue
		}
		from, err := excelize.CoordinatesToCellName(c.Column+1, len(s.Note)+c.Row+1)
		if err != nil {
			return err
		}
		to, err := excelize.CoordinatesToCellName(c.Column+c.Across, len(s.Note)+min(c.Row+c.Down, len(s.Rows)))
		if err != nil {
			return err
		}
		if err := w.MergeCell(from, to); err != nil {
			return err
		}
	}
	return w.Flush()
}

func value(s string) any {
	if n, err := strconv.ParseFloat(s, 64); err == nil && len(s) <= 15 && (s == "0" || s[0] != '0' || len(s) > 1 && s[1] == '.') && strconv.FormatFloat(n, 'f', -1, 64) == s {
		return n
	}
	return s
}
