package portal

import (
	"regexp"
	"slices"
)

// Login is the name a person signs in with.
type Login string

// Role is what a person does in the portal.
type Role string

// The roles. Each is held for named organs, the administrator's for all.
const (
	Administrator Role = "administrator" // 管理员
	Editor        Role = "editor"        // 信息编辑
	Reviewer      Role = "reviewer"      // 信息审核
	Handler       Role = "handler"       // 申请办理
	Head          Role = "head"          // 政府信息公开工作机构负责人
)

// Roles lists the roles in the order of forms.
var Roles = []Role{Administrator, Editor, Reviewer, Handler, Head}

// Grant gives a role for some organs.
type Grant struct {
	Role   Role        `json:"role"`
	Organs []OrganCode `json:"organs,omitempty"` // not read for administrators
}

// Person is someone with an account.
type Person struct {
	Login    Login   `json:"login"`
	Name     string  `json:"name"`
	Email    string  `json:"email,omitempty"` // for reminders
	Grants   []Grant `json:"grants"`
	Password string  `json:"password"` // argon2id hash
	Disabled bool    `json:"disabled,omitempty"`
	// Epoch ends every session that was opened before the last change of
	// password or rights.
	Epoch int `json:"epoch"`
}

// MinPassword is the least length of a password, in characters.
const MinPassword = 10

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,39}$`)

// Validate reports the mistakes in the account's fields.
func (p *Person) Validate() error {
	var ps problems
	if !loginForm.MatchString(string(p.Login)) {
		ps.add("login", "error.login", nil)
	}
	ps.text("name", p.Name, true, 80)
	if p.Email != "" && !validEmail(p.Email) {
		ps.add("email", "error.email", nil)
	}
	if len(p.Grants) == 0 {
		ps.add("role", "error.choose", nil)
	}
	for _, g := range p.Grants {
		if !slices.Contains(Roles, g.Role) {
			ps.add("role", "error.choose", nil)
		} else if g.Role != Administrator && len(g.Organs) == 0 {
			ps.add("organs", "error.choose_organ", nil)
		}
	}
	return ps.err()
}

// CheckPassword reports a password that is too short or the login itself.
func CheckPassword(login Login, password string) error {
	var ps problems
	if len([]rune(password)) < MinPassword {
		ps.add("password", "error.password_short", Args{"Limit": MinPassword})
	} else if len(password) > 200 {
		ps.add("password", "error.too_long", Args{"Limit": 200, "Length": len(password)})
	} else if Fold(password) == Fold(string(login)) {
		ps.add("password", "error.password_login", nil)
	}
	return ps.err()
}
