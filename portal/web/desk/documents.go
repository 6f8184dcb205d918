package desk

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/web/page"
)

// myDrafts are the drafts that the actor may write or review.
func (s drafts) myDrafts(ctx context.Context, by portal.Actor) ([]*documents.Draft, error) {
	drafts, err := s.Store.Drafts(ctx, func(d *documents.Draft) bool {
		return d.State != documents.Internal && (by.Can(portal.WriteDocuments, d.Content.Lead()) || by.Can(portal.ReviewDocuments, d.Content.Lead()))
	})
	slices.SortFunc(drafts, func(a, b *documents.Draft) int { return b.ChangedAt.Compare(a.ChangedAt) })
	return drafts, err
}

// deskDocumentsPage is what desk_documents.html shows.
type deskDocumentsPage struct {
	page.Base
	Drafts    []*documents.Draft
	Documents []*portal.Listing
	Total     int
	Organs    []page.Option
	Pager     page.Pager
	// Revisions are those of the documents, as they are listed.
	Revisions map[string]portal.Revision
}

func (s drafts) deskDocuments(c echo.Context) error {
	by := page.ActorOf(c)
	p := deskDocumentsPage{Base: s.DeskBase(c, page.TextsOf(c).T("desk.documents"))}
	var err error
	if p.Drafts, err = s.myDrafts(c.Request().Context(), by); err != nil {
		return err
	}
	mine, all := by.OrgansFor(portal.WriteDocuments)
	p.Organs = s.OrganChoices(page.LangOf(c), func(o portal.Organ) bool { return all || slices.Contains(mine, o.Code) })
	organ := portal.OrganCode(c.QueryParam("organ"))
	if organ == "" && len(p.Organs) > 0 {
		organ = portal.OrganCode(p.Organs[0].Value)
	}
	for i := range p.Organs {
		p.Organs[i].Chosen = p.Organs[i].Value == string(organ)
	}
	if organ != "" && by.Can(portal.WriteDocuments, organ) {
		b, err := page.BrowseOf(c)
		if err != nil {
			return err
		}
		b.Kind, b.Organ, b.Withdrawn = "document", organ, true
		list := s.Store.Browse(b)
		p.Documents, p.Total, p.Pager = list.Rows, list.Total, page.PagerOf(c, b.Page, b.Size, list.Total)
		p.Revisions = make(map[string]portal.Revision, len(list.Rows))
		for _, l := range list.Rows {
			if doc, err := s.Store.Document(c.Request().Context(), documents.DocumentID(l.ID)); err == nil {
				p.Revisions[l.ID] = portal.RevisionOf(doc)
			}
		}
	}
	return s.Render(c, http.StatusOK, "desk_documents", p)
}

