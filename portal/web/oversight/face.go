// Package oversight is the face of assessments and of what an inspection of the site would
// find today.
package oversight

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/assess"
	"gongkai/portal/grid"
	"gongkai/portal/letter"
	"gongkai/portal/locale"
	"gongkai/portal/web/page"
)

// Face is what overseers, organs and the public see of assessments.
type Face struct {
	*page.Site
	*page.Uploads
	Assessments assess.Assessments
}

// Routes names the addresses of this face, with who may use each.
func (s *Face) Routes(r page.Mount) {
	r.Open.Get("/assessments/:id", s.notice, r.Cached, r.Page)
	r.Open.Get("/assessments/:id/notice.pdf", s.noticePDF, r.Limited("files", 240), r.Page)
	r.Desk.See("GET", "/desk/health", portal.SeeDesk, s.health, r.Page)
	r.Desk.See("GET", "/desk/assessment", portal.SeeDesk, s.ranking, r.Page)
	r.Desk.See("POST", "/desk/assessment/publish", portal.ReleaseOversight, s.publish, r.Fresh, r.Page)
	r.Desk.See("GET", "/desk/assessment/:year/:organ", portal.SeeDesk, s.sheet, r.Page)
	r.Desk.See("POST", "/desk/assessment/:year/:organ/:step", portal.SeeDesk, s.step, r.Upload)
}

// healthPage is what desk_health.html shows.
type healthPage struct {
	page.Base
	Findings []assess.Finding
	Fails    int
}

// maxFacts is how many records behind a finding are listed.
const maxFacts = 20

// health answers GET /desk/health.
func (s *Face) health(c echo.Context) error {
	u := s.Assessments
	list, err := u.Health(c.Request().Context(), page.ActorOf(c))
	if err != nil {
		return err
	}
	p := healthPage{Base: s.DeskBase(c, page.TextsOf(c).T("health.title"))}
	for _, f := range list {
		f.Facts = f.Facts[:min(maxFacts, len(f.Facts))]
		if f.Fails && !f.Warn {
			p.Fails++
		}
		p.Findings = append(p.Findings, f)
	}
	return s.Render(c, http.StatusOK, "desk_health", p)
}

// rankingPage is what desk_assessment.html shows.
type rankingPage struct {
	page.Base
	Year    int
	Years   []page.FacetRow
	Groups  []assess.Group
	Rows    []assess.Scored
	States  map[string]string
	Notice  *assess.Notice
	Publish page.Form
}

func yearOf(c echo.Context, s *Face) int {
	if y := page.Atoi(c.QueryParam("year")); y >= 2000 && y <= s.Today().Year() {
		return y
	}
	return s.Today().Year()
}

// ranking answers GET /desk/assessment.
func (s *Face) ranking(c echo.Context) error { return s.showRanking(c, http.StatusOK, nil) }

func (s *Face) showRanking(c echo.Context, status int, wrong error) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	p := rankingPage{Base: s.DeskBase(c, t.T("assess.title")), Year: yearOf(c, s), Groups: assess.Rules.Groups, States: make(map[string]string)}
	var err error
	if p.Rows, err = s.Assessments.Ranking(ctx, by, p.Year); err != nil {
		return err
	}
	for _, x := range assess.Rules.Process.States {
		p.States[x.Code] = portal.Named(x.Name, t.Lang)
	}
	for y := s.Today().Year(); y > s.Today().Year()-3; y-- {
		p.Years = append(p.Years, page.FacetRow{Label: page.Itoa(y), URL: page.With(c, "year", page.Itoa(y)), Chosen: y == p.Year})
	}
	if n, err := s.Assessments.Notices.Get(ctx, strconv.Itoa(p.Year)); err == nil {
		p.Notice = n
	} else if portal.KindOf(err) != portal.NotFound {
		return err
	}
	if p.Notice == nil && by.CanSome(portal.ReleaseOversight) {
		p.Publish = page.Form{Action: s.BasePath + "/desk/assessment/publish?year=" + page.Itoa(p.Year), Submit: t.T("assess.publish"), Fields: []page.Field{
			{Name: "note", Kind: "textarea", Label: t.T("assess.note"), Hint: t.T("assess.note_hint"), Rows: 4, Max: portal.MaxProse, Optional: true}}}
		if wrong != nil {
			wrong = p.Publish.Again(c, wrong)
		}
	}
	if wrong != nil {
		return wrong
	}
	return s.Render(c, status, "desk_assessment", p)
}

