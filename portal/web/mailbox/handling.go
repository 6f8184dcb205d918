package mailbox

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/letters"
	"gongkai/portal/process"
	"gongkai/portal/web/page"
)

// listPage is what desk_mailbox.html shows.
type listPage struct {
	page.Base
	letters.Listed
	Filter   letters.Filter
	Mine     bool
	Views    []page.FacetRow
	Channels []page.FacetRow
	Organs   []page.Option
	Pager    page.Pager
}

// list answers GET /desk/mailbox.
func (s handling) list(c echo.Context) error {
	by, t := page.ActorOf(c), page.TextsOf(c)
	p := listPage{Base: s.DeskBase(c, t.T("mailbox.desk")), Mine: c.QueryParam("mine") != ""}
	shown := min(max(1, page.NumberOf(c, "page")), portal.MaxPage)
	p.Filter = letters.Filter{Organ: portal.OrganCode(c.QueryParam("organ")), Channel: c.QueryParam("channel"), Kind: c.QueryParam("kind"), Ended: c.QueryParam("ended") != "",
		Text: strings.TrimSpace(c.QueryParam("text")), From: (shown - 1) * page.WorkRows, Size: page.WorkRows}
	if v := c.QueryParam("show"); slices.Contains(letters.Views, v) {
		p.Filter.Show = v
	}
	if rs := []rune(p.Filter.Text); len(rs) > 100 {
		p.Filter.Text = string(rs[:100])
	}
	if p.Mine {
		p.Filter.Handler = by.Login
	}
	var err error
	if p.Listed, err = s.Letters.List(by, p.Filter); err != nil {
		return err
	}
	for _, v := range append([]string{""}, letters.Views...) {
		if n := p.Counts[v]; n > 0 || v == p.Filter.Show || v == "" {
			label := t.T("work.all")
			if v != "" {
				label = t.T("mailbox.view_" + v)
			}
			p.Views = append(p.Views, page.FacetRow{Label: label, N: n, URL: page.With(c, "show", v), Chosen: v == p.Filter.Show})
		}
	}
	for _, ch := range letters.Rules.Channels {
		if n := p.Listed.Channels[ch.Code]; n > 0 {
			x := page.FacetRow{Label: ch.Name.In(t.Lang), N: n, URL: page.With(c, "channel", ch.Code), Chosen: ch.Code == p.Filter.Channel}
			if x.Chosen {
				x.URL = page.With(c, "channel", "")
			}
			p.Channels = append(p.Channels, x)
		}
	}
	p.Organs = s.OrgansOf(c, portal.SeeLetters, p.Filter.Organ)
	p.Pager = page.PagerOf(c, shown, page.WorkRows, p.Total)
	return s.Render(c, http.StatusOK, "desk_mailbox", p)
}

// letterPage is what desk_letter_in.html shows: a letter, and what can be done with it.
type letterPage struct {
	page.Base
	Letter    *letters.Letter
	State     string
	Channel   string
	Kind      string
	Deadlines []process.Deadline
	Now       func(process.Deadline) bool // late
	Writer    letters.Writer
	Revealed  bool
	Handles   bool
	Same      []*letters.Brief // on the same subject
	SameN     int
	Steps     []page.CaseForm
	More      []page.CaseForm
	Offer     *letters.PublicReply
	Revision  portal.Revision
	MayApply  bool
}

// sameShown is how many letters on the same subject a page lists.
const sameShown = 5

// letter answers GET /desk/mailbox/{number}.
func (s handling) letter(c echo.Context) error { return s.show(c, http.StatusOK, "", nil, nil) }

