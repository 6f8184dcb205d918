package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gongkai/cmd/wire"
	"gongkai/store/storetest"

	"github.com/PuerkitoBio/goquery"
	"github.com/mmcdole/gofeed"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/demo"
	"gongkai/portal/documents"
	"gongkai/portal/locale"
	"gongkai/portal/masthead"
	"gongkai/portal/people"
	"gongkai/portal/portaltest"
	"gongkai/portal/searches"
	"gongkai/portal/second"
	"gongkai/portal/web"
	"gongkai/search"
	"gongkai/store"
)

// testNow is the time at which the tests take place: Friday 20 November
// 2026, 10:00 in Shanghai.
var testNow = time.Date(2026, 11, 20, 10, 0, 0, 0, time.FixedZone("CST", 8*3600))

// site is a portal over a real store and a real index, with the
// demonstration city in it.
type site struct {
	st    *store.Store
	index *search.Index
	srv   *web.Server
	log   *strings.Builder
	url   string

	docs     documents.Documents
	areas    wire.Areas
	searches *searches.Searches
	alerts   alerts.Alerts
	now      time.Time
	mu       sync.Mutex
}

func (s *site) set(now time.Time) { s.mu.Lock(); s.now = now; s.mu.Unlock() }

// clock is the portal's time.
func (s *site) clock() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.now }

func newSite(t testing.TB, base string, origin ...string) *site {
	return makeSite(t, true, base, origin...)
}

// newEmptySite is a portal that nobody has used yet.
func newEmptySite(t testing.TB) *site { return makeSite(t, false, "") }

// password is a demonstration account's.
func password(login string) string {
	for _, a := range demo.Accounts() {
		if string(a.Person.Login) == login {
			return a.Password
		}
	}
	return ""
}

func makeSite(t testing.TB, filled bool, base string, origin ...string) *site {
	t.Helper()
	dir := t.TempDir()
	if filled {
		made, err := filledCity()
		if err == nil {
			err = os.CopyFS(dir, os.DirFS(made))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return siteIn(t, dir, filled, base, origin...)
}

// filledCity is a data folder with the demonstration city and its index, made once
// and copied for each test.
var filledCity = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gongkai-city-")
	if err != nil {
		return "", err
	}
	city = dir
	st, err := store.Open(dir)
	if err != nil {
		return "", err
	}
	w := portal.Clockwork{Now: func() time.Time { return testNow }, Calendar: clock.China}
	if err := demo.Fill(context.Background(), wire.Demo(st), quickPeople(st, w), testNow, clock.China(), 500); err != nil {
		return "", err
	}
	x, err := search.Open(filepath.Join(dir, "index"), st.ForSearch(), slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	return dir, errors.Join(x.CatchUp(context.Background()), x.Close(), st.Close())
})

// quickPeople hash passwords at once: doing it slowly is the library's business.
func quickPeople(st *store.Store, w portal.Clockwork) people.People {
	return people.People{Clockwork: w, Store: st.ForPeople(), Guard: &people.Guard{}, Codes: second.Codes{Issuer: "Gongkai"}, Hash: func(p string) (string, error) { return "hash:" + p, nil }, Match: func(p, h string) (bool, error) { return h == "hash:"+p, nil }}
}

// siteIn is a portal whose data lies in a folder.
func siteIn(t testing.TB, dir string, filled bool, base string, origin ...string) *site {
	t.Helper()
	s := &site{now: testNow, log: &strings.Builder{}}
	var err error
	if s.st, err = store.Open(dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.st.Close() })
	cal := clock.China()
	now := func() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.now }
	notices := &cases.Notices{Now: now, Store: s.st.ForNotices()}
	if err := notices.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := portal.Clockwork{Now: now, Calendar: notices.Calendar}
	accounts := quickPeople(s.st, w)
	if filled {
		if err := demo.Fill(t.Context(), wire.Demo(s.st), accounts, s.now, cal, 500); err != nil {
			t.Fatal(err)
		}
	}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if s.index, err = search.Open(filepath.Join(dir, "index"), s.st.ForSearch(), log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.index.Close() })
	s.catchUp(t)
	areas := wire.Over(s.st, w)
	areas.Documents.Masker = web.Masker{Clockwork: w, Redactor: portaltest.Redactor(t), Reader: portaltest.Reader(t), Files: s.st.Files}
	s.areas, s.searches, s.alerts, s.docs = areas, areas.Searches, areas.Alerts, areas.Documents
	s.srv, err = web.New(t.Context(), areas.Config(s.st, w, web.Config{Notices: notices, Alerts: &s.alerts, Reader: portaltest.Reader(t), Redactor: portaltest.Redactor(t), Origin: strings.Join(origin, ""), Search: s.index, Log: log, BasePath: base,
		People: accounts, Default: masthead.Masthead{Name: portal.Text{ZH: "清河市政府信息公开", EN: "Qinghe Open Government"}, SiteCode: "0000000001"}, Demo: true, Dumps: filepath.Join(dir, "dumps")}))
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s.srv)
	t.Cleanup(h.Close)
	s.url = h.URL + base
	return s
}

