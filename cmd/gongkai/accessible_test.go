//go:build browser

package main

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// publicPaths are pages of every kind that a reader meets.
func publicPaths() []string {
	return []string{"/", "/catalogue", "/organs", "/organs/water", "/guide", "/guide/water", "/rules", "/statutory", "/powers", "/powers/compare", "/reports", "/reports/water.2024", "/reports/compare", "/figures",
		"/search?q=供水", "/search?q=麒麟狮子&exact=1", "/help", "/help/search", "/apply", "/track", "/answers", "/verify", "/deadline?received=2026-09-24&channel=in_person", "/follow", "/enquiry-points", "/accessibility", "/developers", "/api/v1/", "/map",
		"/collections", "/collections/rules", "/tables", "/tables/" + village(), "/public-bodies", "/gazettes", "/hall", "/registers", "/registers/fees", "/registers/proposals", "/entries/proposals.water.1", "/mailbox", "/mailbox/write/organ", "/replies", "/consultations", "/alerts/new?q=供水", "/nothing-here", "/styleguide", "/desk/sign-in"}
}

// TestBrowserAccessible looks at every kind of page with axe-core: without a finding by
// WCAG 2.2 A and AA and its best practices, in both languages, light, dark and in large type;
// and no page writes an error into the console.
func TestBrowserAccessible(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	at := ""
	err := chromedp.Listen(ctx, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("%s: %s", at, e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			if e.Type == "error" {
				t.Errorf("%s: the console has an error: %s", at, e.Args[0].Value)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	first := publicPaths()
	doc := ask(t, ctx, "a document", chromedp.Evaluate[string](`fetch("/api/v1/records?kind=document&size=1").then(r => r.json()).then(d => new URL(d.records[0].url).pathname)`, chromedp.EvalAwaitPromise))
	power := ask(t, ctx, "a power item", chromedp.Evaluate[string](`fetch("/api/v1/records?kind=power&size=1").then(r => r.json()).then(d => new URL(d.records[0].url).pathname)`, chromedp.EvalAwaitPromise))
	paths := append(first, doc, power)
	for _, mode := range []struct{ lang, scheme, view string }{{"zh", "light", "standard"}, {"en", "dark", "standard"}, {"zh", "dark", "large"}} {
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: mode.scheme}}}); err != nil {
			t.Fatal(err)
		}
		for i, path := range paths {
			if mode.view == "large" && i%4 != 0 { // large type changes sizes, not structure
				continue
			}
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			at = path + " " + mode.lang + " " + mode.scheme + " " + mode.view
			do(t, ctx, at, chromedp.Navigate(p.url+path+sep+"lang="+mode.lang+"&view="+mode.view), chromedp.WaitReady(chromedp.CSS("#main")))
			judge(t, ctx, at)
			shoot(t, ctx, strings.Trim(strings.NewReplacer("/", "_", "?", "_", "&", "_", "=", "_", ":", "_").Replace(path), "_")+"_"+mode.lang+"_"+mode.scheme+"_"+mode.view)
		}
	}
}

// axeCore is the program that looks at pages.
var axeCore = sync.OnceValues(func() ([]byte, error) { return os.ReadFile("testdata/axe.min.js") })

// judge looks at the page with axe-core.
func judge(t *testing.T, ctx context.Context, at string) {
	t.Helper()
	axe, err := axeCore()
	if err != nil {
		t.Fatal(err)
	}
	do(t, ctx, at, chromedp.EvaluateAsDevTools[chromedp.Void](string(axe)))
	found := ask(t, ctx, at, chromedp.Evaluate[string](`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(v => ({id: v.id, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + " " + (n.any[0]?.message ?? n.all[0]?.message ?? ""))}))))`, chromedp.EvalAwaitPromise))
	var bad []struct {
		ID    string
		Nodes []string
	}
	if err := json.Unmarshal([]byte(found), &bad); err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	for _, v := range bad {
		t.Errorf("%s: %s\n\t%s", at, v.ID, strings.Join(v.Nodes, "\n\t"))
	}
}

