// Package sandbox does dangerous work in a process of its own: this same
// binary, run as `gongkai extract`, reads one file from its standard input and
// writes what it made of it as JSON. The child may use so much memory,
// processor time and output and no more, reaches no network, writes no file
// and starts no program; it is killed when its time is up or when nobody waits
// for it any more. A hostile file costs one child.
package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"gongkai/portal"
)

// Job is something that is done with a file in a child process.
type Job struct {
	// Prepare loads what the job needs from the disk, before the child is
	// locked in; args are those of the call.
	Prepare func(args json.RawMessage) error
	// Do does it. What it returns is written as JSON; a *portal.Error reaches
	// the parent as what it is.
	Do func(args json.RawMessage, file []byte) (any, error)
}

// Word is the first argument by which the binary knows that it is a child.
const Word = "extract"

// variables through which the parent tells a child what it may use.
const (
	memoryVariable  = "GONGKAI_CHILD_MEMORY"
	secondsVariable = "GONGKAI_CHILD_SECONDS"
	cacheVariable   = "GONGKAI_CHILD_CACHE"
)

// Cache is the folder in which a child finds compiled code; "" for none.
func Cache() string { return os.Getenv(cacheVariable) }

// Enough reports whether a child has used up so much of its processor time
// that it had better stop and say what it left out.
func Enough() bool {
	limit, used := secondsAllowed(), secondsUsed()
	return limit > 0 && used > 0.7*float64(limit)
}

// result is what a child writes.
type result struct {
	Done  json.RawMessage `json:"done,omitempty"`
	Error *refusal        `json:"error,omitempty"`
	Bare  string          `json:"bare,omitempty"` // why the child is not locked in, where it is not
}

// refusal is a portal.Error on its way.
type refusal struct {
	Kind     portal.Kind      `json:"kind"`
	Key      string           `json:"key"`
	Args     portal.Args      `json:"args,omitempty"`
	Problems []portal.Problem `json:"problems,omitempty"`
	Cause    string           `json:"cause,omitempty"` // for the log
}

// Serve is the child: it does one job with the file on its standard input and
// returns the exit status. Names are the jobs that it knows.
func Serve(names map[string]Job, name string, args string, in io.Reader, out io.Writer) int {
	job, ok := names[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "there is no job %q\n", name)
		return 2
	}
	if args == "" {
		args = "{}"
	}
	if m := memoryAllowed(); m > 0 {
		debug.SetMemoryLimit(m * 6 / 10)
	}
	var r result
	if job.Prepare != nil {
		if err := job.Prepare(json.RawMessage(args)); err != nil {
			fmt.Fprintln(os.Stderr, "preparing:", err)
			return 1
		}
	}
	if err := lockIn(); err != nil {
		r.Bare = err.Error()
	}
	file, err := io.ReadAll(in)
	if err == nil {
		var v any
		if v, err = job.Safe(json.RawMessage(args), file); err == nil {
			r.Done, err = json.Marshal(v)
		}
	}
	if err != nil {
		r.Error = &refusal{Key: "error.unreadable", Kind: portal.Invalid, Cause: err.Error()}
		if e, ok := errors.AsType[*portal.Error](err); ok {
			r.Error.Kind, r.Error.Key, r.Error.Args, r.Error.Problems = e.Kind, e.Key, e.Args, e.Problems
		}
	}
	if err := json.NewEncoder(out).Encode(r); err != nil {
		return 1
	}
	return 0
}

// Safe does the job; a panic over a damaged file is a file that cannot be read.
func (j Job) Safe(args json.RawMessage, file []byte) (v any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return j.Do(args, file)
}

// Limits are what a child may use.
type Limits struct {
	Memory  int64         // bytes
	CPU     int           // seconds of the processor
	Time    time.Duration // on the clock
	Output  int64         // bytes
	AtOnce  int           // children at a time
	Waiting int           // callers that wait for one of them
}

