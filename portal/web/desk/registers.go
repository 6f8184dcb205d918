package desk

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/grid"
	"gongkai/portal/importer"
	"gongkai/portal/letter"
	"gongkai/portal/powers"
	"gongkai/portal/print"
	"gongkai/portal/registers"
	"gongkai/portal/table"
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
	Waiting  int // entries that somebody may release at once
	Tally    *grid.Table
	Years    []page.FacetRow
}

type registerRow struct {
	*registers.Entry
	Title   string
	Changed bool // what is written is not what is public
}

// all answers GET /desk/registers.
func (s registering) all(c echo.Context) error {
	return s.Render(c, http.StatusOK, "desk_registers", registersPage{Base: s.DeskBase(c, page.TextsOf(c).T("register.title")), Groups: registers.Grouped(true)})
}

// list answers GET /desk/registers/{code}.
func (s registering) list(c echo.Context) error {
	by, t := page.ActorOf(c), page.TextsOf(c)
	r := registers.Named(c.Param("code"))
	if r == nil {
		return portal.Missing()
	}
	p := registersPage{Base: s.DeskBase(c, r.Name.In(t.Lang)), Register: r, MayAdd: r.WritesSome(by)}
	list, err := s.Registers.List(c.Request().Context(), by, r.Code)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.Public == nil && e.Withdrawn == nil && !r.Internal && e.By != by.Login && by.Can(r.ReleaseAct(), e.Organ) {
			p.Waiting++
		}
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
	year := page.NumberOf(c, "year")
	if lines, err := s.Registers.Tally(c.Request().Context(), r, year, false, func(e *registers.Entry) bool { return s.Registers.Sees(by, e) }); err != nil {
		return err
	} else if len(r.Tallies) > 0 && lines != nil {
		tb := print.Tallies(r, t, s.OrganIn(t.Lang), lines)
		p.Tally = &tb
	}
	for y := s.Today().Year(); y > s.Today().Year()-3; y-- {
		x := page.FacetRow{Label: page.Itoa(y), URL: page.With(c, "year", page.Itoa(y)), Chosen: y == year}
		if x.Chosen {
			x.URL = page.With(c, "year", "")
		}
		p.Years = append(p.Years, x)
	}
	return s.Render(c, http.StatusOK, "desk_registers", p)
}

