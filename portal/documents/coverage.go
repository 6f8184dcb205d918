package documents

import (
	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/rules"
)

// coverage says how often a column of Article 20 is to have something new: rule data.
var coverage = rules.Read[struct {
	Home  int            `json:"home_days"`
	Idle  int            `json:"idle_columns"`
	Empty int            `json:"empty_columns"`
	Usual int            `json:"usual_days"`
	Items map[string]int `json:"items"`
}]("coverage.json")

// Cell is what an organ has published under an item of Article 20 (第二十条).
type Cell struct {
	Organ portal.OrganCode
	Item  string
	Count int
	Last  portal.Date // when the last was published
	Days  int         // within how many there is to be something new
	Stale bool        // the last is older
}

// Tally is how an organ has kept the time limit of publication (第二十六条).
type Tally struct {
	Organ  portal.OrganCode
	InTime int
	Late   int
	Days   int // late, all together
	Undone int // without a day of forming: nobody can tell
}

// Covered is the coverage table of a list of organs.
type Covered struct {
	Cells   map[portal.OrganCode]map[string]Cell
	Tallies map[portal.OrganCode]Tally
	Home    portal.Date // when anything was last published
	// What an inspection would fail today (国办秘函〔2019〕19号).
	HomeIdle            bool
	StaleCols, EmptyOff int
	TooStale, TooEmpty  bool
}

// Cover counts what organs have published under each item, and how much of it in
// time; with is called for the documents of each.
func Cover(organs []portal.Organ, today portal.Date, cal *clock.Calendar, of func(portal.OrganCode) []*portal.Listing) Covered {
	out := Covered{Cells: make(map[portal.OrganCode]map[string]Cell), Tallies: make(map[portal.OrganCode]Tally)}
	last, count := make(map[string]portal.Date), make(map[string]int)
	for _, o := range organs {
		cells := make(map[string]Cell)
		tally := Tally{Organ: o.Code}
		for _, l := range of(o.Code) {
			if l.Withdrawn {
				continue
			}
			c := cells[l.Item]
			c.Count++
			c.Last = max(c.Last, l.Published)
			cells[l.Item] = c
			last[l.Item], count[l.Item] = max(last[l.Item], l.Published), count[l.Item]+1
			out.Home = max(out.Home, l.Published)
			content := Content{Item: l.Item, Genre: l.Genre, Formed: l.Formed}
			switch due, _ := content.Due(cal); {
			case due == 0:
				tally.Undone++
			case l.Published <= due:
				tally.InTime++
			default:
				tally.Late++
				tally.Days += int(l.Published - due)
			}
		}
		for _, t := range portal.Items.Terms {
			c := cells[t.Code]
			c.Organ, c.Item, c.Days = o.Code, t.Code, Rhythm(t.Code)
			c.Stale = c.Count > 0 && int(today-c.Last) > c.Days
			cells[t.Code] = c
		}
		out.Cells[o.Code], out.Tallies[o.Code] = cells, tally
	}
	for _, t := range portal.Items.Terms {
		switch {
		case count[t.Code] == 0:
			out.EmptyOff++
		case int(today-last[t.Code]) > Rhythm(t.Code):
			out.StaleCols++
		}
	}
	out.HomeIdle = out.Home == 0 || int(today-out.Home) > coverage.Home
	out.TooStale, out.TooEmpty = out.StaleCols >= coverage.Idle, out.EmptyOff >= coverage.Empty
	return out
}

// Rhythm is within how many days an item is to have something new.
func Rhythm(item string) int {
	if n := coverage.Items[item]; n > 0 {
		return n
	}
	return coverage.Usual
}
