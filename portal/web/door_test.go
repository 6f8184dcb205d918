package web_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"html"
	"io/fs"
	"math/bits"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gongkai/portal/cases"
	"gongkai/portal/portaltest"
)

// uploadsOf lists the files in the folder of uploads.
func (s *site) uploadsOf(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(s.st.Dir(), "files"), func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, d.Name())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// bomb is a DOCX that unpacks to so many megabytes of text.
func bomb(t *testing.T, megabytes int) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	add := func(name string, parts ...string) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			if _, err := w.Write([]byte(p)); err != nil {
				t.Fatal(err)
			}
		}
	}
	add("[Content_Types].xml", `<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`)
	add("_rels/.rels", `<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`)
	line := "<w:p><w:r><w:t>" + strings.Repeat("水", 1000) + "</w:t></w:r></w:p>"
	parts := []string{`<w:document xmlns:w="w"><w:body>`}
	for range megabytes * 350 {
		parts = append(parts, line)
	}
	add("word/document.xml", append(parts, "</w:body></w:document>")...)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestRefusedFormLeavesNothing: the files of a form that is refused are gone
// when it is answered, and the records have not grown; those of one that is
// taken stay, also where the same file was refused before.
func TestRefusedFormLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	before, size := len(s.uploadsOf(t)), s.st.Size()
	bad := applyForm()
	bad.Set("email", "nonsense")
	files := map[string][2]string{"files": {"a.docx", bomb(t, 30)}}
	r := b.upload("/apply", bad, files)
	if r.code != 422 || !strings.Contains(r.body, bad.Get("subject")) {
		t.Fatalf("%d", r.code)
	}
	if after := len(s.uploadsOf(t)); after != before {
		t.Errorf("%d files before, %d after a refused form", before, after)
	}
	if grown := s.st.Size() - size; grown > 1<<20 {
		t.Errorf("the records have grown by %d KB", grown>>10)
	}
	if r := b.upload("/apply", applyForm(), files); r.code != 303 {
		t.Fatalf("the same with a right address: %d", r.code)
	}
	kept := len(s.uploadsOf(t))
	if kept != before+1 {
		t.Errorf("%d files after a form that was taken", kept)
	}
	if r := b.upload("/apply", bad, files); r.code != 422 || len(s.uploadsOf(t)) != kept {
		t.Errorf("%d; a refused form took another's file along: %d", r.code, len(s.uploadsOf(t)))
	}
}

