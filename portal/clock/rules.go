package clock

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
)

// Text is a sentence in both languages of the portal.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In returns the text in the language, Chinese unless lang is another: whoever reads a third
// language reads what is kept in two in English, where there is some.
func (t Text) In(lang string) string {
	if lang == "en" || lang != "" && lang != "zh" && t.EN != "" {
		return t.EN
	}
	return t.ZH
}

// Unit is what the periods of a jurisdiction are counted in.
type Unit string

// The units.
const (
	WorkingDays  Unit = "working_day"  // 工作日
	CalendarDays Unit = "calendar_day" // 日历日
	Months       Unit = "month"        // 月
)

// Effect says what waiting for the applicant does to the period.
type Effect string

// The effects.
const (
	Reset    Effect = "reset" // the period stops, and starts afresh
	Pauses   Effect = "pause" // the days of waiting do not count
	NoEffect Effect = "none"  // the rules know no such step
)

// Rules are the time limits of one jurisdiction from one day on. They are
// read from data/rules.json.
type Rules struct {
	Jurisdiction string `json:"jurisdiction"` // such as "CN"
	Name         Text   `json:"name"`
	Calendar     string `json:"calendar"`
	Effective    Date   `json:"effective"`
	Source       string `json:"source"`
	Verified     string `json:"verified"` // how well the values are verified

	Unit       Unit `json:"unit"`
	AnswerDays int  `json:"answer_days"` // in units; 第三十三条
	// Roll: a period that ends on a rest day ends on the next working day.
	Roll bool `json:"roll"`
	// ForwardCap is the most days after receipt at which the period of an
	// application that was forwarded begins; 0 for no such bound.
	ForwardCap int `json:"forward_cap_days"`
	// Silence says what follows when the period passes without an answer.
	Silence Text `json:"silence"`
	// ConfirmedChannels start on the day both sides confirm receipt,
	// ReceiptChannels on the day of receipt (第三十一条).
	ConfirmedChannels []string `json:"confirmed_channels"`
	ReceiptChannels   []string `json:"receipt_channels"`

	Correction struct { // 补正, 第三十条
		Effect     Effect `json:"effect"`
		NoticeDays int    `json:"notice_days"` // the notice is due within; 0 for no limit
		UsualDays  int    `json:"usual_days"`  // period for the applicant when none is named; 0 for none
		Times      int    `json:"times"`       // 0 for as often as needed
	} `json:"correction"`
	Extension struct { // 延期, 第三十三条第二款
		Days       int  `json:"days"`  // −1 for no limit
		Times      int  `json:"times"` // 0: the rules know no extension
		NoApprover bool `json:"no_approver"`
	} `json:"extension"`
	Consultation struct { // 征求意见, 第三十二条, 第三十四条
		Pauses       bool              `json:"pauses"`
		OpinionDays  int               `json:"opinion_days"`
		DecisionDays int               `json:"decision_days"` // from receipt, where asking a third party gives longer
		Silence      map[string]string `json:"silence"`       // kind of party → what silence means
	} `json:"consultation"`
	Fee struct { // 信息处理费, 国办函〔2020〕109号
		Effect      Effect `json:"effect"`
		Inclusive   bool   `json:"inclusive"`    // the day of the notice does not count either
		PaymentDays int    `json:"payment_days"` // 0 for no limit
		Effective   Date   `json:"effective"`
	} `json:"fee"`
	Articles map[string]Text `json:"articles"`
}

// AllRules returns every version of every jurisdiction's rules. They are
// read once; nobody may change them.
var AllRules = sync.OnceValue(readRules)

func readRules() []Rules {
	b, err := data.ReadFile("data/rules.json")
	var all []Rules
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		panic(fmt.Sprintf("embedded rules: %v", err)) // a mistake of ours, found by any test
	}
	return all
}

// Jurisdictions lists the jurisdictions that have rules, in the order of the
// data, each with its present version.
func Jurisdictions() []Rules {
	var out []Rules
	for _, r := range AllRules() {
		if i := slices.IndexFunc(out, func(x Rules) bool { return x.Jurisdiction == r.Jurisdiction }); i < 0 {
			out = append(out, r)
		} else if r.Effective > out[i].Effective {
			out[i] = r
		}
	}
	return out
}

// RulesFor returns the rules of a jurisdiction in force on a day. A day
// before the first version gets the first version. It returns false for a
// jurisdiction without rules.
func RulesFor(jurisdiction string, on Date) (Rules, bool) {
	var found []Rules
	for _, r := range AllRules() {
		if r.Jurisdiction == jurisdiction {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		return Rules{}, false
	}
	slices.SortFunc(found, func(a, b Rules) int { return int(a.Effective - b.Effective) })
	best := found[0]
	for _, r := range found {
		if r.Effective <= on {
			best = r
		}
	}
	return best, true
}
