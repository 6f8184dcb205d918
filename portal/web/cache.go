package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// pageCache keeps finished public pages until what they depend on changes. A page is made
// under the state that was read before it was begun, and is served as long as
// that is the present one: so what is kept is never behind what was published.
type pageCache struct {
	now   func() state
	limit int // in bytes
	mu    sync.RWMutex
	state state
	pages map[string]*keptPage
	bytes int
}

// state is all that a kept page depends on besides its address and its reader's choices.
type state struct {
	records  uint64 // grows with each change of something public
	index    uint64 // grows with each change of what searches answer; 0 where they do not matter
	today    portal.Date
	masthead string
}

// keptPage is a page that is finished to its last byte, headers and compressed forms
// included.
type keptPage struct {
	page.CachedPage
	header  http.Header
	encoded [len(encodings)]struct {
		once sync.Once
		body []byte
	}
	lines struct {
		once       sync.Once
		text, bare string
	}
	count    func(visitor string) // counts a reader; nil for none
	requests prometheus.Counter
	seconds  prometheus.Observer
}

// Bounds on what is kept in memory, in bytes.
const (
	maxCached     = 48 << 20
	maxFound      = 16 << 20
	maxCachedPage = 1 << 20
	leastEncoded  = 1400 // a smaller page fits a packet as it is
)

// encodings are the ways to compress a page, the best first.
var encodings = [...]struct {
	name  string
	write func(io.Writer) io.WriteCloser
}{
	{"br", func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, 6) }},
	{"zstd", func(w io.Writer) io.WriteCloser {
		z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		if err != nil { // of options that are wrong
			panic(err)
		}
		return z
	}},
	{"gzip", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }},
}

// accepted is the best encoding that a browser takes: its place among encodings, or -1.
func accepted(header string) int {
	best := -1
	for part := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		for i := range encodings {
			if name == encodings[i].name && (best < 0 || i < best) {
				if _, weight, ok := strings.Cut(q, "q="); ok {
					if w, err := strconv.ParseFloat(strings.TrimSpace(weight), 64); err != nil || w == 0 {
						continue
					}
				}
				best = i
			}
		}
	}
	return best
}

// as is the page in an encoding. It is compressed once.
func (p *keptPage) as(i int) []byte {
	e := &p.encoded[i]
	e.once.Do(func() {
		var b bytes.Buffer
		w := encodings[i].write(&b)
		_, err := w.Write(p.Body)
		if err == nil {
			err = w.Close()
		}
		if err == nil { // into memory: it does not fail
			e.body = b.Bytes()
		}
	})
	return e.body
}

func newPageCache(limit int, now func() state) *pageCache {
	return &pageCache{now: now, limit: limit, pages: make(map[string]*keptPage)}
}

// caches makes what keeps pages.
func (s *Server) caches() {
	s.cache = newPageCache(maxCached, func() state {
		return state{records: s.store.Records.Generation(), today: s.Today(), masthead: s.Masthead().Sum}
	})
	s.found = newPageCache(maxFound, func() state {
		now := s.cache.now()
		now.index = s.search.Turn()
		return now
	})
}

// keyOf names a page: what it depends on of a request.
func (s *Server) keyOf(r *http.Request, scheme, lang string, large bool) string {
	return s.nameOf(r.URL.RequestURI(), scheme, r.Host, lang, large)
}

func (s *Server) nameOf(target, scheme, host, lang string, large bool) string {
	view := " "
	if large {
		view = "+ "
	}
	if s.Origin != "" {
		return lang + view + target
	}
	return lang + view + scheme + host + target
}

// encodingFor is the best encoding for a browser: its place among encodings, or -1.
func (p *keptPage) encodingFor(header string) int {
	if len(p.Body) < leastEncoded || header == "" {
		return -1
	}
	i := accepted(header)
	if i >= 0 && p.as(i) == nil {
		return -1
	}
	return i
}

// had reports whether a browser says that it has the page (If-None-Match).
func (p *keptPage) had(match string) bool { return strings.Contains(match, p.Etag[2:]) }

// choosing reports whether a query makes a choice that is to be remembered.
func choosing(q string) bool { return strings.Contains(q, "lang=") || strings.Contains(q, "view=") }

// searched reports whether a query has a word that one searched by: whoever reads the page
// is to be counted.
func searched(q string) bool { return strings.Contains(q, "q=") }

// get is a page that is kept and right; nil for none.
func (c *pageCache) get(key string) *keptPage {
	now := c.now()
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.state != now {
		return nil
	}
	return c.pages[key]
}

