package page

import (
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/letter"
	"gongkai/portal/locale"
	"gongkai/portal/text"
	"gongkai/static"
)

//go:embed templates/*.html
var templateFS embed.FS

// Pages holds every page by language and name, parsed when it is first shown: all of them
// together take 45 MB. Nothing in it changes after the start.
type Pages map[string]map[string]func() (*template.Template, error)

// page is a page in a language.
func (p Pages) page(lang, name string) (*template.Template, error) {
	parse := p[lang][name]
	if parse == nil {
		return nil, fmt.Errorf("no page %q", name)
	}
	return parse()
}

// parsePages finds the pages; each is parsed once for each language, with functions that
// speak that language.
func (s *Site) parsePages() (Pages, error) {
	names, err := fs.Glob(templateFS, "templates/*.html")
	if err != nil {
		return nil, err
	}
	ps := make(Pages)
	for _, lang := range locale.Langs {
		ps[lang] = make(map[string]func() (*template.Template, error))
		for _, file := range names {
			name := strings.TrimSuffix(path.Base(file), ".html")
			if name == "layout" || name == "parts" {
				continue
			}
			ps[lang][name] = sync.OnceValues(func() (*template.Template, error) {
				t := template.New("layout.html").Funcs(s.funcs(lang))
				for _, part := range []string{"templates/layout.html", "templates/parts.html", file} {
					b, err := templateFS.ReadFile(part)
					if err == nil {
						_, err = t.Parse(s.spoken(string(b), lang))
					}
					if err != nil {
						return nil, fmt.Errorf("parsing page %s in %s: %w", name, lang, err)
					}
				}
				return t, nil
			})
		}
	}
	return ps, nil
}

// constant is an action of a template that always says the same in a language.
var constant = regexp.MustCompile(`\{\{(t|to|static) "([^"\\]+)"\}\}`)

// spoken is a template with what is constant in a language written out: half of what a page
// has to say, said once. It stands only in texts and in attributes in quotes.
func (s *Site) spoken(written, lang string) string {
	t := locale.In(lang)
	return constant.ReplaceAllStringFunc(written, func(action string) string {
		m := constant.FindStringSubmatch(action)
		switch m[1] {
		case "to":
			return template.HTMLEscapeString(s.BasePath + m[2])
		case "static":
			return template.HTMLEscapeString(s.static(m[2]))
		}
		return template.HTMLEscapeString(t.T(m[2]))
	})
}

// static is the address of a file of the portal's own.
func (s *Site) static(name string) string { return s.BasePath + "/static/" + static.Sum() + "/" + name }

func (s *Site) funcs(lang string) template.FuncMap {
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
		"static":  s.static,
		"date":    t.Date,
		"inlang":  InLang,
		"anchor":  AnchorOf,
		"join":    func(words []string) string { return strings.Join(words, ",") },
		"plus":    func(a, b int) int { return a + b },
		"minus":   func(a, b int) int { return a - b },
		"brief":   func(s string) string { return text.Short(s, 400) }, // of a long text
		"problem": func(p portal.Problem) string { return t.Args(p.Key, p.Args) },
		"in":      func(x portal.Text) string { return portal.Named(x, lang) },
		"organ":   func(code portal.OrganCode) string { return s.OrganName(code, lang) },
		"theme":   func(code string) string { return portal.Themes.NameOf(code, lang) },
		"genre":   func(code string) string { return portal.Genres.NameOf(code, lang) },
		"item":    func(code string) string { return portal.Items.NameOf(code, lang) },
		"posting": func(code string) string { return portal.Postings.NameOf(code, lang) },
		"mode":    func(code string) string { return portal.Modes.NameOf(code, lang) },
		"valid":   func(code string) string { return portal.Validities.NameOf(code, lang) },
		"ptype":   func(code string) string { return portal.PowerTypes.NameOf(code, lang) },
		"outcome": func(code string) string {
			return portal.Outcomes.NameOf(code, lang)
		},
		"channel":  func(code string) string { return portal.Channels.NameOf(code, lang) },
		"kind":     func(code string) string { return portal.ContentKinds.NameOf(code, lang) },
		"markdown": markdown,
		"marked":   marked,
		"act": func(act string) string { // as the log names it, where it is a new one
			if key := "act." + strings.ReplaceAll(act, " ", "_"); locale.Has(key) {
				return t.T(key)
			}
			return act
		},
		"htmllang": locale.HTML,
		"langname": locale.NameOf,
		"langs":    func() []string { return locale.Langs },
		"ticked":   func(list []int, n int) bool { return slices.Contains(list, n) },
		"chosen":   func(list []Facet) bool { return slices.ContainsFunc(list, func(f Facet) bool { return f.Chosen }) },
		"download": func(text string) template.URL {
			return template.URL("data:text/plain;charset=utf-8," + url.PathEscape(text))
		}, // a text of ours, as a file
		"size":       FileSize,
		"add":        func(a, b int) int { return a + b },
		"query":      url.QueryEscape,
		"pathescape": url.PathEscape,
		"list":       func(v ...any) []any { return v },
		"mul":        func(a, b int) int { return a * b },
		"half":       func(n int) int { return n / 2 },
		"neg":        func(n int) int { return -n },
		"deref":      func(n *int) int { return *n },
		"record":     func(k portal.Key) string { return strings.TrimPrefix(s.Address(k), s.BasePath) },
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
		"recordoutcome": func(code string) string { return portal.RecordOutcomes.NameOf(code, lang) },
		"opinionname":   func(code string) string { return portal.Opinions.NameOf(code, lang) },
		"reviewkind":    func(code string) string { return portal.ProceedingKinds.NameOf(code, lang) },
		"reviewresult":  func(code string) string { return portal.ProceedingResults.NameOf(code, lang) },
		"reviewresults": func() (out []string) {
			for _, x := range portal.ProceedingResults.Terms {
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
		"yuan":        portal.Yuan,
		"tenths":      Tenths,
		"month":       func(d portal.Date) string { return d.Time().Format("2006-01") },
		"person":      s.personName,
		"scoped":      scoped,
		"idpicture":   func(who *cases.Applicant) template.URL { return idFile(who, "image/") },
		"idpdf":       func(who *cases.Applicant) template.URL { return idFile(who, "application/pdf") },
		"formname": func(code string) string {
			return portal.Forms.NameOf(code, lang)
		},
		"deliveryname":  func(code string) string { return portal.Deliveries.NameOf(code, lang) },
		"applicantname": func(code string) string { return portal.Applicants.NameOf(code, lang) },
	}
}

// marked writes a text with the words in it marked that somebody searched for.
func marked(written string, words []string) template.HTML {
	var b strings.Builder
	for _, s := range text.Mark(written, words) {
		if s.Hit {
			b.WriteString("<mark>" + template.HTMLEscapeString(s.Text) + "</mark>")
		} else {
			b.WriteString(template.HTMLEscapeString(s.Text))
		}
	}
	return template.HTML(b.String()) // escaped piece by piece
}

// scoped gives the fields of a case's form names of their own in the page.
func scoped(f CaseForm) Form {
	out := f.Form
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

func FileSize(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

// Tenths writes a score that is counted in tenths of a point.
func Tenths(n int) string {
	if n%10 == 0 {
		return strconv.Itoa(n / 10)
	}
	return fmt.Sprintf("%d.%d", n/10, n%10)
}

func weekday(d portal.Date, lang string) string {
	if lang != "zh" {
		return d.Weekday().String()[:3]
	}
	return "周" + string([]rune("日一二三四五六")[d.Weekday()])
}
