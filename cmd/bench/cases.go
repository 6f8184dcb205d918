package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/store"
)

// measureCases measures applications: clock evaluations, the work list of so many
// open cases, and submissions that are acknowledged only once they are on the
// disk. SQLite stands beside it as what a portal usually has: deadlines stored
// in a table, sorted by it.
func measureCases(n int, span time.Duration) error {
	dir, err := os.MkdirTemp("", "gongkai-cases-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	exe := filepath.Join(dir, "gongkai")
	if out, err := exec.Command("go", "build", "-o", exe, "./cmd/gongkai").CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, out)
	}
	fmt.Printf("Machine: %s, %d processors, %s\n\n", cpu(), runtime.NumCPU(), runtime.Version())
	list := openCases(n)
	if err := evaluations(list, span); err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	if err := fillCases(exe, data, list); err != nil {
		return err
	}
	if err := workLists(exe, data, n, span); err != nil {
		return err
	}
	if err := submissions(filepath.Join(dir, "new"), span); err != nil {
		return err
	}
	return rivalCases(dir, n, span)
}

// openCases makes open cases as they stand on a day: running, paused, waiting,
// extended, late.
func openCases(n int) []*cases.Application {
	r, cal := rand.New(rand.NewPCG(1, 1)), clock.China()
	today := clock.DateOf(time.Now())
	list := make([]*cases.Application, n)
	for i := range list {
		d := today - clock.Date(r.IntN(60))
		a := &cases.Application{Organ: "city", Kind: "natural", Subject: fmt.Sprintf("关于第%d号地块征收补偿方案的信息", i), Description: "申请公开补偿标准和批准文件。", Form: "electronic", Delivery: "online", Source: fmt.Sprint("bench/", i), Sealed: true,
			Steps: []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Date: d, Channel: "in_person"}}}}
		for _, e := range []clock.Event{{Type: clock.ConsultationSent, Party: "甲"}, {Type: clock.ConsultationReturned, Party: "甲"}, {Type: clock.Extended, Days: 15, ApprovedBy: "林"}, {Type: clock.CorrectionRequested, Days: 15}} {
			if e.Date = d + clock.Date(2+r.IntN(8)); r.IntN(3) == 0 && e.Date <= today {
				_ = a.Add(cases.CaseStep{Event: e}, cal) // what is not lawful is left out
				d = a.Steps[len(a.Steps)-1].Date
			}
		}
		list[i] = a
	}
	return list
}

func evaluations(list []*cases.Application, span time.Duration) error {
	cal, today := clock.China(), clock.DateOf(time.Now())
	fmt.Println("| clock, one processor | a second |\n|---|---|")
	for _, m := range []struct {
		name string
		one  func(a *cases.Application) error
	}{{"state, deadline, days left", func(a *cases.Application) error { _, err := a.Evaluate(cal, today); return err }},
		{"the same with its derivation day by day and the lawful next steps", func(a *cases.Application) error { _, err := a.Clock(cal, today); return err }}} {
		n, start := 0, time.Now()
		for time.Since(start) < span {
			for range 100 {
				if err := m.one(list[n%len(list)]); err != nil {
					return err
				}
				n++
			}
		}
		fmt.Printf("| %s | %d |\n", m.name, int(float64(n)/time.Since(start).Seconds()))
	}
	return nil
}

func fillCases(exe, data string, list []*cases.Application) error {
	st, err := store.Open(data)
	if err != nil {
		return err
	}
	by, now := portal.System("bench"), time.Now()
	err = st.Organs.SaveOrgan(context.Background(), by, &portal.Organ{Code: "city", Kind: "government", IndexPrefix: "000000001", Name: portal.Text{ZH: "清河市人民政府"}}, now)
	for from := 0; err == nil && from < len(list); from += 5000 {
		_, err = st.Cases.ImportApplications(context.Background(), by, list[from:min(from+5000, len(list))], now)
	}
	if err := errors.Join(err, st.Close()); err != nil {
		return err
	}
	return addHandler(exe, data, "city")
}

// staff is a portal that was started over a data folder, and a handler who has signed in.
type staff struct {
	cmd   *exec.Cmd
	ready time.Duration // from the start until it answers
	get   func(path string) error
}

