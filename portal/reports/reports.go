package reports

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/scan"
)

// Reports are the use cases of annual reports.
type Reports struct {
	portal.Clockwork
	Store     portal.Records[Report]
	Directory Directory
	// Sources count what the other areas hold.
	Sources []portal.Counted
}

// Directory tells of organs.
type Directory interface {
	Organ(portal.OrganCode) (portal.Organ, error)
	Organs() []portal.Organ
}

// Open loads a report for someone who may change or file it.
func (u Reports) Open(ctx context.Context, by portal.Actor, id ReportID) (*Report, error) {
	r, err := u.Store.Get(ctx, string(id))
	if err != nil {
		return nil, err
	}
	return r, by.Need(portal.EditReports, r.Organ)
}

// Year is the first and the last day of a year.
func Year(year int) (from, to portal.Date) {
	return clock.NewDate(year, time.January, 1), clock.NewDate(year, time.December, 31)
}

// Sum is what the portal counts for an organ: its own figures, and for a government
// those of the organs under it, as they were filed where they were.
type Sum struct {
	Figures Figures
	Organs  []portal.OrganCode // whose figures are in it, the organ's own first
	Missing []portal.OrganCode // those of them that have not filed
}

// under are the organs whose reports the sum of an organ takes in.
func (u Reports) under(o portal.Organ, form *Form) []portal.Organ {
	if o.Kind != "government" {
		return nil
	}
	return slices.DeleteFunc(u.Directory.Organs(), func(x portal.Organ) bool {
		return x.Parent != o.Code || x.Successor != "" || !slices.Contains(form.Reporting, x.Kind)
	})
}

// Count counts from a day to a day what the portal's records say of an organ alone.
func (u Reports) Count(ctx context.Context, organ portal.OrganCode, from, to portal.Date) (Figures, error) {
	out := make(Figures)
	for _, s := range u.Sources {
		f, err := s.Figures(ctx, organ, from, to)
		if err != nil {
			return nil, err
		}
		for c, n := range f {
			out[Cell(c)] += n
		}
	}
	return out, nil
}

// Sum counts a year of an organ. leaveOut leaves out the organs that have not filed;
// otherwise the sum has of them what the portal counts.
func (u Reports) Sum(ctx context.Context, organ portal.OrganCode, year int, leaveOut bool) (Sum, error) {
	o, err := u.Directory.Organ(organ)
	if err != nil {
		return Sum{}, err
	}
	form := FormOf(year)
	from, to := Year(year)
	s := Sum{Organs: []portal.OrganCode{organ}}
	if s.Figures, err = u.Count(ctx, organ, from, to); err != nil {
		return s, err
	}
	for _, x := range u.under(o, form) {
		r, err := u.Store.Get(ctx, string(IDOf(x.Code, year)))
		switch {
		case err == nil && r.Filed != nil:
			s.Figures.Add(r.Filed.Figures)
		case err != nil && portal.KindOf(err) != portal.NotFound:
			return s, err
		case leaveOut:
			s.Missing = append(s.Missing, x.Code)
			continue
		default:
			s.Missing = append(s.Missing, x.Code)
			below, err := u.Sum(ctx, x.Code, year, false)
			if err != nil {
				return s, err
			}
			s.Figures.Add(below.Figures)
		}
		s.Organs = append(s.Organs, x.Code)
	}
	s.Figures = form.Complete(s.Figures, nil)
	return s, nil
}

// View is a report with its figures, as it stands.
type View struct {
	*Report
	Form       *Form
	Figures    Figures // what the report says: typed where somebody typed it
	Computed   Figures // what the portal counts
	Before     Figures // of the year before; nil where nothing is known of it
	Missing    []portal.OrganCode
	Organs     []portal.OrganCode
	Identities []Identity
	Mends      []Mend
}

// Failing are the identities that do not hold.
func (v *View) Failing() []Identity { return Failing(v.Identities) }

