package registers

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/process"
	"gongkai/portal/scan"
)

// Registers are the use cases of registers.
type Registers struct {
	portal.Clockwork
	Store     Store
	Directory Directory
	Powers    Powers
	Files     scan.Files
	Notes     portal.Notes
}

// Store keeps entries.
type Store interface {
	portal.Filing[Entry]
	// Briefs lists all entries as they are kept in memory, for who only reads them. Nobody may
	// change the list, or what stands in it.
	Briefs() ([]*Entry, error)
	// PutAll writes many entries at once, or none.
	PutAll(ctx context.Context, by portal.Actor, act string, at time.Time, id func(*Entry) string, list []*Entry) error
}

// Directory tells of organs.
type Directory interface {
	Organ(portal.OrganCode) (portal.Organ, error)
	Organs() []portal.Organ
}

// Powers tells which power items there are.
type Powers interface {
	// Listings lists the items with such keys, nil for what is not public.
	Listings(...portal.Key) []*portal.Listing
}

// Open loads an entry for somebody who may see it before it is public.
func (u Registers) Open(ctx context.Context, by portal.Actor, id string) (*Entry, error) {
	e, err := u.Store.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return e, e.Of().may(by, e, e.Of().ReleaseAct(), portal.Oversee)
}

// Writes reports whether somebody may enter something for an organ.
func (r *Register) Writes(by portal.Actor, organ portal.OrganCode) bool {
	return by.Can(r.WriteAct(), organ)
}

// WritesSome reports whether somebody may enter something at all.
func (r *Register) WritesSome(by portal.Actor) bool { return by.CanSome(r.WriteAct()) }

// ReleaseAct is the permission to make an entry public, as a second person.
func (r *Register) ReleaseAct() portal.Act {
	if r.Act != "" {
		return portal.ReleaseOversight
	}
	return portal.ReviewDocuments
}

// WithdrawAct is the permission to withdraw one.
func (r *Register) WithdrawAct() portal.Act {
	if r.Act != "" {
		return portal.ReleaseOversight
	}
	return portal.WithdrawDocuments
}

// WriteAct is the permission to enter something.
func (r *Register) WriteAct() portal.Act {
	if r.Act != "" {
		return r.Act
	}
	return portal.WriteDocuments
}

// may refuses whoever has nothing to do with an entry: who writes for its organ or one
// that handles it too, who enters the register, or who may do something more.
func (r *Register) may(by portal.Actor, e *Entry, more ...portal.Act) error {
	for _, act := range append([]portal.Act{r.WriteAct()}, more...) {
		if by.Can(act, e.Organ) {
			return nil
		}
	}
	for _, o := range r.joint(e) {
		if by.Can(portal.WriteDocuments, o) {
			return nil
		}
	}
	return by.Need(portal.WriteDocuments, e.Organ)
}

// joint are the organs that handle an entry too (会办单位).
func (r *Register) joint(e *Entry) (out []portal.OrganCode) {
	for w := range strings.FieldsSeq(e.Values[r.Joint]) {
		out = append(out, portal.OrganCode(w))
	}
	return out
}

// all lists the entries that somebody keeps, out of memory.
func (u Registers) all(keep func(*Entry) bool) ([]*Entry, error) {
	list, err := u.Store.Briefs()
	var out []*Entry
	for _, e := range list {
		if keep(e) {
			out = append(out, e)
		}
	}
	return out, err
}

// Sees reports whether somebody may see an entry before it is public.
func (u Registers) Sees(by portal.Actor, e *Entry) bool {
	return e.Of().may(by, e, portal.Oversee) == nil
}

// List lists the entries of a register that somebody may write, the newest first.
func (u Registers) List(ctx context.Context, by portal.Actor, register string) ([]*Entry, error) {
	list, err := u.all(func(e *Entry) bool { return e.Register == register && u.Sees(by, e) })
	slices.SortFunc(list, func(a, b *Entry) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return strings.Compare(b.ID(), a.ID())
	})
	return list, err
}

