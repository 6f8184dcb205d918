// Package consult is the area in which the public is asked (意见征集、调查): drafts on which
// anybody comments, what became of each comment, and surveys. How long a draft must be open
// is rule data (rules/consultation.json).
package consult

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/rules"
	"gongkai/portal/scan"
	"gongkai/portal/text"
)

// DraftKind is what is put before the public, with the days it must be open (征求意见期限).
type DraftKind struct {
	portal.Term
	Days       int    `json:"days"`
	Source     string `json:"source"`
	Unverified bool   `json:"unverified,omitempty"`
}

// Rules are the kinds of drafts and questions, and what can become of a comment.
var Rules = rules.Read[struct {
	Kinds  []DraftKind `json:"kinds"`
	Report struct {
		WorkingDays int    `json:"working_days"`
		Source      string `json:"source"`
		Unverified  bool   `json:"unverified,omitempty"`
	} `json:"report"`
	Decisions []portal.Term `json:"decisions"`
	Questions []portal.Term `json:"questions"`
	// Least is the fewest answers of which a survey tells.
	Least int `json:"least"`
}]("consultation.json")

// KindNamed is a kind of draft; nil for none.
func KindNamed(code string) *DraftKind {
	i := slices.IndexFunc(Rules.Kinds, func(k DraftKind) bool { return k.Code == code })
	if i < 0 {
		return nil
	}
	return &Rules.Kinds[i]
}

// TermOf is a term of a list; one with its code alone where there is none.
func TermOf(list []portal.Term, code string) portal.Term {
	if i := slices.IndexFunc(list, func(t portal.Term) bool { return t.Code == code }); i >= 0 {
		return list[i]
	}
	return portal.Term{Code: code, Name: portal.Text{ZH: code}}
}

// Consultation is a draft on which anybody may comment (征求意见).
type Consultation struct {
	ID          string              `json:"id"`
	Organ       portal.OrganCode    `json:"organ"`
	Kind        string              `json:"kind"`
	Title       string              `json:"title"`
	Explanation string              `json:"explanation"` // 起草说明
	Draft       string              `json:"draft"`       // 征求意见稿, by articles
	Files       []portal.Attachment `json:"files,omitempty"`
	Opens       portal.Date         `json:"opens"`
	Closes      portal.Date         `json:"closes"`          // the last day, included
	Short       string              `json:"short,omitempty"` // why it is open for less than the rules say
	By          portal.Login        `json:"by"`
	At          time.Time           `json:"at"`
	Released    *Release            `json:"released,omitempty"`
	Final       string              `json:"final,omitempty"`   // as it was decided; "" while it is not
	Outcome     string              `json:"outcome,omitempty"` // what became of it, in words
	FinalBy     portal.Login        `json:"final_by,omitempty"`
	Report      *Release            `json:"report,omitempty"` // that the result is public
	Stands      []scan.Stand        `json:"stands,omitempty"`
}

// Release is when and by whom something became public.
type Release struct {
	On portal.Date  `json:"on"`
	At time.Time    `json:"at"`
	By portal.Login `json:"by"`
}

// Phases of a consultation: told from its days, never kept.
const (
	Written = "written"
	Ahead   = "ahead" // public, and not open yet
	Open    = "open"
	Closed  = "closed"
	Done    = "done" // its result is public
)

// Phase is where a consultation stands on a day.
func (c *Consultation) Phase(today portal.Date) string {
	switch {
	case c.Released == nil:
		return Written
	case c.Report != nil:
		return Done
	case today < c.Opens:
		return Ahead
	case today <= c.Closes:
		return Open
	}
	return Closed
}

// Article is a part of a draft on which one can comment.
type Article struct {
	Name string // 第三条; "" for what stands before the first
	Text string
}

// Articles are the parts of the draft.
func (c *Consultation) Articles() []Article {
	var out []Article
	for _, p := range text.Split(c.Draft) {
		s := strings.TrimSpace(c.Draft[p.Start:p.End])
		name := text.Article(s)
		if n := len(out); name == "" && n > 0 {
			out[n-1].Text += "\n" + s
			continue
		}
		out = append(out, Article{name, s})
	}
	return out
}

// Has reports whether the draft has an article.
func (c *Consultation) Has(article string) bool {
	return article == "" || slices.ContainsFunc(c.Articles(), func(a Article) bool { return a.Name == article })
}

