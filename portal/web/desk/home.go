package desk

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/documents"
	"gongkai/portal/web/page"
)

// deskPage is what desk.html shows: what waits for whoever is signed in.
type deskPage struct {
	page.Base
	Writing, Waiting int
	Applications     []cases.WorkItem
	Counts           map[string]int // of applications, by view
	Asked            int            // questions from inside
	Interpret        []documents.ToInterpret
	Due              []portal.Due
	Low              bool // there is little room left on the disk
}

// maxDue is how many tasks the first page lists.
const maxDue = 12

func (s *Face) desk(c echo.Context) error {
	by := page.ActorOf(c)
	p := deskPage{Base: s.DeskBase(c, page.TextsOf(c).T("desk.title")), Low: by.CanSome(portal.ManagePeople) && s.Store.Low()}
	drafts, err := s.drafts().myDrafts(c.Request().Context(), by)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		switch d.State {
		case documents.Submitted:
			p.Waiting++
		case documents.Internal:
		default:
			p.Writing++
		}
	}
	if by.CanSome(portal.WriteDocuments) {
		if p.Interpret, err = s.Documents.ToInterpret(c.Request().Context(), by); err != nil {
			return err
		}
	}
	if by.CanSome(portal.HandleApplications) {
		work, err := s.Cases.Lists().WorkList(by, cases.WorkFilter{Size: 10})
		if err != nil {
			return err
		}
		p.Applications, p.Counts = work.Items, work.Counts
	}
	if p.Due, err = s.Reminders.List(c.Request().Context(), by, ""); err != nil {
		return err
	}
	p.Due = p.Due[:min(maxDue, len(p.Due))]
	asked, err := s.Cases.Handling().AskedOf(c.Request().Context(), by)
	if err != nil {
		return err
	}
	p.Asked = len(asked)
	return s.Render(c, http.StatusOK, "desk", p)
}
