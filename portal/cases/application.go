package cases

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/text"
)

// ApplicationNumber names an application: "2026-000123".
type ApplicationNumber string

// Application is a citizen's or an organisation's application for disclosure
// (依申请公开). Who the applicant is stands apart, in Applicant: nothing here
// tells.
type Application struct {
	Number ApplicationNumber `json:"number"`
	Organ  portal.OrganCode  `json:"organ"`
	Kind   string            `json:"kind"` // a code of Applicants, for the annual report
	// What is asked for (第二十九条).
	Subject     string              `json:"subject"`
	Description string              `json:"description"`
	DocNumber   string              `json:"doc_number,omitempty"`
	Form        string              `json:"form"`     // a code of Forms
	Delivery    string              `json:"delivery"` // a code of Deliveries
	Help        string              `json:"help,omitempty"`
	Files       []portal.Attachment `json:"files,omitempty"`

	CodeHash string     `json:"code_hash"` // of the secret query code
	Steps    []CaseStep `json:"steps"`
	Answer   *Answer    `json:"answer,omitempty"`
	Sealed   bool       `json:"sealed,omitempty"` // imported: there is no applicant
	Source   string     `json:"source,omitempty"` // key of an import
	Moves    []Move     `json:"moves,omitempty"`  // deadlines that new holiday notices changed

	Lang    string              `json:"lang,omitempty"`     // of messages to the applicant
	Purpose string              `json:"matter,omitempty"`   // MatterDisclosure or MatterRecord
	Linked  []ApplicationNumber `json:"linked,omitempty"`   // matters sent together, each with its own number
	Letter  string              `json:"letter,omitempty"`   // the letter that it was before
	Became  string              `json:"petition,omitempty"` // the letter that was made of it (第三十九条第一款)
	Earlier ApplicationNumber   `json:"earlier,omitempty"`  // the same words of the same applicant before
	Handler portal.Login        `json:"handler,omitempty"`  // who has it; empty while nobody

	Letters     []Letter      `json:"letters,omitempty"`
	Proposal    *Proposal     `json:"proposal,omitempty"` // a step that waits for a signature
	Inquiries   []Inquiry     `json:"inquiries,omitempty"`
	Papers      []Paper       `json:"papers,omitempty"` // documents looked at for the answer
	Charge      *Charge       `json:"charge,omitempty"`
	Service     *Service      `json:"proof,omitempty"` // that the answer was delivered
	Proceedings []Proceeding  `json:"reviews,omitempty"`
	Rating      *Rating       `json:"rating,omitempty"`
	Destroyed   []Destruction `json:"destroyed,omitempty"` // what retention periods have ended
	Ending      []Ending      `json:"ending,omitempty"`    // what is about to be destroyed
	Hold        *Hold         `json:"hold,omitempty"`
	Disclosures []string      `json:"disclosures,omitempty"`
	Undone      []Undone      `json:"undone,omitempty"` // steps recorded by mistake
	Statements  []Statement   `json:"statements,omitempty"`
}

// The matters of a case. Both take the same path; only the first is counted
// in the annual report.
const (
	ForDisclosure = ""       // 申请公开政府信息
	ForCorrection = "record" // 申请更正自身信息记录, 第四十一条
)

// clone is a copy of the case that shares nothing with it.
func (a *Application) clone() *Application {
	b, err := json.Marshal(a)
	c := new(Application)
	if err == nil {
		err = json.Unmarshal(b, c)
	}
	if err != nil { // it was read from its JSON
		panic(err)
	}
	return c
}

// Jurisdiction names the clock rules of the case.
func (a *Application) Jurisdiction() string {
	if a.Purpose == ForCorrection {
		return "CN-41"
	}
	return "CN"
}

// Closed reports whether the case is answered or was taken back, and not
// reopened since.
func (a *Application) Closed() bool { return a.endedBy(clock.Answered) || a.endedBy(clock.Withdrawn) }

// endedBy reports whether the last step that closed or reopened the case is of
// the type.
func (a *Application) endedBy(t clock.EventType) bool {
	for i := len(a.Steps) - 1; i >= 0; i-- {
		switch a.Steps[i].Type {
		case clock.Answered, clock.Withdrawn, clock.Reopened:
			return a.Steps[i].Type == t
		}
	}
	return false
}

// ClosedOn is the day of the last step that closed the case; none while it is
// open.
func (a *Application) ClosedOn() portal.Date {
	if !a.Closed() {
		return 0
	}
	var on portal.Date
	for _, s := range a.Steps {
		if s.Type == clock.Answered || s.Type == clock.Withdrawn {
			on = s.Date
		}
	}
	return on
}

