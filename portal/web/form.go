package web

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/locale"
	"gongkai/portal/text"
)

// field is one field of a form as a page shows it: with its label, a hint
// that tells the limits, what was typed, and what is wrong with it.
type field struct {
	Name         string
	Kind         string // text, textarea, select, radios, checkboxes, date, file, password, email, tel, number, hidden
	Label        string
	Hint         string
	Value        string
	Values       []string // of checkboxes
	Options      []option
	Error        string
	Rows         int
	Max          int // characters
	Multiple     bool
	Optional     bool
	Autocomplete string
	Accept       string
	Lang         string // of what is typed, where it is not the page's
	Suggest      string // address of suggestions
	Scope        string // of the form, where a page has several
}

// ID names the field in its page.
func (f field) ID() string { return f.Scope + f.Name }

type option struct {
	Value, Label string
	Chosen       bool
}

// form is a form with its fields.
type form struct {
	Action  string
	Fields  []field
	Submit  string
	Problem string // what is wrong with the whole
}

// Upload reports whether files are sent along.
func (f form) Upload() bool {
	return slices.ContainsFunc(f.Fields, func(x field) bool { return x.Kind == "file" })
}

// Bad lists the fields with mistakes, for the summary at the top.
func (f form) Bad() []field {
	return slices.DeleteFunc(slices.Clone(f.Fields), func(x field) bool { return x.Error == "" })
}

// fill puts what was typed into the fields.
func (f *form) fill(values url.Values) {
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

// again makes the form ready to be shown again: with what was typed, and with
// what is wrong beside its field. Its result is that of refuse.
func (f *form) again(c echo.Context, err error) error {
	values, _ := c.FormParams() // the handler has read it, as far as it can be read
	f.fill(values)
	return f.refuse(textsOf(c), err)
}

// refuse puts the problems of err beside their fields; problems of fields
// that the form does not show go to the top. It returns err itself if it is
// not one that a form can show.
func (f *form) refuse(t *locale.Texts, err error) error {
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
		i := slices.IndexFunc(f.Fields, func(x field) bool { return x.Name == p.Field })
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

// choices makes the options of a classification list.
func choices(l *portal.List, lang, chosen string) []option {
	out := make([]option, 0, len(l.Terms))
	for _, x := range l.Terms {
		out = append(out, option{x.Code, portal.Named(x.Name, lang), x.Code == chosen})
	}
	return out
}

// personChoices makes the options of accounts.
func personChoices(t *locale.Texts, people []*portal.Person, chosen portal.Login) []option {
	out := []option{{Label: t.T("form.choose")}}
	for _, p := range people {
		out = append(out, option{string(p.Login), p.Name, p.Login == chosen})
	}
	return out
}

// organChoices makes the options of the organs that keep wants, indented by
// their place in the tree.
func (s *Server) organChoices(lang string, keep func(portal.Organ) bool) []option {
	depth := make(map[portal.OrganCode]int)
	var out []option
	for _, o := range s.Store.Organs() {
		if o.Parent != "" {
			depth[o.Code] = depth[o.Parent] + 1
		}
		if keep == nil || keep(o) {
			out = append(out, option{Value: string(o.Code), Label: strings.Repeat("　", depth[o.Code]) + portal.Named(o.Name, lang)})
		}
	}
	return out
}

// text reads a field of the request's form as it is stored: trimmed, valid, and
// without what nobody sees.
func typed(c echo.Context, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(text.Clean(c.FormValue(name)), "\uFFFD", ""))
}

// day reads a date field; a mistake is a problem of the field.
func day(c echo.Context, name string, ps *[]portal.Problem) portal.Date {
	v := typed(c, name)
	if v == "" {
		return 0
	}
	d, err := clock.ParseDate(v)
	if err != nil {
		*ps = append(*ps, portal.Problem{Field: name, Key: "error.date", Args: portal.Args{"Value": v}})
	}
	return d
}

// joined makes one error of problems found while reading a form and those
// that a rule found.
func joined(ps []portal.Problem, err error) error {
	if len(ps) == 0 {
		return err
	}
	if e, ok := errors.AsType[*portal.Error](err); ok {
		ps = append(ps, e.Problems...)
	}
	return &portal.Error{Kind: portal.Invalid, Key: "error.form", Problems: ps}
}