// draftFields is the form of a document's content.
func (s drafts) draftFields(c echo.Context, d *documents.Draft) []page.Field {
	t, by := page.TextsOf(c), page.ActorOf(c)
	x := d.Content
	mine, all := by.OrgansFor(portal.WriteDocuments)
	lead := s.OrganChoices(t.Lang, func(o portal.Organ) bool { return all || slices.Contains(mine, o.Code) })
	for i := range lead {
		lead[i].Chosen = lead[i].Value == string(x.Lead())
	}
	var more []string
	for _, o := range x.Organs[min(1, len(x.Organs)):] {
		more = append(more, string(o))
	}
	others := s.OrganChoices(t.Lang, nil)
	for i := range others {
		others[i].Chosen = slices.Contains(more, others[i].Value)
	}
	var related []string
	for _, r := range x.Related {
		related = append(related, string(r))
	}
	fields := []page.Field{
		{Name: "title", Kind: "text", Label: t.T("column.title"), Value: x.Title, Max: portal.MaxLine, Lang: "zh"},
		{Name: "title_en", Kind: "text", Label: t.T("doc.title_en"), Value: x.TitleEN, Max: portal.MaxLine, Optional: true, Lang: "en"},
		{Name: "organ", Kind: "select", Label: t.T("doc.lead"), Hint: t.T("doc.lead_hint"), Options: lead, Value: string(x.Lead())},
		{Name: "organs", Kind: "select", Multiple: true, Label: t.T("doc.organs"), Hint: t.T("doc.organs_hint"), Options: others, Optional: true},
		{Name: "number", Kind: "text", Label: t.T("column.number"), Hint: t.T("doc.number_hint"), Value: x.Number, Max: 100, Optional: true},
		{Name: "formed", Kind: "date", Label: t.T("column.formed"), Value: x.Formed.String()},
		{Name: "theme", Kind: "select", Label: t.T("column.theme"), Options: toChoose(t.T("form.choose"), page.Choices(portal.Themes, t.Lang, x.Theme)), Value: x.Theme},
		{Name: "genre", Kind: "select", Label: t.T("column.genre"), Options: toChoose(t.T("form.choose"), page.Choices(portal.Genres, t.Lang, x.Genre)), Value: x.Genre},
		{Name: "item", Kind: "select", Label: t.T("column.item"), Options: toChoose(t.T("form.choose"), page.Choices(portal.Items, t.Lang, x.Item)), Value: x.Item},
		{Name: "mode", Kind: "select", Label: t.T("doc.mode"), Options: page.Choices(portal.Modes, t.Lang, x.Mode), Value: x.Mode},
		{Name: "validity", Kind: "select", Label: t.T("column.validity"), Options: page.Choices(portal.Validities, t.Lang, x.Validity), Value: x.Validity},
		{Name: "effective", Kind: "date", Label: t.T("doc.effective"), Value: x.Effective.String(), Optional: true},
		{Name: "repealed", Kind: "date", Label: t.T("doc.repealed"), Value: x.Repealed.String(), Optional: true},
		{Name: "expires", Kind: "date", Label: t.T("doc.expires"), Hint: t.T("doc.expires_hint"), Value: x.Expires.String(), Optional: true},
		{Name: "keywords", Kind: "text", Label: t.T("doc.keywords"), Hint: t.T("doc.keywords_hint"), Value: strings.Join(x.Keywords, "；"), Max: 500, Optional: true},
		{Name: "summary", Kind: "textarea", Label: t.T("column.summary"), Hint: t.T("form.limit", "Limit", portal.MaxNote), Value: x.Summary, Rows: 3, Max: portal.MaxNote, Optional: true, Lang: "zh"},
		{Name: "summary_en", Kind: "textarea", Label: t.T("doc.summary_en"), Value: x.SummaryEN, Rows: 3, Max: portal.MaxNote, Optional: true, Lang: "en"},
		{Name: "body", Kind: "textarea", Label: t.T("doc.body"), Hint: t.T("doc.body_hint"), Value: x.Body, Rows: 20, Optional: true, Lang: "zh", Tools: page.MarkdownTools(t)},
		{Name: "body_en", Kind: "textarea", Label: t.T("doc.body_en"), Value: x.BodyEN, Rows: 8, Optional: true, Lang: "en", Tools: page.MarkdownTools(t)},
		{Name: "source", Kind: "file", Label: t.T("doc.source"), Hint: t.T("doc.source_hint"), Optional: true, Accept: ".pdf,.ofd,.docx,.doc,.wps,.odt,.rtf,.txt,.md"},
		{Name: "attachments", Kind: "file", Multiple: true, Label: t.T("doc.attachments"), Hint: t.T("form.file_hint", "Limit", portal.MaxFile>>20), Optional: true},
		{Name: "related", Kind: "text", Label: t.T("doc.related"), Hint: t.T("doc.related_hint"), Value: strings.Join(related, " "), Optional: true},
	}
	for _, r := range documents.AllRelations {
		fields = append(fields, page.Field{Name: string(r), Kind: "text", Label: t.T("relation.field_" + string(r)), Hint: t.T("doc.related_hint"), Value: joinIDs(x.Relations()[r]), Optional: true})
	}
	fields = append(fields, page.Field{Name: "posted", Kind: "textarea", Label: t.T("doc.posted"), Hint: t.T("doc.posted_hint"), Value: documents.PostingsText(x.Posted), Rows: 3, Max: portal.MaxNote, Optional: true})
	at := ""
	if !d.PublishAt.IsZero() {
		at = d.PublishAt.In(s.Now().Location()).Format(publishAtForm)
	}
	fields = append(fields, page.Field{Name: "publish_at", Kind: "datetime-local", Label: t.T("doc.publish_at"), Hint: t.T("doc.publish_at_hint"), Value: at, Optional: true})
	for i := range fields {
		if slices.Contains(d.Recognised, fields[i].Name) {
			fields[i].Hint = strings.TrimSpace(t.T("doc.recognised") + " " + fields[i].Hint)
		}
	}
	if len(x.Attachments) > 0 {
		keep := page.Field{Name: "keep", Kind: "checkboxes", Label: t.T("doc.keep"), Optional: true}
		for _, a := range x.Attachments {
			keep.Options = append(keep.Options, page.Option{Value: string(a.File), Label: a.Name + " (" + page.FileSize(a.Size) + ")", Chosen: true})
		}
		fields = append(fields, keep)
	}
	if d.Of != "" {
		fields = append(fields, page.Field{Name: "note", Kind: "textarea", Label: t.T("doc.note"), Hint: t.T("doc.note_hint"), Value: d.Note, Rows: 3, Max: portal.MaxNote},
			page.Field{Name: "keep_files", Kind: "checkboxes", Label: t.T("doc.keep_files_label"), Optional: true, Options: []page.Option{{Value: "yes", Label: t.T("doc.keep_files"), Chosen: d.KeepFiles}}},
			page.Field{Name: "minor", Kind: "checkboxes", Label: t.T("doc.minor_label"), Optional: true, Options: []page.Option{{Value: "yes", Label: t.T("doc.minor"), Chosen: d.Minor}}})
	}
	return fields
}

