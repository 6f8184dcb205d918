package consult

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/scan"
	"gongkai/portal/text"
)

// Survey is what the public is asked (网上调查).
type Survey struct {
	ID        string           `json:"id"`
	Organ     portal.OrganCode `json:"organ"`
	Title     string           `json:"title"`
	Intro     string           `json:"intro"`
	Questions []Question       `json:"questions"`
	Opens     portal.Date      `json:"opens"`
	Closes    portal.Date      `json:"closes"`
	By        portal.Login     `json:"by"`
	Released  *Release         `json:"released,omitempty"`
	Stands    []scan.Stand     `json:"stands,omitempty"`
}

// Question is one of a survey.
type Question struct {
	Kind    string   `json:"kind"` // a code of Rules.Questions
	Text    string   `json:"text"`
	Options []string `json:"options,omitempty"` // of one and many
}

// Answer is what somebody answered: nothing of it tells who.
type Answer struct {
	Survey string     `json:"survey"`
	Values [][]string `json:"values"` // by question; numbers of options, a number, or words
}

// SurveyKind is a survey; it is public once it is released.
var SurveyKind = portal.Register(portal.RecordKind{
	Code: "survey", Bucket: "surveys",
	Name: portal.Text{ZH: "网上调查", EN: "Surveys"}, Folder: "/surveys/", Order: 9, Weight: 0.5,
}, func(s *Survey) *portal.Listing {
	if s.Released == nil {
		return nil
	}
	var b strings.Builder
	for _, q := range s.Questions {
		b.WriteString(q.Text + "\n" + strings.Join(q.Options, "\n") + "\n")
	}
	return portal.ListingOf(&portal.Entry{Key: portal.Key{Kind: "survey", ID: s.ID}, Title: s.Title, Organs: []portal.OrganCode{s.Organ}, Published: s.Released.On, Texts: []string{s.Intro + "\n\n" + b.String()}}, s.Released.At)
})

// AnswerKind is an answer, which is public in sums only.
var AnswerKind = portal.Register[Answer](portal.RecordKind{Code: "survey_answer", Bucket: "survey_answers", Field: "survey"}, nil)

// Phase is where a survey stands on a day.
func (s *Survey) Phase(today portal.Date) string {
	switch {
	case s.Released == nil:
		return Written
	case today < s.Opens:
		return Ahead
	case today <= s.Closes:
		return Open
	}
	return Closed
}

// Limits on a survey.
const (
	MaxQuestions = 40
	MaxOptions   = 30
	maxNumber    = 1_000_000_000
)

// ParseQuestions reads questions as an officer writes them: a line with the kind and the
// question, such as "单选 您多久乘一次公交？", and below it an option a line, begun with "-".
func ParseQuestions(s string) ([]Question, portal.Problems) {
	var out []Question
	var p portal.Problems
	bad := func(line int, key string, args portal.Args) {
		if args == nil {
			args = portal.Args{}
		}
		args["Line"] = line
		p.Add("questions", key, args)
	}
	n := 0
	for line := range strings.Lines(s) {
		n++
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "-"); ok {
			rest = strings.TrimSpace(rest)
			if len(out) == 0 || out[len(out)-1].Kind != "one" && out[len(out)-1].Kind != "many" {
				bad(n, "survey.bad_option", nil)
				continue
			}
			q := &out[len(out)-1]
			if q.Options = append(q.Options, rest); len(q.Options) > MaxOptions || len([]rune(rest)) > portal.MaxName || rest == "" {
				bad(n, "survey.bad_option", nil)
			}
			continue
		}
		kind, words, _ := strings.Cut(strings.ReplaceAll(line, "　", " "), " ")
		i := slices.IndexFunc(Rules.Questions, func(t portal.Term) bool {
			name, _, _ := strings.Cut(t.Name.ZH, "（")
			return kind == name || kind == t.Code || kind == t.Name.ZH
		})
		words = strings.TrimSpace(words)
		if i < 0 || words == "" || len([]rune(words)) > portal.MaxLine {
			bad(n, "survey.bad_question", nil)
			continue
		}
		out = append(out, Question{Kind: Rules.Questions[i].Code, Text: words})
	}
	for _, q := range out {
		if (q.Kind == "one" || q.Kind == "many") && len(q.Options) < 2 {
			p.Add("questions", "survey.few_options", portal.Args{"Question": q.Text})
		}
	}
	if len(out) == 0 && len(p) == 0 {
		p.Add("questions", "error.required", nil)
	}
	if len(out) > MaxQuestions {
		p.Add("questions", "error.too_many", portal.Args{"Limit": MaxQuestions})
	}
	return out, p
}

// FormatQuestions writes what ParseQuestions reads.
func FormatQuestions(list []Question) string {
	var b strings.Builder
	for _, q := range list {
		name, _, _ := strings.Cut(TermOf(Rules.Questions, q.Kind).Name.ZH, "（")
		b.WriteString(name + " " + q.Text + "\n")
		for _, o := range q.Options {
			b.WriteString("- " + o + "\n")
		}
	}
	return b.String()
}

