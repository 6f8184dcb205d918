package portaltest

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gongkai/portal/extract"
	"gongkai/portal/pdf"
	"gongkai/portal/redact"
	"gongkai/portal/sandbox"
)

// Main is what TestMain of a package does whose tests read files: the test's
// own binary is the child that reads them.
func Main(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == sandbox.Word {
		os.Exit(child(os.Args[2:]))
	}
	os.Exit(m.Run())
}

func child(args []string) int {
	f := flag.NewFlagSet("", flag.ExitOnError)
	name, values, cache := f.String("do", "text", ""), f.String("args", "{}", ""), f.String("warm", "", "")
	if err := f.Parse(args); err != nil {
		return 2
	}
	if *cache != "" {
		if err := pdf.Warm(*cache); err != nil {
			return 1
		}
		return 0
	}
	jobs := extract.Jobs()
	maps.Copy(jobs, redact.Jobs())
	return sandbox.Serve(jobs, *name, *values, os.Stdin, os.Stdout)
}

// cacheDir is where compiled PDFium is kept from one run of the tests to the
// next.
var cacheDir = sync.OnceValue(func() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "gongkai-test")
})

var warmed = sync.OnceValue(func() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return exec.Command(self, sandbox.Word, "--warm", cacheDir()).Run()
})

// Cache is where compiled PDFium is, compiled if it was not.
func Cache(t testing.TB) string {
	t.Helper()
	if err := warmed(); err != nil {
		t.Fatal("compiling PDFium:", err)
	}
	return cacheDir()
}

// Pool starts children of the test's own binary; its package calls Main. A
// child under the race detector is many times slower, so it has more time.
func Pool(t testing.TB) *sandbox.Pool {
	t.Helper()
	limits := sandbox.Usual()
	dir := Cache(t)
	limits.CPU, limits.Time = 60, 2*time.Minute
	return &sandbox.Pool{Limits: limits, Cache: func() string { return dir }, Bare: func(why string) { t.Log("children are not locked in:", why) }}
}

// Reader reads files in children.
func Reader(t testing.TB) extract.Reader { return extract.Reader{Pool: Pool(t)} }

// Redactor redacts in children.
func Redactor(t testing.TB) redact.Redactor { return redact.Redactor{Pool: Pool(t)} }
