package print

import (
	"strconv"
	"time"

	"gongkai/portal"
	"gongkai/portal/grid"
	"gongkai/portal/letter"
	"gongkai/portal/letters"
	"gongkai/portal/locale"
	"gongkai/portal/sheet"
)

// ReturnTables are the tables of a return of letters: by channel, by organ, by kind and
// theme (收办情况表).
func ReturnTables(r *letters.Return, t *locale.Texts, organ func(portal.OrganCode) string) []grid.Table {
	channel := func(code string) string {
		if c := letters.ChannelNamed(code); c != nil {
			return c.Name.In(t.Lang)
		}
		return code
	}
	byChannel := lines(t, t.T("return.by_channel"), r.Channels, r.Total, func(l letters.Line) string { return channel(l.Channel) })
	byOrgan := lines(t, t.T("return.by_organ"), r.Organs, r.Total, func(l letters.Line) string { return organ(l.Organ) })
	kinds := grid.Table{Caption: t.T("return.by_kind"), Widths: []float64{3, 1}, Heads: 1, Rows: [][]grid.Cell{{{Text: t.T("mailbox.kind"), Head: true}, {Text: t.T("return.new"), Head: true}}}}
	for _, k := range letters.Rules.Kinds {
		kinds.Rows = append(kinds.Rows, []grid.Cell{{Text: k.Name.In(t.Lang), Head: true}, {Text: strconv.Itoa(r.Kinds[k.Code])}})
	}
	themes := grid.Table{Caption: t.T("return.by_theme"), Widths: []float64{3, 1}, Heads: 1, Rows: [][]grid.Cell{{{Text: t.T("facet.theme"), Head: true}, {Text: t.T("return.new"), Head: true}}}}
	for _, x := range portal.Themes.Terms {
		if n := r.Themes[x.Code]; n > 0 {
			themes.Rows = append(themes.Rows, []grid.Cell{{Text: portal.Named(x.Name, t.Lang), Head: true}, {Text: strconv.Itoa(n)}})
		}
	}
	return []grid.Table{byChannel, byOrgan, kinds, themes}
}

// columns are the figures of a line, by the message keys of their heads.
var columns = []struct {
	key string
	of  func(letters.Line) string
}{
	{"return.carried_in", func(l letters.Line) string { return strconv.Itoa(l.CarriedIn) }},
	{"return.new", func(l letters.Line) string { return strconv.Itoa(l.New) }},
	{"return.passed_in", func(l letters.Line) string { return strconv.Itoa(l.PassedIn) }},
	{"return.reopened", func(l letters.Line) string { return strconv.Itoa(l.Reopened) }},
	{"return.closed", func(l letters.Line) string { return strconv.Itoa(l.Closed) }},
	{"return.at_once", func(l letters.Line) string { return strconv.Itoa(l.AtOnce) }},
	{"return.passed_on", func(l letters.Line) string { return strconv.Itoa(l.PassedOn) }},
	{"return.carried_out", func(l letters.Line) string { return strconv.Itoa(l.CarriedOut) }},
	{"return.in_time", func(l letters.Line) string { return strconv.Itoa(l.InTime) }},
	{"return.late", func(l letters.Line) string { return strconv.Itoa(l.Late) }},
	{"return.overdue", func(l letters.Line) string { return strconv.Itoa(l.Overdue) }},
	{"return.rated", func(l letters.Line) string { return strconv.Itoa(l.Rated) }},
	{"return.satisfied", func(l letters.Line) string { return strconv.Itoa(l.Satisfied) }},
	{"return.groups", func(l letters.Line) string { return strconv.Itoa(l.Groups) }},
	{"return.people", func(l letters.Line) string { return strconv.Itoa(l.People) }},
	{"return.measures", func(l letters.Line) string { return strconv.Itoa(l.Measures) }},
	{"return.money", func(l letters.Line) string { return portal.Yuan(l.Money) }},
}

func lines(t *locale.Texts, caption string, list []letters.Line, total letters.Line, name func(letters.Line) string) grid.Table {
	out := grid.Table{Caption: caption, Widths: []float64{2.5}, Heads: 1}
	head := []grid.Cell{{Text: "", Head: true}}
	for _, c := range columns {
		head, out.Widths = append(head, grid.Cell{Text: t.T(c.key), Head: true}), append(out.Widths, 1)
	}
	out.Rows = append(out.Rows, head)
	add := func(name string, l letters.Line) {
		row := []grid.Cell{{Text: name, Head: true}}
		for _, c := range columns {
			row = append(row, grid.Cell{Text: c.of(l)})
		}
		out.Rows = append(out.Rows, row)
	}
	for _, l := range list {
		add(name(l), l)
	}
	add(t.T("return.total"), total)
	return out
}

// ReturnPDF prints a return.
func ReturnPDF(title, note string, tables []grid.Table, at time.Time) ([]byte, error) {
	p := letter.Paper{Title: title, Note: note, Wide: true}
	for i := range tables {
		p.Pieces = append(p.Pieces, letter.Piece{Head: tables[i].Caption, Table: &tables[i]})
	}
	return letter.Printer{}.Paper(p, at)
}

// ReturnXLSX writes a return as a workbook, a sheet for each table.
func ReturnXLSX(title string, tables []grid.Table) ([]byte, error) {
	var sheets []sheet.Sheet
	for _, t := range tables {
		sheets = append(sheets, sheet.Sheet{Name: t.Caption, Note: []string{title}, Table: t})
	}
	return sheet.Write(sheets...)
}
