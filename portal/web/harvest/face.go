// Package harvest is the face for those who take the catalogue whole: data portals by
// DCAT-AP 3, archives and libraries by OAI-PMH 2.0 (the deposit of Article 25), and everybody
// by a file of each night.
package harvest

import (
	"bytes"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// Face answers harvesters.
type Face struct {
	*page.Site
	Registers []portal.Term // registers that are published, each as a dataset
	Dir       string        // of the dumps; "" where none are made
}

// Routes names the addresses of this face.
func (s *Face) Routes(r page.Mount) {
	r.Open.Get("/dcat.jsonld", s.dcat(writeJSONLD, "application/ld+json"), r.Limited("harvest", 120), r.Cached, r.Download)
	r.Open.Get("/dcat.ttl", s.dcat(writeTurtle, "text/turtle; charset=utf-8"), r.Limited("harvest", 120), r.Cached, r.Download)
	r.Open.Get("/oai", s.oai, r.Limited("harvest", 120), r.Download)
	r.Open.Post("/oai", s.oai, r.Limited("harvest", 120), r.Download)
	r.Open.Get("/dumps/:file", s.dump, r.Limited("harvest", 120), r.Download)
	r.Open.Get("/dumps/:day/:file", s.dump, r.Limited("harvest", 120), r.Download)
}

// all lists every public record, the oldest change first, withdrawn ones included where a
// harvester is to forget them.
func (s *Face) all(withdrawn bool) []*portal.Listing {
	return s.Public.Browse(portal.Browse{Sort: portal.SortNumber, Page: 1, Size: portal.Everything, Withdrawn: withdrawn}).Rows
}

type writer func(*bytes.Buffer, graph)
