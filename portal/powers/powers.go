package powers

import (
	"context"

	"gongkai/portal"
)

// Powers are the use cases of power lists (权责清单).
type Powers struct {
	portal.Clockwork
	Store portal.Records[PowerItem]
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
func (u Powers) Change(ctx context.Context, by portal.Actor, id PowerID, seen portal.Revision, edit func(*PowerItem)) (*PowerItem, error) {
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
		return i.Name.ZH, i.Validate()
	})
}
