package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/trustelem/zxcvbn"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/portal/cases"
	"gongkai/portal/clamav"
	"gongkai/portal/demo"
	"gongkai/portal/documents"
	"gongkai/portal/extract"
	"gongkai/portal/letter"
	"gongkai/portal/mail"
	"gongkai/portal/people"
	"gongkai/portal/redact"
	"gongkai/portal/sandbox"
	"gongkai/portal/searches"
	"gongkai/portal/second"
	"gongkai/portal/web"
	"gongkai/search"
	"gongkai/store"
)

// serveCommand starts the portal.
type serveCommand struct {
	dataFlag
	Addr           string   `help:"Address to listen on." default:"127.0.0.1:8080"`
	AdminAddr      string   `help:"Address for metrics and for the commands that talk to a running portal. It must not be reachable from outside." default:"127.0.0.1:8081"`
	BasePath       string   `help:"Path below which the portal lies, such as /xxgk."`
	Origin         string   `help:"Scheme and host that readers use, such as https://www.example.gov.cn; by default those of the request."`
	Proxy          []string `help:"Reverse proxies that are trusted to say who asks (X-Forwarded-For): addresses or networks such as 127.0.0.1,10.0.0.0/8."`
	Secure         bool     `help:"Readers come over TLS: cookies are sent over TLS only."`
	Zone           string   `help:"Time zone in which days are counted." default:"Asia/Shanghai"`
	SiteZH         string   `help:"Name of the portal in Chinese." default:"政府信息公开"`
	SiteEN         string   `help:"Name of the portal in English." default:"Open Government Information"`
	Log            string   `help:"What to log: debug, info, warn or error." default:"info" enum:"debug,info,warn,error"`
	SMTPAddr       string   `name:"smtp-addr" help:"Host and port of the mail server; without it and --mail-dir no mail is sent, and e-mail alerts are not offered."`
	SMTPTLS        string   `name:"smtp-tls" help:"How mail is encrypted on its way to the server: required (STARTTLS), optional, implicit or none." default:"required" enum:"required,optional,implicit,none"`
	SMTPUser       string   `name:"smtp-user" help:"Name to sign in to the mail server."`
	SMTPPass       string   `name:"smtp-password-file" help:"File with the password for the mail server." type:"path"`
	MailFrom       string   `help:"Address that mail comes from."`
	MailDir        string   `help:"Write mail into this folder instead of sending it. The demonstration does so." type:"path"`
	Quota          int      `help:"Megabytes that uploads may take together; 0 for as much as the disk has."`
	Clamd          string   `help:"Address of ClamAV's clamd, such as unix:/run/clamav/clamd.ctl or 127.0.0.1:3310: each upload is looked at first."`
	ExtractMemory  int      `help:"Megabytes of memory that a child may use that reads a file." default:"400"`
	ExtractSeconds int      `help:"Seconds of the processor that it may use." default:"10"`
	ExtractAtOnce  int      `help:"Files that are read at the same time." default:"2"`
	SecondFactor   []string `help:"Roles that need a second factor to sign in: administrator, editor, reviewer, handler, head." enum:"administrator,editor,reviewer,handler,head"`
	Demo           bool     `help:"Fill an empty portal with a demonstration city; the data lies in gongkai-demo unless --data says otherwise."`
}

// argon2Params follow the recommendation of RFC 9106 for little memory.
var argon2Params = &argon2id.Params{Memory: 64 * 1024, Iterations: 3, Parallelism: 2, SaltLength: 16, KeyLength: 32}

// hashers is how many passwords are hashed at the same time, and hashWait how
// long one waits for its turn: each takes 64 MB and a good part of a second.
const (
	hashers  = 2
	hashWait = 5 * time.Second
)

func newPeople(st *store.Store, w portal.Clockwork) people.People {
	turns := make(chan struct{}, hashers)
	inTurn := func(f func()) error {
		wait := time.NewTimer(hashWait)
		defer wait.Stop()
		select {
		case turns <- struct{}{}:
			defer func() { <-turns }()
			f()
			return nil
		case <-wait.C:
			return &portal.Error{Kind: portal.Unavailable, Key: "error.busy"}
		}
	}
	return people.People{Clockwork: w, Store: st, Guard: &people.Guard{}, Codes: second.Codes{Issuer: "Gongkai"}, Common: common,
		Hash: func(p string) (hash string, err error) {
			if e := inTurn(func() { hash, err = argon2id.CreateHash(p, argon2Params) }); e != nil {
				return "", e
			}
			return hash, err
		},
		Match: func(p, hash string) (ok bool, err error) {
			if e := inTurn(func() { ok, err = argon2id.ComparePasswordAndHash(p, hash) }); e != nil {
				return false, e
			}
			return ok, err
		}}
}

