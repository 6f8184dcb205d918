package letter_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"os"
	"path/filepath"

	"gongkai/portal/letter"
	"gongkai/portal/portaltest"
)

const sample = `{{标题行}}清河市水务局
{{标题行}}政府信息公开申请答复书
{{文号行}}清水公开〔2026〕12号
{{称谓行}}欧阳喆：
你于2026年11月3日提出的申请收悉。经检索，依照《中华人民共和国政府信息公开条例》第三十六条第（二）项的规定，现予公开：https://www.example.gov.cn/xxgk/documents/Q37009000-2026-00012。
{{落款行}}清河市水务局
{{落款行}}2026年11月20日
{{附注行}}联系：办公室　0000-8800100`

var at = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)

// TestLetterReadsBack reads a letter's text out of both files with other
// people's programs.
func TestLetterReadsBack(t *testing.T) {
	t.Parallel()
	pdf, err := letter.Printer{}.PDF(sample, at)
	if err != nil {
		t.Fatal(err)
	}
	again, err := letter.Printer{}.PDF(sample, at)
	if err != nil || !bytes.Equal(pdf, again) {
		t.Errorf("the same letter comes out differently (%v)", err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "a.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-raw", file, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	docx, err := letter.Printer{}.DOCX(sample, at)
	if err != nil {
		t.Fatal(err)
	}
	word := filepath.Join(dir, "a.docx")
	if err := os.WriteFile(word, docx, 0o600); err != nil {
		t.Fatal(err)
	}
	kind, err := portaltest.Reader(t).Type(t.Context(), portaltest.Open(t, word))
	if err != nil {
		t.Fatal(err)
	}
	read, err := portaltest.Reader(t).Read(t.Context(), portaltest.Open(t, word), kind)
	if err != nil {
		t.Fatal(err)
	}
	squeeze := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, "　", "")), "") }
	for name, got := range map[string]string{"PDF": string(out), "DOCX": read.Text()} {
		for _, want := range []string{"清河市水务局", "清水公开〔2026〕12号", "欧阳喆：", "第三十六条第（二）项的规定", "documents/Q37009000-2026-00012", "0000-8800100"} {
			if !strings.Contains(squeeze(got), want) {
				t.Errorf("%s lacks %q:\n%s", name, want, got)
			}
		}
	}
	for _, l := range strings.Split(string(out), "\n") {
		if s := strings.TrimSpace(l); s != "" && strings.ContainsRune("，。）》：、", []rune(s)[0]) {
			t.Errorf("a line begins with punctuation: %s", l)
		}
	}
}

// TestOfficialLetter: a letter that begins with its organ has the number under the red line and
// before the title, its structure tagged, the names of four organs in rows of three, and its
// signatures on a page with text.
func TestOfficialLetter(t *testing.T) {
	t.Parallel()
	const signed = "清河市水务局清河市生态环境局清河市住房和城乡建设管理委员会办公室清河市财政局2026年11月20日联系：办公室"
	var file []byte
	for n := 85; n < 112; n++ { // where the second page ends, too
		text := "{{标题行}}清河市水务局\n{{标题行}}政府信息公开申请答复书\n{{文号行}}清水公开〔2026〕12号\n{{称谓行}}欧阳喆：\n一、关于报告\n" + strings.Repeat("经检索，现予公开。", n) +
			"\n{{落款行}}清河市水务局\n{{落款行}}清河市生态环境局\n{{落款行}}清河市住房和城乡建设管理委员会办公室\n{{落款行}}清河市财政局\n{{落款行}}2026年11月20日\n{{附注行}}联系：办公室"
		var err error
		if file, err = (letter.Printer{}).PDF(text, at); err != nil {
			t.Fatal(err)
		}
		pages := read(t, file)
		if !strings.HasPrefix(pages[0], "清河市水务局清水公开〔2026〕12号政府信息公开申请答复书欧阳喆：一、关于报告") || strings.Contains(pages[0], "—1—") || !strings.Contains(pages[1], "—2—") {
			t.Fatalf("%d pages: %q", len(pages), pages)
		}
		if last := pages[len(pages)-1]; !strings.Contains(last, "公开。"+signed) {
			t.Errorf("%d: the last of %d pages: %q", n, len(pages), last)
		}
	}
	name := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		tool []string
	}{{"Tagged:          yes", []string{"pdfinfo", name}}, {"H1 (block)\n    \"政府信息公开申请答复书\"", []string{"pdfinfo", "-struct-text", name}}, {"No syntax or stream encoding errors found", []string{"qpdf", "--check", name}}} {
		if out, err := exec.Command(c.tool[0], c.tool[1:]...).CombinedOutput(); err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%v: %s %v", c.tool, out, err)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	if got := (letter.Printer{}).Missing("欧阳喆龘 A1〔〕“”——…"); len(got) != 0 {
		t.Errorf("missing %q", string(got))
	}
	if got := (letter.Printer{}).Missing("𠮷野\U0001F600"); string(got) != "𠮷\U0001F600" {
		t.Errorf("missing %q", string(got))
	}
}

