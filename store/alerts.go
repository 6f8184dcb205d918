package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/alerts"
)

// AddAlert writes an alert with its sealed address and the message that asks
// to confirm it. It refuses more than limit alerts of one address.
func (s Alerts) AddAlert(ctx context.Context, a *alerts.Alert, email string, limit int, m *portal.Mail) error {
	owner := s.seal.owner(email)
	return s.update(ctx, func(tx *bolt.Tx) error {
		n, confirmed, asked := 0, false, false
		err := s.ofOwner(tx, owner, func(x *alerts.Alert) error {
			n++
			confirmed = confirmed || !x.Confirmed.IsZero()
			asked = asked || a.CreatedAt.Sub(x.CreatedAt) < 24*time.Hour
			return nil
		})
		if err != nil {
			return err
		}
		if n >= limit {
			return &portal.Error{Kind: portal.TooMany, Key: "error.form", Problems: []portal.Problem{{Field: "email", Key: "error.too_many_alerts", Args: portal.Args{"Limit": limit}}}}
		}
		sealed, err := s.seal.seal([]byte(email), "alert/"+string(a.ID))
		if err != nil {
			return err
		}
		if err := tx.Bucket(alertOwnersBucket).Put([]byte(owner+"/"+string(a.ID)), nil); err != nil {
			return err
		}
		if err := tx.Bucket(alertAddressesBucket).Put([]byte(a.ID), sealed); err != nil {
			return err
		}
		if err := put(tx.Bucket(alertsBucket), string(a.ID), a); err != nil {
			return err
		}
		if asked && !confirmed { // whoever it is has one message, which confirms all
			return nil
		}
		m.To = email
		return s.enqueue(tx, m)
	})
}

// ofOwner calls f with each alert of an address.
func (s *core) ofOwner(tx *bolt.Tx, owner string, f func(*alerts.Alert) error) error {
	c := tx.Bucket(alertOwnersBucket).Cursor()
	for k, _ := c.Seek([]byte(owner + "/")); strings.HasPrefix(string(k), owner+"/"); k, _ = c.Next() {
		var x alerts.Alert
		switch err := get(tx, alertsBucket, strings.TrimPrefix(string(k), owner+"/"), &x); {
		case portal.KindOf(err) == portal.NotFound && err != nil:
			continue
		case err != nil:
			return err
		}
		if err := f(&x); err != nil {
			return err
		}
	}
	return nil
}

// ConfirmAlerts begins an alert and every other of its address that waits for
// that.
func (s Alerts) ConfirmAlerts(ctx context.Context, id alerts.AlertID, at time.Time) (*alerts.Alert, error) {
	var out alerts.Alert
	err := s.update(ctx, func(tx *bolt.Tx) error {
		email, err := s.alertAddress(tx, id)
		if err != nil {
			return err
		}
		var waiting []*alerts.Alert
		err = s.ofOwner(tx, s.seal.owner(email), func(x *alerts.Alert) error {
			if x.Confirmed.IsZero() {
				x.Confirmed = at
				waiting = append(waiting, x)
			}
			return nil
		})
		for _, x := range waiting {
			if err == nil {
				err = put(tx.Bucket(alertsBucket), string(x.ID), x)
			}
		}
		if err != nil {
			return err
		}
		out = alerts.Alert{}
		return get(tx, alertsBucket, string(id), &out)
	})
	return &out, err
}

// owner is a keyed hash of an address, by which its alerts are counted.
func (s *sealer) owner(email string) string {
	sum := sha256.Sum256(append([]byte("alert owner "+strings.ToLower(email)), s.salt...))
	return hex.EncodeToString(sum[:16])
}

// Alert loads an alert.
func (s Alerts) Alert(ctx context.Context, id alerts.AlertID) (*alerts.Alert, error) {
	return view[alerts.Alert](ctx, s.core, alertsBucket, string(id))
}

// Alerts loads all alerts.
func (s Alerts) Alerts(ctx context.Context) ([]*alerts.Alert, error) {
	return all[alerts.Alert](ctx, s.core, alertsBucket, nil)
}

// DropAlert forgets an alert, its address and what it had still to tell.
func (s Alerts) DropAlert(ctx context.Context, id alerts.AlertID) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		email, err := s.alertAddress(tx, id)
		if err != nil {
			return err
		}
		if err := tx.Bucket(alertOwnersBucket).Delete([]byte(s.seal.owner(email) + "/" + string(id))); err != nil {
			return err
		}
		if err := deletePrefix(tx.Bucket(alertPendingBucket), string(id)+"/"); err != nil {
			return err
		}
		if err := tx.Bucket(alertAddressesBucket).Delete([]byte(id)); err != nil {
			return err
		}
		return tx.Bucket(alertsBucket).Delete([]byte(id))
	})
}

func (s *core) alertAddress(tx *bolt.Tx, id alerts.AlertID) (string, error) {
	sealed := tx.Bucket(alertAddressesBucket).Get([]byte(id))
	if sealed == nil {
		return "", portal.Missing()
	}
	plain, err := s.seal.open(sealed, "alert/"+string(id))
	return string(plain), err
}

// alertsSeq is how far alerts have followed the change log.
const alertsSeq = "alerts.seq"