func (s *site) catchUp(t testing.TB) {
	t.Helper()
	if err := s.index.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// browser keeps cookies and follows no redirects.
type browser struct {
	t testing.TB
	s *site
	c *http.Client

	accept string // what it asks for; "" for what browsers do
}

func (s *site) browser(t testing.TB) *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{t: t, s: s, c: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (s *site) signedIn(t testing.TB, login string) *browser {
	t.Helper()
	b := s.browser(t)
	for _, a := range demo.Accounts() {
		if string(a.Person.Login) == login {
			if r := b.post("/desk/sign-in", url.Values{"login": {login}, "password": {a.Password}}); r.code != 303 {
				t.Fatalf("signing in as %s: %d %s", login, r.code, r.body)
			}
		}
	}
	return b
}

type reply struct {
	code   int
	body   string
	header http.Header
}

func (b *browser) do(req *http.Request) reply {
	b.t.Helper()
	if b.accept != "" {
		req.Header.Set("Accept", b.accept)
	}
	resp, err := b.c.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{resp.StatusCode, string(body), resp.Header}
}

func (b *browser) get(path string) reply {
	b.t.Helper()
	req, err := http.NewRequest("GET", b.s.url+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(req)
}

func (b *browser) post(path string, form url.Values) reply {
	b.t.Helper()
	req, err := http.NewRequest("POST", b.s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(req)
}

// publicPages are pages of every kind, with a text that each must show in
// Chinese and in English.
func publicPages(s *site) [][3]string {
	doc := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Page: 1, Size: 1}).Rows[0]
	power := s.st.Catalogue.Browse(portal.Browse{Kind: "power", Page: 1, Size: 1}).Rows[0]
	report := s.st.Catalogue.Browse(portal.Browse{Kind: "report", Page: 1, Size: 1}).Rows[0]
	answer := s.st.Catalogue.Browse(portal.Browse{Kind: "answer", Page: 1, Size: 1}).Rows[0]
	return [][3]string{
		{"/", "查找政府信息", "Find government information"},
		{"/search?q=" + url.QueryEscape("低保"), "找到", "found"},
		{"/search?q=" + url.QueryEscape("龘靐齉爩"), "没有找到", "Nothing was found"},
		{"/catalogue", "政府信息公开目录", "Disclosure catalogue"},
		{"/catalogue?theme=17&sort=title&page=1", "民政、扶贫、救灾", "Civil affairs"},
		{"/documents/" + doc.ID, doc.Title, doc.TitleEN},
		{"/organs", "清河市水务局", "Water Affairs Bureau"},
		{"/organs/water", "公开指南", "Disclosure guide"},
		{"/powers", "权责清单", "Powers and duties"},
		{"/powers?type=01", "许可", "Licence"},
		{"/powers/" + power.ID, "设定依据", "Legal basis"},
		{"/reports", "年度报告", "Annual reports"},
		{"/reports/" + report.ID, "总体情况", "published"},
		{"/answers/" + answer.ID, "公开的答复", "Published answer"},
		{"/follow", "订阅", "Follow"},
		{"/deadline", "答复期限计算", "Deadline calculator"},
		{"/deadline?received=2026-09-24&channel=in_person", "2026年10月29日", "29 October 2026"},
		{"/help", "搜索说明", "How to search"},
		{"/apply", "依申请公开", "Apply for information"},
		{"/track", "申请进展查询", "Follow an application"},
		{"/desk/sign-in", "工作人员登录", "Staff sign-in"},
	}
}

func TestEveryPageInBothLanguages(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	for i, lang := range locale.Langs {
		b := s.browser(t)
		for _, p := range publicPages(s) {
			sep := "?"
			if strings.Contains(p[0], "?") {
				sep = "&"
			}
			r := b.get(p[0] + sep + "lang=" + lang)
			if r.code != 200 {
				t.Errorf("%s in %s: status %d", p[0], lang, r.code)
			}
			if !strings.Contains(r.body, p[1+i]) {
				t.Errorf("%s in %s lacks %q", p[0], lang, p[1+i])
			}
			checkPage(t, p[0], lang, r.body)
		}
	}
}

// checkPage checks what must hold for every page.
func checkPage(t *testing.T, path, lang, body string) {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if l, _ := d.Find("html").Attr("lang"); !strings.HasPrefix(l, lang) {
		t.Errorf("%s: language %q, want %q", path, l, lang)
	}
	if n := d.Find("h1").Length(); n != 1 {
		t.Errorf("%s in %s has %d first headings", path, lang, n)
	}
	if d.Find("title").Text() == "" || d.Find("main#main").Length() != 1 {
		t.Errorf("%s has no title or no main part", path)
	}
	if h, _ := d.Find("a.gk-lang").Attr("href"); !strings.Contains(h, "lang=") {
		t.Errorf("%s cannot be had in the other language", path)
	}
	d.Find("input, select, textarea").Each(func(_ int, f *goquery.Selection) {
		typ, _ := f.Attr("type")
		id, _ := f.Attr("id")
		if typ != "hidden" && d.Find(fmt.Sprintf("label[for=%q]", id)).Length() == 0 {
			name, _ := f.Attr("name")
			t.Errorf("%s: the field %q has no label", path, name)
		}
	})
	seen := map[string]bool{}
	d.Find("[id]").Each(func(_ int, f *goquery.Selection) {
		id, _ := f.Attr("id")
		if seen[id] && f.Closest(".gk-body").Length() == 0 {
			t.Errorf("%s: the id %q stands twice", path, id)
		}
		seen[id] = true
	})
	d.Find("[src], link[href]").Each(func(_ int, f *goquery.Selection) {
		for _, a := range []string{"src", "href"} {
			if v, ok := f.Attr(a); ok && strings.HasPrefix(v, "http") && !f.Is("link[rel=canonical], link[hreflang]") {
				t.Errorf("%s asks another site for %s", path, v)
			}
		}
	})
	checkHead(t, path, d)
	if d.Find("[style], script:not([src]):not([type='application/ld+json'])").Length() > 0 {
		t.Errorf("%s holds inline style or script, which its policy forbids", path)
	}
	for _, leak := range []string{"ZgotmplZ", "<no value>", "&lt;nil&gt;", "%!"} {
		if strings.Contains(body, leak) {
			t.Errorf("%s in %s shows %q", path, lang, leak)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	r := s.browser(t).get("/")
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "SAMEORIGIN"} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if csp := r.header.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("policy %q", csp)
	}
	if r.header.Get("Set-Cookie") != "" {
		t.Errorf("a reader gets a cookie: %s", r.header.Get("Set-Cookie"))
	}
}

func TestPagesAreNotSentTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	for _, path := range []string{"/", "/catalogue", "/feed.rss", "/feed.atom", "/feed.json"} {
		tag := b.get(path).header.Get("ETag")
		req, _ := http.NewRequest("GET", s.url+path, nil)
		req.Header.Set("If-None-Match", tag)
		if r := b.do(req); tag == "" || r.code != 304 || r.body != "" {
			t.Errorf("%s with its tag %q: %d, %d bytes", path, tag, r.code, len(r.body))
		}
	}
}

func TestSearchAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	r := s.browser(t).get("/api/v1/search?q=" + url.QueryEscape("公共租赁住房") + "&kind=document&size=3")
	var out struct {
		Total  int
		TookMS *float64 `json:"took_ms"`
		Hits   []map[string]any
		Facets map[string][]struct {
			Code  string
			Count int
		}
	}
	if err := json.Unmarshal([]byte(r.body), &out); err != nil {
		t.Fatal(err)
	}
	if out.Total < 3 || len(out.Hits) != 3 || out.TookMS == nil || len(out.Facets["organ"]) == 0 {
		t.Errorf("answer %s", r.body)
	}
	for _, key := range []string{"kind", "id", "url", "title", "snippet", "organ", "published", "score"} {
		if _, ok := out.Hits[0][key]; !ok {
			t.Errorf("a hit lacks %q", key)
		}
	}
	doc := s.browser(t).get("/api/v1/documents/" + out.Hits[0]["id"].(string))
	if doc.code != 200 || !strings.Contains(doc.body, `"body":`) {
		t.Errorf("document: %d %s", doc.code, doc.body)
	}
	page := s.browser(t).get("/search?size=3&kind=document&q=" + url.QueryEscape("公共租赁住房"))
	if !strings.Contains(page.body, out.Hits[0]["id"].(string)) {
		t.Error("the page does not show what the API found")
	}
	for path, status := range map[string]int{"/api/v1/documents/none": 404, "/api/v1/search?page=0x": 422, "/api/v1/search?size=1000": 422, "/api/v1/nothing": 404, "/api/v1/documents?size=-1": 422} {
		r := s.browser(t).get(path)
		var p struct {
			Type, Title string
			Status      int
		}
		if err := json.Unmarshal([]byte(r.body), &p); err != nil || r.code != status || p.Status != status || p.Title == "" || r.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s %s", path, r.code, r.header.Get("Content-Type"), r.body)
		}
	}
}

func TestDeadlineAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	ask := func(body string) reply {
		req, _ := http.NewRequest("POST", s.url+"/api/v1/deadline", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		return s.browser(t).do(req)
	}
	r := ask(`{"jurisdiction":"CN","events":[{"type":"received","date":"2026-09-24","channel":"in_person"}],"as_of":"2026-09-24"}`)
	var out map[string]any
	if err := json.Unmarshal([]byte(r.body), &out); err != nil {
		t.Fatal(err)
	}
	if out["deadline"] != "2026-10-29" || out["provisional"] != false || out["state"] != "running" || out["working_days_left"] != 20.0 || out["working_days_used"] != 0.0 || len(out["steps"].([]any)) < 20 {
		t.Errorf("answer %s", r.body)
	}
	r = ask(`{"jurisdiction":"CN","events":[{"type":"received","date":"2026-12-24","channel":"in_person"}]}`)
	if !strings.Contains(r.body, `"provisional":true`) {
		t.Errorf("a deadline in 2027 is not provisional: %s", r.body)
	}
	for body, status := range map[string]int{`{"jurisdiction":"CN","events":[{"type":"lost","date":"2026-09-24"}]}`: 422, `{"jurisdiction":"XX","events":[{"type":"received","date":"2026-09-24"}]}`: 422, `{"events":`: 400, `[]`: 400, strings.Repeat(" ", 300<<10): 413} {
		if r := ask(body); r.code != status || r.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.60s: %d %s", body, r.code, r.body)
		}
	}
}

