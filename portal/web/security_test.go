package web_test

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/web"
	"gongkai/portal/web/account"
)

var secretShown = regexp.MustCompile(`<code>([A-Z2-7]{16,})</code>`)

// TestSecondFactor: a role that needs one is led to make it; then the password
// alone opens nothing, a code counts once, and a recovery code helps once.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	web.RequireSecond(s.srv, portal.Reviewer)
	b := s.signedIn(t, "reviewer")
	if r := b.get("/desk/documents"); r.code != 303 || !strings.HasSuffix(r.header.Get("Location"), "/desk/security") {
		t.Fatalf("without a second factor: %d %s", r.code, r.header.Get("Location"))
	}
	page := b.get("/desk/security?lang=en")
	m := secretShown.FindStringSubmatch(page.body)
	if m == nil {
		t.Fatalf("no secret on the page:\n%s", page.body)
	}
	code := func() string {
		c, err := totp.GenerateCode(m[1], s.now)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if r := b.post("/desk/security/app", url.Values{"code": {"000000"}}); r.code != 422 || !strings.Contains(r.body, m[1]) {
		t.Errorf("a wrong code: %d", r.code)
	}
	first := code()
	r := b.post("/desk/security/app", url.Values{"code": {first}})
	recovery := regexp.MustCompile(`<li><code>([A-Z2-7-]{29})</code>`).FindAllStringSubmatch(r.body, -1)
	if r.code != 200 || len(recovery) != 10 {
		t.Fatalf("setting it: %d, %d recovery codes", r.code, len(recovery))
	}
	if r := b.get("/desk/documents"); r.code != 200 {
		t.Errorf("with a second factor: %d", r.code)
	}

	half := s.signedIn(t, "reviewer")
	if r := half.get("/desk/documents"); r.code == 200 {
		t.Fatal("the password alone opens the desk")
	}
	if r := half.post("/desk/second", url.Values{"code": {first}}); r.code != 422 {
		t.Errorf("a code counts twice: %d", r.code)
	}
	s.set(s.now.Add(31 * time.Second))
	if r := half.post("/desk/second", url.Values{"code": {code()}}); r.code != 303 || half.get("/desk/documents").code != 200 {
		t.Errorf("the next code: %d", r.code)
	}
	lost := s.signedIn(t, "reviewer")
	if r := lost.post("/desk/second", url.Values{"code": {strings.ToLower(recovery[3][1])}}); r.code != 303 {
		t.Errorf("a recovery code: %d", r.code)
	}
	again := s.signedIn(t, "reviewer")
	if r := again.post("/desk/second", url.Values{"code": {recovery[3][1]}}); r.code != 422 {
		t.Errorf("a recovery code twice: %d", r.code)
	}
	if list := lost.get("/desk/security?lang=en").body; strings.Count(list, ">End</button>") != 2 {
		t.Errorf("sessions are listed:\n%s", list)
	}
	lost.post("/desk/security/end", url.Values{"id": {"others"}})
	if r := half.get("/desk/documents"); r.code == 200 {
		t.Error("a session that was ended goes on")
	}

	// A passkey is made only a while after the password; who has lost all is helped by an administrator.
	s.set(s.now.Add(45 * time.Minute))
	if r := lost.post("/desk/security/key", nil); r.code != 403 {
		t.Errorf("a passkey long after signing in: %d", r.code)
	}
	if page := lost.get("/desk/security").body; strings.Contains(page, "data-newkey") || !strings.Contains(page, "/desk/security/again") {
		t.Error("it is offered nevertheless")
	}
	admin := s.signedIn(t, "admin")
	person := url.Values{"name": {"R"}, "role": {"reviewer"}, "organs": {"water"}, "drop_second": {"yes"}}
	if page := admin.get("/desk/people/edit?id=reviewer").body; !strings.Contains(page, `name="drop_second"`) {
		t.Error("an administrator cannot end a second step")
	}
	if r := admin.post("/desk/people/edit?id=reviewer", person); r.code != 303 {
		t.Fatalf("ending it: %d\n%s", r.code, r.body)
	}
	if f, err := s.st.People.SecondFactor(t.Context(), "reviewer"); err != nil || f.Any() {
		t.Errorf("it is still there: %v", err)
	}
}

