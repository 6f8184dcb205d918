// Package store keeps the portal's records in one bbolt file and its uploads
// in a folder beside it. It promises that what a method acknowledged is on
// the disk, that a record, its derived keys, its line in the change log and
// its line in the audit log are written together or not at all, and that
// nothing it returns is shared with it.
package store

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/portal/cases"
	"gongkai/portal/documents"
	"gongkai/portal/letters"
	"gongkai/portal/people"
	"gongkai/portal/powers"
	"gongkai/portal/registers"
	"gongkai/portal/reports"
	"gongkai/store/files"
)

// ErrInUse says that another process, usually the running portal, holds the
// data.
var ErrInUse = errors.New("the data is in use by a running portal")

// format is the version of the stored records. A change needs a migration.
const format = 2

// Buckets of the store's own. Those of records are named by their kinds. Keys are
// readable where they can be: numbers are big-endian.
var (
	metaBucket       = []byte("meta")        // format, secrets of the installation
	textsBucket      = []byte("texts")       // kind/id/source → text of what is public now
	fileTextsBucket  = []byte("file_texts")  // file id → text found in it
	fileUnseenBucket = []byte("file_unseen") // file id → what lies in it unseen
	sourcesBucket    = []byte("sources")     // key of an import → document id or application number
	serialsBucket    = []byte("serials")     // name of a series → last number issued
	duplicatesBucket = []byte("doubles")     // keyed hash of who asked for what → number/day of the last
	sessionsBucket   = []byte("sessions")    // hashed token → session
	auditBucket      = []byte("audit")       // sequence → AuditEntry
	changesBucket    = []byte("changes")     // sequence → kind/id, the last change of each
	changedBucket    = []byte("changed")     // kind/id → its sequence in changes

	searchesBucket     = []byte("searches")         // month/query → SearchTally
	alertOwnersBucket  = []byte("alert_owners")     // keyed hash of an address/id → nothing
	alertPendingBucket = []byte("alert_pending")    // id/kind/id of a record → sequence of the change
	outboxBucket       = []byte("outbox")           // sequence → sealed QueuedMail
	noticesBucket      = []byte("notices")          // CN/year → clock.Notice
	templatesBucket    = []byte("letter_templates") // organ/kind → the organ's own text
	sameBucket         = []byte("same_applicant")   // keyed hash of an applicant/number → nothing
	marksBucket        = []byte("marks")            // keyed hash of what repeats/id → what it is of, sealed

	ownBuckets = [][]byte{metaBucket, textsBucket, fileTextsBucket, fileUnseenBucket, sourcesBucket, serialsBucket, duplicatesBucket, sessionsBucket, auditBucket, changesBucket, changedBucket,
		searchesBucket, alertOwnersBucket, alertPendingBucket, outboxBucket, noticesBucket, templatesBucket, sameBucket, marksBucket}

	organsBucket         = []byte(portal.OrganKind.Bucket)
	draftsBucket         = []byte(documents.DraftKind.Bucket)
	documentsBucket      = []byte(documents.Kind.Bucket)   // without their texts
	versionsBucket       = []byte(documents.Kind.Parts[0]) // document id/00001 → superseded Document, whole
	applicationsBucket   = []byte(cases.Kind.Bucket)
	identitiesBucket     = []byte(cases.Kind.Sealed[0].Bucket)
	lettersBucket        = []byte(cases.Kind.Sealed[1].Bucket) // number/id.format → letter as sent
	peopleBucket         = []byte(people.Kind.Bucket)
	secondBucket         = []byte(people.Kind.Sealed[0].Bucket)
	alertsBucket         = []byte(alerts.Kind.Bucket)
	alertAddressesBucket = []byte(alerts.Kind.Sealed[0].Bucket)
)

// Store is an open data folder: the database as a whole, and beside it what each
// area of the portal keeps, one small type for each. Its methods and theirs may
// be called from many goroutines.
type Store struct {
	*core
	Organs    Directory
	People    People
	Documents Documents
	Cases     Cases
	Letters   Letters
	Retention Retention
	Notices   Notices
	Powers    Records[powers.PowerItem]
	Reports   Records[reports.Report]
	Mailbox   Mirror[letters.Letter, letters.Brief]
	Entries   Mirror[registers.Entry, registers.Entry] // each is its own brief
	Alerts    Alerts
	Searches  Searches
	Outbox    Outbox
	Catalogue Catalogue
	Changes   Changes
	Log       Log
	Secrets   Secrets
	Sessions  Sessions
	Files     Files
}

