package cases

import (
	"context"
	"slices"
	"strings"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// Reported counts applications for the annual report (第五十条, 表三、表四). It implements
// portal.Counted.
//
// An application counts once: as new in the period in which it was received, as handled
// in that in which it was closed. One that was reopened counts by how it stood at the end
// of the year in which it was first closed; what became of it later shows among
// reconsiderations and suits. So what is new and carried over is always what is handled
// and carried on. [The form says nothing of reopened cases.]
type Reported struct{ Lists }

// withdrawn is the row of applications that were taken back: 其他处理·其他, as published
// reports count them. [K 85%]
const withdrawn = "other.other"

// accounted is when an application was closed for good, as a report counts, and how; no
// day while it is open.
func (b *CaseBrief) accounted() (on portal.Date, outcome string) {
	n := 0
	for _, e := range b.Events {
		if on != 0 && e.Date.Year() > on.Year() {
			break // it was closed at the end of a year
		}
		switch e.Type {
		case clock.Answered:
			on, outcome = e.Date, b.outcomes[min(n, len(b.outcomes)-1)]
			n++
		case clock.Withdrawn:
			on, outcome = e.Date, withdrawn
		case clock.Reopened:
			on, outcome = 0, ""
		}
	}
	if on != 0 && !portal.Outcomes.Has(outcome) {
		outcome = withdrawn
	}
	return on, outcome
}

// outcomesOf are the outcomes of the answers of a case, in order.
func (a *Application) outcomesOf() []string {
	var out []string
	for _, s := range a.Steps {
		if s.Type == clock.Answered {
			out = append(out, s.Outcome)
		}
	}
	if n := len(out); n > 0 && out[n-1] == "" && a.Answer != nil { // from before steps kept it
		out[n-1] = a.Answer.Outcome
	}
	return out
}

// applicantOf is the column of a kind of applicant.
func applicantOf(kind string) string {
	if portal.Applicants.Has(kind) {
		return kind
	}
	return "other"
}

// rowsOf are the rows of table three in which an application counts in a period.
func (b *CaseBrief) rowsOf(from, to portal.Date) []string {
	received := b.Received()
	if received > to {
		return nil
	}
	on, outcome := b.accounted()
	var rows []string
	switch {
	case received >= from:
		rows = append(rows, "new")
	case on == 0 || on >= from:
		rows = append(rows, "carried_in")
	}
	switch {
	case on == 0 || on > to:
		rows = append(rows, "carried_out")
	case on >= from:
		rows = append(rows, outcome)
	}
	return rows
}

// cellsOf are the figures of the report that an application counts in, with how much.
func (u Reported) cellsOf(b *CaseBrief, from, to portal.Date, count func(cell string, n int64)) {
	for _, row := range b.rowsOf(from, to) {
		count("requests/"+row+"/"+applicantOf(b.Kind), 1)
	}
	for _, p := range b.Proceedings {
		switch { // what was decided in the period, and what was not at its end
		case p.Filed > to || p.Decided != 0 && p.Decided < from:
		case p.Decided != 0 && p.Decided <= to && p.Result != "pending":
			count("remedies/"+p.Kind+"/"+p.Result, 1)
		default:
			count("remedies/"+p.Kind+"/pending", 1)
		}
	}
	if on, outcome := b.accounted(); on >= from && on <= to && b.Closed && b.ClosedOn == on && b.Outcome == outcome {
		m := b.clock(u.Calendar(), to)
		count("facts/answers/given", 1)
		count("facts/answers/days", int64(m.clock.Used))
		if !m.disputed && (m.clock.Left == nil || *m.clock.Left >= 0) {
			count("facts/answers/in_time", 1)
		}
	}
	if i := slices.IndexFunc(b.Events, func(e clock.Event) bool { return e.Type == clock.FeePaid }); i >= 0 && b.Events[i].Date >= from && b.Events[i].Date <= to {
		count("facts/fees/charged", b.Fee)
	}
}

// Figures implements portal.Counted.
func (u Reported) Figures(_ context.Context, organ portal.OrganCode, from, to portal.Date) (map[string]int64, error) {
	out := make(map[string]int64)
	for _, b := range u.Store.Briefs() {
		if b.Organ == organ && b.Purpose == ForDisclosure {
			u.cellsOf(b, from, to, func(cell string, n int64) { out[cell] += n })
		}
	}
	return out, nil
}

// Behind implements portal.Counted. Who does not handle the organ's applications is told
// nothing of them.
func (u Reported) Behind(_ context.Context, by portal.Actor, organ portal.OrganCode, from, to portal.Date, cell string) ([]portal.Fact, error) {
	if !by.Can(portal.HandleApplications, organ) {
		return nil, nil
	}
	var out []portal.Fact
	for _, b := range u.Store.Briefs() {
		if b.Organ != organ || b.Purpose != ForDisclosure {
			continue
		}
		in := false
		u.cellsOf(b, from, to, func(c string, n int64) {
			in = in || n > 0 && (c == cell || strings.HasSuffix(cell, "/total") && inTotal(c, cell))
		})
		if in {
			out = append(out, portal.Fact{Title: string(b.Number) + " " + b.Subject, Path: "/desk/applications/" + string(b.Number), On: b.Received()})
		}
	}
	return out, nil
}

// inTotal reports whether a cell is one of those that a total adds up: of its row, or
// of every result.
func inTotal(cell, total string) bool {
	c, t := strings.Split(cell, "/"), strings.Split(total, "/")
	if len(c) != 3 || len(t) != 3 || c[0] != t[0] {
		return false
	}
	return c[1] == t[1] || c[0] == "requests" && t[1] == "total" && portal.Outcomes.Has(c[1])
}
