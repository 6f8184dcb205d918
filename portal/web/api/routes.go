package api

import (
	"gongkai/portal/web/page"
)

// apiRoutes names the addresses of this face, with who may use each.
func (s *Face) Routes(r page.Mount) {
	r.Open.Get("/api/v1/search", s.apiSearch, r.Limited("api", 240), r.Page)
	r.Open.Get("/api/v1/passages", s.apiPassages, r.Limited("api", 240), r.Page)
	r.Open.Get("/api/v1/documents", s.apiDocuments, r.Limited("api", 240), r.Page)
	r.Open.Get("/api/v1/documents/:id", s.apiDocument, r.Limited("api", 240), r.Page)
	r.Open.Post("/api/v1/deadline", s.apiDeadline, r.Limited("api", 240), r.Page)
}
