package web

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
)

// organsPage is what organs.html shows.
type organsPage struct {
	base
	Tree []organNode
}

type organNode struct {
	portal.Organ
	N        int
	Children []organNode
}

func (s *Server) organs(c echo.Context) error {
	t := textsOf(c)
	b := s.base(c, t.T("organs.title"))
	b.Section, b.Columns = "organs", column{Name: t.T("organs.title"), Type: "机构职能"}
	counts := make(map[string]int)
	for _, k := range s.Store.Browse(portal.Browse{Kind: "document", Page: 1, Size: 1}).Facets["organ"] {
		counts[k.Code] = k.N
	}
	return s.render(c, http.StatusOK, "organs", organsPage{b, s.tree("", counts)})
}

func (s *Server) tree(parent portal.OrganCode, counts map[string]int) []organNode {
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
	base
	Organ     portal.Organ
	Children  []portal.Organ
	Documents portal.Listed
	Powers    int
	Reports   []*portal.Listing
}

func (s *Server) organ(c echo.Context) error {
	o, err := s.Store.Organ(portal.OrganCode(c.Param("code")))
	if err != nil {
		return err
	}
	b := s.base(c, portal.Named(o.Name, langOf(c)))
	b.Section, b.Columns = "organs", column{Name: b.Title, Type: "概况信息"}
	b.Feeds = s.feedRefs(c, "organ="+url.QueryEscape(string(o.Code)))
	p := organPage{base: b, Organ: o}
	for _, x := range s.Store.Organs() {
		if x.Parent == o.Code {
			p.Children = append(p.Children, x)
		}
	}
	p.Documents = s.Store.Browse(portal.Browse{Kind: "document", Organ: o.Code, Page: 1, Size: 10})
	p.Powers = s.Store.Browse(portal.Browse{Kind: "power", Organ: o.Code, Page: 1, Size: 1}).Total
	p.Reports = s.Store.Browse(portal.Browse{Kind: "report", Organ: o.Code, Page: 1, Size: 20}).Rows
	return s.render(c, http.StatusOK, "organ", p)
}
