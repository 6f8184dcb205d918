package desk

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/grid"
	"gongkai/portal/reports"
	"gongkai/portal/web/page"
)

// standingsPage is what desk_reports.html shows: who has filed the report on a year.
type standingsPage struct {
	page.Base
	Year            int
	Years           []int
	Rows            []standingRow
	Filed, All      int
	Add             string
	QuarterSelected string
}

type standingRow struct {
	reports.Standing
	May bool
	ID  reports.ReportID
}

// standings answers GET /desk/reports.
func (s reporting) standings(c echo.Context) error {
	by, t := page.ActorOf(c), page.TextsOf(c)
	last := s.Today().Year()
	p := standingsPage{Base: s.DeskBase(c, t.T("desk.reports")), Year: page.NumberOf(c, "year"), Add: s.BasePath + "/desk/reports/edit"}
	if p.Year < reports.FirstYear || p.Year > last {
		p.Year = last - 1
	}
	for y := last; y > last-8; y-- {
		p.Years = append(p.Years, y)
	}
	list, err := s.Reports.Standings(c.Request().Context(), p.Year)
	if err != nil {
		return err
	}
	for _, x := range list {
		p.All++
		if x.Report != nil && x.Report.Published != 0 {
			p.Filed++
		}
		p.Rows = append(p.Rows, standingRow{x, by.Can(portal.EditReports, x.Code), reports.IDOf(x.Code, p.Year)})
	}
	return s.Render(c, http.StatusOK, "desk_reports", p)
}

func (s reporting) editPage(c echo.Context, r *reports.Report, seen portal.Revision) page.FormPage {
	t := page.TextsOf(c)
	var years []page.Option
	for y := s.Today().Year(); y > s.Today().Year()-15; y-- {
		years = append(years, page.Option{Value: strconv.Itoa(y), Label: strconv.Itoa(y), Chosen: y == r.Year})
	}
	if !slices.ContainsFunc(years, func(o page.Option) bool { return o.Chosen }) {
		years = append(years, page.Option{Value: strconv.Itoa(r.Year), Label: strconv.Itoa(r.Year), Chosen: true})
	}
	fields := []page.Field{
		{Name: "organ", Kind: "select", Label: t.T("column.organ"), Options: s.OrgansOf(c, portal.EditReports, r.Organ), Value: string(r.Organ)},
		{Name: "year", Kind: "select", Label: t.T("report.year"), Options: years, Value: strconv.Itoa(r.Year)},
		{Name: "title_zh", Kind: "text", Label: t.T("column.title"), Hint: t.T("report.title_hint"), Value: r.Title.ZH, Max: portal.MaxName, Lang: "zh", Optional: true},
		{Name: "title_en", Kind: "text", Label: t.T("doc.title_en"), Value: r.Title.EN, Max: portal.MaxName, Optional: true, Lang: "en"},
	}
	for _, x := range r.Form().Sections {
		fields = append(fields, page.Field{Name: "text_" + x.Code, Kind: "textarea", Label: portal.Named(x.Name, t.Lang), Hint: portal.Named(x.Hint, t.Lang), Value: r.Texts[x.Code], Rows: 8, Lang: "zh", Optional: true})
	}
	if r.Body != "" {
		fields = append(fields, page.Field{Name: "body", Kind: "textarea", Label: t.T("doc.body"), Hint: t.T("report.body_hint"), Value: r.Body, Rows: 12, Lang: "zh", Optional: true, Tools: page.MarkdownTools(t)})
	}
	if o, err := s.Site.Store.Organ(r.Organ); err == nil && o.Kind == "government" {
		fields = append(fields, page.Field{Name: "left_out", Kind: "textarea", Label: t.T("report.left_out"), Hint: t.T("report.left_out_hint"), Value: r.LeftOut, Rows: 2, Max: portal.MaxNote, Optional: true})
	}
	fields = append(fields, page.Field{Name: "body_en", Kind: "textarea", Label: t.T("report.summary_en"), Value: r.BodyEN, Rows: 5, Optional: true, Lang: "en"})
	p := s.EditPage(c, t.T("report.edit"), "/desk/reports", seen, fields)
	if seen == portal.Absent {
		p.Intro = t.T("report.begin")
	}
	return p
}

