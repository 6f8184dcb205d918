package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/text"
	"gongkai/portal/web/page"
)

// bulkPage is what desk_bulk.html shows: documents to choose, then what would become of
// them.
type bulkPage struct {
	page.Base
	Organs, Themes, To []page.Option
	Word               string
	Rows               []*portal.Listing
	More               int
	Preview            []documents.BatchRow
	Edit               documents.Edit
	Add, Drop          string
	Problem            string
}

// bulkRows is how many documents are shown to choose from.
const bulkRows = 200

func (s drafts) bulkPage(c echo.Context) (bulkPage, portal.Browse) {
	by, t := page.ActorOf(c), page.TextsOf(c)
	p := bulkPage{Base: s.DeskBase(c, t.T("bulk.title")), Word: page.Typed(c, "word"), Add: page.Typed(c, "add"), Drop: page.Typed(c, "drop")}
	mine, all := by.OrgansFor(portal.ReviewDocuments)
	may := func(o portal.Organ) bool { return all || slices.Contains(mine, o.Code) }
	p.Organs, p.To = s.OrganChoices(t.Lang, may), s.OrganChoices(t.Lang, may)
	organ := page.Typed(c, "organ")
	if organ == "" && len(p.Organs) > 0 {
		organ = p.Organs[0].Value
	}
	for i := range p.Organs {
		p.Organs[i].Chosen = p.Organs[i].Value == organ
	}
	p.Edit = documents.Edit{Theme: page.Typed(c, "theme"), Organ: portal.OrganCode(page.Typed(c, "to")), Add: keywordsTyped(p.Add), Drop: keywordsTyped(p.Drop)}
	p.Themes = page.Choices(portal.Themes, t.Lang, p.Edit.Theme)
	for i := range p.To {
		p.To[i].Chosen = p.To[i].Value == string(p.Edit.Organ)
	}
	return p, portal.Browse{Kind: documents.Kind.Code, Organ: portal.OrganCode(organ), Page: 1, Size: page.MaxDownload}
}

func keywordsTyped(s string) (out []string) {
	for k := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(";；,，、", r) }) {
		if k = strings.TrimSpace(k); k != "" {
			out = append(out, k)
		}
	}
	return out
}

// bulk answers GET /desk/bulk.
func (s drafts) bulk(c echo.Context) error {
	p, b := s.bulkPage(c)
	for _, l := range s.Store.Browse(b).Rows {
		if p.Word != "" && !strings.Contains(text.Fold(l.Title+" "+l.Number+" "+strings.Join(l.Keywords, " ")), text.Fold(p.Word)) {
			continue
		}
		if len(p.Rows) == bulkRows {
			p.More++
			continue
		}
		p.Rows = append(p.Rows, l)
	}
	return s.Render(c, http.StatusOK, "desk_bulk", p)
}

// bulkChange answers POST /desk/bulk: first what it would do, then, confirmed, it does it.
func (s drafts) bulkChange(c echo.Context) error {
	ctx, by, t := c.Request().Context(), page.ActorOf(c), page.TextsOf(c)
	p, _ := s.bulkPage(c)
	values, err := c.FormParams()
	if err != nil {
		return page.UnreadableForm(err)
	}
	var seen []documents.Seen
	var ids []documents.DocumentID
	for _, v := range values["document"] {
		name, version, _ := strings.Cut(v, "@")
		n, _ := strconv.Atoi(version) // 0 is the version of none
		if id, ok := documents.ParseDocumentID(name); ok {
			ids, seen = append(ids, id), append(seen, documents.Seen{ID: id, Version: n})
		}
	}
	fail := func(err error) error {
		v := page.Visible(err)
		if v.Kind == portal.Internal {
			return err
		}
		p.Problem = t.Args(v.Key, v.Args)
		for _, x := range v.Problems {
			p.Problem = t.Args(x.Key, x.Args)
		}
		return s.Render(c, page.Statuses[v.Kind], "desk_bulk", p)
	}
	if page.Typed(c, "confirm") == "" {
		if len(ids) == 0 {
			return fail(&portal.Error{Kind: portal.Invalid, Key: "bulk.none_chosen"})
		}
		if p.Preview, err = s.Documents.Preview(ctx, by, ids, p.Edit); err != nil {
			return fail(err)
		}
		if len(p.Preview) == 0 {
			return fail(&portal.Error{Kind: portal.Invalid, Key: "bulk.nothing"})
		}
		return s.Render(c, http.StatusOK, "desk_bulk", p)
	}
	done, err := s.Documents.ChangeMany(ctx, by, seen, p.Edit, t.T("bulk.note"))
	if err != nil {
		return fail(err)
	}
	s.Flash(c, "bulk.done", "N", len(done.Rows))
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/bulk/"+done.ID)
}

