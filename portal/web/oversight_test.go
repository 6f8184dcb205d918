package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	ical "github.com/arran4/golang-ical"
	"github.com/xuri/excelize/v2"

	"gongkai/portal"
	"gongkai/portal/assess"
)

// entered enters an entry and gives its address.
func (b *browser) entered(register string, form url.Values) string {
	b.t.Helper()
	r := b.post("/desk/registers/"+register+"/edit", form)
	if r.code != 303 {
		b.t.Fatalf("entering in %s: %d %s", register, r.code, r.body)
	}
	at := r.header.Get("Location")
	return at[strings.Index(at, "/desk/entries/"):]
}

// TestInspectionUntilRectified: what an inspection found is put right by its organ, sent
// back once, and verified by who found it; the organ cannot verify it itself.
func TestInspectionUntilRectified(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	o, e := s.signedIn(t, "overseer"), s.signedIn(t, "editor")
	form := url.Values{"organ": {"water"}, "subject": {"目录没有更新"}, "found": {"2026-09-01"}, "finding": {"三个月没有更新。"}, "due": {"2026-09-20"}}
	if r := e.post("/desk/registers/inspections/edit", form); r.code != 403 {
		t.Fatalf("an organ inspects itself: %d", r.code)
	}
	at := o.entered("inspections", form)
	if r := e.get("/desk/work?show=late"); !strings.Contains(r.body, at) {
		t.Error("it is late, and not on the organ's list of work")
	}
	step := func(b *browser, name string, more ...string) reply {
		f := url.Values{"on": {"2026-11-20"}, "revision": {revision(t, o.get("/desk/registers/inspections/edit?id="+strings.TrimPrefix(at, "/desk/entries/")).body)}}
		for i := 0; i < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return b.post(at+"/step/"+name, f)
	}
	if r := step(e, "rectify"); r.code != 422 {
		t.Errorf("rectified without saying what was done: %d", r.code)
	}
	if r := step(e, "rectify", "rectification", "已更新。"); r.code != 303 {
		t.Fatalf("rectifying: %d %s", r.code, r.body)
	}
	if r := step(e, "verify", "note", "好"); r.code != 403 {
		t.Errorf("the organ verifies it itself: %d", r.code)
	}
	if r := step(o, "return", "note", "没有说明原因"); r.code != 303 {
		t.Fatalf("returning: %d %s", r.code, r.body)
	}
	if r := step(e, "rectify", "rectification", "已更新，原因是换人。"); r.code != 303 {
		t.Fatalf("rectifying again: %d", r.code)
	}
	if r := step(o, "verify", "note", "属实"); r.code != 303 {
		t.Fatalf("verifying: %d", r.code)
	}
	if r := e.get("/desk/work?show=late"); strings.Contains(r.body, at) {
		t.Error("it is verified, and still on the list of work")
	}
	h := s.signedIn(t, "head")
	if r := h.post(at+"/release", url.Values{"revision": {revision(t, h.get(at).body)}}); r.code != 303 {
		t.Fatalf("publishing: %d %s", r.code, r.body)
	}
	if r := s.browser(t).get(strings.Replace(at, "/desk", "", 1)); !strings.Contains(r.body, "已核查") || strings.Contains(r.body, "没有说明原因") {
		t.Errorf("the public page: %d", r.code)
	}
}

