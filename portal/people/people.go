package people

import (
	"context"

	"gongkai/portal"
	"gongkai/portal/text"
)

// People are the use cases of accounts.
type People struct {
	portal.Clockwork
	Store Store
	// Hash and Match make and compare password hashes (argon2id).
	Hash  func(password string) (string, error)
	Match func(password, hash string) (bool, error)
	// Common reports passwords that are guessed first; nil knows none.
	Common func(password string) bool
	Guard  *Guard // nil counts nothing
	Codes  Codes
	// SecondFor are the roles that need a second factor.
	SecondFor []portal.Role
}

// Add makes an account.
func (u People) Add(ctx context.Context, by portal.Actor, p *portal.Person, password string) error {
	if err := by.Need(portal.ManagePeople, ""); err != nil {
		return err
	}
	if err := u.prepare(p, password); err != nil {
		return err
	}
	return u.Store.AddPerson(ctx, by, p, u.Now())
}

// prepare checks a new account and gives it its password.
func (u People) prepare(p *portal.Person, password string) error {
	var all portal.Problems
	for _, err := range []error{p.Validate(), u.checkPassword(p.Login, password)} {
		if e, ok := err.(*portal.Error); ok {
			all = append(all, e.Problems...)
		}
	}
	if err := all.Err(); err != nil {
		return err
	}
	hash, err := u.Hash(password)
	if err != nil {
		return err
	}
	p.Password, p.Epoch = hash, 1
	return nil
}

// AddFirst makes the first account, an administrator's, by a one-time link: once,
// however many use it at once.
func (u People) AddFirst(ctx context.Context, p *portal.Person, password, link, token string) error {
	p.Grants = []portal.Grant{{Role: portal.Administrator}}
	if err := u.prepare(p, password); err != nil {
		return err
	}
	return u.Store.AddFirstPerson(ctx, portal.System("setup"), p, link, token, u.Now())
}

// checkPassword refuses a password that is too short, the login itself, or one
// that is guessed first.
func (u People) checkPassword(l portal.Login, password string) error {
	if err := CheckPassword(l, password); err != nil {
		return err
	}
	if u.Common != nil && u.Common(password) {
		return portal.Wrong("password", "error.password_common", nil)
	}
	return nil
}

// SetPassword gives an account a new password and ends its sessions.
func (u People) SetPassword(ctx context.Context, by portal.Actor, l portal.Login, password string) error {
	if by.Login != l {
		if err := by.Need(portal.ManagePeople, ""); err != nil {
			return err
		}
	}
	if err := u.checkPassword(l, password); err != nil {
		return err
	}
	hash, err := u.Hash(password)
	if err != nil {
		return err
	}
	return u.Store.ChangePerson(ctx, by, l, portal.Latest, "set password", u.Now(), func(p *portal.Person) error {
		p.Password = hash
		p.Epoch++
		return nil
	})
}

// Change gives an account, as it was seen, other rights, or closes or opens it. Nobody closes
// their own.
func (u People) Change(ctx context.Context, by portal.Actor, l portal.Login, seen portal.Revision, name, email string, grants []portal.Grant, disabled bool) error {
	if err := by.Need(portal.ManagePeople, ""); err != nil {
		return err
	}
	if by.Login == l && disabled {
		return &portal.Error{Kind: portal.Conflict, Key: "error.own_account"}
	}
	changed := portal.Person{Login: l, Name: name, Email: email, Grants: grants}
	if err := changed.Validate(); err != nil {
		return err
	}
	return u.Store.ChangePerson(ctx, by, l, seen, "change person", u.Now(), func(p *portal.Person) error {
		p.Name, p.Email, p.Grants, p.Disabled = name, email, grants, disabled
		p.Epoch++
		return nil
	})
}

// SignIn checks a password; from is the network that it comes from. Nothing
// tells a wrong name, a wrong password and a closed account from one another:
// neither words nor status nor time, and what is guessed too often is refused
// in the same way whether the login exists or not. The log holds each sign-in,
// each failure and each lock.
func (u People) SignIn(ctx context.Context, l portal.Login, password, from string) (*portal.Person, error) {
	now := u.Now()
	until, locks := u.Guard.Try(l, from, now)
	if !until.IsZero() {
		return nil, &portal.Error{Kind: portal.TooMany, Key: "error.locked", Args: portal.Args{"Time": until.In(now.Location()).Format("15:04:05")}}
	}
	p, err := u.Store.Person(ctx, l)
	known := err == nil
	if err != nil && portal.KindOf(err) != portal.NotFound {
		return nil, err
	}
	hash := dummyHash
	if known {
		hash = p.Password
	}
	right, err := u.Match(password, hash)
	if err != nil {
		return nil, err
	}
	who := portal.Actor{Login: knownLogin(l, known)}
	if !right || !known || p.Disabled {
		act := "sign-in failed"
		if locks {
			act = "sign-in locked"
		}
		if err := u.Store.Note(ctx, who, act, "person/"+string(who.Login), from, now); err != nil {
			return nil, err
		}
		return nil, &portal.Error{Kind: portal.Unauthenticated, Key: "error.sign_in_wrong"}
	}
	u.Guard.Right(l, from)
	return p, u.Store.Note(ctx, who, "sign in", "person/"+string(l), from, now)
}

// dummyHash is compared where there is no account: the hash of a random text
// that nobody knows, made with the cost of the others.
const dummyHash = "$argon2id$v=19$m=65536,t=3,p=2$c2FsdHNhbHRzYWx0c2FsdA$Y2hlY2tlZCBzbyB0aGF0IHRpbWUgdGVsbHMgbm90aGluZw"

// CheckPassword reports a password that is too short or the login itself.
func CheckPassword(login portal.Login, password string) error {
	var ps portal.Problems
	if len([]rune(password)) < MinPassword {
		ps.Add("password", "error.password_short", portal.Args{"Limit": MinPassword})
	} else if len(password) > 200 {
		ps.Add("password", "error.too_long", portal.Args{"Limit": 200, "Length": len(password)})
	} else if text.Fold(password) == text.Fold(string(login)) {
		ps.Add("password", "error.password_login", nil)
	}
	return ps.Err()
}

// MinPassword is the least length of a password, in characters.
const MinPassword = 10
