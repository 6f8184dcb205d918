package web_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	portalmail "gongkai/portal/mail"
	"gongkai/portal/portaltest"
	"gongkai/portal/query"
	"gongkai/portal/searches"
	"gongkai/store/storetest"
)

// mailbox is a real SMTP server that keeps what it is sent.
type mailbox struct {
	mu   sync.Mutex
	mail []gotMail
	bad  map[string]int // addresses that are refused, and with what code
}

type gotMail struct {
	to   string
	head mail.Header
	text string
}

// NewSession implements smtp.Backend.
func (m *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &mailSession{box: m}, nil }

type mailSession struct {
	box *mailbox
	to  string
}

func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *mailSession) Reset()                               {}
func (s *mailSession) Logout() error                        { return nil }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	if code := s.box.bad[to]; code > 0 {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "no"}
	}
	s.to = to
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	text, err := portaltest.MailText(m)
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.mail = append(s.box.mail, gotMail{s.to, m.Header, text})
	return nil
}

func (m *mailbox) letters() []gotMail { m.mu.Lock(); defer m.mu.Unlock(); return slices.Clone(m.mail) }

// post is a post office: a running SMTP server and the sender that uses it.
func (s *site) post(t *testing.T) (*mailbox, *portalmail.Sender) {
	t.Helper()
	box := &mailbox{bad: map[string]int{}}
	server := smtp.NewServer(box)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(ln)
	t.Cleanup(func() { server.Close() })
	return box, &portalmail.Sender{Config: portalmail.Config{Addr: ln.Addr().String(), TLS: "none", From: "gongkai@qinghe.example", Name: "清河市政府信息公开"}, Outbox: s.st.Outbox, Now: s.searches.Now, Log: slog.New(slog.NewTextHandler(s.log, nil))}
}

