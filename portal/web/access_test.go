package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/web"
	"gongkai/store/storetest"
)

// mayUse is the table of who may use which route under /desk; every other
// route is open to all. "-" is who is not signed in.
var mayUse = map[string]string{
	"GET /desk/registers/:code/import":                        "admin editor reviewer handler head clerk overseer",
	"POST /desk/registers/:code/import":                       "admin editor reviewer handler head clerk overseer",
	"POST /desk/entries/:id/step/:step":                       "admin editor reviewer handler head clerk overseer",
	"GET /desk/entries/:id/letter.pdf":                        "admin editor reviewer handler head clerk overseer",
	"GET /desk/consultations":                                 "editor reviewer",
	"GET /desk/consultations/edit":                            "editor reviewer",
	"POST /desk/consultations/edit":                           "editor reviewer",
	"GET /desk/consultations/:id":                             "editor reviewer",
	"POST /desk/consultations/:id/release":                    "reviewer",
	"POST /desk/consultations/:id/paper":                      "editor reviewer",
	"POST /desk/consultations/:id/decide":                     "editor reviewer",
	"POST /desk/consultations/:id/finish":                     "editor reviewer",
	"POST /desk/consultations/:id/publish":                    "reviewer",
	"GET /desk/surveys/edit":                                  "editor reviewer",
	"POST /desk/surveys/edit":                                 "editor reviewer",
	"GET /desk/surveys/:id":                                   "editor reviewer",
	"POST /desk/surveys/:id/release":                          "reviewer",
	"GET /desk/health":                                        "admin editor reviewer handler head clerk overseer",
	"GET /desk/assessment":                                    "admin editor reviewer handler head clerk overseer",
	"POST /desk/assessment/publish":                           "head overseer",
	"GET /desk/assessment/:year/:organ":                       "admin editor reviewer handler head clerk overseer",
	"POST /desk/assessment/:year/:organ/:step":                "admin editor reviewer handler head clerk overseer",
	"POST /desk/registers/:code/release":                      "admin editor reviewer handler head clerk overseer",
	"GET /desk/work":                                          "admin editor reviewer handler head clerk overseer",
	"GET /desk":                                               "admin editor reviewer handler head clerk overseer",
	"GET /desk/password":                                      "admin editor reviewer handler head clerk overseer",
	"POST /desk/password":                                     "admin editor reviewer handler head clerk overseer",
	"GET /desk/sign-in":                                       "- admin editor reviewer handler head clerk overseer",
	"POST /desk/sign-in":                                      "- admin editor reviewer handler head clerk overseer",
	"POST /desk/sign-out":                                     "- admin editor reviewer handler head clerk overseer",
	"GET /desk/documents":                                     "admin editor reviewer handler head clerk overseer",
	"GET /desk/documents/new":                                 "editor reviewer",
	"POST /desk/documents/new":                                "editor reviewer",
	"GET /desk/drafts/:id":                                    "admin editor reviewer handler head clerk overseer",
	"GET /desk/drafts/:id/edit":                               "editor reviewer",
	"POST /desk/drafts/:id/edit":                              "editor reviewer",
	"GET /desk/drafts/:id/files/:file/:name":                  "admin editor reviewer handler head clerk overseer",
	"POST /desk/drafts/:id/submit":                            "editor reviewer",
	"POST /desk/drafts/:id/return":                            "reviewer",
	"POST /desk/drafts/:id/approve":                           "reviewer",
	"POST /desk/drafts/:id/findings":                          "admin editor reviewer handler head clerk overseer",
	"POST /desk/drafts/:id/recall":                            "editor reviewer",
	"GET /desk/drafts":                                        "editor reviewer",
	"POST /desk/drafts":                                       "editor reviewer",
	"GET /desk/upload":                                        "editor reviewer",
	"POST /desk/upload":                                       "editor reviewer",
	"GET /desk/coverage":                                      "admin editor reviewer handler head clerk overseer",
	"GET /desk/plan":                                          "admin editor reviewer handler head clerk overseer",
	"GET /desk/plan/edit":                                     "editor reviewer",
	"POST /desk/plan/edit":                                    "editor reviewer",
	"GET /desk/gazettes":                                      "editor reviewer",
	"GET /desk/gazettes/edit":                                 "editor reviewer",
	"POST /desk/gazettes/edit":                                "editor reviewer",
	"GET /desk/bulk":                                          "reviewer",
	"POST /desk/bulk":                                         "reviewer",
	"GET /desk/bulk/:id":                                      "reviewer",
	"POST /desk/bulk/:id/undo":                                "reviewer",
	"GET /desk/cleanup":                                       "reviewer",
	"POST /desk/cleanup":                                      "reviewer",
	"GET /desk/export":                                        "admin",
	"GET /desk/import/template.csv":                           "admin",
	"GET /desk/tables":                                        "admin editor reviewer handler head clerk overseer",
	"GET /desk/tables/edit":                                   "editor reviewer",
	"POST /desk/tables/edit":                                  "editor reviewer",
	"GET /desk/tables/:id":                                    "admin editor reviewer handler head clerk overseer",
	"POST /desk/tables/:id/release":                           "reviewer",
	"GET /desk/directory":                                     "admin editor reviewer handler head clerk overseer",
	"POST /desk/directory":                                    "editor reviewer",
	"GET /desk/internal":                                      "admin editor reviewer handler head clerk overseer",
	"POST /desk/drafts/:id/drop":                              "editor reviewer",
	"POST /desk/documents/:id/correct":                        "editor reviewer",
	"POST /desk/documents/:id/withdraw":                       "reviewer",
	"GET /desk/powers":                                        "editor reviewer",
	"GET /desk/powers/edit":                                   "editor reviewer",
	"POST /desk/powers/edit":                                  "editor reviewer",
	"GET /desk/registers":                                     "admin editor reviewer handler head clerk overseer",
	"GET /desk/registers/:code":                               "admin editor reviewer handler head clerk overseer",
	"GET /desk/registers/:code/edit":                          "admin editor reviewer handler head clerk overseer",
	"POST /desk/registers/:code/edit":                         "admin editor reviewer handler head clerk overseer",
	"GET /desk/entries/:id":                                   "admin editor reviewer handler head clerk overseer",
	"POST /desk/entries/:id/release":                          "admin editor reviewer handler head clerk overseer",
	"POST /desk/entries/:id/withdraw":                         "admin editor reviewer handler head clerk overseer",
	"GET /desk/powers/import":                                 "editor reviewer",
	"POST /desk/powers/import":                                "editor reviewer",
	"POST /desk/powers/approve":                               "reviewer",
	"GET /desk/powers/:id":                                    "editor reviewer",
	"POST /desk/powers/:id/approve":                           "reviewer",
	"POST /desk/powers/:id/return":                            "reviewer",
	"POST /desk/powers/:id/confirm":                           "editor reviewer",
	"GET /desk/reports":                                       "editor reviewer",
	"GET /desk/reports/edit":                                  "editor reviewer",
	"POST /desk/reports/edit":                                 "editor reviewer",
	"GET /desk/reports/quarter":                               "editor reviewer",
	"GET /desk/reports/:id":                                   "editor reviewer",
	"POST /desk/reports/:id":                                  "editor reviewer",
	"POST /desk/reports/:id/file":                             "reviewer",
	"GET /desk/reports/:id/behind":                            "editor reviewer",
	"GET /desk/reports/:id/download/:format":                  "editor reviewer",
	"GET /desk/applications":                                  "handler head",
	"GET /desk/applications/register.xlsx":                    "handler head",
	"GET /desk/applications/:number":                          "handler head",
	"GET /desk/applications/:number/files/:file/:name":        "handler head",
	"POST /desk/applications/:number/step":                    "handler head",
	"POST /desk/applications/:number/undo":                    "handler head",
	"POST /desk/applications/:number/unpublish":               "handler head",
	"GET /desk/intake":                                        "handler head",
	"POST /desk/intake":                                       "handler head",
	"POST /desk/applications/assign":                          "handler head",
	"GET /desk/hand-over":                                     "handler head",
	"POST /desk/hand-over":                                    "handler head",
	"GET /desk/statistics":                                    "handler head",
	"GET /desk/asked":                                         "admin editor reviewer handler head clerk overseer",
	"POST /desk/asked/:number/:id":                            "admin editor reviewer handler head clerk overseer",
	"GET /desk/letters":                                       "admin head",
	"GET /desk/letters/edit":                                  "admin head",
	"POST /desk/letters/edit":                                 "admin head",
	"GET /desk/applications/:number/letters/:id/:name":        "handler head",
	"POST /desk/applications/:number/hold":                    "handler head",
	"POST /desk/applications/:number/release":                 "handler head",
	"GET /desk/second":                                        "",
	"POST /desk/second":                                       "",
	"POST /desk/second/key":                                   "",
	"POST /desk/second/answer":                                "",
	"GET /desk/security":                                      "admin editor reviewer handler head clerk overseer",
	"POST /desk/security/app":                                 "admin editor reviewer handler head clerk overseer",
	"POST /desk/security/drop":                                "admin editor reviewer handler head clerk overseer",
	"POST /desk/security/end":                                 "admin editor reviewer handler head clerk overseer",
	"POST /desk/security/again":                               "admin editor reviewer handler head clerk overseer",
	"POST /desk/security/key":                                 "admin editor reviewer handler head clerk overseer",
	"POST /desk/security/key/answer":                          "admin editor reviewer handler head clerk overseer",
	"POST /desk/security/key/drop":                            "admin editor reviewer handler head clerk overseer",
	"GET /desk/applications/:number/archive.zip":              "handler head",
	"POST /desk/applications/:number/letters/:id/:name":       "handler head",
	"POST /desk/applications/:number/archive.zip":             "handler head",
	"GET /desk/applications/:number/proposal":                 "handler head",
	"POST /desk/applications/:number/sign":                    "head",
	"POST /desk/applications/:number/return":                  "head",
	"POST /desk/applications/:number/delivered":               "handler head",
	"POST /desk/applications/:number/receipt":                 "handler head",
	"POST /desk/applications/:number/ask":                     "handler head",
	"POST /desk/applications/:number/assign":                  "handler head",
	"POST /desk/applications/:number/split":                   "handler head",
	"POST /desk/applications/:number/deliver":                 "handler head",
	"POST /desk/applications/:number/review":                  "handler head",
	"POST /desk/applications/:number/papers":                  "handler head",
	"POST /desk/applications/:number/disclose":                "handler head",
	"GET /desk/applications/:number/papers/:file":             "handler head",
	"GET /desk/applications/:number/papers/:file/find":        "handler head",
	"GET /desk/applications/:number/papers/:file/pages/:page": "handler head",
	"POST /desk/applications/:number/papers/:file":            "handler head",
	"POST /desk/applications/:number/reveal":                  "handler head",
	"GET /desk/mailbox":                                       "handler head clerk overseer",
	"GET /desk/mailbox/take":                                  "handler head clerk",
	"POST /desk/mailbox/take":                                 "handler head clerk",
	"POST /desk/mailbox/known":                                "handler head clerk",
	"GET /desk/mailbox/knowledge":                             "handler head clerk",
	"GET /desk/mailbox/return":                                "handler head clerk overseer",
	"GET /desk/mailbox/:number":                               "handler head clerk overseer",
	"GET /desk/mailbox/:number/files/:file/:name":             "handler head clerk overseer",
	"POST /desk/mailbox/:number/step/:step":                   "handler head clerk",
	"POST /desk/mailbox/:number/answer":                       "handler head clerk",
	"POST /desk/mailbox/:number/check":                        "head overseer",
	"POST /desk/mailbox/:number/offer":                        "handler head clerk",
	"POST /desk/mailbox/:number/release":                      "handler head",
	"POST /desk/mailbox/:number/unpublish":                    "handler head",
	"POST /desk/mailbox/:number/reveal":                       "handler head clerk",
	"POST /desk/mailbox/:number/apply":                        "handler head clerk",
	"POST /desk/applications/:number/petition":                "handler head",
	"GET /desk/organs":                                        "admin",
	"GET /desk/machines":                                      "admin",
	"POST /desk/machines/keys":                                "admin",
	"POST /desk/machines/hooks":                               "admin",
	"POST /desk/machines/:what/:id/:do":                       "admin",
	"GET /desk/masthead":                                      "admin",
	"POST /desk/masthead":                                     "admin",
	"GET /desk/organs/edit":                                   "admin",
	"POST /desk/organs/edit":                                  "admin",
	"GET /desk/people":                                        "admin",
	"GET /desk/people/edit":                                   "admin",
	"POST /desk/people/edit":                                  "admin",
	"GET /desk/import":                                        "admin",
	"POST /desk/import":                                       "admin",
	"GET /desk/audit":                                         "admin",
	"GET /desk/calendar":                                      "admin",
	"POST /desk/calendar":                                     "admin",
	"GET /desk/search":                                        "admin",
	"POST /desk/search/check":                                 "admin",
	"GET /desk/search/vocabulary":                             "admin",
	"GET /desk/search/synonym":                                "admin",
	"POST /desk/search/synonym":                               "admin",
	"GET /desk/search/bet":                                    "admin",
	"POST /desk/search/bet":                                   "admin",
	"POST /api/v1/drafts":                                     "nobody",
	"GET /api/v1/drafts/:id":                                  "nobody",
	"POST /api/v1/drafts/:id/files":                           "nobody",
	"POST /api/v1/drafts/:id/submit":                          "nobody",
	"GET /desk/search/explain":                                "admin",
}

