package search_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	"gongkai/portal/query"
	"gongkai/portal/text"
	"gongkai/search"
	"gongkai/store"
	"gongkai/store/storetest"
)

var (
	by    = portal.System("test")
	now   = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)
	quiet = slog.New(slog.NewTextHandler(io.Discard, nil))
)

type doc struct {
	title, body, number, theme, organ, validity, en string
	day                                             portal.Date
}

// site is a real store with a real index.
func site(t testing.TB, docs ...doc) (*store.Store, *search.Index, string) {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	importDocs(t, st, docs)
	x := openIndex(t, filepath.Join(dir, "index"), st)
	return st, x, dir
}

// importDocs brings documents into a store, each under its place as the source.
func importDocs(t testing.TB, st *store.Store, docs []doc) {
	t.Helper()
	var rows []documents.Import
	for i, d := range docs {
		c := documents.Content{Title: d.title, TitleEN: d.en, Number: d.number, Organs: []portal.OrganCode{"water"}, Published: clock.NewDate(2026, 1, 1) + portal.Date(i), Theme: "06", Genre: "notice", Item: "1", Mode: "proactive", Validity: "in_force", Body: d.body}
		if d.theme != "" {
			c.Theme = d.theme
		}
		if d.organ != "" {
			c.Organs = []portal.OrganCode{portal.OrganCode(d.organ)}
		}
		if d.validity != "" {
			c.Validity = d.validity
		}
		if d.day != 0 {
			c.Published = d.day
		}
		rows = append(rows, documents.Import{Source: fmt.Sprint(i), Content: c})
	}
	if _, err := st.Documents.ImportDocuments(t.Context(), by, rows, now); err != nil {
		t.Fatal(err)
	}
}

