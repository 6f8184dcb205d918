package web_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/letter"
	"gongkai/portal/portaltest"
)

// uploadedRow is what the upload page says of a file.
type uploadedRow struct{ Name, Title, Draft, Same, Error string }

// uploadFiles sends files to the upload page.
func (b *browser) uploadFiles(t *testing.T, organ string, files map[string][2]string) []uploadedRow {
	t.Helper()
	b.accept = "application/json"
	defer func() { b.accept = "" }()
	r := b.upload("/desk/upload", url.Values{"organ": {organ}}, files)
	var got struct{ Rows []uploadedRow }
	if err := json.Unmarshal([]byte(r.body), &got); err != nil || r.code != 200 {
		t.Fatalf("uploading: %d %.300s", r.code, r.body)
	}
	return got.Rows
}

// archive is a ZIP of files; a name is written as it is.
func archive(t *testing.T, files ...[2]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestUploadMany: each file of a ZIP becomes a draft with what was read out of it, one
// that is bad stops no other, and one that comes again leads to its draft.
func TestUploadMany(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor := s.signedIn(t, "editor")
	notice := "清河市水务局文件\n清水〔2026〕18号\n关于做好冬季供水管道防冻工作的通知\n各镇街：\n为做好供水工作，现通知如下。\n清河市水务局\n2026年11月3日\n"
	z := archive(t, [2]string{"通知/防冻.txt", notice}, [2]string{"../../etc/passwd", "root:x"}, [2]string{"a.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"},
		[2]string{"more.zip", archive(t, [2]string{"x.txt", "x"})}, [2]string{"__MACOSX/._x", "x"})
	rows := editor.uploadFiles(t, "water", map[string][2]string{"files": {"一批.zip", z}})
	if len(rows) != 4 {
		t.Fatalf("%d rows: %+v", len(rows), rows)
	}
	if rows[0].Title != "关于做好冬季供水管道防冻工作的通知" || rows[0].Draft == "" || rows[0].Error != "" {
		t.Errorf("%+v", rows[0])
	}
	for i, want := range map[int]string{1: "指到文件夹之外", 2: "SVG", 3: "压缩包"} {
		if !strings.Contains(rows[i].Error, want) || rows[i].Draft != "" {
			t.Errorf("row %d: %+v, want %q", i, rows[i], want)
		}
	}
	d, err := s.st.Documents.Draft(t.Context(), documents.DraftID(strings.TrimPrefix(rows[0].Draft, "/desk/drafts/")))
	if err != nil {
		t.Fatal(err)
	}
	c := d.Content
	if c.Number != "清水〔2026〕18号" || c.Formed.String() != "2026-11-03" || c.Lead() != "water" || c.Genre != "notice" || c.Theme != "06" || d.State != documents.Writing {
		t.Errorf("recognised %+v", c)
	}
	if r := editor.get(rows[0].Draft + "/edit"); strings.Count(r.body, "从文件读出") < 4 {
		t.Error("the form does not say what was read out of the file")
	}
	again := editor.uploadFiles(t, "water", map[string][2]string{"files": {"又一次.txt", notice}})
	if len(again) != 1 || again[0].Same != rows[0].Draft {
		t.Errorf("sent again: %+v", again)
	}
	if r := editor.upload("/desk/upload", url.Values{"organ": {"finance"}}, map[string][2]string{"files": {"x.txt", "x"}}); r.code != 422 {
		t.Errorf("for an organ of somebody else: %d", r.code)
	}
}

// hiddenSheet is a workbook with a list of people that nobody sees.
func hiddenSheet(t *testing.T) string {
	t.Helper()
	f := excelize.NewFile()
	for cell, v := range map[string]string{"A1": "街道", "B1": "户数", "A2": "人民路", "B2": "12"} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.NewSheet("明细"); err != nil {
		t.Fatal(err)
	}
	for cell, v := range map[string]string{"A1": "姓名", "B1": "身份证号", "A2": "张伟", "B2": "11010519491231002X", "A3": "李秀英", "B3": "440524188001010014"} {
		if err := f.SetCellValue("明细", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetSheetVisible("明细", false); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestReleaseGate: a workbook with identity numbers in a hidden sheet is stopped; what
// becomes public after masking holds none of it, in any page, search or file; the
// original stays with the record, and nobody outside is given it.
func TestReleaseGate(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer, citizen := s.signedIn(t, "editor"), s.signedIn(t, "reviewer"), s.browser(t)
	form := draftForm("貔貅大街补贴发放情况")
	form.Set("body", "联系人手机 13812345678，来电请说明。")
	r := editor.upload("/desk/documents/new", form, map[string][2]string{"attachments": {"补贴.xlsx", hiddenSheet(t)}})
	draft := r.header.Get("Location")
	if r.code != 303 {
		t.Fatalf("saving: %d %s", r.code, r.body)
	}
	page := editor.get(draft).body
	for _, want := range []string{"11010519491231002X", "隐藏的工作表“明细”", "13812345678", "没有配置病毒扫描", "5 处待处理"} {
		if !strings.Contains(page, want) {
			t.Errorf("the draft does not show %q", want)
		}
	}
	if r := editor.post(draft+"/submit", nil); r.code != 422 || !strings.Contains(r.body, "不宜公开的内容没有处理") {
		t.Errorf("handed in with findings: %d", r.code)
	}
	var ids []string
	for _, m := range strings.Split(page, `name="finding" value="`)[1:] {
		ids = append(ids, m[:strings.IndexByte(m, '"')])
	}
	if r := editor.post(draft+"/findings", url.Values{"finding": ids[:1]}); r.code != 422 {
		t.Errorf("let stand without a reason: %d", r.code)
	}
	if r := editor.post(draft+"/findings", url.Values{"finding": ids, "mask": {"yes"}}); r.code != 303 {
		t.Fatalf("masking: %d %s", r.code, r.body)
	}
	if r := editor.post(draft+"/submit", nil); r.code != 303 {
		t.Fatalf("handing in: %d %s", r.code, plain(r.body))
	}
	if r := reviewer.post(draft+"/approve", nil); r.code != 422 {
		t.Errorf("approved without a ground of the secrecy review: %d", r.code)
	}
	if r := reviewer.post(draft+"/approve", basis); r.code != 303 {
		t.Fatalf("approving: %d %s", r.code, r.body)
	}
	s.catchUp(t)
	l := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "water", Page: 1, Size: 1}).Rows[0]
	doc, err := s.st.Documents.Document(t.Context(), documents.DocumentID(l.ID))
	if err != nil || doc.Title != "貔貅大街补贴发放情况" || len(doc.Sealed) != 1 || len(doc.Reviews) != 1 || !doc.Reviews[0].Secrecy || doc.Reviews[0].Basis == "" {
		t.Fatalf("%+v, %v", doc, err)
	}
	copied, sealed := doc.Attachments[0], doc.Sealed[0]
	for _, at := range []string{"/documents/" + l.ID, "/documents/" + l.ID + "/files/" + string(copied.File) + "/x.txt", "/documents/" + l.ID + "/read/" + string(copied.File), "/search?q=11010519491231002X", "/search?q=" + url.QueryEscape("张伟 身份证"), "/api/v1/documents", "/feed.atom", "/catalogue?format=csv"} {
		r := citizen.get(at)
		for _, secret := range []string{"11010519491231002X", "440524188001010014", "13812345678", "李秀英", string(sealed.File)} {
			if strings.Contains(strings.ReplaceAll(r.body, `value="11010519491231002X"`, ""), secret) && !strings.HasPrefix(at, "/search?q=1") {
				t.Errorf("%s shows %s", at, secret)
			}
		}
	}
	if r := citizen.get("/documents/" + l.ID + "/files/" + string(sealed.File) + "/x.xlsx"); r.code != 404 {
		t.Errorf("the original is given out: %d", r.code)
	}
	if r := citizen.get("/documents/" + l.ID + "/files/" + string(copied.File) + "/x.txt"); !strings.Contains(r.body, "人民路") {
		t.Errorf("the copy lacks what may be seen: %q", r.body)
	}
	if f, err := s.st.Files.OpenFile(t.Context(), sealed.File); err != nil {
		t.Errorf("the original is gone: %v", err)
	} else {
		f.Close()
	}
}

// TestTwoReviews: the usual scheme wants two persons, neither of them the writer; the
// second records the secrecy review; at a set time it becomes public, not before, and
// can be recalled until then.
func TestTwoReviews(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer, secrecy := s.signedIn(t, "editor"), s.signedIn(t, "reviewer"), s.signedIn(t, "secrecy")
	form := draftForm("最低生活保障标准的公告")
	form.Set("organ", "civil-affairs")
	form.Set("publish_at", s.clock().Add(2*time.Hour).Format("2006-01-02T15:04"))
	draft := editor.post("/desk/documents/new", form).header.Get("Location")
	if r := editor.post(draft+"/submit", nil); r.code != 303 {
		t.Fatalf("handing in: %d %s", r.code, r.body)
	}
	if r := reviewer.post(draft+"/approve", nil); r.code != 303 || r.header.Get("Location") != draft {
		t.Fatalf("the first review: %d %s", r.code, r.body)
	}
	if r := reviewer.post(draft+"/approve", basis); r.code != 403 {
		t.Errorf("one person does both reviews: %d", r.code)
	}
	if r := secrecy.post(draft+"/approve", basis); r.code != 303 {
		t.Fatalf("the second review: %d %s", r.code, r.body)
	}
	if !strings.Contains(editor.get(draft).body, "待发布") {
		t.Error("the draft does not say that it waits")
	}
	if n, err := s.docs.PublishDue(t.Context()); n != 0 || err != nil {
		t.Errorf("published before its time: %d, %v", n, err)
	}
	if r := editor.post(draft+"/recall", nil); r.code != 303 {
		t.Fatalf("recalling: %d", r.code)
	}
	for _, who := range []*browser{editor, reviewer, secrecy} {
		act := "/approve"
		if who == editor {
			act = "/submit"
		}
		if r := who.post(draft+act, basis); r.code != 303 {
			t.Fatalf("again: %d", r.code)
		}
	}
	s.set(s.clock().Add(3 * time.Hour))
	if n, err := s.docs.PublishDue(t.Context()); n != 1 || err != nil {
		t.Fatalf("at its time: %d, %v", n, err)
	}
	l := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "civil-affairs", Page: 1, Size: 1}).Rows[0]
	if l.Title != "最低生活保障标准的公告" {
		t.Errorf("public is %q", l.Title)
	}
}

