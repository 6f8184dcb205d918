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

// Write saves a draft: a new one without an ID, or one that is being written
// or was returned. What is written need not be complete yet.
func (u Documents) Write(ctx context.Context, by portal.Actor, d *Draft) error {
	if err := by.NeedTyped(portal.WriteDocuments, d.Content.Lead()); err != nil {
		return err
	}
	if d.ID == "" {
		d.ID, d.State = DraftID(rand.Text()), Writing
	} else {
		old, err := u.writable(ctx, by, d.ID)
		if err != nil {
			return err
		}
		d.Of, d.State, d.Remark = old.Of, old.State, old.Remark
	}
	if d.Of != "" {
		doc, err := u.Store.Document(ctx, d.Of)
		if err != nil {
			return err
		}
		if err := by.Need(portal.WriteDocuments, doc.Lead()); err != nil {
			return err
		}
	}
	d.By, d.ChangedAt = by.Login, u.Now().UTC()
	return u.Store.SaveDraft(ctx, by, d, "write draft")
}

// writable loads a draft that the actor may change: one of an organ of theirs
// that is not being reviewed.
func (u Documents) writable(ctx context.Context, by portal.Actor, id DraftID) (*Draft, error) {
	d, err := u.Open(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if err := by.Need(portal.WriteDocuments, d.Content.Lead()); err != nil {
		return nil, err
	}
	if d.State == Submitted {
		return nil, &portal.Error{Kind: portal.Conflict, Key: "error.draft_submitted"}
	}
	return d, nil
}

// Submit hands a complete draft in for review.
func (u Documents) Submit(ctx context.Context, by portal.Actor, id DraftID) error {
	d, err := u.writable(ctx, by, id)
	if err != nil {
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
	return u.Store.SaveDraft(ctx, by, d, "submit draft")
}

// Return gives a submitted draft back with a remark.
func (u Documents) Return(ctx context.Context, by portal.Actor, id DraftID, remark string) error {
	d, err := u.Open(ctx, by, id)
	if err != nil {
		return err
	}
	if err := by.Need(portal.ReviewDocuments, d.Content.Lead()); err != nil {
		return err
	}
	if d.State != Submitted {
		return &portal.Error{Kind: portal.Conflict, Key: "error.draft_not_submitted"}
	}
	var p portal.Problems
	p.Text("remark", remark, true, portal.MaxNote)
	if err := p.Err(); err != nil {
		return err
	}
	d.State, d.Remark, d.ChangedAt = Returned, remark, u.Now().UTC()
	return u.Store.SaveDraft(ctx, by, d, "return draft")
}

// Approve makes a submitted draft public. Whoever wrote or submitted it may
// not approve it: the review before disclosure needs a second person
// (第十七条; 保守国家秘密法实施条例第四十二条).
//
// A correction that gives a document to another organ needs a reviewer of both.
func (u Documents) Approve(ctx context.Context, by portal.Actor, id DraftID) (*Document, error) {
	now := u.Now()
	if d, err := u.Store.Draft(ctx, id); err == nil && d.Of != "" {
		doc, err := u.Store.Document(ctx, d.Of)
		if err != nil {
			return nil, err
		}
		if err := by.Need(portal.ReviewDocuments, doc.Lead()); err != nil {
			return nil, err
		}
	}
	return u.Store.PublishDraft(ctx, by, id, now, func(d *Draft) error {
		if err := by.Need(portal.ReviewDocuments, d.Content.Lead()); err != nil {
			return err
		}
		if d.State != Submitted {
			return &portal.Error{Kind: portal.Conflict, Key: "error.draft_not_submitted"}
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
func (u Documents) Drop(ctx context.Context, by portal.Actor, id DraftID) error {
	if _, err := u.writable(ctx, by, id); err != nil {
		return err
	}
	return u.Store.DropDraft(ctx, by, id, u.Now())
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
	d := &Draft{Of: id, Content: doc.Content}
	return d, u.Write(ctx, by, d)
}

// Withdraw takes a document out of the public lists, with a reason that its
// page shows from then on.
func (u Documents) Withdraw(ctx context.Context, by portal.Actor, id DocumentID, reason string) (*Document, error) {
	doc, err := u.Store.Document(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := by.Need(portal.WithdrawDocuments, doc.Lead()); err != nil {
		return nil, err
	}
	if err := portal.CheckReason(reason); err != nil {
		return nil, err
	}
	return u.Store.Withdraw(ctx, by, id, reason, u.Now())
}

// DraftAnswer makes a draft of an answer to an application: whoever handles the
// organ's applications hands it to the editors, who finish it.
func (u Documents) DraftAnswer(ctx context.Context, by portal.Actor, x portal.Disclosure) (string, error) {
	if err := by.Need(portal.HandleApplications, x.Organ); err != nil {
		return "", err
	}
	d := &Draft{ID: DraftID(rand.Text()), State: Writing, By: by.Login, ChangedAt: u.Now().UTC(), Content: Content{Title: x.Title, Organs: []portal.OrganCode{x.Organ}, Formed: x.Formed, Published: u.Today(),
		Theme: "22", Genre: "reply", Item: "15", Mode: "proactive", Validity: "in_force", Body: x.Body, Attachments: x.Attachments}}
	return string(d.ID), u.Store.SaveDraft(ctx, by, d, "write draft")
}
