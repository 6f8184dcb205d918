package alerts

import (
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/query"
)

// AlertID names an alert.
type AlertID string

// Alert is a saved search that tells somebody by e-mail of what is new
// (订阅提醒). The address is sealed in the store, apart from it.
type Alert struct {
	ID        AlertID   `json:"id"`
	Query     string    `json:"query"` // parameters of the search, as in its address
	Lang      string    `json:"lang"`
	Every     Frequency `json:"every"`
	CreatedAt time.Time `json:"created_at"`
	Confirmed time.Time `json:"confirmed,omitzero"`
	SentAt    time.Time `json:"sent_at,omitzero"` // when it last told of something
}

// Frequency says how often an alert writes.
type Frequency string

// The frequencies.
const (
	AtOnce Frequency = "now"    // 即时
	Daily  Frequency = "daily"  // 每日
	Weekly Frequency = "weekly" // 每周
)

// Frequencies lists them in the order of forms.
var Frequencies = []Frequency{AtOnce, Daily, Weekly}

// Limits on alerts.
const (
	MaxAlerts      = 50             // of one address
	alertHour      = 8              // when daily and weekly ones are written
	unconfirmedFor = 48 * time.Hour // after which one that was not confirmed is forgotten
	MaxListed      = 50             // records in one message
)

// Alerts are the use cases of alerts: ask for one, confirm, stop, and tell of
// what is new.
type Alerts struct {
	portal.Clockwork
	Store Store
}

// Watcher tells which saved searches a record answers: the search engine.
type Watcher interface {
	Set(id string, q query.Query)
	Remove(id string)
	Matches(*portal.Entry) []string
}

// Watch keeps a Watcher at the alerts there are, and notes what each has to
// tell of the changes that it has not looked at.
type Watch struct {
	Alerts  Alerts
	Source  Source
	Watcher Watcher
	known   map[AlertID]bool
}

// maxLookedAt is how many changes are noted in one transaction.
const maxLookedAt = 200

