package account

import (
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/people"
	"gongkai/portal/second"
	"gongkai/portal/text"
	"gongkai/portal/web/page"
)

// Keys of a session.
const (
	sessionLogin  = "login"
	sessionEpoch  = "epoch"
	sessionAuthAt = "authenticated" // when the password was last given
	sessionBegan  = "began"
	sessionAgent  = "agent"
	sessionID     = "id"   // tells one session of a person from another
	sessionHalf   = "half" // who has given the password, and not yet the second factor
	sessionSecret = "secret"
	sessionKey    = "passkey"
)

// freshTime is how long after signing in what cannot be undone is done without
// the password being asked for again.
const freshTime = 30 * time.Minute

// openSession signs a person in, or asks for the second factor first.
func (s *Face) openSession(c echo.Context, person *portal.Person) error {
	f, err := s.Store.SecondFactor(c.Request().Context(), person.Login)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := s.Session.RenewToken(ctx); err != nil {
		return err
	}
	if f.Any() {
		s.Session.Put(ctx, sessionHalf, string(person.Login))
		s.Session.Put(ctx, sessionBegan, s.Now().Unix())
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/second")
	}
	return s.signedIn(c, person)
}

// signedIn makes the session that of a person and goes to their first page.
func (s *Face) signedIn(c echo.Context, person *portal.Person) error {
	if err := s.begin(c, person); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk")
}

// begin makes the session that of a person.
func (s *Face) begin(c echo.Context, person *portal.Person) error {
	ctx := c.Request().Context()
	if err := s.Session.RenewToken(ctx); err != nil {
		return err
	}
	s.Session.Remove(ctx, sessionHalf)
	s.Session.Put(ctx, sessionLogin, string(person.Login))
	s.Session.Put(ctx, sessionEpoch, person.Epoch)
	s.Session.Put(ctx, sessionBegan, s.Now().Unix())
	s.Session.Put(ctx, sessionAuthAt, s.Now().Unix())
	s.Session.Put(ctx, sessionAgent, agent(c.Request().UserAgent()))
	s.Session.Put(ctx, sessionID, rand.Text())
	return nil
}

// agent names a browser in a few words.
func agent(ua string) string {
	name := "?"
	for _, n := range []string{"Edg", "Firefox", "Chrome", "Safari", "curl"} {
		if strings.Contains(ua, n) {
			name = strings.Replace(n, "Edg", "Edge", 1)
			break
		}
	}
	for _, os := range []string{"Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"} {
		if strings.Contains(ua, os) {
			return name + ", " + os
		}
	}
	return name
}

// half is who has given the password and is to give the second factor.
func (s factors) half(c echo.Context) (*portal.Person, error) {
	ctx := c.Request().Context()
	const wait = 10 * time.Minute
	login := s.Session.GetString(ctx, sessionHalf)
	if login == "" || s.Now().Sub(time.Unix(s.Session.GetInt64(ctx, sessionBegan), 0)) > wait {
		return nil, &portal.Error{Kind: portal.Unauthenticated, Key: "error.sign_in"}
	}
	return s.Store.Person(c.Request().Context(), portal.Login(login))
}

// secondPage is what desk_second.html shows.
type secondPage struct {
	page.Base
	Form page.Form
	Keys bool
}

func (s factors) secondPage(c echo.Context, person *portal.Person) (secondPage, error) {
	t := page.TextsOf(c)
	p := secondPage{Base: s.Base(c, t.T("second.title"))}
	p.Desk = true
	f, err := s.Store.SecondFactor(c.Request().Context(), person.Login)
	if err != nil {
		return p, err
	}
	p.Keys = len(f.Passkeys) > 0
	p.Form = page.Form{Action: s.BasePath + "/desk/second", Submit: t.T("second.submit"), Fields: []page.Field{{Name: "code", Kind: "text", Label: t.T("second.code"), Hint: t.T("second.code_hint"), Autocomplete: "one-time-code", Max: 40}}}
	return p, nil
}

func (s factors) secondForm(c echo.Context) error {
	person, err := s.half(c)
	if err != nil {
		return err
	}
	p, err := s.secondPage(c, person)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "desk_second", p)
}

