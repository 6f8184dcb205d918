package portal

import (
	"strconv"
	"time"
)

// ReportID names an annual report in its address: organ code and year.
type ReportID string

// Report is an organ's annual report on disclosure (政府信息公开工作年度报告,
// 第四十九条, 第五十条).
type Report struct {
	Organ     OrganCode `json:"organ"`
	Year      int       `json:"year"` // the year reported on
	Title     Text      `json:"title"`
	Body      string    `json:"body"` // Markdown, the six sections of the national form
	BodyEN    string    `json:"body_en,omitempty"`
	Published Date      `json:"published"`
	ChangedAt time.Time `json:"changed_at"`
}

// ID returns the report's address.
func (r *Report) ID() ReportID { return ReportID(string(r.Organ) + "." + strconv.Itoa(r.Year)) }

// Validate reports the mistakes in the report's fields.
func (r *Report) Validate() error {
	var p problems
	if r.Organ == "" {
		p.add("organ", "error.choose_organ", nil)
	}
	if r.Year < 2008 || r.Year > 2200 {
		p.add("year", "error.report_year", nil)
	}
	p.text("title_zh", r.Title.ZH, true, MaxName)
	p.text("title_en", r.Title.EN, false, MaxName)
	p.text("body", r.Body, true, MaxBody)
	p.text("body_en", r.BodyEN, false, MaxBody)
	return p.err()
}

// Entry returns what search is told of the report.
func (r *Report) Entry() *Entry {
	e := &Entry{Key: Key{"report", string(r.ID())}, Title: r.Title.ZH, TitleEN: r.Title.EN, Organs: []OrganCode{r.Organ}, Published: r.Published, Texts: []string{r.Body}}
	if r.BodyEN != "" {
		e.Texts = append(e.Texts, r.BodyEN)
	}
	return e
}
