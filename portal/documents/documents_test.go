package documents_test

import (
	"testing"

	"gongkai/portal/documents"
)

func TestIndexNumbers(t *testing.T) {
	t.Parallel()
	n := documents.IndexNumber("000014349", 2017, 110)
	if n != "000014349/2017-00110" {
		t.Errorf("index number %s", n)
	}
	for _, s := range []string{n, "000014349-2017-00110", " 000014349/2017-00110 "} {
		if id, ok := documents.ParseDocumentID(s); !ok || id != "000014349-2017-00110" {
			t.Errorf("ParseDocumentID(%q) = %q, %v", s, id, ok)
		}
	}
	for _, s := range []string{"", "../../etc/passwd", "000014349", "x/2017-1"} {
		if _, ok := documents.ParseDocumentID(s); ok {
			t.Errorf("ParseDocumentID(%q) was taken", s)
		}
	}
}
