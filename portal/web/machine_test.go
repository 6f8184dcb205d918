package web_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/documents"
	"gongkai/portal/query"
	"gongkai/portal/web/page"
)

// TestRecordsByCursor walks all records page by page: each once, in the order of the
// catalogue, by the cursor and by the Link header.
func TestRecordsByCursor(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	want := s.st.Catalogue.Browse(portal.Browse{Page: 1, Size: portal.Everything})
	var got []string
	path := "/api/v1/records?size=100"
	for pages := 0; path != ""; pages++ {
		s.resetLimits()
		r := b.get(path)
		var out struct {
			Total   int
			Next    string
			Records []struct{ Kind, ID string }
		}
		if err := json.Unmarshal([]byte(r.body), &out); err != nil || r.code != 200 || out.Total != want.Total {
			t.Fatal(r.code, err, out.Total)
		}
		for _, x := range out.Records {
			got = append(got, x.Kind+"/"+x.ID)
		}
		path = ""
		if link := r.header.Get("Link"); link != "" {
			path = "/" + strings.SplitN(strings.TrimPrefix(strings.Split(link, ">")[0], "<"), "/", 4)[3]
			if out.Next == "" {
				t.Error("a Link without a cursor")
			}
		}
		if again := b.get("/api/v1/records?size=100"); pages == 0 && again.header.Get("Link") == "" {
			t.Error("what is kept has lost its Link")
		}
	}
	var all []string
	for _, l := range want.Rows {
		all = append(all, l.Key.String())
	}
	if !slices.Equal(got, all) {
		t.Errorf("%d records, want %d in the order of the catalogue", len(got), len(all))
	}
	for _, bad := range []string{"cursor=x", "cursor=" + strings.Repeat("A", 4000), "size=1000", "year=-1"} {
		if r := b.get("/api/v1/records?" + bad); r.code != 422 || !strings.Contains(r.header.Get("Content-Type"), "problem+json") {
			t.Errorf("%.40s: %d", bad, r.code)
		}
	}
}

// TestOpenAPIDescribesWhatIsThere: every address under /api/v1 that answers is described, and
// what is described answers.
func TestOpenAPIDescribesWhatIsThere(t *testing.T) {
	t.Parallel()
	s := newSite(t, "/xxgk")
	b := s.browser(t)
	r := b.get("/api/v1/openapi.json")
	var spec struct {
		OpenAPI string
		Servers []struct{ URL string }
		Paths   map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Summary     string
			Responses   map[string]any
		}
	}
	if err := json.Unmarshal([]byte(r.body), &spec); err != nil || !strings.HasPrefix(spec.OpenAPI, "3.1") || !strings.HasSuffix(spec.Servers[0].URL, "/xxgk") {
		t.Fatalf("%v %+v", err, spec.Servers)
	}
	ids := make(map[string]bool)
	for path, methods := range spec.Paths {
		for method, op := range methods {
			if op.Summary == "" || op.Responses["200"] == nil && op.Responses["201"] == nil || ids[op.OperationID] {
				t.Errorf("%s %s is described as %+v", method, path, op)
			}
			ids[op.OperationID] = true
		}
	}
	doc := s.st.Catalogue.Browse(portal.Browse{Kind: "document", Page: 1, Size: 1}).Rows[0]
	fill := strings.NewReplacer("{kind}", "document", "{id}", doc.ID, "{code}", "water")
	for path, methods := range spec.Paths {
		if _, ok := methods["get"]; !ok || strings.Contains(path, "/drafts") { // those need a key
			continue
		}
		p := fill.Replace(path)
		if strings.HasPrefix(path, "/api/v1/lists/") {
			p = "/api/v1/lists/themes"
		}
		if strings.Contains(p, "search") || strings.Contains(p, "passages") {
			p += "?q=" + url.QueryEscape("供水")
		}
		if r := b.get(p); r.code != 200 || !json.Valid([]byte(r.body)) || r.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d", p, r.code)
		}
	}
	if r := b.get("/api/v1/"); r.code != 200 || strings.Count(r.body, "<code>GET /xxgk/api/v1/") != strings.Count(r.body, "<code>GET ") {
		t.Errorf("the page of the API: %d", r.code)
	}
}

