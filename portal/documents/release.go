package documents

import (
	"context"
	"slices"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/rules"
)

// Stage is a review before release (审查环节).
type Stage struct {
	Code    string      `json:"code"`
	Name    portal.Text `json:"name"`
	Secrecy bool        `json:"secrecy,omitempty"` // the secrecy review (保密审查) is recorded with it
}

// Scheme is the row of reviews that an organ has its drafts go through.
type Scheme struct {
	Code   string      `json:"code"`
	Name   portal.Text `json:"name"`
	Stages []Stage     `json:"stages"`
}

// releaseRules are the schemes there are, with their source (三审三校; 先审查、后公开).
var releaseRules = rules.Read[struct {
	Default string   `json:"default"`
	Schemes []Scheme `json:"schemes"`
}]("release.json")

// Schemes are all of them.
func Schemes() []Scheme { return releaseRules.Schemes }

// SchemeOf is the scheme with a code; the usual one for "" or one that is no more.
func SchemeOf(code string) Scheme {
	at := func(code string) int {
		return slices.IndexFunc(releaseRules.Schemes, func(s Scheme) bool { return s.Code == code })
	}
	if i := at(code); i >= 0 {
		return releaseRules.Schemes[i]
	}
	return releaseRules.Schemes[at(releaseRules.Default)]
}

// Review is a review that a draft has passed. That of secrecy says on what ground
// (保守国家秘密法实施条例第四十二条: 逐项).
type Review struct {
	Stage   string       `json:"stage"`
	By      portal.Login `json:"by"`
	At      time.Time    `json:"at"`
	Secrecy bool         `json:"secrecy,omitempty"`
	Basis   string       `json:"basis,omitempty"` // of the secrecy review
}

// Next is the review that a draft waits for; false where it has passed all.
func (d *Draft) Next(s Scheme) (Stage, bool) {
	if len(d.Reviews) >= len(s.Stages) {
		return Stage{}, false
	}
	return s.Stages[len(d.Reviews)], true
}

// DueRule is a period within which information of a kind is published (公开时限).
type DueRule struct {
	Code     string      `json:"code"`
	Name     portal.Text `json:"name"`
	Items    []string    `json:"items,omitempty"`  // of Article 20; none: any
	Genres   []string    `json:"genres,omitempty"` // none: any
	Relation string      `json:"relation,omitempty"`
	// Needs says which documents are to have such a relation, counted from their
	// publication, and for how many days somebody is reminded.
	Needs struct {
		Genres []string `json:"genres"`
		Items  []string `json:"items"`
		Days   int      `json:"remind_days"`
	} `json:"needs,omitzero"`
	Unit      string      `json:"unit"`
	Days      int         `json:"days"`
	Source    string      `json:"source"`
	Effective portal.Date `json:"effective"`
}

var dueRules = rules.Read[[]DueRule]("disclosure.json")

// Due is until when information is to be published (第二十六条), by the first rule
// that fits; 0 for what has no day of its forming.
func (c *Content) Due(cal *clock.Calendar) (portal.Date, DueRule) {
	for _, r := range dueRules {
		if len(r.Items) > 0 && !slices.Contains(r.Items, c.Item) || len(r.Genres) > 0 && !slices.Contains(r.Genres, c.Genre) || r.Relation == "interprets" && len(c.Interprets) == 0 {
			continue
		}
		if c.Formed == 0 {
			return 0, r
		}
		if r.Unit == "working_days" {
			return cal.After(c.Formed, r.Days), r
		}
		due := c.Formed + portal.Date(r.Days)
		for !cal.Working(due) { // 民法典第二百零三条: the last day of a period in days is a working one
			due++
		}
		return due, r
	}
	return 0, DueRule{}
}

// Due is until when a draft is to be published; 0 for a correction, which is of
// something that is public already.
func (d *Draft) Due(cal *clock.Calendar) (portal.Date, DueRule) {
	if d.Of != "" {
		return 0, DueRule{}
	}
	return d.Content.Due(cal)
}