// second answers POST /desk/second: a code of the app, or a recovery code.
func (s factors) second(c echo.Context) error {
	person, err := s.half(c)
	if err != nil {
		return err
	}
	if err := s.People.CheckSecond(c.Request().Context(), person, page.Typed(c, "code"), page.Network(c.RealIP())); err != nil {
		p, e := s.secondPage(c, person)
		if e == nil {
			e = p.Form.Refuse(page.TextsOf(c), err)
		}
		if e != nil {
			return e
		}
		return s.Render(c, page.Statuses[portal.KindOf(err)], "desk_second", p)
	}
	return s.signedIn(c, person)
}

// keys are a person's factors, and the passkeys of the site that a request came
// to.
func (s factors) keys(c echo.Context, person *portal.Person) (*people.SecondFactor, *second.Keys, error) {
	f, err := s.Store.SecondFactor(c.Request().Context(), person.Login)
	if err != nil {
		return nil, nil, err
	}
	k, err := second.NewKeys(s.OriginOf(c), portal.Named(s.Masthead().Name, "en"))
	return f, k, noPasskey(err)
}

// noPasskey says that a passkey did not work; why is for the log.
func noPasskey(err error) error {
	if err == nil {
		return nil
	}
	return &portal.Error{Kind: portal.Invalid, Key: "error.passkey", Err: err}
}

// keyAsk answers POST /desk/second/key: what the browser is to sign.
func (s factors) keyAsk(c echo.Context) error {
	person, err := s.half(c)
	if err != nil {
		return err
	}
	f, k, err := s.keys(c, person)
	if err != nil {
		return err
	}
	options, kept, err := k.Ask(person, f)
	if err != nil {
		return noPasskey(err)
	}
	s.Session.Put(c.Request().Context(), sessionKey, kept)
	return c.JSONBlob(http.StatusOK, options)
}

// maxKeyAnswer bounds what a browser sends of a passkey.
const maxKeyAnswer = 64 << 10

// keyAnswer answers POST /desk/second/answer: what it has signed.
func (s factors) keyAnswer(c echo.Context) error {
	person, err := s.half(c)
	if err != nil {
		return err
	}
	kept := s.Session.PopBytes(c.Request().Context(), sessionKey)
	f, k, err := s.keys(c, person)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(io.LimitReader(c.Request().Body, maxKeyAnswer))
	if err != nil {
		return err
	}
	id, state, err := k.Answered(person, f, kept, answer)
	if err != nil {
		if e := s.Store.Note(c.Request().Context(), person.Actor(), "second factor failed", "person/"+string(person.Login), page.Network(c.RealIP()), s.Now()); e != nil {
			return e
		}
		return noPasskey(err)
	}
	if err := s.People.UsedPasskey(c.Request().Context(), person.Actor(), id, state); err != nil {
		return err
	}
	return s.signedIn(c, person)
}

// securityPage is what desk_security.html shows: a person's second factors and
// sessions.
type securityPage struct {
	page.Base
	Second   *people.SecondFactor
	Must     bool // a role needs one
	Fresh    bool // the password was given a while ago only
	App      page.Form
	Secret   string
	QR       string
	Recovery []string
	Sessions []sessionRow
}

// sessionRow is a session of a person. Its token, which opens it, is not shown.
type sessionRow struct {
	token string
	ID    string
	Began time.Time
	Agent string
	This  bool
}

func (s factors) security(c echo.Context) error { return s.showSecurity(c, http.StatusOK, nil, nil) }