// Kind is a consultation; it is public once it is released.
var Kind = portal.Register(portal.RecordKind{
	Code: "consultation", Bucket: "consultations",
	Name: portal.Text{ZH: "意见征集", EN: "Consultations"}, Folder: "/consultations/", Order: 8, Weight: 0.8,
}, func(c *Consultation) *portal.Listing {
	if c.Released == nil {
		return nil
	}
	e := &portal.Entry{Key: portal.Key{Kind: "consultation", ID: c.ID}, Title: c.Title, Organs: []portal.OrganCode{c.Organ}, Genre: c.Kind, Published: c.Released.On, Texts: []string{c.Explanation + "\n\n" + c.Draft}}
	at := c.Released.At
	if c.Report != nil {
		e.Texts, at = append(e.Texts, c.Outcome+"\n\n"+c.Final), c.Report.At
	}
	return portal.ListingOf(e, at)
})

// Comment is what somebody said about a draft. Who it was is sealed apart.
type Comment struct {
	ID           string           `json:"id"`
	Consultation string           `json:"consultation"`
	Organ        portal.OrganCode `json:"organ"`
	Article      string           `json:"article,omitempty"` // "" for the whole
	Text         string           `json:"text"`
	On           portal.Date      `json:"on"`
	At           time.Time        `json:"at"`
	Paper        bool             `json:"paper,omitempty"` // entered from paper
	Named        string           `json:"named,omitempty"` // the name, of who wants to be named
	Decision     string           `json:"decision,omitempty"`
	Reason       string           `json:"reason,omitempty"`
	Group        string           `json:"group,omitempty"` // alike ones share the ID of the first
	By           portal.Login     `json:"by,omitempty"`    // who answered it
}

// Commenter is who commented, sealed.
type Commenter struct {
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
	Email string `json:"email,omitempty"`
}

const commentersBucket = "commenters"

// CommentKind is a comment, which is public in the report on its consultation only.
var CommentKind = portal.Register[Comment](portal.RecordKind{Code: "comment", Bucket: "comments", Field: "consultation",
	Sealed: []portal.Sealed{{Bucket: commentersBucket, Bound: func(key string) string { return "commenter/" + key }}}}, nil)

// Limits.
const (
	MaxDraft   = 200_000
	MaxComment = 5000
	MaxFiles   = 10
)

// Consultations are the use cases of consultations and surveys.
type Consultations struct {
	portal.Clockwork
	Store     portal.Filing[Consultation]
	Comments  portal.Filing[Comment]
	Surveys   portal.Filing[Survey]
	Answers   portal.Filing[Answer]
	Directory Directory
	Files     scan.Files
}

// Directory tells of organs.
type Directory interface {
	Organ(portal.OrganCode) (portal.Organ, error)
}

var commenterActor = portal.Actor{Login: "commenter"}

