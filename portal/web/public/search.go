package public

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/portal/web/page"
)

// searchPage is what search.html shows.
type searchPage struct {
	page.Base
	Query     query.Query
	Asked     bool
	Total     int
	Loose     bool
	Partial   bool
	Near      bool // nothing was found; the rows are near it
	Building  bool
	Down      bool
	Corrected string
	Verbatim  string // address of the same search without the correction
	Meant     string
	MeantURL  string
	Tried     []page.Option // what others who found nothing searched next
	Operators []string      // that were understood
	Rows      []page.Result
	Words     []string
	Kinds     *page.Facet
	Facets    []page.Facet
	Pager     page.Pager
	ByDate    string
	ByScore   string
	Feed      string
	CSV       string
	Alert     string
	Problem   string
}

// nearRows is how many rows are offered where nothing was found.
const nearRows = 5

// search answers GET /search, or with format=csv the whole result as a table.
// When the index is down the page says so and leads to the lists, which need
// none.
func (s *Face) search(c echo.Context) error {
	t := page.TextsOf(c)
	q, err := s.QueryOf(c)
	if err == nil && c.QueryParam("format") == "csv" {
		if !s.Within(c, "csv", 12) {
			return s.TooOften(c)
		}
		return s.searchCSV(c, q)
	}
	p := searchPage{Base: s.Base(c, t.T("search.title")), Query: q, Building: !s.Search.Ready()}
	p.Section, p.Base.Search = "search", q.Text
	if err != nil {
		e := page.Visible(err)
		p.Problem = t.Args(e.Problems[0].Key, e.Problems[0].Args)
		return s.Render(c, http.StatusUnprocessableEntity, "search", p)
	}
	p.Asked = strings.TrimSpace(q.Text) != "" || q.Filtered()
	if q.Text != "" {
		p.Title = t.T("search.title_for", "Query", q.Text)
	}
	found, rows, err := s.Find(c.Request().Context(), q, t.Lang)
	if portal.KindOf(err) == portal.Unavailable {
		s.Log.Error("search is down", "error", err)
		p.Down = true
		return s.Render(c, http.StatusServiceUnavailable, "search", p)
	}
	if err != nil {
		return err
	}
	if q.Page == 1 && q.After == "" {
		total := found.Total
		if found.Corrected != "" || found.Near {
			total = 0 // what was typed found nothing
		}
		page.Count(c, func(visitor string) { s.Searches.Searched(q.Text, visitor, total) })
	}
	if found.Near {
		for _, next := range s.Searches.Next(q.Text) {
			p.Tried = append(p.Tried, page.Option{Value: page.With(c, "q", next), Label: next})
		}
	}
	if found.Partial || found.Near || p.Building { // others may see another
		page.Passing(c)
	}
	p.Total, p.Rows, p.Words, p.Loose, p.Partial, p.Near = found.Total, rows, found.Words, found.Loose, found.Partial, found.Near
	p.Operators = q.FromOperators().Filters(t.Lang, s.OrganIn(t.Lang))
	if p.Corrected = found.Corrected; p.Corrected != "" {
		p.Verbatim = page.With(c, "exact", "1")
	}
	if p.Meant = found.Meant; p.Meant != "" {
		p.MeantURL = page.With(c, "q", found.Meant)
	}
	for _, f := range s.FacetsOf(c, found.Facets, "kind", "organ", "theme", "year", "validity") {
		if f.Name == "kind" {
			p.Kinds = &f
		} else {
			p.Facets = append(p.Facets, f)
		}
	}
	p.Pager = page.PagerOf(c, q.Page, q.Size, found.Total)
	if p.Near { // no list to walk through
		p.Rows, p.Kinds, p.Facets, p.Pager, found.Next = rows[:min(nearRows, len(rows))], nil, nil, page.Pager{}, ""
	}
	if found.Next != "" { // further pages cost no more than the first
		p.Pager.Next = page.With(c, "page", strconv.Itoa(q.Page+1)) + "&after=" + found.Next
	} else {
		p.Pager.Next = ""
	}
	p.ByDate, p.ByScore = page.With(c, "sort", "date"), page.With(c, "sort", "")
	p.CSV = page.With(c, "format", "csv")
	saved := page.SavedParams(c.QueryParams())
	p.Feeds = s.FeedRefs(c, saved.Encode())
	p.Feed = s.BasePath + "/feed.atom?" + saved.Encode()
	if s.Alerts != nil && p.Asked {
		p.Alert = s.BasePath + "/alerts/new?" + saved.Encode()
	}
	return s.Render(c, http.StatusOK, "search", p)
}

