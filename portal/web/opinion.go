package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/letter"
)

// opinionPage is what opinion.html shows to a third party: the letter and the
// form for its answer.
type opinionPage struct {
	base
	Letter string
	Organ  portal.Organ
	Due    portal.Date
	Open   bool
	Form   form
}

// opinion answers GET /opinion/{number}/{letter}/{token}: the private link of a
// third party (第三十二条).
func (s *Server) opinion(c echo.Context) error { return s.showOpinion(c, http.StatusOK, nil) }

func (s *Server) showOpinion(c echo.Context, status int, wrong error) error {
	t := textsOf(c)
	x, err := s.Cases.Consultation(caseNumber(c), atoi(c.Param("letter")), c.Param("token"))
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	c.Response().Header().Set("Referrer-Policy", "no-referrer")
	p := opinionPage{base: s.base(c, t.T("opinion.title")), Due: x.Due, Open: x.Open}
	p.Letter = letter.Printer{}.Plain(x.Text(t.T("opinion.here")))
	if p.Organ, err = s.Store.Organ(x.Organ); err != nil {
		return err
	}
	p.Form = form{Action: c.Request().URL.Path, Submit: t.T("opinion.submit"), Fields: []field{
		{Name: "opinion", Kind: "radios", Label: t.T("opinion.choice"), Options: choices(portal.Opinions, t.Lang, "")},
		{Name: "reason", Kind: "textarea", Label: t.T("opinion.reason"), Hint: t.T("opinion.reason_hint"), Rows: 6, Max: portal.MaxNote, Optional: true}}}
	if wrong != nil {
		if err := p.Form.again(c, wrong); err != nil {
			return err
		}
	}
	return s.render(c, status, "opinion", p)
}

// opine answers POST to the private link, once.
func (s *Server) opine(c echo.Context) error {
	err := s.Cases.Opine(caseNumber(c), atoi(c.Param("letter")), c.Param("token"), typed(c, "opinion"), typed(c, "reason"))
	if portal.KindOf(err) == portal.Invalid {
		return s.showOpinion(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	t := textsOf(c)
	return s.render(c, http.StatusOK, "notice", noticePage{base: s.base(c, t.T("opinion.done_title")), Text: t.T("opinion.done"), LinkTo: s.BasePath + "/", Link: t.T("nav.home")})
}
