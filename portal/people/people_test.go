package people_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gongkai/portal/people"
)

func TestLockOut(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	g := &people.Guard{}
	locked := func(at time.Time) bool { until, _ := g.Try("x", "1.2.3.4", at); return !until.IsZero() }
	for i := range 5 {
		if locked(now) {
			t.Fatalf("locked after %d wrong passwords", i)
		}
	}
	if !locked(now.Add(59 * time.Second)) {
		t.Error("the fifth wrong password locks for a minute")
	}
	if until, _ := g.Try("x", "5.6.7.8", now); !until.IsZero() {
		t.Error("who guesses elsewhere keeps others out")
	}
	if locked(now.Add(time.Minute)) {
		t.Error("the lock is longer than a minute")
	}
	for at := now.Add(time.Minute); at.Before(now.Add(100 * time.Hour)); at = at.Add(30 * time.Minute) {
		g.Try("x", "1.2.3.4", at)
		if until, _ := g.Try("x", "1.2.3.4", at); until.Sub(at) > time.Hour {
			t.Fatalf("a lock of %v", until.Sub(at))
		}
	}
	g.Right("x", "1.2.3.4")
	if locked(now.Add(200 * time.Hour)) {
		t.Error("locked after the right password")
	}
}

// TestParallelGuesses: many guesses at once are counted like one after another.
func TestParallelGuesses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	g := &people.Guard{}
	var passed atomic.Int32
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if until, _ := g.Try("x", "1.2.3.4", now); until.IsZero() {
				passed.Add(1)
			}
		})
	}
	all.Wait()
	if passed.Load() != 5 {
		t.Errorf("%d guesses passed", passed.Load())
	}
	if g.Crowded("x", now) {
		t.Error("five guesses are a crowd")
	}
	for i := range 40 {
		g.Try("nobody", strconv.Itoa(i), now)
	}
	if !g.Crowded("nobody", now) || g.Crowded("nobody", now.Add(2*time.Hour)) {
		t.Error("guesses from many networks at a login that does not exist")
	}
}
