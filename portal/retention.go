package portal

import (
	"slices"
	"sync"
	"time"

	"gongkai/portal/clock"
)

// RetentionPeriod is how long something of a closed case is kept (保管期限).
type RetentionPeriod struct {
	Code  string `json:"code"` // identity, file
	Years int    `json:"years"`
}

// RetentionPeriods are the periods: rule data. Nobody may change them.
var RetentionPeriods = sync.OnceValue(func() []RetentionPeriod {
	return ruleData[struct {
		Periods []RetentionPeriod `json:"periods"`
	}]("retention.json").Periods
})

// Destruction is a tombstone: what of a case was destroyed, and when (销毁).
type Destruction struct {
	What string    `json:"what"`
	At   time.Time `json:"at"`
}

// Retain destroys what retention periods have ended for, and returns how much
// that was. A case with a review that is not decided is left alone; the
// figures of a case stay for ever. What was imported from another system's log
// holds no applicant and keeps that system's periods.
func (u Cases) Retain() (int, error) {
	n := 0
	for _, b := range u.Store.Briefs() {
		pending := slices.ContainsFunc(b.Reviews, func(r Review) bool { return r.Result == "pending" })
		if !b.Closed || pending || b.Imported {
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
	a.Statements, a.Undone = nil, nil
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