// CaseStep is one event with what was said about it.
type CaseStep struct {
	clock.Event
	Note       string       `json:"note,omitempty"`    // shown to the applicant
	By         portal.Login `json:"by,omitempty"`      // empty for the applicant
	Checked    []int        `json:"checked,omitempty"` // lines of the check list that were ticked
	Opinion    string       `json:"opinion,omitempty"` // a code of Opinions, of consultation_returned
	Online     bool         `json:"online,omitempty"`  // given by the private link
	Outcome    string       `json:"outcome,omitempty"` // of answered: a code of Outcomes
	RecordedAt time.Time    `json:"recorded_at"`
}

// Late reports whether the step was recorded after the day it happened.
func (s CaseStep) Late() bool {
	return !s.RecordedAt.IsZero() && clock.DateOf(s.RecordedAt) > s.Date
}

// Answer is how the organ answered (答复).
type Answer struct {
	Outcome string              `json:"outcome"` // a code of Outcomes
	Text    string              `json:"text"`
	Files   []portal.Attachment `json:"files,omitempty"`
	// Withheld lists what was not given, and why (第三十七条), beyond what was
	// taken out of the files.
	Withheld string `json:"withheld,omitempty"`
	// Public says what of the answer everyone may read; nil while nothing.
	Public *PublicAnswer `json:"public,omitempty"`
	// Unpublished says why it is public no longer.
	Unpublished string `json:"unpublished,omitempty"`
}

// PublicAnswer is an answer as published, written without a word about the
// applicant.
type PublicAnswer struct {
	Title string      `json:"title"`
	Text  string      `json:"text"`
	On    portal.Date `json:"on"`
}

// Applicant is who applies, and is kept sealed apart from the application.
type Applicant struct {
	Kind     string `json:"kind"` // a code of Applicants
	Name     string `json:"name"`
	IDType   string `json:"id_type,omitempty"`
	IDNumber string `json:"id_number,omitempty"` // 身份证明, 第二十九条
	Contact  string `json:"contact,omitempty"`   // of an organisation: who acts for it
	Phone    string `json:"phone"`
	Email    string `json:"email,omitempty"`
	Address  string `json:"address,omitempty"`
	// IDFile is a picture of the proof of identity, sealed like the rest.
	IDFile []byte `json:"id_file,omitempty"`
	IDName string `json:"id_name,omitempty"`
}

// Limits on an application.
const (
	MaxDescription = 5000
	MaxAnswer      = 50000
	MaxCaseFiles   = 10
	MaxIDFile      = 4 << 20 // bytes
	MaxMatters     = 10      // sent together
)

var idNumber = regexp.MustCompile(`^[0-9A-Za-z-]{4,30}$`)

// ValidateApplication reports the mistakes in what an applicant sends.
func ValidateApplication(a *Application, who *Applicant) error {
	var p portal.Problems
	if a.Organ == "" {
		p.Add("organ", "error.choose_organ", nil)
	}
	if !portal.Applicants.Has(who.Kind) {
		p.Add("kind", "error.choose", nil)
	}
	p.Text("name", who.Name, true, portal.MaxName)
	if !idNumber.MatchString(who.IDNumber) && (len(who.IDFile) == 0 || who.IDNumber != "") {
		p.Add("id_number", "error.id_number", nil)
	}
	if len(who.IDFile) > MaxIDFile {
		p.Add("id_file", "error.file_large", portal.Args{"Limit": MaxIDFile >> 20, "Name": who.IDName})
	}
	if who.Kind != "" && who.Kind != "natural" {
		p.Text("contact", who.Contact, true, portal.MaxName)
	}
	// Over the web a telephone number is asked for; a letter may give any way of
	// reaching who wrote it (第二十九条第二款第（一）项).
	reachable := len(a.Steps) > 0 && a.Steps[0].Channel != "web" && (who.Address != "" || who.Email != "")
	if (who.Phone != "" || !reachable) && !portal.ValidTelephone(who.Phone) {
		p.Add("phone", "error.telephone", nil)
	}
	if who.Email != "" && !portal.ValidEmail(who.Email) {
		p.Add("email", "error.email", nil)
	}
	p.Text("address", who.Address, a.Delivery == "post", portal.MaxLine)
	if a.Delivery == "email" && who.Email == "" {
		p.Add("email", "error.required", nil)
	}
	p.Text("subject", a.Subject, true, portal.MaxName)
	p.Text("description", a.Description, true, MaxDescription)
	p.Text("doc_number", a.DocNumber, false, 100)
	p.Text("help", a.Help, false, portal.MaxNote)
	if !portal.Forms.Has(a.Form) {
		p.Add("form", "error.choose", nil)
	}
	if !portal.Deliveries.Has(a.Delivery) {
		p.Add("delivery", "error.choose", nil)
	}
	if len(a.Files) > MaxCaseFiles {
		p.Add("files", "error.too_many", portal.Args{"Limit": MaxCaseFiles})
	}
	return p.Err()
}

