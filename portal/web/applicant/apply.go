package applicant

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
	"gongkai/portal/letters"
	"gongkai/portal/web/page"
)

func init() {
	// The session library keeps values by gob, which wants to know types.
	gob.Register([]cases.Acknowledgement{})
}

// applyPage is what apply.html shows.
type applyPage struct {
	page.Base
	Form     page.Form
	More     int    // the matter that room can be made for
	Step     string // of steps; "" for all on one page
	Number   int    // of the step, from 1
	Hidden   []hiddenField
	Proposed []proposed
	Answers  []answered
	Doubts   []string
	Closed   bool // no organ can receive an application yet
}

// applyForm answers GET /apply: the application form of Article 29.
func (s *Face) applyForm(c echo.Context) error {
	p, err := s.stepped(c, "what") // with ?organ= from an organ's page, ?subject= from a search
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "apply", p)
}

func (s *Face) applyPage(c echo.Context) applyPage {
	t := page.TextsOf(c)
	p := applyPage{Base: s.Base(c, t.T("apply.title"))}
	p.Section = "apply"
	organs := s.OrganChoices(t.Lang, portal.Organ.Receives)
	p.Closed = len(organs) == 0
	fields := append([]page.Field{{Name: "organ", Kind: "select", Label: t.T("apply.organ"), Hint: t.T("apply.organ_hint"), Options: append([]page.Option{{Label: t.T("form.choose")}}, organs...)}}, s.ApplicantForm(c)...)
	fields = append(fields,
		page.Field{Name: "files", Kind: "file", Label: t.T("apply.files"), Hint: t.T("form.file_hint", "Limit", portal.MaxFile>>20), Optional: true, Multiple: true},
		page.Field{Name: "help", Kind: "textarea", Label: t.T("apply.help"), Hint: t.T("apply.help_hint"), Optional: true, Rows: 2, Max: portal.MaxNote})
	p.Form = page.Form{Action: s.BasePath + "/apply", Submit: t.T("apply.submit"), Fields: fields}
	if n := page.ShownMatters(c); n < cases.MaxMatters {
		p.More = n + 1
	}
	return p
}

// apply answers POST /apply. What was typed is kept when something is wrong,
// and when room for a further matter is asked for.
func (s *Face) apply(c echo.Context) error {
	step, to := page.Typed(c, "step"), page.Typed(c, "go")
	if o := page.Typed(c, "propose"); o != "" { // one of the organs that were proposed
		c.Request().PostForm.Set("organ", o)
		c.Request().Form.Set("organ", o)
	}
	if to == "more" {
		p, err := s.stepped(c, "what")
		if err != nil {
			return err
		}
		return s.Render(c, http.StatusOK, "apply", p)
	}
	if slices.Contains(steps, step) && (step != "check" || slices.Contains(steps, to)) {
		return s.step(c, step)
	}
	list, who, err := s.Matters(c)
	var receipts []cases.Acknowledgement
	if err == nil {
		receipts, err = s.Cases.Applying().ApplyAll(c.Request().Context(), list, who)
	}
	if err != nil {
		p := s.applyPage(c)
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, http.StatusUnprocessableEntity, "apply", p)
	}
	s.Session.Put(c.Request().Context(), "receipt", receipts)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/apply/receipt")
}

// receiptPage is what receipt.html shows.
type receiptPage struct {
	page.Base
	Receipts []receiptOf
	Organ    portal.Organ
}

// receiptOf is the receipt of one matter.
type receiptOf struct {
	cases.Acknowledgement
	Subject  string
	Deadline clock.Result
	Signed   string
}

