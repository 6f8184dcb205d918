package desk

import (
	"time"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// deskRoutes names the addresses of this face, with who may use each.
func (s *Face) Routes(r page.Mount) {
	r.Desk.See("GET", "/desk", portal.SeeDesk, s.desk, r.Page)
	r.Desk.See("GET", "/desk/documents", portal.SeeDesk, s.drafts().deskDocuments, r.Page)
	r.Desk.See("GET", "/desk/documents/new", portal.WriteDocuments, s.drafts().draftNew, r.Page)
	r.Desk.See("POST", "/desk/documents/new", portal.WriteDocuments, s.drafts().draftSave, r.Upload)
	r.Desk.See("GET", "/desk/drafts", portal.WriteDocuments, s.drafts().draftTable, r.Page)
	r.Desk.See("POST", "/desk/drafts", portal.WriteDocuments, s.drafts().draftTableSave, r.Page)
	r.Desk.See("GET", "/desk/internal", portal.SeeDesk, s.drafts().internal, r.Page)
	r.Desk.See("GET", "/desk/coverage", portal.SeeDesk, s.drafts().coverage, r.Page)
	r.Desk.See("GET", "/desk/upload", portal.WriteDocuments, s.drafts().uploadForm, r.Page)
	r.Desk.See("POST", "/desk/upload", portal.WriteDocuments, s.drafts().uploadFiles, r.Bulk)
	r.Desk.See("POST", "/desk/drafts/:id/findings", portal.SeeDesk, s.drafts().draftDecide, r.Page)
	r.Desk.See("POST", "/desk/drafts/:id/recall", portal.WriteDocuments, s.drafts().draftRecall, r.Page)
	r.Desk.See("GET", "/desk/drafts/:id", portal.SeeDesk, s.drafts().draft, r.Page)
	r.Desk.See("GET", "/desk/drafts/:id/edit", portal.WriteDocuments, s.drafts().draftEdit, r.Page)
	r.Desk.See("POST", "/desk/drafts/:id/edit", portal.WriteDocuments, s.drafts().draftSave, r.Upload)
	r.Desk.See("GET", "/desk/drafts/:id/files/:file/:name", portal.SeeDesk, s.drafts().draftFile, r.Download)
	r.Desk.See("POST", "/desk/drafts/:id/submit", portal.WriteDocuments, s.drafts().draftSubmit, r.Page)
	r.Desk.See("POST", "/desk/drafts/:id/return", portal.ReviewDocuments, s.drafts().draftReturn, r.Page)
	r.Desk.See("POST", "/desk/drafts/:id/approve", portal.ReviewDocuments, s.drafts().draftApprove, r.Fresh, r.Page)
	r.Desk.See("POST", "/desk/drafts/:id/drop", portal.WriteDocuments, s.drafts().draftDrop, r.Page)
	r.Desk.See("POST", "/desk/documents/:id/correct", portal.WriteDocuments, s.drafts().documentCorrect, r.Page)
	r.Desk.See("POST", "/desk/documents/:id/withdraw", portal.WithdrawDocuments, s.drafts().documentWithdraw, r.Fresh, r.Page)
	r.Desk.See("GET", "/desk/powers", portal.EditPowers, s.records().deskPowers, r.Page)
	r.Desk.See("GET", "/desk/powers/edit", portal.EditPowers, s.records().powerForm, r.Page)
	r.Desk.See("POST", "/desk/powers/edit", portal.EditPowers, s.records().powerSave, r.Page)
	r.Desk.See("GET", "/desk/reports", portal.EditReports, s.records().deskReports, r.Page)
	r.Desk.See("GET", "/desk/reports/edit", portal.EditReports, s.records().reportForm, r.Page)
	r.Desk.See("POST", "/desk/reports/edit", portal.EditReports, s.records().reportSave, r.Page)
	r.Desk.See("GET", "/desk/search", portal.ManageSearch, s.teaching().deskSearch, r.Page)
	r.Desk.See("POST", "/desk/search/check", portal.ManageSearch, s.teaching().deskSearchCheck, r.Page)
	r.Desk.See("GET", "/desk/search/vocabulary", portal.ManageSearch, s.teaching().deskVocabulary, r.Page)
	r.Desk.See("GET", "/desk/search/synonym", portal.ManageSearch, s.teaching().synonymForm, r.Page)
	r.Desk.See("POST", "/desk/search/synonym", portal.ManageSearch, s.teaching().synonymSave, r.Page)
	r.Desk.See("GET", "/desk/search/bet", portal.ManageSearch, s.teaching().betForm, r.Page)
	r.Desk.See("POST", "/desk/search/bet", portal.ManageSearch, s.teaching().betSave, r.Page)
	r.Desk.See("GET", "/desk/search/explain", portal.ManageSearch, s.teaching().deskExplain, r.Page)
	r.Desk.See("GET", "/desk/organs", portal.ManageOrgans, s.records().deskOrgans, r.Page)
	r.Desk.See("GET", "/desk/organs/edit", portal.ManageOrgans, s.records().organForm, r.Page)
	r.Desk.See("POST", "/desk/organs/edit", portal.ManageOrgans, s.records().organSave, r.Page)
	r.Desk.See("GET", "/desk/people", portal.ManagePeople, s.records().deskPeople, r.Page)
	r.Desk.See("GET", "/desk/people/edit", portal.ManagePeople, s.records().personForm, r.Page)
	r.Desk.See("POST", "/desk/people/edit", portal.ManagePeople, s.records().personSave, r.Fresh, r.Page)
	r.Desk.See("GET", "/desk/import", portal.ImportRecords, s.importForm, r.Page)
	r.Desk.See("POST", "/desk/import", portal.ImportRecords, s.importFile, r.Bounded(maxImportBody, 30*time.Minute))
	r.Desk.See("GET", "/desk/audit", portal.ReadAudit, s.audit, r.Page)
}
