package page

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/locale"
	"gongkai/portal/text"
)

// Field is one field of a form as a page shows it: with its label, a hint
// that tells the limits, what was typed, and what is wrong with it.
type Field struct {
	Name         string
	Kind         string // text, textarea, select, radios, checkboxes, date, file, password, email, tel, number, hidden
	Label        string
	Hint         string
	Value        string
	Values       []string // of checkboxes
	Options      []Option
	Error        string
	Rows         int
	Max          int // characters
	Multiple     bool
	Optional     bool
	Autocomplete string
	Accept       string
	Lang         string // of what is typed, where it is not the page's
	Suggest      string // address of suggestions
	Tools        []Tool // buttons over a textarea
	Scope        string // of the form, where a page has several
	Theirs       string // what somebody else has put there meanwhile
}

// ID names the field in its page.
func (f Field) ID() string { return f.Scope + f.Name }

type Option struct {
	Value, Label string
	Chosen       bool
}

// Form is a form with its fields.
type Form struct {
	Action  string
	Fields  []Field
	Submit  string
	Problem string // what is wrong with the whole
	// Revision is that of the record as the form shows it.
	Revision portal.Revision
}

// Upload reports whether files are sent along.
func (f Form) Upload() bool {
	return slices.ContainsFunc(f.Fields, func(x Field) bool { return x.Kind == "file" })
}

// Bad lists the fields with mistakes, for the summary at the top.
func (f Form) Bad() []Field {
	return slices.DeleteFunc(slices.Clone(f.Fields), func(x Field) bool { return x.Error == "" })
}

// Fill puts what was typed into the fields.
func (f *Form) Fill(values url.Values) {
	for i := range f.Fields {
		x := &f.Fields[i]
		if x.Kind == "password" || x.Kind == "file" {
			continue
		}
		if x.Kind == "checkboxes" || x.Multiple {
			x.Values = values[x.Name]
			for j := range x.Options {
				x.Options[j].Chosen = slices.Contains(x.Values, x.Options[j].Value)
			}
			continue
		}
		if v := values[x.Name]; len(v) > 0 {
			x.Value = v[0]
		}
	}
}

// Again makes the form ready to be shown again: with what was typed, and with
// what is wrong beside its field. Its result is that of refuse.
func (f *Form) Again(c echo.Context, err error) error {
	values, _ := c.FormParams() // the handler has read it, as far as it can be read
	f.Fill(values)
	return f.Refuse(TextsOf(c), err)
}

// Refuse puts the problems of err beside their fields; problems of fields
// that the form does not show go to the top. It returns err itself if it is
// not one that a form can show.
func (f *Form) Refuse(t *locale.Texts, err error) error {
	if e, ok := errors.AsType[*clock.EventError](err); ok {
		f.Problem = e.Reason.In(t.Lang)
		if law := e.Law.In(t.Lang); law != "" {
			f.Problem += t.T("form.law", "Law", law)
		}
		return nil
	}
	e, ok := errors.AsType[*portal.Error](err)
	if !ok || e.Kind == portal.Internal || e.Kind == portal.NotFound {
		return err
	}
	for _, p := range e.Problems {
		text := t.Args(p.Key, p.Args)
		i := slices.IndexFunc(f.Fields, func(x Field) bool { return x.Name == p.Field })
		if i < 0 {
			f.Problem = strings.TrimSpace(f.Problem + " " + text)
		} else if f.Fields[i].Error == "" {
			f.Fields[i].Error = text
		}
	}
	if len(e.Problems) == 0 {
		f.Problem = t.Args(e.Key, e.Args)
	}
	return nil
}

// SeenOf is the revision of a record as whoever sent a form saw it.
func SeenOf(c echo.Context) portal.Revision { return portal.Revision(c.FormValue("revision")) }

// Stale makes a form of a record as it is now ready to be shown to somebody whose
// own change came too late: with what they typed, and beside it, wherever that is
// another, what is there now.
func (f *Form) Stale(c echo.Context, note string) {
	now := make([]string, len(f.Fields))
	for i, x := range f.Fields {
		now[i] = x.Shown()
	}
	values, _ := c.FormParams() // the handler has read it
	f.Fill(values)
	for i := range f.Fields {
		x := &f.Fields[i]
		if x.Kind == "password" || x.Kind == "file" || x.Kind == "hidden" {
			continue
		}
		if x.Kind == "checkboxes" && !values.Has(x.Name) { // none is ticked
			x.Values = nil
			for j := range x.Options {
				x.Options[j].Chosen = false
			}
		}
		if typed := x.Shown(); strings.TrimSpace(typed) != strings.TrimSpace(now[i]) {
			if x.Theirs = now[i]; x.Theirs == "" {
				x.Theirs = "—"
			}
		}
	}
	f.Problem = note
}

// Shown is what a field says, in words.
func (f Field) Shown() string {
	if len(f.Options) == 0 {
		return strings.ReplaceAll(f.Value, "\r\n", "\n")
	}
	var out []string
	for _, o := range f.Options {
		if o.Chosen || f.Kind != "checkboxes" && !f.Multiple && o.Value == f.Value && f.Value != "" {
			out = append(out, strings.TrimSpace(o.Label))
		}
	}
	return strings.Join(out, "；")
}

