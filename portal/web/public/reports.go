package public

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/grid"
	"gongkai/portal/reports"
	"gongkai/portal/web/page"
)

// reportsPage is what reports.html shows.
type reportsPage struct {
	page.Base
	Rows      []*portal.Listing
	Facets    []page.Facet
	Pager     page.Pager
	Downloads []page.Option
}

func (s *Face) reports(c echo.Context) error {
	b, err := page.BrowseOf(c)
	if err != nil {
		return err
	}
	b.Kind, b.Size = "report", 50
	t := page.TextsOf(c)
	base := s.Base(c, t.T("reports.title"))
	base.Section = "reports"
	list := s.Store.Browse(b)
	return s.Render(c, http.StatusOK, "reports", reportsPage{base, list.Rows, s.FacetsOf(c, list.Facets, "organ", "year"), page.PagerOf(c, b.Page, b.Size, list.Total), s.Downloads(c, "report")})
}

// reportPage is what report.html shows: what a citizen wants to know first, then the
// report in the national form.
type reportPage struct {
	page.Base
	Report   *reports.Report
	Body     string // of a report from before reports had sections
	View     *reports.View
	English  string
	Sections []reportSection
	Asked    glance
	Years    []yearBar
	Typed    []portal.Text // cells that somebody typed
	LeftOut  []portal.OrganCode
}

type reportSection struct {
	reports.Section
	Text  string
	Table *grid.Table
}

// glance is a year at a glance: how many asked, how many got it, how long it took.
type glance struct {
	New, Got, Partly, Refused, Handled, Carried int64
	Share                                       int64 // of what was handled, given in whole or in part, in a hundred
	Days                                        string
	InTime, Given                               int64
}

func glanceOf(f *reports.Form, g reports.Figures) glance {
	at := func(row string) int64 { return g[f.Table("requests").At(row, "total")] }
	x := glance{New: at("new"), Got: at("granted"), Partly: at("partial"), Handled: at("total"), Carried: at("carried_out"), InTime: g["facts/answers/in_time"], Given: g["facts/answers/given"]}
	for _, o := range portal.Outcomes.Terms {
		if len(o.Code) > 7 && o.Code[:7] == "denied." {
			x.Refused += at(o.Code)
		}
	}
	if x.Handled > 0 {
		x.Share = (x.Got + x.Partly) * 100 / x.Handled
	}
	if x.Given > 0 {
		x.Days = strconv.FormatFloat(float64(g["facts/answers/days"])/float64(x.Given), 'f', 1, 64)
	}
	return x
}

// yearBar is a year in a chart.
type yearBar struct {
	Year         int
	New, Handled int64
	// Heights of the bars, in hundredths of the chart.
	NewAt, HandledAt int
}

// years are the last five years of an organ, the reported one last.
func (s *Face) years(ctx context.Context, organ portal.OrganCode, last int) ([]yearBar, error) {
	var out []yearBar
	most := int64(1)
	for y := last - 4; y <= last; y++ {
		r, err := s.Store.Reports.Get(ctx, string(reports.IDOf(organ, y)))
		if portal.KindOf(err) == portal.NotFound && err != nil || err == nil && r.Filed == nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		g := glanceOf(r.Form(), r.Filed.Figures)
		out = append(out, yearBar{Year: y, New: g.New, Handled: g.Handled})
		most = max(most, g.New, g.Handled)
	}
	for i := range out {
		out[i].NewAt, out[i].HandledAt = int(out[i].New*100/most), int(out[i].Handled*100/most)
	}
	return out, nil
}

// publicReport is a report that is public.
func (s *Face) publicReport(c echo.Context) (*reports.Report, error) {
	r, err := s.Store.Reports.Get(c.Request().Context(), c.Param("id"))
	if err == nil && r.Published == 0 {
		err = portal.Missing()
	}
	return r, err
}

// viewOf is what was filed, with its identities.
func (s *Face) viewOf(ctx context.Context, r *reports.Report) (*reports.View, error) {
	v := &reports.View{Report: r, Form: r.Form(), Figures: r.Filed.Figures, Computed: r.Filed.Computed, Missing: r.Filed.Missing}
	before, err := s.Store.Reports.Get(ctx, string(reports.IDOf(r.Organ, r.Year-1)))
	if err != nil && portal.KindOf(err) != portal.NotFound {
		return nil, err
	}
	if err == nil && before.Filed != nil {
		v.Before = before.Filed.Figures
	}
	v.CheckFiled()
	return v, nil
}

