package search_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"gongkai/portal/query"
)

// BenchmarkFind asks an index of 3,000 records.
func BenchmarkFind(b *testing.B) {
	var docs []doc
	for i := range 3000 {
		docs = append(docs, doc{title: fmt.Sprint("供水通知", i), body: strings.Repeat("第一条 城市供水和节约用水的管理，适用本办法。\n第二条 违反规定的，依法处罚。\n", 1+i%20), theme: []string{"06", "17", "10"}[i%3]})
	}
	_, x, _ := site(b, docs...)
	for _, q := range []query.Query{{Text: "节约用水", Page: 1, Size: 20}, {Text: "供水 处罚 管理", Page: 1, Size: 20}, {Text: `"节约用水"`, Page: 1, Size: 20}, {Text: "供水", Theme: "17", Page: 1, Size: 20}, {Theme: "17", Page: 1, Size: 20}} {
		b.Run(q.Text+q.Theme, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := x.Find(context.Background(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
