package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/people"
	"gongkai/portal/powers"
	"gongkai/portal/reports"
)

// deskListPage is what desk_list.html shows: a plain table with a button to
// add a row, for powers, reports, organs and people.
type deskListPage struct {
	base
	Add   string // address of the form for a new one
	Heads []string
	Rows  []deskRow
	Pager pager
}

type deskRow struct {
	URL   string
	Cells []string
}

func (s *Server) deskListings(c echo.Context, kind string, act portal.Act, title, edit string) error {
	by, t := actorOf(c), textsOf(c)
	p := deskListPage{base: s.deskBase(c, title), Add: s.BasePath + edit, Heads: []string{t.T("column.title"), t.T("column.organ"), t.T("column.number"), t.T("column.published")}}
	b, err := browseOf(c)
	if err != nil {
		return err
	}
	list := s.Store.Browse(portal.Browse{Kind: kind, Sort: portal.SortNumber, Page: 1, Size: maxDownload})
	rows := slices.DeleteFunc(list.Rows, func(l *portal.Listing) bool { return !by.Can(act, l.Organs[0]) })
	p.Pager = pagerOf(c, b.Page, workRows, len(rows))
	from := min((b.Page-1)*workRows, len(rows))
	for _, l := range rows[from:min(from+workRows, len(rows))] {
		p.Rows = append(p.Rows, deskRow{s.BasePath + edit + "?id=" + l.ID, []string{portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, t.Lang), s.organName(l.Organs[0], t.Lang), l.Number, l.Published.String()}})
	}
	return s.render(c, http.StatusOK, "desk_list", p)
}

func (s *Server) deskPowers(c echo.Context) error {
	return s.deskListings(c, "power", portal.EditPowers, textsOf(c).T("desk.powers"), "/desk/powers/edit")
}

func (s *Server) deskReports(c echo.Context) error {
	return s.deskListings(c, "report", portal.EditReports, textsOf(c).T("desk.reports"), "/desk/reports/edit")
}

// editPage makes the page of a form for a record.
func (s *Server) editPage(c echo.Context, title, back string, fields []field) formPage {
	p := formPage{base: s.deskBase(c, title), Back: s.BasePath + back}
	p.Form = form{Action: c.Request().URL.RequestURI(), Submit: textsOf(c).T("form.save"), Fields: fields}
	return p
}

// afterEdit shows the form again with what is wrong, or goes back to the
// list.
func (s *Server) afterEdit(c echo.Context, p formPage, err error, back string) error {
	if err != nil {
		if err := p.Form.again(c, err); err != nil {
			return err
		}
		return s.render(c, statuses[visible(err).Kind], "form", p)
	}
	s.flash(c, "form.saved")
	return c.Redirect(http.StatusSeeOther, s.BasePath+back)
}

// organsOf makes the options of the organs for which the actor may act.
func (s *Server) organsOf(c echo.Context, act portal.Act, chosen portal.OrganCode) []option {
	mine, all := actorOf(c).OrgansFor(act)
	out := s.organChoices(langOf(c), func(o portal.Organ) bool { return all || slices.Contains(mine, o.Code) })
	for i := range out {
		out[i].Chosen = out[i].Value == string(chosen)
	}
	return out
}

func (s *Server) powerEditPage(c echo.Context, i *powers.PowerItem) formPage {
	t := textsOf(c)
	long := func(name, label, value string) field {
		return field{Name: name, Kind: "textarea", Label: t.T("power." + label), Value: value, Rows: 4, Max: portal.MaxProse, Optional: name != "basis"}
	}
	line := func(name, value string, optional bool) field {
		return field{Name: name, Kind: "text", Label: t.T("power." + name), Value: value, Max: portal.MaxLine, Optional: optional}
	}
	code := line("code", i.Code, false)
	code.Hint = t.T("power.code_hint")
	return s.editPage(c, t.T("power.edit"), "/desk/powers", []field{
		{Name: "organ", Kind: "select", Label: t.T("column.organ"), Options: s.organsOf(c, portal.EditPowers, i.Organ), Value: string(i.Organ)},
		code, {Name: "type", Kind: "select", Label: t.T("facet.type"), Options: choices(portal.PowerTypes, t.Lang, i.Type), Value: i.Type},
		line("name_zh", i.Name.ZH, false), line("name_en", i.Name.EN, true), long("basis", "basis", i.Basis),
		line("body_zh", i.Body.ZH, true), line("office", i.Office, true), long("duties", "duties", i.Duties), long("account", "account", i.Account), long("flow", "flow", i.Flow),
		line("limit", i.Limit, true), line("supervise", i.Supervise, true),
		{Name: "effective", Kind: "date", Label: t.T("doc.effective"), Value: i.Effective.String()},
		{Name: "cancelled", Kind: "date", Label: t.T("power.cancelled"), Value: i.Cancelled.String(), Optional: true},
	})
}

