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
	portal.Notes
	cases.Templates
}

// The face by what its pages are about, each with the same few things to work with.
type (
	// papers are the documents that are looked at for an answer.
	papers struct{ *Face }
	// templates are the organs' own texts of letters.
	templates struct{ *Face }
	// lists are the pages over many cases: work, register, figures.
	lists struct{ *Face }
	// counter takes what comes in by other ways than the form.
	counter struct{ *Face }
	// holidays are the notices behind the working calendar.
	holidays struct{ *Face }
)

func (s *Face) papers() papers       { return papers{s} }
func (s *Face) templates() templates { return templates{s} }
func (s *Face) lists() lists         { return lists{s} }
func (s *Face) counter() counter     { return counter{s} }
func (s *Face) holidays() holidays   { return holidays{s} }
