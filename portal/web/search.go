package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/query"
	"gongkai/portal/text"
)

// snippetSize is the length of a passage in a list, in characters.
const snippetSize = 130

// result is one hit with what is shown of it.
type result struct {
	*portal.Listing
	URL     string
	Title   string
	Text    string // of the passage, whole
	Snippet string
	Heading string
	Page    int    // of a PDF
	File    string // name of the attachment with the passage
	Score   float64
	More    int
	Bet     bool
	Why     []query.Reason
}

// searchTime bounds one search; past it, what was found so far is shown.
const searchTime = 3 * time.Second

func queryOf(c echo.Context) (query.Query, error) { return query.QueryFrom(c.QueryParams()) }

// find runs a query and loads what its hits show, from the store: what is
// not public there is not shown, whatever the index says.
func (s *Server) find(ctx context.Context, q query.Query, lang string) (query.Found, []result, error) {
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	found, err := s.Search.Find(ctx, q)
	if err != nil {
		return found, nil, err
	}
	rows, err := s.results(ctx, q, found, lang)
	return found, rows, err
}

func (s *Server) results(ctx context.Context, q query.Query, found query.Found, lang string) ([]result, error) {
	passages, err := s.Store.Passages(ctx, found.Hits)
	if err != nil {
		return nil, err
	}
	var rows []result
	for i, l := range s.Store.Listings(keysOf(found)...) {
		if l == nil {
			continue // withdrawn since it was indexed
		}
		h, p := found.Hits[i], passages[i]
		r := result{Listing: l, URL: s.address(l.Key), Score: h.Score, More: h.More, Bet: h.Bet, Why: h.Why, Page: p.Page, Text: p.Text,
			Title: portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, lang), Heading: text.Heading(p.Text)}
		written := p.Text
		if written == "" {
			written = portal.Named(portal.Text{ZH: l.Summary, EN: l.SummaryEN}, lang)
		}
		r.Snippet = text.Snippet(written, found.Words, snippetSize)
		if q.Text != "" {
			r.URL += "?q=" + url.QueryEscape(q.Text) // its words are marked there
		}
		switch {
		case h.Source >= portal.FirstAttachment && l.Kind == "document":
			if err := s.openFileAt(&r, h.Source-portal.FirstAttachment); err != nil {
				return nil, err
			}
		case r.Heading != "":
			r.URL += "#" + url.PathEscape(r.Heading)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// openFileAt lets a hit in an attachment open that file, a PDF at its page.
func (s *Server) openFileAt(r *result, n int) error {
	doc, err := s.Store.Document(documents.DocumentID(r.ID))
	if err != nil {
		return err
	}
	if n >= len(doc.Attachments) {
		return nil // the document has changed since it was indexed
	}
	a := doc.Attachments[n]
	r.File = a.Name
	r.URL += "#file-" + string(a.File)
	if r.Page > 0 && a.Type == "application/pdf" {
		r.URL = s.address(r.Key) + "/files/" + string(a.File) + "/" + url.PathEscape(a.Name) + "#page=" + strconv.Itoa(r.Page)
	}
	return nil
}

// searchPage is what search.html shows.
type searchPage struct {
	base
	Query     query.Query
	Asked     bool
	Total     int
	Loose     bool
	Partial   bool
	Building  bool
	Down      bool
	Corrected string
	Verbatim  string // address of the same search without the correction
	Meant     string
	MeantURL  string
	Operators []string // that were understood
	Rows      []result
	Words     []string
	Kinds     *facet
	Facets    []facet
	Pager     pager
	ByDate    string
	ByScore   string
	Feed      string
	CSV       string
	Alert     string
	Problem   string
}

// search answers GET /search, or with format=csv the whole result as a table.
// When the index is down the page says so and leads to the lists, which need
// none.
func (s *Server) search(c echo.Context) error {
	t := textsOf(c)
	q, err := queryOf(c)
	if err == nil && c.QueryParam("format") == "csv" {
		if !s.within(c, "csv", 12) {
			return s.tooOften(c)
		}
		return s.searchCSV(c, q)
	}
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
	if q.Page == 1 && q.After == "" {
		total := found.Total
		if found.Corrected != "" {
			total = 0 // what was typed found nothing
		}
		s.Searches.Searched(q.Text, c.RealIP(), total)
	}
	p.Total, p.Rows, p.Words, p.Loose, p.Partial = found.Total, rows, found.Words, found.Loose, found.Partial
	p.Operators = s.operators(q, t.Lang)
	if p.Corrected = found.Corrected; p.Corrected != "" {
		p.Verbatim = with(c, "exact", "1")
	}
	if p.Meant = found.Meant; p.Meant != "" {
		p.MeantURL = with(c, "q", found.Meant)
	}
	for _, f := range s.facetsOf(c, found.Facets, "kind", "organ", "theme", "year", "validity") {
		if f.Name == "kind" {
			p.Kinds = &f
		} else {
			p.Facets = append(p.Facets, f)
		}
	}
	p.Pager = pagerOf(c, q.Page, q.Size, found.Total)
	if found.Next != "" { // further pages cost no more than the first
		p.Pager.Next = with(c, "page", strconv.Itoa(q.Page+1)) + "&after=" + found.Next
	} else {
		p.Pager.Next = ""
	}
	p.ByDate, p.ByScore = with(c, "sort", "date"), with(c, "sort", "")
	p.CSV = with(c, "format", "csv")
	saved := savedParams(c.QueryParams())
	p.Feeds = s.feedRefs(c, saved.Encode())
	p.Feed = s.BasePath + "/feed.atom?" + saved.Encode()
	if s.Alerts != nil && p.Asked {
		p.Alert = s.BasePath + "/alerts/new?" + saved.Encode()
	}
	return s.render(c, http.StatusOK, "search", p)
}

// savedParams are the parameters of a search that feeds and alerts keep.
func savedParams(v url.Values) url.Values {
	out := url.Values{}
	for _, name := range query.SavedParams {
		if s := v.Get(name); s != "" {
			out.Set(name, s)
		}
	}
	return out
}

// operators tells what the operators in a query were taken for.
func (s *Server) operators(q query.Query, lang string) []string {
	typed := query.Query{Text: q.Text}
	typed.Understand(s.Store.Organs())
	return s.filterNames(typed, lang)
}

// filterNames names the filters of a query.
func (s *Server) filterNames(q query.Query, lang string) []string {
	var out []string
	year := ""
	if q.Year != 0 {
		year = strconv.Itoa(q.Year)
	}
	for _, f := range []string{s.organName(q.Organ, lang), term(portal.Themes, q.Theme, lang), term(portal.ContentKinds, q.Kind, lang), term(portal.Genres, q.Genre, lang),
		term(portal.Items, q.Item, lang), term(portal.Validities, q.Validity, lang), q.Number, year} {
		if f != "" {
			out = append(out, f)
		}
	}
	if q.From != 0 || q.To != 0 {
		out = append(out, q.From.String()+" – "+q.To.String())
	}
	return out
}

// searchCSV sends a whole result, up to a limit, as a table.
func (s *Server) searchCSV(c echo.Context, q query.Query) error {
	q.Page, q.After, q.Size = 1, "", query.MaxExport
	ctx, cancel := context.WithTimeout(c.Request().Context(), searchTime)
	defer cancel()
	found, err := s.Search.Find(ctx, q)
	if err != nil {
		return err
	}
	rows := slices.DeleteFunc(s.Store.Listings(keysOf(found)...), func(l *portal.Listing) bool { return l == nil })
	return s.download(c, rows, "csv", "search.csv")
}

func keysOf(found query.Found) []portal.Key {
	keys := make([]portal.Key, len(found.Hits))
	for i, h := range found.Hits {
		keys[i] = h.Key
	}
	return keys
}

// opened counts that a record was opened from a search.
func (s *Server) opened(kind string) echo.MiddlewareFunc {
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
func (s *Server) searchSuggest(c echo.Context) error {
	t, text := textsOf(c), strings.TrimSpace(c.QueryParam("q"))
	out := completions{Words: []string{}, Organs: []completion{}, Records: []completion{}}
	if text == "" || len(text) > query.MaxQuery {
		return c.JSON(http.StatusOK, out)
	}
	out.Words = append(out.Words, s.Searches.Often(text, typedWords)...)
	for _, code := range s.Search.SuggestOrgans(text, typedOrgans) {
		out.Organs = append(out.Organs, completion{Name: s.organName(code, t.Lang), Kind: t.T("facet.organ"), URL: s.BasePath + "/organs/" + string(code)})
	}
	keys, err := s.Search.Suggest(c.Request().Context(), text, typedRecords)
	if err != nil {
		return err
	}
	for _, l := range s.Store.Listings(keys...) {
		if l != nil {
			out.Records = append(out.Records, completion{Name: portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, t.Lang), Kind: term(portal.ContentKinds, l.Kind, t.Lang), URL: s.address(l.Key)})
		}
	}
	return c.JSON(http.StatusOK, out)
}

// suggestPart is what the part "suggestions" shows.
type suggestPart struct {
	Rows  []result
	Words []string
}

// suggest answers GET /apply/suggest with documents that are public already
// on what an applicant types.
func (s *Server) suggest(c echo.Context) error {
	q := query.Query{Text: c.QueryParam("q"), Size: 5}
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

// searchName names a saved search.
func (s *Server) searchName(v url.Values, lang string) string {
	q, err := query.QueryFrom(v)
	if err != nil {
		return v.Get("q")
	}
	return s.nameOf(q, lang)
}

// nameOf names a search: its words and its filters.
func (s *Server) nameOf(q query.Query, lang string) string {
	parts := s.filterNames(q, lang)
	if q.Text != "" {
		parts = append([]string{q.Text}, parts...)
	}
	return strings.Join(parts, " · ")
}
