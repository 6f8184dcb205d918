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
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/trustelem/zxcvbn"

	"gongkai/portal"
	"gongkai/portal/demo"
	"gongkai/portal/extract"
	"gongkai/portal/locale"
	"gongkai/portal/mail"
	"gongkai/portal/masthead"
	"gongkai/portal/people"
	"gongkai/portal/sandbox"
	"gongkai/portal/second"
	"gongkai/portal/web/account"
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
	Free           []string `help:"Networks that may read as often as they like, such as those of your own crawlers: 10.0.0.0/8."`
	Secure         bool     `help:"Readers come over TLS: cookies are sent over TLS only."`
	Zone           string   `help:"Time zone in which days are counted." default:"Asia/Shanghai"`
	SiteZH         string   `help:"Name of the portal in Chinese." default:"政府信息公开"`
	SiteEN         string   `help:"Name of the portal in English." default:"Open Government Information"`
	Languages      string   `help:"A folder with a file for each language besides Chinese and English, such as bo.json: docs/operations.md." type:"path"`
	Masthead       string   `help:"A file with the masthead of a portal whose masthead nobody has set on its page: JSON, docs/operations.md." type:"path"`
	Log            string   `help:"What to log: debug, info, warn or error." default:"info" enum:"debug,info,warn,error"`
	SMTPAddr       string   `name:"smtp-addr" help:"Host and port of the mail server; without it and --mail-dir no mail is sent, and e-mail alerts are not offered."`
	SMTPTLS        string   `name:"smtp-tls" help:"How mail is encrypted on its way to the server: required (STARTTLS), optional, implicit or none." default:"required" enum:"required,optional,implicit,none"`
	SMTPUser       string   `name:"smtp-user" help:"Name to sign in to the mail server."`
	SMTPPass       string   `name:"smtp-password-file" help:"File with the password for the mail server." type:"path"`
	MailFrom       string   `help:"Address that mail comes from."`
	MailDir        string   `help:"Write mail into this folder instead of sending it. The demonstration does so." type:"path"`
	Quota          int      `help:"Megabytes that uploads may take together; 0 for as much as the disk has."`
	Clamd          string   `help:"Address of ClamAV's clamd, such as unix:/run/clamav/clamd.ctl or 127.0.0.1:3310: each upload is looked at first."`
	Tesseract      string   `help:"The program that reads the text in scans, with the language chi_sim; none for none. What is not installed is not used." default:"tesseract"`
	ExtractMemory  int      `help:"Megabytes of memory that a child may use that reads a file." default:"400"`
	ExtractSeconds int      `help:"Seconds of the processor that it may use." default:"10"`
	ExtractAtOnce  int      `help:"Files that are read at the same time." default:"2"`
	SecondFactor   []string `help:"Roles that need a second factor to sign in: administrator, editor, reviewer, handler, head, clerk, overseer." enum:"administrator,editor,reviewer,handler,head,clerk,overseer"`
	Demo           bool     `help:"Fill an empty portal with a demonstration city; the data lies in gongkai-demo unless --data says otherwise."`
	DemoScale      int      `help:"Of the demonstration's letters and calls, one in so many; 1 makes all of a year, 84,000." default:"50"`
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
	return people.People{Clockwork: w, Store: st.ForPeople(), Guard: &people.Guard{}, Codes: second.Codes{Issuer: "Gongkai"}, Common: common,
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
	if s.Languages != "" {
		if err := locale.AddFrom(s.Languages); err != nil {
			return &exitError{2, err}
		}
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
	p, err := s.assemble(c, st, loc, log, ln)
	if err != nil {
		return err
	}
	defer p.close()
	admin, err := openAdmin(s.AdminAddr, s.Data, st, p.index, p.areas.Reports, p.metrics, log)
	if err != nil {
		return err
	}
	defer admin.close()

	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	wait := p.background(ctx)
	if err := s.greet(c, st, ln.Addr().String()); err != nil {
		return err
	}
	h := p.server.HTTP()
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(p.server.Front(ln)) }()
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
	wait()
	if e := p.areas.Searches.Flush(c.ctx); e != nil {
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

// networks reads addresses and networks.
func networks(list []string) ([]*net.IPNet, error) {
	var out []*net.IPNet
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if a, e := netip.ParseAddr(s); e == nil {
			p, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("%q is no address or network such as 10.0.0.0/8", s)
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

// recogniser reads the text in pictures; nil where the program or its Chinese is not
// installed.
func (s *serveCommand) recogniser(ctx context.Context, log *slog.Logger) *extract.Recogniser {
	if s.Tesseract == "none" {
		return nil
	}
	path, err := exec.LookPath(s.Tesseract)
	if err != nil {
		log.Info("tesseract is not installed: the text in scans is not read")
		return nil
	}
	out, err := exec.CommandContext(ctx, path, "--list-langs").CombinedOutput()
	if has := strings.Fields(string(out)); err != nil || !slices.Contains(has, "chi_sim") {
		log.Warn("tesseract has no chi_sim: the text in scans is not read", "error", err)
		return nil
	}
	r := &extract.Recogniser{Languages: "chi_sim"}
	r.Pool = &sandbox.Pool{Limits: r.Limits(), Command: []string{path}}
	return r
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
	return &mail.Sender{Config: c, Outbox: st.Outbox, Now: w.Now, Log: log}, nil
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
	people, err := st.People.People(c.ctx)
	if err != nil || len(people) > 0 {
		return err
	}
	token, err := st.Secrets.Secret(c.ctx, account.SetupSecret, func() []byte { return []byte(rand.Text()) })
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "\nThere is no account yet. Make the first administrator at this one-time link:\n  %ssetup/%s\n\n", home, token)
	return nil
}

// exists tells whether a file is there.
func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// masthead is what a portal presents itself with whose masthead nobody has set: what a file
// says, else its name, and in the demonstration what a city would show.
func (s *serveCommand) masthead() (masthead.Masthead, error) {
	if s.Masthead != "" {
		b, err := os.ReadFile(s.Masthead)
		if err != nil {
			return masthead.Masthead{}, err
		}
		m, err := masthead.Read(b)
		if err != nil {
			return masthead.Masthead{}, fmt.Errorf("%s: %w", s.Masthead, err)
		}
		return *m, nil
	}
	m := masthead.Masthead{Name: portal.Text{ZH: s.SiteZH, EN: s.SiteEN}}
	if s.Demo {
		m.Sponsor = portal.Text{ZH: "清河市人民政府办公室", EN: "General Office of the Qinghe Municipal Government"}
		m.Address = portal.Text{ZH: "清河市示范大道1号", EN: "1 Shifan Avenue, Qinghe"}
		m.Telephone, m.SiteCode, m.ICP, m.Police = "0000-8800100", "0000000001", "演ICP备00000000号", "演公网安备 00000000000000号"
	}
	return m, nil
}