func (s factors) showSecurity(c echo.Context, status int, recovery []string, wrong error) error {
	t, by := page.TextsOf(c), page.ActorOf(c)
	person, err := s.Store.Person(c.Request().Context(), by.Login)
	if err != nil {
		return err
	}
	p := securityPage{Base: s.DeskBase(c, t.T("security.title")), Recovery: recovery, Must: s.People.RequiresSecond(person), Fresh: s.isFresh(c)}
	if p.Second, err = s.Store.SecondFactor(c.Request().Context(), by.Login); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if p.Second.Secret == "" && s.People.Codes != nil {
		// The same secret until it is confirmed, so that a wrong code costs no new scan.
		address := s.Session.GetString(ctx, sessionSecret+" address")
		p.Secret = s.Session.GetString(ctx, sessionSecret)
		if p.Secret == "" {
			if p.Secret, address, err = s.People.Codes.New(string(by.Login)); err != nil {
				return err
			}
			s.Session.Put(ctx, sessionSecret, p.Secret)
			s.Session.Put(ctx, sessionSecret+" address", address)
		}
		picture, err := second.Picture(address)
		if err != nil {
			return err
		}
		p.QR = "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture)
		p.App = page.Form{Action: s.BasePath + "/desk/security/app", Submit: t.T("security.app_submit"), Fields: []page.Field{{Name: "code", Kind: "text", Label: t.T("second.code"), Autocomplete: "one-time-code", Max: 10}}}
	}
	if p.Sessions, err = s.sessionsOf(c, by.Login); err != nil {
		return err
	}
	if wrong != nil {
		if err := p.App.Refuse(t, wrong); err != nil {
			return err
		}
	}
	// The picture is made here and holds nothing else.
	c.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'")
	return s.Render(c, status, "desk_security", p)
}

// sessionList is what the session store can do besides what the library asks.
type sessionList interface {
	All() (map[string][]byte, error)
	Delete(token string) error
}

// sessionsOf lists the sessions of a person, the newest first.
func (s factors) sessionsOf(c echo.Context, l portal.Login) ([]sessionRow, error) {
	list, ok := s.Session.Store.(sessionList)
	if !ok {
		return nil, nil
	}
	all, err := list.All()
	if err != nil {
		return nil, err
	}
	this := s.Session.GetString(c.Request().Context(), sessionID)
	var out []sessionRow
	for token, b := range all {
		_, values, err := scs.GobCodec{}.Decode(b)
		if err != nil || values[sessionLogin] != string(l) {
			continue
		}
		began, _ := values[sessionBegan].(int64)
		name, _ := values[sessionAgent].(string)
		id, _ := values[sessionID].(string)
		out = append(out, sessionRow{token, id, time.Unix(began, 0), name, this != "" && id == this})
	}
	slices.SortFunc(out, func(a, b sessionRow) int { return b.Began.Compare(a.Began) })
	return out, nil
}

// sessionEnd answers POST /desk/security/end: one session of one's own, or all
// but this.
func (s factors) sessionEnd(c echo.Context) error {
	rows, err := s.sessionsOf(c, page.ActorOf(c).Login)
	if err != nil {
		return err
	}
	list, _ := s.Session.Store.(sessionList)
	for _, r := range rows {
		if r.ID == c.FormValue("id") || c.FormValue("id") == "others" && !r.This {
			if err := list.Delete(r.token); err != nil {
				return err
			}
		}
	}
	if err := s.Store.Note(c.Request().Context(), page.ActorOf(c), "end sessions", "person/"+string(page.ActorOf(c).Login), "", s.Now()); err != nil {
		return err
	}
	s.Flash(c, "security.ended")
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/security")
}

// appSet answers POST /desk/security/app: the first code of an app.
func (s factors) appSet(c echo.Context) error {
	ctx := c.Request().Context()
	secret := s.Session.GetString(ctx, sessionSecret)
	if secret == "" {
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/security")
	}
	recovery, err := s.People.SetSecond(c.Request().Context(), page.ActorOf(c), secret, page.Typed(c, "code"))
	if err != nil {
		return s.showSecurity(c, http.StatusUnprocessableEntity, nil, err)
	}
	s.Session.Remove(ctx, sessionSecret)
	s.Session.Remove(ctx, sessionSecret+" address")
	return s.showSecurity(c, http.StatusOK, recovery, nil)
}

// secondDrop answers POST /desk/security/drop: no second factor any more.
func (s factors) secondDrop(c echo.Context) error {
	if err := s.People.DropSecond(c.Request().Context(), page.ActorOf(c), page.ActorOf(c).Login); err != nil {
		return err
	}
	s.Flash(c, "security.dropped")
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/security")
}

// securityAgain answers POST /desk/security/again, which s.Fresh guards: a
// passkey is made by a script, which cannot ask for the password itself.
func (s factors) securityAgain(c echo.Context) error {
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/security")
}

