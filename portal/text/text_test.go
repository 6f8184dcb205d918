package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"gongkai/portal/text"

	"github.com/google/go-cmp/cmp"
)

func TestParseDocumentNumber(t *testing.T) {
	t.Parallel()
	want := text.DocumentNumber{Organ: "国办发", Year: 2019, Serial: 14}
	for _, s := range []string{"国办发〔2019〕14号", "国办发[2019]14号", "国办发【2019】14号", "国办发（2019）14号", "国办发 2019 14", "国办发2019年14号", "国办发〔２０１９〕１４号", " 国办发 〔2019〕 第14号 ", "國辦發〔2019〕14號"} {
		if got, ok := text.ParseDocumentNumber(s); !ok || got != want {
			t.Errorf("ParseDocumentNumber(%q) = %v, %v", s, got, ok)
		}
	}
	if got, ok := text.ParseDocumentNumber("2019 14"); !ok || got != (text.DocumentNumber{Year: 2019, Serial: 14}) {
		t.Errorf("year and serial: %v, %v", got, ok)
	}
	for _, s := range []string{"", "201914", "国办发", "2019", "14号", "国办发〔1819〕14号", "关于2019年14号台风的通知和其他", strings.Repeat("9", 300)} {
		if got, ok := text.ParseDocumentNumber(s); ok {
			t.Errorf("ParseDocumentNumber(%q) = %v, want none", s, got)
		}
	}
}

// FuzzParseDocumentNumber checks that a number that was read is read again
// from what it writes.
func FuzzParseDocumentNumber(f *testing.F) {
	f.Add("国办发〔2019〕14号")
	f.Add("2019 14")
	f.Add("清政办发２０２６　０１２")
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := text.ParseDocumentNumber(s)
		if !ok {
			return
		}
		if again, ok := text.ParseDocumentNumber(n.String()); !ok || again != n {
			t.Errorf("%q → %v → %q → %v, %v", s, n, n, again, ok)
		}
	})
}

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"ＡＢＣ　１２３": "abc 123", "國務院辦公廳": "国务院办公厅", "Water": "water", "政府": "政府"} {
		if got := text.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzSplit checks that passages are in order, within the text, whole
// characters, of bounded size, and together hold every line that is not
// blank.
func FuzzSplit(f *testing.F) {
	f.Add("第一条 为了规范。\n\n第二条 适用本办法。\n（一）甲；\n（二）乙。")
	f.Add("# 标题\n" + strings.Repeat("很长的一段", 900))
	f.Add("\n\n \n")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip()
		}
		end, covered := 0, strings.Builder{}
		for _, p := range text.Split(s) {
			if p.Start < end || p.End <= p.Start || p.End > len(s) {
				t.Fatalf("passage %v after %d of %d bytes", p, end, len(s))
			}
			part := s[p.Start:p.End]
			if !utf8.ValidString(part) {
				t.Fatalf("passage %v splits a character", p)
			}
			if len(part) > 3100 {
				t.Fatalf("passage of %d bytes", len(part))
			}
			covered.WriteString(part)
			end = p.End
		}
		strip := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if strip(covered.String()) != strip(s) {
			t.Fatalf("the passages hold %q of %q", covered.String(), s)
		}
	})
}

func TestSplitArticles(t *testing.T) {
	t.Parallel()
	written := "第一章 总则\n\n第一条 为了规范口岸开放。\n\n第二条 本条例所称的口岸：\n（一）港口；\n（二）机场。\n\n第三条 适用本条例。"
	var heads []string
	for _, p := range text.Split(written) {
		heads = append(heads, text.Heading(written[p.Start:p.End]))
	}
	if diff := cmp.Diff([]string{"", "第一条", "第二条", "第三条"}, heads); diff != "" {
		t.Errorf("headings (-want +got):\n%s", diff)
	}
}

// FuzzMark checks that the spans put together are the text, whatever is
// searched.
func FuzzMark(f *testing.F) {
	f.Add("最低生活保障ＡＢＣ water", "保障", "abc")
	f.Add("\xff\xfe", "x", "")
	f.Fuzz(func(t *testing.T, written, a, b string) {
		got := ""
		for _, s := range text.Mark(written, []string{text.Fold(a), text.Fold(b)}) {
			got += s.Text
		}
		if got != written {
			t.Errorf("Mark(%q) = %q", written, got)
		}
	})
}

func TestMark(t *testing.T) {
	t.Parallel()
	var hits []string
	for _, s := range text.Mark("城市供水管網與Water waterworks underwater", []string{"管网", "water"}) {
		if s.Hit {
			hits = append(hits, s.Text)
		}
	}
	if diff := cmp.Diff([]string{"管網", "Water", "water"}, hits); diff != "" {
		t.Errorf("marked (-want +got):\n%s", diff)
	}
}

func TestSnippetShowsTheWords(t *testing.T) {
	t.Parallel()
	written := strings.Repeat("无关的内容。", 200) + "这里有低保申请条件。" + strings.Repeat("别的内容。", 200)
	got := text.Snippet(written, []string{"低保"}, 60)
	if !strings.Contains(got, "低保申请条件") || utf8.RuneCountInString(got) > 64 {
		t.Errorf("snippet %q", got)
	}
}

func TestArticles(t *testing.T) {
	t.Parallel()
	for _, v := range [][2]string{{"第39条", "第三十九条"}, {"第１２条", "第十二条"}, {"第 110 条", "第一百一十条"}, {"第1010条", "第一千零一十条"}, {"第1001条", "第一千零一条"}, {"第100条", "第一百条"}, {"第二〇一条", "第二零一条"}, {"第20条", "第二十条"}, {"第三十三条", "第三十三条"}, {"条", ""}} {
		if got := strings.Join(text.Articles(v[0]), ""); got != v[1] {
			t.Errorf("%s is %q, want %q", v[0], got, v[1])
		}
	}
}

func TestPassagesOfPagesAndRows(t *testing.T) {
	t.Parallel()
	written := "第一页的字。\n还有。\n\f第二页。\n\f"
	ps := text.Split(written)
	if len(ps) != 2 || strings.TrimSpace(written[ps[1].Start:ps[1].End]) != "第二页。" {
		t.Errorf("pages: %v", ps)
	}
	table := "# 预算\n\n说明。\n\n| 项目 | 金额 |\n|---|---|\n| 教育 | 12 |\n| 卫生 | 7 |\n\n结束。"
	var heads []string
	for _, p := range text.Split(table) {
		heads = append(heads, text.Heading(table[p.Start:p.End]))
	}
	if got := strings.Join(heads, ","); got != "预算,项目,教育,卫生," {
		t.Errorf("rows: %q", got)
	}
}