// tooFew is how many guesses a password must outlast that nobody has tailored to
// the person.
const tooFew = 1e7

// common reports passwords that are guessed first.
func common(password string) bool {
	return zxcvbn.PasswordStrength(password, []string{"gongkai", "xinxigongkai", "zhengwu"}).Guesses < tooFew
}

// Run implements the command.
func (s *serveCommand) Run(c *console) error {
	loc, err := zone(s.Zone)
	if err != nil {
		return &exitError{2, err}
	}
	if err := s.check(); err != nil {
		return &exitError{2, err}
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.Log)); err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(c.err, &slog.HandlerOptions{Level: level}))
	if s.Demo {
		if filepath.Base(s.Data) == "gongkai-data" {
			s.Data = filepath.Join(filepath.Dir(s.Data), "gongkai-demo")
		}
		s.SiteZH, s.SiteEN = "清河市政府信息公开", "Qinghe Open Government"
		if s.SMTPAddr == "" && s.MailDir == "" {
			s.MailDir = filepath.Join(s.Data, "mail")
		}
	}
	// Listening comes first: a port that is taken is known before the data
	// is touched.
	ln, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", s.Addr, err)
	}
	defer ln.Close()
	st, err := openStoreWith(c, s.Data, store.Options{Quota: int64(s.Quota) << 20})
	if err != nil {
		return err
	}
	defer st.Close()
	now := func() time.Time { return time.Now().In(loc) }
	notices := &cases.Notices{Now: now, Store: st}
	if err := notices.Load(); err != nil {
		return err
	}
	w := portal.Clockwork{Now: now, Calendar: notices.Calendar}
	people := newPeople(st, w)
	for _, r := range s.SecondFactor {
		people.SecondFor = append(people.SecondFor, portal.Role(r))
	}
	if s.Demo {
		if err := demo.Fill(st, people, w.Now(), w.Calendar()); err != nil {
			return err
		}
	}
	index, err := search.Open(filepath.Join(s.Data, "index"), st, log)
	if err != nil {
		return err
	}
	defer index.Close()
	vocabulary, err := st.Vocabulary()
	if err != nil {
		return err
	}
	index.SetVocabulary(vocabulary)
	tallies := &searches.Searches{Clockwork: w, Store: st}
	if err := tallies.Flush(); err != nil { // reads what is searched often
		return err
	}
	if s.Origin == "" && s.Demo {
		s.Origin = "http://" + ln.Addr().String()
	}
	sender, err := s.mail(st, w, log)
	if err != nil {
		return &exitError{2, err}
	}
	var alerting *alerts.Alerts
	if sender != nil {
		alerting = &alerts.Alerts{Clockwork: w, Store: st}
	}
	limitMemory(c.getenv)
	proxies, err := networks(s.Proxy)
	if err != nil {
		return &exitError{2, err}
	}
	var scanner web.Scanner
	if s.Clamd != "" {
		if scanner, err = clamav.New(s.Clamd); err != nil {
			return &exitError{2, err}
		}
	}
	pool, err := s.children(c.ctx, log)
	if err != nil {
		return &exitError{2, err}
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	srv, err := web.New(web.Config{Store: st, Search: index, Sessions: st.Sessions(), Clockwork: w, Log: log, BasePath: s.BasePath,
		Documents: documents.Documents{Clockwork: w, Store: st}, Cases: cases.Cases{Clockwork: w, Store: st, Printer: letter.Printer{}}, People: people,
		Searches: tallies, Notices: notices, Alerts: alerting, Reader: extract.Reader{Pool: pool}, Redactor: redact.Redactor{Pool: pool}, Scanner: scanner, SiteName: portal.Text{ZH: s.SiteZH, EN: s.SiteEN}, Origin: strings.TrimRight(s.Origin, "/"), Proxies: proxies, Secure: s.Secure, Demo: s.Demo, Metrics: reg})
	if err != nil {
		return err
	}
	admin, err := openAdmin(s.AdminAddr, s.Data, st, index, reg, log)
	if err != nil {
		return err
	}
	defer admin.close()

	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	var running sync.WaitGroup
	running.Go(func() { index.Follow(ctx, st.Changed()) })
	running.Go(func() { sweep(ctx, st, log) })
	running.Go(func() {
		every(ctx, 24*time.Hour, log, "uploads that nothing names could not be deleted", func() error {
			_, err := st.SweepFiles(time.Now().Add(-keepUploads))
			return err
		})
	})
	running.Go(func() { every(ctx, time.Minute, log, "what was searched could not be counted", tallies.Flush) })
	running.Go(func() { checkIndex(ctx, index, log) })
	running.Go(func() {
		every(ctx, 10*time.Minute, log, "the disk", func() error {
			if r := st.Room(); r.Low() {
				return fmt.Errorf("there is little room left: %d MB free of %d, uploads take %d MB", r.Free>>20, r.Total>>20, r.Files>>20)
			}
			return nil
		})
	})
	cases := srv.Cases
	if sender != nil {
		cases.Outbox = st
	}
	running.Go(func() {
		every(ctx, time.Hour, log, "retention periods could not be kept", func() error { return retain(cases, log) })
	})
	if sender != nil {
		running.Go(func() {
			every(ctx, time.Minute, log, "reminders could not be written", func() error { _, err := cases.Remind(st); return err })
		})
		running.Go(func() { sender.Run(ctx) })
		watch := &alerts.Watch{Alerts: *alerting, Source: st, Watcher: index.Watch()}
		running.Go(func() {
			every(ctx, 5*time.Second, log, "alerts could not be written", func() error {
				if err := watch.Follow(ctx); err != nil {
					return err
				}
				_, err := alerting.Tell(srv)
				return err
			})
		})
	}
	if err := s.greet(c, st, ln.Addr().String()); err != nil {
		return err
	}
	h := srv.HTTP()
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(ln) }()
	log.Info("the portal listens", "address", ln.Addr().String(), "admin", admin.address, "data", s.Data, "version", version())
	if c.ready != nil {
		c.ready(ln.Addr().String())
	}
	select {
	case err = <-failed:
	case <-ctx.Done():
		log.Info("stopping: open requests are finished first")
		// The signal's context is over; stopping has its own time.
		grace, done := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer done()
		err = h.Shutdown(grace)
	}
	cancel()
	running.Wait()
	if e := tallies.Flush(); e != nil {
		log.Error("what was searched could not be counted", "error", e)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func (s *serveCommand) check() error {
	if s.BasePath != "" && (!strings.HasPrefix(s.BasePath, "/") || strings.ContainsAny(s.BasePath, "?#:* ")) {
		return fmt.Errorf("--base-path %q is not a path such as /xxgk", s.BasePath)
	}
	if s.Origin != "" {
		u, err := url.Parse(s.Origin)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
			return fmt.Errorf("--origin %q is not a scheme and a host such as https://www.example.gov.cn", s.Origin)
		}
	}
	return nil
}

