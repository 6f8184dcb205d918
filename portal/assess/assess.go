// Package assess is the area of oversight over openness itself (监督考评): the scheme by
// which organs are scored, and what an inspection of the site would fail today. Both are
// rule data (rules/assessment.json); what is counted is counted by the other areas.
package assess

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/process"
	"gongkai/portal/rules"
)

// Criterion is what is scored (考评指标): computed from records, or scored by people with
// evidence where it has no measure.
type Criterion struct {
	portal.Term
	Points  int         `json:"points"`
	Measure string      `json:"measure,omitempty"`
	Hint    portal.Text `json:"hint,omitzero"`
}

// Group is criteria that stand together, with its weight in a hundred (权重).
type Group struct {
	portal.Term
	Weight   int         `json:"weight"`
	Criteria []Criterion `json:"criteria"`
}

// Points is what a group can bring.
func (g Group) Points() (n int) {
	for _, c := range g.Criteria {
		n += c.Points
	}
	return n
}

// Probe is one of the things that an inspection of the site looks at: it fails from so many.
type Probe struct {
	portal.Term
	Fails  int    `json:"fails"`
	Warn   bool   `json:"warn,omitempty"` // a reminder: no inspection fails for it
	Link   string `json:"link"`           // where it is mended
	Source string `json:"source"`
}

// Rules are the scheme, its steps, and what an inspection looks at.
var Rules = rules.Read[struct {
	Source     string          `json:"source"`
	Unverified bool            `json:"unverified"`
	Organs     []string        `json:"organs"`
	Groups     []Group         `json:"groups"`
	Process    process.Process `json:"process"`
	Health     []Probe         `json:"health"`
}]("assessment.json")

// Tenth is a tenth of a point: scores are counted in them.
const Tenth = 10

// Mark is what an organ was given for a criterion that people score.
type Mark struct {
	Self     int                 `json:"self"`               // tenths of a point
	Evidence string              `json:"evidence,omitempty"` // 佐证
	Files    []portal.Attachment `json:"files,omitempty"`
	Checked  int                 `json:"checked"`
	Final    int                 `json:"final"`
	Remark   string              `json:"remark,omitempty"`
}

// Assessment is the scoring of an organ for a year (考评).
type Assessment struct {
	Year  int              `json:"year"`
	Organ portal.OrganCode `json:"organ"`
	Marks map[string]Mark  `json:"marks,omitempty"` // by criterion
	Steps []process.Step   `json:"steps,omitempty"`
}

// Kind is an assessment, which is public in the notice of its year only.
var Kind = portal.Register[Assessment](portal.RecordKind{Code: "assessment", Bucket: "assessments", Field: "marks"}, nil)

// ID is that of an organ's assessment.
func ID(year int, organ portal.OrganCode) string { return fmt.Sprintf("%d.%s", year, organ) }

// Notice is what was made public of a year: the ranking as it was then (通报).
type Notice struct {
	Year  int          `json:"year"`
	On    portal.Date  `json:"on"`
	At    time.Time    `json:"at"`
	By    portal.Login `json:"by"`
	Note  string       `json:"note,omitempty"`
	Lines []Scored     `json:"lines"` // the best first
}

// NoticeKind is a notice.
var NoticeKind = portal.Register(portal.RecordKind{
	Code: "assessment_notice", Bucket: "assessment_notices", Field: "lines",
	Name: portal.Text{ZH: "考评通报", EN: "Assessments"}, Folder: "/assessments/", Order: 10, Weight: 0.4,
}, func(n *Notice) *portal.Listing {
	var organs []portal.OrganCode
	for _, l := range n.Lines {
		organs = append(organs, l.Organ)
	}
	return portal.ListingOf(&portal.Entry{Key: portal.Key{Kind: "assessment_notice", ID: n.ID()}, Title: Title(n.Year).ZH, TitleEN: Title(n.Year).EN, Organs: organs[:min(1, len(organs))], Published: n.On, Texts: []string{n.Note}}, n.At)
})

// ID is the notice's address.
func (n *Notice) ID() string { return fmt.Sprint(n.Year) }

