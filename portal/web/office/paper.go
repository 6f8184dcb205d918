package office

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/redact"
	"gongkai/portal/web/page"
)

// paperPage is what desk_paper.html shows: the pages of a document, to draw
// boxes on.
type paperPage struct {
	page.Base
	Case    *cases.Application
	Paper   cases.Paper
	Pages   []int
	Boxes   string // as JSON
	Grounds []page.Option
	Action  string
	Form    page.Form
}

// paper finds a document of a case by its file.
func (s papers) paper(c echo.Context) (*cases.Application, *cases.Paper, error) {
	a, err := s.Cases.Open(c.Request().Context(), page.ActorOf(c), page.CaseNumber(c))
	if err != nil {
		return nil, nil, err
	}
	for i := range a.Papers {
		if string(a.Papers[i].Original.File) == c.Param("file") {
			return a, &a.Papers[i], nil
		}
	}
	return nil, nil, portal.Missing()
}

// readPaper reads a document.
func (s papers) readPaper(ctx context.Context, f portal.Attachment) ([]byte, error) {
	r, err := s.Store.OpenFile(ctx, f.File)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func (s papers) paperForm(c echo.Context) error {
	return s.showPaper(c, http.StatusOK, "", nil)
}

func (s papers) showPaper(c echo.Context, status int, boxes string, wrong error) error {
	t := page.TextsOf(c)
	a, paper, err := s.paper(c)
	if err != nil {
		return err
	}
	data, err := s.readPaper(c.Request().Context(), paper.Original)
	if err != nil {
		return err
	}
	pages, err := s.Redactor.Pages(c.Request().Context(), data, paper.Original.Type)
	if err != nil {
		return err
	}
	p := paperPage{Base: s.DeskBase(c, t.T("redact.title", "Name", paper.Original.Name)), Case: a, Paper: *paper, Action: s.casePath(a.Number, "/papers/"+string(paper.Original.File)), Boxes: boxes}
	for n := 1; n <= pages; n++ {
		p.Pages = append(p.Pages, n)
	}
	for _, g := range cases.Grounds() {
		p.Grounds = append(p.Grounds, page.Option{Value: g.Code, Label: portal.Named(g.Name, t.Lang), Chosen: g.Code == "denied.third_party"})
	}
	if boxes == "" && len(paper.Boxes) > 0 {
		b, err := json.Marshal(paper.Boxes)
		if err != nil {
			return err
		}
		p.Boxes = string(b)
	}
	p.Form.Revision = portal.RevisionOf(*paper)
	if portal.Stale(wrong) {
		p.Form.Problem = s.StaleNote(c, "application/"+string(a.Number))
	} else if wrong != nil {
		if err := p.Form.Refuse(t, wrong); err != nil {
			return err
		}
	}
	return s.Render(c, status, "desk_paper", p)
}

// paperPicture answers GET …/papers/{file}/pages/{page}: a page as a picture.
func (s papers) paperPicture(c echo.Context) error {
	_, paper, err := s.paper(c)
	if err != nil {
		return err
	}
	n := page.Atoi(strings.TrimSuffix(c.Param("page"), ".png"))
	if n < 1 || n > redact.MaxPages {
		return portal.Missing()
	}
	data, err := s.readPaper(c.Request().Context(), paper.Original)
	if err != nil {
		return err
	}
	picture, err := s.Redactor.Picture(c.Request().Context(), data, paper.Original.Type, n)
	if err != nil {
		return err
	}
	return s.SendBytes(c, picture, "image/png", "page.png", true)
}

// paperFind answers GET …/papers/{file}/find?q=: boxes around a text.
func (s papers) paperFind(c echo.Context) error {
	_, paper, err := s.paper(c)
	if err != nil {
		return err
	}
	q := strings.TrimSpace(c.QueryParam("q"))
	if rs := []rune(q); len(rs) > 100 {
		q = string(rs[:100])
	}
	data, err := s.readPaper(c.Request().Context(), paper.Original)
	if err != nil {
		return err
	}
	boxes, err := s.Redactor.Find(c.Request().Context(), data, paper.Original.Type, q)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, boxes)
}

// paperRedact answers POST …/papers/{file}: what is in the boxes is taken out.
func (s papers) paperRedact(c echo.Context) error {
	a, paper, err := s.paper(c)
	if err != nil {
		return err
	}
	typed := page.Typed(c, "boxes")
	var boxes []cases.Box
	if err := json.Unmarshal([]byte(typed), &boxes); err != nil && typed != "" {
		return s.showPaper(c, http.StatusUnprocessableEntity, "", portal.Wrong("boxes", "error.no_boxes", nil))
	}
	result, err := s.redact(c, a, paper.Original, boxes)
	if err == nil {
		err = s.Cases.Answers().Redacted(c.Request().Context(), page.ActorOf(c), a.Number, paper.Original.File, page.SeenOf(c), boxes, result)
	}
	if portal.Stale(err) {
		return s.showPaper(c, http.StatusConflict, typed, err)
	}
	if portal.KindOf(err) == portal.Invalid {
		return s.showPaper(c, http.StatusUnprocessableEntity, typed, err)
	}
	return s.afterCase(c, "papers", err, "redact.done")
}

// redact makes the result. Its name says nothing of the original's.
func (s papers) redact(c echo.Context, a *cases.Application, f portal.Attachment, boxes []cases.Box) (portal.Attachment, error) {
	data, err := s.readPaper(c.Request().Context(), f)
	if err != nil {
		return f, err
	}
	out, err := s.Redactor.Redact(c.Request().Context(), data, f.Type, boxes, page.Typed(c, "stay") == "yes", s.Now())
	if err != nil {
		return f, err
	}
	id, n, err := s.Store.SaveFile(c.Request().Context(), bytes.NewReader(out), portal.MaxFile)
	at := slices.IndexFunc(a.Papers, func(p cases.Paper) bool { return p.Original.File == f.File })
	return portal.Attachment{File: id, Name: string(a.Number) + "材料" + page.Itoa(at+1) + "（已区分处理）.pdf", Type: "application/pdf", Size: n}, err
}

// caseArchive answers GET /desk/applications/{number}/archive.zip.
func (s papers) caseArchive(c echo.Context) error {
	if _, err := s.Cases.Open(c.Request().Context(), page.ActorOf(c), page.CaseNumber(c)); err != nil {
		return err
	}
	reason := s.reasonOf(c)
	if reason == "" {
		return s.askReason(c, portal.Wrong("reason", "error.required", nil))
	}
	page.FileHeader(c, string(page.CaseNumber(c))+".zip", "application/zip", false).Set("Cache-Control", "no-store")
	return s.Cases.Keeping().Archive(c.Request().Context(), page.ActorOf(c), page.CaseNumber(c), s.Store, reason, c.Response())
}
