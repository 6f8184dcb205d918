//go:build browser

package main

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// fill puts a text into a field in the place of what stands there.
func fill(id, text string) chromedp.Action[chromedp.Void] {
	return until("a field "+id, `(() => { const e = document.getElementById(`+strconv.Quote(id)+`); if (!e) return false; e.value = `+strconv.Quote(text)+`; e.dispatchEvent(new Event("input", { bubbles: true })); return true })()`)
}

// TestBrowserPowerItemChanges: an officer shortens a time limit, a second person reviews
// and approves; the public sees old and new, and the chart as a list.
func TestBrowserPowerItemChanges(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "editor finds an item", signIn(p.url, "editor", "demo-editor-2026"), chromedp.Navigate(p.url+"/desk/powers?organ=water"), click("table a", "防汛抗旱设施建设审批"), see("提出调整"), follow("提出调整"), chromedp.WaitVisible(field("promised")))
	do(t, ctx, "a mistake is said beside its field", fill("reason", "压缩办理时限"), fill("document", "清政发〔2026〕31号"), fill("promised", "很快"), press("提交审核"), see("请更正以下问题"), see("看不懂这个时限"))
	do(t, ctx, "editor proposes", fill("promised", "2个工作日"), fill("steps", "受理 | 窗口 | 1日 | 材料不全→受理；→决定\n决定 | 局长 | 1日 |"), press("提交审核"), see("拟调整"), see("2个工作日"))
	shoot(t, ctx, "desk_power_proposed")
	item := ask(t, ctx, "address", chromedp.Location())
	do(t, ctx, "reviewer approves", leave(), signIn(p.url, "reviewer", "demo-reviewer-2026"), see("到期提醒"), chromedp.Navigate(item), see("压缩办理时限"), fill("legality", "合法性审查通过"), press("批准"), see("已批准"))
	shoot(t, ctx, "desk_power_approved")
	public := p.url + "/powers/" + item[strings.LastIndex(item, "/")+1:]
	do(t, ctx, "citizen sees old and new", leave(), chromedp.Navigate(public), see("2个工作日"), see("清政发〔2026〕31号"), see("材料不全 → 受理"), until("the chart", `document.querySelector("svg.gk-flow rect") !== null`),
		until("old beside new", `[...document.querySelectorAll("ins")].some(e => e.innerText.includes("2个工作日")) && document.querySelectorAll("del").length > 0`))
	do(t, ctx, "on a phone", phone())
	noSidewaysScroll(t, ctx, "a power item")
	shoot(t, ctx, "power_changed_phone")
}

// TestBrowserReportIsRolledUp: an organ files its report, the city sums up and says who
// is left out, a citizen reads and downloads it.
func TestBrowserReportIsRolledUp(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	write := func(organ, login, password string) {
		do(t, ctx, organ+" writes", signIn(p.url, login, password), chromedp.Navigate(p.url+"/desk/reports/edit?organ="+organ+"&year=2022"), chromedp.WaitVisible(field("text_overview")),
			fill("text_overview", "2022年工作正常。"), fill("text_problems", "解读还不够多，明年改进。"), fill("text_other", "没有其他事项。"), press("保存"), see("勾稽关系"))
	}
	file := func(organ, login, password string) {
		do(t, ctx, organ+" files", leave(), signIn(p.url, login, password), chromedp.Navigate(p.url+"/desk/reports/"+organ+".2022"), see("勾稽关系"), pressIn("filing"))
	}
	write("water", "editor", "demo-editor-2026")
	do(t, ctx, "a figure of an old system", fill("requests/new/natural", "3"), until("it is checked as one types", `document.querySelector("#identity-list").innerText.includes("≠") || document.querySelector("#identity-list .govuk-error-summary") !== null || document.querySelector("#identity-list li") !== null`),
		fill("requests/granted/natural", "3"), fill("reason", "旧系统登记"), press("保存数字"), see("旧系统登记"))
	shoot(t, ctx, "desk_report_typed")
	file("water", "reviewer", "demo-reviewer-2026")
	do(t, ctx, "filed", see("已报送"), leave())
	write("qinghe", "city-editor", "demo-city-editor-2026")
	file("qinghe", "city-reviewer", "demo-city-reviewer-2026")
	do(t, ctx, "who is missing is said", see("尚未报送"), leave())
	do(t, ctx, "the city says why", signIn(p.url, "city-editor", "demo-city-editor-2026"), chromedp.Navigate(p.url+"/desk/reports/edit?id=qinghe.2022"), fill("left_out", "其余机关2022年尚未使用本门户。"), press("保存"), see("勾稽关系"))
	shoot(t, ctx, "desk_report_city")
	file("qinghe", "city-reviewer", "demo-city-reviewer-2026")
	do(t, ctx, "filed", see("已报送"), leave())
	do(t, ctx, "citizen reads", chromedp.Navigate(p.url+"/reports/qinghe.2022"), see("其余机关2022年尚未使用本门户"), see("2022年一览"))
	shoot(t, ctx, "report_city")
	do(t, ctx, "citizen downloads", until("the files", `[["pdf", "%PDF"], ["xlsx", "PK"], ["docx", "PK"], ["json", "{"]].every(([f, head]) => { const x = new XMLHttpRequest(); x.open("GET", "/reports/qinghe.2022/download/" + f, false); x.overrideMimeType("text/plain; charset=x-user-defined"); x.send(); return x.status === 200 && x.responseText.startsWith(head) })`))
	do(t, ctx, "on a phone", phone())
	noSidewaysScroll(t, ctx, "a report")
	shoot(t, ctx, "report_city_phone")
}
