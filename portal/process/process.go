// Package process is how matters of a kind are handled (办理流程), as rule data: which
// steps lead from which state to which, and by when. State and deadlines are told from
// the steps that were recorded each time they are asked for; lateness is never a state.
package process

import (
	"slices"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// Process is a way of handling.
type Process struct {
	States []State    `json:"states"`
	Steps  []StepRule `json:"steps"`
	Limits []Limit    `json:"limits"`
}

// State is where a matter stands (办理状态). One that is ended has no open deadline.
type State struct {
	portal.Term
	Ended bool `json:"ended,omitempty"`
}

// StepRule says when a step can be taken and where it leads.
type StepRule struct {
	portal.Term
	From []string `json:"from,omitempty"` // states; none for the first step
	To   string   `json:"to,omitempty"`   // "" stays
	Note string   `json:"note,omitempty"` // "required", "optional", "" for none
	Most int      `json:"most,omitempty"` // how often; 0 for any number
	// By is who takes it: "" for the organ that has the matter, "person" for whose matter it
	// is, "overseer" for who gave it, "system" for what follows from something else.
	By string `json:"by,omitempty"`
}

// Units of time limits.
const (
	Days        = "days" // calendar days; a last day that is no working day moves to the next one (民法典第二百零三条)
	WorkingDays = "working_days"
	Hours       = "hours"
)

// Limit is a time limit (期限): so many units after the last of some steps until one of
// others. The day on which it begins is not counted (民法典第二百零一条); nought days end
// with that day.
type Limit struct {
	portal.Term
	When     map[string][]string `json:"when,omitempty"` // facts of a matter, each with what it may be
	From     []string            `json:"from"`           // steps
	Until    []string            `json:"until"`          // steps
	N        int                 `json:"n"`
	Unit     string              `json:"unit"`
	Extend   string              `json:"extend,omitempty"`    // the step that extends it
	ExtendBy int                 `json:"extend_by,omitempty"` // units at the most
	Source   string              `json:"source"`
	// Unverified says that the period is from practice, and was read in no source.
	Unverified bool `json:"unverified,omitempty"`
}

// Step is something that was done (办理记录).
type Step struct {
	Type  string           `json:"type"`
	On    portal.Date      `json:"on"` // the day that counts
	At    time.Time        `json:"at"` // when it was recorded
	By    portal.Login     `json:"by,omitempty"`
	Organ portal.OrganCode `json:"organ,omitempty"` // that has the matter from then on, where that changes
	Note  string           `json:"note,omitempty"`
	Units int              `json:"units,omitempty"` // by which a limit is extended
}

// Facts of a matter decide which limits hold.
type Facts map[string]string

// Named is the rule of a step; nil for none.
func (p *Process) Named(step string) *StepRule {
	i := slices.IndexFunc(p.Steps, func(s StepRule) bool { return s.Code == step })
	if i < 0 {
		return nil
	}
	return &p.Steps[i]
}

// Traced is a step with its name, as it is told.
type Traced struct {
	Step
	Name portal.Text
}

// Trace tells what was done, but for some kinds of steps.
func (p *Process) Trace(steps []Step, hidden ...string) []Traced {
	var out []Traced
	for _, s := range steps {
		if slices.Contains(hidden, s.Type) {
			continue
		}
		t := Traced{s, portal.Text{ZH: s.Type}}
		if r := p.Named(s.Type); r != nil {
			t.Name = r.Name
		}
		out = append(out, t)
	}
	return out
}

// StateNamed is a state; its code alone where the rules have it no more.
func (p *Process) StateNamed(code string) State {
	for _, s := range p.States {
		if s.Code == code {
			return s
		}
	}
	return State{Term: portal.Term{Code: code, Name: portal.Text{ZH: code, EN: code}}}
}

// State is where a matter stands after its steps; "" before the first.
func (p *Process) State(steps []Step) string {
	state := ""
	for _, s := range steps {
		if r := p.Named(s.Type); r != nil && r.To != "" {
			state = r.To
		}
	}
	return state
}

// Ended reports whether a matter is ended.
func (p *Process) Ended(steps []Step) bool { return p.StateNamed(p.State(steps)).Ended }

// May lists the steps that somebody may take next.
func (p *Process) May(steps []Step, by string) []StepRule {
	var out []StepRule
	for _, r := range p.Steps {
		if r.By == by && p.may(steps, r) == nil {
			out = append(out, r)
		}
	}
	return out
}

func (p *Process) may(steps []Step, r StepRule) error {
	if !slices.Contains(r.From, p.State(steps)) && (len(r.From) > 0 || len(steps) > 0) {
		return &portal.Error{Kind: portal.Conflict, Key: "process.not_now", Args: portal.Args{"Step": r.Name.ZH, "State": p.StateNamed(p.State(steps)).Name.ZH}}
	}
	n := 0
	for _, s := range steps {
		if s.Type == r.Code {
			n++
		}
	}
	if r.Most > 0 && n >= r.Most {
		return &portal.Error{Kind: portal.Conflict, Key: "process.most", Args: portal.Args{"Step": r.Name.ZH, "N": r.Most}}
	}
	return nil
}

// Add adds a step that somebody takes, or says why it cannot be.
func (p *Process) Add(steps []Step, s Step, by string) ([]Step, error) {
	r := p.Named(s.Type)
	if r == nil || r.By != by {
		return nil, portal.Missing()
	}
	if err := p.may(steps, *r); err != nil {
		return nil, err
	}
	var ps portal.Problems
	ps.Text("note", s.Note, r.Note == "required", portal.MaxNote)
	if n := len(steps); n > 0 && s.On < steps[n-1].On {
		ps.Add("on", "process.before", portal.Args{"Date": steps[n-1].On.String()})
	}
	for _, l := range p.Limits {
		if l.Extend == s.Type && (s.Units < 1 || s.Units > l.ExtendBy) && !slices.ContainsFunc(p.Limits, func(o Limit) bool { return o.Extend == s.Type && s.Units >= 1 && s.Units <= o.ExtendBy }) {
			ps.Add("units", "process.units", portal.Args{"Limit": l.ExtendBy})
			break
		}
	}
	if err := ps.Err(); err != nil {
		return nil, err
	}
	return append(slices.Clone(steps), s), nil
}

// LimitsOf are the limits that hold for a matter: of those with the same code the first
// whose facts agree.
func (p *Process) LimitsOf(f Facts) []*Limit {
	var out []*Limit
	for i := range p.Limits {
		l := &p.Limits[i]
		if !slices.ContainsFunc(out, func(o *Limit) bool { return o.Code == l.Code }) && f.Hold(l.When) {
			out = append(out, l)
		}
	}
	return out
}

// Hold reports whether facts are what they may be.
func (f Facts) Hold(when map[string][]string) bool {
	for k, v := range when {
		if !slices.Contains(v, f[k]) {
			return false
		}
	}
	return true
}

// Deadline is a limit as it runs for a matter, or as it was kept.
type Deadline struct {
	Limit  *Limit
	From   portal.Date
	FromAt time.Time
	Units  int         // by which it was extended
	MetOn  portal.Date // when it was ended; 0 while it runs
	MetAt  time.Time

	Day portal.Date // the last day, inclusive; what follows is worked out by Reckon
	At  time.Time   // the moment, of a limit in hours
}

// Reckon works out the last day by a calendar; loc is the portal's zone.
func (d Deadline) Reckon(cal *clock.Calendar, loc *time.Location) Deadline {
	d.Day = d.From
	switch n := d.Limit.N + d.Units; d.Limit.Unit {
	case WorkingDays:
		d.Day = cal.After(d.From, n)
	case Days:
		if n > 0 {
			if d.Day = d.From + portal.Date(n); !cal.Working(d.Day) {
				d.Day = cal.After(d.Day, 1)
			}
		}
	case Hours:
		d.At = d.FromAt.Add(time.Duration(n) * time.Hour)
		d.Day = portal.DateOf(d.At.In(loc))
	}
	return d
}

// Late reports whether a deadline that was reckoned was, or by now is, overrun.
func (d Deadline) Late(now time.Time) bool {
	on, at := portal.DateOf(now), now
	if d.MetOn != 0 {
		on, at = d.MetOn, d.MetAt
	}
	if !d.At.IsZero() {
		return at.After(d.At)
	}
	return on > d.Day
}

// Runs are the limits of a matter that run, and those that were met, without their days.
// Of an ended matter none runs any more.
func (p *Process) Runs(steps []Step, f Facts) []Deadline {
	var out []Deadline
	ended := p.Ended(steps)
	for _, l := range p.LimitsOf(f) {
		d := Deadline{Limit: l}
		for _, s := range steps {
			switch {
			case slices.Contains(l.From, s.Type):
				d = Deadline{Limit: l, From: s.On, FromAt: s.At}
			case d.From == 0 || d.MetOn != 0:
			case slices.Contains(l.Until, s.Type):
				d.MetOn, d.MetAt = s.On, s.At
			case l.Extend == s.Type && l.Extend != "":
				d.Units += min(s.Units, l.ExtendBy)
			}
		}
		if d.From != 0 && (d.MetOn != 0 || !ended) {
			out = append(out, d)
		}
	}
	return out
}

// Deadlines are the Runs of a matter with their days.
func (p *Process) Deadlines(steps []Step, f Facts, cal *clock.Calendar, loc *time.Location) []Deadline {
	out := p.Runs(steps, f)
	for i := range out {
		out[i] = out[i].Reckon(cal, loc)
	}
	return out
}

// Next is the deadline that runs and ends first; nil where none runs.
func Next(list []Deadline) *Deadline {
	var out *Deadline
	for i := range list {
		if d := &list[i]; d.MetOn == 0 && (out == nil || d.Day < out.Day) {
			out = d
		}
	}
	return out
}
