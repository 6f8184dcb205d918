package office

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/importer"
	"gongkai/portal/web/page"
)

// calendarPage is what desk_calendar.html shows.
type calendarPage struct {
	page.Base
	Notices []clock.Notice
	Form    page.Form
	Checked *clock.Notice // what was read, before it is saved
	Moved   []cases.MovedCase
}

func (s holidays) calendarPage(c echo.Context) (calendarPage, error) {
	t := page.TextsOf(c)
	p := calendarPage{Base: s.DeskBase(c, t.T("calendar.title"))}
	var err error
	if p.Notices, err = s.Notices.All(c.Request().Context()); err != nil {
		return p, err
	}
	revision, err := s.Notices.Revision(c.Request().Context())
	p.Form = page.Form{Action: s.BasePath + "/desk/calendar", Revision: revision, Fields: []page.Field{
		{Name: "file", Kind: "file", Label: t.T("calendar.file"), Hint: t.T("calendar.file_hint"), Accept: ".json,.ics,.txt", Optional: true},
		{Name: "text", Kind: "textarea", Rows: 12, Label: t.T("calendar.text"), Hint: t.T("calendar.text_hint"), Optional: true},
		{Name: "source", Kind: "text", Label: t.T("calendar.source"), Hint: t.T("calendar.source_hint"), Max: portal.MaxLine},
	}}
	return p, err
}

// deskCalendar answers GET /desk/calendar: the holiday notices (节假日安排) in
// force, and the form to load one.
func (s holidays) deskCalendar(c echo.Context) error {
	p, err := s.calendarPage(c)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "desk_calendar", p)
}

// calendarSave answers POST /desk/calendar: first it shows what was read and
// which deadlines it moves; with the button "save" it loads the notice.
func (s holidays) calendarSave(c echo.Context) error {
	p, err := s.calendarPage(c)
	if err != nil {
		return err
	}
	by := page.ActorOf(c)
	if err := by.Need(portal.ManageCalendar, ""); err != nil {
		return err
	}
	n, err := s.noticeOf(c)
	if err == nil && page.Typed(c, "do") == "save" {
		var moved []cases.MovedCase
		if moved, err = s.Notices.Save(c.Request().Context(), by, n, page.SeenOf(c)); err == nil {
			s.Flash(c, "calendar.saved", "Year", n.Year, "N", len(moved))
			return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/calendar")
		}
	}
	if err == nil {
		p.Moved, err = s.Notices.Preview(c.Request().Context(), n)
	}
	if err != nil {
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, page.Statuses[page.Visible(err).Kind], "desk_calendar", p)
	}
	p.Checked = &n
	p.Form.Fields[1].Value, p.Form.Fields[2].Value = importer.NoticeText(n), strings.Join(n.Source, " ")
	return s.Render(c, http.StatusOK, "desk_calendar", p)
}

// noticeOf reads the notice from the file, or else from the text.
func (s holidays) noticeOf(c echo.Context) (clock.Notice, error) {
	body := []byte(page.Typed(c, "text"))
	file, err := c.FormFile("file")
	if err != nil && !errors.Is(err, http.ErrMissingFile) && !errors.Is(err, http.ErrNotMultipart) {
		return clock.Notice{}, err
	}
	if file != nil && file.Size > 0 {
		f, err := file.Open()
		if err != nil {
			return clock.Notice{}, err
		}
		defer f.Close()
		if body, err = io.ReadAll(io.LimitReader(f, importer.MaxNotice+1)); err != nil {
			return clock.Notice{}, err
		}
	}
	n, err := importer.Notice(body)
	if err != nil {
		return n, err
	}
	if source := page.Typed(c, "source"); source != "" {
		n.Source = []string{source}
	}
	return n, cases.CheckNotice(n)
}
