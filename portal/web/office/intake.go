package office

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/web/page"
)

// intakePage makes the form for what came otherwise than over the internet
// (第二十九条).
func (s counter) intakePage(c echo.Context) page.FormPage {
	t := page.TextsOf(c)
	p := page.FormPage{Base: s.DeskBase(c, t.T("intake.title")), Intro: t.T("intake.about"), Back: s.BasePath + "/desk/applications"}
	var channels []page.Option
	for _, x := range portal.Channels.Terms {
		if x.Code != "web" {
			channels = append(channels, page.Option{Value: x.Code, Label: portal.Named(x.Name, t.Lang)})
		}
	}
	fields := []page.Field{
		{Name: "channel", Kind: "radios", Label: t.T("intake.channel"), Hint: t.T("intake.channel_hint"), Options: channels, Value: "in_person"},
		{Name: "date", Kind: "date", Label: t.T("intake.date"), Hint: t.T("intake.date_hint"), Value: s.Today().String()},
		{Name: "organ", Kind: "select", Label: t.T("apply.organ"), Options: append([]page.Option{{Label: t.T("form.choose")}}, s.OrgansOf(c, portal.HandleApplications, "")...)},
	}
	fields = append(fields, s.ApplicantForm(c)...)
	fields = append(fields, page.Field{Name: "files", Kind: "file", Label: t.T("intake.scans"), Hint: t.T("form.file_hint", "Limit", portal.MaxFile>>20), Optional: true, Multiple: true})
	p.Form = page.Form{Action: s.BasePath + "/desk/intake", Submit: t.T("intake.submit"), Fields: fields}
	return p
}

func (s counter) intakeForm(c echo.Context) error {
	return s.Render(c, http.StatusOK, "form", s.intakePage(c))
}

// intake answers POST /desk/intake.
func (s counter) intake(c echo.Context) error {
	var ps []portal.Problem
	list, who, err := s.Matters(c)
	if err == nil {
		e := clock.Event{Type: clock.Received, Channel: page.Typed(c, "channel"), Date: page.DayOf(c, "date", &ps)}
		for _, a := range list {
			a.Steps = []cases.CaseStep{{Event: e}}
		}
		err = page.Joined(ps, nil)
	}
	var receipts []cases.Acknowledgement
	if err == nil {
		receipts, err = s.Cases.Applying().TakeIn(c.Request().Context(), page.ActorOf(c), list, who)
	}
	if err != nil {
		p := s.intakePage(c)
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, http.StatusUnprocessableEntity, "form", p)
	}
	t := page.TextsOf(c)
	p := intakeDonePage{Base: s.DeskBase(c, t.T("intake.done")), Receipts: receipts}
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.Render(c, http.StatusOK, "desk_intake", p)
}

// intakeDonePage is what desk_intake.html shows: the numbers, and the query
// codes to give to the applicant, once.
type intakeDonePage struct {
	page.Base
	Receipts []cases.Acknowledgement
}
