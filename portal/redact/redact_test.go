package redact_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/letter"
	"gongkai/portal/portaltest"
	"gongkai/portal/redact"
)

var at = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)

func textOf(t *testing.T, pdf []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), "")
}

// TestRedact takes a name and a number out of a letter of two pages: another
// program finds the rest of the text, and nothing of them in text or bytes.
func TestRedact(t *testing.T) {
	text := "# 合同\n甲方联系人：欧阳求知，电话13800001234。\n本合同总价为人民币壹佰万元整，验收合格后支付。\n" + strings.Repeat("双方依照法律规定履行各自义务，争议由双方协商解决。\n", 60) + "签字：欧阳求知"
	pdf, err := letter.Printer{}.PDF(text, at)
	if err != nil {
		t.Fatal(err)
	}
	d, err := redact.Open(t.Context(), pdf, "application/pdf")
	if err != nil {
		t.Fatal(err)
	}
	names, err := d.Find("欧阳 求知")
	if err != nil {
		t.Fatal(err)
	}
	phones, err := d.Find("13800001234")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if len(names) != 2 || names[0].Page == names[1].Page || len(phones) == 0 {
		t.Fatalf("found %v and %v", names, phones)
	}
	boxes := append(names, phones...)
	for i := range boxes {
		boxes[i].Ground = "denied.third_party"
	}
	out, err := redact.Redact(t.Context(), pdf, "application/pdf", boxes, at)
	if err != nil {
		t.Fatal(err)
	}
	got := textOf(t, out)
	for _, gone := range []string{"欧阳", "求知", "13800001234", "138000"} {
		if strings.Contains(got, gone) {
			t.Errorf("%q can still be read", gone)
		}
	}
	if !strings.Contains(got, "本合同总价为人民币壹佰万元整") || !strings.Contains(got, "甲方联系人") {
		t.Errorf("what was to stay is gone: %.200s", got)
	}
	if !strings.Contains(textOf(t, pdf), "欧阳求知") {
		t.Error("the original was touched")
	}
}

func TestRedactPicture(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for x := 100; x < 140; x++ {
		for y := 100; y < 120; y++ {
			img.Set(x, y, color.RGBA{255, 0, 0, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	out, err := redact.Redact(t.Context(), b.Bytes(), "image/png", []portal.Box{{Page: 1, X: 0.2, Y: 0.3, W: 0.2, H: 0.2, Ground: "denied.third_party"}}, at)
	if err != nil {
		t.Fatal(err)
	}
	d, err := redact.Open(t.Context(), out, "application/pdf")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	page, err := d.Picture(1)
	if err != nil {
		t.Fatal(err)
	}
	for y := range page.Rect.Dy() {
		for x := range page.Rect.Dx() {
			if c := page.RGBAAt(x, y); c.R > 128 && c.G < 100 {
				t.Fatalf("red is left at %d, %d", x, y)
			}
		}
	}
}

// TestRedactScan: a page full of noise, as a colour scan is, becomes a small
// file, and what was under the box is gone from it.
func TestRedactScan(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 1240, 1754))
	r := rand.New(rand.NewPCG(1, 1))
	for i := range img.Pix {
		img.Pix[i] = byte(128 + r.IntN(127))
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 60}); err != nil {
		t.Fatal(err)
	}
	out, err := redact.Redact(t.Context(), b.Bytes(), "image/jpeg", []portal.Box{{Page: 1, X: 0.2, Y: 0.3, W: 0.5, H: 0.02, Ground: "denied.third_party"}}, at)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) > 3<<20 {
		t.Errorf("the page takes %d KB", len(out)>>10)
	}
}

func TestRedactRefuses(t *testing.T) {
	pdf, err := letter.Printer{}.PDF("合同", at)
	if err != nil {
		t.Fatal(err)
	}
	good := portal.Box{Page: 1, X: 0.1, Y: 0.1, W: 0.1, H: 0.1, Ground: "denied.third_party"}
	nan := good
	nan.X = float64(0) / func() float64 { return 0 }()
	for name, boxes := range map[string][]portal.Box{"none": nil, "page 2": {{Page: 2, X: 0.1, Y: 0.1, W: 0.1, H: 0.1, Ground: good.Ground}}, "outside": {{Page: 1, X: 0.95, Y: 0.1, W: 0.1, H: 0.1, Ground: good.Ground}},
		"no ground": {{Page: 1, X: 0.1, Y: 0.1, W: 0.1, H: 0.1}}, "not a number": {nan}} {
		if _, err := redact.Redact(t.Context(), pdf, "application/pdf", boxes, at); portal.KindOf(err) != portal.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for kind, data := range map[string]string{"application/pdf": "%PDF-1.7 broken", "image/png": "\x89PNG\r\n\x1a\nbroken", "text/plain": "text"} {
		if _, err := redact.Redact(t.Context(), []byte(data), kind, []portal.Box{good}, at); portal.KindOf(err) != portal.Invalid {
			t.Errorf("%s: %v", kind, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := redact.Redact(ctx, pdf, "application/pdf", []portal.Box{good}, at); err == nil {
		t.Error("redacted although nobody waits")
	}
}

// TestRedactRotated: on a page that is shown turned, boxes and words are where
// they are seen.
func TestRedactRotated(t *testing.T) {
	for _, turn := range []string{"90", "180", "270"} {
		pdf := []byte(strings.ReplaceAll(portaltest.PDF("Qilin Street water supply"), "/Type/Page/Parent", "/Type/Page/Rotate "+turn+"/Parent"))
		d, err := redact.Open(t.Context(), pdf, "application/pdf")
		if err != nil {
			t.Fatal(err)
		}
		boxes, err := d.Find("Qilin")
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		for i := range boxes {
			boxes[i].Ground = "denied.third_party"
		}
		out, err := redact.Redact(t.Context(), pdf, "application/pdf", boxes, at)
		if err != nil {
			t.Fatalf("turned by %s: %v, boxes %v", turn, err, boxes)
		}
		d, err = redact.Open(t.Context(), out, "application/pdf")
		if err != nil {
			t.Fatal(err)
		}
		left, err := d.Find("Qilin")
		if err != nil || len(left) > 0 {
			t.Errorf("turned by %s: still found at %v (%v)", turn, left, err)
		}
		page, err := d.Picture(1)
		if err != nil {
			t.Fatal(err)
		}
		black, dark := 0, 0
		for y := range page.Rect.Dy() {
			for x := range page.Rect.Dx() {
				if c := page.RGBAAt(x, y); c.R < 60 && c.G < 60 && c.B < 60 {
					b := boxes[0].Rect(float64(page.Rect.Dx()), float64(page.Rect.Dy()))
					if image.Pt(x, y).In(b) {
						black++
					} else {
						dark++ // the words that stay
					}
				}
			}
		}
		if black == 0 || dark == 0 {
			t.Errorf("turned by %s: %d black in the box, %d dark outside", turn, black, dark)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
