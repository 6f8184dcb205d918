package locale

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Language is a language besides Chinese and English: one file, named by its tag, such as
// bo.json. What it has no text for is shown in English.
type Language struct {
	Tag  language.Tag `json:"-"`
	Name string       `json:"name"` // in the language itself: "བོད་ཡིག"
	Date string       `json:"date"` // how a day is written, as Go writes 2 January 2006
	// Messages are its texts by their keys; a text with plurals has them by name:
	// {"one": …, "other": …}.
	Messages map[string]json.RawMessage `json:"messages"`
}

// extra are the languages that were added.
var extra []Language

// AddFrom adds the languages of a folder. It is called before any text is asked for.
func AddFrom(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return err
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		l, err := Read(strings.TrimSuffix(filepath.Base(file), ".json"), b)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		extra = append(extra, *l)
		Langs = append(Langs, l.Tag.String())
	}
	return nil
}

// Read reads the file of a language. Keys that the portal has not, and placeholders that a
// text has not in English, are mistakes.
func Read(tag string, b []byte) (*Language, error) {
	l := new(Language)
	if err := json.Unmarshal(b, l); err != nil {
		return nil, err
	}
	var err error
	if l.Tag, err = language.Parse(tag); err != nil {
		return nil, fmt.Errorf("%q is no language: %w", tag, err)
	}
	if slices.Contains(Langs, l.Tag.String()) || l.Name == "" {
		return nil, fmt.Errorf("%q is there already, or has no name", tag)
	}
	all := messages()
	var unknown []string
	for id, raw := range l.Messages {
		m, ok := all[id]
		if !ok {
			unknown = append(unknown, id)
			continue
		}
		x, err := messageOf(id, raw)
		if err != nil {
			return nil, err
		}
		for _, text := range []string{x.Zero, x.One, x.Two, x.Few, x.Many, x.Other} {
			for _, p := range placeholders(text) {
				if !slices.Contains(placeholders(m.EN+m.ZH), p) {
					return nil, fmt.Errorf("%s has %s, which the portal does not fill in", id, p)
				}
			}
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return nil, fmt.Errorf("texts that the portal does not have: %s", strings.Join(unknown, ", "))
	}
	return l, nil
}

// messageOf is a text of a language: a string, or its plurals by name.
func messageOf(id string, raw json.RawMessage) (*i18n.Message, error) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return &i18n.Message{ID: id, Other: s}, nil
	}
	var plurals map[string]string
	if err := json.Unmarshal(raw, &plurals); err != nil || plurals["other"] == "" {
		return nil, fmt.Errorf("%s is neither a text nor plurals with other", id)
	}
	return &i18n.Message{ID: id, Zero: plurals["zero"], One: plurals["one"], Two: plurals["two"], Few: plurals["few"], Many: plurals["many"], Other: plurals["other"]}, nil
}

// placeholders are the names of the values in a text.
func placeholders(s string) (out []string) {
	for part := range strings.SplitSeq(s, "{{") {
		if name, _, ok := strings.Cut(part, "}}"); ok {
			out = append(out, strings.TrimSpace(name))
		}
	}
	return out
}

// NameOf is the name of a language in itself.
func NameOf(lang string) string {
	switch lang {
	case "zh":
		return "中文"
	case "en":
		return "English"
	}
	for _, l := range extra {
		if l.Tag.String() == lang {
			return l.Name
		}
	}
	return lang
}

// HTML is how a language is named in a page's tags.
func HTML(lang string) string {
	if lang == "zh" {
		return "zh-CN"
	}
	return lang
}

// Of are the texts of a language that was read and not added.
func Of(l Language) *Texts { return build(messages(), []Language{l})[l.Tag.String()] }

// build makes the texts of every language.
func build(all map[string]message, more []Language) map[string]*Texts {
	out := make(map[string]*Texts)
	bundle := i18n.NewBundle(language.Chinese)
	for id, m := range all {
		one := m.One
		if one == "" {
			one = m.EN
		}
		bundle.MustAddMessages(language.Chinese, &i18n.Message{ID: id, Other: m.ZH})
		bundle.MustAddMessages(language.English, &i18n.Message{ID: id, Other: m.EN, One: one})
	}
	own := map[string]map[string]string{"zh": {}, "en": {}} // texts without values
	for id, m := range all {
		own["zh"][id], own["en"][id] = m.ZH, m.EN
	}
	for _, l := range more {
		lang := l.Tag.String()
		own[lang] = maps.Clone(own["en"])
		for id, raw := range l.Messages {
			if x, err := messageOf(id, raw); err == nil { // Read has looked
				own[lang][id] = x.Other
				bundle.MustAddMessages(l.Tag, x)
			}
		}
	}
	for lang, texts := range own {
		t := &Texts{Lang: lang, plain: make(map[string]string), localizer: i18n.NewLocalizer(bundle, lang)}
		for id, s := range texts {
			if !strings.Contains(s, "{{") {
				t.plain[id] = s
			}
		}
		out[lang] = t
	}
	for _, l := range more {
		t := out[l.Tag.String()]
		t.date, t.english = l.Date, out["en"]
		t.lacks = func(key string) bool { _, ok := l.Messages[key]; return !ok }
	}
	return out
}
