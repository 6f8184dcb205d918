package store_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gongkai/portal"
	"gongkai/portal/letters"
	"gongkai/portal/process"
	"gongkai/store"
)

func letter(tx portal.RecordTx) letters.Letter {
	return letters.Letter{Number: letters.Number(tx.ID()), Channel: "organ", Kind: "ask", Organ: "a", Subject: "s", Steps: []process.Step{{Type: letters.Receive, On: portal.DateOf(now), At: now, Organ: "a"}}}
}

func enter(t *testing.T, st *store.Store, phone string) (*letters.Letter, error) {
	t.Helper()
	return st.Mailbox.Enter(t.Context(), by, "2026", func(n int) string { return fmt.Sprintf("L2026-%06d", n) }, "receive letter", now, func(l *letters.Letter, tx portal.RecordTx) (string, error) {
		*l = letter(tx)
		if phone == "" {
			return "", errors.New("no telephone")
		}
		return "", errors.Join(tx.Seal("letter_writers", letters.Writer{Phone: phone}), tx.Mark("telephone", phone))
	})
}

// TestFilingIsOneTransaction: a record, its sealed part and its marks are written together or
// not at all; numbers have no gaps and no doubles, whoever enters at the same time.
func TestFilingIsOneTransaction(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := open(t, dir)
	if _, err := enter(t, st, ""); err == nil {
		t.Fatal("an error is lost")
	}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := enter(t, st, fmt.Sprintf("1380013%04d", i%4)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for n := 1; n <= 20; n++ {
		if _, err := st.Mailbox.Get(t.Context(), fmt.Sprintf("L2026-%06d", n)); err != nil {
			t.Errorf("number %d: %v", n, err)
		}
	}
	if _, err := st.Mailbox.Get(t.Context(), "L2026-000021"); portal.KindOf(err) != portal.NotFound {
		t.Errorf("the one that failed: %v", err)
	}
	list, err := st.Mailbox.Marked(t.Context(), "telephone", "13800130001")
	if err != nil || len(list) != 5 {
		t.Errorf("marked: %v, %v", list, err)
	}
	if list, _ := st.Mailbox.Marked(t.Context(), "e-mail", "13800130001"); len(list) != 0 {
		t.Error("a mark of one kind is one of another")
	}
}

// TestMirrorKeepsUp: briefs are those of the records, whether they were read at the start or
// kept up with changes; open ones are those that are not ended.
func TestMirrorKeepsUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := open(t, dir)
	for i := range 6 {
		if i == 3 {
			if _, err := st.Mailbox.Briefs(); err != nil { // from here on it is kept up
				t.Fatal(err)
			}
		}
		if _, err := enter(t, st, "13800138000"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := st.Mailbox.Change(t.Context(), by, "L2026-000002", portal.Latest, "answer", now, func(l *letters.Letter) (string, error) {
		l.Steps = append(l.Steps, process.Step{Type: letters.Reply, On: portal.DateOf(now), At: now})
		return "", nil
	}); err != nil {
		t.Fatal(err)
	}
	tell := func(st *store.Store) string {
		all, err := st.Mailbox.Briefs()
		if err != nil {
			t.Fatal(err)
		}
		opened, err := st.Mailbox.Open()
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, x := range all {
			fmt.Fprint(&b, x.Number, x.State, " ")
		}
		return fmt.Sprint(b.String(), len(all), " ", len(opened))
	}
	kept := tell(st)
	if !strings.HasSuffix(kept, "6 5") {
		t.Errorf("kept up: %s", kept)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if read := tell(open(t, dir)); read != kept {
		t.Errorf("read: %s\nkept: %s", read, kept)
	}
}

// TestMarksOutliveTheirKey: when the key is changed, who wrote is opened with the new one, and
// repeats are known still.
func TestMarksOutliveTheirKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := open(t, dir)
	for range 3 {
		if _, err := enter(t, st, "13800138000"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := st.RotateKey(context.Background(), by, nil, now); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	st = open(t, dir)
	list, err := st.Mailbox.Marked(t.Context(), "telephone", "13800138000")
	if err != nil || len(list) != 3 {
		t.Errorf("marked after the key was changed: %v, %v", list, err)
	}
	var w letters.Writer
	if err := st.Mailbox.Unsealed(t.Context(), "L2026-000001", "letter_writers", &w); err != nil || w.Phone != "13800138000" {
		t.Errorf("who wrote: %+v, %v", w, err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "gongkai.db"))
	if err == nil && (strings.Contains(string(b), "13800138000") || strings.Contains(string(b), base64.StdEncoding.EncodeToString([]byte("13800138000")))) {
		t.Error("the telephone number lies in the clear")
	}
}
