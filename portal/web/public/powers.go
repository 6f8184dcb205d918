package public

import (
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/flow"
	"gongkai/portal/locale"
	"gongkai/portal/powers"
	"gongkai/portal/print"
	"gongkai/portal/registers"
	"gongkai/portal/web/page"
)

// powersPage is what powers.html shows.
type powersPage struct {
	page.Base
	Total     int
	Rows      []*portal.Listing
	Facets    []page.Facet
	Totals    []powerTotals // of each type, of each organ
	On        portal.Date   // the day asked for; 0 for today
	Chosen    []page.Option // the filters that are chosen: name and value
	Topics    []page.FacetRow
	Pager     page.Pager
	Downloads []page.Option
	Former    string // address of what has left the list, or of what is in it
	Left      bool   // what has left it is shown
	Compare   string
}

// powerTotals are how many items there are, in each row of a chart.
type powerTotals struct {
	Name string
	Rows []page.FacetRow
	Most int
}

// Percent is a part of the most, in hundredths, for a bar.
func (t powerTotals) Percent(n int) string { return strconv.Itoa(n * 100 / max(1, t.Most)) }

func totalsOf(f page.Facet) powerTotals {
	t := powerTotals{Name: f.Label, Rows: slices.Clone(f.Rows)}
	if f.Name == "type" {
		slices.SortFunc(t.Rows, func(a, b page.FacetRow) int { return strings.Compare(a.Code, b.Code) })
	}
	for _, r := range t.Rows {
		t.Most = max(t.Most, r.N)
	}
	return t
}

// powersAsOf is the list of a day that is past, or to come, as Browse lists today's.
func (s *Face) powersAsOf(c echo.Context, b portal.Browse, day portal.Date) (portal.Listed, error) {
	rows, err := s.Powers.AsOf(c.Request().Context(), b.Organ, day)
	if err != nil {
		return portal.Listed{}, err
	}
	types, organs := make(map[string]int), make(map[string]int)
	var list []*portal.Listing
	for _, r := range rows {
		v := r.Values
		if b.Audience != "" && !slices.Contains(strings.Fields(v["applicants"]), b.Audience) || b.Topic != "" && !slices.Contains(v.Subjects(), b.Topic) {
			continue
		}
		types[v["type"]]++
		if b.Genre != "" && v["type"] != b.Genre {
			continue
		}
		organs[string(r.Organ)]++
		list = append(list, &portal.Listing{Entry: portal.Entry{Key: portal.Key{Kind: powers.Kind.Code, ID: string(r.ID)}, Title: v["name_zh"], TitleEN: v["name_en"], Number: r.Code, Organs: []portal.OrganCode{r.Organ}, Genre: v["type"], Validity: "in_force"}})
	}
	from := min((b.Page-1)*b.Size, len(list))
	return portal.Listed{Total: len(list), Rows: list[from:min(from+b.Size, len(list))],
		Facets: map[string][]portal.Count{"genre": portal.SortCounts("genre", types), "organ": portal.SortCounts("organ", organs)}}, nil
}

// powers answers GET /powers: the power list (权责清单), by organ, type, whom it is for and
// what for.
func (s *Face) powers(c echo.Context) error {
	b, err := page.BrowseOf(c)
	if err != nil {
		return err
	}
	b.Kind, b.Genre, b.Sort, b.Size = powers.Kind.Code, c.QueryParam("type"), portal.SortNumber, 50
	left := b.Validity == "repealed"
	if !left {
		b.Validity = "in_force"
	}
	t := page.TextsOf(c)
	base := s.Base(c, t.T("powers.title"))
	base.Section = "powers"
	q := url.Values{"kind": {powers.Kind.Code}}
	if v := c.QueryParam("organ"); v != "" {
		q.Set("organ", v)
	}
	base.Feeds = s.FeedRefs(c, q.Encode())
	day, err := s.dayOf(c, "on")
	if err != nil {
		return err
	}
	list := portal.Listed{}
	if c.QueryParam("on") == "" {
		list = s.Store.Browse(b)
	} else if list, err = s.powersAsOf(c, b, day); err != nil {
		return err
	}
	list.Facets["type"] = list.Facets["genre"]
	p := powersPage{Base: base, Total: list.Total, Rows: list.Rows, Left: left, Pager: page.PagerOf(c, b.Page, b.Size, list.Total), Former: page.With(c, "validity", "repealed"), Compare: s.BasePath + "/powers/compare"}
	if left {
		p.Former = page.With(c, "validity", "")
	}
	if c.QueryParam("on") != "" {
		p.On = day
	}
	if o := c.QueryParam("organ"); o != "" {
		p.Compare += "?organ=" + url.QueryEscape(o)
	}
	for _, f := range s.FacetsOf(c, list.Facets, "topic", "type", "audience", "organ") {
		switch f.Name {
		case "type", "organ":
			p.Totals = append(p.Totals, totalsOf(f))
		case "topic":
			p.Topics = f.Rows
		}
		p.Facets = append(p.Facets, f)
	}
	for _, name := range []string{"organ", "type", "topic", "audience"} {
		if v := c.QueryParam(name); v != "" {
			p.Chosen = append(p.Chosen, page.Option{Label: name, Value: v})
		}
	}
	of := url.Values{}
	for _, name := range []string{"organ", "on"} {
		if v := c.QueryParam(name); v != "" {
			of.Set(name, v)
		}
	}
	for _, f := range []string{"xlsx", "pdf", "json"} {
		p.Downloads = append(p.Downloads, page.Option{Value: s.BasePath + "/powers/download/" + f + "?" + of.Encode(), Label: strings.ToUpper(f)})
	}
	p.Downloads = append(p.Downloads, s.Downloads(c, powers.Kind.Code)[0])
	return s.Render(c, http.StatusOK, "powers", p)
}

