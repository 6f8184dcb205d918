package public

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/portal/query"
	"gongkai/portal/web/page"
)

// alertPage makes the page of the form for a new alert (订阅提醒).
func (s *Face) alertPage(c echo.Context) (page.FormPage, error) {
	t := page.TextsOf(c)
	saved := page.SavedParams(c.QueryParams())
	if _, err := query.QueryFrom(saved); err != nil {
		return page.FormPage{}, err
	}
	if len(saved) == 0 || s.Alerts == nil {
		return page.FormPage{}, portal.Missing()
	}
	p := page.FormPage{Base: s.Base(c, t.T("alert.title")), Intro: t.T("alert.intro", "Search", query.SavedName(saved, t.Lang, s.OrganIn(t.Lang))), Back: s.BasePath + "/search?" + saved.Encode()}
	p.Section = "search"
	p.Form = page.Form{Action: s.BasePath + "/alerts/new?" + saved.Encode(), Submit: t.T("alert.submit"), Fields: []page.Field{
		{Name: "email", Kind: "email", Label: t.T("alert.email"), Hint: t.T("alert.email_hint"), Autocomplete: "email"},
		{Name: "every", Kind: "radios", Label: t.T("alert.every"), Value: string(alerts.Daily)},
	}}
	for _, e := range alerts.Frequencies {
		p.Form.Fields[1].Options = append(p.Form.Fields[1].Options, page.Option{Value: string(e), Label: t.T("alert.every." + string(e))})
	}
	return p, nil
}

func (s *Face) alertForm(c echo.Context) error {
	p, err := s.alertPage(c)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "form", p)
}

// alertAsk answers POST /alerts/new. Its answer does not tell whether the
// address has alerts already.
func (s *Face) alertAsk(c echo.Context) error {
	p, err := s.alertPage(c)
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	if err := s.Alerts.Ask(c.Request().Context(), page.SavedParams(c.QueryParams()), page.Typed(c, "email"), t.Lang, alerts.Frequency(page.Typed(c, "every")), s.Writer); err != nil {
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, page.Statuses[page.Visible(err).Kind], "form", p)
	}
	b := s.Base(c, t.T("alert.sent_title"))
	return s.Render(c, http.StatusOK, "notice", page.NoticePage{Base: b, Text: t.T("alert.sent"), LinkTo: p.Back, Link: t.T("alert.back")})
}

// alertLink shows the page behind a link of a message: nothing happens until
// its button is pressed, since mail programs look at links by themselves.
func (s *Face) alertLink(purpose alerts.LinkPurpose, title, button string) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.Alerts == nil {
			return portal.Missing()
		}
		a, err := s.Alerts.Linked(c.Request().Context(), purpose, c.Param("token"))
		if err != nil {
			return err
		}
		t := page.TextsOf(c)
		f := &page.Form{Action: c.Request().URL.Path, Submit: t.T(button)}
		return s.Render(c, http.StatusOK, "notice", page.NoticePage{Base: s.Base(c, t.T(title)), Text: query.SavedName(a.Params(), t.Lang, s.OrganIn(t.Lang)), Form: f})
	}
}

func (s *Face) alertConfirm(c echo.Context) error {
	if s.Alerts == nil {
		return portal.Missing()
	}
	a, err := s.Alerts.Confirm(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	return s.Render(c, http.StatusOK, "notice", page.NoticePage{Base: s.Base(c, t.T("alert.confirmed_title")), Text: t.T("alert.confirmed", "Search", query.SavedName(a.Params(), t.Lang, s.OrganIn(t.Lang)), "Every", t.T("alert.every."+string(a.Every))),
		LinkTo: s.BasePath + "/search?" + a.Query, Link: t.T("alert.back")})
}

// alertStop answers POST /alerts/stop/{token}: from the page's button, and
// from mail programs, which send no cookie (RFC 8058).
func (s *Face) alertStop(c echo.Context) error {
	if s.Alerts == nil {
		return portal.Missing()
	}
	if err := s.Alerts.Stop(c.Request().Context(), c.Param("token")); err != nil {
		return err
	}
	t := page.TextsOf(c)
	return s.Render(c, http.StatusOK, "notice", page.NoticePage{Base: s.Base(c, t.T("alert.stopped_title")), Text: t.T("alert.stopped"), LinkTo: s.BasePath + "/", Link: t.T("nav.home")})
}
