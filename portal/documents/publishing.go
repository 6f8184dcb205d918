package documents

import (
	"context"
	"crypto/rand"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/text"
)

// Documents are the use cases of publishing: write, submit, return, approve,
// correct, withdraw.
type Documents struct {
	portal.Clockwork
	Store Store
}

// Open loads a draft for someone who may write or review it.
func (u Documents) Open(ctx context.Context, by portal.Actor, id DraftID) (*Draft, error) {
	d, err := u.Store.Draft(ctx, id)
	if err != nil {
		return nil, err
	}
	if !by.Can(portal.WriteDocuments, d.Content.Lead()) && !by.Can(portal.ReviewDocuments, d.Content.Lead()) {
		return nil, by.Need(portal.WriteDocuments, d.Content.Lead())
	}
	return d, nil
}

// Write saves a draft as it was seen: a new one without an ID, or one that is
// being written or was returned. What is written need not be complete yet. It
// returns the draft as it is now.
func (u Documents) Write(ctx context.Context, by portal.Actor, d *Draft, seen portal.Revision) (*Draft, error) {
	return u.write(ctx, by, d, seen, "write draft")
}

// Keep is Write for what is saved by itself while somebody types: the audit log
// has no line of it, but of the first.
func (u Documents) Keep(ctx context.Context, by portal.Actor, d *Draft, seen portal.Revision) (*Draft, error) {
	act := ""
	if d.ID == "" {
		act = "write draft"
	}
	return u.write(ctx, by, d, seen, act)
}

func (u Documents) write(ctx context.Context, by portal.Actor, d *Draft, seen portal.Revision, act string) (*Draft, error) {
	if err := by.NeedTyped(portal.WriteDocuments, d.Content.Lead()); err != nil {
		return nil, err
	}
	id := d.ID
	if id == "" {
		id, seen = DraftID(rand.Text()), portal.Absent
	}
	of, base := d.Of, 0
	if id == d.ID && of == "" { // what it corrects is the stored draft's to say
		old, err := u.Store.Draft(ctx, id)
		if err != nil {
			return nil, err
		}
		of = old.Of
	}
	if of != "" {
		doc, err := u.Store.Document(ctx, of)
		if err != nil {
			return nil, err
		}
		if err := by.Need(portal.WriteDocuments, doc.Lead()); err != nil {
			return nil, err
		}
		base = doc.Version
	}
	return u.Store.ChangeDraft(ctx, by, id, seen, act, u.Now(), func(now *Draft) error {
		if seen == portal.Absent {
			now.ID, now.Of, now.State = id, of, Writing
		} else if err := u.writable(by, now); err != nil {
			return err
		}
		now.Content, now.Note, now.KeepFiles, now.Base = d.Content, d.Note, d.KeepFiles, base
		now.By, now.ChangedAt = by.Login, u.Now().UTC()
		return by.Need(portal.WriteDocuments, now.Content.Lead())
	})
}

// writable refuses a draft that the actor may not change: one of an organ that is
// not theirs, or that is being reviewed.
func (u Documents) writable(by portal.Actor, d *Draft) error {
	if err := by.Need(portal.WriteDocuments, d.Content.Lead()); err != nil {
		return err
	}
	if d.State == Submitted {
		return &portal.Error{Kind: portal.Conflict, Key: "error.draft_submitted"}
	}
	return nil
}

// Submit hands a complete draft in for review, as it was seen.
func (u Documents) Submit(ctx context.Context, by portal.Actor, id DraftID, seen portal.Revision) error {
	_, err := u.Store.ChangeDraft(ctx, by, id, seen, "submit draft", u.Now(), func(d *Draft) error {
		if err := u.writable(by, d); err != nil {
			return err
		}
		if d.Content.Published == 0 {
			d.Content.Published = u.Today()
		}
		if err := d.Content.Validate(); err != nil {
			return err
		}
		if d.Of != "" && text.IsBlank(d.Note) {
			return portal.Wrong("note", "error.required", nil)
		}
		d.State, d.Submitter, d.Remark, d.ChangedAt = Submitted, by.Login, "", u.Now().UTC()
		return nil
	})
	return err
}

