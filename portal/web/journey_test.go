package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"gongkai/portal"
	"gongkai/portal/portaltest"
)

// upload posts a form with files.
func (b *browser) upload(path string, form url.Values, files map[string][2]string) reply {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, vs := range form {
		for _, v := range vs {
			if err := w.WriteField(k, v); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	for field, f := range files {
		p, err := w.CreateFormFile(field, f[0])
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := p.Write([]byte(f[1])); err != nil {
			b.t.Fatal(err)
		}
	}
	w.Close()
	req, err := http.NewRequest("POST", b.s.url+path, &body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	return b.do(req)
}

// basis is the ground of a secrecy review, as a reviewer gives it.
var basis = url.Values{"basis": {"经审查，不涉及国家秘密，可以公开。"}}

func draftForm(title string) url.Values {
	return url.Values{"title": {title}, "organ": {"water"}, "formed": {"2026-11-19"}, "theme": {"06"}, "genre": {"notice"}, "item": {"1"}, "mode": {"proactive"}, "validity": {"in_force"}, "body": {"正文：貔貅大街停水。"}, "number": {"清水〔2026〕99号"}}
}

// TestPublishing: written, handed in, returned, approved by a second person,
// found, corrected, withdrawn.
func TestPublishing(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer, citizen := s.signedIn(t, "editor"), s.signedIn(t, "reviewer"), s.browser(t)
	bad := draftForm("")
	if r := editor.post("/desk/documents/new", bad); r.code != 422 || !strings.Contains(r.body, "貔貅大街停水") || !strings.Contains(r.body, `id="title-error"`) {
		t.Fatalf("a draft without a title: %d", r.code)
	}
	r := editor.upload("/desk/documents/new", draftForm("貔貅大街停水通知"), map[string][2]string{"attachments": {"说明.txt", "附件里说麒麟小区也停水"}})
	draft := r.header.Get("Location")
	if r.code != 303 || !strings.HasPrefix(draft, "/desk/drafts/") {
		t.Fatalf("saving: %d %s", r.code, r.body)
	}
	invisible := func(when string) {
		t.Helper()
		s.catchUp(t)
		for _, path := range []string{"/search?q=", "/api/v1/search?q=", "/apply/suggest?q=", "/feed.atom?q=", "/feed.rss?q="} {
			for _, word := range []string{"貔貅", "麒麟"} {
				r := citizen.get(path + url.QueryEscape(word))
				if when == "withdrawn" && strings.HasPrefix(path, "/feed") && word == "貔貅" { // a feed says that it is gone
					if !strings.Contains(r.body, "[已撤回]") || strings.Contains(r.body, "改到周六") {
						t.Errorf("%s: %s", when, r.body)
					}
					continue
				}
				if strings.Contains(r.body, "停水通知") || strings.Contains(path, "api") && !strings.Contains(r.body, `"total":0`) {
					t.Errorf("%s: %s shows it", when, path+word)
				}
			}
		}
		for _, path := range []string{"/", "/catalogue", "/catalogue?format=json", "/catalogue?format=csv", "/sitemap.xml", "/organs/water", "/api/v1/documents", "/statutory", "/dcat.jsonld", "/oai?verb=ListRecords&metadataPrefix=oai_dc&set=organ:water", "/api/v1/records?organ=water", draft} {
			if strings.Contains(citizen.get(path).body, "貔貅") {
				t.Errorf("%s: %s shows it", when, path)
			}
		}
	}
	invisible("as a draft")
	if r := editor.post(draft+"/submit", nil); r.code != 303 {
		t.Fatalf("handing in: %d %s", r.code, r.body)
	}
	invisible("handed in")
	if r := editor.post(draft+"/approve", nil); r.code != 403 {
		t.Errorf("an editor approves: %d", r.code)
	}
	if r := reviewer.post(draft+"/return", url.Values{"remark": {""}}); r.code != 422 {
		t.Errorf("returned without a reason: %d", r.code)
	}
	if r := reviewer.post(draft+"/return", url.Values{"remark": {"补充时间"}}); r.code != 303 {
		t.Fatalf("returning: %d", r.code)
	}
	if r := editor.get(draft); !strings.Contains(r.body, "补充时间") {
		t.Error("the editor does not see why it was returned")
	}
	if r := editor.post(draft+"/submit", nil); r.code != 303 {
		t.Fatalf("handing in again: %d", r.code)
	}
	if r := reviewer.post(draft+"/approve", basis); r.code != 303 {
		t.Fatalf("approving: %d %s", r.code, r.body)
	}
	s.catchUp(t)
	hits := citizen.get("/api/v1/search?q=" + url.QueryEscape("清水 2026 99"))
	if !strings.Contains(hits.body, "貔貅大街停水通知") {
		t.Fatalf("not found by its number: %s", hits.body)
	}
	if r := citizen.get("/search?q=" + url.QueryEscape("麒麟小区")); !strings.Contains(r.body, "貔貅大街停水通知") {
		t.Error("not found by the text of its attachment")
	}
	doc := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "water", Page: 1, Size: 1}).Rows[0]
	page := citizen.get("/documents/" + doc.ID)
	if page.code != 200 || !strings.Contains(page.body, doc.Index) || !strings.Contains(page.body, "说明.txt") {
		t.Errorf("its page: %d", page.code)
	}
	d, _ := goquery.NewDocumentFromReader(strings.NewReader(page.body))
	file, _ := d.Find(`a[href*="/files/"]`).Attr("href")
	if r := citizen.get(strings.TrimPrefix(file, s.url)); r.body != "附件里说麒麟小区也停水" || !strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("its file %s: %d %q", file, r.code, r.body)
	}
	// Corrected: a new version with a note; the old one can still be read.
	r = editor.post("/desk/documents/"+doc.ID+"/correct", nil)
	correction := strings.TrimSuffix(r.header.Get("Location"), "/edit")
	form := draftForm("貔貅大街停水通知（更正）")
	form.Set("body", "正文：停水改到周六。")
	if r := editor.post(correction+"/edit", form); r.code != 303 {
		t.Fatalf("saving the correction: %d %s", r.code, r.body)
	}
	if r := editor.post(correction+"/submit", nil); r.code != 422 || !strings.Contains(r.body, "更正说明") {
		t.Errorf("a correction without a note: %d", r.code)
	}
	form.Set("note", "时间有误")
	editor.post(correction+"/edit", form)
	editor.post(correction+"/submit", nil)
	if r := reviewer.post(correction+"/approve", basis); r.code != 303 {
		t.Fatalf("approving the correction: %d %s", r.code, r.body)
	}
	if r := citizen.get("/documents/" + doc.ID); !strings.Contains(r.body, "改到周六") || !strings.Contains(r.body, "时间有误") || !strings.Contains(r.body, doc.Index) {
		t.Error("the correction does not show")
	}
	if r := citizen.get("/documents/" + doc.ID + "/versions/1"); r.code != 200 || !strings.Contains(r.body, "貔貅大街停水。") {
		t.Errorf("version 1: %d", r.code)
	}
	// Withdrawn: the address says so, nothing else shows it.
	if r := reviewer.post("/desk/documents/"+doc.ID+"/withdraw", url.Values{"reason": {""}}); r.code != 422 {
		t.Errorf("withdrawn without a reason: %d", r.code)
	}
	if r := reviewer.post("/desk/documents/"+doc.ID+"/withdraw", url.Values{"reason": {"重复发布"}}); r.code != 303 {
		t.Fatalf("withdrawing: %d", r.code)
	}
	invisible("withdrawn")
	gone := citizen.get("/documents/" + doc.ID)
	if gone.code != 410 || !strings.Contains(gone.body, "重复发布") || strings.Contains(gone.body, "改到周六") {
		t.Errorf("the withdrawn page: %d", gone.code)
	}
	for _, path := range []string{"/documents/" + doc.ID + "/versions/1", strings.TrimPrefix(file, s.url)} {
		if r := citizen.get(path); r.code != 404 {
			t.Errorf("%s of a withdrawn document: %d", path, r.code)
		}
	}
	if r := citizen.get("/api/v1/documents/" + doc.ID); r.code != 410 {
		t.Errorf("the API: %d", r.code)
	}
	if r := s.signedIn(t, "admin").get("/desk/audit"); !strings.Contains(r.body, "撤回") || !strings.Contains(r.body, "reviewer") {
		t.Error("the audit log does not tell who withdrew it")
	}
}

