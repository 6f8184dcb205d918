//go:build browser

package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
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
	axe, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	p, ctx := demoInBrowser(t, t.TempDir())
	at := ""
	err = chromedp.Listen(ctx, func(ev any) {
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
			do(t, ctx, at, chromedp.Navigate(p.url+path+sep+"lang="+mode.lang+"&view="+mode.view), chromedp.WaitReady(chromedp.CSS("#main")), chromedp.EvaluateAsDevTools[chromedp.Void](string(axe)))
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
			shoot(t, ctx, strings.Trim(strings.NewReplacer("/", "_", "?", "_", "&", "_", "=", "_", ":", "_").Replace(path), "_")+"_"+mode.lang+"_"+mode.scheme+"_"+mode.view)
		}
	}
}
