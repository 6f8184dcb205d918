package main

import (
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"gongkai/cmd/wire"
	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clamav"
	"gongkai/portal/demo"
	"gongkai/portal/extract"
	"gongkai/portal/mail"
	"gongkai/portal/people"
	"gongkai/portal/redact"
	"gongkai/portal/web"
	"gongkai/search"
	"gongkai/store"
)

// parts are a portal that runs.
type parts struct {
	store   *store.Store
	index   *search.Index
	areas   wire.Areas
	server  *web.Server
	sender  *mail.Sender // nil where no mail is sent
	metrics *prometheus.Registry
	log     *slog.Logger
}

func (p *parts) close() {
	if err := p.index.Close(); err != nil {
		p.log.Error("closing the index", "error", err)
	}
}

// assemble makes a portal over an open store.
func (s *serveCommand) assemble(c *console, st *store.Store, loc *time.Location, log *slog.Logger, ln net.Listener) (*parts, error) {
	now := func() time.Time { return time.Now().In(loc) }
	notices := &cases.Notices{Now: now, Store: st.ForNotices()}
	if err := notices.Load(c.ctx); err != nil {
		return nil, err
	}
	w := portal.Clockwork{Now: now, Calendar: notices.Calendar}
	accounts := newPeople(st, w)
	for _, r := range s.SecondFactor {
		accounts.SecondFor = append(accounts.SecondFor, portal.Role(r))
	}
	if s.Demo {
		if err := demo.Fill(c.ctx, wire.Demo(st), accounts, w.Now(), w.Calendar(), s.DemoScale); err != nil {
			return nil, err
		}
	}
	p := &parts{store: st, areas: wire.Over(st, w), metrics: prometheus.NewRegistry(), log: log}
	p.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	var err error
	if p.index, err = search.Open(filepath.Join(s.Data, "index"), st.ForSearch(), log); err != nil {
		return nil, err
	}
	if err := s.complete(c, p, w, accounts, notices, ln); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// complete makes the server of a portal whose index is open.
func (s *serveCommand) complete(c *console, p *parts, w portal.Clockwork, accounts people.People, notices *cases.Notices, ln net.Listener) error {
	vocabulary, err := p.store.Searches.Vocabulary(c.ctx)
	if err != nil {
		return err
	}
	p.index.SetVocabulary(vocabulary)
	if err := p.areas.Searches.Flush(c.ctx); err != nil { // reads what is searched often
		return err
	}
	if s.Origin == "" && s.Demo {
		s.Origin = "http://" + ln.Addr().String()
	}
	if p.sender, err = s.mail(p.store, w, p.log); err != nil {
		return &exitError{2, err}
	}
	def, err := s.masthead()
	if err != nil {
		return &exitError{2, err}
	}
	config := web.Config{Search: p.index, Log: p.log, BasePath: s.BasePath, People: accounts, Notices: notices, Default: def,
		Origin: strings.TrimRight(s.Origin, "/"), Secure: s.Secure, Demo: s.Demo, Dumps: filepath.Join(s.Data, "dumps"), Metrics: p.metrics}
	if p.sender != nil {
		config.Alerts, p.areas.Cases.Outbox = &p.areas.Alerts, p.store.Outbox
	}
	limitMemory(c.getenv)
	if config.Free, err = networks(s.Free); err != nil {
		return &exitError{2, err}
	}
	if config.Proxies, err = networks(s.Proxy); err != nil {
		return &exitError{2, err}
	}
	if s.Clamd != "" {
		if config.Scanner, err = clamav.New(s.Clamd); err != nil {
			return &exitError{2, err}
		}
	}
	pool, err := s.children(c.ctx, p.log)
	if err != nil {
		return &exitError{2, err}
	}
	config.Reader, config.Redactor = extract.Reader{Pool: pool, OCR: s.recogniser(c.ctx, p.log)}, redact.Redactor{Pool: pool}
	p.areas.Documents.Masker = web.Masker{Clockwork: w, Redactor: config.Redactor, Reader: config.Reader, Files: p.store.Files}
	p.server, err = web.New(c.ctx, p.areas.Config(p.store, w, config))
	return err
}
