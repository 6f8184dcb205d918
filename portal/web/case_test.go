package web_test

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/locale"
	"gongkai/portal/portaltest"
)

// confirmed makes an application of the water bureau and confirms its receipt.
func confirmed(t *testing.T, s *site, handler *browser) (path, number, code string) {
	t.Helper()
	number, code = apply(t, s.browser(t), applyForm())
	path = "/desk/applications/" + number
	if r := handler.post(path+"/step", url.Values{"type": {"confirmed"}, "date": {s.today()}}); r.code != 303 {
		t.Fatalf("confirming: %d %s", r.code, r.body)
	}
	return path, number, code
}

// TestLetterIsShownSentAndKept: a letter is shown first, as text and as PDF,
// goes out as it was shown, and is there for the applicant and nobody else.
func TestLetterIsShownSentAndKept(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	handler := s.signedIn(t, "handler")
	path, number, code := confirmed(t, s, handler)
	form := url.Values{"type": {"extended"}, "date": {s.today()}, "days": {"10"}, "approved_by": {"林主任"}, "note": {"需要核对材料。"}}
	r := handler.post(path+"/step", form)
	d, err := goquery.NewDocumentFromReader(strings.NewReader(r.body))
	if err != nil || r.code != 200 {
		t.Fatalf("%d %v", r.code, err)
	}
	text := d.Find("textarea#letter").Text()
	if !strings.Contains(text, "延期理由：需要核对材料。") || !strings.Contains(text, "{{申请人}}") || strings.Contains(r.body, "欧阳") {
		t.Errorf("the letter as shown: %s", text)
	}
	if page := handler.get(path); strings.Contains(page.body, "延期答复告知书") {
		t.Error("it went out when it was shown")
	}
	form.Set("letter", strings.Replace(text, "需要核对材料", "需要核对全部材料", 1))
	form.Set("go", "pdf")
	if r := handler.post(path+"/step", form); r.code != 200 || r.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(r.body, "%PDF") {
		t.Errorf("as PDF: %d %s", r.code, r.header.Get("Content-Type"))
	}
	form.Set("go", "sure")
	bad := url.Values{}
	for k, v := range form {
		bad[k] = v
	}
	bad.Set("letter", text+"{{没有这个变量}}")
	if r := handler.post(path+"/step", bad); r.code != 422 || !strings.Contains(r.body, "没有这个变量") || !strings.Contains(r.body, `id="letter-error"`) {
		t.Errorf("a letter with a placeholder left: %d", r.code)
	}
	if r := handler.post(path+"/step", form); r.code != 303 {
		t.Fatalf("sending: %d %s", r.code, r.body)
	}
	if r := handler.get(path + "/letters/1/letter.docx"); r.code != 200 || strings.HasPrefix(r.body, "PK") || !strings.Contains(r.body, `name="reason"`) {
		t.Errorf("a letter with the name is opened without a reason: %d", r.code)
	}
	if r := handler.post(path+"/letters/1/letter.docx", url.Values{"reason": {" "}}); r.code != 422 {
		t.Errorf("without a reason: %d", r.code)
	}
	if r := handler.post(path+"/letters/1/letter.docx", url.Values{"reason": {"核对送达地址"}}); r.code != 200 || !strings.HasPrefix(r.body, "PK") {
		t.Errorf("with a reason: %d", r.code)
	}
	if r := handler.get(path + "/letters/1/letter.docx"); r.code != 200 || !strings.HasPrefix(r.body, "PK") {
		t.Errorf("as DOCX: %d", r.code)
	}
	applicant, stranger := s.browser(t), s.browser(t)
	applicant.post("/track", url.Values{"number": {number}, "code": {code}})
	link := "/track/" + number + "/letters/1/letter.pdf"
	if r := applicant.get("/track/" + number); !strings.Contains(r.body, link) {
		t.Error("the applicant does not see the letter")
	}
	got := applicant.get(link)
	if got.code != 200 || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the applicant's letter: %d", got.code)
	}
	if r := stranger.get(link); r.code == 200 {
		t.Error("a stranger gets the letter")
	}
	if r := s.signedIn(t, "admin").get("/desk/audit"); !strings.Contains(r.body, "核对送达地址") {
		t.Error("the look at the name was not logged")
	}
}

