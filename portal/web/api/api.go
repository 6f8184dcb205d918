package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	"gongkai/portal/query"
	"gongkai/portal/web/page"
)

// apiHit is one hit of GET /api/v1/search.
type apiHit struct {
	Kind      string  `json:"kind"`
	ID        string  `json:"id"`
	URL       string  `json:"url"`
	Title     string  `json:"title"`
	Snippet   string  `json:"snippet"` // plain text
	Heading   string  `json:"heading,omitempty"`
	Organ     string  `json:"organ"` // code
	OrganName string  `json:"organ_name"`
	Number    string  `json:"number,omitempty"`
	Index     string  `json:"index_number,omitempty"`
	Theme     string  `json:"theme,omitempty"`
	Validity  string  `json:"validity,omitempty"`
	Formed    string  `json:"formed,omitempty"`
	Published string  `json:"published"`
	Score     float64 `json:"score"`
	More      int     `json:"more_passages"`
}

type apiFound struct {
	Total  int                       `json:"total"`
	TookMS float64                   `json:"took_ms"`
	Loose  bool                      `json:"loose"`               // not every word was found together
	Next   string                    `json:"next,omitempty"`      // cursor of the next page, for after=
	Near   bool                      `json:"near,omitempty"`      // nothing has enough of the words: the hits are near it at best
	Fixed  string                    `json:"corrected,omitempty"` // the words that were searched instead
	Meant  string                    `json:"meant,omitempty"`     // words that would find far more
	Cut    bool                      `json:"partial,omitempty"`   // cut short; there may be more
	Hits   []apiHit                  `json:"hits"`
	Facets map[string][]portal.Count `json:"facets"`
}

// apiSearch answers GET /api/v1/search with the same engine and ranking as
// the page.
func (s *Face) apiSearch(c echo.Context) error {
	q, err := s.QueryOf(c)
	if err != nil {
		return err
	}
	start := time.Now()
	found, rows, err := s.Find(c.Request().Context(), q, page.LangOf(c))
	if err != nil {
		return err
	}
	out := apiFound{Total: found.Total, TookMS: float64(time.Since(start).Microseconds()) / 1000, Loose: found.Loose, Near: found.Near, Next: found.Next, Fixed: found.Corrected, Meant: found.Meant, Cut: found.Partial, Hits: make([]apiHit, 0, len(rows)), Facets: make(map[string][]portal.Count)}
	for _, name := range []string{"kind", "organ", "theme", "year", "validity"} {
		out.Facets[name] = found.Facets[name]
	}
	for _, r := range rows {
		h := apiHit{Kind: r.Kind, ID: r.ID, URL: r.URL, Title: r.Title, Snippet: r.Snippet, Heading: r.Heading, Number: r.Number, Index: r.Index, Theme: r.Theme,
			Validity: r.Validity, Formed: r.Formed.String(), Published: r.Published.String(), Score: r.Score, More: r.More}
		if len(r.Organs) > 0 {
			h.Organ, h.OrganName = string(r.Organs[0]), s.OrganName(r.Organs[0], page.LangOf(c))
		}
		out.Hits = append(out.Hits, h)
	}
	return c.JSON(http.StatusOK, out)
}

// apiPassage is one passage of GET /api/v1/passages.
type apiPassage struct {
	Kind    string  `json:"kind"`
	ID      string  `json:"id"`
	URL     string  `json:"url"`
	Title   string  `json:"title"`
	Heading string  `json:"heading,omitempty"`
	Page    int     `json:"page,omitempty"` // of a PDF
	Text    string  `json:"text"`
	Score   float64 `json:"score"`
}

// passagesOut is GET /api/v1/passages.
type passagesOut struct {
	Passages []apiPassage `json:"passages"`
}

// apiPassages answers GET /api/v1/passages: the best passages whole, several
// of one record if need be, for programs that look for the answer itself.
func (s *Face) apiPassages(c echo.Context) error {
	q, err := s.QueryOf(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), page.SearchTime)
	defer cancel()
	out := passagesOut{[]apiPassage{}}
	if strings.TrimSpace(q.Text) == "" {
		return c.JSON(http.StatusOK, out)
	}
	hits, err := s.Search.Passages(ctx, q, q.Size)
	if err != nil {
		return err
	}
	rows, err := s.Results(ctx, q, query.Found{Hits: hits}, page.LangOf(c))
	if err != nil {
		return err
	}
	for _, r := range rows {
		out.Passages = append(out.Passages, apiPassage{Kind: r.Kind, ID: r.ID, URL: r.URL, Title: r.Title, Heading: r.Heading, Page: r.Page, Text: r.Text, Score: r.Score})
	}
	return c.JSON(http.StatusOK, out)
}

