// Package office is the face of those who handle applications: the work list, a case with
// its steps and letters, what comes in by other ways, the register and the figures.
package office

import (
	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/documents"
	"gongkai/portal/redact"
	"gongkai/portal/web/page"
)

// Face is the office that handles applications.
type Face struct {
	*page.Site
	*page.Uploads
	Cases     cases.Cases
	Notices   *cases.Notices
	Documents documents.Documents // takes drafts of answers
	Redactor  redact.Redactor
	Store     Store
}

// Store is what it needs of the store.
type Store struct {
	page.Store
	page.Files
	portal.Secrets
	cases.Templates
}
