package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/importer"
	"gongkai/portal/locale"
	"gongkai/portal/powers"
	"gongkai/portal/table"
	"gongkai/portal/text"
	"gongkai/portal/web/page"
)

// powersImportPage is what desk_powers_import.html shows: first a form for the file, then
// how its columns are read and what would become of each row.
type powersImportPage struct {
	page.Base
	Form    page.Form
	File    portal.FileID // once it is there
	Name    string
	Sheets  []page.Option
	Cols    []importColumn
	Unknown bool          // no column was recognised
	Hidden  []page.Option // what was typed in the first step
	Rows    int
	Counts  map[powers.Fate]int
	Refused []refusedRow
	More    int
	Done    bool
	Problem string
}

// Count is how many rows have a fate.
func (p powersImportPage) Count(fate string) int { return p.Counts[powers.Fate(fate)] }

// importColumn is a column of the file: its head, what the first rows have in it, and the
// field that it holds.
type importColumn struct {
	N       int
	Head    string
	Samples []string
	Options []page.Option
}

func (s powering) importPage(c echo.Context) powersImportPage {
	t := page.TextsOf(c)
	p := powersImportPage{Base: s.DeskBase(c, t.T("power.import"))}
	types := append([]page.Option{{Label: t.T("power.import_by_row")}}, page.Choices(portal.PowerTypes, t.Lang, "")...)
	organs := append([]page.Option{{Label: t.T("power.import_by_row")}}, s.OrgansOf(c, portal.EditPowers, "")...)
	p.Form = page.Form{Action: s.BasePath + "/desk/powers/import", Submit: t.T("power.import_look"), Fields: []page.Field{
		{Name: "file", Kind: "file", Label: t.T("import.file"), Hint: t.T("power.import_hint"), Accept: ".xlsx,.xls,.csv,.txt,.json,.jsonl"},
		{Name: "organ", Kind: "select", Label: t.T("column.organ"), Hint: t.T("power.import_organ_hint"), Options: organs, Optional: true},
		{Name: "type", Kind: "select", Label: t.T("facet.type"), Options: types, Optional: true},
		{Name: "reason", Kind: "text", Label: t.T("power.reason"), Value: t.T("power.import_reason"), Max: portal.MaxNote},
		{Name: "document", Kind: "text", Label: t.T("power.document"), Hint: t.T("power.document_hint"), Max: portal.MaxLine},
		{Name: "effective", Kind: "date", Label: t.T("doc.effective"), Value: s.Today().String()},
	}}
	return p
}

// importForm answers GET /desk/powers/import.
func (s powering) importForm(c echo.Context) error {
	return s.Render(c, http.StatusOK, "desk_powers_import", s.importPage(c))
}

// importFile answers POST /desk/powers/import. With a file it shows how it would be read;
// with the file's name and the columns as the officer has put them it tries again, or
// proposes what the file says.
func (s powering) importFile(c echo.Context) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	p := s.importPage(c)
	refuse := func(err error) error {
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, http.StatusUnprocessableEntity, "desk_powers_import", p)
	}
	p.File, p.Name = portal.FileID(page.Typed(c, "id")), page.Typed(c, "name")
	if p.File == "" {
		files, _, err := s.FormFiles(c, "file", 1)
		if err == nil && len(files) == 0 {
			err = portal.Wrong("file", "error.required", nil)
		}
		if err != nil {
			return refuse(err)
		}
		p.File, p.Name = files[0].File, files[0].Name
		if err := s.KeepUploads(c); err != nil {
			return err
		}
	}
	f, err := s.Store.OpenFile(ctx, p.File)
	if err != nil {
		p.File = ""
		return refuse(portal.Wrong("file", "power.import_gone", nil))
	}
	defer f.Close()
	frames, err := importer.Frames(f, func(b []byte) (table.Workbook, error) { return s.Reader.Workbook(ctx, b) })
	if err != nil {
		p.File = ""
		return refuse(err)
	}
	frame := &frames[0]
	for i, x := range frames {
		chosen := c.FormValue("sheet") == strconv.Itoa(i) || c.FormValue("sheet") == "" && i == 0
		if chosen {
			frame = &frames[i]
		}
		p.Sheets = append(p.Sheets, page.Option{Value: strconv.Itoa(i), Label: t.T("power.import_sheet", "Name", x.Sheet, "N", len(x.Rows)), Chosen: chosen})
	}
	step := c.FormValue("step")
	fields, err := s.columnsOf(c, frame, step != "" && c.FormValue("sheet") == c.FormValue("shown"))
	if err != nil {
		return err
	}
	s.columns(&p, t, frame, fields)
	p.Unknown = len(fields) == 0
	var ps []portal.Problem
	change := powers.Change{Reason: page.Typed(c, "reason"), Document: page.Typed(c, "document"), Effective: page.DayOf(c, "effective", &ps)}
	if len(ps) > 0 {
		return refuse(page.Joined(ps, nil))
	}
	for _, name := range []string{"organ", "type", "reason", "document", "effective"} {
		p.Hidden = append(p.Hidden, page.Option{Value: page.Typed(c, name), Label: name})
	}
	rows := frame.Powers(fields, importer.PowerDefaults{Organ: portal.OrganCode(page.Typed(c, "organ")), Type: page.Typed(c, "type")}, importer.OrganNamed(s.Site.Store.Organs()))
	out, err := s.Powers.Bring(ctx, by, rows, change, step != "send", false)
	if err != nil {
		if e, ok := errors.AsType[*portal.Error](err); ok && e.Kind != portal.Internal {
			p.File = ""
			return refuse(err)
		}
		return err
	}
	p.Rows, p.Done, p.Counts = len(rows), step == "send", make(map[powers.Fate]int)
	for _, o := range out {
		p.Counts[o.Fate]++
		if o.Err == nil {
			continue
		}
		if len(p.Refused) == maxRefused {
			p.More++
			continue
		}
		p.Refused = append(p.Refused, refusedRow{o.Line, importer.PowerReasons(t, o.Err)})
	}
	if p.Done {
		if err := s.remember(c, frame, fields); err != nil {
			return err
		}
	}
	return s.Render(c, http.StatusOK, "desk_powers_import", p)
}

