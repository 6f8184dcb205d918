package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// workListPage is what desk_applications.html shows.
type workListPage struct {
	base
	Items  []portal.WorkItem
	Moved  []portal.WorkItem // whose deadline a holiday notice has changed lately
	Total  int
	Closed bool
	Organs []option
	Pager  pager
	Due    string // address of the calendar
	Year   int
}

// movedDays is for how long handlers are told that a deadline has moved.
const movedDays = 14

// workRows is the number of cases on a page of the work list.
const workRows = 50

// workList answers GET /desk/applications: the work list by days left.
func (s *Server) workList(c echo.Context) error {
	by, t := actorOf(c), textsOf(c)
	p := workListPage{base: s.deskBase(c, t.T("desk.applications")), Closed: c.QueryParam("closed") != ""}
	organ := portal.OrganCode(c.QueryParam("organ"))
	items, err := s.Cases.WorkList(by, organ, p.Closed)
	if err != nil {
		return err
	}
	for _, x := range items {
		if x.LastMove(s.Now(), movedDays) != nil {
			p.Moved = append(p.Moved, x)
		}
	}
	page := max(1, number(c, "page"))
	p.Total, p.Pager = len(items), pagerOf(c, page, workRows, len(items))
	from := min((page-1)*workRows, len(items))
	p.Items = items[from:min(from+workRows, len(items))]
	mine, all := by.OrgansFor(portal.HandleApplications)
	p.Organs = s.organChoices(t.Lang, func(o portal.Organ) bool { return all || slices.Contains(mine, o.Code) })
	for i := range p.Organs {
		p.Organs[i].Chosen = p.Organs[i].Value == string(organ)
	}
	p.Year = s.Today().Year()
	if p.Due, err = s.dueLink(c); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "desk_applications", p)
}

// casePage is what desk_application.html shows: all that a handler needs of
// one case on one screen.
type casePage struct {
	base
	Case    *portal.Application
	Clock   clock.Result
	Who     *portal.Applicant // once revealed
	Masked  *portal.Applicant // before that
	Reveal  form
	Open    bool
	Forms   []stepForm
	Answer  form
	Problem string
}

// stepForm is the form of one lawful next step.
type stepForm struct {
	Title string
	form
}

func (s *Server) caseFile(c echo.Context) error { return s.showCase(c, http.StatusOK, "", nil, nil) }

// showCase shows a case; wrong is what is wrong with the form named at.
func (s *Server) showCase(c echo.Context, status int, at string, wrong error, who *portal.Applicant) error {
	t := textsOf(c)
	a, err := s.Cases.Open(actorOf(c), portal.ApplicationNumber(c.Param("number")))
	if err != nil {
		return err
	}
	p := casePage{base: s.deskBase(c, t.T("case.title", "Number", a.Number)), Case: a, Who: who}
	if p.Clock, err = a.Clock(s.Calendar(), s.Today()); err != nil {
		e, ok := errors.AsType[*clock.EventError](err)
		if !ok {
			return err
		}
		p.Problem = t.T("case.disputed", "Reason", e.Text(t.Lang))
	}
	p.Open = !a.Has(clock.Answered) && !a.Has(clock.Withdrawn)
	if p.Open {
		p.Forms = s.stepForms(c, a, p.Clock)
		p.Answer = s.answerForm(c, a)
	}
	if who == nil && !a.Sealed {
		if p.Masked, err = s.Cases.Masked(actorOf(c), a.Number); err != nil {
			return err
		}
		p.Reveal = form{Action: s.BasePath + "/desk/applications/" + string(a.Number) + "/reveal", Submit: t.T("case.reveal"), Fields: []field{
			{Name: "type", Kind: "hidden", Value: "reveal"}, {Name: "reason", Kind: "text", Label: t.T("case.reveal_reason"), Hint: t.T("case.reveal_hint"), Max: portal.MaxNote}}}
	}
	if wrong != nil {
		forms := []*form{&p.Answer, &p.Reveal}
		for i := range p.Forms {
			forms = append(forms, &p.Forms[i].form)
		}
		for _, f := range forms {
			if slices.ContainsFunc(f.Fields, func(x field) bool { return x.Name == "type" && x.Value == at }) {
				if err := f.again(c, wrong); err != nil {
					return err
				}
				p.Problem = t.T("case.refused")
			}
		}
		if p.Problem == "" {
			return wrong
		}
	}
	return s.render(c, status, "desk_application", p)
}

