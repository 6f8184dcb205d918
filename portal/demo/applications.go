package demo

import (
	"fmt"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
)

// applicationCount is the number of applications of the city.
const applicationCount = 66

var asks = []struct{ organ, subject, text string }{
	{"land", "柳林镇征地补偿安置方案", "申请公开柳林镇东片区土地征收的补偿安置方案、补偿标准以及批准文件。"},
	{"finance", "市民广场改造工程决算", "申请公开市民广场改造工程的竣工财务决算和审计结论。"},
	{"housing", "公共租赁住房分配名单", "申请公开本年度公共租赁住房分配的房源数量、摇号程序和结果。"},
	{"education", "实验小学招生范围调整依据", "申请公开实验小学招生范围调整的会议纪要和论证材料。"},
	{"environment", "河东工业园环评批复", "申请公开河东工业园二期项目的环境影响评价批复和监测数据。"},
	{"water", "自来水水质检测报告", "申请公开最近十二个月出厂水和管网水的水质检测报告。"},
	{"police", "人民路交通违法抓拍设备设置情况", "申请公开人民路电子抓拍设备的位置、检定证书和审批文件。"},
	{"health", "市人民医院设备采购合同", "申请公开市人民医院核磁共振设备的采购合同和验收材料。"},
	{"labour", "事业单位招聘面试评分标准", "申请公开本年度事业单位公开招聘面试的评分标准和考官组成办法。"},
	{"civil-affairs", "低保资金发放明细", "申请公开石桥街道最低生活保障资金的发放户数、金额和审核程序。"},
	{"transport", "公交线路调整论证报告", "申请公开12路公交线路调整的客流调查和论证报告。"},
	{"market", "食品抽检不合格处置情况", "申请公开上半年食品抽检不合格单位的核查处置情况。"},
}

var names = []string{"陈晓明", "刘桂兰", "赵海燕", "孙建国", "周玉梅", "吴志强", "郑丽华", "何文博"}

func (c *city) applicant(i int, kind string) *cases.Applicant {
	w := &cases.Applicant{Kind: kind, Name: names[i%len(names)], IDNumber: fmt.Sprintf("DEMO%06d", i), Phone: fmt.Sprintf("000-0000%04d", i), Email: fmt.Sprintf("applicant%d@example.org", i), Address: "清河市人民路1号"}
	if kind != "natural" {
		w.Contact, w.Name = w.Name, fmt.Sprintf("清河演示单位%d", i)
	}
	return w
}

