package main

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"gongkai/portal"
	"gongkai/portal/reports"
	"gongkai/search"
	"gongkai/store"
)

// admin is the second listener of a running portal: metrics for whoever
// reaches it, and backup and reindex for whoever can read the data folder,
// where the token lies.
type admin struct {
	address string
	path    string
	http    *http.Server
}

// adminFile tells commands how to reach the running portal.
type adminFile struct {
	Address string `json:"address"`
	Token   string `json:"token"`
}

const adminFileName = "admin.json"

func openAdmin(address, dir string, st *store.Store, index *search.Index, annual reports.Reports, reg *prometheus.Registry, log *slog.Logger) (*admin, error) {
	ln, err := net.Listen("tcp", address)
	if err != nil { // a second portal on one machine
		host, _, splitErr := net.SplitHostPort(address)
		if splitErr != nil {
			return nil, splitErr
		}
		log.Warn("the admin address is taken; another port is used", "address", address)
		if ln, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
			return nil, err
		}
	}
	f := adminFile{Address: ln.Addr().String(), Token: rand.Text()}
	b, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	a := &admin{address: f.Address, path: filepath.Join(dir, adminFileName)}
	if err := os.WriteFile(a.path, b, 0o600); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	guarded := func(h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+f.Token)) == 0 {
				http.Error(w, "not allowed", http.StatusForbidden)
				return
			}
			h(w, r)
		}
	}
	mux.HandleFunc("POST /backup", guarded(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Complete")
		if err := st.Backup(r.Context(), w); err != nil {
			log.Error("backup failed", "error", err)
			return
		}
		w.Header().Set("X-Complete", "yes")
	}))
	mux.HandleFunc("POST /report", guarded(func(w http.ResponseWriter, r *http.Request) {
		year, err := strconv.Atoi(r.FormValue("year"))
		if err != nil || year < reports.FirstYear || year > reports.LastYear {
			http.Error(w, "no such year", http.StatusBadRequest)
			return
		}
		file, err := annualReport(r.Context(), annual, portal.OrganCode(r.FormValue("organ")), year, r.FormValue("format"), r.FormValue("draft") == "true")
		if e, told := errors.AsType[*exitError](err); told {
			http.Error(w, e.Error(), http.StatusNotFound)
			return
		}
		if err != nil {
			log.Error("a report could not be written", "error", err)
			http.Error(w, "the report could not be written; see the log", http.StatusInternalServerError)
			return
		}
		if _, err := w.Write(file); err != nil {
			log.Error("a report could not be sent", "error", err)
		}
	}))
	mux.HandleFunc("POST /reindex", guarded(func(w http.ResponseWriter, r *http.Request) {
		if err := index.Rebuild(r.Context()); err != nil {
			log.Error("reindex failed", "error", err)
			http.Error(w, "the index could not be rebuilt; see the log", http.StatusInternalServerError)
		}
	}))
	mux.HandleFunc("POST /check", guarded(func(w http.ResponseWriter, r *http.Request) {
		d, err := index.Check(r.Context(), true)
		if err != nil {
			log.Error("the index could not be checked", "error", err)
			http.Error(w, "the index could not be checked; see the log", http.StatusInternalServerError)
			return
		}
		if err := json.NewEncoder(w).Encode(d); err != nil {
			log.Error("the result of a check could not be sent", "error", err)
		}
	}))
	a.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := a.http.Serve(ln); err != http.ErrServerClosed {
			log.Error("the admin listener stopped", "error", err)
		}
	}()
	return a, nil
}

func (a *admin) close() {
	_ = a.http.Close()    // the portal is stopping; nobody waits for it
	_ = os.Remove(a.path) // a file left behind is overwritten at the next start
}

// askRunning asks the portal that runs on a data folder to do something.
func askRunning(c *console, dir, what string) (*http.Response, error) {
	b, err := os.ReadFile(filepath.Join(dir, adminFileName))
	if err != nil {
		return nil, fmt.Errorf("the data is in use, but no running portal has said how to reach it: %w", err)
	}
	var f adminFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(c.ctx, http.MethodPost, "http://"+f.Address+"/"+what, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+f.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking the running portal: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1000)) // for the message only
		resp.Body.Close()
		return nil, fmt.Errorf("the running portal refused: %s", text)
	}
	return resp, nil
}
