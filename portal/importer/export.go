package importer

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/text"
)

// Exported is what an export needs of the store.
type Exported interface {
	EachDocument(ctx context.Context, f func(*documents.Document) error) error
	Document(context.Context, documents.DocumentID) (*documents.Document, error)
	Versions(context.Context, documents.DocumentID) ([]*documents.Document, error)
}

// Opener opens uploads.
type Opener interface {
	OpenFile(context.Context, portal.FileID) (*os.File, error)
}

// The names of what lies in an exported catalogue.
const (
	organsFile    = "organs.jsonl"
	documentsFile = "documents.csv"
	filesFolder   = "files"
)

// exportColumns are the columns of an exported catalogue, in their order: each is a
// column that an import reads.
var exportColumns = []string{"index_number", "version", "title", "title_en", "number", "organ", "formed", "published", "theme", "genre", "item", "mode", "validity", "effective", "repealed", "expires",
	"keywords", "summary", "summary_en", "body", "body_en", "attachments", "related", "repeals", "amends", "interprets", "supersedes", "posted",
	"change_note", "minor", "keep_files", "published_at", "changed_at", "withdrawn", "reason", "removed"}

// Template is an empty table of documents for an import, with the names of its columns.
func Template() []byte {
	return []byte("\ufeff" + strings.Join(exportColumns[2:28], ",") + "\r\n")
}

// Export writes the whole catalogue as a ZIP: the organs, a table of the documents with
// an edition in each row, and a folder of their files. An import of it into an empty
// portal gives the same pages, index numbers and addresses. Originals that are sealed,
// drafts and what is for staff only are not in it.
func Export(ctx context.Context, w io.Writer, organs []portal.Organ, from Exported, files Opener) (int, error) {
	z := zip.NewWriter(w)
	part, err := z.Create(organsFile)
	if err != nil {
		return 0, err
	}
	for _, o := range organs {
		if err := json.NewEncoder(part).Encode(o); err != nil {
			return 0, err
		}
	}
	var ids []documents.DocumentID
	published := make(map[documents.DocumentID]time.Time)
	err = from.EachDocument(ctx, func(d *documents.Document) error {
		ids = append(ids, d.ID)
		published[d.ID] = d.PublishedAt
		return nil
	})
	if err != nil {
		return 0, err
	}
	// What a document repeals or interprets came before it.
	slices.SortStableFunc(ids, func(a, b documents.DocumentID) int { return published[a].Compare(published[b]) })
	if part, err = z.Create(documentsFile); err != nil {
		return 0, err
	}
	if _, err := io.WriteString(part, "\ufeff"); err != nil {
		return 0, err
	}
	table := csv.NewWriter(part)
	if err := table.Write(exportColumns); err != nil {
		return 0, err
	}
	names := make(map[string]portal.FileID)
	rows := 0
	for _, id := range ids {
		d, err := from.Document(ctx, id)
		if err != nil {
			return rows, err
		}
		editions := []*documents.Document{d}
		if !d.Removed { // of what was removed nothing is handed on
			old, err := from.Versions(ctx, id)
			if err != nil {
				return rows, err
			}
			editions = append(old, d)
			slices.SortStableFunc(editions, func(a, b *documents.Document) int { return a.Version - b.Version })
		}
		for _, e := range editions {
			if err := table.Write(exportRow(e, names)); err != nil {
				return rows, err
			}
			rows++
		}
	}
	table.Flush()
	if err := table.Error(); err != nil {
		return rows, err
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if err := exportFile(ctx, z, name, names[name], files); err != nil {
			return rows, fmt.Errorf("%s: %w", name, err)
		}
	}
	return rows, z.Close()
}

func exportFile(ctx context.Context, z *zip.Writer, name string, id portal.FileID, files Opener) error {
	f, err := files.OpenFile(ctx, id)
	if err != nil {
		return err
	}
	defer f.Close()
	part, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(part, f)
	return err
}

