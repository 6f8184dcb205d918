package web_test

import (
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"gongkai/portal"
	"gongkai/portal/reports"
)

// TestAnnualReport: an organ's report writes its own figures, each opens to its records;
// what is typed needs a reason; a wrong cell blocks the filing and is named; a second
// person files; the public sees what was filed, in every format.
func TestAnnualReport(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer, citizen := s.signedIn(t, "editor"), s.signedIn(t, "reviewer"), s.browser(t)
	const at = "/desk/reports/civil-affairs.2025"
	// The demonstration city has filed its reports on 2025; this one is written anew.
	if _, err := s.st.Reports.Change(t.Context(), portal.System("t"), "civil-affairs.2025", portal.Latest, "", testNow, func(r *reports.Report) (string, error) {
		*r = reports.Report{Organ: r.Organ, Year: r.Year, Title: r.Title, Texts: r.Texts, ChangedAt: testNow}
		r.Texts["overview"] = "全年工作正常。"
		return "", nil
	}); err != nil {
		t.Fatal(err)
	}
	if r := citizen.get("/reports/civil-affairs.2025"); r.code != 404 {
		t.Fatalf("a report that is being written is public: %d", r.code)
	}
	r := editor.get(at)
	if r.code != 200 || !strings.Contains(r.body, "勾稽关系") || !strings.Contains(r.body, `name="requests/new/natural"`) {
		t.Fatalf("the report: %d", r.code)
	}
	before, err := s.st.Reports.Get(t.Context(), "civil-affairs.2024")
	if err != nil {
		t.Fatal(err)
	}
	form := before.Form()
	carried := before.Filed.Figures[form.Table("requests").At("carried_out", "natural")]
	figures := func(by *browser, reason string, pairs ...string) reply {
		v := url.Values{"revision": {revision(t, by.get(at).body, `method="post" action="`+at+`"`)}, "reason": {reason}}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return by.post(at, v)
	}
	if r := figures(editor, "", "requests/new/natural", "40"); r.code != 422 || !strings.Contains(plain(r.body), "须写明理由") || !strings.Contains(r.body, `value="40"`) {
		t.Errorf("a figure without a reason: %d", r.code)
	}
	if r := figures(editor, "旧系统登记", "requests/new/natural", "四十"); r.code != 422 || !strings.Contains(plain(r.body), "不是数字") {
		t.Errorf("a figure that is none: %d", r.code)
	}
	in := json.Number(itoa(int(carried)))
	if r := figures(editor, "旧系统登记", "requests/new/natural", "40", "requests/carried_in/natural", in.String(), "requests/granted/natural", itoa(39+int(carried)), "requests/carried_out/natural", "0"); r.code != 303 {
		t.Fatalf("typed: %d %s", r.code, plain(r.body))
	}
	file := func(by *browser) reply {
		seen := revision(t, by.get(at).body, `action="`+at+`/file`)
		return by.post(at+"/file", url.Values{"revision": {seen}})
	}
	if body := editor.get(at).body; strings.Contains(body, `action="`+at+`/file`) {
		t.Error("who may not file is offered it")
	}
	r = file(reviewer)
	if text := plain(r.body); r.code != 422 || !strings.Contains(text, "一＋二＝三（七）＋四（自然人）") || !strings.Contains(text, "差1") {
		t.Fatalf("one wrong cell: %d %s", r.code, text)
	}
	if r := figures(editor, "旧系统登记", "requests/granted/natural", itoa(40+int(carried))); r.code != 303 {
		t.Fatalf("mended: %d %s", r.code, plain(r.body))
	}
	if r := file(reviewer); r.code != 303 {
		t.Fatalf("filing: %d %s", r.code, plain(r.body))
	}
	public := citizen.get("/reports/civil-affairs.2025")
	if text := plain(public.body); public.code != 200 || !strings.Contains(text, "2025年一览") || !strings.Contains(text, "由机关填报") {
		t.Errorf("the public page: %d %s", public.code, text)
	}
	var out reports.Output
	if r := citizen.get("/reports/civil-affairs.2025/download/json"); r.code != 200 || json.Unmarshal([]byte(r.body), &out) != nil {
		t.Fatalf("JSON: %d", r.code)
	}
	if out.Status != "filed" || out.Tables["requests"]["new"]["自然人"] != "40" || len(out.Typed) == 0 || slices.ContainsFunc(out.Identities, func(i reports.Identity) bool { return !i.Holds }) {
		t.Errorf("JSON: %+v", out)
	}
	for format, begins := range map[string]string{"pdf": "%PDF-", "docx": "PK", "xlsx": "PK"} {
		if r := citizen.get("/reports/civil-affairs.2025/download/" + format); r.code != 200 || !strings.HasPrefix(r.body, begins) {
			t.Errorf("%s: %d", format, r.code)
		}
	}
	if r := citizen.get("/reports/schema.json"); r.code != 200 || !json.Valid([]byte(r.body)) || !strings.Contains(r.body, "自然人") {
		t.Errorf("schema: %d", r.code)
	}
	if r := citizen.get("/reports/compare?year=2025"); r.code != 200 || !strings.Contains(r.body, "清河市民政局") {
		t.Errorf("comparison: %d", r.code)
	}
	// What is written after it changes nothing of what was filed.
	if r := figures(editor, "更正", "requests/new/natural", "41"); r.code != 303 {
		t.Fatalf("typed after the filing: %d", r.code)
	}
	if r := citizen.get("/reports/civil-affairs.2025/download/json"); !strings.Contains(r.body, `"自然人": 40`) {
		t.Error("what was filed has changed before it was filed again")
	}
}

