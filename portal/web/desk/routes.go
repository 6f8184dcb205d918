package desk

import (
	"time"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// deskRoutes names the addresses of this face, with who may use each.
func (s *Face) Routes(r page.Mount) {
	r.Desk.See("GET", "/desk", portal.SeeDesk, s.desk, r.Page)
	r.Desk.See("GET", "/desk/documents", portal.SeeDesk, s.deskDocuments, r.Page)
	r.Desk.See("GET", "/desk/documents/new", portal.WriteDocuments, s.draftNew, r.Page)
	r.Desk.See("POST", "/desk/documents/new", portal.WriteDocuments, s.draftSave, r.Upload)
	r.Desk.See("GET", "/desk/drafts/:id", portal.SeeDesk, s.draft, r.Page)
	r.Desk.See("GET", "/desk/drafts/:id/edit", portal.WriteDocuments, s.draftEdit, r.Page)
	r.Desk.See("POST", "/desk/drafts/:id/edit", portal.WriteDocuments, s.draftSave, r.Upload)
	r.Desk.See("GET", "/desk/drafts/:id/files/:file/:name", portal.SeeDesk, s.draftFile, r.Download)
	r.Desk.See("POST", "/desk/drafts/:id/submit", portal.WriteDocuments, s.draftSubmit, r.Page)
	r.Desk.See("POST", "/desk/drafts/:id/return", portal.ReviewDocuments, s.draftReturn, r.Page)
	r.Desk.See("POST", "/desk/drafts/:id/approve", portal.ReviewDocuments, s.draftApprove, r.Fresh, r.Page)
	r.Desk.See("POST", "/desk/drafts/:id/drop", portal.WriteDocuments, s.draftDrop, r.Page)
	r.Desk.See("POST", "/desk/documents/:id/correct", portal.WriteDocuments, s.documentCorrect, r.Page)
	r.Desk.See("POST", "/desk/documents/:id/withdraw", portal.WithdrawDocuments, s.documentWithdraw, r.Fresh, r.Page)
	r.Desk.See("GET", "/desk/powers", portal.EditPowers, s.deskPowers, r.Page)
	r.Desk.See("GET", "/desk/powers/edit", portal.EditPowers, s.powerForm, r.Page)
	r.Desk.See("POST", "/desk/powers/edit", portal.EditPowers, s.powerSave, r.Page)
	r.Desk.See("GET", "/desk/reports", portal.EditReports, s.deskReports, r.Page)
	r.Desk.See("GET", "/desk/reports/edit", portal.EditReports, s.reportForm, r.Page)
	r.Desk.See("POST", "/desk/reports/edit", portal.EditReports, s.reportSave, r.Page)
	r.Desk.See("GET", "/desk/search", portal.ManageSearch, s.deskSearch, r.Page)
	r.Desk.See("POST", "/desk/search/check", portal.ManageSearch, s.deskSearchCheck, r.Page)
	r.Desk.See("GET", "/desk/search/vocabulary", portal.ManageSearch, s.deskVocabulary, r.Page)
	r.Desk.See("GET", "/desk/search/synonym", portal.ManageSearch, s.synonymForm, r.Page)
	r.Desk.See("POST", "/desk/search/synonym", portal.ManageSearch, s.synonymSave, r.Page)
	r.Desk.See("GET", "/desk/search/bet", portal.ManageSearch, s.betForm, r.Page)
	r.Desk.See("POST", "/desk/search/bet", portal.ManageSearch, s.betSave, r.Page)
	r.Desk.See("GET", "/desk/search/explain", portal.ManageSearch, s.deskExplain, r.Page)
	r.Desk.See("GET", "/desk/organs", portal.ManageOrgans, s.deskOrgans, r.Page)
	r.Desk.See("GET", "/desk/organs/edit", portal.ManageOrgans, s.organForm, r.Page)
	r.Desk.See("POST", "/desk/organs/edit", portal.ManageOrgans, s.organSave, r.Page)
	r.Desk.See("GET", "/desk/people", portal.ManagePeople, s.deskPeople, r.Page)
	r.Desk.See("GET", "/desk/people/edit", portal.ManagePeople, s.personForm, r.Page)
	r.Desk.See("POST", "/desk/people/edit", portal.ManagePeople, s.personSave, r.Fresh, r.Page)
	r.Desk.See("GET", "/desk/import", portal.ImportRecords, s.importForm, r.Page)
	r.Desk.See("POST", "/desk/import", portal.ImportRecords, s.importFile, r.Bounded(maxImportBody, 30*time.Minute))
	r.Desk.See("GET", "/desk/audit", portal.ReadAudit, s.audit, r.Page)
}
