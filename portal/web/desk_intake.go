package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
)

// intakePage makes the form for what came otherwise than over the internet
// (第二十九条).
func (s *Server) intakePage(c echo.Context) formPage {
	t := textsOf(c)
	p := formPage{base: s.deskBase(c, t.T("intake.title")), Intro: t.T("intake.about"), Back: s.BasePath + "/desk/applications"}
	var channels []option
	for _, x := range portal.Channels.Terms {
		if x.Code != "web" {
			channels = append(channels, option{Value: x.Code, Label: portal.Named(x.Name, t.Lang)})
		}
	}
	fields := []field{
		{Name: "channel", Kind: "radios", Label: t.T("intake.channel"), Hint: t.T("intake.channel_hint"), Options: channels, Value: "in_person"},
		{Name: "date", Kind: "date", Label: t.T("intake.date"), Hint: t.T("intake.date_hint"), Value: s.Today().String()},
		{Name: "organ", Kind: "select", Label: t.T("apply.organ"), Options: append([]option{{Label: t.T("form.choose")}}, s.organsOf(c, portal.HandleApplications, "")...)},
	}
	fields = append(fields, s.applicantForm(c)...)
	fields = append(fields, field{Name: "files", Kind: "file", Label: t.T("intake.scans"), Hint: t.T("form.file_hint", "Limit", portal.MaxFile>>20), Optional: true, Multiple: true})
	p.Form = form{Action: s.BasePath + "/desk/intake", Submit: t.T("intake.submit"), Fields: fields}
	return p
}

func (s *Server) intakeForm(c echo.Context) error {
	return s.render(c, http.StatusOK, "form", s.intakePage(c))
}

// intake answers POST /desk/intake.
func (s *Server) intake(c echo.Context) error {
	var ps []portal.Problem
	list, who, err := s.matters(c)
	if err == nil {
		e := clock.Event{Type: clock.Received, Channel: typed(c, "channel"), Date: day(c, "date", &ps)}
		for _, a := range list {
			a.Steps = []cases.CaseStep{{Event: e}}
		}
		err = joined(ps, nil)
	}
	var receipts []cases.Receipt
	if err == nil {
		receipts, err = s.Cases.TakeIn(actorOf(c), list, who)
	}
	if err != nil {
		p := s.intakePage(c)
		if err := p.Form.again(c, err); err != nil {
			return err
		}
		return s.render(c, http.StatusUnprocessableEntity, "form", p)
	}
	t := textsOf(c)
	p := intakeDonePage{base: s.deskBase(c, t.T("intake.done")), Receipts: receipts}
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.render(c, http.StatusOK, "desk_intake", p)
}

// intakeDonePage is what desk_intake.html shows: the numbers, and the query
// codes to give to the applicant, once.
type intakeDonePage struct {
	base
	Receipts []cases.Receipt
}

