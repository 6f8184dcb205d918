// Package applicant is the face of those who apply, and of third parties who are asked:
// the form, the receipt, the way a case goes, the private link of a letter.
package applicant

import (
	"context"
	"crypto/ed25519"

	"gongkai/portal/cases"
	"gongkai/portal/letters"
	"gongkai/portal/web/page"
)

// Face is what an applicant and a third party see of a case.
type Face struct {
	*page.Site
	*page.Uploads
	Finder  *page.Finder
	Cases   cases.Cases
	Letters letters.Letters // followed with a number and a code like applications
	Store   Store
}

// Store is what it needs of the store.
type Store struct {
	page.Store
	Cases
	Key
}

// Cases reads a case that was just received.
type Cases interface {
	Application(context.Context, cases.ApplicationNumber) (*cases.Application, error)
}

// Key signs receipts.
type Key interface {
	ReceiptKey() ed25519.PrivateKey
}
