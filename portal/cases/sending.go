package cases

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/text"
)

// send makes a letter final: its number, the name of whom it is for, the
// private link; keeps its files, and sends it to a third party that has an
// address. It returns the text as it went out.
func (u Letters) send(by portal.Actor, a *Application, tx CaseTx, p Proposal, k *LetterKind, key portal.LinkKey) (final string, err error) {
	organ, err := u.Store.Organ(a.Organ)
	if err != nil {
		return "", err
	}
	step := len(a.Steps) - 1
	l := Letter{ID: len(a.Letters) + 1, Kind: k.Code, On: p.Step.Date, To: k.To, Step: step, By: by.Login}
	serial, err := tx.NextLetter(a.Organ, l.On.Year())
	if err != nil {
		return "", err
	}
	mark := organ.LetterMark
	if mark == "" {
		mark = "公开告知"
	}
	l.Number = text.DocumentNumber{Organ: mark, Year: l.On.Year(), Serial: serial}.String()
	r, err := a.Evaluate(u.Calendar(), p.Step.Date)
	if err != nil {
		return "", err
	}
	// What a letter still leaves open is known now.
	values, err := u.values(a, &p, k, r)
	if err != nil {
		return "", err
	}
	values[varNumber] = l.Number
	l.Text = fillIn(p.Letter, values) // without the name and the private link
	if k.Event == clock.ConsultationSent {
		values[varLink] = u.link("/opinion/" + string(a.Number) + "/" + strconv.Itoa(l.ID) + "/" + opinionToken(key, a.Number, l.ID))
	}
	if k.To == "applicant" {
		who, err := tx.Applicant()
		if err != nil && portal.KindOf(err) != portal.NotFound {
			return "", err
		}
		values[varApplicant] = "申请人"
		if who != nil {
			values[varApplicant] = asText(varApplicant, who.Name)
		}
	}
	final = fillIn(p.Letter, values)
	pdf, err := u.Printer.PDF(final, u.Now())
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(pdf)
	l.Sum = hex.EncodeToString(sum[:])
	a.Letters = append(a.Letters, l)
	if p.Email != "" && u.Writer != nil {
		if err := tx.Send(&portal.Mail{To: p.Email, Subject: organ.Name.ZH + "：" + k.Heading, Text: u.Printer.Plain(final)}); err != nil {
			return "", err
		}
	}
	docx, err := u.Printer.DOCX(final, u.Now())
	if err != nil {
		return "", err
	}
	if err := tx.KeepLetter(l.ID, LetterDOCX, docx); err != nil {
		return "", err
	}
	return final, tx.KeepLetter(l.ID, LetterPDF, pdf)
}

// The formats in which a letter is kept as it was sent.
const (
	LetterPDF  = "pdf"
	LetterDOCX = "docx"
)

// link is an address of the portal for a letter.
func (u Letters) link(path string) string { return strings.TrimRight(u.Origin, "/") + path }

// Receipt makes the registration receipt (登记回执) of an application: a letter
// without a step of its own.
func (u Letters) Registration(ctx context.Context, by portal.Actor, n ApplicationNumber) error {
	k := LetterKindByCode("receipt")
	return u.rehearsed(ctx, by, n, nil, "registration receipt", func(a *Application, tx CaseTx) error {
		if err := by.Need(portal.HandleApplications, a.Organ); err != nil {
			return err
		}
		if slices.ContainsFunc(a.Letters, func(l Letter) bool { return l.Kind == k.Code }) {
			return &portal.Error{Kind: portal.Conflict, Key: "error.receipt_made"}
		}
		p := Proposal{Step: a.Steps[0]}
		p.Step.Date = u.Today()
		r, err := a.Evaluate(u.Calendar(), p.Step.Date)
		if err != nil {
			return err
		}
		if p.Letter, err = u.letterText(ctx, a, &p, k, r, false); err != nil {
			return err
		}
		_, err = u.send(by, a, tx, p, k, nil)
		return err
	})
}

// ProposedLetter is the letter that waits for a signature, as it would go out
// today.
func (u Steps) ProposedLetter(a *Application) string {
	p := *a.Proposal
	p.Step.Date = u.Today()
	k := p.letterKind(a)
	r, err := a.after(p.Step.Event, u.Calendar())
	if k == nil || err != nil {
		return p.Letter
	}
	values, err := u.Letters().values(a, &p, k, r)
	if err != nil {
		return p.Letter
	}
	return fillIn(p.Letter, values)
}

// LetterFile opens a letter as it was sent, for its handlers. One to the
// applicant bears the name, so it is opened with a reason, which is logged
// first.
func (u Letters) LetterFile(ctx context.Context, by portal.Actor, n ApplicationNumber, id int, format, reason string) (*Letter, []byte, error) {
	a, err := u.Open(ctx, by, n)
	if err != nil {
		return nil, nil, err
	}
	if id < 1 || id > len(a.Letters) {
		return nil, nil, portal.Missing()
	}
	if a.Letters[id-1].To == "applicant" {
		if err := u.openName(ctx, by, n, fmt.Sprintf("letter %d: ", id), reason); err != nil {
			return nil, nil, err
		}
	}
	return u.letterFile(ctx, a, id, format)
}

// openName logs that somebody opens who the applicant is, and why.
func (u Letters) openName(ctx context.Context, by portal.Actor, n ApplicationNumber, what, reason string) error {
	if err := portal.CheckReason(reason); err != nil {
		return err
	}
	return u.Store.Note(ctx, by, "reveal applicant", "application/"+string(n), what+reason, u.Now())
}

// OwnLetter opens a letter to the applicant, for the applicant.
func (u Applying) OwnLetter(ctx context.Context, n ApplicationNumber, code string, id int) (*Letter, []byte, error) {
	a, err := u.Track(ctx, n, code)
	if err != nil {
		return nil, nil, err
	}
	if id < 1 || id > len(a.Letters) || a.Letters[id-1].To != "applicant" {
		return nil, nil, portal.Missing()
	}
	return u.Letters().letterFile(ctx, a, id, LetterPDF)
}

func (u Letters) letterFile(ctx context.Context, a *Application, id int, format string) (*Letter, []byte, error) {
	if id < 1 || id > len(a.Letters) {
		return nil, nil, portal.Missing()
	}
	file, err := u.Store.Letter(ctx, a.Number, id, format)
	if err != nil {
		return nil, nil, err
	}
	l := a.Letters[id-1]
	if sum := sha256.Sum256(file); format == LetterPDF && hex.EncodeToString(sum[:]) != l.Sum {
		return nil, nil, fmt.Errorf("letter %d of %s is not what was sent", id, a.Number)
	}
	return &l, file, nil
}

// PreviewLetter is the PDF of a letter as it would go out, with the applicant's
// name masked.
func (u Letters) PreviewLetter(ctx context.Context, by portal.Actor, n ApplicationNumber, text string) ([]byte, error) {
	if _, err := u.Open(ctx, by, n); err != nil {
		return nil, err
	}
	var p portal.Problems
	if p.Text("letter", text, true, MaxLetter); p.Err() != nil {
		return nil, p.Err()
	}
	values := map[string]string{}
	if strings.Contains(text, "{{"+varApplicant+"}}") {
		who, err := u.Store.Identity(ctx, n)
		if err != nil && portal.KindOf(err) != portal.NotFound {
			return nil, err
		}
		if who != nil {
			values[varApplicant] = asText(varApplicant, who.Masked().Name)
		}
	}
	return u.Printer.PDF(fillIn(text, values), u.Now())
}
