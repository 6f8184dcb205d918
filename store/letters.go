package store

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/cases"
)

func letterKey(n cases.ApplicationNumber, id int, format string) string {
	return fmt.Sprintf("%s/%03d.%s", n, id, format)
}

// Letter opens a letter as it was sent.
func (s Cases) Letter(ctx context.Context, n cases.ApplicationNumber, id int, format string) (file []byte, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		key := letterKey(n, id, format)
		sealed := tx.Bucket(lettersBucket).Get([]byte(key))
		if sealed == nil {
			return portal.Missing()
		}
		file, err = s.seal.open(sealed, "letter/"+key)
		return err
	})
	return file, err
}

func letterSeries(organ portal.OrganCode, year int) string {
	return fmt.Sprintf("letter/%s/%d", organ, year)
}

// LetterNumber is the number that the next letter of an organ in a year will have.
func (s Cases) LetterNumber(ctx context.Context, organ portal.OrganCode, year int) (n int, err error) {
	err = s.db.View(func(tx *bolt.Tx) error { n = upcoming(tx, letterSeries(organ, year)); return ctx.Err() })
	return n, err
}

// LetterTemplate is an organ's own text of a kind of letter.
func (s Letters) LetterTemplate(ctx context.Context, organ portal.OrganCode, kind string) (string, error) {
	body, err := view[string](ctx, s.core, templatesBucket, string(organ)+"/"+kind)
	if err != nil {
		return "", err
	}
	return *body, nil
}

// SaveLetterTemplate writes an organ's own text; an empty one brings the
// portal's back.
func (s Letters) SaveLetterTemplate(ctx context.Context, by portal.Actor, organ portal.OrganCode, kind, body string, at time.Time, check func(now string) error) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		b, key := tx.Bucket(templatesBucket), string(organ)+"/"+kind
		var now string
		if err := get(tx, templatesBucket, key, &now); err != nil && portal.KindOf(err) != portal.NotFound {
			return err
		}
		err := check(now)
		switch {
		case err != nil:
		case body == "":
			err = b.Delete([]byte(key))
		default:
			err = put(b, key, body)
		}
		if err != nil {
			return err
		}
		return record(tx, by, "edit letter", "letter/"+key, "", at)
	})
}
