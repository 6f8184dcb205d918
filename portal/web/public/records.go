package public

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/powers"
	"gongkai/portal/web/page"
)

// powersPage is what powers.html shows.
type powersPage struct {
	page.Base
	Total     int
	Rows      []powerRow
	Facets    []page.Facet
	Pager     page.Pager
	Downloads []page.Option
}

type powerRow struct {
	*portal.Listing
	Type string
}

// powers answers GET /powers: the power list (权责清单) by organ and type.
func (s *Face) powers(c echo.Context) error {
	b, err := page.BrowseOf(c)
	if err != nil {
		return err
	}
	b.Kind, b.Genre, b.Sort = "power", c.QueryParam("type"), portal.SortNumber
	t := page.TextsOf(c)
	base := s.Base(c, t.T("powers.title"))
	base.Section, base.Columns = "powers", page.Column{Name: t.T("powers.title"), Type: "机构职能"}
	shown, size := b.Page, 50
	b.Page, b.Size = 1, page.MaxDownload
	b.Genre = ""
	list := s.Store.Browse(b)
	p := powersPage{Base: base}
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
	p.Facets = s.FacetsOf(c, list.Facets, "organ")
	f := page.Facet{Name: "type", Label: t.T("facet.type"), Chosen: want != ""}
	for _, x := range portal.PowerTypes.Terms {
		if n := types[x.Code]; n > 0 {
			r := page.FacetRow{Code: x.Code, Label: portal.Named(x.Name, t.Lang), N: n, Chosen: x.Code == want, URL: page.With(c, "type", x.Code)}
			if r.Chosen {
				r.URL = page.With(c, "type", "")
			}
			f.Rows = append(f.Rows, r)
		}
	}
	p.Facets = append(p.Facets, f)
	p.Pager = page.PagerOf(c, shown, size, p.Total)
	p.Downloads = s.Downloads(c, "power")
	from := min((shown-1)*size, len(p.Rows))
	p.Rows = p.Rows[from:min(from+size, len(p.Rows))]
	return s.Render(c, http.StatusOK, "powers", p)
}

// powerPage is what power.html shows.
type powerPage struct {
	page.Base
	Item *powers.PowerItem
}

func (s *Face) power(c echo.Context) error {
	i, err := s.Store.Powers.Get(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	b := s.Base(c, portal.Named(i.Name, page.LangOf(c)))
	b.Section = "powers"
	return s.Render(c, http.StatusOK, "power", powerPage{b, i})
}

// answerPage is what answer.html shows.
type answerPage struct {
	page.Base
	Organ  portal.OrganCode
	Public *cases.PublicAnswer
}

// answer answers GET /answers/{id}: a published answer. An application that
// has none is not there, whatever its number.
func (s *Face) answer(c echo.Context) error {
	a, err := s.Store.Answers.Application(c.Request().Context(), cases.ApplicationNumber(c.Param("id")))
	if err != nil {
		return err
	}
	if a.Answer != nil && a.Answer.Unpublished != "" {
		t := page.TextsOf(c)
		return s.Render(c, http.StatusGone, "notice", page.NoticePage{Base: s.Base(c, t.T("answer.gone_title")), Text: t.T("answer.gone", "Reason", a.Answer.Unpublished), LinkTo: s.BasePath + "/", Link: t.T("nav.home")})
	}
	if a.Answer == nil || a.Answer.Public == nil {
		return portal.Missing()
	}
	b := s.Base(c, a.Answer.Public.Title)
	return s.Render(c, http.StatusOK, "answer", answerPage{b, a.Organ, a.Answer.Public})
}
