//go:build linux

package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"time"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/sys/unix"
)

// run starts a child, sets its limits in the kernel before it is given the
// file, and waits for its answer or its end.
func (p *Pool) run(ctx context.Context, args []string, file io.Reader) ([]byte, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	command := p.Command
	if len(command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		command = []string{self}
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer write.Close()
	cmd := exec.CommandContext(ctx, command[0], append(command[1:len(command):len(command)], args...)...)
	cmd.Stdin = read
	out := &limited{limit: p.Limits.Output, over: func() { stop(ErrTooMuch) }}
	var said tail
	cmd.Stdout, cmd.Stderr = out, &said
	cache := ""
	if p.Cache != nil {
		cache = p.Cache()
	}
	cmd.Env = []string{"PATH=/nonexistent", "GOTRACEBACK=none", "GOMAXPROCS=2", "GOGC=400", memoryVariable + "=" + strconv.FormatInt(p.Limits.Memory, 10), secondsVariable + "=" + strconv.Itoa(p.Limits.CPU), cacheVariable + "=" + cache}
	cmd.Dir = "/"
	// A group of its own, so that it is killed with all it might have started.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 2 * time.Second
	err = cmd.Start()
	read.Close()
	if err != nil {
		return nil, fmt.Errorf("starting a child: %w", err)
	}
	fail := p.Limits.set(cmd.Process.Pid)
	if fail == nil {
		go func() {
			defer write.Close()
			_, _ = io.Copy(write, file) // a child that has ended reads no more
		}()
	} else {
		stop(fail)
	}
	err = cmd.Wait()
	switch {
	case fail != nil:
		return nil, fmt.Errorf("limiting a child: %w", fail)
	case err == nil:
		return out.b, nil
	case errors.Is(context.Cause(ctx), ErrTooMuch):
		return nil, unreadable(ErrTooMuch)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, unreadable(fmt.Errorf("a child ended: %w: %s", err, said.String()))
}

// set puts the limits on a process that waits for its file.
func (l Limits) set(pid int) error {
	for _, r := range []struct {
		what  int
		value uint64
	}{{unix.RLIMIT_CPU, uint64(l.CPU)}, {unix.RLIMIT_DATA, uint64(l.Memory)}, {unix.RLIMIT_FSIZE, 0}, {unix.RLIMIT_CORE, 0}, {unix.RLIMIT_NOFILE, 64}} {
		if r.what == unix.RLIMIT_DATA && raced {
			continue // the race detector's own memory is far over any limit
		}
		if err := unix.Prlimit(pid, r.what, &unix.Rlimit{Cur: r.value, Max: r.value}, nil); err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}

func number(variable string) int64 {
	n, _ := strconv.ParseInt(os.Getenv(variable), 10, 64) // 0 where a person runs the command
	return n
}

func memoryAllowed() int64  { return number(memoryVariable) }
func secondsAllowed() int64 { return number(secondsVariable) }

// secondsUsed is the processor time that this process has used.
func secondsUsed() float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// harmless are the calls that computing needs: memory, threads, time, and
// reading and writing what is open already.
var harmless = []string{
	"read", "write", "readv", "writev", "close", "fstat", "newfstatat", "lseek", "fcntl", "ioctl", "pread64",
	"mmap", "munmap", "mprotect", "madvise", "mremap", "brk",
	"futex", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity", "nanosleep", "clock_nanosleep", "clock_gettime", "gettimeofday", "restart_syscall",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "tgkill", "getpid", "gettid",
	"set_tid_address", "sched_setaffinity", "membarrier",
	"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "eventfd2", "pipe2", "poll", "ppoll",
	"timer_create", "timer_settime", "timer_delete", "setitimer",
	"getrandom", "getrusage", "getrlimit", "prctl", "arch_prctl", "uname", "exit", "exit_group",
}

// known are those of the calls that this kind of processor has.
func known(names []string) []string {
	info, err := arch.GetInfo("")
	if err != nil {
		return names
	}
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { _, ok := info.SyscallNames[n]; return !ok })
}

// lockIn takes from this process, for good, every system call but those: it
// opens no file, no socket, starts no program.
func lockIn() error {
	if !seccomp.Supported() {
		return errors.New("this kernel has no seccomp")
	}
	if raced { // the detector makes calls of its own
		return nil
	}
	return seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync, Policy: seccomp.Policy{
		DefaultAction: seccomp.ActionErrno,
		Syscalls: []seccomp.SyscallGroup{
			{Action: seccomp.ActionAllow, Names: known(harmless)},
			{Action: seccomp.ActionAllow, NamesWithCondtions: []seccomp.NameWithConditions{
				{Name: "clone", Conditions: []seccomp.Condition{{Argument: 0, Operation: seccomp.BitsSet, Value: unix.CLONE_THREAD}}},
				{Name: "prlimit64", Conditions: []seccomp.Condition{{Argument: 2, Operation: seccomp.Equal, Value: 0}}}, // to read a limit
			}},
			// "There is no such call": the C library then makes threads by clone.
			{Action: seccomp.Action(unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)), Names: []string{"clone3"}},
		},
	}})
}
