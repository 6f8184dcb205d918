package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/powers"
	"gongkai/portal/reports"
)

// powersPage is what powers.html shows.
type powersPage struct {
	base
	Total     int
	Rows      []powerRow
	Facets    []facet
	Pager     pager
	Downloads []option
}

type powerRow struct {
	*portal.Listing
	Type string
}

// powers answers GET /powers: the power list (权责清单) by organ and type.
func (s *Server) powers(c echo.Context) error {
	b, err := browseOf(c)
	if err != nil {
		return err
	}
	b.Kind, b.Genre, b.Sort = "power", c.QueryParam("type"), portal.SortNumber
	t := textsOf(c)
	base := s.base(c, t.T("powers.title"))
	base.Section, base.Columns = "powers", column{Name: t.T("powers.title"), Type: "机构职能"}
	page, size := b.Page, 50
	b.Page, b.Size = 1, maxDownload
	b.Genre = ""
	list := s.Store.Browse(b)
	p := powersPage{base: base}
	types := make(map[string]int)
	want := c.QueryParam("type")
	for _, l := range list.Rows {
		code := portal.PowerTypes.Find(strings.Join(l.Keywords, ""))
		types[code]++
		if want == "" || want == code {
			p.Rows = append(p.Rows, powerRow{l, code})
		}
	}
	p.Total = len(p.Rows)
	p.Facets = s.facetsOf(c, list.Facets, "organ")
	f := facet{Name: "type", Label: t.T("facet.type"), Chosen: want != ""}
	for _, x := range portal.PowerTypes.Terms {
		if n := types[x.Code]; n > 0 {
			r := facetRow{Code: x.Code, Label: portal.Named(x.Name, t.Lang), N: n, Chosen: x.Code == want, URL: with(c, "type", x.Code)}
			if r.Chosen {
				r.URL = with(c, "type", "")
			}
			f.Rows = append(f.Rows, r)
		}
	}
	p.Facets = append(p.Facets, f)
	p.Pager = pagerOf(c, page, size, p.Total)
	p.Downloads = s.downloads(c, "power")
	from := min((page-1)*size, len(p.Rows))
	p.Rows = p.Rows[from:min(from+size, len(p.Rows))]
	return s.render(c, http.StatusOK, "powers", p)
}

// powerPage is what power.html shows.
type powerPage struct {
	base
	Item *powers.PowerItem
}

func (s *Server) power(c echo.Context) error {
	i, err := s.Store.Power(powers.PowerID(c.Param("id")))
	if err != nil {
		return err
	}
	b := s.base(c, portal.Named(i.Name, langOf(c)))
	b.Section = "powers"
	return s.render(c, http.StatusOK, "power", powerPage{b, i})
}

// reportsPage is what reports.html shows.
type reportsPage struct {
	base
	Rows      []*portal.Listing
	Facets    []facet
	Pager     pager
	Downloads []option
}

func (s *Server) reports(c echo.Context) error {
	b, err := browseOf(c)
	if err != nil {
		return err
	}
	b.Kind, b.Size = "report", 50
	t := textsOf(c)
	base := s.base(c, t.T("reports.title"))
	base.Section, base.Columns = "reports", column{Name: t.T("reports.title"), Type: "信息公开年报"}
	list := s.Store.Browse(b)
	return s.render(c, http.StatusOK, "reports", reportsPage{base, list.Rows, s.facetsOf(c, list.Facets, "organ", "year"), pagerOf(c, b.Page, b.Size, list.Total), s.downloads(c, "report")})
}

// reportPage is what report.html shows.
type reportPage struct {
	base
	Report *reports.Report
	Body   string
}

func (s *Server) report(c echo.Context) error {
	r, err := s.Store.Report(reports.ReportID(c.Param("id")))
	if err != nil {
		return err
	}
	b := s.base(c, portal.Named(r.Title, langOf(c)))
	b.Section = "reports"
	b.Columns = column{Name: textsOf(c).T("reports.title"), Type: "信息公开年报", ArticleTitle: r.Title.ZH, PubDate: r.Published.String() + " 00:00", ContentSource: s.organName(r.Organ, "zh")}
	return s.render(c, http.StatusOK, "report", reportPage{b, r, portal.Named(portal.Text{ZH: r.Body, EN: r.BodyEN}, langOf(c))})
}

// answerPage is what answer.html shows.
type answerPage struct {
	base
	Organ  portal.OrganCode
	Public *cases.PublicAnswer
}

// answer answers GET /answers/{id}: a published answer. An application that
// has none is not there, whatever its number.
func (s *Server) answer(c echo.Context) error {
	a, err := s.Store.Application(cases.ApplicationNumber(c.Param("id")))
	if err != nil {
		return err
	}
	if a.Answer != nil && a.Answer.Unpublished != "" {
		t := textsOf(c)
		return s.render(c, http.StatusGone, "notice", noticePage{base: s.base(c, t.T("answer.gone_title")), Text: t.T("answer.gone", "Reason", a.Answer.Unpublished), LinkTo: s.BasePath + "/", Link: t.T("nav.home")})
	}
	if a.Answer == nil || a.Answer.Public == nil {
		return portal.Missing()
	}
	b := s.base(c, a.Answer.Public.Title)
	return s.render(c, http.StatusOK, "answer", answerPage{b, a.Organ, a.Answer.Public})
}