// ToInterpret is a document that has no interpretation yet, and until when it is to have
// one (政策解读).
type ToInterpret struct {
	*Document
	Due portal.Date
}

// ToInterpret lists the documents of whoever writes that want an interpretation, the
// first due first.
func (u Documents) ToInterpret(ctx context.Context, by portal.Actor) ([]ToInterpret, error) {
	i := slices.IndexFunc(dueRules, func(r DueRule) bool { return len(r.Needs.Genres) > 0 })
	if i < 0 {
		return nil, nil
	}
	rule := dueRules[i]
	var out []ToInterpret
	err := u.Store.EachDocument(ctx, func(d *Document) error {
		if d.Withdrawn || d.Ended(u.Today()) || u.Today()-d.Published > portal.Date(rule.Needs.Days) || !by.Can(portal.WriteDocuments, d.Lead()) ||
			!slices.Contains(rule.Needs.Genres, d.Genre) || !slices.Contains(rule.Needs.Items, d.Item) ||
			slices.ContainsFunc(d.Links, func(l Link) bool { return string(l.Relation) == rule.Relation }) {
			return nil
		}
		out = append(out, ToInterpret{d, u.Calendar().After(d.Published, rule.Days)})
		return nil
	})
	slices.SortFunc(out, func(a, b ToInterpret) int { return int(a.Due) - int(b.Due) })
	return out, err
}

// Relation is how a document stands to another.
type Relation string

// The relations of documents.
const (
	Repeals    Relation = "repeals"    // 废止
	Amends     Relation = "amends"     // 修改
	Interprets Relation = "interprets" // 解读
	Supersedes Relation = "supersedes" // 替代
)

// Link is a relation as the document at its other end has it: From does so to it.
type Link struct {
	Relation Relation    `json:"relation"`
	From     DocumentID  `json:"from"`
	On       portal.Date `json:"on"`
}

// Relations are the documents that a content stands in a relation to.
func (c *Content) Relations() map[Relation][]DocumentID {
	return map[Relation][]DocumentID{Repeals: c.Repeals, Amends: c.Amends, Interprets: c.Interprets, Supersedes: c.Supersedes}
}

// AllRelations are the relations in the order in which they are told.
var AllRelations = []Relation{Repeals, Supersedes, Amends, Interprets}

// Linked takes in that another document repeals, amends, interprets or supersedes
// this one since a day, and reports whether that was new.
func (d *Document) Linked(l Link) bool {
	if slices.ContainsFunc(d.Links, func(o Link) bool { return o.Relation == l.Relation && o.From == l.From }) {
		return false
	}
	d.Links = append(d.Links, l)
	switch l.Relation {
	case Repeals, Supersedes:
		d.Validity, d.Repealed = "repealed", l.On
	case Amends:
		if d.Validity == "in_force" {
			d.Validity = "amended"
		}
	}
	return true
}

// Unlinked takes back what Linked took in from a document.
func (d *Document) Unlinked(from DocumentID, keep map[Relation][]DocumentID) bool {
	before := len(d.Links)
	lost := make(map[Relation]bool)
	d.Links = slices.DeleteFunc(d.Links, func(l Link) bool {
		gone := l.From == from && !slices.Contains(keep[l.Relation], d.ID)
		lost[l.Relation] = lost[l.Relation] || gone
		return gone
	})
	still := func(r Relation) bool {
		return slices.ContainsFunc(d.Links, func(l Link) bool { return l.Relation == r })
	}
	if (lost[Repeals] || lost[Supersedes]) && !still(Repeals) && !still(Supersedes) || lost[Amends] && d.Validity == "amended" && !still(Amends) {
		d.Validity, d.Repealed = "in_force", 0
		if still(Amends) {
			d.Validity = "amended"
		}
	}
	return len(d.Links) < before
}

// Ended reports whether a document is no longer in force on a day: repealed, or past
// the end that it has set itself.
func (d *Document) Ended(on portal.Date) bool {
	return d.Repealed != 0 && d.Repealed <= on || d.Expires != 0 && d.Expires < on || d.Validity == "repealed" || d.Validity == "expired"
}
