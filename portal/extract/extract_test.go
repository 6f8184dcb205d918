package extract_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"gongkai/portal"
	"gongkai/portal/extract"
	"gongkai/portal/portaltest"
)

func file(t *testing.T, content string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// read tells a file's type and reads it in a child.
func read(t *testing.T, content string) (extract.Result, error) {
	t.Helper()
	p := file(t, content)
	reader := portaltest.Reader(t)
	kind, err := reader.Type(t.Context(), portaltest.Open(t, p))
	if err != nil {
		return extract.Result{}, err
	}
	return reader.Read(t.Context(), portaltest.Open(t, p), kind)
}

// keyOf is the message of an error.
func keyOf(err error) string {
	if e, ok := errors.AsType[*portal.Error](err); ok {
		return e.Key
	}
	return ""
}

// TestPDF reads a PDF, with poppler on the machine and without: there is one
// reader.
func TestPDF(t *testing.T) {
	portaltest.Cache(t) // which needs the PATH that is taken away here
	for name, path := range map[string]string{"poppler": os.Getenv("PATH"), "none": ""} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", path)
			if r, err := read(t, portaltest.PDF()); err != nil || !strings.Contains(r.Text(), "Qilin Street water supply") {
				t.Errorf("%q, %v", r.Text(), err)
			}
		})
	}
}