// WriteSurvey writes a survey, without an id a new one, as it was seen. One that is public
// is not changed any more: who answered, answered those questions.
func (u Consultations) WriteSurvey(ctx context.Context, by portal.Actor, id string, seen portal.Revision, x *Survey, questions string) (*Survey, error) {
	list, p := ParseQuestions(questions)
	p.Text("title", x.Title, true, portal.MaxName)
	p.Text("intro", x.Intro, false, portal.MaxProse)
	if x.Closes < x.Opens {
		p.Add("closes", "error.period", nil)
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	fill := func(s *Survey) {
		s.Title, s.Intro, s.Questions, s.Opens, s.Closes, s.By = x.Title, x.Intro, list, x.Opens, x.Closes, by.Login
	}
	if id == "" {
		if err := by.NeedTyped(portal.WriteDocuments, x.Organ); err != nil {
			return nil, err
		}
		year := u.Today().Year()
		return u.Surveys.Enter(ctx, by, "S"+fmt.Sprint(year), func(n int) string { return fmt.Sprintf("S%d-%04d", year, n) }, "write survey", u.Now(), func(s *Survey, tx portal.RecordTx) (string, error) {
			s.ID, s.Organ = tx.ID(), x.Organ
			fill(s)
			return s.Title, nil
		})
	}
	return u.Surveys.Change(ctx, by, id, seen, "write survey", u.Now(), func(s *Survey) (string, error) {
		if err := by.Need(portal.WriteDocuments, s.Organ); err != nil {
			return "", err
		}
		if s.Released != nil {
			return "", &portal.Error{Kind: portal.Conflict, Key: "consult.public_already"}
		}
		fill(s)
		return s.Title, nil
	})
}

// OpenSurvey loads a survey for who writes or reviews it.
func (u Consultations) OpenSurvey(ctx context.Context, by portal.Actor, id string) (*Survey, error) {
	s, err := u.Surveys.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return s, by.Need(portal.WriteDocuments, s.Organ)
}

// ListSurveys lists what somebody may write, the newest first.
func (u Consultations) ListSurveys(ctx context.Context, by portal.Actor) ([]*Survey, error) {
	list, err := u.Surveys.All(ctx, func(s *Survey) bool { return by.Can(portal.WriteDocuments, s.Organ) })
	slices.SortFunc(list, func(a, b *Survey) int { return strings.Compare(b.ID, a.ID) })
	return list, err
}

// ReleaseSurvey makes a survey public: a second person.
func (u Consultations) ReleaseSurvey(ctx context.Context, by portal.Actor, id string, seen portal.Revision, stands string) (*Survey, error) {
	return u.Surveys.Change(ctx, by, id, seen, "release survey", u.Now(), func(s *Survey) (string, error) {
		if err := by.Need(portal.ReviewDocuments, s.Organ); err != nil {
			return "", err
		}
		switch {
		case s.Released != nil:
			return "", &portal.Error{Kind: portal.Conflict, Key: "consult.public_already"}
		case s.Closes < u.Today():
			return "", &portal.Error{Kind: portal.Conflict, Key: "consult.over"}
		case s.By == by.Login && !by.IsSystem():
			return "", &portal.Error{Kind: portal.Forbidden, Key: "error.second_person"}
		}
		o, err := u.Directory.Organ(s.Organ)
		if err != nil {
			return "", err
		}
		texts := []scan.Text{{Field: "title", Text: s.Title}, {Field: "intro", Text: s.Intro}, {Field: "questions", Text: FormatQuestions(s.Questions)}}
		if s.Stands, err = scan.Release(o, texts, s.Stands, stands, by.Login, u.Now()); err != nil {
			return "", err
		}
		s.Released = u.stamp(by)
		return s.Title, nil
	})
}

// Answer takes an answer, once from one connection and browser: from is what tells them
// apart, and of it only a keyed hash is kept, which without the key of this portal tells
// nothing. It is no proof that one person answers once, and the page says so.
func (u Consultations) Answer(ctx context.Context, id string, values [][]string, from ...string) error {
	s, err := u.Surveys.Get(ctx, id)
	if err != nil {
		return err
	}
	switch s.Phase(u.Today()) {
	case Open:
	case Written:
		return portal.Missing()
	default:
		return &portal.Error{Kind: portal.Conflict, Key: "survey.not_open"}
	}
	var p portal.Problems
	clean := make([][]string, len(s.Questions))
	answered := 0
	for i, q := range s.Questions {
		if i < len(values) {
			clean[i] = q.clean(i, values[i], &p)
		}
		if len(clean[i]) > 0 {
			answered++
		}
	}
	if answered == 0 && len(p) == 0 {
		p.Add("q0", "survey.nothing", nil)
	}
	if err := p.Err(); err != nil {
		return err
	}
	words := append([]string{id}, from...)
	_, err = u.Answers.Enter(ctx, commenterActor, "A"+id, func(n int) string { return fmt.Sprintf("%s-%06d", id, n) }, "answer survey", u.Now().Truncate(time.Hour), func(a *Answer, tx portal.RecordTx) (string, error) {
		if len(tx.Marked("survey answered", words...)) > 0 {
			return "", &portal.Error{Kind: portal.Conflict, Key: "survey.once"}
		}
		*a = Answer{Survey: id, Values: clean}
		return "", tx.Mark("survey answered", words...)
	})
	return err
}

// clean brings an answer into its form.
func (q Question) clean(i int, typed []string, p *portal.Problems) []string {
	var out []string
	field := "q" + strconv.Itoa(i)
	for _, v := range typed {
		v = strings.TrimSpace(v)
		if v == "" {
			continue
		}
		switch q.Kind {
		case "one", "many":
			if n, err := strconv.Atoi(v); err != nil || n < 0 || n >= len(q.Options) {
				p.Add(field, "error.choose", nil)
				continue
			}
		case "scale":
			if n, err := strconv.Atoi(v); err != nil || n < 1 || n > 5 {
				p.Add(field, "error.choose", nil)
				continue
			}
		case "number":
			v = text.Fold(v)
			if n, err := strconv.ParseInt(v, 10, 64); err != nil || n < 0 || n > maxNumber {
				p.Add(field, "error.number", nil)
				continue
			}
		default:
			p.Text(field, v, false, portal.MaxNote)
		}
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	if q.Kind != "many" && len(out) > 1 {
		out = out[:1]
	}
	return out
}

// Result is what was answered to a question.
type Result struct {
	Question
	N      int // that answered it
	Cells  []Cell
	Mean   float64 // of numbers and points
	Hidden bool    // too few answered to tell anything
	Words  []string
}

// Cell is how many chose an option. A small one is hidden, and with it another where it
// could be worked out.
type Cell struct {
	Label  string
	N      int
	Share  int // per hundred of those that answered
	Hidden bool
}

// Results add up the answers to a survey. Words are given to staff alone.
func (u Consultations) Results(ctx context.Context, s *Survey, staff bool) (results []Result, answers int, err error) {
	list, err := u.Answers.All(ctx, func(a *Answer) bool { return a.Survey == s.ID })
	if err != nil {
		return nil, 0, err
	}
	for i, q := range s.Questions {
		results = append(results, q.result(i, list, staff))
	}
	return results, len(list), nil
}

func (q Question) result(i int, list []*Answer, staff bool) Result {
	r := Result{Question: q}
	labels := q.Options
	if q.Kind == "scale" {
		labels = []string{"1", "2", "3", "4", "5"}
	}
	for _, l := range labels {
		r.Cells = append(r.Cells, Cell{Label: l})
	}
	sum := int64(0)
	for _, a := range list {
		if i >= len(a.Values) || len(a.Values[i]) == 0 {
			continue
		}
		r.N++
		for _, v := range a.Values[i] {
			n, _ := strconv.ParseInt(v, 10, 64) // it was checked when it came
			switch q.Kind {
			case "one", "many":
				if int(n) < len(r.Cells) {
					r.Cells[n].N++
				}
			case "scale":
				if n >= 1 && n <= 5 {
					r.Cells[n-1].N++
				}
				sum += n
			case "number":
				sum += n
			default:
				if staff {
					r.Words = append(r.Words, v)
				}
			}
		}
	}
	if r.N > 0 && (q.Kind == "scale" || q.Kind == "number") {
		r.Mean = float64(sum) / float64(r.N)
	}
	for i := range r.Cells {
		if r.N > 0 {
			r.Cells[i].Share = (r.Cells[i].N*100 + r.N/2) / r.N
		}
	}
	if !staff {
		r.hide()
	}
	return r
}

// hide takes out what tells of few people.
func (r *Result) hide() {
	if r.N < Rules.Least {
		r.Hidden, r.Mean, r.Words = true, 0, nil
		for i := range r.Cells {
			r.Cells[i] = Cell{Label: r.Cells[i].Label, Hidden: true}
		}
		return
	}
	small := 0
	for _, c := range r.Cells {
		if c.N > 0 && c.N < Rules.Least {
			small++
		}
	}
	if small == 0 {
		return
	}
	// With one cell hidden the total would tell it: the next smallest goes too. An average
	// of points tells it as well.
	if small == 1 && r.Kind != "many" {
		next := -1
		for i, c := range r.Cells {
			if c.N >= Rules.Least && (next < 0 || c.N < r.Cells[next].N) {
				next = i
			}
		}
		if next >= 0 {
			r.Cells[next].N, r.Cells[next].Share, r.Cells[next].Hidden = 0, 0, true
		}
	}
	for i := range r.Cells {
		if c := &r.Cells[i]; c.N > 0 && c.N < Rules.Least {
			c.N, c.Share, c.Hidden = 0, 0, true
		}
	}
	r.Mean = 0
}
