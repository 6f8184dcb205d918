package page

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/query"
	"gongkai/portal/text"
)

// snippetSize is the length of a passage in a list, in characters.
const snippetSize = 130

// Result is one hit with what is shown of it.
type Result struct {
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

// SearchTime bounds one search; past it, what was found so far is shown.
const SearchTime = 3 * time.Second

// QueryOf reads the query of an address and understands it, once for all who ask
// about it.
func (s *Finder) QueryOf(c echo.Context) (query.Query, error) {
	q, err := query.QueryFrom(c.QueryParams())
	if err == nil {
		q.Understand(s.Store.Organs())
	}
	return q, err
}

// Find runs a query and loads what its hits show, from the store: what is
// not public there is not shown, whatever the index says.
func (s *Finder) Find(ctx context.Context, q query.Query, lang string) (query.Found, []Result, error) {
	ctx, cancel := context.WithTimeout(ctx, SearchTime)
	defer cancel()
	found, err := s.Engine.Find(ctx, q)
	if err != nil {
		return found, nil, err
	}
	rows, err := s.Results(ctx, q, found, lang)
	return found, rows, err
}

func (s *Finder) Results(ctx context.Context, q query.Query, found query.Found, lang string) ([]Result, error) {
	passages, err := s.Passages.Passages(ctx, found.Hits)
	if err != nil {
		return nil, err
	}
	var rows []Result
	for i, l := range s.Catalogue.Listings(KeysOf(found)...) {
		if l == nil {
			continue // withdrawn since it was indexed
		}
		h, p := found.Hits[i], passages[i]
		r := Result{Listing: l, URL: s.Address(l.Key), Score: h.Score, More: h.More, Bet: h.Bet, Why: h.Why, Page: p.Page, Text: p.Text,
			Title: portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, lang), Heading: text.Heading(p.Text)}
		written := p.Text
		if written == "" {
			written = portal.Named(portal.Text{ZH: l.Summary, EN: l.SummaryEN}, lang)
		}
		if short := portal.Named(portal.Text{ZH: l.Summary, EN: l.SummaryEN}, lang); l.Kind == "power" && short != "" { // what items say is much alike
			written = short
		}
		r.Snippet = text.Snippet(written, found.Words, snippetSize)
		if q.Text != "" {
			r.URL += "?q=" + url.QueryEscape(q.Text) // its words are marked there
		}
		switch {
		case h.Source >= portal.FirstAttachment && l.Kind == "document":
			if err := s.openFileAt(ctx, &r, h.Source-portal.FirstAttachment); err != nil {
				return nil, err
			}
		case r.Heading != "":
			r.URL += "#" + url.PathEscape(AnchorOf(r.Heading))
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// openFileAt lets a hit in an attachment open that file, a PDF at its page.
func (s *Finder) openFileAt(ctx context.Context, r *Result, n int) error {
	doc, err := s.Documents.Document(ctx, documents.DocumentID(r.ID))
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
		r.URL = s.Address(r.Key) + "/files/" + string(a.File) + "/" + url.PathEscape(a.Name) + "#page=" + strconv.Itoa(r.Page)
	}
	return nil
}

func KeysOf(found query.Found) []portal.Key {
	keys := make([]portal.Key, len(found.Hits))
	for i, h := range found.Hits {
		keys[i] = h.Key
	}
	return keys
}

// SavedParams are the parameters of a search that feeds and alerts keep.
func SavedParams(v url.Values) url.Values {
	out := url.Values{}
	for _, name := range query.SavedParams {
		if s := v.Get(name); s != "" {
			out.Set(name, s)
		}
	}
	return out
}

// DocumentOf loads the document that a route names, public or withdrawn.
func (s *Finder) DocumentOf(c echo.Context) (*documents.Document, error) {
	id, ok := documents.ParseDocumentID(c.Param("id"))
	if !ok {
		return nil, portal.Missing()
	}
	return s.Documents.Document(c.Request().Context(), id)
}