// keyRegister answers POST /desk/security/key: what the browser is to make.
func (s factors) keyRegister(c echo.Context) error {
	if !s.isFresh(c) {
		return &portal.Error{Kind: portal.Forbidden, Key: "error.passkey"}
	}
	person, f, k, err := s.ownKeys(c)
	if err != nil {
		return err
	}
	options, kept, err := k.Register(person, f)
	if err != nil {
		return noPasskey(err)
	}
	s.Session.Put(c.Request().Context(), sessionKey, kept)
	return c.JSONBlob(http.StatusOK, options)
}

// keyRegistered answers POST /desk/security/key/answer?name=: what it has made.
func (s factors) keyRegistered(c echo.Context) error {
	person, f, k, err := s.ownKeys(c)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(io.LimitReader(c.Request().Body, maxKeyAnswer))
	if err != nil {
		return err
	}
	key, err := k.Registered(person, f, s.Session.PopBytes(c.Request().Context(), sessionKey), answer)
	if err != nil {
		return noPasskey(err)
	}
	key.Name = text.Clean(strings.TrimSpace(c.QueryParam("name")))
	if key.Name == "" {
		key.Name = agent(c.Request().UserAgent())
	}
	recovery, err := s.People.AddPasskey(c.Request().Context(), page.ActorOf(c), key)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"recovery": recovery})
}

func (s factors) keyDrop(c echo.Context) error {
	if err := s.People.DropPasskey(c.Request().Context(), page.ActorOf(c), page.Typed(c, "id")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/security")
}

func (s factors) ownKeys(c echo.Context) (*portal.Person, *people.SecondFactor, *second.Keys, error) {
	person, err := s.Store.Person(c.Request().Context(), page.ActorOf(c).Login)
	if err != nil {
		return nil, nil, nil, err
	}
	f, k, err := s.keys(c, person)
	return person, f, k, err
}

// Enrolled sends whoever needs a second factor and has none to the page where
// one is made.
func (s *Face) Enrolled(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if len(s.People.SecondFor) == 0 || strings.HasPrefix(c.Path(), s.BasePath+"/desk/security") {
			return next(c)
		}
		a := page.ActorOf(c)
		if a.Login == "" || !s.People.RequiresSecond(&portal.Person{Grants: a.Grants}) {
			return next(c)
		}
		f, err := s.Store.SecondFactor(c.Request().Context(), a.Login)
		if err != nil {
			return err
		}
		if !f.Any() {
			return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/security")
		}
		return next(c)
	}
}

// againPage is what desk_again.html shows: the password is asked for again, and
// what was sent is kept.
type againPage struct {
	page.Base
	Action string
	About  string
	Kept   []page.Field
	Form   page.Form
}

// isFresh tells whether the password was given a while ago only.
func (s *Face) isFresh(c echo.Context) bool {
	at, now := time.Unix(s.Session.GetInt64(c.Request().Context(), sessionAuthAt), 0), s.Now()
	return now.Sub(at) < freshTime && !now.Before(at)
}

// Fresh asks for the password again before what cannot be undone, unless it was
// given a while ago only. What was sent goes on with it.
func (s *Face) Fresh(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		if s.isFresh(c) {
			return next(c)
		}
		t, by := page.TextsOf(c), page.ActorOf(c)
		values, err := c.FormParams()
		if err != nil {
			return page.UnreadableForm(err)
		}
		p := againPage{Base: s.DeskBase(c, t.T("again.title")), About: t.T("again.about"), Action: c.Request().URL.RequestURI()}
		p.Form = page.Form{Fields: []page.Field{{Name: againPassword, Kind: "password", Label: t.T("sign_in.password"), Autocomplete: "current-password"}}}
		for name, list := range values {
			for _, v := range list {
				if name != "again_password" && !c.Request().URL.Query().Has(name) {
					p.Kept = append(p.Kept, page.Field{Name: name, Value: v})
				}
			}
		}
		if typed := c.FormValue("again_password"); typed != "" {
			_, err := s.People.SignIn(c.Request().Context(), by.Login, typed, page.Network(c.RealIP()))
			if err == nil {
				s.Session.Put(ctx, sessionAuthAt, s.Now().Unix())
				return next(c)
			}
			if portal.KindOf(err) == portal.Unauthenticated {
				err = portal.Wrong("again_password", "error.password_wrong", nil)
			}
			if err := p.Form.Refuse(t, err); err != nil {
				return err
			}
		}
		return s.Render(c, http.StatusUnprocessableEntity, "desk_again", p)
	}
}
