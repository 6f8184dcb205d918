package reports

import (
	"slices"
	"strings"
	"sync"

	"gongkai/portal"
	"gongkai/portal/rules"
)

// Form is the national form of annual reports, as it is from a year on (年度报告格式):
// its sections, tables and identities are rule data, so that the form of another year is
// another entry.
type Form struct {
	Code      string `json:"code"`
	From      int    `json:"from"` // the first year that is reported on it
	Source    string `json:"source"`
	Effective string `json:"effective"`
	Due       struct {
		Organ      string `json:"organ"` // month and day of the year after, inclusive (第四十九条)
		Government string `json:"government"`
	} `json:"due"`
	Reporting  []string       `json:"reporting"` // the kinds of organs that report
	Sections   []Section      `json:"sections"`
	Tables     []Table        `json:"tables"`
	Identities []IdentityRule `json:"identities"`
	Prose      []ProseRule    `json:"prose"`
	// Draft is a first text of sections, in which {cell} stands for a figure.
	Draft map[string]string `json:"draft"`
}

// Section is a part of a report.
type Section struct {
	Code     string      `json:"code"`
	Name     portal.Text `json:"name"`
	Hint     portal.Text `json:"hint"`
	Table    string      `json:"table,omitempty"` // the table that follows its text
	Optional bool        `json:"optional,omitempty"`
}

// Table is a table of a form: blocks one under another, each with columns of its own.
type Table struct {
	Code   string                 `json:"code"`
	Note   portal.Text            `json:"note"`
	Across bool                   `json:"across,omitempty"` // its rows stand side by side in one line
	Blocks []Block                `json:"blocks"`
	Groups map[string]portal.Text `json:"groups,omitempty"` // heads that stand over several rows
}

// Block is rows that have the same columns.
type Block struct {
	Head    portal.Text `json:"head"`
	Over    portal.Text `json:"over"` // a head over all columns
	Columns []Column    `json:"columns"`
	Rows    []Row       `json:"rows"`
}

// Column is a column of a table.
type Column struct {
	Code     string      `json:"code"`
	Key      string      `json:"key,omitempty"`   // in JSON, where that is another
	Group    string      `json:"group,omitempty"` // a head that it stands under
	Name     portal.Text `json:"name"`
	Decimals int         `json:"decimals,omitempty"` // figures are kept as so many times ten times as much
}

// InJSON is the column's key in JSON.
func (c Column) InJSON() string {
	if c.Key != "" {
		return c.Key
	}
	return c.Code
}

// Row is a row of a table.
type Row struct {
	Key    string      `json:"key"`
	Name   portal.Text `json:"name"`
	Groups []string    `json:"groups,omitempty"` // heads it stands under, from the outermost
}

// Cell names a figure of a report: table, row and column, "requests/new/total".
type Cell string

// At is the cell of a row and a column.
func (t *Table) At(row, column string) Cell { return Cell(t.Code + "/" + row + "/" + column) }

// Parts are a cell's table, row and column.
func (c Cell) Parts() (table, row, column string) {
	table, rest, _ := strings.Cut(string(c), "/")
	row, column, _ = strings.Cut(rest, "/")
	return table, row, column
}

// Forms are the forms of the rules, the oldest first. Nobody may change them.
var Forms = sync.OnceValue(func() []Form {
	all := rules.Read[[]Form]("annual_report.json")
	slices.SortFunc(all, func(a, b Form) int { return a.From - b.From })
	for i := range all {
		all[i].prepare()
	}
	return all
})

// FormOf is the form on which a year is reported. Years before the first have it too.
func FormOf(year int) *Form {
	all := Forms()
	for i := len(all) - 1; i > 0; i-- {
		if all[i].From <= year {
			return &all[i]
		}
	}
	return &all[0]
}

// Table finds a table by its code; nil for none.
func (f *Form) Table(code string) *Table {
	for i := range f.Tables {
		if f.Tables[i].Code == code {
			return &f.Tables[i]
		}
	}
	return nil
}

// place is where a cell stands in its form.
type place struct {
	table  *Table
	block  *Block
	row    Row
	column Column
}

func (f *Form) place(c Cell) (place, bool) {
	table, row, column := c.Parts()
	t := f.Table(table)
	if t == nil {
		return place{}, false
	}
	for i := range t.Blocks {
		b := &t.Blocks[i]
		for _, r := range b.Rows {
			for _, k := range b.Columns {
				if r.Key == row && k.Code == column {
					return place{t, b, r, k}, true
				}
			}
		}
	}
	return place{}, false
}

// Has reports whether the form has the cell.
func (f *Form) Has(c Cell) bool { _, ok := f.place(c); return ok }

// Cells are all cells of the form, in order.
func (f *Form) Cells() []Cell {
	var out []Cell
	for i := range f.Tables {
		out = append(out, f.Tables[i].Cells()...)
	}
	return out
}

// Cells are all cells of the table, row by row.
func (t *Table) Cells() []Cell {
	var out []Cell
	for _, b := range t.Blocks {
		for _, r := range b.Rows {
			for _, k := range b.Columns {
				out = append(out, t.At(r.Key, k.Code))
			}
		}
	}
	return out
}

// Name says where a cell stands, as a reader would: its row and its column.
func (f *Form) Name(c Cell) portal.Text {
	p, ok := f.place(c)
	if !ok {
		return portal.Text{ZH: string(c), EN: string(c)}
	}
	var out portal.Text
	for _, g := range p.row.Groups {
		if len(p.row.Groups) > 1 && g == p.row.Groups[0] {
			continue // the outermost says nothing new
		}
		out.ZH += p.table.Groups[g].ZH
		out.EN += p.table.Groups[g].EN + " "
	}
	return portal.Text{ZH: out.ZH + p.row.Name.ZH + "·" + p.column.Name.ZH, EN: out.EN + p.row.Name.EN + ", " + p.column.Name.EN}
}
