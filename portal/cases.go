package portal

import (
	"slices"
	"time"

	"gongkai/portal/clock"
)

// Cases are the use cases of applications: apply, follow, confirm, ask for a
// correction, extend, answer.
type Cases struct {
	Clockwork
	Store CaseStore
}

// CaseStore is what Cases needs of the store.
type CaseStore interface {
	AddApplication(by Actor, a *Application, who *Applicant, code, fingerprint string, at time.Time) (double ApplicationNumber, err error)
	Application(ApplicationNumber) (*Application, error)
	Applications(keep func(*Application) bool) ([]*Application, error)
	ChangeApplication(by Actor, n ApplicationNumber, act string, at time.Time, change func(*Application) error) (*Application, error)
	Identity(ApplicationNumber) (*Applicant, error)
	Note(by Actor, act, object, detail string, at time.Time) error
}

// Receipt is what the applicant is shown once after applying.
type Receipt struct {
	Number ApplicationNumber
	Code   string // the secret query code; kept nowhere
	Organ  OrganCode
	On     Date
	// Double is set when the same applicant sent the same words before on
	// the same day: the first application stands, and no new one was made.
	Double bool
}

// applicantActor writes on behalf of whoever holds the query code.
var applicantActor = Actor{Login: "applicant"}

// Apply receives an application over the internet (第二十九条).
func (u Cases) Apply(a *Application, who *Applicant) (Receipt, error) {
	if err := ValidateApplication(a, who); err != nil {
		return Receipt{}, err
	}
	now := u.Now()
	a.Kind = who.Kind
	a.Steps = []CaseStep{{Event: clock.Event{Type: clock.Received, Date: u.Today(), Channel: "web"}, RecordedAt: now.UTC()}}
	code := NewQueryCode()
	print := Fingerprint(string(a.Organ), who.Name, who.IDNumber, a.Subject, a.Description)
	double, err := u.Store.AddApplication(applicantActor, a, who, code, print, now)
	if err != nil {
		return Receipt{}, err
	}
	if double != "" {
		return Receipt{Number: double, Organ: a.Organ, On: u.Today(), Double: true}, nil
	}
	return Receipt{Number: a.Number, Code: code, Organ: a.Organ, On: u.Today()}, nil
}

// Track opens an application for whoever has its number and code. A wrong
// number and a wrong code are told apart by nothing.
func (u Cases) Track(n ApplicationNumber, code string) (*Application, error) {
	a, err := u.Store.Application(n)
	if err != nil && KindOf(err) != NotFound {
		return nil, err
	}
	if a == nil {
		a = &Application{Number: n, CodeHash: HashCode(n, "")} // as slow as a real one
		code += "x"
	}
	if !a.CheckCode(code) {
		return nil, &Error{Kind: Forbidden, Key: "error.track"}
	}
	return a, nil
}

// Correct takes the applicant's correction (补正).
func (u Cases) Correct(n ApplicationNumber, code, text string) error {
	if _, err := u.Track(n, code); err != nil {
		return err
	}
	var p problems
	p.text("correction", text, true, MaxDescription)
	if err := p.err(); err != nil {
		return err
	}
	return u.step(applicantActor, n, "receive correction", CaseStep{Event: clock.Event{Type: clock.CorrectionReceived, Date: u.Today()}, Note: text})
}

// Withdraw takes an application back at the applicant's wish.
func (u Cases) Withdraw(n ApplicationNumber, code string) error {
	if _, err := u.Track(n, code); err != nil {
		return err
	}
	return u.step(applicantActor, n, "withdraw application", CaseStep{Event: clock.Event{Type: clock.Withdrawn, Date: u.Today()}})
}

// Open loads an application for its handlers.
func (u Cases) Open(by Actor, n ApplicationNumber) (*Application, error) {
	a, err := u.Store.Application(n)
	if err != nil {
		return nil, err
	}
	return a, by.Need(HandleApplications, a.Organ)
}

// WorkItem is an application with its clock.
type WorkItem struct {
	*Application
	Clock clock.Result
	// Disputed: by the calendar of today a recorded step would not have been
	// lawful, which a holiday notice loaded later can bring about. Its clock is
	// not known until somebody has looked.
	Disputed bool
}

// LastMove is the newest change of the deadline by a holiday notice, if it is
// not older than the days; nil if there is none.
func (a *Application) LastMove(now time.Time, days int) *Move {
	if n := len(a.Moves); n > 0 && now.Sub(a.Moves[n-1].At) < time.Duration(days)*24*time.Hour {
		return &a.Moves[n-1]
	}
	return nil
}