// Events returns the events of the case for the clock.
func (a *Application) Events() []clock.Event {
	events := make([]clock.Event, len(a.Steps))
	for i, s := range a.Steps {
		events[i] = s.Event
	}
	return events
}

// Clock works out the statutory clock of the case as seen on a day.
func (a *Application) Clock(cal *clock.Calendar, asOf portal.Date) (clock.Result, error) {
	return clock.Compute(clock.Case{Jurisdiction: a.Jurisdiction(), Events: a.Events(), AsOf: asOf}, cal)
}

// Evaluate is Clock without the derivation.
func (a *Application) Evaluate(cal *clock.Calendar, asOf portal.Date) (clock.Result, error) {
	return clock.Evaluate(clock.Case{Jurisdiction: a.Jurisdiction(), Events: a.Events(), AsOf: asOf}, cal)
}

// after works out the clock on the day of a further event, or says why the law
// or the history forbids it.
func (a *Application) after(e clock.Event, cal *clock.Calendar) (clock.Result, error) {
	return clock.Evaluate(clock.Case{Jurisdiction: a.Jurisdiction(), Events: append(a.Events(), e), AsOf: e.Date}, cal)
}

// Add appends a step, unless the law or the history forbids it.
func (a *Application) Add(s CaseStep, cal *clock.Calendar) error {
	if _, err := a.after(s.Event, cal); err != nil {
		return err
	}
	a.Steps = append(a.Steps, s)
	return nil
}

// Has reports whether the case has an event of the type.
func (a *Application) Has(t clock.EventType) bool {
	for _, s := range a.Steps {
		if s.Type == t {
			return true
		}
	}
	return false
}

// GivenFile finds a file that the applicant may have: one they sent, or one of
// the answer; nil if there is none.
func (a *Application) GivenFile(id string) *portal.Attachment {
	given := Application{Files: a.Files, Answer: a.Answer}
	return given.File(id)
}

// File finds any file of the case, for its handlers; nil if there is none.
func (a *Application) File(id string) *portal.Attachment {
	files := a.allFiles()
	for i := range files {
		if string(files[i].File) == id {
			return &files[i]
		}
	}
	return nil
}

func (a *Application) allFiles() []portal.Attachment {
	files := slices.Clone(a.Files)
	if a.Answer != nil {
		files = append(files, a.Answer.Files...)
	}
	if a.Service != nil {
		files = append(files, a.Service.Files...)
	}
	for _, p := range a.Papers {
		files = append(files, p.Original)
		if p.Redacted != nil {
			files = append(files, *p.Redacted)
		}
	}
	return files
}

// CheckCode reports in constant time whether code is the application's.
func (a *Application) CheckCode(code string) bool {
	return portal.SameCode(string(a.Number), code, a.CodeHash)
}

var applicationNumber = regexp.MustCompile(`^\d{4}-\d{6,}$`)

// ParseApplicationNumber reads a number as typed, full-width digits and
// blanks included.
func ParseApplicationNumber(s string) (ApplicationNumber, bool) {
	s = strings.TrimSpace(text.Fold(strings.ReplaceAll(s, "－", "-")))
	return ApplicationNumber(s), len(s) < 20 && applicationNumber.MatchString(s)
}

// NumberApplication writes an application's number.
func NumberApplication(year, serial int) ApplicationNumber {
	return ApplicationNumber(fmt.Sprintf("%04d-%06d", year, serial))
}

// Entry returns what search is told: only a published answer.
func (a *Application) Entry() *portal.Entry {
	if a.Answer == nil || a.Answer.Public == nil {
		return nil
	}
	p := a.Answer.Public
	return &portal.Entry{Key: portal.Key{Kind: "answer", ID: string(a.Number)}, Title: p.Title, Organs: []portal.OrganCode{a.Organ}, Published: p.On, Texts: []string{p.Text}}
}
