package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gongkai/portal/portaltest"
)

// TestReportCommands: what the portal writes of a report, in each format, the portal
// reads again with every identity; one wrong cell is named; a file that is none is said.
func TestReportCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := "--data=" + filepath.Join(dir, "d")
	p := start(t, "--demo", data)
	p.waitReady(t)
	code, running, errs := command(t, "", "report", "annual", data, "--organ=water", "--year=2024")
	if code != 0 {
		t.Errorf("while the portal runs: %d %s", code, errs)
	}
	_, page := get(t, p.url+"/reports/water.2024")
	if code := p.stop(); code != 0 {
		t.Fatalf("stopped with %d", code)
	}
	code, out, errs := command(t, "", "report", "annual", data, "--organ=water", "--year=2024", "--format=json")
	if code != 0 {
		t.Fatalf("as JSON: %d %s", code, errs)
	}
	if out != running {
		t.Error("the running portal says something else")
	}
	var o struct {
		Tables struct {
			Proactive map[string]map[string]json.Number
			Requests  map[string]map[string]json.Number
			Remedies  map[string]map[string]json.Number
		}
		Identities []struct {
			Name       string
			Holds      bool
			Difference *int
		}
	}
	if err := json.Unmarshal([]byte(out), &o); err != nil {
		t.Fatal(err)
	}
	if len(o.Tables.Requests) != 25 || len(o.Tables.Requests["new"]) != 7 || len(o.Tables.Proactive) == 0 || len(o.Tables.Remedies) != 3 || len(o.Identities) < 42 {
		t.Errorf("%+v", o)
	}
	for _, i := range o.Identities {
		if !i.Holds || i.Difference == nil || *i.Difference != 0 {
			t.Errorf("%+v", i)
		}
	}
	files := map[string]string{"page.html": filepath.Join(dir, "page.html")}
	if err := os.WriteFile(files["page.html"], []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"xlsx", "docx", "pdf"} {
		files[f] = filepath.Join(dir, "r."+f)
		if code, _, errs := command(t, "", "report", "annual", data, "--organ=water", "--year=2024", "--format="+f, "--out="+files[f]); code != 0 {
			t.Fatalf("%s: %d %s", f, code, errs)
		}
	}
	for name, file := range files {
		code, out, errs := command(t, "", "report", "check", file, "--json")
		var r struct {
			Year   int
			Tables struct {
				Requests map[string]map[string]json.Number
			}
			Unread     []string
			Identities []json.RawMessage
		}
		if err := json.Unmarshal([]byte(out), &r); code != 0 || err != nil {
			t.Errorf("%s: %d %v %s", name, code, err, errs)
			continue
		}
		if r.Year != 2024 || len(r.Unread) > 0 || len(r.Identities) < 42 || r.Tables.Requests["total"]["总计"] != o.Tables.Requests["total"]["总计"] {
			t.Errorf("%s: %d, not read %v, %d identities", name, r.Year, r.Unread, len(r.Identities))
		}
	}
	// The figure of what was granted to natural persons, one more.
	granted := o.Tables.Requests["granted"]["自然人"].String()
	i := strings.Index(page, "（一）予以公开")
	wrong := page[:i] + strings.Replace(page[i:], ">"+granted+"<", ">"+granted+"1<", 1)
	if err := os.WriteFile(files["page.html"], []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := command(t, "", "report", "check", files["page.html"]); code != 1 || !strings.Contains(out, "would be mended by") || !strings.Contains(out, "予以公开·自然人 "+granted+"1 → "+granted) {
		t.Errorf("a wrong cell: %d %s", code, out)
	}
	none := filepath.Join(dir, "none.html")
	if err := os.WriteFile(none, []byte("<!doctype html><p>欢迎访问</p>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := command(t, "", "report", "check", none); code != 2 || !strings.Contains(errs, "no table of the national form") {
		t.Errorf("a page without a report: %d %s", code, errs)
	}
	// A power list that others laid out, brought in twice.
	list := filepath.Join(dir, "list.csv")
	if err := os.WriteFile(list, []byte("部门,权力编码,权力名称,权力类型,实施依据\n清河市水务局,PL-1,取用水许可,许可,《水法》第四十八条\n没有的局,PL-2,x,许可,y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 added, 0 changed, 0 unchanged, 1 refused", "0 added, 0 changed, 1 unchanged, 1 refused"} {
		if code, out, errs := command(t, "", "import", "powers", data, "--document=清政办发〔2026〕3号", "--legality=通过", list); code != 0 || !strings.Contains(out, want) || !strings.Contains(errs, "row 3") {
			t.Errorf("a power list: %d %s %s", code, out, errs)
		}
	}
	for _, bad := range [][]string{{"--organ=nobody", "--year=2024"}, {"--organ=water", "--year=1999"}, {"--organ=water", "--year=2024", "--format=rtf"}} {
		if code, _, _ := command(t, "", append([]string{"report", "annual", data}, bad...)...); code == 0 {
			t.Errorf("%v is taken", bad)
		}
	}
}

// TestCheckRealReports checks reports that others published.
func TestCheckRealReports(t *testing.T) {
	t.Parallel()
	shared := portaltest.SharedDir(t)
	code, out, errs := command(t, "", "report", "check", filepath.Join(shared, "real/reports/hangzhou_style_2025_report.html"))
	if code != 0 || !strings.Contains(out, "200 figures read, 42 identities checked, 0 do not hold") {
		t.Errorf("%d %s %s", code, out, errs)
	}
	if code, out, _ := command(t, "", "report", "check", filepath.Join(shared, "real/reports/govnianbao_template.docx")); code != 0 || !strings.Contains(out, "0 do not hold") {
		t.Errorf("a blank form: %d %s", code, out)
	}
	if code, out, _ := command(t, "", "report", "check", filepath.Join(shared, "real/reports/section3_raw_text.txt")); code != 0 || !strings.Contains(out, "94 figures read") {
		t.Errorf("the lines of a PDF: %d %s", code, out)
	}
}
