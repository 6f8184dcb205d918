package directory_test

import (
	"testing"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/directory"
)

// TestRead: a directory as ministries write it, with a title, two rows of heads and merged
// cells; one that is none is refused.
func TestRead(t *testing.T) {
	t.Parallel()
	if n := len(directory.Fields()); n != 26 {
		t.Errorf("%d fields", n)
	}
	rows, err := directory.Read([][]string{
		{"清河市社会救助领域基层政务公开标准目录"},
		{"序号", "公开事项", "", "公开内容（要素）", "公开依据", "公开时限", "公开主体", "公开渠道和载体"},
		{"", "一级事项", "二级事项", "", "", "", "", ""},
		{"1", "综合业务", "政策法规文件", "《社会救助暂行办法》", "条例", "制定或获取文件之日起10个工作日内", "民政局", "■政府网站"},
		{"2", "", "监督检查", "社会救助信访通讯地址", "条例", "每月更新", "民政局", "■公示栏"},
		{"3", "最低生活保障", "审批信息", "低保对象名单", "条例", "每年", "民政局", ""},
		{"", "", "", "", "", "", "", ""},
	})
	if err != nil || len(rows) != 3 || rows[1].First != "综合业务" || rows[1].Second != "监督检查" || rows[2].Name() != "审批信息" || rows[1].Days() != 40 || rows[2].Days() != 380 || rows[0].Channel != "■政府网站" {
		t.Fatalf("%+v %v", rows, err)
	}
	for _, bad := range [][][]string{nil, {{"甲", "乙"}}, {{"一级事项", "公开内容"}}} {
		if _, err := directory.Read(bad); portal.KindOf(err) != portal.Invalid {
			t.Errorf("%v: %v", bad, err)
		}
	}
	today := clock.NewDate(2026, 11, 26)
	cells := directory.Cover(&directory.Directory{Rows: []directory.Row{{Second: "最低生活保障信息", Limit: "每月"}, {Second: "特困人员救助供养"}, {Second: "临时救助"}}}, today, []*portal.Listing{
		{Entry: portal.Entry{Title: "2026年最低生活保障情况统计公报", Published: today - 90}}, {Entry: portal.Entry{Title: "通知", Keywords: []string{"临时救助"}, Published: today - 3}}, {Entry: portal.Entry{Title: "临时救助办法"}, Withdrawn: true}})
	if cells[0].Count != 1 || !cells[0].Stale || cells[1].Count != 0 || cells[2].Count != 1 || cells[2].Stale {
		t.Errorf("%+v", cells)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("一级事项", "二级事项", "公开内容", "甲", "乙", "丙")
	f.Fuzz(func(t *testing.T, a, b, c, x, y, z string) {
		rows, err := directory.Read([][]string{{a, b, c}, {x, y, z}})
		if err == nil && len(rows) == 0 {
			t.Error("nothing read, and no word")
		}
	})
}
