package registers

import (
	"context"
	"slices"
	"strings"

	"gongkai/portal"
	"gongkai/portal/process"
)

// begin takes the first step of an entry, where it is handled: on the day that dates it.
func (u Registers) begin(e *Entry, by portal.Actor) {
	if p := e.Of().Process; p != nil {
		on := u.Today()
		if d := e.Values.DateOf(e.Of().Date); d != 0 {
			on = min(on, d)
		}
		e.Steps = []process.Step{{Type: p.Steps[0].Code, On: on, At: u.Now().UTC(), By: by.Login, Organ: e.Organ}}
	}
}

// State is the code of where an entry stands; "" where it is only kept.
func (e *Entry) State() string {
	if p := e.Of().Process; p != nil && len(e.Steps) > 0 {
		return p.State(e.Steps)
	}
	return ""
}

// StateName is where it stands, in words.
func (e *Entry) StateName() portal.Text {
	if s := e.State(); s != "" {
		return e.Of().Process.StateNamed(s).Name
	}
	return portal.Text{}
}

// Trace tells what was done.
func (e *Entry) Trace() []process.Traced {
	if p := e.Of().Process; p != nil {
		return p.Trace(e.Steps)
	}
	return nil
}

// dayOf is the day of the last step of a kind, 0 for none.
func (e *Entry) dayOf(step string) (on portal.Date) {
	for _, s := range e.Steps {
		if s.Type == step {
			on = s.On
		}
	}
	return on
}

// May lists the steps that somebody may take with an entry now.
func (u Registers) May(by portal.Actor, e *Entry) []process.StepRule {
	p := e.Of().Process
	if p == nil || e.Withdrawn != nil {
		return nil
	}
	var out []process.StepRule
	if by.Can(portal.WriteDocuments, e.Organ) || slices.ContainsFunc(e.Of().joint(e), func(o portal.OrganCode) bool { return by.Can(portal.WriteDocuments, o) }) {
		out = p.May(e.Steps, "")
	}
	if by.Can(portal.Oversee, e.Organ) {
		out = append(out, p.May(e.Steps, "overseer")...)
	}
	return out
}

// Step takes a step with an entry, as it was seen, on a day, with what is filled in with it.
func (u Registers) Step(ctx context.Context, by portal.Actor, id string, seen portal.Revision, step string, on portal.Date, note string, typed Values, files map[string][]portal.Attachment) (*Entry, error) {
	return u.Store.Change(ctx, by, id, seen, "take step of register entry", u.Now(), func(e *Entry) (string, error) {
		r := e.Of()
		if err := r.may(by, e, portal.Oversee); err != nil {
			return "", err
		}
		if r.Process == nil || r.Process.Named(step) == nil {
			return "", portal.Missing()
		}
		rule := r.Process.Named(step)
		act := portal.WriteDocuments
		if rule.By == "overseer" {
			act = portal.Oversee
		}
		if !by.Can(act, e.Organ) && (rule.By != "" || r.may(by, e) != nil) {
			return "", by.Need(act, e.Organ)
		}
		values, p := clean(typed, r.FieldsOf(step))
		p.Past("on", on, u.Today())
		u.organs(r, values, &p)
		if err := p.Err(); err != nil {
			return "", err
		}
		steps, err := r.Process.Add(e.Steps, process.Step{Type: step, On: on, At: u.Now().UTC(), By: by.Login, Note: strings.TrimSpace(note)}, rule.By)
		if err != nil {
			return "", err
		}
		e.Steps = steps
		for _, f := range r.FieldsOf(step) {
			if f.Kind == "files" {
				for _, a := range files[f.Code] {
					if e.Files == nil {
						e.Files = make(map[string][]portal.Attachment)
					}
					e.Files[f.Code] = portal.WithFile(e.Files[f.Code], a)
				}
				continue
			}
			if v := values[f.Code]; v != e.Values[f.Code] {
				e.Values[f.Code] = v
				e.By, e.At = by.Login, u.Now().UTC() // it waits to be published anew
			}
		}
		return step, nil
	})
}

// organs turns the names of organs into their codes, and reports those that there are not.
func (u Registers) organs(r *Register, v Values, p *portal.Problems) {
	for _, f := range r.Fields {
		if f.Kind != "organs" || v[f.Code] == "" {
			continue
		}
		var codes []string
		for w := range strings.FieldsSeq(strings.NewReplacer("、", " ", "，", " ", "；", " ", ",", " ", ";", " ").Replace(v[f.Code])) {
			o := u.OrganNamed(w)
			if o == "" {
				p.Add(f.Code, "register.no_organ", portal.Args{"Value": w})
				continue
			}
			codes = append(codes, string(o))
		}
		v[f.Code] = strings.Join(codes, "\n")
	}
}

