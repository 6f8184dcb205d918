//go:build browser

package main

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestBrowserLetterOnAPhone: a citizen writes on a telephone, is shown what was answered to
// others meanwhile, and follows the letter; a handler answers, a second person publishes.
func TestBrowserLetterOnAPhone(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "write", phone(), chromedp.Navigate(p.url+"/mailbox"), follow("部门信箱"), chromedp.WaitVisible(field("subject")), chromedp.SendKeys(field("subject"), "最低生活保障"), chromedp.WaitVisible(chromedp.CSS("#suggest a")), press("提交"), see("请更正以下问题"))
	noSidewaysScroll(t, ctx, "the letter with mistakes")
	shoot(t, ctx, "letter_errors")
	do(t, ctx, "send", setValue(field("organ"), "civil-affairs"), chromedp.SendKeys(field("text"), "请问老人的低保每年几月复核？"), chromedp.SendKeys(field("name"), "欧阳求知"), chromedp.SendKeys(field("phone"), "000-5550100"), chromedp.Click(field("consent-0")), press("提交"), chromedp.WaitVisible(field("code")))
	noSidewaysScroll(t, ctx, "the receipt of a letter")
	shoot(t, ctx, "letter_receipt")
	number, code := ask(t, ctx, "number", chromedp.Text(field("number"))), ask(t, ctx, "code", chromedp.Text(field("code")))
	do(t, ctx, "handler answers", signIn(p.url, "handler", "demo-handler-2026"), chromedp.Navigate(p.url+"/desk/mailbox/"+number), open("step-answer"), chromedp.WaitVisible(field("answer-answer")), chromedp.SendKeys(field("answer-answer"), "每年六月复核，可以由社区代办。"), pressIn("step-answer"), see("已答复"),
		open("step-offer"), chromedp.WaitVisible(field("offer-title")), pressIn("step-offer"), see("已提交，等另一人公开"), leave())
	shoot(t, ctx, "letter_desk")
	do(t, ctx, "head publishes", signIn(p.url, "head", "demo-head-2026"), chromedp.Navigate(p.url+"/desk/mailbox/"+number), open("step-release"), pressIn("step-release"), see("已公示"), leave())
	do(t, ctx, "follow", chromedp.Navigate(p.url+"/track"), chromedp.SendKeys(field("number"), number), chromedp.SendKeys(field("code"), code), press("查询"), see("可以由社区代办"), chromedp.Click(field("stars-0")), press("提交评价"), see("谢谢您的评价"))
	noSidewaysScroll(t, ctx, "the letter that is followed")
	shoot(t, ctx, "letter_followed")
	do(t, ctx, "everybody reads it", chromedp.Navigate(p.url+"/replies/"+number), see("每年六月复核"))
}

// TestBrowserTenCalls: a clerk takes ten calls down with the keyboard alone, some answered at
// once and some passed on.
func TestBrowserTenCalls(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "clerk", signIn(p.url, "clerk", "demo-clerk-2026"), chromedp.Navigate(p.url+"/desk/mailbox/take"), chromedp.WaitVisible(field("phone")))
	before, began := "", time.Now()
	ctrl := func(shift bool) chromedp.Action[chromedp.Void] {
		return until("send by keyboard", fmt.Sprintf(`"ready" in document.documentElement.dataset && (setTimeout(() => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", ctrlKey: true, shiftKey: %v, bubbles: true, cancelable: true})), 0), true)`, shift))
	}
	for i := range 10 {
		focused := ask(t, ctx, "focus", chromedp.Evaluate[string](`document.activeElement.id`))
		if focused != "phone" {
			t.Fatalf("call %d begins at %q", i, focused)
		}
		keys := fmt.Sprintf("1380013800%d", i%3) + kb.Tab + kb.Tab + "最低生活保障怎么办理" + kb.Tab
		do(t, ctx, "type", chromedp.KeyEvent(keys))
		if i == 0 {
			do(t, ctx, "what is known", chromedp.WaitVisible(chromedp.CSS("#suggest a")))
			shoot(t, ctx, "call")
		}
		if i > 3 {
			do(t, ctx, "earlier calls", chromedp.WaitVisible(chromedp.CSS("#known a")))
		}
		if i%2 == 0 {
			do(t, ctx, "answer", chromedp.KeyEvent("到社区窗口申请。"))
		}
		do(t, ctx, "record", ctrl(i%2 == 1), until("the next form", fmt.Sprintf(`(document.querySelector("#last")?.innerText ?? %q) !== %q`, before, before)))
		before = ask(t, ctx, "number", chromedp.Text(field("last")))
	}
	t.Logf("ten calls took %s", time.Since(began).Round(time.Second))
	do(t, ctx, "the open ones", chromedp.Navigate(p.url+"/desk/mailbox?channel=hotline&text=最低生活保障怎么办理"), see("最低生活保障怎么办理"))
	shoot(t, ctx, "calls")
}

