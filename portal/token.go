package portal

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Secrets are secrets of the installation, made at the first call.
type Secrets interface {
	Secret(ctx context.Context, name string, fresh func() []byte) ([]byte, error)
}

// LinkToken is what makes the address of a private link unguessable: it is
// derived from a secret of the installation and from what the link is for, so
// it need not be kept.
func LinkToken(ctx context.Context, s Secrets, secret string, of ...string) (string, error) {
	key, err := LinkKeyOf(ctx, s, secret)
	return key.Token(of...), err
}

// LinkKey is the secret behind links of one kind. It is fetched before a
// transaction in which links are made: inside one, the store would wait for
// itself.
type LinkKey []byte

func LinkKeyOf(ctx context.Context, s Secrets, secret string) (LinkKey, error) {
	return s.Secret(ctx, secret, func() []byte { return []byte(rand.Text() + rand.Text()) })
}

func (k LinkKey) Token(of ...string) string {
	h := hmac.New(sha256.New, k)
	h.Write([]byte(strings.Join(of, "\x00")))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// SameToken compares two tokens in a time that tells nothing.
func SameToken(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
