package main

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"

	"gongkai/portal/extract"
	"gongkai/portal/pdf"
	"gongkai/portal/redact"
	"gongkai/portal/sandbox"
)

// extractCommand reads one file from standard input and writes what is in it
// as JSON. The portal runs itself so for each file that somebody sends, with
// limits that the kernel keeps; a person may run it to see what is read.
type extractCommand struct {
	Do   string `help:"What to do with the file." default:"text"`
	Args string `help:"What is to be known for that, as JSON." default:"{}"`
	Warm string `help:"Read nothing: compile PDFium into this folder." type:"path"`
}

// errChild says that standard error says why.
var errChild = errors.New("the file was not read")

// childJobs are what a child process can do.
func childJobs() map[string]sandbox.Job {
	jobs := extract.Jobs()
	maps.Copy(jobs, redact.Jobs())
	return jobs
}

// warm has a child compile PDFium into a folder. Where it is there already, for
// this version and this processor, that takes no time; only the child can tell.
func warm(ctx context.Context, cache string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return err
	}
	return exec.CommandContext(ctx, self, sandbox.Word, "--warm", cache).Run()
}

// Run implements the command.
func (e *extractCommand) Run(c *console) error {
	if e.Warm != "" {
		return pdf.Warm(e.Warm)
	}
	if code := sandbox.Serve(childJobs(), e.Do, e.Args, c.in, c.out); code != 0 {
		return &exitError{code, errChild}
	}
	return nil
}
