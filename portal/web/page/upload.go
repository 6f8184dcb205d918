package page

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/extract"
)

// Limits on the parts of a form with files.
const (
	maxFormFiles = 60      // more are refused before one is read
	maxFormText  = 8 << 20 // bytes of what was typed
	maxFormParts = 2000
	keyUploads   = "uploads"
)

// sealedFields are fields whose file is sealed with the applicant: it is kept
// in memory and never written to the folder of files.
var sealedFields = []string{"id_file"}

// upload is a file of the form that a request brings.
type upload struct {
	field, name string
	id          portal.FileID
	size        int64
	sealed      []byte         // instead of an id
	err         error          // why it could not be stored
	kept        bool           // a record names it
	read        portal.Reading // found in it, to be kept with it
}

// received are the files of a request, and whether they are kept.
type received struct {
	files []*upload
	kept  bool
}

// Receive reads a form with files as it comes in: what was typed first into
// memory, each file straight to where it will lie. A form that is not taken,
// one that is answered with anything but "see other", leaves nothing behind.
func (s *Uploads) Receive(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		kind, params, _ := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
		if r.Method != http.MethodPost || kind != "multipart/form-data" {
			return next(c)
		}
		got := &received{}
		c.Set(keyUploads, got)
		defer func() {
			if !got.kept {
				s.dropUploads(context.WithoutCancel(c.Request().Context()), got) // whoever sent it may have gone
			}
		}()
		if err := s.readForm(r, params["boundary"], got); err != nil {
			return err
		}
		err := next(c)
		if status := c.Response().Status; err == nil && status >= 300 && status < 400 {
			if e := s.KeepUploads(c); e != nil {
				s.Log.Error("the text of an upload could not be kept", "ref", RefOf(c), "error", e)
			}
		}
		return err
	}
}

// FormTyped reads what was typed into a form, and whether files came with it, which
// are not read.
func FormTyped(c echo.Context, limit int64) (values url.Values, files bool, err error) {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, limit)
	kind, params, _ := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if kind != echo.MIMEMultipartForm {
		if err := r.ParseForm(); err != nil {
			return nil, false, UnreadableForm(err)
		}
		return r.PostForm, false, nil
	}
	values = make(url.Values)
	parts, typed := multipart.NewReader(r.Body, params["boundary"]), 0
	for n := 0; ; n++ {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return values, files, nil
		}
		if err != nil {
			return nil, false, UnreadableForm(err)
		}
		if name, file := mimeName(p); file {
			files = files || name != ""
			continue
		}
		b, err := io.ReadAll(io.LimitReader(p, int64(maxFormText-typed)+1))
		if err != nil {
			return nil, false, UnreadableForm(err)
		}
		if typed += len(b); typed > maxFormText || n > maxFormParts {
			return nil, false, &portal.Error{Kind: portal.TooLarge, Key: "error.too_large", Args: portal.Args{"Limit": maxFormText >> 20}}
		}
		values.Add(p.FormName(), string(b))
	}
}

// KeepUploads keeps the files of the request: a record names them.
func (s *Uploads) KeepUploads(c echo.Context) error {
	got, _ := c.Get(keyUploads).(*received)
	if got == nil || got.kept {
		return nil
	}
	got.kept = true
	ctx := context.WithoutCancel(c.Request().Context()) // a record names them already
	var all error
	for _, f := range got.files {
		if f.id != "" {
			all = errors.Join(all, s.Files.KeepFile(ctx, f.id, f.read))
		}
	}
	return all
}

func (s *Uploads) dropUploads(ctx context.Context, got *received) {
	for _, f := range got.files {
		if f.id == "" || f.kept {
			continue
		}
		if err := s.Files.DropFile(ctx, f.id); err != nil {
			s.Log.Error("an upload of a refused form could not be deleted", "error", err)
		}
	}
}

// readForm reads the parts of a form. A file that cannot be stored does not
// cost what was typed: its field says what is wrong.
func (s *Uploads) readForm(r *http.Request, boundary string, got *received) error {
	if boundary == "" {
		return &portal.Error{Kind: portal.Invalid, Key: "error.form"}
	}
	values := make(url.Values)
	parts := multipart.NewReader(r.Body, boundary)
	typed, count := 0, 0
	for n := 0; ; n++ {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return UnreadableForm(err)
		}
		if n > maxFormParts {
			return &portal.Error{Kind: portal.TooLarge, Key: "error.too_many", Args: portal.Args{"Limit": maxFormParts}}
		}
		name, file := mimeName(p)
		if !file {
			b, err := io.ReadAll(io.LimitReader(p, int64(maxFormText-typed)+1))
			if err != nil {
				return UnreadableForm(err)
			}
			if typed += len(b); typed > maxFormText {
				return &portal.Error{Kind: portal.TooLarge, Key: "error.too_large", Args: portal.Args{"Limit": maxFormText >> 20}}
			}
			values.Add(p.FormName(), string(b))
			continue
		}
		if name == "" { // a field without a file
			continue
		}
		u := &upload{field: p.FormName(), name: name}
		if count++; count > maxFormFiles {
			got.files = append(got.files, &upload{field: u.field, err: &portal.Error{Kind: portal.Invalid, Key: "error.too_many", Args: portal.Args{"Limit": maxFormFiles}}})
			break // the rest is not read
		}
		switch {
		case slices.Contains(sealedFields, u.field):
			if u.sealed, err = io.ReadAll(io.LimitReader(p, cases.MaxIDFile+1)); err != nil {
				return UnreadableForm(err)
			}
			u.size = int64(len(u.sealed))
		default:
			u.id, u.size, u.err = s.Files.StageFile(r.Context(), p, portal.MaxFile)
			if _, large := errors.AsType[*http.MaxBytesError](u.err); large || errors.Is(u.err, io.ErrUnexpectedEOF) {
				return UnreadableForm(u.err)
			}
		}
		got.files = append(got.files, u)
	}
	r.Form, r.PostForm = make(url.Values), values
	for k, v := range values {
		r.Form[k] = append(r.Form[k], v...)
	}
	for k, v := range r.URL.Query() {
		r.Form[k] = append(r.Form[k], v...)
	}
	r.MultipartForm = &multipart.Form{Value: values}
	return nil
}