// exportRow is an edition as a row, and names its files.
func exportRow(d *documents.Document, names map[string]portal.FileID) []string {
	ids := func(list []documents.DocumentID) string {
		var out []string
		for _, id := range list {
			out = append(out, string(id))
		}
		return strings.Join(out, ";")
	}
	var organs, paths []string
	for _, o := range d.Organs {
		organs = append(organs, string(o))
	}
	if !d.Removed {
		for _, a := range d.Attachments {
			name := path.Join(filesFolder, string(d.ID), string(a.File)[:12], a.Name)
			names[name] = a.File
			paths = append(paths, name)
		}
	}
	yes := func(b bool) string {
		if b {
			return "1"
		}
		return ""
	}
	row := map[string]string{"index_number": d.IndexNumber, "version": strconv.Itoa(d.Version), "title": d.Title, "title_en": d.TitleEN, "number": d.Number, "organ": strings.Join(organs, ";"), "formed": d.Formed.String(), "published": d.Published.String(),
		"theme": d.Theme, "genre": d.Genre, "item": d.Item, "mode": d.Mode, "validity": d.Validity, "effective": d.Effective.String(), "repealed": d.Repealed.String(), "expires": d.Expires.String(),
		"keywords": strings.Join(d.Keywords, ";"), "summary": d.Summary, "summary_en": d.SummaryEN, "body": d.Body, "body_en": d.BodyEN, "attachments": strings.Join(paths, "\n"),
		"related": ids(d.Related), "repeals": ids(d.Repeals), "amends": ids(d.Amends), "interprets": ids(d.Interprets), "supersedes": ids(d.Supersedes), "posted": documents.PostingsText(d.Posted),
		"change_note": d.ChangeNote, "minor": yes(d.Minor), "keep_files": yes(d.KeepFiles), "published_at": d.PublishedAt.UTC().Format(time.RFC3339Nano), "changed_at": d.ChangedAt.UTC().Format(time.RFC3339Nano),
		"withdrawn": yes(d.Withdrawn), "reason": d.Reason, "removed": yes(d.Removed)}
	if d.Removed {
		for _, secret := range []string{"title_en", "number", "keywords", "summary", "summary_en", "body", "body_en", "posted"} {
			row[secret] = ""
		}
	}
	out := make([]string, len(exportColumns))
	for i, name := range exportColumns {
		out[i] = unformula(row[name])
	}
	return out
}

// unformula marks a cell that a spreadsheet would take for a formula; formula takes the
// mark away.
func unformula(v string) string {
	if v != "" && strings.ContainsRune("=+-@\t\r'", rune(v[0])) {
		return "'" + v
	}
	return v
}

func formula(v string) string {
	if len(v) > 1 && v[0] == '\'' && strings.ContainsRune("=+-@\t\r'", rune(v[1])) {
		return v[1:]
	}
	return v
}

// edition reads what an exported row says of its edition; nil for a row that names no
// index number.
func (m *documentImport) edition(r row) (*documents.Edition, []portal.Problem) {
	index := r.get("index_number")
	if index == "" {
		return nil, nil
	}
	var ps []portal.Problem
	id, ok := documents.ParseDocumentID(index)
	if !ok || !strings.Contains(index, "/") {
		return nil, []portal.Problem{{Field: "index_number", Key: "error.import_value", Args: portal.Args{"Value": index}}}
	}
	e := &documents.Edition{ID: id, IndexNumber: index, Version: 1, Note: r.get("change_note"), Minor: r.get("minor") != "", KeepFiles: r.get("keep_files") != "",
		Withdrawn: r.get("withdrawn") != "", Reason: r.get("reason"), Removed: r.get("removed") != ""}
	if v := r.get("version"); v != "" {
		if e.Version, _ = strconv.Atoi(v); e.Version < 1 || e.Version > 9999 {
			ps = append(ps, portal.Problem{Field: "version", Key: "error.import_value", Args: portal.Args{"Value": v}})
		}
	}
	for field, to := range map[string]*time.Time{"published_at": &e.PublishedAt, "changed_at": &e.ChangedAt} {
		v := r.get(field)
		if v == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339Nano, v)
		if err != nil || t.After(m.opt.Now()) {
			ps = append(ps, portal.Problem{Field: field, Key: "error.import_value", Args: portal.Args{"Value": v}})
		}
		*to = t
	}
	return e, ps
}

