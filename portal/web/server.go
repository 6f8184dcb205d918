// Package web shows the portal to browsers, feed readers and programs. It is
// the only package that knows HTTP: a handler parses, asks a use case, and
// renders; every address stands in routes.go with who may use it.
package web

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/prometheus/client_golang/prometheus"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/portal/assess"
	"gongkai/portal/cases"
	"gongkai/portal/consult"
	"gongkai/portal/directory"
	"gongkai/portal/documents"
	"gongkai/portal/extract"
	"gongkai/portal/gazette"
	"gongkai/portal/importer"
	"gongkai/portal/ledgers"
	"gongkai/portal/letters"
	"gongkai/portal/machines"
	"gongkai/portal/masthead"
	"gongkai/portal/notify"
	"gongkai/portal/organs"
	"gongkai/portal/people"
	"gongkai/portal/plans"
	"gongkai/portal/powers"
	"gongkai/portal/redact"
	"gongkai/portal/registers"
	"gongkai/portal/reminders"
	"gongkai/portal/reports"
	"gongkai/portal/searches"
	"gongkai/portal/web/account"
	"gongkai/portal/web/api"
	"gongkai/portal/web/applicant"
	consulting "gongkai/portal/web/consult"
	"gongkai/portal/web/desk"
	"gongkai/portal/web/feed"
	"gongkai/portal/web/gate"
	"gongkai/portal/web/harvest"
	"gongkai/portal/web/mailbox"
	"gongkai/portal/web/office"
	"gongkai/portal/web/oversight"
	"gongkai/portal/web/page"
	"gongkai/portal/web/public"
)

// Store is all that the portal's pages need of the store, each part for the
// faces that use it.
type Store struct {
	Organs    page.Places
	People    people.Reader
	Documents documents.Reader
	Cases     cases.Reader
	Powers    portal.Reader[powers.PowerItem]
	Reports   portal.Reader[reports.Report]
	Templates cases.Templates
	Catalogue page.Catalogue
	Records   Records
	Log       Log
	Secrets   Secrets
	Files     Files
	Disk      Disk
	Import    importer.Store
}

// Records are what is public, whole.
type Records interface {
	page.Passages
	Generation() uint64 // grows with each change of something public
}

// Log is the audit log.
type Log interface {
	portal.Notes
	Audit(ctx context.Context, before uint64, limit int, object string) ([]portal.AuditEntry, error)
}

// Secrets are secrets of the installation.
type Secrets interface {
	portal.Secrets
	ReceiptKey() ed25519.PrivateKey
}

// Files keeps uploads.
type Files interface {
	page.Files
	page.Opener
	page.Texts
}

// Disk tells how the portal's own disk is.
type Disk interface {
	Ready() error // nothing can be saved, where it is one
	Low() bool    // it is time to make room
}

// Searcher is the search engine, for every face that uses it.
type Searcher interface {
	public.Search
	api.Search
	desk.Search
	Behind() time.Duration // how long what changed could not be taken in
	Turn() uint64          // grows with each change of what answers depend on
}

// Config is what a Server is made of.
type Config struct {
	Store       Store
	Search      Searcher
	Sessions    SessionStore
	Documents   documents.Documents
	Cases       cases.Cases
	Powers      powers.Powers
	Reports     reports.Reports
	Organs      organs.Organs
	People      people.People
	Searches    *searches.Searches
	Plans       plans.Plans
	Gazettes    gazette.Gazettes
	Ledgers     ledgers.Ledgers
	Directories directory.Directories
	Reminders   reminders.Reminders
	Registers   registers.Registers
	Letters     letters.Letters
	Consult     consult.Consultations
	Masthead    *masthead.Keeper
	Machines    machines.Machines
	Assess      assess.Assessments
	Batches     portal.Reader[documents.Batch]
	Notices     *cases.Notices
	Alerts      *alerts.Alerts // nil where no mail can be sent
	Reader      extract.Reader
	Redactor    redact.Redactor
	Scanner     page.Scanner // nil where there is none
	portal.Clockwork
	Log      *slog.Logger
	BasePath string            // such as "/xxgk"; "" for the root
	Default  masthead.Masthead // of a portal whose masthead nobody has set
	Origin   string            // such as "https://www.example.gov.cn", for feeds; "" takes the request's
	Proxies  []*net.IPNet      // reverse proxies that are trusted to say who asks
	Free     []*net.IPNet      // networks that are limited in nothing that is read
	Secure   bool              // cookies over TLS only
	Demo     bool
	Metrics  prometheus.Registerer
	Dumps    string // folder of the nightly dumps; "" for none
}