// mimeName is the file name of a part, and whether the part is a file.
func mimeName(p *multipart.Part) (string, bool) {
	_, params, err := mime.ParseMediaType(p.Header.Get(echo.HeaderContentDisposition))
	name, file := params["filename"]
	return name, err == nil && file
}

// UnreadableForm tells a body that is no form, which is the sender's mistake,
// from one that is too large or that ended because the sender has gone.
func UnreadableForm(err error) error {
	if _, large := errors.AsType[*http.MaxBytesError](err); large || errors.Is(err, context.Canceled) {
		return err
	}
	return &portal.Error{Kind: portal.Invalid, Key: "error.form", Err: err}
}

// FormFiles are the files of a form field: it tells their types and, where a
// reader is wanted, what is written in them. A file that may not be uploaded
// is a problem of the field. One whose text cannot be read is kept, with a
// note that says so.
func (s *Uploads) FormFiles(c echo.Context, name string, most int) (files []portal.Attachment, texts []string, err error) {
	return s.formFiles(c, name, most, false)
}

// ScannedFiles is FormFiles for what is to be published: the text in pictures is read
// too, where that can be done.
func (s *Uploads) ScannedFiles(c echo.Context, name string, most int) (files []portal.Attachment, texts []string, err error) {
	return s.formFiles(c, name, most, true)
}

func (s *Uploads) formFiles(c echo.Context, name string, most int, scans bool) (files []portal.Attachment, texts []string, err error) {
	got, _ := c.Get(keyUploads).(*received)
	if got == nil {
		return nil, nil, nil
	}
	var mine []*upload
	for _, u := range got.files {
		if u.field == name && (u.size > 0 || u.err != nil) {
			mine = append(mine, u)
		}
	}
	refuse := func(u *upload, err error) error {
		e, ok := errors.AsType[*portal.Error](err)
		if !ok || e.Kind == portal.Internal {
			return err
		}
		args := portal.Args{"Name": extract.SafeName(u.name, "")}
		for k, v := range e.Args {
			args[k] = v
		}
		return &portal.Error{Kind: e.Kind, Key: "error.form", Err: e.Err, Problems: []portal.Problem{{Field: name, Key: e.Key, Args: args}}}
	}
	if len(mine) > most {
		return nil, nil, refuse(mine[most], &portal.Error{Kind: portal.Invalid, Key: "error.too_many", Args: portal.Args{"Limit": most}})
	}
	for _, u := range mine {
		a, text, err := s.look(c.Request().Context(), u, scans)
		if err != nil {
			return nil, nil, refuse(u, err)
		}
		files, texts = append(files, a), append(texts, text)
	}
	return files, texts, nil
}

// Received is a file that a request brought, or that lay in a ZIP that it brought.
type Received struct {
	Name       string
	Attachment portal.Attachment
	Read       portal.Reading
	Err        error // why it is not taken
	upload     *upload
}