// deliver looks at what has changed, writes what is due, and sends it.
func (s *site) deliver(t *testing.T, watch *alerts.Watch, sender *portalmail.Sender) {
	t.Helper()
	s.catchUp(t)
	if err := watch.Follow(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.alerts.Tell(t.Context(), s.srv.Writer); err != nil {
		t.Fatal(err)
	}
	if _, err := sender.Deliver(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (s *site) publish(t *testing.T, title, body string, more ...func(*documents.Content)) portal.Key {
	t.Helper()
	c := documents.Content{Title: title, Body: body, Organs: []portal.OrganCode{"water"}, Published: clock.NewDate(2026, 11, 20), Theme: "06", Genre: "notice", Item: "1", Mode: "proactive", Validity: "in_force"}
	for _, f := range more {
		f(&c)
	}
	if _, err := s.st.Documents.ImportDocuments(t.Context(), portal.System("t"), []documents.Import{{Source: title, Content: c}}, s.searches.Now()); err != nil {
		t.Fatal(err)
	}
	s.catchUp(t)
	for _, l := range s.st.Catalogue.Browse(portal.Browse{Sort: portal.SortChanged, Page: 1, Size: 100}).Rows {
		if l.Title == title {
			return l.Key
		}
	}
	t.Fatalf("%s is not listed", title)
	return portal.Key{}
}

var link = regexp.MustCompile(`https://open\.example/x/alerts/\S+`)

// TestAlert follows an alert over a real mail server: asked for, confirmed,
// told of a new document, told why, and stopped by one click.
func TestAlert(t *testing.T) {
	t.Parallel()
	s := newSite(t, "/x", "https://open.example")
	box, sender := s.post(t)
	watch := &alerts.Watch{Alerts: s.alerts, Source: s.st.ForWatch(), Watcher: s.index.Watch()}
	b := s.browser(t)
	if r := b.get("/search?q=%E6%BC%8F%E6%8D%9F&lang=zh"); !strings.Contains(r.body, "/x/alerts/new?q=") {
		t.Fatal("the results offer no alert")
	}
	path := "/alerts/new?q=" + url.QueryEscape("管网 漏损") + "&organ=water"
	if r := b.get(path); r.code != 200 || !strings.Contains(r.body, "管网 漏损 · ") {
		t.Fatalf("the form: %d", r.code)
	}
	if r := b.post(path, url.Values{"email": {"not an address"}, "every": {"now"}}); r.code != 422 || !strings.Contains(r.body, "not an address") {
		t.Errorf("a wrong address: %d", r.code)
	}
	if r := b.post(path, url.Values{"email": {"zhang@reader.example"}, "every": {"now"}}); r.code != 200 || !strings.Contains(r.body, "查看您的邮箱") {
		t.Fatalf("asking: %d %s", r.code, r.body)
	}
	s.publish(t, "管网漏损控制方案（确认之前）", "管网漏损。")
	s.deliver(t, watch, sender)
	if len(box.letters()) != 1 {
		t.Fatalf("%d letters before confirming", len(box.letters()))
	}
	first := box.letters()[0]
	confirm := link.FindString(first.text)
	if first.to != "zhang@reader.example" || confirm == "" || strings.Contains(first.text, "管网") || first.head.Get("Auto-Submitted") != "auto-generated" {
		t.Fatalf("the letter to confirm: %+v", first)
	}
	address := strings.TrimPrefix(confirm, "https://open.example/x")
	if r := b.get(address); r.code != 200 || !strings.Contains(r.body, "确认") {
		t.Fatalf("the confirming page: %d", r.code)
	}
	s.deliver(t, watch, sender)
	if a, _ := s.st.Alerts.Alerts(t.Context()); !a[0].Confirmed.IsZero() {
		t.Fatal("looking at the link confirms it: mail programs do that by themselves")
	}
	if r := b.get(address[:len(address)-1] + "A"); r.code != 404 {
		t.Errorf("a forged link: %d", r.code)
	}
	if r := b.post(address, nil); r.code != 200 || !strings.Contains(r.body, "提醒已开始") {
		t.Fatalf("confirming: %d", r.code)
	}
	s.deliver(t, watch, sender)
	key := s.publish(t, "管网漏损控制方案", "二〇二六年管网漏损率控制在百分之八以内。")
	s.publish(t, "管网漏损控制方案（别的机关）", "管网漏损。", func(c *documents.Content) { c.Organs = []portal.OrganCode{"land"} })
	gone := s.publish(t, "管网漏损控制方案（撤回）", "管网漏损。")
	if _, err := s.st.Documents.Withdraw(t.Context(), portal.System("t"), documents.DocumentID(gone.ID), portal.Latest, "r", s.searches.Now(), storetest.AgreeToWithdraw); err != nil {
		t.Fatal(err)
	}
	s.deliver(t, watch, sender)
	letters := box.letters()
	if len(letters) != 2 {
		t.Fatalf("%d letters", len(letters))
	}
	told := letters[1]
	stop := link.FindString(told.text)
	for _, want := range []string{"管网漏损控制方案\n", "https://open.example/x/documents/" + key.ID, "您收到这封邮件，是因为", "2026年11月20日", stop} {
		if !strings.Contains(told.text, want) {
			t.Errorf("the letter lacks %q:\n%s", want, told.text)
		}
	}
	if strings.Contains(told.text, "别的机关") || strings.Contains(told.text, "撤回") || strings.Contains(told.text, "确认之前") {
		t.Errorf("the letter tells too much:\n%s", told.text)
	}
	if told.head.Get("List-Unsubscribe") != "<"+stop+">" || told.head.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("headers of RFC 8058: %v", told.head)
	}
	s.deliver(t, watch, sender)
	if len(box.letters()) != 2 {
		t.Error("the same is told twice")
	}
	// A mail program posts without cookies and without a look at the page.
	for range 2 {
		resp, err := http.Post(s.url+strings.TrimPrefix(stop, "https://open.example/x"), "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("one-click stop: %v %v", resp, err)
		}
		resp.Body.Close()
	}
	s.publish(t, "管网漏损控制方案（停止之后）", "管网漏损。")
	s.deliver(t, watch, sender)
	if alerts, _ := s.st.Alerts.Alerts(t.Context()); len(box.letters()) != 2 || len(alerts) != 0 {
		t.Error("it goes on after it was stopped")
	}
	for _, where := range []string{s.log.String(), readAll(t, s.st.Dir()+"/gongkai.db")} {
		if strings.Contains(where, "zhang@reader.example") {
			t.Error("the address can be read in the log or the store")
		}
	}
}

func readAll(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestAlertsWriteWhenDue checks daily and weekly alerts, and one that nobody
// confirms.
func TestAlertsWriteWhenDue(t *testing.T) {
	t.Parallel()
	s := newSite(t, "/x", "https://open.example")
	box, sender := s.post(t)
	watch := &alerts.Watch{Alerts: s.alerts, Source: s.st.ForWatch(), Watcher: s.index.Watch()}
	b := s.browser(t)
	for _, every := range []string{"daily", "weekly", "never confirmed"} {
		f := every
		if every == "never confirmed" {
			f = "now"
		}
		b.post("/alerts/new?q="+url.QueryEscape("麒麟")+"&lang=en", url.Values{"email": {strings.ReplaceAll(every, " ", "-") + "@reader.example"}, "every": {f}})
	}
	s.deliver(t, watch, sender)
	for _, l := range box.letters() {
		if !strings.HasPrefix(l.to, "never") {
			b.post(strings.TrimPrefix(link.FindString(l.text), "https://open.example/x"), nil)
		}
	}
	s.deliver(t, watch, sender)
	count := func() (daily, weekly int) {
		for _, l := range box.letters()[3:] {
			if strings.HasPrefix(l.to, "daily") {
				daily++
			} else {
				weekly++
			}
		}
		return daily, weekly
	}
	s.publish(t, "麒麟一", "x") // Friday 20 November 2026, 10:00
	s.deliver(t, watch, sender)
	if d, w := count(); d+w != 0 {
		t.Errorf("at once: %d daily, %d weekly", d, w)
	}
	zone := testNow.Location()
	for _, step := range []struct {
		at            time.Time
		daily, weekly int
	}{
		{time.Date(2026, 11, 21, 7, 59, 0, 0, zone), 0, 0},
		{time.Date(2026, 11, 21, 8, 1, 0, 0, zone), 1, 0}, // Saturday
		{time.Date(2026, 11, 22, 9, 0, 0, 0, zone), 1, 0},
		{time.Date(2026, 11, 23, 8, 1, 0, 0, zone), 1, 1}, // Monday
	} {
		s.set(step.at)
		s.deliver(t, watch, sender)
		if d, w := count(); d != step.daily || w != step.weekly {
			t.Errorf("%v: %d daily and %d weekly, want %d and %d", step.at, d, w, step.daily, step.weekly)
		}
	}
	if alerts, _ := s.st.Alerts.Alerts(t.Context()); len(alerts) != 2 {
		t.Errorf("%d alerts; the one that was not confirmed within two days must be gone", len(alerts))
	}
	if !strings.Contains(box.letters()[3].text, "You get this message because") {
		t.Error("the letter is not in the reader's language")
	}
}

// TestMailIsTriedAgain checks a server that is down, one that is busy, and
// one that refuses for good.
func TestMailIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t, "/x", "https://open.example")
	box, sender := s.post(t)
	box.bad["busy@reader.example"], box.bad["gone@reader.example"] = 451, 550
	b := s.browser(t)
	for _, to := range []string{"busy", "gone", "fine"} {
		if r := b.post("/alerts/new?q=x", url.Values{"email": {to + "@reader.example"}, "every": {"now"}}); r.code != 200 {
			t.Fatal(r.code)
		}
	}
	up := sender.Addr
	sender.Addr = "127.0.0.1:1"
	if n, err := sender.Deliver(context.Background()); n != 0 || err != nil {
		t.Fatalf("a server that is down: %d, %v", n, err)
	}
	sender.Addr = up
	if n, _ := sender.Deliver(context.Background()); n != 0 {
		t.Error("tried again at once")
	}
	s.set(testNow.Add(2 * time.Minute))
	if n, _ := sender.Deliver(context.Background()); n != 1 {
		t.Errorf("%d went", n)
	}
	left, err := s.st.Outbox.DueMail(t.Context(), testNow.Add(100*time.Hour), 10)
	if err != nil || len(left) != 1 || left[0].To != "busy@reader.example" {
		t.Errorf("left: %v %v", left, err)
	}
	box.bad = map[string]int{}
	s.set(testNow.Add(10 * time.Minute))
	if n, _ := sender.Deliver(context.Background()); n != 1 {
		t.Error("what was busy is not tried again")
	}
	if strings.Contains(s.log.String(), "reader.example") {
		t.Error("an address is in the log")
	}
}

// TestPrivateWordIsNowhere puts one word into everything that is not public,
// and looks for it along every path.
func TestPrivateWordIsNowhere(t *testing.T) {
	t.Parallel()
	const word = "貔貅獬豸"
	s := newSite(t, "")
	by := portal.System("t")
	if err := storetest.PutDraft(t.Context(), s.st, by, &documents.Draft{ID: "SECRET", State: documents.Submitted, ChangedAt: testNow, Content: documents.Content{Title: word + "草稿", Body: word, Organs: []portal.OrganCode{"water"}}}); err != nil {
		t.Fatal(err)
	}
	withdrawn := s.publish(t, word+"已撤回", word+"。供水供水供水。")
	if _, err := s.st.Documents.Withdraw(t.Context(), by, documents.DocumentID(withdrawn.ID), portal.Latest, "r", testNow, storetest.AgreeToWithdraw); err != nil {
		t.Fatal(err)
	}
	a := &cases.Application{Organ: "water", Subject: word, Description: word, Form: "electronic", Delivery: "online"}
	if _, err := (cases.Cases{Clockwork: s.searches.Clockwork, Store: s.st.ForCases()}).Applying().Apply(t.Context(), a, &cases.Applicant{Kind: "natural", Name: word, IDNumber: "110101199001011237", Phone: "0531-5550199"}); err != nil {
		t.Fatal(err)
	}
	s.catchUp(t)
	b, admin := s.browser(t), s.signedIn(t, "admin")
	q := url.QueryEscape(word)
	for _, path := range []string{"/search?lang=zh&q=Q", "/search?q=Q&format=csv", "/api/v1/search?q=Q", "/search/suggest?q=Q", "/apply/suggest?q=Q", "/catalogue", "/catalogue?format=csv", "/catalogue?format=json",
		"/feed.atom", "/feed.rss", "/feed.json?q=Q&kind=power", "/sitemap.xml", "/organs/water", "/", "/api/v1/documents", "/api/v1/passages?q=Q"} {
		r := b.get(strings.Replace(path, "q=Q", "q="+q, 1))
		if r.code != 200 {
			t.Errorf("%s: %d", path, r.code)
		}
		body := strings.ReplaceAll(r.body, q, "")
		if strings.HasPrefix(path, "/search?lang") { // the page repeats what was typed
			if !strings.Contains(body, "没有找到") {
				t.Errorf("%s finds something", path)
			}
			continue
		}
		if strings.HasPrefix(path, "/feed.atom") || strings.HasPrefix(path, "/feed.rss") { // a feed says that a document was withdrawn, by its title
			body = strings.ReplaceAll(body, word+"已撤回", "")
		}
		if strings.HasPrefix(path, "/feed.json?") {
			body = strings.ReplaceAll(body, word, "") // the feed's own name
		}
		if strings.Contains(body, word) {
			t.Errorf("%s tells of what is not public", path)
		}
	}
	found, err := s.index.Find(context.Background(), query.Query{Text: word, Page: 1, Size: 10})
	if err != nil || found.Total != 0 || len(found.Facets["organ"])+len(found.Facets["kind"]) != 0 {
		t.Errorf("found %d, facets %v, %v", found.Total, found.Facets, err)
	}
	if f, _ := s.index.Find(context.Background(), query.Query{Text: "貔貅獬秩", Page: 1, Size: 10}); f.Corrected != "" || f.Meant != "" {
		t.Errorf("the spelling is corrected to what is not public: %q", f.Corrected+f.Meant)
	}
	if hits, err := s.index.Passages(context.Background(), query.Query{Text: word}, 10); err != nil || len(hits) != 0 {
		t.Errorf("passages: %d, %v", len(hits), err)
	}
	for _, l := range s.st.Catalogue.Browse(portal.Browse{Kind: "document", Page: 1, Size: 30}).Rows {
		keys, err := s.index.Similar(context.Background(), l.Key, 20)
		if err != nil || slices.Contains(keys, withdrawn) {
			t.Errorf("similar to %s: %v", l.Title, err)
		}
	}
	if keys, _ := s.index.Similar(context.Background(), withdrawn, 5); len(keys) != 0 {
		t.Error("what is similar to a withdrawn document is told")
	}
	watch := s.index.Watch()
	watch.Set("x", query.Query{Text: word})
	if e, _ := s.st.Changes.Entry(context.Background(), withdrawn); e != nil {
		t.Error("a withdrawn document is shown to alerts")
	}
	if r := admin.get("/desk/search/explain?q=" + q); strings.Contains(strings.ReplaceAll(r.body, `value="`+word, ""), word) {
		t.Error("the explanation tells of it")
	}
}

// TestSearchesAreCounted checks what administrators see of searches, and what
// others are shown.
func TestSearchesAreCounted(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	for range 3 {
		b.get("/search?q=" + url.QueryEscape("供水 水质"))
		b.get("/search?q=" + url.QueryEscape("狗证怎么办"))
	}
	b.get("/search?q=110101199001011234")
	b.get("/search?q=someone%40mail.example")
	r := b.get("/search?lang=zh&q=" + url.QueryEscape("供水"))
	m := regexp.MustCompile(`href="(/documents/[^"#]+\?q=[^"#]+)`).FindStringSubmatch(r.body)
	if m == nil {
		t.Fatal("no result")
	}
	b.get(m[1])
	admin := s.signedIn(t, "admin")
	page := strings.ReplaceAll(admin.get("/desk/search?lang=zh").body, `name="SiteDomain" content="127.0.0.1`, "") // the portal's own
	for _, want := range []string{"供水 水质", "狗证怎么办", "/desk/search/synonym?said=" + url.QueryEscape("狗证怎么办"), "/desk/search/bet?query="} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"110101199001011234", "someone@mail", "127.0.0.1"} {
		if strings.Contains(page, not) {
			t.Errorf("the page tells %q", not)
		}
	}
	tallies, err := s.st.Searches.Searches(t.Context(), "2026-11")
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	for _, x := range tallies {
		opened += len(x.Opened)
		if x.Query == "狗证怎么办" && (x.N != 3 || x.Nothing != 3 && x.Nothing != 0 || x.People != 1) {
			t.Errorf("%+v", x)
		}
	}
	if opened != 1 {
		t.Errorf("%d records opened", opened)
	}
	// Only what several visitors searched is shown to others.
	typed := func() string { return b.get("/search/suggest?q=" + url.QueryEscape("供水")).body }
	if strings.Contains(typed(), "供水 水质") {
		t.Error("what one visitor searched is shown to others")
	}
	for i := range searches.OftenSearched {
		s.searches.Searched("供水 水质", fmt.Sprint("visitor ", i), 3)
	}
	if err := s.searches.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(typed(), "供水 水质") {
		t.Error("what many searched is not shown")
	}
	var got struct{ Organs, Records []struct{ Name, URL string } }
	if err := json.Unmarshal([]byte(b.get("/search/suggest?q=shuiwuju&lang=zh").body), &got); err != nil || len(got.Organs) == 0 || !strings.Contains(got.Organs[0].Name, "水务局") {
		t.Errorf("an organ by how it is read: %+v, %v", got, err)
	}
}

