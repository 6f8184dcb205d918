package cases_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gongkai/store"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	"gongkai/portal/reports"
)

func answer(on portal.Date, outcome, text string) cases.Proposal {
	return cases.Proposal{Step: cases.CaseStep{Event: clock.Event{Type: clock.Answered, Date: on, Way: "sent"}}, Answer: &cases.Answer{Outcome: outcome, Text: text}}
}

func (w *world) open(t testing.TB, n cases.ApplicationNumber) *cases.Application {
	t.Helper()
	a, err := w.st.Cases.Application(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (w *world) take(t testing.TB, n cases.ApplicationNumber, p cases.Proposal) {
	t.Helper()
	if _, err := w.takes(t, w.handler, n, p); err != nil {
		t.Fatalf("%s: %v", p.Step.Type, err)
	}
}

// takes prepares a step and takes it.
func (w *world) takes(t testing.TB, by portal.Actor, n cases.ApplicationNumber, p cases.Proposal) (signed bool, err error) {
	t.Helper()
	made, err := w.Steps().Prepare(t.Context(), by, w.open(t, n), &p)
	if err != nil {
		return false, err
	}
	return made.Signed, w.Steps().Take(t.Context(), by, made)
}

func (w *world) mail(t testing.TB) []portal.QueuedMail {
	t.Helper()
	m, err := w.st.Outbox.DueMail(t.Context(), w.now.Add(time.Hour), 100)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestHeadSigns: a step kept for the head goes out only when the head has
// signed it, counts from that day, and nobody else signs.
func TestHeadSigns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, clock.Answered)
	n := w.apply(t, "朱雀泵站")
	signed, err := w.takes(t, w.handler, n, answer(w.Today(), "granted", "现予公开。"))
	if err != nil || !signed {
		t.Fatalf("proposing: %v %v", signed, err)
	}
	if a := w.open(t, n); a.Has(clock.Answered) || len(a.Letters) > 0 || !a.Proposal.Waiting() {
		t.Fatal("it went out without a signature")
	}
	extension := step(clock.Extended, w.Today())
	extension.Step.Days, extension.Step.ApprovedBy = 5, "林主任"
	if _, err := w.takes(t, w.handler, n, extension); portal.KindOf(err) != portal.Conflict {
		t.Errorf("another step while one waits: %v", err)
	}
	if err := w.Steps().Sign(t.Context(), w.handler, n, w.mark(t, n)); portal.KindOf(err) != portal.Forbidden {
		t.Errorf("a handler signs: %v", err)
	}
	if err := w.Steps().Return(t.Context(), w.head, n, "请写明检索范围"); err != nil {
		t.Fatal(err)
	}
	if err := w.Steps().Sign(t.Context(), w.head, n, w.mark(t, n)); portal.KindOf(err) != portal.Conflict {
		t.Errorf("signed after it was given back: %v", err)
	}
	if _, err := w.takes(t, w.handler, n, answer(w.Today(), "granted", "经检索档案室，现予公开。")); err != nil {
		t.Fatal(err)
	}
	seen := w.mark(t, n)
	w.at("2026-03-05")
	if err := w.Steps().Sign(t.Context(), w.head, n, seen); portal.KindOf(err) != portal.Conflict {
		t.Errorf("another letter than the one that was shown is signed: %v", err)
	}
	if err := w.Steps().Sign(t.Context(), w.head, n, w.mark(t, n)); err != nil {
		t.Fatal(err)
	}
	a := w.open(t, n)
	if a.ClosedOn().String() != "2026-03-05" || a.Answer == nil || len(a.Letters) != 1 || a.Letters[0].By != "head" || a.Steps[len(a.Steps)-1].By != "handler" || a.Letters[0].Number != "清水公开〔2026〕1号" {
		t.Errorf("signed: %+v", a.Letters)
	}
	if !strings.Contains(a.Letters[0].Text, "{{落款行}}2026年3月5日") || strings.Contains(a.Letters[0].Text, "2026年3月2日\n{{附注行}}") {
		t.Errorf("the letter is not of the day it was signed:\n%s", a.Letters[0].Text)
	}
	if m := w.mail(t); len(m) != 1 || m[0].To != "ouyang@reader.example" || strings.Contains(m[0].Text, "朱雀") {
		t.Errorf("the applicant was told: %v", m)
	}
	if _, _, err := w.Letters().LetterFile(t.Context(), w.handler, n, 1, cases.LetterPDF, " "); portal.KindOf(err) != portal.Invalid {
		t.Errorf("the name is opened without a reason: %v", err)
	}
	l, pdf, err := w.Letters().LetterFile(t.Context(), w.handler, n, 1, cases.LetterPDF, "核对送达")
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) || strings.Contains(l.Text, "欧阳") {
		t.Errorf("the letter: %v", err)
	}
}

