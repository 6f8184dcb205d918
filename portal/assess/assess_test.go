package assess

import (
	"testing"

	"gongkai/portal"
	"gongkai/portal/process"
)

func TestPoints(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed string
		n     int
		ok    bool
	}{{"3", 30, true}, {"2.5", 25, true}, {"0", 0, true}, {" 1 ", 10, true}, {"3.1", 31, false}, {"", 0, false}, {"-1", 0, false}, {"2.", 0, false}, {"2.55", 0, false}, {".5", 5, false}, {"1e3", 0, false}, {"99999999999999999999", 0, false}} {
		if n, ok := points(c.typed, 3); ok != c.ok || ok && n != c.n {
			t.Errorf("%q: %d %v", c.typed, n, ok)
		}
	}
}

// TestScheme: the demonstration's scheme is 20 + 22 + 14 points, its weights make a hundred,
// full marks make a hundred points, and the same total has the same rank.
func TestScheme(t *testing.T) {
	t.Parallel()
	weight := 0
	for i, want := range []int{20, 22, 14} {
		if got := Rules.Groups[i].Points(); got != want {
			t.Errorf("group %d: %d points", i, got)
		}
		weight += Rules.Groups[i].Weight
	}
	if weight != 100 {
		t.Errorf("the weights make %d", weight)
	}
	a := &Assessment{Organ: "a", Marks: make(map[string]Mark), Steps: []process.Step{{Type: "open"}, {Type: "submit"}, {Type: "check"}, {Type: "settle"}}}
	counts := make(map[string]map[portal.OrganCode]Ratio)
	for _, g := range Rules.Groups {
		for _, c := range g.Criteria {
			a.Marks[c.Code] = Mark{Final: c.Points * Tenth}
			if c.Measure != "" {
				counts[c.Measure] = map[portal.OrganCode]Ratio{"a": {7, 7}}
			}
		}
	}
	if s := sheet(a, "", counts); s.Total != 100*Tenth {
		t.Errorf("full marks make %d", s.Total)
	}
	counts["publish_in_time"]["a"] = Ratio{0, 7}
	if s := sheet(a, "", counts); s.Groups[0] != 14*Tenth || s.Total != 880 { // 6 of 20 points of 40
		t.Errorf("nothing in time: %v, %d", s.Groups, s.Total)
	}
	list := []Scored{{Organ: "a", Total: 1}, {Organ: "b", Total: 3}, {Organ: "c", Total: 3}, {Organ: "d", Total: 2}}
	rank(list)
	if list[0].Rank != 1 || list[1].Rank != 1 || list[2].Rank != 3 || list[3].Rank != 4 || list[3].Organ != "a" {
		t.Errorf("%+v", list)
	}
}
