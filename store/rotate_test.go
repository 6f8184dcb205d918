package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/store"
)

// TestRotateKey seals everything anew; a rotation that is cut short between
// its two steps is ended at the next start, whichever step it was.
func TestRotateKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	by := portal.System("t")
	if err := st.Organs.SaveOrgan(t.Context(), by, &portal.Organ{Code: "water", Kind: "department", IndexPrefix: "Q37000001", Name: portal.Text{ZH: "水务局"}}, at); err != nil {
		t.Fatal(err)
	}
	a := &cases.Application{Organ: "water", Subject: "s", Description: "d", Steps: []cases.CaseStep{{RecordedAt: at}}}
	a.Steps[0].Date = portal.DateOf(at)
	if _, err := st.Cases.AddApplications(t.Context(), by, []*cases.Application{a}, &cases.Applicant{Name: "某人", Phone: "1"}, []string{"code"}, at); err != nil {
		t.Fatal(err)
	}
	if err := st.Alerts.AddAlert(t.Context(), &alerts.Alert{ID: "A1"}, "someone@reader.example", 1, &portal.Mail{Subject: "x"}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "keys", "identity.key")
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := st.RotateKey(t.Context(), by, nil, at); err != nil || n != 3 {
		t.Fatalf("%d records, %v", n, err)
	}
	fresh, err := os.ReadFile(path)
	if err != nil || string(fresh) == string(old) {
		t.Fatal("the key is the old one")
	}
	check := func(what string) {
		t.Helper()
		who, err := st.Cases.Identity(t.Context(), a.Number)
		if err != nil || who.Name != "某人" {
			t.Errorf("%s: %v, %v", what, who, err)
		}
		if due, err := st.Outbox.DueMail(t.Context(), at, 5); err != nil || len(due) != 1 || due[0].To != "someone@reader.example" {
			t.Errorf("%s: mail %v, %v", what, due, err)
		}
		if err := st.Alerts.AddAlert(t.Context(), &alerts.Alert{ID: "A2"}, "Someone@reader.example", 1, &portal.Mail{}); portal.KindOf(err) != portal.TooMany {
			t.Errorf("%s: the alerts of an address are not counted any more: %v", what, err)
		}
	}
	check("after the rotation")
	reopen := func(what string, files map[string][]byte, want bool) {
		t.Helper()
		st.Close()
		for name, b := range files {
			if err := os.WriteFile(filepath.Join(dir, "keys", name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var err error
		if st, err = store.Open(dir); (err == nil) != want {
			t.Fatalf("%s: %v", what, err)
		}
		if want {
			check(what)
		}
	}
	reopen("stopped before the file was in place", map[string][]byte{"identity.key": old, "identity.key.next": fresh}, true)
	reopen("stopped before the records were sealed", map[string][]byte{"identity.key": fresh, "identity.key.next": old}, true)
	if _, err := os.Stat(path + ".next"); err == nil {
		t.Error("the next key is left behind")
	}
	reopen("a key that does not belong", map[string][]byte{"identity.key": old}, false)
}

// TestKeyFromOutside: with a key from the environment nothing in the folder
// opens what is sealed, another key is refused, and rotation takes a new one.
func TestKeyFromOutside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, next := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	st, err := store.OpenWith(dir, store.Options{IdentityKey: key})
	if err != nil {
		t.Fatal(err)
	}
	a := &cases.Application{Organ: "water", Steps: []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Date: today}}}}
	if _, err := st.Cases.AddApplications(t.Context(), by, []*cases.Application{a}, &cases.Applicant{Name: "某人", Phone: "1"}, []string{"code"}, now); err != nil {
		t.Fatal(err)
	}
	if n, err := st.RotateKey(t.Context(), by, next, now); n != 1 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "keys", "identity.key")); !os.IsNotExist(err) {
		t.Errorf("the key lies in the folder: %v", err)
	}
	if _, err := store.OpenWith(dir, store.Options{IdentityKey: key}); !errors.Is(err, store.ErrKeyMismatch) {
		t.Errorf("the old key: %v", err)
	}
	if _, err := store.OpenWith(dir, store.Options{IdentityKey: key[:31]}); err == nil {
		t.Error("a short key is taken")
	}
	if st, err = store.OpenWith(dir, store.Options{IdentityKey: next}); err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if who, err := st.Cases.Identity(t.Context(), a.Number); err != nil || who.Name != "某人" {
		t.Errorf("%v %v", who, err)
	}
}
