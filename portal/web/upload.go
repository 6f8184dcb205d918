package web

import (
	"errors"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/extract"
)

// uploads stores the files of a form field and tells their types and texts.
// A file that may not be uploaded is a problem of the field.
func (s *Server) uploads(c echo.Context, name string) (files []portal.Attachment, texts []string, err error) {
	f, err := c.MultipartForm()
	if errors.Is(err, http.ErrNotMultipart) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, unreadableForm(err)
	}
	for _, h := range f.File[name] {
		if h.Size == 0 {
			continue
		}
		a, text, err := s.upload(c, h)
		if e, ok := errors.AsType[*portal.Error](err); ok && e.Kind != portal.Internal {
			args := portal.Args{"Name": h.Filename}
			for k, v := range e.Args {
				args[k] = v
			}
			return nil, nil, &portal.Error{Kind: e.Kind, Key: "error.form", Problems: []portal.Problem{{Field: name, Key: e.Key, Args: args}}}
		}
		if err != nil {
			return nil, nil, err
		}
		files, texts = append(files, a), append(texts, text)
	}
	return files, texts, nil
}

// unreadableForm tells a body that is no form, which is the sender's mistake,
// from one that is too large or could not be kept.
func unreadableForm(err error) error {
	_, large := errors.AsType[*http.MaxBytesError](err)
	_, disk := errors.AsType[*fs.PathError](err)
	if large || disk {
		return err
	}
	return &portal.Error{Kind: portal.Invalid, Key: "error.form", Err: err}
}

func (s *Server) upload(c echo.Context, h *multipart.FileHeader) (portal.Attachment, string, error) {
	r, err := h.Open()
	if err != nil {
		return portal.Attachment{}, "", err
	}
	defer r.Close()
	id, n, err := s.Store.SaveFile(r, portal.MaxFile)
	if err != nil {
		return portal.Attachment{}, "", err
	}
	f, err := s.Store.OpenFile(id)
	if err != nil {
		return portal.Attachment{}, "", err
	}
	defer f.Close()
	kind, err := extract.Type(f.Name())
	if err != nil {
		return portal.Attachment{}, "", err
	}
	text, err := extract.Text(c.Request().Context(), f.Name(), kind)
	if err != nil {
		return portal.Attachment{}, "", err
	}
	return portal.Attachment{File: id, Name: fileName(h.Filename), Type: kind, Size: n}, text, s.Store.SaveFileText(id, text)
}

// fileName keeps of a file's name what is safe to show and to save under.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, name)
	if rs := []rune(name); len(rs) > 120 {
		name = string(rs[:60]) + "…" + string(rs[len(rs)-50:])
	}
	if name == "" || name == "." || name == ".." {
		name = "file"
	}
	return name
}

// sealedUpload reads a picture or PDF that is to be sealed with the applicant:
// it is never written to the folder of files.
func (s *Server) sealedUpload(c echo.Context, name string, limit int64) ([]byte, string, error) {
	f, err := c.MultipartForm()
	if errors.Is(err, http.ErrNotMultipart) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", unreadableForm(err)
	}
	if len(f.File[name]) == 0 || f.File[name][0].Size == 0 {
		return nil, "", nil
	}
	h := f.File[name][0]
	refuse := func(key string, args portal.Args) error {
		return &portal.Error{Kind: portal.Invalid, Key: "error.form", Problems: []portal.Problem{{Field: name, Key: key, Args: args}}}
	}
	if h.Size > limit {
		return nil, "", refuse("error.file_too_large", portal.Args{"Limit": limit >> 20})
	}
	r, err := h.Open()
	if err != nil {
		return nil, "", err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, limit))
	if err != nil {
		return nil, "", err
	}
	switch http.DetectContentType(data) {
	case "image/png", "image/jpeg", "application/pdf":
		return data, fileName(h.Filename), nil
	}
	return nil, "", refuse("error.file_type", nil)
}
