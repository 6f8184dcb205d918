package main

import (
	"archive/zip"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/store"
)

// TestExportAndImport: a table with a folder of files comes in; the whole catalogue goes
// out as a ZIP; an empty portal that takes it has the same pages, index numbers, files,
// versions and addresses, and goes on counting behind them.
func TestExportAndImport(t *testing.T) {
	t.Parallel()
	folder, first := t.TempDir(), t.TempDir()
	shareCompiled(t, first)
	letter, err := os.ReadFile("../../portal/extract/testdata/formats/src.docx")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("files/关于低保.docx", string(letter))
	write("documents.csv", "id,标题,文号,成文日期,正文,主题分类,附件\n1,低保通知,清民〔2026〕21号,2026-05-01,,17,files/关于低保.docx\n2,公式办法,清民〔2026〕22号,2026-05-02,\"=第一条 甲。\n\n第二条 乙。\",17,\n3,误发通知,,2026-05-03,丙。,17,\n4,出界,,2026-05-04,,17,../../etc/passwd\n5,没有,,2026-05-05,,17,files/没有.pdf\n")
	code, out, errs := command(t, "", "import", "documents", "--dry-run", "--data="+first, "--organ=civil", folder)
	if code != 0 || !strings.Contains(out, "3 added, 0 changed, 0 the same, 2 refused") || !strings.Contains(errs, "passwd") {
		t.Fatalf("dry run: %d %s %s", code, out, errs)
	}
	if code, out, errs = command(t, "", "import", "documents", "--data="+first, "--organ=civil", folder); code != 0 || !strings.Contains(out, "3 added, 0 changed, 0 the same, 2 refused") {
		t.Fatalf("import: %d %s %s", code, out, errs)
	}
	write("documents.csv", "id,标题,文号,成文日期,正文,主题分类\n2,公式办法,清民〔2026〕22号,2026-05-02,第一条 甲改。,17\n")
	if code, out, errs = command(t, "", "import", "documents", "--data="+first, "--organ=civil", folder); code != 0 || !strings.Contains(out, "1 changed") {
		t.Fatalf("second edition: %d %s %s", code, out, errs)
	}
	st, err := store.Open(first)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, l := range st.Catalogue.Browse(portal.Browse{Kind: "document", Page: 1, Size: 10}).Rows {
		ids = append(ids, l.ID)
		if l.Title == "误发通知" {
			d, err := st.Documents.Document(t.Context(), documents.DocumentID(l.ID))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := st.Documents.Withdraw(t.Context(), portal.System("test"), d.ID, portal.RevisionOf(d), "误发", time.Now(), func(*documents.Document) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(ids)
	archive := filepath.Join(t.TempDir(), "catalogue.zip")
	if code, out, errs = command(t, "", "export", "--data="+first, "--out="+archive); code != 0 || !strings.Contains(out, "5 rows") {
		t.Fatalf("export: %d %s %s", code, out, errs)
	}
	if code, _, _ = command(t, "", "export", "--data="+first, "--out="+archive); code == 0 {
		t.Error("an export writes over a file")
	}
	z, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if strings.Contains(f.Name, "..") || strings.HasPrefix(f.Name, "/") {
			t.Errorf("the ZIP names %q", f.Name)
		}
	}
	z.Close()

	second := t.TempDir()
	shareCompiled(t, second)
	for i, want := range []string{"5 rows, 3 added, 2 changed, 0 the same, 0 refused", "5 rows, 0 added, 0 changed, 5 the same"} {
		if code, out, errs = command(t, "", "import", "documents", "--data="+second, archive); code != 0 || !strings.Contains(out, want) {
			t.Fatalf("import %d of the export: %d %s %s", i, code, out, errs)
		}
	}
	a, b := start(t, "--data="+first), start(t, "--data="+second)
	a.waitReady(t)
	b.waitReady(t)
	files := regexp.MustCompile(`/documents/[^"]*/files/[^"]*`)
	paths := []string{"/catalogue", "/catalogue?format=json", "/organs/civil"}
	for _, id := range ids {
		paths = append(paths, "/documents/"+id, "/documents/"+id+"/versions/1", "/api/v1/documents/"+id)
	}
	same := func(path string) string {
		t.Helper()
		codeA, bodyA := get(t, a.url+path)
		codeB, bodyB := get(t, b.url+path)
		for _, scheme := range []string{"http://", ""} { // with its port, a host stands alone in a page's tags
			bodyA, bodyB = strings.ReplaceAll(bodyA, scheme+strings.TrimPrefix(a.url, "http://"), ""), strings.ReplaceAll(bodyB, scheme+strings.TrimPrefix(b.url, "http://"), "")
		}
		bodyA, bodyB = strings.ReplaceAll(bodyA, jsonAddress(a.url), ""), strings.ReplaceAll(bodyB, jsonAddress(b.url), "")
		if codeA != codeB || bodyA != bodyB {
			i := 0
			for i < min(len(bodyA), len(bodyB)) && bodyA[i] == bodyB[i] {
				i++
			}
			t.Errorf("%s: %d and %d, differ at %q and %q", path, codeA, codeB, bodyA[max(0, i-80):min(len(bodyA), i+80)], bodyB[max(0, i-80):min(len(bodyB), i+80)])
		}
		return bodyA
	}
	found := 0
	for _, p := range paths {
		for _, f := range files.FindAllString(same(p), -1) {
			if code, _ := get(t, a.url+f); code == http.StatusOK {
				same(f)
				found++
			}
		}
	}
	if found == 0 {
		t.Error("no file was compared")
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) { // the index follows
		if _, body := get(t, b.url+"/search?q=每月八百二十元"); strings.Contains(body, "低保通知") {
			break
		}
		if time.Now().After(end) {
			t.Error("the text of a file that came with an export is not found")
			break
		}
	}
	b.stop()
	write("documents.csv", "标题,成文日期,发布日期,正文,主题分类\n丁通知,2026-06-01,2026-06-01,丁。,17\n")
	if code, out, errs = command(t, "", "import", "documents", "--data="+second, "--organ=civil", folder); code != 0 {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	st, err = store.Open(second)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for _, l := range st.Catalogue.Browse(portal.Browse{Kind: "document", Page: 1, Size: 10}).Rows {
		if l.Title == "丁通知" && slices.Contains(ids, l.ID) {
			t.Errorf("an index number was given twice: %s", l.ID)
		}
	}
}

// jsonAddress is an address as JSON in a page writes it.
func jsonAddress(url string) string { return strings.ReplaceAll(url, "/", `\/`) }
