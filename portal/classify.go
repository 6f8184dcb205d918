package portal

import (
	"cmp"
	"slices"
	"sync"

	"gongkai/portal/clock"
	"gongkai/portal/rules"
	"gongkai/portal/text"
)

// Date is a calendar day.
type Date = clock.Date

// DateOf returns the day on which t falls in t's own location.
var DateOf = clock.DateOf

// Text is a text in both languages of the portal.
type Text = clock.Text

// Term is one entry of a classification list.
type Term struct {
	Code string `json:"code"`
	Name Text   `json:"name"`
	// Article is the provision of the Regulation behind an outcome.
	Article string `json:"article,omitempty"`
	// Remedy of an outcome: reconsideration_first or free.
	Remedy string `json:"remedy,omitempty"`
}

// List is a classification list: rule data with its source and the day it
// took effect.
type List struct {
	Name      string `json:"name"`
	Source    string `json:"source"`
	Effective Date   `json:"effective"`
	Terms     []Term `json:"terms"`
	byCode    map[string]int
}

// Has reports whether the list has the code.
func (l *List) Has(code string) bool { _, ok := l.byCode[code]; return ok }

// Term returns the entry with the code; an unknown code is its own name, so
// that old records stay readable when a list changes.
func (l *List) Term(code string) Term {
	if i, ok := l.byCode[code]; ok {
		return l.Terms[i]
	}
	return Term{Code: code, Name: Text{ZH: code, EN: code}}
}

// NameOf is the name of the entry with a code in a language, "" for no code.
func (l *List) NameOf(code, lang string) string {
	if code == "" {
		return ""
	}
	return Named(l.Term(code).Name, lang)
}

// add puts an entry in its place.
func (l *List) add(t Term, order func(Term) int) {
	l.Terms = append(l.Terms, t)
	slices.SortStableFunc(l.Terms, func(a, b Term) int { return cmp.Compare(order(a), order(b)) })
	for i, t := range l.Terms {
		l.byCode[t.Code] = i
	}
}

// Find returns the code of the entry with this code or name in either
// language, or "".
func (l *List) Find(s string) string {
	if l.Has(s) {
		return s
	}
	want := text.Squeeze(s)
	for _, t := range l.Terms {
		if want != "" && (text.Squeeze(t.Name.ZH) == want || text.Squeeze(t.Name.EN) == want) {
			return t.Code
		}
	}
	return ""
}

// ListNamed is the classification list with a name, for rules that name one; nil for none.
func ListNamed(name string) *List { return lists()[name] }

// The classification lists.
var (
	Themes       = list("themes")           // 主题分类
	Genres       = list("genres")           // 体裁分类
	Items        = list("article20")        // 第二十条各项
	Validities   = list("validities")       // 有效性
	Modes        = list("modes")            // 公开方式
	Postings     = list("postings")         // 其他公开场所
	PowerTypes   = list("power_types")      // 权力类型
	PowerLevels  = list("power_levels")     // 行使层级
	PowerSources = list("power_sources")    // 权力来源
	PowerObjects = list("power_applicants") // 服务对象
	PowerTopics  = list("power_subjects")   // 办事主题
	YesNo        = list("yes_no")
	Outcomes     = list("outcomes")                                                       // 办理结果
	Applicants   = list("applicants")                                                     // 申请人类型
	Forms        = list("forms")                                                          // 所需信息的形式
	Deliveries   = list("deliveries")                                                     // 获取信息的方式
	Channels     = list("channels")                                                       // 收到方式
	OrganKinds   = list("organ_kinds")                                                    // 机关类型
	ContentKinds = &List{Name: "content_kinds", Source: "门户约定", byCode: map[string]int{}} // 检索结果的种类, as areas register them

	RecordOutcomes    = list("record_outcomes") // 更正申请的结论, 第四十一条
	Opinions          = list("opinions")        // 第三方意见
	Ways              = list("ways")            // 答复送达方式
	ProceedingKinds   = list("review_kinds")    // 复议、诉讼
	ProceedingResults = list("review_results")  // 复议、诉讼结果
)

var lists = sync.OnceValue(func() map[string]*List {
	all := rules.Read[[]*List]("lists.json")
	m := make(map[string]*List, len(all))
	for _, l := range all {
		l.byCode = make(map[string]int, len(l.Terms))
		for i, t := range l.Terms {
			l.byCode[t.Code] = i
		}
		m[l.Name] = l
	}
	return m
})

func list(name string) *List {
	l, ok := lists()[name]
	if !ok {
		panic("no classification list " + name)
	}
	return l
}
