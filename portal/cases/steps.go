package cases

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/text"
)

// Proposal is a step with its letter, ready to be taken (拟办): at once by
// whoever may, or by the head's signature.
type Proposal struct {
	Step   CaseStep `json:"step"`
	Answer *Answer  `json:"answer,omitempty"`
	Charge *Charge  `json:"charge,omitempty"`
	// To is the competent organ of an application that is forwarded.
	To       portal.OrganCode `json:"to,omitempty"`
	Rightful string           `json:"rightful,omitempty"` // the right organ and its address, 第三十六条第（五）项
	Email    string           `json:"email,omitempty"`    // of the third party
	// Letter is the text as it is to go out; the applicant's name, the number
	// and the private link are put in when it does.
	Letter string       `json:"letter,omitempty"`
	By     portal.Login `json:"by"`
	At     time.Time    `json:"at"`
	// Remark says why the head has given it back; until then it waits.
	Remark string `json:"remark,omitempty"`
}

// Waiting reports whether the proposal waits for a signature.
func (p *Proposal) Waiting() bool { return p != nil && p.Remark == "" }

// Prepared is a proposal that could be taken on a case as it was read: its letter
// as the template gives it, and whether the head has to sign.
type Prepared struct {
	Case     *Application
	Proposal *Proposal
	Kind     *LetterKind
	Letter   string
	Missing  []rune // characters that the letters' font has not
	Nameless bool   // the applicant's name has such characters
	Signed   bool   // it goes to the head
	Clock    clock.Result
}

// needsSignature reports whether the step is kept for the head of the organ's
// disclosure office.
func (u Steps) needsSignature(by portal.Actor, organ portal.OrganCode, e clock.EventType) (bool, error) {
	o, err := u.Store.Organ(organ)
	return err == nil && slices.Contains(o.Sign, e) && !by.Can(portal.SignLetters, organ), err
}

// check reports the mistakes in a proposal's fields.
func (u Steps) check(a *Application, p *Proposal) error {
	var ps portal.Problems
	s := &p.Step
	required := slices.Contains([]clock.EventType{clock.CorrectionRequested, clock.Extended, clock.ConsultationSent, clock.FeeNotified, clock.Forwarded, clock.Reopened}, s.Type)
	ps.Text("note", s.Note, required, portal.MaxNote)
	ps.Past("date", s.Date, u.Today())
	switch s.Type {
	case clock.ConsultationSent:
		ps.Text("party", s.Party, true, portal.MaxName)
		if p.Email != "" && !portal.ValidEmail(p.Email) {
			ps.Add("email", "error.email", nil)
		} else if p.Email != "" && u.Writer == nil {
			ps.Add("email", "error.no_mail", nil)
		}
	case clock.ConsultationReturned:
		if s.Opinion != "" && !portal.Opinions.Has(s.Opinion) {
			ps.Add("opinion", "error.choose", nil)
		}
	case clock.Extended:
		ps.Text("approved_by", s.ApprovedBy, true, 80)
	case clock.FeeNotified:
		if p.Charge == nil {
			ps.Add("count", "error.required", nil)
		} else if p.Charge.Total == 0 {
			ps.Add("count", "error.no_fee", nil)
		}
	case clock.Forwarded:
		if _, err := u.Store.Organ(p.To); err != nil || p.To == a.Organ {
			ps.Add("to", "error.choose_organ", nil)
		}
	case clock.Answered:
		u.checkAnswer(a, p, &ps)
	}
	return ps.Err()
}

