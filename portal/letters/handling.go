package letters

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gongkai/portal"
	"gongkai/portal/process"
	"gongkai/portal/scan"
)

// Open loads a letter for who handles it.
func (u Letters) Open(ctx context.Context, by portal.Actor, n string) (*Letter, error) {
	l, err := u.Store.Get(ctx, n)
	if err != nil {
		return nil, err
	}
	return l, may(by, portal.SeeLetters, l)
}

// change changes a letter for an act of somebody, and tells who wrote of the step.
func (u Letters) change(ctx context.Context, by portal.Actor, n string, seen portal.Revision, act portal.Act, doing, tell string, change func(*Letter) error) (*Letter, error) {
	return u.Store.Alter(ctx, by, n, seen, doing, u.Now(), func(l *Letter, tx portal.RecordTx) (string, error) {
		if err := may(by, act, l); err != nil {
			return "", err
		}
		if err := change(l); err != nil {
			return "", err
		}
		return "", u.tell(l, tx, tell)
	})
}

// tell writes to who wrote, where that is wanted and can be done.
func (u Letters) tell(l *Letter, tx portal.RecordTx, step string) error {
	if u.Mailer == nil || step == "" {
		return nil
	}
	var w Writer
	if err := tx.Unsealed(writersBucket, &w); err != nil || w.Email == "" {
		if portal.KindOf(err) == portal.NotFound {
			err = nil
		}
		return err
	}
	m := u.Mailer.LetterMail(l, step)
	m.To = w.Email
	return tx.Send(m)
}

// Doing is what somebody does with a letter besides writing the answer.
type Doing struct {
	Step    string
	Note    string
	Organ   portal.OrganCode // to which it is passed on, or which joins
	Handler portal.Login     // to whom it is given
	Units   int              // by which the limit is extended
}

// Take takes a step in the handling of a letter, as it was seen.
func (u Letters) Take(ctx context.Context, by portal.Actor, n string, seen portal.Revision, d Doing) (*Letter, error) {
	r := Rules.Process.Named(d.Step)
	if r == nil || r.By != "" || d.Step == Reply {
		return nil, portal.Missing()
	}
	tell := d.Step
	if d.Step == "join" || d.Step == "handle" {
		tell = ""
	}
	return u.change(ctx, by, n, seen, portal.HandleLetters, d.Step+" letter", tell, func(l *Letter) error {
		if err := by.Need(portal.HandleLetters, l.Organ); err != nil { // the lead decides (主办)
			return err
		}
		s := u.step(d.Step, strings.TrimSpace(d.Note))
		s.By, s.Units = by.Login, d.Units
		if d.Step != Extend {
			s.Units = 0
		}
		if d.Step == Transfer || d.Step == "join" {
			if _, err := u.Directory.Organ(d.Organ); err != nil || d.Organ == l.Organ {
				return portal.Wrong("organ", "error.choose_organ", nil)
			}
			s.Organ = d.Organ
		}
		steps, err := Rules.Process.Add(l.Steps, s, "")
		if err != nil {
			return err
		}
		l.Steps = steps
		if l.First == "" {
			l.First = by.Login
		}
		switch d.Step {
		case Transfer:
			l.Organ, l.Handler = d.Organ, ""
			l.Joint = slices.DeleteFunc(l.Joint, func(o portal.OrganCode) bool { return o == d.Organ })
		case "join":
			if !l.Has(d.Organ) {
				l.Joint = append(l.Joint, d.Organ)
			}
		case "handle":
			if l.Handler = d.Handler; l.Handler == "" {
				l.Handler = by.Login
			}
		}
		return nil
	})
}

// Answering is an answer with what came of the letter.
type Answering struct {
	Text    string
	Files   []portal.Attachment
	Money   string // yuan that were returned
	Measure string
}