func applyForm() url.Values {
	return url.Values{"organ": {"water"}, "subject": {"朱雀泵站水质"}, "description": {"申请公开朱雀泵站2025年的水质检测报告。"}, "form": {"electronic"}, "delivery": {"online"},
		"kind": {"natural"}, "name": {"欧阳求知"}, "id_number": {"SECRETID12345"}, "phone": {"0531-5550199"}, "email": {"ouyang@example.org"}}
}

// apply sends an application and returns its number and query code.
func apply(t *testing.T, b *browser, form url.Values) (number, code string) {
	t.Helper()
	r := b.post("/apply", form)
	if r.code != 303 {
		t.Fatalf("applying: %d %s", r.code, r.body)
	}
	d, err := goquery.NewDocumentFromReader(strings.NewReader(b.get("/apply/receipt").body))
	if err != nil {
		t.Fatal(err)
	}
	return d.Find("#number").Text(), d.Find("#code").Text()
}

// TestApplication: applied, confirmed, corrected, extended, answered; the
// applicant follows with number and code, and nobody else learns anything.
func TestApplication(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	citizen, handler := s.browser(t), s.signedIn(t, "handler")
	if r := citizen.get("/apply/suggest?q=" + url.QueryEscape("供水水质")); !strings.Contains(plain(r.body), "城市供水水质") {
		t.Errorf("nothing that is public is offered: %s", r.body)
	}
	bad := applyForm()
	bad.Set("id_number", "")
	bad.Set("email", "nonsense")
	if r := citizen.post("/apply", bad); r.code != 422 || !strings.Contains(r.body, "朱雀泵站2025年") || !strings.Contains(r.body, `id="email-error"`) || !strings.Contains(r.body, `id="id_number-error"`) {
		t.Fatalf("a form with mistakes: %d", r.code)
	}
	number, code := apply(t, citizen, applyForm())
	if number == "" || len(code) != 14 {
		t.Fatalf("number %q, code %q", number, code)
	}
	if r := citizen.get("/apply/receipt"); r.code != 303 {
		t.Errorf("the code is shown twice: %d", r.code)
	}
	if r := citizen.post("/apply", applyForm()); r.code != 303 {
		t.Errorf("sent twice: %d", r.code)
	}
	if r := citizen.get("/apply/receipt"); !strings.Contains(r.body, number) || !strings.Contains(r.body, "已经收到") {
		t.Error("a double is not told")
	}
	stranger := s.browser(t)
	for _, form := range []url.Values{{"number": {number}, "code": {"ABCD-EFGH-2345"}}, {"number": {"2026-999999"}, "code": {code}}, {"number": {"x"}, "code": {""}}} {
		if r := stranger.post("/track", form); r.code != 422 || !strings.Contains(r.body, "申请编号或者查询码不对") {
			t.Errorf("%v: %d", form, r.code)
		}
	}
	if r := stranger.get("/track/" + number); r.code != 303 {
		t.Errorf("a stranger looks: %d", r.code)
	}
	applicant := s.browser(t)
	if r := applicant.post("/track", url.Values{"number": {" " + number}, "code": {strings.ToLower(code)}}); r.code != 303 {
		t.Fatalf("following: %d %s", r.code, r.body)
	}
	see := func(want string) {
		t.Helper()
		if r := applicant.get("/track/" + number); r.code != 200 || !strings.Contains(r.body, want) {
			t.Errorf("the applicant does not see %q (%d)", want, r.code)
		}
	}
	see("机关正在办理")
	path := "/desk/applications/" + number
	step := func(typ string, more url.Values) reply {
		form := url.Values{"type": {typ}, "date": {s.today()}}
		for k, v := range more {
			form[k] = v
		}
		form.Set("go", "sure")
		return handler.post(path+"/step", form)
	}
	if r := handler.get(path); r.code != 200 || strings.Contains(r.body, "欧阳求知") || strings.Contains(r.body, "SECRETID") {
		t.Errorf("the case shows who applied before it is asked to: %d", r.code)
	}
	if r := step("confirmed", nil); r.code != 303 {
		t.Fatalf("confirming: %d %s", r.code, r.body)
	}
	if r := step("correction_requested", url.Values{"days": {"10"}}); r.code != 422 || !strings.Contains(r.body, `id="correction_requested-note-error"`) {
		t.Errorf("a correction without a note: %d", r.code)
	}
	if r := step("correction_requested", url.Values{"days": {"10"}, "note": {"请写明月份"}}); r.code != 303 {
		t.Fatalf("asking for a correction: %d %s", r.code, r.body)
	}
	see("请写明月份")
	if r := step("extended", url.Values{"days": {"10"}, "approved_by": {"林主任"}, "note": {"x"}}); r.code != 409 && r.code != 422 {
		t.Errorf("extended while waiting: %d", r.code)
	}
	if r := applicant.post("/track/"+number+"/correct", url.Values{"correction": {""}}); r.code != 422 {
		t.Errorf("an empty correction: %d", r.code)
	}
	if r := applicant.post("/track/"+number+"/correct", url.Values{"correction": {"全年"}}); r.code != 303 {
		t.Fatalf("correcting: %d %s", r.code, r.body)
	}
	see("补正已收到")
	if r := step("extended", url.Values{"days": {"21"}, "approved_by": {"林主任"}, "note": {"材料多"}}); r.code != 422 || !strings.Contains(r.body, "1至20个工作日") {
		t.Errorf("extended by 21 days: %d", r.code)
	}
	if r := step("extended", url.Values{"days": {"20"}, "approved_by": {"林主任"}, "note": {"材料多"}}); r.code != 303 {
		t.Fatalf("extending: %d %s", r.code, r.body)
	}
	see("材料多")
	if r := handler.get(path); strings.Contains(r.body, "欧阳求知") || strings.Contains(r.body, "SECRETID12345") || !strings.Contains(r.body, "欧＊＊") || !strings.Contains(r.body, "＊45") {
		t.Error("the case does not mask who applied")
	}
	if r := handler.post(path+"/reveal", nil); r.code != 422 || strings.Contains(r.body, "欧阳求知") {
		t.Errorf("a look without a reason: %d", r.code)
	}
	if r := handler.post(path+"/reveal", url.Values{"reason": {"电话核实"}}); !strings.Contains(r.body, "欧阳求知") || !strings.Contains(r.body, "SECRETID12345") {
		t.Error("the handler cannot see who applied")
	}
	if r := s.signedIn(t, "admin").get("/desk/audit"); !strings.Contains(r.body, "查看申请人") || !strings.Contains(r.body, "电话核实") || strings.Contains(r.body, "欧阳") {
		t.Error("the look was not logged, or the log tells too much")
	}
	answer := url.Values{"type": {"answered"}, "date": {s.today()}, "outcome": {""}, "text": {"现予公开。"}, "go": {"sure"}}
	if r := handler.upload(path+"/step", answer, nil); r.code != 422 || !strings.Contains(r.body, "现予公开") {
		t.Errorf("an answer without an outcome: %d", r.code)
	}
	answer.Set("outcome", "granted")
	answer.Set("publish", "yes")
	answer.Set("public_title", "朱雀泵站水质检测结果")
	answer.Set("public_text", "全年合格。")
	if r := handler.upload(path+"/step", answer, map[string][2]string{"files": {"报告.txt", "白虎检测报告全文"}}); r.code != 303 {
		t.Fatalf("answering: %d %s", r.code, r.body)
	}
	see("现予公开")
	d, _ := goquery.NewDocumentFromReader(strings.NewReader(applicant.get("/track/" + number).body))
	file, _ := d.Find(`a[href*="/files/"]`).Attr("href")
	if r := applicant.get(file); r.body != "白虎检测报告全文" {
		t.Errorf("the answer's file: %d %q", r.code, r.body)
	}
	if r := stranger.get(file); r.code == 200 {
		t.Error("a stranger gets the file")
	}
	// What is published is found; what the applicant told is nowhere.
	s.catchUp(t)
	if r := stranger.get("/search?q=" + url.QueryEscape("朱雀泵站")); !strings.Contains(plain(r.body), "朱雀泵站水质检测结果") {
		t.Error("the published answer is not found")
	}
	for _, word := range []string{"欧阳求知", "SECRETID12345", "ouyang", "0531-5550199", "白虎", "2025年的水质检测报告"} {
		for _, p := range []string{"/api/v1/search?q=", "/apply/suggest?q=", "/feed.json?q="} {
			if r := stranger.get(p + url.QueryEscape(word)); strings.Contains(r.body, number) && word != "2025年的水质检测报告" || strings.Contains(r.body, `"hits":[{`) && strings.Contains(r.body, "欧阳") || strings.Contains(r.body, "白虎检测报告") {
				t.Errorf("%s%s tells something private: %s", p, word, r.body)
			}
		}
	}
	for _, p := range []string{"/answers/" + number, "/", "/catalogue?kind=answer", "/sitemap.xml", "/feed.atom", "/answers", "/figures", "/dcat.jsonld", "/oai?verb=ListRecords&metadataPrefix=oai_dc&set=kind:answer", "/api/v1/records?kind=answer"} {
		if r := stranger.get(p); strings.Contains(r.body, "欧阳") || strings.Contains(r.body, "SECRETID") {
			t.Errorf("%s tells who applied", p)
		}
	}
	for _, word := range []string{"欧阳", "SECRETID", "ouyang", "5550199", code} {
		if strings.Contains(s.log.String(), word) {
			t.Errorf("the log holds %q", word)
		}
	}
	// An application without a published answer has no public page.
	other, _ := apply(t, s.browser(t), func() url.Values { f := applyForm(); f.Set("subject", "别的"); return f }())
	if r := stranger.get("/answers/" + other); r.code != 404 {
		t.Errorf("an unpublished case: %d", r.code)
	}
}

