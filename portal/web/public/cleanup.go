package public

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/web/page"
)

// cleanupPage is what cleanup.html shows: what a cleanup looked at, and what became of it.
type cleanupPage struct {
	page.Base
	Batch                   *documents.Batch
	Kept, Amended, Repealed []documents.BatchRow
	Decision                *portal.Listing
}

// cleanup answers GET /cleanups/{id} (文件清理结果).
func (s *Face) cleanup(c echo.Context) error {
	b, err := s.Store.Batches.Get(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if !b.Cleanup {
		return portal.Missing()
	}
	p := cleanupPage{Base: s.Base(c, b.Title), Batch: b, Decision: s.Store.Listings(documents.KeyOf(b.Decision))[0]}
	p.Section = "catalogue"
	for _, r := range b.Rows {
		switch r.After.Validity {
		case "repealed":
			p.Repealed = append(p.Repealed, r)
		case "amended":
			p.Amended = append(p.Amended, r)
		default:
			p.Kept = append(p.Kept, r)
		}
	}
	return s.Render(c, http.StatusOK, "cleanup", p)
}