// published makes a document public and returns its address.
func (s *site) published(t *testing.T, editor, reviewer *browser, form url.Values) string {
	t.Helper()
	draft := editor.post("/desk/documents/new", form).header.Get("Location")
	if r := editor.post(draft+"/submit", nil); r.code != 303 {
		t.Fatalf("handing in: %d %s", r.code, plain(r.body))
	}
	if r := reviewer.post(draft+"/approve", basis); r.code != 303 {
		t.Fatalf("approving: %d %s", r.code, plain(r.body))
	}
	s.catchUp(t)
	for _, l := range s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "water", Page: 1, Size: 50}).Rows {
		if l.Title == form.Get("title") {
			return l.ID
		}
	}
	t.Fatalf("%s is not public", form.Get("title"))
	return ""
}

// TestRelations: a document that repeals another marks it everywhere, each leads to the
// other; interpretation is linked both ways; what is past its end expires by itself;
// what was removed for a mistake shows nothing but why.
func TestRelations(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer, citizen := s.signedIn(t, "editor"), s.signedIn(t, "reviewer"), s.browser(t)
	old := s.published(t, editor, reviewer, draftForm("貔貅供水旧办法"))
	form := draftForm("貔貅供水新办法")
	form.Set("repeals", old)
	fresh := s.published(t, editor, reviewer, form)
	page := plain(citizen.get("/documents/" + old).body)
	if !strings.Contains(page, "本文件已不再有效") || !strings.Contains(page, "貔貅供水新办法") {
		t.Errorf("the old one does not say so")
	}
	if r := citizen.get("/documents/" + fresh); !strings.Contains(r.body, "/documents/"+old) || !strings.Contains(r.body, "废止") {
		t.Error("the new one does not lead to the old one")
	}
	if r := citizen.get("/api/v1/search?q=" + url.QueryEscape("貔貅供水旧办法")); !strings.Contains(r.body, "repealed") {
		t.Errorf("search does not know: %s", r.body)
	}
	form = draftForm("貔貅供水新办法解读")
	form.Set("interprets", fresh)
	note := s.published(t, editor, reviewer, form)
	if r := citizen.get("/documents/" + fresh); !strings.Contains(r.body, "/documents/"+note) || !strings.Contains(r.body, "政策解读") {
		t.Error("the interpretation is not linked from the document")
	}
	regulation := draftForm("貔貅节水办法")
	regulation.Set("genre", "regulation")
	regulation.Set("related", old)
	regulation.Set("posted", "公示栏 2026-11-18 镇政府大厅\n月球 2026-11-18")
	if r := editor.post("/desk/documents/new", regulation); r.code != 422 || !strings.Contains(r.body, "第2行看不懂") {
		t.Errorf("posted on the moon: %d", r.code)
	}
	regulation.Set("posted", "公示栏 2026-11-18 镇政府大厅")
	rule := s.published(t, editor, reviewer, regulation)
	if r := citizen.get("/documents/" + rule); !strings.Contains(r.body, "镇政府大厅") || !strings.Contains(r.body, "已经失效") {
		t.Error("a document does not say where it hangs, or that what it rests on was repealed")
	}
	if r := editor.get("/desk"); !strings.Contains(r.body, "待解读的文件") || !strings.Contains(r.body, "/documents/"+rule) {
		t.Error("nobody is reminded of the interpretation")
	}
	if r := citizen.get("/feed.atom?lang=zh"); r.code != 200 || !strings.Contains(r.body, "〔已废止〕貔貅供水旧办法") {
		t.Error("the feed does not say that it is repealed")
	}
	form = draftForm("貔貅临时措施")
	form.Set("expires", s.today())
	short := s.published(t, editor, reviewer, form)
	if r := citizen.get("/documents/" + short); strings.Contains(r.body, "不再有效") {
		t.Error("expired on its last day")
	}
	s.set(s.clock().Add(30 * time.Hour))
	if n, err := s.docs.Expire(t.Context()); err != nil || n < 1 {
		t.Errorf("expired %d, %v", n, err)
	}
	if r := citizen.get("/documents/" + short); !strings.Contains(r.body, "不再有效") {
		t.Error("it does not say that it has expired")
	}
	if r := s.signedIn(t, "reviewer").post("/desk/documents/"+note+"/withdraw", url.Values{"reason": {"误将未定稿公开"}, "remove": {"yes"}}); r.code != 303 {
		t.Fatalf("removing: %d", r.code)
	}
	if r := citizen.get("/documents/" + note); r.code != 410 || !strings.Contains(r.body, "误将未定稿公开") || strings.Contains(r.body, "清水〔2026〕99号") {
		t.Errorf("the tombstone: %d", r.code)
	}
}

