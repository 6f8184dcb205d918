package consult

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/consult"
	"gongkai/portal/web/page"
)

// deskListPage is what desk_consultations.html shows.
type deskListPage struct {
	page.Base
	Rows    []deskRow
	Surveys []deskRow
}

type deskRow struct {
	ID, Title, Phase string
	Organ            portal.OrganCode
	Opens, Closes    portal.Date
}

// list answers GET /desk/consultations.
func (s asking) list(c echo.Context) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	p := deskListPage{Base: s.DeskBase(c, t.T("consult.title"))}
	list, err := s.Consultations.List(ctx, by)
	if err != nil {
		return err
	}
	for _, x := range list {
		p.Rows = append(p.Rows, deskRow{x.ID, x.Title, t.T("consult.phase_" + x.Phase(s.Today())), x.Organ, x.Opens, x.Closes})
	}
	surveys, err := s.Consultations.ListSurveys(ctx, by)
	if err != nil {
		return err
	}
	for _, x := range surveys {
		p.Surveys = append(p.Surveys, deskRow{x.ID, x.Title, t.T("consult.phase_" + x.Phase(s.Today())), x.Organ, x.Opens, x.Closes})
	}
	return s.Render(c, http.StatusOK, "desk_consultations", p)
}

func (s asking) editPage(c echo.Context, x *consult.Consultation, seen portal.Revision) page.FormPage {
	t := page.TextsOf(c)
	var fields []page.Field
	if seen == portal.Absent {
		fields = append(fields, page.Field{Name: "organ", Kind: "select", Label: t.T("column.organ"), Options: s.OrgansOf(c, portal.WriteDocuments, x.Organ), Value: string(x.Organ)})
	}
	var kinds []page.Option
	for _, k := range consult.Rules.Kinds {
		kinds = append(kinds, page.Option{Value: k.Code, Label: t.T("consult.kind_days", "Kind", portal.Named(k.Name, t.Lang), "N", k.Days)})
	}
	files := t.T("mailbox.files_hint", "N", consult.MaxFiles, "Limit", portal.MaxFile>>20)
	for _, f := range x.Files {
		files += " " + f.Name
	}
	fields = append(fields,
		page.Field{Name: "kind", Kind: "select", Label: t.T("consult.kind"), Options: kinds, Value: x.Kind},
		page.Field{Name: "title", Kind: "text", Label: t.T("column.title"), Value: x.Title, Max: portal.MaxName},
		page.Field{Name: "explanation", Kind: "textarea", Label: t.T("consult.explanation"), Value: x.Explanation, Rows: 6, Max: portal.MaxProse},
		page.Field{Name: "draft", Kind: "textarea", Label: t.T("consult.draft"), Hint: t.T("consult.draft_hint"), Value: x.Draft, Rows: 16, Max: consult.MaxDraft},
		page.Field{Name: "files", Kind: "file", Label: t.T("mailbox.files"), Hint: files, Optional: true, Multiple: true},
		page.Field{Name: "opens", Kind: "date", Label: t.T("consult.opens"), Value: x.Opens.String()},
		page.Field{Name: "closes", Kind: "date", Label: t.T("consult.closes"), Value: x.Closes.String()},
		page.Field{Name: "short", Kind: "text", Label: t.T("consult.short"), Hint: t.T("consult.short_hint"), Value: x.Short, Max: portal.MaxNote, Optional: true})
	return s.EditPage(c, t.T("consult.edit"), "/desk/consultations", seen, fields)
}

// form answers GET /desk/consultations/edit.
func (s asking) form(c echo.Context) error {
	x, seen := &consult.Consultation{Kind: "normative", Opens: s.Today() + 1, Closes: s.Today() + 30}, portal.Absent
	if id := c.QueryParam("id"); id != "" {
		var err error
		if x, err = s.Consultations.Open(c.Request().Context(), page.ActorOf(c), id); err != nil {
			return err
		}
		seen = portal.RevisionOf(x)
	}
	return s.Render(c, http.StatusOK, "form", s.editPage(c, x, seen))
}

