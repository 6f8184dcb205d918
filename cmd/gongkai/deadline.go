package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// deadlineCommand works out the deadline of a case.
type deadlineCommand struct {
	Zone string `help:"Time zone in which today is found." default:"Asia/Shanghai"`
}

// maxCase is the most bytes of a case.
const maxCase = 256 << 10

// Run implements the command: a case as JSON in, its clock as JSON out. An
// unknown or impossible event ends it with status 2.
func (d *deadlineCommand) Run(c *console) error {
	loc, err := zone(d.Zone)
	if err != nil {
		return &exitError{2, err}
	}
	b, err := io.ReadAll(io.LimitReader(c.in, maxCase+1))
	if err != nil {
		return err
	}
	if len(b) > maxCase {
		return &exitError{2, errors.New("the case is larger than 256 KB")}
	}
	cs, err := clock.ReadCase(b, portal.DateOf(time.Now().In(loc)))
	if err != nil {
		return &exitError{2, err}
	}
	r, err := clock.Compute(cs, clock.China())
	if err != nil {
		return &exitError{2, err}
	}
	out, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, string(out))
	return nil
}
