package powers

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/scan"
)

// PowerID names a power item in its address: organ code and item code.
type PowerID string

// IDOf is the address of an organ's item.
func IDOf(organ portal.OrganCode, code string) PowerID { return PowerID(string(organ) + "." + code) }

// PowerItem is one power of an organ with its duties (权责事项). What the list says of it on
// a day follows from its changes; nothing of that is stored a second time.
type PowerItem struct {
	Organ portal.OrganCode `json:"organ"`
	Code  string           `json:"code"` // 职权编码
	// Changes are those that were approved, in the order of the days on which they take
	// effect (动态调整).
	Changes []Change `json:"changes,omitempty"`
	// Proposal waits for its review, or was given back.
	Proposal *Proposal `json:"proposal,omitempty"`
	// Listed is the day on which the portal last looked at what is in effect: how the item
	// stands in lists and in the search is that of this day.
	Listed portal.Date `json:"listed,omitzero"`
	// Confirmed is when somebody last looked whether its legal basis holds.
	Confirmed time.Time `json:"confirmed,omitzero"`
	// Stands are findings of the scan before release that may be public.
	Stands []scan.Stand `json:"stands,omitempty"`
}

// Change is one approved change of an item (调整).
type Change struct {
	Kind       string              `json:"kind"` // a code of movements
	Effective  portal.Date         `json:"effective"`
	Reason     string              `json:"reason"`
	Document   string              `json:"document,omitempty"` // the deciding document (决定文件), by number or title
	Legality   string              `json:"legality,omitempty"` // the result of the legality review (合法性审查)
	To         string              `json:"to,omitempty"`       // the item or organ where it goes on
	Values     Values              `json:"values,omitempty"`   // what the list says from that day on
	Forms      []portal.Attachment `json:"forms,omitempty"`    // blank forms and filled samples
	By         portal.Login        `json:"by,omitempty"`
	At         time.Time           `json:"at,omitzero"`
	Approved   portal.Login        `json:"approved,omitempty"`
	ApprovedAt time.Time           `json:"approved_at,omitzero"`
}

// Movement is the kind of the change.
func (c *Change) Movement() Movement { return MovementNamed(c.Kind) }

// Proposal is a change before it is approved.
type Proposal struct {
	Change
	Remark string `json:"remark,omitempty"` // why it was given back
}

// legacy are the fields of an item from before changes were kept.
type legacy struct {
	Type      string      `json:"type"`
	Name      portal.Text `json:"name"`
	Basis     string      `json:"basis"`
	Body      portal.Text `json:"body"`
	Office    string      `json:"office"`
	Duties    string      `json:"duties"`
	Account   string      `json:"account"`
	Flow      string      `json:"flow"`
	Limit     string      `json:"limit"`
	Supervise string      `json:"supervise"`
	Effective portal.Date `json:"effective"`
	Cancelled portal.Date `json:"cancelled"`
}

// UnmarshalJSON reads an item; one of an older portal becomes one with a single change.
func (i *PowerItem) UnmarshalJSON(b []byte) error {
	type plain PowerItem
	if err := json.Unmarshal(b, (*plain)(i)); err != nil || len(i.Changes) > 0 || i.Proposal != nil {
		return err
	}
	var old legacy
	if err := json.Unmarshal(b, &old); err != nil || old.Type == "" {
		return err
	}
	v := Values{"type": old.Type, "name_zh": old.Name.ZH, "name_en": old.Name.EN, "basis": old.Basis, "body": old.Body.ZH, "office": old.Office, "duties": old.Duties,
		"account": old.Account, "steps": old.Flow, "limit": old.Limit, "supervise": old.Supervise}
	for k, s := range v {
		if s == "" {
			delete(v, k)
		}
	}
	i.Changes = []Change{{Kind: "listed", Effective: old.Effective, Values: v}}
	if old.Cancelled != 0 {
		i.Changes = append(i.Changes, Change{Kind: "cancelled", Effective: old.Cancelled})
	}
	return nil
}

var powerCode = regexp.MustCompile(`^[0-9A-Za-z-]{1,40}$`)

// ID returns the item's address.
func (i *PowerItem) ID() PowerID { return IDOf(i.Organ, i.Code) }

// At is what the list says of an item on a day.
type At struct {
	Values Values
	Forms  []portal.Attachment
	Last   *Change // since which it says so; nil while nothing is approved
}

// Ended is the change by which the item left the list; nil while it is in it.
func (a *At) Ended() *Change {
	if a.Last != nil && a.Last.Movement().Ends {
		return a.Last
	}
	return nil
}