// TestCompareAndRead: editions side by side, and a file of the national layout format
// read in the page, as a picture and as text.
func TestCompareAndRead(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer, citizen := s.signedIn(t, "editor"), s.signedIn(t, "reviewer"), s.browser(t)
	id := s.published(t, editor, reviewer, draftForm("貔貅大街停水公告"))
	correction := strings.TrimSuffix(editor.post("/desk/documents/"+id+"/correct", nil).header.Get("Location"), "/edit")
	form := draftForm("貔貅大街停水公告")
	form.Set("body", "正文：貔貅大街改天停水。")
	form.Set("note", "改日期")
	form.Set("minor", "yes")
	editor.post(correction+"/edit", form)
	editor.post(correction+"/submit", nil)
	if r := reviewer.post(correction+"/approve", basis); r.code != 303 {
		t.Fatalf("the correction: %d", r.code)
	}
	r := citizen.get("/documents/" + id + "/compare")
	if r.code != 200 || !strings.Contains(r.body, "<ins>改天</ins>") {
		t.Errorf("compared: %d %s", r.code, plain(r.body))
	}
	if !strings.Contains(citizen.get("/documents/"+id).body, "小改动") {
		t.Error("the minor change is not told as one")
	}
	ofd := string(portaltest.OFD("第一页：貔貅节水", "第二页：麒麟节水"))
	up := editor.upload("/desk/documents/new", draftForm("貔貅节水版式文件"), map[string][2]string{"attachments": {"节水.ofd", ofd}})
	draft := up.header.Get("Location")
	editor.post(draft+"/submit", nil)
	if r := reviewer.post(draft+"/approve", basis); r.code != 303 {
		t.Fatalf("approving: %d %s", r.code, plain(r.body))
	}
	s.catchUp(t)
	l := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "water", Page: 1, Size: 1}).Rows[0]
	doc, err := s.st.Documents.Document(t.Context(), documents.DocumentID(l.ID))
	if err != nil {
		t.Fatal(err)
	}
	at := "/documents/" + l.ID + "/read/" + string(doc.Attachments[0].File)
	if r := citizen.get(at + "?page=2"); r.code != 200 || !strings.Contains(r.body, "麒麟节水") || strings.Contains(r.body, "貔貅节水\n") || !strings.Contains(r.body, "2.svg") {
		t.Errorf("page 2: %d %s", r.code, plain(r.body))
	}
	if r := citizen.get(at + "/2.svg"); r.code != 200 || !strings.Contains(r.body, "麒麟节水") || !strings.Contains(r.header.Get("Content-Security-Policy"), "sandbox") || r.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("the picture: %d %v", r.code, r.header)
	}
	if r := citizen.get(at + "?page=3"); r.code != 404 {
		t.Errorf("page 3 of 2: %d", r.code)
	}
	if r := citizen.get("/search?q=" + url.QueryEscape("麒麟节水")); !strings.Contains(r.body, "第 2 页") && !strings.Contains(r.body, "第2页") {
		t.Error("search does not tell the page")
	}
}