// TestDCAT: every public record is a dataset with a title, a description and a distribution,
// in both forms the same; an independent parser reads the Turtle.
func TestDCAT(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	total := s.st.Catalogue.Browse(portal.Browse{Page: 1, Size: 1}).Total
	datasets := make(map[string]bool)
	for n := 1; ; n++ {
		r := b.get(fmt.Sprintf("/dcat.jsonld?page=%d", n))
		if r.code == 404 {
			break
		}
		var doc struct {
			Graph []map[string]any `json:"@graph"`
		}
		if err := json.Unmarshal([]byte(r.body), &doc); err != nil {
			t.Fatal(err)
		}
		nodes := make(map[string]map[string]any)
		for _, x := range doc.Graph {
			nodes[x["@id"].(string)] = x
		}
		for id, x := range nodes {
			must := map[string][]string{"dcat:Catalog": {"dct:title", "dct:description", "dct:publisher"}, "dcat:Dataset": {"dct:title", "dct:description", "dcat:distribution"}, "dcat:Distribution": {"dcat:accessURL"}, "foaf:Agent": {"foaf:name"}}
			for _, p := range must[x["@type"].(string)] {
				if x[p] == nil {
					t.Errorf("%s has no %s", id, p)
				}
			}
			if x["@type"] == "dcat:Dataset" {
				datasets[id] = true
				for _, d := range x["dcat:distribution"].([]any) {
					if nodes[d.(map[string]any)["@id"].(string)] == nil {
						t.Errorf("a distribution of %s is not there", id)
					}
				}
			}
		}
	}
	if len(datasets) < total {
		t.Errorf("%d datasets for %d records", len(datasets), total)
	}
	rapper, err := exec.LookPath("rapper")
	if err != nil {
		t.Skip("rapper is not installed: apt-get install raptor2-utils")
	}
	cmd := exec.Command(rapper, "-q", "-i", "turtle", "-o", "ntriples", "-", "http://portal.example/")
	cmd.Stdin = strings.NewReader(b.get("/dcat.ttl").body)
	out, err := cmd.CombinedOutput()
	if err != nil || bytes.Count(out, []byte("ns/dcat#Dataset>")) < 100 || bytes.Contains(out, []byte("rapper: Error")) {
		t.Errorf("rapper: %v %.300s", err, out)
	}
}

// oaiAnswer is as much of an answer as the tests look at.
type oaiAnswer struct {
	XMLName xml.Name
	Error   struct {
		Code string `xml:"code,attr"`
	} `xml:"error"`
	Records []struct {
		Header struct {
			Status     string `xml:"status,attr"`
			Identifier string `xml:"identifier"`
			Stamp      string `xml:"datestamp"`
		} `xml:"header"`
		Title string `xml:"metadata>dc>title"`
	} `xml:"ListRecords>record"`
	Token string `xml:"ListRecords>resumptionToken"`
	One   struct {
		Title string `xml:"metadata>dc>title"`
	} `xml:"GetRecord>record"`
}

// TestOAI harvests everything, then what changed since, a withdrawal told as a deletion; and
// gives each error of the protocol.
func TestOAI(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	ask := func(q string) (a oaiAnswer) {
		t.Helper()
		s.resetLimits()
		r := b.get("/oai?" + q)
		if err := xml.Unmarshal([]byte(r.body), &a); err != nil || r.code != 200 {
			t.Fatalf("%s: %d %v", q, r.code, err)
		}
		return a
	}
	harvest := func(q string) map[string]string {
		seen := make(map[string]string)
		for q != "" {
			a := ask("verb=ListRecords&" + q)
			for _, r := range a.Records {
				if _, twice := seen[r.Header.Identifier]; twice {
					t.Errorf("%s comes twice", r.Header.Identifier)
				}
				seen[r.Header.Identifier] = r.Header.Status + r.Title
			}
			if q = ""; a.Token != "" {
				q = "resumptionToken=" + url.QueryEscape(a.Token)
			}
		}
		return seen
	}
	all := harvest("metadataPrefix=oai_dc")
	if n := s.st.Catalogue.Browse(portal.Browse{Page: 1, Size: 1, Withdrawn: true}).Total; len(all) != n {
		t.Errorf("%d records harvested of %d", len(all), n)
	}
	since := s.clock().UTC().Add(time.Second).Format("2006-01-02T15:04:05Z")
	s.set(s.clock().Add(time.Minute))
	key := s.publish(t, "关于貔貅泵站的通知", "内容")
	now := harvest("metadataPrefix=oai_dc&set=kind:document&from=" + since)
	if len(now) != 1 || !strings.Contains(fmt.Sprint(now), "貔貅泵站") {
		t.Fatalf("since then: %v", now)
	}
	for id := range now {
		if a := ask("verb=GetRecord&metadataPrefix=oai_dc&identifier=" + url.QueryEscape(id)); !strings.Contains(a.One.Title, "貔貅") {
			t.Errorf("%s alone: %+v", id, a.One)
		}
	}
	if _, err := s.docs.Withdraw(t.Context(), portal.System("test"), documents.DocumentID(key.ID), portal.Latest, "撤回"); err != nil {
		t.Fatal(err)
	}
	if now := harvest("metadataPrefix=oai_dc&from=" + since); fmt.Sprint(now) == "" || !strings.Contains(fmt.Sprint(now), "deleted") {
		t.Errorf("a withdrawal: %v", now)
	}
	if r := b.get("/api/v1/records/" + key.String()); r.code != 410 || !strings.Contains(r.body, "撤回") {
		t.Errorf("a record that was withdrawn: %d %s", r.code, r.body)
	}
	for q, code := range map[string]string{
		"": "badVerb", "verb=No": "badVerb", "verb=Identify&x=1": "badArgument", "verb=ListRecords": "badArgument", "verb=GetRecord&metadataPrefix=oai_dc": "badArgument",
		"verb=ListRecords&metadataPrefix=marc": "cannotDisseminateFormat", "verb=GetRecord&metadataPrefix=oai_dc&identifier=x": "idDoesNotExist", "verb=ListRecords&metadataPrefix=oai_dc&from=2199-01-01": "noRecordsMatch",
		"verb=ListRecords&resumptionToken=x": "badResumptionToken", "verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-30": "badArgument", "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-02&until=2026-01-01": "badArgument",
	} {
		if a := ask(q); a.Error.Code != code {
			t.Errorf("%s: %q, want %q", q, a.Error.Code, code)
		}
	}
}

