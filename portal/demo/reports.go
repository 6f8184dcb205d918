package demo

import (
	"fmt"
	"time"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/clock"
	"gongkai/portal/reports"
)

// reports are the reports of three years of every organ that reports, filed in time. The
// figures of each are random within their identities; what is carried over from the last
// is what the city's applications say.
func (c *city) reports(applications []*cases.Application) []*reports.Report {
	last := c.today.Year() - 1
	open := c.carried(applications, last)
	var out []*reports.Report
	sums := make(map[int]reports.Figures) // of all organs, for the government's report
	form := reports.FormOf(last)
	for i := len(organs) - 1; i >= 0; i-- { // the government is the first, and comes last
		o := organs[i]
		if o.kind == "institution" || o.kind == "village" {
			continue
		}
		before := reports.Figures{}
		for year := last - 2; year <= last; year++ {
			f := c.figures(form, o, year, before, open[portal.OrganCode(o.code)], year == last)
			before = f
			if sums[year] == nil {
				sums[year] = reports.Figures{}
			}
			if o.kind == "government" { // it is the sum of its organs, and had no cases of its own
				f = form.Complete(sums[year], nil)
			} else {
				sums[year].Add(f)
			}
			out = append(out, c.report(o, year, f))
		}
	}
	return out
}

// carried counts the applications that were open at the end of a year, by organ and kind
// of applicant.
func (c *city) carried(list []*cases.Application, year int) map[portal.OrganCode]map[string]int64 {
	out := make(map[portal.OrganCode]map[string]int64)
	end := clock.NewDate(year, 12, 31)
	for _, a := range list {
		if a.Steps[0].Date <= end && (!a.Closed() || a.ClosedOn() > end) {
			if out[a.Organ] == nil {
				out[a.Organ] = make(map[string]int64)
			}
			out[a.Organ][a.Kind]++
		}
	}
	return out
}

// figures are the figures of an organ's year.
func (c *city) figures(form *reports.Form, o organ, _ int, before reports.Figures, open map[string]int64, last bool) reports.Figures {
	f := reports.Figures{}
	t := form.Table("requests")
	for _, k := range portal.Applicants.Terms {
		most := 12
		if k.Code == "natural" {
			most = 60
		}
		fresh := int64(most/4 + c.rand.IntN(most))
		in := before[t.At("carried_out", k.Code)]
		out := int64(0)
		if last {
			out = open[k.Code]
			fresh = max(fresh, out)
		} else if k.Code == "natural" {
			out = int64(c.rand.IntN(4))
		}
		f[t.At("new", k.Code)], f[t.At("carried_in", k.Code)], f[t.At("carried_out", k.Code)] = fresh, in, out
		for left := fresh + in - out; left > 0; left-- {
			outcome := "granted"
			switch n := c.rand.IntN(100); {
			case n >= 80:
				outcome = portal.Outcomes.Terms[2+c.rand.IntN(len(portal.Outcomes.Terms)-2)].Code
			case n >= 65:
				outcome = "unable.not_held"
			case n >= 52:
				outcome = "partial"
			}
			f[t.At(outcome, k.Code)]++
		}
	}
	p := form.Table("proactive")
	f[p.At("normative", "made")], f[p.At("normative", "repealed")], f[p.At("normative", "in_force")] = int64(3+c.rand.IntN(9)), int64(c.rand.IntN(3)), int64(20+c.rand.IntN(40))
	f[p.At("licences", "decisions")], f[p.At("penalties", "decisions")] = int64(c.rand.IntN(900)), int64(c.rand.IntN(200))
	f[p.At("coercion", "decisions")], f[p.At("fees", "amount")] = int64(c.rand.IntN(12)), int64(c.rand.IntN(400))*1_000_000
	r := form.Table("remedies")
	f[r.At("reconsideration", "upheld")], f[r.At("suit_after", "upheld")] = int64(c.rand.IntN(3)), int64(c.rand.IntN(2))
	f["facts/answers/given"], f["facts/answers/in_time"], f["facts/documents/published"] = 0, 0, int64(30+c.rand.IntN(200))
	done := form.Complete(f, nil)
	given := done[t.At("total", "total")]
	done["facts/answers/given"], done["facts/answers/in_time"], done["facts/answers/days"] = given, given, given*int64(8+c.rand.IntN(8))
	return done
}

func (c *city) report(o organ, year int, f reports.Figures) *reports.Report {
	month := time.January
	if o.kind == "government" {
		month = time.March
	}
	on := clock.NewDate(year+1, month, 20)
	at := time.Date(year+1, month, 20, 2, 0, 0, 0, time.UTC)
	form := reports.FormOf(year)
	r := &reports.Report{Organ: portal.OrganCode(o.code), Year: year, Published: on, ChangedAt: at, By: "editor"}
	r.Title = reports.TitleOf(portal.Organ{Name: portal.Text{ZH: o.zh, EN: o.en}}, year)
	r.Texts = form.FirstTexts(o.zh, year, f)
	r.Texts["problems"] = "公开内容还不够贴近群众需要，下一步将加强政策解读和办事指南的更新。"
	r.Texts["other"] = "本年度未收取信息处理费。"
	n := func(row string) int64 { return f[form.Table("requests").At(row, "total")] }
	r.BodyEN = fmt.Sprintf("In %d the %s published %d documents. It received %d applications and answered them in time: %d granted, %d granted in part; %d were carried over.", year, o.en, f["facts/documents/published"], n("new"), n("granted"), n("partial"), n("carried_out"))
	r.Typed = make(map[reports.Cell]reports.Typed) // the city has had its portal for a year
	for _, cell := range form.Cells() {
		if _, row, column := cell.Parts(); row != "total" && column != "total" && o.kind != "government" {
			r.Typed[cell] = reports.Typed{Value: f[cell], Reason: "门户启用前的登记", By: "editor", At: at}
		}
	}
	r.Filed = &reports.Filing{Title: r.Title, Texts: r.Texts, BodyEN: r.BodyEN, Figures: f, Computed: f, Typed: r.Typed, On: on, At: at, By: "reviewer"}
	return r
}
