package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
)

// pattern is a kind of document that a topic can have.
type pattern struct {
	genre, item    string
	title, titleEN func(t topic, year int) string
	body           func(t topic, year int, o organ, r *rand.Rand) (zh, en string)
	numbered       bool
}

var patterns = []pattern{
	{"regulation", "1", func(t topic, _ int) string { return "清河市" + t.zh + "管理办法" },
		func(t topic, _ int) string { return "Measures of Qinghe City for " + t.en }, measures, true},
	{"notice", "11", func(t topic, y int) string { return fmt.Sprintf("关于做好%d年%s工作的通知", y, t.zh) },
		func(t topic, y int) string { return fmt.Sprintf("Notice on %s in %d", t.en, y) }, notice, true},
	{"other", "5", func(t topic, _ int) string { return t.zh + "办事指南" },
		func(t topic, _ int) string { return "Guide to " + t.en }, guide, false},
	{"plan", "3", func(t topic, y int) string {
		return fmt.Sprintf("清河市%s三年行动方案（%d—%d年）", t.zh, y, y+2)
	},
		func(t topic, y int) string {
			return fmt.Sprintf("Three-year action plan for %s (%d–%d)", t.en, y, y+2)
		}, plan, true},
	{"statistics", "4", func(t topic, y int) string { return fmt.Sprintf("%d年%s情况统计公报", y, t.zh) },
		func(t topic, y int) string { return fmt.Sprintf("Statistics on %s, %d", t.en, y) }, figures, false},
}

func measures(t topic, year int, o organ, r *rand.Rand) (string, string) {
	days := 5 + r.IntN(20)
	zh := fmt.Sprintf(`# 第一章 总则

第一条 为了规范%[1]s工作，保障%[2]s的合法权益，根据有关法律、法规，结合本市实际，制定本办法。

第二条 本市行政区域内的%[1]s及其监督管理，适用本办法。

第三条 %[1]s应当遵循依法、公开、公平、便民的原则。

第四条 %[3]s负责本市%[1]s的组织实施和监督管理，各镇人民政府、街道办事处按照职责做好有关工作。

# 第二章 申请与办理

第五条 %[2]s申请办理%[1]s的，应当符合下列条件：%[4]s，并如实提供有关材料。

第六条 申请人可以到政务服务大厅、镇街便民服务中心或者通过网上办事平台提出申请。材料不齐全的，受理机关应当当场一次告知需要补正的全部内容。

第七条 受理机关应当自受理之日起%[5]d个工作日内作出决定；情况复杂的，经负责人批准可以延长十个工作日，并告知申请人理由。

第八条 对不予办理的，应当书面说明理由，并告知申请人申请行政复议或者提起行政诉讼的权利。

# 第三章 监督管理

第九条 %[3]s应当公开%[1]s的依据、条件、程序、期限和办理结果，接受社会监督。

第十条 隐瞒有关情况或者提供虚假材料的，不予办理；已经办理的，依法撤销。

第十一条 工作人员滥用职权、玩忽职守、徇私舞弊的，依法给予处分；构成犯罪的，依法追究刑事责任。

# 第四章 附则

第十二条 本办法由%[3]s负责解释。

第十三条 本办法自%[6]d年1月1日起施行，有效期五年。`, t.zh, t.who, o.zh, t.condition, days, year+1)
	en := fmt.Sprintf(`Article 1. These Measures govern %s in Qinghe City and protect the rights of %s.

Article 4. The %s is responsible for carrying them out; townships and sub-districts assist.

Article 6. Applications are made at the government service hall, at the service centre of a township, or online. If something is missing, the office says at once and completely what it is.

Article 7. A decision is taken within %d working days. It may be extended by ten working days with reasons.

Article 8. A refusal is given in writing, with reasons and remedies.`, t.en, t.whoEN, o.en, days)
	return zh, en
}

func notice(t topic, year int, o organ, r *rand.Rand) (string, string) {
	n := 3 + r.IntN(20)
	zh := fmt.Sprintf(`各镇人民政府、街道办事处，市政府各部门：

为进一步做好%[1]s工作，经市政府同意，现就有关事项通知如下：

## 一、工作目标

%[2]d年，全市%[1]s工作要以群众满意为标准，服务%[3]s%[4]d万人次以上，办理时限平均压缩百分之%[5]d，投诉按期办结率达到百分之百。

## 二、主要任务

（一）摸清底数。各镇街要在%[2]d年3月底前完成%[3]s的调查摸底，建立台账，做到底数清、情况明。

（二）优化流程。凡符合条件（%[6]s）的，应当应享尽享、应办尽办，不得擅自增设条件。

（三）加强宣传。通过政府网站、公告栏、村（社区）广播等方式，把政策送到%[3]s身边。

（四）严格资金管理。专款专用，不得截留、挤占、挪用，并按规定公开使用情况。

## 三、保障措施

%[7]s牵头建立月调度机制，对工作不力的单位予以通报。各单位要明确一名负责同志，并于本通知印发之日起十个工作日内将联系人报%[7]s。

联系电话：0000-12345%[8]d`, t.zh, year, t.who, n, 5+r.IntN(30), t.condition, o.zh, 100+r.IntN(800))
	en := fmt.Sprintf(`To all townships, sub-districts and departments:

This notice sets the goals for %s in %d. At least %d0,000 cases of %s are to be served, and no condition may be added to those that are published.

The %s leads and reports every month. Money is used for its purpose only, and its use is made public.`, t.en, year, n, t.whoEN, o.en)
	return zh, en
}

