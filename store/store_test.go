package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/store"
)

var (
	now   = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)
	by    = portal.System("test")
	today = clock.NewDate(2026, 11, 20)
)

func open(t testing.TB, dir string) *store.Store {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		st.Close()
	})
	return st
}

func content(title, body string) portal.Content {
	return portal.Content{Title: title, Organs: []portal.OrganCode{"water"}, Formed: today - 1, Published: today, Theme: "06", Genre: "notice", Item: "1", Mode: "proactive", Validity: "in_force", Body: body}
}

func publish(t testing.TB, st *store.Store, of portal.DocumentID, c portal.Content) *portal.Document {
	t.Helper()
	d := &portal.Draft{ID: portal.DraftID(fmt.Sprint("D", time.Now().UnixNano())), Of: of, State: portal.Submitted, Content: c, Note: "改了", By: "editor", ChangedAt: now}
	if err := st.SaveDraft(by, d, "write draft"); err != nil {
		t.Fatal(err)
	}
	doc, err := st.PublishDraft(by, d.ID, now, func(*portal.Draft) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestOrganTreeAndIndexNumbers(t *testing.T) {
	st := open(t, t.TempDir())
	for _, o := range []portal.Organ{{Code: "city", Kind: "government", IndexPrefix: "000000001"}, {Code: "water", Parent: "city", Kind: "department", IndexPrefix: "000000002"}} {
		if err := st.SaveOrgan(by, &o, now); err != nil {
			t.Fatal(err)
		}
	}
	circle := portal.Organ{Code: "city", Parent: "water", Kind: "government", IndexPrefix: "000000001"}
	if err := st.SaveOrgan(by, &circle, now); portal.KindOf(err) != portal.Invalid {
		t.Errorf("an organ below itself: %v", err)
	}
	for i := 1; i <= 3; i++ {
		if doc := publish(t, st, "", content("通知", "正文")); doc.IndexNumber != fmt.Sprintf("000000002/2026-%05d", i) {
			t.Errorf("index number %s", doc.IndexNumber)
		}
	}
	// Another prefix later leaves the numbers that were issued.
	moved := portal.Organ{Code: "water", Parent: "city", Kind: "department", IndexPrefix: "000000009"}
	if err := st.SaveOrgan(by, &moved, now); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Document("000000002-2026-00001"); err != nil {
		t.Errorf("a document lost its address: %v", err)
	}
}

func TestDocumentLife(t *testing.T) {
	st := open(t, t.TempDir())
	doc := publish(t, st, "", content("供水通知", "第一版"))
	if n := st.Browse(portal.Browse{Page: 1, Size: 10}).Total; n != 1 {
		t.Fatalf("%d listed", n)
	}
	second := publish(t, st, doc.ID, content("供水通知", "第二版"))
	if second.ID != doc.ID || second.Version != 2 || second.IndexNumber != doc.IndexNumber {
		t.Errorf("the correction is %s version %d", second.ID, second.Version)
	}
	got, err := st.Document(doc.ID)
	if err != nil || got.Body != "第二版" {
		t.Errorf("body %q, %v", got.Body, err)
	}
	versions, err := st.Versions(doc.ID)
	if err != nil || len(versions) != 1 || versions[0].Body != "第一版" {
		t.Errorf("versions %v, %v", versions, err)
	}
	if _, err := st.Withdraw(by, doc.ID, "内容有误", now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := st.Browse(portal.Browse{Page: 1, Size: 10}).Total; n != 0 {
		t.Errorf("a withdrawn document is listed")
	}
	if l := st.Browse(portal.Browse{Page: 1, Size: 10, Withdrawn: true}); l.Total != 1 || !l.Rows[0].Withdrawn {
		t.Errorf("a feed does not learn of the withdrawal")
	}
	if e, err := st.Entry(context.Background(), portal.Key{Kind: "document", ID: string(doc.ID)}); e != nil || err != nil {
		t.Errorf("search is told of a withdrawn document: %v, %v", e, err)
	}
	if got, err := st.Document(doc.ID); err != nil || !got.Withdrawn || got.Reason != "内容有误" {
		t.Errorf("the address died: %v, %v", got, err)
	}
	if versions, _ := st.Versions(doc.ID); len(versions) != 2 || versions[0].Body != "第二版" {
		t.Errorf("a version was lost by the withdrawal")
	}
	if _, err := st.Withdraw(by, doc.ID, "再次", now); portal.KindOf(err) != portal.Conflict {
		t.Errorf("withdrawn twice: %v", err)
	}
}

func TestRefusedPublicationChangesNothing(t *testing.T) {
	st := open(t, t.TempDir())
	d := &portal.Draft{ID: "D1", State: portal.Submitted, Content: content("草稿", "x"), ChangedAt: now}
	if err := st.SaveDraft(by, d, "write draft"); err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	if _, err := st.PublishDraft(by, "D1", now, func(*portal.Draft) error { return no }); !errors.Is(err, no) {
		t.Fatalf("err = %v", err)
	}
	if _, err := st.Draft("D1"); err != nil {
		t.Errorf("the draft is gone: %v", err)
	}
	if doc := publish(t, st, "", content("第一件", "x")); !strings.HasSuffix(doc.IndexNumber, "-00001") {
		t.Errorf("a number was used up: %s", doc.IndexNumber)
	}
}

func TestImportTwice(t *testing.T) {
	dir := t.TempDir()
	st := open(t, dir)
	rows := []portal.Import{{Source: "a", Content: content("甲", "1")}, {Source: "b", Content: content("乙", "2")}}
	if res, err := st.ImportDocuments(by, rows, now); err != nil || res != (portal.ImportResult{Added: 2}) {
		t.Fatalf("first: %v, %v", res, err)
	}
	rows[1].Content.Body = "2 改"
	if res, err := st.ImportDocuments(by, rows, now); err != nil || res != (portal.ImportResult{Changed: 1, Same: 1}) {
		t.Errorf("second: %v, %v", res, err)
	}
	st.Close()
	st = open(t, dir)
	if n := st.Browse(portal.Browse{Page: 1, Size: 10}).Total; n != 2 {
		t.Errorf("%d listed after reopening", n)
	}
}

func TestChangeLogKeepsTheLastChangeOfEach(t *testing.T) {
	st := open(t, t.TempDir())
	a := publish(t, st, "", content("甲", "1"))
	publish(t, st, "", content("乙", "2"))
	publish(t, st, a.ID, content("甲", "3"))
	changes, err := st.ChangesAfter(context.Background(), 0, 10)
	if err != nil || len(changes) != 2 || changes[1].Key.ID != string(a.ID) || changes[1].Seq != st.LastChange() {
		t.Errorf("changes %v, %v", changes, err)
	}
	if rest, _ := st.ChangesAfter(context.Background(), changes[0].Seq, 10); len(rest) != 1 {
		t.Errorf("after the first: %v", rest)
	}
}

func TestBrowseCountsStayRightWhenOneIsChosen(t *testing.T) {
	st := open(t, t.TempDir())
	for i := range 10 {
		c := content(fmt.Sprint("文", i), "x")
		c.Theme = []string{"06", "17"}[i%2]
		c.Genre = []string{"notice", "plan", "report"}[i%3]
		publish(t, st, "", c)
	}
	l := st.Browse(portal.Browse{Theme: "06", Page: 1, Size: 2})
	if l.Total != 5 || len(l.Rows) != 2 {
		t.Errorf("%d found, %d rows", l.Total, len(l.Rows))
	}
	count := map[string]int{}
	for _, f := range []string{"theme", "genre"} {
		for _, k := range l.Facets[f] {
			count[k.Code] = k.N
		}
	}
	if count["06"] != 5 || count["17"] != 5 {
		t.Errorf("the chosen facet counts %v", count)
	}
	if count["notice"]+count["plan"]+count["report"] != 5 {
		t.Errorf("the other facet counts %v", count)
	}
}

func application(kind string) (*portal.Application, *portal.Applicant) {
	return &portal.Application{Organ: "water", Kind: kind, Subject: "水质", Description: "水质报告", Form: "paper", Delivery: "post",
			Steps: []portal.CaseStep{{Event: clock.Event{Type: clock.Received, Date: today, Channel: "web"}}}},
		&portal.Applicant{Kind: kind, Name: "独孤求知", IDNumber: "SECRET-ID-778899", Phone: "000-111222"}
}

func TestApplicantIsSealed(t *testing.T) {
	dir := t.TempDir()
	st := open(t, dir)
	a, who := application("natural")
	code := portal.NewQueryCode()
	if _, err := st.AddApplication(by, a, who, code, now); err != nil {
		t.Fatal(err)
	}
	if a.Number != "2026-000001" || !a.CheckCode(code) {
		t.Errorf("number %s", a.Number)
	}
	got, err := st.Identity(a.Number)
	if err != nil || got.Name != who.Name {
		t.Errorf("identity %v, %v", got, err)
	}
	again, who2 := application("natural")
	if double, err := st.AddApplication(by, again, who2, code, now.Add(time.Minute)); err != nil || double != a.Number {
		t.Errorf("double = %q, %v", double, err)
	}
	st.Close()
	raw, err := os.ReadFile(filepath.Join(dir, "gongkai.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{who.Name, who.IDNumber, who.Phone, code} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("%q lies open in the file", secret)
		}
	}
}

func TestChangeApplicationRollsBack(t *testing.T) {
	st := open(t, t.TempDir())
	a, who := application("natural")
	if _, err := st.AddApplication(by, a, who, "", now); err != nil {
		t.Fatal(err)
	}
	before, _ := st.Audit(0, 100, "")
	_, err := st.ChangeApplication(by, a.Number, "answer", now, func(x *portal.Application, _ portal.CaseTx) error {
		x.Subject = "改了"
		return errors.New("no")
	})
	if err == nil {
		t.Fatal("no error")
	}
	if got, _ := st.Application(a.Number); got.Subject != "水质" {
		t.Errorf("subject %q", got.Subject)
	}
	if after, _ := st.Audit(0, 100, ""); len(after) != len(before) {
		t.Error("a change that failed was audited")
	}
}

func TestSessions(t *testing.T) {
	st := open(t, t.TempDir())
	s := st.Sessions()
	if err := s.Commit("live", []byte("x"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit("old", []byte("x"), time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := s.Find("live"); !ok {
		t.Error("a session is lost")
	}
	if _, ok, _ := s.Find("old"); ok {
		t.Error("an expired session is found")
	}
	if err := s.Sweep(time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete("live"); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := s.Find("live"); ok {
		t.Error("a deleted session is found")
	}
}

func TestBackupAndRestore(t *testing.T) {
	st := open(t, t.TempDir())
	id, n, err := st.SaveFile(strings.NewReader("附件内容"), 100)
	if err != nil || n != 12 {
		t.Fatalf("%d bytes, %v", n, err)
	}
	c := content("供水", "正文")
	c.Attachments = []portal.Attachment{{File: id, Name: "a.txt", Type: "text/plain", Size: n}}
	doc := publish(t, st, "", c)
	a, who := application("natural")
	if _, err := st.AddApplication(by, a, who, "", now); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := st.Backup(&archive); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "restored")
	if err := store.Restore(dir, bytes.NewReader(archive.Bytes())); err != nil {
		t.Fatal(err)
	}
	if err := store.Restore(dir, bytes.NewReader(archive.Bytes())); err == nil {
		t.Error("a backup was restored over data")
	}
	again := open(t, dir)
	if got, err := again.Document(doc.ID); err != nil || got.Body != "正文" {
		t.Errorf("document %v, %v", got, err)
	}
	if got, err := again.Identity(a.Number); err != nil || got.Name != who.Name {
		t.Errorf("identity %v, %v", got, err)
	}
	f, err := again.OpenFile(id)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := store.Restore(filepath.Join(t.TempDir(), "x"), strings.NewReader("not a backup")); err == nil {
		t.Error("nonsense was restored")
	}
}

func TestFileLimit(t *testing.T) {
	st := open(t, t.TempDir())
	if _, _, err := st.SaveFile(strings.NewReader("12345"), 4); portal.KindOf(err) != portal.TooLarge {
		t.Errorf("err = %v", err)
	}
	if _, err := st.OpenFile("../../../etc/passwd"); portal.KindOf(err) != portal.NotFound {
		t.Errorf("err = %v", err)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if _, err := store.Open(dir); !errors.Is(err, store.ErrInUse) {
		t.Errorf("err = %v", err)
	}
}

// TestBriefsFollowTheRecords: whoever changes a case at the same time, lists
// show in the end what the record says.
func TestBriefsFollowTheRecords(t *testing.T) {
	st := open(t, t.TempDir())
	a := &portal.Application{Organ: "water", Subject: "s", Steps: []portal.CaseStep{{Event: clock.Event{Type: clock.Received, Date: clock.NewDate(2026, 3, 2)}}}}
	if _, err := st.AddApplication(by, a, nil, "", now); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for k := range 25 {
				_, err := st.ChangeApplication(by, a.Number, "x", now, func(x *portal.Application, _ portal.CaseTx) error {
					x.Handler = portal.Login(fmt.Sprint(i, "-", k))
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				st.Briefs()
			}
		})
	}
	all.Wait()
	x, err := st.Application(a.Number)
	if err != nil || st.Brief(a.Number).Handler != x.Handler || len(st.Briefs()) != 1 || st.Briefs()[0].Handler != x.Handler {
		t.Errorf("the record says %s, the lists %s (%v)", x.Handler, st.Brief(a.Number).Handler, err)
	}
}

// TestSweepFiles: what a record names stays, and what is new; the rest goes.
func TestSweepFiles(t *testing.T) {
	st := open(t, t.TempDir())
	save := func(text string) portal.FileID {
		t.Helper()
		id, _, err := st.SaveFile(strings.NewReader(text), 100)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	named, lost := save("named"), save("lost")
	a := &portal.Application{Organ: "water", Files: []portal.Attachment{{File: named, Name: "a"}}, Steps: []portal.CaseStep{{Event: clock.Event{Type: clock.Received, Date: today}}}}
	if _, err := st.AddApplication(by, a, nil, "", now); err != nil {
		t.Fatal(err)
	}
	if n, err := st.SweepFiles(time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("%d new files were deleted, %v", n, err)
	}
	if n, err := st.SweepFiles(time.Now().Add(time.Minute)); n != 1 || err != nil {
		t.Errorf("%d files were deleted, %v", n, err)
	}
	if _, err := st.OpenFile(lost); portal.KindOf(err) != portal.NotFound {
		t.Errorf("what nothing names is left: %v", err)
	}
	if f, err := st.OpenFile(named); err != nil {
		t.Error(err)
	} else {
		f.Close()
	}
}