func (s *Server) powerForm(c echo.Context) error {
	i := &powers.PowerItem{Effective: s.Today()}
	if id := c.QueryParam("id"); id != "" {
		var err error
		if i, err = s.Store.Power(powers.PowerID(id)); err != nil {
			return err
		}
		if err := actorOf(c).Need(portal.EditPowers, i.Organ); err != nil {
			return err
		}
	}
	return s.render(c, http.StatusOK, "form", s.powerEditPage(c, i))
}

// powerSave answers POST /desk/powers/edit. Organ and code are the item's
// address and stay as they are once it is there.
func (s *Server) powerSave(c echo.Context) error {
	var ps []portal.Problem
	by := actorOf(c)
	i := &powers.PowerItem{Organ: portal.OrganCode(typed(c, "organ")), Code: typed(c, "code"), Type: typed(c, "type"), Name: portal.Text{ZH: typed(c, "name_zh"), EN: typed(c, "name_en")},
		Basis: typed(c, "basis"), Body: portal.Text{ZH: typed(c, "body_zh")}, Office: typed(c, "office"), Duties: typed(c, "duties"), Account: typed(c, "account"), Flow: typed(c, "flow"),
		Limit: typed(c, "limit"), Supervise: typed(c, "supervise"), Effective: day(c, "effective", &ps), Cancelled: day(c, "cancelled", &ps)}
	if i.Effective == 0 {
		i.Effective = s.Today()
	}
	if id := c.QueryParam("id"); id != "" {
		old, err := s.Store.Power(powers.PowerID(id))
		if err != nil {
			return err
		}
		i.Organ, i.Code, i.Related = old.Organ, old.Code, old.Related
	}
	err := by.NeedTyped(portal.EditPowers, i.Organ)
	if err == nil {
		err = joined(ps, i.Validate())
	}
	if err == nil {
		err = s.Store.SavePowers(by, []*powers.PowerItem{i}, s.Now())
	}
	return s.afterEdit(c, s.powerEditPage(c, i), err, "/desk/powers")
}

func (s *Server) reportEditPage(c echo.Context, r *reports.Report) formPage {
	t := textsOf(c)
	return s.editPage(c, t.T("report.edit"), "/desk/reports", []field{
		{Name: "organ", Kind: "select", Label: t.T("column.organ"), Options: s.organsOf(c, portal.EditReports, r.Organ), Value: string(r.Organ)},
		{Name: "year", Kind: "number", Label: t.T("report.year"), Value: strconv.Itoa(r.Year)},
		{Name: "title_zh", Kind: "text", Label: t.T("column.title"), Value: r.Title.ZH, Max: portal.MaxName, Lang: "zh"},
		{Name: "title_en", Kind: "text", Label: t.T("doc.title_en"), Value: r.Title.EN, Max: portal.MaxName, Optional: true, Lang: "en"},
		{Name: "body", Kind: "textarea", Label: t.T("doc.body"), Hint: t.T("report.body_hint"), Value: r.Body, Rows: 20, Lang: "zh"},
		{Name: "body_en", Kind: "textarea", Label: t.T("doc.body_en"), Value: r.BodyEN, Rows: 8, Optional: true, Lang: "en"},
	})
}

func (s *Server) reportForm(c echo.Context) error {
	r := &reports.Report{Year: s.Today().Year() - 1}
	if id := c.QueryParam("id"); id != "" {
		var err error
		if r, err = s.Store.Report(reports.ReportID(id)); err != nil {
			return err
		}
		if err := actorOf(c).Need(portal.EditReports, r.Organ); err != nil {
			return err
		}
	}
	return s.render(c, http.StatusOK, "form", s.reportEditPage(c, r))
}