func (u Steps) checkAnswer(a *Application, p *Proposal, ps *portal.Problems) {
	ans := p.Answer
	if ans == nil {
		ans = &Answer{}
	}
	outcomes := portal.Outcomes
	if a.Purpose == ForCorrection {
		outcomes = portal.RecordOutcomes
	}
	if !outcomes.Has(ans.Outcome) {
		ps.Add("outcome", "error.choose", nil)
	}
	if p.Step.Way != "" && !portal.Ways.Has(p.Step.Way) {
		ps.Add("way", "error.choose", nil)
	}
	ps.Text("text", ans.Text, true, MaxAnswer)
	ps.Text("rightful", p.Rightful, false, portal.MaxNote)
	if len(ans.Files) > MaxCaseFiles {
		ps.Add("files", "error.too_many", portal.Args{"Limit": MaxCaseFiles})
	}
	if ans.Outcome == "partial" && a.WithheldText(ans) == "" {
		ps.Add("withheld", "error.required", nil)
	}
	if pub := ans.Public; pub != nil {
		ps.Text("public_title", pub.Title, true, portal.MaxName)
		ps.Text("public_text", pub.Text, true, MaxAnswer)
	}
}

// Prepare checks a step on a case as it was read and writes its letter, without
// taking it: what is shown before anything is sent.
func (u Steps) Prepare(ctx context.Context, by portal.Actor, a *Application, p *Proposal) (Prepared, error) {
	out := Prepared{Case: a, Proposal: p}
	if err := by.Need(portal.HandleApplications, a.Organ); err != nil {
		return out, err
	}
	if p.Charge != nil {
		charge, err := Fee(p.Charge.Scale, u.EarlierThisMonth(ctx, a), p.Charge.Count)
		if err != nil {
			return out, err
		}
		p.Charge = &charge
	}
	if err := u.check(a, p); err != nil {
		return out, err
	}
	var err error
	if out.Clock, err = a.after(p.Step.Event, u.Calendar()); err != nil {
		return out, err
	}
	if out.Signed, err = u.needsSignature(by, a.Organ, p.Step.Type); err != nil {
		return out, err
	}
	if out.Kind = p.letterKind(a); out.Kind == nil {
		return out, nil
	}
	if out.Letter = p.Letter; text.IsBlank(out.Letter) {
		if out.Letter, err = u.Letters().letterText(ctx, a, p, out.Kind, out.Clock, out.Signed); err != nil {
			return out, err
		}
	}
	out.Missing = u.Printer.Missing(out.Letter)
	if out.Kind.To == "applicant" {
		who, err := u.Store.Identity(ctx, a.Number)
		if err != nil && portal.KindOf(err) != portal.NotFound {
			return out, err
		}
		out.Nameless = who != nil && len(u.Printer.Missing(who.Name)) > 0
	}
	return out, nil
}

// Take takes a step as it was prepared: its letter goes out and the clock has its
// event. Where the organ keeps the step for its head's signature, it is proposed
// instead, and Signed of what was prepared is true. It is refused if the case has
// changed since it was read.
func (u Steps) Take(ctx context.Context, by portal.Actor, made Prepared) error {
	p := *made.Proposal
	p.Letter, p.By, p.At = made.Letter, by.Login, u.Now().UTC()
	if made.Kind != nil {
		if err := CheckLetter(made.Kind, p.Letter); err != nil {
			return err
		}
	}
	key, err := u.Opinions().opinionKey(ctx)
	if err != nil {
		return err
	}
	act := string(p.Step.Type)
	if made.Signed {
		act = "propose " + act
	}
	u.seen = portal.RevisionOf(made.Case)
	return u.rehearsed(ctx, by, made.Case.Number, made.Case.clone(), act, func(a *Application, tx CaseTx) error {
		if a.Proposal.Waiting() {
			return &portal.Error{Kind: portal.Conflict, Key: "error.proposal_waits"}
		}
		if made.Signed {
			a.Proposal = &p
			return nil
		}
		return u.carryOut(by, a, tx, p, key)
	})
}

// Sign takes the step that waits for a signature. What is signed counts from
// the day of the signature.
//
// What is signed is what was shown: shown is the Mark of the proposal on the page.
func (u Steps) Sign(ctx context.Context, by portal.Actor, n ApplicationNumber, shown string) error {
	key, err := u.Opinions().opinionKey(ctx)
	if err != nil {
		return err
	}
	return u.decide(ctx, by, n, "sign", func(a *Application, tx CaseTx) error {
		if !portal.SameToken(u.ProposalMark(a), shown) {
			return &portal.Error{Kind: portal.Conflict, Key: "error.proposal_changed"}
		}
		p := *a.Proposal
		p.Step.Date = u.Today()
		if p.Step.Type == clock.Extended {
			p.Step.ApprovedBy = by.Name
		}
		return u.carryOut(by, a, tx, p, key)
	})
}

