package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/static"
)

// check is what a route needs of whoever asks: an act, or none.
type check struct {
	Method, Path string
	Act          portal.Act // "" is open to all
}

// access says how a route is guarded.
type access struct {
	s       *Server
	group   *echo.Group
	session bool
}

// routes names every address with who may use it. Everything under /desk
// needs a session and the act named beside it; the use cases check again for
// the organ at hand.
func (s *Server) routes() {
	g := s.echo.Group(s.BasePath)
	open := access{s, g, false} // no session is read, so pages can be cached
	visit := access{s, g, true} // a session, but nobody need be signed in
	desk := access{s, g, true}  // a session and an act
	page := bounded(maxFormBody, pageTime)
	download := bounded(maxFormBody, uploadTime)
	within := bounded(maxUploadBody, uploadTime)
	upload := func(next echo.HandlerFunc) echo.HandlerFunc { return within(s.receive(next)) }

	g.GET("/static/:sum/*", s.staticFile)
	g.GET("/favicon.ico", func(c echo.Context) error {
		return c.Redirect(http.StatusMovedPermanently, s.BasePath+"/static/"+static.Sum()+"/img/favicon.svg")
	})
	open.get("/healthz", s.healthz)
	open.get("/readyz", s.readyz)
	open.get("/robots.txt", s.robots)
	open.get("/sitemap.xml", s.sitemap)

	open.get("", s.home, s.cached, page)
	open.get("/", s.home, s.cached, page)
	open.get("/search", s.search, s.limited("search", 120), page)
	open.post("/pass", s.pass, s.limited("pass", 30), page)
	open.get("/search/suggest", s.searchSuggest, s.limited("search-suggest", 600), page)
	open.get("/catalogue", s.catalogue, s.cached, page)
	open.get("/documents/:id", s.document, s.opened("document"), s.cached, page)
	open.get("/documents/:id/versions/:n", s.documentVersion, page)
	open.get("/documents/:id/files/:file/:name", s.documentFile, s.limited("files", 240), download)
	open.get("/organs", s.organs, s.cached, page)
	open.get("/organs/:code", s.organ, s.cached, page)
	open.get("/powers", s.powers, s.cached, page)
	open.get("/powers/:id", s.power, s.opened("power"), s.cached, page)
	open.get("/reports", s.reports, s.cached, page)
	open.get("/reports/:id", s.report, s.opened("report"), s.cached, page)
	open.get("/answers/:id", s.answer, s.opened("answer"), s.cached, page)
	open.get("/feeds", s.feedsPage, s.cached, page)
	open.get("/feed.rss", s.feed, s.limited("feed", 60), page)
	open.get("/feed.atom", s.feed, s.limited("feed", 60), page)
	open.get("/feed.json", s.feed, s.limited("feed", 60), page)
	open.get("/deadline", s.deadlinePage, page)
	open.get("/help", s.help, s.cached, page)
	open.get("/help/search", s.helpSearch, s.cached, page)

	open.get("/alerts/new", s.alertForm, page)
	open.post("/alerts/new", s.alertAsk, s.limited("alerts", 10), page)
	open.get("/alerts/confirm/:token", s.alertLink(alerts.ConfirmLink, "alert.confirm_title", "alert.confirm_button"), page)
	open.post("/alerts/confirm/:token", s.alertConfirm, page)
	open.get("/alerts/stop/:token", s.alertLink(alerts.StopLink, "alert.stop_title", "alert.stop_button"), page)
	open.post("/alerts/stop/:token", s.alertStop, page)

	open.get("/api/v1/search", s.apiSearch, s.limited("api", 240), page)
	open.get("/api/v1/passages", s.apiPassages, s.limited("api", 240), page)
	open.get("/api/v1/documents", s.apiDocuments, s.limited("api", 240), page)
	open.get("/api/v1/documents/:id", s.apiDocument, s.limited("api", 240), page)
	open.post("/api/v1/deadline", s.apiDeadline, s.limited("api", 240), page)

	open.get("/apply/suggest", s.suggest, s.limited("suggest", 120), page)
	visit.get("/apply", s.applyForm, page)
	visit.post("/apply", s.apply, s.limited("apply", 10), upload)
	visit.get("/apply/receipt", s.receipt, page)
	visit.get("/track", s.trackForm, page)
	visit.post("/track", s.track, s.limited("track", 10), page)
	visit.get("/track/:number", s.tracked, page)
	visit.get("/track/:number/files/:file/:name", s.trackedFile, download)
	visit.post("/track/:number/correct", s.trackAct("tracked.corrected", s.trackCorrect), s.limited("track", 10), upload)
	visit.post("/track/:number/withdraw", s.trackAct("tracked.withdrawn", s.trackWithdraw), s.limited("track", 10), page)

	visit.get("/track/:number/letters/:id/:name", s.trackedLetter, page)
	visit.post("/track/:number/state", s.trackAct("state.done", s.trackState), s.limited("track", 10), page)
	visit.post("/track/:number/rate", s.trackAct("rate.done", s.trackRate), s.limited("track", 10), page)
	open.get("/opinion/:number/:letter/:token", s.opinion, s.limited("opinion", 60), page)
	open.post("/opinion/:number/:letter/:token", s.opine, s.limited("opinion", 60), page)

	open.get("/due/:login/:token", s.dueCalendar, s.limited("due", 60), page)
	open.get("/verify", s.verify, page)
	open.post("/verify", s.verifyReceipt, page)
	open.get("/verify/key.pem", s.verifyKey, page)

	visit.get("/desk/sign-in", s.signInForm, page)
	visit.post("/desk/sign-in", s.signIn, s.limited("sign-in", 10), page)
	visit.post("/desk/sign-out", s.signOut, page)
	visit.get("/desk/second", s.secondForm, page)
	visit.post("/desk/second", s.second, s.limited("sign-in", 10), page)
	visit.post("/desk/second/key", s.keyAsk, s.limited("sign-in", 10), page)
	visit.post("/desk/second/answer", s.keyAnswer, s.limited("sign-in", 10), page)
	visit.get("/setup/:token", s.setupForm, page)
	visit.post("/setup/:token", s.setup, s.limited("sign-in", 10), page)

	desk.see("GET", "/desk", portal.SeeDesk, s.desk, page)
	desk.see("GET", "/desk/security", portal.SeeDesk, s.security, page)
	desk.see("POST", "/desk/security/app", portal.SeeDesk, s.appSet, s.limited("sign-in", 10), s.fresh, page)
	desk.see("POST", "/desk/security/drop", portal.SeeDesk, s.secondDrop, s.fresh, page)
	desk.see("POST", "/desk/security/end", portal.SeeDesk, s.sessionEnd, s.fresh, page)
	desk.see("POST", "/desk/security/again", portal.SeeDesk, s.securityAgain, s.fresh, page)
	desk.see("POST", "/desk/security/key", portal.SeeDesk, s.keyRegister, page)
	desk.see("POST", "/desk/security/key/answer", portal.SeeDesk, s.keyRegistered, page)
	desk.see("POST", "/desk/security/key/drop", portal.SeeDesk, s.keyDrop, s.fresh, page)
	desk.see("GET", "/desk/password", portal.SeeDesk, s.passwordForm, page)
	desk.see("POST", "/desk/password", portal.SeeDesk, s.password, page)

	desk.see("GET", "/desk/documents", portal.SeeDesk, s.deskDocuments, page)
	desk.see("GET", "/desk/documents/new", portal.WriteDocuments, s.draftNew, page)
	desk.see("POST", "/desk/documents/new", portal.WriteDocuments, s.draftSave, upload)
	desk.see("GET", "/desk/drafts/:id", portal.SeeDesk, s.draft, page)
	desk.see("GET", "/desk/drafts/:id/edit", portal.WriteDocuments, s.draftEdit, page)
	desk.see("POST", "/desk/drafts/:id/edit", portal.WriteDocuments, s.draftSave, upload)
	desk.see("GET", "/desk/drafts/:id/files/:file/:name", portal.SeeDesk, s.draftFile, download)
	desk.see("POST", "/desk/drafts/:id/submit", portal.WriteDocuments, s.draftSubmit, page)
	desk.see("POST", "/desk/drafts/:id/return", portal.ReviewDocuments, s.draftReturn, page)
	desk.see("POST", "/desk/drafts/:id/approve", portal.ReviewDocuments, s.draftApprove, s.fresh, page)
	desk.see("POST", "/desk/drafts/:id/drop", portal.WriteDocuments, s.draftDrop, page)
	desk.see("POST", "/desk/documents/:id/correct", portal.WriteDocuments, s.documentCorrect, page)
	desk.see("POST", "/desk/documents/:id/withdraw", portal.WithdrawDocuments, s.documentWithdraw, s.fresh, page)

	desk.see("GET", "/desk/powers", portal.EditPowers, s.deskPowers, page)
	desk.see("GET", "/desk/powers/edit", portal.EditPowers, s.powerForm, page)
	desk.see("POST", "/desk/powers/edit", portal.EditPowers, s.powerSave, page)
	desk.see("GET", "/desk/reports", portal.EditReports, s.deskReports, page)
	desk.see("GET", "/desk/reports/edit", portal.EditReports, s.reportForm, page)
	desk.see("POST", "/desk/reports/edit", portal.EditReports, s.reportSave, page)

	desk.see("GET", "/desk/applications", portal.HandleApplications, s.workList, page)
	desk.see("GET", "/desk/applications/register.xlsx", portal.HandleApplications, s.register, page)
	desk.see("GET", "/desk/intake", portal.HandleApplications, s.intakeForm, page)
	desk.see("POST", "/desk/intake", portal.HandleApplications, s.intake, upload)
	desk.see("GET", "/desk/hand-over", portal.HandleApplications, s.handOverForm, page)
	desk.see("POST", "/desk/hand-over", portal.HandleApplications, s.handOver, page)
	desk.see("GET", "/desk/statistics", portal.HandleApplications, s.statistics, page)
	desk.see("GET", "/desk/asked", portal.SeeDesk, s.asked, page)
	desk.see("POST", "/desk/asked/:number/:id", portal.SeeDesk, s.askedReply, page)
	desk.see("GET", "/desk/letters", portal.EditLetters, s.deskLetters, page)
	desk.see("GET", "/desk/letters/edit", portal.EditLetters, s.letterForm, page)
	desk.see("POST", "/desk/letters/edit", portal.EditLetters, s.letterSave, page)
	desk.see("GET", "/desk/applications/:number", portal.HandleApplications, s.caseFile, page)
	desk.see("GET", "/desk/applications/:number/files/:file/:name", portal.HandleApplications, s.caseFileDownload, download)
	desk.see("GET", "/desk/applications/:number/letters/:id/:name", portal.HandleApplications, s.caseLetter, page)
	desk.see("POST", "/desk/applications/:number/letters/:id/:name", portal.HandleApplications, s.caseLetter, page)
	desk.see("POST", "/desk/applications/:number/archive.zip", portal.HandleApplications, s.caseArchive, download)
	desk.see("GET", "/desk/applications/:number/archive.zip", portal.HandleApplications, s.caseArchive, download)
	desk.see("POST", "/desk/applications/:number/step", portal.HandleApplications, s.caseStep, upload)
	desk.see("GET", "/desk/applications/:number/proposal", portal.HandleApplications, s.caseProposal, page)
	desk.see("POST", "/desk/applications/:number/sign", portal.SignLetters, s.caseSign, s.fresh, page)
	desk.see("POST", "/desk/applications/:number/return", portal.SignLetters, s.caseReturn, page)
	desk.see("POST", "/desk/applications/:number/receipt", portal.HandleApplications, s.caseMore("receipt", s.caseReceipt), page)
	desk.see("POST", "/desk/applications/:number/undo", portal.HandleApplications, s.caseMore("undo", s.caseUndo), page)
	desk.see("POST", "/desk/applications/:number/unpublish", portal.HandleApplications, s.caseMore("unpublish", s.caseUnpublish), page)
	desk.see("POST", "/desk/applications/:number/ask", portal.HandleApplications, s.caseMore("ask", s.caseAsk), page)
	desk.see("POST", "/desk/applications/:number/assign", portal.HandleApplications, s.caseMore("assign", s.caseAssign), page)
	desk.see("POST", "/desk/applications/:number/split", portal.HandleApplications, s.caseMore("split", s.caseSplit), page)
	desk.see("POST", "/desk/applications/:number/deliver", portal.HandleApplications, s.caseMore("deliver", s.caseDeliver), upload)
	desk.see("POST", "/desk/applications/:number/delivered", portal.HandleApplications, s.caseMore("delivered", s.caseDelivered), page)
	desk.see("POST", "/desk/applications/:number/hold", portal.HandleApplications, s.caseMore("hold", s.caseHold), page)
	desk.see("POST", "/desk/applications/:number/release", portal.HandleApplications, s.caseMore("release", s.caseRelease), page)
	desk.see("POST", "/desk/applications/:number/review", portal.HandleApplications, s.caseMore("review", s.caseReview), page)
	desk.see("POST", "/desk/applications/:number/papers", portal.HandleApplications, s.caseMore("papers", s.casePapers), upload)
	desk.see("POST", "/desk/applications/:number/disclose", portal.HandleApplications, s.caseDisclose, page)
	desk.see("GET", "/desk/applications/:number/papers/:file", portal.HandleApplications, s.paperForm, download)
	desk.see("GET", "/desk/applications/:number/papers/:file/find", portal.HandleApplications, s.paperFind, download)
	desk.see("GET", "/desk/applications/:number/papers/:file/pages/:page", portal.HandleApplications, s.paperPicture, download)
	desk.see("POST", "/desk/applications/:number/papers/:file", portal.HandleApplications, s.paperRedact, upload)
	desk.see("POST", "/desk/applications/:number/reveal", portal.HandleApplications, s.caseReveal, page)

	desk.see("GET", "/desk/search", portal.ManageSearch, s.deskSearch, page)
	desk.see("POST", "/desk/search/check", portal.ManageSearch, s.deskSearchCheck, page)
	desk.see("GET", "/desk/search/vocabulary", portal.ManageSearch, s.deskVocabulary, page)
	desk.see("GET", "/desk/search/synonym", portal.ManageSearch, s.synonymForm, page)
	desk.see("POST", "/desk/search/synonym", portal.ManageSearch, s.synonymSave, page)
	desk.see("GET", "/desk/search/bet", portal.ManageSearch, s.betForm, page)
	desk.see("POST", "/desk/search/bet", portal.ManageSearch, s.betSave, page)
	desk.see("GET", "/desk/search/explain", portal.ManageSearch, s.deskExplain, page)

	desk.see("GET", "/desk/calendar", portal.ManageCalendar, s.deskCalendar, page)
	desk.see("POST", "/desk/calendar", portal.ManageCalendar, s.calendarSave, page)

	desk.see("GET", "/desk/organs", portal.ManageOrgans, s.deskOrgans, page)
	desk.see("GET", "/desk/organs/edit", portal.ManageOrgans, s.organForm, page)
	desk.see("POST", "/desk/organs/edit", portal.ManageOrgans, s.organSave, page)
	desk.see("GET", "/desk/people", portal.ManagePeople, s.deskPeople, page)
	desk.see("GET", "/desk/people/edit", portal.ManagePeople, s.personForm, page)
	desk.see("POST", "/desk/people/edit", portal.ManagePeople, s.personSave, s.fresh, page)
	desk.see("GET", "/desk/import", portal.ImportRecords, s.importForm, page)
	desk.see("POST", "/desk/import", portal.ImportRecords, s.importFile, bounded(maxImportBody, 30*time.Minute))
	desk.see("GET", "/desk/audit", portal.ReadAudit, s.audit, page)
}

func (a access) get(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
	a.add(http.MethodGet, path, "", h, m)
}

func (a access) post(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
	a.add(http.MethodPost, path, "", h, m)
}

// see adds a route that needs an act.
func (a access) see(method, path string, act portal.Act, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
	a.add(method, path, act, h, append([]echo.MiddlewareFunc{a.s.need(act), a.s.enrolled}, m...))
}

func (a access) add(method, path string, act portal.Act, h echo.HandlerFunc, m []echo.MiddlewareFunc) {
	if a.session {
		m = append([]echo.MiddlewareFunc{echo.WrapMiddleware(a.s.sessions.LoadAndSave), a.s.who}, m...)
	}
	a.group.Add(method, path, h, m...)
	if method == http.MethodGet {
		a.group.HEAD(path, h, m...)
	}
	a.s.checks = append(a.s.checks, check{method, a.s.BasePath + path, act})
}
