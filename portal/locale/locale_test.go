package locale_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gongkai/portal/locale"
)

// keys finds message keys in code and templates.
var keys = regexp.MustCompile(`(?:\bt|\.T|flash\(c,|Key:|add\("[a-z_]+",|note\() ?\(?"([a-z_]+\.[a-z_.0-9]+)"|"(error\.[a-z_]+)"`)

// TestMessagesComplete checks that every key used in code or templates has a
// text, and every text is in both languages.
func TestMessagesComplete(t *testing.T) {
	t.Parallel()
	used := 0
	err := filepath.WalkDir("../..", func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(p, "_test.go") || filepath.Ext(p) != ".go" && filepath.Ext(p) != ".html" {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, m := range keys.FindAllStringSubmatch(string(b), -1) {
			key := m[1] + m[2]
			if strings.HasSuffix(key, ".") || strings.HasSuffix(key, "_") { // put together at run time
				continue
			}
			used++
			if !locale.Has(key) {
				t.Errorf("%s: there is no text for %q", p, key)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if used < 400 {
		t.Errorf("only %d keys were found: the pattern no longer fits the code", used)
	}
}

func TestPlurals(t *testing.T) {
	t.Parallel()
	en, zh := locale.In("en"), locale.In("zh")
	if got := en.T("case.count", "N", 1); got != "1 case" {
		t.Errorf("one: %q", got)
	}
	if got := en.T("case.count", "N", 2); got != "2 cases" {
		t.Errorf("two: %q", got)
	}
	if got := zh.T("case.count", "N", 1); got != "1件" {
		t.Errorf("Chinese: %q", got)
	}
}