// Title is that of a notice.
func Title(year int) portal.Text {
	return portal.Text{ZH: fmt.Sprintf("%d年度政务公开考评情况通报", year), EN: fmt.Sprintf("Assessment of openness %d", year)}
}

// Ratio is how much of something was good.
type Ratio struct{ Good, All int }

// Measure counts something in all organs, from a day to a day.
type Measure func(ctx context.Context, from, to portal.Date) (map[portal.OrganCode]Ratio, error)

// Probing counts what an inspection of the site looks at, with the records behind it.
type Probing func(ctx context.Context) (int, []portal.Fact, error)

// Assessments are the use cases of oversight.
type Assessments struct {
	portal.Clockwork
	Store     portal.Records[Assessment]
	Notices   portal.Records[Notice]
	Directory Directory
	Measures  map[string]Measure
	Probes    map[string]Probing
}

// Directory tells of organs.
type Directory interface {
	Organs() []portal.Organ
}

// Line is a criterion with what an organ has of it.
type Line struct {
	Criterion
	Ratio Ratio // of what is computed
	Mark  Mark  // of what people score
	Score int   // tenths of a point
}

// Scored is an organ with its scores.
type Scored struct {
	Organ  portal.OrganCode `json:"organ"`
	State  string           `json:"-"`
	Groups []int            `json:"groups"` // tenths of a point, by group
	Total  int              `json:"total"`  // tenths, of a hundred
	Rank   int              `json:"rank"`   // the same for the same total
}

// Sheet is the scoring of one organ.
type Sheet struct {
	Assessment *Assessment
	Revision   portal.Revision
	Lines      [][]Line // by group
	Scored
}

// Days are those of a year that are counted: up to today.
func (u Assessments) days(year int) (from, to portal.Date) {
	return clock.NewDate(year, 1, 1), min(u.Today(), clock.NewDate(year, 12, 31))
}

// assessed are the organs that are scored.
func (u Assessments) assessed() []portal.Organ {
	return slices.DeleteFunc(slices.Clone(u.Directory.Organs()), func(o portal.Organ) bool { return !slices.Contains(Rules.Organs, string(o.Kind)) })
}

// counts are the measures of a year.
func (u Assessments) counts(ctx context.Context, year int) (map[string]map[portal.OrganCode]Ratio, error) {
	from, to := u.days(year)
	out := make(map[string]map[portal.OrganCode]Ratio)
	for _, g := range Rules.Groups {
		for _, c := range g.Criteria {
			if m := u.Measures[c.Measure]; m != nil && out[c.Measure] == nil {
				r, err := m(ctx, from, to)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", c.Measure, err)
				}
				out[c.Measure] = r
			}
		}
	}
	return out, nil
}

func (u Assessments) load(ctx context.Context, year int, organ portal.OrganCode) (*Assessment, portal.Revision, error) {
	a, err := u.Store.Get(ctx, ID(year, organ))
	switch {
	case portal.KindOf(err) == portal.NotFound && err != nil:
		return &Assessment{Year: year, Organ: organ, Steps: []process.Step{{Type: Rules.Process.Steps[0].Code, On: u.Today(), At: u.Now().UTC()}}}, portal.Absent, nil
	case err != nil:
		return nil, "", err
	}
	return a, portal.RevisionOf(a), nil
}

// sheet works out the scores of an organ.
func sheet(a *Assessment, rev portal.Revision, counts map[string]map[portal.OrganCode]Ratio) Sheet {
	s := Sheet{Assessment: a, Revision: rev, Scored: Scored{Organ: a.Organ, State: Rules.Process.State(a.Steps)}}
	weighed := 0
	for _, g := range Rules.Groups {
		var lines []Line
		sum := 0
		for _, c := range g.Criteria {
			l := Line{Criterion: c, Mark: a.Marks[c.Code]}
			if c.Measure != "" {
				l.Ratio = counts[c.Measure][a.Organ]
				l.Score = c.Points * Tenth // with nothing to count against, all of it
				if l.Ratio.All > 0 {
					l.Score = (c.Points*Tenth*l.Ratio.Good + l.Ratio.All/2) / l.Ratio.All
				}
			} else {
				l.Score = map[string]int{"submitted": l.Mark.Self, "checked": l.Mark.Checked, "objected": l.Mark.Checked, "settled": l.Mark.Final}[s.State]
			}
			sum += l.Score
			lines = append(lines, l)
		}
		s.Lines, s.Groups = append(s.Lines, lines), append(s.Groups, sum)
		weighed += g.Weight * sum * 1000 / g.Points()
	}
	s.Total = (weighed + 500) / 1000
	return s
}

