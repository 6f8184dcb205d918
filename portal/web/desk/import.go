package desk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/importer"
	"gongkai/portal/table"
	"gongkai/portal/web/page"
)

// importPage is what desk_import.html shows.
type importPage struct {
	page.Base
	Form    page.Form
	Report  *importer.Report
	DryRun  bool
	Refused []refusedRow
	More    int // refused rows that are not listed
}

type refusedRow struct {
	Line    int
	Reasons []string
}

// maxImportBody is the most bytes of an import.
const maxImportBody = 512 << 20

// maxRefused is how many refused rows a page lists.
const maxRefused = 200

func (s *Face) importPage(c echo.Context) importPage {
	t := page.TextsOf(c)
	p := importPage{Base: s.DeskBase(c, t.T("desk.import"))}
	organs := append([]page.Option{{Label: t.T("import.no_organ")}}, s.OrganChoices(t.Lang, nil)...)
	p.Form = page.Form{Action: s.BasePath + "/desk/import", Submit: t.T("import.submit"), Fields: []page.Field{
		{Name: "what", Kind: "radios", Label: t.T("import.what"), Value: "documents", Options: []page.Option{{Value: "documents", Label: t.T("import.documents"), Chosen: true}, {Value: "applications", Label: t.T("import.applications"), Chosen: false}}},
		{Name: "file", Kind: "file", Label: t.T("import.file"), Hint: t.T("import.file_hint", "Limit", maxImportBody>>20), Accept: ".jsonl,.csv,.xlsx,.gz,.zip"},
		{Name: "organ", Kind: "select", Label: t.T("import.organ"), Hint: t.T("import.organ_hint"), Options: organs, Optional: true},
		{Name: "sheet", Kind: "text", Label: t.T("import.sheet"), Hint: t.T("import.sheet_hint"), Max: 100, Optional: true},
		{Name: "days", Kind: "select", Label: t.T("import.days"), Hint: t.T("import.days_hint"), Optional: true, Options: []page.Option{{Value: "", Label: t.T("import.days_found"), Chosen: true}, {Value: importer.DayFirst, Label: t.T("import.days_dmy"), Chosen: false}, {Value: importer.MonthFirst, Label: t.T("import.days_mdy"), Chosen: false}}},
		{Name: "options", Kind: "checkboxes", Label: t.T("import.options"), Optional: true, Options: []page.Option{{Value: "dry", Label: t.T("import.dry"), Chosen: false}, {Value: "draft", Label: t.T("import.draft"), Chosen: false}}},
	}}
	return p
}

func (s *Face) importForm(c echo.Context) error {
	return s.Render(c, http.StatusOK, "desk_import", s.importPage(c))
}

// withFiles opens a ZIP of a table and its files, with the organs that an exported
// catalogue brings; any other file is the table itself.
func (s *Face) withFiles(c echo.Context, f multipart.File, dry bool) (importer.Attach, io.Reader, error) {
	head := make([]byte, 4096)
	n, _ := io.ReadFull(f, head) // a shorter file is a table
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, nil, err
	}
	if head = head[:n]; !bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.Contains(head, []byte("[Content_Types].xml")) || bytes.Contains(head, []byte("mimetype")) {
		return nil, f, nil
	}
	ctx := c.Request().Context()
	a, err := s.OpenArchive(ctx, f, maxImportBody)
	if err != nil {
		return nil, nil, err
	}
	if a.Organs != nil && !dry {
		if _, err := importer.Organs(ctx, s.Import, page.ActorOf(c), bytes.NewReader(a.Organs), s.Now()); err != nil {
			return nil, nil, errors.Join(err, a.Close(ctx))
		}
	}
	return a, bytes.NewReader(a.Table), nil
}

// exportFile answers GET /desk/export: the whole catalogue as a ZIP, as the command line
// writes it.
func (s *Face) exportFile(c echo.Context) error {
	page.FileHeader(c, "catalogue.zip", "application/zip", false).Set("Cache-Control", "no-store")
	c.Response().WriteHeader(http.StatusOK)
	_, err := importer.Export(c.Request().Context(), c.Response(), s.Site.Store.Organs(), s.Store.Reader, s.Site.Store)
	return err
}

// importTemplate answers GET /desk/import/template.csv: the columns of an import.
func (s *Face) importTemplate(c echo.Context) error {
	page.FileHeader(c, "documents.csv", "text/csv; charset=utf-8", false)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", importer.Template())
}

// importFile answers POST /desk/import: the same import as on the command
// line, for a portal that runs.
func (s *Face) importFile(c echo.Context) error {
	p := s.importPage(c)
	t := page.TextsOf(c)
	refuse := func(err error) error {
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, http.StatusUnprocessableEntity, "desk_import", p)
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
	opt := importer.Options{Organ: portal.OrganCode(page.Typed(c, "organ")), Now: s.Now, Sheet: page.Typed(c, "sheet"), Days: page.Typed(c, "days"),
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
	var in io.Reader
	if opt.Attach, in, err = s.withFiles(c, f, opt.DryRun); err != nil {
		return refuse(err)
	}
	if a, ok := opt.Attach.(*page.Archive); ok {
		defer func() {
			if err := a.Close(context.WithoutCancel(c.Request().Context())); err != nil {
				s.Log.Error("files of an import could not be dropped", "ref", page.RefOf(c), "error", err)
			}
		}()
	}
	run := importer.Documents
	if page.Typed(c, "what") == "applications" {
		run = importer.Applications
	}
	rep, err := run(c.Request().Context(), s.Import, page.ActorOf(c), in, opt)
	if err != nil {
		return refuse(err)
	}
	p.Report, p.DryRun = &rep, opt.DryRun
	return s.Render(c, http.StatusOK, "desk_import", p)
}
