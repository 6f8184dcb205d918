package desk

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/ledgers"
	"gongkai/portal/table"
	"gongkai/portal/text"
	"gongkai/portal/web/page"
)

// ledgersPage is what desk_ledgers.html shows.
type ledgersPage struct {
	page.Base
	Rows   []*ledgers.Ledger
	MayAdd bool
}

// ledgerPage is what desk_ledger.html shows: a table, and what can be done with it.
type ledgerPage struct {
	page.Base
	Ledger              *ledgers.Ledger
	Heads               []ledgers.Column
	Sums                []string
	Sign                bool
	MayEdit, MayRelease bool
	Second              bool // whoever wrote it may not release it
	Form                page.Form
}

// deskLedgers answers GET /desk/tables.
func (s records) deskLedgers(c echo.Context) error {
	by := page.ActorOf(c)
	p := ledgersPage{Base: s.DeskBase(c, page.TextsOf(c).T("ledger.title")), MayAdd: by.CanSome(portal.WriteDocuments)}
	var err error
	if p.Rows, err = s.Ledgers.List(c.Request().Context(), by); err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "desk_ledgers", p)
}

// ledger answers GET /desk/tables/{id}.
func (s records) ledger(c echo.Context) error { return s.showLedger(c, http.StatusOK, nil) }

func (s records) showLedger(c echo.Context, status int, wrong error) error {
	by, t := page.ActorOf(c), page.TextsOf(c)
	l, err := s.Ledgers.Open(c.Request().Context(), by, c.Param("id"))
	if err != nil {
		return err
	}
	form, _ := ledgers.FormNamed(l.Form)
	p := ledgerPage{Base: s.DeskBase(c, l.Title().In(t.Lang)), Ledger: l, Heads: form.Columns, Sign: form.Sign, MayEdit: by.Can(portal.WriteDocuments, l.Organ),
		MayRelease: l.Published == 0 && by.Can(portal.ReviewDocuments, l.Organ), Second: l.By == by.Login}
	for _, n := range l.Sums() {
		sum := ""
		if n != nil {
			sum = ledgers.Written(*n)
		}
		p.Sums = append(p.Sums, sum)
	}
	p.Form = page.Form{Action: s.BasePath + "/desk/tables/" + l.ID() + "/release", Submit: t.T("ledger.release"), Revision: portal.RevisionOf(l), Fields: []page.Field{
		{Name: "signed", Kind: "text", Label: t.T("ledger.signed"), Hint: t.T("ledger.signed_hint"), Max: portal.MaxLine, Optional: !form.Sign},
		{Name: "stands", Kind: "text", Label: t.T("gate.stands"), Hint: t.T("gate.stands_hint"), Max: portal.MaxNote, Optional: true}}}
	if wrong != nil {
		if err := s.Refused(c, &p.Form, "ledger/"+l.ID(), wrong); err != nil {
			return err
		}
	}
	return s.Render(c, status, "desk_ledger", p)
}

// ledgerRelease answers POST /desk/tables/{id}/release.
func (s records) ledgerRelease(c echo.Context) error {
	_, err := s.Ledgers.Release(c.Request().Context(), page.ActorOf(c), c.Param("id"), page.SeenOf(c), page.Typed(c, "signed"), page.Typed(c, "stands"))
	if err != nil {
		return s.showLedger(c, page.Statuses[page.Visible(err).Kind], err)
	}
	s.Flash(c, "ledger.released")
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/tables/"+c.Param("id"))
}

func (s records) ledgerEditPage(c echo.Context, l *ledgers.Ledger, seen portal.Revision, typed string) page.FormPage {
	t := page.TextsOf(c)
	var forms []page.Option
	var heads []string
	for _, f := range ledgers.Forms {
		forms = append(forms, page.Option{Value: f.Code, Label: f.Name.In(t.Lang), Chosen: f.Code == l.Form})
		var names []string
		for _, x := range f.Columns {
			names = append(names, x.Name.In(t.Lang))
		}
		heads = append(heads, f.Name.In(t.Lang)+t.T("ledger.columns", "Columns", strings.Join(names, "、")))
	}
	if typed == "" {
		var b strings.Builder
		for _, r := range l.Rows {
			b.WriteString(strings.Join(r, "\t") + "\n")
		}
		typed = b.String()
	}
	p := s.EditPage(c, t.T("ledger.edit"), "/desk/tables", seen, []page.Field{
		{Name: "organ", Kind: "select", Label: t.T("column.organ"), Options: s.OrgansOf(c, portal.WriteDocuments, l.Organ), Value: string(l.Organ)},
		{Name: "form", Kind: "select", Label: t.T("ledger.form"), Options: forms, Value: l.Form},
		{Name: "period", Kind: "text", Label: t.T("ledger.period"), Hint: t.T("ledger.period_hint"), Value: l.Period, Max: 7},
		{Name: "rows", Kind: "textarea", Label: t.T("ledger.rows"), Hint: t.T("ledger.rows_hint", "Limit", ledgers.MaxRows) + " " + strings.Join(heads, " "), Value: typed, Rows: 14, Optional: true},
		{Name: "file", Kind: "file", Label: t.T("ledger.file"), Hint: t.T("ledger.file_hint"), Optional: true, Accept: ".xlsx,.xls,.ods,.csv,.docx"},
		{Name: "note", Kind: "textarea", Label: t.T("ledger.note"), Value: l.Note, Rows: 3, Max: portal.MaxNote, Optional: true},
	})
	return p
}