// Sheet is the scoring of an organ, for its own people and for those who oversee it.
func (u Assessments) Sheet(ctx context.Context, by portal.Actor, year int, organ portal.OrganCode) (Sheet, error) {
	if !by.Can(portal.Oversee, organ) {
		if err := by.Need(portal.WriteDocuments, organ); err != nil {
			return Sheet{}, err
		}
	}
	if !slices.ContainsFunc(u.assessed(), func(o portal.Organ) bool { return o.Code == organ }) {
		return Sheet{}, portal.Missing()
	}
	counts, err := u.counts(ctx, year)
	if err != nil {
		return Sheet{}, err
	}
	a, rev, err := u.load(ctx, year, organ)
	if err != nil {
		return Sheet{}, err
	}
	return sheet(a, rev, counts), nil
}

// Ranking is the organs that somebody may see, the best first.
func (u Assessments) Ranking(ctx context.Context, by portal.Actor, year int) ([]Scored, error) {
	counts, err := u.counts(ctx, year)
	if err != nil {
		return nil, err
	}
	var out []Scored
	for _, o := range u.assessed() {
		if !by.Can(portal.Oversee, o.Code) && !by.Can(portal.WriteDocuments, o.Code) && !by.Can(portal.ReleaseOversight, o.Code) {
			continue
		}
		a, rev, err := u.load(ctx, year, o.Code)
		if err != nil {
			return nil, err
		}
		out = append(out, sheet(a, rev, counts).Scored)
	}
	rank(out)
	return out, nil
}

// rank puts the best first; the same total has the same rank.
func rank(list []Scored) {
	slices.SortStableFunc(list, func(a, b Scored) int { return cmp.Compare(b.Total, a.Total) })
	for i := range list {
		list[i].Rank = i + 1
		if i > 0 && list[i].Total == list[i-1].Total {
			list[i].Rank = list[i-1].Rank
		}
	}
}

// Typed is what was typed for a criterion.
type Typed struct {
	Score    string // points, with one figure after the point at the most
	Evidence string
	Files    []portal.Attachment
	Remark   string
}

// Step takes a step in the scoring of an organ, as it was seen: its own score with evidence,
// the check, an objection, what is settled.
func (u Assessments) Step(ctx context.Context, by portal.Actor, year int, organ portal.OrganCode, seen portal.Revision, step, note string, typed map[string]Typed) (*Assessment, error) {
	rule := Rules.Process.Named(step)
	if rule == nil || rule.By == "system" || year < 2000 || year > u.Today().Year() {
		return nil, portal.Missing()
	}
	act := portal.WriteDocuments
	if rule.By == "overseer" {
		act = portal.Oversee
	}
	if err := by.Need(act, organ); err != nil {
		return nil, err
	}
	if _, err := u.Notices.Get(ctx, fmt.Sprint(year)); err == nil {
		return nil, &portal.Error{Kind: portal.Conflict, Key: "assess.public"}
	} else if portal.KindOf(err) != portal.NotFound {
		return nil, err
	}
	return u.Store.Change(ctx, by, ID(year, organ), seen, step+" assessment", u.Now(), func(a *Assessment) (string, error) {
		if a.Year == 0 {
			fresh, _, err := u.load(ctx, year, organ)
			if err != nil {
				return "", err
			}
			*a = *fresh
		}
		steps, err := Rules.Process.Add(a.Steps, process.Step{Type: step, On: u.Today(), At: u.Now().UTC(), By: by.Login, Note: strings.TrimSpace(note)}, rule.By)
		if err != nil {
			return "", err
		}
		var p portal.Problems
		marks := make(map[string]Mark)
		for _, g := range Rules.Groups {
			for _, c := range g.Criteria {
				if c.Measure != "" {
					continue
				}
				m, t := a.Marks[c.Code], typed[c.Code]
				n := 0
				if step != "object" {
					ok := false
					if n, ok = points(t.Score, c.Points); !ok {
						p.Add(c.Code, "assess.points", portal.Args{"Limit": c.Points})
					}
				}
				switch step {
				case "submit":
					p.Text(c.Code+"_evidence", t.Evidence, n > 0, portal.MaxNote)
					m.Self, m.Evidence = n, strings.TrimSpace(t.Evidence)
					for _, f := range t.Files {
						m.Files = portal.WithFile(m.Files, f)
					}
				case "check":
					p.Text(c.Code+"_remark", t.Remark, n != m.Self, portal.MaxNote)
					m.Checked, m.Final, m.Remark = n, n, strings.TrimSpace(t.Remark)
				case "settle":
					m.Final = n
				}
				marks[c.Code] = m
			}
		}
		if err := p.Err(); err != nil {
			return "", err
		}
		a.Steps, a.Marks = steps, marks
		return step, nil
	})
}

