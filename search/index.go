// Package search finds public records by their text, in Chinese and English.
// It keeps a bleve index of passages, scores the passages itself and groups
// them by record, so that one record is one hit and every count is exact.
//
// The index is never the truth: it is built from the store by following the
// store's change log, remembers how far it has come, and can be thrown away
// at any time. It knows public records only.
package search

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	zap "github.com/blevesearch/zapx/v17"

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/portal/text"
)

// Version is the version of the analysis and of the index's layout. An index
// of another version is rebuilt.
const Version = "8"

// The fields of a passage.
const (
	fieldTitle   = "t" // title and keywords, of the head
	fieldBody    = "b" // the passage's text
	fieldNumber  = "n" // numbers in every spelling, of the head
	fieldReading = "y" // how the title is read, of the head
	fieldOrgan   = "o" // codes of the organs, of the head
	fieldShort   = "s" // shorthand that its texts define, of the head
	fieldHead    = "h" // stored columns, of the head
)

// headSource is the source number of a record's head: title, numbers and
// summary.
const headSource = -1

// Source is where public records come from: the store.
type Source interface {
	ChangesAfter(ctx context.Context, seq uint64, limit int) ([]portal.Change, error)
	Entry(ctx context.Context, key portal.Key) (*portal.Entry, error) // nil for what is not public
	Passages(ctx context.Context, hits []query.Hit) ([]query.Excerpt, error)
	LastChange() uint64
	Organs() []portal.Organ
	Generation() uint64 // grows when an organ changes, too
}

// Index is an open search index.
type Index struct {
	behind atomic.Int64 // since when changes could not be taken in, in nanoseconds
	turn   atomic.Uint64
	dir    string
	source Source
	log    *slog.Logger
	cur    atomic.Pointer[shard]
	mu     sync.Mutex    // one writer: following or rebuilding
	slots  chan struct{} // searches at work: as many as there are processors

	vocabulary atomic.Pointer[vocabulary]
	organs     atomic.Pointer[organNames]
}

// shard is one bleve index in a folder of its own, with the columns of its
// passages. A rebuild makes a second beside the first.
type shard struct {
	path   string
	bleve  bleve.Index
	table  *table
	seq    uint64 // last change taken in; guarded by Index.mu
	ready  atomic.Bool
	refs   sync.RWMutex // read-locked while searching, locked to close
	closed bool         // guarded by refs
	pool   sync.Pool
}

// Open opens the index in dir. One that is missing, damaged or of another
// version is begun anew; Follow fills it from the source.
func Open(dir string, source Source, log *slog.Logger) (*Index, error) {
	x := &Index{dir: dir, source: source, log: log, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
	x.SetVocabulary(query.Vocabulary{})
	name, _ := os.ReadFile(filepath.Join(dir, pointer)) // none is as good as a damaged one
	s, err := openShard(filepath.Join(dir, filepath.Base(string(name))))
	if len(name) == 0 || err != nil {
		if len(name) > 0 {
			log.Warn("the search index is not usable and is rebuilt", "error", err)
		}
		if err := os.RemoveAll(dir); err != nil {
			return nil, fmt.Errorf("removing the damaged index: %w", err)
		}
		if s, err = newShard(filepath.Join(dir, "1")); err != nil {
			return nil, err
		}
		if err := x.point(s); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	s.ready.Store(s.seq >= source.LastChange())
	x.cur.Store(s)
	return x, nil
}

// pointer is the file that names the folder of the current index.
const pointer = "current"

// point makes a shard the one that the next start opens.
func (x *Index) point(s *shard) error {
	temp := filepath.Join(x.dir, pointer+".new")
	if err := os.WriteFile(temp, []byte(filepath.Base(s.path)), 0o600); err != nil {
		return err
	}
	return os.Rename(temp, filepath.Join(x.dir, pointer))
}

// lazy lets a batch be found before it is on the disk; note waits for that.
// After a crash the index is a little behind, knows it, and takes the changes
// in again.
func lazy() map[string]any { // bleve writes into it
	return map[string]any{"unsafe_batch": true, "forceSegmentType": segmentType, "forceSegmentVersion": int(zap.Version)}
}

func newShard(path string) (*shard, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	b, err := bleve.NewUsing(path, bleve.NewIndexMapping(), scorch.Name, scorch.Name, lazy())
	if err != nil {
		return nil, fmt.Errorf("making the index: %w", err)
	}
	if err := b.SetInternal([]byte("version"), []byte(Version)); err != nil {
		return nil, err
	}
	return &shard{path: path, bleve: b, table: newTable()}, nil
}

// openShard opens an index and reads all its columns, which finds most
// damage. bleve maps its files into memory and may panic on a damaged one.
func openShard(path string) (s *shard, err error) {
	defer func() {
		if p := recover(); p != nil {
			s, err = nil, fmt.Errorf("damaged index: %v", p)
		}
	}()
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	b, err := bleve.OpenUsing(path, lazy())
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			b.Close()
		}
	}()
	version, err := b.GetInternal([]byte("version"))
	if err != nil || string(version) != Version {
		return nil, fmt.Errorf("index of version %q, not %q", version, Version)
	}
	s = &shard{path: path, bleve: b, table: newTable()}
	if v, err := b.GetInternal([]byte("seq")); err == nil && len(v) == 8 {
		s.seq = binary.BigEndian.Uint64(v)
	}
	err = s.snapshot(func(snap *scorch.IndexSnapshot, _ []*columns) error { return nil })
	return s, err
}

