package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gongkai/portal/portaltest"
	"gongkai/portal/sandbox"
	"gongkai/store"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("GONGKAI_TEST_CHILD"); dir != "" {
		crashChild(dir)
		return
	}
	if len(os.Args) > 1 && (os.Args[1] == sandbox.Word || os.Args[1] == "serve") { // the test's binary is the child that reads files
		os.Exit(run(&console{ctx: context.Background(), in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv}, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// locked is a buffer that a server may write to while a test reads it.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *locked) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

// command runs the program to its end.
func command(t testing.TB, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e locked
	code = run(&console{ctx: t.Context(), in: strings.NewReader(in), out: &o, err: &e, getenv: os.Getenv}, args)
	return code, o.String(), e.String()
}

// portalUnderTest is a portal that runs in this process.
type portalUnderTest struct {
	url  string
	out  *locked
	stop func() int
}

// start starts the portal and waits until it listens.
func start(t testing.TB, args ...string) *portalUnderTest {
	t.Helper()
	args = append(args, "--extract-seconds=60") // the race detector makes children many times slower
	for _, a := range args {
		if data, ok := strings.CutPrefix(a, "--data="); ok {
			shareCompiled(t, data)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &portalUnderTest{out: &locked{}}
	ready := make(chan string, 1)
	done := make(chan int, 1)
	errs := &locked{}
	c := &console{ctx: ctx, in: strings.NewReader(""), out: p.out, err: errs, getenv: os.Getenv, ready: func(a string) { ready <- a }}
	go func() {
		done <- run(c, append([]string{"serve", "--addr=127.0.0.1:0", "--admin-addr=127.0.0.1:0"}, args...))
	}()
	var once sync.Once
	code := -1
	p.stop = func() int { once.Do(func() { cancel(); code = <-done }); return code }
	t.Cleanup(func() { p.stop() })
	select {
	case a := <-ready:
		p.url = "http://" + a
	case code = <-done:
		once.Do(cancel)
		t.Fatalf("the portal ended with %d: %s", code, errs)
	case <-time.After(60 * time.Second):
		t.Fatal("the portal does not listen")
	}
	return p
}

// shareCompiled lets a data folder use the compiled PDFium that all tests
// share: to compile it in each would take a minute under the race detector.
func shareCompiled(t testing.TB, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(data, "cache"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(portaltest.Cache(t), filepath.Join(data, "cache", "pdfium")); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
}

func get(t testing.TB, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// waitReady waits until the index has caught up.
func (p *portalUnderTest) waitReady(t testing.TB) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if code, _ := get(t, p.url+"/readyz"); code == 200 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the portal does not become ready")
		}
	}
}

func TestDemoStartsTwice(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "d")
	p := start(t, "--demo", "--data="+dir)
	for _, want := range []string{p.url, dir, "demo-admin-2026", "handler"} {
		if !strings.Contains(p.out.String(), want) {
			t.Errorf("the greeting lacks %q:\n%s", want, p.out)
		}
	}
	p.waitReady(t)
	count := func(p *portalUnderTest) (n struct{ Total int }) {
		_, body := get(t, p.url+"/api/v1/search?q=")
		if err := json.Unmarshal([]byte(body), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := count(p)
	if first.Total < 300+200+3 {
		t.Errorf("the city holds %d records", first.Total)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("stopped with %d", code)
	}
	again := start(t, "--demo", "--data="+dir)
	again.waitReady(t)
	if got := count(again); got != first {
		t.Errorf("the second start holds %v, the first %v", got, first)
	}
}

func TestFirstAdministrator(t *testing.T) {
	t.Parallel()
	p := start(t, "--data="+t.TempDir(), "--base-path=/xxgk")
	_, link, ok := strings.Cut(p.out.String(), "one-time link:\n  ")
	if !ok {
		t.Fatalf("no link:\n%s", p.out)
	}
	link = strings.TrimSpace(link)
	if !strings.Contains(link, "/xxgk/setup/") {
		t.Errorf("link %q", link)
	}
	if code, _ := get(t, link+"x"); code != 404 {
		t.Errorf("a wrong link: %d", code)
	}
	if code, body := get(t, link); code != 200 || !strings.Contains(body, "password") {
		t.Errorf("the link: %d", code)
	}
	resp, err := http.PostForm(link, map[string][]string{"login": {"chief"}, "name": {"Chief"}, "password": {"a-good-password"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.Request.URL.Path != "/xxgk/desk" && resp.StatusCode != 200 {
		t.Errorf("after setting up: %s %d", resp.Request.URL, resp.StatusCode)
	}
	if code, _ := get(t, link); code != 404 {
		t.Errorf("the link works twice: %d", code)
	}
}

func TestEmptyPortal(t *testing.T) {
	t.Parallel()
	p := start(t, "--data="+t.TempDir())
	p.waitReady(t)
	for _, path := range []string{"/", "/catalogue", "/organs", "/search?q=x", "/feed.rss", "/powers", "/reports", "/apply", "/healthz"} {
		if code, _ := get(t, p.url+path); code != 200 {
			t.Errorf("%s of an empty portal: %d", path, code)
		}
	}
}

func TestBadSettings(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"serve", "--base-path=xxgk"}, {"serve", "--origin=nonsense"}, {"serve", "--zone=Mars/Base"}, {"serve", "--log=loud"}, {"nonsense"}, {"serve", "--no-such-flag"}} {
		if code, _, errs := command(t, "", append(args, "--data="+t.TempDir())...); code != 2 || errs == "" {
			t.Errorf("%v: %d %q", args, code, errs)
		}
	}
}

func TestEnvironmentSetsFlags(t *testing.T) {
	t.Setenv("GONGKAI_BASE_PATH", "/fromenv")
	t.Setenv("GONGKAI_DATA", t.TempDir())
	p := start(t)
	if code, _ := get(t, p.url+"/fromenv/"); code != 200 {
		t.Errorf("the variable is not read: %d", code)
	}
}

func TestDeadlineCommand(t *testing.T) {
	t.Parallel()
	code, out, _ := command(t, `{"jurisdiction":"CN","events":[{"type":"received","date":"2025-12-31","channel":"in_person"}]}`, "deadline")
	var r map[string]any
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || r["deadline"] != "2026-01-29" {
		t.Errorf("%d %s %v", code, out, err)
	}
	for _, in := range []string{"", "{", `{"jurisdiction":"CN","events":[]}`, `{"jurisdiction":"CN","events":[{"type":"answered","date":"2026-01-01"}]}`, strings.Repeat(" ", 300<<10)} {
		if code, _, errs := command(t, in, "deadline"); code != 2 || errs == "" {
			t.Errorf("%.40q: %d %q", in, code, errs)
		}
	}
}

func TestImportCommand(t *testing.T) {
	t.Parallel()
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "rows.csv")
	if err := os.WriteFile(file, []byte("标题,成文日期,正文,主题分类\n甲办法,2024年5月1日,第一条 甲。,民政、扶贫、救灾\n乙通知,2024-13-40,乙,22\n,2024-01-01,丙,22\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := command(t, "", "import", "documents", "--dry-run", "--data="+dir, file)
	if code != 0 || !strings.Contains(out, "nothing written: 3 rows, 1 added") {
		t.Errorf("dry run: %d %s %s", code, out, errs)
	}
	code, out, errs = command(t, "", "import", "documents", "--data="+dir, "--organ=archive", file)
	if code != 0 || !strings.Contains(out, "1 added, 0 changed, 0 the same, 2 refused") || !strings.Contains(errs, ":3: refused: formed") {
		t.Errorf("import: %d %s %s", code, out, errs)
	}
	if _, out, _ := command(t, "", "import", "documents", "--data="+dir, "--organ=archive", file); !strings.Contains(out, "0 added, 0 changed, 1 the same") {
		t.Errorf("second import: %s", out)
	}
	p := start(t, "--data="+dir)
	p.waitReady(t)
	if _, body := get(t, p.url+"/catalogue?organ=archive&theme=17"); !strings.Contains(body, "甲办法") {
		t.Error("the row is not in the catalogue")
	}
	code, _, errs = command(t, "", "import", "documents", "--data="+dir, file)
	if code != 1 || !strings.Contains(errs, "/desk/import") || strings.Count(errs, "\n") != 1 {
		t.Errorf("while the portal runs: %d %q", code, errs)
	}
}

func TestImportDrafts(t *testing.T) {
	t.Parallel()
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "rows.jsonl")
	if err := os.WriteFile(file, []byte(`{"title":"甲","body":"x"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 added", "1 the same"} {
		if _, out, errs := command(t, "", "import", "documents", "--draft", "--data="+dir, file); !strings.Contains(out, want) {
			t.Errorf("want %q: %s %s", want, out, errs)
		}
	}
	p := start(t, "--data="+dir)
	if _, body := get(t, p.url+"/api/v1/documents"); !strings.Contains(body, `"total":0`) {
		t.Errorf("a draft is public: %s", body)
	}
}

// TestImportLaws imports the whole set of laws and regulations, twice.
func TestImportLaws(t *testing.T) {
	t.Parallel()
	file := "../../../shared/data/laws.jsonl.gz"
	if !exists(file) {
		t.Skip("../shared is not there")
	}
	dir := t.TempDir()
	if _, out, errs := command(t, "", "import", "documents", "--data="+dir, file); !strings.Contains(out, "3423 rows, 3423 added, 0 changed, 0 the same, 0 refused") {
		t.Fatalf("%s %s", out, errs)
	}
	if _, out, errs := command(t, "", "import", "documents", "--data="+dir, file); !strings.Contains(out, "0 added, 0 changed, 3423 the same") {
		t.Fatalf("again: %s %s", out, errs)
	}
}

// TestImportRequestLogs imports the logs of access requests of other
// countries.
func TestImportRequestLogs(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("../../../shared/data/foi_requests/*.csv")
	if len(files) == 0 {
		t.Skip("../shared is not there")
	}
	dir := t.TempDir()
	args := append([]string{"import", "applications", "--data=" + dir, "--map", "description=abstract", "--default-date=2015-01-05"}, files...)
	code, out, errs := command(t, "", args...)
	if code != 0 {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	list, err := st.Cases.Applications(t.Context(), nil)
	if err != nil || len(list) < 20000 {
		t.Errorf("%d cases, %v\n%s", len(list), err, out)
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if code, _, errs := command(t, "short\n", "user", "add", "anna", "--role=administrator", "--data="+dir); code != 2 || !strings.Contains(errs, "10 characters") {
		t.Errorf("a short password: %d %s", code, errs)
	}
	if code, out, errs := command(t, "a-good-password\n", "user", "add", "anna", "--name=Anna", "--role=administrator", "--data="+dir); code != 0 {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	if code, _, _ := command(t, "a-good-password\n", "user", "add", "anna", "--role=administrator", "--data="+dir); code != 2 {
		t.Error("a login was added twice")
	}
	if code, _, errs := command(t, "a-good-password\n", "user", "add", "ben", "--role=editor", "--organ=nowhere", "--data="+dir); code != 2 || !strings.Contains(errs, "nowhere") {
		t.Errorf("an organ that is not there: %d %s", code, errs)
	}
	if code, _, errs := command(t, "another-password\n", "user", "password", "anna", "--data="+dir); code != 0 {
		t.Errorf("%d %s", code, errs)
	}
	if _, out, _ := command(t, "", "user", "list", "--data="+dir); !strings.Contains(out, "anna") || !strings.Contains(out, "administrator") {
		t.Errorf("list: %s", out)
	}
	p := start(t, "--data="+dir)
	resp, err := http.PostForm(p.url+"/desk/sign-in", map[string][]string{"login": {"anna"}, "password": {"another-password"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if code, _, errs := command(t, "x\n", "user", "list", "--data="+dir); code != 1 || !strings.Contains(errs, "/desk/people") {
		t.Errorf("while the portal runs: %d %s", code, errs)
	}
}

// TestBackupWhileRunning takes a backup of a running portal, restores it and
// starts it.
func TestBackupWhileRunning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, "--demo", "--data="+dir)
	file := filepath.Join(t.TempDir(), "b.tar")
	if code, out, errs := command(t, "", "backup", file, "--data="+dir); code != 0 {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	if code, _, _ := command(t, "", "backup", file, "--data="+dir); code != 2 {
		t.Error("a backup was overwritten")
	}
	if code, out, errs := command(t, "", "reindex", "--data="+dir); code != 0 || !strings.Contains(out, "running portal") {
		t.Errorf("reindex: %d %s %s", code, out, errs)
	}
	_, want := get(t, p.url+"/api/v1/documents?size=100")
	p.stop()
	restored := filepath.Join(t.TempDir(), "r")
	if code, _, errs := command(t, "", "restore", file, "--data="+restored); code != 0 {
		t.Fatalf("restore: %d %s", code, errs)
	}
	if code, _, _ := command(t, "", "restore", file, "--data="+restored); code == 0 {
		t.Error("restored over data")
	}
	again := start(t, "--data="+restored)
	again.waitReady(t)
	if _, got := get(t, again.url+"/api/v1/documents?size=100"); strings.ReplaceAll(got, again.url, "") != strings.ReplaceAll(want, p.url, "") {
		t.Error("the restored portal shows other documents")
	}
	if _, body := get(t, again.url+"/api/v1/search?q=%E4%BD%8E%E4%BF%9D"); strings.Contains(body, `"total":0`) {
		t.Error("the restored portal finds nothing")
	}
	if code, _, _ := command(t, "", "backup", filepath.Join(t.TempDir(), "x"), "--data="+filepath.Join(dir, "nowhere")); code != 2 {
		t.Error("a backup of nothing was made")
	}
}

func TestMetricsAreElsewhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, "--data="+dir)
	if code, _ := get(t, p.url+"/metrics"); code != 404 {
		t.Errorf("metrics on the public address: %d", code)
	}
	b, err := os.ReadFile(filepath.Join(dir, adminFileName))
	if err != nil {
		t.Fatal(err)
	}
	var f adminFile
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	get(t, p.url+"/")
	if code, body := get(t, "http://"+f.Address+"/metrics"); code != 200 || !strings.Contains(body, "gongkai_requests_total") {
		t.Errorf("metrics: %d", code)
	}
	resp, err := http.Post("http://"+f.Address+"/backup", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 403 {
		t.Errorf("a backup without the token: %d", resp.StatusCode)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if code, out, _ := command(t, "", "version"); code != 0 || !strings.HasPrefix(out, "gongkai ") {
		t.Errorf("%d %q", code, out)
	}
}

func TestPortIsTaken(t *testing.T) {
	t.Parallel()
	p := start(t, "--data="+t.TempDir())
	code, _, errs := command(t, "", "serve", "--addr="+strings.TrimPrefix(p.url, "http://"), "--data="+t.TempDir())
	if code != 1 || !strings.Contains(errs, "cannot listen") {
		t.Errorf("%d %s", code, fmt.Sprint(errs))
	}
}

// TestIdentityKeyFromEnvironment: a key that is none is refused before anything
// is opened; rotation needs the new one beside it.
func TestIdentityKeyFromEnvironment(t *testing.T) {
	data := t.TempDir()
	t.Setenv("GONGKAI_IDENTITY_KEY", "not a key")
	if code, _, errs := command(t, "pass word one\n", "user", "add", "a", "--name", "A", "--role", "administrator", "--data", data); code != 2 || !strings.Contains(errs, "64 hexadecimal") {
		t.Errorf("%d %s", code, errs)
	}
	t.Setenv("GONGKAI_IDENTITY_KEY", strings.Repeat("0a", 32))
	if code, _, errs := command(t, "pass word one\n", "user", "add", "alice", "--name", "A", "--role", "administrator", "--data", data); code != 0 {
		t.Fatalf("%d %s", code, errs)
	}
	if code, _, errs := command(t, "", "rotate-key", "--data", data); code != 2 || !strings.Contains(errs, "GONGKAI_IDENTITY_KEY_NEW") {
		t.Errorf("rotated without a new key: %d %s", code, errs)
	}
	t.Setenv("GONGKAI_IDENTITY_KEY_NEW", strings.Repeat("0b", 32))
	if code, _, errs := command(t, "", "rotate-key", "--data", data); code != 0 {
		t.Errorf("%d %s", code, errs)
	}
	if code, _, errs := command(t, "", "user", "list", "--data", data); code != 1 || !strings.Contains(errs, "not the one that the records are sealed with") {
		t.Errorf("the old key: %d %s", code, errs)
	}
}

// TestThirdLanguageIsServed starts the program with a language of one file: its pages are in
// it, with what the file lacks in English, and offer the others. The languages belong to a
// process, so this is one of its own.
func TestThirdLanguageIsServed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bo.json"), []byte(`{"name": "བོད་ཡིག", "messages": {"nav.home": "མདུན་ངོས།"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var errs locked
	cmd := exec.Command(exe, "serve", "--addr", addr, "--admin-addr", "127.0.0.1:0", "--data", t.TempDir(), "--languages", dir, "--tesseract", "none")
	cmd.Stderr = &errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the child that compiles PDFium must have stopped writing before its folder is removed
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		_ = cmd.Wait()                                      // it was killed
		for end := time.Now().Add(10 * time.Second); syscall.Kill(-cmd.Process.Pid, 0) == nil && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		}
	})
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get("http://" + addr + "/readyz")
		if err == nil {
			resp.Body.Close()
			break
		}
		if time.Now().After(end) {
			t.Fatalf("it does not start: %s", errs.String())
		}
	}
	_, page := get(t, "http://"+addr+"/?lang=bo")
	for _, want := range []string{`<html lang="bo"`, "མདུན་ངོས།", ">Catalogue<", ">中文</a>", ">English</a>", `hreflang="bo"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	bad := t.TempDir()
	if err := os.WriteFile(filepath.Join(bad, "bo.json"), []byte(`{"name": "x", "messages": {"no.such": "y"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := command(t, "", "serve", "--data", t.TempDir(), "--languages", bad); code != 2 || !strings.Contains(errs, "no.such") {
		t.Errorf("a file that cannot be read: %d %s", code, errs)
	}
}