// TestDumps reads the files of a night: every record once, by the sums that stand beside.
func TestDumps(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	if r := b.get("/dumps/SHA256SUMS"); r.code != 404 {
		t.Errorf("before the first: %d", r.code)
	}
	for range 2 { // the second finds it done
		if err := s.srv.Dump(); err != nil {
			t.Fatal(err)
		}
	}
	want := s.st.Catalogue.Browse(portal.Browse{Page: 1, Size: 1}).Total
	for line := range strings.Lines(b.get("/dumps/SHA256SUMS").body) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		file := b.get("/dumps/" + name).body
		if got := sha256.Sum256([]byte(file)); hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s is not what its sum says", name)
		}
		z, err := gzip.NewReader(strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte("\n")); n != want && n != want+1 {
			t.Errorf("%s has %d lines for %d records", name, n, want)
		}
	}
	for _, p := range []string{"/dumps/../gongkai.db", "/dumps/2026-13-01/catalogue.csv.gz", "/dumps/..%2fgongkai.db"} {
		if r := b.get(p); r.code != 404 {
			t.Errorf("%s: %d", p, r.code)
		}
	}
}

// TestKeptPagesAreRight reads a page from many sides while it is corrected again and again:
// who reads after a correction never sees what was before.
func TestKeptPagesAreRight(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	key := s.publish(t, "会改的通知 0", "内容")
	var told atomic.Int64 // the last correction that is done
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			for {
				select {
				case <-stop:
					return
				default:
				}
				least := told.Load()
				req, err := http.NewRequest("GET", s.url+key.Path(), nil)
				if err != nil {
					t.Error(err)
					return
				}
				if i%2 == 0 { // asks whether what it has is still right
					req.Header.Set("Accept-Encoding", "gzip, br")
				}
				resp, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil {
					t.Error(err)
					return
				}
				if resp.Header.Get("Content-Encoding") != "" {
					continue // the reading of it is for the test below
				}
				var n int64
				_, after, _ := strings.Cut(string(body), `name="ArticleTitle" content="会改的通知 `)
				if _, err := fmt.Sscan(strings.SplitN(after, `"`, 2)[0], &n); err != nil || n < least {
					t.Errorf("read %d after correction %d: %v", n, least, err)
					return
				}
			}
		})
	}
	for n := int64(1); n <= 25; n++ {
		c := documents.Content{Title: fmt.Sprintf("会改的通知 %d", n), Body: "内容", Organs: []portal.OrganCode{"water"}, Published: clock.NewDate(2026, 11, 20), Theme: "06", Genre: "notice", Item: "1", Mode: "proactive", Validity: "in_force"}
		if _, err := s.st.Documents.ImportDocuments(t.Context(), portal.System("t"), []documents.Import{{Source: "会改的通知 0", Content: c}}, s.clock()); err != nil {
			t.Fatal(err)
		}
		told.Store(n)
	}
	close(stop)
	wg.Wait()
}