// TestCoverage: the table shows what an organ has published under each item, and what
// is late.
func TestCoverage(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer := s.signedIn(t, "editor"), s.signedIn(t, "reviewer")
	form := draftForm("貔貅逾期文件")
	form.Set("formed", "2026-09-01")
	s.published(t, editor, reviewer, form)
	r := editor.get("/desk/coverage")
	if r.code != 200 || !strings.Contains(r.body, "清河市水务局") || !strings.Contains(r.body, "空白") {
		t.Errorf("coverage: %d", r.code)
	}
	draft := editor.post("/desk/documents/new", form).header.Get("Location")
	if r := editor.get(draft); !strings.Contains(r.body, "已过期限") || !strings.Contains(r.body, "2026-09-29") && !strings.Contains(r.body, "2026年9月29日") {
		t.Errorf("the draft does not say until when it is due")
	}
}

// TestRecordsPassTheGate: a report with somebody's identity number is refused beside
// the field, unless a reason is given; the reason is kept, asked for once, and shown
// nowhere.
func TestRecordsPassTheGate(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor := s.signedIn(t, "editor")
	reviewer := s.signedIn(t, "reviewer")
	form := url.Values{"organ": {"water"}, "year": {"2019"}, "title_zh": {"2019年度报告"}, "text_overview": {"联系人身份证号11010519491231002X。"}, "text_problems": {"解读还不够多。"}, "text_other": {"没有收费。"}}
	if r := editor.post("/desk/reports/edit", form); r.code != 303 {
		t.Fatalf("a draft is for staff only: %d", r.code)
	}
	if r := s.browser(t).get("/reports/water.2019"); r.code != 404 {
		t.Errorf("a draft is public: %d", r.code)
	}
	file := func(stands, note string) reply {
		seen := revision(t, reviewer.get("/desk/reports/water.2019").body, `action="/desk/reports/water.2019/file`)
		return reviewer.post("/desk/reports/water.2019/file", url.Values{"revision": {seen}, "stands": {stands}, "note": {note}})
	}
	r := file("", "")
	if r.code != 422 || !strings.Contains(r.body, "不宜公开：11010519491231002X") || !strings.Contains(r.body, "解读还不够多") {
		t.Fatalf("a report with an identity number: %d", r.code)
	}
	if r = file("国家公布的示例号码", ""); r.code != 303 {
		t.Fatalf("with a reason: %d %s", r.code, plain(r.body))
	}
	public := s.browser(t).get("/reports/water.2019")
	if public.code != 200 || strings.Contains(public.body, "国家公布的示例号码") {
		t.Errorf("the report: %d, or it shows the reason", public.code)
	}
	edit := editor.get("/desk/reports/edit?id=water.2019")
	form.Set("revision", revision(t, edit.body, `action="/desk/reports/edit`))
	form.Set("text_problems", "解读还不够多，明年改进。")
	if r = editor.post("/desk/reports/edit?id=water.2019", form); r.code != 303 {
		t.Errorf("saved again: %d", r.code)
	}
	if r = file("", "补充改进措施"); r.code != 303 {
		t.Errorf("filed again without a reason: %d %s", r.code, plain(r.body))
	}
	power := url.Values{"kind": {"added"}, "reason": {"新设"}, "document": {"清政发〔2026〕9号"}, "organ": {"water"}, "code": {"G-1"}, "type": {"01"}, "name_zh": {"取水许可"}, "basis": {"水法第七条"}, "supervise": {"13812345678"}, "effective": {"2026-01-01"}}
	if r = editor.post("/desk/powers/edit", power); r.code != 303 {
		t.Errorf("a power item that is proposed: %d", r.code)
	}
	const at = "/desk/powers/water.G-1"
	approval := url.Values{"revision": {revision(t, reviewer.get(at).body, `action="`+at+`/approve`)}, "legality": {"通过"}}
	if r = reviewer.post(at+"/approve", approval); r.code != 422 || !strings.Contains(r.body, "不宜公开：13812345678") {
		t.Errorf("a power item with a mobile number: %d", r.code)
	}
	if r = reviewer.post(at+"/approve", with(approval, "stands", "公布的监督电话")); r.code != 303 {
		t.Errorf("with a reason: %d %s", r.code, plain(r.body))
	}
}

// TestToStaffOnly: what is for staff is listed for every one of them, and for nobody
// else anywhere.
func TestToStaffOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer, handler, reader := s.signedIn(t, "editor"), s.signedIn(t, "reviewer"), s.signedIn(t, "handler"), s.browser(t)
	form := draftForm("貔貅内部值班安排")
	form.Set("mode", "internal")
	form.Set("body", "麒麟路值班室由各科轮流。")
	draft := editor.post("/desk/documents/new", form).header.Get("Location")
	post := func(b *browser, path string, v url.Values) reply { return b.post(draft+path, v) }
	if r := post(editor, "/submit", url.Values{}); r.code != 303 {
		t.Fatalf("submit: %d %s", r.code, r.body)
	}
	if r := handler.get(draft); r.code != 403 {
		t.Errorf("a handler reads a draft under review: %d", r.code)
	}
	if r := post(reviewer, "/approve", url.Values{"basis": {"不涉密"}}); r.code != 303 || !strings.HasSuffix(r.header.Get("Location"), "/desk/internal") {
		t.Fatalf("approve: %d %s %s", r.code, r.header.Get("Location"), r.body)
	}
	for _, path := range []string{"/desk/internal", "/desk/internal?word=麒麟路值班室", draft} {
		if r := handler.get(path); r.code != 200 || !strings.Contains(r.body, "貔貅内部值班安排") {
			t.Errorf("a handler at %s: %d", path, r.code)
		}
	}
	if r := handler.get("/desk/internal?word=没有这个词"); strings.Contains(r.body, "貔貅内部值班安排") {
		t.Error("the word does not narrow the list")
	}
	s.catchUp(t)
	for _, path := range []string{"/", "/catalogue", "/search?q=貔貅", "/search?q=麒麟路", "/feeds/atom", "/feed.atom", "/api/v1/documents", "/api/v1/search?q=貔貅", "/sitemap.xml", "/organs/water", "/api/v1/suggest?q=貔貅", draft, "/desk/internal"} {
		if r := reader.get(path); strings.Contains(r.body, "貔貅内部") || strings.Contains(r.body, "由各科轮流") {
			t.Errorf("a reader finds it at %s", path)
		}
	}
	if r := post(editor, "/recall", url.Values{}); r.code != 303 {
		t.Errorf("recall: %d", r.code)
	}
	if r := handler.get("/desk/internal"); strings.Contains(r.body, "貔貅内部") {
		t.Error("it is shown after it was taken back")
	}
}

