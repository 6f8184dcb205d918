package portal

import "time"

// People are the use cases of accounts.
type People struct {
	Clockwork
	Store PersonStore
	// Hash and Match make and compare password hashes (argon2id).
	Hash  func(password string) (string, error)
	Match func(password, hash string) (bool, error)
}

// PersonStore is what People needs of the store.
type PersonStore interface {
	Person(Login) (*Person, error)
	People() ([]*Person, error)
	AddPerson(by Actor, p *Person, at time.Time) error
	ChangePerson(by Actor, l Login, act string, at time.Time, change func(*Person) error) error
	Note(by Actor, act, object, detail string, at time.Time) error
}

// Add makes an account.
func (u People) Add(by Actor, p *Person, password string) error {
	if err := by.Need(ManagePeople, ""); err != nil {
		return err
	}
	var all problems
	for _, err := range []error{p.Validate(), CheckPassword(p.Login, password)} {
		if e, ok := err.(*Error); ok {
			all = append(all, e.Problems...)
		}
	}
	if err := all.err(); err != nil {
		return err
	}
	hash, err := u.Hash(password)
	if err != nil {
		return err
	}
	p.Password, p.Epoch = hash, 1
	return u.Store.AddPerson(by, p, u.Now())
}

// SetPassword gives an account a new password and ends its sessions.
func (u People) SetPassword(by Actor, l Login, password string) error {
	if by.Login != l {
		if err := by.Need(ManagePeople, ""); err != nil {
			return err
		}
	}
	if err := CheckPassword(l, password); err != nil {
		return err
	}
	hash, err := u.Hash(password)
	if err != nil {
		return err
	}
	return u.Store.ChangePerson(by, l, "set password", u.Now(), func(p *Person) error {
		p.Password, p.Failures, p.LockedUntil = hash, 0, time.Time{}
		p.Epoch++
		return nil
	})
}

// Change gives an account other rights, or closes or opens it. Nobody closes
// their own.
func (u People) Change(by Actor, l Login, name, email string, grants []Grant, disabled bool) error {
	if err := by.Need(ManagePeople, ""); err != nil {
		return err
	}
	if by.Login == l && disabled {
		return &Error{Kind: Conflict, Key: "error.own_account"}
	}
	changed := Person{Login: l, Name: name, Email: email, Grants: grants}
	if err := changed.Validate(); err != nil {
		return err
	}
	return u.Store.ChangePerson(by, l, "change person", u.Now(), func(p *Person) error {
		p.Name, p.Email, p.Grants, p.Disabled = name, email, grants, disabled
		p.Epoch++
		return nil
	})
}

// SignIn checks a password. Wrong name, wrong password and a closed account
// are told apart by nothing; a locked account says until when.
func (u People) SignIn(l Login, password string) (*Person, error) {
	wrong := &Error{Kind: Unauthenticated, Key: "error.sign_in_wrong"}
	p, err := u.Store.Person(l)
	if KindOf(err) == NotFound && err != nil {
		_, _ = u.Match(password, dummyHash) // as slow as a real one
		return nil, wrong
	}
	if err != nil {
		return nil, err
	}
	now := u.Now()
	if p.Locked(now) {
		return nil, &Error{Kind: TooMany, Key: "error.locked", Args: Args{"Time": p.LockedUntil.In(now.Location()).Format("15:04:05")}}
	}
	ok, err := u.Match(password, p.Password)
	if err != nil {
		return nil, err
	}
	who := Actor{Login: l}
	if !ok || p.Disabled {
		err := u.Store.ChangePerson(who, l, "", now, func(p *Person) error { p.Fail(now); return nil })
		if err != nil {
			return nil, err
		}
		return nil, wrong
	}
	err = u.Store.ChangePerson(who, l, "sign in", now, func(p *Person) error {
		p.Failures, p.LockedUntil = 0, time.Time{}
		return nil
	})
	return p, err
}

// dummyHash is compared where there is no account. It is the hash of a
// random text that nobody knows.
const dummyHash = "$argon2id$v=19$m=65536,t=1,p=2$c2FsdHNhbHRzYWx0c2FsdA$Y2hlY2tlZCBzbyB0aGF0IHRpbWUgdGVsbHMgbm90aGluZw"

// Actor returns who a person is for permission checks.
func (p *Person) Actor() Actor { return Actor{Login: p.Login, Name: p.Name, Grants: p.Grants} }
