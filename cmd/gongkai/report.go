package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gongkai/cmd/wire"
	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/extract"
	"gongkai/portal/print"
	"gongkai/portal/reports"
	"gongkai/portal/sandbox"
	"gongkai/store"
)

// reportCommand is what can be done with annual reports.
type reportCommand struct {
	Annual reportAnnual `cmd:"" help:"Write an organ's annual report: what was filed, or what the records say."`
	Check  reportCheck  `cmd:"" help:"Check the identities of a published report: a page, a DOCX, an XLSX or a PDF of the national form."`
}

// reportAnnual writes an annual report.
type reportAnnual struct {
	dataFlag
	Organ  string `help:"The organ's code." required:""`
	Year   int    `help:"The year reported on." required:""`
	Format string `help:"json, xlsx, pdf or docx." enum:"json,xlsx,pdf,docx" default:"json"`
	Draft  bool   `help:"What the records say today, also where a report was filed."`
	Out    string `help:"The file to write; standard output without it." type:"path"`
	Zone   string `help:"Time zone in which today is found." default:"Asia/Shanghai"`
}

// Run implements the command.
func (r *reportAnnual) Run(c *console) error {
	if r.Year < reports.FirstYear || r.Year > reports.LastYear {
		return &exitError{2, fmt.Errorf("--year is %d; reports are about the years %d to %d", r.Year, reports.FirstYear, reports.LastYear)}
	}
	loc, err := zone(r.Zone)
	if err != nil {
		return &exitError{2, err}
	}
	file, err := r.file(c, loc)
	if err != nil {
		return err
	}
	if r.Out == "" {
		_, err = c.out.Write(file)
		return err
	}
	return os.WriteFile(r.Out, file, 0o644)
}

// file makes the report, or has the portal make it that runs on the data.
func (r *reportAnnual) file(c *console, loc *time.Location) ([]byte, error) {
	st, err := openStore(c, r.Data)
	if errors.Is(err, store.ErrInUse) {
		q := url.Values{"organ": {r.Organ}, "year": {strconv.Itoa(r.Year)}, "format": {r.Format}, "draft": {strconv.FormatBool(r.Draft)}}
		resp, err := askRunning(c, r.Data, "report?"+q.Encode())
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		return io.ReadAll(resp.Body)
	}
	if err != nil {
		return nil, err
	}
	defer st.Close()
	now := func() time.Time { return time.Now().In(loc) }
	notices := &cases.Notices{Now: now, Store: st.ForNotices()}
	if err := notices.Load(c.ctx); err != nil {
		return nil, err
	}
	return annualReport(c.ctx, wire.Over(st, portal.Clockwork{Now: now, Calendar: notices.Calendar}).Reports, portal.OrganCode(r.Organ), r.Year, r.Format, r.Draft)
}

// annualReport is the report of an organ as a file: what was filed, or what the records
// say.
func annualReport(ctx context.Context, u reports.Reports, organ portal.OrganCode, year int, format string, draft bool) ([]byte, error) {
	o, err := u.Directory.Organ(organ)
	if err != nil {
		return nil, &exitError{2, fmt.Errorf("there is no organ %q", organ)}
	}
	rec, err := u.Store.Get(ctx, string(reports.IDOf(o.Code, year)))
	if portal.KindOf(err) == portal.NotFound && err != nil {
		rec, err = u.Begin(ctx, o.Code, year)
	}
	if err != nil {
		return nil, err
	}
	v, err := u.View(ctx, rec, !draft)
	if err != nil {
		return nil, err
	}
	switch format {
	case "xlsx":
		return print.ReportXLSX(v, "zh")
	case "pdf":
		return print.ReportPDF(v, !draft)
	case "docx":
		return print.ReportDOCX(v, !draft)
	}
	file, err := json.MarshalIndent(v.Output(o.Name.ZH, !draft), "", "  ")
	return append(file, '\n'), err
}

// reportCheck checks a published report.
type reportCheck struct {
	File string `arg:"" help:"The report: HTML, DOCX, XLSX or PDF." type:"existingfile"`
	JSON bool   `help:"Write what was read and found as JSON."`
}

// Run implements the command: it fails with status 1 if an identity does not hold, with
// 2 if no table of the national form was found.
func (r *reportCheck) Run(c *console) error {
	f, err := os.Open(r.File)
	if err != nil {
		return err
	}
	defer f.Close()
	limits := sandbox.Usual()
	limits.Time, limits.CPU = 2*time.Minute, 100
	pool := &sandbox.Pool{Limits: limits}
	if head := make([]byte, 1024); bytes.Contains(head[:readUpTo(f, head)], []byte("%PDF-")) {
		if dir, err := os.UserCacheDir(); err == nil {
			dir = filepath.Join(dir, "gongkai")
			if err := warm(c.ctx, dir); err == nil { // without it a PDF takes some seconds longer
				pool.Cache = func() string { return dir }
			}
		}
	}
	got, err := extract.Reader{Pool: pool}.Tables(c.ctx, f)
	if err != nil {
		return &exitError{2, fmt.Errorf("%s: %w", r.File, explain(err))}
	}
	read := reports.Read(reports.Published(got))
	if len(read.Found) == 0 {
		return &exitError{2, fmt.Errorf("%s: no table of the national form was found", r.File)}
	}
	failing := reports.Failing(read.Identities)
	if r.JSON {
		out, err := json.MarshalIndent(map[string]any{"year": read.Year, "tables": read.Form.JSON(read.Figures), "identities": read.Identities, "unread": read.Unread, "mends": read.Mends}, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintln(c.out, string(out))
	} else {
		r.tell(c, read, failing)
	}
	if len(failing) > 0 {
		return &exitError{1, fmt.Errorf("%d identities do not hold", len(failing))}
	}
	return nil
}

// readUpTo reads the beginning of a file, as much as there is.
func readUpTo(f io.ReaderAt, b []byte) int {
	n, _ := f.ReadAt(b, 0) // a shorter file is all there is
	return n
}

func (r *reportCheck) tell(c *console, read reports.Reading, failing []reports.Identity) {
	year := "a year that it does not name"
	if read.Year != 0 {
		year = fmt.Sprint(read.Year)
	}
	fmt.Fprintf(c.out, "%s: report on %s, %d figures read, %d identities checked, %d do not hold\n", r.File, year, len(read.Found), len(read.Identities), len(failing))
	for _, id := range failing {
		fmt.Fprintf(c.out, "  %s：%d，%d，差%+d\n", id.Title.ZH, id.Left, id.Right, id.Difference)
	}
	for _, m := range read.Mends {
		fmt.Fprintf(c.out, "  would be mended by: %s %d → %d\n", read.Form.Name(m.Cell).ZH, m.Is, m.Be)
	}
	if n := len(read.Unread); n > 0 {
		var names []string
		for _, cell := range read.Unread[:min(n, 10)] {
			names = append(names, read.Form.Name(cell).ZH)
		}
		fmt.Fprintf(c.out, "  not found, or not a figure: %s", strings.Join(names, "；"))
		if n > len(names) {
			fmt.Fprintf(c.out, " and %d more", n-len(names))
		}
		fmt.Fprintln(c.out)
	}
}
