// Package mailbox is the face of letters, calls and visits: writing and following, answers
// that are public, and the desk at which they are taken down and handled.
package mailbox

import (
	"context"

	"gongkai/portal"
	"gongkai/portal/letters"
	"gongkai/portal/web/gate"
	"gongkai/portal/web/page"
)

// Face is what people and staff see of letters.
type Face struct {
	*page.Site
	*page.Uploads
	*page.Finder
	*gate.Gate
	Letters letters.Letters
	Store   Store
}

// Store is what it needs of the store.
type Store struct {
	page.Store
	page.Catalogue
	Accounts
}

// Accounts lists who has an account.
type Accounts interface {
	People(context.Context) ([]*portal.Person, error)
}

// The face by whom its pages are for.
type (
	writing  struct{ *Face } // who writes
	reading  struct{ *Face } // everybody
	handling struct{ *Face } // staff
)

// Routes names the addresses of this face, with who may use each.
func (s *Face) Routes(r page.Mount) {
	w, p, h := writing{s}, reading{s}, handling{s}
	r.Open.Get("/mailbox", p.mailboxes, r.Cached, r.Page)
	r.Open.Get("/replies", p.replies, r.Cached, r.Page)
	r.Open.Get("/replies/:id", p.reply, r.Cached, r.Page)
	r.Open.Get("/mailbox/suggest", p.suggest, r.Limited("suggest", 120), r.Page)
	r.Visit.Get("/mailbox/write/:channel", w.form, r.Page)
	r.Visit.Post("/mailbox/write/:channel", w.write, r.Limited("write", 10), r.Upload)
	r.Visit.Get("/mailbox/receipt", w.receipt, r.Page)
	r.Visit.Get("/mailbox/follow/:number", w.follow, r.Page)
	r.Visit.Get("/mailbox/follow/:number/files/:file/:name", w.file, r.Download)
	r.Visit.Post("/mailbox/follow/:number/rate", w.rate, r.Limited("track", 10), r.Page)
	r.Visit.Post("/mailbox/follow/:number/again", w.again, r.Limited("track", 10), r.Page)

	r.Desk.See("GET", "/desk/mailbox", portal.SeeLetters, h.list, r.Page)
	r.Desk.See("GET", "/desk/mailbox/take", portal.HandleLetters, h.takeForm, r.Page)
	r.Desk.See("POST", "/desk/mailbox/take", portal.HandleLetters, h.take, r.Upload)
	r.Desk.See("POST", "/desk/mailbox/known", portal.HandleLetters, h.known, r.Page)
	r.Desk.See("GET", "/desk/mailbox/knowledge", portal.HandleLetters, h.knowledge, r.Page)
	r.Desk.See("GET", "/desk/mailbox/return", portal.SeeLetters, h.statement, r.Page)
	r.Desk.See("GET", "/desk/mailbox/:number", portal.SeeLetters, h.letter, r.Page)
	r.Desk.See("GET", "/desk/mailbox/:number/files/:file/:name", portal.SeeLetters, h.file, r.Download)
	r.Desk.See("POST", "/desk/mailbox/:number/step/:step", portal.HandleLetters, h.step, r.Page)
	r.Desk.See("POST", "/desk/mailbox/:number/answer", portal.HandleLetters, h.answer, r.Upload)
	r.Desk.See("POST", "/desk/mailbox/:number/check", portal.CheckLetters, h.check, r.Page)
	r.Desk.See("POST", "/desk/mailbox/:number/offer", portal.HandleLetters, h.offer, r.Page)
	r.Desk.See("POST", "/desk/mailbox/:number/release", portal.PublishReplies, h.release, r.Fresh, r.Page)
	r.Desk.See("POST", "/desk/mailbox/:number/unpublish", portal.PublishReplies, h.unpublish, r.Fresh, r.Page)
	r.Desk.See("POST", "/desk/mailbox/:number/reveal", portal.HandleLetters, h.reveal, r.Page)
	r.Desk.See("POST", "/desk/mailbox/:number/apply", portal.HandleLetters, h.apply, r.Page)
}
