package office

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	"gongkai/portal/web/page"
)

// casePage is what desk_application.html shows: all that a handler needs of
// one case on one screen.
type casePage struct {
	page.Base
	Case     *cases.Application
	Clock    clock.Result
	Who      *cases.Applicant // once revealed
	Masked   *cases.Applicant // before that
	Same     []cases.ApplicationNumber
	SameMore int             // of the same applicant, not listed
	Several  int             // cases that ask the organ for the same
	Steps    []page.CaseForm // the lawful next steps
	More     []page.CaseForm // what else can be done
	Reveal   page.CaseForm
	Signs    bool // whoever looks may sign
	Return   page.CaseForm
	Problem  string
	Proposed string // title of the step that waits
	Letter   string // its letter, as it would go out today
	Mark     string // names what is shown, for the signature
	Revision portal.Revision
}

// sameShown is how many other cases of an applicant a case page lists.
const sameShown = 20

func (s *Face) casePath(n cases.ApplicationNumber, more string) string {
	return s.BasePath + "/desk/applications/" + string(n) + more
}

func (s *Face) caseFile(c echo.Context) error { return s.showCase(c, http.StatusOK, "", nil, nil) }

// showCase shows a case; wrong is what is wrong with the form named at.
func (s *Face) showCase(c echo.Context, status int, at string, wrong error, who *cases.Applicant) error {
	t, by := page.TextsOf(c), page.ActorOf(c)
	a, err := s.Cases.Open(c.Request().Context(), by, page.CaseNumber(c))
	if err != nil {
		return err
	}
	p := casePage{Base: s.DeskBase(c, t.T("case.title", "Number", a.Number)), Case: a, Who: who, Signs: by.Can(portal.SignLetters, a.Organ)}
	if p.Clock, err = a.Clock(s.Calendar(), s.Today()); err != nil {
		e, ok := errors.AsType[*clock.EventError](err)
		if !ok {
			return err
		}
		p.Problem = t.T("case.disputed", "Reason", e.Text(t.Lang))
	}
	if a.Proposal != nil {
		p.Proposed, p.Letter, p.Mark = t.T("case."+string(a.Proposal.Step.Type)), s.Cases.Steps().ProposedLetter(a), s.Cases.Steps().ProposalMark(a)
	}
	if !a.Proposal.Waiting() {
		p.Steps = s.stepForms(c, a, p.Clock)
	}
	if p.More, err = s.moreForms(c, a); err != nil {
		return err
	}
	p.Return = page.CaseForm{Name: "return", Form: page.Form{Action: s.casePath(a.Number, "/return"), Submit: t.T("sign.return"), Fields: []page.Field{{Name: "remark", Kind: "textarea", Label: t.T("sign.remark"), Rows: 3, Max: portal.MaxNote}}}}
	p.Reveal = page.CaseForm{Name: "reveal", Form: page.Form{Action: s.casePath(a.Number, "/reveal"), Submit: t.T("case.reveal"), Fields: []page.Field{
		{Name: "reason", Kind: "text", Label: t.T("case.reveal_reason"), Hint: t.T("case.reveal_hint"), Max: portal.MaxNote}}}}
	if who == nil && !a.Sealed {
		if p.Masked, err = s.Cases.Handling().Masked(c.Request().Context(), by, a.Number); err != nil {
			return err
		}
	}
	if p.Same, err = s.Cases.Handling().OfSameApplicant(c.Request().Context(), by, a.Number); err != nil {
		return err
	}
	p.Several = s.Cases.Handling().Several(a)
	p.SameMore = max(0, len(p.Same)-sameShown)
	p.Same = p.Same[p.SameMore:] // the newest
	p.revise(portal.RevisionOf(a))
	if wrong != nil {
		f := p.named(at)
		if f == nil {
			return wrong
		}
		if err := f.Again(c, wrong); err != nil {
			return err
		}
		if f.Problem == "" && len(f.Bad()) == 0 {
			f.Problem = t.T("case.refused")
		}
		p.Problem = t.T("case.refused")
		if portal.Stale(wrong) {
			p.Problem = s.StaleNote(c, "application/"+string(a.Number))
		}
	}
	if who != nil { // a picture of the proof of identity stands in the page itself
		h := c.Response().Header()
		h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "img-src 'self'", "img-src 'self' data:", 1))
		h.Set("Cache-Control", "no-store")
	}
	return s.Render(c, status, "desk_application", p)
}

