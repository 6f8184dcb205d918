//go:build browser

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"gongkai/portal/letter"
)

// open opens a folded part of the case page.
func open(id string) chromedp.Action[chromedp.Void] {
	return until("the page has "+id, `(() => { const d = document.getElementById("`+id+`"); if (!d) return false; d.open = true; return true })()`)
}

// pressIn presses the button of a form inside an element.
func pressIn(id string) chromedp.Action[chromedp.Void] {
	return once("a button in "+id, `document.querySelector("#`+id+` form button")`)
}

func field(id string) chromedp.CSS { return chromedp.CSS("#" + id) }

// reads waits until the letter that is shown holds a text.
func reads(text string) chromedp.Action[chromedp.Void] {
	return until("read "+text, `(document.querySelector("#letter")?.value ?? "").includes("`+text+`")`)
}

// send confirms the letter that is shown, and waits until it is gone.
func send() chromedp.Action[chromedp.Void] {
	return chromedp.Steps(once("a letter to send", `document.querySelector("button[value=send]")`), see("还有"), once("a letter to send whatever its list says", `document.querySelector("button[value=sure]")`), until("the letter is gone", `!document.querySelector("button[value=sure]")`))
}

func day(daysAgo int) string { return time.Now().AddDate(0, 0, -daysAgo).Format("2006-01-02") }

// takeIn registers an application handed in over the counter some days ago and
// returns its number and query code.
func takeIn(t *testing.T, ctx context.Context, url, subject string, daysAgo int) (number, code string) {
	t.Helper()
	do(t, ctx, "take in", chromedp.Navigate(url+"/desk/intake"), chromedp.WaitVisible(field("subject")), setValue(field("date"), day(daysAgo)), setValue(field("organ"), "water"),
		chromedp.SendKeys(field("subject"), subject), chromedp.SendKeys(field("description"), "请提供"+subject+"的全部材料。"), chromedp.SendKeys(field("name"), "公孙柜台"), chromedp.SendKeys(field("id_number"), "COUNTER99"),
		chromedp.SendKeys(field("phone"), "000-5550111"), chromedp.Click(chromedp.CSS("main form button.govuk-button")), see("已登记"))
	return ask(t, ctx, "number", chromedp.Text(chromedp.CSS(".number"))), ask(t, ctx, "code", chromedp.Text(chromedp.CSS(".gk-code")))
}

var opinionLink = regexp.MustCompile(`http://[^ ）（]+/opinion/[^ ）（\n]+`)

// mailWith waits for a message in a folder that holds a text, and returns it.
func mailWith(t *testing.T, dir, want string) string {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		files, _ := filepath.Glob(filepath.Join(dir, "*.eml")) // the pattern is well-formed
		for _, f := range files {
			if text := mailText(t, f); strings.Contains(text, want) {
				return text
			}
		}
	}
	t.Fatalf("no message has %q", want)
	return ""
}

