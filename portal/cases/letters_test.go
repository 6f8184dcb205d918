package cases_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	"gongkai/portal/letter"
	"gongkai/store"
)

var update = flag.Bool("update", false, "write the golden letters anew")

// world is a portal of one department over a real store.
type world struct {
	cases.Cases
	st      *store.Store
	now     time.Time
	handler portal.Actor
	head    portal.Actor
	docs    documents.Documents
}

// StepMail and DigestMail write messages that tests can read.
func (w *world) StepMail(a *cases.Application, s cases.CaseStep) *portal.Mail {
	return &portal.Mail{Subject: string(a.Number), Text: string(s.Type)}
}

func (w *world) DigestMail(o portal.Organ, items []cases.DueItem) *portal.Mail {
	return &portal.Mail{Subject: string(o.Code), Text: fmt.Sprint(items)}
}

func (w *world) EndingMail(o portal.Organ, items []cases.DueItem) *portal.Mail {
	return &portal.Mail{Subject: "ending " + string(o.Code), Text: fmt.Sprint(items)}
}

func (w *world) AskedMail(n int, due portal.Date) *portal.Mail {
	return &portal.Mail{Subject: "asked", Text: fmt.Sprint(n, " ", due)}
}

func newWorld(t testing.TB, sign ...clock.EventType) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("CST", 8*3600))}
	var err error
	if w.st, err = store.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.st.Close() })
	by := portal.System("test")
	for _, o := range []*portal.Organ{
		{Code: "city", Kind: "government", IndexPrefix: "000000001", Name: portal.Text{ZH: "清河市人民政府"}},
		{Code: "water", Parent: "city", Kind: "department", IndexPrefix: "000000002", Name: portal.Text{ZH: "清河市水务局"}, Office: portal.Text{ZH: "水务局公开办"}, Address: portal.Text{ZH: "人民路1号"}, Telephone: "0000-1", LetterMark: "清水公开", Payment: "到非税收入窗口缴纳。", Sign: sign},
	} {
		if err := w.st.Organs.SaveOrgan(t.Context(), by, o, w.now); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []*portal.Person{
		{Login: "handler", Name: "张办理", Email: "handler@city.example", Grants: []portal.Grant{{Role: portal.Handler, Organs: []portal.OrganCode{"water"}}}},
		{Login: "other", Name: "李办理", Email: "other@city.example", Grants: []portal.Grant{{Role: portal.Handler, Organs: []portal.OrganCode{"water"}}}},
		{Login: "head", Name: "林主任", Email: "head@city.example", Grants: []portal.Grant{{Role: portal.Head, Organs: []portal.OrganCode{"water"}}}},
	} {
		if err := w.st.People.AddPerson(t.Context(), by, p, w.now); err != nil {
			t.Fatal(err)
		}
		switch p.Login {
		case "handler":
			w.handler = p.Actor()
		case "head":
			w.head = p.Actor()
		}
	}
	cal := clock.China()
	c := portal.Clockwork{Now: func() time.Time { return w.now }, Calendar: func() *clock.Calendar { return cal }}
	w.Cases = cases.Cases{Clockwork: c, Store: w.st.ForCases(), Outbox: w.st.Outbox, Writer: w, Printer: letter.Printer{}, Origin: "https://xxgk.example"}
	w.docs = documents.Documents{Clockwork: c, Store: w.st.ForDocuments(), Directory: w.st.Organs}
	return w
}

// at sets the day.
func (w *world) at(day string) {
	d, err := clock.ParseDate(day)
	if err != nil {
		panic(err)
	}
	w.now = time.Date(d.Year(), d.Time().Month(), d.Time().Day(), 9, 0, 0, 0, w.now.Location())
}

func request(subject string) (*cases.Application, *cases.Applicant) {
	return &cases.Application{Organ: "water", Subject: subject, Description: "申请公开" + subject + "。", Form: "electronic", Delivery: "online"},
		&cases.Applicant{Kind: "natural", Name: "欧阳求知", IDNumber: "SECRET12345", Phone: "0531-5550199", Email: "ouyang@reader.example"}
}

// apply hands an application in over the counter today.
func (w *world) apply(t testing.TB, subject string) cases.ApplicationNumber {
	t.Helper()
	a, who := request(subject)
	a.Steps = []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Channel: "in_person", Date: w.Today()}}}
	r, err := w.Applying().TakeIn(t.Context(), w.handler, []*cases.Application{a}, who)
	if err != nil {
		t.Fatal(err)
	}
	return r[0].Number
}

func step(typ clock.EventType, on portal.Date) cases.Proposal {
	return cases.Proposal{Step: cases.CaseStep{Event: clock.Event{Type: typ, Date: on}, Note: "因涉及材料较多，需要核对。"}}
}