// show shows a letter; wrong is what is wrong with the form named at.
func (s handling) show(c echo.Context, status int, at string, wrong error, revealed *letters.Writer) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	l, err := s.Letters.Open(ctx, by, c.Param("number"))
	if err != nil {
		return err
	}
	p := letterPage{Base: s.DeskBase(c, t.T("mailbox.letter", "Number", l.Number)), Letter: l, State: l.State().Name.In(t.Lang), Revision: portal.RevisionOf(l), Offer: l.Offer}
	c.Response().Header().Set("Cache-Control", "no-store")
	if ch := letters.ChannelNamed(l.Channel); ch != nil {
		p.Channel = ch.Name.In(t.Lang)
	}
	if k := letters.KindNamed(l.Kind); k != nil {
		p.Kind = k.Name.In(t.Lang)
	}
	p.Deadlines = letters.Rules.Process.Deadlines(l.Steps, l.Facts(), s.Calendar(), s.Now().Location())
	p.Now = func(d process.Deadline) bool { return d.Late(s.Site.Now()) }
	if p.Same, p.SameN, err = s.Letters.SameSubject(by, l, sameShown); err != nil {
		return err
	}
	p.Handles = by.Can(portal.HandleLetters, l.Organ)
	if revealed != nil {
		p.Writer, p.Revealed = *revealed, true
	} else if p.Writer, err = s.Letters.Masked(ctx, by, string(l.Number)); err != nil && portal.KindOf(err) != portal.Forbidden {
		return err
	}
	if p.Steps, p.More, err = s.forms(c, l); err != nil {
		return err
	}
	p.MayApply = p.Handles && !l.State().Ended
	if wrong != nil {
		for _, list := range [][]page.CaseForm{p.Steps, p.More} {
			for i := range list {
				if list[i].Name == at {
					if wrong = s.Refused(c, &list[i].Form, "letter/"+string(l.Number), wrong); wrong != nil {
						return wrong
					}
				}
			}
		}
		if wrong != nil {
			return wrong
		}
	}
	return s.Render(c, status, "desk_letter_in", p)
}

