package demo

import (
	"fmt"
	"time"

	"gongkai/portal"
	"gongkai/portal/ledgers"
	"gongkai/portal/plans"
)

// ledgers are tables of a village for two quarters and a year, and of relief.
func (c *city) ledgers() []*ledgers.Ledger {
	year := c.today.Year()
	day := c.today - 20
	at := time.Date(day.Year(), day.Time().Month(), day.Time().Day(), 2, 0, 0, 0, time.UTC)
	make := func(organ, form, period, signed string, rows ...[]string) *ledgers.Ledger {
		return &ledgers.Ledger{Organ: portal.OrganCode(organ), Form: form, Period: period, Rows: rows, By: "editor", Signed: signed, SignedBy: "reviewer", Published: day, ChangedAt: at}
	}
	return []*ledgers.Ledger{
		make("qiaotou", "finances", fmt.Sprintf("%dQ1", year), "民主理财小组（赵某、钱某、孙某）", []string{"上年结转", "48,200", "", ""}, []string{"鱼塘承包", "12,000", "", ""}, []string{"路灯电费", "", "3,120.50", "一至三月"}, []string{"村道维修", "", "8,600", ""}),
		make("qiaotou", "finances", fmt.Sprintf("%dQ2", year), "民主理财小组（赵某、钱某、孙某）", []string{"果园承包", "15,500", "", ""}, []string{"上级补助", "30,000", "", "人居环境"}, []string{"路灯电费", "", "2,980", "四至六月"}, []string{"垃圾清运", "", "6,000", ""}),
		make("qiaotou", "pay", fmt.Sprint(year-1), "民主理财小组（赵某、钱某、孙某）", []string{"村委会主任", "1", "38,400", ""}, []string{"村委会委员", "4", "92,160", ""}),
		make("civil-affairs", "relief", fmt.Sprintf("%d-%02d", day.Year(), day.Time().Month()), "", []string{"城市低保家庭", "基本生活", "1,066,000", "1300"}, []string{"特困人员", "供养", "212,500", "170"}, []string{"临时救助", "急难", "48,000", "32"}),
	}
}

// plans are what the water bureau and the civil affairs bureau will publish.
func (c *city) plans() []*plans.Item {
	return []*plans.Item{
		{ID: "DEMOPLAN1", Organ: "water", Title: "公布第三季度供水水质检测报告", Column: "13", Due: c.today - 5, Who: "水质科", ChangedAt: c.now.UTC()},
		{ID: "DEMOPLAN2", Organ: "water", Title: "公布明年管网改造计划", Column: "3", Due: c.today + 9, Who: "工程科", ChangedAt: c.now.UTC()},
		{ID: "DEMOPLAN3", Organ: "civil-affairs", Title: "公布第四季度低保发放情况", Column: "11", Due: c.today + 40, Who: "救助科", ChangedAt: c.now.UTC()},
	}
}