// stepForms are the forms of the steps that are lawful next.
func (s *Server) stepForms(c echo.Context, a *portal.Application, r clock.Result) []stepForm {
	t, today := textsOf(c), s.Today()
	rules, _ := clock.RulesFor("CN", today)
	step := func(typ clock.EventType, more ...field) stepForm {
		f := form{Action: s.BasePath + "/desk/applications/" + string(a.Number) + "/step", Submit: t.T("case." + string(typ) + "_do")}
		f.Fields = append([]field{{Name: "type", Kind: "hidden", Value: string(typ)}, {Name: "date", Kind: "date", Label: t.T("case.date"), Value: today.String()}}, more...)
		return stepForm{t.T("case." + string(typ)), f}
	}
	note := func(hint string) field {
		return field{Name: "note", Kind: "textarea", Label: t.T("case.note"), Hint: t.T(hint), Rows: 4, Max: portal.MaxNote}
	}
	var out []stepForm
	channel := ""
	if len(a.Steps) > 0 {
		channel = a.Steps[0].Channel
	}
	if len(a.Steps) == 1 && slices.Contains(rules.ConfirmedChannels, channel) {
		f := step(clock.Confirmed, note("case.note_optional"))
		f.Fields[2].Optional = true
		out = append(out, f)
	}
	waiting := r.State == clock.WaitingApplicant || r.State == clock.Lapsed
	if !waiting && !a.Has(clock.CorrectionRequested) {
		out = append(out, step(clock.CorrectionRequested, field{Name: "days", Kind: "number", Label: t.T("case.correction_days"), Value: strconv.Itoa(rules.Correction.UsualDays)}, note("case.correction_hint")))
	}
	if waiting && !a.Has(clock.CorrectionReceived) && a.Has(clock.CorrectionRequested) {
		out = append(out, step(clock.CorrectionReceived, field{Name: "note", Kind: "textarea", Label: t.T("case.correction_text"), Rows: 4, Max: portal.MaxNote, Optional: true},
			field{Name: "reason", Kind: "text", Label: t.T("case.late_reason"), Hint: t.T("case.late_reason_hint"), Optional: true, Max: portal.MaxLine}))
	}
	if !waiting && !a.Has(clock.Extended) {
		out = append(out, step(clock.Extended, field{Name: "days", Kind: "number", Label: t.T("case.extension_days", "Limit", rules.Extension.Days), Value: strconv.Itoa(rules.Extension.Days)},
			field{Name: "approved_by", Kind: "text", Label: t.T("case.approved_by"), Hint: t.T("case.approved_by_hint"), Max: 80}, note("case.extension_hint")))
	}
	return out
}

func (s *Server) answerForm(c echo.Context, a *portal.Application) form {
	t := textsOf(c)
	outcomes := append([]option{{Label: t.T("form.choose")}}, choices(portal.Outcomes, t.Lang, "")...)
	for i := range outcomes[1:] {
		if x := portal.Outcomes.Terms[i]; x.Article != "" {
			outcomes[i+1].Label += t.T("case.article", "Article", x.Article)
		}
	}
	return form{Action: s.BasePath + "/desk/applications/" + string(a.Number) + "/answer", Submit: t.T("case.answer_do"), Upload: true, Fields: []field{
		{Name: "type", Kind: "hidden", Value: "answered"},
		{Name: "date", Kind: "date", Label: t.T("case.date"), Value: s.Today().String()},
		{Name: "outcome", Kind: "select", Label: t.T("case.outcome"), Options: outcomes},
		{Name: "text", Kind: "textarea", Label: t.T("case.answer_text"), Hint: t.T("case.answer_hint"), Rows: 10, Max: portal.MaxAnswer},
		{Name: "files", Kind: "file", Multiple: true, Label: t.T("case.answer_files"), Hint: t.T("form.file_hint", "Limit", portal.MaxFile>>20), Optional: true},
		{Name: "publish", Kind: "checkboxes", Label: t.T("case.publish"), Hint: t.T("case.publish_hint"), Optional: true, Options: []option{{Value: "yes", Label: t.T("case.publish_yes")}}},
		{Name: "public_title", Kind: "text", Label: t.T("case.public_title"), Max: portal.MaxName, Optional: true},
		{Name: "public_text", Kind: "textarea", Label: t.T("case.public_text"), Rows: 6, Max: portal.MaxAnswer, Optional: true},
	}}
}

