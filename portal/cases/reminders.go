package cases

import (
	"context"
	"slices"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// DueItem is a case that a digest names: its number and its clock, and nothing
// of what was asked or by whom.
type DueItem struct {
	Number   ApplicationNumber
	Deadline portal.Date
	Left     int // working days; negative when late
}

// remindAt are the working days left at which staff are told; they are told
// every working day of what is late.
var remindAt = []int{5, 3, 1, 0}

// headAt is from when on the head is told too: a case with no more working
// days left than this.
const headAt = 1

// digestHour is when digests are written.
const digestHour = 8

// Remind writes to staff what falls due: one digest a working day for each
// organ, to the handlers, and to the heads what is nearly or already late. It
// returns how many organs were written to.
func (u Keeping) Remind(ctx context.Context) (int, error) {
	now, today := u.Now(), u.Today()
	if u.Writer == nil || u.Outbox == nil || now.Hour() < digestHour || !u.Calendar().Working(today) {
		return 0, nil
	}
	work, err := u.Lists().WorkList(portal.System("reminders"), WorkFilter{})
	if err != nil {
		return 0, err
	}
	people, err := u.Store.People(ctx)
	if err != nil {
		return 0, err
	}
	byOrgan := make(map[portal.OrganCode][]WorkItem)
	for _, x := range work.Items {
		if x.Clock.State != clock.Running && x.Clock.State != clock.Paused || x.Clock.Left == nil {
			continue
		}
		if left := *x.Clock.Left; left < 0 || slices.Contains(remindAt, left) {
			byOrgan[x.Organ] = append(byOrgan[x.Organ], x)
		}
	}
	n, err := u.remindAsked(ctx, people)
	if err != nil {
		return n, err
	}
	for code, items := range byOrgan {
		organ, err := u.Store.Organ(code)
		if err != nil {
			return n, err
		}
		var mails []*portal.Mail
		for _, p := range people {
			if m := u.digestFor(p, organ, items); m != nil {
				mails = append(mails, m)
			}
		}
		if len(mails) == 0 {
			continue
		}
		sent, err := u.Outbox.SendDigest(ctx, string(code), today, mails)
		if err != nil {
			return n, err
		}
		if sent {
			n++
		}
	}
	return n, nil
}

// remindAsked writes to those who were asked inside and whose day is near or
// past, once a working day each.
func (u Keeping) remindAsked(ctx context.Context, people []*portal.Person) (int, error) {
	due := make(map[portal.Login][]portal.Date)
	for _, b := range u.Store.Briefs() {
		for _, q := range b.Asked {
			if !b.Closed && (q.Due < u.Today() || u.Calendar().Between(u.Today(), q.Due) <= headAt) {
				due[q.To] = append(due[q.To], q.Due)
			}
		}
	}
	n := 0
	for _, p := range people {
		days := due[p.Login]
		if len(days) == 0 || p.Disabled || p.Email == "" {
			continue
		}
		m := u.Writer.AskedMail(len(days), slices.Min(days))
		m.To = p.Email
		sent, err := u.Outbox.SendDigest(ctx, "asked/"+string(p.Login), u.Today(), []*portal.Mail{m})
		if err != nil {
			return n, err
		}
		if sent {
			n++
		}
	}
	return n, nil
}

// digestFor is what one person is told of an organ's cases; nil for nothing.
func (u Keeping) digestFor(p *portal.Person, organ portal.Organ, items []WorkItem) *portal.Mail {
	if p.Disabled || p.Email == "" {
		return nil
	}
	// Only who holds the role for this very organ: an administrator reads no
	// digests.
	holds := func(r portal.Role) bool {
		return slices.ContainsFunc(p.Grants, func(g portal.Grant) bool { return g.Role == r && slices.Contains(g.Organs, organ.Code) })
	}
	var due []DueItem
	for _, x := range items {
		left := *x.Clock.Left
		handles := holds(portal.Handler) && (x.Handler == "" || x.Handler == p.Login)
		if handles || holds(portal.Head) && left <= headAt {
			due = append(due, DueItem{x.Number, x.Clock.Deadline, left})
		}
	}
	if len(due) == 0 {
		return nil
	}
	m := u.Writer.DigestMail(organ, due)
	m.To = p.Email
	return m
}
