package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	"gongkai/portal/query"
	"gongkai/search"
	"gongkai/store"
)

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
		var waits []float64 // until a document that was published is found, in milliseconds
		var sampling sync.WaitGroup
		var mu sync.Mutex
		defer func() {
			cancel()
			sampling.Wait()
			if slices.Sort(waits); len(waits) > 0 {
				fmt.Fprintf(os.Stderr, "Published while asked, found after, ms: p50 %.0f, p95 %.0f, worst %.0f of %d\n", waits[len(waits)/2], waits[len(waits)*95/100], waits[len(waits)-1], len(waits))
			}
		}()
		go x.Follow(ctx, st.Changes.Changed())
		sampling.Go(func() {
			tick := time.NewTicker(50 * time.Millisecond)
			defer tick.Stop()
			for i := 1 << 30; ctx.Err() == nil; i++ {
				<-tick.C
				m := made{ID: i + int(time.Now().UnixNano()), Title: "关于城市供水的通知", Body: strings.Repeat("城市供水和节约用水的管理，适用本办法。", 20), Organ: "organ01", Date: int(clock.NewDate(2026, 11, 20))}
				word := fmt.Sprintf("sample%d", m.ID)
				m.Title += " " + word
				if _, err := st.Documents.ImportDocuments(ctx, portal.System("bench"), []documents.Import{m.record()}, time.Now()); err != nil && ctx.Err() == nil {
					fmt.Fprintln(os.Stderr, err)
				}
				if i%20 != 0 { // one a second is looked for
					continue
				}
				sampling.Go(func() {
					for began := time.Now(); ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
						if f, err := x.Find(ctx, query.Query{Text: word, Verbatim: true, Page: 1, Size: 1}); err == nil && f.Total > 0 && !f.Near {
							mu.Lock()
							waits = append(waits, float64(time.Since(began).Microseconds())/1000)
							mu.Unlock()
							return
						}
					}
				})
			}
		})
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