// publish answers POST /desk/assessment/publish.
func (s *Face) publish(c echo.Context) error {
	n, err := s.Assessments.Publish(c.Request().Context(), page.ActorOf(c), yearOf(c, s), page.Typed(c, "note"))
	if err != nil {
		return s.showRanking(c, page.Statuses[page.Visible(err).Kind], err)
	}
	s.Flash(c, "register.released")
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/assessment?year="+n.ID())
}

// sheetPage is what desk_sheet.html shows: the scores of an organ, and what can be done.
type sheetPage struct {
	page.Base
	assess.Sheet
	Year  int
	Organ portal.OrganCode
	Table []sheetGroup
	State string
	Forms []page.CaseForm
}

type sheetGroup struct {
	assess.Group
	Lines []assess.Line
	Sum   int
}

// sheet answers GET /desk/assessment/{year}/{organ}.
func (s *Face) sheet(c echo.Context) error { return s.showSheet(c, http.StatusOK, "", nil) }

func (s *Face) showSheet(c echo.Context, status int, at string, wrong error) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	year, organ := page.Atoi(c.Param("year")), portal.OrganCode(c.Param("organ"))
	if year < 2000 || year > s.Today().Year() {
		return portal.Missing()
	}
	x, err := s.Assessments.Sheet(ctx, by, year, organ)
	if err != nil {
		return err
	}
	p := sheetPage{Base: s.DeskBase(c, t.T("assess.of", "Organ", s.OrganName(organ, t.Lang), "Year", year)), Sheet: x, Year: year, Organ: organ, State: portal.Named(assess.Rules.Process.StateNamed(x.Scored.State).Name, t.Lang)}
	for i, g := range assess.Rules.Groups {
		p.Table = append(p.Table, sheetGroup{g, x.Lines[i], x.Groups[i]})
	}
	steps := assess.Rules.Process.May(x.Assessment.Steps, "")
	if !by.Can(portal.WriteDocuments, organ) {
		steps = nil
	}
	if by.Can(portal.Oversee, organ) {
		steps = append(steps, assess.Rules.Process.May(x.Assessment.Steps, "overseer")...)
	}
	for _, r := range steps {
		f := page.CaseForm{Name: r.Code, Title: portal.Named(r.Name, t.Lang), Form: page.Form{Action: fmt.Sprintf("%s/desk/assessment/%d/%s/%s", s.BasePath, year, organ, r.Code), Submit: portal.Named(r.Name, t.Lang), Revision: x.Revision}}
		for _, lines := range x.Lines {
			for _, l := range lines {
				if l.Measure != "" || r.Code == "object" {
					continue
				}
				value := map[string]int{"submit": l.Mark.Self, "check": l.Mark.Self, "settle": l.Mark.Checked}[r.Code]
				f.Fields = append(f.Fields, page.Field{Name: l.Code, Kind: "text", Label: t.T("assess.score", "Criterion", portal.Named(l.Name, t.Lang), "Limit", l.Points), Hint: portal.Named(l.Hint, t.Lang), Value: page.Tenths(value), Max: 5})
				switch r.Code {
				case "submit":
					f.Fields = append(f.Fields, page.Field{Name: l.Code + "_evidence", Kind: "textarea", Label: t.T("assess.evidence"), Value: l.Mark.Evidence, Rows: 2, Max: portal.MaxNote, Optional: true},
						page.Field{Name: l.Code + "_files", Kind: "file", Label: t.T("mailbox.files"), Optional: true, Multiple: true})
				case "check":
					f.Fields = append(f.Fields, page.Field{Name: l.Code + "_remark", Kind: "text", Label: t.T("assess.remark"), Hint: t.T("assess.remark_hint"), Value: l.Mark.Remark, Max: portal.MaxNote, Optional: true})
				}
			}
		}
		if r.Note != "" {
			f.Fields = append(f.Fields, page.Field{Name: "note", Kind: "textarea", Label: t.T("mailbox.note"), Rows: 3, Max: portal.MaxNote, Optional: r.Note == "optional"})
		}
		p.Forms = append(p.Forms, f)
	}
	if wrong != nil {
		for i := range p.Forms {
			if p.Forms[i].Name == at {
				if wrong = s.Refused(c, &p.Forms[i].Form, "assessment/"+assess.ID(year, organ), wrong); wrong != nil {
					return wrong
				}
			}
		}
		if wrong != nil {
			return wrong
		}
	}
	return s.Render(c, status, "desk_sheet", p)
}

