// Package second makes and checks second factors of people who sign in: codes of
// an app (TOTP) and passkeys (WebAuthn).
package second

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"gongkai/portal"
	"gongkai/portal/people"
)

// Codes implements portal.Codes.
type Codes struct{ Issuer string }

// period is how long a code holds, in seconds; the one before and the one after
// are taken too, for clocks that are off.
const period = 30

// New implements portal.Codes.
func (c Codes) New(account string) (secret, address string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: c.Issuer, AccountName: account, Period: period})
	if err != nil {
		return "", "", err
	}
	return key.Secret(), key.URL(), nil
}

// Check implements portal.Codes.
func (Codes) Check(secret, code string, now time.Time) (int64, bool) {
	for _, off := range []int64{0, -1, 1} {
		at := now.Add(time.Duration(off*period) * time.Second)
		ok, err := totp.ValidateCustom(code, secret, at, totp.ValidateOpts{Period: period, Skew: 0, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && ok {
			return at.Unix() / period, true
		}
	}
	return 0, false
}

// Picture is the address of a secret as a QR code, a PNG.
func Picture(address string) ([]byte, error) {
	key, err := otp.NewKeyFromURL(address)
	if err != nil {
		return nil, err
	}
	img, err := key.Image(220, 220)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, img)
	return b.Bytes(), err
}

// Keys begins and ends ceremonies with passkeys for the site at an origin.
type Keys struct{ w *webauthn.WebAuthn }

// NewKeys serves an origin such as https://www.example.gov.cn.
func NewKeys(origin, name string) (*Keys, error) {
	u, err := url.Parse(origin)
	if err != nil {
		return nil, err
	}
	w, err := webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{u.Scheme + "://" + u.Host}})
	if err != nil {
		return nil, fmt.Errorf("passkeys for %s: %w", origin, err)
	}
	return &Keys{w}, nil
}

// user is a person as the library sees one.
type user struct {
	p *portal.Person
	f *people.SecondFactor
}

func (u user) WebAuthnID() []byte          { return []byte(u.p.Login) }
func (u user) WebAuthnName() string        { return string(u.p.Login) }
func (u user) WebAuthnDisplayName() string { return u.p.Name }
func (u user) WebAuthnCredentials() []webauthn.Credential {
	var out []webauthn.Credential
	for _, k := range u.f.Passkeys {
		var c webauthn.Credential
		if json.Unmarshal(k.Credential, &c) == nil { // one that cannot be read opens nothing
			out = append(out, c)
		}
	}
	return out
}

// Register begins to add a key: the options for the browser, and what is to be
// kept until it answers.
func (k *Keys) Register(p *portal.Person, f *people.SecondFactor) (options, kept []byte, err error) {
	creation, session, err := k.w.BeginRegistration(user{p, f}, webauthn.WithExclusions(webauthn.Credentials(user{p, f}.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return nil, nil, err
	}
	return pair(creation, session)
}

// Registered ends it with the browser's answer.
func (k *Keys) Registered(p *portal.Person, f *people.SecondFactor, kept, answer []byte) (people.Passkey, error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(kept, &session); err != nil {
		return people.Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return people.Passkey{}, err
	}
	c, err := k.w.CreateCredential(user{p, f}, session, parsed)
	if err != nil {
		return people.Passkey{}, err
	}
	b, err := json.Marshal(c)
	return people.Passkey{ID: base64.RawURLEncoding.EncodeToString(c.ID), Credential: b}, err
}

// Ask begins a sign-in with a key.
func (k *Keys) Ask(p *portal.Person, f *people.SecondFactor) (options, kept []byte, err error) {
	assertion, session, err := k.w.BeginLogin(user{p, f})
	if err != nil {
		return nil, nil, err
	}
	return pair(assertion, session)
}

// Answered ends it: the key that was used, with its state to be kept.
func (k *Keys) Answered(p *portal.Person, f *people.SecondFactor, kept, answer []byte) (id string, credential []byte, err error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(kept, &session); err != nil {
		return "", nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return "", nil, err
	}
	c, err := k.w.ValidateLogin(user{p, f}, session, parsed)
	if err != nil {
		return "", nil, err
	}
	if c.Authenticator.CloneWarning {
		return "", nil, fmt.Errorf("the counter of a passkey went back")
	}
	credential, err = json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(c.ID), credential, err
}

func pair(options, kept any) ([]byte, []byte, error) {
	a, err := json.Marshal(options)
	if err != nil {
		return nil, nil, err
	}
	b, err := json.Marshal(kept)
	return a, b, err
}