// save answers POST /desk/consultations/edit.
func (s asking) save(c echo.Context) error {
	ctx, by, id := c.Request().Context(), page.ActorOf(c), c.QueryParam("id")
	files, _, err := s.FormFiles(c, "files", consult.MaxFiles)
	var ps []portal.Problem
	x := &consult.Consultation{Organ: portal.OrganCode(page.Typed(c, "organ")), Kind: page.Typed(c, "kind"), Title: page.Typed(c, "title"), Explanation: page.Typed(c, "explanation"), Draft: page.Typed(c, "draft"),
		Opens: page.DayOf(c, "opens", &ps), Closes: page.DayOf(c, "closes", &ps), Short: page.Typed(c, "short"), Files: files}
	back, seen := "/desk/consultations", page.SeenOf(c)
	if id == "" {
		seen = portal.Absent
	}
	if err = page.Joined(ps, err); err == nil {
		var saved *consult.Consultation
		if saved, err = s.Consultations.Write(ctx, by, id, seen, x); err == nil {
			back += "/" + saved.ID
		}
	}
	return s.AfterEdit(c, s.editPage(c, x, seen), err, back, "consultation/"+id, func() (page.FormPage, error) {
		now, err := s.Consultations.Open(ctx, by, id)
		if err != nil {
			return page.FormPage{}, err
		}
		return s.editPage(c, now, portal.RevisionOf(now)), nil
	})
}

// deskPage is what desk_consultation.html shows: a consultation, what was said, and what can
// be done with both.
type deskPage struct {
	page.Base
	Consultation *consult.Consultation
	Phase        string
	Comments     []commentGroup
	Counts       consult.Counted
	Due          portal.Date
	Late         bool
	MayEdit      bool
	Decide       page.Form
	Forms        []page.CaseForm
}

// consultation answers GET /desk/consultations/{id}.
func (s asking) consultation(c echo.Context) error { return s.show(c, http.StatusOK, "", nil) }

func (s asking) show(c echo.Context, status int, at string, wrong error) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	x, err := s.Consultations.Open(ctx, by, c.Param("id"))
	if err != nil {
		return err
	}
	list, err := s.Consultations.CommentsOf(ctx, x)
	if err != nil {
		return err
	}
	phase := x.Phase(s.Today())
	p := deskPage{Base: s.DeskBase(c, x.Title), Consultation: x, Phase: phase, Comments: groups(t.Lang, list), Counts: consult.Count(list), Due: s.Consultations.ReportDue(x), MayEdit: phase != consult.Done}
	p.Late = phase == consult.Closed && s.Today() > p.Due
	base, seen := s.BasePath+"/desk/consultations/"+x.ID, portal.RevisionOf(x)
	add := func(name, title, submit string, fields ...page.Field) {
		p.Forms = append(p.Forms, page.CaseForm{Name: name, Title: title, Form: page.Form{Action: base + "/" + name, Submit: submit, Fields: fields, Revision: seen}})
	}
	stands := page.Field{Name: "stands", Kind: "text", Label: t.T("gate.stands"), Hint: t.T("gate.stands_hint"), Max: portal.MaxNote, Optional: true}
	switch {
	case x.Released == nil && by.Can(portal.ReviewDocuments, x.Organ):
		add("release", t.T("consult.release"), t.T("register.release"), stands)
	case x.Released != nil && x.Report == nil:
		add("paper", t.T("consult.paper"), t.T("call.done"), append(commentFields(c, x.Articles(), "", ""), page.Field{Name: "on", Kind: "date", Label: t.T("intake.date"), Value: s.Today().String()})...)
	}
	if phase == consult.Closed {
		add("finish", t.T("consult.finish"), t.T("form.save"),
			page.Field{Name: "outcome", Kind: "textarea", Label: t.T("consult.outcome"), Hint: t.T("consult.outcome_hint"), Value: x.Outcome, Rows: 4, Max: portal.MaxProse},
			page.Field{Name: "final", Kind: "textarea", Label: t.T("consult.final"), Hint: t.T("consult.final_hint"), Value: x.Final, Rows: 14, Max: consult.MaxDraft, Optional: true})
		if x.Outcome != "" && by.Can(portal.ReviewDocuments, x.Organ) {
			add("publish", t.T("consult.publish"), t.T("register.release"), stands)
		}
	}
	if x.Released != nil && x.Report == nil && len(list) > 0 {
		var decisions []page.Option
		for _, d := range consult.Rules.Decisions {
			decisions = append(decisions, page.Option{Value: d.Code, Label: portal.Named(d.Name, t.Lang)})
		}
		p.Decide = page.Form{Action: base + "/decide", Submit: t.T("consult.decide"), Fields: []page.Field{
			{Name: "decision", Kind: "radios", Label: t.T("consult.decision"), Options: decisions},
			{Name: "reason", Kind: "textarea", Label: t.T("consult.reason"), Rows: 3, Max: consult.MaxComment}}}
	}
	if wrong != nil {
		f := &p.Decide
		for i := range p.Forms {
			if p.Forms[i].Name == at {
				f = &p.Forms[i].Form
			}
		}
		if f.Action == "" {
			return wrong
		}
		if err := s.Refused(c, f, "consultation/"+x.ID, wrong); err != nil {
			return err
		}
	}
	return s.Render(c, status, "desk_consultation", p)
}