// schemeHeaders may tell by which scheme a reader came.
var schemeHeaders = []string{"X-Forwarded-Proto", "X-Forwarded-Protocol", "X-Forwarded-Ssl", "X-Url-Scheme"}

// quick answers a request for a page that is kept, past everything else. It reports whether
// it has.
func (s *Server) quick(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	if choosing(r.URL.RawQuery) {
		return false
	}
	start := time.Now()
	lang, large := s.choices(r, "", "")
	scheme := "http"
	if s.Origin == "" && (r.TLS != nil || slices.ContainsFunc(schemeHeaders, func(h string) bool { return len(r.Header[h]) > 0 })) {
		return false // a scheme that has to be found out
	}
	key := s.keyOf(r, scheme, lang, large)
	p := s.cache.get(key)
	if p == nil {
		p = s.found.get(key)
	}
	if p == nil || p.count == nil && searched(r.URL.RawQuery) {
		return false
	}
	if p.count != nil {
		p.count(s.echo.IPExtractor(r))
	}
	h := w.Header()
	for k, v := range p.header {
		h[k] = v
	}
	p.requests.Inc()
	s.metrics.all.Add(1)
	defer func() { p.seconds.Observe(time.Since(start).Seconds()) }()
	if p.had(r.Header.Get("If-None-Match")) {
		w.WriteHeader(http.StatusNotModified)
		return true
	}
	body := p.Body
	if i := p.encodingFor(r.Header.Get("Accept-Encoding")); i >= 0 {
		body = p.as(i)
		h["Content-Encoding"] = []string{encodings[i].name}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the reader may have gone
	}
	return true
}

// cached answers a public page from a cache, and with 304 where the browser
// has it. Only pages that are the same for everybody may use it.
func (s *Server) cached(cache *pageCache) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc { return s.keeping(cache, next) }
}

func (s *Server) keeping(cache *pageCache, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		now, key := cache.now(), s.keyOf(c.Request(), c.Scheme(), page.LangOf(c), page.LargeOf(c))
		p := cache.get(key)
		if p == nil {
			rec := &recorder{ResponseWriter: c.Response().Writer, code: http.StatusOK}
			plain := c.Response().Writer
			c.Response().Writer = rec
			err := next(c)
			c.Response().Writer = plain
			if err != nil {
				return err
			}
			sum := sha256.Sum256(rec.body.Bytes())
			kind := c.Response().Header().Get(echo.HeaderContentType)
			p = &keptPage{CachedPage: page.CachedPage{Body: rec.body.Bytes(), Kind: kind, Etag: `W/"` + hex.EncodeToString(sum[:12]) + `"`},
				requests: s.metrics.requests.WithLabelValues(http.MethodGet, c.Path(), statusClass(http.StatusOK)), seconds: s.metrics.seconds.WithLabelValues(c.Path())}
			c.Response().Committed, c.Response().Size = false, 0
			if rec.code != http.StatusOK || rec.body.Len() == 0 || !page.Keeps(c) {
				return c.Blob(rec.code, kind, p.Body)
			}
			p.count, p.header = page.CountOf(c), headersOf(c, p.Etag)
			cache.put(now, key, p)
		} else if p.count != nil {
			p.count(c.RealIP())
		}
		h := c.Response().Header()
		for k, v := range p.header {
			h[k] = v
		}
		return page.Conditional(c, p.CachedPage)
	}
}

// headersOf are the headers of a finished page that hold for every reader of it.
func headersOf(c echo.Context, etag string) http.Header {
	h := c.Response().Header().Clone()
	for _, name := range []string{echo.HeaderXRequestID, echo.HeaderSetCookie, echo.HeaderContentEncoding, echo.HeaderContentLength, "RateLimit", "Ratelimit-Policy"} {
		h.Del(name)
	}
	h.Set("ETag", etag)
	h.Set("Cache-Control", page.Kept)
	return h
}

func (c *pageCache) put(now state, key string, p *keptPage) {
	if len(p.Body) > maxCachedPage {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != now || c.bytes > c.limit {
		c.state, c.pages, c.bytes = now, make(map[string]*keptPage), 0
	}
	c.pages[key] = p
	c.bytes += 2*len(p.Body) + len(key)
}

// recorder catches what a handler writes.
type recorder struct {
	http.ResponseWriter
	code int
	body bytes.Buffer
}

func (r *recorder) WriteHeader(code int) { r.code = code }

func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
