package importer

import (
	"context"
	"io"
	"strings"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/text"
)

// applicationFields are the fields of an application and the columns they
// are looked for in unless a mapping says otherwise.
var applicationFields = map[string][]string{
	"id":          {"identifier", "id", "编号"},
	"description": {"abstract", "description", "内容描述"},
	"received":    {"date_accepted", "received", "收到日期"},
	"answered":    {"date", "answered", "答复日期"},
	"outcome":     {"decision", "outcome", "办理结果"},
	"applicant":   {"applicant_type", "applicant", "申请人类型"},
	"body":        {"organization", "organ", "机关"},
}

// ApplicationFields lists the fields that a column mapping may name.
func ApplicationFields() map[string][]string { return applicationFields }

// outcomes maps what request logs say of a decision onto the national list;
// "withdrawn" is the event.
var outcomes = map[string]string{
	"all disclosed": "granted", "full disclosure": "granted", "disclosed": "granted", "granted": "granted",
	"disclosed in part": "partial", "partial disclosure": "partial", "partly exempted": "partial",
	"nothing disclosed": "denied.law_forbidden", "all exempted": "denied.law_forbidden", "access denied": "denied.law_forbidden",
	"no records": "unable.not_held", "no records exist": "unable.not_held", "non-existent": "unable.not_held",
	"discontinued": "withdrawn", "withdrawn": "withdrawn", "abandoned": "withdrawn",
	"transferred": "unable.not_held", "correction made": "other.other", "no decision": "other.other",
}

// applicants maps kinds of applicants; what is not here is "natural".
var applicants = map[string]string{
	"business": "enterprise", "media": "other", "organization": "other", "interest group": "public_interest", "political party": "other",
	"researcher": "research", "academic": "research", "academia": "research", "law firm": "legal_service", "law firms": "legal_service",
}

// Applications imports the log of requests of another system as closed or
// open cases. Applicants are not in such logs: a case has none.
func Applications(ctx context.Context, st Store, by portal.Actor, r io.Reader, opt Options) (Report, error) {
	j, err := begin(ctx, st, by, opt)
	if err != nil {
		return Report{}, err
	}
	var list []*cases.Application
	flush := func() error {
		defer func() { list = nil }()
		if opt.DryRun {
			for _, a := range list {
				j.would(ctx, a.Source)
			}
			return nil
		}
		res, err := st.ImportApplications(ctx, by, list, opt.Now())
		j.count(res)
		return err
	}
	names, days := applicationColumns(opt)
	src := &source{known: func(n string) bool { return names[n] != "" }, must: func(n string) bool { return names[n] == "description" }, wanted: "abstract/description, date_accepted/received, date/answered, decision/outcome …"}
	err = j.read(ctx, r, src, days, func(r row) error {
		a, p := j.application(r)
		if p != nil {
			j.refuse(r.line, *p)
			return nil
		}
		a.Source = j.numbered(a.Source)
		list = append(list, a)
		if len(list) < batch*5 {
			return nil
		}
		return flush()
	})
	if err != nil {
		return j.report, err
	}
	err = flush()
	return j.report, err
}

// applicationColumns are the names of all columns that mean something with
// their field, and those of days.
func applicationColumns(opt Options) (names map[string]string, days []string) {
	names = make(map[string]string)
	for field, cols := range applicationFields {
		if c, ok := opt.Map[field]; ok {
			cols = []string{c}
		}
		for _, n := range cols {
			names[column(n)] = field
			if field == "received" || field == "answered" {
				days = append(days, n)
			}
		}
	}
	return names, days
}

func (r row) field(opt Options, name string) string {
	if col, ok := opt.Map[name]; ok {
		return strings.TrimSpace(r.values[column(col)])
	}
	for _, n := range applicationFields[name] {
		if v := strings.TrimSpace(r.values[column(n)]); v != "" {
			return v
		}
	}
	return ""
}

// application reads a row. A row without a day of receipt is taken as
// received on the day it was answered, or on the default day, which also
// stands in for days that cannot be.
func (j *job) application(r row) (*cases.Application, *portal.Problem) {
	opt := j.opt
	written := r.field(opt, "description")
	if written == "" {
		return nil, &portal.Problem{Field: "description", Key: "error.required"}
	}
	received, p := j.day(r, "received", r.field(opt, "received"))
	if p != nil && opt.DefaultDate == 0 {
		return nil, p
	}
	answered, p := j.day(r, "answered", r.field(opt, "answered"))
	if p != nil && opt.DefaultDate == 0 {
		return nil, p
	}
	if received == 0 {
		received = answered
	}
	if received == 0 {
		received = opt.DefaultDate
	}
	switch {
	case received == 0:
		return nil, &portal.Problem{Field: "received", Key: "error.import_no_date"}
	case answered != 0 && answered < received:
		return nil, &portal.Problem{Field: "answered", Key: "error.import_order"}
	}
	kind := applicants[strings.ToLower(r.field(opt, "applicant"))]
	if kind == "" {
		kind = "natural"
	}
	now := opt.Now()
	a := &cases.Application{Organ: opt.Organ, Kind: kind, Subject: shorten(written, 60), Description: shorten(written, cases.MaxDescription), Form: "electronic", Delivery: "online", Sealed: true,
		Source: "application/" + string(opt.Organ) + "/" + r.field(opt, "id") + "/" + text.Fingerprint(written, received.String()),
		Steps:  []cases.CaseStep{{Event: clock.Event{Type: clock.Received, Date: received, Channel: "in_person"}, RecordedAt: now.UTC()}}}
	decision := strings.ToLower(r.field(opt, "outcome"))
	if answered == 0 && decision != "" {
		answered = received
	}
	if answered == 0 {
		return a, nil
	}
	code := outcomes[decision]
	if code == "" {
		if code = portal.Outcomes.Find(decision); code == "" {
			code = "other.other"
		}
	}
	e := clock.Event{Type: clock.Answered, Date: answered, Way: "sent"}
	if code == "withdrawn" {
		e = clock.Event{Type: clock.Withdrawn, Date: answered}
	} else {
		a.Answer = &cases.Answer{Outcome: code, Text: r.field(opt, "outcome")}
	}
	a.Steps = append(a.Steps, cases.CaseStep{Event: e, RecordedAt: now.UTC()})
	return a, nil
}

func shorten(s string, n int) string {
	if rs := []rune(s); len(rs) > n {
		return string(rs[:n-1]) + "…"
	}
	return s
}