// TestThirdParty: a private link works once, for this consultation alone; the
// letter says nothing of the applicant; the pause ends with the opinion.
func TestThirdParty(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.apply(t, "采购合同")
	p := step(clock.ConsultationSent, w.Today())
	p.Step.Party, p.Email = "清河水泵厂", "pump@factory.example"
	w.take(t, n, p)
	var letter string
	for _, m := range w.mail(t) {
		if m.To == "pump@factory.example" {
			letter = m.Text
		}
	}
	_, link, ok := strings.Cut(letter, "https://xxgk.example/opinion/"+string(n)+"/1/")
	if !ok || strings.Contains(letter, "欧阳") {
		t.Fatalf("the letter: %s", letter)
	}
	token, _, _ := strings.Cut(link, "（")
	if a := w.open(t, n); strings.Contains(fmt.Sprintf("%+v", a.Letters), token) {
		t.Error("the case keeps the secret link")
	}
	for _, bad := range []struct {
		n     cases.ApplicationNumber
		step  int
		token string
	}{{n, 1, "x"}, {n, 0, token}, {n, 2, token}, {"2026-000099", 1, token}} {
		if _, err := w.Opinions().Consultation(t.Context(), bad.n, bad.step, bad.token); portal.KindOf(err) != portal.NotFound {
			t.Errorf("%v opens: %v", bad, err)
		}
	}
	w.at("2026-03-10")
	c, err := w.Opinions().Consultation(t.Context(), n, 1, token)
	if err != nil || !c.Open || c.Due.String() != "2026-03-23" {
		t.Fatalf("%+v %v", c, err)
	}
	if err := w.Opinions().Delivered(t.Context(), w.handler, n, "清河水泵厂", w.Today()-3); err != nil { // by post, as is known later
		t.Fatal(err)
	}
	if c, err := w.Opinions().Consultation(t.Context(), n, 1, token); err != nil || c.Due.String() != "2026-03-27" {
		t.Errorf("delivered later: %+v %v", c, err)
	}
	if err := w.Opinions().Opine(t.Context(), n, 1, token, "object", ""); portal.KindOf(err) != portal.Invalid {
		t.Errorf("an objection without reasons: %v", err)
	}
	if err := w.Opinions().Opine(t.Context(), n, 1, token, "object", "是商业秘密"); err != nil {
		t.Fatal(err)
	}
	if err := w.Opinions().Opine(t.Context(), n, 1, token, "consent", ""); portal.KindOf(err) != portal.Conflict {
		t.Errorf("a second opinion: %v", err)
	}
	a := w.open(t, n)
	last := a.Steps[len(a.Steps)-1]
	if last.Type != clock.ConsultationReturned || last.Opinion != "object" || !last.Online || last.Party != "清河水泵厂" {
		t.Errorf("%+v", last)
	}
	r, err := a.Clock(w.Calendar(), w.Today())
	if err != nil || r.State != clock.Running || r.Used != 0 {
		t.Errorf("%s, %d used, %v", r.State, r.Used, err)
	}
}

// TestDoublesAndMatters: the same words on the same day make no second case;
// on a later day they are noted; matters sent together are linked.
func TestDoublesAndMatters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	send := func(subjects ...string) []cases.Acknowledgement {
		t.Helper()
		var list []*cases.Application
		var who *cases.Applicant
		for _, s := range subjects {
			a, x := request(s)
			list, who = append(list, a), x
		}
		r, err := w.Applying().ApplyAll(t.Context(), list, who)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := send("水质报告")[0]
	if again := send("水质　报告！")[0]; !again.Duplicate || again.Number != first.Number {
		t.Errorf("the same with other blanks: %+v", again)
	}
	w.at("2026-03-09")
	later := send("水质报告")[0]
	if later.Duplicate || w.open(t, later.Number).Earlier != first.Number {
		t.Errorf("the same a week later: %+v", w.open(t, later.Number))
	}
	two := send("预算", "决算")
	a, b := w.open(t, two[0].Number), w.open(t, two[1].Number)
	if !slices.Contains(a.Linked, b.Number) || !slices.Contains(b.Linked, a.Number) || two[0].Code == two[1].Code {
		t.Errorf("%v %v", a.Linked, b.Linked)
	}
	same, err := w.st.Cases.SameApplicant(t.Context(), a.Number)
	if err != nil || len(same) != 3 {
		t.Errorf("the applicant's other cases: %v %v", same, err)
	}
	if k := w.Steps().EarlierThisMonth(t.Context(), b); k != 3 {
		t.Errorf("%d applications of the applicant count before this one, not 3", k)
	}
	numbers, err := w.Handling().Split(t.Context(), w.handler, first.Number, []cases.Application{{Subject: "水压", Description: "申请公开水压记录。"}})
	if err != nil || len(numbers) != 1 {
		t.Fatal(err)
	}
	part := w.open(t, numbers[0])
	if part.Steps[0].Date != w.open(t, first.Number).Steps[0].Date || !slices.Contains(w.open(t, first.Number).Linked, part.Number) {
		t.Error("what was split off has another receipt, or is not linked")
	}
	if _, err := w.Applying().Track(t.Context(), part.Number, first.Code); err != nil {
		t.Errorf("the applicant cannot follow what was split off: %v", err)
	}
	if _, err := w.Applying().Track(t.Context(), part.Number, two[0].Code); portal.KindOf(err) != portal.Forbidden {
		t.Errorf("another code opens it: %v", err)
	}
	if who, err := w.st.Cases.Identity(t.Context(), part.Number); err != nil || who.Name != "欧阳求知" {
		t.Errorf("its applicant: %v %v", who, err)
	}
	// Another key: who is the same, and what was sent before, is still known.
	if _, err := w.st.RotateKey(t.Context(), portal.System("t"), nil, w.now); err != nil {
		t.Fatal(err)
	}
	if same, err := w.st.Cases.SameApplicant(t.Context(), a.Number); err != nil || len(same) != 4 {
		t.Errorf("after another key: %v %v", same, err)
	}
	w.at("2026-03-11")
	if x := w.open(t, send("预算")[0].Number); x.Earlier == "" {
		t.Error("after another key a double is not seen")
	}
}

