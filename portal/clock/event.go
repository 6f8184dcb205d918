package clock

import "fmt"

// EventType names a step of a case that the clock knows.
type EventType string

// The events of an application. The contract of the API and the command line
// fixes their names.
const (
	Received             EventType = "received"              // 收到申请
	Confirmed            EventType = "confirmed"             // 双方确认
	CorrectionRequested  EventType = "correction_requested"  // 补正告知
	CorrectionReceived   EventType = "correction_received"   // 收到补正
	ConsultationSent     EventType = "consultation_sent"     // 征求意见
	ConsultationReturned EventType = "consultation_returned" // 收到意见
	Extended             EventType = "extended"              // 延期答复
	FeeNotified          EventType = "fee_notified"          // 收费告知
	FeePaid              EventType = "fee_paid"              // 缴费
	UnreasonableVolume   EventType = "unreasonable_volume"   // 说明理由（第三十五条）
	Forwarded            EventType = "forwarded"             // 转交有权处理的机构
	Transferred          EventType = "transferred"           // 移送（中国法不适用）
	Withdrawn            EventType = "withdrawn"             // 撤回申请
	Answered             EventType = "answered"              // 答复
	Reopened             EventType = "reopened"              // 复议或诉讼后重新处理
)

// Event is one recorded step, on the day that counts for it.
type Event struct {
	Type       EventType `json:"type"`
	Date       Date      `json:"date"`
	Channel    string    `json:"channel,omitempty"`     // of received: in_person, registered_mail, mail, fax, web, oral
	Days       int       `json:"days,omitempty"`        // working days given or added
	ApprovedBy string    `json:"approved_by,omitempty"` // of extended: the head of the disclosure office
	Party      string    `json:"party,omitempty"`       // of a consultation: who is asked
	Kind       string    `json:"kind,omitempty"`        // of a consultation: third_party, co_maker, organ
	Delivered  Date      `json:"delivered,omitzero"`    // of a consultation: the day the party got the letter, by default Date
	Until      Date      `json:"until,omitzero"`        // of unreasonable_volume: the later date set
	Reason     string    `json:"reason,omitempty"`      // of correction_received: the good reason for being late
	Way        string    `json:"way,omitempty"`         // of answered: posted, signed_for, sent
}

// Case is what a clock is computed from.
type Case struct {
	Jurisdiction string  `json:"jurisdiction"`
	Events       []Event `json:"events"`
	AsOf         Date    `json:"as_of,omitzero"` // the day to look from
}

// State says whose move it is. Being late is not a state: see Result.Left.
type State string

// The states of a case. Exactly one holds on any day.
const (
	Running          State = "running"           // 办理中
	Paused           State = "paused"            // 征求意见，期限中止
	WaitingApplicant State = "waiting_applicant" // 等待申请人
	Lapsed           State = "lapsed"            // 视为放弃
	Done             State = "answered"          // 已答复
	Gone             State = "withdrawn"         // 已撤回
)

// EventError says which event cannot be, and why.
type EventError struct {
	Index  int       // in the list as given, from 0; -1 for the case as a whole
	Type   EventType // as given
	Reason Text
	Law    Text // the article that forbids it; may be empty
}

// Error returns the English text.
func (e *EventError) Error() string { return e.Text("en") }

// Text says what is wrong in the language.
func (e *EventError) Text(lang string) string {
	reason, law := e.Reason.In(lang), e.Law.In(lang)
	if law != "" {
		reason += " (" + law + ")"
	}
	if e.Index < 0 {
		return reason
	}
	if lang != "zh" {
		return fmt.Sprintf("event %d (%s): %s", e.Index+1, e.Type, reason)
	}
	return fmt.Sprintf("第%d个事件（%s）：%s", e.Index+1, e.Type, reason)
}
