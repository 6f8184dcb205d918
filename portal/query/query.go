package query

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/text"
)

// Query is a search, as an address carries it. Text is what was typed;
// Understand takes the operators out of it.
type Query struct {
	Text      string
	Words     string      // Text less its operators
	Operators string      // the operators of Text, as typed
	Number    string      // a document number or index number that must match
	From, To  portal.Date // days of publication, both counted in
	Kind      string
	Organ     portal.OrganCode
	Theme     string
	Genre     string
	Item      string
	Year      int
	Validity  string
	Sort      string // "" by relevance, "date" newest first
	Page      int    // from 1
	Size      int    // hits on a page
	After     string // cursor: the hits after this place, whatever Page says
	Verbatim  bool   // do not correct the spelling
	Explain   bool   // tell why each hit stands where it does

	understood bool   // its operators have been taken out
	operators  *Query // what they alone narrow it to
}

// FromOperators is what the operators of the text alone narrow a query to that is
// understood.
func (q Query) FromOperators() Query {
	if q.operators == nil {
		return Query{}
	}
	return *q.operators
}

// SavedParams are the parameters of a search's address that say what is
// searched, not how it is shown.
var SavedParams = []string{"q", "kind", "organ", "theme", "genre", "item", "year", "validity", "from", "to"}

// NumberParam reads a number of an address: 0 where there is none, −1 for a
// mistake, which no limit lets through.
func NumberParam(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// QueryFrom reads a query from the parameters of an address and checks it.
func QueryFrom(v url.Values) (Query, error) {
	q := Query{Text: v.Get("q"), Kind: v.Get("kind"), Organ: portal.OrganCode(v.Get("organ")), Theme: v.Get("theme"), Genre: v.Get("genre"), Item: v.Get("item"),
		Validity: v.Get("validity"), Sort: v.Get("sort"), After: v.Get("after"), Verbatim: v.Get("exact") != ""}
	q.Year, q.Page, q.Size = NumberParam(v.Get("year")), NumberParam(v.Get("page")), NumberParam(v.Get("size"))
	var p portal.Problems
	for name, d := range map[string]*portal.Date{"from": &q.From, "to": &q.To} {
		if s := v.Get(name); s != "" {
			var err error
			if *d, err = clock.ParseDate(s); err != nil {
				p.Add(name, "error.date", portal.Args{"Value": s})
			}
		}
	}
	if err := p.Err(); err != nil {
		return q, err
	}
	return q, q.Validate()
}

// Limits on a query.
const (
	MaxQuery  = 300    // characters
	MaxExport = 10_000 // hits in a download
)

// Filtered reports whether anything but the text narrows the query.
func (q Query) Filtered() bool {
	return q.Kind != "" || q.Organ != "" || q.Theme != "" || q.Genre != "" || q.Item != "" || q.Year != 0 || q.Validity != "" ||
		q.From != 0 || q.To != 0 || q.Number != ""
}

// Validate checks the limits and fills in the defaults.
func (q *Query) Validate() error {
	var p portal.Problems
	if !utf8.ValidString(q.Text) {
		p.Add("q", "error.encoding", nil)
		q.Text = strings.ToValidUTF8(q.Text, "")
	}
	if n := utf8.RuneCountInString(q.Text); n > MaxQuery {
		p.Add("q", "error.too_long", portal.Args{"Limit": MaxQuery, "Length": n})
	}
	p.Paging(&q.Page, &q.Size, q.Year)
	if q.Sort != "" && q.Sort != "date" && q.Sort != "relevance" {
		p.Add("sort", "error.choose", nil)
	}
	if len(q.After) > 200 {
		q.After = "" // no cursor of ours
	}
	return p.Err()
}

// Hit is one record that was found. Source and Passage tell where its best
// passage lies; Source is below 0 where the title or the number matched.
type Hit struct {
	Key     portal.Key
	Score   float64
	Source  int
	Passage text.Passage
	More    int      // further passages that match
	Bet     bool     // recommended for this query by an administrator
	Why     []Reason // if the query asked for it
}

// Reason is a part of a hit's score, for administrators. Key is a message
// key; Detail names the word it is about.
type Reason struct {
	Key    string
	Detail string
	Value  float64
}

// Excerpt is the text of a hit's passage. Page is the page of a PDF that it
// stands on, from 1; 0 where the text has no pages.
type Excerpt struct {
	Text string
	Page int
}

// Found is the answer to a query.
type Found struct {
	Total     int
	Hits      []Hit
	Facets    map[string][]portal.Count // by kind, organ, theme, year, validity
	Words     []string                  // folded words to mark in passages
	Loose     bool                      // not every word was found together
	Near      bool                      // nothing has enough of the words to be called found: the hits are near it at best
	Corrected string                    // the words that were searched instead, since those typed found nothing
	Meant     string                    // words that would find far more
	Next      string                    // cursor of the hits after these; "" at the end
	Partial   bool                      // the search was cut short; there may be more
}

// Drift is where the index and the store do not say the same.
type Drift struct {
	Checked int          // records compared
	Missing []portal.Key // public, but not found by the index
	Stale   []portal.Key // found with another text, number or filter
	Extra   []portal.Key // found, but not public
	Mended  bool
}

// Any reports whether anything differs.
func (d Drift) Any() bool { return len(d.Missing)+len(d.Stale)+len(d.Extra) > 0 }

// Filters names what narrows the query, in a language; organ names an organ.
func (q Query) Filters(lang string, organ func(portal.OrganCode) string) []string {
	var out []string
	year := ""
	if q.Year != 0 {
		year = strconv.Itoa(q.Year)
	}
	for _, f := range []string{organ(q.Organ), portal.Themes.NameOf(q.Theme, lang), portal.ContentKinds.NameOf(q.Kind, lang), portal.Genres.NameOf(q.Genre, lang),
		portal.Items.NameOf(q.Item, lang), portal.Validities.NameOf(q.Validity, lang), q.Number, year} {
		if f != "" {
			out = append(out, f)
		}
	}
	if q.From != 0 || q.To != 0 {
		out = append(out, q.From.String()+" – "+q.To.String())
	}
	return out
}

// Named names a search: its words and its filters.
func (q Query) Named(lang string, organ func(portal.OrganCode) string) string {
	parts := q.Filters(lang, organ)
	if q.Text != "" {
		parts = append([]string{q.Text}, parts...)
	}
	return strings.Join(parts, " · ")
}

// SavedName names a saved search by its parameters.
func SavedName(v url.Values, lang string, organ func(portal.OrganCode) string) string {
	q, err := QueryFrom(v)
	if err != nil {
		return v.Get("q")
	}
	return q.Named(lang, organ)
}