// What each area keeps. They share one database, so that what belongs together
// is written together.
type (
	Directory struct{ *core } // organs
	People    struct{ *core } // accounts and second factors
	Documents struct{ *core } // drafts, documents, versions
	Cases     struct{ *core } // applications, who sent them, letters as sent
	Letters   struct{ *core } // organs' own templates
	Retention struct{ *core } // where the keeping of periods stands
	Notices   struct{ *core } // holiday notices
	Alerts    struct{ *core } // alerts and what they have still to tell
	Searches  struct{ *core } // what was searched, and what the search was taught
	Outbox    struct{ *core } // messages on their way
	Catalogue struct{ *core } // the list of everything public, in memory
	Changes   struct{ *core } // the change log, and the records it names
	Log       struct{ *core } // the audit log
	Secrets   struct{ *core } // of the installation
	Sessions  struct{ *core } // of signed-in people
	Files     struct{ *core } // uploads
)

// open gives each area its part of the database.
func open(c *core) *Store {
	return &Store{c, Directory{c}, People{c}, Documents{c}, Cases{c}, Letters{c}, Retention{c}, Notices{c}, records[powers.PowerItem](c, powers.Kind), records[reports.Report](c, reports.Kind), mirror(c, letters.Record, (*letters.Letter).Brief, func(b *letters.Brief) bool { return !b.Ended }),
		mirror(c, registers.Kind, func(e *registers.Entry) *registers.Entry { return e }, func(e *registers.Entry) bool { return e.Withdrawn == nil }), Alerts{c}, Searches{c},
		Outbox{c}, Catalogue{c}, Changes{c}, Log{c}, Secrets{c}, Sessions{c}, Files{c}}
}

// core is the database with what is kept of it in memory.
type core struct {
	dir     string
	db      *bolt.DB
	seal    *sealer
	signer  ed25519.PrivateKey
	cat     *catalogue
	changed chan struct{} // receives after each commit of public records

	// generation grows after each change of what pages show.
	generation atomic.Uint64

	briefsMu sync.RWMutex
	briefs   []*cases.CaseBrief // in the order in which they came
	briefed  []*cases.CaseBrief // a copy of that, for readers; nil when it is to be made anew
	briefAt  map[cases.ApplicationNumber]briefPlace
	written  uint64 // counts changes of cases, in the order of their commits

	held      sync.Map // token → heldSession
	heldCount atomic.Int64

	stagedMu sync.Mutex
	staged   map[portal.FileID]*staged

	objects  files.Objects
	quota    int64
	uploaded atomic.Int64 // bytes of uploads
	lastFull atomic.Int64 // when the disk was last full, in nanoseconds

	organsMu  sync.RWMutex
	organs    map[portal.OrganCode]portal.Organ
	organTree []portal.Organ // the same, each parent before its children
}

// Open opens the data folder, and makes it if it is not there. It returns
// ErrInUse when another process has it open.
func Open(dir string) (*Store, error) { return OpenWith(dir, Options{}) }

// Options are settings of a store.
type Options struct {
	// IdentityKey seals what is known of people: 32 bytes. Without it the key
	// lies in a file of the data folder.
	IdentityKey []byte
	// Quota bounds the bytes of uploads; 0 for no bound but the disk's.
	Quota int64
	// Objects keeps the uploads; by default a folder in the data folder.
	Objects files.Objects
}

// OpenWith is Open with settings.
func OpenWith(dir string, o Options) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	var db *bolt.DB
	err := whole(func() (err error) {
		db, err = bolt.Open(filepath.Join(dir, "gongkai.db"), 0o600, &bolt.Options{Timeout: 500 * time.Millisecond, FreelistType: bolt.FreelistMapType})
		return err
	})
	if err != nil {
		return nil, openError(err)
	}
	if o.Objects == nil {
		o.Objects = files.Folder(filepath.Join(dir, "files"))
	}
	s := &core{dir: dir, db: db, objects: o.Objects, changed: make(chan struct{}, 1), staged: make(map[portal.FileID]*staged), quota: o.Quota}
	if err := whole(func() error { return s.prepare(o) }); err != nil {
		if !errors.Is(err, ErrDamaged) { // closing what is damaged may wait for ever
			db.Close()
		}
		return nil, err
	}
	return open(s), nil
}

