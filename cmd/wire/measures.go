package wire

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"gongkai/portal"
	"gongkai/portal/assess"
	"gongkai/portal/documents"
	"gongkai/portal/letters"
	"gongkai/portal/powers"
	"gongkai/portal/registers"
	"gongkai/store"
)

type ratios = map[portal.OrganCode]assess.Ratio

// overseer counts on behalf of the scheme.
var overseer = portal.System("assessment")

// covering remembers what organs have published up to a day, in time or late, until
// something public changes: several measures ask for the same.
type covering struct {
	mu   sync.Mutex
	key  string
	last map[[2]portal.Date]documents.Covered
}

func (m *covering) covered(a Areas, st *store.Store, from, to portal.Date) documents.Covered {
	m.mu.Lock()
	defer m.mu.Unlock()
	if key := fmt.Sprint(st.Changes.Generation(), a.Documents.Today()); key != m.key {
		m.key, m.last = key, make(map[[2]portal.Date]documents.Covered)
	}
	at := [2]portal.Date{from, to}
	c, ok := m.last[at]
	if !ok {
		c = a.cover(st, from, to)
		m.last[at] = c
	}
	return c
}

func (a Areas) cover(st *store.Store, from, to portal.Date) documents.Covered {
	return documents.Cover(st.Organs.Organs(), to, a.Documents.Calendar(), func(o portal.OrganCode) []*portal.Listing {
		var out []*portal.Listing
		for _, l := range st.Catalogue.Browse(portal.Browse{Kind: documents.Kind.Code, Organ: o, Page: 1, Size: portal.Everything}).Rows {
			if l.Published >= from && l.Published <= to {
				out = append(out, l)
			}
		}
		return out
	})
}

// measures are what the scheme counts, by the areas that know.
func (a Areas) measures(st *store.Store, m *covering) map[string]assess.Measure {
	published := func(of func(documents.Covered, portal.OrganCode) assess.Ratio, ever bool) assess.Measure {
		return func(_ context.Context, from, to portal.Date) (ratios, error) {
			if ever {
				from = 0
			}
			c, out := m.covered(a, st, from, to), make(ratios)
			for _, o := range st.Organs.Organs() {
				out[o.Code] = of(c, o.Code)
			}
			return out, nil
		}
	}
	register := func(code, good, all string) assess.Measure {
		return func(ctx context.Context, from, _ portal.Date) (ratios, error) {
			r, out := registers.Named(code), make(ratios)
			lines, err := a.Registers.Tally(ctx, r, from.Year(), false, nil)
			for _, l := range lines {
				var x assess.Ratio
				for i, t := range r.Tallies {
					switch t.Code {
					case good:
						x.Good = int(l.Counts[i])
					case all:
						x.All = int(l.Counts[i])
					}
				}
				out[l.Organ] = x
			}
			return out, err
		}
	}
	post := func(of func(letters.Line) assess.Ratio) assess.Measure {
		return func(_ context.Context, from, to portal.Date) (ratios, error) {
			r, err := a.Letters.Return(overseer, "", from, to)
			if err != nil {
				return nil, err
			}
			out := make(ratios)
			for _, l := range r.Organs {
				out[l.Organ] = of(l)
			}
			return out, nil
		}
	}
	return map[string]assess.Measure{
		"publish_in_time": published(func(c documents.Covered, o portal.OrganCode) assess.Ratio {
			return assess.Ratio{Good: c.Tallies[o].InTime, All: c.Tallies[o].InTime + c.Tallies[o].Late}
		}, false),
		"coverage": published(func(c documents.Covered, o portal.OrganCode) (r assess.Ratio) {
			for _, x := range c.Cells[o] {
				if r.All++; x.Count > 0 {
					r.Good++
				}
			}
			return r
		}, true),
		"fresh": published(func(c documents.Covered, o portal.OrganCode) (r assess.Ratio) {
			for _, x := range c.Cells[o] {
				if x.Count > 0 {
					if r.All++; !x.Stale {
						r.Good++
					}
				}
			}
			return r
		}, true),
		"not_returned": func(ctx context.Context, from, _ portal.Date) (ratios, error) {
			list, err := a.Documents.Count(ctx, overseer, from.Year())
			out := make(ratios)
			for o, c := range list {
				out[o] = assess.Ratio{Good: max(0, c.Sum.Entered-c.Sum.SentBack), All: c.Sum.Entered}
			}
			return out, err
		},
		"applications_in_time": func(_ context.Context, from, to portal.Date) (ratios, error) {
			s, err := a.Cases.Lists().Statistics(overseer, "", from, to)
			out := make(ratios)
			for _, f := range s.Organs {
				out[f.Organ] = assess.Ratio{Good: f.InTime, All: f.Answered}
			}
			return out, err
		},
		"letters_in_time": post(func(l letters.Line) assess.Ratio {
			return assess.Ratio{Good: l.InTime, All: l.InTime + l.Late + l.Overdue}
		}),
		"letters_satisfied":   post(func(l letters.Line) assess.Ratio { return assess.Ratio{Good: l.Satisfied, All: l.Rated} }),
		"proposals_in_time":   register("proposals", "in_time", "all"),
		"inspections_in_time": register("inspections", "in_time", "all"),
		"assignments_in_time": register("assignments", "in_time", "all"),
		"submissions_adopted": register("submissions", "adopted", "all"),
	}
}

