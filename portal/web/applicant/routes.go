package applicant

import (
	"gongkai/portal/web/page"
)

// applicantRoutes names the addresses of this face, with who may use each.
func (s *Face) Routes(r page.Mount) {
	r.Visit.Get("/apply", s.applyForm, r.Page)
	r.Visit.Post("/apply", s.apply, r.Limited("apply", 10), r.Upload)
	r.Visit.Get("/apply/receipt", s.receipt, r.Page)
	r.Visit.Get("/track", s.trackForm, r.Page)
	r.Visit.Post("/track", s.track, r.Limited("track", 10), r.Page)
	r.Visit.Get("/track/:number", s.tracked, r.Page)
	r.Visit.Get("/track/:number/files/:file/:name", s.trackedFile, r.Download)
	r.Visit.Post("/track/:number/correct", s.trackAct("tracked.corrected", s.trackCorrect), r.Limited("track", 10), r.Upload)
	r.Visit.Post("/track/:number/withdraw", s.trackAct("tracked.withdrawn", s.trackWithdraw), r.Limited("track", 10), r.Page)
	r.Visit.Get("/track/:number/letters/:id/:name", s.trackedLetter, r.Page)
	r.Visit.Post("/track/:number/state", s.trackAct("state.done", s.trackState), r.Limited("track", 10), r.Page)
	r.Visit.Post("/track/:number/rate", s.trackAct("rate.done", s.trackRate), r.Limited("track", 10), r.Page)
	r.Open.Get("/opinion/:number/:letter/:token", s.opinion, r.Limited("opinion", 60), r.Page)
	r.Open.Post("/opinion/:number/:letter/:token", s.opine, r.Limited("opinion", 60), r.Page)
}