// TestOnlyPapersAreGiven: naming the file of another case gives nothing away.
func TestOnlyPapersAreGiven(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	handler := s.signedIn(t, "handler")
	other, _, _ := confirmed(t, s, handler)
	if r := handler.upload(other+"/papers", nil, map[string][2]string{"files": {"秘密.pdf", portaltest.PDF("secret of another case")}}); r.code != 303 {
		t.Fatalf("adding: %d %s", r.code, r.body)
	}
	a, err := s.st.Cases.Application(t.Context(), cases.ApplicationNumber(strings.TrimPrefix(other, "/desk/applications/")))
	if err != nil {
		t.Fatal(err)
	}
	secret := string(a.Papers[0].Original.File)
	f := applyForm()
	f.Set("subject", "另一件")
	number, code := apply(t, s.browser(t), f)
	path := "/desk/applications/" + number
	form := url.Values{"type": {"answered"}, "date": {s.today()}, "outcome": {"granted"}, "text": {"现予公开。"}, "give": {secret}, "go": {"sure"}}
	if r := handler.upload(path+"/step", form, nil); r.code != 303 {
		t.Fatalf("answering: %d %s", r.code, r.body)
	}
	applicant := s.browser(t)
	applicant.post("/track", url.Values{"number": {number}, "code": {code}})
	if r := applicant.get("/track/" + number + "/files/" + secret + "/x.pdf"); r.code != 404 {
		t.Errorf("the other case's file: %d", r.code)
	}
	if r := handler.get(path + "/papers/" + secret); r.code != 404 {
		t.Errorf("redacting it here: %d", r.code)
	}
	// What is redacted is refused where it is no document that can be.
	if r := handler.upload(path+"/papers", nil, map[string][2]string{"files": {"文字.txt", "text"}}); r.code != 303 {
		t.Fatalf("adding a text: %d", r.code)
	}
	a, err = s.st.Cases.Application(t.Context(), cases.ApplicationNumber(number))
	if err != nil {
		t.Fatal(err)
	}
	if r := handler.get(path + "/papers/" + string(a.Papers[0].Original.File)); r.code != 422 || !strings.Contains(r.body, "请先转为 PDF") {
		t.Errorf("redacting a text: %d", r.code)
	}
}

// TestIntake: what came by post is taken in with its matters; mistakes are
// beside their fields and what was typed is kept.
func TestIntake(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	handler := s.signedIn(t, "handler")
	form := applyForm()
	form.Set("channel", "registered_mail")
	form.Set("date", "2099-01-01")
	form.Set("subject2", "第二个事项")
	if r := handler.upload("/desk/intake", form, nil); r.code != 422 || !strings.Contains(r.body, "第二个事项") || !strings.Contains(r.body, `id="description2-error"`) {
		t.Fatalf("half a matter: %d", r.code)
	}
	form.Set("description2", "第二个事项的描述")
	if r := handler.upload("/desk/intake", form, nil); r.code != 422 || !strings.Contains(r.body, `id="date-error"`) || !strings.Contains(r.body, "第二个事项的描述") {
		t.Fatalf("received tomorrow: %d", r.code)
	}
	form.Set("date", "2026-11-16")
	r := handler.upload("/desk/intake", form, map[string][2]string{"files": {"来信.pdf", portaltest.PDF("the letter")}})
	d, err := goquery.NewDocumentFromReader(strings.NewReader(r.body))
	if err != nil || r.code != 200 {
		t.Fatalf("%d %v %s", r.code, err, r.body)
	}
	numbers := d.Find("a.number")
	if numbers.Length() != 2 {
		t.Fatalf("%d cases", numbers.Length())
	}
	page := handler.get("/desk/applications/" + numbers.First().Text())
	if !strings.Contains(page.body, numbers.Last().Text()) || !strings.Contains(page.body, "来信.pdf") || !strings.Contains(page.body, "2026年12月14日") {
		t.Error("the case lacks its other matter, its scan, or its deadline from the day it was signed for")
	}
	if r := s.signedIn(t, "editor").get("/desk/intake"); r.code != 403 {
		t.Errorf("an editor takes in: %d", r.code)
	}
}

