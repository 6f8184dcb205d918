package powers

import (
	"context"

	"gongkai/portal"
	"gongkai/portal/scan"
)

// Powers are the use cases of power lists (权责清单).
type Powers struct {
	portal.Clockwork
	Store     portal.Records[PowerItem]
	Directory Directory
}

// Directory tells of organs.
type Directory interface {
	Organ(portal.OrganCode) (portal.Organ, error)
}

// Open loads an item for someone who may change it.
func (u Powers) Open(ctx context.Context, by portal.Actor, id PowerID) (*PowerItem, error) {
	i, err := u.Store.Get(ctx, string(id))
	if err != nil {
		return nil, err
	}
	return i, by.Need(portal.EditPowers, i.Organ)
}

// Change changes an item as it was seen, or enters one, without an id. edit alters
// what a form shows of it and leaves the rest; organ and code are its address and
// stay once it is there.
//
// What must not be public is refused as in a document, unless a reason is given that
// it may stand (第十七条).
func (u Powers) Change(ctx context.Context, by portal.Actor, id PowerID, seen portal.Revision, reason string, edit func(*PowerItem)) (*PowerItem, error) {
	if id == "" {
		var entered PowerItem
		edit(&entered)
		if err := by.NeedTyped(portal.EditPowers, entered.Organ); err != nil {
			return nil, err
		}
		if err := entered.Validate(); err != nil {
			return nil, err
		}
		id, seen = entered.ID(), portal.Absent
	}
	return u.Store.Change(ctx, by, string(id), seen, "save power item", u.Now(), func(i *PowerItem) (string, error) {
		organ, code := i.Organ, i.Code
		edit(i)
		if seen != portal.Absent {
			i.Organ, i.Code = organ, code
		}
		if i.Effective == 0 {
			i.Effective = u.Today()
		}
		if err := by.Need(portal.EditPowers, i.Organ); err != nil {
			return "", err
		}
		if err := i.Validate(); err != nil {
			return "", err
		}
		o, err := u.Directory.Organ(i.Organ)
		if err != nil {
			return "", err
		}
		i.Stands, err = scan.Release(o, i.texts(), i.Stands, reason, by.Login, u.Now())
		return i.Name.ZH, err
	})
}
