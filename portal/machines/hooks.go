package machines

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gongkai/portal"
)

// Hook is an address that is told of what is published, corrected and withdrawn (网络回调).
// It is told in the order of the change log; of a record that changes twice before it is
// told, the last change is told. What it answers with anything but 2xx is told again.
type Hook struct {
	ID     string       `json:"id"`
	URL    string       `json:"url"`
	Kind   string       `json:"kind,omitempty"` // of records; "" for all
	By     portal.Login `json:"by"`
	At     time.Time    `json:"at"`
	Seen   uint64       `json:"seen"`  // place in the change log up to which it was told
	Tries  int          `json:"tries"` // that failed since it last answered
	Next   time.Time    `json:"next,omitzero"`
	Answer string       `json:"answer,omitempty"` // to the last try
	Off    bool         `json:"off,omitempty"`    // it failed too often
}

// HookKind is a hook as a record. None of it is public.
var HookKind = portal.Register[Hook](portal.RecordKind{Code: "hook", Bucket: "hooks", Field: "url"}, nil)

// Limits of hooks.
const (
	MaxHooks = 50
	maxTries = 12 // with pauses that double from a minute to six hours: two days
	atOnce   = 200
)

// Changes is the change log, with what is public of each record.
type Changes interface {
	ChangesAfter(ctx context.Context, seq uint64, limit int) ([]portal.Change, error)
	LastChange() uint64
	Known(keys ...portal.Key) []*portal.Listing
}

// Event is what a hook is told.
type Event struct {
	ID      string    `json:"id"`    // of this telling, the same when it is repeated
	Event   string    `json:"event"` // published, corrected or withdrawn
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Record  string    `json:"record"`
	Title   string    `json:"title,omitempty"`
	URL     string    `json:"url"`
	Version int       `json:"version,omitempty"`
	Reason  string    `json:"reason,omitempty"` // of a withdrawal
}

// Post sends a body to an address, signed, and tells the status of the answer.
type Post func(ctx context.Context, address, signature, id string, body []byte) (status int, err error)

// AddHook adds an address, which is told of what changes from now on.
func (u Machines) AddHook(ctx context.Context, by portal.Actor, address, kind string) (*Hook, error) {
	if err := by.Need(portal.ManagePeople, ""); err != nil {
		return nil, err
	}
	var p portal.Problems
	if a, err := url.Parse(address); err != nil || a.Scheme != "https" && a.Scheme != "http" || a.Host == "" || a.User != nil || len(address) > portal.MaxLine {
		p.Add("url", "error.address", nil)
	}
	if kind != "" && !portal.ContentKinds.Has(kind) {
		p.Add("kind", "error.choose", nil)
	}
	if all, err := u.Hooks.All(ctx, nil); err != nil {
		return nil, err
	} else if len(all) >= MaxHooks {
		p.Add("url", "error.too_many", portal.Args{"Limit": MaxHooks})
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	id := strings.ToLower(rand.Text()[:10])
	return u.Hooks.Change(ctx, by, id, portal.Absent, "add_hook", u.Now(), func(h *Hook) (string, error) {
		*h = Hook{ID: id, URL: address, Kind: kind, By: by.Login, At: u.Now().UTC(), Seen: u.Changes.LastChange()}
		return address, nil
	})
}

// SetHook ends a hook, or begins it again where it was.
func (u Machines) SetHook(ctx context.Context, by portal.Actor, id string, on bool) error {
	_, err := u.Hooks.Change(ctx, by, id, portal.Latest, "set_hook", u.Now(), func(h *Hook) (string, error) {
		if err := by.Need(portal.ManagePeople, ""); err != nil {
			return "", err
		}
		h.Off, h.Tries, h.Next = !on, 0, time.Time{}
		return h.URL + " " + strconv.FormatBool(on), nil
	})
	return err
}

// SecretOf is with what a hook's events are signed. It is derived and kept nowhere.
func (u Machines) SecretOf(ctx context.Context, id string) (string, error) {
	return portal.LinkToken(ctx, u.Secrets, "hooks", "hook", id)
}

// Sign signs a body: "sha256=" and the HMAC-SHA256 in hexadecimal.
func Sign(secret string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write(body)
	return "sha256=" + hex.EncodeToString(h.Sum(nil))
}

// Tell tells every hook what has changed since it was last told, and returns how many events
// were taken. A hook that fails is tried again later, and stops none of the others.
func (u Machines) Tell(ctx context.Context, origin string, post Post) (told int, err error) {
	hooks, err := u.Hooks.All(ctx, func(h *Hook) bool { return !h.Off && !u.Now().Before(h.Next) })
	if err != nil {
		return 0, err
	}
	for _, h := range hooks {
		n, err := u.tell(ctx, h, origin, post)
		told += n
		if err != nil {
			return told, err
		}
	}
	return told, ctx.Err()
}

func (u Machines) tell(ctx context.Context, h *Hook, origin string, post Post) (told int, err error) {
	changes, err := u.Changes.ChangesAfter(ctx, h.Seen, atOnce)
	if err != nil || len(changes) == 0 {
		return 0, err
	}
	secret, err := u.SecretOf(ctx, h.ID)
	if err != nil {
		return 0, err
	}
	seen, failed, answer := h.Seen, false, h.Answer
	for _, c := range changes {
		e := u.eventOf(c, origin)
		if h.Kind != "" && e.Kind != h.Kind {
			seen = c.Seq
			continue
		}
		body, err := json.Marshal(e)
		if err != nil {
			return told, err
		}
		status, err := post(ctx, h.URL, Sign(secret, body), e.ID, body)
		if ctx.Err() != nil {
			break
		}
		if answer = strconv.Itoa(status); err != nil {
			answer = "no answer" // what the network says may name what is nobody's business
		}
		if failed = err != nil || status < 200 || status > 299; failed {
			break
		}
		seen = c.Seq
		told++
	}
	_, err = u.Hooks.Change(context.WithoutCancel(ctx), portal.System("hooks"), h.ID, portal.Latest, "", u.Now(), func(now *Hook) (string, error) {
		now.Seen, now.Answer = max(now.Seen, seen), answer
		if !failed {
			now.Tries, now.Next = 0, time.Time{}
			return "", nil
		}
		now.Tries++
		now.Next = u.Now().UTC().Add(min(6*time.Hour, time.Minute<<min(now.Tries-1, 10)))
		now.Off = now.Tries >= maxTries
		return "", nil
	})
	return told, err
}

// eventOf is what a change says in public.
func (u Machines) eventOf(c portal.Change, origin string) *Event {
	l := u.Changes.Known(c.Key)[0]
	e := &Event{ID: fmt.Sprintf("%d", c.Seq), Event: "published", Kind: c.Key.Kind, Record: c.Key.ID, URL: origin + c.Key.Path(), At: u.Now().UTC()}
	switch {
	case l == nil: // it is gone: whoever has it should forget it
		e.Event = "withdrawn"
	case l.Withdrawn:
		e.Event, e.At, e.Title, e.Reason = "withdrawn", l.ChangedAt.UTC(), l.Title, l.Reason
	default:
		e.At, e.Title, e.Version = l.ChangedAt.UTC(), l.Title, l.Version
		if l.Version > 1 {
			e.Event = "corrected"
		}
	}
	return e
}
