package desk

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/directory"
	"gongkai/portal/documents"
	"gongkai/portal/ledgers"
	"gongkai/portal/web/page"
)

// directoryPage is what desk_directory.html shows: directories with what is public of each
// item.
type directoryPage struct {
	page.Base
	Shown  []coveredDirectory
	Form   page.Form
	MayAdd bool
}

// coveredDirectory is a directory with how its items stand.
type coveredDirectory struct {
	*directory.Directory
	Field        portal.Term
	Cells        []directory.Cell
	Empty, Stale int
}

func (s planning) directoryPage(c echo.Context) (directoryPage, error) {
	t, by := page.TextsOf(c), page.ActorOf(c)
	p := directoryPage{Base: s.DeskBase(c, t.T("directory.title")), MayAdd: by.CanSome(portal.WriteDocuments)}
	var fields []page.Option
	for _, f := range directory.Fields() {
		fields = append(fields, page.Option{Value: f.Code, Label: f.Name.In(t.Lang), Chosen: f.Code == page.Typed(c, "field")})
	}
	p.Form = page.Form{Action: s.BasePath + "/desk/directory", Submit: t.T("directory.import"), Fields: []page.Field{
		{Name: "organ", Kind: "select", Label: t.T("column.organ"), Options: s.OrgansOf(c, portal.WriteDocuments, portal.OrganCode(page.Typed(c, "organ")))},
		{Name: "field", Kind: "select", Label: t.T("directory.field"), Options: fields},
		{Name: "file", Kind: "file", Label: t.T("directory.file"), Hint: t.T("directory.file_hint", "Limit", directory.MaxRows), Accept: ".xlsx,.xls,.ods,.docx,.csv"}}}
	list, err := s.Directories.List(c.Request().Context())
	if err != nil {
		return p, err
	}
	for _, d := range list {
		docs := s.Store.Browse(portal.Browse{Kind: documents.Kind.Code, Organ: d.Organ, Page: 1, Size: page.MaxDownload}).Rows
		x := coveredDirectory{Directory: d, Cells: directory.Cover(d, s.Today(), docs)}
		x.Field, _ = directory.FieldNamed(d.Field)
		for _, cell := range x.Cells {
			if cell.Count == 0 {
				x.Empty++
			} else if cell.Stale {
				x.Stale++
			}
		}
		p.Shown = append(p.Shown, x)
	}
	return p, nil
}

// directories answers GET /desk/directory.
func (s planning) directories(c echo.Context) error {
	p, err := s.directoryPage(c)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "desk_directory", p)
}

// directoryImport answers POST /desk/directory: a table that any reader of the portal
// reads takes the place of the directory that the organ has in the field.
func (s planning) directoryImport(c echo.Context) error {
	_, texts, err := s.FormFiles(c, "file", 1)
	if err == nil && len(texts) == 0 {
		err = portal.Wrong("file", "error.required", nil)
	}
	var rows []directory.Row
	if err == nil {
		rows, err = directory.Read(rowsTyped(texts[0], ledgers.Form{}))
	}
	if err == nil {
		_, err = s.Directories.Import(c.Request().Context(), page.ActorOf(c), portal.OrganCode(page.Typed(c, "organ")), page.Typed(c, "field"), rows)
	}
	if err != nil {
		p, e := s.directoryPage(c)
		if e != nil {
			return e
		}
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, page.Statuses[page.Visible(err).Kind], "desk_directory", p)
	}
	s.Flash(c, "directory.imported", "N", len(rows))
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/directory")
}
