package web_test

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"gongkai/portal"
	"gongkai/portal/masthead"
	"gongkai/portal/rules"
	"gongkai/portal/web/page"
)

// siteTag is a row of the table of tags (国办发〔2017〕47号).
type siteTag struct {
	Scope string `json:"scope"`
	Name  string `json:"name"`
	Must  bool   `json:"must"`
}

// siteTags is the table.
var siteTags = rules.Read[struct {
	Tags []siteTag `json:"tags"`
}]("site_tags.json").Tags

// checkHead checks the tags of a page against the table, and its addresses.
func checkHead(t *testing.T, path string, d *goquery.Document) {
	t.Helper()
	content := d.Find(`meta[name="ArticleTitle"]`).Length() > 0
	for _, x := range siteTags {
		m := d.Find(`meta[name="` + x.Name + `"]`)
		want := x.Must && (x.Scope != "content" || content)
		if v, _ := m.Attr("content"); want && v == "" {
			t.Errorf("%s has no tag %s", path, x.Name)
		}
		if m.Length() > 1 {
			t.Errorf("%s has the tag %s %d times", path, x.Name, m.Length())
		}
		if x.Scope == "content" && x.Must && !content && m.Length() > 0 {
			t.Errorf("%s is no content page and has the tag %s", path, x.Name)
		}
	}
	if v, ok := d.Find(`meta[name="PubDate"]`).Attr("content"); ok {
		if _, err := time.Parse("2006-01-02 15:04", v); err != nil {
			t.Errorf("%s: PubDate %q", path, v)
		}
	}
	canon, indexed := d.Find("link[rel=canonical]").Attr("href")
	if !indexed && d.Find(`meta[name=robots][content=noindex]`).Length() == 0 {
		t.Errorf("%s has no canonical address and may be indexed", path)
	}
	if indexed && (strings.Contains(canon, "lang=") || d.Find("link[hreflang]").Length() != 3) {
		t.Errorf("%s: canonical %q, %d languages", path, canon, d.Find("link[hreflang]").Length())
	}
	d.Find(`script[type="application/ld+json"]`).Each(func(_ int, x *goquery.Selection) {
		var v map[string]any
		if err := json.Unmarshal([]byte(x.Text()), &v); err != nil || v["@type"] == nil {
			t.Errorf("%s: JSON-LD %v", path, err)
		}
	})
}

// TestSiteTagsAreTheStandards compares the table of tags with the rules of the design, where
// they are at hand.
func TestSiteTagsAreTheStandards(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "design", "rules.md"))
	if err != nil {
		t.Skip("the rules of the design are not here")
	}
	_, table, _ := strings.Cut(string(b), "### 4.3")
	table, _, _ = strings.Cut(table, "ColumnType values")
	var want []siteTag
	for _, line := range regexp.MustCompile(`(?m)^\| (site|column|content) [^|]*\| ([^|]+)\| (必选|可选) \|$`).FindAllStringSubmatch(table, -1) {
		for name := range strings.SplitSeq(regexp.MustCompile("\\(`[^)]*\\)").ReplaceAllString(line[2], ""), ",") {
			want = append(want, siteTag{line[1], strings.TrimSpace(name), line[3] == "必选"})
		}
	}
	if !slices.Equal(siteTags, want) {
		t.Errorf("the table is\n%v\nwant\n%v", siteTags, want)
	}
}

// TestContentPagesHaveTheirTags: each kind of record has the tags of a content page, and
// JSON-LD that names it.
func TestContentPagesHaveTheirTags(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	for _, k := range portal.Kinds() {
		if k.Folder == "" {
			continue
		}
		list := s.st.Catalogue.Browse(portal.Browse{Kind: k.Code, Page: 1, Size: 1}).Rows
		if len(list) == 0 {
			continue
		}
		r := b.get(list[0].Path())
		d, err := goquery.NewDocumentFromReader(strings.NewReader(r.body))
		if err != nil || r.code != 200 {
			t.Fatal(r.code, err)
		}
		if v, _ := d.Find(`meta[name="ArticleTitle"]`).Attr("content"); v != list[0].Title {
			t.Errorf("%s: ArticleTitle %q, want %q", list[0].Path(), v, list[0].Title)
		}
		if !strings.Contains(d.Find(`script[type="application/ld+json"]`).Text(), "schema.org") {
			t.Errorf("%s has no JSON-LD", list[0].Path())
		}
		if d.Find(".gk-tools").Length() != 1 && !slices.Contains([]string{"cleanup", "consultation", "survey", "assessment"}, k.Code) {
			t.Errorf("%s has no tools", list[0].Path())
		}
	}
}

// TestPagesForOneAreNotIndexed: what is for one person names no address and asks not to be
// indexed.
func TestPagesForOneAreNotIndexed(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	for _, p := range []string{"/alerts/new?q=x", "/nothing", "/desk/sign-in"} {
		if r := b.get(p); !strings.Contains(r.body, `content="noindex"`) || strings.Contains(r.body, `rel="canonical"`) {
			t.Errorf("%s may be indexed", p)
		}
	}
}