// openError puts into words why the records' file cannot be opened.
func openError(err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return ErrInUse
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	return fmt.Errorf("opening the store: %w", err)
}

func (s *core) prepare(o Options) error {
	err := s.update(context.Background(), func(tx *bolt.Tx) error {
		for _, b := range allBuckets() {
			if _, err := tx.CreateBucketIfNotExists(b); err != nil {
				return err
			}
		}
		meta := tx.Bucket(metaBucket)
		var have int
		switch err := get(tx, metaBucket, "format", &have); {
		case portal.KindOf(err) == portal.NotFound:
			return put(meta, "format", format)
		case err != nil:
			return err
		case have > format:
			return fmt.Errorf("the data was written by a newer version of the portal (format %d, known %d)", have, format)
		case have < format:
			if err := migrate(tx, have); err != nil {
				return fmt.Errorf("bringing the data from format %d to %d: %w", have, format, err)
			}
			return put(meta, "format", format)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.openKey(o.IdentityKey); err != nil {
		return err
	}
	if err := s.openSigner(); err != nil {
		return err
	}
	if err := s.measure(); err != nil {
		return err
	}
	if err := s.loadOrgans(); err != nil {
		return err
	}
	if err := s.loadBriefs(); err != nil {
		return err
	}
	return s.loadCatalogue()
}

// Close closes the data folder.
func (s *Store) Close() error { return s.db.Close() }

// Dir is the data folder.
func (s *Store) Dir() string { return s.dir }

// Generation grows after each change of a public record or an organ has
// reached what the store's methods return. A page made from them is right
// for as long as the generation read before making it stays.
func (s Changes) Generation() uint64 { return s.generation.Load() }

// Size is the size of the store's file in bytes.
func (s *Store) Size() int64 {
	var n int64
	// A view of an open database cannot fail.
	_ = s.db.View(func(tx *bolt.Tx) error { n = tx.Size(); return nil })
	return n
}

func get(tx *bolt.Tx, bucket []byte, key string, v any) error {
	b := tx.Bucket(bucket).Get([]byte(key))
	if b == nil {
		return portal.Missing()
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("reading %s %q: %w", bucket, key, err)
	}
	return nil
}

func put(b *bolt.Bucket, key string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("writing %q: %w", key, err)
	}
	return b.Put([]byte(key), data)
}

// view loads one record.
func view[T any](ctx context.Context, s *core, bucket []byte, key string) (*T, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	v := new(T)
	err := s.db.View(func(tx *bolt.Tx) error { return get(tx, bucket, key, v) })
	if err != nil {
		return nil, portal.Doing("loading "+string(bucket)+"/"+key, err)
	}
	return v, nil
}

// each calls f with every record of a bucket in the order of its keys.
func each[T any](ctx context.Context, tx *bolt.Tx, bucket []byte, f func(key string, v *T) error) error {
	return tx.Bucket(bucket).ForEach(func(k, b []byte) error {
		v := new(T)
		if err := json.Unmarshal(b, v); err != nil {
			return fmt.Errorf("reading %s %q: %w", bucket, k, err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return f(string(k), v)
	})
}

// all loads every record of a bucket that keep wants.
func all[T any](ctx context.Context, s *core, bucket []byte, keep func(*T) bool) ([]*T, error) {
	var out []*T
	err := s.db.View(func(tx *bolt.Tx) error {
		return each(ctx, tx, bucket, func(_ string, v *T) error {
			if keep == nil || keep(v) {
				out = append(out, v)
			}
			return nil
		})
	})
	if err == nil {
		err = ctx.Err()
	}
	return out, err
}

func seqKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// next issues the next number of a series: 1, 2, 3 and so on.
func next(tx *bolt.Tx, series string) (int, error) {
	n := upcoming(tx, series)
	return n, tx.Bucket(serialsBucket).Put([]byte(series), seqKey(uint64(n)))
}

// upcoming is the number that next will issue.
func upcoming(tx *bolt.Tx, series string) int {
	if v := tx.Bucket(serialsBucket).Get([]byte(series)); v != nil {
		return int(binary.BigEndian.Uint64(v)) + 1
	}
	return 1
}

// record writes a line of the audit log.
func record(tx *bolt.Tx, by portal.Actor, act, object, detail string, at time.Time) error {
	b := tx.Bucket(auditBucket)
	var before portal.AuditEntry
	if _, last := b.Cursor().Last(); last != nil {
		if err := json.Unmarshal(last, &before); err != nil {
			return fmt.Errorf("reading the last line of the audit log: %w", err)
		}
	}
	seq, err := b.NextSequence()
	if err != nil {
		return err
	}
	e := portal.AuditEntry{Seq: seq, At: at.UTC(), By: by.Login, Act: act, Object: object, Detail: detail}
	e.Chain = e.Link(before.Chain)
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return b.Put(seqKey(seq), data)
}

// VerifyAudit follows the chain of the audit log. It returns how many lines are
// chained and the last link, which whoever keeps it elsewhere can compare: with
// that, lines cut off at the end show too. Lines from before the log was
// chained come first and are not counted.
func (s Log) VerifyAudit(ctx context.Context) (lines int, head string, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		next := uint64(0)
		return each(ctx, tx, auditBucket, func(_ string, e *portal.AuditEntry) error {
			switch {
			case next > 0 && e.Seq != next:
				return fmt.Errorf("line %d of the audit log is missing", next)
			case e.Chain == "" && lines == 0:
			case e.Chain != e.Link(head):
				return fmt.Errorf("line %d of the audit log is not what was written, or the line before it is not", e.Seq)
			default:
				lines++
			}
			head, next = e.Chain, e.Seq+1
			return nil
		})
	})
	return lines, head, err
}

// Audit returns lines of the audit log, newest first: at most limit of those
// before a sequence number (0 for the newest), of one object where it is not
// empty.
func (s Log) Audit(ctx context.Context, before uint64, limit int, object string) ([]portal.AuditEntry, error) {
	var out []portal.AuditEntry
	err := s.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(auditBucket).Cursor()
		k, v := c.Last()
		if before > 0 {
			c.Seek(seqKey(before))
			k, v = c.Prev()
		}
		for ; k != nil && len(out) < limit; k, v = c.Prev() {
			var e portal.AuditEntry
			if err := json.Unmarshal(v, &e); err != nil {
				return err
			}
			if object == "" || e.Object == object {
				out = append(out, e)
			}
		}
		return nil
	})
	return out, err
}

