package page

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/rules"
)

// Column is a column of the site (栏目) as its tags describe it.
type Column struct {
	Path        string      `json:"path"` // of its pages, those below it included
	Of          string      `json:"of"`   // the column to which these pages belong, where they are none of their own
	Type        string      `json:"type"` // 栏目类型, a word of the standard
	Name        portal.Text `json:"name"`
	Description portal.Text `json:"description"`
	Keywords    portal.Text `json:"keywords"`
}

// columnList are the columns of the site in their order.
var columnList = rules.Read[struct {
	Columns []Column `json:"columns"`
}]("columns.json").Columns

// columns are the columns of the site by their paths.
var columns = func() map[string]Column {
	out := make(map[string]Column)
	for _, c := range columnList {
		out[c.Path] = c
	}
	for _, c := range columnList {
		if c.Of != "" {
			out[c.Path] = out[c.Of]
		}
	}
	return out
}()

// columnAt is the column of a page below the base path.
func columnAt(path string) Column {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if c, ok := columns["/"+first]; ok {
		return c
	}
	return columns["/help"]
}

// private are the pages that are for one person: nobody else is told of them.
var private = []string{"/desk", "/track/", "/opinion", "/alerts", "/mailbox/follow", "/mailbox/receipt", "/apply/receipt"}

// Article is what the head of a content page says of the record that it shows: the tags of
// 国办发〔2017〕47号 and Dublin Core.
type Article struct {
	*portal.Listing
	Source string // ContentSource: who published it
	Stamp  string // PubDate: "2006-01-02 15:04"
}

// describe fills in what the head of the page says: its column, its record, its address in
// both languages.
func (s *Site) describe(c echo.Context, b *Base) {
	r := c.Request()
	path := "/" + strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, s.BasePath), "/")
	b.Column = columnAt(path)
	b.Domain = Host(s.OriginOf(c))
	for _, p := range private {
		if strings.HasPrefix(path, p) {
			b.NoIndex = true
			return
		}
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		b.NoIndex = true
		return
	}
	b.Article = s.article(path)
	b.Canon = s.OriginOf(c) + r.URL.EscapedPath()
	if b.Article != nil {
		b.Canon = s.OriginOf(c) + s.Address(b.Article.Key)
	} else if q := chosen(c.QueryParams()); q != "" {
		b.Canon += "?" + q
	}
	switch {
	case b.Article != nil:
		b.Data = s.SchemaOf(c, b.Article.Listing)
	case path == "/":
		b.Data = s.siteData(c, b)
	}
}

// chosen are the parameters that make another page of an address: filters and the page's
// number, and neither the language nor where somebody came from.
func chosen(q url.Values) string {
	out := make(url.Values)
	for k, v := range q {
		switch k {
		case "organ", "theme", "genre", "item", "validity", "year", "kind", "type", "page", "q", "sort", "audience", "topic":
			if len(v) > 0 && v[0] != "" {
				out.Set(k, v[0])
			}
		}
	}
	return out.Encode()
}

// ListedAt is the record whose page a path below the base path is; nil for a list, for what is
// not public and for what was withdrawn.
func (s *Site) ListedAt(path string) *portal.Listing {
	key, ok := portal.KeyAt(path)
	if !ok {
		return nil
	}
	l := s.Public.Listings(key)[0]
	if l == nil || l.Withdrawn {
		return nil
	}
	return l
}

// article is what the head says of the record whose page a path is; nil for none.
func (s *Site) article(path string) *Article {
	l := s.ListedAt(path)
	if l == nil {
		return nil
	}
	a := &Article{Listing: l, Source: s.Masthead().Name.ZH, Stamp: s.stamp(l)}
	if len(l.Organs) > 0 {
		a.Source = s.OrganName(l.Organs[0], "zh")
	}
	return a
}

// stamp is when a record was published, as the tag PubDate writes it. What came from
// elsewhere has a day only.
func (s *Site) stamp(l *portal.Listing) string {
	if at := l.PublishedAt.In(s.Now().Location()); portal.DateOf(at) == l.Published {
		return at.Format("2006-01-02 15:04")
	}
	return l.Published.String() + " 00:00"
}

