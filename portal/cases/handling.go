package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// Inquiry asks somebody inside the government for what an answer needs
// (内部征求意见). It has a day of its own, and does not stop the clock.
type Inquiry struct {
	ID        int          `json:"id"` // from 1 in its case
	To        portal.Login `json:"to"`
	Question  string       `json:"question"`
	Due       portal.Date  `json:"due"`
	By        portal.Login `json:"by"`
	AskedAt   time.Time    `json:"asked_at"`
	Reply     string       `json:"reply,omitempty"`
	RepliedAt time.Time    `json:"replied_at,omitzero"`
}

// change alters a case that the actor handles, as the actor saw it.
func (u Cases) change(ctx context.Context, by portal.Actor, n ApplicationNumber, act string, change func(*Application, CaseTx) error) error {
	_, err := u.Store.ChangeApplication(ctx, by, n, u.seen, act, u.Now(), func(a *Application, tx CaseTx) error {
		if err := by.Need(portal.HandleApplications, a.Organ); err != nil {
			return err
		}
		return change(a, tx)
	})
	return err
}

// Ask sends an inquiry.
func (u Handling) Ask(ctx context.Context, by portal.Actor, n ApplicationNumber, q Inquiry) error {
	var p portal.Problems
	p.Text("question", q.Question, true, portal.MaxNote)
	if !u.works(ctx, q.To) {
		p.Add("to", "error.choose", nil)
	}
	if q.Due < u.Today() {
		p.Add("due", "error.past", nil)
	}
	if err := p.Err(); err != nil {
		return err
	}
	return u.change(ctx, by, n, "ask inside", func(a *Application, _ CaseTx) error {
		q.ID, q.By, q.AskedAt = len(a.Inquiries)+1, by.Login, u.Now().UTC()
		a.Inquiries = append(a.Inquiries, q)
		return nil
	})
}

// Asked is an inquiry with the case it belongs to, as the one who was asked
// sees it: the question and no more.
type Asked struct {
	Number ApplicationNumber
	Inquiry
}

// AskedOf lists what somebody was asked and has not answered, the soonest
// first.
func (u Handling) AskedOf(ctx context.Context, by portal.Actor) ([]Asked, error) {
	var out []Asked
	for _, b := range u.Store.Briefs() {
		if !slices.ContainsFunc(b.Asked, func(q Asking) bool { return q.To == by.Login }) {
			continue
		}
		a, err := u.Store.Application(ctx, b.Number)
		if err != nil {
			return nil, err
		}
		for _, q := range a.Inquiries {
			if q.To == by.Login && q.RepliedAt.IsZero() {
				out = append(out, Asked{a.Number, q})
			}
		}
	}
	slices.SortStableFunc(out, func(x, y Asked) int { return int(x.Due - y.Due) })
	return out, nil
}

// Reply answers an inquiry.
func (u Handling) Reply(ctx context.Context, by portal.Actor, n ApplicationNumber, id int, text string) error {
	var p portal.Problems
	if p.Text("reply", text, true, portal.MaxNote); p.Err() != nil {
		return p.Err()
	}
	_, err := u.Store.ChangeApplication(ctx, by, n, portal.Latest, "reply inside", u.Now(), func(a *Application, _ CaseTx) error {
		if id < 1 || id > len(a.Inquiries) || a.Inquiries[id-1].To != by.Login {
			return portal.Missing()
		}
		q := &a.Inquiries[id-1]
		if !q.RepliedAt.IsZero() {
			return &portal.Error{Kind: portal.Conflict, Key: "error.replied"}
		}
		q.Reply, q.RepliedAt = text, u.Now().UTC()
		return nil
	})
	return err
}

// Staff are the open accounts.
func (u Handling) Staff(ctx context.Context) ([]*portal.Person, error) {
	people, err := u.Store.People(ctx)
	return slices.DeleteFunc(people, func(p *portal.Person) bool { return p.Disabled }), err
}

