package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/portal/locale"
	"gongkai/portal/query"
)

// noticePage is what notice.html shows: a title, a text, and perhaps a form
// with one button or a link.
type noticePage struct {
	base
	Text   string
	Form   *form
	Link   string
	LinkTo string
}

// alertPage makes the page of the form for a new alert (订阅提醒).
func (s *Server) alertPage(c echo.Context) (formPage, error) {
	t := textsOf(c)
	saved := savedParams(c.QueryParams())
	if _, err := query.QueryFrom(saved); err != nil {
		return formPage{}, err
	}
	if len(saved) == 0 || s.Alerts == nil {
		return formPage{}, portal.Missing()
	}
	p := formPage{base: s.base(c, t.T("alert.title")), Intro: t.T("alert.intro", "Search", s.searchName(saved, t.Lang)), Back: s.BasePath + "/search?" + saved.Encode()}
	p.Section = "search"
	p.Form = form{Action: s.BasePath + "/alerts/new?" + saved.Encode(), Submit: t.T("alert.submit"), Fields: []field{
		{Name: "email", Kind: "email", Label: t.T("alert.email"), Hint: t.T("alert.email_hint"), Autocomplete: "email"},
		{Name: "every", Kind: "radios", Label: t.T("alert.every"), Value: string(alerts.Daily)},
	}}
	for _, e := range alerts.Frequencies {
		p.Form.Fields[1].Options = append(p.Form.Fields[1].Options, option{Value: string(e), Label: t.T("alert.every." + string(e))})
	}
	return p, nil
}

func (s *Server) alertForm(c echo.Context) error {
	p, err := s.alertPage(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "form", p)
}

// alertAsk answers POST /alerts/new. Its answer does not tell whether the
// address has alerts already.
func (s *Server) alertAsk(c echo.Context) error {
	p, err := s.alertPage(c)
	if err != nil {
		return err
	}
	t := textsOf(c)
	if err := s.Alerts.Ask(savedParams(c.QueryParams()), typed(c, "email"), t.Lang, alerts.Frequency(typed(c, "every")), s); err != nil {
		if err := p.Form.again(c, err); err != nil {
			return err
		}
		return s.render(c, statuses[visible(err).Kind], "form", p)
	}
	b := s.base(c, t.T("alert.sent_title"))
	return s.render(c, http.StatusOK, "notice", noticePage{base: b, Text: t.T("alert.sent"), LinkTo: p.Back, Link: t.T("alert.back")})
}

// alertLink shows the page behind a link of a message: nothing happens until
// its button is pressed, since mail programs look at links by themselves.
func (s *Server) alertLink(purpose alerts.LinkPurpose, title, button string) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.Alerts == nil {
			return portal.Missing()
		}
		a, err := s.Alerts.Linked(purpose, c.Param("token"))
		if err != nil {
			return err
		}
		t := textsOf(c)
		f := &form{Action: c.Request().URL.Path, Submit: t.T(button)}
		return s.render(c, http.StatusOK, "notice", noticePage{base: s.base(c, t.T(title)), Text: s.searchName(a.Params(), t.Lang), Form: f})
	}
}

func (s *Server) alertConfirm(c echo.Context) error {
	if s.Alerts == nil {
		return portal.Missing()
	}
	a, err := s.Alerts.Confirm(c.Param("token"))
	if err != nil {
		return err
	}
	t := textsOf(c)
	return s.render(c, http.StatusOK, "notice", noticePage{base: s.base(c, t.T("alert.confirmed_title")), Text: t.T("alert.confirmed", "Search", s.searchName(a.Params(), t.Lang), "Every", t.T("alert.every."+string(a.Every))),
		LinkTo: s.BasePath + "/search?" + a.Query, Link: t.T("alert.back")})
}

// alertStop answers POST /alerts/stop/{token}: from the page's button, and
// from mail programs, which send no cookie (RFC 8058).
func (s *Server) alertStop(c echo.Context) error {
	if s.Alerts == nil {
		return portal.Missing()
	}
	if err := s.Alerts.Stop(c.Param("token")); err != nil {
		return err
	}
	t := textsOf(c)
	return s.render(c, http.StatusOK, "notice", noticePage{base: s.base(c, t.T("alert.stopped_title")), Text: t.T("alert.stopped"), LinkTo: s.BasePath + "/", Link: t.T("nav.home")})
}

// ConfirmMail writes the message that asks to confirm an alert.
func (s *Server) ConfirmMail(a *alerts.Alert, token string) *portal.Mail {
	t := locale.In(a.Lang)
	site := portal.Named(s.SiteName, t.Lang)
	return &portal.Mail{Subject: t.T("alert.mail.confirm_subject", "Site", site),
		Text: t.T("alert.mail.confirm", "Site", site, "URL", s.Origin+s.BasePath+"/alerts/confirm/"+token)}
}

// AlertMail writes the message that tells of records; nil if none of them is
// public any more.
func (s *Server) AlertMail(a *alerts.Alert, keys []portal.Key, token string) *portal.Mail {
	t := locale.In(a.Lang)
	name := s.searchName(a.Params(), t.Lang)
	stop := s.Origin + s.BasePath + "/alerts/stop/" + token
	var b strings.Builder
	n := 0
	for _, l := range s.Store.Listings(keys...) {
		if l == nil {
			continue
		}
		if n++; n > alerts.MaxListed {
			continue
		}
		b.WriteString(portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, t.Lang) + "\n")
		var facts []string
		if l.Version > 1 {
			facts = append(facts, t.T("alert.mail.changed"))
		}
		for _, o := range l.Organs {
			facts = append(facts, s.organName(o, t.Lang))
		}
		if l.Number != "" {
			facts = append(facts, l.Number)
		}
		b.WriteString(strings.Join(append(facts, l.Published.String()), " · ") + "\n" + s.Origin + s.address(l.Key) + "\n\n")
	}
	if n == 0 {
		return nil
	}
	if n > alerts.MaxListed {
		b.WriteString(t.T("alert.mail.more", "N", n-alerts.MaxListed) + "\n" + s.Origin + s.BasePath + "/search?" + a.Query + "&sort=date\n\n")
	}
	why := t.T("alert.mail.why", "Site", portal.Named(s.SiteName, t.Lang), "Search", name, "Date", t.Date(portal.DateOf(a.Confirmed.In(s.Now().Location()))), "Every", t.T("alert.every."+string(a.Every)), "URL", stop)
	return &portal.Mail{Subject: t.T("alert.mail.subject", "N", n, "Search", name), Text: b.String() + why, Stop: stop}
}
