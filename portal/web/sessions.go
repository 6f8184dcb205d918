package web

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/alexedwards/scs/v2"
)

// SessionStore keeps sessions (store.Sessions).
type SessionStore interface {
	Find(token string) ([]byte, bool, error)
	Change(token string, expiry time.Time, change func(now []byte) ([]byte, error)) error
	Delete(token string) error
	All() (map[string][]byte, error)
}

// sessions is the session library's store (scs.Store and its forms that take a context). The
// library loads a session when a request comes and writes the whole of it when it is answered;
// of two requests of one person at the same time the later would undo what the earlier put
// in, and bring back a session that was ended meanwhile. So what a request saw is remembered
// (tracked), and only what it changed is written.
type sessions struct{ SessionStore }

// seen is a session as a request found it.
type seen struct {
	token string
	data  []byte
}

type seenKey struct{}

// tracked gives requests their session and room to remember it.
func tracked(m *scs.SessionManager) func(next http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		next = m.LoadAndSave(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), seenKey{}, &seen{})))
		})
	}
}

// FindCtx returns the data of a session and remembers them.
func (s sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	b, there, err := s.Find(token)
	if saw, ok := ctx.Value(seenKey{}).(*seen); ok && there {
		saw.token, saw.data = token, b
	}
	return b, there, err
}

// CommitCtx writes what a request changed of a session; one that was ended meanwhile stays
// ended.
func (s sessions) CommitCtx(ctx context.Context, token string, mine []byte, expiry time.Time) error {
	saw, ok := ctx.Value(seenKey{}).(*seen)
	if !ok || saw.token != token { // it begins with this request
		return s.Commit(token, mine, expiry)
	}
	return s.Change(token, expiry, func(now []byte) ([]byte, error) {
		if now == nil {
			return nil, nil
		}
		return merged(saw.data, mine, now)
	})
}

// Commit writes a session that begins.
func (s sessions) Commit(token string, b []byte, expiry time.Time) error {
	return s.Change(token, expiry, func([]byte) ([]byte, error) { return b, nil })
}

// merged is a session as it is now with what has changed from saw to mine; now itself if
// nothing has.
func merged(saw, mine, now []byte) ([]byte, error) {
	var codec scs.GobCodec
	_, before, err := codec.Decode(saw)
	if err != nil {
		return nil, err
	}
	_, after, err := codec.Decode(mine)
	if err != nil {
		return nil, err
	}
	deadline, values, err := codec.Decode(now)
	if err != nil {
		return nil, err
	}
	changed := false
	for k, v := range after {
		if old, was := before[k]; !was || !reflect.DeepEqual(old, v) {
			values[k], changed = v, true
		}
	}
	for k := range before {
		if _, still := after[k]; !still {
			delete(values, k)
			changed = true
		}
	}
	if !changed {
		return now, nil
	}
	return codec.Encode(deadline, values)
}