// works reports whether there is an open account.
func (u Handling) works(ctx context.Context, l portal.Login) bool {
	staff, err := u.Staff(ctx)
	return err == nil && slices.ContainsFunc(staff, func(p *portal.Person) bool { return p.Login == l })
}

// Colleagues are the accounts that may handle an organ's applications.
func (u Handling) Colleagues(ctx context.Context, organ portal.OrganCode) ([]*portal.Person, error) {
	staff, err := u.Staff(ctx)
	return slices.DeleteFunc(staff, func(p *portal.Person) bool { return !p.Actor().Can(portal.HandleApplications, organ) }), err
}

// Assign gives a case to somebody who may handle it.
func (u Handling) Assign(ctx context.Context, by portal.Actor, n ApplicationNumber, to portal.Login) error {
	a, err := u.Open(ctx, by, n)
	if err != nil {
		return err
	}
	colleagues, err := u.Colleagues(ctx, a.Organ)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(colleagues, func(p *portal.Person) bool { return p.Login == to }) {
		return portal.Wrong("handler", "error.choose", nil)
	}
	return u.change(ctx, by, n, "assign to "+string(to), func(a *Application, _ CaseTx) error { a.Handler = to; return nil })
}

// HandOver gives all open cases of one handler to another (移交) and returns how many
// there were. Those of organs that the other may not handle stay.
func (u Handling) HandOver(ctx context.Context, by portal.Actor, from, to portal.Login) (int, error) {
	var p portal.Problems
	if from == to || !u.works(ctx, to) {
		p.Add("to", "error.choose", nil)
		return 0, p.Err()
	}
	n := 0
	for _, a := range u.Store.Briefs() {
		if a.Handler != from || a.Closed || !by.Can(portal.HandleApplications, a.Organ) {
			continue
		}
		err := u.Assign(ctx, by, a.Number, to)
		if portal.KindOf(err) == portal.Invalid {
			continue
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// OfSameApplicant lists the other cases of a case's applicant, as far as the
// actor may open them: that somebody applied elsewhere is not theirs to know.
func (u Handling) OfSameApplicant(ctx context.Context, by portal.Actor, n ApplicationNumber) ([]ApplicationNumber, error) {
	if _, err := u.Open(ctx, by, n); err != nil {
		return nil, err
	}
	all, err := u.Store.SameApplicant(ctx, n)
	if portal.KindOf(err) == portal.NotFound {
		return nil, nil
	}
	return slices.DeleteFunc(all, func(x ApplicationNumber) bool {
		b := u.Store.Brief(x)
		return b == nil || !by.Can(portal.HandleApplications, b.Organ)
	}), err
}

// Split takes further matters out of a case: each becomes a case of its own
// with the same receipt and the same applicant, linked with it.
func (u Handling) Split(ctx context.Context, by portal.Actor, n ApplicationNumber, matters []Application) ([]ApplicationNumber, error) {
	a, err := u.Open(ctx, by, n)
	if err != nil {
		return nil, err
	}
	var p portal.Problems
	if len(matters) == 0 {
		p.Add("subject", "error.required", nil)
	}
	for _, m := range matters {
		p.Text("subject", m.Subject, true, portal.MaxName)
		p.Text("description", m.Description, true, MaxDescription)
	}
	if a.Closed() || slices.ContainsFunc(a.Steps, func(s CaseStep) bool { return s.Type != clock.Received && s.Type != clock.Confirmed }) {
		p.Add("subject", "error.split_late", nil)
	}
	if len(a.Linked)+len(matters) >= MaxMatters {
		p.Add("subject", "error.too_many", portal.Args{"Limit": MaxMatters})
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	who, err := u.Store.Identity(ctx, n)
	if err != nil {
		return nil, err
	}
	list := make([]*Application, len(matters))
	for i, m := range matters {
		x := Application{Organ: a.Organ, Kind: a.Kind, Subject: m.Subject, Description: m.Description, Form: a.Form, Delivery: a.Delivery, Help: a.Help, Lang: a.Lang,
			Purpose: a.Purpose, Handler: a.Handler, Files: a.Files, Steps: slices.Clone(a.Steps), CodeHash: "", Linked: []ApplicationNumber{n}}
		list[i] = &x
	}
	// The applicant follows them with the number and code of the first.
	duplicate, err := u.Store.AddApplications(ctx, by, list, who, make([]string, len(list)), u.Now())
	if err != nil {
		return nil, err
	}
	if duplicate != "" {
		return nil, &portal.Error{Kind: portal.Conflict, Key: "error.split_double", Args: portal.Args{"Number": duplicate}}
	}
	numbers := make([]ApplicationNumber, len(list))
	for i, x := range list {
		numbers[i] = x.Number
	}
	err = u.change(ctx, by, n, fmt.Sprintf("split into %d", len(numbers)+1), func(a *Application, _ CaseTx) error {
		a.Linked = append(a.Linked, numbers...)
		return nil
	})
	return numbers, err
}

// Undone is a step that was recorded by mistake and taken back the same day
// (撤销).
type Undone struct {
	Step   CaseStep     `json:"step"`
	Reason string       `json:"reason"`
	By     portal.Login `json:"by"`
	At     time.Time    `json:"at"`
}

// Undoable is the last step, if it can be undone: recorded by staff today, and
// neither the receipt nor a forwarding, which another office may have seen. A
// later day needs a step of its own, such as reopening.
func (u Steps) Undoable(a *Application) *CaseStep {
	s := &a.Steps[len(a.Steps)-1]
	if s.By == "" || s.Online || s.Type == clock.Received || s.Type == clock.Forwarded || clock.DateOf(s.RecordedAt.In(u.Now().Location())) != u.Today() || a.Proposal.Waiting() {
		return nil
	}
	return s
}

// Undo takes the last step back, with a reason. Its letter is void and stays in
// the file; an answer that was published with it is public no longer. What the
// head has signed only the head undoes.
func (u Steps) Undo(ctx context.Context, by portal.Actor, n ApplicationNumber, reason string) error {
	if err := portal.CheckReason(reason); err != nil {
		return err
	}
	return u.change(ctx, by, n, "undo", func(a *Application, tx CaseTx) error {
		s := u.Undoable(a)
		if s == nil {
			return &portal.Error{Kind: portal.Conflict, Key: "error.not_undoable"}
		}
		signed, err := u.needsSignature(by, a.Organ, s.Type)
		if err != nil {
			return err
		}
		if signed {
			return by.Need(portal.SignLetters, a.Organ)
		}
		a.Undone = append(a.Undone, Undone{*s, reason, by.Login, u.Now().UTC()})
		last := len(a.Steps) - 1
		for i := range a.Letters {
			if a.Letters[i].Step == last && a.Letters[i].Kind != "receipt" {
				a.Letters[i].Void = true
			}
		}
		switch s.Type {
		case clock.Answered:
			a.Answer, a.Service = nil, nil
		case clock.FeeNotified:
			a.Charge = nil
		}
		a.Steps = a.Steps[:last]
		return u.tell(a, tx, CaseStep{Event: clock.Event{Type: stepUndone, Date: u.Today()}}, "")
	})
}

// stepUndone names an undone step in messages; the clock never sees it.
const stepUndone clock.EventType = "undone"

// Unpublish takes a published answer out of the public pages, with a reason
// that its address gives from then on.
func (u Answers) Unpublish(ctx context.Context, by portal.Actor, n ApplicationNumber, reason string) error {
	var p portal.Problems
	if p.Text("why", reason, true, portal.MaxLine); p.Err() != nil {
		return p.Err()
	}
	return u.change(ctx, by, n, "unpublish answer", func(a *Application, _ CaseTx) error {
		if a.Answer == nil || a.Answer.Public == nil {
			return &portal.Error{Kind: portal.Conflict, Key: "error.not_published"}
		}
		a.Answer.Public, a.Answer.Unpublished = nil, reason
		return nil
	})
}