// TestPartialNeedsItsGrounds, and what is withheld from a redacted file is
// listed by itself.
func TestPartialNeedsItsGrounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.apply(t, "合同")
	p := answer(w.Today(), "partial", "现提供合同。")
	if _, err := w.Steps().Prepare(t.Context(), w.handler, w.open(t, n), &p); portal.KindOf(err) != portal.Invalid {
		t.Fatalf("a partial answer that withholds nothing: %v", err)
	}
	original := portal.Attachment{File: portal.FileID(strings.Repeat("a", 64)), Name: "合同.pdf"}
	redacted := portal.Attachment{File: portal.FileID(strings.Repeat("b", 64)), Name: "合同（已区分处理）.pdf"}
	if _, err := w.Answers().AddPapers(t.Context(), w.handler, n, []portal.Attachment{original}); err != nil {
		t.Fatal(err)
	}
	boxes := []cases.Box{{Page: 2, X: .1, Y: .1, W: .1, H: .1, Ground: "denied.third_party"}, {Page: 1, X: .1, Y: .1, W: .1, H: .1, Ground: "denied.process"}, {Page: 2, X: .3, Y: .1, W: .1, H: .1, Ground: "denied.third_party"}}
	if err := w.Answers().Redacted(t.Context(), w.handler, n, original.File, portal.Latest, boxes, redacted); err != nil {
		t.Fatal(err)
	}
	p.Answer.Files = []portal.Attachment{redacted}
	made, err := w.Steps().Prepare(t.Context(), w.handler, w.open(t, n), &p)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1. 合同（已区分处理）.pdf第1页1处：属于四类过程性信息（条例第16(2)条）", "2. 合同（已区分处理）.pdf第2页2处：保护第三方合法权益"} {
		if !strings.Contains(made.Letter, want) {
			t.Errorf("the letter lacks %q:\n%s", want, made.Letter)
		}
	}
	w.take(t, n, p)
	a := w.open(t, n)
	if a.GivenFile(string(original.File)) != nil || a.GivenFile(string(redacted.File)) == nil {
		t.Error("the applicant may have the original, or not the redacted file")
	}
}

