package portal

import (
	"slices"
	"strings"
	"time"
)

// Delivery is the proof that an answer was delivered (送达凭证).
type Delivery struct {
	On    Date         `json:"on"`
	Proof string       `json:"proof"` // number of the postal receipt, who signed for it
	Files []Attachment `json:"files,omitempty"`
	By    Login        `json:"by"`
}

// Review is a reconsideration or a suit about an answer (复议、诉讼). It is a line
// of table four of the annual report.
type Review struct {
	ID      int    `json:"id"` // from 1 in its case
	Kind    string `json:"kind"`
	Number  string `json:"number"` // of the reconsideration organ or the court
	Filed   Date   `json:"filed"`
	Result  string `json:"result"` // a code of ReviewResults
	Decided Date   `json:"decided,omitzero"`
	By      Login  `json:"by"`
}

// Rating is what an applicant thinks of how the case was handled (评价).
type Rating struct {
	Stars int       `json:"stars"` // 1 to 5
	Text  string    `json:"text,omitempty"`
	At    time.Time `json:"at"`
}

// Deliver records how the answer was delivered.
func (u Cases) Deliver(by Actor, n ApplicationNumber, d Delivery) error {
	var p problems
	p.text("proof", d.Proof, true, MaxLine)
	p.past("on", d.On, u.Today())
	if err := p.err(); err != nil {
		return err
	}
	return u.change(by, n, "record delivery", func(a *Application, _ CaseTx) error {
		if a.Answer == nil {
			return &Error{Kind: Conflict, Key: "error.not_answered"}
		}
		if d.On < a.ClosedOn() && a.Closed() {
			return &Error{Kind: Invalid, Key: "error.form", Problems: []Problem{{"on", "error.before_answer", nil}}}
		}
		d.By = by.Login
		a.Proof = &d
		return nil
	})
}

// Review adds a reconsideration or a suit, or records its result where r.ID
// names one.
func (u Cases) Review(by Actor, n ApplicationNumber, r Review) error {
	var p problems
	if !ReviewKinds.Has(r.Kind) {
		p.add("kind", "error.choose", nil)
	}
	if !ReviewResults.Has(r.Result) {
		p.add("result", "error.choose", nil)
	}
	p.text("number", r.Number, true, MaxName)
	p.past("filed", r.Filed, u.Today())
	if (r.Result == "pending") != r.Decided.IsZero() || r.Decided != 0 && (r.Decided < r.Filed || r.Decided > u.Today()) {
		p.add("decided", "error.decided", nil)
	}
	if err := p.err(); err != nil {
		return err
	}
	r.By = by.Login
	return u.change(by, n, "record "+r.Kind, func(a *Application, _ CaseTx) error {
		if r.ID == 0 {
			r.ID = len(a.Reviews) + 1
			a.Reviews = append(a.Reviews, r)
			return nil
		}
		if r.ID > len(a.Reviews) {
			return Missing()
		}
		a.Reviews[r.ID-1] = r
		return nil
	})
}

// Rate takes the applicant's opinion of the handling, once the case is closed.
func (u Cases) Rate(n ApplicationNumber, code string, r Rating) error {
	var p problems
	if r.Stars < 1 || r.Stars > 5 {
		p.add("stars", "error.choose", nil)
	}
	p.text("text", r.Text, false, MaxNote)
	if err := p.err(); err != nil {
		return err
	}
	return u.changeOwn(n, code, "rate", func(a *Application) error {
		if !a.Closed() {
			return &Error{Kind: Conflict, Key: "error.not_answered"}
		}
		r.At = u.Now().UTC()
		a.Rating = &r
		return nil
	})
}

// Disclose makes a draft disclosure of an answer (主动公开, 第四十四条): without a word
// about the applicant, for an editor to finish and a reviewer to approve.
func (u Cases) Disclose(by Actor, n ApplicationNumber, docs Documents) (*Draft, error) {
	a, err := u.Open(by, n)
	if err != nil {
		return nil, err
	}
	if a.Answer == nil {
		return nil, &Error{Kind: Conflict, Key: "error.not_answered"}
	}
	who, err := u.Store.Identity(n)
	if err != nil && KindOf(err) != NotFound {
		return nil, err
	}
	clean := func(s string) string { return Anonymous(s, who) }
	d := &Draft{Content: Content{Title: "关于" + clean(strings.TrimRight(a.Subject, "。")) + "的答复", Organs: []OrganCode{a.Organ}, Formed: a.ClosedOn(), Published: u.Today(),
		Theme: "22", Genre: "reply", Item: "15", Mode: "proactive", Validity: "in_force", Body: clean(a.Answer.Text), Attachments: slices.Clone(a.Answer.Files)}}
	if err := docs.Write(System(string(by.Login)), d); err != nil {
		return nil, err
	}
	return d, u.change(by, n, "draft a disclosure", func(a *Application, _ CaseTx) error {
		a.Disclosures = append(a.Disclosures, d.ID)
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
