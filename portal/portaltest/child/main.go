// Command child reads one file, as "gongkai extract" does: the tests of several
// packages start it, which is quicker than starting a test's own binary under the
// race detector.
package main

import (
	"flag"
	"maps"
	"os"

	"gongkai/portal/extract"
	"gongkai/portal/pdf"
	"gongkai/portal/redact"
	"gongkai/portal/sandbox"
)

func main() { os.Exit(run(os.Args[2:])) } // after sandbox.Word

func run(args []string) int {
	f := flag.NewFlagSet("", flag.ExitOnError)
	name, values, cache := f.String("do", "text", ""), f.String("args", "{}", ""), f.String("warm", "", "")
	if err := f.Parse(args); err != nil {
		return 2
	}
	if *cache != "" {
		if err := pdf.Warm(*cache); err != nil {
			return 1
		}
		return 0
	}
	jobs := extract.Jobs()
	maps.Copy(jobs, redact.Jobs())
	return sandbox.Serve(jobs, *name, *values, os.Stdin, os.Stdout)
}
