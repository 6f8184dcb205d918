package portaltest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"gongkai/portal/extract"
	"gongkai/portal/redact"
	"gongkai/portal/sandbox"
)

// cacheDir is where compiled PDFium is kept from one run of the tests to the
// next.
var cacheDir = sync.OnceValue(func() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "gongkai-test")
})

// childBinary is the program that reads files, built without the race detector:
// under it a child takes many times as long to start.
var childBinary = sync.OnceValues(func() (string, error) {
	if err := os.MkdirAll(cacheDir(), 0o700); err != nil {
		return "", err
	}
	// Tests of several packages build it at the same time.
	lock, err := os.OpenFile(filepath.Join(cacheDir(), "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	binary := filepath.Join(cacheDir(), "child")
	if out, err := exec.Command("go", "build", "-o", binary, "gongkai/portal/portaltest/child").CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the child that reads files: %w\n%s", err, out)
	}
	return binary, nil
})

var warmed = sync.OnceValue(func() error {
	child, err := childBinary()
	if err != nil {
		return err
	}
	return exec.Command(child, sandbox.Word, "--warm", cacheDir()).Run()
})

// Cache is where compiled PDFium is, compiled if it was not.
func Cache(t testing.TB) string {
	t.Helper()
	if err := warmed(); err != nil {
		t.Fatal("compiling PDFium:", err)
	}
	return cacheDir()
}

// Pool starts children. A loaded machine is many times slower, so they have more
// time than usual.
func Pool(t testing.TB) *sandbox.Pool {
	t.Helper()
	limits := sandbox.Usual()
	dir := Cache(t)
	child, err := childBinary()
	if err != nil {
		t.Fatal(err)
	}
	limits.CPU, limits.Time = 60, 2*time.Minute
	return &sandbox.Pool{Limits: limits, Command: []string{child}, Cache: func() string { return dir }, Bare: func(why string) { t.Log("children are not locked in:", why) }}
}

// Reader reads files in children.
func Reader(t testing.TB) extract.Reader { return extract.Reader{Pool: Pool(t)} }

// Recogniser reads the text in pictures by the tesseract that tools/needs.sh installs.
func Recogniser(t testing.TB) *extract.Recogniser {
	t.Helper()
	path, err := exec.LookPath("tesseract")
	if err != nil {
		t.Fatal("tesseract is needed (make needs):", err)
	}
	r := &extract.Recogniser{Languages: "chi_sim"}
	limits := r.Limits()
	limits.CPU, limits.Time = 300, 5*time.Minute
	r.Pool = &sandbox.Pool{Limits: limits, Command: []string{path}}
	return r
}

// Redactor redacts in children.
func Redactor(t testing.TB) redact.Redactor { return redact.Redactor{Pool: Pool(t)} }

// Open opens a file until the test ends.
func Open(t testing.TB, path string) *os.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
