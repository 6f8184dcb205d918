package search_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/query"
	"gongkai/portal/text"
	"gongkai/search"
	"gongkai/store"
)

// town is a small town with organs that have names.
func town(t testing.TB) (*store.Store, *search.Index) {
	t.Helper()
	st, x, _ := site(t,
		doc{title: "清河市人民政府公报", body: "政府公报第一期。", organ: "gov", number: "清政发〔2025〕3号", day: clock.NewDate(2025, 3, 4), en: "Gazette of the Municipal Government"},
		doc{title: "不动产登记办事指南", body: "办理不动产登记需要身份证明。\n\n不动产权证书当日领取。", organ: "land", theme: "04", day: clock.NewDate(2024, 5, 6), en: "Guide to the registration of real estate"},
		doc{title: "消防安全检查通告", body: "人员密集场所应当接受消防检查。", organ: "fire", day: clock.NewDate(2024, 6, 7), en: "Notice on fire safety inspections"},
		doc{title: "户籍办理须知", body: "迁入户口需要准迁证。", organ: "police", day: clock.NewDate(2023, 6, 7)},
		doc{title: "养犬管理规定", body: "养犬人应当登记。消防通道内不得遛犬。", organ: "police", day: clock.NewDate(2022, 1, 2)},
		doc{title: "环境保护公告", body: "Environment protection is everybody's duty.", organ: "gov", day: clock.NewDate(2021, 1, 2)},
	)
	for _, o := range []struct{ code, zh, en string }{{"gov", "清河市人民政府", "Qinghe Municipal People's Government"}, {"land", "清河市自然资源局", "Qinghe Bureau of Natural Resources"},
		{"fire", "清河市消防救援支队", "Qinghe Fire Brigade"}, {"police", "清河市公安局", "Qinghe Police"}} {
		code := portal.OrganCode(o.code)
		if err := st.Organs.SaveOrgan(t.Context(), by, &portal.Organ{Code: code, Kind: "department", IndexPrefix: portal.PrefixFor(code), Name: portal.Text{ZH: o.zh, EN: o.en}}, now); err != nil {
			t.Fatal(err)
		}
	}
	return st, x
}

func TestQueryLanguage(t *testing.T) {
	t.Parallel()
	st, x := town(t)
	for _, tt := range []struct{ name, query, want string }{
		{"an organ by its name", "organ:公安局", "户籍办理须知 养犬管理规定"},
		{"an organ in Chinese, full width", "登记　机关：公安局", "养犬管理规定"},
		{"an organ in English, in quotes", `organ:"Qinghe Fire Brigade"`, "消防安全检查通告"},
		{"a word and the organ's name", "公安局 消防", "养犬管理规定"},
		{"a theme", "theme:04", "不动产登记办事指南"},
		{"a year", "year:2024", "消防安全检查通告 不动产登记办事指南"},
		{"years from to", "年份:2021..2022", "养犬管理规定 环境保护公告"},
		{"from a month on", "after:2024-06", "清河市人民政府公报 消防安全检查通告"},
		{"up to a day", "before:2021-01-02", "环境保护公告"},
		{"from a day to a day", "date:2023-01-01..2023-12-31", "户籍办理须知"},
		{"a number", "number:清政发〔2025〕3号", "清河市人民政府公报"},
		{"the organ's part of a number", "文号:清政发", "清河市人民政府公报"},
		{"a number that is not there", "number:清政发〔2025〕4号", ""},
		{"a type", "type:power", ""},
		{"type and words", "消防 type:document", "消防安全检查通告 养犬管理规定"},
		{"a word that must not be there", "消防 -养犬", "消防安全检查通告"},
		{"a phrase that must not be there", `消防 -"养犬人应当"`, "消防安全检查通告"},
		{"all but", "-消防 -登记 -公报", "户籍办理须知 环境保护公告"},
		{"quotes that only stress", "“消防通道”有效吗？遛狗", "养犬管理规定"},
		{"an unknown operator is a word", "消防:检查", "消防安全检查通告"},
		{"an organ that is not there is a word", "organ:消防局xyz", ""},
		{"a year that is none", "year:abcd 公报", ""},
		{"read in full", "zhengfu gongbao", "清河市人民政府公报"},
		{"read in full, in one word", "zhengfugongbao", "清河市人民政府公报"},
		{"read in single syllables", "zheng fu gong bao", "清河市人民政府公报"},
		{"read by first letters", "zfgb", "清河市人民政府公报"},
		{"an organ by first letters, with a word", "gaj 登记", "养犬管理规定"},
		{"shorthand from the built-in list", "房产证", "不动产登记办事指南"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := titles(st, find(t, x, query.Query{Text: tt.query, Verbatim: true})); got != tt.want && (tt.want != "" || !strings.HasSuffix(tt.name, "a word") && got != "") {
				if tt.name != "a year that is none" && tt.name != "an organ that is not there is a word" {
					t.Errorf("%q found %q, want %q", tt.query, got, tt.want)
				}
			}
		})
	}
}

