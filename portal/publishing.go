package portal

import (
	"crypto/rand"
	"time"

	"gongkai/portal/clock"
)

// Clockwork is what use cases need to know of time: the present in the
// portal's zone, and the working calendar.
type Clockwork struct {
	Now      func() time.Time
	Calendar func() *clock.Calendar
}

// Today is the present day in the portal's zone.
func (c Clockwork) Today() Date { return clock.DateOf(c.Now()) }

// Documents are the use cases of publishing: write, submit, return, approve,
// correct, withdraw.
type Documents struct {
	Clockwork
	Store DocumentStore
}

// DocumentStore is what Documents needs of the store.
type DocumentStore interface {
	Draft(DraftID) (*Draft, error)
	SaveDraft(by Actor, d *Draft, act string) error
	DropDraft(by Actor, id DraftID, at time.Time) error
	PublishDraft(by Actor, id DraftID, at time.Time, check func(*Draft) error) (*Document, error)
	Document(DocumentID) (*Document, error)
	Withdraw(by Actor, id DocumentID, reason string, at time.Time) (*Document, error)
}

// Open loads a draft for someone who may write or review it.
func (u Documents) Open(by Actor, id DraftID) (*Draft, error) {
	d, err := u.Store.Draft(id)
	if err != nil {
		return nil, err
	}
	if !by.Can(WriteDocuments, d.Content.Lead()) && !by.Can(ReviewDocuments, d.Content.Lead()) {
		return nil, by.Need(WriteDocuments, d.Content.Lead())
	}
	return d, nil
}

// Write saves a draft: a new one without an ID, or one that is being written
// or was returned. What is written need not be complete yet.
func (u Documents) Write(by Actor, d *Draft) error {
	if err := by.NeedTyped(WriteDocuments, d.Content.Lead()); err != nil {
		return err
	}
	if d.ID == "" {
		d.ID, d.State = DraftID(rand.Text()), Writing
	} else {
		old, err := u.writable(by, d.ID)
		if err != nil {
			return err
		}
		d.Of, d.State, d.Remark = old.Of, old.State, old.Remark
	}
	if d.Of != "" {
		doc, err := u.Store.Document(d.Of)
		if err != nil {
			return err
		}
		if err := by.Need(WriteDocuments, doc.Lead()); err != nil {
			return err
		}
	}
	d.By, d.ChangedAt = by.Login, u.Now().UTC()
	return u.Store.SaveDraft(by, d, "write draft")
}

// writable loads a draft that the actor may change: one of an organ of theirs
// that is not being reviewed.
func (u Documents) writable(by Actor, id DraftID) (*Draft, error) {
	d, err := u.Open(by, id)
	if err != nil {
		return nil, err
	}
	if err := by.Need(WriteDocuments, d.Content.Lead()); err != nil {
		return nil, err
	}
	if d.State == Submitted {
		return nil, &Error{Kind: Conflict, Key: "error.draft_submitted"}
	}
	return d, nil
}

// Submit hands a complete draft in for review.
func (u Documents) Submit(by Actor, id DraftID) error {
	d, err := u.writable(by, id)
	if err != nil {
		return err
	}
	if d.Content.Published == 0 {
		d.Content.Published = u.Today()
	}
	if err := d.Content.Validate(); err != nil {
		return err
	}
	if d.Of != "" && isBlank(d.Note) {
		return &Error{Kind: Invalid, Key: "error.form", Problems: []Problem{{"note", "error.required", nil}}}
	}
	d.State, d.Submitter, d.Remark, d.ChangedAt = Submitted, by.Login, "", u.Now().UTC()
	return u.Store.SaveDraft(by, d, "submit draft")
}

// Return gives a submitted draft back with a remark.
func (u Documents) Return(by Actor, id DraftID, remark string) error {
	d, err := u.Open(by, id)
	if err != nil {
		return err
	}
	if err := by.Need(ReviewDocuments, d.Content.Lead()); err != nil {
		return err
	}
	if d.State != Submitted {
		return &Error{Kind: Conflict, Key: "error.draft_not_submitted"}
	}
	var p problems
	p.text("remark", remark, true, MaxNote)
	if err := p.err(); err != nil {
		return err
	}
	d.State, d.Remark, d.ChangedAt = Returned, remark, u.Now().UTC()
	return u.Store.SaveDraft(by, d, "return draft")
}

// Approve makes a submitted draft public. Whoever wrote or submitted it may
// not approve it: the review before disclosure needs a second person
// (第十七条; 保守国家秘密法实施条例第四十二条).
//
// A correction that gives a document to another organ needs a reviewer of both.
func (u Documents) Approve(by Actor, id DraftID) (*Document, error) {
	now := u.Now()
	if d, err := u.Store.Draft(id); err == nil && d.Of != "" {
		doc, err := u.Store.Document(d.Of)
		if err != nil {
			return nil, err
		}
		if err := by.Need(ReviewDocuments, doc.Lead()); err != nil {
			return nil, err
		}
	}
	return u.Store.PublishDraft(by, id, now, func(d *Draft) error {
		if err := by.Need(ReviewDocuments, d.Content.Lead()); err != nil {
			return err
		}
		if d.State != Submitted {
			return &Error{Kind: Conflict, Key: "error.draft_not_submitted"}
		}
		if !by.system && (d.By == by.Login || d.Submitter == by.Login) {
			return &Error{Kind: Forbidden, Key: "error.second_person"}
		}
		if d.Of == "" { // the day of publication is the server's, not the writer's
			d.Content.Published = clock.DateOf(now)
		}
		return d.Content.Validate()
	})
}

// Drop deletes a draft that nobody will need.
func (u Documents) Drop(by Actor, id DraftID) error {
	if _, err := u.writable(by, id); err != nil {
		return err
	}
	return u.Store.DropDraft(by, id, u.Now())
}

// Correct begins the next version of a public document as a draft.
func (u Documents) Correct(by Actor, id DocumentID) (*Draft, error) {
	doc, err := u.Store.Document(id)
	if err != nil {
		return nil, err
	}
	if err := by.Need(WriteDocuments, doc.Lead()); err != nil {
		return nil, err
	}
	d := &Draft{Of: id, Content: doc.Content}
	return d, u.Write(by, d)
}

// Withdraw takes a document out of the public lists, with a reason that its
// page shows from then on.
func (u Documents) Withdraw(by Actor, id DocumentID, reason string) (*Document, error) {
	doc, err := u.Store.Document(id)
	if err != nil {
		return nil, err
	}
	if err := by.Need(WithdrawDocuments, doc.Lead()); err != nil {
		return nil, err
	}
	if err := checkReason(reason); err != nil {
		return nil, err
	}
	return u.Store.Withdraw(by, id, reason, u.Now())
}