// TestAfterTheAnswer: delivery, a reconsideration with its result, reopening,
// rating, and a disclosure without the applicant.
func TestAfterTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, who := request("欧阳求知家门口的水管图")
	r, err := w.Applying().Apply(t.Context(), a, who)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Applying().Rate(t.Context(), r.Number, r.Code, cases.Rating{Stars: 5}); portal.KindOf(err) != portal.Conflict {
		t.Errorf("rated while open: %v", err)
	}
	w.take(t, r.Number, answer(w.Today(), "denied.internal", "欧阳求知（电话0531-5550199）：不予公开。"))
	if err := w.Answers().Deliver(t.Context(), w.handler, r.Number, cases.Service{On: w.Today() - 1, Evidence: "挂号1"}); portal.KindOf(err) != portal.Invalid {
		t.Errorf("delivered before it was answered: %v", err)
	}
	if err := w.Answers().Deliver(t.Context(), w.handler, r.Number, cases.Service{On: w.Today(), Evidence: "挂号1"}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []cases.Rating{{}, {Stars: 6}} {
		if err := w.Applying().Rate(t.Context(), r.Number, r.Code, bad); portal.KindOf(err) != portal.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if err := w.Applying().Rate(t.Context(), r.Number, r.Code, cases.Rating{Stars: 2, Text: "太慢"}); err != nil {
		t.Fatal(err)
	}
	w.at("2026-03-20")
	filed := cases.Proceeding{Kind: "reconsideration", Number: "清政复〔2026〕7号", Filed: w.Today(), Result: "pending"}
	if err := w.Answers().Proceed(t.Context(), w.handler, r.Number, cases.Proceeding{Kind: "reconsideration", Number: "x", Filed: w.Today(), Result: "upheld"}); portal.KindOf(err) != portal.Invalid {
		t.Errorf("a result without a day: %v", err)
	}
	if err := w.Answers().Proceed(t.Context(), w.handler, r.Number, filed); err != nil {
		t.Fatal(err)
	}
	w.at("2026-04-20")
	filed.ID, filed.Result, filed.Decided = 1, "corrected", w.Today()
	if err := w.Answers().Proceed(t.Context(), w.handler, r.Number, filed); err != nil {
		t.Fatal(err)
	}
	again := step(clock.Reopened, w.Today())
	again.Step.Days = 10
	w.take(t, r.Number, again)
	x := w.open(t, r.Number)
	clk, err := x.Clock(w.Calendar(), w.Today())
	if err != nil || x.Closed() || clk.State != clock.Running || clk.Allowed != 10 {
		t.Errorf("reopened: %s %d %v", clk.State, clk.Allowed, err)
	}
	w.take(t, r.Number, answer(w.Today(), "granted", "向欧阳求知提供水管图。"))
	id, err := w.Answers().Disclose(t.Context(), w.handler, r.Number, w.docs)
	if err != nil {
		t.Fatal(err)
	}
	d, err := w.docs.Open(t.Context(), portal.System("test"), documents.DraftID(id))
	if err != nil {
		t.Fatal(err)
	}
	if all := fmt.Sprintf("%+v", d); strings.Contains(all, "欧阳") || strings.Contains(all, "5550199") || !strings.Contains(d.Content.Body, "提供水管图") || d.By != w.handler.Login {
		t.Errorf("the draft tells of the applicant: %s", all)
	}
	s, err := w.Lists().Statistics(w.handler, "", clock.NewDate(2026, 1, 1), clock.NewDate(2026, 12, 31))
	if err != nil || s.Proceedings["reconsideration"]["corrected"] != 1 || s.Outcomes["granted"] != 1 || s.Stars100() != 200 {
		t.Errorf("%+v %v", s.Figures, err)
	}
}

// TestInsideAndHandOver: somebody inside is asked and sees the question alone;
// cases go from one handler to another.
func TestInsideAndHandOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.apply(t, "朱雀泵站")
	for _, bad := range []cases.Inquiry{{To: "nobody", Question: "?", Due: w.Today()}, {To: "other", Due: w.Today()}, {To: "other", Question: "?", Due: w.Today() - 1}} {
		if err := w.Handling().Ask(t.Context(), w.handler, n, bad); portal.KindOf(err) != portal.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if err := w.Handling().Ask(t.Context(), w.handler, n, cases.Inquiry{To: "other", Question: "档案在哪里？", Due: w.Today() + 3}); err != nil {
		t.Fatal(err)
	}
	other := portal.Actor{Login: "other"}
	list, err := w.Handling().AskedOf(t.Context(), other)
	if err != nil || len(list) != 1 || list[0].Question != "档案在哪里？" {
		t.Fatalf("%v %v", list, err)
	}
	w.at("2026-03-04")
	for range 2 {
		if _, err := w.Keeping().Remind(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	asked := 0
	for _, m := range w.mail(t) {
		if m.Subject == "asked" && m.To == "other@city.example" && m.Text == "1 2026-03-05" {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("who was asked was reminded %d times", asked)
	}
	if err := w.Handling().Reply(t.Context(), w.handler, n, 1, "不是问我的"); portal.KindOf(err) != portal.NotFound {
		t.Errorf("somebody else replies: %v", err)
	}
	if err := w.Handling().Reply(t.Context(), other, n, 1, "在二楼。"); err != nil {
		t.Fatal(err)
	}
	if list, _ := w.Handling().AskedOf(t.Context(), other); len(list) != 0 {
		t.Error("it is still asked")
	}
	if err := w.Handling().Assign(t.Context(), w.handler, n, "nobody"); portal.KindOf(err) != portal.Invalid {
		t.Errorf("given to nobody: %v", err)
	}
	moved, err := w.Handling().HandOver(t.Context(), w.head, "handler", "other")
	if err != nil || moved != 1 || w.open(t, n).Handler != "other" {
		t.Errorf("%d %v %s", moved, err, w.open(t, n).Handler)
	}
	if work, err := w.Lists().WorkList(w.handler, cases.WorkFilter{Handler: "other"}); err != nil || len(work.Items) != 1 || work.Counts["running"] != 1 {
		t.Errorf("%+v %v", work, err)
	}
}

// TestReminders: at 5, 3, 1 and 0 working days and when late, one digest a
// working day, to the handler, and to the head what is nearly late.
func TestReminders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, "朱雀泵站") // due 2026-03-30
	told := make(map[string]string)
	for d := clock.NewDate(2026, 3, 2); d <= clock.NewDate(2026, 4, 1); d++ {
		w.at(d.String())
		for range 3 { // every minute, say
			if _, err := w.Keeping().Remind(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range w.mail(t) {
			if strings.HasPrefix(m.To, "handler@") || strings.HasPrefix(m.To, "head@") {
				who, _, _ := strings.Cut(m.To, "@")
				told[d.String()] += who + " "
				if strings.Contains(m.Text, "朱雀") {
					t.Error("the digest tells what was asked")
				}
			}
			if err := w.st.Outbox.MailSent(t.Context(), m.Seq); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := map[string]string{"2026-03-23": "handler ", "2026-03-25": "handler ", "2026-03-27": "handler head ", "2026-03-30": "handler head ", "2026-03-31": "handler head ", "2026-04-01": "handler head "}
	for day, who := range want {
		if len(told[day]) != len(who) || !strings.Contains(told[day], "handler") || strings.Contains(who, "head") != strings.Contains(told[day], "head ") {
			t.Errorf("%s: %q, want %q", day, told[day], who)
		}
	}
	if len(told) != len(want) {
		t.Errorf("told on %v", told)
	}
}

// TestRetention: proofs of identity go after their period, the file after
// its own; the figures stay, and a tombstone.
func TestRetention(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.apply(t, "朱雀泵站")
	id, _, err := w.st.Files.SaveFile(t.Context(), strings.NewReader("白虎文件"), 100)
	if err != nil {
		t.Fatal(err)
	}
	p := answer(w.Today(), "granted", "现予公开，欧阳求知。")
	p.Answer.Files = []portal.Attachment{{File: id, Name: "a.txt"}}
	w.take(t, n, p)
	if k, err := w.Keeping().Retain(t.Context()); k.Told+k.Destroyed != 0 || err != nil {
		t.Fatalf("%+v at once, %v", k, err)
	}
	before, err := w.Lists().Statistics(w.handler, "", clock.NewDate(2026, 1, 1), clock.NewDate(2026, 12, 31))
	if err != nil {
		t.Fatal(err)
	}
	w.at("2028-03-03")
	if k := w.retain(t, 29); k.Told != 1 || k.Destroyed != 0 {
		t.Fatalf("%+v after two years, in the grace period", k)
	}
	if k := w.retain(t, 3); k.Destroyed != 1 {
		t.Fatalf("%+v after the grace period", k)
	}
	if _, err := w.st.Cases.Identity(t.Context(), n); portal.KindOf(err) != portal.NotFound {
		t.Errorf("who applied is still known: %v", err)
	}
	if _, _, err := w.Letters().LetterFile(t.Context(), w.handler, n, 1, cases.LetterPDF, "核对送达"); err != nil {
		t.Errorf("the letter is gone too early: %v", err)
	}
	if k := w.retain(t, 3); k.Destroyed != 0 {
		t.Errorf("%+v twice", k)
	}
	if again := w.open(t, w.apply(t, "朱雀泵站")); again.Earlier != "" {
		t.Errorf("it is still known that the same was asked for in %s", again.Earlier)
	}
	w.at("2036-03-03")
	if err := w.Keeping().Hold(t.Context(), w.handler, n, "诉讼"); err != nil {
		t.Fatal(err)
	}
	if k := w.retain(t, 40); k.Destroyed != 0 {
		t.Fatalf("%+v although it is held", k)
	}
	if err := w.Keeping().Release(t.Context(), w.handler, n); err != nil {
		t.Fatal(err)
	}
	if k := w.retain(t, 20); k.Told != 1 || k.Destroyed != 0 {
		t.Fatalf("%+v: the grace period begins anew", k)
	}
	if k := w.retain(t, 12); k.Destroyed != 1 {
		t.Fatalf("%+v after ten years", k)
	}
	a := w.open(t, n)
	if left := fmt.Sprintf("%+v", a); strings.Contains(left, "朱雀") || strings.Contains(left, "现予公开") || len(a.Destroyed) != 2 {
		t.Errorf("left: %s", left)
	}
	if _, _, err := w.Letters().LetterFile(t.Context(), w.handler, n, 1, cases.LetterPDF, "核对送达"); portal.KindOf(err) != portal.NotFound {
		t.Errorf("the letter is left: %v", err)
	}
	if _, err := w.st.Files.SweepFiles(t.Context(), time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.st.Files.OpenFile(t.Context(), id); portal.KindOf(err) != portal.NotFound {
		t.Errorf("the file is left: %v", err)
	}
	after, err := w.Lists().Statistics(w.handler, "", clock.NewDate(2026, 1, 1), clock.NewDate(2026, 12, 31))
	if err != nil || fmt.Sprint(before.Figures) != fmt.Sprint(after.Figures) {
		t.Errorf("the figures changed: %+v, %+v, %v", before.Figures, after.Figures, err)
	}
}

// TestArchive: every file of the archive is in its manifest with its hash.
func TestArchive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.apply(t, "朱雀泵站")
	id, _, err := w.st.Files.SaveFile(t.Context(), strings.NewReader("白虎文件"), 100)
	if err != nil {
		t.Fatal(err)
	}
	p := answer(w.Today(), "granted", "现予公开。")
	p.Answer.Files = []portal.Attachment{{File: id, Name: "附件.txt"}}
	w.take(t, n, p)
	if err := w.Letters().Registration(t.Context(), w.handler, n); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := w.Keeping().Archive(t.Context(), w.handler, n, struct {
		store.Files
		store.Log
	}{w.st.Files, w.st.Log}, "移交档案", &b); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	sums := make(map[string]string)
	var m cases.Manifest
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "manifest.json" {
			if err := json.Unmarshal(data, &m); err != nil {
				t.Fatal(err)
			}
			continue
		}
		sum := sha256.Sum256(data)
		sums[f.Name] = hex.EncodeToString(sum[:])
	}
	for _, l := range m.Files {
		if sums[l.Name] != l.SHA256 {
			t.Errorf("%s is not what the manifest says", l.Name)
		}
		delete(sums, l.Name)
	}
	if len(sums) > 0 || len(m.Files) != 5 {
		t.Errorf("not in the manifest: %v; in it: %v", sums, m.Files)
	}
}

// randomCases are cases with random histories, received in some days from one on, of
// two organs and every kind of applicant.
func randomCases(r *rand.Rand, cal *clock.Calendar, n int, from portal.Date, days int) []*cases.Application {
	outcomes, kinds, results := portal.Outcomes.Terms, portal.Applicants.Terms, portal.ProceedingResults.Terms
	var list []*cases.Application
	for i := range n {
		a := &cases.Application{Organ: []portal.OrganCode{"water", "city"}[r.IntN(2)], Kind: kinds[r.IntN(len(kinds))].Code, Subject: "x", Source: fmt.Sprint("t", i), Sealed: true}
		d := from + clock.Date(r.IntN(days))
		add := func(e clock.Event, outcome string) bool {
			e.Date = d
			return a.Add(cases.CaseStep{Event: e, Outcome: outcome}, cal) == nil // what is not lawful is left out
		}
		a.Steps = []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Date: d, Channel: "in_person"}}}
		for range r.IntN(6) {
			d += clock.Date(r.IntN(15))
			switch r.IntN(9) {
			case 0:
				add(clock.Event{Type: clock.CorrectionRequested, Days: 10}, "")
			case 1:
				add(clock.Event{Type: clock.CorrectionReceived}, "")
			case 2:
				add(clock.Event{Type: clock.ConsultationSent, Party: "甲"}, "")
			case 3:
				add(clock.Event{Type: clock.Extended, Days: 10, ApprovedBy: "林"}, "")
			case 4:
				add(clock.Event{Type: clock.Withdrawn}, "")
			case 5:
				d += clock.Date(r.IntN(300))
				add(clock.Event{Type: clock.Reopened, Days: 10}, "")
			case 6:
				if a.Closed() {
					p := cases.Proceeding{ID: len(a.Proceedings) + 1, Kind: portal.ProceedingKinds.Terms[r.IntN(len(portal.ProceedingKinds.Terms))].Code, Filed: d, Result: results[r.IntN(len(results))].Code}
					if p.Result != "pending" {
						p.Decided = d + clock.Date(r.IntN(400))
					}
					a.Proceedings = append(a.Proceedings, p)
				}
			default:
				outcome := outcomes[r.IntN(len(outcomes))].Code
				if !a.Closed() && add(clock.Event{Type: clock.Answered}, outcome) {
					a.Answer = &cases.Answer{Outcome: outcome}
				}
			}
		}
		list = append(list, a)
	}
	return list
}

// TestReportedBalances: for random histories every identity of the national form holds
// in the report of every year and organ, what is carried from year to year too; and the
// records behind a figure are as many as it says.
func TestReportedBalances(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 9))
		list := randomCases(r, clock.China(), 400, clock.NewDate(2021, 1, 1), 4*365)
		for _, a := range list {
			a.Source += fmt.Sprint("/", seed)
		}
		if _, err := w.st.Cases.ImportApplications(t.Context(), portal.System("t"), list, w.now); err != nil {
			t.Fatal(err)
		}
		counted := cases.Reported{Lists: w.Lists()}
		for _, organ := range []portal.OrganCode{"water", "city"} {
			var before reports.Figures
			for year := 2021; year <= 2025; year++ {
				form, from, to := reports.FormOf(year), clock.NewDate(year, 1, 1), clock.NewDate(year, 12, 31)
				got, err := counted.Figures(t.Context(), organ, from, to)
				if err != nil {
					t.Fatal(err)
				}
				figures := make(reports.Figures)
				for cell, n := range got {
					if !strings.HasPrefix(cell, "facts/") {
						figures[reports.Cell(cell)] = n
					}
				}
				figures = form.Complete(figures, nil)
				for _, id := range reports.Failing(form.Check(figures, before)) {
					t.Errorf("seed %d, %s in %d: %+v", seed, organ, year, id)
				}
				if figures["requests/new/total"] == 0 || figures["requests/total/total"] == 0 {
					if year < 2025 {
						t.Errorf("%s in %d: nothing is counted", organ, year)
					}
				}
				for _, cell := range []string{"requests/new/natural", "requests/total/total", "requests/carried_out/total", "requests/granted/total"} {
					facts, err := counted.Behind(t.Context(), portal.System("t"), organ, from, to, cell)
					if err != nil || int64(len(facts)) != figures[reports.Cell(cell)] {
						t.Errorf("%s in %d: %s is %d, behind it are %d, %v", organ, year, cell, figures[reports.Cell(cell)], len(facts), err)
					}
				}
				before = figures
			}
		}
	}
}

