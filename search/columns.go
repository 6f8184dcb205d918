package search

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"

	"gongkai/portal"
	"gongkai/portal/text"
)

// record is what is known of a public record beside its row.
type record struct {
	key     portal.Key
	organs  []uint16
	title   string // squeezed
	titleEN string
	sum     uint32 // checksum of all that was indexed
}

// row is what a filter, a facet or an order needs of a record: 32 bytes, so that
// going through the hits of a query is going through memory in its order. Values
// that repeat are numbers of names.
type row struct {
	published                                int32 // a portal.Date
	kind, theme, genre, item, year, validity uint16
	organ                                    uint16  // the first
	several                                  bool    // it has more organs
	past                                     bool    // expired or repealed
	rank                                     float32 // factor for the rank of a law, 1 for most records
	weight                                   float32 // of its kind: documents before what is written from a form
	titleLen                                 uint16  // in terms
	ending                                   uint8   // how its title ends, of rank.txt
}

// page holds neighbouring rows with their records. A page that a search can see
// is never changed; a change makes another.
type page struct {
	rows    [pageSize]row
	records [pageSize]*record
}

const pageSize = 256

// head is the form in which a record's columns lie in the index, stored with
// its first passage.
type head struct {
	Organs    []portal.OrganCode
	Theme     string
	Genre     string
	Item      string
	Validity  string
	Published portal.Date
	Title     string
	TitleEN   string
	TitleLen  int
	Sum       uint32
}

// strings are the texts of a head, in their order there.
func (h *head) strings() []*string {
	return []*string{&h.Theme, &h.Genre, &h.Item, &h.Validity, &h.Title, &h.TitleEN}
}

// encode writes a head: numbers as varints, texts with their lengths before them.
func (h *head) encode() []byte {
	b := binary.AppendVarint(nil, int64(h.Published))
	b = binary.AppendUvarint(b, uint64(h.TitleLen))
	b = binary.AppendUvarint(b, uint64(h.Sum))
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, s := range h.strings() {
		text(*s)
	}
	for _, o := range h.Organs {
		text(string(o))
	}
	return b
}

var errHead = errors.New("strange head of a record in the index")

// decode reads what encode wrote.
func (h *head) decode(b []byte) error {
	ok := true
	take := func(n int) []byte {
		if ok = ok && n >= 0 && n <= len(b); !ok {
			return nil
		}
		out := b[:n]
		b = b[n:]
		return out
	}
	number := func() uint64 {
		v, n := binary.Uvarint(b)
		if ok = ok && n > 0; ok {
			take(n)
		}
		return v
	}
	text := func() string {
		n := number()
		if ok = ok && n <= uint64(len(b)); !ok {
			return ""
		}
		return string(take(int(n)))
	}
	day, n := binary.Varint(b)
	if ok = n > 0; ok {
		take(n)
	}
	length, sum := number(), number()
	if ok = ok && day == int64(portal.Date(day)) && length <= math.MaxInt32 && sum <= math.MaxUint32; !ok {
		return errHead
	}
	h.Published, h.TitleLen, h.Sum = portal.Date(day), int(length), uint32(sum)
	for _, s := range h.strings() {
		*s = text()
	}
	for ok && len(b) > 0 {
		h.Organs = append(h.Organs, portal.OrganCode(text()))
	}
	if !ok {
		return errHead
	}
	return nil
}

// In a head the usual validity is left out, and none has a sign.
const (
	usualValidity = "in_force"
	noValidity    = "-"
)

// columns are the passages of one immutable segment of the index.
type columns struct {
	passages []passage
	heads    []int32 // passages that are heads
}

// passage is where a passage stands.
type passage struct {
	record     int32 // number of the record
	start, end int32 // byte offsets
	source     int16 // −1 for the head
}

// norm is what BM25 makes of the passage's length. The text of a head is its
// summary.
func (p *passage) norm() float32 {
	if p.source < 0 {
		return k1 * (1 - b + b*0.5)
	}
	return k1*(1-b) + k1*b/avgBody*float32(p.end-p.start)
}

