package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
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
		e := clock.Event{Type: clock.Received, Channel: text(c, "channel"), Date: day(c, "date", &ps)}
		for _, a := range list {
			a.Steps = []portal.CaseStep{{Event: e}}
		}
		err = joined(ps, nil)
	}
	var receipts []portal.Receipt
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
	Receipts []portal.Receipt
}

// applicantForm are the fields of Article 29 that every way of applying has.
func (s *Server) applicantForm(c echo.Context) []field {
	t := textsOf(c)
	emailHint := t.T("apply.email_hint")
	if s.Cases.Writer != nil {
		emailHint = t.T("apply.email_told")
	}
	kinds := []option{{Value: portal.MatterDisclosure, Label: t.T("matter.disclosure")}, {Value: portal.MatterRecord, Label: t.T("matter.record")}}
	fields := []field{
		{Name: "matter", Kind: "radios", Label: t.T("matter.label"), Options: kinds, Optional: true},
		{Name: "subject", Kind: "text", Label: t.T("apply.subject"), Hint: t.T("apply.subject_hint"), Max: portal.MaxName, Suggest: s.BasePath + "/apply/suggest"},
		{Name: "description", Kind: "textarea", Label: t.T("apply.description"), Hint: t.T("apply.description_hint", "Limit", portal.MaxDescription), Rows: 8, Max: portal.MaxDescription},
		{Name: "doc_number", Kind: "text", Label: t.T("apply.doc_number"), Hint: t.T("apply.doc_number_hint"), Optional: true, Max: 100},
	}
	for i := 2; i <= shownMatters(c); i++ {
		n := strconv.Itoa(i)
		fields = append(fields,
			field{Name: "subject" + n, Kind: "text", Label: t.T("apply.subject_n", "Number", i), Max: portal.MaxName, Optional: true},
			field{Name: "description" + n, Kind: "textarea", Label: t.T("apply.description_n", "Number", i), Rows: 4, Max: portal.MaxDescription, Optional: true})
	}
	return append(fields,
		field{Name: "form", Kind: "radios", Label: t.T("apply.form"), Options: choices(portal.Forms, t.Lang, "electronic"), Value: "electronic"},
		field{Name: "delivery", Kind: "radios", Label: t.T("apply.delivery"), Options: choices(portal.Deliveries, t.Lang, "online"), Value: "online"},
		field{Name: "kind", Kind: "radios", Label: t.T("apply.kind"), Options: choices(portal.Applicants, t.Lang, "natural"), Value: "natural"},
		field{Name: "name", Kind: "text", Label: t.T("apply.name"), Max: portal.MaxName, Autocomplete: "name"},
		field{Name: "id_number", Kind: "text", Label: t.T("apply.id_number"), Hint: t.T("apply.id_number_hint"), Max: 30},
		field{Name: "id_file", Kind: "file", Label: t.T("apply.id_file"), Hint: t.T("apply.id_file_hint", "Limit", portal.MaxIDFile>>20), Optional: true},
		field{Name: "contact", Kind: "text", Label: t.T("apply.contact"), Hint: t.T("apply.contact_hint"), Optional: true, Max: portal.MaxName},
		field{Name: "phone", Kind: "tel", Label: t.T("apply.phone"), Hint: t.T("apply.phone_hint"), Autocomplete: "tel"},
		field{Name: "email", Kind: "email", Label: t.T("apply.email"), Hint: emailHint, Optional: true, Autocomplete: "email"},
		field{Name: "address", Kind: "text", Label: t.T("apply.address"), Hint: t.T("apply.address_hint"), Optional: true, Max: portal.MaxLine, Autocomplete: "street-address"})
}

// shownMatters is how many matters a form has room for: one, or as many as
// were typed or asked for.
func shownMatters(c echo.Context) int {
	n := 1
	for i := 2; i <= portal.MaxMatters; i++ {
		if text(c, "subject"+strconv.Itoa(i)) != "" || text(c, "description"+strconv.Itoa(i)) != "" {
			n = i
		}
	}
	return min(portal.MaxMatters, max(n, atoi(text(c, "matters"))))
}

// matters reads an application form: one application for each matter, with
// the applicant they share.
func (s *Server) matters(c echo.Context) ([]*portal.Application, *portal.Applicant, error) {
	files, _, err := s.uploads(c, "files", portal.MaxCaseFiles)
	if err != nil {
		return nil, nil, err
	}
	first := portal.Application{Organ: portal.OrganCode(text(c, "organ")), Subject: text(c, "subject"), Description: text(c, "description"), DocNumber: text(c, "doc_number"),
		Form: text(c, "form"), Delivery: text(c, "delivery"), Help: text(c, "help"), Lang: langOf(c), Files: files}
	if text(c, "matter") == portal.MatterRecord {
		first.Matter = portal.MatterRecord
	}
	if _, missing := s.Store.Organ(first.Organ); missing != nil {
		first.Organ = ""
	}
	list := []*portal.Application{&first}
	for i := 2; i <= portal.MaxMatters; i++ {
		n := strconv.Itoa(i)
		subject, description := text(c, "subject"+n), text(c, "description"+n)
		if subject == "" && description == "" {
			continue
		}
		if subject == "" || description == "" {
			name := "subject" + n
			if subject != "" {
				name = "description" + n
			}
			return nil, nil, &portal.Error{Kind: portal.Invalid, Key: "error.form", Problems: []portal.Problem{{Field: name, Key: "error.required"}}}
		}
		x := first
		x.Subject, x.Description, x.DocNumber = subject, description, ""
		list = append(list, &x)
	}
	who := &portal.Applicant{Kind: text(c, "kind"), Name: text(c, "name"), IDNumber: text(c, "id_number"), Contact: text(c, "contact"),
		Phone: text(c, "phone"), Email: text(c, "email"), Address: text(c, "address")}
	who.IDFile, who.IDName, err = s.sealedUpload(c, "id_file", portal.MaxIDFile)
	return list, who, err
}
