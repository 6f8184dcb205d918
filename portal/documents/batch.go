package documents

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"gongkai/portal"
)

// Batch is a change of many published documents at once, with what they were before, so
// that it can be taken back. That of a cleanup (文件清理) is published.
type Batch struct {
	ID        string       `json:"id"`
	Title     string       `json:"title"`
	Cleanup   bool         `json:"cleanup,omitempty"`
	Decision  DocumentID   `json:"decision,omitempty"` // of a cleanup: the document that decides it
	By        portal.Login `json:"by"`
	At        time.Time    `json:"at"`
	Rows      []BatchRow   `json:"rows"`
	Undone    time.Time    `json:"undone,omitzero"`
	Published portal.Date  `json:"published"`
}

// BatchRow is what became of one document.
type BatchRow struct {
	Document DocumentID `json:"document"`
	Title    string     `json:"title"`
	Number   string     `json:"number,omitempty"`
	Version  int        `json:"version"` // that it has since
	Before   Marks      `json:"before"`
	After    Marks      `json:"after"`
}

// Marks are what can be changed of many documents at once.
type Marks struct {
	Theme    string             `json:"theme"`
	Organs   []portal.OrganCode `json:"organs"`
	Keywords []string           `json:"keywords,omitempty"`
	Validity string             `json:"validity"`
	Repealed portal.Date        `json:"repealed,omitzero"`
}

func marksOf(d *Document) Marks {
	return Marks{d.Theme, slices.Clone(d.Organs), slices.Clone(d.Keywords), d.Validity, d.Repealed}
}

func (m Marks) put(d *Document) {
	d.Theme, d.Organs, d.Keywords, d.Validity, d.Repealed = m.Theme, m.Organs, m.Keywords, m.Validity, m.Repealed
}

func (m Marks) same(o Marks) bool {
	return m.Theme == o.Theme && m.Validity == o.Validity && m.Repealed == o.Repealed && slices.Equal(m.Organs, o.Organs) && slices.Equal(m.Keywords, o.Keywords)
}

// BatchKind is a change of many documents; only a cleanup is public.
var BatchKind = portal.Register(portal.RecordKind{
	Code: "cleanup", Bucket: "batches",
	Name: portal.Text{ZH: "文件清理", EN: "Cleanups"}, Folder: "/cleanups/", Order: 6, Weight: 0.6,
}, func(b *Batch) *portal.Listing {
	if !b.Cleanup {
		return nil
	}
	e := &portal.Entry{Key: portal.Key{Kind: "cleanup", ID: b.ID}, Title: b.Title, Published: b.Published}
	if len(b.Rows) > 0 {
		e.Organs = b.Rows[0].After.Organs[:1]
	}
	for _, r := range b.Rows {
		e.Texts = append(e.Texts, r.Title+" "+r.Number)
	}
	return portal.ListingOf(e, b.At)
})

// Edit is what is done to each document of a batch; what is empty stays as it is.
type Edit struct {
	Theme string
	Organ portal.OrganCode // the organ that leads from now on
	Add   []string         // keywords
	Drop  []string
}

func (e Edit) apply(m Marks) Marks {
	if e.Theme != "" {
		m.Theme = e.Theme
	}
	if e.Organ != "" {
		m.Organs = append([]portal.OrganCode{e.Organ}, slices.DeleteFunc(slices.Clone(m.Organs[min(1, len(m.Organs)):]), func(o portal.OrganCode) bool { return o == e.Organ })...)
	}
	m.Keywords = slices.DeleteFunc(slices.Clone(m.Keywords), func(k string) bool { return slices.Contains(e.Drop, k) })
	for _, k := range e.Add {
		if !slices.Contains(m.Keywords, k) && len(m.Keywords) < MaxKeywords {
			m.Keywords = append(m.Keywords, k)
		}
	}
	return m
}

// MaxBatch is how many documents are changed at once.
const MaxBatch = 500

// Seen is a document of a batch and the version of it that somebody saw.
type Seen struct {
	ID      DocumentID
	Version int
}

// Preview is what an edit would do to documents: those that it leaves as they are are
// left out.
func (u Documents) Preview(ctx context.Context, by portal.Actor, ids []DocumentID, e Edit) ([]BatchRow, error) {
	if len(ids) > MaxBatch {
		return nil, portal.Wrong("document", "error.too_many", portal.Args{"Limit": MaxBatch})
	}
	var out []BatchRow
	for _, id := range ids {
		d, err := u.Store.Document(ctx, id)
		if err != nil {
			return nil, err
		}
		after, err := u.edited(by, d, e)
		if err != nil {
			return nil, err
		}
		if before := marksOf(d); !before.same(after) {
			out = append(out, BatchRow{d.ID, d.Title, d.Number, d.Version, before, after})
		}
	}
	return out, nil
}

// edited checks that the actor may do so: the same people who approve what is published.
func (u Documents) edited(by portal.Actor, d *Document, e Edit) (Marks, error) {
	after := e.apply(marksOf(d))
	if err := by.Need(portal.ReviewDocuments, d.Lead()); err != nil {
		return after, err
	}
	if e.Organ != "" {
		if err := by.NeedTyped(portal.ReviewDocuments, e.Organ); err != nil {
			return after, err
		}
	}
	if e.Theme != "" && !portal.Themes.Has(e.Theme) {
		return after, portal.Wrong("theme", "error.choose", nil)
	}
	return after, nil
}

