package portal_test

import (
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/quick"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// TestLayers keeps imports pointing one way: cmd → web → portal ← store,
// search. Each line says what a package must never reach.
func TestLayers(t *testing.T) {
	for pkg, banned := range map[string][]string{
		"gongkai/portal":          {"gongkai/store", "gongkai/search", "gongkai/portal/web", "gongkai/portal/importer", "gongkai/portal/letter", "github.com/", "codeberg.org/", "go.etcd.io/", "net/http"},
		"gongkai/portal/letter":   {"gongkai/store", "gongkai/portal/web", "net/http"},
		"gongkai/portal/clock":    {"gongkai/", "github.com/"},
		"gongkai/store":           {"gongkai/search", "gongkai/portal/web", "github.com/labstack/", "github.com/blevesearch/"},
		"gongkai/search":          {"gongkai/store", "gongkai/portal/web", "github.com/labstack/"},
		"gongkai/portal/web":      {"gongkai/store", "gongkai/search", "github.com/blevesearch/", "go.etcd.io/"},
		"gongkai/portal/importer": {"gongkai/store", "gongkai/search", "gongkai/portal/web", "go.etcd.io/"},
		"gongkai/portal/extract":  {"gongkai/store", "gongkai/search", "gongkai/portal/web", "gongkai/portal/importer", "go.etcd.io/"},
		"gongkai/portal/redact":   {"gongkai/store", "gongkai/search", "gongkai/portal/web", "gongkai/portal/importer", "gongkai/portal/extract", "go.etcd.io/"},
		"gongkai/portal/demo":     {"gongkai/store", "gongkai/search", "gongkai/portal/web", "go.etcd.io/"},
	} {
		out, err := exec.Command("go", "list", "-deps", pkg).Output()
		if err != nil {
			t.Fatalf("go list -deps %s: %v", pkg, err)
		}
		for dep := range strings.FieldsSeq(string(out)) {
			for _, b := range banned {
				if dep != pkg && strings.HasPrefix(dep, b) && !(pkg == "gongkai/portal" && dep == "gongkai/portal/clock") {
					t.Errorf("%s imports %s", pkg, dep)
				}
			}
		}
	}
}

func TestParseDocumentNumber(t *testing.T) {
	want := portal.DocumentNumber{Organ: "国办发", Year: 2019, Serial: 14}
	for _, s := range []string{"国办发〔2019〕14号", "国办发[2019]14号", "国办发【2019】14号", "国办发（2019）14号", "国办发 2019 14", "国办发2019年14号", "国办发〔２０１９〕１４号", " 国办发 〔2019〕 第14号 ", "國辦發〔2019〕14號"} {
		if got, ok := portal.ParseDocumentNumber(s); !ok || got != want {
			t.Errorf("ParseDocumentNumber(%q) = %v, %v", s, got, ok)
		}
	}
	if got, ok := portal.ParseDocumentNumber("2019 14"); !ok || got != (portal.DocumentNumber{Year: 2019, Serial: 14}) {
		t.Errorf("year and serial: %v, %v", got, ok)
	}
	for _, s := range []string{"", "201914", "国办发", "2019", "14号", "国办发〔1819〕14号", "关于2019年14号台风的通知和其他", strings.Repeat("9", 300)} {
		if got, ok := portal.ParseDocumentNumber(s); ok {
			t.Errorf("ParseDocumentNumber(%q) = %v, want none", s, got)
		}
	}
}

// FuzzParseDocumentNumber checks that a number that was read is read again
// from what it writes.
func FuzzParseDocumentNumber(f *testing.F) {
	f.Add("国办发〔2019〕14号")
	f.Add("2019 14")
	f.Add("清政办发２０２６　０１２")
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := portal.ParseDocumentNumber(s)
		if !ok {
			return
		}
		if again, ok := portal.ParseDocumentNumber(n.String()); !ok || again != n {
			t.Errorf("%q → %v → %q → %v, %v", s, n, n, again, ok)
		}
	})
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{"ＡＢＣ　１２３": "abc 123", "國務院辦公廳": "国务院办公厅", "Water": "water", "政府": "政府"} {
		if got := portal.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzSplit checks that passages are in order, within the text, whole
// characters, of bounded size, and together hold every line that is not
// blank.
func FuzzSplit(f *testing.F) {
	f.Add("第一条 为了规范。\n\n第二条 适用本办法。\n（一）甲；\n（二）乙。")
	f.Add("# 标题\n" + strings.Repeat("很长的一段", 900))
	f.Add("\n\n \n")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip()
		}
		end, covered := 0, strings.Builder{}
		for _, p := range portal.Split(s) {
			if p.Start < end || p.End <= p.Start || p.End > len(s) {
				t.Fatalf("passage %v after %d of %d bytes", p, end, len(s))
			}
			part := s[p.Start:p.End]
			if !utf8.ValidString(part) {
				t.Fatalf("passage %v splits a character", p)
			}
			if len(part) > 3100 {
				t.Fatalf("passage of %d bytes", len(part))
			}
			covered.WriteString(part)
			end = p.End
		}
		strip := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if strip(covered.String()) != strip(s) {
			t.Fatalf("the passages hold %q of %q", covered.String(), s)
		}
	})
}