// TestVocabularyPages teaches the search a synonym and a best bet, from what
// found nothing, in two clicks each.
func TestVocabularyPages(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.signedIn(t, "admin")
	b.get("/?lang=zh")
	q := url.QueryEscape("狗狗证")
	if r := b.get("/search?exact=1&q=" + q); !strings.Contains(r.body, "没有找到") {
		t.Fatal("the word finds something already")
	}
	if r := b.get("/desk/search/synonym?said=" + q); r.code != 200 || !strings.Contains(r.body, `value="狗狗证"`) {
		t.Fatalf("the form: %d", r.code)
	}
	if r := b.post("/desk/search/synonym", url.Values{"said": {"狗狗证"}, "meant": {"供水"}, "do": {"try"}}); r.code != 200 || !strings.Contains(r.body, "保存后") || !strings.Contains(r.body, "供水") {
		t.Fatalf("trying: %d", r.code)
	}
	if r := b.get("/search?exact=1&q=" + q); !strings.Contains(r.body, "没有找到") {
		t.Error("trying has changed the search")
	}
	if r := b.post("/desk/search/synonym", url.Values{"said": {"狗"}, "meant": {"狗"}}); r.code != 422 || !strings.Contains(r.body, "至少两个字") {
		t.Errorf("a bad synonym: %d", r.code)
	}
	if r := b.post("/desk/search/synonym", url.Values{"said": {"狗狗证"}, "meant": {"供水、水质"}}); r.code != 303 {
		t.Fatalf("saving: %d %s", r.code, r.body)
	}
	if r := b.get("/search?exact=1&q=" + q); strings.Contains(r.body, "没有找到") {
		t.Error("the synonym is not used")
	}
	doc := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "land", Page: 1, Size: 1}).Rows[0]
	if r := b.post("/desk/search/bet", url.Values{"query": {"狗狗证"}, "keys": {"nothing-like-it"}}); r.code != 422 {
		t.Errorf("a record that is not there: %d", r.code)
	}
	if r := b.post("/desk/search/bet", url.Values{"query": {"狗狗证"}, "keys": {"https://open.example/documents/" + doc.ID + "?q=x"}}); r.code != 303 {
		t.Fatalf("a best bet: %d %s", r.code, r.body)
	}
	r := b.get("/search?q=" + q)
	if at := strings.Index(r.body, doc.ID); at < 0 || !strings.Contains(r.body, "推荐") {
		t.Error("the best bet is not shown")
	}
	if r := b.get("/desk/search/vocabulary"); !strings.Contains(r.body, "狗狗证") || !strings.Contains(r.body, "最低生活保障") {
		t.Error("the vocabulary does not list it")
	}
	for _, form := range []url.Values{{"said": {"狗狗证"}, "do": {"delete"}}} {
		if r := b.post("/desk/search/synonym", form); r.code != 303 {
			t.Errorf("deleting: %d", r.code)
		}
	}
	if r := b.post("/desk/search/bet", url.Values{"query": {"狗狗证"}, "do": {"delete"}}); r.code != 303 {
		t.Errorf("deleting: %d", r.code)
	}
	if r := b.get("/search?exact=1&q=" + q); !strings.Contains(r.body, "没有找到") {
		t.Error("what was deleted is still used")
	}
	if r := b.get("/desk/search/explain?q=" + url.QueryEscape("供水")); !strings.Contains(r.body, "最佳段落") {
		t.Error("no reasons are shown")
	}
	if audit, _ := s.st.Log.Audit(t.Context(), 0, 20, "search"); len(audit) != 4 {
		t.Errorf("%d lines in the audit log", len(audit))
	}
	if r := b.post("/desk/search/check", nil); r.code != 303 {
		t.Errorf("checking: %d", r.code)
	}
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		r := b.get("/desk/search")
		if strings.Contains(r.body, "完全一致") {
			break
		}
		if time.Since(start) > time.Minute {
			t.Fatalf("the check does not end: %s", r.body[strings.Index(r.body, `id="index"`):])
		}
	}
}

