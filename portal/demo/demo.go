package demo

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/consult"
	"gongkai/portal/documents"
	"gongkai/portal/ledgers"
	"gongkai/portal/letters"
	"gongkai/portal/people"
	"gongkai/portal/plans"
	"gongkai/portal/powers"
	"gongkai/portal/registers"
	"gongkai/portal/reports"
)

// Store is what the demonstration needs of the store.
type Store struct {
	Directory
	Library
	Register
	Powers    Bulk[powers.PowerItem]
	Reports   Bulk[reports.Report]
	Ledgers   Bulk[ledgers.Ledger]
	Plans     Bulk[plans.Item]
	Registers Bulk[registers.Entry]
	Letters   letters.Bringer
	Drafts    Bulk[consult.Consultation]
	Comments  Bulk[consult.Comment]
	Surveys   Bulk[consult.Survey]
	Answers   Bulk[consult.Answer]
}

// Directory takes organs.
type Directory interface {
	Organs() []portal.Organ
	SaveOrgan(ctx context.Context, by portal.Actor, o *portal.Organ, at time.Time) error
}

// Library takes documents and drafts.
type Library interface {
	ImportDocuments(ctx context.Context, by portal.Actor, rows []documents.Import, at time.Time) (documents.ImportResult, error)
	ChangeDraft(ctx context.Context, by portal.Actor, id documents.DraftID, seen portal.Revision, act string, at time.Time, change func(*documents.Draft) error) (*documents.Draft, error)
}

// Bulk takes records that the machine brings.
type Bulk[T any] interface {
	PutAll(ctx context.Context, by portal.Actor, act string, at time.Time, id func(*T) string, list []*T) error
}

// Register takes applications.
type Register interface {
	AddApplications(ctx context.Context, by portal.Actor, list []*cases.Application, who *cases.Applicant, codes []string, at time.Time) (cases.ApplicationNumber, error)
}

// seed makes every city the same.
const seed = 20190515

type city struct {
	list     []*powers.PowerItem
	rand     *rand.Rand
	today    portal.Date
	now      time.Time
	calendar *clock.Calendar
}

// Account is a demonstration account.
type Account struct {
	Person   portal.Person
	Password string
}

// Accounts lists the demonstration accounts. Their passwords are no secret.
func Accounts() []Account {
	var all []portal.OrganCode
	for _, o := range organs {
		all = append(all, portal.OrganCode(o.code))
	}
	return []Account{
		{portal.Person{Login: "admin", Name: "管理员", Grants: []portal.Grant{{Role: portal.Administrator}}}, "demo-admin-2026"},
		{portal.Person{Login: "editor", Name: "李编辑", Grants: []portal.Grant{{Role: portal.Editor, Organs: []portal.OrganCode{"water", "waterworks", "civil-affairs", "qiaotou"}}}}, "demo-editor-2026"},
		{portal.Person{Login: "reviewer", Name: "王审核", Grants: []portal.Grant{{Role: portal.Reviewer, Organs: []portal.OrganCode{"water", "waterworks", "civil-affairs", "qiaotou"}}}}, "demo-reviewer-2026"},
		{portal.Person{Login: "secrecy", Name: "周保密", Grants: []portal.Grant{{Role: portal.Reviewer, Organs: []portal.OrganCode{"civil-affairs"}}}}, "demo-secrecy-2026"},
		{portal.Person{Login: "city-editor", Name: "陈编辑", Grants: []portal.Grant{{Role: portal.Editor, Organs: []portal.OrganCode{"qinghe", "office"}}}}, "demo-city-editor-2026"},
		{portal.Person{Login: "city-reviewer", Name: "刘审核", Grants: []portal.Grant{{Role: portal.Reviewer, Organs: []portal.OrganCode{"qinghe", "office"}}}}, "demo-city-reviewer-2026"},
		{portal.Person{Login: "clerk", Name: "吴话务", Grants: []portal.Grant{{Role: portal.Clerk, Organs: all}}}, "demo-clerk-2026"},
		{portal.Person{Login: "overseer", Name: "孙督查", Grants: []portal.Grant{{Role: portal.Overseer, Organs: all}}}, "demo-overseer-2026"},
		{portal.Person{Login: "handler", Name: "张办理", Grants: []portal.Grant{{Role: portal.Handler, Organs: all}}, Email: "handler@qinghe.example"}, "demo-handler-2026"},
		{portal.Person{Login: "head", Name: "林主任", Grants: []portal.Grant{{Role: portal.Head, Organs: all}}, Email: "head@qinghe.example"}, "demo-head-2026"},
	}
}

