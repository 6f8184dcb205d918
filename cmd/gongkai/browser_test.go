//go:build browser

package main

import (
	"context"
	"fmt"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"gongkai/portal/portaltest"
)

// The journeys of the three kinds of people in a real browser. They need
// Debian's chromium, which `make test` installs.

// chromium starts a browser that talks to nobody but the portal.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is missing: apt-get install chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-sync", true), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	// The browser lives as long as the context of the first call, so that
	// one has no time limit.
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, 6*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// demoInBrowser starts the demonstration city in a folder and opens it in
// Chinese.
func demoInBrowser(t *testing.T, data string) (*portalUnderTest, context.Context) {
	t.Helper()
	p := start(t, "--demo", "--data="+data)
	p.waitReady(t)
	ctx := chromium(t)
	watch(t, ctx, p.url)
	do(t, ctx, "choose Chinese", chromedp.Navigate(p.url+"/?lang=zh"))
	return p, ctx
}

// watch fails the test if a page asks another site for anything, or if its
// policy stops something.
func watch(t *testing.T, ctx context.Context, own string) {
	t.Helper()
	err := chromedp.Listen(ctx, func(ev any) {
		switch e := ev.(type) {
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; !strings.HasPrefix(u, own) && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "about:") {
				t.Errorf("a request leaves the site: %s", u)
			}
		case *network.EventLoadingFailed:
			if e.BlockedReason != "" {
				t.Errorf("blocked: %s", e.BlockedReason)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func do(t *testing.T, ctx context.Context, what string, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		url, _ := chromedp.Run(ctx, chromedp.Location()) // for the message only
		body, _ := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
		t.Fatalf("%s: %v\nat %s\n%.1500s", what, err, url, body)
	}
}

// ask runs one action and returns its value.
func ask[T any](t *testing.T, ctx context.Context, what string, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return v
}

// setValue sets a field. A page that has just come may still be taking the place of the one
// before, whose nodes are gone then; to set a field twice does no harm.
func setValue[S chromedp.Selectable](field S, value string) chromedp.Action[chromedp.Void] {
	set := chromedp.SetValue(field, value)
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := set(ctx, target)
		for range 5 {
			if err == nil || !strings.Contains(err.Error(), "No node with given id") {
				break
			}
			time.Sleep(100 * time.Millisecond)
			_, err = set(ctx, target)
		}
		return err
	})
}

// until asks the page again and again until it answers true.
func until(what, js string) chromedp.Action[chromedp.Void] {
	asked := chromedp.Evaluate[bool](js)
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for end := time.Now().Add(45 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			// While a page is being left there is nothing to ask.
			if ok, err := asked(ctx, target); err == nil && ok {
				return nil
			}
			if time.Now().After(end) {
				return fmt.Errorf("in vain: %s", what)
			}
		}
	})
}

// see waits until the page shows a text.
func see(text string) chromedp.Action[chromedp.Void] {
	return until("see "+text, `(document.querySelector("main")?.innerText ?? "").includes(`+strconv.Quote(text)+`)`)
}

// once clicks what an expression finds, once it is there, and never twice: a page
// that is left at once answers nothing, so the browser itself remembers the click.
func once(what, find string) chromedp.Action[chromedp.Void] {
	key := strconv.Quote("clicked " + strconv.FormatInt(clicks.Add(1), 10))
	return until(what, `(() => {
		if (sessionStorage.getItem(`+key+`)) return true
		const e = `+find+`
		if (!e) return false
		sessionStorage.setItem(`+key+`, "1")
		e.click()
		return true
	})()`)
}

var clicks atomic.Int64

// click clicks the first visible element of a kind whose text is, or begins
// with, the label, as a person would choose it.
func click(kind, label string) chromedp.Action[chromedp.Void] {
	return once("click "+kind+" "+label, `[...document.querySelectorAll(`+strconv.Quote(kind)+`)].find(e => e.innerText.trim().startsWith(`+strconv.Quote(label)+`) && e.checkVisibility() && !e.disabled)`)
}

func press(label string) chromedp.Action[chromedp.Void] { return click("button", label) }

func follow(label string) chromedp.Action[chromedp.Void] { return click("a", label) }

// leave signs out and waits for the home page.
func leave() chromedp.Action[chromedp.Void] {
	return chromedp.Steps(press("退出"), see("最新公开"))
}

func phone() chromedp.Action[chromedp.Void] {
	return chromedp.EmulateViewport(375, 812, chromedp.EmulateScale(2), chromedp.EmulateMobile)
}