func TestSplitArticles(t *testing.T) {
	text := "第一章 总则\n\n第一条 为了规范口岸开放。\n\n第二条 本条例所称的口岸：\n（一）港口；\n（二）机场。\n\n第三条 适用本条例。"
	var heads []string
	for _, p := range portal.Split(text) {
		heads = append(heads, portal.Heading(text[p.Start:p.End]))
	}
	if diff := cmp.Diff([]string{"", "第一条", "第二条", "第三条"}, heads); diff != "" {
		t.Errorf("headings (-want +got):\n%s", diff)
	}
}

// FuzzMark checks that the spans put together are the text, whatever is
// searched.
func FuzzMark(f *testing.F) {
	f.Add("最低生活保障ＡＢＣ water", "保障", "abc")
	f.Add("\xff\xfe", "x", "")
	f.Fuzz(func(t *testing.T, text, a, b string) {
		got := ""
		for _, s := range portal.Mark(text, []string{portal.Fold(a), portal.Fold(b)}) {
			got += s.Text
		}
		if got != text {
			t.Errorf("Mark(%q) = %q", text, got)
		}
	})
}

func TestMark(t *testing.T) {
	var hits []string
	for _, s := range portal.Mark("城市供水管網與Water waterworks underwater", []string{"管网", "water"}) {
		if s.Hit {
			hits = append(hits, s.Text)
		}
	}
	if diff := cmp.Diff([]string{"管網", "Water", "water"}, hits); diff != "" {
		t.Errorf("marked (-want +got):\n%s", diff)
	}
}

func TestSnippetShowsTheWords(t *testing.T) {
	text := strings.Repeat("无关的内容。", 200) + "这里有低保申请条件。" + strings.Repeat("别的内容。", 200)
	got := portal.Snippet(text, []string{"低保"}, 60)
	if !strings.Contains(got, "低保申请条件") || utf8.RuneCountInString(got) > 64 {
		t.Errorf("snippet %q", got)
	}
}

func TestLists(t *testing.T) {
	if n := len(portal.Themes.Terms); n != 22 {
		t.Errorf("%d themes, want 22", n)
	}
	if n := len(portal.Items.Terms); n != 15 {
		t.Errorf("%d items of Article 20, want 15", n)
	}
	if n := len(portal.Outcomes.Terms); n != 21 {
		t.Errorf("%d outcomes, want the 21 of the national form", n)
	}
	for _, l := range []*portal.List{portal.Themes, portal.Genres, portal.Items, portal.Validities, portal.Modes, portal.PowerTypes, portal.Outcomes, portal.Applicants, portal.Forms, portal.Deliveries, portal.Channels, portal.OrganKinds, portal.ContentKinds} {
		if l.Source == "" {
			t.Errorf("list %s names no source", l.Name)
		}
		for _, x := range l.Terms {
			if x.Code == "" || x.Name.ZH == "" || x.Name.EN == "" {
				t.Errorf("list %s: incomplete term %v", l.Name, x)
			}
			if l.Find(x.Name.ZH) == "" || l.Find(x.Code) != x.Code {
				t.Errorf("list %s does not find %v", l.Name, x)
			}
		}
	}
	for _, x := range portal.Outcomes.Terms {
		if x.Remedy != "free" && x.Remedy != "reconsideration_first" {
			t.Errorf("outcome %s has remedy %q", x.Code, x.Remedy)
		}
	}
}

