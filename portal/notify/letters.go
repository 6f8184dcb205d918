package notify

import (
	"gongkai/portal"
	"gongkai/portal/letters"
	"gongkai/portal/locale"
)

// LetterMail writes the message that tells of a step in the handling of a letter. It names
// the number and what happened, and nothing of what was written.
func (s *Writer) LetterMail(l *letters.Letter, step string) *portal.Mail {
	t := locale.In(l.Lang)
	name := step
	if r := letters.Rules.Process.Named(step); r != nil {
		name = r.Name.In(t.Lang)
	}
	return &portal.Mail{Subject: t.T("mailbox.mail_subject", "Number", l.Number, "Step", name),
		Text: t.T("mailbox.mail", "Site", portal.Named(s.SiteName(), t.Lang), "Number", l.Number, "Date", t.Date(s.Today()), "Step", name, "URL", s.Origin+"/track?number="+string(l.Number))}
}
