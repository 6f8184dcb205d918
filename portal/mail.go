package portal

import (
	"errors"
	"net/mail"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

// Mail is a message to be sent. It is sealed in the store until it has gone.
type Mail struct {
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	// Stop is the address of a one-click stop (RFC 8058), of messages that
	// come again and again.
	Stop string `json:"stop,omitempty"`
}

// QueuedMail is a message on its way.
type QueuedMail struct {
	Mail
	Seq      uint64    `json:"-"`
	Attempts int       `json:"attempts,omitempty"`
	After    time.Time `json:"after,omitzero"` // not before
}

func ValidEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 {
		return false
	}
	_, err = MailAddress(s)
	return err == nil
}

// MailAddress is an address as mail servers take it: an international domain in
// its ASCII form. A name before the @ that is not ASCII is refused, since few
// servers take one.
func MailAddress(s string) (string, error) {
	at := strings.LastIndexByte(s, '@')
	if at < 1 {
		return "", errors.New("no address")
	}
	for i := range at {
		if s[i] >= 0x80 {
			return "", errors.New("the name is not ASCII")
		}
	}
	domain, err := idna.Lookup.ToASCII(s[at+1:])
	return s[:at+1] + domain, err
}