func TestFeeds(t *testing.T) {
	t.Parallel()
	s := newSite(t, "/xxgk")
	b := s.browser(t)
	doc := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Page: 1, Size: 1}).Rows[0]
	if _, err := s.st.Documents.Withdraw(t.Context(), portal.System("t"), documents.DocumentID(doc.ID), portal.Latest, "数据有误", testNow, storetest.AgreeToWithdraw); err != nil {
		t.Fatal(err)
	}
	s.catchUp(t)
	for _, path := range []string{"/feed.rss", "/feed.atom", "/feed.json", "/feed.atom?organ=water", "/feed.rss?theme=17", "/feed.json?q=" + url.QueryEscape("低保"), "/feed.atom?q=" + url.QueryEscape("没有这个词")} {
		r := b.get(path)
		f, err := gofeed.NewParser().ParseString(r.body)
		if err != nil {
			t.Fatalf("%s: %v\n%s", path, err, r.body)
		}
		ids := map[string]bool{}
		for _, i := range f.Items {
			if i.GUID == "" || ids[i.GUID] || i.Title == "" || !strings.HasPrefix(i.Link, s.url+"/") {
				t.Errorf("%s: item %q with id %q and link %q", path, i.Title, i.GUID, i.Link)
			}
			ids[i.GUID] = true
		}
		if len(f.Items) == 0 && !strings.Contains(path, "%E6%B2%A1") {
			t.Errorf("%s is empty", path)
		}
	}
	f, err := gofeed.NewParser().ParseString(b.get("/feed.atom").body)
	if err != nil {
		t.Fatal(err)
	}
	if first := f.Items[0]; !strings.Contains(first.Title, "已撤回") || !strings.Contains(first.Description+first.Content, "数据有误") || !strings.Contains(first.GUID, doc.ID) {
		t.Errorf("the withdrawal comes as %q: %q", first.Title, first.Description)
	}
	if r := b.get("/feed.rss?q=" + url.QueryEscape(doc.Title)); !strings.Contains(r.body, "数据有误") {
		t.Error("the feed of a search does not tell of the withdrawal")
	}
	// Autodiscovery leads to them.
	d, _ := goquery.NewDocumentFromReader(strings.NewReader(b.get("/organs/water").body))
	if n := d.Find(`link[rel=alternate][href*="organ=water"]`).Length(); n != 3 {
		t.Errorf("an organ's page leads to %d feeds", n)
	}
}

