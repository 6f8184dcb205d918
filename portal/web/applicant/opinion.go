package applicant

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/letter"
	"gongkai/portal/web/page"
)

// opinionPage is what opinion.html shows to a third party: the letter and the
// form for its answer.
type opinionPage struct {
	page.Base
	Letter string
	Organ  portal.Organ
	Due    portal.Date
	Open   bool
	Form   page.Form
}

// opinion answers GET /opinion/{number}/{letter}/{token}: the private link of a
// third party (第三十二条).
func (s *Face) opinion(c echo.Context) error { return s.showOpinion(c, http.StatusOK, nil) }

func (s *Face) showOpinion(c echo.Context, status int, wrong error) error {
	t := page.TextsOf(c)
	x, err := s.Cases.Opinions().Consultation(c.Request().Context(), page.CaseNumber(c), page.Atoi(c.Param("letter")), c.Param("token"))
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	c.Response().Header().Set("Referrer-Policy", "no-referrer")
	p := opinionPage{Base: s.Base(c, t.T("opinion.title")), Due: x.Due, Open: x.Open}
	p.Letter = letter.Printer{}.Plain(x.Text(t.T("opinion.here")))
	if p.Organ, err = s.Store.Organ(x.Organ); err != nil {
		return err
	}
	p.Form = page.Form{Action: c.Request().URL.Path, Submit: t.T("opinion.submit"), Fields: []page.Field{
		{Name: "opinion", Kind: "radios", Label: t.T("opinion.choice"), Options: page.Choices(portal.Opinions, t.Lang, "")},
		{Name: "reason", Kind: "textarea", Label: t.T("opinion.reason"), Hint: t.T("opinion.reason_hint"), Rows: 6, Max: portal.MaxNote, Optional: true}}}
	if wrong != nil {
		if err := p.Form.Again(c, wrong); err != nil {
			return err
		}
	}
	return s.Render(c, status, "opinion", p)
}

// opine answers POST to the private link, once.
func (s *Face) opine(c echo.Context) error {
	err := s.Cases.Opinions().Opine(c.Request().Context(), page.CaseNumber(c), page.Atoi(c.Param("letter")), c.Param("token"), page.Typed(c, "opinion"), page.Typed(c, "reason"))
	if portal.KindOf(err) == portal.Invalid {
		return s.showOpinion(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	return s.Render(c, http.StatusOK, "notice", page.NoticePage{Base: s.Base(c, t.T("opinion.done_title")), Text: t.T("opinion.done"), LinkTo: s.BasePath + "/", Link: t.T("nav.home")})
}
