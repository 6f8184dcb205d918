package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
)

// snippetSize is the length of a passage in a list, in characters.
const snippetSize = 130

// result is one hit with what is shown of it.
type result struct {
	*portal.Listing
	URL     string
	Title   string
	Snippet string
	Heading string
	Score   float64
	More    int
}

// searchTime bounds one search; past it, what was found so far is shown.
const searchTime = 3 * time.Second

func queryOf(c echo.Context) (portal.Query, error) {
	q := portal.Query{Text: c.QueryParam("q"), Kind: c.QueryParam("kind"), Organ: portal.OrganCode(c.QueryParam("organ")), Theme: c.QueryParam("theme"),
		Genre: c.QueryParam("genre"), Item: c.QueryParam("item"), Year: number(c, "year"), Validity: c.QueryParam("validity"),
		Sort: c.QueryParam("sort"), Page: number(c, "page"), Size: number(c, "size")}
	return q, q.Validate()
}

// find runs a query and loads what its hits show, from the store: what is
// not public there is not shown, whatever the index says.
func (s *Server) find(ctx context.Context, q portal.Query, lang string) (portal.Found, []result, error) {
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	found, err := s.Search.Find(ctx, q)
	if err != nil {
		return found, nil, err
	}
	keys := make([]portal.Key, len(found.Hits))
	for i, h := range found.Hits {
		keys[i] = h.Key
	}
	passages, err := s.Store.Passages(ctx, found.Hits)
	if err != nil {
		return found, nil, err
	}
	var rows []result
	for i, l := range s.Store.Listings(keys...) {
		if l == nil {
			continue // withdrawn since it was indexed
		}
		r := result{Listing: l, URL: s.address(l.Key), Score: found.Hits[i].Score, More: found.Hits[i].More,
			Title: portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, lang), Heading: portal.Heading(passages[i])}
		text := passages[i]
		if text == "" {
			text = portal.Named(portal.Text{ZH: l.Summary, EN: l.SummaryEN}, lang)
		}
		r.Snippet = portal.Snippet(text, found.Words, snippetSize)
		if r.Heading != "" && strings.TrimSpace(q.Text) != "" {
			r.URL += "?q=" + url.QueryEscape(q.Text) + "#" + url.PathEscape(r.Heading)
		}
		rows = append(rows, r)
	}
	return found, rows, nil
}

// searchPage is what search.html shows.
type searchPage struct {
	base
	Query    portal.Query
	Asked    bool
	Total    int
	Loose    bool
	Building bool
	Down     bool
	Rows     []result
	Words    []string
	Facets   []facet
	Pager    pager
	ByDate   string
	ByScore  string
	Feed     string
	Problem  string
}

// search answers GET /search. When the index is down the page says so and
// leads to the lists, which need none.
func (s *Server) search(c echo.Context) error {
	t := textsOf(c)
	q, err := queryOf(c)
	p := searchPage{base: s.base(c, t.T("search.title")), Query: q, Building: !s.Search.Ready()}
	p.Section, p.base.Search = "search", q.Text
	if err != nil {
		e := visible(err)
		p.Problem = t.Args(e.Problems[0].Key, e.Problems[0].Args)
		return s.render(c, http.StatusUnprocessableEntity, "search", p)
	}
	p.Asked = strings.TrimSpace(q.Text) != "" || q.Filtered()
	if q.Text != "" {
		p.Title = t.T("search.title_for", "Query", q.Text)
	}
	found, rows, err := s.find(c.Request().Context(), q, t.Lang)
	if portal.KindOf(err) == portal.Unavailable {
		s.Log.Error("search is down", "error", err)
		p.Down = true
		return s.render(c, http.StatusServiceUnavailable, "search", p)
	}
	if err != nil {
		return err
	}
	p.Total, p.Rows, p.Words, p.Loose = found.Total, rows, found.Words, found.Loose
	p.Facets = s.facetsOf(c, found.Facets, "kind", "organ", "theme", "year", "validity")
	p.Pager = pagerOf(c, q.Page, q.Size, found.Total)
	p.ByDate, p.ByScore = with(c, "sort", "date"), with(c, "sort", "")
	query := c.QueryParams()
	query.Del("page")
	query.Del("lang")
	p.Feeds = s.feedRefs(c, query.Encode())
	p.Feed = s.BasePath + "/feed.atom?" + query.Encode()
	return s.render(c, http.StatusOK, "search", p)
}

// suggestPart is what the part "suggestions" shows.
type suggestPart struct {
	Rows  []result
	Words []string
}

// suggest answers GET /apply/suggest with documents that are public already
// on what an applicant types.
func (s *Server) suggest(c echo.Context) error {
	q := portal.Query{Text: c.QueryParam("q"), Size: 5}
	if err := q.Validate(); err != nil {
		return err
	}
	var p suggestPart
	if strings.TrimSpace(q.Text) != "" {
		found, rows, err := s.find(c.Request().Context(), q, langOf(c))
		if err != nil {
			return err
		}
		p.Rows, p.Words = rows, found.Words
	}
	var b bytes.Buffer
	if err := s.pages[langOf(c)]["apply"].ExecuteTemplate(&b, "suggestions", p); err != nil {
		return err
	}
	return c.HTMLBlob(http.StatusOK, b.Bytes())
}
