package importer_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gongkai/cmd/wire"

	"github.com/xuri/excelize/v2"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/importer"
	"gongkai/portal/portaltest"
	"gongkai/portal/table"
	"gongkai/store"
)

var (
	by  = portal.System("test")
	now = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)
)

func open(t testing.TB) *store.Store {
	t.Helper()
	st, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

func options(refused *[]importer.Refusal) importer.Options {
	return importer.Options{Workbook: table.XLSX, Now: func() time.Time { return now }, Refused: func(r importer.Refusal) { *refused = append(*refused, r) }}
}

func xlsx(t testing.TB, rows [][]any) string {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", cell, &r); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

// TestFormats reads the same two rows in every format.
func TestFormats(t *testing.T) {
	t.Parallel()
	csv := "\uFEFF标题,文号,成文日期,正文,主题分类,有效性\n甲办法,清政发〔2024〕1号,2024年5月1日,第一条 甲。,04,有效\n乙通知,,2024/6/2,乙,民政、扶贫、救灾,已废止\n"
	jsonl := `{"title":"甲办法","number":"清政发〔2024〕1号","dated":"2024-05-01","body":"第一条 甲。","theme":"04","validity":"in_force"}` + "\n\n" + `{"title":"乙通知","dated":"2024-06-02","body":"乙","theme":"民政、扶贫、救灾","validity":"已废止"}` + "\n"
	sheet := xlsx(t, [][]any{{"标题", "文号", "成文日期", "正文", "主题分类", "有效性"}, {"甲办法", "清政发〔2024〕1号", "2024-05-01", "第一条 甲。", "04", "有效"}, {"乙通知", "", time.Date(2024, 6, 2, 0, 0, 0, 0, time.UTC), "乙", "民政、扶贫、救灾", "已废止"}})
	for name, file := range map[string]string{"csv": csv, "csv.gz": zipped(csv), "jsonl": jsonl, "jsonl.gz": zipped(jsonl), "xlsx": sheet} {
		t.Run(name, func(t *testing.T) {
			st := open(t)
			var refused []importer.Refusal
			rep, err := importer.Documents(context.Background(), wire.Import(st), by, strings.NewReader(file), options(&refused))
			if err != nil || rep.Added != 2 || len(refused) != 0 {
				t.Fatalf("%+v, %v, %v", rep, refused, err)
			}
			rows := st.Catalogue.Browse(portal.Browse{Page: 1, Size: 10, Sort: portal.SortOldest}).Rows
			a, b := rows[0], rows[1]
			if a.Title != "甲办法" || a.Number != "清政发〔2024〕1号" || a.Formed.String() != "2024-05-01" || a.Theme != "04" || a.Genre != "regulation" || a.Organs[0] != "imported" {
				t.Errorf("first row: %+v", a)
			}
			if b.Formed.String() != "2024-06-02" || b.Theme != "17" || b.Validity != "repealed" || b.Genre != "notice" {
				t.Errorf("second row: %+v", b)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ row, field string }{
		"no title":           {`{"body":"x"}`, "title"},
		"no body":            {`{"title":"x"}`, "body"},
		"no such day":        {`{"title":"x","body":"x","dated":"2024-02-30"}`, "formed"},
		"in the future":      {`{"title":"x","body":"x","published":"2027-01-01"}`, "published"},
		"no such organ":      {`{"title":"x","body":"x","organ":"nowhere"}`, "organ"},
		"no such theme":      {`{"title":"x","body":"x","theme":"astrology"}`, "theme"},
		"repealed before":    {`{"title":"x","body":"x","effective":"2024-01-02","repealed":"2024-01-01"}`, "repealed"},
		"a title too long":   {`{"title":"` + strings.Repeat("长", 301) + `","body":"x"}`, "title"},
		"not JSON":           {`{"title":`, ""},
		"not JSON of a row":  {`{"title":"x"} trailing`, ""},
		"no day in a number": {`{"title":"x","body":"x","dated":20241399}`, "formed"},
	} {
		t.Run(name, func(t *testing.T) {
			var refused []importer.Refusal
			rep, err := importer.Documents(context.Background(), wire.Import(open(t)), by, strings.NewReader(tt.row+"\n"+`{"title":"good","body":"x"}`), options(&refused))
			if err != nil || rep.Added != 1 || len(refused) != 1 || refused[0].Line != 1 || refused[0].Problems[0].Field != tt.field {
				t.Errorf("%+v, %+v, %v", rep, refused, err)
			}
		})
	}
}

func TestSameRowsOfOneFileAreKept(t *testing.T) {
	t.Parallel()
	st, row := open(t), `{"title":"同","body":"x"}`+"\n"
	var refused []importer.Refusal
	for i, want := range []documents.ImportResult{{Added: 3}, {Same: 3}} {
		rep, err := importer.Documents(context.Background(), wire.Import(st), by, strings.NewReader(row+row+row), options(&refused))
		if err != nil || rep.ImportResult != want {
			t.Errorf("run %d: %+v, %v", i+1, rep, err)
		}
	}
}

func TestOnlyImportersImport(t *testing.T) {
	t.Parallel()
	var refused []importer.Refusal
	editor := portal.Actor{Login: "e", Grants: []portal.Grant{{Role: portal.Editor, Organs: []portal.OrganCode{"a"}}}}
	if _, err := importer.Documents(context.Background(), wire.Import(open(t)), editor, strings.NewReader(`{}`), options(&refused)); portal.KindOf(err) != portal.Forbidden {
		t.Errorf("err = %v", err)
	}
}

// FuzzImport checks that no file makes the import fail otherwise than by a
// reason for the reader, and that every row is counted once.
func FuzzImport(f *testing.F) {
	f.Add([]byte(`{"title":"x","body":"y"}`))
	f.Add([]byte("title,body\nx,y\n\"unclosed,z\n"))
	f.Add([]byte(zipped("title,body\nx,y")))
	f.Add([]byte("PK\x03\x04nonsense"))
	f.Add([]byte{0x1f, 0x8b, 0})
	st := open(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var refused []importer.Refusal
		opt := options(&refused)
		opt.DryRun = true
		rep, err := importer.Documents(context.Background(), wire.Import(st), by, bytes.NewReader(b), opt)
		if err == nil && rep.Rows != rep.Added+rep.Changed+rep.Same+rep.Refused {
			t.Errorf("%+v", rep)
		}
		if len(refused) != rep.Refused {
			t.Errorf("%d refusals told, %d counted", len(refused), rep.Refused)
		}
	})
}

// TestCases imports the small files from what users of other systems reported:
// each reads right, or is refused in plain words.
func TestCases(t *testing.T) {
	t.Parallel()
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{ // titles with the day formed; what is refused behind a line number
		"01-gbk.csv":               "关于冬季供暖补贴的通知甲一 2024-11-05",
		"01c-gbk-ascii-header.csv": "关于冬季供暖补贴的通知甲六 2024-11-05",
		"02-semicolon.csv":         "关于冬季供暖补贴的通知甲二 2024-11-05",
		"02b-tab.csv":              "关于冬季供暖补贴的通知甲三 2024-11-05",
		"02d-cr-only.csv":          "关于冬季供暖补贴的通知甲五 2024-11-05",
		"03-title-row.xlsx":        "关于节约用水的通知乙一 2023-03-15",
		"04-date1904.xlsx":         "关于苹果电脑所制表格日期的通知丙一 2019-05-15",
		"05-bigint.jsonl":          "关于大整数编号的通知丁一 2024-11-01|关于大整数编号的通知丁三 2024-11-01|关于大整数编号的通知丁二 2024-11-01",
		"05c-array.json":           "关于数组的通知丁七 2024-11-01|关于数组的通知丁六 2024-11-01",
		"06b-quote-merge.csv":      `"十四五"规划纲要戊五 2024-01-05|关于开会的通知戊六 2024-01-06|关于放假的通知戊七 2024-01-07`,
		"07-instant.jsonl":         "关于时刻的通知己一 2024-05-16|关于时刻的通知己二 2024-05-16",
		"07b-dates.csv":            "日期一 2024-05-16|日期七 2024-05-16|日期三 2024-05-16|日期二 2024-05-16|日期五 2024-05-16|日期八 2024-05-16|日期六 2024-05-16|日期四 2024-05-16",
		"17-control.jsonl":         "关于控制字符的通知巳一 2024-11-01",
		"33-zerowidth.jsonl":       "关于申请未一公租房的通知 2024-11-01",
		"40-future.jsonl":          "1: formed error.future|2: repealed error.repealed_before_effective",
	} {
		t.Run(name, func(t *testing.T) {
			st := open(t)
			var refused []importer.Refusal
			opt := options(&refused)
			opt.Now = func() time.Time { return now.In(shanghai) }
			file := portaltest.Shared(t, "cases/"+name)
			if _, err := importer.Documents(t.Context(), wire.Import(st), by, bytes.NewReader(file), opt); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range st.Catalogue.Browse(portal.Browse{Page: 1, Size: 20}).Rows {
				got = append(got, r.Title+" "+r.Formed.String())
			}
			for _, r := range refused {
				got = append(got, fmt.Sprintf("%d: %s %s", r.Line, r.Problems[0].Field, r.Problems[0].Key))
			}
			slices.Sort(got)
			if x := strings.Join(got, "|"); x != want {
				t.Errorf("%s\nwant %s", x, want)
			}
			refused = nil
			if rep, err := importer.Documents(t.Context(), wire.Import(st), by, bytes.NewReader(file), opt); err != nil || rep.Added != 0 || rep.Changed != 0 {
				t.Errorf("a second run: %+v, %v", rep, err)
			}
		})
	}
}

// TestNoList: what is no list, has no column that is known, or an empty first
// sheet, is one error that says what was seen.
func TestNoList(t *testing.T) {
	t.Parallel()
	empty := excelize.NewFile()
	if _, err := empty.NewSheet("目录"); err != nil {
		t.Fatal(err)
	}
	if err := empty.SetSheetRow("目录", "A1", &[]any{"标题", "正文"}); err != nil {
		t.Fatal(err)
	}
	if err := empty.SetSheetRow("目录", "A2", &[]any{"甲办法", "正文"}); err != nil {
		t.Fatal(err)
	}
	var book bytes.Buffer
	if err := empty.Write(&book); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ file, key, args string }{
		"prose":           {strings.Repeat("这是一份说明，没有列。\n", 6000), "error.import_columns", "标题/title"},
		"other columns":   {"姓名,电话\n甲,1\n", "error.import_columns", "姓名, 电话"},
		"code":            {"{ not json }\n" + strings.Repeat("x = 1\n", 6677), "error.import_no_list", ""},
		"empty sheet":     {book.String(), "error.import_sheet_empty", "目录"},
		"blank":           {" \n\n", "error.import_empty", ""},
		"broken workbook": {"PK\x03\x04 nothing", "error.file_damaged", ""},
	} {
		var refused []importer.Refusal
		_, err := importer.Documents(t.Context(), wire.Import(open(t)), by, strings.NewReader(c.file), options(&refused))
		e, ok := errors.AsType[*portal.Error](err)
		if !ok || len(e.Problems) != 1 || e.Problems[0].Key != c.key || !strings.Contains(fmt.Sprint(e.Problems[0].Args), c.args) || len(refused) > 0 {
			t.Errorf("%s: %v %v, %d rows refused", name, err, e, len(refused))
		}
	}
	var refused []importer.Refusal
	opt := options(&refused)
	opt.Sheet = "目录"
	if rep, err := importer.Documents(t.Context(), wire.Import(open(t)), by, &book, opt); err != nil || rep.Added != 1 {
		t.Errorf("the sheet by name: %+v, %v", rep, err)
	}
}

// TestDayOrder: a column tells by one day above 12 how all of it is written;
// one that does not tell is asked about.
func TestDayOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ days, order, want string }{
		"day first":   {"05/06/2024 16/05/2024", "", "2024-06-05 2024-05-16"},
		"month first": {"05/06/2024 05/16/2024", "", "2024-05-06 2024-05-16"},
		"not told":    {"05/06/2024 07/08/2024", "", "error.date_order error.date_order"},
		"said":        {"05/06/2024 07/08/2024", importer.DayFirst, "2024-06-05 2024-08-07"},
		"contrary":    {"13/06/2024 06/13/2024", "", "2024-06-13 2024-06-13"},
	} {
		st := open(t)
		var refused []importer.Refusal
		opt := options(&refused)
		opt.Days = c.order
		days := strings.Fields(c.days)
		file := "标题,正文,成文日期\n甲通知,甲," + days[0] + "\n乙通知,乙," + days[1] + "\n"
		if _, err := importer.Documents(t.Context(), wire.Import(st), by, strings.NewReader(file), opt); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, title := range []string{"甲通知", "乙通知"} {
			for _, r := range st.Catalogue.Browse(portal.Browse{Page: 1, Size: 20}).Rows {
				if r.Title == title {
					got = append(got, r.Formed.String())
				}
			}
		}
		for _, r := range refused {
			got = append(got, r.Problems[0].Key)
		}
		if x := strings.Join(got, " "); x != c.want {
			t.Errorf("%s: %s, want %s", name, x, c.want)
		}
	}
}

// FuzzRows: whatever a file holds, an import ends, and what it takes in is
// UTF-8 without a lost character.
func FuzzRows(f *testing.F) {
	for _, s := range []string{"title,body\na,\"b\n", "[{\"title\":\"x\"}]", "{\"title\":1e400}\n", "sep=;\ntitle;formed\nx;1/2/2024", "\xff\xfet\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		st := open(t)
		var refused []importer.Refusal
		if _, err := importer.Documents(t.Context(), wire.Import(st), by, bytes.NewReader(b), options(&refused)); err != nil {
			return
		}
		for _, r := range st.Catalogue.Browse(portal.Browse{Page: 1, Size: 100}).Rows {
			if !utf8.ValidString(r.Title) || strings.ContainsRune(r.Title, utf8.RuneError) {
				t.Errorf("%q", r.Title)
			}
		}
	})
}
