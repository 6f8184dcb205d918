// Package api is the face for programs: JSON, as docs/api.md describes it.
package api

import (
	"context"

	"github.com/swaggest/openapi-go/openapi31"

	"gongkai/portal/documents"
	"gongkai/portal/machines"
	"gongkai/portal/query"
	"gongkai/portal/web/page"
)

// Face answers programs.
type Face struct {
	*page.Site
	*page.Finder
	Uploads   *page.Uploads
	Documents documents.Documents
	Machines  machines.Machines
	Search    Search
	Store     Store

	described func() (*openapi31.Reflector, error) // the description of the API
}

// Search finds passages.
type Search interface {
	page.Engine
	Passages(ctx context.Context, q query.Query, limit int) ([]query.Hit, error)
}

// Store is what it needs of the store.
type Store struct {
	page.Store
	page.Catalogue
}
