package web_test

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"gongkai/portal"
)

// written writes a letter and gives its number and code.
func (s *site) written(t *testing.T, channel string, form url.Values) (b *browser, number, code string) {
	t.Helper()
	b = s.browser(t)
	if r := b.post("/mailbox/write/"+channel, form); r.code != 303 {
		t.Fatalf("writing: %d %s", r.code, r.body)
	}
	body := b.get("/mailbox/receipt").body
	m := regexp.MustCompile(`id="number">(L[\d-]+)<[\s\S]*id="code">([^<]+)<`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no number: %s", body)
	}
	return b, m[1], m[2]
}

var aLetter = url.Values{"organ": {"water"}, "kind": {"ask"}, "subject": {"停水通知为什么没有提前发"}, "text": {"彳亍兀昨天停水八个小时，没有看到通知。"}, "name": {"欧阳秋实"}, "phone": {"13900139000"}, "consent": {"yes"}}

// TestLetterThroughItsLife: a letter is written, followed, answered, rated, and its answer
// published by a second person; nobody else ever sees who wrote.
func TestLetterThroughItsLife(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	bad := s.browser(t).post("/mailbox/write/organ", url.Values{"subject": {"只有标题"}})
	if bad.code != 422 || !strings.Contains(bad.body, `value="只有标题"`) || !strings.Contains(bad.body, "text-error") {
		t.Errorf("what is missing is not told beside its field: %d", bad.code)
	}
	b, n, code := s.written(t, "organ", aLetter)
	if r := s.browser(t).get("/mailbox/follow/" + n); r.code != 303 {
		t.Errorf("a stranger follows it: %d", r.code)
	}
	if r := b.post("/track", url.Values{"number": {n}, "code": {code}}); r.code != 303 || !strings.HasSuffix(r.header.Get("Location"), "/mailbox/follow/"+n) {
		t.Fatalf("tracking: %d %s", r.code, r.header.Get("Location"))
	}
	h := s.signedIn(t, "handler")
	p := h.get("/desk/mailbox/" + n)
	if p.code != 200 || strings.Contains(p.body, "13900139000") || strings.Contains(p.body, "欧阳秋实") {
		t.Fatalf("the page of the letter: %d, and it may not name who wrote", p.code)
	}
	if r := h.post("/desk/mailbox/"+n+"/reveal", url.Values{"reason": {"电话回访"}, "revision": {revision(t, p.body)}}); !strings.Contains(r.body, "13900139000") {
		t.Errorf("it is not shown with a reason: %d", r.code)
	}
	if r := s.signedIn(t, "editor").get("/desk/mailbox/" + n); r.code != 403 {
		t.Errorf("an editor opens it: %d", r.code)
	}
	if r := h.post("/desk/mailbox/"+n+"/step/accept", url.Values{"revision": {revision(t, p.body)}}); r.code != 303 {
		t.Fatalf("accepting: %d %s", r.code, r.body)
	}
	if r := h.post("/desk/mailbox/"+n+"/answer", url.Values{"revision": {revision(t, p.body)}, "answer": {"旧"}}); r.code != 409 {
		t.Errorf("a stale page answers: %d", r.code)
	}
	p = h.get("/desk/mailbox/" + n)
	if r := h.post("/desk/mailbox/"+n+"/answer", url.Values{"revision": {revision(t, p.body)}, "answer": {"是临时抢修，今后会发短信。"}}); r.code != 303 {
		t.Fatalf("answering: %d %s", r.code, r.body)
	}
	if r := b.get("/mailbox/follow/" + n); !strings.Contains(r.body, "今后会发短信") {
		t.Error("the writer does not see the answer")
	}
	if r := b.post("/mailbox/follow/"+n+"/rate", url.Values{"stars": {"5"}}); r.code != 303 {
		t.Errorf("rating: %d", r.code)
	}
	p = h.get("/desk/mailbox/" + n)
	offer := url.Values{"revision": {revision(t, p.body)}, "title": {"停水通知"}, "question": {"停水没有通知，13900139000。"}, "reply": {"是临时抢修。"}}
	if r := h.post("/desk/mailbox/"+n+"/offer", offer); r.code != 303 {
		t.Fatalf("offering: %d", r.code)
	}
	head := s.signedIn(t, "head")
	p = head.get("/desk/mailbox/" + n)
	if r := head.post("/desk/mailbox/"+n+"/release", url.Values{"revision": {revision(t, p.body)}, "stands": {"可以"}}); r.code != 422 {
		t.Errorf("a telephone number is published: %d", r.code)
	}
	offer.Set("question", "停水没有通知。")
	offer.Set("revision", revision(t, p.body))
	if r := h.post("/desk/mailbox/"+n+"/offer", offer); r.code != 303 {
		t.Fatalf("offering again: %d", r.code)
	}
	p = head.get("/desk/mailbox/" + n)
	if r := head.post("/desk/mailbox/"+n+"/release", url.Values{"revision": {revision(t, p.body)}}); r.code != 303 {
		t.Fatalf("publishing: %d %s", r.code, r.body)
	}
	s.catchUp(t)
	public := s.browser(t)
	for path, want := range map[string]string{"/replies/" + n: "是临时抢修。", "/search?kind=letter&q=" + url.QueryEscape("停水通知"): "/replies/" + n, "/replies": "停水通知", "/feed.rss?kind=letter": "停水通知"} {
		if r := public.get(path); r.code != 200 || !strings.Contains(r.body, want) {
			t.Errorf("%s: %d lacks %q", path, r.code, want)
		}
	}
	s.leaks(t, "13900139000", "欧阳秋实", "彳亍兀", code)
}