// revise gives every form of the page the revision of the case that it shows.
func (p *casePage) revise(r portal.Revision) {
	for _, list := range [][]page.CaseForm{p.Steps, p.More} {
		for i := range list {
			list[i].Revision = r
		}
	}
	p.Return.Revision, p.Revision = r, r
}

func (p *casePage) named(name string) *page.Form {
	for _, list := range [][]page.CaseForm{p.Steps, p.More} {
		for i := range list {
			if list[i].Name == name {
				return &list[i].Form
			}
		}
	}
	switch name {
	case "return":
		return &p.Return.Form
	case "reveal":
		return &p.Reveal.Form
	}
	return nil
}

// afterCase goes on after a change: back to the case with what is wrong, or
// with what was done.
func (s *Face) afterCase(c echo.Context, at string, err error, done string) error {
	if err != nil {
		e := page.Visible(err)
		if e.Kind == portal.Internal || e.Kind == portal.NotFound || e.Kind == portal.Forbidden || e.Kind == portal.Unauthenticated {
			return err
		}
		return s.showCase(c, page.Statuses[e.Kind], at, err, nil)
	}
	s.Flash(c, done)
	return c.Redirect(http.StatusSeeOther, s.casePath(page.CaseNumber(c), ""))
}

// stepForms are the forms of the steps that are lawful next, with their last
// days and the articles behind them.
func (s *Face) stepForms(c echo.Context, a *cases.Application, r clock.Result) []page.CaseForm {
	t, today := page.TextsOf(c), s.Today()
	rules, _ := clock.RulesFor(a.Jurisdiction(), a.Steps[0].Date)
	note := func(hint string, optional bool) page.Field {
		return page.Field{Name: "note", Kind: "textarea", Label: t.T("case.note"), Hint: t.T(hint), Rows: 4, Max: portal.MaxNote, Optional: optional}
	}
	parties := func(label string) page.Field {
		f := page.Field{Name: "party", Kind: "select", Label: t.T(label)}
		for _, n := range r.Next {
			if n.Type == clock.ConsultationReturned {
				f.Options = append(f.Options, page.Option{Value: n.Party, Label: n.Party})
			}
		}
		return f
	}
	kinds := []page.Option{{Value: "third_party", Label: t.T("consultation.third_party")}, {Value: "co_maker", Label: t.T("consultation.co_maker")}, {Value: "organ", Label: t.T("consultation.organ")}}
	organs := append([]page.Option{{Label: t.T("form.choose")}}, s.OrganChoices(t.Lang, func(o portal.Organ) bool { return o.Code != a.Organ && o.Code != "imported" })...)
	var scales []page.Option
	for _, x := range cases.FeeScales() {
		scales = append(scales, page.Option{Value: x.Code, Label: x.Name.In(t.Lang)})
	}
	prior := 0 // for a fee by item
	if slices.ContainsFunc(r.Next, func(n clock.NextStep) bool { return n.Type == clock.FeeNotified }) {
		prior = s.Cases.Steps().EarlierThisMonth(c.Request().Context(), a)
	}
	fields := map[clock.EventType][]page.Field{
		clock.Confirmed:           {note("case.note_optional", true)},
		clock.CorrectionRequested: {{Name: "days", Kind: "number", Label: t.T("case.correction_days"), Value: strconv.Itoa(rules.Correction.UsualDays)}, note("case.correction_hint", false)},
		clock.CorrectionReceived: {{Name: "note", Kind: "textarea", Label: t.T("case.correction_text"), Rows: 4, Max: portal.MaxNote, Optional: true},
			{Name: "reason", Kind: "text", Label: t.T("case.late_reason"), Hint: t.T("case.late_reason_hint"), Optional: true, Max: portal.MaxLine}},
		clock.ConsultationSent: {{Name: "kind", Kind: "radios", Label: t.T("consultation.kind"), Options: kinds, Value: "third_party"}, {Name: "party", Kind: "text", Label: t.T("consultation.party"), Max: portal.MaxName, Autocomplete: "off"},
			{Name: "email", Kind: "email", Label: t.T("consultation.email"), Hint: t.T("consultation.email_hint"), Optional: true, Autocomplete: "off"},
			{Name: "delivered", Kind: "date", Label: t.T("consultation.delivered"), Hint: t.T("consultation.delivered_hint"), Optional: true}, note("consultation.note_hint", false)},
		clock.ConsultationReturned: {parties("consultation.party"), {Name: "opinion", Kind: "radios", Label: t.T("consultation.opinion"), Options: page.Choices(portal.Opinions, t.Lang, ""), Optional: true}, note("consultation.reason_hint", true)},
		clock.Extended: {{Name: "days", Kind: "number", Label: t.T("case.extension_days", "Limit", rules.Extension.Days), Value: strconv.Itoa(rules.Extension.Days)},
			{Name: "approved_by", Kind: "text", Label: t.T("case.approved_by"), Hint: t.T("case.approved_by_hint"), Max: 80}, note("case.extension_hint", false)},
		clock.FeeNotified: {{Name: "scale", Kind: "radios", Label: t.T("fee.scale"), Hint: t.T("fee.scale_hint"), Options: scales, Value: "page"}, {Name: "count", Kind: "number", Label: t.T("fee.count"), Hint: t.T("fee.count_hint", "N", prior), Value: "31"},
			{Name: "note", Kind: "textarea", Label: t.T("case.note"), Hint: t.T("fee.note_hint"), Rows: 3, Max: portal.MaxNote}},
		clock.FeePaid:            {note("case.note_optional", true)},
		clock.UnreasonableVolume: {{Name: "until", Kind: "date", Label: t.T("volume.until"), Hint: t.T("volume.until_hint"), Optional: true}, note("volume.note_hint", true)},
		clock.Forwarded:          {{Name: "to", Kind: "select", Label: t.T("forward.to"), Options: organs}, note("forward.note_hint", false)},
		clock.Withdrawn:          {note("case.withdrawn_hint", true)},
		clock.Reopened:           {{Name: "days", Kind: "number", Label: t.T("reopen.days"), Value: strconv.Itoa(rules.AnswerDays)}, note("reopen.note_hint", false)},
		clock.Answered:           s.answerFields(c, a, r),
	}
	var out []page.CaseForm
	for _, n := range r.Next {
		if n.Type == clock.ConsultationReturned && slices.ContainsFunc(out, func(f page.CaseForm) bool { return f.Name == string(n.Type) }) {
			continue // one form for all parties
		}
		submit := t.T("case.preview")
		if cases.LetterFor(a, clock.Event{Type: n.Type}, "granted") == nil {
			submit = t.T("case." + string(n.Type) + "_do")
		}
		f := page.CaseForm{Name: string(n.Type), Title: t.T("case." + string(n.Type)), Until: n.By, Law: n.Law.In(t.Lang), Past: n.Past, Form: page.Form{Action: s.casePath(a.Number, "/step"), Submit: submit}}
		f.Fields = append([]page.Field{{Name: "type", Kind: "hidden", Value: string(n.Type)}, {Name: "date", Kind: "date", Label: t.T("case.date"), Value: today.String()}}, fields[n.Type]...)
		out = append(out, f)
	}
	return out
}

