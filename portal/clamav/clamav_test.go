package clamav_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/clamav"
)

// eicar is the text that every scanner takes for malware (EICAR test file).
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// TestClamd asks a real clamd, which knows nothing but the EICAR file.
func TestClamd(t *testing.T) {
	t.Parallel()
	clamd, err := exec.LookPath("clamd")
	if err != nil {
		t.Skip("clamd is not installed (Debian: clamav-daemon)")
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return p
	}
	if err := os.Mkdir(filepath.Join(dir, "db"), 0o755); err != nil {
		t.Fatal(err)
	}
	write("db/test.ndb", "Eicar-Test-Signature:0:*:"+hex.EncodeToString([]byte(eicar))+"\n")
	socket := filepath.Join(dir, "clamd.sock")
	conf := write("clamd.conf", fmt.Sprintf("LocalSocket %s\nDatabaseDirectory %s\nForeground yes\nUser root\nLogTime yes\n", socket, filepath.Join(dir, "db")))
	cmd := exec.Command(clamd, "-c", conf)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }) // it is no use any more
	s, err := clamav.New("unix:" + socket)
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if err = s.Scan(t.Context(), strings.NewReader("clean")); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("clamd does not answer: %v", err)
		}
	}
	err = s.Scan(t.Context(), strings.NewReader(eicar))
	e, ok := errors.AsType[*portal.Error](err)
	if !ok || e.Kind != portal.Invalid || e.Key != "error.file_virus" || !strings.Contains(fmt.Sprint(e.Args["Found"]), "Eicar") {
		t.Errorf("the EICAR file: %v", err)
	}
	if err := s.Scan(t.Context(), strings.NewReader(strings.Repeat("a large clean file. ", 50_000))); err != nil {
		t.Errorf("a large clean file: %v", err)
	}
}

// TestNoClamd: what cannot be scanned is not taken.
func TestNoClamd(t *testing.T) {
	t.Parallel()
	s, err := clamav.New("unix:" + filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Scan(t.Context(), strings.NewReader("x")); portal.KindOf(err) != portal.Unavailable {
		t.Error(err)
	}
	if _, err := clamav.New("nonsense"); err == nil {
		t.Error("an address that is none")
	}
}
