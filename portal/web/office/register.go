package office

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	ical "github.com/arran4/golang-ical"
	"github.com/labstack/echo/v4"
	"github.com/xuri/excelize/v2"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/web/page"
)

// dueToken is the secret of a person's calendar link: it ends with the next
// change of password or rights.
func (s lists) dueToken(ctx context.Context, p *portal.Person) (string, error) {
	return portal.LinkToken(ctx, s.Store, "calendar", string(p.Login), strconv.Itoa(p.Epoch))
}

// dueLink is the address of the calendar of whoever is signed in.
func (s lists) dueLink(c echo.Context) (string, error) {
	p, err := s.Store.Person(c.Request().Context(), page.ActorOf(c).Login)
	if err != nil {
		return "", err
	}
	token, err := s.dueToken(c.Request().Context(), p)
	return s.OriginOf(c) + s.BasePath + "/due/" + string(p.Login) + "/" + token + ".ics", err
}

// dueCalendar answers GET /due/{login}/{token}.ics: what falls due for one
// handler, for calendar programs. It holds numbers and days only: a calendar
// is kept by programs that we do not know.
func (s lists) dueCalendar(c echo.Context) error {
	p, err := s.Store.Person(c.Request().Context(), portal.Login(c.Param("login")))
	if err != nil {
		return portal.Missing()
	}
	want, err := s.dueToken(c.Request().Context(), p)
	if err != nil {
		return err
	}
	token, ok := strings.CutSuffix(c.Param("token"), ".ics")
	if !ok || p.Disabled || !portal.SameToken(token, want) {
		return portal.Missing()
	}
	work, err := s.Cases.Lists().WorkList(p.Actor(), cases.WorkFilter{})
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	cal := ical.NewCalendarFor("Gongkai")
	cal.SetName(t.T("due.title"))
	add := func(x cases.WorkItem, d portal.Date, key string) {
		e := cal.AddEvent(string(x.Number) + "-" + key + "@gongkai")
		e.SetDtStampTime(s.Now().UTC())
		e.SetAllDayStartAt(d.Time())
		e.SetAllDayEndAt((d + 1).Time())
		e.SetSummary(t.T("due."+key, "Number", x.Number))
		e.SetURL(s.OriginOf(c) + s.BasePath + "/desk/applications/" + string(x.Number))
	}
	for _, x := range work.Items {
		if x.Clock.Deadline != 0 {
			add(x, x.Clock.Deadline, "answer")
		}
		if x.Clock.ApplicantUntil != 0 {
			add(x, x.Clock.ApplicantUntil, "applicant")
		}
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", []byte(cal.Serialize(ical.WithNewLineWindows)))
}

// register answers GET /desk/applications/register.xlsx: the register of
// applications (登记簿) of the actor's organs, without who applied.
func (s lists) register(c echo.Context) error {
	t, by := page.TextsOf(c), page.ActorOf(c)
	organ := portal.OrganCode(c.QueryParam("organ"))
	year := page.NumberOf(c, "year")
	f := excelize.NewFile()
	defer f.Close()
	const sheet = "Sheet1"
	w, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	var head []any
	for _, k := range []string{"number", "organ", "kind", "received", "channel", "subject", "state", "deadline", "answered", "outcome", "used", "in_time"} {
		head = append(head, t.T("register."+k))
	}
	if err := w.SetRow("A1", head, excelize.RowOpts{}); err != nil {
		return err
	}
	n := 1
	for _, closed := range []bool{false, true} {
		work, err := s.Cases.Lists().WorkList(by, cases.WorkFilter{Organ: organ, Closed: closed})
		if err != nil {
			return err
		}
		for _, x := range work.Items {
			received := x.Received()
			if year > 0 && received.Year() != year {
				continue
			}
			n++
			if err := w.SetRow(fmt.Sprintf("A%d", n), s.registerRow(t.Lang, x)); err != nil {
				return err
			}
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	page.FileHeader(c, "register.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false)
	_, err = f.WriteTo(c.Response())
	return err
}

func (s lists) registerRow(lang string, x cases.WorkItem) []any {
	outcome, answered, inTime := "", "", ""
	if x.Outcome != "" {
		outcome, answered = portal.Outcomes.NameOf(x.Outcome, lang), x.ClosedOn.String()
		if x.Purpose == cases.ForCorrection {
			outcome = portal.RecordOutcomes.NameOf(x.Outcome, lang)
		}
	}
	if x.Clock.Left != nil {
		inTime = map[bool]string{true: "✓", false: "✗"}[*x.Clock.Left >= 0]
	}
	state := ""
	if !x.Disputed {
		state = string(x.Clock.State)
	}
	cells := []any{string(x.Number), s.OrganName(x.Organ, lang), portal.Applicants.NameOf(x.Kind, lang), x.Received().String(), portal.Channels.NameOf(x.Events[0].Channel, lang), x.Subject,
		state, x.Clock.Deadline.String(), answered, outcome, x.Clock.Used, inTime}
	for i, v := range cells {
		if v, ok := v.(string); ok {
			cells[i] = page.PlainCell(v)
		}
	}
	return cells
}
