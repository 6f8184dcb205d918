package letters

import (
	"context"
	"slices"

	"gongkai/portal"
	"gongkai/portal/scan"
)

// Letters are the use cases of letters, calls and visits.
type Letters struct {
	portal.Clockwork
	Store     Store
	Directory Directory
	Files     scan.Files
	Notes     portal.Notes
	// Applications turns letters into applications; nil where there are none.
	Applications Applications
	// Mailer writes to who wrote; nil where no mail can be sent.
	Mailer Mailer
}

// Store keeps letters.
type Store interface {
	portal.Filing[Letter]
	// Briefs lists what is kept in memory of all letters, in the order in which they came.
	// Nobody may change the list.
	Briefs() ([]*Brief, error)
	// Open lists those that are not ended, in the same way.
	Open() ([]*Brief, error)
}

// Directory tells of organs.
type Directory interface {
	Organ(portal.OrganCode) (portal.Organ, error)
	Organs() []portal.Organ
}

// Application is a letter that asks for information, on its way to become an application.
type Application struct {
	Letter                      Number
	Organ                       portal.OrganCode
	Channel                     string // a code of portal.Channels
	On                          portal.Date
	Subject, Text               string
	Name, Phone, Email, Address string
	Lang                        string
	Files                       []portal.Attachment
}

// Applications is the other area in which a matter can be at home.
type Applications interface {
	// FromLetter makes an application of a letter, once: asked again, it returns the number
	// of the one that is there.
	FromLetter(ctx context.Context, by portal.Actor, a Application) (string, error)
	// HasCode reports whether an application has a query code.
	HasCode(ctx context.Context, number, code string) bool
}

// Mailer writes messages in the reader's language.
type Mailer interface {
	// LetterMail tells of a step: nothing but the number, what happened, and where to look.
	LetterMail(l *Letter, step string) *portal.Mail
}

// writerActor writes on behalf of whoever wrote.
var writerActor = portal.Actor{Login: "writer"}

// Mayor is the organ of a mailbox that has none of its own: the first government.
func (u Letters) Mayor() portal.OrganCode {
	list := u.Directory.Organs()
	if i := slices.IndexFunc(list, func(o portal.Organ) bool { return o.Kind == "government" && o.Parent == "" }); i >= 0 {
		return list[i].Code
	}
	if len(list) > 0 {
		return list[0].Code
	}
	return ""
}

// may refuses whoever has nothing to do with a letter.
func may(by portal.Actor, act portal.Act, l *Letter) error {
	for _, o := range l.Joint {
		if by.Can(act, o) {
			return nil
		}
	}
	return by.Need(act, l.Organ)
}
