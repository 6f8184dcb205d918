package notify

import (
	"strings"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/portal/locale"
	"gongkai/portal/query"
)

// ConfirmMail writes the message that asks to confirm an alert.
func (s *Writer) ConfirmMail(a *alerts.Alert, token string) *portal.Mail {
	t := locale.In(a.Lang)
	site := portal.Named(s.SiteName(), t.Lang)
	return &portal.Mail{Subject: t.T("alert.mail.confirm_subject", "Site", site),
		Text: t.T("alert.mail.confirm", "Site", site, "URL", s.Origin+"/alerts/confirm/"+token)}
}

// AlertMail writes the message that tells of records; nil if none of them is
// public any more.
func (s *Writer) AlertMail(a *alerts.Alert, keys []portal.Key, token string) *portal.Mail {
	t := locale.In(a.Lang)
	name := query.SavedName(a.Params(), t.Lang, s.organIn(t.Lang))
	stop := s.Origin + "/alerts/stop/" + token
	var b strings.Builder
	n := 0
	for _, l := range s.Catalogue.Listings(keys...) {
		if l == nil {
			continue
		}
		if n++; n > alerts.MaxListed {
			continue
		}
		b.WriteString(portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, t.Lang) + "\n")
		var facts []string
		if l.Version > 1 {
			facts = append(facts, t.T("alert.mail.changed"))
		}
		for _, o := range l.Organs {
			facts = append(facts, s.organIn(t.Lang)(o))
		}
		if l.Number != "" {
			facts = append(facts, l.Number)
		}
		b.WriteString(strings.Join(append(facts, l.Published.String()), " · ") + "\n" + s.Origin + l.Key.Path() + "\n\n")
	}
	if n == 0 {
		return nil
	}
	if n > alerts.MaxListed {
		b.WriteString(t.T("alert.mail.more", "N", n-alerts.MaxListed) + "\n" + s.Origin + "/search?" + a.Query + "&sort=date\n\n")
	}
	why := t.T("alert.mail.why", "Site", portal.Named(s.SiteName(), t.Lang), "Search", name, "Date", t.Date(portal.DateOf(a.Confirmed.In(s.Now().Location()))), "Every", t.T("alert.every."+string(a.Every)), "URL", stop)
	return &portal.Mail{Subject: t.T("alert.mail.subject", "N", n, "Search", name), Text: b.String() + why, Stop: stop}
}