// form answers GET /desk/reports/edit.
func (s reporting) form(c echo.Context) error {
	ctx := c.Request().Context()
	r, seen := &reports.Report{Year: s.Today().Year() - 1}, portal.Absent
	if id := c.QueryParam("id"); id != "" {
		var err error
		if r, err = s.Reports.Open(ctx, page.ActorOf(c), reports.ReportID(id)); err != nil {
			return err
		}
		seen = portal.RevisionOf(r)
	} else if organ, year := portal.OrganCode(c.QueryParam("organ")), page.NumberOf(c, "year"); organ != "" && year != 0 {
		if err := page.ActorOf(c).Need(portal.EditReports, organ); err != nil {
			return err
		}
		var err error
		if r, err = s.Reports.Begin(ctx, organ, year); err != nil {
			return err
		}
	}
	return s.Render(c, http.StatusOK, "form", s.editPage(c, r, seen))
}

// save answers POST /desk/reports/edit. A new report without a word of its own begins
// with the first texts that the year's facts give.
func (s reporting) save(c echo.Context) error {
	year, _ := strconv.Atoi(page.Typed(c, "year")) // 0 is refused below
	id, ctx, by := reports.ReportID(c.QueryParam("id")), c.Request().Context(), page.ActorOf(c)
	typed := &reports.Report{Organ: portal.OrganCode(page.Typed(c, "organ")), Year: year}
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	edit := func(r *reports.Report) {
		r.Organ, r.Year, r.Title = typed.Organ, year, portal.Text{ZH: page.Typed(c, "title_zh"), EN: page.Typed(c, "title_en")}
		texts := make(map[string]string)
		for _, x := range r.Form().Sections {
			if v := page.Typed(c, "text_"+x.Code); v != "" {
				texts[x.Code] = v
			}
		}
		r.Texts = texts
		r.BodyEN = page.Typed(c, "body_en")
		if values.Has("body") {
			r.Body = page.Typed(c, "body")
		}
		if values.Has("left_out") {
			r.LeftOut = page.Typed(c, "left_out")
		}
	}
	edit(typed)
	begun := typed
	if id == "" && typed.Organ != "" && by.Can(portal.EditReports, typed.Organ) && year >= reports.FirstYear && year <= reports.LastYear {
		if begun, err = s.Reports.Begin(ctx, typed.Organ, year); err != nil {
			return err
		}
	}
	whole := func(r *reports.Report) {
		edit(r)
		if r.Title.ZH == "" {
			r.Title = begun.Title
		}
		if len(r.Texts) == 0 && r.Body == "" {
			r.Texts = begun.Texts
		}
	}
	saved, err := s.Reports.Change(ctx, by, id, page.SeenOf(c), whole)
	back := "/desk/reports"
	if err == nil {
		back += "/" + string(saved.ID())
	}
	return s.AfterEdit(c, s.editPage(c, typed, page.SeenOf(c)), err, back, "report/"+string(id), func() (page.FormPage, error) {
		r, err := s.Reports.Open(ctx, by, id)
		if err != nil {
			return page.FormPage{}, err
		}
		return s.editPage(c, r, portal.RevisionOf(r)), nil
	})
}

// reportPage is what desk_report.html shows: a report with its figures and identities,
// and what can be done with it.
type reportPage struct {
	page.Base
	*reports.View
	Organ      portal.Organ
	Tables     []tableShown
	Sections   []sectionShown
	Revision   portal.Revision
	Typing     map[string]string // what was typed and refused
	Errors     map[string]string // what is wrong with it, by cell
	Problem    string
	Reason     string
	TypedRows  []typedRow
	Equations  string // the identities, for the page's own check
	File       page.Form
	MayFile    bool
	Second     bool // whoever wrote it may not file it
	LeftOutOf  []portal.Organ
	Government bool
	Facts      []factShown
}

