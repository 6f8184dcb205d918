package powers_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/powers"
	"gongkai/store"
)

func TestPeriods(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"20个工作日": "20 working_days", "20工作日": "20 working_days", "自受理之日起20个工作日内": "20 working_days", "2个月": "2 months", "60日": "60 days", "30天": "30 days", "1年": "1 years", "即时办结": "at_once", "即办": "at_once",
		"２０个工作日": "20 working_days", "20 working days": "20 working_days", "20": "20 working_days", "20 working_days": "20 working_days", "at_once": "at_once", "24小时": "24 hours",
		"": "", "很快": "", "20个": "", "99999日": "", "十日": "",
	} {
		d, ok := powers.ParsePeriod(typed)
		got := ""
		if ok {
			got = d.String()
			if again, ok := powers.ParsePeriod(got); !ok || again != d {
				t.Errorf("%q does not read back", got)
			}
		}
		if got != want {
			t.Errorf("%q is %q, want %q", typed, got, want)
		}
	}
}

func TestArticles(t *testing.T) {
	t.Parallel()
	v := powers.Values{"basis": "1.《中华人民共和国水法》第四十八条第一款：直接从江河……\n《取水许可和水资源费征收管理条例》（国务院令第460号）第二条\n依据《清河市供水管理办法》\n省政府有关规定\n《行政许可法》第三十八条之一"}
	want := []powers.Article{{Law: "中华人民共和国水法", Article: "第四十八条"}, {Law: "取水许可和水资源费征收管理条例", Article: "第二条"}, {Law: "清河市供水管理办法"}, {}, {Law: "行政许可法", Article: "第三十八条之一"}}
	got := v.Articles("basis")
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i].Law != want[i].Law || got[i].Article != want[i].Article {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	good := powers.Values{"type": "行政许可", "name_zh": "取水许可", "basis": "水法", "applicants": "自然人、企业法人（含分公司）", "statutory": "20个工作日", "promised": "1个月", "steps": "受理 | 窗口 | | →没有"}
	out, ps := good.Clean()
	if out["type"] != "01" || out["applicants"] != "1\n2" || out["statutory"] != "20 working_days" {
		t.Errorf("%+v", out)
	}
	keys := map[string]string{}
	for _, p := range ps {
		keys[p.Field] = p.Key
	}
	if keys["steps"] != "power.steps_unknown" || keys["promised"] != "power.promised_longer" || len(ps) != 2 {
		t.Errorf("%+v", ps)
	}
	_, ps = powers.Values{"type": "行政许诺", "statutory": "很快", "level": "星系级"}.Clean()
	if len(ps) != 5 { // and name and basis are missing
		t.Errorf("%+v", ps)
	}
}

// TestLegacy: an item of an older portal is read as one with a single change.
func TestLegacy(t *testing.T) {
	t.Parallel()
	var i powers.PowerItem
	old := `{"organ":"water","code":"P-1","type":"01","name":{"zh":"取水许可","en":"Licence"},"basis":"水法","body":{"zh":"水务局","en":""},"office":"科","duties":"受理","account":"追责","flow":"申请—受理","limit":"20日","supervise":"12345","effective":"2020-01-01","cancelled":"2025-01-01","related_doc":null}`
	if err := json.Unmarshal([]byte(old), &i); err != nil {
		t.Fatal(err)
	}
	at := i.AsOf(clock.NewDate(2024, 1, 1))
	if !at.In() || at.Values["name_zh"] != "取水许可" || at.Values["body"] != "水务局" || at.Values["supervise"] != "12345" {
		t.Errorf("%+v", at)
	}
	in := func(year int, month time.Month, day int) bool { return i.AsOf(clock.NewDate(year, month, day)).In() }
	if in(2019, 12, 31) || !in(2020, 1, 1) || !in(2024, 12, 31) || in(2025, 1, 1) {
		t.Error("its days are others now")
	}
	b, err := json.Marshal(&i)
	if err != nil {
		t.Fatal(err)
	}
	var again powers.PowerItem
	if err := json.Unmarshal(b, &again); err != nil || portal.RevisionOf(&again) != portal.RevisionOf(&i) {
		t.Errorf("it does not read back: %v %s", err, b)
	}
}