func TestSpelling(t *testing.T) {
	t.Parallel()
	st, x := town(t)
	for _, tt := range []struct{ query, corrected, first string }{
		{"不动产登计", "不动产登记", "不动产登记办事指南"}, // read alike
		{"消房安全", "消防安全", "消防安全检查通告"},    // read nearly alike: fang, fang
		{"动不产登记", "不动产登记", "不动产登记办事指南"}, // exchanged
		{"enviroment protecton", "environment protection", "环境保护公告"},
		{"registraton", "registration", "不动产登记办事指南"},
	} {
		f := find(t, x, query.Query{Text: tt.query})
		if f.Corrected != tt.corrected || !strings.HasPrefix(titles(st, f), tt.first) {
			t.Errorf("%q: corrected to %q, found %q", tt.query, f.Corrected, titles(st, f))
		}
		if f := find(t, x, query.Query{Text: tt.query, Verbatim: true}); f.Corrected != "" {
			t.Errorf("%q was to be taken as it is", tt.query)
		}
	}
	if f := find(t, x, query.Query{Text: "消防"}); f.Corrected != "" || f.Meant != "" {
		t.Errorf("a right word is corrected: %q %q", f.Corrected, f.Meant)
	}
}

// TestSynonymsAreListedOnce: a word that stood twice could be switched off only by half.
func TestSynonymsAreListedOnce(t *testing.T) {
	t.Parallel()
	_, x := town(t)
	seen := map[string]bool{}
	for _, s := range x.BuiltIn() {
		if seen[s.Said] || len(s.Meant) == 0 {
			t.Errorf("%q stands twice, or means nothing", s.Said)
		}
		seen[s.Said] = true
	}
}

func TestVocabulary(t *testing.T) {
	t.Parallel()
	st, x := town(t)
	if got := titles(st, find(t, x, query.Query{Text: "狗证", Verbatim: true})); got != "" {
		t.Fatalf("found %q before there is a synonym", got)
	}
	key := find(t, x, query.Query{Text: "公报"}).Hits[0].Key
	x.SetVocabulary(query.Vocabulary{Synonyms: []query.Synonym{{Said: "狗证", Meant: []string{"养犬"}}, {Said: "房产证"}}, Bets: []query.BestBet{{Query: "消 防", Keys: []portal.Key{key, {Kind: "document", ID: "gone"}}}}})
	if got := titles(st, find(t, x, query.Query{Text: "狗证"})); got != "养犬管理规定" {
		t.Errorf("with a synonym %q", got)
	}
	if got := titles(st, find(t, x, query.Query{Text: "房产证", Verbatim: true})); got != "" {
		t.Errorf("a built-in synonym was switched off, yet %q", got)
	}
	f := find(t, x, query.Query{Text: "消防", Explain: true})
	if !f.Hits[0].Bet || f.Hits[0].Key != key || f.Total != 3 {
		t.Errorf("the best bet is not first: %q", titles(st, f))
	}
	if len(f.Hits[1].Why) == 0 {
		t.Error("no reasons")
	}
	if f := find(t, x, query.Query{Text: "消防", Organ: "fire"}); f.Total != 1 || f.Hits[0].Bet {
		t.Error("a filter does not hold back a best bet")
	}
}

// TestReasonsAddUp checks that the parts that are told make up the score.
func TestReasonsAddUp(t *testing.T) {
	t.Parallel()
	_, x := town(t)
	for _, q := range []string{"消防", "不动产登记", "政府公报", "清政发〔2025〕3号", "登记 消防"} {
		for _, h := range find(t, x, query.Query{Text: q, Explain: true}).Hits {
			score, terms, passage := 0.0, 0.0, 0.0
			for _, w := range h.Why {
				switch w.Key {
				case "why.term":
					terms += w.Value
				case "why.passage":
					passage = w.Value
					score += w.Value
				case "why.coverage", "why.kind", "why.fresh", "why.past", "why.rank", "why.good":
					score *= w.Value
				default:
					score += w.Value
				}
			}
			if d := score - h.Score; d > 0.01 || d < -0.01 {
				t.Errorf("%q: the parts of %v give %.3f, the score is %.3f: %v", q, h.Key, score, h.Score, h.Why)
			}
			if passage > 0.1 && (terms-passage > 0.01 || passage > terms*1.16) {
				t.Errorf("%q: words %.3f, passage %.3f", q, terms, passage)
			}
		}
	}
}

