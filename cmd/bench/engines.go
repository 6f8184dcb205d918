package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	_ "github.com/blevesearch/bleve/v2/analysis/lang/cjk" // the analyser of the rival "cjk"
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
	fmt.Fprint(os.Stderr, problem.String()) // what it has to say besides
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