// Server answers requests: it mounts the faces and guards the way to them.
type Server struct {
	*page.Site
	*gate.Gate
	echo    *echo.Echo
	account *account.Face
	harvest *harvest.Face
	faces   []face
	receive echo.MiddlewareFunc
	store   Store
	search  Searcher
	rest    http.Handler // echo, with what it answers compressed (zstd, gzip)
	cache   *pageCache   // of pages that depend on the records alone
	found   *pageCache   // of searches
	metrics *metrics
	checks  []check // for the test that walks every route

	// Cases are the use cases as the pages use them, with what writes messages.
	Cases cases.Cases
	// Writer writes messages.
	Writer *notify.Writer
}

// face is a part of the portal with addresses of its own.
type face interface {
	Routes(page.Mount)
}

// Limits on requests.
const (
	pageTime    = 20 * time.Second
	uploadTime  = 5 * time.Minute
	bulkTime    = 30 * time.Minute
	sessionLife = 12 * time.Hour
	sessionIdle = 2 * time.Hour
)

// New makes a server.
func New(ctx context.Context, c Config) (*Server, error) {
	site := &page.Site{Clockwork: c.Clockwork, Log: c.Log, BasePath: strings.TrimRight(path.Clean("/"+c.BasePath), "/"), Origin: c.Origin, Head: c.Masthead, Secure: c.Secure, Demo: c.Demo,
		Mails: c.Alerts != nil, Public: c.Store.Catalogue, Store: page.Store{Places: c.Store.Organs, Names: c.Store.People, Opener: c.Store.Files, Log: c.Store.Log}}
	if err := c.Masthead.Load(ctx, c.Default); err != nil {
		return nil, err
	}
	site.Session = sessionsOf(site, c.Sessions)
	if err := site.Prepare(); err != nil {
		return nil, err
	}
	guard, err := gate.New(ctx, site, c.Store.Secrets, c.Free)
	if err != nil {
		return nil, err
	}
	s := &Server{Site: site, Gate: guard, echo: echo.New(), store: c.Store, search: c.Search, metrics: newMetrics(c.Metrics), Cases: c.Cases,
		Writer: &notify.Writer{Clockwork: c.Clockwork, SiteName: func() portal.Text { return site.Masthead().Name }, Origin: site.Origin + site.BasePath, Catalogue: c.Store.Catalogue, Organs: c.Store.Organs}}
	s.Cases.Origin = site.Origin + site.BasePath
	if site.Mails {
		s.Cases.Writer = s.Writer
		c.Letters.Mailer = s.Writer
	}
	s.caches()
	s.mount(c)

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
	e.Use(s.identify, s.observe, middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: s.logPanic, DisableStackAll: true}), s.headers, s.sameOrigin, s.language)
	s.routes()
	compressed, err := gzhttp.NewWrapper(gzhttp.MinSize(leastEncoded))
	if err != nil {
		return nil, err
	}
	s.rest = compressed(s.echo)
	return s, nil
}

// assessments knows besides the areas how fast the site answers.
func (s *Server) assessments(c Config) assess.Assessments {
	u := c.Assess
	u.Probes = maps.Clone(u.Probes)
	u.Probes["slow"] = s.metrics.slowness
	return u
}

