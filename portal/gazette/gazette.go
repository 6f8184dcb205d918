// Package gazette is the area of the government gazette (政府公报): issues that collect
// documents of the catalogue in an order of their own.
package gazette

import (
	"context"
	"fmt"
	"time"

	"gongkai/portal"
)

// Issue is an issue of a gazette (一期公报).
type Issue struct {
	Organ     portal.OrganCode `json:"organ"` // whose gazette it is
	Year      int              `json:"year"`
	Number    int              `json:"number"` // 第几期, from 1 in each year
	Title     portal.Text      `json:"title"`  // of the gazette: 清河市人民政府公报
	Documents []string         `json:"documents"`
	Published portal.Date      `json:"published"`
	ChangedAt time.Time        `json:"changed_at"`
}

// Kind is an issue of a gazette.
var Kind = portal.Register(portal.RecordKind{
	Code: "gazette", Bucket: "gazettes", Field: "number",
	Name: portal.Text{ZH: "政府公报", EN: "Gazettes"}, Folder: "/gazettes/", Order: 4, Weight: 0.7,
}, func(i *Issue) *portal.Listing { return portal.ListingOf(i.Entry(), i.ChangedAt) })

// MaxDocuments is how many documents an issue may have.
const MaxDocuments = 200

// ID is the issue's address.
func (i *Issue) ID() string { return fmt.Sprintf("%s.%04d-%02d", i.Organ, i.Year, i.Number) }

// Name is the issue as a reader calls it.
func (i *Issue) Name() portal.Text {
	return portal.Text{ZH: fmt.Sprintf("%s %d年第%d期", i.Title.ZH, i.Year, i.Number), EN: fmt.Sprintf("%s, %d No. %d", portal.Named(i.Title, "en"), i.Year, i.Number)}
}

// Entry is what search is told of the issue.
func (i *Issue) Entry() *portal.Entry {
	name := i.Name()
	return &portal.Entry{Key: portal.Key{Kind: "gazette", ID: i.ID()}, Title: name.ZH, TitleEN: name.EN, Organs: []portal.OrganCode{i.Organ}, Published: i.Published}
}

// Validate reports the mistakes in the issue's fields.
func (i *Issue) Validate() error {
	var p portal.Problems
	if i.Organ == "" {
		p.Add("organ", "error.choose_organ", nil)
	}
	if i.Year < 1949 || i.Year > 2200 {
		p.Add("year", "error.report_year", nil)
	}
	if i.Number < 1 || i.Number > 99 {
		p.Add("number", "error.number", nil)
	}
	p.Text("title_zh", i.Title.ZH, true, portal.MaxName)
	p.Text("title_en", i.Title.EN, false, portal.MaxName)
	if len(i.Documents) == 0 {
		p.Add("documents", "error.required", nil)
	}
	if len(i.Documents) > MaxDocuments {
		p.Add("documents", "error.too_many", portal.Args{"Limit": MaxDocuments})
	}
	return p.Err()
}

// Catalogue tells what is public.
type Catalogue interface {
	Listings(keys ...portal.Key) []*portal.Listing
}

// Gazettes are the use cases of gazettes.
type Gazettes struct {
	portal.Clockwork
	Store     portal.Records[Issue]
	Catalogue Catalogue
}

// Open loads an issue for someone who may change it.
func (u Gazettes) Open(ctx context.Context, by portal.Actor, id string) (*Issue, error) {
	i, err := u.Store.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return i, by.Need(portal.EditReports, i.Organ)
}

// Change changes an issue as it was seen, or enters one, without an id. Organ, year and
// number are its address and stay. Every document that it names has to be public.
func (u Gazettes) Change(ctx context.Context, by portal.Actor, id string, seen portal.Revision, edit func(*Issue)) (*Issue, error) {
	if id == "" {
		var entered Issue
		edit(&entered)
		if err := by.NeedTyped(portal.EditReports, entered.Organ); err != nil {
			return nil, err
		}
		if err := entered.Validate(); err != nil {
			return nil, err
		}
		id, seen = entered.ID(), portal.Absent
	}
	return u.Store.Change(ctx, by, id, seen, "save gazette", u.Now(), func(i *Issue) (string, error) {
		organ, year, number, published := i.Organ, i.Year, i.Number, i.Published
		edit(i)
		if seen == portal.Absent {
			published = u.Today()
		} else {
			i.Organ, i.Year, i.Number = organ, year, number
		}
		i.Published, i.ChangedAt = published, u.Now().UTC()
		if err := by.Need(portal.EditReports, i.Organ); err != nil {
			return "", err
		}
		if err := i.Validate(); err != nil {
			return "", err
		}
		var p portal.Problems
		for _, d := range i.Documents {
			if l := u.Catalogue.Listings(portal.Key{Kind: "document", ID: d})[0]; l == nil || l.Withdrawn {
				p.Add("documents", "gazette.not_public", portal.Args{"ID": d})
			}
		}
		return i.Name().ZH, p.Err()
	})
}