// world is a power list over a real store.
type world struct {
	powers.Powers
	st  *store.Store
	now time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)}
	var err error
	if w.st, err = store.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.st.Close() })
	for _, code := range []portal.OrganCode{"water", "land"} {
		if err := w.st.Organs.SaveOrgan(t.Context(), portal.System("t"), &portal.Organ{Code: code, Kind: "department", IndexPrefix: "000000002", Name: portal.Text{ZH: string(code)}}, w.now); err != nil {
			t.Fatal(err)
		}
	}
	c := portal.Clockwork{Now: func() time.Time { return w.now }, Calendar: clock.China}
	w.Powers = powers.Powers{Clockwork: c, Store: w.st.Powers, Mappings: store.Of[powers.Mapping](w.st, powers.MappingKind), Directory: w.st.Organs, Laws: w.st.Catalogue}
	return w
}

func actor(login string, role portal.Role) portal.Actor {
	p := portal.Person{Login: portal.Login(login), Grants: []portal.Grant{{Role: role, Organs: []portal.OrganCode{"water"}}}}
	return p.Actor()
}

// TestChangeControl: what is proposed takes effect when a second person has approved it
// and its day has come; the list says on each day what held on it.
func TestChangeControl(t *testing.T) {
	t.Parallel()
	w, editor, reviewer := newWorld(t), actor("editor", portal.Editor), actor("reviewer", portal.Reviewer)
	ctx := t.Context()
	v := powers.Values{"type": "01", "name_zh": "取水许可", "basis": "《水法》第四十八条", "statutory": "2个月", "promised": "2个月"}
	add := powers.Change{Kind: "added", Reason: "新设", Document: "清政发〔2026〕1号", Effective: clock.NewDate(2026, 1, 1), Values: v}
	i, err := w.Propose(ctx, editor, "", "", "water", "W-1", add)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Propose(ctx, editor, "", "", "land", "L-1", add); portal.KindOf(err) != portal.Invalid && portal.KindOf(err) != portal.Forbidden {
		t.Errorf("in another organ: %v", err)
	}
	if _, err := w.Propose(ctx, editor, "", "", "water", "W-1", add); portal.KindOf(err) != portal.Conflict {
		t.Errorf("a code that is taken: %v", err)
	}
	if _, err := w.Approve(ctx, editor, i.ID(), portal.RevisionOf(i), "通过", ""); portal.KindOf(err) != portal.Forbidden {
		t.Errorf("an editor approves: %v", err)
	}
	if _, err := w.Propose(ctx, editor, i.ID(), portal.RevisionOf(i), "", "", powers.Change{Kind: "cancelled", Reason: "x", Document: "y"}); portal.KindOf(err) != portal.Invalid {
		t.Errorf("what is not in the list yet is cancelled: %v", err)
	}
	if i, err = w.Return(ctx, reviewer, i.ID(), portal.RevisionOf(i), "请写明文号"); err != nil {
		t.Fatal(err)
	}
	if i, err = w.Propose(ctx, editor, i.ID(), portal.RevisionOf(i), "", "", add); err != nil {
		t.Fatalf("an addition that was given back is written anew: %v", err)
	}
	if _, err := w.Approve(ctx, reviewer, i.ID(), portal.RevisionOf(i), "", ""); portal.KindOf(err) != portal.Invalid {
		t.Errorf("without a legality review: %v", err)
	}
	if w.st.Catalogue.Listings(portal.Key{Kind: "power", ID: string(i.ID())})[0] != nil {
		t.Error("what is proposed is listed")
	}
	i, err = w.Approve(ctx, reviewer, i.ID(), portal.RevisionOf(i), "合法性审查通过", "")
	if err != nil {
		t.Fatal(err)
	}
	if own, _ := w.Propose(ctx, reviewer, i.ID(), portal.RevisionOf(i), "", "", add); own != nil {
		t.Error("the addition of what is there is proposed")
	}
	after := powers.Values{}
	for k, x := range v {
		after[k] = x
	}
	after["promised"] = "10个工作日"
	if i, err = w.Propose(ctx, editor, i.ID(), portal.RevisionOf(i), "", "", powers.Change{Kind: "changed", Reason: "压缩时限", Document: "清政发〔2026〕2号", Effective: clock.NewDate(2026, 7, 1), Values: after}); err != nil {
		t.Fatal(err)
	}
	if i, err = w.Return(ctx, reviewer, i.ID(), portal.RevisionOf(i), "请写明依据"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Approve(ctx, reviewer, i.ID(), portal.RevisionOf(i), "通过", ""); portal.KindOf(err) != portal.Conflict {
		t.Errorf("what was given back is approved: %v", err)
	}
	if i, err = w.Propose(ctx, editor, i.ID(), portal.RevisionOf(i), "", "", powers.Change{Kind: "changed", Reason: "压缩时限，依据国办发〔2026〕3号", Document: "清政发〔2026〕2号", Effective: clock.NewDate(2026, 7, 1), Values: after}); err != nil {
		t.Fatal(err)
	}
	if i, err = w.Approve(ctx, reviewer, i.ID(), portal.RevisionOf(i), "通过", ""); err != nil {
		t.Fatal(err)
	}
	for day, want := range map[portal.Date]string{clock.NewDate(2026, 1, 1): "2 months", clock.NewDate(2026, 6, 30): "2 months", clock.NewDate(2026, 7, 1): "10 working_days"} {
		if got := i.AsOf(day).Values["promised"]; got != want {
			t.Errorf("on %s: %q, want %q", day, got, want)
		}
	}
	listed := func() string {
		return w.st.Catalogue.Listings(portal.Key{Kind: "power", ID: string(i.ID())})[0].Summary
	}
	if strings.Contains(listed(), "变更") {
		t.Error("a change of tomorrow is listed today")
	}
	w.now = time.Date(2026, 7, 1, 0, 30, 0, 0, time.UTC)
	if n, err := w.Turn(ctx); n != 1 || err != nil {
		t.Errorf("%d items were brought up to date, %v", n, err)
	}
	if n, _ := w.Turn(ctx); n != 0 {
		t.Errorf("%d items again", n)
	}
	if !strings.Contains(listed(), "变更") {
		t.Errorf("the change is not listed on its day: %s", listed())
	}
	if _, err := w.Propose(ctx, editor, i.ID(), portal.Latest, "", "", powers.Change{Kind: "cancelled", Reason: "取消", Document: "x", Effective: clock.NewDate(2026, 6, 1)}); portal.KindOf(err) != portal.Invalid {
		t.Errorf("a change before the last one: %v", err)
	}
}

// TestCompareReconciles: for random lists with random changes, the changes of each type
// account for the difference between any two days, in every organ.
func TestCompareReconciles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := rand.New(rand.NewPCG(3, 1))
	start := clock.NewDate(2024, 1, 1)
	var list []*powers.PowerItem
	for n := range 300 {
		i := &powers.PowerItem{Organ: []portal.OrganCode{"water", "land"}[n%2], Code: fmt.Sprint("P-", n)}
		day, in := start+portal.Date(r.IntN(300)), false
		for range 1 + r.IntN(5) {
			v := powers.Values{"type": portal.PowerTypes.Terms[r.IntN(11)].Code, "name_zh": "x", "basis": "y"}
			c := powers.Change{Kind: []string{"added", "taken_over"}[r.IntN(2)], Effective: day, Values: v}
			if in {
				switch r.IntN(3) {
				case 0:
					c = powers.Change{Kind: []string{"cancelled", "delegated", "merged"}[r.IntN(3)], Effective: day}
				default:
					c.Kind = "changed"
				}
			}
			in = !c.Movement().Ends
			i.Changes = append(i.Changes, c)
			day += portal.Date(r.IntN(200))
		}
		list = append(list, i)
	}
	if err := w.st.Powers.PutAll(t.Context(), portal.System("t"), "put", w.now, func(i *powers.PowerItem) string { return string(i.ID()) }, list); err != nil {
		t.Fatal(err)
	}
	for range 60 {
		from := start - 10 + portal.Date(r.IntN(1000))
		to := from + portal.Date(r.IntN(600))
		organ := []portal.OrganCode{"", "water", "land"}[r.IntN(3)]
		c, err := w.Compare(t.Context(), organ, from, to)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range c.Tallies {
			if !x.Balanced() {
				t.Errorf("%s from %s to %s: %+v", organ, from, to, x)
			}
		}
		for day, want := range map[portal.Date]int{from: 0, to: 1} {
			rows, err := w.AsOf(t.Context(), organ, day)
			if err != nil {
				t.Fatal(err)
			}
			before, after := c.Totals()
			if n := []int{before, after}[want]; n != len(rows) && from != to {
				t.Errorf("on %s the list has %d items, the comparison %d", day, len(rows), n)
			}
		}
	}
}