func (s *Face) answerFields(c echo.Context, a *cases.Application, r clock.Result) []page.Field {
	t := page.TextsOf(c)
	list := portal.Outcomes
	if a.Purpose == cases.ForCorrection {
		list = portal.RecordOutcomes
	}
	suggested := "" // a case that has lapsed is closed with what the law gives
	if r.State == clock.Lapsed {
		suggested = "other.no_correction"
		if r.Awaits == clock.FeeNotified {
			suggested = "other.fee_unpaid"
		}
	}
	outcomes := append([]page.Option{{Label: t.T("form.choose")}}, page.Choices(list, t.Lang, suggested)...)
	for i := range outcomes[1:] {
		if x := list.Terms[i]; x.Article != "" {
			outcomes[i+1].Label += t.T("case.article", "Article", x.Article)
		}
	}
	var papers []page.Option
	for _, p := range a.Papers {
		f, label := p.Original, ""
		if p.Redacted != nil {
			f, label = *p.Redacted, t.T("paper.redacted", "N", len(p.Boxes))
		}
		papers = append(papers, page.Option{Value: string(f.File), Label: strings.TrimSpace(f.Name + " " + label), Chosen: p.Redacted != nil})
	}
	fields := []page.Field{
		{Name: "outcome", Kind: "select", Label: t.T("case.outcome"), Options: outcomes, Value: suggested},
		{Name: "text", Kind: "textarea", Label: t.T("case.answer_text"), Hint: t.T("case.answer_hint"), Rows: 8, Max: cases.MaxAnswer},
		{Name: "withheld", Kind: "textarea", Label: t.T("case.withheld"), Hint: t.T("case.withheld_hint"), Rows: 3, Max: portal.MaxNote, Optional: true},
		{Name: "rightful", Kind: "text", Label: t.T("case.rightful"), Hint: t.T("case.rightful_hint"), Max: portal.MaxNote, Optional: true},
		{Name: "way", Kind: "radios", Label: t.T("case.way"), Options: page.Choices(portal.Ways, t.Lang, "sent"), Value: "sent"}}
	if len(papers) > 0 {
		fields = append(fields, page.Field{Name: "give", Kind: "checkboxes", Label: t.T("case.give"), Options: papers, Optional: true})
	}
	return append(fields,
		page.Field{Name: "files", Kind: "file", Multiple: true, Label: t.T("case.answer_files"), Hint: t.T("form.file_hint", "Limit", portal.MaxFile>>20), Optional: true},
		page.Field{Name: "publish", Kind: "checkboxes", Label: t.T("case.publish"), Hint: t.T("case.publish_hint"), Optional: true, Options: []page.Option{{Value: "yes", Label: t.T("case.publish_yes")}}},
		page.Field{Name: "public_title", Kind: "text", Label: t.T("case.public_title"), Max: portal.MaxName, Optional: true},
		page.Field{Name: "public_text", Kind: "textarea", Label: t.T("case.public_text"), Rows: 4, Max: cases.MaxAnswer, Optional: true})
}

