package extract

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestScripted: a script is found in the objects of a PDF, named by numbers, or packed in
// a stream; a word in a text is none.
func TestScripted(t *testing.T) {
	t.Parallel()
	pack := func(s string) string {
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		_, _ = w.Write([]byte(s))
		_ = w.Close()
		return b.String()
	}
	stream := func(dict, s string) string {
		return fmt.Sprintf("1 0 obj\n<<%s/Length %d>>\nstream\n%s\nendstream\nendobj\n", dict, len(s), s)
	}
	for in, want := range map[string]bool{
		"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj":      true,
		"%PDF-1.7\n1 0 obj<</OpenAction<</S/J#61vaScript>>>>endobj":                     true,
		"%PDF-1.7\n1 0 obj<</AA<</JS 5 0 R>>>>endobj":                                   true,
		"%PDF-1.7\n1 0 obj<</Title(JavaScript)>>endobj":                                 false,
		"%PDF-1.7\n" + stream("", "BT (/JavaScript) Tj ET"):                             false,
		"%PDF-1.7\n" + stream("/Type/ObjStm/Filter/FlateDecode", pack("<</JS(x)>>")):    true,
		"%PDF-1.7\n" + stream("/Type/ObjStm/Filter/FlateDecode", pack("<</Title(x)>>")): false,
	} {
		if got := scripted([]byte(in)); got != want {
			t.Errorf("%.70q: %v", in, got)
		}
	}
	for _, name := range []string{"testdata/formats/src.pdf", "testdata/formats/scan.pdf"} {
		b, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			t.Fatal(err)
		}
		if scripted(b) {
			t.Errorf("%s has a script", name)
		}
	}
}
