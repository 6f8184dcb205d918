package page

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/query"
)

// Facet is one facet of a list with its values, each an address that
// chooses it, or takes the choice back.
type Facet struct {
	Name, Label string
	Rows        []FacetRow
	Chosen      bool
}

type FacetRow struct {
	Code, Label, URL string
	N                int
	Chosen           bool
}

// Pager leads to the pages of a list.
type Pager struct {
	Page, Pages    int
	Previous, Next string
}

// With returns the address of the present page with a parameter changed;
// an empty value takes it away. The page goes back to the first.
func With(c echo.Context, name, value string) string {
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

func PagerOf(c echo.Context, page, size, total int) Pager {
	p := Pager{Page: page, Pages: min((total+size-1)/size, portal.MaxPage)}
	if page > 1 {
		p.Previous = With(c, "page", strconv.Itoa(page-1))
	}
	if page < p.Pages {
		p.Next = With(c, "page", strconv.Itoa(page+1))
	}
	return p
}

// maxFacetRows is how many values of a facet a page shows.
const maxFacetRows = 40

// FacetsOf makes the facets of a list with links.
func (s *Site) FacetsOf(c echo.Context, counts map[string][]portal.Count, names ...string) []Facet {
	t := TextsOf(c)
	var out []Facet
	for _, name := range names {
		chosen := c.QueryParam(name)
		f := Facet{Name: name, Label: t.T("facet." + name), Chosen: chosen != ""}
		for _, k := range counts[name] {
			if len(f.Rows) == maxFacetRows && k.Code != chosen {
				continue
			}
			r := FacetRow{Code: k.Code, Label: s.facetLabel(name, k.Code, t.Lang), N: k.N, Chosen: k.Code == chosen}
			if r.Chosen {
				r.URL = With(c, name, "")
			} else {
				r.URL = With(c, name, k.Code)
			}
			f.Rows = append(f.Rows, r)
		}
		if len(f.Rows) > 0 {
			out = append(out, f)
		}
	}
	return out
}

func (s *Site) facetLabel(name, code, lang string) string {
	switch name {
	case "organ":
		return s.OrganName(portal.OrganCode(code), lang)
	case "theme":
		return portal.Themes.NameOf(code, lang)
	case "genre":
		return portal.Genres.NameOf(code, lang)
	case "item":
		return portal.Items.NameOf(code, lang)
	case "validity":
		return portal.Validities.NameOf(code, lang)
	case "type":
		return portal.PowerTypes.NameOf(code, lang)
	case "audience":
		return portal.PowerObjects.NameOf(code, lang)
	case "topic":
		return portal.PowerTopics.NameOf(code, lang)
	case "kind":
		return portal.ContentKinds.NameOf(code, lang)
	}
	return code
}

func NumberOf(c echo.Context, name string) int { return query.NumberParam(c.QueryParam(name)) }

func BrowseOf(c echo.Context) (portal.Browse, error) {
	b := portal.Browse{Kind: c.QueryParam("kind"), Organ: portal.OrganCode(c.QueryParam("organ")), Theme: c.QueryParam("theme"), Genre: c.QueryParam("genre"),
		Item: c.QueryParam("item"), Audience: c.QueryParam("audience"), Topic: c.QueryParam("topic"), Validity: c.QueryParam("validity"), Year: NumberOf(c, "year"), Sort: c.QueryParam("sort"), Page: NumberOf(c, "page"), Size: NumberOf(c, "size")}
	return b, b.Validate()
}

// PlainCell makes plain text of a cell that a spreadsheet would take for a
// formula.
func PlainCell(v string) string {
	if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
		return "'" + v
	}
	return v
}