// InAudit reports whether a line of the audit log has this link.
func (s Log) InAudit(ctx context.Context, link string) (bool, error) {
	found := false
	err := s.db.View(func(tx *bolt.Tx) error {
		return each(ctx, tx, auditBucket, func(_ string, e *portal.AuditEntry) error {
			found = found || e.Chain == link
			return nil
		})
	})
	return found, err
}

// Secret returns a secret of the installation, made by fresh at the first
// call. Without fresh it is only looked up: nil if there is none.
func (s Secrets) Secret(ctx context.Context, name string, fresh func() []byte) ([]byte, error) {
	var out []byte
	key := []byte("secret." + name)
	err := s.db.View(func(tx *bolt.Tx) error {
		out = bytes.Clone(tx.Bucket(metaBucket).Get(key))
		return nil
	})
	if err != nil || out != nil || fresh == nil {
		return out, err
	}
	err = s.update(ctx, func(tx *bolt.Tx) error {
		b := tx.Bucket(metaBucket)
		if out = bytes.Clone(b.Get(key)); out != nil { // made meanwhile
			return nil
		}
		out = fresh()
		return b.Put(key, out)
	})
	return out, err
}

// DropSecret forgets a secret, such as a one-time link that was used.
func (s Secrets) DropSecret(ctx context.Context, name string) error {
	return s.update(ctx, func(tx *bolt.Tx) error { return tx.Bucket(metaBucket).Delete([]byte("secret." + name)) })
}