// TestEncodings: each is recognised, without a mark too, or refused with what
// was tried.
func TestEncodings(t *testing.T) {
	t.Parallel()
	const want = "关于检修期间停水的通知，请相互转告。"
	const traditional = "關於檢修期間停水的通知，請相互轉告。"
	utf16 := func(e unicode.Endianness, mark unicode.BOMPolicy, s string) string {
		out, err := unicode.UTF16(e, mark).NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(want)
	if err != nil {
		t.Fatal(err)
	}
	big5, err := traditionalchinese.Big5.NewEncoder().String(traditional)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ in, want string }{
		"UTF-8": {"\xef\xbb\xbf" + want, want}, "GB 18030": {gb, want}, "Big5": {big5, traditional},
		"UTF-16 LE": {utf16(unicode.LittleEndian, unicode.UseBOM, want), want}, "UTF-16 BE": {utf16(unicode.BigEndian, unicode.UseBOM, want), want},
		"UTF-16 LE bare": {utf16(unicode.LittleEndian, unicode.IgnoreBOM, want), want}, "UTF-16 BE bare": {utf16(unicode.BigEndian, unicode.IgnoreBOM, want+"\n"), want + "\n"},
		"Latin": {"R\xe9sum\xe9 des d\xe9cisions", "Résumé des décisions"}, "English": {"Notice of repair", "Notice of repair"}, "nothing": {"", ""},
	} {
		if text, _, err := extract.Decode([]byte(c.in)); err != nil || text != c.want {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	for name, in := range map[string]string{"noise": "\x81\x00\xfe\xff\x90\x12\xe2\x03\xff\xff", "lost characters": "关于\uFFFD\uFFFD的通知\xff"} {
		_, _, err := extract.Decode([]byte(in))
		e, ok := errors.AsType[*portal.Error](err)
		if !ok || e.Key != "error.encoding" || !strings.Contains(e.Args["Tried"].(string), "Big5") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	for bad, key := range map[string]string{"MZ\x90\x00\x03": "error.file_type", "<html><script>": "error.file_active", "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>": "error.file_active", "\x7fELF\x02\x01\x01": "error.file_type"} {
		if kind, err := portaltest.Reader(t).Type(t.Context(), portaltest.Open(t, file(t, bad))); portal.KindOf(err) != portal.Invalid || keyOf(err) != key {
			t.Errorf("%q was taken for %q, %v", bad, kind, err)
		}
	}
	if kind, err := portaltest.Reader(t).Type(t.Context(), portaltest.Open(t, file(t, "# 标题\n\n正文"))); err != nil || kind != "text/plain" {
		t.Errorf("Markdown: %q, %v", kind, err)
	}
}

// TestCases reads the small files from what users of other systems reported.
func TestCases(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		has, lacks []string
		note       string
	}{
		"01-gbk.csv":               {has: []string{"关于冬季供暖补贴的通知甲一"}},
		"01c-gbk-ascii-header.csv": {has: []string{"关于冬季供暖补贴的通知甲六"}},
		"01e-utf16-notepad.txt":    {has: []string{"关于记事本保存为统一码的通知酉一"}},
		"03-title-row.xlsx":        {has: []string{"| 关于节约用水的通知乙一 | 清水〔2024〕3号 | 2023-03-15 |"}},
		"04-date1904.xlsx":         {has: []string{"2019-05-15"}},
		"08-textbox.docx":          {has: []string{"前半句后半句", "庚一文本框里的联系人科室"}},
		"09-ruby.docx":             {has: []string{"关于兖州区旧城改造辛一的通知"}, lacks: []string{"yǎn"}},
		"10-tracked.docx":          {has: []string{"罚款三千元以下", "壬一被移走的段落"}, lacks: []string{"五千元", "隐藏文字"}, note: "read.hidden"},
		"11-kangxi.pdf":            {has: []string{"关于用水户金额的文件", "申请人高小龙，住址文昌路方马巷一号"}},
		"13b-gbk-euc.pdf":          {has: []string{"子二关于下达防汛资金的通知"}},
		"14-lineend.pdf":           {has: []string{"寅一为了推进农村危房改造工作，现就居民最低生活保障标准的调整通知如下"}},
		"hostile/prev.pdf":         {has: []string{"Hello disclosure"}},
	} {
		r, err := read(t, string(portaltest.Shared(t, "cases/"+name)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, w := range c.has {
			if strings.Count(r.Text(), w) != 1 {
				t.Errorf("%s: %q stands %d times in %q", name, w, strings.Count(r.Text(), w), r.Text())
			}
		}
		for _, w := range c.lacks {
			if strings.Contains(r.Text(), w) {
				t.Errorf("%s: %q in %q", name, w, r.Text())
			}
		}
		if c.note != "" && !noted(r, c.note) {
			t.Errorf("%s: no %s in %v", name, c.note, r.Notes)
		}
	}
}

func noted(r extract.Result, key string) bool {
	for _, n := range r.Notes {
		if n.Key == key {
			return true
		}
	}
	return false
}

// TestReal reads documents that others made, or refuses them by name.
func TestReal(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"documents/pdfplumber_password-example.pdf": "error.file_password", "documents/tabula_encrypted.pdf": "error.file_password", "hostile/tika_testUnicodePassword.pdf": "error.file_password",
		"hostile/tika_testWORD_protected_passtika.docx": "error.file_password", "hostile/oletools_encrypted.xlsx": "error.file_password", "documents/yancheng_ole_named_docx.docx": "中标单位：江苏协驰建设有限公司",
		"hostile/tika_testWORD_truncated.docx": "error.file_damaged", "hostile/tika_testXXE.xml": "error.file_active",
		"documents/pdfminer_issue-791-non-unicode-cmap.pdf": "read.broken_font", "documents/tika_testOCR.pdf": "read.scan", "documents/tika_testSubdocument.docx": "read.inserted",
		"documents/tika_footnotes.docx": "〔注：snoska〕", "documents/tika_testWORD_numbered_list.docx": "6. six", "documents/tika_testWORD_phonetic.docx": "東京", "documents/pdfminer_issue-625-identity-cmap.pdf": "Wirtualna Polska Media Spółka Akcyjna",
		"documents/yancheng_2020_final_accounts.pdf": "一所集医疗、教学、科研、康复、急救为一体的国家三级甲等综合性医院", "documents/yancheng_2022_posts.docx": "| 岗位 名称 |", "hostile/oletools_issue_251.rtf": "DOCUMENT IS PROTECTED",
	} {
		r, err := read(t, string(portaltest.Shared(t, "real/"+name)))
		switch {
		case strings.HasPrefix(want, "error."):
			if keyOf(err) != want {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case strings.HasPrefix(want, "read."):
			if !noted(r, want) {
				t.Errorf("%s: no %s in %v: %.100q", name, want, r.Notes, r.Text())
			}
		case !strings.Contains(r.Text(), want):
			t.Errorf("%s lacks %q: %.300q", name, want, r.Text())
		}
	}
}

// TestBrokenCharacterMap: letters that a font's map names as rare characters
// are not taken for text.
func TestBrokenCharacterMap(t *testing.T) {
	t.Parallel()
	cmap := "/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange 7 beginbfchar <0001> <7290> <0002> <7286> <0003> <729B> <0004> <FF13> <0005> <FF15> <0006> <4FE1> <0007> <606F> endbfchar endcmap end end"
	pdf := portaltest.Objects("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[4 0 R]/Count 1>>", "<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/Identity-H/DescendantFonts[6 0 R]/ToUnicode 7 0 R>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 5 0 R/Resources<</Font<</F1 3 0 R>>>>>>", portaltest.Stream("", "BT /F1 12 Tf 20 100 Td <0001000200030004000500060007> Tj ET"),
		"<</Type/Font/Subtype/CIDFontType2/BaseFont/SimSun/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 1000>>", portaltest.Stream("", cmap))
	r, err := read(t, pdf)
	if err != nil || !noted(r, "read.broken_font") || strings.Contains(r.Text(), "犐") {
		t.Errorf("%q, %v, %v", r.Text(), r.Notes, err)
	}
}

// TestRTF reads Chinese in both ways that RTF has for it, and nothing hidden.
func TestRTF(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"code page": `{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset134 \'cb\'ce\'cc\'e5;}}\f0 \'cd\'a3\'cb\'ae\'cd\'a8\'d6\'aa\par {\v secret}end}`,
		"unicode":   `{\rtf1\ansi\uc1{\*\generator x;}\u20572?\u27700?\u-28646?\u30693?\par end}`,
	} {
		r, err := read(t, in)
		if err != nil || r.Text() != "停水通知\nend" {
			t.Errorf("%s: %q, %v", name, r.Text(), err)
		}
	}
}

// TestHostile: whatever is in a file, the portal lives, and the sender reads
// that it could not be read, or what there was.
func TestHostile(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join(portaltest.SharedDir(t), "cases", "hostile", "*"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := read(t, string(b)); err != nil && portal.KindOf(err) != portal.Invalid {
			t.Errorf("%s: %v", filepath.Base(n), err)
		} else if strings.Contains(r.Text(), "root:") {
			t.Errorf("%s: an entity was read", filepath.Base(n))
		}
	}
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	for range 300 {
		if _, err := z.Write(bytes.Repeat([]byte("BT /F1 9 Tf 20 100 Td (x) Tj ET "), 4000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	bomb := portaltest.Objects("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[4 0 R]/Count 1>>", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 5 0 R/Resources<</Font<</F1 3 0 R>>>>>>", portaltest.Stream("/Filter/FlateDecode", b.String()))
	if _, err := read(t, bomb); err != nil && portal.KindOf(err) != portal.Invalid {
		t.Errorf("a stream of 38 MB in %d KB: %v", len(bomb)>>10, err)
	}
}

// FuzzReaders: every reader behind the child process ends without a panic, and
// gives UTF-8 without a lost character.
// FuzzTables: of whatever file tables are read, they are text and no larger than the
// limits.
func FuzzTables(f *testing.F) {
	f.Add([]byte("<!doctype html><table><tr><td rowspan=2>a<td colspan=99999>b<tr><td>c</table>"))
	f.Add([]byte("<table><tr><th>x</th></tr><table><tr><td>y</table></table><p>z"))
	names, _ := filepath.Glob("testdata/formats/*")
	for _, n := range names {
		if b, err := os.ReadFile(n); err == nil && len(b) < 40_000 && !strings.HasSuffix(n, ".pdf") {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.Contains(b, []byte("%PDF-")) { // PDFium starts slowly; other targets have it
			return
		}
		got, err := extract.TablesHere(b)
		if err != nil {
			return
		}
		for _, rows := range got.Tables {
			for _, r := range rows {
				for _, c := range r {
					if !utf8.ValidString(c) {
						t.Errorf("%q", c)
					}
				}
			}
		}
	})
}

func FuzzReaders(f *testing.F) {
	for _, s := range []string{"标题,正文\n甲,乙\n", "\"a\",b\n\"c", `{\rtf1\ansi \'cd\'a3 \u20572? {\*\x}}`, "PK\x03\x04", "sep=;\na;b\r", "\xff\xfea\x00"} {
		f.Add([]byte(s))
	}
	for _, folder := range []string{"formats", "hostile"} {
		names, _ := filepath.Glob("testdata/" + folder + "/*")
		for _, n := range names {
			if b, err := os.ReadFile(n); err == nil && len(b) < 40_000 {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, kind := range []string{"text/rtf", "text/csv", "text/plain", "text/html", "image/png", "image/jpeg", "application/msword", "application/vnd.ms-excel", "application/ofd", "application/vnd.oasis.opendocument.text", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"} {
			r, err := extract.ReadHere(b, kind)
			if err == nil && (!utf8.ValidString(r.Text()) || strings.ContainsRune(r.Text(), utf8.RuneError)) {
				t.Errorf("%s: %q", kind, r.Text())
			}
		}
	})
}

// TestMillionEntries: a ZIP whose directory names a million files takes memory
// of a child and none of the portal's.
func TestMillionEntries(t *testing.T) {
	t.Parallel()
	bomb := file(t, string(portaltest.ManyEntries(900_000)))
	reader := portaltest.Reader(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	kind, err := reader.Type(t.Context(), portaltest.Open(t, bomb))
	runtime.ReadMemStats(&after)
	if kind != "" || keyOf(err) != "error.file_damaged" && keyOf(err) != "error.file_type" {
		t.Errorf("taken for %q, %v", kind, err)
	}
	if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 16 {
		t.Errorf("the portal took %d MB", took)
	}
}