// plain takes the marks of search words out of a page.
func plain(body string) string {
	return strings.NewReplacer("<mark>", "", "</mark>", "").Replace(body)
}

func (s *site) today() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.Format("2006-01-02")
}

func TestApplicantWithdraws(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	number, code := apply(t, b, applyForm())
	b.post("/track", url.Values{"number": {number}, "code": {code}})
	if r := b.post("/track/"+number+"/withdraw", nil); r.code != 303 {
		t.Fatalf("withdrawing: %d", r.code)
	}
	if r := b.get("/track/" + number); !strings.Contains(r.body, "已撤回") {
		t.Error("the withdrawal does not show")
	}
	if r := b.post("/track/"+number+"/withdraw", nil); r.code != 422 {
		t.Errorf("withdrawn twice: %d", r.code)
	}
}

// TestWorkListOrder: the most urgent first, the late one before all.
func TestWorkListOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	d, err := goquery.NewDocumentFromReader(strings.NewReader(s.signedIn(t, "handler").get("/desk/applications").body))
	if err != nil {
		t.Fatal(err)
	}
	rows := d.Find("tbody tr")
	if rows.Length() < 30 || !strings.Contains(rows.First().Text(), "已逾期") {
		t.Errorf("%d rows, the first: %s", rows.Length(), rows.First().Text())
	}
}

