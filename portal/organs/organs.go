// Package organs is the room of the list of organs: who may change it and how.
// What an organ is stands in portal, since every other area speaks of organs.
package organs

import (
	"context"
	"time"

	"gongkai/portal"
)

// Organs are the use cases of the list of organs.
type Organs struct {
	portal.Clockwork
	Store Store
}

// Store is what Organs needs of the store.
type Store interface {
	// ChangeOrgan changes an organ or adds one; its parent must be there and may not
	// be below it.
	ChangeOrgan(ctx context.Context, by portal.Actor, code portal.OrganCode, seen portal.Revision, at time.Time, change func(*portal.Organ) error) error
}

// Change changes an organ as it was seen, or adds one that nobody has seen. The
// code is its address and stays once it is there.
func (u Organs) Change(ctx context.Context, by portal.Actor, code portal.OrganCode, seen portal.Revision, edit func(*portal.Organ)) error {
	if seen == portal.Absent {
		o := portal.Organ{}
		edit(&o)
		if err := o.Validate(); err != nil {
			return err
		}
	}
	return u.Store.ChangeOrgan(ctx, by, code, seen, u.Now(), func(o *portal.Organ) error {
		if err := by.Need(portal.ManageOrgans, ""); err != nil {
			return err
		}
		edit(o)
		o.Code = code
		return o.Validate()
	})
}
