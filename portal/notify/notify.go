// Package notify writes the messages of the portal, each in the language of who
// reads it: to applicants, to staff, to those who saved a search.
package notify

import (
	"gongkai/portal"
)

// Writer writes messages. It implements what cases and alerts ask for.
type Writer struct {
	portal.Clockwork
	SiteName  func() portal.Text
	Origin    string // scheme, host and base path that addresses begin with
	Catalogue Catalogue
	Organs    Organs
}

// Catalogue is the list of everything public.
type Catalogue interface {
	Listings(...portal.Key) []*portal.Listing
}

// Organs knows the organs.
type Organs interface {
	Organ(portal.OrganCode) (portal.Organ, error)
}

// organIn names organs in a language.
func (s *Writer) organIn(lang string) func(portal.OrganCode) string {
	return func(code portal.OrganCode) string {
		o, err := s.Organs.Organ(code)
		if err != nil {
			return string(code)
		}
		return portal.Named(o.Name, lang)
	}
}
