package api

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
	"github.com/swaggest/openapi-go"
	"github.com/swaggest/openapi-go/openapi31"

	"gongkai/portal"
	"gongkai/portal/machines"
	"gongkai/portal/web/page"
)

// endpoint is an address of the API: what answers it and what describes it stand in one
// row, so that the description cannot say something else.
type endpoint struct {
	Method, Path string
	Summary      string
	In           any // its parameters
	Out          any // its answer
	Kept         bool
	answer       echo.HandlerFunc
	Scope        machines.Scope // of the key that it needs; "" for none
	Files        bool           // it brings files
}

// filters narrow a list of records.
type filters struct {
	Kind     string `query:"kind" description:"Kind of record: document, power, report, answer, letter, entry …"`
	Organ    string `query:"organ" description:"Code of a government body, of /api/v1/organs"`
	Theme    string `query:"theme" description:"Code of the list of themes"`
	Genre    string `query:"genre" description:"Code of the list of genres"`
	Item     string `query:"item" description:"Item of Article 20"`
	Validity string `query:"validity" enum:"in_force,amended,repealed,expired"`
	Year     int    `query:"year" description:"Year of publication"`
}

type listQuery struct {
	filters
	Cursor string `query:"cursor" description:"Where the page before ended: next of its answer"`
	Size   int    `query:"size" minimum:"1" maximum:"100" default:"20"`
}

type pageQuery struct {
	filters
	Sort string `query:"sort" enum:"oldest,title,index,changed"`
	Page int    `query:"page" minimum:"1" maximum:"500"`
	Size int    `query:"size" minimum:"1" maximum:"100" default:"20"`
}

type searchQuery struct {
	filters
	Q     string `query:"q" required:"true" maxLength:"300" description:"Words, with the operators of /help/search"`
	Sort  string `query:"sort" enum:"relevance,date"`
	Page  int    `query:"page" minimum:"1" maximum:"500"`
	Size  int    `query:"size" minimum:"1" maximum:"100" default:"20"`
	After string `query:"after" description:"next of the answer before"`
	Exact string `query:"exact" enum:"1" description:"1 for no correction of what was typed"`
	From  string `query:"from" format:"date"`
	To    string `query:"to" format:"date"`
}

type idPath struct {
	ID string `path:"id"`
}

type keyPath struct {
	Kind string `path:"kind"`
	ID   string `path:"id"`
}

type codePath struct {
	Code string `path:"code"`
}

// recordList is a page of GET /api/v1/records.
type recordList struct {
	Total   int               `json:"total"`
	Next    string            `json:"next,omitempty"` // cursor of the next page
	Records []page.ApiListing `json:"records"`
}

// record is GET /api/v1/records/{kind}/{id}.
type record struct {
	page.ApiListing
	Schema map[string]any `json:"schema_org"`
}

// organOut is a government body.
type organOut struct {
	Code      string      `json:"code"`
	Name      portal.Text `json:"name"`
	Kind      string      `json:"kind"`
	Parent    string      `json:"parent,omitempty"`
	Successor string      `json:"successor,omitempty"`
	Address   portal.Text `json:"address"`
	Hours     portal.Text `json:"hours"`
	Telephone string      `json:"telephone,omitempty"`
	Email     string      `json:"email,omitempty"`
	URL       string      `json:"url"`
}

type organList struct {
	Organs []organOut `json:"organs"`
}

// termOut is an entry of a classification list.
type termOut struct {
	Code string      `json:"code"`
	Name portal.Text `json:"name"`
}

type termList struct {
	Name   string    `json:"name"`
	Source string    `json:"source"`
	Terms  []termOut `json:"terms"`
}

// problemOut is a problem document (RFC 9457).
type problemOut struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}

