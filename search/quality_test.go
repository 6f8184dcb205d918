package search_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"gongkai/portal"
	"gongkai/portal/importer"
	"gongkai/search"
	"gongkai/store"
)

var quality = flag.Bool("quality", false, "measure search over the judged questions")

// question is a real question of the public with the laws that answer it.
type question struct {
	ID       int
	Question string
	Relevant []struct {
		Title    string
		Articles []string
	}
}

// figures are the measures over a set of questions.
type figures struct {
	n                              int
	recall5, recall10, recall100   float64
	mrr, ndcg, passageMRR, passage float64
}

// String writes a row of docs/search-quality.md.
func (f figures) String() string {
	n := float64(f.n)
	return fmt.Sprintf("| %.3f | %.3f | %.3f | %.3f | %.3f | %.3f | %.3f |", f.recall5/n, f.recall10/n, f.recall100/n, f.mrr/n, f.ndcg/n, f.passage/n, f.passageMRR/n)
}

// TestSearchQuality prints the table of docs/search-quality.md: the
// questions with an even number are for tuning, the others for the test.
func TestSearchQuality(t *testing.T) {
	if !*quality {
		t.Skip("measured by make bench-search")
	}
	st, x := lawIndex(t)
	questions := readQuestions(t)
	fmt.Println("| half | Recall@5 | Recall@10 | Recall@100 | MRR@10 | nDCG@10 | right article in 10 | its MRR@10 |\n|---|---|---|---|---|---|---|---|")
	start := time.Now()
	for half, name := range []string{"tuning", "test"} {
		var f figures
		for i, q := range questions {
			if i%2 == half {
				measure(t, st, x, q, &f)
			}
		}
		fmt.Printf("| %s (%d) %s\n", name, f.n, f)
	}
	fmt.Printf("%.1f ms a question\n", float64(time.Since(start).Milliseconds())/float64(len(questions)))
}

// lawIndex is the laws and regulations in a real store and index, kept
// between runs in the temporary folder.
func lawIndex(t *testing.T) (*store.Store, *search.Index) {
	t.Helper()
	path := "../../shared/data/laws.jsonl.gz"
	f, err := os.Open(path)
	if err != nil {
		t.Skip("../shared is not there")
	}
	defer f.Close()
	dir := filepath.Join(os.TempDir(), "gongkai-quality")
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	if st.LastChange() == 0 {
		if _, err := importer.Documents(context.Background(), st, by, f, importer.Options{Now: func() time.Time { return now }}); err != nil {
			t.Fatal(err)
		}
	}
	return st, openIndex(t, filepath.Join(dir, "index"), st)
}

func readQuestions(t *testing.T) []question {
	t.Helper()
	f, err := os.Open("../../shared/data/questions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []question
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var q question
		if err := json.Unmarshal(s.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		out = append(out, q)
	}
	return out
}

// bare is a title without blanks and punctuation.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// measure asks one question. Several editions of one law count as one
// answer.
func measure(t *testing.T, st *store.Store, x *search.Index, q question, f *figures) {
	t.Helper()
	found := find(t, x, portal.Query{Text: q.Question, Size: 100})
	passages, err := st.Passages(context.Background(), found.Hits)
	if err != nil {
		t.Fatal(err)
	}
	relevant, articles := map[string]bool{}, map[string]bool{}
	for _, r := range q.Relevant {
		relevant[bare(r.Title)] = true
		for _, a := range r.Articles {
			articles[bare(r.Title)+a] = true
		}
	}
	seen := map[string]bool{}
	rank, at5, at10, at100, dcg, first, article := 0, 0, 0, 0, 0.0, 0, 0
	for i, h := range found.Hits {
		l := st.Listings(h.Key)[0]
		title := bare(l.Title)
		if article == 0 && i < 10 && articles[title+portal.Heading(passages[i].Text)] {
			article = i + 1
		}
		if seen[title] {
			continue
		}
		seen[title] = true
		rank++
		if !relevant[title] {
			continue
		}
		at100++
		if rank <= 10 {
			at10++
			dcg += 1 / math.Log2(float64(rank)+1)
			if first == 0 {
				first = rank
			}
		}
		if rank <= 5 {
			at5++
		}
	}
	ideal := 0.0
	for i := range min(10, len(relevant)) {
		ideal += 1 / math.Log2(float64(i)+2)
	}
	n := float64(len(relevant))
	f.n++
	f.recall5 += float64(at5) / n
	f.recall10 += float64(at10) / n
	f.recall100 += float64(at100) / n
	f.ndcg += dcg / ideal
	if first > 0 {
		f.mrr += 1 / float64(first)
	}
	if article > 0 {
		f.passage++
		f.passageMRR += 1 / float64(article)
	}
}