// OrganNamed is the organ with a code or a name, "" for none.
func (u Registers) OrganNamed(w string) portal.OrganCode {
	for _, o := range u.Directory.Organs() {
		if string(o.Code) == w || o.Name.ZH == w || o.Name.EN == w {
			return o.Code
		}
	}
	return ""
}

// seal keeps sealed fields apart, and takes them out of what is kept in the clear. What was
// left empty stays as it was.
func seal(r *Register, v Values, tx portal.RecordTx) error {
	secret, changed := Values{}, false
	for _, f := range r.Fields {
		if !f.Sealed {
			continue
		}
		if len(secret) == 0 {
			if err := tx.Unsealed(secretsBucket, &secret); err != nil && portal.KindOf(err) != portal.NotFound {
				return err
			}
		}
		if s := v[f.Code]; s != "" {
			secret[f.Code], changed = s, true
		}
		delete(v, f.Code)
	}
	if !changed {
		return nil
	}
	return tx.Seal(secretsBucket, secret)
}

// Secrets are the sealed fields of an entry, for who enters the register. Each look is
// written into the audit log before anything is shown.
func (u Registers) Secrets(ctx context.Context, by portal.Actor, e *Entry) (Values, error) {
	r := e.Of()
	if !slices.ContainsFunc(r.Fields, func(f Field) bool { return f.Sealed }) || !by.Can(r.WriteAct(), e.Organ) {
		return nil, nil
	}
	v := Values{}
	err := u.Store.Unsealed(ctx, e.ID(), secretsBucket, &v)
	if portal.KindOf(err) == portal.NotFound {
		return v, nil
	}
	if err == nil {
		err = u.Notes.Note(ctx, by, "look at sealed field", "entry/"+e.ID(), "", u.Now())
	}
	return v, err
}

// facts are what is told of an entry that says v, for figures.
func (u Registers) facts(e *Entry, v Values) process.Facts {
	r := e.Of()
	f := process.Facts{"state": e.State()}
	for _, x := range r.Fields {
		if x.Kind == "choice" {
			f[x.Code] = v[x.Code]
		}
	}
	for _, d := range r.Dues {
		from := v.DateOf(d.Field)
		if d.Until != "state" || d.Step != "" || from == 0 {
			continue
		}
		last := u.last(from, d)
		done := e.leftOn(d.While)
		switch {
		case done != 0 && done <= last:
			f["in_time"] = "yes"
		case done != 0:
			f["in_time"] = "no"
		case u.Today() > last:
			f["in_time"] = "overdue"
		default:
			f["in_time"] = "running"
		}
		break
	}
	return f
}

// leftOn is the day on which an entry last left some states, 0 while it is in one.
func (e *Entry) leftOn(states []string) (on portal.Date) {
	p, in := e.Of().Process, false
	for i, s := range e.Steps {
		now := slices.Contains(states, p.State(e.Steps[:i+1]))
		if in && !now {
			on = s.On
		}
		if now {
			on = 0
		}
		in = now
	}
	return on
}

// TallyLine is the figures of an organ, in the order of the register's tallies; the last
// line, without an organ, is that of all.
type TallyLine struct {
	Organ  portal.OrganCode
	Counts []int64
	Shares []int // per thousand; -1 for none
}