// moreForms are what can be done beside the statutory steps.
func (s *Face) moreForms(c echo.Context, a *cases.Application) ([]page.CaseForm, error) {
	t := page.TextsOf(c)
	var out []page.CaseForm
	add := func(name string, fields ...page.Field) {
		out = append(out, page.CaseForm{Name: name, Title: t.T("more." + name), Form: page.Form{Action: s.casePath(a.Number, "/"+name), Submit: t.T("more." + name + "_do"), Fields: fields}})
	}
	add("papers", page.Field{Name: "files", Kind: "file", Multiple: true, Label: t.T("paper.files"), Hint: t.T("form.file_hint", "Limit", portal.MaxFile>>20)})
	if !a.Closed() {
		staff, err := s.Cases.Handling().Staff(c.Request().Context())
		if err != nil {
			return nil, err
		}
		colleagues, err := s.Cases.Handling().Colleagues(c.Request().Context(), a.Organ)
		if err != nil {
			return nil, err
		}
		add("ask", page.Field{Name: "to", Kind: "select", Label: t.T("ask.to"), Options: page.PersonChoices(t, staff, "")}, page.Field{Name: "due", Kind: "date", Label: t.T("ask.due"), Value: s.Calendar().After(s.Today(), 3).String()},
			page.Field{Name: "question", Kind: "textarea", Label: t.T("ask.question"), Hint: t.T("ask.question_hint"), Rows: 4, Max: portal.MaxNote})
		add("assign", page.Field{Name: "handler", Kind: "select", Label: t.T("assign.to"), Options: page.PersonChoices(t, colleagues, a.Handler), Value: string(a.Handler)})
		if a.Letter == "" && a.Became == "" && s.Cases.Mailbox != nil {
			add("petition")
		}
		add("split", page.Field{Name: "subject", Kind: "text", Label: t.T("apply.subject"), Max: portal.MaxName}, page.Field{Name: "description", Kind: "textarea", Label: t.T("apply.description"), Rows: 4, Max: cases.MaxDescription})
	}
	var asked []page.Option
	for _, x := range a.Steps {
		if x.Type == clock.ConsultationSent && !a.Closed() {
			asked = append(asked, page.Option{Value: x.Party, Label: x.Party})
		}
	}
	if len(asked) > 0 {
		add("delivered", page.Field{Name: "party", Kind: "select", Label: t.T("consultation.party"), Options: asked}, page.Field{Name: "delivered", Kind: "date", Label: t.T("consultation.delivered"), Value: s.Today().String()})
	}
	if a.Answer != nil {
		add("deliver", page.Field{Name: "on", Kind: "date", Label: t.T("deliver.on"), Value: s.Today().String()}, page.Field{Name: "proof", Kind: "text", Label: t.T("deliver.proof"), Hint: t.T("deliver.proof_hint"), Max: portal.MaxLine},
			page.Field{Name: "scans", Kind: "file", Multiple: true, Label: t.T("deliver.files"), Hint: t.T("form.file_hint", "Limit", portal.MaxFile>>20), Optional: true})
		if a.Purpose == cases.ForDisclosure {
			add("disclose")
		}
	}
	if !slices.ContainsFunc(a.Letters, func(l cases.Letter) bool { return l.Kind == "receipt" }) && !a.Closed() {
		add("receipt")
	}
	if a.Answer != nil && a.Answer.Public != nil {
		add("unpublish", page.Field{Name: "why", Kind: "text", Label: t.T("unpublish.why"), Max: portal.MaxLine})
	}
	if x := s.Cases.Steps().Undoable(a); x != nil {
		add("undo", page.Field{Name: "reason", Kind: "text", Label: t.T("undo.reason"), Hint: t.T("undo.hint", "Step", t.T("step."+string(x.Type))), Max: portal.MaxNote})
	}
	if a.Hold != nil {
		add("release")
	} else if a.Closed() {
		add("hold", page.Field{Name: "reason", Kind: "text", Label: t.T("hold.reason"), Hint: t.T("hold.hint"), Max: portal.MaxNote})
	}
	reviews := []page.Option{{Label: t.T("review.new")}}
	for _, r := range a.Proceedings {
		reviews = append(reviews, page.Option{Value: strconv.Itoa(r.ID), Label: portal.Named(portal.ProceedingKinds.Term(r.Kind).Name, t.Lang) + " " + r.Number})
	}
	add("review", page.Field{Name: "id", Kind: "select", Label: t.T("review.which"), Options: reviews, Optional: true}, page.Field{Name: "kind", Kind: "select", Label: t.T("review.kind"), Options: page.Choices(portal.ProceedingKinds, t.Lang, ""), Value: "reconsideration"},
		page.Field{Name: "number", Kind: "text", Label: t.T("review.number"), Max: portal.MaxName}, page.Field{Name: "filed", Kind: "date", Label: t.T("review.filed")},
		page.Field{Name: "result", Kind: "select", Label: t.T("review.result"), Options: page.Choices(portal.ProceedingResults, t.Lang, ""), Value: "pending"}, page.Field{Name: "decided", Kind: "date", Label: t.T("review.decided"), Optional: true})
	return out, nil
}

