// Command attack sends a started portal everything that is made to stop it, to
// get something out of it, or to be misread, while another visitor reads its
// pages. It prints what was tried, what held and what got through.
//
//	attack            files, forms, races: a portal with 1 GB of memory
//	attack -kill 1000 kills a writing portal again and again
//	attack -disk 100  fills its disk again and again (as root)
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"gongkai/store"
	"gongkai/store/storetest"
)

func main() {
	kill := flag.Int("kill", 0, "kill a writing portal so many times instead")
	disk := flag.Int("disk", 0, "fill a disk so many times instead (as root)")
	files := flag.String("files", "portal/extract/testdata/hostile,portal/extract/testdata/formats,../shared/cases,../shared/real", "folders of further files, where they are there")
	memory := flag.Int("memory", 1024, "megabytes that the portal may use")
	writer := flag.String("writer", "", "used by the program itself: write into this folder")
	flag.Parse()
	var err error
	switch {
	case *writer != "":
		err = write(*writer)
	case *kill > 0:
		err = killing(*kill)
	case *disk > 0:
		err = filling(*disk)
	default:
		err = campaign(strings.Split(*files, ","), int64(*memory)<<20)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "attack:", err)
		os.Exit(1)
	}
}

// write is the child that is killed, or whose disk is full.
func write(dir string) error {
	st, err := store.Open(dir)
	if err != nil {
		fmt.Println("error", err)
		return err
	}
	const failures = 40
	return storetest.Write(context.Background(), st, os.Stdout, failures)
}

// killing kills a writer at any instant, and looks for what it acknowledged.
func killing(rounds int) error {
	dir, err := os.MkdirTemp("", "gongkai-kill-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	account := storetest.NewAccount()
	begun := time.Now()
	for round := 1; round <= rounds; round++ {
		cmd, err := child(dir)
		if err != nil {
			return err
		}
		if err := account.Kill(cmd, 3+rand.IntN(40)); err != nil {
			return err
		}
		if round%100 == 0 || round == rounds {
			st, err := store.Open(dir)
			if err != nil {
				return fmt.Errorf("after %d rounds: %w", round, err)
			}
			if err := errors.Join(account.Check(context.Background(), st), st.Close()); err != nil {
				return fmt.Errorf("after %d rounds: %w", round, err)
			}
			fmt.Printf("%5d rounds, %7d acknowledged, none lost, %.0f s\n", round, account.Count(), time.Since(begun).Seconds())
		}
	}
	return nil
}

// child is this program as a writer.
func child(dir string) (*exec.Cmd, error) {
	self, err := os.Executable()
	return exec.Command(self, "-writer", dir), err
}

// filling lets a writer fill small disks, makes them larger, and looks for what
// was acknowledged.
func filling(rounds int) error {
	begun, acknowledged, refused := time.Now(), 0, 0
	for round := 1; round <= rounds; round++ {
		n, failed, err := fill()
		if err != nil {
			return fmt.Errorf("round %d: %w", round, err)
		}
		acknowledged, refused = acknowledged+n, refused+failed
		if round%10 == 0 || round == rounds {
			fmt.Printf("%5d rounds, %7d acknowledged, none lost, %6d refused for want of room, %.0f s\n", round, acknowledged, refused, time.Since(begun).Seconds())
		}
	}
	return nil
}

func fill() (acknowledged, refused int, err error) {
	dir, err := os.MkdirTemp("", "gongkai-disk-")
	if err != nil {
		return 0, 0, err
	}
	defer os.Remove(dir)
	mount := func(options string) error {
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
			return fmt.Errorf("making a small disk: %s", out)
		}
		return nil
	}
	// Uploads leave 64 MB free: a disk just above that fills with files first,
	// and then with records.
	if err := mount(fmt.Sprintf("size=%dk", 66_000+rand.IntN(6000))); err != nil {
		return 0, 0, err
	}
	defer func() { _ = exec.Command("umount", "-l", dir).Run() }() // a disk of memory
	// The rest of the room is taken little by little by somebody else.
	ctx, stop := context.WithCancel(context.Background())
	var other sync.WaitGroup
	other.Go(func() {
		f, err := os.Create(filepath.Join(dir, "other"))
		if err != nil {
			return
		}
		defer f.Close()
		for ctx.Err() == nil {
			if _, err := f.Write(make([]byte, 64<<10+rand.IntN(1<<20))); err != nil {
				if _, err := f.Write(make([]byte, 512)); err != nil {
					time.Sleep(5 * time.Millisecond)
				}
			}
			time.Sleep(time.Millisecond)
		}
	})
	data := filepath.Join(dir, "data")
	account := storetest.NewAccount()
	cmd, err := child(data)
	if err == nil {
		err = account.Kill(cmd, 0) // it ends for want of room
	}
	stop()
	other.Wait()
	if err != nil {
		if strings.Contains(err.Error(), "no space left") || strings.Contains(err.Error(), "disk") {
			return 0, 1, nil // it was full before the writer began
		}
		return 0, 0, err
	}
	if err := os.Remove(filepath.Join(dir, "other")); err != nil {
		return 0, 0, err
	}
	st, err := store.Open(data)
	if err != nil {
		return 0, 0, err
	}
	return account.Count(), account.Failed, errors.Join(account.Check(context.Background(), st), st.Close())
}

// target is a started portal.
type target struct {
	cmd *exec.Cmd
	url string
	mu  sync.Mutex
	log []string // its last lines
	end chan struct{}
}

