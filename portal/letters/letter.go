// Package letters is the area of what people write, call and come for (信箱、热线、来信来访):
// letters to mailboxes, calls, visits, complaints, and what they were answered. Channels,
// kinds, steps and time limits are rule data (rules/mailbox.json).
package letters

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/process"
	"gongkai/portal/rules"
	"gongkai/portal/scan"
	"gongkai/portal/text"
)

// Channel is a way in which letters come (来信渠道).
type Channel struct {
	portal.Term
	Intro  portal.Text `json:"intro,omitzero"`
	Web    bool        `json:"web,omitempty"`    // anybody can write there
	Spoken bool        `json:"spoken,omitempty"` // it is taken down by a clerk while somebody speaks
	Visit  bool        `json:"visit,omitempty"`  // people come, perhaps several
	// Organ is "any" where who writes chooses the organ; otherwise its code, or "" for the
	// first government of the portal.
	Organ string `json:"organ,omitempty"`
}

// Kind is what a letter is (来信类别).
type Kind struct {
	portal.Term
	Anonymous bool `json:"anonymous,omitempty"` // it may come without a contact
	// Sealed is never published unless somebody says so for this one (举报).
	Sealed bool `json:"sealed,omitempty"`
}

// Rules are the channels, the kinds and how letters are handled.
var Rules = rules.Read[struct {
	Channels []Channel       `json:"channels"`
	Kinds    []Kind          `json:"kinds"`
	Process  process.Process `json:"process"`
}]("mailbox.json")

// The steps that the code itself takes.
const (
	Receive  = "receive"
	Accept   = "accept"
	Transfer = "transfer"
	Reply    = "reply"
	Rate     = "rate"
	Reopen   = "reopen"
	Moved    = "move"
	Extend   = "extend"
	Check    = "check"
)

// ChannelNamed is a channel; nil for none.
func ChannelNamed(code string) *Channel {
	i := slices.IndexFunc(Rules.Channels, func(c Channel) bool { return c.Code == code })
	if i < 0 {
		return nil
	}
	return &Rules.Channels[i]
}

// KindNamed is a kind of letter; nil for none.
func KindNamed(code string) *Kind {
	i := slices.IndexFunc(Rules.Kinds, func(k Kind) bool { return k.Code == code })
	if i < 0 {
		return nil
	}
	return &Rules.Kinds[i]
}

// Number names a letter: "L2026-000123".
type Number string

var numberForm = regexp.MustCompile(`^L\d{4}-\d{6,}$`)

// ParseNumber reads a number as typed, full-width digits and blanks included.
func ParseNumber(s string) (Number, bool) {
	s = strings.ToUpper(strings.TrimSpace(text.Fold(strings.ReplaceAll(s, "－", "-"))))
	return Number(s), len(s) < 20 && numberForm.MatchString(s)
}

// Letter is something that somebody wrote, said or came for (来信、来电、来访). Who it was
// stands apart, in Writer: nothing here tells, but for what the text itself says.
type Letter struct {
	Number  Number              `json:"number"`
	Channel string              `json:"channel"`
	Kind    string              `json:"kind"`
	Organ   portal.OrganCode    `json:"organ"`           // that has it, and leads (主办)
	Joint   []portal.OrganCode  `json:"joint,omitempty"` // that handle it too (协办)
	Theme   string              `json:"theme,omitempty"` // a code of portal.Themes
	Subject string              `json:"subject"`
	Text    string              `json:"text"`
	Files   []portal.Attachment `json:"files,omitempty"`
	Group   int                 `json:"group,omitempty"` // people who came together; 0 for one
	// Consent says that who wrote agrees to the answer being published without a name.
	Consent   bool   `json:"consent,omitempty"`
	Anonymous bool   `json:"anonymous,omitempty"`
	CodeHash  string `json:"code_hash,omitempty"`
	Lang      string `json:"lang,omitempty"`

	Steps   []process.Step `json:"steps"`
	First   portal.Login   `json:"first,omitempty"`   // who dealt with it first (首办责任人)
	Handler portal.Login   `json:"handler,omitempty"` // who has it
	Answer  *Answer        `json:"answer,omitempty"`
	Earlier []Answer       `json:"earlier,omitempty"` // before it was reopened
	Rating  *Rating        `json:"rating,omitempty"`
	Money   int64          `json:"money,omitempty"`   // fen that were returned (退还金额)
	Measure string         `json:"measure,omitempty"` // that was taken (采取措施)
	Public  *PublicReply   `json:"public,omitempty"`
	Offer   *PublicReply   `json:"offer,omitempty"` // that waits for a second person
	Stands  []scan.Stand   `json:"stands,omitempty"`
	Linked  string         `json:"linked,omitempty"`  // the number of the application that it became, or was
	Repeats []Number       `json:"repeats,omitempty"` // earlier letters of the same writer on the same subject
}

