package store_test

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"sync"
	"testing"
	"time"

	"gongkai/store"
	"gongkai/store/storetest"
)

// conform holds a store with such options to what every store promises.
func conform(t *testing.T, options func(t testing.TB) store.Options) {
	storetest.Conform(t, func(t testing.TB) storetest.Parts {
		st, err := store.OpenWith(t.TempDir(), options(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { st.Close() })
		return storetest.Parts{Organs: st.Organs, Documents: st.ForDocuments(), Cases: st.ForCases(), Powers: st.Powers, Reports: st.Reports, People: st.ForPeople(),
			Alerts: st.ForAlerts(), Searches: st.Searches, Outbox: st.Outbox, Catalogue: st.Catalogue, Changes: st.Changes, Log: st.Log, Files: st.Files}
	})
}

func TestConformance(t *testing.T) {
	t.Parallel()
	conform(t, func(testing.TB) store.Options { return store.Options{} })
}

// TestUploadsElsewhere: the uploads can lie somewhere else than in a folder, such
// as an object store, of which there is a copy on this machine while it is read.
func TestUploadsElsewhere(t *testing.T) {
	t.Parallel()
	conform(t, func(t testing.TB) store.Options {
		return store.Options{Objects: &bucket{dir: t.TempDir(), objects: make(map[string]object)}}
	})
}

// bucket keeps contents in memory, as if they were far away.
type bucket struct {
	dir     string
	mu      sync.Mutex
	objects map[string]object
}

type object struct {
	content []byte
	put     time.Time
}

func (b *bucket) Temp() (*os.File, error) { return os.CreateTemp(b.dir, "new-*") }

func (b *bucket) Put(temp, name string) error {
	content, err := os.ReadFile(temp)
	if err == nil {
		err = os.Remove(temp)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[name] = object{content, time.Now()}
	return err
}

func (b *bucket) Open(name string) (*os.File, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o, ok := b.objects[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	f, err := os.CreateTemp(b.dir, "copy-*")
	if err == nil {
		_, err = f.Write(o.content)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	return f, errors.Join(err, os.Remove(f.Name())) // it lives as long as it is open
}

func (b *bucket) Stat(name string) (int64, time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o, ok := b.objects[name]
	if !ok {
		return 0, time.Time{}, fs.ErrNotExist
	}
	return int64(len(o.content)), o.put, nil
}

func (b *bucket) Delete(name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.objects, name)
	return nil
}

func (b *bucket) Each(f func(name string, size int64, put time.Time) error) error {
	b.mu.Lock()
	all := maps.Clone(b.objects)
	b.mu.Unlock()
	for name, o := range all {
		if err := f(name, int64(len(o.content)), o.put); err != nil {
			return err
		}
	}
	return nil
}
