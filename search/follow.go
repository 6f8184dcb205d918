package search

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/index/scorch/mergeplan"
	index "github.com/blevesearch/bleve_index_api"

	"gongkai/portal"
	"gongkai/portal/text"
)

// Sizes of a batch of changes.
const (
	batchChanges = 1000
	batchBytes   = 2 << 20
)

// Follow takes in the changes of the store until ctx ends, woken by changed.
func (x *Index) Follow(ctx context.Context, changed <-chan struct{}) {
	for {
		err := x.CatchUp(ctx)
		if err == nil {
			x.behind.Store(0)
		} else {
			x.behind.CompareAndSwap(0, time.Now().UnixNano())
		}
		if err != nil && ctx.Err() == nil {
			x.log.Error("the index could not take in a change", "error", err)
		}
		retry := time.NewTimer(time.Minute)
		if err != nil {
			retry.Reset(2 * time.Second)
		}
		select {
		case <-ctx.Done():
			retry.Stop()
			return
		case <-changed:
		case <-retry.C:
		}
		retry.Stop()
	}
}

// CatchUp takes in all changes that the store has.
func (x *Index) CatchUp(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := x.cur.Load()
	empty := s.seq == 0
	if err := x.fill(ctx, s); err != nil {
		return err
	}
	s.ready.Store(true)
	if empty && s.seq > 0 {
		return s.merge(ctx)
	}
	return nil
}

// merge makes one file of the many that a first filling leaves: each has a
// dictionary of its own. What changes later is merged little by little.
func (s *shard) merge(ctx context.Context) error {
	adv, err := s.bleve.Advanced()
	if err != nil {
		return err
	}
	m, ok := adv.(*scorch.Scorch)
	if !ok {
		return fmt.Errorf("strange index %T", adv)
	}
	one := mergeplan.SingleSegmentMergePlanOptions
	return m.ForceMerge(ctx, &one)
}

// fill takes in every change there is, as many parts at a time as there are
// processors. A record stands in the change log once, so parts do not meet.
func (x *Index) fill(ctx context.Context, s *shard) error {
	workers := runtime.GOMAXPROCS(0)
	for {
		changes, err := x.source.ChangesAfter(ctx, s.seq, batchChanges*workers)
		if err != nil || len(changes) == 0 {
			return err
		}
		seq := changes[len(changes)-1].Seq
		var running sync.WaitGroup
		var mu sync.Mutex
		for part := range slices.Chunk(changes, batchChanges) {
			running.Go(func() {
				if e := x.take(ctx, s, part); e != nil {
					mu.Lock()
					err = errors.Join(err, e)
					mu.Unlock()
				}
			})
		}
		running.Wait()
		if err != nil {
			return err
		}
		if err := s.note(ctx, seq); err != nil {
			return fmt.Errorf("writing to the index: %w", err)
		}
		s.seq = seq
	}
}

