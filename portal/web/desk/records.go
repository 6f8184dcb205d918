package desk

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/powers"
	"gongkai/portal/web/page"
)

// deskListPage is what desk_list.html shows: a plain table with a button to
// add a row, for powers, organs and people.
type deskListPage struct {
	page.Base
	Add   string // address of the form for a new one
	Heads []string
	Rows  []deskRow
	Pager page.Pager
}

type deskRow struct {
	URL   string
	Cells []string
}

func (s records) deskListings(c echo.Context, kind string, act portal.Act, title, edit string) error {
	by, t := page.ActorOf(c), page.TextsOf(c)
	p := deskListPage{Base: s.DeskBase(c, title), Add: s.BasePath + edit, Heads: []string{t.T("column.title"), t.T("column.organ"), t.T("column.number"), t.T("column.published")}}
	b, err := page.BrowseOf(c)
	if err != nil {
		return err
	}
	list := s.Store.Browse(portal.Browse{Kind: kind, Sort: portal.SortNumber, Page: 1, Size: page.MaxDownload})
	rows := slices.DeleteFunc(list.Rows, func(l *portal.Listing) bool { return !by.Can(act, l.Organs[0]) })
	p.Pager = page.PagerOf(c, b.Page, page.WorkRows, len(rows))
	from := min((b.Page-1)*page.WorkRows, len(rows))
	for _, l := range rows[from:min(from+page.WorkRows, len(rows))] {
		p.Rows = append(p.Rows, deskRow{s.BasePath + edit + "?id=" + l.ID, []string{portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, t.Lang), s.OrganName(l.Organs[0], t.Lang), l.Number, l.Published.String()}})
	}
	return s.Render(c, http.StatusOK, "desk_list", p)
}

func (s records) deskPowers(c echo.Context) error {
	return s.deskListings(c, "power", portal.EditPowers, page.TextsOf(c).T("desk.powers"), "/desk/powers/edit")
}

func (s records) powerEditPage(c echo.Context, i *powers.PowerItem, seen portal.Revision) page.FormPage {
	t := page.TextsOf(c)
	long := func(name, label, value string) page.Field {
		return page.Field{Name: name, Kind: "textarea", Label: t.T("power." + label), Value: value, Rows: 4, Max: portal.MaxProse, Optional: name != "basis"}
	}
	line := func(name, value string, optional bool) page.Field {
		return page.Field{Name: name, Kind: "text", Label: t.T("power." + name), Value: value, Max: portal.MaxLine, Optional: optional}
	}
	code := line("code", i.Code, false)
	code.Hint = t.T("power.code_hint")
	return s.EditPage(c, t.T("power.edit"), "/desk/powers", seen, []page.Field{
		{Name: "organ", Kind: "select", Label: t.T("column.organ"), Options: s.OrgansOf(c, portal.EditPowers, i.Organ), Value: string(i.Organ)},
		code, {Name: "type", Kind: "select", Label: t.T("facet.type"), Options: page.Choices(portal.PowerTypes, t.Lang, i.Type), Value: i.Type},
		line("name_zh", i.Name.ZH, false), line("name_en", i.Name.EN, true), long("basis", "basis", i.Basis),
		line("body_zh", i.Body.ZH, true), line("office", i.Office, true), long("duties", "duties", i.Duties), long("account", "account", i.Account), long("flow", "flow", i.Flow),
		line("limit", i.Limit, true), line("supervise", i.Supervise, true),
		{Name: "effective", Kind: "date", Label: t.T("doc.effective"), Value: i.Effective.String()},
		{Name: "cancelled", Kind: "date", Label: t.T("power.cancelled"), Value: i.Cancelled.String(), Optional: true},
		s.standsField(c),
	})
}

// standsField asks why what the scan before release finds may be public all the same.
func (s records) standsField(c echo.Context) page.Field {
	t := page.TextsOf(c)
	return page.Field{Name: "stands", Kind: "text", Label: t.T("gate.stands"), Hint: t.T("gate.stands_hint"), Value: page.Typed(c, "stands"), Max: portal.MaxNote, Optional: true}
}

func (s records) powerForm(c echo.Context) error {
	i, seen := &powers.PowerItem{Effective: s.Today()}, portal.Absent
	if id := c.QueryParam("id"); id != "" {
		var err error
		if i, err = s.Powers.Open(c.Request().Context(), page.ActorOf(c), powers.PowerID(id)); err != nil {
			return err
		}
		seen = portal.RevisionOf(i)
	}
	return s.Render(c, http.StatusOK, "form", s.powerEditPage(c, i, seen))
}

// powerSave answers POST /desk/powers/edit. What the form does not show of an item
// stays as it is.
func (s records) powerSave(c echo.Context) error {
	var ps []portal.Problem
	effective, cancelled := page.DayOf(c, "effective", &ps), page.DayOf(c, "cancelled", &ps)
	edit := func(i *powers.PowerItem) {
		i.Organ, i.Code, i.Type, i.Name = portal.OrganCode(page.Typed(c, "organ")), page.Typed(c, "code"), page.Typed(c, "type"), portal.Text{ZH: page.Typed(c, "name_zh"), EN: page.Typed(c, "name_en")}
		i.Basis, i.Body.ZH, i.Office, i.Duties, i.Account = page.Typed(c, "basis"), page.Typed(c, "body_zh"), page.Typed(c, "office"), page.Typed(c, "duties"), page.Typed(c, "account")
		i.Flow, i.Limit, i.Supervise, i.Effective, i.Cancelled = page.Typed(c, "flow"), page.Typed(c, "limit"), page.Typed(c, "supervise"), effective, cancelled
	}
	id, ctx := powers.PowerID(c.QueryParam("id")), c.Request().Context()
	typed := &powers.PowerItem{}
	edit(typed)
	err := page.Joined(ps, nil)
	if err == nil {
		_, err = s.Powers.Change(ctx, page.ActorOf(c), id, page.SeenOf(c), page.Typed(c, "stands"), edit)
	} else if more := typed.Validate(); more != nil {
		err = page.Joined(ps, more)
	}
	return s.AfterEdit(c, s.powerEditPage(c, typed, page.SeenOf(c)), err, "/desk/powers", "power/"+string(id), func() (page.FormPage, error) {
		i, err := s.Powers.Open(ctx, page.ActorOf(c), id)
		if err != nil {
			return page.FormPage{}, err
		}
		return s.powerEditPage(c, i, portal.RevisionOf(i)), nil
	})
}
