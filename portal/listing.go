package portal

import (
	"cmp"
	"slices"
	"time"
)

// Listing is a public record as lists, feeds and the catalogue show it: its
// Entry without the texts, and what became of it. A withdrawn document stays
// listed for those who ask for it, so that feeds can say that it is gone.
type Listing struct {
	Entry
	Version     int
	PublishedAt time.Time
	ChangedAt   time.Time
	ChangeNote  string
	Withdrawn   bool
	Reason      string
}

// ListingOf lists a record that has no versions. Where the time of the last
// change is not known, it is the start of the day of publication. It is nil for
// a record that is not public.
func ListingOf(e *Entry, changed time.Time) *Listing {
	if e == nil {
		return nil
	}
	l := &Listing{Entry: *e, Version: 1, ChangedAt: changed}
	if changed.IsZero() && e.Published != 0 {
		l.ChangedAt = e.Published.Time()
	}
	l.PublishedAt = l.ChangedAt
	return l
}

// Browse says which part of the catalogue to list.
type Browse struct {
	Kind      string
	Organ     OrganCode
	Theme     string
	Genre     string
	Item      string
	Validity  string
	Audience  string
	Topic     string
	Year      int // of publication
	Sort      string
	Page      int
	Size      int
	Withdrawn bool // list withdrawn documents too
}

// Everything is a page's size that takes in all there is.
const Everything = 1 << 30

// The orders of a list; the default is by date of publication, newest first.
const (
	SortPublished = ""
	SortOldest    = "oldest"
	SortTitle     = "title"
	SortNumber    = "index"
	SortChanged   = "changed"
)

// Validate checks the limits and fills in the defaults.
func (b *Browse) Validate() error {
	var p Problems
	p.Paging(&b.Page, &b.Size, b.Year)
	return p.Err()
}

// Limits on the pages of a list.
const (
	MaxPage     = 500
	MaxPageSize = 100
	PageSize    = 20
)

// Paging checks which page of a list is asked for, and of which year, and fills
// in the defaults.
func (p *Problems) Paging(page, size *int, year int) {
	if *page == 0 {
		*page = 1
	}
	if *page < 1 || *page > MaxPage {
		p.Add("page", "error.page", Args{"Limit": MaxPage})
	}
	if *size == 0 {
		*size = PageSize
	}
	if *size < 1 || *size > MaxPageSize {
		p.Add("size", "error.page_size", Args{"Limit": MaxPageSize})
	}
	if year < 0 || year > 9999 {
		p.Add("year", "error.number", nil)
	}
}

// Listed is one page of a list, with the counts of each facet: how many
// records each value would give, the other choices staying as they are.
type Listed struct {
	Total  int
	Rows   []*Listing
	Facets map[string][]Count
}

// SortCounts puts the counts of a facet in the order of lists: years newest
// first, all else by count.
func SortCounts(facet string, counts map[string]int) []Count {
	out := make([]Count, 0, len(counts))
	for code, n := range counts {
		out = append(out, Count{code, n})
	}
	slices.SortFunc(out, func(a, b Count) int {
		if facet == "year" {
			return cmp.Compare(b.Code, a.Code)
		}
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Code, b.Code))
	})
	return out
}

// Count is the number of hits with one value of a facet.
type Count struct {
	Code string `json:"code"`
	N    int    `json:"count"`
}
