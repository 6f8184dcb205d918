// Command gongkai is the government information disclosure portal: the
// server and every tool to run it, in one binary.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
	_ "time/tzdata" // the portal's zone must be there on a bare machine

	"github.com/alecthomas/kong"

	"gongkai/store"
)

// cli is the whole command line. Every flag can be set by an environment
// variable too: --base-path by GONGKAI_BASE_PATH.
type cli struct {
	Serve    serveCommand    `cmd:"" help:"Start the portal."`
	Extract  extractCommand  `cmd:"" help:"Read one file from standard input and write what is in it as JSON."`
	Import   importCommand   `cmd:"" help:"Import documents, applications or power lists from files."`
	Export   exportCommand   `cmd:"" help:"Write the whole catalogue into a ZIP: a table and a folder of files, which import documents takes."`
	Deadline deadlineCommand `cmd:"" help:"Work out the deadline of a case read from standard input."`
	User     userCommand     `cmd:"" help:"Manage accounts while the portal is stopped."`
	Reindex  reindexCommand  `cmd:"" help:"Build the search index anew."`
	Backup   backupCommand   `cmd:"" help:"Write everything into one file, also while the portal runs."`
	Restore  restoreCommand  `cmd:"" help:"Unpack a backup into an empty data folder."`
	Check    checkCommand    `cmd:"" help:"Verify everything in the data folder, while the portal is stopped."`
	Audit    auditCommand    `cmd:"" name:"verify-audit" help:"Verify the chain of the audit log, while the portal is stopped."`
	Compact  compactCommand  `cmd:"" help:"Give back the room of what was deleted, while the portal is stopped."`
	Rotate   rotateCommand   `cmd:"" name:"rotate-key" help:"Seal everything about people with a new key, while the portal is stopped."`
	Report   reportCommand   `cmd:"" help:"Write annual reports, and check those of others."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// dataFlag is the flag of every command that works on the data.
type dataFlag struct {
	Data string `help:"Folder of the data." default:"gongkai-data" type:"path"`
}

// console is what a command reads and writes.
type console struct {
	ctx    context.Context
	in     io.Reader
	out    io.Writer
	err    io.Writer
	getenv func(string) string
	ready  func(address string) // called when the portal listens
}

// exitError ends the program with a status of its own.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := &console{ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv}
	os.Exit(run(c, os.Args[1:]))
}

// run runs one command and returns the exit status: 0 done, 1 failed, 2
// refused for its input.
func run(c *console, args []string) int {
	var app cli
	exit := -1
	parser, err := kong.New(&app, kong.Name("gongkai"), kong.Description("The government information disclosure portal (政府信息公开门户)."),
		kong.DefaultEnvars("GONGKAI"), kong.Writers(c.out, c.err), kong.Exit(func(code int) { exit = code }), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(c.err, "gongkai:", err)
		return 1
	}
	k, err := parser.Parse(args)
	if exit >= 0 { // --help has been answered
		return exit
	}
	if err != nil {
		fmt.Fprintln(c.err, "gongkai:", err)
		return 2
	}
	err = k.Run(c)
	switch e, ok := errors.AsType[*exitError](err); {
	case err == nil:
		return 0
	case ok:
		fmt.Fprintln(c.err, "gongkai:", e.err)
		return e.code
	case errors.Is(err, store.ErrInUse):
		fmt.Fprintln(c.err, "gongkai: the data is in use by a running portal; stop it first")
	default:
		fmt.Fprintln(c.err, "gongkai:", err)
	}
	return 1
}

// versionCommand prints the version.
type versionCommand struct{}

// Run implements the command.
func (versionCommand) Run(c *console) error {
	fmt.Fprintln(c.out, "gongkai", version())
	return nil
}

// Version is set when a release is built; otherwise the commit stands in.
var Version = ""

func version() string {
	if Version != "" {
		return Version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, at, dirty := "", "", ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value[:min(12, len(s.Value))]
		case "vcs.time":
			at = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				dirty = "+changes"
			}
		}
	}
	if revision == "" {
		return "development, " + info.GoVersion
	}
	return revision + dirty + " " + at + ", " + info.GoVersion
}

// zone is the zone in which days are counted.
func zone(name string) (*time.Location, error) {
	l, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("there is no time zone %q", name)
	}
	return l, nil
}
