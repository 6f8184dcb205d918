package letters

import (
	"slices"
	"strings"
	"time"
	"unique"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/process"
	"gongkai/portal/text"
)

// Brief is what lists and figures need of a letter. It is never changed: a change of the
// letter makes another.
type Brief struct {
	Number  Number
	Channel string
	Kind    string
	Theme   string
	Organ   portal.OrganCode
	Joint   []portal.OrganCode
	Subject string
	State   string
	Ended   bool
	Handler portal.Login
	Group   int
	Money   int64
	Measure bool
	Stars   int
	AtOnce  bool
	Public  bool
	Offered bool // a public reply waits for a second person
	Checked bool
	// Passages are when organs had it.
	Passages []Passage
	Received portal.Date
	At       time.Time
	Replied  portal.Date // the day of the last reply; 0 for none
	runs     []process.Deadline
	words    string // of the subject, as a reader would tell it from others
}

// Passage is a time in which an organ had a letter open: it came in on a day, and went out
// on a day, or is there still (收文、办结、转出).
type Passage struct {
	Organ portal.OrganCode
	In    portal.Date
	Out   portal.Date // 0: it is open there
	How   In
	Gone  Out
}

// In is how a letter came to an organ, Out how it left.
type (
	In  byte
	Out byte
)

// How letters come and go.
const (
	New         In = iota // 新收
	Transferred           // 转入
	Reopened              // 重新办理
)

// How letters go.
const (
	Closed   Out = iota // 办结
	PassedOn            // 转出
)

// Brief makes the brief of a letter.
func (l *Letter) Brief() *Brief {
	same := func(s string) string { return unique.Make(s).Value() } // one copy of what many share
	b := &Brief{Number: l.Number, Channel: same(l.Channel), Kind: same(l.Kind), Theme: same(l.Theme), Organ: portal.OrganCode(same(string(l.Organ))), Joint: slices.Clone(l.Joint),
		Subject: l.Subject, State: same(l.State().Code), Ended: l.State().Ended, Handler: portal.Login(same(string(l.Handler))), Group: l.Group, Money: l.Money, Measure: l.Measure != "",
		AtOnce: l.AtOnce(), Public: l.Public != nil, Offered: l.Offer != nil, Received: l.Received(), At: l.Steps[0].At, words: text.Squeeze(l.Subject), Passages: l.passages()}
	for i := range b.Passages {
		b.Passages[i].Organ = portal.OrganCode(same(string(b.Passages[i].Organ)))
	}
	if l.Rating != nil {
		b.Stars = l.Rating.Stars
	}
	for _, s := range l.Steps {
		switch s.Type {
		case Reply:
			b.Replied = s.On
		case Check:
			b.Checked = true
		}
	}
	if !b.AtOnce || !b.Ended {
		b.runs = Rules.Process.Runs(l.Steps, l.Facts())
	}
	return b
}

// passages tells when which organ had a letter.
func (l *Letter) passages() []Passage {
	var out []Passage
	ended := true
	for i, s := range l.Steps {
		now := Rules.Process.Ended(l.Steps[:i+1])
		switch last := len(out) - 1; {
		case s.Type == Transfer && last >= 0:
			out[last].Out, out[last].Gone = s.On, PassedOn
			out = append(out, Passage{Organ: s.Organ, In: s.On, How: Transferred})
		case ended && !now:
			p := Passage{Organ: s.Organ, In: s.On, How: New}
			if last >= 0 {
				p.Organ, p.How = out[last].Organ, Reopened
			}
			out = append(out, p)
		case !ended && now:
			out[last].Out, out[last].Gone = s.On, Closed
		}
		ended = now
	}
	return out
}

// Deadlines are the limits of a letter with their days.
func (b *Brief) Deadlines(cal *clock.Calendar, loc *time.Location) []process.Deadline {
	out := slices.Clone(b.runs)
	for i := range out {
		out[i] = out[i].Reckon(cal, loc)
	}
	return out
}

// Due is the deadline that runs and ends first; nil where none runs.
func (b *Brief) Due(cal *clock.Calendar, loc *time.Location) *process.Deadline {
	if b.Ended {
		return nil
	}
	return process.Next(b.Deadlines(cal, loc))
}

// in reports whether a letter is one of an organ, or of any.
func (b *Brief) of(o portal.OrganCode) bool {
	return o == "" || b.Organ == o || slices.Contains(b.Joint, o)
}

func (b *Brief) matches(written string) bool {
	return written == "" || strings.Contains(b.words, written) || strings.Contains(text.Squeeze(string(b.Number)), written)
}

// ChannelName is how it came, in words.
func (b *Brief) ChannelName() portal.Text { return channelName(b.Channel) }

// KindName is what it is, in words.
func (b *Brief) KindName() portal.Text { return kindName(b.Kind) }

// StateName is where it stands, in words.
func (b *Brief) StateName() portal.Text { return Rules.Process.StateNamed(b.State).Name }