func (s asking) after(c echo.Context, form, done string, err error, pairs ...any) error {
	if err != nil {
		return s.show(c, page.Statuses[page.Visible(err).Kind], form, err)
	}
	s.Flash(c, done, pairs...)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/consultations/"+c.Param("id"))
}

// release answers POST /desk/consultations/{id}/release.
func (s asking) release(c echo.Context) error {
	_, err := s.Consultations.Release(c.Request().Context(), page.ActorOf(c), c.Param("id"), page.SeenOf(c), page.Typed(c, "stands"))
	return s.after(c, "release", "register.released", err)
}

// paper answers POST /desk/consultations/{id}/paper.
func (s asking) paper(c echo.Context) error {
	m, who := typed(c)
	var ps []portal.Problem
	m.On = page.DayOf(c, "on", &ps)
	err := page.Joined(ps, nil)
	n := ""
	if err == nil {
		n, err = s.Consultations.TakeIn(c.Request().Context(), page.ActorOf(c), c.Param("id"), m, who)
	}
	return s.after(c, "paper", "consult.said", err, "Number", n)
}

// decide answers POST /desk/consultations/{id}/decide.
func (s asking) decide(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	n, err := s.Consultations.Decide(c.Request().Context(), page.ActorOf(c), c.Param("id"), form["comments"], page.Typed(c, "decision"), page.Typed(c, "reason"))
	return s.after(c, "decide", "consult.decided", err, "N", n)
}

// finish answers POST /desk/consultations/{id}/finish.
func (s asking) finish(c echo.Context) error {
	_, err := s.Consultations.Finish(c.Request().Context(), page.ActorOf(c), c.Param("id"), page.SeenOf(c), page.Typed(c, "final"), page.Typed(c, "outcome"))
	return s.after(c, "finish", "form.saved", err)
}

// publish answers POST /desk/consultations/{id}/publish.
func (s asking) publish(c echo.Context) error {
	_, err := s.Consultations.Publish(c.Request().Context(), page.ActorOf(c), c.Param("id"), page.SeenOf(c), page.Typed(c, "stands"))
	return s.after(c, "publish", "register.released", err)
}

func (s asking) surveyEdit(c echo.Context, x *consult.Survey, questions string, seen portal.Revision) page.FormPage {
	t := page.TextsOf(c)
	var fields []page.Field
	if seen == portal.Absent {
		fields = append(fields, page.Field{Name: "organ", Kind: "select", Label: t.T("column.organ"), Options: s.OrgansOf(c, portal.WriteDocuments, x.Organ), Value: string(x.Organ)})
	}
	fields = append(fields,
		page.Field{Name: "title", Kind: "text", Label: t.T("column.title"), Value: x.Title, Max: portal.MaxName},
		page.Field{Name: "intro", Kind: "textarea", Label: t.T("survey.intro"), Value: x.Intro, Rows: 4, Max: portal.MaxProse, Optional: true},
		page.Field{Name: "questions", Kind: "textarea", Label: t.T("survey.questions"), Hint: t.T("survey.questions_hint"), Value: questions, Rows: 14, Max: portal.MaxProse},
		page.Field{Name: "opens", Kind: "date", Label: t.T("consult.opens"), Value: x.Opens.String()},
		page.Field{Name: "closes", Kind: "date", Label: t.T("consult.closes"), Value: x.Closes.String()})
	return s.EditPage(c, t.T("survey.edit"), "/desk/consultations", seen, fields)
}

