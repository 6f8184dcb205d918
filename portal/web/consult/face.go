// Package consult is the face of consultations and surveys.
package consult

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/consult"
	"gongkai/portal/web/gate"
	"gongkai/portal/web/page"
)

// Face is what people and departments see of consultations and surveys.
type Face struct {
	*page.Site
	*page.Uploads
	*gate.Gate
	Consultations consult.Consultations
	Store         Store
}

// Store is what it needs of the store.
type Store struct {
	page.Store
	page.Catalogue
}

// The face by whom its pages are for.
type (
	reading struct{ *Face } // everybody
	asking  struct{ *Face } // departments
)

// Routes names the addresses of this face, with who may use each.
func (s *Face) Routes(r page.Mount) {
	p, d := reading{s}, asking{s}
	r.Open.Get("/consultations", p.list, r.Cached, r.Page)
	r.Open.Get("/consultations/:id/result", p.result, r.Cached, r.Page)
	r.Visit.Get("/consultations/:id", p.consultation, r.Page)
	r.Visit.Post("/consultations/:id", p.say, r.Limited("comment", 10), r.Page)
	r.Open.Get("/consultations/:id/files/:file/:name", p.file, r.Limited("files", 240), r.Download)
	r.Open.Get("/surveys/:id", p.survey, r.Page)
	r.Open.Post("/surveys/:id", p.answer, r.Limited("survey", 10), r.Page)
	r.Open.Get("/surveys/:id/results", p.results, r.Page)

	w := portal.WriteDocuments
	r.Desk.See("GET", "/desk/consultations", w, d.list, r.Page)
	r.Desk.See("GET", "/desk/consultations/edit", w, d.form, r.Page)
	r.Desk.See("POST", "/desk/consultations/edit", w, d.save, r.Upload)
	r.Desk.See("GET", "/desk/consultations/:id", w, d.consultation, r.Page)
	r.Desk.See("POST", "/desk/consultations/:id/release", portal.ReviewDocuments, d.release, r.Fresh, r.Page)
	r.Desk.See("POST", "/desk/consultations/:id/paper", w, d.paper, r.Page)
	r.Desk.See("POST", "/desk/consultations/:id/decide", w, d.decide, r.Page)
	r.Desk.See("POST", "/desk/consultations/:id/finish", w, d.finish, r.Page)
	r.Desk.See("POST", "/desk/consultations/:id/publish", portal.ReviewDocuments, d.publish, r.Fresh, r.Page)
	r.Desk.See("GET", "/desk/surveys/edit", w, d.surveyForm, r.Page)
	r.Desk.See("POST", "/desk/surveys/edit", w, d.surveySave, r.Page)
	r.Desk.See("GET", "/desk/surveys/:id", w, d.survey, r.Page)
	r.Desk.See("POST", "/desk/surveys/:id/release", portal.ReviewDocuments, d.surveyRelease, r.Fresh, r.Page)
}

// listPage is what consultations.html shows.
type listPage struct {
	page.Base
	Open, Ahead, Closed, Done []*consult.Consultation
	Surveys                   []*consult.Survey
	Over                      []*consult.Survey
	Due                       func(*consult.Consultation) portal.Date
	Late                      func(*consult.Consultation) bool
}

// list answers GET /consultations.
func (s reading) list(c echo.Context) error {
	ctx, t := c.Request().Context(), page.TextsOf(c)
	p := listPage{Base: s.Base(c, t.T("consult.title")), Due: s.Consultations.ReportDue}
	p.Late = func(x *consult.Consultation) bool { return s.Today() > s.Consultations.ReportDue(x) }
	p.Section = "consult"
	p.Feeds = s.FeedRefs(c, url.Values{"kind": {consult.Kind.Code}}.Encode())
	all, err := s.Consultations.Store.All(ctx, func(x *consult.Consultation) bool { return x.Released != nil })
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b *consult.Consultation) int { return int(b.Closes - a.Closes) })
	for _, x := range all {
		list := map[string]*[]*consult.Consultation{consult.Open: &p.Open, consult.Ahead: &p.Ahead, consult.Closed: &p.Closed, consult.Done: &p.Done}[x.Phase(s.Today())]
		*list = append(*list, x)
	}
	surveys, err := s.Consultations.Surveys.All(ctx, func(x *consult.Survey) bool { return x.Released != nil })
	if err != nil {
		return err
	}
	slices.SortFunc(surveys, func(a, b *consult.Survey) int { return int(b.Closes - a.Closes) })
	for _, x := range surveys {
		if x.Phase(s.Today()) == consult.Closed {
			p.Over = append(p.Over, x)
		} else {
			p.Surveys = append(p.Surveys, x)
		}
	}
	return s.Render(c, http.StatusOK, "consultations", p)
}

