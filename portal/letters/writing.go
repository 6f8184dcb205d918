package letters

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/process"
	"gongkai/portal/text"
)

// Receipt is what somebody is shown once after writing.
type Receipt struct {
	Number Number
	Code   string // the secret query code; kept nowhere
	Organ  portal.OrganCode
	On     portal.Date
	// Duplicate is set when the same person sent the same words on the same day: the first
	// letter stands, and no new one was made.
	Duplicate bool
}

// marks by which repeats are known.
const (
	samePhone       = "telephone"
	sameEmail       = "email"
	sameWords       = "words of a day"
	sameApplication = "application"
)

// Write takes a letter over the internet.
func (u Letters) Write(ctx context.Context, l *Letter, w Writer) (Receipt, error) {
	c := ChannelNamed(l.Channel)
	if c == nil || !c.Web {
		return Receipt{}, portal.Wrong("channel", "error.choose", nil)
	}
	if c.Organ != "any" {
		l.Organ = u.mailbox(c)
	}
	return u.receive(ctx, writerActor, l, w, u.Today(), nil)
}

// mailbox is the organ whose mailbox a channel is.
func (u Letters) mailbox(c *Channel) portal.OrganCode {
	if c.Organ != "" {
		return portal.OrganCode(c.Organ)
	}
	return u.Mayor()
}

// TakeIn takes down what came by other ways, on the day on which it came. With an answer it
// is answered at once (当场答复).
func (u Letters) TakeIn(ctx context.Context, by portal.Actor, l *Letter, w Writer, on portal.Date, answer string) (Receipt, error) {
	c := ChannelNamed(l.Channel)
	if c == nil || c.Web {
		return Receipt{}, portal.Wrong("channel", "error.choose", nil)
	}
	if l.Organ != "" {
		if err := by.NeedSome(portal.HandleLetters); err != nil {
			return Receipt{}, err
		}
		// A clerk of one organ takes down what is another's to handle; what is answered at
		// once is answered by the clerk's own.
		if answer != "" {
			if err := by.Need(portal.HandleLetters, l.Organ); err != nil {
				return Receipt{}, err
			}
		}
	}
	var p portal.Problems
	p.Past("on", on, u.Today())
	p.Text("answer", answer, false, MaxText)
	if err := p.Err(); err != nil {
		return Receipt{}, err
	}
	l.First = by.Login
	var a *Answer
	if !text.IsBlank(answer) {
		a = &Answer{Text: strings.TrimSpace(answer), On: on, By: by.Login}
	}
	return u.receive(ctx, by, l, w, on, a)
}

// receive gives a letter its number.
func (u Letters) receive(ctx context.Context, by portal.Actor, l *Letter, w Writer, on portal.Date, at *Answer) (Receipt, error) {
	l.Anonymous = w.IsZero()
	if err := l.Validate(w).Err(); err != nil {
		return Receipt{}, err
	}
	if _, err := u.Directory.Organ(l.Organ); err != nil {
		return Receipt{}, portal.Wrong("organ", "error.choose_organ", nil)
	}
	words := []string{u.Today().String(), string(l.Organ), l.Subject, l.Text, w.Name, w.Phone, w.Email, w.Address}
	if !l.Anonymous && by.Login == writerActor.Login {
		same, err := u.Store.Marked(ctx, sameWords, words...)
		if err != nil {
			return Receipt{}, err
		}
		if len(same) > 0 {
			return Receipt{Number: Number(same[0]), Organ: l.Organ, On: on, Duplicate: true}, nil
		}
	}
	code := portal.NewQueryCode()
	now := u.Now().UTC()
	made, err := u.Store.Enter(ctx, by, fmt.Sprint(on.Year()), func(n int) string { return fmt.Sprintf("L%04d-%06d", on.Year(), n) }, "receive letter", now, func(x *Letter, tx portal.RecordTx) (string, error) {
		*x = *l
		x.Number = Number(tx.ID())
		x.CodeHash = portal.HashCode(tx.ID(), code)
		x.Steps = []process.Step{{Type: Receive, On: on, At: now, By: by.Login, Organ: l.Organ}}
		if at != nil {
			x.Answer = at
			x.Steps = append(x.Steps, process.Step{Type: Reply, On: on, At: now, By: by.Login})
		}
		x.Repeats = nil
		for _, n := range repeats(tx, w) {
			x.Repeats = append(x.Repeats, Number(n))
		}
		return "", keep(tx, w, words)
	})
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{Number: made.Number, Code: code, Organ: made.Organ, On: on}, nil
}

// maxRepeats is how many earlier letters of a writer are noted in a new one.
const maxRepeats = 50