// Write enters an entry, without an id, or changes one as it was seen. What is public
// stays as it is until it is released anew. files take the place of those with the same
// names.
func (u Registers) Write(ctx context.Context, by portal.Actor, id string, seen portal.Revision, register string, organ portal.OrganCode, typed Values, files map[string][]portal.Attachment) (*Entry, error) {
	var serial int
	r := Named(register)
	if r == nil {
		return nil, portal.Missing()
	}
	if id == "" {
		if err := by.NeedTyped(r.WriteAct(), organ); err != nil {
			return nil, err
		}
		list, err := u.all(func(e *Entry) bool { return e.Register == register && e.Organ == organ })
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			serial = max(serial, e.Serial)
		}
		serial++
		id, seen = (&Entry{Register: register, Organ: organ, Serial: serial}).ID(), portal.Absent
	}
	return u.Store.Alter(ctx, by, id, seen, "write register entry", u.Now(), func(e *Entry, tx portal.RecordTx) (string, error) {
		if seen == portal.Absent {
			e.Register, e.Organ, e.Serial = register, organ, serial
		}
		if err := by.Need(r.WriteAct(), e.Organ); err != nil {
			return "", err
		}
		if e.Withdrawn != nil {
			return "", &portal.Error{Kind: portal.Conflict, Key: "register.withdrawn_already"}
		}
		if e.Register != register {
			return "", portal.Missing()
		}
		values, p := r.Clean(typed)
		u.organs(r, values, &p)
		for _, w := range r.Powers(values) {
			if u.Powers.Listings(portal.Key{Kind: "power", ID: w})[0] == nil {
				p.Add(r.Power, "register.no_power", portal.Args{"Value": w})
			}
		}
		if err := p.Err(); err != nil {
			return "", err
		}
		for _, f := range r.Fields { // what steps have filled in stays
			if v := e.Values[f.Code]; len(f.Steps) > 0 && v != "" {
				values[f.Code] = v
			}
		}
		if err := seal(r, values, tx); err != nil {
			return "", err
		}
		e.Values, e.By, e.At = values, by.Login, u.Now().UTC()
		if len(e.Steps) < 2 {
			u.begin(e, by)
		}
		for field, list := range files {
			if e.Files == nil {
				e.Files = make(map[string][]portal.Attachment)
			}
			for _, f := range list {
				e.Files[field] = portal.WithFile(e.Files[field], f)
			}
		}
		return r.TitleOf(values, "zh"), nil
	})
}

// texts are those that become public.
func (e *Entry) texts() []scan.Text {
	var out []scan.Text
	for _, f := range e.Of().Fields {
		if s := e.Values[f.Code]; s != "" && f.Public() && f.Kind != "organs" && f.Kind != "choice" && f.Kind != "date" && f.Kind != "number" && f.Kind != "power" && f.Kind != "powers" {
			out = append(out, scan.Text{Field: f.Code, Text: s})
		}
	}
	return out
}

// Release makes public what is written, as it was seen: a second person, who says what is
// corrected where something was public before.
//
// What must not be public is refused as in a document, unless a reason is given that
// it may stand (第十七条).
func (u Registers) Release(ctx context.Context, by portal.Actor, id string, seen portal.Revision, note, stands string) (*Entry, error) {
	was, err := u.Store.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	var read []scan.Text
	for _, f := range was.Of().Fields {
		if !f.Public() {
			continue
		}
		texts, err := scan.TextsOf(ctx, u.Files, f.Code, was.Files[f.Code])
		if err != nil {
			return nil, err
		}
		read = append(read, texts...)
	}
	return u.Store.Change(ctx, by, id, seen, "release register entry", u.Now(), func(e *Entry) (string, error) {
		r := e.Of()
		if err := by.Need(r.ReleaseAct(), e.Organ); err != nil {
			return "", err
		}
		if r.Internal {
			return "", &portal.Error{Kind: portal.Conflict, Key: "register.internal"}
		}
		if e.By == by.Login && !by.IsSystem() {
			return "", &portal.Error{Kind: portal.Forbidden, Key: "error.second_person"}
		}
		if e.Withdrawn != nil {
			return "", &portal.Error{Kind: portal.Conflict, Key: "register.withdrawn_already"}
		}
		var p portal.Problems
		p.Text("note", note, e.Public != nil, portal.MaxNote)
		if err := p.Err(); err != nil {
			return "", err
		}
		o, err := u.Directory.Organ(e.Organ)
		if err != nil {
			return "", err
		}
		if e.Stands, err = scan.Release(o, append(e.texts(), read...), e.Stands, stands, by.Login, u.Now()); err != nil {
			return "", err
		}
		if e.Public != nil {
			e.Earlier = append(e.Earlier, *e.Public)
		}
		values, files := e.Open()
		e.Public = &Edition{Values: values, Files: files, Note: strings.TrimSpace(note), On: u.Today(), At: u.Now().UTC(), By: by.Login}
		return e.Title("zh"), nil
	})
}

// maxReleased is how many entries are released at once.
const maxReleased = 1000

// ReleaseAll makes public what waits in a register and somebody may release: each entry for
// itself, as it is now, after the same check. It returns how many were, and how many were
// refused and wait on.
func (u Registers) ReleaseAll(ctx context.Context, by portal.Actor, register string) (released, refused int, err error) {
	r := Named(register)
	if r == nil || r.Internal {
		return 0, 0, portal.Missing()
	}
	if err := by.NeedSome(r.ReleaseAct()); err != nil {
		return 0, 0, err
	}
	list, err := u.all(func(e *Entry) bool {
		return e.Register == register && e.Public == nil && e.Withdrawn == nil && e.By != by.Login && by.Can(r.ReleaseAct(), e.Organ)
	})
	for _, e := range list[:min(maxReleased, len(list))] {
		_, err := u.Release(ctx, by, e.ID(), portal.RevisionOf(e), "", "")
		switch {
		case err == nil:
			released++
		case portal.KindOf(err) == portal.Invalid || portal.KindOf(err) == portal.Conflict:
			refused++
		default:
			return released, refused, err
		}
	}
	return released, refused, err
}

