package search

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2/index/scorch"

	"gongkai/portal"
	"gongkai/portal/text"
)

// record is what a filter, a facet or an order needs of a public record. It
// is kept in memory; values that repeat are numbers of names.
type record struct {
	key       portal.Key
	kind      uint16
	organs    []uint16
	theme     uint16
	genre     uint16
	item      uint16
	year      uint16 // the number of a name too
	validity  uint16
	published portal.Date
	past      bool    // expired or repealed
	ending    uint8   // how its title ends, of rank.txt
	rank      float32 // factor for the rank of a law, 1 for most records
	weight    float32 // of its kind: documents before what is written from a form
	title     string  // squeezed
	titleEN   string
	titleLen  float32 // in terms
	sum       uint32  // checksum of all that was indexed
}

// head is the form in which a record's columns lie in the index, stored with
// its first passage.
type head struct {
	Organs    []portal.OrganCode `json:"o,omitempty"`
	Theme     string             `json:"t,omitempty"`
	Genre     string             `json:"g,omitempty"`
	Item      string             `json:"i,omitempty"`
	Validity  string             `json:"v,omitempty"`
	Published portal.Date        `json:"p"`
	Title     string             `json:"n"`
	TitleEN   string             `json:"e,omitempty"`
	TitleLen  int                `json:"l"`
	Sum       uint32             `json:"s"`
}

// In a head the usual validity is left out, and none has a sign.
const (
	usualValidity = "in_force"
	noValidity    = "-"
)

// columns are the passages of one immutable segment of the index.
type columns struct {
	record []int32   // number of the record
	source []int16   // −1 for the head
	start  []int32   // byte offsets of the passage
	end    []int32   //
	norm   []float32 // what BM25 makes of the passage's length
	heads  []int32   // passages that are heads
}

// table holds the columns of all segments and the records they belong to.
type table struct {
	mu       sync.RWMutex
	names    map[string]uint16
	byName   []string
	numbers  map[portal.Key]int32
	records  []atomic.Pointer[record] // read without the lock; grows by a copy
	live     int                      // records in use
	segments map[uint64]*columns
	newest   atomic.Int64 // day of the newest record
}

func newTable() *table {
	return &table{names: map[string]uint16{"": 0}, byName: []string{""}, numbers: make(map[portal.Key]int32), segments: make(map[uint64]*columns)}
}

func (t *table) name(s string) uint16 {
	n, ok := t.names[s]
	if !ok {
		n = uint16(len(t.byName))
		t.names[s] = n
		t.byName = append(t.byName, s)
	}
	return n
}

func (t *table) number(k portal.Key) int32 {
	n, ok := t.numbers[k]
	if !ok {
		n = int32(t.live)
		if t.live == len(t.records) {
			more := make([]atomic.Pointer[record], max(1024, 2*t.live))
			for i := range t.records {
				more[i].Store(t.records[i].Load())
			}
			t.records = more
		}
		t.numbers[k] = n
		t.records[n].Store(&record{key: k})
		t.live++
	}
	return n
}

// shortKinds are the kinds that the index has always written by their first
// letter; all others stand there whole.
var shortKinds = map[string]string{"document": "d", "power": "p", "report": "r", "answer": "a"}

// shortKey is a record's key as it stands with every passage.
func shortKey(k portal.Key) string {
	if s, ok := shortKinds[k.Kind]; ok {
		return s + "/" + k.ID
	}
	return k.String()
}

// longKey reads what shortKey writes.
func longKey(s string) portal.Key {
	k := portal.ParseKey(s)
	for kind, short := range shortKinds {
		if k.Kind == short {
			k.Kind = kind
		}
	}
	return k
}

// passageID names a passage in the index: its record, source, place and
// length, the numbers to the base 36.
func passageID(k portal.Key, source int, p text.Passage) string {
	if source == headSource {
		return shortKey(k) + "#"
	}
	return shortKey(k) + "#" + strconv.FormatInt(int64(source), 36) + ":" + strconv.FormatInt(int64(p.Start), 36) + ":" + strconv.FormatInt(int64(p.End-p.Start), 36)
}

