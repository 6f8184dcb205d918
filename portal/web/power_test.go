package web_test

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/powers"
)

// TestPowerChanges: an officer changes an item, a second person approves; the public sees
// old and new, on each day what held on it, and in the feed that it changed.
func TestPowerChanges(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer, citizen := s.signedIn(t, "editor"), s.signedIn(t, "reviewer"), s.browser(t)
	var id string
	for _, l := range s.st.Catalogue.Browse(portal.Browse{Kind: "power", Organ: "water", Genre: "01", Validity: "in_force", Page: 1, Size: 50}).Rows {
		id = l.ID
	}
	i, err := s.st.Powers.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	edit := editor.get("/desk/powers/edit?id=" + id)
	v := url.Values{"revision": {revision(t, edit.body, `action="/desk/powers/edit`)}, "kind": {"changed"}, "reason": {"压缩办理时限"}, "document": {"清政发〔2026〕31号"}, "effective": {"2026-11-20"}}
	for _, f := range powers.Rules.Fields {
		if x := i.Shown().Values[f.Code]; x != "" {
			v[f.Code] = strings.Split(x, "\n")
			if f.Kind != powers.Choices {
				v.Set(f.Code, x)
			}
		}
	}
	v.Set("promised", "3个工作日")
	if r := editor.post("/desk/powers/edit?id="+id, v); r.code != 303 || r.header.Get("Location") != "/desk/powers/"+id {
		t.Fatalf("proposing: %d %s", r.code, plain(r.body))
	}
	if r := citizen.get("/powers/" + id); strings.Contains(r.body, "3个工作日") && strings.Contains(r.body, "压缩办理时限") {
		t.Error("what is proposed is public")
	}
	desk := reviewer.get("/desk/powers/" + id)
	if !strings.Contains(desk.body, "<del>") || !strings.Contains(desk.body, "<ins>3个工作日</ins>") {
		t.Errorf("the reviewer does not see before and after")
	}
	if r := reviewer.get("/desk"); !strings.Contains(r.body, "/desk/powers/"+id) {
		t.Error("the first page does not say that a change waits")
	}
	if r := editor.post("/desk/powers/"+id+"/approve", url.Values{"legality": {"通过"}}); r.code != 403 {
		t.Errorf("an editor approves: %d", r.code)
	}
	approval := url.Values{"revision": {revision(t, desk.body, `action="/desk/powers/`+id+`/approve`)}}
	if r := reviewer.post("/desk/powers/"+id+"/approve", approval); r.code != 422 || !strings.Contains(r.body, `id="legality-error"`) {
		t.Errorf("without a legality review: %d", r.code)
	}
	if r := reviewer.post("/desk/powers/"+id+"/approve", with(approval, "legality", "合法性审查通过")); r.code != 303 {
		t.Fatalf("approving: %d %s", r.code, plain(r.body))
	}
	page := citizen.get("/powers/" + id)
	if !strings.Contains(page.body, "<ins>3个工作日</ins>") || !strings.Contains(page.body, "清政发〔2026〕31号") || !strings.Contains(page.body, "<svg") {
		t.Errorf("the public does not see old and new")
	}
	old := citizen.get("/powers/" + id + "?on=2026-11-01")
	if !strings.Contains(plain(old.body), "这是2026年11月1日的内容") {
		t.Errorf("the item as of a day: %d", old.code)
	}
	if r := citizen.get("/powers/" + id + "?on=1999-01-01"); r.code != 404 {
		t.Errorf("before it was in the list: %d", r.code)
	}
	if r := citizen.get("/feed.atom?kind=power&organ=water"); !strings.Contains(r.body, "变更：压缩办理时限") {
		t.Errorf("the feed does not say what changed")
	}
	c := citizen.get("/powers/compare?from=2026-11-19&to=2026-11-20&organ=water")
	if !strings.Contains(c.body, "压缩办理时限") || strings.Contains(c.body, "✗") {
		t.Errorf("the comparison: %d", c.code)
	}
	if r := citizen.get("/powers?on=2024-01-02&type=01"); !strings.Contains(plain(r.body), "共225项") {
		t.Errorf("the list of a day: %d %s", r.code, plain(r.body)[:200])
	}
	all := citizen.get("/powers/compare?from=2024-01-02&to=2026-11-20")
	if !strings.Contains(all.body, ">225<") || !strings.Contains(all.body, ">147<") {
		t.Errorf("the approvals did not go from 225 to 147")
	}
	if r := citizen.get("/powers/" + id + "/poster?size=A3"); r.code != 200 || !strings.HasPrefix(r.body, "%PDF") {
		t.Errorf("the poster: %d", r.code)
	}
	for format, begins := range map[string]string{"xlsx": "PK", "pdf": "%PDF", "json": "{"} {
		if r := citizen.get("/powers/download/" + format + "?organ=water"); r.code != 200 || !strings.HasPrefix(r.body, begins) {
			t.Errorf("the list as %s: %d", format, r.code)
		}
	}
	r := citizen.get("/powers?topic=water&audience=1&type=01")
	if r.code != 200 || strings.Contains(r.body, `>02<`) {
		t.Errorf("the list by subject: %d", r.code)
	}
}