// Open is what of an entry is published when it is released.
func (e *Entry) Open() (Values, map[string][]portal.Attachment) {
	values, files := maps.Clone(e.Values), maps.Clone(e.Files)
	for _, f := range e.Of().Fields {
		if !f.Public() || !process.Facts(e.Values).Hold(f.PublicWhen) {
			delete(values, f.Code)
			delete(files, f.Code)
		}
	}
	return values, files
}

// Withdraw withdraws an entry with a reason, which is public: a penalty that was annulled
// (行政处罚法第四十八条).
func (u Registers) Withdraw(ctx context.Context, by portal.Actor, id string, seen portal.Revision, reason string) (*Entry, error) {
	var p portal.Problems
	p.Text("reason", reason, true, portal.MaxNote)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return u.Store.Change(ctx, by, id, seen, "withdraw register entry", u.Now(), func(e *Entry) (string, error) {
		if err := by.Need(e.Of().WithdrawAct(), e.Organ); err != nil {
			return "", err
		}
		if e.Public == nil || e.Withdrawn != nil {
			return "", &portal.Error{Kind: portal.Conflict, Key: "register.not_public"}
		}
		e.Withdrawn = &Withdrawal{On: u.Today(), Reason: strings.TrimSpace(reason), By: by.Login}
		return reason, nil
	})
}

// dueOf is the day of a rule for an entry, 0 where it has none or is done.
func (u Registers) dueOf(e *Entry, d DueRule) portal.Date {
	from := e.Values.DateOf(d.Field)
	if d.Step != "" {
		from = e.dayOf(d.Step)
	}
	switch {
	case from == 0:
		return 0
	case d.Until == "public":
		if e.Public != nil {
			return 0
		}
	case d.Until == "withdrawn":
		if e.Public == nil {
			return 0
		}
	case d.Until == "state":
		if !slices.Contains(d.While, e.State()) {
			return 0
		}
	case strings.HasPrefix(d.Until, "step:"):
		if e.dayOf(strings.TrimPrefix(d.Until, "step:")) != 0 {
			return 0
		}
	case e.Values[d.Until] != "":
		return 0
	}
	return u.last(from, d)
}

// last is the last day of a rule.
func (u Registers) last(from portal.Date, d DueRule) portal.Date {
	if d.WorkingDays > 0 {
		return u.Calendar().After(from, d.WorkingDays)
	}
	return from + portal.Date(d.Days)
}

// doing is what has to be done by a rule, in words.
func (e *Entry) doing(d DueRule) portal.Text {
	if step, ok := strings.CutPrefix(d.Until, "step:"); ok && e.Of().Process != nil {
		if r := e.Of().Process.Named(step); r != nil {
			return r.Name
		}
	}
	return e.StateName()
}

// Due implements portal.Deadlines.
func (u Registers) Due(ctx context.Context) ([]portal.Due, error) {
	var out []portal.Due
	_, err := u.all(func(e *Entry) bool {
		r := e.Of()
		if e.Withdrawn != nil {
			return false
		}
		for _, d := range r.Dues {
			if day := u.dueOf(e, d); day != 0 {
				out = append(out, portal.Due{Kind: r.Code, Name: r.Name, Organ: e.Organ, Act: cmp.Or(d.Act, portal.WriteDocuments), What: e.doing(d), Title: r.TitleOf(e.Values, "zh"), Path: "/desk/entries/" + e.ID(), Day: day})
			}
		}
		return false
	})
	return out, err
}

// Figures implements portal.Counted: what is public, by the day that dates it.
func (u Registers) Figures(ctx context.Context, organ portal.OrganCode, from, to portal.Date) (map[string]int64, error) {
	out := make(map[string]int64)
	_, err := u.all(func(e *Entry) bool {
		if e.Organ == organ {
			u.count(e, from, to, func(cell string, n int64) { out[cell] += n })
		}
		return false
	})
	return out, err
}

func (u Registers) count(e *Entry, from, to portal.Date, add func(cell string, n int64)) {
	if e.Public == nil || e.Withdrawn != nil {
		return
	}
	r := e.Of()
	if on := e.Public.Values.DateOf(r.Date); on < from || on > to {
		return
	}
	for _, c := range r.Counts {
		if c.Amount != "" {
			fen, _ := portal.Fen(e.Public.Values[c.Amount]) // it was checked when it was typed
			add(c.Cell, fen)
		} else {
			add(c.Cell, 1)
		}
	}
}

// Behind implements portal.Counted.
func (u Registers) Behind(ctx context.Context, _ portal.Actor, organ portal.OrganCode, from, to portal.Date, cell string) ([]portal.Fact, error) {
	var out []portal.Fact
	_, err := u.all(func(e *Entry) bool {
		if e.Organ == organ {
			u.count(e, from, to, func(c string, n int64) {
				if c == cell && n > 0 {
					out = append(out, portal.Fact{Title: e.Title("zh"), Path: "/entries/" + e.ID(), On: e.Public.Values.DateOf(e.Of().Date)})
				}
			})
		}
		return false
	})
	return out, err
}
