package mailbox

import (
	"encoding/gob"
	"net/http"
	"net/url"
	"path"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/letters"
	"gongkai/portal/web/page"
)

func init() {
	// The session library keeps values by gob, which wants to know types.
	gob.Register(letters.Receipt{})
}

// writePage is what write.html shows: the form of one mailbox.
type writePage struct {
	page.Base
	Channel *letters.Channel
	Form    page.Form
}

// perMailbox is how many letters a mailbox takes in a burst, and then in a minute, from
// browsers that have done no work for it.
const perMailbox = 30

func (s writing) page(c echo.Context) (writePage, error) {
	t := page.TextsOf(c)
	ch := letters.ChannelNamed(c.Param("channel"))
	if ch == nil || !ch.Web {
		return writePage{}, portal.Missing()
	}
	p := writePage{Base: s.Base(c, ch.Name.In(t.Lang)), Channel: ch}
	p.Section = "mailbox"
	var fields []page.Field
	if ch.Organ == "any" {
		fields = append(fields, page.Field{Name: "organ", Kind: "select", Label: t.T("mailbox.organ"), Hint: t.T("mailbox.organ_hint"),
			Options: append([]page.Option{{Label: t.T("form.choose")}}, s.OrganChoices(t.Lang, func(o portal.Organ) bool { return o.Code != "imported" })...)})
	}
	fields = append(fields,
		page.Field{Name: "kind", Kind: "radios", Label: t.T("mailbox.kind"), Options: kindChoices(t.Lang), Value: "ask"},
		page.Field{Name: "subject", Kind: "text", Label: t.T("mailbox.subject"), Hint: t.T("mailbox.subject_hint", "Limit", portal.MaxName), Max: portal.MaxName, Suggest: s.BasePath + "/mailbox/suggest"},
		page.Field{Name: "text", Kind: "textarea", Label: t.T("mailbox.text"), Hint: t.T("mailbox.text_hint", "Limit", letters.MaxText), Rows: 8, Max: letters.MaxText},
		page.Field{Name: "files", Kind: "file", Label: t.T("mailbox.files"), Hint: t.T("mailbox.files_hint", "N", letters.MaxFiles, "Limit", portal.MaxFile>>20), Optional: true, Multiple: true},
		page.Field{Name: "name", Kind: "text", Label: t.T("mailbox.name"), Hint: t.T("mailbox.name_hint"), Max: portal.MaxName, Optional: true, Autocomplete: "name"},
		page.Field{Name: "phone", Kind: "tel", Label: t.T("apply.phone"), Hint: t.T("mailbox.contact_hint"), Optional: true, Autocomplete: "tel"},
		page.Field{Name: "email", Kind: "email", Label: t.T("apply.email"), Optional: true, Autocomplete: "email"},
		page.Field{Name: "consent", Kind: "checkboxes", Label: t.T("mailbox.publish"), Hint: t.T("mailbox.publish_hint"), Optional: true, Options: []page.Option{{Value: "yes", Label: t.T("mailbox.consent")}}})
	p.Form = page.Form{Action: s.BasePath + "/mailbox/write/" + ch.Code, Submit: t.T("mailbox.send"), Fields: fields}
	return p, nil
}

func kindChoices(lang string) []page.Option {
	var out []page.Option
	for _, k := range letters.Rules.Kinds {
		out = append(out, page.Option{Value: k.Code, Label: k.Name.In(lang)})
	}
	return out
}

// form answers GET /mailbox/write/{channel}.
func (s writing) form(c echo.Context) error {
	p, err := s.page(c)
	if err != nil {
		return err
	}
	p.Form.Fill(c.QueryParams())
	return s.Render(c, http.StatusOK, "write", p)
}

// write answers POST /mailbox/write/{channel}. A mailbox that is flooded asks the browser
// for some work first; nobody has to read a picture.
func (s writing) write(c echo.Context) error {
	p, err := s.page(c)
	if err != nil {
		return err
	}
	if !s.Everybody("mailbox "+p.Channel.Code, perMailbox) && !s.PassWithin(c, "mailbox "+p.Channel.Code, perMailbox) {
		return s.TooOften(c)
	}
	l, w, err := s.typed(c)
	l.Channel = p.Channel.Code
	var r letters.Receipt
	if err == nil {
		r, err = s.Letters.Write(c.Request().Context(), l, w)
	}
	if err != nil {
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, page.Statuses[page.Visible(err).Kind], "write", p)
	}
	s.Session.Put(c.Request().Context(), "letter receipt", r)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/mailbox/receipt")
}

// typed reads a letter from a form.
func (s *Face) typed(c echo.Context) (*letters.Letter, letters.Writer, error) {
	files, _, err := s.FormFiles(c, "files", letters.MaxFiles)
	l := &letters.Letter{Kind: page.Typed(c, "kind"), Organ: portal.OrganCode(page.Typed(c, "organ")), Theme: page.Typed(c, "theme"), Subject: page.Typed(c, "subject"), Text: page.Typed(c, "text"),
		Files: files, Consent: page.Typed(c, "consent") != "", Lang: page.LangOf(c)}
	w := letters.Writer{Name: page.Typed(c, "name"), Phone: page.Typed(c, "phone"), Email: page.Typed(c, "email"), Address: page.Typed(c, "address")}
	return l, w, err
}

