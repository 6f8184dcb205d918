package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	"gongkai/portal/organs"
	"gongkai/portal/people"
	"gongkai/portal/powers"
	"gongkai/portal/query"
	"gongkai/portal/reports"
	"gongkai/portal/searches"
)

// Parts are the ports of the areas as one store offers them.
type Parts struct {
	Organs    organs.Store
	Documents documents.Store
	Cases     cases.Store
	Powers    portal.Records[powers.PowerItem]
	Reports   portal.Records[reports.Report]
	People    people.Store
	Alerts    alerts.Store
	Searches  searches.Store
	Outbox    cases.Outbox
	Catalogue interface {
		Listings(...portal.Key) []*portal.Listing
	}
	Changes alerts.Changes
	Log     interface {
		Audit(ctx context.Context, before uint64, limit int, object string) ([]portal.AuditEntry, error)
	}
	Files interface {
		SaveFile(ctx context.Context, r io.Reader, limit int64) (portal.FileID, int64, error)
		SweepFiles(ctx context.Context, before time.Time) (int, error)
	}
}

var (
	tester = portal.System("conformance")
	at     = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
)

// Conform holds a store to what every store of the portal promises: a change is
// made whole or not at all, on the record that somebody saw and by nobody at the
// same time; what is public is listed and logged with it, what is not public is
// nowhere; what a person tells is only where its handlers look. open opens an empty
// store.
func Conform(t *testing.T, open func(t testing.TB) Parts) {
	for name, test := range map[string]func(*testing.T, Parts){
		"power items":         func(t *testing.T, p Parts) { conformRecords(t, p, p.Powers, aPower, renamePower) },
		"reports":             func(t *testing.T, p Parts) { conformRecords(t, p, p.Reports, aReport, renameReport) },
		"drafts":              conformDrafts,
		"cases":               conformCases,
		"organs":              conformOrgans,
		"people":              conformPeople,
		"vocabulary":          conformVocabulary,
		"messages":            conformOutbox,
		"alerts":              conformAlerts,
		"uploads":             conformUploads,
		"nobody waits for it": conformContext,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func aPower(n int) (string, *powers.PowerItem) {
	i := &powers.PowerItem{Organ: "water", Code: fmt.Sprintf("P-%d", n), Changes: []powers.Change{{Kind: "added", Effective: clock.NewDate(2026, 1, 1), Values: powers.Values{"type": "01", "name_zh": "取水许可", "basis": "水法"}}}}
	return string(i.ID()), i
}

func renamePower(i *powers.PowerItem, name string) { i.Changes[0].Values["name_zh"] = name }

func aReport(n int) (string, *reports.Report) {
	r := &reports.Report{Organ: "water", Year: 2000 + n, Title: portal.Text{ZH: "年度报告"}, Body: "一、总体情况", Published: clock.NewDate(2026, 1, 31)}
	return string(r.ID()), r
}

func renameReport(r *reports.Report, name string) { r.Title.ZH = name }

// conformRecords is what holds for every kind of record.
func conformRecords[T any](t *testing.T, p Parts, all portal.Records[T], make func(int) (string, *T), rename func(*T, string)) {
	ctx := t.Context()
	id, first := make(1)
	enter := func(id string, v *T) error {
		_, err := all.Change(ctx, tester, id, portal.Absent, "enter", at, func(x *T) (string, error) { *x = *v; return "entered", nil })
		return err
	}
	if err := enter(id, first); err != nil {
		t.Fatalf("entering a record: %v", err)
	}
	if err := enter(id, first); portal.KindOf(err) != portal.Conflict {
		t.Errorf("entering it again: %v, want a conflict", err)
	}
	seen, err := all.Get(ctx, id)
	if err != nil || portal.RevisionOf(seen) != portal.RevisionOf(first) {
		t.Fatalf("what was entered is not what is there: %+v, %v", seen, err)
	}
	if _, err := all.Get(ctx, "nothing"); portal.KindOf(err) != portal.NotFound {
		t.Errorf("a record that is not there: %v, want not found", err)
	}
	change := func(seen portal.Revision, name string) error {
		_, err := all.Change(ctx, tester, id, seen, "rename", at, func(x *T) (string, error) { rename(x, name); return name, nil })
		return err
	}
	if err := change(portal.RevisionOf(seen), "第二"); err != nil {
		t.Errorf("a change of what was seen: %v", err)
	}
	if err := change(portal.RevisionOf(seen), "第三"); !portal.Stale(err) {
		t.Errorf("a change of what was seen before another's: %v, want stale", err)
	}
	// A refusal leaves everything as it was: the record, the log, what is listed.
	before, err := p.Log.Audit(ctx, 0, 1, "")
	if err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	if _, err := all.Change(ctx, tester, id, portal.Latest, "refused", at, func(x *T) (string, error) { rename(x, "第四"); return "", no }); !errors.Is(err, no) {
		t.Errorf("a change that is refused: %v", err)
	}
	after, err := p.Log.Audit(ctx, 0, 1, "")
	if err != nil || after[0].Seq != before[0].Seq {
		t.Errorf("a change that was refused is in the audit log: %+v, %v", after, err)
	}
	changes, err := p.Changes.ChangesAfter(ctx, 0, 100)
	if err != nil || len(changes) != 1 {
		t.Fatalf("%d lines in the change log, want the last change of the one record: %v", len(changes), err)
	}
	if l := p.Catalogue.Listings(changes[0].Key)[0]; l == nil || l.Title != "第二" {
		t.Errorf("listed as %+v, want 第二", l)
	}
	if e, err := p.Changes.Entry(ctx, changes[0].Key); err != nil || e == nil || e.Title != "第二" || len(e.Texts) == 0 {
		t.Errorf("the search is told %+v, %v", e, err)
	}
	race(t, func() portal.Revision {
		return portal.RevisionOf(must(all.Get(ctx, id)))
	}, change)
}

func must[T any](v *T, err error) *T {
	if err != nil {
		panic(err)
	}
	return v
}

// racers is how many change a record at the same time.
const racers = 8

// race lets many who saw the same revision change a record at once: one of them
// wins, all others are told.
func race(t *testing.T, see func() portal.Revision, change func(seen portal.Revision, name string) error) {
	t.Helper()
	seen := see()
	var won, stale atomic.Int32
	var all sync.WaitGroup
	for n := range racers {
		all.Go(func() {
			switch err := change(seen, fmt.Sprint("同时", n)); {
			case err == nil:
				won.Add(1)
			case portal.Stale(err) || portal.KindOf(err) == portal.Conflict || portal.KindOf(err) == portal.NotFound:
				stale.Add(1)
			default:
				t.Errorf("a change at the same time as others: %v", err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 || stale.Load() != racers-1 {
		t.Errorf("of %d changes of one revision %d were made and %d refused", racers, won.Load(), stale.Load())
	}
}

func content(title string) documents.Content {
	return documents.Content{Title: title, Organs: []portal.OrganCode{"water"}, Published: clock.NewDate(2026, 3, 2), Theme: "02", Genre: "notice", Item: "1", Mode: "proactive", Validity: "in_force", Body: title + "全文"}
}

func conformDrafts(t *testing.T, p Parts) {
	ctx := t.Context()
	put := func(id documents.DraftID, of documents.DocumentID) error {
		_, err := p.Documents.ChangeDraft(ctx, tester, id, portal.Absent, "write draft", at, func(d *documents.Draft) error {
			*d = documents.Draft{ID: id, Of: of, State: documents.Submitted, Content: content("未公开的题目" + string(id))}
			return nil
		})
		return err
	}
	if err := put("A", ""); err != nil {
		t.Fatal(err)
	}
	if changes, err := p.Changes.ChangesAfter(ctx, 0, 10); err != nil || len(changes) > 0 {
		t.Errorf("a draft is in the change log: %v, %v", changes, err)
	}
	// Approving, returning and dropping one draft at once: one of them happens.
	seen := portal.RevisionOf(must(p.Documents.Draft(ctx, "A")))
	var published atomic.Int32
	race(t, func() portal.Revision { return seen }, func(seen portal.Revision, name string) error {
		switch name[len(name)-1] % 3 {
		case 0:
			_, err := p.Documents.PublishDraft(ctx, tester, "A", seen, at, Agree)
			if err == nil {
				published.Add(1)
			}
			return err
		case 1:
			return p.Documents.DropDraft(ctx, tester, "A", seen, at, func(*documents.Draft) error { return nil })
		}
		_, err := p.Documents.ChangeDraft(ctx, tester, "A", seen, "return draft", at, func(d *documents.Draft) error { d.State = documents.Returned; return nil })
		return err
	})
	changes, err := p.Changes.ChangesAfter(ctx, 0, 10)
	if err != nil || len(changes) != int(published.Load()) {
		t.Errorf("%d documents are public of %d that were published: %v", len(changes), published.Load(), err)
	}
	if err := put("B", ""); err != nil {
		t.Fatal(err)
	}
	doc, err := p.Documents.PublishDraft(ctx, tester, "B", portal.Latest, at, Agree)
	if err != nil {
		t.Fatal(err)
	}
	if err := put("C", doc.ID); err != nil {
		t.Fatal(err)
	}
	if err := put("D", doc.ID); portal.KindOf(err) != portal.Conflict {
		t.Errorf("a second correction of one document: %v, want a conflict", err)
	}
	race(t, func() portal.Revision { return portal.RevisionOf(must(p.Documents.Document(ctx, doc.ID))) }, func(seen portal.Revision, name string) error {
		_, err := p.Documents.Withdraw(ctx, tester, doc.ID, seen, name, at, AgreeToWithdraw)
		return err
	})
	if l := p.Catalogue.Listings(documents.KeyOf(doc.ID))[0]; l != nil {
		t.Errorf("a withdrawn document is listed: %+v", l)
	}
	if e, err := p.Changes.Entry(ctx, documents.KeyOf(doc.ID)); err != nil || e != nil {
		t.Errorf("the search is told of a withdrawn document: %+v, %v", e, err)
	}
}

func conformCases(t *testing.T, p Parts) {
	ctx := t.Context()
	a := &cases.Application{Organ: "water", Kind: "natural", Subject: "水质", Description: "水质检测报告", Form: "electronic", Delivery: "online",
		Steps: []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Date: clock.NewDate(2026, 3, 2), Channel: "web"}}}}
	who := &cases.Applicant{Kind: "natural", Name: "欧阳求知", IDNumber: "ID1", Phone: "0531-1"}
	if duplicate, err := p.Cases.AddApplications(ctx, tester, []*cases.Application{a}, who, []string{"CODE"}, at); err != nil || duplicate != "" {
		t.Fatalf("receiving: %v, %v", duplicate, err)
	}
	got := must(p.Cases.Application(ctx, a.Number))
	if all := fmt.Sprintf("%+v", *got); strings.Contains(all, "欧阳") {
		t.Error("a case tells who applied")
	}
	if x, err := p.Cases.Identity(ctx, a.Number); err != nil || x.Name != who.Name {
		t.Errorf("the applicant: %+v, %v", x, err)
	}
	race(t, func() portal.Revision { return portal.RevisionOf(must(p.Cases.Application(ctx, a.Number))) }, func(seen portal.Revision, name string) error {
		_, err := p.Cases.ChangeApplication(ctx, tester, a.Number, seen, "assign", at, func(a *cases.Application, _ cases.CaseTx) error {
			a.Handler = portal.Login(name)
			return nil
		})
		return err
	})
	if b, x := p.Cases.Brief(a.Number), must(p.Cases.Application(ctx, a.Number)); b.Handler != x.Handler {
		t.Errorf("lists say %q, the case says %q", b.Handler, x.Handler)
	}
	due, err := p.Cases.LetterNumber(ctx, "water", 2026)
	if err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	_, err = p.Cases.ChangeApplication(ctx, tester, a.Number, portal.Latest, "letter", at, func(_ *cases.Application, tx cases.CaseTx) error {
		if n, err := tx.NextLetter("water", 2026); err != nil || n != due {
			t.Errorf("the letter has the number %d, want %d: %v", n, due, err)
		}
		if err := errors.Join(tx.KeepLetter(1, cases.LetterPDF, []byte("pdf")), tx.Send(&portal.Mail{To: "x@reader.example"})); err != nil {
			t.Error(err)
		}
		return no
	})
	if !errors.Is(err, no) {
		t.Errorf("a change that fails: %v", err)
	}
	if n, err := p.Cases.LetterNumber(ctx, "water", 2026); err != nil || n != due {
		t.Errorf("a letter that did not go out has taken a number: %d, %v", n, err)
	}
	if _, err := p.Cases.Letter(ctx, a.Number, 1, cases.LetterPDF); portal.KindOf(err) != portal.NotFound {
		t.Errorf("a letter that did not go out is there: %v", err)
	}
}

func conformOrgans(t *testing.T, p Parts) {
	ctx := t.Context()
	enter := func(o portal.Organ, seen portal.Revision) error {
		return p.Organs.ChangeOrgan(ctx, tester, o.Code, seen, at, func(x *portal.Organ) error { *x = o; return nil })
	}
	o := portal.Organ{Code: "water", Kind: "department", IndexPrefix: "000000002", Name: portal.Text{ZH: "水务局"}}
	if err := enter(o, portal.Absent); err != nil {
		t.Fatal(err)
	}
	race(t, func() portal.Revision { return portal.RevisionOf(o) }, func(seen portal.Revision, name string) error {
		x := o
		x.Name.ZH = name
		return enter(x, seen)
	})
	o.Parent = "nowhere"
	if err := enter(o, portal.Latest); portal.KindOf(err) != portal.Invalid {
		t.Errorf("an organ below one that is not there: %v", err)
	}
}

func conformPeople(t *testing.T, p Parts) {
	ctx := t.Context()
	x := &portal.Person{Login: "zhang", Name: "张", Grants: []portal.Grant{{Role: portal.Editor, Organs: []portal.OrganCode{"water"}}}}
	if err := p.People.AddPerson(ctx, tester, x, at); err != nil {
		t.Fatal(err)
	}
	if err := p.People.AddPerson(ctx, tester, x, at); portal.KindOf(err) != portal.Conflict {
		t.Errorf("a login that is taken: %v", err)
	}
	race(t, func() portal.Revision { return portal.RevisionOf(must(p.People.Person(ctx, "zhang"))) }, func(seen portal.Revision, name string) error {
		return p.People.ChangePerson(ctx, tester, "zhang", seen, "change person", at, func(x *portal.Person) error { x.Name = name; return nil })
	})
}

func conformVocabulary(t *testing.T, p Parts) {
	u := &searches.Searches{Clockwork: portal.Clockwork{Now: func() time.Time { return at }}, Store: p.Searches}
	teach := func(seen portal.Revision, meant string) error {
		_, err := u.Teach(t.Context(), tester, seen, searches.TeachSynonym(query.Synonym{Said: "低保", Meant: []string{meant}}))
		return err
	}
	race(t, func() portal.Revision { return portal.RevisionOf(query.Synonym{}) }, teach)
	if v, err := u.Vocabulary(t.Context()); err != nil || len(v.Synonyms) != 1 {
		t.Errorf("%+v, %v", v, err)
	}
}

func conformOutbox(t *testing.T, p Parts) {
	var sent atomic.Int32
	var all sync.WaitGroup
	for range racers {
		all.Go(func() {
			ok, err := p.Outbox.SendDigest(t.Context(), "water", clock.NewDate(2026, 3, 2), []*portal.Mail{{To: "x@reader.example"}})
			if err != nil {
				t.Error(err)
			}
			if ok {
				sent.Add(1)
			}
		})
	}
	all.Wait()
	if sent.Load() != 1 {
		t.Errorf("a digest of one day was written %d times", sent.Load())
	}
}

func conformAlerts(t *testing.T, p Parts) {
	ctx := t.Context()
	a := &alerts.Alert{ID: "A1", Query: "q=x", Lang: "zh", Every: alerts.Daily, CreatedAt: at}
	if err := p.Alerts.AddAlert(ctx, a, "li@reader.example", 3, &portal.Mail{}); err != nil {
		t.Fatal(err)
	}
	if all, err := p.Alerts.Alerts(ctx); err != nil || len(all) != 1 || strings.Contains(fmt.Sprintf("%+v", *all[0]), "reader") {
		t.Errorf("an alert tells whose it is: %+v, %v", all, err)
	}
	if err := p.Alerts.DropAlert(ctx, "A1"); err != nil {
		t.Error(err)
	}
	if _, err := p.Alerts.Alert(ctx, "A1"); portal.KindOf(err) != portal.NotFound {
		t.Errorf("an alert that was stopped: %v", err)
	}
}

func conformUploads(t *testing.T, p Parts) {
	ctx := t.Context()
	named, _, err := p.Files.SaveFile(ctx, strings.NewReader("named"), 100)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = p.Files.SaveFile(ctx, strings.NewReader("of nobody"), 100); err != nil {
		t.Fatal(err)
	}
	_, err = p.Documents.ChangeDraft(ctx, tester, "A", portal.Absent, "write draft", at, func(d *documents.Draft) error {
		d.ID, d.Content = "A", content("有附件")
		d.Content.Attachments = []portal.Attachment{{File: named, Name: "a.txt", Type: "text/plain", Size: 5}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := p.Files.SweepFiles(ctx, time.Now().Add(time.Hour)); err != nil || n != 1 {
		t.Errorf("%d uploads were swept, want the one that nothing names: %v", n, err)
	}
}

// conformContext: nothing is changed for somebody who has gone.
func conformContext(t *testing.T, p Parts) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	id, i := aPower(1)
	if _, err := p.Powers.Change(gone, tester, id, portal.Absent, "enter", at, func(x *powers.PowerItem) (string, error) { *x = *i; return "", nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a change for somebody who has gone: %v", err)
	}
	if _, err := p.Powers.Get(t.Context(), id); portal.KindOf(err) != portal.NotFound {
		t.Errorf("it was made all the same: %v", err)
	}
	if _, err := p.Powers.All(gone, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("reading for somebody who has gone: %v", err)
	}
}