func TestPermissions(t *testing.T) {
	water := []portal.OrganCode{"water"}
	actor := func(r portal.Role) portal.Actor {
		return portal.Actor{Login: "x", Grants: []portal.Grant{{Role: r, Organs: water}}}
	}
	all := []portal.Act{portal.WriteDocuments, portal.ReviewDocuments, portal.WithdrawDocuments, portal.EditPowers, portal.EditReports, portal.HandleApplications,
		portal.SeeDesk, portal.ManageOrgans, portal.ManagePeople, portal.ImportRecords, portal.ReadAudit}
	may := map[portal.Role]string{
		portal.Administrator: "see_desk manage_organs manage_people import_records read_audit",
		portal.Editor:        "see_desk write_documents edit_powers edit_reports",
		portal.Reviewer:      "see_desk write_documents review_documents withdraw_documents edit_powers edit_reports",
		portal.Handler:       "see_desk handle_applications",
	}
	for role, acts := range may {
		for _, act := range all {
			want := strings.Contains(" "+acts+" ", " "+string(act)+" ")
			if got := actor(role).Can(act, "water"); got != want {
				t.Errorf("%s may %s for its organ: %v, want %v", role, act, got, want)
			}
			if got := actor(role).Can(act, "land"); got != (want && role == portal.Administrator) {
				t.Errorf("%s may %s for another organ: %v", role, act, got)
			}
		}
	}
	for _, act := range append(all, "no_such_act") {
		if (portal.Actor{}).Can(act, "water") || actor(portal.Administrator).Can("no_such_act", "") {
			t.Errorf("nobody may %s", act)
		}
	}
	if portal.KindOf((portal.Actor{}).Need(portal.SeeDesk, "")) != portal.Unauthenticated {
		t.Error("who is not signed in is asked to sign in")
	}
}

func TestLockOut(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	g := &portal.Guard{}
	locked := func(at time.Time) bool { until, _ := g.Try("x", "1.2.3.4", at); return !until.IsZero() }
	for i := range 5 {
		if locked(now) {
			t.Fatalf("locked after %d wrong passwords", i)
		}
	}
	if !locked(now.Add(59 * time.Second)) {
		t.Error("the fifth wrong password locks for a minute")
	}
	if until, _ := g.Try("x", "5.6.7.8", now); !until.IsZero() {
		t.Error("who guesses elsewhere keeps others out")
	}
	if locked(now.Add(time.Minute)) {
		t.Error("the lock is longer than a minute")
	}
	for at := now.Add(time.Minute); at.Before(now.Add(100 * time.Hour)); at = at.Add(30 * time.Minute) {
		g.Try("x", "1.2.3.4", at)
		if until, _ := g.Try("x", "1.2.3.4", at); until.Sub(at) > time.Hour {
			t.Fatalf("a lock of %v", until.Sub(at))
		}
	}
	g.Right("x", "1.2.3.4")
	if locked(now.Add(200 * time.Hour)) {
		t.Error("locked after the right password")
	}
}

