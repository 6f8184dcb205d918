package documents

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/scan"
	"gongkai/portal/text"
)

// Decision is what is done about a finding: it is masked, or it may stand, for a
// reason that is kept.
type Decision struct {
	Mask   bool         `json:"mask,omitempty"`
	Reason string       `json:"reason,omitempty"`
	By     portal.Login `json:"by"`
	At     time.Time    `json:"at"`
}

// Found is something that must not be published as it is, with each place where it
// stands.
type Found struct {
	ID       string
	Kind     scan.Kind
	Value    string
	Places   []FoundPlace
	CanMask  bool // a mark of classification cannot be
	Decision *Decision
}

// FoundPlace is where something was found, with what stands around it.
type FoundPlace struct {
	Field         string         // of the content, "" for a file
	File          string         // its name
	Page          int            // of the file, from 1; 0 where it has none
	Unseen        portal.Problem // where in the file, of what is not seen
	Before, After string
}

// Inspected is what the scan before release says of a draft.
type Inspected struct {
	Found []Found
	Open  int // findings about which nobody has decided
	// Unseen is what lies in the files unseen, by file name, found or not.
	Unseen map[string][]portal.Unseen
}

// Files reads what was read in the files of drafts, and keeps the copies that are
// made for release.
type Files interface {
	Readings(context.Context, []portal.FileID) ([]portal.Reading, error)
	// SaveCopy keeps a copy as a file, with what is to be read in it.
	SaveCopy(ctx context.Context, file []byte, read portal.Reading) (portal.FileID, int64, error)
}

// Masker makes a copy of a file as it looks, in which texts are covered for good and
// nothing is that is not seen (遮盖).
type Masker interface {
	// Mask fails where it is not certain that nothing is left.
	Mask(ctx context.Context, a portal.Attachment, texts []string) (file []byte, read portal.Reading, err error)
}

// Inspect scans all that a draft would make public, and what lies in its files
// unseen (公开前审查, 第十七条).
func (u Documents) Inspect(ctx context.Context, by portal.Actor, d *Draft) (Inspected, error) {
	if !by.Can(portal.WriteDocuments, d.Content.Lead()) && !by.Can(portal.ReviewDocuments, d.Content.Lead()) {
		return Inspected{}, by.Need(portal.WriteDocuments, d.Content.Lead())
	}
	return u.inspect(ctx, d)
}

func (u Documents) inspect(ctx context.Context, d *Draft) (Inspected, error) {
	out := Inspected{Unseen: make(map[string][]portal.Unseen)}
	at := make(map[string]int)
	search := u.scan(d.Content.Lead())
	look := func(s string, place FoundPlace, pages bool) {
		for _, f := range search(s) {
			id := f.ID()
			i, known := at[id]
			if !known {
				i = len(out.Found)
				at[id] = i
				x := Found{ID: id, Kind: f.Kind, Value: f.Value, CanMask: f.Kind != scan.Mark}
				if dec, ok := d.Decisions[id]; ok {
					x.Decision = &dec
				} else {
					out.Open++
				}
				out.Found = append(out.Found, x)
			}
			p := place
			if pages && strings.Contains(s, "\f") {
				p.Page = 1 + strings.Count(s[:f.From], "\f")
			}
			p.Before, p.After = around(s, f.From, f.To)
			if len(out.Found[i].Places) < 50 {
				out.Found[i].Places = append(out.Found[i].Places, p)
			}
		}
	}
	for _, f := range textsOf(&d.Content) {
		look(*f.text, FoundPlace{Field: f.name}, false)
	}
	for _, k := range d.Content.Keywords {
		look(k, FoundPlace{Field: "keywords"}, false)
	}
	for _, p := range d.Content.Posted {
		look(p.Note, FoundPlace{Field: "posted"}, false)
	}
	var ids []portal.FileID
	for _, a := range d.Content.Attachments {
		ids = append(ids, a.File)
	}
	readings, err := u.Store.Readings(ctx, ids)
	if err != nil {
		return out, err
	}
	for i, a := range d.Content.Attachments {
		look(a.Name, FoundPlace{File: a.Name}, false)
		look(readings[i].Text, FoundPlace{File: a.Name}, true)
		for _, h := range readings[i].Unseen {
			look(h.Text, FoundPlace{File: a.Name, Unseen: h.Place}, false)
			out.Unseen[a.Name] = append(out.Unseen[a.Name], h)
		}
	}
	order := func(k scan.Kind) int { return slices.Index(scan.Kinds, k) }
	slices.SortStableFunc(out.Found, func(a, b Found) int { return order(a.Kind) - order(b.Kind) })
	return out, nil
}

