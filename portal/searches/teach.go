package searches

import (
	"context"
	"strings"

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/portal/text"
)

// Vocabulary is what administrators have taught the search.
func (u *Searches) Vocabulary(ctx context.Context) (query.Vocabulary, error) {
	return u.Store.Vocabulary(ctx)
}

// Lesson is a change of the vocabulary (检索词库) that can be tried before it is made.
type Lesson struct {
	Act    string // for the audit log
	Detail string
	// Entry is what there is of it in a vocabulary, which somebody may have seen.
	Entry  func(query.Vocabulary) any
	Change func(query.Vocabulary) (query.Vocabulary, error)
}

// SynonymFor is the synonym for a word; an empty one where there is none.
func SynonymFor(v query.Vocabulary, said string) any {
	for _, x := range v.Synonyms {
		if text.Fold(x.Said) == text.Fold(said) {
			return x
		}
	}
	return query.Synonym{}
}

// BetFor are the records that stand first for a query.
func BetFor(v query.Vocabulary, asked string) any { return v.Bet(asked) }

// TeachSynonym puts a synonym in the place of one for the same word.
func TeachSynonym(x query.Synonym) Lesson {
	return Lesson{"teach synonym", x.Said + " = " + strings.Join(x.Meant, ", "), func(v query.Vocabulary) any { return SynonymFor(v, x.Said) }, func(v query.Vocabulary) (query.Vocabulary, error) {
		if err := x.Validate(); err != nil {
			return v, err
		}
		if v = v.WithSynonym(x); len(v.Synonyms) > query.MaxSynonyms {
			return v, portal.Wrong("said", "error.too_many", portal.Args{"Limit": query.MaxSynonyms})
		}
		return v, nil
	}}
}

// DropSynonym takes the synonym for a word away.
func DropSynonym(said string) Lesson {
	return Lesson{"teach synonym", said, func(v query.Vocabulary) any { return SynonymFor(v, said) }, func(v query.Vocabulary) (query.Vocabulary, error) { return v.WithoutSynonym(said), nil }}
}

// DropBet takes the best bet for a query away.
func DropBet(asked string) Lesson {
	return Lesson{"teach best bet", asked, func(v query.Vocabulary) any { return BetFor(v, asked) },
		func(v query.Vocabulary) (query.Vocabulary, error) { return v.WithBet(query.BestBet{Query: asked}), nil }}
}

// TeachBet lets records stand first for a query; known tells which records are
// public.
func TeachBet(b query.BestBet, known func(portal.Key) bool) Lesson {
	return Lesson{"teach best bet", b.Query, func(v query.Vocabulary) any { return BetFor(v, b.Query) }, func(v query.Vocabulary) (query.Vocabulary, error) {
		if err := b.Validate(known); err != nil {
			return v, err
		}
		if v = v.WithBet(b); len(v.Bets) > query.MaxBets {
			return v, portal.Wrong("query", "error.too_many", portal.Args{"Limit": query.MaxBets})
		}
		return v, nil
	}}
}

// Teach makes a change of the vocabulary, whose entry was seen, and returns what the
// search is to know from now on.
func (u *Searches) Teach(ctx context.Context, by portal.Actor, seen portal.Revision, l Lesson) (query.Vocabulary, error) {
	return u.Store.ChangeVocabulary(ctx, by, l.Act, l.Detail, u.Now(), func(v query.Vocabulary) (query.Vocabulary, error) {
		if err := by.Need(portal.ManageSearch, ""); err != nil {
			return v, err
		}
		if err := seen.Check(l.Entry(v), portal.RecordKind{}); err != nil {
			return v, err
		}
		return l.Change(v)
	})
}
