package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/letters"
	"gongkai/portal/process"
)

// What comes to a real city of this size in a year, of which the demonstration shows one in
// so many.
const (
	DefaultScale = 50

	yearCalls       = 54_860 // 热线
	yearCallsAtOnce = 50_280 // of them answered on the spot
	yearLetters     = 27_657 // 来信
	yearGroups      = 323    // 来访批次
	yearVisitors    = 12_854 // 来访人次
	yearComplaints  = 1_201  // 投诉举报
	yearMeasures    = 43     // of them ended with a measure
)

// questions are what is asked about a topic.
var questions = []struct{ kind, subject, text, answer string }{
	{"ask", "%s怎么办理", "请问%s需要什么材料、在哪里办、多长时间能办好？", "您好。%s可以到政务服务大厅综合窗口办理，也可以网上申请；材料齐全的，当场受理，一般五个工作日内办结。"},
	{"ask", "%s的条件是什么", "想咨询%s的条件，我家的情况是不是符合？", "您好。%s的条件已经在本门户公开，符合条件的可以直接申请；不清楚的，请拨打窗口电话咨询。"},
	{"complain", "%s排队时间太长", "昨天去办%s，等了两个多小时，窗口只开了一个，希望改进。", "您反映的情况属实。已增开窗口，并实行预约办理%s，感谢您的监督。"},
	{"suggest", "建议%s开通网上办理", "%s现在还要跑两趟，建议开通网上办理和邮寄送达。", "您的建议很好。%s的网上办理正在建设，预计年内开通。"},
	{"complain", "%s的答复和公示不一致", "窗口对%s的说法和网上公示的不一样，请核实。", "经核实，%s以公示内容为准，窗口人员已重新培训，给您带来不便请谅解。"},
	{"thank", "感谢%s窗口工作人员", "办%s的工作人员很耐心，提前帮我核对了材料，特此感谢。", "感谢您的肯定，我们会继续做好%s服务。"},
}

// Amounts is how much comes in a year.
type Amounts struct{ Calls, AtOnce, Letters, Groups, Visitors, Complaints, Measures int }

// amounts are those of a real city, one in scale.
func amounts(scale int) Amounts {
	part := func(n int) int { return max(1, (n+scale/2)/scale) }
	return Amounts{part(yearCalls), part(yearCallsAtOnce), part(yearLetters), part(yearGroups), part(yearVisitors), part(yearComplaints), part(yearMeasures)}
}

// Letters brings a year of letters, calls, visits and complaints up to now into a store that
// has the city's organs.
func Letters(ctx context.Context, to letters.Bringer, now time.Time, cal *clock.Calendar, n Amounts) error {
	c := &city{rand: rand.New(rand.NewPCG(seed, seed)), today: portal.DateOf(now), now: now, calendar: cal}
	return c.bringLetters(ctx, to, portal.System("demo"), n)
}

// Organs are those of the city.
func Organs() []*portal.Organ {
	c := &city{}
	var out []*portal.Organ
	for i := range organs {
		out = append(out, c.record(i))
	}
	return out
}

func (c *city) bringLetters(ctx context.Context, to letters.Bringer, by portal.Actor, n Amounts) error {
	var list []*letters.Letter
	web := []string{"mayor", "organ", "mayor", "organ", "letter", "enterprise", "mayor", "site"}
	for i := range n.Calls {
		l := c.letter(i, "hotline")
		if i < n.AtOnce {
			c.atOnce(l)
		} else {
			c.handled(l, i)
		}
		list = append(list, l)
	}
	for i := range n.Letters {
		l := c.letter(i, web[i%len(web)])
		c.handled(l, i)
		list = append(list, l)
	}
	for i := range n.Groups {
		l := c.letter(i, "visit")
		l.Kind, l.Group = "complain", n.Visitors/n.Groups
		if i < n.Visitors%n.Groups {
			l.Group++
		}
		c.handled(l, i)
		list = append(list, l)
	}
	for i := range n.Complaints {
		l := c.letter(i, "disclosure")
		l.Kind, l.Subject = "complain", "对政府信息公开工作的投诉："+l.Subject
		c.handled(l, i)
		if i < n.Measures && l.Answer != nil {
			l.Measure = "责令改正，限期公开"
		}
		list = append(list, l)
	}
	slices.SortStableFunc(list, func(a, b *letters.Letter) int { return a.Steps[0].At.Compare(b.Steps[0].At) })
	serial := make(map[int]int)
	for _, l := range list {
		year := l.Received().Year()
		serial[year]++
		l.Number = letters.Number(fmt.Sprintf("L%04d-%06d", year, serial[year]))
	}
	who := func(l *letters.Letter) letters.Writer {
		if l.Anonymous {
			return letters.Writer{}
		}
		n := 0
		for _, d := range l.Number[1:] {
			if d >= '0' {
				n = n*7%9973 + int(d-'0')
			}
		}
		return letters.Writer{Name: names[n%len(names)], Phone: fmt.Sprintf("000-0001%04d", n)}
	}
	for rows := range slices.Chunk(list, 500) {
		if err := letters.Bring(ctx, to, by, c.now, rows, who); err != nil {
			return err
		}
	}
	return nil
}

