package page

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// Statuses gives the HTTP status for each kind of error.
var Statuses = map[portal.Kind]int{
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

// Visible returns the part of err that a visitor may see.
func Visible(err error) portal.Error {
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
			return portal.Error{Kind: portal.TooLarge, Key: "error.too_large", Args: portal.Args{"Limit": MaxFormBody >> 20}}
		case http.StatusBadRequest:
			return portal.Error{Kind: portal.Invalid, Key: "error.form"}
		}
	}
	return portal.Error{Kind: portal.Internal, Key: "error.internal"}
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

func (s *Site) ShowProblem(c echo.Context, status int, e portal.Error) {
	t := TextsOf(c)
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
		s.Log.Debug("problem not sent", "ref", RefOf(c), "error", err)
	}
}
