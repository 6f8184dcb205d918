package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"html"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/feeds"
	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/portal/text"
	"gongkai/portal/web/page"
)

// feedSize is the number of entries of a feed.
const feedSize = 50

// feed answers GET /feed.rss, /feed.atom and /feed.json, with the
// parameters of search. A search without words needs no index. A withdrawn
// document stays in the feed for a while as an update that says so.
func (s *Face) feed(c echo.Context) error {
	q, err := s.QueryOf(c)
	if err != nil {
		return err
	}
	rows, err := s.feedRows(c, q)
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	self := s.OriginOf(c) + c.Request().URL.RequestURI()
	f := &feeds.Feed{Title: portal.Named(s.Masthead().Name, t.Lang) + s.feedScope(c, t.Lang), Link: &feeds.Link{Href: s.OriginOf(c) + s.BasePath + "/"}, Id: self, Description: t.T("feed.about"),
		Author: &feeds.Author{Name: portal.Named(s.Masthead().Name, t.Lang)}}
	for _, l := range rows {
		f.Items = append(f.Items, s.feedItem(c, l))
		if l.ChangedAt.After(f.Updated) {
			f.Updated = l.ChangedAt
		}
	}
	if f.Updated.IsZero() { // nothing yet: a day that does not move
		f.Updated = time.Date(2019, 5, 15, 0, 0, 0, 0, time.UTC)
	}
	f.Created = f.Updated
	c.Response().Header().Add("Vary", "Sec-Fetch-Dest")
	if opened(c) {
		p := feedPage{Base: s.Base(c, t.T("feed.page_title")), Address: self, Scope: f.Title, Items: f.Items, Raw: page.With(c, "raw", "1")}
		p.Section, p.NoIndex = "help", true
		return s.Render(c, http.StatusOK, "feed", p)
	}
	var body, kind string
	switch path.Ext(c.Request().URL.Path) {
	case ".rss":
		kind = "application/rss+xml; charset=utf-8"
		r := (&feeds.Rss{Feed: f}).RssFeed()
		r.Language, r.ManagingEditor = t.Lang, ""
		for _, i := range r.Items {
			i.Author = "" // RSS wants an e-mail address here
		}
		body, err = feeds.ToXML(r)
	case ".json":
		kind = "application/feed+json; charset=utf-8"
		j := (&feeds.JSON{Feed: f}).JSONFeed()
		j.FeedUrl = self
		j.Version = "https://jsonfeed.org/version/1.1"
		for _, i := range j.Items { // each item must have one or the other
			i.ContentText, i.Summary = html.UnescapeString(i.Summary), ""
			if i.ContentText == "" {
				i.ContentText = i.Title
			}
		}
		body, err = j.ToJSON()
	default:
		kind = "application/atom+xml; charset=utf-8"
		a := (&feeds.Atom{Feed: f}).AtomFeed()
		a.Link = &feeds.AtomLink{Href: self, Rel: "self"}
		body, err = feeds.ToXML(a)
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(body))
	c.Response().Header().Set("Last-Modified", f.Updated.UTC().Format(http.TimeFormat))
	return page.Conditional(c, page.CachedPage{Body: []byte(body), Kind: kind, Etag: `W/"` + hex.EncodeToString(sum[:12]) + `"`})
}

func (s *Face) feedRows(c echo.Context, q query.Query) ([]*portal.Listing, error) {
	if strings.TrimSpace(q.Text) == "" && q.From == 0 && q.To == 0 {
		b := portal.Browse{Kind: q.Kind, Organ: q.Organ, Theme: q.Theme, Genre: q.Genre, Item: q.Item, Validity: q.Validity, Year: q.Year,
			Sort: portal.SortChanged, Page: 1, Size: feedSize, Withdrawn: true}
		return s.Store.Browse(b).Rows, nil
	}
	q.Sort, q.Page, q.Size = "date", 1, feedSize
	_, rows, err := s.Find(c.Request().Context(), q, page.LangOf(c))
	if err != nil {
		return nil, err
	}
	out := s.withdrawnRows(q)
	for _, r := range rows {
		out = append(out, r.Listing)
	}
	slices.SortStableFunc(out, func(a, b *portal.Listing) int { return b.ChangedAt.Compare(a.ChangedAt) })
	return out[:min(feedSize, len(out))], nil
}