// TestNothingTellsALogin: whether a login exists shows in no word and no
// status, and whoever guesses keeps nobody else out.
func TestNothingTellsALogin(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	var codes, bodies [2][]string
	for i, login := range []string{"editor", "nobody-here"} {
		s.resetLimits()
		b := s.browser(t)
		for range 7 {
			r := b.post("/desk/sign-in", url.Values{"login": {login}, "password": {"wrong password"}})
			codes[i] = append(codes[i], strconv.Itoa(r.code))
			bodies[i] = append(bodies[i], clockTime.ReplaceAllString(strings.ReplaceAll(r.body, login, "x"), "T"))
		}
	}
	for k := range codes[0] {
		if codes[0][k] != codes[1][k] || bodies[0][k] != bodies[1][k] {
			t.Errorf("try %d: %s and %s, or other words", k+1, codes[0][k], codes[1][k])
		}
	}
	s.resetLimits()
	log := s.signedIn(t, "admin").get("/desk/audit").body
	if !strings.Contains(log, "sign-in failed") || !strings.Contains(log, "sign-in locked") || strings.Contains(log, "nobody-here") {
		t.Error("the log holds failures and locks, and not what was typed for a login")
	}
}

var clockTime = regexp.MustCompile(`\d\d:\d\d:\d\d`)

// newSetup is a portal that nobody has used yet, and where its first administrator is made.
func newSetup(t testing.TB) (s *site, path string) {
	t.Helper()
	s = newEmptySite(t)
	token := strings.Repeat("T", 26)
	if _, err := s.st.Secrets.Secret(t.Context(), account.SetupSecret, func() []byte { return []byte(token) }); err != nil {
		t.Fatal(err)
	}
	return s, "/setup/" + token
}

// TestSetupLinkWorksOnce: eight people with the same link at once make one
// administrator.
func TestSetupLinkWorksOnce(t *testing.T) {
	t.Parallel()
	s, setup := newSetup(t)
	var made atomic.Int32
	var all sync.WaitGroup
	for i := range 8 {
		b := s.browser(t)
		all.Go(func() {
			if r := b.post(setup, url.Values{"login": {"admin" + string(rune('a'+i))}, "name": {"x"}, "password": {"a long password 7"}}); r.code == 303 {
				made.Add(1)
			}
		})
	}
	all.Wait()
	people, err := s.st.People.People(t.Context())
	if err != nil || len(people) != 1 || made.Load() != 1 {
		t.Errorf("%d accounts, %d told that they have one, %v", len(people), made.Load(), err)
	}
}

// TestFreshSignIn: what cannot be undone asks for the password again after a
// while, and goes on with what was sent.
func TestFreshSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.signedIn(t, "reviewer")
	key := s.publish(t, "一件信息", "正文。")
	s.set(s.now.Add(40 * time.Minute))
	path, form := "/desk/documents/"+key.ID+"/withdraw", url.Values{"reason": {"内容有误"}}
	r := b.post(path, form)
	if r.code != 422 || !strings.Contains(r.body, `name="again_password"`) || !strings.Contains(r.body, "内容有误") {
		t.Fatalf("after a while: %d", r.code)
	}
	form.Set("again_password", "wrong password")
	if r := b.post(path, form); r.code != 422 {
		t.Errorf("with a wrong password: %d", r.code)
	}
	form.Set("again_password", password("reviewer"))
	if r := b.post(path, form); r.code != 303 {
		t.Errorf("with the password: %d %s", r.code, r.body)
	}
	if r := s.browser(t).get("/documents/" + key.ID); r.code != 410 {
		t.Errorf("withdrawn: %d", r.code)
	}
}

// TestNoOrganNoPublishing: a draft cannot be moved into no organ, so nobody
// else's reviewer publishes it.
func TestNoOrganNoPublishing(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.signedIn(t, "editor")
	for _, organ := range []string{"", "no-such-organ"} {
		r := b.post("/desk/documents/new", url.Values{"title": {"无机关的信息"}, "organ": {organ}, "body": {"正文。"}, "formed": {"2026-11-01"}, "theme": {"02"}, "genre": {"notice"}, "item": {"1"}, "mode": {"proactive"}, "validity": {"in_force"}})
		if r.code != 422 && r.code != 403 {
			t.Errorf("organ %q: %d", organ, r.code)
		}
	}
	drafts, err := s.st.Documents.Drafts(t.Context(), func(d *documents.Draft) bool { return d.Content.Title == "无机关的信息" })
	if err != nil || len(drafts) > 0 {
		t.Errorf("%d drafts, %v", len(drafts), err)
	}
}