type tableShown struct {
	Code string
	grid.Table
}

type sectionShown struct {
	reports.Section
	Text  string
	Table *tableShown
}

type typedRow struct {
	Name            portal.Text
	Value, Computed string
	reports.Typed
}

type factShown struct {
	Name  string
	Value string
}

// report answers GET /desk/reports/{id}.
func (s reporting) report(c echo.Context) error { return s.show(c, http.StatusOK, nil, nil) }

// show shows a report; typing is what was typed and wrong with it, filing what is wrong
// with filing it.
func (s reporting) show(c echo.Context, status int, typing, filing error) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	r, err := s.Reports.Open(ctx, by, reports.ReportID(c.Param("id")))
	if err != nil {
		return err
	}
	v, err := s.Reports.View(ctx, r, false)
	if err != nil {
		return err
	}
	o, err := s.Site.Store.Organ(r.Organ)
	if err != nil {
		return err
	}
	p := reportPage{Base: s.DeskBase(c, portal.Named(r.Title, t.Lang)), View: v, Organ: o, Revision: portal.RevisionOf(r), Government: o.Kind == "government", MayFile: by.Can(portal.ReviewReports, r.Organ), Second: r.By == by.Login, Errors: make(map[string]string)}
	tables := v.Tables(t.Lang)
	for _, x := range v.Form.Sections {
		sec := sectionShown{Section: x, Text: r.Texts[x.Code]}
		if tb, ok := tables[x.Table]; ok {
			sec.Table = &tableShown{x.Table, tb}
		}
		p.Sections = append(p.Sections, sec)
	}
	for _, code := range v.Missing {
		if x, err := s.Site.Store.Organ(code); err == nil {
			p.LeftOutOf = append(p.LeftOutOf, x)
		}
	}
	for _, cell := range v.Form.Cells() {
		if x, ok := r.Typed[cell]; ok {
			p.TypedRows = append(p.TypedRows, typedRow{v.Form.Name(cell), v.Form.Written(cell, x.Value), v.Form.Written(cell, v.Computed[cell]), x})
		}
	}
	for _, f := range []string{"answers/given", "answers/in_time", "documents/published", "documents/corrected", "documents/withdrawn"} {
		p.Facts = append(p.Facts, factShown{t.T("report.fact_" + strings.ReplaceAll(f, "/", "_")), strconv.FormatInt(v.Computed[reports.Cell("facts/"+f)], 10)})
	}
	if b, err := json.Marshal(v.Form.Equations(v.Before, t.Lang)); err == nil {
		p.Equations = string(b)
	}
	p.File = page.Form{Action: s.BasePath + "/desk/reports/" + string(r.ID()) + "/file", Submit: t.T("report.file"), Revision: p.Revision, Fields: []page.Field{
		{Name: "stands", Kind: "text", Label: t.T("gate.stands"), Hint: t.T("gate.stands_hint"), Max: portal.MaxNote, Optional: true}}}
	if r.Filed != nil {
		p.File.Fields = append([]page.Field{{Name: "note", Kind: "text", Label: t.T("report.note"), Hint: t.T("report.note_hint"), Max: portal.MaxNote}}, p.File.Fields...)
	}
	object := "report/" + c.Param("id")
	if filing != nil {
		if err := s.Refused(c, &p.File, object, filing); err != nil {
			return err
		}
	}
	if typing != nil {
		p.Typing = make(map[string]string)
		for _, cell := range v.Form.Cells() {
			p.Typing[string(cell)] = page.Typed(c, string(cell))
		}
		p.Reason = page.Typed(c, "reason")
		f := page.Form{Fields: []page.Field{{Name: "reason"}}}
		for _, cell := range v.Form.Cells() {
			f.Fields = append(f.Fields, page.Field{Name: string(cell)})
		}
		if portal.Stale(typing) {
			p.Problem = s.StaleNote(c, object)
		} else if err := f.Refuse(t, typing); err != nil {
			return err
		}
		for _, x := range f.Bad() {
			p.Errors[x.Name] = x.Error
		}
		if f.Problem != "" {
			p.Problem = f.Problem
		}
	}
	return s.Render(c, status, "desk_report", p)
}

