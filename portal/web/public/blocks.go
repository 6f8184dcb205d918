package public

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	"gongkai/portal/locale"
	"gongkai/portal/rules"
	"gongkai/portal/web/page"
)

// The four blocks that a disclosure portal must have under these very names
// (国办公开办函〔2019〕61号): 指南, 制度, 法定主动公开内容, 年报. The last is reports.go.

// guidePage is what guide.html shows: the guides of all organs, or one.
type guidePage struct {
	page.Base
	Organs []portal.Organ
	Organ  *portal.Organ
	Parent string // the authority for reconsideration
	Points int
}

// guides answers GET /guide.
func (s *Face) guides(c echo.Context) error {
	p := guidePage{Base: s.Base(c, page.TextsOf(c).T("guide.title")), Organs: s.Store.Organs()}
	p.Section = "help"
	return s.Render(c, http.StatusOK, "guide", p)
}

// guide answers GET /guide/{organ}: the disclosure guide of an organ (第十二条), made from
// its record, so that it says what is true today, and from its own text.
func (s *Face) guide(c echo.Context) error {
	o, err := s.Store.Organ(portal.OrganCode(c.Param("code")))
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	p := guidePage{Base: s.Base(c, t.T("guide.of", "Organ", portal.Named(o.Name, t.Lang))), Organ: &o, Parent: cases.Authority(s.Store.Organ, o.Code, t.Lang)}
	p.Section = "help"
	p.Points = s.Store.Browse(portal.Browse{Kind: "entry", Organ: o.Code, Page: 1, Size: 1}).Total
	return s.Render(c, http.StatusOK, "guide", p)
}

// law is a rule above the portal's own, with what is known of it.
type law struct {
	Name   portal.Text `json:"name"`
	Number string      `json:"number"`
	From   clock.Date  `json:"from"`
}

// national are the rules on disclosure that hold everywhere.
var national = rules.Read[struct {
	Laws []law `json:"laws"`
}]("national.json").Laws

// rulesPage is what rules.html shows.
type rulesPage struct {
	page.Base
	National []law
	Rows     []*portal.Listing
}

// rules answers GET /rules: what rules disclosure, the nation's and what organs here have
// published about it.
func (s *Face) rules(c echo.Context) error {
	p := rulesPage{Base: s.Base(c, page.TextsOf(c).T("rules.title")), National: national}
	p.Section = "help"
	for _, l := range s.Store.Browse(portal.Browse{Kind: documents.Kind.Code, Page: 1, Size: portal.Everything}).Rows {
		if strings.Contains(l.Title, "信息公开") || strings.Contains(l.Title, "政务公开") {
			p.Rows = append(p.Rows, l)
		}
	}
	return s.Render(c, http.StatusOK, "rules", p)
}

// statutoryPage is what statutory.html shows.
type statutoryPage struct {
	page.Base
	Items []page.FacetRow
	Last  map[string]*portal.Listing // by item: what came last
}

// statutory answers GET /statutory: what must be published, item by item (第二十条).
func (s *Face) statutory(c echo.Context) error {
	t := page.TextsOf(c)
	p := statutoryPage{Base: s.Base(c, t.T("statutory.title")), Last: make(map[string]*portal.Listing)}
	p.Section = "catalogue"
	p.Feeds = s.FeedRefs(c, "kind=document")
	for _, x := range portal.Items.Terms {
		list := s.Store.Browse(portal.Browse{Kind: documents.Kind.Code, Item: x.Code, Page: 1, Size: 1})
		p.Items = append(p.Items, page.FacetRow{Code: x.Code, Label: x.Name.In(t.Lang), N: list.Total, URL: s.BasePath + "/catalogue?item=" + x.Code})
		if len(list.Rows) > 0 {
			p.Last[x.Code] = list.Rows[0]
		}
	}
	return s.Render(c, http.StatusOK, "statutory", p)
}

// figuresPage is what figures.html shows.
type figuresPage struct {
	page.Base
	Year   int
	Years  []page.Option
	Charts []page.Chart
}

// Pace tells how fast applications are answered, in counts that tell nothing of anybody.
// Days that have ended are counted, and counted anew after a while only.
type Pace struct {
	Count func(from, to portal.Date) (cases.Statistics, error)
	mu    sync.Mutex
	at    time.Time
	kept  map[[2]portal.Date]cases.Statistics
}

