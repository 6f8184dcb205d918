// Package desk is the face of those who publish and of administrators: drafts and
// documents, power items, reports, organs, people, the search, imports, the log.
package desk

import (
	"context"
	"time"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/documents"
	"gongkai/portal/importer"
	"gongkai/portal/people"
	"gongkai/portal/powers"
	"gongkai/portal/query"
	"gongkai/portal/reports"
	"gongkai/portal/searches"
	"gongkai/portal/web/page"
)

// Face is the desk of those who publish, and of administrators.
type Face struct {
	*page.Site
	*page.Uploads
	*page.Finder
	Documents documents.Documents
	Cases     cases.Cases // what waits, for the first page
	People    people.People
	Search    Search
	Searches  *searches.Searches
	Import    importer.Store
	Store     Store
	checking  checkJob
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
	OrganWriter
	Powers
	Reports
	Accounts
	Teachings
	Log
	Disk
}

// OrganWriter changes organs.
type OrganWriter interface {
	SaveOrgan(ctx context.Context, by portal.Actor, o *portal.Organ, at time.Time) error
}

// Powers keeps power items.
type Powers interface {
	Power(context.Context, powers.PowerID) (*powers.PowerItem, error)
	SavePowers(ctx context.Context, by portal.Actor, items []*powers.PowerItem, at time.Time) error
}

// Reports keeps annual reports.
type Reports interface {
	Report(context.Context, reports.ReportID) (*reports.Report, error)
	SaveReport(ctx context.Context, by portal.Actor, r *reports.Report, at time.Time) error
}

// Accounts reads accounts.
type Accounts interface {
	People(context.Context) ([]*portal.Person, error)
	SecondFactor(context.Context, portal.Login) (*people.SecondFactor, error)
}

// Teachings are what administrators teach the search, and what was searched.
type Teachings interface {
	Vocabulary(context.Context) (query.Vocabulary, error)
	ChangeVocabulary(ctx context.Context, by portal.Actor, act, detail string, at time.Time, change func(query.Vocabulary) (query.Vocabulary, error)) (query.Vocabulary, error)
	Searches(ctx context.Context, month string) ([]searches.SearchTally, error)
}

// Log reads the audit log.
type Log interface {
	Audit(ctx context.Context, before uint64, limit int, object string) ([]portal.AuditEntry, error)
}

// Disk tells whether it is time to make room.
type Disk interface {
	Low() bool
}
