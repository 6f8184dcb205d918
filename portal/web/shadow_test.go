package web_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gongkai/portal/web/page"
)

// TestNoPageHidesItsFrame: a page's struct has no field by the name of one of the frame's,
// which the frame's template would then show.
func TestNoPageHidesItsFrame(t *testing.T) {
	t.Parallel()
	frame := make(map[string]bool)
	for f := range reflect.TypeFor[page.Base]().Fields() {
		frame[f.Name] = true
	}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			typ, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			st, ok := typ.Type.(*ast.StructType)
			if !ok {
				return true
			}
			framed := false
			for _, f := range st.Fields.List {
				if len(f.Names) > 0 {
					continue
				}
				switch x := f.Type.(type) {
				case *ast.SelectorExpr:
					framed = framed || x.Sel.Name == "Base"
				case *ast.Ident:
					framed = framed || x.Name == "Base"
				}
			}
			for _, f := range st.Fields.List {
				for _, name := range f.Names {
					if framed && frame[name.Name] {
						t.Errorf("%s: %s hides the frame's %s", path, typ.Name.Name, name.Name)
					}
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
