package public

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/registers"
	"gongkai/portal/web/page"
)

// followPage is what follow.html shows.
type followPage struct {
	page.Base
	This   *page.Option // what somebody came from: by e-mail
	Organs []page.Option
	Themes []page.Option
	Kinds  []page.Option
	All    []page.FeedRef
	Organ  string
	Theme  string
	Kind   string
}

// follow answers GET /follow: how to be told of what is published, by e-mail first, and by
// feed. With an organ, a theme or a kind it shows the addresses for that.
func (s *Face) follow(c echo.Context) error {
	t := page.TextsOf(c)
	p := followPage{Base: s.Base(c, t.T("follow.title")), Organ: c.QueryParam("organ"), Theme: c.QueryParam("theme"), Kind: c.QueryParam("kind")}
	p.Section = "help"
	p.Organs = s.OrganChoices(t.Lang, nil)
	p.Themes = page.Choices(portal.Themes, t.Lang, "")
	p.Kinds = page.Choices(portal.ContentKinds, t.Lang, "")
	q := url.Values{}
	for name, v := range map[string]string{"organ": p.Organ, "theme": p.Theme, "kind": p.Kind} {
		if v != "" {
			q.Set(name, v)
		}
	}
	p.All = s.FeedRefs(c, q.Encode())
	p.Feeds = p.All
	if len(q) > 0 && s.Alerts != nil {
		p.This = &page.Option{Value: s.BasePath + "/alerts/new?" + q.Encode(), Label: t.T("follow.chosen")}
	}
	if x := s.followed(c, c.QueryParam("path")); x != nil && s.Alerts != nil {
		p.This = x
	}
	return s.Render(c, http.StatusOK, "follow", p)
}

// followed is the alert for the record or the organ whose page a path is: the search that
// finds just that.
func (s *Face) followed(c echo.Context, path string) *page.Option {
	t := page.TextsOf(c)
	if id, ok := strings.CutPrefix(path, "/organs/"); ok {
		if o, err := s.Store.Organ(portal.OrganCode(id)); err == nil {
			return &page.Option{Value: s.BasePath + "/alerts/new?organ=" + url.QueryEscape(id), Label: portal.Named(o.Name, t.Lang)}
		}
		return nil
	}
	l := s.ListedAt(path)
	if l == nil {
		return nil
	}
	q := `"` + l.Title + `"`
	if n := cmp.Or(l.Index, l.Number); n != "" {
		q = "number:" + n
	}
	return &page.Option{Value: s.BasePath + "/alerts/new?" + url.Values{"q": {q}, "kind": {l.Kind}}.Encode(), Label: portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, t.Lang)}
}

// answersPage is what answers.html shows.
type answersPage struct {
	page.Base
	Rows   []*portal.Listing
	Total  int
	Facets []page.Facet
	Pager  page.Pager
}

// answers answers GET /answers: the answers to applications that are public, as a register
// of questions.
func (s *Face) answers(c echo.Context) error {
	b, err := page.BrowseOf(c)
	if err != nil {
		return err
	}
	b.Kind = cases.Kind.Code
	list := s.Store.Browse(b)
	p := answersPage{Base: s.Base(c, page.TextsOf(c).T("answers.title")), Rows: list.Rows, Total: list.Total, Facets: s.FacetsOf(c, list.Facets, "organ", "theme", "year"), Pager: page.PagerOf(c, b.Page, b.Size, list.Total)}
	p.Section = "apply"
	p.Feeds = s.FeedRefs(c, url.Values{"kind": {cases.Kind.Code}}.Encode())
	return s.Render(c, http.StatusOK, "answers", p)
}

// pointsPage is what points.html shows.
type pointsPage struct {
	page.Base
	Points    []*registers.Entry
	Districts []page.FacetRow
	District  string
	Planned   bool // those that are planned
	Open      int
	Coming    int
}

// pointsRegister is the register of enquiry points.
const pointsRegister = "enquiry_points"

// enquiryPoints answers GET /enquiry-points: where government information can be read
// (政府信息查阅场所, 第二十五条). A browser that shares its place has the nearest first.
func (s *Face) enquiryPoints(c echo.Context) error {
	all, err := s.Registers.Store.All(c.Request().Context(), func(e *registers.Entry) bool {
		return e.Register == pointsRegister && e.Public != nil && e.Withdrawn == nil
	})
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	p := pointsPage{Base: s.Base(c, t.T("points.title")), District: c.QueryParam("district"), Planned: c.QueryParam("status") == "planned"}
	p.Section = "help"
	counts := make(map[string]int)
	for _, e := range all {
		v := e.Public.Values
		planned := v["status"] == "planned"
		if planned {
			p.Coming++
		} else {
			p.Open++
		}
		if planned != p.Planned {
			continue
		}
		counts[v["district"]]++
		if p.District == "" || v["district"] == p.District {
			p.Points = append(p.Points, e)
		}
	}
	slices.SortFunc(p.Points, func(a, b *registers.Entry) int {
		x, y := a.Public.Values, b.Public.Values
		return cmp.Or(cmp.Compare(x["district"], y["district"]), cmp.Compare(x["name"], y["name"]))
	})
	for d, n := range counts {
		row := page.FacetRow{Code: d, Label: d, N: n, Chosen: d == p.District, URL: page.With(c, "district", d)}
		if row.Chosen {
			row.URL = page.With(c, "district", "")
		}
		p.Districts = append(p.Districts, row)
	}
	slices.SortFunc(p.Districts, func(a, b page.FacetRow) int { return cmp.Compare(a.Code, b.Code) })
	c.Response().Header().Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(self)")
	return s.Render(c, http.StatusOK, "points", p)
}

// textPage is what about.html shows: a text in both languages out of the messages.
type textPage struct {
	page.Base
	Text string
}

// accessibility answers GET /accessibility: the accessibility statement.
func (s *Face) accessibility(c echo.Context) error {
	t := page.TextsOf(c)
	p := textPage{Base: s.Base(c, t.T("nav.accessibility")), Text: t.T("accessibility.text")}
	p.Section = "help"
	return s.Render(c, http.StatusOK, "about", p)
}

// developers answers GET /developers: what programs can have.
func (s *Face) developers(c echo.Context) error {
	t := page.TextsOf(c)
	p := textPage{Base: s.Base(c, t.T("nav.developers")), Text: t.T("developers.text", "At", s.OriginOf(c)+s.BasePath)}
	p.Section = "help"
	return s.Render(c, http.StatusOK, "about", p)
}

// mapPage is what map.html shows.
type mapPage struct {
	page.Base
	Areas []page.Column
}

// siteMap answers GET /map: every column of the site.
func (s *Face) siteMap(c echo.Context) error {
	p := mapPage{Base: s.Base(c, page.TextsOf(c).T("nav.sitemap")), Areas: page.OwnColumns()}
	p.Section = "help"
	return s.Render(c, http.StatusOK, "map", p)
}