// TestUploads reads a real PDF and a real DOCX, and refuses what is neither.
func TestUploads(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor := s.signedIn(t, "editor")
	for name, make := range map[string]func(*testing.T) string{"通知.pdf": func(*testing.T) string { return portaltest.PDF() }, "通知.docx": realDOCX} {
		form := draftForm("上传的通知 " + name)
		form.Set("body", "")
		r := editor.upload("/desk/documents/new", form, map[string][2]string{"source": {name, make(t)}})
		if r.code != 303 {
			t.Fatalf("%s: %d %s", name, r.code, r.body)
		}
		if page := editor.get(r.header.Get("Location")); !strings.Contains(page.body, "Qilin Street water supply") {
			t.Errorf("the text of %s was not read", name)
		}
	}
	for name, content := range map[string]string{"x.exe": "MZ\x90\x00\x03\x00\x00\x00", "x.pdf": "%PDF-1.7\nbroken", "x.html": "<html><script>alert(1)</script></html>", "x.docx": "PK\x03\x04broken"} {
		r := editor.upload("/desk/documents/new", draftForm("坏文件"), map[string][2]string{"source": {name, content}})
		if r.code != 422 || !strings.Contains(r.body, `id="source-error"`) || !strings.Contains(r.body, "坏文件") {
			t.Errorf("%s: %d", name, r.code)
		}
	}
}