// surveyForm answers GET /desk/surveys/edit.
func (s asking) surveyForm(c echo.Context) error {
	x, seen := &consult.Survey{Opens: s.Today(), Closes: s.Today() + 14}, portal.Absent
	if id := c.QueryParam("id"); id != "" {
		var err error
		if x, err = s.Consultations.OpenSurvey(c.Request().Context(), page.ActorOf(c), id); err != nil {
			return err
		}
		seen = portal.RevisionOf(x)
	}
	return s.Render(c, http.StatusOK, "form", s.surveyEdit(c, x, consult.FormatQuestions(x.Questions), seen))
}

// surveySave answers POST /desk/surveys/edit.
func (s asking) surveySave(c echo.Context) error {
	ctx, by, id := c.Request().Context(), page.ActorOf(c), c.QueryParam("id")
	var ps []portal.Problem
	x := &consult.Survey{Organ: portal.OrganCode(page.Typed(c, "organ")), Title: page.Typed(c, "title"), Intro: page.Typed(c, "intro"), Opens: page.DayOf(c, "opens", &ps), Closes: page.DayOf(c, "closes", &ps)}
	questions, back, seen := page.Typed(c, "questions"), "/desk/consultations", page.SeenOf(c)
	if id == "" {
		seen = portal.Absent
	}
	err := page.Joined(ps, nil)
	if err == nil {
		var saved *consult.Survey
		if saved, err = s.Consultations.WriteSurvey(ctx, by, id, seen, x, questions); err == nil {
			back = "/desk/surveys/" + saved.ID
		}
	}
	return s.AfterEdit(c, s.surveyEdit(c, x, questions, seen), err, back, "survey/"+id, func() (page.FormPage, error) {
		now, err := s.Consultations.OpenSurvey(ctx, by, id)
		if err != nil {
			return page.FormPage{}, err
		}
		return s.surveyEdit(c, now, consult.FormatQuestions(now.Questions), portal.RevisionOf(now)), nil
	})
}

// deskSurveyPage is what desk_survey.html shows.
type deskSurveyPage struct {
	resultsPage
	Phase   string
	Release page.Form
}

// survey answers GET /desk/surveys/{id}.
func (s asking) survey(c echo.Context) error { return s.showSurvey(c, http.StatusOK, nil) }

func (s asking) showSurvey(c echo.Context, status int, wrong error) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	x, err := s.Consultations.OpenSurvey(ctx, by, c.Param("id"))
	if err != nil {
		return err
	}
	p := deskSurveyPage{resultsPage: resultsPage{Base: s.DeskBase(c, x.Title), Survey: x, Staff: true}, Phase: x.Phase(s.Today())}
	if p.Results, p.N, err = s.Consultations.Results(ctx, x, true); err != nil {
		return err
	}
	if x.Released == nil && by.Can(portal.ReviewDocuments, x.Organ) {
		p.Release = page.Form{Action: s.BasePath + "/desk/surveys/" + x.ID + "/release", Submit: t.T("register.release"), Revision: portal.RevisionOf(x), Fields: []page.Field{
			{Name: "stands", Kind: "text", Label: t.T("gate.stands"), Hint: t.T("gate.stands_hint"), Max: portal.MaxNote, Optional: true}}}
	}
	if wrong != nil {
		if wrong = s.Refused(c, &p.Release, "survey/"+x.ID, wrong); wrong != nil {
			return wrong
		}
	}
	return s.Render(c, status, "desk_survey", p)
}

// surveyRelease answers POST /desk/surveys/{id}/release.
func (s asking) surveyRelease(c echo.Context) error {
	_, err := s.Consultations.ReleaseSurvey(c.Request().Context(), page.ActorOf(c), c.Param("id"), page.SeenOf(c), page.Typed(c, "stands"))
	if err != nil {
		return s.showSurvey(c, page.Statuses[page.Visible(err).Kind], err)
	}
	s.Flash(c, "register.released")
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/surveys/"+c.Param("id"))
}
