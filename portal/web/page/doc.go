// Package page holds what every face of the portal shares: the frame of a page,
// its templates, forms, lists and files, and what is read of a request. A face
// embeds a Site, and an Uploads or a Finder where it takes files or searches.
package page

import (
	"context"
	"io"
	"log/slog"
	"os"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/extract"
	"gongkai/portal/masthead"
	"gongkai/portal/query"
)

// Site is what every face knows of the portal it belongs to.
type Site struct {
	portal.Clockwork
	Log      *slog.Logger
	BasePath string // such as "/xxgk"; "" for the root
	Origin   string // such as "https://www.example.gov.cn"; "" takes the request's
	Head     *masthead.Keeper
	Secure   bool // cookies over TLS only
	Demo     bool
	Mails    bool // messages can be sent
	Session  *scs.SessionManager
	Store    Store
	Public   Catalogue                // everything public
	Start    func(echo.Context) Steps // what leads a new portal to its opening; see Base.Opening
	pages    Pages
}

// Masthead is what every page says about the portal itself.
func (s *Site) Masthead() *masthead.Masthead { return s.Head.Current() }

// Store is what the frame of a page needs of the store.
type Store struct {
	Places
	Names
	Opener
	Log
}

// Log reads the audit log.
type Log interface {
	Audit(ctx context.Context, before uint64, limit int, object string) ([]portal.AuditEntry, error)
}

// Places knows the organs.
type Places interface {
	Organs() []portal.Organ
	Organ(portal.OrganCode) (portal.Organ, error)
}

// Names knows who has an account.
type Names interface {
	Person(context.Context, portal.Login) (*portal.Person, error)
}

// Opener opens uploads. Whether the asker may see one is for the record that
// names it to say.
type Opener interface {
	OpenFile(context.Context, portal.FileID) (*os.File, error)
}

// Catalogue is the list of everything public.
type Catalogue interface {
	Browse(portal.Browse) portal.Listed
	Listings(...portal.Key) []*portal.Listing // nil for what is not public
	Known(...portal.Key) []*portal.Listing    // with what was withdrawn
}

// Prepare parses the templates; a Site is ready after it.
func (s *Site) Prepare() (err error) {
	s.pages, err = s.parsePages()
	return err
}

// Uploads takes the files of forms.
type Uploads struct {
	*Site
	Reader  extract.Reader
	Scanner Scanner // nil where there is none
	Files   Files
}

// Files keeps uploads.
type Files interface {
	SaveFile(ctx context.Context, r io.Reader, limit int64) (portal.FileID, int64, error)
	StageFile(ctx context.Context, r io.Reader, limit int64) (portal.FileID, int64, error)
	KeepFile(ctx context.Context, id portal.FileID, read portal.Reading) error
	DropFile(ctx context.Context, id portal.FileID) error
}

// Scanner looks for malware in a file; what it finds is a *portal.Error.
type Scanner interface {
	Scan(ctx context.Context, file io.Reader) error
}

// Finder searches, and loads what a hit shows.
type Finder struct {
	*Site
	Engine    Engine
	Catalogue Catalogue
	Passages  Passages
	Documents Documents
}

// Engine finds public records.
type Engine interface {
	Find(context.Context, query.Query) (query.Found, error)
}

// Passages loads parts of the texts of public records.
type Passages interface {
	Passages(ctx context.Context, hits []query.Hit) ([]query.Excerpt, error)
}

// Documents loads a document that is public or was.
type Documents interface {
	Document(context.Context, documents.DocumentID) (*documents.Document, error)
}

// Limits on what is sent.
const (
	MaxFormBody   = 8 << 20
	MaxUploadBody = portal.MaxFile + 8<<20
	MaxBulkBody   = 400 << 20 // of files that become drafts
	MaxEntries    = extract.MaxEntries
	MaxUnpacked   = extract.MaxUnpacked
)