// scan finds what must not be published in a text of an organ: its own words besides,
// but not the address that it gives to the public itself.
func (u Documents) scan(organ portal.OrganCode) func(string) []scan.Finding {
	var o portal.Organ
	if u.Directory != nil {
		o, _ = u.Directory.Organ(organ) // a draft without an organ yet has no words
	}
	return scan.Of(o)
}

// textsOf are the texts of a content that become public.
func textsOf(c *Content) []struct {
	name string
	text *string
} {
	return []struct {
		name string
		text *string
	}{{"title", &c.Title}, {"title_en", &c.TitleEN}, {"number", &c.Number}, {"summary", &c.Summary}, {"summary_en", &c.SummaryEN}, {"body", &c.Body}, {"body_en", &c.BodyEN}}
}

// around is what stands before and after a place, of the same line.
func around(s string, from, to int) (string, string) {
	const most = 24
	before := []rune(s[strings.LastIndexAny(s[:from], "\n\f")+1 : from])
	rest := s[to:]
	if i := strings.IndexAny(rest, "\n\f"); i >= 0 {
		rest = rest[:i]
	}
	after := []rune(rest)
	return string(before[max(0, len(before)-most):]), string(after[:min(len(after), most)])
}

// Decide says what is done about findings of a draft, as it was seen: they are
// masked, or may stand for a reason; without either, nothing has been decided.
func (u Documents) Decide(ctx context.Context, by portal.Actor, id DraftID, seen portal.Revision, findings []string, mask bool, reason string) error {
	d, err := u.Open(ctx, by, id)
	if err != nil {
		return err
	}
	in, err := u.inspect(ctx, d)
	if err != nil {
		return err
	}
	known := make(map[string]Found)
	for _, f := range in.Found {
		known[f.ID] = f
	}
	act := "override finding"
	if mask {
		act = "mask finding"
	}
	_, err = u.Store.ChangeDraft(ctx, by, id, seen, act, u.Now(), func(d *Draft) error {
		if d.State == Approved || d.State == Internal {
			return &portal.Error{Kind: portal.Conflict, Key: "error.draft_approved"}
		}
		if d.State == Submitted {
			if err := by.Need(portal.ReviewDocuments, d.Content.Lead()); err != nil {
				return err
			}
		}
		if len(findings) == 0 {
			return portal.Wrong("finding", "error.choose", nil)
		}
		if d.Decisions == nil {
			d.Decisions = make(map[string]Decision)
		}
		for _, f := range findings {
			x, ok := known[f]
			switch {
			case !ok:
				return &portal.Error{Kind: portal.Conflict, Key: "error.finding_gone"}
			case mask && !x.CanMask:
				return portal.Wrong("finding", "error.mark_not_masked", nil)
			case !mask:
				if err := portal.CheckReason(reason); err != nil {
					return err
				}
			}
			d.Decisions[f] = Decision{Mask: mask, Reason: strings.TrimSpace(reason), By: by.Login, At: u.Now().UTC()}
		}
		d.ChangedAt = u.Now().UTC()
		return nil
	})
	return err
}

// findingsOpen refuses a draft in which something was found that nobody has decided
// about.
func findingsOpen(in Inspected) error {
	if in.Open == 0 {
		return nil
	}
	return &portal.Error{Kind: portal.Invalid, Key: "error.findings_open", Args: portal.Args{"N": in.Open}}
}

