// Package storetest holds what tests and the campaign share that kill a portal
// in the middle of its work or fill its disk: a writer that acknowledges each
// thing that is stored, and the account of what must be there afterwards.
package storetest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	"gongkai/store"
)

// Write publishes documents, keeps files and takes in applications as fast as it
// can, and prints each once it is acknowledged, up to so many failures. It
// returns the last.
func Write(ctx context.Context, st *store.Store, out io.Writer, failures int) (err error) {
	by, today := portal.System("child"), clock.NewDate(2026, 11, 20)
	step := func(f func() error) bool {
		e := f()
		if e == nil {
			return true
		}
		err = e
		failures--
		fmt.Fprintln(out, "failed", portal.KindOf(e))
		return false
	}
	for i := 0; failures > 0; i++ {
		key := fmt.Sprintf("%d-%d", time.Now().UnixNano(), i)
		step(func() error {
			id, n, err := st.Files.SaveFile(ctx, strings.NewReader("file "+key+strings.Repeat("x", i%2000)), 1<<20)
			if err != nil {
				return err
			}
			fmt.Fprintln(out, "file", id)
			c := documents.Content{Title: "文件" + key, Organs: []portal.OrganCode{"a"}, Published: today, Body: strings.Repeat("内容", i%500), Attachments: []portal.Attachment{{File: id, Name: "a.txt", Type: "text/plain", Size: n}}}
			if err := PutDraft(ctx, st, by, &documents.Draft{ID: documents.DraftID(key), State: documents.Submitted, Content: c}); err != nil {
				return err
			}
			doc, err := st.Documents.PublishDraft(ctx, by, documents.DraftID(key), portal.Latest, time.Now(), Agree)
			if err == nil {
				fmt.Fprintln(out, "document", doc.ID)
			}
			return err
		})
		step(func() error {
			a := &cases.Application{Organ: "a", Kind: "natural", Steps: []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Date: today, Channel: "web"}}}}
			_, err := st.Cases.AddApplications(ctx, by, []*cases.Application{a}, &cases.Applicant{Name: key}, []string{"CODE"}, time.Now())
			if err == nil {
				fmt.Fprintln(out, "application", a.Number, key)
			}
			return err
		})
	}
	return err
}

// Account is what a writer has acknowledged.
type Account struct {
	Documents    map[string]bool
	Applications map[string]string // number → who applied
	Files        map[string]bool
	Failed       int
}

// NewAccount is an empty one.
func NewAccount() *Account {
	return &Account{Documents: make(map[string]bool), Applications: make(map[string]string), Files: make(map[string]bool)}
}

// Count is how many acknowledgements there are.
func (a *Account) Count() int { return len(a.Documents) + len(a.Applications) + len(a.Files) }

// Read takes the lines of a writer until it ends, and calls seen after each. A
// number that is issued twice is an error.
func (a *Account) Read(r io.Reader, seen func()) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		switch {
		case len(f) == 0:
		case f[0] == "error":
			return fmt.Errorf("the writer: %s", lines.Text())
		case f[0] == "failed":
			a.Failed++
		case f[0] == "document" && len(f) == 2:
			if a.Documents[f[1]] {
				return fmt.Errorf("the number %s was issued twice", f[1])
			}
			a.Documents[f[1]] = true
		case f[0] == "file" && len(f) == 2:
			a.Files[f[1]] = true
		case f[0] == "application" && len(f) == 3:
			if a.Applications[f[1]] != "" {
				return fmt.Errorf("the number %s was issued twice", f[1])
			}
			a.Applications[f[1]] = f[2]
		}
		seen()
	}
	return nil
}

// Kill starts a writer, reads what it acknowledges and kills it a moment after
// so many lines; after none, the writer ends by itself.
func (a *Account) Kill(writer *exec.Cmd, lines int) error {
	out, err := writer.StdoutPipe()
	if err != nil {
		return err
	}
	if err := writer.Start(); err != nil {
		return err
	}
	err = a.Read(out, func() {
		if lines--; lines == 0 {
			go func() {
				time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
				_ = writer.Process.Kill() // it may have ended
			}()
		}
	})
	_ = writer.Wait() // it was killed
	return err
}

// Check looks in a store for all that was acknowledged, and verifies the store.
func (a *Account) Check(ctx context.Context, st *store.Store) error {
	for id := range a.Documents {
		if _, err := st.Documents.Document(ctx, documents.DocumentID(id)); err != nil {
			return fmt.Errorf("document %s was acknowledged and is lost: %w", id, err)
		}
	}
	for n, name := range a.Applications {
		if who, err := st.Cases.Identity(ctx, cases.ApplicationNumber(n)); err != nil || who.Name != name {
			return fmt.Errorf("application %s was acknowledged and is lost: %w", n, err)
		}
	}
	for id := range a.Files {
		f, err := st.Files.OpenFile(ctx, portal.FileID(id))
		if err != nil {
			return fmt.Errorf("file %s was acknowledged and is lost: %w", id, err)
		}
		f.Close()
	}
	_, err := st.Verify(ctx)
	return err
}

// PutDraft writes a draft that nobody has seen.
func PutDraft(ctx context.Context, st *store.Store, by portal.Actor, d *documents.Draft) error {
	_, err := st.Documents.ChangeDraft(ctx, by, d.ID, portal.Absent, "write draft", d.ChangedAt, func(x *documents.Draft) error { *x = *d; return nil })
	return err
}

// Agree lets every draft be published.
func Agree(*documents.Draft, *documents.Document) ([]portal.Attachment, error) { return nil, nil }

// AgreeToWithdraw lets every document be withdrawn.
func AgreeToWithdraw(*documents.Document) error { return nil }
