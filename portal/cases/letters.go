package cases

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/rules"
	"gongkai/portal/text"
)

// Letter is a letter of a case as it was sent (文书). Its text still has the
// applicant's name as a placeholder; the file with the name is sealed apart.
type Letter struct {
	ID     int          `json:"id"` // from 1 in its case
	Kind   string       `json:"kind"`
	Number string       `json:"number"` // 文号, the organ's own series
	On     portal.Date  `json:"on"`
	To     string       `json:"to"`   // applicant, third_party, organ
	Step   int          `json:"step"` // index of its step in the case
	Text   string       `json:"text"`
	Sum    string       `json:"sum"` // SHA-256 of the PDF, in hexadecimal
	By     portal.Login `json:"by"`
	Void   bool         `json:"void,omitempty"` // its step was undone (作废)
}

// LetterKind is a kind of letter with its template: rule data, which an organ
// can edit.
type LetterKind struct {
	Code    string          `json:"code"`
	Event   clock.EventType `json:"event"`
	Outcome string          `json:"outcome,omitempty"`
	To      string          `json:"to"`
	Name    portal.Text     `json:"name"`
	Heading string          `json:"heading"`
	Body    string          `json:"body"`
	Needs   []string        `json:"needs"`  // variables that a template must have
	Checks  []Check         `json:"checks"` // what to look at before it is sent
}

// Check is a line of a check list, with the article behind it.
type Check struct {
	portal.Text
	Article string `json:"article,omitempty"`
}

// Variable is a value that templates may use.
type Variable struct {
	Name  string      `json:"name"`
	About portal.Text `json:"about"`
}

// letterRules is rules/letters.json.
type letterRules struct {
	Frame     string       `json:"frame"`
	Variables []Variable   `json:"variables"`
	Kinds     []LetterKind `json:"kinds"`
}

// remedy is a version of what an answer tells about remedies.
type remedy struct {
	Code      string      `json:"code"`
	Effective portal.Date `json:"effective"`
	Text      portal.Text `json:"text"`
}

var (
	letterData = sync.OnceValue(func() letterRules { return rules.Read[letterRules]("letters.json") })
	remedyData = sync.OnceValue(func() []remedy {
		return rules.Read[struct {
			Remedies []remedy `json:"remedies"`
		}]("remedies.json").Remedies
	})
)

// LetterKinds lists the kinds of letters. Nobody may change them.
func LetterKinds() []LetterKind { return letterData().Kinds }

// LetterVariables lists what templates may use.
func LetterVariables() []Variable { return letterData().Variables }

// LetterKindByCode finds a kind; nil if there is none.
func LetterKindByCode(code string) *LetterKind {
	kinds := LetterKinds()
	if i := slices.IndexFunc(kinds, func(k LetterKind) bool { return k.Code == code }); i >= 0 {
		return &kinds[i]
	}
	return nil
}

// letterKind is the kind of letter that goes with a proposal for a case; nil
// for a step that has none.
func (p *Proposal) letterKind(a *Application) *LetterKind {
	outcome := ""
	if p.Answer != nil {
		outcome = p.Answer.Outcome
	}
	return LetterFor(a, p.Step.Event, outcome)
}

// LetterFor is the kind of letter that goes with a step; nil for a step that
// has none.
func LetterFor(a *Application, e clock.Event, outcome string) *LetterKind {
	code := map[clock.EventType]string{clock.Received: "receipt", clock.CorrectionRequested: "correction", clock.Extended: "extension", clock.FeeNotified: "fee", clock.Forwarded: "forward"}[e.Type]
	switch e.Type {
	case clock.ConsultationSent:
		code = "third_party"
		switch e.Kind {
		case "co_maker":
			code = "co_maker"
		case "organ":
			code = "other_organ"
		}
	case clock.UnreasonableVolume:
		code = "reasons"
		if e.Until != 0 {
			code = "later"
		}
	case clock.Answered:
		code = "answer." + outcome
		if a.Purpose == ForCorrection {
			code = "record"
		}
	}
	return LetterKindByCode(code)
}

// Variables whose values are put in only when the letter is sent.
const (
	varApplicant = "申请人"
	varNumber    = "文号"
	varLink      = "意见链接"
)

// LetterMarks are the marks that a line of a letter may begin with, written
// like variables. Nothing that anybody types into a field becomes one.
var LetterMarks = []string{"标题行", "文号行", "称谓行", "落款行", "附注行"}

// several are the variables that may have more than one line: what staff write,
// and lists. All others are one line, whatever was typed.
var several = []string{"正文", "不公开内容", "收费明细", "救济", "附件"}

