package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/demo"
	"gongkai/store"
)

// measureLetters measures a year of so many letters and ten times as many calls: the work
// list, the return of a week, and what is known while a clerk types.
func measureLetters(n int, span time.Duration) error {
	dir, err := os.MkdirTemp("", "gongkai-letters-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	exe, data := filepath.Join(dir, "gongkai"), filepath.Join(dir, "data")
	if out, err := exec.Command("go", "build", "-o", exe, "./cmd/gongkai").CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, out)
	}
	fmt.Printf("Machine: %s, %d processors, %s\n\n", cpu(), runtime.NumCPU(), runtime.Version())
	start := time.Now()
	organs, err := fillLetters(data, n)
	if err != nil {
		return err
	}
	fmt.Printf("%d letters and %d calls were brought in %.0f s\n", n, 10*n, time.Since(start).Seconds())
	if err := addHandler(exe, data, organs...); err != nil {
		return err
	}
	s, err := startStaff(exe, data)
	if err != nil {
		return err
	}
	defer s.stop()
	first := time.Now()
	if err := s.get("/desk/mailbox"); err != nil {
		return err
	}
	fmt.Printf("ready after %.1f s, the first list after %.1f s, %d MB of memory\n\n", s.ready.Seconds(), time.Since(first).Seconds(), resident(s.cmd.Process.Pid))
	fmt.Println("| page | at a time | p50 ms | p95 ms |\n|---|---|---|---|")
	monday := clock.DateOf(time.Now())
	monday -= clock.Date((int(monday.Weekday()) + 6) % 7)
	week := "/desk/mailbox/return?from=" + (monday - 7).String() + "&to=" + (monday - 1).String()
	typed, k := []rune("最低生活保障怎么办理"), 0
	for _, p := range []struct {
		name string
		path func() string
	}{
		{"work list, first page, counts of every view and channel", func() string { return "/desk/mailbox" }},
		{"narrowed to what is late", func() string { return "/desk/mailbox?show=late" }},
		{"filtered by a word", func() string { return "/desk/mailbox?text=" + url.QueryEscape("公积金") }},
		{"closed ones", func() string { return "/desk/mailbox?ended=1" }},
		{"one list of all work", func() string { return "/desk/work" }},
		{"return of a week", func() string { return week }},
		{"hotline: a key more, what is known", func() string {
			k = k%len(typed) + 1
			return "/desk/mailbox/knowledge?q=" + url.QueryEscape(string(typed[:k]))
		}},
	} {
		for _, clients := range []int{1, 8} {
			if strings.HasPrefix(p.name, "hotline") && clients > 1 {
				continue // one clerk types
			}
			ts, err := repeat(clients, span, func() error { return s.get(p.path()) })
			if err != nil {
				return err
			}
			fmt.Printf("| %s | %d | %.1f | %.1f |\n", p.name, clients, at(ts, 0.5), at(ts, 0.95))
		}
	}
	return nil
}

func fillLetters(data string, n int) (organs []string, err error) {
	st, err := store.Open(data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	ctx, now := context.Background(), time.Now()
	for _, o := range demo.Organs() {
		if err := st.Organs.SaveOrgan(ctx, portal.System("bench"), o, now); err != nil {
			return nil, err
		}
		organs = append(organs, string(o.Code))
	}
	return organs, demo.Letters(ctx, st.Mailbox, now, clock.China(), demo.Amounts{Calls: 10 * n, AtOnce: 10 * n * 916 / 1000, Letters: n, Groups: max(1, n/85), Visitors: n / 2, Complaints: n / 23, Measures: n / 640})
}