// launch builds the portal and starts its demonstration.
func launch(dir string, memory int64) (*target, error) {
	exe := filepath.Join(dir, "gongkai")
	build := exec.Command("go", "build", "-o", exe, "./cmd/gongkai")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("building the portal: %w", err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := ln.Addr().String()
	if err := ln.Close(); err != nil {
		return nil, err
	}
	t := &target{url: "http://" + address, end: make(chan struct{})}
	// Each attack comes from an address of its own, through a proxy that the
	// portal trusts: the limits on an address are attacked apart.
	t.cmd = exec.Command(exe, "serve", "--demo", "--data", filepath.Join(dir, "data"), "--addr", address, "--admin-addr", "127.0.0.1:0", "--proxy", "127.0.0.1")
	t.cmd.Env = append(os.Environ(), "GOTRACEBACK=single")
	out, err := t.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := t.cmd.Start(); err != nil {
		return nil, err
	}
	if err := unix.Prlimit(t.cmd.Process.Pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: uint64(memory), Max: uint64(memory)}, nil); err != nil {
		return nil, fmt.Errorf("limiting the portal's memory: %w", err)
	}
	go func() {
		defer close(t.end)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			t.mu.Lock()
			if t.log = append(t.log, lines.Text()); len(t.log) > 40 {
				t.log = t.log[1:]
			}
			t.mu.Unlock()
		}
	}()
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if r, err := http.Get(t.url + "/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return t, nil
			}
		}
		if time.Now().After(end) || !t.alive() {
			return nil, fmt.Errorf("the portal does not start: %s", t.tail())
		}
	}
}

func (t *target) alive() bool {
	select {
	case <-t.end:
		return false
	default:
		return t.cmd.Process.Signal(syscall.Signal(0)) == nil
	}
}

func (t *target) tail() string { t.mu.Lock(); defer t.mu.Unlock(); return strings.Join(t.log, "\n") }

// visitor is somebody else who reads pages all the while.
type visitor struct {
	mu    sync.Mutex
	took  []time.Duration
	wrong int
}

func (v *visitor) read(ctx context.Context, t *target) {
	pages := []string{"/", "/catalogue", "/search?q=%E6%B0%B4", "/organs", "/powers", "/apply", "/deadline"}
	for i := 0; ctx.Err() == nil; i++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url+pages[i%len(pages)], nil)
		if err != nil {
			return
		}
		req.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", 1+i%200))
		begun := time.Now()
		r, err := http.DefaultClient.Do(req)
		if ctx.Err() != nil {
			return
		}
		bad := err != nil
		if err == nil {
			_, err = io.Copy(io.Discard, r.Body)
			r.Body.Close()
			bad = err != nil || r.StatusCode != http.StatusOK
		}
		v.mu.Lock()
		v.took = append(v.took, time.Since(begun))
		if bad {
			v.wrong++
		}
		v.mu.Unlock()
		time.Sleep(50 * time.Millisecond)
	}
}

func (v *visitor) String() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	slices.Sort(v.took)
	at := func(share float64) time.Duration {
		return v.took[min(len(v.took)-1, int(share*float64(len(v.took))))].Round(time.Millisecond)
	}
	if len(v.took) == 0 {
		return "nobody read"
	}
	return fmt.Sprintf("another visitor: %d pages, p50 %v, p95 %v, p99 %v, %d not answered", len(v.took), at(0.5), at(0.95), at(0.99), v.wrong)
}

// campaign sends everything and prints the table.
func campaign(folders []string, memory int64) error {
	dir, err := os.MkdirTemp("", "gongkai-attack-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	t, err := launch(dir, memory)
	if err != nil {
		return err
	}
	defer func() { _ = t.cmd.Process.Kill(); _ = t.cmd.Wait() }() // it is no use any more
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	v := &visitor{}
	var reading sync.WaitGroup
	reading.Go(func() { v.read(ctx, t) })
	tried, held := make(map[string]int), make(map[string]int)
	var through []string
	begun := time.Now()
	attacks, err := all(folders)
	if err != nil {
		return err
	}
	for _, a := range attacks {
		tried[a.kind]++
		err := a.run(t)
		if err == nil && !t.alive() {
			err = fmt.Errorf("the portal has stopped: %s", t.tail())
		}
		if err == nil {
			held[a.kind]++
			continue
		}
		through = append(through, fmt.Sprintf("%s: %s: %v", a.kind, a.name, err))
		if !t.alive() {
			break
		}
	}
	stop()
	reading.Wait()
	var kinds []string
	for k := range tried {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	fmt.Printf("%-28s %6s %6s %8s\n", "kind", "tried", "held", "through")
	n, m := 0, 0
	for _, k := range kinds {
		fmt.Printf("%-28s %6d %6d %8d\n", k, tried[k], held[k], tried[k]-held[k])
		n, m = n+tried[k], m+held[k]
	}
	fmt.Printf("%-28s %6d %6d %8d\n", "all", n, m, n-m)
	fmt.Println(v)
	fmt.Printf("the portal: never restarted %v, peak memory %s, %.0f s\n", t.alive(), peak(t.cmd.Process.Pid), time.Since(begun).Seconds())
	for _, x := range through {
		fmt.Println("through:", x)
	}
	if len(through) > 0 {
		return fmt.Errorf("%d of %d got through", len(through), n)
	}
	return nil
}

// peak is the most memory that a process has had.
func peak(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return "unknown"
}