// asText is a value as text of a letter: no part of it is a variable, a mark or,
// unless it may, another line.
func asText(name, value string) string {
	value = strings.NewReplacer("{{", "｛｛", "}}", "｝｝").Replace(text.Clean(value))
	if !slices.Contains(several, name) {
		return strings.Join(strings.Fields(value), " ")
	}
	return value
}

var placeholder = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// dated are the variables that depend on the day a letter goes out. In one that
// waits for a signature they stay open until then.
var dated = []string{"日期", "答复期限", "申请人期限", "批准人"}

// fillIn puts values into a template. Variables without a value stay as they
// are.
func fillIn(text string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(text, func(s string) string {
		if v, ok := values[strings.TrimSpace(s[2:len(s)-2])]; ok {
			return v
		}
		return s
	})
}

// oldMarks are the signs that lines of letters began with before they had
// marks of their own.
var oldMarks = map[byte]string{'#': "标题行", '=': "文号行", ':': "称谓行", '>': "落款行", '-': "附注行"}

// NewMarks writes a letter of that time with today's marks.
func NewMarks(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		s := strings.TrimLeft(line, " \t")
		if len(s) > 2 && s[1] == ' ' && oldMarks[s[0]] != "" {
			line = "{{" + oldMarks[s[0]] + "}}" + s[2:]
		}
		b.WriteString(line)
	}
	return b.String()
}

// MaxLetter is the greatest length of a letter's text, in characters.
const MaxLetter = 60000

// CheckTemplate reports the mistakes in a template: variables that are not
// known, and needed ones that it lacks.
func CheckTemplate(k *LetterKind, body string) error {
	var p portal.Problems
	p.Text("body", body, true, MaxAnswer)
	used := make(map[string]bool)
	for _, m := range placeholder.FindAllStringSubmatch(body, -1) {
		name := strings.TrimSpace(m[1])
		used[name] = true
		if !slices.Contains(LetterMarks, name) && !slices.ContainsFunc(LetterVariables(), func(v Variable) bool { return v.Name == name }) {
			p.Add("body", "error.unknown_variable", portal.Args{"Name": m[0]})
			return p.Err()
		}
	}
	if strings.Count(body, "{{") != len(placeholder.FindAllString(body, -1)) {
		p.Add("body", "error.open_variable", nil)
	}
	for _, n := range k.Needs {
		if !used[n] {
			p.Add("body", "error.variable_needed", portal.Args{"Name": "{{" + n + "}}"})
		}
	}
	if k.To != "applicant" && used[varApplicant] {
		p.Add("body", "error.variable_private", portal.Args{"Name": "{{" + varApplicant + "}}"})
	}
	return p.Err()
}

// CheckLetter reports a letter's text that cannot go out: placeholders left
// that nothing fills.
func CheckLetter(k *LetterKind, text string) error {
	var p portal.Problems
	p.Text("letter", text, true, MaxLetter)
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		late := m[1] == varNumber || slices.Contains(LetterMarks, m[1]) || slices.Contains(dated, m[1]) || m[1] == varApplicant && k.To == "applicant" || m[1] == varLink && k.Event == clock.ConsultationSent
		if !late {
			p.Add("letter", "error.unknown_variable", portal.Args{"Name": m[0]})
		}
	}
	return p.Err()
}

// Remedy is what an answer says about remedies: by outcome and by the day of
// the answer (行政复议法第二十三条; 法释〔2025〕8号第一条).
func Remedy(outcome string, on portal.Date, authority, lang string) string {
	code := portal.Outcomes.Term(outcome).Remedy
	if code == "" {
		code = "free"
	}
	var found remedy
	for _, r := range remedyData() {
		if r.Code == code && r.Effective <= on && r.Effective >= found.Effective {
			found = r
		}
	}
	return fillIn(found.Text.In(lang), map[string]string{"复议机关": authority})
}

// Authority names where reconsideration of an organ's acts is asked for: the
// people's government that it belongs to, or the one above (行政复议法第二十四条).
func Authority(organ func(portal.OrganCode) (portal.Organ, error), code portal.OrganCode, lang string) string {
	o, err := organ(code)
	for depth := 0; err == nil && o.Parent != "" && depth < 10; depth++ {
		if o, err = organ(o.Parent); err == nil && o.Kind == "government" {
			return portal.Named(o.Name, lang)
		}
	}
	if lang != "zh" {
		return "the government above"
	}
	return "上一级行政机关"
}

// chineseDate writes a day as letters do.
func chineseDate(d portal.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.Time().Format("2006年1月2日")
}

