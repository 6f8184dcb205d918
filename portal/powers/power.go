package powers

import (
	"regexp"

	"gongkai/portal"
	"gongkai/portal/scan"
)

// PowerID names a power item in its address: organ code and item code.
type PowerID string

// PowerItem is one power of an organ with its duties (权责事项).
type PowerItem struct {
	Organ     portal.OrganCode `json:"organ"`
	Code      string           `json:"code"` // 职权编码
	Type      string           `json:"type"` // a code of PowerTypes
	Name      portal.Text      `json:"name"`
	Basis     string           `json:"basis"`       // 设定依据, with articles
	Body      portal.Text      `json:"body"`        // 行使主体
	Office    string           `json:"office"`      // 承办机构
	Duties    string           `json:"duties"`      // 责任事项
	Account   string           `json:"account"`     // 追责情形
	Flow      string           `json:"flow"`        // 运行流程
	Limit     string           `json:"limit"`       // 办理时限
	Supervise string           `json:"supervise"`   // 监督方式
	Effective portal.Date      `json:"effective"`   // 生效日期
	Cancelled portal.Date      `json:"cancelled"`   // 取消日期
	Related   []string         `json:"related_doc"` // index numbers of documents it rests on
	// Stands are findings of the scan before release that may be public.
	Stands []scan.Stand `json:"stands,omitempty"`
}

// texts are those that become public.
func (i *PowerItem) texts() []scan.Text {
	return []scan.Text{{Field: "name_zh", Text: i.Name.ZH}, {Field: "name_en", Text: i.Name.EN}, {Field: "basis", Text: i.Basis}, {Field: "body_zh", Text: i.Body.ZH}, {Field: "office", Text: i.Office}, {Field: "duties", Text: i.Duties},
		{Field: "account", Text: i.Account}, {Field: "flow", Text: i.Flow}, {Field: "limit", Text: i.Limit}, {Field: "supervise", Text: i.Supervise}}
}

var powerCode = regexp.MustCompile(`^[0-9A-Za-z-]{1,40}$`)

// ID returns the item's address.
func (i *PowerItem) ID() PowerID { return PowerID(string(i.Organ) + "." + i.Code) }

// Validate reports the mistakes in the item's fields.
func (i *PowerItem) Validate() error {
	var p portal.Problems
	if i.Organ == "" {
		p.Add("organ", "error.choose_organ", nil)
	}
	if !powerCode.MatchString(i.Code) {
		p.Add("code", "error.power_code", nil)
	}
	if !portal.PowerTypes.Has(i.Type) {
		p.Add("type", "error.choose", nil)
	}
	p.Text("name_zh", i.Name.ZH, true, portal.MaxName)
	p.Text("name_en", i.Name.EN, false, portal.MaxName)
	p.Text("basis", i.Basis, true, portal.MaxProse)
	for _, f := range []struct{ name, v string }{{"office", i.Office}, {"limit", i.Limit}, {"supervise", i.Supervise}} {
		p.Text(f.name, f.v, false, portal.MaxLine)
	}
	for _, f := range []struct{ name, v string }{{"duties", i.Duties}, {"account", i.Account}, {"flow", i.Flow}} {
		p.Text(f.name, f.v, false, portal.MaxProse)
	}
	if i.Cancelled != 0 && i.Cancelled < i.Effective {
		p.Add("cancelled", "error.repealed_before_effective", nil)
	}
	return p.Err()
}

// Entry returns what search is told of the item.
func (i *PowerItem) Entry() *portal.Entry {
	e := &portal.Entry{
		Key: portal.Key{Kind: "power", ID: string(i.ID())}, Title: i.Name.ZH, TitleEN: i.Name.EN, Number: i.Code,
		Organs: []portal.OrganCode{i.Organ}, Published: i.Effective, Validity: "in_force",
		Keywords: []string{portal.PowerTypes.Term(i.Type).Name.ZH},
		Texts:    []string{joinLines(i.Basis, i.Body.ZH, i.Office, i.Duties, i.Account, i.Flow, i.Limit, i.Supervise)},
	}
	if i.Cancelled != 0 {
		e.Validity = "repealed"
	}
	return e
}

func joinLines(parts ...string) string {
	s := ""
	for _, p := range parts {
		if p != "" {
			s += p + "\n"
		}
	}
	return s
}
