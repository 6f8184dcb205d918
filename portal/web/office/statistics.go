package office

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/web/page"
)

// statisticsPage is what desk_statistics.html shows.
type statisticsPage struct {
	page.Base
	Organs   []page.Option
	Year     int
	Years    []page.Option
	Stats    cases.Statistics
	InTime   string // share of the answers, in per cent
	Average  string
	Stars    string
	Outcomes []outcomeRow
	Months   []monthBar
	Widest   int
	Reviews  []reviewRow
}

type outcomeRow struct {
	Name  string
	N     int
	Width int // of its bar, of 100
}

// monthBar is a month of the chart: two bars, for received and closed.
type monthBar struct {
	cases.MonthFigures
	X, NewY, NewH, ClosedY, ClosedH int
}

type reviewRow struct {
	Name   string
	Counts []int
}

// chartHeight is the height of the months' chart in its own units.
const chartHeight = 160

// statistics answers GET /desk/statistics: figures of a year, with charts and
// tables.
func (s lists) statistics(c echo.Context) error {
	t := page.TextsOf(c)
	organ := portal.OrganCode(c.QueryParam("organ"))
	year := page.NumberOf(c, "year")
	if now := s.Today().Year(); year < 2008 || year > now {
		year = now
	}
	from, to := clock.NewDate(year, 1, 1), min(clock.NewDate(year, 12, 31), s.Today())
	p := statisticsPage{Base: s.DeskBase(c, t.T("stats.title", "Year", year)), Organs: s.OrgansOf(c, portal.HandleApplications, organ), Year: year}
	for y := s.Today().Year(); y > s.Today().Year()-5; y-- {
		p.Years = append(p.Years, page.Option{Value: page.Itoa(y), Label: page.Itoa(y), Chosen: y == year})
	}
	var err error
	if p.Stats, err = s.Cases.Lists().Statistics(page.ActorOf(c), organ, from, to); err != nil {
		return err
	}
	f := p.Stats.Figures
	p.InTime, p.Average = "—", "—"
	if f.Answered > 0 {
		p.InTime, p.Average = fmt.Sprintf("%.1f%%", 100*float64(f.InTime)/float64(f.Answered)), fmt.Sprintf("%.1f", f.Average())
	}
	if n := f.Stars100(); n > 0 {
		p.Stars = fmt.Sprintf("%d.%02d (%d)", n/100, n%100, len(f.Stars))
	}
	most := 1
	for _, n := range f.Outcomes {
		most = max(most, n)
	}
	for _, o := range portal.Outcomes.Terms {
		if n := f.Outcomes[o.Code]; n > 0 {
			p.Outcomes = append(p.Outcomes, outcomeRow{portal.Named(o.Name, t.Lang), n, n * 100 / most})
		}
	}
	top := 1
	for _, m := range p.Stats.Months {
		top = max(top, m.New, m.Closed)
	}
	for i, m := range p.Stats.Months {
		b := monthBar{MonthFigures: m, X: 30 + i*54}
		b.NewH, b.ClosedH = m.New*chartHeight/top, m.Closed*chartHeight/top
		b.NewY, b.ClosedY = 10+chartHeight-b.NewH, 10+chartHeight-b.ClosedH
		p.Months = append(p.Months, b)
	}
	for _, k := range portal.ProceedingKinds.Terms {
		row := reviewRow{Name: portal.Named(k.Name, t.Lang)}
		total := 0
		for _, r := range portal.ProceedingResults.Terms {
			n := f.Proceedings[k.Code][r.Code]
			row.Counts = append(row.Counts, n)
			total += n
		}
		row.Counts = append(row.Counts, total)
		p.Reviews = append(p.Reviews, row)
	}
	return s.Render(c, http.StatusOK, "desk_statistics", p)
}
