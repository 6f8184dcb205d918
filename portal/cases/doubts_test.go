package cases_test

import (
	"testing"

	"gongkai/portal/cases"
)

// TestDoubts: numbers that are right raise none, by the examples of the standards; what is
// of another kind is left alone; a slip of one digit is asked about.
func TestDoubts(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		kind, id, phone string
		want            int
	}{
		{"natural", "11010519491231002X", "13911112222", 0}, // the example of GB 11643
		{"natural", "11010519491231002x", "0531-5550199", 0},
		{"natural", "110105194912310021", "13911112222", 1},
		{"natural", "G12345678", "13911112222", 0}, // a passport
		{"natural", "TEST123456", "000-5550100", 0},
		{"natural", "", "12", 1},
		{"enterprise", "91350100M000100Y43", "13911112222", 0}, // the example of GB 32100
		{"enterprise", "91350100M000100Y44", "13911112222", 1},
		{"enterprise", "11010519491231002X", "13911112222", 1},
	} {
		who := &cases.Applicant{Kind: x.kind, IDNumber: x.id, Phone: x.phone}
		if got := who.Doubts(); len(got) != x.want {
			t.Errorf("%+v: %v", x, got)
		}
	}
}
