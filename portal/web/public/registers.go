package public

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	ical "github.com/arran4/golang-ical"
	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/grid"
	"gongkai/portal/letter"
	"gongkai/portal/powers"
	"gongkai/portal/print"
	"gongkai/portal/registers"
	"gongkai/portal/sheet"
	"gongkai/portal/web/page"
)

// registersPage is what registers.html shows: every register, by its group.
type registersPage struct {
	page.Base
	Groups []registers.Group
	Counts map[string]int // of public entries
}

// registers answers GET /registers.
func (s *Face) registers(c echo.Context) error {
	t := page.TextsOf(c)
	p := registersPage{Base: s.Base(c, t.T("register.title")), Groups: registers.Grouped(false), Counts: make(map[string]int)}
	for _, k := range s.Store.Browse(portal.Browse{Kind: registers.Kind.Code, Page: 1, Size: 1}).Facets["genre"] {
		p.Counts[k.Code] = k.N
	}
	return s.Render(c, http.StatusOK, "registers", p)
}

// registerPage is what register.html shows: a register, its entries as a table.
type registerPage struct {
	page.Base
	Register  *registers.Register
	Total     int
	Heads     []registers.Field
	Rows      []registerRow
	Facets    []page.Facet
	States    []page.FacetRow
	Standings []standingCount
	Matrix    *registerMatrix
	Sums      []string
	Power     *portal.Listing
	Pager     page.Pager
	Downloads []page.Option
	Tally     *grid.Table
	Calendar  string // the address of the entries as a calendar; "" for none
}

type registerRow struct {
	Entry    *registers.Entry
	Cells    []registerCell
	Standing registers.Standing
	PassOn   portal.Date // the day until which a question of today is passed on
}

type registerCell struct {
	Text, URL string
	Short     bool // it stays on one line
}

type standingCount struct {
	Standing registers.Standing
	N        int
}

// registerMatrix is which organ has which of the options.
type registerMatrix struct {
	Options []portal.Term
	Rows    []matrixRow
}

type matrixRow struct {
	Organ portal.OrganCode
	Cells []*registers.Entry // nil for none
}

// maxEntries is how many entries a download has.
const maxEntries = 20_000

// register answers GET /registers/{code}.
func (s *Face) register(c echo.Context) error {
	ctx, t := c.Request().Context(), page.TextsOf(c)
	r := registers.Named(c.Param("code"))
	if r == nil || r.Internal {
		return portal.Missing()
	}
	b, err := page.BrowseOf(c)
	if err != nil {
		return err
	}
	b.Kind, b.Genre, b.Size, b.Topic, b.Item = registers.Kind.Code, r.Code, 50, c.QueryParam("power"), c.QueryParam("state")
	format := c.QueryParam("format")
	whole := format != "" || r.Promise != nil || r.Matrix != "" || len(r.Sums) > 0
	shown := b.Page
	if whole { // what is added up needs all of them
		b.Page, b.Size = 1, maxEntries
	}
	list := s.Store.Browse(b)
	base := s.Base(c, r.Name.In(t.Lang))
	base.Section = "powers"
	q := url.Values{"kind": {registers.Kind.Code}, "genre": {r.Code}}
	if b.Organ != "" {
		q.Set("organ", string(b.Organ))
	}
	base.Feeds = s.FeedRefs(c, q.Encode())
	p := registerPage{Base: base, Register: r, Total: list.Total, Facets: s.FacetsOf(c, list.Facets, "organ", "year")}
	for _, f := range r.PublicFields() {
		if f.Column {
			p.Heads = append(p.Heads, f)
		}
	}
	if b.Topic != "" {
		p.Power = s.Store.Listings(portal.Key{Kind: powers.Kind.Code, ID: b.Topic})[0]
	}
	var all []registerRow
	for _, l := range list.Rows {
		e, err := s.Registers.Store.Get(ctx, l.ID)
		if err != nil {
			return err
		}
		all = append(all, s.registerRow(t.Lang, r, p.Heads, e))
	}
	if r.State != "" {
		for _, o := range r.Field(r.State).Options {
			for _, k := range list.Facets["item"] {
				if k.Code == o.Code {
					x := page.FacetRow{Code: o.Code, Label: portal.Named(o.Name, t.Lang), N: k.N, Chosen: b.Item == o.Code, URL: page.With(c, "state", o.Code)}
					if x.Chosen {
						x.URL = page.With(c, "state", "")
					}
					p.States = append(p.States, x)
				}
			}
		}
	}
	if r.Promise != nil {
		counts := make(map[registers.Standing]int)
		for _, x := range all {
			counts[x.Standing]++
		}
		for _, k := range []registers.Standing{registers.Kept, registers.Doing, registers.KeptLate, registers.Missed} {
			p.Standings = append(p.Standings, standingCount{k, counts[k]})
		}
	}
	for _, code := range r.Sums {
		n := int64(0)
		for _, x := range all {
			v, _ := strconv.ParseInt(x.Entry.Public.Values[code], 10, 64) // a number by its rule
			n += v
		}
		p.Sums = append(p.Sums, r.Field(code).Name.In(t.Lang)+" "+strconv.FormatInt(n, 10))
	}
	if r.Matrix != "" {
		p.Matrix = s.matrix(r, all)
	}
	for _, f := range []string{"csv", "xlsx", "pdf", "json"} {
		p.Downloads = append(p.Downloads, page.Option{Value: page.With(c, "format", f), Label: strings.ToUpper(f)})
	}
	if format != "" {
		return s.registerFile(c, p, all, format)
	}
	if len(r.Tallies) > 0 {
		lines, err := s.Registers.Tally(ctx, r, b.Year, true, func(e *registers.Entry) bool { return b.Organ == "" || e.Organ == b.Organ })
		if err != nil {
			return err
		}
		if lines != nil {
			tb := print.Tallies(r, t, s.OrganIn(t.Lang), lines)
			p.Tally = &tb
		}
	}
	if r.Calendar != nil {
		p.Calendar = s.BasePath + "/registers/" + r.Code + "/calendar.ics"
	}
	p.Rows = all
	if whole {
		from := min((shown-1)*50, len(all))
		p.Rows = all[from:min(from+50, len(all))]
	}
	p.Pager = page.PagerOf(c, shown, 50, list.Total)
	return s.Render(c, http.StatusOK, "register", p)
}

