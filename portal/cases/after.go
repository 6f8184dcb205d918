package cases

import (
	"context"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
)

// Delivery is the proof that an answer was delivered (送达凭证).
type Service struct {
	On       portal.Date         `json:"on"`
	Evidence string              `json:"proof"` // number of the postal receipt, who signed for it
	Files    []portal.Attachment `json:"files,omitempty"`
	By       portal.Login        `json:"by"`
}

// Review is a reconsideration or a suit about an answer (复议、诉讼). It is a line
// of table four of the annual report.
type Proceeding struct {
	ID      int          `json:"id"` // from 1 in its case
	Kind    string       `json:"kind"`
	Number  string       `json:"number"` // of the reconsideration organ or the court
	Filed   portal.Date  `json:"filed"`
	Result  string       `json:"result"` // a code of ReviewResults
	Decided portal.Date  `json:"decided,omitzero"`
	By      portal.Login `json:"by"`
}

// Rating is what an applicant thinks of how the case was handled (评价).
type Rating struct {
	Stars int       `json:"stars"` // 1 to 5
	Text  string    `json:"text,omitempty"`
	At    time.Time `json:"at"`
}

// Deliver records how the answer was delivered.
func (u Answers) Deliver(ctx context.Context, by portal.Actor, n ApplicationNumber, d Service) error {
	var p portal.Problems
	p.Text("proof", d.Evidence, true, portal.MaxLine)
	p.Past("on", d.On, u.Today())
	if err := p.Err(); err != nil {
		return err
	}
	return u.change(ctx, by, n, "record delivery", func(a *Application, _ CaseTx) error {
		if a.Answer == nil {
			return &portal.Error{Kind: portal.Conflict, Key: "error.not_answered"}
		}
		if d.On < a.ClosedOn() && a.Closed() {
			return portal.Wrong("on", "error.before_answer", nil)
		}
		d.By = by.Login
		a.Service = &d
		return nil
	})
}

// Review adds a reconsideration or a suit, or records its result where r.ID
// names one.
func (u Answers) Proceed(ctx context.Context, by portal.Actor, n ApplicationNumber, r Proceeding) error {
	var p portal.Problems
	if !portal.ProceedingKinds.Has(r.Kind) {
		p.Add("kind", "error.choose", nil)
	}
	if !portal.ProceedingResults.Has(r.Result) {
		p.Add("result", "error.choose", nil)
	}
	p.Text("number", r.Number, true, portal.MaxName)
	p.Past("filed", r.Filed, u.Today())
	if (r.Result == "pending") != r.Decided.IsZero() || r.Decided != 0 && (r.Decided < r.Filed || r.Decided > u.Today()) {
		p.Add("decided", "error.decided", nil)
	}
	if err := p.Err(); err != nil {
		return err
	}
	r.By = by.Login
	return u.change(ctx, by, n, "record "+r.Kind, func(a *Application, _ CaseTx) error {
		if r.ID == 0 {
			r.ID = len(a.Proceedings) + 1
			a.Proceedings = append(a.Proceedings, r)
			return nil
		}
		if r.ID > len(a.Proceedings) {
			return portal.Missing()
		}
		a.Proceedings[r.ID-1] = r
		return nil
	})
}

// Rate takes the applicant's opinion of the handling, once the case is closed.
func (u Applying) Rate(ctx context.Context, n ApplicationNumber, code string, r Rating) error {
	var p portal.Problems
	if r.Stars < 1 || r.Stars > 5 {
		p.Add("stars", "error.choose", nil)
	}
	p.Text("text", r.Text, false, portal.MaxNote)
	if err := p.Err(); err != nil {
		return err
	}
	return u.changeOwn(ctx, n, code, "rate", func(a *Application) error {
		if !a.Closed() {
			return &portal.Error{Kind: portal.Conflict, Key: "error.not_answered"}
		}
		r.At = u.Now().UTC()
		a.Rating = &r
		return nil
	})
}

// Disclose makes a draft disclosure of an answer (主动公开, 第四十四条): without a word
// about the applicant, for an editor to finish and a reviewer to approve.
func (u Answers) Disclose(ctx context.Context, by portal.Actor, n ApplicationNumber, drafts Drafter) (string, error) {
	a, err := u.Open(ctx, by, n)
	if err != nil {
		return "", err
	}
	if a.Answer == nil {
		return "", &portal.Error{Kind: portal.Conflict, Key: "error.not_answered"}
	}
	who, err := u.Store.Identity(ctx, n)
	if err != nil && portal.KindOf(err) != portal.NotFound {
		return "", err
	}
	clean := func(s string) string { return Anonymous(s, who) }
	id, err := drafts.DraftAnswer(ctx, by, portal.Disclosure{Title: "关于" + clean(strings.TrimRight(a.Subject, "。")) + "的答复", Organ: a.Organ, Formed: a.ClosedOn(), Body: clean(a.Answer.Text), Attachments: slices.Clone(a.Answer.Files)})
	if err != nil {
		return "", err
	}
	return id, u.change(ctx, by, n, "draft a disclosure", func(a *Application, _ CaseTx) error {
		a.Disclosures = append(a.Disclosures, id)
		return nil
	})
}

// Anonymous takes all that an applicant told of themselves out of a text.
func Anonymous(text string, who *Applicant) string {
	if who == nil {
		return text
	}
	var pairs []string
	for _, v := range []string{who.Address, who.Name, who.Contact, who.IDNumber, who.Phone, who.Email} {
		if len([]rune(v)) >= 2 {
			pairs = append(pairs, v, "某某")
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