// consultationPage is what consultation.html shows: a draft, and the form for a comment.
type consultationPage struct {
	page.Base
	Consultation *consult.Consultation
	Phase        string
	Articles     []consult.Article
	Form         page.Form
	Due          portal.Date // for the result
	Late         bool
}

// public loads what is public of a consultation.
func (s reading) public(c echo.Context) (*consult.Consultation, error) {
	x, err := s.Consultations.Store.Get(c.Request().Context(), c.Param("id"))
	if err == nil && x.Released == nil {
		err = portal.Missing()
	}
	return x, err
}

// consultation answers GET /consultations/{id}.
func (s reading) consultation(c echo.Context) error { return s.show(c, http.StatusOK, nil) }

func (s reading) show(c echo.Context, status int, wrong error) error {
	x, err := s.public(c)
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	p := consultationPage{Base: s.Base(c, x.Title), Consultation: x, Phase: x.Phase(s.Today()), Articles: x.Articles(), Due: s.Consultations.ReportDue(x)}
	p.Section, p.Flash, p.Late = "consult", s.Session.PopString(c.Request().Context(), "flash"), s.Today() > p.Due
	if p.Phase == consult.Open {
		p.Form = page.Form{Action: s.BasePath + "/consultations/" + x.ID + "#comment", Submit: t.T("consult.send"), Fields: commentFields(c, p.Articles, c.QueryParam("article"), t.T("consult.name_hint"))}
		if wrong != nil {
			wrong = p.Form.Again(c, wrong)
		}
	}
	if wrong != nil {
		return wrong
	}
	return s.Render(c, status, "consultation", p)
}

// commentFields are the fields of a comment.
func commentFields(c echo.Context, articles []consult.Article, chosen, hint string) []page.Field {
	t := page.TextsOf(c)
	options := []page.Option{{Label: t.T("consult.whole")}}
	for _, a := range articles {
		if a.Name != "" {
			options = append(options, page.Option{Value: a.Name, Label: a.Name})
		}
	}
	return []page.Field{
		{Name: "article", Kind: "select", Label: t.T("consult.article"), Options: options, Value: chosen, Optional: true},
		{Name: "text", Kind: "textarea", Label: t.T("consult.text"), Hint: t.T("mailbox.text_hint", "Limit", consult.MaxComment), Rows: 6, Max: consult.MaxComment},
		{Name: "name", Kind: "text", Label: t.T("mailbox.name"), Hint: hint, Max: portal.MaxName, Optional: true, Autocomplete: "name"},
		{Name: "phone", Kind: "tel", Label: t.T("apply.phone"), Optional: true, Autocomplete: "tel"},
		{Name: "named", Kind: "checkboxes", Label: t.T("consult.naming"), Optional: true, Options: []page.Option{{Value: "yes", Label: t.T("consult.named")}}}}
}

// typed reads a comment from a form.
func typed(c echo.Context) (*consult.Comment, consult.Commenter) {
	m := &consult.Comment{Article: page.Typed(c, "article"), Text: page.Typed(c, "text"), Named: page.Typed(c, "named")}
	return m, consult.Commenter{Name: page.Typed(c, "name"), Phone: page.Typed(c, "phone")}
}

// perDraft is how many comments on a draft are taken in a burst, and then in a minute, from
// browsers that have done no work for it.
const perDraft = 30

// say answers POST /consultations/{id}.
func (s reading) say(c echo.Context) error {
	if !s.Everybody("consultation "+c.Param("id"), perDraft) && !s.PassWithin(c, "consultation "+c.Param("id"), perDraft) {
		return s.TooOften(c)
	}
	m, who := typed(c)
	n, err := s.Consultations.Say(c.Request().Context(), c.Param("id"), m, who)
	if err != nil {
		return s.show(c, page.Statuses[page.Visible(err).Kind], err)
	}
	s.Flash(c, "consult.said", "Number", n)
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/consultations/"+c.Param("id"))
}

// file sends a file of a consultation.
func (s reading) file(c echo.Context) error {
	x, err := s.public(c)
	if err != nil {
		return err
	}
	if a := page.Attachment(x.Files, c.Param("file")); a != nil {
		return s.SendFile(c, *a, true)
	}
	return portal.Missing()
}

// resultPage is what consult_result.html shows: the report, which writes itself.
type resultPage struct {
	page.Base
	Consultation  *consult.Consultation
	Comments      []commentGroup
	Counts        consult.Counted
	Decisions     []page.FacetRow
	Before, After []page.Change
}

// commentGroup is comments that are alike, answered once.
type commentGroup struct {
	Article  string
	Comments []*consult.Comment
	Decision string
	Reason   string
}

