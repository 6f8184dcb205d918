package demo

import (
	"fmt"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/process"
	"gongkai/portal/registers"
)

// What a real city of this size accounts for in a year.
const (
	demoProposals   = 235 // all answered, more than 95 % of their proposers satisfied
	demoSupervisors = 18
	demoInspections = 65
	demoSubmissions = 679
	demoAdopted     = 135
	demoAssignments = 24
	demoViolations  = 3
)

// oversight are proposals, hearings, reception days, and what oversight found.
func (c *city) oversight(serial map[string]int) []*registers.Entry {
	var out []*registers.Entry
	entry := func(register, organ string, on portal.Date, v registers.Values) *registers.Entry {
		serial[register+organ]++
		e := &registers.Entry{Register: register, Organ: portal.OrganCode(organ), Serial: serial[register+organ], Values: v, By: "editor", At: on.Time()}
		out = append(out, e)
		return e
	}
	step := func(e *registers.Entry, kind string, on portal.Date, by portal.Login, note string) bool {
		if on > c.today {
			return false
		}
		e.Steps = append(e.Steps, process.Step{Type: kind, On: on, At: on.Time().Add(2 * time.Hour), By: by, Note: note})
		return true
	}
	public := func(e *registers.Entry, on portal.Date) {
		on = min(on, c.today)
		e.At = on.Time()
		values, _ := e.Open()
		e.Public = &registers.Edition{Values: values, On: on, At: on.Time(), By: "reviewer"}
	}
	departments := organs[2:25]
	year := c.today.Year()
	if c.today < clock.NewDate(year, 7, 1) { // the proposals of the spring are answered by the summer
		year--
	}
	for i := range demoProposals {
		t := topics[i%len(topics)]
		received := clock.NewDate(year, 2, 20) + portal.Date(i%12)
		kind, number := "suggestion", fmt.Sprintf("第%d号", i+1)
		if i%3 > 0 {
			kind = "motion"
		}
		v := registers.Values{"kind": kind, "session": "十七届五次", "number": number, "proposers": names[i%len(names)][:3] + "委员、" + names[(i+3)%len(names)][:3] + "委员", "subject": "关于改善" + t.zh + "的" + map[string]string{"suggestion": "建议", "motion": "提案"}[kind],
			"received": received.String(), "due": (received + 120).String(), "reply": fmt.Sprintf("所提内容切合实际。今年已把%s列入重点工作，完善制度、增加投入，并公开办理结果。", t.zh), "class": []string{"a", "b", "a", "c"}[i%4], "open": "yes"}
		if i%5 == 1 {
			v["joint"] = "office"
		}
		if i%11 == 5 {
			v["open"], v["reason"] = "no", "涉及内部事务。"
		}
		if v["class"] == "b" {
			v["promise"] = clock.NewDate(year, 12, 20).String()
		}
		e := entry("proposals", t.organ, received, v)
		step(e, "receive", received, "city-editor", "")
		step(e, "accept", received+3, "editor", "")
		step(e, "organise", received+7, "editor", "")
		step(e, "divide", received+10, "editor", "")
		step(e, "handle", received+20, "editor", "")
		step(e, "implement", received+50, "editor", "")
		answered := received + portal.Date(70+i%40)
		step(e, "answer", answered, "editor", "")
		switch {
		case i%40 == 39 && step(e, "again", answered+10, "editor", "措施不具体。"):
			step(e, "handle", answered+11, "editor", "")
			step(e, "answer", received+118, "editor", "")
			v["satisfaction"] = "mostly"
			step(e, "rate", received+125, "editor", "")
		case i%59 == 7:
			v["satisfaction"] = "mostly"
			step(e, "rate", answered+10, "editor", "")
		default:
			v["satisfaction"] = "satisfied"
			step(e, "rate", answered+10, "editor", "")
		}
		public(e, received+130)
	}
	for i, subject := range []string{"城市供水价格调整", "公共交通票价调整", "住宅物业服务收费标准"} {
		held := c.today - 100 + portal.Date(i*70)
		v := registers.Values{"subject": subject, "held": held.String(), "place": "市政务服务大厅三楼会议室", "register": "凭身份证件到市发展和改革委员会报名，或者在本门户部门信箱报名；名额二十人，超额的抽签。", "until": (held - 15).String()}
		e := entry("hearings", "development", held-40, v)
		step(e, "receive", held-40, "editor", "")
		if held-10 <= c.today {
			v["speakers"] = "消费者代表十二人、经营者代表四人、专家二人、市人大代表和政协委员二人。"
			step(e, "choose", held-10, "editor", "")
		}
		if held+8 <= c.today {
			v["record"] = "参加人赞成方案一的十三人，建议完善困难家庭减免办法，已采纳。"
			step(e, "record", held+8, "editor", "")
		}
		public(e, held-39)
		e.Public.On = min(held-39, c.today)
	}
	leaders := [][2]string{{"林志远", "市长"}, {"程立新", "常务副市长"}, {"何静", "副市长"}, {"马国栋", "副市长"}}
	monday := c.today - portal.Date((int(c.today.Weekday())+6)%7)
	for i := range 16 {
		l, day := leaders[i%len(leaders)], monday+portal.Date(2+7*(i-4))
		e := entry("reception", "qinghe", day-20, registers.Values{"leader": l[0], "post": l[1], "day": day.String(), "hours": "9:00—11:30", "place": "市信访接待中心", "theme": []string{"住房和城建", "教育和卫生", "农业和水利", "就业和社会保障"}[i%4]})
		public(e, day-20)
	}
	for i := range 20 {
		day := c.today - portal.Date(i*7+3)
		entry("box_log", "qinghe", day, registers.Values{"box": "市政府大门意见箱", "day": day.String(), "by": "吴话务、孙督查", "letters": fmt.Sprint(i * 7 % 4)})
	}
	for i := range demoSupervisors {
		e := entry("supervisors", "office", clock.NewDate(year, 1, 10), registers.Values{"name": []string{"安", "白", "曹", "邓", "范", "高", "韩", "江", "孔"}[i%9] + []string{"师傅", "老师"}[i/9], "unit": []string{"市人大代表", "市政协委员", "社区居民", "企业职工", "媒体记者", "律师"}[i%6], "area": organs[2+i].zh, "since": clock.NewDate(year, 1, 10).String(), "until": clock.NewDate(year+2, 1, 9).String()})
		public(e, clock.NewDate(year, 1, 12))
	}
	findings := []string{"主动公开目录三个月没有更新", "依申请公开答复没有告知救济渠道", "信箱来信超过七个工作日没有答复", "政策解读没有与文件关联", "机构联系电话不准确", "办事指南与窗口要求不一致"}
	for i := range demoInspections {
		o := departments[i%len(departments)]
		found := c.today - portal.Date(6+i*5)
		v := registers.Values{"subject": fmt.Sprintf("%s：%s", o.zh, findings[i%len(findings)]), "found": found.String(), "supervisor": []string{"安", "白", "曹"}[i%3] + "师傅", "finding": findings[i%len(findings)] + "，不符合规定。", "due": (found + 15).String()}
		e := entry("inspections", o.code, found, v)
		step(e, "receive", found, "overseer", "")
		if i%13 == 4 && i < 26 {
			public(e, found+2)
			continue // still open
		}
		if step(e, "rectify", found+8, "editor", "") {
			v["rectification"] = "已补发并建立每月检查制度。"
			if i%9 == 2 && step(e, "return", found+10, "overseer", "没有说明原因。") {
				step(e, "rectify", found+13, "editor", "已补充说明。")
			}
			step(e, "verify", found+18, "overseer", "已核查，属实。")
		}
		public(e, found+2)
	}
	for i := range demoViolations {
		o := departments[i*5]
		decided := c.today - portal.Date(30+i*60)
		e := entry("violations", o.code, decided, registers.Values{"subject": fmt.Sprintf("%s未依法公开政府信息", o.zh), "facts": "应当公开的信息逾期六个月没有公开。", "basis": "《政府信息公开条例》第五十三条", "decision": "责令改正，通报批评。", "decided": decided.String()})
		public(e, decided+3)
	}
	for i := range demoAssignments {
		o := departments[i%len(departments)]
		set := c.today - portal.Date(10+i*9)
		v := registers.Values{"document": fmt.Sprintf("清政办发〔%d〕%d号", set.Year(), 20+i/6), "task": fmt.Sprintf("%s牵头，更新%s的办事指南并公开。", o.zh, topics[i%len(topics)].zh), "owner": "分管负责人", "set": set.String(), "due": (set + 30).String()}
		e := entry("assignments", o.code, set, v)
		step(e, "receive", set, "overseer", "")
		if i%7 != 3 && step(e, "report", set+25, "editor", "") {
			v["result"] = "已更新并公开。"
			step(e, "confirm", set+28, "overseer", "")
		}
	}
	for i := range demoSubmissions {
		o := departments[i*7%len(departments)]
		sent := c.today - portal.Date(i*360/demoSubmissions)
		v := registers.Values{"subject": fmt.Sprintf("%s%s工作动态（%d）", o.zh, topics[i%len(topics)].zh, i+1), "sent": sent.String(), "text": "本周推进有关工作，取得阶段性进展。"}
		e := entry("submissions", o.code, sent, v)
		step(e, "receive", sent, "editor", "")
		switch {
		case (i+1)*demoAdopted/demoSubmissions > i*demoAdopted/demoSubmissions:
			v["where"], v["points"] = "清河政务", fmt.Sprint(2+i%3)
			step(e, "adopt", sent, "overseer", "")
		case sent < c.today-7:
			step(e, "decline", sent+5, "overseer", "")
		}
	}
	return out
}