// mount makes the faces, each with the few things it needs.
func (s *Server) mount(c Config) {
	uploads := &page.Uploads{Site: s.Site, Reader: c.Reader, Scanner: c.Scanner, Files: c.Store.Files}
	finder := &page.Finder{Site: s.Site, Engine: c.Search, Catalogue: c.Store.Catalogue, Passages: c.Store.Records, Documents: c.Store.Documents}
	reading := &page.Reading{Site: s.Site, Reader: c.Reader, Texts: c.Store.Files}
	s.receive = uploads.Receive
	s.account = &account.Face{Site: s.Site, Gate: s.Gate, People: c.People,
		Store: account.Store{Store: s.Site.Store, Accounts: c.Store.People, Secrets: c.Store.Secrets, Notes: c.Store.Log}}
	s.harvest = &harvest.Face{Site: s.Site, Dir: c.Dumps}
	for _, g := range registers.Grouped(false) {
		for _, r := range g.Registers {
			s.harvest.Registers = append(s.harvest.Registers, portal.Term{Code: r.Code, Name: r.Name})
		}
	}
	s.faces = []face{
		s.account,
		&public.Face{Site: s.Site, Finder: finder, Gate: s.Gate, Reading: reading, Powers: c.Powers, Registers: c.Registers, Search: c.Search, Searches: c.Searches, Alerts: c.Alerts, Writer: s.Writer,
			Pace: &public.Pace{Count: func(from, to portal.Date) (cases.Statistics, error) {
				return s.Cases.Lists().Statistics(portal.System("figures"), "", from, to)
			}},
			Store: public.Store{Store: s.Site.Store, Catalogue: c.Store.Catalogue, Reader: c.Store.Documents, Reports: c.Store.Reports, Gazettes: c.Gazettes.Store, Ledgers: c.Ledgers.Store, Batches: c.Batches, Answers: c.Store.Cases, Key: c.Store.Secrets}},
		&applicant.Face{Site: s.Site, Uploads: uploads, Finder: finder, Cases: s.Cases, Letters: c.Letters, Store: applicant.Store{Store: s.Site.Store, Cases: c.Store.Cases, Key: c.Store.Secrets}},
		&mailbox.Face{Site: s.Site, Uploads: uploads, Finder: finder, Gate: s.Gate, Letters: c.Letters, Store: mailbox.Store{Store: s.Site.Store, Catalogue: c.Store.Catalogue, Accounts: c.Store.People}},
		&consulting.Face{Site: s.Site, Uploads: uploads, Gate: s.Gate, Consultations: c.Consult, Store: consulting.Store{Store: s.Site.Store, Catalogue: c.Store.Catalogue}},
		&oversight.Face{Site: s.Site, Uploads: uploads, Assessments: s.assessments(c)},
		api.New(api.Face{Site: s.Site, Finder: finder, Uploads: uploads, Documents: c.Documents, Machines: c.Machines, Search: c.Search, Store: api.Store{Store: s.Site.Store, Catalogue: c.Store.Catalogue}}),
		s.harvest,
		&feed.Face{Site: s.Site, Finder: finder, Store: feed.Store{Store: s.Site.Store, Catalogue: c.Store.Catalogue}},
		&office.Face{Site: s.Site, Uploads: uploads, Cases: s.Cases, Notices: c.Notices, Documents: c.Documents, Redactor: c.Redactor,
			Store: office.Store{Store: s.Site.Store, Files: c.Store.Files, Secrets: c.Store.Secrets, Notes: c.Store.Log, Templates: c.Store.Templates}},
		&desk.Face{Site: s.Site, Uploads: uploads, Finder: finder, Documents: c.Documents, Powers: c.Powers, Reports: c.Reports, Organs: c.Organs, Cases: s.Cases, People: c.People, Search: c.Search, Searches: c.Searches, Plans: c.Plans, Gazettes: c.Gazettes, Ledgers: c.Ledgers, Directories: c.Directories, Reminders: c.Reminders, Registers: c.Registers, Mastheads: c.Masthead, Machines: c.Machines, Batches: c.Batches, Import: c.Store.Import,
			Store: desk.Store{Store: s.Site.Store, Catalogue: c.Store.Catalogue, Reader: c.Store.Documents, Accounts: c.Store.People, Disk: c.Store.Disk}},
	}
}

// sessionsOf makes what keeps track of sessions.
func sessionsOf(s *page.Site, store SessionStore) *scs.SessionManager {
	m := scs.New()
	m.Store = sessions{store}
	m.HashTokenInStore = true
	m.Lifetime, m.IdleTimeout = sessionLife, sessionIdle
	m.Cookie.Name = s.Cookie("gongkai")
	m.Cookie.Path = s.BasePath + "/"
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = s.Secure
	m.Cookie.Persist = false
	m.ErrorFunc = func(w http.ResponseWriter, _ *http.Request, err error) {
		s.Log.Error("session", "error", err)
		http.Error(w, "session store unavailable", http.StatusServiceUnavailable)
	}
	return m
}

// Dump writes the nightly dumps of the catalogue, where today's are not there.
func (s *Server) Dump() error { return s.harvest.Dump() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.quick(w, r) {
		s.rest.ServeHTTP(w, r)
	}
}

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
	s.Log.Error("panic", "ref", page.RefOf(c), "path", c.Path(), "error", err, "stack", string(stack))
	return err
}
