package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gongkai/cmd/wire"

	"gongkai/portal"
	"gongkai/portal/extract"
	"gongkai/portal/importer"
	"gongkai/store"
)

// exportCommand writes the whole catalogue into a ZIP.
type exportCommand struct {
	dataFlag
	Out string `help:"The ZIP to write; it must not be there." default:"catalogue.zip" type:"path"`
}

// Run implements the command.
func (e *exportCommand) Run(c *console) (err error) {
	st, err := openStore(c, e.Data)
	if errors.Is(err, store.ErrInUse) {
		return errors.New("a running portal holds the data: an administrator can export on its page /desk/import")
	}
	if err != nil {
		return err
	}
	defer st.Close()
	out, err := os.OpenFile(e.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	n, err := importer.Export(c.ctx, out, st.Organs.Organs(), st.Documents, st.Files)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(e.Out))
	}
	fmt.Fprintf(c.out, "%s: %d rows\n", e.Out, n)
	return nil
}

// container is a folder or a ZIP with a table of documents and the files that it names.
type container struct {
	fs     fs.FS
	close  func() error
	st     *store.Store
	reader extract.Reader
}

// openContainer opens a folder or ZIP that has a table; nil for any other file, such as
// a workbook.
func openContainer(name string, st *store.Store, reader extract.Reader) (*container, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		root, err := os.OpenRoot(name) // a name that climbs out of the folder is refused
		if err != nil {
			return nil, err
		}
		return &container{root.FS(), root.Close, st, reader}, nil
	}
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, nil // no ZIP: the import says what it is
	}
	if slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == "[Content_Types].xml" || f.Name == "mimetype" }) {
		return nil, z.Close() // a workbook
	}
	return &container{z, z.Close, st, reader}, nil
}

// table is the name of the table that lies in the container.
func (c *container) table() (string, error) {
	for _, name := range []string{"documents.csv", "documents.xlsx", "documents.jsonl"} {
		if _, err := fs.Stat(c.fs, name); err == nil {
			return name, nil
		}
	}
	list, err := fs.ReadDir(c.fs, ".")
	if err != nil {
		return "", err
	}
	var found []string
	for _, e := range list {
		if ext := strings.ToLower(path.Ext(e.Name())); !e.IsDir() && (ext == ".csv" || ext == ".xlsx" || ext == ".jsonl") && e.Name() != "organs.jsonl" {
			found = append(found, e.Name())
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("there must be one table beside the files, named documents.csv, documents.xlsx or documents.jsonl; there are %d", len(found))
	}
	return found[0], nil
}

// organs imports the organs that lie in the container.
func (c *container) organs(ctx context.Context, now time.Time) error {
	f, err := c.fs.Open("organs.jsonl")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = importer.Organs(ctx, wire.Import(c.st), portal.System("import"), f, now)
	return err
}

// Has implements importer.Attach.
func (c *container) Has(name string) error {
	if !fs.ValidPath(name) {
		return fs.ErrInvalid
	}
	_, err := fs.Stat(c.fs, name)
	return err
}

// Take implements importer.Attach.
func (c *container) Take(ctx context.Context, name string) (a portal.Attachment, read portal.Reading, err error) {
	if !fs.ValidPath(name) {
		return a, read, fs.ErrInvalid
	}
	in, err := c.fs.Open(name)
	if err != nil {
		return a, read, err
	}
	defer in.Close()
	id, size, err := c.st.Files.StageFile(ctx, in, portal.MaxFile)
	if err != nil {
		return a, read, err
	}
	f, err := c.st.Files.OpenFile(ctx, id)
	if err != nil {
		return a, read, err
	}
	defer f.Close()
	kind, got, err := c.reader.Look(ctx, f)
	if err != nil {
		return a, read, err
	}
	return portal.Attachment{File: id, Name: extract.SafeName(filepath.ToSlash(name), kind), Type: kind, Size: size, Notes: got.Notes}, got.Reading(), nil
}

// Keep implements importer.Attach.
func (c *container) Keep(ctx context.Context, id portal.FileID, read portal.Reading) error {
	return c.st.Files.KeepFile(ctx, id, read)
}
