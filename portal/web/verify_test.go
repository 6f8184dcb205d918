package web_test

import (
	"net/url"
	"strings"
	"testing"

	"gongkai/portal/cases"
)

// TestReceiptIsGenuine signs a receipt, and finds out every change to it.
func TestReceiptIsGenuine(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	b.get("/?lang=zh")
	r := b.post("/apply", url.Values{"organ": {"water"}, "subject": {"水质"}, "description": {"近一年的水质检测报告"}, "form": {"electronic"}, "delivery": {"online"}, "kind": {"natural"}, "name": {"某人"}, "id_number": {"110101199001011237"}, "phone": {"0531-5550199"}})
	if r.code != 303 {
		t.Fatalf("applying: %d %s", r.code, r.body)
	}
	page := b.get("/apply/receipt").body
	from := strings.Index(page, "-----BEGIN GONGKAI")
	to := strings.Index(page, "</pre>")
	if from < 0 || to < from {
		t.Fatal("no signed receipt")
	}
	receipt := strings.NewReplacer("&#43;", "+", "&#34;", `"`).Replace(page[from:to])
	visitor := s.browser(t)
	visitor.get("/?lang=zh")
	check := func(v url.Values) string {
		r := visitor.post("/verify", v)
		if r.code != 200 {
			t.Fatalf("verifying: %d", r.code)
		}
		return r.body
	}
	if body := check(url.Values{"receipt": {"您好\n" + strings.ReplaceAll(receipt, "\n", "\r\n") + "\n再见"}, "subject": {"水质"}, "description": {" 近一年的水质检测报告\n"}}); !strings.Contains(body, "回执是真的") || !strings.Contains(body, "内容与提交时一致") {
		t.Error("a genuine receipt is not taken for one")
	}
	if body := check(url.Values{"receipt": {receipt}, "subject": {"水质"}, "description": {"近两年的水质检测报告"}}); !strings.Contains(body, "内容与提交时不一致") {
		t.Error("another text is taken for the one that was sent")
	}
	for _, change := range [][2]string{{"number: 2026", "number: 2025"}, {"organ: water", "organ: land"}, {"2026-11-20T", "2026-11-19T"}} {
		if body := check(url.Values{"receipt": {strings.Replace(receipt, change[0], change[1], 1)}}); !strings.Contains(body, "回执不是真的") {
			t.Errorf("a receipt with %q is taken for genuine", change[1])
		}
	}
	if r := visitor.post("/verify", url.Values{"receipt": {"没有"}}); r.code != 422 || !strings.Contains(r.body, "没有看到完整的回执") {
		t.Errorf("no receipt: %d", r.code)
	}
	if r := visitor.get("/verify/key.pem"); !strings.HasPrefix(r.body, "-----BEGIN PUBLIC KEY-----") {
		t.Error("the public key is not published")
	}
	if strings.Contains(page[from:to], "某人") || strings.Contains(page[from:to], "水质") {
		t.Error("the receipt tells who or what")
	}
}

// FuzzReadReceipt checks that nothing that is pasted breaks the reading, and
// that nothing is genuine without its key.
func FuzzReadReceipt(f *testing.F) {
	f.Add("-----BEGIN GONGKAI RECEIPT-----\nnumber: 1\nreceived: 2026-11-20T02:00:00Z\nsignature: AAAA\n-----END GONGKAI RECEIPT-----")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		if _, genuine, err := cases.ReadReceipt(s, make([]byte, 32)); genuine && err == nil && !strings.Contains(s, "signature") {
			t.Fatalf("%q is genuine", s)
		}
	})
}
