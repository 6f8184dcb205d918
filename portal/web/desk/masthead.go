package desk

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/masthead"
	"gongkai/portal/web/page"
)

// mastheadPage is what desk_masthead.html shows.
type mastheadPage struct {
	page.Base
	Form    page.Form
	Tried   bool // the head of the page shows what is typed
	Mailing bool
}

// start is what a portal needs before it opens to the public, in the order in which it is
// best done, each with the page where it is.
func (s *Face) start(c echo.Context) page.Steps {
	t, m := page.TextsOf(c), s.Masthead()
	step := func(what, path string, needed, done bool) page.Step {
		return page.Step{Name: t.T("start." + what), URL: s.BasePath + path, Needed: needed, Done: done}
	}
	people, err := s.Store.People(c.Request().Context())
	return page.Steps{
		step("organs", "/desk/organs/edit", true, len(s.Site.Store.Organs()) > 0),
		step("people", "/desk/people/edit", true, err != nil || len(people) > 1),
		step("look", "/desk/masthead", true, m.Sponsor.ZH != "" && m.Telephone != ""),
		step("numbers", "/desk/masthead", false, m.SiteCode != "" && m.ICP != ""),
		step("mail", "/desk/masthead#mail", false, s.Mails),
		step("holidays", "/desk/calendar", false, !s.Calendar().Provisional(s.Today()+45)), // deadlines of today's applications
	}
}

// mastheadForm is the form of the masthead.
func (s *Face) mastheadForm(c echo.Context, m *masthead.Masthead, seen portal.Revision) page.Form {
	t := page.TextsOf(c)
	f := page.Form{Action: s.BasePath + "/desk/masthead", Submit: t.T("form.save"), Revision: seen}
	both := func(name string, x portal.Text, optional bool) {
		for _, lang := range []string{"zh", "en"} {
			f.Fields = append(f.Fields, page.Field{Name: name + "_" + lang, Kind: "text", Label: t.T("masthead."+name) + t.T("form.lang_"+lang), Value: x.In(lang), Max: portal.MaxLine, Optional: optional || lang == "en", Lang: lang})
		}
	}
	one := func(name, kind, value string) {
		f.Fields = append(f.Fields, page.Field{Name: name, Kind: kind, Label: t.T("masthead." + name), Hint: t.T("masthead." + name + "_hint"), Value: value, Optional: true})
	}
	both("name", m.Name, false)
	both("sponsor", m.Sponsor, true)
	both("address", m.Address, true)
	one("telephone", "tel", m.Telephone)
	one("email", "email", m.Email)
	one("site_code", "text", m.SiteCode)
	one("icp", "text", m.ICP)
	one("police", "text", m.Police)
	one("colour", "text", m.ColourOr())
	f.Fields = append(f.Fields, page.Field{Name: "emblem", Kind: "file", Label: t.T("masthead.emblem"), Hint: t.T("masthead.emblem_hint", "Limit", masthead.MaxEmblem>>10), Accept: "image/png,image/jpeg", Optional: true})
	if m.Emblem != nil {
		f.Fields = append(f.Fields, page.Field{Name: "no_emblem", Kind: "checkboxes", Label: t.T("masthead.no_emblem"), Optional: true, Options: []page.Option{{Value: "1", Label: t.T("masthead.no_emblem_yes")}}})
	}
	f.Fields = append(f.Fields, page.Field{Name: "links", Kind: "textarea", Rows: 6, Label: t.T("masthead.links"), Hint: t.T("masthead.links_hint", "Limit", masthead.MaxLinks), Value: masthead.Write(m.Links...), Optional: true})
	parent := ""
	if m.Parent != nil {
		parent = masthead.Write(*m.Parent)
	}
	one("parent", "text", parent)
	one("errors", "text", m.Errors)
	return f
}

// masthead answers GET /desk/masthead.
func (s *Face) masthead(c echo.Context) error {
	m, seen, err := s.Mastheads.Kept(c.Request().Context())
	if err != nil {
		return err
	}
	p := mastheadPage{Base: s.DeskBase(c, page.TextsOf(c).T("masthead.title")), Form: s.mastheadForm(c, m, seen), Mailing: s.Mails}
	return s.Render(c, http.StatusOK, "desk_masthead", p)
}

// mastheadSave answers POST /desk/masthead: it saves, or shows the page as it would look.
func (s *Face) mastheadSave(c echo.Context) error {
	ctx := c.Request().Context()
	files, _, err := s.FormFiles(c, "emblem", 1)
	edit := func(m *masthead.Masthead) {
		both := func(name string) portal.Text {
			return portal.Text{ZH: page.Typed(c, name+"_zh"), EN: page.Typed(c, name+"_en")}
		}
		m.Name, m.Sponsor, m.Address = both("name"), both("sponsor"), both("address")
		m.Telephone, m.Email, m.SiteCode, m.ICP, m.Police = page.Typed(c, "telephone"), page.Typed(c, "email"), page.Typed(c, "site_code"), page.Typed(c, "icp"), page.Typed(c, "police")
		if m.Colour = strings.ToLower(page.Typed(c, "colour")); m.Colour == masthead.DefaultColour {
			m.Colour = ""
		}
		m.Links, m.Parent, m.Errors = masthead.LinksOf(page.Typed(c, "links")), nil, page.Typed(c, "errors")
		if l := masthead.LinksOf(page.Typed(c, "parent")); len(l) > 0 {
			m.Parent = &l[0]
		}
		if page.Typed(c, "no_emblem") != "" {
			m.Emblem = nil
		}
		if len(files) == 1 {
			m.Emblem = &files[0]
		}
	}
	kept, now, found := s.Mastheads.Kept(ctx)
	if found != nil {
		return found
	}
	typed := *kept
	edit(&typed)
	try := page.Typed(c, "do") == "try"
	if err == nil && try {
		err = typed.Validate()
	} else if err == nil {
		if err = s.Mastheads.Change(ctx, page.ActorOf(c), page.SeenOf(c), edit); err == nil {
			s.Flash(c, "form.saved")
			return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/masthead")
		}
	}
	p := mastheadPage{Base: s.DeskBase(c, page.TextsOf(c).T("masthead.title")), Form: s.mastheadForm(c, kept, now), Mailing: s.Mails}
	if err == nil { // it was tried, and is right
		p.Form.Fill(c.Request().PostForm)
		p.Form.Revision, p.Tried = page.SeenOf(c), true
		p.Head, p.SiteName = &typed, portal.Named(typed.Name, p.Lang)
		return s.Render(c, http.StatusOK, "desk_masthead", p)
	}
	if bad := s.Refused(c, &p.Form, "masthead/portal", err); bad != nil {
		return bad
	}
	if !portal.Stale(err) {
		p.Form.Revision = page.SeenOf(c)
	}
	return s.Render(c, page.Statuses[page.Visible(err).Kind], "desk_masthead", p)
}
