package cases

import (
	"context"
	"slices"
	"sync"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/rules"
	"gongkai/portal/text"
)

// RetentionPeriod is how long something of a closed case is kept (保管期限).
type RetentionPeriod struct {
	Code  string `json:"code"` // identity, file
	Years int    `json:"years"`
}

// retentionRules is rules/retention.json.
type retentionRules struct {
	Periods     []RetentionPeriod `json:"periods"`
	GraceDays   int               `json:"grace_days"`        // between telling and destroying
	DailyShare  float64           `json:"daily_share"`       // of all cases
	DailyLeast  int               `json:"daily_least"`       // whatever the share is
	SettleHours int               `json:"settle_hours"`      // after a jump of the clock
	LongestGap  int               `json:"longest_gap_hours"` // between two looks that is no jump
}

var retentionData = sync.OnceValue(func() retentionRules { return rules.Read[retentionRules]("retention.json") })

// RetentionPeriods are the periods: rule data. Nobody may change them.
func RetentionPeriods() []RetentionPeriod { return retentionData().Periods }

// Destruction is a tombstone: what of a case was destroyed, and when (销毁).
type Destruction struct {
	What string    `json:"what"`
	At   time.Time `json:"at"`
}

// Ending is what of a case is about to be destroyed: its period has ended, its
// handlers have been told.
type Ending struct {
	What  string    `json:"what"`
	Since time.Time `json:"since"`
}

// On is the first day on which it may be destroyed.
func (e Ending) On() portal.Date {
	return clock.DateOf(e.Since.AddDate(0, 0, retentionData().GraceDays))
}

// Hold keeps a case from being destroyed until it is taken back (暂缓销毁).
type Hold struct {
	By     portal.Login `json:"by"`
	Reason string       `json:"reason"`
	At     time.Time    `json:"at"`
}

// RetentionState is what is remembered from one look to the next.
type RetentionState struct {
	Seen   time.Time   `json:"seen"`   // when was last looked
	Steady time.Time   `json:"steady"` // since when the clock has not jumped
	Day    portal.Date `json:"day"`
	Done   int         `json:"done"` // destroyed on that day
}

// RetentionResult is what a look has done.
type RetentionResult struct {
	Told      int // cases whose handlers were told
	Destroyed int
	// Jumped says that nothing is destroyed because the clock has jumped.
	Jumped bool
}

// Retain looks for what retention periods have ended. It tells the handlers
// first, and destroys after a grace period: never more than a share of all
// cases a day, never what somebody holds or a review is pending on, and never
// soon after the clock has jumped. A period begins on the day that the end of
// the case was recorded, if that is later than the day typed for it. The
// figures of a case stay for ever. What was imported from another system's log
// holds no applicant and keeps that system's periods.
func (u Keeping) Retain(ctx context.Context) (RetentionResult, error) {
	data, now := retentionData(), u.Now()
	var res RetentionResult
	state, err := u.Store.RetentionState(ctx)
	if err != nil {
		return res, err
	}
	gap := now.Sub(state.Seen)
	if state.Steady.IsZero() || gap < -time.Hour || gap > time.Duration(data.LongestGap)*time.Hour {
		state.Steady = now
	}
	state.Seen = now
	res.Jumped = now.Sub(state.Steady) < time.Duration(data.SettleHours)*time.Hour
	if today := u.Today(); state.Day != today {
		state.Day, state.Done = today, 0
	}
	if err := u.Store.SaveRetentionState(ctx, state); err != nil {
		return res, err
	}
	briefs := u.Store.Briefs()
	most := max(data.DailyLeast, int(data.DailyShare*float64(len(briefs))))
	told := make(map[portal.OrganCode][]DueItem)
	for _, b := range briefs {
		for _, what := range b.ended(u.Today()) {
			i := slices.IndexFunc(b.Ending, func(e Ending) bool { return e.What == what })
			switch {
			case i < 0:
				if err := u.announce(ctx, b.Number, what); err != nil {
					return res, err
				}
				told[b.Organ] = append(told[b.Organ], DueItem{Number: b.Number, Deadline: Ending{what, now}.On()})
				res.Told++
			case b.Held || res.Jumped || state.Done >= most || b.Ending[i].On() > u.Today():
			default:
				if err := u.Store.Destroy(ctx, portal.System("retention"), b.Number, what, now); err != nil {
					return res, err
				}
				state.Done++
				res.Destroyed++
				if err := u.Store.SaveRetentionState(ctx, state); err != nil {
					return res, err
				}
			}
		}
	}
	return res, u.tellEnding(ctx, told)
}