// TestGoldenLetters renders the letter of every step and of every outcome, and
// compares it with the file that a person has read. Run with -update after a
// change of the templates, and read what changes.
func TestGoldenLetters(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	compare := func(t *testing.T, w *world, n cases.ApplicationNumber, p cases.Proposal, name string) {
		t.Helper()
		made, err := w.Steps().Prepare(t.Context(), w.handler, w.open(t, n), &p)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if made.Kind == nil {
			t.Fatalf("%s has no letter", name)
		}
		seen[made.Kind.Code] = true
		if err := cases.CheckLetter(made.Kind, made.Letter); err != nil {
			t.Errorf("%s cannot be sent: %v", name, err)
		}
		if len(made.Missing) > 0 {
			t.Errorf("%s: the font lacks %q", name, string(made.Missing))
		}
		golden(t, name, made.Letter)
	}
	w := newWorld(t)
	n := w.apply(t, "朱雀泵站水质报告")
	today := w.Today()
	correction := step(clock.CorrectionRequested, today)
	correction.Step.Days = 10
	compare(t, w, n, correction, "correction")
	third := step(clock.ConsultationSent, today)
	third.Step.Party = "清河水泵厂"
	compare(t, w, n, third, "third_party")
	third.Step.Kind = "co_maker"
	compare(t, w, n, third, "co_maker")
	third.Step.Kind = "organ"
	compare(t, w, n, third, "other_organ")
	extension := step(clock.Extended, today)
	extension.Step.Days, extension.Step.ApprovedBy = 15, "林主任"
	compare(t, w, n, extension, "extension")
	fee := step(clock.FeeNotified, today)
	charge, err := cases.Fee("page", 0, 210)
	if err != nil {
		t.Fatal(err)
	}
	fee.Charge = &charge
	compare(t, w, n, fee, "fee")
	compare(t, w, n, step(clock.UnreasonableVolume, today), "reasons")
	later := step(clock.UnreasonableVolume, today)
	later.Step.Until = today + 60
	compare(t, w, n, later, "later")
	forward := step(clock.Forwarded, today)
	forward.To = "city"
	compare(t, w, n, forward, "forward")
	for _, o := range portal.Outcomes.Terms {
		p := step(clock.Answered, today)
		p.Answer = &cases.Answer{Outcome: o.Code, Text: "经检索档案管理系统，查明有关事实。", Files: []portal.Attachment{{Name: "报告.pdf"}}}
		if o.Code == "partial" {
			p.Answer.Withheld = "第3页联系人姓名：个人隐私（条例第十五条）。"
		}
		if o.Code == "unable.not_held" {
			p.Rightful = "该信息由清河市自然资源和规划局负责公开，电话0000-2。"
		}
		compare(t, w, n, p, "answer."+o.Code)
	}
	if err := w.Letters().Registration(t.Context(), w.handler, n); err != nil {
		t.Fatal(err)
	}
	golden(t, "receipt", w.open(t, n).Letters[0].Text)
	record, who := request("本人户籍登记信息")
	record.Purpose = cases.ForCorrection
	record.Steps = []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Channel: "in_person", Date: today}}}
	r, err := w.Applying().TakeIn(t.Context(), w.handler, []*cases.Application{record}, who)
	if err != nil {
		t.Fatal(err)
	}
	p := step(clock.Answered, today)
	p.Answer = &cases.Answer{Outcome: "corrected", Text: "已更正出生日期。"}
	compare(t, w, r[0].Number, p, "record")
	for _, k := range cases.LetterKinds() {
		if err := cases.CheckTemplate(&k, k.Body); err != nil {
			t.Errorf("the template %s: %v", k.Code, err)
		}
		if !seen[k.Code] && k.Code != "receipt" { // which is no step
			t.Errorf("no golden letter for %s", k.Code)
		}
	}
}

// golden compares a letter with the file that a person has read.
func golden(t *testing.T, name, letter string) {
	t.Helper()
	file := filepath.Join("testdata", "letters", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(letter+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := letter + "\n"; got != string(want) {
		t.Errorf("%s is now\n%s\nand was\n%s", name, got, want)
	}
}

// TestRemedyByDate: reconsideration comes first for refusals since 2024.
func TestRemedyByDate(t *testing.T) {
	t.Parallel()
	old, since := clock.NewDate(2023, 12, 29), clock.NewDate(2024, 1, 2)
	first := "先向清河市人民政府申请行政复议"
	for _, o := range portal.Outcomes.Terms {
		want := strings.HasPrefix(o.Code, "denied.") && o.Code != "denied.admin_query" || o.Code == "partial"
		if got := strings.Contains(cases.Remedy(o.Code, since, "清河市人民政府", "zh"), first); got != want {
			t.Errorf("%s in 2024: reconsideration first is %v", o.Code, got)
		}
		if strings.Contains(cases.Remedy(o.Code, old, "清河市人民政府", "zh"), first) {
			t.Errorf("%s in 2023: reconsideration first", o.Code)
		}
		for _, lang := range []string{"zh", "en"} {
			if text := cases.Remedy(o.Code, since, "X", lang); !strings.Contains(text, "X") || strings.Contains(text, "{{") {
				t.Errorf("%s in %s: %q", o.Code, lang, text)
			}
		}
	}
}

func TestCheckTemplate(t *testing.T) {
	t.Parallel()
	k := cases.LetterKindByCode("answer.granted")
	for body, ok := range map[string]bool{
		"{{正文}} {{救济}}": true, "{{ 正文 }}\n{{救济}}": true, "{{正文}}": false, "{{正文}}{{救济}}{{没有}}": false, "{{正文}}{{救济}}{{": false, "": false,
		"{{正文}}{{救济}}" + strings.Repeat("长", cases.MaxAnswer): false,
	} {
		if err := cases.CheckTemplate(k, body); (err == nil) != ok {
			t.Errorf("%.30q: %v", body, err)
		}
	}
	if cases.CheckTemplate(cases.LetterKindByCode("third_party"), "{{正文}}{{意见链接}}{{申请人}}") == nil {
		t.Error("a letter to a third party may name the applicant")
	}
}

// FuzzTemplate: no template makes a letter fail otherwise than by an error of
// the form.
func FuzzTemplate(f *testing.F) {
	f.Add("{{正文}}{{救济}}")
	f.Add("{{{{正文}}}}")
	f.Add("{{\x00}}")
	f.Fuzz(func(t *testing.T, body string) {
		for _, k := range cases.LetterKinds() {
			if err := cases.CheckTemplate(&k, body); err != nil && portal.KindOf(err) != portal.Invalid {
				t.Fatal(err)
			}
		}
	})
}
