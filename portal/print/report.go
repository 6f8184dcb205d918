// Package print makes papers and workbooks of what the areas hold: annual reports, power
// lists.
package print

import (
	"strconv"
	"time"

	"gongkai/portal"
	"gongkai/portal/letter"
	"gongkai/portal/reports"
	"gongkai/portal/sheet"
)

// reportOf is a report in the order of its form: each section's text, and its table.
func reportOf(v *reports.View, filed bool) letter.Paper {
	title, texts, note := v.Title.ZH, v.Texts, "（草稿，尚未报送）"
	if filed && v.Filed != nil {
		title, texts, note = v.Filed.Title.ZH, v.Filed.Texts, ""
	}
	p := letter.Paper{Title: title, Note: note}
	year := strconv.Itoa(v.Year)
	p.Pieces = append(p.Pieces, letter.Piece{Text: "根据《中华人民共和国政府信息公开条例》第五十条规定编制本报告。本报告中所列数据统计期限为" + year + "年1月1日至12月31日。"})
	tables := v.Tables("zh")
	for _, s := range v.Form.Sections {
		piece := letter.Piece{Head: s.Name.ZH, Text: texts[s.Code]}
		if t, ok := tables[s.Table]; ok {
			piece.Table = &t
		}
		p.Pieces = append(p.Pieces, piece)
	}
	return p
}

// stamp is the time that a file of a report bears.
func stamp(v *reports.View, filed bool) time.Time {
	if filed && v.Filed != nil {
		return v.Filed.At
	}
	return v.ChangedAt
}

// ReportPDF prints a report in the national form on A4, as filed or as it stands.
func ReportPDF(v *reports.View, filed bool) ([]byte, error) {
	return letter.Printer{}.Paper(reportOf(v, filed), stamp(v, filed))
}

// ReportDOCX writes a report for those who have to hand in one.
func ReportDOCX(v *reports.View, filed bool) ([]byte, error) {
	return letter.Printer{}.PaperDOCX(reportOf(v, filed), stamp(v, filed))
}

// ReportXLSX is the tables of a report, a sheet each, and how its identities stand.
func ReportXLSX(v *reports.View, lang string) ([]byte, error) {
	var sheets []sheet.Sheet
	tables := v.Tables(lang)
	for _, s := range v.Form.Sections {
		if t, ok := tables[s.Table]; ok {
			sheets = append(sheets, sheet.Sheet{Name: portal.Named(s.Name, lang), Note: []string{portal.Named(v.Title, lang)}, Table: t})
		}
	}
	name, head := "勾稽关系", []string{"名称", "成立", "左", "右", "差"}
	if lang != "zh" {
		name, head = "Identities", []string{"Name", "Holds", "Left", "Right", "Difference"}
	}
	var rows [][]string
	for _, id := range v.Identities {
		holds := "✓"
		if !id.Holds {
			holds = "✗"
		}
		rows = append(rows, []string{portal.Named(id.Title, lang), holds, strconv.FormatInt(id.Left, 10), strconv.FormatInt(id.Right, 10), strconv.FormatInt(id.Difference, 10)})
	}
	l := sheet.List(name, head, rows)
	l.Widths[0] = 6
	return sheet.Write(append(sheets, l)...)
}
