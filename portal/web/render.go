package web

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/net/html"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/letter"
	"gongkai/portal/locale"
	"gongkai/portal/text"
	"gongkai/static"
)

//go:embed templates/*.html
var templateFS embed.FS

// pages holds every page parsed, by language and name. Nothing in it
// changes after the start.
type pages map[string]map[string]*template.Template

// parsePages parses each page once for each language, with functions that
// speak that language.
func (s *Server) parsePages() (pages, error) {
	names, err := fs.Glob(templateFS, "templates/*.html")
	if err != nil {
		return nil, err
	}
	ps := make(pages)
	for _, lang := range locale.Langs {
		ps[lang] = make(map[string]*template.Template)
		for _, file := range names {
			name := strings.TrimSuffix(path.Base(file), ".html")
			if name == "layout" || name == "parts" {
				continue
			}
			t, err := template.New("layout.html").Funcs(s.funcs(lang)).ParseFS(templateFS, "templates/layout.html", "templates/parts.html", file)
			if err != nil {
				return nil, fmt.Errorf("parsing page %s in %s: %w", name, lang, err)
			}
			ps[lang][name] = t
		}
	}
	return ps, nil
}

func (s *Server) funcs(lang string) template.FuncMap {
	t := locale.In(lang)
	return template.FuncMap{
		"t": t.T,
		"to": func(parts ...any) string { // an address below the base path
			var b strings.Builder
			b.WriteString(s.BasePath)
			for _, p := range parts {
				fmt.Fprint(&b, p)
			}
			return b.String()
		},
		"static":  func(name string) string { return s.BasePath + "/static/" + static.Sum() + "/" + name },
		"date":    t.Date,
		"problem": func(p portal.Problem) string { return t.Args(p.Key, p.Args) },
		"in":      func(x portal.Text) string { return portal.Named(x, lang) },
		"organ":   func(code portal.OrganCode) string { return s.organName(code, lang) },
		"theme":   func(code string) string { return term(portal.Themes, code, lang) },
		"genre":   func(code string) string { return term(portal.Genres, code, lang) },
		"item":    func(code string) string { return term(portal.Items, code, lang) },
		"mode":    func(code string) string { return term(portal.Modes, code, lang) },
		"valid":   func(code string) string { return term(portal.Validities, code, lang) },
		"ptype":   func(code string) string { return term(portal.PowerTypes, code, lang) },
		"outcome": func(code string) string {
			return term(portal.Outcomes, code, lang)
		},
		"channel":  func(code string) string { return term(portal.Channels, code, lang) },
		"kind":     func(code string) string { return term(portal.ContentKinds, code, lang) },
		"markdown": markdown,
		"spans":    func(written string, words []string) []text.Span { return text.Mark(written, words) },
		"size":     fileSize,
		"add":      func(a, b int) int { return a + b },
		"query":    url.QueryEscape,
		"list":     func(v ...any) []any { return v },
		"mul":      func(a, b int) int { return a * b },
		"neg":      func(n int) int { return -n },
		"deref":    func(n *int) int { return *n },
		"record":   func(k portal.Key) string { return strings.TrimPrefix(s.address(k), s.BasePath) },
		"title": func(l *portal.Listing) string {
			return portal.Named(portal.Text{ZH: l.Title, EN: l.TitleEN}, lang)
		},
		"when":    func(x time.Time) string { return t.Date(portal.DateOf(x.In(s.Now().Location()))) },
		"stamp":   func(x time.Time) string { return x.In(s.Now().Location()).Format("2006-01-02 15:04:05") },
		"weekday": func(d portal.Date) string { return weekday(d, lang) },
		"pathesc": url.PathEscape,
		"safeurl": func(s string) template.URL { return template.URL(s) }, // of pictures that were made here
		"body": func(text string, words ...[]string) template.HTML {
			return s.body(text, slices.Concat(words...)...)
		},
		"remedy": func(a *cases.Application, code string) string {
			return cases.Remedy(code, a.ClosedOn(), cases.Authority(s.Store.Organ, a.Organ, lang), lang)
		},
		"recordoutcome": func(code string) string { return term(portal.RecordOutcomes, code, lang) },
		"opinionname":   func(code string) string { return term(portal.Opinions, code, lang) },
		"reviewkind":    func(code string) string { return term(portal.ReviewKinds, code, lang) },
		"reviewresult":  func(code string) string { return term(portal.ReviewResults, code, lang) },
		"reviewresults": func() (out []string) {
			for _, x := range portal.ReviewResults.Terms {
				out = append(out, portal.Named(x.Name, lang))
			}
			return out
		},
		"lettername": func(code string) string {
			if k := cases.LetterKindByCode(code); k != nil {
				return portal.Named(k.Name, lang)
			}
			return code
		},
		"plainletter": letter.Printer{}.Plain,
		"chargeunit":  func(c *cases.Charge) string { return c.Unit(lang) },
		"yuan":        cases.Yuan,
		"month":       func(d portal.Date) string { return d.Time().Format("2006-01") },
		"person":      s.personName,
		"scoped":      scoped,
		"idpicture":   func(who *cases.Applicant) template.URL { return idFile(who, "image/") },
		"idpdf":       func(who *cases.Applicant) template.URL { return idFile(who, "application/pdf") },
		"formname": func(code string) string {
			return term(portal.Forms, code, lang)
		},
		"deliveryname":  func(code string) string { return term(portal.Deliveries, code, lang) },
		"applicantname": func(code string) string { return term(portal.Applicants, code, lang) },
	}
}

