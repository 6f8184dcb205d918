package clock

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// ReadCase reads a case from JSON as the API and the command line take it.
// A case without as_of is looked at from today. What is no case at all is a
// plain error; an event that cannot be read is an *EventError.
func ReadCase(b []byte, today Date) (Case, error) {
	var raw struct {
		Jurisdiction string            `json:"jurisdiction"`
		Events       []json.RawMessage `json:"events"`
		AsOf         Date              `json:"as_of"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&raw); err != nil {
		return Case{}, fmt.Errorf("the case is not valid JSON: %w", err)
	}
	if d.More() {
		return Case{}, fmt.Errorf("there is more than one case")
	}
	c := Case{Jurisdiction: raw.Jurisdiction, AsOf: raw.AsOf}
	if c.AsOf == 0 {
		c.AsOf = today
	}
	if len(raw.Events) > MaxEvents {
		return Case{}, &EventError{Index: -1, Reason: Text{fmt.Sprintf("事件多于 %d 个", MaxEvents), fmt.Sprintf("more than %d events", MaxEvents)}}
	}
	for i, r := range raw.Events {
		var e Event
		if err := json.Unmarshal(r, &e); err != nil {
			var name struct{ Type EventType }
			_ = json.Unmarshal(r, &name) // for the message only
			return Case{}, &EventError{Index: i, Type: name.Type, Reason: Text{"无法读取：" + err.Error(), "it cannot be read: " + err.Error()}}
		}
		c.Events = append(c.Events, e)
	}
	return c, nil
}
