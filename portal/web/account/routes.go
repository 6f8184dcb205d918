package account

import (
	"gongkai/portal"
	"gongkai/portal/web/page"
)

// accountRoutes names the addresses of this face, with who may use each.
func (s *Face) Routes(r page.Mount) {
	r.Visit.Get("/desk/sign-in", s.signInForm, r.Page)
	r.Visit.Post("/desk/sign-in", s.signIn, r.Limited("sign-in", 10), r.Page)
	r.Visit.Post("/desk/sign-out", s.signOut, r.Page)
	r.Visit.Get("/desk/second", s.factors().secondForm, r.Page)
	r.Visit.Post("/desk/second", s.factors().second, r.Limited("sign-in", 10), r.Page)
	r.Visit.Post("/desk/second/key", s.factors().keyAsk, r.Limited("sign-in", 10), r.Page)
	r.Visit.Post("/desk/second/answer", s.factors().keyAnswer, r.Limited("sign-in", 10), r.Page)
	r.Visit.Get("/setup/:token", s.setupForm, r.Page)
	r.Visit.Post("/setup/:token", s.setup, r.Limited("sign-in", 10), r.Page)
	r.Desk.See("GET", "/desk/security", portal.SeeDesk, s.factors().security, r.Page)
	r.Desk.See("POST", "/desk/security/app", portal.SeeDesk, s.factors().appSet, r.Limited("sign-in", 10), r.Fresh, r.Page)
	r.Desk.See("POST", "/desk/security/drop", portal.SeeDesk, s.factors().secondDrop, r.Fresh, r.Page)
	r.Desk.See("POST", "/desk/security/end", portal.SeeDesk, s.factors().sessionEnd, r.Fresh, r.Page)
	r.Desk.See("POST", "/desk/security/again", portal.SeeDesk, s.factors().securityAgain, r.Fresh, r.Page)
	r.Desk.See("POST", "/desk/security/key", portal.SeeDesk, s.factors().keyRegister, r.Page)
	r.Desk.See("POST", "/desk/security/key/answer", portal.SeeDesk, s.factors().keyRegistered, r.Page)
	r.Desk.See("POST", "/desk/security/key/drop", portal.SeeDesk, s.factors().keyDrop, r.Fresh, r.Page)
	r.Desk.See("GET", "/desk/password", portal.SeeDesk, s.passwordForm, r.Page)
	r.Desk.See("POST", "/desk/password", portal.SeeDesk, s.password, r.Page)
}