// Host is the host of an address.
func Host(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	return host
}

// InLang is an address in a language, whatever the reader's own.
func InLang(address, lang string) string {
	if strings.Contains(address, "?") {
		return address + "&lang=" + lang
	}
	return address + "?lang=" + lang
}

// schemas are the schema.org types of kinds of records; what is not named is a CreativeWork.
var schemas = map[string]string{"document": "DigitalDocument", "power": "GovernmentService", "report": "Report", "ledger": "Dataset", "entry": "Dataset", "gazette": "PublicationIssue", "answer": "QAPage"}

// legislation are the genres that make law.
var legislation = map[string]bool{"order": true, "decision": true, "resolution": true, "regulation": true}

// inForce says how schema.org names a validity.
var inForce = map[string]string{"in_force": "InForce", "expired": "NotInForce", "repealed": "NotInForce", "amended": "InForce"}

// SchemaOf describes a record in the words of schema.org.
func (s *Site) SchemaOf(c echo.Context, l *portal.Listing) map[string]any {
	kind := schemas[l.Kind]
	switch {
	case l.Kind == "document" && (legislation[l.Genre]):
		kind = "Legislation"
	case kind == "":
		kind = "CreativeWork"
	}
	d := map[string]any{"@context": "https://schema.org", "@type": kind, "@id": s.OriginOf(c) + s.Address(l.Key), "url": s.OriginOf(c) + s.Address(l.Key), "name": l.Title,
		"dateModified": l.ChangedAt.UTC().Format(time.RFC3339), "inLanguage": "zh-CN"}
	set := func(name, value string) {
		if value != "" {
			d[name] = value
		}
	}
	set("alternateName", l.TitleEN)
	set("description", l.Summary)
	set("keywords", strings.Join(l.Keywords, ","))
	set("identifier", l.Index)
	var organs []map[string]any
	for _, o := range l.Organs {
		organs = append(organs, map[string]any{"@type": "GovernmentOrganization", "name": s.OrganName(o, "zh"), "url": s.OriginOf(c) + s.BasePath + "/organs/" + url.PathEscape(string(o))})
	}
	if kind == "GovernmentService" {
		if organs != nil {
			d["provider"] = organs
		}
		delete(d, "dateModified") // none of a service
		delete(d, "inLanguage")
		delete(d, "keywords")
		return d
	}
	if l.Published != 0 {
		d["datePublished"] = l.Published.String()
	}
	if organs != nil {
		d["publisher"] = organs
	}
	if kind == "Legislation" {
		set("legislationIdentifier", l.Number)
		if l.Formed != 0 {
			d["legislationDate"] = l.Formed.String()
		}
		set("legislationLegalForce", inForce[l.Validity])
	}
	return d
}

// siteData describes the portal itself.
func (s *Site) siteData(c echo.Context, b *Base) any {
	home, m := s.OriginOf(c)+s.BasePath+"/", s.Masthead()
	org := map[string]any{"@type": "GovernmentOrganization", "name": portal.Named(m.Sponsor, b.Lang), "url": home}
	if m.Sponsor.ZH == "" {
		org["name"] = b.SiteName
	}
	if m.Telephone != "" {
		org["telephone"] = m.Telephone
	}
	return map[string]any{"@context": "https://schema.org", "@type": "WebSite", "name": b.SiteName, "url": home, "publisher": org,
		"potentialAction": map[string]any{"@type": "SearchAction", "target": map[string]any{"@type": "EntryPoint", "urlTemplate": s.OriginOf(c) + s.BasePath + "/search?q={q}"}, "query-input": "required name=q"}}
}

// OwnColumns are the columns of the site that have a page of their own, in their order.
func OwnColumns() []Column {
	return slices.DeleteFunc(slices.Clone(columnList), func(c Column) bool { return c.Of != "" })
}