// View works out how a report stands: what was filed has the figures of its filing
// where filed is asked for, what is being written those of today.
func (u Reports) View(ctx context.Context, r *Report, filed bool) (*View, error) {
	v := &View{Report: r, Form: r.Form()}
	if filed && r.Filed != nil {
		v.Figures, v.Computed, v.Missing = r.Filed.Figures, r.Filed.Computed, r.Filed.Missing
	} else {
		s, err := u.Sum(ctx, r.Organ, r.Year, r.LeftOut != "")
		if err != nil {
			return nil, err
		}
		v.Computed, v.Missing, v.Organs = s.Figures, s.Missing, s.Organs
		v.Figures = v.Form.with(s.Figures, r.Typed)
	}
	var err error
	if v.Before, err = u.before(ctx, r.Organ, r.Year); err != nil {
		return nil, err
	}
	v.check(filed)
	return v, nil
}

// CheckFiled holds what was filed to the identities of its form.
func (v *View) CheckFiled() { v.check(true) }

// check holds a view to the identities of its form.
func (v *View) check(filed bool) {
	v.Identities = v.Form.Check(v.Figures, v.Before)
	v.Mends = v.Form.Mends(v.Figures, v.Before)
	texts := v.Texts
	if filed && v.Filed != nil {
		texts = v.Filed.Texts
	}
	for _, s := range v.Form.Sections {
		v.Identities = append(v.Identities, v.Form.CheckProse([]string{texts[s.Code]}, v.Year, v.Figures)...)
	}
}

// with is computed figures with those that somebody typed in their place, and the totals
// that follow.
func (f *Form) with(computed Figures, typed map[Cell]Typed) Figures {
	out := maps.Clone(computed)
	for c, t := range typed {
		out[c] = t.Value
	}
	return f.Complete(out, func(c Cell) bool { _, ok := typed[c]; return ok })
}

// before are the figures of the year before: those filed. Where none were, there are
// those that the portal counts, if it counts any at all.
func (u Reports) before(ctx context.Context, organ portal.OrganCode, year int) (Figures, error) {
	r, err := u.Store.Get(ctx, string(IDOf(organ, year-1)))
	if err == nil && r.Filed != nil {
		return r.Filed.Figures, nil
	}
	if err != nil && portal.KindOf(err) != portal.NotFound {
		return nil, err
	}
	if err == nil && r.Published != 0 {
		return nil, nil // a report without tables that can be read
	}
	s, err := u.Sum(ctx, organ, year-1, false)
	if err != nil {
		return nil, err
	}
	for c, n := range s.Figures {
		if _, known := FormOf(year - 1).place(c); known && n != 0 && strings.HasPrefix(string(c), "requests/") {
			return s.Figures, nil
		}
	}
	return nil, nil
}

// Begin is a report that nobody has begun: with a first text made of the year's facts,
// for a person to rewrite.
func (u Reports) Begin(ctx context.Context, organ portal.OrganCode, year int) (*Report, error) {
	o, err := u.Directory.Organ(organ)
	if err != nil {
		return nil, err
	}
	s, err := u.Sum(ctx, organ, year, false)
	if err != nil {
		return nil, err
	}
	r := &Report{Organ: organ, Year: year, Title: TitleOf(o, year)}
	r.Texts = r.Form().FirstTexts(o.Name.ZH, year, s.Figures)
	return r, nil
}

// Change changes a report as it was seen, or enters one, without an id. Organ and
// year are its address and stay once it is there. What was filed stays public as it is
// until the report is filed again.
func (u Reports) Change(ctx context.Context, by portal.Actor, id ReportID, seen portal.Revision, edit func(*Report)) (*Report, error) {
	if id == "" {
		var entered Report
		edit(&entered)
		if err := by.NeedTyped(portal.EditReports, entered.Organ); err != nil {
			return nil, err
		}
		if err := entered.Validate(); err != nil {
			return nil, err
		}
		id, seen = entered.ID(), portal.Absent
	}
	return u.Store.Change(ctx, by, string(id), seen, "save report", u.Now(), func(r *Report) (string, error) {
		organ, year := r.Organ, r.Year
		edit(r)
		if seen != portal.Absent {
			r.Organ, r.Year = organ, year
		}
		if err := by.Need(portal.EditReports, r.Organ); err != nil {
			return "", err
		}
		if err := r.Validate(); err != nil {
			return "", err
		}
		o, err := u.Directory.Organ(r.Organ)
		if err != nil {
			return "", err
		}
		if !slices.Contains(r.Form().Reporting, o.Kind) {
			return "", portal.Wrong("organ", "report.organ_kind", nil)
		}
		r.By, r.ChangedAt = by.Login, u.Now().UTC()
		return r.Title.ZH, nil
	})
}

