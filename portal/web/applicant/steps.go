package applicant

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/query"
	"gongkai/portal/web/page"
)

// The way through an application: what one wants, who has it, who one is, and a look at all
// of it before it is sent. Nothing is kept here between the steps: each page carries what was
// typed on those before.
var steps = []string{"what", "whom", "you", "check"}

// stepOf is the step that a field is asked in.
func stepOf(field string) string {
	switch {
	case field == "organ":
		return "whom"
	case field == "matter" || field == "doc_number" || strings.HasPrefix(field, "subject") || strings.HasPrefix(field, "description"):
		return "what"
	case field == "files" || field == "id_file":
		return "check"
	}
	return "you"
}

// hiddenField carries what was typed on another step.
type hiddenField struct{ Name, Value string }

// proposed is an organ that seems to have what is asked for.
type proposed struct {
	portal.Organ
	N int // documents on the subject that it published
}

// stepped makes the page of a step, with what was typed.
func (s *Face) stepped(c echo.Context, step string) (applyPage, error) {
	values, err := c.FormParams()
	if err != nil {
		return applyPage{}, err
	}
	p := s.applyPage(c)
	p.Form.Fill(values)
	p.Step, p.Number = step, slices.Index(steps, step)+1
	var mine []page.Field
	for _, f := range p.Form.Fields {
		switch {
		case stepOf(f.Name) == step:
			mine = append(mine, f)
		case step == "check":
			if text := f.Shown(); text != "" {
				p.Answers = append(p.Answers, answered{f.Label, text, stepOf(f.Name)})
			}
		}
	}
	p.Form.Fields = mine
	if step != "what" {
		p.More = 0
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name == "step" || name == "go" || name == "matters" || name == "lang" || name == "view" || name == "propose" || slices.ContainsFunc(mine, func(f page.Field) bool { return f.Name == name }) {
			continue
		}
		for _, v := range values[name] {
			p.Hidden = append(p.Hidden, hiddenField{name, v})
		}
	}
	switch step {
	case "whom":
		p.Proposed = s.propose(c, page.Typed(c, "subject"))
	case "check":
		who := &cases.Applicant{Kind: page.Typed(c, "kind"), IDNumber: page.Typed(c, "id_number"), Phone: page.Typed(c, "phone")}
		for _, d := range who.Doubts() {
			p.Doubts = append(p.Doubts, page.TextsOf(c).Args(d.Key, d.Args))
		}
	}
	return p, nil
}

// answered is an answer to be looked at before it is sent.
type answered struct{ Label, Text, Step string }

// proposals is how many organs are proposed.
const proposals = 3

// propose names the organs that publish most about what is asked for. Without the search
// there are none, and the list of all organs does.
func (s *Face) propose(c echo.Context, text string) (out []proposed) {
	if r := []rune(text); len(r) > query.MaxQuery {
		text = string(r[:query.MaxQuery])
	}
	found, err := s.Finder.Engine.Find(c.Request().Context(), query.Query{Text: text, Words: text, Size: 20, Page: 1, Verbatim: true})
	if err != nil {
		return nil
	}
	n := make(map[portal.OrganCode]int)
	for _, l := range s.Public.Listings(page.KeysOf(found)...) {
		if l != nil && len(l.Organs) > 0 {
			n[l.Organs[0]]++
		}
	}
	for code, count := range n {
		if o, err := s.Store.Organ(code); err == nil && o.Receives() {
			out = append(out, proposed{o, count})
		}
	}
	slices.SortFunc(out, func(a, b proposed) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Code, b.Code))
	})
	return out[:min(proposals, len(out))]
}

// step answers a step of the form: on to the next, back to one, or again with what is wrong.
func (s *Face) step(c echo.Context, step string) error {
	if to := page.Typed(c, "go"); slices.Contains(steps, to) { // back, or to mend an answer
		p, err := s.stepped(c, to)
		if err != nil {
			return err
		}
		return s.Render(c, http.StatusOK, "apply", p)
	}
	list, who, err := s.Matters(c)
	for _, a := range list {
		if err == nil {
			err = cases.ValidateApplication(a, who)
		}
	}
	next := steps[min(slices.Index(steps, step)+1, len(steps)-1)]
	e := page.Visible(err)
	if err != nil && e.Kind == portal.Internal {
		return err
	}
	bad := slices.DeleteFunc(slices.Clone(e.Problems), func(x portal.Problem) bool { return slices.Index(steps, stepOf(x.Field)) > slices.Index(steps, step) })
	if err == nil || len(e.Problems) > 0 && len(bad) == 0 {
		p, err := s.stepped(c, next)
		if err != nil {
			return err
		}
		return s.Render(c, http.StatusOK, "apply", p)
	}
	at := step
	if len(bad) > 0 {
		at = stepOf(bad[0].Field)
	}
	p, failed := s.stepped(c, at)
	if failed != nil {
		return failed
	}
	if err := p.Form.Refuse(page.TextsOf(c), &portal.Error{Kind: e.Kind, Key: e.Key, Args: e.Args, Problems: bad}); err != nil {
		return err
	}
	return s.Render(c, http.StatusUnprocessableEntity, "apply", p)
}
