package powers

import (
	"context"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/scan"
)

// Powers are the use cases of power lists (权责清单).
type Powers struct {
	portal.Clockwork
	Store     Store
	Mappings  portal.Records[Mapping]
	Directory Directory
	Laws      Laws
	Files     scan.Files
}

// Store keeps items; of a whole list that is brought in it changes many at once.
type Store interface {
	portal.Records[PowerItem]
	// ChangeAll changes many items in one transaction; one whose change fails, or is
	// none, is left as it is.
	ChangeAll(ctx context.Context, by portal.Actor, ids []string, act string, at time.Time, change func(id string, i *PowerItem) (detail string, changed bool, err error)) error
}

// Directory tells of organs.
type Directory interface {
	Organ(portal.OrganCode) (portal.Organ, error)
}

// Laws finds a document of the catalogue by its title; nil for none.
type Laws interface {
	Titled(title string) *portal.Listing
}

// Open loads an item for someone who may change it.
func (u Powers) Open(ctx context.Context, by portal.Actor, id PowerID) (*PowerItem, error) {
	i, err := u.Store.Get(ctx, string(id))
	if err != nil {
		return nil, err
	}
	return i, by.Need(portal.EditPowers, i.Organ)
}

// Propose proposes a change of an item as it was seen, or its addition: then organ and
// code are its address. A proposal that waits or was given back is written anew.
func (u Powers) Propose(ctx context.Context, by portal.Actor, id PowerID, seen portal.Revision, organ portal.OrganCode, code string, c Change) (*PowerItem, error) {
	added := id == ""
	values, ps := c.Values.Clean()
	p := portal.Problems(ps)
	m := c.Movement()
	if m.Code == "" || m.Hidden {
		p.Add("kind", "error.choose", nil)
	}
	p.Text("reason", c.Reason, true, portal.MaxNote)
	p.Text("document", c.Document, true, portal.MaxLine)
	p.Text("to", c.To, m.To, portal.MaxLine)
	if c.Effective == 0 {
		c.Effective = u.Today()
	}
	if added {
		if organ == "" {
			p.Add("organ", "error.choose_organ", nil)
		} else if err := by.NeedTyped(portal.EditPowers, organ); err != nil {
			return nil, err
		}
		if !powerCode.MatchString(code) {
			p.Add("code", "error.power_code", nil)
		}
		id, seen = IDOf(organ, code), portal.Absent
	}
	if m.Ends { // what it says stays as it was
		p = slices.DeleteFunc(p, func(x portal.Problem) bool { return FieldNamed(x.Field) != nil })
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	c.Values, c.By, c.At, c.Approved = values, by.Login, u.Now().UTC(), ""
	return u.Store.Change(ctx, by, string(id), seen, "propose power change", u.Now(), func(i *PowerItem) (string, error) {
		if seen == portal.Absent {
			i.Organ, i.Code = organ, code
		}
		if err := by.Need(portal.EditPowers, i.Organ); err != nil {
			return "", err
		}
		if m.Begins == i.Current() {
			return "", portal.Wrong("kind", "error.choose", nil)
		}
		if n := len(i.Changes); n > 0 && c.Effective < i.Changes[n-1].Effective {
			return "", portal.Wrong("effective", "power.before_last", portal.Args{"Date": i.Changes[n-1].Effective.String()})
		}
		if m.Ends {
			c.Values, c.Forms = nil, nil
		}
		i.Proposal = &Proposal{Change: c}
		return m.Name.ZH + "：" + i.Name().ZH, nil
	})
}

// Approve approves a proposal as it was seen: a second person, with the result of the
// legality review (合法性审查). The change takes effect on its day.
//
// What must not be public is refused as in a document, unless a reason is given that
// it may stand (第十七条).
func (u Powers) Approve(ctx context.Context, by portal.Actor, id PowerID, seen portal.Revision, legality, stands string) (*PowerItem, error) {
	read, err := u.formTexts(ctx, id)
	if err != nil {
		return nil, err
	}
	return u.decide(ctx, by, id, seen, "approve power change", func(i *PowerItem) (string, error) {
		return u.approve(by, i, read, legality, stands)
	})
}

// formTexts are the texts in the forms of a proposal.
func (u Powers) formTexts(ctx context.Context, id PowerID) ([]scan.Text, error) {
	i, err := u.Store.Get(ctx, string(id))
	if err != nil || i.Proposal == nil {
		return nil, err
	}
	return scan.TextsOf(ctx, u.Files, "forms", i.Proposal.Forms)
}

func (u Powers) approve(by portal.Actor, i *PowerItem, read []scan.Text, legality, stands string) (string, error) {
	var p portal.Problems
	p.Text("legality", legality, true, portal.MaxNote)
	if err := p.Err(); err != nil {
		return "", err
	}
	c := i.Proposal.Change
	if c.By == by.Login && !by.IsSystem() {
		return "", &portal.Error{Kind: portal.Forbidden, Key: "error.second_person"}
	}
	c.Legality, c.Approved, c.ApprovedAt = strings.TrimSpace(legality), by.Login, u.Now().UTC()
	o, err := u.Directory.Organ(i.Organ)
	if err != nil {
		return "", err
	}
	if i.Stands, err = scan.Release(o, append(c.texts(), read...), i.Stands, stands, by.Login, u.Now()); err != nil {
		return "", err
	}
	i.take(c)
	i.Proposal, i.Listed, i.Confirmed = nil, u.Today(), u.Now().UTC()
	return c.Movement().Name.ZH + "：" + i.Name().ZH, nil
}

// Return gives a proposal back with a remark.
func (u Powers) Return(ctx context.Context, by portal.Actor, id PowerID, seen portal.Revision, remark string) (*PowerItem, error) {
	return u.decide(ctx, by, id, seen, "return power change", func(i *PowerItem) (string, error) {
		var p portal.Problems
		p.Text("remark", remark, true, portal.MaxNote)
		if err := p.Err(); err != nil {
			return "", err
		}
		i.Proposal.Remark = strings.TrimSpace(remark)
		return remark, nil
	})
}

func (u Powers) decide(ctx context.Context, by portal.Actor, id PowerID, seen portal.Revision, act string, f func(*PowerItem) (string, error)) (*PowerItem, error) {
	return u.Store.Change(ctx, by, string(id), seen, act, u.Now(), func(i *PowerItem) (string, error) {
		if err := by.Need(portal.ReviewPowers, i.Organ); err != nil {
			return "", err
		}
		if i.Proposal == nil || i.Proposal.Remark != "" {
			return "", &portal.Error{Kind: portal.Conflict, Key: "power.nothing_waits"}
		}
		return f(i)
	})
}

// Confirm records that somebody looked whether an item's legal basis holds, and what they
// found.
func (u Powers) Confirm(ctx context.Context, by portal.Actor, id PowerID, seen portal.Revision, note string) (*PowerItem, error) {
	var p portal.Problems
	p.Text("note", note, true, portal.MaxNote)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return u.Store.Change(ctx, by, string(id), seen, "confirm power basis", u.Now(), func(i *PowerItem) (string, error) {
		i.Confirmed = u.Now().UTC()
		return strings.TrimSpace(note), by.Need(portal.EditPowers, i.Organ)
	})
}

// Turn brings lists and the search up to date with the changes that have taken effect
// since they were last looked at, and returns how many items that were.
func (u Powers) Turn(ctx context.Context) (int, error) {
	today := u.Today()
	due, err := u.Store.All(ctx, func(i *PowerItem) bool {
		return slices.ContainsFunc(i.Changes, func(c Change) bool { return i.Listed != 0 && c.Effective > i.Listed && c.Effective <= today })
	})
	if err != nil {
		return 0, err
	}
	for _, i := range due {
		if _, err := u.Store.Change(ctx, portal.System("powers"), string(i.ID()), portal.Latest, "power change in effect", u.Now(), func(i *PowerItem) (string, error) {
			i.Listed = today
			return i.Shown().Values["name_zh"], nil
		}); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// Shaken is an item whose legal basis is no longer what it was.
type Shaken struct {
	*PowerItem
	Article Article
	Law     *portal.Listing
	Since   portal.Date
}

// Attention lists what somebody has to look at in the lists of the organs that are
// wanted: items with a proposal, and items that rest on a document of the catalogue that
// was amended or repealed, or has expired, since somebody last looked.
func (u Powers) Attention(ctx context.Context, want func(portal.OrganCode) bool) (proposed []*PowerItem, shaken []Shaken, err error) {
	shakes := u.shaker()
	_, err = u.Store.All(ctx, func(i *PowerItem) bool {
		if !want(i.Organ) {
			return false
		}
		if i.Proposal != nil {
			proposed = append(proposed, i)
		}
		if x := shakes(i); x != nil {
			shaken = append(shaken, *x)
		}
		return false
	})
	return proposed, shaken, err
}

// IsShaken tells whether, and by what, the basis of an item is no longer what it was; nil
// if it is.
func (u Powers) IsShaken(i *PowerItem) *Shaken { return u.shaker()(i) }

// shaker is IsShaken for many items: it looks each law up once.
func (u Powers) shaker() func(*PowerItem) *Shaken {
	today, zone := u.Today(), u.Now().Location()
	laws := make(map[string]*portal.Listing)
	return func(i *PowerItem) *Shaken {
		at := i.AsOf(today)
		if !at.In() {
			return nil
		}
		for _, a := range at.Values.Articles("basis") {
			l, known := laws[a.Law]
			if !known && a.Law != "" {
				l = u.Laws.Titled(a.Law)
				laws[a.Law] = l
			}
			if l != nil && l.Validity != "" && l.Validity != "in_force" && l.ChangedAt.After(i.Confirmed) {
				return &Shaken{i, a, l, portal.DateOf(l.ChangedAt.In(zone))}
			}
		}
		return nil
	}
}

// Due implements portal.Deadlines: proposals that wait for their review, and items whose
// legal basis is no longer what it was.
func (u Powers) Due(ctx context.Context) ([]portal.Due, error) {
	proposed, shaken, err := u.Attention(ctx, func(portal.OrganCode) bool { return true })
	var out []portal.Due
	add := func(i *PowerItem, act portal.Act, what string, from portal.Date) {
		out = append(out, portal.Due{Kind: Kind.Code, Name: Kind.Name, Organ: i.Organ, Act: act, Title: what + "：" + i.Name().ZH, Path: "/desk/powers/" + string(i.ID()), Day: u.Calendar().After(from, Rules.Review.WorkingDays)})
	}
	for _, i := range proposed {
		if i.Proposal.Remark == "" {
			add(i, portal.ReviewPowers, i.Proposal.Movement().Name.ZH, portal.DateOf(i.Proposal.At.In(u.Now().Location())))
		}
	}
	for _, x := range shaken {
		add(x.PowerItem, portal.EditPowers, "《"+x.Article.Law+"》"+portal.Validities.NameOf(x.Law.Validity, "zh"), x.Since)
	}
	return out, err
}