func (s *staff) stop() { _ = s.cmd.Process.Kill(); _ = s.cmd.Wait() }

func startStaff(exe, data string) (*staff, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &staff{cmd: exec.Command(exe, "serve", "--data", data, "--addr", port, "--admin-addr", "127.0.0.1:0")}
	start := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	base := "http://" + port
	for {
		if r, err := http.Get(base + "/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Since(start) > 5*time.Minute {
			s.stop()
			return nil, errors.New("the portal does not come up")
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.ready = time.Since(start)
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar}
	r, err := client.PostForm(base+"/desk/sign-in", url.Values{"login": {"handler"}, "password": {"bench-password-1"}})
	if err != nil {
		s.stop()
		return nil, err
	}
	r.Body.Close()
	s.get = func(path string) error {
		r, err := client.Get(base + path)
		if err != nil {
			return err
		}
		defer r.Body.Close()
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return err
		}
		if r.StatusCode != http.StatusOK || r.Request.URL.Path == "/desk/sign-in" {
			return fmt.Errorf("%s: %s", path, r.Status)
		}
		return nil
	}
	return s, nil
}

// addHandler adds who signs in, for some organs.
func addHandler(exe, data string, organs ...string) error {
	args := []string{"user", "add", "handler", "--name", "H", "--role", "handler", "--data", data}
	for _, o := range organs {
		args = append(args, "--organ", o)
	}
	c := exec.Command(exe, args...)
	c.Stdin = strings.NewReader("bench-password-1\n")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("adding a handler: %w\n%s", err, out)
	}
	return nil
}

func workLists(exe, data string, n int, span time.Duration) error {
	s, err := startStaff(exe, data)
	if err != nil {
		return err
	}
	defer s.stop()
	get := s.get
	first := time.Now()
	if err := get("/desk/applications"); err != nil {
		return err
	}
	fmt.Printf("\n%d open cases: ready after %.1f s, the first list of a day after %d ms, %d MB of memory\n\n", n, s.ready.Seconds(), time.Since(first).Milliseconds(), resident(s.cmd.Process.Pid))
	fmt.Println("| page | at a time | p50 ms | p95 ms |\n|---|---|---|---|")
	for _, p := range []struct{ name, path string }{{"work list, first page, counts of every view", "/desk/applications"}, {"narrowed to a view", "/desk/applications?show=soon"}, {"filtered by a word", "/desk/applications?text=777"}, {"statistics of the year", "/desk/statistics"}} {
		for _, clients := range []int{1, 8} {
			ts, err := repeat(clients, span, func() error { return get(p.path) })
			if err != nil {
				return err
			}
			fmt.Printf("| %s | %d | %.1f | %.1f |\n", p.name, clients, at(ts, 0.5), at(ts, 0.95))
		}
	}
	return nil
}

// repeat does something again and again from so many clients and returns what
// each took.
func repeat(clients int, span time.Duration, one func() error) (ts []time.Duration, err error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	end := time.Now().Add(span)
	for range clients {
		all.Go(func() {
			for time.Now().Before(end) {
				start := time.Now()
				e := one()
				mu.Lock()
				ts = append(ts, time.Since(start))
				err = errors.Join(err, e)
				mu.Unlock()
				if e != nil {
					return
				}
			}
		})
	}
	all.Wait()
	slices.Sort(ts)
	return ts, err
}

// submissions measures applications received and acknowledged, each on the
// disk before its sender is told.
func submissions(data string, span time.Duration) error {
	st, err := store.Open(data)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Organs.SaveOrgan(context.Background(), portal.System("bench"), &portal.Organ{Code: "city", Kind: "government", IndexPrefix: "000000001", Name: portal.Text{ZH: "清河市人民政府"}}, time.Now()); err != nil {
		return err
	}
	u := cases.Cases{Clockwork: portal.Clockwork{Now: time.Now, Calendar: clock.China}, Store: st.ForCases()}
	fmt.Println("\n| submissions, durable before they are acknowledged | senders | a second | p95 ms |\n|---|---|---|---|")
	var serial atomic.Int64
	for _, senders := range []int{1, 32} {
		start := time.Now()
		ts, err := repeat(senders, span, func() error {
			i := serial.Add(1)
			a := &cases.Application{Organ: "city", Subject: fmt.Sprint("事项", i), Description: "申请公开有关信息。", Form: "electronic", Delivery: "online"}
			_, err := u.Applying().Apply(context.Background(), a, &cases.Applicant{Kind: "natural", Name: "某人", IDNumber: fmt.Sprintf("ID%08d", i), Phone: "000-000000"})
			return err
		})
		if err != nil {
			return err
		}
		fmt.Printf("| gongkai | %d | %.0f | %.1f |\n", senders, float64(len(ts))/time.Since(start).Seconds(), at(ts, 0.95))
	}
	return nil
}