// figures answers POST /desk/reports/{id}: figures that somebody typed.
func (s reporting) figures(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	typed := make(map[reports.Cell]string)
	for name, v := range values {
		if strings.Count(name, "/") == 2 && len(v) > 0 {
			typed[reports.Cell(name)] = page.Typed(c, name)
		}
	}
	_, err = s.Reports.Type(c.Request().Context(), page.ActorOf(c), reports.ReportID(c.Param("id")), page.SeenOf(c), page.Typed(c, "reason"), typed)
	if err != nil {
		return s.show(c, page.Statuses[page.Visible(err).Kind], err, nil)
	}
	s.Flash(c, "form.saved")
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/reports/"+c.Param("id"))
}

// file answers POST /desk/reports/{id}/file.
func (s reporting) file(c echo.Context) error {
	_, err := s.Reports.File(c.Request().Context(), page.ActorOf(c), reports.ReportID(c.Param("id")), page.SeenOf(c), page.Typed(c, "stands"), page.Typed(c, "note"))
	if err != nil {
		return s.show(c, page.Statuses[page.Visible(err).Kind], nil, err)
	}
	s.Flash(c, "report.filed")
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/reports/"+c.Param("id"))
}

// behindPage is what desk_behind.html shows: the records behind a figure.
type behindPage struct {
	page.Base
	Report *reports.Report
	Name   portal.Text
	Value  string
	Facts  []portal.Fact
	Under  []standingRow // organs whose figures are in it
	More   int
	Pager  page.Pager
}

// behind answers GET /desk/reports/{id}/behind: what a figure was counted from.
func (s reporting) behind(c echo.Context) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	r, err := s.Reports.Open(ctx, by, reports.ReportID(c.Param("id")))
	if err != nil {
		return err
	}
	cell := reports.Cell(c.QueryParam("cell"))
	if !r.Form().Has(cell) {
		return portal.Missing()
	}
	v, err := s.Reports.View(ctx, r, false)
	if err != nil {
		return err
	}
	p := behindPage{Base: s.DeskBase(c, portal.Named(r.Form().Name(cell), t.Lang)), Report: r, Name: r.Form().Name(cell), Value: r.Form().Written(cell, v.Figures[cell])}
	if p.Facts, err = s.Reports.Behind(ctx, by, r.Organ, r.Year, cell); err != nil {
		return err
	}
	n := max(1, page.NumberOf(c, "page"))
	p.Pager = page.PagerOf(c, n, page.WorkRows, len(p.Facts))
	from := min((n-1)*page.WorkRows, len(p.Facts))
	p.Facts = p.Facts[from:min(from+page.WorkRows, len(p.Facts))]
	for _, code := range v.Organs {
		if code != r.Organ {
			p.Under = append(p.Under, standingRow{Standing: reports.Standing{Organ: s.organ(code)}, May: by.Can(portal.EditReports, code), ID: reports.IDOf(code, r.Year)})
		}
	}
	return s.Render(c, http.StatusOK, "desk_behind", p)
}

func (s reporting) organ(code portal.OrganCode) portal.Organ {
	o, err := s.Site.Store.Organ(code)
	if err != nil { // shown by its code
		o = portal.Organ{Code: code, Name: portal.Text{ZH: string(code)}}
	}
	return o
}

