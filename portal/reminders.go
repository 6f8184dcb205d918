package portal

import (
	"slices"
	"time"

	"gongkai/portal/clock"
)

// DueItem is a case that a digest names: its number and its clock, and nothing
// of what was asked or by whom.
type DueItem struct {
	Number   ApplicationNumber
	Deadline Date
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

// DigestStore is what Reminders needs of the store.
type DigestStore interface {
	People() ([]*Person, error)
	// SendDigest queues an organ's digest of a day, once: a second for the same
	// day is not sent.
	SendDigest(organ OrganCode, day Date, mails []*Mail) (bool, error)
}

// Remind writes to staff what falls due: one digest a working day for each
// organ, to the handlers, and to the heads what is nearly or already late. It
// returns how many organs were written to.
func (u Cases) Remind(store DigestStore) (int, error) {
	now, today := u.Now(), u.Today()
	if u.Writer == nil || now.Hour() < digestHour || !u.Calendar().Working(today) {
		return 0, nil
	}
	work, err := u.WorkList(System("reminders"), WorkFilter{})
	if err != nil {
		return 0, err
	}
	people, err := store.People()
	if err != nil {
		return 0, err
	}
	byOrgan := make(map[OrganCode][]WorkItem)
	for _, x := range work.Items {
		if x.Clock.State != clock.Running && x.Clock.State != clock.Paused || x.Clock.Left == nil {
			continue
		}
		if left := *x.Clock.Left; left < 0 || slices.Contains(remindAt, left) {
			byOrgan[x.Organ] = append(byOrgan[x.Organ], x)
		}
	}
	n := 0
	for code, items := range byOrgan {
		organ, err := u.Store.Organ(code)
		if err != nil {
			return n, err
		}
		var mails []*Mail
		for _, p := range people {
			if m := u.digestFor(p, organ, items); m != nil {
				mails = append(mails, m)
			}
		}
		if len(mails) == 0 {
			continue
		}
		sent, err := store.SendDigest(code, today, mails)
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
func (u Cases) digestFor(p *Person, organ Organ, items []WorkItem) *Mail {
	if p.Disabled || p.Email == "" {
		return nil
	}
	// Only who holds the role for this very organ: an administrator reads no
	// digests.
	holds := func(r Role) bool {
		return slices.ContainsFunc(p.Grants, func(g Grant) bool { return g.Role == r && slices.Contains(g.Organs, organ.Code) })
	}
	var due []DueItem
	for _, x := range items {
		left := *x.Clock.Left
		handles := holds(Handler) && (x.Handler == "" || x.Handler == p.Login)
		if handles || holds(Head) && left <= headAt {
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

// RetentionPeriod is how long something of a closed case is kept (保管期限).
type RetentionPeriod struct {
	Code  string `json:"code"` // identity, file
	Years int    `json:"years"`
	What  Text   `json:"what"`
}

// RetentionPeriods are the periods: rule data.
func RetentionPeriods() []RetentionPeriod {
	return ruleData[struct {
		Periods []RetentionPeriod `json:"periods"`
	}]("retention.json").Periods
}

// Destruction is a tombstone: what of a case was destroyed, and when (销毁).
type Destruction struct {
	What string    `json:"what"`
	At   time.Time `json:"at"`
}

// Retain destroys what retention periods have ended for, and returns how much
// that was. A case with a review that is not decided is left alone; the
// figures of a case stay for ever.
func (u Cases) Retain() (int, error) {
	n := 0
	for _, b := range u.Store.Briefs() {
		pending := slices.ContainsFunc(b.Reviews, func(r Review) bool { return r.Result == "pending" })
		if !b.Closed || pending {
			continue
		}
		last := b.ClosedOn
		for _, r := range b.Reviews {
			last = max(last, r.Decided)
		}
		for _, p := range RetentionPeriods() {
			end := clock.DateOf(last.Time().AddDate(p.Years, 0, 0))
			if end >= u.Today() || slices.Contains(b.Gone, p.Code) {
				continue
			}
			if err := u.Store.Destroy(System("retention"), b.Number, p.Code, u.Now()); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// Erase takes out of a case what a retention period ends: what is left counts
// in figures and says that the rest was destroyed.
func (a *Application) Erase(what string, at time.Time) {
	a.Destroyed = append(a.Destroyed, Destruction{what, at.UTC()})
	if what != "file" {
		return
	}
	a.Subject, a.Description, a.DocNumber, a.Help = "", "", "", ""
	a.Files, a.Papers, a.Inquiries, a.Proof, a.Linked, a.CodeHash = nil, nil, nil, nil, nil, ""
	for i := range a.Steps {
		s := &a.Steps[i]
		s.Note, s.Reason = "", ""
		if s.Party != "" { // the clock tells parties apart by it
			s.Party = Fingerprint(s.Party)[:8]
		}
	}
	for i := range a.Letters {
		a.Letters[i].Text = ""
	}
	if a.Answer != nil {
		a.Answer.Text, a.Answer.Withheld, a.Answer.Files = "", "", nil
	}
	if a.Rating != nil {
		a.Rating.Text = ""
	}
}
