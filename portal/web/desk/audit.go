package desk

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// auditPage is what desk_audit.html shows.
type auditPage struct {
	page.Base
	Entries []portal.AuditEntry
	Older   string
}

func (s *Face) audit(c echo.Context) error {
	before, _ := strconv.ParseUint(c.QueryParam("before"), 10, 64) // 0 is the newest
	entries, err := s.Store.Audit(c.Request().Context(), before, 100, c.QueryParam("object"))
	if err != nil {
		return err
	}
	p := auditPage{Base: s.DeskBase(c, page.TextsOf(c).T("desk.audit")), Entries: entries}
	if len(entries) == 100 {
		p.Older = page.With(c, "before", strconv.FormatUint(entries[99].Seq, 10))
	}
	return s.Render(c, http.StatusOK, "desk_audit", p)
}