// ChangeMany does an edit to documents as they were seen, each as a minor new version, all
// or none.
func (u Documents) ChangeMany(ctx context.Context, by portal.Actor, seen []Seen, e Edit, note string) (*Batch, error) {
	b := &Batch{ID: rand.Text(), Title: note, By: by.Login, At: u.Now().UTC(), Published: u.Today()}
	versions := make(map[DocumentID]int)
	var ids []DocumentID
	for _, s := range seen {
		versions[s.ID] = s.Version
		ids = append(ids, s.ID)
	}
	if len(ids) == 0 || len(ids) > MaxBatch {
		return nil, portal.Wrong("document", "error.too_many", portal.Args{"Limit": MaxBatch})
	}
	err := u.Store.ChangeAll(ctx, by, ids, u.Now(), func(d *Document) error {
		if d.Withdrawn || d.Version != versions[d.ID] {
			return &portal.Error{Kind: portal.Conflict, Key: "error.document_changed"}
		}
		before := marksOf(d)
		after, err := u.edited(by, d, e)
		if err != nil {
			return err
		}
		after.put(d)
		d.ChangeNote, d.Minor = note, true
		b.Rows = append(b.Rows, BatchRow{d.ID, d.Title, d.Number, d.Version + 1, before, after})
		return nil
	}, func() (*Batch, error) { return b, nil })
	return b, err
}

// Undo takes a batch back: its documents are as they were before, unless somebody has
// changed one since, which is refused.
func (u Documents) Undo(ctx context.Context, by portal.Actor, b *Batch, note string) error {
	now, rows := *b, make(map[DocumentID]BatchRow)
	var ids []DocumentID
	for _, r := range b.Rows {
		rows[r.Document] = r
		ids = append(ids, r.Document)
	}
	return u.Store.ChangeAll(ctx, by, ids, u.Now(), func(d *Document) error {
		r := rows[d.ID]
		if d.Version != r.Version {
			return &portal.Error{Kind: portal.Conflict, Key: "error.document_changed"}
		}
		for _, o := range []portal.OrganCode{d.Lead(), r.Before.Organs[0]} {
			if err := by.Need(portal.ReviewDocuments, o); err != nil {
				return err
			}
		}
		r.Before.put(d)
		d.Links = slices.DeleteFunc(d.Links, func(l Link) bool { return b.Cleanup && l.From == b.Decision })
		d.ChangeNote, d.Minor = note, true
		return nil
	}, func() (*Batch, error) {
		if !now.Undone.IsZero() {
			return nil, &portal.Error{Kind: portal.Conflict, Key: "error.document_changed"}
		}
		now.Undone, now.Cleanup = u.Now().UTC(), false // a list that was taken back is public no more
		return &now, nil
	})
}

// Result is what a cleanup decides of a document.
type Result struct {
	Document DocumentID
	Validity string // in_force, amended, repealed
}

// Clean marks documents as in force, amended or repealed by one decision (文件清理), from
// the day on which that takes effect, and publishes the list.
func (u Documents) Clean(ctx context.Context, by portal.Actor, title string, decision DocumentID, results []Result) (*Batch, error) {
	var p portal.Problems
	p.Text("title", title, true, portal.MaxLine)
	if len(results) == 0 {
		p.Add("rows", "error.required", nil)
	}
	if len(results) > MaxBatch {
		p.Add("rows", "error.too_many", portal.Args{"Limit": MaxBatch})
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	d, err := u.Store.Document(ctx, decision)
	if portal.KindOf(err) == portal.NotFound && err != nil || err == nil && d.Withdrawn {
		return nil, portal.Wrong("decision", "error.not_found", nil)
	}
	if err != nil {
		return nil, err
	}
	if err := by.Need(portal.ReviewDocuments, d.Lead()); err != nil {
		return nil, err
	}
	on := d.Effective
	if on == 0 {
		on = d.Published
	}
	b := &Batch{ID: rand.Text(), Title: title, Cleanup: true, Decision: decision, By: by.Login, At: u.Now().UTC(), Published: u.Today()}
	want := make(map[DocumentID]string)
	var ids []DocumentID
	for _, r := range results {
		if _, twice := want[r.Document]; twice {
			return nil, portal.Wrong("rows", "cleanup.twice", portal.Args{"ID": string(r.Document)})
		}
		want[r.Document] = r.Validity
		ids = append(ids, r.Document)
	}
	err = u.Store.ChangeAll(ctx, by, ids, u.Now(), func(d *Document) error {
		if err := by.Need(portal.ReviewDocuments, d.Lead()); err != nil {
			return err
		}
		if d.Withdrawn {
			return portal.Wrong("rows", "gazette.not_public", portal.Args{"ID": string(d.ID)})
		}
		before := marksOf(d)
		d.Validity, d.Repealed = want[d.ID], 0
		switch d.Validity {
		case "repealed":
			d.Linked(Link{Repeals, decision, on})
		case "amended":
			d.Linked(Link{Amends, decision, on})
		}
		d.ChangeNote, d.Minor = title, false
		b.Rows = append(b.Rows, BatchRow{d.ID, d.Title, d.Number, d.Version + 1, before, marksOf(d)})
		return nil
	}, func() (*Batch, error) { return b, nil })
	return b, err
}