// Bounds on the memory that the collector leaves unused. A portal is small, and
// answers matter more than memory; but building an index must not fill the
// machine.
const (
	gcPercent  = 200
	usualLimit = 400 << 20
	headroom   = 256 << 20 // beside twice what is in use once the store is open
)

// limitMemory sets them, unless the operator has (GOGC, GOMEMLIMIT).
func limitMemory(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if getenv("GOMEMLIMIT") == "" {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		debug.SetMemoryLimit(max(usualLimit, 2*int64(m.HeapAlloc)+headroom))
	}
}

// retain keeps retention periods, and says in the log what that did.
func retain(applications cases.Cases, log *slog.Logger) error {
	r, err := applications.Retain()
	if r.Told > 0 || r.Destroyed > 0 {
		log.Info("retention periods", "told", r.Told, "destroyed", r.Destroyed)
	}
	return err
}

// networks reads addresses and networks.
func networks(list []string) ([]*net.IPNet, error) {
	var out []*net.IPNet
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if a, e := netip.ParseAddr(s); e == nil {
			p, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("--proxy %q is no address or network such as 10.0.0.0/8", s)
		}
		out = append(out, &net.IPNet{IP: p.Masked().Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())})
	}
	return out, nil
}

// children makes what reads files, each in a process of its own.
func (s *serveCommand) children(ctx context.Context, log *slog.Logger) (*sandbox.Pool, error) {
	if s.ExtractMemory < 200 || s.ExtractSeconds < 1 || s.ExtractAtOnce < 1 {
		return nil, errors.New("--extract-memory is 200 at least, --extract-seconds and --extract-at-once 1")
	}
	limits := sandbox.Usual()
	limits.Memory, limits.CPU, limits.AtOnce = int64(s.ExtractMemory)<<20, s.ExtractSeconds, s.ExtractAtOnce
	limits.Time = 4 * time.Duration(limits.CPU) * time.Second
	// Compiled in a child too, so that this process stays small. Children wait
	// for it at the first start, some seconds.
	cache := sync.OnceValue(func() string {
		dir := filepath.Join(s.Data, "cache", "pdfium")
		if err := warm(ctx, dir); err != nil {
			if ctx.Err() == nil {
				log.Warn("PDFium could not be compiled ahead; each PDF takes some seconds longer", "error", err)
			}
			return ""
		}
		return dir
	})
	go cache()
	return &sandbox.Pool{Limits: limits, Cache: cache, Bare: func(why string) {
		log.Warn("the processes that read files have limits, but this machine cannot lock them in", "why", why)
	}}, nil
}

