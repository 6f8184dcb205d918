package reports

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/scan"
)

// ReportID names an annual report in its address: organ code and year.
type ReportID string

// Report is an organ's annual report on disclosure (政府信息公开工作年度报告,
// 第四十九条, 第五十条): what is being written, and what was filed.
type Report struct {
	Organ portal.OrganCode `json:"organ"`
	Year  int              `json:"year"` // the year reported on
	Title portal.Text      `json:"title"`
	// Texts are the texts of the sections, in Markdown, by the sections' codes.
	Texts map[string]string `json:"texts,omitempty"`
	// Body is the whole of a report from before reports had sections; BodyEN an English
	// summary.
	Body   string `json:"body,omitempty"`
	BodyEN string `json:"body_en,omitempty"`
	// Typed are figures that somebody gave in the place of what the portal counts.
	Typed map[Cell]Typed `json:"typed,omitempty"`
	// LeftOut says why the sum of a government leaves out organs that have not filed.
	LeftOut   string       `json:"left_out,omitempty"`
	By        portal.Login `json:"by,omitempty"` // who wrote it last
	Filed     *Filing      `json:"filed,omitempty"`
	Earlier   []Filing     `json:"earlier,omitempty"` // filings that were corrected, the first first
	Published portal.Date  `json:"published"`         // since when it is public; 0: it is not
	ChangedAt time.Time    `json:"changed_at"`
	// Stands are findings of the scan before release that may be public.
	Stands []scan.Stand `json:"stands,omitempty"`
}

// Typed is a figure that somebody typed, and why: the organ kept its cases elsewhere.
type Typed struct {
	Value  int64        `json:"value"`
	Reason string       `json:"reason"`
	By     portal.Login `json:"by"`
	At     time.Time    `json:"at"`
}

// Filing is a report as it was filed (报送并公布): figures and texts as they were then.
type Filing struct {
	Title    portal.Text        `json:"title"`
	Texts    map[string]string  `json:"texts"`
	BodyEN   string             `json:"body_en,omitempty"`
	Figures  Figures            `json:"figures"`
	Computed Figures            `json:"computed"` // what the portal counted
	Typed    map[Cell]Typed     `json:"typed,omitempty"`
	Missing  []portal.OrganCode `json:"missing,omitempty"` // organs that the sum leaves out
	LeftOut  string             `json:"left_out,omitempty"`
	On       portal.Date        `json:"on"`
	At       time.Time          `json:"at"`
	By       portal.Login       `json:"by"`
	Note     string             `json:"note,omitempty"` // what a correction corrects
}

// Kind is an annual report. It is public once it is filed.
var Kind = portal.Register(portal.RecordKind{
	Code: "report", Bucket: "reports", Field: "year",
	Name: portal.Text{ZH: "年度报告", EN: "Annual reports"}, Folder: "/reports/", Order: 3, Weight: 0.7,
}, func(r *Report) *portal.Listing {
	if r.Published == 0 {
		return nil
	}
	l := portal.ListingOf(r.Entry(), r.ChangedAt)
	if r.Filed != nil {
		l.Version, l.ChangedAt, l.ChangeNote = len(r.Earlier)+1, r.Filed.At, r.Filed.Note
	}
	return l
})

// Form is the form that the report is written on.
func (r *Report) Form() *Form { return FormOf(r.Year) }

// ID returns the report's address.
func (r *Report) ID() ReportID { return IDOf(r.Organ, r.Year) }

// IDOf is the address of an organ's report on a year.
func IDOf(organ portal.OrganCode, year int) ReportID {
	return ReportID(string(organ) + "." + strconv.Itoa(year))
}

// texts are those that become public.
func (r *Report) texts() []scan.Text {
	out := []scan.Text{{Field: "title_zh", Text: r.Title.ZH}, {Field: "title_en", Text: r.Title.EN}, {Field: "body", Text: r.Body}, {Field: "body_en", Text: r.BodyEN}}
	for _, s := range r.Form().Sections {
		out = append(out, scan.Text{Field: "text_" + s.Code, Text: r.Texts[s.Code]})
	}
	return out
}

// Bounds of the years of reports: the Regulation took effect in 2008.
const (
	FirstYear = 2008
	LastYear  = 2200
	// MaxReason is the most characters of a reason for a typed figure.
	MaxReason = 200
)

// Validate reports the mistakes in the report's fields.
func (r *Report) Validate() error {
	var p portal.Problems
	if r.Organ == "" {
		p.Add("organ", "error.choose_organ", nil)
	}
	if r.Year < FirstYear || r.Year > LastYear {
		p.Add("year", "error.report_year", nil)
	}
	p.Text("title_zh", r.Title.ZH, true, portal.MaxName)
	p.Text("title_en", r.Title.EN, false, portal.MaxName)
	for _, s := range r.Form().Sections {
		p.Text("text_"+s.Code, r.Texts[s.Code], false, portal.MaxBody)
	}
	p.Text("body", r.Body, false, portal.MaxBody)
	p.Text("body_en", r.BodyEN, false, portal.MaxBody)
	p.Text("left_out", r.LeftOut, false, portal.MaxNote)
	for c, t := range r.Typed {
		name := portal.Args{"Cell": r.Form().Name(c).ZH}
		switch {
		case !r.Form().Has(c):
			p.Add("typed", "report.no_cell", portal.Args{"Cell": string(c)})
		case t.Value < 0:
			p.Add(string(c), "report.negative", name)
		case strings.TrimSpace(t.Reason) == "":
			p.Add("reason", "report.reason", name)
		case len([]rune(t.Reason)) > MaxReason:
			p.Add("reason", "error.too_long", portal.Args{"Limit": MaxReason, "Length": len([]rune(t.Reason))})
		}
	}
	return p.Err()
}

// Shown is the texts that are public, section by section.
func (f *Filing) Shown(form *Form) string {
	var parts []string
	for _, s := range form.Sections {
		if t := f.Texts[s.Code]; t != "" {
			parts = append(parts, "## "+s.Name.ZH+"\n\n"+t)
		}
	}
	return strings.Join(parts, "\n\n")
}

// Entry returns what search is told of the report: what was filed.
func (r *Report) Entry() *portal.Entry {
	e := &portal.Entry{Key: portal.Key{Kind: "report", ID: string(r.ID())}, Title: r.Title.ZH, TitleEN: r.Title.EN, Organs: []portal.OrganCode{r.Organ}, Published: r.Published, Texts: []string{r.Body}}
	english := r.BodyEN
	if r.Filed != nil {
		e.Title, e.TitleEN, e.Texts, english = r.Filed.Title.ZH, r.Filed.Title.EN, []string{r.Filed.Shown(r.Form())}, r.Filed.BodyEN
	}
	if english != "" {
		e.Texts = append(e.Texts, english)
	}
	return e
}

// typedCells are the cells that somebody typed, in order.
func typedCells(typed map[Cell]Typed) []Cell {
	out := make([]Cell, 0, len(typed))
	for c := range typed {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}
