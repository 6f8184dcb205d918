package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"gongkai/cmd/wire"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/demo"
	"gongkai/portal/documents"
	"gongkai/portal/people"
	"gongkai/portal/query"
	"gongkai/store"
)

// corpus makes documents by recombining real texts: the subject of one law,
// a place and a form in the title, and paragraphs of other laws in the body.
// The same number always makes the same document.
type corpus struct {
	subjects   []string
	paragraphs []string
}

// made is one document, in the form that every engine gets.
type made struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
	Organ string `json:"organ"`
	Year  int    `json:"year"`
	Date  int    `json:"date"` // days since 1970
}

var (
	places = []string{"石桥镇", "柳林镇", "东河街道", "西城区", "南湖新区", "北山乡", "高新区", "古塔街道", "青龙镇", "白沙镇", "云溪乡", "临港区"}
	forms  = []string{"的通知", "的实施意见", "管理办法", "工作方案", "情况的公告", "若干措施", "的批复", "年度计划", "专项行动方案", "实施细则"}
	themes = []string{"02", "03", "04", "05", "06", "07", "08", "10", "12", "15", "17", "18"}
)

const organs = 60

// readCorpus reads the laws, or the demonstration city where they are not
// there.
func readCorpus(path string) (*corpus, error) {
	c := &corpus{}
	f, err := os.Open(path)
	if err != nil {
		return c, c.addDemo()
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	s := bufio.NewScanner(z)
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		var r struct {
			Title string `json:"short_title"`
			Body  string
		}
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			return nil, err
		}
		c.add(r.Title, r.Body)
	}
	return c, s.Err()
}

// addDemo takes the texts of the demonstration city.
func (c *corpus) addDemo() error {
	dir, err := os.MkdirTemp("", "gongkai-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	st, err := store.Open(dir)
	if err != nil {
		return err
	}
	defer st.Close()
	now := time.Now()
	w := portal.Clockwork{Now: func() time.Time { return now }, Calendar: clock.China}
	accounts := people.People{Clockwork: w, Store: st.ForPeople(), Hash: func(p string) (string, error) { return p, nil }}
	if err := demo.Fill(context.Background(), wire.Demo(st), accounts, now, clock.China(), 0); err != nil {
		return err
	}
	for _, l := range st.Catalogue.Browse(portal.Browse{Kind: "document", Page: 1, Size: query.MaxExport}).Rows {
		e, err := st.Changes.Entry(context.Background(), l.Key)
		if err != nil {
			return err
		}
		c.add(e.Title, e.Texts[0])
	}
	return nil
}

func (c *corpus) add(title, body string) {
	if n := utf8.RuneCountInString(title); n >= 4 && n <= 24 {
		for _, end := range []string{"条例", "办法", "规定", "法"} {
			title = strings.TrimSuffix(title, end)
		}
		c.subjects = append(c.subjects, title)
	}
	for p := range strings.SplitSeq(body, "\n") {
		p = strings.TrimSpace(p)
		if _, rest, ok := strings.Cut(p, "条"); ok && strings.HasPrefix(p, "第") {
			p = strings.TrimSpace(rest)
		}
		if n := len(p); n >= 60 && n <= 1500 {
			c.paragraphs = append(c.paragraphs, p)
		}
	}
}

// document makes the document with a number.
func (c *corpus) document(i int) made {
	r := rand.New(rand.NewPCG(uint64(i), 20261122))
	d := made{ID: i, Organ: fmt.Sprintf("organ%02d", r.IntN(organs)), Date: int(clock.NewDate(2005, 1, 1)) + r.IntN(7900)}
	d.Year = portal.Date(d.Date).Year()
	d.Title = fmt.Sprintf("%s关于%s%s", places[r.IntN(len(places))], c.subjects[r.IntN(len(c.subjects))], forms[r.IntN(len(forms))])
	var b strings.Builder
	for n := range 1 + r.IntN(9) {
		fmt.Fprintf(&b, "%s、%s\n\n", []string{"一", "二", "三", "四", "五", "六", "七", "八", "九"}[n], c.paragraphs[r.IntN(len(c.paragraphs))])
	}
	d.Body = b.String()
	return d
}

// record is the document as the portal imports it.
func (d made) record() documents.Import {
	return documents.Import{Source: fmt.Sprint("bench/", d.ID), Content: documents.Content{Title: d.Title, Body: d.Body, Organs: []portal.OrganCode{portal.OrganCode(d.Organ)},
		Published: portal.Date(d.Date), Theme: themes[d.ID%len(themes)], Genre: "notice", Item: "1", Mode: "proactive", Validity: "in_force"}}
}

// queries are what every engine is asked, by kind: the words of each query.
func (c *corpus) queries() map[string][][]string {
	q := map[string][][]string{}
	for i, w := range words {
		q["one word"] = append(q["one word"], []string{w})
		q["three words"] = append(q["three words"], []string{w, words[(i*7+3)%len(words)], words[(i*3+5)%len(words)]})
		q["phrase"] = append(q["phrase"], []string{w + phrases[i%len(phrases)]})
		q["faceted"] = append(q["faceted"], []string{w})
		q["by date"] = append(q["by date"], []string{w})
	}
	for i := range 64 {
		s := []rune(c.subjects[(i*37)%len(c.subjects)])
		q["typed"] = append(q["typed"], []string{string(s[:min(len(s), 2+i%5)])})
	}
	return q
}

// phrases end a word to a phrase that some texts have.
var phrases = []string{"工作", "管理", "主管部门", "的规定"}