// Answer is what an organ answered (答复).
type Answer struct {
	Text  string              `json:"text"`
	Files []portal.Attachment `json:"files,omitempty"`
	On    portal.Date         `json:"on"`
	By    portal.Login        `json:"by"`
}

// PublicReply is what everyone may read of a letter (公开答复), written without a word about
// who wrote.
type PublicReply struct {
	Title    string       `json:"title"`
	Question string       `json:"question"`
	Text     string       `json:"text"`
	On       portal.Date  `json:"on"`
	By       portal.Login `json:"by"`
	At       time.Time    `json:"at"`
}

// Rating is what somebody thinks of the answer, asked once (满意度).
type Rating struct {
	Stars int       `json:"stars"` // 1 to 5; 4 and 5 count as satisfied
	Text  string    `json:"text,omitempty"`
	At    time.Time `json:"at"`
}

// Satisfied is how many stars count as satisfied.
const Satisfied = 4

// Writer is who wrote, called or came, sealed apart from the letter.
type Writer struct {
	Name    string `json:"name,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Email   string `json:"email,omitempty"`
	Address string `json:"address,omitempty"`
}

// IsZero reports whether nothing is known of who wrote.
func (w Writer) IsZero() bool { return w == Writer{} }

// Masked is what of a writer is shown without a reason being given.
func (w Writer) Masked() Writer {
	out := Writer{}
	if r := []rune(w.Name); len(r) > 0 {
		out.Name = string(r[:1]) + strings.Repeat("*", max(1, len(r)-1))
	}
	if n := len(w.Phone); n > 4 {
		out.Phone = strings.Repeat("*", n-4) + w.Phone[n-4:]
	}
	return out
}

// Limits on a letter.
const (
	MaxText  = 5000 // characters
	MaxFiles = 5
	MaxGroup = 10_000
)

// writersBucket keeps writers, sealed.
const writersBucket = "letter_writers"

// Record is a letter; public is only an answer that was released.
var Record = portal.Register(portal.RecordKind{
	Code: "letter", Bucket: "letters_received",
	Sealed: []portal.Sealed{{Bucket: writersBucket, Bound: func(key string) string { return "writer/" + key }}},
	Name:   portal.Text{ZH: "公开答复的来信", EN: "Letters answered in public"}, Folder: "/replies/", Order: 7, Weight: 0.7,
}, func(l *Letter) *portal.Listing {
	if l.Public == nil {
		return nil
	}
	return portal.ListingOf(l.Entry(), l.Public.At)
})

// Entry is what search is told of a letter that is answered in public.
func (l *Letter) Entry() *portal.Entry {
	p := l.Public
	return &portal.Entry{Key: portal.Key{Kind: "letter", ID: string(l.Number)}, Title: p.Title, Organs: []portal.OrganCode{l.Organ}, Theme: l.Theme, Genre: l.Channel,
		Item: l.Kind, Published: p.On, Texts: []string{p.Question + "\n\n" + p.Text}}
}

// Facts are what decides about the time limits of a letter.
func (l *Letter) Facts() process.Facts { return process.Facts{"channel": l.Channel, "kind": l.Kind} }

// State is where a letter stands.
func (l *Letter) State() process.State { return Rules.Process.StateNamed(Rules.Process.State(l.Steps)) }

// Received is the day on which it came.
func (l *Letter) Received() portal.Date { return l.Steps[0].On }

// Has is whether an organ has to do with a letter.
func (l *Letter) Has(o portal.OrganCode) bool { return l.Organ == o || slices.Contains(l.Joint, o) }

// AtOnce reports whether it was answered on the spot: received and replied to in one
// stroke (当场答复).
func (l *Letter) AtOnce() bool {
	return len(l.Steps) > 1 && l.Steps[1].Type == Reply && l.Steps[1].At.Equal(l.Steps[0].At)
}

// Validate reports the mistakes in what somebody sends or a clerk takes down.
func (l *Letter) Validate(w Writer) portal.Problems {
	var p portal.Problems
	c, k := ChannelNamed(l.Channel), KindNamed(l.Kind)
	if c == nil {
		p.Add("channel", "error.choose", nil)
	}
	if k == nil {
		p.Add("kind", "error.choose", nil)
	}
	if l.Organ == "" {
		p.Add("organ", "error.choose_organ", nil)
	}
	p.Text("subject", l.Subject, true, portal.MaxName)
	p.Text("text", l.Text, c == nil || !c.Spoken, MaxText)
	if l.Theme != "" && !portal.Themes.Has(l.Theme) {
		p.Add("theme", "error.choose", nil)
	}
	p.Text("name", w.Name, false, portal.MaxName)
	p.Text("address", w.Address, false, portal.MaxLine)
	if w.Phone != "" && !portal.ValidTelephone(w.Phone) {
		p.Add("phone", "error.telephone", nil)
	}
	if w.Email != "" && !portal.ValidEmail(w.Email) {
		p.Add("email", "error.email", nil)
	}
	if c != nil && c.Web && k != nil && !k.Anonymous && w.Phone == "" && w.Email == "" && w.Address == "" {
		p.Add("phone", "mailbox.contact_needed", nil)
	}
	if l.Group < 0 || l.Group > MaxGroup {
		p.Add("group", "error.number", nil)
	}
	if len(l.Files) > MaxFiles {
		p.Add("files", "error.too_many", portal.Args{"Limit": MaxFiles})
	}
	return p
}

// Files finds a file of a letter by its id; nil for none.
func (l *Letter) File(id string, staff bool) *portal.Attachment {
	files := slices.Clone(l.Files)
	if l.Answer != nil {
		files = append(files, l.Answer.Files...)
	}
	if staff {
		for _, a := range l.Earlier {
			files = append(files, a.Files...)
		}
	}
	for i := range files {
		if string(files[i].File) == id {
			return &files[i]
		}
	}
	return nil
}

func channelName(code string) portal.Text {
	if c := ChannelNamed(code); c != nil {
		return c.Name
	}
	return portal.Text{ZH: code}
}

func kindName(code string) portal.Text {
	if k := KindNamed(code); k != nil {
		return k.Name
	}
	return portal.Text{ZH: code}
}

// ChannelName is how it came, in words.
func (l *Letter) ChannelName() portal.Text { return channelName(l.Channel) }

// KindName is what it is, in words.
func (l *Letter) KindName() portal.Text { return kindName(l.Kind) }

// Trace tells what was done. Who wrote is not told of spot checks, nor to whom it was given.
func (l *Letter) Trace(staff bool) []process.Traced {
	if staff {
		return Rules.Process.Trace(l.Steps)
	}
	return Rules.Process.Trace(l.Steps, Check, "handle", "join")
}
