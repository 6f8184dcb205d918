package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/static"
)

// staticFile serves an embedded file. Its address holds the hash of all of
// them, so a browser may keep it for ever.
func (s *Server) staticFile(c echo.Context) error {
	b, err := static.Files.ReadFile(c.Param("*"))
	if err != nil {
		return portal.Missing()
	}
	name := c.Param("*")
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}
	c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	c.Response().Header().Del("Vary")
	return c.Blob(http.StatusOK, types[name[strings.LastIndex(name, "."):]], b)
}

// healthz says that the process answers.
func (s *Server) healthz(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// longestBehind is how long the index may lag before it is a fault.
const longestBehind = time.Minute

// readyz says that the store answers and can save, and that the index has
// caught up and keeps up. That room runs out is said before it does.
func (s *Server) readyz(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	switch {
	case s.Store.Ready() != nil:
		return c.String(http.StatusServiceUnavailable, "nothing can be saved: "+s.Store.Ready().Error()+"\n")
	case !s.Search.Ready():
		return c.String(http.StatusServiceUnavailable, "the search index is catching up\n")
	case s.Search.Behind() > longestBehind:
		return c.String(http.StatusServiceUnavailable, "the search index is behind: what changed cannot be taken in\n")
	case s.Store.Low():
		return c.String(http.StatusOK, "ready, but there is little room left on the disk\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

func (s *Server) robots(c echo.Context) error {
	return c.String(http.StatusOK, "User-agent: *\nDisallow: "+s.BasePath+"/desk\nDisallow: "+s.BasePath+"/track\nDisallow: "+s.BasePath+"/search\nDisallow: "+s.BasePath+"/alerts\nSitemap: "+s.origin(c)+s.BasePath+"/sitemap.xml\n")
}

// maxSitemap is the most addresses that one sitemap may hold.
const maxSitemap = 50000

func (s *Server) sitemap(c echo.Context) error {
	list := s.Store.Browse(portal.Browse{Page: 1, Size: maxSitemap})
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, l := range list.Rows {
		fmt.Fprintf(&b, "<url><loc>%s%s</loc><lastmod>%s</lastmod></url>\n", s.origin(c), s.address(l.Key), l.ChangedAt.UTC().Format("2006-01-02"))
	}
	b.WriteString("</urlset>\n")
	return c.Blob(http.StatusOK, "application/xml; charset=utf-8", b.Bytes())
}

// pageCache keeps finished public pages until any public record changes.
type pageCache struct {
	mu    sync.RWMutex
	state string
	pages map[string]cachedPage
	bytes int
}

type cachedPage struct {
	body []byte
	kind string
	etag string
}

// Bounds on what is kept in memory, in bytes.
const (
	maxCached     = 48 << 20
	maxCachedPage = 1 << 20
)

func newPageCache() *pageCache { return &pageCache{pages: make(map[string]cachedPage)} }

// cached answers a public page from memory, and with 304 where the browser
// has it. Only pages that are the same for everybody may use it.
func (s *Server) cached(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		state := fmt.Sprint(s.Store.Generation(), " ", s.Today())
		key := langOf(c) + " " + s.origin(c) + " " + r.URL.RequestURI()
		s.cache.mu.RLock()
		p, ok := s.cache.pages[key]
		ok = ok && s.cache.state == state
		s.cache.mu.RUnlock()
		if !ok {
			rec := &recorder{ResponseWriter: c.Response().Writer, code: http.StatusOK}
			plain := c.Response().Writer
			c.Response().Writer = rec
			err := next(c)
			c.Response().Writer = plain
			if err != nil {
				return err
			}
			sum := sha256.Sum256(rec.body.Bytes())
			p = cachedPage{rec.body.Bytes(), c.Response().Header().Get(echo.HeaderContentType), `W/"` + hex.EncodeToString(sum[:12]) + `"`}
			c.Response().Committed, c.Response().Size = false, 0
			if rec.code != http.StatusOK || rec.body.Len() == 0 {
				return c.Blob(rec.code, p.kind, p.body)
			}
			s.cache.put(state, key, p)
		}
		return conditional(c, p)
	}
}

// conditional sends a page with its ETag, or 304.
func conditional(c echo.Context, p cachedPage) error {
	h := c.Response().Header()
	h.Set("ETag", p.etag)
	h.Set("Cache-Control", "private, no-cache") // may be kept, must be asked for
	if match := c.Request().Header.Get("If-None-Match"); match != "" && strings.Contains(match, strings.TrimPrefix(p.etag, "W/")) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, p.kind, p.body)
}

func (c *pageCache) put(state, key string, p cachedPage) {
	if len(p.body) > maxCachedPage {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != state || c.bytes > maxCached {
		c.state, c.pages, c.bytes = state, make(map[string]cachedPage), 0
	}
	c.pages[key] = p
	c.bytes += len(p.body) + len(key)
}

// recorder catches what a handler writes.
type recorder struct {
	http.ResponseWriter
	code int
	body bytes.Buffer
}

func (r *recorder) WriteHeader(code int)        { r.code = code }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// homePage is what home.html shows.
type homePage struct {
	base
	Latest  []*portal.Listing
	Reports []*portal.Listing
	Organs  []organCount
	Themes  []facetRow
	Total   int
}

type organCount struct {
	portal.Organ
	N int
}

func (s *Server) home(c echo.Context) error {
	t := textsOf(c)
	b := s.base(c, t.T("home.title"))
	b.Section, b.Columns = "home", column{Name: t.T("home.title"), Type: "政府信息公开"}
	b.Feeds = s.feedRefs(c, "")
	docs := s.Store.Browse(portal.Browse{Kind: "document", Page: 1, Size: 8})
	p := homePage{base: b, Latest: docs.Rows, Total: docs.Total}
	p.Reports = s.Store.Browse(portal.Browse{Kind: "report", Page: 1, Size: 4}).Rows
	counts := make(map[string]int)
	for _, k := range docs.Facets["organ"] {
		counts[k.Code] = k.N
	}
	for _, o := range s.Store.Organs() {
		p.Organs = append(p.Organs, organCount{o, counts[string(o.Code)]})
	}
	for _, k := range docs.Facets["theme"] {
		p.Themes = append(p.Themes, facetRow{Code: k.Code, Label: term(portal.Themes, k.Code, langOf(c)), N: k.N, URL: s.BasePath + "/catalogue?theme=" + k.Code})
	}
	return s.render(c, http.StatusOK, "home", p)
}

// helpPage is what help.html and help_search.html show.
type helpPage struct {
	base
	Examples []option // of queries, with what they find
}

// helpSearch answers GET /help/search.
func (s *Server) helpSearch(c echo.Context) error {
	t := textsOf(c)
	p := helpPage{base: s.base(c, t.T("search.help"))}
	p.Section = "help"
	for _, x := range []string{"quotes", "without", "organ", "theme", "year", "date", "number", "type", "validity", "pinyin"} {
		p.Examples = append(p.Examples, option{Value: t.T("help.query." + x), Label: t.T("help.about." + x)})
	}
	return s.render(c, http.StatusOK, "help_search", p)
}

func (s *Server) help(c echo.Context) error {
	b := s.base(c, textsOf(c).T("help.title"))
	b.Section = "help"
	return s.render(c, http.StatusOK, "help", helpPage{base: b})
}