// receipt answers GET /apply/receipt: number and query code, shown once.
func (s *Face) receipt(c echo.Context) error {
	list, ok := s.Session.Pop(c.Request().Context(), "receipt").([]cases.Acknowledgement)
	if !ok || len(list) == 0 {
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/track")
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	p := receiptPage{Base: s.Base(c, page.TextsOf(c).T("receipt.title"))}
	var err error
	if p.Organ, err = s.Store.Organ(list[0].Organ); err != nil {
		return err
	}
	for _, r := range list {
		x := receiptOf{Acknowledgement: r}
		a, err := s.Store.Application(c.Request().Context(), r.Number)
		if err != nil {
			return err
		}
		if x.Deadline, err = a.Clock(s.Calendar(), s.Today()); err != nil {
			return err
		}
		if !r.Duplicate {
			x.Subject, x.Signed = a.Subject, cases.ReceiptOf(a).Sign(s.Store.ReceiptKey())
		}
		p.Receipts = append(p.Receipts, x)
	}
	return s.Render(c, http.StatusOK, "receipt", p)
}

// trackPage is what track.html shows.
type trackPage struct {
	page.Base
	Form page.Form
}

func (s *Face) trackPage(c echo.Context) trackPage {
	t := page.TextsOf(c)
	p := trackPage{Base: s.Base(c, t.T("track.title"))}
	p.Section = "apply"
	p.Form = page.Form{Action: s.BasePath + "/track", Submit: t.T("track.submit"), Fields: []page.Field{
		{Name: "number", Kind: "text", Label: t.T("track.number"), Hint: t.T("track.number_hint"), Max: 20},
		{Name: "code", Kind: "text", Label: t.T("track.code"), Hint: t.T("track.code_hint"), Max: 20, Autocomplete: "off"},
	}}
	return p
}

func (s *Face) trackForm(c echo.Context) error {
	p := s.trackPage(c)
	p.Form.Fill(url.Values{"number": c.QueryParams()["number"]})
	return s.Render(c, http.StatusOK, "track", p)
}

// track answers POST /track. Who has given the right code may look until
// the session ends; the code itself is kept in the session to be checked
// again at each step.
func (s *Face) track(c echo.Context) error {
	ctx, code := c.Request().Context(), page.Typed(c, "code")
	n, ok := cases.ParseApplicationNumber(page.Typed(c, "number"))
	number, to := string(n), "/track/"+string(n)
	var err error = &portal.Error{Kind: portal.Forbidden, Key: "error.track"}
	if ok {
		_, err = s.Cases.Applying().Track(ctx, n, code)
	} else if l, ok := letters.ParseNumber(page.Typed(c, "number")); ok {
		number, to = string(l), "/mailbox/follow/"+string(l)
		_, err = s.Letters.Track(ctx, l, code)
	}
	if err != nil {
		p := s.trackPage(c)
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, http.StatusUnprocessableEntity, "track", p)
	}
	if err := s.Session.RenewToken(ctx); err != nil {
		return err
	}
	s.Session.Put(ctx, page.TrackKey(number), code)
	return c.Redirect(http.StatusSeeOther, s.BasePath+to)
}

// trackedPage is what tracked.html shows.
type trackedPage struct {
	page.Base
	Case    *cases.Application
	Clock   clock.Result
	Next    string // what happens next: the state, or what the applicant is awaited for
	Organ   portal.Organ
	Correct page.Form
	State   page.Form // reasons that are demanded
	MayStop bool
	Rate    page.Form
	Signed  string // receipt
	Letters []cases.Letter
}

// tracked answers GET /track/{number}: each step, what happens next, and
// the answer.
func (s *Face) tracked(c echo.Context) error {
	a, _, err := s.own(c)
	if err != nil {
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/track?number="+url.QueryEscape(c.Param("number")))
	}
	return s.showTracked(c, a, http.StatusOK, nil)
}