// publishAtForm is how a browser writes a moment.
const publishAtForm = "2006-01-02T15:04"

// toChoose puts before the choices one that is none.
func toChoose(label string, list []page.Option) []page.Option {
	return append([]page.Option{{Label: label}}, list...)
}

func joinIDs(ids []documents.DocumentID) string {
	var out []string
	for _, id := range ids {
		out = append(out, string(id))
	}
	return strings.Join(out, " ")
}

// draftFormPage is what draft_edit.html shows.
type draftFormPage struct {
	page.Base
	Draft *documents.Draft
	Form  page.Form
}

func (s drafts) draftFormPage(c echo.Context, d *documents.Draft) draftFormPage {
	t := page.TextsOf(c)
	p := draftFormPage{Base: s.DeskBase(c, t.T("doc.new")), Draft: d}
	if d.ID != "" {
		p.Title = t.T("doc.edit")
	}
	p.Form = page.Form{Action: c.Request().URL.Path, Submit: t.T("form.save_draft"), Fields: s.draftFields(c, d)}
	if d.ID != "" {
		p.Form.Revision = portal.RevisionOf(d)
	}
	return p
}

func (s drafts) draftNew(c echo.Context) error {
	d := &documents.Draft{Content: documents.Content{Mode: "proactive", Validity: "in_force"}} // theme and genre are chosen, never left at a default
	return s.Render(c, http.StatusOK, "draft_edit", s.draftFormPage(c, d))
}

func (s drafts) draftEdit(c echo.Context) error {
	d, err := s.Documents.Open(c.Request().Context(), page.ActorOf(c), documents.DraftID(c.Param("id")))
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "draft_edit", s.draftFormPage(c, d))
}

