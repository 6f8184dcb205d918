package consult

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// TestSmallCellsAreHidden: whatever was answered, no number below the least is shown, and
// none can be worked out of the others and the total.
func TestSmallCellsAreHidden(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 7))
		q := Question{Kind: "one", Options: []string{"a", "b", "c", "d"}[:2+r.IntN(3)]}
		var list []*Answer
		for range r.IntN(60) {
			list = append(list, &Answer{Values: [][]string{{strconv.Itoa(min(r.IntN(len(q.Options)), r.IntN(len(q.Options))))}}})
		}
		full, shown := q.result(0, list, true), q.result(0, list, false)
		hidden, sum := 0, 0
		for i, c := range shown.Cells {
			if !c.Hidden && c.N > 0 && c.N < Rules.Least {
				t.Fatalf("seed %d: %d is shown", seed, c.N)
			}
			if c.Hidden {
				hidden++
			} else {
				sum += c.N
				if c.N != full.Cells[i].N {
					t.Fatalf("seed %d: %d is shown as %d", seed, full.Cells[i].N, c.N)
				}
			}
		}
		if hidden == 1 && shown.N-sum > 0 && shown.N-sum < Rules.Least {
			t.Fatalf("seed %d: %d follows from the total", seed, shown.N-sum)
		}
	}
}

func FuzzParseQuestions(f *testing.F) {
	f.Add("单选 问\n- 一\n- 二\n文字 说")
	f.Add("- x\n\n多选　问题\n-a\n-b")
	f.Fuzz(func(t *testing.T, s string) {
		list, p := ParseQuestions(s)
		if len(p) > 0 {
			return
		}
		again, p := ParseQuestions(FormatQuestions(list))
		if len(p) > 0 || len(again) != len(list) {
			t.Fatalf("%q: %v reads back as %v %v", s, list, again, p)
		}
		for i := range list {
			if list[i].Text != again[i].Text || list[i].Kind != again[i].Kind || len(list[i].Options) != len(again[i].Options) {
				t.Fatalf("%v reads back as %v", list[i], again[i])
			}
		}
	})
}
