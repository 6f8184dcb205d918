package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"gongkai/cmd/wire"
	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/importer"
	"gongkai/portal/masthead"
	"gongkai/portal/powers"
	"gongkai/portal/table"
	"gongkai/portal/web"
	"gongkai/search"
	"gongkai/store"
)

// benchOrgans are how many organs have the items.
const benchOrgans = 46

// measureFigures measures what accounts for itself: the list of so many power items
// browsed over HTTP, a list brought in, the annual report of a year with so many
// applications. SQLite stands beside it as what a portal usually has.
func measureFigures(items, applications int, span time.Duration) error {
	dir, err := os.MkdirTemp("", "gongkai-figures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("Machine: %s, %d processors, %s\n\n", cpu(), runtime.NumCPU(), runtime.Version())
	if err := browsed(filepath.Join(dir, "powers"), items, span); err != nil {
		return err
	}
	if err := brought(filepath.Join(dir, "brought")); err != nil {
		return err
	}
	if err := reported(filepath.Join(dir, "cases"), applications); err != nil {
		return err
	}
	return rivalFigures(dir, items, applications, span)
}

func withOrgans(dir string) (*store.Store, error) {
	st, err := store.Open(dir)
	if err != nil {
		return nil, err
	}
	for i := range benchOrgans {
		o := &portal.Organ{Code: portal.OrganCode(fmt.Sprintf("o%d", i)), Kind: "department", IndexPrefix: fmt.Sprintf("%09d", i+1), Name: portal.Text{ZH: fmt.Sprintf("第%d局", i)}}
		if i == 0 {
			o.Kind = "government"
		} else {
			o.Parent = "o0"
		}
		if err := st.Organs.SaveOrgan(context.Background(), portal.System("bench"), o, time.Now()); err != nil {
			return nil, errors.Join(err, st.Close())
		}
	}
	return st, nil
}

func benchClock() portal.Clockwork {
	cal := clock.China()
	return portal.Clockwork{Now: time.Now, Calendar: func() *clock.Calendar { return cal }}
}

// browsed measures the page of the power list: by organ, type, subject, any page.
func browsed(dir string, n int, span time.Duration) error {
	st, err := withOrgans(dir)
	if err != nil {
		return err
	}
	defer st.Close()
	ctx, start := context.Background(), time.Now()
	types := portal.PowerTypes.Terms
	for from := 0; from < n; from += 20_000 {
		var list []*powers.PowerItem
		for i := from; i < min(from+20_000, n); i++ {
			v := powers.Values{"type": types[i%len(types)].Code, "name_zh": fmt.Sprintf("第%d类取水许可事项%d", i%97, i), "basis": "《水法》第四十八条", "applicants": "1\n2", "subjects": powers.Rules.Subjects[i%len(powers.Rules.Subjects)].Code}
			list = append(list, &powers.PowerItem{Organ: portal.OrganCode(fmt.Sprintf("o%d", i%benchOrgans)), Code: fmt.Sprintf("%010d", (i*7919)%1_000_003), Changes: []powers.Change{{Kind: "listed", Effective: clock.NewDate(2020, 1, 1) + portal.Date(i%2000), Values: v}}})
		}
		if err := st.Powers.PutAll(ctx, portal.System("bench"), "", time.Now(), func(i *powers.PowerItem) string { return string(i.ID()) }, list); err != nil {
			return err
		}
	}
	fmt.Printf("%d power items of %d organs: stored in %.0f s\n\n", n, benchOrgans, time.Since(start).Seconds())
	x, err := search.Open(filepath.Join(dir, "index"), st.ForSearch(), slog.New(slog.DiscardHandler)) // empty: lists do not ask it
	if err != nil {
		return err
	}
	defer x.Close()
	w := benchClock()
	notices := &cases.Notices{Now: w.Now, Store: st.ForNotices()}
	if err := notices.Load(ctx); err != nil {
		return err
	}
	areas := wire.Over(st, w)
	srv, err := web.New(ctx, areas.Config(st, w, web.Config{Notices: notices, Search: x, Log: slog.New(slog.DiscardHandler), Default: masthead.Masthead{Name: portal.Text{ZH: "公开", EN: "Open"}}}))
	if err != nil {
		return err
	}
	h := httptest.NewServer(srv)
	defer h.Close()
	r := rand.New(rand.NewPCG(7, 7))
	var addresses []string
	for i := range 4000 { // each another, so that no page is kept
		a := fmt.Sprintf("/powers?page=%d", 1+r.IntN(400))
		if i%2 == 0 {
			a += fmt.Sprintf("&organ=o%d", r.IntN(benchOrgans))
		}
		if i%3 == 0 {
			a += "&type=" + types[r.IntN(len(types))].Code
		}
		if i%5 == 0 {
			a += "&topic=" + powers.Rules.Subjects[r.IntN(len(powers.Rules.Subjects))].Code
		}
		addresses = append(addresses, a+fmt.Sprintf("&x=%d", i))
	}
	begin := time.Now()
	if _, err := fetch(h.URL + addresses[0]); err != nil {
		return err
	}
	fmt.Printf("The first page puts the list in its order: %.1f s\n\n| list of power items, over HTTP | pages | p50 ms | p95 ms | failed |\n|---|---|---|---|---|\n", time.Since(begin).Seconds())
	for _, clients := range []int{1, 2} {
		ts, failed := load(clients, span, func(i int) string { return h.URL + addresses[i%len(addresses)] }, false)
		fmt.Printf("| %d at a time | %d | %.1f | %.1f | %d |\n", clients, len(ts), at(ts, 0.5), at(ts, 0.95), failed)
	}
	fmt.Println()
	return nil
}

// brought measures a list of 5,048 items in a workbook's rows brought in and approved.
func brought(dir string) error {
	st, err := withOrgans(dir)
	if err != nil {
		return err
	}
	defer st.Close()
	var b strings.Builder
	b.WriteString("部门,职权编码,职权名称,职权类型,设定依据,运行流程,责任事项\n")
	const n = 5048
	for i := range n {
		fmt.Fprintf(&b, "第%d局,%010d,事项%d,%s,《水法》第四十八条,受理→审查→决定→送达,%s\n", i%benchOrgans, i, i, portal.PowerTypes.Terms[i%11].Name.ZH, strings.Repeat("依法受理、审查、决定。", 20))
	}
	start := time.Now()
	frames, err := importer.Frames(strings.NewReader(b.String()), table.XLSX)
	if err != nil {
		return err
	}
	byName := make(map[string]portal.OrganCode)
	for _, o := range st.Organs.Organs() {
		byName[o.Name.ZH] = o.Code
	}
	rows := frames[0].Powers(importer.Detect(frames[0].Heads), importer.PowerDefaults{}, func(s string) portal.OrganCode { return byName[s] })
	out, err := wire.Over(st, benchClock()).Powers.Bring(context.Background(), portal.System("bench"), rows, powers.Change{Reason: "编制", Document: "x", Legality: "通过"}, false, true)
	if err != nil {
		return err
	}
	added := 0
	for _, o := range out {
		if o.Fate == powers.WillAdd {
			added++
		}
	}
	fmt.Printf("A list of %d items of %d organs, read, proposed and approved: %d added in %.2f s\n\n", n, benchOrgans, added, time.Since(start).Seconds())
	return nil
}

// reported measures the report of a year: its figures counted, its identities checked, as
// JSON.
func reported(dir string, n int) error {
	st, err := withOrgans(dir)
	if err != nil {
		return err
	}
	defer st.Close()
	ctx, r, cal := context.Background(), rand.New(rand.NewPCG(5, 5)), clock.China()
	year := time.Now().Year() - 1
	first := clock.NewDate(year, 1, 1)
	outcomes, kinds := portal.Outcomes.Terms, portal.Applicants.Terms
	var list []*cases.Application
	for i := range n {
		d := first + clock.Date(r.IntN(365))
		a := &cases.Application{Organ: portal.OrganCode(fmt.Sprintf("o%d", i%2)), Kind: kinds[r.IntN(len(kinds))].Code, Subject: fmt.Sprintf("第%d号信息", i), Description: "申请公开。", Form: "electronic", Delivery: "online", Source: fmt.Sprint("bench/", i), Sealed: true,
			Steps: []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Date: d, Channel: "in_person"}}}}
		outcome := outcomes[r.IntN(len(outcomes))].Code
		if r.IntN(12) > 0 && a.Add(cases.CaseStep{Event: clock.Event{Type: clock.Answered, Date: d + clock.Date(1+r.IntN(25))}, Outcome: outcome}, cal) == nil {
			a.Answer = &cases.Answer{Outcome: outcome}
		}
		list = append(list, a)
	}
	for some := range slices.Chunk(list, 5000) {
		if _, err := st.Cases.ImportApplications(ctx, portal.System("bench"), some, time.Now()); err != nil {
			return err
		}
	}
	u := wire.Over(st, benchClock()).Reports
	fmt.Println("| annual report | seconds, best of 3 | of it new | identities that do not hold |\n|---|---|---|---|")
	for _, organ := range []portal.OrganCode{"o1", "o0"} {
		best, failing, asked := time.Duration(1<<62), 0, int64(0)
		for range 3 {
			start := time.Now()
			rec, err := u.Begin(ctx, organ, year)
			if err != nil {
				return err
			}
			v, err := u.View(ctx, rec, false)
			if err != nil {
				return err
			}
			if _, err := json.Marshal(v.Output("x", false)); err != nil {
				return err
			}
			best = min(best, time.Since(start))
			failing, asked = len(v.Failing()), v.Figures["requests/new/total"]
		}
		what := "an organ"
		if organ == "o0" {
			what = fmt.Sprintf("the government: its own and those of %d organs", benchOrgans-1)
		}
		fmt.Printf("| %s, %d applications on record | %.2f | %d | %d |\n", what, n, best.Seconds(), asked, failing)
	}
	fmt.Println()
	return nil
}

