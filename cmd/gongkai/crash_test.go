package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/search"
	"gongkai/store"
	"gongkai/store/storetest"
)

// crashChild writes as fast as it can, with the index following. The test kills
// it.
func crashChild(dir string) {
	st, err := store.Open(dir)
	if err != nil {
		fmt.Println("error", err)
		return
	}
	x, err := search.Open(filepath.Join(dir, "index"), st.ForSearch(), slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		fmt.Println("error", err)
		return
	}
	go x.Follow(context.Background(), st.Changes.Changed())
	if err := storetest.Write(context.Background(), st, os.Stdout, 1); err != nil {
		fmt.Println("error", err)
	}
}

// TestKilledAtAnyInstant kills a writing process again and again. What it
// acknowledged must be there, no number twice, and the index must catch up.
func TestKilledAtAnyInstant(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	account := storetest.NewAccount()
	for round := range 12 {
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), "GONGKAI_TEST_CHILD="+dir)
		if err := account.Kill(cmd, 5+rand.IntN(60)); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := account.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
	x, err := search.Open(filepath.Join(dir, "index"), st.ForSearch(), slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if err := x.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := x.Find(t.Context(), query.Query{Page: 1, Size: 1})
	total := st.Catalogue.Browse(portal.Browse{Kind: "document", Page: 1, Size: 1}).Total
	if err != nil || found.Total != total || total < len(account.Documents) || len(account.Documents) < 50 {
		t.Errorf("%d acknowledged, %d in the store, %d in the index, %v", len(account.Documents), total, found.Total, err)
	}
}
