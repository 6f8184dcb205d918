package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// AuditEntry is one line of the audit log (操作日志): who changed what, and
// when. It holds no personal data of applicants.
type AuditEntry struct {
	Seq    uint64    `json:"seq"`
	At     time.Time `json:"at"`
	By     Login     `json:"by"`
	Act    string    `json:"act"`
	Object string    `json:"object"` // kind/id
	Detail string    `json:"detail,omitempty"`
	// Chain is the hash of this line and of the Chain of the line before it, so
	// that no line can be changed or taken out unseen.
	Chain string `json:"chain,omitempty"`
}

// Link is the Chain of a line that follows one with another Chain.
func (e AuditEntry) Link(before string) string {
	e.Chain = ""
	e.At = e.At.UTC()
	b, err := json.Marshal(e)
	if err != nil { // a line of text and a time
		panic(err)
	}
	sum := sha256.Sum256(append([]byte(before+"\n"), b...))
	return hex.EncodeToString(sum[:])
}

// Change is one line of the store's change log: a public record was added,
// changed or taken away. The search index follows it.
type Change struct {
	Seq uint64
	Key Key
}

// Notes takes lines of the audit log for what changes no record, such as looking
// at who an applicant is.
type Notes interface {
	Note(ctx context.Context, by Actor, act, object, detail string, at time.Time) error
}