// Type puts figures in the place of what the portal counts, with the reason; one that is
// as it is counted is taken as counted. parse reads what was typed.
func (u Reports) Type(ctx context.Context, by portal.Actor, id ReportID, seen portal.Revision, reason string, values map[Cell]string) (*Report, error) {
	r, err := u.Open(ctx, by, id)
	if err != nil {
		return nil, err
	}
	sum, err := u.Sum(ctx, r.Organ, r.Year, r.LeftOut != "")
	if err != nil {
		return nil, err
	}
	form := r.Form()
	var p portal.Problems
	read := make(map[Cell]int64)
	for _, c := range form.Cells() {
		v, ok := values[c]
		if !ok {
			continue
		}
		if read[c], ok = form.Parse(c, v); !ok {
			p.Add(string(c), "report.no_figure", portal.Args{"Value": v, "Cell": form.Name(c).ZH})
		}
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return u.Change(ctx, by, id, seen, func(r *Report) {
		now := maps.Clone(r.Typed)
		if now == nil {
			now = make(map[Cell]Typed)
		}
		// What follows from other figures is typed only where it differs from them.
		leaves := maps.Clone(sum.Figures)
		for c, n := range read {
			leaves[c] = n
		}
		follows := form.Complete(leaves, nil)
		for c, n := range read {
			expected := sum.Figures[c]
			if form.Total(c) {
				expected = follows[c]
			}
			switch {
			case n == expected:
				delete(now, c)
			case now[c].Value != n || now[c].Reason == "":
				now[c] = Typed{Value: n, Reason: strings.TrimSpace(reason), By: by.Login, At: u.Now().UTC()}
			}
		}
		r.Typed = now
	})
}

// Total reports whether a cell follows from others.
func (f *Form) Total(c Cell) bool {
	for i := range f.Identities {
		if !f.Identities[i].Fills {
			continue
		}
		for _, e := range f.Identities[i].equations(f) {
			if e.right[0] == c {
				return true
			}
		}
	}
	return false
}

// File files a report as it was seen and makes it public (报送、公布): another person than
// who wrote it does so. It is refused while an identity does not hold, while a section
// has no text, and, for a government, while an organ under it has not filed, unless the
// report says why it is left out. note says what a correction corrects.
//
// What must not be public is refused as in a document, unless a reason is given that
// it may stand (第十七条).
func (u Reports) File(ctx context.Context, by portal.Actor, id ReportID, seen portal.Revision, stands, note string) (*Report, error) {
	r, err := u.Open(ctx, by, id)
	if err != nil {
		return nil, err
	}
	v, err := u.View(ctx, r, false)
	if err != nil {
		return nil, err
	}
	return u.Store.Change(ctx, by, string(id), seen, "file report", u.Now(), func(r *Report) (string, error) {
		if err := by.Need(portal.ReviewReports, r.Organ); err != nil {
			return "", err
		}
		if r.By == by.Login && !by.IsSystem() {
			return "", &portal.Error{Kind: portal.Forbidden, Key: "error.second_person"}
		}
		v.Report = r
		v.Figures = v.Form.with(v.Computed, r.Typed)
		v.check(false)
		if err := u.ready(v, note); err != nil {
			return "", err
		}
		o, err := u.Directory.Organ(r.Organ)
		if err != nil {
			return "", err
		}
		if r.Stands, err = scan.Release(o, r.texts(), r.Stands, stands, by.Login, u.Now()); err != nil {
			return "", err
		}
		if r.Filed != nil {
			r.Earlier = append(r.Earlier, *r.Filed)
		}
		r.Filed = &Filing{Title: r.Title, Texts: maps.Clone(r.Texts), BodyEN: r.BodyEN, Figures: v.Figures, Computed: v.Computed, Typed: maps.Clone(r.Typed),
			Missing: v.Missing, LeftOut: r.LeftOut, On: u.Today(), At: u.Now().UTC(), By: by.Login, Note: note}
		if r.Published == 0 {
			r.Published = u.Today()
		}
		r.Body, r.ChangedAt = "", u.Now().UTC()
		return strings.TrimSpace(r.Title.ZH + " " + note), nil
	})
}

// ready says what of a report is not yet as it has to be.
func (u Reports) ready(v *View, note string) error {
	var p portal.Problems
	_, end := Year(v.Year)
	if end >= u.Today() {
		p.Add("year", "report.not_over", nil)
	}
	for _, s := range v.Form.Sections {
		if !s.Optional {
			p.Text("text_"+s.Code, v.Texts[s.Code], true, portal.MaxBody)
		}
	}
	if len(v.Missing) > 0 && strings.TrimSpace(v.LeftOut) == "" {
		var names []string
		for _, code := range v.Missing {
			if o, err := u.Directory.Organ(code); err == nil {
				names = append(names, o.Name.ZH)
			}
		}
		p.Add("left_out", "report.missing", portal.Args{"Organs": strings.Join(names, "、")})
	}
	p.Text("note", note, v.Filed != nil, portal.MaxNote)
	for _, id := range v.Failing() {
		p.Add("identities", "report.off", portal.Args{"Identity": id.Title.ZH, "Difference": id.Difference, "Left": id.Left, "Right": id.Right})
	}
	for _, m := range v.Mends {
		p.Add("identities", "report.mend", portal.Args{"Cell": v.Form.Name(m.Cell).ZH, "Is": v.Form.Written(m.Cell, m.Is), "Be": v.Form.Written(m.Cell, m.Be)})
	}
	return p.Err()
}

// Behind lists the records behind a figure of an organ's year, for somebody who may see
// them. Of a government it is those of its own records; the organs under it have theirs.
func (u Reports) Behind(ctx context.Context, by portal.Actor, organ portal.OrganCode, year int, c Cell) ([]portal.Fact, error) {
	if err := by.Need(portal.EditReports, organ); err != nil {
		return nil, err
	}
	from, to := Year(year)
	var out []portal.Fact
	for _, s := range u.Sources {
		list, err := s.Behind(ctx, by, organ, from, to, string(c))
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.SortStableFunc(out, func(a, b portal.Fact) int { return int(a.On - b.On) })
	return out, nil
}

// Standing is how an organ stands with its report on a year (报送情况). Lateness is told
// from the days, never kept.
type Standing struct {
	portal.Organ
	Report *Report // nil while nobody has begun
	Due    portal.Date
	Late   bool // it is past its day and was not filed, or was filed after it
}

// Standings lists the organs that report on a year, and which of them have.
func (u Reports) Standings(ctx context.Context, year int) ([]Standing, error) {
	form := FormOf(year)
	list, err := u.Store.All(ctx, func(r *Report) bool { return r.Year == year })
	if err != nil {
		return nil, err
	}
	byOrgan := make(map[portal.OrganCode]*Report, len(list))
	for _, r := range list {
		byOrgan[r.Organ] = r
	}
	var out []Standing
	for _, o := range u.Directory.Organs() {
		if !slices.Contains(form.Reporting, o.Kind) || o.Successor != "" {
			continue
		}
		s := Standing{Organ: o, Report: byOrgan[o.Code], Due: form.DueOf(o.Kind, year)}
		on := u.Today()
		if s.Report != nil && s.Report.Published != 0 {
			on = s.Report.Published
		}
		s.Late = on > s.Due
		out = append(out, s)
	}
	return out, nil
}

// DueOf is the last day on which an organ of a kind files its report on a year
// (第四十九条).
func (f *Form) DueOf(kind string, year int) portal.Date {
	day := f.Due.Organ
	if kind == "government" {
		day = f.Due.Government
	}
	t, err := time.Parse("01-02", day)
	if err != nil {
		panic("annual_report.json: " + day) // a mistake of ours, found by any test
	}
	return clock.NewDate(year+1, t.Month(), t.Day())
}

// Due implements portal.Deadlines: the organs that have not filed on the year before.
func (u Reports) Due(ctx context.Context) ([]portal.Due, error) {
	year := u.Today().Year() - 1
	list, err := u.Standings(ctx, year)
	if err != nil {
		return nil, err
	}
	var out []portal.Due
	for _, s := range list {
		if s.Report == nil || s.Report.Published == 0 {
			out = append(out, portal.Due{Kind: Kind.Code, Name: Kind.Name, Organ: s.Code, Act: portal.EditReports, Title: TitleOf(s.Organ, year).ZH, Path: "/desk/reports?year=" + strconv.Itoa(year), Day: s.Due})
		}
	}
	return out, nil
}
