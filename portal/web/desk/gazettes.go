package desk

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/gazette"
	"gongkai/portal/web/page"
)

func (s records) deskGazettes(c echo.Context) error {
	return s.deskListings(c, gazette.Kind.Code, portal.EditReports, page.TextsOf(c).T("gazette.title"), "/desk/gazettes/edit")
}

func (s records) gazettePage(c echo.Context, i *gazette.Issue, seen portal.Revision) page.FormPage {
	t := page.TextsOf(c)
	return s.EditPage(c, t.T("gazette.edit"), "/desk/gazettes", seen, []page.Field{
		{Name: "organ", Kind: "select", Label: t.T("column.organ"), Options: s.OrgansOf(c, portal.EditReports, i.Organ), Value: string(i.Organ)},
		{Name: "year", Kind: "number", Label: t.T("gazette.year"), Value: strconv.Itoa(i.Year)},
		{Name: "number", Kind: "number", Label: t.T("gazette.number"), Value: strconv.Itoa(i.Number)},
		{Name: "title_zh", Kind: "text", Label: t.T("gazette.name"), Value: i.Title.ZH, Max: portal.MaxName, Lang: "zh"},
		{Name: "title_en", Kind: "text", Label: t.T("doc.title_en"), Value: i.Title.EN, Max: portal.MaxName, Optional: true, Lang: "en"},
		{Name: "documents", Kind: "textarea", Label: t.T("gazette.documents"), Hint: t.T("gazette.documents_hint", "Limit", gazette.MaxDocuments), Value: strings.Join(i.Documents, "\n"), Rows: 12},
	})
}

func (s records) gazetteForm(c echo.Context) error {
	i, seen := &gazette.Issue{Year: s.Today().Year(), Number: 1}, portal.Absent
	if id := c.QueryParam("id"); id != "" {
		var err error
		if i, err = s.Gazettes.Open(c.Request().Context(), page.ActorOf(c), id); err != nil {
			return err
		}
		seen = portal.RevisionOf(i)
	}
	return s.Render(c, http.StatusOK, "form", s.gazettePage(c, i, seen))
}

func (s records) gazetteSave(c echo.Context) error {
	year, _ := strconv.Atoi(page.Typed(c, "year")) // 0 is refused
	number, _ := strconv.Atoi(page.Typed(c, "number"))
	edit := func(i *gazette.Issue) {
		i.Organ, i.Year, i.Number = portal.OrganCode(page.Typed(c, "organ")), year, number
		i.Title = portal.Text{ZH: page.Typed(c, "title_zh"), EN: page.Typed(c, "title_en")}
		i.Documents = nil
		for line := range strings.FieldsSeq(page.Typed(c, "documents")) {
			id, ok := documents.ParseDocumentID(line)
			if !ok {
				id = documents.DocumentID(line) // is refused as not public
			}
			i.Documents = append(i.Documents, string(id))
		}
	}
	id, ctx := c.QueryParam("id"), c.Request().Context()
	typed := &gazette.Issue{}
	edit(typed)
	_, err := s.Gazettes.Change(ctx, page.ActorOf(c), id, page.SeenOf(c), edit)
	return s.AfterEdit(c, s.gazettePage(c, typed, page.SeenOf(c)), err, "/desk/gazettes", "gazette/"+id, func() (page.FormPage, error) {
		i, err := s.Gazettes.Open(ctx, page.ActorOf(c), id)
		if err != nil {
			return page.FormPage{}, err
		}
		return s.gazettePage(c, i, portal.RevisionOf(i)), nil
	})
}
