package mailbox

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/grid"
	"gongkai/portal/letters"
	"gongkai/portal/print"
	"gongkai/portal/web/page"
)

// returnPage is what desk_return.html shows: the return of a week, a month, or any days.
type returnPage struct {
	page.Base
	Organs   []page.Option
	From, To string
	Periods  []page.FacetRow
	Bad      string
	Tables   []grid.Table
	Balances bool
	Files    []page.Option
}

// statement answers GET /desk/mailbox/return.
func (s handling) statement(c echo.Context) error {
	by, t := page.ActorOf(c), page.TextsOf(c)
	today := s.Today()
	monday := today - portal.Date((int(today.Weekday())+6)%7)
	first := func(d portal.Date) portal.Date { return d - portal.Date(d.Time().Day()-1) }
	month := first(today)
	p := returnPage{Base: s.DeskBase(c, t.T("return.title"))}
	for _, x := range []struct {
		key      string
		from, to portal.Date
	}{{"return.this_week", monday, today}, {"return.last_week", monday - 7, monday - 1}, {"return.this_month", month, today}, {"return.last_month", first(month - 1), month - 1}, {"return.this_year", portal.DateOf(time.Date(today.Year(), 1, 1, 0, 0, 0, 0, time.UTC)), today}} {
		p.Periods = append(p.Periods, page.FacetRow{Label: t.T(x.key), URL: s.BasePath + "/desk/mailbox/return?from=" + x.from.String() + "&to=" + x.to.String() + "&organ=" + c.QueryParam("organ"), Chosen: c.QueryParam("from") == x.from.String() && c.QueryParam("to") == x.to.String()})
	}
	var ps []portal.Problem
	from, to := page.DayIn(c.QueryParam("from"), "from", &ps), page.DayIn(c.QueryParam("to"), "to", &ps)
	if from == 0 {
		from = monday - 7
	}
	if to == 0 {
		to = max(from, monday-1)
	}
	organ := portal.OrganCode(c.QueryParam("organ"))
	p.Organs, p.From, p.To = s.OrgansOf(c, portal.SeeLetters, organ), from.String(), to.String()
	if len(ps) > 0 || to < from {
		p.Bad = t.T("error.period")
		return s.Render(c, http.StatusUnprocessableEntity, "desk_return", p)
	}
	r, err := s.Letters.Return(by, organ, from, to)
	if err != nil {
		return err
	}
	p.Tables, p.Balances = print.ReturnTables(r, t, s.OrganIn(t.Lang)), balances(r)
	title := t.T("return.paper", "From", t.Date(from), "To", t.Date(to))
	var file []byte
	switch format := c.QueryParam("format"); format {
	case "":
		for _, f := range []string{"xlsx", "pdf"} {
			p.Files = append(p.Files, page.Option{Value: page.With(c, "format", f), Label: f})
		}
		return s.Render(c, http.StatusOK, "desk_return", p)
	case "xlsx":
		file, err = print.ReturnXLSX(title, p.Tables)
	case "pdf":
		file, err = print.ReturnPDF(title, t.T("return.counted"), p.Tables, today.Time())
	default:
		return portal.Missing()
	}
	if err != nil {
		return err
	}
	return page.SendMade(c, "return-"+from.String()+"-"+to.String()+"."+c.QueryParam("format"), file)
}

// balances reports whether every line of a return does.
func balances(r *letters.Return) bool {
	for _, list := range [][]letters.Line{r.Channels, r.Organs, {r.Total}} {
		for _, l := range list {
			if !l.Balances() {
				return false
			}
		}
	}
	return true
}