// values are a letter's values as far as they are known before it is sent.
// The clock is the case's after the step.
func (u Letters) values(a *Application, p *Proposal, k *LetterKind, r clock.Result) (map[string]string, error) {
	o, err := u.Store.Organ(a.Organ)
	if err != nil {
		return nil, err
	}
	s := p.Step
	deadline := r.Deadline
	if s.Until != 0 {
		deadline = s.Until
	}
	days := s.Days
	law, _ := clock.RulesFor(a.Jurisdiction(), s.Date)
	switch {
	case s.Type == clock.FeeNotified:
		days = law.Fee.PaymentDays
	case s.Type == clock.CorrectionRequested && days == 0:
		days = law.Correction.UsualDays
	}
	v := map[string]string{
		"申请编号": string(a.Number), "收到日期": chineseDate(a.Steps[0].Date), "申请内容": strings.TrimRight(a.Subject, "。"), "正文": p.Step.Note,
		"天数": fmt.Sprint(days), "答复期限": chineseDate(deadline), "申请人期限": chineseDate(r.ApplicantUntil), "批准人": s.ApprovedBy,
		"机关": o.Name.ZH, "工作机构": o.Office.ZH, "地址": o.Address.ZH, "电话": o.Telephone, "日期": chineseDate(s.Date),
		"标题": k.Heading, "收费明细": "", "收费金额": "", "缴纳方式": o.Payment, "不公开内容": "", "附件": "", "有权机关": p.Rightful, "结论": "", "救济": "",
	}
	if p.Charge != nil {
		v["收费明细"], v["收费金额"] = p.Charge.Text("zh"), portal.Yuan(p.Charge.Total)
	}
	v["收件人"] = s.Party
	if ans := p.Answer; ans != nil {
		v["正文"] = ans.Text
		v["救济"] = Remedy(ans.Outcome, s.Date, Authority(u.Store.Organ, a.Organ, "zh"), "zh")
		v["不公开内容"] = a.WithheldText(ans)
		if len(ans.Files) > 0 {
			names := make([]string, len(ans.Files))
			for i, f := range ans.Files {
				names[i] = fmt.Sprintf("%d. %s", i+1, f.Name)
			}
			v["附件"] = "附件：" + strings.Join(names, "；")
		}
		if a.Purpose == ForCorrection {
			v["结论"] = portal.RecordOutcomes.Term(ans.Outcome).Name.ZH
		}
	}
	for name, value := range v {
		v[name] = asText(name, value)
	}
	if k.To == "applicant" {
		v["收件人"] = "{{" + varApplicant + "}}"
	}
	return v, nil
}

// LetterBody is the text of a kind of letter: the organ's own template, or
// the portal's.
func (u Letters) LetterBody(ctx context.Context, organ portal.OrganCode, k *LetterKind) (string, error) {
	body, err := u.Store.LetterTemplate(ctx, organ, k.Code)
	if portal.KindOf(err) == portal.NotFound {
		return k.Body, nil
	}
	return body, err
}

// SaveTemplate gives an organ a text of its own for a kind of letter, as the old
// one was seen; an empty one brings the portal's back.
func (u Letters) SaveTemplate(ctx context.Context, by portal.Actor, organ portal.OrganCode, k *LetterKind, seen portal.Revision, body string) error {
	if body == k.Body {
		body = ""
	}
	if body != "" {
		if err := CheckTemplate(k, body); err != nil {
			return err
		}
	}
	return u.Store.SaveLetterTemplate(ctx, by, organ, k.Code, body, u.Now(), func(now string) error {
		if err := by.Need(portal.EditLetters, organ); err != nil {
			return err
		}
		if now == "" {
			now = k.Body
		}
		return seen.Check(now, TemplateKind)
	})
}

// TemplateKind names an organ's own text of a kind of letter. It is a setting and
// no record of its own.
var TemplateKind = portal.RecordKind{Code: "letter"}

// letterText writes a letter by the organ's template; the clock is the case's
// after the step, and open leaves what depends on the day.
func (u Letters) letterText(ctx context.Context, a *Application, p *Proposal, k *LetterKind, r clock.Result, open bool) (string, error) {
	values, err := u.values(a, p, k, r)
	if err != nil {
		return "", err
	}
	if open {
		for _, name := range dated {
			delete(values, name)
		}
	}
	body, err := u.LetterBody(ctx, a.Organ, k)
	if err != nil {
		return "", err
	}
	values["内容"] = fillIn(body, values)
	return fillIn(letterData().Frame, values), nil
}
