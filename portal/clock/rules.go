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

// In returns the text in the language, Chinese unless lang is "en".
func (t Text) In(lang string) string {
	if lang == "en" {
		return t.EN
	}
	return t.ZH
}

// Rules are the time limits of one jurisdiction from one day on, in working
// days (工作日). They are read from data/rules.json.
type Rules struct {
	Jurisdiction string `json:"jurisdiction"` // such as "CN"
	Name         Text   `json:"name"`
	Calendar     string `json:"calendar"`
	Effective    Date   `json:"effective"`
	Source       string `json:"source"`
	Verified     string `json:"verified"` // how well the values are verified

	AnswerDays int `json:"answer_days"` // 第三十三条
	// ConfirmedChannels start on the day both sides confirm receipt,
	// ReceiptChannels on the day of receipt (第三十一条).
	ConfirmedChannels []string `json:"confirmed_channels"`
	ReceiptChannels   []string `json:"receipt_channels"`

	Correction struct { // 补正, 第三十条
		NoticeDays int `json:"notice_days"` // the notice is due within
		UsualDays  int `json:"usual_days"`  // period for the applicant when none is named
		Times      int `json:"times"`
	} `json:"correction"`
	Extension struct { // 延期, 第三十三条第二款
		Days  int `json:"days"`
		Times int `json:"times"`
	} `json:"extension"`
	Consultation struct { // 征求意见, 第三十二条, 第三十四条
		OpinionDays int               `json:"opinion_days"`
		Silence     map[string]string `json:"silence"` // kind of party → what silence means
	} `json:"consultation"`
	Fee struct { // 信息处理费, 国办函〔2020〕109号
		PaymentDays int  `json:"payment_days"`
		Effective   Date `json:"effective"`
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