// TestProofOfIdentityIsSealed: a file instead of a number is seen only when it
// is asked for, and is in no folder.
func TestProofOfIdentityIsSealed(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	form := applyForm()
	form.Del("id_number")
	citizen := s.browser(t)
	if r := citizen.upload("/apply", form, map[string][2]string{"id_file": {"证件.txt", "not a picture"}}); r.code != 422 || !strings.Contains(r.body, `id="id_file-error"`) {
		t.Fatalf("a text as proof: %d", r.code)
	}
	picture := "\x89PNG\r\n\x1a\n" + strings.Repeat("QILINPROOF", 40)
	if r := citizen.upload("/apply", form, map[string][2]string{"id_file": {"证件.png", picture}}); r.code != 303 {
		t.Fatalf("a picture as proof: %d %s", r.code, r.body)
	}
	d, err := goquery.NewDocumentFromReader(strings.NewReader(citizen.get("/apply/receipt").body))
	if err != nil {
		t.Fatal(err)
	}
	path := "/desk/applications/" + d.Find("#number").Text()
	handler := s.signedIn(t, "handler")
	if r := handler.get(path); strings.Contains(r.body, "data:image") || strings.Contains(r.body, "证件.png") {
		t.Error("the proof shows before it is asked for")
	}
	if r := handler.post(path+"/reveal", url.Values{"reason": {"核对身份"}}); !strings.Contains(r.body, "data:image/png;base64,") || !strings.Contains(r.header.Get("Content-Security-Policy"), "data:") {
		t.Error("the proof does not show when it is asked for")
	}
	if n := grepFolder(t, s.st.Dir(), "QILINPROOF"); n != 0 {
		t.Errorf("%d files hold the proof in plain", n)
	}
}

// TestThirdPartyPage: the private link shows the letter, nothing of the
// applicant, and is no page for anybody else.
func TestThirdPartyPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", "https://xxgk.example")
	handler := s.signedIn(t, "handler")
	path, number, _ := confirmed(t, s, handler)
	form := url.Values{"type": {"consultation_sent"}, "date": {s.today()}, "party": {"清河水泵厂"}, "kind": {"third_party"}, "email": {"pump@factory.example"}, "note": {"水泵采购合同。"}, "go": {"sure"}}
	if r := handler.post(path+"/step", form); r.code != 303 {
		t.Fatalf("%d %s", r.code, r.body)
	}
	mails, err := s.st.Outbox.DueMail(t.Context(), s.now.Add(1e9), 10)
	if err != nil {
		t.Fatal(err)
	}
	link := ""
	for _, m := range mails {
		if _, after, ok := strings.Cut(m.Text, "https://xxgk.example/opinion/"); ok {
			link, _, _ = strings.Cut("/opinion/"+after, "（")
		}
	}
	visitor := s.browser(t)
	r := visitor.get(link)
	if r.code != 200 || !strings.Contains(r.body, "水泵采购合同") || r.header.Get("Referrer-Policy") != "no-referrer" || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page: %d %v", r.code, r.header)
	}
	for _, word := range []string{"欧阳", "SECRETID", "朱雀"} {
		if strings.Contains(r.body, word) {
			t.Errorf("the third party reads %q", word)
		}
	}
	if r := visitor.get(link[:len(link)-1] + "0"); r.code != 404 && link[len(link)-1] != '0' {
		t.Errorf("a wrong link: %d", r.code)
	}
	if r := visitor.post(link, url.Values{"opinion": {"object"}}); r.code != 422 || !strings.Contains(r.body, `id="reason-error"`) {
		t.Errorf("no reasons: %d", r.code)
	}
	if r := visitor.post(link, url.Values{"opinion": {"object"}, "reason": {"商业秘密"}}); r.code != 200 {
		t.Errorf("the opinion: %d", r.code)
	}
	if r := visitor.post(link, url.Values{"opinion": {"consent"}}); r.code < 400 {
		t.Errorf("a second opinion: %d", r.code)
	}
	if s.applicantReads(t, number, "商业秘密") {
		t.Error("the applicant reads the third party's reasons")
	}
}

