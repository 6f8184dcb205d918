package account

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/text"
	"gongkai/portal/web/gate"
	"gongkai/portal/web/page"
)

// formSent reports whether a request is a form that a person has sent from a page.
func (s *Face) formSent(c echo.Context) bool {
	kind := c.Request().Header.Get(echo.HeaderContentType)
	return c.Request().Method == http.MethodPost && (strings.HasPrefix(kind, echo.MIMEApplicationForm) || strings.HasPrefix(kind, echo.MIMEMultipartForm)) &&
		!strings.HasPrefix(c.Request().Header.Get("Accept"), echo.MIMEApplicationJSON) // a script cannot sign in
}

// Names of the fields with which somebody signs in beside what they sent.
const (
	againLogin    = "again_login"
	againPassword = "again_password"
	againCode     = "again_code"
)

// signInAndGoOn asks whoever sent a form without a session to sign in, keeping what
// was typed, and lets it go on once they have. Files are not kept: the page says
// so.
func (s *Face) signInAndGoOn(c echo.Context, act portal.Act, next echo.HandlerFunc) error {
	values, files, err := page.FormTyped(c, page.MaxUploadBody)
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	p := againPage{Base: s.Base(c, t.T("goon.title")), Action: c.Request().URL.RequestURI(), About: t.T("goon.about")}
	p.Desk = true
	if files {
		p.About += " " + t.T("goon.files")
	}
	p.Form = page.Form{Fields: []page.Field{
		{Name: againLogin, Kind: "text", Label: t.T("sign_in.login"), Autocomplete: "username", Max: 40, Value: values.Get(againLogin)},
		{Name: againPassword, Kind: "password", Label: t.T("sign_in.password"), Autocomplete: "current-password"},
		{Name: againCode, Kind: "text", Label: t.T("second.code"), Hint: t.T("goon.code_hint"), Autocomplete: "one-time-code", Max: 40, Optional: true}}}
	if values.Has(againLogin) {
		err = s.signInBeside(c, values.Get(againLogin), values.Get(againPassword), values.Get(againCode))
		if err == nil {
			if err := page.ActorOf(c).NeedSome(act); err != nil {
				return err
			}
			return next(c)
		}
		if err := p.Form.Refuse(t, err); err != nil {
			return err
		}
	}
	for name, list := range values {
		for _, v := range list {
			if !strings.HasPrefix(name, "again_") && !c.Request().URL.Query().Has(name) {
				p.Kept = append(p.Kept, page.Field{Name: name, Value: v})
			}
		}
	}
	return s.Render(c, http.StatusUnauthorized, "desk_again", p)
}

// signInBeside signs somebody in whose request goes on.
func (s *Face) signInBeside(c echo.Context, login, password, code string) error {
	if !s.Within(c, "sign-in", 10) {
		return s.TooOften(c)
	}
	l, network := portal.Login(text.Fold(strings.TrimSpace(login))), page.Network(c.RealIP())
	if s.People.Guard.Crowded(l, s.Now()) && !s.PassWithin(c, "sign-in crowd", gate.CrowdBurst) {
		return s.TooOften(c)
	}
	person, err := s.People.SignIn(c.Request().Context(), l, password, network)
	if err != nil {
		if portal.KindOf(err) == portal.Unauthenticated {
			err = portal.Wrong(againPassword, "error.sign_in_wrong", nil)
		}
		return err
	}
	f, err := s.Store.SecondFactor(c.Request().Context(), person.Login)
	if err != nil {
		return err
	}
	if f.Any() {
		if err := s.People.CheckSecond(c.Request().Context(), person, code, network); err != nil {
			if portal.KindOf(err) == portal.Invalid {
				err = portal.Wrong(againCode, "error.code_wrong", nil)
			}
			return err
		}
	}
	if err := s.begin(c, person); err != nil {
		return err
	}
	c.Set(page.KeyActor, person.Actor())
	return nil
}
