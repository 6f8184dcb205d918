package searches

import (
	"cmp"
	"context"
	"hash/maphash"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/portal/text"
)

// SearchTally is what became of one query in one month: a count, and never
// who asked.
type SearchTally struct {
	Month   string             `json:"-"` // such as 2026-11
	Query   string             `json:"-"` // as written by CleanQuery
	N       int                `json:"n"`
	Nothing int                `json:"nothing,omitempty"` // times that nothing was found
	People  int                `json:"people"`            // different visitors, counted anew each day
	Opened  map[portal.Key]int `json:"opened,omitempty"`  // records opened from its results
	Next    map[string]int     `json:"next,omitempty"`    // what different visitors who found nothing searched next, and found
}

// Limits on the counting of searches.
const (
	// OftenSearched is how many different visitors must have searched for
	// words before they are shown to others.
	OftenSearched = 5
	maxTallied    = 20_000 // different queries between two flushes
	maxVisitors   = 64     // of one query and day that are told apart
	maxOpened     = 20     // records opened from one query
	maxNext       = 20     // queries that came next
	maxVain       = 20_000 // visitors of a day whose last search found nothing
	nextTime      = 3 * time.Minute
	// NextShown is how many different visitors must have gone on from a query to another before
	// staff are told.
	NextShown    = 3
	longestQuery = 60 // characters; a longer one says more about the asker
)

// Store is what Searches needs of the store.
type Store interface {
	AddSearches(context.Context, []SearchTally) error
	Searches(ctx context.Context, month string) ([]SearchTally, error)
	Vocabulary(context.Context) (query.Vocabulary, error)
	// ChangeVocabulary changes what the search was taught, in one transaction.
	ChangeVocabulary(ctx context.Context, by portal.Actor, act, detail string, at time.Time, change func(query.Vocabulary) (query.Vocabulary, error)) (query.Vocabulary, error)
}

// Searches counts what is searched (检索统计), so that staff can teach the
// search and visitors see what others look for. Visitors are told apart for a
// day by a hash that is kept in memory only.
type Searches struct {
	portal.Clockwork
	Store Store

	mu      sync.Mutex
	day     portal.Date
	seed    maphash.Seed
	tallies map[string]*SearchTally
	seen    map[string]map[uint64]bool // query → visitors of the day
	vain    map[uint64]vain            // visitors of the day whose last search found nothing
	gone    map[string]map[uint64]bool // query, tab, what came next → visitors of the day
	often   []string                   // folded, most searched first
	next    map[string][]string        // query → what many who found nothing searched next
}

// vain is a search that found nothing.
type vain struct {
	query string
	at    time.Time
}

// personal matches what may be about a person: long runs of digits, as in
// identity and telephone numbers, and e-mail addresses.
var personal = regexp.MustCompile(`\d{6}|@`)

// CleanQuery writes a query as it is counted, or "" if it is not counted: for
// being empty, too long, or perhaps about a person.
func CleanQuery(written string) string {
	s := strings.Join(strings.Fields(text.Fold(written)), " ")
	if utf8.RuneCountInString(s) > longestQuery || personal.MatchString(s) || text.Squeeze(s) == "" {
		return ""
	}
	return s
}

// Searched counts a search by a visitor, who is named by an address.
func (u *Searches) Searched(query, visitor string, found int) {
	query = CleanQuery(query)
	if query == "" {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if today := u.Today(); u.day != today || u.tallies == nil {
		u.day, u.seed, u.seen = today, maphash.MakeSeed(), make(map[string]map[uint64]bool)
		u.vain, u.gone = make(map[uint64]vain), make(map[string]map[uint64]bool)
		if u.tallies == nil {
			u.tallies = make(map[string]*SearchTally)
		}
	}
	t := u.tally(query)
	if t == nil {
		return
	}
	t.N++
	if found == 0 {
		t.Nothing++
	}
	who, visitors := maphash.String(u.seed, visitor), u.seen[query]
	if visitors == nil && len(u.seen) < maxTallied {
		visitors = make(map[uint64]bool)
		u.seen[query] = visitors
	}
	if visitors != nil && !visitors[who] && len(visitors) < maxVisitors {
		visitors[who] = true
		t.People++
	}
	u.wentOn(who, query, found)
}

// wentOn counts what a visitor searches after having found nothing.
func (u *Searches) wentOn(who uint64, query string, found int) {
	last, was := u.vain[who]
	switch {
	case found == 0 && (was || len(u.vain) < maxVain):
		u.vain[who] = vain{query, u.Now()}
		return
	case !was:
		return
	}
	delete(u.vain, who)
	pair := last.query + "\t" + query
	if u.Now().Sub(last.at) > nextTime || last.query == query || u.gone[pair][who] || len(u.gone[pair]) >= maxVisitors {
		return
	}
	t := u.tally(last.query)
	if t == nil || u.gone[pair] == nil && len(u.gone) >= maxTallied {
		return
	}
	if u.gone[pair] == nil {
		u.gone[pair] = make(map[uint64]bool)
	}
	if t.Next == nil {
		t.Next = make(map[string]int)
	}
	if _, ok := t.Next[query]; ok || len(t.Next) < maxNext {
		u.gone[pair][who] = true
		t.Next[query]++
	}
}

// Add adds another count of the same query.
func (t *SearchTally) Add(more SearchTally) {
	t.N, t.Nothing, t.People = t.N+more.N, t.Nothing+more.Nothing, t.People+more.People
	t.Opened, t.Next = summed(t.Opened, more.Opened), summed(t.Next, more.Next)
}

// summed adds counts to others, which may be none yet.
func summed[K comparable](to, more map[K]int) map[K]int {
	if to == nil {
		to = make(map[K]int, len(more))
	}
	for k, n := range more {
		to[k] += n
	}
	return to
}

// Followed are the queries that at least so many different visitors went on to, most first.
func (t *SearchTally) Followed(least int) []string {
	var out []string
	for q, n := range t.Next {
		if n >= least {
			out = append(out, q)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(t.Next[b], t.Next[a]), cmp.Compare(a, b)) })
	return out
}