func (s *Face) report(c echo.Context) error {
	ctx, t := c.Request().Context(), page.TextsOf(c)
	r, err := s.publicReport(c)
	if err != nil {
		return err
	}
	title, english := r.Title, r.BodyEN
	if r.Filed != nil {
		title, english = r.Filed.Title, r.Filed.BodyEN
	}
	b := s.Base(c, portal.Named(title, t.Lang))
	b.Section = "reports"
	p := reportPage{Base: b, Report: r, English: english, Body: portal.Named(portal.Text{ZH: r.Body, EN: r.BodyEN}, t.Lang)}
	if r.Filed == nil {
		return s.Render(c, http.StatusOK, "report", p)
	}
	if p.View, err = s.viewOf(ctx, r); err != nil {
		return err
	}
	tables := p.View.Tables(t.Lang)
	for _, x := range p.View.Form.Sections {
		sec := reportSection{Section: x, Text: r.Filed.Texts[x.Code]}
		if tb, ok := tables[x.Table]; ok {
			sec.Table = &tb
		}
		p.Sections = append(p.Sections, sec)
	}
	p.Asked = glanceOf(p.View.Form, r.Filed.Figures)
	for _, cell := range p.View.Form.Cells() {
		if _, ok := r.Filed.Typed[cell]; ok {
			p.Typed = append(p.Typed, p.View.Form.Name(cell))
		}
	}
	p.LeftOut = r.Filed.Missing
	if p.Years, err = s.years(ctx, r.Organ, r.Year); err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "report", p)
}

// reportDownload answers GET /reports/{id}/download/{format}: what was filed.
func (s *Face) reportDownload(c echo.Context) error {
	r, err := s.publicReport(c)
	if err != nil {
		return err
	}
	if r.Filed == nil {
		return portal.Missing()
	}
	v, err := s.viewOf(c.Request().Context(), r)
	if err != nil {
		return err
	}
	return page.SendReport(c, v, true, s.OrganName(r.Organ, "zh"), c.Param("format"))
}

// reportSchema answers GET /reports/schema.json: the JSON Schema of a report as JSON.
func (s *Face) reportSchema(c echo.Context) error {
	return c.JSON(http.StatusOK, reports.FormOf(s.Today().Year()).Schema())
}

// comparedPage is what reports_compare.html shows: the organs of a year side by side.
type comparedPage struct {
	page.Base
	Year  int
	Years []int
	Rows  []comparedRow
	CSV   string
}

type comparedRow struct {
	Organ portal.OrganCode
	ID    reports.ReportID
	glance
}

// reportsCompared answers GET /reports/compare.
func (s *Face) reportsCompared(c echo.Context) error {
	ctx, t := c.Request().Context(), page.TextsOf(c)
	all, err := s.Store.Reports.All(ctx, func(r *reports.Report) bool { return r.Filed != nil })
	if err != nil {
		return err
	}
	p := comparedPage{Base: s.Base(c, t.T("report.compare")), Year: page.NumberOf(c, "year"), CSV: page.With(c, "format", "csv")}
	p.Section = "reports"
	for _, r := range all {
		if !slices.Contains(p.Years, r.Year) {
			p.Years = append(p.Years, r.Year)
		}
	}
	slices.SortFunc(p.Years, func(a, b int) int { return b - a })
	if !slices.Contains(p.Years, p.Year) && len(p.Years) > 0 {
		p.Year = p.Years[0]
	}
	for _, r := range all {
		if r.Year == p.Year {
			p.Rows = append(p.Rows, comparedRow{r.Organ, r.ID(), glanceOf(r.Form(), r.Filed.Figures)})
		}
	}
	slices.SortStableFunc(p.Rows, func(a, b comparedRow) int { return int(min(1, max(-1, b.New-a.New))) })
	if c.QueryParam("format") == "csv" {
		rows := [][]string{{t.T("column.organ"), t.T("report.new"), t.T("report.got"), t.T("report.partly"), t.T("report.refused"), t.T("report.handled"), t.T("report.carried"), t.T("report.share"), t.T("report.days")}}
		n := func(n int64) string { return strconv.FormatInt(n, 10) }
		for _, r := range p.Rows {
			rows = append(rows, []string{s.OrganName(r.Organ, t.Lang), n(r.New), n(r.Got), n(r.Partly), n(r.Refused), n(r.Handled), n(r.Carried), n(r.Share), r.Days})
		}
		return page.SendCSV(c, "reports-"+strconv.Itoa(p.Year)+".csv", rows)
	}
	return s.Render(c, http.StatusOK, "reports_compare", p)
}