// TestBrowserProposalAndInspection: a department answers a proposal and puts right what an
// inspection found; an overseer sends it back once and verifies it.
func TestBrowserProposalAndInspection(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "proposal", signIn(p.url, "editor", "demo-editor-2026"), chromedp.Navigate(p.url+"/desk/registers/proposals/edit"), chromedp.WaitVisible(field("subject")), setValue(field("organ"), "water"), chromedp.SendKeys(field("session"), "十七届六次"), chromedp.SendKeys(field("number"), "第901号"), chromedp.SendKeys(field("proposers"), "陈委员"),
		chromedp.SendKeys(field("subject"), "关于管网改造的提案"), setValue(field("received"), day(20)), setValue(field("due"), day(-60)), press("保存"), see("已交办"))
	for _, s := range []string{"accept", "handle"} {
		do(t, ctx, s, open("step-"+s), pressIn("step-"+s), see("已办理"))
	}
	do(t, ctx, "answer", open("step-answer"), chromedp.WaitVisible(field("answer-reply")), pressIn("step-answer"), see("请更正以下问题"), chromedp.SendKeys(field("answer-reply"), "已列入改造计划。"), setValue(field("answer-class"), "b"), setValue(field("answer-open"), "yes"), setValue(field("answer-promise"), day(-200)), pressIn("step-answer"), see("已答复"))
	shoot(t, ctx, "proposal")
	do(t, ctx, "the reply as a letter", see("答复件（PDF）"), leave())

	do(t, ctx, "inspection", signIn(p.url, "overseer", "demo-overseer-2026"), chromedp.Navigate(p.url+"/desk/registers/inspections/edit"), chromedp.WaitVisible(field("subject")), setValue(field("organ"), "water"), chromedp.SendKeys(field("subject"), "目录没有更新"), setValue(field("found"), day(3)), chromedp.SendKeys(field("finding"), "三个月没有更新。"), setValue(field("due"), day(-10)), press("保存"), see("待整改"))
	at := ask(t, ctx, "address", chromedp.Location())
	rectify := func(text string) chromedp.Action[chromedp.Void] {
		return chromedp.Steps(leave(), signIn(p.url, "editor", "demo-editor-2026"), chromedp.Navigate(at), open("step-rectify"), chromedp.WaitVisible(field("rectify-rectification")), setValue(field("rectify-rectification"), text), pressIn("step-rectify"), see("已整改，待核查"), leave(), signIn(p.url, "overseer", "demo-overseer-2026"), chromedp.Navigate(at))
	}
	do(t, ctx, "put right", rectify("已更新。"), open("step-return"), chromedp.WaitVisible(field("return-note")), chromedp.SendKeys(field("return-note"), "没有说明原因"), pressIn("step-return"), see("退回整改"))
	do(t, ctx, "put right again", rectify("已更新，原因是换人。"), open("step-verify"), chromedp.WaitVisible(field("verify-note")), chromedp.SendKeys(field("verify-note"), "属实"), pressIn("step-verify"), see("已核查"))
	shoot(t, ctx, "inspection")
}

var consultationLink = regexp.MustCompile(`/consultations/(C[0-9-]+)`)

// TestBrowserConsultation: a department puts a draft before the public, a citizen comments on
// an article on a telephone; of one that is closed the comments are answered together and
// the result is published by a second person.
func TestBrowserConsultation(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "draft", signIn(p.url, "editor", "demo-editor-2026"), chromedp.Navigate(p.url+"/desk/consultations/edit"), chromedp.WaitVisible(field("title")), setValue(field("organ"), "water"), setValue(field("kind"), "rules"), chromedp.SendKeys(field("title"), "取水许可办法（征求意见稿）"), chromedp.SendKeys(field("explanation"), "为了规范取水许可。"),
		setValue(field("draft"), "第一条 为了规范取水许可，制定本办法。\n第二条 取水应当申请，七个工作日内办结。"), setValue(field("opens"), day(0)), setValue(field("closes"), day(-5)), press("保存"), see("少于30天"), setValue(field("closes"), day(-35)), press("保存"), see("待公布"))
	at := ask(t, ctx, "address", chromedp.Location())
	do(t, ctx, "release", leave(), signIn(p.url, "reviewer", "demo-reviewer-2026"), chromedp.Navigate(at), open("step-release"), pressIn("step-release"), see("已公示"), leave())
	id := consultationLink.FindStringSubmatch(at)[1]
	do(t, ctx, "comment on a phone", phone(), chromedp.Navigate(p.url+"/consultations"), follow("取水许可办法"), chromedp.WaitVisible(field("text")), once("the article", `[...document.querySelectorAll("main a")].filter(a => a.innerText === "提意见")[1]`),
		until("the article is chosen", `document.querySelector("#article")?.value === "第二条"`), chromedp.SendKeys(field("text"), "七个工作日太长。"), press("提交意见"), see("意见已收到"))
	noSidewaysScroll(t, ctx, "a consultation")
	shoot(t, ctx, "consultation_phone")
	do(t, ctx, "it is there", chromedp.EmulateViewport(1200, 900), signIn(p.url, "editor", "demo-editor-2026"), chromedp.Navigate(p.url+"/desk/consultations/"+id), see("七个工作日太长"))
	do(t, ctx, "answer those of a closed one", chromedp.Navigate(p.url+"/desk/consultations"), follow("清河市城市供水价格调整方案"), see("还有9条没有答复"), until("choose all", `(document.querySelectorAll("input[name=comments]").forEach(b => b.checked = true), true)`), chromedp.Click(field("decision-1")), chromedp.SendKeys(field("reason"), "已修改方案。"), press("答复所选意见"), see("已答复9条意见"),
		open("step-finish"), chromedp.WaitVisible(field("finish-outcome")), chromedp.SendKeys(field("finish-outcome"), "已印发。"), setValue(field("finish-final"), "第一条 为了规范城市供水价格，制定本方案。"), pressIn("step-finish"), see("已保存"))
	at = ask(t, ctx, "address", chromedp.Location())
	do(t, ctx, "publish the result", leave(), signIn(p.url, "reviewer", "demo-reviewer-2026"), chromedp.Navigate(at), open("step-publish"), pressIn("step-publish"), see("已公布结果"), chromedp.Navigate(p.url+"/consultations/"+consultationLink.FindStringSubmatch(at)[1]+"/result"), see("收到意见9条"))
	shoot(t, ctx, "consultation_result")
}
