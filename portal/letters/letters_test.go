package letters_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/letters"
	"gongkai/portal/process"
	"gongkai/store"
)

// world is letters over a real store.
type world struct {
	letters.Letters
	st  *store.Store
	now time.Time
}

var clerk = portal.Actor{Login: "clerk", Grants: []portal.Grant{{Role: portal.Clerk, Organs: []portal.OrganCode{"a", "b"}}}}
var handler = portal.Actor{Login: "handler", Grants: []portal.Grant{{Role: portal.Handler, Organs: []portal.OrganCode{"a"}}}}
var second = portal.Actor{Login: "second", Grants: []portal.Grant{{Role: portal.Handler, Organs: []portal.OrganCode{"a", "b"}}}}
var machine = portal.System("t")

func newWorld(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{st: st, now: time.Date(2026, 9, 24, 9, 0, 0, 0, time.FixedZone("", 8*3600))}
	for _, o := range []portal.OrganCode{"a", "b"} {
		if err := st.Organs.SaveOrgan(context.Background(), machine, &portal.Organ{Code: o, Kind: "department", IndexPrefix: "Q" + string(o), Name: portal.Text{ZH: "机关" + string(o)}}, w.now); err != nil {
			t.Fatal(err)
		}
	}
	w.Letters = letters.Letters{Clockwork: portal.Clockwork{Now: func() time.Time { return w.now }, Calendar: clock.China}, Store: st.Mailbox, Directory: st.Organs, Files: st.Files, Notes: st.Log}
	return w
}

func (w *world) letter() *letters.Letter {
	return &letters.Letter{Channel: "organ", Kind: "ask", Organ: "a", Subject: "公交线路", Text: "请问12路公交什么时候恢复？", Consent: true}
}

var writer = letters.Writer{Name: "欧阳秋实", Phone: "13800138000", Email: "ouyang@example.org"}

