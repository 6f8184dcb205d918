package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/documents"
	"gongkai/portal/table"
)

// Store is what an import needs of the store.
type Store struct {
	Directory
	Library
	Register
}

// Directory knows the organs, and takes those that an import brings.
type Directory interface {
	Organs() []portal.Organ
	Organ(portal.OrganCode) (portal.Organ, error)
	SaveOrgan(ctx context.Context, by portal.Actor, o *portal.Organ, at time.Time) error
}

// Library takes documents, and knows which came before.
type Library interface {
	ImportDocuments(ctx context.Context, by portal.Actor, rows []documents.Import, at time.Time) (documents.ImportResult, error)
	KnownSource(ctx context.Context, source string) bool
}

// Register takes cases from another system's log.
type Register interface {
	ImportApplications(ctx context.Context, by portal.Actor, list []*cases.Application, at time.Time) (documents.ImportResult, error)
}

// Options say how to import.
type Options struct {
	Organ   portal.OrganCode // for rows that name none
	Draft   bool
	DryRun  bool
	Now     func() time.Time
	Refused func(Refusal)
	Attach  Attach // takes the files that rows name; nil where there are none
	// Applications only.
	Map         map[string]string // our field → the file's column
	DefaultDate portal.Date       // for rows without a date
	// Workbook reads an XLSX file; what comes from outside is read in a child.
	Workbook func(file []byte) (table.Workbook, error)
	Sheet    string // name of the sheet; the first that is shown where empty
	Days     string // DayFirst or MonthFirst; found out from the column where empty
}

// Refusal is a row that was not taken, and why.
type Refusal struct {
	Line     int
	Problems []portal.Problem
}

// Report counts what became of the rows.
type Report struct {
	Rows    int
	Refused int
	documents.ImportResult
}

// DefaultOrgan is where rows go that name no organ.
const DefaultOrgan = portal.OrganCode("imported")

// batch is the number of rows written in one transaction.
const batch = 100

// columns are the names under which a field may stand in a file.
var columns = map[string][]string{
	"source":     {"id", "source_id", "uuid", "来源编号"},
	"title":      {"title", "名称", "标题", "公文名称"},
	"title_en":   {"title_en", "english title", "英文标题"},
	"number":     {"number", "document_number", "doc_number", "文号", "发文字号"},
	"organ":      {"organ", "organs", "publisher", "issuer", "发布机构", "发文机关", "发文单位"},
	"formed":     {"formed", "dated", "date_formed", "成文日期", "生成日期", "发文日期"},
	"published":  {"published", "date_published", "pubdate", "发布日期", "公开日期"},
	"theme":      {"theme", "主题分类", "分类"},
	"genre":      {"genre", "体裁", "体裁分类"},
	"item":       {"item", "article20", "第二十条"},
	"mode":       {"mode", "公开方式", "公开类别"},
	"validity":   {"validity", "有效性"},
	"effective":  {"effective", "实施日期", "施行日期", "生效日期"},
	"repealed":   {"repealed", "废止日期"},
	"keywords":   {"keywords", "主题词", "关键词"},
	"group":      {"group"},
	"summary":    {"summary", "abstract", "内容概述", "摘要"},
	"summary_en": {"summary_en"},
	"body":       {"body", "content", "text", "正文", "内容"},
	"body_en":    {"body_en"},
	"expires":    {"expires", "有效期至"},
	"posted":     {"posted", "其他公开场所"},
	// Files, by their paths in the folder or ZIP that the table lies in.
	"attachments": {"attachments", "files", "附件"},
	"related":     {"related", "相关信息"},
	"repeals":     {"repeals", "废止的文件"},
	"amends":      {"amends", "修改的文件"},
	"interprets":  {"interprets", "解读的文件"},
	"supersedes":  {"supersedes", "替代的文件"},
	// What an export of this portal has besides (Edition).
	"index_number": {"index_number", "索引号"},
	"version":      {"version"}, "change_note": {"change_note"}, "minor": {"minor"}, "keep_files": {"keep_files"}, "published_at": {"published_at"}, "changed_at": {"changed_at"},
	"withdrawn": {"withdrawn"}, "reason": {"reason"}, "removed": {"removed"},
}

