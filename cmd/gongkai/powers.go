package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"gongkai/cmd/wire"
	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/importer"
	"gongkai/portal/locale"
	"gongkai/portal/powers"
	"gongkai/portal/table"
	"gongkai/portal/text"
	"gongkai/store"
)

// importPowers imports a power list: what it says is proposed and approved, as the
// operator of the machine has it from those who decide.
type importPowers struct {
	dataFlag
	Organ     string            `help:"Organ, by its code, of rows that name none."`
	Type      string            `help:"Type, by its code, of rows that name none."`
	Map       map[string]string `help:"Which column holds a field: --map basis=依据. By default that is found out from the heads."`
	Reason    string            `help:"Why the list is what it says." default:"编制权责清单"`
	Document  string            `help:"The deciding document, by number or title." required:""`
	Legality  string            `help:"The result of the legality review." required:""`
	Effective string            `help:"Since when the list says so (YYYY-MM-DD); today without it."`
	Sheet     string            `help:"Name of the sheet of a workbook; by default the one whose heads say most."`
	DryRun    bool              `help:"Say what would become of the rows and write nothing."`
	Zone      string            `help:"Time zone in which days are counted." default:"Asia/Shanghai"`
	File      string            `arg:"" help:"The list: XLSX, XLS, CSV, JSON or JSON Lines." type:"existingfile"`
}

// Run implements the command. It fails if no row could be taken.
func (i *importPowers) Run(c *console) error {
	loc, err := zone(i.Zone)
	if err != nil {
		return &exitError{2, err}
	}
	change := powers.Change{Reason: i.Reason, Document: i.Document, Legality: i.Legality}
	if i.Effective != "" {
		if change.Effective, err = clock.ParseDate(i.Effective); err != nil {
			return &exitError{2, fmt.Errorf("--effective: %w", err)}
		}
	}
	if i.Type != "" && !portal.PowerTypes.Has(i.Type) {
		return &exitError{2, fmt.Errorf("--type: there is no type %q", i.Type)}
	}
	st, err := openStore(c, i.Data)
	if errors.Is(err, store.ErrInUse) {
		return errors.New("a running portal holds the data: an editor can import on its page /desk/powers/import")
	}
	if err != nil {
		return err
	}
	defer st.Close()
	f, err := os.Open(i.File)
	if err != nil {
		return err
	}
	defer f.Close()
	reader := operatorReader()
	frames, err := importer.Frames(f, func(b []byte) (table.Workbook, error) { return reader.Workbook(c.ctx, b) })
	if err != nil {
		return fmt.Errorf("%s: %w", i.File, explain(err))
	}
	frame := &frames[0]
	if i.Sheet != "" {
		n := slices.IndexFunc(frames, func(x importer.Frame) bool { return text.Fold(x.Sheet) == text.Fold(i.Sheet) })
		if n < 0 {
			return &exitError{2, fmt.Errorf("%s has no sheet %q with rows", i.File, i.Sheet)}
		}
		frame = &frames[n]
	}
	fields := importer.Detect(frame.Heads)
	for field, head := range i.Map {
		n := slices.IndexFunc(frame.Heads, func(h string) bool { return text.Squeeze(h) == text.Squeeze(head) })
		if n < 0 || field != importer.FieldCode && field != importer.FieldOrgan && powers.FieldNamed(field) == nil {
			return &exitError{2, fmt.Errorf("--map %s=%s: there is no such field, or no such column", field, head)}
		}
		fields[n] = field
	}
	find := importer.OrganNamed(st.Organs.Organs())
	if i.Organ != "" && find(i.Organ) == "" {
		return &exitError{2, fmt.Errorf("--organ: there is no organ %q", i.Organ)}
	}
	rows := frame.Powers(fields, importer.PowerDefaults{Organ: find(i.Organ), Type: i.Type}, find)
	u := wire.Over(st, portal.Clockwork{Now: func() time.Time { return time.Now().In(loc) }, Calendar: clock.China}).Powers
	out, err := u.Bring(c.ctx, portal.System("import"), rows, change, i.DryRun, true)
	if err != nil {
		return explain(err)
	}
	var known []string
	for n, h := range frame.Heads {
		if fields[n] != "" {
			known = append(known, fmt.Sprintf("%s=%s", strings.Join(strings.Fields(h), " "), fields[n]))
		}
	}
	fmt.Fprintf(c.out, "columns: %s\n", strings.Join(known, ", "))
	counts := make(map[powers.Fate]int)
	for _, o := range out {
		counts[o.Fate]++
		if o.Err != nil && counts[o.Fate] <= maxShown {
			fmt.Fprintf(c.err, "row %d: %s\n", o.Line, strings.Join(importer.PowerReasons(locale.In("en"), o.Err), "; "))
		}
	}
	would := ""
	if i.DryRun {
		would = " (nothing was written)"
	}
	fmt.Fprintf(c.out, "%s: %d rows, %d added, %d changed, %d unchanged, %d refused%s\n", i.File, len(rows), counts[powers.WillAdd], counts[powers.WillChange], counts[powers.Unchanged], counts[powers.Refused], would)
	if len(rows) > 0 && counts[powers.Refused] == len(rows) {
		return errors.New("no row could be taken")
	}
	return nil
}