// Write writes a consultation, without an id a new one, as it was seen. Once it is public
// only what is not yet decided can be changed: its days, to be open for longer.
func (u Consultations) Write(ctx context.Context, by portal.Actor, id string, seen portal.Revision, x *Consultation) (*Consultation, error) {
	var p portal.Problems
	p.Text("title", x.Title, true, portal.MaxName)
	p.Text("explanation", x.Explanation, true, portal.MaxProse)
	p.Text("draft", x.Draft, true, MaxDraft)
	p.Text("short", x.Short, false, portal.MaxNote)
	k := KindNamed(x.Kind)
	switch {
	case k == nil:
		p.Add("kind", "error.choose", nil)
	case x.Closes < x.Opens:
		p.Add("closes", "error.period", nil)
	case int(x.Closes-x.Opens)+1 < k.Days && text.IsBlank(x.Short):
		p.Add("short", "consult.too_short", portal.Args{"N": k.Days})
	}
	if len(x.Files) > MaxFiles {
		p.Add("files", "error.too_many", portal.Args{"Limit": MaxFiles})
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	fill := func(c *Consultation) {
		c.Kind, c.Title, c.Explanation, c.Draft, c.Opens, c.Closes, c.Short = x.Kind, x.Title, x.Explanation, x.Draft, x.Opens, x.Closes, strings.TrimSpace(x.Short)
		for _, f := range x.Files {
			c.Files = portal.WithFile(c.Files, f)
		}
		c.By, c.At = by.Login, u.Now().UTC()
	}
	if id == "" {
		if err := by.NeedTyped(portal.WriteDocuments, x.Organ); err != nil {
			return nil, err
		}
		year := u.Today().Year()
		return u.Store.Enter(ctx, by, "C"+fmt.Sprint(year), func(n int) string { return fmt.Sprintf("C%d-%04d", year, n) }, "write consultation", u.Now(), func(c *Consultation, tx portal.RecordTx) (string, error) {
			c.ID, c.Organ = tx.ID(), x.Organ
			fill(c)
			return c.Title, nil
		})
	}
	return u.Store.Change(ctx, by, id, seen, "write consultation", u.Now(), func(c *Consultation) (string, error) {
		if err := by.Need(portal.WriteDocuments, c.Organ); err != nil {
			return "", err
		}
		if c.Released != nil {
			if x.Closes < c.Closes || c.Report != nil {
				return "", portal.Wrong("closes", "consult.only_longer", nil)
			}
			c.Closes = x.Closes
			return c.Title, nil
		}
		fill(c)
		return c.Title, nil
	})
}

// Open loads a consultation for who writes or reviews it.
func (u Consultations) Open(ctx context.Context, by portal.Actor, id string) (*Consultation, error) {
	c, err := u.Store.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return c, by.Need(portal.WriteDocuments, c.Organ)
}

// List lists what somebody may write, the newest first.
func (u Consultations) List(ctx context.Context, by portal.Actor) ([]*Consultation, error) {
	list, err := u.Store.All(ctx, func(c *Consultation) bool { return by.Can(portal.WriteDocuments, c.Organ) })
	slices.SortFunc(list, func(a, b *Consultation) int { return strings.Compare(b.ID, a.ID) })
	return list, err
}

// Release makes a consultation public: a second person, after the check that every
// publication passes.
func (u Consultations) Release(ctx context.Context, by portal.Actor, id string, seen portal.Revision, stands string) (*Consultation, error) {
	return u.release(ctx, by, id, seen, stands, "release consultation", func(c *Consultation) ([]scan.Text, portal.Login, error) {
		if c.Released != nil {
			return nil, "", &portal.Error{Kind: portal.Conflict, Key: "consult.public_already"}
		}
		if c.Closes < u.Today() {
			return nil, "", &portal.Error{Kind: portal.Conflict, Key: "consult.over"}
		}
		c.Released = u.stamp(by)
		return []scan.Text{{Field: "title", Text: c.Title}, {Field: "explanation", Text: c.Explanation}, {Field: "draft", Text: c.Draft}}, c.By, nil
	})
}

func (u Consultations) stamp(by portal.Actor) *Release {
	return &Release{On: u.Today(), At: u.Now().UTC(), By: by.Login}
}

// release is what both releases share: a second person, and the check.
func (u Consultations) release(ctx context.Context, by portal.Actor, id string, seen portal.Revision, stands, act string, do func(*Consultation) ([]scan.Text, portal.Login, error)) (*Consultation, error) {
	was, err := u.Store.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	read, err := scan.TextsOf(ctx, u.Files, "files", was.Files)
	if err != nil {
		return nil, err
	}
	return u.Store.Change(ctx, by, id, seen, act, u.Now(), func(c *Consultation) (string, error) {
		if err := by.Need(portal.ReviewDocuments, c.Organ); err != nil {
			return "", err
		}
		texts, wrote, err := do(c)
		if err != nil {
			return "", err
		}
		if wrote == by.Login && !by.IsSystem() {
			return "", &portal.Error{Kind: portal.Forbidden, Key: "error.second_person"}
		}
		o, err := u.Directory.Organ(c.Organ)
		if err != nil {
			return "", err
		}
		if c.Stands, err = scan.Release(o, append(texts, read...), c.Stands, stands, by.Login, u.Now()); err != nil {
			return "", err
		}
		return c.Title, nil
	})
}

// Say takes a comment over the internet, while the consultation is open. It returns its
// number.
func (u Consultations) Say(ctx context.Context, id string, m *Comment, who Commenter) (string, error) {
	c, err := u.Store.Get(ctx, id)
	if err != nil {
		return "", err
	}
	switch c.Phase(u.Today()) {
	case Open:
	case Written:
		return "", portal.Missing()
	default:
		return "", &portal.Error{Kind: portal.Conflict, Key: "consult.not_open"}
	}
	m.On, m.Paper = u.Today(), false
	return u.comment(ctx, commenterActor, c, m, who)
}

// TakeIn enters a comment from paper, on the day on which it came.
func (u Consultations) TakeIn(ctx context.Context, by portal.Actor, id string, m *Comment, who Commenter) (string, error) {
	c, err := u.Open(ctx, by, id)
	if err != nil {
		return "", err
	}
	if c.Released == nil || c.Report != nil {
		return "", &portal.Error{Kind: portal.Conflict, Key: "consult.not_open"}
	}
	var p portal.Problems
	p.Past("on", m.On, u.Today())
	if m.On != 0 && (m.On < c.Opens || m.On > c.Closes) {
		p.Add("on", "consult.day", nil)
	}
	if err := p.Err(); err != nil {
		return "", err
	}
	m.Paper = true
	return u.comment(ctx, by, c, m, who)
}

func (u Consultations) comment(ctx context.Context, by portal.Actor, c *Consultation, m *Comment, who Commenter) (string, error) {
	var p portal.Problems
	p.Text("text", m.Text, true, MaxComment)
	p.Text("name", who.Name, m.Named != "", portal.MaxName)
	if who.Phone != "" && !portal.ValidTelephone(who.Phone) {
		p.Add("phone", "error.telephone", nil)
	}
	if who.Email != "" && !portal.ValidEmail(who.Email) {
		p.Add("email", "error.email", nil)
	}
	if !c.Has(m.Article) {
		p.Add("article", "error.choose", nil)
	}
	if err := p.Err(); err != nil {
		return "", err
	}
	if m.Named != "" {
		m.Named = who.Name
	}
	made, err := u.Comments.Enter(ctx, by, "K"+c.ID, func(n int) string { return fmt.Sprintf("K%s-%06d", c.ID[1:], n) }, "comment", u.Now(), func(x *Comment, tx portal.RecordTx) (string, error) {
		*x = Comment{ID: tx.ID(), Consultation: c.ID, Organ: c.Organ, Article: m.Article, Text: strings.TrimSpace(m.Text), On: m.On, At: u.Now().UTC(), Paper: m.Paper, Named: m.Named}
		// The same words on the same article are one matter.
		if same := tx.Marked("same comment", c.ID, m.Article, text.Squeeze(m.Text)); len(same) > 0 {
			x.Group = same[0]
		}
		if err := tx.Mark("same comment", c.ID, m.Article, text.Squeeze(m.Text)); err != nil {
			return "", err
		}
		if (who == Commenter{}) {
			return "", nil
		}
		return "", tx.Seal(commentersBucket, who)
	})
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

// CommentsOf lists the comments on a consultation, by article, alike ones together.
func (u Consultations) CommentsOf(ctx context.Context, c *Consultation) ([]*Comment, error) {
	list, err := u.Comments.All(ctx, func(m *Comment) bool { return m.Consultation == c.ID })
	order := make(map[string]int)
	for i, a := range c.Articles() {
		order[a.Name] = i + 1
	}
	slices.SortFunc(list, func(a, b *Comment) int {
		if d := order[a.Article] - order[b.Article]; d != 0 {
			return d
		}
		if d := strings.Compare(a.first(), b.first()); d != 0 {
			return d
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list, err
}

// first is the comment under which alike ones stand.
func (m *Comment) first() string {
	if m.Group != "" {
		return m.Group
	}
	return m.ID
}

// Decide answers some comments of a consultation at once: adopted, partly or not, with the
// reason. What is answered together stands together.
func (u Consultations) Decide(ctx context.Context, by portal.Actor, id string, ids []string, decision, reason string) (int, error) {
	c, err := u.Open(ctx, by, id)
	if err != nil {
		return 0, err
	}
	var p portal.Problems
	if len(ids) == 0 {
		p.Add("comments", "consult.choose_some", nil)
	}
	if !slices.ContainsFunc(Rules.Decisions, func(t portal.Term) bool { return t.Code == decision }) {
		p.Add("decision", "error.choose", nil)
	}
	p.Text("reason", reason, true, MaxComment)
	if err := p.Err(); err != nil {
		return 0, err
	}
	if c.Report != nil {
		return 0, &portal.Error{Kind: portal.Conflict, Key: "consult.done"}
	}
	slices.Sort(ids)
	n := 0
	for _, k := range slices.Compact(ids) {
		_, err := u.Comments.Change(ctx, by, k, portal.Latest, "answer comment", u.Now(), func(m *Comment) (string, error) {
			if m.Consultation != c.ID {
				return "", portal.Missing()
			}
			m.Decision, m.Reason, m.By = decision, strings.TrimSpace(reason), by.Login
			if len(ids) > 1 {
				m.Group = ids[0]
			}
			return decision, nil
		})
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Finish writes what became of the draft: the text as it was decided, or none, and why.
func (u Consultations) Finish(ctx context.Context, by portal.Actor, id string, seen portal.Revision, final, outcome string) (*Consultation, error) {
	var p portal.Problems
	p.Text("final", final, false, MaxDraft)
	p.Text("outcome", outcome, true, portal.MaxProse)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return u.Store.Change(ctx, by, id, seen, "write result of consultation", u.Now(), func(c *Consultation) (string, error) {
		if err := by.Need(portal.WriteDocuments, c.Organ); err != nil {
			return "", err
		}
		if c.Phase(u.Today()) != Closed {
			return "", &portal.Error{Kind: portal.Conflict, Key: "consult.not_closed"}
		}
		c.Final, c.Outcome, c.FinalBy = final, strings.TrimSpace(outcome), by.Login
		return c.Title, nil
	})
}

// Publish makes the result public: what was said, what became of it, and the final text.
// Every comment must be answered first.
func (u Consultations) Publish(ctx context.Context, by portal.Actor, id string, seen portal.Revision, stands string) (*Consultation, error) {
	was, err := u.Store.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	comments, err := u.CommentsOf(ctx, was)
	if err != nil {
		return nil, err
	}
	texts := []scan.Text{}
	open := 0
	for _, m := range comments {
		if m.Decision == "" {
			open++
		}
		texts = append(texts, scan.Text{Field: m.ID, Text: m.Text}, scan.Text{Field: m.ID, Text: m.Reason})
	}
	if open > 0 {
		return nil, &portal.Error{Kind: portal.Conflict, Key: "consult.unanswered", Args: portal.Args{"N": open}}
	}
	return u.release(ctx, by, id, seen, stands, "release result of consultation", func(c *Consultation) ([]scan.Text, portal.Login, error) {
		if c.Phase(u.Today()) != Closed || c.Outcome == "" {
			return nil, "", &portal.Error{Kind: portal.Conflict, Key: "consult.no_result"}
		}
		c.Report = u.stamp(by)
		return append(texts, scan.Text{Field: "final", Text: c.Final}, scan.Text{Field: "outcome", Text: c.Outcome}), c.FinalBy, nil
	})
}

// Counted is how many comments were adopted, and how many not.
type Counted struct {
	Total, Web, Paper, Open int
	By                      map[string]int // by decision
}

// Count counts comments.
func Count(list []*Comment) Counted {
	c := Counted{Total: len(list), By: make(map[string]int)}
	for _, m := range list {
		if m.Paper {
			c.Paper++
		} else {
			c.Web++
		}
		if m.Decision == "" {
			c.Open++
		}
		c.By[m.Decision]++
	}
	return c
}

// ReportDue is the last day on which the result should be public.
func (u Consultations) ReportDue(c *Consultation) portal.Date {
	return u.Calendar().After(c.Closes, Rules.Report.WorkingDays)
}

// Due implements portal.Deadlines: results that are not public yet.
func (u Consultations) Due(ctx context.Context) ([]portal.Due, error) {
	var out []portal.Due
	_, err := u.Store.All(ctx, func(c *Consultation) bool {
		if c.Phase(u.Today()) == Closed {
			out = append(out, portal.Due{Kind: Kind.Code, Name: Kind.Name, Organ: c.Organ, Act: portal.WriteDocuments, Title: c.Title, What: portal.Text{ZH: "公布意见采纳情况", EN: "Publish the result"}, Path: "/desk/consultations/" + c.ID, Day: u.ReportDue(c)})
		}
		return false
	})
	return out, err
}