// documentColumns are the names of all columns that mean something, with their
// field.
var documentColumns = sync.OnceValue(func() map[string]string {
	m := make(map[string]string)
	for field, names := range columns {
		for _, n := range names {
			m[column(n)] = field
		}
	}
	return m
})

func (r row) get(field string) string {
	for _, n := range columns[field] {
		n = column(n)
		if v := strings.TrimSpace(r.values[n]); v != "" {
			return formula(v)
		}
	}
	return ""
}

// job is one import at work.
type job struct {
	st     Store
	by     portal.Actor
	opt    Options
	report Report
	seen   map[string]int // rows with the same key so far
	dates  dates
}

// begin checks who imports, and makes the organ that rows without one go to.
func begin(ctx context.Context, st Store, by portal.Actor, opt Options) (job, error) {
	if err := by.Need(portal.ImportRecords, ""); err != nil {
		return job{}, err
	}
	if opt.Organ == "" {
		opt.Organ = DefaultOrgan
	}
	return job{st: st, by: by, opt: opt, seen: make(map[string]int), dates: dates{opt.Days, opt.Now().Location()}}, ensureOrgan(ctx, st, by, opt)
}

// sample is how many rows are looked at to find out how days are written.
const sample = 500

// read calls take with each row of a file, and refuses what is none. The first
// rows wait until it is known how days are written in the columns of days.
func (j *job) read(ctx context.Context, r io.Reader, s *source, days []string, take func(row) error) error {
	var waiting []row
	told := j.dates.order != ""
	flush := func() error {
		if !told {
			var values []string
			for _, r := range waiting {
				for _, d := range days {
					values = append(values, r.values[column(d)])
				}
			}
			j.dates.order, told = orderOf(values), true
		}
		for _, r := range waiting {
			if err := take(r); err != nil {
				return err
			}
		}
		waiting = nil
		return nil
	}
	s.opt = j.opt
	s.take = func(r row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		j.report.Rows++
		if waiting = append(waiting, r); told || len(waiting) >= sample {
			return flush()
		}
		return nil
	}
	s.bad = func(line int, p portal.Problem) {
		j.report.Rows++
		j.refuse(line, p)
	}
	if err := s.read(r); err != nil {
		return err
	}
	return flush()
}

// day reads a date of a row. What is no date is a problem of its field.
func (j *job) day(r row, field, value string) (portal.Date, *portal.Problem) {
	d, err := j.dates.day(value, r.sheet)
	switch {
	case errors.Is(err, errOrder):
		return 0, &portal.Problem{Field: field, Key: "error.date_order", Args: portal.Args{"Value": value}}
	case err != nil:
		return 0, &portal.Problem{Field: field, Key: "error.date", Args: portal.Args{"Value": value}}
	}
	return d, nil
}

func (j *job) refuse(line int, ps ...portal.Problem) {
	j.report.Refused++
	if j.opt.Refused != nil {
		j.opt.Refused(Refusal{line, ps})
	}
}

// numbered tells rows of one file with the same key apart by their order, so that
// a second run finds each again.
func (j *job) numbered(key string) string {
	j.seen[key]++
	if n := j.seen[key]; n > 1 {
		key += "+" + strconv.Itoa(n)
	}
	return key
}

// would counts a row that a dry run leaves out.
func (j *job) would(ctx context.Context, source string) {
	if j.st.KnownSource(ctx, source) {
		j.report.Same++
	} else {
		j.report.Added++
	}
}

// count adds what the store did with a batch.
func (j *job) count(res documents.ImportResult) {
	j.report.Added += res.Added
	j.report.Changed += res.Changed
	j.report.Same += res.Same
}

