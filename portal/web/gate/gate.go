// Package gate keeps a portal from being asked too much: limits by network, and
// passes that a browser works for.
package gate

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math/bits"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// CrowdBurst is how often a pass may try a login at which many guess.
const CrowdBurst = 5

// Gate bounds how often a network, or a browser that has done some work for it,
// may do something.
type Gate struct {
	*page.Site
	limits *limiter
	passes *passes
	free   []*net.IPNet
}

// New makes a gate; the secrets hold the key of its passes. Networks that are free are
// limited in nothing that is read.
func New(ctx context.Context, s *page.Site, secrets portal.Secrets, free []*net.IPNet) (*Gate, error) {
	p, err := newPasses(ctx, secrets, s.Now)
	return &Gate{s, newLimiter(s.Now), p, free}, err
}

// isFree reports whether a request only reads, and comes from a network that is free.
func (s *Gate) isFree(c echo.Context) bool {
	if len(s.free) == 0 || c.Request().Method != http.MethodGet && c.Request().Method != http.MethodHead {
		return false
	}
	ip := net.ParseIP(c.RealIP())
	return slices.ContainsFunc(s.free, func(n *net.IPNet) bool { return n.Contains(ip) })
}

// A pass is what a browser gets for a proof of work: sums that take it a second
// or two, and a program that asks thousands of times as many. Whoever asks too
// often from one network is asked for one; the pass has room of its own, so
// that people behind the same address are not kept out by each other.
const (
	passBits    = 17 // zeros that the sum must begin with: 131,000 tries on average
	passMinutes = 30
	passTime    = 10 * time.Minute // to find it
	passCookie  = "pass"
	passFactor  = 4 // how many times the room of an address a pass has
)

// passes makes and checks them.
type passes struct {
	key  []byte
	now  func() time.Time
	mu   sync.Mutex
	used map[string]time.Time // puzzles that were solved
}

func newPasses(ctx context.Context, s portal.Secrets, now func() time.Time) (*passes, error) {
	key, err := s.Secret(ctx, "pass", func() []byte { return []byte(rand.Text() + rand.Text()) })
	return &passes{key: key, now: now, used: make(map[string]time.Time)}, err
}

func (p *passes) sign(what string) string {
	h := hmac.New(sha256.New, p.key)
	h.Write([]byte(what))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}

// issue makes something of a kind that is good for a time:
// text.time.signature.
func (p *passes) issue(kind string, good time.Duration) string {
	what := rand.Text()[:16] + "." + strconv.FormatInt(p.now().Add(good).Unix(), 36)
	return what + "." + p.sign(kind+" "+what)
}

// puzzle is what a browser is to solve.
func (p *passes) puzzle() string { return p.issue("puzzle", passTime) }

// signed checks the signature and the time of what was issued.
func (p *passes) signed(kind, s string) bool {
	i := strings.LastIndexByte(s, '.')
	if i < 0 || len(s) > 200 || !hmac.Equal([]byte(s[i+1:]), []byte(p.sign(kind+" "+s[:i]))) {
		return false
	}
	_, until, _ := strings.Cut(s[:i], ".")
	at, err := strconv.ParseInt(until, 36, 64)
	return err == nil && p.now().Unix() < at
}

// solve checks a solution, which counts once, and makes a pass for it.
func (p *passes) solve(puzzle, solution string) (string, bool) {
	if !p.signed("puzzle", puzzle) || len(solution) > 20 {
		return "", false
	}
	if sum := sha256.Sum256([]byte(puzzle + ":" + solution)); bits.LeadingZeros32(uint32(sum[0])<<24|uint32(sum[1])<<16|uint32(sum[2])<<8|uint32(sum[3])) < passBits {
		return "", false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if _, used := p.used[puzzle]; used {
		return "", false
	}
	if len(p.used) > 10_000 {
		for k, t := range p.used {
			if now.After(t) {
				delete(p.used, k)
			}
		}
	}
	p.used[puzzle] = now.Add(passTime)
	return p.issue("pass", passMinutes*time.Minute), true
}

// passOf is the pass that a request brings; "" for none that is good.
func (s *Gate) passOf(c echo.Context) string {
	if k, err := c.Cookie(s.Cookie(passCookie)); err == nil && s.passes.signed("pass", k.Value) {
		sum := sha256.Sum256([]byte(k.Value))
		return hex.EncodeToString(sum[:8])
	}
	return ""
}

// Pass answers POST /pass: a solution for a pass.
func (s *Gate) Pass(c echo.Context) error {
	v, ok := s.passes.solve(c.FormValue("puzzle"), c.FormValue("solution"))
	if !ok {
		return &portal.Error{Kind: portal.Invalid, Key: "error.form"}
	}
	c.SetCookie(&http.Cookie{Name: s.Cookie(passCookie), Value: v, Path: s.BasePath + "/", MaxAge: passMinutes * 60, SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: s.Secure})
	return c.NoContent(http.StatusNoContent)
}

// TooOften refuses what an address does too often. A browser is told how to go
// on.
func (s *Gate) TooOften(c echo.Context) error {
	c.Response().Header().Set("Retry-After", "60")
	return &portal.Error{Kind: portal.TooMany, Key: "error.too_often"}
}

// Within reports whether a request is within the limit of its network, or of
// its pass.
func (s *Gate) Within(c echo.Context, what string, burst int) bool {
	if s.limits.allow(what, page.Network(c.RealIP()), burst) {
		return true
	}
	return s.PassWithin(c, what, passFactor*burst)
}

// Everybody reports whether something is within a limit for all who ask together.
func (s *Gate) Everybody(what string, burst int) bool { return s.limits.allow(what, "", burst) }

// PassWithin reports whether a request brings a pass that is within a limit.
func (s *Gate) PassWithin(c echo.Context, what string, burst int) bool {
	pass := s.passOf(c)
	return pass != "" && s.limits.allow(what, "pass "+pass, burst)
}

// Puzzle is what a browser is to solve that asked too often, and how hard it is.
func (s *Gate) Puzzle() (puzzle string, bits int) { return s.passes.puzzle(), passBits }

// limiter bounds how often one address may do something.
type limiter struct {
	now func() time.Time
	mu  sync.Mutex
	by  map[string]*rate.Limiter
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, by: make(map[string]*rate.Limiter)}
}

// allow reports whether the address may do what once more: a burst at once,
// and then as many each minute.
func (l *limiter) allow(what, address string, burst int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.by) > 100_000 { // those who have been quiet are forgotten; of a flood all, rather than fill the memory
		now := l.now()
		for k, r := range l.by {
			if r.TokensAt(now) >= float64(r.Burst()) {
				delete(l.by, k)
			}
		}
		if len(l.by) > 90_000 {
			l.by = make(map[string]*rate.Limiter)
		}
	}
	key := what + " " + address
	r := l.by[key]
	if r == nil {
		r = rate.NewLimiter(rate.Limit(float64(burst)/60), burst)
		l.by[key] = r
	}
	return r.AllowN(l.now(), 1)
}

// Limited refuses what a network does too often.
func (s *Gate) Limited(what string, burst int) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			h := c.Response().Header()
			h.Set("RateLimit-Policy", `"`+what+`";q=`+strconv.Itoa(burst)+`;w=60`)
			if !s.isFree(c) && !s.Within(c, what, burst) {
				h.Set("RateLimit", `"`+what+`";r=0;t=60`)
				return s.TooOften(c)
			}
			return next(c)
		}
	}
}
