package public

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// stylePage is what styleguide.html shows.
type stylePage struct {
	page.Base
	Form  page.Form
	Rows  []*portal.Listing
	Chart page.Chart
	Pager page.Pager
}

// styleguide answers GET /styleguide in the demonstration: every component as pages use it,
// out of the very templates that pages are made of.
func (s *Face) styleguide(c echo.Context) error {
	if !s.Demo {
		return portal.Missing()
	}
	t := page.TextsOf(c)
	p := stylePage{Base: s.Base(c, t.T("style.title")), Rows: s.Store.Browse(portal.Browse{Kind: "document", Page: 1, Size: 3}).Rows, Pager: page.Pager{Page: 2, Pages: 5, Previous: "?page=1", Next: "?page=3"}}
	p.Section, p.NoIndex = "help", true
	options := []page.Option{{Value: "a", Label: t.T("form.lang_zh"), Chosen: true}, {Value: "b", Label: t.T("form.lang_en")}}
	p.Form = page.Form{Action: s.BasePath + "/styleguide", Submit: t.T("form.save"), Fields: []page.Field{
		{Name: "style_text", Kind: "text", Label: t.T("style.text"), Hint: t.T("masthead.colour_hint"), Value: "#1a4b84"},
		{Name: "style_wrong", Kind: "text", Label: t.T("style.wrong"), Value: "#ffcc00", Error: t.T("error.colour")},
		{Name: "style_area", Kind: "textarea", Rows: 3, Label: t.T("style.area"), Optional: true},
		{Name: "style_select", Kind: "select", Label: t.T("style.choice"), Options: options, Value: "a"},
		{Name: "style_radios", Kind: "radios", Label: t.T("style.choice"), Options: options, Value: "b"},
		{Name: "style_checks", Kind: "checkboxes", Label: t.T("style.choice"), Options: options, Optional: true},
	}}
	year := s.yesterday().Year()
	st, err := s.pace(year)
	if err != nil {
		return err
	}
	p.Chart = s.applicationsChart(t, year, st)
	return s.Render(c, http.StatusOK, "styleguide", p)
}