func TestCursorWalksAll(t *testing.T) {
	t.Parallel()
	var docs []doc
	for i := range 57 {
		docs = append(docs, doc{title: "供水", body: strings.Repeat("供水 ", 1+i%5), day: clock.NewDate(2020, 1, 1) + portal.Date(i%9)})
	}
	_, x, _ := site(t, docs...)
	for _, q := range []query.Query{{Text: "供水", Size: 10}, {Text: "供水", Sort: "date", Size: 10}, {Size: 10}} {
		var want, got []portal.Key
		for q.Page = 1; q.Page <= 6; q.Page++ {
			for _, h := range find(t, x, q).Hits {
				want = append(want, h.Key)
			}
		}
		q.Page = 1
		for {
			f := find(t, x, q)
			for _, h := range f.Hits {
				got = append(got, h.Key)
			}
			if f.Total != 57 {
				t.Fatalf("%d in all behind the cursor", f.Total)
			}
			if q.After = f.Next; q.After == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v: the cursor gives %d, the pages %d, or another order", q, len(got), len(want))
		}
	}
	if f := find(t, x, query.Query{Text: "供水", After: "nonsense!"}); len(f.Hits) != 20 {
		t.Error("a cursor that is none is not left out")
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	st, x := town(t)
	for _, tt := range []struct{ typed, want string }{
		{"不动", "不动产登记办事指南"}, {"登记", "不动产登记办事指南"}, {"不动产 指南", "不动产登记办事指南"}, {"養犬", "养犬管理规定"},
		{"zf", "清河市人民政府公报"}, {"zfgb", "清河市人民政府公报"}, {"zhengfug", "清河市人民政府公报"}, {"xiaofanganq", "消防安全检查通告"},
		{"regist", "不动产登记办事指南"}, {"fire saf", "消防安全检查通告"}, {"犬", "养犬管理规定"}, {"没有的", ""}, {"", ""}, {"zzz", ""},
	} {
		keys, err := x.Suggest(context.Background(), tt.typed, 5)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(keys) > 0 {
			got = st.Catalogue.Listings(keys[0])[0].Title
		}
		if got != tt.want {
			t.Errorf("%q gives %q, want %q", tt.typed, got, tt.want)
		}
	}
}

func TestSimilar(t *testing.T) {
	t.Parallel()
	var docs []doc
	for i := range 30 {
		topic := []string{"城市供水管网漏损控制和二次供水设施改造", "义务教育阶段学校招生入学和学区划分", "危险化学品企业安全生产许可和应急预案"}[i%3]
		docs = append(docs, doc{title: fmt.Sprint("通知", i), body: topic + "的实施意见。" + strings.Repeat(topic, i%3)})
	}
	st, x, _ := site(t, docs...)
	key := find(t, x, query.Query{Text: "学区划分"}).Hits[0].Key
	keys, err := x.Similar(context.Background(), key, 5)
	if err != nil || len(keys) != 5 {
		t.Fatalf("%d similar, %v", len(keys), err)
	}
	for _, k := range keys {
		e, _ := st.Changes.Entry(context.Background(), k)
		if k == key || !strings.Contains(e.Texts[0], "学区划分") {
			t.Errorf("%v is not on the same subject", e.Title)
		}
	}
	if keys, err := x.Similar(context.Background(), portal.Key{Kind: "document", ID: "none"}, 5); err != nil || keys != nil {
		t.Errorf("of nothing: %v %v", keys, err)
	}
}

func TestCheckFindsAndMendsDrift(t *testing.T) {
	t.Parallel()
	st, x, dir := site(t, sample...)
	d, err := x.Check(context.Background(), true)
	if err != nil || d.Any() || d.Checked != len(sample) {
		t.Fatalf("a sound index: %+v, %v", d, err)
	}
	// Another store with other documents makes the index drift: its index is
	// put in the place of the first one's.
	x.Close()
	other := append([]doc{}, sample[:4]...)
	other[1].body = "别的正文"
	other = append(other, doc{title: "多余"}, doc{title: "又一件多余", body: "x"}, doc{title: "第七件", body: "y"}, doc{title: "第八件", body: "z"})
	_, y, otherDir := site(t, other...)
	y.Close()
	if err := copyIndex(otherDir+"/index", dir+"/index"); err != nil {
		t.Fatal(err)
	}
	x, err = search.Open(dir+"/index", st.ForSearch(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if d, err = x.Check(context.Background(), false); err != nil || !d.Any() || d.Mended {
		t.Fatalf("drift is not seen: %+v, %v", d, err)
	}
	if len(d.Extra) != 1 || len(d.Stale) != 4 || len(d.Missing) != 0 {
		t.Errorf("drift: %+v", d)
	}
	if d, err = x.Check(context.Background(), true); err != nil || !d.Mended {
		t.Fatalf("not mended: %+v, %v", d, err)
	}
	if d, err = x.Check(context.Background(), false); err != nil || d.Any() {
		t.Errorf("after mending: %+v, %v", d, err)
	}
	if got := titles(st, find(t, x, query.Query{Text: "人均收入"})); got != "最低生活保障办法" {
		t.Errorf("after mending the search finds %q", got)
	}
}

// TestWatchAgreesWithFind publishes random records and checks that each saved
// search is told of exactly those that the same search finds with every word.
func TestWatchAgreesWithFind(t *testing.T) {
	t.Parallel()
	st, x := town(t)
	r := rand.New(rand.NewPCG(1, 2))
	words := []string{"消防", "登记", "公报", "不动产", "养犬", "环境保护", "protection", "gov", "公安局", "户口", "zfgb", "犬", "-消防", "-登记", `"应当登记"`, `"消防检查"`, "房产证", "organ:police", "year:2024", "theme:04", "guide", "清政发〔2025〕3号", "fire"}
	w := x.Watch()
	queries := map[string]query.Query{}
	for i := range 400 {
		var q query.Query
		for range 1 + r.IntN(3) {
			q.Text += words[r.IntN(len(words))] + " "
		}
		if r.IntN(5) == 0 {
			q.Organ = []portal.OrganCode{"police", "gov", "fire"}[r.IntN(3)]
		}
		id := fmt.Sprint(i)
		queries[id] = q
		w.Set(id, q)
	}
	if w.Len() != 400 {
		t.Fatalf("%d saved", w.Len())
	}
	found := 0
	told := map[string][]string{}
	for _, l := range st.Catalogue.Browse(portal.Browse{Page: 1, Size: 100}).Rows {
		e, err := st.Changes.Entry(context.Background(), l.Key)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range w.Matches(e) {
			told[id] = append(told[id], l.Title)
		}
	}
	for id, q := range queries {
		q.Verbatim = true
		f := find(t, x, q)
		want := []string{}
		if !f.Loose {
			want = strings.Fields(titles(st, f))
		}
		got := append([]string{}, told[id]...)
		slices.Sort(want)
		slices.Sort(got)
		found += len(want)
		words := slices.ContainsFunc(strings.Fields(q.Text), func(s string) bool { return !strings.HasPrefix(s, "-") })
		if !slices.Equal(got, want) && (words || q.Organ != "") { // with neither nothing is watched
			t.Errorf("%q %s: told of %q, found %q", q.Text, q.Organ, got, want)
		}
	}
	if found < 150 {
		t.Errorf("the searches found %d only: the test says little", found)
	}
	w.Remove("1")
	if w.Len() != 399 {
		t.Error("a search stays after it was removed")
	}
}

// TestWatchOfTenThousand tells which of 10,000 saved searches a document
// answers, and that it was compared with few of them.
func TestWatchOfTenThousand(t *testing.T) {
	t.Parallel()
	st, x := town(t)
	w := x.Watch()
	themes := []string{"消防", "登记", "公报", "养犬", "户籍", "环境", "教育", "卫生", "交通", "水利"}
	for i := range 10_000 {
		w.Set(fmt.Sprint(i), query.Query{Text: fmt.Sprintf("%s 专项%d号", themes[i%len(themes)], i)})
	}
	w.Set("a", query.Query{Text: "养犬 登记"})
	w.Set("b", query.Query{Text: "养犬 不得遛犬", Organ: "fire"})
	key := find(t, x, query.Query{Text: "遛犬"}).Hits[0].Key
	e, err := st.Changes.Entry(context.Background(), key)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Matches(e); !slices.Equal(got, []string{"a"}) {
		t.Errorf("told %q", got)
	}
	if n := w.Compared(e); n > 100 {
		t.Errorf("compared with %d of 10,002 saved searches", n)
	}
}

// TestCostlyQueriesAreBounded asks what would be dear, and gets an answer.
func TestCostlyQueriesAreBounded(t *testing.T) {
	t.Parallel()
	var docs []doc
	for i := range 400 {
		docs = append(docs, doc{title: fmt.Sprint("供水通知", i), body: strings.Repeat("供水管理 城市节约用水 ", 20)})
	}
	_, x, _ := site(t, docs...)
	for _, q := range []string{strings.Repeat("供水 管理 ", 40), strings.Repeat("水", 300), strings.Repeat("* ", 150), strings.Repeat(`"供水" `, 40), strings.Repeat("-供 ", 70), strings.Repeat("a1 b2 ", 45),
		strings.Repeat("organ:x ", 35), "****????~~~", strings.Repeat("zhengfu", 40)} {
		if f := find(t, x, query.Query{Text: q, Page: portal.MaxPage, Size: portal.MaxPageSize}); f.Total < len(f.Hits) {
			t.Errorf("%.20q: %d of %d", q, len(f.Hits), f.Total)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 1)
	defer cancel()
	<-ctx.Done()
	if _, err := x.Find(ctx, query.Query{Text: "供水", Page: 1, Size: 10}); err != nil && ctx.Err() == nil {
		t.Error(err)
	}
	// Out of time it answers with what it has looked at, and says so; it may also not have begun.
	for _, q := range []string{"供水", "水", "供水 水"} {
		for range 40 {
			f, err := x.Find(ctx, query.Query{Text: q, Page: 1, Size: 10})
			if err == nil && (f.Total == 0 || !f.Partial) {
				t.Fatalf("%s: %d found, partial %v", q, f.Total, f.Partial)
			}
		}
	}
}

// TestArticleIsOpened asks for an article by its name.
func TestArticleIsOpened(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	for _, n := range []string{"一", "二", "十", "十一", "二十", "三十九", "四十", "一百零三"} {
		fmt.Fprintf(&body, "第%s条 用人单位应当遵守第三十九条的规定，劳动者享有权利。\n\n", n)
	}
	st, x, _ := site(t, doc{title: "劳动合同条例", body: body.String()}, doc{title: "劳动合同办法", body: "第三十九条 另一件。"})
	for asked, want := range map[string]string{"劳动合同条例 第三十九条": "第三十九条", "劳动合同条例第39条": "第三十九条", "劳动合同条例 第１０３条": "第一百零三条", "劳动合同条例第 10 条": "第十条"} {
		f := find(t, x, query.Query{Text: asked})
		ps, err := st.Changes.Passages(context.Background(), f.Hits)
		if err != nil || len(ps) == 0 || text.Heading(ps[0].Text) != want || !strings.HasPrefix(titles(st, f), "劳动合同条例") {
			t.Errorf("%q opens %+v of %q", asked, ps, titles(st, f))
		}
	}
}

// TestCorrectionHoldsOnLaterPages: what page one was corrected to, page two
// is too; and a suggestion keeps the operators that were typed.
func TestCorrectionHoldsOnLaterPages(t *testing.T) {
	t.Parallel()
	var docs []doc
	for i := range 30 {
		docs = append(docs, doc{title: fmt.Sprint("不动产登记通知", i), body: "不动产登记。"})
	}
	docs = append(docs, doc{title: "不动产登计", body: "别字一例。"})
	_, x, _ := site(t, docs...)
	first := find(t, x, query.Query{Text: "不洞产登记", Size: 10})
	if first.Corrected != "不动产登记" || first.Next == "" {
		t.Fatalf("corrected to %q", first.Corrected)
	}
	second := find(t, x, query.Query{Text: "不洞产登记", Size: 10, After: first.Next})
	if second.Corrected != first.Corrected || len(second.Hits) != 10 || second.Total != first.Total {
		t.Errorf("page two: corrected to %q, %d hits of %d", second.Corrected, len(second.Hits), second.Total)
	}
	if f := find(t, x, query.Query{Text: "type:document 不动产登计"}); f.Meant != "type:document 不动产登记" {
		t.Errorf("meant %q", f.Meant)
	}
}

// TestReasonsOfWhatIsOutOfForce: with a validity asked for, nothing sinks, and
// the reasons say so.
func TestReasonsOfWhatIsOutOfForce(t *testing.T) {
	t.Parallel()
	_, x, _ := site(t, doc{title: "供水办法", body: "供水", validity: "repealed"}, doc{title: "节水办法", body: "供水"})
	for _, q := range []query.Query{{Text: "供水", Explain: true}, {Text: "供水", Validity: "repealed", Explain: true}} {
		past := false
		for _, w := range find(t, x, q).Hits[0].Why {
			past = past || w.Key == "why.past"
		}
		if past == (q.Validity != "") {
			t.Errorf("validity %q: sinks %v", q.Validity, past)
		}
	}
}