// snapshot calls f with the present state of the index.
func (s *shard) snapshot(f func(*scorch.IndexSnapshot, []*columns) error) error {
	adv, err := s.bleve.Advanced()
	if err != nil {
		return err
	}
	r, err := adv.Reader()
	if err != nil {
		return err
	}
	defer r.Close()
	snap, ok := r.(*scorch.IndexSnapshot)
	if !ok {
		return fmt.Errorf("strange index reader %T", r)
	}
	cols, err := s.table.load(snap)
	if err != nil {
		return err
	}
	return f(snap, cols)
}

// Close closes the index.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.cur.Load().close()
}

func (s *shard) close() error {
	s.refs.Lock()
	defer s.refs.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.bleve.Close()
}

// Behind is how long the index has not been able to take in what changed; 0 when
// it is not behind.
func (x *Index) Behind() time.Duration {
	if at := x.behind.Load(); at > 0 {
		return time.Since(time.Unix(0, at))
	}
	return 0
}

// Ready reports whether the index has caught up with the store since it was
// opened.
func (x *Index) Ready() bool { return x.cur.Load().ready.Load() }

// Size is the size of the index on the disk in bytes.
func (x *Index) Size() int64 {
	var n int64
	// A file that goes while it is counted does not matter.
	_ = filepath.WalkDir(x.dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

func validityOf(v string) string {
	switch v {
	case usualValidity:
		return ""
	case "":
		return noValidity
	}
	return v
}

func organCodes(codes []portal.OrganCode) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = string(c)
	}
	return out
}

// vocabulary is a portal.Vocabulary ready for use.
type vocabulary struct {
	query.Vocabulary
	synonyms []query.Synonym     // the built-in ones, as changed; folded
	words    map[string][]string // stem of a Latin word → what it means, or what is read like it
	sayings  []query.Synonym     // of several Latin words, the longest first
}

// understood makes a vocabulary ready.
func understood(v query.Vocabulary) *vocabulary {
	out := &vocabulary{Vocabulary: v, words: make(map[string][]string)}
	for _, s := range v.Over(builtIn()) {
		one := query.Synonym{Said: text.Fold(s.Said)}
		for _, m := range s.Meant {
			one.Meant = append(one.Meant, text.Fold(m))
		}
		switch {
		case strings.ContainsFunc(one.Said, isHan):
			out.synonyms = append(out.synonyms, one)
			for _, r := range spellings(one.Said) {
				r = stemmed(r)
				out.words[r] = append(append(out.words[r], one.Said), one.Meant...)
			}
		case strings.Contains(one.Said, " "):
			out.sayings = append(out.sayings, one)
		default:
			w := stemmed(one.Said)
			out.words[w] = append(out.words[w], one.Meant...)
		}
	}
	slices.SortStableFunc(out.sayings, func(a, b query.Synonym) int { return len(b.Said) - len(a.Said) })
	return out
}

// stemmed is the term of a word in Latin letters.
func stemmed(word string) string { return string(stem([]byte(word))) }

// SetVocabulary makes queries use other synonyms and best bets.
func (x *Index) SetVocabulary(v query.Vocabulary) {
	x.vocabulary.Store(understood(v))
	x.turn.Add(1)
}

// Turn grows with each change of what answers depend on, as soon as it shows in them: under
// the same turn, on the same day, a query is answered the same.
func (x *Index) Turn() uint64 { return x.turn.Load() }

// BuiltIn are the synonyms that the portal comes with.
func (x *Index) BuiltIn() []query.Synonym { return builtIn() }

// Try answers a query as if the vocabulary were another.
func (x *Index) Try(ctx context.Context, v query.Vocabulary, q query.Query) (query.Found, error) {
	return x.answer(ctx, understood(v), q)
}

// SuggestOrgans completes what is being typed to organs: by their names in both
// languages, and by how the Chinese one is read.
func (x *Index) SuggestOrgans(typed string, limit int) []portal.OrganCode {
	want := text.Squeeze(typed)
	if want == "" {
		return nil
	}
	var out []portal.OrganCode
	for _, o := range x.organNames().names {
		if len(out) < limit && (strings.Contains(o.zh, want) || strings.Contains(o.english, want) || len(want) > 1 && latinOnly(want) && readAs(o.zh, want)) {
			out = append(out, portal.OrganCode(o.code))
		}
	}
	return out
}

// organNames are the names of the organs at a generation of the store.
type organNames struct {
	generation uint64
	organs     []portal.Organ
	names      []organName
}

func (x *Index) organNames() *organNames {
	generation := x.source.Generation()
	if n := x.organs.Load(); n != nil && n.generation == generation {
		return n
	}
	n := &organNames{generation: generation, organs: x.source.Organs()}
	for _, o := range n.organs {
		name := organName{code: string(o.Code), zh: text.Squeeze(o.Name.ZH), english: text.Squeeze(o.Name.EN)}
		for _, w := range queryTerms(text.Fold(o.Name.EN)) {
			name.en = append(name.en, string(w))
		}
		n.names = append(n.names, name)
	}
	x.organs.Store(n)
	return n
}
