package cases

import (
	"context"
	"strconv"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// opinionKey is the secret behind third parties' private links.
func (u Opinions) opinionKey(ctx context.Context) (portal.LinkKey, error) {
	return portal.LinkKeyOf(ctx, u.Store, "opinion")
}

// opinionToken is the secret of one private link, bound to one letter of one case.
func opinionToken(k portal.LinkKey, n ApplicationNumber, letter int) string {
	return k.Token(string(n), strconv.Itoa(letter))
}

// Consultation is what a third party sees of a case: the letter to it and
// nothing else (第三十二条、第三十四条).
type Consultation struct {
	Step   CaseStep
	Letter Letter
	Organ  portal.OrganCode
	Due    portal.Date // last day for the opinion
	Open   bool        // it can still be given here
}

// Text is the letter, with words in the place of the private link.
func (c *Consultation) Text(here string) string {
	return fillIn(c.Letter.Text, map[string]string{varLink: here})
}

// Consultation opens the private link of a letter. A wrong one, one
// that is gone and that of a void letter give the same answer.
func (u Opinions) Consultation(ctx context.Context, n ApplicationNumber, letter int, token string) (*Consultation, error) {
	key, err := u.opinionKey(ctx)
	if err != nil {
		return nil, err
	}
	if !portal.SameToken(opinionToken(key, n, letter), token) {
		return nil, portal.Missing()
	}
	a, err := u.Store.Application(ctx, n)
	if err != nil {
		return nil, err
	}
	if letter < 1 || letter > len(a.Letters) || a.Letters[letter-1].Void {
		return nil, portal.Missing()
	}
	step := a.Letters[letter-1].Step
	if step >= len(a.Steps) || a.Steps[step].Type != clock.ConsultationSent {
		return nil, portal.Missing()
	}
	c := &Consultation{Step: a.Steps[step], Organ: a.Organ, Letter: a.Letters[letter-1]}
	r, err := a.Clock(u.Calendar(), u.Today())
	if err != nil {
		return nil, err
	}
	for _, s := range r.Next {
		if s.Type == clock.ConsultationReturned && s.Party == c.Step.Party {
			c.Due, c.Open = s.By, true
		}
	}
	for _, s := range a.Steps[step+1:] { // asked again later: this link is over
		if s.Type == clock.ConsultationSent && s.Party == c.Step.Party {
			c.Open = false
		}
	}
	return c, nil
}

// Delivered records the day on which a party got the letter, known only later
// for a letter by post: the period for the opinion runs from it (第三十二条).
func (u Opinions) Delivered(ctx context.Context, by portal.Actor, n ApplicationNumber, party string, on portal.Date) error {
	var p portal.Problems
	p.Past("delivered", on, u.Today())
	if err := p.Err(); err != nil {
		return err
	}
	return u.change(ctx, by, n, "record delivery to "+party, func(a *Application, _ CaseTx) error {
		for i := len(a.Steps) - 1; i >= 0; i-- {
			if s := &a.Steps[i]; s.Type == clock.ConsultationSent && s.Party == party {
				s.Delivered = on
				_, err := a.Evaluate(u.Calendar(), u.Today())
				return err
			}
		}
		return portal.Wrong("party", "error.choose", nil)
	})
}

// Opine takes a third party's opinion over its private link, once.
func (u Opinions) Opine(ctx context.Context, n ApplicationNumber, letter int, token, opinion, reason string) error {
	c, err := u.Consultation(ctx, n, letter, token)
	if err != nil {
		return err
	}
	if !c.Open {
		return &portal.Error{Kind: portal.Conflict, Key: "error.opinion_given"}
	}
	var p portal.Problems
	if !portal.Opinions.Has(opinion) {
		p.Add("opinion", "error.choose", nil)
	}
	p.Text("reason", reason, opinion == "object" || opinion == "part", portal.MaxNote)
	if err := p.Err(); err != nil {
		return err
	}
	s := CaseStep{Event: clock.Event{Type: clock.ConsultationReturned, Date: u.Today(), Party: c.Step.Party}, Opinion: opinion, Note: reason, Online: true}
	return u.step(ctx, portal.Actor{Login: "third party"}, n, "give opinion", s)
}
