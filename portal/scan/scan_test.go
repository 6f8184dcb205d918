package scan_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"gongkai/portal/scan"
)

// labelled are texts with what a person would find in them.
type labelled struct {
	kinds []string
	text  string
}

func set(t *testing.T) (out []labelled) {
	t.Helper()
	b, err := os.ReadFile("testdata/labelled.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		kinds, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		l := labelled{text: strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`).Replace(text)}
		if kinds != "" {
			l.kinds = strings.Split(kinds, ",")
		}
		out = append(out, l)
	}
	return out
}

// TestScanQuality prints recall and false alarms for each kind on the labelled set.
// Numbers with a check sum must all be found, and nothing else be taken for one.
func TestScanQuality(t *testing.T) {
	t.Parallel()
	cases := set(t)
	if len(cases) < 300 {
		t.Fatalf("%d cases", len(cases))
	}
	want, found, alarms := make(map[string]int), make(map[string]int), make(map[string]int)
	for _, c := range cases {
		got := make(map[string]int)
		for _, f := range scan.Scan(c.text, nil) {
			got[string(f.Kind)]++
		}
		expect := make(map[string]int)
		for _, k := range c.kinds {
			expect[k]++
			want[k]++
		}
		for k, n := range expect {
			found[k] += min(n, got[k])
			if got[k] < n {
				t.Logf("missed %s in %q", k, c.text)
			}
		}
		for k, n := range got {
			if n > expect[k] {
				alarms[k] += n - expect[k]
				t.Logf("false %s in %q", k, c.text)
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		t.Logf("%-9s %3d of %3d found (%.3f), %d false alarms", k, found[k], want[k], float64(found[k])/float64(want[k]), alarms[k])
	}
	for k, least := range map[string]float64{"identity": 1, "mobile": 1, "card": 1, "mark": 1, "passport": 1, "mail": 1, "internal": 1, "home": 0.9, "name": 0.9} {
		if got := float64(found[k]) / float64(want[k]); got < least {
			t.Errorf("%s: %.3f found, want %.2f", k, got, least)
		}
		if alarms[k] > 2 {
			t.Errorf("%s: %d false alarms", k, alarms[k])
		}
	}
}

// TestMasked: nothing that was masked is found again, and no other character changes.
func TestMasked(t *testing.T) {
	t.Parallel()
	for _, c := range set(t) {
		found := scan.Scan(c.text, nil)
		masked := scan.Apply(c.text, found, func(scan.Finding) bool { return true })
		for _, f := range scan.Scan(masked, nil) {
			if f.Kind != scan.Name && f.Kind != scan.Home { // what is left of it is short
				t.Errorf("%q still holds %s %q", masked, f.Kind, f.Value)
			}
		}
		at := 0
		for _, f := range found {
			if between := c.text[at:f.From]; !strings.Contains(masked, between) {
				t.Errorf("%q lost %q", masked, between)
			}
			at = f.To
		}
	}
}

// TestWords finds an organ's own words, whatever their width, and names a finding
// alike wherever it stands.
func TestWords(t *testing.T) {
	t.Parallel()
	found := scan.Scan("代号ＡＢ工程，即AB工程。", []string{"AB工程"})
	if len(found) != 2 || found[0].Value != "ＡＢ工程" || found[0].ID() != found[1].ID() {
		t.Errorf("%+v", found)
	}
}

func FuzzScan(f *testing.F) {
	for _, s := range []string{"身份证号：11010519491231002X", "138 1234 5678 6222 0212 3456", "秘密★1年", "a@b.c", "\xff\xfe１２３", "住址：幸福路12号3单元402室"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		found := scan.Scan(s, []string{"工程"})
		at := 0
		for _, x := range found {
			if x.From < 0 || x.To > len(s) || x.From >= x.To || s[x.From:x.To] != x.Value {
				t.Fatalf("%q: %+v", s, x)
			}
			at = max(at, x.To)
		}
		if m := scan.Apply(s, found, func(scan.Finding) bool { return true }); utf8.ValidString(s) && !utf8.ValidString(m) {
			t.Fatalf("%q → %q", s, m)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	text := strings.Repeat("关于印发《麒麟市城镇居民供水管理办法》的通知。联系人：张伟 13812345678，身份证号110105199001010011。第一条 为了加强管理，制定本办法，自2024年1月1日起施行。\n", 4000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if len(scan.Scan(text, nil)) == 0 {
			b.Fatal("nothing found")
		}
	}
}
