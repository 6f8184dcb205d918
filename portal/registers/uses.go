package registers

import (
	"context"
	"maps"
	"slices"
	"strings"

	"gongkai/portal"
	"gongkai/portal/scan"
)

// Registers are the use cases of registers.
type Registers struct {
	portal.Clockwork
	Store     portal.Records[Entry]
	Directory Directory
	Powers    Powers
	Files     scan.Files
}

// Directory tells of organs.
type Directory interface {
	Organ(portal.OrganCode) (portal.Organ, error)
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
	return e, by.Need(portal.WriteDocuments, e.Organ)
}

// List lists the entries of a register that somebody may write, the newest first.
func (u Registers) List(ctx context.Context, by portal.Actor, register string) ([]*Entry, error) {
	list, err := u.Store.All(ctx, func(e *Entry) bool { return e.Register == register && by.Can(portal.WriteDocuments, e.Organ) })
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
	if id == "" {
		if err := by.NeedTyped(portal.WriteDocuments, organ); err != nil {
			return nil, err
		}
		list, err := u.Store.All(ctx, func(e *Entry) bool { return e.Register == register && e.Organ == organ })
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			serial = max(serial, e.Serial)
		}
		serial++
		id, seen = (&Entry{Register: register, Organ: organ, Serial: serial}).ID(), portal.Absent
	}
	return u.Store.Change(ctx, by, id, seen, "write register entry", u.Now(), func(e *Entry) (string, error) {
		if seen == portal.Absent {
			e.Register, e.Organ, e.Serial = register, organ, serial
		}
		if err := by.Need(portal.WriteDocuments, e.Organ); err != nil {
			return "", err
		}
		if e.Withdrawn != nil {
			return "", &portal.Error{Kind: portal.Conflict, Key: "register.withdrawn_already"}
		}
		r := Named(e.Register)
		if r == nil {
			return "", portal.Missing()
		}
		values, p := r.Clean(typed)
		for _, w := range r.Powers(values) {
			if u.Powers.Listings(portal.Key{Kind: "power", ID: w})[0] == nil {
				p.Add(r.Power, "register.no_power", portal.Args{"Value": w})
			}
		}
		if err := p.Err(); err != nil {
			return "", err
		}
		e.Values, e.By, e.At = values, by.Login, u.Now().UTC()
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
		if s := e.Values[f.Code]; s != "" && f.Kind != "choice" && f.Kind != "date" && f.Kind != "number" && f.Kind != "power" && f.Kind != "powers" {
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
		texts, err := scan.TextsOf(ctx, u.Files, f.Code, was.Files[f.Code])
		if err != nil {
			return nil, err
		}
		read = append(read, texts...)
	}
	return u.Store.Change(ctx, by, id, seen, "release register entry", u.Now(), func(e *Entry) (string, error) {
		if err := by.Need(portal.ReviewDocuments, e.Organ); err != nil {
			return "", err
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
		e.Public = &Edition{Values: maps.Clone(e.Values), Files: maps.Clone(e.Files), Note: strings.TrimSpace(note), On: u.Today(), At: u.Now().UTC(), By: by.Login}
		return e.Title("zh"), nil
	})
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
		if err := by.Need(portal.WithdrawDocuments, e.Organ); err != nil {
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
	case e.Values[d.Until] != "":
		return 0
	}
	if d.WorkingDays > 0 {
		return u.Calendar().After(from, d.WorkingDays)
	}
	return from + portal.Date(d.Days)
}

// Due implements portal.Deadlines.
func (u Registers) Due(ctx context.Context) ([]portal.Due, error) {
	var out []portal.Due
	_, err := u.Store.All(ctx, func(e *Entry) bool {
		r := e.Of()
		if e.Withdrawn != nil {
			return false
		}
		for _, d := range r.Dues {
			if day := u.dueOf(e, d); day != 0 {
				out = append(out, portal.Due{Kind: r.Code, Name: r.Name, Organ: e.Organ, Act: portal.WriteDocuments, Title: r.Name.ZH + "：" + r.TitleOf(e.Values, "zh"), Path: "/desk/entries/" + e.ID(), Day: day})
			}
		}
		return false
	})
	return out, err
}

// Figures implements portal.Counted: what is public, by the day that dates it.
func (u Registers) Figures(ctx context.Context, organ portal.OrganCode, from, to portal.Date) (map[string]int64, error) {
	out := make(map[string]int64)
	_, err := u.Store.All(ctx, func(e *Entry) bool {
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
	_, err := u.Store.All(ctx, func(e *Entry) bool {
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
