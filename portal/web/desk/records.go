package desk

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
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
