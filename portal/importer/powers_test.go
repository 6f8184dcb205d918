package importer_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/importer"
	"gongkai/portal/portaltest"
	"gongkai/portal/powers"
	"gongkai/portal/print"
	"gongkai/portal/table"
	"gongkai/store"
)

// book is a workbook of several sheets, with cells merged where said.
func book(t testing.TB, sheets map[string][][]any, order []string, merged ...string) string {
	t.Helper()
	f := excelize.NewFile()
	for n, name := range order {
		if n == 0 {
			if err := f.SetSheetName("Sheet1", name); err != nil {
				t.Fatal(err)
			}
		} else if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, r := range sheets[name] {
			cell, _ := excelize.CoordinatesToCellName(1, i+1)
			if err := f.SetSheetRow(name, cell, &r); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, m := range merged {
		name, span, _ := strings.Cut(m, "!")
		from, to, _ := strings.Cut(span, ":")
		if err := f.MergeCell(name, from, to); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gbk(t testing.TB, s string) string {
	t.Helper()
	out, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPowerListLayouts: lists that are laid out as those of other systems are read
// without a hand: each has the same two items.
func TestPowerListLayouts(t *testing.T) {
	t.Parallel()
	one := func(rows ...[]any) string {
		return book(t, map[string][][]any{"清单": rows}, []string{"清单"})
	}
	layouts := map[string]string{
		"nine columns": one([]any{"职权编码", "职权名称", "职权类型", "设定依据", "行使主体", "责任事项", "追责情形", "承办机构", "监督电话"},
			[]any{"A-1", "取水许可", "行政许可", "《水法》第四十八条", "水务局", "受理", "追责", "水资源科", "12345"}, []any{"A-2", "违法取水的处罚", "行政处罚", "《水法》第六十九条", "水务局", "立案", "追责", "执法科", "12345"}),
		"a title above": one([]any{"清河市水务局权责清单"}, []any{"（2026年版）"}, []any{}, []any{"序号", "权力编码", "权力名称", "权力类型", "法律依据", "实施主体"},
			[]any{1, "A-1", "取水许可", "许可", "《水法》第四十八条", "水务局"}, []any{2, "A-2", "违法取水的处罚", "处罚", "《水法》第六十九条", "水务局"}),
		"two rows of heads, both languages": one([]any{"issuedNum", "title", "篇扩类别/pkitemType", "篇扩设定依据/pkbasis", "篇扩行使主体/pkorgName"}, []any{"颁布文号", "标题", "", "", ""},
			[]any{"A-1", "取水许可", "行政许可", "《水法》第四十八条", "水务局"}, []any{"A-2", "违法取水的处罚", "行政处罚", "《水法》第六十九条", "水务局"}),
		"the national exchange schema": one([]any{"code", "task_name", "task_type", "by_law", "dept_name", "use_level", "server_type", "anticipate_day", "promise_day"},
			[]any{"A-1", "取水许可", "01", "《水法》第四十八条", "水务局", "3", "1", 20, 10}, []any{"A-2", "违法取水的处罚", "02", "《水法》第六十九条", "水务局", "3", "", 90, 60}),
		"data on the second sheet": book(t, map[string][][]any{"说明": {{"填表说明：请如实填写。"}}, "数据": {{"权利名称", "权利id", "权力类型", "办理依据"}, {"取水许可", "A-1", "XK", "《水法》第四十八条"}, {"违法取水的处罚", "A-2", "CF", "《水法》第六十九条"}}}, []string{"说明", "数据"}),
		"types in merged cells":    book(t, map[string][][]any{"x": {{"类别", "编码", "事项名称", "依据"}, {"行政许可类", "A-1", "取水许可", "《水法》第四十八条"}, {"行政处罚类", "A-2", "违法取水的处罚", "《水法》第六十九条"}}}, []string{"x"}),
		"line breaks in cells": one([]any{"项目\n编码", "事项\n名称", "事项\n类型", "设定\n依据"}, []any{"A-1", "取水许可", "行政许可\n", "《水法》第四十八条\n《取水许可和水资源费征收管理条例》第二条"},
			[]any{"A-2", "违法取水的处罚", " 行政处罚", "《水法》第六十九条"}),
		"CSV, semicolons":          "职权编码;职权名称;职权类型;实施依据\r\nA-1;取水许可;行政许可;\"《水法》第四十八条\"\r\nA-2;违法取水的处罚;行政处罚;《水法》第六十九条\r\n",
		"CSV, GBK":                 gbk(t, "权责编码,权责事项名称,事项类别,职权依据\nA-1,取水许可,行政许可,《水法》第四十八条\nA-2,违法取水的处罚,行政处罚,《水法》第六十九条\n"),
		"JSON Lines of a database": `{"item_code":"A-1","itemname":"取水许可","itemtype":"01","by_law":"《水法》第四十八条","accept_condition":null}` + "\n" + `{"item_code":"A-2","itemname":"违法取水的处罚","itemtype":"02","by_law":"《水法》第六十九条"}` + "\n",
		"JSON, an array":           `{"total":2,"items":[{"权力编码":"A-1","权力名称":"取水许可","权力类型":"行政许可","依据":"《水法》第四十八条"},{"权力编码":"A-2","权力名称":"违法取水的处罚","权力类型":"行政处罚","依据":"《水法》第六十九条"}]}`,
		"English":                  one([]any{"code", "Name in Chinese", "Type", "Legal basis", "organ"}, []any{"A-1", "取水许可", "Licence", "《水法》第四十八条", "water"}, []any{"A-2", "违法取水的处罚", "Penalty", "《水法》第六十九条", "water"}),
	}
	if len(layouts) < 10 {
		t.Fatal("too few layouts")
	}
	find := func(name string) portal.OrganCode {
		if name == "water" || name == "水务局" {
			return "water"
		}
		return ""
	}
	for name, file := range layouts {
		frames, err := importer.Frames(strings.NewReader(file), table.XLSX)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		f := frames[0]
		rows := f.Powers(importer.Detect(f.Heads), importer.PowerDefaults{Organ: "water"}, find)
		if len(rows) != 2 {
			t.Errorf("%s: %d rows, heads %q", name, len(rows), f.Heads)
			continue
		}
		for i, want := range []struct{ code, name, typ string }{{"A-1", "取水许可", "01"}, {"A-2", "违法取水的处罚", "02"}} {
			v, ps := rows[i].Values.Clean()
			if len(ps) > 0 || rows[i].Organ != "water" || rows[i].Code != want.code || v["name_zh"] != want.name || v["type"] != want.typ || !strings.Contains(v["basis"], "《水法》") {
				t.Errorf("%s: row %d is %+v, %+v", name, i, rows[i], ps)
			}
		}
	}
}

// TestPowerListRoundTrip: what is exported as a workbook is brought in unchanged.
func TestPowerListRoundTrip(t *testing.T) {
	t.Parallel()
	v := powers.Values{"type": "01", "name_zh": "取水许可", "name_en": "Licence", "basis": "《水法》第四十八条\n《条例》第二条", "applicants": "1\n2", "statutory": "20 working_days", "promised": "at_once", "level": "3", "fee": "no",
		"steps": "受理 | 窗口 | 5日 |\n审查 | 科 | |", "materials": "申请书\n方案", "subjects": "water"}
	file, err := print.PowersXLSX([]powers.Row{{ID: "water.001", Organ: "water", Code: "001", At: powers.At{Values: v}}}, func(o portal.OrganCode) string { return "水务局" }, "zh")
	if err != nil {
		t.Fatal(err)
	}
	frames, err := importer.Frames(bytes.NewReader(file), table.XLSX)
	if err != nil {
		t.Fatal(err)
	}
	rows := frames[0].Powers(importer.Detect(frames[0].Heads), importer.PowerDefaults{}, func(string) portal.OrganCode { return "water" })
	got, ps := rows[0].Values.Clean()
	if len(ps) > 0 || rows[0].Code != "001" || rows[0].Organ != "water" || len(powers.Compare(v, got)) > 0 {
		t.Errorf("%+v %+v", rows, ps)
		for _, d := range powers.Compare(v, got) {
			t.Errorf("%s: %q, %q", d.Field.Code, d.Before, d.After)
		}
	}
}

// TestRealPowerLists reads what others made.
func TestRealPowerLists(t *testing.T) {
	t.Parallel()
	template := portaltest.Shared(t, "real/powers/gd_power_import_template.xlsx")
	frames, err := importer.Frames(bytes.NewReader(template), table.XLSX)
	if err != nil {
		t.Fatal(err)
	}
	if f := frames[0]; len(f.Heads) != 56 || len(f.Rows) != 0 || len(importer.Detect(f.Heads)) < 20 {
		t.Errorf("the template: %d heads, %d rows, %d known", len(f.Heads), len(f.Rows), len(importer.Detect(f.Heads)))
	}
	frames, err = importer.Frames(bytes.NewReader(portaltest.Shared(t, "real/powers/jurong_D1107_LR.xlsx")), table.XLSX)
	if err != nil {
		t.Fatal(err)
	}
	f := frames[0]
	rows := f.Powers(importer.Detect(f.Heads), importer.PowerDefaults{Organ: "water", Type: "10"}, func(string) portal.OrganCode { return "" })
	if len(rows) < 2 || len(rows[0].Code) != 32 || rows[0].Values["name_zh"] == "" {
		t.Errorf("%q: %+v", f.Heads, rows[:min(2, len(rows))])
	}
}

// TestNoPowerList: what is no table is refused in words; a list of names without a head
// loses none of them.
func TestNoPowerList(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{"a PDF": portaltest.PDF("取水许可"), "a page": "<!doctype html><html><body><table><tr><td>取水许可</td></tr></table>", "a calendar": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"} {
		_, err := importer.Frames(strings.NewReader(file), table.XLSX)
		if e, ok := errors.AsType[*portal.Error](err); !ok || len(e.Problems) != 1 || e.Problems[0].Key != "error.import_kind" {
			t.Errorf("%s: %v", name, err)
		}
	}
	frames, err := importer.Frames(strings.NewReader("首次办理往来台湾通行证\n招标代理企业查询\n取水许可\n"), table.XLSX)
	if err != nil || len(frames[0].Rows) != 3 || len(frames[0].Heads) != 1 {
		t.Errorf("a list of names: %+v, %v", frames, err)
	}
}

// TestLargePowerList: 5,048 items of 46 organs are brought in.
func TestLargePowerList(t *testing.T) {
	t.Parallel()
	st := open(t)
	for i := range 46 {
		if err := st.Organs.SaveOrgan(t.Context(), by, &portal.Organ{Code: portal.OrganCode(fmt.Sprintf("o%d", i)), Kind: "department", IndexPrefix: fmt.Sprintf("%09d", i), Name: portal.Text{ZH: fmt.Sprintf("第%d局", i)}}, now); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	b.WriteString("部门,职权编码,职权名称,职权类型,设定依据\n")
	for i := range 5048 {
		fmt.Fprintf(&b, "第%d局,%010d,事项%d,%s,《水法》第四十八条\n", i%46, i, i, portal.PowerTypes.Terms[i%11].Name.ZH)
	}
	frames, err := importer.Frames(strings.NewReader(b.String()), table.XLSX)
	if err != nil {
		t.Fatal(err)
	}
	u := powers.Powers{Clockwork: portal.Clockwork{Now: func() time.Time { return now }, Calendar: clock.China}, Store: st.Powers, Mappings: store.Of[powers.Mapping](st, powers.MappingKind), Directory: st.Organs, Laws: st.Catalogue}
	find := func(name string) portal.OrganCode {
		var n int
		if _, err := fmt.Sscanf(name, "第%d局", &n); err != nil {
			return ""
		}
		return portal.OrganCode(fmt.Sprintf("o%d", n))
	}
	rows := frames[0].Powers(importer.Detect(frames[0].Heads), importer.PowerDefaults{}, find)
	began := time.Now()
	out, err := u.Bring(t.Context(), by, rows, powers.Change{Reason: "编制", Document: "x", Legality: "通过"}, false, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range out {
		if o.Fate != powers.WillAdd {
			t.Fatalf("line %d: %s %v", o.Line, o.Fate, o.Err)
		}
	}
	t.Logf("%d items in %v", len(out), time.Since(began))
	if n := st.Catalogue.Browse(portal.Browse{Kind: "power", Validity: "in_force", Page: 1, Size: 1}).Total; n != 5048 {
		t.Errorf("the list has %d", n)
	}
}

// FuzzFrames: whatever a file holds, it is read or refused.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("职权编码,职权名称\nA,取水\n"))
	f.Add([]byte(`{"code":"A","name":"x"}`))
	f.Add([]byte("\xff\xfe权\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		frames, err := importer.Frames(bytes.NewReader(file), table.XLSX)
		if err != nil {
			return
		}
		for _, x := range frames {
			for _, r := range x.Powers(importer.Detect(x.Heads), importer.PowerDefaults{Organ: "o"}, func(string) portal.OrganCode { return "" }) {
				r.Values.Clean()
			}
		}
	})
}
