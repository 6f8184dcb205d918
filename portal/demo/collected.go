package demo

import (
	"fmt"

	"gongkai/portal"
	"gongkai/portal/documents"
)

// collected are the documents that the collections of the catalogue show: a rule of the
// city's government, emergency plans, meetings, summaries, a rule of work.
func (c *city) collected() []documents.Import {
	year := c.today.Year()
	var out []documents.Import
	for i, x := range []struct {
		organ, theme, genre, item, number, zh, en, body string
	}{
		{"office", "06", "order", "1", fmt.Sprintf("清河市人民政府令第%d号", 40), "清河市城市供水用水规定", "Rules of Qinghe City on water supply and use", "第一条 为了加强城市供水用水管理，保障生活、生产用水，根据《城市供水条例》，制定本规定。\n\n第二条 本市城区供水用水适用本规定。\n\n第三条 市水务局主管全市供水用水工作。\n\n第四条 供水单位应当保证供水水质，检修停水应当提前二十四小时公告。\n\n第五条 本规定自公布之日起施行。"},
		{"office", "02", "plan", "12", fmt.Sprintf("清政〔%d〕8号", year-1), "清河市突发事件总体应急预案", "General emergency plan of Qinghe City", "一、适用范围。本预案指导全市突发事件应对工作。\n\n二、分级。突发事件分为特别重大、重大、较大和一般四级。\n\n三、组织体系。市人民政府统一领导，分类管理，分级负责。"},
		{"water", "06", "plan", "12", fmt.Sprintf("清水〔%d〕30号", year), "清河市防汛抗旱专项应急预案", "Emergency plan of Qinghe City for floods and drought", "一、预警。按照雨情、水情发布蓝、黄、橙、红四级预警。\n\n二、响应。启动一级响应时，有关单位全员到岗。"},
		{"water", "06", "plan", "12", fmt.Sprintf("清水〔%d〕31号", year), "市水务局城市供水突发事故部门应急预案", "Emergency plan of the Water Bureau for failures of supply", "一、事故分级。按停水人口和时间分为三级。\n\n二、抢修。接报后三十分钟内到场。"},
		{"office", "02", "minutes", "15", "", fmt.Sprintf("清河市人民政府第%d次常务会议", 21), "Executive meeting of the city's government", "会议审议并通过了《清河市城市供水用水规定》，决定由市水务局负责解读和落实。"},
		{"office", "02", "minutes", "15", "", fmt.Sprintf("清河市人民政府%d年第一次全体会议", year), "First plenary meeting of the city's government", "会议部署全年重点工作，决定为民办好十件实事。"},
		{"office", "02", "report", "15", "", fmt.Sprintf("市政府办公室%d年工作总结", year-1), "Summary of the office's work", "一年来，办公室主动公开政府信息，受理申请均按期答复。"},
		{"office", "02", "plan", "15", "", fmt.Sprintf("市政府办公室%d年工作要点", year), "The office's plan of work", "一、完善公开目录。二、开展规章和规范性文件清理。三、提高答复质量。"},
		{"office", "02", "other", "15", fmt.Sprintf("清政办〔%d〕5号", year-1), "清河市人民政府工作规则", "Working rules of the city's government", "第一条 为使政府工作规范运行，制定本规则。\n\n第二条 实行重大决策公众参与、专家论证、风险评估、合法性审查和集体讨论决定。"},
	} {
		day := c.today - portal.Date(30-2*i)
		x := documents.Import{Source: fmt.Sprintf("demo/collected/%d", i), Content: documents.Content{Title: x.zh, TitleEN: x.en, Number: x.number, Organs: []portal.OrganCode{portal.OrganCode(x.organ)}, Formed: day, Published: day,
			Theme: x.theme, Genre: x.genre, Item: x.item, Mode: "proactive", Validity: "in_force", Body: x.body}}
		out = append(out, x)
	}
	return out
}