// Fill makes the city in an empty store. A store that has its accounts is
// left as it is, so a second start finds what was there; one that was stopped
// half-way is completed. Of what comes in great numbers, letters and calls, it has one
// in scale; 0 is DefaultScale.
func Fill(ctx context.Context, st Store, accounts people.People, now time.Time, cal *clock.Calendar, scale int) error {
	list := Accounts()
	if _, err := accounts.Store.Person(ctx, list[len(list)-1].Person.Login); err == nil {
		return nil
	}
	by := portal.System("demo")
	c := &city{rand: rand.New(rand.NewPCG(seed, seed)), today: portal.DateOf(now), now: now, calendar: cal}
	for i := range organs {
		if err := st.SaveOrgan(ctx, by, c.record(i), now); err != nil {
			return fmt.Errorf("demo organs: %w", err)
		}
	}
	docs := c.documents()
	for from := 0; from < len(docs); from += 100 {
		if _, err := st.ImportDocuments(ctx, by, docs[from:min(from+100, len(docs))], now); err != nil {
			return fmt.Errorf("demo documents: %w", err)
		}
	}
	c.list = c.powers()
	if err := st.Powers.PutAll(ctx, by, "approve power change", now, func(i *powers.PowerItem) string { return string(i.ID()) }, c.list); err != nil {
		return fmt.Errorf("demo powers: %w", err)
	}
	if err := st.Registers.PutAll(ctx, by, "release register entry", now, (*registers.Entry).ID, c.entries()); err != nil {
		return fmt.Errorf("demo registers: %w", err)
	}
	applications := c.applications()
	if err := st.Reports.PutAll(ctx, by, "save report", now, func(r *reports.Report) string { return string(r.ID()) }, c.reports(applications)); err != nil {
		return fmt.Errorf("demo reports: %w", err)
	}
	if err := st.Plans.PutAll(ctx, by, "save plan", now, func(i *plans.Item) string { return i.ID }, c.plans()); err != nil {
		return fmt.Errorf("demo plans: %w", err)
	}
	if err := st.Ledgers.PutAll(ctx, by, "release table", now, func(l *ledgers.Ledger) string { return l.ID() }, c.ledgers()); err != nil {
		return fmt.Errorf("demo tables: %w", err)
	}
	for i, a := range applications {
		if _, err := st.AddApplications(ctx, by, []*cases.Application{a}, c.applicant(i, a.Kind), []string{""}, now); err != nil {
			return fmt.Errorf("demo applications: %w", err)
		}
	}
	if err := c.bringLetters(ctx, st.Letters, by, amounts(cmp.Or(scale, DefaultScale))); err != nil {
		return fmt.Errorf("demo letters: %w", err)
	}
	if err := c.bringAsked(ctx, st, by); err != nil {
		return fmt.Errorf("demo consultations: %w", err)
	}
	for _, d := range c.drafts() {
		_, err := st.ChangeDraft(ctx, by, d.ID, portal.Absent, "write draft", now, func(x *documents.Draft) error { *x = *d; return nil })
		if err != nil && portal.KindOf(err) != portal.Conflict { // there since a first try
			return fmt.Errorf("demo drafts: %w", err)
		}
	}
	// The accounts come last: the last of them says that the city is whole.
	for _, a := range list {
		if err := accounts.Add(ctx, by, &a.Person, a.Password); err != nil && portal.KindOf(err) != portal.Conflict {
			return fmt.Errorf("demo accounts: %w", err)
		}
	}
	return nil
}

