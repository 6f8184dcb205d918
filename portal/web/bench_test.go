package web_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// BenchmarkSearchPage compares the page of a search with its answer by the API.
func BenchmarkSearchPage(b *testing.B) {
	s := newSite(b, "")
	for _, p := range []string{"/search?q=" + url.QueryEscape("供水"), "/api/v1/search?q=" + url.QueryEscape("供水")} {
		b.Run(strings.Split(p, "?")[0], func(b *testing.B) {
			for b.Loop() {
				s.resetLimits()
				w := httptest.NewRecorder()
				s.srv.ServeHTTP(w, httptest.NewRequest("GET", p, nil))
				if w.Code != 200 {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