// dayOf is the day that an address names; today without one.
func (s *Face) dayOf(c echo.Context, name string) (portal.Date, error) {
	var ps []portal.Problem
	d := portal.Date(0)
	if v := c.QueryParam(name); v != "" {
		d = page.DayIn(v, name, &ps)
	}
	if d == 0 {
		d = s.Today()
	}
	return d, page.Joined(ps, nil)
}

// maxPrinted is how many items a printed list has at most: more is for a workbook.
const maxPrinted = 3000

// powersDownload answers GET /powers/download/{format}: the list of an organ, or of all,
// as of a day.
func (s *Face) powersDownload(c echo.Context) error {
	day, err := s.dayOf(c, "on")
	if err != nil {
		return err
	}
	organ, t := portal.OrganCode(c.QueryParam("organ")), page.TextsOf(c)
	rows, err := s.Powers.AsOf(c.Request().Context(), organ, day)
	if err != nil {
		return err
	}
	named := func(o portal.OrganCode) string { return s.OrganName(o, t.Lang) }
	var file []byte
	switch c.Param("format") {
	case "xlsx":
		file, err = print.PowersXLSX(rows, named, t.Lang)
	case "pdf":
		if len(rows) > maxPrinted {
			return &portal.Error{Kind: portal.TooLarge, Key: "powers.too_many", Args: portal.Args{"Limit": maxPrinted}}
		}
		zh := locale.In("zh") // a paper for a wall or a meeting, whoever prints it
		title := zh.T("powers.title")
		if organ != "" {
			title = s.OrganName(organ, "zh") + title
		}
		file, err = print.PowersPDF(title, zh.T("powers.as_of", "Date", zh.Date(day), "N", len(rows)), rows, func(o portal.OrganCode) string { return s.OrganName(o, "zh") }, day.Time())
	case "json":
		out := make([]powerOutput, 0, len(rows))
		for _, r := range rows {
			out = append(out, powerOutput{Organ: r.Organ, Code: r.Code, Since: r.Last.Effective.String(), Values: r.Values, URL: s.OriginOf(c) + s.Address(portal.Key{Kind: powers.Kind.Code, ID: string(r.ID)})})
		}
		file, err = json.MarshalIndent(map[string]any{"on": day.String(), "fields": powers.Rules.Fields, "items": out}, "", " ")
	default:
		return portal.Missing()
	}
	if err != nil {
		return err
	}
	return page.SendMade(c, "powers-"+day.String()+"."+c.Param("format"), file)
}

// powerOutput is an item as a machine reads it.
type powerOutput struct {
	Organ  portal.OrganCode `json:"organ"`
	Code   string           `json:"code"`
	Since  string           `json:"since"`
	Values powers.Values    `json:"values"`
	URL    string           `json:"url"`
}

// powerPage is what power.html shows.
type powerPage struct {
	page.Base
	Item    *powers.PowerItem
	At      *powers.At
	On      portal.Date // the day asked for; 0 for today
	Groups  []powerGroup
	Steps   []flow.Step
	Chart   template.HTML
	Changes []powerChange
	Results []page.FacetRow // registers in which results of its use are public
}

// powerGroup is fields that stand together.
type powerGroup struct {
	Name string
	Rows []powerRow
}

// powerRow is a field with what it says: text, or articles that lead to their documents,
// or materials with their forms.
type powerRow struct {
	Name      string
	Text      string
	Articles  []powerArticle
	Materials []powerMaterial
}