// TestCollectionPages: the demonstration city has something in every collection; a rule
// is shown with title, note and text and nothing else of its record.
func TestCollectionPages(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	reader := s.browser(t)
	index := reader.get("/collections")
	for _, c := range documents.Collections {
		if !strings.Contains(index.body, c.Name.ZH) {
			t.Errorf("the list lacks %s", c.Name.ZH)
		}
		for _, lang := range []string{"zh", "en"} {
			if r := reader.get("/collections/" + c.Code + "?lang=" + lang); r.code != 200 || !strings.Contains(r.body, `<ul class="gk-list">`) {
				t.Errorf("%s in %s: %d, or empty", c.Code, lang, r.code)
			}
		}
	}
	reader.get("/?lang=zh")
	rules := reader.get("/collections/rules")
	at := regexp.MustCompile(`href="(/collections/rules/[^"]+)"`).FindStringSubmatch(rules.body)
	if at == nil {
		t.Fatal("no rule")
	}
	r := reader.get(at[1])
	if r.code != 200 || !strings.Contains(r.body, "第三条") || !strings.Contains(r.body, "人民政府令第40号") || strings.Contains(r.body, "索引号") {
		t.Errorf("the rule: %d", r.code)
	}
	for _, missing := range []string{"/collections/no-such", "/collections/meetings/" + path.Base(at[1]), "/collections/rules/Q37009014-2026-00001"} {
		if r := reader.get(missing); r.code != 404 {
			t.Errorf("%s: %d", missing, r.code)
		}
	}
}

// TestPlanAndCount: what is planned shows where it stands, and what was handed in is
// counted by organ and month: everything is published, sent back or waiting.
func TestPlanAndCount(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer := s.signedIn(t, "editor"), s.signedIn(t, "reviewer")
	id := s.published(t, editor, reviewer, draftForm("貔貅甲通知"))
	for i, title := range []string{"貔貅乙通知", "貔貅丙通知"} {
		draft := editor.post("/desk/documents/new", draftForm(title)).header.Get("Location")
		if r := editor.post(draft+"/submit", nil); r.code != 303 {
			t.Fatal(r.code)
		}
		if i == 0 {
			if r := reviewer.post(draft+"/return", url.Values{"remark": {"漏写地点"}}); r.code != 303 {
				t.Fatal(r.code)
			}
		}
	}
	form := url.Values{"organ": {"water"}, "title": {"公布水质检测报告"}, "due": {"2026-11-10"}, "who": {"水质科"}}
	if r := editor.post("/desk/plan/edit", url.Values{"organ": {"water"}, "title": {""}, "who": {"水质科"}, "due": {"2026-13-40"}}); r.code != 422 {
		t.Errorf("a plan without title and day: %d", r.code)
	}
	if r := editor.post("/desk/plan/edit", form); r.code != 303 {
		t.Fatalf("plan: %d %s", r.code, plain(r.body))
	}
	r := editor.get("/desk/plan")
	if r.code != 200 || !strings.Contains(r.body, "公布水质检测报告") || !strings.Contains(r.body, "已过期限") {
		t.Errorf("the plan: %d", r.code)
	}
	counts, err := s.docs.Count(t.Context(), portal.System("test"), 2026)
	if err != nil {
		t.Fatal(err)
	}
	got := counts["water"].Months[10]
	if got.Returned != 1 || got.Waiting < 1 || got.SentBack != 1 || got.Published < 1 || got.Entered != got.Published+got.Returned+got.Waiting {
		t.Errorf("November: %+v", got)
	}
	at := regexp.MustCompile(`/desk/plan/edit\?id=[A-Z0-9]+`).FindString(r.body)
	form.Set("revision", revision(t, editor.get(at).body))
	form.Set("document", "Q99999999-2026-00001")
	if r := editor.post(at, form); r.code != 422 && r.code != 404 {
		t.Errorf("a plan fulfilled by what is not there: %d", r.code)
	}
	form.Set("document", id)
	if r := editor.post(at, form); r.code != 303 {
		t.Errorf("fulfilled: %d %s", r.code, plain(r.body))
	}
	if r := editor.get("/desk/plan"); !strings.Contains(r.body, "/documents/"+id) {
		t.Error("the plan does not lead to what was published")
	}
	if r := editor.get("/desk/plan?format=csv"); r.code != 200 || !strings.Contains(r.body, "清河市水务局") {
		t.Errorf("the figures as a file: %d", r.code)
	}
	if r := s.browser(t).get("/desk/plan"); strings.Contains(r.body, "公布水质检测报告") {
		t.Error("a reader sees the plan")
	}
}