// TestFiguresBalance: for random cases, on every day, each case is in exactly
// one state, and new + carried in = closed + carried out, as is by organ and
// month.
func TestFiguresBalance(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := rand.New(rand.NewPCG(5, 6))
	cal := clock.China()
	list := randomCases(r, cal, 400, clock.NewDate(2025, 1, 1), 500)
	if _, err := w.st.Cases.ImportApplications(t.Context(), portal.System("t"), list, w.now); err != nil {
		t.Fatal(err)
	}
	states := []clock.State{clock.Running, clock.Paused, clock.WaitingApplicant, clock.Lapsed, clock.Done, clock.Gone}
	for _, a := range list {
		for d := a.Steps[0].Date; d < clock.NewDate(2026, 8, 1); d += 9 {
			c, err := a.Evaluate(cal, d)
			if err != nil || !slices.Contains(states, c.State) {
				t.Fatalf("%s on %s: %q, %v", a.Number, d, c.State, err)
			}
		}
	}
	by := portal.System("t")
	balance := func(what string, f cases.Figures) {
		t.Helper()
		closed := f.Withdrawn
		for _, n := range f.Outcomes {
			closed += n
		}
		if f.New+f.CarriedIn != f.Closed+f.CarriedOut || closed != f.Closed || f.InTime > f.Answered || len(f.Days) != f.Answered {
			t.Errorf("%s: %+v", what, f)
		}
	}
	for range 60 {
		from := clock.NewDate(2024, 12, 1) + clock.Date(r.IntN(500))
		to := from + clock.Date(r.IntN(400))
		s, err := w.Lists().Statistics(by, "", from, to)
		if err != nil {
			t.Fatal(err)
		}
		balance("all", s.Figures)
		sum := cases.Figures{}
		for _, o := range s.Organs {
			balance(string(o.Organ), o.Figures)
			sum.New, sum.Closed = sum.New+o.New, sum.Closed+o.Closed
		}
		if sum.New != s.New || sum.Closed != s.Closed {
			t.Errorf("organs make %d and %d, not %d and %d", sum.New, sum.Closed, s.New, s.Closed)
		}
		in := s.CarriedIn
		for _, m := range s.Months {
			balance(m.Month.String(), m.Figures)
			if m.CarriedIn != in {
				t.Errorf("%s carries in %d, the month before carried out %d", m.Month, m.CarriedIn, in)
			}
			in = m.CarriedOut
		}
		if in != s.CarriedOut {
			t.Errorf("the last month carries out %d, the period %d", in, s.CarriedOut)
		}
	}
}

