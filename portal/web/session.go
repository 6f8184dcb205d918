package web

import (
	"crypto/subtle"
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/people"
	"gongkai/portal/text"
)

// who finds out who is signed in. A session that is older than the last
// change of the account's password or rights is nobody's.
func (s *Server) who(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		login := s.sessions.GetString(ctx, sessionLogin)
		if login == "" {
			return next(c)
		}
		p, err := s.Store.Person(portal.Login(login))
		switch {
		case err != nil && portal.KindOf(err) != portal.NotFound:
			return err
		case err != nil || p.Disabled || p.Epoch != s.sessions.GetInt(ctx, sessionEpoch):
			if err := s.sessions.Destroy(ctx); err != nil {
				return err
			}
		default:
			c.Set(keyActor, p.Actor())
		}
		return next(c)
	}
}

// actorOf returns who asks; the zero Actor may do nothing.
func actorOf(c echo.Context) portal.Actor { a, _ := c.Get(keyActor).(portal.Actor); return a }

// need lets a request pass only if the actor may do act for some organ.
func (s *Server) need(act portal.Act) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Response().Header().Set("Cache-Control", "no-store")
			if err := actorOf(c).NeedSome(act); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// formPage is what form.html shows: a title and one form.
type formPage struct {
	base
	Intro string
	Form  form
	Back  string
}

func (s *Server) signInPage(c echo.Context) formPage {
	t := textsOf(c)
	p := formPage{base: s.base(c, t.T("sign_in.title")), Intro: t.T("sign_in.intro")}
	p.Desk = true
	p.Form = form{Action: s.BasePath + "/desk/sign-in", Submit: t.T("sign_in.submit"), Fields: []field{
		{Name: "login", Kind: "text", Label: t.T("sign_in.login"), Autocomplete: "username", Max: 40},
		{Name: "password", Kind: "password", Label: t.T("sign_in.password"), Autocomplete: "current-password"},
	}}
	if s.Demo {
		p.Intro = t.T("sign_in.demo")
	}
	return p
}

func (s *Server) signInForm(c echo.Context) error {
	if actorOf(c).Login != "" {
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk")
	}
	return s.render(c, http.StatusOK, "form", s.signInPage(c))
}

// signIn answers POST /desk/sign-in.
func (s *Server) signIn(c echo.Context) error {
	login := portal.Login(text.Fold(typed(c, "login")))
	if s.People.Guard.Crowded(login, s.Now()) {
		if pass := s.passOf(c); pass == "" || !s.limits.allow("sign-in crowd", pass, 5) {
			return s.tooOften(c)
		}
	}
	person, err := s.People.SignIn(login, c.FormValue("password"), network(c.RealIP()))
	if err != nil {
		p := s.signInPage(c)
		if err := p.Form.again(c, err); err != nil {
			return err
		}
		return s.render(c, statuses[portal.KindOf(err)], "form", p)
	}
	return s.openSession(c, person)
}

func (s *Server) signOut(c echo.Context) error {
	if err := s.sessions.Destroy(c.Request().Context()); err != nil {
		return err
	}
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/")
}

// SetupSecret is the name of the secret in the one-time link by which the
// first administrator is made.
const SetupSecret = "setup"

func (s *Server) setupOpen(c echo.Context) error {
	people, err := s.Store.People()
	if err != nil {
		return err
	}
	token, err := s.Store.Secret(SetupSecret, nil)
	if err != nil {
		return err
	}
	if len(people) > 0 || len(token) == 0 || subtle.ConstantTimeCompare([]byte(c.Param("token")), token) == 0 {
		return portal.Missing()
	}
	return nil
}

func (s *Server) setupPage(c echo.Context) formPage {
	t := textsOf(c)
	p := formPage{base: s.base(c, t.T("setup.title")), Intro: t.T("setup.intro")}
	p.Desk = true
	p.Form = form{Action: c.Request().URL.Path, Submit: t.T("setup.submit"), Fields: []field{
		{Name: "login", Kind: "text", Label: t.T("sign_in.login"), Hint: t.T("people.login_hint"), Autocomplete: "username", Max: 40},
		{Name: "name", Kind: "text", Label: t.T("people.name"), Max: 80, Autocomplete: "name"},
		{Name: "password", Kind: "password", Label: t.T("sign_in.password"), Hint: t.T("people.password_hint", "Limit", people.MinPassword), Autocomplete: "new-password"},
	}}
	return p
}

func (s *Server) setupForm(c echo.Context) error {
	if err := s.setupOpen(c); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "form", s.setupPage(c))
}

// setup answers POST /setup/{token}: it makes the first administrator and
// ends the link.
func (s *Server) setup(c echo.Context) error {
	if err := s.setupOpen(c); err != nil {
		return err
	}
	person := &portal.Person{Login: portal.Login(typed(c, "login")), Name: typed(c, "name")}
	if err := s.People.AddFirst(person, c.FormValue("password"), SetupSecret, c.Param("token")); err != nil {
		p := s.setupPage(c)
		if err := p.Form.again(c, err); err != nil {
			return err
		}
		return s.render(c, http.StatusUnprocessableEntity, "form", p)
	}
	return s.openSession(c, person)
}

func (s *Server) passwordPage(c echo.Context) formPage {
	t := textsOf(c)
	p := formPage{base: s.base(c, t.T("password.title")), Back: s.BasePath + "/desk"}
	p.Desk = true
	p.Form = form{Action: s.BasePath + "/desk/password", Submit: t.T("form.save"), Fields: []field{
		{Name: "old", Kind: "password", Label: t.T("password.old"), Autocomplete: "current-password"},
		{Name: "password", Kind: "password", Label: t.T("password.new"), Hint: t.T("people.password_hint", "Limit", people.MinPassword), Autocomplete: "new-password"},
	}}
	return p
}

func (s *Server) passwordForm(c echo.Context) error {
	return s.render(c, http.StatusOK, "form", s.passwordPage(c))
}

// password answers POST /desk/password: one's own new password.
func (s *Server) password(c echo.Context) error {
	by := actorOf(c)
	_, err := s.People.SignIn(by.Login, c.FormValue("old"), network(c.RealIP()))
	if portal.KindOf(err) == portal.Unauthenticated {
		err = portal.Wrong("old", "error.password_wrong", nil)
	}
	if err == nil {
		err = s.People.SetPassword(by, by.Login, c.FormValue("password"))
	}
	if err != nil {
		p := s.passwordPage(c)
		if err := p.Form.refuse(textsOf(c), err); err != nil {
			return err
		}
		return s.render(c, http.StatusUnprocessableEntity, "form", p)
	}
	person, err := s.Store.Person(by.Login)
	if err != nil {
		return err
	}
	s.flash(c, "password.done")
	return s.signedIn(c, person)
}