// AlertsSeen is the sequence number of the last change that alerts have
// looked at. Before the first, they begin with what comes next.
func (s Alerts) AlertsSeen(ctx context.Context) (uint64, error) {
	var n uint64
	known := false
	err := s.db.View(func(tx *bolt.Tx) error {
		v := tx.Bucket(metaBucket).Get([]byte(alertsSeq))
		if known = len(v) == 8; known {
			n = binary.BigEndian.Uint64(v)
		}
		return nil
	})
	if err != nil || known {
		return n, err
	}
	err = s.update(ctx, func(tx *bolt.Tx) error {
		n = tx.Bucket(changesBucket).Sequence()
		return tx.Bucket(metaBucket).Put([]byte(alertsSeq), seqKey(n))
	})
	return n, err
}

// NoteAlerts writes which alerts have to tell of which records, and that the
// changes up to seq have been looked at.
func (s Alerts) NoteAlerts(ctx context.Context, seq uint64, told map[alerts.AlertID][]portal.Key) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		b := tx.Bucket(alertPendingBucket)
		for id, keys := range told {
			if tx.Bucket(alertsBucket).Get([]byte(id)) == nil {
				continue // stopped meanwhile
			}
			for _, k := range keys {
				if err := b.Put([]byte(string(id)+"/"+k.String()), seqKey(seq)); err != nil {
					return err
				}
			}
		}
		return tx.Bucket(metaBucket).Put([]byte(alertsSeq), seqKey(seq))
	})
}

// PendingAlerts lists what each alert has still to tell.
func (s Alerts) PendingAlerts(ctx context.Context) (map[alerts.AlertID][]portal.Key, error) {
	out := make(map[alerts.AlertID][]portal.Key)
	err := s.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(alertPendingBucket).ForEach(func(k, _ []byte) error {
			id, key, _ := strings.Cut(string(k), "/")
			out[alerts.AlertID(id)] = append(out[alerts.AlertID(id)], portal.ParseKey(key))
			return nil
		})
	})
	return out, err
}

// SendAlert queues the message of an alert and notes that it has told of the
// records, both or neither. Without a message there was nothing left to tell.
func (s Alerts) SendAlert(ctx context.Context, id alerts.AlertID, keys []portal.Key, at time.Time, m *portal.Mail) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		var a alerts.Alert
		if err := get(tx, alertsBucket, string(id), &a); err != nil {
			if portal.KindOf(err) == portal.NotFound {
				return nil // stopped meanwhile
			}
			return err
		}
		for _, k := range keys {
			if err := tx.Bucket(alertPendingBucket).Delete([]byte(string(id) + "/" + k.String())); err != nil {
				return err
			}
		}
		if m == nil {
			return nil
		}
		var err error
		if m.To, err = s.alertAddress(tx, id); err != nil {
			return err
		}
		a.SentAt = at
		if err := put(tx.Bucket(alertsBucket), string(id), &a); err != nil {
			return err
		}
		return s.enqueue(tx, m)
	})
}

// digestKey is where the day of the last digest about something is kept.
func digestKey(about string) string { return "digest." + about }

// SendDigest queues what is written about something on a day, once.
func (s Outbox) SendDigest(ctx context.Context, about string, day portal.Date, mails []*portal.Mail) (sent bool, err error) {
	err = s.update(ctx, func(tx *bolt.Tx) error {
		sent = false
		var last portal.Date
		if err := get(tx, metaBucket, digestKey(about), &last); err != nil && portal.KindOf(err) != portal.NotFound {
			return err
		}
		if last >= day {
			return nil
		}
		for _, m := range mails {
			if err := s.enqueue(tx, m); err != nil {
				return err
			}
		}
		sent = true
		return put(tx.Bucket(metaBucket), digestKey(about), day)
	})
	return sent, err
}

// enqueue puts a message on its way within a transaction.
func (s *core) enqueue(tx *bolt.Tx, m *portal.Mail) error {
	b := tx.Bucket(outboxBucket)
	seq, err := b.NextSequence()
	if err != nil {
		return err
	}
	return s.putMail(b, portal.QueuedMail{Mail: *m, Seq: seq})
}

func (s *core) putMail(b *bolt.Bucket, q portal.QueuedMail) error {
	plain, err := json.Marshal(q)
	if err != nil {
		return err
	}
	sealed, err := s.seal.seal(plain, "mail")
	if err != nil {
		return err
	}
	return b.Put(seqKey(q.Seq), sealed)
}

// DueMail returns up to limit messages that may be sent now, oldest first.
func (s Outbox) DueMail(ctx context.Context, now time.Time, limit int) ([]portal.QueuedMail, error) {
	var out []portal.QueuedMail
	err := s.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(outboxBucket).Cursor()
		for k, v := c.First(); k != nil && len(out) < limit; k, v = c.Next() {
			plain, err := s.seal.open(v, "mail")
			if err != nil {
				return err
			}
			q := portal.QueuedMail{Seq: binary.BigEndian.Uint64(k)}
			if err := json.Unmarshal(plain, &q); err != nil {
				return err
			}
			if !q.After.After(now) {
				out = append(out, q)
			}
		}
		return nil
	})
	return out, err
}

// MailSent takes a message off the queue.
func (s Outbox) MailSent(ctx context.Context, seq uint64) error {
	return s.update(ctx, func(tx *bolt.Tx) error { return tx.Bucket(outboxBucket).Delete(seqKey(seq)) })
}

// MailFailed keeps a message for a later attempt.
func (s Outbox) MailFailed(ctx context.Context, q portal.QueuedMail) error {
	return s.update(ctx, func(tx *bolt.Tx) error { return s.putMail(tx.Bucket(outboxBucket), q) })
}
