// Package feed is the face for feed readers: RSS, Atom and JSON Feed of any search.
package feed

import "gongkai/portal/web/page"

// Face answers feed readers.
type Face struct {
	*page.Site
	*page.Finder
	Store Store
}

// Store is what it needs of the store.
type Store struct {
	page.Store
	page.Catalogue
}