// TestRollUp: the sum of a government waits for its organs, or says why one is left out.
func TestRollUp(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	u := s.areas.Reports
	ctx, by := t.Context(), portal.System("t")
	sum, err := u.Sum(ctx, "qinghe", 2025, false)
	if err != nil || len(sum.Missing) != 0 || len(sum.Organs) != 25 {
		t.Fatalf("all have filed: %+v, %v", sum, err)
	}
	filed, err := s.st.Reports.Get(ctx, "qinghe.2025")
	if err != nil {
		t.Fatal(err)
	}
	water, err := s.st.Reports.Get(ctx, "water.2025")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"water.2025", "qinghe.2025"} {
		if _, err := s.st.Reports.Change(ctx, by, id, portal.Latest, "", testNow, func(r *reports.Report) (string, error) {
			r.Filed, r.Published, r.By = nil, 0, ""
			r.Texts["overview"] = "全年工作正常。"
			return "", nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	boss := portal.Actor{Login: "boss", Grants: []portal.Grant{{Role: portal.Reviewer, Organs: []portal.OrganCode{"qinghe"}}}}
	_, err = u.File(ctx, boss, "qinghe.2025", portal.Latest, "", "")
	if err == nil || !strings.Contains(err.Error(), "left_out:report.missing") {
		t.Fatalf("an organ is missing: %v", err)
	}
	if _, err = u.Change(ctx, by, "qinghe.2025", portal.Latest, func(r *reports.Report) { r.LeftOut = "水务局年度报告尚在审核。" }); err != nil {
		t.Fatal(err)
	}
	r, err := u.Store.Get(ctx, "qinghe.2025")
	if err != nil {
		t.Fatal(err)
	}
	v, err := u.View(ctx, r, false)
	if err != nil {
		t.Fatal(err)
	}
	const cell = reports.Cell("requests/new/total")
	if want := filed.Filed.Figures[cell] - water.Filed.Figures[cell]; v.Missing[0] != "water" || v.Figures[cell] > want || v.Figures[cell] < want/2 {
		t.Errorf("the sum without the water bureau: %d, want about %d", v.Figures[cell], want)
	}
}

var update = flag.Bool("update", false, "write the golden report anew")

// TestGoldenReport: what the records of the demonstration city say of the year 2026,
// figure by figure. After a change of the city or of what counts run with -update, and
// read what changes.
func TestGoldenReport(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	const golden = "testdata/report-2026.json"
	var all []reports.Output
	for _, organ := range []portal.OrganCode{"water", "qinghe"} {
		r, err := s.areas.Reports.Begin(t.Context(), organ, 2026)
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.areas.Reports.View(t.Context(), r, false)
		if err != nil {
			t.Fatal(err)
		}
		if bad := reports.Failing(v.Identities); len(bad) > 0 {
			t.Errorf("%s: %+v", organ, bad)
		}
		all = append(all, v.Output(string(organ), false))
	}
	got, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got)+"\n" {
		t.Errorf("the report is not what %s says; it is\n%s", golden, got)
	}
}
