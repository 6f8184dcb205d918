package store_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	"gongkai/store"
	"gongkai/store/storetest"
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

func content(title, body string) documents.Content {
	return documents.Content{Title: title, Organs: []portal.OrganCode{"water"}, Formed: today - 1, Published: today, Theme: "06", Genre: "notice", Item: "1", Mode: "proactive", Validity: "in_force", Body: body}
}

func publish(t testing.TB, st *store.Store, of documents.DocumentID, c documents.Content) *documents.Document {
	t.Helper()
	d := &documents.Draft{ID: documents.DraftID(fmt.Sprint("D", time.Now().UnixNano())), Of: of, State: documents.Submitted, Content: c, Note: "改了", By: "editor", ChangedAt: now}
	if err := storetest.PutDraft(t.Context(), st, by, d); err != nil {
		t.Fatal(err)
	}
	doc, err := st.Documents.PublishDraft(t.Context(), by, d.ID, portal.Latest, now, storetest.Agree)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestOrganTreeAndIndexNumbers(t *testing.T) {
	t.Parallel()
	st := open(t, t.TempDir())
	for _, o := range []portal.Organ{{Code: "city", Kind: "government", IndexPrefix: "000000001"}, {Code: "water", Parent: "city", Kind: "department", IndexPrefix: "000000002"}} {
		if err := st.Organs.SaveOrgan(t.Context(), by, &o, now); err != nil {
			t.Fatal(err)
		}
	}
	circle := portal.Organ{Code: "city", Parent: "water", Kind: "government", IndexPrefix: "000000001"}
	if err := st.Organs.SaveOrgan(t.Context(), by, &circle, now); portal.KindOf(err) != portal.Invalid {
		t.Errorf("an organ below itself: %v", err)
	}
	for i := 1; i <= 3; i++ {
		if doc := publish(t, st, "", content("通知", "正文")); doc.IndexNumber != fmt.Sprintf("000000002/2026-%05d", i) {
			t.Errorf("index number %s", doc.IndexNumber)
		}
	}
	// Another prefix later leaves the numbers that were issued.
	moved := portal.Organ{Code: "water", Parent: "city", Kind: "department", IndexPrefix: "000000009"}
	if err := st.Organs.SaveOrgan(t.Context(), by, &moved, now); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Documents.Document(t.Context(), "000000002-2026-00001"); err != nil {
		t.Errorf("a document lost its address: %v", err)
	}
}

func TestDocumentLife(t *testing.T) {
	t.Parallel()
	st := open(t, t.TempDir())
	doc := publish(t, st, "", content("供水通知", "第一版"))
	if n := st.Catalogue.Browse(portal.Browse{Page: 1, Size: 10}).Total; n != 1 {
		t.Fatalf("%d listed", n)
	}
	second := publish(t, st, doc.ID, content("供水通知", "第二版"))
	if second.ID != doc.ID || second.Version != 2 || second.IndexNumber != doc.IndexNumber {
		t.Errorf("the correction is %s version %d", second.ID, second.Version)
	}
	got, err := st.Documents.Document(t.Context(), doc.ID)
	if err != nil || got.Body != "第二版" {
		t.Errorf("body %q, %v", got.Body, err)
	}
	versions, err := st.Documents.Versions(t.Context(), doc.ID)
	if err != nil || len(versions) != 1 || versions[0].Body != "第一版" {
		t.Errorf("versions %v, %v", versions, err)
	}
	if _, err := st.Documents.Withdraw(t.Context(), by, doc.ID, portal.Latest, "内容有误", now.Add(time.Hour), storetest.AgreeToWithdraw); err != nil {
		t.Fatal(err)
	}
	if n := st.Catalogue.Browse(portal.Browse{Page: 1, Size: 10}).Total; n != 0 {
		t.Errorf("a withdrawn document is listed")
	}
	if l := st.Catalogue.Browse(portal.Browse{Page: 1, Size: 10, Withdrawn: true}); l.Total != 1 || !l.Rows[0].Withdrawn {
		t.Errorf("a feed does not learn of the withdrawal")
	}
	if e, err := st.Changes.Entry(context.Background(), portal.Key{Kind: "document", ID: string(doc.ID)}); e != nil || err != nil {
		t.Errorf("search is told of a withdrawn document: %v, %v", e, err)
	}
	if got, err := st.Documents.Document(t.Context(), doc.ID); err != nil || !got.Withdrawn || got.Reason != "内容有误" {
		t.Errorf("the address died: %v, %v", got, err)
	}
	if versions, _ := st.Documents.Versions(t.Context(), doc.ID); len(versions) != 2 || versions[0].Body != "第二版" {
		t.Errorf("a version was lost by the withdrawal")
	}
	if _, err := st.Documents.Withdraw(t.Context(), by, doc.ID, portal.Latest, "再次", now, storetest.AgreeToWithdraw); portal.KindOf(err) != portal.Conflict {
		t.Errorf("withdrawn twice: %v", err)
	}
}

func TestRefusedPublicationChangesNothing(t *testing.T) {
	t.Parallel()
	st := open(t, t.TempDir())
	d := &documents.Draft{ID: "D1", State: documents.Submitted, Content: content("草稿", "x"), ChangedAt: now}
	if err := storetest.PutDraft(t.Context(), st, by, d); err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	if _, err := st.Documents.PublishDraft(t.Context(), by, "D1", portal.Latest, now, func(*documents.Draft, *documents.Document) ([]portal.Attachment, error) { return nil, no }); !errors.Is(err, no) {
		t.Fatalf("err = %v", err)
	}
	if _, err := st.Documents.Draft(t.Context(), "D1"); err != nil {
		t.Errorf("the draft is gone: %v", err)
	}
	if doc := publish(t, st, "", content("第一件", "x")); !strings.HasSuffix(doc.IndexNumber, "-00001") {
		t.Errorf("a number was used up: %s", doc.IndexNumber)
	}
}

func TestImportTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := open(t, dir)
	rows := []documents.Import{{Source: "a", Content: content("甲", "1")}, {Source: "b", Content: content("乙", "2")}}
	if res, err := st.Documents.ImportDocuments(t.Context(), by, rows, now); err != nil || res != (documents.ImportResult{Added: 2}) {
		t.Fatalf("first: %v, %v", res, err)
	}
	rows[1].Content.Body = "2 改"
	if res, err := st.Documents.ImportDocuments(t.Context(), by, rows, now); err != nil || res != (documents.ImportResult{Changed: 1, Same: 1}) {
		t.Errorf("second: %v, %v", res, err)
	}
	st.Close()
	st = open(t, dir)
	if n := st.Catalogue.Browse(portal.Browse{Page: 1, Size: 10}).Total; n != 2 {
		t.Errorf("%d listed after reopening", n)
	}
}

