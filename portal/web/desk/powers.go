package desk

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/powers"
	"gongkai/portal/web/page"
)

// powersPage is what desk_powers.html shows: what waits, what stands on shaking ground,
// and the list.
type powersPage struct {
	page.Base
	Proposals []*powers.PowerItem
	Shaken    []powers.Shaken
	Rows      []*portal.Listing
	Total     int
	Organs    []page.Option
	Pager     page.Pager
	MayDecide bool
	More      int // proposals that are not shown
	Approved  int
	Refused   []string
}

// maxProposals is how many proposals the page lists.
const maxProposals = 100

// list answers GET /desk/powers.
func (s powering) list(c echo.Context) error {
	p, err := s.listPage(c)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "desk_powers", p)
}

func (s powering) listPage(c echo.Context) (powersPage, error) {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	p := powersPage{Base: s.DeskBase(c, t.T("desk.powers")), MayDecide: by.CanSome(portal.ReviewPowers)}
	b, err := page.BrowseOf(c)
	if err != nil {
		return p, err
	}
	p.Organs = s.OrgansOf(c, portal.EditPowers, b.Organ)
	if b.Organ == "" && len(p.Organs) > 0 {
		if mine, all := by.OrgansFor(portal.EditPowers); !all && len(mine) == 1 {
			b.Organ = mine[0]
		}
	}
	b.Kind, b.Sort, b.Size = powers.Kind.Code, portal.SortNumber, page.WorkRows
	list := s.Store.Browse(b)
	p.Rows, p.Total, p.Pager = list.Rows, list.Total, page.PagerOf(c, b.Page, b.Size, list.Total)
	if p.Proposals, p.Shaken, err = s.Powers.Attention(ctx, func(o portal.OrganCode) bool { return by.Can(portal.EditPowers, o) }); err != nil {
		return p, err
	}
	slices.SortFunc(p.Proposals, func(a, b *powers.PowerItem) int {
		return cmp.Or(a.Proposal.At.Compare(b.Proposal.At), cmp.Compare(a.ID(), b.ID()))
	})
	p.More = max(0, len(p.Proposals)-maxProposals)
	p.Proposals = p.Proposals[:min(maxProposals, len(p.Proposals))]
	return p, nil
}

// powerPage is what desk_power.html shows: an item, what is proposed, and what can be
// done with it.
type powerPage struct {
	page.Base
	Item        *powers.PowerItem
	At          *powers.At // nil while it is not in the list
	Differences []powers.Difference
	Shaken      *powers.Shaken
	MayDecide   bool
	Second      bool // whoever proposed it may not approve it
	Approve     page.Form
	Return      page.Form
	Confirm     page.Form
}

// item answers GET /desk/powers/{id}.
func (s powering) item(c echo.Context) error { return s.show(c, http.StatusOK, "", nil) }

func (s powering) show(c echo.Context, status int, form string, wrong error) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	i, err := s.Powers.Open(ctx, by, powers.PowerID(c.Param("id")))
	if err != nil {
		return err
	}
	p := powerPage{Base: s.DeskBase(c, portal.Named(i.Name(), t.Lang)), Item: i, At: i.AsOf(s.Today())}
	if x := i.Proposal; x != nil {
		var before powers.Values
		if p.At != nil {
			before = p.At.Values
		}
		if !x.Movement().Ends {
			p.Differences = powers.Compare(before, x.Values)
		}
		p.MayDecide, p.Second = x.Remark == "" && by.Can(portal.ReviewPowers, i.Organ), x.By == by.Login
	}
	p.Shaken = s.Powers.IsShaken(i)
	at, seen := s.BasePath+"/desk/powers/"+string(i.ID()), portal.RevisionOf(i)
	line := func(name, label, hint string, optional bool) page.Field {
		return page.Field{Name: name, Kind: "text", Label: t.T(label), Hint: hint, Max: portal.MaxNote, Optional: optional}
	}
	p.Approve = page.Form{Action: at + "/approve", Submit: t.T("power.approve"), Revision: seen, Fields: []page.Field{
		line("legality", "power.legality", t.T("power.legality_hint"), false), line("stands", "gate.stands", t.T("gate.stands_hint"), true)}}
	p.Return = page.Form{Action: at + "/return", Submit: t.T("power.return"), Revision: seen, Fields: []page.Field{line("remark", "power.remark", "", false)}}
	p.Confirm = page.Form{Action: at + "/confirm", Submit: t.T("power.confirm"), Revision: seen, Fields: []page.Field{line("note", "power.confirm_note", t.T("power.confirm_hint"), false)}}
	if wrong != nil {
		f := map[string]*page.Form{"approve": &p.Approve, "return": &p.Return, "confirm": &p.Confirm}[form]
		if err := s.Refused(c, f, "power/"+string(i.ID()), wrong); err != nil {
			return err
		}
	}
	return s.Render(c, status, "desk_power", p)
}