// TestShakenBasis: when a document on which items rest is repealed, their organ is told,
// until somebody says that they hold all the same.
func TestShakenBasis(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor := s.signedIn(t, "editor")
	row := s.st.Catalogue.Browse(portal.Browse{Kind: "power", Organ: "water", Validity: "in_force", Page: 1, Size: 1}).Rows[0]
	var law *portal.Listing
	for _, l := range s.st.Catalogue.Browse(portal.Browse{Kind: "document", Organ: "water", Validity: "in_force", Page: 1, Size: 1}).Rows {
		law = l
	}
	if _, err := s.st.Powers.Change(t.Context(), portal.System("t"), row.ID, portal.Latest, "x", testNow, func(i *powers.PowerItem) (string, error) {
		i.Changes[len(i.Changes)-1].Values["basis"] = "《" + law.Title + "》第五条"
		return "", nil
	}); err != nil {
		t.Fatal(err)
	}
	if r := s.browser(t).get("/powers/" + row.ID); !strings.Contains(r.body, "/documents/"+law.ID+"#:~:text=") {
		t.Errorf("the basis does not lead to its document")
	}
	if r := editor.get("/desk/powers"); strings.Contains(r.body, "设定依据有变动") {
		t.Error("something is shaken before anything was repealed")
	}
	s.set(testNow.Add(time.Hour)) // the demonstration city looked at its list just now
	form := draftForm("关于废止有关文件的决定")
	form.Set("repeals", law.ID)
	s.published(t, editor, s.signedIn(t, "reviewer"), form)
	if l := s.st.Catalogue.Listings(law.Key)[0]; l.Validity != "repealed" {
		t.Fatalf("the document is not repealed: %s", l.Validity)
	}
	if r := editor.get("/desk/powers"); !strings.Contains(r.body, "设定依据有变动") || !strings.Contains(r.body, row.ID) {
		t.Errorf("the organ is not told on the page of its list")
	}
	if r := editor.get("/desk"); !strings.Contains(r.body, "/desk/powers/"+row.ID) {
		t.Errorf("the organ is not told on its first page")
	}
	at := "/desk/powers/" + row.ID
	v := url.Values{"revision": {revision(t, editor.get(at).body, `action="`+at+`/confirm`)}, "note": {"上位法仍有规定"}}
	if r := editor.post(at+"/confirm", v); r.code != 303 {
		t.Fatalf("confirming: %d %s", r.code, plain(r.body))
	}
	s.set(testNow.Add(48 * time.Hour))
	if r := editor.get("/desk/powers"); strings.Contains(r.body, row.ID+`">`+row.Title+"</a>：") {
		t.Error("it is still flagged after somebody looked")
	}
}

