package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/blevesearch/bleve/v2"
)

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
