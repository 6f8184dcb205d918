package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/documents"
)

// drafts keeps the drafts.
func (s Documents) drafts() Records[documents.Draft] {
	return records[documents.Draft](s.core, documents.DraftKind)
}

// Draft loads a draft.
func (s Documents) Draft(ctx context.Context, id documents.DraftID) (*documents.Draft, error) {
	return s.drafts().Get(ctx, string(id))
}

// Drafts loads the drafts that keep wants.
func (s Documents) Drafts(ctx context.Context, keep func(*documents.Draft) bool) ([]*documents.Draft, error) {
	return s.drafts().All(ctx, keep)
}

// ChangeDraft changes a draft or begins one. A correction may have one draft only:
// a second is refused.
func (s Documents) ChangeDraft(ctx context.Context, by portal.Actor, id documents.DraftID, seen portal.Revision, act string, at time.Time, change func(*documents.Draft) error) (*documents.Draft, error) {
	return s.drafts().change(ctx, by, string(id), seen, act, at, func(tx *bolt.Tx, d *documents.Draft) (string, error) {
		if d.ID == "" && tx.Bucket(sourcesBucket).Get([]byte(id)) != nil { // it is a document by now
			return "", &portal.Error{Kind: portal.Conflict, Key: "error.idempotency"}
		}
		if err := change(d); err != nil {
			return "", err
		}
		if d.Of == "" {
			return d.Content.Title, nil
		}
		return d.Content.Title, each(ctx, tx, draftsBucket, func(_ string, o *documents.Draft) error {
			if o.Of == d.Of && o.ID != d.ID {
				return &portal.Error{Kind: portal.Conflict, Key: "error.correction_open"}
			}
			return nil
		})
	})
}

// DropDraft deletes a draft, if check agrees.
func (s Documents) DropDraft(ctx context.Context, by portal.Actor, id documents.DraftID, seen portal.Revision, at time.Time, check func(*documents.Draft) error) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		d, err := load[documents.Draft](tx, documents.DraftKind, string(id), seen)
		if err != nil {
			return err
		}
		if err := check(d); err != nil {
			return err
		}
		if err := tx.Bucket(draftsBucket).Delete([]byte(id)); err != nil {
			return err
		}
		return record(tx, by, "drop draft", "draft/"+string(id), "", at)
	})
}

