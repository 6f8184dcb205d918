package letters

import (
	"slices"

	"gongkai/portal"
	"gongkai/portal/process"
)

// Line is what came and went in a period, of an organ, in a channel (收办情况). Carried over,
// new, passed in and reopened ones together are those that were closed, were passed on, or
// are open at the end.
type Line struct {
	Channel string
	Organ   portal.OrganCode

	CarriedIn  int // 上期结转
	New        int // 本期新收
	PassedIn   int // 转入
	Reopened   int // 重新办理
	Closed     int // 办结
	PassedOn   int // 转出
	CarriedOut int // 结转下期

	AtOnce    int   // 当场办结, of those closed
	InTime    int   // answered in the period within their limits
	Late      int   // answered in the period after them
	Overdue   int   // open at the end, and past a limit by then
	Rated     int   // of those answered
	Satisfied int   // of those rated
	Groups    int   // visits of several people, of the new ones (批次)
	People    int   // who came, of the new ones (人次)
	Measures  int   // 采取措施
	Money     int64 // fen returned
}

// Balances reports whether what came is what went and what is left.
func (l Line) Balances() bool {
	return l.CarriedIn+l.New+l.PassedIn+l.Reopened == l.Closed+l.PassedOn+l.CarriedOut
}

func (l *Line) add(o Line) {
	l.CarriedIn += o.CarriedIn
	l.New += o.New
	l.PassedIn += o.PassedIn
	l.Reopened += o.Reopened
	l.Closed += o.Closed
	l.PassedOn += o.PassedOn
	l.CarriedOut += o.CarriedOut
	l.AtOnce += o.AtOnce
	l.InTime += o.InTime
	l.Late += o.Late
	l.Overdue += o.Overdue
	l.Rated += o.Rated
	l.Satisfied += o.Satisfied
	l.Groups += o.Groups
	l.People += o.People
	l.Measures += o.Measures
	l.Money += o.Money
}

// Return is the return of a period (周报、月报): by channel, and by organ.
type Return struct {
	From, To portal.Date // both included
	Organ    portal.OrganCode
	Channels []Line
	Organs   []Line
	Total    Line
	// Kinds are how many new ones there were of each.
	Kinds  map[string]int
	Themes map[string]int
}

// group is from how many people on a visit is one of a group (集体访): five or more.
const group = 5

// Return counts a period, of an organ or of all that somebody may see. What passes between
// two of those counted passes on and in within the total too.
func (u Letters) Return(by portal.Actor, organ portal.OrganCode, from, to portal.Date) (*Return, error) {
	if err := by.NeedFilter(portal.SeeLetters, organ); err != nil {
		return nil, err
	}
	briefs, err := u.Store.Briefs()
	if err != nil {
		return nil, err
	}
	mine, all := by.OrgansFor(portal.SeeLetters)
	may := make(map[portal.OrganCode]bool)
	for _, o := range mine {
		may[o] = true
	}
	r := &Return{From: from, To: to, Organ: organ, Kinds: make(map[string]int), Themes: make(map[string]int)}
	type at struct {
		organ   portal.OrganCode
		channel string
	}
	lines := make(map[at]*Line)
	for _, b := range briefs {
		for i := range b.Passages {
			p := &b.Passages[i]
			if p.In > to || p.Out != 0 && p.Out < from || organ != "" && p.Organ != organ || !all && !may[p.Organ] {
				continue
			}
			k := at{p.Organ, b.Channel}
			l := lines[k]
			if l == nil {
				l = &Line{Channel: b.Channel, Organ: p.Organ}
				lines[k] = l
			}
			u.count(l, b, p, from, to)
			if p.How == New && p.In >= from {
				r.Kinds[b.Kind]++
				if b.Theme != "" {
					r.Themes[b.Theme]++
				}
			}
		}
	}
	organs := make(map[portal.OrganCode]*Line)
	channels := make(map[string]*Line)
	for k, l := range lines {
		if organs[k.organ] == nil {
			organs[k.organ] = &Line{Organ: k.organ}
		}
		organs[k.organ].add(*l)
		if channels[k.channel] == nil {
			channels[k.channel] = &Line{Channel: k.channel}
		}
		channels[k.channel].add(*l)
		r.Total.add(*l)
	}
	for _, c := range Rules.Channels {
		if l := channels[c.Code]; l != nil {
			r.Channels = append(r.Channels, *l)
			delete(channels, c.Code)
		}
	}
	for _, l := range channels { // of rules that are no longer there
		r.Channels = append(r.Channels, *l)
	}
	for _, o := range u.Directory.Organs() {
		if l := organs[o.Code]; l != nil {
			r.Organs = append(r.Organs, *l)
		}
	}
	return r, nil
}

// count adds a passage to a line.
func (u Letters) count(l *Line, b *Brief, p *Passage, from, to portal.Date) {
	switch {
	case p.In < from:
		l.CarriedIn++
	case p.How == New:
		l.New++
		if n := max(1, b.Group); ChannelNamed(b.Channel) != nil && ChannelNamed(b.Channel).Visit {
			l.People += n
			if n >= group {
				l.Groups++
			}
		}
	case p.How == Transferred:
		l.PassedIn++
	default:
		l.Reopened++
	}
	if p.Out == 0 || p.Out > to {
		l.CarriedOut++
		if b.overdue(u, p, to) {
			l.Overdue++
		}
		return
	}
	if p.Gone == PassedOn {
		l.PassedOn++
		return
	}
	l.Closed++
	last := p == &b.Passages[len(b.Passages)-1]
	if b.Replied == 0 || !last {
		return
	}
	if b.AtOnce {
		l.AtOnce++
	}
	if b.keptLate(u) {
		l.Late++
	} else {
		l.InTime++
	}
	if b.Stars > 0 {
		l.Rated++
		if b.Stars >= Satisfied {
			l.Satisfied++
		}
	}
	if b.Measure {
		l.Measures++
	}
	l.Money += b.Money
}

// keptLate reports whether a limit was met after its day.
func (b *Brief) keptLate(u Letters) bool {
	for _, d := range b.runs {
		if d.MetOn != 0 && d.MetOn != d.From {
			if d = d.Reckon(u.Calendar(), u.Now().Location()); d.Late(u.Now()) {
				return true
			}
		}
	}
	return false
}

// overdue reports whether a letter that was open at the end of a day was past a limit by
// then.
func (b *Brief) overdue(u Letters, p *Passage, on portal.Date) bool {
	if p != &b.Passages[len(b.Passages)-1] {
		return false
	}
	return slices.ContainsFunc(b.Deadlines(u.Calendar(), u.Now().Location()), func(d process.Deadline) bool {
		return d.From <= on && d.Day < on && (d.MetOn == 0 || d.MetOn > on)
	})
}