// TestBrowserPartialAnswer goes the whole way of a hard case: applied for on a
// phone, a third party asked by mail and answering online, extended, a
// contract redacted in the page, answered in part by letter, followed, rated,
// and made a draft disclosure.
func TestBrowserPartialAnswer(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p, ctx := demoInBrowser(t, data)
	do(t, ctx, "apply on a phone", phone(), chromedp.Navigate(p.url+"/apply?organ=water&lang=zh"), chromedp.WaitVisible(field("subject")), chromedp.SendKeys(field("subject"), "玄武泵站采购合同"),
		chromedp.SendKeys(field("description"), "申请公开玄武泵站水泵采购合同。"), press("继续"), see("向哪个机关申请"), press("继续"), chromedp.WaitVisible(field("name")), chromedp.SendKeys(field("name"), "东方问津"), chromedp.SendKeys(field("id_number"), "TEST987654"), chromedp.SendKeys(field("phone"), "000-5550123"),
		chromedp.SendKeys(field("email"), "dongfang@reader.example"), press("继续"), see("核对后提交"), press("提交申请"), see("申请已提交"))
	number, code := ask(t, ctx, "number", chromedp.Text(field("number"))), ask(t, ctx, "code", chromedp.Text(field("code")))
	page := p.url + "/desk/applications/" + number
	do(t, ctx, "confirm", chromedp.EmulateViewport(1280, 900), signIn(p.url, "handler", "demo-handler-2026"), chromedp.Navigate(page), open("step-confirmed"), pressIn("step-confirmed"), see("已确认收到"))

	// The third party is asked by e-mail and answers by its link, once.
	do(t, ctx, "ask the third party", open("step-consultation_sent"), chromedp.SendKeys(field("consultation_sent-party"), "清河玄武水泵厂"), chromedp.SendKeys(field("consultation_sent-email"), "pump@factory.example"),
		chromedp.SendKeys(field("consultation_sent-note"), "你单位与本机关签订的水泵采购合同。"), pressIn("step-consultation_sent"), see("发出前核对"))
	shoot(t, ctx, "letter_third_party")
	do(t, ctx, "send it", send(), see("期限中止"))
	link := opinionLink.FindString(mailWith(t, filepath.Join(data, "mail"), "/opinion/"))
	if link == "" || strings.Contains(mailWith(t, filepath.Join(data, "mail"), "/opinion/"), "东方问津") {
		t.Fatalf("the third party's letter: link %q", link)
	}
	do(t, ctx, "the third party answers", leave(), phone(), chromedp.Navigate(link), see("清河玄武水泵厂"))
	noSidewaysScroll(t, ctx, "the third party's page")
	shoot(t, ctx, "opinion_phone")
	do(t, ctx, "in vain without reasons", click("label", "不同意公开"), press("提交意见"), see("请更正以下问题"), chromedp.SendKeys(field("reason"), "联系人和电话是个人信息。"), press("提交意见"), see("意见已收到"),
		chromedp.Navigate(link), see("不能再答复"))

	do(t, ctx, "extend", chromedp.EmulateViewport(1280, 900), signIn(p.url, "handler", "demo-handler-2026"), chromedp.Navigate(page), see("联系人和电话是个人信息"), open("step-extended"),
		chromedp.SendKeys(field("extended-approved_by"), "林主任"), chromedp.SendKeys(field("extended-note"), "需要核对第三方意见。"), pressIn("step-extended"), reads("答复期限延长20个工作日"), send(), see("已延期"))

	// The contract is redacted in the page: a name is found, another part drawn.
	contract, err := letter.Printer{}.PDF("{{标题行}}水泵采购合同\n联系人：西门检修，电话13911112222。\n合同总价：人民币伍拾万元整。", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "采购合同.pdf")
	if err := os.WriteFile(file, contract, 0o600); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, "add the contract", open("more-papers"), chromedp.SetUploadFiles(field("papers-files"), []string{file}), pressIn("more-papers"), see("文件已添加"), follow("遮盖"), chromedp.WaitVisible(field("find")),
		until("the page is drawn", `document.querySelector(".gk-canvas img")?.naturalWidth > 500`),
		press("生成遮盖后的文件"), see("请至少画一个框"), chromedp.SendKeys(field("find"), "西门检修"), press("查找并遮盖"), see("找到1处"), setValue(field("find"), "13911112222"), press("查找并遮盖"),
		until("two boxes", `document.querySelectorAll(".gk-box").length === 2`))
	shoot(t, ctx, "redact")
	paper := ask(t, ctx, "where", chromedp.Evaluate[string]("location.pathname"))
	do(t, ctx, "redact", press("生成遮盖后的文件"), see("已生成遮盖后的文件"))
	for _, l := range []string{"en", "zh"} {
		do(t, ctx, "look again on a phone", phone(), chromedp.Navigate(p.url+paper+"?lang="+l), chromedp.WaitVisible(field("find")))
		noSidewaysScroll(t, ctx, "redacting on a phone in "+l)
		shoot(t, ctx, "redact_phone_"+l)
	}
	do(t, ctx, "back to the case", chromedp.EmulateViewport(1280, 900), chromedp.Navigate(page))

	do(t, ctx, "answer in part", open("step-answered"), setValue(field("answered-outcome"), "partial"), chromedp.SendKeys(field("answered-text"), "现提供采购合同，其中个人信息不予公开。"), pressIn("step-answered"), reads("材料1（已区分处理）.pdf第1页2处：保护第三方合法权益"), reads("先向清河市人民政府申请行政复议"))
	shoot(t, ctx, "letter_answer")
	do(t, ctx, "send it", send(), see("已答复。"), see("已发文书"))
	shoot(t, ctx, "case_answered")
	do(t, ctx, "make it public in one click", press("转为主动公开草稿"), see("已生成主动公开草稿"))

	// The applicant follows on the phone, gets the redacted file, rates.
	do(t, ctx, "follow", leave(), phone(), chromedp.Navigate(p.url+"/track?number="+number), chromedp.SendKeys(field("code"), code), press("查询"), see("现提供采购合同"), see("延期答复告知书"))
	noSidewaysScroll(t, ctx, "the answered case on a phone")
	shoot(t, ctx, "tracked_answered_phone")
	given := ask(t, ctx, "the file", chromedp.Evaluate[string](`(async () => { const a = [...document.querySelectorAll("a[href*='/files/']")].find((a) => a.textContent.includes("已区分处理")); const b = new Uint8Array(await (await fetch(a.href)).arrayBuffer()); let s = ""; for (const x of b) s += String.fromCharCode(x); return btoa(s) })()`, chromedp.EvalAwaitPromise))
	text := pdfText(t, given)
	if strings.Contains(text, "西门检修") || strings.Contains(text, "13911112222") || !strings.Contains(text, "伍拾万元整") {
		t.Errorf("the redacted contract reads: %s", text)
	}
	do(t, ctx, "rate", click("summary", "评价办理情况"), click("label", "非常满意"), press("提交评价"), see("谢谢您的评价"))
	if m := mailWith(t, filepath.Join(data, "mail"), "作出答复"); strings.Contains(m, "玄武") || !strings.Contains(m, number) {
		t.Errorf("the notice tells too much or too little: %s", m)
	}
}

