package query

import (
	"slices"
	"strings"
	"unicode/utf8"

	"gongkai/portal"
	"gongkai/portal/text"
)

// Vocabulary is what administrators teach the search (检索词库): it is data,
// and is applied when a query is asked, so a change needs no new index.
type Vocabulary struct {
	Synonyms []Synonym `json:"synonyms,omitempty"`
	Bets     []BestBet `json:"bets,omitempty"`
}

// Synonym is what people say and the words that documents have for it
// (同义词). One of the organ with nothing meant switches a built-in one off.
type Synonym struct {
	Said  string   `json:"said"`
	Meant []string `json:"meant,omitempty"`
}

// BestBet is a record that stands first for a query (推荐结果).
type BestBet struct {
	Query string       `json:"query"` // compared by its squeeze
	Keys  []portal.Key `json:"keys"`
}

// Limits on a vocabulary.
const (
	MaxSynonyms = 5000
	MaxBets     = 2000
	MaxMeant    = 8 // words of one synonym, records of one best bet
	maxWord     = 40
)

// Validate reports the mistakes in a synonym.
func (s *Synonym) Validate() error {
	var p portal.Problems
	p.Text("said", s.Said, true, maxWord)
	if n := utf8.RuneCountInString(text.Squeeze(s.Said)); n == 1 {
		p.Add("said", "error.synonym_short", nil)
	}
	if len(s.Meant) > MaxMeant {
		p.Add("meant", "error.too_many", portal.Args{"Limit": MaxMeant})
	}
	for _, m := range s.Meant {
		if p.Text("meant", m, true, maxWord); text.Fold(m) == text.Fold(s.Said) {
			p.Add("meant", "error.synonym_same", nil)
		}
	}
	return p.Err()
}

// Validate reports the mistakes in a best bet; known tells which records are
// public.
func (b *BestBet) Validate(known func(portal.Key) bool) error {
	var p portal.Problems
	p.Text("query", b.Query, true, MaxQuery)
	if text.Squeeze(b.Query) == "" && b.Query != "" {
		p.Add("query", "error.required", nil)
	}
	if len(b.Keys) == 0 {
		p.Add("keys", "error.required", nil)
	} else if len(b.Keys) > MaxMeant {
		p.Add("keys", "error.too_many", portal.Args{"Limit": MaxMeant})
	}
	for _, k := range b.Keys {
		if !known(k) {
			p.Add("keys", "error.no_such_record", portal.Args{"Value": k.String()})
		}
	}
	return p.Err()
}

// WithSynonym returns the vocabulary with a synonym in the place of one for
// the same word.
func (v Vocabulary) WithSynonym(s Synonym) Vocabulary {
	v.Synonyms = slices.DeleteFunc(slices.Clone(v.Synonyms), func(x Synonym) bool { return text.Fold(x.Said) == text.Fold(s.Said) })
	v.Synonyms = append(v.Synonyms, s)
	return v
}

// WithoutSynonym returns the vocabulary without the synonym for a word.
func (v Vocabulary) WithoutSynonym(said string) Vocabulary {
	v.Synonyms = slices.DeleteFunc(slices.Clone(v.Synonyms), func(x Synonym) bool { return text.Fold(x.Said) == text.Fold(said) })
	return v
}

// WithBet returns the vocabulary with a best bet in the place of one for the
// same query; one without records is taken away.
func (v Vocabulary) WithBet(b BestBet) Vocabulary {
	v.Bets = slices.DeleteFunc(slices.Clone(v.Bets), func(x BestBet) bool { return text.Squeeze(x.Query) == text.Squeeze(b.Query) })
	if len(b.Keys) > 0 {
		v.Bets = append(v.Bets, b)
	}
	return v
}

// Bet returns the records that stand first for a query.
func (v Vocabulary) Bet(query string) []portal.Key {
	want := text.Squeeze(query)
	for _, b := range v.Bets {
		if want != "" && text.Squeeze(b.Query) == want {
			return b.Keys
		}
	}
	return nil
}

// Over returns the built-in synonyms as the vocabulary changes them: its own
// take the place of those for the same word.
func (v Vocabulary) Over(builtIn []Synonym) []Synonym {
	own := make(map[string]bool, len(v.Synonyms))
	var out []Synonym
	for _, s := range v.Synonyms {
		own[text.Fold(s.Said)] = true
		if len(s.Meant) > 0 {
			out = append(out, s)
		}
	}
	for _, s := range builtIn {
		if !own[text.Fold(s.Said)] {
			out = append(out, s)
		}
	}
	return out
}

// ReadSynonyms reads lines of "what people say = word, word". Lines that
// begin with # are left out.
func ReadSynonyms(text string) []Synonym {
	var out []Synonym
	for line := range strings.Lines(text) {
		said, meant, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || strings.HasPrefix(said, "#") {
			continue
		}
		s := Synonym{Said: strings.TrimSpace(said)}
		for m := range strings.FieldsFuncSeq(meant, func(r rune) bool { return strings.ContainsRune(",，、;；", r) }) {
			if m = strings.TrimSpace(m); m != "" {
				s.Meant = append(s.Meant, m)
			}
		}
		if s.Said != "" {
			out = append(out, s)
		}
	}
	return out
}