func TestCatalogueDownloads(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	total := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Theme: "17", Page: 1, Size: 1}).Total
	csv := b.get("/catalogue?theme=17&format=csv")
	if n := strings.Count(strings.TrimSpace(csv.body), "\n"); n != total || !strings.HasPrefix(csv.body, "\uFEFF") {
		t.Errorf("CSV has %d rows, want %d", n, total)
	}
	for _, list := range []string{"/powers?organ=water", "/reports?organ=water"} {
		d, _ := goquery.NewDocumentFromReader(strings.NewReader(b.get(list).body))
		href, _ := d.Find(`a[href*="format=csv"]`).Attr("href")
		if r := b.get(href); r.code != 200 || strings.Count(r.body, "\n") < 3 || strings.Contains(r.body, "自然资源") {
			t.Errorf("%s as CSV (%s): %d %s", list, href, r.code, r.body)
		}
	}
	var rows []map[string]any
	if err := json.Unmarshal([]byte(b.get("/catalogue?theme=17&format=json").body), &rows); err != nil || len(rows) != total {
		t.Errorf("JSON has %d rows, %v", len(rows), err)
	}
}

func TestBasePath(t *testing.T) {
	t.Parallel()
	s := newSite(t, "/xxgk")
	b := s.browser(t)
	for _, path := range []string{"/", "/catalogue", "/organs/water", "/apply", "/search?q=" + url.QueryEscape("水")} {
		d, err := goquery.NewDocumentFromReader(strings.NewReader(b.get(path).body))
		if err != nil {
			t.Fatal(err)
		}
		d.Find("a[href], form[action], link[href], script[src]").Each(func(_ int, f *goquery.Selection) {
			for _, a := range []string{"href", "action", "src"} {
				if v, ok := f.Attr(a); ok && strings.HasPrefix(v, "/") && !strings.HasPrefix(v, "/xxgk") {
					t.Errorf("%s leads out of the base path: %s", path, v)
				}
			}
		})
	}
}