// forms are the steps that can be taken with a letter, and what else can be done.
func (s handling) forms(c echo.Context, l *letters.Letter) (steps, more []page.CaseForm, err error) {
	by, t := page.ActorOf(c), page.TextsOf(c)
	rev := portal.RevisionOf(l)
	base := s.BasePath + "/desk/mailbox/" + string(l.Number)
	form := func(name, path, title, submit string, fields ...page.Field) page.CaseForm {
		return page.CaseForm{Name: name, Title: title, Form: page.Form{Action: base + path, Submit: submit, Fields: fields, Revision: rev}}
	}
	if by.Can(portal.HandleLetters, l.Organ) {
		for _, r := range letters.Rules.Process.May(l.Steps, "") {
			name := r.Name.In(t.Lang)
			var fields []page.Field
			switch r.Code {
			case letters.Reply:
				steps = append(steps, form("answer", "/answer", name, t.T("mailbox.answer_do"),
					page.Field{Name: "answer", Kind: "textarea", Label: t.T("mailbox.answer"), Hint: t.T("mailbox.text_hint", "Limit", letters.MaxText), Rows: 8, Max: letters.MaxText},
					page.Field{Name: "files", Kind: "file", Label: t.T("mailbox.files"), Hint: t.T("mailbox.files_hint", "N", letters.MaxFiles, "Limit", portal.MaxFile>>20), Optional: true, Multiple: true},
					page.Field{Name: "money", Kind: "text", Label: t.T("mailbox.money"), Hint: t.T("mailbox.money_hint"), Optional: true, Max: 20},
					page.Field{Name: "measure", Kind: "text", Label: t.T("mailbox.measure"), Hint: t.T("mailbox.measure_hint"), Optional: true, Max: portal.MaxLine}))
				continue
			case letters.Transfer, "join":
				fields = append(fields, page.Field{Name: "organ", Kind: "select", Label: t.T("facet.organ"), Options: append([]page.Option{{Label: t.T("form.choose")}},
					s.OrganChoices(t.Lang, func(o portal.Organ) bool { return o.Code != "imported" && !l.Has(o.Code) })...)})
			case "handle":
				people, err := s.colleagues(c, l.Organ)
				if err != nil {
					return nil, nil, err
				}
				fields = append(fields, page.Field{Name: "handler", Kind: "select", Label: t.T("case.handler"), Options: page.PersonChoices(t, people, by.Login), Value: string(by.Login)})
			case letters.Extend:
				fields = append(fields, page.Field{Name: "units", Kind: "number", Label: t.T("mailbox.units"), Hint: t.T("mailbox.units_hint")})
			}
			if r.Note != "" {
				fields = append(fields, page.Field{Name: "note", Kind: "textarea", Label: t.T("mailbox.note"), Hint: t.T("mailbox.note_hint"), Rows: 3, Max: portal.MaxNote, Optional: r.Note == "optional"})
			}
			steps = append(steps, form(r.Code, "/step/"+r.Code, name, name, fields...))
		}
		if l.Answer != nil && l.Public == nil {
			o := letters.PublicReply{Title: l.Subject, Question: l.Text, Text: l.Answer.Text}
			if l.Offer != nil {
				o = *l.Offer
			}
			f := form("offer", "/offer", t.T("mailbox.offer"), t.T("mailbox.offer_do"),
				page.Field{Name: "title", Kind: "text", Label: t.T("mailbox.public_title"), Value: o.Title, Max: portal.MaxName},
				page.Field{Name: "question", Kind: "textarea", Label: t.T("mailbox.public_question"), Hint: t.T("mailbox.public_hint"), Value: o.Question, Rows: 5, Max: letters.MaxText},
				page.Field{Name: "reply", Kind: "textarea", Label: t.T("mailbox.public_reply"), Value: o.Text, Rows: 6, Max: letters.MaxText})
			if k := letters.KindNamed(l.Kind); !l.Consent || k == nil || k.Sealed {
				f.Fields = append(f.Fields, page.Field{Name: "despite", Kind: "checkboxes", Label: t.T("mailbox.despite"), Hint: t.T("mailbox.despite_hint"), Optional: true, Options: []page.Option{{Value: "yes", Label: t.T("mailbox.despite_yes")}}})
			}
			more = append(more, f)
		}
	}
	for _, o := range append([]portal.OrganCode{l.Organ}, l.Joint...) {
		if !by.Can(portal.PublishReplies, o) {
			continue
		}
		if l.Offer != nil && l.Offer.By != by.Login {
			more = append(more, form("release", "/release", t.T("mailbox.release"), t.T("register.release"),
				page.Field{Name: "stands", Kind: "text", Label: t.T("gate.stands"), Hint: t.T("gate.stands_hint"), Max: portal.MaxNote, Optional: true}))
		}
		if l.Public != nil {
			more = append(more, form("unpublish", "/unpublish", t.T("mailbox.unpublish"), t.T("mailbox.unpublish"), page.Field{Name: "reason", Kind: "text", Label: t.T("register.reason"), Max: portal.MaxNote}))
		}
		break
	}
	if by.Can(portal.CheckLetters, l.Organ) {
		for _, r := range letters.Rules.Process.May(l.Steps, "overseer") {
			more = append(more, form("check", "/check", r.Name.In(t.Lang), r.Name.In(t.Lang), page.Field{Name: "note", Kind: "textarea", Label: t.T("mailbox.found"), Rows: 3, Max: portal.MaxNote}))
		}
	}
	if by.Can(portal.HandleLetters, l.Organ) && !l.Anonymous {
		more = append(more, form("reveal", "/reveal", t.T("mailbox.reveal"), t.T("case.reveal"), page.Field{Name: "reason", Kind: "text", Label: t.T("case.reveal_reason"), Hint: t.T("case.reveal_hint"), Max: portal.MaxNote}))
	}
	return steps, more, nil
}

// colleagues are who may handle letters of an organ.
func (s handling) colleagues(c echo.Context, organ portal.OrganCode) ([]*portal.Person, error) {
	all, err := s.Store.People(c.Request().Context())
	return slices.DeleteFunc(all, func(p *portal.Person) bool { return p.Disabled || !p.Actor().Can(portal.HandleLetters, organ) }), err
}

// after goes back to the letter, or shows it with what is wrong.
func (s handling) after(c echo.Context, form, done string, err error) error {
	if err != nil {
		return s.show(c, page.Statuses[page.Visible(err).Kind], form, err, nil)
	}
	s.Flash(c, done)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/mailbox/"+c.Param("number"))
}