func term(l *portal.List, code, lang string) string {
	if code == "" {
		return ""
	}
	return portal.Named(l.Term(code).Name, lang)
}

func (s *Server) organName(code portal.OrganCode, lang string) string {
	o, err := s.Store.Organ(code)
	if err != nil {
		return string(code)
	}
	return portal.Named(o.Name, lang)
}

// personName is how staff see each other: by name.
func (s *Server) personName(l portal.Login) string {
	if p, err := s.Store.Person(l); err == nil && p.Name != "" {
		return p.Name
	}
	return string(l)
}

// scoped gives the fields of a case's form names of their own in the page.
func scoped(f caseForm) form {
	out := f.form
	out.Fields = slices.Clone(f.Fields)
	for i := range out.Fields {
		out.Fields[i].Scope = f.Name + "-"
	}
	return out
}

// idFile puts a proof of identity of a kind inside the page: it has no address
// of its own.
func idFile(who *cases.Applicant, kind string) template.URL {
	if found := http.DetectContentType(who.IDFile); strings.HasPrefix(found, kind) {
		return template.URL("data:" + found + ";base64," + base64.StdEncoding.EncodeToString(who.IDFile)) // found in its bytes to be of the kind
	}
	return ""
}

func fileSize(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

var (
	markdownParser = goldmark.New(goldmark.WithExtensions(extension.Table))
	cleaner        = bluemonday.UGCPolicy()
)

// markdown renders a body. The result is cleaned of everything but plain
// formatting, whatever the text holds; laws keep their line breaks.
func markdown(text string) template.HTML {
	var b bytes.Buffer
	if err := markdownParser.Convert([]byte(tame(text)), &b); err != nil {
		return template.HTML("<p>" + template.HTMLEscapeString(text) + "</p>")
	}
	return template.HTML(cleaner.SanitizeBytes(b.Bytes())) // cleaned by bluemonday just here
}

// Bounds on what a text asks of the parser, whose work grows with the square of
// them. No text that people write comes near.
const (
	maxNested   = 20   // quotes and lists in one another, on one line
	maxBrackets = 1000 // links that are begun in one paragraph
	maxDefined  = 500  // lines that define a link
)

// noLinks takes from brackets what makes them links.
var noLinks = strings.NewReplacer("[", "&#91;", "]", "&#93;")

// tame takes the meaning from marks that are over those bounds: they are shown
// as they were typed.
func tame(text string) string {
	var b strings.Builder
	brackets, defined := 0, 0
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			brackets = 0
		}
		at, depth := 0, 0
		for at < len(line) {
			n := marker(line[at:])
			if n == 0 {
				break
			}
			if depth++; depth > maxNested {
				line = line[:at] + "\\" + strings.TrimLeft(line[at:], " \t")
				break
			}
			at += n
		}
		if strings.HasPrefix(strings.TrimLeft(line, " >"), "[") && strings.Contains(line, "]:") {
			if defined++; defined > maxDefined {
				line = noLinks.Replace(line)
			}
		}
		if n := strings.Count(line, "["); brackets+n > maxBrackets {
			line = noLinks.Replace(line)
		} else {
			brackets += n
		}
		b.WriteString(line)
	}
	return b.String()
}

// marker is the length of a mark at the beginning of a line that puts what
// follows into a quote or a list; 0 for none.
func marker(line string) int {
	at := len(line) - len(strings.TrimLeft(line, " \t"))
	rest := line[at:]
	digits := 0
	for digits < len(rest) && digits < 9 && rest[digits] >= '0' && rest[digits] <= '9' {
		digits++
	}
	switch {
	case strings.HasPrefix(rest, ">"):
		return at + 1
	case strings.HasPrefix(rest, "- "), strings.HasPrefix(rest, "* "), strings.HasPrefix(rest, "+ "):
		return at + 2
	case digits > 0 && digits < len(rest)-1 && (rest[digits] == '.' || rest[digits] == ')') && rest[digits+1] == ' ':
		return at + digits + 2
	}
	return 0
}