// leaks looks for words that must not be public: in every public page, feed and count, in
// the search, and in the log.
func (s *site) leaks(t *testing.T, words ...string) {
	t.Helper()
	s.resetLimits()
	b := s.browser(t)
	paths := []string{"/figures", "/answers", "/dcat.jsonld", "/dcat.ttl", "/oai?verb=ListRecords&metadataPrefix=oai_dc", "/api/v1/records?size=100", "/", "/mailbox", "/replies", "/follow", "/feed.rss", "/feed.atom", "/feed.json", "/sitemap.xml", "/api/v1/documents", "/registers", "/organs", "/organs/water"}
	for _, p := range publicPages(s) {
		paths = append(paths, p[0])
	}
	for _, l := range s.st.Catalogue.Browse(portal.Browse{Kind: "letter", Page: 1, Size: 20}).Rows {
		paths = append(paths, "/replies/"+l.ID)
	}
	for _, w := range words {
		for _, p := range []string{"/search?q=", "/search/suggest?q=", "/mailbox/suggest?q=", "/api/v1/search?q="} {
			r := b.get(p + url.QueryEscape(w))
			if strings.Count(r.body, w) > strings.Count(b.get(p+url.QueryEscape("zqxj")).body, "zqxj") && p != "/search?q=" && p != "/api/v1/search?q=" {
				t.Errorf("%s%s shows it", p, w)
			}
			if p == "/search?q=" && !strings.ContainsAny(w, "ABCDEFGHJKMNPQRSTVWXYZ") && !strings.Contains(r.body, "没有找到") { // what looks like a word is corrected to others
				t.Errorf("%q is found", w)
			}
		}
		for _, p := range paths {
			if r := b.get(p); strings.Contains(r.body, w) {
				t.Errorf("%s shows %q", p, w)
			}
		}
		s.resetLimits()
		if strings.Contains(s.log.String(), w) {
			t.Errorf("the log has %q", w)
		}
	}
}

// TestFloodedMailbox: letters from many addresses at once are bounded as well; then a browser
// has to work for it, and another mailbox stays open.
func TestFloodedMailbox(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	from := func(n int) *browser {
		b := s.browser(t)
		dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(n), 2)}}
		b.c.Transport = &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
		return b
	}
	codes := make(map[int]int)
	for n := range 40 {
		codes[from(n+1).post("/mailbox/write/organ", with(aLetter, "subject", fmt.Sprintf("第%d封", n))).code]++
	}
	if codes[303] != 30 || codes[429] != 10 {
		t.Errorf("of forty at once: %v", codes)
	}
	if r := from(100).post("/mailbox/write/mayor", aLetter); r.code != 303 {
		t.Errorf("another mailbox: %d", r.code)
	}
	s.resetLimits()
	if r := from(101).post("/mailbox/write/organ", aLetter); r.code != 303 {
		t.Errorf("a minute later: %d", r.code)
	}
}

// TestSpotCheck: an overseer sees letters and answers, never who wrote, and notes how an
// answered one was found.
func TestSpotCheck(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	_, n, _ := s.written(t, "organ", aLetter)
	h, o := s.signedIn(t, "handler"), s.signedIn(t, "overseer")
	at := "/desk/mailbox/" + n
	check := func() reply { return o.post(at+"/check", url.Values{"note": {"回访属实"}}) }
	if r := check(); r.code != 409 {
		t.Errorf("checked before it is answered: %d", r.code)
	}
	if r := h.post(at+"/answer", url.Values{"revision": {revision(t, h.get(at).body)}, "answer": {"是临时抢修。"}}); r.code != 303 {
		t.Fatalf("answering: %d", r.code)
	}
	p := o.get(at)
	if p.code != 200 || !strings.Contains(o.get("/desk/mailbox?ended=1").body, n) {
		t.Errorf("the overseer does not see it: %d", p.code)
	}
	if strings.Contains(p.body, "*") && strings.Contains(p.body, "9000") {
		t.Error("the overseer is shown a part of who wrote")
	}
	if r := o.post(at+"/reveal", url.Values{"reason": {"看看"}}); r.code != 403 {
		t.Errorf("the overseer opens who wrote: %d", r.code)
	}
	if r := o.post(at+"/check", url.Values{"note": {"回访属实"}, "revision": {revision(t, p.body)}}); r.code != 303 {
		t.Errorf("checking: %d %s", r.code, r.body)
	}
}

