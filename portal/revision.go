package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"
)

// Revision names a record as somebody saw it: whatever changes in a record, its
// revision is another. It is worked out from the record and kept nowhere.
type Revision string

const (
	// Latest is for a change that holds whatever the record says by now: a step of
	// the machine, or something that is added.
	Latest Revision = ""
	// Absent is what somebody saw who enters a record: that there was none.
	Absent Revision = "absent"
)

// RevisionOf is the revision of a record as it was loaded.
func RevisionOf(record any) Revision {
	b, err := json.Marshal(record)
	if err != nil { // records are stored as JSON, so that they can be written
		panic(err)
	}
	sum := sha256.Sum256(b)
	return Revision(hex.EncodeToString(sum[:12]))
}

// Check refuses a change of a record that is not what somebody saw: one that has
// changed since, that is there already, or that is gone. A missing record is nil.
func (seen Revision) Check(record any, k RecordKind) error {
	switch {
	case record == nil && seen == Absent:
	case record == nil:
		return Missing()
	case seen == Absent:
		e := Wrong(k.Field, "error.code_taken", nil)
		e.Kind = Conflict
		return e
	case seen != Latest && seen != RevisionOf(record):
		return &Error{Kind: Conflict, Key: StaleKey}
	}
	return nil
}

// StaleKey is the message of a change that was refused because somebody else has
// changed the record meanwhile.
const StaleKey = "error.changed_meanwhile"

// Stale reports whether an error says that.
func Stale(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Key == StaleKey
}

// Reader reads the records of one kind.
type Reader[T any] interface {
	Get(ctx context.Context, id string) (*T, error)
	// All loads those that keep wants, all of them without it.
	All(ctx context.Context, keep func(*T) bool) ([]*T, error)
}

// Records keeps the records of one kind: what an area asks of the store for a
// kind of record of its own.
type Records[T any] interface {
	Reader[T]
	// Change is the one way in which a record changes. In one transaction it loads
	// it, refuses if it is not the revision that was seen, lets change alter it, and
	// saves it with its line in the audit log and, where what is public of it is
	// another now, in the change log. If change fails nothing is saved; permissions
	// and rules are checked there. detail is for the audit log.
	Change(ctx context.Context, by Actor, id string, seen Revision, act string, at time.Time, change func(*T) (detail string, err error)) (*T, error)
}
