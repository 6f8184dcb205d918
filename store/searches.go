package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/portal/searches"
)

// vocabularyKey is where the vocabulary lies among the settings.
const vocabularyKey = "vocabulary"

// Vocabulary loads what administrators taught the search.
func (s Searches) Vocabulary(ctx context.Context) (query.Vocabulary, error) {
	v, err := view[query.Vocabulary](ctx, s.core, metaBucket, vocabularyKey)
	if portal.KindOf(err) == portal.NotFound {
		return query.Vocabulary{}, nil
	}
	if err != nil {
		return query.Vocabulary{}, err
	}
	return *v, nil
}

// ChangeVocabulary lets change alter the vocabulary and saves it, with what
// was done in the audit log. If change fails nothing is saved.
func (s Searches) ChangeVocabulary(ctx context.Context, by portal.Actor, act, detail string, at time.Time, change func(query.Vocabulary) (query.Vocabulary, error)) (query.Vocabulary, error) {
	var v query.Vocabulary
	err := s.update(ctx, func(tx *bolt.Tx) error {
		v = query.Vocabulary{}
		if err := get(tx, metaBucket, vocabularyKey, &v); err != nil && portal.KindOf(err) != portal.NotFound {
			return err
		}
		var err error
		if v, err = change(v); err != nil {
			return err
		}
		if err := put(tx.Bucket(metaBucket), vocabularyKey, v); err != nil {
			return err
		}
		return record(tx, by, act, "search", detail, at)
	})
	return v, err
}

// Months of searches that are kept, and the fewest visitors that a query of
// an earlier month must have had.
const (
	keptMonths  = 12
	keptPeople  = 3
	searchParts = "/" // between month and query
)

// AddSearches adds counts to those of the same month and query, and drops
// what is older than a year, or of an earlier month and asked by few.
func (s Searches) AddSearches(ctx context.Context, list []searches.SearchTally) error {
	if len(list) == 0 {
		return nil
	}
	return s.update(ctx, func(tx *bolt.Tx) error {
		b := tx.Bucket(searchesBucket)
		for _, t := range list {
			key := t.Month + searchParts + t.Query
			var sum searches.SearchTally
			if err := get(tx, searchesBucket, key, &sum); err != nil && portal.KindOf(err) != portal.NotFound {
				return err
			}
			sum.Add(t)
			if err := put(b, key, sum); err != nil {
				return err
			}
		}
		return pruneSearches(tx, list[0].Month)
	})
}

// pruneSearches runs once for each new month: it notes the month it ran for.
func pruneSearches(tx *bolt.Tx, month string) error {
	const done = "searches.pruned"
	meta := tx.Bucket(metaBucket)
	if string(meta.Get([]byte(done))) >= month {
		return nil
	}
	now, err := time.Parse("2006-01", month)
	if err != nil {
		return err
	}
	oldest := now.AddDate(0, -keptMonths, 0).Format("2006-01")
	b := tx.Bucket(searchesBucket)
	var drop []string
	err = b.ForEach(func(k, v []byte) error {
		of, _, _ := strings.Cut(string(k), searchParts)
		var t searches.SearchTally
		if err := json.Unmarshal(v, &t); err != nil {
			return err
		}
		if of < oldest || of < month && t.People < keptPeople {
			drop = append(drop, string(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range drop {
		if err := b.Delete([]byte(k)); err != nil {
			return err
		}
	}
	return meta.Put([]byte(done), []byte(month))
}

// Searches loads the counts of a month.
func (s Searches) Searches(ctx context.Context, month string) ([]searches.SearchTally, error) {
	var out []searches.SearchTally
	err := s.db.View(func(tx *bolt.Tx) error {
		prefix := month + searchParts
		c := tx.Bucket(searchesBucket).Cursor()
		for k, v := c.Seek([]byte(prefix)); k != nil && strings.HasPrefix(string(k), prefix); k, v = c.Next() {
			t := searches.SearchTally{Month: month, Query: string(k[len(prefix):])}
			if err := json.Unmarshal(v, &t); err != nil {
				return err
			}
			out = append(out, t)
		}
		return nil
	})
	return out, err
}
