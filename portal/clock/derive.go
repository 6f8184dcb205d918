package clock

import (
	"fmt"
	"time"
)

// maxRows bounds the days listed for one period; lawful periods are far
// shorter.
const maxRows = 800

// derive writes the derivation: each event with the article it rests on, and
// each day of each period with whether it counts.
func (m *machine) derive(c Case, r Result) []Step {
	var steps []Step
	if m.received.Date < m.rules.Effective {
		steps = append(steps, Step{Date: m.received.Date, Text: Text{
			fmt.Sprintf("收到时现行规定（%s施行）尚未生效；仍按现行规定计算", m.rules.Effective),
			fmt.Sprintf("received before these rules took effect on %s; counted by them all the same", m.rules.Effective)}})
	}
	for i := range m.periods {
		steps = append(steps, m.days(i)...)
	}
	for _, e := range c.Events {
		steps = insertEvent(steps, m.describe(e))
	}
	if r.ApplicantUntil != 0 {
		t := Text{"申请人的最后一日", "the applicant's last day"}
		if r.State == Lapsed {
			t = Text{"申请人逾期，视为放弃申请", "the applicant let the period pass: the application is deemed given up"}
		}
		steps = append(steps, Step{Date: r.ApplicantUntil, Text: t})
	}
	if r.Deadline != 0 {
		t := Text{"答复期限的最后一日", "the last day to answer"}
		if r.Provisional {
			t = Text{fmt.Sprintf("答复期限的最后一日（暂定：%d年放假安排尚未公布）", r.Deadline.Year()),
				fmt.Sprintf("the last day to answer (provisional: the holiday notice for %d is not out yet)", r.Deadline.Year())}
		}
		steps = append(steps, Step{Date: r.Deadline, Text: t, Law: m.rules.Articles["answer"]})
	}
	return steps
}

// insertEvent puts an event before the days after it, and before the day 0
// that it begins.
func insertEvent(steps []Step, e Step) []Step {
	at := len(steps)
	for i, s := range steps {
		dayZero := s.Event == "" && s.Law.ZH != ""
		if s.Date > e.Date || s.Date == e.Date && dayZero {
			at = i
			break
		}
	}
	return append(steps[:at], append([]Step{e}, steps[at:]...)...)
}

// days lists each day of period i up to its deadline or the day it stopped.
func (m *machine) days(i int) []Step {
	p := &m.periods[i]
	end := m.deadline(p)
	if p.stop != 0 {
		end = min(end, p.stop)
	}
	for _, x := range p.pauses {
		if x.to == farAway { // the applicant is awaited still
			end = min(end, x.from+1)
		}
	}
	steps := []Step{{Date: p.start, Text: Text{"第0日：起算当日不计入", "day 0: the day the period begins is not counted"}, Law: m.rules.Articles["day0"]}}
	n := 0
	for d := p.start + 1; d <= end && len(steps) < maxRows; d++ {
		s := Step{Date: d}
		holiday := m.cal.Holiday(d)
		switch {
		case m.rules.Unit != WorkingDays:
			m.calendarDay(p, d, &n, &s)
		case !m.cal.Working(d) && holiday != "":
			s.Text = Text{holiday + "放假", "rest day: " + holidayEN(holiday)}
		case !m.cal.Working(d):
			s.Text = Text{"周末", "weekend"}
		case p.paused(d):
			s.Text = p.pausedText(d)
		default:
			n++
			s.Counts, s.Number = true, n
			s.Text = Text{fmt.Sprintf("第%d个工作日", n), fmt.Sprintf("working day %d", n)}
			if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
				s.Text.ZH += "（" + holiday + "调休上班）"
				s.Text.EN += " (make-up working day for " + holidayEN(holiday) + ")"
			}
			if m.cal.Provisional(d) {
				s.Text.ZH += "（暂定）"
				s.Text.EN += " (provisional)"
			}
		}
		steps = append(steps, s)
	}
	return steps
}

