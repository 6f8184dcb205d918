package redact_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
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
	"gongkai/portal/cases"
	"gongkai/portal/letter"
	"gongkai/portal/portaltest"
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

// picture draws the first page of a PDF.
func picture(t *testing.T, pdf []byte) *image.RGBA {
	t.Helper()
	b, err := portaltest.Redactor(t).Picture(t.Context(), pdf, "application/pdf", 1)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewRGBA(img.Bounds())
	draw.Draw(out, out.Rect, img, image.Point{}, draw.Src)
	return out
}

// TestRedact takes a name and a number out of a letter of two pages: another
// program finds the rest of the text, and nothing of them in text or bytes.
func TestRedact(t *testing.T) {
	t.Parallel()
	text := "{{标题行}}合同\n甲方联系人：欧阳求知，电话13800001234。\n本合同总价为人民币壹佰万元整，验收合格后支付。\n" + strings.Repeat("双方依照法律规定履行各自义务，争议由双方协商解决。\n", 60) + "签字：欧阳求知"
	pdf, err := letter.Printer{}.PDF(text, at)
	if err != nil {
		t.Fatal(err)
	}
	r := portaltest.Redactor(t)
	names, err := r.Find(t.Context(), pdf, "application/pdf", "欧阳 求知")
	if err != nil {
		t.Fatal(err)
	}
	phones, err := r.Find(t.Context(), pdf, "application/pdf", "13800001234")
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 2 || names[0].Page == names[1].Page || len(phones) == 0 {
		t.Fatalf("found %v and %v", names, phones)
	}
	boxes := append(names, phones...)
	for i := range boxes {
		boxes[i].Ground = "denied.third_party"
	}
	out, err := portaltest.Redactor(t).Redact(t.Context(), pdf, "application/pdf", boxes, false, at)
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
	t.Parallel()
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
	out, err := portaltest.Redactor(t).Redact(t.Context(), b.Bytes(), "image/png", []cases.Box{{Page: 1, X: 0.2, Y: 0.3, W: 0.2, H: 0.2, Ground: "denied.third_party"}}, false, at)
	if err != nil {
		t.Fatal(err)
	}
	page := picture(t, out)
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
	t.Parallel()
	img := image.NewRGBA(image.Rect(0, 0, 1240, 1754))
	r := rand.New(rand.NewPCG(1, 1))
	for i := range img.Pix {
		img.Pix[i] = byte(128 + r.IntN(127))
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 60}); err != nil {
		t.Fatal(err)
	}
	out, err := portaltest.Redactor(t).Redact(t.Context(), b.Bytes(), "image/jpeg", []cases.Box{{Page: 1, X: 0.2, Y: 0.3, W: 0.5, H: 0.02, Ground: "denied.third_party"}}, false, at)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) > 3<<20 {
		t.Errorf("the page takes %d KB", len(out)>>10)
	}
}

