// Package desk is the face of those who publish and of administrators: drafts and
// documents, power items, reports, organs, people, the search, imports, the log.
package desk

import (
	"context"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/directory"
	"gongkai/portal/documents"
	"gongkai/portal/gazette"
	"gongkai/portal/importer"
	"gongkai/portal/ledgers"
	"gongkai/portal/machines"
	"gongkai/portal/masthead"
	"gongkai/portal/organs"
	"gongkai/portal/people"
	"gongkai/portal/plans"
	"gongkai/portal/powers"
	"gongkai/portal/query"
	"gongkai/portal/registers"
	"gongkai/portal/reminders"
	"gongkai/portal/reports"
	"gongkai/portal/searches"
	"gongkai/portal/web/page"
)

// Face is the desk of those who publish, and of administrators.
type Face struct {
	*page.Site
	*page.Uploads
	*page.Finder
	Documents   documents.Documents
	Powers      powers.Powers
	Reports     reports.Reports
	Organs      organs.Organs
	Cases       cases.Cases // what waits, for the first page
	People      people.People
	Search      Search
	Searches    *searches.Searches
	Plans       plans.Plans
	Gazettes    gazette.Gazettes
	Ledgers     ledgers.Ledgers
	Directories directory.Directories
	Reminders   reminders.Reminders
	Registers   registers.Registers
	Mastheads   *masthead.Keeper
	Machines    machines.Machines
	Batches     portal.Reader[documents.Batch]
	Import      importer.Store
	Store       Store
	checking    checkJob
}

// Search is the engine as an administrator sees it.
type Search interface {
	page.Engine
	Try(context.Context, query.Vocabulary, query.Query) (query.Found, error)
	SetVocabulary(query.Vocabulary)
	BuiltIn() []query.Synonym
	Check(ctx context.Context, mend bool) (query.Drift, error)
	Size() int64
}

// Store is what it needs of the store.
type Store struct {
	page.Store
	page.Catalogue
	documents.Reader
	Accounts
	Disk
}

// Accounts reads accounts.
type Accounts interface {
	People(context.Context) ([]*portal.Person, error)
	SecondFactor(context.Context, portal.Login) (*people.SecondFactor, error)
}

// Disk tells whether it is time to make room.
type Disk interface {
	Low() bool
}

// The face by what its pages are about, each with the same few things to work with.
type (
	// drafts are documents before they are public, and what is done to those that are.
	drafts struct{ *Face }
	// records are tables by period, gazettes, organs and people: a list and a form each.
	records struct{ *Face }
	// powering is the power list: proposed, reviewed, imported.
	powering struct{ *Face }
	// registering is registers: entries written, released, withdrawn.
	registering struct{ *Face }
	// reporting is annual reports: written, checked, filed.
	reporting struct{ *Face }
	// planning is what organs have planned, and the figures of what was handed in.
	planning struct{ *Face }
	// teaching is what was searched, and what the search is taught.
	teaching struct{ *Face }
)

func (s *Face) drafts() drafts           { return drafts{s} }
func (s *Face) records() records         { return records{s} }
func (s *Face) planning() planning       { return planning{s} }
func (s *Face) powering() powering       { return powering{s} }
func (s *Face) registering() registering { return registering{s} }
func (s *Face) reporting() reporting     { return reporting{s} }
func (s *Face) teaching() teaching       { return teaching{s} }
