package page

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
)

// ApplicantForm are the fields of Article 29 that every way of applying has.
func (s *Uploads) ApplicantForm(c echo.Context) []Field {
	t := TextsOf(c)
	emailHint := t.T("apply.email_hint")
	if s.Mails {
		emailHint = t.T("apply.email_told")
	}
	kinds := []Option{{Value: cases.ForDisclosure, Label: t.T("matter.disclosure")}, {Value: cases.ForCorrection, Label: t.T("matter.record")}}
	fields := []Field{
		{Name: "matter", Kind: "radios", Label: t.T("matter.label"), Options: kinds, Optional: true},
		{Name: "subject", Kind: "text", Label: t.T("apply.subject"), Hint: t.T("apply.subject_hint"), Max: portal.MaxName, Suggest: s.BasePath + "/apply/suggest"},
		{Name: "description", Kind: "textarea", Label: t.T("apply.description"), Hint: t.T("apply.description_hint", "Limit", cases.MaxDescription), Rows: 8, Max: cases.MaxDescription},
		{Name: "doc_number", Kind: "text", Label: t.T("apply.doc_number"), Hint: t.T("apply.doc_number_hint"), Optional: true, Max: 100},
	}
	for i := 2; i <= ShownMatters(c); i++ {
		n := strconv.Itoa(i)
		fields = append(fields,
			Field{Name: "subject" + n, Kind: "text", Label: t.T("apply.subject_n", "Number", i), Max: portal.MaxName, Optional: true},
			Field{Name: "description" + n, Kind: "textarea", Label: t.T("apply.description_n", "Number", i), Rows: 4, Max: cases.MaxDescription, Optional: true})
	}
	return append(fields,
		Field{Name: "form", Kind: "radios", Label: t.T("apply.form"), Options: Choices(portal.Forms, t.Lang, "electronic"), Value: "electronic"},
		Field{Name: "delivery", Kind: "radios", Label: t.T("apply.delivery"), Options: Choices(portal.Deliveries, t.Lang, "online"), Value: "online"},
		Field{Name: "kind", Kind: "radios", Label: t.T("apply.kind"), Options: Choices(portal.Applicants, t.Lang, "natural"), Value: "natural"},
		Field{Name: "name", Kind: "text", Label: t.T("apply.name"), Max: portal.MaxName, Autocomplete: "name"},
		Field{Name: "id_number", Kind: "text", Label: t.T("apply.id_number"), Hint: t.T("apply.id_number_hint"), Max: 30},
		Field{Name: "id_file", Kind: "file", Label: t.T("apply.id_file"), Hint: t.T("apply.id_file_hint", "Limit", cases.MaxIDFile>>20), Optional: true},
		Field{Name: "contact", Kind: "text", Label: t.T("apply.contact"), Hint: t.T("apply.contact_hint"), Optional: true, Max: portal.MaxName},
		Field{Name: "phone", Kind: "tel", Label: t.T("apply.phone"), Hint: t.T("apply.phone_hint"), Autocomplete: "tel"},
		Field{Name: "email", Kind: "email", Label: t.T("apply.email"), Hint: emailHint, Optional: true, Autocomplete: "email"},
		Field{Name: "address", Kind: "text", Label: t.T("apply.address"), Hint: t.T("apply.address_hint"), Optional: true, Max: portal.MaxLine, Autocomplete: "address-line1"})
}

// ShownMatters is how many matters a form has room for: one, or as many as
// were typed or asked for.
func ShownMatters(c echo.Context) int {
	n := 1
	for i := 2; i <= cases.MaxMatters; i++ {
		if Typed(c, "subject"+strconv.Itoa(i)) != "" || Typed(c, "description"+strconv.Itoa(i)) != "" {
			n = i
		}
	}
	return min(cases.MaxMatters, max(n, Atoi(Typed(c, "matters"))))
}

// Matters reads an application form: one application for each matter, with
// the applicant they share.
func (s *Uploads) Matters(c echo.Context) ([]*cases.Application, *cases.Applicant, error) {
	files, _, err := s.FormFiles(c, "files", cases.MaxCaseFiles)
	if err != nil {
		return nil, nil, err
	}
	first := cases.Application{Organ: portal.OrganCode(Typed(c, "organ")), Subject: Typed(c, "subject"), Description: Typed(c, "description"), DocNumber: Typed(c, "doc_number"),
		Form: Typed(c, "form"), Delivery: Typed(c, "delivery"), Help: Typed(c, "help"), Lang: LangOf(c), Files: files}
	if Typed(c, "matter") == cases.ForCorrection {
		first.Purpose = cases.ForCorrection
	}
	if _, missing := s.Store.Organ(first.Organ); missing != nil {
		first.Organ = ""
	}
	list := []*cases.Application{&first}
	for i := 2; i <= cases.MaxMatters; i++ {
		n := strconv.Itoa(i)
		subject, description := Typed(c, "subject"+n), Typed(c, "description"+n)
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
	who := &cases.Applicant{Kind: Typed(c, "kind"), Name: Typed(c, "name"), IDNumber: Typed(c, "id_number"), Contact: Typed(c, "contact"),
		Phone: Typed(c, "phone"), Email: Typed(c, "email"), Address: Typed(c, "address")}
	who.IDFile, who.IDName, err = s.sealedUpload(c, "id_file", cases.MaxIDFile)
	return list, who, err
}