// masked is the content of a draft as it is released: masked where that was decided,
// with copies in the place of files that hold what must not be seen. It returns the
// files that are sealed.
func (u Documents) masked(ctx context.Context, d *Draft) (Content, []portal.Attachment, error) {
	c := d.Content
	c.Attachments, c.Keywords, c.Posted = slices.Clone(c.Attachments), slices.Clone(c.Keywords), slices.Clone(c.Posted)
	search := u.scan(c.Lead())
	chosen := func(f scan.Finding) bool { return d.Decisions[f.ID()].Mask }
	apply := func(s string) string {
		return scan.Apply(s, search(s), chosen)
	}
	any := false
	for _, x := range d.Decisions {
		any = any || x.Mask
	}
	if !any {
		return c, nil, nil
	}
	for _, f := range textsOf(&c) {
		*f.text = apply(*f.text)
	}
	for i := range c.Keywords {
		c.Keywords[i] = apply(c.Keywords[i])
	}
	for i := range c.Posted {
		c.Posted[i].Note = apply(c.Posted[i].Note)
	}
	var ids []portal.FileID
	for _, a := range c.Attachments {
		ids = append(ids, a.File)
	}
	readings, err := u.Store.Readings(ctx, ids)
	if err != nil {
		return c, nil, err
	}
	var sealed []portal.Attachment
	for i, a := range c.Attachments {
		copied := apply(readings[i].Text)
		hidden := slices.ContainsFunc(readings[i].Unseen, func(h portal.Unseen) bool {
			return slices.ContainsFunc(search(h.Text), chosen)
		})
		if copied == readings[i].Text && !hidden {
			c.Attachments[i].Name = apply(a.Name)
			continue
		}
		sealed = append(sealed, a)
		copyOf := portal.Attachment{Name: strings.TrimSuffix(apply(a.Name), path.Ext(a.Name)) + "（公开版）.txt", Type: "text/plain", Notes: []portal.Problem{{Key: "read.masked_copy"}}}
		file, read := []byte(copied), portal.Reading{Text: copied}
		if looks, seen, err := u.asItLooks(ctx, a, readings[i].Text, search, chosen); err == nil {
			file, read = looks, seen
			copyOf.Name, copyOf.Type, copyOf.Notes = strings.TrimSuffix(copyOf.Name, ".txt")+".pdf", "application/pdf", []portal.Problem{{Key: "read.masked_picture"}}
		} else if e := ctx.Err(); e != nil {
			return c, nil, e
		}
		if copyOf.File, copyOf.Size, err = u.Store.SaveCopy(ctx, file, read); err != nil {
			return c, nil, err
		}
		c.Attachments[i] = copyOf
	}
	return c, sealed, nil
}

// errAsText says that a masked copy is made of a file's text.
var errAsText = errors.New("a copy as it looks cannot be made")

// asItLooks makes a masked copy of a PDF or picture that looks like it, and fails unless
// nothing that was chosen is found in it any more: then its text stands in.
func (u Documents) asItLooks(ctx context.Context, a portal.Attachment, read string, search func(string) []scan.Finding, chosen func(scan.Finding) bool) ([]byte, portal.Reading, error) {
	if u.Masker == nil || a.Type != "application/pdf" && !strings.HasPrefix(a.Type, "image/") {
		return nil, portal.Reading{}, errAsText
	}
	var texts []string
	for _, f := range search(read) {
		if chosen(f) && !slices.Contains(texts, f.Value) {
			texts = append(texts, f.Value)
		}
	}
	file, seen, err := u.Masker.Mask(ctx, a, texts)
	if err != nil {
		return nil, seen, err
	}
	if len(seen.Unseen) > 0 && slices.ContainsFunc(seen.Unseen, func(h portal.Unseen) bool { return slices.ContainsFunc(search(h.Text), chosen) }) || slices.ContainsFunc(search(seen.Text), chosen) {
		return nil, seen, errAsText
	}
	return file, seen, nil
}

// Recognise reads title, number, organs, day of forming, keywords and theme out of the
// text of a document.
func (u Documents) Recognise(name, body string) (Content, []string) {
	var organs []portal.Organ
	if u.Directory != nil {
		organs = u.Directory.Organs()
	}
	return Recognise(name, text.Clean(body), organs, u.Today())
}