func (s *Face) registerRow(lang string, r *registers.Register, heads []registers.Field, e *registers.Entry) registerRow {
	v := e.Public.Values
	x := registerRow{Entry: e}
	for _, f := range heads {
		cell := registerCell{Text: f.Told(v[f.Code], lang, s.OrganIn(lang)), Short: f.Kind == "date" || f.Kind == "number" || f.Kind == "choice"}
		if f.Kind == "power" {
			if l := s.Store.Listings(portal.Key{Kind: powers.Kind.Code, ID: v[f.Code]})[0]; l != nil {
				cell = registerCell{Text: portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, lang), URL: s.Address(l.Key)}
			}
		}
		x.Cells = append(x.Cells, cell)
	}
	if r.Promise != nil {
		x.Standing = r.Stands(v, s.Today())
	}
	if n, err := strconv.Atoi(v[r.Passes]); r.Passes != "" && err == nil {
		x.PassOn = s.Calendar().After(s.Today(), n)
	}
	return x
}

// matrix sorts entries by organ and option.
func (s *Face) matrix(r *registers.Register, rows []registerRow) *registerMatrix {
	m := &registerMatrix{Options: r.Field(r.Matrix).Options}
	byOrgan := make(map[portal.OrganCode][]*registers.Entry)
	for _, x := range rows {
		cells := byOrgan[x.Entry.Organ]
		if cells == nil {
			cells = make([]*registers.Entry, len(m.Options))
			byOrgan[x.Entry.Organ] = cells
		}
		if i := slices.IndexFunc(m.Options, func(o portal.Term) bool { return o.Code == x.Entry.Public.Values[r.Matrix] }); i >= 0 {
			cells[i] = x.Entry
		}
	}
	for _, o := range s.Site.Store.Organs() {
		if o.Kind != "department" && o.Kind != "township" {
			continue
		}
		cells := byOrgan[o.Code]
		if cells == nil {
			cells = make([]*registers.Entry, len(m.Options))
		}
		m.Rows = append(m.Rows, matrixRow{o.Code, cells})
	}
	return m
}

