package public

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// cataloguePage is what catalogue.html shows.
type cataloguePage struct {
	page.Base
	Total  int
	Rows   []*portal.Listing
	Facets []page.Facet
	Pager  page.Pager
	Sorts  []page.Option
	CSV    string
	JSON   string
}

// catalogue answers GET /catalogue: the disclosure catalogue (信息公开目录)
// as a page, or whole as CSV or JSON.
func (s *Face) catalogue(c echo.Context) error {
	b, err := page.BrowseOf(c)
	if err != nil {
		return err
	}
	if b.Kind == "" {
		b.Kind = "document"
	}
	switch c.QueryParam("format") {
	case "csv", "json":
		b.Page, b.Size = 1, page.MaxDownload
		return s.Download(c, s.Store.Browse(b).Rows, c.QueryParam("format"), "catalogue.csv")
	}
	t := page.TextsOf(c)
	list := s.Store.Browse(b)
	base := s.Base(c, t.T("catalogue.title"))
	base.Section = "catalogue"
	base.Feeds = s.FeedRefs(c, c.QueryString())
	p := cataloguePage{Base: base, Total: list.Total, Rows: list.Rows, Pager: page.PagerOf(c, b.Page, b.Size, list.Total),
		Facets: s.FacetsOf(c, list.Facets, "organ", "theme", "genre", "item", "year", "validity"),
		CSV:    page.With(c, "format", "csv"), JSON: page.With(c, "format", "json")}
	for _, o := range []string{"", portal.SortOldest, portal.SortTitle, portal.SortNumber, portal.SortChanged} {
		p.Sorts = append(p.Sorts, page.Option{Value: page.With(c, "sort", o), Label: t.T("sort." + o + "."), Chosen: b.Sort == o})
	}
	return s.Render(c, http.StatusOK, "catalogue", p)
}