// TestKeptSearchesAreRight: a page of a search that is shown from memory is the one that would
// be made anew, and each of its readers is counted.
func TestKeptSearchesAreRight(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	b := s.browser(t)
	path := "/search?q=" + url.QueryEscape("翡翠湖")
	if r := b.get(path); r.code != 200 || !strings.Contains(r.body, "没有找到") || r.header.Get("ETag") != "" {
		t.Fatalf("before: %d %v", r.code, r.header)
	}
	key := s.publish(t, "翡翠湖保护通知", "翡翠湖禁止采砂。")
	first := b.get(path)
	if !strings.Contains(first.body, "保护通知") {
		t.Fatal("what was published is not found")
	}
	if again := b.get(path); again.body != first.body || again.header.Get("ETag") != first.header.Get("ETag") {
		t.Error("the kept page differs")
	}
	if r := b.get(path + "&lang=en"); !strings.Contains(r.body, `lang="en"`) {
		t.Error("the other language is not")
	}
	b.get("/?lang=zh")
	for i := range 3 { // other visitors
		r := httptest.NewRequest("GET", path, nil)
		r.RemoteAddr = fmt.Sprintf("192.0.2.%d:1234", i+1)
		s.srv.ServeHTTP(httptest.NewRecorder(), r)
	}
	if err := s.searches.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	tallies, err := s.st.Searches.Searches(t.Context(), "2026-11")
	if err != nil {
		t.Fatal(err)
	}
	counted := false
	for _, x := range tallies {
		if x.Query == "翡翠湖" {
			counted = x.People == 4 && x.N >= 6
			if !counted {
				t.Errorf("%+v", x)
			}
		}
	}
	if !counted {
		t.Error("a search is not counted")
	}
	s.index.SetVocabulary(query.Vocabulary{Bets: []query.BestBet{{Query: "翡翠湖", Keys: []portal.Key{key}}}})
	if r := b.get(path); !strings.Contains(r.body, "推荐") {
		t.Error("a new best bet is not shown")
	}
	doc, err := s.st.Documents.Document(t.Context(), documents.DocumentID(key.ID))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.st.Documents.Withdraw(t.Context(), portal.System("t"), doc.ID, portal.RevisionOf(doc), "误发", s.clock(), func(*documents.Document) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if r := b.get(path); strings.Contains(r.body, "保护通知") {
		t.Error("what was withdrawn is shown")
	}
}

// TestEncodings: a kept page comes in the encoding that a browser takes, and is the same.
func TestEncodings(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	plain := s.browser(t).get("/catalogue").body
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	get := func(path, accept string) *http.Response {
		t.Helper()
		req, err := http.NewRequest("GET", s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", accept)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	for accept, want := range map[string]string{"": "", "gzip": "gzip", "gzip, deflate, br, zstd": "br", "zstd;q=1, br;q=0": "zstd", "identity": "", "br;q=0": ""} {
		resp := get("/catalogue", accept)
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.Header.Get("Content-Encoding") != want {
			t.Errorf("%q: %q, want %q; %v", accept, resp.Header.Get("Content-Encoding"), want, err)
		}
		if want == "" && string(body) != plain || want != "" && len(body) >= len(plain) {
			t.Errorf("%q: %d bytes of %d", accept, len(body), len(plain))
		}
		if !strings.Contains(strings.Join(resp.Header.Values("Vary"), ","), "Accept-Encoding") || resp.Header.Get("Content-Security-Policy") == "" || resp.Header.Get("Cache-Control") != page.Kept || len(resp.Header.Values("Set-Cookie")) > 0 {
			t.Errorf("%q: headers %v", accept, resp.Header)
		}
	}
	for accept, want := range map[string]string{"zstd, gzip": "zstd", "gzip": "gzip", "br": ""} { // what is made anew each time
		resp := get("/api/v1/search?q="+url.QueryEscape("供水"), accept)
		resp.Body.Close()
		if got := resp.Header.Get("Content-Encoding"); resp.StatusCode != 200 || got != want {
			t.Errorf("a search with %q: %d %q, want %q", accept, resp.StatusCode, got, want)
		}
	}
	req, err := http.NewRequest("HEAD", s.url+"/catalogue", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil || resp.ContentLength != int64(len(plain)) {
		t.Errorf("HEAD: %v %d", err, resp.ContentLength)
	}
	resp.Body.Close()
}
