package documents

import "time"

// Import is a document from elsewhere on its way in.
type Import struct {
	Source  string // key by which a second run finds it again
	Content Content
	Draft   bool // keep it as a draft instead of publishing it
	// Edition is what an export of a portal says of an edition; nil for a document from
	// elsewhere, which is numbered here.
	Edition *Edition
}

// Edition is one version of a document with the index number and address that it had.
type Edition struct {
	ID          DocumentID
	IndexNumber string
	Version     int
	PublishedAt time.Time // of the first version
	ChangedAt   time.Time
	Note        string
	Minor       bool
	KeepFiles   bool
	Withdrawn   bool
	Removed     bool
	Reason      string
}

// ImportResult counts what became of imported rows.
type ImportResult struct{ Added, Changed, Same int }
