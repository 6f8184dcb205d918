package extract_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"gongkai/portal"
	"gongkai/portal/extract"
	"gongkai/portal/portaltest"
)

func file(t *testing.T, content string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPDF reads a PDF with poppler, and without it.
func TestPDF(t *testing.T) {
	p := file(t, portaltest.PDF())
	for name, path := range map[string]string{"poppler": os.Getenv("PATH"), "library": ""} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", path)
			kind, err := extract.Type(p)
			if err != nil || kind != "application/pdf" {
				t.Fatalf("%q, %v", kind, err)
			}
			if text, err := extract.Text(t.Context(), p, kind); err != nil || !strings.Contains(text, "Qilin Street water supply") {
				t.Errorf("%q, %v", text, err)
			}
		})
	}
}

func TestPlainText(t *testing.T) {
	const want = "关于检修期间停水的通知，请相互转告。"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(want)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"UTF-8": "\xef\xbb\xbf" + want, "GB 18030": gb} {
		if text, err := extract.Text(t.Context(), file(t, content), "text/plain"); err != nil || text != want {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

func TestTypes(t *testing.T) {
	for _, bad := range []string{"MZ\x90\x00\x03", "<html><script>", "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>", "\x7fELF\x02\x01\x01"} {
		if kind, err := extract.Type(file(t, bad)); portal.KindOf(err) != portal.Invalid {
			t.Errorf("%q was taken for %q", bad, kind)
		}
	}
	if kind, err := extract.Type(file(t, "# 标题\n\n正文")); err != nil || kind != "text/plain" {
		t.Errorf("Markdown: %q, %v", kind, err)
	}
}
