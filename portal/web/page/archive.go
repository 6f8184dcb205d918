package page

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"gongkai/portal"
	"gongkai/portal/extract"
)

// Archive is a ZIP that an administrator sends: a table of documents and the files that
// its rows name. It was unpacked in a child; its files wait until records name them.
type Archive struct {
	uploads *Uploads
	Table   []byte // the only table in it
	Organs  []byte // organs.jsonl of an exported catalogue; nil for none
	files   map[string]*upload
	Refused []string // names of what was not taken
}

// OpenArchive unpacks a ZIP of a table and files. It is closed by Close, which drops what no
// record names.
func (s *Uploads) OpenArchive(ctx context.Context, r io.Reader, limit int64) (*Archive, error) {
	id, _, err := s.Files.StageFile(ctx, r, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Files.DropFile(context.WithoutCancel(ctx), id) }() // what is left the sweep of uploads finds
	f, err := s.Store.OpenFile(ctx, id)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if s.Scanner != nil {
		if err := s.Scanner.Scan(ctx, f); err != nil {
			return nil, err
		}
	}
	a := &Archive{uploads: s, files: make(map[string]*upload)}
	tables := 0
	err = s.Reader.Unpack(ctx, f, func(e extract.Entry) error {
		name := path.Clean(strings.ReplaceAll(e.Name, `\`, "/"))
		ext := strings.ToLower(path.Ext(name))
		switch {
		case e.Problem.Key != "":
			a.Refused = append(a.Refused, e.Name)
		case name == "organs.jsonl":
			a.Organs = bytes.Clone(e.Data)
		case !strings.Contains(name, "/") && (ext == ".csv" || ext == ".xlsx" || ext == ".jsonl"):
			tables++
			a.Table = bytes.Clone(e.Data)
		default:
			u := &upload{name: name}
			if u.id, u.size, u.err = s.Files.StageFile(ctx, bytes.NewReader(e.Data), portal.MaxFile); u.err == nil {
				a.files[name] = u
			} else {
				a.Refused = append(a.Refused, e.Name)
			}
		}
		return nil
	})
	if err == nil && tables != 1 {
		err = portal.Wrong("file", "import.tables", portal.Args{"N": tables})
	}
	if err != nil {
		return nil, errors.Join(err, a.Close(ctx))
	}
	return a, nil
}

// Has implements importer.Attach.
func (a *Archive) Has(name string) error {
	if a.files[path.Clean(name)] == nil {
		return fs.ErrNotExist
	}
	return nil
}

// Take implements importer.Attach.
func (a *Archive) Take(ctx context.Context, name string) (portal.Attachment, portal.Reading, error) {
	u := a.files[path.Clean(name)]
	if u == nil {
		return portal.Attachment{}, portal.Reading{}, fs.ErrNotExist
	}
	at, _, err := a.uploads.look(ctx, u, false)
	return at, u.read, err
}

// Keep implements importer.Attach.
func (a *Archive) Keep(ctx context.Context, id portal.FileID, read portal.Reading) error {
	for _, u := range a.files {
		if u.id == id {
			u.kept = true
		}
	}
	return a.uploads.Files.KeepFile(ctx, id, read)
}

// Close drops the files that no record names.
func (a *Archive) Close(ctx context.Context) error {
	var all error
	for _, u := range a.files {
		if !u.kept {
			all = errors.Join(all, a.uploads.Files.DropFile(ctx, u.id))
		}
	}
	return all
}
