package cases

import (
	"context"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// Cases are the use cases of applications: apply, follow, confirm, ask for a
// correction, extend, answer.
type Cases struct {
	// Outbox takes what is written to staff; nil where no mail can be sent.
	Outbox Outbox
	portal.Clockwork
	Store   Store
	Printer Printer
	// Writer writes messages; nil where no mail can be sent.
	Writer CaseWriter
	// Mailbox is where petitions go, and where letters come from that ask for information;
	// nil where there is none.
	Mailbox Mailbox
	// Origin begins the addresses in letters, with the base path.
	Origin string

	seen portal.Revision
}

// Seen are the use cases for somebody who saw a case at a revision: what changes
// it is refused if it has changed since.
func (u Cases) Seen(r portal.Revision) Cases { u.seen = r; return u }

// Receipt is what the applicant is shown once after applying.
type Acknowledgement struct {
	Number ApplicationNumber
	Code   string // the secret query code; kept nowhere
	Organ  portal.OrganCode
	On     portal.Date
	// Double is set when the same applicant sent the same words before on
	// the same day: the first application stands, and no new one was made.
	Duplicate bool
}

// applicantActor writes on behalf of whoever holds the query code.
var applicantActor = portal.Actor{Login: "applicant"}

// Apply receives an application over the internet (第二十九条).
func (u Applying) Apply(ctx context.Context, a *Application, who *Applicant) (Acknowledgement, error) {
	rs, err := u.ApplyAll(ctx, []*Application{a}, who)
	if err != nil {
		return Acknowledgement{}, err
	}
	return rs[0], nil
}

// ApplyAll receives matters that were sent together: each is a case of its
// own, linked with the others (一事一申请).
func (u Applying) ApplyAll(ctx context.Context, list []*Application, who *Applicant) ([]Acknowledgement, error) {
	for _, a := range list {
		a.Steps = []CaseStep{{Event: clock.Event{Type: clock.Received, Date: u.Today(), Channel: "web"}}}
	}
	return u.receive(ctx, applicantActor, list, who)
}

// TakeIn receives what came by post, over the counter, by fax, by e-mail or
// was said (第二十九条第一款), on the day that counts for the channel.
func (u Applying) TakeIn(ctx context.Context, by portal.Actor, list []*Application, who *Applicant) ([]Acknowledgement, error) {
	var p portal.Problems
	for _, a := range list {
		if err := by.Need(portal.HandleApplications, a.Organ); err != nil && a.Organ != "" {
			return nil, err
		}
		if len(a.Steps) != 1 || a.Steps[0].Type != clock.Received {
			return nil, &portal.Error{Kind: portal.Invalid, Key: "error.form"}
		}
		s := &a.Steps[0]
		if !portal.Channels.Has(s.Channel) || s.Channel == "web" {
			p.Add("channel", "error.choose", nil)
		}
		p.Past("date", s.Date, u.Today())
		s.By, a.Handler = by.Login, by.Login
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return u.receive(ctx, by, list, who)
}

func (u Applying) receive(ctx context.Context, by portal.Actor, list []*Application, who *Applicant) ([]Acknowledgement, error) {
	if len(list) == 0 || len(list) > MaxMatters {
		return nil, &portal.Error{Kind: portal.Invalid, Key: "error.too_many", Args: portal.Args{"Limit": MaxMatters}}
	}
	now := u.Now()
	codes := make([]string, len(list))
	for i, a := range list {
		if err := ValidateApplication(a, who); err != nil {
			return nil, err
		}
		a.Kind, a.Steps[0].RecordedAt = who.Kind, now.UTC()
		codes[i] = portal.NewQueryCode()
	}
	duplicate, err := u.Store.AddApplications(ctx, by, list, who, codes, now)
	if err != nil {
		return nil, err
	}
	if duplicate != "" {
		return []Acknowledgement{{Number: duplicate, Organ: list[0].Organ, On: u.Today(), Duplicate: true}}, nil
	}
	out := make([]Acknowledgement, len(list))
	for i, a := range list {
		out[i] = Acknowledgement{Number: a.Number, Code: codes[i], Organ: a.Organ, On: a.Steps[0].Date}
	}
	return out, nil
}

// Track opens an application for whoever has its number and code. A wrong
// number and a wrong code give the same answer, in the same time.
func (u Applying) Track(ctx context.Context, n ApplicationNumber, code string) (*Application, error) {
	a, err := u.Store.Application(ctx, n)
	if err != nil && portal.KindOf(err) != portal.NotFound {
		return nil, err
	}
	if a == nil {
		a = &Application{Number: n, CodeHash: portal.HashCode(string(n), "")} // as slow as a real one
		code += "x"
	}
	if !a.CheckCode(code) && !u.linkedCode(ctx, a, code) {
		return nil, &portal.Error{Kind: portal.Forbidden, Key: "error.track"}
	}
	return a, nil
}

// linkedCode reports whether a code is that of the case, or of the letter, from which this
// one came: such a case has none of its own.
func (u Applying) linkedCode(ctx context.Context, a *Application, code string) bool {
	if a.CodeHash != "" {
		return false
	}
	if a.Letter != "" && u.Mailbox != nil && u.Mailbox.HasCode(ctx, a.Letter, code) {
		return true
	}
	for _, n := range a.Linked {
		if first, err := u.Store.Application(ctx, n); err == nil && first.CheckCode(code) {
			return true
		}
	}
	return false
}

// Correct takes the applicant's correction (补正).
func (u Applying) Correct(ctx context.Context, n ApplicationNumber, code, text string, files []portal.Attachment) error {
	var p portal.Problems
	p.Text("correction", text, true, MaxDescription)
	if len(files) > MaxCaseFiles {
		p.Add("files", "error.too_many", portal.Args{"Limit": MaxCaseFiles})
	}
	if err := p.Err(); err != nil {
		return err
	}
	s := CaseStep{Event: clock.Event{Type: clock.CorrectionReceived, Date: u.Today()}, Note: text, RecordedAt: u.Now().UTC()}
	return u.changeOwn(ctx, n, code, "receive correction", func(a *Application) error {
		a.Files = append(a.Files, files...)
		return a.Add(s, u.Calendar())
	})
}

// changeOwn alters a case for its applicant, who has the code.
func (u Applying) changeOwn(ctx context.Context, n ApplicationNumber, code, act string, change func(*Application) error) error {
	if _, err := u.Track(ctx, n, code); err != nil {
		return err
	}
	_, err := u.Store.ChangeApplication(ctx, applicantActor, n, portal.Latest, act, u.Now(), func(a *Application, _ CaseTx) error { return change(a) })
	return err
}

// Statement is what an applicant says when reasons are demanded (说明理由,
// 第三十五条). It does not touch the clock.
type Statement struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// maxStatements is how often an applicant may state reasons.
const maxStatements = 10

// MayState reports whether reasons are demanded and can still be given.
func (a *Application) MayState() bool {
	return a.Has(clock.UnreasonableVolume) && !a.Closed() && len(a.Statements) < maxStatements
}

// State takes the reasons that an applicant gives.
func (u Applying) State(ctx context.Context, n ApplicationNumber, code, text string) error {
	var p portal.Problems
	p.Text("statement", text, true, MaxDescription)
	if err := p.Err(); err != nil {
		return err
	}
	return u.changeOwn(ctx, n, code, "state reasons", func(a *Application) error {
		if !a.MayState() {
			return &portal.Error{Kind: portal.Conflict, Key: "error.no_reasons"}
		}
		a.Statements = append(a.Statements, Statement{text, u.Now().UTC()})
		return nil
	})
}

// Withdraw takes an application back at the applicant's wish.
func (u Applying) Withdraw(ctx context.Context, n ApplicationNumber, code string) error {
	if _, err := u.Track(ctx, n, code); err != nil {
		return err
	}
	return u.step(ctx, applicantActor, n, "withdraw application", CaseStep{Event: clock.Event{Type: clock.Withdrawn, Date: u.Today()}})
}

// Open loads an application for its handlers.
func (u Cases) Open(ctx context.Context, by portal.Actor, n ApplicationNumber) (*Application, error) {
	a, err := u.Store.Application(ctx, n)
	if err != nil {
		return nil, err
	}
	return a, by.Need(portal.HandleApplications, a.Organ)
}

// step records a step that needs no letter.
func (u Cases) step(ctx context.Context, by portal.Actor, n ApplicationNumber, act string, s CaseStep) error {
	now := u.Now()
	s.RecordedAt = now.UTC()
	_, err := u.Store.ChangeApplication(ctx, by, n, portal.Latest, act, now, func(a *Application, tx CaseTx) error {
		if err := a.Add(s, u.Calendar()); err != nil {
			return err
		}
		if a.Closed() {
			a.Proposal = nil // what waited for a signature is of no use any more
		}
		return u.tell(a, tx, s, "")
	})
	return err
}

// Masked is who the applicant is as far as the case page shows it by itself;
// nil for a case that has no applicant, such as an imported one.
func (u Handling) Masked(ctx context.Context, by portal.Actor, n ApplicationNumber) (*Applicant, error) {
	if _, err := u.Open(ctx, by, n); err != nil {
		return nil, err
	}
	who, err := u.Store.Identity(ctx, n)
	if portal.KindOf(err) == portal.NotFound {
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
func (u Handling) Reveal(ctx context.Context, by portal.Actor, n ApplicationNumber, reason string) (*Applicant, error) {
	if _, err := u.Open(ctx, by, n); err != nil {
		return nil, err
	}
	if err := u.Letters().openName(ctx, by, n, "", reason); err != nil {
		return nil, err
	}
	return u.Store.Identity(ctx, n)
}

// The use cases by what people do, each a small type over the same ports.
type (
	// Applying is what an applicant does, and what comes in by other ways.
	Applying struct{ Cases } // what an applicant does, and what comes in by other ways
	Steps    struct{ Cases } // the statutory steps, with the head's signature
	Letters  struct{ Cases } // letters and their templates
	Handling struct{ Cases } // who works on a case, whom they ask, what they look at
	Answers  struct{ Cases } // what goes with an answer and comes after it
	Lists    struct{ Cases } // work lists and figures
	Keeping  struct{ Cases } // reminders, retention, the archive
	Opinions struct{ Cases } // third parties
)

// Applying are the use cases of applicants.
func (u Cases) Applying() Applying { return Applying{u} }

// Steps are the use cases of the statutory steps.
func (u Cases) Steps() Steps { return Steps{u} }

// Letters are the use cases of letters.
func (u Cases) Letters() Letters { return Letters{u} }

// Handling are the use cases of those who work on a case.
func (u Cases) Handling() Handling { return Handling{u} }

// Answers are the use cases around an answer.
func (u Cases) Answers() Answers { return Answers{u} }

// Lists are the use cases that look at many cases.
func (u Cases) Lists() Lists { return Lists{u} }

// Keeping are the use cases of time: what falls due, what is kept and destroyed.
func (u Cases) Keeping() Keeping { return Keeping{u} }

// Opinions are the use cases of third parties.
func (u Cases) Opinions() Opinions { return Opinions{u} }
