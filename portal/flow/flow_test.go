package flow

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden charts anew")

var charts = map[string]string{
	"straight": "受理→审查→决定→送达",
	"branches": "申请 | 申请人 | | \n受理 | 窗口 | 5个工作日 | 材料齐全→审查；材料不全→补正；不属于本机关→结束\n补正 | 申请人 | 10个工作日 | →受理\n审查 | 水资源科 | 10个工作日 | 需要现场核查→现场核查；→决定\n现场核查 | 执法支队 | 5个工作日 | →决定\n决定 | 分管局长 | 3个工作日 | 准予→送达；不予→送达；退回→审查\n送达 | 窗口 | 2个工作日",
	"loop":     "立案\t执法科\t7日\n调查取证\t执法科\t60日\t证据不足→调查取证；→审理\n审理\t法制科\t15日\t撤案→结束\n决定\t局长\t7日",
}

// TestGoldenCharts: charts are drawn as somebody has looked at them.
func TestGoldenCharts(t *testing.T) {
	t.Parallel()
	for name, text := range charts {
		steps, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		d, err := Draw(steps, "结束")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, file := d.SVG("办理流程图")+"\n", filepath.Join("testdata", name+".svg")
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is drawn differently:\n%s", name, got)
		}
		for i, a := range d.Boxes {
			if a.X < 0 || a.Y < 0 || a.X+a.W > d.Width || a.Y+a.H > d.Height {
				t.Errorf("%s: box %d lies outside", name, i)
			}
			for j, b := range d.Boxes[:i] {
				if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
					t.Errorf("%s: boxes %d and %d lie over each other", name, i, j)
				}
			}
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	steps, err := Parse("环节 | 岗位 | 时限\n" + charts["branches"])
	if err != nil || len(steps) != 7 {
		t.Fatalf("%d steps, %v", len(steps), err)
	}
	if s := steps[1]; s.Post != "窗口" || s.Limit != "5个工作日" || len(s.Next) != 3 || s.Next[2] != (Branch{"不属于本机关", Ending}) || s.Next[1] != (Branch{"材料不全", 2}) {
		t.Errorf("%+v", s)
	}
	if s := steps[2]; len(s.Next) != 1 || s.Next[0].To != 1 {
		t.Errorf("back: %+v", s)
	}
	if !steps[6].End {
		t.Error("the last does not end it")
	}
	for text, key := range map[string]string{"受理 | | | →审批": "unknown", " | 窗口": "name", strings.Repeat("受", 61): "long", strings.Repeat("受理\n", 70): "many"} {
		_, err := Parse(text)
		if m, ok := err.(*Mistake); !ok || m.Key != key {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if steps, err := Parse(" \n"); err != nil || len(steps) != 0 {
		t.Errorf("nothing: %v %v", steps, err)
	}
}

// FuzzParse: whatever is typed is read or refused, and what is read can be drawn.
func FuzzParse(f *testing.F) {
	for _, c := range charts {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, text string) {
		steps, err := Parse(text)
		if err != nil || len(steps) == 0 || len(steps) > 8 {
			return
		}
		d, err := Draw(steps, "end")
		if err != nil {
			t.Fatalf("%+v: %v", steps, err)
		}
		if svg := d.SVG(text); strings.Contains(svg, "NaN") {
			t.Errorf("%s", svg)
		}
	})
}