// reportSave answers POST /desk/reports/edit. Organ and year are the
// report's address and stay as they are once it is there.
func (s *Server) reportSave(c echo.Context) error {
	by := actorOf(c)
	year, _ := strconv.Atoi(typed(c, "year")) // 0 is refused below
	r := &reports.Report{Organ: portal.OrganCode(typed(c, "organ")), Year: year, Title: portal.Text{ZH: typed(c, "title_zh"), EN: typed(c, "title_en")},
		Body: typed(c, "body"), BodyEN: typed(c, "body_en"), Published: s.Today(), ChangedAt: s.Now().UTC()}
	if id := c.QueryParam("id"); id != "" {
		old, err := s.Store.Report(reports.ReportID(id))
		if err != nil {
			return err
		}
		r.Organ, r.Year, r.Published = old.Organ, old.Year, old.Published
	}
	err := by.NeedTyped(portal.EditReports, r.Organ)
	if err == nil {
		err = r.Validate()
	}
	if err == nil {
		err = s.Store.SaveReport(by, r, s.Now())
	}
	return s.afterEdit(c, s.reportEditPage(c, r), err, "/desk/reports")
}

func (s *Server) deskOrgans(c echo.Context) error {
	t := textsOf(c)
	p := deskListPage{base: s.deskBase(c, t.T("desk.organs")), Add: s.BasePath + "/desk/organs/edit", Heads: []string{t.T("organ.name"), t.T("organ.code"), t.T("organ.kind"), t.T("organ.index_prefix")}}
	for _, o := range s.Store.Organs() {
		p.Rows = append(p.Rows, deskRow{p.Add + "?id=" + string(o.Code), []string{portal.Named(o.Name, t.Lang), string(o.Code), term(portal.OrganKinds, o.Kind, t.Lang), o.IndexPrefix}})
	}
	return s.render(c, http.StatusOK, "desk_list", p)
}

func (s *Server) organEditPage(c echo.Context, o *portal.Organ) formPage {
	t := textsOf(c)
	parents := append([]option{{Label: t.T("organ.no_parent")}}, s.organChoices(t.Lang, nil)...)
	for i := range parents {
		parents[i].Chosen = parents[i].Value == string(o.Parent)
	}
	fields := []field{
		{Name: "code", Kind: "text", Label: t.T("organ.code"), Hint: t.T("organ.code_hint"), Value: string(o.Code), Max: 40},
		{Name: "parent", Kind: "select", Label: t.T("organ.parent"), Options: parents, Value: string(o.Parent), Optional: true},
		{Name: "kind", Kind: "select", Label: t.T("organ.kind"), Options: choices(portal.OrganKinds, t.Lang, o.Kind), Value: o.Kind},
		{Name: "index_prefix", Kind: "text", Label: t.T("organ.index_prefix"), Hint: t.T("organ.index_prefix_hint"), Value: o.IndexPrefix, Max: 18},
	}
	for _, x := range []struct {
		name string
		t    portal.Text
		rows int
	}{{"name", o.Name, 0}, {"about", o.About, 4}, {"guide", o.Guide, 10}, {"office", o.Office, 0}, {"address", o.Address, 0}, {"hours", o.Hours, 0}} {
		for _, lang := range []string{"zh", "en"} {
			f := field{Name: x.name + "_" + lang, Kind: "text", Label: t.T("organ."+x.name) + t.T("form.lang_"+lang), Value: x.t.In(lang), Max: portal.MaxLine, Optional: x.name != "name" || lang == "en", Lang: lang}
			if x.rows > 0 {
				f.Kind, f.Rows, f.Max = "textarea", x.rows, portal.MaxProse
			}
			fields = append(fields, f)
		}
	}
	var sign []option
	for _, e := range portal.Signable {
		sign = append(sign, option{string(e), t.T("step." + string(e)), slices.Contains(o.Sign, e)})
	}
	fields = append(fields, field{Name: "telephone", Kind: "tel", Label: t.T("organ.telephone"), Value: o.Telephone, Optional: true},
		field{Name: "fax", Kind: "tel", Label: t.T("organ.fax"), Value: o.Fax, Optional: true},
		field{Name: "email", Kind: "email", Label: t.T("organ.email"), Value: o.Email, Optional: true},
		field{Name: "order", Kind: "number", Label: t.T("organ.order"), Value: strconv.Itoa(o.Order), Optional: true},
		field{Name: "letter_mark", Kind: "text", Label: t.T("organ.letter_mark"), Hint: t.T("organ.letter_mark_hint"), Value: o.LetterMark, Optional: true, Max: 40},
		field{Name: "payment", Kind: "textarea", Rows: 2, Label: t.T("organ.payment"), Value: o.Payment, Optional: true, Max: portal.MaxNote},
		field{Name: "sign", Kind: "checkboxes", Label: t.T("organ.sign"), Hint: t.T("organ.sign_hint"), Optional: true, Options: sign})
	return s.editPage(c, t.T("organ.edit"), "/desk/organs", fields)
}