// endpoints are all of them.
func (s *Face) endpoints() []endpoint {
	return []endpoint{
		{"GET", "/api/v1/search", "Search everything public", searchQuery{}, apiFound{}, false, s.apiSearch, "", false},
		{"GET", "/api/v1/passages", "The best passages whole, several of one record if need be", searchQuery{}, passagesOut{}, false, s.apiPassages, "", false},
		{"GET", "/api/v1/records", "List public records of any kind, newest first, page by page by cursor", listQuery{}, recordList{}, true, s.records, "", false},
		{"GET", "/api/v1/records/{kind}/{id}", "One public record; 410 if it was withdrawn", keyPath{}, record{}, true, s.record, "", false},
		{"GET", "/api/v1/documents", "A page of the disclosure catalogue, with the counts of each facet", pageQuery{}, documentsOut{}, true, s.apiDocuments, "", false},
		{"GET", "/api/v1/documents/{id}", "One document with its text; 410 with the reason if it was withdrawn", idPath{}, documentOut{}, true, s.apiDocument, "", false},
		{"GET", "/api/v1/organs", "The government bodies", nil, organList{}, true, s.organs, "", false},
		{"GET", "/api/v1/organs/{code}", "One government body", codePath{}, organOut{}, true, s.organ, "", false},
		{"GET", "/api/v1/lists/{code}", "A classification list: themes, genres, items, validities, kinds, power_types, outcomes", codePath{}, termList{}, true, s.list, "", false},
		{"POST", "/api/v1/deadline", "The clock of a case: what falls due when, and why", nil, map[string]any{}, false, s.apiDeadline, "", false},
		{"POST", "/api/v1/drafts", "Hand in a draft; with an Idempotency-Key a repeated request makes one", draftIn{}, draftOut{}, false, s.pushDraft, machines.Drafts, false},
		{"GET", "/api/v1/drafts/{id}", "How a draft stands", idPath{}, draftOut{}, false, s.pushedDraft, machines.Drafts, false},
		{"POST", "/api/v1/drafts/{id}/files", "Attach files to a draft (multipart/form-data, field files)", filesIn{}, draftOut{}, false, s.pushFiles, machines.Drafts, true},
		{"POST", "/api/v1/drafts/{id}/submit", "Hand a draft in for review", idPath{}, draftOut{}, false, s.pushSubmit, machines.Submit, false},
	}
}

// Routes names the addresses of this face, with who may use each.
func (s *Face) Routes(r page.Mount) {
	for _, e := range s.endpoints() {
		m := []echo.MiddlewareFunc{cors, r.Limited("api", 240)}
		if e.Scope != "" {
			m = []echo.MiddlewareFunc{r.Limited("push", 120), s.keyed(e.Scope)}
		}
		if e.Kept {
			m = append(m, r.Cached)
		}
		path := strings.NewReplacer("{", ":", "}", "").Replace(e.Path)
		bounds := r.Page
		if e.Files {
			bounds = r.Upload
		}
		if m = append(m, bounds); e.Method == http.MethodGet {
			r.Open.Get(path, e.answer, m...)
		} else {
			r.Open.Post(path, e.answer, m...)
		}
	}
	r.Open.Get("/api/v1/openapi.json", s.openAPI, cors, r.Cached, r.Page)
	r.Open.Get("/api/v1", s.index, cors, r.Cached, r.Page)
	r.Open.Get("/api/v1/", s.index, cors, r.Cached, r.Page)
}

// cors lets pages of other sites read what is public. They bring no cookie of ours.
func cors(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", "ETag, Link, Retry-After, RateLimit, RateLimit-Policy")
		return next(c)
	}
}

// apiPage is what api.html shows: the description for people.
type apiPage struct {
	page.Base
	Endpoints []endpointShown
}

// endpointShown is an endpoint with its parameters.
type endpointShown struct {
	endpoint
	Parameters []parameter
}

type parameter struct{ Name, Where, Type, Text string }

