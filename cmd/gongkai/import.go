package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"gongkai/cmd/wire"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/extract"
	"gongkai/portal/importer"
	"gongkai/portal/locale"
	"gongkai/portal/sandbox"
	"gongkai/portal/table"
	"gongkai/store"
)

// importCommand imports records from files.
type importCommand struct {
	Documents    importDocuments    `cmd:"" help:"Import documents from JSON Lines, CSV or XLSX, plain or gzip."`
	Applications importApplications `cmd:"" help:"Import the log of applications of another system."`
	Powers       importPowers       `cmd:"" help:"Import a power list from XLSX, CSV, JSON or JSON Lines, while the portal is stopped."`
}

// importFlags are the flags of both imports.
type importFlags struct {
	dataFlag
	Organ  string   `help:"Organ for rows that name none; it is created if it is not there." default:"imported"`
	DryRun bool     `help:"Check the rows and write nothing."`
	Zone   string   `help:"Time zone in which days are counted." default:"Asia/Shanghai"`
	Sheet  string   `help:"Name of the sheet of a workbook; by default the first that is shown."`
	Days   string   `help:"Which comes first in days such as 05/06/2024: dmy or mdy. By default that is found out from the column." default:"" enum:",dmy,mdy"`
	Files  []string `arg:"" name:"file" help:"Files to read; documents also from a folder or ZIP with one table and the files that it names." type:"path"`
}

// importDocuments imports documents.
type importDocuments struct {
	importFlags
	Draft bool `help:"Keep the rows as drafts instead of publishing them."`
}

// Run implements the command.
func (i *importDocuments) Run(c *console) error {
	return i.run(c, importer.Options{Draft: i.Draft}, importer.Documents)
}

// importApplications imports applications.
type importApplications struct {
	importFlags
	Map         map[string]string `help:"Which column holds a field: --map description=abstract. Fields: id, description, received, answered, outcome, applicant."`
	DefaultDate string            `help:"Day of receipt for rows that have none, or an impossible one (YYYY-MM-DD)."`
}

// Run implements the command.
func (i *importApplications) Run(c *console) error {
	opt := importer.Options{Map: i.Map}
	for f := range i.Map {
		if _, ok := importer.ApplicationFields()[f]; !ok {
			return &exitError{2, fmt.Errorf("--map names no field %q", f)}
		}
	}
	if i.DefaultDate != "" {
		var err error
		if opt.DefaultDate, err = clock.ParseDate(i.DefaultDate); err != nil {
			return &exitError{2, fmt.Errorf("--default-date: %w", err)}
		}
	}
	return i.run(c, opt, importer.Applications)
}

type importFunc func(context.Context, importer.Store, portal.Actor, io.Reader, importer.Options) (importer.Report, error)

// run imports the files one after another. It fails if a row was refused in
// all of them and nothing came in.
func (i *importFlags) run(c *console, opt importer.Options, do importFunc) error {
	loc, err := zone(i.Zone)
	if err != nil {
		return &exitError{2, err}
	}
	st, err := openStore(c, i.Data)
	if errors.Is(err, store.ErrInUse) {
		return errors.New("a running portal holds the data: an administrator can import on its page /desk/import")
	}
	if err != nil {
		return err
	}
	defer st.Close()
	opt.Organ, opt.DryRun = portal.OrganCode(i.Organ), i.DryRun
	opt.Sheet, opt.Days = i.Sheet, i.Days
	reader := operatorReader()
	opt.Workbook = func(b []byte) (table.Workbook, error) { return reader.Workbook(c.ctx, b) }
	opt.Now = func() time.Time { return time.Now().In(loc) }
	for _, name := range i.Files {
		if err := i.file(c, st, reader, name, opt, do); err != nil {
			return err
		}
	}
	return nil
}

// operatorReader reads the operator's own files, which may be large.
func operatorReader() extract.Reader {
	limits := sandbox.Usual()
	limits.Memory, limits.CPU, limits.Time, limits.Output = 1<<30, 120, 5*time.Minute, 1<<30
	return extract.Reader{Pool: &sandbox.Pool{Limits: limits}}
}

// maxShown is how many refused rows are listed for a file.
const maxShown = 1000

func (i *importFlags) file(c *console, st *store.Store, reader extract.Reader, name string, opt importer.Options, do importFunc) error {
	box, err := openContainer(name, st, reader)
	if err != nil {
		return err
	}
	var f fs.File
	if box == nil {
		f, err = os.Open(name)
	} else {
		defer box.close()
		var table string
		if table, err = box.table(); err == nil {
			f, err = box.fs.Open(table)
		}
		opt.Attach = box
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer f.Close()
	if box != nil && !opt.DryRun {
		if err := box.organs(c.ctx, opt.Now()); err != nil {
			return explain(err)
		}
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	in := io.Reader(f)
	bar := &progress{out: c.err, name: info.Name(), total: info.Size(), start: time.Now()}
	var refused []importer.Refusal
	opt.Refused = func(r importer.Refusal) {
		if len(refused) < maxShown {
			refused = append(refused, r)
		}
	}
	rep, err := do(c.ctx, wire.Import(st), portal.System("import"), io.TeeReader(in, bar), opt)
	bar.finish()
	for _, r := range refused {
		fmt.Fprintf(c.err, "%s:%d: refused: %s\n", name, r.Line, strings.Join(importer.Reasons(locale.In("en"), r), "; "))
	}
	if n := rep.Refused - len(refused); n > 0 {
		fmt.Fprintf(c.err, "%s: %d more rows were refused\n", name, n)
	}
	verb := "imported"
	if i.DryRun {
		verb = "checked, nothing written"
	}
	fmt.Fprintf(c.out, "%s %s: %d rows, %d added, %d changed, %d the same, %d refused (%.1f s)\n",
		name, verb, rep.Rows, rep.Added, rep.Changed, rep.Same, rep.Refused, time.Since(bar.start).Seconds())
	if err != nil {
		return explain(err)
	}
	return nil
}

// progress draws a bar from the bytes that went through it.
type progress struct {
	out         io.Writer
	name        string
	done, total int64
	start, last time.Time
}

// Write implements io.Writer.
func (p *progress) Write(b []byte) (int, error) {
	p.done += int64(len(b))
	if now := time.Now(); now.Sub(p.last) > 200*time.Millisecond {
		p.last = now
		p.draw()
	}
	return len(b), nil
}

func (p *progress) draw() {
	const width = 30
	share := 1.0
	if p.total > 0 {
		share = min(1, float64(p.done)/float64(p.total))
	}
	full := int(share * width)
	fmt.Fprintf(p.out, "\r%s [%s%s] %3.0f %% %4.0f s ", p.name, strings.Repeat("#", full), strings.Repeat(".", width-full), share*100, time.Since(p.start).Seconds())
}

func (p *progress) finish() {
	p.draw()
	fmt.Fprintln(p.out)
}
