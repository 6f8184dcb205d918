package web

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
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
		if k != "page" && k != "lang" && k != "format" && len(v) > 0 && v[0] != "" {
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

// number reads a number of the address; a mistake is -1, which no limit
// lets through.
func number(c echo.Context, name string) int {
	v := c.QueryParam(name)
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		return -1
	}
	return n
}

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
		return s.download(c, s.Store.Browse(b).Rows, c.QueryParam("format"))
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

// download sends a list whole. A cell that a spreadsheet would take for a
// formula is made plain text.
func (s *Server) download(c echo.Context, rows []*portal.Listing, format string) error {
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
			if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
				rec[i] = "'" + v
			}
		}
		_ = w.Write(rec)
	}
	w.Flush()
	c.Response().Header().Set("Content-Disposition", `attachment; filename="catalogue.csv"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", []byte(b.String()))
}

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

// powersPage is what powers.html shows.
type powersPage struct {
	base
	Total  int
	Rows   []powerRow
	Facets []facet
	Pager  pager
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
	from := min((page-1)*size, len(p.Rows))
	p.Rows = p.Rows[from:min(from+size, len(p.Rows))]
	return s.render(c, http.StatusOK, "powers", p)
}

// powerPage is what power.html shows.
type powerPage struct {
	base
	Item *portal.PowerItem
}

func (s *Server) power(c echo.Context) error {
	i, err := s.Store.Power(portal.PowerID(c.Param("id")))
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
	Rows   []*portal.Listing
	Facets []facet
	Pager  pager
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
	return s.render(c, http.StatusOK, "reports", reportsPage{base, list.Rows, s.facetsOf(c, list.Facets, "organ", "year"), pagerOf(c, b.Page, b.Size, list.Total)})
}

// reportPage is what report.html shows.
type reportPage struct {
	base
	Report *portal.Report
	Body   string
}

func (s *Server) report(c echo.Context) error {
	r, err := s.Store.Report(portal.ReportID(c.Param("id")))
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
	Public *portal.PublicAnswer
}

// answer answers GET /answers/{id}: a published answer. An application that
// has none is not there, whatever its number.
func (s *Server) answer(c echo.Context) error {
	a, err := s.Store.Application(portal.ApplicationNumber(c.Param("id")))
	if err != nil {
		return err
	}
	if a.Answer == nil || a.Answer.Public == nil {
		return portal.Missing()
	}
	b := s.base(c, a.Answer.Public.Title)
	return s.render(c, http.StatusOK, "answer", answerPage{b, a.Organ, a.Answer.Public})
}