// repeats are earlier letters of the same writer, the newest last.
func repeats(tx interface {
	Marked(what string, words ...string) []string
}, w Writer) []string {
	var out []string
	seen := make(map[string]bool)
	for _, m := range marksOf(w) {
		for _, n := range tx.Marked(m[0], m[1]) {
			if !seen[n] {
				seen[n] = true
				out = append(out, n)
			}
		}
	}
	return out[max(0, len(out)-maxRepeats):]
}

func marksOf(w Writer) [][2]string {
	var out [][2]string
	if w.Phone != "" {
		out = append(out, [2]string{samePhone, w.Phone})
	}
	if w.Email != "" {
		out = append(out, [2]string{sameEmail, w.Email})
	}
	return out
}

// keep seals who wrote, and marks the letter as theirs.
func keep(tx portal.RecordTx, w Writer, words []string) error {
	if w.IsZero() {
		return nil
	}
	if err := tx.Seal(writersBucket, w); err != nil {
		return err
	}
	for _, m := range marksOf(w) {
		if err := tx.Mark(m[0], m[1]); err != nil {
			return err
		}
	}
	if words == nil {
		return nil
	}
	return tx.Mark(sameWords, words...)
}

// Track opens a letter for whoever has its number and code. A wrong number and a wrong
// code give the same answer, in the same time.
func (u Letters) Track(ctx context.Context, n Number, code string) (*Letter, error) {
	l, err := u.Store.Get(ctx, string(n))
	if err != nil && portal.KindOf(err) != portal.NotFound {
		return nil, err
	}
	if err != nil {
		l = &Letter{CodeHash: portal.HashCode(string(n), "")} // as slow as a real one
		code += "x"
	}
	if portal.SameCode(string(n), code, l.CodeHash) {
		return l, nil
	}
	if l.CodeHash == "" && l.Linked != "" && u.Applications != nil && u.Applications.HasCode(ctx, l.Linked, code) {
		return l, nil // it was an application, whose code is good for it
	}
	return nil, &portal.Error{Kind: portal.Forbidden, Key: "error.track"}
}

// HasCode reports whether a letter has a query code.
func (u Letters) HasCode(ctx context.Context, number, code string) bool {
	l, err := u.Store.Get(ctx, number)
	return err == nil && portal.SameCode(number, code, l.CodeHash)
}

// own changes a letter for who wrote it, and has its code.
func (u Letters) own(ctx context.Context, n Number, code, act string, change func(*Letter) error) error {
	if _, err := u.Track(ctx, n, code); err != nil {
		return err
	}
	_, err := u.Store.Alter(ctx, writerActor, string(n), portal.Latest, act, u.Now(), func(l *Letter, _ portal.RecordTx) (string, error) { return "", change(l) })
	return err
}

// Rate takes what somebody thinks of the answer, once.
func (u Letters) Rate(ctx context.Context, n Number, code string, stars int, words string) error {
	var p portal.Problems
	if stars < 1 || stars > 5 {
		p.Add("stars", "error.choose", nil)
	}
	p.Text("text", words, false, portal.MaxNote)
	if err := p.Err(); err != nil {
		return err
	}
	return u.own(ctx, n, code, "rate letter", func(l *Letter) error {
		if l.Rating != nil {
			return &portal.Error{Kind: portal.Conflict, Key: "mailbox.rated"}
		}
		steps, err := Rules.Process.Add(l.Steps, u.step(Rate, ""), "person")
		if err != nil {
			return err
		}
		l.Steps, l.Rating = steps, &Rating{Stars: stars, Text: strings.TrimSpace(words), At: u.Now().UTC()}
		return nil
	})
}

// AskAgain asks for the letter to be handled again, once, with a reason (重新办理). What was
// answered stays, and so does how it was rated.
func (u Letters) AskAgain(ctx context.Context, n Number, code, why string) error {
	return u.own(ctx, n, code, "ask to handle letter again", func(l *Letter) error {
		steps, err := Rules.Process.Add(l.Steps, u.step(Reopen, strings.TrimSpace(why)), "person")
		if err != nil {
			return err
		}
		l.Steps = steps
		if l.Answer != nil {
			l.Earlier, l.Answer = append(l.Earlier, *l.Answer), nil
		}
		return nil
	})
}

// step is a step of today.
func (u Letters) step(kind, note string) process.Step {
	return process.Step{Type: kind, On: u.Today(), At: u.Now().UTC(), Note: note}
}

// Bringer takes many letters from the machine at once.
type Bringer interface {
	Bring(ctx context.Context, by portal.Actor, act string, at time.Time, id func(*Letter) string, list []*Letter, apart func(*Letter, portal.RecordTx) error) error
}

// Bring brings letters with who wrote them.
func Bring(ctx context.Context, to Bringer, by portal.Actor, at time.Time, list []*Letter, who func(*Letter) Writer) error {
	return to.Bring(ctx, by, "receive letter", at, func(l *Letter) string { return string(l.Number) }, list, func(l *Letter, tx portal.RecordTx) error { return keep(tx, who(l), nil) })
}
