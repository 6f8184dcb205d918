package clock

import (
	"fmt"
	"slices"
	"strings"
)

// apply takes one event, or says why it cannot be. All refusals come before
// any change.
func (m *machine) apply(e Event) *EventError {
	first := len(m.periods) == 0
	switch {
	case first && e.Type != Received && known(e.Type):
		return m.refuse("received", "在收到申请之前不能发生", "nothing can happen before the application is received")
	case !first && e.Type == Received:
		return m.refuse("received", "一件申请只能收到一次", "an application is received once")
	case m.ended != "" && e.Type != Reopened && known(e.Type):
		return m.refuse("answer", "案件已办结", "the case is closed")
	}
	switch e.Type {
	case Received:
		return m.receive(e)
	case Confirmed:
		return m.confirm(e)
	case CorrectionRequested:
		return m.requestCorrection(e)
	case CorrectionReceived:
		return m.receiveCorrection(e)
	case ConsultationSent:
		return m.sendConsultation(e)
	case ConsultationReturned:
		return m.returnConsultation(e)
	case Extended:
		return m.extend(e)
	case FeeNotified:
		return m.notifyFee(e)
	case FeePaid:
		return m.payFee(e)
	case UnreasonableVolume:
		return m.unreasonable(e)
	case Forwarded:
		return m.forward(e)
	case Transferred:
		return m.refuse("transfer", "不属于本机关负责公开的，应当作出答复并告知有关机关的名称、联系方式，不作移送",
			"another organ's information is not transferred: answer, and name the right organ and its address")
	case Withdrawn, Answered:
		return m.end(e)
	case Reopened:
		return m.reopen(e)
	}
	return m.refuse("", "没有这种事件", "there is no such event")
}

func known(t EventType) bool {
	return slices.Contains([]EventType{Received, Confirmed, CorrectionRequested, CorrectionReceived, ConsultationSent,
		ConsultationReturned, Extended, FeeNotified, FeePaid, UnreasonableVolume, Forwarded, Transferred, Withdrawn, Answered, Reopened}, t)
}

func (m *machine) refuse(law, zh, en string, args ...any) *EventError {
	return &EventError{Reason: Text{fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}, Law: m.rules.Articles[law]}
}

// receive starts the clock on the day of receipt (第三十一条); for channels
// that need it, a later confirmed moves day 0.
func (m *machine) receive(e Event) *EventError {
	if e.Channel != "" && !slices.Contains(m.rules.ConfirmedChannels, e.Channel) && !slices.Contains(m.rules.ReceiptChannels, e.Channel) {
		return m.refuse("received", "没有收到方式 %q", "there is no channel %q", e.Channel)
	}
	m.received, m.receipt = e, e.Date
	m.begin(e.Date, m.length(e.Date))
	return nil
}

// confirm moves day 0 to the day both sides confirm (第三十一条第（三）项).
// Where the day of receipt itself counts, confirming changes nothing.
func (m *machine) confirm(e Event) *EventError {
	switch {
	case m.seen[Confirmed] > 0:
		return m.refuse("confirmed", "已经确认过", "receipt was confirmed already")
	case m.seen[Received] != total(m.seen):
		return m.refuse("confirmed", "确认应在其他步骤之前", "receipt is confirmed before any other step")
	case m.received.Channel == "":
		return m.refuse("confirmed", "收到申请未写明方式，无法判断是否以确认之日起算", "received names no channel, so it is not known whether the day of confirmation counts")
	}
	if slices.Contains(m.rules.ConfirmedChannels, m.received.Channel) {
		m.receipt = e.Date
		m.current().start, m.current().allowed = e.Date, m.length(e.Date)
	}
	return nil
}

func total(seen map[EventType]int) int {
	n := 0
	for _, v := range seen {
		n += v
	}
	return n
}