// In reports whether the item is in the list; it is not before it came.
func (a *At) In() bool { return a != nil && a.Ended() == nil }

// AsOf is what the list says of the item on a day; nil before it was in it.
func (i *PowerItem) AsOf(day portal.Date) *At {
	var out *At
	for n := range i.Changes {
		c := &i.Changes[n]
		if c.Effective > day {
			break
		}
		if out == nil {
			out = &At{}
		}
		if out.Last = c; !c.Movement().Ends { // who leaves says what it said last
			out.Values, out.Forms = c.Values, c.Forms
		}
	}
	return out
}

// Shown is what lists and the search show: the item of the day on which it was last
// looked at, or as it will be, or, while nothing is approved, what is proposed.
func (i *PowerItem) Shown() *At {
	day := i.Listed
	if day == 0 && len(i.Changes) > 0 {
		day = i.Changes[len(i.Changes)-1].Effective
	}
	if at := i.AsOf(day); at != nil {
		return at
	}
	switch {
	case len(i.Changes) > 0:
		return &At{Values: i.Changes[0].Values, Forms: i.Changes[0].Forms, Last: &i.Changes[0]}
	case i.Proposal != nil:
		return &At{Values: i.Proposal.Values, Forms: i.Proposal.Forms}
	}
	return &At{}
}

// Current reports whether the item is in the list once all that is approved has taken
// effect: only what is not can come into it, and only what is can change or leave.
func (i *PowerItem) Current() bool {
	n := len(i.Changes)
	return n > 0 && i.after(n-1).In()
}

// Name is the item's name as it is shown.
func (i *PowerItem) Name() portal.Text { return i.Shown().Values.Name() }

// take adds an approved change in the order of days.
func (i *PowerItem) take(c Change) {
	n, _ := slices.BinarySearchFunc(i.Changes, c, func(a, b Change) int {
		if a.Effective <= b.Effective {
			return -1
		}
		return 1
	})
	i.Changes = slices.Insert(i.Changes, n, c)
}

// texts are those of a change that become public.
func (c *Change) texts() []scan.Text {
	var out []scan.Text
	for _, f := range Rules.Fields {
		if s := c.Values[f.Code]; s != "" && f.List == "" {
			out = append(out, scan.Text{Field: f.Code, Text: s})
		}
	}
	return append(out, scan.Text{Field: "reason", Text: c.Reason}, scan.Text{Field: "document", Text: c.Document}, scan.Text{Field: "legality", Text: c.Legality})
}

// Entry returns what search is told of the item; nil while it never was in the list.
func (i *PowerItem) Entry() *portal.Entry {
	if len(i.Changes) == 0 || i.Listed != 0 && i.AsOf(i.Listed) == nil {
		return nil
	}
	at := i.Shown()
	v := at.Values
	e := &portal.Entry{
		Key: portal.Key{Kind: "power", ID: string(i.ID())}, Title: v["name_zh"], TitleEN: v["name_en"], Number: i.Code,
		Organs: []portal.OrganCode{i.Organ}, Published: i.Changes[0].Effective, Validity: "in_force", Genre: v["type"],
		Audience: strings.Fields(v["applicants"]), Topics: v.Subjects(),
		Keywords: []string{portal.PowerTypes.Term(v["type"]).Name.ZH},
	}
	if !at.In() {
		e.Validity = "repealed"
	}
	if c := at.Last; !c.Movement().Hidden { // what lists and feeds say: the last change
		e.Summary = "自" + c.Effective.String() + "起" + c.Movement().Name.ZH + "：" + c.Reason
		e.SummaryEN = c.Movement().Name.EN + " on " + c.Effective.String()
		if c.Document != "" {
			e.Summary += "（" + c.Document + "）"
		}
	} else { // nothing has changed: what it is and how long it takes
		e.Summary, e.SummaryEN = v.Brief("zh"), v.Brief("en")
	}
	var b strings.Builder
	for _, f := range Rules.Fields {
		if f.Code != "type" && f.Code != "name_zh" && f.Code != "name_en" && v[f.Code] != "" {
			b.WriteString(f.Shown(v[f.Code], "zh") + "\n")
		}
	}
	for _, t := range e.Topics {
		b.WriteString(portal.PowerTopics.Term(t).Name.ZH + " " + portal.PowerTopics.Term(t).Name.EN + "\n")
	}
	e.Texts = []string{b.String()}
	return e
}

// changed is when what is shown last changed.
func (i *PowerItem) changed() time.Time {
	var at time.Time
	for _, c := range i.Changes {
		if c.ApprovedAt.After(at) {
			at = c.ApprovedAt
		}
	}
	return at
}