// realDOCX packs the parts that word processors write.
func realDOCX(t *testing.T) string {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"[Content_Types].xml": `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
		"_rels/.rels":         `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
		"word/document.xml":   `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Notice</w:t></w:r></w:p><w:p><w:r><w:t>Qilin Street </w:t></w:r><w:r><w:t>water supply</w:t></w:r></w:p></w:body></w:document>`,
	} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("zip", "-q", "-X", "out.docx", "[Content_Types].xml", "_rels/.rels", "word/document.xml")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("zip: %v %s", err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, "out.docx"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestRecordsAreEdited: powers, reports, organs and people by their forms.
func TestRecordsAreEdited(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, admin, citizen := s.signedIn(t, "editor"), s.signedIn(t, "admin"), s.browser(t)
	item := url.Values{"kind": {"added"}, "reason": {"水法第四十八条"}, "document": {"清政发〔2026〕9号"}, "organ": {"water"}, "code": {"XW-01"}, "type": {"01"}, "name_zh": {"玄武取水许可"}, "basis": {"《中华人民共和国水法》第四十八条"}, "effective": {"2026-01-01"}}
	if r := editor.post("/desk/powers/edit", with(item, "code", "玄武")); r.code != 422 || !strings.Contains(r.body, `id="code-error"`) {
		t.Errorf("a bad code: %d", r.code)
	}
	if r := editor.post("/desk/powers/edit", item); r.code != 303 {
		t.Fatalf("a power item: %d %s", r.code, plain(r.body))
	}
	if r := editor.post("/desk/powers/edit", with(item, "organ", "land", "code", "XW-02")); r.code != 403 {
		t.Errorf("a power item of another organ: %d", r.code)
	}
	if r := citizen.get("/powers/water.XW-01"); r.code != 404 {
		t.Errorf("an item that is proposed is public: %d", r.code)
	}
	reviewer := s.signedIn(t, "reviewer")
	at := "/desk/powers/water.XW-01"
	approval := url.Values{"revision": {revision(t, reviewer.get(at).body, `action="`+at+`/approve`)}, "legality": {"合法性审查通过"}}
	if r := reviewer.post(at+"/approve", approval); r.code != 303 {
		t.Fatalf("approving it: %d %s", r.code, plain(r.body))
	}
	if r := editor.post("/desk/reports/edit", url.Values{"organ": {"water"}, "year": {"2022"}, "title_zh": {"2022年年度报告"}, "text_overview": {"玄武水库供水正常。"}, "text_problems": {"无。"}, "text_other": {"无。"}}); r.code != 303 {
		t.Fatalf("a report: %d %s", r.code, r.body)
	}
	seen := revision(t, reviewer.get("/desk/reports/water.2022").body, `action="/desk/reports/water.2022/file`)
	if r := reviewer.post("/desk/reports/water.2022/file", url.Values{"revision": {seen}}); r.code != 303 {
		t.Fatalf("a report that is filed: %d %s", r.code, plain(r.body))
	}
	s.catchUp(t)
	r := citizen.get("/search?q=" + url.QueryEscape("玄武"))
	if !strings.Contains(plain(r.body), "玄武取水许可") || !strings.Contains(r.body, "2022年年度报告") {
		t.Errorf("power item and report are not found")
	}
	if r := admin.post("/desk/organs/edit", url.Values{"code": {"water"}, "kind": {"department"}, "index_prefix": {"000000000"}, "name_zh": {"x"}}); r.code != 409 {
		t.Errorf("a code that is taken: %d", r.code)
	}
	if r := admin.post("/desk/organs/edit", url.Values{"code": {"archives"}, "parent": {"qinghe"}, "kind": {"institution"}, "index_prefix": {"000000077"}, "name_zh": {"清河市档案馆"}}); r.code != 303 {
		t.Fatalf("an organ: %d %s", r.code, r.body)
	}
	if r := citizen.get("/organs"); !strings.Contains(r.body, "清河市档案馆") {
		t.Error("the new organ does not show")
	}
	if r := admin.post("/desk/people/edit", url.Values{"login": {"new.person"}, "name": {"新人"}, "role": {"editor"}, "organs": {"archives"}, "password": {"a-good-password"}}); r.code != 303 {
		t.Fatalf("a person: %d %s", r.code, r.body)
	}
	b := s.browser(t)
	if r := b.post("/desk/sign-in", url.Values{"login": {"new.person"}, "password": {"a-good-password"}}); r.code != 303 {
		t.Fatalf("the new person signs in: %d", r.code)
	}
	if r := admin.post("/desk/people/edit?id=new.person", url.Values{"name": {"新人"}, "role": {"editor"}, "organs": {"archives"}, "disabled": {"yes"}}); r.code != 303 {
		t.Fatalf("closing the account: %d %s", r.code, r.body)
	}
	if r := b.get("/desk"); r.code != 303 {
		t.Errorf("a closed account goes on: %d", r.code)
	}
	for _, path := range []string{"/desk", "/desk/organs", "/desk/people", "/desk/import", "/desk/audit", "/desk/people/edit?id=editor", "/desk/organs/edit?id=water"} {
		for _, lang := range []string{"zh", "en"} {
			sep := map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]
			r := admin.get(path + sep + "lang=" + lang)
			if r.code != 200 {
				t.Errorf("%s: %d", path, r.code)
			}
			checkPage(t, path, lang, r.body)
		}
	}
	for _, path := range []string{"/desk/documents", "/desk/documents/new", "/desk/powers", "/desk/reports", "/desk/drafts/DEMODRAFT1", "/desk/drafts/DEMODRAFT1/edit", "/desk/powers/edit", "/desk/reports/edit"} {
		for _, lang := range []string{"zh", "en"} {
			r := editor.get(path + "?lang=" + lang)
			if r.code != 200 {
				t.Errorf("%s: %d", path, r.code)
			}
			checkPage(t, path, lang, r.body)
		}
	}
}

