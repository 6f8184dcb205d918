package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"sync"

	"gongkai/portal/web/page"

	"github.com/labstack/echo/v4"
)

// pageCache keeps finished public pages until any public record changes.
type pageCache struct {
	mu    sync.RWMutex
	state string
	pages map[string]page.CachedPage
	bytes int
}

// Bounds on what is kept in memory, in bytes.
const (
	maxCached     = 48 << 20
	maxCachedPage = 1 << 20
)

func newPageCache() *pageCache { return &pageCache{pages: make(map[string]page.CachedPage)} }

// cached answers a public page from memory, and with 304 where the browser
// has it. Only pages that are the same for everybody may use it.
func (s *Server) cached(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		state := fmt.Sprint(s.store.Records.Generation(), " ", s.Today(), " ", s.Masthead().Sum)
		key := page.LangOf(c) + map[bool]string{true: "+"}[page.LargeOf(c)] + " " + s.OriginOf(c) + " " + r.URL.RequestURI()
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
			p = page.CachedPage{Body: rec.body.Bytes(), Kind: c.Response().Header().Get(echo.HeaderContentType), Etag: `W/"` + hex.EncodeToString(sum[:12]) + `"`}
			c.Response().Committed, c.Response().Size = false, 0
			if rec.code != http.StatusOK || rec.body.Len() == 0 {
				return c.Blob(rec.code, p.Kind, p.Body)
			}
			s.cache.put(state, key, p)
		}
		return page.Conditional(c, p)
	}
}

func (c *pageCache) put(state, key string, p page.CachedPage) {
	if len(p.Body) > maxCachedPage {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != state || c.bytes > maxCached {
		c.state, c.pages, c.bytes = state, make(map[string]page.CachedPage), 0
	}
	c.pages[key] = p
	c.bytes += len(p.Body) + len(key)
}

// recorder catches what a handler writes.
type recorder struct {
	http.ResponseWriter
	code int
	body bytes.Buffer
}

func (r *recorder) WriteHeader(code int) { r.code = code }

func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
