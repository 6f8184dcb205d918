package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/documents"
	"gongkai/portal/text"
)

// AddApplications gives applications that were sent together their numbers and
// writes them: query codes as hashes, the applicant sealed apart, each linked
// with the others. Where one was sent before on the same day by the same
// applicant in the same words, nothing is written and its number is returned;
// one of an earlier day is noted in the new case.
func (s Cases) AddApplications(ctx context.Context, by portal.Actor, list []*cases.Application, who *cases.Applicant, codes []string, at time.Time) (duplicate cases.ApplicationNumber, err error) {
	var seq uint64
	var all []news
	err = s.update(ctx, func(tx *bolt.Tx) error {
		duplicate, seq, all = "", s.writing(), nil
		doubles, prints := tx.Bucket(duplicatesBucket), make([]string, len(list))
		for i, a := range list {
			if a.Letter != "" {
				if n := tx.Bucket(sourcesBucket).Get([]byte(letterSource(a))); n != nil {
					duplicate = cases.ApplicationNumber(n)
					return errDuplicate
				}
			}
			if who == nil {
				continue
			}
			prints[i] = s.seal.words(a, who)
			switch n, day := readDuplicate(doubles.Get([]byte(prints[i]))); {
			case n == "":
			case day == dayOf(at):
				duplicate = n
				return errDuplicate
			default:
				a.Earlier = n
			}
		}
		for _, a := range list {
			if err := number(tx, a); err != nil {
				return err
			}
		}
		for i, a := range list {
			for _, o := range list {
				if o != a {
					a.Linked = append(a.Linked, o.Number)
				}
			}
			n, err := s.addApplication(tx, by, a, who, codes[i], at)
			if err != nil {
				return err
			}
			all = append(all, n)
			if who == nil {
				continue
			}
			if err := doubles.Put([]byte(prints[i]), []byte(string(a.Number)+"/"+dayOf(at))); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errDuplicate) {
		return duplicate, nil
	}
	if err == nil {
		for _, a := range list {
			s.changedCase(a, seq)
		}
		s.tell(all...)
	}
	return "", err
}

// letterSource is the source of a case that was a letter before; "" of any other.
func letterSource(a *cases.Application) string {
	if a.Letter == "" {
		return ""
	}
	return "letter/" + a.Letter
}

// readDouble reads who asked for the same before, and on which day: one written
// without its day is of an earlier one.
func readDuplicate(v []byte) (n cases.ApplicationNumber, day string) {
	number, day, _ := strings.Cut(string(v), "/")
	return cases.ApplicationNumber(number), day
}

func dayOf(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// number gives a case the next number of its year.
func number(tx *bolt.Tx, a *cases.Application) error {
	year := a.Steps[0].Date.Year()
	serial, err := next(tx, fmt.Sprintf("application/%d", year))
	a.Number = cases.NumberApplication(year, serial)
	return err
}

// errDouble ends a transaction that finds what is there already.
var errDuplicate = errors.New("sent before")

// briefPlace is where a brief stands, and the change that it is of.
type briefPlace struct {
	index int
	seq   uint64
}

// writing numbers a change of cases inside its transaction, so that of two
// changes of one case the later wins in memory too, whoever comes first there.
func (s *core) writing() uint64 {
	s.written++ // one transaction writes at a time
	return s.written
}

// changedCase brings what is kept in memory up to a case as written: its brief.
func (s *core) changedCase(a *cases.Application, seq uint64) {
	s.briefsMu.Lock()
	s.setBrief(a, seq)
	s.briefsMu.Unlock()
}

// setBrief puts a case's brief in its place, unless a later one is there.
func (s *core) setBrief(a *cases.Application, seq uint64) {
	at, known := s.briefAt[a.Number]
	switch {
	case !known:
		at.index = len(s.briefs)
		s.briefs = append(s.briefs, a.Brief())
	case at.seq > seq:
		return
	default:
		s.briefs[at.index] = a.Brief()
	}
	s.briefAt[a.Number], s.briefed = briefPlace{at.index, seq}, nil
}

func (s *core) loadBriefs() error {
	s.briefAt = make(map[cases.ApplicationNumber]briefPlace)
	return s.db.View(func(tx *bolt.Tx) error {
		return each(context.Background(), tx, applicationsBucket, func(_ string, a *cases.Application) error {
			s.setBrief(a, 0)
			return nil
		})
	})
}

// Brief is the brief of a case; nil if there is none.
func (s Cases) Brief(n cases.ApplicationNumber) *cases.CaseBrief {
	s.briefsMu.RLock()
	defer s.briefsMu.RUnlock()
	at, known := s.briefAt[n]
	if !known {
		return nil
	}
	return s.briefs[at.index]
}

// Briefs lists the briefs of all cases, in the order in which they came. Nobody
// may change the list.
func (s Cases) Briefs() []*cases.CaseBrief {
	s.briefsMu.RLock()
	list := s.briefed
	s.briefsMu.RUnlock()
	if list != nil {
		return list
	}
	s.briefsMu.Lock()
	defer s.briefsMu.Unlock()
	if s.briefed == nil {
		s.briefed = slices.Clone(s.briefs)
	}
	return s.briefed
}

// addApplication writes a case that has its number.
func (s *core) addApplication(tx *bolt.Tx, by portal.Actor, a *cases.Application, who *cases.Applicant, code string, at time.Time) (news, error) {
	if code != "" {
		a.CodeHash = portal.HashCode(string(a.Number), code)
	}
	if who != nil {
		plain, err := json.Marshal(who)
		if err != nil {
			return news{}, err
		}
		sealed, err := s.seal.seal(plain, string(a.Number))
		if err != nil {
			return news{}, err
		}
		if err := tx.Bucket(identitiesBucket).Put([]byte(a.Number), sealed); err != nil {
			return news{}, err
		}
		if err := tx.Bucket(sameBucket).Put([]byte(s.seal.applicant(who)+"/"+string(a.Number)), nil); err != nil {
			return news{}, err
		}
	}
	for _, source := range []string{a.Source, letterSource(a)} {
		if source == "" {
			continue
		}
		if err := tx.Bucket(sourcesBucket).Put([]byte(source), []byte(a.Number)); err != nil {
			return news{}, err
		}
	}
	n, err := records[cases.Application](s, cases.Kind).save(tx, string(a.Number), a, nil)
	if err != nil {
		return n, err
	}
	return n, record(tx, by, "receive application", "application/"+string(a.Number), "", at)
}

// ImportApplications writes cases from elsewhere in one transaction. Those
// whose source is known are left alone.
func (s Cases) ImportApplications(ctx context.Context, by portal.Actor, list []*cases.Application, at time.Time) (documents.ImportResult, error) {
	var res documents.ImportResult
	var added []*cases.Application
	var all []news
	var seq uint64
	err := s.update(ctx, func(tx *bolt.Tx) error {
		res, added, all, seq = documents.ImportResult{}, nil, nil, s.writing()
		for _, a := range list {
			if tx.Bucket(sourcesBucket).Get([]byte(a.Source)) != nil {
				res.Same++
				continue
			}
			if err := number(tx, a); err != nil {
				return err
			}
			n, err := s.addApplication(tx, by, a, nil, "", at)
			if err != nil {
				return err
			}
			all = append(all, n)
			res.Added++
			added = append(added, a)
		}
		return nil
	})
	if err == nil {
		for _, a := range added {
			s.changedCase(a, seq)
		}
		s.tell(all...)
	}
	return res, err
}

// Application loads an application.
func (s Cases) Application(ctx context.Context, n cases.ApplicationNumber) (*cases.Application, error) {
	return view[cases.Application](ctx, s.core, applicationsBucket, string(n))
}

// Applications loads the applications that keep wants.
func (s Cases) Applications(ctx context.Context, keep func(*cases.Application) bool) ([]*cases.Application, error) {
	return all(ctx, s.core, applicationsBucket, keep)
}

// ChangeApplication changes a case, all in one transaction with what change does
// besides. What goes on inside a case is no news of its published answer.
func (s Cases) ChangeApplication(ctx context.Context, by portal.Actor, n cases.ApplicationNumber, seen portal.Revision, act string, at time.Time, change func(*cases.Application, cases.CaseTx) error) (*cases.Application, error) {
	var seq uint64
	a, err := records[cases.Application](s.core, cases.Kind).change(ctx, by, string(n), seen, "", at, func(tx *bolt.Tx, a *cases.Application) (string, error) {
		seq = s.writing()
		if err := change(a, caseTx{s.core, tx, n}); err != nil {
			return "", err
		}
		return "", record(tx, by, act, "application/"+string(n), "", at)
	})
	if err != nil {
		return nil, err
	}
	s.changedCase(a, seq)
	return a, nil
}

// caseTx is a portal.CaseTx: a transaction with the case it changes.
type caseTx struct {
	s  *core
	tx *bolt.Tx
	n  cases.ApplicationNumber
}

// Applicant opens who applied.
func (c caseTx) Applicant() (*cases.Applicant, error) { return c.s.identity(c.tx, c.n) }

// NextLetter issues the next letter number of an organ in a year.
func (c caseTx) NextLetter(organ portal.OrganCode, year int) (int, error) {
	return next(c.tx, letterSeries(organ, year))
}

// KeepLetter seals a letter as sent.
func (c caseTx) KeepLetter(id int, format string, file []byte) error {
	key := letterKey(c.n, id, format)
	sealed, err := c.s.seal.seal(file, "letter/"+key)
	if err != nil {
		return err
	}
	return c.tx.Bucket(lettersBucket).Put([]byte(key), sealed)
}

// Send queues a message.
func (c caseTx) Send(m *portal.Mail) error { return c.s.enqueue(c.tx, m) }

// SameApplicant lists the other applications of whoever sent one: those of the
// same name and number of identity.
func (s Cases) SameApplicant(ctx context.Context, n cases.ApplicationNumber) ([]cases.ApplicationNumber, error) {
	var out []cases.ApplicationNumber
	err := s.db.View(func(tx *bolt.Tx) error {
		who, err := s.identity(tx, n)
		if err != nil {
			return err
		}
		prefix := s.seal.applicant(who) + "/"
		c := tx.Bucket(sameBucket).Cursor()
		for k, _ := c.Seek([]byte(prefix)); strings.HasPrefix(string(k), prefix); k, _ = c.Next() {
			if other := cases.ApplicationNumber(k[len(prefix):]); other != n {
				out = append(out, other)
			}
		}
		return nil
	})
	return out, err
}

// applicant is a keyed hash of who applies.
func (s *sealer) applicant(who *cases.Applicant) string {
	return s.hash("applicant", text.Fingerprint(who.Name, who.IDNumber))
}

// words is a keyed hash of what an applicant asks an organ, whatever its
// blanks, width and punctuation.
func (s *sealer) words(a *cases.Application, who *cases.Applicant) string {
	return s.hash("same words", text.Fingerprint(string(a.Organ), a.Purpose, who.Name, who.IDNumber, a.Subject, a.Description))
}

// hash is a keyed hash: without the key it tells nothing of what it is of.
func (s *sealer) hash(purpose, text string) string {
	h := hmac.New(sha256.New, s.salt)
	h.Write([]byte(purpose + "\x00" + text))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Identity opens the sealed applicant of an application.
func (s Cases) Identity(ctx context.Context, n cases.ApplicationNumber) (who *cases.Applicant, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		who, err = s.identity(tx, n)
		return err
	})
	return who, err
}

func (s *core) identity(tx *bolt.Tx, n cases.ApplicationNumber) (*cases.Applicant, error) {
	sealed := tx.Bucket(identitiesBucket).Get([]byte(n))
	if len(sealed) == 0 {
		return nil, portal.Missing()
	}
	plain, err := s.seal.open(sealed, string(n))
	if err != nil {
		return nil, fmt.Errorf("opening the applicant of %s: %w", n, err)
	}
	who := new(cases.Applicant)
	return who, json.Unmarshal(plain, who)
}

// Note writes a line of the audit log for something that changes no record,
// such as looking at an applicant's identity.
func (s Log) Note(ctx context.Context, by portal.Actor, act, object, detail string, at time.Time) error {
	return s.update(ctx, func(tx *bolt.Tx) error { return record(tx, by, act, object, detail, at) })
}