// TestMachineFiles reads robots.txt, security.txt, the OpenSearch description and every file
// of the sitemap.
func TestMachineFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t, "/xxgk")
	b := s.browser(t)
	if r := b.get("/robots.txt"); !strings.Contains(r.body, "Disallow: /xxgk/desk\n") || !strings.Contains(r.body, "/xxgk/sitemap.xml") {
		t.Errorf("robots.txt: %s", r.body)
	}
	r := b.get("/.well-known/security.txt")
	_, expires, _ := strings.Cut(r.body, "Expires: ")
	expires, _, _ = strings.Cut(expires, "\n")
	if at, err := time.Parse(time.RFC3339, expires); err != nil || !strings.HasPrefix(r.body, "Contact: ") || at.Before(time.Now()) {
		t.Errorf("security.txt: %v\n%s", err, r.body)
	}
	var o struct {
		XMLName   xml.Name
		ShortName string
		URL       []struct {
			Template string `xml:"template,attr"`
		} `xml:"Url"`
	}
	if err := xml.Unmarshal([]byte(b.get("/opensearch.xml").body), &o); err != nil || o.XMLName.Local != "OpenSearchDescription" || len(o.URL) != 2 || len([]rune(o.ShortName)) > 16 {
		t.Errorf("opensearch.xml: %v %+v", err, o)
	}
	type loc struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod"`
	}
	var index struct {
		Sitemaps []loc `xml:"sitemap"`
	}
	if err := xml.Unmarshal([]byte(b.get("/sitemap.xml").body), &index); err != nil || len(index.Sitemaps) < 2 {
		t.Fatalf("sitemap.xml: %v %+v", err, index)
	}
	found := 0
	for _, x := range index.Sitemaps {
		u, err := url.Parse(x.Loc)
		if err != nil {
			t.Fatal(err)
		}
		var part struct {
			URLs []loc `xml:"url"`
		}
		if err := xml.Unmarshal([]byte(b.get(strings.TrimPrefix(u.Path, "/xxgk")).body), &part); err != nil {
			t.Errorf("%s: %v", x.Loc, err)
		}
		found += len(part.URLs)
		for _, l := range part.URLs[:min(40, len(part.URLs))] {
			u, err := url.Parse(l.Loc)
			if err != nil {
				t.Fatal(err)
			}
			if r := b.get(strings.TrimPrefix(u.Path, "/xxgk")); r.code != 200 && r.code != 404 {
				t.Errorf("%s: %d", l.Loc, r.code)
			}
		}
	}
	if all := s.st.Catalogue.Browse(portal.Browse{Page: 1, Size: 1}).Total + len(s.st.Organs.Organs()) + len(page.OwnColumns()); found != all {
		t.Errorf("the sitemap has %d addresses, want %d", found, all)
	}
	if r := b.get("/sitemap/99.xml"); r.code != 404 {
		t.Errorf("a file that is not: %d", r.code)
	}
}

// TestMasthead sets the masthead: what is wrong stays beside its field, what is tried is
// shown and not kept, what is saved shows on the next page.
func TestMasthead(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.signedIn(t, "admin")
	f := url.Values{"name_zh": {"青山县政府信息公开"}, "name_en": {"Qingshan"}, "colour": {"#ffcc00"}, "site_code": {"12"}, "links": {"市政府 | https://www.example.gov.cn\n坏链接"}}
	f.Set("revision", revision(t, b.get("/desk/masthead").body))
	r := b.post("/desk/masthead", f)
	if r.code != 422 || !strings.Contains(r.body, "对比度") || !strings.Contains(r.body, "10位网站标识码") || !strings.Contains(r.body, "第2行") || !strings.Contains(r.body, "青山县") {
		t.Fatalf("mistakes: %d", r.code)
	}
	f.Set("colour", "#7a1f1f")
	f.Set("site_code", "bm01000001")
	f.Set("links", "市政府 | City | https://www.example.gov.cn")
	f.Set("do", "try")
	if r := b.post("/desk/masthead", f); r.code != 200 || !strings.Contains(r.body, `class="gk-name" href="/">青山县政府信息公开`) || !strings.Contains(r.body, "colour=%237a1f1f") {
		t.Fatalf("trying: %d", r.code)
	}
	if r := s.browser(t).get("/"); strings.Contains(r.body, "青山县") {
		t.Error("what was tried is kept")
	}
	f.Del("do")
	if r := b.post("/desk/masthead", f); r.code != 303 {
		t.Fatalf("saving: %d %s", r.code, r.body)
	}
	if r := s.browser(t).get("/"); !strings.Contains(r.body, "青山县政府信息公开") || !strings.Contains(r.body, `name="SiteIDCode" content="bm01000001"`) || !strings.Contains(r.body, `href="https://www.example.gov.cn"`) {
		t.Error("what was saved is not shown")
	}
	if r := s.browser(t).get("/look/style.css?colour=%237a1f1f"); r.code != 200 || !strings.Contains(r.body, "--brand:#7a1f1f") {
		t.Errorf("the style: %d %s", r.code, r.body)
	}
	if r := s.browser(t).get("/look/style.css?colour=red}body"); r.code != 404 {
		t.Errorf("what is no colour: %d", r.code)
	}
	if r := b.post("/desk/masthead", f); r.code != 409 {
		t.Errorf("a stale revision: %d", r.code)
	}
	if masthead.Contrast("#000000", "#ffffff") != 21 || masthead.Contrast(masthead.DefaultColour, "#ffffff") < masthead.LeastContrast {
		t.Error("contrast is counted wrong")
	}
}