func openIndex(t testing.TB, dir string, st *store.Store) *search.Index {
	t.Helper()
	x, err := search.Open(dir, st.ForSearch(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	if err := x.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
	return x
}

func find(t testing.TB, x *search.Index, q query.Query) query.Found {
	t.Helper()
	if err := q.Validate(); err != nil {
		t.Fatal(err)
	}
	f, err := x.Find(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func titles(st *store.Store, f query.Found) string {
	var out []string
	for _, h := range f.Hits {
		if l := st.Catalogue.Listings(h.Key)[0]; l != nil {
			out = append(out, l.Title)
		}
	}
	return strings.Join(out, " ")
}

var sample = []doc{
	{title: "供水管道抢修", body: "因管道破裂，西城区停水。民政部门已通知。", number: "清水〔2026〕5号"},
	{title: "最低生活保障办法", body: "第一条 低保对象。\n\n第二条 人均收入低于标准的，可以申请。", number: "国办发〔2019〕14号", theme: "17", organ: "civil", en: "Minimum living allowance"},
	{title: "人民政府工作规则", body: "人民政府全体会议由组成人员参加。", theme: "02", organ: "office"},
	{title: "水资源税征收通知", body: "按量征收水资源税。", validity: "repealed"},
	{title: "公共租赁住房办法", body: "住房困难家庭可以申请。"},
	{title: "公共图书馆", body: "Libraries are open to all readers.", en: "Public libraries"},
	{title: "國務院辦公廳通知", body: "繁體字的內容，關於醫療保障。"},
}

func TestFind(t *testing.T) {
	t.Parallel()
	st, x, _ := site(t, sample...)
	for _, tt := range []struct{ name, query, want string }{
		{"a word", "供水", "供水管道抢修"},
		{"one character inside a word", "税", "水资源税征收通知"},
		{"one character anywhere", "裂", "供水管道抢修"},
		{"pairs across words do not match alone", "民政部门", "供水管道抢修"},
		{"two words in one record", "西城 停水", "供水管道抢修"},
		{"a phrase", `"人民政府全体"`, "人民政府工作规则"},
		{"a phrase that is not there", `"政府人民"`, ""},
		{"a phrase whose pairs are there but apart", `"民政府全体会议由组成人员参加人"`, ""},
		{"number as written", "国办发〔2019〕14号", "最低生活保障办法"},
		{"number in square brackets", "国办发[2019]14号", "最低生活保障办法"},
		{"number with blanks", "国办发 2019 14", "最低生活保障办法"},
		{"year and serial", "2019 14", "最低生活保障办法"},
		{"another organ's number", "清水2026年5号", "供水管道抢修"},
		{"English, stemmed", "library", "公共图书馆"},
		{"English title", "Minimum Allowances", "最低生活保障办法"},
		{"traditional typed, simplified stored", "醫療保障", "國務院辦公廳通知"},
		{"simplified typed, traditional stored", "国务院办公厅", "國務院辦公廳通知"},
		{"full width", "ｌｉｂｒａｒｉｅｓ", "公共图书馆"},
		{"what people call it", "公租房", "公共租赁住房办法"},
		{"what people call it, with more", "公租房 申请", "公共租赁住房办法"},
		{"shorthand for a long name", "低保", "最低生活保障办法"},
		{"a question", "请问谁可以申请低保？", "最低生活保障办法"},
		{"nothing", "不存在的词汇", ""},
		{"only punctuation", "？！……", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := titles(st, find(t, x, query.Query{Text: tt.query}))
			if tt.want == "" && got != "" || !strings.HasPrefix(got, tt.want) {
				t.Errorf("%q found %q, want %q first", tt.query, got, tt.want)
			}
		})
	}
}

func TestIndexNumberIsFound(t *testing.T) {
	t.Parallel()
	st, x, _ := site(t, sample...)
	l := st.Catalogue.Browse(portal.Browse{Page: 1, Size: 1}).Rows[0]
	for _, q := range []string{l.Index, strings.Replace(l.Index, "/", "-", 1), strings.ToLower(l.Index)} {
		if got := titles(st, find(t, x, query.Query{Text: q})); !strings.HasPrefix(got, l.Title) {
			t.Errorf("%q found %q, want %q", q, got, l.Title)
		}
	}
}

func TestPassageOfTheHit(t *testing.T) {
	t.Parallel()
	st, x, _ := site(t, sample...)
	f := find(t, x, query.Query{Text: "人均收入"})
	if len(f.Hits) != 1 {
		t.Fatalf("%d hits", len(f.Hits))
	}
	ps, err := st.Changes.Passages(context.Background(), f.Hits)
	if err != nil || text.Heading(ps[0].Text) != "第二条" {
		t.Errorf("passage %q, %v", ps[0].Text, err)
	}
}

func TestFacetsStayRight(t *testing.T) {
	t.Parallel()
	var docs []doc
	for i := range 60 {
		docs = append(docs, doc{title: fmt.Sprint("供水通知", i), body: "供水", theme: []string{"06", "17"}[i%2], organ: []string{"a", "b", "c"}[i%3], day: clock.NewDate(2020+i%4, 3, 1)})
	}
	_, x, _ := site(t, docs...)
	f := find(t, x, query.Query{Text: "供水", Organ: "a", Size: 5})
	if f.Total != 20 || len(f.Hits) != 5 {
		t.Errorf("%d found, %d hits", f.Total, len(f.Hits))
	}
	sum := map[string]int{}
	for name, counts := range f.Facets {
		for _, c := range counts {
			sum[name] += c.N
		}
	}
	if sum["organ"] != 60 || sum["theme"] != 20 || sum["year"] != 20 || sum["kind"] != 20 {
		t.Errorf("facets add up to %v", sum)
	}
	if f := find(t, x, query.Query{Organ: "a", Year: 2021}); f.Total != 5 {
		t.Errorf("without words: %d", f.Total)
	}
	if f := find(t, x, query.Query{Text: "供水", Organ: "nobody"}); f.Total != 0 {
		t.Errorf("an organ that is not there: %d", f.Total)
	}
}

// TestPagesDoNotOverlap walks all pages by relevance and by date.
func TestPagesDoNotOverlap(t *testing.T) {
	t.Parallel()
	var docs []doc
	for i := range 57 {
		docs = append(docs, doc{title: "供水", body: strings.Repeat("供水 ", 1+i%5), day: clock.NewDate(2020, 1, 1) + portal.Date(i%9)})
	}
	_, x, _ := site(t, docs...)
	for _, sort := range []string{"", "date"} {
		seen := map[portal.Key]bool{}
		for page := 1; page <= 6; page++ {
			for _, h := range find(t, x, query.Query{Text: "供水", Sort: sort, Page: page, Size: 10}).Hits {
				if seen[h.Key] {
					t.Fatalf("%v is on two pages", h.Key)
				}
				seen[h.Key] = true
			}
		}
		if len(seen) != 57 {
			t.Errorf("sort %q: %d of 57 on the pages", sort, len(seen))
		}
	}
}

func TestRepealedSinks(t *testing.T) {
	t.Parallel()
	st, x, _ := site(t, doc{title: "供水办法旧", body: "供水", validity: "repealed"}, doc{title: "供水办法新", body: "供水"})
	if got := titles(st, find(t, x, query.Query{Text: "供水办法"})); got != "供水办法新 供水办法旧" {
		t.Errorf("order %q", got)
	}
}

func TestChangesReachTheIndex(t *testing.T) {
	t.Parallel()
	st, x, _ := site(t, sample...)
	key := find(t, x, query.Query{Text: "供水"}).Hits[0].Key
	d := &documents.Draft{ID: "D", Of: documents.DocumentID(key.ID), State: documents.Submitted, Note: "n", ChangedAt: now,
		Content: documents.Content{Title: "供水管道抢修", Organs: []portal.OrganCode{"water"}, Published: clock.NewDate(2026, 1, 1), Theme: "06", Genre: "notice", Item: "1", Mode: "proactive", Validity: "in_force", Body: "已经恢复。麒麟"}}
	if err := storetest.PutDraft(t.Context(), st, by, d); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Documents.PublishDraft(t.Context(), by, "D", portal.Latest, now, storetest.Agree); err != nil {
		t.Fatal(err)
	}
	if err := x.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
	if f := find(t, x, query.Query{Text: "麒麟"}); f.Total != 1 {
		t.Errorf("the correction is not found")
	}
	if f := find(t, x, query.Query{Text: "西城区"}); f.Total != 0 {
		t.Errorf("the old version is still found")
	}
	if _, err := st.Documents.Withdraw(t.Context(), by, documents.DocumentID(key.ID), portal.Latest, "r", now, storetest.AgreeToWithdraw); err != nil {
		t.Fatal(err)
	}
	if err := x.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"麒麟", "供水", key.ID} {
		f := find(t, x, query.Query{Text: q})
		for _, h := range f.Hits {
			if h.Key == key {
				t.Errorf("%q finds a withdrawn document", q)
			}
		}
	}
	if f := find(t, x, query.Query{}); f.Total != len(sample)-1 {
		t.Errorf("%d in all", f.Total)
	}
}

func TestFollowIsWoken(t *testing.T) {
	t.Parallel()
	st, x, _ := site(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { x.Follow(ctx, st.Changes.Changed()); close(done) }()
	defer func() { cancel(); <-done }()
	start := time.Now()
	if _, err := st.Documents.ImportDocuments(t.Context(), by, []documents.Import{{Source: "s", Content: documents.Content{Title: "即时可搜", Organs: []portal.OrganCode{"water"}, Published: clock.NewDate(2026, 1, 1), Body: "x"}}}, now); err != nil {
		t.Fatal(err)
	}
	for find(t, x, query.Query{Text: "即时可搜"}).Total == 0 {
		if time.Since(start) > 10*time.Second {
			t.Fatal("the index does not follow the store")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestDamagedIndexIsRebuilt breaks the index in several ways; each time
// opening it must give a whole one again.
func TestDamagedIndexIsRebuilt(t *testing.T) {
	t.Parallel()
	st, x, dir := site(t, sample...)
	want := find(t, x, query.Query{Text: "供水"}).Total
	path := filepath.Join(dir, "index")
	breakers := map[string]func(file string){
		"removed":   func(f string) { os.Remove(f) },
		"emptied":   func(f string) { os.Truncate(f, 0) },
		"cut":       func(f string) { info, _ := os.Stat(f); os.Truncate(f, info.Size()/2) },
		"scribbled": func(f string) { os.WriteFile(f, []byte(strings.Repeat("nonsense", 100)), 0o600) },
	}
	whole := t // the index outlives the subtest that opened it
	for name, damage := range breakers {
		t.Run(name, func(t *testing.T) {
			if err := x.Rebuild(context.Background()); err != nil {
				t.Fatal(err)
			}
			x.Close()
			n := 0
			filepath.WalkDir(path, func(p string, d os.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					damage(p)
					n++
				}
				return nil
			})
			if n == 0 {
				t.Fatal("there is nothing to damage")
			}
			x = openIndex(whole, path, st)
			if got := find(t, x, query.Query{Text: "供水"}).Total; got != want {
				t.Errorf("%d found, want %d", got, want)
			}
		})
	}
}

func TestRebuildWhileSearching(t *testing.T) {
	t.Parallel()
	_, x, _ := site(t, sample...)
	ctx, cancel := context.WithCancel(context.Background())
	failed := make(chan error, 1)
	go func() {
		defer close(failed)
		for ctx.Err() == nil {
			f, err := x.Find(context.Background(), query.Query{Text: "供水", Page: 1, Size: 10})
			if err != nil || f.Total != 1 {
				failed <- fmt.Errorf("%d found, %w", f.Total, err)
				return
			}
		}
	}()
	for range 3 {
		if err := x.Rebuild(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-failed; err != nil {
		t.Error(err)
	}
}

// FuzzFind checks that no query fails, and that every hit is counted.
func FuzzFind(f *testing.F) {
	_, x, _ := site(f, sample...)
	for _, s := range []string{"供水", `"供水`, "“低保”", "2019 14", "税", "a b c", "-", strings.Repeat("水", 300), "\"\"", "organ:x year:", "\x00\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := query.Query{Text: s}
		if q.Validate() != nil {
			return
		}
		found, err := x.Find(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		if found.Total < len(found.Hits) {
			t.Fatalf("%d hits of %d", len(found.Hits), found.Total)
		}
	})
}

// copyIndex puts the files of one index in the place of another.
func copyIndex(from, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return os.CopyFS(to, os.DirFS(from))
}