// TestRecordCorrection: the correction of one's own record is a case of its
// own kind, with its own outcomes, and no figure of the report.
func TestRecordCorrection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, who := request("本人登记信息")
	a.Purpose = cases.ForCorrection
	r, err := w.Applying().Apply(t.Context(), a, who)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.takes(t, w.handler, r.Number, answer(w.Today(), "granted", "x")); portal.KindOf(err) != portal.Invalid {
		t.Errorf("answered as an application for disclosure: %v", err)
	}
	w.take(t, r.Number, answer(w.Today(), "corrected", "已更正。"))
	if s, err := w.Lists().Statistics(w.handler, "", w.Today(), w.Today()); err != nil || s.New != 0 || s.Closed != 0 {
		t.Errorf("it is counted: %+v %v", s.Figures, err)
	}
}

// TestWaysToReach: a letter may give an address instead of a telephone number;
// a form on the web asks for the number.
func TestWaysToReach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for channel, ok := range map[string]bool{"registered_mail": true, "web": false} {
		a, who := request("x" + channel)
		who.Phone, who.Email, who.Address = "", "", "清河市人民路9号"
		a.Steps = []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Channel: channel, Date: w.Today()}}}
		var err error
		if channel == "web" {
			_, err = w.Applying().Apply(t.Context(), a, who)
		} else {
			_, err = w.Applying().TakeIn(t.Context(), w.handler, []*cases.Application{a}, who)
		}
		if (err == nil) != ok {
			t.Errorf("%s: %v", channel, err)
		}
	}
}

