package demo

import (
	"fmt"
	"maps"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/powers"
)

// The list of the city: so many items of every type there are, and approvals besides, of
// which so many there were before the reform of approvals and so many are left.
const (
	everyPower      = 210
	approvalsBefore = 225
	approvalsLeft   = 147
)

var powerVerbs = map[string][2]string{
	"01": {"许可", "Licence for"}, "02": {"违法行为的处罚", "Penalty concerning"}, "03": {"违法物品的查封、扣押", "Sealing and seizure concerning"},
	"04": {"有关费用的征收", "Levy for"}, "05": {"补助金的给付", "Payment of"}, "06": {"的监督检查", "Inspection of"}, "07": {"资格的确认", "Confirmation of"},
	"08": {"先进单位和个人的奖励", "Reward for"}, "09": {"争议的裁决", "Ruling on"}, "10": {"备案", "Filing of"}, "20": {"咨询服务", "Advice on"},
}

// approvalVerbs make the approvals that come besides.
var approvalVerbs = [][2]string{{"设施建设审批", "Approval of building for"}, {"从业资格审批", "Approval of practitioners of"}, {"证照变更审批", "Change of a permit concerning"}, {"证照延续审批", "Renewal of a permit concerning"}}

const approvalSteps = `申请 | 申请人 |  |
受理 | 政务服务大厅窗口 | 5个工作日 | 材料齐全→审查；材料不全→补正；不属于本机关职权→结束
补正 | 申请人 |  | →受理
审查 | %s | 3个工作日 | 需要现场核查→现场核查；→决定
现场核查 | 执法人员两人以上 | 2个工作日 | →决定
决定 | 分管负责人 | 2个工作日 |
送达 | 政务服务大厅窗口 | 10日 |`

const penaltySteps = `立案 | 执法机构 | 7日 |
调查取证 | 执法人员两人以上 | 60日 | 证据不足→调查取证；→审核
审核 | 法制审核机构 | 10日 | 事实不清→调查取证；→告知
告知 | 执法机构 | 5日 | 要求听证→听证；→决定
听证 | 听证主持人 | 20日 | →决定
决定 | 负责人或者集体讨论 | 90日 |
送达 | 执法机构 | 7日 |
执行 | 执法机构 |  |`

// powers are the items of the city, with their changes of the last three years.
func (c *city) powers() []*powers.PowerItem {
	year := c.today.Year()
	start, reform := clock.NewDate(year-3, 1, 1), c.today-200
	decided := fmt.Sprintf("清政发〔%d〕18号", reform.Year())
	types := portal.PowerTypes.Terms
	var out []*powers.PowerItem
	approvals, gone := 0, 0
	for i := range everyPower {
		t := topics[(i*7)%len(topics)]
		typ := types[(i*5+i/len(topics))%len(types)].Code
		from, v := clock.NewDate(year-1-i%3, 1, 1), powers.Values(nil)
		switch typ {
		case "01":
			from, v = start, c.approval(t, powerVerbs[typ], i)
		case "02":
			v = c.values(t, typ, powerVerbs[typ], penaltySteps)
		default:
			v = c.values(t, typ, powerVerbs[typ], "启动→实施→决定→归档")
		}
		item := c.item(t, typ, 1000+i, from, v)
		ended := i%37 == 11
		if ended {
			item.Changes = append(item.Changes, c.change("cancelled", c.today-60, "依据废止", "清河市人民政府令第12号", nil))
		}
		if typ == "01" {
			if approvals++; approvals == 1 && !ended { // its time limit went from two months to ten working days
				v["statutory"], v["promised"] = "2 months", "2 months"
				after := maps.Clone(v)
				after["statutory"], after["promised"] = "20 working_days", "10 working_days"
				item.Changes = append(item.Changes, c.change("changed", reform, "压缩办理时限", decided, after))
			} else if ended {
				gone++
			}
		}
		out = append(out, item)
	}
	for i := range approvalsBefore - approvals {
		t := topics[(i*7)%len(topics)]
		item := c.item(t, "01", 2000+i, start, c.approval(t, approvalVerbs[i/len(topics)%len(approvalVerbs)], i))
		if i >= approvalsLeft-approvals+gone {
			kind, to := "cancelled", ""
			switch i % 5 {
			case 1:
				kind, to = "delegated", "柳林镇人民政府"
			case 2:
				kind, to = "merged", t.zh+"许可"
			}
			ch := c.change(kind, reform+portal.Date(i%3*31), "深化行政审批制度改革", decided, nil)
			ch.To = to
			item.Changes = append(item.Changes, ch)
		}
		out = append(out, item)
	}
	return out
}

// approval is what the list says of an approval.
func (c *city) approval(t topic, verb [2]string, i int) powers.Values {
	v := c.values(t, "01", verb, fmt.Sprintf(approvalSteps, t.zh+"科"))
	v["applicants"], v["materials"] = "1\n2", "申请书\n身份证明或者营业执照\n"+t.zh+"方案"
	v["statutory"], v["promised"] = "20 working_days", fmt.Sprintf("%d working_days", 5+i%10)
	v["conditions"], v["result"] = t.condition, "准予许可决定书或者不予许可决定书"
	if i%3 == 0 {
		v["fee"], v["fee_standard"] = "no", "不收费"
	}
	return v
}

// values are what the list says of an item.
func (c *city) values(t topic, typ string, verb [2]string, steps string) powers.Values {
	o := c.organ(t.organ)
	return powers.Values{
		"type": typ, "name_zh": t.zh + verb[0], "name_en": verb[1] + " " + t.en,
		"basis": fmt.Sprintf("《清河市%s管理办法》第五条\n《中华人民共和国行政许可法》第三十八条", t.zh), "body": o.zh, "office": t.zh + "科", "level": "3", "source": "1",
		"steps":     steps,
		"duties":    "1. 受理：公示应当提交的材料，一次性告知补正，依法受理或者不予受理。\n2. 审查：对材料进行审查，必要时组织现场核查。\n3. 决定：在法定期限内作出决定，说明理由。\n4. 送达：制发文书并送达，信息公开。\n5. 监管：加强事后监督检查。",
		"account":   "对符合条件的不予受理、超过法定期限未作出决定、擅自增设条件的，依法追究行政责任。",
		"telephone": "政务服务大厅综合窗口", "supervise": "12345政务服务便民热线", "place": "清河市政务服务大厅二楼", "hours": "工作日上午9:00—12:00，下午1:30—5:30",
		"appeal": "可自收到决定之日起六十日内申请行政复议，或者六个月内提起行政诉讼。",
	}
}

func (c *city) item(t topic, typ string, n int, from portal.Date, v powers.Values) *powers.PowerItem {
	return &powers.PowerItem{Organ: portal.OrganCode(t.organ), Code: fmt.Sprintf("3709%s%04d00%d", typ, n, n%3), Listed: c.today, Confirmed: c.now,
		Changes: []powers.Change{c.change("listed", from, "编制权责清单", "清政办发〔2015〕3号", v)}}
}

// change is an approved change of the list.
func (c *city) change(kind string, on portal.Date, reason, document string, v powers.Values) powers.Change {
	return powers.Change{Kind: kind, Effective: on, Reason: reason, Document: document, Legality: "合法性审查通过", Values: v, By: "editor", At: on.Time(), Approved: "reviewer", ApprovedAt: on.Time()}
}