var parameter = regexp.MustCompile(`:[a-z]+`)

// TestEveryRouteForEveryRole walks every route without a session and with
// each role. Records asked for are not there, so whoever passes the guard
// gets something other than "sign in" or "forbidden".
func TestEveryRouteForEveryRole(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	routes := web.Routes(s.srv)
	if len(routes) < 70 {
		t.Fatalf("only %d routes", len(routes))
	}
	named := map[string]bool{}
	for _, who := range []string{"-", "admin", "editor", "reviewer", "handler", "head", "clerk", "overseer"} {
		for _, r := range routes {
			name := r.Method + " " + r.Path
			named[name] = true
			desk := strings.HasPrefix(r.Path, "/desk") || strings.HasPrefix(r.Path, "/api/v1/drafts") // which is for programs with a key
			allowed, listed := mayUse[name]
			if desk && !listed {
				t.Errorf("%s is not in the table", name)
				continue
			}
			b := s.browser(t)
			if who != "-" {
				b = s.signedIn(t, who)
			}
			req, err := http.NewRequest(r.Method, s.url+parameter.ReplaceAllString(r.Path, "none"), nil)
			if err != nil {
				t.Fatal(err)
			}
			got := b.do(req)
			refused := got.code == 403 && !strings.HasPrefix(r.Path, "/track") || got.code == 401 && name != "POST /desk/sign-in" || got.code == 303 && strings.HasSuffix(got.header.Get("Location"), "/desk/sign-in")
			want := !desk || strings.Contains(" "+allowed+" ", " "+who+" ")
			if refused == want {
				t.Errorf("%s as %s: status %d to %q, allowed should be %v", name, who, got.code, got.header.Get("Location"), want)
			}
			if got.code >= 500 {
				t.Errorf("%s as %s: status %d", name, who, got.code)
			}
			if desk && strings.HasPrefix(got.header.Get("Cache-Control"), "public") {
				t.Errorf("%s may be kept by others", name)
			}
			s.resetLimits()
		}
	}
	for name := range mayUse {
		if !named[name] {
			t.Errorf("the table names %s, which is no route", name)
		}
	}
}

