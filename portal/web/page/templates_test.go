package page

import "testing"

// TestPagesParse: every page can be parsed in every language, though a portal parses one
// only when somebody asks for it.
func TestPagesParse(t *testing.T) {
	t.Parallel()
	s := &Site{}
	ps, err := s.parsePages()
	if err != nil {
		t.Fatal(err)
	}
	for lang, pages := range ps {
		if len(pages) < 60 {
			t.Errorf("%d pages in %s", len(pages), lang)
		}
		for name := range pages {
			if _, err := ps.page(lang, name); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := ps.page("zh", "nothing"); err == nil {
		t.Error("there is a page of no name")
	}
}
