package public

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

func (s *Face) sitemap(c echo.Context) error {
	list := s.Store.Browse(portal.Browse{Page: 1, Size: page.MaxSitemap})
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, l := range list.Rows {
		fmt.Fprintf(&b, "<url><loc>%s%s</loc><lastmod>%s</lastmod></url>\n", s.OriginOf(c), s.Address(l.Key), l.ChangedAt.UTC().Format("2006-01-02"))
	}
	b.WriteString("</urlset>\n")
	return c.Blob(http.StatusOK, "application/xml; charset=utf-8", b.Bytes())
}

// homePage is what home.html shows.
type homePage struct {
	page.Base
	Latest  []*portal.Listing
	Reports []*portal.Listing
	Organs  []organCount
	Themes  []page.FacetRow
	Total   int
}

type organCount struct {
	portal.Organ
	N int
}

func (s *Face) home(c echo.Context) error {
	t := page.TextsOf(c)
	b := s.Base(c, t.T("home.title"))
	b.Section, b.Columns = "home", page.Column{Name: t.T("home.title"), Type: "政府信息公开"}
	b.Feeds = s.FeedRefs(c, "")
	docs := s.Store.Browse(portal.Browse{Kind: "document", Page: 1, Size: 8})
	p := homePage{Base: b, Latest: docs.Rows, Total: docs.Total}
	p.Reports = s.Store.Browse(portal.Browse{Kind: "report", Page: 1, Size: 4}).Rows
	counts := make(map[string]int)
	for _, k := range docs.Facets["organ"] {
		counts[k.Code] = k.N
	}
	for _, o := range s.Store.Organs() {
		p.Organs = append(p.Organs, organCount{o, counts[string(o.Code)]})
	}
	for _, k := range docs.Facets["theme"] {
		p.Themes = append(p.Themes, page.FacetRow{Code: k.Code, Label: portal.Themes.NameOf(k.Code, page.LangOf(c)), N: k.N, URL: s.BasePath + "/catalogue?theme=" + k.Code})
	}
	return s.Render(c, http.StatusOK, "home", p)
}

// helpPage is what help.html and help_search.html show.
type helpPage struct {
	page.Base
	Examples []page.Option // of queries, with what they find
}

// helpSearch answers GET /help/search.
func (s *Face) helpSearch(c echo.Context) error {
	t := page.TextsOf(c)
	p := helpPage{Base: s.Base(c, t.T("search.help"))}
	p.Section = "help"
	for _, x := range []string{"quotes", "without", "organ", "theme", "year", "date", "number", "type", "validity", "pinyin"} {
		p.Examples = append(p.Examples, page.Option{Value: t.T("help.query." + x), Label: t.T("help.about." + x)})
	}
	return s.Render(c, http.StatusOK, "help_search", p)
}

func (s *Face) help(c echo.Context) error {
	b := s.Base(c, page.TextsOf(c).T("help.title"))
	b.Section = "help"
	return s.Render(c, http.StatusOK, "help", helpPage{Base: b})
}