// searchCSV sends a whole result, up to a limit, as a table.
func (s *Face) searchCSV(c echo.Context, q query.Query) error {
	q.Page, q.After, q.Size = 1, "", query.MaxExport
	ctx, cancel := context.WithTimeout(c.Request().Context(), page.SearchTime)
	defer cancel()
	found, err := s.Search.Find(ctx, q)
	if err != nil {
		return err
	}
	rows := slices.DeleteFunc(s.Store.Listings(page.KeysOf(found)...), func(l *portal.Listing) bool { return l == nil })
	return s.Download(c, rows, "csv", "search.csv")
}

// opened counts that a record was opened from a search.
func (s *Face) opened(kind string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			k := portal.Key{Kind: kind, ID: c.Param("id")}
			if q := c.QueryParam("q"); q != "" && len(q) <= 4*query.MaxQuery && s.Store.Listings(k)[0] != nil {
				s.Searches.Opened(q, k)
			}
			return next(c)
		}
	}
}

// completions is what GET /search/suggest answers: completions of what is typed.
type completions struct {
	Words   []string     `json:"words"` // searched often by others
	Organs  []completion `json:"organs"`
	Records []completion `json:"records"`
}

type completion struct {
	Name string `json:"name"`
	Kind string `json:"kind,omitempty"`
	URL  string `json:"url"`
}

// Numbers of completions.
const (
	typedWords   = 3
	typedOrgans  = 2
	typedRecords = 6
)

// searchSuggest answers GET /search/suggest at each key.
func (s *Face) searchSuggest(c echo.Context) error {
	t, text := page.TextsOf(c), strings.TrimSpace(c.QueryParam("q"))
	out := completions{Words: []string{}, Organs: []completion{}, Records: []completion{}}
	if text == "" || len(text) > query.MaxQuery {
		return c.JSON(http.StatusOK, out)
	}
	out.Words = append(out.Words, s.Searches.Often(text, typedWords)...)
	for _, code := range s.Search.SuggestOrgans(text, typedOrgans) {
		out.Organs = append(out.Organs, completion{Name: s.OrganName(code, t.Lang), Kind: t.T("facet.organ"), URL: s.BasePath + "/organs/" + string(code)})
	}
	keys, err := s.Search.Suggest(c.Request().Context(), text, typedRecords)
	if err != nil {
		return err
	}
	for _, l := range s.Store.Listings(keys...) {
		if l != nil {
			out.Records = append(out.Records, completion{Name: portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, t.Lang), Kind: portal.ContentKinds.NameOf(l.Kind, t.Lang), URL: s.Address(l.Key)})
		}
	}
	return c.JSON(http.StatusOK, out)
}

// suggestPart is what the part "suggestions" shows.
type suggestPart struct {
	Rows  []page.Result
	Words []string
}

// suggest answers GET /apply/suggest with documents that are public already
// on what an applicant types.
func (s *Face) suggest(c echo.Context) error {
	q := query.Query{Text: c.QueryParam("q"), Size: 5}
	if err := q.Validate(); err != nil {
		return err
	}
	var p suggestPart
	if strings.TrimSpace(q.Text) != "" {
		found, rows, err := s.Find(c.Request().Context(), q, page.LangOf(c))
		if err != nil {
			return err
		}
		p.Rows, p.Words = rows, found.Words
	}
	return s.RenderPart(c, "apply", "suggestions", p)
}