func guide(t topic, _ int, o organ, r *rand.Rand) (string, string) {
	days := 3 + r.IntN(15)
	zh := fmt.Sprintf(`## 办理对象

%[2]s。

## 办理条件

%[4]s。

## 所需材料

1. 有效身份证件或者统一社会信用代码证照；
2. %[1]s申请表（可在窗口领取或者网上下载）；
3. 证明符合办理条件的有关材料。

## 办理流程

| 环节 | 时限 | 办理人 |
|---|---|---|
| 受理 | 当场 | 窗口工作人员 |
| 审核 | %[5]d个工作日 | %[3]s |
| 决定 | 2个工作日 | 负责人 |
| 送达 | 2个工作日 | 窗口工作人员 |

## 收费标准

不收费。

## 办理地点和时间

清河市政务服务大厅二楼综合窗口，工作日上午9:00—12:00，下午1:30—5:30。

## 监督投诉

12345政务服务便民热线。`, t.zh, t.who, o.zh, t.condition, days)
	en := fmt.Sprintf(`**Who**: %s.

**How**: bring an identity document and the form to window 2 of the government service hall, working days 9:00–12:00 and 13:30–17:30. The %s decides within %d working days.

**Fee**: none. **Complaints**: hotline 12345.`, t.whoEN, o.en, days)
	return zh, en
}

func plan(t topic, year int, o organ, r *rand.Rand) (string, string) {
	zh := fmt.Sprintf(`## 一、总体要求

坚持以人民为中心，统筹推进%[1]s，到%[2]d年形成覆盖城乡、便捷高效的工作体系，%[3]s的获得感明显增强。

## 二、重点任务

（一）完善制度。修订%[1]s有关规定，明确标准、程序和责任，%[4]d年6月底前完成。

（二）加大投入。三年安排资金%[5]d万元，其中市级财政承担百分之六十。

（三）提升能力。培训基层工作人员%[6]d人次，实现镇街服务窗口全覆盖。

（四）数据共享。打通部门数据，能够通过共享核验的材料不再要求%[3]s提供。

## 三、组织实施

%[7]s会同有关部门制定年度计划，每年12月底前向市政府报告，并向社会公开进展情况。`, t.zh, year+2, t.who, year+1, 200+r.IntN(1800), 100+r.IntN(900), o.zh)
	en := fmt.Sprintf("The plan improves %s by %d: clearer rules, more money, training of staff and shared data, so that %s need not bring papers that an organ already has. The %s reports each December.", t.en, year+2, t.whoEN, o.en)
	return zh, en
}

func figures(t topic, year int, o organ, r *rand.Rand) (string, string) {
	var rows strings.Builder
	sum := 0
	for q := 1; q <= 4; q++ {
		n := 500 + r.IntN(4000)
		sum += n
		fmt.Fprintf(&rows, "| 第%d季度 | %d | %d | %.1f%% |\n", q, n, n-r.IntN(60), 95+r.Float64()*5)
	}
	zh := fmt.Sprintf(`现将%[1]d年全市%[2]s情况公布如下。

| 时间 | 受理（件） | 办结（件） | 按期办结率 |
|---|---|---|---|
%[3]s| 全年 | %[4]d | — | — |

全年共服务%[5]s%[4]d件（人）次，比上年增长百分之%[6]d。数据由%[7]s依法采集，口径与上年一致。`, year, t.zh, rows.String(), sum, t.who, 1+r.IntN(15), o.zh)
	en := fmt.Sprintf("In %d, %d cases of %s were handled for %s. Figures by quarter are in the table of the Chinese text; they were collected by the %s.", year, sum, t.en, t.whoEN, o.en)
	return zh, en
}

// documentCount is the number of documents of the city.
const documentCount = 312

// documents makes the city's documents, oldest first.
func (c *city) documents() []documents.Import {
	var out []documents.Import
	serial := make(map[string]int)
	for i := range documentCount {
		t := topics[i%len(topics)]
		p := patterns[(i/len(topics)+i)%len(patterns)]
		o := c.organ(t.organ)
		day := c.today - portal.Date(1300-i*1296/documentCount) - portal.Date(c.rand.IntN(8))
		year := day.Year()
		zh, en := p.body(t, year, o, c.rand)
		x := documents.Content{Title: p.title(t, year), TitleEN: p.titleEN(t, year), Organs: []portal.OrganCode{portal.OrganCode(t.organ)},
			Formed: day, Published: c.calendar.After(day, 1+c.rand.IntN(8)), Theme: t.theme, Genre: p.genre, Item: p.item, Mode: "proactive", Validity: "in_force",
			Keywords: []string{t.zh}, Body: zh, BodyEN: en,
			Summary: fmt.Sprintf("%s就%s作出的规定和说明，适用于%s。", o.zh, t.zh, t.who), SummaryEN: fmt.Sprintf("What the %s lays down on %s.", o.en, t.en)}
		if x.Published > c.today {
			x.Published = c.today
		}
		if p.numbered {
			key := fmt.Sprint(o.sign, year)
			serial[key]++
			x.Number = fmt.Sprintf("%s〔%d〕%d号", o.sign, year, serial[key])
		}
		if t.organ != "office" && i%9 == 0 { // some are issued jointly
			x.Organs = append(x.Organs, "office")
		}
		if p.genre == "regulation" {
			x.Effective = clock.NewDate(year+1, 1, 1)
		}
		switch {
		case i%29 == 7:
			x.Validity, x.Repealed = "repealed", c.today-30
		case i%31 == 5:
			x.Validity = "amended"
		case p.genre == "plan" && year+2 < c.today.Year():
			x.Validity = "expired"
		}
		if x.Repealed != 0 && x.Repealed < x.Effective {
			x.Effective = 0
		}
		out = append(out, documents.Import{Source: fmt.Sprintf("demo/%d", i), Content: x})
	}
	return append(out, c.collected()...)
}
