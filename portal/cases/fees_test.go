package cases_test

import (
	"testing"

	"gongkai/portal"
	"gongkai/portal/cases"
)

// TestFees are the sums that the two scales give (国办函〔2020〕109号第四条、第五条).
func TestFees(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scale        string
		prior, count int
		yuan         string
	}{
		{"item", 0, 10, "0"}, {"item", 0, 11, "100"}, {"item", 0, 30, "2000"}, {"item", 0, 31, "2200"}, {"item", 0, 40, "4000"}, {"item", 0, 41, "4300"}, {"item", 0, 50, "7000"},
		{"item", 10, 1, "100"}, {"item", 40, 1, "300"}, {"item", 50, 1, "400"},
		{"page", 0, 30, "0"}, {"page", 0, 31, "10"}, {"page", 0, 100, "700"}, {"page", 0, 101, "720"}, {"page", 0, 200, "2700"}, {"page", 0, 201, "2740"},
		{"page", 500, 31, "10"}, // pages of other applications do not count
	} {
		got, err := cases.Fee(c.scale, c.prior, c.count)
		if err != nil || portal.Yuan(got.Total) != c.yuan {
			t.Errorf("%s %d after %d: %s yuan (%v), not %s", c.scale, c.count, c.prior, portal.Yuan(got.Total), err, c.yuan)
		}
		sum, units := int64(0), 0
		for _, l := range got.Lines {
			sum, units = sum+l.Total, units+l.To-l.From+1
		}
		if sum != got.Total || units != c.count {
			t.Errorf("%s %d: the lines make %d for %d units", c.scale, c.count, sum, units)
		}
	}
	for _, bad := range [][2]int{{0, 0}, {-1, 5}, {0, cases.MaxUnits + 1}} {
		if _, err := cases.Fee("item", bad[0], bad[1]); portal.KindOf(err) != portal.Invalid {
			t.Errorf("%v is taken: %v", bad, err)
		}
	}
	if _, err := cases.Fee("both", 0, 5); portal.KindOf(err) != portal.Invalid {
		t.Error("both scales at once are taken")
	}
}
