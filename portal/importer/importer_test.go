package importer_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"gongkai/portal"
	"gongkai/portal/importer"
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
	return importer.Options{Now: func() time.Time { return now }, Refused: func(r importer.Refusal) { *refused = append(*refused, r) }}
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
	csv := "\uFEFF标题,文号,成文日期,正文,主题分类,有效性\n甲办法,清政发〔2024〕1号,2024年5月1日,第一条 甲。,04,有效\n乙通知,,2024/6/2,乙,民政、扶贫、救灾,已废止\n"
	jsonl := `{"title":"甲办法","number":"清政发〔2024〕1号","dated":"2024-05-01","body":"第一条 甲。","theme":"04","validity":"in_force"}` + "\n\n" + `{"title":"乙通知","dated":"2024-06-02","body":"乙","theme":"民政、扶贫、救灾","validity":"已废止"}` + "\n"
	sheet := xlsx(t, [][]any{{"标题", "文号", "成文日期", "正文", "主题分类", "有效性"}, {"甲办法", "清政发〔2024〕1号", "2024-05-01", "第一条 甲。", "04", "有效"}, {"乙通知", "", time.Date(2024, 6, 2, 0, 0, 0, 0, time.UTC), "乙", "民政、扶贫、救灾", "已废止"}})
	for name, file := range map[string]string{"csv": csv, "csv.gz": zipped(csv), "jsonl": jsonl, "jsonl.gz": zipped(jsonl), "xlsx": sheet} {
		t.Run(name, func(t *testing.T) {
			st := open(t)
			var refused []importer.Refusal
			rep, err := importer.Documents(context.Background(), st, by, strings.NewReader(file), options(&refused))
			if err != nil || rep.Added != 2 || len(refused) != 0 {
				t.Fatalf("%+v, %v, %v", rep, refused, err)
			}
			rows := st.Browse(portal.Browse{Page: 1, Size: 10, Sort: portal.SortOldest}).Rows
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
		"a number for a day": {`{"title":"x","body":"x","dated":20240101}`, "formed"},
	} {
		t.Run(name, func(t *testing.T) {
			var refused []importer.Refusal
			rep, err := importer.Documents(context.Background(), open(t), by, strings.NewReader(tt.row+"\n"+`{"title":"good","body":"x"}`), options(&refused))
			if err != nil || rep.Added != 1 || len(refused) != 1 || refused[0].Line != 1 || refused[0].Problems[0].Field != tt.field {
				t.Errorf("%+v, %+v, %v", rep, refused, err)
			}
		})
	}
}

func TestSameRowsOfOneFileAreKept(t *testing.T) {
	st, row := open(t), `{"title":"同","body":"x"}`+"\n"
	var refused []importer.Refusal
	for i, want := range []portal.ImportResult{{Added: 3}, {Same: 3}} {
		rep, err := importer.Documents(context.Background(), st, by, strings.NewReader(row+row+row), options(&refused))
		if err != nil || rep.ImportResult != want {
			t.Errorf("run %d: %+v, %v", i+1, rep, err)
		}
	}
}

func TestOnlyImportersImport(t *testing.T) {
	var refused []importer.Refusal
	editor := portal.Actor{Login: "e", Grants: []portal.Grant{{Role: portal.Editor, Organs: []portal.OrganCode{"a"}}}}
	if _, err := importer.Documents(context.Background(), open(t), editor, strings.NewReader(`{}`), options(&refused)); portal.KindOf(err) != portal.Forbidden {
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
		rep, err := importer.Documents(context.Background(), st, by, bytes.NewReader(b), opt)
		if err == nil && rep.Rows != rep.Added+rep.Changed+rep.Same+rep.Refused {
			t.Errorf("%+v", rep)
		}
		if len(refused) != rep.Refused {
			t.Errorf("%d refusals told, %d counted", len(refused), rep.Refused)
		}
	})
}