// applicantReads reports whether the page that the demonstration's handler
// cannot see, the applicant's, would hold a word: it is rendered from the case
// with the notes of consultations left out.
func (s *site) applicantReads(t *testing.T, number, word string) bool {
	t.Helper()
	code := portal.NewQueryCode()
	_, err := s.st.Cases.ChangeApplication(t.Context(), portal.System("t"), cases.ApplicationNumber(number), portal.Latest, "x", s.now, func(a *cases.Application, _ cases.CaseTx) error {
		a.CodeHash = portal.HashCode(string(a.Number), code)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	b.post("/track", url.Values{"number": {number}, "code": {code}})
	r := b.get("/track/" + number)
	if r.code != 200 {
		t.Fatalf("following: %d", r.code)
	}
	return strings.Contains(r.body, word)
}

// TestLetterTemplates: an organ's own text is checked, used, and can be taken
// back.
func TestLetterTemplates(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	head, handler := s.signedIn(t, "head"), s.signedIn(t, "handler")
	at := "/desk/letters/edit?organ=water&kind=extension"
	if r := head.post(at, url.Values{"body": {"因{{正文}}延期。"}}); r.code != 422 || !strings.Contains(r.body, "{{天数}}") || !strings.Contains(r.body, "因{{正文}}延期") {
		t.Errorf("a template without its variables: %d", r.code)
	}
	if r := head.post(at, url.Values{"body": {"麒麟文书：因{{正文}}延期{{天数}}天，至{{答复期限}}。"}}); r.code != 303 {
		t.Fatalf("saving: %d %s", r.code, r.body)
	}
	path, _, _ := confirmed(t, s, handler)
	form := url.Values{"type": {"extended"}, "date": {s.today()}, "days": {"10"}, "approved_by": {"林主任"}, "note": {"核对"}}
	if r := handler.post(path+"/step", form); !strings.Contains(r.body, "麒麟文书：因核对延期10天") {
		t.Error("the organ's own text is not used")
	}
	if r := head.post(at, url.Values{"body": {"x"}, "reset": {"yes"}}); r.code != 303 {
		t.Fatalf("restoring: %d", r.code)
	}
	if r := handler.post(path+"/step", form); strings.Contains(r.body, "麒麟文书") {
		t.Error("the organ's text is still used")
	}
	if r := handler.get(at); r.code != 403 {
		t.Errorf("a handler edits: %d", r.code)
	}
}

// grepFolder counts the files below a folder that hold a word.
func grepFolder(t *testing.T, dir, word string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		if strings.Contains(string(b), word) {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPublishedAnswerIsTakenBack: it leaves search, lists and feeds, its address
// says why; and what goes on inside a case is no news.
func TestPublishedAnswerIsTakenBack(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	handler := s.signedIn(t, "handler")
	path, number, code := confirmed(t, s, handler)
	form := url.Values{"type": {"answered"}, "date": {s.today()}, "outcome": {"granted"}, "text": {"现予公开。"}, "publish": {"yes"}, "public_title": {"麒麟泵站水质结果"}, "public_text": {"全年合格。"}, "go": {"sure"}}
	if r := handler.upload(path+"/step", form, nil); r.code != 303 {
		t.Fatalf("answering: %d %s", r.code, r.body)
	}
	s.catchUp(t)
	visitor := s.browser(t)
	found := func() bool {
		return strings.Contains(plain(visitor.get("/search?q="+url.QueryEscape("麒麟泵站")).body), "麒麟泵站水质结果") || strings.Contains(visitor.get("/feed.atom").body, "麒麟泵站") || strings.Contains(visitor.get("/catalogue?kind=answer").body, "麒麟泵站")
	}
	if !found() {
		t.Fatal("the published answer is not found")
	}
	before := s.st.Changes.LastChange()
	applicant := s.browser(t)
	applicant.post("/track", url.Values{"number": {number}, "code": {code}})
	if r := applicant.post("/track/"+number+"/rate", url.Values{"stars": {"5"}}); r.code != 303 {
		t.Fatalf("rating: %d", r.code)
	}
	if s.st.Changes.LastChange() != before {
		t.Error("a rating is news to those who follow the answer")
	}
	if r := handler.post(path+"/unpublish", nil); r.code != 422 {
		t.Errorf("without a reason: %d", r.code)
	}
	if r := handler.post(path+"/unpublish", url.Values{"why": {"含有个人信息"}}); r.code != 303 {
		t.Fatalf("taking back: %d %s", r.code, r.body)
	}
	s.catchUp(t)
	if found() {
		t.Error("it is still found")
	}
	if r := visitor.get("/answers/" + number); r.code != 410 || !strings.Contains(r.body, "含有个人信息") || strings.Contains(r.body, "麒麟") {
		t.Errorf("its address: %d", r.code)
	}
}

// TestMessagesOfCases: every message to applicants and staff is whole, in both
// languages, and tells nothing but numbers, days and where to look.
func TestMessagesOfCases(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", "https://xxgk.example")
	a, err := s.st.Cases.Application(t.Context(), "2026-000002")
	if err != nil {
		t.Fatal(err)
	}
	steps := []clock.EventType{clock.Confirmed, clock.CorrectionRequested, clock.ConsultationSent, clock.Extended, clock.FeeNotified, clock.FeePaid, clock.UnreasonableVolume, clock.Forwarded, clock.Withdrawn, clock.Answered, clock.Reopened, "undone"}
	for _, lang := range locale.Langs {
		a.Lang = lang
		seen := make(map[string]bool)
		for _, typ := range steps {
			m := s.srv.Writer.StepMail(a, cases.CaseStep{Event: clock.Event{Type: typ, Date: clock.NewDate(2026, 11, 20)}})
			for _, part := range []string{m.Subject, m.Text} {
				if strings.Contains(part, "<no value>") || strings.Contains(part, "step.") || strings.Contains(part, "notice.") || !strings.Contains(part, "2026-000002") || strings.Contains(part, a.Subject) {
					t.Errorf("%s in %s: %s", typ, lang, part)
				}
			}
			if !strings.Contains(m.Text, "https://xxgk.example/track?number=2026-000002") || seen[m.Subject] {
				t.Errorf("%s in %s: %s\n%s", typ, lang, m.Subject, m.Text)
			}
			seen[m.Subject] = true
		}
	}
	d := s.srv.Writer.DigestMail(portal.Organ{Name: portal.Text{ZH: "清河市水务局"}}, []cases.DueItem{{Number: "2026-000001", Deadline: clock.NewDate(2026, 11, 23), Left: 1}, {Number: "2026-000002", Deadline: clock.NewDate(2026, 11, 16), Left: -4}})
	for _, want := range []string{"剩1个工作日", "逾期4个工作日", "https://xxgk.example/desk/applications/2026-000002", "2件"} {
		if !strings.Contains(d.Subject+d.Text, want) {
			t.Errorf("the digest lacks %q:\n%s", want, d.Text)
		}
	}
}

// TestCheckListAsksAgain: a letter whose check list is not ticked is asked about; sent all
// the same, the log says so; ticked, it goes at once.
func TestCheckListAsksAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	citizen, handler := s.browser(t), s.signedIn(t, "handler")
	number, _ := apply(t, citizen, applyForm())
	at := "/desk/applications/" + number
	step := func(form url.Values) reply {
		form.Set("date", s.today())
		form.Set("revision", revision(t, handler.get(at).body))
		return handler.post(at+"/step", form)
	}
	if r := step(url.Values{"type": {"confirmed"}}); r.code != 303 {
		t.Fatalf("confirming: %d", r.code)
	}
	form := url.Values{"type": {"answered"}, "outcome": {"granted"}, "text": {"现予公开。"}, "go": {"send"}}
	r := step(form)
	if r.code != 200 || !strings.Contains(r.body, "没有勾选") || strings.Contains(handler.get(at).body, "已发文书") && strings.Contains(handler.get(at).body, "答复书") {
		t.Fatalf("sent without a look: %d", r.code)
	}
	form.Set("go", "sure")
	if r := step(form); r.code != 303 {
		t.Fatalf("sent all the same: %d %s", r.code, r.body)
	}
	if log, err := s.st.Log.Audit(t.Context(), 0, 5, "application/"+number); err != nil || !slices.ContainsFunc(log, func(e portal.AuditEntry) bool { return e.Act == "sent_unchecked" }) {
		t.Errorf("the log does not say so: %v %+v", err, log)
	}
}

// TestCasesAreTakenTogether: chosen cases are taken by one, given to another, and to nobody who
// may not handle them.
func TestCasesAreTakenTogether(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	citizen, handler := s.browser(t), s.signedIn(t, "handler")
	var numbers []string
	for _, subject := range []string{"一号泵站", "二号泵站"} {
		form := applyForm()
		form.Set("subject", subject)
		n, _ := apply(t, citizen, form)
		numbers = append(numbers, n)
	}
	list := handler.get("/desk/applications").body
	for _, n := range numbers {
		if !strings.Contains(list, `name="case" value="`+n+`"`) {
			t.Errorf("%s cannot be chosen", n)
		}
	}
	if r := handler.post("/desk/applications/assign", url.Values{"case": numbers, "to": {"me"}}); r.code != 303 {
		t.Fatalf("taking: %d %s", r.code, r.body)
	}
	for _, n := range numbers {
		a, err := s.st.Cases.Application(t.Context(), cases.ApplicationNumber(n))
		if err != nil || a.Handler != "handler" {
			t.Errorf("%s is with %q, %v", n, a.Handler, err)
		}
	}
	if r := handler.post("/desk/applications/assign", url.Values{"case": numbers, "to": {"whom"}, "whom": {"editor"}}); r.code != 422 {
		t.Errorf("given to who may not: %d", r.code)
	}
	if r := handler.post("/desk/applications/assign", url.Values{"case": {"2026-999999"}, "to": {"me"}}); r.code != 404 {
		t.Errorf("a case that is not there: %d", r.code)
	}
}