// Answer answers a letter, as it was seen.
func (u Letters) Answer(ctx context.Context, by portal.Actor, n string, seen portal.Revision, a Answering) (*Letter, error) {
	var p portal.Problems
	p.Text("answer", a.Text, true, MaxText)
	p.Text("measure", a.Measure, false, portal.MaxLine)
	fen, ok := portal.Fen(a.Money)
	if !ok {
		p.Add("money", "register.money", nil)
	}
	if len(a.Files) > MaxFiles {
		p.Add("files", "error.too_many", portal.Args{"Limit": MaxFiles})
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return u.change(ctx, by, n, seen, portal.HandleLetters, "answer letter", Reply, func(l *Letter) error {
		if err := by.Need(portal.HandleLetters, l.Organ); err != nil {
			return err
		}
		s := u.step(Reply, "")
		s.By = by.Login
		steps, err := Rules.Process.Add(l.Steps, s, "")
		if err != nil {
			return err
		}
		l.Steps, l.Answer = steps, &Answer{strings.TrimSpace(a.Text), a.Files, s.On, by.Login}
		l.Money, l.Measure = fen, strings.TrimSpace(a.Measure)
		return nil
	})
}

// SpotCheck notes how an answered letter was found when it was looked at again (抽查).
func (u Letters) SpotCheck(ctx context.Context, by portal.Actor, n string, seen portal.Revision, found string) (*Letter, error) {
	return u.change(ctx, by, n, seen, portal.CheckLetters, "check letter", "", func(l *Letter) error {
		s := u.step(Check, strings.TrimSpace(found))
		s.By = by.Login
		steps, err := Rules.Process.Add(l.Steps, s, "overseer")
		if err == nil {
			l.Steps = steps
		}
		return err
	})
}

// Offer writes what is to be public of a letter; somebody else releases it. An answer to
// who did not agree, and to a report (举报), is not published unless that is said for it.
func (u Letters) Offer(ctx context.Context, by portal.Actor, n string, seen portal.Revision, r PublicReply, despite bool) (*Letter, error) {
	var p portal.Problems
	p.Text("title", r.Title, true, portal.MaxName)
	p.Text("question", r.Question, true, MaxText)
	p.Text("reply", r.Text, true, MaxText)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return u.change(ctx, by, n, seen, portal.HandleLetters, "offer public reply", "", func(l *Letter) error {
		if l.Answer == nil {
			return &portal.Error{Kind: portal.Conflict, Key: "mailbox.not_answered"}
		}
		if k := KindNamed(l.Kind); (k == nil || k.Sealed || !l.Consent) && !despite {
			return portal.Wrong("despite", "mailbox.no_consent", nil)
		}
		r.By, r.At = by.Login, u.Now().UTC()
		l.Offer = &r
		return nil
	})
}

// Release makes public what was offered: a second person. What must not be public is
// refused as in a document, unless a reason is given that it may stand (第十七条); the name,
// the telephone number and the address of who wrote are never let through.
func (u Letters) Release(ctx context.Context, by portal.Actor, n string, seen portal.Revision, stands string) (*Letter, error) {
	return u.Store.Alter(ctx, by, n, seen, "release public reply", u.Now(), func(l *Letter, tx portal.RecordTx) (string, error) {
		if err := may(by, portal.PublishReplies, l); err != nil {
			return "", err
		}
		if l.Offer == nil {
			return "", &portal.Error{Kind: portal.Conflict, Key: "mailbox.no_offer"}
		}
		if l.Offer.By == by.Login && !by.IsSystem() {
			return "", &portal.Error{Kind: portal.Forbidden, Key: "error.second_person"}
		}
		var w Writer
		if err := tx.Unsealed(writersBucket, &w); err != nil && portal.KindOf(err) != portal.NotFound {
			return "", err
		}
		o, err := u.Directory.Organ(l.Organ)
		if err != nil {
			return "", err
		}
		texts := []scan.Text{{Field: "title", Text: l.Offer.Title}, {Field: "question", Text: l.Offer.Question}, {Field: "reply", Text: l.Offer.Text}}
		for _, t := range texts {
			for _, word := range []string{w.Name, w.Phone, w.Email, w.Address} {
				if len([]rune(word)) > 1 && strings.Contains(t.Text, word) {
					return "", portal.Wrong(t.Field, "mailbox.names_writer", nil)
				}
			}
		}
		if l.Stands, err = scan.Release(o, texts, l.Stands, stands, by.Login, u.Now()); err != nil {
			return "", err
		}
		l.Public, l.Offer = l.Offer, nil
		l.Public.On, l.Public.At = u.Today(), u.Now().UTC()
		return "", nil
	})
}

// Unpublish takes a public reply back, with a reason.
func (u Letters) Unpublish(ctx context.Context, by portal.Actor, n string, seen portal.Revision, reason string) (*Letter, error) {
	if err := portal.CheckReason(reason); err != nil {
		return nil, err
	}
	return u.Store.Alter(ctx, by, n, seen, "withdraw public reply", u.Now(), func(l *Letter, _ portal.RecordTx) (string, error) {
		if err := may(by, portal.PublishReplies, l); err != nil {
			return "", err
		}
		if l.Public == nil {
			return "", &portal.Error{Kind: portal.Conflict, Key: "register.not_public"}
		}
		l.Public = nil
		return reason, nil
	})
}

// Masked is who wrote as far as the page shows it by itself.
func (u Letters) Masked(ctx context.Context, by portal.Actor, n string) (Writer, error) {
	w, err := u.writer(ctx, by, n)
	return w.Masked(), err
}

// Reveal opens who wrote. Each look is written into the audit log with its reason before
// anything is shown.
func (u Letters) Reveal(ctx context.Context, by portal.Actor, n, reason string) (Writer, error) {
	if err := portal.CheckReason(reason); err != nil {
		return Writer{}, err
	}
	if _, err := u.Open(ctx, by, n); err != nil {
		return Writer{}, err
	}
	if err := u.Notes.Note(ctx, by, "look at writer", "letter/"+n, reason, u.Now()); err != nil {
		return Writer{}, err
	}
	return u.writer(ctx, by, n)
}

func (u Letters) writer(ctx context.Context, by portal.Actor, n string) (w Writer, err error) {
	l, err := u.Store.Get(ctx, n)
	if err != nil {
		return w, err
	}
	if err := may(by, portal.HandleLetters, l); err != nil {
		return w, err
	}
	err = u.Store.Unsealed(ctx, n, writersBucket, &w)
	if portal.KindOf(err) == portal.NotFound {
		err = nil
	}
	return w, err
}

// applicationChannel tells as which channel of applications a letter counts (第三十一条).
func applicationChannel(c *Channel) string {
	switch {
	case c == nil || c.Web:
		return "web"
	case c.Code == "letter":
		return "mail"
	}
	return "oral"
}

// ToApplication turns a letter that asks for information into an application for
// disclosure, and ends it with the number under which it goes on (第二十九条). It can be
// asked again after a stop half-way: the application is made once.
func (u Letters) ToApplication(ctx context.Context, by portal.Actor, n string, seen portal.Revision) (*Letter, error) {
	l, err := u.Open(ctx, by, n)
	if err != nil {
		return nil, err
	}
	if err := seen.Check(l, Record); err != nil {
		return nil, err
	}
	if u.Applications == nil {
		return nil, &portal.Error{Kind: portal.Unavailable, Key: "error.unavailable"}
	}
	s := u.step(Moved, "")
	s.By = by.Login
	if _, err := Rules.Process.Add(l.Steps, s, "system"); err != nil {
		return nil, err
	}
	w, err := u.writer(ctx, by, n)
	if err != nil {
		return nil, err
	}
	if w.Name == "" {
		return nil, &portal.Error{Kind: portal.Conflict, Key: "mailbox.nameless"}
	}
	number, err := u.Applications.FromLetter(ctx, by, Application{Letter: l.Number, Organ: l.Organ, Channel: applicationChannel(ChannelNamed(l.Channel)), On: u.Today(), Subject: l.Subject, Text: l.Text,
		Name: w.Name, Phone: w.Phone, Email: w.Email, Address: w.Address, Lang: l.Lang, Files: l.Files})
	if err != nil {
		return nil, err
	}
	return u.change(ctx, by, n, seen, portal.HandleLetters, "make application of letter", Moved, func(l *Letter) error {
		steps, err := Rules.Process.Add(l.Steps, s, "system")
		if err != nil {
			return err
		}
		l.Steps, l.Linked = steps, number
		return nil
	})
}

// FromApplication makes a letter of an application that is a petition (第三十九条第一款), once.
// Its applicant follows it with the code of the application.
func (u Letters) FromApplication(ctx context.Context, by portal.Actor, a Application, application string) (Number, error) {
	same, err := u.Store.Marked(ctx, sameApplication, application)
	if err != nil || len(same) > 0 {
		return Number(first(same)), err
	}
	now, on := u.Now().UTC(), u.Today()
	w := Writer{Name: a.Name, Phone: a.Phone, Email: a.Email, Address: a.Address}
	made, err := u.Store.Enter(ctx, by, fmt.Sprint(on.Year()), func(n int) string { return fmt.Sprintf("L%04d-%06d", on.Year(), n) }, "make letter of application", now, func(l *Letter, tx portal.RecordTx) (string, error) {
		if same := tx.Marked(sameApplication, application); len(same) > 0 { // somebody else was faster
			return "", &portal.Error{Kind: portal.Conflict, Key: portal.StaleKey}
		}
		*l = Letter{Number: Number(tx.ID()), Channel: "letter", Kind: "complain", Organ: a.Organ, Subject: a.Subject, Text: a.Text, Files: a.Files, Lang: a.Lang, Linked: application, First: by.Login,
			Steps: []process.Step{{Type: Receive, On: on, At: now, By: by.Login, Organ: a.Organ}}}
		if err := tx.Mark(sameApplication, application); err != nil {
			return "", err
		}
		return application, keep(tx, w, nil)
	})
	if err != nil {
		return "", err
	}
	return made.Number, nil
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
