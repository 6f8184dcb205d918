package locale_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"gongkai/portal"
	"gongkai/portal/clock"
	"gongkai/portal/locale"
)

// pseudo is a language made of English: every text that is not taken from its file shows.
func pseudo(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("messages.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct{ EN, One string }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	messages := make(map[string]any)
	for id, m := range all {
		if m.One != "" {
			messages[id] = map[string]string{"one": "⟦" + m.One + "⟧", "other": "⟦" + m.EN + "⟧"}
		} else {
			messages[id] = "⟦" + m.EN + "⟧"
		}
	}
	out, err := json.Marshal(map[string]any{"name": "⟦Pseudo⟧", "date": "02.01.2006", "messages": messages})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestThirdLanguage reads a language of one file: each text, plurals, dates and what it lacks.
func TestThirdLanguage(t *testing.T) {
	t.Parallel()
	full, err := locale.Read("en-XA", pseudo(t))
	if err != nil {
		t.Fatal(err)
	}
	texts := locale.Of(*full)
	if got := texts.T("nav.home"); got != "⟦Home⟧" {
		t.Errorf("a text: %q", got)
	}
	if one, two := texts.T("case.count", "N", 1), texts.T("case.count", "N", 2); one != "⟦1 case⟧" || two != "⟦2 cases⟧" {
		t.Errorf("plurals: %q %q", one, two)
	}
	if got := texts.Date(clock.NewDate(2026, 11, 30)); got != "30.11.2026" {
		t.Errorf("a day: %q", got)
	}
	if got := (portal.Text{ZH: "水务局", EN: "Water Bureau"}).In("en-XA"); got != "Water Bureau" {
		t.Errorf("what is kept in two languages: %q", got)
	}
	little, err := locale.Read("bo", []byte(`{"name": "བོད་ཡིག", "messages": {"nav.home": "མདུན་ངོས།"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if texts := locale.Of(*little); texts.T("nav.home") != "མདུན་ངོས།" || texts.T("nav.search") != "Search" || texts.T("case.count", "N", 1) != "1 case" {
		t.Errorf("what it lacks is not English: %q %q", texts.T("nav.search"), texts.T("case.count", "N", 1))
	}
	for bad, why := range map[string]string{`{"messages": {}}`: "no name", `{"name": "x", "messages": {"no.such": "y"}}`: "no.such", `{"name": "x", "messages": {"case.count": "{{.Secret}}"}}`: "fill in", `{"name": "x", "messages": {"nav.home": 1}}`: "nav.home", `[`: ""} {
		if _, err := locale.Read("bo", []byte(bad)); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := locale.Read("zh", pseudo(t)); err == nil {
		t.Error("a language that is there already is taken")
	}
	if _, err := locale.Read("no language", pseudo(t)); err == nil {
		t.Error("a tag that is none is taken")
	}
}

// FuzzLanguage: no file of a language breaks the portal.
func FuzzLanguage(f *testing.F) {
	f.Add([]byte(`{"name": "x", "messages": {"nav.home": {"one": "a", "other": "b"}}}`))
	f.Add([]byte(`{"name": "x", "messages": {"nav.home": "{{{{.N}}"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := locale.Read("bo", b)
		if err != nil {
			return
		}
		locale.Of(*l).T("nav.home")
	})
}

var (
	han    = regexp.MustCompile(`\p{Han}`)
	values = regexp.MustCompile(`\{\{.*?\}\}+`)
	// examples are English texts that show how something is written in Chinese.
	examples = map[string]bool{"cleanup.result": true, "directory.no_head": true, "help.query.number": true, "help.search": true}
)

// TestNoTextInTheOtherLanguage lists texts that show the other language: Chinese in an English
// one that is no example, and Chinese ones without a Chinese character.
func TestNoTextInTheOtherLanguage(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("messages.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct{ ZH, EN, One string }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	words := regexp.MustCompile(`[A-Za-z]{3,}`)
	for id, m := range all {
		en, zh := values.ReplaceAllString(m.EN+m.One, ""), values.ReplaceAllString(m.ZH, "")
		if han.MatchString(en) && !strings.HasSuffix(id, "_hint") && !examples[id] {
			t.Errorf("%s is Chinese in English: %s", id, m.EN)
		}
		if words.MatchString(zh) && !han.MatchString(zh) && id != "help.query.pinyin" {
			t.Errorf("%s is English in Chinese: %s", id, m.ZH)
		}
	}
}