// documentImport is an import of documents.
type documentImport struct {
	job
	rows   []documents.Import
	files  []keptFile // of the rows
	organs map[string]portal.OrganCode
}

// Documents imports documents. Rows are published unless opt.Draft.
func Documents(ctx context.Context, st Store, by portal.Actor, r io.Reader, opt Options) (Report, error) {
	j, err := begin(ctx, st, by, opt)
	if err != nil {
		return Report{}, err
	}
	m := &documentImport{job: j, organs: make(map[string]portal.OrganCode)}
	for _, o := range st.Organs() {
		m.organs[string(o.Code)], m.organs[o.Name.ZH], m.organs[o.Name.EN] = o.Code, o.Code, o.Code
	}
	delete(m.organs, "")
	m.organs[string(j.opt.Organ)] = j.opt.Organ
	names := documentColumns()
	src := &source{known: func(n string) bool { return names[n] != "" }, must: func(n string) bool { return names[n] == "title" }, wanted: "标题/title, 文号/number, 成文日期/formed, 正文/body, 机关/organ …"}
	if err := m.read(ctx, r, src, slices.Concat(columns["formed"], columns["published"], columns["effective"], columns["repealed"]), func(r row) error { return m.take(ctx, r) }); err != nil {
		return m.report, err
	}
	return m.report, m.flush(ctx)
}

// ensureOrgan makes the organ that rows without one go to.
func ensureOrgan(ctx context.Context, st Store, by portal.Actor, opt Options) error {
	if _, err := st.Organ(opt.Organ); err == nil || opt.DryRun {
		return nil
	}
	o := &portal.Organ{Code: opt.Organ, Kind: "department", IndexPrefix: portal.PrefixFor(opt.Organ), Order: 1000,
		Name: portal.Text{ZH: string(opt.Organ), EN: string(opt.Organ)}}
	if opt.Organ == DefaultOrgan {
		o.Name = portal.Text{ZH: "导入的信息", EN: "Imported documents"}
	}
	if err := o.Validate(); err != nil {
		return err
	}
	return st.SaveOrgan(ctx, by, o, opt.Now())
}

func (m *documentImport) take(ctx context.Context, r row) error {
	c, ps := m.content(r)
	edition, wrong := m.edition(r)
	ps = append(ps, wrong...)
	files, wrong := m.more(ctx, r, &c)
	ps = append(ps, wrong...)
	if len(ps) == 0 && (edition == nil || !edition.Withdrawn) {
		if e, ok := c.Validate().(*portal.Error); ok {
			ps = e.Problems
		}
	}
	if len(ps) > 0 {
		m.refuse(r.line, ps...)
		return nil
	}
	x := documents.Import{Content: c, Draft: m.opt.Draft, Edition: edition}
	if edition == nil {
		x.Source = m.source(r, c)
	} else {
		x.Source = "index/" + string(edition.ID)
	}
	m.rows, m.files = append(m.rows, x), append(m.files, files...)
	if len(m.rows) < batch {
		return nil
	}
	return m.flush(ctx)
}

