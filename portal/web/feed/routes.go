package feed

import (
	"gongkai/portal/web/page"
)

// feedRoutes names the addresses of this face, with who may use each.
func (s *Face) Routes(r page.Mount) {
	r.Open.Get("/feeds", s.feedsPage)
	r.Open.Get("/feed.rss", s.feed, r.Limited("feed", 60), r.Page)
	r.Open.Get("/feed.atom", s.feed, r.Limited("feed", 60), r.Page)
	r.Open.Get("/feed.json", s.feed, r.Limited("feed", 60), r.Page)
}