// TestImportsAreKept: the log of another system has its own periods.
func TestImportsAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := &cases.Application{Organ: "water", Kind: "natural", Subject: "旧申请", Source: "t/1", Sealed: true, Answer: &cases.Answer{Outcome: "granted"},
		Steps: []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Date: clock.NewDate(2009, 3, 2), Channel: "in_person"}}, {Event: clock.Event{Type: clock.Answered, Date: clock.NewDate(2009, 3, 9)}}}}
	if _, err := w.st.Cases.ImportApplications(t.Context(), portal.System("t"), []*cases.Application{old}, w.now); err != nil {
		t.Fatal(err)
	}
	if n, err := w.Keeping().Retain(t.Context()); n.Told+n.Destroyed != 0 || err != nil || w.open(t, old.Number).Subject != "旧申请" {
		t.Errorf("%+v destroyed, %v", n, err)
	}
}

// TestUndoneLetterClosesItsLink: a letter to the wrong party is undone, and its
// link does not open what the right party is sent.
func TestUndoneLetterClosesItsLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.apply(t, "合同")
	tokens := make(map[string]string)
	for i, party := range []string{"甲厂", "乙厂"} {
		p := step(clock.ConsultationSent, w.Today())
		p.Step.Party, p.Email = party, fmt.Sprintf("p%d@factory.example", i)
		w.take(t, n, p)
		for _, m := range w.mail(t) {
			if m.To == p.Email {
				_, link, _ := strings.Cut(m.Text, fmt.Sprintf("/opinion/%s/%d/", n, i+1))
				tokens[party], _, _ = strings.Cut(link, "（")
			}
		}
		if i == 0 {
			if err := w.Steps().Undo(t.Context(), w.handler, n, "发错了"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.Opinions().Consultation(t.Context(), n, 1, tokens["甲厂"]); portal.KindOf(err) != portal.NotFound {
		t.Errorf("the wrong party's link opens: %v", err)
	}
	if c, err := w.Opinions().Consultation(t.Context(), n, 2, tokens["乙厂"]); err != nil || c.Step.Party != "乙厂" || !c.Open {
		t.Errorf("%+v %v", c, err)
	}
}

// TestUndo: a step recorded by mistake goes back the same day, with its letter
// void; on a later day, and what the applicant did, it does not.
func TestUndo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.apply(t, "朱雀泵站")
	if err := w.Steps().Undo(t.Context(), w.handler, n, "x"); portal.KindOf(err) != portal.Conflict {
		t.Errorf("the receipt is undone: %v", err)
	}
	w.take(t, n, answer(w.Today(), "granted", "现予公开。"))
	if err := w.Steps().Undo(t.Context(), w.handler, n, ""); portal.KindOf(err) != portal.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	if err := w.Steps().Undo(t.Context(), w.handler, n, "结论选错"); err != nil {
		t.Fatal(err)
	}
	a := w.open(t, n)
	if a.Closed() || a.Answer != nil || len(a.Undone) != 1 || !a.Letters[0].Void || w.st.Cases.Brief(n).Closed {
		t.Errorf("%+v", a)
	}
	w.take(t, n, answer(w.Today(), "denied.internal", "不予公开。"))
	if a := w.open(t, n); a.Letters[1].Void || a.Letters[1].Number != "清水公开〔2026〕2号" {
		t.Errorf("the new letter: %+v", a.Letters[1])
	}
	w.at("2026-03-03")
	if err := w.Steps().Undo(t.Context(), w.handler, n, "x"); portal.KindOf(err) != portal.Conflict {
		t.Errorf("undone a day later: %v", err)
	}
	other := newWorld(t, clock.Answered)
	n = other.apply(t, "x")
	if _, err := other.takes(t, other.handler, n, answer(other.Today(), "granted", "现予公开。")); err != nil {
		t.Fatal(err)
	}
	if err := other.Steps().Sign(t.Context(), other.head, n, other.mark(t, n)); err != nil {
		t.Fatal(err)
	}
	if err := other.Steps().Undo(t.Context(), other.handler, n, "x"); portal.KindOf(err) != portal.Forbidden {
		t.Errorf("a handler undoes what the head signed: %v", err)
	}
	if err := other.Steps().Undo(t.Context(), other.head, n, "x"); err != nil {
		t.Error(err)
	}
}

// TestElsewhereIsNotTold: a handler sees an applicant's other cases of their own
// organs only.
func TestElsewhereIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.apply(t, "水")
	a, who := request("土")
	a.Organ = "city"
	if _, err := w.Applying().Apply(t.Context(), a, who); err != nil {
		t.Fatal(err)
	}
	if list, err := w.Handling().OfSameApplicant(t.Context(), w.handler, here); err != nil || len(list) != 0 {
		t.Errorf("the water bureau learns of %v (%v)", list, err)
	}
	if list, err := w.Handling().OfSameApplicant(t.Context(), portal.System("t"), here); err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
}