// pdfText reads a PDF in base64 with another program.
func pdfText(t *testing.T, b64 string) string {
	t.Helper()
	pdf, err := base64.StdEncoding.DecodeString(b64)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("pdftotext", "-", "-")
	c.Stdin = bytes.NewReader(pdf)
	out, err := c.Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	return strings.Join(strings.Fields(string(out)), "")
}

// TestBrowserLapsedCorrection: taken in over the counter, a correction asked
// for that never came, closed as given up.
func TestBrowserLapsedCorrection(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "sign in", chromedp.EmulateViewport(1280, 900), signIn(p.url, "handler", "demo-handler-2026"))
	number, _ := takeIn(t, ctx, p.url, "朱雀渠旧账", 60)
	do(t, ctx, "ask for a correction", chromedp.Navigate(p.url+"/desk/applications/"+number), open("step-correction_requested"), setValue(field("correction_requested-date"), day(58)), setValue(field("correction_requested-days"), "10"),
		chromedp.SendKeys(field("correction_requested-note"), "请写明年份和账目名称。"), pressIn("step-correction_requested"), reads("视为放弃申请"), send(), see("视为放弃"))
	do(t, ctx, "it stands in its view", chromedp.Navigate(p.url+"/desk/applications?show=lapsed&text="+number), see("朱雀渠旧账"), see("1件"))
	shoot(t, ctx, "worklist_lapsed")
	do(t, ctx, "close it", follow(number), open("step-answered"), until("the outcome is proposed", `document.querySelector("#answered-outcome").value === "other.no_correction"`),
		chromedp.SendKeys(field("answered-text"), "补正期限届满，未收到补正。"), pressIn("step-answered"), reads("逾期不补正"), send(), see("已答复。"))
}

// TestBrowserFeeCase: a fee proposed line by line, told, paid, the period
// afresh; the applicant sees what to pay on a phone.
func TestBrowserFeeCase(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "sign in", chromedp.EmulateViewport(1280, 900), signIn(p.url, "handler", "demo-handler-2026"))
	number, code := takeIn(t, ctx, p.url, "青龙河历年水文资料", 12)
	page := p.url + "/desk/applications/" + number
	do(t, ctx, "within the free range", chromedp.Navigate(page), open("step-fee_notified"), setValue(field("fee_notified-count"), "30"), chromedp.SendKeys(field("fee_notified-note"), "申请的页数明显超过合理范围。"), pressIn("step-fee_notified"), see("在免费范围内"))
	do(t, ctx, "210 pages", setValue(field("fee_notified-count"), "210"), pressIn("step-fee_notified"), see("3100"), reads("第201至210页：10页×40元＝400元"))
	shoot(t, ctx, "letter_fee")
	do(t, ctx, "send", send(), see("等待申请人缴费"))
	do(t, ctx, "the applicant sees it", leave(), phone(), chromedp.Navigate(p.url+"/track?number="+number), chromedp.SendKeys(field("code"), code), press("查询"), see("缴纳信息处理费，逾期视为放弃"), see("3100"), see("非税收入窗口"))
	noSidewaysScroll(t, ctx, "a fee on a phone")
	shoot(t, ctx, "tracked_fee_phone")
	do(t, ctx, "paid", chromedp.EmulateViewport(1280, 900), signIn(p.url, "handler", "demo-handler-2026"), chromedp.Navigate(page), open("step-fee_paid"), pressIn("step-fee_paid"), see("处理期限重新计算"), see("剩20个工作日"))
}

