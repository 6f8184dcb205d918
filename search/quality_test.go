package search_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"gongkai/cmd/wire"

	"github.com/blevesearch/bleve/v2"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/cjk"

	"gongkai/portal"
	"gongkai/portal/importer"
	"gongkai/portal/query"
	"gongkai/portal/text"
	"gongkai/search"
	"gongkai/store"
)

var (
	quality = flag.Bool("quality", false, "measure search over the judged questions")
	rivals  = flag.String("rivals", "sqlite,postgres,xapian,groonga,cjk", "engines to measure beside ours")
	half    = flag.String("half", "test", "questions for the rivals: test, tuning or both")
)

// question is a real question of the public with the laws that answer it.
type question struct {
	ID       int
	Question string
	Relevant []struct {
		Title    string
		Articles []string
	}
}

// engine ranks the laws and the passages for a question, best first: laws by
// their bare titles, passages by bare title and heading.
type engine struct {
	name     string
	ranked   bool // beforehand: there is no time to tell
	laws     func(q question) []string
	passages func(q question) []string
}

// figures are sums of the measures over a set of questions.
type figures struct {
	n                         int
	r5, r10, r100, mrr10, dcg float64
}

func (f figures) String() string {
	n := float64(f.n)
	return fmt.Sprintf("%.3f | %.3f | %.3f | %.3f | %.3f", f.r5/n, f.r10/n, f.r100/n, f.mrr10/n, f.dcg/n)
}