func TestChangeLogKeepsTheLastChangeOfEach(t *testing.T) {
	t.Parallel()
	st := open(t, t.TempDir())
	a := publish(t, st, "", content("甲", "1"))
	publish(t, st, "", content("乙", "2"))
	publish(t, st, a.ID, content("甲", "3"))
	changes, err := st.Changes.ChangesAfter(context.Background(), 0, 10)
	if err != nil || len(changes) != 2 || changes[1].Key.ID != string(a.ID) || changes[1].Seq != st.Changes.LastChange() {
		t.Errorf("changes %v, %v", changes, err)
	}
	if rest, _ := st.Changes.ChangesAfter(context.Background(), changes[0].Seq, 10); len(rest) != 1 {
		t.Errorf("after the first: %v", rest)
	}
}

func TestBrowseCountsStayRightWhenOneIsChosen(t *testing.T) {
	t.Parallel()
	st := open(t, t.TempDir())
	for i := range 10 {
		c := content(fmt.Sprint("文", i), "x")
		c.Theme = []string{"06", "17"}[i%2]
		c.Genre = []string{"notice", "plan", "report"}[i%3]
		publish(t, st, "", c)
	}
	l := st.Catalogue.Browse(portal.Browse{Theme: "06", Page: 1, Size: 2})
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

func application(kind string) (*cases.Application, *cases.Applicant) {
	return &cases.Application{Organ: "water", Kind: kind, Subject: "水质", Description: "水质报告", Form: "paper", Delivery: "post",
			Steps: []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Date: today, Channel: "web"}}}},
		&cases.Applicant{Kind: kind, Name: "独孤求知", IDNumber: "SECRET-ID-778899", Phone: "000-111222"}
}

