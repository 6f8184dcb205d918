package main

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	for i, a := range os.Args { // the test's own binary is the writer
		if a == "-writer" && i+1 < len(os.Args) {
			if err := write(os.Args[i+1]); err != nil {
				os.Exit(1)
			}
			return
		}
	}
	os.Exit(m.Run())
}

// TestKilling is the short form of attack -kill.
func TestKilling(t *testing.T) {
	t.Parallel()
	if err := killing(15); err != nil {
		t.Error(err)
	}
}

// TestFilling is the short form of attack -disk.
func TestFilling(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("a small disk takes root")
	}
	if err := filling(3); err != nil {
		t.Error(err)
	}
}

// TestInputs: the campaign has its numbers without any file from outside.
func TestInputs(t *testing.T) {
	t.Parallel()
	million, mega = 1000, 1<<10
	list, err := all(nil)
	if err != nil {
		t.Fatal(err)
	}
	kinds := make(map[string]int)
	for _, a := range list {
		kinds[a.kind]++
	}
	if len(list) < 200 || len(kinds) < 8 {
		t.Errorf("%d attacks of %d kinds: %v", len(list), len(kinds), kinds)
	}
}
