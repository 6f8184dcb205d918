package people

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/text"
)

// SecondFactor is what a person proves to be themselves with besides the
// password: codes of an app (TOTP, RFC 6238), passkeys (WebAuthn), and recovery
// codes for when those are lost. It is sealed.
type SecondFactor struct {
	Secret   string    `json:"secret,omitempty"`   // of the app, in base 32
	LastStep int64     `json:"last_step,omitzero"` // of the last code that was taken: none is taken twice
	Passkeys []Passkey `json:"passkeys,omitempty"`
	Recovery []string  `json:"recovery,omitempty"` // hashes of the codes that are left
}

// Passkey is a key that lies in a person's device.
type Passkey struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Credential json.RawMessage `json:"credential"` // as the WebAuthn library keeps it
	Added      time.Time       `json:"added"`
}

// Any reports whether there is one.
func (f *SecondFactor) Any() bool { return f.Secret != "" || len(f.Passkeys) > 0 }

// Codes makes and checks the codes of an app.
type Codes interface {
	// New makes a secret for an account, and its address for the app.
	New(account string) (secret, address string, err error)
	// Check tells the step of time that a code belongs to, near now.
	Check(secret, code string, now time.Time) (step int64, ok bool)
}

// recoveryCodes is how many are made at once.
const recoveryCodes = 10

// RequiresSecond reports whether one of a person's roles needs a second factor.
func (u People) RequiresSecond(p *portal.Person) bool {
	return slices.ContainsFunc(p.Grants, func(g portal.Grant) bool { return slices.Contains(u.SecondFor, g.Role) })
}

// CheckSecond checks a code of the app, or a recovery code, which is used up.
// Guesses are counted like those at passwords.
func (u People) CheckSecond(ctx context.Context, p *portal.Person, code, from string) error {
	now := u.Now()
	key := p.Login + " second"
	if until, _ := u.Guard.Try(key, from, now); !until.IsZero() {
		return &portal.Error{Kind: portal.TooMany, Key: "error.locked", Args: portal.Args{"Time": until.In(now.Location()).Format("15:04:05")}}
	}
	wrong := portal.Wrong("code", "error.code_wrong", nil)
	code = strings.ToUpper(text.Squeeze(code))
	by := p.Actor()
	err := u.Store.ChangeSecondFactor(ctx, by, p.Login, "", now, func(f *SecondFactor) error {
		if step, ok := u.Codes.Check(f.Secret, code, now); f.Secret != "" && ok && step > f.LastStep {
			f.LastStep = step
			return nil
		}
		if i := slices.Index(f.Recovery, recoveryHash(code)); i >= 0 {
			f.Recovery = slices.Delete(f.Recovery, i, i+1)
			return nil
		}
		return wrong
	})
	if err != nil {
		if portal.KindOf(err) == portal.Invalid {
			if e := u.Store.Note(ctx, by, "second factor failed", "person/"+string(p.Login), from, now); e != nil {
				return e
			}
		}
		return err
	}
	u.Guard.Right(key, from)
	return nil
}

func recoveryHash(code string) string {
	sum := sha256.Sum256([]byte("gongkai recovery " + code))
	return hex.EncodeToString(sum[:])
}

// SetSecond begins the use of an app: the code shows that it has the secret.
// The recovery codes that it returns are shown once.
func (u People) SetSecond(ctx context.Context, by portal.Actor, secret, code string) (recovery []string, err error) {
	step, ok := u.Codes.Check(secret, text.Squeeze(code), u.Now())
	if !ok {
		return nil, portal.Wrong("code", "error.code_wrong", nil)
	}
	err = u.Store.ChangeSecondFactor(ctx, by, by.Login, "set second factor", u.Now(), func(f *SecondFactor) error {
		f.Secret, f.LastStep = secret, step
		recovery = f.renew()
		return nil
	})
	return recovery, err
}

// renew makes new recovery codes.
func (f *SecondFactor) renew() []string {
	f.Recovery = nil
	var out []string
	for range recoveryCodes {
		code := rand.Text()[:24] // 120 bits
		out = append(out, string(bytes.Join(slices.Collect(slices.Chunk([]byte(code), 4)), []byte("-"))))
		f.Recovery = append(f.Recovery, recoveryHash(code))
	}
	return out
}

// AddPasskey adds a key of a device; with the first factor come recovery codes.
func (u People) AddPasskey(ctx context.Context, by portal.Actor, k Passkey) (recovery []string, err error) {
	var p portal.Problems
	if p.Text("name", k.Name, true, portal.MaxName); p.Err() != nil {
		return nil, p.Err()
	}
	err = u.Store.ChangeSecondFactor(ctx, by, by.Login, "add passkey", u.Now(), func(f *SecondFactor) error {
		if len(f.Passkeys) >= 10 {
			return portal.Wrong("name", "error.too_many", portal.Args{"Limit": 10})
		}
		if !f.Any() {
			recovery = f.renew()
		}
		k.Added = u.Now().UTC()
		f.Passkeys = append(f.Passkeys, k)
		return nil
	})
	return recovery, err
}

// DropPasskey removes one.
func (u People) DropPasskey(ctx context.Context, by portal.Actor, id string) error {
	return u.Store.ChangeSecondFactor(ctx, by, by.Login, "drop passkey", u.Now(), func(f *SecondFactor) error {
		f.Passkeys = slices.DeleteFunc(f.Passkeys, func(k Passkey) bool { return k.ID == id })
		return nil
	})
}

// UsedPasskey keeps the state of a key that was used: its counter tells a copy.
func (u People) UsedPasskey(ctx context.Context, by portal.Actor, id string, credential json.RawMessage) error {
	return u.Store.ChangeSecondFactor(ctx, by, by.Login, "", u.Now(), func(f *SecondFactor) error {
		for i := range f.Passkeys {
			if f.Passkeys[i].ID == id {
				f.Passkeys[i].Credential = credential
			}
		}
		return nil
	})
}

// DropSecond ends every second factor of a person: their own, or, for one who
// has lost everything, by an administrator.
func (u People) DropSecond(ctx context.Context, by portal.Actor, l portal.Login) error {
	if by.Login != l {
		if err := by.Need(portal.ManagePeople, ""); err != nil {
			return err
		}
	}
	return u.Store.ChangeSecondFactor(ctx, by, l, "drop second factor", u.Now(), func(f *SecondFactor) error {
		*f = SecondFactor{}
		return nil
	})
}
