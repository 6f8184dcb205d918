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
}

// Reader reads drafts and documents.
type Reader interface {
	Draft(context.Context, DraftID) (*Draft, error)
	Drafts(ctx context.Context, keep func(*Draft) bool) ([]*Draft, error)
	Document(context.Context, DocumentID) (*Document, error)
	Versions(context.Context, DocumentID) ([]*Document, error)
}

// Writer changes them.
type Writer interface {
	SaveDraft(ctx context.Context, by portal.Actor, d *Draft, act string) error
	DropDraft(ctx context.Context, by portal.Actor, id DraftID, at time.Time) error
	PublishDraft(ctx context.Context, by portal.Actor, id DraftID, at time.Time, check func(*Draft) error) (*Document, error)
	Withdraw(ctx context.Context, by portal.Actor, id DocumentID, reason string, at time.Time) (*Document, error)
}
