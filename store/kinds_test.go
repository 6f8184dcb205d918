package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/store"
)

// bulletin is a record of a kind that nobody but this test knows of.
type bulletin struct {
	Title string            `json:"title"`
	Text  string            `json:"text"`
	File  portal.Attachment `json:"attachment"`
}

// All that is done for a new kind of record: it is registered.
var bulletinKind = portal.Register(portal.RecordKind{
	Code: "bulletin", Field: "title", Bucket: "bulletins",
	Sealed: []portal.Sealed{{Bucket: "bulletin_senders", Bound: func(key string) string { return "bulletin/" + key }, Files: true}},
	Name:   portal.Text{ZH: "公报", EN: "Bulletins"}, Folder: "/bulletins/", Order: 9, Weight: 0.5,
}, func(b *bulletin) *portal.Listing {
	return portal.ListingOf(&portal.Entry{Key: portal.Key{Kind: "bulletin", ID: "1"}, Title: b.Title, Published: clock.NewDate(2026, 3, 2), Texts: []string{b.Text}}, time.Time{})
})

// TestKindOfItsOwn: of a new kind nothing has to be said anywhere else. Its records
// are listed, logged for the search, counted and addressed; the files that they and
// their sealed parts name outlast a sweep, and the sealed parts a new key, a backup
// and a restore.
func TestKindOfItsOwn(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	file := func(content string) portal.FileID {
		id, _, err := st.Files.SaveFile(ctx, strings.NewReader(content), 100)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	named, inside, nobodys := file("named"), file("named inside"), file("of nobody")
	all := store.Of[bulletin](st, bulletinKind)
	_, err = all.Change(ctx, by, "1", portal.Absent, "publish bulletin", now, func(b *bulletin) (string, error) {
		*b = bulletin{Title: "第一期", Text: "本期目录", File: portal.Attachment{File: named, Name: "1.pdf"}}
		return "", nil
	})
	if err != nil {
		t.Fatal(err)
	}
	secret := fmt.Sprintf(`{"name":"某人","file":"%s"}`, inside)
	if err := all.Seal(ctx, "bulletin_senders", "1", []byte(secret)); err != nil {
		t.Fatal(err)
	}
	check := func(st *store.Store, when string) {
		t.Helper()
		all := store.Of[bulletin](st, bulletinKind)
		if b, err := all.Get(ctx, "1"); err != nil || b.Title != "第一期" {
			t.Errorf("%s: the record is %+v, %v", when, b, err)
		}
		if plain, err := all.Unseal(ctx, "bulletin_senders", "1"); err != nil || string(plain) != secret {
			t.Errorf("%s: what was sealed is %q, %v", when, plain, err)
		}
		for _, id := range []portal.FileID{named, inside} {
			f, err := st.Files.OpenFile(ctx, id)
			if err != nil {
				t.Errorf("%s: a file that is named is gone: %v", when, err)
				continue
			}
			f.Close()
		}
		key := portal.Key{Kind: "bulletin", ID: "1"}
		if l := st.Catalogue.Listings(key)[0]; l == nil || l.Title != "第一期" || l.Path() != "/bulletins/1" {
			t.Errorf("%s: listed as %+v", when, l)
		}
		if e, err := st.Changes.Entry(ctx, key); err != nil || e == nil || len(e.Texts) != 1 || e.Texts[0] != "本期目录" {
			t.Errorf("%s: the search is told %+v, %v", when, e, err)
		}
	}
	check(st, "as written")
	if n, err := st.Files.SweepFiles(ctx, time.Now().Add(time.Hour)); err != nil || n != 1 {
		t.Errorf("%d uploads were swept, want the one that nothing names: %v", n, err)
	}
	if _, err := st.Files.OpenFile(ctx, nobodys); portal.KindOf(err) != portal.NotFound {
		t.Errorf("an upload that nothing names is still there: %v", err)
	}
	check(st, "after a sweep")
	if _, err := st.RotateKey(ctx, by, nil, now); err != nil {
		t.Fatal(err)
	}
	check(st, "after a new key")
	if v, err := st.Verify(ctx); err != nil || v.Sealed != 1 || v.Files != 2 {
		t.Errorf("verified: %+v, %v", v, err)
	}
	if got := portal.ContentKinds.NameOf("bulletin", "zh"); got != "公报" {
		t.Errorf("pages call the kind %q", got)
	}
	var backup strings.Builder
	if err := st.Backup(ctx, &backup); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	again := t.TempDir() + "/restored"
	if _, err := store.Restore(ctx, again, strings.NewReader(backup.String()), store.Options{}); err != nil {
		t.Fatal(err)
	}
	if st, err = store.Open(again); err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	check(st, "restored from a backup")
}