// FuzzLetter: no text makes a letter fail, whatever the font has not and XML
// may not hold.
func FuzzLetter(f *testing.F) {
	f.Add(sample)
	f.Add("{{标题行}}\U0001F600𠮷\n{{文号行}}\x00\x01\ufffe\n{{称谓行}}\n{{落款行}}\n{{x}}\n> \n- \n\u202e右\t左")
	f.Add(strings.Repeat("A", 3000))
	f.Add(strings.Repeat("，", 200) + strings.Repeat("（", 200))
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 20000 {
			return
		}
		if _, err := (letter.Printer{}).PDF(text, at); err != nil {
			t.Fatal(err)
		}
		docx, err := letter.Printer{}.DOCX(text, at)
		if err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
		if err != nil {
			t.Fatal(err)
		}
		r, err := z.Open("word/document.xml")
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(r); ; {
			if _, err := d.Token(); err == io.EOF {
				return
			} else if err != nil {
				t.Fatalf("the document is no XML: %v", err)
			}
		}
	})
}

// TestBookletAndPoster read back with another program: the cover, a table of contents
// whose page numbers hold, every text, and the size of the sheet.
func TestBookletAndPoster(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("第一条 为了加强城市供水用水管理，保障生活用水，制定本规定。\n\n", 60)
	parts := []letter.Part{{Title: "清河市城市供水用水规定", Note: "清河市人民政府令第40号", Text: "# 第一章 总则\n\n" + long}, {Title: "关于供水价格的通知", Text: "| 类别 | 元 |\n|---|---|\n| 居民 | 2.8 |\n\n**自即日起**施行。"}, {Title: "任免", Text: "𠮷某某任局长。"}}
	file, err := letter.Printer{}.Booklet([]string{"清河市人民政府公报", "2026年第3期"}, "目录", parts, at)
	if err != nil {
		t.Fatal(err)
	}
	again, err := letter.Printer{}.Booklet([]string{"清河市人民政府公报", "2026年第3期"}, "目录", parts, at)
	if err != nil || !bytes.Equal(file, again) {
		t.Errorf("the same booklet comes out differently (%v)", err)
	}
	pages := read(t, file)
	if !strings.Contains(pages[0], "清河市人民政府公报") || !strings.Contains(pages[0], "2026年第3期") {
		t.Errorf("the cover: %q", pages[0])
	}
	for i, p := range parts {
		on := slices.IndexFunc(pages[2:], func(s string) bool { return strings.Contains(s, p.Title) }) + 3
		if !strings.Contains(pages[1], p.Title+strconv.Itoa(on)) {
			t.Errorf("the table of contents does not say that %s begins on page %d: %q", p.Title, on, pages[1])
		}
		if i == 1 && (!strings.Contains(pages[on-1], "类别元") || !strings.Contains(pages[on-1], "居民2.8") || strings.Contains(pages[on-1], "---") || strings.Contains(pages[on-1], "**")) {
			t.Errorf("a table: %q", pages[on-1])
		}
	}
	for size, want := range map[string]string{"A3": "841.89 x 1190.55", "A4": "595.28 x 841.89", "": "595.28 x 841.89"} {
		file, err := letter.Printer{}.Poster(parts[1], "Q37009014/2026-00001", size, at)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(t.TempDir(), "poster.pdf")
		if err := os.WriteFile(name, file, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("pdfinfo", name).Output()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("a poster of size %q: %s %v", size, out, err)
		}
		if got := read(t, file)[0]; !strings.Contains(got, "关于供水价格的通知") || !strings.Contains(got, "Q37009014/2026-00001") {
			t.Errorf("the poster: %q", got)
		}
	}
}

// read is the text of the pages of a PDF, without blanks.
func read(t *testing.T, file []byte) []string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	pages := strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
	for i := range pages {
		pages[i] = strings.Join(strings.Fields(strings.ReplaceAll(pages[i], "　", "")), "")
	}
	return pages
}