func (s *Face) showTracked(c echo.Context, a *cases.Application, status int, wrong error) error {
	t := page.TextsOf(c)
	c.Response().Header().Set("Cache-Control", "no-store")
	p := trackedPage{Base: s.Base(c, t.T("tracked.title", "Number", a.Number)), Case: a}
	p.Section = "apply"
	p.Flash = s.Session.PopString(c.Request().Context(), "flash")
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
	offer := func(name, submit string, fields ...page.Field) page.Form {
		f := page.Form{Action: s.BasePath + "/track/" + string(a.Number) + "/" + name, Submit: t.T(submit), Fields: fields}
		if wrong != nil && path.Base(c.Path()) == name {
			wrong = f.Again(c, wrong)
		}
		return f
	}
	p.MayStop = !a.Closed()
	if a.MayState() {
		p.State = offer("state", "state.submit", page.Field{Name: "statement", Kind: "textarea", Label: t.T("state.text"), Hint: t.T("state.hint"), Rows: 6, Max: cases.MaxDescription})
	}
	for _, l := range a.Letters {
		if l.To == "applicant" && !slices.ContainsFunc(a.Destroyed, func(d cases.Destruction) bool { return d.What == "file" }) {
			p.Letters = append(p.Letters, l)
		}
	}
	if a.Closed() && a.Rating == nil {
		var stars []page.Option
		for n := 5; n >= 1; n-- {
			stars = append(stars, page.Option{Value: page.Itoa(n), Label: t.T("rate." + page.Itoa(n))})
		}
		p.Rate = offer("rate", "rate.submit", page.Field{Name: "stars", Kind: "radios", Label: t.T("rate.stars"), Options: stars},
			page.Field{Name: "text", Kind: "textarea", Label: t.T("rate.text"), Hint: t.T("rate.text_hint"), Rows: 3, Max: portal.MaxNote, Optional: true})
	}
	p.Signed = cases.ReceiptOf(a).Sign(s.Store.ReceiptKey())
	if a.Has(clock.CorrectionRequested) && !a.Has(clock.CorrectionReceived) && p.Clock.State == clock.WaitingApplicant {
		p.Correct = offer("correct", "tracked.correct_submit", page.Field{Name: "correction", Kind: "textarea", Label: t.T("tracked.correct"), Hint: t.T("apply.description_hint", "Limit", cases.MaxDescription), Rows: 6, Max: cases.MaxDescription},
			page.Field{Name: "files", Kind: "file", Label: t.T("apply.files"), Hint: t.T("form.file_hint", "Limit", portal.MaxFile>>20), Optional: true, Multiple: true})
	}
	if wrong != nil {
		return wrong
	}
	return s.Render(c, status, "tracked", p)
}

// own opens the application of whoever has given its code in this session.
func (s *Face) own(c echo.Context) (*cases.Application, string, error) {
	n, ok := cases.ParseApplicationNumber(c.Param("number"))
	if !ok {
		return nil, "", portal.Missing()
	}
	code := s.Session.GetString(c.Request().Context(), page.TrackKey(string(n)))
	a, err := s.Cases.Applying().Track(c.Request().Context(), n, code)
	return a, code, err
}

// trackedFile sends a file of the answer, or one that the applicant sent.
func (s *Face) trackedFile(c echo.Context) error {
	a, _, err := s.own(c)
	if err != nil {
		return err
	}
	if f := a.GivenFile(c.Param("file")); f != nil {
		return s.SendFile(c, *f, false)
	}
	return portal.Missing()
}

// trackedLetter answers GET /track/{number}/letters/{id}/{name}: a letter to
// the applicant, as it was sent.
func (s *Face) trackedLetter(c echo.Context) error {
	a, code, err := s.own(c)
	if err != nil {
		return err
	}
	l, pdf, err := s.Cases.Applying().OwnLetter(c.Request().Context(), a.Number, code, page.Atoi(c.Param("id")))
	if err != nil {
		return err
	}
	return s.SendBytes(c, pdf, "application/pdf", l.Number+".pdf", false)
}

// trackAct answers a form of the page on which an applicant follows the case:
// back to the page with what is wrong, or with what was done.
func (s *Face) trackAct(done string, do func(c echo.Context, n cases.ApplicationNumber, code string) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		a, code, err := s.own(c)
		if err != nil {
			return err
		}
		if err := do(c, a.Number, code); err != nil {
			return s.showTracked(c, a, http.StatusUnprocessableEntity, err)
		}
		s.Flash(c, done)
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/track/"+string(a.Number))
	}
}

// trackState takes the reasons that are demanded of an applicant.
func (s *Face) trackState(c echo.Context, n cases.ApplicationNumber, code string) error {
	return s.Cases.Applying().State(c.Request().Context(), n, code, page.Typed(c, "statement"))
}

// trackRate takes what the applicant thinks of the handling.
func (s *Face) trackRate(c echo.Context, n cases.ApplicationNumber, code string) error {
	return s.Cases.Applying().Rate(c.Request().Context(), n, code, cases.Rating{Stars: page.Atoi(page.Typed(c, "stars")), Text: page.Typed(c, "text")})
}

func (s *Face) trackCorrect(c echo.Context, n cases.ApplicationNumber, code string) error {
	files, _, err := s.FormFiles(c, "files", cases.MaxCaseFiles)
	if err != nil {
		return err
	}
	return s.Cases.Applying().Correct(c.Request().Context(), n, code, page.Typed(c, "correction"), files)
}

func (s *Face) trackWithdraw(c echo.Context, n cases.ApplicationNumber, code string) error {
	return s.Cases.Applying().Withdraw(c.Request().Context(), n, code)
}
