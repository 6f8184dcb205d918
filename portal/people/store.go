package people

import (
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
	Person(portal.Login) (*portal.Person, error)
	People() ([]*portal.Person, error)
	// SecondFactor is none where there is none.
	SecondFactor(portal.Login) (*SecondFactor, error)
}

// Writer changes them.
type Writer interface {
	AddPerson(by portal.Actor, p *portal.Person, at time.Time) error
	// AddFirstPerson adds an account if there is none, the secret of the link is
	// the token, and nobody else has used it: all in one transaction.
	AddFirstPerson(by portal.Actor, p *portal.Person, link, token string, at time.Time) error
	ChangePerson(by portal.Actor, l portal.Login, act string, at time.Time, change func(*portal.Person) error) error
	ChangeSecondFactor(by portal.Actor, l portal.Login, act string, at time.Time, change func(*SecondFactor) error) error
}
