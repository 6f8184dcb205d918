package page

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/locale"
	"gongkai/portal/masthead"
)

func (s *Site) OrganName(code portal.OrganCode, lang string) string {
	o, err := s.Store.Organ(code)
	if err != nil {
		return string(code)
	}
	return portal.Named(o.Name, lang)
}

// OrganIn names organs in a language.
func (s *Site) OrganIn(lang string) func(portal.OrganCode) string {
	return func(code portal.OrganCode) string { return s.OrganName(code, lang) }
}

// personName is how staff see each other: by name.
func (s *Site) personName(l portal.Login) string {
	if p, err := s.Store.Person(context.Background(), l); err == nil && p.Name != "" {
		return p.Name
	}
	return string(l)
}

func (s *Site) Base(c echo.Context, title string) Base {
	lang := LangOf(c)
	u := *c.Request().URL
	q := u.Query()
	if c.Request().Method != http.MethodGet && c.Request().Method != http.MethodHead {
		u, q = url.URL{Path: s.BasePath + "/"}, url.Values{}
	}
	q.Del("view")
	var others []Option
	for _, l := range locale.Langs {
		if l != lang {
			q.Set("lang", l)
			u.RawQuery = q.Encode()
			others = append(others, Option{Value: u.RequestURI(), Label: l})
		}
	}
	v := u
	q = v.Query()
	q.Del("lang")
	q.Set("view", map[bool]string{true: "standard", false: "large"}[LargeOf(c)])
	v.RawQuery = q.Encode()
	b := Base{Large: LargeOf(c), OtherView: v.RequestURI(), Lang: lang, Others: others, Title: title, Head: s.Masthead(), SiteName: portal.Named(s.Masthead().Name, lang), Demo: s.Demo}
	b.Receiving = slices.ContainsFunc(s.Store.Organs(), portal.Organ.Receives)
	s.describe(c, &b)
	if a, ok := c.Get(KeyActor).(portal.Actor); ok && a.Login != "" {
		b.User = &a
	}
	return b
}

// Base is what every page has.
type Base struct {
	Lang      string
	Others    []Option // addresses of this page in the other languages, by their tags
	Title     string
	Large     bool   // larger type and fewer things (长者版)
	OtherView string // address of this page the other way
	Receiving bool   // an organ can receive applications
	SiteName  string
	Section   string // of the main menu
	User      *portal.Actor
	Desk      bool
	Demo      bool
	Search    string    // text in the search box
	Feeds     []FeedRef // of this page
	Canon     string    // canonical address
	Flash     string    // what was just done
	Head      *masthead.Masthead
	Column    Column   // of the site
	Article   *Article // the record that a content page shows
	Domain    string   // of the site
	NoIndex   bool     // it is for one person, or the answer to a form
	Data      any      // what the page is, as JSON-LD
	Opening   Steps    // of a new portal: what leads to it
}

// Can tells a template what to offer; the use cases decide.
func (b Base) Can(act string) bool { return b.User != nil && b.User.CanSome(portal.Act(act)) }

type FeedRef struct{ Type, Title, URL string }

// Render writes a page. It runs the template into memory first, so that a
// failing template becomes a clean error page instead of half a page.
func (s *Site) Render(c echo.Context, status int, name string, page any) error {
	body, err := s.execute(LangOf(c), name, page)
	if err != nil {
		return err
	}
	if status == http.StatusUnprocessableEntity || status == http.StatusConflict { // what a screen reader says first
		body = bytes.Replace(body, []byte("<title>"), []byte("<title>"+TextsOf(c).T("form.error_title")+" "), 1)
	}
	return c.HTMLBlob(status, body)
}

func (s *Site) execute(lang, name string, page any) ([]byte, error) {
	t, err := s.pages.page(lang, name)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := t.Execute(&buf, page); err != nil {
		return nil, fmt.Errorf("page %q: %w", name, err)
	}
	return buf.Bytes(), nil
}

// RenderPart writes a part of a page that has a name of its own.
func (s *Site) RenderPart(c echo.Context, name, part string, data any) error {
	t, err := s.pages.page(LangOf(c), name)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, part, data); err != nil {
		return fmt.Errorf("part %q of page %q: %w", part, name, err)
	}
	return c.HTMLBlob(http.StatusOK, b.Bytes())
}

// OriginOf is the scheme and host that addresses in feeds begin with.
func (s *Site) OriginOf(c echo.Context) string {
	if s.Origin != "" {
		return s.Origin
	}
	return c.Scheme() + "://" + c.Request().Host
}

// Address is where a public record is shown.
func (s *Site) Address(k portal.Key) string {
	return s.BasePath + k.Path()
}

// Cookie is the name of a cookie: over TLS one that no other host and no page
// without TLS can set.
func (s *Site) Cookie(name string) string {
	switch {
	case !s.Secure:
		return name
	case s.BasePath == "":
		return "__Host-" + name
	}
	return "__Secure-" + name
}

// FeedRefs are the autodiscovery links of the feeds for a query string.
func (s *Site) FeedRefs(c echo.Context, query string) []FeedRef {
	title := TextsOf(c).T("feed.title")
	if query != "" {
		title = TextsOf(c).T("feed.title_this")
		query = "?" + query
	}
	return []FeedRef{
		{"application/atom+xml", title + " (Atom)", s.BasePath + "/feed.atom" + query},
		{"application/rss+xml", title + " (RSS)", s.BasePath + "/feed.rss" + query},
		{"application/feed+json", title + " (JSON)", s.BasePath + "/feed.json" + query},
	}
}
