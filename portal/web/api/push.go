package api

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/machines"
	"gongkai/portal/web/page"
)

// What a department's own system hands in: a draft, its files, and the hand-over to review.
// People of the department review and release it; a key publishes nothing.

// draftIn is POST /api/v1/drafts.
type draftIn struct {
	IdempotencyKey string   `header:"Idempotency-Key" json:"-" description:"Names the request: repeated with the same body it makes one draft" minLength:"8" maxLength:"100"`
	Organ          string   `json:"organ" required:"true" description:"Code of the body that leads"`
	Organs         []string `json:"organs,omitempty" description:"Others that issued it"`
	Title          string   `json:"title" required:"true" maxLength:"300"`
	TitleEN        string   `json:"title_en,omitempty"`
	Number         string   `json:"number,omitempty"`
	Formed         string   `json:"formed,omitempty" format:"date"`
	Published      string   `json:"published,omitempty" format:"date" description:"The day of publication; left out it is that of the hand-over"`
	Theme          string   `json:"theme,omitempty"`
	Genre          string   `json:"genre,omitempty"`
	Item           string   `json:"item,omitempty"`
	Mode           string   `json:"mode,omitempty" enum:"proactive,on_request,internal" default:"proactive"`
	Validity       string   `json:"validity,omitempty" enum:"in_force,amended,repealed,expired" default:"in_force"`
	Keywords       []string `json:"keywords,omitempty"`
	Summary        string   `json:"summary,omitempty"`
	SummaryEN      string   `json:"summary_en,omitempty"`
	Body           string   `json:"body,omitempty" description:"Markdown"`
	BodyEN         string   `json:"body_en,omitempty"`
}

// filesIn is POST /api/v1/drafts/{id}/files.
type filesIn struct {
	ID    string `path:"id"`
	Files string `formData:"files" format:"binary" required:"true"`
}

// draftOut is a draft as its sender sees it.
type draftOut struct {
	ID     string    `json:"id"`
	State  string    `json:"state"` // writing, submitted, returned, approved, released
	Title  string    `json:"title"`
	Remark string    `json:"remark,omitempty"` // why it was returned
	Became string    `json:"document,omitempty" description:"The document that it became, once it is released"`
	Files  []fileOut `json:"attachments"`
}

func draftShown(d *documents.Draft) draftOut {
	out := draftOut{ID: string(d.ID), State: string(d.State), Title: d.Content.Title, Remark: d.Remark, Files: []fileOut{}}
	if d.State == documents.Released {
		out.Became = string(d.Of)
	}
	for _, a := range d.Content.Attachments {
		out.Files = append(out.Files, fileOut{Name: a.Name, Type: a.Type, Size: a.Size})
	}
	return out
}

// keyed lets a request pass that brings a key with a scope.
func (s *Face) keyed(scope machines.Scope) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			secret, ok := strings.CutPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
			if !ok {
				c.Response().Header().Set("WWW-Authenticate", `Bearer realm="drafts"`)
				return &portal.Error{Kind: portal.Unauthenticated, Key: "error.key"}
			}
			k, err := s.Machines.With(c.Request().Context(), strings.TrimSpace(secret))
			if err != nil {
				c.Response().Header().Set("WWW-Authenticate", `Bearer realm="drafts", error="invalid_token"`)
				return err
			}
			if !k.Has(scope) {
				return &portal.Error{Kind: portal.Forbidden, Key: "error.key_scope"}
			}
			c.Set(page.KeyActor, k.Actor())
			c.Response().Header().Set("Cache-Control", "no-store")
			return next(c)
		}
	}
}