// ledgerForm answers GET /desk/tables/edit.
func (s records) ledgerForm(c echo.Context) error {
	l, seen := &ledgers.Ledger{Form: ledgers.Forms[0].Code}, portal.Absent
	if id := c.QueryParam("id"); id != "" {
		var err error
		if l, err = s.Ledgers.Open(c.Request().Context(), page.ActorOf(c), id); err != nil {
			return err
		}
		seen = portal.RevisionOf(l)
	}
	return s.Render(c, http.StatusOK, "form", s.ledgerEditPage(c, l, seen, ""))
}

// ledgerSave answers POST /desk/tables/edit. A file takes the place of what was typed.
func (s records) ledgerSave(c echo.Context) error {
	_, texts, err := s.FormFiles(c, "file", 1)
	typed := page.Typed(c, "rows")
	if err == nil && len(texts) > 0 {
		typed = texts[0]
	}
	form, _ := ledgers.FormNamed(page.Typed(c, "form"))
	rows := rowsTyped(typed, form)
	edit := func(l *ledgers.Ledger) {
		l.Organ, l.Form, l.Period = portal.OrganCode(page.Typed(c, "organ")), page.Typed(c, "form"), strings.ToUpper(page.Typed(c, "period"))
		l.Rows, l.Note = rows, page.Typed(c, "note")
	}
	id, ctx := c.QueryParam("id"), c.Request().Context()
	shown := &ledgers.Ledger{}
	edit(shown)
	back := "/desk/tables"
	if err == nil {
		var saved *ledgers.Ledger
		if saved, err = s.Ledgers.Change(ctx, page.ActorOf(c), id, page.SeenOf(c), edit); err == nil {
			back += "/" + saved.ID()
		}
	}
	return s.AfterEdit(c, s.ledgerEditPage(c, shown, page.SeenOf(c), page.Typed(c, "rows")), err, back, "ledger/"+id, func() (page.FormPage, error) {
		l, err := s.Ledgers.Open(ctx, page.ActorOf(c), id)
		if err != nil {
			return page.FormPage{}, err
		}
		return s.ledgerEditPage(c, l, portal.RevisionOf(l), ""), nil
	})
}

// rowsTyped reads rows that were typed, pasted from a spreadsheet or read in a file: with
// tabs or commas, or between bars. A row with the names of the columns is none of them,
// nor are what stands above it and sums below.
func rowsTyped(typed string, form ledgers.Form) [][]string {
	var rows [][]string
	if lines := strings.Split(strings.TrimSpace(typed), "\n"); slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), "|") }) {
		for _, l := range lines {
			if l = strings.TrimSpace(l); strings.HasPrefix(l, "|") {
				rows = append(rows, strings.Split(strings.Trim(l, "|"), "|"))
			}
		}
	} else if strings.TrimSpace(typed) != "" {
		for _, r := range table.CSV(typed) {
			rows = append(rows, r.Cells)
		}
	}
	for i := range rows {
		for j := range rows[i] {
			rows[i][j] = strings.TrimSpace(rows[i][j])
		}
		for len(rows[i]) > len(form.Columns) && rows[i][len(rows[i])-1] == "" {
			rows[i] = rows[i][:len(rows[i])-1]
		}
	}
	bare := func(s string) string { s, _, _ = strings.Cut(s, "（"); return text.Squeeze(s) }
	if head := slices.IndexFunc(rows, func(r []string) bool {
		return len(r) > 0 && len(form.Columns) > 0 && (bare(r[0]) == bare(form.Columns[0].Name.ZH) || strings.EqualFold(r[0], form.Columns[0].Name.EN))
	}); head >= 0 {
		rows = rows[head+1:]
	}
	return slices.DeleteFunc(rows, func(r []string) bool {
		return strings.Join(r, "") == "" || slices.Contains([]string{"合计", "总计", "小计"}, r[0])
	})
}