// TestSealedFields: who was held to account is kept encrypted, shown to who enters it and to
// nobody else; a register that is internal has no public page.
func TestSealedFields(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	o := s.signedIn(t, "overseer")
	at := o.entered("violations", url.Values{"organ": {"water"}, "subject": {"逾期未公开"}, "facts": {"六个月没有公开。"}, "basis": {"第五十三条"}, "decision": {"通报"}, "decided": {"2026-09-01"}, "accountable": {"彘彘科长，记过"}})
	if r := o.get(at); !strings.Contains(r.body, "彘彘科长") {
		t.Error("who entered it does not see it")
	}
	if r := s.signedIn(t, "editor").get(at); r.code != 200 || strings.Contains(r.body, "彘彘") {
		t.Errorf("the organ sees it: %d", r.code)
	}
	h := s.signedIn(t, "head")
	p := h.get(at)
	if strings.Contains(p.body, "彘彘") {
		t.Error("who releases it sees it")
	}
	if r := h.post(at+"/release", url.Values{"revision": {revision(t, p.body)}}); r.code != 303 {
		t.Fatalf("publishing: %d %s", r.code, r.body)
	}
	// It stays as it was where the field is left empty.
	id := strings.TrimPrefix(at, "/desk/entries/")
	edit := "/desk/registers/violations/edit?id=" + id
	if r := o.post(edit, url.Values{"revision": {revision(t, o.get(edit).body)}, "subject": {"逾期未公开"}, "facts": {"六个月没有公开。"}, "basis": {"第五十三条"}, "decision": {"通报批评"}, "decided": {"2026-09-01"}}); r.code != 303 {
		t.Fatalf("changing: %d %s", r.code, r.body)
	}
	if r := o.get(at); !strings.Contains(r.body, "彘彘科长") {
		t.Error("it is gone after a change")
	}
	s.catchUp(t)
	s.leaks(t, "彘彘")
	for _, path := range []string{"/registers/violations", "/entries/" + id, "/registers/violations?format=json", "/registers/violations?format=csv"} {
		if r := s.browser(t).get(path); r.code != 200 || strings.Contains(r.body, "彘彘") {
			t.Errorf("%s: %d", path, r.code)
		}
	}
	for _, path := range []string{"/registers/submissions", "/registers/assignments", "/registers/box_log", "/registers/submissions?format=csv"} {
		if r := s.browser(t).get(path); r.code != 404 {
			t.Errorf("%s: %d", path, r.code)
		}
	}
}

