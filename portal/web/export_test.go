package web

import (
	"net/http"

	"github.com/alexedwards/scs/v2"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// Route is an address with its method.
type Route struct{ Method, Path string }

// Routes lists every route of a server, for the test that walks them.
func Routes(s *Server) []Route {
	var out []Route
	for _, c := range s.checks {
		out = append(out, Route{c.Method, c.Path})
	}
	return out
}

// RequireSecond makes roles need a second factor.
func RequireSecond(s *Server, roles ...portal.Role) { s.account.People.SecondFor = roles }

// ReadPlain reads a request's head as the front does.
func ReadPlain(head []byte) (target, host string, ok bool) {
	var a asked
	ok = a.read(head)
	return a.target, a.host, ok
}

// Tracked makes what keeps track of sessions in a store, and what gives requests theirs.
func Tracked(store SessionStore) (*scs.SessionManager, func(http.Handler) http.Handler) {
	m := sessionsOf(&page.Site{}, store)
	return m, tracked(m)
}