// TestImportPage imports a file on the page, twice.
func TestImportPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	admin := s.signedIn(t, "admin")
	rows := `{"title":"青龙河治理办法","dated":"2024-05-01","body":"第一条 治理青龙河。"}` + "\n" + `{"title":"","body":"x"}` + "\nnot json\n" + `{"title":"未来","dated":"2099-01-01","body":"x"}` + "\n" + `{"title":"别处","organ":"nowhere","body":"x"}` + "\n"
	for i, want := range []string{"5行：新增1，更新0，未变0，拒收4", "5行：新增0，更新0，未变1，拒收4"} {
		r := admin.upload("/desk/import", url.Values{"what": {"documents"}}, map[string][2]string{"file": {"a.jsonl", rows}})
		if r.code != 200 || !strings.Contains(r.body, want) || !strings.Contains(r.body, "第3行") {
			t.Errorf("import %d: %d %s", i+1, r.code, r.body)
		}
	}
	if r := admin.upload("/desk/import", nil, nil); r.code != 422 {
		t.Errorf("without a file: %d", r.code)
	}
	s.catchUp(t)
	if r := s.browser(t).get("/search?q=" + url.QueryEscape("青龙河")); !strings.Contains(r.body, "治理办法") {
		t.Error("what was imported is not found")
	}
}