// calendarDay describes a day of a period that counts every day.
func (m *machine) calendarDay(p *period, d Date, n *int, s *Step) {
	switch {
	case p.paused(d):
		s.Text = p.pausedText(d)
	case *n < p.allowed:
		*n++
		s.Counts, s.Number = true, *n
		s.Text = Text{fmt.Sprintf("第%d日", *n), fmt.Sprintf("day %d", *n)}
	case !m.cal.Working(d):
		s.Text = Text{"休息日，顺延", "rest day: the end moves on"}
	default:
		s.Text = Text{"期限的最后一日", "the period ends on this day"}
	}
}

func (p *period) pausedText(d Date) Text {
	for _, x := range p.pauses {
		if x.party == waitingParty && x.from < d && d <= x.to {
			return Text{"等待申请人，不计入", "the applicant is awaited: not counted"}
		}
	}
	return Text{"征求意见期间，不计入", "an opinion is awaited: not counted"}
}

var holidaysEN = map[string]string{"元旦": "New Year", "春节": "Spring Festival", "清明节": "Tomb-Sweeping Day", "劳动节": "Labour Day",
	"端午节": "Dragon Boat Festival", "中秋节": "Mid-Autumn Festival", "国庆节": "National Day"}

func holidayEN(zh string) string {
	if en, ok := holidaysEN[zh]; ok {
		return en
	}
	return zh
}

// describe puts an event into words.
func (m *machine) describe(e Event) Step {
	s := Step{Date: e.Date, Event: e.Type}
	law := ""
	switch e.Type {
	case Received:
		s.Text, law = Text{"收到申请", "application received"}, "received"
	case Confirmed:
		s.Text, law = Text{"与申请人确认收到", "receipt confirmed with the applicant"}, "confirmed"
	case CorrectionRequested:
		s.Text, law = Text{"告知补正：期限停止，收到补正后重新起算", "correction asked for: the period stops, and starts afresh on the correction"}, "correction"
	case CorrectionReceived:
		s.Text, law = Text{"收到补正：期限重新起算", "correction received: the period starts afresh"}, "correction"
	case ConsultationSent:
		s.Text, law = Text{"向" + name(e.Party, "第三方") + "征求意见：期限暂停", "opinion of " + name(e.Party, "a third party") + " asked for: the period pauses"}, "consultation"
	case ConsultationReturned:
		s.Text, law = Text{"收到" + name(e.Party, "第三方") + "意见：期限继续", "opinion of " + name(e.Party, "a third party") + " received: the period goes on"}, "consultation"
	case Extended:
		s.Text = Text{fmt.Sprintf("延期%d个工作日，经%s同意", e.Days, e.ApprovedBy), fmt.Sprintf("extended by %d working days, approved by %s", e.Days, e.ApprovedBy)}
		law = "extension"
	case FeeNotified:
		s.Text, law = Text{"告知收费：期限停止，缴费后重新起算", "fee notified: the period stops, and starts afresh on payment"}, "fee"
	case FeePaid:
		s.Text, law = Text{"已缴费：期限重新起算", "fee paid: the period starts afresh"}, "fee"
	case UnreasonableVolume:
		s.Text, law = Text{"要求说明大量申请的理由", "reasons for the number of applications demanded"}, "volume"
		if e.Until != 0 {
			s.Text = Text{"确定延迟至" + e.Until.String() + "答复", "a later date is set: " + e.Until.String()}
		}
	case Forwarded:
		s.Text, law = Text{"转交有权处理的机构，自其收到起算", "forwarded to the competent organ: the period starts at its receipt"}, "forward"
	case Withdrawn:
		s.Text = Text{"申请人撤回申请", "withdrawn by the applicant"}
	case Answered:
		s.Text, law = Text{"答复", "answered"}, "answer"
	case Reopened:
		s.Text, law = Text{"依复议决定或者判决重新处理", "reopened by a decision on reconsideration or by a court"}, "reopened"
	}
	s.Law = m.rules.Articles[law]
	return s
}

func name(party, other string) string {
	if party == "" {
		return other
	}
	return party
}
