package desk

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/plans"
	"gongkai/portal/web/page"
)

// planPage is what desk_plan.html shows.
type planPage struct {
	page.Base
	Year   int
	Years  []int
	Ranked []rankedOrgan
	Months []monthCount
	Sum    documents.Count
	Items  []plannedItem
	MayAdd bool
	CSV    string
}

// rankedOrgan is an organ with its figures and its place by what it published.
type rankedOrgan struct {
	Rank int
	portal.Organ
	documents.Count
}

// monthCount is the figures of all organs in a month.
type monthCount struct {
	Month int
	documents.Count
}

// plannedItem is an item of a plan and where it stands today.
type plannedItem struct {
	*plans.Item
	State   plans.State
	MayEdit bool
}

func (s planning) plan(c echo.Context) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	p := planPage{Base: s.DeskBase(c, t.T("plan.title")), Year: page.NumberOf(c, "year"), MayAdd: by.CanSome(portal.WriteDocuments), CSV: page.With(c, "format", "csv")}
	this := s.Today().Year()
	if p.Year < this-9 || p.Year > this {
		p.Year = this
	}
	for y := this; y > this-10; y-- {
		p.Years = append(p.Years, y)
	}
	counts, err := s.Documents.Count(ctx, by, p.Year)
	if err != nil {
		return err
	}
	p.Months = make([]monthCount, 12)
	for i := range p.Months {
		p.Months[i].Month = i + 1
	}
	for _, o := range s.Site.Store.Organs() {
		x := counts[o.Code]
		if x == nil {
			x = &documents.Counts{}
		}
		for i, m := range x.Months {
			p.Months[i].Add(m)
		}
		p.Sum.Add(x.Sum)
		p.Ranked = append(p.Ranked, rankedOrgan{0, o, x.Sum})
	}
	slices.SortStableFunc(p.Ranked, func(a, b rankedOrgan) int {
		return cmp.Or(b.Published-a.Published, a.Waiting-b.Waiting, cmp.Compare(a.Code, b.Code))
	})
	for i := range p.Ranked {
		if p.Ranked[i].Rank = i + 1; i > 0 && p.Ranked[i].Published == p.Ranked[i-1].Published {
			p.Ranked[i].Rank = p.Ranked[i-1].Rank
		}
	}
	if c.QueryParam("format") == "csv" {
		rows := [][]string{{t.T("plan.rank"), t.T("column.organ"), t.T("plan.entered"), t.T("plan.published"), t.T("plan.returned"), t.T("plan.waiting"), t.T("plan.sent_back")}}
		for _, r := range p.Ranked {
			rows = append(rows, []string{strconv.Itoa(r.Rank), r.Name.In(t.Lang), strconv.Itoa(r.Entered), strconv.Itoa(r.Published), strconv.Itoa(r.Returned), strconv.Itoa(r.Waiting), strconv.Itoa(r.SentBack)})
		}
		return page.SendCSV(c, "plan-"+strconv.Itoa(p.Year)+".csv", rows)
	}
	list, err := s.Plans.List(ctx, by, "")
	if err != nil {
		return err
	}
	for _, i := range list {
		if i.Due.Year() == p.Year {
			p.Items = append(p.Items, plannedItem{i, i.StateOn(s.Today()), by.Can(portal.WriteDocuments, i.Organ)})
		}
	}
	return s.Render(c, http.StatusOK, "desk_plan", p)
}

func (s planning) planEditPage(c echo.Context, i *plans.Item, seen portal.Revision) page.FormPage {
	t := page.TextsOf(c)
	dropped := page.Field{Name: "dropped", Kind: "checkboxes", Label: t.T("plan.state"), Optional: true, Options: []page.Option{{Value: "yes", Label: t.T("plan.dropped"), Chosen: i.Dropped}}}
	return s.EditPage(c, t.T("plan.edit"), "/desk/plan", seen, []page.Field{
		{Name: "organ", Kind: "select", Label: t.T("column.organ"), Options: s.OrgansOf(c, portal.WriteDocuments, i.Organ), Value: string(i.Organ)},
		{Name: "title", Kind: "text", Label: t.T("column.title"), Value: i.Title, Max: portal.MaxLine, Lang: "zh"},
		{Name: "column", Kind: "select", Label: t.T("plan.column"), Options: toChoose(t.T("form.choose"), page.Choices(portal.Items, t.Lang, i.Column)), Value: i.Column, Optional: true},
		{Name: "due", Kind: "date", Label: t.T("plan.due"), Value: i.Due.String()},
		{Name: "who", Kind: "text", Label: t.T("plan.who"), Value: i.Who, Max: portal.MaxName},
		{Name: "document", Kind: "text", Label: t.T("plan.document"), Hint: t.T("plan.document_hint"), Value: i.Document, Max: 60, Optional: true},
		dropped,
	})
}

func (s planning) planForm(c echo.Context) error {
	i, seen := &plans.Item{}, portal.Absent
	if id := c.QueryParam("id"); id != "" {
		var err error
		if i, err = s.Plans.Open(c.Request().Context(), page.ActorOf(c), id); err != nil {
			return err
		}
		seen = portal.RevisionOf(i)
	}
	return s.Render(c, http.StatusOK, "form", s.planEditPage(c, i, seen))
}

func (s planning) planSave(c echo.Context) error {
	var ps []portal.Problem
	due := page.DayOf(c, "due", &ps)
	document := page.Typed(c, "document")
	if id, ok := documents.ParseDocumentID(document); ok {
		document = string(id)
	}
	edit := func(i *plans.Item) {
		i.Organ, i.Title, i.Column, i.Due, i.Who = portal.OrganCode(page.Typed(c, "organ")), page.Typed(c, "title"), page.Typed(c, "column"), due, page.Typed(c, "who")
		i.Document, i.Dropped = document, page.Typed(c, "dropped") != ""
	}
	id, ctx := c.QueryParam("id"), c.Request().Context()
	typed := &plans.Item{}
	edit(typed)
	err := page.Joined(ps, nil)
	if err == nil {
		_, err = s.Plans.Change(ctx, page.ActorOf(c), id, page.SeenOf(c), edit)
	}
	return s.AfterEdit(c, s.planEditPage(c, typed, page.SeenOf(c)), err, "/desk/plan", "plan/"+id, func() (page.FormPage, error) {
		i, err := s.Plans.Open(ctx, page.ActorOf(c), id)
		if err != nil {
			return page.FormPage{}, err
		}
		return s.planEditPage(c, i, portal.RevisionOf(i)), nil
	})
}
