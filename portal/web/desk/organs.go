package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	"gongkai/portal/web/page"
)

func (s records) deskOrgans(c echo.Context) error {
	t := page.TextsOf(c)
	p := deskListPage{Base: s.DeskBase(c, t.T("desk.organs")), Add: s.BasePath + "/desk/organs/edit", Heads: []string{t.T("organ.name"), t.T("organ.code"), t.T("organ.kind"), t.T("organ.index_prefix")}}
	for _, o := range s.Site.Store.Organs() {
		p.Rows = append(p.Rows, deskRow{p.Add + "?id=" + string(o.Code), []string{portal.Named(o.Name, t.Lang), string(o.Code), portal.OrganKinds.NameOf(o.Kind, t.Lang), o.IndexPrefix}})
	}
	return s.Render(c, http.StatusOK, "desk_list", p)
}

func (s records) organEditPage(c echo.Context, o *portal.Organ, seen portal.Revision) page.FormPage {
	t := page.TextsOf(c)
	parents := append([]page.Option{{Label: t.T("organ.no_parent")}}, s.OrganChoices(t.Lang, nil)...)
	for i := range parents {
		parents[i].Chosen = parents[i].Value == string(o.Parent)
	}
	fields := []page.Field{
		{Name: "code", Kind: "text", Label: t.T("organ.code"), Hint: t.T("organ.code_hint"), Value: string(o.Code), Max: 40},
		{Name: "parent", Kind: "select", Label: t.T("organ.parent"), Options: parents, Value: string(o.Parent), Optional: true},
		{Name: "kind", Kind: "select", Label: t.T("organ.kind"), Options: page.Choices(portal.OrganKinds, t.Lang, o.Kind), Value: o.Kind},
		{Name: "index_prefix", Kind: "text", Label: t.T("organ.index_prefix"), Hint: t.T("organ.index_prefix_hint"), Value: o.IndexPrefix, Max: 18},
	}
	for _, x := range []struct {
		name string
		t    portal.Text
		rows int
	}{{"name", o.Name, 0}, {"about", o.About, 4}, {"guide", o.Guide, 10}, {"office", o.Office, 0}, {"address", o.Address, 0}, {"hours", o.Hours, 0}} {
		for _, lang := range []string{"zh", "en"} {
			f := page.Field{Name: x.name + "_" + lang, Kind: "text", Label: t.T("organ."+x.name) + t.T("form.lang_"+lang), Value: x.t.In(lang), Max: portal.MaxLine, Optional: x.name != "name" || lang == "en", Lang: lang}
			if x.rows > 0 {
				f.Kind, f.Rows, f.Max = "textarea", x.rows, portal.MaxProse
			}
			fields = append(fields, f)
		}
	}
	var review []page.Option
	for _, x := range documents.Schemes() {
		review = append(review, page.Option{Value: x.Code, Label: portal.Named(x.Name, t.Lang)})
	}
	var sign []page.Option
	for _, e := range portal.Signable {
		sign = append(sign, page.Option{Value: string(e), Label: t.T("step." + string(e)), Chosen: slices.Contains(o.Sign, e)})
	}
	after := append([]page.Option{{Label: t.T("organ.no_successor")}}, s.OrganChoices(t.Lang, nil)...)
	for i := range after {
		after[i].Chosen = after[i].Value == string(o.Successor)
	}
	fields = append(fields, page.Field{Name: "successor", Kind: "select", Label: t.T("organ.successor"), Hint: t.T("organ.successor_hint"), Options: after, Value: string(o.Successor), Optional: true},
		page.Field{Name: "telephone", Kind: "tel", Label: t.T("organ.telephone"), Value: o.Telephone, Optional: true},
		page.Field{Name: "fax", Kind: "tel", Label: t.T("organ.fax"), Value: o.Fax, Optional: true},
		page.Field{Name: "email", Kind: "email", Label: t.T("organ.email"), Value: o.Email, Optional: true},
		page.Field{Name: "order", Kind: "number", Label: t.T("organ.order"), Value: strconv.Itoa(o.Order), Optional: true},
		page.Field{Name: "letter_mark", Kind: "text", Label: t.T("organ.letter_mark"), Hint: t.T("organ.letter_mark_hint"), Value: o.LetterMark, Optional: true, Max: 40},
		page.Field{Name: "payment", Kind: "textarea", Rows: 2, Label: t.T("organ.payment"), Value: o.Payment, Optional: true, Max: portal.MaxNote},
		page.Field{Name: "sign", Kind: "checkboxes", Label: t.T("organ.sign"), Hint: t.T("organ.sign_hint"), Optional: true, Options: sign},
		page.Field{Name: "review", Kind: "select", Label: t.T("organ.review"), Hint: t.T("organ.review_hint"), Optional: true, Options: review, Value: documents.SchemeOf(o.Review).Code},
		page.Field{Name: "words", Kind: "textarea", Rows: 4, Label: t.T("organ.words"), Hint: t.T("organ.words_hint", "Limit", portal.MaxWords), Value: strings.Join(o.Words, "\n"), Optional: true})
	return s.EditPage(c, t.T("organ.edit"), "/desk/organs", seen, fields)
}

