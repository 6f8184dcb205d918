package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/locale"
	"gongkai/portal/people"
	"gongkai/store"
)

// userCommand manages accounts.
type userCommand struct {
	Add      userAddCommand      `cmd:"" help:"Add an account. The password is read from standard input."`
	Password userPasswordCommand `cmd:"" help:"Set an account's password, read from standard input."`
	List     userListCommand     `cmd:"" help:"List the accounts."`
}

// userAddCommand adds an account.
type userAddCommand struct {
	dataFlag
	Login string   `arg:"" help:"Name to sign in with."`
	Name  string   `help:"Name to show." default:""`
	Role  []string `help:"Role: administrator, editor, reviewer or handler; may be repeated." required:""`
	Organ []string `help:"Code of an organ that the roles are for; may be repeated."`
}

// Run implements the command.
func (u *userAddCommand) Run(c *console) error {
	return withPeople(c, u.Data, func(st *store.Store, accounts people.People) error {
		p := &portal.Person{Login: portal.Login(u.Login), Name: u.Name}
		if p.Name == "" {
			p.Name = u.Login
		}
		var organs []portal.OrganCode
		for _, o := range u.Organ {
			if _, err := st.Organs.Organ(portal.OrganCode(o)); err != nil {
				return &exitError{2, fmt.Errorf("there is no organ %q", o)}
			}
			organs = append(organs, portal.OrganCode(o))
		}
		for _, r := range u.Role {
			p.Grants = append(p.Grants, portal.Grant{Role: portal.Role(r), Organs: organs})
		}
		password, err := readPassword(c)
		if err != nil {
			return err
		}
		if err := accounts.Add(c.ctx, portal.System("command line"), p, password); err != nil {
			return explain(err)
		}
		fmt.Fprintf(c.out, "Added %s.\n", p.Login)
		return nil
	})
}

// userPasswordCommand sets a password.
type userPasswordCommand struct {
	dataFlag
	Login string `arg:"" help:"Name of the account."`
}

// Run implements the command.
func (u *userPasswordCommand) Run(c *console) error {
	return withPeople(c, u.Data, func(_ *store.Store, accounts people.People) error {
		password, err := readPassword(c)
		if err != nil {
			return err
		}
		if err := accounts.SetPassword(c.ctx, portal.System("command line"), portal.Login(u.Login), password); err != nil {
			return explain(err)
		}
		fmt.Fprintf(c.out, "The password of %s was set; its sessions have ended.\n", u.Login)
		return nil
	})
}

// userListCommand lists the accounts.
type userListCommand struct{ dataFlag }

// Run implements the command.
func (u *userListCommand) Run(c *console) error {
	return withPeople(c, u.Data, func(st *store.Store, _ people.People) error {
		list, err := st.People.People(c.ctx)
		if err != nil {
			return err
		}
		for _, p := range list {
			var roles []string
			for _, g := range p.Grants {
				r := string(g.Role)
				for i, o := range g.Organs {
					r += map[bool]string{true: ":", false: ","}[i == 0] + string(o)
				}
				roles = append(roles, r)
			}
			state := ""
			if p.Disabled {
				state = " (closed)"
			}
			fmt.Fprintf(c.out, "%-20s %-20s %s%s\n", p.Login, p.Name, strings.Join(roles, " "), state)
		}
		return nil
	})
}

// withPeople opens the data of a stopped portal.
func withPeople(c *console, dir string, f func(*store.Store, people.People) error) error {
	st, err := openStore(c, dir)
	if errors.Is(err, store.ErrInUse) {
		return errors.New("a running portal holds the data: manage accounts on its page /desk/people")
	}
	if err != nil {
		return err
	}
	defer st.Close()
	return f(st, newPeople(st, portal.Clockwork{Now: time.Now, Calendar: clock.China}))
}

// readPassword reads one line.
func readPassword(c *console) (string, error) {
	fmt.Fprint(c.err, "Password: ")
	s := bufio.NewScanner(c.in)
	if !s.Scan() {
		return "", &exitError{2, errors.New("no password on standard input")}
	}
	return strings.TrimRight(s.Text(), "\r"), nil
}

// explain puts an error for visitors into words for a terminal.
func explain(err error) error {
	e, ok := errors.AsType[*portal.Error](err)
	if !ok || e.Kind == portal.Internal {
		return err
	}
	t := locale.In("en")
	text := t.Args(e.Key, e.Args)
	for _, p := range e.Problems {
		text += "\n  " + p.Field + ": " + t.Args(p.Key, p.Args)
	}
	return &exitError{2, errors.New(text)}
}