// Each calls f with each file of a form field, a ZIP file by file: one that is not
// taken says why, and does not stop the others. f says by Keep which are kept.
func (s *Uploads) Each(c echo.Context, field string, f func(Received) error) error {
	got, _ := c.Get(keyUploads).(*received)
	if got == nil {
		return nil
	}
	ctx := c.Request().Context()
	take := func(u *upload, a portal.Attachment, err error) error {
		return f(Received{extract.SafeName(u.name, a.Type), a, u.read, err, u})
	}
	mine := slices.DeleteFunc(slices.Clone(got.files), func(u *upload) bool { return u.field != field || u.size == 0 && u.err == nil })
	for some := range slices.Chunk(mine, readAtOnce) {
		err := s.lookAt(ctx, some, func(u *upload, a portal.Attachment, err error) error {
			if !extract.IsArchive(err) {
				return take(u, a, err)
			}
			err = s.unpack(ctx, got, u, take)
			if e, ok := errors.AsType[*portal.Error](err); ok && e.Kind != portal.Internal {
				err = take(u, portal.Attachment{}, e)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readAtOnce is how many files of a request are read at the same time.
const readAtOnce = 2

// lookAt looks at some uploads at the same time and calls f with each in their order.
func (s *Uploads) lookAt(ctx context.Context, some []*upload, f func(*upload, portal.Attachment, error) error) error {
	type seen struct {
		a   portal.Attachment
		err error
	}
	out := make([]seen, len(some))
	var all sync.WaitGroup
	for i, u := range some {
		all.Go(func() { out[i].a, _, out[i].err = s.look(ctx, u, true) })
	}
	all.Wait()
	for i, u := range some {
		err := out[i].err
		if e, ok := errors.AsType[*portal.Error](err); err != nil && (!ok || e.Kind == portal.Internal) {
			return err
		}
		if err := f(u, out[i].a, err); err != nil {
			return err
		}
	}
	return nil
}

// unpack stages the files in a ZIP and calls f with each.
func (s *Uploads) unpack(ctx context.Context, got *received, u *upload, f func(*upload, portal.Attachment, error) error) error {
	archive, err := s.Store.OpenFile(ctx, u.id)
	if err != nil {
		return err
	}
	defer archive.Close()
	var some []*upload
	err = s.Reader.Unpack(ctx, archive, func(e extract.Entry) error {
		in := &upload{field: u.field, name: u.name + "/" + e.Name}
		if e.Problem.Key != "" {
			in.err = &portal.Error{Kind: portal.Invalid, Key: e.Problem.Key, Args: e.Problem.Args}
		} else if in.id, in.size, in.err = s.Files.StageFile(ctx, bytes.NewReader(e.Data), portal.MaxFile); in.err == nil {
			got.files = append(got.files, in)
		}
		if some = append(some, in); len(some) < readAtOnce {
			return nil
		}
		err := s.lookAt(ctx, some, f)
		some = some[:0]
		return err
	})
	return cmp.Or(err, s.lookAt(ctx, some, f))
}

// Keep keeps a file that was received: a record names it.
func (s *Uploads) Keep(c echo.Context, r Received) error {
	r.upload.kept = true
	return s.Files.KeepFile(context.WithoutCancel(c.Request().Context()), r.Attachment.File, r.Read)
}

// Scanned reports whether uploads are looked at by a virus scanner.
func (s *Uploads) Scanned() bool { return s.Scanner != nil }

// look tells what an upload is and reads it, in a child process, its scans too if
// they are wanted.
func (s *Uploads) look(ctx context.Context, u *upload, scans bool) (portal.Attachment, string, error) {
	if u.err != nil {
		return portal.Attachment{}, "", u.err
	}
	f, err := s.Store.OpenFile(ctx, u.id)
	if err != nil {
		return portal.Attachment{}, "", err
	}
	defer f.Close()
	if s.Scanner != nil {
		if err := s.Scanner.Scan(ctx, f); err != nil {
			return portal.Attachment{}, "", err
		}
	}
	kind, read, err := s.Reader.Look(ctx, f)
	if err != nil {
		return portal.Attachment{}, "", err
	}
	if scans {
		if err := s.Reader.Recognise(ctx, f, kind, &read); err != nil {
			return portal.Attachment{}, "", err
		}
	}
	a := portal.Attachment{File: u.id, Name: extract.SafeName(u.name, kind), Type: kind, Size: u.size}
	if given := path.Ext(u.name); given != "" && !strings.EqualFold(path.Ext(a.Name), given) {
		a.Notes = append(a.Notes, portal.Problem{Key: "read.renamed", Args: portal.Args{"Name": extract.SafeName(u.name, ""), "Ending": path.Ext(a.Name)}})
	}
	if strings.Contains(kind, "macro") {
		a.Notes = append(a.Notes, portal.Problem{Key: "read.macros"})
	}
	if read.Cause != "" {
		s.Log.Info("a file could not be read", "type", kind, "size", u.size, "error", read.Cause)
	}
	a.Notes = append(a.Notes, read.Notes...)
	u.read = read.Reading()
	return a, u.read.Text, nil
}

// sealedUpload reads a picture or PDF that is to be sealed with the applicant:
// it is never written to the folder of files.
func (s *Uploads) sealedUpload(c echo.Context, name string, limit int64) ([]byte, string, error) {
	got, _ := c.Get(keyUploads).(*received)
	if got == nil {
		return nil, "", nil
	}
	i := slices.IndexFunc(got.files, func(u *upload) bool { return u.field == name && u.size > 0 })
	if i < 0 {
		return nil, "", nil
	}
	u := got.files[i]
	refuse := func(key string, args portal.Args) error {
		return portal.Wrong(name, key, args)
	}
	if u.size > limit {
		return nil, "", refuse("error.file_too_large", portal.Args{"Limit": limit >> 20})
	}
	kind := http.DetectContentType(u.sealed)
	switch kind {
	case "image/png", "image/jpeg", "application/pdf":
		return u.sealed, extract.SafeName(u.name, kind), nil
	}
	return nil, "", refuse("error.file_type", nil)
}
