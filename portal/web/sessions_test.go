package web_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"testing"

	"gongkai/portal/web"
	"gongkai/store"
)

// TestSessionsTogether: of two requests of one person at the same time neither undoes what
// the other put into the session, and a session that is ended stays ended.
func TestSessionsTogether(t *testing.T) {
	t.Parallel()
	st, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	m, with := web.Tracked(st.Sessions)
	began, rest := make(chan bool), make(chan bool)
	mux := http.NewServeMux()
	mux.HandleFunc("/put", func(_ http.ResponseWriter, r *http.Request) {
		m.Put(r.Context(), r.FormValue("key"), r.FormValue("value"))
	})
	mux.HandleFunc("/take", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, m.PopString(r.Context(), r.FormValue("key")))
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		if k := r.FormValue("key"); k != "" {
			m.Put(r.Context(), k, "slow")
		}
		began <- true
		<-rest
	})
	mux.HandleFunc("/end", func(_ http.ResponseWriter, r *http.Request) { m.Destroy(r.Context()) })
	mux.HandleFunc("/renew", func(_ http.ResponseWriter, r *http.Request) { m.RenewToken(r.Context()) })
	h := httptest.NewServer(with(mux))
	t.Cleanup(h.Close)
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	get := func(path string) string {
		r, err := browser.Get(h.URL + path)
		if err != nil {
			t.Error(err)
			return ""
		}
		defer r.Body.Close()
		b, _ := io.ReadAll(r.Body)
		return string(b)
	}
	// during runs what is asked while a slow request is under way.
	during := func(slow string, asked ...string) {
		done := make(chan bool)
		go func() { get(slow); close(done) }()
		<-began
		for _, path := range asked {
			get(path)
		}
		rest <- true
		<-done
	}
	holds := func(when, key, want string) {
		t.Helper()
		if got := get("/take?key=" + key); got != want {
			t.Errorf("%s: %s is %q, want %q", when, key, got, want)
		}
	}
	get("/put?key=a&value=1")
	during("/slow", "/put?key=b&value=2", "/take?key=a")
	holds("put while another request only reads", "b", "2")
	holds("taken while another request only reads", "a", "")
	during("/slow?key=c", "/put?key=b&value=3")
	holds("put while another request puts something else", "b", "3")
	holds("put by the slow one", "c", "slow")
	for _, end := range []string{"/end", "/renew"} {
		get("/put?key=a&value=1")
		during("/slow?key=c", end)
		// The slow one's answer may have set its own cookie again: it leads nowhere.
		if all, err := st.Sessions.All(); err != nil || len(all) != map[string]int{"/end": 0, "/renew": 1}[end] {
			t.Errorf("after %s: %d sessions, %v", end, len(all), err)
		}
	}
}
