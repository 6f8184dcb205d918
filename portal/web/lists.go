package web

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/query"
)

// facet is one facet of a list with its values, each an address that
// chooses it, or takes the choice back.
type facet struct {
	Name, Label string
	Rows        []facetRow
	Chosen      bool
}

type facetRow struct {
	Code, Label, URL string
	N                int
	Chosen           bool
}

// pager leads to the pages of a list.
type pager struct {
	Page, Pages    int
	Previous, Next string
}

// with returns the address of the present page with a parameter changed;
// an empty value takes it away. The page goes back to the first.
func with(c echo.Context, name, value string) string {
	q := url.Values{}
	for k, v := range c.QueryParams() {
		if k != "page" && k != "after" && k != "lang" && k != "format" && len(v) > 0 && v[0] != "" {
			q.Set(k, v[0])
		}
	}
	q.Del(name)
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return c.Request().URL.Path
	}
	return c.Request().URL.Path + "?" + q.Encode()
}

func pagerOf(c echo.Context, page, size, total int) pager {
	p := pager{Page: page, Pages: min((total+size-1)/size, portal.MaxPage)}
	if page > 1 {
		p.Previous = with(c, "page", strconv.Itoa(page-1))
	}
	if page < p.Pages {
		p.Next = with(c, "page", strconv.Itoa(page+1))
	}
	return p
}

// maxFacetRows is how many values of a facet a page shows.
const maxFacetRows = 40

// facetsOf makes the facets of a list with links.
func (s *Server) facetsOf(c echo.Context, counts map[string][]portal.Count, names ...string) []facet {
	t := textsOf(c)
	var out []facet
	for _, name := range names {
		chosen := c.QueryParam(name)
		f := facet{Name: name, Label: t.T("facet." + name), Chosen: chosen != ""}
		for _, k := range counts[name] {
			if len(f.Rows) == maxFacetRows && k.Code != chosen {
				continue
			}
			r := facetRow{Code: k.Code, Label: s.facetLabel(name, k.Code, t.Lang), N: k.N, Chosen: k.Code == chosen}
			if r.Chosen {
				r.URL = with(c, name, "")
			} else {
				r.URL = with(c, name, k.Code)
			}
			f.Rows = append(f.Rows, r)
		}
		if len(f.Rows) > 0 {
			out = append(out, f)
		}
	}
	return out
}

func (s *Server) facetLabel(name, code, lang string) string {
	switch name {
	case "organ":
		return s.organName(portal.OrganCode(code), lang)
	case "theme":
		return term(portal.Themes, code, lang)
	case "genre":
		return term(portal.Genres, code, lang)
	case "item":
		return term(portal.Items, code, lang)
	case "validity":
		return term(portal.Validities, code, lang)
	case "kind":
		return term(portal.ContentKinds, code, lang)
	}
	return code
}

func number(c echo.Context, name string) int { return query.NumberParam(c.QueryParam(name)) }

func browseOf(c echo.Context) (portal.Browse, error) {
	b := portal.Browse{Kind: c.QueryParam("kind"), Organ: portal.OrganCode(c.QueryParam("organ")), Theme: c.QueryParam("theme"), Genre: c.QueryParam("genre"),
		Item: c.QueryParam("item"), Validity: c.QueryParam("validity"), Year: number(c, "year"), Sort: c.QueryParam("sort"), Page: number(c, "page"), Size: number(c, "size")}
	return b, b.Validate()
}

// cataloguePage is what catalogue.html shows.
type cataloguePage struct {
	base
	Total  int
	Rows   []*portal.Listing
	Facets []facet
	Pager  pager
	Sorts  []option
	CSV    string
	JSON   string
}

// maxDownload is how many rows a list's download holds at the most.
const maxDownload = 100_000

// catalogue answers GET /catalogue: the disclosure catalogue (信息公开目录)
// as a page, or whole as CSV or JSON.
func (s *Server) catalogue(c echo.Context) error {
	b, err := browseOf(c)
	if err != nil {
		return err
	}
	if b.Kind == "" {
		b.Kind = "document"
	}
	switch c.QueryParam("format") {
	case "csv", "json":
		b.Page, b.Size = 1, maxDownload
		return s.download(c, s.Store.Browse(b).Rows, c.QueryParam("format"), "catalogue.csv")
	}
	t := textsOf(c)
	list := s.Store.Browse(b)
	base := s.base(c, t.T("catalogue.title"))
	base.Section, base.Columns = "catalogue", column{Name: t.T("catalogue.title"), Type: "信息公开目录"}
	base.Feeds = s.feedRefs(c, c.QueryString())
	p := cataloguePage{base: base, Total: list.Total, Rows: list.Rows, Pager: pagerOf(c, b.Page, b.Size, list.Total),
		Facets: s.facetsOf(c, list.Facets, "organ", "theme", "genre", "item", "year", "validity"),
		CSV:    with(c, "format", "csv"), JSON: with(c, "format", "json")}
	for _, o := range []string{"", portal.SortOldest, portal.SortTitle, portal.SortNumber, portal.SortChanged} {
		p.Sorts = append(p.Sorts, option{Value: with(c, "sort", o), Label: t.T("sort." + o + "."), Chosen: b.Sort == o})
	}
	return s.render(c, http.StatusOK, "catalogue", p)
}

// plainCell makes plain text of a cell that a spreadsheet would take for a
// formula.
func plainCell(v string) string {
	if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
		return "'" + v
	}
	return v
}

// download sends a list whole.
func (s *Server) download(c echo.Context, rows []*portal.Listing, format, name string) error {
	if format == "json" {
		out := make([]apiListing, len(rows))
		for i, l := range rows {
			out[i] = s.apiListing(c, l)
		}
		return c.JSON(http.StatusOK, out)
	}
	var b strings.Builder
	b.WriteString("\uFEFF") // so that spreadsheets read it as UTF-8
	w := csv.NewWriter(&b)
	t := textsOf(c)
	head := []string{"index_number", "title", "number", "organ", "formed", "published", "theme", "genre", "item", "validity", "summary", "url"}
	for i, h := range head {
		head[i] = t.T("column." + h)
	}
	_ = w.Write(head) // a strings.Builder does not fail
	for _, l := range rows {
		var organs []string
		for _, o := range l.Organs {
			organs = append(organs, s.organName(o, t.Lang))
		}
		rec := []string{l.Index, portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, t.Lang), l.Number, strings.Join(organs, "；"), l.Formed.String(), l.Published.String(),
			term(portal.Themes, l.Theme, t.Lang), term(portal.Genres, l.Genre, t.Lang), term(portal.Items, l.Item, t.Lang), term(portal.Validities, l.Validity, t.Lang),
			portal.Named(portal.Text{ZH: l.Summary, EN: l.SummaryEN}, t.Lang), s.origin(c) + s.address(l.Key)}
		for i, v := range rec {
			rec[i] = plainCell(v)
		}
		_ = w.Write(rec)
	}
	w.Flush()
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", []byte(b.String()))
}

// downloads are the addresses at which a list of a kind can be had whole,
// with the organ and the year that are chosen.
func (s *Server) downloads(c echo.Context, kind string) []option {
	q := url.Values{"kind": {kind}}
	for _, name := range []string{"organ", "year"} {
		if v := c.QueryParam(name); v != "" {
			q.Set(name, v)
		}
	}
	var out []option
	for _, f := range []string{"csv", "json"} {
		q.Set("format", f)
		out = append(out, option{Value: s.BasePath + "/catalogue?" + q.Encode(), Label: strings.ToUpper(f)})
	}
	return out
}
