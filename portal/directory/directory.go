// Package directory is the area of the standard directories of grass-roots openness
// (基层政务公开标准目录): what an organ is to disclose in each of 26 fields, and whether it
// has.
package directory

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/rules"
	"gongkai/portal/text"
)

// known is the rule data: the fields, and how often an item wants something new.
var known = rules.Read[struct {
	Fields  []portal.Term `json:"fields"`
	Rhythms []struct {
		Pattern string `json:"pattern"`
		Days    int    `json:"days"`
	} `json:"rhythms"`
	Usual int `json:"usual_days"`
}]("grassroots.json")

// Fields are the fields of grass-roots openness, in their order.
func Fields() []portal.Term { return known.Fields }

// FieldNamed is a field by its code or its name.
func FieldNamed(s string) (portal.Term, bool) {
	i := slices.IndexFunc(known.Fields, func(t portal.Term) bool { return t.Code == s || t.Name.ZH == s })
	if i < 0 {
		return portal.Term{}, false
	}
	return known.Fields[i], true
}

// Directory is what an organ is to disclose in a field.
type Directory struct {
	Organ     portal.OrganCode `json:"organ"`
	Field     string           `json:"field"`
	Rows      []Row            `json:"rows"`
	ChangedAt time.Time        `json:"changed_at"`
}

// Row is an item of a directory (公开事项).
type Row struct {
	First   string `json:"first"`             // 一级事项
	Second  string `json:"second"`            // 二级事项
	Content string `json:"content"`           // 公开内容（要素）
	Basis   string `json:"basis,omitempty"`   // 公开依据
	Limit   string `json:"limit,omitempty"`   // 公开时限
	Who     string `json:"who,omitempty"`     // 公开主体
	Channel string `json:"channel,omitempty"` // 公开渠道和载体
}

// Kind is a directory as a record. Its page is made from it; it is in no search.
var Kind = portal.Register[Directory](portal.RecordKind{Code: "directory", Bucket: "directories"}, nil)

// MaxRows is how many items a directory may have.
const MaxRows = 1000

// ID is the directory's name.
func (d *Directory) ID() string { return string(d.Organ) + "." + d.Field }

// Name is what the item is called: the second level, where there is one.
func (r Row) Name() string {
	if r.Second != "" {
		return r.Second
	}
	return r.First
}

var rhythms = func() (out []*regexp.Regexp) {
	for _, r := range known.Rhythms {
		out = append(out, regexp.MustCompile(r.Pattern))
	}
	return out
}()

// Days is within how many days the item wants something new, by its time limit.
func (r Row) Days() int {
	for i, p := range rhythms {
		if p.MatchString(r.Limit) {
			return known.Rhythms[i].Days
		}
	}
	return known.Usual
}

// labels are the heads of the columns, as the standard directories write them.
var labels = []struct {
	name string
	cell func(*Row) *string
}{
	{"一级事项", func(r *Row) *string { return &r.First }}, {"二级事项", func(r *Row) *string { return &r.Second }}, {"公开内容", func(r *Row) *string { return &r.Content }},
	{"公开依据", func(r *Row) *string { return &r.Basis }}, {"公开时限", func(r *Row) *string { return &r.Limit }}, {"公开主体", func(r *Row) *string { return &r.Who }}, {"公开渠道", func(r *Row) *string { return &r.Channel }},
}

