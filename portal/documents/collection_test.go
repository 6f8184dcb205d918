package documents_test

import (
	"testing"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
)

// TestCollections: what belongs where, by title, genre, number and validity.
func TestCollections(t *testing.T) {
	t.Parallel()
	doc := func(title, genre, number, validity string) *portal.Listing {
		d := documents.Document{ID: "Q37009001-2026-00001", Content: documents.Content{Title: title, Genre: genre, Number: number, Validity: validity, Formed: clock.NewDate(2025, 3, 1)}}
		return d.Listing()
	}
	for _, x := range []struct {
		code, title, genre, number, validity, group, tag string
	}{
		{"rules", "清河市城市供水用水规定", "regulation", "清河市人民政府令第40号", "in_force", "有效", ""},
		{"rules", "清河市渔港规定", "order", "市政府令〔2001〕第3号", "repealed", "废止和失效", ""},
		{"rules", "清河市城市供水管理办法", "regulation", "清水〔2026〕3号", "in_force", "", ""}, // a normative document
		{"rules", "关于供水的通知", "notice", "清河市人民政府令第40号", "in_force", "", ""},
		{"emergency-plans", "清河市突发事件总体应急预案", "plan", "", "in_force", "总体预案", "总体"},
		{"emergency-plans", "清河市防汛抗旱专项应急预案", "plan", "", "in_force", "自然灾害", "专项"},
		{"emergency-plans", "市应急局危险化学品事故应急预案", "plan", "", "in_force", "事故灾难", "部门"},
		{"emergency-plans", "清河市重大动物疫情应急预案", "plan", "", "in_force", "公共卫生事件", "专项"},
		{"emergency-plans", "关于供水的通知", "plan", "", "in_force", "", ""},
		{"meetings", "清河市人民政府第21次常务会议", "minutes", "", "in_force", "常务会议", ""},
		{"meetings", "清河市人民政府2026年第一次全体会议", "minutes", "", "in_force", "全体会议", ""},
		{"meetings", "常务会议解读", "minutes", "", "in_force", "", ""},
		{"summaries", "办公室2024年工作总结", "report", "", "in_force", "2025", ""},
		{"internal-rules", "清河市人民政府工作规则", "other", "", "in_force", "-", ""},
	} {
		c, ok := documents.CollectionNamed(x.code)
		if !ok {
			t.Fatal("no collection", x.code)
		}
		groups := c.Collect([]*portal.Listing{doc(x.title, x.genre, x.number, x.validity)})
		got, tag := "", ""
		if len(groups) == 1 {
			if got = groups[0].Name.ZH; got == "" {
				got = "-"
			}
			if len(groups[0].Rows[0].Tags) > 0 {
				tag = groups[0].Rows[0].Tags[0].ZH
			}
		}
		if got != x.group || tag != x.tag {
			t.Errorf("%s %s: group %q tag %q, want %q %q", x.code, x.title, got, tag, x.group, x.tag)
		}
	}
	if _, ok := documents.CollectionNamed("no-such"); ok {
		t.Error("a collection that is not there")
	}
	withdrawn := doc("清河市突发事件总体应急预案", "plan", "", "in_force")
	withdrawn.Withdrawn = true
	if c, _ := documents.CollectionNamed("emergency-plans"); c.Holds(withdrawn) {
		t.Error("a withdrawn document is collected")
	}
}