// caseReveal answers POST /desk/applications/{number}/reveal: it shows who
// the applicant is, once, and logs the look.
func (s *Face) caseReveal(c echo.Context) error {
	who, err := s.Cases.Handling().Reveal(c.Request().Context(), page.ActorOf(c), page.CaseNumber(c), page.Typed(c, "reason"))
	if portal.KindOf(err) == portal.Invalid {
		return s.showCase(c, http.StatusUnprocessableEntity, "reveal", err, nil)
	}
	if err != nil {
		return err
	}
	s.keepReason(c, page.Typed(c, "reason"))
	return s.showCase(c, http.StatusOK, "", nil, who)
}

func (s *Face) caseFileDownload(c echo.Context) error {
	a, err := s.Cases.Open(c.Request().Context(), page.ActorOf(c), page.CaseNumber(c))
	if err != nil {
		return err
	}
	if f := a.File(c.Param("file")); f != nil {
		return s.SendFile(c, *f, false)
	}
	return portal.Missing()
}

// caseMore answers the forms beside the statutory steps.
func (s *Face) caseMore(name string, do func(c echo.Context, by portal.Actor, n cases.ApplicationNumber, ps *[]portal.Problem) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		var ps []portal.Problem
		err := do(c, page.ActorOf(c), page.CaseNumber(c), &ps)
		if len(ps) > 0 {
			err = page.Joined(ps, err)
		}
		return s.afterCase(c, name, err, "more."+name+"_done")
	}
}

func (s *Face) caseAsk(c echo.Context, by portal.Actor, n cases.ApplicationNumber, ps *[]portal.Problem) error {
	return s.seen(c).Handling().Ask(c.Request().Context(), by, n, cases.Inquiry{To: portal.Login(page.Typed(c, "to")), Question: page.Typed(c, "question"), Due: page.DayOf(c, "due", ps)})
}

func (s *Face) caseHold(c echo.Context, by portal.Actor, n cases.ApplicationNumber, _ *[]portal.Problem) error {
	return s.seen(c).Keeping().Hold(c.Request().Context(), by, n, page.Typed(c, "reason"))
}

func (s *Face) caseRelease(c echo.Context, by portal.Actor, n cases.ApplicationNumber, _ *[]portal.Problem) error {
	return s.seen(c).Keeping().Release(c.Request().Context(), by, n)
}

