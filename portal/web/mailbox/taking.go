package mailbox

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/letters"
	"gongkai/portal/web/page"
)

// takePage is what desk_call.html shows: the form of a call, a visit, a letter by post.
type takePage struct {
	page.Base
	Channel *letters.Channel
	Spoken  []letters.Channel
	Form    page.Form
	Last    letters.Receipt // what was taken down just before
}

// takePage makes the form. It is in the order in which one speaks on the telephone, and
// needs no mouse.
func (s handling) takePage(c echo.Context) takePage {
	t := page.TextsOf(c)
	ch := letters.ChannelNamed(c.QueryParam("channel"))
	if ch == nil || ch.Web {
		ch = letters.ChannelNamed("hotline")
	}
	p := takePage{Base: s.DeskBase(c, t.T("call.title", "Channel", ch.Name.In(t.Lang))), Channel: ch}
	c.Response().Header().Set("Cache-Control", "no-store")
	for _, x := range letters.Rules.Channels {
		if !x.Web {
			p.Spoken = append(p.Spoken, x)
		}
	}
	mine := s.OrgansOf(c, portal.HandleLetters, "")
	own := ""
	if len(mine) > 0 {
		own = mine[0].Value
	}
	fields := []page.Field{
		{Name: "phone", Kind: "tel", Label: t.T("apply.phone"), Optional: true, Autocomplete: "off"},
		{Name: "name", Kind: "text", Label: t.T("mailbox.name"), Optional: true, Max: portal.MaxName, Autocomplete: "off"},
		{Name: "subject", Kind: "text", Label: t.T("mailbox.subject"), Max: portal.MaxName, Suggest: s.BasePath + "/desk/mailbox/knowledge", Autocomplete: "off"},
		{Name: "answer", Kind: "textarea", Label: t.T("call.answer"), Hint: t.T("call.answer_hint"), Rows: 3, Max: letters.MaxText, Optional: true},
		{Name: "text", Kind: "textarea", Label: t.T("call.text"), Hint: t.T("call.text_hint"), Rows: 4, Max: letters.MaxText, Optional: true},
		{Name: "organ", Kind: "select", Label: t.T("call.organ"), Hint: t.T("call.organ_hint"), Value: own, Options: s.OrganChoices(t.Lang, func(o portal.Organ) bool { return o.Code != "imported" })},
		{Name: "kind", Kind: "select", Label: t.T("mailbox.kind"), Options: kindChoices(t.Lang), Value: "ask"},
		{Name: "theme", Kind: "select", Label: t.T("facet.theme"), Options: append([]page.Option{{Label: "—"}}, page.Choices(portal.Themes, t.Lang, "")...), Optional: true},
	}
	if ch.Visit {
		fields = append(fields, page.Field{Name: "group", Kind: "number", Label: t.T("mailbox.group"), Optional: true})
	}
	if !ch.Spoken {
		fields = append(fields, page.Field{Name: "address", Kind: "text", Label: t.T("apply.address"), Optional: true, Max: portal.MaxLine, Autocomplete: "off"})
	}
	fields = append(fields,
		page.Field{Name: "on", Kind: "date", Label: t.T("intake.date"), Value: s.Today().String()},
		page.Field{Name: "files", Kind: "file", Label: t.T("mailbox.files"), Optional: true, Multiple: true},
		page.Field{Name: "consent", Kind: "checkboxes", Label: t.T("mailbox.publish"), Optional: true, Options: []page.Option{{Value: "yes", Label: t.T("mailbox.consent")}}})
	p.Form = page.Form{Action: s.BasePath + "/desk/mailbox/take?channel=" + ch.Code, Submit: t.T("call.done"), Fields: fields}
	return p
}

// takeForm answers GET /desk/mailbox/take.
func (s handling) takeForm(c echo.Context) error {
	p := s.takePage(c)
	p.Last, _ = s.Session.Pop(c.Request().Context(), "letter taken").(letters.Receipt)
	return s.Render(c, http.StatusOK, "desk_call", p)
}

// take answers POST /desk/mailbox/take: with an answer it is done, without one it waits
// with its organ. Then comes the next.
func (s handling) take(c echo.Context) error {
	p := s.takePage(c)
	l, w, err := s.typed(c)
	var ps []portal.Problem
	on := page.DayOf(c, "on", &ps)
	l.Channel, l.Group = p.Channel.Code, page.Atoi(page.Typed(c, "group"))
	answer := page.Typed(c, "answer")
	if page.Typed(c, "go") == "pass" {
		answer = ""
	}
	var r letters.Receipt
	if err = page.Joined(ps, err); err == nil {
		r, err = s.Letters.TakeIn(c.Request().Context(), page.ActorOf(c), l, w, on, answer)
	}
	if err != nil {
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, page.Statuses[page.Visible(err).Kind], "desk_call", p)
	}
	s.Session.Put(c.Request().Context(), "letter taken", r)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/mailbox/take?channel="+p.Channel.Code)
}

// knownPart is what the part "known" shows: what somebody with a telephone number asked
// before.
type knownPart struct{ Rows []*letters.Brief }

// knownShown is how many earlier letters of a caller are listed.
const knownShown = 8

// known answers POST /desk/mailbox/known; the number is in the body, so that no log of
// addresses has it.
func (s handling) known(c echo.Context) error {
	rows, err := s.Letters.Known(c.Request().Context(), page.ActorOf(c), page.Typed(c, "phone"), knownShown)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.RenderPart(c, "desk_call", "known", knownPart{rows})
}

// knowledge answers GET /desk/mailbox/knowledge: public replies, guides, power items, while
// a clerk types.
func (s handling) knowledge(c echo.Context) error {
	p, err := s.found(c, "", 6)
	if err != nil {
		return err
	}
	return s.RenderPart(c, "desk_call", "knowledge", p)
}
