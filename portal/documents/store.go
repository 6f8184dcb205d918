package documents

import (
	"context"
	"time"

	"gongkai/portal"
)

// Store is what Documents needs of the store.
type Store struct {
	Reader
	Writer
	Files
	Handover
}

// Handover knows what became of drafts whose senders chose their ids (DraftID.Pushed).
type Handover interface {
	// FromDraft is the document that such a draft became; Missing if it did not.
	FromDraft(context.Context, DraftID) (*Document, error)
}

// Reader reads drafts and documents.
type Reader interface {
	Draft(context.Context, DraftID) (*Draft, error)
	Drafts(ctx context.Context, keep func(*Draft) bool) ([]*Draft, error)
	Document(context.Context, DocumentID) (*Document, error)
	// EachDocument calls f with every document, public or withdrawn, without its texts.
	EachDocument(ctx context.Context, f func(*Document) error) error
	Versions(context.Context, DocumentID) ([]*Document, error)
	// Holders are the drafts and documents that name a file.
	Holders(context.Context, portal.FileID) ([]*Draft, []*Document, error)
}

// Writer changes them, each in one transaction in which it checks that the record
// is what was seen.
type Writer interface {
	// ChangeDraft changes a draft or begins one. A document has one draft of a
	// correction at the most.
	ChangeDraft(ctx context.Context, by portal.Actor, id DraftID, seen portal.Revision, act string, at time.Time, change func(*Draft) error) (*Draft, error)
	DropDraft(ctx context.Context, by portal.Actor, id DraftID, seen portal.Revision, at time.Time, check func(*Draft) error) error
	PublishDraft(ctx context.Context, by portal.Actor, id DraftID, seen portal.Revision, at time.Time, check func(d *Draft, of *Document) (sealed []portal.Attachment, err error)) (*Document, error)
	Withdraw(ctx context.Context, by portal.Actor, id DocumentID, seen portal.Revision, reason string, at time.Time, check func(*Document) error) (*Document, error)
	// ChangeAll changes published documents in one transaction, each into its next
	// version, and keeps a record of it: all of them or, where change fails, none.
	ChangeAll(ctx context.Context, by portal.Actor, ids []DocumentID, at time.Time, change func(*Document) error, record func() (*Batch, error)) error
	// Expire marks the documents in force whose last day lies before a day.
	Expire(ctx context.Context, by portal.Actor, today portal.Date, at time.Time) (int, error)
}