// receiptPage is what letter_receipt.html shows.
type receiptPage struct {
	page.Base
	letters.Receipt
}

// receipt answers GET /mailbox/receipt: number and query code, shown once.
func (s writing) receipt(c echo.Context) error {
	r, ok := s.Session.Pop(c.Request().Context(), "letter receipt").(letters.Receipt)
	if !ok {
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/track")
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	p := receiptPage{Base: s.Base(c, page.TextsOf(c).T("mailbox.receipt")), Receipt: r}
	p.Section = "mailbox"
	return s.Render(c, http.StatusOK, "letter_receipt", p)
}

// followPage is what letter_follow.html shows to who wrote.
type followPage struct {
	page.Base
	Letter *letters.Letter
	State  string
	Until  portal.Date // the last day of what runs; 0 for none
	What   string
	Rate   page.Form
	Again  page.Form
}

// own opens the letter of whoever has given its code in this session.
func (s writing) own(c echo.Context) (*letters.Letter, string, error) {
	n, ok := letters.ParseNumber(c.Param("number"))
	if !ok {
		return nil, "", portal.Missing()
	}
	code := s.Session.GetString(c.Request().Context(), page.TrackKey(string(n)))
	l, err := s.Letters.Track(c.Request().Context(), n, code)
	return l, code, err
}

// follow answers GET /mailbox/follow/{number}.
func (s writing) follow(c echo.Context) error {
	l, _, err := s.own(c)
	if err != nil {
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/track?number="+url.QueryEscape(c.Param("number")))
	}
	return s.show(c, l, http.StatusOK, nil)
}

func (s writing) show(c echo.Context, l *letters.Letter, status int, wrong error) error {
	t := page.TextsOf(c)
	c.Response().Header().Set("Cache-Control", "no-store")
	p := followPage{Base: s.Base(c, t.T("mailbox.letter", "Number", l.Number)), Letter: l, State: l.State().Name.In(t.Lang)}
	p.Section, p.Flash = "mailbox", s.Session.PopString(c.Request().Context(), "flash")
	if d := l.Brief().Due(s.Calendar(), s.Now().Location()); d != nil {
		p.Until, p.What = d.Day, d.Limit.Name.In(t.Lang)
	}
	offer := func(name, submit string, fields ...page.Field) page.Form {
		f := page.Form{Action: s.BasePath + "/mailbox/follow/" + string(l.Number) + "/" + name, Submit: t.T(submit), Fields: fields}
		if wrong != nil && path.Base(c.Path()) == name {
			wrong = f.Again(c, wrong)
		}
		return f
	}
	for _, r := range letters.Rules.Process.May(l.Steps, "person") {
		switch {
		case r.Code == letters.Rate && l.Rating == nil:
			var stars []page.Option
			for n := 5; n >= 1; n-- {
				stars = append(stars, page.Option{Value: page.Itoa(n), Label: t.T("rate." + page.Itoa(n))})
			}
			p.Rate = offer("rate", "rate.submit", page.Field{Name: "stars", Kind: "radios", Label: t.T("rate.stars"), Options: stars},
				page.Field{Name: "text", Kind: "textarea", Label: t.T("rate.text"), Hint: t.T("rate.text_hint"), Rows: 3, Max: portal.MaxNote, Optional: true})
		case r.Code == letters.Reopen:
			p.Again = offer("again", "mailbox.again", page.Field{Name: "note", Kind: "textarea", Label: t.T("mailbox.again_why"), Hint: t.T("mailbox.again_hint"), Rows: 4, Max: portal.MaxNote})
		}
	}
	if wrong != nil {
		return wrong
	}
	return s.Render(c, status, "letter_follow", p)
}

// after answers a form of the page on which somebody follows a letter.
func (s writing) after(c echo.Context, done string, do func(n letters.Number, code string) error) error {
	l, code, err := s.own(c)
	if err != nil {
		return err
	}
	if err := do(l.Number, code); err != nil {
		return s.show(c, l, http.StatusUnprocessableEntity, err)
	}
	s.Flash(c, done)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/mailbox/follow/"+string(l.Number))
}

// rate answers POST /mailbox/follow/{number}/rate.
func (s writing) rate(c echo.Context) error {
	return s.after(c, "rate.done", func(n letters.Number, code string) error {
		return s.Letters.Rate(c.Request().Context(), n, code, page.Atoi(page.Typed(c, "stars")), page.Typed(c, "text"))
	})
}

// again answers POST /mailbox/follow/{number}/again.
func (s writing) again(c echo.Context) error {
	return s.after(c, "mailbox.again_done", func(n letters.Number, code string) error {
		return s.Letters.AskAgain(c.Request().Context(), n, code, page.Typed(c, "note"))
	})
}

// file sends a file that who wrote sent, or one of the answer.
func (s writing) file(c echo.Context) error {
	l, _, err := s.own(c)
	if err != nil {
		return err
	}
	if f := l.File(c.Param("file"), false); f != nil {
		return s.SendFile(c, *f, false)
	}
	return portal.Missing()
}