// applications makes cases in every state, with every outcome. The days are
// counted back from today, so that the work list is always alive.
func (c *city) applications() []*cases.Application {
	var out []*cases.Application
	kinds := portal.Applicants.Terms
	outcomes := portal.Outcomes.Terms
	for i := range applicationCount {
		ask := asks[i%len(asks)]
		kind := "natural"
		if i%4 == 3 {
			kind = kinds[1+(i/4)%(len(kinds)-1)].Code
		}
		a := &cases.Application{Organ: portal.OrganCode(ask.organ), Kind: kind, Subject: ask.subject, Description: ask.text, Form: "electronic", Delivery: "online"}
		b := &builder{c: c, a: a}
		switch i % 11 {
		case 0: // just sent
			b.receive("web", c.back(1))
		case 1: // confirmed and being handled
			b.receive("web", c.back(8))
			b.add(clock.Event{Type: clock.Confirmed}, 1, "已电话确认。")
		case 2: // waiting for a correction
			b.receive("web", c.back(9))
			b.add(clock.Event{Type: clock.Confirmed}, 1, "")
			b.add(clock.Event{Type: clock.CorrectionRequested, Days: 15}, 4, "请写明所需信息的具体年份和项目名称。")
		case 3: // corrected, the clock begun afresh
			b.receive("in_person", c.back(20))
			b.add(clock.Event{Type: clock.CorrectionRequested, Days: 15}, 4, "请写明所需文件的名称或者文号。")
			b.add(clock.Event{Type: clock.CorrectionReceived}, 6, "所需信息为本年度的文件。")
		case 4: // lapsed
			b.receive("registered_mail", c.back(45))
			b.add(clock.Event{Type: clock.CorrectionRequested, Days: 10}, 5, "申请内容不明确，请补正。")
		case 5: // extended
			b.receive("in_person", c.back(24))
			b.add(clock.Event{Type: clock.Extended, Days: 15, ApprovedBy: "林主任"}, 15, "涉及材料较多，需要延长期限。")
		case 6: // late
			b.receive("mail", c.back(27))
			b.add(clock.Event{Type: clock.Confirmed}, 2, "")
		case 7: // withdrawn
			b.receive("web", c.back(30))
			b.add(clock.Event{Type: clock.Withdrawn}, 5, "")
		case 8: // due soon
			b.receive("oral", c.back(18))
		case 9: // paused for a third party
			b.receive("in_person", c.back(12))
			b.add(clock.Event{Type: clock.ConsultationSent, Party: "清河演示建设公司", Kind: "third_party"}, 5, "向第三方征求意见。")
		default:
			c.answered(b, outcomes[(i/11)%len(outcomes)].Code)
		}
		if i%3 == 1 {
			a.Handler = "handler"
		}
		if a.Closed() && a.Answer != nil && i%2 == 0 {
			a.Rating = &cases.Rating{Stars: 3 + i%3, At: c.now.UTC()}
		}
		out = append(out, a)
	}
	for i, o := range outcomes { // every outcome at least once
		ask := asks[(i*5)%len(asks)]
		a := &cases.Application{Organ: portal.OrganCode(ask.organ), Kind: kinds[i%len(kinds)].Code, Subject: ask.subject, Description: ask.text, Form: "paper", Delivery: "post"}
		b := &builder{c: c, a: a}
		c.answered(b, o.Code)
		if strings.HasPrefix(o.Code, "denied.") && i%2 == 0 {
			a.Proceedings = []cases.Proceeding{{ID: 1, Kind: "reconsideration", Number: fmt.Sprintf("清政复〔%d〕%d号", c.today.Year(), i+1), Filed: c.today - 30, Result: []string{"upheld", "corrected"}[i/2%2], Decided: c.today - 5, By: "handler"}}
		}
		if o.Code == "granted" {
			a.Answer.Public = &cases.PublicAnswer{Title: "关于" + ask.subject + "的答复", Text: "经检索，所申请的信息可以公开，现将有关内容公布。" + ask.text, On: c.today - 40}
		}
		out = append(out, a)
	}
	return out
}

func (c *city) answered(b *builder, outcome string) {
	b.receive("web", c.back(70+c.rand.IntN(60)))
	b.add(clock.Event{Type: clock.Confirmed}, 1, "")
	b.add(clock.Event{Type: clock.Answered, Way: "sent"}, 6+c.rand.IntN(12), "")
	x := portal.Outcomes.Term(outcome)
	b.a.Answer = &cases.Answer{Outcome: outcome, Text: fmt.Sprintf("您申请公开“%s”的信息，本机关于收到后依法办理。经检索和审查，根据《中华人民共和国政府信息公开条例》第%s条，答复如下：%s。", b.a.Subject, x.Article, x.Name.ZH)}
}

// back is the working day n working days before today.
func (c *city) back(n int) portal.Date {
	d := c.today
	for n > 0 {
		d--
		if c.calendar.Working(d) {
			n--
		}
	}
	return d
}

// builder adds steps to a case.
type builder struct {
	c *city
	a *cases.Application
}

func (b *builder) receive(channel string, on portal.Date) {
	b.step(clock.Event{Type: clock.Received, Date: on, Channel: channel}, "")
}

// add appends an event so many working days after the last.
func (b *builder) add(e clock.Event, days int, note string) {
	e.Date = b.c.calendar.After(b.a.Steps[len(b.a.Steps)-1].Date, days)
	b.step(e, note)
}

func (b *builder) step(e clock.Event, note string) {
	s := cases.CaseStep{Event: e, Note: note, By: "handler", RecordedAt: e.Date.Time().Add(3 * time.Hour)}
	if e.Type == clock.Received || e.Type == clock.Withdrawn || e.Type == clock.CorrectionReceived {
		s.By = ""
	}
	if err := b.a.Add(s, b.c.calendar); err != nil {
		panic(fmt.Sprintf("demo: %v", err)) // a mistake of ours, found by any test
	}
}
