package office

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/web/page"
)

// letterPage is what desk_letter.html shows: a letter before it is sent.
type letterPage struct {
	page.Base
	Case     *cases.Application
	Kind     *cases.LetterKind
	Clock    clock.Result // as it will be
	Values   []page.Field // of the form, hidden
	Letter   page.Field
	Action   string
	Signed   bool // it goes to the head
	Gaps     string
	Nameless bool // the applicant's name cannot be printed whole
	Charge   *cases.Charge
	Remark   string
	Unticked int   // points of the check list, where it was sent without them
	Ticked   []int // those that are ticked, from 1
	Error    page.Form
}

// maxChecks is more lines than any check list has.
const maxChecks = 50

// proposal reads a step from its form. It changes nothing: files that came along
// are papers of the case by now, and sent names them.
func (s *Face) proposal(c echo.Context, a *cases.Application, sent []portal.Attachment) (p cases.Proposal, err error) {
	var ps []portal.Problem
	number := func(name string) int {
		v := page.Typed(c, name)
		if v == "" {
			return 0
		}
		n, err := strconv.Atoi(v)
		if err != nil {
			ps = append(ps, portal.Problem{Field: name, Key: "error.number"})
		}
		return n
	}
	e := clock.Event{Type: clock.EventType(page.Typed(c, "type")), Date: page.DayOf(c, "date", &ps), Days: number("days"), ApprovedBy: page.Typed(c, "approved_by"), Reason: page.Typed(c, "reason"),
		Party: page.Typed(c, "party"), Kind: page.Typed(c, "kind"), Delivered: page.DayOf(c, "delivered", &ps), Until: page.DayOf(c, "until", &ps), Way: page.Typed(c, "way")}
	p.Step = cases.CaseStep{Event: e, Note: page.Typed(c, "note"), Opinion: page.Typed(c, "opinion")}
	p.To, p.Rightful, p.Email = portal.OrganCode(page.Typed(c, "to")), page.Typed(c, "rightful"), page.Typed(c, "email")
	p.Letter = page.Typed(c, "letter")
	for _, v := range c.Request().Form["check"][:min(maxChecks, len(c.Request().Form["check"]))] {
		p.Step.Checked = append(p.Step.Checked, page.Atoi(v))
	}
	switch e.Type {
	case clock.FeeNotified:
		p.Charge = &cases.Charge{Scale: page.Typed(c, "scale"), Count: number("count")}
	case clock.Answered:
		p.Answer = answerOf(c, a, sent)
	}
	return p, page.Joined(ps, nil)
}

// answerOf reads an answer. What is given must be a paper of the case: nobody
// gives out a file by naming it.
func answerOf(c echo.Context, a *cases.Application, sent []portal.Attachment) *cases.Answer {
	ans := &cases.Answer{Outcome: page.Typed(c, "outcome"), Text: page.Typed(c, "text"), Withheld: page.Typed(c, "withheld")}
	if page.Typed(c, "publish") == "yes" {
		ans.Public = &cases.PublicAnswer{Title: page.Typed(c, "public_title"), Text: page.Typed(c, "public_text")}
	}
	for _, p := range a.Papers {
		for _, f := range []*portal.Attachment{&p.Original, p.Redacted} {
			if f != nil && slices.Contains(c.Request().Form["give"], string(f.File)) {
				ans.Files = append(ans.Files, *f)
			}
		}
	}
	for _, f := range sent {
		if !slices.ContainsFunc(ans.Files, func(x portal.Attachment) bool { return x.File == f.File }) {
			ans.Files = append(ans.Files, f)
		}
	}
	return ans
}

// caseSeen opens the case of a request as whoever sent it saw it. Files that came
// along become papers of the case first, whatever becomes of the rest.
func (s *Face) caseSeen(c echo.Context) (*cases.Application, []portal.Attachment, error) {
	ctx, by, n := c.Request().Context(), page.ActorOf(c), page.CaseNumber(c)
	files, _, err := s.FormFiles(c, "files", cases.MaxCaseFiles)
	if err != nil {
		return nil, nil, err
	}
	if len(files) > 0 {
		a, err := s.seen(c).Answers().AddPapers(ctx, by, n, files)
		if err == nil {
			err = s.KeepUploads(c)
		}
		return a, files, err
	}
	a, err := s.Cases.Open(ctx, by, n)
	if err == nil {
		err = page.SeenOf(c).Check(a, cases.Kind)
	}
	return a, nil, err
}

// seen are the use cases for whoever sent a form of a case, as they saw it.
func (s *Face) seen(c echo.Context) cases.Cases { return s.casesFor(c).Seen(page.SeenOf(c)) }