func (c *city) organ(code string) organ {
	for _, o := range organs {
		if o.code == code {
			return o
		}
	}
	panic("demo: no organ " + code)
}

// record writes an organ with its disclosure office and guide (第十二条).
func (c *city) record(i int) *portal.Organ {
	o := organs[i]
	phone := fmt.Sprintf("0000-8800%03d", 100+i)
	var sign []clock.EventType
	if o.code == "finance" || o.code == "land" { // the others answer without the head's signature
		sign = []clock.EventType{clock.Extended, clock.Answered}
	}
	review := ""                                     // the usual two reviews
	if o.code == "water" || o.code == "waterworks" { // a small organ, with one reviewer
		review = "one"
	}
	return &portal.Organ{Review: review, LetterMark: "清" + string([]rune(strings.TrimPrefix(o.zh, "清河市"))[:1]) + "公开", Payment: "持本通知到市政务服务大厅非税收入窗口缴纳，索取财政票据。", Sign: sign, Code: portal.OrganCode(o.code), Parent: portal.OrganCode(o.parent), Kind: o.kind, IndexPrefix: fmt.Sprintf("Q%08d", 37009000+i), Order: i,
		Name: portal.Text{ZH: o.zh, EN: o.en}, Telephone: phone, Fax: phone, Email: o.code + "@qinghe.example",
		About:   portal.Text{ZH: o.zh + "依法履行本级职责，负责有关政策的制定、实施和监督，接受社会监督。", EN: "The " + o.en + " makes, carries out and supervises policy in its field."},
		Office:  portal.Text{ZH: o.zh + "政府信息公开工作机构", EN: "Disclosure office"},
		Address: portal.Text{ZH: fmt.Sprintf("清河市人民路%d号", 10+i*2), EN: fmt.Sprintf("%d Renmin Road, Qinghe", 10+i*2)},
		Hours:   portal.Text{ZH: "工作日上午9:00—12:00，下午1:30—5:30", EN: "Working days 9:00–12:00, 13:30–17:30"},
		Guide: portal.Text{ZH: fmt.Sprintf("**分类和编排**：本机关信息按主题、体裁和年份编排，索引号由机关代码、年份和流水号组成。\n\n**获取方式**：可在本门户查找、订阅、下载，也可到政务服务大厅、市档案馆、市图书馆查阅。\n\n**依申请公开**：向%s政府信息公开工作机构提出，电话%s。收到申请之日起20个工作日内答复。\n\n**监督和救济**：可向上一级机关或者主管部门投诉、举报，也可依法申请行政复议或者提起行政诉讼。", o.zh, phone),
			EN: fmt.Sprintf("**Order**: by theme, genre and year. An index number holds the organ's code, the year and a serial number.\n\n**How to get it**: search, subscribe and download here, or read at the service hall, the city archive and the library.\n\n**Applications**: to the disclosure office, telephone %s. You get an answer within 20 working days.\n\n**Remedies**: complaint, reconsideration or court.", phone)}}
}

func (c *city) drafts() []*documents.Draft {
	var out []*documents.Draft
	for i, title := range []string{"关于调整城市供水价格的公告（征求意见稿）", "清河市节约用水管理办法（修订）"} {
		d := &documents.Draft{ID: documents.DraftID(fmt.Sprintf("DEMODRAFT%d", i)), State: documents.Writing, By: "editor", ChangedAt: c.now.UTC(),
			Content: documents.Content{Title: title, Organs: []portal.OrganCode{"water"}, Formed: c.today - 3, Published: c.today, Theme: "06", Genre: "announcement", Item: "15", Mode: "proactive", Validity: "in_force",
				Summary: "公开征求意见三十日。", Body: "为促进节约用水，保障供水安全，现将有关内容向社会公开征求意见，时间不少于三十日。\n\n意见可寄清河市水务局，或者发送电子邮件至 water@qinghe.example。"}}
		if i == 0 {
			d.State, d.Submitter = documents.Submitted, "editor"
		}
		out = append(out, d)
	}
	return out
}