// maxEvidence is how many files prove a criterion at the most.
const maxEvidence = 10

// step answers POST /desk/assessment/{year}/{organ}/{step}.
func (s *Face) step(c echo.Context) error {
	year, organ, step := page.Atoi(c.Param("year")), portal.OrganCode(c.Param("organ")), c.Param("step")
	typed := make(map[string]assess.Typed)
	var err error
	for _, g := range assess.Rules.Groups {
		for _, x := range g.Criteria {
			if x.Measure != "" {
				continue
			}
			files, _, wrong := s.FormFiles(c, x.Code+"_files", maxEvidence)
			if wrong != nil {
				err = wrong
			}
			typed[x.Code] = assess.Typed{Score: page.Typed(c, x.Code), Evidence: page.Typed(c, x.Code+"_evidence"), Files: files, Remark: page.Typed(c, x.Code+"_remark")}
		}
	}
	if err == nil {
		_, err = s.Assessments.Step(c.Request().Context(), page.ActorOf(c), year, organ, page.SeenOf(c), step, page.Typed(c, "note"), typed)
	}
	if err != nil {
		return s.showSheet(c, page.Statuses[page.Visible(err).Kind], step, err)
	}
	s.Flash(c, "mailbox.step_done")
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("%s/desk/assessment/%d/%s", s.BasePath, year, organ))
}

// noticePage is what assessment.html shows.
type noticePage struct {
	page.Base
	Notice *assess.Notice
	Table  grid.Table
}

func (s *Face) published(c echo.Context) (*assess.Notice, error) {
	return s.Assessments.Notices.Get(c.Request().Context(), c.Param("id"))
}

// notice answers GET /assessments/{year}.
func (s *Face) notice(c echo.Context) error {
	n, err := s.published(c)
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	p := noticePage{Base: s.Base(c, portal.Named(assess.Title(n.Year), t.Lang)), Notice: n, Table: s.table(n, t)}
	return s.Render(c, http.StatusOK, "assessment", p)
}

// table is a ranking as a table.
func (s *Face) table(n *assess.Notice, t *locale.Texts) grid.Table {
	tb := grid.Table{Widths: []float64{0.7, 3}, Heads: 1, Rows: [][]grid.Cell{{{Text: t.T("assess.rank"), Head: true}, {Text: t.T("column.organ"), Head: true}}}}
	for _, g := range assess.Rules.Groups {
		tb.Rows[0], tb.Widths = append(tb.Rows[0], grid.Cell{Text: fmt.Sprintf("%s（%d）", portal.Named(g.Name, t.Lang), g.Points()), Head: true}), append(tb.Widths, 1.4)
	}
	tb.Rows[0], tb.Widths = append(tb.Rows[0], grid.Cell{Text: t.T("assess.total"), Head: true}), append(tb.Widths, 1.2)
	for _, l := range n.Lines {
		row := []grid.Cell{{Text: strconv.Itoa(l.Rank)}, {Text: s.OrganName(l.Organ, t.Lang)}}
		for _, x := range l.Groups {
			row = append(row, grid.Cell{Text: page.Tenths(x)})
		}
		tb.Rows = append(tb.Rows, append(row, grid.Cell{Text: page.Tenths(l.Total)}))
	}
	return tb
}

// noticePDF answers GET /assessments/{year}/notice.pdf.
func (s *Face) noticePDF(c echo.Context) error {
	n, err := s.published(c)
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	tb := s.table(n, t)
	file, err := letter.Printer{}.Paper(letter.Paper{Title: portal.Named(assess.Title(n.Year), t.Lang), Note: n.Note + "　" + t.Date(n.On), Pieces: []letter.Piece{{Table: &tb}}}, n.At)
	if err != nil {
		return err
	}
	return page.SendMade(c, "assessment-"+n.ID()+".pdf", file)
}