// source is the key by which a second run finds the row: its own id, or its
// content and its place among rows of the same content.
func (m *documentImport) source(r row, c documents.Content) string {
	if id := r.get("source"); id != "" {
		return string(c.Lead()) + "/" + id
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s\n%s\n%s", c.Lead(), c.Title, c.Number, c.Formed, c.Body)
	return m.numbered(hex.EncodeToString(h.Sum(nil)[:16]))
}

func (m *documentImport) flush(ctx context.Context) error {
	if len(m.rows) == 0 {
		return nil
	}
	if m.opt.DryRun {
		for _, r := range m.rows {
			m.would(ctx, r.Source)
		}
		m.rows = nil
		return nil
	}
	for _, f := range m.files { // first, so that their texts are searched
		if err := m.opt.Attach.Keep(ctx, f.id, f.read); err != nil {
			return err
		}
	}
	res, err := m.st.ImportDocuments(ctx, m.by, m.rows, m.opt.Now())
	m.count(res)
	m.rows, m.files = nil, nil
	return err
}

// content reads a row. Lists are taken by code or by name in either
// language; what is missing gets the default of its kind.
func (m *documentImport) content(r row) (documents.Content, []portal.Problem) {
	var ps []portal.Problem
	c := documents.Content{
		Title: r.get("title"), TitleEN: r.get("title_en"), Number: r.get("number"),
		Summary: r.get("summary"), SummaryEN: r.get("summary_en"), Body: r.get("body"), BodyEN: r.get("body_en"),
		Keywords: words(r.get("keywords")),
	}
	if g := r.get("group"); g != "" && len(c.Keywords) == 0 {
		c.Keywords = []string{g}
	}
	for _, name := range words(r.get("organ")) {
		code, ok := m.organs[name]
		if !ok {
			ps = append(ps, portal.Problem{Field: "organ", Key: "error.import_organ", Args: portal.Args{"Name": name}})
			continue
		}
		c.Organs = append(c.Organs, code)
	}
	if len(c.Organs) == 0 {
		c.Organs = []portal.OrganCode{m.opt.Organ}
	}
	for _, d := range []struct {
		field string
		to    *portal.Date
	}{{"formed", &c.Formed}, {"published", &c.Published}, {"effective", &c.Effective}, {"repealed", &c.Repealed}} {
		v, p := m.day(r, d.field, r.get(d.field))
		if p != nil {
			ps = append(ps, *p)
		}
		*d.to = v
	}
	today := portal.Clockwork{Now: m.opt.Now}.Today()
	if c.Published == 0 {
		c.Published = c.Formed
	}
	if c.Published == 0 {
		c.Published = today
	}
	if c.Published > today {
		ps = append(ps, portal.Problem{Field: "published", Key: "error.future"})
	}
	if c.Formed > today {
		ps = append(ps, portal.Problem{Field: "formed", Key: "error.future"})
	}
	genre, item := guess(c.Title)
	for _, l := range []struct {
		field string
		list  *portal.List
		or    string
		to    *string
	}{{"theme", portal.Themes, "22", &c.Theme}, {"genre", portal.Genres, genre, &c.Genre}, {"item", portal.Items, item, &c.Item},
		{"mode", portal.Modes, "proactive", &c.Mode}, {"validity", portal.Validities, "in_force", &c.Validity}} {
		v := r.get(l.field)
		if v == "" {
			*l.to = l.or
			continue
		}
		if *l.to = l.list.Find(v); *l.to == "" {
			ps = append(ps, portal.Problem{Field: l.field, Key: "error.import_value", Args: portal.Args{"Value": v}})
		}
	}
	if c.Mode == documents.ToStaff { // an import publishes
		ps = append(ps, portal.Problem{Field: "mode", Key: "error.internal_public"})
	}
	return c, ps
}

// guess tells genre and item of Article 20 from the way a title ends.
func guess(title string) (genre, item string) {
	for _, g := range []struct{ end, genre, item string }{
		{"条例", "regulation", "1"}, {"法", "regulation", "1"}, {"规定", "regulation", "1"}, {"办法", "regulation", "1"}, {"细则", "regulation", "1"}, {"解释", "regulation", "1"},
		{"通知", "notice", "1"}, {"意见", "opinion", "1"}, {"决定", "decision", "1"}, {"公告", "announcement", "15"}, {"通告", "notice_public", "15"},
		{"批复", "reply", "15"}, {"规划", "plan", "3"}, {"预算", "budget", "7"}, {"决算", "budget", "7"},
	} {
		if strings.HasSuffix(strings.TrimRight(title, "）)"), g.end) || strings.Contains(title, g.end+"（") {
			return g.genre, g.item
		}
	}
	return "other", "15"
}

var separators = regexp.MustCompile(`[;；,，、|\n]+`)

func words(s string) []string {
	var out []string
	for _, w := range separators.Split(s, -1) {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}
