package desk

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/machines"
	"gongkai/portal/web/page"
)

// machinesPage is what desk_machines.html shows.
type machinesPage struct {
	page.Base
	Keys   []*machines.Key
	Hooks  []*machines.Hook
	Secret string // of the key or the hook that was just made; shown once
	Make   page.Form
	Add    page.Form
	Today  portal.Date
}

func (s *Face) machinesPage(c echo.Context) (machinesPage, error) {
	ctx, t := c.Request().Context(), page.TextsOf(c)
	p := machinesPage{Base: s.DeskBase(c, t.T("machines.title")), Today: s.Today()}
	var err error
	if p.Keys, err = s.Machines.Keys.All(ctx, nil); err != nil {
		return p, err
	}
	if p.Hooks, err = s.Machines.Hooks.All(ctx, nil); err != nil {
		return p, err
	}
	slices.SortFunc(p.Keys, func(a, b *machines.Key) int { return b.At.Compare(a.At) })
	slices.SortFunc(p.Hooks, func(a, b *machines.Hook) int { return b.At.Compare(a.At) })
	scopes := []page.Option{}
	for _, x := range machines.Scopes {
		scopes = append(scopes, page.Option{Value: string(x), Label: t.T("scope." + string(x)), Chosen: x == machines.Drafts})
	}
	p.Make = page.Form{Action: s.BasePath + "/desk/machines/keys", Submit: t.T("machines.make"), Fields: []page.Field{
		{Name: "name", Kind: "text", Label: t.T("machines.name"), Hint: t.T("machines.name_hint"), Max: portal.MaxName},
		{Name: "organs", Kind: "select", Multiple: true, Label: t.T("facet.organ"), Hint: t.T("machines.organs_hint"), Options: s.OrganChoices(t.Lang, nil)},
		{Name: "scopes", Kind: "checkboxes", Label: t.T("machines.scopes"), Hint: t.T("machines.scopes_hint"), Options: scopes},
		{Name: "days", Kind: "number", Label: t.T("machines.days"), Hint: t.T("machines.days_hint", "Limit", machines.MaxDays), Value: "365"},
	}}
	kinds := append([]page.Option{{Label: t.T("follow.any")}}, page.Choices(portal.ContentKinds, t.Lang, "")...)
	p.Add = page.Form{Action: s.BasePath + "/desk/machines/hooks", Submit: t.T("machines.add"), Fields: []page.Field{
		{Name: "url", Kind: "text", Label: t.T("machines.url"), Hint: t.T("machines.url_hint"), Max: portal.MaxLine},
		{Name: "kind", Kind: "select", Label: t.T("facet.kind"), Options: kinds, Optional: true},
	}}
	return p, nil
}

// machines answers GET /desk/machines: the keys and the hooks.
func (s *Face) machines(c echo.Context) error {
	p, err := s.machinesPage(c)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "desk_machines", p)
}

// made shows the page with a secret that is shown once, or a form again with what is wrong.
func (s *Face) made(c echo.Context, secret string, err error, form func(*machinesPage) *page.Form) error {
	p, failed := s.machinesPage(c)
	if failed != nil {
		return failed
	}
	p.Secret = secret
	c.Response().Header().Set("Cache-Control", "no-store")
	if err == nil {
		return s.Render(c, http.StatusOK, "desk_machines", p)
	}
	if bad := form(&p).Again(c, err); bad != nil {
		return bad
	}
	return s.Render(c, page.Statuses[page.Visible(err).Kind], "desk_machines", p)
}

// keyMake answers POST /desk/machines/keys.
func (s *Face) keyMake(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	var organs []portal.OrganCode
	for _, o := range values["organs"] {
		organs = append(organs, portal.OrganCode(o))
	}
	var scopes []machines.Scope
	for _, x := range values["scopes"] {
		scopes = append(scopes, machines.Scope(x))
	}
	_, secret, err := s.Machines.Make(c.Request().Context(), page.ActorOf(c), page.Typed(c, "name"), organs, scopes, page.Atoi(page.Typed(c, "days")))
	return s.made(c, secret, err, func(p *machinesPage) *page.Form { return &p.Make })
}

// hookAdd answers POST /desk/machines/hooks.
func (s *Face) hookAdd(c echo.Context) error {
	ctx := c.Request().Context()
	h, err := s.Machines.AddHook(ctx, page.ActorOf(c), page.Typed(c, "url"), page.Typed(c, "kind"))
	secret := ""
	if err == nil {
		secret, err = s.Machines.SecretOf(ctx, h.ID)
	}
	return s.made(c, secret, err, func(p *machinesPage) *page.Form { return &p.Add })
}

// machineSet answers POST /desk/machines/{what}/{id}/{do}: a key is revoked, a hook ends or
// begins again.
func (s *Face) machineSet(c echo.Context) error {
	ctx, by, id := c.Request().Context(), page.ActorOf(c), c.Param("id")
	var err error
	switch strings.Join([]string{c.Param("what"), c.Param("do")}, "/") {
	case "keys/revoke":
		err = s.Machines.Revoke(ctx, by, id)
	case "hooks/off":
		err = s.Machines.SetHook(ctx, by, id, false)
	case "hooks/on":
		err = s.Machines.SetHook(ctx, by, id, true)
	default:
		err = portal.Missing()
	}
	if err != nil {
		return err
	}
	s.Flash(c, "form.saved")
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/machines")
}
