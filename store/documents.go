package store

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/documents"
)

// Draft loads a draft.
func (s Documents) Draft(ctx context.Context, id documents.DraftID) (*documents.Draft, error) {
	return view[documents.Draft](ctx, s.core, draftsBucket, string(id))
}

// Drafts loads the drafts that keep wants.
func (s Documents) Drafts(ctx context.Context, keep func(*documents.Draft) bool) ([]*documents.Draft, error) {
	return all(ctx, s.core, draftsBucket, keep)
}

// SaveDraft writes a draft. A correction may have one draft only: a second
// is refused.
func (s Documents) SaveDraft(ctx context.Context, by portal.Actor, d *documents.Draft, act string) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		if d.Of != "" {
			err := each(ctx, tx, draftsBucket, func(_ string, o *documents.Draft) error {
				if o.Of == d.Of && o.ID != d.ID {
					return &portal.Error{Kind: portal.Conflict, Key: "error.correction_open"}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		if err := put(tx.Bucket(draftsBucket), string(d.ID), d); err != nil {
			return err
		}
		return record(tx, by, act, "draft/"+string(d.ID), d.Content.Title, d.ChangedAt)
	})
}

// DropDraft deletes a draft.
func (s Documents) DropDraft(ctx context.Context, by portal.Actor, id documents.DraftID, at time.Time) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		if err := tx.Bucket(draftsBucket).Delete([]byte(id)); err != nil {
			return err
		}
		return record(tx, by, "drop draft", "draft/"+string(id), "", at)
	})
}

// PublishDraft turns a draft into a public document, or into the next
// version of one, if check agrees with the draft as it is stored.
func (s Documents) PublishDraft(ctx context.Context, by portal.Actor, id documents.DraftID, at time.Time, check func(*documents.Draft) error) (*documents.Document, error) {
	var doc *documents.Document
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var d documents.Draft
		if err := get(tx, draftsBucket, string(id), &d); err != nil {
			return err
		}
		if err := check(&d); err != nil {
			return err
		}
		if err := tx.Bucket(draftsBucket).Delete([]byte(id)); err != nil {
			return err
		}
		var err error
		doc, err = s.publish(tx, by, d, "", at)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.publicized(doc)
	return doc, nil
}

// publish writes content as a new document, or as the next version of one.
func (s *core) publish(tx *bolt.Tx, by portal.Actor, d documents.Draft, source string, at time.Time) (*documents.Document, error) {
	of, c := d.Of, d.Content
	doc := &documents.Document{Content: c, Version: 1, PublishedAt: at.UTC(), ChangedAt: at.UTC(), Source: source}
	act := "publish"
	if of != "" {
		old, err := wholeDocument(tx, of)
		if err != nil {
			return nil, err
		}
		if err := put(tx.Bucket(versionsBucket), versionKey(of, old.Version), old); err != nil {
			return nil, err
		}
		doc.ID, doc.IndexNumber, doc.Version = old.ID, old.IndexNumber, old.Version+1
		doc.PublishedAt, doc.Published, doc.Source = old.PublishedAt, old.Published, old.Source
		doc.ChangeNote, doc.KeepFiles, act = d.Note, d.KeepFiles, "correct"
	} else {
		prefix := s.prefixOf(tx, c.Lead())
		year := c.Published.Year()
		serial, err := next(tx, fmt.Sprintf("index/%s/%d", prefix, year))
		if err != nil {
			return nil, err
		}
		doc.IndexNumber = documents.IndexNumber(prefix, year, serial)
		doc.ID = documents.IDOf(doc.IndexNumber)
	}
	if err := putDocument(tx, doc); err != nil {
		return nil, err
	}
	if doc.Source != "" {
		if err := tx.Bucket(sourcesBucket).Put([]byte(doc.Source), []byte(doc.ID)); err != nil {
			return nil, err
		}
	}
	return doc, record(tx, by, act, "document/"+string(doc.ID), fmt.Sprintf("version %d %s", doc.Version, d.Note), at)
}

func versionKey(id documents.DocumentID, n int) string { return fmt.Sprintf("%s/%05d", id, n) }

// putDocument writes the current version: the record without its texts, the
// texts apart.
func putDocument(tx *bolt.Tx, doc *documents.Document) error {
	slim := *doc
	slim.Body, slim.BodyEN = "", ""
	if err := put(tx.Bucket(documentsBucket), string(doc.ID), &slim); err != nil {
		return err
	}
	var ts []string
	if e := doc.Entry(nil); e != nil {
		ts = e.Texts
		for _, a := range doc.Attachments {
			ts = append(ts, string(tx.Bucket(fileTextsBucket).Get([]byte(a.File))))
		}
	} // a withdrawn document's text is kept with its last public version
	return public(tx, portal.Key{Kind: "document", ID: string(doc.ID)}, ts)
}

