package public

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/web/page"
)

// deadlinePage is what deadline.html shows.
type deadlinePage struct {
	page.Base
	Form   page.Form
	Rules  clock.Rules
	Result *clock.Result
	More   bool // one of the further steps is filled in
}

// deadlineEvents are the steps that the page asks for beside the receipt, in
// the order in which they usually come, each with the fields that go with it.
var deadlineEvents = []struct {
	typ  clock.EventType
	days string // name of the field with its days; "" for none
}{
	{clock.Confirmed, ""}, {clock.Forwarded, ""}, {clock.CorrectionRequested, "correction_days"}, {clock.CorrectionReceived, ""}, {clock.ConsultationSent, ""},
	{clock.ConsultationReturned, ""}, {clock.FeeNotified, ""}, {clock.FeePaid, ""}, {clock.Extended, "extended_days"}, {clock.UnreasonableVolume, ""}, {clock.Answered, ""}, {clock.Withdrawn, ""}, {clock.Reopened, "reopened_days"},
}

// deadlineForm makes the form of the calculator.
func (s *Face) deadlineForm(c echo.Context) page.Form {
	t := page.TextsOf(c)
	f := page.Form{Submit: t.T("deadline.submit"), Fields: []page.Field{
		{Name: "jurisdiction", Kind: "select", Label: t.T("deadline.jurisdiction")},
		{Name: "received", Kind: "date", Label: t.T("deadline.received"), Value: s.Today().String()},
		{Name: "channel", Kind: "select", Label: t.T("deadline.channel"), Options: page.Choices(portal.Channels, t.Lang, "web")},
	}}
	for _, r := range clock.Jurisdictions() {
		f.Fields[0].Options = append(f.Fields[0].Options, page.Option{Value: r.Jurisdiction, Label: r.Name.In(t.Lang)})
	}
	for _, e := range deadlineEvents {
		x := page.Field{Name: string(e.typ), Kind: "date", Label: t.T("deadline.event." + string(e.typ)), Optional: true}
		if e.typ == clock.Confirmed {
			x.Hint = t.T("deadline.confirmed_hint")
		}
		f.Fields = append(f.Fields, x)
		if e.typ == clock.UnreasonableVolume {
			f.Fields = append(f.Fields, page.Field{Name: "until", Kind: "date", Label: t.T("volume.until"), Optional: true})
		}
		if e.days != "" {
			f.Fields = append(f.Fields, page.Field{Name: e.days, Kind: "number", Label: t.T("deadline." + e.days), Optional: true})
		}
	}
	f.Fields = append(f.Fields, page.Field{Name: "as_of", Kind: "date", Label: t.T("deadline.as_of"), Hint: t.T("deadline.as_of_hint"), Optional: true})
	f.Fill(c.QueryParams())
	for i := range f.Fields {
		x := &f.Fields[i]
		if x.Kind != "select" {
			continue
		}
		if x.Value == "" {
			x.Value = map[string]string{"jurisdiction": "CN", "channel": "web"}[x.Name]
		}
		for j := range x.Options {
			x.Options[j].Chosen = x.Options[j].Value == x.Value
		}
	}
	return f
}

// caseTyped reads the case from the address.
func (s *Face) caseTyped(c echo.Context) (clock.Case, error) {
	var ps []portal.Problem
	cs := clock.Case{Jurisdiction: c.QueryParam("jurisdiction"), AsOf: page.DayOf(c, "as_of", &ps)}
	if cs.Jurisdiction == "" {
		cs.Jurisdiction = "CN"
	}
	if cs.AsOf == 0 {
		cs.AsOf = s.Today()
	}
	cs.Events = append(cs.Events, clock.Event{Type: clock.Received, Date: page.DayOf(c, "received", &ps), Channel: c.QueryParam("channel")})
	for _, e := range deadlineEvents {
		on := page.DayOf(c, string(e.typ), &ps)
		n := page.NumberOf(c, e.days)
		if n < 0 {
			ps = append(ps, portal.Problem{Field: e.days, Key: "error.number"})
		}
		if on == 0 && n > 0 && e.typ == clock.Extended { // on the day of the last step before it
			on = cs.Events[len(cs.Events)-1].Date
		}
		if on != 0 {
			x := clock.Event{Type: e.typ, Date: on, Days: n, ApprovedBy: map[bool]string{true: "—"}[e.typ == clock.Extended]}
			if e.typ == clock.UnreasonableVolume {
				x.Until = page.DayOf(c, "until", &ps)
			}
			cs.Events = append(cs.Events, x)
		}
	}
	return cs, page.Joined(ps, nil)
}

// deadlinePage answers GET /deadline: anyone may compute a deadline, of any
// jurisdiction that has rules, with any of its steps, and see why.
func (s *Face) deadlinePage(c echo.Context) error {
	t := page.TextsOf(c)
	p := deadlinePage{Base: s.Base(c, t.T("deadline.title")), Form: s.deadlineForm(c)}
	p.Section = "help"
	for _, f := range p.Form.Fields[4:] {
		p.More = p.More || f.Value != "" || f.Error != ""
	}
	if c.QueryParam("received") == "" {
		return s.Render(c, http.StatusOK, "deadline", p)
	}
	cs, err := s.caseTyped(c)
	if err == nil {
		p.Rules, _ = clock.RulesFor(cs.Jurisdiction, cs.Events[0].Date) // none is an error of Compute
		var r clock.Result
		if r, err = clock.Compute(cs, s.Calendar()); err == nil {
			p.Result = &r
			return s.Render(c, http.StatusOK, "deadline", p)
		}
	}
	if err := p.Form.Refuse(t, err); err != nil {
		return err
	}
	return s.Render(c, http.StatusUnprocessableEntity, "deadline", p)
}