// batchPage is what desk_batch.html shows.
type batchPage struct {
	page.Base
	Batch   *documents.Batch
	Problem string
}

// batch answers GET /desk/bulk/{id}: what was changed, with a button to take it back.
func (s drafts) batch(c echo.Context) error {
	b, err := s.Batches.Get(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "desk_batch", batchPage{Base: s.DeskBase(c, page.TextsOf(c).T("bulk.title")), Batch: b})
}

// batchUndo answers POST /desk/bulk/{id}/undo.
func (s drafts) batchUndo(c echo.Context) error {
	ctx, t := c.Request().Context(), page.TextsOf(c)
	b, err := s.Batches.Get(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Documents.Undo(ctx, page.ActorOf(c), b, t.T("bulk.undo_note")); err != nil {
		v := page.Visible(err)
		if v.Kind == portal.Internal || v.Kind == portal.Forbidden {
			return err
		}
		return s.Render(c, page.Statuses[v.Kind], "desk_batch", batchPage{Base: s.DeskBase(c, t.T("bulk.title")), Batch: b, Problem: t.Args(v.Key, v.Args)})
	}
	s.Flash(c, "bulk.undone")
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/bulk/"+b.ID)
}

func (s drafts) cleanupPage(c echo.Context) page.FormPage {
	t := page.TextsOf(c)
	p := s.EditPage(c, t.T("cleanup.new"), "/desk/documents", portal.Absent, []page.Field{
		{Name: "title", Kind: "text", Label: t.T("column.title"), Hint: t.T("cleanup.title_hint"), Value: page.Typed(c, "title"), Max: portal.MaxLine, Lang: "zh"},
		{Name: "decision", Kind: "text", Label: t.T("cleanup.decision"), Hint: t.T("cleanup.decision_hint"), Value: page.Typed(c, "decision"), Max: 60},
		{Name: "rows", Kind: "textarea", Label: t.T("cleanup.rows"), Hint: t.T("cleanup.rows_hint", "Limit", documents.MaxBatch), Value: page.Typed(c, "rows"), Rows: 12},
	})
	p.Intro = t.T("cleanup.intro")
	return p
}

// cleanupForm answers GET /desk/cleanup.
func (s drafts) cleanupForm(c echo.Context) error {
	return s.Render(c, http.StatusOK, "form", s.cleanupPage(c))
}

// cleanupSave answers POST /desk/cleanup.
func (s drafts) cleanupSave(c echo.Context) error {
	decision, _ := documents.ParseDocumentID(page.Typed(c, "decision"))
	numbers := s.numbers()
	var rows []documents.Result
	var ps []portal.Problem
	n := 0
	for line := range strings.Lines(page.Typed(c, "rows")) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		id, known := documents.ParseDocumentID(fields[0])
		if known {
			known = s.Store.Listings(documents.KeyOf(id))[0] != nil
		} else {
			id, known = numbers[text.Squeeze(fields[0])]
		}
		validity := ""
		if len(fields) > 1 {
			validity = map[string]string{"继续有效": "in_force", "修改": "amended", "废止": "repealed"}[fields[1]]
			if validity == "" {
				validity = portal.Validities.Find(fields[1])
			}
		}
		if !known {
			ps = append(ps, portal.Problem{Field: "rows", Key: "cleanup.unknown", Args: portal.Args{"Line": n, "Name": fields[0]}})
		} else if validity == "" || validity == "expired" {
			ps = append(ps, portal.Problem{Field: "rows", Key: "cleanup.result", Args: portal.Args{"Line": n}})
		}
		rows = append(rows, documents.Result{Document: id, Validity: validity})
	}
	err := page.Joined(ps, nil)
	var b *documents.Batch
	if err == nil {
		b, err = s.Documents.Clean(c.Request().Context(), page.ActorOf(c), page.Typed(c, "title"), decision, rows)
	}
	if err == nil {
		s.Flash(c, "bulk.done", "N", len(b.Rows))
		return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/bulk/"+b.ID)
	}
	return s.AfterEdit(c, s.cleanupPage(c), err, "/desk/documents", "cleanup/", nil)
}

// numbers are the public documents by their document numbers.
func (s drafts) numbers() map[string]documents.DocumentID {
	out := make(map[string]documents.DocumentID)
	for _, l := range s.Store.Browse(portal.Browse{Kind: documents.Kind.Code, Page: 1, Size: page.MaxDownload}).Rows {
		if l.Number != "" {
			out[text.Squeeze(l.Number)] = documents.DocumentID(l.ID)
		}
	}
	return out
}