// rivalLists is SQLite with the items and the applications in one table each.
const rivalLists = `
import sqlite3, sys, time, random, json
items, cases, span = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
db = sqlite3.connect(sys.argv[1]); db.execute("pragma journal_mode=wal"); db.execute("pragma synchronous=normal")
db.execute("create table power(code text, organ int, type int, topic int, name text)")
db.executemany("insert into power values(?,?,?,?,?)", (("%010d" % (i*7919 % 1000003), i%46, i%11, i%16, "item %d" % i) for i in range(items)))
db.execute("create index a on power(code)"); db.execute("create index b on power(organ, type, topic, code)"); db.execute("create index c on power(type, topic, code)"); db.execute("create index d on power(topic, code)")
db.execute("create table request(organ int, kind int, outcome int, received int, closed int)")
db.executemany("insert into request values(?,?,?,?,?)", ((i%2, random.randrange(6), random.randrange(21), random.randrange(365), random.randrange(400)) for i in range(cases)))
db.commit()
ts=[]; end=time.time()+span
while time.time()<end:
  where, args = [], []
  if random.random()<.5: where.append("organ=?"); args.append(random.randrange(46))
  if random.random()<.33: where.append("type=?"); args.append(random.randrange(11))
  if random.random()<.2: where.append("topic=?"); args.append(random.randrange(16))
  w = " where "+" and ".join(where) if where else ""
  t=time.perf_counter()
  db.execute("select code,name from power"+w+" order by code limit 50 offset ?", args+[random.randrange(400)*50]).fetchall()
  for f in ("organ","type","topic"): db.execute("select %s,count(*) from power%s group by 1" % (f,w), args).fetchall()
  ts.append((time.perf_counter()-t)*1000)
ts.sort()
t=time.perf_counter()
db.execute("select kind,outcome,count(*) from request where organ=0 and closed<365 group by 1,2").fetchall()
db.execute("select kind,count(*) from request where organ=0 group by 1").fetchall()
db.execute("select kind,count(*) from request where organ=0 and closed>=365 group by 1").fetchall()
print(json.dumps({"p50": ts[len(ts)//2], "p95": ts[int(len(ts)*.95)], "report": time.perf_counter()-t}))
`

func rivalFigures(dir string, items, applications int, span time.Duration) error {
	if _, err := exec.LookPath("python3"); err != nil {
		fmt.Println("(no python3: SQLite is not measured beside it)")
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "python3", "-c", rivalLists, filepath.Join(dir, "rival.db"), fmt.Sprint(items), fmt.Sprint(applications), fmt.Sprint(span.Seconds())).Output()
	if err != nil {
		return fmt.Errorf("the rival: %w", err)
	}
	var got struct{ P50, P95, Report float64 }
	if err := json.Unmarshal(out, &got); err != nil {
		return err
	}
	fmt.Printf("SQLite, one table each, no page around it: a page of the list with the counts of three facets p50 %.1f ms, p95 %.1f ms; the three sums of table three, without clocks, facts or identities, %.2f s.\n", got.P50, got.P95, got.Report)
	return nil
}