// TestParallelGuesses: many guesses at once are counted like one after another.
func TestParallelGuesses(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	g := &portal.Guard{}
	var passed atomic.Int32
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if until, _ := g.Try("x", "1.2.3.4", now); until.IsZero() {
				passed.Add(1)
			}
		})
	}
	all.Wait()
	if passed.Load() != 5 {
		t.Errorf("%d guesses passed", passed.Load())
	}
	if g.Crowded("x", now) {
		t.Error("five guesses are a crowd")
	}
	for i := range 40 {
		g.Try("nobody", strconv.Itoa(i), now)
	}
	if !g.Crowded("nobody", now) || g.Crowded("nobody", now.Add(2*time.Hour)) {
		t.Error("guesses from many networks at a login that does not exist")
	}
}

// TestNoOrganIsNobodys: an empty organ never means any.
func TestNoOrganIsNobodys(t *testing.T) {
	a := portal.Actor{Login: "x", Grants: []portal.Grant{{Role: portal.Editor, Organs: []portal.OrganCode{"water"}}, {Role: portal.Reviewer, Organs: []portal.OrganCode{"water"}}}}
	if a.Can(portal.WriteDocuments, "") || a.Can(portal.ReviewDocuments, "") || !a.CanSome(portal.WriteDocuments) || a.CanSome(portal.HandleApplications) {
		t.Error("no organ is taken for any")
	}
}

func TestQueryCode(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		code := portal.NewQueryCode()
		if len(code) != 14 || seen[code] {
			t.Fatalf("code %q", code)
		}
		seen[code] = true
		a := &portal.Application{Number: "2026-000001", CodeHash: portal.HashCode("2026-000001", code)}
		typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
		if !a.CheckCode(code) || !a.CheckCode(typed) || a.CheckCode(code+"2") || a.CheckCode("") {
			t.Fatalf("code %q is not checked right", code)
		}
	}
	if (&portal.Application{}).CheckCode("") {
		t.Error("an application without a code is open to nobody")
	}
}

func TestIndexNumbers(t *testing.T) {
	n := portal.IndexNumber("000014349", 2017, 110)
	if n != "000014349/2017-00110" {
		t.Errorf("index number %s", n)
	}
	for _, s := range []string{n, "000014349-2017-00110", " 000014349/2017-00110 "} {
		if id, ok := portal.ParseDocumentID(s); !ok || id != "000014349-2017-00110" {
			t.Errorf("ParseDocumentID(%q) = %q, %v", s, id, ok)
		}
	}
	for _, s := range []string{"", "../../etc/passwd", "000014349", "x/2017-1"} {
		if _, ok := portal.ParseDocumentID(s); ok {
			t.Errorf("ParseDocumentID(%q) was taken", s)
		}
	}
}

// TestDates: a date survives its text, and days add up as in time.Time.
func TestDates(t *testing.T) {
	err := quick.Check(func(n uint16) bool {
		d := clock.NewDate(1990, 1, 1) + clock.Date(n%40000)
		again, err := clock.ParseDate(d.String())
		return err == nil && again == d && (d + 1).Time().Equal(d.Time().AddDate(0, 0, 1))
	}, nil)
	if err != nil {
		t.Error(err)
	}
}

func TestValidateApplicationNamesEveryField(t *testing.T) {
	err := portal.ValidateApplication(&portal.Application{Delivery: "email"}, &portal.Applicant{Email: "x"})
	e, ok := err.(*portal.Error)
	if !ok {
		t.Fatalf("err = %v", err)
	}
	var got []string
	for _, p := range e.Problems {
		got = append(got, p.Field)
	}
	if diff := cmp.Diff([]string{"organ", "kind", "name", "id_number", "phone", "email", "subject", "description", "form"}, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestArticles(t *testing.T) {
	for _, v := range [][2]string{{"第39条", "第三十九条"}, {"第１２条", "第十二条"}, {"第 110 条", "第一百一十条"}, {"第1010条", "第一千零一十条"}, {"第1001条", "第一千零一条"}, {"第100条", "第一百条"}, {"第二〇一条", "第二零一条"}, {"第20条", "第二十条"}, {"第三十三条", "第三十三条"}, {"条", ""}} {
		if got := strings.Join(portal.Articles(v[0]), ""); got != v[1] {
			t.Errorf("%s is %q, want %q", v[0], got, v[1])
		}
	}
}
