package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/people"
	"gongkai/portal/web/page"
)

func (s records) deskPeople(c echo.Context) error {
	t := page.TextsOf(c)
	people, err := s.Store.People(c.Request().Context())
	if err != nil {
		return err
	}
	p := deskListPage{Base: s.DeskBase(c, t.T("desk.people")), Add: s.BasePath + "/desk/people/edit", Heads: []string{t.T("people.name"), t.T("sign_in.login"), t.T("people.roles"), t.T("people.state")}}
	for _, x := range people {
		var roles []string
		for _, g := range x.Grants {
			r := t.T("role." + string(g.Role))
			if n := len(g.Organs); n > 0 {
				r += "（" + s.OrganName(g.Organs[0], t.Lang)
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
	return s.Render(c, http.StatusOK, "desk_list", p)
}

func (s records) personPage(c echo.Context, x *portal.Person, seen portal.Revision) page.FormPage {
	t := page.TextsOf(c)
	var organs []portal.OrganCode
	var roles []page.Option
	for _, r := range portal.Roles {
		chosen := slices.ContainsFunc(x.Grants, func(g portal.Grant) bool { return g.Role == r })
		roles = append(roles, page.Option{Value: string(r), Label: t.T("role." + string(r)), Chosen: chosen})
	}
	for _, g := range x.Grants {
		organs = append(organs, g.Organs...)
	}
	list := s.OrganChoices(t.Lang, nil)
	for i := range list {
		list[i].Chosen = slices.Contains(organs, portal.OrganCode(list[i].Value))
	}
	fields := []page.Field{
		{Name: "login", Kind: "text", Label: t.T("sign_in.login"), Hint: t.T("people.login_hint"), Value: string(x.Login), Max: 40, Autocomplete: "off"},
		{Name: "name", Kind: "text", Label: t.T("people.name"), Value: x.Name, Max: 80, Autocomplete: "off"},
		{Name: "email", Kind: "email", Label: t.T("people.email"), Hint: t.T("people.email_hint"), Value: x.Email, Optional: true, Autocomplete: "off"},
		{Name: "role", Kind: "checkboxes", Label: t.T("people.roles"), Options: roles},
		{Name: "organs", Kind: "select", Multiple: true, Label: t.T("people.organs"), Hint: t.T("people.organs_hint"), Options: list, Optional: true},
		{Name: "password", Kind: "password", Label: t.T("sign_in.password"), Hint: t.T("people.password_hint", "Limit", people.MinPassword), Autocomplete: "new-password", Optional: c.QueryParam("id") != ""},
	}
	if c.QueryParam("id") != "" {
		fields = append(fields, page.Field{Name: "disabled", Kind: "checkboxes", Label: t.T("people.state"), Optional: true, Options: []page.Option{{Value: "yes", Label: t.T("people.close"), Chosen: x.Disabled}}})
	}
	if f, err := s.Store.SecondFactor(c.Request().Context(), x.Login); err == nil && f.Any() {
		fields = append(fields, page.Field{Name: "drop_second", Kind: "checkboxes", Label: t.T("second.title"), Hint: t.T("people.drop_second_hint"), Optional: true, Options: []page.Option{{Value: "yes", Label: t.T("people.drop_second"), Chosen: false}}})
	}
	return s.EditPage(c, t.T("people.edit"), "/desk/people", seen, fields)
}

func (s records) personForm(c echo.Context) error {
	x, seen := &portal.Person{}, portal.Absent
	if id := c.QueryParam("id"); id != "" {
		var err error
		if x, err = s.Store.Person(c.Request().Context(), portal.Login(id)); err != nil {
			return err
		}
		seen = portal.RevisionOf(x)
	}
	return s.Render(c, http.StatusOK, "form", s.personPage(c, x, seen))
}

// personSave answers POST /desk/people/edit.
func (s records) personSave(c echo.Context) error {
	by := page.ActorOf(c)
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	x := &portal.Person{Login: portal.Login(page.Typed(c, "login")), Name: page.Typed(c, "name"), Email: page.Typed(c, "email"), Disabled: page.Typed(c, "disabled") == "yes"}
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
		err = s.People.Add(c.Request().Context(), by, x, password)
	} else {
		x.Login = portal.Login(id)
		err = s.People.Change(c.Request().Context(), by, x.Login, page.SeenOf(c), x.Name, x.Email, x.Grants, x.Disabled)
		if err == nil && password != "" {
			err = s.People.SetPassword(c.Request().Context(), by, x.Login, password)
		}
		if err == nil && page.Typed(c, "drop_second") == "yes" {
			err = s.People.DropSecond(c.Request().Context(), by, x.Login)
		}
	}
	return s.AfterEdit(c, s.personPage(c, x, page.SeenOf(c)), err, "/desk/people", "person/"+string(x.Login), func() (page.FormPage, error) {
		now, err := s.Store.Person(c.Request().Context(), x.Login)
		if err != nil {
			return page.FormPage{}, err
		}
		return s.personPage(c, now, portal.RevisionOf(now)), nil
	})
}