// TestSearchPage checks corrections, operators, the table and the cursor.
func TestSearchPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	b.get("/?lang=zh")
	r := b.get("/search?q=" + url.QueryEscape("不动产登计"))
	if !strings.Contains(r.body, "以下是“不动产登记”的结果") || !strings.Contains(r.body, "exact=1") {
		t.Error("a slip is not corrected")
	}
	r = b.get("/search?q=" + url.QueryEscape("机关:水务局 供水 年份:2020..2026"))
	if !strings.Contains(r.body, "理解为") || !strings.Contains(r.body, "水务局") {
		t.Error("operators are not understood")
	}
	r = b.get("/search?format=csv&q=" + url.QueryEscape("供水"))
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(r.body, "\uFEFF"))).ReadAll()
	if err != nil || len(rows) < 5 || !strings.Contains(r.header.Get("Content-Disposition"), "search.csv") {
		t.Errorf("the table: %d rows, %v", len(rows), err)
	}
	seen := map[string]bool{}
	pages := 0
	for next := "/search?q=" + url.QueryEscape("管理") + "&size=10"; next != ""; pages++ {
		r := b.get(next)
		for _, m := range regexp.MustCompile(`<h3 class="govuk-heading-s"><a class="govuk-link" href="([^"?]+)`).FindAllStringSubmatch(r.body, -1) {
			if seen[m[1]] {
				t.Fatalf("%s is shown twice, on page %d", m[1], pages)
			}
			seen[m[1]] = true
		}
		next = ""
		if m := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(r.body); m != nil {
			next = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	if found, _ := s.index.Find(context.Background(), query.Query{Text: "管理", Page: 1, Size: 1}); found.Total != len(seen) || pages < 3 {
		t.Errorf("%d shown on %d pages, %d found", len(seen), pages, found.Total)
	}
	for _, odd := range []string{`"`, `-`, `organ:`, `year:99999`, `date:x..y`, `"" - ::`, "机关：", strings.Repeat("a:b ", 70), "🙂", "\u202e"} {
		if r := b.get("/search?q=" + url.QueryEscape(odd)); r.code != 200 {
			t.Errorf("%q: %d", odd, r.code)
		}
	}
	if r := b.get("/help/search"); r.code != 200 || !strings.Contains(r.body, "机关:民政局") {
		t.Error("no help page")
	}
	doc := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "water", Page: 1, Size: 1}).Rows[0]
	if r := b.get("/documents/" + doc.ID); !strings.Contains(r.body, "相关主题的文件") {
		t.Error("no similar documents")
	}
}