// content reads what was sent into a document's content.
func (x draftIn) content() (documents.Content, error) {
	var ps []portal.Problem
	c := documents.Content{Title: x.Title, TitleEN: x.TitleEN, Number: x.Number, Organs: []portal.OrganCode{portal.OrganCode(x.Organ)}, Theme: x.Theme, Genre: x.Genre, Item: x.Item, Mode: x.Mode, Validity: x.Validity,
		Keywords: x.Keywords, Summary: x.Summary, SummaryEN: x.SummaryEN, Body: x.Body, BodyEN: x.BodyEN}
	for _, o := range x.Organs {
		c.Organs = append(c.Organs, portal.OrganCode(o))
	}
	if c.Mode == "" {
		c.Mode = "proactive"
	}
	if c.Validity == "" {
		c.Validity = "in_force"
	}
	c.Formed, c.Published = page.DayIn(x.Formed, "formed", &ps), page.DayIn(x.Published, "published", &ps)
	if strings.TrimSpace(x.Title) == "" {
		ps = append(ps, portal.Problem{Field: "title", Key: "error.required"})
	}
	if len(ps) > 0 {
		return c, &portal.Error{Kind: portal.Invalid, Key: "error.form", Problems: ps}
	}
	return c, nil
}

// pushDraft answers POST /api/v1/drafts.
func (s *Face) pushDraft(c echo.Context) error {
	name := c.Request().Header.Get("Idempotency-Key")
	if name != "" && (len(name) < 8 || len(name) > 100) {
		return portal.Wrong("Idempotency-Key", "error.idempotency_key", nil)
	}
	var in draftIn
	d := json.NewDecoder(c.Request().Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return err
		}
		return &portal.Error{Kind: portal.Invalid, Key: "error.case_json", Args: portal.Args{"Reason": strings.TrimPrefix(err.Error(), "json: ")}}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &portal.Error{Kind: portal.Invalid, Key: "error.case_json", Args: portal.Args{"Reason": "more than one value"}}
	}
	content, err := in.content()
	if err != nil {
		return err
	}
	by := page.ActorOf(c)
	if name == "" {
		name = page.RefOf(c)
	}
	sum := sha256.Sum256([]byte(string(by.Login) + "\n" + name))
	draft, made, err := s.Documents.Enter(c.Request().Context(), by, documents.PushedID(sum[:10]), content)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if made {
		status = http.StatusCreated
	}
	return c.JSON(status, draftShown(draft))
}

// pushedDraft answers GET /api/v1/drafts/{id}.
func (s *Face) pushedDraft(c echo.Context) error {
	d, err := s.Documents.Handed(c.Request().Context(), page.ActorOf(c), documents.DraftID(c.Param("id")))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, draftShown(d))
}

// pushFiles answers POST /api/v1/drafts/{id}/files: files go through the same gate as those
// of a form. One with the name of another takes its place.
func (s *Face) pushFiles(c echo.Context) error {
	ctx, by := c.Request().Context(), page.ActorOf(c)
	d, err := s.Documents.Open(ctx, by, documents.DraftID(c.Param("id")))
	if err != nil {
		return err
	}
	seen := portal.RevisionOf(d)
	files, _, err := s.Uploads.ScannedFiles(c, "files", documents.MaxAttachments)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return portal.Wrong("files", "error.required", nil)
	}
	for _, f := range files {
		d.Content.Attachments = portal.WithFile(d.Content.Attachments, f)
	}
	if d, err = s.Documents.Write(ctx, by, d, seen); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, draftShown(d))
}

// pushSubmit answers POST /api/v1/drafts/{id}/submit.
func (s *Face) pushSubmit(c echo.Context) error {
	ctx, by := c.Request().Context(), page.ActorOf(c)
	d, err := s.Documents.Open(ctx, by, documents.DraftID(c.Param("id")))
	if err != nil {
		return err
	}
	if d.State != documents.Submitted { // a request that is repeated finds it done
		if err := s.Documents.Submit(ctx, by, d.ID, portal.RevisionOf(d)); err != nil {
			return err
		}
		if d, err = s.Documents.Open(ctx, by, d.ID); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, draftShown(d))
}
