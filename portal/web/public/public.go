package public

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// sitemapFiles is how many addresses a file of the sitemap holds: the most that
// sitemaps.org allows.
const sitemapFiles = page.MaxSitemap

// sitemap answers GET /sitemap.xml: the index of the sitemap's files, each with when what
// it lists last changed.
func (s *Face) sitemap(c echo.Context) error {
	rows := s.Store.Browse(portal.Browse{Sort: portal.SortNumber, Page: 1, Size: portal.Everything}).Rows
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	at := s.OriginOf(c) + s.BasePath + "/sitemap/"
	fmt.Fprintf(&b, "<sitemap><loc>%scolumns.xml</loc></sitemap>\n", at)
	for i := 0; i*sitemapFiles < len(rows); i++ {
		var last time.Time
		for _, l := range rows[i*sitemapFiles : min(len(rows), (i+1)*sitemapFiles)] {
			if l.ChangedAt.After(last) {
				last = l.ChangedAt
			}
		}
		fmt.Fprintf(&b, "<sitemap><loc>%s%d.xml</loc><lastmod>%s</lastmod></sitemap>\n", at, i+1, last.UTC().Format(time.RFC3339))
	}
	b.WriteString("</sitemapindex>\n")
	return c.Blob(http.StatusOK, "application/xml; charset=utf-8", b.Bytes())
}

// sitemapPart answers GET /sitemap/{n}.xml: a file of the sitemap; columns.xml has the
// columns and organs.
func (s *Face) sitemapPart(c echo.Context) error {
	name, ok := strings.CutSuffix(c.Param("n"), ".xml")
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	switch n, err := strconv.Atoi(name); {
	case ok && name == "columns":
		for _, x := range page.OwnColumns() {
			fmt.Fprintf(&b, "<url><loc>%s</loc></url>\n", s.OriginOf(c)+s.BasePath+x.Path)
		}
		for _, o := range s.Store.Organs() {
			fmt.Fprintf(&b, "<url><loc>%s/organs/%s</loc></url>\n", s.OriginOf(c)+s.BasePath, url.PathEscape(string(o.Code)))
		}
	case ok && err == nil && n > 0:
		rows := s.Store.Browse(portal.Browse{Sort: portal.SortNumber, Page: 1, Size: portal.Everything}).Rows
		from := (n - 1) * sitemapFiles
		if from >= len(rows) {
			return portal.Missing()
		}
		for _, l := range rows[from:min(len(rows), n*sitemapFiles)] {
			fmt.Fprintf(&b, "<url><loc>%s%s</loc><lastmod>%s</lastmod></url>\n", s.OriginOf(c), s.Address(l.Key), l.ChangedAt.UTC().Format(time.RFC3339))
		}
	default:
		return portal.Missing()
	}
	b.WriteString("</urlset>\n")
	return c.Blob(http.StatusOK, "application/xml; charset=utf-8", b.Bytes())
}

// homePage is what home.html shows.
type homePage struct {
	page.Base
	Latest    []*portal.Listing
	Organs    []organCount
	Themes    []page.FacetRow
	Tasks     []page.Option
	Total     int
	Year      int
	Published int
	Chart     *page.Chart
	homePace
}

// homePace is how fast applications were answered this year.
type homePace struct{ Received, Answered, InTime, Days, Overdue int }

type organCount struct {
	portal.Organ
	N int
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// Rows of the lists on the first page.
const (
	homeTasks  = 5
	homeLatest = 8
	homeSide   = 8
)

func (s *Face) home(c echo.Context) error {
	t := page.TextsOf(c)
	b := s.Base(c, t.T("home.title"))
	b.Section, b.Feeds = "home", s.FeedRefs(c, "")
	docs := s.Store.Browse(portal.Browse{Kind: "document", Page: 1, Size: homeLatest})
	p := homePage{Base: b, Latest: docs.Rows, Total: docs.Total, Year: s.yesterday().Year()}
	for _, k := range docs.Facets["organ"][:min(homeSide, len(docs.Facets["organ"]))] {
		if o, err := s.Store.Organ(portal.OrganCode(k.Code)); err == nil {
			p.Organs = append(p.Organs, organCount{o, k.N})
		}
	}
	for _, k := range docs.Facets["theme"][:min(homeSide, len(docs.Facets["theme"]))] {
		p.Themes = append(p.Themes, page.FacetRow{Code: k.Code, Label: portal.Themes.NameOf(k.Code, t.Lang), N: k.N, URL: s.BasePath + "/catalogue?theme=" + k.Code})
	}
	// What many others searched comes first, where they did it in the reader's language.
	words := slices.DeleteFunc(s.Searches.Often("", homeTasks), func(q string) bool { return t.Lang == "zh" != strings.ContainsFunc(q, isHan) })
	for _, task := range []string{"permit", "benefit", "fund", "school", "budget"} {
		words = append(words, t.T("home.task."+task))
	}
	for _, q := range words[:homeTasks] {
		p.Tasks = append(p.Tasks, page.Option{Value: s.BasePath + "/search?q=" + url.QueryEscape(q), Label: q})
	}
	p.Published = s.Store.Browse(portal.Browse{Kind: "document", Year: p.Year, Page: 1, Size: 1}).Total
	st, err := s.pace(p.Year)
	if err != nil {
		return err
	}
	chart := s.applicationsChart(page.TextsOf(c), p.Year, st)
	p.Chart = &chart
	p.homePace = homePace{st.New, st.Answered, percent(st.InTime, st.Answered), st.Median(), st.Overdue}
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