// caseStep answers POST /desk/applications/{number}/step: read, prepare, take what
// was prepared. A step with a letter shows the letter first; "go" says what to do
// with it: send it, or show it as a PDF.
func (s *Face) caseStep(c echo.Context) error {
	by, name := page.ActorOf(c), page.Typed(c, "type")
	a, sent, err := s.caseSeen(c)
	if err != nil {
		return s.afterCase(c, name, err, "")
	}
	p, err := s.proposal(c, a, sent)
	if err != nil {
		return s.afterCase(c, name, err, "")
	}
	steps := s.casesFor(c).Steps()
	made, err := steps.Prepare(c.Request().Context(), by, a, &p)
	if err != nil {
		return s.afterCase(c, name, err, "")
	}
	switch page.Typed(c, "go") {
	case "pdf":
		pdf, err := s.Cases.Letters().PreviewLetter(c.Request().Context(), by, a.Number, made.Letter)
		if err != nil {
			return err
		}
		return s.SendBytes(c, pdf, "application/pdf", "preview.pdf", true)
	case "send":
		if left := unticked(made); left > 0 {
			return s.showLetter(c, http.StatusOK, made, nil)
		}
	case "sure": // whatever the check list says; the log keeps that
	default:
		if made.Kind != nil {
			return s.showLetter(c, http.StatusOK, made, nil)
		}
	}
	err = steps.Take(c.Request().Context(), by, made)
	if err != nil && made.Kind != nil && portal.KindOf(err) == portal.Invalid {
		return s.showLetter(c, http.StatusUnprocessableEntity, made, err)
	}
	if left := unticked(made); err == nil && left > 0 {
		err = s.Store.Note(c.Request().Context(), by, "sent_unchecked", "application/"+string(a.Number), fmt.Sprintf("%s: %d", made.Kind.Code, left), s.Now())
	}
	done := "case." + name + "_done"
	if made.Signed {
		done = "sign.proposed"
	}
	return s.afterCase(c, name, err, done)
}

// unticked is how many points of a letter's check list nobody has ticked.
func unticked(made cases.Prepared) int {
	if made.Kind == nil {
		return 0
	}
	return max(0, len(made.Kind.Checks)-len(made.Proposal.Step.Checked))
}

// casesFor are the use cases with the address that this request came to, for
// links in letters where no other is set.
func (s *Face) casesFor(c echo.Context) cases.Cases {
	u := s.Cases
	u.Origin = s.OriginOf(c) + s.BasePath
	return u
}

// showLetter shows a letter as it will go out, with its check list.
func (s *Face) showLetter(c echo.Context, status int, made cases.Prepared, wrong error) error {
	t, a, p := page.TextsOf(c), made.Case, *made.Proposal
	shown := letterPage{Base: s.DeskBase(c, t.T("letter.title", "Name", made.Kind.Name.In(t.Lang))), Case: a, Kind: made.Kind, Clock: made.Clock, Action: s.casePath(a.Number, "/step"), Signed: made.Signed, Gaps: string(made.Missing), Nameless: made.Nameless, Charge: p.Charge}
	if page.Typed(c, "go") == "send" && wrong == nil {
		shown.Unticked = unticked(made)
	}
	shown.Ticked = p.Step.Checked
	values := stepValues(p)
	values.Set("revision", string(portal.RevisionOf(a)))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		shown.Values = append(shown.Values, page.Field{Name: name, Kind: "hidden", Value: values.Get(name)})
	}
	if p.Answer != nil {
		for _, f := range p.Answer.Files {
			shown.Values = append(shown.Values, page.Field{Name: "give", Kind: "hidden", Value: string(f.File)})
		}
	}
	if a.Proposal != nil {
		shown.Remark = a.Proposal.Remark
	}
	shown.Letter = page.Field{Name: "letter", Kind: "textarea", Label: t.T("letter.text"), Hint: t.T("letter.text_hint"), Rows: 24, Max: cases.MaxLetter, Value: made.Letter, Lang: "zh-CN", Tools: page.LetterTools(t)}
	if wrong != nil {
		shown.Error = page.Form{Fields: []page.Field{shown.Letter}}
		if err := shown.Error.Refuse(t, wrong); err != nil {
			return err
		}
		shown.Letter = shown.Error.Fields[0]
	}
	return s.Render(c, status, "desk_letter", shown)
}