func (s *Server) organForm(c echo.Context) error {
	o := portal.Organ{Kind: "department"}
	if id := c.QueryParam("id"); id != "" {
		var err error
		if o, err = s.Store.Organ(portal.OrganCode(id)); err != nil {
			return err
		}
	}
	return s.render(c, http.StatusOK, "form", s.organEditPage(c, &o))
}

// organSave answers POST /desk/organs/edit. The code stays once the organ is
// there; a new organ may not take one that is in use.
func (s *Server) organSave(c echo.Context) error {
	both := func(name string) portal.Text {
		return portal.Text{ZH: typed(c, name+"_zh"), EN: typed(c, name+"_en")}
	}
	order, _ := strconv.Atoi(typed(c, "order")) // 0 where none is given
	o := &portal.Organ{Code: portal.OrganCode(typed(c, "code")), Parent: portal.OrganCode(typed(c, "parent")), Kind: typed(c, "kind"), IndexPrefix: strings.ToUpper(typed(c, "index_prefix")),
		Name: both("name"), About: both("about"), Guide: both("guide"), Office: both("office"), Address: both("address"), Hours: both("hours"),
		Telephone: typed(c, "telephone"), Fax: typed(c, "fax"), Email: typed(c, "email"), Order: order}
	o.LetterMark, o.Payment = typed(c, "letter_mark"), typed(c, "payment")
	for _, e := range c.Request().PostForm["sign"] {
		o.Sign = append(o.Sign, clock.EventType(e))
	}
	by := actorOf(c)
	err := by.Need(portal.ManageOrgans, "")
	if id := c.QueryParam("id"); id != "" {
		o.Code = portal.OrganCode(id)
	} else if _, missing := s.Store.Organ(o.Code); missing == nil {
		err = &portal.Error{Kind: portal.Conflict, Key: "error.form", Problems: []portal.Problem{{Field: "code", Key: "error.code_taken"}}}
	}
	if err == nil {
		err = o.Validate()
	}
	if err == nil {
		err = s.Store.SaveOrgan(by, o, s.Now())
	}
	return s.afterEdit(c, s.organEditPage(c, o), err, "/desk/organs")
}

func (s *Server) deskPeople(c echo.Context) error {
	t := textsOf(c)
	people, err := s.Store.People()
	if err != nil {
		return err
	}
	p := deskListPage{base: s.deskBase(c, t.T("desk.people")), Add: s.BasePath + "/desk/people/edit", Heads: []string{t.T("people.name"), t.T("sign_in.login"), t.T("people.roles"), t.T("people.state")}}
	for _, x := range people {
		var roles []string
		for _, g := range x.Grants {
			r := t.T("role." + string(g.Role))
			if n := len(g.Organs); n > 0 {
				r += "（" + s.organName(g.Organs[0], t.Lang)
				if n > 1 {
					r += " +" + strconv.Itoa(n-1)
				}
				r += "）"
			}
			roles = append(roles, r)
		}
		state := t.T("people.open")
		if x.Disabled {
			state = t.T("people.closed")
		}
		p.Rows = append(p.Rows, deskRow{p.Add + "?id=" + string(x.Login), []string{x.Name, string(x.Login), strings.Join(roles, "；"), state}})
	}
	return s.render(c, http.StatusOK, "desk_list", p)
}

