package mailbox

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/letters"
	"gongkai/portal/query"
	"gongkai/portal/web/page"
)

// mailboxesPage is what mailbox.html shows: where one can write, and what was answered.
type mailboxesPage struct {
	page.Base
	Channels []letters.Channel
	Rows     []*portal.Listing
	Total    int
	Most     []letters.Asked
}

// mostShown is how many themes the page of mailboxes lists.
const mostShown = 8

// mailboxes answers GET /mailbox.
func (s reading) mailboxes(c echo.Context) error {
	t := page.TextsOf(c)
	p := mailboxesPage{Base: s.Base(c, t.T("mailbox.title"))}
	p.Section = "mailbox"
	for _, ch := range letters.Rules.Channels {
		if ch.Web {
			p.Channels = append(p.Channels, ch)
		}
	}
	list := s.Store.Browse(portal.Browse{Kind: letters.Record.Code, Page: 1, Size: 10})
	p.Rows, p.Total = list.Rows, list.Total
	var err error
	if p.Most, err = s.Letters.Most(mostShown); err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "mailbox", p)
}

// repliesPage is what replies.html shows.
type repliesPage struct {
	page.Base
	Rows     []*portal.Listing
	Total    int
	Facets   []page.Facet
	Channels []page.FacetRow
	Pager    page.Pager
}

// replies answers GET /replies: answers that are public.
func (s reading) replies(c echo.Context) error {
	t := page.TextsOf(c)
	b, err := page.BrowseOf(c)
	if err != nil {
		return err
	}
	b.Kind = letters.Record.Code
	list := s.Store.Browse(b)
	p := repliesPage{Base: s.Base(c, t.T("replies.title")), Rows: list.Rows, Total: list.Total, Facets: s.FacetsOf(c, list.Facets, "organ", "theme", "year")}
	p.Section = "mailbox"
	p.Feeds = s.FeedRefs(c, url.Values{"kind": {letters.Record.Code}}.Encode())
	for _, k := range list.Facets["genre"] {
		if ch := letters.ChannelNamed(k.Code); ch != nil {
			x := page.FacetRow{Code: k.Code, Label: ch.Name.In(t.Lang), N: k.N, Chosen: b.Genre == k.Code, URL: page.With(c, "genre", k.Code)}
			if x.Chosen {
				x.URL = page.With(c, "genre", "")
			}
			p.Channels = append(p.Channels, x)
		}
	}
	p.Pager = page.PagerOf(c, b.Page, b.Size, list.Total)
	return s.Render(c, http.StatusOK, "replies", p)
}

// replyPage is what reply.html shows.
type replyPage struct {
	page.Base
	Letter  *letters.Letter
	Channel string
	Kind    string
}

// reply answers GET /replies/{number}: what is public of a letter, and nothing else.
func (s reading) reply(c echo.Context) error {
	l, err := s.Letters.Store.Get(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if l.Public == nil {
		return portal.Missing()
	}
	t := page.TextsOf(c)
	p := replyPage{Base: s.Base(c, l.Public.Title), Letter: l}
	p.Section = "mailbox"
	if ch := letters.ChannelNamed(l.Channel); ch != nil {
		p.Channel = ch.Name.In(t.Lang)
	}
	if k := letters.KindNamed(l.Kind); k != nil {
		p.Kind = k.Name.In(t.Lang)
	}
	return s.Render(c, http.StatusOK, "reply", p)
}

// suggestPart is what the part "suggestions" shows.
type suggestPart struct {
	Rows  []page.Result
	Words []string
}

// suggest answers GET /mailbox/suggest with answers that are public already, while
// somebody writes.
func (s reading) suggest(c echo.Context) error {
	p, err := s.found(c, letters.Record.Code, 5)
	if err != nil {
		return err
	}
	return s.RenderPart(c, "write", "suggestions", p)
}

// found searches for what is typed, in public records of a kind or of every kind.
func (s *Face) found(c echo.Context, kind string, size int) (suggestPart, error) {
	q := query.Query{Text: c.QueryParam("q"), Size: size, Kind: kind}
	var p suggestPart
	if err := q.Validate(); err != nil || strings.TrimSpace(q.Text) == "" {
		return p, err
	}
	found, rows, err := s.Find(c.Request().Context(), q, page.LangOf(c))
	p.Rows, p.Words = rows, found.Words
	return p, err
}