func TestRedactRefuses(t *testing.T) {
	t.Parallel()
	pdf, err := letter.Printer{}.PDF("合同", at)
	if err != nil {
		t.Fatal(err)
	}
	good := cases.Box{Page: 1, X: 0.1, Y: 0.1, W: 0.1, H: 0.1, Ground: "denied.third_party"}
	nan := good
	nan.X = float64(0) / func() float64 { return 0 }()
	for name, boxes := range map[string][]cases.Box{"none": nil, "page 2": {{Page: 2, X: 0.1, Y: 0.1, W: 0.1, H: 0.1, Ground: good.Ground}}, "outside": {{Page: 1, X: 0.95, Y: 0.1, W: 0.1, H: 0.1, Ground: good.Ground}},
		"no ground": {{Page: 1, X: 0.1, Y: 0.1, W: 0.1, H: 0.1}}, "not a number": {nan}} {
		if _, err := portaltest.Redactor(t).Redact(t.Context(), pdf, "application/pdf", boxes, false, at); portal.KindOf(err) != portal.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for kind, data := range map[string]string{"application/pdf": "%PDF-1.7 broken", "image/png": "\x89PNG\r\n\x1a\nbroken", "text/plain": "text"} {
		if _, err := portaltest.Redactor(t).Redact(t.Context(), []byte(data), kind, []cases.Box{good}, false, at); portal.KindOf(err) != portal.Invalid {
			t.Errorf("%s: %v", kind, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := portaltest.Redactor(t).Redact(ctx, pdf, "application/pdf", []cases.Box{good}, false, at); err == nil {
		t.Error("redacted although nobody waits")
	}
}

// TestRedactRotated: on a page that is shown turned, boxes and words are where
// they are seen.
func TestRedactRotated(t *testing.T) {
	t.Parallel()
	for _, turn := range []string{"90", "180", "270"} {
		pdf := []byte(strings.ReplaceAll(portaltest.PDF("Qilin Street water supply"), "/Type/Page/Parent", "/Type/Page/Rotate "+turn+"/Parent"))
		boxes, err := portaltest.Redactor(t).Find(t.Context(), pdf, "application/pdf", "Qilin")
		if err != nil {
			t.Fatal(err)
		}
		for i := range boxes {
			boxes[i].Ground = "denied.third_party"
		}
		out, err := portaltest.Redactor(t).Redact(t.Context(), pdf, "application/pdf", boxes, false, at)
		if err != nil {
			t.Fatalf("turned by %s: %v, boxes %v", turn, err, boxes)
		}
		left, err := portaltest.Redactor(t).Find(t.Context(), out, "application/pdf", "Qilin")
		if err != nil || len(left) > 0 {
			t.Errorf("turned by %s: still found at %v (%v)", turn, left, err)
		}
		page := picture(t, out)
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
	}
}

// page is a PDF of one page with this content. F1 is a font that is there.
func page(content, more string) []byte {
	return []byte(portaltest.Objects("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[4 0 R]/Count 1>>", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 5 0 R/Resources<</Font<</F1 3 0 R>>"+more+">>>>", portaltest.Stream("", content)))
}

// TestRedactsWhatIsSeen: whatever nobody sees on the page is in no layer of
// the result, though no box lies on it; what is seen stays.
func TestRedactsWhatIsSeen(t *testing.T) {
	t.Parallel()
	const seen = "BT /F1 12 Tf 20 160 Td (Visible words) Tj ET "
	box := []cases.Box{{Page: 1, X: 0.8, Y: 0.9, W: 0.1, H: 0.05, Ground: "denied.third_party"}}
	for name, content := range map[string]string{
		"under a bar":      seen + "BT /F1 12 Tf 20 100 Td (SECRETNAME) Tj ET 0 g 15 95 150 20 re f",
		"under white":      seen + "BT /F1 12 Tf 20 100 Td (SECRETNAME) Tj ET 1 g 15 95 150 20 re f",
		"white on white":   seen + "1 g BT /F1 12 Tf 20 100 Td (SECRETNAME) Tj ET",
		"nearly white":     seen + "0.97 g BT /F1 12 Tf 20 100 Td (SECRETNAME) Tj ET",
		"black on black":   seen + "0 g 15 95 150 20 re f BT /F1 12 Tf 20 100 Td (SECRETNAME) Tj ET",
		"in no colour":     seen + "BT 3 Tr /F1 12 Tf 20 100 Td (SECRETNAME) Tj ET",
		"off the page":     seen + "BT /F1 12 Tf 320 100 Td (SECRETNAME) Tj ET",
		"clipped away":     seen + "q 0 0 5 5 re W n BT /F1 12 Tf 20 100 Td (SECRETNAME) Tj ET Q",
		"too small":        seen + "BT /F1 0.1 Tf 20 100 Td (SECRETNAME) Tj ET",
		"under other text": seen + "1 g BT /F1 12 Tf 20 160 Td (SECRETNAME) Tj ET 0 g BT /F1 12 Tf 20 160 Td (Visible words) Tj ET",
		"on a grey ground": seen + "0.5 g 15 95 150 20 re f BT 3 Tr /F1 12 Tf 20 100 Td (SECRETNAME) Tj ET",
	} {
		out, err := portaltest.Redactor(t).Redact(t.Context(), page(content, ""), "application/pdf", box, false, at)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text := textOf(t, out)
		if strings.Contains(text, "SECRET") || strings.Contains(text, "NAME") {
			t.Errorf("%s: what nobody sees can be read: %s", name, text)
		}
		if name != "under other text" && !strings.Contains(text, "Visiblewords") {
			t.Errorf("%s: what is seen is gone: %s", name, text)
		}
	}
}

// TestRedactWarns: words that were covered in one place and stand in another
// stop it, however they are spelt, until they may stay; so does a page that
// comes out blank.
func TestRedactWarns(t *testing.T) {
	t.Parallel()
	pdf, err := letter.Printer{}.PDF("经办人高小龙。\n复核人高小龙，电话13800001234。", at)
	if err != nil {
		t.Fatal(err)
	}
	r := portaltest.Redactor(t)
	boxes, err := r.Find(t.Context(), pdf, "application/pdf", "⾼⼩⻰") // typed with radicals
	if err != nil || len(boxes) != 2 {
		t.Fatalf("%v, %v", boxes, err)
	}
	boxes[0].Ground = "denied.third_party"
	_, err = r.Redact(t.Context(), pdf, "application/pdf", boxes[:1], false, at)
	if e, ok := errors.AsType[*portal.Error](err); !ok || len(e.Problems) == 0 || e.Problems[0].Key != "error.words_left" || e.Problems[0].Args["Word"] != "高小龙" {
		t.Errorf("a name that is left: %v", err)
	}
	if _, err := r.Redact(t.Context(), pdf, "application/pdf", boxes[:1], true, at); err != nil {
		t.Errorf("a name that may stay: %v", err)
	}
	kangxi := portaltest.Shared(t, "cases/11-kangxi.pdf")
	if boxes, err = r.Find(t.Context(), kangxi, "application/pdf", "高小龙"); err != nil || len(boxes) != 1 {
		t.Errorf("a name written with radicals: %v, %v", boxes, err)
	}
	for i := range boxes {
		boxes[i].Ground = "denied.third_party"
	}
	_, err = r.Redact(t.Context(), kangxi, "application/pdf", boxes, false, at)
	if e, ok := errors.AsType[*portal.Error](err); !ok || len(e.Problems) == 0 || e.Problems[0].Key != "error.page_blank" {
		t.Errorf("a page that comes out blank: %v", err)
	}
}

// TestRedactDrawsMissingFonts: a font that the document does not bring along
// is drawn, and its words are found.
func TestRedactDrawsMissingFonts(t *testing.T) {
	t.Parallel()
	pdf := portaltest.Shared(t, "cases/13b-gbk-euc.pdf")
	dark := 0
	for i, img := 0, picture(t, pdf); i < len(img.Pix); i += 4 {
		if img.Pix[i] < 100 {
			dark++
		}
	}
	if dark < 1000 {
		t.Errorf("only %d dark points", dark)
	}
	boxes, err := portaltest.Redactor(t).Find(t.Context(), pdf, "application/pdf", "防汛资金")
	if err != nil || len(boxes) != 1 {
		t.Errorf("%v, %v", boxes, err)
	}
}

// TestRedactIsStopped: who no longer waits stops the drawing.
func TestRedactIsStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if _, err := portaltest.Redactor(t).Pages(ctx, []byte(portaltest.PDF()), "application/pdf"); err == nil {
		t.Skip("this machine is faster than that")
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("stopped after %v", took)
	}
}
