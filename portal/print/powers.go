package print

import (
	"fmt"
	"slices"
	"time"

	"gongkai/portal"
	"gongkai/portal/flow"
	"gongkai/portal/grid"
	"gongkai/portal/letter"
	"gongkai/portal/powers"
	"gongkai/portal/sheet"
)

// PowersXLSX is a power list as a workbook, a row an item, in the national order of
// columns. What it writes can be imported.
func PowersXLSX(rows []powers.Row, organ func(portal.OrganCode) string, lang string) ([]byte, error) {
	name, head := "权责清单", []string{"机关", "职权编码"}
	if lang != "zh" {
		name, head = "Power list", []string{"organ", "code"}
	}
	for _, f := range powers.Rules.Fields {
		head = append(head, portal.Named(f.Name, lang))
	}
	var out [][]string
	for _, r := range rows {
		line := []string{organ(r.Organ), r.Code}
		for _, f := range powers.Rules.Fields {
			line = append(line, f.Shown(r.Values[f.Code], lang))
		}
		out = append(out, line)
	}
	return sheet.Write(sheet.List(name, head, out))
}

// listed are the fields of a printed list.
var listed = []string{"type", "name_zh", "basis", "body", "promised", "supervise"}

// PowersPDF prints a power list as a table, its items below the heads of their organs.
func PowersPDF(title, note string, rows []powers.Row, organ func(portal.OrganCode) string, at time.Time) ([]byte, error) {
	p := letter.Paper{Title: title, Note: note, Wide: true}
	for chunk := range slices.Values(byOrgan(rows)) {
		t := grid.Table{Widths: []float64{0.5, 1.6, 1, 2.4, 4, 1.6, 1.1, 1.6}, Heads: 1}
		line := []grid.Cell{{Text: "序号", Head: true}, {Text: "职权编码", Head: true}}
		for _, code := range listed {
			line = append(line, grid.Cell{Text: powers.FieldNamed(code).Name.ZH, Head: true})
		}
		t.Rows = append(t.Rows, line)
		for i, r := range chunk {
			line := []grid.Cell{{Text: fmt.Sprint(i + 1)}, {Text: r.Code}}
			for _, code := range listed {
				line = append(line, grid.Cell{Text: powers.FieldNamed(code).Shown(r.Values[code], "zh")})
			}
			t.Rows = append(t.Rows, line)
		}
		p.Pieces = append(p.Pieces, letter.Piece{Head: fmt.Sprintf("%s（%d项）", organ(chunk[0].Organ), len(chunk)), Table: &t})
	}
	return letter.Printer{}.Paper(p, at)
}

func byOrgan(rows []powers.Row) [][]powers.Row {
	var out [][]powers.Row
	for i, r := range rows {
		if i == 0 || rows[i-1].Organ != r.Organ {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], r)
	}
	return out
}

// PowerChart prints the flow chart of an item on a sheet for a wall.
func PowerChart(i *powers.PowerItem, at *powers.At, organ, foot, size string) ([]byte, error) {
	d, err := flow.Draw(at.Values.Steps(), "结束")
	if err != nil {
		return nil, err
	}
	lines := []string{organ + "　" + i.Code}
	for _, code := range []string{"statutory", "promised", "supervise"} {
		if f := powers.FieldNamed(code); at.Values[code] != "" {
			lines = append(lines, f.Name.ZH+"："+f.Shown(at.Values[code], "zh"))
		}
	}
	return letter.Printer{}.Chart(at.Values["name_zh"]+"流程图", lines, d, foot, size, at.Last.Effective.Time())
}