// TestBrowserHeadSigns: what an organ keeps for its head waits for the head,
// is given back, mended and signed; figures, letters and the other pages of
// staff are looked at in both languages.
func TestBrowserHeadSigns(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "sign in", chromedp.EmulateViewport(1280, 900), signIn(p.url, "handler", "demo-handler-2026"), chromedp.Navigate(p.url+"/desk/applications?organ=land&show=running"))
	number := ask(t, ctx, "a case", chromedp.Text(chromedp.CSS("table[data-keys] tbody tr a")))
	page := p.url + "/desk/applications/" + number
	do(t, ctx, "propose", chromedp.Navigate(page), open("step-answered"), setValue(field("answered-outcome"), "granted"), chromedp.SendKeys(field("answered-text"), "现予公开。"), pressIn("step-answered"), see("报负责人签发"), send(), see("已报负责人签发"), see("负责人签发后发出"), leave())
	do(t, ctx, "give back", signIn(p.url, "head", "demo-head-2026"), chromedp.Navigate(p.url+"/desk/applications?show=signature"), follow(number), see("现予公开"), click("summary", "退回"), chromedp.SendKeys(field("return-remark"), "请写明检索范围。"), press("退回"), see("已退回"), leave())
	do(t, ctx, "mend", signIn(p.url, "handler", "demo-handler-2026"), chromedp.Navigate(page), see("请写明检索范围"), follow("修改后再报"), see("发出前核对"), send(), see("已报负责人签发"), leave())
	do(t, ctx, "sign", signIn(p.url, "head", "demo-head-2026"), chromedp.Navigate(page), press("签发"), see("已签发"), see("已发文书"))
	for _, l := range []string{"zh", "en"} {
		for _, path := range []string{"/desk/applications", "/desk/statistics", "/desk/letters?organ=water", "/desk/letters/edit?organ=water&kind=answer.partial", "/desk/intake", "/desk/hand-over", "/desk/asked"} {
			sep := map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]
			for _, width := range []int64{1280, 375} {
				do(t, ctx, path, chromedp.EmulateViewport(width, 900), chromedp.Navigate(p.url+path+sep+"lang="+l), chromedp.WaitReady(chromedp.CSS("#main")))
				noSidewaysScroll(t, ctx, path+" in "+l)
				shoot(t, ctx, strings.Trim(strings.NewReplacer("/", "_", "?", "_", "&", "_", "=", "_").Replace(path), "_")+"_"+l+map[bool]string{true: "_phone"}[width == 375])
			}
		}
	}
}

// TestBrowserDraftOutlastsSession: a draft saves itself while one types, and what is
// sent after the session has ended goes on once one has signed in on the spot.
func TestBrowserDraftOutlastsSession(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "the draft saves itself", signIn(p.url, "editor", "demo-editor-2026"), chromedp.Navigate(p.url+"/desk/documents/new"), chromedp.WaitVisible(chromedp.CSS("#title")),
		chromedp.SendKeys(chromedp.CSS("#title"), "麒麟大桥夜间封闭公告"), see("已自动保存"))
	if at := ask(t, ctx, "address", chromedp.Location()); !strings.HasSuffix(at, "/edit") {
		t.Errorf("the form goes on at %s, want the draft's own address", at)
	}
	do(t, ctx, "the session ends, and the form is sent", chromedp.Evaluate[chromedp.Void](`fetch('/desk/sign-out', {method: 'POST'}).then(() => 1)`, chromedp.EvalAwaitPromise),
		setValue(chromedp.CSS("#body"), "每晚十点至次日五点封闭。"), press("保存草稿"), see("请登录后继续"))
	do(t, ctx, "sign in and go on", chromedp.SendKeys(chromedp.CSS("#again_login"), "editor"), chromedp.SendKeys(chromedp.CSS("#again_password"), "demo-editor-2026"), press("继续"), see("草稿已保存"), see("每晚十点至次日五点封闭"))
}

// TestBrowserEditorButtons: a body is formatted with buttons, each of which can be undone.
func TestBrowserEditorButtons(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "editor", signIn(p.url, "editor", "demo-editor-2026"), chromedp.Navigate(p.url+"/desk/documents/new"), chromedp.WaitVisible(chromedp.CSS(".gk-marks button")), chromedp.SendKeys(field("body"), "第一章"))
	value := func() string {
		return ask(t, ctx, "the text", chromedp.Evaluate[string](`document.getElementById("body").value`))
	}
	for _, s := range []struct{ button, want string }{{"标题", "## 第一章"}, {"列表", "- 第一章"}, {"列表", "第一章"}} {
		if do(t, ctx, s.button, press(s.button)); value() != s.want {
			t.Errorf("%s: %q, want %q", s.button, value(), s.want)
		}
	}
	do(t, ctx, "bold", until("select", `(document.getElementById("body").setSelectionRange(0, 2), true)`), press("加粗"))
	if value() != "**第一**章" {
		t.Errorf("bold: %q", value())
	}
	do(t, ctx, "undo", until("undo", `document.execCommand("undo")`))
	if value() != "第一章" {
		t.Errorf("undone: %q", value())
	}
	shoot(t, ctx, "editor_buttons")
}