// Read reads a directory out of the rows of a table, as the ministries' standard
// directories have them: a title, a head of one or two rows, merged cells for the first
// level. A table without such a head is a *portal.Error.
func Read(table [][]string) ([]Row, error) {
	columns := make(map[int]int) // of the table → of labels
	last := -1
	for i, r := range table[:min(len(table), 12)] {
		for j, cell := range r {
			cell = text.Squeeze(cell)
			for k, l := range labels {
				if strings.HasPrefix(cell, l.name) {
					if _, taken := columns[j]; !taken {
						columns[j], last = k, i
					}
				}
			}
			if _, taken := columns[j]; !taken && cell == "公开事项" { // of one level
				columns[j], last = 0, i
			}
		}
	}
	has := func(k int) bool {
		for _, got := range columns {
			if got == k {
				return true
			}
		}
		return false
	}
	if last < 0 || !has(2) || !has(0) && !has(1) {
		return nil, portal.Wrong("file", "directory.no_head", nil)
	}
	var out []Row
	first := ""
	for _, r := range table[last+1:] {
		var row Row
		for j, cell := range r {
			if k, ok := columns[j]; ok {
				*labels[k].cell(&row) = strings.TrimSpace(text.Clean(cell))
			}
		}
		if row.First == "" {
			row.First = first
		}
		first = row.First
		if row.Content == "" && row.Second == "" || row.Name() == "" {
			continue
		}
		out = append(out, row)
	}
	if len(out) == 0 || len(out) > MaxRows {
		return nil, portal.Wrong("file", "directory.rows", portal.Args{"Limit": MaxRows, "N": len(out)})
	}
	return out, nil
}

// Cell is how an item stands: how much of it is public, and since when.
type Cell struct {
	Row
	Count int
	Last  portal.Date
	Stale bool // there is something, and it is older than the item wants
}

// generic are words that say nothing of a subject.
var generic = strings.NewReplacer("信息", "", "情况", "", "有关", "", "相关", "", "公开", "", "及", "", "和", "", "的", "", "、", "")

// Cover tells for each item of a directory how many documents of the organ are about it:
// those whose keywords or titles have its name.
func Cover(d *Directory, today portal.Date, docs []*portal.Listing) []Cell {
	out := make([]Cell, len(d.Rows))
	for i, r := range d.Rows {
		out[i].Row = r
		want := text.Squeeze(generic.Replace(r.Name()))
		for _, l := range docs {
			if l.Withdrawn || len([]rune(want)) < 2 {
				continue
			}
			about := strings.Contains(text.Squeeze(generic.Replace(l.Title)), want) || slices.ContainsFunc(l.Keywords, func(k string) bool {
				return text.Squeeze(k) == text.Squeeze(r.Name()) || text.Squeeze(generic.Replace(k)) == want
			})
			if about {
				out[i].Count++
				out[i].Last = max(out[i].Last, l.Published)
			}
		}
		out[i].Stale = out[i].Count > 0 && int(today-out[i].Last) > r.Days()
	}
	return out
}

// Directories are the use cases of directories.
type Directories struct {
	portal.Clockwork
	Store portal.Records[Directory]
}

// List is all directories, by organ and field.
func (u Directories) List(ctx context.Context) ([]*Directory, error) {
	list, err := u.Store.All(ctx, nil)
	slices.SortFunc(list, func(a, b *Directory) int { return strings.Compare(a.ID(), b.ID()) })
	return list, err
}

// Import puts a directory in the place of the one that the organ has in the field.
func (u Directories) Import(ctx context.Context, by portal.Actor, organ portal.OrganCode, field string, rows []Row) (*Directory, error) {
	if err := by.NeedTyped(portal.WriteDocuments, organ); err != nil {
		return nil, err
	}
	if _, ok := FieldNamed(field); !ok {
		return nil, portal.Wrong("field", "error.choose", nil)
	}
	d := &Directory{Organ: organ, Field: field}
	seen := portal.Latest // whatever there was, this takes its place
	if _, err := u.Store.Get(ctx, d.ID()); portal.KindOf(err) == portal.NotFound && err != nil {
		seen = portal.Absent
	}
	return u.Store.Change(ctx, by, d.ID(), seen, "import directory", u.Now(), func(x *Directory) (string, error) {
		x.Organ, x.Field, x.Rows, x.ChangedAt = organ, field, rows, u.Now().UTC()
		return "", by.Need(portal.WriteDocuments, organ)
	})
}
