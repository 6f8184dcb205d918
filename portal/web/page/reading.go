package page

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/extract"
)

// Reading shows what stands in files, page by page, without a plug-in.
type Reading struct {
	*Site
	Reader extract.Reader
	Texts  Texts
}

// Texts gives what was read in files.
type Texts interface {
	Readings(context.Context, []portal.FileID) ([]portal.Reading, error)
}

const typeOFD = "application/ofd"

// ReadPage is what read.html shows: one page of a file.
type ReadPage struct {
	Base
	Back     string // address of the record that has the file
	File     portal.Attachment
	Download string
	Text     string
	Page     int
	Pages    int
	Picture  string // address of the page as a picture; "" where there is none
	At       string // address of the page, without its number
}

// ShowFile shows a page of a file, the one that the address asks for: its text, and
// its picture where the portal draws it. at is the address of the file's pages.
func (s *Reading) ShowFile(c echo.Context, a portal.Attachment, back, download, at string) error {
	ctx := c.Request().Context()
	read, err := s.Texts.Readings(ctx, []portal.FileID{a.File})
	if err != nil {
		return err
	}
	n := 1
	if v := c.QueryParam("page"); v != "" {
		if n, err = strconv.Atoi(v); err != nil {
			return portal.Missing()
		}
	}
	pages := strings.Split(strings.TrimSuffix(read[0].Text, "\f"), "\n\f")
	if len(pages) > 1 && strings.TrimSpace(pages[len(pages)-1]) == "" {
		pages = pages[:len(pages)-1]
	}
	if n < 1 || n > len(pages) {
		return portal.Missing()
	}
	p := ReadPage{Base: s.Base(c, a.Name), Back: back, File: a, Download: download, Text: pages[n-1], Page: n, Pages: len(pages), At: at}
	if a.Type == typeOFD {
		p.Picture = fmt.Sprintf("%s/%d.svg", at, n)
	}
	return s.Render(c, http.StatusOK, "read", p)
}

// SendPicture sends a page of a file as a picture. It runs nothing and fetches
// nothing.
func (s *Reading) SendPicture(c echo.Context, a portal.Attachment, name string) error {
	number, ok := strings.CutSuffix(name, ".svg")
	n, err := strconv.Atoi(number)
	if err != nil || !ok || a.Type != typeOFD {
		return portal.Missing()
	}
	h := c.Response().Header()
	tag := fmt.Sprintf(`"%s-%d"`, a.File, n)
	h.Set("ETag", tag)
	h.Set("Content-Security-Policy", "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox")
	if c.Request().Header.Get("If-None-Match") == tag {
		return c.NoContent(http.StatusNotModified)
	}
	f, err := s.Store.OpenFile(c.Request().Context(), a.File)
	if err != nil {
		return err
	}
	defer f.Close()
	d, err := s.Reader.Draw(c.Request().Context(), f, n)
	if err != nil {
		return err
	}
	h.Set("Cache-Control", "private, max-age=3600")
	return c.Blob(http.StatusOK, "image/svg+xml", d.SVG)
}
