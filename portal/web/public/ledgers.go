package public

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/ledgers"
	"gongkai/portal/web/page"
)

// ledgersPage is what ledgers.html shows.
type ledgersPage struct {
	page.Base
	Rows   []*portal.Listing
	Facets []page.Facet
	Pager  page.Pager
}

// ledgerPage is what ledger.html shows: a table, sorted, with its sums and those of the
// period before.
type ledgerPage struct {
	page.Base
	Ledger  *ledgers.Ledger
	Form    ledgers.Form
	Heads   []ledgerHead
	Rows    [][]string
	Sums    []string
	Before  *ledgers.Ledger // of the period before; nil for none that is public
	Earlier []string        // its sums
	Change  []string        // how much more than before
	CSV     string
}

type ledgerHead struct {
	ledgers.Column
	URL    string // sorted by it
	Sorted string // ascending, descending, none
}

// ledgers answers GET /tables.
func (s *Face) ledgers(c echo.Context) error {
	b, err := page.BrowseOf(c)
	if err != nil {
		return err
	}
	b.Kind = ledgers.Kind.Code
	list := s.Store.Browse(b)
	p := ledgersPage{Base: s.Base(c, page.TextsOf(c).T("ledger.public")), Rows: list.Rows, Facets: s.FacetsOf(c, list.Facets, "organ", "year"), Pager: page.PagerOf(c, b.Page, b.Size, list.Total)}
	p.Section = "catalogue"
	return s.Render(c, http.StatusOK, "ledgers", p)
}

// ledger answers GET /tables/{id}, sorted by a column, or as CSV.
func (s *Face) ledger(c echo.Context) error {
	ctx, t := c.Request().Context(), page.TextsOf(c)
	l, err := s.Store.Ledgers.Get(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if l.Published == 0 {
		return portal.Missing()
	}
	form, _ := ledgers.FormNamed(l.Form)
	p := ledgerPage{Base: s.Base(c, s.OrganName(l.Organ, t.Lang)+"："+l.Title().In(t.Lang)), Ledger: l, Form: form, Rows: slices.Clone(l.Rows), CSV: page.With(c, "format", "csv")}
	p.Section = "catalogue"
	by, down := strings.CutPrefix(c.QueryParam("sort"), "-")
	n := slices.IndexFunc(form.Columns, func(x ledgers.Column) bool { return x.Code == by })
	cell := func(r []string, i int) string {
		if i < len(r) {
			return r[i]
		}
		return ""
	}
	if n >= 0 {
		slices.SortStableFunc(p.Rows, func(a, b []string) int {
			d := strings.Compare(cell(a, n), cell(b, n))
			if form.Columns[n].Figures() {
				x, _ := ledgers.Amount(cell(a, n))
				y, _ := ledgers.Amount(cell(b, n))
				d = int(min(1, max(-1, x-y)))
			}
			if down {
				return -d
			}
			return d
		})
	}
	if c.QueryParam("format") == "csv" {
		out := [][]string{nil}
		for _, x := range form.Columns {
			out[0] = append(out[0], x.Name.In(t.Lang))
		}
		return page.SendCSV(c, l.ID()+".csv", append(out, p.Rows...))
	}
	for i, x := range form.Columns {
		h := ledgerHead{Column: x, URL: page.With(c, "sort", x.Code), Sorted: "none"}
		if i == n {
			h.Sorted = "ascending"
			if down {
				h.Sorted = "descending"
			} else {
				h.URL = page.With(c, "sort", "-"+x.Code)
			}
		}
		p.Heads = append(p.Heads, h)
	}
	for i, r := range p.Rows {
		p.Rows[i] = append(slices.Clone(r), make([]string, len(form.Columns)-len(r))...)
	}
	now := l.Sums()
	p.Sums = written(now, false)
	before := &ledgers.Ledger{Organ: l.Organ, Form: l.Form, Period: ledgers.Before(l.Period)}
	if before, err = s.Store.Ledgers.Get(ctx, before.ID()); err == nil && before.Published != 0 {
		p.Before = before
		old := before.Sums()
		p.Earlier = written(old, false)
		for i := range now {
			if now[i] != nil && old[i] != nil {
				*now[i] -= *old[i]
			}
		}
		p.Change = written(now, true)
	} else if err != nil && portal.KindOf(err) != portal.NotFound {
		return err
	}
	return s.Render(c, http.StatusOK, "ledger", p)
}

func written(sums []*int64, signed bool) []string {
	out := make([]string, len(sums))
	for i, n := range sums {
		if n != nil {
			if out[i] = ledgers.Written(*n); signed && *n > 0 {
				out[i] = "+" + out[i]
			}
		}
	}
	return out
}

// bodiesPage is what bodies.html shows: which public enterprises and institutions
// disclose, and which do not (公共企事业单位, 第五十五条).
type bodiesPage struct {
	page.Base
	Groups                     []bodyGroup
	All, Disclose, Authorities int
}

// bodyGroup is the bodies under an authority.
type bodyGroup struct {
	Authority portal.Organ
	Bodies    []body
	Disclose  int
}

type body struct {
	portal.Organ
	N    int         // documents
	Last portal.Date // when the last was published
}

// bodies answers GET /public-bodies.
func (s *Face) bodies(c echo.Context) error {
	t := page.TextsOf(c)
	p := bodiesPage{Base: s.Base(c, t.T("bodies.title"))}
	p.Section = "organs"
	groups := make(map[portal.OrganCode]*bodyGroup)
	for _, o := range s.Site.Store.Organs() {
		if o.Kind != "institution" {
			continue
		}
		g := groups[o.Parent]
		if g == nil {
			above, _ := s.Site.Store.Organ(o.Parent) // none is shown without a name
			g = &bodyGroup{Authority: above}
			groups[o.Parent] = g
		}
		b := body{Organ: o}
		list := s.Store.Browse(portal.Browse{Kind: documents.Kind.Code, Organ: o.Code, Page: 1, Size: 1})
		b.N = list.Total
		if len(list.Rows) > 0 {
			b.Last = list.Rows[0].Published
			g.Disclose++
			p.Disclose++
		}
		g.Bodies = append(g.Bodies, b)
		p.All++
	}
	for _, g := range groups {
		p.Groups = append(p.Groups, *g)
	}
	slices.SortFunc(p.Groups, func(a, b bodyGroup) int { return strings.Compare(string(a.Authority.Code), string(b.Authority.Code)) })
	p.Authorities = len(p.Groups)
	if c.QueryParam("format") == "csv" {
		rows := [][]string{{t.T("bodies.authority"), t.T("column.organ"), t.T("bodies.count"), t.T("bodies.last")}}
		for _, g := range p.Groups {
			for _, b := range g.Bodies {
				rows = append(rows, []string{g.Authority.Name.In(t.Lang), b.Name.In(t.Lang), strconv.Itoa(b.N), b.Last.String()})
			}
		}
		return page.SendCSV(c, "public-bodies.csv", rows)
	}
	return s.Render(c, http.StatusOK, "bodies", p)
}
