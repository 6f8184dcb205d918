package demo

import (
	"fmt"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/registers"
)

// What the city accounts for: so many commitments of its organs, key tasks, practical
// matters; of its charges so many are cancelled, exempt, reduced.
const (
	demoPromises  = 46
	demoTasks     = 10
	demoPractical = 44
)

// entries are what the registers of the city say.
func (c *city) entries() []*registers.Entry {
	var out []*registers.Entry
	serial := make(map[string]int)
	add := func(register, organ string, on portal.Date, v registers.Values) {
		on = min(on, c.today)
		serial[register+organ]++
		e := &registers.Entry{Register: register, Organ: portal.OrganCode(organ), Serial: serial[register+organ], Values: v, By: "editor", At: on.Time()}
		e.Public = &registers.Edition{Values: v, On: on, At: on.Time(), By: "reviewer"}
		out = append(out, e)
	}
	year := c.today.Year()
	day := func(d portal.Date) string { return d.String() }
	departments := organs[2:23]
	promise := func(register string, i int, organ, text, owner string) {
		due := clock.NewDate(year, 3, 31) + portal.Date(i*53%300)
		v := registers.Values{"text": text, "owner": owner, "due": day(due), "progress": "按计划推进。"}
		switch {
		case due < c.today && i%9 == 4:
			v["progress"] = "因资金未到位，尚未完成，预计下季度完成。"
		case due < c.today && i%9 == 7:
			v["done"], v["progress"] = day(min(due+12, c.today)), "已完成。"
		case due < c.today:
			v["done"], v["progress"] = day(due-3), "已完成。"
		}
		add(register, organ, clock.NewDate(year, 1, 20), v)
	}
	for i := range demoPromises {
		t := topics[i%len(topics)]
		promise("promises", i, t.organ, fmt.Sprintf("%s承诺：%s事项一次告知、限时办结，无正当理由不延期。", c.organ(t.organ).zh, t.zh), "分管负责人")
	}
	for i := range demoPractical {
		t := topics[(i*3)%len(topics)]
		promise("practical", i, t.organ, fmt.Sprintf("为民办实事第%d件：改善%s。", i+1, t.zh), c.organ(t.organ).zh)
	}
	for i := range demoTasks {
		t := topics[(i*5)%len(topics)]
		promise("tasks", i, t.organ, fmt.Sprintf("重点工作第%d项：推进%s。", i+1, t.zh), c.organ(t.organ).zh)
	}
	counts := map[string]int{"cancelled": 3, "exempt": 8, "reduced": 4, "charged": 12}
	var states []string
	for _, s := range []string{"charged", "exempt", "reduced", "cancelled"} {
		for range counts[s] {
			states = append(states, s)
		}
	}
	for i, state := range states {
		t := topics[(i*4)%len(topics)]
		standard := map[string]string{"charged": "每件50元", "reduced": "每件20元（原每件50元）", "exempt": "免收（原每件50元）", "cancelled": "已取消"}[state]
		add("fees", t.organ, clock.NewDate(year-1, 1, 1), registers.Values{"name": t.zh + "证照工本费", "basis": "省物价局、省财政厅关于行政事业性收费的通知", "standard": standard, "payer": t.who, "state": state, "since": day(clock.NewDate(year-1, 1, 1) + portal.Date(i*9)), "document": fmt.Sprintf("清财综〔%d〕6号", year-1)})
	}
	for q := range 4 {
		add("fee_income", "water", clock.NewDate(year-1, 1, 10)+portal.Date(q*91), registers.Values{"name": "取水许可证照工本费", "period": fmt.Sprintf("%d年第%d季度", year-1, q+1), "amount": fmt.Sprintf("%d.50", 12000+q*800), "day": day(clock.NewDate(year-1, 1, 10) + portal.Date(q*91))})
	}
	items := make(map[string][]string) // of each organ, of each type
	for _, i := range c.list {
		if at := i.AsOf(c.today); at.In() {
			k := string(i.Organ) + at.Values["type"]
			items[k] = append(items[k], string(i.ID()))
		}
	}
	for i := range 36 {
		organ := departments[i%len(departments)].code
		decided := c.today - portal.Date(10+i*11)
		if l := items[organ+"01"]; len(l) > 0 {
			add("licences", organ, decided+5, registers.Values{"power": l[i%len(l)], "decision": fmt.Sprintf("清许决〔%d〕%d号", decided.Year(), 100+i), "party": fmt.Sprintf("清河市示范商行%d号", i+1), "content": "准予许可。", "decided": day(decided), "from": day(decided), "until": day(decided + 3*365)})
		}
		if l := items[organ+"02"]; len(l) > 0 {
			add("penalties", organ, decided+5, registers.Values{"power": l[i%len(l)], "decision": fmt.Sprintf("清罚决〔%d〕%d号", decided.Year(), 200+i), "party": fmt.Sprintf("清河市示范公司%d号", i+1), "facts": "未按规定公示。", "basis": "有关条例第三十条", "content": "警告并处罚款", "amount": fmt.Sprint(500 + i*100), "decided": day(decided)})
		}
	}
	for i, o := range []string{"water", "civil-affairs", "market", "housing", "land", "labour"} {
		name := fmt.Sprintf("%d号窗口", i+1)
		matters := ""
		for j, id := range items[o+"01"] {
			if j < 5 {
				matters += id + "\n"
			}
		}
		add("windows", o, clock.NewDate(year-1, 3, 1), registers.Values{"name": name, "place": fmt.Sprintf("政务服务大厅%d层%c区", 1+i/3, 'A'+i), "hours": "工作日9:00—12:00，13:30—17:30", "telephone": fmt.Sprintf("0000-%d", 100+i), "powers": matters, "since": day(clock.NewDate(year-1, 3, 1))})
		add("first_contact", o, clock.NewDate(year-1, 3, 1), registers.Values{"matter": name, "person": []string{"赵", "钱", "孙", "李", "周", "吴"}[i] + "主任", "telephone": fmt.Sprintf("0000-%d", 100+i), "days": "2", "since": day(clock.NewDate(year-1, 3, 1))})
		for m := range 6 {
			on := c.today - portal.Date(m*30+5)
			add("window_counts", o, on, registers.Values{"window": name, "month": on.String()[:7], "accepted": fmt.Sprint(80 + i*7 + m), "done": fmt.Sprint(75 + i*7 + m), "consulted": fmt.Sprint(40 + i*3 + m), "day": day(on)})
		}
	}
	systems := registers.Named("systems").Field("system").Options
	for i, o := range departments {
		for j, s := range systems {
			if (i*3+j)%7 != 0 {
				add("systems", o.code, clock.NewDate(year-1, 5, 1), registers.Values{"system": s.Code, "document": fmt.Sprintf("%s〔%d〕%d号", o.sign, year-1, 10+j), "since": day(clock.NewDate(year-1, 5, 1))})
			}
		}
	}
	c.enquiryPoints(add, year)
	return append(out, c.oversight(serial)...)
}