// letter is one that has just come, on some day of the last year.
func (c *city) letter(i int, channel string) *letters.Letter {
	t := topics[c.rand.IntN(len(topics))]
	q := questions[c.rand.IntN(len(questions))]
	on := c.today - portal.Date(c.rand.IntN(364))
	if channel != "hotline" && channel != "letter" && !c.calendar.Working(on) && i%3 > 0 {
		on = max(c.today-364, on-2)
	}
	l := &letters.Letter{Channel: channel, Kind: q.kind, Organ: portal.OrganCode(t.organ), Theme: t.theme, Subject: fmt.Sprintf(q.subject, t.zh), Text: fmt.Sprintf(q.text, t.zh), Consent: i%3 > 0, First: "clerk",
		Anonymous: channel == "hotline" && i%5 > 0}
	if channel == "mayor" || channel == "site" {
		l.Organ = "qinghe"
	}
	at := on.Time().Add(time.Duration(8*60+c.rand.IntN(9*60)) * time.Minute).Add(-8 * time.Hour)
	l.Steps = []process.Step{{Type: letters.Receive, On: on, At: at, By: "clerk", Organ: l.Organ}}
	l.Answer = &letters.Answer{Text: fmt.Sprintf(q.answer, t.zh)}
	return l
}

// atOnce answers a letter on the spot.
func (c *city) atOnce(l *letters.Letter) {
	first := l.Steps[0]
	l.Steps = append(l.Steps, process.Step{Type: letters.Reply, On: first.On, At: first.At, By: "clerk"})
	l.Answer.On, l.Answer.By = first.On, "clerk"
}

// handled takes a letter as far as its time has come: most are answered in time, some are
// passed on first, some asked again; the last days are still open.
func (c *city) handled(l *letters.Letter, i int) {
	answer := l.Answer
	l.Answer = nil
	step := func(kind string, days int, note string) bool {
		last := l.Steps[len(l.Steps)-1]
		on := last.On
		if days > 0 {
			on = c.calendar.After(last.On, days)
		}
		at := last.At.Add(time.Hour)
		if on > last.On {
			at = on.Time().Add(2 * time.Hour)
		}
		if on > c.today || at.After(c.now) {
			return false
		}
		l.Steps = append(l.Steps, process.Step{Type: kind, On: on, At: at, By: "handler", Note: note})
		return true
	}
	if i%17 == 3 && l.Organ != "qinghe" && step(letters.Transfer, 1, "不属于本单位职责。") {
		l.Organ = "office"
		l.Steps[len(l.Steps)-1].Organ = l.Organ
	}
	if i%61 == 7 && l.Channel != "hotline" {
		step("refuse", 1, "正在行政复议，不重复受理。")
		return
	}
	days := 1 + i%4
	if l.Channel == "site" {
		days = 1
	}
	if i%53 == 11 {
		days = 12 // late
	}
	if !step(letters.Accept, min(1, i%5), "") || i%29 == 5 && l.Received() > c.today-20 {
		return
	}
	l.Handler = "handler"
	if !step("handle", 0, "") || !step(letters.Reply, days, "") {
		return
	}
	l.Answer = answer
	l.Answer.On, l.Answer.By = l.Steps[len(l.Steps)-1].On, "handler"
	rate := func() {
		l.Rating = &letters.Rating{Stars: []int{5, 4, 5, 5, 3, 4, 5, 4, 5, 2}[i%10], At: l.Steps[len(l.Steps)-1].At}
		l.Steps[len(l.Steps)-1].By = ""
	}
	switch {
	case i%97 == 13 && step(letters.Reopen, 2, "问题没有解决。"):
		l.Steps[len(l.Steps)-1].By = ""
		l.Earlier, l.Answer = append(l.Earlier, *l.Answer), nil
		if step("handle", 0, "") && step(letters.Reply, 3, "") {
			l.Answer = &letters.Answer{Text: "经再次核实，现补充答复：" + answer.Text, On: l.Steps[len(l.Steps)-1].On, By: "handler"}
		}
	case i%2 == 0 && step(letters.Rate, 1, ""):
		rate()
	default:
		step("close", 5, "")
	}
	if i%101 == 9 && l.Answer != nil {
		step(letters.Check, 3, "回访：答复属实，来信人知晓。")
	}
	if k := letters.KindNamed(l.Kind); l.Answer != nil && l.Consent && !k.Sealed && l.Kind != "thank" && i%4 == 1 {
		at := l.Steps[len(l.Steps)-1]
		l.Public = &letters.PublicReply{Title: l.Subject, Question: l.Text, Text: l.Answer.Text, On: at.On, At: at.At, By: "head"}
		if i%37 == 5 {
			l.Public, l.Offer = nil, l.Public
			l.Offer.By = "handler"
		}
	}
}