// columnsOf tells which field each column holds: as the officer says, as it was
// remembered, or as the heads tell.
func (s powering) columnsOf(c echo.Context, f *importer.Frame, typed bool) (map[int]string, error) {
	if typed {
		out := make(map[int]string)
		for i := range f.Heads {
			if v := c.FormValue("column" + strconv.Itoa(i)); v != "" {
				out[i] = v
			}
		}
		return out, nil
	}
	m, err := s.Powers.Mappings.Get(c.Request().Context(), f.Key())
	if err != nil && portal.KindOf(err) != portal.NotFound {
		return nil, err
	}
	if err != nil {
		return importer.Detect(f.Heads), nil
	}
	out := make(map[int]string)
	for i, h := range f.Heads {
		if code := m.Fields[h]; code != "" {
			out[i] = code
		}
	}
	return out, nil
}

// remember keeps how the columns were read.
func (s powering) remember(c echo.Context, f *importer.Frame, fields map[int]string) error {
	by, seen := page.ActorOf(c), portal.Latest
	if _, err := s.Powers.Mappings.Get(c.Request().Context(), f.Key()); portal.KindOf(err) == portal.NotFound && err != nil {
		seen = portal.Absent
	}
	_, err := s.Powers.Mappings.Change(c.Request().Context(), by, f.Key(), seen, "remember columns", s.Now(), func(m *powers.Mapping) (string, error) {
		m.Heads, m.Fields, m.By = f.Heads, make(map[string]string), by.Login
		for i, code := range fields {
			if i < len(f.Heads) && f.Heads[i] != "" {
				m.Fields[f.Heads[i]] = code
			}
		}
		return strings.Join(f.Heads, ", "), nil
	})
	return err
}

// columns shows the columns of a frame with their fields.
func (s powering) columns(p *powersImportPage, t *locale.Texts, f *importer.Frame, fields map[int]string) {
	all := []page.Option{{Label: t.T("power.import_skip")}, {Value: importer.FieldOrgan, Label: t.T("column.organ")}, {Value: importer.FieldCode, Label: t.T("power.code")}}
	for _, x := range powers.Rules.Fields {
		all = append(all, page.Option{Value: x.Code, Label: x.Name.In(t.Lang)})
	}
	for i, h := range f.Heads {
		x := importColumn{N: i, Head: h, Options: slices.Clone(all)}
		for j := range x.Options {
			x.Options[j].Chosen = x.Options[j].Value == fields[i]
		}
		for _, r := range f.Rows {
			if len(x.Samples) == 2 {
				break
			}
			if i < len(r.Cells) && strings.TrimSpace(r.Cells[i]) != "" {
				x.Samples = append(x.Samples, text.Short(strings.Join(strings.Fields(r.Cells[i]), " "), 40))
			}
		}
		p.Cols = append(p.Cols, x)
	}
}

// approveMany answers POST /desk/powers/approve: it approves the proposals that were
// chosen, or all that wait in an organ.
func (s powering) approveMany(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	ids := form["item"]
	if c.FormValue("all") != "" {
		list, err := s.Powers.Store.All(ctx, func(i *powers.PowerItem) bool {
			return i.Proposal != nil && i.Proposal.Remark == "" && by.Can(portal.ReviewPowers, i.Organ)
		})
		if err != nil {
			return err
		}
		ids = nil
		for _, i := range list {
			ids = append(ids, string(i.ID()))
		}
	}
	n, refused, err := s.Powers.ApproveAll(ctx, by, ids, page.Typed(c, "legality"))
	if err != nil {
		return err
	}
	p, err := s.listPage(c)
	if err != nil {
		return err
	}
	p.Approved = n
	for _, o := range refused {
		p.Refused = append(p.Refused, string(o.ID)+t.T("form.colon")+strings.Join(importer.PowerReasons(t, o.Err), "；"))
	}
	status := http.StatusOK
	if len(refused) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.Render(c, status, "desk_powers", p)
}
