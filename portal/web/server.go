// Package web shows the portal to browsers, feed readers and programs. It is
// the only package that knows HTTP: a handler parses, asks a use case, and
// renders; every address stands in routes.go with who may use it.
package web

import (
	"context"
	"crypto/ed25519"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/prometheus/client_golang/prometheus"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/portal/cases"
	"gongkai/portal/documents"
	"gongkai/portal/extract"
	"gongkai/portal/importer"
	"gongkai/portal/people"
	"gongkai/portal/powers"
	"gongkai/portal/query"
	"gongkai/portal/redact"
	"gongkai/portal/reports"
	"gongkai/portal/searches"
)

// Reader is what pages read of what is public.
type Reader interface {
	Browse(portal.Browse) portal.Listed
	Listings(...portal.Key) []*portal.Listing
	Passages(ctx context.Context, hits []query.Hit) ([]query.Excerpt, error)
	Versions(documents.DocumentID) ([]*documents.Document, error)
	Generation() uint64
}

// Lists are the records that organs keep: powers, reports, drafts.
type Lists interface {
	Power(powers.PowerID) (*powers.PowerItem, error)
	SavePowers(by portal.Actor, items []*powers.PowerItem, at time.Time) error
	Report(reports.ReportID) (*reports.Report, error)
	SaveReport(by portal.Actor, r *reports.Report, at time.Time) error
	Drafts(keep func(*documents.Draft) bool) ([]*documents.Draft, error)
}

// Disk tells how the portal's own disk is.
type Disk interface {
	Ready() error // nothing can be saved, where it is one
	Low() bool    // it is time to make room
}

// Files keeps uploads.
type Files interface {
	SaveFile(r io.Reader, limit int64) (portal.FileID, int64, error)
	StageFile(r io.Reader, limit int64) (portal.FileID, int64, error)
	KeepFile(id portal.FileID, text string) error
	DropFile(id portal.FileID) error
}

// Scanner looks for malware in a file; what it finds is a *portal.Error.
type Scanner interface {
	Scan(ctx context.Context, file io.Reader) error
}

// Secrets are secrets of the installation, such as the link for the first
// administrator.
type Secrets interface {
	portal.Secrets
	DropSecret(name string) error
}

// Teachings are what administrators teach the search, and what was searched.
type Teachings interface {
	Vocabulary() (query.Vocabulary, error)
	ChangeVocabulary(by portal.Actor, act, detail string, at time.Time, change func(query.Vocabulary) (query.Vocabulary, error)) (query.Vocabulary, error)
	Searches(month string) ([]searches.SearchTally, error)
}

// Store is all that the pages need of the store.
type Store interface {
	Reader
	Lists
	Secrets
	Teachings
	ReceiptKey() ed25519.PrivateKey
	documents.DocumentStore
	cases.CaseStore
	people.PersonStore
	importer.Store
	Disk
	Files
	cases.CaseFiles
}

// Searcher finds public records.
type Searcher interface {
	Find(context.Context, query.Query) (query.Found, error)
	Try(context.Context, query.Vocabulary, query.Query) (query.Found, error)
	Passages(ctx context.Context, q query.Query, limit int) ([]query.Hit, error)
	Words(text string) []string // of a query, to mark in a text
	Suggest(ctx context.Context, typed string, limit int) ([]portal.Key, error)
	SuggestOrgans(typed string, limit int) []portal.OrganCode
	Similar(ctx context.Context, key portal.Key, limit int) ([]portal.Key, error)
	SetVocabulary(query.Vocabulary)
	BuiltIn() []query.Synonym
	Check(ctx context.Context, mend bool) (query.Drift, error)
	Size() int64
	Ready() bool
	Behind() time.Duration // how long what changed could not be taken in
}

// Config is what a Server is made of.
type Config struct {
	Store     Store
	Search    Searcher
	Sessions  scs.Store
	Documents documents.Documents
	Cases     cases.Cases
	People    people.People
	Searches  *searches.Searches
	Notices   *cases.Notices
	Alerts    *alerts.Alerts // nil where no mail can be sent
	Reader    extract.Reader
	Redactor  redact.Redactor
	Scanner   Scanner // nil where there is none
	portal.Clockwork
	Log      *slog.Logger
	BasePath string // such as "/xxgk"; "" for the root
	SiteName portal.Text
	Origin   string       // such as "https://www.example.gov.cn", for feeds; "" takes the request's
	Proxies  []*net.IPNet // reverse proxies that are trusted to say who asks
	Secure   bool         // cookies over TLS only
	Demo     bool
	Metrics  prometheus.Registerer
}

// Server answers requests.
type Server struct {
	Config
	echo     *echo.Echo
	pages    pages
	sessions *scs.SessionManager
	limits   *limiter
	passes   *passes
	cache    *pageCache
	checking checkJob
	metrics  *metrics
	checks   []check // for the test that walks every route
}

// Limits on requests.
const (
	maxFormBody   = 8 << 20
	maxUploadBody = portal.MaxFile + 8<<20
	maxImportBody = 512 << 20
	pageTime      = 20 * time.Second
	uploadTime    = 5 * time.Minute
	sessionLife   = 12 * time.Hour
	sessionIdle   = 2 * time.Hour
)

// New makes a server.
func New(c Config) (*Server, error) {
	s := &Server{Config: c, echo: echo.New(), limits: newLimiter(c.Now), cache: newPageCache()}
	s.BasePath = strings.TrimRight(path.Clean("/"+c.BasePath), "/")
	s.metrics = newMetrics(c.Metrics)
	var err error
	if s.passes, err = newPasses(c.Store, c.Now); err != nil {
		return nil, err
	}
	if s.pages, err = s.parsePages(); err != nil {
		return nil, err
	}
	s.sessions = scs.New()
	s.sessions.Store = c.Sessions
	s.sessions.HashTokenInStore = true
	s.sessions.Lifetime, s.sessions.IdleTimeout = sessionLife, sessionIdle
	s.sessions.Cookie.Name = s.cookie("gongkai")
	s.sessions.Cookie.Path = s.BasePath + "/"
	s.sessions.Cookie.HttpOnly = true
	s.sessions.Cookie.SameSite = http.SameSiteLaxMode
	s.sessions.Cookie.Secure = c.Secure
	s.sessions.Cookie.Persist = false
	s.sessions.ErrorFunc = func(w http.ResponseWriter, _ *http.Request, err error) {
		s.Log.Error("session", "error", err)
		http.Error(w, "session store unavailable", http.StatusServiceUnavailable)
	}

	s.Cases.Origin = s.Origin + s.BasePath
	if c.Alerts != nil { // mail can be sent
		s.Cases.Writer = s
	}

	e := s.echo
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.showError
	e.IPExtractor = echo.ExtractIPDirect()
	if len(c.Proxies) > 0 {
		trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
		for _, p := range c.Proxies {
			trust = append(trust, echo.TrustIPRange(p))
		}
		e.IPExtractor = echo.ExtractIPFromXFFHeader(trust...)
	}
	e.Use(s.identify, s.observe, middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: s.logPanic, DisableStackAll: true}), s.headers, s.sameOrigin,
		middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1400}), s.language)
	s.routes()
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// HTTP returns the server that listens, with its time limits.
func (s *Server) HTTP() *http.Server {
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       uploadTime,
		WriteTimeout:      uploadTime + time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return context.Background() },
	}
}

// logPanic turns a panic into an error for the log.
func (s *Server) logPanic(c echo.Context, err error, stack []byte) error {
	s.Log.Error("panic", "ref", refOf(c), "path", c.Path(), "error", err, "stack", string(stack))
	return err
}
