package documents

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gongkai/portal"
	"gongkai/portal/rules"
)

// Collection is a page of catalogue records of one sort (专题汇编), made by rule and not
// by hand: rule data (rules/collections.json).
type Collection struct {
	Code      string      `json:"code"`
	Name      portal.Text `json:"name"`
	Intro     portal.Text `json:"intro"`
	Source    string      `json:"source"`
	Effective string      `json:"effective"`
	Holding
	Genres []string `json:"genres"`
	Number Pattern  `json:"number"` // that the document number matches
	Not    Pattern  `json:"not"`    // that the title does not match
	// Plain collections show of a document its title, its note and its text alone.
	Plain  bool      `json:"plain"`
	Groups []Holding `json:"groups"`
	Tags   []Holding `json:"tags"`
	ByYear bool      `json:"by_year"`
}

// Holding says which records belong to something, by all that it names.
type Holding struct {
	Name     portal.Text `json:"name"`
	Title    Pattern     `json:"title"`
	Validity []string    `json:"validity"`
}

// Pattern is a regular expression in rule data; the empty one matches everything.
type Pattern struct{ *regexp.Regexp }

// UnmarshalText compiles it.
func (p *Pattern) UnmarshalText(b []byte) (err error) {
	p.Regexp, err = regexp.Compile(string(b))
	return err
}

func (p Pattern) holds(s string) bool { return p.Regexp == nil || p.MatchString(s) }

func (h Holding) holds(l *portal.Listing) bool {
	return h.Title.holds(l.Title) && (len(h.Validity) == 0 || slices.Contains(h.Validity, l.Validity))
}

// Collections are those of the rules, in their order.
var Collections = rules.Read[[]Collection]("collections.json")

// CollectionNamed is the collection with a code.
func CollectionNamed(code string) (Collection, bool) {
	i := slices.IndexFunc(Collections, func(c Collection) bool { return c.Code == code })
	if i < 0 {
		return Collection{}, false
	}
	return Collections[i], true
}

// Holds reports whether a listed document belongs to the collection.
func (c Collection) Holds(l *portal.Listing) bool {
	return l.Kind == Kind.Code && !l.Withdrawn && c.Title.holds(l.Title) && c.Number.holds(l.Number) &&
		(c.Not.Regexp == nil || !c.Not.MatchString(l.Title)) && (len(c.Genres) == 0 || slices.Contains(c.Genres, l.Genre))
}

// Group is a part of a collection, and its documents.
type Group struct {
	Name portal.Text // empty where the collection has no parts
	Rows []Collected
}

// Collected is a document of a collection, with what it is marked as there.
type Collected struct {
	*portal.Listing
	Tags []portal.Text
}

// Collect parts documents into the groups of the collection, each into the first that
// it belongs to, or by year, the last first. What belongs to no group is left out.
func (c Collection) Collect(list []*portal.Listing) []Group {
	groups := make([]Group, len(c.Groups))
	for i, g := range c.Groups {
		groups[i].Name = g.Name
	}
	if len(groups) == 0 && !c.ByYear {
		groups = []Group{{}}
	}
	for _, l := range list {
		if !c.Holds(l) {
			continue
		}
		x := Collected{Listing: l}
		for _, t := range c.Tags {
			if t.holds(l) {
				x.Tags = append(x.Tags, t.Name)
				break
			}
		}
		i := 0
		switch {
		case c.ByYear:
			year := strconv.Itoa(cmp.Or(l.Formed, l.Published).Year())
			i = slices.IndexFunc(groups, func(g Group) bool { return g.Name.ZH == year })
			if i < 0 {
				i, groups = len(groups), append(groups, Group{Name: portal.Text{ZH: year, EN: year}})
			}
		case len(c.Groups) > 0:
			i = slices.IndexFunc(c.Groups, func(g Holding) bool { return g.holds(l) })
		}
		if i >= 0 {
			groups[i].Rows = append(groups[i].Rows, x)
		}
	}
	if c.ByYear {
		slices.SortFunc(groups, func(a, b Group) int { return strings.Compare(b.Name.ZH, a.Name.ZH) })
	}
	return slices.DeleteFunc(groups, func(g Group) bool { return len(g.Rows) == 0 })
}
