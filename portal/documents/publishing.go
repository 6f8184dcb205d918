package documents

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/text"
)

// Documents are the use cases of publishing: write, submit, return, approve,
// correct, withdraw.
type Documents struct {
	portal.Clockwork
	Store     Store
	Directory Directory
	Masker    Masker // nil: masked copies are texts
}

// Directory tells of organs.
type Directory interface {
	Organ(portal.OrganCode) (portal.Organ, error)
	Organs() []portal.Organ
}

// SchemeOf is the row of reviews of a draft's organ.
func (u Documents) SchemeOf(d *Draft) Scheme {
	if u.Directory == nil {
		return SchemeOf("")
	}
	o, err := u.Directory.Organ(d.Content.Lead())
	if err != nil {
		return SchemeOf("")
	}
	return SchemeOf(o.Review)
}

// Waiting is the review that a draft waits for; false where it waits for none.
func (u Documents) Waiting(d *Draft) (Stage, bool) {
	if d.State != Submitted {
		return Stage{}, false
	}
	return d.Next(u.SchemeOf(d))
}

// Open loads a draft for someone who may write or review it.
func (u Documents) Open(ctx context.Context, by portal.Actor, id DraftID) (*Draft, error) {
	d, err := u.Store.Draft(ctx, id)
	if err != nil {
		return nil, err
	}
	if !by.Can(portal.WriteDocuments, d.Content.Lead()) && !by.Can(portal.ReviewDocuments, d.Content.Lead()) && (d.State != Internal || !by.CanSome(portal.SeeDesk)) {
		return nil, by.Need(portal.WriteDocuments, d.Content.Lead())
	}
	return d, nil
}

// ToStaff lists what is shown to staff only (内部公开), the newest first, with a word in
// its title, number or text where one is given.
func (u Documents) ToStaff(ctx context.Context, by portal.Actor, word string) ([]*Draft, error) {
	if err := by.NeedSome(portal.SeeDesk); err != nil {
		return nil, err
	}
	list, err := u.Store.Drafts(ctx, func(d *Draft) bool {
		c := d.Content
		return d.State == Internal && (word == "" || strings.Contains(text.Fold(c.Title+"\n"+c.Number+"\n"+c.Summary+"\n"+c.Body), text.Fold(word)))
	})
	slices.SortFunc(list, func(a, b *Draft) int { return b.ChangedAt.Compare(a.ChangedAt) })
	return list, err
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
		now.PublishAt, now.Minor, now.Recognised = d.PublishAt, d.Minor, d.Recognised
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
	if d.State == Approved || d.State == Internal {
		return &portal.Error{Kind: portal.Conflict, Key: "error.draft_approved"}
	}
	return nil
}

