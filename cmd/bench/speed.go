package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/blevesearch/bleve/v2"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/cjk" // the analyser of the rival "cjk"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	"gongkai/portal/query"
	"gongkai/search"
	"gongkai/store"
)

// indexed is what an engine tells of its index.
type indexed struct {
	Seconds float64 `json:"seconds"`
	PeakMB  int64   `json:"peak_mb"`
	Bytes   int64   `json:"bytes"`
	Text    int64   `json:"text"`
	Start   float64 `json:"start,omitempty"` // seconds until the first answer, the files being in memory
	Load    float64 `json:"load,omitempty"`  // seconds to write the records, which the portal does apart
}

// asked is what an engine tells of one kind of query.
type asked struct {
	Kind string  `json:"kind"`
	P50  float64 `json:"p50"`
	P95  float64 `json:"p95"`
	P99  float64 `json:"p99"`
	Rate float64 `json:"rate"`
}

// kinds of queries in the order of the table.
var kindsAsked = []string{"one word", "three words", "phrase", "faceted", "by date", "typed"}

// speed measures the engines on n generated documents, each in processes of
// its own, one after the other. What was indexed is kept in work.
func speed(n int, work, engines, laws string, span time.Duration) error {
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	docs, queries := filepath.Join(work, "docs.jsonl"), filepath.Join(work, "queries.json")
	if err := writeCorpus(n, laws, docs, queries); err != nil {
		return err
	}
	info, err := os.Stat(docs)
	if err != nil {
		return err
	}
	fmt.Printf("## %d documents, %.0f MB\n\n| engine | index, s | peak MB | index bytes a byte of text | start, s |\n|---|---|---|---|---|\n", n, mega(info.Size()))
	var able []string
	for e := range strings.SplitSeq(engines, ",") {
		i, err := once(work, e, docs)
		if err != nil {
			fmt.Printf("| %s | not measured: %v |\n", e, err)
			continue
		}
		able = append(able, e)
		load := ""
		if i.Load > 0 {
			load = fmt.Sprintf(" (and %.0f to write the records)", i.Load)
		}
		fmt.Printf("| %s | %.0f%s | %d | %.2f | %.2f |\n", e, i.Seconds, load, i.PeakMB, float64(i.Bytes)/float64(i.Text), i.Start)
	}
	for _, w := range []struct {
		title string
		args  []string
	}{{"One at a time", []string{"1"}}, {"Eight at a time", []string{"8"}}, {"Eight at a time while 20 documents a second are published", []string{"8", "write"}}} {
		fmt.Printf("\n%s, milliseconds p50 / p95 / p99:\n\n| engine |", w.title)
		for _, k := range kindsAsked {
			fmt.Printf(" %s |", k)
		}
		fmt.Println(" MB after |\n|---|" + strings.Repeat("---|", len(kindsAsked)+1))
		for _, e := range able {
			out, mb, err := ask(work, e, queries, append([]string{w.args[0], fmt.Sprint(span.Seconds())}, w.args[1:]...))
			if err != nil {
				fmt.Printf("| %s | failed: %v |\n", e, err)
				continue
			}
			fmt.Printf("| %s |", e)
			for _, k := range kindsAsked {
				i := slices.IndexFunc(out, func(a asked) bool { return a.Kind == k })
				if i < 0 {
					fmt.Print(" – |")
					continue
				}
				fmt.Printf(" %.1f / %.1f / %.1f |", out[i].P50, out[i].P95, out[i].P99)
			}
			fmt.Printf(" %s |\n", mb)
		}
	}
	return nil
}

func writeCorpus(n int, laws, docs, queries string) error {
	c, err := readCorpus(laws)
	if err != nil {
		return err
	}
	b, err := json.Marshal(c.queries())
	if err != nil {
		return err
	}
	if err := os.WriteFile(queries, b, 0o644); err != nil {
		return err
	}
	if _, err := os.Stat(docs); err == nil {
		return nil // made by an earlier run
	}
	f, err := os.Create(docs + ".new")
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for i := range n {
		if err := e.Encode(c.document(i + 1)); err != nil {
			return err
		}
	}
	return errors.Join(w.Flush(), f.Close(), os.Rename(docs+".new", docs))
}