func (s *Face) casePetition(c echo.Context, by portal.Actor, n cases.ApplicationNumber, _ *[]portal.Problem) error {
	_, err := s.Cases.Handling().AsPetition(c.Request().Context(), by, n, page.SeenOf(c))
	return err
}

func (s *Face) caseUndo(c echo.Context, by portal.Actor, n cases.ApplicationNumber, _ *[]portal.Problem) error {
	return s.seen(c).Steps().Undo(c.Request().Context(), by, n, page.Typed(c, "reason"))
}

func (s *Face) caseUnpublish(c echo.Context, by portal.Actor, n cases.ApplicationNumber, _ *[]portal.Problem) error {
	return s.seen(c).Answers().Unpublish(c.Request().Context(), by, n, page.Typed(c, "why"))
}

func (s *Face) caseReceipt(c echo.Context, by portal.Actor, n cases.ApplicationNumber, _ *[]portal.Problem) error {
	return s.seen(c).Letters().Registration(c.Request().Context(), by, n)
}

func (s *Face) caseAssign(c echo.Context, by portal.Actor, n cases.ApplicationNumber, _ *[]portal.Problem) error {
	return s.seen(c).Handling().Assign(c.Request().Context(), by, n, portal.Login(page.Typed(c, "handler")))
}

func (s *Face) caseSplit(c echo.Context, by portal.Actor, n cases.ApplicationNumber, _ *[]portal.Problem) error {
	_, err := s.seen(c).Handling().Split(c.Request().Context(), by, n, []cases.Application{{Subject: page.Typed(c, "subject"), Description: page.Typed(c, "description")}})
	return err
}

func (s *Face) caseDeliver(c echo.Context, by portal.Actor, n cases.ApplicationNumber, ps *[]portal.Problem) error {
	if _, err := s.Cases.Open(c.Request().Context(), by, n); err != nil {
		return err
	}
	files, _, err := s.FormFiles(c, "scans", cases.MaxCaseFiles)
	if err != nil {
		return err
	}
	return s.seen(c).Answers().Deliver(c.Request().Context(), by, n, cases.Service{On: page.DayOf(c, "on", ps), Evidence: page.Typed(c, "proof"), Files: files})
}

func (s *Face) caseDelivered(c echo.Context, by portal.Actor, n cases.ApplicationNumber, ps *[]portal.Problem) error {
	on := page.DayOf(c, "delivered", ps)
	if len(*ps) > 0 {
		return nil
	}
	return s.seen(c).Opinions().Delivered(c.Request().Context(), by, n, page.Typed(c, "party"), on)
}

func (s *Face) caseReview(c echo.Context, by portal.Actor, n cases.ApplicationNumber, ps *[]portal.Problem) error {
	r := cases.Proceeding{ID: page.Atoi(page.Typed(c, "id")), Kind: page.Typed(c, "kind"), Number: page.Typed(c, "number"), Filed: page.DayOf(c, "filed", ps), Result: page.Typed(c, "result"), Decided: page.DayOf(c, "decided", ps)}
	if len(*ps) > 0 {
		return nil
	}
	return s.seen(c).Answers().Proceed(c.Request().Context(), by, n, r)
}

func (s *Face) casePapers(c echo.Context, by portal.Actor, n cases.ApplicationNumber, _ *[]portal.Problem) error {
	if _, err := s.Cases.Open(c.Request().Context(), by, n); err != nil {
		return err
	}
	files, _, err := s.FormFiles(c, "files", cases.MaxCaseFiles)
	if err != nil {
		return err
	}
	_, err = s.seen(c).Answers().AddPapers(c.Request().Context(), by, n, files)
	return err
}

// caseDisclose answers POST /desk/applications/{number}/disclose: one click
// makes a draft of the answer, for those who publish.
func (s *Face) caseDisclose(c echo.Context) error {
	by := page.ActorOf(c)
	id, err := s.Cases.Answers().Disclose(c.Request().Context(), by, page.CaseNumber(c), s.Documents)
	if err == nil {
		d, err := s.Documents.Open(c.Request().Context(), by, documents.DraftID(id))
		if err == nil && by.Can(portal.WriteDocuments, d.Content.Lead()) {
			s.Flash(c, "more.disclose_done")
			return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/drafts/"+id+"/edit")
		}
	}
	return s.afterCase(c, "disclose", err, "more.disclose_done")
}
