package cases

import (
	"context"
	"os"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// Store is what Cases needs of the store.
type Store struct {
	Reader
	Writer
	Sent
	Templates
	Periods
	Organs
	Staff
	portal.Secrets
	portal.Notes
}

// Reader reads cases.
type Reader interface {
	Application(context.Context, ApplicationNumber) (*Application, error)
	// Briefs lists what is kept in memory of all cases, in the order in which they
	// came. Nobody may change the list.
	Briefs() []*CaseBrief
	Brief(ApplicationNumber) *CaseBrief
	Identity(context.Context, ApplicationNumber) (*Applicant, error)
	// SameApplicant lists the other applications of a case's applicant.
	SameApplicant(context.Context, ApplicationNumber) ([]ApplicationNumber, error)
}

// Sent reads letters as they were sent.
type Sent interface {
	Letter(ctx context.Context, n ApplicationNumber, id int, format string) ([]byte, error)
	// LetterNumber is the number that the next letter of an organ in a year will have.
	LetterNumber(ctx context.Context, organ portal.OrganCode, year int) (int, error)
}

// Writer changes them.
type Writer interface {
	// AddApplications writes matters that were sent together, each with its own
	// number, all or none. The same matter sent again on the same day is not
	// written: duplicate is the number it has.
	AddApplications(ctx context.Context, by portal.Actor, list []*Application, who *Applicant, codes []string, at time.Time) (duplicate ApplicationNumber, err error)
	ChangeApplication(ctx context.Context, by portal.Actor, n ApplicationNumber, seen portal.Revision, act string, at time.Time, change func(*Application, CaseTx) error) (*Application, error)
	// Destroy forgets the identity, or everything but the figures, of a case.
	Destroy(ctx context.Context, by portal.Actor, n ApplicationNumber, what string, at time.Time) error
}

// CaseTx is what a change of a case can do besides: all of it is written
// together with the change or not at all.
type CaseTx interface {
	Applicant() (*Applicant, error)
	NextLetter(organ portal.OrganCode, year int) (int, error)
	KeepLetter(id int, format string, file []byte) error
	Send(m *portal.Mail) error
}

// Templates keeps the organs' own texts of letters.
type Templates interface {
	LetterTemplate(ctx context.Context, organ portal.OrganCode, kind string) (string, error)
	// SaveLetterTemplate writes a text if check agrees with the one there is, which is
	// empty where there is none.
	SaveLetterTemplate(ctx context.Context, by portal.Actor, organ portal.OrganCode, kind, body string, at time.Time, check func(now string) error) error
}

// Periods remembers where the keeping of retention periods stands.
type Periods interface {
	RetentionState(context.Context) (RetentionState, error)
	SaveRetentionState(context.Context, RetentionState) error
}

// Organs knows the organs.
type Organs interface {
	Organ(portal.OrganCode) (portal.Organ, error)
}

// Staff knows who has an account.
type Staff interface {
	People(context.Context) ([]*portal.Person, error)
}

// Outbox takes what is written to staff.
type Outbox interface {
	// SendDigest queues what is written about something on a day, once: a second
	// for the same day is not sent.
	SendDigest(ctx context.Context, about string, day portal.Date, mails []*portal.Mail) (bool, error)
}

// Printer makes files of letters.
type Printer interface {
	PDF(text string, at time.Time) ([]byte, error)
	DOCX(text string, at time.Time) ([]byte, error)
	Missing(text string) []rune // characters that the font has not
	Plain(text string) string   // without its marks
}

// CaseWriter writes the messages of cases in the reader's language.
type CaseWriter interface {
	// StepMail tells an applicant of a step: nothing but the number, what
	// happened, and where to look.
	StepMail(a *Application, s CaseStep) *portal.Mail
	// DigestMail tells staff what falls due.
	DigestMail(organ portal.Organ, items []DueItem) *portal.Mail
	// EndingMail tells staff which cases are about to be destroyed, and from when.
	EndingMail(organ portal.Organ, items []DueItem) *portal.Mail
	// AskedMail tells somebody inside how many questions wait, and until when.
	AskedMail(n int, due portal.Date) *portal.Mail
}

// CaseFiles is what an archive needs besides the case: the uploads and the log.
type CaseFiles interface {
	OpenFile(context.Context, portal.FileID) (*os.File, error)
	Audit(ctx context.Context, before uint64, limit int, object string) ([]portal.AuditEntry, error)
}

// Drafter makes a draft of a document for an editor to finish and a reviewer to
// approve, and returns its name.
type Drafter interface {
	DraftAnswer(ctx context.Context, by portal.Actor, d portal.Disclosure) (string, error)
}

// NoticeStore is what Notices needs of the store.
type NoticeStore struct {
	NoticeKeeper
	Everything
}

// NoticeKeeper keeps the holiday notices that were loaded.
type NoticeKeeper interface {
	Notices(context.Context) ([]clock.Notice, error)
	// SaveNotice writes a notice, and into the cases named what became of their
	// deadlines, if the notices are what was seen.
	SaveNotice(ctx context.Context, by portal.Actor, n clock.Notice, seen portal.Revision, at time.Time, numbers []ApplicationNumber, move func(*Application) *Move) error
}

// Everything reads cases whole.
type Everything interface {
	Applications(ctx context.Context, keep func(*Application) bool) ([]*Application, error)
}