// requestCorrection stops the clock (补正, 第三十条).
func (m *machine) requestCorrection(e Event) *EventError {
	r := m.rules.Correction
	if e.Days == 0 {
		e.Days = r.UsualDays
	}
	last := m.ahead(m.receipt, r.NoticeDays)
	switch {
	case r.Effect == NoEffect:
		return m.refuse("correction", "这一规则没有补正", "these rules know no correction")
	case r.Times > 0 && m.seen[CorrectionRequested] >= r.Times:
		return m.refuse("correction", "补正告知应当一次性作出", "a correction is asked for once only")
	case m.waiting != "":
		return m.refuse("correction", "正在等待申请人", "the applicant is being waited for already")
	case r.NoticeDays > 0 && m.seen[Reopened] == 0 && e.Date > last:
		return m.refuse("correction", "补正告知应当自收到申请之日起%d个工作日内（%s前）作出", "a correction is asked for within %d working days of receipt, by %s", r.NoticeDays, last)
	case e.Days < 0 || e.Days > maxDays:
		return m.refuse("correction", "补正期限应为1至%d个工作日", "the period for the correction is 1 to %d working days", maxDays)
	}
	m.wait(e, r.Effect, e.Days, false)
	return nil
}

// receiveCorrection starts the clock afresh (第三十条).
func (m *machine) receiveCorrection(e Event) *EventError {
	switch {
	case m.waiting != CorrectionRequested:
		return m.refuse("correction", "没有待补正的告知", "no correction was asked for")
	case m.until != 0 && e.Date > m.until && strings.TrimSpace(e.Reason) == "":
		return m.refuse("correction", "补正期限已于%s届满，没有正当理由视为放弃申请", "the period for the correction ended on %s and no good reason is given: the application is deemed given up", m.until)
	}
	m.goOn(e, m.rules.Correction.Effect)
	return nil
}

// sendConsultation pauses the clock until the opinion is back or is due
// (第三十二条、第三十三条第三款、第三十四条).
func (m *machine) sendConsultation(e Event) *EventError {
	e.Party = strings.TrimSpace(e.Party)
	if e.Kind == "" {
		e.Kind = "third_party"
	}
	if e.Delivered.IsZero() {
		e.Delivered = e.Date
	}
	switch _, ok := m.rules.Consultation.Silence[e.Kind]; {
	case !ok:
		return m.refuse("consultation", "没有征求意见的种类 %q", "there is no kind of consultation %q", e.Kind)
	case e.Delivered < e.Date:
		return m.refuse("consultation", "送达日早于发出日", "it was delivered before it was sent")
	case slices.ContainsFunc(m.open, func(c consultation) bool { return c.party == e.Party }):
		return m.refuse("consultation", "对同一方的征求意见尚未答复", "an opinion of the same party is awaited already")
	}
	p := m.current()
	to := e.Date // an empty pause, where asking does not stop the clock
	if m.rules.Consultation.Pauses {
		to = m.ahead(e.Delivered, m.rules.Consultation.OpinionDays)
	}
	if n := m.rules.Consultation.DecisionDays; n > 0 && e.Kind == "third_party" {
		p.until = max(p.until, m.ahead(p.start, n))
	}
	p.pauses = append(p.pauses, pause{e.Date, to, e.Party})
	m.open = append(m.open, consultation{e.Party, len(m.periods) - 1, len(p.pauses) - 1})
	return nil
}

func (m *machine) returnConsultation(e Event) *EventError {
	i := m.matching(e.Party)
	if i < 0 {
		return m.refuse("consultation", "没有等待该方的意见", "no opinion of that party is awaited")
	}
	c := m.open[i]
	x := &m.periods[c.period].pauses[c.index]
	x.to = min(x.to, e.Date)
	m.open = slices.Delete(m.open, i, i+1)
	return nil
}

// extend adds working days to the running deadline (第三十三条第二款).
func (m *machine) extend(e Event) *EventError {
	r := m.rules.Extension
	switch {
	case r.Times == 0:
		return m.refuse("extension", "这一规则没有延期", "these rules know no extension")
	case m.seen[Extended] >= r.Times:
		return m.refuse("extension", "只能延期一次", "the period can be extended once only")
	case m.waiting != "":
		return m.refuse("extension", "正在等待申请人，没有进行中的答复期限", "the applicant is being waited for: no period runs that could be extended")
	case e.Days < 1 || e.Days > r.Days && r.Days >= 0 || e.Days > maxDays:
		if r.Days < 0 {
			r.Days = maxDays
		}
		if m.rules.Unit != WorkingDays {
			return m.refuse("extension", "延长的期限为1至%d日", "an extension is 1 to %d days", r.Days)
		}
		return m.refuse("extension", "延长的期限为1至%d个工作日", "an extension is 1 to %d working days", r.Days)
	case !r.NoApprover && strings.TrimSpace(e.ApprovedBy) == "":
		return m.refuse("extension", "延期应当经政府信息公开工作机构负责人同意，须写明姓名", "an extension needs the approval of the head of the disclosure office, by name")
	}
	if d := m.deadline(m.current()); e.Date > d {
		return m.refuse("extension", "延期应当在期限届满（%s）前作出并告知申请人", "an extension is approved and told to the applicant before the deadline, %s", d)
	}
	m.extra += e.Days
	m.current().allowed += e.Days
	return nil
}