// rival is a portal of one table in SQLite: deadlines are stored, so a changed
// holiday would leave them wrong; each submission is its own transaction with
// full durability.
const rival = `
import sqlite3,sys,time,json,random,threading
path,n,span=sys.argv[1],int(sys.argv[2]),float(sys.argv[3])
db=sqlite3.connect(path); db.execute("pragma journal_mode=wal"); db.execute("pragma synchronous=full")
db.execute("create table cases(id integer primary key, organ text, subject text, state text, deadline text, received text)")
states=["running","running","running","paused","waiting_applicant"]
db.executemany("insert into cases(organ,subject,state,deadline,received) values('city',?,?,?,?)",(("关于第%d号地块征收补偿方案的信息"%i,random.choice(states),"2026-%02d-%02d"%(random.randint(1,12),random.randint(1,28)),"2026-01-01") for i in range(n)))
db.execute("create index byd on cases(organ,state,deadline)"); db.commit()
def run(q,args=()):
    ts=[]; end=time.time()+span
    while time.time()<end:
        t=time.perf_counter()
        for s in q: db.execute(s,args).fetchall()
        ts.append(time.perf_counter()-t)
    ts.sort(); return [ts[len(ts)//2]*1000, ts[int(len(ts)*.95)]*1000]
out={"list":run(["select * from cases where organ='city' order by deadline limit 50","select state,count(*) from cases where organ='city' group by state"]),
 "word":run(["select * from cases where organ='city' and subject like '%777%' order by deadline limit 50"])}
def submit(k,res):
    d=sqlite3.connect(path,timeout=60,isolation_level=None); d.execute("pragma synchronous=full"); c=0; ts=[]; end=time.time()+span
    while time.time()<end:
        t=time.perf_counter()
        d.execute("begin immediate"); d.execute("insert into cases(organ,subject,state,deadline,received) values('city',?,'running','2026-12-31','2026-01-01')",("事项%d"%c,)); d.execute("commit")
        ts.append(time.perf_counter()-t); c+=1
    res+=ts
for k in (1,32):
    res=[]; th=[threading.Thread(target=submit,args=(i,res)) for i in range(k)]
    t=time.time(); [x.start() for x in th]; [x.join() for x in th]; res.sort()
    out["submit%d"%k]=[len(res)/(time.time()-t), res[int(len(res)*.95)]*1000]
print(json.dumps(out))
`

func rivalCases(dir string, n int, span time.Duration) error {
	if _, err := exec.LookPath("python3"); err != nil {
		fmt.Println("\n(no python3: SQLite is not measured beside it)")
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "python3", "-c", rival, filepath.Join(dir, "rival.db"), fmt.Sprint(n), fmt.Sprint(span.Seconds())).Output()
	if err != nil {
		return fmt.Errorf("the rival: %w", err)
	}
	var got map[string][2]float64
	if err := json.Unmarshal(out, &got); err != nil {
		return err
	}
	fmt.Printf("| SQLite, one table | 1 | %.0f | %.1f |\n| SQLite, one table | 32 | %.0f | %.1f |\n", got["submit1"][0], got["submit1"][1], got["submit32"][0], got["submit32"][1])
	fmt.Printf("\nSQLite with stored deadlines, no page around it: list and counts p50 %.1f ms, p95 %.1f ms; a word p50 %.1f ms, p95 %.1f ms.\n", got["list"][0], got["list"][1], got["word"][0], got["word"][1])
	return nil
}