// command makes the command that runs an engine.
func command(args ...string) *exec.Cmd {
	if args[1] == "gongkai" || args[1] == "cjk" {
		exe, err := os.Executable()
		if err != nil {
			exe = os.Args[0]
		}
		return exec.Command(exe, append([]string{"-engine"}, args...)...)
	}
	return exec.Command("/usr/bin/python3", append([]string{"tools/rivals.py"}, args...)...)
}

// once makes the index of an engine, or tells of the one made before.
func once(work, engine, docs string) (indexed, error) {
	var i indexed
	done := filepath.Join(work, engine+".json")
	if b, err := os.ReadFile(done); err == nil {
		return i, json.Unmarshal(b, &i)
	}
	cmd := command("index", engine, work, docs)
	var problem strings.Builder
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(problem.String()), "\n")
		return i, fmt.Errorf("%w: %s", err, lines[len(lines)-1])
	}
	if err := json.Unmarshal(out, &i); err != nil {
		return i, err
	}
	return i, os.WriteFile(done, out, 0o644)
}

func ask(work, engine, queries string, args []string) (out []asked, mb string, err error) {
	cmd := command(append([]string{"time", engine, work, queries}, args...)...)
	var problem strings.Builder
	cmd.Stderr = &problem
	b, err := cmd.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(problem.String()), "\n")
		return nil, "", fmt.Errorf("%w: %s", err, lines[len(lines)-1])
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	for {
		var a struct {
			asked
			PeakMB int64 `json:"peak_mb"`
		}
		if err := d.Decode(&a); err == io.EOF {
			return out, mb, nil
		} else if err != nil {
			return nil, "", err
		}
		if a.PeakMB > 0 {
			mb = fmt.Sprint(a.PeakMB)
		} else {
			out = append(out, a.asked)
		}
	}
}

// limitMemory is what the portal does once its store is open.
func limitMemory() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetMemoryLimit(max(400<<20, 2*int64(m.HeapAlloc)+256<<20))
}

// peak watches the memory of this process and returns a function that tells
// the most it had, in MB. Files mapped into memory are left out: the system
// drops them when it needs the room.
func peak() func() int64 {
	var most atomic.Int64
	go func() {
		for ; ; time.Sleep(50 * time.Millisecond) {
			most.Store(max(most.Load(), anonymousMB()))
		}
	}()
	return most.Load
}

// anonymousMB is the memory of this process without mapped files, in MB.
func anonymousMB() int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kb int64
	if m := regexp.MustCompile(`RssAnon:\s*(\d+) kB`).FindSubmatch(b); m != nil {
		fmt.Sscan(string(m[1]), &kb)
	}
	return kb >> 10
}

// runEngine is a process of one of our own engines.
func runEngine(args []string) error {
	debug.SetGCPercent(200) // this and the limit as the portal does
	what, engine, work := args[0], args[1], args[2]
	switch {
	case what == "index" && engine == "gongkai":
		return indexOurs(work, args[3])
	case what == "load":
		return loadOurs(work, args[3])
	case what == "index":
		return indexCJK(work, args[3])
	case engine == "gongkai":
		return askOurs(work, args[3:])
	}
	return askCJK(work, args[3:])
}

func tell(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }

func eachDoc(path string, f func(made) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	d := json.NewDecoder(bufio.NewReaderSize(file, 1<<20))
	for {
		var m made
		if err := d.Decode(&m); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := f(m); err != nil {
			return err
		}
	}
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// loadOurs writes the records, in a process of its own, so that its memory
// is not counted as the index's.
func loadOurs(work, docs string) error {
	st, err := store.Open(filepath.Join(work, "gongkai"))
	if err != nil {
		return err
	}
	defer st.Close()
	start := time.Now()
	var rows []documents.Import
	flush := func() error {
		_, err := st.Documents.ImportDocuments(context.Background(), portal.System("bench"), rows, time.Now())
		rows = rows[:0]
		return err
	}
	err = eachDoc(docs, func(m made) error {
		rows = append(rows, m.record())
		if len(rows) == 500 {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	return tell(indexed{Load: time.Since(start).Seconds()})
}

func indexOurs(work, docs string) error {
	if err := os.RemoveAll(filepath.Join(work, "gongkai")); err != nil {
		return err
	}
	cmd := command("load", "gongkai", work, docs)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	var i indexed
	if err := json.Unmarshal(out, &i); err != nil {
		return err
	}
	st, err := store.Open(filepath.Join(work, "gongkai"))
	if err != nil {
		return err
	}
	defer st.Close()
	limitMemory()
	dir := filepath.Join(work, "gongkai", "index")
	most := peak()
	start := time.Now()
	x, err := search.Open(dir, st.ForSearch(), quiet)
	if err != nil {
		return err
	}
	if err := x.CatchUp(context.Background()); err != nil {
		return err
	}
	i.Seconds, i.PeakMB = time.Since(start).Seconds(), most()
	if err := x.Close(); err != nil {
		return err
	}
	start = time.Now()
	if x, err = search.Open(dir, st.ForSearch(), quiet); err != nil {
		return err
	}
	defer x.Close()
	if _, err := x.Find(context.Background(), query.Query{Text: "供水", Page: 1, Size: 20}); err != nil {
		return err
	}
	i.Start, i.Bytes = time.Since(start).Seconds(), settled(dir)
	i.Text, err = textOf(docs)
	if err != nil {
		return err
	}
	return tell(i)
}

// settled is the size of a folder once it does not change any more: bleve
// merges its files in the background.
func settled(dir string) int64 {
	last := int64(-1)
	for range 60 {
		n := size(dir)
		if n == last {
			return n
		}
		last = n
		time.Sleep(3 * time.Second)
	}
	return last
}

func textOf(docs string) (n int64, err error) {
	err = eachDoc(docs, func(m made) error { n += int64(len(m.Title) + len(m.Body)); return nil })
	return n, err
}

// measure asks each kind of query for a while.
func measure(args []string, one func(kind string, words []string) error) error {
	b, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var kinds map[string][][]string
	if err := json.Unmarshal(b, &kinds); err != nil {
		return err
	}
	workers, err1 := strconv.Atoi(args[1])
	seconds, err2 := strconv.ParseFloat(args[2], 64)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	for _, kind := range kindsAsked {
		var mu sync.Mutex
		var all []time.Duration
		var failed error
		var wg sync.WaitGroup
		for _, q := range kinds[kind] { // the first answers read the files into memory
			if err := one(kind, q); err != nil {
				return err
			}
		}
		end := time.Now().Add(time.Duration(seconds * float64(time.Second)))
		for w := range workers {
			wg.Go(func() {
				var mine []time.Duration
				for i := w * 3; time.Now().Before(end); i += 7 {
					start := time.Now()
					if err := one(kind, kinds[kind][i%len(kinds[kind])]); err != nil {
						mu.Lock()
						failed = err
						mu.Unlock()
						return
					}
					mine = append(mine, time.Since(start))
				}
				mu.Lock()
				all = append(all, mine...)
				mu.Unlock()
			})
		}
		wg.Wait()
		if failed != nil {
			return failed
		}
		slices.Sort(all)
		if err := tell(asked{kind, at(all, .5), at(all, .95), at(all, .99), float64(len(all)) / seconds}); err != nil {
			return err
		}
	}
	return tell(map[string]int64{"peak_mb": anonymousMB()})
}

func askOurs(work string, args []string) error {
	st, err := store.Open(filepath.Join(work, "gongkai"))
	if err != nil {
		return err
	}
	defer st.Close()
	x, err := search.Open(filepath.Join(work, "gongkai", "index"), st.ForSearch(), quiet)
	if err != nil {
		return err
	}
	defer x.Close()
	limitMemory()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if len(args) > 3 {
		go x.Follow(ctx, st.Changes.Changed())
		go func() {
			tick := time.NewTicker(50 * time.Millisecond)
			defer tick.Stop()
			for i := 1 << 30; ctx.Err() == nil; i++ {
				<-tick.C
				m := made{ID: i + int(time.Now().UnixNano()), Title: "关于城市供水的通知", Body: strings.Repeat("城市供水和节约用水的管理，适用本办法。", 20), Organ: "organ01", Date: int(clock.NewDate(2026, 11, 20))}
				if _, err := st.Documents.ImportDocuments(ctx, portal.System("bench"), []documents.Import{m.record()}, time.Now()); err != nil && ctx.Err() == nil {
					fmt.Fprintln(os.Stderr, err)
				}
			}
		}()
	}
	return measure(args, func(kind string, words []string) error {
		text := strings.Join(words, " ")
		q := query.Query{Text: text, Page: 1, Size: 20}
		switch kind {
		case "typed":
			_, err := x.Suggest(ctx, text, 6)
			return err
		case "phrase":
			q.Text = `"` + text + `"`
		case "by date":
			q.Sort = "date"
		}
		_, err := x.Find(ctx, q)
		return err
	})
}

func indexCJK(work, docs string) error {
	dir := filepath.Join(work, "cjk")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	m := bleve.NewIndexMapping()
	m.DefaultAnalyzer = "cjk"
	text := bleve.NewTextFieldMapping()
	text.Store = false
	word := bleve.NewKeywordFieldMapping()
	word.Store = false
	date := bleve.NewNumericFieldMapping()
	date.Store = false
	one := bleve.NewDocumentStaticMapping()
	most := peak()
	one.AddFieldMappingsAt("title", text)
	one.AddFieldMappingsAt("body", text)
	one.AddFieldMappingsAt("organ", word)
	one.AddFieldMappingsAt("years", word)
	one.AddFieldMappingsAt("date", date)
	m.DefaultMapping = one
	start := time.Now()
	x, err := bleve.New(dir, m)
	if err != nil {
		return err
	}
	b := x.NewBatch()
	err = eachDoc(docs, func(d made) error {
		err := b.Index(strconv.Itoa(d.ID), map[string]any{"title": d.Title, "body": d.Body, "organ": d.Organ, "years": strconv.Itoa(d.Year), "date": d.Date})
		if err == nil && b.Size() == 2000 {
			err = x.Batch(b)
			b.Reset()
		}
		return err
	})
	if err == nil {
		err = x.Batch(b)
	}
	if err != nil {
		return err
	}
	i := indexed{Seconds: time.Since(start).Seconds(), PeakMB: most()}
	if err := x.Close(); err != nil {
		return err
	}
	start = time.Now()
	if x, err = bleve.Open(dir); err != nil {
		return err
	}
	defer x.Close()
	if _, err := x.Search(bleve.NewSearchRequest(bleve.NewMatchQuery("供水"))); err != nil {
		return err
	}
	i.Start, i.Bytes = time.Since(start).Seconds(), settled(dir)
	if i.Text, err = textOf(docs); err != nil {
		return err
	}
	return tell(i)
}

func askCJK(work string, args []string) error {
	x, err := bleve.Open(filepath.Join(work, "cjk"))
	if err != nil {
		return err
	}
	defer x.Close()
	if len(args) > 3 {
		done := make(chan struct{})
		defer close(done)
		go func() {
			for i := 1 << 30; ; i++ {
				select {
				case <-done:
					return
				case <-time.After(50 * time.Millisecond):
				}
				err := x.Index(strconv.Itoa(i), map[string]any{"title": "关于城市供水的通知", "body": strings.Repeat("城市供水和节约用水的管理，适用本办法。", 20), "organ": "organ01", "years": "2026", "date": 20000})
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
				}
			}
		}()
	}
	return measure(args, func(kind string, words []string) error {
		all := bleve.NewConjunctionQuery()
		for _, w := range words {
			either := bleve.NewDisjunctionQuery()
			for _, field := range []string{"title", "body"} {
				if kind == "typed" && field == "body" {
					continue
				}
				q := bleve.NewMatchPhraseQuery(w)
				q.SetField(field)
				if field == "title" {
					q.SetBoost(3)
				}
				either.AddQuery(q)
			}
			all.AddQuery(either)
		}
		r := bleve.NewSearchRequestOptions(all, 20, 0, false)
		switch kind {
		case "faceted":
			r.AddFacet("organ", bleve.NewFacetRequest("organ", 60))
			r.AddFacet("year", bleve.NewFacetRequest("years", 40))
		case "by date":
			r.SortBy([]string{"-date"})
		}
		_, err := x.Search(r)
		return err
	})
}