// Tally counts the entries of a register by organ, of a year or of all years with 0. Of
// what is public only what is published counts.
func (u Registers) Tally(ctx context.Context, r *Register, year int, public bool, may func(*Entry) bool) ([]TallyLine, error) {
	lines := make(map[portal.OrganCode]*TallyLine)
	total := &TallyLine{Counts: make([]int64, len(r.Tallies))}
	_, err := u.all(func(e *Entry) bool {
		if e.Register != r.Code || e.Withdrawn != nil || public && e.Public == nil || may != nil && !may(e) {
			return false
		}
		v := e.Values
		if public {
			v = e.Public.Values
		}
		if year != 0 && v.DateOf(r.Date).Year() != year {
			return false
		}
		l := lines[e.Organ]
		if l == nil {
			l = &TallyLine{Organ: e.Organ, Counts: make([]int64, len(r.Tallies))}
			lines[e.Organ] = l
		}
		f := u.facts(e, v)
		for i, t := range r.Tallies {
			n := int64(0)
			if f.Hold(t.When) {
				n = 1
				if t.Sum != "" {
					n = amount(v[t.Sum])
				}
			}
			l.Counts[i] += n
			total.Counts[i] += n
		}
		return false
	})
	if err != nil {
		return nil, err
	}
	var out []TallyLine
	for _, o := range u.Directory.Organs() {
		if l := lines[o.Code]; l != nil {
			out = append(out, r.shared(*l))
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return append(out, r.shared(*total)), nil
}

func amount(s string) (n int64) {
	for _, c := range s {
		if c >= '0' && c <= '9' && n < 1e12 {
			n = n*10 + int64(c-'0')
		}
	}
	return n
}

// shared works out of what each figure is a share.
func (r *Register) shared(l TallyLine) TallyLine {
	for i, t := range r.Tallies {
		share := -1
		if j := slices.IndexFunc(r.Tallies, func(o Tally) bool { return o.Code == t.Share }); j >= 0 && l.Counts[j] > 0 {
			share = int((l.Counts[i]*1000 + l.Counts[j]/2) / l.Counts[j])
		}
		l.Shares = append(l.Shares, share)
	}
	return l
}

// Letter is the text of the paper that is made of an entry, with the marks of lines; ""
// until its step was taken. public takes what is published.
func (u Registers) Letter(e *Entry, lang string, public bool, organ func(portal.OrganCode) string, day func(portal.Date) string) string {
	r := e.Of()
	if r.Paper == nil || e.dayOf(r.Paper.Step) == 0 || public && e.Public == nil {
		return ""
	}
	v := e.Values
	if public {
		if v = e.Public.Values; !process.Facts(v).Hold(r.Paper.PublicWhen) {
			return ""
		}
	}
	fill := func(s string) string {
		return placeholder.ReplaceAllStringFunc(s, func(m string) string {
			code := m[1 : len(m)-1]
			switch {
			case code == "organ":
				return organ(e.Organ)
			case strings.HasPrefix(code, "day:"):
				return day(e.dayOf(strings.TrimPrefix(code, "day:")))
			}
			if f := r.Field(code); f != nil {
				return f.Shown(v[code], lang)
			}
			return ""
		})
	}
	return "{{标题行}}" + fill(r.Paper.Heading.In(lang)) + "\n" + fill(r.Paper.Text.In(lang))
}

// maxBrought is how many entries are brought at once.
const maxBrought = 5000

// Brought is a row of a file: what it says, by the codes of fields, and the name of its
// organ.
type Brought struct {
	Line   int
	Organ  string
	Values Values
}

// Bring enters many entries at once, or none: each mistake is reported with the line in
// which it stands. They wait to be published.
func (u Registers) Bring(ctx context.Context, by portal.Actor, register string, organ portal.OrganCode, rows []Brought) (int, []LineProblem, error) {
	r := Named(register)
	if r == nil {
		return 0, nil, portal.Missing()
	}
	if len(rows) > maxBrought {
		return 0, nil, portal.Wrong("file", "error.import_rows", portal.Args{"Limit": maxBrought})
	}
	serials := make(map[portal.OrganCode]int)
	if _, err := u.all(func(e *Entry) bool {
		if e.Register == register {
			serials[e.Organ] = max(serials[e.Organ], e.Serial)
		}
		return false
	}); err != nil {
		return 0, nil, err
	}
	var bad []LineProblem
	var list []*Entry
	for _, row := range rows {
		o := organ
		if row.Organ != "" {
			o = u.OrganNamed(strings.TrimSpace(row.Organ))
		}
		values, p := clean(row.Values, r.FieldsOf(""))
		u.organs(r, values, &p)
		switch {
		case o == "":
			p.Add("organ", "register.no_organ", portal.Args{"Value": row.Organ})
		case !by.Can(r.WriteAct(), o):
			p.Add("organ", "error.forbidden", nil)
		}
		for _, f := range r.Fields {
			if f.Sealed && values[f.Code] != "" {
				p.Add(f.Code, "register.sealed_import", nil)
			}
		}
		for _, x := range p {
			bad = append(bad, LineProblem{row.Line, x})
		}
		if len(p) > 0 {
			continue
		}
		serials[o]++
		e := &Entry{Register: register, Organ: o, Serial: serials[o], Values: values, By: by.Login, At: u.Now().UTC()}
		u.begin(e, by)
		list = append(list, e)
	}
	if len(bad) > 0 || len(list) == 0 {
		return 0, bad, nil
	}
	return len(list), nil, u.Store.PutAll(ctx, by, "write register entry", u.Now(), (*Entry).ID, list)
}

// LineProblem is what is wrong with a line.
type LineProblem struct {
	Line int
	portal.Problem
}
