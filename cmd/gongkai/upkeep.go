package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/search"
	"gongkai/store"
)

// reindexCommand builds the search index anew, or compares it with the store.
type reindexCommand struct {
	dataFlag
	Check bool `help:"Only compare the index with the store, and mend what differs."`
}

// Run implements the command. A running portal is asked to do it, and goes
// on answering meanwhile.
func (r *reindexCommand) Run(c *console) error {
	st, err := openExisting(c, r.Data)
	if errors.Is(err, store.ErrInUse) {
		what := "reindex"
		if r.Check {
			what = "check"
		}
		resp, err := askRunning(c, r.Data, what)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if r.Check {
			var d query.Drift
			if err := json.NewDecoder(resp.Body).Decode(&d); err != nil {
				return err
			}
			tellDrift(c, d)
			return nil
		}
		fmt.Fprintln(c.out, "The running portal has rebuilt its index.")
		return nil
	}
	if err != nil {
		return err
	}
	defer st.Close()
	limitMemory(c.getenv)
	dir := filepath.Join(r.Data, "index")
	if r.Check {
		x, err := search.Open(dir, st.ForSearch(), slog.New(slog.NewTextHandler(c.err, nil)))
		if err != nil {
			return err
		}
		d, err := x.Check(c.ctx, true)
		if err := errors.Join(err, x.Close()); err != nil {
			return err
		}
		tellDrift(c, d)
		return nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	x, err := search.Open(dir, st.ForSearch(), slog.New(slog.NewTextHandler(c.err, nil)))
	if err != nil {
		return err
	}
	if err := errors.Join(x.CatchUp(c.ctx), x.Close()); err != nil {
		return err
	}
	fmt.Fprintln(c.out, "The index has been rebuilt.")
	return nil
}

// tellDrift says what a comparison found.
func tellDrift(c *console, d query.Drift) {
	fmt.Fprintf(c.out, "%d records compared.\n", d.Checked)
	if !d.Any() {
		fmt.Fprintln(c.out, "The index says what the store says.")
		return
	}
	fmt.Fprintf(c.out, "%d were missing, %d were out of date, %d were not public: mended.\n", len(d.Missing), len(d.Stale), len(d.Extra))
}

// openExisting opens a data folder that must be there: a slip in a path
// must not make a new one.
func openExisting(c *console, dir string) (*store.Store, error) {
	if !exists(filepath.Join(dir, "gongkai.db")) {
		return nil, &exitError{2, fmt.Errorf("there is no data in %s", dir)}
	}
	return openStore(c, dir)
}

// keyVariable is the environment variable that may hold the identity key, as
// 64 hexadecimal figures, instead of the file in the data folder.
const keyVariable = "GONGKAI_IDENTITY_KEY"

// keyFrom reads an identity key from the environment; nil where there is none.
func keyFrom(c *console, variable string) ([]byte, error) {
	v := strings.TrimSpace(c.getenv(variable))
	if v == "" {
		return nil, nil
	}
	key, err := hex.DecodeString(v)
	if err != nil || len(key) != 32 {
		return nil, &exitError{2, fmt.Errorf("%s is not a key of 64 hexadecimal figures (openssl rand -hex 32 makes one)", variable)}
	}
	return key, nil
}

// openStore opens a data folder with the identity key of the environment, if
// it has one.
func openStore(c *console, dir string) (*store.Store, error) {
	return openStoreWith(c, dir, store.Options{})
}

// openStoreWith is openStore with settings.
func openStoreWith(c *console, dir string, o store.Options) (*store.Store, error) {
	var err error
	if o.IdentityKey, err = keyFrom(c, keyVariable); err != nil {
		return nil, err
	}
	return store.OpenWith(dir, o)
}

// backupCommand writes everything into one file.
type backupCommand struct {
	dataFlag
	File string `arg:"" help:"File to write; it must not exist." type:"path"`
}

// Run implements the command. The file appears under its name only once it
// is whole.
func (b *backupCommand) Run(c *console) error {
	if exists(b.File) {
		return &exitError{2, fmt.Errorf("%s exists already", b.File)}
	}
	f, err := os.CreateTemp(filepath.Dir(b.File), ".backup-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already once renamed
	defer f.Close()
	if err := b.write(c, f); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close(), os.Rename(f.Name(), b.File)); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "Written: %s\nIt holds the keys of the portal (the identity key too, unless that comes from the environment): keep it as safe as the portal itself.\n", b.File)
	return nil
}