// decided shows the item again after one of its forms.
func (s powering) decided(c echo.Context, form, done string, err error) error {
	if err != nil {
		return s.show(c, page.Statuses[page.Visible(err).Kind], form, err)
	}
	s.Flash(c, done)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/powers/"+c.Param("id"))
}

// approve answers POST /desk/powers/{id}/approve.
func (s powering) approve(c echo.Context) error {
	_, err := s.Powers.Approve(c.Request().Context(), page.ActorOf(c), powers.PowerID(c.Param("id")), page.SeenOf(c), page.Typed(c, "legality"), page.Typed(c, "stands"))
	return s.decided(c, "approve", "power.approved", err)
}

// giveBack answers POST /desk/powers/{id}/return.
func (s powering) giveBack(c echo.Context) error {
	_, err := s.Powers.Return(c.Request().Context(), page.ActorOf(c), powers.PowerID(c.Param("id")), page.SeenOf(c), page.Typed(c, "remark"))
	return s.decided(c, "return", "power.returned", err)
}

// confirm answers POST /desk/powers/{id}/confirm.
func (s powering) confirm(c echo.Context) error {
	_, err := s.Powers.Confirm(c.Request().Context(), page.ActorOf(c), powers.PowerID(c.Param("id")), page.SeenOf(c), page.Typed(c, "note"))
	return s.decided(c, "confirm", "power.confirmed", err)
}

// maxForms is how many files with forms an item has at most.
const maxForms = 30

// editPage is the form of a proposal: what changes and why, and what the list is to say.
func (s powering) editPage(c echo.Context, i *powers.PowerItem, change powers.Change, seen portal.Revision) page.FormPage {
	t := page.TextsOf(c)
	listed := i.Current()
	var kinds []page.Option
	for _, m := range powers.Rules.Changes {
		if !m.Hidden && m.Begins != listed {
			kinds = append(kinds, page.Option{Value: m.Code, Label: m.Name.In(t.Lang), Chosen: m.Code == change.Kind})
		}
	}
	var fields []page.Field
	if i.Organ == "" || seen == portal.Absent {
		fields = append(fields, page.Field{Name: "organ", Kind: "select", Label: t.T("column.organ"), Options: s.OrgansOf(c, portal.EditPowers, i.Organ), Value: string(i.Organ)},
			page.Field{Name: "code", Kind: "text", Label: t.T("power.code"), Hint: t.T("power.code_hint"), Value: i.Code, Max: 40})
	}
	fields = append(fields,
		page.Field{Name: "kind", Kind: "select", Label: t.T("power.change"), Hint: t.T("power.change_hint"), Options: kinds, Value: change.Kind},
		page.Field{Name: "reason", Kind: "text", Label: t.T("power.reason"), Value: change.Reason, Max: portal.MaxNote},
		page.Field{Name: "document", Kind: "text", Label: t.T("power.document"), Hint: t.T("power.document_hint"), Value: change.Document, Max: portal.MaxLine},
		page.Field{Name: "effective", Kind: "date", Label: t.T("doc.effective"), Value: change.Effective.String()})
	if listed {
		fields = append(fields, page.Field{Name: "to", Kind: "text", Label: t.T("power.to"), Hint: t.T("power.to_hint"), Value: change.To, Max: portal.MaxLine, Optional: true})
	}
	for n := range powers.Rules.Fields {
		f := &powers.Rules.Fields[n]
		v := change.Values[f.Code]
		x := page.Field{Name: f.Code, Label: f.Name.In(t.Lang), Hint: f.Hint.In(t.Lang), Value: v, Max: f.Max(), Optional: f.Optional, Kind: "text"}
		switch f.Kind {
		case powers.Choice:
			x.Kind, x.Options = "select", page.Choices(f.Terms(), t.Lang, v)
			if f.Optional {
				x.Options = append([]page.Option{{Label: "—"}}, x.Options...)
			}
		case powers.Choices:
			x.Kind, x.Values = "checkboxes", strings.Fields(v)
			x.Options = page.Choices(f.Terms(), t.Lang, "")
			for j := range x.Options {
				x.Options[j].Chosen = slices.Contains(x.Values, x.Options[j].Value)
			}
		case powers.Time:
			x.Value = f.Shown(v, t.Lang)
		case powers.Prose, powers.Lines, powers.Law, powers.Flow:
			x.Kind, x.Rows = "textarea", 4
			if f.Kind == powers.Flow {
				x.Rows = 8
			}
		}
		fields = append(fields, x)
		if f.Code == "materials" {
			hint := t.T("power.forms_hint", "Limit", maxForms)
			for _, a := range change.Forms {
				hint += " " + a.Name
			}
			fields = append(fields, page.Field{Name: "forms", Kind: "file", Label: t.T("power.forms"), Hint: hint, Multiple: true, Optional: true})
		}
	}
	p := s.EditPage(c, t.T("power.propose"), "/desk/powers", seen, fields)
	p.Intro, p.Form.Submit = t.T("power.intro"), t.T("power.send")
	return p
}

