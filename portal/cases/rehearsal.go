package cases

import (
	"context"
	"errors"

	"gongkai/portal"
)

// rehearsal is a CaseTx outside any transaction: a change is tried on a copy of
// the case, its letters are printed, and all that is to be written is kept until
// the store's one writer is asked. Printing takes longer than all the rest.
type rehearsal struct {
	ctx     context.Context
	u       Cases
	n       ApplicationNumber
	issued  []issued
	letters []keptLetter
	mails   []*portal.Mail
}

type issued struct {
	organ        portal.OrganCode
	year, serial int
}

type keptLetter struct {
	id     int
	format string
	file   []byte
}

// Applicant implements CaseTx.
func (r *rehearsal) Applicant() (*Applicant, error) { return r.u.Store.Identity(r.ctx, r.n) }

// NextLetter implements CaseTx: the number that the letter will have if no other
// goes out before.
func (r *rehearsal) NextLetter(organ portal.OrganCode, year int) (int, error) {
	n, err := r.u.Store.LetterNumber(r.ctx, organ, year)
	for _, x := range r.issued {
		if x.organ == organ && x.year == year {
			n++
		}
	}
	r.issued = append(r.issued, issued{organ, year, n})
	return n, err
}

// KeepLetter implements CaseTx.
func (r *rehearsal) KeepLetter(id int, format string, file []byte) error {
	r.letters = append(r.letters, keptLetter{id, format, file})
	return nil
}

// Send implements CaseTx.
func (r *rehearsal) Send(m *portal.Mail) error {
	r.mails = append(r.mails, m)
	return nil
}

// errOvertaken says that another letter has taken the number meanwhile.
var errOvertaken = errors.New("another letter went out meanwhile")

// play does in a transaction what was rehearsed.
func (r *rehearsal) play(tx CaseTx) error {
	for _, x := range r.issued {
		switch n, err := tx.NextLetter(x.organ, x.year); {
		case err != nil:
			return err
		case n != x.serial:
			return errOvertaken
		}
	}
	for _, l := range r.letters {
		if err := tx.KeepLetter(l.id, l.format, l.file); err != nil {
			return err
		}
	}
	for _, m := range r.mails {
		if err := tx.Send(m); err != nil {
			return err
		}
	}
	return nil
}

// rehearsals is how often a change is tried anew that was overtaken by another.
const rehearsals = 10

// rehearsed changes a case after a rehearsal. a is the case as it was read, which
// change may alter; without it, it is read here. What is written is what was
// rehearsed, on the very case it was rehearsed on.
func (u Cases) rehearsed(ctx context.Context, by portal.Actor, n ApplicationNumber, a *Application, act string, change func(*Application, CaseTx) error) error {
	for range rehearsals {
		if a == nil {
			var err error
			if a, err = u.Store.Application(ctx, n); err != nil {
				return err
			}
			if err := u.seen.Check(a, Kind); err != nil {
				return err
			}
		}
		next, was, r := a, portal.RevisionOf(a), &rehearsal{ctx: ctx, u: u, n: n}
		if err := change(next, r); err != nil {
			return err
		}
		_, err := u.Store.ChangeApplication(ctx, by, n, was, act, u.Now(), func(now *Application, tx CaseTx) error {
			if err := r.play(tx); err != nil {
				return err
			}
			*now = *next
			return nil
		})
		if a = nil; !errors.Is(err, errOvertaken) && (u.seen != portal.Latest || !portal.Stale(err)) {
			return err
		}
	}
	return &portal.Error{Kind: portal.Conflict, Key: portal.StaleKey}
}