func (b *backupCommand) write(c *console, f *os.File) error {
	st, err := openExisting(c, b.Data)
	if err == nil {
		defer st.Close()
		return st.Backup(c.ctx, f)
	}
	if !errors.Is(err, store.ErrInUse) {
		return err
	}
	resp, err := askRunning(c, b.Data, "backup")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(f, resp.Body); err != nil {
		return err
	}
	if resp.Trailer.Get("X-Complete") != "yes" {
		return errors.New("the running portal could not finish the backup; see its log")
	}
	return nil
}

// restoreCommand unpacks a backup.
type restoreCommand struct {
	dataFlag
	File string `arg:"" help:"Backup to read." type:"existingfile"`
}

// Run implements the command.
func (r *restoreCommand) Run(c *console) error {
	f, err := os.Open(r.File)
	if err != nil {
		return err
	}
	defer f.Close()
	key, err := keyFrom(c, keyVariable)
	if err != nil {
		return err
	}
	v, err := store.Restore(c.ctx, r.Data, f, store.Options{IdentityKey: key})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "Restored into %s and verified: ", r.Data)
	tellVerified(c, v)
	fmt.Fprintln(c.out, "The search index is built at the next start.")
	return nil
}

func tellVerified(c *console, v store.Verified) {
	fmt.Fprintf(c.out, "%d records, %d sealed, %d uploads, %d lines of the audit log up to %s.\n", v.Records, v.Sealed, v.Files, v.Lines, v.Head)
}

// checkCommand verifies the data.
type checkCommand struct{ dataFlag }

// Run implements the command.
func (k *checkCommand) Run(c *console) error {
	st, err := openExisting(c, k.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	v, err := st.Verify(c.ctx)
	if err != nil {
		return err
	}
	tellVerified(c, v)
	return nil
}

// auditCommand verifies the chain of the audit log.
type auditCommand struct {
	dataFlag
	Head string `help:"The link that an earlier run printed last: it must still be in the chain."`
}

// Run implements the command.
func (a *auditCommand) Run(c *console) error {
	st, err := openExisting(c, a.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	lines, head, err := st.Log.VerifyAudit(c.ctx)
	if err != nil {
		return err
	}
	if a.Head != "" {
		if ok, err := st.Log.InAudit(c.ctx, a.Head); err != nil || !ok {
			return errors.Join(err, fmt.Errorf("the log does not hold %s any more: it was cut off", a.Head))
		}
	}
	fmt.Fprintf(c.out, "%d lines, each as it was written. The last link, to be kept elsewhere:\n%s\n", lines, head)
	return nil
}

// compactCommand gives back the room of what was deleted.
type compactCommand struct{ dataFlag }

// Run implements the command.
func (k *compactCommand) Run(c *console) error {
	if !exists(filepath.Join(k.Data, "gongkai.db")) {
		return &exitError{2, fmt.Errorf("there is no data in %s", k.Data)}
	}
	before, after, err := store.Compact(c.ctx, k.Data)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%d MB before, %d MB now.\n", before>>20, after>>20)
	return nil
}

// rotateCommand seals everything about people with a new key.
type rotateCommand struct{ dataFlag }

// Run implements the command. Where the key comes from the environment, so
// does the new one.
func (r *rotateCommand) Run(c *console) error {
	st, err := openExisting(c, r.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	var fresh []byte
	if c.getenv(keyVariable) != "" {
		if fresh, err = keyFrom(c, keyVariable+"_NEW"); err != nil {
			return err
		}
		if fresh == nil {
			return &exitError{2, fmt.Errorf("the identity key comes from %s: put the new one into %s_NEW", keyVariable, keyVariable)}
		}
	}
	n, err := st.RotateKey(c.ctx, portal.System("operator"), fresh, time.Now())
	if err != nil {
		return err
	}
	if fresh != nil {
		fmt.Fprintf(c.out, "%d records are sealed with the new key. Put it into %s before the next start.\n", n, keyVariable)
		return nil
	}
	fmt.Fprintf(c.out, "%d records are sealed with a new key. Old backups need the old one, which they hold.\n", n)
	return nil
}
