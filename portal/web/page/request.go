package page

import (
	"net/netip"
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/locale"
)

// Keys of what a request carries along.
const (
	KeyLang  = "lang"
	KeyActor = "actor"
	KeyRef   = "ref"
	KeyLarge = "large"
)

func RefOf(c echo.Context) string { ref, _ := c.Get(KeyRef).(string); return ref }

func LangOf(c echo.Context) string {
	if l, ok := c.Get(KeyLang).(string); ok {
		return l
	}
	return locale.Langs[0]
}

// LargeOf reports whether larger type and fewer things are asked for (长者版).
func LargeOf(c echo.Context) bool { large, _ := c.Get(KeyLarge).(bool); return large }

func TextsOf(c echo.Context) *locale.Texts { return locale.In(LangOf(c)) }

// ActorOf returns who asks; the zero Actor may do nothing.
func ActorOf(c echo.Context) portal.Actor { a, _ := c.Get(KeyActor).(portal.Actor); return a }

// Flash keeps a text for the next page: what was just done.
func (s *Site) Flash(c echo.Context, key string, pairs ...any) {
	s.Session.Put(c.Request().Context(), "flash", TextsOf(c).T(key, pairs...))
}

func (s *Site) DeskBase(c echo.Context, title string) Base {
	b := s.Base(c, title)
	b.Desk = true
	b.Flash = s.Session.PopString(c.Request().Context(), "flash")
	if s.Start != nil && ActorOf(c).CanSome(portal.ManageOrgans) {
		b.Opening = s.Start(c).at(c.Request().URL.Path)
	}
	return b
}

// Network is whom a limit counts as one: an IPv4 address, or the /64 that a
// household or a server has of IPv6.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap().WithZone(""); a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// Itoa and atoi are for small numbers in addresses; what is no number is 0.
func Itoa(n int) string { return strconv.Itoa(n) }

func Atoi(s string) int {
	n, _ := strconv.Atoi(s) // 0 is no number of anything here
	return n
}

// TrackKey is where a session keeps the query code of a number that was given.
func TrackKey(number string) string { return "track " + number }

func CaseNumber(c echo.Context) cases.ApplicationNumber {
	return cases.ApplicationNumber(c.Param("number"))
}
