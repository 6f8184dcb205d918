package people

import (
	"context"
	"time"

	"gongkai/portal"
)

// Store is what People needs of the store.
type Store struct {
	Reader
	Writer
	portal.Notes
}

// Reader reads accounts.
type Reader interface {
	Person(context.Context, portal.Login) (*portal.Person, error)
	People(context.Context) ([]*portal.Person, error)
	// SecondFactor is none where there is none.
	SecondFactor(context.Context, portal.Login) (*SecondFactor, error)
}

// Writer changes them.
type Writer interface {
	AddPerson(ctx context.Context, by portal.Actor, p *portal.Person, at time.Time) error
	// AddFirstPerson adds an account if there is none, the secret of the link is
	// the token, and nobody else has used it: all in one transaction.
	AddFirstPerson(ctx context.Context, by portal.Actor, p *portal.Person, link, token string, at time.Time) error
	ChangePerson(ctx context.Context, by portal.Actor, l portal.Login, seen portal.Revision, act string, at time.Time, change func(*portal.Person) error) error
	ChangeSecondFactor(ctx context.Context, by portal.Actor, l portal.Login, act string, at time.Time, change func(*SecondFactor) error) error
}