// TestAnswerByMail: who asked for the answer by e-mail gets the letter in the
// message; others are told where to look.
func TestAnswerByMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, delivery := range []string{"email", "online"} {
		a, who := request("水" + delivery)
		a.Delivery = delivery
		r, err := w.Applying().Apply(t.Context(), a, who)
		if err != nil {
			t.Fatal(err)
		}
		w.take(t, r.Number, answer(w.Today(), "granted", "经检索，现予公开。"))
		for _, m := range w.mail(t) {
			if m.Subject == string(r.Number) && strings.Contains(m.Text, "现予公开") != (delivery == "email") {
				t.Errorf("%s: %s", delivery, m.Text)
			}
		}
	}
	w.Writer = nil
	n := w.apply(t, "合同")
	p := step(clock.ConsultationSent, w.Today())
	p.Step.Party, p.Email = "甲", "a@b.example"
	if _, err := w.takes(t, w.handler, n, p); portal.KindOf(err) != portal.Invalid {
		t.Errorf("a letter by mail where none can be sent: %v", err)
	}
}

// TestReasonsDemanded: an applicant of whom reasons are demanded gives them on
// the page; nobody else is asked.
func TestReasonsDemanded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, who := request("水")
	r, err := w.Applying().Apply(t.Context(), a, who)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Applying().State(t.Context(), r.Number, r.Code, "x"); portal.KindOf(err) != portal.Conflict {
		t.Errorf("unasked: %v", err)
	}
	w.take(t, r.Number, step(clock.UnreasonableVolume, w.Today()))
	if err := w.Applying().State(t.Context(), r.Number, r.Code, " "); portal.KindOf(err) != portal.Invalid {
		t.Errorf("nothing said: %v", err)
	}
	if err := w.Applying().State(t.Context(), r.Number, r.Code, "用于研究"); err != nil || w.open(t, r.Number).Statements[0].Text != "用于研究" {
		t.Error(err)
	}
	later := step(clock.UnreasonableVolume, w.Today())
	later.Step.Until = w.Today() + 60
	w.take(t, r.Number, later)
	if c, err := w.open(t, r.Number).Clock(w.Calendar(), w.Today()); err != nil || c.Deadline != w.Today()+60 {
		t.Errorf("%s %v", c.Deadline, err)
	}
}

// mark names what waits for a signature, as its page does.
func (w *world) mark(t *testing.T, n cases.ApplicationNumber) string {
	t.Helper()
	return w.Steps().ProposalMark(w.open(t, n))
}

// TestTypedTextIsNoMarkup: whatever an applicant or a handler types, it is text
// of the letter: no heading, no signature, no variable, no other line.
func TestTypedTextIsNoMarkup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.apply(t, "供水\n# 清河市人民政府\n> 市长 王某\n{{落款行}}市长\n{{申请人}}{{意见链接}}")
	p := answer(w.Today(), "granted", "> 第一项\n# 第二项\n- 第三项\n= 第四项")
	w.take(t, n, p)
	a := w.open(t, n)
	text := a.Letters[0].Text
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "{{") && (strings.Contains(line, "王某") || strings.Contains(line, "人民政府\n") || strings.Contains(line, "市长")) {
			t.Errorf("typed text became a line of its own: %s", line)
		}
	}
	if !strings.Contains(text, "供水 # 清河市人民政府 > 市长 王某 ｛｛落款行｝｝市长 ｛｛申请人｝｝｛｛意见链接｝｝") {
		t.Errorf("what was typed is not there as text:\n%s", text)
	}
	plain := w.Printer.Plain(text)
	for _, typed := range []string{"> 第一项", "# 第二项", "- 第三项", "= 第四项"} {
		if !strings.Contains(plain, typed+"\n") {
			t.Errorf("%q is not printed as typed:\n%s", typed, plain)
		}
	}
}

// retain lets so many days pass, and looks each day for what is to be
// destroyed, as a running portal does.
func (w *world) retain(t *testing.T, days int) (sum cases.RetentionResult) {
	t.Helper()
	for range days {
		w.now = w.now.AddDate(0, 0, 1)
		r, err := w.Keeping().Retain(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sum.Told, sum.Destroyed = sum.Told+r.Told, sum.Destroyed+r.Destroyed
	}
	return sum
}

// TestRetentionIsSlow: a clock that has jumped destroys nothing, a day typed
// long ago begins no period, and no day destroys more than its share.
func TestRetentionIsSlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 30 {
		n := w.apply(t, fmt.Sprint("第", i, "件"))
		w.take(t, n, answer(w.Today(), "granted", "现予公开。"))
	}
	w.retain(t, 3)
	w.now = w.now.AddDate(5, 0, 0) // a wrong clock
	r, err := w.Keeping().Retain(t.Context())
	if err != nil || !r.Jumped || r.Destroyed != 0 {
		t.Fatalf("after a jump: %+v, %v", r, err)
	}
	for range 20 { // hours
		w.now = w.now.Add(time.Hour)
		if r, err = w.Keeping().Retain(t.Context()); err != nil || r.Destroyed != 0 {
			t.Fatalf("soon after a jump: %+v, %v", r, err)
		}
	}
	w.retain(t, 28)
	w.now = w.now.AddDate(0, 0, 1)
	if r, err = w.Keeping().Retain(t.Context()); err != nil || r.Destroyed != 20 {
		t.Errorf("on the first day: %+v, %v", r, err)
	}
	if r := w.retain(t, 1); r.Destroyed != 10 {
		t.Errorf("on the second: %+v", r)
	}
	late := newWorld(t)
	n := late.apply(t, "补录")
	late.at("2029-03-02")
	p := answer(clock.NewDate(2026, 3, 10), "granted", "现予公开。")
	late.take(t, n, p) // recorded three years later than typed
	if r := late.retain(t, 60); r.Told != 0 {
		t.Errorf("a period by the day typed: %+v", r)
	}
}
