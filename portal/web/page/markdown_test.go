package page

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestTablesWithoutDashes: a table as files are read is shown as one, with all its
// cells, whatever stands around it.
func TestTablesWithoutDashes(t *testing.T) {
	for in, want := range map[string][]string{
		"标准如下：\n| 地区 | 标准 |\n| 城区 | 820 |\n清河市民政局\n": {"<p>标准如下：</p>", "<th>地区</th>", "<td>820</td>", "<p>清河市民政局</p>"},
		"| 甲 |\n| 乙 | 丙 |":                      {"<th>甲</th>", "<td>丙</td>"},
		"| 甲 | 乙 |\n| --- | --- |\n| 1 | 2 |\n": {"<th>甲</th>", "<td>2</td>"},
		"| 单独一行 |":                              {"<th>单独一行</th>"},
	} {
		got := string(markdown(in))
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%q: no %s in %s", in, w, got)
			}
		}
		if n := strings.Count(got, "<table>"); n != 1 {
			t.Errorf("%q: %d tables", in, n)
		}
	}
	wide := strings.Repeat("|", 5000) + "\n" + strings.Repeat("||\n", 5000)
	if got := string(markdown(wide)); strings.Contains(got, "<table") || len(got) > 10*len(wide) {
		t.Errorf("a table of 25 million cells was drawn in %d bytes", len(got))
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"| a |\n| b | c |", "# 一\n\n> x", "[a]: b\n[a]", "|\\||\n||"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		z := html.NewTokenizer(strings.NewReader(string(markdown(s))))
		for {
			kind := z.Next()
			if kind == html.ErrorToken {
				return
			}
			tag := z.Token()
			if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
				continue
			}
			if tag.Data == "script" || tag.Data == "iframe" || tag.Data == "style" || tag.Data == "form" {
				t.Fatalf("%q makes <%s>", s, tag.Data)
			}
			for _, a := range tag.Attr {
				if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
					t.Fatalf("%q makes %s=%q", s, a.Key, a.Val)
				}
			}
		}
	})
}