func TestApplicantIsSealed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := open(t, dir)
	a, who := application("natural")
	code := portal.NewQueryCode()
	if _, err := st.Cases.AddApplications(t.Context(), by, []*cases.Application{a}, who, []string{code}, now); err != nil {
		t.Fatal(err)
	}
	if a.Number != "2026-000001" || !a.CheckCode(code) {
		t.Errorf("number %s", a.Number)
	}
	got, err := st.Cases.Identity(t.Context(), a.Number)
	if err != nil || got.Name != who.Name {
		t.Errorf("identity %v, %v", got, err)
	}
	again, who2 := application("natural")
	if duplicate, err := st.Cases.AddApplications(t.Context(), by, []*cases.Application{again}, who2, []string{code}, now.Add(time.Minute)); err != nil || duplicate != a.Number {
		t.Errorf("duplicate = %q, %v", duplicate, err)
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
	t.Parallel()
	st := open(t, t.TempDir())
	a, who := application("natural")
	if _, err := st.Cases.AddApplications(t.Context(), by, []*cases.Application{a}, who, []string{""}, now); err != nil {
		t.Fatal(err)
	}
	before, _ := st.Log.Audit(t.Context(), 0, 100, "")
	_, err := st.Cases.ChangeApplication(t.Context(), by, a.Number, portal.Latest, "answer", now, func(x *cases.Application, _ cases.CaseTx) error {
		x.Subject = "改了"
		return errors.New("no")
	})
	if err == nil {
		t.Fatal("no error")
	}
	if got, _ := st.Cases.Application(t.Context(), a.Number); got.Subject != "水质" {
		t.Errorf("subject %q", got.Subject)
	}
	if after, _ := st.Log.Audit(t.Context(), 0, 100, ""); len(after) != len(before) {
		t.Error("a change that failed was audited")
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	st := open(t, t.TempDir())
	s := st.Sessions
	for token, expiry := range map[string]time.Duration{"live": time.Hour, "old": -time.Hour} {
		if err := s.Change(token, time.Now().Add(expiry), func([]byte) ([]byte, error) { return []byte("x"), nil }); err != nil {
			t.Fatal(err)
		}
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
	t.Parallel()
	st := open(t, t.TempDir())
	id, n, err := st.Files.SaveFile(t.Context(), strings.NewReader("附件内容"), 100)
	if err != nil || n != 12 {
		t.Fatalf("%d bytes, %v", n, err)
	}
	c := content("供水", "正文")
	c.Attachments = []portal.Attachment{{File: id, Name: "a.txt", Type: "text/plain", Size: n}}
	doc := publish(t, st, "", c)
	a, who := application("natural")
	if _, err := st.Cases.AddApplications(t.Context(), by, []*cases.Application{a}, who, []string{""}, now); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := st.Backup(t.Context(), &archive); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "restored")
	if _, err := store.Restore(t.Context(), dir, bytes.NewReader(archive.Bytes()), store.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(t.Context(), dir, bytes.NewReader(archive.Bytes()), store.Options{}); err == nil {
		t.Error("a backup was restored over data")
	}
	again := open(t, dir)
	if got, err := again.Documents.Document(t.Context(), doc.ID); err != nil || got.Body != "正文" {
		t.Errorf("document %v, %v", got, err)
	}
	if got, err := again.Cases.Identity(t.Context(), a.Number); err != nil || got.Name != who.Name {
		t.Errorf("identity %v, %v", got, err)
	}
	f, err := again.Files.OpenFile(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := store.Restore(t.Context(), filepath.Join(t.TempDir(), "x"), strings.NewReader("not a backup"), store.Options{}); err == nil {
		t.Error("nonsense was restored")
	}
}

func TestFileLimit(t *testing.T) {
	t.Parallel()
	st := open(t, t.TempDir())
	if _, _, err := st.Files.SaveFile(t.Context(), strings.NewReader("12345"), 4); portal.KindOf(err) != portal.TooLarge {
		t.Errorf("err = %v", err)
	}
	if _, err := st.Files.OpenFile(t.Context(), "../../../etc/passwd"); portal.KindOf(err) != portal.NotFound {
		t.Errorf("err = %v", err)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, dir)
	if _, err := store.Open(dir); !errors.Is(err, store.ErrInUse) {
		t.Errorf("err = %v", err)
	}
}

// TestBriefsFollowTheRecords: whoever changes a case at the same time, lists
// show in the end what the record says.
func TestBriefsFollowTheRecords(t *testing.T) {
	t.Parallel()
	st := open(t, t.TempDir())
	a := &cases.Application{Organ: "water", Subject: "s", Steps: []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Date: clock.NewDate(2026, 3, 2)}}}}
	if _, err := st.Cases.AddApplications(t.Context(), by, []*cases.Application{a}, nil, []string{""}, now); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for k := range 25 {
				_, err := st.Cases.ChangeApplication(t.Context(), by, a.Number, portal.Latest, "x", now, func(x *cases.Application, _ cases.CaseTx) error {
					x.Handler = portal.Login(fmt.Sprint(i, "-", k))
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				st.Cases.Briefs()
			}
		})
	}
	all.Wait()
	x, err := st.Cases.Application(t.Context(), a.Number)
	if err != nil || st.Cases.Brief(a.Number).Handler != x.Handler || len(st.Cases.Briefs()) != 1 || st.Cases.Briefs()[0].Handler != x.Handler {
		t.Errorf("the record says %s, the lists %s (%v)", x.Handler, st.Cases.Brief(a.Number).Handler, err)
	}
}