// form answers GET /desk/powers/edit.
func (s powering) form(c echo.Context) error {
	i, seen := &powers.PowerItem{}, portal.Absent
	change := powers.Change{Kind: "added", Effective: s.Today()}
	if id := c.QueryParam("id"); id != "" {
		var err error
		if i, err = s.Powers.Open(c.Request().Context(), page.ActorOf(c), powers.PowerID(id)); err != nil {
			return err
		}
		change, seen = s.proposed(i), portal.RevisionOf(i)
	}
	return s.Render(c, http.StatusOK, "form", s.editPage(c, i, change, seen))
}

// proposed is what a form begins with: what is proposed, or what the list says.
func (s powering) proposed(i *powers.PowerItem) powers.Change {
	at := i.Shown()
	change := powers.Change{Effective: s.Today(), Values: at.Values, Forms: at.Forms}
	if i.Proposal != nil {
		if change = i.Proposal.Change; change.Values == nil {
			change.Values, change.Forms = at.Values, at.Forms
		}
	}
	return change
}

// save answers POST /desk/powers/edit: it proposes a change. Forms that are sent along
// take the place of those with the same names.
func (s powering) save(c echo.Context) error {
	var ps []portal.Problem
	ctx, id := c.Request().Context(), powers.PowerID(c.QueryParam("id"))
	change := powers.Change{Kind: page.Typed(c, "kind"), Reason: page.Typed(c, "reason"), Document: page.Typed(c, "document"), To: page.Typed(c, "to"), Effective: page.DayOf(c, "effective", &ps), Values: make(powers.Values)}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	for _, f := range powers.Rules.Fields {
		if f.Kind == powers.Choices {
			change.Values[f.Code] = strings.Join(form[f.Code], "\n")
		} else if v := page.Typed(c, f.Code); v != "" {
			change.Values[f.Code] = v
		}
	}
	i := &powers.PowerItem{Organ: portal.OrganCode(page.Typed(c, "organ")), Code: page.Typed(c, "code")}
	if id != "" {
		if i, err = s.Powers.Open(ctx, page.ActorOf(c), id); err != nil {
			return err
		}
		change.Forms = s.proposed(i).Forms
	}
	files, _, err := s.FormFiles(c, "forms", maxForms)
	for _, f := range files {
		change.Forms = portal.WithFile(change.Forms, f)
	}
	var saved *powers.PowerItem
	if err = page.Joined(ps, err); err == nil {
		saved, err = s.Powers.Propose(ctx, page.ActorOf(c), id, page.SeenOf(c), i.Organ, i.Code, change)
	} else if _, more := change.Values.Clean(); len(more) > 0 {
		err = page.Joined(more, err)
	}
	back := "/desk/powers"
	if saved != nil {
		back += "/" + string(saved.ID())
	}
	seen := page.SeenOf(c)
	if id == "" {
		seen = portal.Absent
	}
	return s.AfterEdit(c, s.editPage(c, i, change, seen), err, back, "power/"+string(id), func() (page.FormPage, error) {
		i, err := s.Powers.Open(ctx, page.ActorOf(c), id)
		if err != nil {
			return page.FormPage{}, err
		}
		return s.editPage(c, i, s.proposed(i), portal.RevisionOf(i)), nil
	})
}