// Enquiry points of the demonstration city: so many are open, so many planned.
const (
	pointsOpen    = 235
	pointsPlanned = 149
)

// enquiryPoints are places where government information can be read (查阅点).
func (c *city) enquiryPoints(add func(register, organ string, released portal.Date, v registers.Values), year int) {
	districts := []string{"城关街道", "石桥街道", "柳林镇", "青云镇", "河湾镇", "白塔镇", "南山镇"}
	places := []string{"便民服务中心", "社区服务站", "图书馆", "档案馆", "政务服务大厅", "党群服务中心", "文化站"}
	for i := range pointsOpen + pointsPlanned {
		d, p := districts[i%len(districts)], places[i/len(districts)%len(places)]
		v := registers.Values{"name": fmt.Sprintf("%s第%d%s查阅点", d, i/len(districts)+1, p), "status": "standing", "district": d, "address": fmt.Sprintf("清河市%s示范路%d号", d, 1+i*2), "hours": "工作日9:00—17:00",
			"telephone": fmt.Sprintf("0000-88%05d", i), "place": fmt.Sprintf("%.4f,%.4f", 36+float64(i%19)*0.013, 117+float64(i%23)*0.011), "site": fmt.Sprintf("%d平方米，%d个座位，无障碍入口", 20+i%30, 4+i%8),
			"equipment": "电脑、打印机、查询机各一台", "staff": "一名专人引导", "services": "查阅、复制、代填申请", "management": "有制度和台账，每周更新", "since": clock.NewDate(year-1, time.Month(1+i%12), 1+i%27).String()}
		if i >= pointsOpen {
			v["status"], v["hours"], v["since"] = "planned", "尚未开放", clock.NewDate(year+1, time.Month(1+i%12), 1).String()
			for _, k := range []string{"telephone", "site", "equipment", "staff", "services", "management"} {
				delete(v, k)
			}
		}
		add("enquiry_points", topics[i%len(topics)].organ, clock.NewDate(year-1, 6, 1), v)
	}
}