// TestLetterToPublicReply takes a letter from its writer to the public.
func TestLetterToPublicReply(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := newWorld(t, dir)
	ctx := t.Context()
	r, err := w.Write(ctx, w.letter(), writer)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Write(ctx, w.letter(), writer)
	if err != nil || !again.Duplicate || again.Number != r.Number {
		t.Fatalf("the same letter again: %+v, %v", again, err)
	}
	if _, err := w.Track(ctx, r.Number, "XXXX-XXXX-XXXX"); portal.KindOf(err) != portal.Forbidden {
		t.Fatalf("a wrong code: %v", err)
	}
	l, err := w.Track(ctx, r.Number, strings.ToLower(r.Code))
	if err != nil {
		t.Fatal(err)
	}
	n := string(l.Number)
	if _, err := w.Take(ctx, portal.Actor{Login: "x"}, n, portal.RevisionOf(l), letters.Doing{Step: letters.Accept}); err == nil {
		t.Fatal("a stranger accepts")
	}
	seen := portal.RevisionOf(l)
	if l, err = w.Take(ctx, handler, n, seen, letters.Doing{Step: letters.Accept}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Take(ctx, handler, n, seen, letters.Doing{Step: "handle"}); portal.KindOf(err) != portal.Conflict {
		t.Fatalf("a stale page: %v", err)
	}
	if l, err = w.Answer(ctx, handler, n, portal.RevisionOf(l), letters.Answering{Text: "十月一日恢复。", Money: "12.50", Measure: ""}); err != nil || l.Money != 1250 {
		t.Fatal(l, err)
	}
	public := letters.PublicReply{Title: "12路公交什么时候恢复", Question: "欧阳秋实问", Text: "十月一日恢复。"}
	if l, err = w.Offer(ctx, handler, n, portal.RevisionOf(l), public, false); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Release(ctx, handler, n, portal.RevisionOf(l), ""); portal.KindOf(err) != portal.Forbidden {
		t.Fatalf("released by who offered it: %v", err)
	}
	if _, err := w.Release(ctx, second, n, portal.RevisionOf(l), "可以"); portal.KindOf(err) != portal.Invalid {
		t.Fatalf("the writer's name goes public: %v", err)
	}
	public.Question = "请问什么时候恢复？"
	if l, err = w.Offer(ctx, handler, n, portal.RevisionOf(l), public, false); err != nil {
		t.Fatal(err)
	}
	if _, err = w.Release(ctx, second, n, portal.RevisionOf(l), ""); err != nil {
		t.Fatal(err)
	}
	if err := w.Rate(ctx, r.Number, r.Code, 5, ""); err != nil {
		t.Fatal(err)
	}
	if err := w.Rate(ctx, r.Number, r.Code, 1, ""); portal.KindOf(err) != portal.Conflict {
		t.Fatalf("rated twice: %v", err)
	}
	if err := w.AskAgain(ctx, r.Number, r.Code, "没有恢复"); err != nil {
		t.Fatal(err)
	}
	if err := w.AskAgain(ctx, r.Number, r.Code, "没有恢复"); portal.KindOf(err) != portal.Conflict {
		t.Fatalf("reopened twice: %v", err)
	}
	if err := w.st.Close(); err != nil {
		t.Fatal(err)
	}
	// Nothing on the disk tells who wrote.
	err = filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		for _, word := range []string{writer.Name, writer.Phone, writer.Email} {
			if strings.Contains(string(b), word) {
				t.Errorf("%s has %q in the clear", p, word)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestReportIsNotPublished: a report about somebody is published only where that is said for it.
func TestReportIsNotPublished(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	l := w.letter()
	l.Kind = "report"
	r, err := w.Write(t.Context(), l, letters.Writer{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Answer(t.Context(), handler, string(r.Number), portal.Latest, letters.Answering{Text: "已查处。"})
	if err != nil {
		t.Fatal(err)
	}
	public := letters.PublicReply{Title: "t", Question: "q", Text: "a"}
	if _, err := w.Offer(t.Context(), handler, string(r.Number), portal.RevisionOf(got), public, false); portal.KindOf(err) != portal.Invalid {
		t.Fatalf("offered: %v", err)
	}
	if _, err := w.Offer(t.Context(), handler, string(r.Number), portal.RevisionOf(got), public, true); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(t.Context(), w.letter(), letters.Writer{}); portal.KindOf(err) != portal.Invalid {
		t.Fatalf("a question without a contact: %v", err)
	}
}

// TestTransferIsLimited: a letter is passed on three times at most, and who passed it on no
// longer handles it.
func TestTransferIsLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	r, err := w.Write(t.Context(), w.letter(), writer)
	if err != nil {
		t.Fatal(err)
	}
	n := string(r.Number)
	for i, to := range []portal.OrganCode{"b", "a", "b", "a"} {
		_, err := w.Take(t.Context(), second, n, portal.Latest, letters.Doing{Step: letters.Transfer, Organ: to, Note: "不是本单位的事"})
		if i < 3 && err != nil || i == 3 && portal.KindOf(err) != portal.Conflict {
			t.Fatalf("the %d. time: %v", i+1, err)
		}
	}
	if _, err := w.Open(t.Context(), handler, n); portal.KindOf(err) != portal.Forbidden {
		t.Fatalf("who no longer has it opens it: %v", err)
	}
}

// TestTakenDown: who takes a call down answers it at once, or leaves it to its organ; who
// called before is known again.
func TestTakenDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	call := func(answer string) letters.Receipt {
		l := &letters.Letter{Channel: "hotline", Kind: "ask", Organ: "a", Subject: "热水器"}
		r, err := w.TakeIn(t.Context(), clerk, l, letters.Writer{Phone: "13800138000"}, w.Today(), answer)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first, next := call("已经答了"), call("")
	a, _ := w.Open(t.Context(), clerk, string(first.Number))
	b, _ := w.Open(t.Context(), clerk, string(next.Number))
	if !a.AtOnce() || !a.State().Ended || b.State().Ended || len(b.Repeats) != 1 || b.Repeats[0] != first.Number {
		t.Fatalf("%+v\n%+v", a, b)
	}
	known, err := w.Known(t.Context(), clerk, "138 0013 8000", 5)
	if err != nil || len(known) != 2 {
		t.Fatalf("known: %d, %v", len(known), err)
	}
	other := portal.Actor{Login: "o", Grants: []portal.Grant{{Role: portal.Clerk, Organs: []portal.OrganCode{"b"}}}}
	if known, err := w.Known(t.Context(), other, "13800138000", 5); err != nil || len(known) != 0 {
		t.Fatalf("another organ's calls are shown: %d, %v", len(known), err)
	}
}

// history makes a letter with a random past.
func history(r *rand.Rand, i int, from portal.Date) *letters.Letter {
	organ := []portal.OrganCode{"a", "b"}[r.IntN(2)]
	l := &letters.Letter{Number: letters.Number(fmt.Sprintf("L2026-%06d", i+1)), Channel: letters.Rules.Channels[r.IntN(len(letters.Rules.Channels))].Code, Kind: letters.Rules.Kinds[r.IntN(len(letters.Rules.Kinds))].Code, Organ: organ, Subject: "s", Text: "t", Anonymous: true}
	on := from + portal.Date(r.IntN(31))
	l.Steps = []process.Step{{Type: letters.Receive, On: on, At: on.Time(), Organ: organ}}
	for range r.IntN(9) {
		rule := letters.Rules.Process.Steps[r.IntN(len(letters.Rules.Process.Steps))]
		on += portal.Date(r.IntN(5))
		s := process.Step{Type: rule.Code, On: on, At: on.Time(), Note: "x", Units: 1}
		if rule.Code == letters.Transfer {
			l.Organ = map[portal.OrganCode]portal.OrganCode{"a": "b", "b": "a"}[l.Organ]
			s.Organ = l.Organ
		}
		steps, err := letters.Rules.Process.Add(l.Steps, s, rule.By)
		if err != nil {
			l.Organ = organNow(l.Steps)
			continue
		}
		l.Steps = steps
	}
	return l
}

func organNow(steps []process.Step) (o portal.OrganCode) {
	for _, s := range steps {
		if s.Organ != "" {
			o = s.Organ
		}
	}
	return o
}

// TestReturnsBalance: whatever happened, on each day what was there and what came is what
// went and what is left, by organ and by channel; and what one day leaves the next one finds.
func TestReturnsBalance(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for seed := range uint64(25) {
		random := rand.New(rand.NewPCG(seed, 13))
		w := newWorld(t, filepath.Join(dir, fmt.Sprint(seed)))
		from := clock.NewDate(2026, 7, 1)
		var list []*letters.Letter
		for i := range 1 + random.IntN(12) {
			list = append(list, history(random, i, from))
		}
		if err := letters.Bring(context.Background(), w.st.Mailbox, machine, w.now, list, func(*letters.Letter) letters.Writer { return letters.Writer{} }); err != nil {
			t.Fatal(err)
		}
		left := make(map[string]int)
		for d := from; d < from+70; d++ {
			r, err := w.Return(machine, "", d, d)
			if err != nil {
				t.Fatal(err)
			}
			now := make(map[string]int)
			open := 0
			for _, l := range append(append([]letters.Line{r.Total}, r.Channels...), r.Organs...) {
				k := l.Channel + "/" + string(l.Organ)
				if !l.Balances() || l.CarriedIn != left[k] {
					t.Fatalf("%s %s: %+v, the day before left %d", d, k, l, left[k])
				}
				delete(left, k)
				now[k] = l.CarriedOut
			}
			for k, n := range left {
				if n > 0 {
					t.Fatalf("%s: %d of %s are gone", d, n, k)
				}
			}
			for _, l := range list { // and it is what one finds by going through the letters
				steps := l.Steps
				for len(steps) > 0 && steps[len(steps)-1].On > d {
					steps = steps[:len(steps)-1]
				}
				if len(steps) > 0 && !letters.Rules.Process.Ended(steps) {
					open++
				}
			}
			if open != r.Total.CarriedOut {
				t.Fatalf("%s: %d are open, the return says %d", d, open, r.Total.CarriedOut)
			}
			left = now
		}
		if err := w.st.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	f.Add("L2026-000123")
	f.Add("ｌ２０２６－０００１２３ ")
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := letters.ParseNumber(s)
		if !ok {
			return
		}
		if again, ok := letters.ParseNumber(string(n)); !ok || again != n {
			t.Fatalf("%q is read as %q, and that as %q", s, n, again)
		}
	})
}
