package documents

import (
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
	Draft(DraftID) (*Draft, error)
	Drafts(keep func(*Draft) bool) ([]*Draft, error)
	Document(DocumentID) (*Document, error)
	Versions(DocumentID) ([]*Document, error)
}

// Writer changes them.
type Writer interface {
	SaveDraft(by portal.Actor, d *Draft, act string) error
	DropDraft(by portal.Actor, id DraftID, at time.Time) error
	PublishDraft(by portal.Actor, id DraftID, at time.Time, check func(*Draft) error) (*Document, error)
	Withdraw(by portal.Actor, id DocumentID, reason string, at time.Time) (*Document, error)
}