// mail makes the sender of messages; nil where none are sent.
func (s *serveCommand) mail(st *store.Store, w portal.Clockwork, log *slog.Logger) (*mail.Sender, error) {
	if s.SMTPAddr == "" && s.MailDir == "" {
		return nil, nil
	}
	if s.Origin == "" {
		return nil, errors.New("mail holds links, so --origin must say how readers reach the portal")
	}
	c := mail.Config{Addr: s.SMTPAddr, TLS: s.SMTPTLS, User: s.SMTPUser, From: s.MailFrom, Name: s.SiteZH, Dir: s.MailDir}
	if s.SMTPAddr != "" {
		if _, _, err := net.SplitHostPort(s.SMTPAddr); err != nil {
			return nil, fmt.Errorf("--smtp-addr %q is not a host and a port such as mail.example.gov.cn:587", s.SMTPAddr)
		}
		if c.From == "" {
			return nil, errors.New("--mail-from must name the address that mail comes from")
		}
	}
	if c.From == "" {
		c.From = "portal@localhost"
	}
	if s.SMTPPass != "" {
		b, err := os.ReadFile(s.SMTPPass)
		if err != nil {
			return nil, fmt.Errorf("reading the mail server's password: %w", err)
		}
		c.Password = strings.TrimSpace(string(b))
	}
	return &mail.Sender{Config: c, Outbox: st, Now: w.Now, Log: log}, nil
}

// every calls f at once and then again and again until ctx ends.
func every(ctx context.Context, pause time.Duration, log *slog.Logger, failed string, f func() error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		if err := f(); err != nil && ctx.Err() == nil {
			log.Error(failed, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// checkIndex compares the index with the store once a day and mends what
// differs, which should be nothing.
func checkIndex(ctx context.Context, index *search.Index, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(24 * time.Hour):
		}
		d, err := index.Check(ctx, true)
		switch {
		case err != nil && ctx.Err() == nil:
			log.Error("the search index could not be checked", "error", err)
		case d.Any():
			log.Warn("the search index had drifted from the store and was mended", "missing", len(d.Missing), "stale", len(d.Stale), "extra", len(d.Extra))
		}
	}
}

// greet prints where the portal is and how to get in.
func (s *serveCommand) greet(c *console, st *store.Store, address string) error {
	home := "http://" + address + strings.TrimRight(s.BasePath, "/") + "/"
	data, err := filepath.Abs(s.Data)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "The portal is at   %s\nThe data lies in   %s\n", home, data)
	if s.Demo {
		fmt.Fprintf(c.out, "Staff sign in at   %sdesk/sign-in\n\nDemo accounts:\n", home)
		for _, a := range demo.Accounts() {
			fmt.Fprintf(c.out, "  %-10s %-20s %s\n", a.Person.Login, a.Password, a.Person.Grants[0].Role)
		}
		fmt.Fprintln(c.out)
		return nil
	}
	people, err := st.People()
	if err != nil || len(people) > 0 {
		return err
	}
	token, err := st.Secret(web.SetupSecret, func() []byte { return []byte(rand.Text()) })
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "\nThere is no account yet. Make the first administrator at this one-time link:\n  %ssetup/%s\n\n", home, token)
	return nil
}

// sweep deletes sessions that have expired, once an hour.
func sweep(ctx context.Context, st *store.Store, log *slog.Logger) {
	every(ctx, time.Hour, log, "expired sessions could not be deleted", func() error { return st.Sessions().Sweep(time.Now()) })
}

// keepUploads is for how long an upload waits for a record that names it.
const keepUploads = 48 * time.Hour

// exists tells whether a file is there.
func exists(path string) bool { _, err := os.Stat(path); return err == nil }
