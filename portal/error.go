package portal

import (
	"context"
	"errors"
	"fmt"

	"gongkai/portal/text"
)

// Kind classes an error by what the caller can do about it. The zero Kind is
// Internal, the one that tells a visitor nothing.
type Kind int

// The kinds of errors.
const (
	Internal Kind = iota
	Invalid
	NotFound
	Conflict
	Forbidden
	Unauthenticated
	TooLarge
	TooMany
	Unavailable
)

// Args are the values of a message's placeholders.
type Args map[string]any

// Problem is a mistake in one field of a form, as a message key.
type Problem struct {
	Field string `json:"field,omitempty"`
	Key   string `json:"key"`
	Args  Args   `json:"args,omitempty"`
}

// Error is an error that a visitor may be told about: Key is translated into
// the visitor's language, Err is for the log only.
type Error struct {
	Kind     Kind
	Key      string
	Args     Args
	Problems []Problem // of a form, in the order of its fields
	Err      error
}

// Error returns the text for the log.
func (e *Error) Error() string {
	s := e.Key
	for _, p := range e.Problems {
		s += " " + p.Field + ":" + p.Key
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the outermost Error in err's chain, or Internal
// if there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Wrong is the error of one field of a form.
func Wrong(field, key string, args Args) *Error {
	return &Error{Kind: Invalid, Key: "error.form", Problems: []Problem{{field, key, args}}}
}

// Doing says in the log what was being done when an error came up. An error that a
// visitor is told of, or that says that nobody waits any more, stays as it is.
func Doing(what string, err error) error {
	if err == nil || KindOf(err) != Internal || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// Missing is the error for a record that is not there, or not for the asker.
func Missing() error { return &Error{Kind: NotFound, Key: "error.not_found"} }

// Damaged is the error of a file that is not what it says it is; why is for the
// log.
func Damaged(why error) error { return &Error{Kind: Invalid, Key: "error.file_damaged", Err: why} }

// Problems collects the mistakes in a form.
type Problems []Problem

func (p *Problems) Add(field, key string, args Args) {
	*p = append(*p, Problem{field, key, args})
}

// Past checks the day of something that has happened: there is one, and it is
// not to come.
func (p *Problems) Past(field string, day, today Date) {
	switch {
	case day.IsZero():
		p.Add(field, "error.required", nil)
	case day > today:
		p.Add(field, "error.future", nil)
	}
}

// Err returns nil if nothing was collected.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: "error.form", Problems: p}
}

// CheckReason checks the reason that somebody must give for what they do.
func CheckReason(reason string) error {
	var p Problems
	p.Text("reason", reason, true, MaxNote)
	return p.Err()
}

// Text checks a text field: present if required, valid, and at most limit
// characters.
func (p *Problems) Text(field, value string, required bool, limit int) {
	switch n := len([]rune(value)); {
	case required && text.IsBlank(value):
		p.Add(field, "error.required", nil)
	case n > limit:
		p.Add(field, "error.too_long", Args{"Limit": limit, "Length": n})
	}
}
