package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
)

// workListPage is what desk_applications.html shows.
type workListPage struct {
	base
	Items  []cases.WorkItem
	Moved  []*cases.CaseBrief // whose deadline a holiday notice has changed lately
	Total  int
	Filter cases.WorkFilter
	Mine   bool
	Views  []facetRow
	Organs []option
	Pager  pager
	Due    string // address of the calendar
	Year   int
	Asked  int // questions from inside that wait for whoever looks
}

// movedDays is for how long handlers are told that a deadline has moved.
const movedDays = 14

// workRows is the number of cases on a page of the work list.
const workRows = 50

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
		f.Handler = actorOf(c).Login
	}
	return f
}

// workList answers GET /desk/applications: the work list by days left.
func (s *Server) workList(c echo.Context) error {
	by, t := actorOf(c), textsOf(c)
	p := workListPage{base: s.deskBase(c, t.T("desk.applications")), Filter: workFilter(c), Mine: c.QueryParam("mine") != ""}
	page := max(1, number(c, "page"))
	p.Filter.From, p.Filter.Size = (page-1)*workRows, workRows
	work, err := s.Cases.WorkList(by, p.Filter)
	if err != nil {
		return err
	}
	p.Moved = s.Cases.Moved(by, p.Filter.Organ, movedDays, workRows)
	for _, v := range append([]string{""}, cases.WorkViews...) {
		if n := work.Counts[v]; n > 0 || v == p.Filter.Show || v == "" {
			label := t.T("work.all")
			if v != "" {
				label = t.T("work." + v)
			}
			p.Views = append(p.Views, facetRow{Label: label, N: n, URL: with(c, "show", v), Chosen: v == p.Filter.Show})
		}
	}
	p.Items, p.Total, p.Pager = work.Items, work.Total, pagerOf(c, page, workRows, work.Total)
	p.Organs = s.organsOf(c, portal.HandleApplications, p.Filter.Organ)
	p.Year = s.Today().Year()
	asked, err := s.Cases.AskedOf(by)
	if err != nil {
		return err
	}
	p.Asked = len(asked)
	if p.Due, err = s.dueLink(c); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "desk_applications", p)
}

// handOverPage makes the form that gives one handler's cases to another.
func (s *Server) handOverPage(c echo.Context) (formPage, error) {
	t := textsOf(c)
	people, err := s.Cases.Colleagues("")
	if err != nil {
		return formPage{}, err
	}
	list := personChoices(t, people, "")
	p := formPage{base: s.deskBase(c, t.T("handover.title")), Intro: t.T("handover.about"), Back: s.BasePath + "/desk/applications"}
	p.Form = form{Action: s.BasePath + "/desk/hand-over", Submit: t.T("handover.do"), Fields: []field{
		{Name: "from", Kind: "select", Label: t.T("handover.from"), Options: list},
		{Name: "to", Kind: "select", Label: t.T("handover.to"), Options: list}}}
	return p, nil
}

func (s *Server) handOverForm(c echo.Context) error {
	p, err := s.handOverPage(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "form", p)
}

// handOver answers POST /desk/hand-over.
func (s *Server) handOver(c echo.Context) error {
	n, err := s.Cases.HandOver(actorOf(c), portal.Login(typed(c, "from")), portal.Login(typed(c, "to")))
	if err == nil {
		s.flash(c, "handover.done", "N", n)
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/applications")
	}
	p, perr := s.handOverPage(c)
	if perr != nil {
		return perr
	}
	return s.afterEdit(c, p, err, "/desk/applications")
}

// askedPage is what desk_asked.html shows.
type askedPage struct {
	base
	Rows []askedRow
}

type askedRow struct {
	cases.Asked
	Form form
}

func (s *Server) asked(c echo.Context) error { return s.showAsked(c, http.StatusOK, "", nil) }

func (s *Server) showAsked(c echo.Context, status int, at string, wrong error) error {
	t := textsOf(c)
	list, err := s.Cases.AskedOf(actorOf(c))
	if err != nil {
		return err
	}
	p := askedPage{base: s.deskBase(c, t.T("asked.title"))}
	for _, q := range list {
		action := "/desk/asked/" + string(q.Number) + "/" + itoa(q.ID)
		f := form{Action: s.BasePath + action, Submit: t.T("asked.reply"), Fields: []field{{Name: "reply", Kind: "textarea", Label: t.T("asked.reply_text"), Rows: 4, Max: portal.MaxNote}}}
		if wrong != nil && action == at {
			if err := f.again(c, wrong); err != nil {
				return err
			}
		}
		p.Rows = append(p.Rows, askedRow{q, f})
	}
	return s.render(c, status, "desk_asked", p)
}

// askedReply answers POST /desk/asked/{number}/{id}.
func (s *Server) askedReply(c echo.Context) error {
	n := cases.ApplicationNumber(c.Param("number"))
	id := atoi(c.Param("id"))
	if err := s.Cases.Reply(actorOf(c), n, id, typed(c, "reply")); err != nil {
		if portal.KindOf(err) == portal.Invalid {
			return s.showAsked(c, http.StatusUnprocessableEntity, "/desk/asked/"+string(n)+"/"+itoa(id), err)
		}
		return err
	}
	s.flash(c, "asked.done")
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/asked")
}
