package cases

import (
	"context"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// Mailbox is the area of letters, as applications need it.
type Mailbox interface {
	// HasCode reports whether a letter has a query code.
	HasCode(ctx context.Context, letter, code string) bool
	// FromApplication makes a letter of an application, once, and returns its number.
	FromApplication(ctx context.Context, by portal.Actor, a *Application, who *Applicant) (string, error)
}

// FromLetter makes an application of a letter that asks for information, once: asked
// again, it returns the one that is there. Who handles the letter decides; what is missing
// of Article 29, such as the proof of identity, is asked for as a correction.
func (u Applying) FromLetter(ctx context.Context, by portal.Actor, a *Application, who *Applicant, channel string, on portal.Date) (ApplicationNumber, error) {
	a.Kind, a.Form, a.Delivery = who.Kind, "electronic", "online"
	if channel != "web" && who.Address != "" {
		a.Form, a.Delivery = "paper", "post"
	}
	a.Steps = []CaseStep{{Event: clock.Event{Type: clock.Received, Date: on, Channel: channel}, By: by.Login, RecordedAt: u.Now().UTC()}}
	duplicate, err := u.Store.AddApplications(ctx, by, []*Application{a}, who, []string{""}, u.Now())
	if duplicate != "" {
		return duplicate, err
	}
	return a.Number, err
}

// HasCode reports whether an application has a query code.
func (u Applying) HasCode(ctx context.Context, number, code string) bool {
	a, err := u.Store.Application(ctx, ApplicationNumber(number))
	return err == nil && a.CheckCode(code)
}

// AsPetition makes a letter of an application that is a petition, a complaint or a report
// (第三十九条第一款). The application stays to be answered: that it is not processed, and under
// which number the matter goes on.
func (u Handling) AsPetition(ctx context.Context, by portal.Actor, n ApplicationNumber, seen portal.Revision) (string, error) {
	a, err := u.Open(ctx, by, n)
	if err != nil {
		return "", err
	}
	if err := seen.Check(a, Kind); err != nil {
		return "", err
	}
	switch {
	case u.Mailbox == nil:
		return "", &portal.Error{Kind: portal.Unavailable, Key: "error.unavailable"}
	case a.Closed() || a.Became != "" || a.Letter != "":
		return "", &portal.Error{Kind: portal.Conflict, Key: "petition.not_now"}
	}
	who, err := u.Store.Identity(ctx, n)
	if err != nil {
		return "", err
	}
	letter, err := u.Mailbox.FromApplication(ctx, by, a, who)
	if err != nil {
		return "", err
	}
	_, err = u.Store.ChangeApplication(ctx, by, n, seen, "make letter of application", u.Now(), func(a *Application, _ CaseTx) error {
		a.Became = letter
		return nil
	})
	return letter, err
}
