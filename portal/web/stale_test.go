package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/powers"
)

var revisionField = regexp.MustCompile(`name="revision" value="([^"]+)"`)

// revision is that of the first form of a page, or of the one whose address holds
// a word.
func revision(t *testing.T, body string, action ...string) string {
	t.Helper()
	if len(action) > 0 {
		_, rest, found := strings.Cut(body, action[0])
		if !found {
			t.Fatalf("there is no form %q in the page", action[0])
		}
		body = rest
	}
	m := revisionField.FindStringSubmatch(body)
	if m == nil {
		t.Fatal("the form does not say which revision it shows")
	}
	return m[1]
}

func with(form url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for k, v := range form {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

// TestStaleForms: of two people who open the same form the second to save is shown
// what the first has put there, beside what they typed themselves, and nothing is
// saved until they send it again. It holds for every kind of record.
func TestStaleForms(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	power := s.st.Catalogue.Browse(portal.Browse{Kind: "power", Organ: "water", Page: 1, Size: 1}).Rows[0].ID
	report := s.st.Catalogue.Browse(portal.Browse{Kind: "report", Organ: "water", Page: 1, Size: 1}).Rows[0].ID
	editor, admin := s.signedIn(t, "editor"), s.signedIn(t, "admin")
	r := editor.post("/desk/documents/new", draftForm("改前的题目"))
	draft := r.header.Get("Location")
	if r.code != 303 || draft == "" {
		t.Fatalf("draft: %d %s", r.code, r.body)
	}
	for _, x := range []struct {
		name, path string
		by         *browser
		form       url.Values
		field      string
	}{
		{"power item", "/desk/powers/edit?id=" + power, editor, url.Values{"kind": {"changed"}, "reason": {"水法修改"}, "document": {"清政发〔2026〕9号"}, "type": {"01"}, "name_zh": {"取水许可"}, "basis": {"水法第七条"}, "effective": {"2026-11-20"}}, "name_zh"},
		{"report", "/desk/reports/edit?id=" + report, editor, url.Values{"title_zh": {"年度报告"}, "body": {"一、总体情况"}}, "title_zh"},
		{"draft", draft + "/edit", editor, draftForm("x"), "title"},
		{"person", "/desk/people/edit?id=handler", admin, url.Values{"name": {"张办理"}, "role": {"handler"}, "organs": {"water"}}, "name"},
		{"synonym", "/desk/search/synonym?said=低保", admin, url.Values{"said": {"低保"}, "meant": {"x"}}, "meant"},
		{"letter template", "/desk/letters/edit?organ=water&kind=extension", admin, url.Values{"body": {"x"}}, "body"},
		{"organ", "/desk/organs/edit?id=water", admin, url.Values{"parent": {"qinghe"}, "kind": {"department"}, "index_prefix": {"000000002"}, "name_zh": {"水务局"}}, "name_zh"}, // whose name stands on other pages
	} {
		page := x.by.get(x.path)
		if page.code != 200 {
			t.Fatalf("%s: %d", x.name, page.code)
		}
		seen, post := revision(t, page.body, `method="post" action="`+strings.Split(x.path, "?")[0]), x.path
		first, second := "甲写的内容", "乙写的内容"
		if x.name == "letter template" { // which must have its variables
			body := func(s string) string { return s + "{{答复期限}}{{正文}}{{天数}}{{批准人}}" }
			first, second = body(first), body(second)
		}
		if r := x.by.post(post, with(x.form, x.field, first, "revision", seen)); r.code != 303 {
			t.Errorf("%s: the first to save is answered %d: %s", x.name, r.code, plain(r.body))
			continue
		}
		r := x.by.post(post, with(x.form, x.field, second, "revision", seen))
		if r.code != 409 {
			t.Errorf("%s: the second to save is answered %d, want 409", x.name, r.code)
			continue
		}
		if !strings.Contains(r.body, "乙写的内容") || !strings.Contains(r.body, "甲写的内容") || !strings.Contains(r.body, "现在的内容") {
			t.Errorf("%s: the texts of both do not stand side by side", x.name)
		}
		if !strings.Contains(plain(r.body), "别人改动了它") || !strings.Contains(r.body, "2026-11-20") {
			t.Errorf("%s: the page does not say that it has changed, and when", x.name)
		}
		if page := x.by.get(x.path); strings.Contains(page.body, "乙写的内容") {
			t.Errorf("%s: the second has won all the same", x.name)
		}
		if r := x.by.post(post, with(x.form, x.field, second, "revision", revision(t, r.body, `method="post" action="`+strings.Split(x.path, "?")[0]))); r.code != 303 {
			t.Errorf("%s: sent again, knowing what is there: %d %s", x.name, r.code, plain(r.body))
		}
		if page := x.by.get(x.path); !strings.Contains(page.body, "乙写的内容") {
			t.Errorf("%s: it was not saved when it was sent again", x.name)
		}
	}
}

// TestCodeThatIsTaken: what is entered as new does not overwrite what there is, and
// what a form does not show is not erased.
func TestCodeThatIsTaken(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	l := s.st.Catalogue.Browse(portal.Browse{Kind: "power", Organ: "water", Page: 1, Size: 1}).Rows[0]
	_, err := s.st.Powers.Change(t.Context(), portal.System("t"), l.ID, portal.Latest, "", testNow, func(i *powers.PowerItem) (string, error) {
		last := &i.Changes[len(i.Changes)-1]
		last.Forms = []portal.Attachment{{File: portal.FileID(strings.Repeat("0", 64)), Name: "申请书.docx"}}
		return "", nil
	})
	if err != nil {
		t.Fatal(err)
	}
	before, err := s.st.Powers.Get(t.Context(), l.ID)
	if err != nil {
		t.Fatal(err)
	}
	editor := s.signedIn(t, "editor")
	form := url.Values{"kind": {"added"}, "reason": {"水法修改"}, "document": {"清政发〔2026〕9号"}, "organ": {"water"}, "code": {before.Code}, "type": {"01"}, "name_zh": {"别的事项"}, "basis": {"水法"}, "effective": {"2026-11-20"}}
	if r := editor.post("/desk/powers/edit", form); r.code != 409 || !strings.Contains(r.body, "别的事项") {
		t.Errorf("a code that is taken: %d, want 409 with what was typed", r.code)
	}
	if now, err := s.st.Powers.Get(t.Context(), l.ID); err != nil || portal.RevisionOf(now) != portal.RevisionOf(before) {
		t.Errorf("it was overwritten: %+v, %v", now, err)
	}
	seen := revision(t, editor.get("/desk/powers/edit?id="+l.ID).body, `action="/desk/powers/edit`)
	if r := editor.post("/desk/powers/edit?id="+l.ID, with(form, "revision", seen, "kind", "changed")); r.code != 303 {
		t.Fatalf("saving: %d %s", r.code, plain(r.body))
	}
	if now, err := s.st.Powers.Get(t.Context(), l.ID); err != nil || now.Proposal == nil || len(now.Proposal.Forms) != 1 || now.Proposal.Values["name_zh"] != "别的事项" {
		t.Errorf("the blank form was erased: %+v, %v", now, err)
	}
	rl := s.st.Catalogue.Browse(portal.Browse{Kind: "report", Organ: "water", Page: 1, Size: 1}).Rows[0]
	report, err := s.st.Reports.Get(t.Context(), rl.ID)
	if err != nil {
		t.Fatal(err)
	}
	if r := editor.post("/desk/reports/edit", url.Values{"organ": {"water"}, "year": {report.Title.ZH[:0] + itoa(report.Year)}, "title_zh": {"又一份"}, "body": {"x"}}); r.code != 409 {
		t.Errorf("a second report of one year: %d, want 409", r.code)
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

// TestReviewOfWhatWasShown: a reviewer approves what the page showed; a draft is
// published once, whatever happens at the same time; and a correction does not take
// back what became public after it was written.
func TestReviewOfWhatWasShown(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer := s.signedIn(t, "editor"), s.signedIn(t, "reviewer")
	write := func(title string) string {
		r := editor.post("/desk/documents/new", draftForm(title))
		if r.code != 303 {
			t.Fatalf("writing: %d", r.code)
		}
		at := r.header.Get("Location")
		if r := editor.post(at+"/submit", nil); r.code != 303 {
			t.Fatalf("handing in: %d %s", r.code, plain(r.body))
		}
		return at
	}
	at := write("审核所见")
	shown := revision(t, reviewer.get(at).body, "/approve")
	if r := reviewer.post(at+"/return", url.Values{"remark": {"请补充"}, "revision": {shown}}); r.code != 303 {
		t.Fatalf("returning: %d", r.code)
	}
	if r := editor.post(at+"/edit", with(draftForm("审核所见"), "body", "偷换的正文")); r.code != 303 {
		t.Fatalf("writing again: %d", r.code)
	}
	if r := editor.post(at+"/submit", nil); r.code != 303 {
		t.Fatalf("handing in again: %d", r.code)
	}
	if r := reviewer.post(at+"/approve", url.Values{"revision": {shown}, "basis": basis["basis"]}); r.code != 409 || !strings.Contains(r.body, "偷换的正文") {
		t.Errorf("approving another text than was shown: %d, want 409 with the text of now", r.code)
	}
	// All at once.
	at = write("同时批准和退回")
	shown = revision(t, reviewer.get(at).body, "/approve")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { reviewer.post(at+"/approve", url.Values{"revision": {shown}, "basis": basis["basis"]}) })
		all.Go(func() { reviewer.post(at+"/return", url.Values{"remark": {"退回"}, "revision": {shown}}) })
	}
	all.Wait()
	n := 0
	for _, l := range s.st.Catalogue.Browse(portal.Browse{Organ: "water", Page: 1, Size: 100, Sort: portal.SortChanged}).Rows {
		if l.Title == "同时批准和退回" {
			n++
		}
	}
	if n > 1 {
		t.Errorf("it was published %d times", n)
	}
	// A correction of a version that is not the last any more.
	key := s.publish(t, "要更正的文件", "旧正文")
	r := editor.post("/desk/documents/"+key.ID+"/correct", nil)
	at = strings.TrimSuffix(r.header.Get("Location"), "/edit")
	if r := editor.post(at+"/edit", with(draftForm("要更正的文件"), "note", "更正")); r.code != 303 {
		t.Fatalf("correcting: %d %s", r.code, plain(r.body))
	}
	s.publish(t, "要更正的文件", "导入的新正文") // the same source, another text
	if r := editor.post(at+"/submit", nil); r.code != 303 {
		t.Fatalf("handing in the correction: %d", r.code)
	}
	if r := reviewer.post(at+"/approve", basis); r.code != 409 || !strings.Contains(plain(r.body), "新的版本") {
		t.Errorf("a correction over a version that nobody has looked at: %d, want 409", r.code)
	}
}

// TestStaleCase: a handler who looks at a case as it was is shown what has happened
// since, and what they typed is kept; nothing is recorded twice.
func TestStaleCase(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	handler := s.signedIn(t, "handler")
	path, number, _ := confirmed(t, s, handler)
	seen := revision(t, handler.get(path).body, "/step")
	if r := handler.post(path+"/ask", url.Values{"to": {"editor"}, "due": {"2026-11-27"}, "question": {"有没有这份文件"}, "revision": {seen}}); r.code != 303 {
		t.Fatalf("asking: %d %s", r.code, plain(r.body))
	}
	step := url.Values{"type": {"extended"}, "date": {s.today()}, "days": {"20"}, "approved_by": {"林主任"}, "note": {"需要检索档案室的旧卷宗"}, "go": {"sure"}, "revision": {seen}}
	r := handler.post(path+"/step", step)
	if r.code != 409 || !strings.Contains(r.body, "需要检索档案室的旧卷宗") || !strings.Contains(r.body, "有没有这份文件") {
		t.Errorf("a step on a case that has changed: %d, want 409 with what was typed and what is new", r.code)
	}
	step.Set("revision", revision(t, r.body, "/step"))
	var all sync.WaitGroup
	codes := make(chan int, 6)
	for range cap(codes) {
		all.Go(func() { codes <- handler.post(path+"/step", step).code })
	}
	all.Wait()
	close(codes)
	taken := 0
	for code := range codes {
		switch code {
		case 303:
			taken++
		case 409, 422:
		default:
			t.Errorf("a step at the same time as others: %d", code)
		}
	}
	if taken != 1 {
		t.Errorf("the step was taken %d times", taken)
	}
	if page := handler.get(path); strings.Count(page.body, "letters/1/letter.pdf") != 1 || strings.Contains(page.body, "letters/2/letter.pdf") {
		t.Errorf("the case %s has not one letter of the step", number)
	}
}

// TestSessionEndsWhileTyping: what is sent after a session has ended is kept while
// one signs in on the spot, and goes on.
func TestSessionEndsWhileTyping(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t) // whose session has ended
	form := draftForm("写了很久的题目")
	r := b.upload("/desk/documents/new", form, map[string][2]string{"attachments": {"a.txt", "附件"}})
	if r.code != 401 || !strings.Contains(r.body, "写了很久的题目") || !strings.Contains(r.body, "貔貅大街停水") || !strings.Contains(plain(r.body), "文件没有保留") {
		t.Fatalf("what was typed is not kept: %d %s", r.code, plain(r.body))
	}
	checkPage(t, "/desk/documents/new", "zh", r.body)
	sent := with(form, "again_login", "editor", "again_password", "wrong")
	if r := b.post("/desk/documents/new", sent); r.code != 401 || !strings.Contains(r.body, "写了很久的题目") || strings.Contains(r.body, "wrong") {
		t.Errorf("a wrong password: %d", r.code)
	}
	if n := len(s.draftsNamed(t, "写了很久的题目")); n != 0 {
		t.Errorf("%d drafts were written by nobody", n)
	}
	sent.Set("again_password", password("editor"))
	r = b.post("/desk/documents/new", sent)
	if r.code != 303 {
		t.Fatalf("signing in with what was sent: %d %s", r.code, plain(r.body))
	}
	if page := b.get(r.header.Get("Location")); page.code != 200 || !strings.Contains(page.body, "貔貅大街停水") {
		t.Errorf("it did not go on: %d", page.code)
	}
	if d := s.draftsNamed(t, "写了很久的题目"); len(d) != 1 || d[0].By != "editor" {
		t.Errorf("%d drafts, want the editor's one", len(d))
	}
	// Signing in gives nobody a right.
	other := s.browser(t)
	if r := other.post("/desk/organs/edit?id=water", url.Values{"name_zh": {"x"}, "again_login": {"editor"}, "again_password": {password("editor")}}); r.code != 403 {
		t.Errorf("an editor changes an organ: %d", r.code)
	}
	// A script is told that it may not.
	req, err := http.NewRequest("POST", s.url+"/desk/documents/new", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if r := s.browser(t).do(req); r.code != 401 || strings.Contains(r.body, "again_password") {
		t.Errorf("a script without a session: %d", r.code)
	}
}

func (s *site) draftsNamed(t *testing.T, title string) []*documents.Draft {
	t.Helper()
	list, err := s.st.Documents.Drafts(t.Context(), func(d *documents.Draft) bool { return d.Content.Title == title })
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestDraftSavesItself: what a script saves while one types is one draft, with a
// revision to go on from, and one line in the audit log.
func TestDraftSavesItself(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor := s.signedIn(t, "editor")
	save := func(path, body, seen string) (code int, action, revision string) {
		r := editor.post(path, with(draftForm("自动保存"), "body", body, "autosave", "1", "revision", seen))
		var out struct{ Action, Revision string }
		if r.code == 200 {
			if err := json.Unmarshal([]byte(r.body), &out); err != nil {
				t.Fatalf("%v: %s", err, r.body)
			}
		}
		return r.code, out.Action, out.Revision
	}
	code, action, first := save("/desk/documents/new", "一", "")
	if code != 200 || !strings.HasSuffix(action, "/edit") || first == "" {
		t.Fatalf("the first time: %d %q %q", code, action, first)
	}
	code, again, second := save(action, "一二", first)
	if code != 200 || again != action || second == first {
		t.Errorf("the second time: %d %q", code, again)
	}
	if code, _, _ := save(action, "一二三", first); code != 409 {
		t.Errorf("over what somebody else has saved: %d, want 409", code)
	}
	if d := s.draftsNamed(t, "自动保存"); len(d) != 1 || d[0].Content.Body != "一二" {
		t.Errorf("%d drafts, want one as it was saved last: %+v", len(d), d)
	}
	log, err := s.st.Log.Audit(t.Context(), 0, 10, "draft/"+strings.Split(action, "/")[3])
	if err != nil || len(log) != 1 {
		t.Errorf("%d lines in the audit log, want one: %v", len(log), err)
	}
}