// TestImportPowers: a list in a workbook is shown with its columns, corrected by hand,
// proposed, remembered, approved together.
func TestImportPowers(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer := s.signedIn(t, "editor"), s.signedIn(t, "reviewer")
	csv := "主项,职权编码,职权类型,职权依据,怪列\n貔貅取水许可,PX-1,行政许可,《水法》第四十八条,a\n貔貅违法处罚,PX-2,行政处罚,《水法》第六十九条,b\n貔貅坏行,PX 3!,不知道,《水法》,c\n"
	fields := url.Values{"organ": {"water"}, "reason": {"编制权责清单"}, "document": {"清政办发〔2026〕3号"}, "effective": {"2026-11-01"}}
	r := editor.upload("/desk/powers/import", fields, map[string][2]string{"file": {"list.csv", csv}})
	if r.code != 200 || !strings.Contains(r.body, "怪列") || !strings.Contains(plain(r.body), "共3行") {
		t.Fatalf("the file: %d %s", r.code, plain(r.body))
	}
	hidden := func(name string) string {
		_, rest, _ := strings.Cut(r.body, `name="`+name+`" value="`)
		v, _, _ := strings.Cut(rest, `"`)
		return v
	}
	step := with(fields, "id", hidden("id"), "name", "list.csv", "sheet", "0", "shown", "0", "column0", "name_zh", "column1", "code", "column2", "type", "column3", "basis", "step", "send")
	r = editor.post("/desk/powers/import", step)
	if r.code != 200 || !strings.Contains(plain(r.body), "已提出") || !strings.Contains(r.body, ">2</dd>") {
		t.Fatalf("proposing: %d %s", r.code, plain(r.body))
	}
	again := editor.upload("/desk/powers/import", fields, map[string][2]string{"file": {"list.csv", csv}})
	if !strings.Contains(again.body, `value="name_zh" selected`) {
		t.Error("how the columns were read is not remembered")
	}
	if r := editor.post("/desk/powers/approve", url.Values{"item": {"water.PX-1"}, "legality": {"通过"}}); r.code != 403 {
		t.Errorf("an editor approves: %d", r.code)
	}
	if r := reviewer.post("/desk/powers/approve", url.Values{"item": {"water.PX-1", "water.PX-2"}, "legality": {"通过"}}); r.code != 200 || !strings.Contains(plain(r.body), "已批准2项") {
		t.Fatalf("approving: %d %s", r.code, plain(r.body))
	}
	if r := s.browser(t).get("/powers/water.PX-1"); r.code != 200 || !strings.Contains(r.body, "貔貅取水许可") {
		t.Errorf("the item: %d", r.code)
	}
}