// Submit hands a complete draft in for review, as it was seen. What the scan before
// release finds has to be decided about first.
func (u Documents) Submit(ctx context.Context, by portal.Actor, id DraftID, seen portal.Revision) error {
	now, err := u.Open(ctx, by, id)
	if err != nil {
		return err
	}
	in, err := u.inspect(ctx, now)
	if err != nil {
		return err
	}
	checked := portal.RevisionOf(now)
	_, err = u.Store.ChangeDraft(ctx, by, id, seen, "submit draft", u.Now(), func(d *Draft) error {
		looked := portal.RevisionOf(d) == checked
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
		if d.Of != "" && d.Content.Mode == ToStaff { // it is public already
			return portal.Wrong("mode", "error.internal_correction", nil)
		}
		if err := findingsOpen(in); err != nil {
			return err
		}
		if !looked { // it was changed meanwhile
			return &portal.Error{Kind: portal.Conflict, Key: "error.document_changed"}
		}
		d.State, d.Submitter, d.Remark, d.ChangedAt, d.Reviews, d.Recognised = Submitted, by.Login, "", u.Now().UTC(), nil, nil
		if d.Entered.IsZero() {
			d.Entered = d.ChangedAt
		}
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
		d.State, d.Remark, d.ChangedAt, d.Reviews = Returned, remark, u.Now().UTC(), nil
		d.Returns = append(d.Returns, d.ChangedAt)
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

// Approve passes a submitted draft through the review that it waits for, as the
// reviewer saw it, with the ground of the secrecy review where that belongs to it
// (第十七条; 保守国家秘密法实施条例第四十二条). Whoever wrote or submitted it may not
// approve it, nor may one person pass it through two reviews. After the last one it
// is public, or waits for its time: only what is public is returned.
//
// A correction that gives a document to another organ needs a reviewer of both. One
// of a document that has changed since it was written is refused: it would take
// back what nobody has looked at.
func (u Documents) Approve(ctx context.Context, by portal.Actor, id DraftID, seen portal.Revision, basis string) (*Document, error) {
	now := u.Now()
	d, err := u.Open(ctx, by, id)
	if err != nil {
		return nil, err
	}
	in, err := u.inspect(ctx, d)
	if err != nil {
		return nil, err
	}
	scheme, checked := u.SchemeOf(d), portal.RevisionOf(d)
	pass := func(d *Draft, of *Document) error {
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
		if portal.RevisionOf(d) != checked { // it was changed while it was looked at
			return &portal.Error{Kind: portal.Conflict, Key: "error.document_changed"}
		}
		if !by.IsSystem() && (d.By == by.Login || d.Submitter == by.Login) {
			return &portal.Error{Kind: portal.Forbidden, Key: "error.second_person"}
		}
		if slices.ContainsFunc(d.Reviews, func(r Review) bool { return r.By == by.Login }) {
			return &portal.Error{Kind: portal.Forbidden, Key: "error.other_reviewer"}
		}
		if err := findingsOpen(in); err != nil {
			return err
		}
		stage, waits := d.Next(scheme)
		if !waits {
			return &portal.Error{Kind: portal.Conflict, Key: "error.draft_not_submitted"}
		}
		r := Review{Stage: stage.Code, By: by.Login, At: now.UTC(), Secrecy: stage.Secrecy}
		if stage.Secrecy {
			var p portal.Problems
			p.Text("basis", basis, true, portal.MaxNote)
			if err := p.Err(); err != nil {
				return err
			}
			r.Basis = basis
		}
		d.Reviews = append(d.Reviews, r)
		return d.Content.Validate()
	}
	last := len(d.Reviews)+1 >= len(scheme.Stages)
	if last && !d.PublishAt.After(now) {
		return u.release(ctx, by, d, seen, pass)
	}
	act := "review draft"
	if last {
		act = "approve draft"
	}
	_, err = u.Store.ChangeDraft(ctx, by, id, seen, act, now, func(d *Draft) error {
		var of *Document
		if d.Of != "" {
			var err error
			if of, err = u.Store.Document(ctx, d.Of); err != nil {
				return err
			}
		}
		if err := pass(d, of); err != nil {
			return err
		}
		if last {
			d.State = Approved
		}
		d.ChangedAt = now.UTC()
		return nil
	})
	return nil, err
}

// release makes a draft public, masked where that was decided, if check agrees.
func (u Documents) release(ctx context.Context, by portal.Actor, d *Draft, seen portal.Revision, check func(*Draft, *Document) error) (*Document, error) {
	now, read := u.Now(), portal.RevisionOf(d)
	content, sealed, err := u.masked(ctx, d)
	if err != nil {
		return nil, err
	}
	if d.Content.Mode == ToStaff {
		_, err := u.Store.ChangeDraft(ctx, by, d.ID, seen, "show to staff", now, func(d *Draft) error {
			was := portal.RevisionOf(d)
			if err := check(d, nil); err != nil {
				return err
			}
			if was != read || d.Of != "" {
				return &portal.Error{Kind: portal.Conflict, Key: "error.document_changed"}
			}
			d.Content, d.Sealed, d.State, d.ChangedAt = content, sealed, Internal, now.UTC()
			d.Content.Published = clock.DateOf(now)
			return nil
		})
		return nil, err
	}
	return u.Store.PublishDraft(ctx, by, d.ID, seen, now, func(d *Draft, of *Document) ([]portal.Attachment, error) {
		was := portal.RevisionOf(d)
		if err := check(d, of); err != nil {
			return nil, err
		}
		if was != read { // what was masked is another text
			return nil, &portal.Error{Kind: portal.Conflict, Key: "error.document_changed"}
		}
		d.Content = content
		if d.Of == "" { // the day of publication is the server's, not the writer's
			d.Content.Published = clock.DateOf(now)
		}
		return sealed, nil
	})
}

// PublishDue makes public what was approved and whose time has come, and says how
// much that was.
func (u Documents) PublishDue(ctx context.Context) (int, error) {
	due, err := u.Store.Drafts(ctx, func(d *Draft) bool { return d.State == Approved && !d.PublishAt.After(u.Now()) })
	if err != nil {
		return 0, err
	}
	n := 0
	for _, d := range due {
		_, err := u.release(ctx, portal.System("schedule"), d, portal.RevisionOf(d), func(d *Draft, of *Document) error {
			if d.State != Approved || of != nil && (of.Withdrawn || d.Base != 0 && d.Base != of.Version) {
				return &portal.Error{Kind: portal.Conflict, Key: "error.document_changed"}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Recall takes an approved draft back before its time has come, or what is shown to
// staff: it is being written again.
func (u Documents) Recall(ctx context.Context, by portal.Actor, id DraftID, seen portal.Revision) error {
	_, err := u.Store.ChangeDraft(ctx, by, id, seen, "recall draft", u.Now(), func(d *Draft) error {
		if err := by.Need(portal.WriteDocuments, d.Content.Lead()); err != nil {
			return err
		}
		if d.State != Approved && d.State != Internal {
			return &portal.Error{Kind: portal.Conflict, Key: "error.draft_not_approved"}
		}
		d.State, d.Reviews, d.ChangedAt = Writing, nil, u.Now().UTC()
		return nil
	})
	return err
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
	return u.withdraw(ctx, by, id, seen, reason, false)
}

// Remove takes a document away that should never have been public: its page says so
// and why, and nothing of its content can be read any more (a tombstone).
func (u Documents) Remove(ctx context.Context, by portal.Actor, id DocumentID, seen portal.Revision, reason string) (*Document, error) {
	return u.withdraw(ctx, by, id, seen, reason, true)
}

func (u Documents) withdraw(ctx context.Context, by portal.Actor, id DocumentID, seen portal.Revision, reason string, removed bool) (*Document, error) {
	return u.Store.Withdraw(ctx, by, id, seen, reason, u.Now(), func(d *Document) error {
		if err := by.Need(portal.WithdrawDocuments, d.Lead()); err != nil {
			return err
		}
		d.Removed = removed
		return portal.CheckReason(reason)
	})
}

// Expire marks what is past the end that it has set itself (有效期), and says how many
// that were. Their pages say so since that day; search and lists learn it here.
func (u Documents) Expire(ctx context.Context) (int, error) {
	return u.Store.Expire(ctx, portal.System("schedule"), u.Today(), u.Now())
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

// pushed is what the ids of drafts begin with whose senders chose them.
const pushed = "push-"

// PushedID is the id of a draft under a name that its sender chose, hashed.
func PushedID(sum []byte) DraftID { return DraftID(pushed + hex.EncodeToString(sum)) }

// Pushed reports whether the sender of a draft chose its id.
func (id DraftID) Pushed() bool { return strings.HasPrefix(string(id), pushed) }

// Handed is a draft as the program sees it that handed it in; once it is public its state is
// Released, and Of the document that it became.
func (u Documents) Handed(ctx context.Context, by portal.Actor, id DraftID) (*Draft, error) {
	d, err := u.Open(ctx, by, id)
	if portal.KindOf(err) != portal.NotFound {
		return d, err
	}
	doc, gone := u.Store.FromDraft(ctx, id)
	if gone != nil {
		return nil, err
	}
	if err := by.NeedTyped(portal.WriteDocuments, doc.Lead()); err != nil {
		return nil, err
	}
	return &Draft{ID: id, State: Released, Of: doc.ID, Content: doc.Content}, nil
}

// Enter writes a new draft under an id that its sender has chosen, so that a request that is
// repeated makes one draft: made is false for the draft that is there already. The same id
// with other content is refused.
func (u Documents) Enter(ctx context.Context, by portal.Actor, id DraftID, c Content) (d *Draft, made bool, err error) {
	if err := by.NeedTyped(portal.WriteDocuments, c.Lead()); err != nil {
		return nil, false, err
	}
	d, err = u.Store.ChangeDraft(ctx, by, id, portal.Absent, "write draft", u.Now(), func(now *Draft) error {
		now.ID, now.State, now.Content, now.By, now.ChangedAt = id, Writing, c, by.Login, u.Now().UTC()
		return nil
	})
	if portal.KindOf(err) != portal.Conflict {
		return d, err == nil, err
	}
	if d, err = u.Handed(ctx, by, id); err != nil || d.State == Released { // others may have changed it since
		return d, false, err
	}
	now := d.Content
	now.Attachments, now.Published = c.Attachments, c.Published // files and the day come later
	if !now.SameAs(&c) {
		return nil, false, &portal.Error{Kind: portal.Conflict, Key: "error.idempotency"}
	}
	return d, false, nil
}