// notifyFee stops the clock until the fee is paid (国办函〔2020〕109号第六条).
func (m *machine) notifyFee(e Event) *EventError {
	switch {
	case m.rules.Fee.Effect == NoEffect:
		return m.refuse("fee", "在这一规则下收费不影响期限", "under these rules a fee does not affect the period")
	case m.seen[FeeNotified] > 0:
		return m.refuse("fee", "一件申请只收费一次", "the fee for an application is asked once")
	case m.waiting != "":
		return m.refuse("fee", "正在等待申请人", "the applicant is being waited for already")
	case e.Date < m.rules.Fee.Effective:
		return m.refuse("fee", "收费办法自%s起施行", "the fee rules took effect on %s", m.rules.Fee.Effective)
	}
	if d := m.deadline(m.current()); e.Date > d {
		return m.refuse("fee", "收费告知应当在办理期限（%s）内作出", "the fee is notified within the handling period, by %s", d)
	}
	m.wait(e, m.rules.Fee.Effect, m.rules.Fee.PaymentDays, m.rules.Fee.Inclusive)
	return nil
}

func (m *machine) payFee(e Event) *EventError {
	switch {
	case m.waiting != FeeNotified:
		return m.refuse("fee", "没有待缴的费用", "no fee is due")
	case m.until != 0 && e.Date > m.until:
		return m.refuse("fee", "缴费期限已于%s届满，视为放弃申请", "the time to pay ended on %s: the application is deemed given up", m.until)
	}
	m.goOn(e, m.rules.Fee.Effect)
	return nil
}

// unreasonable records that reasons were demanded, and the later date if
// one was set (第三十五条).
func (m *machine) unreasonable(e Event) *EventError {
	if e.Until.IsZero() {
		return nil // reasons demanded; the clock runs on
	}
	if m.waiting != "" {
		return m.refuse("volume", "正在等待申请人", "the applicant is being waited for")
	}
	d := m.deadline(m.current())
	switch {
	case e.Date > d:
		return m.refuse("volume", "延迟答复应当在期限（%s）内告知", "a later date is told within the period, by %s", d)
	case e.Until <= d:
		return m.refuse("volume", "延迟答复的日期应当晚于期限（%s）", "the later date lies after the deadline, %s", d)
	case e.Until > e.Date+5*maxDays:
		return m.refuse("volume", "延迟答复的日期不合理", "the later date is not reasonable")
	}
	m.current().until = e.Until
	return nil
}

// forward restarts the clock at the competent organ's receipt.
func (m *machine) forward(e Event) *EventError {
	if m.waiting != "" || m.seen[Extended] > 0 {
		return m.refuse("forward", "已经开始办理，不能再转交", "the case is being handled and can no longer be forwarded")
	}
	on := e.Date
	if n := m.rules.ForwardCap; n > 0 {
		on = min(on, m.receipt+Date(n))
	}
	m.receipt = on
	m.begin(on, m.length(on))
	return nil
}

// end closes the case: it is answered, or its applicant took it back.
func (m *machine) end(e Event) *EventError {
	m.ended = e.Type
	s := Done
	if e.Type == Withdrawn {
		s = Gone
	}
	if p := m.current(); p.stop == 0 {
		p.stop = e.Date
	}
	m.mark(e.Date, s, 0)
	return nil
}

// reopen starts a new period that a reconsideration or a court has set.
func (m *machine) reopen(e Event) *EventError {
	if e.Days == 0 {
		e.Days = m.length(e.Date)
	}
	switch {
	case m.ended != Answered && (m.waiting == "" || m.until == 0 || e.Date <= m.until):
		return m.refuse("reopened", "案件尚未办结", "the case is not closed")
	case e.Days < 1 || e.Days > maxDays:
		return m.refuse("reopened", "重新处理的期限为1至%d个工作日", "the period set is 1 to %d working days", maxDays)
	}
	m.ended = ""
	m.begin(e.Date, e.Days)
	return nil
}
