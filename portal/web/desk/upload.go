package desk

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/web/page"
)

// uploadPage is what desk_upload.html shows.
type uploadPage struct {
	page.Base
	Organs  []page.Option
	Rows    []uploadRow
	Done    bool // files were sent
	Problem string
	Limits  struct{ File, Request, Entries, Unpacked int64 }
}

// uploadRow is what became of a file.
type uploadRow struct {
	Name  string           `json:"name"`
	Title string           `json:"title,omitempty"`
	Draft string           `json:"draft,omitempty"` // address of the draft that it became
	Same  string           `json:"same,omitempty"`  // address of what holds the same file already
	Error string           `json:"error,omitempty"`
	Notes []string         `json:"notes,omitempty"`
	notes []portal.Problem // as keys
}

func (s drafts) uploadPage(c echo.Context) uploadPage {
	t, by := page.TextsOf(c), page.ActorOf(c)
	p := uploadPage{Base: s.DeskBase(c, t.T("upload.title"))}
	mine, all := by.OrgansFor(portal.WriteDocuments)
	p.Organs = s.OrganChoices(t.Lang, func(o portal.Organ) bool { return all || slices.Contains(mine, o.Code) })
	for i := range p.Organs {
		p.Organs[i].Chosen = p.Organs[i].Value == page.Typed(c, "organ")
	}
	p.Limits.File, p.Limits.Request, p.Limits.Entries, p.Limits.Unpacked = portal.MaxFile>>20, page.MaxBulkBody>>20, page.MaxEntries, page.MaxUnpacked>>20
	return p
}

func (s drafts) uploadForm(c echo.Context) error {
	return s.Render(c, http.StatusOK, "desk_upload", s.uploadPage(c))
}

// uploadFiles answers POST /desk/upload: each file becomes a draft, with what was
// read out of it for the officer to confirm. One that is there already is shown, not
// made again, so that an upload can be repeated.
func (s drafts) uploadFiles(c echo.Context) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	p := s.uploadPage(c)
	organ := portal.OrganCode(page.Typed(c, "organ"))
	if err := by.Need(portal.WriteDocuments, organ); err != nil {
		p.Problem = t.T("upload.choose_organ")
		return s.uploaded(c, http.StatusUnprocessableEntity, p)
	}
	p.Done = true
	err := s.Each(c, "files", func(r page.Received) error {
		row := uploadRow{Name: r.Name}
		defer func() { p.Rows = append(p.Rows, row) }()
		if r.Err != nil {
			e := page.Visible(r.Err)
			args := portal.Args{"Name": r.Name}
			for k, v := range e.Args {
				args[k] = v
			}
			row.Error = t.Args(e.Key, args)
			return nil
		}
		var err error
		if row.Same, err = s.holder(c, organ, r.Attachment.File); err != nil || row.Same != "" {
			return err
		}
		content, found := s.Documents.Recognise(r.Attachment.Name, r.Read.Text)
		content.Organs = append([]portal.OrganCode{organ}, slices.DeleteFunc(content.Organs, func(o portal.OrganCode) bool { return o == organ })...)
		content.Attachments = []portal.Attachment{r.Attachment}
		if len([]rune(content.Title)) > portal.MaxLine {
			content.Title = string([]rune(content.Title)[:portal.MaxLine])
		}
		d, err := s.Documents.Write(ctx, by, &documents.Draft{Content: content, Recognised: found}, portal.Absent)
		if err != nil {
			return err
		}
		if err := s.Keep(c, r); err != nil {
			return err
		}
		row.Title, row.Draft = content.Title, s.BasePath+"/desk/drafts/"+string(d.ID)
		row.notes = r.Attachment.Notes
		return nil
	})
	if err != nil {
		return err
	}
	if len(p.Rows) == 0 {
		p.Done, p.Problem = false, t.T("upload.no_files")
		return s.uploaded(c, http.StatusUnprocessableEntity, p)
	}
	return s.uploaded(c, http.StatusOK, p)
}

func (s drafts) uploaded(c echo.Context, status int, p uploadPage) error {
	t := page.TextsOf(c)
	for i := range p.Rows {
		for _, n := range p.Rows[i].notes {
			p.Rows[i].Notes = append(p.Rows[i].Notes, t.Args(n.Key, n.Args))
		}
	}
	if strings.Contains(c.Request().Header.Get("Accept"), "application/json") {
		return c.JSON(status, map[string]any{"rows": p.Rows, "problem": p.Problem})
	}
	return s.Render(c, status, "desk_upload", p)
}

// holder is the address of the draft or document of an organ that has a file; "" for
// none.
func (s drafts) holder(c echo.Context, organ portal.OrganCode, file portal.FileID) (string, error) {
	ctx := c.Request().Context()
	ds, docs, err := s.Store.Holders(ctx, file)
	if err != nil {
		return "", err
	}
	for _, d := range ds {
		if d.Content.Lead() == organ {
			return s.BasePath + "/desk/drafts/" + string(d.ID), nil
		}
	}
	for _, d := range docs {
		if d.Lead() == organ && !d.Withdrawn {
			return s.Address(documents.KeyOf(d.ID)), nil
		}
	}
	return "", nil
}
