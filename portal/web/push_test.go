package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/machines"
)

var machineSecret = regexp.MustCompile(`<code id="secret">([^<]+)</code>`)

// send makes a request with a key.
func (s *site) send(t *testing.T, method, path, key, idempotency, kind string, body io.Reader) reply {
	t.Helper()
	req, err := http.NewRequest(method, s.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	if idempotency != "" {
		req.Header.Set("Idempotency-Key", idempotency)
	}
	req.Header.Set("Content-Type", kind)
	return s.browser(t).do(req)
}

// TestKeysHandDraftsIn: a key makes a draft once, however often the request comes, attaches a
// file and hands it in; a reviewer publishes it; a key without the scope, for another body, of
// a wrong secret, revoked or expired does nothing.
func TestKeysHandDraftsIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	admin := s.signedIn(t, "admin")
	newKey := func(f url.Values) string {
		t.Helper()
		r := admin.post("/desk/machines/keys", f)
		m := machineSecret.FindStringSubmatch(r.body)
		if r.code != 200 || m == nil {
			t.Fatalf("making a key: %d", r.code)
		}
		if again := admin.get("/desk/machines"); strings.Contains(again.body, m[1]) {
			t.Error("the secret is shown twice")
		}
		return m[1]
	}
	if r := admin.post("/desk/machines/keys", url.Values{"name": {"水务公文"}, "days": {"9999"}}); r.code != 422 || !strings.Contains(r.body, "水务公文") {
		t.Errorf("a key without bodies: %d", r.code)
	}
	full := newKey(url.Values{"name": {"水务公文"}, "organs": {"water"}, "scopes": {"drafts", "submit"}, "days": {"10"}})
	narrow := newKey(url.Values{"name": {"只写草稿"}, "organs": {"water"}, "scopes": {"drafts"}, "days": {"10"}})
	body := `{"organ":"water","title":"貔貅水厂检修通知","body":"检修一天。","theme":"06","genre":"notice","item":"1","formed":"2026-11-20"}`
	const js = "application/json"
	for key, code := range map[string]int{"": 401, "gk_x_y": 401, full + "x": 401, "Basic": 401} {
		if r := s.send(t, "POST", "/api/v1/drafts", key, "", js, strings.NewReader(body)); r.code != code || r.header.Get("WWW-Authenticate") == "" {
			t.Errorf("with %q: %d", key, r.code)
		}
	}
	for bad, field := range map[string]string{`{"organ":"civil-affairs","title":"x"}`: "", `{"organ":"water"}`: "title", `{"organ":"water","title":"x","formed":"2026-02-30"}`: "formed", `{"organ":"water","title":"x","nonsense":1}`: "", `{}{}`: "", `[`: ""} {
		if r := s.send(t, "POST", "/api/v1/drafts", full, "", js, strings.NewReader(bad)); r.code != 422 && r.code != 403 || !strings.Contains(r.body, field) {
			t.Errorf("%s: %d %s", bad, r.code, r.body)
		}
	}
	var first struct{ ID, State string }
	for i, want := range []int{201, 200, 200} {
		r := s.send(t, "POST", "/api/v1/drafts", full, "request-0001", js, strings.NewReader(body))
		var d struct{ ID, State string }
		if err := json.Unmarshal([]byte(r.body), &d); err != nil || r.code != want || i > 0 && d.ID != first.ID {
			t.Fatalf("request %d: %d %s", i, r.code, r.body)
		}
		first = d
	}
	if r := s.send(t, "POST", "/api/v1/drafts", full, "request-0001", js, strings.NewReader(strings.Replace(body, "一天", "两天", 1))); r.code != 409 {
		t.Errorf("the same name with other content: %d", r.code)
	}
	at := "/api/v1/drafts/" + first.ID
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	w, err := m.CreateFormFile("files", "方案.txt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("检修方案：先停泵。")); err != nil {
		t.Fatal(err)
	}
	m.Close()
	if r := s.send(t, "POST", at+"/files", full, "", m.FormDataContentType(), &form); r.code != 200 || !strings.Contains(r.body, "方案.txt") {
		t.Fatalf("a file: %d %s", r.code, r.body)
	}
	if r := s.send(t, "POST", at+"/submit", narrow, "", js, nil); r.code != 403 {
		t.Errorf("handing in without the scope: %d", r.code)
	}
	for range 2 {
		if r := s.send(t, "POST", at+"/submit", full, "", js, nil); r.code != 200 || !strings.Contains(r.body, `"state":"submitted"`) {
			t.Fatalf("handing in: %d %s", r.code, r.body)
		}
	}
	if r := s.browser(t).get("/api/v1/documents?organ=water&size=100"); strings.Contains(r.body, "貔貅水厂") {
		t.Error("a key has published something")
	}
	reviewer := s.signedIn(t, "reviewer")
	draft := reviewer.get("/desk/drafts/" + first.ID)
	if r := reviewer.post("/desk/drafts/"+first.ID+"/approve", url.Values{"revision": {revision(t, draft.body)}, "basis": {"x"}}); r.code != 303 {
		t.Errorf("reviewing: %d %s", r.code, r.body)
	}
	for _, r := range []reply{s.send(t, "POST", "/api/v1/drafts", full, "request-0001", js, strings.NewReader(body)), s.send(t, "GET", at, full, "", js, nil)} {
		if r.code != 200 || !strings.Contains(r.body, `"state":"released"`) || !strings.Contains(r.body, `"id":"`+first.ID+`"`) || !strings.Contains(r.body, `"document":"Q`) {
			t.Errorf("once it is public: %d %s", r.code, r.body)
		}
	}
	if log := admin.get("/desk/audit").body; !strings.Contains(log, "key:") || strings.Contains(log, full) {
		t.Error("the log does not name the key, or tells its secret")
	}
	id := strings.Split(narrow, "_")[1]
	if r := admin.post("/desk/machines/keys/"+id+"/revoke", nil); r.code != 303 {
		t.Fatalf("revoking: %d", r.code)
	}
	if r := s.send(t, "GET", at, narrow, "", js, nil); r.code != 401 {
		t.Errorf("a key that was revoked: %d", r.code)
	}
	s.set(s.clock().AddDate(0, 0, 11))
	if r := s.send(t, "GET", at, full, "", js, nil); r.code != 401 {
		t.Errorf("a key that has expired: %d", r.code)
	}
	if strings.Contains(s.log.String(), full) {
		t.Error("the log tells the secret")
	}
}

