package public

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/web/page"
)

// comparePage is what compare.html shows: two editions side by side.
type comparePage struct {
	page.Base
	Doc           *documents.Document
	From, To      *documents.Document
	Numbers       []int
	Fields        []changedField
	Before, After []page.Change
	Same          bool
}

// changedField is a field that the editions do not have alike.
type changedField struct{ Label, Before, After string }

// documentCompare answers GET /documents/{id}/compare: what changed between two
// editions, by default the last two.
func (s *Face) documentCompare(c echo.Context) error {
	doc, err := s.DocumentOf(c)
	if err != nil {
		return err
	}
	old, err := s.Store.Versions(c.Request().Context(), doc.ID)
	if err != nil {
		return err
	}
	if doc.Withdrawn || len(old) == 0 {
		return portal.Missing()
	}
	all := append(slices.Clone(old), doc)
	slices.SortFunc(all, func(a, b *documents.Document) int { return a.Version - b.Version })
	pick := func(name string, usual int) *documents.Document {
		n, err := strconv.Atoi(c.QueryParam(name))
		if err != nil {
			n = usual
		}
		for _, d := range all {
			if d.Version == n {
				return d
			}
		}
		return nil
	}
	t := page.TextsOf(c)
	p := comparePage{Base: s.Base(c, t.T("compare.title")), Doc: doc, From: pick("from", doc.Version-1), To: pick("to", doc.Version)}
	if p.From == nil || p.To == nil {
		return portal.Missing()
	}
	for _, d := range all {
		p.Numbers = append(p.Numbers, d.Version)
	}
	a, b := p.From, p.To
	for _, f := range []changedField{
		{t.T("column.title"), a.Title, b.Title}, {t.T("column.number"), a.Number, b.Number}, {t.T("column.formed"), a.Formed.String(), b.Formed.String()},
		{t.T("column.theme"), portal.Themes.NameOf(a.Theme, t.Lang), portal.Themes.NameOf(b.Theme, t.Lang)}, {t.T("column.validity"), portal.Validities.NameOf(a.Validity, t.Lang), portal.Validities.NameOf(b.Validity, t.Lang)},
		{t.T("column.summary"), a.Summary, b.Summary}, {t.T("doc.keywords"), strings.Join(a.Keywords, "　"), strings.Join(b.Keywords, "　")}, {t.T("doc.attachments"), fileNames(a), fileNames(b)}} {
		if f.Before != f.After {
			p.Fields = append(p.Fields, f)
		}
	}
	p.Before, p.After = page.Differences(a.Body, b.Body)
	p.Same = len(p.Fields) == 0 && a.Body == b.Body
	return s.Render(c, http.StatusOK, "compare", p)
}

func fileNames(d *documents.Document) string {
	var out []string
	for _, a := range d.Attachments {
		out = append(out, a.Name)
	}
	return strings.Join(out, "、")
}