// paceKept is for how long a count is kept.
const paceKept = 10 * time.Minute

// Of counts from a day to a day, both included.
func (p *Pace) Of(from, to portal.Date) (cases.Statistics, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.at) > paceKept {
		p.at, p.kept = time.Now(), make(map[[2]portal.Date]cases.Statistics)
	}
	at := [2]portal.Date{from, to}
	if st, ok := p.kept[at]; ok {
		return st, nil
	}
	st, err := p.Count(from, to)
	if err == nil {
		p.kept[at] = st
	}
	return st, err
}

// yesterday is the last day that figures count: what is counted of a day that has ended
// stays, so that the page can be kept.
func (s *Face) yesterday() portal.Date { return s.Today() - 1 }

// figures answers GET /figures: what was published and answered in a year, as charts with
// their tables.
func (s *Face) figures(c echo.Context) error {
	t := page.TextsOf(c)
	year := page.NumberOf(c, "year")
	this := s.yesterday().Year()
	if year == 0 {
		year = this
	}
	if year < 1949 || year > this {
		return portal.Missing()
	}
	charts, err := s.charts(c, year)
	if err != nil {
		return err
	}
	if c.QueryParam("format") == "csv" {
		for _, x := range charts {
			if x.ID == c.QueryParam("chart") {
				return page.SendCSV(c, x.ID+"-"+strconv.Itoa(year)+".csv", x.Table())
			}
		}
		return portal.Missing()
	}
	p := figuresPage{Base: s.Base(c, t.T("figures.title", "Year", year)), Year: year, Charts: charts}
	p.Section = "reports"
	for y := this; y > this-5; y-- {
		p.Years = append(p.Years, page.Option{Value: s.BasePath + "/figures?year=" + strconv.Itoa(y), Label: strconv.Itoa(y), Chosen: y == year})
	}
	return s.Render(c, http.StatusOK, "figures", p)
}

// charts draws the figures of a year.
func (s *Face) charts(c echo.Context, year int) ([]page.Chart, error) {
	t := page.TextsOf(c)
	published := page.Chart{ID: "published", Title: t.T("figures.published"), Label: t.T("figures.month"), Series: []string{t.T("figures.documents")}, CSV: s.chartCSV(year, "published")}
	byMonth, total := make(map[time.Month]int), 0
	byOrgan := make(map[portal.OrganCode]int)
	type column struct {
		organ portal.OrganCode
		item  string
	}
	covered := make(map[column]int)
	for _, l := range s.Store.Browse(portal.Browse{Kind: documents.Kind.Code, Year: year, Page: 1, Size: portal.Everything}).Rows {
		byMonth[l.Published.Time().Month()]++
		total++
		if len(l.Organs) > 0 {
			byOrgan[l.Organs[0]]++
			covered[column{l.Organs[0], l.Item}]++
		}
	}
	for m := time.January; m <= time.December && clock.NewDate(year, m, 1) <= s.yesterday(); m++ {
		published.Labels, published.Values = append(published.Labels, monthName(t, m)), append(published.Values, []int{byMonth[m]})
	}
	published.Says = t.T("figures.published_says", "Year", year, "N", total)
	organs := page.Chart{ID: "organs", Title: t.T("figures.organs"), Label: t.T("facet.organ"), Series: []string{t.T("figures.documents")}, CSV: s.chartCSV(year, "organs"), Lines: true}
	most := ""
	for _, o := range s.Store.Organs() {
		if n := byOrgan[o.Code]; n > 0 {
			organs.Labels, organs.Values = append(organs.Labels, portal.Named(o.Name, t.Lang)), append(organs.Values, []int{n})
			if most == "" || n > byOrgan[portal.OrganCode(most)] {
				most = string(o.Code)
			}
		}
	}
	if most != "" {
		organs.Says = t.T("figures.organs_says", "Organ", s.OrganName(portal.OrganCode(most), t.Lang), "N", byOrgan[portal.OrganCode(most)])
	}
	coverage := page.Chart{ID: "coverage", Title: t.T("figures.coverage"), Label: t.T("facet.organ"), CSV: s.chartCSV(year, "coverage"), Heat: true}
	for _, x := range portal.Items.Terms {
		coverage.Series, coverage.Short = append(coverage.Series, "("+x.Code+") "+x.Name.In(t.Lang)), append(coverage.Short, "("+x.Code+")")
	}
	filled := 0
	for _, o := range s.Store.Organs() {
		if byOrgan[o.Code] == 0 {
			continue
		}
		var row []int
		for _, x := range portal.Items.Terms {
			n := covered[column{o.Code, x.Code}]
			if row = append(row, n); n > 0 {
				filled++
			}
		}
		coverage.Labels, coverage.Values = append(coverage.Labels, portal.Named(o.Name, t.Lang)), append(coverage.Values, row)
	}
	coverage.Says = t.T("figures.coverage_says", "Organs", len(coverage.Labels), "Items", len(coverage.Series), "Filled", filled, "Of", len(coverage.Labels)*len(coverage.Series))
	st, err := s.pace(year)
	if err != nil {
		return nil, err
	}
	days := page.Chart{ID: "days", Title: t.T("figures.days"), Label: t.T("figures.month"), Series: []string{t.T("figures.median")}, CSV: s.chartCSV(year, "days"), Says: t.T("figures.days_says", "Days", st.Median())}
	for _, m := range st.Months {
		days.Labels, days.Values = append(days.Labels, monthName(t, m.Month.Time().Month())), append(days.Values, []int{m.Median()})
	}
	outcomes := page.Chart{ID: "outcomes", Title: t.T("figures.outcomes"), Label: t.T("case.outcome"), Series: []string{t.T("figures.answered")}, CSV: s.chartCSV(year, "outcomes"), Lines: true, Says: t.T("figures.outcomes_says", "N", st.Answered)}
	for _, x := range portal.Outcomes.Terms {
		if n := st.Outcomes[x.Code]; n > 0 {
			outcomes.Labels, outcomes.Values = append(outcomes.Labels, x.Name.In(t.Lang)), append(outcomes.Values, []int{n})
		}
	}
	return []page.Chart{published, organs, coverage, s.applicationsChart(t, year, st), days, outcomes}, nil
}

