package page

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
)

// Mount takes the addresses of a face: by who may ask, with what bounds each.
type Mount struct {
	Open  Access // no session is read, so that pages can be kept
	Visit Access // a session, but nobody need be signed in
	Desk  Access // a session and an act

	Page     echo.MiddlewareFunc // bounds on the body and the time of a page
	Download echo.MiddlewareFunc // more time
	Upload   echo.MiddlewareFunc // a form with files
	Bulk     echo.MiddlewareFunc // a form with many files
	Cached   echo.MiddlewareFunc // the same for everybody, until something public changes
	Found    echo.MiddlewareFunc // Cached, of what the index finds
	Fresh    echo.MiddlewareFunc // asks for the password again, if it was given long ago
	Limited  func(what string, burst int) echo.MiddlewareFunc
	Bounded  func(body int64, limit time.Duration) echo.MiddlewareFunc
}

// Access adds addresses under one guard.
type Access struct {
	Add func(method, path string, act portal.Act, h echo.HandlerFunc, m []echo.MiddlewareFunc)
}

// Get adds an address to read.
func (a Access) Get(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
	a.Add(http.MethodGet, path, "", h, m)
}

// Post adds an address that changes something.
func (a Access) Post(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
	a.Add(http.MethodPost, path, "", h, m)
}

// See adds an address that needs an act.
func (a Access) See(method, path string, act portal.Act, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
	a.Add(method, path, act, h, m)
}