// TestTooLarge: a body over the limit is refused with a clear page.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	r := s.browser(t).post("/track", url.Values{"number": {strings.Repeat("1", 9<<20)}})
	if r.code != 413 || !strings.Contains(r.body, "8 MB") {
		t.Errorf("%d", r.code)
	}
}

// TestBrokenForm: a body that is no form is the sender's mistake.
func TestBrokenForm(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	req, err := http.NewRequest("POST", s.url+"/apply", strings.NewReader("garbage"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if r := s.browser(t).do(req); r.code != 422 || !strings.Contains(r.body, "请更正") {
		t.Errorf("%d", r.code)
	}
	for _, path := range []string{"/catalogue?year=zz", "/search?q=x&year=-4", "/api/v1/documents?year=1e9"} {
		if r := s.browser(t).get(path); r.code != 422 {
			t.Errorf("%s: %d", path, r.code)
		}
	}
}

// TestTriesAreLimited: guessing codes is slow.
func TestTriesAreLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	last := 0
	for range 12 {
		last = b.post("/track", url.Values{"number": {"2026-000001"}, "code": {"ABCD-EFGH-2345"}}).code
	}
	if last != 429 {
		t.Errorf("the twelfth try: %d", last)
	}
	s.set(testNow.Add(time.Minute))
	if r := b.post("/track", url.Values{"number": {"2026-000001"}, "code": {"ABCD-EFGH-2345"}}); r.code != 422 {
		t.Errorf("a minute later: %d", r.code)
	}
}

// TestApplyStepByStep: each step asks its own fields, keeps what was typed on the others, and
// goes back; organs are proposed from the text; a doubtful number is asked about; nothing is
// received before the last.
func TestApplyStepByStep(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	before := len(s.st.Cases.Briefs())
	all := applyForm()
	values := url.Values{}
	shown := func(r reply) (fields []string, doc *goquery.Document) {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		doc.Find("form[data-unsaved] [name]").Each(func(_ int, f *goquery.Selection) {
			name := f.AttrOr("name", "")
			if f.AttrOr("type", "") == "hidden" && name != "step" {
				if want := all.Get(name); name != "matters" && f.AttrOr("value", "") != values.Get(name) {
					t.Errorf("%s is carried as %q, want %q", name, f.AttrOr("value", ""), want)
				}
				return
			}
			fields = append(fields, name)
		})
		return fields, doc
	}
	r := b.get("/apply")
	for _, step := range []struct {
		name   string
		fields []string
	}{{"what", []string{"subject", "description"}}, {"whom", []string{"organ"}}, {"you", []string{"form", "delivery", "kind", "name", "id_number", "phone", "email"}}} {
		fields, _ := shown(r)
		for _, f := range step.fields {
			if !slices.Contains(fields, f) {
				t.Fatalf("the step %s does not ask %s: %v", step.name, f, fields)
			}
		}
		values.Set("step", step.name)
		if r := b.post("/apply", values); r.code != 422 || !strings.Contains(r.body, "<title>有误：") {
			t.Fatalf("%s left empty: %d", step.name, r.code)
		}
		for _, f := range step.fields {
			values.Set(f, all.Get(f))
		}
		if step.name == "you" {
			values.Set("id_number", "110105194912310021")
		}
		if r = b.post("/apply", values); r.code != 200 {
			t.Fatalf("%s: %d %s", step.name, r.code, r.body)
		}
		if step.name == "what" && !strings.Contains(r.body, "这些机关可能有") {
			t.Error("no organ is proposed")
		}
	}
	if !strings.Contains(r.body, "核对后提交") || !strings.Contains(r.body, "申请公开朱雀泵站2025年的水质检测报告。") || !strings.Contains(r.body, "校验位不对") {
		t.Errorf("the answers to be checked: %s", r.body)
	}
	values.Set("step", "check")
	values.Set("go", "you")
	if r := b.post("/apply", values); r.code != 200 || !strings.Contains(r.body, `value="110105194912310021"`) {
		t.Errorf("going back: %d", r.code)
	}
	if n := len(s.st.Cases.Briefs()); n != before {
		t.Fatalf("%d applications were received before the last step", n-before)
	}
	values.Del("go")
	if r := b.post("/apply", values); r.code != 303 {
		t.Fatalf("sending: %d %s", r.code, r.body)
	}
	if r := b.get("/apply/receipt"); !strings.Contains(r.body, "/qr.svg?path=") || !strings.Contains(r.body, `download="2026-`) || !strings.Contains(r.body, "<details") {
		t.Errorf("the receipt: %s", r.body)
	}
	if n := len(s.st.Cases.Briefs()); n != before+1 {
		t.Errorf("%d applications were received", n-before)
	}
}

// TestApplyingIsHiddenUntilAnOrganReceives: a portal without organs does not offer what
// nobody could answer.
func TestApplyingIsHiddenUntilAnOrganReceives(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		site *site
		want bool
	}{{newEmptySite(t), false}, {newSite(t, ""), true}} {
		if got := strings.Contains(c.site.browser(t).get("/").body, `href="/apply"`); got != c.want {
			t.Errorf("applying is offered: %v, want %v", got, c.want)
		}
	}
}

