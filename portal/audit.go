package portal

import "time"

// AuditEntry is one line of the audit log (操作日志): who changed what, and
// when. It holds no personal data of applicants.
type AuditEntry struct {
	Seq    uint64    `json:"seq"`
	At     time.Time `json:"at"`
	By     Login     `json:"by"`
	Act    string    `json:"act"`
	Object string    `json:"object"` // kind/id
	Detail string    `json:"detail,omitempty"`
}

// Change is one line of the store's change log: a public record was added,
// changed or taken away. The search index follows it.
type Change struct {
	Seq uint64
	Key Key
}
