package reports_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"gongkai/portal/grid"
	"gongkai/portal/reports"
)

// laid are the tables of the form, each figure written by write.
func laid(f *reports.Form, fig reports.Figures, write func(string) string) []grid.Table {
	var out []grid.Table
	for i := range f.Tables {
		out = append(out, f.Tables[i].Layout("zh", func(c reports.Cell) grid.Cell { return grid.Cell{Text: write(f.Written(c, fig[c]))} }))
	}
	return out
}

// drawn are the tables as cells, a merged one in every place that it lies over.
func drawn(f *reports.Form, fig reports.Figures, write func(string) string) [][][]string {
	var out [][][]string
	for _, t := range laid(f, fig, write) {
		out = append(out, t.Plain())
	}
	return out
}

var wide = strings.NewReplacer("0", "０", "1", "１", "2", "２", "3", "３", "4", "４", "5", "５", "6", "６", "7", "７", "8", "８", "9", "９")

// lined are tables as the lines that a PDF gives, a line a row.
func lined(tables []grid.Table, change func(string) string) []string {
	out := []string{"某市2025年政府信息公开工作年度报告"}
	for _, t := range tables {
		for _, row := range t.Rows {
			var cells []string
			for _, c := range row {
				cells = append(cells, c.Text)
			}
			for line := range strings.Lines(change(strings.Join(cells, " "))) {
				out = append(out, strings.TrimSpace(line))
			}
		}
	}
	return out
}