// ProposalMark names what waits for a signature as it is shown today: the
// proposal, its letter, and the case's last step. It changes with any of them.
func (u Steps) ProposalMark(a *Application) string {
	if a.Proposal == nil {
		return ""
	}
	b, err := json.Marshal(a.Proposal)
	if err != nil {
		return ""
	}
	return text.Fingerprint(string(b), u.ProposedLetter(a), strconv.Itoa(len(a.Steps)))
}

// Return gives a proposal back with a remark.
func (u Steps) Return(ctx context.Context, by portal.Actor, n ApplicationNumber, remark string) error {
	var p portal.Problems
	if p.Text("remark", remark, true, portal.MaxNote); p.Err() != nil {
		return p.Err()
	}
	return u.decide(ctx, by, n, "return proposal", func(a *Application, _ CaseTx) error {
		a.Proposal.Remark = remark
		return nil
	})
}

func (u Steps) decide(ctx context.Context, by portal.Actor, n ApplicationNumber, act string, change func(*Application, CaseTx) error) error {
	return u.rehearsed(ctx, by, n, nil, act, func(a *Application, tx CaseTx) error {
		if err := by.Need(portal.SignLetters, a.Organ); err != nil {
			return err
		}
		if !a.Proposal.Waiting() {
			return &portal.Error{Kind: portal.Conflict, Key: "error.no_proposal"}
		}
		return change(a, tx)
	})
}

// carryOut adds the step, makes its letter and tells those whom it concerns.
func (u Steps) carryOut(by portal.Actor, a *Application, tx CaseTx, p Proposal, key portal.LinkKey) error {
	s := p.Step
	s.By, s.RecordedAt = by.Login, u.Now().UTC()
	if s.Type == clock.Answered && p.Answer != nil {
		s.Outcome = p.Answer.Outcome
	}
	if p.By != "" {
		s.By = p.By // who handled it; who signed is in the letter
	}
	if err := a.Add(s, u.Calendar()); err != nil {
		return err
	}
	if s.Type == clock.Answered {
		a.Answer = p.Answer
		if pub := a.Answer.Public; pub != nil {
			pub.On = u.Today()
		}
	}
	if p.Charge != nil {
		a.Charge = p.Charge
	}
	a.Proposal = nil
	if a.Handler == "" && !by.IsSystem() {
		a.Handler = s.By
	}
	sent := ""
	if k := p.letterKind(a); k != nil && !text.IsBlank(p.Letter) {
		text, err := u.Letters().send(by, a, tx, p, k, key)
		if err != nil {
			return err
		}
		if k.To == "applicant" {
			sent = text
		}
	}
	if s.Type == clock.Forwarded {
		a.Organ, a.Handler = p.To, ""
	}
	return u.tell(a, tx, s, sent)
}

// tell writes to an applicant who gave an address. Who asked for the answer by
// e-mail gets the letter itself too.
func (u Cases) tell(a *Application, tx CaseTx, s CaseStep, sent string) error {
	quiet := s.Type == clock.ConsultationReturned || s.Type == clock.CorrectionReceived || s.Type == clock.Received
	if u.Writer == nil || quiet {
		return nil
	}
	who, err := tx.Applicant()
	if portal.KindOf(err) == portal.NotFound {
		return nil
	}
	if err != nil || who.Email == "" {
		return err
	}
	m := u.Writer.StepMail(a, s)
	m.To = who.Email
	if a.Delivery == "email" && sent != "" {
		m.Text += "\n\n" + u.Printer.Plain(sent)
	}
	return tx.Send(m)
}