// releaseAll answers POST /desk/registers/{code}/release.
func (s registering) releaseAll(c echo.Context) error {
	n, refused, err := s.Registers.ReleaseAll(c.Request().Context(), page.ActorOf(c), c.Param("code"))
	if err != nil {
		return err
	}
	s.Flash(c, "register.released_all", "N", n, "Refused", refused)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/registers/"+c.Param("code"))
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
	MayEdit    bool
	Steps      []page.CaseForm
	Letter     bool // a paper can be made of it
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
	secrets, err := s.Registers.Secrets(c.Request().Context(), by, e)
	if err != nil {
		return err
	}
	for _, f := range r.Fields {
		x := entryField{Name: f.Name.In(t.Lang), After: f.Told(e.Values[f.Code], t.Lang, s.OrganIn(t.Lang)), Files: e.Files[f.Code]}
		if f.Sealed {
			x.After = secrets[f.Code]
		}
		if e.Public != nil && f.Public() {
			x.Before = f.Told(e.Public.Values[f.Code], t.Lang, s.OrganIn(t.Lang))
			x.PublicHasOther = x.Before != x.After
		}
		if x.After != "" || x.Before != "" || len(x.Files) > 0 {
			p.Fields = append(p.Fields, x)
		}
	}
	p.MayRelease = e.Withdrawn == nil && (e.Public == nil || p.Row.Changed) && by.Can(r.ReleaseAct(), e.Organ) && !r.Internal
	p.MayEdit = e.Withdrawn == nil && r.Writes(by, e.Organ)
	p.Letter = s.Registers.Letter(e, t.Lang, false, s.OrganIn(t.Lang), t.Date) != ""
	at, seen := s.BasePath+"/desk/entries/"+e.ID(), portal.RevisionOf(e)
	p.Release = page.Form{Action: at + "/release", Submit: t.T("register.release"), Revision: seen, Fields: []page.Field{
		{Name: "stands", Kind: "text", Label: t.T("gate.stands"), Hint: t.T("gate.stands_hint"), Max: portal.MaxNote, Optional: true}}}
	if e.Public != nil {
		p.Release.Fields = append([]page.Field{{Name: "note", Kind: "text", Label: t.T("register.note"), Max: portal.MaxNote}}, p.Release.Fields...)
	}
	p.Withdraw = page.Form{Action: at + "/withdraw", Submit: t.T("register.withdraw"), Revision: seen, Fields: []page.Field{
		{Name: "reason", Kind: "text", Label: t.T("register.reason"), Hint: t.T("register.reason_hint"), Max: portal.MaxNote}}}
	if e.Public == nil || e.Withdrawn != nil || !by.Can(r.WithdrawAct(), e.Organ) {
		p.Withdraw.Fields = nil
	}
	for _, rule := range s.Registers.May(by, e) {
		f := page.CaseForm{Name: rule.Code, Title: rule.Name.In(t.Lang), Form: page.Form{Action: at + "/step/" + rule.Code, Submit: rule.Name.In(t.Lang), Revision: seen}}
		f.Fields = append(s.fieldsOf(c, r, e, rule.Code), page.Field{Name: "on", Kind: "date", Label: t.T("register.step_on"), Value: s.Today().String()})
		if rule.Note != "" {
			f.Fields = append(f.Fields, page.Field{Name: "note", Kind: "textarea", Label: t.T("mailbox.note"), Rows: 3, Max: portal.MaxNote, Optional: rule.Note == "optional"})
		}
		p.Steps = append(p.Steps, f)
	}
	if wrong != nil {
		f := map[string]*page.Form{"release": &p.Release, "withdraw": &p.Withdraw}[form]
		for i := range p.Steps {
			if p.Steps[i].Name == form {
				f = &p.Steps[i].Form
			}
		}
		if f == nil {
			return wrong
		}
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
		fields = append(fields, page.Field{Name: "organ", Kind: "select", Label: t.T("column.organ"), Options: s.OrgansOf(c, r.WriteAct(), e.Organ), Value: string(e.Organ)})
	}
	return s.EditPage(c, r.Name.In(t.Lang), "/desk/registers/"+r.Code, seen, append(fields, s.fieldsOf(c, r, e, "")...))
}

