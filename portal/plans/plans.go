// Package plans is the area of disclosure plans (政府信息公开工作计划): what an organ will
// publish, by when and by whom.
package plans

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
)

// Item is something that an organ has planned to publish (计划公开事项).
type Item struct {
	ID        string           `json:"id"`
	Organ     portal.OrganCode `json:"organ"`
	Title     string           `json:"title"`
	Column    string           `json:"column,omitempty"`   // item of Article 20 (第二十条), where known
	Due       portal.Date      `json:"due"`                // by when, inclusive
	Who       string           `json:"who"`                // 责任处室或责任人
	Document  string           `json:"document,omitempty"` // address of what was published
	Dropped   bool             `json:"dropped,omitempty"`  // it is not to be published any more
	ChangedAt time.Time        `json:"changed_at"`
}

// Kind is a planned item. None of it is public.
var Kind = portal.Register[Item](portal.RecordKind{Code: "plan", Bucket: "plans"}, nil)

// State is where an item stands on a day: derived, never stored.
type State string

// The states of a planned item.
const (
	Done    State = "done"    // 已公开
	Overdue State = "overdue" // 已过期限
	Soon    State = "soon"    // 临近期限: within two weeks
	Open    State = "open"    // 未到期
	Dropped State = "dropped" // 不再公开
)

// soon is how many days before its end an item is near it.
const soon = 14

// StateOn is where the item stands on a day.
func (i *Item) StateOn(today portal.Date) State {
	switch {
	case i.Document != "":
		return Done
	case i.Dropped:
		return Dropped
	case i.Due < today:
		return Overdue
	case i.Due <= today+soon:
		return Soon
	}
	return Open
}

// Validate reports the mistakes in the item's fields.
func (i *Item) Validate() error {
	var p portal.Problems
	if i.Organ == "" {
		p.Add("organ", "error.choose_organ", nil)
	}
	p.Text("title", i.Title, true, portal.MaxLine)
	p.Text("who", i.Who, true, portal.MaxName)
	if i.Due == 0 {
		p.Add("due", "error.required", nil)
	}
	if i.Column != "" && !portal.Items.Has(i.Column) {
		p.Add("column", "error.choose", nil)
	}
	return p.Err()
}

// Published tells whether there is a public document at an address.
type Published interface {
	Listings(keys ...portal.Key) []*portal.Listing
}

// Plans are the use cases of disclosure plans.
type Plans struct {
	portal.Clockwork
	Store     portal.Records[Item]
	Published Published
}

// Open loads an item for someone who may change it.
func (u Plans) Open(ctx context.Context, by portal.Actor, id string) (*Item, error) {
	i, err := u.Store.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return i, by.Need(portal.WriteDocuments, i.Organ)
}

// List is what of the plans whoever works at the desk is shown, those of an organ where
// one is named, by the day on which they are due.
func (u Plans) List(ctx context.Context, by portal.Actor, organ portal.OrganCode) ([]*Item, error) {
	if err := by.NeedSome(portal.SeeDesk); err != nil {
		return nil, err
	}
	list, err := u.Store.All(ctx, func(i *Item) bool { return organ == "" || i.Organ == organ })
	slices.SortFunc(list, func(a, b *Item) int {
		if a.Due != b.Due {
			return int(a.Due) - int(b.Due)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list, err
}

// Change changes an item as it was seen, or enters one, without an id. The document
// that it names has to be public.
func (u Plans) Change(ctx context.Context, by portal.Actor, id string, seen portal.Revision, edit func(*Item)) (*Item, error) {
	if id == "" {
		id, seen = rand.Text(), portal.Absent
	}
	return u.Store.Change(ctx, by, id, seen, "save plan", u.Now(), func(i *Item) (string, error) {
		organ := i.Organ
		edit(i)
		if i.ID = id; seen != portal.Absent {
			i.Organ = organ
		}
		i.ChangedAt = u.Now().UTC()
		if err := by.NeedTyped(portal.WriteDocuments, i.Organ); err != nil {
			return "", err
		}
		if err := i.Validate(); err != nil {
			return "", err
		}
		if i.Document != "" && u.Published.Listings(portal.Key{Kind: "document", ID: i.Document})[0] == nil {
			return "", portal.Wrong("document", "error.not_found", nil)
		}
		return i.Title, nil
	})
}
