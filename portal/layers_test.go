package portal_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestLayers keeps imports pointing one way: cmd → web → portal ← store,
// search. Each line says what a package must never reach.
func TestLayers(t *testing.T) {
	for pkg, banned := range map[string][]string{
		"gongkai/portal":          {"gongkai/store", "gongkai/search", "gongkai/portal/web", "gongkai/portal/importer", "gongkai/portal/letter", "github.com/", "codeberg.org/", "go.etcd.io/", "net/http"},
		"gongkai/portal/letter":   {"gongkai/store", "gongkai/portal/web", "net/http"},
		"gongkai/portal/clock":    {"gongkai/", "github.com/"},
		"gongkai/store":           {"gongkai/search", "gongkai/portal/web", "github.com/labstack/", "github.com/blevesearch/"},
		"gongkai/search":          {"gongkai/store", "gongkai/portal/web", "github.com/labstack/"},
		"gongkai/portal/web":      {"gongkai/store", "gongkai/search", "github.com/blevesearch/", "go.etcd.io/"},
		"gongkai/portal/importer": {"gongkai/store", "gongkai/search", "gongkai/portal/web", "go.etcd.io/"},
		"gongkai/portal/extract":  {"gongkai/store", "gongkai/search", "gongkai/portal/web", "gongkai/portal/importer", "go.etcd.io/"},
		"gongkai/portal/redact":   {"gongkai/store", "gongkai/search", "gongkai/portal/web", "gongkai/portal/importer", "gongkai/portal/extract", "go.etcd.io/"},
		"gongkai/portal/demo":     {"gongkai/store", "gongkai/search", "gongkai/portal/web", "go.etcd.io/"},
	} {
		out, err := exec.Command("go", "list", "-deps", pkg).Output()
		if err != nil {
			t.Fatalf("go list -deps %s: %v", pkg, err)
		}
		for dep := range strings.FieldsSeq(string(out)) {
			for _, b := range banned {
				if dep != pkg && strings.HasPrefix(dep, b) && !(pkg == "gongkai/portal" && dep == "gongkai/portal/clock") {
					t.Errorf("%s imports %s", pkg, dep)
				}
			}
		}
	}
}