// add judges one ranking. Entries that repeat count once.
func (f *figures) add(ranked []string, relevant map[string]bool) {
	if len(relevant) == 0 {
		return
	}
	seen := map[string]bool{}
	rank, at5, at10, at100, dcg, first := 0, 0, 0, 0, 0.0, 0
	for _, x := range ranked {
		if seen[x] {
			continue
		}
		seen[x] = true
		if rank++; rank > 100 || !relevant[x] {
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
	f.r5 += float64(at5) / n
	f.r10 += float64(at10) / n
	f.r100 += float64(at100) / n
	f.dcg += dcg / ideal
	if first > 0 {
		f.mrr10 += 1 / float64(first)
	}
}

// TestSearchQuality prints the tables of docs/search-quality.md: the
// questions with an even number are for tuning, the others for the test.
func TestSearchQuality(t *testing.T) {
	t.Parallel()
	if !*quality {
		t.Skip("measured by make bench-search")
	}
	st, x := lawIndex(t)
	questions := readQuestions(t)
	fmt.Println("| engine, questions | what is ranked | Recall@5 | Recall@10 | Recall@100 | MRR@10 | nDCG@10 | ms a question |\n|---|---|---|---|---|---|---|---|")
	for _, h := range []string{"tuning", "test"} {
		report(ours(t, st, x), h, halfOf(questions, h))
	}
	texts := writeTexts(t, st)
	for name := range strings.SplitSeq(*rivals, ",") {
		if name == "" {
			continue
		}
		e, err := rival(t, name, texts, questions)
		if err != nil {
			fmt.Printf("| %s | not measured: %v |\n", name, err)
			continue
		}
		for _, h := range []string{"tuning", "test"} {
			if *half == h || *half == "both" {
				report(e, h, halfOf(questions, h))
			}
		}
	}
}

func halfOf(questions []question, half string) []question {
	var out []question
	for i, q := range questions {
		if (i%2 == 0) == (half == "tuning") {
			out = append(out, q)
		}
	}
	return out
}

func report(e engine, half string, questions []question) {
	for _, level := range []struct {
		name string
		rank func(question) []string
	}{{"laws", e.laws}, {"passages", e.passages}} {
		var f figures
		start := time.Now()
		for _, q := range questions {
			laws, articles := map[string]bool{}, map[string]bool{}
			for _, r := range q.Relevant {
				laws[bare(r.Title)] = true
				for _, a := range r.Articles {
					articles[bare(r.Title)+a] = true
				}
			}
			f.add(level.rank(q), map[string]map[string]bool{"laws": laws, "passages": articles}[level.name])
		}
		took := fmt.Sprintf("%.1f", float64(time.Since(start).Microseconds())/1000/float64(len(questions)))
		if e.ranked {
			took = "–"
		}
		fmt.Printf("| %s, %s (%d) | %s | %s | %s |\n", e.name, half, f.n, level.name, f, took)
	}
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
	if st.Changes.LastChange() == 0 {
		if _, err := importer.Documents(context.Background(), wire.Import(st), by, f, importer.Options{Now: func() time.Time { return now }}); err != nil {
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
		q.ID = len(out)
		out = append(out, q)
	}
	return out
}

// bare is a title without blanks and punctuation: the editions of one law
// have the same.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

func ours(t *testing.T, st *store.Store, x *search.Index) engine {
	ctx := context.Background()
	return engine{"Gongkai", false,
		func(q question) (out []string) {
			for _, h := range find(t, x, query.Query{Text: q.Question, Size: 100}).Hits {
				out = append(out, bare(st.Catalogue.Listings(h.Key)[0].Title))
			}
			return out
		},
		func(q question) (out []string) {
			hits, err := x.Passages(ctx, query.Query{Text: q.Question}, 100)
			if err != nil {
				t.Fatal(err)
			}
			texts, err := st.Changes.Passages(ctx, hits)
			if err != nil {
				t.Fatal(err)
			}
			for i, h := range hits {
				out = append(out, bare(st.Catalogue.Listings(h.Key)[0].Title)+text.Heading(texts[i].Text))
			}
			return out
		}}
}

// texts are the laws and their passages as the rivals get them.
type texts struct {
	dir            string
	laws, passages []string // names by id
}

type rivalDoc struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

func writeTexts(t *testing.T, st *store.Store) texts {
	t.Helper()
	out := texts{dir: filepath.Join(os.TempDir(), "gongkai-quality-rivals")}
	if err := os.MkdirAll(out.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	laws, passages := create(t, filepath.Join(out.dir, "laws.jsonl")), create(t, filepath.Join(out.dir, "passages.jsonl"))
	for _, l := range st.Catalogue.Browse(portal.Browse{Page: 1, Size: 100_000}).Rows {
		e, err := st.Changes.Entry(context.Background(), l.Key)
		if err != nil {
			t.Fatal(err)
		}
		laws(rivalDoc{len(out.laws), e.Title, e.Texts[0]})
		out.laws = append(out.laws, bare(e.Title))
		for _, p := range text.Split(e.Texts[0]) {
			written := e.Texts[0][p.Start:p.End]
			passages(rivalDoc{len(out.passages), e.Title, written})
			out.passages = append(out.passages, bare(e.Title)+text.Heading(written))
		}
	}
	laws(nil)
	passages(nil)
	return out
}

// create opens a file of JSON lines; nil closes it.
func create(t *testing.T, path string) func(any) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return func(v any) {
		var err error
		if v != nil {
			err = e.Encode(v)
		} else if err = w.Flush(); err == nil {
			err = f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// rival indexes the texts with another engine and ranks the questions.
func rival(t *testing.T, name string, texts texts, questions []question) (engine, error) {
	e := engine{name: name, ranked: true}
	for level, ids := range map[string][]string{"laws": texts.laws, "passages": texts.passages} {
		dir := filepath.Join(texts.dir, name+"-"+level)
		var ranked map[int][]string
		var err error
		if name == "cjk" {
			ranked, err = cjkRanks(t, dir, filepath.Join(texts.dir, level+".jsonl"), ids, questions)
		} else {
			ranked, err = pythonRanks(t, name, dir, filepath.Join(texts.dir, level+".jsonl"), ids, questions)
		}
		if err != nil {
			return e, err
		}
		f := func(q question) []string { return ranked[q.ID] }
		if level == "laws" {
			e.laws = f
		} else {
			e.passages = f
		}
	}
	return e, nil
}

func named(ids []int, names []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = names[id]
	}
	return out
}

// pythonRanks asks one of the engines of tools/rivals.py.
func pythonRanks(t *testing.T, name, dir, docs string, names []string, questions []question) (map[int][]string, error) {
	python := "/usr/bin/python3" // Debian's, which has the bindings
	if _, err := os.Stat(python); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	run := func(args ...string) ([]byte, error) {
		cmd := exec.Command(python, append([]string{"../tools/rivals.py"}, args...)...)
		var problem strings.Builder
		cmd.Stderr = &problem
		out, err := cmd.Output()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, lastLine(problem.String()))
		}
		return out, err
	}
	if _, err := os.Stat(filepath.Join(dir, "done")); err != nil {
		start := time.Now()
		if _, err := run("index", name, dir, docs); err != nil {
			return nil, err
		}
		fmt.Fprintf(os.Stderr, "%s: %s in %.0f s\n", name, filepath.Base(docs), time.Since(start).Seconds())
		if err := os.WriteFile(filepath.Join(dir, "done"), nil, 0o600); err != nil {
			return nil, err
		}
	}
	ask := filepath.Join(dir, "questions.jsonl")
	w := create(t, ask)
	for _, h := range []string{"tuning", "test"} {
		if *half == h || *half == "both" {
			for _, q := range halfOf(questions, h) {
				w(map[string]any{"id": q.ID, "question": q.Question})
			}
		}
	}
	w(nil)
	start := time.Now()
	out, err := run("rank", name, dir, ask, strconv.Itoa(300))
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "%s: questions over %s in %.0f s\n", name, filepath.Base(docs), time.Since(start).Seconds())
	ranked := map[int][]string{}
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var r struct {
			ID  *int
			IDs []int
		}
		if err := d.Decode(&r); err == io.EOF {
			return ranked, nil
		} else if err != nil {
			return nil, err
		}
		if r.ID != nil {
			ranked[*r.ID] = named(r.IDs, names)
		}
	}
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// cjkRanks asks bleve with its stock cjk analyser and its own scoring.
func cjkRanks(t *testing.T, dir, docs string, names []string, questions []question) (map[int][]string, error) {
	x, err := bleve.Open(dir)
	if err != nil {
		m := bleve.NewIndexMapping()
		m.DefaultAnalyzer = "cjk"
		field := bleve.NewTextFieldMapping()
		field.Store, field.IncludeTermVectors, field.IncludeInAll, field.DocValues = false, false, false, false
		one := bleve.NewDocumentStaticMapping()
		one.AddFieldMappingsAt("title", field)
		one.AddFieldMappingsAt("body", field)
		m.DefaultMapping = one
		if x, err = bleve.New(dir, m); err != nil {
			return nil, err
		}
		f, err := os.Open(docs)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		d := json.NewDecoder(bufio.NewReader(f))
		b := x.NewBatch()
		for {
			var r rivalDoc
			if err := d.Decode(&r); err == io.EOF {
				break
			} else if err != nil {
				return nil, err
			}
			if err := b.Index(strconv.Itoa(r.ID), map[string]string{"title": r.Title, "body": r.Body}); err != nil {
				return nil, err
			}
			if b.TotalDocsSize() > 16<<20 {
				if err := x.Batch(b); err != nil {
					return nil, err
				}
				b.Reset()
			}
		}
		if err := x.Batch(b); err != nil {
			return nil, err
		}
	}
	t.Cleanup(func() { x.Close() })
	ranked := map[int][]string{}
	for _, h := range []string{"tuning", "test"} {
		if *half != h && *half != "both" {
			continue
		}
		for _, q := range halfOf(questions, h) {
			title, body := bleve.NewMatchQuery(q.Question), bleve.NewMatchQuery(q.Question)
			title.SetField("title")
			title.SetBoost(3)
			body.SetField("body")
			res, err := x.Search(bleve.NewSearchRequestOptions(bleve.NewDisjunctionQuery(title, body), 300, 0, false))
			if err != nil {
				return nil, err
			}
			var ids []int
			for _, hit := range res.Hits {
				n, err := strconv.Atoi(hit.ID)
				if err != nil {
					return nil, err
				}
				ids = append(ids, n)
			}
			ranked[q.ID] = named(ids, names)
		}
	}
	return ranked, nil
}

// TestFiguresAreRight judges rankings whose measures are known.
func TestFiguresAreRight(t *testing.T) {
	t.Parallel()
	var f figures
	f.add([]string{"x", "a", "x", "y", "b"}, map[string]bool{"a": true, "b": true}) // a second, b fourth, since x counts once
	want := figures{n: 1, r5: 1, r10: 1, r100: 1, mrr10: 0.5, dcg: (1/math.Log2(3) + 1/math.Log2(5)) / (1 + 1/math.Log2(3))}
	if f.n != want.n || math.Abs(f.dcg-want.dcg) > 1e-9 || f.mrr10 != want.mrr10 || f.r5 != 1 {
		t.Errorf("%+v, want %+v", f, want)
	}
	f.add(slices.Repeat([]string{"z"}, 300), map[string]bool{"a": true})
	if f.n != 2 || f.r100 != 1 {
		t.Errorf("a miss counts: %+v", f)
	}
}