// download answers GET /desk/reports/{id}/download/{format}: the report as it stands.
func (s reporting) download(c echo.Context) error {
	ctx := c.Request().Context()
	r, err := s.Reports.Open(ctx, page.ActorOf(c), reports.ReportID(c.Param("id")))
	if err != nil {
		return err
	}
	v, err := s.Reports.View(ctx, r, false)
	if err != nil {
		return err
	}
	return page.SendReport(c, v, false, s.OrganName(r.Organ, "zh"), c.Param("format"))
}

// quarterPage is what desk_quarter.html shows: a quarterly return (季报), from the same
// query as the annual report.
type quarterPage struct {
	page.Base
	Organs   []page.Option
	Organ    portal.OrganCode
	From, To string
	Tables   []tableShown
	Bad      string
	Download string
}

// quarter answers GET /desk/reports/quarter: the tables of any period.
func (s reporting) quarter(c echo.Context) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	today := s.Today()
	first := clock.NewDate(today.Year(), today.Time().Month()-(today.Time().Month()-1)%3, 1)
	last := first - 1
	first = clock.NewDate(last.Year(), last.Time().Month()-2, 1)
	p := quarterPage{Base: s.DeskBase(c, t.T("report.quarter")), Organ: portal.OrganCode(c.QueryParam("organ"))}
	mine, all := by.OrgansFor(portal.EditReports)
	if p.Organ == "" && len(mine) > 0 {
		p.Organ = mine[0]
	} else if p.Organ == "" && all {
		p.Organ = s.Site.Store.Organs()[0].Code
	}
	if err := by.Need(portal.EditReports, p.Organ); err != nil {
		return err
	}
	p.Organs = s.OrgansOf(c, portal.EditReports, p.Organ)
	for _, x := range []struct {
		name string
		day  *portal.Date
	}{{"from", &first}, {"to", &last}} {
		if v := c.QueryParam(x.name); v != "" {
			d, err := clock.ParseDate(v)
			if err != nil {
				p.Bad = t.T("error.date", "Value", v)
				continue
			}
			*x.day = d
		}
	}
	if first > last {
		p.Bad = t.T("report.period_wrong")
	}
	p.From, p.To, p.Download = first.String(), last.String(), page.With(c, "format", "xlsx")
	if p.Bad == "" {
		tables, v, err := s.period(ctx, p.Organ, first, last, t.Lang)
		if err != nil {
			return err
		}
		if c.QueryParam("format") == "xlsx" {
			v.Title = portal.Text{ZH: s.OrganName(p.Organ, "zh") + " " + p.From + " — " + p.To, EN: s.OrganName(p.Organ, "en") + " " + p.From + " – " + p.To}
			return page.SendReport(c, v, false, string(p.Organ), "xlsx")
		}
		p.Tables = tables
	}
	return s.Render(c, http.StatusOK, "desk_quarter", p)
}

// period counts the tables of a form from a day to a day.
func (s reporting) period(ctx context.Context, organ portal.OrganCode, from, to portal.Date, lang string) ([]tableShown, *reports.View, error) {
	f, err := s.Reports.Count(ctx, organ, from, to)
	if err != nil {
		return nil, nil, err
	}
	form := reports.FormOf(to.Year())
	v := &reports.View{Report: &reports.Report{Organ: organ, Year: to.Year()}, Form: form, Figures: form.Complete(f, nil)}
	v.Identities = form.Check(v.Figures, nil)
	var out []tableShown
	tables := v.Tables(lang)
	for _, x := range form.Sections {
		if tb, ok := tables[x.Table]; ok {
			tb.Caption = portal.Named(x.Name, lang)
			out = append(out, tableShown{x.Table, tb})
		}
	}
	return out, v, nil
}

// NameOf says where a cell stands, for who cannot see the table.
func (p reportPage) NameOf(ref string) string {
	return portal.Named(p.Form.Name(reports.Cell(ref)), p.Lang)
}
