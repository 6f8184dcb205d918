package desk

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/powers"
	"gongkai/portal/registers"
	"gongkai/portal/web/page"
)

// registersPage is what desk_registers.html shows: the registers, and the entries of one.
type registersPage struct {
	page.Base
	Groups   []registers.Group
	Register *registers.Register // nil for all
	Rows     []registerRow
	Pager    page.Pager
	MayAdd   bool
}

type registerRow struct {
	*registers.Entry
	Title   string
	Changed bool // what is written is not what is public
}

// all answers GET /desk/registers.
func (s registering) all(c echo.Context) error {
	return s.Render(c, http.StatusOK, "desk_registers", registersPage{Base: s.DeskBase(c, page.TextsOf(c).T("register.title")), Groups: registers.Grouped()})
}

// list answers GET /desk/registers/{code}.
func (s registering) list(c echo.Context) error {
	by, t := page.ActorOf(c), page.TextsOf(c)
	r := registers.Named(c.Param("code"))
	if r == nil {
		return portal.Missing()
	}
	p := registersPage{Base: s.DeskBase(c, r.Name.In(t.Lang)), Register: r, MayAdd: by.CanSome(portal.WriteDocuments)}
	list, err := s.Registers.List(c.Request().Context(), by, r.Code)
	if err != nil {
		return err
	}
	b, err := page.BrowseOf(c)
	if err != nil {
		return err
	}
	p.Pager = page.PagerOf(c, b.Page, page.WorkRows, len(list))
	from := min((b.Page-1)*page.WorkRows, len(list))
	for _, e := range list[from:min(from+page.WorkRows, len(list))] {
		p.Rows = append(p.Rows, rowOf(e, t.Lang))
	}
	return s.Render(c, http.StatusOK, "desk_registers", p)
}

func rowOf(e *registers.Entry, lang string) registerRow {
	x := registerRow{Entry: e, Title: e.Of().TitleOf(e.Values, lang)}
	x.Changed = e.Public != nil && e.At.After(e.Public.At)
	return x
}

// entryPage is what desk_entry.html shows: an entry as it is written, beside what is
// public of it, and what can be done with it.
type entryPage struct {
	page.Base
	Row        registerRow
	Register   *registers.Register
	Fields     []entryField
	MayRelease bool
	Second     bool // whoever wrote it may not release it
	Release    page.Form
	Withdraw   page.Form
}

type entryField struct {
	Name           string
	Before, After  string // what is public, what is written
	Files          []portal.Attachment
	PublicHasOther bool
}

// entry answers GET /desk/entries/{id}.
func (s registering) entry(c echo.Context) error { return s.show(c, http.StatusOK, "", nil) }

func (s registering) show(c echo.Context, status int, form string, wrong error) error {
	by, t := page.ActorOf(c), page.TextsOf(c)
	e, err := s.Registers.Open(c.Request().Context(), by, c.Param("id"))
	if err != nil {
		return err
	}
	r := e.Of()
	p := entryPage{Row: rowOf(e, t.Lang), Register: r, Second: e.By == by.Login}
	p.Base = s.DeskBase(c, p.Row.Title)
	for _, f := range r.Fields {
		x := entryField{Name: f.Name.In(t.Lang), After: f.Shown(e.Values[f.Code], t.Lang), Files: e.Files[f.Code]}
		if e.Public != nil {
			x.Before = f.Shown(e.Public.Values[f.Code], t.Lang)
			x.PublicHasOther = x.Before != x.After
		}
		if x.After != "" || x.Before != "" || len(x.Files) > 0 {
			p.Fields = append(p.Fields, x)
		}
	}
	p.MayRelease = e.Withdrawn == nil && (e.Public == nil || p.Row.Changed) && by.Can(portal.ReviewDocuments, e.Organ)
	at, seen := s.BasePath+"/desk/entries/"+e.ID(), portal.RevisionOf(e)
	p.Release = page.Form{Action: at + "/release", Submit: t.T("register.release"), Revision: seen, Fields: []page.Field{
		{Name: "stands", Kind: "text", Label: t.T("gate.stands"), Hint: t.T("gate.stands_hint"), Max: portal.MaxNote, Optional: true}}}
	if e.Public != nil {
		p.Release.Fields = append([]page.Field{{Name: "note", Kind: "text", Label: t.T("register.note"), Max: portal.MaxNote}}, p.Release.Fields...)
	}
	p.Withdraw = page.Form{Action: at + "/withdraw", Submit: t.T("register.withdraw"), Revision: seen, Fields: []page.Field{
		{Name: "reason", Kind: "text", Label: t.T("register.reason"), Hint: t.T("register.reason_hint"), Max: portal.MaxNote}}}
	if e.Public == nil || e.Withdrawn != nil || !by.Can(portal.WithdrawDocuments, e.Organ) {
		p.Withdraw.Fields = nil
	}
	if wrong != nil {
		f := map[string]*page.Form{"release": &p.Release, "withdraw": &p.Withdraw}[form]
		if err := s.Refused(c, f, "entry/"+e.ID(), wrong); err != nil {
			return err
		}
	}
	return s.Render(c, status, "desk_entry", p)
}

func (s registering) after(c echo.Context, form, done string, err error) error {
	if err != nil {
		return s.show(c, page.Statuses[page.Visible(err).Kind], form, err)
	}
	s.Flash(c, done)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/entries/"+c.Param("id"))
}

// release answers POST /desk/entries/{id}/release.
func (s registering) release(c echo.Context) error {
	_, err := s.Registers.Release(c.Request().Context(), page.ActorOf(c), c.Param("id"), page.SeenOf(c), page.Typed(c, "note"), page.Typed(c, "stands"))
	return s.after(c, "release", "register.released", err)
}