// noSidewaysScroll checks that a page fits the screen.
func noSidewaysScroll(t *testing.T, ctx context.Context, what string) {
	t.Helper()
	over := ask(t, ctx, what, chromedp.Evaluate[float64](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
	if over > 1 {
		t.Errorf("%s is %v pixels wider than the screen", what, over)
	}
}

func signIn(base, login, password string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(chromedp.Navigate(base+"/desk/sign-in"), chromedp.SendKeys(chromedp.CSS("#login"), login), chromedp.SendKeys(chromedp.CSS("#password"), password), press("登录"), see("工作台"))
}

func TestBrowserCitizenFindsAndReads(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "search by keyboard", phone(), chromedp.Navigate(p.url+"/"), chromedp.WaitReady(chromedp.CSS("#q")), chromedp.SendKeys(chromedp.CSS("#q"), "公共租赁住房办事指南"+kb.Enter), see("找到"),
		chromedp.WaitVisible(chromedp.CSS("mark")))
	noSidewaysScroll(t, ctx, "search on a phone")
	do(t, ctx, "open a hit", click(".gk-list h3 a", ""), see("索引号"))
	if title := ask(t, ctx, "title", chromedp.Title()); !strings.Contains(title, "公共租赁住房") {
		t.Errorf("the first hit is %q", title)
	}
	noSidewaysScroll(t, ctx, "a document on a phone")
	do(t, ctx, "switch language", click("a.gk-lang", ""), see("Index number"))
	if lang := ask(t, ctx, "language", chromedp.Evaluate[string](`document.documentElement.lang`)); lang != "en" {
		t.Errorf("language %q", lang)
	}
	do(t, ctx, "skip link by keyboard", chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	if hash := ask(t, ctx, "anchor", chromedp.Evaluate[string](`location.hash`)); hash != "#main" {
		t.Errorf("the first Tab leads to %q", hash)
	}
	for _, path := range []string{"/", "/catalogue", "/organs/water", "/powers", "/reports", "/apply", "/track", "/deadline?received=2026-09-24&channel=in_person", "/deadline?jurisdiction=GB&received=2026-03-27", "/verify", "/follow", "/guide", "/guide/water", "/rules", "/statutory", "/figures", "/answers", "/enquiry-points", "/accessibility", "/developers", "/map", "/styleguide", "/help", "/collections", "/collections/emergency-plans", "/collections/rules", "/tables", "/tables/" + village(), "/public-bodies", "/gazettes", "/powers/compare", "/hall", "/registers", "/registers/fees", "/registers/systems", "/registers/promises", "/registers/penalties", "/reports/compare", "/reports/water.2024", "/mailbox", "/mailbox/write/organ", "/replies", "/registers/proposals", "/entries/proposals.water.1", "/consultations"} {
		for _, l := range []string{"zh", "en"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			do(t, ctx, path, chromedp.Navigate(p.url+path+sep+"lang="+l), chromedp.WaitReady(chromedp.CSS("#main")))
			noSidewaysScroll(t, ctx, path+" in "+l)
			shoot(t, ctx, strings.Trim(strings.NewReplacer("/", "_", "?", "_", "&", "_", "=", "_").Replace(path), "_")+"_"+l)
		}
	}
}

// village is a table of the demonstration city's village.
func village() string { return fmt.Sprintf("qiaotou.finances.%dQ2", time.Now().Year()) }

// TestBrowserDeskPages: the pages of whoever publishes fit a phone, in both languages.
func TestBrowserDeskPages(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "reviewer", signIn(p.url, "reviewer", "demo-reviewer-2026"))
	for _, path := range []string{"/desk", "/desk/documents", "/desk/coverage", "/desk/plan", "/desk/plan/edit", "/desk/internal", "/desk/bulk", "/desk/cleanup", "/desk/gazettes/edit", "/desk/tables", "/desk/tables/edit", "/desk/tables/" + village(), "/desk/reports", "/desk/reports/edit", "/desk/reports/water.2025", "/desk/reports/quarter", "/desk/powers", "/desk/powers/edit", "/desk/powers/import", "/desk/registers", "/desk/registers/penalties", "/desk/registers/penalties/edit", "/desk/entries/promises.water.1", "/desk/work", "/desk/health", "/desk/assessment", "/desk/assessment/" + strconv.Itoa(time.Now().Year()) + "/water", "/desk/registers/proposals", "/desk/entries/proposals.water.1", "/desk/consultations", "/desk/consultations/edit"} {
		for _, l := range []string{"zh", "en"} {
			do(t, ctx, path, chromedp.EmulateViewport(1200, 900), chromedp.Navigate(p.url+path+"?lang="+l), chromedp.WaitReady(chromedp.CSS("#main")))
			name := strings.Trim(strings.ReplaceAll(path, "/", "_"), "_") + "_" + l
			shoot(t, ctx, name)
			do(t, ctx, path+" on a phone", phone())
			noSidewaysScroll(t, ctx, path+" in "+l)
			shoot(t, ctx, name+"_phone")
		}
	}
}

// shoot keeps a picture of the page where GONGKAI_SHOTS names a folder.
func shoot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("GONGKAI_SHOTS")
	if dir == "" {
		return
	}
	png := ask(t, ctx, "picture", chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBrowserDepartmentPublishes(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	file := filepath.Join(t.TempDir(), "通知.txt")
	if err := os.WriteFile(file, []byte("貔貅大街停水，请提前储水。"), 0o600); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, "editor writes", signIn(p.url, "editor", "demo-editor-2026"), follow("信息发布"), follow("新建信息"), chromedp.WaitVisible(chromedp.CSS("#title")), press("保存草稿"), see("请更正以下问题"),
		chromedp.SendKeys(chromedp.CSS("#title"), "貔貅大街停水通知"), chromedp.SetUploadFiles(chromedp.CSS("#source"), []string{file}), setValue(chromedp.CSS("#formed"), "2026-11-19"),
		setValue(chromedp.CSS("#theme"), "06"), setValue(chromedp.CSS("#genre"), "notice"), setValue(chromedp.CSS("#item"), "1"), press("保存草稿"), see("草稿已保存"), see("请提前储水"))
	shoot(t, ctx, "desk_draft")
	do(t, ctx, "editor hands in", press("提交审核"), see("已提交审核"))
	draft := ask(t, ctx, "address", chromedp.Location())
	publish(t, ctx, p.url, draft)
	shoot(t, ctx, "desk_documents")
	do(t, ctx, "citizen finds it", leave(), chromedp.WaitVisible(chromedp.CSS("#q")), chromedp.SendKeys(chromedp.CSS("#q"), "貔貅大街"+kb.Enter), see("停水通知"))
}

func TestBrowserApplicationIsAnswered(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "apply on a phone", phone(), chromedp.Navigate(p.url+"/organs/water"), follow("向本机关申请公开"), chromedp.WaitVisible(chromedp.CSS("#subject")),
		chromedp.SendKeys(chromedp.CSS("#subject"), "城市供水水质"), chromedp.WaitVisible(chromedp.CSS("#suggest a")), press("继续"), see("请更正以下问题"))
	noSidewaysScroll(t, ctx, "the form with mistakes")
	shoot(t, ctx, "apply_errors")
	do(t, ctx, "mend and send", chromedp.SendKeys(chromedp.CSS("#description"), "申请公开近一年的水质检测报告。"), press("继续"), see("向哪个机关申请"), see("这些机关可能有"), press("继续"), chromedp.WaitVisible(chromedp.CSS("#name")),
		chromedp.SendKeys(chromedp.CSS("#name"), "欧阳求知"), chromedp.SendKeys(chromedp.CSS("#id_number"), "TEST123456"), chromedp.SendKeys(chromedp.CSS("#phone"), "000-5550100"), press("继续"), see("核对后提交"), see("近一年的水质检测报告"))
	noSidewaysScroll(t, ctx, "the answers to be checked")
	shoot(t, ctx, "apply_check")
	do(t, ctx, "send", press("提交申请"), see("申请已提交"))
	number, code := ask(t, ctx, "number", chromedp.Text(chromedp.CSS("#number"))), ask(t, ctx, "code", chromedp.Text(chromedp.CSS("#code")))
	shoot(t, ctx, "receipt")
	do(t, ctx, "handler works", signIn(p.url, "handler", "demo-handler-2026"), chromedp.Navigate(p.url+"/desk/applications/"+number), open("step-confirmed"), pressIn("step-confirmed"), see("已确认收到"),
		open("step-answered"), chromedp.WaitVisible(field("answered-outcome")), pressIn("step-answered"), see("请选择一项"),
		setValue(field("answered-outcome"), "granted"), chromedp.SendKeys(field("answered-text"), "现予公开。"), pressIn("step-answered"), reads("政府信息公开申请答复书"), send(), see("已答复"))
	shoot(t, ctx, "desk_case")
	do(t, ctx, "applicant follows", leave(), chromedp.Navigate(p.url+"/track"), chromedp.SendKeys(chromedp.CSS("#number"), number), chromedp.SendKeys(chromedp.CSS("#code"), code), press("查询"), see("现予公开"), see("予以公开"))
	noSidewaysScroll(t, ctx, "the tracked case")
	shoot(t, ctx, "tracked")
}

