//go:build browser

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// fixtures are files that LibreOffice has written.
func fixture(t *testing.T, name string) string {
	t.Helper()
	p, err := filepath.Abs("../../portal/extract/testdata/formats/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// publish has a draft of an organ of two reviews passed by one person and then
// approved, with the ground of the secrecy review, by another.
func publish(t *testing.T, ctx context.Context, url, draft string) {
	t.Helper()
	do(t, ctx, "first review", leave(), signIn(url, "reviewer", "demo-reviewer-2026"), chromedp.Navigate(draft), press("这一道通过"), see("这一道审查已通过"), leave())
	do(t, ctx, "second and secrecy review", signIn(url, "secrecy", "demo-secrecy-2026"), chromedp.Navigate(draft), chromedp.WaitVisible(chromedp.CSS("#basis")), press("审核通过并发布"), see("已发布，索引号"))
}

// TestBrowserTwelveFiles: an officer sends twelve files, confirms what was read out of
// them in one table and hands them in; a reviewer publishes each; a citizen finds one
// by a word in it. Then a correction, a comparison and a withdrawal.
func TestBrowserTwelveFiles(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	var files []string
	dir := t.TempDir()
	for i := range 10 {
		f := filepath.Join(dir, fmt.Sprintf("通知%d.txt", i+1))
		text := fmt.Sprintf("清河市水务局文件\n清水〔2026〕%d号\n关于貔貅大街第%d段供水检修的通知\n各用户：\n检修期间停水，请提前储水。\n清河市水务局\n2026年11月10日\n", 200+i, i+1)
		if err := os.WriteFile(f, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	files = append(files, fixture(t, "src.docx"), fixture(t, "src.doc"))
	do(t, ctx, "editor uploads", signIn(p.url, "editor", "demo-editor-2026"), follow("信息发布"), follow("批量上传"), chromedp.WaitVisible(chromedp.CSS("#files")),
		setValue(chromedp.CSS("#organ"), "water"), chromedp.SetUploadFiles(chromedp.CSS("#files"), files), press("上传"), see("已处理 12 / 12"))
	shoot(t, ctx, "desk_upload")
	do(t, ctx, "in one table", follow("一起确认和提交"), until("the table", `document.querySelectorAll('input[name=row]').length >= 12`),
		chromedp.EvaluateAsDevTools[chromedp.Void](`for (const s of document.querySelectorAll('select')) { if (!s.value) s.value = s.name.startsWith('item') ? '1' : s.name.startsWith('genre') ? 'notice' : '06' } for (const b of document.querySelectorAll('input[name=submit]')) { const r = b.closest('li'); b.checked = r.querySelector('[name^=title]').value.includes('貔貅') || r.querySelector('[name^=title]').value.includes('最低生活') }`))
	shoot(t, ctx, "desk_table")
	do(t, ctx, "handed in", press("保存并提交勾选的"), see("已提交 12 份"), leave())
	do(t, ctx, "reviewer", signIn(p.url, "reviewer", "demo-reviewer-2026"))
	for i := range 12 {
		do(t, ctx, fmt.Sprintf("publishes %d", i), chromedp.Navigate(p.url+"/desk/documents"), until("the list", `[...document.querySelectorAll('td')].some(x => x.textContent.includes('待审核'))`),
			chromedp.EvaluateAsDevTools[chromedp.Void](`[...document.querySelectorAll('tr')].find(r => r.textContent.includes('待审核') && (r.textContent.includes('貔貅') || r.textContent.includes('最低生活'))).querySelector('a').click()`), press("审核通过并发布"), see("已发布，索引号"))
		if i == 0 {
			shoot(t, ctx, "desk_published")
		}
	}
	do(t, ctx, "citizen finds", leave(), chromedp.WaitVisible(chromedp.CSS("#q")), chromedp.SendKeys(chromedp.CSS("#q"), "每月八百二十元"+kb.Enter), see("最低生活保障标准"))
	do(t, ctx, "and reads in the page", follow("关于调整最低生活保障标准的通知"), follow("在页面里阅读"), see("第一条 城市最低生活保障标准"))
	shoot(t, ctx, "read")
}

// TestBrowserHiddenSheetIsStopped: a workbook with identity numbers on a hidden sheet
// cannot be handed in until somebody has decided about each.
func TestBrowserHiddenSheetIsStopped(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "editor writes", signIn(p.url, "editor", "demo-editor-2026"), chromedp.Navigate(p.url+"/desk/documents/new"), chromedp.WaitVisible(chromedp.CSS("#title")),
		chromedp.SendKeys(chromedp.CSS("#title"), "街道户数表"), setValue(chromedp.CSS("#theme"), "06"), setValue(chromedp.CSS("#genre"), "statistics"), setValue(chromedp.CSS("#item"), "4"),
		setValue(chromedp.CSS("#formed"), "2026-11-19"), chromedp.SetUploadFiles(chromedp.CSS("#attachments"), []string{fixture(t, "hidden.xlsx")}), press("保存草稿"), see("隐藏的工作表“明细”"))
	shoot(t, ctx, "gate")
	do(t, ctx, "is stopped", press("提交审核"), see("不宜公开的内容没有处理"))
	do(t, ctx, "masks", press("遮盖选中的"), see("都已处理"), press("提交审核"), see("已提交审核"))
	shoot(t, ctx, "gate_masked")
	do(t, ctx, "on a phone", phone())
	noSidewaysScroll(t, ctx, "the gate")
	shoot(t, ctx, "gate_phone")
	draft := ask(t, ctx, "address", chromedp.Location())
	publish(t, ctx, p.url, draft)
	do(t, ctx, "what is public", follow("街道户数表"), see("公开版"), see("街道户数表"))
	shoot(t, ctx, "gate_public_phone")
}

// TestBrowserCorrectionAndWithdrawal: an editor corrects a document and says why, a
// reviewer publishes the new edition, a citizen compares the two; then the document is
// withdrawn and its page says so.
func TestBrowserCorrectionAndWithdrawal(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	first := func(do string) chromedp.Action[chromedp.Void] {
		return chromedp.EvaluateAsDevTools[chromedp.Void](`{ const row = document.querySelector("main .gk-list .gk-row"); ` + do + ` }`)
	}
	do(t, ctx, "editor corrects", signIn(p.url, "editor", "demo-editor-2026"), chromedp.Navigate(p.url+"/desk/documents?organ=water"), chromedp.WaitVisible(chromedp.CSS("main .gk-list .gk-row")),
		first(`row.querySelector('form[action$="/correct"] button').click()`), chromedp.WaitVisible(chromedp.CSS("#note")))
	do(t, ctx, "a note is asked for", press("保存草稿"), see("草稿已保存"), press("提交审核"), see("更正说明"), follow("修改"), chromedp.WaitVisible(chromedp.CSS("#note")))
	do(t, ctx, "and the text changed", setValue(chromedp.CSS("#body"), "第一条 貔貅大街检修期间错峰供水。"), chromedp.SendKeys(chromedp.CSS("#note"), "原文漏写检修地点"), press("保存草稿"), see("草稿已保存"), press("提交审核"), see("已提交审核"))
	draft := ask(t, ctx, "address", chromedp.Location())
	do(t, ctx, "reviewer publishes", leave(), signIn(p.url, "reviewer", "demo-reviewer-2026"), chromedp.Navigate(draft), press("审核通过并发布"), see("已发布，索引号"),
		chromedp.Navigate(p.url+"/desk/documents?organ=water"), chromedp.WaitVisible(chromedp.CSS("main .gk-list .gk-row")))
	do(t, ctx, "a citizen finds the new text", chromedp.Navigate(p.url+"/search?q=貔貅大街检修"), see("错峰供水"), chromedp.EvaluateAsDevTools[chromedp.Void](`document.querySelector("main .gk-list a").click()`), see("原文漏写检修地点"))
	shoot(t, ctx, "corrected")
	page := ask(t, ctx, "address of the document", chromedp.Location())
	do(t, ctx, "and compares", follow("版本比较"), see("错峰供水"), until("differences are marked", `!!document.querySelector("main ins") && !!document.querySelector("main del")`))
	shoot(t, ctx, "compare")
	do(t, ctx, "on a phone", phone())
	noSidewaysScroll(t, ctx, "the comparison")
	shoot(t, ctx, "compare_phone")
	do(t, ctx, "withdrawn", chromedp.Navigate(p.url+"/desk/documents?organ=water"), chromedp.WaitVisible(chromedp.CSS("main .gk-list .gk-row")),
		chromedp.EvaluateAsDevTools[chromedp.Void](`{ const id = decodeURI(`+fmt.Sprintf("%q", page)+`).split("/documents/")[1].split("?")[0]; const f = [...document.querySelectorAll('form[action$="/withdraw"]')].find(f => decodeURI(f.getAttribute("action")).includes("/" + id + "/")); f.closest("details").open = true; f.querySelector("input[name=reason]").value = "内容与上级规定不一致"; f.querySelector("button:not([name])").click() }`),
		see("已撤回"), chromedp.Navigate(page), see("内容与上级规定不一致"))
	shoot(t, ctx, "withdrawn")
}