// registerFile sends a register whole.
func (s *Face) registerFile(c echo.Context, p registerPage, rows []registerRow, format string) error {
	t, r := page.TextsOf(c), p.Register
	head := []string{t.T("column.organ")}
	for _, f := range r.PublicFields() {
		if f.Kind != "files" {
			head = append(head, f.Name.In(t.Lang))
		}
	}
	slices.SortStableFunc(rows, func(a, b registerRow) int { return cmp.Compare(a.Entry.Organ, b.Entry.Organ) })
	out := [][]string{}
	for _, x := range rows {
		line := []string{s.OrganName(x.Entry.Organ, t.Lang)}
		for _, f := range r.PublicFields() {
			if f.Kind != "files" {
				line = append(line, f.Told(x.Entry.Public.Values[f.Code], t.Lang, s.OrganIn(t.Lang)))
			}
		}
		out = append(out, line)
	}
	name := r.Code + "-" + s.Today().String() + "." + format
	var file []byte
	var err error
	switch format {
	case "csv":
		return page.SendCSV(c, name, append([][]string{head}, out...))
	case "json":
		type entry struct {
			ID     string           `json:"id"`
			Organ  portal.OrganCode `json:"organ"`
			Values registers.Values `json:"values"`
			On     string           `json:"published"`
			URL    string           `json:"url"`
		}
		list := []entry{}
		for _, x := range rows {
			list = append(list, entry{x.Entry.ID(), x.Entry.Organ, x.Entry.Public.Values, x.Entry.Public.On.String(), s.OriginOf(c) + s.Address(portal.Key{Kind: registers.Kind.Code, ID: x.Entry.ID()})})
		}
		return c.JSON(http.StatusOK, map[string]any{"register": r.Code, "fields": r.PublicFields(), "entries": list})
	case "xlsx":
		file, err = sheet.Write(sheet.List(r.Name.In(t.Lang), head, out))
	case "pdf":
		file, err = letter.Printer{}.Paper(s.booklet(c, p, rows), s.Today().Time())
	default:
		return portal.Missing()
	}
	if err != nil {
		return err
	}
	return page.SendMade(c, name, file)
}

// booklet is a register as a paper, a table for each organ.
func (s *Face) booklet(c echo.Context, p registerPage, rows []registerRow) letter.Paper {
	t, r := page.TextsOf(c), p.Register
	paper := letter.Paper{Title: r.Name.In(t.Lang), Note: r.Intro.In(t.Lang) + "　" + t.Date(s.Today()), Wide: true}
	for some := range slices.Values(chunked(rows)) {
		tb := grid.Table{Widths: []float64{0.5}, Heads: 1}
		line := []grid.Cell{{Text: "#", Head: true}}
		for _, f := range p.Heads {
			w := 1.6
			if f.Kind == "prose" {
				w = 3
			}
			tb.Widths, line = append(tb.Widths, w), append(line, grid.Cell{Text: f.Name.In(t.Lang), Head: true})
		}
		tb.Rows = append(tb.Rows, line)
		for i, x := range some {
			line := []grid.Cell{{Text: strconv.Itoa(i + 1)}}
			for _, cell := range x.Cells {
				line = append(line, grid.Cell{Text: cell.Text})
			}
			tb.Rows = append(tb.Rows, line)
		}
		paper.Pieces = append(paper.Pieces, letter.Piece{Head: fmt.Sprintf("%s（%d）", s.OrganName(some[0].Entry.Organ, t.Lang), len(some)), Table: &tb})
	}
	return paper
}

func chunked(rows []registerRow) [][]registerRow {
	var out [][]registerRow
	for i, x := range rows {
		if i == 0 || rows[i-1].Entry.Organ != x.Entry.Organ {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], x)
	}
	return out
}

// entryPage is what entry.html shows: an entry, and what it said before.
type entryPage struct {
	page.Base
	Entry    *registers.Entry
	Register *registers.Register
	Rows     []entryRow
	Standing registers.Standing
	Letter   bool        // a paper can be made of it
	Late     portal.Date // it was due by this day and came later; 0: it did not
	Earlier  []earlierEdition
}

type entryRow struct {
	Name  string
	Cells []registerCell
	Files []portal.Attachment
}

type earlierEdition struct {
	registers.Edition
	Rows []entryRow
}