// draftSave answers the POST of a new or changed draft: it saves what was
// typed, complete or not, and shows the draft. A script that saves while one types
// is told the draft's revision instead.
func (s drafts) draftSave(c echo.Context) error {
	by, ctx := page.ActorOf(c), c.Request().Context()
	d := &documents.Draft{}
	if id := c.Param("id"); id != "" {
		var err error
		if d, err = s.Documents.Open(ctx, by, documents.DraftID(id)); err != nil {
			return err
		}
	}
	now := *d
	err := s.readDraft(c, d)
	write := s.Documents.Write
	if page.Typed(c, "autosave") != "" {
		write = s.Documents.Keep
	}
	if err == nil {
		if d, err = write(ctx, by, d, page.SeenOf(c)); err == nil {
			return s.draftSaved(c, d)
		}
		d = &now
	}
	if page.Typed(c, "autosave") != "" {
		return err
	}
	status := http.StatusUnprocessableEntity
	p := s.draftFormPage(c, d)
	if portal.Stale(err) {
		status = http.StatusConflict
		p = s.draftFormPage(c, &now)
		p.Form.Stale(c, s.StaleNote(c, "draft/"+string(now.ID)))
	} else {
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		p.Form.Revision = page.SeenOf(c)
	}
	return s.Render(c, status, "draft_edit", p)
}

func (s drafts) draftSaved(c echo.Context, d *documents.Draft) error {
	at := s.BasePath + "/desk/drafts/" + string(d.ID)
	if page.Typed(c, "autosave") != "" {
		return c.JSON(http.StatusOK, map[string]any{"revision": portal.RevisionOf(d), "action": at + "/edit"})
	}
	s.Flash(c, "doc.saved")
	return c.Redirect(http.StatusSeeOther, at)
}

// readDraft reads the form into a draft. Files that were kept stay; new ones
// are added; the text of an uploaded source fills an empty body.
func (s drafts) readDraft(c echo.Context, d *documents.Draft) error {
	var ps []portal.Problem
	old := d.Content.Attachments
	files, _, err := s.ScannedFiles(c, "attachments", documents.MaxAttachments)
	if err != nil {
		return err
	}
	x := documents.Content{Title: page.Typed(c, "title"), TitleEN: page.Typed(c, "title_en"), Number: page.Typed(c, "number"), Theme: page.Typed(c, "theme"), Genre: page.Typed(c, "genre"), Item: page.Typed(c, "item"),
		Mode: page.Typed(c, "mode"), Validity: page.Typed(c, "validity"), Summary: page.Typed(c, "summary"), SummaryEN: page.Typed(c, "summary_en"), Body: page.Typed(c, "body"), BodyEN: page.Typed(c, "body_en"),
		Published: d.Content.Published, Organs: []portal.OrganCode{portal.OrganCode(page.Typed(c, "organ"))}}
	x.Formed, x.Effective, x.Repealed = page.DayOf(c, "formed", &ps), page.DayOf(c, "effective", &ps), page.DayOf(c, "repealed", &ps)
	x.Expires = page.DayOf(c, "expires", &ps)
	values, _ := c.FormParams() // read above already
	for _, o := range values["organs"] {
		if code := portal.OrganCode(o); !slices.Contains(x.Organs, code) {
			if _, err := s.Store.Organ(code); err == nil {
				x.Organs = append(x.Organs, code)
			}
		}
	}
	for _, k := range strings.FieldsFunc(page.Typed(c, "keywords"), func(r rune) bool { return strings.ContainsRune(";；,，、", r) }) {
		x.Keywords = append(x.Keywords, strings.TrimSpace(k))
	}
	posted, wrong := documents.ParsePostings(page.Typed(c, "posted"))
	x.Posted, ps = posted, append(ps, wrong...)
	x.Related = s.documentsTyped(c, "related", &ps)
	x.Repeals, x.Amends, x.Interprets, x.Supersedes = s.documentsTyped(c, "repeals", &ps), s.documentsTyped(c, "amends", &ps), s.documentsTyped(c, "interprets", &ps), s.documentsTyped(c, "supersedes", &ps)
	d.PublishAt = time.Time{}
	if at := page.Typed(c, "publish_at"); at != "" {
		if d.PublishAt, err = time.ParseInLocation(publishAtForm, at, s.Now().Location()); err != nil {
			ps = append(ps, portal.Problem{Field: "publish_at", Key: "error.moment"})
		}
	}
	for _, a := range old {
		if slices.Contains(values["keep"], string(a.File)) {
			x.Attachments = append(x.Attachments, a)
		}
	}
	source, texts, err := s.ScannedFiles(c, "source", 1)
	if err != nil {
		return err
	}
	for i, a := range source {
		x.Attachments = append(x.Attachments, a)
		if x.Body == "" {
			x.Body = strings.TrimSpace(texts[i])
		}
		s.fill(&x, a.Name, texts[i])
	}
	x.Attachments = append(x.Attachments, files...)
	d.Content, d.Note, d.KeepFiles, d.Minor = x, page.Typed(c, "note"), page.Typed(c, "keep_files") == "yes", page.Typed(c, "minor") == "yes"
	if page.Typed(c, "autosave") == "" {
		d.Recognised = nil // the officer has seen the fields and saved them
	}
	if x.Title == "" {
		ps = append(ps, portal.Problem{Field: "title", Key: "error.required"})
	}
	return page.Joined(ps, nil)
}