// TestReadLayouts: however a report of the national form is laid out, each of its figures
// is read, its identities hold, and one wrong cell is named.
func TestReadLayouts(t *testing.T) {
	t.Parallel()
	f, good := real(t)
	for c, n := range map[reports.Cell]int64{"proactive/rules/made": 1, "proactive/rules/in_force": 12, "proactive/normative/made": 30, "proactive/normative/repealed": 4, "proactive/normative/in_force": 211,
		"proactive/licences/decisions": 35012, "proactive/penalties/decisions": 3985758, "proactive/coercion/decisions": 88283, "remedies/reconsideration/upheld": 100, "remedies/reconsideration/corrected": 7,
		"remedies/suit_direct/upheld": 31, "remedies/suit_after/pending": 2} {
		good[c] = n
	}
	good = f.Complete(good, nil)
	same := func(s string) string { return s }
	layouts := map[string]func(fig reports.Figures) reports.Published{
		"as the form": func(fig reports.Figures) reports.Published {
			return reports.Published{Tables: drawn(f, fig, same)}
		},
		"full-width digits": func(fig reports.Figures) reports.Published {
			return reports.Published{Tables: drawn(f, fig, wide.Replace)}
		},
		"blanks for nought": func(fig reports.Figures) reports.Published {
			return reports.Published{Tables: drawn(f, fig, func(s string) string {
				if s == "0" {
					return "　"
				}
				return s
			})}
		},
		"thousands and units": func(fig reports.Figures) reports.Published {
			return reports.Published{Tables: drawn(f, fig, func(s string) string {
				if len(s) > 3 && !strings.Contains(s, ".") {
					s = s[:len(s)-3] + "," + s[len(s)-3:]
				}
				return " " + s + "\u00a0"
			})}
		},
		"all in one table, with a note below": func(fig reports.Figures) reports.Published {
			var all [][]string
			for _, t := range drawn(f, fig, same) {
				all = append(append(all, t...), []string{"注：本表不含乡镇。"})
			}
			return reports.Published{Tables: [][][]string{all}}
		},
		"numbered 1、": func(fig reports.Figures) reports.Published {
			tables := drawn(f, fig, same)
			for _, t := range tables {
				for _, row := range t {
					for i, c := range row {
						if len(c) > 2 && c[1] == '.' && c[2] > 0x7f {
							row[i] = c[:1] + "、 " + c[2:]
						}
					}
				}
			}
			return reports.Published{Tables: tables}
		},
		"split in words": func(fig reports.Figures) reports.Published {
			tables := drawn(f, fig, same)
			for _, t := range tables {
				for _, row := range t {
					for i, c := range row {
						row[i] = strings.ReplaceAll(strings.ReplaceAll(c, "商业企业", "商业\n企业"), "法律服务", "法律 服务")
					}
				}
			}
			return reports.Published{Tables: tables}
		},
		"lines of a PDF": func(fig reports.Figures) reports.Published {
			return reports.Published{Lines: lined(laid(f, fig, same), same)}
		},
		"heads upright": func(fig reports.Figures) reports.Published {
			return reports.Published{Lines: lined(laid(f, fig, same), func(s string) string {
				return strings.NewReplacer("三、本年度办理结果", "三、\n本\n年\n度\n办\n理\n结\n果\n", "（三）不予公开", "（三）不\n予公开\n", "（四）无法提供", "（四）无\n法提供\n", "（六）其他处理", "（六）其\n他处理\n").Replace(s)
			})}
		},
		"lines over two pages": func(fig reports.Figures) reports.Published {
			lines := lined(laid(f, fig, same), func(s string) string { return strings.Replace(s, "3.补正后", "\n- 12 -\n3、补正后", 1) })
			return reports.Published{Lines: lines}
		},
	}
	r := rand.New(rand.NewPCG(4, 4))
	cells := f.Cells()
	for name, lay := range layouts {
		read := reports.Read(lay(good))
		if len(read.Unread) > 0 {
			t.Errorf("%s: not read: %v", name, read.Unread)
		}
		for _, c := range cells {
			if read.Figures[c] != good[c] {
				t.Errorf("%s: %s is %d, not %d", name, c, read.Figures[c], good[c])
			}
		}
		if bad := reports.Failing(read.Identities); len(bad) > 0 || len(read.Identities) < 42 {
			t.Errorf("%s: %d identities, failing %+v", name, len(read.Identities), bad)
		}
		for range 12 {
			c := f.Table("requests").Cells()[r.IntN(len(f.Table("requests").Cells()))]
			off := reports.Figures{}
			off.Add(good)
			off[c] += 1 + r.Int64N(9)
			read := reports.Read(lay(off))
			if bad := reports.Failing(read.Identities); len(bad) < 2 {
				t.Errorf("%s: %s is wrong, %d identities fail", name, c, len(bad))
			}
			if len(read.Mends) != 1 || read.Mends[0].Cell != c {
				t.Errorf("%s: %s is wrong, mended by %+v", name, c, read.Mends)
			}
		}
	}
}

// FuzzRead: whatever stands in a file, it is read without end or fall, and a figure that
// is read is one of the form's.
func FuzzRead(f *testing.F) {
	f.Add("信息内容\t本年制发件数\n规章\t1\n一、本年新收政府信息公开申请数量 1 2 3 4 5 6 21")
	f.Add("（七）总计\t1\t2\t3\t4\t5\t6\t21\n四、结转下年度继续办理 １ ２ ３ 0 0 0 6\n2025年政府信息公开工作年度报告")
	f.Add("结果维持\t结果纠正\t其他结果\t尚未审结\t总计\n1\t\t\t\t1")
	f.Fuzz(func(t *testing.T, s string) {
		var rows [][]string
		for l := range strings.Lines(s) {
			rows = append(rows, strings.Split(strings.TrimSuffix(l, "\n"), "\t"))
		}
		for _, p := range []reports.Published{{Tables: [][][]string{rows}, Lines: strings.Split(s, "\n")}, {Lines: strings.Split(s, "\n")}} {
			read := reports.Read(p)
			if n := len(read.Form.Cells()); len(read.Found)+len(read.Unread) != n {
				t.Errorf("%d found, %d not, of %d", len(read.Found), len(read.Unread), n)
			}
			for c := range read.Figures {
				if read.Form.Name(c).ZH == "" {
					t.Errorf("a figure that is none: %s", c)
				}
			}
		}
	})
}
