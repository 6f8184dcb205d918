package notify

import (
	"strings"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/locale"
)

// StepMail writes the message that tells an applicant of a step. It names the
// number and what happened, and nothing of what was asked.
func (s *Writer) StepMail(a *cases.Application, step cases.CaseStep) *portal.Mail {
	t := locale.In(a.Lang)
	return &portal.Mail{Subject: t.T("notice.subject", "Number", a.Number, "Step", t.T("step."+string(step.Type))),
		Text: t.T("notice.text", "Site", portal.Named(s.SiteName(), t.Lang), "Number", a.Number, "Date", t.Date(step.Date), "Step", t.T("step."+string(step.Type)), "More", s.stepAdvice(t, a, step), "URL", s.Origin+"/track?number="+string(a.Number))}
}

// stepAdvice tells what the applicant can or must do now.
func (s *Writer) stepAdvice(t *locale.Texts, a *cases.Application, step cases.CaseStep) string {
	r, err := a.Evaluate(s.Calendar(), s.Today())
	if err != nil {
		return ""
	}
	switch step.Type {
	case clock.CorrectionRequested, clock.FeeNotified:
		return t.T("notice."+string(step.Type), "Until", t.Date(r.ApplicantUntil))
	case clock.Answered:
		return t.T("notice.answered")
	}
	if r.Deadline != 0 && !a.Closed() {
		return t.T("notice.deadline", "Date", t.Date(r.Deadline))
	}
	return ""
}

// DigestMail writes what falls due for an organ, in the portal's first
// language.
func (s *Writer) DigestMail(organ portal.Organ, items []cases.DueItem) *portal.Mail {
	t := locale.In("zh")
	var b strings.Builder
	b.WriteString(t.T("digest.head", "Organ", organ.Name.ZH, "N", len(items)) + "\n\n")
	for _, x := range items {
		key := "digest.left"
		left := x.Left
		if left < 0 {
			key, left = "digest.late", -left
		}
		b.WriteString(t.T(key, "Number", x.Number, "Date", t.Date(x.Deadline), "N", left) + "\n" + s.Origin + "/desk/applications/" + string(x.Number) + "\n\n")
	}
	return &portal.Mail{Subject: t.T("digest.subject", "Organ", organ.Name.ZH, "N", len(items)), Text: b.String()}
}

// EndingMail writes that the retention period of cases has ended.
func (s *Writer) EndingMail(organ portal.Organ, items []cases.DueItem) *portal.Mail {
	t := locale.In("zh")
	var b strings.Builder
	b.WriteString(t.T("ending.head", "Organ", organ.Name.ZH, "N", len(items)) + "\n\n")
	for _, x := range items {
		b.WriteString(t.T("ending.line", "Number", x.Number, "Date", t.Date(x.Deadline)) + "\n" + s.Origin + "/desk/applications/" + string(x.Number) + "\n\n")
	}
	return &portal.Mail{Subject: t.T("ending.subject", "Organ", organ.Name.ZH, "N", len(items)), Text: b.String()}
}

// AskedMail writes that questions from inside wait for a reply.
func (s *Writer) AskedMail(n int, due portal.Date) *portal.Mail {
	t := locale.In("zh")
	return &portal.Mail{Subject: t.T("asked.mail_subject", "N", n), Text: t.T("asked.mail", "N", n, "Date", t.Date(due), "URL", s.Origin+"/desk/asked")}
}

// DueMail writes what somebody may do in an organ that is near or past its day.
func (s *Writer) DueMail(organ portal.Organ, list []portal.Due) *portal.Mail {
	t := locale.In("zh")
	var b strings.Builder
	for _, d := range list {
		b.WriteString(t.T("due.line", "Date", t.Date(d.Day), "Title", d.Title) + "\n" + s.Origin + d.Path + "\n\n")
	}
	return &portal.Mail{Subject: t.T("due.subject", "Organ", organ.Name.ZH, "N", len(list)), Text: b.String()}
}