// ended lists what of a case has outlasted its period.
func (b *CaseBrief) ended(today portal.Date) []string {
	pending := slices.ContainsFunc(b.Proceedings, func(r Proceeding) bool { return r.Result == "pending" })
	if !b.Closed || pending || b.Imported {
		return nil
	}
	last := max(b.ClosedOn, b.RecordedOn)
	for _, r := range b.Proceedings {
		last = max(last, r.Decided)
	}
	var out []string
	for _, p := range RetentionPeriods() {
		if clock.DateOf(last.Time().AddDate(p.Years, 0, 0)) < today && !slices.Contains(b.Gone, p.Code) {
			out = append(out, p.Code)
		}
	}
	return out
}

// announce writes into a case that something of it will be destroyed.
func (u Keeping) announce(ctx context.Context, n ApplicationNumber, what string) error {
	_, err := u.Store.ChangeApplication(ctx, portal.System("retention"), n, portal.Latest, "retention period ended: "+what, u.Now(), func(a *Application, _ CaseTx) error {
		a.Ending = append(a.Ending, Ending{what, u.Now().UTC()})
		return nil
	})
	return err
}

// tellEnding writes to the handlers and heads of organs.
func (u Keeping) tellEnding(ctx context.Context, told map[portal.OrganCode][]DueItem) error {
	if u.Writer == nil || u.Outbox == nil || len(told) == 0 {
		return nil
	}
	people, err := u.Store.People(ctx)
	if err != nil {
		return err
	}
	for code, items := range told {
		organ, err := u.Store.Organ(code)
		if err != nil {
			return err
		}
		var mails []*portal.Mail
		for _, p := range people {
			if a := p.Actor(); !p.Disabled && p.Email != "" && slices.ContainsFunc(p.Grants, func(g portal.Grant) bool { return g.Role != portal.Administrator }) && a.Can(portal.HandleApplications, code) {
				m := u.Writer.EndingMail(organ, items)
				m.To = p.Email
				mails = append(mails, m)
			}
		}
		if len(mails) == 0 {
			continue
		}
		if _, err := u.Outbox.SendDigest(ctx, "retention/"+string(code)+"/"+string(items[0].Number), u.Today(), mails); err != nil {
			return err
		}
	}
	return nil
}

// Hold keeps a case from being destroyed.
func (u Keeping) Hold(ctx context.Context, by portal.Actor, n ApplicationNumber, reason string) error {
	if err := portal.CheckReason(reason); err != nil {
		return err
	}
	return u.change(ctx, by, n, "hold", func(a *Application, _ CaseTx) error {
		a.Hold = &Hold{by.Login, reason, u.Now().UTC()}
		return nil
	})
}

// Release takes a hold back. What had been announced is announced anew, so that
// the grace period begins again.
func (u Keeping) Release(ctx context.Context, by portal.Actor, n ApplicationNumber) error {
	return u.change(ctx, by, n, "release", func(a *Application, _ CaseTx) error {
		a.Hold, a.Ending = nil, nil
		return nil
	})
}

// Erase takes out of a case what a retention period ends: what is left counts
// in figures and says that the rest was destroyed.
func (a *Application) Erase(what string, at time.Time) {
	a.Destroyed = append(a.Destroyed, Destruction{what, at.UTC()})
	a.Ending = slices.DeleteFunc(a.Ending, func(e Ending) bool { return e.What == what })
	if what != "file" {
		return
	}
	a.Subject, a.Description, a.DocNumber, a.Help = "", "", "", ""
	a.Statements, a.Undone = nil, nil
	a.Files, a.Papers, a.Inquiries, a.Service, a.Linked, a.CodeHash = nil, nil, nil, nil, nil, ""
	for i := range a.Steps {
		s := &a.Steps[i]
		s.Note, s.Reason = "", ""
		if s.Party != "" { // the clock tells parties apart by it
			s.Party = text.Fingerprint(s.Party)[:8]
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