// TestSweepFiles: what a record names stays, and what is new; the rest goes.
func TestSweepFiles(t *testing.T) {
	t.Parallel()
	st := open(t, t.TempDir())
	save := func(text string) portal.FileID {
		t.Helper()
		id, _, err := st.Files.SaveFile(t.Context(), strings.NewReader(text), 100)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	named, lost := save("named"), save("lost")
	a := &cases.Application{Organ: "water", Files: []portal.Attachment{{File: named, Name: "a"}}, Steps: []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Date: today}}}}
	if _, err := st.Cases.AddApplications(t.Context(), by, []*cases.Application{a}, nil, []string{""}, now); err != nil {
		t.Fatal(err)
	}
	if n, err := st.Files.SweepFiles(t.Context(), time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("%d new files were deleted, %v", n, err)
	}
	if n, err := st.Files.SweepFiles(t.Context(), time.Now().Add(time.Minute)); n != 1 || err != nil {
		t.Errorf("%d files were deleted, %v", n, err)
	}
	if _, err := st.Files.OpenFile(t.Context(), lost); portal.KindOf(err) != portal.NotFound {
		t.Errorf("what nothing names is left: %v", err)
	}
	if f, err := st.Files.OpenFile(t.Context(), named); err != nil {
		t.Error(err)
	} else {
		f.Close()
	}
}