// Next lists what many who found nothing for a query searched next, and found.
func (u *Searches) Next(query string) []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.next[CleanQuery(query)]
}

// Opened counts that a record was opened from the results of a query.
func (u *Searches) Opened(query string, k portal.Key) {
	query = CleanQuery(query)
	if query == "" {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.tallies == nil {
		u.tallies = make(map[string]*SearchTally)
	}
	t := u.tally(query)
	if t == nil {
		return
	}
	if t.Opened == nil {
		t.Opened = make(map[portal.Key]int)
	}
	if _, ok := t.Opened[k]; ok || len(t.Opened) < maxOpened {
		t.Opened[k]++
	}
}

func (u *Searches) tally(query string) *SearchTally {
	t := u.tallies[query]
	if t == nil && len(u.tallies) < maxTallied {
		t = &SearchTally{Month: monthOf(u.Today()), Query: query}
		u.tallies[query] = t
	}
	return t
}

func monthOf(d portal.Date) string { return d.String()[:7] }

// Months are this month and the one before.
func (u *Searches) Months() []string {
	today := u.Today()
	return []string{monthOf(today), monthOf(today - portal.Date(today.Time().Day()))}
}

// Flush writes the counts to the store and finds out anew what is searched
// often.
func (u *Searches) Flush(ctx context.Context) error {
	u.mu.Lock()
	var list []SearchTally
	for _, t := range u.tallies {
		list = append(list, *t)
	}
	u.tallies = nil
	first := u.often == nil
	u.mu.Unlock()
	if len(list) == 0 && !first {
		return nil // as it was
	}
	if err := u.Store.AddSearches(ctx, list); err != nil {
		return err
	}
	sums := make(map[string]*SearchTally)
	for _, month := range u.Months() {
		ts, err := u.Store.Searches(ctx, month)
		if err != nil {
			return err
		}
		for _, t := range ts {
			if old := sums[t.Query]; old != nil {
				old.Add(t)
			} else {
				sums[t.Query] = &t
			}
		}
	}
	var often []*SearchTally
	next := make(map[string][]string)
	for _, t := range sums {
		if list := t.Followed(OftenSearched); len(list) > 0 {
			next[t.Query] = list[:min(len(list), NextShown)]
		}
		if t.People >= OftenSearched && t.Nothing < t.N {
			often = append(often, t)
		}
	}
	slices.SortFunc(often, func(a, b *SearchTally) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Query, b.Query)) })
	words := make([]string, 0, len(often))
	for _, t := range often[:min(len(often), 5000)] {
		words = append(words, t.Query)
	}
	u.mu.Lock()
	u.often, u.next = words, next
	u.mu.Unlock()
	return nil
}

// Often lists what others searched often that begins with, or holds, what is
// typed; all of it for nothing typed.
func (u *Searches) Often(typed string, limit int) []string {
	typed = strings.Join(strings.Fields(text.Fold(typed)), " ")
	u.mu.Lock()
	often := u.often
	u.mu.Unlock()
	var begin, inside []string
	for _, q := range often {
		switch {
		case q == typed:
		case strings.HasPrefix(q, typed):
			begin = append(begin, q)
		case strings.Contains(q, typed):
			inside = append(inside, q)
		}
		if len(begin) >= limit {
			break
		}
	}
	out := append(begin, inside...)
	return out[:min(len(out), limit)]
}