// more reads the columns of a row that only a catalogue of this portal has: relations,
// other places, files.
func (m *documentImport) more(ctx context.Context, r row, c *documents.Content) (files []keptFile, ps []portal.Problem) {
	for field, to := range map[string]*[]documents.DocumentID{"related": &c.Related, "repeals": &c.Repeals, "amends": &c.Amends, "interprets": &c.Interprets, "supersedes": &c.Supersedes} {
		for _, name := range words(r.get(field)) {
			id, ok := documents.ParseDocumentID(name)
			if !ok {
				ps = append(ps, portal.Problem{Field: field, Key: "error.import_value", Args: portal.Args{"Value": name}})
				continue
			}
			*to = append(*to, id)
		}
	}
	posted, wrong := documents.ParsePostings(r.get("posted"))
	c.Posted, ps = posted, append(ps, wrong...)
	if v := r.get("expires"); v != "" {
		day, p := m.day(r, "expires", v)
		if p != nil {
			ps = append(ps, *p)
		}
		c.Expires = day
	}
	exported := r.get("index_number") != "" // whose names may hold anything but a new line
	for name := range strings.FieldsFuncSeq(r.get("attachments"), func(r rune) bool { return r == '\n' || !exported && (r == ';' || r == '；') }) {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if m.opt.Attach == nil {
			return files, append(ps, portal.Problem{Field: "attachments", Key: "error.import_no_files", Args: portal.Args{"Name": name}})
		}
		if m.opt.DryRun {
			if err := m.opt.Attach.Has(name); err != nil {
				ps = append(ps, portal.Problem{Field: "attachments", Key: "error.import_no_file", Args: portal.Args{"Name": name}})
			} else if len(c.Attachments) == 0 { // so that a row without a text is complete
				c.Attachments = []portal.Attachment{{Name: path.Base(name)}}
			}
			continue
		}
		a, read, err := m.opt.Attach.Take(ctx, name)
		if err != nil {
			key, args := "error.import_no_file", portal.Args{"Name": name}
			if e, ok := errors.AsType[*portal.Error](err); ok && e.Kind != portal.Internal {
				ps = append(ps, portal.Problem{Field: "attachments", Key: e.Key, Args: merged(e.Args, args)})
				continue
			}
			ps = append(ps, portal.Problem{Field: "attachments", Key: key, Args: args})
			continue
		}
		c.Attachments, files = append(c.Attachments, a), append(files, keptFile{a.File, read})
	}
	return files, ps
}

// merged are the words of both.
func merged(a, b portal.Args) portal.Args {
	out := maps.Clone(b)
	maps.Copy(out, a)
	return out
}

// Attach takes the files that rows name, from the folder or ZIP that the table lies in.
type Attach interface {
	// Has fails for a name of which there is no file.
	Has(name string) error
	// Take stages and reads a file. What may not be uploaded is a *portal.Error.
	Take(ctx context.Context, name string) (portal.Attachment, portal.Reading, error)
	// Keep keeps a file that a record names now.
	Keep(ctx context.Context, id portal.FileID, read portal.Reading) error
}

type keptFile struct {
	id   portal.FileID
	read portal.Reading
}

// Organs imports the organs of an exported catalogue that are not there yet, and says
// how many those were.
func Organs(ctx context.Context, st Store, by portal.Actor, r io.Reader, at time.Time) (int, error) {
	if err := by.Need(portal.ImportRecords, ""); err != nil {
		return 0, err
	}
	n := 0
	for d := json.NewDecoder(io.LimitReader(r, 64<<20)); ; {
		var o portal.Organ
		if err := d.Decode(&o); err == io.EOF {
			return n, nil
		} else if err != nil {
			return n, refusal("error.file_damaged", nil)
		}
		if _, err := st.Organ(o.Code); err == nil {
			continue
		}
		if err := o.Validate(); err != nil {
			return n, fmt.Errorf("organ %s: %w", text.Clean(string(o.Code)), err)
		}
		if err := st.SaveOrgan(ctx, by, &o, at); err != nil {
			return n, err
		}
		n++
	}
}
