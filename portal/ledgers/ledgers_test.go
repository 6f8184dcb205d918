package ledgers_test

import (
	"errors"
	"strings"
	"testing"

	"gongkai/portal"
	"gongkai/portal/ledgers"
)

func TestAmounts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{"1,234.5": 123450, "￥12元": 1200, "-3.07": -307, "": 0, "—": 0, "0.05": 5, "１": -1, "1.234": -1, "abc": -1, "1e5": -1, ".5": -1, "1.": -1, "--3": -1, "9999999999999999": -1} {
		got, ok := ledgers.Amount(in)
		if want == -1 && ok || want != -1 && (!ok || got != want) {
			t.Errorf("%q: %d %v, want %d", in, got, ok, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 5: "0.05", 123450: "1,234.50", -100000000: "-1,000,000", 99900: "999"} {
		if got := ledgers.Written(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func FuzzAmount(f *testing.F) {
	for _, s := range []string{"1,234.5", "-3.07", "￥12元", "—", "9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := ledgers.Amount(s)
		if !ok {
			return
		}
		if again, ok := ledgers.Amount(ledgers.Written(n)); !ok || again != n {
			t.Errorf("%q is %d, written %s, read as %d", s, n, ledgers.Written(n), again)
		}
	})
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	for p, want := range map[string][2]string{"2026": {"2025", "2026年"}, "2026Q1": {"2025Q4", "2026年第一季度"}, "2026Q3": {"2026Q2", "2026年第三季度"}, "2026-01": {"2025-12", "2026年1月"}, "2026-11": {"2026-10", "2026年11月"}} {
		if got := ledgers.Before(p); got != want[0] {
			t.Errorf("before %s: %s", p, got)
		}
		if got := ledgers.PeriodName(p).ZH; got != want[1] {
			t.Errorf("%s is called %s", p, got)
		}
	}
}

// TestForms: every form of the rules says its columns, its organs and its source, and a
// table is checked by them.
func TestForms(t *testing.T) {
	t.Parallel()
	for _, f := range ledgers.Forms {
		if f.Name.ZH == "" || f.Name.EN == "" || f.Source == "" || len(f.Organs) == 0 || len(f.Columns) < 2 {
			t.Errorf("%+v", f)
		}
	}
	l := &ledgers.Ledger{Organ: "qiaotou", Form: "finances", Period: "2026Q3", Rows: [][]string{{"承包收入", "12,000.50", "", ""}, {"路灯电费", "", "300", "三月"}}}
	if err := l.Validate(); err != nil {
		t.Fatal(err)
	}
	if s := l.Sums(); s[0] != nil || *s[1] != 1200050 || *s[2] != 30000 || s[3] != nil {
		t.Errorf("sums: %v", s)
	}
	for what, edit := range map[string]func(){
		"period_quarter": func() { l.Period = "2026-09" }, "no_figure": func() { l.Rows = [][]string{{"甲", "一千", "", ""}} }, "empty": func() { l.Rows = [][]string{{"", "1", "", ""}} }, "too_wide": func() { l.Rows = [][]string{{"甲", "1", "2", "", "x"}} },
	} {
		was := *l
		edit()
		if err := l.Validate(); err == nil || !strings.Contains(errorKeys(err), what) {
			t.Errorf("%s: %v", what, err)
		}
		*l = was
	}
}

func errorKeys(err error) string {
	e, ok := errors.AsType[*portal.Error](err)
	if !ok {
		return err.Error()
	}
	var b strings.Builder
	for _, p := range e.Problems {
		b.WriteString(p.Key + " ")
	}
	return b.String()
}