// Return gives a submitted draft back with a remark.
func (u Documents) Return(ctx context.Context, by portal.Actor, id DraftID, seen portal.Revision, remark string) error {
	_, err := u.Store.ChangeDraft(ctx, by, id, seen, "return draft", u.Now(), func(d *Draft) error {
		if err := u.reviewable(by, d); err != nil {
			return err
		}
		d.State, d.Remark, d.ChangedAt = Returned, remark, u.Now().UTC()
		var p portal.Problems
		p.Text("remark", remark, true, portal.MaxNote)
		return p.Err()
	})
	return err
}

// reviewable refuses a draft that the actor may not review, or that nobody has
// handed in.
func (u Documents) reviewable(by portal.Actor, d *Draft) error {
	if err := by.Need(portal.ReviewDocuments, d.Content.Lead()); err != nil {
		return err
	}
	if d.State != Submitted {
		return &portal.Error{Kind: portal.Conflict, Key: "error.draft_not_submitted"}
	}
	return nil
}

// Approve makes a submitted draft public, as the reviewer saw it. Whoever wrote or
// submitted it may not approve it: the review before disclosure needs a second
// person (第十七条; 保守国家秘密法实施条例第四十二条).
//
// A correction that gives a document to another organ needs a reviewer of both. One
// of a document that has changed since it was written is refused: it would take
// back what nobody has looked at.
func (u Documents) Approve(ctx context.Context, by portal.Actor, id DraftID, seen portal.Revision) (*Document, error) {
	now := u.Now()
	return u.Store.PublishDraft(ctx, by, id, seen, now, func(d *Draft, of *Document) error {
		if of != nil {
			if err := by.Need(portal.ReviewDocuments, of.Lead()); err != nil {
				return err
			}
		}
		if err := u.reviewable(by, d); err != nil {
			return err
		}
		if of != nil && (of.Withdrawn || d.Base != 0 && d.Base != of.Version) {
			return &portal.Error{Kind: portal.Conflict, Key: "error.document_changed"}
		}
		if !by.IsSystem() && (d.By == by.Login || d.Submitter == by.Login) {
			return &portal.Error{Kind: portal.Forbidden, Key: "error.second_person"}
		}
		if d.Of == "" { // the day of publication is the server's, not the writer's
			d.Content.Published = clock.DateOf(now)
		}
		return d.Content.Validate()
	})
}

// Drop deletes a draft that nobody will need.
func (u Documents) Drop(ctx context.Context, by portal.Actor, id DraftID, seen portal.Revision) error {
	return u.Store.DropDraft(ctx, by, id, seen, u.Now(), func(d *Draft) error { return u.writable(by, d) })
}

// Correct begins the next version of a public document as a draft.
func (u Documents) Correct(ctx context.Context, by portal.Actor, id DocumentID) (*Draft, error) {
	doc, err := u.Store.Document(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := by.Need(portal.WriteDocuments, doc.Lead()); err != nil {
		return nil, err
	}
	return u.Write(ctx, by, &Draft{Of: id, Content: doc.Content}, portal.Absent)
}

// Withdraw takes a document out of the public lists, with a reason that its
// page shows from then on.
func (u Documents) Withdraw(ctx context.Context, by portal.Actor, id DocumentID, seen portal.Revision, reason string) (*Document, error) {
	return u.Store.Withdraw(ctx, by, id, seen, reason, u.Now(), func(d *Document) error {
		if err := by.Need(portal.WithdrawDocuments, d.Lead()); err != nil {
			return err
		}
		return portal.CheckReason(reason)
	})
}

// DraftAnswer makes a draft of an answer to an application: whoever handles the
// organ's applications hands it to the editors, who finish it.
func (u Documents) DraftAnswer(ctx context.Context, by portal.Actor, x portal.Disclosure) (string, error) {
	if err := by.Need(portal.HandleApplications, x.Organ); err != nil {
		return "", err
	}
	id := DraftID(rand.Text())
	_, err := u.Store.ChangeDraft(ctx, by, id, portal.Absent, "write draft", u.Now(), func(d *Draft) error {
		*d = Draft{ID: id, State: Writing, By: by.Login, ChangedAt: u.Now().UTC(), Content: Content{Title: x.Title, Organs: []portal.OrganCode{x.Organ}, Formed: x.Formed, Published: u.Today(),
			Theme: "22", Genre: "reply", Item: "15", Mode: "proactive", Validity: "in_force", Body: x.Body, Attachments: x.Attachments}}
		return nil
	})
	return string(id), err
}
