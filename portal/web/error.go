package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// statuses gives the HTTP status for each kind of error.
var statuses = map[portal.Kind]int{
	portal.Internal:        http.StatusInternalServerError,
	portal.Invalid:         http.StatusUnprocessableEntity,
	portal.NotFound:        http.StatusNotFound,
	portal.Conflict:        http.StatusConflict,
	portal.Forbidden:       http.StatusForbidden,
	portal.Unauthenticated: http.StatusUnauthorized,
	portal.TooLarge:        http.StatusRequestEntityTooLarge,
	portal.TooMany:         http.StatusTooManyRequests,
	portal.Unavailable:     http.StatusServiceUnavailable,
}

// showError turns an error from a handler into a page or, for the API, into
// a problem document (RFC 9457). It is the only place that chooses an
// error's status and the only place that logs it.
func (s *Server) showError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	e := visible(err)
	status := statuses[e.Kind]
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		status = 499 // the client has gone
	}
	if e.Kind == portal.Internal {
		e.Args = portal.Args{"Ref": refOf(c)}
		s.Log.Error("request failed", "ref", refOf(c), "route", c.Path(), "error", err)
	} else {
		level := slog.LevelDebug
		if e.Kind == portal.Forbidden || e.Kind == portal.TooMany || e.Kind == portal.Unavailable {
			level = slog.LevelInfo
		}
		s.Log.Log(c.Request().Context(), level, "request refused", "ref", refOf(c), "route", c.Path(), "status", status, "who", actorOf(c).Login, "key", e.Key)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	if strings.HasPrefix(strings.TrimPrefix(c.Request().URL.Path, s.BasePath), "/api/") {
		s.showProblem(c, status, e)
		return
	}
	if e.Kind == portal.Unauthenticated && c.Request().Method == http.MethodGet && status == http.StatusUnauthorized && !strings.HasSuffix(c.Path(), "/sign-in") {
		if err := c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/sign-in"); err == nil {
			return
		}
	}
	page := errorPage{base: s.base(c, textsOf(c).T("error.title")), Status: status, Message: textsOf(c).Args(e.Key, e.Args)}
	if e.Kind == portal.TooMany {
		page.Puzzle, page.Bits, page.Method = s.passes.puzzle(), passBits, c.Request().Method
	}
	for _, p := range e.Problems {
		page.Problems = append(page.Problems, textsOf(c).Args(p.Key, p.Args))
	}
	if err := s.render(c, status, "error", page); err != nil {
		s.Log.Error("error page failed", "ref", refOf(c), "error", err)
		// The client has gone or the answer has begun; there is nobody to tell.
		_ = c.NoContent(status)
	}
}

// errorPage is what error.html shows.
type errorPage struct {
	base
	Status   int
	Message  string
	Problems []string
	Puzzle   string // to be solved by whoever asked too often
	Bits     int
	Method   string
}

// problem is a problem document.
type problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Errors []problemField `json:"errors,omitempty"`
	Event  *int           `json:"event,omitempty"` // index of the event at fault
}

type problemField struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func (s *Server) showProblem(c echo.Context, status int, e portal.Error) {
	t := textsOf(c)
	p := problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: t.Args(e.Key, e.Args)}
	for _, x := range e.Problems {
		p.Errors = append(p.Errors, problemField{x.Field, t.Args(x.Key, x.Args)})
	}
	if ee, ok := errors.AsType[*clock.EventError](e.Err); ok {
		p.Detail = ee.Text(t.Lang)
		if ee.Index >= 0 {
			p.Event = &ee.Index
		}
	}
	b, err := json.Marshal(p)
	if err == nil {
		err = c.Blob(status, "application/problem+json", b)
	}
	if err != nil {
		s.Log.Debug("problem not sent", "ref", refOf(c), "error", err)
	}
}

// visible returns the part of err that a visitor may see.
func visible(err error) portal.Error {
	if e, ok := errors.AsType[*portal.Error](err); ok && e.Kind != portal.Internal {
		return *e
	}
	if e, ok := errors.AsType[*clock.EventError](err); ok {
		return portal.Error{Kind: portal.Invalid, Key: "error.event", Args: portal.Args{"Reason": e.Text("zh"), "ReasonEN": e.Text("en")}, Err: e}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return portal.Error{Kind: portal.Unavailable, Key: "error.too_slow"}
	}
	if he, ok := errors.AsType[*echo.HTTPError](err); ok { // from echo's router or middleware
		switch he.Code {
		case http.StatusNotFound, http.StatusMethodNotAllowed:
			return portal.Error{Kind: portal.NotFound, Key: "error.not_found"}
		case http.StatusForbidden:
			return portal.Error{Kind: portal.Forbidden, Key: "error.forbidden"}
		case http.StatusRequestEntityTooLarge:
			return portal.Error{Kind: portal.TooLarge, Key: "error.too_large", Args: portal.Args{"Limit": maxFormBody >> 20}}
		case http.StatusBadRequest:
			return portal.Error{Kind: portal.Invalid, Key: "error.form"}
		}
	}
	return portal.Error{Kind: portal.Internal, Key: "error.internal"}
}