func parsePassageID(id string) (k portal.Key, source, start, end int, err error) {
	key, place, ok := strings.Cut(id, "#")
	if ok && place == "" {
		return longKey(key), headSource, 0, 0, nil
	}
	parts := strings.Split(place, ":")
	var n [3]int64
	for i := range n {
		if ok = ok && len(parts) == len(n); ok {
			var err error
			n[i], err = strconv.ParseInt(parts[i], 36, 32)
			ok = err == nil
		}
	}
	if !ok {
		return k, 0, 0, 0, fmt.Errorf("strange passage %q in the index", id)
	}
	return longKey(key), int(n[0]), int(n[1]), int(n[1] + n[2]), nil
}

// load returns the columns of a snapshot's segments, reading those that are
// new, and forgets the segments that are gone.
func (t *table) load(snap *scorch.IndexSnapshot) ([]*columns, error) {
	segs := snap.Segments()
	out := make([]*columns, len(segs))
	missing := false
	t.mu.RLock()
	for i, s := range segs {
		out[i] = t.segments[s.Id()]
		missing = missing || out[i] == nil
	}
	t.mu.RUnlock()
	if !missing {
		return out, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, s := range segs {
		if out[i] = t.segments[s.Id()]; out[i] != nil {
			continue
		}
		c, err := t.read(s)
		if err != nil {
			return nil, err
		}
		out[i], t.segments[s.Id()] = c, c
	}
	if len(t.segments) > 2*len(segs)+8 {
		live := make(map[uint64]*columns, len(segs))
		for i, s := range segs {
			live[s.Id()] = out[i]
		}
		t.segments = live
	}
	return out, nil
}

func (t *table) read(s *scorch.SegmentSnapshot) (*columns, error) {
	n := int(s.FullSize())
	c := &columns{record: make([]int32, n), source: make([]int16, n), start: make([]int32, n), end: make([]int32, n), norm: make([]float32, n)}
	deleted := s.Deleted()
	last, number := portal.Key{}, int32(0) // passages of one record stand together
	for i := range n {
		id, err := s.DocID(uint64(i))
		if err != nil {
			return nil, err
		}
		k, source, start, end, err := parsePassageID(string(id))
		if err != nil {
			return nil, err
		}
		if i == 0 || k != last {
			last, number = k, t.number(k)
		}
		c.record[i], c.source[i], c.start[i], c.end[i] = number, int16(source), int32(start), int32(end)
		length := float32(end-start) / avgBody
		if source < 0 { // its text is the summary
			length = 0.5
			c.heads = append(c.heads, int32(i))
		}
		c.norm[i] = k1 * (1 - b + b*length)
		if source >= 0 || deleted != nil && deleted.Contains(uint32(i)) {
			continue
		}
		var h head
		err = s.VisitDocument(uint64(i), func(field string, _ byte, value []byte, _ []uint64) bool {
			if field == fieldHead {
				err = json.Unmarshal(value, &h)
			}
			return true
		})
		if err != nil {
			return nil, err
		}
		t.records[number].Store(t.recordOf(k, h))
	}
	return c, nil
}

func (t *table) recordOf(k portal.Key, h head) *record {
	validity := h.Validity
	switch validity {
	case "":
		validity = usualValidity
	case noValidity:
		validity = ""
	}
	r := &record{key: k, kind: t.name(k.Kind), theme: t.name(h.Theme), genre: t.name(h.Genre), item: t.name(h.Item), validity: t.name(validity),
		published: h.Published, past: validity == "expired" || validity == "repealed", title: h.Title, titleEN: h.TitleEN, titleLen: float32(h.TitleLen), sum: h.Sum, rank: rankOf(h.Title), ending: endingOf(h.Title), weight: portal.KindNamed(k.Kind).Weight}
	for _, o := range h.Organs {
		r.organs = append(r.organs, t.name(string(o)))
	}
	if int64(h.Published) > t.newest.Load() {
		t.newest.Store(int64(h.Published))
	}
	if h.Published != 0 {
		r.year = t.name(strconv.Itoa(h.Published.Year()))
	}
	return r
}
