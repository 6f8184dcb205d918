package extract_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gongkai/portal"
	"gongkai/portal/extract"
	"gongkai/portal/locale"
	"gongkai/portal/portaltest"
)

func fixture(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// squeeze leaves out what formats write differently around the same words: blanks,
// bars of tables, marks of headings.
func squeeze(s string) string {
	return strings.NewReplacer(" ", "", "\n", "", "|", "", "#", "", "\f", "").Replace(s)
}

// TestSameText: the same text, saved by LibreOffice in six formats, is the same text.
func TestSameText(t *testing.T) {
	t.Parallel()
	want := ""
	for _, ending := range []string{"odt", "docx", "doc", "rtf", "pdf", "html"} {
		r, err := read(t, fixture(t, "formats/src."+ending))
		if err != nil {
			t.Errorf("%s: %v", ending, err)
			continue
		}
		if got := squeeze(r.Text()); want == "" {
			want = got
		} else if got != want {
			t.Errorf("%s: %q, want %q", ending, got, want)
		}
	}
	if !strings.Contains(want, "第一条城市最低生活保障标准调整为每人每月八百二十元。地区标准（元）城区820乡镇760") {
		t.Errorf("%q", want)
	}
}

// TestUnseen: what a workbook or presentation hides is in no text, and all of it is
// told apart, in every format.
func TestUnseen(t *testing.T) {
	t.Parallel()
	for _, ending := range []string{"xlsx", "xls", "ods"} {
		r, err := read(t, fixture(t, "formats/hidden."+ending))
		if err != nil {
			t.Errorf("%s: %v", ending, err)
			continue
		}
		if squeeze(r.Text()) != "Sheet1街道户数人民路12文昌路3.5" {
			t.Errorf("%s shows %q", ending, r.Text())
		}
		told := ""
		for _, u := range r.Unseen {
			told += u.Place.Key + " " + u.Text + "\n"
		}
		for _, want := range []string{"隐藏列甲", "隐藏行乙", "批注丙 13812345678", "身份证丁11010519491231002X", "place.hidden_sheet", "place.hidden_rows", "place.comment"} {
			if !strings.Contains(told, want) {
				t.Errorf("%s does not tell %q: %s", ending, want, told)
			}
		}
	}
	for _, ending := range []string{"pptx", "odp"} {
		r, err := read(t, fixture(t, "formats/slides."+ending))
		if err != nil || len(r.Pages) != 3 || !strings.Contains(r.Pages[2], "第三张庚") || strings.Contains(r.Text(), "己") || len(r.Unseen) < 2 {
			t.Errorf("%s: %+v, %v", ending, r, err)
		}
	}
}

// TestHostileFolder: each file that was made to do harm is refused in words, or read
// without what it was made for, and the reader lives.
func TestHostileFolder(t *testing.T) {
	t.Parallel()
	refused := map[string]string{"locked.odt": "error.file_password", "locked.ofd": "error.file_password", "locked.doc": "error.file_password", "cut.docx": "error.file_damaged", "empty.doc": "error.file_damaged",
		"script.html": "error.file_active", "frame.html": "error.file_active", "link.html": "error.file_active", "refresh.html": "error.file_active", "plain.svg": "error.file_active", "name.jpg": "error.file_active",
		"prog.pdf": "error.file_type", "js.pdf": "error.file_script", "zip_behind.pdf": "error.file_two", "html_behind.png": "error.file_two", "zip_behind.png": "error.file_two", "huge.png": "error.picture_large",
		"none.pptx": "error.file_damaged", "climb.ofd": "error.file_damaged", "xxe.docx": "error.file_damaged", "xxe.pptx": "error.file_damaged", "xxe.odt": "error.file_damaged"}
	names, err := filepath.Glob("testdata/hostile/*")
	if err != nil || len(names) < 40 {
		t.Fatal(len(names), err)
	}
	for _, n := range names {
		n := filepath.Base(n)
		t.Run(n, func(t *testing.T) {
			t.Parallel()
			r, err := read(t, fixture(t, "hostile/"+n))
			if want := refused[n]; want != "" && keyOf(err) != want {
				t.Errorf("%v, want %s", err, want)
			}
			if err != nil && portal.KindOf(err) != portal.Invalid {
				t.Errorf("%v", err)
			}
			if strings.Contains(r.Text(), "root:") || strings.Contains(r.Text(), "lollol") {
				t.Errorf("an entity was followed: %.100q", r.Text())
			}
		})
	}
}

// TestDrawnHarmless: a page of a hostile OFD as a picture holds no script.
func TestDrawnHarmless(t *testing.T) {
	t.Parallel()
	for _, n := range []string{"script.ofd", "numbers.ofd", "steps.ofd"} {
		d, err := portaltest.Reader(t).Draw(t.Context(), portaltest.Open(t, file(t, fixture(t, "hostile/"+n))), 1)
		if err != nil {
			t.Errorf("%s: %v", n, err)
		}
		if strings.Contains(string(d.SVG), "<script") || strings.Contains(string(d.SVG), "NaN") {
			t.Errorf("%s: %s", n, d.SVG)
		}
	}
}

// TestUnpackNames: names in the encodings of other systems are read.
func TestUnpackNames(t *testing.T) {
	t.Parallel()
	var names []string
	f := portaltest.Open(t, file(t, string(portaltest.Shared(t, "real/hostile/tika_testZipEntryNameCharsetShiftSJIS.zip"))))
	if err := portaltest.Reader(t).Unpack(t.Context(), f, func(e extract.Entry) error { names = append(names, e.Name); return nil }); err != nil {
		t.Fatal(err)
	}
	t.Log(names)
	if len(names) == 0 || strings.ContainsRune(strings.Join(names, ""), '\uFFFD') {
		t.Errorf("%q", names)
	}
}

// TestRecognise: the text of a scanned letter and of a photograph is read where
// tesseract is installed, page by page, and what was recognised is marked as such;
// elsewhere they say that they are scans.
func TestRecognise(t *testing.T) {
	t.Parallel()
	reader := portaltest.Reader(t)
	for name, pages := range map[string]string{"scan.pdf": "1", "scan.jpg": "1"} {
		f := portaltest.Open(t, filepath.Join("testdata/formats", name))
		kind, r, err := reader.Look(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if err := reader.Recognise(t.Context(), f, kind, &r); err != nil || strings.TrimSpace(r.Text()) != "" || len(r.Scans) == 0 || len(r.Notes) == 0 {
			t.Errorf("%s without tesseract: %+v, %v", name, r, err)
		}
		with := reader
		with.OCR = portaltest.Recogniser(t)
		if err := with.Recognise(t.Context(), f, kind, &r); err != nil {
			t.Fatal(err)
		}
		if got := squeeze(r.Text()); !strings.Contains(got, "第一条城市最低生活保障标准调整为每人每月八百二十元") || !strings.Contains(got, "关于调整最低生活保障标准的通知") {
			t.Errorf("%s: %q", name, r.Text())
		}
		marked := ""
		for _, n := range r.Notes {
			marked += n.Key + " "
			if n.Key == "read.recognised" && n.Args["Pages"] != pages {
				t.Errorf("%s: %+v", name, n)
			}
		}
		if want := map[string]string{"scan.pdf": "read.recognised read.no_words ", "scan.jpg": "read.recognised "}[name]; marked != want {
			t.Errorf("%s: notes %q, want %q", name, marked, want)
		}
	}
}

// TestRealDocuments reads every document of ../shared/real/documents, which others made:
// each is read, or refused in words. The table of docs/formats.md is what it logs with -v.
func TestRealDocuments(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../../../shared/real/documents/*")
	if err != nil || len(names) == 0 {
		t.Skip("../shared/real/documents is not there")
	}
	refused := map[string]string{"pdfplumber_password-example.pdf": "error.file_password", "tabula_encrypted.pdf": "error.file_password", "tika_中文.xml": "error.file_active"}
	says := map[string]string{"ofdrw_helloworld.ofd": "OFD", "ofdrw_文字横向-数科.ofd": "", "pdfplumber_issue-71-duplicate-chars.pdf": "", "yancheng_2021_requirements.doc": "", "shenzhen_record.doc": "", "yancheng_2020_final_accounts.pdf": "决算", "tika_footnotes.docx": "", "tika_testWPSAttachment.xlsx": ""}
	reader := portaltest.Reader(t)
	texts := locale.In("en")
	for _, path := range names {
		name := filepath.Base(path)
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		t.Run(name, func(t *testing.T) {
			kind, r, err := reader.Look(t.Context(), portaltest.Open(t, path))
			if err != nil {
				e, ok := errors.AsType[*portal.Error](err)
				if !ok || e.Kind != portal.Invalid || e.Key == "error.unreadable" {
					t.Fatalf("no refusal in words: %v", err)
				}
				if want := refused[name]; want != "" && e.Key != want {
					t.Errorf("%s, want %s", e.Key, want)
				}
				t.Logf("| %s | | | | refused: %s |", name, texts.Args(e.Key, e.Args))
				return
			}
			if want := refused[name]; want != "" {
				t.Errorf("read, want %s", want)
			}
			var notes []string
			for _, n := range r.Notes {
				notes = append(notes, texts.Args(n.Key, n.Args))
			}
			text := strings.TrimSpace(r.Text())
			if text == "" && len(notes) == 0 {
				t.Error("no text, and not a word about it")
			}
			if !strings.Contains(text, says[name]) {
				t.Errorf("%q lacks %q", text, says[name])
			}
			if strings.ContainsRune(text, '\uFFFD') {
				t.Error("text that is garbled")
			}
			t.Logf("| %s | %s | %d | %d | %s |", name, strings.TrimPrefix(extract.Ending(kind), "."), len(r.Pages), len([]rune(text)), strings.Join(notes, "; "))
		})
	}
}