// TestStart: an empty portal leads its first administrator through what it needs, and stops
// when people can work.
func TestStart(t *testing.T) {
	t.Parallel()
	s, setup := newSetup(t)
	b := s.browser(t)
	if r := b.post(setup, url.Values{"login": {"first"}, "name": {"甲"}, "password": {"a long password 7"}}); r.code != 303 {
		t.Fatalf("setting up: %d", r.code)
	}
	b.post("/desk/sign-in", url.Values{"login": {"first"}, "password": {"a long password 7"}})
	on := func(path string, want ...string) {
		t.Helper()
		r := b.get(path)
		for _, w := range want {
			if !strings.Contains(r.body, w) {
				t.Errorf("%s (%d) does not say %q", path, r.code, w)
			}
		}
	}
	on("/desk", "开通步骤", "还剩5步", "下一步：机关")
	on("/desk/organs/edit", "还剩5步", `aria-current="step">机关`)
	if r := b.post("/desk/organs/edit", url.Values{"code": {"town"}, "kind": {"township"}, "index_prefix": {"Q00000001"}, "name_zh": {"柳河镇人民政府"}}); r.code != 303 {
		t.Fatalf("an organ: %d %s", r.code, plain(r.body))
	}
	on("/desk", "还剩4步", "下一步：工作人员账户")
	if r := b.post("/desk/people/edit", url.Values{"login": {"second"}, "name": {"乙"}, "role": {"editor"}, "organs": {"town"}, "password": {"another long one 7"}}); r.code != 303 {
		t.Fatalf("an account: %d %s", r.code, plain(r.body))
	}
	on("/desk", "还剩3步", "下一步：主办单位")
	seen := regexp.MustCompile(`name="revision" value="([^"]*)"`).FindStringSubmatch(b.get("/desk/masthead").body)
	if seen == nil {
		t.Fatal("the masthead has no revision")
	}
	if r := b.post("/desk/masthead", url.Values{"revision": {seen[1]}, "name_zh": {"柳河镇政府信息公开"}, "sponsor_zh": {"柳河镇人民政府"}, "telephone": {"0000-1"}}); r.code != 303 {
		t.Fatalf("the masthead: %d %s", r.code, plain(r.body))
	}
	if r := b.get("/desk"); strings.Contains(r.body, "开通步骤") || !strings.Contains(r.body, "开通前还缺") {
		t.Error("the steps go on, or what is still missing is not said")
	}
}
