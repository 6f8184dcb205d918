package people

import (
	"sync"
	"time"

	"gongkai/portal"
)

// Lock-out after wrong passwords: the fifth in a row from one network locks
// this login for this network for a minute, and each further one for twice as
// long, up to an hour. Who knows the password is not kept out by somebody who
// guesses elsewhere.
const (
	freeFailures = 4
	longestLock  = time.Hour
	// crowd is from how many wrong passwords within an hour, from wherever, each
	// try for a login costs a proof of work.
	crowd = 30
)

// Guard counts guesses at passwords. It counts a guess before it is checked, so
// that many at once are no more than many one after another, and it treats a
// login that does not exist like any other. The zero Guard is ready for use; a
// nil one lets everything pass.
type Guard struct {
	mu sync.Mutex
	by map[string]*tries
}

// tries are the wrong guesses since the last right one.
type tries struct {
	failures int
	until    time.Time // locked until
	last     time.Time
}

// mostTries bounds how many are kept in mind.
const mostTries = 200_000

func (g *Guard) get(key string, now time.Time) *tries {
	if g.by == nil {
		g.by = make(map[string]*tries)
	}
	t := g.by[key]
	if t == nil || now.Sub(t.last) > 2*longestLock {
		if len(g.by) >= mostTries {
			for k, x := range g.by {
				if now.After(x.until) {
					delete(g.by, k)
				}
			}
		}
		t = &tries{}
		g.by[key] = t
	}
	return t
}

func guardKey(l portal.Login, from string) string { return string(l) + "\x00" + from }

// Try counts a guess that is about to be checked. It returns when the next may
// be made if this one may not, and whether a lock has begun with this one.
func (g *Guard) Try(l portal.Login, from string, now time.Time) (until time.Time, began bool) {
	if g == nil {
		return time.Time{}, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.get(guardKey(l, from), now)
	if now.Before(t.until) {
		return t.until, false
	}
	t.failures++
	t.last = now
	all := g.get(string(l), now)
	if now.Sub(all.last) > longestLock {
		all.failures = 0
	}
	all.failures++
	all.last = now
	if over := t.failures - freeFailures; over > 0 {
		lock := longestLock
		if over < 7 {
			lock = min(longestLock, time.Minute<<(over-1))
		}
		t.until = now.Add(lock)
		return time.Time{}, true
	}
	return time.Time{}, false
}

// Right takes back what was counted: the guess was the password.
func (g *Guard) Right(l portal.Login, from string) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.by, guardKey(l, from))
	if all := g.by[string(l)]; all != nil && all.failures > 0 {
		all.failures--
	}
}

// Crowded reports whether so much is guessed at a login that each try should
// cost a proof of work. It is so for logins that do not exist too.
func (g *Guard) Crowded(l portal.Login, now time.Time) bool {
	if g == nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.by[string(l)]
	return t != nil && t.failures >= crowd && now.Sub(t.last) < longestLock
}

// knownLogin is a login as the log may hold it: what was typed in its place
// may be a password.
func knownLogin(l portal.Login, known bool) portal.Login {
	if known {
		return l
	}
	return "???"
}