func (s *Server) personPage(c echo.Context, x *portal.Person) formPage {
	t := textsOf(c)
	var organs []portal.OrganCode
	var roles []option
	for _, r := range portal.Roles {
		chosen := slices.ContainsFunc(x.Grants, func(g portal.Grant) bool { return g.Role == r })
		roles = append(roles, option{string(r), t.T("role." + string(r)), chosen})
	}
	for _, g := range x.Grants {
		organs = append(organs, g.Organs...)
	}
	list := s.organChoices(t.Lang, nil)
	for i := range list {
		list[i].Chosen = slices.Contains(organs, portal.OrganCode(list[i].Value))
	}
	fields := []field{
		{Name: "login", Kind: "text", Label: t.T("sign_in.login"), Hint: t.T("people.login_hint"), Value: string(x.Login), Max: 40, Autocomplete: "off"},
		{Name: "name", Kind: "text", Label: t.T("people.name"), Value: x.Name, Max: 80, Autocomplete: "off"},
		{Name: "email", Kind: "email", Label: t.T("people.email"), Hint: t.T("people.email_hint"), Value: x.Email, Optional: true, Autocomplete: "off"},
		{Name: "role", Kind: "checkboxes", Label: t.T("people.roles"), Options: roles},
		{Name: "organs", Kind: "select", Multiple: true, Label: t.T("people.organs"), Hint: t.T("people.organs_hint"), Options: list, Optional: true},
		{Name: "password", Kind: "password", Label: t.T("sign_in.password"), Hint: t.T("people.password_hint", "Limit", people.MinPassword), Autocomplete: "new-password", Optional: c.QueryParam("id") != ""},
	}
	if c.QueryParam("id") != "" {
		fields = append(fields, field{Name: "disabled", Kind: "checkboxes", Label: t.T("people.state"), Optional: true, Options: []option{{"yes", t.T("people.close"), x.Disabled}}})
	}
	if f, err := s.Store.SecondFactor(x.Login); err == nil && f.Any() {
		fields = append(fields, field{Name: "drop_second", Kind: "checkboxes", Label: t.T("second.title"), Hint: t.T("people.drop_second_hint"), Optional: true, Options: []option{{"yes", t.T("people.drop_second"), false}}})
	}
	return s.editPage(c, t.T("people.edit"), "/desk/people", fields)
}

func (s *Server) personForm(c echo.Context) error {
	x := &portal.Person{}
	if id := c.QueryParam("id"); id != "" {
		var err error
		if x, err = s.Store.Person(portal.Login(id)); err != nil {
			return err
		}
	}
	return s.render(c, http.StatusOK, "form", s.personPage(c, x))
}

// personSave answers POST /desk/people/edit.
func (s *Server) personSave(c echo.Context) error {
	by := actorOf(c)
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	x := &portal.Person{Login: portal.Login(typed(c, "login")), Name: typed(c, "name"), Email: typed(c, "email"), Disabled: typed(c, "disabled") == "yes"}
	var organs []portal.OrganCode
	for _, o := range values["organs"] {
		if _, err := s.Store.Organ(portal.OrganCode(o)); err == nil {
			organs = append(organs, portal.OrganCode(o))
		}
	}
	for _, r := range values["role"] {
		g := portal.Grant{Role: portal.Role(r)}
		if g.Role != portal.Administrator {
			g.Organs = organs
		}
		x.Grants = append(x.Grants, g)
	}
	password := c.FormValue("password")
	if id := c.QueryParam("id"); id == "" {
		err = s.People.Add(by, x, password)
	} else {
		x.Login = portal.Login(id)
		err = s.People.Change(by, x.Login, x.Name, x.Email, x.Grants, x.Disabled)
		if err == nil && password != "" {
			err = s.People.SetPassword(by, x.Login, password)
		}
		if err == nil && typed(c, "drop_second") == "yes" {
			err = s.People.DropSecond(by, x.Login)
		}
	}
	return s.afterEdit(c, s.personPage(c, x), err, "/desk/people")
}

// auditPage is what desk_audit.html shows.
type auditPage struct {
	base
	Entries []portal.AuditEntry
	Older   string
}

func (s *Server) audit(c echo.Context) error {
	before, _ := strconv.ParseUint(c.QueryParam("before"), 10, 64) // 0 is the newest
	entries, err := s.Store.Audit(before, 100, c.QueryParam("object"))
	if err != nil {
		return err
	}
	p := auditPage{base: s.deskBase(c, textsOf(c).T("desk.audit")), Entries: entries}
	if len(entries) == 100 {
		p.Older = with(c, "before", strconv.FormatUint(entries[99].Seq, 10))
	}
	return s.render(c, http.StatusOK, "desk_audit", p)
}
