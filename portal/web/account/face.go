// Package account is the door of the staff pages: signing in, second factors, sessions,
// passwords, and the one-time link of the first administrator.
package account

import (
	"context"

	"gongkai/portal"
	"gongkai/portal/people"
	"gongkai/portal/web/gate"
	"gongkai/portal/web/page"
)

// Face lets people in, and tells every other face who they are.
type Face struct {
	*page.Site
	*gate.Gate
	People people.People
	Store  Store
}

// Store is what it needs of the store.
type Store struct {
	page.Store
	Accounts
	portal.Secrets
	portal.Notes
}

// Accounts reads accounts and their second factors.
type Accounts interface {
	People(context.Context) ([]*portal.Person, error)
	SecondFactor(context.Context, portal.Login) (*people.SecondFactor, error)
}

// factors are the pages of second factors and sessions.
type factors struct{ *Face }

func (s *Face) factors() factors { return factors{s} }
