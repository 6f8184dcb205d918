package powers

import (
	"context"
	"maps"
	"slices"

	"gongkai/portal"
	"gongkai/portal/scan"
)

// Brought is a row of a list that is brought in.
type Brought struct {
	Line   int
	Organ  portal.OrganCode
	Code   string
	Values Values
}

// Fate is what becomes of a row.
type Fate string

// The fates of rows.
const (
	WillAdd    Fate = "added"
	WillChange Fate = "changed"
	Unchanged  Fate = "unchanged"
	Refused    Fate = "refused"
)

// Outcome is what became of a row, or would.
type Outcome struct {
	Line int
	ID   PowerID
	Fate Fate
	Err  error // why it was refused
}

// together is how many items are changed in one transaction.
const together = 1000

// Bring proposes what a list says, row by row: additions, and changes of what is there.
// What a row does not say stays as it is. With try nothing is proposed. A row that is
// refused stops no other. With approve, which only the machine itself may, what is
// proposed is approved at once.
func (u Powers) Bring(ctx context.Context, by portal.Actor, rows []Brought, c Change, try, approve bool) ([]Outcome, error) {
	if approve && !by.IsSystem() {
		return nil, &portal.Error{Kind: portal.Forbidden, Key: "error.forbidden"}
	}
	var p portal.Problems
	p.Text("reason", c.Reason, true, portal.MaxNote)
	p.Text("document", c.Document, true, portal.MaxLine)
	if err := p.Err(); err != nil {
		return nil, err
	}
	if c.Effective == 0 {
		c.Effective = u.Today()
	}
	out := make([]Outcome, len(rows))
	seen := make(map[PowerID]int)
	byID := make(map[string]int, len(rows))
	var ids []string
	for n, r := range rows {
		id, denied := IDOf(r.Organ, r.Code), by.Need(portal.EditPowers, r.Organ)
		out[n] = Outcome{Line: r.Line, ID: id, Fate: Refused}
		switch {
		case r.Organ == "":
			out[n].Err = portal.Wrong("organ", "error.choose_organ", nil)
		case !powerCode.MatchString(r.Code):
			out[n].Err = portal.Wrong("code", "error.power_code", nil)
		case denied != nil:
			out[n].Err = denied
		case seen[id] > 0:
			out[n].Err = portal.Wrong("code", "power.twice", portal.Args{"Line": seen[id]})
		default:
			seen[id], byID[string(id)] = r.Line, n
			ids = append(ids, string(id))
		}
	}
	one := func(id string, i *PowerItem) (string, bool, error) {
		n := byID[id]
		detail, fate, err := u.brought(by, i, rows[n], c)
		if err == nil && approve && fate != Unchanged {
			detail, err = u.approve(by, i, nil, c.Legality, "")
		}
		if out[n].Err = err; err == nil {
			out[n].Fate = fate
		}
		return detail, err == nil && fate != Unchanged && !try, err
	}
	for some := range slices.Chunk(ids, together) {
		if err := u.Store.ChangeAll(ctx, by, some, "propose power change", u.Now(), one); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// brought proposes what a row says of an item.
func (u Powers) brought(by portal.Actor, i *PowerItem, r Brought, c Change) (string, Fate, error) {
	at := i.Shown()
	c.Values = maps.Clone(r.Values)
	for k, v := range at.Values {
		if _, said := c.Values[k]; !said {
			c.Values[k] = v
		}
	}
	values, ps := c.Values.Clean()
	if len(ps) > 0 {
		return "", Refused, portal.Problems(ps).Err()
	}
	fate := WillAdd
	c.Kind = "added"
	if len(i.Changes) > 0 {
		fate, c.Kind = WillChange, "changed"
		if n := i.Changes[len(i.Changes)-1]; c.Effective < n.Effective {
			return "", Refused, portal.Wrong("effective", "power.before_last", portal.Args{"Date": n.Effective.String()})
		}
		if !at.In() {
			return "", Refused, portal.Wrong("code", "power.ended", nil)
		}
	}
	if (len(i.Changes) > 0 || i.Proposal != nil) && maps.Equal(at.Values, values) {
		return "", Unchanged, nil
	}
	c.Values, c.Forms, c.By, c.At = values, at.Forms, by.Login, u.Now().UTC()
	i.Organ, i.Code, i.Proposal = r.Organ, r.Code, &Proposal{Change: c}
	return c.Movement().Name.ZH + "：" + values["name_zh"], fate, nil
}

// ApproveAll approves proposals that wait, as they are by then, with one result of the
// legality review; it says of each that it could not approve why.
func (u Powers) ApproveAll(ctx context.Context, by portal.Actor, ids []string, legality string) (approved int, refused []Outcome, err error) {
	read := make(map[string][]scan.Text)
	for _, id := range ids {
		if read[id], err = u.formTexts(ctx, PowerID(id)); err != nil && portal.KindOf(err) != portal.NotFound {
			return 0, nil, err
		}
	}
	for some := range slices.Chunk(ids, together) {
		err := u.Store.ChangeAll(ctx, by, some, "approve power change", u.Now(), func(id string, i *PowerItem) (string, bool, error) {
			err := by.Need(portal.ReviewPowers, i.Organ)
			if err == nil && (i.Proposal == nil || i.Proposal.Remark != "") {
				err = &portal.Error{Kind: portal.Conflict, Key: "power.nothing_waits"}
			}
			detail := ""
			if err == nil {
				detail, err = u.approve(by, i, read[id], legality, "")
			}
			if err != nil {
				refused = append(refused, Outcome{ID: PowerID(id), Fate: Refused, Err: err})
				return "", false, err
			}
			approved++
			return detail, true, nil
		})
		if err != nil {
			return approved, refused, err
		}
	}
	return approved, refused, nil
}

// Mapping is how the columns of a list were read, remembered by their heads: the next
// list that looks like it is read the same way.
type Mapping struct {
	Heads  []string          `json:"heads"`
	Fields map[string]string `json:"fields"` // the head of a column → the code of its field
	By     portal.Login      `json:"by"`
}

// MappingKind is a remembered mapping; nothing of it is public.
var MappingKind = portal.Register[Mapping](portal.RecordKind{Code: "power_mapping", Bucket: "power_mappings", Field: "heads"}, nil)
