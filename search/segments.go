package search

import (
	"cmp"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	zap "github.com/blevesearch/zapx/v17"
)

// ordered makes bleve's segments with the passages of a record side by side, its
// head first. bleve hands a batch on in the order of a map; in that order each
// passage of a hit would lie somewhere else, and so would what is known of its
// record. Merging keeps the order.
type ordered struct{ zap.ZapPlugin }

// segmentType is the name under which the index notes who made its segments.
const segmentType = "gongkai"

func init() { scorch.RegisterSegmentPlugin(&ordered{}, false) }

// Type implements scorch's SegmentPlugin.
func (*ordered) Type() string { return segmentType }

// New implements scorch's SegmentPlugin.
func (o *ordered) New(docs []index.Document) (segment.Segment, uint64, error) {
	return o.ZapPlugin.New(inOrder(docs))
}

// NewUsing implements scorch's SegmentPlugin.
func (o *ordered) NewUsing(docs []index.Document, config map[string]any) (segment.Segment, uint64, error) {
	return o.ZapPlugin.NewUsing(inOrder(docs), config)
}

// inOrder sorts passages by their records and places.
func inOrder(docs []index.Document) []index.Document {
	type place struct {
		key    string
		source int16
		start  int32
		doc    index.Document
	}
	places := make([]place, len(docs))
	for i, d := range docs {
		p := place{key: d.ID(), doc: d}
		if key, at, ok := strings.Cut(p.key, "#"); ok {
			p.key = key
			p.source, p.start, _, _ = parsePlace([]byte(at))
		}
		places[i] = p
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.source, b.source), cmp.Compare(a.start, b.start))
	})
	for i, p := range places {
		docs[i] = p.doc
	}
	return docs
}
