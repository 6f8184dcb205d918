package portal

import (
	"context"
	"time"
)

// Filing changes records of one kind together with what is kept apart from them: sealed
// parts, numbers of a series, marks by which repeats are known, messages. All of it is
// written in one transaction, or nothing.
type Filing[T any] interface {
	Records[T]
	// Enter adds a record under the next number of a series; name makes its id.
	Enter(ctx context.Context, by Actor, series string, name func(serial int) string, act string, at time.Time, change func(*T, RecordTx) (detail string, err error)) (*T, error)
	// Alter is Change for who writes something apart from the record.
	Alter(ctx context.Context, by Actor, id string, seen Revision, act string, at time.Time, change func(*T, RecordTx) (detail string, err error)) (*T, error)
	Apart
}

// Apart reads what is kept apart from records.
type Apart interface {
	// Unsealed opens a sealed part; Missing where there is none.
	Unsealed(ctx context.Context, id, bucket string, into any) error
	// Marked lists the records with a mark, the oldest first.
	Marked(ctx context.Context, what string, words ...string) ([]string, error)
}

// RecordTx is what the change of a record can write besides. A mark is a keyed hash of
// words: it tells nothing to who has not the words.
type RecordTx interface {
	ID() string
	Seal(bucket string, v any) error
	Unsealed(bucket string, into any) error
	Marked(what string, words ...string) []string
	Mark(what string, words ...string) error
	Send(*Mail) error
}