// WorkList lists the actor's applications by true urgency: open ones by the
// working days left, those that wait for the applicant after them; closed
// ones only where asked for, newest first.
func (u Cases) WorkList(by Actor, organ OrganCode, closed bool) ([]WorkItem, error) {
	if err := by.Need(HandleApplications, organ); err != nil {
		return nil, err
	}
	today, cal := u.Today(), u.Calendar()
	list, err := u.Store.Applications(func(a *Application) bool {
		if organ != "" && a.Organ != organ || !by.Can(HandleApplications, a.Organ) {
			return false
		}
		return closed == (a.Has(clock.Answered) || a.Has(clock.Withdrawn))
	})
	if err != nil {
		return nil, err
	}
	items := make([]WorkItem, 0, len(list))
	for _, a := range list {
		r, err := a.Evaluate(cal, today)
		items = append(items, WorkItem{a, r, err != nil})
	}
	slices.SortStableFunc(items, func(x, y WorkItem) int {
		if closed {
			return int(y.Steps[len(y.Steps)-1].Date - x.Steps[len(x.Steps)-1].Date)
		}
		if x.Disputed != y.Disputed { // looked at first
			return map[bool]int{true: -1, false: 1}[x.Disputed]
		}
		return urgency(x.Clock) - urgency(y.Clock)
	})
	return items, nil
}

// urgency orders the work list: lower is sooner.
func urgency(r clock.Result) int {
	const later = 1 << 20
	switch {
	case r.State == clock.Lapsed: // to be closed
		return later
	case r.Left == nil:
		return later + int(r.ApplicantUntil)
	}
	return *r.Left
}

// Step records a step that staff took.
func (u Cases) Step(by Actor, n ApplicationNumber, s CaseStep) error {
	if _, err := u.Open(by, n); err != nil {
		return err
	}
	var p problems
	p.text("note", s.Note, s.Type == clock.CorrectionRequested || s.Type == clock.Extended, MaxNote)
	if s.Date.IsZero() {
		p.add("date", "error.required", nil)
	} else if s.Date > u.Today() {
		p.add("date", "error.future", nil)
	}
	if err := p.err(); err != nil {
		return err
	}
	s.By = by.Login
	return u.step(by, n, string(s.Type), s)
}

func (u Cases) step(by Actor, n ApplicationNumber, act string, s CaseStep) error {
	now := u.Now()
	s.RecordedAt = now.UTC()
	_, err := u.Store.ChangeApplication(by, n, act, now, func(a *Application) error { return a.Add(s, u.Calendar()) })
	return err
}

// Answer closes an application with one outcome of the national list.
func (u Cases) Answer(by Actor, n ApplicationNumber, on Date, ans Answer) error {
	if _, err := u.Open(by, n); err != nil {
		return err
	}
	var p problems
	if !Outcomes.Has(ans.Outcome) {
		p.add("outcome", "error.choose", nil)
	}
	p.text("text", ans.Text, true, MaxAnswer)
	if on.IsZero() {
		p.add("date", "error.required", nil)
	} else if on > u.Today() {
		p.add("date", "error.future", nil)
	}
	if len(ans.Files) > MaxCaseFiles {
		p.add("files", "error.too_many", Args{"Limit": MaxCaseFiles})
	}
	if pub := ans.Public; pub != nil {
		p.text("public_title", pub.Title, true, MaxName)
		p.text("public_text", pub.Text, true, MaxAnswer)
		pub.On = u.Today()
	}
	if err := p.err(); err != nil {
		return err
	}
	now := u.Now()
	_, err := u.Store.ChangeApplication(by, n, "answer", now, func(a *Application) error {
		s := CaseStep{Event: clock.Event{Type: clock.Answered, Date: on, Way: "sent"}, By: by.Login, RecordedAt: now.UTC()}
		if err := a.Add(s, u.Calendar()); err != nil {
			return err
		}
		a.Answer = &ans
		return nil
	})
	return err
}

// Masked is who the applicant is as far as the case page shows it by itself;
// nil for a case that has no applicant, such as an imported one.
func (u Cases) Masked(by Actor, n ApplicationNumber) (*Applicant, error) {
	if _, err := u.Open(by, n); err != nil {
		return nil, err
	}
	who, err := u.Store.Identity(n)
	if KindOf(err) == NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := who.Masked()
	return &m, nil
}

// Reveal opens who the applicant is. Each look is written into the audit log
// with its reason before anything is shown.
func (u Cases) Reveal(by Actor, n ApplicationNumber, reason string) (*Applicant, error) {
	if _, err := u.Open(by, n); err != nil {
		return nil, err
	}
	var p problems
	if p.text("reason", reason, true, MaxNote); p.err() != nil {
		return nil, p.err()
	}
	who, err := u.Store.Identity(n)
	if err != nil {
		return nil, err
	}
	return who, u.Store.Note(by, "reveal applicant", "application/"+string(n), reason, u.Now())
}
