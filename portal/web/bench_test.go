package web_test

import (
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkSearchPage compares the page of a search, asked for again and made anew, with its
// answer by the API.
func BenchmarkSearchPage(b *testing.B) {
	s := newSite(b, "")
	q := url.QueryEscape("供水")
	for _, x := range []struct{ name, path string }{{"again", "/search?q=" + q}, {"anew", "/search?n=%d&q=" + q}, {"api", "/api/v1/search?n=%d&q=" + q}} {
		b.Run(x.name, func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				s.resetLimits()
				w := httptest.NewRecorder()
				s.srv.ServeHTTP(w, httptest.NewRequest("GET", strings.Replace(x.path, "%d", strconv.Itoa(n), 1), nil))
				if w.Code != 200 {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