// withdrawnRows are the withdrawn documents whose title, number or summary
// holds every word of a search. The index does not know them any more.
func (s *Face) withdrawnRows(q query.Query) []*portal.Listing {
	words := strings.Fields(text.Fold(strings.NewReplacer(`"`, " ", "“", " ", "”", " ").Replace(q.Words)))
	list := s.Store.Browse(portal.Browse{Kind: q.Kind, Organ: q.Organ, Theme: q.Theme, Genre: q.Genre, Item: q.Item, Validity: q.Validity, Year: q.Year,
		Page: 1, Size: page.MaxSitemap, Withdrawn: true})
	return slices.DeleteFunc(slices.Clone(list.Rows), func(l *portal.Listing) bool {
		written := text.Fold(l.Title + "\n" + l.TitleEN + "\n" + l.Number + "\n" + l.Summary + "\n" + l.SummaryEN)
		if q.From != 0 && l.Published < q.From || q.To != 0 && l.Published > q.To {
			return true
		}
		return !l.Withdrawn || slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(written, w) })
	})
}

func (s *Face) feedScope(c echo.Context, lang string) string {
	name := query.SavedName(c.QueryParams(), lang, s.OrganIn(lang))
	if name == "" {
		return ""
	}
	return " · " + name
}

func (s *Face) feedItem(c echo.Context, l *portal.Listing) *feeds.Item {
	t := page.TextsOf(c)
	url := s.OriginOf(c) + s.Address(l.Key)
	i := &feeds.Item{Title: portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, t.Lang), Link: &feeds.Link{Href: url}, Id: url, IsPermaLink: "true",
		Created: l.PublishedAt.In(s.Now().Location()), Updated: l.ChangedAt.In(s.Now().Location())}
	if l.PublishedAt.IsZero() {
		i.Created = i.Updated
	}
	if l.Published != 0 && portal.DateOf(i.Created) != l.Published { // what was imported has the day that its page shows
		d := l.Published.Time()
		i.Created = time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, s.Now().Location())
	}
	if len(l.Organs) > 0 {
		i.Author = &feeds.Author{Name: s.OrganName(l.Organs[0], t.Lang)}
	}
	text := portal.Named(portal.Text{ZH: l.Summary, EN: l.SummaryEN}, t.Lang)
	switch {
	case l.Withdrawn:
		i.Title = t.T("feed.withdrawn", "Title", i.Title)
		text = t.T("feed.withdrawn_reason", "Reason", l.Reason)
	case l.Version > 1:
		text = t.T("feed.corrected", "Note", l.ChangeNote) + " " + text
	}
	if !l.Withdrawn && l.Validity != "" && l.Validity != "in_force" { // nobody should rely on it unawares
		i.Title = t.T("feed.validity", "Validity", portal.Validities.NameOf(l.Validity, t.Lang), "Title", i.Title)
	}
	if l.Number != "" {
		text = l.Number + " " + text
	}
	i.Description = html.EscapeString(strings.TrimSpace(text))
	return i
}

// feedsPage answers GET /feeds, where the page was that is now /follow.
func (s *Face) feedsPage(c echo.Context) error {
	return c.Redirect(http.StatusMovedPermanently, s.BasePath+"/follow")
}

// feedPage is what feed.html shows: a feed, to somebody who opened its address in a browser.
type feedPage struct {
	page.Base
	Address string
	Raw     string
	Scope   string
	Items   []*feeds.Item
}

// opened reports whether a browser asks for a feed to show it, and not a reader to read it.
func opened(c echo.Context) bool {
	return c.Request().Header.Get("Sec-Fetch-Dest") == "document" && c.QueryParam("raw") == ""
}