// table holds the columns of all segments and the records they belong to.
type table struct {
	mu       sync.RWMutex
	names    map[string]uint16
	byName   []string
	numbers  map[portal.Key]int32
	pages    []*page // never changed where a search can see it
	live     int     // records in use
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

// edit is a change of the table's pages in the making.
type edit struct {
	*table
	pages []*page
	mine  map[int32]bool // pages that no search sees yet
}

func (t *table) edit() *edit {
	return &edit{table: t, pages: append(make([]*page, 0, len(t.pages)+8), t.pages...), mine: make(map[int32]bool)}
}

// put writes what is known of a record.
func (e *edit) put(n int32, r *record, w row) {
	p := n / pageSize
	if !e.mine[p] {
		one := *e.pages[p]
		e.pages[p], e.mine[p] = &one, true
	}
	e.pages[p].records[n%pageSize], e.pages[p].rows[n%pageSize] = r, w
}

// number is the number of a record, a new one if it has none yet.
func (e *edit) number(k portal.Key) int32 {
	n, ok := e.numbers[k]
	if !ok {
		n = int32(e.live)
		if p := n / pageSize; int(p) == len(e.pages) {
			e.pages = append(e.pages, new(page))
			e.mine[p] = true
		}
		e.numbers[k] = n
		e.put(n, &record{key: k}, row{})
		e.live++
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

// parsePlace reads what follows the key in a passage's name.
func parsePlace(place []byte) (source int16, start, end int32, ok bool) {
	if len(place) == 0 {
		return headSource, 0, 0, true
	}
	var n [3]int64
	at, digits := 0, 0
	for _, c := range place {
		switch {
		case c == ':' && digits > 0 && at < 2:
			at, digits = at+1, 0
		case c >= '0' && c <= '9':
			n[at], digits = n[at]*36+int64(c-'0'), digits+1
		case c >= 'a' && c <= 'z':
			n[at], digits = n[at]*36+int64(c-'a'+10), digits+1
		default:
			return 0, 0, 0, false
		}
		if n[at] > math.MaxInt32 {
			return 0, 0, 0, false
		}
	}
	if at != 2 || digits == 0 || n[0] > math.MaxInt16 || n[1]+n[2] > math.MaxInt32 {
		return 0, 0, 0, false
	}
	return int16(n[0]), int32(n[1]), int32(n[1] + n[2]), true
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
	e := t.edit()
	defer func() { t.pages = e.pages }() // with an error too: numbers have been given
	for i, s := range segs {
		if out[i] = t.segments[s.Id()]; out[i] != nil {
			continue
		}
		c, err := e.read(s)
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

// read reads the columns of a segment. The passages of a record must stand side
// by side: a search counts on it.
func (e *edit) read(s *scorch.SegmentSnapshot) (*columns, error) {
	n := int(s.FullSize())
	c := &columns{passages: make([]passage, n)}
	deleted := s.Deleted()
	var last []byte // key of the record, as it stands in the index
	number := int32(-1)
	met := roaring.New()
	for i := range n {
		id, err := s.DocID(uint64(i))
		if err != nil {
			return nil, err
		}
		short, place, ok := bytes.Cut(id, []byte("#"))
		var p passage
		if ok {
			p.source, p.start, p.end, ok = parsePlace(place)
		}
		if !ok {
			return nil, fmt.Errorf("strange passage %q in the index", id)
		}
		gone := deleted != nil && deleted.Contains(uint32(i))
		if number < 0 || !bytes.Equal(short, last) {
			last = append(last[:0], short...)
			number = e.number(longKey(string(short)))
			if !gone && !met.CheckedAdd(uint32(number)) {
				return nil, fmt.Errorf("the passages of %s are not side by side", short)
			}
		}
		p.record = number
		c.passages[i] = p
		if p.source < 0 {
			c.heads = append(c.heads, int32(i))
		}
	}
	for some := range slices.Chunk(c.heads, headsAtOnce) {
		if err := e.readHeads(s, c, some, deleted); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// headsAtOnce is how many heads are read before they are put into the table.
const headsAtOnce = 8192

// readHeads puts what is known of records into the table. Most of the time is that of decoding,
// which all processors share.
func (e *edit) readHeads(s *scorch.SegmentSnapshot, c *columns, heads []int32, deleted *roaring.Bitmap) error {
	decoded := make([]head, len(heads))
	workers := runtime.GOMAXPROCS(0)
	errs := make([]error, workers)
	var running sync.WaitGroup
	for w := range workers {
		running.Go(func() {
			for i := w; i < len(heads) && errs[w] == nil; i += workers {
				if deleted != nil && deleted.Contains(uint32(heads[i])) {
					continue
				}
				err := s.VisitDocument(uint64(heads[i]), func(field string, _ byte, value []byte, _ []uint64) bool {
					if field == fieldHead {
						errs[w] = decoded[i].decode(value)
					}
					return true
				})
				errs[w] = errors.Join(errs[w], err)
			}
		})
	}
	running.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for i, at := range heads {
		if deleted != nil && deleted.Contains(uint32(at)) {
			continue
		}
		n := c.passages[at].record
		r, w := e.recordOf(e.pages[n/pageSize].records[n%pageSize].key, decoded[i])
		e.put(n, r, w)
	}
	return nil
}

func (t *table) recordOf(k portal.Key, h head) (*record, row) {
	validity := h.Validity
	switch validity {
	case "":
		validity = usualValidity
	case noValidity:
		validity = ""
	}
	r := &record{key: k, title: h.Title, titleEN: h.TitleEN, sum: h.Sum}
	for _, o := range h.Organs {
		r.organs = append(r.organs, t.name(string(o)))
	}
	w := row{kind: t.name(k.Kind), theme: t.name(h.Theme), genre: t.name(h.Genre), item: t.name(h.Item), validity: t.name(validity),
		published: int32(h.Published), past: validity == "expired" || validity == "repealed", titleLen: uint16(min(h.TitleLen, math.MaxUint16)),
		rank: rankOf(h.Title), ending: endingOf(h.Title), weight: portal.KindNamed(k.Kind).Weight, several: len(r.organs) > 1}
	if len(r.organs) > 0 {
		w.organ = r.organs[0]
	}
	if int64(h.Published) > t.newest.Load() {
		t.newest.Store(int64(h.Published))
	}
	if h.Published != 0 {
		w.year = t.name(strconv.Itoa(h.Published.Year()))
	}
	return r, w
}