func (s records) organForm(c echo.Context) error {
	o, seen := portal.Organ{Kind: "department"}, portal.Absent
	if id := c.QueryParam("id"); id != "" {
		var err error
		if o, err = s.Store.Organ(portal.OrganCode(id)); err != nil {
			return err
		}
		seen = portal.RevisionOf(o)
	}
	return s.Render(c, http.StatusOK, "form", s.organEditPage(c, &o, seen))
}

// organSave answers POST /desk/organs/edit.
func (s records) organSave(c echo.Context) error {
	both := func(name string) portal.Text {
		return portal.Text{ZH: page.Typed(c, name+"_zh"), EN: page.Typed(c, name+"_en")}
	}
	order, _ := strconv.Atoi(page.Typed(c, "order")) // 0 where none is given
	edit := func(o *portal.Organ) {
		o.Code, o.Parent, o.Kind, o.IndexPrefix = portal.OrganCode(page.Typed(c, "code")), portal.OrganCode(page.Typed(c, "parent")), page.Typed(c, "kind"), strings.ToUpper(page.Typed(c, "index_prefix"))
		o.Name, o.About, o.Guide, o.Office, o.Address, o.Hours = both("name"), both("about"), both("guide"), both("office"), both("address"), both("hours")
		o.Telephone, o.Fax, o.Email, o.Order, o.LetterMark, o.Payment = page.Typed(c, "telephone"), page.Typed(c, "fax"), page.Typed(c, "email"), order, page.Typed(c, "letter_mark"), page.Typed(c, "payment")
		o.Successor = portal.OrganCode(page.Typed(c, "successor"))
		o.Review, o.Words = page.Typed(c, "review"), nil
		for w := range strings.FieldsFuncSeq(page.Typed(c, "words"), func(r rune) bool { return strings.ContainsRune("\r\n;；,，、", r) }) {
			if w = strings.TrimSpace(w); w != "" {
				o.Words = append(o.Words, w)
			}
		}
		o.Sign = nil
		for _, e := range c.Request().PostForm["sign"] {
			o.Sign = append(o.Sign, clock.EventType(e))
		}
	}
	typed := &portal.Organ{}
	edit(typed)
	code, seen := portal.OrganCode(c.QueryParam("id")), page.SeenOf(c)
	if code == "" {
		code, seen = typed.Code, portal.Absent
	}
	typed.Code = code
	err := s.Organs.Change(c.Request().Context(), page.ActorOf(c), code, seen, edit)
	return s.AfterEdit(c, s.organEditPage(c, typed, seen), err, "/desk/organs", "organ/"+string(code), func() (page.FormPage, error) {
		o, err := s.Store.Organ(code)
		return s.organEditPage(c, &o, portal.RevisionOf(o)), err
	})
}
