package reports

import (
	"strconv"
	"time"

	"gongkai/portal"
	"gongkai/portal/scan"
)

// ReportID names an annual report in its address: organ code and year.
type ReportID string

// Report is an organ's annual report on disclosure (政府信息公开工作年度报告,
// 第四十九条, 第五十条).
type Report struct {
	Organ     portal.OrganCode `json:"organ"`
	Year      int              `json:"year"` // the year reported on
	Title     portal.Text      `json:"title"`
	Body      string           `json:"body"` // Markdown, the six sections of the national form
	BodyEN    string           `json:"body_en,omitempty"`
	Published portal.Date      `json:"published"`
	ChangedAt time.Time        `json:"changed_at"`
	// Stands are findings of the scan before release that may be public.
	Stands []scan.Stand `json:"stands,omitempty"`
}

// texts are those that become public.
func (r *Report) texts() []scan.Text {
	return []scan.Text{{Field: "title_zh", Text: r.Title.ZH}, {Field: "title_en", Text: r.Title.EN}, {Field: "body", Text: r.Body}, {Field: "body_en", Text: r.BodyEN}}
}

// ID returns the report's address.
func (r *Report) ID() ReportID { return ReportID(string(r.Organ) + "." + strconv.Itoa(r.Year)) }

// Validate reports the mistakes in the report's fields.
func (r *Report) Validate() error {
	var p portal.Problems
	if r.Organ == "" {
		p.Add("organ", "error.choose_organ", nil)
	}
	if r.Year < 2008 || r.Year > 2200 {
		p.Add("year", "error.report_year", nil)
	}
	p.Text("title_zh", r.Title.ZH, true, portal.MaxName)
	p.Text("title_en", r.Title.EN, false, portal.MaxName)
	p.Text("body", r.Body, true, portal.MaxBody)
	p.Text("body_en", r.BodyEN, false, portal.MaxBody)
	return p.Err()
}

// Entry returns what search is told of the report.
func (r *Report) Entry() *portal.Entry {
	e := &portal.Entry{Key: portal.Key{Kind: "report", ID: string(r.ID())}, Title: r.Title.ZH, TitleEN: r.Title.EN, Organs: []portal.OrganCode{r.Organ}, Published: r.Published, Texts: []string{r.Body}}
	if r.BodyEN != "" {
		e.Texts = append(e.Texts, r.BodyEN)
	}
	return e
}