// Download sends a list whole.
func (s *Site) Download(c echo.Context, rows []*portal.Listing, format, name string) error {
	if format == "json" {
		out := make([]ApiListing, len(rows))
		for i, l := range rows {
			out[i] = s.ApiListing(c, l)
		}
		return c.JSON(http.StatusOK, out)
	}
	t := TextsOf(c)
	head := []string{"index_number", "title", "number", "organ", "formed", "published", "theme", "genre", "item", "validity", "summary", "url"}
	for i, h := range head {
		head[i] = t.T("column." + h)
	}
	table := [][]string{head}
	for _, l := range rows {
		var organs []string
		for _, o := range l.Organs {
			organs = append(organs, s.OrganName(o, t.Lang))
		}
		table = append(table, []string{l.Index, portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, t.Lang), l.Number, strings.Join(organs, "；"), l.Formed.String(), l.Published.String(),
			portal.Themes.NameOf(l.Theme, t.Lang), portal.Genres.NameOf(l.Genre, t.Lang), portal.Items.NameOf(l.Item, t.Lang), portal.Validities.NameOf(l.Validity, t.Lang),
			portal.Named(portal.Text{ZH: l.Summary, EN: l.SummaryEN}, t.Lang), s.OriginOf(c) + s.Address(l.Key)})
	}
	return SendCSV(c, name, table)
}

// SendCSV sends a table as a file that spreadsheets open.
func SendCSV(c echo.Context, name string, table [][]string) error {
	var b strings.Builder
	b.WriteString("\uFEFF") // so that spreadsheets read it as UTF-8
	w := csv.NewWriter(&b)
	for _, row := range table {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = PlainCell(v)
		}
		_ = w.Write(cells) // a strings.Builder does not fail
	}
	w.Flush()
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", []byte(b.String()))
}

// Downloads are the addresses at which a list of a kind can be had whole,
// with the organ and the year that are chosen.
func (s *Site) Downloads(c echo.Context, kind string) []Option {
	q := url.Values{"kind": {kind}}
	for _, name := range []string{"organ", "year"} {
		if v := c.QueryParam(name); v != "" {
			q.Set(name, v)
		}
	}
	var out []Option
	for _, f := range []string{"csv", "json"} {
		q.Set("format", f)
		out = append(out, Option{Value: s.BasePath + "/catalogue?" + q.Encode(), Label: strings.ToUpper(f)})
	}
	return out
}

// MaxDownload is how many rows a list's download holds at the most.
const MaxDownload = 100_000

// ApiListing is one document of GET /api/v1/documents and of a list's
// download.
type ApiListing struct {
	ID          string   `json:"id"`
	IndexNumber string   `json:"index_number"`
	Kind        string   `json:"kind"`
	URL         string   `json:"url"`
	Title       string   `json:"title"`
	TitleEN     string   `json:"title_en,omitempty"`
	Number      string   `json:"number,omitempty"`
	Organs      []string `json:"organs"`
	Formed      string   `json:"formed,omitempty"`
	Published   string   `json:"published"`
	Theme       string   `json:"theme,omitempty"`
	Genre       string   `json:"genre,omitempty"`
	Item        string   `json:"item,omitempty"`
	Validity    string   `json:"validity,omitempty"`
	Keywords    []string `json:"keywords,omitempty"`
	Summary     string   `json:"summary,omitempty"`
	Version     int      `json:"version"`
	Changed     string   `json:"changed"`
}

func (s *Site) ApiListing(c echo.Context, l *portal.Listing) ApiListing {
	return s.Described(s.OriginOf(c), l)
}

// Described is a record for programs, with its address below an origin.
func (s *Site) Described(origin string, l *portal.Listing) ApiListing {
	a := ApiListing{ID: l.ID, IndexNumber: l.Index, Kind: l.Kind, URL: origin + s.Address(l.Key), Title: l.Title, TitleEN: l.TitleEN, Number: l.Number,
		Formed: l.Formed.String(), Published: l.Published.String(), Theme: l.Theme, Genre: l.Genre, Item: l.Item, Validity: l.Validity, Keywords: l.Keywords,
		Summary: l.Summary, Version: l.Version, Changed: l.ChangedAt.UTC().Format(time.RFC3339)}
	for _, o := range l.Organs {
		a.Organs = append(a.Organs, string(o))
	}
	return a
}

// MaxSitemap is the most addresses that one sitemap may hold.
const MaxSitemap = 50000

// WorkRows is the number of cases on a page of the work list.
const WorkRows = 50
