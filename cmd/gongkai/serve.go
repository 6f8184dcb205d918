package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/demo"
	"gongkai/portal/web"
	"gongkai/search"
	"gongkai/store"
)

// serveCommand starts the portal.
type serveCommand struct {
	dataFlag
	Addr      string `help:"Address to listen on." default:"127.0.0.1:8080"`
	AdminAddr string `help:"Address for metrics and for the commands that talk to a running portal. It must not be reachable from outside." default:"127.0.0.1:8081"`
	BasePath  string `help:"Path below which the portal lies, such as /xxgk."`
	Origin    string `help:"Scheme and host that readers use, such as https://www.example.gov.cn; by default those of the request."`
	Proxy     bool   `help:"The portal stands behind a reverse proxy on this machine or a private network."`
	Secure    bool   `help:"Readers come over TLS: cookies are sent over TLS only."`
	Zone      string `help:"Time zone in which days are counted." default:"Asia/Shanghai"`
	SiteZH    string `help:"Name of the portal in Chinese." default:"政府信息公开"`
	SiteEN    string `help:"Name of the portal in English." default:"Open Government Information"`
	Log       string `help:"What to log: debug, info, warn or error." default:"info" enum:"debug,info,warn,error"`
	Demo      bool   `help:"Fill an empty portal with a demonstration city; the data lies in gongkai-demo unless --data says otherwise."`
}

// argon2Params follow the recommendation of RFC 9106 for little memory.
var argon2Params = &argon2id.Params{Memory: 64 * 1024, Iterations: 3, Parallelism: 2, SaltLength: 16, KeyLength: 32}

func newPeople(st *store.Store, w portal.Clockwork) portal.People {
	return portal.People{Clockwork: w, Store: st,
		Hash:  func(p string) (string, error) { return argon2id.CreateHash(p, argon2Params) },
		Match: argon2id.ComparePasswordAndHash}
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
	}
	if c.getenv("GOGC") == "" {
		debug.SetGCPercent(200) // a portal is small; answers matter more than memory
	}
	// Listening comes first: a port that is taken is known before the data
	// is touched.
	ln, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", s.Addr, err)
	}
	defer ln.Close()
	st, err := store.Open(s.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	calendar := clock.China()
	w := portal.Clockwork{Now: func() time.Time { return time.Now().In(loc) }, Calendar: func() *clock.Calendar { return calendar }}
	people := newPeople(st, w)
	if s.Demo {
		if err := demo.Fill(st, people, w.Now(), calendar); err != nil {
			return err
		}
	}
	index, err := search.Open(filepath.Join(s.Data, "index"), st, log)
	if err != nil {
		return err
	}
	defer index.Close()
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	srv, err := web.New(web.Config{Store: st, Search: index, Sessions: st.Sessions(), Clockwork: w, Log: log, BasePath: s.BasePath,
		Documents: portal.Documents{Clockwork: w, Store: st}, Cases: portal.Cases{Clockwork: w, Store: st}, People: people,
		SiteName: portal.Text{ZH: s.SiteZH, EN: s.SiteEN}, Origin: strings.TrimRight(s.Origin, "/"), Proxy: s.Proxy, Secure: s.Secure, Demo: s.Demo, Metrics: reg})
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
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if err := st.Sessions().Sweep(time.Now()); err != nil {
			log.Error("expired sessions could not be deleted", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// exists tells whether a file is there.
func exists(path string) bool { _, err := os.Stat(path); return err == nil }
