package office

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/web/page"
)

// letterEditPage is what desk_template.html shows: a template with the
// variables it may use.
type letterEditPage struct {
	page.FormPage
	Variables []cases.Variable
	Standard  string // the portal's own text
}

// letterOrgan is the organ whose letters are looked at: the one asked for, or
// the first that the actor may edit.
func (s templates) letterOrgan(c echo.Context) (portal.OrganCode, []page.Option, error) {
	list := s.OrgansOf(c, portal.EditLetters, portal.OrganCode(c.QueryParam("organ")))
	organ := portal.OrganCode(c.QueryParam("organ"))
	if organ == "" && len(list) > 0 {
		organ = portal.OrganCode(list[0].Value)
	}
	return organ, list, page.ActorOf(c).Need(portal.EditLetters, organ)
}

// lettersPage is what desk_letters.html shows.
type lettersPage struct {
	page.Base
	Organs []page.Option
	Rows   []letterRow
}

type letterRow struct {
	Name, URL string
	Own       bool
}

// deskLetters answers GET /desk/letters: the letters an organ sends.
func (s templates) deskLetters(c echo.Context) error {
	t := page.TextsOf(c)
	organ, organs, err := s.letterOrgan(c)
	if err != nil {
		return err
	}
	p := lettersPage{Base: s.DeskBase(c, t.T("letters.title")), Organs: organs}
	for _, k := range cases.LetterKinds() {
		_, err := s.Store.LetterTemplate(c.Request().Context(), organ, k.Code)
		if err != nil && portal.KindOf(err) != portal.NotFound {
			return err
		}
		p.Rows = append(p.Rows, letterRow{k.Name.In(t.Lang), s.BasePath + "/desk/letters/edit?organ=" + string(organ) + "&kind=" + k.Code, err == nil})
	}
	return s.Render(c, http.StatusOK, "desk_letters", p)
}

func (s templates) letterEdit(c echo.Context) (letterEditPage, *cases.LetterKind, portal.OrganCode, error) {
	t := page.TextsOf(c)
	organ, _, err := s.letterOrgan(c)
	k := cases.LetterKindByCode(c.QueryParam("kind"))
	if err == nil && k == nil {
		err = portal.Missing()
	}
	if err != nil {
		return letterEditPage{}, nil, "", err
	}
	body, err := s.Cases.Letters().LetterBody(c.Request().Context(), organ, k)
	if err != nil {
		return letterEditPage{}, nil, "", err
	}
	p := letterEditPage{Variables: cases.LetterVariables(), Standard: k.Body}
	p.Base, p.Back = s.DeskBase(c, t.T("letter.title", "Name", k.Name.In(t.Lang))), s.BasePath+"/desk/letters?organ="+string(organ)
	p.Intro = s.OrganName(organ, t.Lang)
	p.Form = page.Form{Action: s.BasePath + "/desk/letters/edit?organ=" + string(organ) + "&kind=" + k.Code, Submit: t.T("form.save"), Revision: portal.RevisionOf(body), Fields: []page.Field{
		{Name: "body", Kind: "textarea", Label: t.T("letters.body"), Hint: t.T("letters.body_hint"), Rows: 16, Max: cases.MaxAnswer, Value: body, Lang: "zh-CN", Tools: page.LetterTools(t, cases.LetterVariables()...)},
		{Name: "reset", Kind: "checkboxes", Label: t.T("letters.reset"), Optional: true, Options: []page.Option{{Value: "yes", Label: t.T("letters.reset_yes")}}}}}
	return p, k, organ, nil
}

func (s templates) letterForm(c echo.Context) error {
	p, _, _, err := s.letterEdit(c)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "desk_template", p)
}

// letterSave answers POST /desk/letters/edit.
func (s templates) letterSave(c echo.Context) error {
	p, k, organ, err := s.letterEdit(c)
	if err != nil {
		return err
	}
	body := page.Typed(c, "body")
	if page.Typed(c, "reset") == "yes" {
		body = ""
	}
	err = s.Cases.Letters().SaveTemplate(c.Request().Context(), page.ActorOf(c), organ, k, page.SeenOf(c), body)
	switch {
	case portal.Stale(err):
		p.Form.Stale(c, s.StaleNote(c, "letter/"+string(organ)+"/"+k.Code))
		return s.Render(c, http.StatusConflict, "desk_template", p)
	case err != nil:
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		p.Form.Revision = page.SeenOf(c)
		return s.Render(c, http.StatusUnprocessableEntity, "desk_template", p)
	}
	s.Flash(c, "form.saved")
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/letters?organ="+string(organ))
}
