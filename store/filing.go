package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/text"
)

// Enter implements portal.Filing.
func (s Records[T]) Enter(ctx context.Context, by portal.Actor, series string, name func(serial int) string, act string, at time.Time, change func(*T, portal.RecordTx) (string, error)) (*T, error) {
	var v *T
	var news news
	err := s.update(ctx, func(tx *bolt.Tx) error {
		id, err := unused(tx, s.kind, series, name)
		if err != nil {
			return err
		}
		v = new(T)
		detail, err := change(v, recordTx{s.core, s.kind, tx, id})
		if err != nil {
			return err
		}
		if news, err = s.save(tx, id, v, nil); err != nil {
			return err
		}
		return record(tx, by, act, s.kind.Code+"/"+id, detail, at)
	})
	if err != nil {
		return nil, portal.Doing(act+" "+s.kind.Code, err)
	}
	s.tell(news)
	return v, nil
}

// unused is the next name of a series that no record has.
func unused(tx *bolt.Tx, k portal.RecordKind, series string, name func(serial int) string) (string, error) {
	for {
		n, err := next(tx, k.Code+"/"+series)
		if err != nil {
			return "", err
		}
		if id := name(n); tx.Bucket([]byte(k.Bucket)).Get([]byte(id)) == nil {
			return id, nil
		}
	}
}

// Alter implements portal.Filing.
func (s Records[T]) Alter(ctx context.Context, by portal.Actor, id string, seen portal.Revision, act string, at time.Time, change func(*T, portal.RecordTx) (string, error)) (*T, error) {
	return s.change(ctx, by, id, seen, act, at, func(tx *bolt.Tx, v *T) (string, error) {
		return change(v, recordTx{s.core, s.kind, tx, id})
	})
}

// Unsealed implements portal.Apart.
func (s Records[T]) Unsealed(_ context.Context, id, bucket string, into any) error {
	return s.db.View(func(tx *bolt.Tx) error { return recordTx{s.core, s.kind, tx, id}.Unsealed(bucket, into) })
}

// Marked implements portal.Apart.
func (s Records[T]) Marked(_ context.Context, what string, words ...string) (out []string, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		out = recordTx{s.core, s.kind, tx, ""}.Marked(what, words...)
		return nil
	})
	return out, err
}

// recordTx is a portal.RecordTx.
type recordTx struct {
	s    *core
	kind portal.RecordKind
	tx   *bolt.Tx
	id   string
}

func (r recordTx) ID() string { return r.id }

func (r recordTx) Seal(bucket string, v any) error {
	p, err := partOf(r.kind, bucket)
	if err != nil {
		return err
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return err
	}
	sealed, err := r.s.seal.seal(plain, p.Bound(r.id))
	if err != nil {
		return err
	}
	return r.tx.Bucket([]byte(bucket)).Put([]byte(r.id), sealed)
}

func (r recordTx) Unsealed(bucket string, into any) error {
	p, err := partOf(r.kind, bucket)
	if err != nil {
		return err
	}
	sealed := r.tx.Bucket([]byte(bucket)).Get([]byte(r.id))
	if sealed == nil {
		return portal.Missing()
	}
	plain, err := r.s.seal.open(sealed, p.Bound(r.id))
	if err != nil {
		return fmt.Errorf("opening %s of %s: %w", bucket, r.id, err)
	}
	return json.Unmarshal(plain, into)
}

// markOf is what a mark says. It is kept sealed, so that the mark can be made anew when the
// key changes.
type markOf struct {
	Kind  string   `json:"kind"`
	What  string   `json:"what"`
	Words []string `json:"words"`
	ID    string   `json:"id"`
}

// bound is what sealed marks are bound to.
const boundMark = "mark"

func (m markOf) prefix(s *sealer) string {
	return s.hash(m.Kind+" "+m.What, text.Fingerprint(m.Words...)) + "/"
}

func (r recordTx) Marked(what string, words ...string) []string {
	var out []string
	prefix := markOf{Kind: r.kind.Code, What: what, Words: words}.prefix(r.s.seal)
	c := r.tx.Bucket(marksBucket).Cursor()
	for k, _ := c.Seek([]byte(prefix)); strings.HasPrefix(string(k), prefix); k, _ = c.Next() {
		if id := string(k[len(prefix):]); id != r.id {
			out = append(out, id)
		}
	}
	return out
}

func (r recordTx) Mark(what string, words ...string) error {
	return putMark(r.tx, r.s.seal, markOf{r.kind.Code, what, words, r.id})
}

func putMark(tx *bolt.Tx, s *sealer, m markOf) error {
	plain, err := json.Marshal(m)
	if err != nil {
		return err
	}
	sealed, err := s.seal(plain, boundMark)
	if err != nil {
		return err
	}
	return tx.Bucket(marksBucket).Put([]byte(m.prefix(s)+m.ID), sealed)
}

// renameMarks makes every mark anew under another key.
func renameMarks(tx *bolt.Tx, old, fresh *sealer) error {
	var all []markOf
	err := tx.Bucket(marksBucket).ForEach(func(_, v []byte) error {
		plain, err := old.open(v, boundMark)
		if err != nil {
			return err
		}
		var m markOf
		if err := json.Unmarshal(plain, &m); err != nil {
			return err
		}
		all = append(all, m)
		return nil
	})
	if err != nil {
		return err
	}
	if err := deletePrefix(tx.Bucket(marksBucket), ""); err != nil {
		return err
	}
	for _, m := range all {
		if err := putMark(tx, fresh, m); err != nil {
			return err
		}
	}
	return nil
}

func (r recordTx) Send(m *portal.Mail) error { return r.s.enqueue(r.tx, m) }
