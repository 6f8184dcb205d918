package demo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"gongkai/portal"
	"gongkai/portal/consult"
)

// asked are drafts that are, were, and will be before the public, with what was said.
func (c *city) asked() (drafts []*consult.Consultation, comments []*consult.Comment) {
	for i, x := range []struct {
		organ, kind, title, about string
		opens, closes             portal.Date
		result                    bool
	}{
		{"water", "rules", "清河市节约用水管理办法（征求意见稿）", "节约用水", c.today - 9, c.today + 21, false},
		{"water", "decision", "清河市城市供水价格调整方案（征求意见稿）", "城市供水价格", c.today - 45, c.today - 15, false},
		{"housing", "normative", "清河市住房公积金提取管理规定（征求意见稿）", "住房公积金提取", c.today - 120, c.today - 100, true},
		{"education", "normative", "清河市义务教育学校招生工作意见（征求意见稿）", "义务教育招生", c.today + 5, c.today + 35, false},
	} {
		on := min(x.opens-2, c.today)
		d := &consult.Consultation{ID: fmt.Sprintf("C%d-%04d", on.Year(), i+1), Organ: portal.OrganCode(x.organ), Kind: x.kind, Title: x.title, Opens: x.opens, Closes: x.closes, By: "editor", At: on.Time(),
			Explanation: "为规范" + x.about + "工作，在总结实践经验的基础上起草。主要规定了适用范围、职责分工、办理程序和监督。",
			Draft:       fmt.Sprintf("第一条 为了规范%[1]s，根据有关法律、法规，结合本市实际，制定本办法。\n第二条 本市行政区域内的%[1]s，适用本办法。\n第三条 %[1]s应当遵循公开、便民、高效的原则，材料齐全的，五个工作日内办结。\n第四条 有关部门按照职责分工，做好%[1]s的监督管理。\n第五条 违反本办法的，由主管部门责令改正。\n第六条 本办法自公布之日起施行。", x.about),
			Released:    &consult.Release{On: on, At: on.Time(), By: "reviewer"}}
		texts := []string{"建议把五个工作日缩短为三个工作日。", "建议增加网上办理。", "希望照顾老年人，保留窗口。", "赞成。", "建议写明投诉电话。"}
		alike := make(map[string]string)
		for j := range 9 {
			day := x.opens + portal.Date(j)
			if day > c.today || day > x.closes {
				break
			}
			m := &consult.Comment{ID: fmt.Sprintf("K%s-%06d", d.ID[1:], j+1), Consultation: d.ID, Organ: d.Organ, Text: texts[j%len(texts)], On: day, At: day.Time().Add(3 * time.Hour), Paper: j == 6}
			if j%3 == 0 {
				m.Article = "第三条"
			}
			if x.result {
				m.By = "editor"
				switch j % len(texts) {
				case 0:
					m.Decision, m.Reason = "adopted", "已改为三个工作日。"
				case 1, 2:
					m.Decision, m.Reason = "partly", "已增加网上办理，窗口同时保留。"
				default:
					m.Decision, m.Reason = "not", "办事指南另行公布。"
				}
			}
			if first := alike[m.Article+m.Text]; first != "" {
				m.Group = first
			} else {
				alike[m.Article+m.Text] = m.ID
			}
			comments = append(comments, m)
		}
		if x.result {
			d.Final = fmt.Sprintf("第一条 为了规范%[1]s，根据有关法律、法规，结合本市实际，制定本办法。\n第二条 本市行政区域内的%[1]s，适用本办法。\n第三条 %[1]s应当遵循公开、便民、高效的原则，可以网上办理；材料齐全的，三个工作日内办结。\n第四条 有关部门按照职责分工，做好%[1]s的监督管理，保留窗口服务。\n第五条 违反本办法的，由主管部门责令改正。\n第六条 本办法自公布之日起施行。", x.about)
			d.Outcome, d.FinalBy = "已经市政府常务会议审议通过，印发施行。", "editor"
			on := x.closes + 12
			d.Report = &consult.Release{On: on, At: on.Time(), By: "reviewer"}
		}
		drafts = append(drafts, d)
	}
	return drafts, comments
}

// surveys are two surveys, one that is over, with their answers.
func (c *city) surveys() (surveys []*consult.Survey, answers []*consult.Answer) {
	for i, x := range []struct {
		organ, title  string
		opens, closes portal.Date
		n             int
	}{{"transport", "公共交通满意度调查", c.today - 6, c.today + 14, 64}, {"civil-affairs", "社区养老服务需求调查", c.today - 90, c.today - 60, 118}} {
		s := &consult.Survey{ID: fmt.Sprintf("S%d-%04d", x.opens.Year(), i+1), Organ: portal.OrganCode(x.organ), Title: x.title, Intro: "回答只用于改进工作，不记录您是谁。", Opens: x.opens, Closes: x.closes, By: "editor", Released: &consult.Release{On: x.opens, At: x.opens.Time(), By: "reviewer"},
			Questions: []consult.Question{
				{Kind: "one", Text: "您多久用一次这项服务？", Options: []string{"每天", "每周", "每月", "没有用过"}},
				{Kind: "many", Text: "您最希望改进什么？", Options: []string{"时间", "地点", "价格", "态度", "信息"}},
				{Kind: "scale", Text: "您对这项服务的总体评价"},
				{Kind: "number", Text: "您家里有几口人？"},
				{Kind: "text", Text: "其他建议"}}}
		surveys = append(surveys, s)
		for range x.n {
			v := [][]string{{strconv.Itoa([]int{0, 0, 1, 1, 1, 2, 2, 3}[c.rand.IntN(8)])}, {strconv.Itoa(c.rand.IntN(5))}, {strconv.Itoa([]int{5, 5, 4, 4, 4, 3, 2}[c.rand.IntN(7)])}, {strconv.Itoa(1 + c.rand.IntN(5))}, nil}
			if c.rand.IntN(10) == 0 {
				v[4] = []string{"希望信息更新快一些。"}
			}
			answers = append(answers, &consult.Answer{Survey: s.ID, Values: v})
		}
	}
	return surveys, answers
}

// bringAsked brings consultations and surveys.
func (c *city) bringAsked(ctx context.Context, st Store, by portal.Actor) error {
	drafts, comments := c.asked()
	surveys, answers := c.surveys()
	ids := make(map[*consult.Answer]string)
	for i, x := range answers {
		ids[x] = fmt.Sprintf("%s-%06d", x.Survey, i+1)
	}
	return errors.Join(
		st.Drafts.PutAll(ctx, by, "release consultation", c.now, func(x *consult.Consultation) string { return x.ID }, drafts),
		st.Comments.PutAll(ctx, by, "comment", c.now, func(x *consult.Comment) string { return x.ID }, comments),
		st.Surveys.PutAll(ctx, by, "release survey", c.now, func(x *consult.Survey) string { return x.ID }, surveys),
		st.Answers.PutAll(ctx, by, "answer survey", c.now, func(x *consult.Answer) string { return ids[x] }, answers))
}
