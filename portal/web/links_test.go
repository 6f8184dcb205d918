package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// mostOfAFolder is how many records of one kind the link check opens.
const mostOfAFolder = 10

// TestEveryLinkLeadsSomewhere walks the demonstration city from its first page: every link
// inside it, its anchor included, leads to something that is there, and every picture and
// style too.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t, "/xxgk")
	type link struct{ to, from string }
	pages := make(map[string]*goquery.Document) // nil where it is no page
	folders := make(map[string]int)
	queue := []link{{"/xxgk/", ""}, {"/xxgk/map", ""}, {"/xxgk/styleguide", ""}}
	fetch := func(path, from string) *goquery.Document {
		if d, known := pages[path]; known {
			return d
		}
		pages[path] = nil
		if len(pages)%30 == 0 {
			s.resetLimits()
		}
		w := httptest.NewRecorder()
		s.srv.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		switch {
		case w.Code >= 300 && w.Code < 400:
			to, err := url.Parse(w.Header().Get("Location"))
			if err != nil {
				t.Errorf("%s leads to %q: %v", path, w.Header().Get("Location"), err)
				return nil
			}
			queue = append(queue, link{to.RequestURI(), path})
			return nil
		case w.Code != 200 && w.Code != 410: // what was withdrawn says so
			t.Errorf("%s: %d, linked from %s", path, w.Code, from)
			return nil
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			return nil
		}
		d, err := goquery.NewDocumentFromReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		pages[path] = d
		d.Find("a[href], link[rel=stylesheet], link[rel=icon], img[src], script[src]").Each(func(_ int, a *goquery.Selection) {
			to, ok := a.Attr("href")
			if !ok {
				to, _ = a.Attr("src")
			}
			u, err := url.Parse(to)
			if err != nil {
				t.Errorf("%s has the link %q", path, to)
				return
			}
			if u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" || u.Host != "" && u.Host != "example.com" {
				return // to elsewhere
			}
			here, err := url.Parse(path)
			if err != nil {
				t.Fatal(err)
			}
			u = here.ResolveReference(u)
			q := u.Query()
			q.Del("lang")
			q.Del("view")
			// Filters of lists are links without end: the first of them is enough.
			if len(q) > 1 || q.Has("sort") || strings.HasPrefix(u.Path, "/xxgk/desk") {
				return
			}
			u.RawQuery = q.Encode()
			to = u.RequestURI()
			if u.Fragment != "" {
				to += "#" + u.Fragment
			}
			queue = append(queue, link{to, path})
		})
		return d
	}
	for len(queue) > 0 {
		x := queue[0]
		queue = queue[1:]
		to, anchor, _ := strings.Cut(x.to, "#")
		if _, known := pages[to]; !known {
			folder := to[:strings.LastIndex(strings.SplitN(to, "?", 2)[0], "/")+1]
			if strings.Contains(to, "?") {
				folder = to[:strings.Index(to, "=")+1]
			}
			if folders[folder]++; folders[folder] > mostOfAFolder {
				continue
			}
		}
		d := fetch(to, x.from)
		if d == nil || anchor == "" || strings.HasPrefix(anchor, ":~:text") { // of a text fragment the browser looks for the words
			continue
		}
		if name, err := url.PathUnescape(anchor); err == nil && d.Find("[id]").FilterFunction(func(_ int, e *goquery.Selection) bool { return e.AttrOr("id", "") == name }).Length() == 0 {
			t.Errorf("%s has no place %q, linked from %s", to, name, x.from)
		}
	}
	if len(pages) < 250 {
		t.Errorf("only %d addresses were looked at", len(pages))
	}
}