// TestRegisters: a penalty is entered, released within its seven working days by a second
// person, counts in the report, shows below its power item; annulled, it is due to be
// withdrawn within three days, and then gone with its reason.
func TestRegisters(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	editor, reviewer, citizen := s.signedIn(t, "editor"), s.signedIn(t, "reviewer"), s.browser(t)
	power := s.st.Catalogue.Browse(portal.Browse{Kind: "power", Organ: "water", Validity: "in_force", Page: 1, Size: 1}).Rows[0].ID
	v := url.Values{"organ": {"water"}, "power": {power}, "decision": {"清罚决〔2026〕9号"}, "party": {"麒麟商行"}, "facts": {"无证取水"}, "basis": {"水法第六十九条"}, "content": {"罚款"}, "amount": {"2000.5"}, "decided": {"2026-11-16"}}
	if r := editor.post("/desk/registers/penalties/edit", with(v, "amount", "两千", "decided", "昨天", "power", "water.none")); r.code != 422 || !strings.Contains(r.body, `id="amount-error"`) || !strings.Contains(r.body, `id="decided-error"`) || !strings.Contains(r.body, "两千") {
		t.Errorf("bad fields: %d", r.code)
	}
	r := editor.post("/desk/registers/penalties/edit", v)
	at := r.header.Get("Location")
	if r.code != 303 || !strings.HasPrefix(at, "/desk/entries/penalties.water.") {
		t.Fatalf("entering: %d %s", r.code, plain(r.body))
	}
	id := strings.TrimPrefix(at, "/desk/entries/")
	if r := citizen.get("/entries/" + id); r.code != 404 {
		t.Errorf("an entry that was not released is public: %d", r.code)
	}
	home := editor.get("/desk")
	if !strings.Contains(home.body, at) || !strings.Contains(plain(home.body), "2026年11月25日") { // seven working days from Monday the 16th
		t.Errorf("its day is not told: %v", strings.Contains(home.body, at))
	}
	release := url.Values{"revision": {revision(t, reviewer.get(at).body, `action="`+at+`/release`)}}
	if r := reviewer.post(at+"/release", release); r.code != 303 {
		t.Fatalf("releasing: %d %s", r.code, plain(r.body))
	}
	if r := citizen.get("/registers/penalties?power=" + power); !strings.Contains(r.body, "麒麟商行") {
		t.Errorf("the register: %d", r.code)
	}
	if r := citizen.get("/powers/" + power); !strings.Contains(r.body, "/registers/penalties?power=") {
		t.Errorf("the item does not lead to its results")
	}
	figures, err := s.areas.Registers.Figures(t.Context(), "water", portal.DateOf(testNow)-10, portal.DateOf(testNow))
	if err != nil || figures["proactive/penalties/decisions"] < 1 {
		t.Errorf("it does not count: %v %v", figures, err)
	}
	for _, format := range []string{"csv", "xlsx", "pdf", "json"} {
		if r := citizen.get("/registers/fees?format=" + format); r.code != 200 || len(r.body) < 200 {
			t.Errorf("charges as %s: %d", format, r.code)
		}
	}
	seen := revision(t, editor.get("/desk/registers/penalties/edit?id="+id).body, `action="/desk/registers`)
	if r := editor.post("/desk/registers/penalties/edit?id="+id, with(v, "revision", seen, "annulled", "2026-11-19")); r.code != 303 {
		t.Fatalf("annulled: %d %s", r.code, plain(r.body))
	}
	if r := editor.get("/desk"); !strings.Contains(r.body, at) || !strings.Contains(plain(r.body), "2026年11月22日") {
		t.Errorf("its withdrawal is not due")
	}
	gone := url.Values{"revision": {revision(t, reviewer.get(at).body, `action="`+at+`/withdraw`)}, "reason": {"处罚决定被依法撤销"}}
	if r := reviewer.post(at+"/withdraw", gone); r.code != 303 {
		t.Fatalf("withdrawing: %d %s", r.code, plain(r.body))
	}
	if r := citizen.get("/entries/" + id); r.code != 410 || !strings.Contains(r.body, "处罚决定被依法撤销") || strings.Contains(r.body, "麒麟商行") {
		t.Errorf("after it: %d", r.code)
	}
	if r := citizen.get("/registers/penalties?power=" + power); strings.Contains(r.body, "麒麟商行") {
		t.Errorf("it is still listed")
	}
	if r := citizen.get("/feed.atom?kind=entry&genre=penalties"); !strings.Contains(r.body, id) || strings.Contains(r.body, "麒麟商行") {
		t.Errorf("the feed does not tell that it is gone, or tells of whom it was")
	}
	if r := editor.get("/desk"); strings.Contains(r.body, at) {
		t.Error("it is still due")
	}
	// What lies in a file passes the same gate.
	proof := editor.upload("/desk/registers/promises/edit", url.Values{"organ": {"water"}, "text": {"供水承诺"}, "owner": {"张"}, "due": {"2026-12-01"}}, map[string][2]string{"proof": {"proof.txt", "验收单，身份证号11010519491231002X"}}).header.Get("Location")
	r = reviewer.post(proof+"/release", url.Values{"revision": {revision(t, reviewer.get(proof).body, `action="`+proof+`/release`)}})
	if r.code != 422 || !strings.Contains(plain(r.body), "11010519491231002X") {
		t.Errorf("a file with an identity number: %d", r.code)
	}
	p := citizen.get("/registers/promises")
	if !strings.Contains(plain(p.body), "46条") || !strings.Contains(plain(p.body), "已兑现") || !strings.Contains(plain(p.body), "未兑现") {
		t.Errorf("promises: %s", plain(p.body)[:200])
	}
	var fees struct {
		Entries []struct{ Values map[string]string }
	}
	if err := json.Unmarshal([]byte(citizen.get("/registers/fees?format=json").body), &fees); err != nil {
		t.Fatal(err)
	}
	states := map[string]int{}
	for _, e := range fees.Entries {
		states[e.Values["state"]]++
	}
	if states["cancelled"] != 3 || states["exempt"] != 8 || states["reduced"] != 4 {
		t.Errorf("charges: %v", states)
	}
	for path, n := range map[string]int{"practical": 44, "tasks": 10} {
		if r := citizen.get("/registers/" + path); !strings.Contains(plain(r.body), strconv.Itoa(n)+"条") {
			t.Errorf("%s are not %d", path, n)
		}
	}
	if r := citizen.get("/hall"); !strings.Contains(r.body, "1号窗口") || !strings.Contains(plain(r.body), "首问责任人") {
		t.Errorf("the hall: %d", r.code)
	}
}