// TestBrowserSearchHelpsAlong types pinyin, walks the completions by keyboard,
// makes a slip, asks for an alert, and confirms it from the message; then an
// administrator teaches the search in two clicks.
func TestBrowserSearchHelpsAlong(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p, ctx := demoInBrowser(t, data)
	// Those of all that was typed: on a loaded machine those of its beginning come first.
	expanded := until("completions", `document.querySelector("#q").getAttribute("aria-expanded") === "true" && (document.querySelector(".gk-complete [role=option]")?.textContent ?? "").includes("不动产登记")`)
	do(t, ctx, "type as it is read", phone(), chromedp.Navigate(p.url+"/search?lang=zh"), chromedp.WaitReady(chromedp.CSS("#q")), chromedp.SendKeys(chromedp.CSS("#q"), "budongchandengji"), expanded)
	noSidewaysScroll(t, ctx, "completions on a phone")
	shoot(t, ctx, "search_completions")
	do(t, ctx, "choose by keyboard", chromedp.KeyEvent(kb.ArrowDown),
		until("the first is marked", `document.querySelector("#"+document.querySelector("#q").getAttribute("aria-activedescendant")).getAttribute("aria-selected") === "true"`),
		chromedp.KeyEvent(kb.Enter), see("索引号"), see("相关主题的文件"))
	shoot(t, ctx, "document_similar")
	do(t, ctx, "a slip", chromedp.Navigate(p.url+"/search?q=不动产登计"), see("以下是“不动产登记”的结果"))
	noSidewaysScroll(t, ctx, "a corrected search on a phone")
	shoot(t, ctx, "search_corrected")
	for _, l := range []string{"zh", "en"} {
		for _, path := range []string{"/search?q=供水&sort=date", "/search?q=organ:water+水质", "/help/search", "/alerts/new?q=供水", "/search?q=麒麟狮子&exact=1"} {
			do(t, ctx, path, chromedp.Navigate(p.url+path+map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]+"lang="+l), chromedp.WaitReady(chromedp.CSS("#main")))
			noSidewaysScroll(t, ctx, path+" in "+l)
			shoot(t, ctx, strings.Trim(strings.NewReplacer("/", "_", "?", "_", "&", "_", "=", "_", ":", "_").Replace(path), "_")+"_phone_"+l)
		}
	}
	do(t, ctx, "ask for an alert", chromedp.EmulateViewport(1200, 900), chromedp.Navigate(p.url+"/search?q=供水&lang=zh"), follow("邮件提醒"), press("发送确认邮件"), see("请更正以下问题"),
		chromedp.SendKeys(chromedp.CSS("#email"), "li@reader.example"), press("发送确认邮件"), see("打开其中的链接确认"))
	do(t, ctx, "confirm from the message", chromedp.Navigate(linkInMail(t, filepath.Join(data, "mail"))), press("确认"), see("供水"), see("每天一次"))
	do(t, ctx, "search in vain", chromedp.Navigate(p.url+"/search?q=麒麟狮子&exact=1"), see("没有找到"), signIn(p.url, "admin", "demo-admin-2026"), follow("检索管理"), see("麒麟狮子"))
	shoot(t, ctx, "desk_search")
	do(t, ctx, "two clicks", follow("添加同义词"), chromedp.WaitVisible(chromedp.CSS("#meant")), chromedp.SendKeys(chromedp.CSS("#meant"), "供水"), press("先试试"), see("保存后"))
	shoot(t, ctx, "desk_synonym")
	do(t, ctx, "save", press("保存"), see("检索词库"), see("麒麟狮子"), chromedp.Navigate(p.url+"/search?q=麒麟狮子"), see("供水"))
	do(t, ctx, "why", chromedp.Navigate(p.url+"/desk/search/explain?q=供水"), see("最佳段落"))
	shoot(t, ctx, "desk_explain")
	do(t, ctx, "check a holiday notice", chromedp.Navigate(p.url+"/desk/calendar?lang=en"), chromedp.SendKeys(chromedp.CSS("#text"), "国庆节 2027-10-01..2027-10-07"+kb.Enter+"国庆节 2027-10-09 上班"), press("Check"), see("There is a problem"),
		chromedp.SendKeys(chromedp.CSS("#source"), "General Office"), press("Check"), see("Read for 2027"))
	shoot(t, ctx, "desk_calendar_en")
	do(t, ctx, "in English", chromedp.Navigate(p.url+"/desk/search/vocabulary"), see("Built-in synonyms"))
	shoot(t, ctx, "desk_vocabulary_en")
	do(t, ctx, "results in English", chromedp.Navigate(p.url+"/search?q=water"), see("found"))
	shoot(t, ctx, "search_desktop_en")
}

// linkInMail waits for the message that asks to confirm an alert and returns its
// link. Staff may have been written to before.
func linkInMail(t *testing.T, dir string) string {
	t.Helper()
	for word := range strings.FieldsSeq(mailWith(t, dir, "/alerts/confirm/")) {
		if strings.Contains(word, "/alerts/confirm/") {
			return word
		}
	}
	t.Fatal("the message has no link")
	return ""
}

// mailText reads a message in a file; "" while it is being written.
func mailText(t *testing.T, file string) string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := mail.ReadMessage(f)
	if err != nil {
		return ""
	}
	text, err := portaltest.MailText(m)
	if err != nil {
		return ""
	}
	return m.Header.Get("Subject") + "\n" + text
}