func groups(lang string, list []*consult.Comment) []commentGroup {
	var out []commentGroup
	for i, m := range list {
		same := i > 0 && m.Group != "" && (m.Group == list[i-1].Group || m.Group == list[i-1].ID) && m.Article == list[i-1].Article && m.Decision == list[i-1].Decision && m.Reason == list[i-1].Reason
		if !same {
			g := commentGroup{Article: m.Article, Reason: m.Reason}
			if m.Decision != "" {
				g.Decision = portal.Named(consult.TermOf(consult.Rules.Decisions, m.Decision).Name, lang)
			}
			out = append(out, g)
		}
		g := &out[len(out)-1]
		g.Comments = append(g.Comments, m)
	}
	return out
}

// result answers GET /consultations/{id}/result.
func (s reading) result(c echo.Context) error {
	x, err := s.public(c)
	if err != nil {
		return err
	}
	if x.Report == nil {
		return portal.Missing()
	}
	list, err := s.Consultations.CommentsOf(c.Request().Context(), x)
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	p := resultPage{Base: s.Base(c, t.T("consult.result_of", "Title", x.Title)), Consultation: x, Comments: groups(t.Lang, list), Counts: consult.Count(list)}
	p.Section = "consult"
	for _, d := range consult.Rules.Decisions {
		p.Decisions = append(p.Decisions, page.FacetRow{Label: portal.Named(d.Name, t.Lang), N: p.Counts.By[d.Code]})
	}
	if x.Final != "" {
		p.Before, p.After = page.Differences(x.Draft, x.Final)
	}
	return s.Render(c, http.StatusOK, "consult_result", p)
}

// surveyPage is what survey.html shows.
type surveyPage struct {
	page.Base
	Survey *consult.Survey
	Phase  string
	Form   page.Form
}

func (s reading) publicSurvey(c echo.Context) (*consult.Survey, error) {
	x, err := s.Consultations.Surveys.Get(c.Request().Context(), c.Param("id"))
	if err == nil && x.Released == nil {
		err = portal.Missing()
	}
	return x, err
}

// survey answers GET /surveys/{id}.
func (s reading) survey(c echo.Context) error { return s.showSurvey(c, http.StatusOK, nil) }

func (s reading) showSurvey(c echo.Context, status int, wrong error) error {
	x, err := s.publicSurvey(c)
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	p := surveyPage{Base: s.Base(c, x.Title), Survey: x, Phase: x.Phase(s.Today())}
	p.Section = "consult"
	if p.Phase == consult.Open {
		p.Form = page.Form{Action: s.BasePath + "/surveys/" + x.ID, Submit: t.T("survey.send")}
		for i, q := range x.Questions {
			f := page.Field{Name: "q" + strconv.Itoa(i), Label: q.Text, Optional: true}
			switch q.Kind {
			case "one", "many":
				f.Kind = map[string]string{"one": "radios", "many": "checkboxes"}[q.Kind]
				for j, o := range q.Options {
					f.Options = append(f.Options, page.Option{Value: strconv.Itoa(j), Label: o})
				}
			case "scale":
				f.Kind = "radios"
				for n := 1; n <= 5; n++ {
					f.Options = append(f.Options, page.Option{Value: strconv.Itoa(n), Label: t.T("survey.point_" + strconv.Itoa(n))})
				}
			case "number":
				f.Kind = "number"
			default:
				f.Kind, f.Rows, f.Max, f.Hint = "textarea", 3, portal.MaxNote, t.T("survey.text_hint")
			}
			p.Form.Fields = append(p.Form.Fields, f)
		}
		if wrong != nil {
			wrong = p.Form.Again(c, wrong)
		}
	}
	if wrong != nil {
		return wrong
	}
	return s.Render(c, status, "survey", p)
}

// answer answers POST /surveys/{id}. One answer is told from another by the network and the
// browser that it comes from; of both nothing but a keyed hash is kept.
func (s reading) answer(c echo.Context) error {
	x, err := s.publicSurvey(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	var values [][]string
	for i := range x.Questions {
		values = append(values, form["q"+strconv.Itoa(i)])
	}
	err = s.Consultations.Answer(c.Request().Context(), x.ID, values, page.Network(c.RealIP()), c.Request().UserAgent())
	if err != nil {
		return s.showSurvey(c, page.Statuses[page.Visible(err).Kind], err)
	}
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/surveys/"+x.ID+"/results?answered=1") // without a session: no cookie
}

// resultsPage is what survey_results.html shows.
type resultsPage struct {
	page.Base
	Survey  *consult.Survey
	Results []consult.Result
	N       int
	Staff   bool
}

// results answers GET /surveys/{id}/results.
func (s reading) results(c echo.Context) error {
	x, err := s.publicSurvey(c)
	if err != nil {
		return err
	}
	t := page.TextsOf(c)
	p := resultsPage{Base: s.Base(c, t.T("survey.results_of", "Title", x.Title)), Survey: x}
	p.Section = "consult"
	if c.QueryParam("answered") != "" {
		p.Flash = t.T("survey.answered")
	}
	if p.Results, p.N, err = s.Consultations.Results(c.Request().Context(), x, false); err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "survey_results", p)
}