// resetLimits lets time pass, so that the limits on tries do not count here.
func (s *site) resetLimits() { s.mu.Lock(); s.now = s.now.Add(60e9); s.mu.Unlock() }

// TestOrgansAreKeptApart: an editor of one organ gets at nothing of another.
func TestOrgansAreKeptApart(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	by := portal.System("t")
	d := &documents.Draft{ID: "LANDDRAFT", State: documents.Submitted, By: "someone", ChangedAt: testNow, Content: documents.Content{Title: "土地草稿", Organs: []portal.OrganCode{"land"}}}
	if err := storetest.PutDraft(t.Context(), s.st, by, d); err != nil {
		t.Fatal(err)
	}
	land := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "land", Page: 1, Size: 1}).Rows[0]
	power := s.st.Catalogue.Browse(portal.Browse{Kind: "power", Organ: "land", Page: 1, Size: 1}).Rows[0]
	b := s.signedIn(t, "reviewer") // of water and civil affairs
	for _, path := range []string{"/desk/drafts/LANDDRAFT", "/desk/drafts/LANDDRAFT/edit", "/desk/powers/edit?id=" + power.ID} {
		if r := b.get(path); r.code != 403 || strings.Contains(r.body, "土地草稿") {
			t.Errorf("GET %s: %d", path, r.code)
		}
	}
	for _, path := range []string{"/desk/drafts/LANDDRAFT/approve", "/desk/drafts/LANDDRAFT/return", "/desk/documents/" + land.ID + "/correct", "/desk/documents/" + land.ID + "/withdraw"} {
		if r := b.post(path, nil); r.code != 403 {
			t.Errorf("POST %s: %d", path, r.code)
		}
	}
	if r := b.get("/desk/documents"); strings.Contains(r.body, "土地草稿") {
		t.Error("another organ's draft is listed")
	}
}
