package search_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/query"
)

// TestTotalsAgreeWithAPlainScan asks 5,000 random queries with words, phrases and
// filters; every total, every facet and the records themselves must be those that
// a plain scan over the texts finds.
func TestTotalsAgreeWithAPlainScan(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 20261201))
	letters := []rune("桂兰竹菊松柏槐榆枫桦杉樟椿棠梨杏")
	word := func() string {
		return string([]rune{letters[r.IntN(len(letters))], letters[r.IntN(len(letters))]})
	}
	var docs []doc
	for range 700 {
		d := doc{title: fmt.Sprint(word(), word(), len(docs)), theme: []string{"02", "06", "10", "17"}[r.IntN(4)], organ: []string{"water", "civil", "office"}[r.IntN(3)],
			validity: []string{"in_force", "repealed", "expired"}[r.IntN(3)], day: clock.NewDate(2020+r.IntN(5), time.Month(1+r.IntN(12)), 1+r.IntN(28))}
		for range 1 + r.IntN(30) {
			d.body += word() + []string{"", "", "，", "。"}[r.IntN(4)]
		}
		docs = append(docs, d)
	}
	st, x, _ := site(t, docs[:500]...)
	for half := range 2 {
		at := docs[:500]
		if half == 1 { // more come later, in segments of their own, and some of the first change
			at = docs
			for i := 0; i < 500; i += 50 {
				docs[i].body += "。" + word() + word()
			}
			importDocs(t, st, docs)
			if err := x.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for n := range 2500 {
			q := query.Query{Page: 1, Size: 1000, Verbatim: true}
			var words []string
			quoted := n%5 == 4
			if quoted {
				words = []string{word() + word()}
				if n%2 == 0 { // one that stands somewhere
					body := []rune(at[r.IntN(len(at))].body)
					i := r.IntN(max(1, len(body)-3))
					words[0] = string(body[i:min(len(body), i+3)])
					if strings.ContainsAny(words[0], "，。") || len([]rune(words[0])) < 2 {
						words[0] = word() + word()
					}
				}
				q.Text = `"` + words[0] + `"`
			} else {
				for range 1 + r.IntN(3) {
					words = append(words, word())
				}
				q.Text = strings.Join(words, " ")
			}
			if r.IntN(3) == 0 {
				q.Theme = []string{"02", "06", "10", "17"}[r.IntN(4)]
			}
			if r.IntN(3) == 0 {
				q.Organ = []portal.OrganCode{"water", "civil", "office"}[r.IntN(3)]
			}
			if r.IntN(4) == 0 {
				q.Year = 2020 + r.IntN(5)
			}
			if r.IntN(5) == 0 {
				q.Validity = "repealed"
			}
			if r.IntN(6) == 0 {
				q.From = clock.NewDate(2021, 6, 1)
			}
			got, err := x.Find(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			want, facets := scan(at, words, quoted, q)
			if got.Total != len(want) {
				t.Fatalf("%+v: %d found, %d by a plain scan", q, got.Total, len(want))
			}
			for name, want := range facets {
				have := make(map[string]int)
				for _, c := range got.Facets[name] {
					have[c.Code] = c.N
				}
				if !maps.Equal(have, want) {
					t.Fatalf("%+v: facet %s is %v, not %v", q, name, have, want)
				}
			}
			have := strings.Fields(titles(st, got))
			slices.Sort(have)
			if !slices.Equal(have, want) {
				t.Fatalf("%+v: found %v, not %v", q, have, want)
			}
		}
	}
}

// scan answers a query by looking at every text: with the titles in order, and the counts.
func scan(docs []doc, words []string, quoted bool, q query.Query) (found []string, facets map[string]map[string]int) {
	has := func(d doc, w string) bool { return strings.Contains(d.title, w) || strings.Contains(d.body, w) }
	all := func(d doc) bool { return !slices.ContainsFunc(words, func(w string) bool { return !has(d, w) }) }
	any := func(d doc) bool { return slices.ContainsFunc(words, func(w string) bool { return has(d, w) }) }
	keep := all
	if !quoted && !slices.ContainsFunc(docs, all) {
		keep = any
	}
	facets = map[string]map[string]int{"organ": {}, "theme": {}, "year": {}, "validity": {}}
	for _, d := range docs {
		if !keep(d) || q.From != 0 && d.day < q.From {
			continue
		}
		values := map[string]string{"organ": d.organ, "theme": d.theme, "year": fmt.Sprint(d.day.Year()), "validity": d.validity}
		wants := map[string]string{"organ": string(q.Organ), "theme": q.Theme, "validity": q.Validity, "year": ""}
		if q.Year != 0 {
			wants["year"] = fmt.Sprint(q.Year)
		}
		var missed []string
		for f, w := range wants {
			if w != "" && values[f] != w {
				missed = append(missed, f)
			}
		}
		for f, v := range values {
			if len(missed) == 0 || len(missed) == 1 && missed[0] == f {
				facets[f][v]++
			}
		}
		if len(missed) == 0 {
			found = append(found, d.title)
		}
	}
	slices.Sort(found)
	return found, facets
}