type powerArticle struct {
	powers.Article
	Law *portal.Listing // nil where the catalogue has it not
	URL string
}

type powerMaterial struct {
	Name  string
	Forms []powerForm
}

type powerForm struct {
	portal.Attachment
	Sample bool
	URL    string
}

// powerChange is a change with what it changed.
type powerChange struct {
	powers.Change
	Differences []powers.Difference
}

// inList is a public item and what the list says of it on the day that was asked for.
func (s *Face) inList(c echo.Context) (*powers.PowerItem, *powers.At, portal.Date, error) {
	i, err := s.Powers.Store.Get(c.Request().Context(), c.Param("id"))
	if err != nil {
		return nil, nil, 0, err
	}
	day, err := s.dayOf(c, "on")
	if err != nil {
		return nil, nil, 0, err
	}
	at := i.AsOf(day)
	if at == nil {
		return nil, nil, 0, portal.Missing()
	}
	return i, at, day, nil
}

func (s *Face) power(c echo.Context) error {
	i, at, day, err := s.inList(c)
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	b := s.Base(c, portal.Named(at.Values.Name(), t.Lang))
	b.Section = "powers"
	p := powerPage{Base: b, Item: i, At: at, Steps: at.Values.Steps()}
	if c.QueryParam("on") != "" {
		p.On = day
	}
	base := s.Address(portal.Key{Kind: powers.Kind.Code, ID: string(i.ID())})
	forms := slices.Clone(at.Forms)
	for _, g := range powers.Rules.Groups {
		group := powerGroup{Name: g.Name.In(t.Lang)}
		for n := range powers.Rules.Fields {
			f := &powers.Rules.Fields[n]
			v := at.Values[f.Code]
			if f.Group != g.Code || v == "" && f.Code != "materials" || f.Kind == powers.Flow && len(p.Steps) > 0 || f.Code == "name_zh" || f.Code == "name_en" {
				continue
			}
			row := powerRow{Name: f.Name.In(t.Lang)}
			switch {
			case f.Kind == powers.Law:
				for _, a := range at.Values.Articles(f.Code) {
					x := powerArticle{Article: a}
					if a.Law != "" {
						if x.Law = s.Powers.Laws.Titled(a.Law); x.Law != nil {
							if x.URL = s.Address(x.Law.Key); a.Article != "" {
								x.URL += "#:~:text=" + url.PathEscape(a.Article)
							}
						}
					}
					row.Articles = append(row.Articles, x)
				}
			case f.Code == "materials":
				row.Materials, forms = materials(at.Values.Lines("materials"), forms, base)
				if len(forms) > 0 {
					row.Materials = append(row.Materials, powerMaterial{t.T("power.other_forms"), formsOf(forms, base)})
				}
				if len(row.Materials) == 0 {
					continue
				}
			default:
				row.Text = f.Shown(v, t.Lang)
			}
			group.Rows = append(group.Rows, row)
		}
		if len(group.Rows) > 0 {
			p.Groups = append(p.Groups, group)
		}
	}
	if len(p.Steps) > 0 {
		d, err := flow.Draw(p.Steps, t.T("power.end"))
		if err != nil {
			return err
		}
		p.Chart = template.HTML(d.SVG(t.T("power.chart"))) // the chart escapes what it writes
	}
	for _, k := range s.Store.Browse(portal.Browse{Kind: registers.Kind.Code, Topic: string(i.ID()), Page: 1, Size: 1}).Facets["genre"] {
		if r := registers.Named(k.Code); r != nil && r.Group == "results" {
			p.Results = append(p.Results, page.FacetRow{Label: r.Name.In(t.Lang), N: k.N, URL: s.BasePath + "/registers/" + r.Code + "?power=" + url.QueryEscape(string(i.ID()))})
		}
	}
	var before powers.Values
	for _, ch := range i.Changes {
		x := powerChange{Change: ch}
		if ch.Values != nil && before != nil {
			x.Differences = powers.Compare(before, ch.Values)
		}
		if ch.Values != nil {
			before = ch.Values
		}
		p.Changes = append(p.Changes, x)
	}
	slices.Reverse(p.Changes)
	return s.Render(c, http.StatusOK, "power", p)
}

// materials are the materials of an item, each with the forms whose names have its own;
// the rest of the forms is given back.
func materials(names []string, forms []portal.Attachment, base string) (out []powerMaterial, rest []portal.Attachment) {
	rest = forms
	for _, n := range names {
		m := powerMaterial{Name: n}
		name, _, _ := strings.Cut(n, "|")
		name = strings.TrimSpace(name)
		mine := slices.DeleteFunc(slices.Clone(rest), func(a portal.Attachment) bool { return !strings.Contains(a.Name, name) })
		rest = slices.DeleteFunc(slices.Clone(rest), func(a portal.Attachment) bool { return strings.Contains(a.Name, name) })
		m.Forms = formsOf(mine, base)
		out = append(out, m)
	}
	return out, rest
}