// applicantForm are the fields of Article 29 that every way of applying has.
func (s *Server) applicantForm(c echo.Context) []field {
	t := textsOf(c)
	emailHint := t.T("apply.email_hint")
	if s.Cases.Writer != nil {
		emailHint = t.T("apply.email_told")
	}
	kinds := []option{{Value: cases.MatterDisclosure, Label: t.T("matter.disclosure")}, {Value: cases.MatterRecord, Label: t.T("matter.record")}}
	fields := []field{
		{Name: "matter", Kind: "radios", Label: t.T("matter.label"), Options: kinds, Optional: true},
		{Name: "subject", Kind: "text", Label: t.T("apply.subject"), Hint: t.T("apply.subject_hint"), Max: portal.MaxName, Suggest: s.BasePath + "/apply/suggest"},
		{Name: "description", Kind: "textarea", Label: t.T("apply.description"), Hint: t.T("apply.description_hint", "Limit", cases.MaxDescription), Rows: 8, Max: cases.MaxDescription},
		{Name: "doc_number", Kind: "text", Label: t.T("apply.doc_number"), Hint: t.T("apply.doc_number_hint"), Optional: true, Max: 100},
	}
	for i := 2; i <= shownMatters(c); i++ {
		n := strconv.Itoa(i)
		fields = append(fields,
			field{Name: "subject" + n, Kind: "text", Label: t.T("apply.subject_n", "Number", i), Max: portal.MaxName, Optional: true},
			field{Name: "description" + n, Kind: "textarea", Label: t.T("apply.description_n", "Number", i), Rows: 4, Max: cases.MaxDescription, Optional: true})
	}
	return append(fields,
		field{Name: "form", Kind: "radios", Label: t.T("apply.form"), Options: choices(portal.Forms, t.Lang, "electronic"), Value: "electronic"},
		field{Name: "delivery", Kind: "radios", Label: t.T("apply.delivery"), Options: choices(portal.Deliveries, t.Lang, "online"), Value: "online"},
		field{Name: "kind", Kind: "radios", Label: t.T("apply.kind"), Options: choices(portal.Applicants, t.Lang, "natural"), Value: "natural"},
		field{Name: "name", Kind: "text", Label: t.T("apply.name"), Max: portal.MaxName, Autocomplete: "name"},
		field{Name: "id_number", Kind: "text", Label: t.T("apply.id_number"), Hint: t.T("apply.id_number_hint"), Max: 30},
		field{Name: "id_file", Kind: "file", Label: t.T("apply.id_file"), Hint: t.T("apply.id_file_hint", "Limit", cases.MaxIDFile>>20), Optional: true},
		field{Name: "contact", Kind: "text", Label: t.T("apply.contact"), Hint: t.T("apply.contact_hint"), Optional: true, Max: portal.MaxName},
		field{Name: "phone", Kind: "tel", Label: t.T("apply.phone"), Hint: t.T("apply.phone_hint"), Autocomplete: "tel"},
		field{Name: "email", Kind: "email", Label: t.T("apply.email"), Hint: emailHint, Optional: true, Autocomplete: "email"},
		field{Name: "address", Kind: "text", Label: t.T("apply.address"), Hint: t.T("apply.address_hint"), Optional: true, Max: portal.MaxLine, Autocomplete: "street-address"})
}

// shownMatters is how many matters a form has room for: one, or as many as
// were typed or asked for.
func shownMatters(c echo.Context) int {
	n := 1
	for i := 2; i <= cases.MaxMatters; i++ {
		if typed(c, "subject"+strconv.Itoa(i)) != "" || typed(c, "description"+strconv.Itoa(i)) != "" {
			n = i
		}
	}
	return min(cases.MaxMatters, max(n, atoi(typed(c, "matters"))))
}

// matters reads an application form: one application for each matter, with
// the applicant they share.
func (s *Server) matters(c echo.Context) ([]*cases.Application, *cases.Applicant, error) {
	files, _, err := s.uploads(c, "files", cases.MaxCaseFiles)
	if err != nil {
		return nil, nil, err
	}
	first := cases.Application{Organ: portal.OrganCode(typed(c, "organ")), Subject: typed(c, "subject"), Description: typed(c, "description"), DocNumber: typed(c, "doc_number"),
		Form: typed(c, "form"), Delivery: typed(c, "delivery"), Help: typed(c, "help"), Lang: langOf(c), Files: files}
	if typed(c, "matter") == cases.MatterRecord {
		first.Matter = cases.MatterRecord
	}
	if _, missing := s.Store.Organ(first.Organ); missing != nil {
		first.Organ = ""
	}
	list := []*cases.Application{&first}
	for i := 2; i <= cases.MaxMatters; i++ {
		n := strconv.Itoa(i)
		subject, description := typed(c, "subject"+n), typed(c, "description"+n)
		if subject == "" && description == "" {
			continue
		}
		if subject == "" || description == "" {
			name := "subject" + n
			if subject != "" {
				name = "description" + n
			}
			return nil, nil, portal.Wrong(name, "error.required", nil)
		}
		x := first
		x.Subject, x.Description, x.DocNumber = subject, description, ""
		list = append(list, &x)
	}
	who := &cases.Applicant{Kind: typed(c, "kind"), Name: typed(c, "name"), IDNumber: typed(c, "id_number"), Contact: typed(c, "contact"),
		Phone: typed(c, "phone"), Email: typed(c, "email"), Address: typed(c, "address")}
	who.IDFile, who.IDName, err = s.sealedUpload(c, "id_file", cases.MaxIDFile)
	return list, who, err
}