// pace counts the applications of a year, up to yesterday.
func (s *Face) pace(year int) (cases.Statistics, error) {
	return s.Pace.Of(clock.NewDate(year, 1, 1), min(clock.NewDate(year, 12, 31), s.yesterday()))
}

// applicationsChart draws how many applications of a year came in and were answered.
func (s *Face) applicationsChart(t *locale.Texts, year int, st cases.Statistics) page.Chart {
	out := page.Chart{ID: "applications", Title: t.T("figures.applications"), Label: t.T("figures.month"), Series: []string{t.T("figures.received"), t.T("figures.answered")}, CSV: s.chartCSV(year, "applications"),
		Says: t.T("figures.applications_says", "Year", year, "New", st.New, "Answered", st.Answered, "Percent", percent(st.InTime, st.Answered), "Days", st.Median())}
	for _, m := range st.Months {
		out.Labels, out.Values = append(out.Labels, monthName(t, m.Month.Time().Month())), append(out.Values, []int{m.New, m.Answered})
	}
	return out
}

func monthName(t *locale.Texts, m time.Month) string { return t.T("figures.month_n", "N", int(m)) }

// chartCSV is where the figures of a chart are had as a table.
func (s *Face) chartCSV(year int, id string) string {
	return s.BasePath + "/figures?year=" + strconv.Itoa(year) + "&chart=" + id + "&format=csv"
}

func percent(part, whole int) int {
	if whole == 0 {
		return 0
	}
	return part * 100 / whole
}

// maxCoded is how long an address may be that is drawn as a QR code.
const maxCoded = 400

// qrCode answers GET /qr.svg: an address of this portal as a QR code.
func (s *Face) qrCode(c echo.Context) error {
	path := c.QueryParam("path")
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || len(path) > maxCoded {
		return portal.Missing()
	}
	code, err := qr.Encode(s.OriginOf(c)+s.BasePath+path, qr.M, qr.Auto)
	if err != nil {
		return portal.Missing()
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=86400")
	return c.Blob(http.StatusOK, "image/svg+xml", []byte(drawn(code)))
}

// drawn draws a code with the quiet border of four that readers need.
func drawn(code barcode.Barcode) string {
	n := code.Bounds().Dx()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, n+8, n+8, n+8, n+8)
	for y := range n {
		for x := range n {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String()
}
