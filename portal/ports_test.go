package portal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// mostMethods is how many methods an interface may have.
const mostMethods = 6

type port struct {
	name    string
	methods int
}

// portsOf counts the methods that each interface in portal, search and store
// declares of its own.
func portsOf(t *testing.T) []port {
	t.Helper()
	var out []port
	for _, root := range []string{".", "../search", "../store"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if s, ok := n.(*ast.TypeSpec); ok {
					if i, ok := s.Type.(*ast.InterfaceType); ok {
						p := port{name: filepath.Dir(path) + "." + s.Name.Name}
						for _, m := range i.Methods.List {
							p.methods += len(m.Names)
						}
						out = append(out, p)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(out) < 30 {
		t.Fatalf("only %d interfaces were found", len(out))
	}
	return out
}