// Follow looks at every change there is.
func (w *Watch) Follow(ctx context.Context) error {
	if err := w.keep(ctx); err != nil {
		return err
	}
	for ctx.Err() == nil {
		seen, err := w.Source.AlertsSeen(ctx)
		if err != nil {
			return err
		}
		changes, err := w.Source.ChangesAfter(ctx, seen, maxLookedAt)
		if err != nil || len(changes) == 0 {
			return err
		}
		told := make(map[AlertID][]portal.Key)
		for _, c := range changes {
			seen = c.Seq
			if len(w.known) == 0 {
				continue
			}
			e, err := w.Source.Entry(ctx, c.Key)
			if err != nil {
				return err
			}
			if e == nil {
				continue // withdrawn
			}
			for _, id := range w.Watcher.Matches(e) {
				told[AlertID(id)] = append(told[AlertID(id)], c.Key)
			}
		}
		if err := w.Source.NoteAlerts(ctx, seen, told); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// keep brings the Watcher up to the alerts that are confirmed now, and forgets
// those that nobody has confirmed in time.
func (w *Watch) keep(ctx context.Context) error {
	alerts, err := w.Alerts.Store.Alerts(ctx)
	if err != nil {
		return err
	}
	now := make(map[AlertID]bool, len(alerts))
	for _, a := range alerts {
		if a.Confirmed.IsZero() {
			if w.Alerts.Now().Sub(a.CreatedAt) > unconfirmedFor {
				if err := w.Alerts.Store.DropAlert(ctx, a.ID); err != nil {
					return err
				}
			}
			continue
		}
		now[a.ID] = true
		if w.known[a.ID] {
			continue
		}
		q, err := query.QueryFrom(a.Params())
		if err != nil {
			continue // the rules for queries have changed since
		}
		w.Watcher.Set(string(a.ID), q)
	}
	for id := range w.known {
		if !now[id] {
			w.Watcher.Remove(string(id))
		}
	}
	w.known = now
	return nil
}

// AlertWriter writes the messages of alerts in the reader's language.
type AlertWriter interface {
	ConfirmMail(a *Alert, token string) *portal.Mail
	AlertMail(a *Alert, keys []portal.Key, token string) *portal.Mail
}

// Ask makes an alert that begins once its address has been confirmed, and
// sends the message with the link for that: one a day to an address that has
// not confirmed anything, and with nothing in it that the sender typed.
func (u Alerts) Ask(ctx context.Context, query url.Values, email, lang string, every Frequency, w AlertWriter) error {
	var p portal.Problems
	email = strings.TrimSpace(email)
	if email == "" {
		p.Add("email", "error.required", nil)
	} else if !portal.ValidEmail(email) {
		p.Add("email", "error.email", nil)
	}
	if every != AtOnce && every != Daily && every != Weekly {
		p.Add("every", "error.choose", nil)
	}
	if err := p.Err(); err != nil {
		return err
	}
	a := &Alert{ID: AlertID(rand.Text()), Query: query.Encode(), Lang: lang, Every: every, CreatedAt: u.Now().UTC()}
	token, err := u.token(ctx, ConfirmLink, a.ID)
	if err != nil {
		return err
	}
	return u.Store.AddAlert(ctx, a, email, MaxAlerts, w.ConfirmMail(a, token))
}

// LinkPurpose says what a link in a message is for.
type LinkPurpose string

// The links.
const (
	ConfirmLink LinkPurpose = "confirm"
	StopLink    LinkPurpose = "stop"
)

func (u Alerts) token(ctx context.Context, purpose LinkPurpose, id AlertID) (string, error) {
	token, err := portal.LinkToken(ctx, u.Store, "alerts", string(purpose), string(id))
	return string(id) + "-" + token, err
}

// named is the alert that a link was made for, which may be gone.
func (u Alerts) named(ctx context.Context, purpose LinkPurpose, token string) (AlertID, error) {
	id, _, _ := strings.Cut(token, "-")
	want, err := u.token(ctx, purpose, AlertID(id))
	if err == nil && !portal.SameToken(want, token) {
		err = portal.Missing()
	}
	return AlertID(id), err
}

// Linked is the alert that a link names.
func (u Alerts) Linked(ctx context.Context, purpose LinkPurpose, token string) (*Alert, error) {
	id, err := u.named(ctx, purpose, token)
	if err != nil {
		return nil, err
	}
	return u.Store.Alert(ctx, id)
}

// Confirm begins an alert, and what else its address was asked to confirm.
func (u Alerts) Confirm(ctx context.Context, token string) (*Alert, error) {
	id, err := u.named(ctx, ConfirmLink, token)
	if err != nil {
		return nil, err
	}
	return u.Store.ConfirmAlerts(ctx, id, u.Now().UTC())
}

// Stop ends an alert and forgets its address. To stop one that is gone
// already is no mistake (RFC 8058 may ask twice).
func (u Alerts) Stop(ctx context.Context, token string) error {
	id, err := u.named(ctx, StopLink, token)
	if err != nil {
		return err
	}
	if err := u.Store.DropAlert(ctx, id); portal.KindOf(err) != portal.NotFound {
		return err
	}
	return nil
}

// Tell writes the messages that are due and returns how many there were.
func (u Alerts) Tell(ctx context.Context, w AlertWriter) (int, error) {
	pending, err := u.Store.PendingAlerts(ctx)
	if err != nil {
		return 0, err
	}
	now, n := u.Now(), 0
	for id, keys := range pending {
		a, err := u.Store.Alert(ctx, id)
		if portal.KindOf(err) == portal.NotFound {
			continue // stopped meanwhile
		}
		if err != nil {
			return n, err
		}
		if !a.due(now) {
			continue
		}
		token, err := u.token(ctx, StopLink, id)
		if err != nil {
			return n, err
		}
		// A record that was withdrawn meanwhile is not told of.
		if err := u.Store.SendAlert(ctx, id, keys, now.UTC(), w.AlertMail(a, keys, token)); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// due reports whether it is time for an alert to write.
func (a *Alert) due(now time.Time) bool {
	last := a.SentAt
	if last.IsZero() {
		last = a.Confirmed
	}
	days := map[Frequency]int{Daily: 1, Weekly: 7}[a.Every]
	if days == 0 {
		return true
	}
	at := time.Date(now.Year(), now.Month(), now.Day(), alertHour, 0, 0, 0, now.Location())
	if a.Every == Weekly {
		at = at.AddDate(0, 0, -(int(at.Weekday())+6)%7) // Monday
	}
	if at.After(now) {
		at = at.AddDate(0, 0, -days)
	}
	return last.Before(at)
}

// Params are the parameters of an alert's search.
func (a *Alert) Params() url.Values {
	v, err := url.ParseQuery(a.Query)
	if err != nil {
		return url.Values{} // we wrote it
	}
	return v
}