// TestTooManyFiles: they are counted before one of them is read.
func TestTooManyFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	var body bytes.Buffer
	const boundary = "xxxxxxxx"
	for k, v := range applyForm() {
		fmt.Fprintf(&body, "--%s\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", boundary, k, v[0])
	}
	for i := range 60 {
		fmt.Fprintf(&body, "--%s\r\nContent-Disposition: form-data; name=\"files\"; filename=\"%d.pdf\"\r\n\r\n%s\r\n", boundary, i, portaltest.PDF())
	}
	fmt.Fprintf(&body, "--%s--\r\n", boundary)
	req, err := http.NewRequest("POST", s.url+"/apply", &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	if r := s.browser(t).do(req); r.code != 422 || !strings.Contains(r.body, `id="files-error"`) {
		t.Errorf("%d", r.code)
	}
	if n := len(s.uploadsOf(t)); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

// TestFileNames: nothing is handed on under a name that a computer runs, that
// reads backwards, or that is too long; what was changed is said.
func TestFileNames(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	handler := s.signedIn(t, "handler")
	for given, want := range map[string]string{
		"report.html":           "report.html.txt",
		"evil.js":               "evil.js.txt",
		"x.exe":                 "x.exe.txt",
		"contract\u202Efdp.exe": "contractfdp.exe.txt",
		"../../etc/passwd":      "passwd.txt",
		"notes.md":              "notes.md",
		strings.Repeat("很长的名字", 60) + ".txt": "",
	} {
		b := s.browser(t)
		form := applyForm()
		form.Set("subject", fmt.Sprint("件名", len(given)))
		if r := b.upload("/apply", form, map[string][2]string{"files": {given, "text of " + given}}); r.code != 303 {
			t.Errorf("%s: %d", given, r.code)
			continue
		}
		m := regexp.MustCompile(`2026-\d{6}`).FindString(b.get("/apply/receipt").body)
		a, err := s.st.Cases.Application(t.Context(), cases.ApplicationNumber(m))
		if err != nil || len(a.Files) != 1 {
			t.Fatalf("%s: %v", given, err)
		}
		name := a.Files[0].Name
		if want != "" && name != want || len(name) > 200 || strings.ContainsRune(name, '\u202E') {
			t.Errorf("%q became %q, want %q", given, name, want)
		}
		if renamed := name != given && strings.HasSuffix(name, ".txt") && want != "" && given != "../../etc/passwd"; renamed && !strings.Contains(handler.get("/desk/applications/"+m+"?lang=en").body, "not what its ending says") {
			t.Errorf("%q: the page does not say that it was renamed", given)
		}
		s.resetLimits()
	}
}

// TestHostileAttachment: a file that nobody can read costs the sender a note,
// and the application is taken.
func TestHostileAttachment(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	for _, name := range []string{"xself.pdf", "xref_1e12.pdf", "count.pdf", "kids.pdf", "prev.pdf", "strbomb.pdf", "wide_small.xlsx", "laughs.docx", "xxe.docx"} {
		b := s.browser(t)
		form := applyForm()
		form.Set("subject", "件名"+name)
		r := b.upload("/apply", form, map[string][2]string{"files": {name, string(portaltest.Shared(t, "cases/hostile/"+name))}})
		if r.code != 303 && (r.code != 422 || !strings.Contains(r.body, `id="files-error"`)) {
			t.Errorf("%s: %d", name, r.code)
		}
		s.resetLimits()
	}
	if r := s.browser(t).get("/"); r.code != 200 {
		t.Errorf("the portal afterwards: %d", r.code)
	}
}

// TestPass: above a limit a browser proves that it works, once for each
// puzzle, and goes on.
func TestPass(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	var r reply
	for range 130 {
		if r = b.get("/feed.atom"); r.code != 200 {
			break
		}
	}
	m := regexp.MustCompile(`data-puzzle="([^"]+)" data-bits="(\d+)"`).FindStringSubmatch(r.body)
	if r.code != 429 || m == nil {
		t.Fatalf("%d, no puzzle", r.code)
	}
	puzzle, zeros := html.UnescapeString(m[1]), 0
	if n, err := strconv.Atoi(m[2]); err == nil {
		zeros = n
	}
	n := 0
	for ; ; n++ {
		sum := sha256.Sum256([]byte(puzzle + ":" + strconv.Itoa(n)))
		if bits.LeadingZeros64(uint64(sum[0])<<56|uint64(sum[1])<<48|uint64(sum[2])<<40|uint64(sum[3])<<32) >= zeros {
			break
		}
	}
	if r := b.post("/pass", url.Values{"puzzle": {puzzle}, "solution": {strconv.Itoa(n + 1)}}); r.code == 204 {
		t.Error("a wrong solution is taken")
	}
	if r := b.post("/pass", url.Values{"puzzle": {puzzle}, "solution": {strconv.Itoa(n)}}); r.code != 204 {
		t.Fatalf("the solution: %d", r.code)
	}
	if r := b.get("/feed.atom"); r.code != 200 {
		t.Errorf("with a pass: %d", r.code)
	}
	if r := s.browser(t).post("/pass", url.Values{"puzzle": {puzzle}, "solution": {strconv.Itoa(n)}}); r.code == 204 {
		t.Error("a puzzle is solved twice")
	}
	if r := s.browser(t).get("/feed.atom"); r.code != 429 {
		t.Errorf("without a pass: %d", r.code)
	}
}

// TestFullDisk: on a disk that is full the form comes back with what was typed,
// and says that nothing was saved; reading goes on; with room again all goes on,
// and what was acknowledged before is there.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("no small disk can be made here (it takes root): %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() }) // a disk of memory: nothing is lost with it
	s := siteIn(t, dir, true, "")
	b := s.browser(t)
	if r := b.upload("/apply", applyForm(), map[string][2]string{"files": {"a.pdf", portaltest.PDF()}}); r.code != 303 {
		t.Fatalf("before: %d", r.code)
	}
	filler := filepath.Join(dir, "filler")
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 1<<20))
	}
	for err = nil; err == nil; { // to the last byte
		_, err = f.Write(make([]byte, 512))
	}
	f.Close()
	for name, files := range map[string]map[string][2]string{"with a file": {"files": {"b.pdf", portaltest.PDF("another")}}, "without": {}} {
		form := applyForm()
		form.Set("subject", "磁盘满时的申请")
		r := s.browser(t).upload("/apply?lang=zh", form, files)
		if r.code != 422 || !strings.Contains(r.body, "什么也没有保存") || !strings.Contains(r.body, "磁盘满时的申请") {
			t.Errorf("%s: %d %s", name, r.code, r.body)
		}
	}
	if r := b.get("/readyz"); r.code != 503 || !strings.Contains(r.body, "full") {
		t.Errorf("readyz: %d %s", r.code, r.body)
	}
	if r := b.get("/catalogue"); r.code != 200 {
		t.Errorf("reading: %d", r.code)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	s.resetLimits()
	form := applyForm()
	form.Set("subject", "有了空间之后")
	if r := b.upload("/apply", form, nil); r.code != 303 {
		t.Errorf("with room again: %d", r.code)
	}
	if n := len(s.st.Cases.Briefs()); n < 2 {
		t.Errorf("%d applications", n)
	}
	if _, err := s.st.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestCostlyMarkdown: marks in one another by the hundred thousand are shown,
// and cost nothing noteworthy.
func TestCostlyMarkdown(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	for i, mark := range []string{">", "> ", "1. ", "[a](", "[a]: b\n", "- ", "![", "*a "} {
		key := s.publish(t, fmt.Sprint("标记", i), strings.Repeat(mark, 200_000)+"结尾")
		if r := s.browser(t).get("/documents/" + key.ID); r.code != 200 || !strings.Contains(r.body, "结尾") || strings.Count(r.body, "<blockquote>") > 30 {
			t.Errorf("%q: %d, %d quotes", mark, r.code, strings.Count(r.body, "<blockquote>"))
		}
	}
}
