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
	Clerk         Role = "clerk"         // 话务、信访接待
	Overseer      Role = "overseer"      // 监督考评
)

// Roles lists the roles in the order of forms.
var Roles = []Role{Administrator, Editor, Reviewer, Handler, Head, Clerk, Overseer}

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

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,39}$`)

// Validate reports the mistakes in the account's fields.
func (p *Person) Validate() error {
	var ps Problems
	if !loginForm.MatchString(string(p.Login)) {
		ps.Add("login", "error.login", nil)
	}
	ps.Text("name", p.Name, true, 80)
	if p.Email != "" && !ValidEmail(p.Email) {
		ps.Add("email", "error.email", nil)
	}
	if len(p.Grants) == 0 {
		ps.Add("role", "error.choose", nil)
	}
	for _, g := range p.Grants {
		if !slices.Contains(Roles, g.Role) {
			ps.Add("role", "error.choose", nil)
		} else if g.Role != Administrator && len(g.Organs) == 0 {
			ps.Add("organs", "error.choose_organ", nil)
		}
	}
	return ps.Err()
}

// Actor returns who a person is for permission checks.
func (p *Person) Actor() Actor { return Actor{Login: p.Login, Name: p.Name, Grants: p.Grants} }
