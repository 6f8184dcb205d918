package account

import (
	"crypto/subtle"
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/people"
	"gongkai/portal/text"
	"gongkai/portal/web/gate"
	"gongkai/portal/web/page"
)

// Who finds out who is signed in. A session that is older than the last
// change of the account's password or rights is nobody's.
func (s *Face) Who(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		login := s.Session.GetString(ctx, sessionLogin)
		if login == "" {
			return next(c)
		}
		p, err := s.Store.Person(c.Request().Context(), portal.Login(login))
		switch {
		case err != nil && portal.KindOf(err) != portal.NotFound:
			return err
		case err != nil || p.Disabled || p.Epoch != s.Session.GetInt(ctx, sessionEpoch):
			if err := s.Session.Destroy(ctx); err != nil {
				return err
			}
		default:
			c.Set(page.KeyActor, p.Actor())
		}
		return next(c)
	}
}

// Need lets a request pass only if the actor may do act for some organ. Whoever
// sends a form after their session has ended signs in on the spot, and what they
// sent goes on.
func (s *Face) Need(act portal.Act) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Response().Header().Set("Cache-Control", "no-store")
			err := page.ActorOf(c).NeedSome(act)
			if portal.KindOf(err) == portal.Unauthenticated && err != nil && s.formSent(c) {
				return s.signInAndGoOn(c, act, next)
			}
			if err != nil {
				return err
			}
			return next(c)
		}
	}
}

func (s *Face) signInPage(c echo.Context) page.FormPage {
	t := page.TextsOf(c)
	p := page.FormPage{Base: s.Base(c, t.T("sign_in.title")), Intro: t.T("sign_in.intro")}
	p.Desk = true
	p.Form = page.Form{Action: s.BasePath + "/desk/sign-in", Submit: t.T("sign_in.submit"), Fields: []page.Field{
		{Name: "login", Kind: "text", Label: t.T("sign_in.login"), Autocomplete: "username", Max: 40},
		{Name: "password", Kind: "password", Label: t.T("sign_in.password"), Autocomplete: "current-password"},
	}}
	if s.Demo {
		p.Intro = t.T("sign_in.demo")
	}
	return p
}

func (s *Face) signInForm(c echo.Context) error {
	if page.ActorOf(c).Login != "" {
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk")
	}
	return s.Render(c, http.StatusOK, "form", s.signInPage(c))
}

// signIn answers POST /desk/sign-in.
func (s *Face) signIn(c echo.Context) error {
	login := portal.Login(text.Fold(page.Typed(c, "login")))
	if s.People.Guard.Crowded(login, s.Now()) {
		if !s.PassWithin(c, "sign-in crowd", gate.CrowdBurst) {
			return s.TooOften(c)
		}
	}
	person, err := s.People.SignIn(c.Request().Context(), login, c.FormValue("password"), page.Network(c.RealIP()))
	if err != nil {
		p := s.signInPage(c)
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, page.Statuses[portal.KindOf(err)], "form", p)
	}
	return s.openSession(c, person)
}

func (s *Face) signOut(c echo.Context) error {
	if err := s.Session.Destroy(c.Request().Context()); err != nil {
		return err
	}
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/")
}

func (s *Face) setupOpen(c echo.Context) error {
	people, err := s.Store.People(c.Request().Context())
	if err != nil {
		return err
	}
	token, err := s.Store.Secret(c.Request().Context(), SetupSecret, nil)
	if err != nil {
		return err
	}
	if len(people) > 0 || len(token) == 0 || subtle.ConstantTimeCompare([]byte(c.Param("token")), token) == 0 {
		return portal.Missing()
	}
	return nil
}

func (s *Face) setupPage(c echo.Context) page.FormPage {
	t := page.TextsOf(c)
	p := page.FormPage{Base: s.Base(c, t.T("setup.title")), Intro: t.T("setup.intro")}
	p.Desk = true
	p.Form = page.Form{Action: c.Request().URL.Path, Submit: t.T("setup.submit"), Fields: []page.Field{
		{Name: "login", Kind: "text", Label: t.T("sign_in.login"), Hint: t.T("people.login_hint"), Autocomplete: "username", Max: 40},
		{Name: "name", Kind: "text", Label: t.T("people.name"), Max: 80, Autocomplete: "name"},
		{Name: "password", Kind: "password", Label: t.T("sign_in.password"), Hint: t.T("people.password_hint", "Limit", people.MinPassword), Autocomplete: "new-password"},
	}}
	return p
}

func (s *Face) setupForm(c echo.Context) error {
	if err := s.setupOpen(c); err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "form", s.setupPage(c))
}

// setup answers POST /setup/{token}: it makes the first administrator and
// ends the link.
func (s *Face) setup(c echo.Context) error {
	if err := s.setupOpen(c); err != nil {
		return err
	}
	person := &portal.Person{Login: portal.Login(page.Typed(c, "login")), Name: page.Typed(c, "name")}
	if err := s.People.AddFirst(c.Request().Context(), person, c.FormValue("password"), SetupSecret, c.Param("token")); err != nil {
		p := s.setupPage(c)
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, http.StatusUnprocessableEntity, "form", p)
	}
	return s.openSession(c, person)
}

func (s *Face) passwordPage(c echo.Context) page.FormPage {
	t := page.TextsOf(c)
	p := page.FormPage{Base: s.Base(c, t.T("password.title")), Back: s.BasePath + "/desk"}
	p.Desk = true
	p.Form = page.Form{Action: s.BasePath + "/desk/password", Submit: t.T("form.save"), Fields: []page.Field{
		{Name: "old", Kind: "password", Label: t.T("password.old"), Autocomplete: "current-password"},
		{Name: "password", Kind: "password", Label: t.T("password.new"), Hint: t.T("people.password_hint", "Limit", people.MinPassword), Autocomplete: "new-password"},
	}}
	return p
}

func (s *Face) passwordForm(c echo.Context) error {
	return s.Render(c, http.StatusOK, "form", s.passwordPage(c))
}

// password answers POST /desk/password: one's own new password.
func (s *Face) password(c echo.Context) error {
	by := page.ActorOf(c)
	_, err := s.People.SignIn(c.Request().Context(), by.Login, c.FormValue("old"), page.Network(c.RealIP()))
	if portal.KindOf(err) == portal.Unauthenticated {
		err = portal.Wrong("old", "error.password_wrong", nil)
	}
	if err == nil {
		err = s.People.SetPassword(c.Request().Context(), by, by.Login, c.FormValue("password"))
	}
	if err != nil {
		p := s.passwordPage(c)
		if err := p.Form.Refuse(page.TextsOf(c), err); err != nil {
			return err
		}
		return s.Render(c, http.StatusUnprocessableEntity, "form", p)
	}
	person, err := s.Store.Person(c.Request().Context(), by.Login)
	if err != nil {
		return err
	}
	s.Flash(c, "password.done")
	return s.signedIn(c, person)
}

// SetupSecret is the name of the secret in the one-time link by which the
// first administrator is made.
const SetupSecret = "setup"