// body renders a body with an anchor at each article and heading, so that a
// search hit can open the document there, and with the words marked.
func (s *Server) body(source string, words ...string) template.HTML {
	z := html.NewTokenizer(strings.NewReader(string(markdown(source))))
	var out strings.Builder
	var open string // the start of a paragraph, heading or row that awaits its text
	first := false
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			out.WriteString(open)
			return template.HTML(out.String()) // cleaned by markdown; text is escaped below
		}
		raw := string(z.Raw())
		name, _ := z.TagName()
		if len(name) == 2 && name[0] == 'h' && '1' <= name[1] && name[1] <= '5' { // the page has its own first heading
			raw = strings.Replace(raw, string(name), "h"+string(name[1]+1), 1)
		}
		switch {
		case kind == html.StartTagToken && (string(name) == "p" || string(name) == "td" && first || len(name) == 2 && name[0] == 'h' && name[1] <= '6'):
			out.WriteString(open)
			open, first = raw, false
		case kind == html.StartTagToken && string(name) == "tr":
			out.WriteString(open + raw)
			open, first = "", true // its first cell names the row
		case kind == html.TextToken:
			written := html.UnescapeString(raw)
			if open != "" {
				anchor := written
				if strings.HasPrefix(open, "<p") {
					anchor = text.Heading(written)
				}
				if anchor != "" {
					open = strings.TrimSuffix(open, ">") + ` id="` + html.EscapeString(anchor) + `">`
				}
				out.WriteString(open)
				open = ""
			}
			for _, span := range text.Mark(written, words) {
				if span.Hit {
					out.WriteString("<mark>" + html.EscapeString(span.Text) + "</mark>")
				} else {
					out.WriteString(html.EscapeString(span.Text))
				}
			}
		case open != "" && kind == html.StartTagToken: // such as <strong> right after <p>
			open += raw
		default:
			out.WriteString(open + raw)
			open = ""
		}
	}
}

func weekday(d portal.Date, lang string) string {
	if lang == "en" {
		return d.Weekday().String()[:3]
	}
	return "周" + string([]rune("日一二三四五六")[d.Weekday()])
}

// base is what every page has.
type base struct {
	Lang     string
	Other    string // address of this page in the other language
	Title    string
	SiteName string
	Section  string // of the main menu
	User     *portal.Actor
	Desk     bool
	Demo     bool
	Search   string    // text in the search box
	Feeds    []feedRef // of this page
	Canon    string    // canonical address
	Flash    string    // what was just done
	Columns  column    // site tags of 国办发〔2017〕47号
}

type feedRef struct{ Type, Title, URL string }

// column holds the site tags that describe the page's column and, on a
// content page, the content.
type column struct {
	Name, Type                           string
	ArticleTitle, PubDate, ContentSource string
	Keywords, Description                string
}

func (s *Server) base(c echo.Context, title string) base {
	lang := langOf(c)
	other := "en"
	if lang == "en" {
		other = "zh"
	}
	u := *c.Request().URL
	q := u.Query()
	q.Set("lang", other)
	u.RawQuery = q.Encode()
	if c.Request().Method != http.MethodGet && c.Request().Method != http.MethodHead {
		u = url.URL{Path: s.BasePath + "/", RawQuery: "lang=" + other}
	}
	b := base{Lang: lang, Other: u.RequestURI(), Title: title, SiteName: portal.Named(s.SiteName, lang), Demo: s.Demo}
	if a, ok := c.Get(keyActor).(portal.Actor); ok && a.Login != "" {
		b.User = &a
	}
	return b
}

// Can tells a template what to offer; the use cases decide.
func (b base) Can(act string) bool { return b.User != nil && b.User.CanSome(portal.Act(act)) }

// render writes a page. It runs the template into memory first, so that a
// failing template becomes a clean error page instead of half a page.
func (s *Server) render(c echo.Context, status int, name string, page any) error {
	body, err := s.execute(langOf(c), name, page)
	if err != nil {
		return err
	}
	return c.HTMLBlob(status, body)
}

func (s *Server) execute(lang, name string, page any) ([]byte, error) {
	t := s.pages[lang][name]
	if t == nil {
		return nil, fmt.Errorf("no page %q", name)
	}
	var buf bytes.Buffer
	if err := t.Execute(&buf, page); err != nil {
		return nil, fmt.Errorf("page %q: %w", name, err)
	}
	return buf.Bytes(), nil
}

// origin is the scheme and host that addresses in feeds begin with.
func (s *Server) origin(c echo.Context) string {
	if s.Origin != "" {
		return s.Origin
	}
	return c.Scheme() + "://" + c.Request().Host
}

// folders are where the records of each kind are shown.
var folders = map[string]string{"document": "/documents/", "power": "/powers/", "report": "/reports/", "answer": "/answers/"}

// address is where a public record is shown.
func (s *Server) address(k portal.Key) string {
	return s.BasePath + folders[k.Kind] + url.PathEscape(k.ID)
}