// stepValues writes a proposal as the values of its form, those that it has:
// its letter's page carries them along.
func stepValues(p cases.Proposal) url.Values {
	e := p.Step
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("type", string(e.Type))
	set("date", e.Date.String())
	set("note", e.Note)
	set("approved_by", e.ApprovedBy)
	set("reason", e.Reason)
	set("party", e.Party)
	set("kind", e.Kind)
	set("delivered", e.Delivered.String())
	set("until", e.Until.String())
	set("way", e.Way)
	set("email", p.Email)
	set("to", string(p.To))
	set("opinion", e.Opinion)
	set("rightful", p.Rightful)
	if e.Days != 0 {
		set("days", strconv.Itoa(e.Days))
	}
	if p.Charge != nil {
		set("scale", p.Charge.Scale)
		set("count", strconv.Itoa(p.Charge.Count))
	}
	if a := p.Answer; a != nil {
		set("outcome", a.Outcome)
		set("text", a.Text)
		set("withheld", a.Withheld)
		if a.Public != nil {
			set("publish", "yes")
			set("public_title", a.Public.Title)
			set("public_text", a.Public.Text)
		}
	}
	return v
}

// caseProposal answers GET /desk/applications/{number}/proposal: a step that
// was given back, to be mended and proposed again.
func (s *Face) caseProposal(c echo.Context) error {
	a, err := s.Cases.Open(c.Request().Context(), page.ActorOf(c), page.CaseNumber(c))
	if err != nil {
		return err
	}
	if a.Proposal == nil || a.Proposal.Waiting() {
		return portal.Missing()
	}
	p := *a.Proposal
	p.Step.Date = s.Today()
	made, err := s.Cases.Steps().Prepare(c.Request().Context(), page.ActorOf(c), a, &p)
	if err != nil {
		return s.afterCase(c, string(p.Step.Type), err, "")
	}
	return s.showLetter(c, http.StatusOK, made, nil)
}

func (s *Face) caseSign(c echo.Context) error {
	return s.afterCase(c, "return", s.casesFor(c).Steps().Sign(c.Request().Context(), page.ActorOf(c), page.CaseNumber(c), c.FormValue("shown")), "sign.done")
}

func (s *Face) caseReturn(c echo.Context) error {
	return s.afterCase(c, "return", s.seen(c).Steps().Return(c.Request().Context(), page.ActorOf(c), page.CaseNumber(c), page.Typed(c, "remark")), "sign.returned")
}

// caseLetter answers GET /desk/applications/{number}/letters/{id}/{name}: a
// letter as it was sent, as PDF or DOCX.
func (s *Face) caseLetter(c echo.Context) error {
	format, mediaType := cases.LetterPDF, "application/pdf"
	if strings.HasSuffix(c.Param("name"), ".docx") {
		format, mediaType = cases.LetterDOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	}
	l, file, err := s.Cases.Letters().LetterFile(c.Request().Context(), page.ActorOf(c), page.CaseNumber(c), page.Atoi(c.Param("id")), format, s.reasonOf(c))
	if portal.KindOf(err) == portal.Invalid {
		return s.askReason(c, err)
	}
	if err != nil {
		return err
	}
	return s.SendBytes(c, file, mediaType, l.Number+"."+format, format == cases.LetterPDF)
}

// reasonTime is how long a reason for which an applicant's name was opened
// holds for the other papers of the same case.
const reasonTime = 15 * time.Minute

// keepReason remembers the reason for which the name in a case was opened.
func (s *Face) keepReason(c echo.Context, reason string) {
	ctx, key := c.Request().Context(), string(page.CaseNumber(c))
	s.Session.Put(ctx, "reason "+key, reason)
	s.Session.Put(ctx, "reason until "+key, s.Now().Add(reasonTime).Unix())
}

// reasonOf is the reason that a request gives, or that was given a moment ago.
func (s *Face) reasonOf(c echo.Context) string {
	if r := page.Typed(c, "reason"); r != "" && c.Request().Method == http.MethodPost {
		s.keepReason(c, r)
		return r
	}
	ctx, key := c.Request().Context(), string(page.CaseNumber(c))
	if s.Now().Unix() < s.Session.GetInt64(ctx, "reason until "+key) {
		return s.Session.GetString(ctx, "reason "+key)
	}
	return ""
}

// askReason shows the form that asks why an applicant's name is opened.
func (s *Face) askReason(c echo.Context, wrong error) error {
	t := page.TextsOf(c)
	p := page.FormPage{Base: s.DeskBase(c, t.T("reveal.title")), Intro: t.T("reveal.letter"), Back: s.casePath(page.CaseNumber(c), "")}
	p.Form = page.Form{Action: c.Request().URL.Path, Submit: t.T("reveal.open"), Fields: []page.Field{{Name: "reason", Kind: "text", Label: t.T("case.reveal_reason"), Max: portal.MaxNote}}}
	status := http.StatusOK
	if c.Request().Method == http.MethodPost {
		status = http.StatusUnprocessableEntity
		if err := p.Form.Again(c, wrong); err != nil {
			return err
		}
	}
	return s.Render(c, status, "form", p)
}