func (s *Face) entryRows(lang string, r *registers.Register, v registers.Values, files map[string][]portal.Attachment) []entryRow {
	var out []entryRow
	for _, f := range r.Fields {
		row := entryRow{Name: f.Name.In(lang), Files: files[f.Code]}
		switch f.Kind {
		case "power", "powers":
			for w := range strings.FieldsSeq(v[f.Code]) {
				cell := registerCell{Text: w}
				if l := s.Store.Listings(portal.Key{Kind: powers.Kind.Code, ID: w})[0]; l != nil {
					cell = registerCell{Text: portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, lang), URL: s.Address(l.Key)}
				}
				row.Cells = append(row.Cells, cell)
			}
		default:
			if x := f.Told(v[f.Code], lang, s.OrganIn(lang)); x != "" {
				row.Cells = []registerCell{{Text: x}}
			}
		}
		if len(row.Cells)+len(row.Files) > 0 {
			out = append(out, row)
		}
	}
	return out
}

// entry answers GET /entries/{id}. One that was withdrawn says so and why, with the
// status 410, and nothing else.
func (s *Face) entry(c echo.Context) error {
	t := page.TextsOf(c)
	e, err := s.Registers.Store.Get(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if e.Public == nil {
		return portal.Missing()
	}
	r := e.Of()
	if w := e.Withdrawn; w != nil {
		return s.Render(c, http.StatusGone, "notice", page.NoticePage{Base: s.Base(c, r.Name.In(t.Lang)), Text: t.T("register.withdrawn", "Date", t.Date(w.On), "Reason", w.Reason), LinkTo: s.BasePath + "/registers/" + r.Code, Link: r.Name.In(t.Lang)})
	}
	p := entryPage{Base: s.Base(c, e.Title(t.Lang)), Entry: e, Register: r, Rows: s.entryRows(t.Lang, r, e.Public.Values, e.Public.Files)}
	p.Section = "powers"
	p.Letter = s.Registers.Letter(e, t.Lang, true, s.OrganIn(t.Lang), t.Date) != ""
	if r.Promise != nil {
		p.Standing = r.Stands(e.Public.Values, s.Today())
	}
	for _, x := range e.Earlier {
		p.Earlier = append(p.Earlier, earlierEdition{x, s.entryRows(t.Lang, r, x.Values, nil)})
	}
	slices.Reverse(p.Earlier)
	return s.Render(c, http.StatusOK, "entry", p)
}

// entryLetter answers GET /entries/{id}/letter.pdf: the paper that is made of an entry.
func (s *Face) entryLetter(c echo.Context) error {
	e, err := s.Registers.Store.Get(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	text := s.Registers.Letter(e, t.Lang, true, s.OrganIn(t.Lang), t.Date)
	if text == "" || e.Withdrawn != nil {
		return portal.Missing()
	}
	file, err := letter.Printer{}.PDF(text, e.Public.At)
	if err != nil {
		return err
	}
	return page.SendMade(c, e.ID()+".pdf", file)
}

// registerCalendar answers GET /registers/{code}/calendar.ics: the days of a register that
// are not past, for the calendar program of a telephone.
func (s *Face) registerCalendar(c echo.Context) error {
	r, t := registers.Named(c.Param("code")), page.TextsOf(c)
	if r == nil || r.Calendar == nil || r.Internal {
		return portal.Missing()
	}
	cal := ical.NewCalendar()
	cal.SetMethod(ical.MethodPublish)
	cal.SetProductId("-//gongkai//" + r.Code + "//ZH")
	cal.SetXWRCalName(r.Name.In(t.Lang))
	for _, l := range s.Store.Browse(portal.Browse{Kind: registers.Kind.Code, Genre: r.Code, Page: 1, Size: maxEntries}).Rows {
		e, err := s.Registers.Store.Get(c.Request().Context(), l.ID)
		if err != nil {
			return err
		}
		v := e.Public.Values
		day := v.DateOf(r.Calendar.Day)
		if e.Withdrawn != nil || day < s.Today()-31 {
			continue
		}
		ev := cal.AddEvent(e.ID() + "@" + s.OriginOf(c))
		ev.SetDtStampTime(e.Public.At)
		ev.SetAllDayStartAt(day.Time())
		ev.SetAllDayEndAt((day + 1).Time())
		ev.SetSummary(strings.TrimSpace(r.Fill(r.Calendar.Title, v, t.Lang) + " " + v[r.Calendar.Hours]))
		ev.SetLocation(v[r.Calendar.Place])
		ev.SetURL(s.OriginOf(c) + s.Address(portal.Key{Kind: registers.Kind.Code, ID: e.ID()}))
	}
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", []byte(cal.Serialize()))
}

// entryFile sends a file of an entry.
func (s *Face) entryFile(c echo.Context) error {
	e, err := s.Registers.Store.Get(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if e.Public == nil || e.Withdrawn != nil {
		return portal.Missing()
	}
	for _, list := range e.Public.Files {
		if a := page.Attachment(list, c.Param("file")); a != nil {
			return s.SendFile(c, *a, true)
		}
	}
	return portal.Missing()
}

// hallPage is what hall.html shows: the windows of the service hall, each with its
// columns, made from records that are there.
type hallPage struct {
	page.Base
	Windows []hallWindow
	News    []*portal.Listing // 动态
	Months  []hallMonth
}

type hallWindow struct {
	Entry   *registers.Entry
	Forms   []portal.Attachment
	Matters []hallMatter
	Asked   []*registers.Entry // who answers first (首问负责)
}

type hallMatter struct {
	*portal.Listing
	Articles                      []powers.Article
	Steps                         bool
	Promised, Telephone, Supervis string
	Forms                         []portal.Attachment
}

type hallMonth struct {
	Month                     string
	Accepted, Done, Consulted int64
}

// hall answers GET /hall: the service hall (办事大厅), with dynamics, matters, basis,
// operation, consultation and supervision.
func (s *Face) hall(c echo.Context) error {
	ctx, t := c.Request().Context(), page.TextsOf(c)
	p := hallPage{Base: s.Base(c, t.T("hall.title"))}
	p.Section = "powers"
	public := func(register string) ([]*registers.Entry, error) {
		return s.Registers.Store.All(ctx, func(e *registers.Entry) bool {
			return e.Register == register && e.Public != nil && e.Withdrawn == nil
		})
	}
	windows, err := public("windows")
	if err != nil {
		return err
	}
	contacts, err := public("first_contact")
	if err != nil {
		return err
	}
	slices.SortFunc(windows, func(a, b *registers.Entry) int {
		return cmp.Or(cmp.Compare(a.Public.Values["name"], b.Public.Values["name"]), cmp.Compare(a.ID(), b.ID()))
	})
	for _, e := range windows {
		w := hallWindow{Entry: e, Forms: e.Public.Files["forms"]}
		for _, id := range strings.Fields(e.Public.Values["powers"]) {
			l := s.Store.Listings(portal.Key{Kind: powers.Kind.Code, ID: id})[0]
			if l == nil {
				continue
			}
			i, err := s.Powers.Store.Get(ctx, id)
			if err != nil {
				return err
			}
			at := i.AsOf(s.Today())
			if !at.In() {
				continue
			}
			w.Matters = append(w.Matters, hallMatter{l, at.Values.Articles("basis"), len(at.Values.Steps()) > 0,
				powers.FieldNamed("promised").Shown(at.Values["promised"], t.Lang), at.Values["telephone"], at.Values["supervise"], at.Forms})
		}
		for _, f := range contacts {
			if f.Organ == e.Organ && (f.Public.Values["matter"] == e.Public.Values["name"] || strings.Contains(e.Public.Values["name"], f.Public.Values["matter"])) {
				w.Asked = append(w.Asked, f)
			}
		}
		p.Windows = append(p.Windows, w)
	}
	p.News = s.Store.Browse(portal.Browse{Kind: documents.Kind.Code, Item: "5", Page: 1, Size: 6}).Rows
	months, err := public("window_counts")
	if err != nil {
		return err
	}
	byMonth := make(map[string]*hallMonth)
	for _, e := range months {
		v := e.Public.Values
		m := byMonth[v["month"]]
		if m == nil {
			m = &hallMonth{Month: v["month"]}
			byMonth[v["month"]] = m
		}
		for code, n := range map[string]*int64{"accepted": &m.Accepted, "done": &m.Done, "consulted": &m.Consulted} {
			x, _ := strconv.ParseInt(v[code], 10, 64) // a number by its rule
			*n += x
		}
	}
	for _, m := range byMonth {
		p.Months = append(p.Months, *m)
	}
	slices.SortFunc(p.Months, func(a, b hallMonth) int { return cmp.Compare(b.Month, a.Month) })
	return s.Render(c, http.StatusOK, "hall", p)
}
