package portal

import (
	"regexp"
	"slices"
	"strings"

	"gongkai/portal/clock"
)

// OrganCode is an organ's short name in addresses and on the command line,
// such as "water-bureau".
type OrganCode string

// Organ is an administrative organ (行政机关): a government, a department, a
// township or a public institution.
type Organ struct {
	Code   OrganCode `json:"code"`
	Parent OrganCode `json:"parent,omitempty"`
	Kind   string    `json:"kind"` // a code of OrganKinds
	// IndexPrefix is the front half of the organ's index numbers: its 9-digit
	// organisation code or 18-character unified social credit code.
	IndexPrefix string `json:"index_prefix"`
	Name        Text   `json:"name"`
	About       Text   `json:"about"`
	Guide       Text   `json:"guide"` // 公开指南, Markdown (第十二条)
	// The disclosure office (政府信息公开工作机构), 第四条 and 第十二条.
	Office    Text   `json:"office"`
	Address   Text   `json:"address"`
	Hours     Text   `json:"hours"`
	Telephone string `json:"telephone"`
	Fax       string `json:"fax,omitempty"`
	Email     string `json:"email,omitempty"`
	Order     int    `json:"order"` // among the organs of one parent

	// Successor is the organ that it became part of (机构改革): its address leads there, and
	// what it published keeps its own.
	Successor OrganCode `json:"successor,omitempty"`

	// How the organ handles applications.
	LetterMark string            `json:"letter_mark,omitempty"` // 机关代字 of its letters, such as 清水公开
	Payment    string            `json:"payment,omitempty"`     // how a fee is paid
	Sign       []clock.EventType `json:"sign,omitempty"`        // steps whose letters the head signs

	// How the organ publishes.
	Review string   `json:"review,omitempty"` // the scheme of reviews before release; "": the usual one
	Words  []string `json:"words,omitempty"`  // that the scan before release looks for besides
}

// MaxWords is how many words of its own an organ may have looked for.
const MaxWords = 200

// OrganKind is an organ as a record. Its pages are made from the list of organs.
var OrganKind = Register[Organ](RecordKind{Code: "organ", Bucket: "organs", Field: "code"}, nil)

// Signable are the steps that an organ can keep for the head's signature
// (负责人签发).
var Signable = []clock.EventType{clock.CorrectionRequested, clock.ConsultationSent, clock.Extended, clock.FeeNotified, clock.UnreasonableVolume, clock.Forwarded, clock.Answered}

// MaxFile is the most bytes of one uploaded file.
const MaxFile = 50 << 20

// Limits on what may be typed, in characters.
const (
	MaxName  = 200
	MaxLine  = 300
	MaxNote  = 2000
	MaxProse = 20000
	MaxBody  = 2 << 20 // of a body
)

var (
	organCode   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	indexPrefix = regexp.MustCompile(`^([0-9A-Z]{9}|[0-9A-Z]{18})$`)
	telephone   = regexp.MustCompile(`^[0-9+()\- ,;、转]{3,60}$`)
)

// ValidTelephone reports whether a text can be a telephone number, perhaps with
// an extension or several of them.
func ValidTelephone(s string) bool { return telephone.MatchString(s) }

// Validate reports the mistakes in the organ's fields.
func (o *Organ) Validate() error {
	var p Problems
	if o.Successor == o.Code && o.Code != "" {
		p.Add("successor", "error.choose", nil)
	}
	if !organCode.MatchString(string(o.Code)) {
		p.Add("code", "error.organ_code", nil)
	}
	if !OrganKinds.Has(o.Kind) {
		p.Add("kind", "error.choose", nil)
	}
	if !indexPrefix.MatchString(o.IndexPrefix) {
		p.Add("index_prefix", "error.index_prefix", nil)
	}
	if o.Parent == o.Code {
		p.Add("parent", "error.choose", nil)
	}
	p.Text("name_zh", o.Name.ZH, true, MaxName)
	p.Text("name_en", o.Name.EN, false, MaxName)
	p.Text("about_zh", o.About.ZH, false, MaxProse)
	p.Text("about_en", o.About.EN, false, MaxProse)
	p.Text("guide_zh", o.Guide.ZH, false, MaxProse)
	p.Text("guide_en", o.Guide.EN, false, MaxProse)
	for _, f := range []struct {
		name string
		t    Text
	}{{"office", o.Office}, {"address", o.Address}, {"hours", o.Hours}} {
		p.Text(f.name+"_zh", f.t.ZH, false, MaxLine)
		p.Text(f.name+"_en", f.t.EN, false, MaxLine)
	}
	p.Text("letter_mark", o.LetterMark, false, 40)
	p.Text("payment", o.Payment, false, MaxNote)
	if len(o.Words) > MaxWords {
		p.Add("words", "error.too_many", Args{"Limit": MaxWords})
	}
	for _, w := range o.Words {
		p.Text("words", w, true, 40)
	}
	for _, e := range o.Sign {
		if !slices.Contains(Signable, e) {
			p.Add("sign", "error.choose", nil)
		}
	}
	if o.Telephone != "" && !ValidTelephone(o.Telephone) {
		p.Add("telephone", "error.telephone", nil)
	}
	if o.Email != "" && !ValidEmail(o.Email) {
		p.Add("email", "error.email", nil)
	}
	return p.Err()
}

// Named returns t with the Chinese text standing in for a missing English one.
func Named(t Text, lang string) string {
	if s := t.In(lang); s != "" {
		return s
	}
	return t.ZH
}

// PrefixFor makes an index prefix for an organ that has no organisation code
// of its own, such as one created by an import.
func PrefixFor(code OrganCode) string {
	s := strings.ToUpper(strings.ReplaceAll(string(code), "-", ""))
	return (s + "000000000")[:9]
}

// Receives reports whether the organ can be asked for what it holds: it is one of this
// portal's own that has no successor.
func (o Organ) Receives() bool { return o.Code != "imported" && o.Successor == "" }
