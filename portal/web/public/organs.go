package public

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// organsPage is what organs.html shows.
type organsPage struct {
	page.Base
	Tree []organNode
}

type organNode struct {
	portal.Organ
	N        int
	Children []organNode
}

func (s *Face) organs(c echo.Context) error {
	t := page.TextsOf(c)
	b := s.Base(c, t.T("organs.title"))
	b.Section = "organs"
	counts := make(map[string]int)
	for _, k := range s.Store.Browse(portal.Browse{Kind: "document", Page: 1, Size: 1}).Facets["organ"] {
		counts[k.Code] = k.N
	}
	return s.Render(c, http.StatusOK, "organs", organsPage{b, s.tree("", counts)})
}

func (s *Face) tree(parent portal.OrganCode, counts map[string]int) []organNode {
	var out []organNode
	for _, o := range s.Store.Organs() {
		if o.Parent == parent {
			out = append(out, organNode{o, counts[string(o.Code)], s.tree(o.Code, counts)})
		}
	}
	return out
}

// organPage is what organ.html shows.
type organPage struct {
	page.Base
	Organ     portal.Organ
	Children  []portal.Organ
	Formerly  []portal.Organ // that became part of it
	Documents portal.Listed
	Powers    int
	Reports   []*portal.Listing
}

func (s *Face) organ(c echo.Context) error {
	o, err := s.Store.Organ(portal.OrganCode(c.Param("code")))
	if err != nil {
		return err
	}
	if next, err := s.Store.Organ(o.Successor); o.Successor != "" && err == nil && c.QueryParam("old") == "" {
		return c.Redirect(http.StatusMovedPermanently, s.BasePath+"/organs/"+string(next.Code)+"?from="+url.QueryEscape(string(o.Code)))
	}
	b := s.Base(c, portal.Named(o.Name, page.LangOf(c)))
	b.Section = "organs"
	b.Feeds = s.FeedRefs(c, "organ="+url.QueryEscape(string(o.Code)))
	p := organPage{Base: b, Organ: o}
	for _, x := range s.Store.Organs() {
		if x.Successor == o.Code {
			p.Formerly = append(p.Formerly, x)
		}
		if x.Parent == o.Code {
			p.Children = append(p.Children, x)
		}
	}
	p.Documents = s.Store.Browse(portal.Browse{Kind: "document", Organ: o.Code, Page: 1, Size: 10})
	p.Powers = s.Store.Browse(portal.Browse{Kind: "power", Organ: o.Code, Page: 1, Size: 1}).Total
	p.Reports = s.Store.Browse(portal.Browse{Kind: "report", Organ: o.Code, Page: 1, Size: 20}).Rows
	return s.Render(c, http.StatusOK, "organ", p)
}