// index answers GET /api/v1/: the description of the API for people.
func (s *Face) index(c echo.Context) error {
	p := apiPage{Base: s.Base(c, page.TextsOf(c).T("api.title"))}
	p.Section = "help"
	spec, err := s.described()
	if err != nil {
		return err
	}
	for _, e := range s.endpoints() {
		x := endpointShown{endpoint: e}
		item := spec.Spec.Paths.MapOfPathItemValues[e.Path]
		op := item.Get
		if e.Method == http.MethodPost {
			op = item.Post
		}
		if op == nil {
			continue
		}
		for _, v := range op.Parameters {
			if v.Parameter == nil {
				continue
			}
			y := parameter{Name: v.Parameter.Name, Where: string(v.Parameter.In)}
			if v.Parameter.Description != nil {
				y.Text = *v.Parameter.Description
			}
			if t, ok := v.Parameter.Schema["type"].(string); ok {
				y.Type = t
			}
			if list, ok := v.Parameter.Schema["enum"].([]any); ok {
				var words []string
				for _, w := range list {
					if w, ok := w.(string); ok {
						words = append(words, w)
					}
				}
				y.Type = strings.Join(words, " | ")
			}
			x.Parameters = append(x.Parameters, y)
		}
		p.Endpoints = append(p.Endpoints, x)
	}
	return s.Render(c, http.StatusOK, "api", p)
}

// describe makes the description of the API from the table of endpoints.
func (s *Face) describe() (*openapi31.Reflector, error) {
	r := openapi31.NewReflector()
	r.Spec.Info.WithTitle("Gongkai 公开: what is public, for programs").WithVersion("1").WithDescription("Everything public can be read without a key. Errors are problem documents (RFC 9457). Answers have ETags; requests are limited by network, and a refusal says in Retry-After when to come again.")
	r.Spec.Security = []map[string][]string{{}} // nothing is needed, but where an operation says so
	r.Spec.SetHTTPBearerTokenSecurity("key", "", "A key that an administrator makes for a department's system")
	for _, e := range s.endpoints() {
		op, err := r.NewOperationContext(e.Method, e.Path)
		if err != nil {
			return nil, err
		}
		op.SetSummary(e.Summary)
		op.SetID(strings.ToLower(e.Method) + strings.NewReplacer("/api/v1", "", "/{", "_", "}", "", "/", "_").Replace(e.Path))
		if e.Scope != "" {
			op.AddSecurity("key", string(e.Scope))
			op.AddRespStructure(problemOut{}, openapi.WithHTTPStatus(http.StatusUnauthorized), openapi.WithContentType("application/problem+json"))
		}
		if e.Path == "/api/v1/drafts" {
			op.AddRespStructure(e.Out, openapi.WithHTTPStatus(http.StatusCreated))
		}
		if e.In != nil {
			op.AddReqStructure(e.In)
		}
		op.AddRespStructure(e.Out, openapi.WithHTTPStatus(http.StatusOK))
		for _, status := range []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests} {
			op.AddRespStructure(problemOut{}, openapi.WithHTTPStatus(status), openapi.WithContentType("application/problem+json"))
		}
		if strings.Contains(e.Path, "{") {
			op.AddRespStructure(problemOut{}, openapi.WithHTTPStatus(http.StatusNotFound), openapi.WithContentType("application/problem+json"))
		}
		if err := r.AddOperation(op); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// openAPI answers GET /api/v1/openapi.json.
func (s *Face) openAPI(c echo.Context) error {
	r, err := s.described()
	if err != nil {
		return err
	}
	spec := *r.Spec
	spec.WithServers(openapi31.Server{URL: s.OriginOf(c) + s.BasePath})
	b, err := spec.MarshalJSON()
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "application/json; charset=utf-8", b)
}