// TestBring: a list that is brought in is proposed row by row; the same list again
// changes nothing; what is wrong is said of its row.
func TestBring(t *testing.T) {
	t.Parallel()
	w, editor, reviewer := newWorld(t), actor("editor", portal.Editor), actor("reviewer", portal.Reviewer)
	rows := []powers.Brought{
		{Line: 2, Organ: "water", Code: "A-1", Values: powers.Values{"type": "01", "name_zh": "取水许可", "basis": "水法"}},
		{Line: 3, Organ: "water", Code: "A-2", Values: powers.Values{"type": "02", "name_zh": "违法取水的处罚", "basis": "水法"}},
		{Line: 4, Organ: "water", Code: "A-1", Values: powers.Values{"type": "01", "name_zh": "又一个", "basis": "水法"}},
		{Line: 5, Organ: "land", Code: "B-1", Values: powers.Values{"type": "01", "name_zh": "别的机关", "basis": "水法"}},
		{Line: 6, Organ: "water", Code: "A-3", Values: powers.Values{"type": "没有", "name_zh": "类型不对"}},
	}
	change := powers.Change{Reason: "编制", Document: "清政办发〔2026〕3号", Effective: clock.NewDate(2026, 1, 1)}
	fates := func(out []powers.Outcome) string {
		s := ""
		for _, o := range out {
			s += string(o.Fate) + " "
		}
		return s
	}
	bring := func(try bool) string {
		t.Helper()
		out, err := w.Bring(t.Context(), editor, rows, change, try, false)
		if err != nil {
			t.Fatal(err)
		}
		return fates(out)
	}
	const first = "added added refused refused refused "
	if got := bring(true); got != first {
		t.Errorf("tried: %s", got)
	}
	if list, err := w.Store.All(t.Context(), nil); err != nil || len(list) != 0 {
		t.Errorf("a try has proposed %d items, %v", len(list), err)
	}
	if got := bring(false); got != first {
		t.Errorf("brought: %s", got)
	}
	if got := bring(false); got != "unchanged unchanged refused refused refused " {
		t.Errorf("again: %s", got)
	}
	if _, err := w.Bring(t.Context(), editor, rows, change, false, true); portal.KindOf(err) != portal.Forbidden {
		t.Errorf("an editor approves what is brought: %v", err)
	}
	n, refused, err := w.ApproveAll(t.Context(), reviewer, []string{"water.A-1", "water.A-2", "water.A-9"}, "通过")
	if err != nil || n != 2 || len(refused) != 1 {
		t.Errorf("%d approved, %+v, %v", n, refused, err)
	}
	rows[0].Values["name_zh"] = "取用水许可"
	if got := bring(false); got != "changed unchanged refused refused refused " {
		t.Errorf("with a change: %s", got)
	}
}

// FuzzClean: whatever is typed into a field is understood or refused, and what is
// understood reads back as itself.
func FuzzClean(f *testing.F) {
	f.Add("20个工作日", "自然人、企业法人", "《水法》第四十八条", "受理 | 窗口 | | →结束")
	f.Add("at_once", "1\n2", "1.《水法》", "a→b")
	f.Fuzz(func(t *testing.T, period, applicants, basis, steps string) {
		v, ps := powers.Values{"type": "01", "name_zh": "x", "statutory": period, "applicants": applicants, "basis": basis, "steps": steps}.Clean()
		v.Articles("basis")
		v.Steps()
		if len(ps) > 0 {
			return
		}
		again, ps := v.Clean()
		if len(ps) > 0 || len(powers.Compare(v, again)) > 0 {
			t.Errorf("%v does not read back: %v %v", v, again, ps)
		}
	})
}
