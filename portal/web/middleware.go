package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"gongkai/portal"
	"gongkai/portal/locale"
	"gongkai/portal/web/page"
)

// identify gives each request a reference of our own; what the client sends
// is not trusted.
func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ref := rand.Text()[:12]
		c.Set(page.KeyRef, ref)
		c.Response().Header().Set(echo.HeaderXRequestID, ref)
		return next(c)
	}
}

// observe counts each request and writes a line about it: the route, never
// the address, the query or anything that a person typed.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		took := time.Since(start)
		status := c.Response().Status
		s.metrics.requests.WithLabelValues(methodLabel(c.Request().Method), c.Path(), statusClass(status)).Inc()
		s.metrics.seconds.WithLabelValues(c.Path()).Observe(took.Seconds())
		s.metrics.all.Add(1)
		if took >= slow {
			s.metrics.slow.Add(1)
		}
		s.Log.Debug("request", "ref", page.RefOf(c), "method", c.Request().Method, "route", c.Path(), "status", status, "ms", took.Milliseconds(), "bytes", c.Response().Size)
		return nil
	}
}

func statusClass(status int) string {
	if status < 100 || status > 599 {
		return "other"
	}
	return string(rune('0'+status/100)) + "xx"
}

// methodLabel is a method as metrics name it: what clients make up is one.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions, http.MethodPut, http.MethodDelete, http.MethodPatch:
		return method
	}
	return "other"
}

// headers sets what browsers are told about every answer.
func (s *Server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if s.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

// sameOrigin refuses a change that another site's page asks a browser for
// (CSRF), by the Sec-Fetch-Site and Origin headers; the session cookie is
// SameSite besides.
func (s *Server) sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	guard := http.NewCrossOriginProtection()
	return func(c echo.Context) error {
		if err := guard.Check(c.Request()); err != nil {
			return &portal.Error{Kind: portal.Forbidden, Key: "error.cross_origin", Err: err}
		}
		return next(c)
	}
}

// language chooses the language: what ?lang= asks for and a cookie keeps,
// else the browser's wish, else Chinese. The address stays the same. So it is with
// larger type. A reader who chooses neither is given no cookie.
func (s *Server) language(next echo.HandlerFunc) echo.HandlerFunc {
	remember := func(c echo.Context, name, value string) {
		c.SetCookie(&http.Cookie{Name: s.Cookie(name), Value: value, Path: s.BasePath + "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: s.Secure})
	}
	return func(c echo.Context) error {
		ask, view := c.QueryParam("lang"), c.QueryParam("view")
		lang, large := s.choices(c.Request(), ask, view)
		if ask == lang {
			remember(c, "lang", lang)
		}
		if view == "large" || view == "standard" {
			remember(c, "view", view)
		}
		c.Set(page.KeyLang, lang)
		c.Set(page.KeyLarge, large)
		c.Response().Header().Add("Vary", "Cookie, Accept-Language")
		c.Response().Header().Set("Content-Language", lang)
		return next(c)
	}
}

// choices are the language and the size of type for a request: what it asks for, else what
// a cookie keeps, else what the browser wishes.
func (s *Server) choices(r *http.Request, ask, view string) (lang string, large bool) {
	kept := func(name string) string {
		if len(r.Header["Cookie"]) == 0 {
			return ""
		}
		k, err := r.Cookie(s.Cookie(name))
		if err != nil { // there is none
			return ""
		}
		return k.Value
	}
	lang = languageOf(ask, kept("lang"), r.Header.Get("Accept-Language"))
	if view == "" {
		view = kept("view")
	}
	return lang, view == "large"
}

func known(lang string) bool { return slices.Contains(locale.Langs, lang) }

// bounded limits the body and the time of a request.
func bounded(body int64, limit time.Duration) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if r.ContentLength > body {
				return &portal.Error{Kind: portal.TooLarge, Key: "error.too_large", Args: portal.Args{"Limit": body >> 20}}
			}
			ctx, cancel := context.WithTimeout(r.Context(), limit)
			defer cancel()
			if limit > uploadTime { // longer than the server allows by itself
				deadline := time.Now().Add(limit + time.Minute)
				rc := http.NewResponseController(c.Response())
				if err := errors.Join(rc.SetReadDeadline(deadline), rc.SetWriteDeadline(deadline)); err != nil && !errors.Is(err, http.ErrNotSupported) {
					return err
				}
			}
			r = r.WithContext(ctx)
			r.Body = http.MaxBytesReader(c.Response(), r.Body, body)
			c.SetRequest(r)
			err := next(c)
			if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
				return &portal.Error{Kind: portal.TooLarge, Key: "error.too_large", Args: portal.Args{"Limit": body >> 20}, Err: err}
			}
			return err
		}
	}
}

type metrics struct {
	requests  *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	all, slow atomic.Int64 // requests since the start, and those that took very long
}

// slow is from when an inspection counts a page as one that cannot be reached
// (国办秘函〔2019〕19号).
const slow = 15 * time.Second

// slowness is how many requests in a thousand took very long since the start: what an
// inspection would find from outside, as far as it can be told from inside.
func (m *metrics) slowness(context.Context) (int, []portal.Fact, error) {
	return int(m.slow.Load() * 1000 / max(1, m.all.Load())), nil, nil
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gongkai_requests_total", Help: "Requests by method, route and class of status."}, []string{"method", "route", "status"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "gongkai_request_seconds", Help: "Time to answer by route."}, []string{"route"}),
	}
	if reg != nil {
		reg.MustRegister(m.requests, m.seconds)
	}
	return m
}
