package public

import (
	"gongkai/portal/alerts"
	"gongkai/portal/web/page"
)

// publicRoutes names the addresses of this face, with who may use each.
func (s *Face) Routes(r page.Mount) {
	r.Open.Get("/sitemap.xml", s.sitemap)
	r.Open.Get("", s.home, r.Cached, r.Page)
	r.Open.Get("/", s.home, r.Cached, r.Page)
	r.Open.Get("/search", s.search, r.Limited("search", 120), r.Page)
	r.Open.Get("/search/suggest", s.searchSuggest, r.Limited("search-suggest", 600), r.Page)
	r.Open.Get("/catalogue", s.catalogue, r.Cached, r.Page)
	r.Open.Get("/documents/:id", s.document, s.opened("document"), r.Cached, r.Page)
	r.Open.Get("/documents/:id/versions/:n", s.documentVersion, r.Page)
	r.Open.Get("/documents/:id/compare", s.documentCompare, r.Page)
	r.Open.Get("/documents/:id/read/:file", s.documentRead, r.Page)
	r.Open.Get("/documents/:id/read/:file/:page", s.documentPicture, r.Limited("files", 240), r.Download)
	r.Open.Get("/documents/:id/files/:file/:name", s.documentFile, r.Limited("files", 240), r.Download)
	r.Open.Get("/collections", s.collections, r.Cached, r.Page)
	r.Open.Get("/collections/:code", s.collection, r.Cached, r.Page)
	r.Open.Get("/collections/:code/:id", s.collected, r.Cached, r.Page)
	r.Open.Get("/organs", s.organs, r.Cached, r.Page)
	r.Open.Get("/organs/:code", s.organ, r.Cached, r.Page)
	r.Open.Get("/powers", s.powers, r.Cached, r.Page)
	r.Open.Get("/powers/:id", s.power, s.opened("power"), r.Cached, r.Page)
	r.Open.Get("/reports", s.reports, r.Cached, r.Page)
	r.Open.Get("/reports/:id", s.report, s.opened("report"), r.Cached, r.Page)
	r.Open.Get("/answers/:id", s.answer, s.opened("answer"), r.Cached, r.Page)
	r.Open.Get("/deadline", s.deadlinePage, r.Page)
	r.Open.Get("/help", s.help, r.Cached, r.Page)
	r.Open.Get("/help/search", s.helpSearch, r.Cached, r.Page)
	r.Open.Get("/alerts/new", s.alertForm, r.Page)
	r.Open.Post("/alerts/new", s.alertAsk, r.Limited("alerts", 10), r.Page)
	r.Open.Get("/alerts/confirm/:token", s.alertLink(alerts.ConfirmLink, "alert.confirm_title", "alert.confirm_button"), r.Page)
	r.Open.Post("/alerts/confirm/:token", s.alertConfirm, r.Page)
	r.Open.Get("/alerts/stop/:token", s.alertLink(alerts.StopLink, "alert.stop_title", "alert.stop_button"), r.Page)
	r.Open.Post("/alerts/stop/:token", s.alertStop, r.Page)
	r.Open.Get("/apply/suggest", s.suggest, r.Limited("suggest", 120), r.Page)
	r.Open.Get("/verify", s.verify, r.Page)
	r.Open.Post("/verify", s.verifyReceipt, r.Page)
	r.Open.Get("/verify/key.pem", s.verifyKey, r.Page)
}
