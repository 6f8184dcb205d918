package documents_test

import (
	"testing"

	"gongkai/portal/documents"
)

// FuzzParsePostings: what is read is written so that it is read again.
func FuzzParsePostings(f *testing.F) {
	for _, s := range []string{"公示栏 2026-11-20 镇政府大厅", "报刊 2026-01-02", "月球 2026-01-02", "公示栏", "wall 2026-13-01 x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out, _ := documents.ParsePostings(s)
		again, wrong := documents.ParsePostings(documents.PostingsText(out))
		if len(again) != len(out) || len(wrong) > 0 {
			t.Fatalf("%q: %v, again %v %v", s, out, again, wrong)
		}
	})
}
