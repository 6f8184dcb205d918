package web

import (
	"encoding/gob"
	"net/http"
	"net/url"
	"path"
	"slices"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
)

func init() {
	// The session library keeps values by gob, which wants to know types.
	gob.Register([]cases.Receipt{})
}

// applyPage is what apply.html shows.
type applyPage struct {
	base
	Form form
	More int // the matter that room can be made for
}

// applyForm answers GET /apply: the application form of Article 29.
func (s *Server) applyForm(c echo.Context) error {
	p := s.applyPage(c)
	p.Form.fill(c.QueryParams()) // ?organ= from an organ's page, ?subject= from a search
	return s.render(c, http.StatusOK, "apply", p)
}

func (s *Server) applyPage(c echo.Context) applyPage {
	t := textsOf(c)
	p := applyPage{base: s.base(c, t.T("apply.title"))}
	p.Section, p.Columns = "apply", column{Name: t.T("apply.title"), Type: "依申请公开"}
	organs := s.organChoices(t.Lang, func(o portal.Organ) bool { return o.Code != "imported" })
	fields := append([]field{{Name: "organ", Kind: "select", Label: t.T("apply.organ"), Hint: t.T("apply.organ_hint"), Options: append([]option{{Label: t.T("form.choose")}}, organs...)}}, s.applicantForm(c)...)
	fields = append(fields,
		field{Name: "files", Kind: "file", Label: t.T("apply.files"), Hint: t.T("form.file_hint", "Limit", portal.MaxFile>>20), Optional: true, Multiple: true},
		field{Name: "help", Kind: "textarea", Label: t.T("apply.help"), Hint: t.T("apply.help_hint"), Optional: true, Rows: 2, Max: portal.MaxNote})
	p.Form = form{Action: s.BasePath + "/apply", Submit: t.T("apply.submit"), Fields: fields}
	if n := shownMatters(c); n < cases.MaxMatters {
		p.More = n + 1
	}
	return p
}

// apply answers POST /apply. What was typed is kept when something is wrong,
// and when room for a further matter is asked for.
func (s *Server) apply(c echo.Context) error {
	if typed(c, "go") == "more" {
		p := s.applyPage(c)
		values, err := c.FormParams()
		if err != nil {
			return err
		}
		p.Form.fill(values)
		return s.render(c, http.StatusOK, "apply", p)
	}
	list, who, err := s.matters(c)
	var receipts []cases.Receipt
	if err == nil {
		receipts, err = s.Cases.ApplyAll(list, who)
	}
	if err != nil {
		p := s.applyPage(c)
		if err := p.Form.again(c, err); err != nil {
			return err
		}
		return s.render(c, http.StatusUnprocessableEntity, "apply", p)
	}
	s.sessions.Put(c.Request().Context(), "receipt", receipts)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/apply/receipt")
}

// receiptPage is what receipt.html shows.
type receiptPage struct {
	base
	Receipts []receiptOf
	Organ    portal.Organ
}

// receiptOf is the receipt of one matter.
type receiptOf struct {
	cases.Receipt
	Subject  string
	Deadline clock.Result
	Signed   string
}