// fieldsOf are the fields of a form: of an entry, or of one of its steps.
func (s registering) fieldsOf(c echo.Context, r *registers.Register, e *registers.Entry, step string) []page.Field {
	t := page.TextsOf(c)
	var fields []page.Field
	for _, f := range r.FieldsOf(step) {
		x := page.Field{Name: f.Code, Label: f.Name.In(t.Lang), Hint: f.Hint.In(t.Lang), Value: e.Values[f.Code], Optional: f.Optional, Kind: "text", Max: portal.MaxLine}
		switch f.Kind {
		case "prose", "powers":
			x.Kind, x.Rows, x.Max = "textarea", 4, portal.MaxProse
		case "organs":
			x.Kind, x.Rows, x.Max, x.Value = "textarea", 2, portal.MaxProse, f.Told(e.Values[f.Code], t.Lang, s.OrganIn(t.Lang))
		case "date":
			x.Kind, x.Max = "date", 0
		case "power":
			x.Kind, x.Options = "select", s.powersOf(c, e, e.Values[f.Code])
		case "choice":
			x.Kind = "select"
			if f.Optional || step != "" {
				x.Options = append(x.Options, page.Option{Label: t.T("form.choose")})
			}
			for _, o := range f.Options {
				x.Options = append(x.Options, page.Option{Value: o.Code, Label: portal.Named(o.Name, t.Lang), Chosen: o.Code == e.Values[f.Code]})
			}
		case "files":
			x.Kind, x.Multiple, x.Max = "file", true, 0
			for _, a := range e.Files[f.Code] {
				x.Hint += " " + a.Name
			}
		}
		if f.Sealed {
			x.Value, x.Hint = "", strings.TrimSpace(x.Hint+" "+t.T("register.sealed"))
		}
		fields = append(fields, x)
	}
	return fields
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

// typedFields reads the fields of a form.
func (s registering) typedFields(c echo.Context, fields []registers.Field, into registers.Values, files map[string][]portal.Attachment) (err error) {
	for _, f := range fields {
		if f.Kind != "files" {
			into[f.Code] = page.Typed(c, f.Code)
			continue
		}
		list, _, wrong := s.FormFiles(c, f.Code, maxEntryFiles)
		if wrong != nil {
			err = wrong
		} else if len(list) > 0 {
			files[f.Code] = list
		}
	}
	return err
}

// step answers POST /desk/entries/{id}/step/{step}.
func (s registering) step(c echo.Context) error {
	e, err := s.Registers.Open(c.Request().Context(), page.ActorOf(c), c.Param("id"))
	if err != nil {
		return err
	}
	values, files := registers.Values{}, make(map[string][]portal.Attachment)
	err = s.typedFields(c, e.Of().FieldsOf(c.Param("step")), values, files)
	var ps []portal.Problem
	on := page.DayOf(c, "on", &ps)
	if err = page.Joined(ps, err); err == nil {
		_, err = s.Registers.Step(c.Request().Context(), page.ActorOf(c), e.ID(), page.SeenOf(c), c.Param("step"), on, page.Typed(c, "note"), values, files)
	}
	return s.after(c, c.Param("step"), "mailbox.step_done", err)
}

// letter answers GET /desk/entries/{id}/letter.pdf: the paper that is made of an entry.
func (s registering) letter(c echo.Context) error {
	e, err := s.Registers.Open(c.Request().Context(), page.ActorOf(c), c.Param("id"))
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	text := s.Registers.Letter(e, t.Lang, false, s.OrganIn(t.Lang), t.Date)
	if text == "" {
		return portal.Missing()
	}
	file, err := letter.Printer{}.PDF(text, s.Today().Time())
	if err != nil {
		return err
	}
	return page.SendMade(c, e.ID()+".pdf", file)
}

// importForm answers GET /desk/registers/{code}/import.
func (s registering) importForm(c echo.Context) error {
	p, err := s.importPage(c)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "desk_register_import", p)
}

// registerImportPage is what desk_register_import.html shows.
type registerImportPage struct {
	page.Base
	Register *registers.Register
	Heads    []string
	Form     page.Form
	Bad      []string
	More     int
}

func (s registering) importPage(c echo.Context) (registerImportPage, error) {
	r, t := registers.Named(c.Param("code")), page.TextsOf(c)
	if r == nil {
		return registerImportPage{}, portal.Missing()
	}
	if err := page.ActorOf(c).NeedSome(r.WriteAct()); err != nil {
		return registerImportPage{}, err
	}
	p := registerImportPage{Base: s.DeskBase(c, t.T("register.import", "Name", r.Name.In(t.Lang))), Register: r, Heads: []string{t.T("column.organ")}}
	for _, f := range r.FieldsOf("") {
		if f.Kind != "files" && !f.Sealed {
			p.Heads = append(p.Heads, f.Name.In(t.Lang))
		}
	}
	p.Form = page.Form{Action: s.BasePath + "/desk/registers/" + r.Code + "/import", Submit: t.T("register.import_do"), Fields: []page.Field{
		{Name: "organ", Kind: "select", Label: t.T("column.organ"), Hint: t.T("register.import_organ"), Optional: true, Options: append([]page.Option{{Label: t.T("register.import_by_row")}}, s.OrgansOf(c, r.WriteAct(), "")...)},
		{Name: "file", Kind: "file", Label: t.T("import.file"), Hint: t.T("register.import_hint"), Accept: ".xlsx,.xls,.csv,.txt"}}}
	return p, nil
}