// TestProposalsAreImported: all of a file, or none of it; a proposal goes through its steps,
// what is not published needs a reason, and the reply can be had as a letter.
func TestProposalsAreImported(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	e := s.signedIn(t, "editor")
	book := func(rows ...[]string) string {
		f := excelize.NewFile()
		for i, row := range append([][]string{{"主办单位", "类别", "届次", "编号", "提出人", "案由", "会办单位", "交办日期", "答复期限"}}, rows...) {
			for j, cell := range row {
				at, _ := excelize.CoordinatesToCellName(j+1, i+1)
				if err := f.SetCellStr("Sheet1", at, cell); err != nil {
					t.Fatal(err)
				}
			}
		}
		b, err := f.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	good := []string{"清河市水务局", "政协提案", "十七届六次", "第901号", "陈委员", "关于节水的提案", "清河市财政局、清河市民政局", "2026-09-01", "2026-12-01"}
	bad := []string{"没有这个局", "别的", "十七届六次", "第902号", "陈委员", "关于供水的提案", "", "九月", "2026-12-01"}
	r := e.upload("/desk/registers/proposals/import", nil, map[string][2]string{"file": {"提案.xlsx", book(good, bad)}})
	if r.code != 422 || !strings.Contains(r.body, "第3行") || !strings.Contains(r.body, "没有这个局") {
		t.Errorf("a file with mistakes: %d %s", r.code, r.body)
	}
	if r := e.get("/desk/registers/proposals"); strings.Contains(r.body, "关于节水的提案") {
		t.Error("a part of the file was taken")
	}
	if r := e.upload("/desk/registers/proposals/import", nil, map[string][2]string{"file": {"提案.xlsx", book(good)}}); r.code != 303 {
		t.Fatalf("a good file: %d %s", r.code, r.body)
	}
	odd := append([]string{}, good...)
	odd[3], odd[5] = "第903号", "联系电话13900139000的提案"
	fine := append([]string{}, good...)
	fine[3] = "第904号"
	if r := e.upload("/desk/registers/proposals/import", nil, map[string][2]string{"file": {"提案.xlsx", book(odd, fine)}}); r.code != 303 {
		t.Fatalf("two more: %d %s", r.code, r.body)
	}
	all := s.signedIn(t, "reviewer")
	if r := e.post("/desk/registers/proposals/release", nil); r.code != 403 {
		t.Errorf("an editor publishes all: %d", r.code)
	}
	if r := all.post("/desk/registers/proposals/release", nil); r.code != 303 {
		t.Fatalf("publishing all: %d %s", r.code, r.body)
	}
	if r := all.get("/desk/registers/proposals"); !strings.Contains(r.body, "已公示2条；1条没有通过检查") {
		t.Error("one of three has a telephone number, and two are published")
	}
	m := regexp.MustCompile(`(/desk/entries/proposals[^"]+)">第901号 关于节水的提案`).FindStringSubmatch(e.get("/desk/registers/proposals").body)
	if m == nil {
		t.Fatal("it is not in the list")
	}
	at := m[1]
	step := func(b *browser, name string, more ...string) reply {
		f := url.Values{"on": {"2026-11-20"}, "revision": {revision(t, b.get(at).body)}}
		for i := 0; i < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return b.post(at+"/step/"+name, f)
	}
	for _, name := range []string{"accept", "handle"} {
		if r := step(e, name); r.code != 303 {
			t.Fatalf("%s: %d %s", name, r.code, r.body)
		}
	}
	if r := step(e, "answer", "reply", "已列入改造计划。", "class", "b", "open", "no"); r.code != 422 {
		t.Errorf("not published, without a reason: %d", r.code)
	}
	if r := step(e, "answer", "reply", "犄角旮旯已列入改造计划。", "class", "b", "open", "no", "reason", "涉及内部事务", "promise", "2027-06-30"); r.code != 303 {
		t.Fatalf("answering: %d %s", r.code, r.body)
	}
	if r := e.get(at + "/letter.pdf"); !strings.HasPrefix(r.body, "%PDF") {
		t.Errorf("the letter: %d", r.code)
	}
	rv := s.signedIn(t, "reviewer")
	if r := rv.post(at+"/release", url.Values{"note": {"已答复"}, "revision": {revision(t, rv.get(at).body)}}); r.code != 303 {
		t.Fatalf("publishing: %d %s", r.code, r.body)
	}
	id := strings.TrimPrefix(at, "/desk")
	if r := s.browser(t).get(id); r.code != 200 || strings.Contains(r.body, "犄角旮旯") || !strings.Contains(r.body, "涉及内部事务") {
		t.Errorf("a reply that is not published: %d", r.code)
	}
	if r := s.browser(t).get(id + "/letter.pdf"); r.code != 404 {
		t.Errorf("its letter: %d", r.code)
	}
	s.catchUp(t)
	s.leaks(t, "犄角旮旯")
	if r := e.get("/desk/work"); !strings.Contains(r.body, at) {
		t.Error("what was promised is not on the list of work")
	}
	if r := step(e, "again", "note", "不具体"); r.code != 303 {
		t.Errorf("not satisfied: %d", r.code)
	}
	if r := step(e, "handle"); r.code != 303 {
		t.Errorf("done again: %d", r.code)
	}
}

// TestFiguresOfOversight: the figures of each organ are those of the city.
func TestFiguresOfOversight(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	r := b.get("/registers/proposals")
	total := regexp.MustCompile(`合计</th><td>(\d+)</td><td>(\d+)（(\d+)\.\d%）</td>`).FindStringSubmatch(r.body)
	if total == nil || total[1] != "235" || total[3] != "100" {
		t.Errorf("proposals: %v", total)
	}
	for register, n := range map[string]string{"supervisors": "18", "inspections": "65"} {
		if r := b.get("/registers/" + register); r.code != 200 || !strings.Contains(r.body, n) {
			t.Errorf("%s: %d lacks %s", register, r.code, n)
		}
	}
	o := s.signedIn(t, "overseer")
	if r := o.get("/desk/registers/submissions"); !strings.Contains(r.body, "<td>679</td><td>135（19.9%）</td>") {
		t.Error("submissions are not 679 and 135")
	}
	cal, err := ical.ParseCalendar(strings.NewReader(b.get("/registers/reception/calendar.ics").body))
	if err != nil || len(cal.Events()) < 8 {
		t.Errorf("the calendar of reception days: %v", err)
	}
}

// TestAssessmentUntilItsNotice: organs score themselves with evidence, an overseer checks,
// an organ objects once, what is settled is published by somebody else; then it is fixed.
func TestAssessmentUntilItsNotice(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	o, e := s.signedIn(t, "overseer"), s.signedIn(t, "editor")
	at := "/desk/assessment/2026/water"
	if r := e.get("/desk/assessment/2026/land"); r.code != 403 {
		t.Errorf("another organ's scores: %d", r.code)
	}
	scores := url.Values{"interpretation": {"2"}, "training": {"1.5"}, "guide": {"3"}, "interpretation_evidence": {"三件解读"}, "training_evidence": {"通知"}, "guide_evidence": {"核对记录"}}
	step := func(b *browser, at, name string, f url.Values) reply {
		f = with(f)
		if m := revisionField.FindStringSubmatch(b.get(at).body); m != nil {
			f.Set("revision", m[1])
		}
		return b.post(at+"/"+name, f)
	}
	if r := step(e, at, "submit", with(scores, "guide", "4")); r.code != 422 {
		t.Errorf("more points than there are: %d", r.code)
	}
	if r := step(e, at, "submit", with(scores, "guide_evidence", "")); r.code != 422 {
		t.Errorf("points without evidence: %d", r.code)
	}
	if r := step(e, at, "submit", scores); r.code != 303 {
		t.Fatalf("handing in: %d %s", r.code, r.body)
	}
	if r := step(e, at, "check", scores); r.code != 403 {
		t.Errorf("the organ checks itself: %d", r.code)
	}
	if r := step(o, at, "check", with(scores, "guide", "1")); r.code != 422 {
		t.Errorf("fewer points without a remark: %d", r.code)
	}
	if r := step(o, at, "check", with(scores, "guide", "1", "guide_remark", "电话不对")); r.code != 303 {
		t.Fatalf("checking: %d %s", r.code, r.body)
	}
	if r := step(e, at, "object", url.Values{"note": {"已更正"}}); r.code != 303 {
		t.Fatalf("objecting: %d %s", r.code, r.body)
	}
	if r := step(o, at, "settle", with(scores, "guide", "2")); r.code != 303 {
		t.Fatalf("settling: %d %s", r.code, r.body)
	}
	h := s.signedIn(t, "head")
	if r := h.post("/desk/assessment/publish?year=2026", nil); r.code != 409 {
		t.Errorf("published before all are settled: %d", r.code)
	}
	by := portal.System("t")
	for _, organ := range s.st.Organs.Organs() {
		for _, name := range []string{"submit", "check", "settle"} {
			typed := map[string]assess.Typed{}
			for _, g := range assess.Rules.Groups {
				for _, c := range g.Criteria {
					typed[c.Code] = assess.Typed{Score: "1", Evidence: "有"}
				}
			}
			if organ.Code != "water" && (organ.Kind == "department" || organ.Kind == "township") {
				seen := portal.Latest
				if name == "submit" {
					seen = portal.Absent
				}
				if _, err := s.areas.Assess.Step(t.Context(), by, 2026, organ.Code, seen, name, "", typed); err != nil {
					t.Fatal(organ.Code, name, err)
				}
			}
		}
	}
	if r := o.post("/desk/assessment/publish?year=2026", nil); r.code != 403 {
		t.Errorf("who settled it publishes it: %d", r.code)
	}
	if r := h.post("/desk/assessment/publish?year=2026", url.Values{"note": {"现将考评情况通报如下。"}}); r.code != 303 {
		t.Fatalf("publishing: %d %s", r.code, r.body)
	}
	if r := s.browser(t).get("/assessments/2026"); r.code != 200 || !strings.Contains(r.body, "清河市水务局") {
		t.Errorf("the notice: %d", r.code)
	}
	if r := s.browser(t).get("/assessments/2026/notice.pdf"); !strings.HasPrefix(r.body, "%PDF") {
		t.Errorf("the notice as a PDF: %d", r.code)
	}
	if _, err := s.areas.Assess.Step(t.Context(), by, 2026, "water", portal.Latest, "settle", "", nil); portal.KindOf(err) != portal.Conflict {
		t.Errorf("it changes after its notice: %v", err)
	}
}

// TestHealthPage: what would fail an inspection today is told with the records behind it.
func TestHealthPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	o := s.signedIn(t, "overseer")
	r := o.get("/desk/health")
	for _, p := range assess.Rules.Health {
		if !strings.Contains(r.body, `<tr id="`+p.Code+`"`) {
			t.Errorf("it does not tell of %s", p.Code)
		}
	}
	s.written(t, "organ", aLetter)
	s.mu.Lock()
	s.now = s.now.AddDate(0, 5, 0)
	s.mu.Unlock()
	o = s.signedIn(t, "overseer")
	r = o.get("/desk/health")
	if !regexp.MustCompile(`<tr id="home"[\s\S]*?</td><td class="govuk-table__cell">15</td><td class="govuk-table__cell gk-short"><strong class="govuk-tag govuk-tag--red">`).MatchString(r.body) {
		t.Error("five months without anything new would not fail")
	}
	if !regexp.MustCompile(`<tr id="unanswered"[\s\S]*?/desk/mailbox/L2026-`).MatchString(r.body) {
		t.Error("letters unanswered for three months are not listed")
	}
}