// TestHooks: a hook is told of what is published, corrected and withdrawn from then on, once
// each, in order and signed; while it fails nothing is lost, and it ends after many tries.
func TestHooks(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	var mu sync.Mutex
	var got []machines.Event
	status, secret := 200, ""
	to := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var e machines.Event
		if err := json.Unmarshal(body, &e); err != nil || r.Header.Get("X-Signature") != machines.Sign(secret, body) {
			t.Errorf("%s signed %q: %v", body, r.Header.Get("X-Signature"), err)
		}
		if status == 200 {
			got = append(got, e)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(to.Close)
	post := func(ctx context.Context, address, signature, id string, body []byte) (int, error) {
		req, err := http.NewRequestWithContext(ctx, "POST", address, bytes.NewReader(body))
		if err != nil {
			return 0, err
		}
		req.Header.Set("X-Signature", signature)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, err
		}
		resp.Body.Close()
		return resp.StatusCode, nil
	}
	tell := func() {
		t.Helper()
		if _, err := s.areas.Machines.Tell(t.Context(), "https://open.example", post); err != nil {
			t.Fatal(err)
		}
	}
	admin := s.signedIn(t, "admin")
	if r := admin.post("/desk/machines/hooks", url.Values{"url": {"ftp://x"}}); r.code != 422 || !strings.Contains(r.body, "ftp://x") {
		t.Errorf("an address that is none: %d", r.code)
	}
	r := admin.post("/desk/machines/hooks", url.Values{"url": {to.URL + "/in"}, "kind": {"document"}})
	m := machineSecret.FindStringSubmatch(r.body)
	if r.code != 200 || m == nil {
		t.Fatalf("adding: %d", r.code)
	}
	secret = m[1]
	tell()
	if len(got) != 0 {
		t.Fatalf("told of what was there before: %+v", got)
	}
	key := s.publish(t, "麒麟水厂通知", "一")
	tell()
	tell()
	mu.Lock()
	if len(got) != 1 || got[0].Event != "published" || got[0].Record != key.ID || !strings.HasPrefix(got[0].URL, "https://open.example/documents/") {
		t.Fatalf("told %+v", got)
	}
	status = 500
	mu.Unlock()
	s.publish(t, "麒麟水厂通知二", "二")
	if _, err := s.docs.Withdraw(t.Context(), portal.System("t"), documents.DocumentID(key.ID), portal.Latest, "有误"); err != nil {
		t.Fatal(err)
	}
	tell()
	tell() // it is not yet time
	mu.Lock()
	status = 200
	mu.Unlock()
	s.set(s.clock().Add(2 * time.Minute))
	tell()
	mu.Lock()
	if len(got) != 3 || got[1].Title != "麒麟水厂通知二" || got[2].Event != "withdrawn" || got[2].Reason != "有误" {
		t.Errorf("after failing: %+v", got)
	}
	status = 404
	mu.Unlock()
	s.publish(t, "麒麟水厂通知三", "三")
	for range 20 {
		s.set(s.clock().Add(7 * time.Hour))
		tell()
	}
	admin = s.signedIn(t, "admin")
	page := admin.get("/desk/machines").body
	if !strings.Contains(page, "恢复") || !strings.Contains(page, "404") {
		t.Error("a hook that failed for days goes on")
	}
	hooks, err := s.areas.Machines.Hooks.All(t.Context(), nil)
	if err != nil || len(hooks) != 1 {
		t.Fatal(err, len(hooks))
	}
	mu.Lock()
	status = 200
	mu.Unlock()
	if r := admin.post("/desk/machines/hooks/"+hooks[0].ID+"/on", nil); r.code != 303 {
		t.Fatalf("beginning again: %d", r.code)
	}
	tell()
	mu.Lock()
	defer mu.Unlock()
	if len(got) != 4 || got[3].Title != "麒麟水厂通知三" {
		t.Errorf("after beginning again: %+v", got)
	}
}