// TestSearchDownLeavesLists closes the index under a running portal.
func TestSearchDownLeavesLists(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	s.index.Close()
	b := s.browser(t)
	if r := b.get("/search?q=" + url.QueryEscape("低保")); r.code != 503 || !strings.Contains(r.body, "搜索暂时不可用") {
		t.Errorf("search: %d", r.code)
	}
	for _, path := range []string{"/", "/catalogue?theme=17", "/feed.atom", "/organs/water", "/powers", "/api/v1/documents"} {
		if r := b.get(path); r.code != 200 {
			t.Errorf("%s: %d", path, r.code)
		}
	}
}

func TestCrossSitePostIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.signedIn(t, "editor")
	req, _ := http.NewRequest("POST", s.url+"/desk/sign-out", nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if r := b.do(req); r.code != 403 {
		t.Errorf("a post from another site: %d", r.code)
	}
	req, _ = http.NewRequest("POST", s.url+"/apply", strings.NewReader(""))
	req.Header.Set("Origin", "https://evil.example")
	if r := b.do(req); r.code != 403 {
		t.Errorf("a post with another origin: %d", r.code)
	}
	if r := b.get("/desk"); r.code != 200 {
		t.Errorf("the session ended: %d", r.code)
	}
}

func TestSignInLocks(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	try := func(password string) reply {
		return s.browser(t).post("/desk/sign-in", url.Values{"login": {"editor"}, "password": {password}})
	}
	for range 5 {
		if r := try("wrong-password"); r.code != 401 || !strings.Contains(r.body, "登录名或者密码不对") {
			t.Fatalf("wrong password: %d", r.code)
		}
	}
	if r := try("demo-editor-2026"); r.code != 429 {
		t.Errorf("the right password on a locked account: %d", r.code)
	}
	s.set(testNow.Add(61 * time.Second))
	if r := try("demo-editor-2026"); r.code != 303 {
		t.Errorf("after the lock: %d", r.code)
	}
	if r := s.browser(t).post("/desk/sign-in", url.Values{"login": {"nobody"}, "password": {"x"}}); r.code != 401 {
		t.Errorf("unknown login: %d", r.code)
	}
}

func TestNewPasswordEndsOtherSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	a, b := s.signedIn(t, "editor"), s.signedIn(t, "editor")
	if r := a.post("/desk/password", url.Values{"old": {"demo-editor-2026"}, "password": {"short"}}); r.code != 422 || !strings.Contains(r.body, "至少10个字符") {
		t.Errorf("a short password: %d", r.code)
	}
	if r := a.post("/desk/password", url.Values{"old": {"demo-editor-2026"}, "password": {"another-password"}}); r.code != 303 {
		t.Errorf("changing: %d", r.code)
	}
	if r := a.get("/desk"); r.code != 200 {
		t.Errorf("who changed it is signed out: %d", r.code)
	}
	if r := b.get("/desk"); r.code != 303 {
		t.Errorf("another session goes on: %d", r.code)
	}
}

// city holds the folder that filledCity makes, for TestMain to take away.
var city string

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(city)
	os.Exit(code)
}