// withdraw answers POST /desk/entries/{id}/withdraw.
func (s registering) withdraw(c echo.Context) error {
	_, err := s.Registers.Withdraw(c.Request().Context(), page.ActorOf(c), c.Param("id"), page.SeenOf(c), page.Typed(c, "reason"))
	return s.after(c, "withdraw", "register.withdrawn_done", err)
}

// maxEntryFiles is how many files a field has at most.
const maxEntryFiles = 20

func (s registering) editPage(c echo.Context, r *registers.Register, e *registers.Entry, seen portal.Revision) page.FormPage {
	t := page.TextsOf(c)
	var fields []page.Field
	if seen == portal.Absent {
		fields = append(fields, page.Field{Name: "organ", Kind: "select", Label: t.T("column.organ"), Options: s.OrgansOf(c, portal.WriteDocuments, e.Organ), Value: string(e.Organ)})
	}
	for _, f := range r.Fields {
		x := page.Field{Name: f.Code, Label: f.Name.In(t.Lang), Hint: f.Hint.In(t.Lang), Value: e.Values[f.Code], Optional: f.Optional, Kind: "text", Max: portal.MaxLine}
		switch f.Kind {
		case "prose", "powers":
			x.Kind, x.Rows, x.Max = "textarea", 4, portal.MaxProse
		case "date":
			x.Kind, x.Max = "date", 0
		case "power":
			x.Kind, x.Options = "select", s.powersOf(c, e, e.Values[f.Code])
		case "choice":
			x.Kind = "select"
			for _, o := range f.Options {
				x.Options = append(x.Options, page.Option{Value: o.Code, Label: portal.Named(o.Name, t.Lang), Chosen: o.Code == e.Values[f.Code]})
			}
		case "files":
			x.Kind, x.Multiple, x.Max = "file", true, 0
			for _, a := range e.Files[f.Code] {
				x.Hint += " " + a.Name
			}
		}
		fields = append(fields, x)
	}
	return s.EditPage(c, r.Name.In(t.Lang), "/desk/registers/"+r.Code, seen, fields)
}

// maxChoices is how many power items a list offers.
const maxChoices = 1000

// powersOf are the items of the organs that somebody writes for.
func (s registering) powersOf(c echo.Context, e *registers.Entry, chosen string) []page.Option {
	mine, all := page.ActorOf(c).OrgansFor(portal.WriteDocuments)
	if e.Organ != "" {
		mine, all = []portal.OrganCode{e.Organ}, false
	}
	out := []page.Option{{Label: "—"}}
	for _, l := range s.Store.Browse(portal.Browse{Kind: powers.Kind.Code, Validity: "in_force", Sort: portal.SortNumber, Page: 1, Size: page.MaxDownload}).Rows {
		if len(out) <= maxChoices && (all || slices.Contains(mine, l.Organs[0])) {
			out = append(out, page.Option{Value: l.ID, Label: l.Title + " " + l.Number, Chosen: l.ID == chosen})
		}
	}
	return out
}

// form answers GET /desk/registers/{code}/edit.
func (s registering) form(c echo.Context) error {
	r := registers.Named(c.Param("code"))
	if r == nil {
		return portal.Missing()
	}
	e, seen := &registers.Entry{Register: r.Code, Values: registers.Values{}}, portal.Absent
	if id := c.QueryParam("id"); id != "" {
		var err error
		if e, err = s.Registers.Open(c.Request().Context(), page.ActorOf(c), id); err != nil {
			return err
		}
		seen = portal.RevisionOf(e)
	} else if p := c.QueryParam("power"); p != "" && r.Power != "" {
		e.Values[r.Power] = p
	}
	return s.Render(c, http.StatusOK, "form", s.editPage(c, r, e, seen))
}

// save answers POST /desk/registers/{code}/edit.
func (s registering) save(c echo.Context) error {
	r := registers.Named(c.Param("code"))
	if r == nil {
		return portal.Missing()
	}
	ctx, id := c.Request().Context(), c.QueryParam("id")
	e := &registers.Entry{Register: r.Code, Organ: portal.OrganCode(page.Typed(c, "organ")), Values: registers.Values{}}
	files := make(map[string][]portal.Attachment)
	if id != "" {
		was, err := s.Registers.Open(ctx, page.ActorOf(c), id)
		if err != nil {
			return err
		}
		e.Organ, e.Files = was.Organ, was.Files
	}
	var err error
	for _, f := range r.Fields {
		if f.Kind != "files" {
			e.Values[f.Code] = page.Typed(c, f.Code)
			continue
		}
		list, _, wrong := s.FormFiles(c, f.Code, maxEntryFiles)
		if wrong != nil {
			err = wrong
		} else if len(list) > 0 {
			files[f.Code] = list
		}
	}
	back := "/desk/registers/" + r.Code
	if err == nil {
		var saved *registers.Entry
		if saved, err = s.Registers.Write(ctx, page.ActorOf(c), id, page.SeenOf(c), r.Code, e.Organ, e.Values, files); err == nil {
			back = "/desk/entries/" + saved.ID()
		}
	}
	seen := page.SeenOf(c)
	if id == "" {
		seen = portal.Absent
	}
	return s.AfterEdit(c, s.editPage(c, r, e, seen), err, back, "entry/"+id, func() (page.FormPage, error) {
		now, err := s.Registers.Open(ctx, page.ActorOf(c), id)
		if err != nil {
			return page.FormPage{}, err
		}
		return s.editPage(c, r, now, portal.RevisionOf(now)), nil
	})
}
