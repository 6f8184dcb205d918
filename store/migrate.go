package store

import (
	"context"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal/cases"
)

// migrate brings records of an older format to today's, in the transaction
// that says so.
func migrate(tx *bolt.Tx, from int) error {
	if from < 2 {
		return newMarks(tx)
	}
	return nil
}

// newMarks (format 2) writes letters with marks that nobody types.
func newMarks(tx *bolt.Tx) error {
	changed := make(map[string]*cases.Application)
	err := each(context.Background(), tx, applicationsBucket, func(key string, a *cases.Application) error {
		if len(a.Letters) == 0 && a.Proposal == nil {
			return nil
		}
		for i := range a.Letters {
			a.Letters[i].Text = cases.NewMarks(a.Letters[i].Text)
		}
		if a.Proposal != nil {
			a.Proposal.Letter = cases.NewMarks(a.Proposal.Letter)
		}
		changed[key] = a
		return nil
	})
	if err != nil {
		return err
	}
	for key, a := range changed { // a bucket may not change under a cursor
		if err := put(tx.Bucket(applicationsBucket), key, a); err != nil {
			return err
		}
	}
	templates := make(map[string]string)
	err = each(context.Background(), tx, templatesBucket, func(key string, body *string) error {
		templates[key] = cases.NewMarks(*body)
		return nil
	})
	for key, body := range templates {
		if err == nil {
			err = put(tx.Bucket(templatesBucket), key, body)
		}
	}
	return err
}
