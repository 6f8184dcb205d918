// Package machines is the room of programs that work with the portal: keys with which a
// department's own system hands documents in, and addresses that are told of what changes.
package machines

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
)

// Scope is something that a key may do.
type Scope string

// The scopes of a key. None of them publishes: what a program hands in is reviewed by people.
const (
	Drafts Scope = "drafts" // write drafts and attach files
	Submit Scope = "submit" // hand drafts in for review
)

// Scopes are all of them.
var Scopes = []Scope{Drafts, Submit}

// Key lets a program act for organs (接口密钥). Of its secret only a hash is kept.
type Key struct {
	ID      string             `json:"id"`
	Name    string             `json:"name"` // of the system that has it
	Organs  []portal.OrganCode `json:"organs"`
	Scopes  []Scope            `json:"scopes"`
	Hash    string             `json:"hash"` // SHA-256 of the secret, in hexadecimal
	By      portal.Login       `json:"by"`
	At      time.Time          `json:"at"`
	Until   portal.Date        `json:"until"` // the last day on which it is good
	Revoked time.Time          `json:"revoked,omitzero"`
}

// KeyKind is a key as a record. None of it is public.
var KeyKind = portal.Register[Key](portal.RecordKind{Code: "api_key", Bucket: "api_keys", Field: "name"}, nil)

// Limits of keys.
const (
	MaxDays = 730 // for which a key may be good
	MaxKeys = 200
	prefix  = "gk_"
)

// Has reports whether the key has a scope.
func (k *Key) Has(s Scope) bool { return slices.Contains(k.Scopes, s) }

// Good reports whether the key can be used on a day.
func (k *Key) Good(on portal.Date) bool { return k.Revoked.IsZero() && on <= k.Until }

// Actor is who acts with the key: an editor of its organs, by the key's own name in the log.
func (k *Key) Actor() portal.Actor {
	return portal.Actor{Login: portal.Login("key:" + k.ID), Name: k.Name, Grants: []portal.Grant{{Role: portal.Editor, Organs: k.Organs}}}
}

// Machines are the use cases of keys and of hooks.
type Machines struct {
	portal.Clockwork
	Keys    portal.Records[Key]
	Hooks   portal.Records[Hook]
	Secrets portal.Secrets
	Changes Changes
	Organs  Directory
}

// Directory tells whether an organ is there.
type Directory interface {
	Organ(portal.OrganCode) (portal.Organ, error)
}

// Make makes a key that is good for some days and returns its secret, which nobody can see
// again. Administrators of accounts may.
func (u Machines) Make(ctx context.Context, by portal.Actor, name string, organs []portal.OrganCode, scopes []Scope, days int) (*Key, string, error) {
	if err := by.Need(portal.ManagePeople, ""); err != nil {
		return nil, "", err
	}
	var p portal.Problems
	p.Text("name", name, true, portal.MaxName)
	if len(organs) == 0 {
		p.Add("organs", "error.choose_organ", nil)
	}
	for _, o := range organs {
		if _, err := u.Organs.Organ(o); err != nil {
			p.Add("organs", "error.choose_organ", nil)
			break
		}
	}
	if len(scopes) == 0 || slices.ContainsFunc(scopes, func(s Scope) bool { return !slices.Contains(Scopes, s) }) {
		p.Add("scopes", "error.choose", nil)
	}
	if days < 1 || days > MaxDays {
		p.Add("days", "error.days", portal.Args{"Limit": MaxDays})
	}
	if all, err := u.Keys.All(ctx, nil); err != nil {
		return nil, "", err
	} else if len(all) >= MaxKeys {
		p.Add("name", "error.too_many", portal.Args{"Limit": MaxKeys})
	}
	if err := p.Err(); err != nil {
		return nil, "", err
	}
	id := strings.ToLower(rand.Text()[:10])
	secret := prefix + id + "_" + rand.Text()
	k, err := u.Keys.Change(ctx, by, id, portal.Absent, "make_key", u.Now(), func(k *Key) (string, error) {
		*k = Key{ID: id, Name: name, Organs: organs, Scopes: scopes, Hash: hashOf(secret), By: by.Login, At: u.Now().UTC(), Until: u.Today() + portal.Date(days)}
		return name, nil
	})
	return k, secret, err
}

// Revoke ends a key at once.
func (u Machines) Revoke(ctx context.Context, by portal.Actor, id string) error {
	_, err := u.Keys.Change(ctx, by, id, portal.Latest, "revoke_key", u.Now(), func(k *Key) (string, error) {
		if err := by.Need(portal.ManagePeople, ""); err != nil {
			return "", err
		}
		if k.Revoked.IsZero() {
			k.Revoked = u.Now().UTC()
		}
		return k.Name, nil
	})
	return err
}

// With is the key of a secret. Whatever is wrong with it, the refusal is the same.
func (u Machines) With(ctx context.Context, secret string) (*Key, error) {
	refused := &portal.Error{Kind: portal.Unauthenticated, Key: "error.key"}
	rest, ok := strings.CutPrefix(secret, prefix)
	id, _, parted := strings.Cut(rest, "_")
	if !ok || !parted || len(secret) > 100 {
		return nil, refused
	}
	k, err := u.Keys.Get(ctx, id)
	if portal.KindOf(err) == portal.NotFound {
		return nil, refused
	}
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(hashOf(secret)), []byte(k.Hash)) != 1 || !k.Good(u.Today()) {
		return nil, refused
	}
	return k, nil
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