// records answers GET /api/v1/records.
func (s *Face) records(c echo.Context) error {
	b, err := page.BrowseOf(c)
	if err != nil {
		return err
	}
	size, after := b.Size, portal.Key{}
	if v := c.QueryParam("cursor"); v != "" {
		raw, err := base64.RawURLEncoding.DecodeString(v)
		if after = portal.ParseKey(string(raw)); err != nil || portal.KindNamed(after.Kind).Code == "" {
			return portal.Wrong("cursor", "error.cursor", nil)
		}
	}
	b.Page, b.Size = 1, portal.Everything
	list := s.Store.Browse(b)
	rows := list.Rows
	if after.Kind != "" {
		at := -1
		for i, l := range rows {
			if l.Key == after {
				at = i
				break
			}
		}
		if at < 0 { // the record was withdrawn since: begin again
			return portal.Wrong("cursor", "error.cursor", nil)
		}
		rows = rows[at+1:]
	}
	out := recordList{Total: list.Total, Records: make([]page.ApiListing, 0, size)}
	more := len(rows) > size
	for _, l := range rows[:min(size, len(rows))] {
		out.Records = append(out.Records, s.ApiListing(c, l))
	}
	if more {
		out.Next = base64.RawURLEncoding.EncodeToString([]byte(rows[size-1].Key.String()))
		q := c.QueryParams()
		next := url.Values{}
		for k, v := range q {
			if k != "cursor" && len(v) > 0 {
				next.Set(k, v[0])
			}
		}
		next.Set("cursor", out.Next)
		next.Set("size", strconv.Itoa(size))
		c.Response().Header().Set("Link", "<"+s.OriginOf(c)+c.Request().URL.Path+"?"+next.Encode()+`>; rel="next"`)
	}
	return c.JSON(http.StatusOK, out)
}

// record answers GET /api/v1/records/{kind}/{id}.
func (s *Face) record(c echo.Context) error {
	l := s.Store.Known(portal.Key{Kind: c.Param("kind"), ID: c.Param("id")})[0]
	if l == nil {
		return portal.Missing()
	}
	if l.Withdrawn {
		s.ShowProblem(c, http.StatusGone, portal.Error{Key: "error.withdrawn", Args: portal.Args{"Reason": l.Reason}})
		return nil
	}
	return c.JSON(http.StatusOK, record{s.ApiListing(c, l), s.SchemaOf(c, l)})
}

func (s *Face) organOf(c echo.Context, o portal.Organ) organOut {
	return organOut{string(o.Code), o.Name, o.Kind, string(o.Parent), string(o.Successor), o.Address, o.Hours, o.Telephone, o.Email, s.OriginOf(c) + s.BasePath + "/organs/" + url.PathEscape(string(o.Code))}
}

// organs answers GET /api/v1/organs.
func (s *Face) organs(c echo.Context) error {
	out := organList{Organs: []organOut{}}
	for _, o := range s.Store.Organs() {
		out.Organs = append(out.Organs, s.organOf(c, o))
	}
	return c.JSON(http.StatusOK, out)
}

// organ answers GET /api/v1/organs/{code}.
func (s *Face) organ(c echo.Context) error {
	o, err := s.Store.Organ(portal.OrganCode(c.Param("code")))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, s.organOf(c, o))
}

// lists are the classification lists that records refer to.
var lists = map[string]*portal.List{"themes": portal.Themes, "genres": portal.Genres, "items": portal.Items, "validities": portal.Validities, "kinds": portal.ContentKinds, "power_types": portal.PowerTypes, "outcomes": portal.Outcomes}

// list answers GET /api/v1/lists/{code}.
func (s *Face) list(c echo.Context) error {
	l := lists[c.Param("code")]
	if l == nil {
		return portal.Missing()
	}
	out := termList{Name: l.Name, Source: l.Source, Terms: []termOut{}}
	for _, t := range l.Terms {
		out.Terms = append(out.Terms, termOut{t.Code, t.Name})
	}
	return c.JSON(http.StatusOK, out)
}

// New makes the face.
func New(f Face) *Face {
	s := &f
	s.described = sync.OnceValues(s.describe)
	return s
}