// unanswered is after how many days a letter without an answer fails an inspection.
const unanswered = 92

// guideFields are the particulars of a guide that an inspection looks at.
var guideFields = []string{"name_zh", "basis", "conditions", "materials", "place", "hours", "telephone", "steps"}

// guideLacks is how many kinds may be missing at the most.
const guideLacks = 3

// probes are what an inspection of the site looks at.
func (a Areas) probes(st *store.Store, m *covering) map[string]assess.Probing {
	site := func(of func(documents.Covered) (int, []portal.Fact)) assess.Probing {
		return func(context.Context) (int, []portal.Fact, error) {
			n, facts := of(m.covered(a, st, 0, a.Documents.Today()))
			return n, facts, nil
		}
	}
	columns := func(is func(count int, last portal.Date, days int) bool) assess.Probing {
		return site(func(c documents.Covered) (n int, facts []portal.Fact) {
			for _, t := range portal.Items.Terms {
				count, last := 0, portal.Date(0)
				for _, cells := range c.Cells {
					count, last = count+cells[t.Code].Count, max(last, cells[t.Code].Last)
				}
				if is(count, last, documents.Rhythm(t.Code)) {
					n, facts = n+1, append(facts, portal.Fact{Title: t.Name.ZH, Path: "/catalogue?item=" + t.Code, On: last})
				}
			}
			return n, facts
		})
	}
	today := a.Documents.Today
	return map[string]assess.Probing{
		"home": site(func(c documents.Covered) (int, []portal.Fact) {
			if c.Home == 0 {
				return portal.Everything, nil // days since something was published: nothing was
			}
			return int(today() - c.Home), nil
		}),
		"stale": columns(func(count int, last portal.Date, days int) bool { return count > 0 && int(today()-last) > days }),
		"empty": columns(func(count int, _ portal.Date, _ int) bool { return count == 0 }),
		"unanswered": func(context.Context) (n int, facts []portal.Fact, err error) {
			briefs, err := a.Letters.Store.Briefs()
			for _, b := range briefs {
				if !b.Ended && b.Received < today()-unanswered && b.Received > today()-365 {
					n, facts = n+1, append(facts, portal.Fact{Title: string(b.Number), Path: "/desk/mailbox/" + string(b.Number), On: b.Received})
				}
			}
			return n, facts, err
		},
		"no_channel": func(context.Context) (int, []portal.Fact, error) {
			for _, c := range letters.Rules.Channels {
				if c.Web {
					return 0, nil, nil
				}
			}
			return 1, nil, nil
		},
		"no_service": func(context.Context) (int, []portal.Fact, error) {
			if st.Catalogue.Browse(portal.Browse{Kind: powers.Kind.Code, Page: 1, Size: 1}).Total > 0 {
				return 0, nil, nil
			}
			return 1, nil, nil
		},
		"guides": func(ctx context.Context) (n int, facts []portal.Fact, err error) {
			_, err = a.Powers.Store.All(ctx, func(i *powers.PowerItem) bool {
				at := i.AsOf(today())
				if !at.In() || len(at.Values["applicants"])+len(at.Values["materials"])+len(at.Values["conditions"]) == 0 {
					return false // nobody applies for it
				}
				lacks := 0
				for _, f := range guideFields {
					if strings.TrimSpace(at.Values[f]) == "" {
						lacks++
					}
				}
				if lacks > guideLacks {
					n, facts = n+1, append(facts, portal.Fact{Title: i.Name().ZH, Path: "/powers/" + string(i.ID())})
				}
				return false
			})
			return n, facts, err
		},
		"late": func(ctx context.Context) (n int, _ []portal.Fact, err error) {
			list, err := a.Reminders.List(ctx, overseer, "")
			for _, d := range list {
				if d.Late(a.Reminders.Now()) {
					n++
				}
			}
			return n, nil, err
		},
	}
}