// fill puts what a file tells into fields that were left empty.
func (s drafts) fill(x *documents.Content, name, text string) {
	told, _ := s.Documents.Recognise(name, text)
	for _, f := range []struct{ to, from *string }{{&x.Title, &told.Title}, {&x.Number, &told.Number}, {&x.Theme, &told.Theme}, {&x.Genre, &told.Genre}} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	if x.Formed == 0 {
		x.Formed = told.Formed
	}
	if len(x.Keywords) == 0 {
		x.Keywords = told.Keywords
	}
}

// documentsTyped reads the documents that a field names.
func (s drafts) documentsTyped(c echo.Context, field string, ps *[]portal.Problem) (out []documents.DocumentID) {
	for _, r := range strings.Fields(page.Typed(c, field)) {
		id, ok := documents.ParseDocumentID(r)
		if ok {
			_, err := s.Store.Document(c.Request().Context(), id)
			ok = err == nil
		}
		if !ok {
			*ps = append(*ps, portal.Problem{Field: field, Key: "error.related", Args: portal.Args{"Value": r}})
			continue
		}
		out = append(out, id)
	}
	return out
}

// draftPage is what draft.html shows: the draft as it would look, and what
// may be done with it.
type draftPage struct {
	page.Base
	Writes    bool // whoever looks may write or review it
	Draft     *documents.Draft
	Before    *documents.Document // of a correction: what is public now
	MayEdit   bool
	MayReview bool
	Second    bool // a second person is needed to approve
	Return    page.Form
	Problem   string
	Problems  []string
	Revision  portal.Revision

	Found     documents.Inspected
	Stage     documents.Stage // that it waits for
	Last      bool            // no other follows it
	Scheme    documents.Scheme
	Due       portal.Date
	DueRule   documents.DueRule
	Late      bool
	Unscanned bool // no virus scanner has looked at its files
	Basis     string
	MayDecide bool
	MayRecall bool
}

// StageName is the name of a review.
func (p draftPage) StageName(code string) portal.Text {
	for _, s := range p.Scheme.Stages {
		if s.Code == code {
			return s.Name
		}
	}
	return portal.Text{ZH: code, EN: code}
}

func (s drafts) draft(c echo.Context) error { return s.showDraft(c, http.StatusOK, nil) }