// TestGazette: an issue collects public documents in its order, with a cover, a table of
// contents and one PDF; what is not public is refused; search and the catalogue know it.
func TestGazette(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reader := s.signedIn(t, "editor"), s.browser(t)
	docs := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "water", Page: 1, Size: 2}).Rows
	form := url.Values{"organ": {"water"}, "year": {"2026"}, "number": {"3"}, "title_zh": {"貔貅水务公报"}, "documents": {docs[1].Index + "\n" + docs[0].ID + "\nQ37009014-2026-99999"}}
	if r := editor.post("/desk/gazettes/edit", form); r.code != 422 || !strings.Contains(r.body, "Q37009014-2026-99999没有公开") {
		t.Fatalf("an issue with what is not there: %d %s", r.code, plain(r.body))
	}
	form.Set("documents", docs[1].Index+"\n"+docs[0].ID)
	if r := editor.post("/desk/gazettes/edit", form); r.code != 303 {
		t.Fatalf("an issue: %d %s", r.code, plain(r.body))
	}
	r := reader.get("/gazettes/water.2026-03")
	first, second := strings.Index(r.body, docs[1].Title), strings.LastIndex(r.body, docs[0].Title)
	if r.code != 200 || first < 0 || second < first || !strings.Contains(r.body, "2026年第3期") {
		t.Errorf("the page: %d %d %d", r.code, first, second)
	}
	pdf := reader.get("/gazettes/water.2026-03/pdf")
	if pdf.code != 200 || !strings.HasPrefix(pdf.body, "%PDF-") {
		t.Errorf("the PDF: %d", pdf.code)
	}
	if r := reader.get("/gazettes"); !strings.Contains(r.body, "貔貅水务公报") {
		t.Error("the list lacks it")
	}
	s.catchUp(t)
	if r := reader.get("/search?q=貔貅水务公报"); !strings.Contains(r.body, "/gazettes/water.2026-03") {
		t.Error("search does not find it")
	}
	for path, want := range map[string]int{"/documents/" + docs[0].ID + "/poster?size=A3": 200, "/documents/" + docs[0].ID + "/poster?size=/etc": 200, "/screen?organ=water": 200, "/screen?document=" + docs[0].ID: 200, "/screen?organ=nobody": 404, "/gazettes/water.2026-09": 404, "/gazettes/water.2026-09/pdf": 404} {
		if r := reader.get(path); r.code != want {
			t.Errorf("%s: %d", path, r.code)
		}
	}
}

// TestBulkChangeAndCleanup: many documents are changed at once after a look, all or none,
// and it can be taken back; a cleanup marks them by one decision and is public.
func TestBulkChangeAndCleanup(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	reviewer, reader := s.signedIn(t, "reviewer"), s.browser(t)
	docs := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "water", Validity: "in_force", Page: 1, Size: 4}).Rows
	if r := reviewer.get("/desk/bulk?organ=water"); r.code != 200 || !strings.Contains(r.body, docs[0].ID+"@1") {
		t.Fatalf("the list: %d", r.code)
	}
	form := url.Values{"document": {docs[0].ID + "@1", docs[1].ID + "@1"}, "theme": {"10"}, "add": {"貔貅专题"}}
	r := reviewer.post("/desk/bulk", form)
	if r.code != 200 || !strings.Contains(r.body, "将修改2件") || !strings.Contains(r.body, "貔貅专题") {
		t.Fatalf("the preview: %d %s", r.code, plain(r.body))
	}
	if d, _ := s.st.Documents.Document(t.Context(), documents.DocumentID(docs[0].ID)); d.Theme == "10" {
		t.Fatal("a preview changes something")
	}
	form.Set("confirm", "yes")
	stale := url.Values{"document": {docs[0].ID + "@1", docs[1].ID + "@7"}, "theme": {"10"}, "confirm": {"yes"}}
	if r := reviewer.post("/desk/bulk", stale); r.code != 409 {
		t.Errorf("a document that has changed since: %d", r.code)
	}
	if d, _ := s.st.Documents.Document(t.Context(), documents.DocumentID(docs[0].ID)); d.Version != 1 {
		t.Fatal("half of a batch was done")
	}
	r = reviewer.post("/desk/bulk", form)
	batch := r.header.Get("Location")
	if r.code != 303 {
		t.Fatalf("the change: %d %s", r.code, plain(r.body))
	}
	for _, d := range docs[:2] {
		now, err := s.st.Documents.Document(t.Context(), documents.DocumentID(d.ID))
		if err != nil || now.Theme != "10" || now.Version != 2 || !slices.Contains(now.Keywords, "貔貅专题") || now.Body == "" {
			t.Errorf("%s: %+v %v", d.ID, now, err)
		}
	}
	if r := reader.get("/documents/" + docs[0].ID + "/versions/1"); r.code != 200 {
		t.Errorf("the version before: %d", r.code)
	}
	if r := reviewer.post(batch+"/undo", nil); r.code != 303 {
		t.Fatalf("undo: %d %s", r.code, plain(r.body))
	}
	if d, _ := s.st.Documents.Document(t.Context(), documents.DocumentID(docs[0].ID)); d.Theme != docs[0].Theme || d.Version != 3 || slices.Contains(d.Keywords, "貔貅专题") {
		t.Errorf("undone: %+v", d)
	}
	if r := reviewer.post(batch+"/undo", nil); r.code != 409 {
		t.Errorf("undone twice: %d", r.code)
	}
	other := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "education", Page: 1, Size: 1}).Rows[0]
	editor := s.signedIn(t, "editor")
	if r := editor.post("/desk/bulk", url.Values{"document": {other.ID + "@1"}, "theme": {"10"}, "confirm": {"yes"}}); r.code != 403 {
		t.Errorf("an editor changes what is public: %d", r.code)
	}

	rows := docs[0].ID + " 继续有效\n" + docs[1].Index + " 修改\n" + docs[2].ID + " 废止\n麒麟〔1900〕1号 废止"
	clean := url.Values{"title": {"貔貅清理结果"}, "decision": {docs[3].Index}, "rows": {rows}}
	if r := reviewer.post("/desk/cleanup", clean); r.code != 422 || !strings.Contains(r.body, "第4行：没有公开的文件麒麟〔1900〕1号") {
		t.Fatalf("a cleanup of what is not there: %d", r.code)
	}
	clean.Set("rows", strings.TrimSuffix(rows, "\n麒麟〔1900〕1号 废止"))
	r = reviewer.post("/desk/cleanup", clean)
	if r.code != 303 {
		t.Fatalf("cleanup: %d %s", r.code, plain(r.body))
	}
	batch = r.header.Get("Location")
	public := "/cleanups/" + path.Base(batch)
	if r := reader.get(public); r.code != 200 || !strings.Contains(r.body, "共清理3件：继续有效1件，修改1件，废止1件") {
		t.Errorf("the list: %d", r.code)
	}
	if r := reader.get("/documents/" + docs[2].ID); !strings.Contains(r.body, "不再有效") || !strings.Contains(r.body, "/documents/"+docs[3].ID) {
		t.Error("a repealed document does not lead to the decision")
	}
	s.catchUp(t)
	if r := reader.get("/search?q=貔貅清理结果"); !strings.Contains(r.body, public) {
		t.Error("search does not find the cleanup")
	}
	if r := reviewer.post(batch+"/undo", nil); r.code != 303 {
		t.Errorf("undo of the cleanup: %d", r.code)
	}
	if r := reader.get("/documents/" + docs[2].ID); strings.Contains(r.body, "不再有效") {
		t.Error("undone, and still repealed")
	}
	if r := reader.get(public); r.code != 404 {
		t.Errorf("the list of a cleanup that was taken back: %d", r.code)
	}
}

