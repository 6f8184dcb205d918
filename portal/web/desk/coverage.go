package desk

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/web/page"
)

// coveragePage is what desk_coverage.html shows.
type coveragePage struct {
	page.Base
	Covered documents.Covered
	Organs  []portal.Organ
	Items   []portal.Term
	Waiting map[portal.OrganCode]waiting
	Sum     struct{ InTime, Late int }
}

// waiting counts the drafts of an organ by whom they wait for.
type waiting struct{ Writing, Review, Release, Overdue int }

// coverage answers GET /desk/coverage: what each organ has published under each item
// of Article 20, in time or late, and what waits.
func (s drafts) coverage(c echo.Context) error {
	t := page.TextsOf(c)
	p := coveragePage{Base: s.DeskBase(c, t.T("coverage.title")), Items: portal.Items.Terms, Waiting: make(map[portal.OrganCode]waiting)}
	p.Organs = s.Site.Store.Organs()
	p.Covered = documents.Cover(p.Organs, s.Documents.Today(), s.Documents.Calendar(), func(o portal.OrganCode) []*portal.Listing {
		return s.Store.Browse(portal.Browse{Kind: documents.Kind.Code, Organ: o, Page: 1, Size: portal.Everything}).Rows
	})
	list, err := s.Store.Drafts(c.Request().Context(), nil)
	if err != nil {
		return err
	}
	for _, d := range list {
		if d.State == documents.Internal {
			continue
		}
		w := p.Waiting[d.Content.Lead()]
		switch d.State {
		case documents.Submitted:
			w.Review++
		case documents.Approved:
			w.Release++
		default:
			w.Writing++
		}
		if due, _ := d.Due(s.Documents.Calendar()); due != 0 && due < s.Documents.Today() {
			w.Overdue++
		}
		p.Waiting[d.Content.Lead()] = w
	}
	for _, x := range p.Covered.Tallies {
		p.Sum.InTime, p.Sum.Late = p.Sum.InTime+x.InTime, p.Sum.Late+x.Late
	}
	rank := func(o portal.Organ) int { // the most late first
		x := p.Covered.Tallies[o.Code]
		return x.Late*1_000_000 + p.Waiting[o.Code].Overdue*1_000 - x.InTime
	}
	slices.SortStableFunc(p.Organs, func(a, b portal.Organ) int { return rank(b) - rank(a) })
	return s.Render(c, http.StatusOK, "desk_coverage", p)
}
