package web

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/redact"
)

// paperPage is what desk_paper.html shows: the pages of a document, to draw
// boxes on.
type paperPage struct {
	base
	Case    *portal.Application
	Paper   portal.Paper
	Pages   []int
	Boxes   string // as JSON
	Grounds []option
	Action  string
	Form    form
}

// paper finds a document of a case by its file.
func (s *Server) paper(c echo.Context) (*portal.Application, *portal.Paper, error) {
	a, err := s.Cases.Open(actorOf(c), caseNumber(c))
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
func (s *Server) readPaper(f portal.Attachment) ([]byte, error) {
	r, err := s.Store.OpenFile(f.File)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// openPaper opens a document to be looked at.
func (s *Server) openPaper(ctx context.Context, f portal.Attachment) (*redact.Document, error) {
	data, err := s.readPaper(f)
	if err != nil {
		return nil, err
	}
	return redact.Open(ctx, data, f.Type)
}

func (s *Server) paperForm(c echo.Context) error {
	return s.showPaper(c, http.StatusOK, "", nil)
}

func (s *Server) showPaper(c echo.Context, status int, boxes string, wrong error) error {
	t := textsOf(c)
	a, paper, err := s.paper(c)
	if err != nil {
		return err
	}
	d, err := s.openPaper(c.Request().Context(), paper.Original)
	if err != nil {
		return err
	}
	pages := d.Pages
	if err := d.Close(); err != nil {
		return err
	}
	p := paperPage{base: s.deskBase(c, t.T("redact.title", "Name", paper.Original.Name)), Case: a, Paper: *paper, Action: s.casePath(a.Number, "/papers/"+string(paper.Original.File)), Boxes: boxes}
	for n := 1; n <= pages; n++ {
		p.Pages = append(p.Pages, n)
	}
	for _, g := range portal.Grounds() {
		p.Grounds = append(p.Grounds, option{Value: g.Code, Label: portal.Named(g.Name, t.Lang), Chosen: g.Code == "denied.third_party"})
	}
	if boxes == "" && len(paper.Boxes) > 0 {
		b, err := json.Marshal(paper.Boxes)
		if err != nil {
			return err
		}
		p.Boxes = string(b)
	}
	if wrong != nil {
		if err := p.Form.refuse(t, wrong); err != nil {
			return err
		}
	}
	return s.render(c, status, "desk_paper", p)
}

// paperPicture answers GET …/papers/{file}/pages/{page}: a page as a picture.
func (s *Server) paperPicture(c echo.Context) error {
	_, paper, err := s.paper(c)
	if err != nil {
		return err
	}
	d, err := s.openPaper(c.Request().Context(), paper.Original)
	if err != nil {
		return err
	}
	defer d.Close()
	n := atoi(strings.TrimSuffix(c.Param("page"), ".png"))
	if n < 1 || n > d.Pages {
		return portal.Missing()
	}
	img, err := d.Picture(n)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return err
	}
	return s.sendBytes(c, b.Bytes(), "image/png", "page.png", true)
}

// paperFind answers GET …/papers/{file}/find?q=: boxes around a text.
func (s *Server) paperFind(c echo.Context) error {
	_, paper, err := s.paper(c)
	if err != nil {
		return err
	}
	q := strings.TrimSpace(c.QueryParam("q"))
	if rs := []rune(q); len(rs) > 100 {
		q = string(rs[:100])
	}
	d, err := s.openPaper(c.Request().Context(), paper.Original)
	if err != nil {
		return err
	}
	defer d.Close()
	boxes, err := d.Find(q)
	if err != nil {
		return err
	}
	if boxes == nil {
		boxes = []portal.Box{}
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, boxes)
}

// paperRedact answers POST …/papers/{file}: what is in the boxes is taken out.
func (s *Server) paperRedact(c echo.Context) error {
	a, paper, err := s.paper(c)
	if err != nil {
		return err
	}
	typed := text(c, "boxes")
	var boxes []portal.Box
	if err := json.Unmarshal([]byte(typed), &boxes); err != nil && typed != "" {
		return s.showPaper(c, http.StatusUnprocessableEntity, "", &portal.Error{Kind: portal.Invalid, Key: "error.form", Problems: []portal.Problem{{Field: "boxes", Key: "error.no_boxes"}}})
	}
	result, err := s.redact(c, paper.Original, boxes)
	if err == nil {
		err = s.Cases.Redacted(actorOf(c), a.Number, paper.Original.File, boxes, result)
	}
	if portal.KindOf(err) == portal.Invalid {
		return s.showPaper(c, http.StatusUnprocessableEntity, typed, err)
	}
	return s.afterCase(c, "papers", err, "redact.done")
}

func (s *Server) redact(c echo.Context, f portal.Attachment, boxes []portal.Box) (portal.Attachment, error) {
	data, err := s.readPaper(f)
	if err != nil {
		return f, err
	}
	out, err := redact.Redact(c.Request().Context(), data, f.Type, boxes, s.Now())
	if err != nil {
		return f, err
	}
	id, n, err := s.Store.SaveFile(bytes.NewReader(out), portal.MaxFile)
	name := strings.TrimSuffix(f.Name, path.Ext(f.Name)) + "（已区分处理）.pdf"
	return portal.Attachment{File: id, Name: name, Type: "application/pdf", Size: n}, err
}

// caseArchive answers GET /desk/applications/{number}/archive.zip.
func (s *Server) caseArchive(c echo.Context) error {
	if _, err := s.Cases.Open(actorOf(c), caseNumber(c)); err != nil {
		return err
	}
	fileHeader(c, string(caseNumber(c))+".zip", "application/zip", false).Set("Cache-Control", "no-store")
	return s.Cases.Archive(actorOf(c), caseNumber(c), s.Store, c.Response())
}