// TestLedgers: a village's table is pasted, checked row by row, signed and released by
// another person, shown sorted beside the quarter before, and taken from public view by a
// change; what names a person's number is stopped.
func TestLedgers(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer, reader := s.signedIn(t, "editor"), s.signedIn(t, "reviewer"), s.browser(t)
	form := url.Values{"organ": {"qiaotou"}, "form": {"finances"}, "period": {"2026Q3"}, "rows": {"项目\t收入（元）\t支出（元）\t说明\n鱼塘承包\t一万\t\t\n路灯电费\t\t300\t13812345678\n合计\t1\t1\t"}}
	r := editor.post("/desk/tables/edit", form)
	if r.code != 422 || !strings.Contains(r.body, "第1行的收入（元）不是数：一万") || !strings.Contains(r.body, "鱼塘承包") {
		t.Fatalf("a word for a figure: %d %s", r.code, plain(r.body))
	}
	form.Set("rows", strings.Replace(form.Get("rows"), "一万", "10,000.50", 1))
	if r = editor.post("/desk/tables/edit", form); r.code != 303 {
		t.Fatalf("entered: %d %s", r.code, plain(r.body))
	}
	at := r.header.Get("Location")
	if r := reader.get("/tables/qiaotou.finances.2026Q3"); r.code != 404 {
		t.Errorf("public before anybody signed: %d", r.code)
	}
	if r := editor.post(at+"/release", url.Values{"signed": {"赵某"}}); r.code != 403 {
		t.Errorf("the writer releases: %d", r.code)
	}
	if r := reviewer.post(at+"/release", url.Values{}); r.code != 422 || !strings.Contains(r.body, "signed-error") {
		t.Errorf("released unsigned: %d", r.code)
	}
	if r := reviewer.post(at+"/release", url.Values{"signed": {"赵某、钱某"}}); r.code != 422 || !strings.Contains(r.body, "不宜公开：13812345678") {
		t.Errorf("released with a mobile number: %d", r.code)
	}
	form.Set("rows", strings.Replace(form.Get("rows"), "13812345678", "七至九月", 1))
	form.Set("revision", revision(t, editor.get("/desk/tables/edit?id="+path.Base(at)).body, "/desk/tables/edit"))
	if r := editor.post("/desk/tables/edit?id="+path.Base(at), form); r.code != 303 {
		t.Fatalf("corrected: %d %s", r.code, plain(r.body))
	}
	if r := reviewer.post(at+"/release", url.Values{"signed": {"赵某、钱某"}}); r.code != 303 {
		t.Fatalf("released: %d %s", r.code, plain(r.body))
	}
	r = reader.get("/tables/qiaotou.finances.2026Q3?sort=-income")
	page := plain(r.body)
	if r.code != 200 || !strings.Contains(page, "赵某、钱某") || !strings.Contains(page, "10,000.50") || !strings.Contains(page, "45,500") || !strings.Contains(page, "-35,499.50") {
		t.Errorf("the table, or the quarter before: %d %s", r.code, page)
	}
	if strings.Index(r.body, "鱼塘承包") > strings.Index(r.body, "路灯电费") {
		t.Error("not sorted by income, the highest first")
	}
	if r := reader.get("/tables/qiaotou.finances.2026Q3?format=csv"); r.code != 200 || !strings.Contains(r.body, "鱼塘承包,\"10,000.50\"") {
		t.Errorf("CSV: %d %s", r.code, r.body)
	}
	s.catchUp(t)
	if r := reader.get("/search?q=鱼塘承包"); !strings.Contains(r.body, "/tables/qiaotou.finances.2026Q3") {
		t.Error("search does not find it")
	}
	form.Set("revision", revision(t, editor.get("/desk/tables/edit?id="+path.Base(at)).body, "/desk/tables/edit"))
	if r := editor.post("/desk/tables/edit?id="+path.Base(at), form); r.code != 303 {
		t.Fatalf("changed again: %d", r.code)
	}
	if r := reader.get("/tables/qiaotou.finances.2026Q3"); r.code != 404 {
		t.Errorf("public after a change that nobody signed: %d", r.code)
	}
	if r := reader.get("/public-bodies"); r.code != 200 || !strings.Contains(r.body, "自来水公司") || !strings.Contains(r.body, "没有公开") {
		t.Errorf("public bodies: %d", r.code)
	}
	for _, path := range []string{"/tables", "/tables?lang=en", "/tables/qiaotou.finances.2026Q2?lang=en", "/public-bodies?format=csv", "/collections"} {
		if r := reader.get(path); r.code != 200 {
			t.Errorf("%s: %d", path, r.code)
		}
	}
}

// TestReorganisation: the page of an organ that became part of another leads there, and
// what it published keeps its address.
func TestReorganisation(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	reader := s.browser(t)
	old, err := s.st.Organs.Organ("science")
	if err != nil {
		t.Fatal(err)
	}
	doc := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "science", Page: 1, Size: 1}).Rows[0]
	old.Successor = "education"
	if err := s.st.Organs.SaveOrgan(t.Context(), portal.System("test"), &old, s.clock()); err != nil {
		t.Fatal(err)
	}
	if r := reader.get("/organs/science"); r.code != 301 || !strings.HasPrefix(r.header.Get("Location"), "/organs/education") {
		t.Errorf("the old organ: %d %s", r.code, r.header.Get("Location"))
	}
	if r := reader.get("/organs/education"); r.code != 200 || !strings.Contains(r.body, "科学技术局") {
		t.Errorf("the new organ does not name the old one: %d", r.code)
	}
	if r := reader.get("/documents/" + doc.ID); r.code != 200 {
		t.Errorf("a document of the old organ: %d", r.code)
	}
}

