package desk

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/reminders"
	"gongkai/portal/web/page"
)

// workPage is what desk_work.html shows: what is to be done, of every kind.
type workPage struct {
	page.Base
	reminders.Work
	Organs []page.Option
	Views  []page.FacetRow
	Kinds  []page.FacetRow
	Filter reminders.Filter
	Pager  page.Pager
}

// work answers GET /desk/work.
func (s *Face) work(c echo.Context) error {
	t := page.TextsOf(c)
	p := workPage{Base: s.DeskBase(c, t.T("todo.title"))}
	shown := min(max(1, page.NumberOf(c, "page")), portal.MaxPage)
	p.Filter = reminders.Filter{Organ: portal.OrganCode(c.QueryParam("organ")), Kind: c.QueryParam("kind"), From: (shown - 1) * page.WorkRows, Size: page.WorkRows}
	if v := c.QueryParam("show"); slices.Contains([]string{"late", "soon"}, v) {
		p.Filter.Show = v
	}
	var err error
	if p.Work, err = s.Reminders.Work(c.Request().Context(), page.ActorOf(c), p.Filter); err != nil {
		return err
	}
	for _, v := range []string{"", "late", "soon"} {
		label := t.T("work.all")
		if v != "" {
			label = t.T("mailbox.view_" + v)
		}
		p.Views = append(p.Views, page.FacetRow{Label: label, N: p.Counts[v], URL: page.With(c, "show", v), Chosen: v == p.Filter.Show})
	}
	for _, k := range p.Work.Kinds {
		x := page.FacetRow{Label: k.Name.In(t.Lang), N: k.N, URL: page.With(c, "kind", k.Kind), Chosen: k.Kind == p.Filter.Kind}
		if x.Chosen {
			x.URL = page.With(c, "kind", "")
		}
		p.Kinds = append(p.Kinds, x)
	}
	p.Organs = s.OrganChoices(t.Lang, func(o portal.Organ) bool { return page.ActorOf(c).Can(portal.SeeDesk, o.Code) })
	for i := range p.Organs {
		p.Organs[i].Chosen = p.Organs[i].Value == string(p.Filter.Organ)
	}
	p.Pager = page.PagerOf(c, shown, page.WorkRows, p.Total)
	return s.Render(c, http.StatusOK, "desk_work", p)
}
