package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"
)

func cpu() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	m := regexp.MustCompile(`model name\s*: (.*)`).FindSubmatch(b)
	if m == nil {
		return runtime.GOARCH
	}
	return string(m[1])
}

// timed runs a command and tells its time, its processor time and its peak
// memory in MB.
func timed(name string, args ...string) (wall, cpu time.Duration, mb int64, err error) {
	cmd := exec.Command(name, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, 0, 0, fmt.Errorf("%w\n%s", err, out.String())
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return time.Since(start), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), u.Maxrss >> 10, nil
}

func mega(n int64) float64 { return float64(n) / 1e6 }

func size(path string) int64 {
	var n int64
	// A file that goes while it is counted does not matter.
	_ = filepath.WalkDir(path, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if i, err := d.Info(); err == nil {
				n += i.Size()
			}
		}
		return nil
	})
	return n
}

func freePort() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer ln.Close()
	return ln.Addr().String(), nil
}

func resident(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	var kb int64
	if m := regexp.MustCompile(`VmRSS:\s*(\d+) kB`).FindSubmatch(b); m != nil {
		fmt.Sscan(string(m[1]), &kb)
	}
	return kb >> 10
}

// limitMemory is what the portal does once its store is open.
func limitMemory() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetMemoryLimit(max(400<<20, 2*int64(m.HeapAlloc)+256<<20))
}

// peak watches the memory of this process and returns a function that tells
// the most it had, in MB. Files mapped into memory are left out: the system
// drops them when it needs the room.
func peak() func() int64 {
	var most atomic.Int64
	go func() {
		for ; ; time.Sleep(50 * time.Millisecond) {
			most.Store(max(most.Load(), anonymousMB()))
		}
	}()
	return most.Load
}

// anonymousMB is the memory of this process without mapped files, in MB.
func anonymousMB() int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kb int64
	if m := regexp.MustCompile(`RssAnon:\s*(\d+) kB`).FindSubmatch(b); m != nil {
		fmt.Sscan(string(m[1]), &kb)
	}
	return kb >> 10
}

// settled is the size of a folder once it does not change any more: bleve
// merges its files in the background.
func settled(dir string) int64 {
	last := int64(-1)
	for range 60 {
		n := size(dir)
		if n == last {
			return n
		}
		last = n
		time.Sleep(3 * time.Second)
	}
	return last
}