// TestStandardDirectory: a ministry's directory comes in from a workbook and drives its own
// table of coverage.
func TestStandardDirectory(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor := s.signedIn(t, "editor")
	x := excelize.NewFile()
	for i, r := range [][]any{{"社会救助领域基层政务公开标准目录"}, {"序号", "公开事项", "", "公开内容", "公开依据", "公开时限"}, {"", "一级事项", "二级事项"}, {1, "最低生活保障", "最低生活保障", "办事指南", "条例", "每年"}, {2, "", "麒麟补助", "名单", "条例", "每月"}} {
		if err := x.SetSheetRow("Sheet1", "A"+strconv.Itoa(i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := x.Write(&b); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"organ": {"civil-affairs"}, "field": {"20"}}
	if r := editor.upload("/desk/directory", form, map[string][2]string{"file": {"无表头.csv", "甲,乙\n1,2\n"}}); r.code != 422 || !strings.Contains(r.body, "没有找到目录的表头") {
		t.Fatalf("a table that is none: %d", r.code)
	}
	if r := editor.upload("/desk/directory", form, map[string][2]string{"file": {"目录.xlsx", b.String()}}); r.code != 303 {
		t.Fatalf("import: %d %s", r.code, plain(r.body))
	}
	page := plain(editor.get("/desk/directory").body)
	if !strings.Contains(page, "2个事项，空白1个") || !strings.Contains(page, "最低生活保障 / 麒麟补助") {
		t.Errorf("coverage: %s", page)
	}
}

// TestImportWithFiles: an administrator sends a ZIP of a table and its files; the same ZIP
// that the portal exports is known again.
func TestImportWithFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	admin := s.signedIn(t, "admin")
	z := archive(t, [2]string{"表.csv", "id,title,formed,attachments\n1,貔貅附件通知,2026-05-01,files/甲.txt\n2,没有附件,2026-05-01,files/乙.txt\n"}, [2]string{"files/甲.txt", "麒麟街停水。"})
	form := url.Values{"what": {"documents"}, "organ": {"water"}}
	r := admin.upload("/desk/import", form, map[string][2]string{"file": {"a.zip", z}})
	if page := plain(r.body); r.code != 200 || !strings.Contains(page, "没有附件files/乙.txt") || !strings.Contains(page, "新增1") {
		t.Fatalf("import: %d %s", r.code, page)
	}
	s.catchUp(t)
	if r := s.browser(t).get("/search?q=麒麟街停水"); !strings.Contains(r.body, "貔貅附件通知") {
		t.Error("the text of a file of an import is not found")
	}
	if r := admin.upload("/desk/import", form, map[string][2]string{"file": {"a.zip", archive(t, [2]string{"a.txt", "x"})}}); r.code != 422 || !strings.Contains(r.body, "应有一张表") {
		t.Errorf("a ZIP without a table: %d", r.code)
	}
	out := admin.get("/desk/export")
	if out.code != 200 || !strings.HasPrefix(out.body, "PK") {
		t.Fatalf("export: %d", out.code)
	}
	if r := admin.upload("/desk/import", form, map[string][2]string{"file": {"catalogue.zip", out.body}}); r.code != 200 || !strings.Contains(plain(r.body), "新增0") {
		t.Errorf("an export comes home: %d %s", r.code, plain(r.body))
	}
	if r := admin.get("/desk/import/template.csv"); r.code != 200 || !strings.Contains(r.body, "title,title_en,number,organ") {
		t.Errorf("template: %d", r.code)
	}
	if r := s.signedIn(t, "editor").get("/desk/export"); r.code != 403 {
		t.Errorf("an editor exports: %d", r.code)
	}
}

// TestMaskedAsItLooks: a PDF is published as a copy that looks like it, without what was
// masked, read by another program; a picture loses what the camera wrote into it.
func TestMaskedAsItLooks(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer, citizen := s.signedIn(t, "editor"), s.signedIn(t, "reviewer"), s.browser(t)
	file, err := letter.Printer{}.PDF("{{标题行}}补贴发放名单\n张伟，身份证号11010519491231002X，手机13812345678，补贴三千元。\n发放地点为人民路服务站。", testNow)
	if err != nil {
		t.Fatal(err)
	}
	r := editor.upload("/desk/documents/new", draftForm("貔貅名单"), map[string][2]string{"attachments": {"名单.pdf", string(file)}})
	draft := r.header.Get("Location")
	var ids []string
	for _, m := range strings.Split(editor.get(draft).body, `name="finding" value="`)[1:] {
		ids = append(ids, m[:strings.IndexByte(m, '"')])
	}
	if len(ids) < 2 {
		t.Fatalf("%d findings", len(ids))
	}
	for _, step := range []struct {
		by   *browser
		path string
		form url.Values
	}{{editor, "/findings", url.Values{"finding": ids, "mask": {"yes"}}}, {editor, "/submit", nil}, {reviewer, "/approve", basis}} {
		if r := step.by.post(draft+step.path, step.form); r.code != 303 {
			t.Fatalf("%s: %d %s", step.path, r.code, plain(r.body))
		}
	}
	l := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "water", Page: 1, Size: 1}).Rows[0]
	doc, err := s.st.Documents.Document(t.Context(), documents.DocumentID(l.ID))
	if err != nil || len(doc.Attachments) != 1 || doc.Attachments[0].Type != "application/pdf" || len(doc.Sealed) != 1 {
		t.Fatalf("%+v %v", doc, err)
	}
	got := citizen.get("/documents/" + l.ID + "/files/" + string(doc.Attachments[0].File) + "/x.pdf")
	name := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(name, []byte(got.body), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(out)), "")
	if strings.Contains(text, "11010519491231002X") || strings.Contains(text, "13812345678") || !strings.Contains(text, "人民路服务站") {
		t.Errorf("the copy says %q", text)
	}
	if strings.Contains(got.body, "13812345678") {
		t.Error("the number stands in the bytes of the copy")
	}
}
