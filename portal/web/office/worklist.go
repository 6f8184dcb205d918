package office

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/web/page"
)

// workListPage is what desk_applications.html shows.
type workListPage struct {
	page.Base
	Items  []cases.WorkItem
	Moved  []*cases.CaseBrief // whose deadline a holiday notice has changed lately
	Total  int
	Filter cases.WorkFilter
	Mine   bool
	Views  []page.FacetRow
	Organs []page.Option
	Pager  page.Pager
	Due    string // address of the calendar
	Year   int
	Asked  int           // questions from inside that wait for whoever looks
	People []page.Option // to whom cases can be given
}

// movedDays is for how long handlers are told that a deadline has moved.
const movedDays = 14

// workFilter reads which cases are asked for.
func workFilter(c echo.Context) cases.WorkFilter {
	f := cases.WorkFilter{Organ: portal.OrganCode(c.QueryParam("organ")), Closed: c.QueryParam("closed") != "", Text: strings.TrimSpace(c.QueryParam("text"))}
	if v := c.QueryParam("show"); slices.Contains(cases.WorkViews, v) {
		f.Show = v
	}
	if rs := []rune(f.Text); len(rs) > 100 {
		f.Text = string(rs[:100])
	}
	if c.QueryParam("mine") != "" {
		f.Handler = page.ActorOf(c).Login
	}
	return f
}

// workList answers GET /desk/applications: the work list by days left.
func (s lists) workList(c echo.Context) error {
	by, t := page.ActorOf(c), page.TextsOf(c)
	p := workListPage{Base: s.DeskBase(c, t.T("desk.applications")), Filter: workFilter(c), Mine: c.QueryParam("mine") != ""}
	shown := max(1, page.NumberOf(c, "page"))
	p.Filter.From, p.Filter.Size = (shown-1)*page.WorkRows, page.WorkRows
	work, err := s.Cases.Lists().WorkList(by, p.Filter)
	if err != nil {
		return err
	}
	p.Moved = s.Cases.Lists().Moved(by, p.Filter.Organ, movedDays, page.WorkRows)
	for _, v := range append([]string{""}, cases.WorkViews...) {
		if n := work.Counts[v]; n > 0 || v == p.Filter.Show || v == "" {
			label := t.T("work.all")
			if v != "" {
				label = t.T("work." + v)
			}
			p.Views = append(p.Views, page.FacetRow{Label: label, N: n, URL: page.With(c, "show", v), Chosen: v == p.Filter.Show})
		}
	}
	p.Items, p.Total, p.Pager = work.Items, work.Total, page.PagerOf(c, shown, page.WorkRows, work.Total)
	p.Organs = s.OrgansOf(c, portal.HandleApplications, p.Filter.Organ)
	p.Year = s.Today().Year()
	asked, err := s.Cases.Handling().AskedOf(c.Request().Context(), by)
	if err != nil {
		return err
	}
	p.Asked = len(asked)
	people, err := s.Cases.Handling().Staff(c.Request().Context())
	if err != nil {
		return err
	}
	p.People = page.PersonChoices(t, people, "")
	if p.Due, err = s.dueLink(c); err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "desk_applications", p)
}

// assignMany answers POST /desk/applications/assign: takes the cases that are chosen, or gives
// them to somebody. Each is checked by itself; the first that may not be given stops the rest.
func (s lists) assignMany(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	by := page.ActorOf(c)
	to := by.Login
	if page.Typed(c, "to") == "whom" {
		to = portal.Login(page.Typed(c, "whom"))
	}
	n := 0
	for _, number := range values["case"][:min(page.WorkRows, len(values["case"]))] {
		if err := s.Cases.Handling().Assign(c.Request().Context(), by, cases.ApplicationNumber(number), to); err != nil {
			return err
		}
		n++
	}
	s.Flash(c, "work.assigned", "N", n)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/applications")
}

// handOverPage makes the form that gives one handler's cases to another.
func (s lists) handOverPage(c echo.Context) (page.FormPage, error) {
	t := page.TextsOf(c)
	people, err := s.Cases.Handling().Colleagues(c.Request().Context(), "")
	if err != nil {
		return page.FormPage{}, err
	}
	list := page.PersonChoices(t, people, "")
	p := page.FormPage{Base: s.DeskBase(c, t.T("handover.title")), Intro: t.T("handover.about"), Back: s.BasePath + "/desk/applications"}
	p.Form = page.Form{Action: s.BasePath + "/desk/hand-over", Submit: t.T("handover.do"), Fields: []page.Field{
		{Name: "from", Kind: "select", Label: t.T("handover.from"), Options: list},
		{Name: "to", Kind: "select", Label: t.T("handover.to"), Options: list}}}
	return p, nil
}

func (s lists) handOverForm(c echo.Context) error {
	p, err := s.handOverPage(c)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "form", p)
}

// handOver answers POST /desk/hand-over.
func (s lists) handOver(c echo.Context) error {
	n, err := s.Cases.Handling().HandOver(c.Request().Context(), page.ActorOf(c), portal.Login(page.Typed(c, "from")), portal.Login(page.Typed(c, "to")))
	if err == nil {
		s.Flash(c, "handover.done", "N", n)
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/applications")
	}
	p, perr := s.handOverPage(c)
	if perr != nil {
		return perr
	}
	return s.AfterEdit(c, p, err, "/desk/applications", "", nil)
}

// askedPage is what desk_asked.html shows.
type askedPage struct {
	page.Base
	Rows []askedRow
}

type askedRow struct {
	cases.Asked
	Form page.Form
}

func (s lists) asked(c echo.Context) error { return s.showAsked(c, http.StatusOK, "", nil) }

func (s lists) showAsked(c echo.Context, status int, at string, wrong error) error {
	t := page.TextsOf(c)
	list, err := s.Cases.Handling().AskedOf(c.Request().Context(), page.ActorOf(c))
	if err != nil {
		return err
	}
	p := askedPage{Base: s.DeskBase(c, t.T("asked.title"))}
	for _, q := range list {
		action := "/desk/asked/" + string(q.Number) + "/" + page.Itoa(q.ID)
		f := page.Form{Action: s.BasePath + action, Submit: t.T("asked.reply"), Fields: []page.Field{{Name: "reply", Kind: "textarea", Label: t.T("asked.reply_text"), Rows: 4, Max: portal.MaxNote}}}
		if wrong != nil && action == at {
			if err := f.Again(c, wrong); err != nil {
				return err
			}
		}
		p.Rows = append(p.Rows, askedRow{q, f})
	}
	return s.Render(c, status, "desk_asked", p)
}

// askedReply answers POST /desk/asked/{number}/{id}.
func (s lists) askedReply(c echo.Context) error {
	n := cases.ApplicationNumber(c.Param("number"))
	id := page.Atoi(c.Param("id"))
	if err := s.Cases.Handling().Reply(c.Request().Context(), page.ActorOf(c), n, id, page.Typed(c, "reply")); err != nil {
		if portal.KindOf(err) == portal.Invalid {
			return s.showAsked(c, http.StatusUnprocessableEntity, "/desk/asked/"+string(n)+"/"+page.Itoa(id), err)
		}
		return err
	}
	s.Flash(c, "asked.done")
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/asked")
}
