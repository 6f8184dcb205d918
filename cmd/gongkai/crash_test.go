package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/search"
	"gongkai/store"
)

// crashChild publishes documents and takes in applications as fast as it
// can, with the index following, and prints each once it is acknowledged.
// The test kills it.
func crashChild(dir string) {
	st, err := store.Open(dir)
	if err != nil {
		fmt.Println("error", err)
		return
	}
	x, err := search.Open(filepath.Join(dir, "index"), st, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		fmt.Println("error", err)
		return
	}
	go x.Follow(context.Background(), st.Changed())
	by, today := portal.System("child"), clock.NewDate(2026, 11, 20)
	for i := 0; ; i++ {
		key := fmt.Sprintf("%d-%d", time.Now().UnixNano(), i)
		c := portal.Content{Title: "文件" + key, Organs: []portal.OrganCode{"a"}, Published: today, Body: strings.Repeat("内容", i%500)}
		if err := st.SaveDraft(by, &portal.Draft{ID: portal.DraftID(key), State: portal.Submitted, Content: c}, "x"); err != nil {
			fmt.Println("error", err)
			return
		}
		doc, err := st.PublishDraft(by, portal.DraftID(key), time.Now(), func(*portal.Draft) error { return nil })
		if err != nil {
			fmt.Println("error", err)
			return
		}
		fmt.Println("document", doc.ID)
		a := &portal.Application{Organ: "a", Kind: "natural", Steps: []portal.CaseStep{{Event: clock.Event{Type: clock.Received, Date: today, Channel: "web"}}}}
		if _, err := st.AddApplication(by, a, &portal.Applicant{Name: key}, "CODE", time.Now()); err != nil {
			fmt.Println("error", err)
			return
		}
		fmt.Println("application", a.Number, key)
	}
}

// TestKilledAtAnyInstant kills a writing process again and again. What it
// acknowledged must be there, no number twice, and the index must catch up.
func TestKilledAtAnyInstant(t *testing.T) {
	dir := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	documents, applications := map[string]bool{}, map[string]string{}
	for round := range 12 {
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), "GONGKAI_TEST_CHILD="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		seen, last := 0, 5+rand.IntN(60)
		for lines.Scan() {
			f := strings.Fields(lines.Text())
			switch {
			case f[0] == "error":
				t.Fatalf("round %d: %s", round, lines.Text())
			case f[0] == "document" && len(f) == 2:
				if documents[f[1]] {
					t.Fatalf("the number %s was issued twice", f[1])
				}
				documents[f[1]] = true
			case f[0] == "application" && len(f) == 3:
				if applications[f[1]] != "" {
					t.Fatalf("the number %s was issued twice", f[1])
				}
				applications[f[1]] = f[2]
			}
			if seen++; seen == last {
				go func() {
					time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
					_ = cmd.Process.Kill() // it may have ended
				}()
			}
		}
		_ = cmd.Wait() // it was killed
	}
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := check(st); err != nil {
		t.Fatal(err)
	}
	for id := range documents {
		if _, err := st.Document(portal.DocumentID(id)); err != nil {
			t.Errorf("document %s was acknowledged and is lost: %v", id, err)
		}
	}
	for n, name := range applications {
		if who, err := st.Identity(portal.ApplicationNumber(n)); err != nil || who.Name != name {
			t.Errorf("application %s was acknowledged and is lost: %v", n, err)
		}
	}
	x, err := search.Open(filepath.Join(dir, "index"), st, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if err := x.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := x.Find(t.Context(), portal.Query{Page: 1, Size: 1})
	total := st.Browse(portal.Browse{Kind: "document", Page: 1, Size: 1}).Total
	if err != nil || found.Total != total || total < len(documents) || len(documents) < 50 {
		t.Errorf("%d acknowledged, %d in the store, %d in the index, %v", len(documents), total, found.Total, err)
	}
}

// check verifies everything in a store.
func check(st *store.Store) error { _, err := st.Verify(); return err }
