package query_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	_ "gongkai/portal/powers" // registers its kind

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/portal/text"
)

var fewOrgans = []portal.Organ{{Code: "water", Name: portal.Text{ZH: "清河市水务局", EN: "Water Affairs Bureau"}}, {Code: "police", Name: portal.Text{ZH: "清河市公安局", EN: "Public Security Bureau"}}}

func TestUnderstand(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		text, words string
		want        query.Query
	}{
		{"供水 管理", "供水 管理", query.Query{}},
		{"机关：水务局 水质", "水质", query.Query{Organ: "water"}},
		{"organ:\"Public Security Bureau\"  Fire", "Fire", query.Query{Organ: "police"}},
		{"organ:“水务局”", "", query.Query{Organ: "water"}},
		{"organ:没有的 水", "organ 没有的 水", query.Query{}},
		{"https://a.example/b", "https //a.example/b", query.Query{}},
		{"type:power 许可", "许可", query.Query{Kind: "power"}},
		{"number:国办发〔2019〕14号", "", query.Query{Number: "国办发〔2019〕14号"}},
		{"organ:", "organ:", query.Query{}},
		{"year:2024..2023 x", "year 2024..2023 x", query.Query{}},
		{"12:30 开会", "12:30 开会", query.Query{}},
	} {
		q := query.Query{Text: v.text}
		q.Understand(fewOrgans)
		if q.Words != v.words || q.Organ != v.want.Organ || q.Kind != v.want.Kind || q.Number != v.want.Number {
			t.Errorf("%q: words %q, %+v", v.text, q.Words, q)
		}
	}
	for text, want := range map[string][2]string{
		"year:2024": {"2024-01-01", "2024-12-31"}, "年份:2020..2022": {"2020-01-01", "2022-12-31"}, "after:2024-02": {"2024-02-01", ""}, "before:2024-02": {"", "2024-02-29"},
		"date:2024-02-03": {"2024-02-03", "2024-02-03"}, "date:2024年2月3日": {"2024-02-03", "2024-02-03"}, "date:..2024": {"", "2024-12-31"}, "date:2024..": {"2024-01-01", ""}, "date:2024-02-31": {"", ""}, "year:0": {"", ""},
	} {
		q := query.Query{Text: text}
		q.Understand(nil)
		if q.From.String() != want[0] || q.To.String() != want[1] {
			t.Errorf("%q: %s to %s", text, q.From, q.To)
		}
	}
}

// FuzzUnderstand checks that no query breaks the reading, and that nothing is
// lost: what is not an operator is still among the words.
func FuzzUnderstand(f *testing.F) {
	for _, s := range []string{"organ:water 供水", "year:2024..", "：：", "a:\"b", "机关：“", strings.Repeat("type:x ", 50)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || len(s) > 1000 {
			return
		}
		q := query.Query{Text: s}
		q.Understand(fewOrgans)
		if !strings.Contains(s, ":") && !strings.Contains(s, "：") && text.Squeeze(q.Words) != text.Squeeze(s) {
			t.Fatalf("%q became %q", s, q.Words)
		}
		if q.From != 0 && q.To != 0 && q.From > q.To && !strings.Contains(s, " ") && !strings.Contains(s, "　") {
			t.Fatalf("%q: %s to %s", s, q.From, q.To)
		}
	})
}

func TestVocabularyLiesOverTheBuiltIn(t *testing.T) {
	t.Parallel()
	builtIn := query.ReadSynonyms("# heading\n低保 = 最低生活保障\n房产证 = 不动产权证书,不动产登记\n")
	v := query.Vocabulary{}.WithSynonym(query.Synonym{Said: "低保", Meant: []string{"救助"}}).WithSynonym(query.Synonym{Said: "房产证"}).WithSynonym(query.Synonym{Said: "低保", Meant: []string{"社会救助"}})
	got := v.Over(builtIn)
	if len(got) != 1 || got[0].Meant[0] != "社会救助" {
		t.Errorf("%+v", got)
	}
	if got := v.WithoutSynonym("房产证").Over(builtIn); len(got) != 2 {
		t.Errorf("a built-in one does not come back: %+v", got)
	}
	for _, bad := range []query.Synonym{{}, {Said: "水", Meant: []string{"供水"}}, {Said: "低保", Meant: []string{"低保"}}, {Said: "低保", Meant: make([]string, 9)}, {Said: strings.Repeat("长", 50), Meant: []string{"x"}}} {
		if bad.Validate() == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	b := v.WithBet(query.BestBet{Query: "供 水", Keys: []portal.Key{{Kind: "document", ID: "1"}}})
	if len(b.Bet("供水")) != 1 || len(b.Bet("")) != 0 || len(b.WithBet(query.BestBet{Query: "供水"}).Bets) != 0 {
		t.Error("best bets")
	}
}