// PublishDraft turns a draft into a public document, or into the next version of
// one, if check agrees with the draft as it is stored and with the document that
// it corrects.
func (s Documents) PublishDraft(ctx context.Context, by portal.Actor, id documents.DraftID, seen portal.Revision, at time.Time, check func(d *documents.Draft, of *documents.Document) ([]portal.Attachment, error)) (*documents.Document, error) {
	var doc *documents.Document
	var all []news
	err := s.update(ctx, func(tx *bolt.Tx) error {
		d, err := load[documents.Draft](tx, documents.DraftKind, string(id), seen)
		if err != nil {
			return err
		}
		var of *documents.Document
		if d.Of != "" {
			if of, err = wholeDocument(tx, d.Of); err != nil {
				return err
			}
		}
		sealed, err := check(d, of)
		if err != nil {
			return err
		}
		if err := tx.Bucket(draftsBucket).Delete([]byte(id)); err != nil {
			return err
		}
		source := ""
		if id.Pushed() {
			source = string(id)
		}
		doc, all, err = s.publish(tx, by, *d, sealed, source, at)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.tell(all...)
	return doc, nil
}

// publish writes content as a new document, or as the next version of one, and tells
// the documents that it repeals, amends, interprets or supersedes.
func (s *core) publish(tx *bolt.Tx, by portal.Actor, d documents.Draft, sealed []portal.Attachment, source string, at time.Time) (*documents.Document, []news, error) {
	of, c := d.Of, d.Content
	if c.Mode == documents.ToStaff { // nothing that is for staff comes this way, whoever asks
		return nil, nil, portal.Wrong("mode", "error.internal_public", nil)
	}
	doc := &documents.Document{Content: c, Version: 1, PublishedAt: at.UTC(), ChangedAt: at.UTC(), Source: source, Reviews: d.Reviews, Sealed: sealed, Entered: d.Entered, Returns: d.Returns}
	act := "publish"
	if of != "" {
		old, err := wholeDocument(tx, of)
		if err != nil {
			return nil, nil, err
		}
		if err := put(tx.Bucket(versionsBucket), versionKey(of, old.Version), old); err != nil {
			return nil, nil, err
		}
		doc.ID, doc.IndexNumber, doc.Version = old.ID, old.IndexNumber, old.Version+1
		doc.PublishedAt, doc.Published, doc.Source = old.PublishedAt, old.Published, old.Source
		doc.Entered, doc.Returns = old.Entered, old.Returns
		doc.ChangeNote, doc.KeepFiles, doc.Minor, doc.Links, act = d.Note, d.KeepFiles, d.Minor, old.Links, "correct"
	} else {
		prefix := s.prefixOf(tx, c.Lead())
		year := c.Published.Year()
		serial, err := next(tx, fmt.Sprintf("index/%s/%d", prefix, year))
		if err != nil {
			return nil, nil, err
		}
		doc.IndexNumber = documents.IndexNumber(prefix, year, serial)
		doc.ID = documents.IDOf(doc.IndexNumber)
	}
	n, err := putDocument(tx, doc)
	if err != nil {
		return nil, nil, err
	}
	if doc.Source != "" {
		if err := tx.Bucket(sourcesBucket).Put([]byte(doc.Source), []byte(doc.ID)); err != nil {
			return nil, nil, err
		}
	}
	more, err := relate(tx, doc, of, at)
	if err != nil {
		return nil, nil, err
	}
	return doc, append(more, n), record(tx, by, act, "document/"+string(doc.ID), fmt.Sprintf("version %d %s", doc.Version, d.Note), at)
}

// relate tells other documents what one does to them, and what its version before no
// longer does.
func relate(tx *bolt.Tx, doc *documents.Document, of documents.DocumentID, at time.Time) ([]news, error) {
	now := doc.Relations()
	touched := make(map[documents.DocumentID]bool)
	for _, ids := range now {
		for _, id := range ids {
			touched[id] = true
		}
	}
	if of != "" {
		var old documents.Document
		if err := get(tx, versionsBucket, versionKey(of, doc.Version-1), &old); err != nil {
			return nil, err
		}
		for _, ids := range old.Relations() {
			for _, id := range ids {
				touched[id] = true
			}
		}
	}
	var all []news
	for _, id := range slices.Sorted(maps.Keys(touched)) {
		if id == doc.ID {
			continue
		}
		other, err := wholeDocument(tx, id)
		if portal.KindOf(err) == portal.NotFound {
			continue // it was named, and is not there
		}
		if err != nil {
			return nil, err
		}
		changed := other.Unlinked(doc.ID, now)
		for _, r := range documents.AllRelations {
			if slices.Contains(now[r], id) {
				on := doc.Effective
				if on == 0 {
					on = doc.Published
				}
				changed = other.Linked(documents.Link{Relation: r, From: doc.ID, On: on}) || changed
			}
		}
		if !changed {
			continue
		}
		other.ChangedAt = at.UTC()
		n, err := putDocument(tx, other)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

// ChangeAll changes published documents in one transaction, each into its next version,
// and saves the record of it.
func (s Documents) ChangeAll(ctx context.Context, by portal.Actor, ids []documents.DocumentID, at time.Time, change func(*documents.Document) error, done func() (*documents.Batch, error)) error {
	var all []news
	err := s.update(ctx, func(tx *bolt.Tx) error {
		all = nil
		for _, id := range ids {
			d, err := wholeDocument(tx, id)
			if err != nil {
				return err
			}
			old := *d
			if err := change(d); err != nil {
				return err
			}
			if err := put(tx.Bucket(versionsBucket), versionKey(id, old.Version), &old); err != nil {
				return err
			}
			d.Version, d.ChangedAt = old.Version+1, at.UTC()
			n, err := putDocument(tx, d)
			if err != nil {
				return err
			}
			all = append(all, n)
			if err := record(tx, by, "change many", "document/"+string(id), d.ChangeNote, at); err != nil {
				return err
			}
		}
		b, err := done()
		if err != nil {
			return err
		}
		batches := records[documents.Batch](s.core, documents.BatchKind)
		var was *portal.Listing
		var old documents.Batch
		if err := get(tx, []byte(documents.BatchKind.Bucket), b.ID, &old); err == nil {
			was = batches.listing(&old)
		} else if portal.KindOf(err) != portal.NotFound {
			return err
		}
		n, err := batches.save(tx, b.ID, b, was)
		all = append(all, n)
		return err
	})
	if err != nil {
		return err
	}
	s.tell(all...)
	return nil
}

// Expire marks the documents in force whose last day lies before a day.
func (s Documents) Expire(ctx context.Context, by portal.Actor, today portal.Date, at time.Time) (int, error) {
	var all []news
	err := s.update(ctx, func(tx *bolt.Tx) error {
		all = nil
		var over []documents.DocumentID
		err := each(ctx, tx, documentsBucket, func(_ string, d *documents.Document) error {
			if d.Expires != 0 && d.Expires < today && (d.Validity == "in_force" || d.Validity == "amended") && !d.Withdrawn {
				over = append(over, d.ID)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, id := range over {
			d, err := wholeDocument(tx, id)
			if err != nil {
				return err
			}
			d.Validity, d.ChangedAt = "expired", at.UTC()
			n, err := putDocument(tx, d)
			if err != nil {
				return err
			}
			all = append(all, n)
			if err := record(tx, by, "expire", "document/"+string(id), d.Expires.String(), at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	s.tell(all...)
	return len(all), nil
}

func versionKey(id documents.DocumentID, n int) string { return fmt.Sprintf("%s/%05d", id, n) }

// putDocument writes the current version: the record without its texts, the
// texts apart.
func putDocument(tx *bolt.Tx, doc *documents.Document) (news, error) {
	slim := *doc
	slim.Body, slim.BodyEN = "", ""
	if err := put(tx.Bucket(documentsBucket), string(doc.ID), &slim); err != nil {
		return news{}, err
	}
	var ts []string
	if e := doc.Entry(nil); e != nil {
		ts = e.Texts
		for _, a := range doc.Attachments {
			ts = append(ts, string(tx.Bucket(fileTextsBucket).Get([]byte(a.File))))
		}
	} // a withdrawn document's text is kept with its last public version
	n := news{key: documents.KeyOf(doc.ID), listing: doc.Listing()}
	var err error
	n.seq, err = public(tx, n.key, ts)
	return n, err
}

func wholeDocument(tx *bolt.Tx, id documents.DocumentID) (*documents.Document, error) {
	var d documents.Document
	if err := get(tx, documentsBucket, string(id), &d); err != nil {
		return nil, err
	}
	ts := append(texts(tx, documents.KeyOf(id)), "", "")
	d.Body, d.BodyEN = ts[0], ts[1]
	return &d, nil
}

// Document loads the current version of a public or withdrawn document.
func (s Documents) Document(ctx context.Context, id documents.DocumentID) (*documents.Document, error) {
	var d *documents.Document
	err := s.db.View(func(tx *bolt.Tx) (err error) { d, err = wholeDocument(tx, id); return err })
	return d, err
}

// EachDocument calls f with every document, public or withdrawn, without its texts.
func (s Documents) EachDocument(ctx context.Context, f func(*documents.Document) error) error {
	return s.db.View(func(tx *bolt.Tx) error {
		return each(ctx, tx, documentsBucket, func(_ string, d *documents.Document) error { return f(d) })
	})
}

// Versions loads the superseded versions of a document, newest first.
func (s Documents) Versions(ctx context.Context, id documents.DocumentID) ([]*documents.Document, error) {
	var out []*documents.Document
	prefix := string(id) + "/"
	err := s.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(versionsBucket).Cursor()
		for k, _ := c.Seek([]byte(prefix)); k != nil && len(k) > len(prefix) && string(k[:len(prefix)]) == prefix; k, _ = c.Next() {
			var d documents.Document
			if err := get(tx, versionsBucket, string(k), &d); err != nil {
				return err
			}
			out = append([]*documents.Document{&d}, out...)
		}
		return nil
	})
	return out, err
}

// Holders are the drafts and documents that name a file.
func (s Documents) Holders(ctx context.Context, file portal.FileID) (drafts []*documents.Draft, docs []*documents.Document, err error) {
	named := []byte(`"file":"` + string(file) + `"`)
	err = s.db.View(func(tx *bolt.Tx) error {
		err := tx.Bucket(draftsBucket).ForEach(func(_, v []byte) error {
			if !bytes.Contains(v, named) {
				return ctx.Err()
			}
			var d documents.Draft
			drafts = append(drafts, &d)
			return json.Unmarshal(v, &d)
		})
		if err != nil {
			return err
		}
		return tx.Bucket(documentsBucket).ForEach(func(_, v []byte) error {
			if !bytes.Contains(v, named) {
				return ctx.Err()
			}
			var d documents.Document
			docs = append(docs, &d)
			return json.Unmarshal(v, &d)
		})
	})
	return drafts, docs, err
}

// Withdraw takes a document out of the public lists, if check agrees. Its address
// and its versions stay.
func (s Documents) Withdraw(ctx context.Context, by portal.Actor, id documents.DocumentID, seen portal.Revision, reason string, at time.Time, check func(*documents.Document) error) (*documents.Document, error) {
	var doc *documents.Document
	var n news
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var err error
		if doc, err = wholeDocument(tx, id); err != nil {
			return err
		}
		if err := seen.Check(doc, documents.Kind); err != nil {
			return err
		}
		if err := check(doc); err != nil {
			return err
		}
		if doc.Withdrawn {
			return &portal.Error{Kind: portal.Conflict, Key: "error.withdrawn_already"}
		}
		if err := put(tx.Bucket(versionsBucket), versionKey(id, doc.Version), doc); err != nil {
			return err
		}
		doc.Withdrawn, doc.Reason, doc.ChangedAt = true, reason, at.UTC()
		if n, err = putDocument(tx, doc); err != nil {
			return err
		}
		return record(tx, by, "withdraw", "document/"+string(id), reason, at)
	})
	if err != nil {
		return nil, err
	}
	s.tell(n)
	return doc, nil
}

// ImportDocuments publishes rows in one transaction, or saves them as
// drafts. A row whose source is known changes its document if it differs,
// and is left alone if not.
func (s Documents) ImportDocuments(ctx context.Context, by portal.Actor, rows []documents.Import, at time.Time) (documents.ImportResult, error) {
	var res documents.ImportResult
	var all []news
	err := s.update(ctx, func(tx *bolt.Tx) error {
		res, all = documents.ImportResult{}, nil
		for _, r := range rows {
			n, how, err := s.importOne(tx, by, r, at)
			if err != nil {
				return err
			}
			how(&res)
			all = append(all, n...)
		}
		return nil
	})
	if err != nil {
		return documents.ImportResult{}, err
	}
	s.tell(all...)
	return res, nil
}

func added(r *documents.ImportResult)   { r.Added++ }
func changed(r *documents.ImportResult) { r.Changed++ }
func same(r *documents.ImportResult)    { r.Same++ }

// importOne brings one row in and returns what is new of it in public, and how to
// count the row.
func (s *core) importOne(tx *bolt.Tx, by portal.Actor, r documents.Import, at time.Time) ([]news, func(*documents.ImportResult), error) {
	known := string(tx.Bucket(sourcesBucket).Get([]byte(r.Source)))
	if r.Edition != nil && !r.Draft {
		return s.importEdition(tx, by, r, at)
	}
	if known == "" && r.Draft {
		d := &documents.Draft{ID: documents.DraftID("import-" + r.Source), State: documents.Writing, Content: r.Content, By: by.Login, ChangedAt: at.UTC()}
		if tx.Bucket(draftsBucket).Get([]byte(d.ID)) != nil {
			return nil, same, nil
		}
		return nil, added, put(tx.Bucket(draftsBucket), string(d.ID), d)
	}
	if known == "" {
		_, n, err := s.publish(tx, by, documents.Draft{Content: r.Content}, nil, r.Source, at)
		return n, added, err
	}
	old, err := wholeDocument(tx, documents.DocumentID(known))
	if err != nil {
		return nil, nil, err
	}
	if old.Withdrawn || old.Content.SameAs(&r.Content) {
		return nil, same, nil
	}
	_, n, err := s.publish(tx, by, documents.Draft{Of: old.ID, Content: r.Content, Note: "import"}, nil, "", at)
	return n, changed, err
}

// FromDraft is the document that a draft became whose sender chose its id; Missing if it did
// not.
func (s Documents) FromDraft(ctx context.Context, id documents.DraftID) (*documents.Document, error) {
	var d *documents.Document
	err := s.db.View(func(tx *bolt.Tx) (err error) {
		at := tx.Bucket(sourcesBucket).Get([]byte(id))
		if at == nil || !id.Pushed() {
			return portal.Missing()
		}
		d, err = wholeDocument(tx, documents.DocumentID(at))
		return err
	})
	return d, err
}

// KnownSource reports whether an import has brought this source before.
func (s Documents) KnownSource(ctx context.Context, source string) bool {
	known := false
	// A view of an open database cannot fail.
	_ = s.db.View(func(tx *bolt.Tx) error {
		known = tx.Bucket(sourcesBucket).Get([]byte(source)) != nil
		return nil
	})
	return known
}

// importEdition brings in a version of a document under the index number that it had. One
// that is there already, or a later one, is left alone; the organ's own numbers go on
// behind it.
func (s *core) importEdition(tx *bolt.Tx, by portal.Actor, r documents.Import, at time.Time) ([]news, func(*documents.ImportResult), error) {
	e := r.Edition
	if r.Content.Mode == documents.ToStaff {
		return nil, nil, portal.Wrong("mode", "error.internal_public", nil)
	}
	doc := &documents.Document{ID: e.ID, IndexNumber: e.IndexNumber, Version: e.Version, Content: r.Content, PublishedAt: e.PublishedAt, ChangedAt: e.ChangedAt, ChangeNote: e.Note, Minor: e.Minor, KeepFiles: e.KeepFiles,
		Withdrawn: e.Withdrawn, Removed: e.Removed, Reason: e.Reason, Source: r.Source}
	for _, t := range []*time.Time{&doc.PublishedAt, &doc.ChangedAt} {
		if t.IsZero() {
			*t = at.UTC()
		}
	}
	old, err := wholeDocument(tx, e.ID)
	var of documents.DocumentID
	how := added
	switch {
	case portal.KindOf(err) == portal.NotFound && err != nil:
		if err := s.reserve(tx, e.IndexNumber); err != nil {
			return nil, nil, err
		}
	case err != nil:
		return nil, nil, err
	case old.Source != r.Source && old.Version >= e.Version && old.Title == r.Content.Title: // it is at home here
		return nil, same, nil
	case old.Source != r.Source:
		return nil, nil, &portal.Error{Kind: portal.Conflict, Key: "error.index_taken", Args: portal.Args{"ID": string(e.ID)}}
	case old.Version > e.Version || old.Version == e.Version && (old.Withdrawn || !e.Withdrawn):
		return nil, same, nil
	default:
		if err := put(tx.Bucket(versionsBucket), versionKey(e.ID, old.Version), old); err != nil {
			return nil, nil, err
		}
		doc.Links, of, how = old.Links, e.ID, changed
	}
	n, err := putDocument(tx, doc)
	if err != nil {
		return nil, nil, err
	}
	if err := tx.Bucket(sourcesBucket).Put([]byte(r.Source), []byte(e.ID)); err != nil {
		return nil, nil, err
	}
	if of != "" && old.Version != doc.Version-1 { // editions between were not handed on
		of = ""
	}
	more, err := relate(tx, doc, of, doc.ChangedAt)
	if err != nil {
		return nil, nil, err
	}
	return append(more, n), how, record(tx, by, "import", "document/"+string(e.ID), fmt.Sprintf("version %d", e.Version), at)
}

// reserve moves the series of an index number on behind it.
func (s *core) reserve(tx *bolt.Tx, index string) error {
	prefix, rest, _ := strings.Cut(index, "/")
	year, serial, ok := strings.Cut(rest, "-")
	n, err := strconv.Atoi(serial)
	y, yearErr := strconv.Atoi(year)
	if !ok || err != nil || yearErr != nil || documents.IndexNumber(prefix, y, n) != index {
		return portal.Wrong("index_number", "error.import_value", portal.Args{"Value": index})
	}
	series := fmt.Sprintf("index/%s/%d", prefix, y)
	if upcoming(tx, series) > n {
		return nil
	}
	return tx.Bucket(serialsBucket).Put([]byte(series), seqKey(uint64(n)))
}
