package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/importer"
	"gongkai/portal/table"
)

// importPage is what desk_import.html shows.
type importPage struct {
	base
	Form    form
	Report  *importer.Report
	DryRun  bool
	Refused []refusedRow
	More    int // refused rows that are not listed
}

type refusedRow struct {
	Line    int
	Reasons []string
}

// maxRefused is how many refused rows a page lists.
const maxRefused = 200

func (s *Server) importPage(c echo.Context) importPage {
	t := textsOf(c)
	p := importPage{base: s.deskBase(c, t.T("desk.import"))}
	organs := append([]option{{Label: t.T("import.no_organ")}}, s.organChoices(t.Lang, nil)...)
	p.Form = form{Action: s.BasePath + "/desk/import", Submit: t.T("import.submit"), Fields: []field{
		{Name: "what", Kind: "radios", Label: t.T("import.what"), Value: "documents", Options: []option{{"documents", t.T("import.documents"), true}, {"applications", t.T("import.applications"), false}}},
		{Name: "file", Kind: "file", Label: t.T("import.file"), Hint: t.T("import.file_hint", "Limit", maxImportBody>>20), Accept: ".jsonl,.csv,.xlsx,.gz"},
		{Name: "organ", Kind: "select", Label: t.T("import.organ"), Hint: t.T("import.organ_hint"), Options: organs, Optional: true},
		{Name: "sheet", Kind: "text", Label: t.T("import.sheet"), Hint: t.T("import.sheet_hint"), Max: 100, Optional: true},
		{Name: "days", Kind: "select", Label: t.T("import.days"), Hint: t.T("import.days_hint"), Optional: true, Options: []option{{"", t.T("import.days_found"), true}, {importer.DayFirst, t.T("import.days_dmy"), false}, {importer.MonthFirst, t.T("import.days_mdy"), false}}},
		{Name: "options", Kind: "checkboxes", Label: t.T("import.options"), Optional: true, Options: []option{{"dry", t.T("import.dry"), false}, {"draft", t.T("import.draft"), false}}},
	}}
	return p
}

func (s *Server) importForm(c echo.Context) error {
	return s.render(c, http.StatusOK, "desk_import", s.importPage(c))
}

// importFile answers POST /desk/import: the same import as on the command
// line, for a portal that runs.
func (s *Server) importFile(c echo.Context) error {
	p := s.importPage(c)
	t := textsOf(c)
	refuse := func(err error) error {
		if err := p.Form.again(c, err); err != nil {
			return err
		}
		return s.render(c, http.StatusUnprocessableEntity, "desk_import", p)
	}
	h, err := c.FormFile("file")
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	if err != nil {
		return refuse(portal.Wrong("file", "error.required", nil))
	}
	f, err := h.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	opt := importer.Options{Organ: portal.OrganCode(typed(c, "organ")), Now: s.Now, Sheet: typed(c, "sheet"), Days: typed(c, "days"),
		Workbook: func(b []byte) (table.Workbook, error) { return s.Reader.Workbook(c.Request().Context(), b) }, Refused: func(r importer.Refusal) {
			if len(p.Refused) == maxRefused {
				p.More++
				return
			}
			p.Refused = append(p.Refused, refusedRow{r.Line, importer.Reasons(t, r)})
		}}
	values, _ := c.FormParams() // read above already
	for _, o := range values["options"] {
		opt.DryRun, opt.Draft = opt.DryRun || o == "dry", opt.Draft || o == "draft"
	}
	run := importer.Documents
	if typed(c, "what") == "applications" {
		run = importer.Applications
	}
	rep, err := run(c.Request().Context(), s.Store, actorOf(c), f, opt)
	if err != nil {
		return refuse(err)
	}
	p.Report, p.DryRun = &rep, opt.DryRun
	return s.render(c, http.StatusOK, "desk_import", p)
}