// TestRestoreVerifies: a backup in which anything is missing or not as it was is
// refused, and nothing of it is left in place.
func TestRestoreVerifies(t *testing.T) {
	t.Parallel()
	st := open(t, t.TempDir())
	id, n, err := st.Files.SaveFile(t.Context(), strings.NewReader("附件内容"), 100)
	if err != nil {
		t.Fatal(err)
	}
	c := content("供水", "正文")
	c.Attachments = []portal.Attachment{{File: id, Name: "a.txt", Type: "text/plain", Size: n}}
	publish(t, st, "", c)
	a, who := application("natural")
	if _, err := st.Cases.AddApplications(t.Context(), by, []*cases.Application{a}, who, []string{""}, now); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := st.Backup(t.Context(), &archive); err != nil {
		t.Fatal(err)
	}
	// change makes another archive of the same parts.
	change := func(f func(name string, data []byte) (string, []byte)) []byte {
		var out bytes.Buffer
		r, w := tar.NewReader(bytes.NewReader(archive.Bytes())), tar.NewWriter(&out)
		for {
			h, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			name, data := f(h.Name, data)
			if name == "" {
				continue
			}
			h.Name, h.Size = name, int64(len(data))
			if err := errors.Join(w.WriteHeader(h), func() error { _, err := w.Write(data); return err }()); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	without := func(prefix string) []byte {
		return change(func(name string, data []byte) (string, []byte) {
			if strings.HasPrefix(name, prefix) {
				return "", nil
			}
			return name, data
		})
	}
	with := func(prefix string, f func([]byte) []byte) []byte {
		return change(func(name string, data []byte) (string, []byte) {
			if strings.HasPrefix(name, prefix) {
				data = f(data)
			}
			return name, data
		})
	}
	flip := func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
	for name, bad := range map[string][]byte{
		"no manifest": without("manifest"), "an upload is missing": without("files/"), "no identity key": without("keys/identity"), "no receipt key": without("keys/receipt"), "no records": without("gongkai.db"),
		"an upload was changed": with("files/", flip), "the records were changed": with("gongkai.db", flip), "another key": with("keys/identity", flip), "cut off": archive.Bytes()[:archive.Len()/2],
	} {
		dir := filepath.Join(t.TempDir(), "r")
		if _, err := store.Restore(t.Context(), dir, bytes.NewReader(bad), store.Options{}); err == nil {
			t.Errorf("%s: restored", name)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: something is left in place", name)
		}
	}
	v, err := store.Restore(t.Context(), filepath.Join(t.TempDir(), "good"), bytes.NewReader(archive.Bytes()), store.Options{})
	if err != nil || v.Records == 0 || v.Sealed == 0 || v.Files != 1 || v.Lines == 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestRestoreWithKeyFromOutside: a backup of a portal whose key is not in its folder
// is restored with that key, and not without it.
func TestRestoreWithKeyFromOutside(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{7}, 32)
	dir := t.TempDir()
	st, err := store.OpenWith(dir, store.Options{IdentityKey: key})
	if err != nil {
		t.Fatal(err)
	}
	a, who := application("natural")
	if _, err := st.Cases.AddApplications(t.Context(), by, []*cases.Application{a}, who, []string{""}, now); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := errors.Join(st.Backup(t.Context(), &archive), st.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(t.Context(), filepath.Join(t.TempDir(), "r"), bytes.NewReader(archive.Bytes()), store.Options{}); !errors.Is(err, store.ErrKeyMissing) {
		t.Errorf("without the key: %v", err)
	}
	if v, err := store.Restore(t.Context(), filepath.Join(t.TempDir(), "r"), bytes.NewReader(archive.Bytes()), store.Options{IdentityKey: key}); err != nil || v.Sealed != 1 {
		t.Errorf("with the key: %+v, %v", v, err)
	}
}

// TestMissingKeyStopsTheStart: nothing is made anew in silence.
func TestMissingKeyStopsTheStart(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"identity.key", "receipt.key"} {
		dir := t.TempDir()
		st, err := store.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "keys", name)
		key, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Open(dir); !errors.Is(err, store.ErrKeyMissing) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s gone: %v", name, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s was made anew", name)
		}
		key[0] ^= 1
		if err := os.WriteFile(path, key, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Open(dir); err == nil {
			t.Errorf("another %s is taken", name)
		}
	}
}

