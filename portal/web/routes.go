package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/web/page"
	"gongkai/static"
)

// check is what a route needs of whoever asks: an act, or none.
type check struct {
	Method, Path string
	Act          portal.Act // "" is open to all
}

// routes mounts the faces, each of which names its addresses with who may use
// them, and adds those that belong to no face. Everything under /desk needs a
// session and the act named beside it; the use cases check again for the organ
// at hand.
func (s *Server) routes() {
	g := s.echo.Group(s.BasePath)
	within := bounded(page.MaxUploadBody, uploadTime)
	many := bounded(page.MaxBulkBody, bulkTime)
	m := page.Mount{
		Open:     page.Access{Add: s.adder(g, false)},
		Visit:    page.Access{Add: s.adder(g, true)},
		Desk:     page.Access{Add: s.adder(g, true)},
		Page:     bounded(page.MaxFormBody, pageTime),
		Download: bounded(page.MaxFormBody, uploadTime),
		Upload:   func(next echo.HandlerFunc) echo.HandlerFunc { return within(s.receive(next)) },
		Bulk:     func(next echo.HandlerFunc) echo.HandlerFunc { return many(s.receive(next)) },
		Cached:   s.cached(s.cache),
		Found:    s.cached(s.found),
		Fresh:    s.account.Fresh,
		Limited:  s.Limited,
		Bounded:  bounded,
	}
	g.GET("/static/:sum/*", s.staticFile)
	g.GET("/favicon.ico", func(c echo.Context) error {
		return c.Redirect(http.StatusMovedPermanently, s.BasePath+"/static/"+static.Sum()+"/img/favicon.svg")
	})
	m.Open.Get("/healthz", s.healthz)
	m.Open.Get("/readyz", s.readyz)
	m.Open.Get("/robots.txt", s.robots)
	m.Open.Get("/.well-known/security.txt", s.securityTXT)
	m.Open.Get("/opensearch.xml", s.opensearch)
	m.Open.Get("/look/style.css", s.style)
	m.Open.Get("/look/:sum/emblem", s.emblem)
	m.Open.Post("/pass", s.Pass, s.Limited("pass", 30), m.Page)
	for _, f := range s.faces {
		f.Routes(m)
	}
}

// adder adds addresses to a group, with a session or without one.
func (s *Server) adder(g *echo.Group, session bool) func(method, path string, act portal.Act, h echo.HandlerFunc, m []echo.MiddlewareFunc) {
	return func(method, path string, act portal.Act, h echo.HandlerFunc, m []echo.MiddlewareFunc) {
		if act != "" {
			m = append([]echo.MiddlewareFunc{s.account.Need(act), s.account.Enrolled}, m...)
		}
		if session {
			m = append([]echo.MiddlewareFunc{echo.WrapMiddleware(tracked(s.Session)), s.account.Who}, m...)
		}
		g.Add(method, path, h, m...)
		if method == http.MethodGet {
			g.HEAD(path, h, m...)
		}
		s.checks = append(s.checks, check{method, s.BasePath + path, act})
	}
}
