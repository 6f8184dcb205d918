package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// showError turns an error from a handler into a page or, for the API, into
// a problem document (RFC 9457). It is the only place that chooses an
// error's status and the only place that logs it.
func (s *Server) showError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	e := page.Visible(err)
	status := page.Statuses[e.Kind]
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		status = 499 // the client has gone
	}
	if e.Kind == portal.Internal {
		e.Args = portal.Args{"Ref": page.RefOf(c)}
		s.Log.Error("request failed", "ref", page.RefOf(c), "route", c.Path(), "error", err)
	} else {
		level := slog.LevelDebug
		if e.Kind == portal.Forbidden || e.Kind == portal.TooMany || e.Kind == portal.Unavailable {
			level = slog.LevelInfo
		}
		s.Log.Log(c.Request().Context(), level, "request refused", "ref", page.RefOf(c), "route", c.Path(), "status", status, "who", page.ActorOf(c).Login, "key", e.Key)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	if strings.HasPrefix(strings.TrimPrefix(c.Request().URL.Path, s.BasePath), "/api/") {
		s.ShowProblem(c, status, e)
		return
	}
	if e.Kind == portal.Unauthenticated && c.Request().Method == http.MethodGet && status == http.StatusUnauthorized && !strings.HasSuffix(c.Path(), "/sign-in") {
		if err := c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/sign-in"); err == nil {
			return
		}
	}
	title := "error.title"
	if e.Kind == portal.NotFound {
		title = "error.page_not_found"
	}
	shown := errorPage{Base: s.Base(c, page.TextsOf(c).T(title)), Status: status, Message: page.TextsOf(c).Args(e.Key, e.Args)}
	shown.NoIndex, shown.Canon, shown.Article, shown.Base.Data = true, "", nil, nil
	if e.Kind == portal.TooMany {
		shown.Puzzle, shown.Bits = s.Puzzle()
		shown.Method = c.Request().Method
	}
	for _, p := range e.Problems {
		shown.Problems = append(shown.Problems, page.TextsOf(c).Args(p.Key, p.Args))
	}
	if err := s.Render(c, status, "error", shown); err != nil {
		s.Log.Error("error page failed", "ref", page.RefOf(c), "error", err)
		// The client has gone or the answer has begun; there is nobody to tell.
		_ = c.NoContent(status)
	}
}

// errorPage is what error.html shows.
type errorPage struct {
	page.Base
	Status   int
	Message  string
	Problems []string
	Puzzle   string // to be solved by whoever asked too often
	Bits     int
	Method   string
}
