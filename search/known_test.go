package search_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gongkai/cmd/wire"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/demo"
	"gongkai/portal/people"
	"gongkai/portal/query"
	"gongkai/search"
	"gongkai/store"
)

var misses = flag.Bool("misses", false, "list the known items that are not found")

// demoCity is the demonstration city, indexed.
func demoCity(t *testing.T) (*store.Store, *search.Index) {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.FixedZone("CST", 8*3600))
	w := portal.Clockwork{Now: func() time.Time { return at }, Calendar: clock.China}
	accounts := people.People{Clockwork: w, Store: st.ForPeople(), Hash: func(p string) (string, error) { return p, nil }}
	if err := demo.Fill(t.Context(), wire.Demo(st), accounts, at, clock.China(), 500); err != nil {
		t.Fatal(err)
	}
	return st, openIndex(t, filepath.Join(dir, "index"), st)
}

// knownItem is what somebody remembers of a record, and the record.
type knownItem struct {
	kind, query string
	titles      []string
}

func knownItems(t *testing.T) []knownItem {
	t.Helper()
	b, err := os.ReadFile("testdata/known_items.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var out []knownItem
	for line := range strings.Lines(string(b)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) == 3 && !strings.HasPrefix(line, "#") {
			out = append(out, knownItem{f[0], f[1], strings.Split(f[2], "|")})
		}
	}
	return out
}

// TestKnownItems asks for what a visitor half remembers: in 95 of 100 cases
// the record must be among the first three.
func TestKnownItems(t *testing.T) {
	t.Parallel()
	st, x := demoCity(t)
	public := map[string]bool{}
	for _, l := range st.Catalogue.Browse(portal.Browse{Page: 1, Size: 100_000}).Rows {
		public[l.Title] = true
	}
	items := knownItems(t)
	if len(items) < 150 {
		t.Fatalf("only %d known items", len(items))
	}
	in, of := map[string]int{}, map[string]int{}
	for _, k := range items {
		for _, title := range k.titles {
			if !public[title] {
				t.Errorf("%q asks for %q, which is not in the city", k.query, title)
			}
		}
		f := find(t, x, query.Query{Text: k.query, Size: 3})
		hit := false
		var got []string
		for _, h := range f.Hits {
			title := st.Catalogue.Listings(h.Key)[0].Title
			got = append(got, title)
			for _, want := range k.titles {
				hit = hit || title == want
			}
		}
		of[k.kind]++
		of["all"]++
		if hit {
			in[k.kind]++
			in["all"]++
		} else if *misses {
			fmt.Printf("%s %q wants %q, got %q (corrected to %q)\n", k.kind, k.query, k.titles, got, f.Corrected)
		}
	}
	if *quality || *misses {
		fmt.Println("| known items | queries | in the first three |\n|---|---|---|")
		for _, kind := range []string{"number", "title", "organ", "english", "typo", "pinyin", "shorthand", "question", "all"} {
			fmt.Printf("| %s | %d | %.1f %% |\n", kind, of[kind], 100*float64(in[kind])/float64(of[kind]))
		}
	}
	if share := float64(in["all"]) / float64(of["all"]); share < 0.95 {
		t.Errorf("%d of %d known items are in the first three: %.1f %%", in["all"], of["all"], 100*share)
	}
}

// TestEverydayWords: what people say leads to what offices call it.
func TestEverydayWords(t *testing.T) {
	t.Parallel()
	st, x := demoCity(t)
	b, err := os.ReadFile("testdata/everyday.tsv")
	if err != nil {
		t.Fatal(err)
	}
	in, of := map[string]int{}, map[string]int{}
	for line := range strings.Lines(string(b)) {
		part := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || len(part) != 3 {
			continue
		}
		of[part[0]]++
		found := slices.ContainsFunc(find(t, x, query.Query{Text: part[1], Size: 3}).Hits, func(h query.Hit) bool {
			return strings.Contains(st.Catalogue.Listings(h.Key)[0].Title, part[2])
		})
		if found {
			in[part[0]]++
		} else if *misses {
			fmt.Printf("%s %q wants %q\n", part[0], part[1], part[2])
		}
	}
	if *quality {
		fmt.Printf("everyday words: %d of %d, %d of %d\n", in["first"], of["first"], in["second"], of["second"])
	}
	if all := in["first"] + in["second"]; all*100 < 90*(of["first"]+of["second"]) {
		t.Errorf("%d of %d everyday words lead to what offices call it", all, of["first"]+of["second"])
	}
}