func wholeDocument(tx *bolt.Tx, id documents.DocumentID) (*documents.Document, error) {
	var d documents.Document
	if err := get(tx, documentsBucket, string(id), &d); err != nil {
		return nil, err
	}
	ts := append(texts(tx, portal.Key{Kind: "document", ID: string(id)}), "", "")
	d.Body, d.BodyEN = ts[0], ts[1]
	return &d, nil
}

// publicized brings the catalogue and the followers up to date after a
// commit.
func (s *core) publicized(docs ...*documents.Document) {
	ls := make([]*portal.Listing, len(docs))
	for i, d := range docs {
		ls[i] = d.Listing()
	}
	s.list(ls...)
}

// Document loads the current version of a public or withdrawn document.
func (s Documents) Document(ctx context.Context, id documents.DocumentID) (*documents.Document, error) {
	var d *documents.Document
	err := s.db.View(func(tx *bolt.Tx) (err error) { d, err = wholeDocument(tx, id); return err })
	return d, err
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

// Withdraw takes a document out of the public lists. Its address and its
// versions stay.
func (s Documents) Withdraw(ctx context.Context, by portal.Actor, id documents.DocumentID, reason string, at time.Time) (*documents.Document, error) {
	var doc *documents.Document
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var err error
		if doc, err = wholeDocument(tx, id); err != nil {
			return err
		}
		if doc.Withdrawn {
			return &portal.Error{Kind: portal.Conflict, Key: "error.withdrawn_already"}
		}
		if err := put(tx.Bucket(versionsBucket), versionKey(id, doc.Version), doc); err != nil {
			return err
		}
		doc.Withdrawn, doc.Reason, doc.ChangedAt = true, reason, at.UTC()
		if err := putDocument(tx, doc); err != nil {
			return err
		}
		return record(tx, by, "withdraw", "document/"+string(id), reason, at)
	})
	if err != nil {
		return nil, err
	}
	s.publicized(doc)
	return doc, nil
}

// ImportDocuments publishes rows in one transaction, or saves them as
// drafts. A row whose source is known changes its document if it differs,
// and is left alone if not.
func (s Documents) ImportDocuments(ctx context.Context, by portal.Actor, rows []documents.Import, at time.Time) (documents.ImportResult, error) {
	var res documents.ImportResult
	var docs []*documents.Document
	err := s.update(ctx, func(tx *bolt.Tx) error {
		res, docs = documents.ImportResult{}, nil
		for _, r := range rows {
			doc, how, err := s.importOne(tx, by, r, at)
			if err != nil {
				return err
			}
			how(&res)
			if doc != nil {
				docs = append(docs, doc)
			}
		}
		return nil
	})
	if err != nil {
		return documents.ImportResult{}, err
	}
	if len(docs) > 0 {
		s.publicized(docs...)
	}
	return res, nil
}

func added(r *documents.ImportResult)   { r.Added++ }
func changed(r *documents.ImportResult) { r.Changed++ }
func same(r *documents.ImportResult)    { r.Same++ }

// importOne brings one row in and returns the document if it is public, and
// how to count the row.
func (s *core) importOne(tx *bolt.Tx, by portal.Actor, r documents.Import, at time.Time) (*documents.Document, func(*documents.ImportResult), error) {
	known := string(tx.Bucket(sourcesBucket).Get([]byte(r.Source)))
	if known == "" && r.Draft {
		d := &documents.Draft{ID: documents.DraftID("import-" + r.Source), State: documents.Writing, Content: r.Content, By: by.Login, ChangedAt: at.UTC()}
		if tx.Bucket(draftsBucket).Get([]byte(d.ID)) != nil {
			return nil, same, nil
		}
		return nil, added, put(tx.Bucket(draftsBucket), string(d.ID), d)
	}
	if known == "" {
		doc, err := s.publish(tx, by, documents.Draft{Content: r.Content}, r.Source, at)
		return doc, added, err
	}
	old, err := wholeDocument(tx, documents.DocumentID(known))
	if err != nil {
		return nil, nil, err
	}
	if old.Withdrawn || old.Content.SameAs(&r.Content) {
		return nil, same, nil
	}
	doc, err := s.publish(tx, by, documents.Draft{Of: old.ID, Content: r.Content, Note: "import"}, "", at)
	return doc, changed, err
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