// TestPageOfAPDF finds the page of an attachment and opens the file there.
func TestPageOfAPDF(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	file, size, err := s.st.Files.SaveFile(t.Context(), strings.NewReader(portaltest.PDF("Alpha page", "Beta bravado page", "Gamma page")), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.st.Files.OpenFile(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	read, err := portaltest.Reader(t).Read(t.Context(), f, "application/pdf")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.st.Files.KeepFile(t.Context(), file, read.Reading()); err != nil {
		t.Fatal(err)
	}
	key := s.publish(t, "带附件的通知", "见附件。", func(c *documents.Content) {
		c.Attachments = []portal.Attachment{{File: file, Name: "附件.pdf", Type: "application/pdf", Size: size}}
	})
	r := s.browser(t).get("/search?lang=zh&q=bravado")
	if want := "/documents/" + key.ID + "/files/" + string(file) + "/" + url.PathEscape("附件.pdf") + "#page=2"; !strings.Contains(r.body, want) || !strings.Contains(r.body, "第2页") {
		t.Errorf("the page is not opened: want %s in\n%s", want, r.body)
	}
}

// TestFeedHeedsDays: a saved search of days alone is a feed of those days.
func TestFeedHeedsDays(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	r := s.browser(t).get("/feed.json?from=2025-01-01&to=2025-12-31")
	var feed struct {
		Items []struct{ URL string }
	}
	if err := json.Unmarshal([]byte(r.body), &feed); err != nil || len(feed.Items) == 0 {
		t.Fatalf("%d items, %v", len(feed.Items), err)
	}
	for _, i := range feed.Items {
		parts := strings.Split(i.URL, "/")
		for _, kind := range []string{"document", "power", "report", "answer"} {
			if l := s.st.Catalogue.Listings(portal.Key{Kind: kind, ID: parts[len(parts)-1]})[0]; l != nil && l.Published.Year() != 2025 {
				t.Errorf("%s is of %s", l.Title, l.Published)
			}
		}
	}
}

// TestUnconfirmedAddress: whoever types somebody's address again and again
// sends one message a day, without a word of theirs; it confirms all.
func TestUnconfirmedAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", "https://open.example")
	box, sender := s.post(t)
	b := s.browser(t)
	for range 5 {
		if r := b.post("/alerts/new?q="+url.QueryEscape("买药加微信"), url.Values{"email": {"li@reader.example"}, "every": {"weekly"}}); r.code != 200 {
			t.Fatalf("asking: %d", r.code)
		}
	}
	if _, err := sender.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l := box.letters(); len(l) != 1 || strings.Contains(l[0].text, "买药") {
		t.Fatalf("%d letters: %v", len(l), l)
	}
	confirm := regexp.MustCompile(`/alerts/confirm/\S+`).FindString(box.letters()[0].text)
	if r := b.post(confirm, nil); r.code != 200 {
		t.Fatalf("confirming: %d", r.code)
	}
	list, err := s.st.Alerts.Alerts(t.Context())
	if err != nil || len(list) != 5 {
		t.Fatalf("%d alerts, %v", len(list), err)
	}
	for _, a := range list {
		if a.Confirmed.IsZero() {
			t.Error("one still waits")
		}
	}
}

// TestSearchedNext: what visitors search after having found nothing is proposed to staff from
// three of them on, and shown to others who find nothing from five on.
func TestSearchedNext(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	path := "/search?q=" + url.QueryEscape("蓝天卡")
	desk := s.signedIn(t, "admin")
	desk.get("/?lang=zh")
	for i := range searches.OftenSearched {
		visitor := fmt.Sprintf("198.51.100.%d", i)
		s.searches.Searched("蓝天卡", visitor, 0)
		s.searches.Searched("公共交通", visitor, 9)
		s.searches.Searched("蓝天卡", visitor, 0) // again: one visitor counts once
		s.searches.Searched("公共交通", visitor, 9)
		if err := s.searches.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if told := strings.Contains(desk.get("/desk/search").body, "公共交通 ("+fmt.Sprint(i+1)+")"); told != (i+1 >= searches.NextShown) {
			t.Errorf("after %d visitors staff are told: %v", i+1, told)
		}
		if shown := strings.Contains(s.browser(t).get(path).body, "没有找到的人接着搜索"); shown != (i+1 >= searches.OftenSearched) {
			t.Errorf("after %d visitors others are shown it: %v", i+1, shown)
		}
	}
	if r := desk.get("/desk/search/synonym?said=" + url.QueryEscape("蓝天卡") + "&meant=" + url.QueryEscape("公共交通")); !strings.Contains(r.body, `value="公共交通"`) {
		t.Error("the proposal does not fill the form")
	}
	s.searches.Searched("绿地卡", "203.0.113.1", 0)
	s.set(s.now.Add(10 * time.Minute))
	s.searches.Searched("公共交通", "203.0.113.1", 9)
	if err := s.searches.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	tallies, err := s.st.Searches.Searches(t.Context(), "2026-11")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tallies {
		if x.Query == "绿地卡" && len(x.Next) > 0 {
			t.Error("what was searched much later counts")
		}
	}
}
