// Package mail sends the messages that the portal has queued: through an SMTP
// server, or into a folder where one can look at them.
package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"gongkai/portal"
)

// Config says where messages go.
type Config struct {
	Addr     string // host and port of the SMTP server
	TLS      string // required (STARTTLS), optional, implicit, none
	User     string
	Password string
	From     string // address of the sender
	Name     string // name of the sender
	Dir      string // folder for messages, instead of a server
}

// Outbox is the queue of messages, kept on the disk.
type Outbox interface {
	DueMail(ctx context.Context, now time.Time, limit int) ([]portal.QueuedMail, error)
	MailSent(ctx context.Context, seq uint64) error
	MailFailed(context.Context, portal.QueuedMail) error
}

// Sender sends what is in the outbox.
type Sender struct {
	Config
	Outbox Outbox
	Now    func() time.Time
	Log    *slog.Logger
}

// How a message that could not be sent is tried again.
const (
	firstPause  = time.Minute
	longPause   = 4 * time.Hour
	maxAttempts = 24 // over about three days
	pollEvery   = 5 * time.Second
	sendTimeout = 30 * time.Second
)

// Run sends messages until ctx ends.
func (s *Sender) Run(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if _, err := s.Deliver(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("mail could not be sent", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Deliver sends every message that is due and returns how many went. A
// message leaves the queue only once the server has taken it, so after a
// crash one may be sent twice, but none is lost.
func (s *Sender) Deliver(ctx context.Context) (int, error) {
	sent := 0
	for {
		due, err := s.Outbox.DueMail(ctx, s.Now(), 50)
		if err != nil || len(due) == 0 {
			return sent, err
		}
		for _, q := range due {
			err := s.send(ctx, q)
			if ctx.Err() != nil {
				return sent, ctx.Err()
			}
			if err == nil {
				sent++
			} else if !s.again(&q, err) {
				err = nil
			}
			if err != nil {
				if e := s.Outbox.MailFailed(ctx, q); e != nil {
					return sent, e
				}
			} else if e := s.Outbox.MailSent(ctx, q.Seq); e != nil {
				return sent, e
			}
		}
	}
}

// again reports whether a message that failed is to be tried again, and sets
// when. The log names the message by its number, never by its address.
func (s *Sender) again(q *portal.QueuedMail, err error) bool {
	code, refused := 0, false
	if e, ok := errors.AsType[*gomail.SendError](err); ok {
		code, refused = e.ErrorCode(), e.ErrorCode() >= 500
	}
	q.Attempts++
	if refused || q.Attempts >= maxAttempts {
		s.Log.Warn("a message is given up", "mail", q.Seq, "attempts", q.Attempts, "smtp", code)
		return false
	}
	pause := longPause
	if q.Attempts < 9 {
		pause = min(longPause, firstPause<<(q.Attempts-1))
	}
	q.After = s.Now().Add(pause)
	s.Log.Info("a message will be tried again", "mail", q.Seq, "attempts", q.Attempts, "smtp", code, "network", isNetwork(err))
	return true
}

func isNetwork(err error) bool {
	_, ok := errors.AsType[net.Error](err)
	return ok
}

// Message builds the message as it is sent.
func (s *Sender) Message(q portal.QueuedMail) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8))
	if err := m.FromFormat(s.Name, s.From); err != nil {
		return nil, fmt.Errorf("the sender's address: %w", err)
	}
	to, err := portal.MailAddress(q.To)
	if err == nil {
		err = m.To(to)
	}
	if err != nil {
		return nil, &gomail.SendError{Reason: gomail.ErrGetRcpts}
	}
	m.Subject(q.Subject)
	m.SetDateWithValue(s.Now())
	m.SetMessageID()
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if q.Stop != "" {
		m.SetListUnsubscribe("<" + q.Stop + ">")
		m.SetListUnsubscribePost()
	}
	m.SetBodyString(gomail.TypeTextPlain, q.Text)
	return m, nil
}

func (s *Sender) send(ctx context.Context, q portal.QueuedMail) error {
	m, err := s.Message(q)
	if err != nil {
		return err
	}
	if s.Dir != "" {
		if err := os.MkdirAll(s.Dir, 0o700); err != nil {
			return err
		}
		return m.WriteToFile(filepath.Join(s.Dir, fmt.Sprintf("%06d.eml", q.Seq)))
	}
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	opts := []gomail.Option{gomail.WithPort(n), gomail.WithTimeout(sendTimeout)}
	switch s.TLS {
	case "none":
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	case "optional":
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case "implicit":
		opts = append(opts, gomail.WithSSL())
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.User != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.User), gomail.WithPassword(s.Password))
	}
	c, err := gomail.NewClient(host, opts...)
	if err != nil {
		return err
	}
	return c.DialAndSendWithContext(ctx, m)
}