func (s drafts) showDraft(c echo.Context, status int, wrong error) error {
	t, by := page.TextsOf(c), page.ActorOf(c)
	d, err := s.Documents.Open(c.Request().Context(), by, documents.DraftID(c.Param("id")))
	if err != nil {
		return err
	}
	p := draftPage{Base: s.DeskBase(c, d.Content.Title), Draft: d, Revision: portal.RevisionOf(d)}
	released := d.State == documents.Approved || d.State == documents.Internal
	p.MayEdit = d.State != documents.Submitted && !released && by.Can(portal.WriteDocuments, d.Content.Lead())
	p.MayReview = d.State == documents.Submitted && by.Can(portal.ReviewDocuments, d.Content.Lead())
	p.Second = d.By == by.Login || d.Submitter == by.Login || slices.ContainsFunc(d.Reviews, func(r documents.Review) bool { return r.By == by.Login })
	if p.Writes = by.Can(portal.WriteDocuments, d.Content.Lead()) || by.Can(portal.ReviewDocuments, d.Content.Lead()); p.Writes {
		if p.Found, err = s.Documents.Inspect(c.Request().Context(), by, d); err != nil {
			return err
		}
	}
	p.Stage, _ = s.Documents.Waiting(d)
	p.Scheme = s.Documents.SchemeOf(d)
	p.Last = len(d.Reviews)+1 >= len(p.Scheme.Stages)
	p.Due, p.DueRule = d.Due(s.Documents.Calendar())
	p.Late = p.Due != 0 && p.Due < s.Documents.Today()
	p.Unscanned = !s.Scanned() && len(d.Content.Attachments) > 0
	p.MayDecide = !released && (p.MayEdit || p.MayReview)
	p.MayRecall = released && by.Can(portal.WriteDocuments, d.Content.Lead())
	p.Basis = t.T("doc.basis_usual")
	if typed := page.Typed(c, "basis"); typed != "" {
		p.Basis = typed
	}
	if d.Of != "" {
		if p.Before, err = s.Store.Document(c.Request().Context(), d.Of); err != nil {
			return err
		}
	}
	p.Return = page.Form{Action: s.BasePath + "/desk/drafts/" + string(d.ID) + "/return", Submit: t.T("doc.return"), Revision: p.Revision, Fields: []page.Field{
		{Name: "remark", Kind: "textarea", Label: t.T("doc.remark"), Rows: 3, Max: portal.MaxNote}}}
	if portal.Stale(wrong) {
		p.Problem = s.StaleNote(c, "draft/"+string(d.ID))
		values, _ := c.FormParams() // the handler has read it
		p.Return.Fill(values)
	} else if wrong != nil {
		f := page.Form{Fields: p.Return.Fields}
		if err := f.Refuse(t, wrong); err != nil {
			return err
		}
		p.Return.Fields, p.Problem = f.Fields, f.Problem
		labels := make(map[string]string)
		for _, x := range s.draftFields(c, d) {
			labels[x.Name] = x.Label
		}
		if e := page.Visible(wrong); p.Problem == "" || len(e.Problems) > 0 {
			p.Problem = t.T("doc.incomplete")
			for _, x := range e.Problems {
				p.Problems = append(p.Problems, labels[x.Field]+" "+t.Args(x.Key, x.Args))
			}
		}
	}
	return s.Render(c, status, "draft", p)
}

// afterDraft goes on after an act on a draft: back to it with what is wrong,
// or on to where it is now.
func (s drafts) afterDraft(c echo.Context, err error, done, to string) error {
	if err != nil {
		e := page.Visible(err)
		if e.Kind == portal.Internal || e.Kind == portal.NotFound || e.Kind == portal.Unauthenticated {
			return err
		}
		return s.showDraft(c, page.Statuses[e.Kind], err)
	}
	s.Flash(c, done)
	return c.Redirect(http.StatusSeeOther, s.BasePath+to)
}

func (s drafts) draftSubmit(c echo.Context) error {
	return s.afterDraft(c, s.Documents.Submit(c.Request().Context(), page.ActorOf(c), documents.DraftID(c.Param("id")), page.SeenOf(c)), "doc.submitted", "/desk/drafts/"+c.Param("id"))
}

func (s drafts) draftReturn(c echo.Context) error {
	return s.afterDraft(c, s.Documents.Return(c.Request().Context(), page.ActorOf(c), documents.DraftID(c.Param("id")), page.SeenOf(c), page.Typed(c, "remark")), "doc.returned", "/desk/documents")
}

