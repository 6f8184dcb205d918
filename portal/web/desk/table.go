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

// tablePage is what desk_table.html shows: drafts that are being written, a row each,
// to be confirmed and handed in together.
type tablePage struct {
	page.Base
	Rows    []tableRow
	More    int // drafts that are not shown
	Done    int // that were handed in
	Problem string
}

// tableRow is a draft in the table.
type tableRow struct {
	Draft    *documents.Draft
	Revision portal.Revision
	Themes   []page.Option
	Genres   []page.Option
	Items    []page.Option
	Open     int             // findings about which nobody has decided
	Read     map[string]bool // fields that were read out of the file
	Errors   []string
}

// maxTable is how many drafts the table shows.
const maxTable = 60

// draftTable answers GET /desk/drafts.
func (s drafts) draftTable(c echo.Context) error {
	p, err := s.tablePage(c, nil)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "desk_table", p)
}

// tablePage lists the drafts, with what is wrong with those that were sent.
func (s drafts) tablePage(c echo.Context, wrong map[documents.DraftID]error) (tablePage, error) {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	p := tablePage{Base: s.DeskBase(c, t.T("table.title"))}
	list, err := s.Store.Drafts(ctx, func(d *documents.Draft) bool {
		return (d.State == documents.Writing || d.State == documents.Returned) && by.Can(portal.WriteDocuments, d.Content.Lead())
	})
	if err != nil {
		return p, err
	}
	slices.SortFunc(list, func(a, b *documents.Draft) int { return b.ChangedAt.Compare(a.ChangedAt) })
	for _, d := range list {
		if len(p.Rows) == maxTable {
			p.More++
			continue
		}
		row := tableRow{Draft: d, Revision: portal.RevisionOf(d), Read: make(map[string]bool)}
		for _, field := range d.Recognised {
			row.Read[field] = true
		}
		in, err := s.Documents.Inspect(ctx, by, d)
		if err != nil {
			return p, err
		}
		row.Open = in.Open
		if e, ok := wrong[d.ID]; ok {
			shown := *d
			shown.Content = s.rowTyped(c, d, &[]portal.Problem{})
			row.Draft = &shown
			v := page.Visible(e)
			if len(v.Problems) == 0 {
				row.Errors = append(row.Errors, t.Args(v.Key, v.Args))
			}
			for _, x := range v.Problems {
				row.Errors = append(row.Errors, t.T("gate.row_"+x.Field)+" "+t.Args(x.Key, x.Args))
			}
		}
		x := row.Draft.Content
		row.Themes = toChoose(t.T("form.choose"), page.Choices(portal.Themes, t.Lang, x.Theme))
		row.Genres = toChoose(t.T("form.choose"), page.Choices(portal.Genres, t.Lang, x.Genre))
		row.Items = toChoose(t.T("form.choose"), page.Choices(portal.Items, t.Lang, x.Item))
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

// rowTyped is the content of a draft with what was typed into its row.
func (s drafts) rowTyped(c echo.Context, d *documents.Draft, ps *[]portal.Problem) documents.Content {
	at := func(name string) string { return page.Typed(c, name+"."+string(d.ID)) }
	x := d.Content
	x.Title, x.Number, x.Theme, x.Genre, x.Item = at("title"), at("number"), at("theme"), at("genre"), at("item")
	var own []portal.Problem
	x.Formed = page.DayOf(c, "formed."+string(d.ID), &own)
	for _, o := range own {
		o.Field = "formed"
		*ps = append(*ps, o)
	}
	x.Keywords = nil
	for k := range strings.FieldsFuncSeq(at("keywords"), func(r rune) bool { return strings.ContainsRune(";；,，、", r) }) {
		if k = strings.TrimSpace(k); k != "" {
			x.Keywords = append(x.Keywords, k)
		}
	}
	return x
}

// draftTableSave answers POST /desk/drafts: rows that were changed are saved as they
// were seen, those that are marked are handed in. What is wrong with one stops no
// other.
func (s drafts) draftTableSave(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return page.UnreadableForm(err)
	}
	wrong := make(map[documents.DraftID]error)
	done := 0
	for _, id := range values["row"] {
		id := documents.DraftID(id)
		if err := s.saveRow(c, id, slices.Contains(values["submit"], string(id))); err != nil {
			if page.Visible(err).Kind == portal.Internal {
				return err
			}
			wrong[id] = err
			continue
		}
		if slices.Contains(values["submit"], string(id)) {
			done++
		}
	}
	p, err := s.tablePage(c, wrong)
	if err != nil {
		return err
	}
	p.Done = done
	status := http.StatusOK
	if len(wrong) > 0 {
		status, p.Problem = http.StatusUnprocessableEntity, page.TextsOf(c).T("table.problem", "N", len(wrong))
	}
	return s.Render(c, status, "desk_table", p)
}

func (s drafts) saveRow(c echo.Context, id documents.DraftID, submit bool) error {
	ctx, by := c.Request().Context(), page.ActorOf(c)
	d, err := s.Documents.Open(ctx, by, id)
	if err != nil {
		return err
	}
	seen := portal.Revision(page.Typed(c, "revision."+string(id)))
	var ps []portal.Problem
	next := *d
	next.Content = s.rowTyped(c, d, &ps)
	if next.Content.Title == "" {
		ps = append(ps, portal.Problem{Field: "title", Key: "error.required"})
	}
	if err := page.Joined(ps, nil); err != nil {
		return err
	}
	if !next.Content.SameAs(&d.Content) || next.Content.Genre != d.Content.Genre || next.Content.Item != d.Content.Item {
		next.Recognised = nil
		if d, err = s.Documents.Write(ctx, by, &next, seen); err != nil {
			return err
		}
		seen = portal.RevisionOf(d)
	}
	if !submit {
		return nil
	}
	return s.Documents.Submit(ctx, by, id, seen)
}
