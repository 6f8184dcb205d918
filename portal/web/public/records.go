package public

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/web/page"
)

// answerPage is what answer.html shows.
type answerPage struct {
	page.Base
	Organ  portal.OrganCode
	Public *cases.PublicAnswer
}

// answer answers GET /answers/{id}: a published answer. An application that
// has none is not there, whatever its number.
func (s *Face) answer(c echo.Context) error {
	a, err := s.Store.Answers.Application(c.Request().Context(), cases.ApplicationNumber(c.Param("id")))
	if err != nil {
		return err
	}
	if a.Answer != nil && a.Answer.Unpublished != "" {
		t := page.TextsOf(c)
		return s.Render(c, http.StatusGone, "notice", page.NoticePage{Base: s.Base(c, t.T("answer.gone_title")), Text: t.T("answer.gone", "Reason", a.Answer.Unpublished), LinkTo: s.BasePath + "/", Link: t.T("nav.home")})
	}
	if a.Answer == nil || a.Answer.Public == nil {
		return portal.Missing()
	}
	b := s.Base(c, a.Answer.Public.Title)
	return s.Render(c, http.StatusOK, "answer", answerPage{b, a.Organ, a.Answer.Public})
}
