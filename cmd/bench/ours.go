package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