// TestRemindedOfWhatIsDue: those who may do something that is near its day are written to
// once a working day, and nobody else.
func TestRemindedOfWhatIsDue(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	people := map[portal.Login]string{"editor": "editor@city.example", "handler": "handler@city.example"}
	for login, address := range people {
		if err := s.st.People.ChangePerson(t.Context(), portal.System("t"), login, portal.Latest, "x", testNow, func(p *portal.Person) error { p.Email = address; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	editor := s.signedIn(t, "editor")
	power := s.st.Catalogue.Browse(portal.Browse{Kind: "power", Organ: "water", Validity: "in_force", Page: 1, Size: 1}).Rows[0].ID
	v := url.Values{"organ": {"water"}, "power": {power}, "decision": {"清许决〔2026〕9号"}, "party": {"麒麟商行"}, "content": {"准予"}, "decided": {"2026-11-16"}}
	if r := editor.post("/desk/registers/licences/edit", v); r.code != 303 {
		t.Fatalf("entering: %d %s", r.code, plain(r.body))
	}
	due := s.areas.Reminders
	due.Writer = s.srv.Writer
	remind := func(day string) (letters []string) {
		t.Helper()
		at, err := time.ParseInLocation("2006-01-02 15", day, testNow.Location())
		if err != nil {
			t.Fatal(err)
		}
		s.set(at)
		if _, err := due.Remind(t.Context()); err != nil {
			t.Fatal(err)
		}
		queued, err := s.st.Outbox.DueMail(t.Context(), at.Add(time.Hour), 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range queued {
			if strings.Contains(m.Mail.Text, "清许决〔2026〕9号") {
				letters = append(letters, m.Mail.To)
			}
		}
		return letters
	}
	if l := remind("2026-11-23 09"); len(l) != 0 {
		t.Errorf("two working days before: %v", l)
	}
	if l := remind("2026-11-24 07"); len(l) != 0 {
		t.Errorf("before the offices open: %v", l)
	}
	l := remind("2026-11-24 09") // one working day is left
	if len(l) != 1 || l[0] != "editor@city.example" {
		t.Errorf("a working day before: %v", l)
	}
	if l := remind("2026-11-24 10"); len(l) != 1 {
		t.Errorf("told again on the same day: %v", l)
	}
}