// Usual are the limits unless the operator sets others.
func Usual() Limits {
	return Limits{Memory: 400 << 20, CPU: 10, Time: 40 * time.Second, Output: 96 << 20, AtOnce: 2, Waiting: 40}
}

// Pool starts children, few at a time.
type Pool struct {
	Limits Limits
	// Command starts a child; by default this binary. Its arguments are added.
	Command []string
	// Cache, if set, names a folder that children may read compiled code from,
	// "" for none. They cannot write there, so it waits until that is complete.
	Cache func() string
	// Bare is called once when children cannot be locked in on this machine.
	Bare func(why string)

	slots  chan struct{}
	queue  chan struct{}
	begun  sync.Once
	warned sync.Once
}

// ErrTooMuch is the cause when a child was stopped for what it used.
var ErrTooMuch = errors.New("the file took too much to read")

// unreadable says that a file could not be read, and why for the log.
func unreadable(cause error) error {
	return &portal.Error{Kind: portal.Invalid, Key: "error.unreadable", Err: cause}
}

// Do has a child do a job with a file and decodes what it made into reply. It
// waits its turn, as long as ctx allows. An error that the child could not
// help is a *portal.Error of kind Invalid with the key error.unreadable.
func (p *Pool) Do(ctx context.Context, name string, args any, file io.Reader, reply any) error {
	leave, err := p.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	a, err := json.Marshal(args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.Limits.Time, ErrTooMuch)
	defer cancel()
	out, err := p.run(ctx, []string{Word, "--do", name, "--args", string(a)}, file)
	if err != nil {
		return err
	}
	var r result
	if err := json.Unmarshal(out, &r); err != nil {
		return unreadable(fmt.Errorf("a child answered no JSON: %w", err))
	}
	if r.Bare != "" && p.Bare != nil {
		p.warned.Do(func() { p.Bare(r.Bare) })
	}
	if e := r.Error; e != nil {
		return &portal.Error{Kind: e.Kind, Key: e.Key, Args: e.Args, Problems: e.Problems, Err: errors.New(e.Cause)}
	}
	return json.Unmarshal(r.Done, reply)
}

// Program has the pool's Command, a program of somebody else's, read a file from its
// standard input within the pool's limits, and returns what it writes. It is not
// locked in as a child of our own: it opens its own data.
func (p *Pool) Program(ctx context.Context, args []string, file io.Reader) ([]byte, error) {
	leave, err := p.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := context.WithTimeoutCause(ctx, p.Limits.Time, ErrTooMuch)
	defer cancel()
	return p.run(ctx, args, file)
}

// enter waits for a place.
func (p *Pool) enter(ctx context.Context) (leave func(), err error) {
	p.begun.Do(func() {
		p.slots = make(chan struct{}, max(1, p.Limits.AtOnce))
		p.queue = make(chan struct{}, max(1, p.Limits.AtOnce)+p.Limits.Waiting)
	})
	busy := &portal.Error{Kind: portal.Unavailable, Key: "error.busy"}
	select {
	case p.queue <- struct{}{}:
	default:
		return nil, busy
	}
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots; <-p.queue }, nil
	case <-ctx.Done():
		<-p.queue
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			busy.Err = ctx.Err()
			return nil, busy
		}
		return nil, ctx.Err()
	}
}

// limited keeps the first bytes that are written to it, and counts no further.
type limited struct {
	b     []byte
	limit int64
	over  func()
}

func (l *limited) Write(p []byte) (int, error) {
	if int64(len(l.b)+len(p)) > l.limit {
		l.over()
		return 0, ErrTooMuch
	}
	l.b = append(l.b, p...)
	return len(p), nil
}

// tail keeps the beginning of what a child says on its standard error.
type tail struct{ strings.Builder }

func (t *tail) Write(p []byte) (int, error) {
	if room := 2000 - t.Len(); room > 0 {
		t.Builder.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