func (s drafts) draftApprove(c echo.Context) error {
	doc, err := s.Documents.Approve(c.Request().Context(), page.ActorOf(c), documents.DraftID(c.Param("id")), page.SeenOf(c), page.Typed(c, "basis"))
	if err != nil {
		return s.afterDraft(c, err, "", "")
	}
	if doc == nil && s.shownToStaff(c) {
		return s.afterDraft(c, nil, "doc.shown_to_staff", "/desk/internal")
	}
	if doc == nil { // another review follows, or its time has not come
		return s.afterDraft(c, nil, "doc.review_passed", "/desk/drafts/"+c.Param("id"))
	}
	s.Flash(c, "doc.published", "Index", doc.IndexNumber)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/documents?organ="+string(doc.Lead()))
}

func (s drafts) draftDrop(c echo.Context) error {
	return s.afterDraft(c, s.Documents.Drop(c.Request().Context(), page.ActorOf(c), documents.DraftID(c.Param("id")), page.SeenOf(c)), "doc.dropped", "/desk/documents")
}

// draftRecall takes an approved draft back before its time has come.
func (s drafts) draftRecall(c echo.Context) error {
	return s.afterDraft(c, s.Documents.Recall(c.Request().Context(), page.ActorOf(c), documents.DraftID(c.Param("id")), page.SeenOf(c)), "doc.recalled", "/desk/drafts/"+c.Param("id"))
}

// draftDecide says what is done about findings: masked, or left for a reason.
func (s drafts) draftDecide(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return page.UnreadableForm(err)
	}
	mask := page.Typed(c, "mask") != ""
	done := "doc.overridden"
	if mask {
		done = "doc.masked"
	}
	err = s.Documents.Decide(c.Request().Context(), page.ActorOf(c), documents.DraftID(c.Param("id")), page.SeenOf(c), values["finding"], mask, page.Typed(c, "reason"))
	return s.afterDraft(c, err, done, "/desk/drafts/"+c.Param("id")+"#findings")
}

// shownToStaff reports whether the draft of a route is shown to staff now.
func (s drafts) shownToStaff(c echo.Context) bool {
	d, err := s.Documents.Open(c.Request().Context(), page.ActorOf(c), documents.DraftID(c.Param("id")))
	return err == nil && d.State == documents.Internal
}

// internalPage is what desk_internal.html shows: what only staff are shown.
type internalPage struct {
	page.Base
	Word string
	Rows []*documents.Draft
}

// internal answers GET /desk/internal.
func (s drafts) internal(c echo.Context) error {
	p := internalPage{Base: s.DeskBase(c, page.TextsOf(c).T("internal.title")), Word: c.QueryParam("word")}
	if len(p.Word) > portal.MaxLine {
		p.Word = ""
	}
	var err error
	if p.Rows, err = s.Documents.ToStaff(c.Request().Context(), page.ActorOf(c), p.Word); err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "desk_internal", p)
}

// draftFile sends an attachment of a draft to those who may see the draft.
func (s drafts) draftFile(c echo.Context) error {
	d, err := s.Documents.Open(c.Request().Context(), page.ActorOf(c), documents.DraftID(c.Param("id")))
	if err != nil {
		return err
	}
	if a := page.Attachment(d.Content.Attachments, c.Param("file")); a != nil {
		return s.SendFile(c, *a, false)
	}
	return portal.Missing()
}

func (s drafts) documentCorrect(c echo.Context) error {
	id, _ := documents.ParseDocumentID(c.Param("id"))
	d, err := s.Documents.Correct(c.Request().Context(), page.ActorOf(c), id)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/drafts/"+string(d.ID)+"/edit")
}

func (s drafts) documentWithdraw(c echo.Context) error {
	id, _ := documents.ParseDocumentID(c.Param("id"))
	act, done := s.Documents.Withdraw, "doc.withdrawn"
	if page.Typed(c, "remove") != "" {
		act, done = s.Documents.Remove, "doc.removed"
	}
	doc, err := act(c.Request().Context(), page.ActorOf(c), id, page.SeenOf(c), page.Typed(c, "reason"))
	if err != nil {
		return err
	}
	s.Flash(c, done)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/documents?organ="+string(doc.Lead()))
}