// points reads a score: "3", "2.5".
func points(s string, most int) (int, bool) {
	whole, part, dotted := strings.Cut(strings.TrimSpace(s), ".")
	n := 0
	for _, c := range whole {
		if c < '0' || c > '9' || n > 1000 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	n *= Tenth
	if dotted {
		if len(part) != 1 || part[0] < '0' || part[0] > '9' {
			return 0, false
		}
		n += int(part[0] - '0')
	}
	return n, whole != "" && n <= most*Tenth
}

// Publish makes the ranking of a year public, as it is then: once every organ is settled,
// and by somebody who settled none of them.
func (u Assessments) Publish(ctx context.Context, by portal.Actor, year int, note string) (*Notice, error) {
	var p portal.Problems
	p.Text("note", note, false, portal.MaxProse)
	if err := p.Err(); err != nil {
		return nil, err
	}
	for _, o := range u.assessed() {
		if err := by.Need(portal.ReleaseOversight, o.Code); err != nil {
			return nil, err
		}
		a, _, err := u.load(ctx, year, o.Code)
		if err != nil {
			return nil, err
		}
		if !Rules.Process.Ended(a.Steps) {
			return nil, &portal.Error{Kind: portal.Conflict, Key: "assess.open", Args: portal.Args{"Organ": o.Name.ZH}}
		}
		if a.Steps[len(a.Steps)-1].By == by.Login && !by.IsSystem() {
			return nil, &portal.Error{Kind: portal.Forbidden, Key: "error.second_person"}
		}
	}
	lines, err := u.Ranking(ctx, by, year)
	if err != nil {
		return nil, err
	}
	return u.Notices.Change(ctx, by, fmt.Sprint(year), portal.Absent, "publish assessment", u.Now(), func(n *Notice) (string, error) {
		*n = Notice{Year: year, On: u.Today(), At: u.Now().UTC(), By: by.Login, Note: strings.TrimSpace(note), Lines: lines}
		return fmt.Sprint(year), nil
	})
}

// Finding is something an inspection looks at, with what it would find today.
type Finding struct {
	Probe
	N     int
	Facts []portal.Fact
	Fails bool
}

// Health tells what an inspection of the site would fail today (国办秘函〔2019〕19号).
func (u Assessments) Health(ctx context.Context, by portal.Actor) ([]Finding, error) {
	if err := by.NeedSome(portal.SeeDesk); err != nil {
		return nil, err
	}
	var out []Finding
	for _, p := range Rules.Health {
		probe := u.Probes[p.Code]
		if probe == nil {
			continue
		}
		n, facts, err := probe(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Code, err)
		}
		out = append(out, Finding{p, n, facts, n >= p.Fails})
	}
	return out, nil
}

// Trace tells what was done.
func (a *Assessment) Trace() []process.Traced { return Rules.Process.Trace(a.Steps) }