// step answers POST /desk/mailbox/{number}/step/{step}.
func (s handling) step(c echo.Context) error {
	d := letters.Doing{Step: c.Param("step"), Note: page.Typed(c, "note"), Organ: portal.OrganCode(page.Typed(c, "organ")), Handler: portal.Login(page.Typed(c, "handler")), Units: page.Atoi(page.Typed(c, "units"))}
	l, err := s.Letters.Take(c.Request().Context(), page.ActorOf(c), c.Param("number"), page.SeenOf(c), d)
	if err == nil && letters.Transfer == d.Step && !page.ActorOf(c).Can(portal.HandleLetters, l.Organ) {
		s.Flash(c, "mailbox.passed_on", "Number", l.Number)
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/mailbox")
	}
	return s.after(c, d.Step, "mailbox.step_done", err)
}

// answer answers POST /desk/mailbox/{number}/answer.
func (s handling) answer(c echo.Context) error {
	files, _, err := s.FormFiles(c, "files", letters.MaxFiles)
	if err == nil {
		_, err = s.Letters.Answer(c.Request().Context(), page.ActorOf(c), c.Param("number"), page.SeenOf(c),
			letters.Answering{Text: page.Typed(c, "answer"), Files: files, Money: page.Typed(c, "money"), Measure: page.Typed(c, "measure")})
	}
	return s.after(c, "answer", "mailbox.answered", err)
}

// check answers POST /desk/mailbox/{number}/check.
func (s handling) check(c echo.Context) error {
	_, err := s.Letters.SpotCheck(c.Request().Context(), page.ActorOf(c), c.Param("number"), page.SeenOf(c), page.Typed(c, "note"))
	return s.after(c, "check", "mailbox.step_done", err)
}

// offer answers POST /desk/mailbox/{number}/offer.
func (s handling) offer(c echo.Context) error {
	r := letters.PublicReply{Title: page.Typed(c, "title"), Question: page.Typed(c, "question"), Text: page.Typed(c, "reply")}
	_, err := s.Letters.Offer(c.Request().Context(), page.ActorOf(c), c.Param("number"), page.SeenOf(c), r, page.Typed(c, "despite") != "")
	return s.after(c, "offer", "mailbox.offered", err)
}

// release answers POST /desk/mailbox/{number}/release.
func (s handling) release(c echo.Context) error {
	_, err := s.Letters.Release(c.Request().Context(), page.ActorOf(c), c.Param("number"), page.SeenOf(c), page.Typed(c, "stands"))
	return s.after(c, "release", "register.released", err)
}

// unpublish answers POST /desk/mailbox/{number}/unpublish.
func (s handling) unpublish(c echo.Context) error {
	_, err := s.Letters.Unpublish(c.Request().Context(), page.ActorOf(c), c.Param("number"), page.SeenOf(c), page.Typed(c, "reason"))
	return s.after(c, "unpublish", "mailbox.step_done", err)
}

// reveal answers POST /desk/mailbox/{number}/reveal: who wrote, once, with a reason that is
// logged.
func (s handling) reveal(c echo.Context) error {
	w, err := s.Letters.Reveal(c.Request().Context(), page.ActorOf(c), c.Param("number"), page.Typed(c, "reason"))
	if err != nil {
		return s.show(c, page.Statuses[page.Visible(err).Kind], "reveal", err, nil)
	}
	return s.show(c, http.StatusOK, "", nil, &w)
}

// apply answers POST /desk/mailbox/{number}/apply: the letter becomes an application.
func (s handling) apply(c echo.Context) error {
	l, err := s.Letters.ToApplication(c.Request().Context(), page.ActorOf(c), c.Param("number"), page.SeenOf(c))
	if err != nil {
		return err
	}
	s.Flash(c, "mailbox.moved", "Number", l.Linked)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/mailbox/"+string(l.Number))
}

// file sends a file of a letter.
func (s handling) file(c echo.Context) error {
	l, err := s.Letters.Open(c.Request().Context(), page.ActorOf(c), c.Param("number"))
	if err != nil {
		return err
	}
	if f := l.File(c.Param("file"), true); f != nil {
		return s.SendFile(c, *f, false)
	}
	return portal.Missing()
}