// documentsOut is GET /api/v1/documents.
type documentsOut struct {
	Total     int                       `json:"total"`
	Page      int                       `json:"page"`
	Size      int                       `json:"size"`
	Documents []page.ApiListing         `json:"documents"`
	Facets    map[string][]portal.Count `json:"facets"`
}

// apiDocuments answers GET /api/v1/documents: a page of the catalogue.
func (s *Face) apiDocuments(c echo.Context) error {
	b, err := page.BrowseOf(c)
	if err != nil {
		return err
	}
	b.Kind = "document"
	list := s.Store.Browse(b)
	out := documentsOut{list.Total, b.Page, b.Size, make([]page.ApiListing, 0, len(list.Rows)), list.Facets}
	for _, l := range list.Rows {
		out.Documents = append(out.Documents, s.ApiListing(c, l))
	}
	return c.JSON(http.StatusOK, out)
}

// fileOut is an attachment.
type fileOut struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"` // bytes
	URL  string `json:"url"`
}

// documentOut is GET /api/v1/documents/{id}.
type documentOut struct {
	page.ApiListing
	Mode       string                 `json:"mode"`
	Effective  string                 `json:"effective,omitempty"`
	Repealed   string                 `json:"repealed,omitempty"`
	SummaryEN  string                 `json:"summary_en,omitempty"`
	Body       string                 `json:"body"`
	BodyEN     string                 `json:"body_en,omitempty"`
	ChangeNote string                 `json:"change_note,omitempty"`
	Related    []documents.DocumentID `json:"related,omitempty"`
	Files      []fileOut              `json:"attachments"`
}

// apiDocument answers GET /api/v1/documents/{id}. A withdrawn document is
// gone: 410 with its reason.
func (s *Face) apiDocument(c echo.Context) error {
	doc, err := s.DocumentOf(c)
	if err != nil {
		return err
	}
	if doc.Withdrawn {
		s.ShowProblem(c, http.StatusGone, portal.Error{Key: "error.withdrawn", Args: portal.Args{"Reason": doc.Reason}})
		return nil
	}
	out := documentOut{ApiListing: s.ApiListing(c, doc.Listing()), Mode: doc.Mode, Effective: doc.Effective.String(), Repealed: doc.Repealed.String(), SummaryEN: doc.SummaryEN,
		Body: doc.Body, BodyEN: doc.BodyEN, ChangeNote: doc.ChangeNote, Related: doc.Related, Files: []fileOut{}}
	for _, a := range doc.Attachments {
		out.Files = append(out.Files, fileOut{a.Name, a.Type, a.Size, out.URL + "/files/" + string(a.File) + "/" + a.Name})
	}
	return c.JSON(http.StatusOK, out)
}

// maxCase is the most bytes of a case sent to POST /api/v1/deadline.
const maxCase = 256 << 10

// apiDeadline answers POST /api/v1/deadline with the clock of a case.
func (s *Face) apiDeadline(c echo.Context) error {
	b, err := io.ReadAll(io.LimitReader(c.Request().Body, maxCase+1))
	if err != nil {
		return err
	}
	if len(b) > maxCase {
		return &portal.Error{Kind: portal.TooLarge, Key: "error.case_too_large"}
	}
	cs, err := clock.ReadCase(b, s.Today())
	if err != nil {
		if _, ok := errors.AsType[*clock.EventError](err); !ok {
			s.ShowProblem(c, http.StatusBadRequest, portal.Error{Key: "error.case_json", Args: portal.Args{"Reason": strings.TrimPrefix(err.Error(), "json: ")}})
			return nil
		}
		return err
	}
	r, err := clock.Compute(cs, s.Calendar())
	if err != nil {
		return err
	}
	out, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return c.JSONBlob(http.StatusOK, out)
}
