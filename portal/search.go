package portal

import (
	"strings"
	"unicode/utf8"
)

// Key names a public record of any kind: "document/113700001-2026-00001".
type Key struct {
	Kind string // a code of ContentKinds
	ID   string
}

// String returns the key as stored.
func (k Key) String() string { return k.Kind + "/" + k.ID }

// ParseKey reads what String writes.
func ParseKey(s string) Key {
	kind, id, _ := strings.Cut(s, "/")
	return Key{kind, id}
}

// Entry is what the search engine is told about a public record, and what
// lists show of it. Texts are searched by passage and never kept by the
// engine.
type Entry struct {
	Key
	Title     string
	TitleEN   string
	Number    string // document number, power item code
	Index     string // index number
	Organs    []OrganCode
	Theme     string
	Genre     string
	Item      string
	Validity  string
	Published Date
	Formed    Date
	Keywords  []string
	Summary   string
	SummaryEN string
	Texts     []string
}

// Query is a search, as an address carries it.
type Query struct {
	Text     string
	Kind     string
	Organ    OrganCode
	Theme    string
	Genre    string
	Item     string
	Year     int
	Validity string
	Sort     string // "" by relevance, "date" newest first
	Page     int    // from 1
	Size     int    // hits on a page
}

// Limits on a query.
const (
	MaxQuery    = 300 // characters
	MaxPage     = 500
	MaxPageSize = 100
	PageSize    = 20
)

// Filtered reports whether anything but the text narrows the query.
func (q Query) Filtered() bool {
	return q.Kind != "" || q.Organ != "" || q.Theme != "" || q.Genre != "" || q.Item != "" || q.Year != 0 || q.Validity != ""
}

// Validate checks the limits and fills in the defaults.
func (q *Query) Validate() error {
	var p problems
	if !utf8.ValidString(q.Text) {
		p.add("q", "error.encoding", nil)
		q.Text = strings.ToValidUTF8(q.Text, "")
	}
	if n := utf8.RuneCountInString(q.Text); n > MaxQuery {
		p.add("q", "error.too_long", Args{"Limit": MaxQuery, "Length": n})
	}
	if q.Page == 0 {
		q.Page = 1
	}
	if q.Page < 1 || q.Page > MaxPage {
		p.add("page", "error.page", Args{"Limit": MaxPage})
	}
	if q.Size == 0 {
		q.Size = PageSize
	}
	if q.Size < 1 || q.Size > MaxPageSize {
		p.add("size", "error.page_size", Args{"Limit": MaxPageSize})
	}
	if q.Year < 0 || q.Year > 9999 {
		p.add("year", "error.number", nil)
	}
	if q.Sort != "" && q.Sort != "date" && q.Sort != "relevance" {
		p.add("sort", "error.choose", nil)
	}
	return p.err()
}

// Hit is one record that was found. Source and Passage tell where its best
// passage lies; Source is below 0 where the title or the number matched.
type Hit struct {
	Key     Key
	Score   float64
	Source  int
	Passage Passage
	More    int // further passages that match
}

// Count is the number of hits with one value of a facet.
type Count struct {
	Code string `json:"code"`
	N    int    `json:"count"`
}

// Found is the answer to a query.
type Found struct {
	Total  int
	Hits   []Hit
	Facets map[string][]Count // by kind, organ, theme, year, validity
	Words  []string           // folded words to mark in passages
	Loose  bool               // not every word was found together
}
