package documents

// Import is a document from elsewhere on its way in.
type Import struct {
	Source  string // key by which a second run finds it again
	Content Content
	Draft   bool // keep it as a draft instead of publishing it
}

// ImportResult counts what became of imported rows.
type ImportResult struct{ Added, Changed, Same int }