// caseStep answers POST /desk/applications/{number}/step.
func (s *Server) caseStep(c echo.Context) error {
	var ps []portal.Problem
	typ := clock.EventType(text(c, "type"))
	if !slices.Contains([]clock.EventType{clock.Confirmed, clock.CorrectionRequested, clock.CorrectionReceived, clock.Extended}, typ) {
		return &portal.Error{Kind: portal.Invalid, Key: "error.choose"}
	}
	step := portal.CaseStep{Note: text(c, "note"), Event: clock.Event{Type: typ, Date: day(c, "date", &ps), ApprovedBy: text(c, "approved_by"), Reason: text(c, "reason")}}
	if v := text(c, "days"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			ps = append(ps, portal.Problem{Field: "days", Key: "error.number"})
		}
		step.Days = n
	}
	err := joined(ps, nil)
	if err == nil {
		err = s.Cases.Step(actorOf(c), portal.ApplicationNumber(c.Param("number")), step)
	}
	return s.afterCase(c, string(typ), err, "case."+string(typ)+"_done")
}

// afterCase goes on after a step: back to the case with what is wrong, or
// with what was done.
func (s *Server) afterCase(c echo.Context, at string, err error, done string) error {
	if err != nil {
		e := visible(err)
		if e.Kind == portal.Internal || e.Kind == portal.NotFound || e.Kind == portal.Forbidden || e.Kind == portal.Unauthenticated {
			return err
		}
		return s.showCase(c, statuses[e.Kind], at, err, nil)
	}
	s.flash(c, done)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/applications/"+c.Param("number"))
}

// caseAnswer answers POST /desk/applications/{number}/answer.
func (s *Server) caseAnswer(c echo.Context) error {
	var ps []portal.Problem
	files, _, err := s.uploads(c, "files")
	if err == nil {
		ans := portal.Answer{Outcome: text(c, "outcome"), Text: text(c, "text"), Files: files}
		if text(c, "publish") == "yes" {
			ans.Public = &portal.PublicAnswer{Title: text(c, "public_title"), Text: text(c, "public_text")}
		}
		on := day(c, "date", &ps)
		if err = joined(ps, nil); err == nil {
			err = s.Cases.Answer(actorOf(c), portal.ApplicationNumber(c.Param("number")), on, ans)
		}
	}
	return s.afterCase(c, "answered", err, "case.answered_done")
}

// caseReveal answers POST /desk/applications/{number}/reveal: it shows who
// the applicant is, once, and logs the look.
func (s *Server) caseReveal(c echo.Context) error {
	who, err := s.Cases.Reveal(actorOf(c), portal.ApplicationNumber(c.Param("number")), text(c, "reason"))
	if portal.KindOf(err) == portal.Invalid {
		return s.showCase(c, http.StatusUnprocessableEntity, "reveal", err, nil)
	}
	if err != nil {
		return err
	}
	return s.showCase(c, http.StatusOK, "", nil, who)
}

func (s *Server) caseFileDownload(c echo.Context) error {
	a, err := s.Cases.Open(actorOf(c), portal.ApplicationNumber(c.Param("number")))
	if err != nil {
		return err
	}
	if f := a.File(c.Param("file")); f != nil {
		return s.sendFile(c, *f, false)
	}
	return portal.Missing()
}