// maxShownBad is how many mistakes of a file are listed.
const maxShownBad = 50

// importFile answers POST /desk/registers/{code}/import: all of a file, or none of it.
func (s registering) importFile(c echo.Context) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	p, err := s.importPage(c)
	if err != nil {
		return err
	}
	refuse := func(err error) error {
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, http.StatusUnprocessableEntity, "desk_register_import", p)
	}
	files, _, err := s.FormFiles(c, "file", 1)
	if err == nil && len(files) == 0 {
		err = portal.Wrong("file", "error.required", nil)
	}
	if err != nil {
		return refuse(err)
	}
	f, err := s.Store.OpenFile(ctx, files[0].File)
	if err != nil {
		return err
	}
	defer f.Close()
	frames, err := importer.Frames(f, func(b []byte) (table.Workbook, error) { return s.Reader.Workbook(ctx, b) })
	if err != nil {
		return refuse(err)
	}
	rows, heads := broughtOf(p.Register, frames)
	if heads == 0 {
		return refuse(portal.Wrong("file", "register.import_heads", portal.Args{"Heads": strings.Join(p.Heads, t.T("form.comma"))}))
	}
	n, bad, err := s.Registers.Bring(ctx, by, p.Register.Code, portal.OrganCode(page.Typed(c, "organ")), rows)
	if err != nil {
		return refuse(err)
	}
	if len(bad) > 0 || n == 0 {
		for _, x := range bad[:min(maxShownBad, len(bad))] {
			label := x.Field
			if f := p.Register.Field(x.Field); f != nil {
				label = f.Name.In(t.Lang)
			} else if x.Field == "organ" {
				label = t.T("column.organ")
			}
			p.Bad = append(p.Bad, t.T("register.import_line", "Line", x.Line, "Field", label, "Error", t.Args(x.Key, x.Args)))
		}
		p.More = max(0, len(bad)-maxShownBad)
		if len(bad) == 0 {
			return refuse(portal.Wrong("file", "error.required", nil))
		}
		return s.Render(c, http.StatusUnprocessableEntity, "desk_register_import", p)
	}
	s.Flash(c, "register.imported", "N", n)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/registers/"+p.Register.Code)
}

// broughtOf reads the rows of a file by the names of fields in its heads, and tells how
// many heads were known.
func broughtOf(r *registers.Register, frames []importer.Frame) (rows []registers.Brought, known int) {
	for _, frame := range frames {
		fields := make([]string, len(frame.Heads))
		n := 0
		for i, h := range frame.Heads {
			h = strings.TrimSpace(h)
			switch h {
			case "发布机构", "机关", "主办单位", "承办单位", "责任单位", "organ", "Organ", "Publisher":
				fields[i] = "organ"
			}
			for _, f := range r.FieldsOf("") {
				if h == f.Name.ZH || h == f.Name.EN || h == f.Code {
					fields[i] = f.Code
				}
			}
			if fields[i] != "" {
				n++
			}
		}
		if n < 2 {
			continue
		}
		known += n
		for _, row := range frame.Rows {
			b := registers.Brought{Line: row.Line, Values: registers.Values{}}
			for i, cell := range row.Cells {
				switch {
				case i >= len(fields) || fields[i] == "":
				case fields[i] == "organ":
					b.Organ = cell
				default:
					b.Values[fields[i]] = cell
				}
			}
			rows = append(rows, b)
		}
	}
	return rows, known
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
	} else if !r.WritesSome(page.ActorOf(c)) {
		return page.ActorOf(c).NeedSome(r.WriteAct())
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
	err := s.typedFields(c, r.FieldsOf(""), e.Values, files)
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