// TestDamageIsAnErrorInWords: whatever is wrong with the records' file, opening
// and verifying it ends with an error, never with a crash.
func TestDamageIsAnErrorInWords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := open(t, dir)
	for i := range 50 {
		publish(t, st, "", content(fmt.Sprint("文件", i), strings.Repeat("正文", 2000)))
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(filepath.Join(dir, "gongkai.db"))
	if err != nil {
		t.Fatal(err)
	}
	noticed := 0
	for i := range 60 {
		bad := bytes.Clone(good)
		switch {
		case i < 50: // a page of noise
			at := (i*len(bad)/50)&^4095 + 16
			for k := range 2000 {
				if at+k < len(bad) {
					bad[at+k] = byte(k*31 + i)
				}
			}
		case i < 55: // cut off
			bad = bad[:len(bad)*(i-49)/7]
		default:
			bad = bytes.Repeat([]byte{byte(i)}, 1<<uint(i-45))
		}
		at := t.TempDir()
		if err := os.CopyFS(at, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(at, "gongkai.db"), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		st, err := store.Open(at)
		if err == nil {
			_, err = st.Verify(t.Context())
			if err == nil {
				if e := st.Close(); e != nil {
					t.Error(e)
				}
				continue // a page that nothing uses
			}
		}
		noticed++
	}
	if noticed < 15 {
		t.Errorf("only %d of 60 damages were noticed", noticed)
	}
}

// TestAuditChain: a line that is changed, taken out or put in is noticed, and
// with the last link kept elsewhere, a log that is cut off too.
func TestAuditChain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := open(t, dir)
	for i := range 5 {
		if err := st.Log.Note(t.Context(), by, "note", fmt.Sprint("thing/", i), "", now); err != nil {
			t.Fatal(err)
		}
	}
	lines, head, err := st.Log.VerifyAudit(t.Context())
	if err != nil || lines != 5 {
		t.Fatalf("%d lines, %v", lines, err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(b *bolt.Bucket) error{
		"changed": func(b *bolt.Bucket) error {
			k := key8(3)
			return b.Put(k, bytes.Replace(b.Get(k), []byte("thing/2"), []byte("thing/9"), 1))
		},
		"taken out": func(b *bolt.Bucket) error { return b.Delete(key8(3)) },
	} {
		at := t.TempDir()
		if err := os.CopyFS(at, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		tamper(t, at, change)
		again := open(t, at)
		if _, _, err := again.Log.VerifyAudit(t.Context()); err == nil {
			t.Errorf("a line that was %s is not noticed", name)
		}
	}
	tamper(t, dir, func(b *bolt.Bucket) error { return b.Delete(key8(5)) })
	cut := open(t, dir)
	if _, _, err := cut.Log.VerifyAudit(t.Context()); err != nil {
		t.Errorf("a log that is shorter is a log: %v", err)
	}
	if there, err := cut.Log.InAudit(t.Context(), head); err != nil || there {
		t.Errorf("the last link is still there: %v, %v", there, err)
	}
}

func key8(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// tamper changes the audit log of a store that is closed.
func tamper(t *testing.T, dir string, change func(*bolt.Bucket) error) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(dir, "gongkai.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error { return change(tx.Bucket([]byte("audit"))) })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestCompact gives back the room of what was deleted.
func TestCompact(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := open(t, dir)
	var ids []documents.DraftID
	for i := range 40 {
		d := &documents.Draft{ID: documents.DraftID(fmt.Sprint("d", i)), Content: content("x", strings.Repeat("文", 60_000))}
		if err := storetest.PutDraft(t.Context(), st, by, d); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, d.ID)
	}
	for _, id := range ids {
		if err := st.Documents.DropDraft(t.Context(), by, id, portal.Latest, now, func(*documents.Draft) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	before, after, err := store.Compact(t.Context(), dir)
	if err != nil || after*4 > before {
		t.Errorf("%d bytes before, %d after, %v", before, after, err)
	}
	if _, err := open(t, dir).Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