func formsOf(files []portal.Attachment, base string) []powerForm {
	var out []powerForm
	for _, a := range files {
		sample := strings.Contains(a.Name, "样表") || strings.Contains(a.Name, "示例") || strings.Contains(a.Name, "样本") || strings.Contains(strings.ToLower(a.Name), "sample")
		out = append(out, powerForm{a, sample, base + "/files/" + string(a.File) + "/" + url.PathEscape(a.Name)})
	}
	return out
}

// powerFile sends a form of an item.
func (s *Face) powerFile(c echo.Context) error {
	_, at, _, err := s.inList(c)
	if err != nil {
		return err
	}
	a := page.Attachment(at.Forms, c.Param("file"))
	if a == nil {
		return portal.Missing()
	}
	return s.SendFile(c, *a, true)
}

// powerPoster answers GET /powers/{id}/poster: the flow chart on a sheet for a wall
// (上墙公示).
func (s *Face) powerPoster(c echo.Context) error {
	i, at, _, err := s.inList(c)
	if err != nil {
		return err
	}
	if len(at.Values.Steps()) == 0 {
		return portal.Missing()
	}
	size := c.QueryParam("size")
	if size != "A3" {
		size = "A4"
	}
	file, err := print.PowerChart(i, at, s.OrganName(i.Organ, "zh"), s.OriginOf(c)+s.Address(portal.Key{Kind: powers.Kind.Code, ID: string(i.ID())}), size)
	if err != nil {
		return err
	}
	return page.SendMade(c, at.Values["name_zh"]+" "+size+".pdf", file)
}

// powersComparedPage is what powers_compare.html shows: the list on two days.
type powersComparedPage struct {
	page.Base
	powers.Comparison
	Organ  portal.OrganCode
	Organs []page.Option
	Kinds  []powers.Movement // that there were
	Before int
	After  int
	More   int // changes that are not shown
	AsOf   string
}

// maxMoved is how many changes a page lists.
const maxMoved = 300

// powersCompared answers GET /powers/compare: what became of the list between two days.
// Without days it is the last year.
func (s *Face) powersCompared(c echo.Context) error {
	t := page.TextsOf(c)
	to, err := s.dayOf(c, "to")
	if err != nil {
		return err
	}
	from, err := s.dayOf(c, "from")
	if err != nil {
		return err
	}
	if c.QueryParam("from") == "" {
		from = to - 365
	}
	if from > to {
		from, to = to, from
	}
	p := powersComparedPage{Base: s.Base(c, t.T("powers.compare")), Organ: portal.OrganCode(c.QueryParam("organ"))}
	p.Section = "powers"
	if p.Comparison, err = s.Powers.Compare(c.Request().Context(), p.Organ, from, to); err != nil {
		return err
	}
	if c.QueryParam("format") == "csv" {
		rows := [][]string{{t.T("doc.effective"), t.T("power.change"), t.T("column.organ"), t.T("power.code"), t.T("column.title"), t.T("power.reason"), t.T("power.document")}}
		for _, m := range p.Moved {
			code := strings.TrimPrefix(string(m.ID), string(m.Organ)+".")
			rows = append(rows, []string{m.Effective.String(), m.Movement().Name.In(t.Lang), s.OrganName(m.Organ, t.Lang), code, portal.Named(m.Name, t.Lang), m.Reason, m.Document})
		}
		return page.SendCSV(c, "power-changes.csv", rows)
	}
	for _, k := range powers.Rules.Changes {
		if slices.ContainsFunc(p.Tallies, func(x powers.Tally) bool { return x.Came[k.Code]+x.Left[k.Code] > 0 }) {
			p.Kinds = append(p.Kinds, k)
		}
	}
	p.Before, p.After = p.Totals()
	p.More = max(0, len(p.Moved)-maxMoved)
	p.Moved = p.Moved[:min(maxMoved, len(p.Moved))]
	p.Organs = append([]page.Option{{Label: t.T("form.all")}}, s.OrganChoices(t.Lang, nil)...)
	for i := range p.Organs {
		p.Organs[i].Chosen = p.Organs[i].Value == string(p.Organ)
	}
	q := ""
	if p.Organ != "" {
		q = "&organ=" + url.QueryEscape(string(p.Organ))
	}
	p.AsOf = s.BasePath + "/powers/download/xlsx?on=" + from.String() + q
	return s.Render(c, http.StatusOK, "powers_compare", p)
}