// TestBrowserAccessibleDesk looks at the pages of those who work with the portal in the same way.
func TestBrowserAccessibleDesk(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	link := func(list, in string) string { // the first that a list has
		do(t, ctx, list, chromedp.Navigate(p.url+list), chromedp.WaitReady(chromedp.CSS("#main")))
		return ask(t, ctx, list, chromedp.Evaluate[string](`[...document.querySelectorAll("main a")].map(a => a.getAttribute("href")).find(h => h.startsWith("`+in+`"))`))
	}
	for n, who := range []struct {
		login string
		lists [][2]string
		paths []string
	}{
		{"reviewer", nil, []string{"/desk", "/desk/documents", "/desk/documents/new", "/desk/coverage", "/desk/plan", "/desk/plan/edit", "/desk/directory", "/desk/internal", "/desk/upload", "/desk/bulk", "/desk/cleanup", "/desk/gazettes/edit", "/desk/tables", "/desk/tables/edit", "/desk/tables/" + village(), "/desk/reports", "/desk/reports/edit", "/desk/reports/water.2025", "/desk/reports/quarter", "/desk/powers", "/desk/powers/edit", "/desk/powers/import", "/desk/registers", "/desk/registers/penalties", "/desk/registers/penalties/edit", "/desk/entries/promises.water.1", "/desk/work", "/desk/health", "/desk/assessment", "/desk/registers/proposals", "/desk/entries/proposals.water.1", "/desk/consultations", "/desk/consultations/edit"}},
		{"handler", [][2]string{{"/desk/applications", "/desk/applications/20"}, {"/desk/mailbox", "/desk/mailbox/"}}, []string{"/desk/applications", "/desk/mailbox", "/desk/security", "/desk/password"}},
		{"clerk", nil, []string{"/desk/mailbox/take"}},
		{"admin", nil, []string{"/desk", "/desk/organs", "/desk/organs/edit", "/desk/people", "/desk/people/edit", "/desk/masthead", "/desk/machines", "/desk/import", "/desk/audit", "/desk/calendar", "/desk/search", "/desk/search/vocabulary", "/desk/search/explain?q=供水"}},
	} {
		scheme, lang := "light", "zh"
		if n%2 == 1 {
			scheme = "dark"
		}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}); err != nil {
			t.Fatal(err)
		}
		do(t, ctx, who.login, signIn(p.url, who.login, "demo-"+who.login+"-2026"))
		for _, l := range who.lists {
			who.paths = append(who.paths, link(l[0], l[1]))
		}
		for i, path := range who.paths {
			if lang = "zh"; i%3 == 2 {
				lang = "en"
			}
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			at := who.login + " " + path + " " + lang + " " + scheme
			do(t, ctx, at, chromedp.Navigate(p.url+path+sep+"lang="+lang), chromedp.WaitReady(chromedp.CSS("#main")))
			judge(t, ctx, at)
		}
		do(t, ctx, "leave", chromedp.Navigate(p.url+"/?lang=zh"), chromedp.Navigate(p.url+"/desk"), leave())
	}
}

// tabTo goes on by the Tab key until what a selector finds has the focus, and checks that one
// can see where it is.
func tabTo(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	for range 90 {
		do(t, ctx, "Tab", chromedp.KeyEvent(kb.Tab))
		at := ask(t, ctx, "where", chromedp.Evaluate[string](`(() => {
			const e = document.activeElement
			if (!e) return ""
			const s = getComputedStyle(e)
			if (!e.matches(`+strconv.Quote(selector)+`)) return ""
			return s.outlineStyle !== "none" || s.boxShadow !== "none" ? "seen" : "unseen"
		})()`))
		if at == "unseen" {
			t.Errorf("nothing shows that %s has the focus", selector)
		}
		if at != "" {
			return
		}
	}
	t.Fatalf("%s cannot be reached by keyboard", selector)
}

// TestBrowserByKeyboardAlone finds, reads and follows a document without a mouse.
func TestBrowserByKeyboardAlone(t *testing.T) {
	t.Parallel()
	p, ctx := demoInBrowser(t, t.TempDir())
	do(t, ctx, "home", chromedp.Navigate(p.url+"/"), see("最新公开"), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter), until("the content", `location.hash === "#main"`))
	tabTo(t, ctx, "#q")
	do(t, ctx, "search", chromedp.KeyEvent("公共租赁住房"), chromedp.KeyEvent(kb.Enter), see("按相关度"))
	tabTo(t, ctx, ".gk-list h3 a")
	do(t, ctx, "open", chromedp.KeyEvent(kb.Enter), see("索引号"))
	tabTo(t, ctx, ".gk-tools a[href*=follow]")
	do(t, ctx, "follow", chromedp.KeyEvent(kb.Enter), see("有变化时用邮件告诉我"))
	tabTo(t, ctx, "a[href*='/alerts/new']")
	do(t, ctx, "by e-mail", chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("#email")))
	tabTo(t, ctx, "#email")
	do(t, ctx, "an address", chromedp.KeyEvent("wang@reader.example"))
	tabTo(t, ctx, "main form button.govuk-button")
	do(t, ctx, "send", chromedp.KeyEvent(kb.Enter), see("打开其中的链接确认"))
}