// StaleNote says that a record has changed, and by whom, when.
func (s *Site) StaleNote(c echo.Context, object string) string {
	t := TextsOf(c)
	note := t.T(portal.StaleKey)
	if last, err := s.Store.Audit(c.Request().Context(), 0, 1, object); err == nil && len(last) > 0 {
		note += " " + t.T("stale.by", "Name", s.personName(last[0].By), "Time", last[0].At.In(s.Now().Location()).Format("2006-01-02 15:04"))
	}
	return note
}

// Choices makes the options of a classification list.
func Choices(l *portal.List, lang, chosen string) []Option {
	out := make([]Option, 0, len(l.Terms))
	for _, x := range l.Terms {
		out = append(out, Option{x.Code, portal.Named(x.Name, lang), x.Code == chosen})
	}
	return out
}

// PersonChoices makes the options of accounts.
func PersonChoices(t *locale.Texts, people []*portal.Person, chosen portal.Login) []Option {
	out := []Option{{Label: t.T("form.choose")}}
	for _, p := range people {
		out = append(out, Option{string(p.Login), p.Name, p.Login == chosen})
	}
	return out
}

// OrganChoices makes the options of the organs that keep wants, indented by
// their place in the tree.
func (s *Site) OrganChoices(lang string, keep func(portal.Organ) bool) []Option {
	depth := make(map[portal.OrganCode]int)
	var out []Option
	for _, o := range s.Store.Organs() {
		if o.Parent != "" {
			depth[o.Code] = depth[o.Parent] + 1
		}
		if keep == nil || keep(o) {
			out = append(out, Option{Value: string(o.Code), Label: strings.Repeat("　", depth[o.Code]) + portal.Named(o.Name, lang)})
		}
	}
	return out
}

// OrgansOf makes the options of the organs for which the actor may act.
func (s *Site) OrgansOf(c echo.Context, act portal.Act, chosen portal.OrganCode) []Option {
	mine, all := ActorOf(c).OrgansFor(act)
	out := s.OrganChoices(LangOf(c), func(o portal.Organ) bool { return all || slices.Contains(mine, o.Code) })
	for i := range out {
		out[i].Chosen = out[i].Value == string(chosen)
	}
	return out
}

// text reads a field of the request's form as it is stored: trimmed, valid, and
// without what nobody sees.
func Typed(c echo.Context, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(text.Clean(c.FormValue(name)), "\uFFFD", ""))
}

// day reads a date field; a mistake is a problem of the field.
func DayOf(c echo.Context, name string, ps *[]portal.Problem) portal.Date {
	return DayIn(Typed(c, name), name, ps)
}

// DayIn reads a day that was typed into a field, or that an address has.
func DayIn(v, name string, ps *[]portal.Problem) portal.Date {
	if v == "" {
		return 0
	}
	d, err := clock.ParseDate(v)
	if err != nil {
		*ps = append(*ps, portal.Problem{Field: name, Key: "error.date", Args: portal.Args{"Value": v}})
	}
	return d
}

// Joined makes one error of problems found while reading a form and those
// that a rule found.
func Joined(ps []portal.Problem, err error) error {
	if len(ps) == 0 {
		return err
	}
	if e, ok := errors.AsType[*portal.Error](err); ok {
		ps = append(ps, e.Problems...)
	}
	return &portal.Error{Kind: portal.Invalid, Key: "error.form", Problems: ps}
}

// FormPage is what form.html shows: a title and one form.
type FormPage struct {
	Base
	Intro string
	Form  Form
	Back  string
}

// NoticePage is what notice.html shows: a title, a text, and perhaps a form
// with one button or a link.
type NoticePage struct {
	Base
	Text   string
	Form   *Form
	Link   string
	LinkTo string
}

// EditPage makes the page of a form for a record.
func (s *Site) EditPage(c echo.Context, title, back string, seen portal.Revision, fields []Field) FormPage {
	p := FormPage{Base: s.DeskBase(c, title), Back: s.BasePath + back}
	p.Form = Form{Action: c.Request().URL.RequestURI(), Submit: TextsOf(c).T("form.save"), Fields: fields, Revision: seen}
	return p
}

// AfterEdit shows the form again with what is wrong, or goes back to the list.
// Where the record, named as the audit log names it, has changed meanwhile, now
// makes the form as the record is now.
func (s *Site) AfterEdit(c echo.Context, p FormPage, err error, back, object string, now func() (FormPage, error)) error {
	switch {
	case err == nil:
		s.Flash(c, "form.saved")
		return c.Redirect(http.StatusSeeOther, s.BasePath+back)
	case portal.Stale(err) && now != nil:
		if p, err = now(); err != nil {
			return err
		}
		p.Form.Stale(c, s.StaleNote(c, object))
		return s.Render(c, http.StatusConflict, "form", p)
	}
	if err := p.Form.Again(c, err); err != nil {
		return err
	}
	p.Form.Revision = SeenOf(c)
	return s.Render(c, Statuses[Visible(err).Kind], "form", p)
}

// Refused makes a form of a record, named as the audit log names it, ready to be shown
// again after err: with what was typed, and with what is wrong, or with what somebody else
// has put there meanwhile. Its result is that of Refuse.
func (s *Site) Refused(c echo.Context, f *Form, object string, err error) error {
	if portal.Stale(err) {
		f.Stale(c, s.StaleNote(c, object))
		return nil
	}
	return f.Again(c, err)
}

// CaseForm is a form of the case page under a name.
type CaseForm struct {
	Name  string
	Title string
	Until portal.Date // last day for it
	Law   string
	Past  bool // only to record what was done in time
	Form
}