// TestCallsAreTakenDown: with an answer a call is done, without one it waits with its organ;
// the next form stands ready, and a second call from the number is known.
func TestCallsAreTakenDown(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	c := s.signedIn(t, "clerk")
	call := url.Values{"phone": {"13700137000"}, "subject": {"几点上班"}, "answer": {"上午九点。"}, "organ": {"water"}, "kind": {"ask"}, "on": {"2026-09-24"}}
	take := func() string {
		if r := c.post("/desk/mailbox/take?channel=hotline", call); r.code != 303 {
			t.Fatalf("taking down: %d %s", r.code, r.body)
		}
		m := regexp.MustCompile(`id="last" href="[^"]*/(L[\d-]+)"`).FindStringSubmatch(c.get("/desk/mailbox/take").body)
		if m == nil {
			t.Fatal("the call has no number")
		}
		return m[1]
	}
	first := take()
	call.Set("go", "pass")
	second := take()
	if r := c.get("/desk/mailbox/" + first); !strings.Contains(r.body, `id="state">已答复`) {
		t.Error("the call that was answered is open")
	}
	if r := c.get("/desk/mailbox/" + second); !strings.Contains(r.body, `id="state">已收到`) || !strings.Contains(r.body, first) {
		t.Error("the call that was passed on is not open, or its caller is not known")
	}
	if r := c.post("/desk/mailbox/known", url.Values{"phone": {"13700137000"}}); !strings.Contains(r.body, first) {
		t.Errorf("the caller is not known: %d", r.code)
	}
	if r := c.get("/desk/mailbox/knowledge?q=" + url.QueryEscape("低保")); !strings.Contains(r.body, "<li>") {
		t.Errorf("nothing known of it: %s", r.body)
	}
	call.Set("on", "2027-01-01")
	if r := c.post("/desk/mailbox/take?channel=hotline", call); r.code != 422 || !strings.Contains(r.body, "几点上班") {
		t.Errorf("a call from the future: %d", r.code)
	}
}

// TestLetterBecomesApplication: and an application that is a petition a letter; both keep
// their numbers, linked, and the writer follows either.
func TestLetterBecomesApplication(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b, n, code := s.written(t, "organ", aLetter)
	h := s.signedIn(t, "handler")
	r := h.post("/desk/mailbox/"+n+"/apply", url.Values{"revision": {revision(t, h.get("/desk/mailbox/"+n).body)}})
	if r.code != 303 {
		t.Fatalf("making an application of it: %d %s", r.code, r.body)
	}
	m := regexp.MustCompile(`/desk/applications/(\d{4}-\d+)"`).FindStringSubmatch(h.get("/desk/mailbox/" + n).body)
	if m == nil {
		t.Fatal("the letter is not linked with its application")
	}
	if r := h.get("/desk/applications/" + m[1]); !strings.Contains(r.body, "/desk/mailbox/"+n) || !strings.Contains(r.body, "昨天停水八个小时") {
		t.Error("the application is not linked with its letter")
	}
	if r := b.post("/track", url.Values{"number": {m[1]}, "code": {code}}); r.code != 303 {
		t.Errorf("its code does not open the application: %d", r.code)
	}
	// The other way.
	list := h.get("/desk/applications?show=late").body
	a := regexp.MustCompile(`/desk/applications/(\d{4}-\d{6})"`).FindStringSubmatch(list)
	if a == nil {
		t.Fatal("there is no open application")
	}
	if r := h.post("/desk/applications/"+a[1]+"/petition", url.Values{"revision": {revision(t, h.get("/desk/applications/"+a[1]).body)}}); r.code != 303 {
		t.Fatalf("making a letter of it: %d %s", r.code, r.body)
	}
	l := regexp.MustCompile(`/desk/mailbox/(L[\d-]+)"`).FindStringSubmatch(h.get("/desk/applications/" + a[1]).body)
	if l == nil || !strings.Contains(h.get("/desk/mailbox/"+l[1]).body, a[1]) {
		t.Fatal("the two are not linked")
	}
}

// TestReturnIsDownloaded reads the return as a page, a spreadsheet and a PDF.
func TestReturnIsDownloaded(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	h := s.signedIn(t, "handler")
	at := "/desk/mailbox/return?from=2026-01-01&to=2026-09-24"
	p := h.get(at)
	if p.code != 200 || !strings.Contains(p.body, "各行均平衡") {
		t.Errorf("the page: %d", p.code)
	}
	x, err := excelize.OpenReader(strings.NewReader(h.get(at + "&format=xlsx").body))
	if err != nil || len(x.GetSheetList()) == 0 {
		t.Fatal(err)
	}
	if r := h.get(at + "&format=pdf"); !strings.HasPrefix(r.body, "%PDF") {
		t.Errorf("the PDF: %d", r.code)
	}
	if r := h.get("/desk/mailbox/return?from=2026-05-01&to=2026-04-01"); r.code != 422 {
		t.Errorf("a period that ends before it begins: %d", r.code)
	}
	if r := s.signedIn(t, "clerk").get("/desk/mailbox?ended=1&show=unrated"); r.code != 200 {
		t.Errorf("the list: %d", r.code)
	}
}