// note writes how far the index has come, and waits until that and all before
// it is on the disk.
func (s *shard) note(ctx context.Context, seq uint64) error {
	written := make(chan error, 1)
	b := s.bleve.NewBatch()
	b.SetInternal([]byte("seq"), binary.BigEndian.AppendUint64(nil, seq))
	b.SetPersistedCallback(func(err error) { written <- err })
	if err := s.bleve.Batch(b); err != nil {
		return err
	}
	select {
	case err := <-written:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take brings changes into the index, in batches of bounded size.
func (x *Index) take(ctx context.Context, s *shard, changes []portal.Change) error {
	for len(changes) > 0 {
		b := s.bleve.NewBatch()
		size, n := 0, 0
		for n < len(changes) && size < batchBytes {
			if err := ctx.Err(); err != nil {
				return err
			}
			e, err := x.source.Entry(ctx, changes[n].Key)
			if err != nil {
				return err
			}
			old, err := s.passageIDs(changes[n].Key)
			if err != nil {
				return err
			}
			for _, id := range old {
				b.Delete(id)
			}
			if e != nil {
				for _, d := range documents(e) {
					if err := b.IndexAdvanced(d); err != nil {
						return err
					}
				}
				for _, t := range e.Texts {
					size += len(t)
				}
			}
			n++
		}
		if err := s.bleve.Batch(b); err != nil {
			return fmt.Errorf("writing to the index: %w", err)
		}
		x.turn.Add(1)
		changes = changes[n:]
	}
	return nil
}

// passageIDs lists the passages of a record that are in the index.
func (s *shard) passageIDs(k portal.Key) ([]string, error) {
	s.table.mu.RLock()
	_, known := s.table.numbers[k]
	s.table.mu.RUnlock()
	adv, err := s.bleve.Advanced()
	if err != nil {
		return nil, err
	}
	r, err := adv.Reader()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if !known { // the columns may not have been read since it came
		t, err := r.TermFieldReader(context.Background(), []byte(passageID(k, headSource, text.Passage{})), "_id", false, false, false)
		if err != nil {
			return nil, err
		}
		n := t.Count()
		t.Close()
		if n == 0 {
			return nil, nil
		}
	}
	d, err := r.FieldDictPrefix("_id", []byte(shortKey(k)+"#"))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	var out []string
	for {
		e, err := d.Next()
		if err != nil || e == nil {
			return out, err
		}
		out = append(out, e.Term)
	}
}

// indexed is how fields are kept: which passages have a term, and no more.
const indexed = index.IndexField | index.SkipFreqNorm

// documents makes the passages of an entry, its head first.
func documents(e *portal.Entry) []*document.Document {
	title := strings.Join(append([]string{e.Title, e.TitleEN}, e.Keywords...), "\n")
	titleTerms := appendTerms(nil, fold([]byte(title)), false)
	h := head{Organs: e.Organs, Theme: e.Theme, Genre: e.Genre, Item: e.Item, Validity: validityOf(e.Validity), Published: e.Published,
		Title: text.Squeeze(e.Title), TitleEN: text.Squeeze(e.TitleEN), TitleLen: len(titleTerms), Sum: sum(e)}
	first := document.NewDocument(passageID(e.Key, headSource, text.Passage{}))
	first.AddField(document.NewTextFieldCustom(fieldTitle, nil, []byte(title), indexed, analyzer{}))
	if summary := e.Summary + "\n" + e.SummaryEN; len(summary) > 1 {
		first.AddField(document.NewTextFieldCustom(fieldBody, nil, []byte(summary), indexed, analyzer{counts: true}))
	}
	for _, f := range []struct {
		name  string
		terms []string
	}{{fieldNumber, numberTerms(e)}, {fieldReading, readingTerms(e.Title)}, {fieldOrgan, organCodes(e.Organs)}, {fieldShort, shorthands(e)}} {
		if len(f.terms) > 0 {
			first.AddField(document.NewTextFieldCustom(f.name, nil, []byte(strings.Join(f.terms, "\n")), indexed, lines{}))
		}
	}
	first.AddField(document.NewTextFieldCustom(fieldHead, nil, h.encode(), index.StoreField, nil))
	docs := []*document.Document{first}
	for source, written := range e.Texts {
		for _, p := range text.Split(written) {
			d := document.NewDocument(passageID(e.Key, source, p))
			d.AddField(document.NewTextFieldCustom(fieldBody, nil, []byte(written[p.Start:p.End]), indexed, analyzer{counts: true}))
			docs = append(docs, d)
		}
	}
	return docs
}

// Rebuild builds a second index from the store while the first one answers,
// and then puts it in its place.
func (x *Index) Rebuild(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	old := x.cur.Load()
	n, _ := strconv.Atoi(filepath.Base(old.path)) // ours is always a number
	path := filepath.Join(x.dir, strconv.Itoa(n+1))
	if err := os.RemoveAll(path); err != nil { // left by a rebuild that was stopped
		return err
	}
	fresh, err := newShard(path)
	if err != nil {
		return err
	}
	err = x.fill(ctx, fresh)
	if err == nil {
		err = fresh.merge(ctx)
	}
	if err == nil {
		err = x.point(fresh)
	}
	if err != nil {
		return errors.Join(err, fresh.close(), os.RemoveAll(path))
	}
	fresh.ready.Store(true)
	x.cur.Store(fresh)
	x.turn.Add(1)
	// Closing waits for the searches that still run on the old one.
	return errors.Join(old.close(), os.RemoveAll(old.path))
}
