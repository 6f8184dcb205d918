package web

import (
	"net/http"
	"strings"
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

// readyz says that the store answers and can save, and that the index has
// caught up and keeps up. That room runs out is said before it does.
func (s *Server) readyz(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	switch {
	case s.store.Disk.Ready() != nil:
		return c.String(http.StatusServiceUnavailable, "nothing can be saved: "+s.store.Disk.Ready().Error()+"\n")
	case !s.search.Ready():
		return c.String(http.StatusServiceUnavailable, "the search index is catching up\n")
	case s.search.Behind() > longestBehind:
		return c.String(http.StatusServiceUnavailable, "the search index is behind: what changed cannot be taken in\n")
	case s.store.Disk.Low():
		return c.String(http.StatusOK, "ready, but there is little room left on the disk\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

// longestBehind is how long the index may lag before it is a fault.
const longestBehind = time.Minute