// receipt answers GET /apply/receipt: number and query code, shown once.
func (s *Server) receipt(c echo.Context) error {
	list, ok := s.sessions.Pop(c.Request().Context(), "receipt").([]cases.Receipt)
	if !ok || len(list) == 0 {
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/track")
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	p := receiptPage{base: s.base(c, textsOf(c).T("receipt.title"))}
	var err error
	if p.Organ, err = s.Store.Organ(list[0].Organ); err != nil {
		return err
	}
	for _, r := range list {
		x := receiptOf{Receipt: r}
		a, err := s.Store.Application(r.Number)
		if err != nil {
			return err
		}
		if x.Deadline, err = a.Clock(s.Calendar(), s.Today()); err != nil {
			return err
		}
		if !r.Double {
			x.Subject, x.Signed = a.Subject, cases.ProofOf(a).Sign(s.Store.ReceiptKey())
		}
		p.Receipts = append(p.Receipts, x)
	}
	return s.render(c, http.StatusOK, "receipt", p)
}

// trackPage is what track.html shows.
type trackPage struct {
	base
	Form form
}

func (s *Server) trackPage(c echo.Context) trackPage {
	t := textsOf(c)
	p := trackPage{base: s.base(c, t.T("track.title"))}
	p.Section = "apply"
	p.Form = form{Action: s.BasePath + "/track", Submit: t.T("track.submit"), Fields: []field{
		{Name: "number", Kind: "text", Label: t.T("track.number"), Hint: t.T("track.number_hint"), Max: 20},
		{Name: "code", Kind: "text", Label: t.T("track.code"), Hint: t.T("track.code_hint"), Max: 20, Autocomplete: "off"},
	}}
	return p
}

func (s *Server) trackForm(c echo.Context) error {
	p := s.trackPage(c)
	p.Form.fill(url.Values{"number": c.QueryParams()["number"]})
	return s.render(c, http.StatusOK, "track", p)
}

// track answers POST /track. Who has given the right code may look until
// the session ends; the code itself is kept in the session to be checked
// again at each step.
func (s *Server) track(c echo.Context) error {
	n, ok := cases.ParseApplicationNumber(typed(c, "number"))
	var err error = &portal.Error{Kind: portal.Forbidden, Key: "error.track"}
	if ok {
		_, err = s.Cases.Track(n, typed(c, "code"))
	}
	if err != nil {
		p := s.trackPage(c)
		if err := p.Form.again(c, err); err != nil {
			return err
		}
		return s.render(c, http.StatusUnprocessableEntity, "track", p)
	}
	if err := s.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	s.sessions.Put(c.Request().Context(), "track "+string(n), typed(c, "code"))
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/track/"+string(n))
}

// trackedPage is what tracked.html shows.
type trackedPage struct {
	base
	Case    *cases.Application
	Clock   clock.Result
	Next    string // what happens next: the state, or what the applicant is awaited for
	Organ   portal.Organ
	Correct form
	State   form // reasons that are demanded
	MayStop bool
	Rate    form
	Signed  string // receipt
	Letters []cases.Letter
}

// tracked answers GET /track/{number}: each step, what happens next, and
// the answer.
func (s *Server) tracked(c echo.Context) error {
	a, _, err := s.own(c)
	if err != nil {
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/track?number="+url.QueryEscape(c.Param("number")))
	}
	return s.showTracked(c, a, http.StatusOK, nil)
}

func (s *Server) showTracked(c echo.Context, a *cases.Application, status int, wrong error) error {
	t := textsOf(c)
	c.Response().Header().Set("Cache-Control", "no-store")
	p := trackedPage{base: s.base(c, t.T("tracked.title", "Number", a.Number)), Case: a}
	p.Section = "apply"
	p.Flash = s.sessions.PopString(c.Request().Context(), "flash")
	var err error
	if p.Clock, err = a.Clock(s.Calendar(), s.Today()); err != nil {
		return err
	}
	if p.Organ, err = s.Store.Organ(a.Organ); err != nil {
		return err
	}
	if p.Next = string(p.Clock.State); p.Clock.State == clock.WaitingApplicant && p.Clock.Awaits == clock.FeeNotified {
		p.Next = "waiting_payment"
	}
	// offer makes one of the page's forms; the one that was sent shows what is
	// wrong with it.
	offer := func(name, submit string, fields ...field) form {
		f := form{Action: s.BasePath + "/track/" + string(a.Number) + "/" + name, Submit: t.T(submit), Fields: fields}
		if wrong != nil && path.Base(c.Path()) == name {
			wrong = f.again(c, wrong)
		}
		return f
	}
	p.MayStop = !a.Closed()
	if a.MayState() {
		p.State = offer("state", "state.submit", field{Name: "statement", Kind: "textarea", Label: t.T("state.text"), Hint: t.T("state.hint"), Rows: 6, Max: cases.MaxDescription})
	}
	for _, l := range a.Letters {
		if l.To == "applicant" && !slices.ContainsFunc(a.Destroyed, func(d cases.Destruction) bool { return d.What == "file" }) {
			p.Letters = append(p.Letters, l)
		}
	}
	if a.Closed() && a.Rating == nil {
		var stars []option
		for n := 5; n >= 1; n-- {
			stars = append(stars, option{Value: itoa(n), Label: t.T("rate." + itoa(n))})
		}
		p.Rate = offer("rate", "rate.submit", field{Name: "stars", Kind: "radios", Label: t.T("rate.stars"), Options: stars},
			field{Name: "text", Kind: "textarea", Label: t.T("rate.text"), Hint: t.T("rate.text_hint"), Rows: 3, Max: portal.MaxNote, Optional: true})
	}
	p.Signed = cases.ProofOf(a).Sign(s.Store.ReceiptKey())
	if a.Has(clock.CorrectionRequested) && !a.Has(clock.CorrectionReceived) && p.Clock.State == clock.WaitingApplicant {
		p.Correct = offer("correct", "tracked.correct_submit", field{Name: "correction", Kind: "textarea", Label: t.T("tracked.correct"), Hint: t.T("apply.description_hint", "Limit", cases.MaxDescription), Rows: 6, Max: cases.MaxDescription},
			field{Name: "files", Kind: "file", Label: t.T("apply.files"), Hint: t.T("form.file_hint", "Limit", portal.MaxFile>>20), Optional: true, Multiple: true})
	}
	if wrong != nil {
		return wrong
	}
	return s.render(c, status, "tracked", p)
}

// own opens the application of whoever has given its code in this session.
func (s *Server) own(c echo.Context) (*cases.Application, string, error) {
	n, ok := cases.ParseApplicationNumber(c.Param("number"))
	if !ok {
		return nil, "", portal.Missing()
	}
	code := s.sessions.GetString(c.Request().Context(), "track "+string(n))
	a, err := s.Cases.Track(n, code)
	return a, code, err
}

// trackedFile sends a file of the answer, or one that the applicant sent.
func (s *Server) trackedFile(c echo.Context) error {
	a, _, err := s.own(c)
	if err != nil {
		return err
	}
	if f := a.GivenFile(c.Param("file")); f != nil {
		return s.sendFile(c, *f, false)
	}
	return portal.Missing()
}

// trackedLetter answers GET /track/{number}/letters/{id}/{name}: a letter to
// the applicant, as it was sent.
func (s *Server) trackedLetter(c echo.Context) error {
	a, code, err := s.own(c)
	if err != nil {
		return err
	}
	l, pdf, err := s.Cases.OwnLetter(a.Number, code, atoi(c.Param("id")))
	if err != nil {
		return err
	}
	return s.sendBytes(c, pdf, "application/pdf", l.Number+".pdf", false)
}

// trackAct answers a form of the page on which an applicant follows the case:
// back to the page with what is wrong, or with what was done.
func (s *Server) trackAct(done string, do func(c echo.Context, n cases.ApplicationNumber, code string) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		a, code, err := s.own(c)
		if err != nil {
			return err
		}
		if err := do(c, a.Number, code); err != nil {
			return s.showTracked(c, a, http.StatusUnprocessableEntity, err)
		}
		s.flash(c, done)
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/track/"+string(a.Number))
	}
}

// trackState takes the reasons that are demanded of an applicant.
func (s *Server) trackState(c echo.Context, n cases.ApplicationNumber, code string) error {
	return s.Cases.State(n, code, typed(c, "statement"))
}

// trackRate takes what the applicant thinks of the handling.
func (s *Server) trackRate(c echo.Context, n cases.ApplicationNumber, code string) error {
	return s.Cases.Rate(n, code, cases.Rating{Stars: atoi(typed(c, "stars")), Text: typed(c, "text")})
}

func (s *Server) trackCorrect(c echo.Context, n cases.ApplicationNumber, code string) error {
	files, _, err := s.uploads(c, "files", cases.MaxCaseFiles)
	if err != nil {
		return err
	}
	return s.Cases.Correct(n, code, typed(c, "correction"), files)
}

func (s *Server) trackWithdraw(_ echo.Context, n cases.ApplicationNumber, code string) error {
	return s.Cases.Withdraw(n, code)
}

// flash keeps a text for the next page: what was just done.
func (s *Server) flash(c echo.Context, key string, pairs ...any) {
	s.sessions.Put(c.Request().Context(), "flash", textsOf(c).T(key, pairs...))
}
